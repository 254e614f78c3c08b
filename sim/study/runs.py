"""Run a scenario, compare runs, and sweep a study: the three ways to simulate many replications."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.arrays import Floats
from sim.core.text import counted, visible
from sim.deployment.totals import TOTALS
from sim.scenario.arguments import confidence_level, job_count, of_type, run_arguments
from sim.scenario.load import Given, Sets, load_scenario
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.columns import POINT_COLUMN, schemas
from sim.study.cost import check_cost
from sim.study.cuts import named, parts_by, split
from sim.study.design import REPLICATIONS, SEED, Design, Study, load_study
from sim.study.estimates import (
    LEVEL,
    Columns,
    Measure,
    all_measures,
    difference,
    measure_of,
    measures_csv,
    together,
)
from sim.study.executors import Batch, PointScenario, simulate_batches
from sim.study.folders import (
    RUN,
    STUDY,
    drop_draft,
    finish_interrupted,
    holds_results,
    nearest_results,
    owned,
    refuse_existing,
    refuse_results,
    take_up,
    whole_file,
    whole_results,
    write_whole,
)
from sim.study.measures import definition_of
from sim.study.parquet_files import parquet_writer
from sim.study.part_totals import totals_by, totals_for
from sim.study.parts import (
    PART_REPLICATIONS,
    Part,
    Parts,
    changed_meanwhile,
    missing_batches,
    parts_of,
    read_part,
    write_part,
)
from sim.study.precision import (
    BATCH_REPLICATIONS,
    Looked,
    Until,
    aim_of,
    asked_record,
    not_looked,
    precision_given,
    refuse_wide,
)
from sim.study.progress import Done, Progress, no_progress
from sim.study.provenance import provenance, source_of
from sim.study.records import (
    UNREADABLE,
    DamagedError,
    Warn,
    files_of,
    log_warning,
    no_warning,
    read_record,
    read_verified,
    unreadable,
)
from sim.study.run_folders import study_folder
from sim.study.run_parts import RunParts, in_order
from sim.study.shown import comparison_html, comparison_text, study_html, study_text
from sim.study.store import Results, RowCollector, numeric_columns, write_run_files
from sim.study.study_folders import POINTS, begin_or_continue, refuse_other_study, write_complete_record
from sim.study.workers import refuse_while_loading

_TOTALS, _MEASURES = "replications.parquet", "measures.csv"  # the results of a study
_AGAIN = "to mend it, give the same `seasweep sweep` again"


# ---------------------------------------------------------------------------------------------------- run
def run(
    scenario: Given,
    replications: int = REPLICATIONS,
    seed: int = SEED,
    *,
    sets: Sets = (),
    precision: tuple[str, float] | None = None,
    most: int | None = None,
    by: str | Sequence[str] = (),
    only: int | None = None,
    jobs: int = 1,
    keep: int = REPLICATIONS,
    level: float = LEVEL,
    out: str | Path | None = None,
    force: bool = False,
    name: str | None = None,
    command: str = "",
    source: tuple[str, Sequence[str]] | None = None,
    progress: Progress = no_progress,
    looked: Looked = not_looked,
    allow_long: bool = False,
    warn: Warn = log_warning,
) -> Results:
    """Replicate a scenario: a loaded one, a file, the name of an included one, or its tables as a dictionary.

    `sets` sets keys of it, as in `load_scenario`. `precision`, a measure and a half-width, adds replications until the
    interval is that narrow. There are then at least `replications` of them and at most `most`, which is 20,000 unless
    it is given; `looked` is called whenever the interval has been looked at. `by` adds the measures of parts: of all
    parts of a key, such as `area`, or of one part, such as `hour=18-24`. `only` simulates the replication with that
    number alone. Events and tracks are recorded of the first `keep` replications, and of an `only` one unless `keep` is
    0. With `out`, the results are written to a folder. `warn` is called with a sentence where a worker process dies,
    where no workers can be used, where the run will take long, and where a precision will not be reached; the default
    is to log it. `name`, `command` and `source`, which is a scenario as it was given with its values of `--set`, are
    only recorded. A run that would take more than the limits of `sim.study.cost` begins only with `allow_long`. A
    program that asks for more than one job must call this function under `if __name__ == "__main__":`, like any program
    that starts processes. Raises InputError where an argument is wrong, the scenario has errors or no such part, the
    run would take too long, `most` does not fit, or the folder cannot be used.
    """
    refuse_while_loading()
    replications, seed, only, jobs, keep, level = run_arguments(replications, seed, only, jobs, keep, level)
    precision = precision_given(precision)
    aim = aim_of(precision, replications, most, warn)
    loaded = load_scenario(scenario, sets)
    first, last = (0, aim.most if aim else replications) if only is None else (only, only + 1)
    asked, keep = totals_asked(loaded, by, precision), kept(keep, only)
    check_cost([loaded], aim.first if aim else last - first, jobs, allow_long, warn)
    what = asked_record(replications, only, aim, asked)
    info = provenance(loaded, name or _name_of(scenario, loaded), seed, command, level, keep, what)
    source = source or _source_of(scenario, sets)
    if source is not None and out is not None:
        info["source"] = source_of(*source, Path(out))
    batches = _batches(PointScenario(0, loaded, info["digest"]), seed, first, last, keep, asked)
    done = Done(progress, aim.first if aim else last - first)
    work = partial(_replicate, batches, info, Until(aim, done, loaded.duration_h, level, looked, warn), jobs)
    return work() if out is None else _into_folder(Path(out), force, work)


def _replicate(
    batches: list[Batch],
    info: dict[str, Any],
    until: Until,
    jobs: int,
    folder: Path | None = None,
    home: Path | None = None,
) -> Results:
    """Simulate the batches of a run until there are enough of them, and write its files where there is a folder.

    `home` is the folder of the results, which keeps what is done if the run is interrupted.
    """
    scenario, asked = batches[0].scenarios[0].scenario, batches[0].asked
    with RowCollector(scenario, folder, asked) as collector:
        parts = RunParts(home, info, list(collector.schemas), until.warn)
        held = parts.held(batches)
        missing = [batch for batch in batches if batch.first not in held]
        under_way = until.done.under_way
        simulated = simulate_batches(missing, jobs, until.warn, needed=until.batches_left, under_way=under_way)
        with closing(simulated), parts:
            for result in in_order(batches, held, parts, simulated):
                collector.add(result.tables, result.last)
                info["failures"] += [{"replication": n, "error": text} for n, text in result.failures]
                if until.is_enough(result.last - result.first, collector):
                    break
        results = Results(scenario, collector.close(), info)
    return results if folder is None else write_run_files(folder, results)


def kept(keep: int, only: int | None) -> int:
    """Below which number events and tracks are recorded: an `only` replication is recorded unless `keep` is 0."""
    return keep if only is None or not keep else max(keep, only + 1)


def _into_folder(folder: Path, force: bool, work: Callable[[Path, Path], object]) -> Results:
    """Do the work of a run in a draft within its folder; when it is done, its files are moved to the folder."""
    refuse_existing(folder, force)
    with owned(folder) as lock:
        refuse_results(folder, force, RUN)
        drop_draft(folder)
        with whole_results(folder, lock, RUN) as draft:
            work(draft, folder)
        return Results.load(folder)


def _name_of(given: Given, loaded: Scenario) -> str:
    """The name of a run unless another is given: that of the scenario's file, or its title where it has no file."""
    return Path(given).stem if isinstance(given, str | Path) else loaded.title


