"""A result depends on scenario, seed and replication number only."""

import gc
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import sim.study.executors
from sim import load_scenario, run, simulate, sweep
from sim.scenario.digest import digest, flat_toml
from sim.study.executors import Batch, PointScenario, simulate_batch, simulate_batches
from sim.study.store import TABLES, Results
from tests.helpers import CHANCES, study_of

STUDY = f"""{study_of(CHANCES, 60)}
[[vary]]
name = "pace"
settings = [
    {{ label = "daily", set = {{ "patrols.daily.every_h" = 24.0, duration_days = 6.0 }} }},
    {{ label = "every other day", set = {{ "patrols.daily.every_h" = 48.0, duration_days = 6.0 }} }},
]
"""


def files(folder: Path) -> dict[str, bytes]:
    return {name: (folder / f"{name}.parquet").read_bytes() for name in TABLES}


def test_two_runs_and_a_run_of_the_flat_scenario_give_the_same_bytes(neon: Path, tmp_path: Path):
    run("neon-spring", 6, out=tmp_path / "again")
    run(neon / "scenario.toml", 6, out=tmp_path / "flat")
    assert files(tmp_path / "again") == files(neon)
    assert files(tmp_path / "flat") == files(neon)


def test_workers_give_the_same_rows_as_one_process():
    scenario = load_scenario("neon-spring", {"duration_days": 4})
    cases = (PointScenario(0, scenario, digest(scenario)),)
    tasks = [Batch(cases, 1, first, first + 2, 8) for first in range(0, 8, 2)]
    alone = [block.tables for block in simulate_batches(tasks, 1)]
    shared = [block.tables for block in simulate_batches(tasks, 2, worth_workers_s=0.0)]
    assert alone == shared


def test_a_worker_that_dies_loses_nothing():
    scenario = load_scenario("textbook", {"duration_days": 4})
    tasks = [Batch((PointScenario(0, scenario, digest(scenario)),), 1, first, first + 1, 0) for first in range(20)]
    before = set(multiprocessing.active_children())
    done = []
    for block in simulate_batches(tasks, 2, worth_workers_s=0.0):
        done.append(block.first)
        if len(done) == 4:  # the parent is busy with a block while a worker dies
            worker = (set(multiprocessing.active_children()) - before).pop()
            os.kill(worker.pid, signal.SIGKILL)
            deadline = time.monotonic() + 10.0
            while worker.is_alive() and time.monotonic() < deadline:
                worker.join(0.05)
            assert not worker.is_alive()
    assert done == list(range(20))


def test_a_run_by_workers_writes_the_same_bytes(neon: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("sim.study.runs.simulate_batches", partial(simulate_batches, worth_workers_s=0.0))
    run("neon-spring", 6, out=tmp_path / "shared", jobs=2)
    assert files(tmp_path / "shared") == files(neon)


def test_one_replication_alone_is_the_same_as_among_others(neon_results: Results, tmp_path: Path):
    run("neon-spring", only=4, out=tmp_path / "one")
    alone = Results.load(tmp_path / "one")
    for name in TABLES:
        among = neon_results.tables[name].filter(pc.field("replication") == 4)
        assert alone.tables[name].equals(among)


def test_the_order_of_replications_does_not_matter():
    scenario = load_scenario("neon-spring", {"duration_days": 4})
    forward = {r: simulate(scenario, 1, r).totals() for r in (0, 1, 2)}
    backward = {r: simulate(scenario, 1, r).totals() for r in (2, 1, 0)}
    assert forward == backward


def test_hash_seeds_do_not_matter(neon_results: Results, tmp_path: Path):
    """Python's own hash of a text differs from process to process, and so may the order of a set."""
    code = "import sys; from sim import run; print(hash('text')); run('neon-spring', 2, out=sys.argv[1])"
    call = [sys.executable, "-c", code, str(tmp_path / "other")]
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    other = subprocess.run(call, check=True, env=environment, capture_output=True, encoding="utf-8").stdout
    assert int(other) != hash("text")
    tables = Results.load(tmp_path / "other").tables
    for name in TABLES:
        assert tables[name].equals(neon_results.tables[name].filter(pc.field("replication") < 2))


def test_seeds_and_replications_differ():
    scenario = load_scenario("neon-spring", {"duration_days": 4})
    totals = [tuple(simulate(scenario, seed, r).totals().values()) for seed in (1, 2) for r in (0, 1)]
    assert len(set(totals)) == 4


def test_background_contacts_change_nothing_else():
    plain = load_scenario("neon-spring", {"duration_days": 4})
    counted = load_scenario("neon-spring", {"duration_days": 4, "outputs.contacts": True})
    one, other = (simulate(scenario, 1, 0).totals() for scenario in (plain, counted))
    assert other.pop("contacts") > 100
    assert one == other


def test_a_law_in_pieces_is_the_same_flight(tmp_path: Path):
    flat = tmp_path / "flat.toml"
    flat.write_text(flat_toml(load_scenario("neon-haze")), encoding="utf-8")
    assert load_scenario(flat) == load_scenario("neon-haze")


def test_row_groups_do_not_depend_on_how_the_work_was_cut(tmp_path: Path):
    run(load_scenario("textbook", {"duration_days": 1}), 230, out=tmp_path / "a")
    metadata = pq.read_metadata(tmp_path / "a" / "replications.parquet")
    assert [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)] == [200, 30]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the study, swept at once; no test changes it."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    sweep(folder / "study.toml", out=folder / "out")
    return folder / "out"


