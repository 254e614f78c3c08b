"""The commands that simulate: run, demo, sweep, compare and verify."""

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.exits import FAILED
from sim.cli.failures import exit_if_failed, run_outcome, sweep_outcomes
from sim.cli.pages import print_page
from sim.cli.printing import command_text, print_line, print_message, print_warning
from sim.cli.progress import progress_bar
from sim.core.text import counted, visible
from sim.options import (
    all_option,
    allow_long_option,
    by_option,
    force_option,
    format_option,
    jobs_option,
    keep_option,
    level_option,
    most_option,
    only_option,
    out_option,
    precision_option,
    replications_option,
    seed_option,
    set_option,
)

if TYPE_CHECKING:
    from sim.scenario.schema import Scenario
    from sim.study.run_folders import Place
    from sim.study.store import Results


@click.command()
@click.argument("scenario")
@replications_option(1, "Number of replications.")
@precision_option
@most_option
@by_option
@seed_option
@set_option
@jobs_option
@only_option
@keep_option
@level_option
@out_option
@force_option
@allow_long_option
@all_option
@format_option
def run(
    scenario: str, sets: Sequence[str], jobs: int, out: Path | None, everything: bool, form: str, **options: Any
) -> None:
    """Simulate a scenario many times, and print its measures.

    Each replication simulates the whole deployment with random numbers of its own. The results are written to a
    folder. Without --out that is runs/NAME, or runs/NAME-2 and so on where runs/NAME has other results. What is
    there already, or follows from results that are there, is not simulated again. An existing run is replaced only
    with --force. The same command continues a run that was interrupted.
    """
    from sim.scenario.files import find_scenario
    from sim.scenario.problems import refused

    if options["only"] is not None and options["precision"]:
        raise refused("both", "--only or --precision, not both", key="--only, --precision")
    find_scenario(scenario)

    from sim.scenario.load import load_scenario
    from sim.study.folders import refuse_existing
    from sim.study.runs import run as run_scenario
    from sim.study.tables import run_table

    loaded = load_scenario(scenario, sets)
    if options["precision"] and options["precision"][0] == "contacts" and not loaded.outputs.contacts:
        raise refused("contacts", "contacts only where outputs.contacts = true", key="--precision")
    name = Path(scenario).stem
    place = _place(name, out, loaded, **options)
    folder, results = place.folder, place.results
    if results is None:
        refuse_existing(folder, options["force"], place.lacks)
        _warn_of_senseless_settings(loaded)
        options |= {"jobs": jobs, "command": _command(), "source": (scenario, sets), "warn": print_warning}
        with _interruption_explained(lambda: _kept_of_run(folder)), progress_bar(f"running {visible(name)}") as bar:
            results = run_scenario(loaded, out=folder, name=name, progress=bar, looked=bar.looked, **options)
        there = f"The results are in {visible(folder)}{_why_numbered(folder, out, name, place.lacks)}."
    elif place.is_same:
        there = f"The same results are in {visible(folder)} already, so nothing was simulated."
        there += " --force simulates them again."
    else:
        there = f"The table follows from the results in {visible(folder)}, so nothing was simulated, and no file there"
        there += " was changed. --force simulates again."
    print_page(run_table(results, everything), form)
    print_message(f"{there}{_map_hint(folder, results)}")
    if loaded.coastline_warning:
        print_warning(loaded.coastline_warning)
    if options["precision"]:
        _warn_of_precision(results, *options["precision"])
    exit_if_failed([run_outcome(results, scenario, sets, folder)], folder / "run.json")


def _place(name: str, out: Path | None, loaded: "Scenario", **options: Any) -> "Place":
    """The folder of a run, which is `out` if that is given, and the results that are asked for if they are there."""
    from sim.study.folders import RUNS
    from sim.study.precision import aim_of, asked_record
    from sim.study.provenance import provenance
    from sim.study.records import no_warning
    from sim.study.run_folders import Place, place_of, run_place
    from sim.study.runs import kept, totals_asked

    if options["force"]:
        return Place(out or RUNS / name)
    seed, level, replications, only = (options[option] for option in ("seed", "level", "replications", "only"))
    aim = aim_of(options["precision"], replications, options["most"], no_warning)
    asked = asked_record(replications, only, aim, totals_asked(loaded, options["by"], options["precision"]))

    def record() -> dict[str, Any]:
        return provenance(loaded, name, seed, "", level, kept(options["keep"], only), asked)

    return run_place(name, record) if out is None else place_of(out, record)


@contextmanager
def _interruption_explained(kept: Callable[[], str]) -> Iterator[None]:
    """Say, where the work is interrupted, what is kept of it; `kept` returns that as sentences."""
    try:
        yield
    except KeyboardInterrupt:
        print_message(kept())
        raise


