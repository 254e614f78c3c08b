"""The command line with bad input: exit code 2, one message, and nothing written."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
import tomli_w

import sim.study.executors
import sim.study.runs
from plots.style import save
from sim.cli.interrupts import exit_code_of
from sim.scenario.files import find_shipped, shipped_names
from sim.scenario.json_schema import json_schema
from sim.scenario.load import load_scenario
from sim.study.measures import MEASURES
from tests.helpers import Answer, files_below, running, shows_something, wait_until

Seasweep = Callable[..., Answer]
Patch = pytest.MonkeyPatch

COMMAND = Path(sys.executable).with_name("seasweep")
TINY = ("--replications", "2", "--jobs", "1")
RUN = ("run", "textbook", *TINY)
HEAD = 'format = 1\nscenario = "textbook"\nreplications = 2\n'
VARY = '[[vary]]\nkey = "transfers.events.per_month"\nvalues = [30.0, 60.0]\n'


def assert_refused(answer: Answer, *said: str) -> None:
    """Bad input: exit code 2, nothing on stdout, one message that says it all, no traceback."""
    assert (answer.code, answer.out) == (2, ""), answer
    assert len(re.findall("^error: ", answer.err, re.MULTILINE | re.IGNORECASE)) == 1
    assert "Traceback" not in answer.err
    assert all(part in answer.err for part in said), answer.err


def replication_raises(monkeypatch: Patch, error: BaseException, number: int | None = 1) -> None:
    """One replication by its number, or every one, raises."""
    real = sim.study.executors.fly

    def fly(plan: Any, world: Any, replication: int) -> Any:
        if number is None or replication == number:
            raise error
        return real(plan, world, replication)

    monkeypatch.setattr(sim.study.executors, "fly", fly)


def must_not_run(monkeypatch: Patch) -> None:
    """Simulating ends the command at once, with an exit code that nothing else has."""
    replication_raises(monkeypatch, SystemExit(99), None)


@pytest.fixture
def sweep(seasweep: Seasweep) -> Seasweep:
    """Sweep a study given as text."""

    def call(text: str, *arguments: str) -> Answer:
        Path("study.toml").write_text(text, encoding="utf-8")
        return seasweep("sweep", "study.toml", "--jobs", "1", *(arguments or ("--out", "swept")))

    return call


def test_a_part_of_a_sweep_that_cannot_be_read_is_named_and_done_again(sweep: Seasweep) -> None:
    assert sweep(HEAD + VARY).code == 0
    before = files_below(Path("swept"))
    spoilt, empty = sorted(Path("swept", "parts").iterdir())
    spoilt.write_bytes(spoilt.read_bytes()[:50])
    empty.unlink()  # a part that is not there has not been done yet: nothing to warn of
    answer = sweep(HEAD + VARY)
    assert answer.code == 0
    assert re.findall("^warning: (.*) cannot be used .*; its replications are simulated again$", answer.err, re.M) == [
        str(spoilt)
    ]
    assert files_below(Path("swept")) == before


# ------------------------------------------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "textbok"], ["SCENARIO", '"textbok"', "did you mean textbook?"]),
        (["run", "textbook", "--set", "routes.lin.line=1"], ["command line", '"lin"', "did you mean line?"]),
        (["run", "textbook", "--set", "nonsense"], ["--set", "KEY=VALUE"]),
        (["check", "textbok"], ["did you mean textbook?"]),
        (["check", "base.toml", "--set", "duration_days=-1"], ["command line: duration_days", "given -1", "above 0"]),
        (["check", "not-utf8.toml"], ["not-utf8.toml", "not utf-8"]),
        (["show", "textbok"], ["did you mean textbook?"]),
        (["show", "neon-spacin"], ["did you mean neon-spacing?"]),
        (["show", "not-utf8.toml"], ["not-utf8.toml"]),
        (["new", "base.toml"], ["base.toml", "does not exist yet"]),
        (["new", "mine.txt"], ["mine.txt", ".toml"]),
        (["new", "gone/mine.toml"], ["gone/mine.toml", "can be written"]),
        (["new", "mine.toml", "--from", "textbok"], ["--from", "did you mean textbook?"]),
        (["new", "mine.toml", "--from", "base.toml"], ["--from", "included"]),
        (["compare", "textbook"], ["two scenarios or more"]),
        (["compare", "textbook", "textbok"], ["did you mean textbook?"]),
        (["compare"], ["Missing argument"]),
        (["sweep", "neon-spacin"], ["STUDY", "did you mean neon-spacing?"]),
        (["sweep", "textbook"], ["STUDY", "neon-hour, neon-identification"]),
        (["plot", "coverage", "gone"], ["RUN", '"gone"', "a folder that `seasweep run` wrote"]),
        (["plot", "coverage", "own/yelow"], ["RUN", "did you mean own/yellow?"]),
        (["plot", "coverage", "foren"], ["RUN", "a folder that `seasweep run` wrote\n"]),
        (["runs", "foren"], ["DIR", "did you mean foreign?"]),
        (["run", "own/yellow"], ["SCENARIO", "the scenario in it is own/yellow/scenario.toml"]),
        (["compare", "textbook", "own/yellow"], ["SCENARIO", "the scenario in it is own/yellow/scenario.toml"]),
        (["check", "foreign"], ["SCENARIO", "it is a folder, not a file"]),
        (["plot", "coverage", "foreign"], ["RUN", '"foreign"', "a folder that `seasweep run` wrote"]),
        (["plot", "coverage", "base.toml"], ["RUN", "a folder that `seasweep run` wrote"]),
        (["plot", "traffic", "neon-spring", "--day", "31-02"], ["--day", '"31-02"', "a month and a day such as 05-01"]),
        (["plot", "traffic", "neon-crew", "--vessel", "bat"], ["--vessel", "boat, merchant", "did you mean boat?"]),
        (["plot", "traffic", "textbook"], ["SCENARIO", "a scenario with background ships"]),
        (["plot", "response", "foreign"], ["STUDY", "a folder of a sweep that is complete"]),
        (["plot", "pie", "foreign"], ["No such command 'pie'; the commands are belief, convergence, coverage, "]),
        (["fly"], ["No such command 'fly'; the commands are check, compare, "]),
        (["plot", "converage", "foreign"], ["(did you mean coverage?)"]),
        (["run"], ["Missing argument 'SCENARIO'"]),
        (["run", "textbook", "extra"], ["unexpected extra argument"]),
        (["run", "textbook", "--colour", "red"], ["No such option '--colour'"]),
        (["run", "textbook", "--replications", "0"], ["--replications", "0"]),
        (["run", "textbook", "--replications", "many"], ["--replications", "many"]),
        (["run", "textbook", "--seed", "-1"], ["--seed", "-1"]),
        (["run", "textbook", "--jobs", "0"], ["--jobs", "0"]),
        (["run", "textbook", "--level", "95"], ["--level", "95"]),
        (["run", "textbook", "--level", "nan"], ["--level", "nan"]),
        (["run", "textbook", "--keep", "-1"], ["--keep", "-1"]),
        (["run", "textbook", "--only", "3", "--precision", "p_detected=0.1"], ["--only", "--precision"]),
        (["run", "textbook", "--precision", "p_documente=0.1"], ["--precision", "did you mean p_documented?"]),
        (["run", "textbook", "--precision", "=0.1"], ["--precision", "p_documented"]),
        (["run", "textbook", "--precision", "contacts=1"], ["contacts"]),
        *(
            (["run", "textbook", "--precision", f"p_detected{width}"], ["--precision", "MEASURE=HALF_WIDTH"])
            for width in ("", "=", "=wide", "=0", "=-1", "=nan", "=inf")
        ),
    ],
)
def test_bad_input_gives_exit_code_2_and_one_clear_message(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch, arguments: list[str], said: list[str]
) -> None:
    must_not_run(monkeypatch)
    (folder / "foreign").mkdir()
    (folder / "foreign/mine.txt").write_text("mine", encoding="utf-8")
    (folder / "own/yellow").mkdir(parents=True)
    for name in ("run.json", "scenario.toml"):
        (folder / "own/yellow" / name).write_text("", encoding="utf-8")
    (folder / "not-utf8.toml").write_bytes(b'title = "\xff"')
    before = files_below(folder)
    assert_refused(seasweep(*arguments), *said)
    assert files_below(folder) == before


def test_all_problems_of_a_file_are_counted_and_each_has_its_line(seasweep: Seasweep) -> None:
    Path("bad.toml").write_text('extends = "base.toml"\ntittle = 1\nduration_days = nan\n', encoding="utf-8")
    answer = seasweep("check", "bad.toml")
    assert_refused(answer, "error: 2 problems\n")
    assert re.findall(r"^bad\.toml:(\d+): (\w+): ", answer.err, re.MULTILINE) == [
        ("2", "tittle"),
        ("3", "duration_days"),
    ]


# --------------------------------------------------------------------------------------------------- where it writes
def test_an_existing_run_is_refused_before_any_work_and_left_untouched(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch
) -> None:
    assert seasweep(*RUN, "--out", "mine").code == 0
    before = files_below(folder)
    must_not_run(monkeypatch)
    assert_refused(seasweep(*RUN, "--out", "mine", "--seed", "2"), "--out", '"mine"', "--force")
    assert files_below(folder) == before


def test_force_replaces_a_run_whole_and_nothing_else(seasweep: Seasweep, folder: Path) -> None:
    assert seasweep(*RUN, "--out", "mine").code == 0
    Path("mine/notes.txt").write_text("dear to me", encoding="utf-8")
    Path("mine/tips.parquet").write_text("of an earlier run that had tips", encoding="utf-8")
    assert seasweep(*RUN, "--out", "mine", "--seed", "2", "--force").code == 0
    assert json.loads(Path("mine/run.json").read_text(encoding="utf-8"))["seed"] == 2
    assert Path("mine/notes.txt").read_text(encoding="utf-8") == "dear to me"
    assert not Path("mine/tips.parquet").exists()
    assert {path.name for path in folder.iterdir()} == {"base.toml", "mine"}


@pytest.mark.parametrize("force", [[], ["--force"]])
@pytest.mark.parametrize("command", ["run", "sweep", "demo"])
def test_a_foreign_folder_or_file_is_never_replaced(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch, command: str, force: list[str]
) -> None:
    must_not_run(monkeypatch)
    Path("study.toml").write_text(HEAD + VARY, encoding="utf-8")
    Path("photos").mkdir()
    Path("photos/holiday.jpg").write_text("dear to me", encoding="utf-8")
    Path("note.txt").write_text("dear to me", encoding="utf-8")
    before = files_below(folder)
    call = {"run": RUN, "sweep": ("sweep", "study.toml", "--jobs", "1"), "demo": ("demo", "--jobs", "1")}[command]
    for out in ("photos", "note.txt", "note.txt/run", "."):
        assert_refused(seasweep(*call, "--out", out, *force), "--out")
    assert files_below(folder) == before


def test_a_run_does_not_replace_a_study_nor_a_study_a_run(seasweep: Seasweep, sweep: Seasweep, folder: Path) -> None:
    assert sweep(HEAD + VARY).code == 0
    assert seasweep(*RUN, "--out", "mine").code == 0
    before = files_below(folder)
    assert_refused(seasweep(*RUN, "--out", "swept", "--force"), "--out", '"swept"')
    assert_refused(sweep(HEAD + VARY, "--out", "mine", "--force"), "--out", '"mine"')
    assert files_below(folder) == before


@pytest.mark.parametrize("out", ["x" * 300, "/proc/nowhere/run", "dangling"])
def test_a_place_that_cannot_be_written_is_refused_before_any_work(
    seasweep: Seasweep, monkeypatch: Patch, out: str
) -> None:
    must_not_run(monkeypatch)
    Path("dangling").symlink_to("nowhere")
    assert_refused(seasweep(*RUN, "--out", out), "--out")


def test_a_link_to_an_empty_folder_is_filled(seasweep: Seasweep) -> None:
    Path("disk").mkdir()
    Path("link").symlink_to("disk")
    assert seasweep(*RUN, "--out", "link").code == 0
    assert Path("link/run.json").is_file()


@pytest.mark.parametrize("out", ["new", "new/", "deep/er/new", "empty"])
def test_a_new_or_empty_folder_is_filled(seasweep: Seasweep, out: str) -> None:
    Path("empty").mkdir()
    assert seasweep(*RUN, "--out", out).code == 0
    names = {"run.json", "scenario.toml", "measures.csv"}
    assert names < {path.name for path in Path(out).iterdir()}


# ------------------------------------------------------------------------------------------- broken off in the middle
def broken(monkeypatch: Patch, where: str, error: BaseException) -> None:
    if where == "fly":
        replication_raises(monkeypatch, error)
        return

    def raising(*_: Any) -> None:
        raise error

    monkeypatch.setattr(sim.study.runs, where, raising)


@pytest.mark.parametrize("earlier", [False, True])
@pytest.mark.parametrize(
    ("where", "error", "code"),
    [
        ("fly", KeyboardInterrupt(), 130),
        ("write_run_files", KeyboardInterrupt(), 130),
        ("write_run_files", OSError(28, "No space left on device"), 1),
        ("simulate_batches", MemoryError(), 1),
    ],
)
def test_nothing_half_written_stays_behind_and_an_earlier_run_stands(
    seasweep: Seasweep, folder: Path, monkeypatch: Patch, where: str, error: BaseException, code: int, earlier: bool
) -> None:
    if earlier:
        seasweep(*RUN, "--out", "mine", "--seed", "7")
    before = files_below(folder)
    broken(monkeypatch, where, error)
    answer = seasweep(*RUN, "--out", "mine", "--force")
    assert (answer.code, answer.out) == (code, "")
    assert ("interrupted" if code == 130 else "error: ") in answer.err
    assert "Traceback" not in answer.err
    assert files_below(folder) == before


@pytest.mark.parametrize("where", ["fly", "whole_file", "all_measures"])
def test_an_interrupted_sweep_says_so_has_no_drafts_and_goes_on(
    sweep: Seasweep, folder: Path, monkeypatch: Patch, where: str
) -> None:
    with monkeypatch.context() as patch:
        broken(patch, where, KeyboardInterrupt())
        answer = sweep(HEAD + VARY)
    assert (answer.code, answer.out) == (130, "")
    kept = "No replication is kept yet: " if where == "fly" else "4 of 4 replications are kept in swept. "
    assert answer.err.startswith(kept)
    assert answer.err.endswith("\ninterrupted\n")
    assert [path for path in files_below(folder) if "/." in f"/{path}"] == []
    assert sweep(HEAD + VARY).code == 0
    assert sweep(HEAD + VARY, "--out", "at-once").code == 0
    assert files_below(Path("swept")).keys() == files_below(Path("at-once")).keys()
    assert Path("swept/replications.parquet").read_bytes() == Path("at-once/replications.parquet").read_bytes()


def test_an_interrupted_comparison_says_that_nothing_is_kept(seasweep: Seasweep, monkeypatch: Patch) -> None:
    replication_raises(monkeypatch, KeyboardInterrupt())
    answer = seasweep("compare", "textbook", "textbook", *TINY)
    said = "Nothing is kept of a comparison. The same command begins again.\ninterrupted\n"
    assert (answer.code, answer.out, answer.err) == (130, "", said)


def test_an_unfinished_study_is_not_plotted(seasweep: Seasweep, sweep: Seasweep, monkeypatch: Patch) -> None:
    replication_raises(monkeypatch, KeyboardInterrupt())
    sweep(HEAD + VARY)
    assert_refused(seasweep("plot", "response", "swept"), "STUDY", "complete")


def test_an_interrupted_picture_leaves_the_earlier_one(folder: Path, monkeypatch: Patch) -> None:
    from matplotlib.figure import Figure

    def savefig(self: Figure, path: Any, **_: Any) -> None:
        Path(path).write_text("half a pict", encoding="utf-8")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", savefig)
    Path("map.png").write_text("the earlier one", encoding="utf-8")
    before = files_below(folder)
    with pytest.raises(KeyboardInterrupt):
        save(Figure(), Path("map.png"))
    assert files_below(folder) == before


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "ended by SIGTERM"),
        (signal.SIGHUP, 129, "ended by SIGHUP"),
    ],
)
def test_a_signal_ends_the_real_command_with_its_exit_code_and_cleans_up(
    folder: Path, number: signal.Signals, code: int, said: str
) -> None:
    # Replications that take long: also on a busy machine none is kept before the signal comes.
    call = [COMMAND, "run", "neon-two", "--replications", "2000", "--jobs", "1", "--out", "runs/mine"]
    with running(call) as process:
        assert wait_until(lambda: any(folder.glob("runs/mine/.seasweep-draft/*.parquet")) or process.poll() is not None)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, "")
    assert re.fullmatch(f"No replication is kept yet: .*The same command begins again.\n{said}\n", err)
    assert list(folder.glob("runs/*")) + list(folder.glob("runs/.*")) == []


class _Destroyed:
    """An object in whose destruction a signal comes: Python drops what is raised there."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def _drop() -> None:
    _Destroyed()


