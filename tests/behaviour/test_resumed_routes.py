"""A pass broken off is resumed: over all sorties each leg of a route is flown once, whole, and in its order."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import load_scenario, simulate
from sim.core.codes import SEARCH, TRANSIT
from sim.deployment.world import prepare
from tests.helpers import SECOND

QUIET = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0}
NEAR_NMI = 1e-6


def searched(log):
    """The search of all sorties as one track after another (n, 4): from, to."""
    return np.vstack([s.flown[s.flown[:, 6] == SEARCH][:, 2:6] for s in log.sorties])


def corners(tracks):
    """Where tracks that follow one another turn (n, 2), their ends included; none of them may begin anew elsewhere."""
    jumps = np.hypot(*(tracks[1:, :2] - tracks[:-1, 2:]).T)
    assert np.all(jumps < NEAR_NMI), f"a piece of {jumps.max():.1f} nmi is missing, or is flown twice"
    points = np.vstack([tracks[:1, :2], tracks[:, 2:]])
    points = points[np.append(True, np.hypot(*np.diff(points, axis=0).T) > NEAR_NMI)]
    steps = np.diff(points, axis=0)
    courses = np.arctan2(*steps.T)
    turns = np.abs((np.diff(courses) + np.pi) % (2.0 * np.pi) - np.pi)
    return points[np.concatenate([[True], turns > 1e-6, [True]])]


def passes_flown(log, route):
    """Checks the corners of the search against the route, pass after pass; how many passes were flown whole."""
    found, whole = corners(searched(log)), 0
    while True:
        fits = [one for one in route.passes if np.allclose(one[0], found[0], atol=NEAR_NMI)]
        assert fits, "no pass begins where the search does"
        follow = fits[0]
        plain = corners(np.column_stack([follow[:-1], follow[1:]]))
        here = min(len(plain), len(found))
        if len(found) <= len(plain):  # the last one is broken off on some leg
            assert np.allclose(found[: here - 1], plain[: here - 1], atol=NEAR_NMI)
            assert shapely.LineString(plain[here - 2 : here]).distance(shapely.Point(found[-1])) < NEAR_NMI
            return whole
        assert np.allclose(found[:here], plain, atol=NEAR_NMI)
        whole += 1
        found = found[here - 1 :]
        # The next pass begins at the nearest end: here, or over there.
        if not any(np.allclose(one[0], found[0], atol=NEAR_NMI) for one in route.passes):
            found = found[1:]


def log_of(**sets):
    plan = prepare(load_scenario("neon-spring", {**QUIET, **sets}))
    return plan, simulate(plan)


def test_a_pass_takes_several_sorties_and_passes_follow_one_another():
    plan, log = log_of(**{"routes.search.spacing_nmi": 20.0, "duration_days": 12})
    assert passes_flown(log, plan.patrols[0].routes[0]) >= 3
    breaks = [s.flown[s.flown[:, 6] == SEARCH][-1, 4:6] for s in log.sorties]
    waypoints = plan.patrols[0].routes[0].passes[0]
    within = [np.hypot(*(waypoints - place).T).min() > 1.0 for place in breaks]
    assert sum(within) > 5  # most are broken off within a leg, not at its end


def test_the_rest_is_entered_straight_from_base():
    _, log = log_of(**{"routes.search.spacing_nmi": 20.0, "duration_days": 4})
    for one, other in pairwise(log.sorties):
        left = one.flown[one.flown[:, 6] == SEARCH][-1, 4:6]
        assert other.flown[0, 6] == TRANSIT
        assert other.flown[0, 4:6] == pytest.approx(left)
        assert other.flown[1, 6] == SEARCH
    assert len(log.sorties) == 4


@given(st.floats(7.0, 11.0), st.floats(8.0, 25.0), st.floats(0.7, 1.2))
@settings(max_examples=20)
def test_a_relay_flies_each_leg_once_too(endurance, spacing, burn):
    """Of two that hand over a route, the track of the one goes on where that of the other ends."""
    _, log = log_of(
        **{
            "patrols.second": {**SECOND, "every_h": 48.0},
            "patrols.aurora.every_h": 48.0,
            "aircraft.cp140.endurance_h": endurance,
            "aircraft.cp140.burn.search": burn,
            "routes.search.spacing_nmi": spacing,
            "routes.search.heading_deg": 90.0,  # short tracks: the other has flown some of them before it is relieved
            "areas.east_china_sea": {"polygon": [[123.3, 27.0], [124.3, 27.0], [124.3, 32.0], [123.3, 32.0]]},
            "groups.all": {"patrols": ["aurora", "second"], "divide": "hand_over"},
            "duration_days": 4,
        }
    )
    one, other = (s.flown[s.flown[:, 6] == SEARCH][:, 2:6] for s in log.sorties[:2])
    assert other[0, :2] == pytest.approx(one[-1, 2:], abs=1e-4)
    both = corners(np.vstack([one, np.vstack([[*one[-1, 2:], *other[0, 2:]], other[1:]])]))
    route = log.plan.patrols[0].routes[0].passes
    first = next(p for p in route if np.allclose(p[0], both[0], atol=NEAR_NMI))
    plain = corners(np.column_stack([first[:-1], first[1:]]))
    here = min(len(plain), len(both)) - 1
    assert here >= 2
    assert np.allclose(both[:here], plain[:here], atol=1e-4)


@pytest.mark.parametrize("every_h", [24.0, 30.0])
def test_two_routes_in_turn_keep_a_rest_each(every_h):
    north = {"pattern": "parallel_sweep", "area": "north", "spacing_nmi": 6.0}
    sets = {
        "areas.north": {"polygon": [[123.5, 31.0], [126.8, 31.0], [126.8, 32.0], [123.5, 32.0]]},
        "routes.north": north,
        "patrols.aurora.routes": ["search", "north"],
        "patrols.aurora.every_h": every_h,
        "routes.search.spacing_nmi": 15.0,
        "duration_days": 10,
    }
    plan, log = log_of(**sets)
    assert len(log.sorties) >= 8
    for number, route in enumerate(plan.patrols[0].routes):
        mine = [s for i, s in enumerate(log.sorties) if i % 2 == number]
        ends = [s.flown[s.flown[:, 6] == SEARCH][-1, 4:6] for s in mine]
        begins = [s.flown[s.flown[:, 6] == SEARCH][0, 2:4] for s in mine]
        assert begins[0] == pytest.approx(route.passes[route.nearest_pass(plan.patrols[0].base)][0])
        assert np.allclose(begins[1:], ends[:-1], atol=NEAR_NMI)
        assert len(ends) >= 4


@given(st.floats(3.0, 9.0), st.floats(12.0, 60.0), st.floats(150.0, 300.0), st.floats(0.6, 1.3))
@settings(max_examples=30)
def test_over_all_sorties_each_leg_is_flown_once_wherever_they_break_off(endurance, spacing, speed, burn):
    plan, log = log_of(
        **{
            "aircraft.cp140.endurance_h": endurance + 1.0,
            "aircraft.cp140.search_speed_kn": speed,
            "aircraft.cp140.burn.search": max(burn, speed / 350.0 + 1e-6),  # less is refused
            "routes.search.spacing_nmi": spacing,
            "duration_days": 12,
        }
    )
    assert len(log.sorties) >= 11
    passes_flown(log, plan.patrols[0].routes[0])