def _source_of(given: Given, sets: Any) -> tuple[str, Sequence[str]] | None:
    """A scenario as it was given with its values of `--set`; None where it cannot be found again by them."""
    is_text = not isinstance(sets, Mapping) and all(isinstance(text, str) for text in sets)
    return (str(given), tuple(sets)) if isinstance(given, str | Path) and is_text else None


def totals_asked(scenario: Scenario, by: str | Sequence[str], precision: tuple[str, float] | None) -> tuple[str, ...]:
    """The names of totals that replications have only if they are asked for: of parts, and of what is to be precise."""
    texts = [by] if isinstance(by, str) else by
    asked = [total for text in texts for part in parts_by(scenario, text) for total in totals_by(scenario, part)]
    if precision is not None:
        definition = definition_of(precision[0], scenario, "--precision")
        refuse_wide(definition, precision[1])
        asked += totals_for([definition])
    return tuple(dict.fromkeys(asked))


def _batches(point: PointScenario, seed: int, first: int, last: int, keep: int, asked: tuple[str, ...]) -> list[Batch]:
    """The replications of a run from and up to a number, in batches."""
    starts = range(first, last, BATCH_REPLICATIONS)
    return [Batch((point,), seed, start, min(start + BATCH_REPLICATIONS, last), keep, asked) for start in starts]