def _catch() -> None:
    with suppress(BaseException):  # as some libraries do
        signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("lose", [_drop, _catch])
def test_a_signal_that_python_or_a_library_drops_ends_the_command_nevertheless(
    lose: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    def command() -> int:
        lose()
        wait_until(lambda: False, 8.0)
        return 0

    assert exit_code_of(command) == 143
    assert capsys.readouterr().err == "ended by SIGTERM\n"


# -------------------------------------------------------------------------------------------- replications that fail
def test_a_replication_that_fails_is_reported_and_the_others_stand(seasweep: Seasweep, monkeypatch: Patch) -> None:
    replication_raises(monkeypatch, RuntimeError("a wave too high"))
    answer = seasweep("run", "textbook", "--replications", "4", "--jobs", "1", "--out", "mine")
    assert answer.code == 1
    assert "p_detected" in answer.out
    assert "1 failed: replication 1\n" in answer.err
    assert "RuntimeError: a wave too high" in answer.err
    assert "Traceback" not in answer.err
    (failure,) = json.loads(Path("mine/run.json").read_text(encoding="utf-8"))["failures"]
    assert failure["replication"] == 1
    assert "Traceback" in failure["error"]
    for name in ("replications", "transfers", "events", "tracks"):
        numbers = pq.read_table(f"mine/{name}.parquet").column("replication").to_pylist()
        assert sorted(set(numbers)) == [0, 2, 3], name


def test_a_run_of_which_all_fails_is_reported(seasweep: Seasweep, monkeypatch: Patch) -> None:
    replication_raises(monkeypatch, RuntimeError("no sea"), None)
    answer = seasweep(*RUN, "--out", "mine")
    assert answer.code == 1
    assert "0 done, 2 failed: replications 0, 1\n" in answer.err
    assert [
        failure["replication"] for failure in json.loads(Path("mine/run.json").read_text(encoding="utf-8"))["failures"]
    ] == [0, 1]


def test_a_run_to_a_precision_gives_up_when_all_its_first_replications_fail(
    seasweep: Seasweep, monkeypatch: Patch
) -> None:
    tried: list[int] = []

    def fly(plan: Any, world: Any, replication: int) -> None:
        tried.append(replication)
        raise RuntimeError("no sea") if len(tried) <= 100 else SystemExit(99)

    monkeypatch.setattr(sim.study.executors, "fly", fly)
    answer = seasweep("run", "textbook", "--precision", "p_detected=0.01", "--jobs", "1", "--out", "mine")
    assert (answer.code, len(tried) <= 100) == (1, True)
    assert "RuntimeError: no sea" in answer.err


def test_a_sweep_keeps_the_replications_beside_the_one_that_failed(sweep: Seasweep, monkeypatch: Patch) -> None:
    replication_raises(monkeypatch, RuntimeError("a wave too high"))
    answer = sweep(HEAD.replace("2", "4") + VARY)
    assert answer.code == 1
    assert "RuntimeError: a wave too high" in answer.err
    assert "Traceback" not in answer.err
    failures = json.loads(Path("swept/study.json").read_text(encoding="utf-8"))["failures"]
    assert [(failure["point"], failure["replication"]) for failure in failures] == [(0, 1), (1, 1)]
    table = pq.read_table("swept/replications.parquet", columns=["point", "replication"]).to_pylist()
    assert [(row["point"], row["replication"]) for row in table] == [(p, r) for p in (0, 1) for r in (0, 2, 3)]


def test_a_sweep_tries_again_what_failed_before(sweep: Seasweep, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch:
        replication_raises(patch, RuntimeError("a wave too high"))
        assert sweep(HEAD + VARY).code == 1
    assert sweep(HEAD + VARY).code == 0
    assert json.loads(Path("swept/study.json").read_text(encoding="utf-8"))["failures"] == []
    assert pq.read_table("swept/replications.parquet").num_rows == 4


@pytest.mark.parametrize("failing", ["every scenario", "the second scenario"])
@pytest.mark.parametrize("number", [1, None])
def test_a_comparison_with_failures_ends_with_1_and_says_what_failed(
    seasweep: Seasweep, monkeypatch: Patch, failing: str, number: int | None
) -> None:
    real = sim.study.executors.fly

    def fly(plan: Any, world: Any, replication: int) -> Any:
        hit = failing == "every scenario" or plan.scenario.title == "second"
        if hit and number in (None, replication):
            raise RuntimeError("a wave too high")
        return real(plan, world, replication)

    monkeypatch.setattr(sim.study.executors, "fly", fly)
    Path("second.toml").write_text('extends = "textbook"\ntitle = "second"\n', encoding="utf-8")
    answer = seasweep("compare", "textbook", "second.toml", "--replications", "3", "--jobs", "1")
    assert answer.code == 1
    assert "RuntimeError: a wave too high" in answer.err
    assert "seasweep failed" not in answer.err
    assert " is in .;" not in answer.err


# ---------------------------------------------------------------------------------------------------- studies
@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (HEAD + 'measures = ["p_documente"]\n' + VARY, 4, ["measures[0]", "did you mean p_documented?"]),
        (HEAD + 'measures = ["p_detected",\n"luck"]\n' + VARY, 5, ["measures[1]", '"luck"', ", ".join(MEASURES)]),
        (HEAD + "measures = []\n" + VARY, 4, ["measures: given []", "at least 1"]),
        (HEAD + 'measures = ["contacts"]\n' + VARY, 4, ["measures", '"contacts"']),
        (HEAD + VARY + VARY, None, ["transfers.events.per_month", "each factor once"]),
        (HEAD + VARY.replace("60.0", "-60.0"), 6, ["transfers.events.per_month: given -60.0", "at least 0"]),
        (HEAD + VARY.replace(", 60.0", ",\n\n-60.0"), 8, ["transfers.events.per_month: given -60.0"]),
        (HEAD + VARY.replace("60.0", '"many"'), 6, ['given "many"']),
        (HEAD + VARY.replace("60.0", "nan"), 6, ["given nan"]),
        (HEAD + VARY.replace("events", "event"), 6, ['given "event"', "did you mean events?"]),
        (HEAD + VARY.replace("per_month", "per_mont"), 6, ["an unknown key, per_mont", "did you mean per_month?"]),
        (HEAD + VARY.replace("transfers", "transfer"), 6, ["an unknown key, transfer", "did you mean transfers?"]),
        (HEAD + VARY.replace("transfers.events", "transfers.events.duration_h"), 6, ["is not a table"]),
        (
            HEAD + '[[vary]]\nkey = "aircraft.searcher.reserve_h"\nvalues = [1.0,\n20.0]\n',
            7,
            ["reserve_h below endurance_h"],
        ),
        (
            HEAD + '[[vary]]\nname = "dawn"\nsettings = [\n'
            '{ label = "a", set = { "patrols.daily.first_takeoff_h" = 3.0 } },\n'
            '{ label = "b", set = { "patrols.daily.first_takeof_h" = 3.0 } } ]\n',
            8,
            ["an unknown key, first_takeof_h", "did you mean first_takeoff_h?"],
        ),
        (HEAD + '[[vary]]\nname = "dawn"\nsettings = [{ label = "a", set = {} }]\n', 6, ["set", "at least"]),
        (
            HEAD + '[[vary]]\nname = "dawn"\nsettings = [\n{ label = "a", set = { title = "x" } },\n'
            '{ label = "a", set = { title = "y" } } ]\n',
            None,
            ["label"],
        ),
        (HEAD + '[[vary]]\nname = "point"\nsettings = [{ label = "a", set = { title = "x" } }]\n', None, ['"point"']),
        (
            HEAD + '[[vary]]\nname = "measure"\nsettings = [{ label = "a", set = { title = "x" } }]\n',
            None,
            ['"measure"'],
        ),
        (
            HEAD + '[[vary]]\nkey = "title"\n',
            5,
            ["vary[0].key", "key and values; name, keys and values; or name and settings"],
        ),
        (HEAD, 1, ["vary: given nothing", "a list"]),
        (HEAD + "vary = 3\n", 4, ["vary: given 3", "a list"]),
        (HEAD + "sed = 1\n" + VARY, 4, ["an unknown key, sed", "did you mean seed?"]),
        (HEAD + VARY + "vals = [1]\n", 7, ["an unknown key, vals", "did you mean values?"]),
        (HEAD.replace("= 2", "= 1") + VARY, 3, ["replications: given 1", "at least 2"]),
        (HEAD.replace("= 2", '= "2"') + VARY, 3, ['replications: given "2"', "a whole number"]),
        (HEAD.replace("textbook", "textbok") + VARY, 2, ['scenario: given "textbok"', "did you mean textbook?"]),
        (HEAD.replace("textbook", "gone.toml") + VARY, 2, ['scenario: given "gone.toml"']),
        (HEAD + "[[vary]\n", 4, ["not valid TOML"]),
        (HEAD + "[vary]\nkey = 'seed'\n[vary]\n", 6, ["a second [vary]", "begin each of its items with [[vary]]"]),
        (
            HEAD + "measures = ['p_documentd']\n" + VARY,
            4,
            ["(did you mean p_documented?); allowed: a measure: transfers, "],
        ),
        (VARY.replace("[[", "format = 2\nscenario = 'textbook'\n[["), 1, ["format: given 2", "allowed: 1"]),
    ],
)
def test_an_error_of_a_study_names_its_file_and_line(
    sweep: Seasweep, folder: Path, monkeypatch: Patch, text: str, line: int | None, said: list[str]
) -> None:
    must_not_run(monkeypatch)
    answer = sweep(text)
    assert_refused(answer, *said)
    place = re.match(r"error: study\.toml:(\d+): ", answer.err)
    assert place, answer.err
    assert line in (None, int(place[1]))
    assert "input should" not in answer.err
    assert {path.name for path in folder.iterdir()} == {"base.toml", "study.toml"}


