"""What changes during a flight, and which laws its sensors then have: by hand for one take-off."""

import numpy as np
import pytest

from sim import load_scenario
from sim.deployment.bases import Openings
from sim.deployment.changes import Change, changes_during_flight
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import law_rows
from sim.deployment.world import prepare, realise

SERIES = {"time_h": [0.0, 24.0, 26.0], "sea_state": [1, 6, 1]}
FACTOR = [1.0, 1.0, 1.0, 0.9, 0.8, 0.6, 0.4, 0.3, 0.2, 0.1]
ROUGH = {"environment.series": SERIES, "sensors.radar.sea_state_factor": FACTOR}


def flight_of(openings=None, **sets):
    """The plan of the patrol of neon-spring, and the inbox of its first replication."""
    plan = prepare(load_scenario("neon-spring", {"background.merchant.present": 0.0, **sets}))
    world = realise(plan, 1, 0)
    nobody, end_h = np.zeros(world.targets.vessels.size, bool), plan.scenario.duration_h
    report = list[object]().extend
    return plan.patrols[0], Inbox(
        world.key, world.targets, 0, report, world.weather, np.zeros((1, 3)), openings or {}, end_h, nobody
    )


def test_a_flight_that_nothing_disturbs_changes_only_at_the_end_of_the_deployment():
    plan, inbox = flight_of(duration_days=2)
    assert changes_during_flight(plan, inbox, 0, 21.0) == []
    assert changes_during_flight(plan, inbox, 1, 45.0) == [Change(48.0, "end")]


def test_changes_come_in_order_and_only_those_of_the_flight():
    eyes = {"sensors.eyes": {"kind": "visual", "fatigue_after_h": 3.0}, "aircraft.cp140.sensors": ["radar", "eyes"]}
    openings = {"kadena": Openings([2.0, 22.0, 23.5, 90.0], open_at_first=True)}
    plan, inbox = flight_of(openings, **ROUGH, **eyes, duration_days=3)
    found = changes_during_flight(plan, inbox, 0, 21.0)
    assert found == sorted(found, reverse=True)
    assert {change.hour for change in found if change.what == "base"} == {22.0, 23.5}
    assert {change.hour for change in found if change.what == "weather"} == {24.0, 26.0}
    assert [change.hour for change in found if change.what == "fatigue"] == [24.0]
    assert all(21.0 < change.hour < 32.5 for change in found)


@pytest.mark.parametrize("slot", [0, 1])
def test_faults_and_interceptors_are_the_same_whatever_else_changes(slot):
    often = {"aircraft.cp140.aborts_per_100_h": 40.0, "intercepts.fighters": {"per_100_h": 60.0, "time_h": 0.2}}
    sudden = []
    for sets in (often, {**often, **ROUGH, "routes.search.spacing_nmi": 10.0}):
        plan, inbox = flight_of(**sets)
        found = changes_during_flight(plan, inbox, slot, 21.0 + 24.0 * slot)
        sudden.append([change for change in found if change.what in ("abort", "intercept")])
    assert sudden[0] == sudden[1]
    assert {change[1:] for change in sudden[0]} == {("abort", -1), ("intercept", 0)}


def test_a_law_set_is_made_once_for_each_sea_and_the_legs_name_its_first_row():
    plan, inbox = flight_of(**ROUGH)
    hours = np.array([21.5, 23.9, 24.0, 25.9, 26.0, 29.0])
    rows = law_rows(plan, hours, 21.0, inbox.weather)
    performance = plan.sensor_performance
    assert len(performance.law_sets) == 2  # a calm sea and a rough one; the calm one is met again
    size = len(performance.law_sets[0])
    assert rows.tolist() == [0, 0, size, size, 0, 0]
    assert np.all(performance.farthest_nmi[1] < performance.farthest_nmi[0])
    assert performance.farthest_nmi[1] == pytest.approx(0.4 * performance.farthest_nmi[0])


def test_conditions_on_which_no_sensor_depends_make_no_law_set():
    plan, inbox = flight_of(**{"environment.series": SERIES})
    rows = law_rows(plan, np.array([21.5, 24.5, 29.0]), 21.0, inbox.weather)
    assert rows.tolist() == [0, 0, 0]
    assert len(plan.sensor_performance.law_sets) == 1
