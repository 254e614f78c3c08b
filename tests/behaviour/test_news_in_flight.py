"""A flight that news calls back: it is flown again as far as the news, and knows nothing of what it undid."""

import math

import numpy as np
import pytest
from sim.deployment.detection import DetectionState

from sim import load_scenario
from sim.core.codes import CHANGE, SEARCH
from sim.deployment.flight import Flight
from sim.deployment.inbox import Inbox
from sim.deployment.world import prepare, realise


def flight_of(takeoff_h=21.0, **sets):
    """A flight just after take-off over the ships of neon-spring, and what it has reported so far."""
    plan, reports = prepare(load_scenario("neon-spring", {"background.merchant.suspicious_share": 0.2, **sets})), []
    world = realise(plan, 3, 0)
    in_range, end_h = np.zeros(world.targets.vessels.size, bool), plan.scenario.duration_h
    pairs, report = world.transfers.begin.size, lambda *event: reports.append(event)
    still_air = np.zeros((1, 3))
    inbox = Inbox(world.key, world.targets, pairs, report, world.weather, still_air, {}, end_h, in_range)
    patrol = plan.patrols[0]
    flight = Flight(patrol, inbox, DetectionState(patrol, in_range), 0, takeoff_h, math.inf)
    flight.set_legs(patrol.chains[0][patrol.routes[0].nearest_pass(patrol.base)].copy())
    return flight, reports


def flown(flight):
    return flight.detection.flown[: flight.flown_count].copy()


def detections(flight):
    return flight.detection.detections[: flight.detection_count].copy()


def test_a_flight_that_was_undone_is_flown_again_bit_for_bit():
    once, _ = flight_of()
    once.fly_without_reporting(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    again, _ = flight_of()
    checkpoint = again.checkpoint()
    again.fly_without_reporting(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    again.restore_checkpoint(checkpoint, news_h=math.inf)
    assert (again.now, again.place, again.flown_count, again.detection_count) == (21.0, again.plan.base, 0, 0)
    again.fly_without_reporting(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    assert np.array_equal(flown(again), flown(once))
    assert np.array_equal(detections(again), detections(once))
    assert len(detections(once)) > 30
    assert np.array_equal(again.detection.flags, once.detection.flags)


@pytest.mark.parametrize("news_h", [21.3, 23.0, 26.5])
def test_a_flight_called_back_stops_at_the_hour_of_the_news_and_knows_nothing_later(news_h):
    flight, reports = flight_of()
    checkpoint = flight.checkpoint()
    flight.fly_without_reporting(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    whole, found = flown(flight), detections(flight)
    flight.restore_checkpoint(checkpoint, news_h)
    assert flight.fly(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True) == CHANGE
    assert flight.now == news_h
    assert flight.pending_decisions == ["tip"]
    assert flown(flight)[:-1] == pytest.approx(whole[: flight.flown_count - 1])
    early = found[found[:, 0] < news_h - 1e-9]
    assert detections(flight) == pytest.approx(early)
    assert [event[0] for event in reports] == pytest.approx(early[:, 0])
    assert {event[1] for event in reports} <= {"detected"}


def test_detections_are_reported_where_the_aircraft_was_and_once_each():
    flight, reports = flight_of()
    flight.fly(stop_at_contacts=False, watch_fuel=True)
    assert len(reports) == flight.detection_count == len({event[4] for event in reports}) > 30
    for hour, _, patrol, slot, _, x, y, sensor in reports:
        assert (patrol, slot, sensor) == ("aurora", 0, "radar")
        assert flight.place_at(hour) == (x, y)
    assert len(flight.contacts.waiting) == len(flight.contacts.worthwhile) == len(reports)  # all look odd
    assert set(flown(flight)[1:, 6]) == {SEARCH}


def test_news_at_the_hour_of_the_decision_leaves_the_leg_as_it_was_flown_until_then():
    flight, _ = flight_of()
    flight.fly(stop_at_contacts=True, watch_fuel=True)
    before, checkpoint = flown(flight), flight.checkpoint()
    assert flight.now < 29.0
    flight.fly_without_reporting(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    flight.restore_checkpoint(checkpoint, news_h=float(checkpoint.state[0]))
    assert flight.fly(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True) == CHANGE
    assert np.array_equal(flown(flight), before)


def test_a_flight_called_back_from_the_night_sees_by_day_again():
    """A camera that is blind by night: what it detects by day is found again after the flight was undone."""
    law = {"kind": "definite_range", "range_nmi": 20.0, "probability": 1.0}
    camera = {"sensors.eyes": {"kind": "eo_ir", "law": law, "night_factor": 0.0}, "aircraft.cp140.sensors": ["eyes"]}
    flight, reports = flight_of(takeoff_h=30.0, **camera)
    (dusk,) = [hour for hour in flight.plan.light.changes if 30.0 < hour < 38.0]
    checkpoint = flight.checkpoint()
    flight.fly_without_reporting(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    found = detections(flight)
    assert flight.now > dusk + 1.0
    flight.restore_checkpoint(checkpoint, news_h=dusk - 0.5)
    flight.fly(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    assert flight.now == dusk - 0.5
    early = found[found[:, 0] < dusk - 0.5]
    assert len(early) > 10
    assert detections(flight) == pytest.approx(early)
    assert all(event[0] < dusk for event in reports)
