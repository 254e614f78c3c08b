"""A flight that news calls back: it is flown again as far as the news, and knows nothing of what it undid."""

import math

import numpy as np
import pytest

from sim import load_scenario
from sim.core.codes import BINGO, CATCH_UP, CHANGE, IN_STEP, MET, SEARCH, SEEN, SETTLE, WAITING, WORTHWHILE
from sim.deployment import flight_state
from sim.deployment.changes import Change
from sim.deployment.flight import Crew, Flight
from sim.deployment.inbox import Inbox
from sim.deployment.world import prepare, realise


def flight_of(takeoff_h=21.0, **sets):
    """A flight just after take-off over the ships of neon-spring, and what it has reported so far.

    It may be called back, and searches without investigating anything.
    """
    plan, reports = prepare(load_scenario("neon-spring", {"background.merchant.suspicious_share": 0.2, **sets})), []
    world = realise(plan, 3, 0)
    in_range, end_h = np.zeros(world.targets.vessels.size, bool), plan.scenario.duration_h
    pairs, still_air = world.transfers.begin.size, np.zeros((1, 3))
    inbox = Inbox(world.key, world.targets, pairs, reports.extend, world.weather, still_air, {}, end_h, in_range)
    patrol = plan.patrols[0]
    flight = Flight(Crew(patrol, inbox, IN_STEP), 0, takeoff_h, math.inf)
    flight.set_legs(patrol.chains[0][patrol.routes[0].nearest_pass(patrol.base)])
    flight.state.watches_fuel = flight.state.may_be_undone = True
    return flight, reports


def fly_ahead(flight):
    """Fly to the end of the search, ahead of everybody else, and leave it open whether that will stand."""
    assert flight.fly() == CATCH_UP
    assert flight.state.task == SETTLE


def settle(flight):
    """Say that everybody else has got as far as the flight; why it ended."""
    flight.caught_up_h = flight.state.hour
    return flight.fly()


def flown(flight):
    return flight.state.flown[: flight.state.rows].copy()


def detections(flight):
    return flight.state.detections[: flight.state.found].copy()


def test_a_flight_that_was_undone_is_flown_again_bit_for_bit():
    once, _ = flight_of()
    fly_ahead(once)
    again, reports = flight_of()
    fly_ahead(again)
    again.call_back(Change(math.inf, "tip"))
    again.caught_up_h, state = 21.0, again.state
    assert (state.hour, state.place, state.rows, state.found) == (21.0, again.plan.base, 0, 0)
    fly_ahead(again)
    assert not reports
    assert np.array_equal(flown(again), flown(once))
    assert np.array_equal(detections(again), detections(once))
    assert len(detections(once)) > 30
    assert np.array_equal(state.marks[[SEEN, MET]], once.state.marks[[SEEN, MET]])
    assert settle(again) == BINGO
    assert len(reports) == state.found


@pytest.mark.parametrize("first_rows", [1, 256])
@pytest.mark.parametrize("news_h", [21.3, 23.0, 26.5])
def test_a_flight_called_back_stops_at_the_hour_of_the_news_and_knows_nothing_later(news_h, first_rows, monkeypatch):
    monkeypatch.setattr(flight_state, "FIRST_ROWS", first_rows)  # where there is no room for a leg, more is made
    flight, reports = flight_of()
    fly_ahead(flight)
    whole, found = flown(flight), detections(flight)
    flight.call_back(Change(news_h, "tip"))
    assert flight.fly() == CHANGE
    assert flight.state.hour == news_h
    assert [change.what for change in flight.pending] == ["tip"]
    assert flown(flight)[:-1] == pytest.approx(whole[: flight.state.rows - 1])
    early = found[found[:, 0] < news_h - 1e-9]
    assert detections(flight) == pytest.approx(early)
    assert [event[0] for event in reports] == pytest.approx(early[:, 0])
    assert {event[1] for event in reports} <= {"detected"}


def test_detections_are_reported_where_the_aircraft_was_and_once_each():
    flight, reports = flight_of()
    fly_ahead(flight)
    settle(flight)
    state = flight.state
    assert len(reports) == state.found == len({event[4] for event in reports}) > 30
    for hour, _, patrol, slot, _, x, y, sensor in reports:
        assert (patrol, slot, sensor) == ("aurora", 0, "radar")
        assert state.place_at(hour) == (x, y)
    assert state.waiting == state.marks[WAITING].sum() == state.marks[WORTHWHILE].sum() == len(reports)  # all look odd
    assert set(flown(flight)[1:, 6]) == {SEARCH}


def test_news_at_the_hour_of_the_decision_leaves_the_leg_as_it_was_flown_until_then():
    """A flight that a change has stopped within a leg sets out again, and is called back at once."""
    flight, _ = flight_of()
    flight.conditions.expect(Change(24.0, "base"))
    flight.state.next_change_h = 24.0
    flight.caught_up_h = 24.0
    assert flight.fly() == CHANGE
    before = flown(flight)
    fly_ahead(flight)
    assert len(flown(flight)) > len(before)
    flight.call_back(Change(24.0, "tip"))
    assert flight.fly() == CHANGE
    assert np.array_equal(flown(flight), before)
    assert [change.what for change in flight.pending] == ["base", "tip"]


def test_a_flight_called_back_from_the_night_sees_by_day_again():
    """A camera that is blind by night: what it detects by day is found again after the flight was undone."""
    law = {"kind": "definite_range", "range_nmi": 20.0, "probability": 1.0}
    camera = {"sensors.eyes": {"kind": "eo_ir", "law": law, "night_factor": 0.0}, "aircraft.cp140.sensors": ["eyes"]}
    flight, reports = flight_of(takeoff_h=30.0, **camera)
    (dusk,) = [hour for hour in flight.plan.light.changes if 30.0 < hour < 38.0]
    fly_ahead(flight)
    found = detections(flight)
    assert flight.state.hour == dusk  # a change of conditions waits until nobody can call the flight back
    flight.call_back(Change(dusk - 0.5, "tip"))
    assert flight.fly() == CHANGE
    assert flight.state.hour == dusk - 0.5
    early = found[found[:, 0] < dusk - 0.5]
    assert len(early) > 10
    assert detections(flight) == pytest.approx(early)
    assert all(event[0] < dusk for event in reports)
    fly_ahead(flight)
    settle(flight)
    assert flight.state.hour == dusk
    again = detections(flight)  # on each stretch in the order of the ships
    assert again[again[:, 0].argsort()] == pytest.approx(found[found[:, 0].argsort()])


def test_a_flight_that_lasts_longer_than_foreseen_searches_on(monkeypatch):
    """What moves after the hour up to which segments are kept at hand is taken up then."""
    whole, _ = flight_of()
    fly_ahead(whole)
    monkeypatch.setattr("sim.deployment.flight.latest_end_h", lambda _, takeoff_h: takeoff_h + 2.0)
    flight, _ = flight_of()
    flight.state.may_be_undone = False
    assert flight.fly() == BINGO
    assert flight.searched_until_h == 47.0
    found, expected = detections(flight), detections(whole)
    assert found[found[:, 0].argsort()] == pytest.approx(expected[expected[:, 0].argsort()])
