"""The short form of `make attack`, and that the attacks see what they look for: faults are planted for them."""

import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim.core.arrays import Floats
from tools.attack import kills
from tools.attack.__main__ import ATTACKS
from tools.attack.determinism import difference_beyond_rounding
from tools.attack.mutations import mutated, mutated_bytes
from tools.attack.results import differences, files_of
from tools.attack.starter import Starter, can_trace
from tools.attack.tally import FAULTS, Bounds, Faults, Tally, attempt, table_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/attack.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks need /proc and fork")


@pytest.fixture(scope="module")
def starter() -> Iterator[Starter]:
    """The process from which tries are started."""
    with Starter() as process:
        yield process


def bounds(tries: int, keep: Path, **more: float) -> Bounds:
    return Bounds(1, tries, more.get("budget_s", math.inf), None, keep)


# ---------------------------------------------------------------------------------------------------- planted faults
def leave_a_process() -> int:
    """Leave a process behind, in a session of its own."""
    subprocess.Popen(["sleep", "60"], start_new_session=True)
    return 0


def fail() -> int:
    raise RuntimeError("a fault for the test")


def write_slowly(path: str) -> int:
    """Write ten lines to a file, each by a system call of its own."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    for number in range(10):
        os.write(handle, b"%d\n" % number)
    return 0


def wait_for_ever() -> int:
    while True:
        time.sleep(0.01)


def test_what_a_command_answers_is_seen(starter: Starter, tmp_path: Path):
    answer = starter.seasweep("check", "nothing-of-the-kind", cwd=tmp_path)
    assert answer.code == 2
    assert answer.err.startswith("error: command line: SCENARIO")
    assert (answer.orphans, answer.says_fault, answer.timed_out) == (0, False, False)
    assert starter.seasweep("scenarios", cwd=tmp_path).out.count("textbook") >= 1


def test_a_process_that_stays_is_seen_and_ended(starter: Starter, tmp_path: Path):
    answer = starter.call(f"{__name__}:leave_a_process", cwd=tmp_path)
    assert answer.code == 0
    assert answer.orphans == 1


def test_a_traceback_and_an_endless_command_are_seen(starter: Starter, tmp_path: Path):
    assert starter.call(f"{__name__}:fail", cwd=tmp_path).says_fault
    answer = starter.call(f"{__name__}:wait_for_ever", cwd=tmp_path, timeout_s=0.1)
    assert answer.timed_out
    assert answer.code == -9


@pytest.mark.skipif(not can_trace(), reason="strace cannot be used here")
def test_a_command_is_killed_at_the_call_that_is_asked_for(starter: Starter, tmp_path: Path):
    answer = starter.call(f"{__name__}:write_slowly", "lines", cwd=tmp_path, kill_call="write", kill_at=4)
    assert answer.code == -9
    assert (tmp_path / "lines").read_text(encoding="utf-8") == "0\n1\n2\n"


def test_a_try_that_fails_is_kept_with_its_command(tmp_path: Path):
    tally = Tally("kills", ("lost", "orphans"))

    def one_try(number: int, folder: Path) -> str:
        (folder / "input").write_text(str(number), encoding="utf-8")
        if number == 2:
            raise Faults(["orphans"], "planted\x1b[31m")
        return ""

    attempt(tally, bounds(4, tmp_path / "keep"), tmp_path / "work", one_try)
    assert (tally.tries, tally.passed, dict(tally.faults)) == (4, False, {"orphans": 1})
    assert tally.found == ["kills 2: orphans: planted?[31m"]
    assert (tmp_path / "keep/kills-1-2/input").read_text(encoding="utf-8") == "2"
    assert "--seed 1 --only 2" in (tmp_path / "keep/kills-1-2/found.json").read_text(encoding="utf-8")
    assert not list((tmp_path / "work").iterdir())
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table_of([tally]).splitlines()]
    assert rows[2] == ["kills", "4", "0", "1", *[""] * (len(FAULTS) - 2)]


def test_files_that_changed_or_ought_not_to_be_there_are_seen(tmp_path: Path):
    for name in ("same", "changed", "gone"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    before = files_of(tmp_path)
    (tmp_path / "changed").write_text("other", encoding="utf-8")
    (tmp_path / "gone").unlink()
    (tmp_path / "more").mkdir()
    assert differences(files_of(tmp_path), before) == (["changed", "gone"], ["more"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda hours: hours * (1.0 + 1e-13), ""),
        (lambda hours: np.where(np.arange(40) == 7, hours + 1.0, hours), ""),
        (lambda hours: np.where(np.arange(40) < 5, hours + 1.0, hours), "hours differs in 5 of 40 replications"),
        (lambda hours: hours[:-1], "other columns or rows"),
    ],
)
def test_only_rounding_and_a_few_replications_may_differ_with_another_numpy(
    tmp_path: Path, change: Callable[[Floats], Floats], said: str
):
    usual = np.linspace(10.0, 20.0, 40)
    for name, hours in (("usual", usual), ("other", change(usual))):
        (tmp_path / name).mkdir()
        pq.write_table(pa.table({"hours": hours}), tmp_path / name / "replications.parquet")
    assert difference_beyond_rounding(tmp_path / "other", tmp_path / "usual") == said


def test_mutations_follow_from_the_seed_and_change_most_inputs():
    tree = {"title": "a", "areas": {"box": {"polygon": [[1.0, 2.0], [3.0, 4.0]]}}, "values": [1, 2, 3]}
    trees, texts = [], []
    for _ in range(2):
        chances = [bounds(0, Path()).chance("fuzz", number) for number in range(200)]
        trees.append([repr(mutated(tree, [tree], chance)) for chance in chances])
        texts.append([mutated_bytes(b"[a]\nb = 1\n", chance) for chance in chances])
    assert trees[0] == trees[1]
    assert texts[0] == texts[1]
    assert len(set(trees[0])) > 150
    assert len(set(texts[0])) > 100


def test_the_page_names_each_attack_and_each_fault():
    described = PAGE.partition("## Results")[0]
    rows = re.findall(r"^\| `?([\w ]+?)`? \| (.*) \|$", described, re.MULTILINE)
    named = [name for name, _ in rows]
    assert [name for name in named if name in ATTACKS] == list(ATTACKS)
    meanings = {name: meaning for name, meaning in rows if name.replace(" ", "_") in FAULTS}
    assert meanings == {name.replace("_", " "): meaning for name, meaning in FAULTS.items()}


# ---------------------------------------------------------------------------------------------------- the short form
SHORT = {"kills": 4, "corruption": 8, "fuzz": 60, "disk": 4, "text": 10}
"""How many tries of each attack are made here. `make attack` makes more, and `--soak` many more."""


@pytest.mark.parametrize("name", SHORT)
def test_the_first_tries_of_an_attack_find_nothing(starter: Starter, tmp_path: Path, name: str):
    attack = kills_without_workers if name == "kills" else ATTACKS[name][0]
    tally = attack(bounds(SHORT[name], tmp_path / "keep"), starter, tmp_path / "work")
    assert tally.found == []
    assert tally.passed
    assert tally.tries == SHORT[name]
    assert set(tally.watched) <= set(FAULTS)


def kills_without_workers(given: Bounds, starter: Starter, work: Path) -> Tally:
    """Kills of the commands that start no worker: each takes a fraction of a second."""
    return kills.attack(given, starter, work, kills.ALONE)