def _kept_of_run(folder: Path) -> str:
    """What is kept of a run that was interrupted, and how it goes on."""
    from sim.study.precision import BATCH_REPLICATIONS
    from sim.study.run_parts import KEEP_EVERY_S, kept_replications

    count = kept_replications(folder)
    if count:
        return f"{count:,} replications are kept in {visible(folder)}. The same command continues the run."
    when = f"they are kept {BATCH_REPLICATIONS} at a time, after {KEEP_EVERY_S:g} seconds of work"
    return f"No replication is kept yet: {when}. The same command begins again."


def _kept_of_sweep(folder: Path, force: bool, asked: int) -> str:
    """What is kept of a sweep that was interrupted, of so many replications of all points, and how it goes on."""
    from sim.study.parts import PART_REPLICATIONS
    from sim.study.study_folders import kept_of_sweep

    count = kept_of_sweep(folder, force)
    if count:
        kept = f"{count:,} of {counted(asked, 'replication')} are kept in {visible(folder)}"
        return f"{kept}. The same command continues the sweep."
    when = f"those of a point are kept {PART_REPLICATIONS} at a time"
    return f"No replication is kept yet: {when}. The same command begins again."


def _why_numbered(folder: Path, out: Path | None, name: str, lacks: str = "") -> str:
    """The end of a sentence that says why results are in a folder with a number; empty where the folder has none.

    `lacks` says what results of the same replications lack, if there are any.
    """
    if out is not None or folder.name == name:
        return ""
    return f", because {lacks or f'{visible(folder.with_name(name))} has other results or files'}"


def _map_hint(folder: Path, results: "Results") -> str:
    """How to draw a map of a run, where its tracks were recorded."""
    if not results.info["kept"]:
        return ""
    return f" To draw a map: {command_text('seasweep', 'plot', 'coverage', folder)}"


def _warn_of_senseless_settings(scenario: "Scenario") -> None:
    """Warn, before a run begins, of settings with which it would answer nothing."""
    from sim.check.advice import findings
    from sim.check.registry import SENSELESS

    for finding in findings(scenario, (SENSELESS,)):
        print_warning(f"{finding.severity}: {finding}")


def _warn_of_precision(results: "Results", name: str, wanted: float) -> None:
    """Warn where the precision that was asked for was not reached."""
    reached = results.measure(name).half_width
    if reached is None or reached > wanted:
        done = counted(len(results.columns["transfers"]), "replication")
        interval = "no interval" if reached is None else f"an interval with the half-width {reached:.3g}"
        print_warning(f"{name} has {interval} after {done}, not {wanted:g}")


def _command() -> str:
    """The command line as it was given, for the record of a run."""
    return shlex.join(["seasweep", *sys.argv[1:]])


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("runs/demo"),
    show_default=True,
    help="Write the results and the map to this folder.",
)
@click.option("--force", is_flag=True, help="This option has no effect: the demo replaces its own folder.", hidden=True)
@replications_option(2, "Number of replications.", default=20)
@jobs_option
@all_option
@format_option
def demo(out: Path, force: bool, replications: int, jobs: int, everything: bool, form: str) -> None:
    """Run an example, print its measures and draw a coverage map.

    The example is the scenario neon-spring. It takes less than a minute, and replaces the results of an earlier demo.
    """
    from plots.coverage_map import save_coverage
    from sim.scenario.load import load_scenario
    from sim.study.folders import refuse_existing
    from sim.study.runs import run as run_scenario
    from sim.study.tables import run_table

    del force
    name = "neon-spring"
    refuse_existing(out, force=True)
    with _interruption_explained(lambda: _kept_of_run(out)), progress_bar(f"running {visible(name)}") as progress:
        results = run_scenario(
            load_scenario(name),
            replications,
            jobs=jobs,
            out=out,
            force=True,
            name=name,
            command=_command(),
            progress=progress,
            warn=print_warning,
        )
    print_page(run_table(results, everything), form)
    print_message("The coverage map is being drawn ...")
    picture = out / "coverage.png"
    with progress_bar("drawing coverage") as progress:
        save_coverage(results, picture, jobs=jobs, progress=progress)
    say = print_line if form == "table" else print_message
    say(f"\nresults: {visible(out)}\nmap: {visible(picture)}")
    exit_if_failed([run_outcome(results, name, (), out)], out / "run.json")


