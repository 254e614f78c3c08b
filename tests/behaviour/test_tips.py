"""What is made of tips: crews that leave for them, what comes of it, and what must not change because of them."""

import functools
import math
import os
import subprocess
import sys
from datetime import date

import numpy as np
import pytest
import shapely

import sim.deployment.crew
import sim.deployment.reports
from sim import load_scenario
from sim.core.airspace import NoWayError
from sim.deployment.engine import simulate
from sim.deployment.flight import Flight
from sim.deployment.patrols import REJOIN, SEARCH, TRANSIT, heeding_patrols
from sim.deployment.pursuit import wait
from sim.deployment.totals import TOTALS
from sim.deployment.world import prepare
from sim.model.cells import PROBABLE_ERROR, Cell, CellState, ReceivedReport
from sim.model.sightings import Sightings
from sim.scenario.digest import digest, flat_toml
from sim.study.executors import Case, Task, perform_all
from sim.study.store import TABLES, rows_of, tables_of

TIP_TOTALS = [total.name for total in TOTALS if total.exists == "tips"]
DESK = {"kind": "ais_desk", "probability": 0.5, "dark_probability": 0.5, "position_error_nmi": 6.0}
SATELLITE = {
    "kind": "satellite",
    "sensor": "radar",
    "revisit_h": 8.0,
    "swath_nmi": 300.0,
    "probability": 0.8,
    "position_error_nmi": 2.0,
    "delay_h": {"median": 0.5, "sigma": 0.5},
    "false_per_month": 20.0,
}
SOURCE = {
    "kind": "human",
    "probability": 0.3,
    "position_error_nmi": 10.0,
    "delay_h": 1.0,
    "lead_h": {"low": 0.0, "high": 3.0},
    "false_per_month": 5.0,
}
# Three nations, of which one flies; its own source, two partners.
WATCHED = {
    "nations.canada": {},
    "nations.japan": {},
    "nations.usa": {},
    "patrols.aurora.nation": "canada",
    "observers.desk": {**DESK, "nation": "usa", "delay_h": {"mean": 1.0}, "false_per_month": 20.0},
    "observers.satellite": {**SATELLITE, "nation": "japan"},
    "observers.source": {**SOURCE, "nation": "canada"},
    "agreements.canada_japan": {"nations": ["canada", "japan"], "delay_h": {"mean": 0.5}, "release": 0.9},
    "agreements.five_eyes": {
        "nations": ["canada", "usa"],
        "delay_h": 0.25,
        "release": 0.7,
        "sanitising_error_nmi": 4.0,
    },
}
HEEDED = {**WATCHED, "patrols.aurora.tips": {"least_chance": 0.05}}
NEAR = {"aircraft.cp140.identification.priority.near_tip": 3.0}
MANY = {"duration_days": 6, "transfers.fuel.per_month": 150.0}


def scenario(name, *sets):
    return load_scenario(name, functools.reduce(lambda one, other: {**one, **other}, sets, {}))


def tables(log):
    return tables_of(log.plan.scenario, [rows_of(log, True)])


def assert_same_flights(one, other):
    assert one.events == other.events
    assert len(one.sorties) == len(other.sorties)
    for a, b in zip(one.sorties, other.sorties, strict=True):
        assert np.array_equal(a.flown, b.flown)
        assert np.array_equal(a.detected_h, b.detected_h)
        assert (a.takeoff_h, a.landing_h, a.investigations, a.tip_flights) == (
            b.takeoff_h,
            b.landing_h,
            b.investigations,
            b.tip_flights,
        )
        assert (a.never_looked_at, a.progress) == (b.never_looked_at, b.progress)
    assert np.array_equal(one.met, other.met)
    assert one.totals() == other.totals()
    assert one.reasons == other.reasons


# ---------------------------------------------------------------------------------------------------- faults
@pytest.mark.parametrize("where", ["sim.deployment.tips.length_nmi", "sim.deployment.tips.expanding_square"])
def test_a_fault_in_the_tasking_of_tips_is_not_swallowed(monkeypatch, where):
    def faulty(*_):
        raise ValueError("planted")

    monkeypatch.setattr(where, faulty)
    with pytest.raises(ValueError, match="planted"):
        simulate(scenario("neon-spring", HEEDED, MANY))


def test_tips_that_no_way_leads_to_are_not_flown(monkeypatch):
    """Only NoWayError means that: then the flights are those of crews without tips."""

    def no_way(*_):
        raise NoWayError("planted")

    monkeypatch.setattr("sim.deployment.tips.length_nmi", no_way)
    log = simulate(scenario("neon-spring", HEEDED, MANY))
    assert log.totals()["tips_followed"] == 0
    assert log.totals()["tips_released"] > 0


def test_tips_count_only_where_a_crew_can_act_on_them():
    """One criterion: tips of a patrol, a crew that investigates, and somebody who observes."""
    plan = scenario("agreements-2026", {"duration_days": 4})
    assert simulate(plan).totals()["tips_in_time"] > 0
    assert set(heeding_patrols(plan)) == {name for name, one in plan.patrols.items() if one.tips is not None} != set()
    idle = {name: one.model_copy(update={"identification": None}) for name, one in plan.aircraft.items()}
    bare = plan.model_copy(update={"aircraft": idle})
    log = simulate(bare)
    assert heeding_patrols(bare) == {}
    assert not set(TIP_TOTALS) & set(log.totals())
    assert "tips" not in tables(log)
    assert heeding_patrols(plan.model_copy(update={"observers": {}})) == {}


