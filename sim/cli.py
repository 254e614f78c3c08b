"""The command line: it reads arguments, calls the package, and is the only place that prints."""

import logging
import os
import shlex
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.core.text import visible
from sim.exits import BAD_INPUT, DONE, FAILED, report_cache, report_error, report_output
from sim.failures import exit_if_failed, run_outcome, sweep_outcomes
from sim.interrupts import exit_code_of
from sim.options import (
    allow_long_option,
    force_option,
    jobs_option,
    keep_option,
    level_option,
    only_option,
    out_option,
    precision_option,
    replications_option,
    seed_option,
    set_option,
)
from sim.plot_commands import PlotGroup
from sim.printing import command_text, print_line, print_message, print_usage_error, print_warning, show_warning
from sim.streams import prepare_streams

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.scenario.console import PlainConsole
    from sim.scenario.schema import Scenario
    from sim.study.store import Results

_PIPED_WIDTH = 132  # columns of a table that goes to a file or to another program


def out_console() -> "PlainConsole":
    """The console that prints tables on standard output."""
    from sim.scenario.console import PlainConsole

    return PlainConsole(width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def _no_progress(_done: int, _total: int) -> None:
    """Show no progress."""


@contextmanager
def progress_bar(label: str) -> "Iterator[Callable[[int, int], None]]":
    """Show a progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _no_progress
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from sim.scenario.console import PlainConsole

    description = TextColumn("{task.description}", markup=False)
    columns = (description, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=PlainConsole(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="seasweep", message="seasweep %(version)s")
def cli() -> None:
    """Estimate how many ship-to-ship transfers patrols detect and document, and what would change that.

    Begin with `seasweep demo`. `seasweep COMMAND --help` explains a command.
    """


# ---------------------------------------------------------------------------------------------------- scenarios
@cli.command()
def scenarios() -> None:
    """List the scenarios, studies and aircraft that are included."""
    from sim.study.tables import shipped_tables

    out_console().print(shipped_tables())


@cli.command()
@click.argument("name")
def show(name: str) -> None:
    """Print an included scenario or study, or another text file.

    NAME is a name that `seasweep scenarios` lists, `aircraft` for all types of aircraft, or the path of a file.
    """
    from sim.scenario.files import find_shipped, shipped_names
    from sim.scenario.nearest import nearest
    from sim.scenario.problems import refused

    folders = {shipped: folder for folder in ("library", "studies", "") for shipped in shipped_names(folder)}
    names = list(folders)
    path = find_shipped(name, folders[name], "NAME") if name in folders else Path(name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        raise refused(
            name,
            f"the path of a text file, or an included name: {', '.join(names)}",
            key="NAME",
            hint=nearest(name, names),
        ) from None
    print_line(text.removesuffix("\n"))


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--from", "parent", default="neon-spring", show_default=True, metavar="NAME", help="Included scenario to extend."
)
def new(file: Path, parent: str) -> None:
    """Write a new scenario file that extends an included one.

    The name of FILE must end in .toml, and the file must not exist yet. It then holds only what differs from the
    scenario that it extends.
    """
    from sim.scenario.files import find_shipped, shipped_names
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import refused

    if parent not in shipped_names():
        find_shipped(parent, "", "--from")
        raise refused(parent, f"the name of a scenario that is included: {', '.join(shipped_names())}", key="--from")
    if file.suffix != ".toml":
        raise refused(str(file), "a file whose name ends in .toml", key="FILE")
    scenario = load_scenario(parent)
    text = _NEW.format(parent=parent, title=scenario.title, routes=", ".join(scenario.routes))
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise refused(str(file), "a file that does not exist yet", key="FILE") from None
    except OSError as error:
        raise refused(str(file), f"a file that can be written ({(error.strerror or '').lower()})", key="FILE") from None
    print_message(f"The scenario is in {visible(file)}. To check it: {command_text('seasweep', 'check', file)}")


_NEW = """\
# A variant of {parent}. Write here only what differs from it; `seasweep show {parent}` prints its keys.
extends = "{parent}"
title = "{title}, my variant"

# The routes of {parent}: {routes}. For example:
# [routes.search]
# spacing_nmi = 30.0
"""


@cli.command()
@click.argument("file", metavar="SCENARIO")
@set_option
@click.option(
    "--sensors", is_flag=True, help="Print sweep widths against each class of vessels instead of the summary."
)
@click.option("--strict", is_flag=True, help="Exit with code 1 if a finding is senseless or doubtful.")
def check(file: str, sets: Sequence[str], sensors: bool, strict: bool) -> None:
    """Check a scenario, and print a summary of it with warnings.

    The warnings are about settings that have no effect or make no sense. An error in the file gives exit code 2.
    """
    from sim.check.advice import findings
    from sim.check.bounds import Bounds
    from sim.check.describe import described, found_lines
    from sim.check.registry import NOTE
    from sim.check.tables_sensors import sensor_widths
    from sim.scenario.load import load_source, validate
    from sim.scenario.problems import refused

    if sensors and strict:
        raise refused("both", "--sensors or --strict, not both", key="--sensors, --strict")
    console, source = out_console(), load_source(file, sets)
    scenario = validate(source)
    bounds = Bounds(scenario)
    for part in sensor_widths(scenario) if sensors else described(scenario, bounds):
        console.print(part)
    if sensors:
        return
    found = findings(scenario, bounds=bounds)
    for line in found_lines(found, source.locate):
        console.print(line, soft_wrap=True)
    if strict and any(finding.severity != NOTE for finding in found):
        raise SystemExit(FAILED)


@cli.command()
@click.option("--study", is_flag=True, help="Print the JSON Schema of study files instead.")
def schema(study: bool) -> None:
    """Print the JSON Schema of scenario files, for text editors.

    An editor that knows the schema completes keys and marks errors.
    """
    import json

    from sim.scenario.json_schema import json_schema

    if study:
        from sim.study.design import Study

        print_line(json.dumps(Study.model_json_schema(), indent=2))
        return
    print_line(json.dumps(json_schema(), indent=2))


# ---------------------------------------------------------------------------------------------------- run
@cli.command()
@click.argument("scenario")
@replications_option(1, "Number of replications.")
@precision_option
@seed_option
@set_option
@jobs_option
@only_option
@keep_option
@level_option
@out_option
@force_option
@allow_long_option
def run(scenario: str, sets: Sequence[str], jobs: int, out: Path | None, **options: Any) -> None:
    """Simulate a scenario many times, and print its measures.

    Each replication simulates the whole deployment with random numbers of its own. The results are written to a
    folder; an existing run in that folder is replaced only with --force.
    """
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import refused
    from sim.study.folders import refuse_existing
    from sim.study.runs import run as run_scenario
    from sim.study.tables import run_table

    loaded = load_scenario(scenario, sets)
    if options["only"] is not None and options["precision"]:
        raise refused("both", "--only or --precision, not both", key="--only, --precision")
    if options["precision"] and options["precision"][0] == "contacts" and not loaded.outputs.contacts:
        raise refused("contacts", "contacts only where outputs.contacts = true", key="--precision")
    name = Path(scenario).stem
    folder = out or Path("runs") / name
    refuse_existing(folder, options["force"])
    _warn_of_senseless_settings(loaded)
    with progress_bar(f"running {visible(name)}") as progress:
        options |= {"jobs": jobs, "command": _command(), "progress": progress, "warn": print_warning}
        results = run_scenario(loaded, out=folder, name=name, **options)
    out_console().print(run_table(results))
    hint = f" To draw a map: {command_text('seasweep', 'plot', 'coverage', folder)}" if options["keep"] else ""
    print_message(f"The results are in {visible(folder)}.{hint}")
    if loaded.coastline_warning:
        print_warning(loaded.coastline_warning)
    if options["precision"]:
        _warn_of_precision(results, *options["precision"])
    exit_if_failed([run_outcome(results, scenario, sets, folder)], folder / "run.json")


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
        interval = "no interval" if reached is None else f"an interval with the half-width {reached:.3g}"
        print_warning(f"{name} has {interval} after {len(results.columns['transfers'])} replications, not {wanted:g}")


def _command() -> str:
    """The command line as it was given, for the record of a run."""
    return shlex.join(["seasweep", *sys.argv[1:]])


@cli.command()
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
def demo(out: Path, force: bool, replications: int, jobs: int) -> None:
    """Run an example, print its measures and draw a coverage map.

    The example is the scenario neon-spring. It takes less than a minute, and replaces the results of an earlier demo.
    """
    from plots.coverage_map import save_coverage
    from sim.scenario.load import load_scenario
    from sim.study.folders import refuse_existing
    from sim.study.runs import run as run_scenario
    from sim.study.tables import run_table

    del force
    name, cores = "neon-spring", jobs
    refuse_existing(out, force=True)
    with progress_bar(f"running {visible(name)}") as progress:
        results = run_scenario(
            load_scenario(name),
            replications,
            jobs=cores,
            out=out,
            force=True,
            name=name,
            command=_command(),
            progress=progress,
            warn=print_warning,
        )
    out_console().print(run_table(results))
    print_message("The coverage map is being drawn ...")
    picture = out / "coverage.png"
    save_coverage(results, picture, jobs=cores)
    print_line(f"\nresults: {visible(out)}\nmap: {visible(picture)}")
    exit_if_failed([run_outcome(results, name, (), out)], out / "run.json")


@cli.command()
@replications_option(10, "Number of replications; more give smaller standard errors.")
@seed_option
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def verify(replications: int, seed: int, as_json: bool) -> None:
    """Compare simulated searches with the results of search theory.

    Each row of the table is a search whose result is known. The exit code is 1 if a row fails.
    """
    import json
    from dataclasses import asdict

    from sim.study.tables import verify_table
    from sim.study.verify import FAMILY_LEVEL, limit
    from sim.study.verify import verify as verify_all

    with progress_bar("verifying") as progress:
        rows = verify_all(replications, seed, progress)
    passed = all(row.passed for row in rows)
    if as_json:
        head = {"level": FAMILY_LEVEL, "limit": limit(), "replications": replications, "seed": seed, "passed": passed}
        print_line(json.dumps({**head, "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        out_console().print(verify_table(rows, limit(), FAMILY_LEVEL))
    if not passed:
        failed = [row.check for row in rows if not row.passed]
        print_message(f"error: {len(failed)} of {len(rows)} checks failed: {'; '.join(failed)}")
        sys.exit(FAILED)


# ---------------------------------------------------------------------------------------------------- compare, sweep
@cli.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO SCENARIO...")
@replications_option(2, "Number of replications of each.")
@seed_option
@set_option
@jobs_option
@level_option
@allow_long_option
def compare(
    scenarios: Sequence[str], replications: int, sets: Sequence[str], jobs: int, level: float, **options: Any
) -> None:
    """Compare scenarios with the first one, measure by measure.

    All scenarios meet the same ships, transfers, weather and luck (common random numbers), so their differences are
    paired by replication. An asterisk marks a difference whose interval excludes 0. Two
    asterisks mark one whose interval excludes 0 even when all rows are judged together.
    """
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import refused
    from sim.study.cost import check_cost
    from sim.study.runs import compare as compare_runs
    from sim.study.runs import run as run_scenario
    from sim.study.tables import comparison_tables

    if len(scenarios) < 2:
        raise refused(" ".join(scenarios), "two scenarios or more", key="compare")
    loaded = [(Path(name).stem, load_scenario(name, sets)) for name in scenarios]
    check_cost([scenario for _, scenario in loaded], replications, jobs, options["allow_long"], print_warning)
    options |= {"jobs": jobs, "keep": 0, "allow_long": True, "warn": print_warning}
    results = []
    for name, scenario in loaded:
        with progress_bar(f"running {visible(name)}") as progress:
            results.append(run_scenario(scenario, replications, name=name, progress=progress, **options))
    pairs = zip(results, scenarios, strict=True)
    exit_if_failed([run_outcome(run, given, sets, Path("runs") / run.name, given) for run, given in pairs], None)
    out_console().print(comparison_tables(compare_runs(results, level), replications, options["seed"]))


@cli.command()
@click.argument("study")
@jobs_option
@out_option
@force_option
@allow_long_option
def sweep(study: str, out: Path | None, **options: Any) -> None:
    """Run every design point of a study, and print its measures.

    The same command continues a sweep that was interrupted.
    """
    from sim.study.design import load_study
    from sim.study.runs import sweep as sweep_study
    from sim.study.tables import study_table

    design = load_study(study)
    folder = out or Path("runs") / design.name
    with progress_bar(f"sweeping {visible(design.name)}") as progress:
        results = sweep_study(design, out=folder, progress=progress, warn=print_warning, **options)
    console = out_console()
    console.print(study_table(results, console.width))
    two = len(design.study.vary) == 2
    kind = "gain" if design.study.baseline is not None else "heatmap" if two else "response"
    hint = f"To draw them: {command_text('seasweep', 'plot', kind, folder)}"
    print_message(f"The results are in {visible(folder)}. {hint}")
    exit_if_failed(sweep_outcomes(design, results.failures, folder), folder / "study.json")


# ---------------------------------------------------------------------------------------------------- plot
@cli.group(cls=PlotGroup)
def plot() -> None:
    """Draw the results of a run or a study, or a planned route.

    The ending of the output file (.png, .svg or .pdf) decides its format.
    """


# ---------------------------------------------------------------------------------------------------- main
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    It is 0 when all is done, 1 when something failed, 2 for bad input, and 128 plus the number of a signal that ended
    the command, which makes 130 for Ctrl-C.
    """
    prepare_streams()
    code = exit_code_of(lambda: _answer(list(sys.argv[1:] if arguments is None else arguments)))
    code = report_output() or code
    report_cache()
    return code


def _answer(arguments: list[str]) -> int:
    """Run a command and return its exit code. Errors are printed; an interruption is raised."""
    try:
        if "_SEASWEEP_COMPLETE" in os.environ:
            cli.main(prog_name="seasweep")  # the shell asks how a command line may go on: Click answers and exits
        with warnings.catch_warnings(), cli.make_context("seasweep", arguments) as context:
            warnings.showwarning = show_warning
            logging.getLogger("matplotlib").setLevel(logging.ERROR)  # its advice on folders is for programmers
            cli.invoke(context)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.Abort:
        raise
    except click.ClickException as error:
        print_usage_error(error)
        return BAD_INPUT
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception as error:
        return report_error(error)
    return DONE