# ---------------------------------------------------------------------------------------------------- compare
@dataclass(frozen=True)
class Comparison:
    """The measures of several runs, and the differences of each from the first."""

    names: list[str]
    """The names of the runs."""
    values: list[list[Measure]]
    """The measures of each run, those that all runs have."""
    differences: list[list[Measure]]
    """The paired differences of each run after the first from the first, in the order of `values[0]`."""
    together: list[set[str]]
    """For each run after the first, the measures that differ even when all measures of a table are judged together."""

    def __repr__(self) -> str:
        """Which runs are compared, and in which measures each differs from the first, in a few lines."""
        return comparison_text(self.names, self.differences)

    def _repr_html_(self) -> str:
        """The measures of all runs and their differences as a table, for notebooks."""
        return comparison_html(self.names, self.values, self.differences)


def is_shown(ours: Measure, theirs: Measure) -> bool:
    """Whether the table of a comparison shows a measure that has these estimates in two runs."""
    return definition_of(ours.measure).belongs_in_a_table(ours.value, theirs.value)


def compare(results: Sequence[Results], level: float = LEVEL) -> Comparison:
    """Paired differences from the first of several runs of the same seed and replications.

    Raises InputError where there are fewer than two runs, and where they do not have the same replications of the same
    seed.
    """
    level = confidence_level("compare", level)
    allowed = "the results of two runs or more, such as compare([run(one), run(other)])"
    results = [results] if isinstance(results, Results) else list(results)
    if len(results) < 2:
        raise refused(counted(len(results), "result"), allowed, file="compare", key="results")
    for one in results:
        of_type("compare", "results", one, Results, allowed)
    first = results[0]
    for other in results[1:]:
        same = list(first.columns["replication"]) == list(other.columns["replication"])
        if first.info["seed"] != other.info["seed"] or not same:
            raise refused(other.name, f"the seed and replications of {first.name}", file="compare")
    names = [measure.measure for measure in first.measures(level)]
    shared = [name for name in names if all(set(definition_of(name).totals) <= set(run.columns) for run in results)]
    values = [[measure for measure in run.measures(level) if measure.measure in shared] for run in results]
    differences, clear = [], []
    for other, ours in zip(results[1:], values[1:], strict=True):
        horizons_h = (other.scenario.duration_h, first.scenario.duration_h)
        differences.append([difference(name, other.columns, first.columns, horizons_h, level) for name in shared])
        shown = [a.measure for a, b in zip(ours, values[0], strict=True) if is_shown(a, b)]
        clear.append(together(shown, other.columns, first.columns, horizons_h, level))
    return Comparison([run.name for run in results], values, differences, clear)


# ---------------------------------------------------------------------------------------------------- sweeps
def sweep(
    study: Design | str | Path,
    *,
    jobs: int = 1,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    allow_long: bool = False,
    warn: Warn = log_warning,
) -> "StudyResults":
    """Replicate every design point of a study into a folder; an interrupted sweep continues where it stopped.

    The same study in the same folder gives the same bytes, however often it was interrupted. `warn` is called for each
    part of an earlier call that is damaged or incomplete and is therefore simulated again, and where `run` calls it.
    Raises InputError where the study has errors, where the sweep would take too long, or where the folder holds
    something else or is in use.
    """
    refuse_while_loading()
    jobs = job_count("sweep", jobs)
    design = study if isinstance(study, Design) else load_study(study)
    folder = Path(out) if out is not None else study_folder(design, force)
    take_up(folder)
    refuse_other_study(folder, design, force)
    check_cost([point.scenario for point in design.points], design.study.replications, jobs, allow_long, warn)
    with owned(folder) as lock:
        refuse_other_study(folder, design, force)
        place = begin_or_continue(folder, design, force, warn)
        replacing = nullcontext() if place == folder else whole_results(folder, lock, STUDY, keep_draft=True)
        with replacing:
            _sweep_into(place, folder, design, jobs, progress, warn)
        return StudyResults.load(folder)