# ---------------------------------------------------------------------------------------------------- return in time
BOX = {"polygon": [[125.2, 28.2], [126.2, 28.2], [126.2, 28.9], [125.2, 28.9]]}
WINDS = {
    "one": {"dwell_h": 1.5, "wind_kn": 45.0, "wind_from_deg": 10.0},
    "two": {"dwell_h": 1.5, "wind_kn": 50.0, "wind_from_deg": 190.0},
}
WEATHER = {
    "fair": {"dwell_h": 2.0, "sea_state": 3, "visibility_nmi": 15.0, "wind_kn": 12.0, "wind_from_deg": 200.0},
    "foul": {"dwell_h": 1.0, "sea_state": 6, "visibility_nmi": 3.0, "wind_kn": 32.0, "wind_from_deg": 340.0},
}
CONDITIONS = {
    "neon-spring": {"duration_days": 6.1},
    "winds, zones": {"environment.processes.wind": WINDS, "zones.z": BOX, "patrols.aurora.every_h": 11.0},
    "neon-crew": {**NEAR, "environment.processes.weather": WEATHER, "duration_days": 6.3},
    "neon-crew, disturbed": {
        **NEAR,
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


def told_beforehand(hours):
    """`_fly_on` of crews that know at a decision when they will be called back, so that no flight is ever undone.

    `hours`: that hour by patrol, slot and hour of the decision.
    """

    def fly_on(env, flight, stop_at_contacts):
        before, coming = (
            flight.detection_count,
            (hours.get((flight.plan.name, flight.slot, flight.now), math.inf), "tip"),
        )
        flight.changes = sorted([*flight.changes, coming], reverse=True)
        flight.next_change_h = flight.changes[-1][0]
        code = flight.fly_without_reporting(stop_at_contacts, watch_fuel=True, stop_for_decisions=True)
        flight.changes = [one for one in flight.changes if one != coming]
        flight.next_change_h = flight.changes[-1][0] if flight.changes else math.inf
        yield wait(env, flight.now)
        flight.report_detections(before)
        return code

    return fly_on


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_flight_called_back_by_news_is_the_one_that_knew_when_it_would_come(case, monkeypatch):
    name = "neon-crew" if "crew" in case else "neon-spring"
    plan = prepare(scenario(name, HEEDED, MANY, CONDITIONS[case]))
    logs, returns, passed = [], [], 0
    for replication in range(3):
        hours, real = {}, Flight.restore_checkpoint

        def return_to(flight, moment, until, hours=hours, real=real):
            nonlocal passed
            changes = moment.changes
            passed += bool(changes) and changes[-1][0] < until
            hours[flight.plan.name, flight.slot, float(moment.state[0])] = until
            real(flight, moment, until)

        with monkeypatch.context() as patch:
            patch.setattr(Flight, "restore_checkpoint", return_to)
            logs.append(simulate(plan, 1, replication))
        returns.append(hours)
    assert sum(map(len, returns)) >= 10
    assert passed or case == "neon-spring"  # something else changed between the decision and the news
    assert sum(log.totals()["tips_followed"] for log in logs) > 5
    for replication, (log, hours) in enumerate(zip(logs, returns, strict=True)):
        monkeypatch.setattr(sim.deployment.crew, "_fly_to_decision", told_beforehand(hours))
        assert_same_flights(log, simulate(plan, 1, replication))


# ------------------------------------------------------------------------------------------- what must not change
@pytest.mark.parametrize("name", ["neon-spring", "neon-crew"])
def test_with_nothing_released_all_is_as_with_no_agreement(name):
    sets = [HEEDED, MANY, NEAR if name == "neon-crew" else {}]
    keys = ("agreements.canada_japan", "agreements.five_eyes")
    shut = {f"{key}.release": 0.0 for key in keys}
    none = {f"{key}.state": "none" for key in keys}
    later = {f"{key}.in_force_from": date(2024, 1, 1) for key in keys}
    plans = [prepare(scenario(name, *sets, how)) for how in (shut, none, later)]
    for replication in range(2):
        one, *others = (tables(simulate(plan, 1, replication)) for plan in plans)
        assert set(one) == {"replications", "transfers", "events", "tracks", "tips"}
        for other in others:
            for table in one:
                assert one[table].equals(other[table]), table


@pytest.mark.parametrize("name", ["neon-spring", "neon-crew"])
def test_nations_without_rules_for_tips_change_nothing(name):
    plain = scenario(name, MANY)
    for replication in range(2):
        one = tables(simulate(plain, 1, replication))
        other = tables(simulate(scenario(name, WATCHED, MANY), 1, replication))
        assert set(one) == set(other)
        for table in one:
            assert one[table].equals(other[table]), table


@pytest.mark.parametrize("name", ["neon-spring", "neon-crew"])
def test_rules_for_tips_that_never_come_change_nothing(name):
    sets = [MANY, NEAR if name == "neon-crew" else {}]
    nothing = {"observers.source.probability": 0.0, "observers.source.false_per_month": 0.0}
    nothing |= {f"agreements.{one}.release": 0.0 for one in ("canada_japan", "five_eyes")}
    compared = 0
    for replication in range(2):
        one = tables(simulate(scenario(name, *sets), 1, replication))
        other = tables(simulate(scenario(name, HEEDED, *sets, nothing), 1, replication))
        for table in one:
            assert one[table].equals(other[table].select(one[table].column_names)), table
            compared += one[table].num_rows
    assert compared > 100


def luck_of(log):
    """What observers that watch by themselves report, whatever reaches whom."""
    dissemination = log.dissemination
    static = [one for one in dissemination.made if dissemination.plan.observers[one.observer].spec.kind != "patrol"]
    return [(dissemination.plan.observers[one.observer].name, *one[1:]) for one in static]


def test_partners_luck_is_the_same_whatever_anybody_does():
    base = [HEEDED, MANY]
    others = [
        {"agreements.canada_japan.release": 0.1, "agreements.five_eyes.state": "negotiating"},
        {"patrols.aurora.tips": {"divert": False, "search": {"pattern": "sector"}}, "nations.canada.cell.lasts_h": 2.0},
        {"routes.search.spacing_nmi": 15.0, "patrols.aurora.every_h": 50.0},
        {"patrols.second": {**SECOND, "nation": "japan"}},
        {"observers.crew": {**CREW, "nation": "canada", "patrol": "aurora"}},
        {"aircraft.cp140.search_speed_kn": 150.0, "patrols.aurora.first_takeoff_h": 2.0},
    ]
    log = simulate(scenario("neon-spring", *base), 3, 1)
    assert len(luck_of(log)) > 30
    world = log.world.transfers
    for one in others:
        other = simulate(scenario("neon-spring", *base, one), 3, 1)
        assert luck_of(log) == luck_of(other)
        assert np.array_equal(world.begin, other.world.transfers.begin)
        assert np.array_equal(world.x, other.world.transfers.x)
        columns = ["observer", "transfer", "seen_h", "made_h", "lon", "lat"]
        rows = [
            sorted({row for row in zip(*(t[c].to_pylist() for c in columns), strict=True) if row[0] != "crew"}, key=str)
            for t in (tables(log)["tips"], tables(other)["tips"])
        ]
        assert rows[0] == rows[1] or one in others[:1]  # where less arrives from before hour 0 there are fewer rows


def test_transfers_known_to_observers_are_those_of_the_world():
    log = simulate(scenario("neon-crew", HEEDED, MANY, {"observers.desk.delay_h": {"mean": 20.0}}), 2, 0)
    table, rows = log.dissemination.table, log.dissemination.rows
    assert len(table.begin) > len(rows)
    assert np.array_equal(table.vessels[rows], log.world.transfers.vessels)
    assert np.array_equal(table.begin[rows], log.world.transfers.begin)


def heard_by(log, nation):
    """Of each report the hours at which copies came, and how precise they were: {identity: [(hour, error)]}."""
    heard = {}
    for one in log.dissemination.arrivals:
        if one.nation == nation:
            heard.setdefault(log.dissemination.made[one.report].identity, []).append((one.arrived_h, one.error_nmi))
    return heard


def test_opening_a_link_never_reduces_what_a_cell_has_heard():
    links = {
        "canada_japan": {"nations": ["canada", "japan"], "delay_h": {"mean": 2.0}, "release": 0.5},
        "canada_usa": {"nations": ["canada", "usa"], "delay_h": {"mean": 1.0}, "sanitising_error_nmi": 5.0},
        "japan_usa": {
            "nations": ["japan", "usa"],
            "delay_h": {"mean": 0.3},
            "release": 0.8,
            "third_party_release": True,
        },
        "all": {"nations": ["canada", "japan", "usa"], "delay_h": 3.0, "release": 0.9, "third_party_release": True},
    }
    own = {key: value for key, value in HEEDED.items() if not key.startswith("agreements.")}
    states = [() if not i else tuple(n for k, n in enumerate(links) if i >> k & 1) for i in range(16)]
    worlds = {
        state: heard_by(
            simulate(scenario("neon-spring", own, MANY, {f"agreements.{n}": links[n] for n in state}), 5), "canada"
        )
        for state in states
    }
    grew = 0
    for state in states:
        for link in set(links) - set(state):
            more = worlds[tuple(n for n in links if n in state or n == link)]
            less = worlds[state]
            grew += more != less
            for identity, copies in less.items():
                for hour, error in copies:
                    assert any(h <= hour and e <= error for h, e in more[identity])
    assert grew > 20


# ---------------------------------------------------------------------------------------------------- what a crew does
QUIET = {
    "background.merchant.present": 0.0,
    "transfers.fuel.per_month": 0.0,
    "duration_days": 3,
    "nations.canada": {},
    "patrols.aurora.nation": "canada",
    "patrols.aurora.tips": {},
    "observers.desk": {**DESK, "nation": "canada", "delay_h": 1.0},
}
SECOND = {
    "aircraft": "cp140",
    "base": "kadena",
    "routes": ["search"],
    "first_takeoff_h": 22.0,
    "every_h": 24.0,
    "nation": "canada",
    "tips": {},
}
CREW = {"kind": "patrol", "position_error_nmi": 1.0, "delay_h": 0.2}


def reported(monkeypatch, reports):
    """Let the first observer say this: seen and made, hours; x, y, error, nmi; transfer, -1 for none."""

    def realise_reports(plans, key, begin, end, x, y, vessels, dark):
        rows = reports(begin, end, x, y) if callable(reports) else reports
        seen, made, x, y, error, target = np.array([(*one, -1)[:6] for one in rows], float).reshape(-1, 6).T
        order = np.argsort(made)
        count = len(rows)
        return Sightings(
            np.zeros(count, np.int64), np.arange(count, dtype=np.uint64), target.astype(int)[order], seen[order],
            made[order], x[order], y[order], error[order],
        )  # fmt: skip

    monkeypatch.setattr(sim.deployment.reports, "realise_reports", realise_reports)


def fly(monkeypatch, reports, **sets):
    reported(monkeypatch, reports)
    return simulate(scenario("neon-spring", QUIET, sets))


def flights_for_tips(log):
    return [one for sortie in log.sorties for one in sortie.tip_flights]


def followed(log):
    return [(event.time_h, event.patrol, event.detail) for event in log.events if event.event == "tip_followed"]


LEAST = 0.01  # nmi: no place is known better


@functools.cache
def middle():
    """The middle of the area, nmi."""
    plan = prepare(scenario("neon-spring", QUIET))
    return tuple(plan.scenario.plane.project(plan.scenario.areas["east_china_sea"].shape).centroid.coords[0])


def test_the_next_sortie_begins_at_the_best_tip(monkeypatch):
    (x, y), none = middle(), {"patrols.aurora.tips": {"divert": False, "next_sortie": False}}
    reports = [(20.0, 20.5, x, y, 0.0), (20.5, 20.8, x + 60.0, y + 60.0, 0.0)]
    log = fly(monkeypatch, reports)
    first = log.sorties[0]
    there = 21.0 + math.dist(first.flown[0, 2:4], (x, y)) / 350.0
    further = 21.0 + math.dist(first.flown[0, 2:4], (x + 60.0, y + 60.0)) / 350.0
    promise = [(1 - (h - seen) / 6.0) / (h - 21.0 + 0.25) for h, seen in ((there, 20.0), (further, 20.5))]
    best = 0 if promise[0] > promise[1] else 1
    assert followed(log)[0] == (21.0, "aurora", f"tip {best}")
    assert {detail for _, _, detail in followed(log)} == {"tip 0", "tip 1"}
    assert first.tip_flights[0].arrival_h == pytest.approx((there, further)[best])
    at = (x, y) if best == 0 else (x + 60.0, y + 60.0)
    assert first.flown[0, 4:6] == pytest.approx(at)
    assert first.flown[0, 6] == TRANSIT
    assert not followed(fly(monkeypatch, reports, **none))


def test_a_crew_in_the_air_leaves_for_a_tip_and_comes_back_to_where_it_left(monkeypatch):
    x, y = middle()
    plain = fly(monkeypatch, []).sorties[0].flown
    log = fly(monkeypatch, [(23.5, 24.0, x, y, 8.0)])
    flown = log.sorties[0].flown
    assert followed(log) == [(pytest.approx(24.0), "aurora", "tip 0")]
    begin = int(np.searchsorted(flown[:, 0], 24.0 - 1e-9))
    assert plain[begin - 1, [0, 2, 3]] == pytest.approx(flown[begin - 1, [0, 2, 3]])  # the leg that was broken off
    left = flown[begin, 2:4]
    assert flown[begin, 4:6] == pytest.approx((x, y))
    back = begin + int(np.flatnonzero(flown[begin:, 6] == REJOIN)[0])
    assert flown[back, 4:6] == pytest.approx(left)
    assert set(flown[begin + 1 : back, 6]) == {SEARCH}
    tip = log.sorties[0].tip_flights[0]
    assert (tip.begin_h, tip.end_h) == pytest.approx((24.0, flown[back, 0]))
    rest, before = flown[back + 1 :], plain[begin - 1 :]
    same = min(len(rest), len(before)) - 2  # then bingo, sooner
    assert same > 3
    assert rest[:same, 4:6] == pytest.approx(before[:same, 4:6])
    assert np.all(rest[:same, 6] == SEARCH)
    assert not followed(fly(monkeypatch, [(23.5, 24.0, x, y, 8.0)], **{"patrols.aurora.tips": {"divert": False}}))


FAR = {"in_dark": False, "document": {"range_nmi": 2.0, "probability": 0.8, "needs_light": True}}


@pytest.mark.parametrize(
    ("hour", "age", "sets"),
    [
        (24.0, 5.6, {}),  # it will be older than transfers last as the aircraft is there
        (24.0, 4.0, {"patrols.aurora.tips.least_chance": 0.5}),
        (24.0, 1.0, {"patrols.aurora.tips.least_chance": 0.5, "observers.desk.credibility": 0.4}),
        (29.6, 0.5, {}),  # bingo fuel comes before it is there
        (24.0, 0.5, {"zones.z": {"polygon": [[124.9, 29.2], [125.4, 29.2], [125.4, 29.8], [124.9, 29.8]]}}),
        (
            38.0,
            0.5,
            {"patrols.aurora.first_takeoff_h": 36.0, **{f"aircraft.cp140.identification.{k}": FAR[k] for k in FAR}},
        ),
    ],
    ids=["old", "unlikely to last", "incredible", "no fuel", "closed", "dark"],
)
def test_a_tip_is_not_flown(monkeypatch, hour, age, sets):
    x, y = middle()
    if hour == 29.6:
        x, y = x - 30.0, y + 140.0  # the far end of the area
    kept = {key: value for key, value in sets.items() if key.startswith("patrols.aurora.first")}
    assert not followed(fly(monkeypatch, [(hour - age, hour, x, y, 1.0)], **sets))
    sooner = min(hour, 24.0) if not kept else hour
    assert len(followed(fly(monkeypatch, [(sooner - 0.5, sooner, x, y, 1.0)], **kept))) == 1  # else it is


def test_a_tip_is_flown_as_long_as_its_chance_lasts(monkeypatch):
    x, y = middle()
    for age, lasts in ((4.0, 6.0), (7.0, 6.0), (7.0, 12.0)):
        log = fly(monkeypatch, [(24.0 - age, 24.0, x, y, 1.0)], **{"nations.canada.cell.lasts_h": lasts})
        assert bool(followed(log)) == (age < lasts)


@pytest.mark.parametrize(("error", "age"), [(2.0, 0.5), (8.0, 0.5), (8.0, 3.0), (20.0, 1.0), (22.0, 3.0)])
def test_the_search_grows_with_error_and_age(monkeypatch, error, age):
    (x, y), spacing, spread = middle(), 7.0, 3.0
    log = fly(
        monkeypatch, [(24.0 - age, 24.0, x, y, error)],
        **{"patrols.aurora.tips.search": {"spacing_nmi": spacing}, "nations.canada.cell.spread_kn": spread},
    )  # fmt: skip
    (tip,), flown = log.sorties[0].tip_flights, log.sorties[0].flown
    radius = 1.1 * PROBABLE_ERROR * math.hypot(error, LEAST, spread * (tip.arrival_h - (24.0 - age)))
    rings = next(m for m in range(100) if (m + 0.5) * spacing >= radius)
    about = flown[(flown[:, 0] > tip.arrival_h - 1e-9) & (flown[:, 1] < tip.end_h + 1e-9)]
    steps = np.hypot(about[:, 4] - about[:, 2], about[:, 5] - about[:, 3]) / spacing
    assert steps == pytest.approx([k // 2 + 1 for k in range(4 * rings + 1 if rings else 0)])
    turns = np.diff(np.degrees(np.arctan2(about[:, 4] - about[:, 2], about[:, 5] - about[:, 3]))) % 360.0
    assert turns == pytest.approx(90.0)
    disc = shapely.Point(x, y).buffer(radius)
    if rings:
        near = shapely.union_all([shapely.LineString([row[2:4], row[4:6]]) for row in about])
        assert disc.difference(near.buffer((2.0 - math.sqrt(2.0)) * spacing + 1e-6)).area < 1e-6


def test_a_sector_search_keeps_within_its_radius(monkeypatch):
    x, y = middle()
    rules = {"patrols.aurora.tips.search": {"pattern": "sector", "factor": 2.0}}
    log = fly(monkeypatch, [(23.5, 24.0, x, y, 9.0)], **rules)
    (tip,), flown = log.sorties[0].tip_flights, log.sorties[0].flown
    radius = 2.0 * PROBABLE_ERROR * math.hypot(9.0, LEAST, tip.arrival_h - 23.5)
    about = flown[(flown[:, 0] > tip.arrival_h - 1e-9) & (flown[:, 1] < tip.end_h + 1e-9)]
    away = np.hypot(about[:, 4] - x, about[:, 5] - y)
    assert away == pytest.approx([radius, radius, 0.0] * 3, abs=1e-6)
    assert np.hypot(about[:, 4] - about[:, 2], about[:, 5] - about[:, 3]) == pytest.approx(radius)


SURE = {
    **{f"aircraft.cp140.identification.{rung}.probability": 1.0 for rung in ("classify", "document")},
    "sensors.radar.law": {"kind": "definite_range", "range_nmi": 12.0, "probability": 1.0},
    "transfers.fuel.per_month": 20.0,
    "transfers.fuel.duration_h": 48.0,
    "nations.canada.cell.lasts_h": 200.0,
}


def test_a_search_ends_when_ships_are_documented_there(monkeypatch):
    def about_all(begin, end, x, y):
        """Of all that lie there at 20 h, 10 nmi off the place."""
        rows = np.flatnonzero((begin < 20.0) & (end > 40.0))
        return [(20.0, 20.5, x[k] + 10.0, y[k], 10.0, k) for k in rows]

    rules = {"patrols.aurora.tips.search": {"spacing_nmi": 5.0}, "aircraft.cp140.endurance_h": 20.0}
    log = fly(monkeypatch, about_all, **SURE, **rules)
    flights = flights_for_tips(log)
    fruitful = [one for one in flights if one.documented]
    assert fruitful
    for one in fruitful:
        last = max(
            e.time_h for e in log.events if e.event == "documented" and one.begin_h <= e.time_h <= one.end_h + 1e-9
        )
        assert one.end_h == pytest.approx(last)
        tip = log.dissemination.cells["canada"].tips[one.tip]
        assert tip.done
        assert not tip.taken
    assert log.totals()["tips_fruitful"] == len(fruitful)
    assert log.totals()["documented_tipped"] == sum(len(one.documented) for one in fruitful) > 0


def test_two_patrols_of_a_nation_do_not_fly_one_tip(monkeypatch):
    (x, y), sets = middle(), {"patrols.second": SECOND}
    log = fly(monkeypatch, [(23.5, 24.0, x, y, 15.0)], **sets)
    assert len(followed(log)) == 1
    again = [(23.5, 24.0, x, y, 15.0), (24.15, 24.2, x, y, 15.0)]  # a newer report while a crew is on it
    log = fly(monkeypatch, again, **sets)
    assert len(followed(log)) == 1
    two = [(23.5, 24.0, x, y, 1.0), (23.5, 24.0, x + 100.0, y, 1.0)]
    assert {patrol for _, patrol, _ in followed(fly(monkeypatch, two, **sets))} == {"aurora", "second"}
    other = {"patrols.second": {**SECOND, "nation": "japan"}, "nations.japan": {}}
    other |= {"agreements.all": {"nations": ["canada", "japan"], "delay_h": 0.0}}
    assert len(followed(fly(monkeypatch, [(23.5, 24.0, x, y, 15.0)], **other))) == 2  # each nation for itself


def test_a_tip_that_nobody_reached_is_left_to_others(monkeypatch):
    x, y = middle()
    faults = {"aircraft.cp140.aborts_per_100_h": 100.0, "patrols.aurora.every_h": 1.0, "duration_days": 30}
    log = fly(monkeypatch, [(k - 0.1, float(k), x + 2.0 * k, y + 2.0 * k, 0.0) for k in range(20, 60)], **faults)
    tips, aborted = log.dissemination.cells["canada"].tips, 0
    flights = flights_for_tips(log)
    for one in flights:
        if one.end_h < one.arrival_h:
            aborted += 1
            assert tips[one.tip].closed_h != one.end_h
    assert aborted > 0


def test_reports_reopen_a_tip_that_was_flown(monkeypatch):
    x, y = middle()
    once = [(23.5, 24.0, x, y, 1.0)]
    older = [*once, (23.9, 27.0, x + 1.0, y, 1.0)]  # of before the crew looked
    newer = [*once, (26.5, 27.0, x + 1.0, y, 1.0)]
    assert len(followed(fly(monkeypatch, once))) == 1
    assert len(followed(fly(monkeypatch, older))) == 1
    log = fly(monkeypatch, newer)
    assert [detail for _, _, detail in followed(log)] == ["tip 0", "tip 0"]
    table = tables(log)["tips"]
    assert table["followed_h"].to_pylist() == pytest.approx([24.0, 27.0])


def test_what_is_foretold_is_not_flown_before_it_begins(monkeypatch):
    x, y = middle()
    log = fly(monkeypatch, [(25.0, 23.0, x, y, 1.0)])
    assert followed(log) == [(pytest.approx(25.0), "aurora", "tip 0")]
    log = fly(monkeypatch, [(21.1, 15.0, x, y, 1.0)])  # it will have begun as a sortie from 21 h on is there
    assert followed(log) == [(21.0, "aurora", "tip 0")]


def test_crews_that_do_not_begin_at_tips_heed_only_news(monkeypatch):
    x, y = middle()
    rules = {"patrols.aurora.tips": {"next_sortie": False}, "background.merchant.present": 300.0}
    assert not followed(fly(monkeypatch, [(20.0, 20.5, x, y, 1.0)], **rules))


def test_what_was_documented_before_a_report_of_it_comes_is_not_flown(monkeypatch):
    def late(begin, end, x, y):
        return [(20.0, 33.0 + 0.01 * k, x[k], y[k], 1.0, k) for k in np.flatnonzero((begin < 20.0) & (end > 60.0))]

    sets = {**SURE, "transfers.fuel.duration_h": 96.0, "transfers.fuel.per_month": 60.0}
    sets |= {"sensors.radar.law.range_nmi": 60.0, "duration_days": 4}
    log = fly(monkeypatch, late, **sets)
    cell = log.dissemination.cells["canada"]
    documented = {e.vessel for e in log.events if e.event == "documented" and e.time_h < 33.0}
    assert len(documented) >= 3
    for tip in cell.tips:
        if tip.targets <= set(log.dissemination.rows[list(documented)].tolist()):
            assert tip.done
            assert tip.number not in {one.tip for one in flights_for_tips(log)}


# ---------------------------------------------------------------------------------------------------- given back
BOTH = {
    "nations.canada": {},
    "nations.japan": {},
    "patrols.aurora.nation": "canada",
    "patrols.aurora.tips": {},
    "patrols.second": {**SECOND, "nation": "japan", "first_takeoff_h": 10.0},
    "observers.aurora": {**CREW, "nation": "canada", "patrol": "aurora"},
    "observers.second": {**CREW, "nation": "japan", "patrol": "second"},
    "agreements.both": {"nations": ["canada", "japan"], "delay_h": 0.1, "third_party_release": True},
    "agreements.again": {"nations": ["canada", "japan"], "delay_h": 0.3, "third_party_release": True},
    "transfers.fuel.per_month": 200.0,
    "transfers.fuel.duration_h": 20.0,
    "duration_days": 6,
    "nations.canada.cell.lasts_h": 20.0,
    "nations.japan.cell.lasts_h": 20.0,
}


@functools.cache
def both_logs():
    return [simulate(scenario("neon-spring", BOTH), 1, replication) for replication in range(2)]


def test_each_partners_crew_is_tipped_by_what_the_other_finds():
    for log in both_logs():
        dissemination = log.dissemination
        names = [one.name for one in dissemination.plan.observers]
        came = {(names[dissemination.made[one.report].observer], one.nation) for one in dissemination.arrivals}
        assert came == {(name, nation) for name in ("aurora", "second") for nation in ("canada", "japan")}
        done = {}
        for event in log.events:
            if event.event in ("classified", "documented"):
                done.setdefault((event.patrol, event.vessel, event.time_h), event.event)
        for one in dissemination.arrivals:
            made = dissemination.made[one.report]
            rung = done[names[made.observer], int(np.flatnonzero(dissemination.rows == made.target)[0]), made.seen_h]
            own = one.nation == dissemination.plan.observers[made.observer].spec.nation
            assert not own or rung == "documented"  # a crew's own find is no tip to it
            assert one.arrived_h == pytest.approx(made.made_h + (0.0 if own else 0.1))
            assert rung != "documented" or one.tip.done
    assert sum(log.totals()["tips_fruitful"] for log in both_logs()) > 0


def test_crews_report_a_find_as_they_make_it():
    reports, waits = [], []
    for log in both_logs():
        reports += [(one.seen_h, one.made_h) for one in log.dissemination.made]
        waits += [one.arrived_h - log.dissemination.made[one.report].made_h for one in log.dissemination.arrivals]
    assert len(reports) > 5
    assert [made - seen for seen, made in reports] == pytest.approx([0.2] * len(reports))
    assert len(waits) > 5
    assert min(waits) >= -1e-9  # nobody hears of a report before it was made


def test_a_transfer_documented_by_two_is_one():
    shared = 0
    for log in both_logs():
        who = {}
        for event in log.events:
            if event.event == "documented" and log.world.transfers.counted[event.vessel]:
                who.setdefault(event.vessel, set()).add(event.patrol)
        shared += sum(len(one) > 1 for one in who.values())
        assert log.totals()["documented"] == len(who)
        assert log.totals()["documented_tipped"] <= len(who)
    alone = simulate(
        scenario("neon-spring", BOTH, {"agreements.both.state": "none", "agreements.again.state": "none"}), 1
    )
    who = [(e.vessel, e.patrol) for e in alone.events if e.event == "documented"]
    assert shared + len(set(who)) - len({vessel for vessel, _ in who}) > 0


def test_a_crew_without_rules_for_contacts_reports_in_time():
    plain = {key: value for key, value in BOTH.items() if not key.startswith("patrols.aurora.tips")}
    kinds = {"observers.aurora.reports": "detected", "duration_days": 3}
    for extra in ({}, {"patrols.aurora.tips": {}}):
        scene = scenario("neon-spring", plain, kinds, extra)
        bare = scene.aircraft["cp140"].model_copy(update={"identification": None})
        crew = scene.patrols["aurora"].model_copy(update={"aircraft": "bare"})
        scene = scene.model_copy(
            update={"aircraft": {**scene.aircraft, "bare": bare}, "patrols": {**scene.patrols, "aurora": crew}}
        )
        log = simulate(scene)
        late = [a for a in log.dissemination.arrivals if a.nation == "japan"]
        assert len(late) > 10
        hours = [tip.first_h for tip in log.dissemination.cells["japan"].tips]
        assert hours == sorted(hours)


# ---------------------------------------------------------------------------------------------------- fused
def test_reports_of_one_event_are_one_tip_weighted_by_precision():
    cell = CellState(Cell(lasts_h=6.0, spread_kn=2.0))
    one = cell.receive(1.0, ReceivedReport(0, 7, 1.0, 0.0, 0.0, 3.0, 0.5))
    two = cell.receive(2.5, ReceivedReport(1, 7, 2.5, 4.0, 0.0, 4.0, 0.8))
    assert one is two
    weights = 1.0 / (3.0**2 + (2.0 * 1.5) ** 2 + LEAST**2), 1.0 / (4.0**2 + LEAST**2)
    assert two.x == pytest.approx(4.0 * weights[1] / sum(weights))
    assert two.error_nmi == pytest.approx(sum(weights) ** -0.5)
    assert (two.seen_h, two.y, two.targets) == (2.5, 0.0, {7})
    assert two.truth == pytest.approx(1.0 - 0.5 * 0.2)
    better = cell.receive(
        3.0, ReceivedReport(0, 7, 1.0, 1.0, 1.0, 0.0, 0.5)
    )  # a better copy takes the place of the first
    assert better is one
    assert len(better.reports) == 2
    assert better.y == pytest.approx(1.0 / (9.0 + LEAST**2) / (1.0 / (9.0 + LEAST**2) + weights[1]))


@pytest.mark.parametrize(
    ("x", "seen", "fused"),
    [
        (14.99, 1.0, True),
        (15.01, 1.0, False),
        (0.0, 6.9, True),
        (0.0, 7.1, False),
        (0.0, -4.9, True),
        (0.0, -5.1, False),
    ],
)
def test_reports_far_apart_or_late_are_separate_tips(x, seen, fused):
    cell = CellState(Cell(lasts_h=6.0, spread_kn=0.0, fused_within=3.0))  # 3 standard errors of hypot(3, 4)
    cell.receive(1.0, ReceivedReport(0, -1, 1.0, 0.0, 0.0, 3.0, 1.0))
    cell.receive(8.0, ReceivedReport(1, -1, seen, x, 0.0, 4.0, 1.0))
    assert len(cell.tips) == (1 if fused else 2)


def test_fused_within_nothing_every_report_is_a_tip():
    cell = CellState(Cell(fused_within=0.0))
    for number in range(3):
        cell.receive(1.0, ReceivedReport(number, -1, 1.0, 0.0, 0.0, 3.0, 1.0))
    assert len(cell.tips) == 3


# ---------------------------------------------------------------------------------------------------- totals
# Two crews of one nation, of which one reports, and a crew of another that hears of it.
BACK = {
    **NEAR,
    "patrols.second": {**SECOND, "first_takeoff_h": 9.0},
    "patrols.third": {**SECOND, "nation": "japan", "first_takeoff_h": 15.0},
    "observers.crew": {**CREW, "nation": "canada", "patrol": "aurora"},
    "observers.desk.delay_h": {"mean": 4.0},
}


def test_a_tip_that_is_done_takes_in_no_other_event_and_none_lasts_for_ever():
    cell = CellState(Cell())
    first = cell.receive(1.0, ReceivedReport(0, 1, 1.0, 0.0, 0.0, 5.0, 1.0))
    first.done = True
    assert cell.receive(4.0, ReceivedReport(1, 2, 4.0, 3.0, 0.0, 5.0, 1.0)) is not first
    chain = CellState(Cell())
    for number in range(12):
        chain.receive(5.0 * number, ReceivedReport(number, number, 5.0 * number, 0.0, 0.0, 5.0, 1.0))
    assert all(max(one.seen_h for one in tip.reports.values()) - tip.earliest_h < 6.0 for tip in chain.tips)
    assert len(chain.tips) == 6


def test_what_is_foretold_takes_no_chance_from_what_was_seen():
    cell = CellState(Cell())
    tip = cell.receive(10.2, ReceivedReport(0, 1, 10.0, 0.0, 0.0, 3.0, 0.9))
    before = cell.chance_at(tip, 10.5)
    assert cell.receive(10.3, ReceivedReport(1, -1, 14.0, 2.0, 0.0, 10.0, 0.5)) is tip
    assert cell.chance_at(tip, 10.5) >= before > 0.8
    assert cell.chance_at(tip, 15.0) == pytest.approx(tip.truth * (1.0 - 1.0 / 6.0))


def test_what_is_taken_back_leaves_what_others_say():
    cell = CellState(Cell())
    tip = cell.receive(1.0, ReceivedReport(0, -1, 1.0, 0.0, 0.0, 3.0, 0.5, identity=7))
    cell.receive(1.5, ReceivedReport(1, 4, 1.2, 3.0, 0.0, 4.0, 0.8, identity=8))
    cell.forget(7)
    assert (tip.x, tip.truth, tip.done) == (pytest.approx(3.0), pytest.approx(0.8), False)
    cell.forget(8)
    assert tip.done


def test_contacts_that_turn_out_to_be_nothing_are_taken_back():
    sets = {
        "nations.canada": {}, "nations.usa": {}, "patrols.aurora.nation": "canada", "patrols.aurora.tips": {},
        "patrols.poseidon.nation": "usa", "observers.crew": {
            "kind": "patrol", "patrol": "poseidon", "nation": "usa", "reports": "detected",
            "position_error_nmi": 1.0, "delay_h": 0.1,
        },
        "agreements.both": {"nations": ["canada", "usa"], "delay_h": 0.1}, "duration_days": 5,
    }  # fmt: skip
    log = simulate(prepare(scenario("neon-two", sets)), 1, 0)
    assert log.dissemination is not None
    looked_at = {e.vessel for e in log.events if e.event == "not_classified" and e.patrol == "poseidon"}
    assert looked_at
    cell = log.dissemination.cells["canada"]
    last = {one.report: one.tip for one in log.dissemination.arrivals}
    nothing = [tip for tip in last.values() if tip.done and not tip.targets]
    assert [tip for tip in nothing if not any(cell._is_of(tip, *one) for one in cell.settled)]  # by being taken back


def test_a_nations_crew_that_heeds_no_tips_still_settles_them():
    second = {
        "aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 23.0, "every_h": 24.0,
        "nation": "canada",
    }  # fmt: skip
    log = simulate(prepare(scenario("neon-crew", HEEDED, MANY, {"patrols.second": second})), 1, 0)
    assert log.dissemination is not None
    documented = [e for e in log.events if e.event == "documented" and e.patrol == "second"]
    assert documented
    settled = log.dissemination.cells["canada"].settled
    assert {(e.x, e.y, e.time_h) for e in documented} <= set(settled)
    heeding = [e for e in log.events if e.event == "documented" and e.patrol == "aurora"]
    assert log.totals()["documented_tipped"] <= len({e.vessel for e in heeding})


@functools.cache
def busy_logs():
    plan = prepare(scenario("neon-crew", HEEDED, MANY, BACK))
    return [simulate(plan, 1, replication) for replication in range(4)]


def test_totals_are_in_order():
    whole = dict.fromkeys(TIP_TOTALS, 0.0)
    for log in busy_logs():
        totals = log.totals()
        assert totals["tips_sent"] >= totals["tips_released"] >= totals["tips_in_time"]
        assert totals["tips_followed"] <= len(log.dissemination.arrivals)
        assert totals["tips_fruitful"] <= totals["tips_followed"]
        assert totals["documented_tipped"] <= totals["documented"]
        assert totals["false_tip_hours"] + totals["stale_tip_hours"] <= totals["tip_hours"] <= totals["flight_hours"]
        assert totals["tip_age_h"] >= 0.0
        for name in TIP_TOTALS:
            whole[name] += totals[name]
    assert min(whole.values()) > 0.0


def test_the_table_of_tips_says_what_the_totals_say():
    judged = 0
    for log in busy_logs():
        totals, rows = log.totals(), tables(log)["tips"].to_pylist()
        ends = dict(zip(log.dissemination.table.labels.tolist(), log.dissemination.table.end.tolist(), strict=True))
        sent = [row for row in rows if row["nation"] != row["cell"] and row["made_h"] >= 0.0]
        released = [row for row in sent if row["arrived_h"] is not None]
        in_time = [row for row in released if row["transfer"] and row["arrived_h"] < ends[row["transfer"]]]
        assert totals["tips_sent"] == len(sent)
        assert totals["tips_released"] == len(released)
        assert totals["tips_in_time"] == len(in_time)
        assert totals["tip_age_h"] == pytest.approx(sum(row["arrived_h"] - row["seen_h"] for row in released))
        flown = {(row["cell"], row["tip"], row["followed_h"]) for row in rows if row["followed_h"] is not None}
        assert len(flown) <= totals["tips_followed"]
        begun = {(one.nation, one.tip, one.begin_h) for one in flights_for_tips(log)}
        assert flown <= begun
        for row in rows:
            assert row["arrived_h"] is None or row["made_h"] <= row["arrived_h"] + 1e-9
            assert row["followed_h"] is None or row["followed_h"] >= row["arrived_h"]
            assert not row["fruitful"] or row["followed_h"] is not None
            assert (row["path"] is None) == (row["arrived_h"] is None) == (row["tip"] is None)
            assert row["path"] is None or row["path"].split(" > ")[0] == row["nation"]
            assert row["path"] is None or row["path"].split(" > ")[-1] == row["cell"]
        judged += len(rows)
    assert judged > 50


def test_false_tips_cost_hours_and_bring_nothing():
    nothing = {"transfers.fuel.per_month": 0.0, "observers.satellite.false_per_month": 200.0}
    log = simulate(scenario("neon-spring", HEEDED, MANY, nothing))
    totals = log.totals()
    assert totals["tips_followed"] > 3
    assert totals["tip_hours"] == totals["false_tip_hours"] > 0.0
    flown = np.vstack([sortie.flown for sortie in log.sorties])
    for one in flights_for_tips(log):
        legs = flown[(flown[:, 0] >= one.begin_h - 1e-9) & (flown[:, 1] <= one.end_h + 1e-9)]
        assert np.sum(legs[:, 1] - legs[:, 0]) == pytest.approx(one.end_h - one.begin_h)
    for name in ("tips_fruitful", "tips_in_time", "stale_tip_hours", "documented_tipped", "documented"):
        assert totals[name] == 0


def test_a_tip_flown_after_its_ships_have_left_is_stale(monkeypatch):
    def gone(begin, end, x, y):
        (k, *_) = np.flatnonzero((end > 20.0) & (end < 23.9))
        return [(end[k] - 0.1, 24.0, x[k], y[k], 1.0, k)]

    log = fly(monkeypatch, gone, **{"transfers.fuel.per_month": 60.0, "transfers.fuel.duration_h": 5.0})
    (one,), totals = flights_for_tips(log), log.totals()
    assert totals["stale_tip_hours"] == totals["tip_hours"] == pytest.approx(one.end_h - one.begin_h)
    assert totals["false_tip_hours"] == totals["tips_fruitful"] == 0.0


def test_what_is_documented_after_the_end_bears_no_fruit(monkeypatch):
    def all_of(begin, end, x, y):
        return [(45.0, 45.1, x[k], y[k], 0.0, k) for k in np.flatnonzero((begin < 45.0) & (end > 50.0))]

    fruit = []
    for days in (2.2, 45.8 / 24.0):
        log = fly(monkeypatch, all_of, **SURE, duration_days=days)
        fruit.append(log.totals()["tips_fruitful"])
        documented = {e.vessel for e in log.events if e.event == "documented"}
        assert all(set(one.documented) <= documented for one in flights_for_tips(log))
    assert fruit[0] > 0


# ---------------------------------------------------------------------------------------------------- reproducible
def test_workers_give_the_same_tips_as_one_process():
    scene = scenario("neon-crew", HEEDED, MANY, BACK)
    tasks = [Task((Case(0, scene, digest(scene)),), 1, first, first + 2, 6) for first in range(0, 6, 2)]
    alone = [block.tables for block in perform_all(tasks, 1)]
    assert sum(one["tips"].num_rows for one in alone) > 100
    assert alone == [block.tables for block in perform_all(tasks, 2, worth_s=0.0)]


def test_hash_seeds_do_not_matter(tmp_path):
    path = tmp_path / "tips.toml"
    path.write_text(flat_toml(scenario("neon-crew", HEEDED, MANY, BACK, {"duration_days": 4})))
    code = "import sys; from sim import run; run(sys.argv[1], 2, out=sys.argv[2])"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", code, str(path), str(tmp_path / seed)], check=True, env=environment)
    for name in (*TABLES, "tips"):
        one, other = ((tmp_path / seed / f"{name}.parquet").read_bytes() for seed in ("1", "2"))
        assert one == other, name
