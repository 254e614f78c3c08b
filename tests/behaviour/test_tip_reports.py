"""How reports reach the cells: over agreements, from observers and from crews; and what they must not change."""

from datetime import date

import numpy as np
import pytest

from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from tests.behaviour.tip_scenarios import BOTH, CREW, FOLLOWED, MANY, NEAR, SECOND, WATCHED, both_logs, scenario, tables


# What must not change.
@pytest.mark.parametrize("name", ["neon-spring", "neon-crew"])
def test_with_nothing_released_all_is_as_with_no_agreement(name):
    sets = [FOLLOWED, MANY, NEAR if name == "neon-crew" else {}]
    keys = ("agreements.canada_japan", "agreements.five_eyes")
    shut = {f"{key}.release": 0.0 for key in keys}
    none = {f"{key}.state": "none" for key in keys}
    later = {f"{key}.in_force_from": date(2024, 1, 1) for key in keys}
    plans = [prepare(scenario(name, *sets, how)) for how in (shut, none, later)]
    for replication in range(2):
        first, *others = (tables(simulate(plan, 1, replication)) for plan in plans)
        assert set(first) == {"replications", "transfers", "events", "tracks", "tips"}
        for other in others:
            for table in first:
                assert first[table].equals(other[table]), table


@pytest.mark.parametrize("name", ["neon-spring", "neon-crew"])
def test_nations_whose_patrols_have_no_rules_for_tips_change_nothing(name):
    without = scenario(name, MANY)
    for replication in range(2):
        before = tables(simulate(without, 1, replication))
        after = tables(simulate(scenario(name, WATCHED, MANY), 1, replication))
        assert set(before) == set(after)
        for table in before:
            more = set(after[table].column_names) - set(before[table].column_names)
            assert more <= {"seen_by", "reported", "seen_any", "documented_reported"}
            assert before[table].equals(after[table].drop_columns(list(more))), table


@pytest.mark.parametrize("name", ["neon-spring", "neon-crew"])
def test_rules_for_tips_that_never_come_change_nothing(name):
    sets = [MANY, NEAR if name == "neon-crew" else {}]
    nothing = {"observers.source.probability": 0.0, "observers.source.false_per_month": 0.0}
    nothing |= {f"agreements.{link}.release": 0.0 for link in ("canada_japan", "five_eyes")}
    compared = 0
    for replication in range(2):
        before = tables(simulate(scenario(name, *sets), 1, replication))
        after = tables(simulate(scenario(name, FOLLOWED, *sets, nothing), 1, replication))
        for table in before:
            assert before[table].equals(after[table].select(before[table].column_names)), table
            compared += before[table].num_rows
    assert compared > 100


def observed(log):
    """The reports of all observers but crews: name, and all fields but the number of the observer."""
    dissemination = log.dissemination
    reports = [
        report
        for report in dissemination.reports
        if dissemination.plan.observers[report.observer].spec.kind != "patrol"
    ]
    return [(dissemination.plan.observers[report.observer].name, *report[1:]) for report in reports]


def test_what_observers_report_is_the_same_whatever_anybody_does():
    base = [FOLLOWED, MANY]
    others = [
        {"agreements.canada_japan.release": 0.1, "agreements.five_eyes.state": "negotiating"},
        {"patrols.aurora.tips": {"divert": False, "search": {"pattern": "sector"}}, "nations.canada.cell.lasts_h": 2.0},
        {"routes.search.spacing_nmi": 15.0, "patrols.aurora.every_h": 50.0},
        {"patrols.second": {**SECOND, "nation": "japan"}},
        {"observers.crew": {**CREW, "nation": "canada", "patrol": "aurora"}},
        {"aircraft.cp140.search_speed_kn": 150.0, "patrols.aurora.first_takeoff_h": 2.0},
    ]
    log = simulate(scenario("neon-spring", *base), 3, 1)
    assert len(observed(log)) > 30
    world = log.world.transfers
    for change in others:
        other = simulate(scenario("neon-spring", *base, change), 3, 1)
        assert observed(log) == observed(other)
        assert np.array_equal(world.begin, other.world.transfers.begin)
        assert np.array_equal(world.x, other.world.transfers.x)
        columns = ["observer", "transfer", "seen_h", "made_h", "lon", "lat"]
        rows = [
            sorted({row for row in zip(*(t[c].to_pylist() for c in columns), strict=True) if row[0] != "crew"}, key=str)
            for t in (tables(log)["tips"], tables(other)["tips"])
        ]
        assert rows[0] == rows[1] or change in others[:1]  # where less arrives from before hour 0 there are fewer rows


def test_transfers_known_to_observers_are_those_of_the_world():
    log = simulate(scenario("neon-crew", FOLLOWED, MANY, {"observers.desk.delay_h": {"mean": 20.0}}), 2, 0)
    table, rows = log.dissemination.transfers, log.dissemination.rows
    assert len(table.begin) > len(rows)
    assert np.array_equal(table.vessels[rows], log.world.transfers.vessels)
    assert np.array_equal(table.begin[rows], log.world.transfers.begin)


