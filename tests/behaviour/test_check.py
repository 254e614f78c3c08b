"""What `check` and `plot route` say of hours, of groups, of routes that nobody flies: as the engine has it."""

import math
from typing import Any

import numpy as np
import pytest

from plots.route_map import figure_route
from plots.style import styled
from sim import load_scenario
from sim.check.advice import findings
from sim.deployment.engine import simulate
from sim.scenario.endurance import flight_limit
from sim.scenario.flight_plan import flight_plan_text, make_flight_plan
from sim.scenario.groups import patrols_on_route
from tests.helpers import RACETRACK, SECOND, pair

CREW = "aircraft.cp140"
ALONE = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0, "patrols.aurora.sorties": 1}


# ---------------------------------------------------------------------------------------------------- hours
@pytest.mark.parametrize(
    ("sets", "away_h", "burn", "hours", "key"),
    [
        ({}, 0.0, 1.0, 9.0, "endurance_h"),
        ({}, 2.0, 0.8, 7.0 / 0.8, "endurance_h"),
        ({}, 9.5, 1.0, 0.0, "endurance_h"),
        ({"max_flight_h": 9.0}, 1.0, 1.0, 8.0, "endurance_h"),
        ({"max_flight_h": 8.5}, 1.0, 1.0, 7.5, "max_flight_h"),
        ({"max_flight_h": 8.5}, 1.0, 1.2, 8.0 / 1.2, "endurance_h"),  # a search that burns more ends by fuel
        ({"max_flight_h": 9.5}, 1.0, 0.8, 8.5, "max_flight_h"),  # one that burns less, by the clock
        ({"max_flight_h": 8.5, "max_flight_h_a_day": 8.0}, 0.0, 1.0, 8.0, "max_flight_h_a_day"),
    ],
)
def test_the_key_that_leaves_the_fewest_hours_ends_a_flight(
    sets: dict[str, Any], away_h: float, burn: float, hours: float, key: str
) -> None:
    aircraft = load_scenario("neon-spring", {f"{CREW}.{name}": value for name, value in sets.items()}).aircraft["cp140"]
    assert flight_limit(aircraft, away_h, burn) == (pytest.approx(hours), key)


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        ({}, "fuel for 9 h: "),
        ({"max_flight_h": 6.0}, "max_flight_h = 6: "),
        ({"max_flight_h": 7.0, "max_flight_h_a_day": 6.5}, "max_flight_h_a_day = 6.5: "),
        ({"burn": {"search": 1.3}, "max_flight_h": 8.5}, "fuel for 9 h: "),
        ({"burn": {"search": 0.7}, "max_flight_h": 8.5}, "max_flight_h = 8.5: "),
    ],
)
def test_a_route_is_left_when_the_engine_leaves_it(sets: dict[str, Any], said: str) -> None:
    scenario = load_scenario("neon-spring", {**ALONE, **{f"{CREW}.{name}": one for name, one in sets.items()}})
    plan = make_flight_plan(scenario)
    stay, place = plan.end_of_search()
    assert stay < plan.hours
    totals = simulate(scenario).totals()
    away = plan.transit_h(plan.points[0]) + plan.transit_h(place)
    assert totals["on_station_hours"] == pytest.approx(stay, abs=plan.hours / 1000.0)
    assert totals["flight_hours"] == pytest.approx(stay + away, abs=plan.hours / 1000.0)
    text = flight_plan_text(plan)[1]
    assert text.startswith(said)
    assert f"{stay:.1f} h on the pass, not enough for the whole pass" in text


def test_a_route_out_of_reach_is_said_to_be() -> None:
    scenario = load_scenario("neon-spring", {f"{CREW}.max_flight_h": 0.2})
    assert flight_plan_text(make_flight_plan(scenario))[1].endswith(
        "0.0 h on the pass, not enough to fly there and home"
    )
    assert "route_out_of_reach" in {one.rule for one in findings(scenario)}


def test_what_is_left_after_a_pass_is_time_to_search() -> None:
    fence = {"pattern": "barrier", "line": [[123.5, 29.5], [126.8, 29.5]]}
    for burn in (0.8, 1.0):
        plan = make_flight_plan(load_scenario("neon-spring", {"routes.search": fence, f"{CREW}.burn.search": burn}))
        ways = plan.transit_h(plan.points[0]) + plan.transit_h(plan.points[-1])
        assert f", {(9.0 - ways) / burn - plan.hours:.1f} h of search left" in flight_plan_text(plan)[1]