def test_each_wrong_point_of_a_study_is_reported_once(sweep: Seasweep) -> None:
    other = '[[vary]]\nkey = "duration_days"\nvalues = [\n1,\n0,\n2,\n-1]\n'
    answer = sweep(HEAD + VARY + other)
    assert_refused(answer, "error: 2 problems")
    assert re.findall(r"^study\.toml:(\d+): duration_days: given (\S+);", answer.err, re.MULTILINE) == [
        ("11", "0"),
        ("13", "-1"),
    ]


def test_a_sweep_into_another_studys_folder_is_refused_and_force_begins_anew(sweep: Seasweep, folder: Path) -> None:
    assert sweep(HEAD + VARY).code == 0
    other = HEAD + VARY.replace("60.0", "61.0")
    Path("study.toml").write_text(other, encoding="utf-8")
    before = files_below(folder)
    assert_refused(sweep(other), "--out", '"swept"', "--force")
    assert files_below(folder) == before
    assert sweep(other, "--out", "swept", "--force").code == 0
    assert pq.read_table("swept/points.parquet").to_pydict()["transfers.events.per_month"] == [30.0, 61.0]


def test_a_study_may_vary_what_is_neither_number_nor_text(sweep: Seasweep) -> None:
    starts = '[[vary]]\nkey = "start"\nvalues = [2023-04-10T00:00:00Z, 2023-10-10T00:00:00Z]\n'
    lines = '[[vary]]\nkey = "routes.line.line"\nvalues = [[[126.5, 26.9], [127.0, 26.9]]]\n'
    flags = '[[vary]]\nkey = "outputs.contacts"\nvalues = [true]\n'
    answer = sweep(HEAD + starts + lines + flags)
    assert answer.code == 0, answer.err
    assert [row["start"][:7] for row in pq.read_table("swept/points.parquet").to_pylist()] == ["2023-04", "2023-10"]


