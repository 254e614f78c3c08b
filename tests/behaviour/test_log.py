"""The log of one replication: its events in order, the ladder, the totals, and reports that are given to it."""

import functools
import math

import numpy as np
import pytest

from sim import load_scenario
from sim.deployment.engine import fly, observed_transfers, put_in_order, simulate
from sim.deployment.events import Event
from sim.deployment.ladder import REASONS, RUNGS, STATUSES
from sim.deployment.log import Log
from sim.deployment.reports import observe
from sim.deployment.world import prepare, realise
from sim.model.sightings import margin_h
from sim.study.rows import rows_of, tables_of
from tests.behaviour.tip_scenarios import FOLLOWED, MANY, fly_with, scenario, sightings

SETS = {"duration_days": 5, "transfers.fuel.per_month": 150.0, "background.merchant.suspicious_share": 0.1}


def log_of(**sets):
    return simulate(load_scenario("neon-crew", {**SETS, **sets}), 4, 0)


@functools.cache
def busy_log():
    return log_of()


def test_events_are_in_order_of_time_and_within_the_deployment():
    log = busy_log()
    times = [event.time_h for event in log.events]
    assert len(times) > 100
    assert times == sorted(times)
    assert times[0] >= 0.0
    assert times[-1] < log.end == 120.0


def test_each_transfer_comes_alongside_and_parts_once_unless_it_began_before_or_outlasts_the_end():
    log = busy_log()
    table = log.world.transfers
    for name, hours in (("alongside", table.begin), ("parted", table.end)):
        written = {event.vessel: event.time_h for event in log.events if event.event == name}
        expected = {row: hour for row, hour in enumerate(hours.tolist()) if 0.0 <= hour < log.end}
        assert written == expected
        assert len(written) > 5


def test_what_happens_after_the_end_is_not_written_down():
    plan = prepare(load_scenario("neon-crew", SETS))
    log = Log(plan, realise(plan, 4, 0), 0)
    log.report_all([Event(119.9, "takeoff", "aurora", 0, -1, 0.0, 0.0, "search")])
    log.report_all([Event(120.0, "landed", "aurora", 0, -1, 0.0, 0.0, "")])
    assert [event.event for event in log.events] == ["takeoff"]


def test_at_one_hour_transfers_come_first_and_the_events_of_a_sortie_keep_their_order():
    hours = {"parted": 5.0, "alongside": 5.0, "identified": 5.0, "diverted": 5.0, "landed": 5.0, "takeoff": 4.0}
    who = {"parted": ("", -1), "alongside": ("", -1), "landed": ("aurora", 2)}
    as_written = ["landed", "identified", "alongside", "diverted", "takeoff", "parted"]
    events = [Event(hours[name], name, *who.get(name, ("poseidon", 1)), 0, 0.0, 0.0, "") for name in as_written]
    put_in_order(events)
    assert [event.event for event in events] == ["takeoff", "parted", "alongside", "landed", "identified", "diverted"]


def test_a_transfer_climbs_the_ladder_rung_by_rung():
    log = busy_log()
    steps = np.array([log.climbed[rung] for rung in RUNGS])
    reached = ~np.isnan(steps)
    assert reached[2].sum() > 3
    assert np.all(reached[0] | ~reached[1])
    assert np.all(reached[1] | ~reached[2])
    assert np.all(np.diff(steps[:, reached[2]], axis=0) >= 0.0)
    first = {event.vessel: event for event in reversed(log.events) if event.event == "detected"}
    seen = np.flatnonzero(reached[0]).tolist()
    columns = [[log.climbed[name][row] for row in seen] for name in ("sensor", "patrol", "sortie")]
    assert columns == [[getattr(first[row], name) for row in seen] for name in ("detail", "patrol", "sortie")]
    assert [name for name, sensor in zip(reached[0], log.climbed["sensor"], strict=True) if not name and sensor] == []


def test_a_transfer_has_a_reason_unless_it_was_documented():
    log = busy_log()
    documented = ~np.isnan(log.climbed["documented"])
    assert [reason is None for reason in log.reasons] == documented.tolist()
    assert {reason for reason in log.reasons if reason} <= {reason.name for reason in REASONS}
    out_of_range = [reason == "no_one_there" for reason in log.reasons]
    undetected = np.isnan(log.climbed["detected"])
    assert any(out_of_range)
    assert np.all(undetected[out_of_range])
    assert not np.any(log.came_in_range[: len(out_of_range)][out_of_range])


