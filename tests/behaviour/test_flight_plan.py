"""Flight plans against the numbers of the scenario, worked out by hand: lengths, hours, limits and coverage factors."""

import math
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod

from sim import load_scenario
from sim.scenario.endurance import flight_limit, fuel_h, time_limit_h
from sim.scenario.flight_plan import flight_plan_text, make_flight_plan, sensor_coverages
from sim.scenario.problems import InputError

CREW = "aircraft.cp140"
FENCE = {"pattern": "barrier", "line": [[124.0, 29.0], [126.0, 29.0]]}
DISC = {"kind": "definite_range", "range_nmi": 10.0, "probability": 1.0}
NEAR = {"routes.search": FENCE, "sensors.radar.law": DISC}
SQUARE = {"pattern": "expanding_square", "datum": [125.0, 29.0], "spacing_nmi": 10.0, "legs": 8}


def geodesic_nmi(start: list[float], end: list[float]) -> float:
    return float(Geod(ellps="WGS84").inv(*start, *end)[2]) / 1852.0


# --------------------------------------------------------------------------------------------------- hours of a flight
@pytest.mark.parametrize(
    ("keys", "away_h", "burn", "hours", "key"),
    [
        ({}, 0.0, 1.0, 9.0, "endurance_h"),
        ({}, 3.0, 1.5, 4.0, "endurance_h"),
        ({}, 3.0, 0.5, 12.0, "endurance_h"),
        ({"max_flight_h": 8.0}, 3.0, 0.5, 5.0, "max_flight_h"),
        ({"max_flight_h": 8.0, "max_flight_h_a_day": 7.0}, 0.0, 1.0, 7.0, "max_flight_h_a_day"),
        ({"max_flight_h": 9.0}, 0.0, 1.0, 9.0, "endurance_h"),  # of equal limits the fuel is named
        ({"reserve_h": 2.5}, 8.0, 1.0, 0.0, "endurance_h"),
    ],
)
def test_the_least_of_fuel_crew_and_airframe_limits_a_flight(
    keys: dict[str, float], away_h: float, burn: float, hours: float, key: str
) -> None:
    aircraft = load_scenario("neon-spring", {f"{CREW}.{name}": value for name, value in keys.items()}).aircraft["cp140"]
    limit = flight_limit(aircraft, away_h, burn)
    assert (limit.hours, limit.key) == (pytest.approx(hours), key)
    assert limit.cause == ("fuel" if key == "endurance_h" else key)
    assert fuel_h(aircraft) == 10.0 - keys.get("reserve_h", 1.0)
    times = [value for name, value in keys.items() if name.startswith("max_flight")]
    assert time_limit_h(aircraft) == min(times, default=math.inf)


# ------------------------------------------------------------------------------------------------------- one pass
def test_a_barrier_is_flown_there_and_back_from_the_end_nearer_to_the_base() -> None:
    plan = make_flight_plan(load_scenario("neon-spring", NEAR))
    length = 2.0 * geodesic_nmi(*FENCE["line"])
    assert (plan.route, plan.patrol, plan.is_flown, plan.pattern.legs) == ("search", "aurora", True, 2)
    assert plan.hours * 210.0 == pytest.approx(length, rel=0.013)  # the error of the map projection
    assert plan.points[0] == pytest.approx(plan.points[-1])
    east = np.array([float(axis) for axis in plan.scenario.plane.to_xy(126.0, 29.0)])
    assert plan.points[0] == pytest.approx(east)
    assert plan.transit_h(plan.points[0]) * 350.0 == pytest.approx(
        geodesic_nmi([127.77, 26.36], [126.0, 29.0]), rel=0.013
    )


def test_a_plan_of_a_short_pass_ends_with_the_pass_and_one_of_a_long_pass_where_it_must_turn_home() -> None:
    short = make_flight_plan(load_scenario("neon-spring", NEAR))
    stay, place = short.end_of_search()
    assert stay == pytest.approx(short.hours)
    assert place == pytest.approx(short.points[-1])
    long = make_flight_plan(load_scenario("neon-spring", {"routes.search.spacing_nmi": 10.0}))
    stay, place = long.end_of_search()
    assert 0.0 < stay < long.hours
    assert stay == pytest.approx(long.search_limit(place).hours, abs=long.hours / 1000.0)
    assert shapely.LineString(long.points).distance(shapely.Point(place)) < 1e-6


@pytest.mark.parametrize("burn", [0.8, 1.0, 1.25])
def test_search_that_burns_more_leaves_fewer_hours_on_the_route(burn: float) -> None:
    plan = make_flight_plan(load_scenario("neon-spring", {**NEAR, f"{CREW}.burn.search": burn}))
    start = plan.points[0]
    limit = plan.search_limit(start)
    assert limit.hours == pytest.approx((9.0 - 2.0 * plan.transit_h(start)) / burn)
    assert limit.key == "endurance_h"


