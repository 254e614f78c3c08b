"""A crew at readiness: when it takes off for a tip, when it does not, and what it leaves to others."""

from typing import Any

import numpy as np
import pytest

from sim import load_scenario, run
from sim.check.bounds import Bounds
from sim.check.tables_takeoffs import takeoff_hours_table
from sim.core.codes import SEARCH
from sim.deployment.engine import simulate
from sim.deployment.log import Log
from sim.study.part_totals import PartTotals
from tests.behaviour.tip_scenarios import (
    FOLLOWED,
    SECOND,
    fly_with,
    followed,
    middle,
    scenario,
    tables,
)

STANDBY = "patrols.aurora.standby"
READY_H = 0.5
ALONE = {"patrols.aurora.sorties": 0, STANDBY: {"ready_h": READY_H, "least_chance": 0.3}}
ERROR = 8.0  # nmi, of reports: enough for a search about the place
TURN_ROUND_H = 4.0  # of the aircraft of neon-spring


def tip(hour: float, east: float = 0.0) -> tuple[float, ...]:
    """A report that is made as it is seen, of a place so many miles east of the middle of the area."""
    x, y = middle()
    return hour, hour, x + east, y, ERROR


def takeoffs(log: Log) -> list[tuple[float, str, int, str]]:
    """Hour, patrol, number and detail of each take-off."""
    return [
        (event.time_h, event.patrol, event.sortie, event.detail) for event in log.events if event.event == "takeoff"
    ]


# ---------------------------------------------------------------------------------------------------- it takes off
def test_it_takes_off_for_a_tip_follows_it_and_goes_home() -> None:
    log = fly_with([tip(5.0)], **ALONE)
    assert takeoffs(log) == [(5.0 + READY_H, "aurora", 0, "tip 0")]
    assert followed(log) == [(5.0 + READY_H, "aurora", "tip 0")]
    (sortie,) = log.sorties
    assert sortie.from_standby
    searched = sortie.flown[sortie.flown[:, 6] == SEARCH]
    assert len(searched)
    far = np.hypot(*(searched[:, 4:6] - middle()).T)
    assert far.max() < 40.0  # it searches about the tip, and flies no route
    totals = log.totals()
    assert (totals["standby_sorties"], totals["sorties"], totals["cancelled_sorties"]) == (1, 1, 0)


def test_its_sorties_are_counted_on_from_the_slots_of_the_schedule() -> None:
    schedule = {"patrols.aurora.sorties": None, STANDBY: ALONE[STANDBY]}
    log = fly_with([tip(5.0), tip(50.0)], **schedule)  # the slots are at 21, 45 and 69
    assert takeoffs(log) == [
        (5.5, "aurora", 3, "tip 0"),
        (21.0, "aurora", 0, "search"),
        (45.0, "aurora", 1, "search"),
        (69.0, "aurora", 2, "search"),
    ]
    assert followed(log)[1:] == [(50.0, "aurora", "tip 1")]  # the crew in the air goes there


def test_without_standby_nobody_takes_off_for_a_tip() -> None:
    log = fly_with([tip(5.0)], **{"patrols.aurora.sorties": 0})
    assert log.sorties == []
    assert "standby_sorties" not in log.totals()


def test_a_patrol_may_have_standby_and_no_schedule() -> None:
    keys = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "nation": "canada", "tips": {}}
    alone = {**keys, "standby": {"ready_h": 1.0, "least_chance": 0.0}}
    log = fly_with([tip(5.0)], **{"patrols.waiting": alone, "patrols.aurora.sorties": 0})
    assert takeoffs(log) == [(6.0, "waiting", 0, "tip 0")]


def test_it_flies_to_the_next_tip_on_the_way() -> None:
    log = fly_with([tip(5.0), tip(6.0, east=60.0)], **ALONE)
    assert len(log.sorties) == 1
    assert [detail for _, _, detail in followed(log)] == ["tip 0", "tip 1"]


# ---------------------------------------------------------------------------------------------------- it does not
def test_the_chance_when_it_would_arrive_decides() -> None:
    """A tip lasts 6 h by the estimate of the cell, so its chance at an age a is 1 - a / 6, times its credibility."""
    log = fly_with([tip(5.0)], **ALONE)
    (flight,) = log.sorties[0].tip_flights
    chance = 1.0 - (flight.arrival_h - 5.0) / 6.0
    for least, flies in ((chance - 1e-6, True), (chance + 1e-6, False)):
        sets = {**ALONE, STANDBY: {"ready_h": READY_H, "least_chance": least}}
        assert bool(fly_with([tip(5.0)], **sets).sorties) == flies


