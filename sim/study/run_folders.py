"""The folder to which a run or a sweep goes unless one is given: they have numbers, so that no results are replaced."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.scenario.problems import InputError
from sim.study.design import Design
from sim.study.folders import RUN, RUNS, STUDY, draft_of, is_empty, take_up
from sim.study.provenance import is_same_run, other_maker
from sim.study.records import DamagedError, read_record
from sim.study.run_parts import begun_run, can_continue
from sim.study.store import Results


class Place(NamedTuple):
    """Where a run goes."""

    folder: Path
    results: Results | None = None
    """The same results, where they are there already."""


def run_place(name: str, asked: Callable[[], Mapping[str, Any]]) -> Place:
    """The folder of a run of a scenario with a name: `runs/NAME`, or the first of `runs/NAME-2` and so on that is free.

    A folder with the same results, or with an interrupted run that can continue, is chosen before any other, unless
    another process writes to it. `asked` gives the record of the run that is to be made; it is called only where one of
    the folders exists.
    """
    for folder in _numbered(RUNS / name):
        if not _exists(folder) or _is_in_use(folder):
            continue
        if _is_empty(folder) and can_continue(begun_run(folder), asked()):
            return Place(folder)
        results = _same_results(folder, asked())
        if results is not None:
            return Place(folder, results)
    return Place(_first_free(RUNS / name))


def study_folder(design: Design, force: bool) -> Path:
    """The folder of a study: `runs/NAME`, or the first of `runs/NAME-2` and so on that is free.

    A folder in which a sweep of the same study has begun is chosen before any other, and with `force` the first of all.
    """
    for folder in _numbered(RUNS / design.name):
        if force or any(_is_of(place / STUDY, design) for place in (folder, draft_of(folder))):
            return folder
    return _first_free(RUNS / design.name)


def _first_free(first: Path) -> Path:
    """The first of the numbered folders that does not exist, or is empty and in nobody's use."""
    return next(folder for folder in _numbered(first) if not _exists(folder) or _is_free(folder))


def _is_free(folder: Path) -> bool:
    """Whether a folder that exists is empty, has no run that was interrupted, and is in nobody's use."""
    return not _is_in_use(folder) and _is_empty(folder) and not begun_run(folder)


def _numbered(first: Path) -> Iterator[Path]:
    """A folder and those that add a number from 2 on to its name, up to the first number after all that exist."""
    last = 1
    if first.parent.is_dir():
        named = re.compile(rf"{re.escape(first.name)}-([2-9]|[1-9]\d{{1,5}})")
        numbers = [int(found[1]) for path in first.parent.iterdir() if (found := named.fullmatch(path.name))]
        last = max(numbers, default=1)
    yield first
    for number in range(2, last + 2):
        yield first.with_name(f"{first.name}-{number}")


def _exists(folder: Path) -> bool:
    """Whether there is anything of this name, be it a link to nowhere."""
    return folder.exists() or folder.is_symlink()


def _is_empty(folder: Path) -> bool:
    """Whether this is a folder, and holds nothing but what seasweep hides in it."""
    return folder.is_dir() and is_empty(folder)


def _is_in_use(folder: Path) -> bool:
    """Whether another process writes to a folder, or nobody can; what a killed one left there is completed."""
    try:
        take_up(folder)
    except (InputError, OSError):
        return True
    return False


def _same_results(folder: Path, asked: Mapping[str, Any]) -> Results | None:
    """The results of a folder where they are those that are asked for, whole, and without a replication that failed."""
    try:
        record = read_record(folder / RUN)
        if not is_same_run(record, asked) or record.get("failures"):
            return None
        return Results.load(folder)
    except (DamagedError, InputError, OSError):
        return None


def _is_of(path: Path, design: Design) -> bool:
    """Whether a record is that of the same study, made by the same code, libraries and machine as here."""
    try:
        record = read_record(path)
    except (DamagedError, OSError):
        return False
    return record.get("digest") == design.digest and not other_maker(record)
