"""Corruption: a file of results, or of the cache of compiled code, is damaged, and commands then read it.

Damage must be named or repaired. `silent` counts answers from corrupt data without a message, `stuck` counts
errors that come again although the user did what the message says.
"""

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.attack.results import RUN, STUDY, SWEEP, differences, files_of
from tools.attack.starter import ROOT, Outcome, Starter
from tools.attack.tally import Bounds, Faults, Tally, attempt

WAYS_OUT = r"--force|again|delete|remove|new folder|--out|anew"
_READ = ("load", "plot", "again")
_SMALL_CACHE = ("check", "textbook")


def damage(path: Path, other: Path, chance: random.Random) -> str:
    """Damage a file in one of ten ways; `other` is a second file. Return what was done."""
    content = bytearray(path.read_bytes())
    size = max(len(content), 1)
    at, length = chance.randrange(size), chance.choice([1, 8, 64, 512])
    if not content:
        path.unlink()
        return "deleted"

    def flip() -> None:
        content[at] ^= 1 << chance.randrange(8)

    def burst() -> None:
        content[at : at + length] = chance.randbytes(len(content[at : at + length]))

    def zeros() -> None:
        content[at : at + length] = bytes(len(content[at : at + length]))

    def cut() -> None:
        del content[at:]

    def drop() -> None:
        del content[at : at + length]

    def swap() -> None:
        there = chance.randrange(size)
        one, two = content[at : at + length], content[there : there + length]
        content[at : at + len(two)], content[there : there + len(one)] = two, one

    def append() -> None:
        content.extend(chance.randbytes(length))

    def empty() -> None:
        content.clear()

    def digit() -> None:
        places = [n for n, byte in enumerate(content) if 48 <= byte <= 57]
        content[chance.choice(places or [at])] = chance.choice(b"0123456789")

    def exchange() -> None:
        content[:] = other.read_bytes()

    ways: list[Callable[[], None]] = [flip, burst, zeros, cut, drop, swap, append, empty, digit, exchange]
    if chance.random() < 0.08:
        path.unlink()
        return "deleted"
    way = chance.choice(ways)
    way()
    path.write_bytes(content)
    return f"{way.__name__} at byte {at}, {length} long"


class Corrupting:
    """Sound folders of a run and of a study, and what is done with damaged copies of them."""

    def __init__(self, starter: Starter, work: Path) -> None:
        """Make the sound folders."""
        self.starter = starter
        self.sound = work / "sound"
        self.sound.mkdir(parents=True)
        (self.sound / "study.toml").write_text(STUDY, encoding="utf-8")
        self.starter.seasweep(*RUN[:-1], "run", cwd=self.sound)
        self.starter.seasweep(*SWEEP[:-1], "study", cwd=self.sound)
        shutil.copytree(self.sound / "study", self.sound / "part")
        for name in ("measures.csv", "replications.parquet", "parts/000001-0000050.parquet"):
            (self.sound / "part" / name).unlink(missing_ok=True)
        self.right = {name: files_of(self.sound / name) for name in ("run", "study")}
        self.right["part"] = self.right["study"]
        self.answers = {
            (name, how): self.read(name, how, self.sound).out for name in ("run", "study") for how in _READ[:2]
        }

    def read(self, name: str, how: str, where: Path, *more: str) -> Outcome:
        """Read a folder by the public functions, by a plot, or by giving the command that made it again."""
        if how == "load":
            printer = "print_run" if name == "run" else "print_study"
            return self.starter.call(f"tools.attack.results:{printer}", name, cwd=where)
        if how == "plot":
            kind = ("coverage", name, "--cells", "200") if name == "run" else ("response", name)
            outcome = self.starter.seasweep("plot", *kind, "-o", "picture.png", cwd=where)
            picture = where / "picture.png"
            shown = files_of(where).get("picture.png", "") if outcome.code == 0 else ""
            picture.unlink(missing_ok=True)
            return Outcome(**{**vars(outcome), "out": shown})
        command = RUN[:-1] if name == "run" else SWEEP[:-1]
        return self.starter.seasweep(*command, name, *more, cwd=where)

    def corrupt(self, number: int, bounds: Bounds, folder: Path) -> str:
        """Damage one file, read it, and follow what the message says; `Faults` where the damage is not reported."""
        chance = bounds.chance("corruption", number)
        name = chance.choice(["run", "study", "part"])
        how = "again" if name == "part" else chance.choices(_READ, [6, 1, 3])[0]
        how = "load" if (name, how) == ("run", "again") else how
        shutil.copytree(self.sound / name, folder / name)
        (folder / "study.toml").write_text(STUDY, encoding="utf-8")
        files = [path for path in sorted((folder / name).rglob("*")) if path.is_file()]
        path = chance.choice(files)
        done = damage(path, chance.choice([one for one in files if one != path]), chance)
        what = f"{path.relative_to(folder)} {done}; then {how}"
        shutil.copytree(folder / name, folder / "damaged")
        faults = self.faults_of(name, how, folder)
        if faults:
            shutil.rmtree(folder / name, ignore_errors=True)  # it has changed; the kept copy has not
            raise Faults(list(faults), f"{what}: {'; '.join(faults.values())}")
        return what

    def faults_of(self, name: str, how: str, folder: Path) -> dict[str, str]:
        """What is wrong with the answer to a damaged folder: by name of the fault, a sentence."""
        found: dict[str, str] = {}
        first = self.read(name, how, folder)
        if first.says_fault:
            found["tracebacks"] = first.err.strip()[-300:]
        if how == "again":
            return found | self._after_repair(name, first, folder)
        message = first.err.replace(str(folder), "").strip()
        if first.code == 0 and first.out != self.answers[name, how] and "warning" not in message:
            found["silent"] = "another answer, exit code 0 and no warning"
        if first.code != 0:
            if not re.search(WAYS_OUT, message):
                found["stuck"] = f"no way out is named: {message[-300:]}"
            elif not self._forced(name, folder):
                found["stuck"] = f"the way out does not work: {message[-300:]}"
        return found

    def _after_repair(self, name: str, first: Outcome, folder: Path) -> dict[str, str]:
        """What is wrong after a study was given again: it must be whole, or be refused with a way out that works."""
        if first.code == 0:
            other, more = differences(files_of(folder / name), self.right[name])
            return {"silent": f"exit code 0, but other files: {', '.join(other + more)}"} if other + more else {}
        if not re.search(WAYS_OUT, first.err):
            return {"stuck": f"no way out is named: {first.err.strip()[-300:]}"}
        second = self.read(name, "again", folder)
        if second.code == 0 and not any(differences(files_of(folder / name), self.right[name])):
            return {}
        works = self._forced(name, folder)
        return {} if works else {"stuck": f"the way out does not work: {second.err.strip()[-300:]}"}

    def _forced(self, name: str, folder: Path) -> bool:
        """Whether the results can be had again: with --force, or, where that is refused with a reason, elsewhere."""
        forced = self.read(name, "again", folder, "--force")
        if forced.code == 2 and "a new folder" in forced.err:
            shutil.rmtree(folder / name)
            forced = self.read(name, "again", folder)
        found, right = files_of(folder / name), dict(self.right[name])
        if found.pop("run.json", "") and forced.code == 0:  # it holds the command, which has --force
            del right["run.json"]
        return forced.code == 0 and not any(differences(found, right))


