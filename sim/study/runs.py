"""Runs, sweeps and comparisons: many replications, many points, one way of doing them."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.deployment.totals import TOTALS
from sim.scenario.digest import digest, world_digest
from sim.scenario.load import load_source, validate
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.design import REPLICATIONS, Design, Study, load_study
from sim.study.executors import Block, Case, Task, perform_all
from sim.study.measures import BY_NAME, LEVEL, Columns, Measure, all_measures, difference, estimate, to_csv
from sim.study.store import (
    FORMAT,
    Results,
    Sink,
    columns_of,
    finish,
    provenance,
    refuse_existing,
    removed_after,
    schemas,
    versions,
    whole_folder,
    write_json,
    write_whole,
)

Progress = Callable[[int, int], None]
"""Called with the replications done so far, and all that are to be done."""
Warn = Callable[[str], None]
"""Called with a message, one sentence."""

BLOCK = 5  # replications a task of a run
PART = 50  # replications a part of a sweep
TOGETHER = 8  # points of a sweep that share one realisation of their ships: enough to make its cost small
MOST_REPLICATIONS = 20_000  # where a run to a precision gives up
_FIRST_LOOK, _LOOK_EVERY = 40, 20  # when a precision is looked at


def _no_progress(done: int, total: int) -> None:
    """Progress is not shown."""


def _no_warning(message: str) -> None:
    """Warnings are not shown."""


# ---------------------------------------------------------------------------------------------------- run
def run(
    scenario: Scenario | str | Path,
    replications: int = REPLICATIONS,
    seed: int = 1,
    *,
    precision: tuple[str, float] | None = None,
    only: int | None = None,
    jobs: int = 1,
    keep: int = REPLICATIONS,
    level: float = LEVEL,
    out: str | Path | None = None,
    force: bool = False,
    name: str | None = None,
    command: str = "",
    progress: Progress = _no_progress,
) -> Results:
    """Replicate a scenario: a loaded one, a file, or the name of one that ships.

    `precision` (measure, half width) goes on until the measure is known that well; `only` does one replication;
    events and tracks are kept of the first `keep`; with `out` everything is streamed to a folder. With more than one
    job, call it under `if __name__ == "__main__":` as any program that starts processes must.
    """
    loaded = scenario if isinstance(scenario, Scenario) else validate(load_source(scenario))
    label = name or (loaded.title if isinstance(scenario, Scenario) else Path(scenario).stem)
    first, last = (0, replications) if only is None else (only, only + 1)
    if only is not None and keep:  # whoever asks for one wants to see it
        keep = max(keep, only + 1)
    info = provenance(loaded, label, seed, command, level, keep)

    def work(folder: Path | None) -> Results:
        sink = Sink(loaded, folder)
        for lot in _lots(first, last, precision, sink, loaded.duration_h, level):
            cases = (Case(0, loaded, info["digest"]),)
            tasks = [Task(cases, seed, a, min(a + BLOCK, lot[1]), keep) for a in range(*lot, BLOCK)]
            with closing(perform_all(tasks, jobs)) as blocks:
                for block in blocks:
                    _take_in(block, sink, info)
                    progress(block.last - first, lot[1] - first)
        results = Results(loaded, sink.close(), info)
        if folder is not None:
            finish(folder, results)
        return results

    if out is None:
        return work(None)
    refuse_existing(Path(out), force)
    with whole_folder(Path(out)) as draft:
        work(draft)
    return Results.load(out)


def _lots(
    first: int, last: int, precision: tuple[str, float] | None, sink: Sink, horizon_h: float, level: float
) -> Iterator[tuple[int, int]]:
    """Replications to do next, as (first, last): all at once, or lot by lot until a measure is precise enough."""
    if precision is None:
        yield first, last
        return
    measure, wanted = precision
    done = 0
    while done < MOST_REPLICATIONS:
        upto = max(done + _LOOK_EVERY, _FIRST_LOOK)
        yield done, upto
        done = upto
        if not any(part.size for part in sink.totals):  # all have failed; more would too
            return
        width = estimate(measure, sink.columns(), horizon_h, level).half_width
        if width is not None and width <= wanted:
            return


def _take_in(block: Block, sink: Sink, info: dict[str, Any]) -> None:
    sink.add(block.tables, block.last)
    info["failures"] += [{"replication": number, "error": text} for number, text in block.failures]


# ---------------------------------------------------------------------------------------------------- compare
@dataclass(frozen=True)
class Comparison:
    """What each scenario gives, and what it gives more than the first."""

    names: list[str]
    values: list[list[Measure]]
    differences: list[list[Measure]]
    """One list a scenario after the first, in the order of `values[0]`."""


def compare(results: Sequence[Results], level: float = LEVEL) -> Comparison:
    """Paired differences from the first of several runs of the same seed and replications.

    Raises InputError where the runs do not hold the same replications of the same seed.
    """
    first = results[0]
    for other in results[1:]:
        same = list(first.columns["replication"]) == list(other.columns["replication"])
        if first.info["seed"] != other.info["seed"] or not same:
            raise refused(other.name, f"the seed and replications of {first.name}", key="compare")
    names = [m.measure for m in first.measures(level)]
    shared = [n for n in names if all(BY_NAME[n].top in r.columns for r in results)]
    values = [[m for m in r.measures(level) if m.measure in shared] for r in results]
    differences = [
        [
            difference(n, r.columns, first.columns, (r.scenario.duration_h, first.scenario.duration_h), level)
            for n in shared
        ]
        for r in results[1:]
    ]
    return Comparison([r.name for r in results], values, differences)


# ---------------------------------------------------------------------------------------------------- sweeps
def sweep(
    study: Design | str | Path,
    *,
    jobs: int = 1,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress = _no_progress,
    warn: Warn = _no_warning,
) -> "StudyResults":
    """Replicate every point of a study into a folder; what an earlier call has done there is not done again.

    The same study in the same folder gives the same bytes, however often it was interrupted. `warn` is called for each
    part of an earlier call that cannot be read and is therefore done again.
    """
    design = study if isinstance(study, Design) else load_study(study)
    folder = Path(out) if out is not None else Path("runs") / design.name
    _open_folder(folder, design, force)
    parts = folder / "parts"
    total = len(design.points) * design.study.replications
    todo = list(_tasks(design, parts, warn))
    done = total - sum(len(task.cases) * (task.last - task.first) for task in todo)
    progress(done, total)
    failures: list[dict[str, Any]] = []
    with closing(perform_all(todo, jobs)) as blocks:
        for block in blocks:
            failures += [{"point": block.point, "replication": n, "error": text} for n, text in block.failures]
            table = block.tables["replications"]
            number = pa.array([block.point] * table.num_rows, pa.int64())
            write_whole(_part(parts, block.point, block.first), table.add_column(0, "point", number))
            done += block.last - block.first
            progress(done, total)
    hours = [point.scenario.duration_h for point in design.points]
    info = {"format": FORMAT, "study": design.name, "digest": design.digest, "versions": versions()}
    definition = design.study.model_dump(mode="json", exclude_none=True)
    write_json(folder / "study.json", {**info, "failures": failures, "duration_h": hours, "definition": definition})
    _merge_parts(folder, design)
    return StudyResults.load(folder)


def _tasks(design: Design, parts: Path, warn: Warn) -> Iterator[Task]:
    """What is still to do: points that have the same ships together, some at a time, part after part."""
    same = groupby(design.points, lambda point: world_digest(point.scenario))
    for _, points in same:
        cases = [Case(point.number, point.scenario, digest(point.scenario)) for point in points]
        for some in (cases[i : i + TOGETHER] for i in range(0, len(cases), TOGETHER)):
            for first, last in _spans(design):
                left = [case for case in some if not _is_whole(_part(parts, case.point, first), last - first, warn)]
                if left:
                    yield Task(tuple(left), design.study.seed, first, last, 0)


def _spans(design: Design) -> list[tuple[int, int]]:
    """The replications of each part."""
    count = design.study.replications
    return [(first, min(first + PART, count)) for first in range(0, count, PART)]


def _part(parts: Path, point: int, first: int) -> Path:
    return parts / f"{point:06d}-{first:07d}.parquet"


def _is_whole(path: Path, replications: int, warn: Warn) -> bool:
    """Whether a part is there and holds its replications; a part that cannot be read is reported to `warn`."""
    try:
        return bool(pq.read_metadata(path).num_rows == replications)
    except FileNotFoundError:
        return False
    except (OSError, pa.ArrowInvalid) as error:
        warn(f"{path} cannot be read ({str(error).splitlines()[0].rstrip('.')}); its replications are done again")
        return False


def _open_folder(folder: Path, design: Design, force: bool) -> None:
    """Begin a study's folder, or go on with it if it is of the same study."""
    begun = folder / "study.json"
    if begun.is_file() and not force:
        if json.loads(begun.read_text()).get("digest") != design.digest:
            raise refused(str(folder), "the folder of this very study; --force begins anew", key="--out")
        (folder / "parts").mkdir(exist_ok=True)
        return
    refuse_existing(folder, force, "study.json")
    with whole_folder(folder) as draft:
        (draft / "parts").mkdir()
        write_json(draft / "study.json", {"format": FORMAT, "study": design.name, "digest": design.digest})
        factors = [factor.label for factor in design.study.vary]
        columns = {name: _column([point.levels[name] for point in design.points]) for name in factors}
        pq.write_table(pa.table({"point": list(range(len(design.points))), **columns}), draft / "points.parquet")