@click.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO SCENARIO...")
@replications_option(2, "Number of replications of each.")
@by_option
@seed_option
@set_option
@jobs_option
@level_option
@allow_long_option
@all_option
@format_option
def compare(
    scenarios: Sequence[str],
    replications: int,
    sets: Sequence[str],
    jobs: int,
    level: float,
    everything: bool,
    form: str,
    **options: Any,
) -> None:
    """Compare scenarios with the first one, measure by measure.

    All scenarios meet the same ships, transfers, weather and luck (common random numbers), so their differences are
    paired by replication. An asterisk marks a difference whose interval excludes 0. Two
    asterisks mark one whose interval excludes 0 even when all rows are judged together.
    """
    from sim.scenario.files import find_scenario
    from sim.scenario.problems import refused

    if len(scenarios) < 2:
        raise refused(" ".join(scenarios), "two scenarios or more", key="compare")
    for given in scenarios:
        find_scenario(given)

    from sim.scenario.load import load_scenario
    from sim.study.comparison import compare as compare_runs
    from sim.study.cost import check_cost
    from sim.study.runs import run as run_scenario
    from sim.study.tables import comparison_tables

    loaded = [
        (name, load_scenario(given, sets)) for name, given in zip(_short_names(scenarios), scenarios, strict=True)
    ]
    check_cost([scenario for _, scenario in loaded], replications, jobs, options["allow_long"], print_warning)
    options |= {"jobs": jobs, "keep": 0, "allow_long": True, "warn": print_warning}
    results = []
    kept = "Nothing is kept of a comparison. The same command begins again."
    for name, scenario in loaded:
        with _interruption_explained(lambda: kept), progress_bar(f"running {visible(name)}") as progress:
            results.append(run_scenario(scenario, replications, name=name, progress=progress, **options))
    pairs = zip(results, scenarios, strict=True)
    exit_if_failed(
        [run_outcome(run, given, sets, Path("runs") / Path(given).stem, given) for run, given in pairs], None
    )
    page = comparison_tables(compare_runs(results, level), replications, options["seed"], everything)
    print_page(page, form)


def _short_names(scenarios: Sequence[str]) -> Sequence[str]:
    """The names of scenarios as they are typed, without folder and ending unless two then have the same."""
    names = [Path(given).stem for given in scenarios]
    return names if len(set(names)) == len(set(scenarios)) else scenarios


@click.command()
@click.argument("study")
@jobs_option
@out_option
@force_option
@allow_long_option
@format_option
def sweep(study: str, out: Path | None, form: str, **options: Any) -> None:
    """Run every design point of a study, and print its measures.

    The same command continues a sweep that was interrupted. Without --out the results go to runs/NAME, or to
    runs/NAME-2 and so on where runs/NAME has other results.
    """
    from sim.scenario.files import find_shipped

    find_shipped(study, "studies", "STUDY")

    from sim.study.design import load_study
    from sim.study.run_folders import study_folder
    from sim.study.runs import sweep as sweep_study
    from sim.study.tables import study_table

    design = load_study(study)
    folder = out or study_folder(design, options["force"])
    asked, force = len(design.points) * design.study.replications, options["force"]
    explained = _interruption_explained(lambda: _kept_of_sweep(folder, force, asked))
    with explained, progress_bar(f"sweeping {visible(design.name)}") as progress:
        results = sweep_study(design, out=folder, progress=progress, warn=print_warning, **options)
    print_page(study_table(results), form)
    two = len(design.study.vary) == 2
    kind = "gain" if design.study.baseline is not None else "heatmap" if two else "response"
    hint = f"To draw them: {command_text('seasweep', 'plot', kind, folder)}"
    if any(factor.role == "plan" for factor in design.study.vary):
        hint += f"\nTo choose a plan: {command_text('seasweep', 'decide', folder)}"
    print_message(f"The results are in {visible(folder)}{_why_numbered(folder, out, design.name)}. {hint}")
    exit_if_failed(sweep_outcomes(design, results.failures, folder), folder / "study.json")


@click.command()
@replications_option(10, "Number of replications; more give smaller standard errors.")
@seed_option
@format_option
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON, as --format json does.")
@click.option("--published", is_flag=True, help="Compare with published results instead, a table for each.")
@click.option(
    "--publication",
    "names",
    multiple=True,
    metavar="NAME",
    help="Compare with this published result only, such as kroodsma_2022. You can repeat this option.",
)
def verify(replications: int, seed: int, form: str, as_json: bool, published: bool, names: Sequence[str]) -> None:
    """Compare simulated searches with the results of search theory, or with published results.

    Each row of the table is a search whose result is known. The exit code is 1 if a row fails.
    """
    form = "json" if as_json else form
    if published or names:
        _verify_published(names, replications, seed, form)
        return
    from sim.study.tables import verify_table
    from sim.study.verify.checks import FAMILY_LEVEL, limit
    from sim.study.verify.checks import verify as verify_all

    with progress_bar("verifying") as progress:
        rows = verify_all(replications, seed, progress)
    print_page(verify_table(rows, limit(), FAMILY_LEVEL, replications, seed), form)
    _exit_if_checks_failed([row.check for row in rows if not row.passed], len(rows))


def _verify_published(names: Sequence[str], replications: int, seed: int, form: str) -> None:
    """Print what is published beside what is computed."""
    from sim.study.published.base import Effort
    from sim.study.published.registry import chosen_publications, failed, published_page, reproduce

    chosen_publications(names)
    effort = Effort(replications, seed)
    with progress_bar("reproducing") as progress:
        results = reproduce(names, effort, progress)
    print_page(published_page(results, effort), form)
    _exit_if_checks_failed(failed(results), sum(map(len, results.values())))


def _exit_if_checks_failed(failed: Sequence[str], count: int) -> None:
    """End with exit code 1, and name the checks, if some failed."""
    if failed:
        print_message(f"error: {len(failed)} of {count} checks failed: {'; '.join(failed)}")
        sys.exit(FAILED)