def _sweep_into(place: Path, folder: Path, design: Design, jobs: int, progress: Progress, warn: Warn) -> None:
    """Simulate what is missing of the study of a folder, and write its results to `place`."""
    parts = parts_of(design, place)
    total = len(design.points) * design.study.replications
    missing = list(missing_batches(design, parts, warn))
    done = Done(progress, total)
    done.add(total - sum(len(batch.scenarios) * (batch.last - batch.first) for batch in missing))
    failures: list[dict[str, Any]] = []
    with closing(simulate_batches(missing, jobs, warn, under_way=done.under_way)) as finished:
        for result in finished:
            failures += [{"point": result.point, "replication": n, "error": text} for n, text in result.failures]
            write_part(parts[result.point, result.first], result)
            done.add(result.last - result.first)
    _merge_parts(place, design, parts)
    write_complete_record(place, folder, design, failures, (_TOTALS, _MEASURES))


def _merge_parts(place: Path, design: Design, parts: Parts) -> None:
    """Write all parts as one table in the order of points and replications, and the measures of each point."""
    measures: list[Measure] = []
    point_cells: list[dict[str, Any]] = []
    totals = pa.unify_schemas([schemas(point.scenario, design.asked)["replications"] for point in design.points])
    schema = totals.insert(0, POINT_COLUMN.field)
    with (
        whole_file(place / _TOTALS) as draft,
        parquet_writer(draft, schema) as writer,
    ):
        for point in design.points:
            firsts = range(0, design.study.replications, PART_REPLICATIONS)
            tables = [_unchanged(parts[point.number, first]) for first in firsts]
            whole = pa.concat_tables([schema.empty_table(), *tables], promote_options="default")
            writer.write_table(whole)
            rows = all_measures(numeric_columns(whole), point.scenario.duration_h)
            measures += rows
            point_cells += [{POINT_COLUMN.name: point.number, **point.levels}] * len(rows)
    write_whole(place / _MEASURES, measures_csv(measures, point_cells).encode())


def _unchanged(part: Part) -> pa.Table:
    """Read a part that was whole when the sweep began or wrote it; InputError where somebody has changed it since."""
    try:
        return read_part(part)
    except DamagedError as error:
        raise changed_meanwhile(part.path, error) from None


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
        if not (folder / STUDY).is_file() or not (folder / _MEASURES).is_file():
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
                pq.read_table(pa.BufferReader(read_verified(folder, name, files))) for name in (POINTS, _TOTALS)
            )
            levels = [{name: level for name, level in row.items() if name != "point"} for row in points.to_pylist()]
            measures = _measures_of(read_verified(folder, _MEASURES, files).decode(), len(levels))
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
        """The totals of a point. Counts that only other points have, of tips and answers, are 0 at this one."""
        first, end = np.searchsorted(self._totals["point"], (point, point + 1))  # rows are in the order of points
        found = {name: column[first:end] for name, column in self._totals.items()}
        absent = {
            total.name
            for total in TOTALS
            if total.exists == "tips" or (total.exists in ("answers", "observers") and total.kind == "count")
        } - {"seen_any"}
        filled = {name: np.nan_to_num(column) if split(name)[0] in absent else column for name, column in found.items()}
        for name in filled:
            whole, part = split(name)
            alone = named("detected", None if part is None or part.key in ("observer", "nation") else part)
            if whole == "seen_any" and alone in filled:  # where nobody else observes, patrols alone see
                filled[name] = np.where(np.isnan(filled[name]), filled[alone], filled[name])
        return filled

    def estimates(self, name: str) -> list[Measure]:
        """One measure at every point; InputError for a name that is no measure of the study."""
        names = [row.measure for row in self.measures[0]]
        if name not in names:
            raise refused(name, f"a measure: {', '.join(names)}", key="measure", hint=nearest(name, names))
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
