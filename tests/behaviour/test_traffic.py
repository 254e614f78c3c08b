"""Background ships of one replication: who they are, where they sail, and what must not change them."""

import numpy as np
import pytest
import shapely

from sim import load_scenario
from sim.core.chance import replication_key
from sim.core.codes import DARK, LISTED, STATIONARY, STATIONARY_KN, SUSPICIOUS
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from tests.helpers import standard_errors

SHARES = {
    "background.merchant.suspicious_share": 0.3,
    "background.merchant.dark_share": 0.2,
    "background.merchant.listed_share": 0.1,
    "duration_days": 4,
}
KEY = replication_key(3, 0)
LIMIT = 3.7


def plan_of(**sets):
    scenario = load_scenario("neon-spring", {**SHARES, **sets})
    return scenario, plan_traffic(scenario, "merchant")


def ships(plan, key=KEY, buffers=None):
    """All ships of a replication: those with traits, and the others."""
    return plan.realise(key, True, buffers or SegmentBuffers())


def test_each_ship_is_in_one_of_the_two_fleets():
    _, plan = plan_of()
    suspects, others = ships(plan)
    assert np.all(suspects.traits != 0)
    assert np.all(others.traits == 0)
    assert not set(suspects.vessels.tolist()) & set(others.vessels.tolist())
    expected = plan.spec.present + plan.arrivals_per_h * plan.duration_h
    number = suspects.vessels.size + others.vessels.size
    assert standard_errors(number, expected, np.sqrt(expected)) < LIMIT
    share = 1.0 - 0.7 * 0.8 * 0.9  # no trait: neither suspicious nor dark nor listed; none is slow enough to lie still
    assert standard_errors(suspects.vessels.size, share * number, np.sqrt(share * (1.0 - share) * number)) < LIMIT


def test_suspects_are_the_same_whether_or_not_the_others_are_asked_for():
    _, plan = plan_of()
    suspects, _ = ships(plan)
    alone, others = plan.realise(KEY, False, SegmentBuffers())
    assert others is None
    for column, other in zip(suspects, alone, strict=True):
        assert np.array_equal(column, other)


@pytest.mark.parametrize("mean_leg", [None, 15.0])
def test_reused_buffers_give_the_ships_of_new_ones(mean_leg):
    """Also where a replication needs more segments than the one before, so that its arrays must grow."""
    sets = {} if mean_leg is None else {"background.merchant.mean_leg_nmi": mean_leg}
    few, many = (plan_of(**sets, **{"background.merchant.present": present})[1] for present in (40.0, 400.0))
    buffers, compared = SegmentBuffers(), 0
    for plan, number in ((few, 0), (many, 1), (few, 2), (many, 3)):
        again, fresh = ships(plan, replication_key(3, number), buffers), ships(plan, replication_key(3, number))
        for mine, other in zip(again, fresh, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(mine, other, strict=True))
            compared += mine.vessels.size
    assert compared > 1000


@pytest.mark.parametrize("mean_leg", [None, 30.0])
def test_a_ship_sails_without_gaps_inside_the_sea_from_its_entry_until_it_leaves_or_time_ends(mean_leg):
    sets = {} if mean_leg is None else {"background.merchant.mean_leg_nmi": mean_leg}
    scenario, plan = plan_of(**sets)
    _, fleet = ships(plan)
    order = np.argsort(fleet.owner, kind="stable")  # ship by ship, each in order of time
    rows, owner = fleet.rows[order], fleet.owner[order]
    same = owner[1:] == owner[:-1]
    assert same.any() == (mean_leg is not None)
    ends = rows[:, 2:4] + rows[:, 4:6] * (rows[:, 1] - rows[:, 0])[:, None]
    assert rows[1:, 0][same] == pytest.approx(rows[:-1, 1][same], abs=1e-9)
    assert rows[1:, 2:4][same] == pytest.approx(ends[:-1][same], abs=1e-6)
    first = np.append(True, ~same)
    assert np.all((rows[first, 0] >= 0.0) & (rows[first, 0] < plan.duration_h))
    sea = shapely.simplify(scenario.plane.sea(scenario.areas["east_china_sea"].shape), 1.0).buffer(0.01)
    middles = (rows[:, 2:4] + ends) / 2.0
    assert shapely.contains_xy(sea, *rows[:, 2:4].T).all()
    if mean_leg is not None:
        assert shapely.contains_xy(sea, *middles.T).all()
    last = np.append(~same, True)
    border = shapely.distance(shapely.boundary(sea), shapely.points(ends[last]))
    assert np.all((border < 0.1) | (rows[last, 1] >= plan.duration_h - 1e-9))


def test_speeds_stay_within_the_bounds_and_a_slow_ship_lies_still():
    _, plan = plan_of(**{"background.merchant.speed_kn": {"low": 1.0, "high": 5.0}})
    suspects, others = ships(plan)
    speed = {fleet: np.hypot(*rows[:, 4:6].T) for fleet, rows in (("suspects", suspects.rows), ("others", others.rows))}
    assert speed["others"].min() >= STATIONARY_KN - 1e-9
    assert max(speed["others"].max(), speed["suspects"].max()) <= 5.0 + 1e-9
    slow = speed["suspects"] < STATIONARY_KN
    assert slow.any()
    assert np.array_equal(slow, (suspects.traits[suspects.owner] & STATIONARY) > 0)


def test_names_tell_the_ships_present_at_hour_0_from_those_that_enter():
    _, plan = plan_of()
    suspects, _ = ships(plan)
    first = np.array([suspects.rows[suspects.owner == ship, 0].min() for ship in range(suspects.vessels.size)])
    before = np.char.startswith(suspects.labels, "merchant-before-")
    assert np.array_equal(before, first == 0.0)
    assert 0 < before.sum() < before.size
    assert len(set(suspects.labels.tolist())) == before.size


def test_classes_follow_ais_and_traits_their_shares_alone():
    _, plan = plan_of()
    suspects, _ = ships(plan)
    dark = (suspects.traits & DARK) > 0
    assert dark.any()
    assert np.array_equal(suspects.kinds == plan.kinds[1], dark)
    _, other = plan_of(**{"background.merchant.suspicious_share": 0.9})
    more, _ = ships(other)
    listed = [set(fleet.vessels[(fleet.traits & LISTED) > 0].tolist()) for fleet in (suspects, more)]
    assert listed[0] == listed[1] != set()
    odd = [set(fleet.vessels[(fleet.traits & SUSPICIOUS) > 0].tolist()) for fleet in (suspects, more)]
    assert odd[0] < odd[1]


def test_a_sea_without_ships_has_none():
    _, plan = plan_of(**{"background.merchant.present": 0.0})
    suspects, others = ships(plan)
    assert suspects.vessels.size == others.vessels.size == len(suspects.rows) == len(others.rows) == 0


def test_a_map_draws_the_outline_of_the_area_that_ships_pass_through():
    scenario, plan = plan_of()
    (found,) = plan.shapes(0.0, plan.duration_h)
    assert found.label == plan.spec.area
    assert found.shape.equals(scenario.plane.project(scenario.areas[plan.spec.area].shape))
    assert found.ships_a_day is None