def test_a_way_round_a_zone_is_longer_and_keeps_out_of_it() -> None:
    zone = [[126.2, 27.4], [127.6, 27.4], [127.6, 28.0], [126.2, 28.0]]
    straight = make_flight_plan(load_scenario("neon-spring", NEAR))
    around = make_flight_plan(load_scenario("neon-spring", {**NEAR, "zones.range.polygon": zone}))
    start = straight.points[0]
    assert around.transit_h(start) > straight.transit_h(start)
    closed = around.scenario.plane.project(around.scenario.zones["range"].shape)
    assert not shapely.LineString(around.path_from_base(start)).intersects(closed)
    assert shapely.LineString(straight.path_from_base(start)).intersects(closed)


# ---------------------------------------------------------------------------------------------------- coverage factors
def test_the_coverage_factor_is_sweep_width_times_track_over_sea() -> None:
    plan = make_flight_plan(load_scenario("neon-spring", NEAR))
    (radar,) = sensor_coverages(plan)
    name, sea = plan.searched_sea()
    assert (name, radar.sensor) == ("east china sea", "radar")  # a barrier has no area: that of the transfers is used
    assert radar.sweep_width_nmi == pytest.approx(20.0)  # twice the definite range
    track = shapely.LineString(plan.points).intersection(sea).length
    assert radar.coverage_factor == pytest.approx(20.0 * track / sea.area)
    assert radar.p_random == pytest.approx(1.0 - math.exp(-radar.coverage_factor))
    assert radar.p_parallel is None


@pytest.mark.parametrize(("spacing", "p_parallel"), [(20.0, 1.0), (30.0, 2.0 / 3.0), (40.0, 0.5)])
def test_parallel_tracks_of_a_definite_range_cover_their_share_of_the_sea(spacing: float, p_parallel: float) -> None:
    sets = {"routes.search.spacing_nmi": spacing, "sensors.radar.law": DISC}
    (radar,) = sensor_coverages(make_flight_plan(load_scenario("neon-spring", sets)))
    assert radar.p_parallel == pytest.approx(p_parallel, abs=0.02)  # tracks reach beyond the edges of the area
    assert radar.p_random < radar.p_parallel


def test_each_sensor_of_the_aircraft_has_its_line() -> None:
    sets: dict[str, Any] = {**NEAR, "sensors.eyes": {"kind": "visual", "law": {**DISC, "range_nmi": 4.0}}}
    plan = make_flight_plan(load_scenario("neon-spring", {**sets, f"{CREW}.sensors": ["radar", "eyes"]}))
    lines = flight_plan_text(plan)
    assert lines[0].startswith("barrier: 2 legs; one pass ")
    assert [line.partition(":")[0] for line in lines[3:]] == ["radar", "eyes"]
    assert ["W = 20.0 nmi" in lines[3], "W = 8.0 nmi" in lines[4]] == [True, True]


def test_two_patrols_that_divide_an_area_search_it_all_between_them() -> None:
    other = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 9.0, "every_h": 24.0}
    pair = {"patrols.other": other, "groups.pair": {"patrols": ["aurora", "other"], "divide": "area"}}
    scenario = load_scenario("neon-spring", pair)
    shares = [make_flight_plan(scenario, "search", name).searched_sea() for name in ("aurora", "other")]
    whole = make_flight_plan(load_scenario("neon-spring")).searched_sea()[1]
    assert [name for name, _ in shares] == ["east china sea, its share"] * 2
    assert [sea.area for _, sea in shares] == pytest.approx([whole.area / 2.0] * 2, rel=1e-3)
    assert shares[0][1].intersection(shares[1][1]).area == pytest.approx(0.0, abs=1e-6)


# -------------------------------------------------------------------------------------------------- what is asked for
def test_a_route_that_nobody_flies_is_planned_for_the_first_patrol() -> None:
    plan = make_flight_plan(load_scenario("neon-spring", {"routes.square": SQUARE}), "square")
    assert (plan.patrol, plan.is_flown, plan.pattern.legs, plan.pattern.spacing_nmi) == ("aurora", False, 8, 10.0)
    assert plan.title == "route square, flown by no patrol, as aurora would fly it"
    # Legs of an expanding square are S, S, 2S, 2S, ...: eight legs of 10 nmi steps are 200 nmi long.
    assert plan.hours * 210.0 == pytest.approx(200.0)
    assert flight_plan_text(plan)[0].startswith("expanding square (SS): 8 legs, spacing S = 10 nmi; one pass 200 nmi")


@pytest.mark.parametrize(
    ("names", "key", "hint"),
    [
        (("serach", None), "--route", "did you mean search?"),
        ((None, "aurorra"), "--patrol", "did you mean aurora?"),
        (("other", "aurora"), "--route", ""),
    ],
)
def test_a_name_that_the_scenario_lacks_is_refused(names: tuple[str | None, str | None], key: str, hint: str) -> None:
    with pytest.raises(InputError) as raised:
        make_flight_plan(load_scenario("neon-spring"), *names)
    (problem,) = raised.value.problems
    assert (problem.key, problem.hint) == (key, hint)
    assert problem.allowed.startswith("a name from [")
