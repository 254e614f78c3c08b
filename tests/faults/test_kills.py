"""A command that is killed at any moment, and given again: the same files, and nothing else beside them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.study.folders import drop_draft, finish_interrupted, owned, whole_file, whole_results
from tests.helpers import PAIR_OF_SETTINGS, call_seasweep, files_below

# Calls a function in a process of its own for each moment, and kills that at its n-th change of the disk.
KILLER = """
import json, os, signal, sys
from pathlib import Path

def dies_at(number):
    left = [number]
    def counted(real):
        def call(*given, **named):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)
        return call
    for name in ("fsync", "mkdir", "rename", "replace", "rmdir", "unlink"):
        setattr(os, name, counted(getattr(os, name)))

def killed(number, folder, act):
    process = os.fork()
    if process == 0:
        os.chdir(folder)
        dies_at(number)
        act()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])

folders, step, what = json.loads(sys.stdin.readline())
"""
FILL = """
from sim.study.folders import drop_draft, owned, whole_file, whole_results
def act():
    with owned(Path("mine")) as lock:
        drop_draft(Path("mine"))
        with whole_results(Path("mine"), lock, "run.json") as draft:
            for name in ("measures.csv", "run.json"):
                with whole_file(draft / name) as path:
                    path.write_text("new")
"""
# All is loaded before the copies are made, but no file is read or written, since Arrow would start threads.
COMMAND = """
import rich.table, scipy.special, sim.study.runs, sim.study.tables
from sim import load_scenario, simulate
from sim.cli.main import main
simulate(load_scenario("textbook"), 1, 0)
def act():
    main(what)
"""
ENDS = """
number, count = 1, 0
for folder in folders:
    if not killed(number, folder, act):
        break
    number, count = number + step, count + 1
print(count)
"""


def kill_at_each_moment(code: str, folders: list[Path], step: int = 1, what: Any = None) -> int:
    """Kill what `code` does at moments `step` apart, each in a folder of its own; the number that it was killed in."""
    given = json.dumps([[str(folder) for folder in folders], step, what]) + "\n"
    call = [sys.executable, "-c", KILLER + code + ENDS]
    done = subprocess.run(call, input=given, capture_output=True, encoding="utf-8", check=True)
    return int(done.stdout.splitlines()[-1])


def fill(folder: Path, text: str) -> None:
    """Write results to a folder, in place of those that are there."""
    with owned(folder) as lock:
        drop_draft(folder)
        with whole_results(folder, lock, "run.json") as draft:
            for name in ("measures.csv", "run.json"):
                with whole_file(draft / name) as path:
                    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("earlier", [False, True])
def test_results_are_replaced_whole_or_not_at_all_at_every_moment(tmp_path: Path, earlier: bool) -> None:
    folders = [tmp_path / str(number) for number in range(60)]
    for folder in folders:
        folder.mkdir()
        if earlier:
            fill(folder / "mine", "old")
            (folder / "mine/tips.parquet").write_text("old", encoding="utf-8")
            (folder / "mine/notes.txt").write_text("old", encoding="utf-8")
    count = kill_at_each_moment(FILL, folders)
    assert 20 < count < 50
    old = {"measures.csv": b"old", "run.json": b"old", "tips.parquet": b"old", "notes.txt": b"old"} if earlier else {}
    new = {"measures.csv": b"new", "run.json": b"new"} | ({"notes.txt": b"old"} if earlier else {})
    answers = []
    for folder in folders[:count]:
        mine = folder / "mine"
        finish_interrupted(mine)  # as a reader does
        seen = {name: data for name, data in files_below(mine).items() if not name.startswith(".seasweep-")}
        answers.append(seen == new)
        assert seen in (old, new), folder.name
        fill(mine, "new")
        assert files_below(folder) == {"mine": None} | {f"mine/{name}": data for name, data in new.items()}, folder.name
    assert answers == sorted(answers), "from one moment on the new results are there"
    assert {True, False} == set(answers)


SWEEP = ["sweep", "study.toml", "--jobs", "1", "--out", "mine", "--force"]


def test_a_killed_command_that_is_given_again_writes_the_same_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / str(number) for number in range(12)]
    for folder in folders:
        folder.mkdir()
        (folder / "study.toml").write_text(PAIR_OF_SETTINGS, encoding="utf-8")
    monkeypatch.chdir(folders[-1])
    assert call_seasweep(*SWEEP).code == 0
    right = files_below(folders[-1])
    for folder in folders[:-1]:
        for name, data in right.items():
            (folder / name).mkdir(exist_ok=True) if data is None else (folder / name).write_bytes(data)
    count = kill_at_each_moment(COMMAND, folders[:-1], 13, SWEEP)
    assert 4 <= count < 11
    for folder in folders[:count]:
        monkeypatch.chdir(folder)
        assert call_seasweep(*SWEEP).code == 0
        assert files_below(folder) == right, folder.name
