"""Run a scenario, compare runs, and sweep a study: the three ways to simulate many replications."""

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
from sim.study.columns import POINT_COLUMN, schemas
from sim.study.design import REPLICATIONS, Design, Study, load_study
from sim.study.estimates import LEVEL, Columns, Measure, all_measures, difference, estimate, measures_csv
from sim.study.executors import Batch, BatchResult, PointScenario, simulate_batches
from sim.study.measures import MEASURES
from sim.study.store import (
    FORMAT,
    Results,
    RowCollector,
    first_line,
    numeric_columns,
    provenance,
    refuse_existing,
    versions,
    whole_file,
    whole_folder,
    write_json,
    write_run_files,
)

Progress = Callable[[int, int], None]
"""A function that is called with the number of replications done so far, and the number to do."""
Warn = Callable[[str], None]
"""A function that is called with a warning, one sentence."""

BATCH_REPLICATIONS = 5  # in a batch of a run
PART_REPLICATIONS = 50  # in a part of a sweep: a file of its own until the sweep is complete
POINTS_TOGETHER = 8  # points of a sweep that share one realisation of their ships: enough to make its cost small
MOST_REPLICATIONS = 20_000  # after which a run to a precision gives up
_FIRST_CHECK, _CHECK_EVERY = 40, 20  # replications before a precision is checked first, and between checks


def _no_progress(done: int, total: int) -> None:
    """Show no progress."""


