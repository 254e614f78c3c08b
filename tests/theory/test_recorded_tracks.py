"""Tracks of recorded ships against what they are made of: within the bound at every message, and no line over a gap."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyproj
import pytest

from sim.model.recorded_tracks import UNIT_DEG, unpacked
from sim.scenario.recorded.cleaning import Account, cleaned
from sim.scenario.recorded.segment_files import tracks_of
from sim.scenario.recorded.sifting import Rules
from tools.make_recorded_sample import DAY, marine_cadastre, messages

GEOD = pyproj.Geod(ellps="WGS84")
METRES = 1852.0


def segments(path, rules=None):
    account = Account()
    return pa.concat_tables(cleaned([path], rules or Rules(), account)), account


def distances(table, found):
    """How far each message lies from the track of its ship at its time, nmi; NaN where the track has a gap."""
    begin, end = (np.asarray(table.column(name).cast(pa.int64())) for name in ("begin", "end"))
    mmsi = np.asarray(table.column("mmsi"))
    lon0, lat0, lon1, lat1 = (np.asarray(table.column(name)) for name in ("lon0", "lat0", "lon1", "lat1"))
    away = []
    for one in found:
        second = int(one.moment.timestamp())
        rows = np.flatnonzero((mmsi == one.mmsi) & (begin <= second) & (second <= end))
        if not rows.size:
            away.append(np.nan)
            continue
        row = rows[0]
        share = (second - begin[row]) / (end[row] - begin[row])
        lon, lat = lon0[row] + share * (lon1[row] - lon0[row]), lat0[row] + share * (lat1[row] - lat0[row])
        away.append(GEOD.inv(lon, lat, one.lon, one.lat)[2] / METRES)
    return np.array(away)


@pytest.mark.parametrize("bound", [0.01, 0.05, 0.5])
def test_every_message_lies_within_the_bound_of_the_track_at_its_time(scratch, bound):
    found = list(messages(12, 12.0, 120.0, seed=4))
    (scratch / "ships.csv").write_text(marine_cadastre(found), encoding="utf-8")
    table, account = segments(scratch / "ships.csv", Rules(within_nmi=bound))
    away = distances(table, found)
    assert account.kept > 3000
    assert np.isfinite(away).sum() == account.kept
    assert np.nanmax(away) <= bound
    assert np.nanmax(away) > 0.2 * bound  # it is used: fewer segments would not do
    assert len(table) < 0.25 * account.kept


def test_a_segment_never_spans_a_silence_longer_than_the_gap(scratch):
    found = list(messages(20, 24.0, 300.0, seed=9))
    (scratch / "ships.csv").write_text(marine_cadastre(found), encoding="utf-8")
    table, account = segments(scratch / "ships.csv", Rules(longest_gap_h=1.0))
    own = {}
    for one in found:
        own.setdefault(one.mmsi, []).append(int(one.moment.timestamp()))
    silences = [(mmsi, a, b) for mmsi, times in own.items() for a, b in pairwise(times) if b - a > 3600]
    assert len(silences) > 5
    assert account.gaps == len(silences)
    begin, end = (np.asarray(table.column(name).cast(pa.int64())) for name in ("begin", "end"))
    mmsi = np.asarray(table.column("mmsi"))
    for ship, last, first in silences:
        of_ship = mmsi == ship
        assert not (of_ship & (begin < first) & (end > last)).any()
        assert (of_ship & (end == last)).any() or (of_ship & (begin == first)).any()


def test_hours_without_any_ship_are_counted(scratch):
    found = [one for one in messages(15, 24.0, 600.0) if one.moment.hour in (3, 4, 5, 20)]
    (scratch / "ships.csv").write_text(marine_cadastre(found), encoding="utf-8")
    table, _ = segments(scratch / "ships.csv")
    tracks = tracks_of(table, np.ones(len(table), bool))
    midnight = DAY.timestamp()
    assert tracks.hours_without_ships(midnight, 24) == 20
    assert tracks.hours_without_ships(midnight + 3 * 3600.0, 3) == 0
    assert tracks.hours_without_ships(midnight - 48 * 3600.0, 24) == 24
    assert tracks.hours_without_ships(midnight + 48 * 3600.0, 24) == 24


def test_a_packed_recording_is_the_same_tracks_to_a_metre(scratch):
    (scratch / "ships.csv").write_text(marine_cadastre(messages(15, 24.0, 600.0)), encoding="utf-8")
    table, _ = segments(scratch / "ships.csv")
    tracks = tracks_of(table, np.ones(len(table), bool))
    again = unpacked(tracks.packed())
    assert tracks.ship.size == 15
    for name in ("ship", "length_dm", "ship_type", "piece_ship", "piece_corners", "time_s"):
        assert (getattr(again, name) == getattr(tracks, name)).all(), name
    assert np.abs(again.lon - tracks.lon).max() < 0.51 * UNIT_DEG
    begins, owner = again.segments
    assert begins.size == len(table)
    hours = {int(ship): 0.0 for ship in again.ship}
    for row in table.to_pylist():
        hours[row["mmsi"]] += (row["end"] - row["begin"]).total_seconds() / 3600.0
    sums = np.bincount(owner, again.hours_and_speeds[0])
    assert dict(zip(again.ship.tolist(), sums.tolist(), strict=True)) == pytest.approx(hours)