def _column(values: list[Any]) -> pa.Array:
    """A factor's levels: numbers as numbers, all else as text; none at the baseline."""
    plain = all(v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in values)
    if plain:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    said = [v if v is None or isinstance(v, str) else json.dumps(v, default=str).strip('"') for v in values]
    return pa.array(said, pa.string())


def _merge_parts(folder: Path, design: Design) -> None:
    """All parts as one table in the order of points and replications, and the measures of each point."""
    lists: list[Measure] = []
    leads: list[dict[str, Any]] = []
    whole_schema = pa.unify_schemas([schemas(point.scenario)["replications"] for point in design.points])
    schema = whole_schema.insert(0, pa.field("point", pa.int64()))
    draft = folder / ".replications.parquet"
    with removed_after(draft):
        writer = pq.ParquetWriter(draft, schema, compression="zstd")
        for point in design.points:
            paths = [_part(folder / "parts", point.number, first) for first, _ in _spans(design)]
            tables = [pq.read_table(path) for path in paths if path.is_file()]
            whole = pa.concat_tables([schema.empty_table(), *tables], promote_options="default")
            writer.write_table(whole)
            rows = all_measures(columns_of(whole), point.scenario.duration_h)
            lists += rows
            leads += [{"point": point.number, **point.levels}] * len(rows)
        writer.close()
        draft.replace(folder / "replications.parquet")
    (folder / "measures.csv").write_text(to_csv(lists, leads))