# ------------------------------------------------------------------------------------------------- damaged results
@pytest.mark.parametrize("damage", ["run.json is cut", "run.json is empty", "a table is gone", "a table is cut"])
def test_a_damaged_run_is_refused_by_name(seasweep: Seasweep, damage: str) -> None:
    assert seasweep(*RUN, "--out", "mine").code == 0
    info, table = Path("mine/run.json"), Path("mine/transfers.parquet")
    match damage:
        case "run.json is cut":
            info.write_text(info.read_text(encoding="utf-8")[:20], encoding="utf-8")
        case "run.json is empty":
            info.write_text("{}", encoding="utf-8")
        case "a table is gone":
            table.unlink()
        case "a table is cut":
            table.write_bytes(table.read_bytes()[:100])
    assert_refused(seasweep("plot", "coverage", "mine", "--jobs", "1"), "RUN", "mine")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-o", "map.bmp"], ["-o", '"map.bmp"', ".png, .svg or .pdf"]),
        (["-o", "gone/map.png"], ["-o", "a folder that exists"]),
        (["-o", "folder.png"], ["-o", '"folder.png"']),
        (["--source", "event"], ["--source", '"event"', "events"]),
        (["--replication", "99"], ["--replication", "0 to 1"]),
        (["--cells", "1"], ["--cells"]),
        (["--duration-h", "nan"], ["--duration-h", "nan"]),
    ],
)
def test_a_map_that_cannot_be_drawn_is_refused_and_leaves_nothing(
    seasweep: Seasweep, folder: Path, arguments: list[str], said: list[str]
) -> None:
    Path("folder.png").mkdir()
    assert seasweep(*RUN, "--out", "mine").code == 0
    before = files_below(folder)
    assert_refused(seasweep("plot", "coverage", "mine", "--jobs", "1", *arguments), *said)
    assert files_below(folder) == before