@pytest.mark.parametrize(
    ("hour", "takeoff"),
    [(7.4, None), (9.5, 10.0), (8.8, 9.5), (19.9, 20.4), (20.1, None)],
)
def test_it_stands_by_between_two_hours_of_the_clock(hour: float, takeoff: float | None) -> None:
    """From 18:00 to 05:00 in Japan, which is from hour 9 to hour 20; a tip that still lives at 18:00 is flown then."""
    window = {"from": "18:00", "to": "05:00", "ready_h": READY_H, "least_chance": 0.63}
    log = fly_with([tip(hour)], **{**ALONE, STANDBY: window, "nations.canada.cell.lasts_h": 6.0})
    assert [pytest.approx(one[0]) for one in takeoffs(log)] == ([] if takeoff is None else [takeoff])


def test_a_window_keeps_to_the_clock_where_it_changes() -> None:
    sets = {"time_zone": "Europe/London", "start": "2026-10-24T00:00:00Z", STANDBY: {**ALONE[STANDBY], "from": "06:00"}}
    plan = simulate(scenario("neon-spring", FOLLOWED, sets, {f"{STANDBY}.to": "08:00", "duration_days": 3})).plan
    assert plan.patrols[0].standby_windows_h == [(5.0, 7.0), (30.0, 32.0), (54.0, 56.0)]


def test_the_limit_holds_in_any_thirty_days() -> None:
    """Tips on days 1, 6, 11 and so on, at most two sorties in 30 days."""
    hours = [10.0 + 120.0 * number for number in range(14)]
    sets = {**ALONE, "duration_days": 70, STANDBY: {**ALONE[STANDBY], "sorties_a_month": 2}}
    flown = [hour for hour, *_ in takeoffs(fly_with([tip(hour) for hour in hours], **sets))]
    assert flown == [hours[number] + READY_H for number in (0, 1, 6, 7, 12, 13)]
    free = [hour for hour, *_ in takeoffs(fly_with([tip(hour) for hour in hours], **{**ALONE, "duration_days": 70}))]
    assert free == [hour + READY_H for hour in hours]


@pytest.mark.parametrize(
    "sets",
    [
        {"aircraft.cp140.serviceability": 0.0},
        {"aircraft.cp140.minima.visibility_nmi": 3.0, "environment.visibility_nmi": 2.0},
        {"patrols.aurora.tips.least_chance": 0.99},
        {"aircraft.cp140.endurance_h": 2.0},  # it could not come home from there
        {"aircraft.cp140.identification.in_dark": False, "aircraft.cp140.identification.document.needs_light": True},
    ],
)
def test_it_stays_where_the_aircraft_could_not_fly_or_the_crew_would_not_follow(sets: dict[str, Any]) -> None:
    assert fly_with([tip(12.0)], **ALONE).sorties  # 21:00 in Japan
    assert fly_with([tip(12.0)], **{**ALONE, **sets}).sorties == []


@pytest.mark.parametrize(
    ("sets", "wait_h"),
    [
        ({}, TURN_ROUND_H),
        ({"patrols.aurora.crews": 1, "patrols.aurora.crew_rest_h": 4.5}, 4.5),
        ({"patrols.aurora.crews": 2, "patrols.aurora.crew_rest_h": 4.5}, TURN_ROUND_H),
    ],
)
def test_turn_round_and_rest_hold_before_the_next_tip(sets: dict[str, Any], wait_h: float) -> None:
    lasting = {"nations.canada.cell.lasts_h": 20.0}
    first = fly_with([tip(5.0)], **{**ALONE, **lasting}).sorties[0]
    second = tip(first.landing_h + 1.0)
    log = fly_with([tip(5.0), second], **{**ALONE, **lasting, **sets})
    assert [one[0] for one in takeoffs(log)] == [5.5, pytest.approx(first.landing_h + wait_h)]


def test_a_scheduled_sortie_goes_first() -> None:
    """A tip at hour 20.8 would be flown at 21.3; the crew that is due at 21 flies there instead."""
    sets = {"patrols.aurora.sorties": 1, STANDBY: ALONE[STANDBY]}
    log = fly_with([tip(20.8)], **sets)
    assert takeoffs(log) == [(21.0, "aurora", 0, "search")]
    assert followed(log) == [(21.0, "aurora", "tip 0")]
    log = fly_with([tip(20.4)], **{**sets, "patrols.aurora.max_delay_h": 0.0})
    assert takeoffs(log) == [(20.9, "aurora", 1, "tip 0")]
    assert [event.detail for event in log.events if event.event == "cancelled"] == ["not ready in time"]


# ---------------------------------------------------------------------------------------------------- others
def test_of_two_crews_that_stand_by_one_takes_off() -> None:
    second = {**SECOND, "sorties": 0, "standby": ALONE[STANDBY]}
    log = fly_with([tip(5.0)], **{**ALONE, "patrols.second": second})
    assert len(takeoffs(log)) == 1
    log = fly_with([tip(5.0), tip(5.6, east=90.0)], **{**ALONE, "patrols.second": second})
    assert [patrol for _, patrol, *_ in takeoffs(log)] == ["aurora", "second"]


