"""Replications that fail are named, with the command that simulates one again."""

import math
import re
import shlex
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import sim.study.executors
from sim.cli.failures import sweep_outcomes
from sim.scenario.digest import digest
from sim.scenario.load import load_scenario
from sim.study.design import load_study
from tests.helpers import Answer

Seasweep = Callable[..., Answer]
Patch = pytest.MonkeyPatch
RUN = ("run", "textbook", "--replications", "20", "--jobs", "1", "--out", "mine")


def let_fail(patch: Patch, *numbers: int, title: str = "") -> None:
    """Let replications fail by their numbers, of all scenarios or of one by its title."""
    real = sim.study.executors.fly

    def fly(plan: Any, world: Any, replication: int) -> Any:
        if replication in numbers and title in ("", plan.scenario.title):
            raise RuntimeError("a wave too high")
        return real(plan, world, replication)

    patch.setattr(sim.study.executors, "fly", fly)


def proposed(answer: Answer) -> list[str]:
    """The arguments of the command that a message proposes, as a shell reads them."""
    (line,) = re.findall("^To simulate .* again and record all its events: (.*)$", answer.err, re.MULTILINE)
    command, *arguments = shlex.split(line)
    assert command == "seasweep"
    return arguments


def test_failures_are_counted_and_named(seasweep: Seasweep, monkeypatch: Patch) -> None:
    let_fail(monkeypatch, 3, 17)
    answer = seasweep(*RUN)
    assert answer.code == 1
    assert "error: 20 replications asked for, 18 done, 2 failed: replications 3, 17\n" in answer.err
    assert "RuntimeError: a wave too high. The whole error is in mine/run.json." in answer.err
    assert "This is a fault of seasweep: please report it." in answer.err


def test_without_failures_nothing_is_said_of_them(seasweep: Seasweep) -> None:
    answer = seasweep(*RUN)
    assert answer.code == 0
    assert "failed" not in answer.err
    assert "asked for" not in answer.err


def test_of_many_failures_the_first_are_named(seasweep: Seasweep, monkeypatch: Patch) -> None:
    let_fail(monkeypatch, *range(2, 17))
    answer = seasweep(*RUN)
    assert "5 done, 15 failed: replications 2, 3, 4, 5, 6, 7, 8, 9, 10, 11; and 5 more\n" in answer.err


def test_the_proposed_command_simulates_that_replication_with_its_events(
    seasweep: Seasweep, monkeypatch: Patch
) -> None:
    sets = ["--set", "transfers.events.per_month=40", "--set", "title=it's mine; $HOME"]
    with monkeypatch.context() as patch:
        let_fail(patch, 17)
        arguments = proposed(seasweep(*RUN, "--seed", "7", "--keep", "0", *sets))
    assert arguments[arguments.index("--only") :][:2] == ["--only", "17"]
    assert seasweep(*arguments, "--jobs", "1").code == 0
    alone = Path(arguments[-1])
    assert pq.read_table(alone / "events.parquet").num_rows > 0
    assert seasweep(*RUN, "--seed", "7", "--keep", "0", *sets, "--force").code == 0
    among = pq.read_table("mine/replications.parquet").slice(17, 1)
    assert pq.read_table(alone / "replications.parquet").equals(among)


def test_failures_of_a_sweep_are_named_by_point(seasweep: Seasweep, monkeypatch: Patch) -> None:
    vary = '[[vary]]\nname = "pace"\nsettings = [{ label = "slow", set = { "patrols.daily.every_h" = 48.0 } }]\n'
    Path("sea.toml").write_text('extends = "textbook"\ntitle = "my sea"\n', encoding="utf-8")
    Path("study.toml").write_text(
        f'format = 1\nscenario = "sea.toml"\nreplications = 4\nseed = 5\n{vary}[baseline]\nlabel = "usual"\n',
        encoding="utf-8",
    )
    with monkeypatch.context() as patch:
        let_fail(patch, 1, 2)
        answer = seasweep("sweep", "study.toml", "--jobs", "1", "--out", "swept")
    assert answer.code == 1
    named = "replications 1, 2 of point 0; replications 1, 2 of point 1"
    assert f"error: 8 replications asked for, 4 done, 4 failed: {named}\n" in answer.err
    arguments = proposed(answer)
    assert seasweep(*arguments, "--jobs", "1").code == 0
    alone = pq.read_table(Path(arguments[-1]) / "replications.parquet").to_pylist()
    assert seasweep("sweep", "study.toml", "--jobs", "1", "--out", "swept").code == 0
    assert pq.read_table("swept/replications.parquet").drop_columns("point").slice(1, 1).to_pylist() == alone


