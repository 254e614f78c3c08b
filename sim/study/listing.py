"""What has been run: the results below a folder, one row each. Nothing is written to any folder."""

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sim.scenario.digest import digest
from sim.scenario.files import SCENARIO_OF_RUN
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from sim.study.cuts import split
from sim.study.design import REPLICATIONS, SEED, load_study
from sim.study.estimates import LEVEL, Measure, measure_of
from sim.study.folders import RUN, STUDY, STUDY_PARTS, draft_of, holds_results
from sim.study.locks import is_locked
from sim.study.part_totals import asked_by
from sim.study.precision import asked_options
from sim.study.records import UNREADABLE, DamagedError, files_of, first_line, no_warning, read_record, read_verified
from sim.study.run_parts import begun_run, kept_replications
from sim.study.study_folders import kept_of_sweep

MAIN_MEASURES = ("p_detected", "p_documented")
"""The measures of a run that a list of runs shows, where it has them. Of a study it shows the first measure."""
_MOST_DEEP = 6  # folders within each other that are looked through
_NUMBERED, _DIGITS = re.compile(r"(.+)-([0-9]{1,6})", re.DOTALL), re.compile("([0-9]+)")
_NOTHING = "no results of seasweep"


@dataclass(frozen=True)
class Listed:
    """One folder of results, or a folder that has none."""

    folder: Path
    kind: str = ""
    """`run` or `study`; empty where it is neither."""
    when: datetime | None = None
    """When the results were complete, in local time; None where they are not."""
    name: str = ""
    """The name of the scenario or the study."""
    sets: tuple[str, ...] = ()
    """The KEY=VALUE of `--set` of a run."""
    options: tuple[str, ...] = ()
    """The other options of a run that its results depend on, where they are not the default, such as `--seed`, `3`."""
    replications: int | None = None
    """Those of a run that did not fail, or those of each point of a study."""
    points: int | None = None
    """The design points of a study."""
    seed: int | None = None
    measures: tuple[Measure, ...] = field(default=())
    """The main measures; of a study the first one, at the point with the least value and at that with the greatest."""
    file: str = ""
    """Whether the file of the scenario or the study has changed since then: `unchanged`, `changed`, `deleted`,
    `has errors`, or empty where no file is known."""
    fault: str = ""
    """What is wrong with the folder, or that somebody writes to it; empty where its results are sound."""


def list_results(folder: Path) -> list[Listed]:
    """The results in a folder and in all folders below it, in the order of their paths.

    A folder below it that has no results in or below itself is listed as such. The sizes of all files are compared with
    the records, and the checksums of the records and the measures. Raises OSError where `folder` cannot be read.
    """
    for digest_of in (_scenario_digest, _study_digest):
        digest_of.cache_clear()  # a file may have changed since the last list
    if _is_of_seasweep(folder):
        return [_listed(folder)]
    return [row for inside in _folders_in(folder) for row in _below(inside, 1)]


