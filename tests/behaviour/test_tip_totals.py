"""What is counted of tips: totals, the table of tips, and that neither depends on workers or hash seeds."""

import functools
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from sim import run
from sim.deployment.engine import simulate
from sim.deployment.patrols import patrols_following_tips
from sim.deployment.sorties import TipFlight
from sim.deployment.tip_outcomes import TipRecord
from sim.deployment.totals import TOTALS
from sim.deployment.world import prepare
from sim.scenario.digest import digest, flat_toml
from sim.study.executors import Batch, PointScenario, simulate_batches
from sim.study.store import TABLES
from tests.behaviour.tip_scenarios import (
    BACK,
    BOTH,
    FOLLOWED,
    MANY,
    SURE,
    both_logs,
    flights_for_tips,
    fly_with,
    scenario,
    tables,
)

TIP_TOTALS = [total.name for total in TOTALS if total.exists == "tips"]


def test_tips_count_only_where_a_crew_can_act_on_them():
    """One criterion: tips of a patrol, a crew that investigates, and somebody who observes."""
    plan = scenario("agreements-2026", {"duration_days": 4})
    assert simulate(plan).totals()["tips_in_time"] > 0
    assert (
        set(patrols_following_tips(plan))
        == {name for name, part in plan.patrols.items() if part.tips is not None}
        != set()
    )
    without_identification = {
        name: part.model_copy(update={"identification": None}) for name, part in plan.aircraft.items()
    }
    cannot_act = plan.model_copy(update={"aircraft": without_identification})
    log = simulate(cannot_act)
    assert patrols_following_tips(cannot_act) == {}
    assert not set(TIP_TOTALS) & set(log.totals())
    assert "tips" not in tables(log)
    assert patrols_following_tips(plan.model_copy(update={"observers": {}})) == {}


def test_a_transfer_documented_by_two_is_one():
    shared = 0
    for log in both_logs():
        who = {}
        for event in log.events:
            if event.event == "documented" and log.world.transfers.counted[event.vessel]:
                who.setdefault(event.vessel, set()).add(event.patrol)
        shared += sum(len(patrols) > 1 for patrols in who.values())
        assert log.totals()["documented"] == len(who)
        assert log.totals()["documented_tipped"] <= len(who)
    alone = simulate(
        scenario("neon-spring", BOTH, {"agreements.both.state": "none", "agreements.again.state": "none"}), 1
    )
    who = [(e.vessel, e.patrol) for e in alone.events if e.event == "documented"]
    assert shared + len(set(who)) - len({vessel for vessel, _ in who}) > 0


@functools.cache
def busy_logs():
    plan = prepare(scenario("neon-crew", FOLLOWED, MANY, BACK))
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


STAGES = ("made", "arrived", "in_time", "followed", "fruitful")
OWN = {**FOLLOWED, "observers.desk.nation": "canada", "agreements": {}}  # a nation's own observer, and no partner


@pytest.mark.parametrize(
    ("name", "sets", "has_own"),
    [
        ("neon-crew", (FOLLOWED, MANY, BACK), True),
        ("neon-crew", (OWN, MANY), True),
        ("neon-spring", (BOTH,), False),  # of its own crews alone, whose reports are no tips for their nation
        ("agreements-2022", ({"duration_days": 8, "outputs.contacts": False},), False),
        ("neon-allies", ({"duration_days": 8, "outputs.contacts": False},), True),
    ],
)
def test_reports_become_fewer_from_stage_to_stage_and_own_ones_and_partners_are_all(name, sets, has_own):
    """One population: what partners made and what the nation's own observers made are told apart, at every stage."""
    plan = prepare(scenario(name, *sets))
    observers = {row: spec.nation for row, spec in plan.scenario.observers.items()}
    for replication in range(2):
        log = simulate(plan, 3, replication)
        totals = log.totals()
        stages = [totals[f"reports_{stage}"] for stage in STAGES]
        own = [totals[f"own_reports_{stage}"] for stage in STAGES]
        assert stages == sorted(stages, reverse=True)
        assert own == sorted(own, reverse=True)
        partners = [whole - ours for whole, ours in zip(stages, own, strict=True)]
        assert partners == sorted(partners, reverse=True)
        assert partners[:3] == [totals["tips_sent"], totals["tips_released"], totals["tips_in_time"]]
        by_observer = [[log.tips.came_to(stage, observer=row) for row in observers] for stage in STAGES]
        by_nation = [[log.tips.came_to(stage, nation=of) for of in set(observers.values())] for stage in STAGES]
        assert [sum(counts) for counts in by_observer] == [sum(counts) for counts in by_nation] == stages
        assert bool(own[0]) == has_own
        assert stages[1] > 0