@pytest.mark.parametrize("arguments", [(), ("--duration-h", "4"), ("--uniform",)])
def test_a_map_without_a_place_to_show_is_refused(seasweep: Seasweep, arguments: tuple[str, ...]) -> None:
    tables = ("patrols", "transfers", "routes", "bases", "aircraft", "sensors")
    whole = tomllib.loads(find_shipped("textbook", "", "NAME").read_text(encoding="utf-8"))
    Path("nothing.toml").write_text(tomli_w.dumps({**whole, **{key: {} for key in tables}}), encoding="utf-8")
    assert seasweep("run", "nothing.toml", *TINY, "--out", "mine").code == 0
    assert_refused(seasweep("plot", "coverage", "mine", "--jobs", "1", *arguments), "no place to show", "patrol")


def test_a_map_without_patrols_is_empty_and_one_without_transfers_needs_a_duration(seasweep: Seasweep) -> None:
    whole = tomllib.loads(find_shipped("textbook", "", "NAME").read_text(encoding="utf-8"))
    for left_out, arguments in (("patrols", ()), ("transfers", ("--duration-h", "4"))):
        Path("less.toml").write_text(tomli_w.dumps({**whole, left_out: {}}), encoding="utf-8")
        assert seasweep("run", "less.toml", *TINY, "--out", left_out).code == 0
        drawn = seasweep("plot", "coverage", left_out, "--jobs", "1", "--cells", "100", *arguments)
        assert drawn == Answer(0, f"{left_out}/coverage.png\n", "")
        assert shows_something(Path(left_out, "coverage.png"))
    refused = seasweep("plot", "coverage", "transfers", "--jobs", "1", "--cells", "100")
    assert_refused(refused, "a scenario with transfers", "--duration-h")