def test_failures_of_a_comparison_are_named_by_scenario(seasweep: Seasweep, monkeypatch: Patch) -> None:
    Path("second.toml").write_text('extends = "textbook"\ntitle = "second"\n', encoding="utf-8")
    let_fail(monkeypatch, 1, title="second")
    answer = seasweep("compare", "textbook", "second.toml", "--replications", "3", "--jobs", "1")
    assert answer.code == 1
    assert "error: 6 replications asked for, 5 done, 1 failed: replication 1 of second.toml\n" in answer.err
    assert proposed(answer)[:2] == ["run", "second.toml"]


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("total", ["flight_hours", "detected"])
def test_a_total_that_is_no_number_is_a_failure_and_no_empty_cell(
    seasweep: Seasweep, monkeypatch: Patch, total: str, value: float
) -> None:
    real = sim.study.executors.fly

    def fly(plan: Any, world: Any, replication: int) -> Any:
        log = real(plan, world, replication)
        totals = {**log.totals(), total: value}
        if replication == 3:
            log.totals = lambda: totals
        return log

    monkeypatch.setattr(sim.study.executors, "fly", fly)
    answer = seasweep(*RUN)
    assert answer.code == 1
    assert "19 done, 1 failed: replication 3\n" in answer.err
    assert f"the total {total} is {value}" in answer.err
    table = pq.read_table("mine/replications.parquet")
    assert table.column(total).null_count == 0
    assert 3 not in table.column("replication").to_pylist()


VARIED = """\
format = 1
scenario = "textbook"
[[vary]]
name = "law"
settings = [
    { label = "one", set = { "sensors.eye.law" = { kind = "definite_range", range_nmi = 5.0, probability = 0.5 } } },
    { label = "two", set = { "sensors.eye.law.kind" = "definite_range", "sensors.eye.law.range_nmi" = 5.0 } },
    { label = "three", set = { "title" = "it's,  a \\"law\\"; $HOME", "start" = 2026-05-01T00:00:00Z } },
]
[[vary]]
name = "many"
keys = ["transfers.events.per_month", "patrols.daily.every_h"]
values = [24.0, 48.0]
[baseline]
label = "usual"
"""


@pytest.mark.parametrize("name", ["study.toml", "neon-more"])
def test_the_scenario_of_a_point_is_that_of_its_command(folder: Path, name: str) -> None:
    Path("study.toml").write_text(VARIED, encoding="utf-8")
    design = load_study(name)
    failures = [{"point": point.number, "replication": 0, "error": "an error"} for point in design.points]
    outcomes = sweep_outcomes(design, failures, folder)
    assert len(outcomes) == len(design.points) >= 5
    for point, outcome in zip(design.points, outcomes, strict=True):
        given, *options = outcome.arguments
        sets = [text for flag, text in pairwise(options) if flag == "--set"]
        assert digest(load_scenario(given, sets)) == digest(point.scenario)


def test_failures_of_points_of_unknown_figures_are_named_by_point(seasweep: Seasweep) -> None:
    assert seasweep(*RUN).code == 0
    unknown = (
        "--unknown",
        "transfers.events.duration_h=3.0:6.0",
        "--points",
        "2",
        "--replications",
        "4",
        "--jobs",
        "1",
    )
    with pytest.MonkeyPatch.context() as patch:
        let_fail(patch, 1)
        answer = seasweep("infer", "mine", "--documented", "2", *unknown)
    assert answer.code == 1
    assert "error: 8 replications asked for, 6 done, 2 failed: replication 1 of point 0; " in answer.err
    assert "2 documented: at least 2 transfers took place" in answer.out  # the textbook has no documentation
    arguments = proposed(answer)
    assert arguments[:2] == ["run", "mine/scenario.toml"]
    assert seasweep(*arguments).code == 0
