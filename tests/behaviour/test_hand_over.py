"""Aircraft that relieve one another on a route: where the next one takes over, what is missed or repeated: nothing."""

import numpy as np
import pytest
import shapely

from sim import load_scenario, simulate
from sim.core.codes import SEARCH, TRANSIT
from sim.deployment.world import prepare

QUIET = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0, "duration_days": 4}
SECOND = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 9.0, "every_h": 48.0}
# Short tracks: the first aircraft has flown some of them before it is relieved.
RELAY = {
    **QUIET,
    "patrols.aurora.every_h": 48.0,
    "patrols.second": SECOND,
    "groups.all": {"patrols": ["aurora", "second"], "divide": "hand_over"},
    "routes.search.spacing_nmi": 6.0,
    "routes.search.heading_deg": 90.0,
    "areas.east_china_sea": {"polygon": [[123.3, 27.0], [124.3, 27.0], [124.3, 32.0], [123.3, 32.0]]},
}


def searched(sortie):
    return sortie.flown[sortie.flown[:, 6] == SEARCH]


def along_first_pass(plan, tracks):
    """How far along the first pass each of its tracks begins and ends (n, 2), nmi; and how long the pass is."""
    passes = plan.patrols[0].routes[0].passes
    points = min(passes, key=lambda points: np.hypot(*(points[0] - tracks[0, 2:4])))
    line = shapely.LineString(points)
    finished = np.flatnonzero(np.hypot(*(tracks[:, 4:6] - points[-1]).T) < 1e-6)
    ends = shapely.points(tracks[: finished[0] + 1 if len(finished) else None, 2:6].reshape(-1, 2))
    assert shapely.distance(line, ends).max() < 1e-6, "a track is not on the pass"
    return shapely.line_locate_point(line, ends).reshape(-1, 2), line.length


@pytest.mark.parametrize(
    "sets",
    [
        {},
        {"aircraft.cp140.burn.search": 0.7},
        {"aircraft.cp140.search_speed_kn": 160.0},
    ],
    ids=["plain", "slow burn", "slow search"],
)
def test_the_next_aircraft_goes_on_where_it_relieves_the_first_and_repeats_nothing(sets):
    plan = prepare(load_scenario("neon-spring", {**RELAY, **sets}))
    first, second = simulate(plan).sorties[:2]
    assert (first.patrol, second.patrol) == ("aurora", "second")
    count, tracks = len(searched(first)), np.vstack([searched(first), searched(second)])
    along, whole = along_first_pass(plan, tracks)
    before, after = along[:count], along[count:]
    assert len(before) > 3 < len(after)
    assert before[2, 1] < after[0, 0] == pytest.approx(before[-1, 1], abs=1e-4)
    assert np.all(np.diff(after.ravel()) > -1e-6), "the second flies a piece back"
    assert after[-1, 1] <= whole + 1e-6
    flown = np.hypot(*(tracks[: len(along), 4:6] - tracks[: len(along), 2:4]).T).sum()
    assert flown == pytest.approx(after[-1, 1], abs=1e-3)  # each mile of the pass so far once


def test_the_relief_comes_when_the_first_must_go_home_if_it_cannot_come_earlier():
    """With a take-off that is too late to find the first at its search, it goes on where the first will leave."""
    plan = prepare(load_scenario("neon-spring", RELAY))
    first, second = simulate(plan).sorties[:2]
    assert second.takeoff_h < first.landing_h
    assert searched(second)[0, 2:4] == pytest.approx(searched(first)[-1, 4:6], abs=1e-6)
    assert second.flown[0, 6] == TRANSIT
    assert second.flown[0, 4:6] == pytest.approx(searched(second)[0, 2:4], abs=1e-6)


def test_patrols_that_share_no_route_each_begin_it_anew():
    plan = prepare(load_scenario("neon-spring", {**QUIET, "patrols.second": SECOND}))
    assert len({patrol.shared_progress for patrol in plan.patrols}) == 2
    ours, theirs = simulate(plan).sorties[:2]
    assert [ours.patrol, theirs.patrol] == ["second", "aurora"]
    assert searched(theirs)[0, 2:4] == pytest.approx(searched(ours)[0, 2:4])


def test_an_aircraft_of_another_type_flies_the_rest_at_its_own_speeds():
    slow = {"aircraft.slow": {"transit_speed_kn": 220.0, "search_speed_kn": 150.0, "altitude_ft": 3000.0}}
    slow["aircraft.slow"] |= {"endurance_h": 12.0, "reserve_h": 1.0, "turn_round_h": 4.0, "sensors": ["radar"]}
    plan = prepare(load_scenario("neon-spring", {**RELAY, **slow, "patrols.second.aircraft": "slow"}))
    found = [sortie for sortie in simulate(plan).sorties if sortie.patrol == "second"]
    flown = found[0].flown
    speeds = np.hypot(*(flown[:, 4:6] - flown[:, 2:4]).T) / (flown[:, 1] - flown[:, 0])
    assert speeds[flown[:, 6] == SEARCH] == pytest.approx(150.0)
    assert speeds[flown[:, 6] == TRANSIT] == pytest.approx(220.0)
    assert np.sum(flown[:, 6] == SEARCH) > 3
