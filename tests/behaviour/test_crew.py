"""What the crew does: takes off, searches, diverts, comes back, goes home in time, resumes."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim import load_scenario, simulate
from sim.core.codes import DIVERT, IDENTIFY, REJOIN, RETURN, SEARCH, TRANSIT
from sim.deployment import flight_state
from sim.deployment.sorties import hours_at_work
from sim.deployment.world import prepare
from tests.helpers import events

QUIET = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0, "duration_days": 3}


def quiet(**sets):
    return simulate(load_scenario("neon-spring", {**QUIET, **sets}))


def test_a_sortie_takes_off_on_time_and_lands_with_its_reserve():
    log = quiet()
    assert [s.takeoff_h for s in log.sorties] == [21.0, 45.0, 69.0]
    assert [s.landing_h - s.takeoff_h for s in log.sorties] == pytest.approx([9.0] * 3, abs=1e-6)


def test_legs_join_in_time_and_place_from_base_to_base():
    log = simulate(load_scenario("neon-spring", {"duration_days": 5}))
    base = log.plan.patrols[0].base
    assert len(log.sorties) == 5
    for sortie in log.sorties:
        assert np.array_equal(sortie.flown[1:, 0], sortie.flown[:-1, 1])
        assert np.array_equal(sortie.flown[1:, 2:4], sortie.flown[:-1, 4:6])
        assert sortie.flown[0, 2:4] == pytest.approx(base)
        assert sortie.flown[-1, 4:6] == pytest.approx(base)


def test_events_are_where_the_aircraft_was_when_they_happened():
    log = simulate(load_scenario("neon-spring", {"duration_days": 4}), 1, 0)
    flights = {(s.patrol, s.number): s.flown for s in log.sorties}
    seen = set()
    for event in log.events:
        if (event.patrol, event.sortie) not in flights:
            continue
        flown = flights[event.patrol, event.sortie]
        row = flown[np.clip(np.searchsorted(flown[:, 0], event.time_h, side="right") - 1, 0, len(flown) - 1)]
        share = (event.time_h - row[0]) / (row[1] - row[0])
        assert row[2:4] + share * (row[4:6] - row[2:4]) == pytest.approx([event.x, event.y], abs=1e-6), event
        seen.add(event.event)
    assert {"takeoff", "detected", "diverted", "classified", "bingo", "landed"} <= seen


@pytest.mark.parametrize("name", ["neon-crew", "agreements-2026"])
def test_a_crew_that_often_runs_out_of_room_for_events_flies_as_one_with_room(name, monkeypatch):
    plan = prepare(load_scenario(name, {"duration_days": 6}))
    expected = simulate(plan).events
    monkeypatch.setattr(flight_state, "EVENT_ROOM", 8)  # as many as one task may write down
    assert simulate(plan).events == expected
    assert sum(event.event == "diverted" for event in expected) > 20


def test_phases_are_flown_at_their_speeds():
    log = simulate(load_scenario("neon-spring", {"duration_days": 3}))
    flown = np.vstack([s.flown for s in log.sorties])
    speed = np.hypot(flown[:, 4] - flown[:, 2], flown[:, 5] - flown[:, 3]) / (flown[:, 1] - flown[:, 0])
    for phase, expected in ((TRANSIT, 350.0), (SEARCH, 210.0), (DIVERT, 350.0), (REJOIN, 350.0), (RETURN, 350.0)):
        assert speed[flown[:, 6] == phase] == pytest.approx(expected, rel=1e-6)
    assert np.all(speed[flown[:, 6] == IDENTIFY] < 14.5)  # beside a ship


def test_an_unfinished_pass_is_resumed_where_it_was_left():
    one, two, _ = quiet().sorties
    left = one.flown[one.flown[:, 6] == SEARCH][-1, 4:6]
    taken_up = two.flown[two.flown[:, 6] == SEARCH][0, 2:4]
    assert taken_up == pytest.approx(left)


def test_an_unfinished_pass_is_flown_anew_if_the_route_says_restart():
    sorties = quiet(**{"routes.search.unfinished": "restart"}).sorties
    assert sorties[0].flown[:, 2:7] == pytest.approx(sorties[1].flown[:, 2:7], abs=1e-6)


def test_a_finished_pass_sends_the_crew_home_if_the_route_says_return():
    line = {"pattern": "barrier", "line": [[126.0, 27.5], [127.0, 27.5]]}
    home, again = (quiet(**{"routes.search": {**line, "finished": how}}).sorties[0] for how in ("return", "repeat"))
    assert home.landing_h - home.takeoff_h < 2.0
    assert again.landing_h - again.takeoff_h == pytest.approx(9.0, abs=1e-6)
    assert (home.flown[:, 6] == SEARCH).sum() == 2


def test_routes_are_flown_in_turn():
    north = {"pattern": "barrier", "line": [[123.5, 31.0], [126.8, 31.0]]}
    log = quiet(**{"routes.north": north, "patrols.aurora.routes": ["search", "north"]})
    assert [e.detail for e in events(log, "takeoff")] == ["search", "north", "search"]


def test_an_aircraft_that_is_not_ready_in_time_loses_the_sortie_and_later_slots_stay():
    log = quiet(**{"patrols.aurora.every_h": 8.0, "patrols.aurora.max_delay_h": 6.0})
    assert [s.takeoff_h for s in log.sorties] == pytest.approx([21.0, 34.0, 47.0, 61.0], abs=1e-5)  # 9 h and 4 h each
    assert [e.time_h for e in events(log, "cancelled")] == [37.0, 53.0]
    assert log.totals()["cancelled_sorties"] == 2


def test_a_crew_that_does_not_identify_never_leaves_its_route():
    source = load_scenario("neon-spring", {"duration_days": 3})
    aircraft = source.aircraft["cp140"].model_copy(update={"identification": None})
    log = simulate(source.model_copy(update={"aircraft": {"cp140": aircraft}}))
    phases = {int(code) for s in log.sorties for code in s.flown[:, 6]}
    assert phases == {TRANSIT, SEARCH, RETURN}
    assert log.totals()["detected"] > 0
    assert log.totals()["investigations"] == log.totals()["classified"] == 0


def test_a_contact_is_investigated_and_the_leg_taken_up_where_it_was_left():
    log = simulate(load_scenario("neon-spring", {"duration_days": 3}))
    resumed = 0
    for sortie in log.sorties:
        phase = sortie.flown[:, 6]
        for row in np.flatnonzero(phase[1:] == DIVERT):
            if phase[row] != SEARCH:
                continue
            back = np.flatnonzero((phase == REJOIN) & (np.arange(phase.size) > row))
            if back.size and phase[back[0] + 1 : back[0] + 2].tolist() == [SEARCH]:
                assert sortie.flown[back[0], 4:6] == pytest.approx(sortie.flown[row, 4:6])
                resumed += 1
    assert resumed > 3


def test_nothing_is_investigated_beyond_the_detour_allowed():
    near, far = (
        simulate(
            load_scenario("neon-spring", {"duration_days": 6, "aircraft.cp140.identification.max_detour_nmi": nmi})
        )
        for nmi in (15.0, 100.0)
    )
    assert 0 < near.totals()["investigations"] < far.totals()["investigations"]
    for sortie in near.sorties:
        search = sortie.flown[sortie.flown[:, 6] <= SEARCH]
        for leg in sortie.flown[sortie.flown[:, 6] == DIVERT]:
            gap = min(distance_to(leg[4:6], one[2:4], one[4:6]) for one in search)
            assert gap < 15.0 + 2.0 + 1e-6  # the meeting lies within the detour; the aircraft stops 2 nmi short of it


def distance_to(point, start, end):
    along = np.clip(np.dot(point - start, end - start) / max(np.dot(end - start, end - start), 1e-12), 0, 1)
    return np.hypot(*(start + along * (end - start) - point))


def test_a_contact_too_far_at_first_is_visited_when_the_route_comes_near():
    """A radar that sees farther than the crew may go costs no documentation: paired, judged by its interval."""
    near, far = (
        prepare(
            load_scenario(
                "neon-spring",
                {
                    "sensors.radar.law": {"kind": "definite_range", "range_nmi": nmi},
                    "aircraft.cp140.identification.max_detour_nmi": 20.0,
                    "background.merchant.present": 0.0,
                },
            )
        )
        for nmi in (20.0, 90.0)
    )
    gaps = [simulate(far, 4, r).totals()["documented"] - simulate(near, 4, r).totals()["documented"] for r in range(60)]
    assert np.mean(gaps) > -2.0 * np.std(gaps, ddof=1) / np.sqrt(60)
    log = simulate(far, 4, 0)
    waited = [
        (found.time_h, gone.time_h)
        for found in events(log, "detected")
        for gone in events(log, "diverted")
        if (found.vessel, found.sortie) == (gone.vessel, gone.sortie) and gone.time_h > found.time_h + 0.01
    ]
    assert waited


def test_the_ladder_is_climbed_in_order_and_documented_only_alongside():
    plan = prepare(load_scenario("neon-spring"))
    documented = 0
    for replication in range(4):
        log = simulate(plan, 3, replication)
        climbed, table = log.climbed, log.world.transfers
        steps = np.array([climbed[name] for name in ("detected", "classified", "documented")])
        for i in range(table.begin.size):
            known = steps[:, i][~np.isnan(steps[:, i])]
            assert np.all(np.diff(known) > 0)
            assert np.all((known >= table.begin[i]) & (known < table.end[i]))
            assert np.isnan(steps[1:, i]).all() or not np.isnan(steps[0, i])
        documented += np.sum(~np.isnan(steps[2]))
    assert documented > 5


def test_classification_and_documentation_have_their_stated_chances():
    """With endless transfers and nothing else, each investigation is a trial of 0.9, then of 0.8: binomial errors."""
    sets = {"background.merchant.present": 0.0, "transfers.fuel.duration_h": 400.0, "transfers.fuel.per_month": 15.0}
    plan = prepare(load_scenario("neon-spring", {**sets, "duration_days": 10}))
    logs = [simulate(plan, 8, replication) for replication in range(60)]
    tried, classified, documented = (
        sum(len(events(log, name)) for log in logs) for name in ("diverted", "classified", "documented")
    )
    lost = sum(len(events(log, "lost")) for log in logs)
    assert lost < 0.02 * tried
    assert abs(classified / tried - 0.9) < 3.7 * np.sqrt(0.9 * 0.1 / tried) + lost / tried
    assert abs(documented / classified - 0.8) < 3.7 * np.sqrt(0.8 * 0.2 / classified) + lost / classified


def test_flight_and_station_hours_are_counted_up_to_the_end_of_the_deployment():
    log = quiet(**{"duration_days": 1, "patrols.aurora.first_takeoff_h": 21.0})
    totals = log.totals()
    assert totals["flight_hours"] == pytest.approx(3.0)
    sortie = log.sorties[0]
    reached = sortie.flown[sortie.flown[:, 6] == SEARCH][0, 0]
    assert totals["on_station_hours"] == pytest.approx(24.0 - reached)
    assert hours_at_work([sortie], 1e9)[0] < sortie.landing_h - reached
    assert all(event.time_h < 24.0 for event in log.events)


def test_two_patrols_fly_over_the_same_sea_and_find_more():
    second = {"aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 9.0, "every_h": 24.0}
    alone = prepare(load_scenario("neon-spring"))
    both = prepare(load_scenario("neon-spring", {"patrols.second": second}))
    found = [[simulate(plan, 1, r).totals()["detected"] for r in range(10)] for plan in (alone, both)]
    assert all(two >= one for one, two in zip(*found, strict=True))
    assert sum(found[1]) > sum(found[0])


@given(
    st.floats(4.0, 14.0),
    st.floats(0.0, 2.0),
    st.floats(120.0, 340.0),
    st.floats(0.0, 1.0),
    st.sampled_from([10.0, 60.0, 150.0]),
    st.integers(0, 10_000),
)
@settings(max_examples=25, deadline=None)
@example(4.65625, 1.71875, 120.0, 1.0, 150.0, 30)  # beside a ship that drew the aircraft away from base
def test_fuel_never_ends_before_landing(endurance, reserve, search_speed, hours_beside, detour, seed):
    scenario = load_scenario(
        "neon-spring",
        {
            "aircraft.cp140.endurance_h": endurance,
            "aircraft.cp140.reserve_h": min(reserve, endurance / 2),
            "aircraft.cp140.search_speed_kn": search_speed,
            "aircraft.cp140.identification.time_h": hours_beside,
            "aircraft.cp140.identification.max_detour_nmi": detour,
            "background.merchant.mean_leg_nmi": 25.0,
            "duration_days": 3,
        },
    )
    sorties = simulate(scenario, seed).sorties
    assert sorties
    for sortie in sorties:
        assert sortie.landing_h - sortie.takeoff_h <= endurance - min(reserve, endurance / 2) + 1e-6
