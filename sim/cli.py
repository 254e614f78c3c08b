"""The command line: thin, and the only place that prints."""

import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.options import force_option, jobs_option, level_option, precision_option, seed_option, set_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from plots.kinds import PlotKind
    from sim.scenario.schema import Scenario
    from sim.study.store import Results

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
_PIPED_WIDTH = 132  # columns where nobody tells how wide the reader's page is


def out_console() -> "Console":
    """Where tables go."""
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    return Piped(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)


def say(text: str) -> None:
    """A message, to stderr."""
    click.echo(text, err=True)


def _warn(message: str) -> None:
    """A warning, to stderr."""
    say(f"warning: {message}")


def _no_progress(_done: int, _total: int) -> None:
    """Progress is not shown."""


@contextmanager
def progress_bar(label: str) -> "Iterator[Callable[[int, int], None]]":
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="seasweep", message="seasweep %(version)s")
def cli() -> None:
    """How many ship-to-ship transfers will a patrol detect and document, and what would change that?"""


# ---------------------------------------------------------------------------------------------------- scenarios
@cli.command()
def scenarios() -> None:
    """List the scenarios, studies and types of aircraft that ship."""
    from sim.study.tables import shipped_tables

    out_console().print(shipped_tables())


@cli.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the file of a scenario or study that ships, `aircraft` with all types of aircraft, or any other."""
    from sim.scenario.files import find_shipped, shipped_names
    from sim.scenario.nearest import nearest
    from sim.scenario.problems import refused

    folders = {one: folder for folder in ("library", "studies", "") for one in shipped_names(folder)}
    names = list(folders)
    path = find_shipped(name, folders[name], "NAME") if name in folders else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise refused(
            name, f"a text file, or one of {', '.join(names)}", key="NAME", hint=nearest(name, names)
        ) from None
    click.echo(text, nl=False)


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "parent", default="neon-spring", show_default=True, metavar="NAME", help="What it extends.")
def new(file: Path, parent: str) -> None:
    """Write a new scenario FILE that extends one that ships."""
    from sim.scenario.files import find_shipped, shipped_names
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import refused

    if parent not in shipped_names():
        find_shipped(parent, "", "--from")
        raise refused(parent, f"the name of a scenario that ships: {', '.join(shipped_names())}", key="--from")
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
    say(f"wrote {file}; try: seasweep check {file}")


_NEW = """\
# A variant of {parent}: say only what differs. `seasweep show {parent}` prints all there is to vary.
extends = "{parent}"
title = "{title}, my variant"

