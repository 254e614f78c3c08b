"""What receivers and satellites make of ships: detection by length, and AIS that is sent but not heard."""

import numpy as np
import pytest

from sim.core import chance
from sim.core.chance import replication_key
from sim.model.length_curves import LengthCurve
from sim.model.observers.base import TransfersAtSea
from sim.model.sightings import reports_at_sea
from sim.study.published.kroodsma_2022 import share_detected
from tests.helpers import standard_errors
from tests.theory.test_observers import PLANE, ready, satellite

LIMIT = 4.0
EACH_HOUR = {"first_pass_h": 0.5, "swath_nmi": 2000.0}  # a strip so wide that every place lies under it
CURVE = {"curve": "radarsat_2"}


def pairs_of(lengths_m, gap_m=25.0, hour=(0.1, 0.9), **more):
    """Pairs of hulls of some lengths, (m, 2), metres, that lie alongside while one pass comes over."""
    count = len(lengths_m)
    rng = np.random.default_rng(4)
    x, y = PLANE.to_xy(rng.uniform(124.0, 126.0, count), rng.uniform(28.0, 31.0, count))
    begin, end = np.full(count, hour[0]), np.full(count, hour[1])
    vessels = chance.identities(chance.identity("by length"), count)
    return TransfersAtSea(
        begin, end, x, y, vessels, np.ones(count, bool), np.asarray(lengths_m, float), gap_m=gap_m, **more
    )


def share_reported(spec, transfers, replication=0):
    made = reports_at_sea(ready(one=spec), replication_key(11, replication), transfers)
    assert np.unique(made.target).size == made.target.size  # one pass
    return made.target.size / len(transfers.begin)


# -------------------------------------------------------------------------------------------------- radar by length
@pytest.mark.parametrize("length", [22.5, 27.5, 35.0, 45.0, 55.0, 120.0])
def test_a_satellite_of_known_curve_gives_back_the_shares_by_length(length):
    count, curve = 20_000, 0.926 / (1.0 + np.exp(-0.144 * (length - 32.7)))
    spec = satellite(**EACH_HOUR, by_length=CURVE, probability=0.8)
    seen = share_reported(spec, pairs_of(np.full((count, 2), [20.5, length])))
    expected = 0.8 * curve
    assert standard_errors(seen, expected, np.sqrt(expected * (1.0 - expected) / count)) < LIMIT


def test_the_default_curve_lies_near_the_published_shares():
    lengths, present = np.array([22.5, 27.5, 35.0, 45.0, 55.0]), np.array([25, 30, 112, 111, 179])
    curve, share = LengthCurve().chance(lengths), share_detected(lengths)
    assert (np.abs(curve - share) < 3.0 * np.sqrt(curve * (1.0 - curve) / present)).all()


@pytest.mark.parametrize(
    ("merges_within_m", "chances"),
    [(500.0, max), (25.0, max), (10.0, lambda one, two: 1.0 - (1.0 - one) * (1.0 - two))],
)
def test_hulls_within_the_distance_are_one_contact_as_long_as_the_longest(merges_within_m, chances):
    count, lengths = 20_000, np.array([30.0, 36.0])
    spec = satellite(**EACH_HOUR, by_length=CURVE, merges_within_m=merges_within_m)
    seen = share_reported(spec, pairs_of(np.full((count, 2), lengths)))
    expected = chances(*LengthCurve().chance(lengths))
    assert standard_errors(seen, expected, np.sqrt(expected * (1.0 - expected) / count)) < LIMIT


def test_a_length_that_is_not_known_changes_nothing():
    spec, lengths = satellite(**EACH_HOUR, by_length=CURVE), np.full((500, 2), np.nan)
    assert share_reported(spec, pairs_of(lengths)) == 1.0
    assert share_reported(spec, pairs_of(lengths, gap_m=600.0)) == 1.0
    lone = np.column_stack([lengths[:, 0], np.full(500, 5.0)])
    assert share_reported(spec, pairs_of(lone)) < 0.1  # one length is known, and it is short
    own = satellite(**EACH_HOUR, by_length={"top": 1.0, "slope_per_m": 50.0, "half_m": 40.0})
    assert share_reported(own, pairs_of(np.full((500, 2), 41.0))) == 1.0
    assert share_reported(own, pairs_of(np.full((500, 2), 39.0))) == 0.0


def test_who_is_detected_at_a_length_is_detected_at_a_greater_one():
    plans = ready(one=satellite(**EACH_HOUR, by_length=CURVE))
    found = [
        set(reports_at_sea(plans, replication_key(5, 0), pairs_of(np.full((400, 2), length))).target.tolist())
        for length in (25.0, 35.0, 60.0)
    ]
    assert found[0] < found[1] < found[2]
