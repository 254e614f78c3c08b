"""Kills: a command is killed, then it is given again; its results are those of an undisturbed run.

Most kills come at a system call that writes, syncs or renames, counted by strace; where strace cannot be used,
they come at a random time. The others come at a random time while worker processes are at work, and end the first
process or one of those that it has started.
"""

import re
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tools.attack.results import RUN, SHORT, STUDY, SWEEP, differences, files_of
from tools.attack.starter import Job, Outcome, Starter, can_trace
from tools.attack.tally import Bounds, Faults, Tally, attempt

CALLS = {
    "write", "writev", "pwrite64", "ftruncate", "fsync", "fdatasync", "rename", "renameat", "renameat2", "link",
    "linkat", "unlink", "unlinkat", "rmdir", "mkdir", "chmod", "fchmod", "flock", "openat",
}  # fmt: skip
PARALLEL = ("run", "neon-partners", "--replications", "120", "--jobs", "2", "--keep", "5", "--out", "out/kept")
COMMANDS = {
    "run": RUN,
    "run over an earlier run": (*RUN, "--force"),
    "sweep": SWEEP,
    "sweep that goes on": SWEEP,
    "run with workers": PARALLEL,
    "sweep with workers": ("sweep", "wide.toml", "--jobs", "2", "--out", "out/kept"),
}
"""The commands that are killed, by what they do."""
WITH_WORKERS = ("run with workers", "sweep with workers")
ALONE = tuple(name for name in COMMANDS if name not in WITH_WORKERS)
ORDER = (*ALONE, *ALONE, WITH_WORKERS[0], *ALONE, *ALONE, WITH_WORKERS[1])
"""The order in which commands are killed: those with workers seldom, since they take twenty times as long."""
_WIDE = (
    STUDY.replace(SHORT, "")
    .replace('"textbook"', '"neon-partners"')
    .replace("sensors.eye.law.probability", "patrols.aurora.every_h")
)
_WIDE = _WIDE.replace("[0.25, 0.75]", "[36.0, 48.0]").replace("p_detected", "p_documented")


class Killing:
    """The commands, what an undisturbed run of each leaves, and the system calls that it makes."""

    def __init__(self, starter: Starter, work: Path) -> None:
        """Nothing is run yet: an undisturbed run is made when it is first needed."""
        self.starter, self.work = starter, work
        self.right: dict[str, dict[str, str]] = {}
        self.calls: dict[str, list[tuple[str, int]]] = {}
        self.seconds: dict[str, float] = {}
        self.traces = can_trace()

    def prepare(self, name: str, folder: Path) -> None:
        """Lay out the folder in which a command is started."""
        (folder / "out").mkdir()
        (folder / "tmp").mkdir()
        (folder / "study.toml").write_text(STUDY, encoding="utf-8")
        (folder / "wide.toml").write_text(_WIDE, encoding="utf-8")
        if name == "run over an earlier run":
            arguments = [*RUN[:-1], RUN[-1], "--seed", "2"]
            self.starter.seasweep(*arguments, cwd=folder)
        if name == "sweep that goes on":
            self.starter.seasweep(*SWEEP, cwd=folder)
            for path in ("measures.csv", "replications.parquet", "parts/000001-0000000.parquet"):
                (folder / "out/kept" / path).unlink(missing_ok=True)

    def job(self, name: str, folder: Path) -> Job:
        """The job of a command in a folder; its temporary files are there as well."""
        return Job(COMMANDS[name], str(folder), env={"TMPDIR": str(folder / "tmp")})

    def learn(self, name: str) -> None:
        """Run a command undisturbed, once, and keep what it leaves and which calls it makes."""
        if name in self.right:
            return
        folder = self.work / "undisturbed" / name.replace(" ", "-")
        folder.mkdir(parents=True)
        self.prepare(name, folder)
        trace = str(folder.parent / "calls") if self.traces and name in ALONE else ""
        outcome = self.starter.do(replace(self.job(name, folder), trace=trace))
        if outcome.code != 0:
            raise RuntimeError(f"{COMMANDS[name]} fails undisturbed: {outcome.err}")
        self.right[name] = files_of(folder)
        self.seconds[name] = outcome.cpu_s
        self.calls[name] = _calls_in(Path(trace)) if trace else []

    def kill(self, name: str, number: int, bounds: Bounds, folder: Path) -> str:
        """Kill a command, give it again, and compare; `Faults` where something is lost or stays."""
        self.learn(name)
        self.prepare(name, folder)
        chance = bounds.chance("kills", number)
        job = self.job(name, folder)
        if self.calls[name]:
            call, at = chance.choice(self.calls[name])
            how = f"{name}, killed at {call} {at}"
            job = replace(job, kill_call=call, kill_at=at)
        else:
            after, victim = chance.uniform(0.01, 1.2 * self.seconds[name]), chance.choice([0.0, chance.random()])
            how = f"{name}, {'a process it started' if victim else 'the first process'} killed after {after:.3f} s"
            job = replace(job, kill_after_s=after, victim=victim)
        first = self.starter.do(job)
        again = self.starter.do(self.job(name, folder))
        faults = self.faults_of(name, first, again, folder)
        if faults:
            raise Faults(list(faults), f"{how}: {'; '.join(faults.values())}")
        return how

    def faults_of(self, name: str, first: Outcome, again: Outcome, folder: Path) -> dict[str, str]:
        """What is wrong after a command was killed and given again: by name of the fault, a sentence."""
        found: dict[str, str] = {}
        if first.orphans or again.orphans:
            found["orphans"] = f"{first.orphans + again.orphans} processes stayed"
        ended = again.code == 0 or (again.code == 2 and "--force replaces" in again.err)
        other, more = differences(files_of(folder), self.right[name])
        if other or not ended:
            found["lost"] = f"exit code {again.code}, {again.err.strip()[-200:]!r}, other files: {', '.join(other)}"
        if more:
            found["leftovers"] = f"left: {', '.join(more)}"
        if first.says_fault or again.says_fault:
            found["tracebacks"] = (first.err + again.err).strip()[-300:]
        return found


def _calls_in(trace: Path) -> list[tuple[str, int]]:
    """The calls, each with its number from 1, that a trace shows of its first process."""
    counts: Counter[str] = Counter()
    found = []
    for line in trace.read_text(errors="replace", encoding="utf-8").splitlines():
        match = re.match(r"\d+ +(?:<\.\.\. )?(\w+)\(", line)
        if match is None:
            continue
        counts[match[1]] += 1
        if match[1] in CALLS and not (match[1] == "openat" and "O_CREAT" not in line):
            found.append((match[1], counts[match[1]]))
    return found


def attack(bounds: Bounds, starter: Starter, work: Path, commands: tuple[str, ...] = ORDER) -> Tally:
    """Kill commands, each in its turn."""
    tally = Tally("kills", ("lost", "orphans", "leftovers", "tracebacks"))
    killing = Killing(starter, work)
    if not killing.traces:
        tally.notes.append("strace cannot be used here: kills come at random times, not at system calls.")
    attempt(tally, bounds, work, lambda n, folder: killing.kill(commands[n % len(commands)], n, bounds, folder))
    shutil.rmtree(work / "undisturbed", ignore_errors=True)
    return tally


__all__ = ["ALONE", "COMMANDS", "attack"]