# Its routes: {routes}. For example:
# [routes.search]
# spacing_nmi = 30.0
"""


@cli.command()
@click.argument("file", metavar="SCENARIO")
@set_option
@click.option("--sensors", is_flag=True, help="Print sweep widths against each class of vessels instead.")
@click.option("--strict", is_flag=True, help="Exit with 1 where something is senseless or doubtful.")
def check(file: str, sets: Sequence[str], sensors: bool, strict: bool) -> None:
    """Validate a scenario, print what was understood, and what of it is legal but senseless."""
    from sim.check.advice import findings
    from sim.check.describe import described, found_lines, sensor_widths
    from sim.check.registry import NOTE
    from sim.scenario.load import load_source, validate
    from sim.scenario.problems import refused

    if sensors and strict:
        raise refused("both", "--sensors or --strict, not both", key="--sensors, --strict")
    console, source = out_console(), load_source(file, sets)
    scenario = validate(source)
    for part in (sensor_widths if sensors else described)(scenario):
        console.print(part)
    if sensors:
        return
    found = findings(scenario)
    for line in found_lines(found, source.locate):
        console.print(line, soft_wrap=True)
    if strict and any(one.severity != NOTE for one in found):
        raise SystemExit(FAILED)


@cli.command()
@click.option("--study", is_flag=True, help="Of a study instead.")
def schema(study: bool) -> None:
    """Print the JSON Schema of a scenario, for editors."""
    import json

    from sim.scenario.json_schema import json_schema

    if study:
        from sim.study.design import Study

        click.echo(json.dumps(Study.model_json_schema(), indent=2))
        return
    click.echo(json.dumps(json_schema(), indent=2))


# ---------------------------------------------------------------------------------------------------- run
@cli.command()
@click.argument("scenario")
@click.option("--replications", type=click.IntRange(1), default=40, show_default=True, help="How many deployments.")
@precision_option
@seed_option
@set_option
@jobs_option
@click.option("--only", type=click.IntRange(0), help="Do one replication, by its number.")
@click.option(
    "--keep", type=click.IntRange(0), default=40, show_default=True, help="Keep events and tracks of so many."
)
@level_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results; runs/NAME unless said.")
@force_option
def run(scenario: str, sets: Sequence[str], jobs: int, out: Path | None, **options: Any) -> None:
    """Run a scenario and print its measures."""
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import refused
    from sim.study.runs import run as run_scenario
    from sim.study.store import refuse_existing
    from sim.study.tables import run_table

    loaded = load_scenario(scenario, sets)
    if options["only"] is not None and options["precision"]:
        raise refused("both", "--only or --precision, not both", key="--only, --precision")
    if options["precision"] and options["precision"][0] == "contacts" and not loaded.outputs.contacts:
        raise refused("contacts", "contacts only where outputs.contacts = true", key="--precision")
    name = Path(scenario).stem
    folder = out or Path("runs") / name
    refuse_existing(folder, options["force"])
    _say_senseless(loaded)
    with progress_bar(f"running {name}") as progress:
        results = run_scenario(
            loaded, jobs=jobs, out=folder, name=name, command=_command(), progress=progress, **options
        )
    out_console().print(run_table(results))
    hint = f"; map: seasweep plot coverage {folder}" if options["keep"] else ""
    say(f"results in {folder}{hint}")
    if loaded.coastline_warning:
        say(f"warning: {loaded.coastline_warning}")
    if options["precision"]:
        _say_precision(results, *options["precision"])
    _finish(results.failures, folder)


def _say_senseless(scenario: "Scenario") -> None:
    """Warn of what makes a run answer nothing, before it begins."""
    from sim.check.advice import findings
    from sim.check.registry import SENSELESS

    for one in findings(scenario, (SENSELESS,)):
        say(f"warning: {one.severity}: {one}")


def _say_precision(results: "Results", name: str, wanted: float) -> None:
    """Say so where the precision asked for was not reached."""
    reached = results.measure(name).half_width
    if reached is None or reached > wanted:
        said = "has no interval" if reached is None else f"is known to {reached:.3g} only"
        say(f"warning: {name} {said} after {len(results.columns['transfers'])} replications")


def _finish(failures: Sequence[Any], folder: Path | None) -> None:
    """Exit with 1 where replications failed."""
    if failures:
        many = f"{len(failures)} replication{'s' if len(failures) > 1 else ''}"
        say(f"error: {many} failed; the first: {failures[0]['error'].strip().splitlines()[-1]}")
        say("please report it" if folder is None else f"the whole of it is in {folder}; please report it")
        raise SystemExit(FAILED)


def _command() -> str:
    return shlex.join(["seasweep", *sys.argv[1:]])


@cli.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/demo"), show_default=True)
@click.option("--force", is_flag=True, help="Ignored: the demo replaces its own folder.", hidden=True)
@click.option("--replications", type=click.IntRange(2), default=20, show_default=True)
@jobs_option
def demo(out: Path, force: bool, replications: int, jobs: int) -> None:
    """The main job in under a minute: run a scenario, print its table, draw its coverage map."""
    from plots.coverage_map import save_coverage
    from sim.scenario.load import load_scenario
    from sim.study.runs import run as run_scenario
    from sim.study.store import refuse_existing
    from sim.study.tables import run_table

    del force
    name, cores = "neon-spring", jobs
    refuse_existing(out, force=True)
    with progress_bar(f"running {name}") as progress:
        results = run_scenario(
            load_scenario(name),
            replications,
            jobs=cores,
            out=out,
            force=True,
            name=name,
            command=_command(),
            progress=progress,
        )
    out_console().print(run_table(results))
    say("drawing the coverage map ...")
    picture = out / "coverage.png"
    save_coverage(results, picture, jobs=cores)
    click.echo(f"\nresults: {out}\nmap: {picture}")
    _finish(results.failures, out)


@cli.command()
@click.option("--replications", type=click.IntRange(10), default=40, show_default=True, help="Effort; more is sharper.")
@seed_option
@click.option("--json", "as_json", is_flag=True, help="For machines.")
def verify(replications: int, seed: int, as_json: bool) -> None:
    """Simulation against theory, as a table; exit code 1 if a row fails."""
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
        click.echo(json.dumps({**head, "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        out_console().print(verify_table(rows, limit(), FAMILY_LEVEL))
    if not passed:
        failed = [row.check for row in rows if not row.passed]
        say(f"{len(failed)} of {len(rows)} checks failed: {'; '.join(failed)}")
        sys.exit(FAILED)


# ---------------------------------------------------------------------------------------------------- compare, sweep
@cli.command()
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO SCENARIO...")
@click.option("--replications", type=click.IntRange(2), default=40, show_default=True)
@seed_option
@set_option
@jobs_option
@level_option
def compare(
    scenarios: Sequence[str], replications: int, seed: int, sets: Sequence[str], jobs: int, level: float
) -> None:
    """Paired differences from the first scenario, on common random numbers."""
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import refused
    from sim.study.runs import compare as compare_runs
    from sim.study.runs import run as run_scenario
    from sim.study.tables import comparison_tables

    if len(scenarios) < 2:
        raise refused(" ".join(scenarios), "two scenarios or more", key="compare")
    loaded = [(Path(name).stem, load_scenario(name, sets)) for name in scenarios]
    results = []
    for name, scenario in loaded:
        with progress_bar(f"running {name}") as progress:
            results.append(run_scenario(scenario, replications, seed, jobs=jobs, keep=0, name=name, progress=progress))
    _finish([failure for one in results for failure in one.failures], None)
    out_console().print(comparison_tables(compare_runs(results, level), replications, seed))


@cli.command()
@click.argument("study")
@jobs_option
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the results; runs/NAME unless said.")
@force_option
def sweep(study: str, jobs: int, out: Path | None, force: bool) -> None:
    """Run every point of a study; goes on where an earlier call was interrupted."""
    from sim.study.design import load_study
    from sim.study.runs import sweep as sweep_study
    from sim.study.tables import study_table

    design = load_study(study)
    folder = out or Path("runs") / design.name
    with progress_bar(f"sweeping {design.name}") as progress:
        results = sweep_study(design, jobs=jobs, out=folder, force=force, progress=progress, warn=_warn)
    console = out_console()
    console.print(study_table(results, console.width))
    two = len(design.study.vary) == 2
    kind = "gain" if design.study.baseline is not None else "heatmap" if two else "response"
    say(f"results in {folder}; plot: seasweep plot {kind} {folder}")
    _finish(results.failures, folder)


# ---------------------------------------------------------------------------------------------------- plot
class PlotGroup(click.Group):
    """A command for each kind of plot that is registered; the kinds are looked up when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the kinds."""
        from plots.kinds import plot_kinds

        return sorted(plot_kinds())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command that draws one kind; None where there is no such kind."""
        from plots.kinds import plot_kinds

        kind = plot_kinds().get(cmd_name)
        return None if kind is None else _plot_command(kind)


