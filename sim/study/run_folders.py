"""The folder to which a run or a sweep goes unless one is given: they have numbers, so that no results are replaced."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sim.core.text import visible
from sim.scenario.problems import InputError
from sim.study.cuts import split
from sim.study.design import Design
from sim.study.folders import RUN, RUNS, STUDY, draft_of, is_empty, take_up
from sim.study.provenance import is_same_but_totals, is_same_run, other_maker
from sim.study.records import DamagedError, read_record
from sim.study.run_parts import begun_run, can_continue
from sim.study.store import Results, asked_for, lacking_totals


class Place(NamedTuple):
    """Where a run goes, or where its results are already."""

    folder: Path
    results: Results | None = None
    """The results that were asked for, where they are there already, or can be made of those that are there."""
    is_same: bool = False
    """Whether the files of the folder are those that the run would write."""
    lacks: str = ""
    """What the results of the same replications lack, such as "runs/NAME has no parts by patrol"; empty where there are
    none."""


def run_place(name: str, asked: Callable[[], Mapping[str, Any]]) -> Place:
    """The folder of a run of a scenario with a name: `runs/NAME`, or the first of `runs/NAME-2` and so on that is free.

    A folder with the same results is chosen before any other, then one with results of which those that are asked for
    can be made, then one with an interrupted run that can continue. Folders to which another process writes are left
    out. `asked` gives the record of the run that is to be made; it is called only where one of the folders exists.
    """
    there = [folder for folder in _numbered(RUNS / name) if _exists(folder) and not _is_in_use(folder)]
    if not there:
        return Place(_first_free(RUNS / name))
    wanted = asked()
    places = [_place_with_results(folder, wanted) for folder in there]
    with_results = [place for place in places if place.results is not None]
    with_results.sort(key=lambda place: not place.is_same)
    begun = [Place(folder) for folder in there if _is_empty(folder) and can_continue(begun_run(folder), wanted)]
    lacks = next((place.lacks for place in places if place.lacks), "")
    return next(iter([*with_results, *begun]), Place(_first_free(RUNS / name), lacks=lacks))


def place_of(folder: Path, asked: Callable[[], Mapping[str, Any]]) -> Place:
    """The folder that was given for a run, with its results where they are there already; `asked` as in `run_place`."""
    return Place(folder) if _is_in_use(folder) or not folder.is_dir() else _place_with_results(folder, asked())


def _place_with_results(folder: Path, asked: Mapping[str, Any]) -> Place:
    """A folder with the results that are asked for, where they are there or can be made of those that are there.

    Those results must be whole, and no replication may have failed.
    """
    try:
        record = read_record(folder / RUN)
        if record.get("failures") or not is_same_but_totals(record, asked):
            return Place(folder)
        results = Results.load(folder)
        if is_same_run(record, asked):
            return Place(folder, results, is_same=True)
        totals = asked["asked"].get("totals", [])
        lacking = _parts_text(lacking_totals(results, totals), record["asked"].get("totals", ()))
        if lacking:
            return Place(folder, lacks=f"{visible(folder)} has no parts by {lacking}")
        changed = {name: asked[name] for name in ("scenario", "level", "asked")}
        return Place(folder, asked_for(results, totals, changed))
    except (DamagedError, InputError, OSError):
        return Place(folder)


def _parts_text(lacking: Sequence[str], has: Sequence[str]) -> str:
    """The parts of totals that results lack: their keys alone where `has`, the totals that were asked for, has none."""
    keys = {part.key for _, part in map(split, has) if part is not None}
    parts = [part for _, part in map(split, lacking) if part is not None]
    return ", ".join(dict.fromkeys(str(part) if part.key in keys else part.key for part in parts))


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


def _is_of(path: Path, design: Design) -> bool:
    """Whether a record is that of the same study, made by the same code, libraries and machine as here."""
    try:
        record = read_record(path)
    except (DamagedError, OSError):
        return False
    return record.get("digest") == design.digest and not other_maker(record)