def test_a_plot_of_what_a_study_did_not_measure_is_refused(seasweep: Seasweep, sweep: Seasweep) -> None:
    assert sweep(HEAD + VARY).code == 0
    refused = seasweep("plot", "response", "swept", "--measure", "p_detectd")
    assert_refused(refused, "--measure", "did you mean p_detected?")
    assert_refused(seasweep("plot", "heatmap", "swept"), "two factors")


# ----------------------------------------------------------------------------------------------------- good input
@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["plot", "coverage", "-h"], ["--version"]])
def test_help_and_version_go_to_stdout(seasweep: Seasweep, arguments: list[str]) -> None:
    answer = seasweep(*arguments)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("seasweep" if arguments == ["--version"] else "Usage: seasweep")


def test_the_list_of_what_ships_has_every_name_and_all_of_it_loads(seasweep: Seasweep) -> None:
    answer = seasweep("scenarios")
    assert (answer.code, answer.err) == (0, "")
    listed = {line.split(" ")[0] for line in answer.out.splitlines() if line}
    assert {*shipped_names(), *shipped_names("studies")} <= listed
    assert "does not load" not in answer.out


@pytest.mark.parametrize("name", [*shipped_names(), *shipped_names("studies"), "base.toml"])
def test_show_prints_the_file_byte_for_byte(seasweep: Seasweep, name: str) -> None:
    path = find_shipped(name, "studies" if name in shipped_names("studies") else "", "NAME")
    assert seasweep("show", name) == Answer(0, path.read_text(encoding="utf-8"), "")


