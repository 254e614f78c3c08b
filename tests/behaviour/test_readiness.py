"""When a sortie takes off: rested crews, hours of the airframe, the way home from an alternate, minima of weather."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import simulate
from sim.deployment.schedule import Readiness
from tests.helpers import events, plan_of

NOBODY = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0}
KANOYA = {"position": [130.84, 31.37]}
DAY_H = 24.0


@st.composite
def flights(draw):
    """Flights of one aircraft, one after the other."""
    found, now = [], draw(st.floats(0.0, 10.0))
    for _ in range(draw(st.integers(1, 6))):
        landing = now + draw(st.floats(0.5, 10.0))
        found.append((now, landing))
        now = landing + draw(st.floats(0.1, 20.0))
    return found


def ready_after(flown):
    return Readiness(-math.inf, [], flown)


def hours_within(flown, begin, end):
    """Hours in the air between two hours."""
    return sum(max(0.0, min(landing, end) - max(takeoff, begin)) for takeoff, landing in flown)


# ---------------------------------------------------------------------------------------------------- the airframe
@given(flights(), st.floats(0.0, 60.0))
@settings(max_examples=40, deadline=None)
def test_a_flight_counts_only_by_its_part_within_the_last_24_hours(flown, wait):
    when = flown[-1][1] + wait
    assert ready_after(flown).flown_before(when) == pytest.approx(hours_within(flown, when - DAY_H, when))


@given(flights(), st.floats(0.5, 12.0))
@settings(max_examples=40, deadline=None)
def test_an_airframe_is_rested_from_the_first_hour_at_which_it_has_flown_little_enough(flown, most):
    landed = flown[-1][1]
    from_then = ready_after(flown).airframe_ready_h(most)
    when = max(landed, from_then)
    assert hours_within(flown, when - DAY_H, when) <= most + 1e-9
    if from_then > landed:  # a little before it had flown too much
        assert hours_within(flown, when - 0.01 - DAY_H, when - 0.01) > most - 1e-9


def test_an_airframe_that_has_not_flown_is_rested():
    assert ready_after([]).airframe_ready_h(1.0) == -math.inf
    assert ready_after([]).flown_before(100.0) == 0.0


# ---------------------------------------------------------------------------------------------------- crews
@pytest.mark.parametrize(("crews", "flown"), [(1, [0, 2, 4]), (2, [0, 1, 2, 3, 4, 5])])
def test_a_sortie_waits_for_the_crew_that_is_rested_first(crews, flown):
    """A crew lands 9 h after take-off and rests for 30 h: one flies every other day, two fly by turns every day."""
    rest = {"patrols.aurora.crews": crews, "patrols.aurora.crew_rest_h": 30.0, "patrols.aurora.max_delay_h": 0.0}
    log = simulate(plan_of(**NOBODY, **rest, duration_days=6))
    assert [sortie.number for sortie in log.sorties] == flown
    assert {event.detail for event in events(log, "cancelled")} <= {"crew not rested"}
    assert len(events(log, "cancelled")) == 6 - len(flown)


# ---------------------------------------------------------------------------------------------------- the alternate
def test_an_aircraft_that_landed_elsewhere_is_flown_home_before_its_turn_round_counts():
    """It lands at Kanoya, which is nearer to its route, and is due again all the time."""
    near = {"pattern": "barrier", "line": [[129.2, 31.3], [130.2, 31.3]], "finished": "return"}
    sets = {
        "bases.kanoya": KANOYA,
        "patrols.aurora.alternates": ["kanoya"],
        "patrols.aurora.lands": "nearest",
        "patrols.aurora.every_h": 8.0,
        "patrols.aurora.max_delay_h": 8.0,
        "patrols.aurora.first_takeoff_h": 0.0,
        "routes.search": near,
        "aircraft.cp140.turn_round_h": 7.5,
    }
    plan = plan_of(**NOBODY, **sets, duration_days=3)
    log = simulate(plan)
    assert {event.detail for event in events(log, "landed")} == {"kanoya"}
    patrol = plan.patrols[0]
    ferry = math.dist(patrol.bases[0], patrol.bases[1]) / patrol.aircraft.transit_speed_kn
    assert 0.9 < ferry < 1.1  # some 340 nmi at 350 kn
    waits = [after.takeoff_h - before.landing_h for before, after in zip(log.sorties, log.sorties[1:], strict=False)]
    assert len(waits) >= 3
    assert min(waits) == pytest.approx(7.5 + ferry)


# ---------------------------------------------------------------------------------------------------- minima
@pytest.mark.parametrize(("visibility", "wind", "flies"), [(5.0, 30.0, True), (4.999, 30.0, False), (5.0, 30.1, False)])
def test_weather_exactly_at_the_minima_is_good_enough(visibility, wind, flies):
    state = {"dwell_h": 500.0, "visibility_nmi": visibility, "wind_kn": wind, "wind_from_deg": 200.0}
    sets = {
        "aircraft.cp140.minima": {"visibility_nmi": 5.0, "wind_kn": 30.0},
        "environment.processes.weather": {"only": state, "same": state},
        "duration_days": 3,
    }
    log = simulate(plan_of(**NOBODY, **sets))
    assert len(log.sorties) == (3 if flies else 0)
    assert {event.detail for event in events(log, "cancelled")} == (set() if flies else {"below minima"})