@cli.group(cls=PlotGroup)
def plot() -> None:
    """Draw a run, a study or a route of a scenario.

    The ending of the output file (png, svg or pdf) decides the format.
    """


def _plot_command(kind: "PlotKind") -> click.Command:
    """The command of one kind of plot, with its options."""

    def draw(drawn: str, output: Path | None, sets: Sequence[str] = (), **options: Any) -> None:
        loaded, folder = _load_drawn(kind.draws, drawn, sets)
        path = _picture(output, folder, kind.name)
        kind.save(loaded, path, **options)
        click.echo(str(path))

    place = "in the current folder" if kind.draws == "SCENARIO" else f"in the folder of the {kind.draws}"
    text = f"File to write. Default: {kind.name}.png {place}."
    picture = click.option("-o", "--output", type=click.Path(path_type=Path), help=text)
    more = [set_option] if kind.draws == "SCENARIO" else []
    for option in reversed([click.argument("drawn", metavar=kind.draws), picture, *more, *kind.options]):
        draw = option(draw)
    return click.command(kind.name, help=kind.help)(draw)


def _load_drawn(draws: str, given: str, sets: Sequence[str]) -> tuple[Any, Path]:
    """The results or the scenario to draw, and the folder of its picture unless another is asked for."""
    if draws == "RUN":
        from sim.study.store import Results

        return Results.load(given), Path(given)
    if draws == "STUDY":
        from sim.study.runs import StudyResults

        return StudyResults.load(given), Path(given)
    from sim.scenario.load import load_scenario

    return load_scenario(given, sets), Path()


def _picture(given: Path | None, folder: Path, kind: str) -> Path:
    """Where a picture goes; InputError, before any work, where it cannot be written."""
    from sim.scenario.problems import refused

    path = given or folder / f"{kind}.png"
    if path.suffix not in (".png", ".svg", ".pdf"):
        raise refused(str(path), "a file that ends in .png, .svg or .pdf", key="-o")
    if path.is_dir():
        raise refused(str(path), "a file, not a folder", key="-o")
    if not path.parent.is_dir():
        raise refused(str(path), "a file in a folder that exists", key="-o")
    return path


# ---------------------------------------------------------------------------------------------------- main
def _as_interrupt(_signal: int, _frame: Any) -> None:
    """A request to end is an interrupt, so that nothing half-written stays."""
    raise KeyboardInterrupt


def _told(error: Exception) -> int:
    """Say what is wrong; the exit code. What it needs is loaded now, not by `--help`."""
    from sim.scenario.problems import InputError

    if isinstance(error, InputError):
        count = len(error.problems)
        say(f"error: {error}" if count == 1 else f"error: {count} problems\n{error}")
        return BAD_INPUT
    if os.environ.get("SEASWEEP_DEBUG"):
        raise error
    say(
        f"error: seasweep itself failed: {type(error).__name__}: {error}\n"
        "please report it, with what SEASWEEP_DEBUG=1 prints"
    )
    return FAILED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code: 0 done, 1 something failed, 2 bad input, 130 interrupted."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _as_interrupt)
    try:
        if "_SEASWEEP_COMPLETE" in os.environ:
            cli.main(prog_name="seasweep")  # the shell asks how a command line may go on: Click answers and exits
        with cli.make_context("seasweep", list(sys.argv[1:] if arguments is None else arguments)) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except (KeyboardInterrupt, click.exceptions.Abort):
        say("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except SystemExit as stop:
        return int(stop.code or 0)
    except Exception as error:
        return _told(error)
    return DONE