@dataclass(frozen=True)
class StudyResults:
    """What a sweep found: factors by point, totals by replication, measures by point."""

    name: str
    study: Study
    levels: list[dict[str, Any]]
    """A point's levels by factor."""
    measures: list[list[Measure]]
    """A point's measures."""
    table: pa.Table
    failures: list[Mapping[str, Any]]
    duration_h: list[float]
    """A point's length of deployment."""

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a study's folder; InputError where it is none, or not finished."""
        folder = Path(folder)
        if not (folder / "study.json").is_file() or not (folder / "measures.csv").is_file():
            raise refused(str(folder), "a folder that `seasweep sweep` has finished", key="STUDY")
        info = json.loads((folder / "study.json").read_text())
        study = Study.model_validate(info["definition"])
        levels = [dict(row) for row in pq.read_table(folder / "points.parquet").to_pylist()]
        measures = _measures_of(folder / "measures.csv", len(levels))
        for row in levels:
            row.pop("point")
        table = pq.read_table(folder / "replications.parquet")
        return cls(info["study"], study, levels, measures, table, info["failures"], info.get("duration_h", []))

    @property
    def baseline(self) -> int | None:
        """The point that the others are compared with, if the study has one: the last."""
        return None if self.study.baseline is None else len(self.levels) - 1

    def gains(self, name: str) -> list[Measure]:
        """What every other point gives more than the baseline, paired by replication; none without a baseline."""
        if self.baseline is None:
            return []
        columns = [self._columns(point) for point in range(len(self.levels))]
        last, hours = columns[-1], self.duration_h
        return [
            difference(name, *_paired(ours, last), (hours[point], hours[-1])) for point, ours in enumerate(columns[:-1])
        ]

    def _columns(self, point: int) -> Columns:
        """A point's totals; where nobody shares there are no tips."""
        mine = columns_of(self.table)
        found = {name: column[mine["point"] == point] for name, column in mine.items()}
        tips = {total.name for total in TOTALS if total.exists == "tips"}
        return {name: np.nan_to_num(column) if name in tips else column for name, column in found.items()}

    def estimates(self, name: str) -> list[Measure]:
        """One measure at every point."""
        return [next(m for m in rows if m.measure == name) for rows in self.measures]


def _paired(ours: Columns, theirs: Columns) -> tuple[Columns, Columns]:
    """The replications that neither point lacks because it failed."""
    _, a, b = np.intersect1d(ours["replication"], theirs["replication"], return_indices=True)
    return {name: c[a] for name, c in ours.items()}, {name: c[b] for name, c in theirs.items()}


def _measures_of(path: Path, points: int) -> list[list[Measure]]:
    """The measures of each point, from `measures.csv`."""
    import csv

    found: list[list[Measure]] = [[] for _ in range(points)]
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            value, low, high = (float(row[n]) if row[n] else None for n in ("value", "low", "high"))
            one = Measure(row["measure"], value, low, high, float(row["level"]), int(row["replications"]), row["unit"])
            found[int(row["point"])].append(one)
    return found