def study_files(folder: Path) -> dict[str, bytes]:
    names = ("points.parquet", "replications.parquet", "measures.csv", "study.json")
    return {name: (folder / name).read_bytes() for name in names}


def test_a_killed_sweep_goes_on_to_the_same_bytes(study: Path, swept: Path, tmp_path: Path, monkeypatch):
    done = []

    def killed(tasks, *_, **__):
        for task in tasks:
            for block in simulate_batch(task):
                if len(done) == 3:
                    raise KeyboardInterrupt
                done.append(block)
                yield block

    monkeypatch.setattr("sim.study.runs.simulate_batches", killed)
    with pytest.raises(KeyboardInterrupt):
        sweep(study, out=tmp_path / "cut")
    assert len(list((tmp_path / "cut" / "parts").iterdir())) == 3
    monkeypatch.undo()
    progress = []
    sweep(study, out=tmp_path / "cut", progress=lambda got, _: progress.append(got))
    assert progress[0] > 0
    assert study_files(tmp_path / "cut") == study_files(swept)


def test_a_damaged_part_is_done_again(study: Path, swept: Path, tmp_path: Path):
    shutil.copytree(swept, tmp_path / "s")
    part = next((tmp_path / "s" / "parts").iterdir())
    part.write_bytes(part.read_bytes()[:50])
    (tmp_path / "s" / "replications.parquet").unlink()
    sweep(study, out=tmp_path / "s")
    assert study_files(tmp_path / "s") == study_files(swept)


def test_points_with_the_same_ships_realise_them_once(study: Path, tmp_path: Path, monkeypatch):
    made = []
    real = sim.study.executors.realise
    monkeypatch.setattr(sim.study.executors, "realise", lambda *a: made.append(a[2]) or real(*a))
    shared = sweep(study, out=tmp_path / "s").table
    assert made == list(range(60))  # four points, one realisation of each replication
    alone = run("textbook", 60, sets={"duration_days": 6.0}, keep=0).tables["replications"]
    columns = ("transfers", "detected", "flight_hours")
    point = [row for row in shared.to_pylist() if row["point"] == 2]  # its levels are the textbook's own
    assert [[row[name] for name in columns] for row in point] == [
        [row[name] for name in columns] for row in alone.to_pylist()
    ]


def test_other_ships_are_realised_for_each_point(tmp_path: Path, monkeypatch):
    made = []
    real = sim.study.executors.realise
    monkeypatch.setattr(sim.study.executors, "realise", lambda *a: made.append(a[2]) or real(*a))
    path = tmp_path / "study.toml"
    path.write_text(
        'format = 1\nscenario = "textbook"\nreplications = 3\n'
        '[[vary]]\nkey = "transfers.events.per_month"\nvalues = [50.0, 100.0]\n'
        '[[vary]]\nkey = "patrols.daily.every_h"\nvalues = [24.0, 48.0]\n',
        encoding="utf-8",
    )
    results = sweep(path, out=tmp_path / "s")
    assert made == [0, 1, 2, 0, 1, 2]
    transfers = np.array(results.table.column("transfers")).reshape(4, 3)
    assert np.array_equal(transfers[0], transfers[1])
    assert not np.array_equal(transfers[1], transfers[2])


def test_points_are_crossed_the_last_factor_fastest_on_common_random_numbers(tmp_path: Path):
    (tmp_path / "month.toml").write_text(STUDY.replace(", duration_days = 6.0", ""), encoding="utf-8")
    results = sweep(tmp_path / "month.toml", out=tmp_path / "month")
    assert [tuple(levels.values()) for levels in results.levels] == [
        (0.25, "daily"),
        (0.25, "every other day"),
        (0.75, "daily"),
        (0.75, "every other day"),
    ]
    transfers = np.array(results.table.column("transfers")).reshape(4, 60)
    assert np.all(transfers == transfers[0])
    p = [one.value for one in results.estimates("p_detected")]
    assert p == pytest.approx([0.125, 0.0625, 0.375, 0.1875], abs=0.02)


def test_a_run_leaves_the_garbage_collector_as_it_was(tmp_path):
    before = gc.get_threshold()
    run("textbook", 2, out=tmp_path / "run")
    assert gc.get_threshold() == before