def test_the_table_of_tips_says_what_the_totals_say():
    judged = 0
    for log in busy_logs():
        totals, rows = log.totals(), tables(log)["tips"].to_pylist()
        ends = dict(
            zip(log.dissemination.transfers.labels.tolist(), log.dissemination.transfers.end.tolist(), strict=True)
        )
        sent = [row for row in rows if row["nation"] != row["cell"] and row["made_h"] >= 0.0]
        released = [row for row in sent if row["arrived_h"] is not None]
        in_time = [row for row in released if row["transfer"] and row["arrived_h"] < ends[row["transfer"]]]
        fruitful = [row for row in rows if row["made_h"] >= 0.0 and row["fruitful"]]
        assert totals["reports_fruitful"] == len(fruitful)
        assert totals["tips_sent"] == len(sent)
        assert totals["tips_released"] == len(released)
        assert totals["tips_in_time"] == len(in_time)
        assert totals["tip_age_h"] == pytest.approx(sum(row["arrived_h"] - row["seen_h"] for row in released))
        flown = {(row["cell"], row["tip"], row["followed_h"]) for row in rows if row["followed_h"] is not None}
        assert len(flown) <= totals["tips_followed"]
        begun = {(flight.nation, flight.tip, flight.begin_h) for flight in flights_for_tips(log)}
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
    log = simulate(scenario("neon-spring", FOLLOWED, MANY, nothing))
    totals = log.totals()
    assert totals["tips_followed"] > 3
    assert totals["tip_hours"] == totals["false_tip_hours"] > 0.0
    flown = np.vstack([sortie.flown for sortie in log.sorties])
    for flight in flights_for_tips(log):
        legs = flown[(flown[:, 0] >= flight.begin_h - 1e-9) & (flown[:, 1] <= flight.end_h + 1e-9)]
        assert np.sum(legs[:, 1] - legs[:, 0]) == pytest.approx(flight.end_h - flight.begin_h)
    for name in ("tips_fruitful", "tips_in_time", "stale_tip_hours", "documented_tipped", "documented"):
        assert totals[name] == 0


def test_a_tip_flown_after_its_ships_have_left_is_stale():
    def gone(begin, end, x, y):
        (k, *_) = np.flatnonzero((end > 20.0) & (end < 23.9))
        return [(end[k] - 0.1, 24.0, x[k], y[k], 1.0, k)]

    log = fly_with(gone, **{"transfers.fuel.per_month": 60.0, "transfers.fuel.duration_h": 5.0})
    (flight,), totals = flights_for_tips(log), log.totals()
    assert totals["stale_tip_hours"] == totals["tip_hours"] == pytest.approx(flight.end_h - flight.begin_h)
    assert totals["false_tip_hours"] == totals["tips_fruitful"] == 0.0


@pytest.mark.parametrize(("about", "arrival_h", "stale"), [
    ({0}, 6.0, True), ({1}, 6.0, False), ({0, 1}, 6.0, False), ({0, 1}, 9.0, True), (set(), 9.0, False),
])  # fmt: skip
def test_a_tip_about_several_transfers_is_stale_once_all_their_ships_have_parted(about, arrival_h, stale):
    transfers = SimpleNamespace(end=np.array([5.0, 9.0]))
    flight = TipFlight("canada", 0, 4.0, arrival_h, 10.0, [], frozenset(about))
    assert TipRecord(SimpleNamespace(transfers=transfers), [flight], {}).is_stale(flight) is stale


def test_what_is_documented_after_the_end_bears_no_fruit():
    def about_all(begin, end, x, y):
        return [(45.0, 45.1, x[k], y[k], 0.0, k) for k in np.flatnonzero((begin < 45.0) & (end > 50.0))]

    fruit = []
    for days in (2.2, 45.8 / 24.0):
        log = fly_with(about_all, **SURE, duration_days=days)
        fruit.append(log.totals()["tips_fruitful"])
        documented = {e.vessel for e in log.events if e.event == "documented"}
        assert all(set(flight.documented) <= documented for flight in flights_for_tips(log))
    assert fruit[0] > 0


def test_workers_give_the_same_tips_as_one_process():
    scene = scenario("neon-crew", FOLLOWED, MANY, BACK)
    tasks = [Batch((PointScenario(0, scene, digest(scene)),), 1, first, first + 2, 6) for first in range(0, 6, 2)]
    alone = [block.tables for block in simulate_batches(tasks, 1)]
    assert sum(block_tables["tips"].num_rows for block_tables in alone) > 100
    assert alone == [block.tables for block in simulate_batches(tasks, 2, worth_workers_s=0.0)]


def test_hash_seeds_do_not_matter(tmp_path):
    path = tmp_path / "tips.toml"
    path.write_text(flat_toml(scenario("neon-crew", FOLLOWED, MANY, BACK, {"duration_days": 4})), encoding="utf-8")
    run(path, 2, out=tmp_path / "here")
    code = "import sys; from sim import run; print(hash('text')); run(sys.argv[1], 2, out=sys.argv[2])"
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    call = [sys.executable, "-c", code, str(path), str(tmp_path / "other")]
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    other = subprocess.run(call, check=True, env=environment, capture_output=True, encoding="utf-8").stdout
    assert int(other) != hash("text")
    for name in (*TABLES, "tips"):
        first, second = ((tmp_path / where / f"{name}.parquet").read_bytes() for where in ("here", "other"))
        assert first == second, name
