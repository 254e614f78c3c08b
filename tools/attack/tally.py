"""What an attack has found: counts of what must be 0, the table of them, and the failing inputs that are kept."""

import json
import os
import random
import shutil
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FAULTS = {
    "lost": "results that differ from those of an undisturbed run, or are no longer there",
    "orphans": "processes that live 3 s after the process that started them",
    "leftovers": "files that the next run has not taken up or removed",
    "silent": "corrupt data that gave other numbers, or a picture, with exit code 0 and without a message",
    "stuck": "errors that come again at each attempt, without a way out that the message names and that works",
    "tracebacks": "errors that are not explained: a traceback, or the request to report a fault",
    "over_2s": "inputs that take more CPU time than they may: 2 s to check",
    "over_512mib": "inputs whose check needs more than 512 MiB of memory",
    "long": "messages of more than 20,000 characters",
    "altered": "texts that are not shown as they were given",
    "unsafe": "control characters that reach the terminal, and cells that a spreadsheet would compute",
    "differing": "results that depend on what they must not depend on",
}
"""What is counted, each of which must be 0, and what it means."""


class Faults(Exception):  # noqa: N818  it is no error of the program, but what a try has found
    """What one try has found: the names of faults, and a sentence about them."""

    def __init__(self, names: list[str], text: str) -> None:
        """Keep the names and the sentence."""
        self.names, self.text = names, text
        super().__init__(f"{', '.join(names)}: {text}")


@dataclass
class Tally:
    """The counts of one attack."""

    attack: str
    watched: tuple[str, ...]
    """The faults that this attack can find."""
    tries: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    """What could not be tried here, and why."""
    seconds: float = 0.0
    found: list[str] = field(default_factory=list)
    """A line for each try that failed."""

    def add(self, number: int, fault: Faults) -> None:
        """Count what a try has found."""
        if fault.names:
            self.faults.update(fault.names)
            line = f"{self.attack} {number}: {', '.join(fault.names)}: {' '.join(fault.text.split())}"
            self.found.append("".join(letter if letter.isprintable() else "?" for letter in line))
            if sys.stderr.isatty():
                print(self.found[-1][:200], file=sys.stderr, flush=True)

    @property
    def passed(self) -> bool:
        """Whether everything that must be 0 is 0."""
        return not self.faults.total()


@dataclass(frozen=True)
class Bounds:
    """How far an attack goes."""

    seed: int
    tries: int
    """The most tries."""
    budget_s: float
    """The seconds after which no further try begins."""
    only: int | None
    """The number of the only try, to show it again; None for all."""
    keep: Path
    """The folder in which failing inputs are kept."""

    def numbers(self) -> Iterator[int]:
        """The numbers of the tries, until one of the bounds is reached."""
        begin = time.monotonic()
        for number in range(self.tries) if self.only is None else [self.only]:
            if time.monotonic() - begin > self.budget_s:
                return
            yield number

    def chance(self, attack: str, number: int) -> random.Random:
        """The random numbers of a try: they follow from the seed, the attack and the number of the try alone."""
        return random.Random(f"{self.seed} {attack} {number}")  # noqa: S311  no secret depends on it


def attempt(tally: Tally, bounds: Bounds, work: Path, one_try: Callable[[int, Path], str]) -> None:
    """Make the tries of an attack. `one_try` is given a number and an empty folder, and raises `Faults` if it fails."""
    begin = time.monotonic()
    for number in bounds.numbers():
        folder = work / f"{tally.attack}-{number}"
        folder.mkdir(parents=True)
        try:
            one_try(number, folder)
        except Faults as found:
            tally.add(number, found)
            keep_input(tally.attack, number, bounds, found, folder)
        tally.tries += 1
        shutil.rmtree(folder)
    tally.seconds += time.monotonic() - begin


def keep_input(attack: str, number: int, bounds: Bounds, found: Faults, folder: Path) -> None:
    """Keep the folder of a try that failed, with what it found and the command that shows it again."""
    target = bounds.keep / f"{attack}-{bounds.seed}-{number}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target, symlinks=True, ignore=_neither_file_nor_folder)
    shown = f"python -m tools.attack {attack} --seed {bounds.seed} --only {number}"
    about = {"faults": found.names, "text": found.text, "command": shown}
    (target / "found.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def _neither_file_nor_folder(folder: str, names: list[str]) -> list[str]:
    """The names in a folder that cannot be copied: sockets and pipes."""
    modes = {name: os.lstat(Path(folder, name)).st_mode for name in names}
    return [name for name, mode in modes.items() if stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)]


def table_of(tallies: list[Tally]) -> str:
    """The table of all attacks, in Markdown: a row for each, a column for each fault, empty where it cannot occur."""
    heads = ["attack", "tries", *(name.replace("_", " ") for name in FAULTS)]
    rows = [
        [t.attack, f"{t.tries:,}", *(f"{t.faults[name]:,}" if name in t.watched else "" for name in FAULTS)]
        for t in tallies
    ]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]

    def line(cells: list[str]) -> str:
        first, *others = (
            f"{cell:<{w}}" if n == 0 else f"{cell:>{w}}" for n, (cell, w) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join([first, *others])} |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join([line(heads), line(rule), *map(line, rows)])
