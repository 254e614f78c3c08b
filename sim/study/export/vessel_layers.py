"""The layers of vessels of one replication: where each truly was, what it claimed by AIS, and its messages.

The layers are realised again from the seed, so nothing is stored; what pairs did in answer to patrols is taken from
the tables of the run. Others can test their detectors of transfers on these layers.

A vessel whose AIS is off claims nothing. One whose claims are false claims its true track displaced by the same
distance in the same direction for all time. Both are drawn for each vessel, and that is an assumption.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints, Labels
from sim.core.codes import DARK, SPOOFING, Purpose
from sim.core.units import SECONDS_PER_HOUR
from sim.deployment.ais_sent import hulls_sending
from sim.deployment.contacts import classes_of
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.transfers import TransferTable, passages, realise_transfers
from sim.deployment.world import Plan, prepare
from sim.model.weather import realise_weather
from sim.scenario.schema import Scenario
from sim.study.columns import Column
from sim.study.export.lines import in_degrees
from sim.study.export.moments import with_moments
from sim.study.stint_rows import stint_table
from sim.study.store import Results

FALSE_CLAIM_NMI = (20.0, 60.0)
"""How far a false claim lies from the truth: uniform between these distances, in nautical miles. An assumption."""
MESSAGE_S = 900
"""The seconds between messages on a straight segment. AIS sends more often; these are enough to draw the track."""
FIRST_MMSI = 299_000_000
"""The MMSI of simulated vessels begin with 299, which no state has."""

_TIMES = (
    Column("begin_h", "number", "h", "time when the segment begins"),
    Column("end_h", "number", "h", "time when the segment ends"),
)
_ENDS = (
    Column("lon0", "number", "deg", "longitude of the place where the segment begins, east"),
    Column("lat0", "number", "deg", "latitude of the place where the segment begins, north"),
    Column("lon1", "number", "deg", "longitude of the place where the segment ends, east"),
    Column("lat1", "number", "deg", "latitude of the place where the segment ends, north"),
)
_MOMENTS = (
    Column("begin", "time", "", "the time `begin_h` in UTC"),
    Column("end", "time", "", "the time `end_h` in UTC"),
)
_VESSEL = Column("vessel", "text", "", "name of the vessel; that of a transfer ends with the number of its hull")
_REPLICATION = Column("replication", "integer", "", "number of the replication, from 0")
VESSEL_COLUMNS = {
    "truth": (
        _REPLICATION,
        _VESSEL,
        Column("source", "text", "", "name of the source, from `[background]` or `[transfers]`"),
        Column("kind", "text", "", "kind of the background source, or `transfer`"),
        Column("class", "text", "", "class, from `[vessels]`; those of hulls that move as one, joined by +; or empty"),
        Column("length_m", "number", "m", "length of that class; empty if it has none"),
        Column("ais", "text", "", "`on`, `off`, or `false` where its claims are false"),
        Column("transfer", "true or false", "", "whether the vessel lies alongside for a transfer on this segment"),
        *_TIMES,
        *_ENDS,
        *_MOMENTS,
    ),
    "claims": (
        _REPLICATION,
        _VESSEL,
        Column("mmsi", "integer", "", "MMSI that it sends, which begins with 299"),
        Column("is_true", "true or false", "", "whether the claim is true"),
        *_TIMES,
        *_ENDS,
        *_MOMENTS,
    ),
    "ais": tuple(
        Column(name, kind, unit, meaning)
        for name, kind, unit, meaning in (
            ("MMSI", "integer", "", "MMSI that it sends, which begins with 299"),
            ("BaseDateTime", "text", "", "time of the message in UTC"),
            ("LAT", "number", "deg", "latitude that it claims, north"),
            ("LON", "number", "deg", "longitude that it claims, east"),
            ("SOG", "number", "kn", "speed over the ground"),
            ("COG", "number", "deg", "course over the ground, true"),
            ("Heading", "number", "deg", "511: not available"),
            ("VesselName", "text", "", "name of the vessel as in `truth`"),
            ("IMO", "text", "", "empty"),
            ("CallSign", "text", "", "empty"),
            ("VesselType", "integer", "", "empty"),
            ("Status", "integer", "", "0: under way using engine"),
            ("Length", "number", "m", "length of its class; empty if it has none"),
            ("Width", "number", "m", "empty"),
            ("Draft", "number", "m", "empty"),
            ("Cargo", "integer", "", "empty"),
            ("TransceiverClass", "text", "", "A"),
        )
    ),
}
"""The columns of the layers of vessels. Those of `ais` are the columns of MarineCadastre, so that `seasweep import` and
other programs read a CSV file of it."""


@dataclass(frozen=True)
class Tracks:
    """Segments of vessels of one replication, sorted by vessel and time."""

    key: Entities
    """(2,) the key of the replication."""
    rows: Floats
    """(n, 6) segments on the plane: see `sim.core.motion.Motion`."""
    owner: Ints
    """(n,) number of the vessel of each segment."""
    at_transfer: Flags
    """(n,) whether the vessel lies alongside for a transfer on each segment."""
    names: Labels
    """(m,)"""
    sources: Labels
    """(m,)"""
    sorts: Labels
    """(m,) the kind of the source."""
    kinds: Ints
    """(m,) number of the class among those of `classes_of`."""
    traits: Ints
    """(m,)"""
    identities: Entities
    """(m,)"""


class _Part(NamedTuple):
    """Some vessels before they are joined with others."""

    rows: Floats
    owner: Ints
    at_transfer: Flags
    names: Labels
    source: str
    sort: str
    kinds: Ints
    traits: Ints
    identities: Entities


def vessel_layer(name: str, results: Results, replication: int) -> tuple[pa.Table, Any]:
    """The rows and the shapes of a layer of vessels of one replication."""
    return _MAKERS[name](results.scenario, replication, tracks_of(results, replication))


# ---------------------------------------------------------------------------------------------------- the vessels
def tracks_of(results: Results, replication: int) -> Tracks:
    """The true tracks of all vessels of one replication within the deployment."""
    scenario = results.scenario
    plan, key = prepare(scenario), chance.replication_key(int(results.info["seed"]), replication)
    parts = [*_background(plan, key), *_transfers(plan, key, _as_it_came(results, replication))]
    first = np.cumsum([0, *(part.names.size for part in parts)])
    rows = np.vstack([np.zeros((0, 6)), *(part.rows for part in parts)])
    owner = np.concatenate([np.zeros(0, np.int64), *(part.owner + at for part, at in zip(parts, first, strict=False))])
    alongside = np.concatenate([np.zeros(0, bool), *(part.at_transfer for part in parts)])
    begin, end = np.maximum(rows[:, 0], 0.0), np.minimum(rows[:, 1], scenario.duration_h)
    places = rows[:, 2:4] + (begin - rows[:, 0])[:, None] * rows[:, 4:6]
    rows = np.column_stack([begin, end, places, rows[:, 4:6]])
    order = np.lexsort((begin, owner))
    order = order[(end > begin)[order]]

    def joined(column: str, kind: Any) -> Any:
        return np.concatenate([np.zeros(0, kind), *(getattr(part, column) for part in parts)])

    def repeated(column: str) -> Any:
        return np.repeat([getattr(part, column) for part in parts] or [""], [part.names.size for part in parts] or [0])

    return Tracks(
        key, rows[order], owner[order], alongside[order], joined("names", "U1"), repeated("source"), repeated("sort"),
        joined("kinds", np.int64), joined("traits", np.int64), joined("identities", np.uint64),
    )  # fmt: skip


def _background(plan: Plan, key: Entities) -> Iterator[_Part]:
    """The ships of each source; those that no event can name are called by their number in the source."""
    for source in plan.traffic:
        for fleet in source.realise(key, True, SegmentBuffers()):
            if fleet is not None:
                numbers = np.char.add(f"{source.name}-plain-", np.arange(fleet.vessels.size).astype(str))
                names = np.where(fleet.labels == "", numbers, fleet.labels)
                still = np.zeros(len(fleet.rows), bool)
                yield _Part(
                    fleet.rows, fleet.owner, still, names, source.name, source.kind, fleet.kinds, fleet.traits,
                    fleet.vessels,
                )  # fmt: skip


def _as_it_came(results: Results, replication: int) -> dict[str, list[dict[str, Any]]]:
    """The times alongside of each transfer that took place, by its name."""
    tables = []
    for name in ("transfers", "events"):
        table = results.tables[name]
        tables.append(table.filter(pc.equal(table.column("replication"), replication)))
    found: dict[str, list[dict[str, Any]]] = {}
    for row in stint_table(*tables).to_pylist():
        found.setdefault(f"{row['source']}-{row['transfer']}", []).append(row)
    return found


def _transfers(plan: Plan, key: Entities, stints: dict[str, list[dict[str, Any]]]) -> Iterator[_Part]:
    """The vessels of transfers: on their way to one, alongside, and on their way from it."""
    table = realise_transfers(plan.transfers, key, realise_weather(plan.weather, key), with_passages=True)
    table = _as_happened(plan, table.select(~table.counted | np.isin(table.labels, list(stints))), stints)
    if not table.begin.size:
        return
    under_way = passages(plan.transfers, table, key)
    # The vessels of that fleet are the first hull of each transfer, then the second of those that have one, and so on.
    counts = np.array([len(one.hull_kinds) for one in plan.transfers], np.int64)[table.source]
    hulls = [np.flatnonzero(counts > number) for number in range(int(counts.max()))]
    of_transfer = np.concatenate(hulls)
    number = np.repeat(np.arange(len(hulls)), [own.size for own in hulls])
    labels = np.char.add(np.char.add(table.labels[of_transfer], "-"), (number + 1).astype(str))
    vessels = np.arange(of_transfer.size)
    alongside, at = _alongside(plan, table, stints)
    pairs = [(row, vessel) for row, one in enumerate(at.tolist()) for vessel in vessels[of_transfer == one].tolist()]
    segment, vessel = np.array(pairs, np.int64).reshape(-1, 2).T
    rows, owner = np.vstack([under_way.rows, alongside[segment]]), np.concatenate([under_way.owner, vessel])
    is_lying = np.arange(owner.size) >= under_way.owner.size
    traits = np.where(_sends(plan, table, key, counts)[of_transfer, number], 0, DARK)
    traits |= table.traits[of_transfer] & SPOOFING
    for place, one in enumerate(plan.transfers):
        of_source = table.source[of_transfer] == place
        renumbered, kept = np.cumsum(of_source) - 1, of_source[owner]
        yield _Part(
            rows[kept], renumbered[owner[kept]], is_lying[kept], labels[of_source], one.name, "transfer",
            under_way.kinds[of_source], traits[of_source], under_way.vessels[of_source],
        )  # fmt: skip


def _sends(plan: Plan, table: TransferTable, key: Entities, counts: Ints) -> Flags:
    """Whether each hull of each transfer sends AIS, (n, most hulls)."""
    shares = np.array([one.spec.partner_dark_share for one in plan.transfers])[table.source]
    dark = (table.traits & DARK) > 0
    return hulls_sending(key, table.vessels, dark, shares, counts.astype(float), int(counts.max()))


def _as_happened(plan: Plan, table: TransferTable, stints: dict[str, list[dict[str, Any]]]) -> TransferTable:
    """Transfers with the beginnings, ends and places that the tables of the run have."""
    begin, end, x, y = (column.copy() for column in (table.begin, table.end, table.x, table.y))
    for row, label in enumerate(table.labels.tolist()):
        own = stints.get(label)
        if own:
            begin[row], end[row] = own[0]["begin_h"], own[-1]["end_h"]
            place = plan.scenario.plane.to_xy(own[0]["lon"], own[0]["lat"])
            x[row], y[row] = (float(one) for one in place)
    return replace(table, begin=begin, end=end, x=x, y=y)


def _alongside(plan: Plan, table: TransferTable, stints: dict[str, list[dict[str, Any]]]) -> tuple[Floats, Ints]:
    """The segments of vessels alongside, and the row of the transfer of each."""
    rows, owner = list[tuple[float, ...]](), list[int]()
    for row, label in enumerate(table.labels.tolist()):
        velocity = float(table.vx[row]), float(table.vy[row])
        if label in stints:
            for stint in stints[label]:
                x, y = (float(one) for one in plan.scenario.plane.to_xy(stint["lon"], stint["lat"]))
                rows.append((stint["begin_h"], stint["end_h"], x, y, *velocity))
                owner.append(row)
        else:
            span = float(table.begin[row]), float(table.end[row])
            rows.append((*span, float(table.x[row]), float(table.y[row]), *velocity))
            owner.append(row)
    return np.array(rows, float).reshape(-1, 6), np.array(owner, np.int64)


# ---------------------------------------------------------------------------------------------------- truth
def _table(layer: str, scenario: Scenario, columns: list[Any]) -> pa.Table:
    """Columns as the table of a layer, with times in UTC where it has hours; None is a column that has nothing."""
    named = [column for column in VESSEL_COLUMNS[layer] if column.type != "time"]
    schema, rows = pa.schema([column.field for column in named]), len(columns[0])
    arrays = [
        pa.nulls(rows, one.type) if column is None else pa.array(column).cast(one.type)
        for column, one in zip(columns, schema, strict=True)
    ]
    return with_moments(pa.table(arrays, schema), scenario.start)


def _each(values: Any, owner: Ints) -> pa.Array:
    """The value of the vessel of each segment: a text or a number, or nothing."""
    return pa.array(values).take(pa.array(owner))


def _ends(scenario: Scenario, rows: Floats) -> tuple[list[Any], Any]:
    """The ends of segments in degrees, and their lines; a vessel that lies still has a line of no length."""
    plane, hours = scenario.plane, rows[:, 1] - rows[:, 0]
    ends = [rows[:, 2:4], rows[:, 2:4] + hours[:, None] * rows[:, 4:6]]
    lonlat = [place for end in ends for place in plane.to_lonlat(end[:, 0], end[:, 1])]
    return lonlat, in_degrees(plane, shapely.linestrings(np.stack(ends, axis=1)))


def _lengths(scenario: Scenario, tracks: Tracks) -> tuple[list[str | None], list[float | None]]:
    """The class and the length of each vessel, (m,); of several hulls that move as one, all classes and the longest."""
    classes = classes_of(scenario.background, scenario.transfers)
    hulls = [classes[kind].hulls for kind in tracks.kinds.tolist()]
    lengths = [max((scenario.vessels[hull].length_m for hull in own), default=None) for own in hulls]
    return ["+".join(own) or None for own in hulls], lengths


def _states(tracks: Tracks) -> Any:
    """What the AIS of each vessel is: on, off or false."""
    return np.where(tracks.traits & DARK, "off", np.where(tracks.traits & SPOOFING, "false", "on"))


def _truth(scenario: Scenario, replication: int, tracks: Tracks) -> tuple[pa.Table, Any]:
    ends, shapes = _ends(scenario, tracks.rows)
    (names, lengths), own = _lengths(scenario, tracks), tracks.owner
    columns = [
        np.full(own.size, replication),
        *(_each(column, own) for column in (tracks.names, tracks.sources, tracks.sorts)),
        _each(pa.array(names, pa.string()), own),
        _each(pa.array(lengths, pa.float64()), own),
        _each(_states(tracks), own),
        tracks.at_transfer,
        tracks.rows[:, 0],
        tracks.rows[:, 1],
        *ends,
    ]
    return _table("truth", scenario, columns), shapes


# ---------------------------------------------------------------------------------------------------- claims
def _claimed(tracks: Tracks) -> tuple[Floats, Ints]:
    """The segments that are claimed, and the vessel of each: without those whose AIS is off."""
    claims = (tracks.traits[tracks.owner] & DARK) == 0
    rows, owner = tracks.rows[claims].copy(), tracks.owner[claims]
    luck = chance.uniforms(tracks.key, Purpose.FALSE_CLAIM, tracks.identities)
    low, high = FALSE_CLAIM_NMI
    away, course = low + (high - low) * luck[:, 0], 2.0 * np.pi * luck[:, 1]
    away = np.where(tracks.traits & SPOOFING, away, 0.0)
    rows[:, 2] += (away * np.cos(course))[owner]
    rows[:, 3] += (away * np.sin(course))[owner]
    return rows, owner


def _claims(scenario: Scenario, replication: int, tracks: Tracks) -> tuple[pa.Table, Any]:
    rows, owner = _claimed(tracks)
    ends, shapes = _ends(scenario, rows)
    is_true = (tracks.traits[owner] & SPOOFING) == 0
    columns = [
        np.full(owner.size, replication), _each(tracks.names, owner), FIRST_MMSI + owner, is_true, rows[:, 0],
        rows[:, 1], *ends,
    ]  # fmt: skip
    return _table("claims", scenario, columns), shapes


def _ais(scenario: Scenario, _replication: int, tracks: Tracks) -> tuple[pa.Table, Any]:
    """Messages at the beginning of each segment, every `MESSAGE_S` on it, and at its end."""
    rows, owner = _claimed(tracks)
    start_s = int(scenario.start.timestamp())
    first, last = (np.floor(rows[:, end] * SECONDS_PER_HOUR).astype(np.int64) + 1 - end for end in (0, 1))
    first = np.where(rows[:, 0] * SECONDS_PER_HOUR == first - 1, first - 1, first)  # on the second itself
    lasts = last >= first
    rows, owner, first, last = rows[lasts], owner[lasts], first[lasts], last[lasts]
    counts = (last - first + MESSAGE_S - 1) // MESSAGE_S + 1
    row = np.repeat(np.arange(len(rows)), counts)
    step = np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)
    second = np.minimum(first[row] + step * MESSAGE_S, last[row])
    is_new = np.ones(row.size, bool)  # the end of a segment is the beginning of the next
    is_new[1:] = (owner[row[1:]] != owner[row[:-1]]) | (second[1:] != second[:-1])
    row, second = row[is_new], second[is_new]
    since = second / SECONDS_PER_HOUR - rows[row, 0]
    x, y = rows[row, 2] + since * rows[row, 4], rows[row, 3] + since * rows[row, 5]
    lon, lat = scenario.plane.to_lonlat(x, y)
    lon, lat = lon.round(7), lat.round(7)
    own = owner[row]
    order = np.lexsort((own, second))
    speed = np.hypot(rows[row, 4], rows[row, 5])
    grid = np.degrees(np.arctan2(rows[row, 4], rows[row, 5]))
    course = (grid - scenario.plane.convergence(lon, lat)) % 360.0
    moments = np.datetime_as_string((start_s + second).astype("datetime64[s]"), unit="s")
    own = own[order]
    columns = [
        FIRST_MMSI + own, moments[order], lat[order], lon[order], speed[order].round(1), course[order].round(1) % 360.0,
        np.full(own.size, 511.0), _each(tracks.names, own), None, None, None, np.zeros(own.size, np.int64),
        _each(pa.array(_lengths(scenario, tracks)[1], pa.float64()), own), None, None, None,
        _each(["A"], np.zeros(own.size, np.int64)),
    ]  # fmt: skip
    return _table("ais", scenario, columns), shapely.points(lon[order], lat[order])


_MAKERS = {"truth": _truth, "claims": _claims, "ais": _ais}