def test_totals_are_what_the_tables_of_the_same_replication_say():
    log = busy_log()
    totals, tables = log.totals(), tables_of(log.plan.scenario, [rows_of(log, True)])
    status = tables["transfers"]["status"].to_pylist()
    reasons = tables["transfers"]["reason"].to_pylist()
    assert totals["transfers"] == len(status)
    for rung in RUNGS:
        at_least = STATUSES[STATUSES.index(rung) :]
        assert totals[rung] == sum(name in at_least for name in status)
    for reason in REASONS:
        assert totals[reason.name] == reasons.count(reason.name)
    names = tables["events"]["event"].to_pylist()
    assert totals["sorties"] == names.count("takeoff") > 3
    assert totals["investigations"] == names.count("diverted") > 3
    assert totals["cancelled_sorties"] == names.count("cancelled")
    first = tables["replications"]["first_documented_h"].to_pylist()[0]
    assert first == log.first_documented_h() == min(filter(None, tables["transfers"]["documented_h"].to_pylist()))


def test_hours_add_up_to_those_of_the_sorties_up_to_the_end():
    log = simulate(load_scenario("neon-spring", {"duration_days": 4}), 4)  # the last sortie takes off at 93 h
    totals = log.totals()
    flown = sum(min(sortie.landing_h, log.end) - sortie.takeoff_h for sortie in log.sorties)
    assert any(sortie.landing_h > log.end for sortie in log.sorties)
    assert totals["flight_hours"] == pytest.approx(flown)
    assert 0.0 < totals["identification_hours"] < totals["on_station_hours"] < totals["flight_hours"]


def test_a_cancelled_sortie_is_an_event_and_a_total():
    log = log_of(**{"aircraft.cp140.serviceability": 0.5, "patrols.aurora.every_h": 12.0})
    cancelled = [event for event in log.events if event.event == "cancelled"]
    assert len(cancelled) == log.totals()["cancelled_sorties"] > 0
    assert {event.detail for event in cancelled} >= {"unserviceable"}
    assert not {event.sortie for event in cancelled} & {sortie.number for sortie in log.sorties}


# ---------------------------------------------------------------------------------------------------- given reports
def test_the_reports_that_observers_would_make_can_be_given():
    """Given as they are, they change nothing; without any, no report arrives and no tip is flown."""
    plan = prepare(scenario("neon-spring", FOLLOWED, MANY))
    world = realise(plan, 1, 0)
    made = observe(plan.dissemination, world.key, observed_transfers(plan, world))
    logs = [fly(plan, world, 0, given) for given in (None, made, sightings([]))]
    assert logs[0].events == logs[1].events
    assert logs[0].totals() == logs[1].totals()
    assert logs[0].totals()["tips_followed"] > 0
    assert len(logs[0].dissemination.reports) == made.made_h.size > 50
    assert logs[2].totals()["tips_sent"] == logs[2].totals()["tips_followed"] == 0
    assert logs[2].dissemination.arrivals == []


def test_observed_transfers_are_those_of_the_world_and_some_beyond_it():
    plan = prepare(scenario("neon-spring", FOLLOWED, MANY))
    world = realise(plan, 1, 0)
    table, margin = observed_transfers(plan, world), margin_h(plan.dissemination.observers)
    assert set(world.transfers.vessels.tolist()) < set(table.vessels.tolist())
    assert 0.0 < margin < math.inf
    assert np.all((table.begin < plan.scenario.duration_h + margin) & (table.end > -margin))


def test_a_report_that_was_sanitised_is_as_imprecise_as_its_copy_says():
    """Reports with an error of 3 nmi, sanitised to 5 nmi: the added error has the variance that is missing."""
    partner = {
        "nations.japan": {},
        "observers.desk.nation": "japan",
        "agreements.both": {"nations": ["canada", "japan"], "delay_h": 0.0, "sanitising_error_nmi": 4.0},
        "nations.canada.cell": {"fused_within": 0.0},
        "patrols.aurora.tips": {"divert": False, "next_sortie": False},
    }
    log = fly_with([(20.0, 20.0 + 0.01 * k, 0.0, 0.0, 3.0) for k in range(400)], **partner)
    places = np.array([(arrival.tip.x, arrival.tip.y) for arrival in log.dissemination.arrivals])
    assert len(places) == 400
    assert {round(arrival.error_nmi, 9) for arrival in log.dissemination.arrivals} == {5.0}
    for axis in places.T:
        assert abs(axis.mean()) < 4.0 * 4.0 / math.sqrt(400)
        assert abs(axis.var() - 16.0) < 4.0 * 16.0 * math.sqrt(2.0 / 400)
    assert {arrival.path for arrival in log.dissemination.arrivals} == {("japan", "canada")}
