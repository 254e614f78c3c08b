"""Run a scenario and sweep a study: the two ways to simulate many replications."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from sim.scenario.arguments import job_count, run_arguments
from sim.scenario.load import Given, Sets, load_scenario
from sim.scenario.schema import Scenario
from sim.study.columns import POINT_COLUMN, schemas
from sim.study.cost import check_cost
from sim.study.cuts import parts_by
from sim.study.design import REPLICATIONS, SEED, Design, load_study
from sim.study.estimates import (
    LEVEL,
    Measure,
    all_measures,
    measures_csv,
)
from sim.study.executors import Batch, PointScenario, simulate_batches
from sim.study.folders import (
    RUN,
    STUDY,
    drop_draft,
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
    DamagedError,
    Warn,
    log_warning,
)
from sim.study.run_folders import study_folder
from sim.study.run_parts import RunParts, in_order
from sim.study.store import Results, RowCollector, numeric_columns, write_run_files
from sim.study.study_folders import (
    STUDY_MEASURES,
    STUDY_TOTALS,
    begin_or_continue,
    refuse_other_study,
    write_complete_record,
)
from sim.study.study_results import StudyResults
from sim.study.workers import refuse_while_loading


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


# ---------------------------------------------------------------------------------------------------- sweep
def sweep(
    study: Design | str | Path,
    *,
    jobs: int = 1,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress = no_progress,
    allow_long: bool = False,
    warn: Warn = log_warning,
) -> StudyResults:
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
    write_complete_record(place, folder, design, failures, (STUDY_TOTALS, STUDY_MEASURES))


def _merge_parts(place: Path, design: Design, parts: Parts) -> None:
    """Write all parts as one table in the order of points and replications, and the measures of each point."""
    measures: list[Measure] = []
    point_cells: list[dict[str, Any]] = []
    totals = pa.unify_schemas([schemas(point.scenario, design.asked)["replications"] for point in design.points])
    schema = totals.insert(0, POINT_COLUMN.field)
    with (
        whole_file(place / STUDY_TOTALS) as draft,
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
    write_whole(place / STUDY_MEASURES, measures_csv(measures, point_cells).encode())


def _unchanged(part: Part) -> pa.Table:
    """Read a part that was whole when the sweep began or wrote it; InputError where somebody has changed it since."""
    try:
        return read_part(part)
    except DamagedError as error:
        raise changed_meanwhile(part.path, error) from None