def received_by(log, nation):
    """Of each report the hours at which copies came, and how precise they were: {identity: [(hour, error)]}."""
    received = {}
    for arrival in log.dissemination.arrivals:
        if arrival.nation == nation:
            received.setdefault(log.dissemination.reports[arrival.report].identity, []).append(
                (arrival.arrived_h, arrival.error_nmi)
            )
    return received


def test_opening_a_link_never_reduces_what_a_cell_has_received():
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
    own = {key: value for key, value in FOLLOWED.items() if not key.startswith("agreements.")}
    states = [() if not i else tuple(n for k, n in enumerate(links) if i >> k & 1) for i in range(16)]
    worlds = {
        state: received_by(
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


# What crews find is reported too.
def test_each_partners_crew_is_tipped_by_what_the_other_finds():
    for log in both_logs():
        dissemination = log.dissemination
        names = [observer.name for observer in dissemination.plan.observers]
        arrived = {
            (names[dissemination.reports[arrival.report].observer], arrival.nation)
            for arrival in dissemination.arrivals
        }
        assert arrived == {(name, nation) for name in ("aurora", "second") for nation in ("canada", "japan")}
        rungs = {}
        for event in log.events:
            if event.event in ("classified", "documented"):
                rungs.setdefault((event.patrol, event.vessel, event.time_h), event.event)
        for arrival in dissemination.arrivals:
            report = dissemination.reports[arrival.report]
            rung = rungs[
                names[report.observer], int(np.flatnonzero(dissemination.rows == report.target)[0]), report.seen_h
            ]
            own = arrival.nation == dissemination.plan.observers[report.observer].spec.nation
            assert not own or rung == "documented"  # a crew's own find is no tip to it
            assert arrival.arrived_h == pytest.approx(report.made_h + (0.0 if own else 0.1))
            assert rung != "documented" or arrival.tip.resolved
    assert sum(log.totals()["tips_fruitful"] for log in both_logs()) > 0


def test_crews_report_a_find_as_they_make_it():
    reports, waits = [], []
    for log in both_logs():
        reports += [(row.seen_h, row.made_h) for row in log.dissemination.reports]
        waits += [row.arrived_h - log.dissemination.reports[row.report].made_h for row in log.dissemination.arrivals]
    assert len(reports) > 5
    assert [made_h - seen_h for seen_h, made_h in reports] == pytest.approx([0.2] * len(reports))
    assert len(waits) > 5
    assert min(waits) >= -1e-9  # nobody hears of a report before it was made


def test_a_crew_without_rules_for_contacts_reports_in_time():
    without_tips = {key: value for key, value in BOTH.items() if not key.startswith("patrols.aurora.tips")}
    kinds = {"observers.aurora.reports": "detected", "duration_days": 3}
    for extra in ({}, {"patrols.aurora.tips": {}}):
        scene = scenario("neon-spring", without_tips, kinds, extra)
        unidentifying = scene.aircraft["cp140"].model_copy(update={"identification": None})
        crew = scene.patrols["aurora"].model_copy(update={"aircraft": "bare"})
        scene = scene.model_copy(
            update={"aircraft": {**scene.aircraft, "bare": unidentifying}, "patrols": {**scene.patrols, "aurora": crew}}
        )
        log = simulate(scene)
        late = [a for a in log.dissemination.arrivals if a.nation == "japan"]
        assert len(late) > 10
        hours = [tip.first_h for tip in log.dissemination.cells["japan"].tips]
        assert hours == sorted(hours)


def test_reports_of_contacts_that_were_no_transfer_are_withdrawn():
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
    last = {arrival.report: arrival.tip for arrival in log.dissemination.arrivals}
    withdrawn = [tip for tip in last.values() if tip.resolved and not tip.targets]
    assert [
        tip
        for tip in withdrawn
        if not any(
            abs(hour - tip.seen_h) < cell.spec.lasts_h and cell.covers(tip, x, y, hour)
            for x, y, hour in cell.documented
        )
    ]  # by being taken back


def test_a_crew_that_follows_no_tips_still_resolves_those_of_its_nation():
    second = {
        "aircraft": "cp140", "base": "kadena", "routes": ["search"], "first_takeoff_h": 23.0, "every_h": 24.0,
        "nation": "canada",
    }  # fmt: skip
    log = simulate(prepare(scenario("neon-crew", FOLLOWED, MANY, {"patrols.second": second})), 1, 0)
    assert log.dissemination is not None
    documented = [e for e in log.events if e.event == "documented" and e.patrol == "second"]
    assert documented
    settled = log.dissemination.cells["canada"].documented
    assert {(e.x, e.y, e.time_h) for e in documented} <= set(settled)
    by_followers = [e for e in log.events if e.event == "documented" and e.patrol == "aurora"]
    assert log.totals()["documented_tipped"] <= len({e.vessel for e in by_followers})
