"""The results of a sweep: its factors, its totals and its measures, point by point."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.arrays import Floats
from sim.core.text import visible
from sim.deployment.totals import TOTALS
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.study.cuts import named, split
from sim.study.design import Study
from sim.study.estimates import (
    Columns,
    Measure,
    difference,
    measure_of,
)
from sim.study.folders import (
    RUN,
    STUDY,
    finish_interrupted,
    holds_results,
    nearest_results,
)
from sim.study.records import (
    UNREADABLE,
    DamagedError,
    Warn,
    files_of,
    no_warning,
    read_record,
    read_verified,
    unreadable,
)
from sim.study.shown import study_html, study_text
from sim.study.store import numeric_columns
from sim.study.study_folders import POINTS, STUDY_MEASURES, STUDY_TOTALS

_AGAIN = "to mend it, give the same `seasweep sweep` again"


@dataclass(frozen=True)
class StudyResults:
    """The results of a sweep: factors by point, totals by replication, measures by point."""

    name: str
    """The name of the study."""
    study: Study
    """The study as its file states it."""
    levels: list[dict[str, Any]]
    """The levels of each point, by factor."""
    measures: list[list[Measure]]
    """The measures of each point."""
    table: pa.Table
    """The totals of each replication of each point."""
    failures: list[Mapping[str, Any]]
    """The replications that failed, each with its point, its number and its error."""
    duration_h: list[float]
    """The length of the deployment at each point."""
    info: Mapping[str, Any] = field(default_factory=dict)
    """The content of `study.json`: versions, digest of the study, machine."""
    folder: Path | None = None
    """The folder from which the results were read; None where they were not."""

    @classmethod
    def load(cls, folder: str | Path, warn: Warn = no_warning) -> Self:
        """Read the folder of a study; InputError where it is none, or not complete, or not as it was written.

        `warn` is called where an earlier version wrote it, so that nothing tells whether it is as it was written.
        """
        folder = Path(folder)
        finish_interrupted(folder)
        if not (folder / STUDY).is_file() or not (folder / STUDY_MEASURES).is_file():
            hint = _AGAIN if holds_results(folder, STUDY) else ""
            if (folder / RUN).is_file():
                hint = f"it is the folder of a run: `seasweep plot coverage {visible(folder)}` draws it"
            hint = hint or nearest_results(folder, STUDY)
            raise refused(str(folder), "a folder of a sweep that is complete", key="STUDY", hint=hint)
        try:
            info = read_record(folder / STUDY)
            files = files_of(info, folder, warn)
            if "definition" not in info:
                raise DamagedError("the sweep is not complete")
            study = Study.model_validate(info["definition"])
            points, totals = (
                pq.read_table(pa.BufferReader(read_verified(folder, name, files))) for name in (POINTS, STUDY_TOTALS)
            )
            levels = [{name: level for name, level in row.items() if name != "point"} for row in points.to_pylist()]
            measures = _measures_of(read_verified(folder, STUDY_MEASURES, files).decode(), len(levels))
            return cls(
                info["study"],
                study,
                levels,
                measures,
                totals,
                info["failures"],
                info.get("duration_h", []),
                info,
                folder,
            )
        except UNREADABLE as error:
            raise unreadable(folder, error, "STUDY", _AGAIN) from None

    def __repr__(self) -> str:
        """What was simulated and what came of it, in five lines."""
        first = self.estimates(self.study.measures[0])
        return study_text(self.name, self.study, self.levels, first)

    def _repr_html_(self) -> str:
        """The measures of the study at each point as a table, for notebooks."""
        chosen = [self.estimates(name) for name in self.study.measures]
        return study_html(self.name, self.study, self.levels, chosen)

    @property
    def baseline(self) -> int | None:
        """The number of the baseline, which is the last point; None where the study has none."""
        return None if self.study.baseline is None else len(self.levels) - 1

    def gains(self, name: str) -> list[Measure]:
        """The difference of every other point from the baseline, paired by replication; none without a baseline."""
        return [] if self.baseline is None else self.differences(name, self.baseline)[: self.baseline]

    def differences(self, name: str, point: int) -> list[Measure]:
        """The difference of every point from one point, whose number is given, paired by replication."""
        reference, reference_h = self.columns_of(point), self.duration_h[point]
        return [
            difference(name, *_paired(self.columns_of(number), reference), (duration_h, reference_h))
            for number, duration_h in enumerate(self.duration_h)
        ]

    @cached_property
    def _totals(self) -> dict[str, Floats]:
        """The totals of all points by name, an array each with one number for each row of the table."""
        return numeric_columns(self.table)

    def columns_of(self, point: int) -> Columns:
        """The totals of a point. What only other points have, of tips, answers or lookalikes, is 0 at this one."""
        first, end = np.searchsorted(self._totals["point"], (point, point + 1))  # rows are in the order of points
        found = {name: column[first:end] for name, column in self._totals.items()}
        absent = {
            total.name
            for total in TOTALS
            if total.exists == "tips" or (total.exists in ("answers", "observers") and total.kind == "count")
        } - {"seen_any"}
        absent |= {"lookalike_investigations", "lookalikes_told", "lookalike_hours"}
        filled = {name: np.nan_to_num(column) if split(name)[0] in absent else column for name, column in found.items()}
        for name in filled:
            whole, part = split(name)
            alone = named("detected", None if part is None or part.key in ("observer", "nation") else part)
            if whole == "seen_any" and alone in filled:  # where nobody else observes, patrols alone see
                filled[name] = np.where(np.isnan(filled[name]), filled[alone], filled[name])
        return filled

    def estimates(self, name: str, key: str = "measure") -> list[Measure]:
        """One measure at every point; InputError, which names `key`, for a name that is no measure of the study."""
        names = [row.measure for row in self.measures[0]]
        if name not in names:
            raise refused(name, f"a measure: {', '.join(names)}", key=key, hint=nearest(name, names))
        return [next(measure for measure in rows if measure.measure == name) for rows in self.measures]


def _paired(ours: Columns, theirs: Columns) -> tuple[Columns, Columns]:
    """The totals of the replications that both points have: a replication that failed is missing."""
    _, rows, their_rows = np.intersect1d(ours["replication"], theirs["replication"], return_indices=True)
    return (
        {name: column[rows] for name, column in ours.items()},
        {name: column[their_rows] for name, column in theirs.items()},
    )


def _measures_of(text: str, points: int) -> list[list[Measure]]:
    """Read the measures of each point from the text of `measures.csv`."""
    found: list[list[Measure]] = [[] for _ in range(points)]
    for row in csv.DictReader(io.StringIO(text, newline="")):
        found[int(row["point"])].append(measure_of(row))
    return found