def test_the_drawing_marks_where_time_and_not_fuel_turns_it_home() -> None:
    for sets, mark in (({}, "fuel to go home"), ({f"{CREW}.max_flight_h": 6.0}, "time to go home")):
        with styled():
            figure = figure_route(make_flight_plan(load_scenario("neon-spring", sets)))
        assert mark in [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


@pytest.mark.parametrize("key", ["endurance_h", "max_flight_h", "max_flight_h_a_day"])
@pytest.mark.parametrize(
    ("rule", "hours", "sets"),
    [
        ("route_out_of_reach", 0.2, {}),
        ("short_time_on_station", 0.6, {}),
        ("route_partly_out_of_reach", 2.0, {}),
        (
            "area_out_of_reach",
            2.0,
            {
                "areas.far": {"polygon": [[123.0, 36.5], [124.0, 36.5], [124.0, 37.5], [123.0, 37.5]]},
                "transfers.fuel.area": "far",
            },
        ),
    ],
)
def test_a_finding_points_at_the_key_that_binds(rule: str, hours: float, sets: dict[str, Any], key: str) -> None:
    most = hours + 1.0 if key == "endurance_h" else hours  # the reserve is an hour
    found = [one for one in findings(load_scenario("neon-spring", {**sets, f"{CREW}.{key}": most})) if one.rule == rule]
    assert len(found) == 1
    hint = "endurance_h and reserve_h" if key == "endurance_h" else key
    assert hint in found[0].advice
    assert ("endurance_h" in found[0].advice) == (key == "endurance_h")
    assert ("fuel" in found[0].problem) <= (key == "endurance_h")


# ---------------------------------------------------------------------------------------------------- groups


def test_a_take_off_that_a_group_sets_is_found_under_the_key_that_moves_it() -> None:
    late = load_scenario("neon-spring", {"patrols.aurora.first_takeoff_h": 710.0, **pair("time")})  # and 12 h later
    (one,) = (one for one in findings(late) if one.rule == "no_sortie")
    assert one.key == "patrols.aurora.first_takeoff_h"
    assert "take-off of second, at hour 722, is after the deployment ends" in one.problem


# ---------------------------------------------------------------------------------------------------- who flies what
def test_a_route_is_flown_by_those_whose_group_flies_it() -> None:
    scenario = load_scenario(
        "neon-spring", {"routes.track": RACETRACK, "routes.other": RACETRACK, **pair("area", routes=["track"])}
    )
    assert patrols_on_route(scenario, "search") == ["aurora", "second"]
    assert patrols_on_route(scenario, "track") == patrols_on_route(scenario, "other") == []


@pytest.mark.parametrize(
    ("route", "patrol", "title"),
    [
        ("search", None, "route search, patrol aurora"),
        ("search", "third", "route search, flown by aurora, second, as third would fly it"),
        ("track", None, "route track, flown by no patrol, as aurora would fly it"),
        ("fence", None, "route fence, patrol third"),
    ],
)
def test_the_title_of_a_route_says_who_flies_it(route: str, patrol: str | None, title: str) -> None:
    fence = {"pattern": "barrier", "line": [[123.5, 29.5], [126.8, 29.5]]}
    sets = {
        "routes.track": RACETRACK, "routes.fence": fence, **pair("area", routes=["track"]),
        "patrols.third": {**SECOND, "routes": ["fence"]},
    }  # fmt: skip
    plan = make_flight_plan(load_scenario("neon-spring", sets), route, patrol)
    with styled():
        figure = figure_route(plan)
    assert " ".join(figure.axes[0]._left_title.get_text().split()).endswith(title)
    assert (plan.excluded is not None) == (title == "route search, patrol aurora")  # another flies it undivided


# ---------------------------------------------------------------------------------------------------- closed bases
def test_as_many_sorties_take_off_from_a_closed_base_as_the_finding_says() -> None:
    """Spells are short beside the day between take-offs, so these are trials by themselves: 600 of chance p."""
    closed = {"mean_open_h": 0.2, "mean_closed_h": 4.8}
    scenario = load_scenario(
        "neon-spring",
        {**ALONE, "patrols.aurora.sorties": 30, "patrols.aurora.max_delay_h": 0.2, "bases.kadena.closed": closed},
    )
    (found,) = (one for one in findings(scenario) if one.rule == "base_nearly_always_closed")
    chance = 1.0 - 0.96 * math.exp(-0.2 / 4.8)
    assert f"about {30.0 * chance:.2g} of 30 take-offs take place" in found.problem
    flown = np.array([simulate(scenario, seed=5, replication=k).totals()["sorties"] for k in range(20)])
    error = math.sqrt(600.0 * chance * (1.0 - chance))
    assert abs(flown.sum() - 600.0 * chance) < 3.5 * error