@pytest.mark.parametrize("name", [*shipped_names(), "base.toml"])
def test_check_prints_what_was_understood(seasweep: Seasweep, name: str) -> None:
    answer = seasweep("check", name, "--set", "title=Checked at dawn")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Checked at dawn\n")
    for section in ("areas", "transfers", "sensors", "aircraft", "routes", "patrols"):
        assert all(part in answer.out for part in getattr(load_scenario(name), section))


@pytest.mark.parametrize("parent", shipped_names())
def test_a_new_file_is_valid_and_says_the_same_as_its_parent(seasweep: Seasweep, parent: str) -> None:
    assert seasweep("new", "mine.toml", "--from", parent).code == 0
    assert tomllib.loads(Path("mine.toml").read_text(encoding="utf-8"))["extends"] == parent
    assert load_scenario("mine.toml", {"title": "x"}) == load_scenario(parent, {"title": "x"})


def test_compare_sets_two_scenarios_side_by_side(seasweep: Seasweep) -> None:
    Path("more.toml").write_text('extends = "textbook"\n[transfers.events]\nper_month = 90.0\n', encoding="utf-8")
    answer = seasweep("compare", "textbook", "more.toml", *TINY)
    assert (answer.code, answer.err) == (0, "")
    cells = next(line for line in answer.out.splitlines() if line.startswith("transfers ")).split()
    assert float(cells[2]) - float(cells[1]) == pytest.approx(float(cells[3]), abs=0.011)


