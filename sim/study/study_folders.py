"""The folder of a study: whether a sweep may begin or continue there, or is refused."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.scenario.problems import refused
from sim.study.design import Design
from sim.study.folders import (
    STUDY,
    STUDY_PARTS,
    draft_of,
    drop_draft,
    is_empty,
    parts_of_run,
    refuse_results,
    write_whole,
)
from sim.study.parts import Part, parts_of, read_part
from sim.study.provenance import FORMAT, maker, other_maker, source_of
from sim.study.records import DamagedError, Warn, fingerprints, first_line, read_record, write_record

POINTS = "points.parquet"
STUDY_TOTALS, STUDY_MEASURES = "replications.parquet", "measures.csv"  # the results of a study


def refuse_other_study(folder: Path, design: Design, force: bool) -> None:
    """Refuse, before any work, a folder that a sweep of the study may neither begin nor continue."""
    refuse_results(folder, True, STUDY)  # a folder that holds something else is always refused
    if force or not folder.is_dir() or is_empty(folder):
        return
    try:
        record = read_record(folder / STUDY)
    except (DamagedError, OSError) as error:
        if _is_of_study(folder, design):
            return
        allowed = f"a folder whose {STUDY} is whole; --force replaces the results that are there"
        raise refused(str(folder), allowed, key="--out", hint=first_line(error)) from None
    if record.get("digest") != design.digest:
        allowed = "a folder of the same study; --force replaces the results that are there"
        raise refused(str(folder), allowed, key="--out")
    other = other_maker(record)
    if other:
        allowed = "a sweep that can continue here; --force replaces the results that are there"
        raise refused(str(folder), allowed, key="--out", hint=f"its parts would be mixed with others: {other}")


def begin_or_continue(folder: Path, design: Design, force: bool, warn: Warn) -> Path:
    """Begin the results of a study, or continue those that are there, and return the folder in which they are made.

    That is the folder itself, or its draft if they are to replace others. `warn` is called for each file that is
    damaged and written again.
    """
    place = draft_of(folder) if force and not is_empty(folder) else folder
    if place == folder or not (_has_record(place, design) and _has_points(place, design)):
        drop_draft(folder)
    if parts_of_run(folder).is_dir():  # a run was interrupted here, and the folder is now a study's
        shutil.rmtree(parts_of_run(folder))
    place.mkdir(exist_ok=True)
    to_write = [name for name, is_whole in ((STUDY, _has_record), (POINTS, _has_points)) if not is_whole(place, design)]
    for name in to_write:
        if (place / name).exists():
            warn(f"{place / name} is damaged; it is written again")
    if to_write:
        write_whole(place / POINTS, _points_file(design))
        write_record(place / STUDY, _record(design, folder))
    (place / STUDY_PARTS).mkdir(exist_ok=True)
    return place


def kept_of_sweep(folder: Path, force: bool = False) -> int:
    """How many replications of all points are kept of a sweep that was interrupted in a folder; `force` as it had."""
    place = draft_of(folder) if (draft_of(folder) / STUDY).is_file() else folder
    if force and place == folder and _is_complete(folder):  # those are the earlier results
        return 0
    return sum(map(_rows_in, (place / STUDY_PARTS).glob("*.parquet")))


def _is_complete(folder: Path) -> bool:
    """Whether a folder has the record of a sweep that is complete."""
    try:
        return "definition" in read_record(folder / STUDY)
    except (DamagedError, OSError):
        return False


def _rows_in(path: Path) -> int:
    """The number of rows in a part of a sweep; 0 where it cannot be read."""
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return 0


def write_complete_record(
    place: Path, folder: Path, design: Design, failures: list[dict[str, Any]], files: Iterable[str]
) -> None:
    """Write the record of a sweep that is complete, with the checksums of files.

    `place` is where the files are now, and `folder` the folder of the results.
    """
    write_record(
        place / STUDY,
        {
            **_record(design, folder),
            "failures": failures,
            "duration_h": [point.scenario.duration_h for point in design.points],
            "definition": design.study.model_dump(mode="json", exclude_none=True),
            "files": fingerprints(place, [POINTS, *files]),
        },
    )


def _record(design: Design, folder: Path) -> dict[str, Any]:
    """The record of a sweep that has begun: which study it is of, and what makes its results."""
    source = source_of(design.given, (), folder)
    return {"format": FORMAT, "study": design.name, "source": source, "digest": design.digest, **maker()}


def _has_record(place: Path, design: Design) -> bool:
    """Whether a folder has a sound record of the study, made by the same code, libraries and machine as here."""
    try:
        record = read_record(place / STUDY)
    except (DamagedError, OSError):
        return False
    return record.get("digest") == design.digest and not other_maker(record)


def _has_points(place: Path, design: Design) -> bool:
    """Whether a folder has the table of the study's points, byte by byte."""
    try:
        return (place / POINTS).read_bytes() == _points_file(design)
    except OSError:
        return False


def _is_of_study(folder: Path, design: Design) -> bool:
    """Whether a folder without a sound record is one of the study, by its points, and by a part if it has any."""
    parts = [part for part in parts_of(design, folder).values() if part.path.exists()]
    return _has_points(folder, design) and (not parts or any(_is_readable(part) for part in parts))


def _is_readable(part: Part) -> bool:
    """Whether a part belongs to the study and is as it was written."""
    try:
        read_part(part)
    except DamagedError:
        return False
    return True


def _points_file(design: Design) -> bytes:
    """The Parquet file of the table of points: their number, and the level of each factor."""
    factors = [factor.label for factor in design.study.vary]
    columns = {name: _factor_column([point.levels[name] for point in design.points]) for name in factors}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"point": list(range(len(design.points))), **columns}), sink)
    return bytes(sink.getvalue().to_pybytes())


def _factor_column(levels: list[Any]) -> pa.Array:
    """The levels of a factor at each point: numbers as numbers, all else as text; null at the baseline."""
    if all(level is None or (isinstance(level, int | float) and not isinstance(level, bool)) for level in levels):
        return pa.array([None if level is None else float(level) for level in levels], pa.float64())
    texts = [
        level
        if level is None or isinstance(level, str)
        else json.dumps(level, default=str, ensure_ascii=False).strip('"')
        for level in levels
    ]
    return pa.array(texts, pa.string())