def _no_warning(message: str) -> None:
    """Show no warning."""


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

    `precision`, a measure and a half-width, adds replications until the interval is that narrow; `only` simulates the
    replication with that number alone; events and tracks are recorded of the first `keep` replications; with `out` the
    results are written to a folder. A program that asks for more than one job must call this function under
    `if __name__ == "__main__":`, as any program that starts processes. Raises InputError where the scenario has errors
    or the folder cannot be used.
    """
    loaded = scenario if isinstance(scenario, Scenario) else validate(load_source(scenario))
    label = name or (loaded.title if isinstance(scenario, Scenario) else Path(scenario).stem)
    first, last = (0, replications) if only is None else (only, only + 1)
    if only is not None and keep:  # the events and tracks of the only replication are what a user wants to see
        keep = max(keep, only + 1)
    info = provenance(loaded, label, seed, command, level, keep)

    def work(folder: Path | None) -> Results:
        collector = RowCollector(loaded, folder)
        scenarios = (PointScenario(0, loaded, info["digest"]),)
        for begin, end in _ranges(first, last, precision, collector, loaded.duration_h, level):
            starts = range(begin, end, BATCH_REPLICATIONS)
            batches = [Batch(scenarios, seed, start, min(start + BATCH_REPLICATIONS, end), keep) for start in starts]
            with closing(simulate_batches(batches, jobs)) as finished:
                for result in finished:
                    collector.add(result.tables, result.last)
                    info["failures"] += [{"replication": n, "error": text} for n, text in result.failures]
                    progress(result.last - first, end - first)
        results = Results(loaded, collector.close(), info)
        if folder is not None:
            write_run_files(folder, results)
        return results

    if out is None:
        return work(None)
    refuse_existing(Path(out), force)
    with whole_folder(Path(out)) as draft:
        work(draft)
    return Results.load(out)


def _ranges(
    first: int, last: int, precision: tuple[str, float] | None, collector: RowCollector, horizon_h: float, level: float
) -> Iterator[tuple[int, int]]:
    """Replications to simulate next, from and up to: all at once, or some more until a measure is precise enough."""
    if precision is None:
        yield first, last
        return
    measure, wanted = precision
    done = 0
    while done < MOST_REPLICATIONS:
        end = max(done + _CHECK_EVERY, _FIRST_CHECK)
        yield done, end
        done = end
        if not any(totals.size for totals in collector.totals):  # all replications have failed, so more would too
            return
        width = estimate(measure, collector.columns(), horizon_h, level).half_width
        if width is not None and width <= wanted:
            return


# ---------------------------------------------------------------------------------------------------- compare
@dataclass(frozen=True)
class Comparison:
    """The measures of several runs, and the differences of each from the first."""

    names: list[str]
    values: list[list[Measure]]
    """The measures of each run, those that all runs have."""
    differences: list[list[Measure]]
    """The paired differences of each run after the first from the first, in the order of `values[0]`."""


def compare(results: Sequence[Results], level: float = LEVEL) -> Comparison:
    """Paired differences from the first of several runs of the same seed and replications.

    Raises InputError where the runs do not have the same replications of the same seed.
    """
    first = results[0]
    for other in results[1:]:
        same = list(first.columns["replication"]) == list(other.columns["replication"])
        if first.info["seed"] != other.info["seed"] or not same:
            raise refused(other.name, f"the seed and replications of {first.name}", key="compare")
    names = [measure.measure for measure in first.measures(level)]
    shared = [name for name in names if all(set(MEASURES[name].totals) <= set(run.columns) for run in results)]
    values = [[measure for measure in run.measures(level) if measure.measure in shared] for run in results]
    differences = []
    for other in results[1:]:
        horizons_h = (other.scenario.duration_h, first.scenario.duration_h)
        differences.append([difference(name, other.columns, first.columns, horizons_h, level) for name in shared])
    return Comparison([run.name for run in results], values, differences)


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
    """Replicate every design point of a study into a folder; an interrupted sweep continues where it stopped.

    The same study in the same folder gives the same bytes, however often it was interrupted. `warn` is called for each
    part of an earlier call that is damaged or incomplete, and is therefore simulated again. Raises InputError where the
    study has errors, or where the folder is that of another study.
    """
    design = study if isinstance(study, Design) else load_study(study)
    folder = Path(out) if out is not None else Path("runs") / design.name
    _prepare_folder(folder, design, force)
    parts = folder / "parts"
    total = len(design.points) * design.study.replications
    missing = list(_missing_batches(design, parts, warn))
    done = total - sum(len(batch.scenarios) * (batch.last - batch.first) for batch in missing)
    progress(done, total)
    failures: list[dict[str, Any]] = []
    with closing(simulate_batches(missing, jobs)) as finished:
        for result in finished:
            failures += [{"point": result.point, "replication": n, "error": text} for n, text in result.failures]
            _write_part(_part_path(parts, result.point, result.first), result)
            done += result.last - result.first
            progress(done, total)
    hours = [point.scenario.duration_h for point in design.points]
    info = {"format": FORMAT, "study": design.name, "digest": design.digest, "versions": versions()}
    definition = design.study.model_dump(mode="json", exclude_none=True)
    write_json(folder / "study.json", {**info, "failures": failures, "duration_h": hours, "definition": definition})
    _merge_parts(folder, design)
    return StudyResults.load(folder)


def _missing_batches(design: Design, parts: Path, warn: Warn) -> Iterator[Batch]:
    """The batches that have no complete part yet: points that have the same ships together, part after part."""
    for _, points in groupby(design.points, lambda point: world_digest(point.scenario)):
        scenarios = [PointScenario(point.number, point.scenario, digest(point.scenario)) for point in points]
        for start in range(0, len(scenarios), POINTS_TOGETHER):
            together = scenarios[start : start + POINTS_TOGETHER]
            for first, last in _part_ranges(design):
                missing = [
                    scenario
                    for scenario in together
                    if not _part_is_complete(_part_path(parts, scenario.point, first), first, last, warn)
                ]
                if missing:
                    yield Batch(tuple(missing), design.study.seed, first, last, 0)


def _part_ranges(design: Design) -> list[tuple[int, int]]:
    """The replications of each part, from and up to."""
    count = design.study.replications
    return [(first, min(first + PART_REPLICATIONS, count)) for first in range(0, count, PART_REPLICATIONS)]


def _part_path(parts: Path, point: int, first: int) -> Path:
    """The file of the part of a point that begins with a replication."""
    return parts / f"{point:06d}-{first:07d}.parquet"


def _write_part(path: Path, result: BatchResult) -> None:
    """Write the totals of a batch with checksums, so that a damaged part is recognised when the sweep continues."""
    table = result.tables["replications"]
    points = pa.array([result.point] * table.num_rows, POINT_COLUMN.field.type)
    with whole_file(path) as draft:
        pq.write_table(
            table.add_column(0, POINT_COLUMN.name, points), draft, compression="zstd", write_page_checksum=True
        )


def _read_part(path: Path) -> pa.Table:
    """Read a part, all its columns, and verify its checksums; OSError or ValueError where it is cut or damaged."""
    return pq.read_table(path, page_checksum_verification=True)


def _part_is_complete(path: Path, first: int, last: int, warn: Warn) -> bool:
    """Whether a part is there and has all its replications; `warn` is called where it is damaged or lacks some."""
    if not path.is_file():
        return False
    try:
        numbers = _read_part(path).column("replication").to_pylist()
    except (OSError, ValueError, KeyError) as error:
        warn(f"{path} cannot be read ({first_line(error)}); its replications are simulated again")
        return False
    if numbers != list(range(first, last)):
        warn(f"{path} has {len(numbers)} of {last - first} replications; they are simulated again")
        return False
    return True


def _prepare_folder(folder: Path, design: Design, force: bool) -> None:
    """Begin the folder of a study, or leave it as it is if it is of the same study."""
    record = folder / "study.json"
    if record.is_file() and not force:
        if json.loads(record.read_text()).get("digest") != design.digest:
            raise refused(
                str(folder), "a folder of the same study; --force replaces the results that are there", key="--out"
            )
        (folder / "parts").mkdir(exist_ok=True)
        return
    refuse_existing(folder, force, "study.json")
    with whole_folder(folder) as draft:
        (draft / "parts").mkdir()
        write_json(draft / "study.json", {"format": FORMAT, "study": design.name, "digest": design.digest})
        factors = [factor.label for factor in design.study.vary]
        columns = {name: _factor_column([point.levels[name] for point in design.points]) for name in factors}
        pq.write_table(pa.table({"point": list(range(len(design.points))), **columns}), draft / "points.parquet")


def _factor_column(levels: list[Any]) -> pa.Array:
    """The levels of a factor at each point: numbers as numbers, all else as text; null at the baseline."""
    if all(level is None or (isinstance(level, int | float) and not isinstance(level, bool)) for level in levels):
        return pa.array([None if level is None else float(level) for level in levels], pa.float64())
    texts = [
        level if level is None or isinstance(level, str) else json.dumps(level, default=str).strip('"')
        for level in levels
    ]
    return pa.array(texts, pa.string())


def _merge_parts(folder: Path, design: Design) -> None:
    """Write all parts as one table in the order of points and replications, and the measures of each point."""
    measures: list[Measure] = []
    point_cells: list[dict[str, Any]] = []
    totals = pa.unify_schemas([schemas(point.scenario)["replications"] for point in design.points])
    schema = totals.insert(0, POINT_COLUMN.field)
    with (
        whole_file(folder / "replications.parquet") as draft,
        pq.ParquetWriter(draft, schema, compression="zstd") as writer,
    ):
        for point in design.points:
            paths = [_part_path(folder / "parts", point.number, first) for first, _ in _part_ranges(design)]
            tables = [_read_part(path) for path in paths if path.is_file()]
            whole = pa.concat_tables([schema.empty_table(), *tables], promote_options="default")
            writer.write_table(whole)
            rows = all_measures(numeric_columns(whole), point.scenario.duration_h)
            measures += rows
            point_cells += [{POINT_COLUMN.name: point.number, **point.levels}] * len(rows)
    (folder / "measures.csv").write_text(measures_csv(measures, point_cells))


@dataclass(frozen=True)
class StudyResults:
    """The results of a sweep: factors by point, totals by replication, measures by point."""

    name: str
    study: Study
    levels: list[dict[str, Any]]
    """The levels of each point, by factor."""
    measures: list[list[Measure]]
    """The measures of each point."""
    table: pa.Table
    """The totals of each replication of each point."""
    failures: list[Mapping[str, Any]]
    duration_h: list[float]
    """The length of the deployment at each point."""

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read the folder of a study; InputError where it is none, or not complete."""
        folder = Path(folder)
        if not (folder / "study.json").is_file() or not (folder / "measures.csv").is_file():
            raise refused(str(folder), "a folder of a sweep that is complete", key="STUDY")
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
        """The number of the baseline, which is the last point; None where the study has none."""
        return None if self.study.baseline is None else len(self.levels) - 1

    def gains(self, name: str) -> list[Measure]:
        """The difference of every other point from the baseline, paired by replication; none without a baseline."""
        if self.baseline is None:
            return []
        *points, baseline = [self._columns(point) for point in range(len(self.levels))]
        *hours, baseline_h = self.duration_h
        return [
            difference(name, *_paired(columns, baseline), (duration_h, baseline_h))
            for columns, duration_h in zip(points, hours, strict=True)
        ]

    def _columns(self, point: int) -> Columns:
        """The totals of a point. Totals of tips are 0 where its scenario has no tips, but those of others have."""
        columns = numeric_columns(self.table)
        rows = columns["point"] == point
        found = {name: column[rows] for name, column in columns.items()}
        tips = {total.name for total in TOTALS if total.exists == "tips"}
        return {name: np.nan_to_num(column) if name in tips else column for name, column in found.items()}

    def estimates(self, name: str) -> list[Measure]:
        """One measure at every point."""
        return [next(measure for measure in rows if measure.measure == name) for rows in self.measures]


def _paired(ours: Columns, theirs: Columns) -> tuple[Columns, Columns]:
    """The totals of the replications that both points have: a replication that failed is missing."""
    _, rows, their_rows = np.intersect1d(ours["replication"], theirs["replication"], return_indices=True)
    return (
        {name: column[rows] for name, column in ours.items()},
        {name: column[their_rows] for name, column in theirs.items()},
    )


def _measures_of(path: Path, points: int) -> list[list[Measure]]:
    """Read the measures of each point from `measures.csv`."""
    import csv

    found: list[list[Measure]] = [[] for _ in range(points)]
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            value, low, high = (float(row[n]) if row[n] else None for n in ("value", "low", "high"))
            level, replications = float(row["level"]), int(row["replications"])
            measure = Measure(row["measure"], value, low, high, level, replications, row["unit"])
            found[int(row["point"])].append(measure)
    return found