def _folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, without hidden ones, in the order of their names."""
    found = [path for path in folder.iterdir() if not path.name.startswith(".") and path.is_dir()]
    return sorted(found, key=lambda path: _order(path.name))


def _order(name: str) -> tuple[list[str | int], int, str]:
    """The place of a name among others: numbers count as numbers, and `NAME-2` and so on follow on `NAME`."""
    numbered = _NUMBERED.fullmatch(name)
    whole, number = (numbered[1], int(numbered[2])) if numbered else (name, 1)
    return [int(text) if text.isdecimal() else text for text in _DIGITS.split(whole)], number, name


def _below(folder: Path, depth: int) -> Iterator[Listed]:
    """The results in a folder or below it."""
    try:
        if _is_of_seasweep(folder):
            yield _listed(folder)
            return
        inside = [] if depth == _MOST_DEEP or folder.is_symlink() else _folders_in(folder)
    except OSError as error:
        yield Listed(folder, fault=f"it cannot be read ({(error.strerror or first_line(error)).lower()})")
        return
    rows = [row for one in inside for row in _below(one, depth + 1)]
    if all(row.fault == _NOTHING for row in rows):  # one line says it of a whole tree of folders
        rows = [Listed(folder, fault=_NOTHING)]
    yield from rows


def _is_of_seasweep(folder: Path) -> bool:
    """Whether a folder holds results, be they damaged, or is one in which somebody makes some."""
    has_record = any((folder / name).is_file() for name in (RUN, STUDY))
    is_begun = draft_of(folder).is_dir() or bool(begun_run(folder))
    return has_record or holds_results(folder, RUN) or is_begun


def _listed(folder: Path) -> Listed:
    """The row of a folder of results; whatever is wrong with it is in the row."""
    record = RUN if (folder / RUN).is_file() else STUDY
    kind = "run" if record == RUN else "study"
    try:
        if is_locked(folder):
            return Listed(folder, fault="another process writes to it")
        begun = begun_run(folder)
        if begun and not (folder / record).is_file():
            return Listed(folder, "run", name=str(begun["scenario"]), fault=_interrupted(kept_replications(folder)))
        if not (folder / record).is_file():
            left = not holds_results(folder, RUN)
            return Listed(folder, fault=_interrupted(0) if left else f"it is damaged ({RUN} is missing)")
        info = read_record(folder / record)
        if record == STUDY and "definition" not in info:
            return Listed(folder, kind, name=str(info.get("study", "")), fault=_interrupted(kept_of_sweep(folder)))
        return (_run if record == RUN else _study)(folder, info)
    except UNREADABLE as error:
        text = f"it lacks {error.args[0]}" if isinstance(error, KeyError) else first_line(error)
        return Listed(folder, kind, fault=f"it is damaged ({text})")


def _interrupted(kept: int) -> str:
    """What is wrong with a folder in which a run or a sweep was interrupted when some replications had been kept."""
    if not kept:
        return "it was interrupted before a replication was kept; the same command begins it again"
    return f"it was interrupted after {kept:,} replications; the same command continues it"


def _run(folder: Path, info: Mapping[str, Any]) -> Listed:
    """The row of a run."""
    rows = _measures(folder, info)
    main = [measure for name in MAIN_MEASURES for measure in rows if measure.measure == name]
    state = _state(folder, info.get("source"), str(info["digest"]), _scenario_digest)
    return Listed(
        folder, "run", _time(folder / RUN), str(info["scenario"]), _sets(info.get("source")), _options(folder, info),
        main[0].replications if main else None, seed=int(info["seed"]), measures=tuple(main), file=state,
    )  # fmt: skip


def _study(folder: Path, info: Mapping[str, Any]) -> Listed:
    """The row of a study."""
    definition = info["definition"]
    first = definition["measures"][0]
    rows = [measure for measure in _measures(folder, info) if measure.measure == first]
    known = sorted((row for row in rows if row.value is not None), key=lambda row: row.value or 0.0)
    state = _state(folder, info.get("source"), str(info["digest"]), _study_digest)
    when = max(
        map(_time, [*(folder / STUDY_PARTS).glob("*.parquet")] or [folder / STUDY])
    )  # a sweep again writes no part
    return Listed(
        folder, "study", when, str(info["study"]), (), (), int(definition["replications"]), len(rows),
        int(definition["seed"]), tuple(known[:1] + known[1:][-1:]), state,
    )  # fmt: skip


def _time(file: Path) -> datetime:
    """When a file was written, in local time. Records hold no time, so that the same run gives the same bytes."""
    return datetime.fromtimestamp(file.stat().st_mtime).astimezone()


def _sets(source: Any) -> tuple[str, ...]:
    """The KEY=VALUE of `--set` in the record of where results come from."""
    return tuple(str(text) for text in source.get("sets", ())) if isinstance(source, dict) else ()


def _options(folder: Path, info: Mapping[str, Any]) -> tuple[str, ...]:
    """The options of a run besides `--set` and `--replications` that its results depend on, where not the default."""
    asked, seed, level = info.get("asked", {}), info["seed"], info.get("level", LEVEL)
    found = [] if seed == SEED else ["--seed", str(seed)]
    found += asked_options(asked)
    found += [word for text in _by(folder, asked.get("totals", ())) for word in ("--by", text)]
    found += [] if level == LEVEL else ["--level", f"{level:g}"]
    usual = max(REPLICATIONS, asked.get("only", 0) + 1)
    return (*found, *([] if info["kept"] == usual else ["--keep", str(info["kept"])]))


def _by(folder: Path, totals: Sequence[str]) -> list[str]:
    """What `--by` was given for the run of a folder, which has some totals of parts."""
    if not totals:
        return []
    try:
        return asked_by(load_scenario(folder / SCENARIO_OF_RUN), totals)
    except InputError:  # another version wrote it
        return list(dict.fromkeys(part.key for _, part in map(split, totals) if part is not None))


def _measures(folder: Path, info: Mapping[str, Any]) -> list[Measure]:
    """The rows of `measures.csv`; DamagedError where it, or the size of another file, is not as the record says."""
    files = files_of(info, folder, no_warning)
    for name, wanted in files.items():
        if not (folder / name).is_file():
            raise DamagedError(f"{name} is missing")
        if (folder / name).stat().st_size != wanted["bytes"]:
            raise DamagedError(f"{name} does not have the size that the record says")
    text = read_verified(folder, "measures.csv", files).decode()
    return [measure_of(row) for row in csv.DictReader(io.StringIO(text, newline=""))]


# ---------------------------------------------------------------------------------------------------- their files
def _state(folder: Path, source: Any, digest_then: str, digest_of: Any) -> str:
    """Whether the file from which results were made has changed since then; empty where none is known."""
    if not isinstance(source, dict) or not ("file" in source or "name" in source):
        return ""
    given = str(source.get("name", ""))
    if "file" in source:
        given = os.path.normpath(folder / str(source["file"]))
        if not Path(given).is_file():
            return "deleted"
    now = digest_of(given, _sets(source))
    return "has errors" if now is None else "unchanged" if now == digest_then else "changed"


@cache
def _scenario_digest(given: str, sets: tuple[str, ...]) -> str | None:
    """The digest of a scenario as its file is now; None where it has errors."""
    try:
        return digest(load_scenario(given, sets))
    except InputError:
        return None


@cache
def _study_digest(given: str, _sets: tuple[str, ...]) -> str | None:
    """The digest of a study as its file is now; None where it has errors."""
    try:
        return load_study(given).digest
    except InputError:
        return None