def test_a_crew_stands_down_where_another_in_the_air_took_the_tip_meanwhile() -> None:
    second = {**SECOND, "first_takeoff_h": 4.0, "sorties": 1}
    log = fly_with([tip(5.0)], **{**ALONE, "patrols.second": second})
    assert [patrol for _, patrol, *_ in takeoffs(log)] == ["second"]
    assert [patrol for _, patrol, _ in followed(log)] == ["second"]


# ---------------------------------------------------------------------------------------------------- luck, results
def test_the_luck_of_a_sortie_for_a_tip_does_not_depend_on_the_schedule() -> None:
    """The same reports, and a schedule with none or with two slots after the tip: the flight to it is the same."""
    sets = {**FOLLOWED, "duration_days": 4, "transfers.fuel.per_month": 150.0, STANDBY: ALONE[STANDBY]}
    sets["aircraft.cp140.aborts_per_100_h"] = 10.0
    alone = {"patrols.aurora.sorties": 0}
    scheduled = {"patrols.aurora.first_takeoff_h": 80.0, "patrols.aurora.every_h": 8.0}
    compared, detected = 0, 0
    for replication in range(4):
        one, two = (simulate(scenario("neon-spring", sets, more), 2, replication) for more in (alone, scheduled))
        for first, second in zip(one.sorties, two.sorties, strict=False):
            if first.landing_h < 80.0 and second.from_standby:
                compared += 1
                detected += len(first.detected_h)
                assert second.number == first.number + 2
                assert np.array_equal(first.flown, second.flown)
                assert np.array_equal(first.detected_h, second.detected_h)
    assert compared > 8
    assert detected > 8


def test_totals_and_parts_tell_sorties_for_tips_apart() -> None:
    sets = {**FOLLOWED, "duration_days": 6, STANDBY: ALONE[STANDBY]}
    log = simulate(scenario("neon-spring", sets), 1, 0)
    totals = log.totals()
    assert 0 < totals["standby_sorties"] < totals["sorties"]
    parts = PartTotals(log, tables(log)["transfers"].to_pydict())
    assert parts.total("standby_sorties[patrol=aurora]") == totals["standby_sorties"]
    assert parts.total("sorties[patrol=aurora]") == totals["sorties"]
    assert parts.total("sorties[route=search]") == totals["sorties"] - totals["standby_sorties"]
    assert sum(map(log.passes_flown, (one for one in log.sorties if one.from_standby))) == 0.0
    assert sum(map(log.passes_flown, log.sorties)) > 0.0


def test_a_run_has_the_measure_only_where_a_crew_stands_by(scratch: Any) -> None:
    short = {**FOLLOWED, "duration_days": 3}
    with_standby = run(load_scenario("neon-spring", {**short, STANDBY: ALONE[STANDBY]}), 3, out="with")
    without = run(load_scenario("neon-spring", short), 3, out="without")
    told = {row.measure: row.value for row in with_standby.measures()}
    assert told["standby_sorties"] > 0.0
    assert "standby_sorties" not in {row.measure for row in without.measures()}


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({}, "all day, 0.5 h after a tip with a chance of 0.3 or more"),
        (
            {"from": 18, "to": "06:00", "sorties_a_month": 8},
            "18:00 to 06:00, 0.5 h after a tip with a chance of 0.3 or more, at most 8 in 30 days",
        ),
    ],
)
def test_check_tells_when_a_crew_stands_by_and_for_what(keys: dict[str, Any], text: str) -> None:
    second = {**SECOND, "takeoff": "06:00", "first_takeoff_h": None, "every_h": None}
    sets = {"patrols.second": second, STANDBY: {**ALONE[STANDBY], **keys}}
    table = takeoff_hours_table(Bounds(scenario("neon-spring", FOLLOWED, sets)))
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["aurora", "06:00 every day", "search", text],
        ["second", "06:00 every day", "search", "none"],
    ]


def test_results_do_not_depend_on_the_number_of_processes(scratch: Any) -> None:
    lots = {"patrols.aurora.takeoff": {"from": "00:00", "to": "24:00"}, "duration_days": 5}
    sets = {**FOLLOWED, **lots, STANDBY: ALONE[STANDBY], "patrols.aurora.route_weights": [1.0]}
    one, two = (run(scenario("neon-spring", sets), 12, jobs=jobs, out=f"jobs-{jobs}") for jobs in (1, 2))
    for name in ("replications", "transfers", "events"):
        assert one.tables[name].equals(two.tables[name])
    assert one.tables["events"].num_rows > 100
