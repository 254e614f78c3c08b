"""Extremes: deep, huge and extreme inputs; each is accepted or refused quickly, with little memory, and explained."""

import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tools.attack.inputs import MOST_S, HostileInput, extreme_numbers, hostile_inputs
from tools.attack.starter import Outcome, Starter
from tools.attack.tally import Bounds, Faults, Tally, attempt

MOST_MIB, MOST_MESSAGE = 512.0, 20_000
_GIVE_UP_S = 300.0  # of the clock; a busy machine needs more of it than of CPU time
_COSTLY = 3  # inputs that are named as those that cost most
SHORT, ALL = sum(1 for _ in hostile_inputs()), sum(1 for _ in chain(hostile_inputs(), extreme_numbers()))


def _faults_of(hostile: HostileInput, answer: Outcome) -> dict[str, str]:
    """What is wrong with an answer: by name of the fault, a few words."""
    found: dict[str, str] = {}
    if answer.timed_out or answer.cpu_s > hostile.most_s:
        found["over_2s"] = f"{answer.cpu_s:.1f} s of CPU time, where {hostile.most_s:g} s are allowed"
    if answer.rss_mib > MOST_MIB and hostile.most_s == MOST_S:  # the others are runs, which may take more
        found["over_512mib"] = f"{answer.rss_mib:,.0f} MiB"
    if answer.says_fault or not (answer.timed_out or answer.code in (0, 2)):
        found["tracebacks"] = f"exit code {answer.code}: {answer.err.strip()[-300:]}"
    if answer.code == 2 and len(answer.out + answer.err) > MOST_MESSAGE:
        found["long"] = f"a message of {len(answer.out + answer.err):,} characters"
    return found


class Extremes:
    """The inputs in their order, and what each has cost."""

    def __init__(self, starter: Starter) -> None:
        """No input is made yet: each is made when its turn comes, since together they take much memory."""
        self.starter = starter
        self.inputs: Iterator[tuple[int, HostileInput]] = enumerate(chain(hostile_inputs(), extreme_numbers()))
        self.costs: list[tuple[float, float, str]] = []

    def give(self, number: int, folder: Path) -> str:
        """Give an input to the program; `Faults` if its answer is wrong, and wrong in the same way once more."""
        hostile = next(hostile for at, hostile in self.inputs if at == number)
        faults = self.answered(hostile, folder)
        if faults and not faults.keys() & {"tracebacks", "long"}:
            again = self.answered(hostile, folder)
            faults = {name: text for name, text in again.items() if name in faults}
        if faults:
            raise Faults(list(faults), f"{hostile.name}: {'; '.join(faults.values())}")
        return hostile.name

    def answered(self, hostile: HostileInput, folder: Path) -> dict[str, str]:
        """What is wrong with the answer to an input, which finds an empty folder."""
        shutil.rmtree(folder)
        folder.mkdir()
        hostile.write(folder)
        answer = self.starter.seasweep(*hostile.arguments, cwd=folder, timeout_s=_GIVE_UP_S)
        self.costs.append((answer.cpu_s, answer.rss_mib, hostile.name))
        return _faults_of(hostile, answer)


def attack(bounds: Bounds, starter: Starter, work: Path) -> Tally:
    """Give inputs to the program, each in its turn."""
    tally = Tally("extremes", ("tracebacks", "over_2s", "over_512mib", "long"))
    extremes = Extremes(starter)
    attempt(tally, bounds, work, extremes.give)
    slowest = sorted(extremes.costs, reverse=True)[:_COSTLY]
    said = "; ".join(f"{name}, {seconds:.1f} s and {mebibytes:,.0f} MiB" for seconds, mebibytes, name in slowest)
    tally.notes.append(f"extremes: what took longest: {said}.")
    return tally