# ---------------------------------------------------------------------------------------------------- the cache
def _fresh(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a small command in a fresh interpreter with the cache of a folder: it alone loads compiled code."""
    command = [
        sys.executable,
        "-c",
        "import sys; from sim.cli.main import main; sys.exit(main())",
        *RUN[:-1],
        "run",
        "--force",
    ]
    environment = {**os.environ, "SEASWEEP_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603  our own code
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=600
    )


class CorruptingCache:
    """A sound cache of compiled code, and what is done with damaged copies of it."""

    def __init__(self, work: Path) -> None:
        """Make the sound cache."""
        self.sound = work / "sound-cache"
        self.sound.mkdir(parents=True)
        _fresh(self.sound)
        self.right = files_of(self.sound / "run")

    def corrupt(self, number: int, bounds: Bounds, folder: Path) -> str:
        """Damage a file of the cache, and run a scenario twice."""
        chance = bounds.chance("cache", number)
        shutil.copytree(self.sound / "cache", folder / "cache")
        files = [path for path in sorted((folder / "cache").rglob("*")) if path.is_file()]
        path = chance.choice(files)
        done = damage(path, chance.choice([one for one in files if one != path]), chance)
        what = f"{path.relative_to(folder)} {done}"
        first, second = _fresh(folder), _fresh(folder)
        faults: dict[str, str] = {}
        if first.returncode < 0 or "Traceback" in first.stderr or "seasweep failed" in first.stderr:
            faults["tracebacks"] = f"exit code {first.returncode}, {first.stderr.strip()[-300:]}"
        if second.returncode != 0:
            faults["stuck"] = f"exit code {second.returncode}, {second.stderr.strip()[-300:]}"
        elif any(differences(files_of(folder / "run"), self.right)):
            faults["silent"] = "other results"
        if faults:
            raise Faults(list(faults), f"{what}: {'; '.join(faults.values())}")
        return what


def attack(bounds: Bounds, starter: Starter, work: Path) -> Tally:
    """Damage results."""
    tally = Tally("corruption", ("silent", "stuck", "tracebacks"))
    corrupting = Corrupting(starter, work)
    attempt(tally, bounds, work, lambda number, folder: corrupting.corrupt(number, bounds, folder))
    shutil.rmtree(corrupting.sound)
    return tally


def attack_cache(bounds: Bounds, _: Starter, work: Path) -> Tally:
    """Damage the cache of compiled code."""
    tally = Tally("cache", ("silent", "stuck", "tracebacks"))
    corrupting = CorruptingCache(work)
    attempt(tally, bounds, work, lambda number, folder: corrupting.corrupt(number, bounds, folder))
    shutil.rmtree(corrupting.sound)
    return tally
