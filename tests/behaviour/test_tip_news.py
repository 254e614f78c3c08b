"""News in flight: a flight called back is the one that knew of the news; news that nobody acts on changes none."""

import numpy as np
import pytest

from sim.deployment import conditions
from sim.deployment.changes import Change
from sim.deployment.engine import simulate
from sim.deployment.flight import Flight
from sim.deployment.world import prepare
from tests.behaviour.tip_scenarios import FOLLOWED, MANY, NEAR, WATCHED, scenario

BOX = {"polygon": [[125.2, 28.2], [126.2, 28.2], [126.2, 28.9], [125.2, 28.9]]}

WINDS = {
    "northerly": {"dwell_h": 1.5, "wind_kn": 45.0, "wind_from_deg": 10.0},
    "southerly": {"dwell_h": 1.5, "wind_kn": 50.0, "wind_from_deg": 190.0},
}

WEATHER = {
    "fair": {"dwell_h": 2.0, "sea_state": 3, "visibility_nmi": 15.0, "wind_kn": 12.0, "wind_from_deg": 200.0},
    "foul": {"dwell_h": 1.0, "sea_state": 6, "visibility_nmi": 3.0, "wind_kn": 32.0, "wind_from_deg": 340.0},
}

CONDITIONS = {
    "neon-spring": {"duration_days": 6.1},
    "winds, zones": {"environment.processes.wind": WINDS, "zones.z": BOX, "patrols.aurora.every_h": 11.0},
    "neon-crew": {"environment.processes.weather": WEATHER, "duration_days": 6.3},
    "neon-crew, disturbed": {
        "environment.processes.weather": WEATHER,
        "intercepts.fighters.per_100_h": 30.0,
        "aircraft.cp140.aborts_per_100_h": 6.0,
        "bases.kadena.closed": {"mean_open_h": 5.0, "mean_closed_h": 3.0},
        "zones.z": BOX,
        "patrols.aurora.lands": "nearest",
        "patrols.aurora.every_h": 12.0,
        "duration_days": 6.3,
    },
}


def assert_same_flights(first, second):
    """Events, legs and totals are the same, but for the rounding of a leg that is searched in other pieces."""
    assert [event[1:5] + event[7:] for event in first.events] == [event[1:5] + event[7:] for event in second.events]
    numbers = [np.array([(event.time_h, event.x, event.y) for event in log.events]) for log in (first, second)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.0, abs=1e-9)
    assert len(first.sorties) == len(second.sorties)
    for one, other in zip(first.sorties, second.sorties, strict=True):
        assert one.flown == pytest.approx(other.flown, rel=0.0, abs=1e-9)
        assert one.detected_h == pytest.approx(other.detected_h, rel=0.0, abs=1e-9)
        assert [each[1:] for each in one.investigations] == [each[1:] for each in other.investigations]
        assert [flight.documented for flight in one.tip_flights] == [flight.documented for flight in other.tip_flights]
        assert (one.never_looked_at, one.progress) == (other.never_looked_at, other.progress)
    assert np.array_equal(first.came_in_range, second.came_in_range)
    assert first.totals() == pytest.approx(second.totals(), rel=1e-9, nan_ok=True)
    assert first.reasons == second.reasons


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_flight_called_back_by_news_is_the_one_that_knew_when_it_would_come(case, monkeypatch):
    """The second time each flight knows from take-off when news will call it back, and is never undone."""
    name = "neon-crew" if "crew" in case else "neon-spring"
    plan = prepare(scenario(name, FOLLOWED, MANY, CONDITIONS[case], NEAR if "crew" in case else {}))
    call_back, changes_of = Flight.call_back, conditions.changes_during_flight
    news: dict[tuple[str, int], list[Change]] = {}
    undone, called_back, followed = [], 0, 0

    def call_back_and_note(flight, coming):
        news.setdefault((flight.plan.name, flight.slot), []).append(coming)
        call_back(flight, coming)

    def changes_and_news(patrol, inbox, slot, takeoff_h):
        return sorted([*changes_of(patrol, inbox, slot, takeoff_h), *news.get((patrol.name, slot), [])], reverse=True)

    for replication in range(3):
        news.clear()
        with monkeypatch.context() as patch:
            patch.setattr(Flight, "call_back", call_back_and_note)
            log = simulate(plan, 1, replication)
        with monkeypatch.context() as patch:
            patch.setattr(conditions, "changes_during_flight", changes_and_news)
            patch.setattr(Flight, "call_back", lambda *_: undone.append(case))
            assert_same_flights(log, simulate(plan, 1, replication))
        called_back += sum(map(len, news.values()))
        followed += log.totals()["tips_followed"]
    assert not undone
    assert called_back >= 10
    assert followed > 5


# Tips that nobody flies, since none is certain: each still calls back the crews that are in the air as it comes.
UNCERTAIN = {
    "patrols.aurora.tips": {"least_chance": 1.0},
    **{f"observers.{name}.credibility": 0.9 for name in ("desk", "satellite", "source")},
    "nations.canada.cell": {"fused_within": 0.0},
}
NO_DETOURS = {"aircraft.cp140.identification.max_detour_nmi": 0.001}


def places(sortie, hours):
    """Where an aircraft was at some hours of its flight, (n, 2)."""
    legs = sortie.flown
    row = np.clip(np.searchsorted(legs[:, 0], hours, side="right") - 1, 0, len(legs) - 1)
    share = np.clip((hours - legs[row, 0]) / (legs[row, 1] - legs[row, 0]), 0.0, 1.0)[:, None]
    return legs[row, 2:4] + share * (legs[row, 4:6] - legs[row, 2:4])


@pytest.mark.parametrize("case", ["neon-spring", "winds, zones"])
def test_news_that_no_crew_acts_on_changes_no_flight(case):
    """Contacts are detected on the way, and the crews fly to none: news may delay the next of several visits."""
    name, sets = "neon-crew" if "crew" in case else "neon-spring", [MANY, CONDITIONS[case], NO_DETOURS]
    deaf, following = (prepare(scenario(name, tips, *sets)) for tips in (WATCHED, {**FOLLOWED, **UNCERTAIN}))
    called_back, detected = 0, 0
    for replication in range(2):
        before, after = simulate(deaf, 1, replication), simulate(following, 1, replication)
        assert after.totals()["tips_followed"] == 0
        assert [event[1:5] for event in after.events] == [event[1:5] for event in before.events]
        times = [[event.time_h for event in log.events] for log in (before, after)]
        assert times[1] == pytest.approx(times[0], abs=1e-7)
        detected += sum(event.event == "detected" for event in after.events)
        assert after.reasons == before.reasons
        assert np.array_equal(after.came_in_range, before.came_in_range)
        assert len(after.sorties) == len(before.sorties)
        for first, second in zip(before.sorties, after.sorties, strict=True):
            assert (second.takeoff_h, second.landing_h) == pytest.approx((first.takeoff_h, first.landing_h), abs=1e-7)
            assert (second.never_looked_at, second.progress) == (first.never_looked_at, first.progress)
            assert [visit[1:] for visit in second.investigations] == [visit[1:] for visit in first.investigations]
            hours = np.linspace(first.takeoff_h, first.landing_h, 400)
            assert places(second, hours) == pytest.approx(places(first, hours), abs=1e-5)
            news = [arrival.arrived_h for arrival in after.dissemination.arrivals]
            called_back += sum(first.takeoff_h < hour < first.landing_h for hour in news)
    assert called_back > 10
    assert detected > 20