def test_tables_go_to_stdout_and_messages_to_stderr(seasweep: Seasweep) -> None:
    answer = seasweep(*RUN, "--out", "mine", "--all")
    assert answer.code == 0
    assert "p_documented" in answer.out
    assert "The results are in mine." in answer.err
    with Path("mine/measures.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not MEASURES[row["measure"]].only_by_name]
    rows = [row for row in rows if float(row["value"]) or not MEASURES[row["measure"]].hidden_at_zero]
    shown = re.findall(r"^([a-z]\w+) {2}", answer.out, re.MULTILINE)[1:]
    assert sorted(shown) == sorted(row["measure"] for row in rows)


# ------------------------------------------------------------------------------------------------------ JSON Schema
def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, datetime | date) else value


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    return jsonschema.Draft202012Validator(json_schema())


@pytest.mark.parametrize("name", [*shipped_names(), "base.toml"])
def test_the_json_schema_accepts_every_scenario(validator: jsonschema.Draft202012Validator, name: str) -> None:
    data = as_json(tomllib.loads(find_shipped(name, "", "NAME").read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize(
    "text",
    [
        'tittle = "x"',
        "[routes.ladder]\nspacing_km = 3.0",
        "[aircraft.aurora]\nendurance_hours = 3.0",
        "[aircraft.aurora.identification.classify]\nrange_km = 3.0",
        "[background.merchant.speed_kn]\nlo = 3.0",
        '[sensors.radar]\nkind = "rader"',
        "[sensors.radar.law]\nkind = 'scann'",
        "[routes.fence]\npattern = 'zigzag'",
        "[aircraft.aurora]\nendurance_h = -1.0",
        'duration_days = "2"',
        "extends = 4",
    ],
)
def test_the_json_schema_rejects_what_the_program_refuses(
    validator: jsonschema.Draft202012Validator, text: str
) -> None:
    assert list(
        validator.iter_errors(
            as_json(tomllib.loads(f'extends = "base.toml"\n{text}' if "extends" not in text else text))
        )
    )


def test_the_json_schema_asks_for_all_of_a_file_that_extends_nothing(
    validator: jsonschema.Draft202012Validator,
) -> None:
    assert not validator.is_valid({"format": 1, "title": "x"})
    assert validator.is_valid({"extends": "textbook"})


@pytest.mark.parametrize("name", shipped_names("studies"))
def test_the_json_schema_of_studies_accepts_every_study_and_rejects_an_unknown_key(
    seasweep: Seasweep, name: str
) -> None:
    schema = json.loads(seasweep("schema", "--study").out)
    data = as_json(tomllib.loads(find_shipped(name, "studies", "NAME").read_text(encoding="utf-8")))
    jsonschema.validate(data, schema)
    with pytest.raises(jsonschema.ValidationError, match="sed"):
        jsonschema.validate({**data, "sed": 1}, schema)


def test_schema_prints_the_json_schema(seasweep: Seasweep) -> None:
    answer = seasweep("schema")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) == json_schema()


# -------------------------------------------------------------------------------------------- the command as installed
def test_show_into_head_ends_cleanly(folder: Path) -> None:
    with subprocess.Popen([COMMAND, "show", "neon-spring"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as show:
        assert show.stdout is not None
        assert show.stderr is not None
        first = show.stdout.readline()
        show.stdout.close()
        err = show.stderr.read()
    assert first.startswith(b"# Operation NEON, spring")
    assert (show.returncode, err) == (0, b"")


@pytest.mark.parametrize("arguments", [["show", "neon-spring"], ["scenarios"]])
def test_a_pipe_that_nobody_reads_ends_the_command_cleanly(folder: Path, arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run([COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
