"""What happens after the end of a deployment is not observed, and what is under way then counts up to the end."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import load_scenario, simulate
from sim.deployment.sorties import legs_before
from sim.deployment.world import prepare
from tests.helpers import events, legs_along

SORTIES = {"transfers.fuel.per_month": 100.0, "transfers.fuel.duration_h": 20.0}
TIPPED = {
    **SORTIES,
    "nations.canada": {},
    "patrols.aurora.nation": "canada",
    "patrols.aurora.tips": {"least_chance": 0.01},
    "observers.desk": {
        "kind": "ais_desk", "nation": "canada", "probability": 1.0, "dark_probability": 1.0,
        "position_error_nmi": 4.0, "delay_h": 0.5, "false_per_month": 150.0,
    },
}  # fmt: skip


def ending_at(hour, sets):
    """Neon-spring that ends at an hour."""
    return simulate(prepare(load_scenario("neon-spring", {**sets, "duration_days": hour / 24.0})))


@given(st.lists(st.tuples(st.floats(-90, 90), st.floats(-90, 90)), min_size=3, max_size=6), st.floats(0.05, 0.95))
@settings(max_examples=25, deadline=None)
def test_legs_up_to_an_hour_end_there_and_then(points, share):
    places = np.array(points) + np.arange(len(points))[:, None] * 200.0  # apart from one another
    legs = legs_along(places, 200.0, 3.0)
    end = 3.0 + share * (legs[-1, 1] - 3.0)
    cut = legs_before(legs, end)
    assert cut[-1, 1] == end
    assert np.array_equal(cut[:-1], legs[: len(cut) - 1])
    flown = np.hypot(cut[:, 4] - cut[:, 2], cut[:, 5] - cut[:, 3]).sum()
    assert flown == pytest.approx(200.0 * (end - 3.0))
    assert np.array_equal(legs_before(legs, legs[-1, 1] + 1.0), legs)


def test_a_shorter_deployment_is_the_beginning_of_a_longer_one():
    whole = ending_at(96.0, SORTIES)
    cut = ending_at(71.5, SORTIES)

    def named(log):
        labels = log.world.targets.labels  # ships that come later have numbers among the others
        return [event._replace(vessel=labels[event.vessel] if event.vessel >= 0 else "") for event in log.events]

    assert [event for event in named(whole) if event.time_h < 71.5] == named(cut)
    assert 10 < len(cut.events) < len(whole.events)
    assert cut.totals()["detected"] <= whole.totals()["detected"]


def test_hours_in_the_air_at_the_end_count_up_to_it():
    whole = ending_at(96.0, SORTIES)
    last = whole.sorties[2]
    middle = (last.takeoff_h + last.landing_h) / 2.0
    cut = ending_at(middle, SORTIES)
    full = [sortie.landing_h - sortie.takeoff_h for sortie in whole.sorties[:2]]
    assert cut.totals()["sorties"] == 3
    assert cut.totals()["flight_hours"] == pytest.approx(sum(full) + middle - last.takeoff_h)
    assert len(events(cut, "landed")) == 2


def test_a_flight_for_a_tip_counts_up_to_the_end_and_only_if_it_has_begun():
    whole = ending_at(96.0, TIPPED)
    flights = [flight for sortie in whole.sorties for flight in sortie.tip_flights]
    # One for which the crew leaves from another tip: its own had come before, and would be followed after the end too.
    ends = [flight.end_h for flight in flights]
    number = next(k for k, flight in enumerate(flights) if k > 0 and flight.begin_h == ends[k - 1])
    last = flights[number]
    before = sum(flight.end_h - flight.begin_h for flight in flights[:number])
    under_way = ending_at((last.begin_h + last.end_h) / 2.0, TIPPED).totals()
    assert under_way["tips_followed"] == number + 1
    assert under_way["tip_hours"] == pytest.approx(before + (last.end_h - last.begin_h) / 2.0)
    not_begun = ending_at(last.begin_h - 0.01, TIPPED).totals()
    assert not_begun["tips_followed"] == number
    assert not_begun["tip_hours"] == pytest.approx(before - 0.01)


def test_a_transfer_under_way_at_hour_0_is_met_and_not_counted():
    log = ending_at(48.0, {"transfers.fuel.per_month": 60.0, "transfers.fuel.duration_h": 200.0})
    table, totals = log.world.transfers, log.totals()
    met = {event.vessel for event in events(log, "detected") if event.vessel < table.begin.size}
    before = {target for target in met if table.begin[target] < 0.0}
    assert len(before) > 3
    assert totals["detected"] == len(met - before)
    assert totals["transfers"] == int((table.begin >= 0.0).sum())
    imagery = {event.vessel: event.time_h for event in reversed(events(log, "documented"))}  # the first of each
    counted = [hour for vessel, hour in imagery.items() if table.begin[vessel] >= 0.0]
    assert min(imagery.values()) < min(counted, default=48.0)
    assert log.first_documented_h() == min(counted, default=None)
