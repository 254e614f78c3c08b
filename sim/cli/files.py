"""The commands that read and write files: scenarios, show, new, check, schema and runs."""

from collections.abc import Sequence
from pathlib import Path

import click

from sim.cli.exits import FAILED
from sim.cli.pages import print_page
from sim.cli.printing import command_text, print_line, print_message, print_warning
from sim.core.text import visible
from sim.options import format_option, set_option


@click.command()
@format_option
def scenarios(form: str) -> None:
    """List the scenarios, studies, aircraft and lanes that are included."""
    from sim.scenario.shipped import shipped_tables

    print_page(shipped_tables(), form)


@click.command()
@click.argument("name")
def show(name: str) -> None:
    """Print an included scenario or study, or another text file.

    NAME is a name that `seasweep scenarios` lists, `aircraft` for all types of aircraft, `lanes` for all lanes, or the
    path of a file.
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


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--from", "parent", metavar="NAME", help="Included scenario to extend. Default: neon-spring.")
@click.option("--sea", is_flag=True, help="Write a whole scenario of a sea of your own, which extends none.")
@click.option("--at", metavar="LON,LAT", help="With --sea: the middle of the sea, in degrees. Default: 125,30.")
@click.option("--base", metavar="LON,LAT", help="With --sea: the place of the base. Default: a place near the sea.")
def new(file: Path, parent: str | None, sea: bool, at: str | None, base: str | None) -> None:
    """Write a new scenario file that extends an included one, or that is a whole sea.

    The name of FILE must end in .toml, and the file must not exist yet. It then holds only what differs from the
    scenario that it extends. With --sea it holds a whole scenario instead: what is required, with the meaning of every
    key, and what may be added, as comments. It runs as it is. For example: seasweep new mine.toml --sea --at 123.5,36
    """
    from sim.scenario.problems import refused

    if sea and parent is not None:
        raise refused(parent, "--sea or --from, not both", key="--from")
    for option, given in (("--at", at), ("--base", base)):
        if given is not None and not sea:
            raise refused(given, "a place only together with --sea", key=option)
    if file.suffix != ".toml":
        raise refused(str(file), "a file whose name ends in .toml", key="FILE")
    text = _text_of_sea(file, at, base) if sea else _text_of_variant(parent or "neon-spring")
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise refused(str(file), "a file that does not exist yet", key="FILE") from None
    except OSError as error:
        raise refused(str(file), f"a file that can be written ({(error.strerror or '').lower()})", key="FILE") from None
    print_message(f"The scenario is in {visible(file)}. To check it: {command_text('seasweep', 'check', file)}")


def _text_of_variant(parent: str) -> str:
    """The text of a scenario that extends an included one."""
    from sim.scenario.files import find_shipped, shipped_names
    from sim.scenario.load import load_scenario
    from sim.scenario.problems import refused

    if parent not in shipped_names():
        find_shipped(parent, "", "--from")
        raise refused(parent, f"the name of a scenario that is included: {', '.join(shipped_names())}", key="--from")
    scenario = load_scenario(parent)
    return _NEW.format(parent=parent, title=scenario.title, routes=", ".join(scenario.routes))


def _text_of_sea(file: Path, at: str | None, base: str | None) -> str:
    """The text of a whole scenario; refuses places about which it would not pass `check` or would document nothing."""
    from tempfile import TemporaryDirectory

    from sim.check.advice import findings
    from sim.check.registry import NOTE
    from sim.scenario.load import load_scenario
    from sim.scenario.new_sea import DEFAULT_MIDDLE, MOST_EAST, MOST_NORTH, new_sea
    from sim.scenario.problems import InputError, refused

    middle = DEFAULT_MIDDLE if at is None else _place(at, "--at", MOST_EAST, MOST_NORTH)
    home = None if base is None else _place(base, "--base", 179.0, 64.0)
    text = new_sea(file.stem, middle, home)
    with TemporaryDirectory() as folder:
        trial = Path(folder, "trial.toml")
        trial.write_text(text, encoding="utf-8")
        try:
            found = findings(load_scenario(trial))
            faults = [(finding.key, finding.problem) for finding in found if finding.severity != NOTE]
        except InputError as error:
            faults = [(problem.key, f"{problem.key}: allowed is {problem.allowed}") for problem in error.problems]
    if faults:
        key, hint = faults[0]
        option, given = ("--at", at) if base is None or key.startswith("areas.") else ("--base", base)
        raise refused(given, "a place at sea, and a base from which an aircraft can search it", key=option, hint=hint)
    for finding in found:
        example = finding.path[0] == "bases" and base is None
        advice = "This is an example: give the place of your base with --base." if example else finding.advice
        print_warning(f"{finding.problem} {advice}")
    return text


def _place(text: str, key: str, most_east: float, most_north: float) -> tuple[float, float]:
    """The longitude and latitude of an option; refuses what is no place, or a place too far east or north."""
    from sim.scenario.problems import refused

    allowed = (
        f"LON,LAT in degrees, such as 123.5,36: a longitude from -{most_east:g} to {most_east:g}, and a latitude from "
        f"-{most_north:g} to {most_north:g}"
    )
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError:
        raise refused(text, allowed, key=key) from None
    if not (abs(lon) <= most_east and abs(lat) <= most_north):
        hint = "longitude comes first" if abs(lat) <= most_east and abs(lon) <= most_north else ""
        raise refused(text, allowed, key=key, hint=hint)
    return lon, lat


_NEW = """\
# A variant of {parent}. Write here only what differs from it; `seasweep show {parent}` prints its keys.
extends = "{parent}"
title = "{title}, my variant"

# The routes of {parent}: {routes}. For example:
# [routes.search]
# spacing_nmi = 30.0
"""


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=Path("runs"))
@format_option
def runs(folder: Path, form: str) -> None:
    """List what has been run: the results of runs and sweeps below a folder.

    DIR is the folder, which is `runs` unless another is given. The list says when each run was complete, in local
    time, with which options, and whether the file of its scenario or study has changed since.
    """
    from sim.cli.progress import progress_bar
    from sim.scenario.problems import refused
    from sim.study.folders import RUNS, nearest_folder
    from sim.study.listing import list_results
    from sim.study.tables import runs_table

    if folder != RUNS and not folder.is_dir():
        raise refused(str(folder), "a folder that exists", key="DIR", hint=nearest_folder(folder))
    with progress_bar("reading"):
        rows = list_results(folder) if folder.is_dir() else []
    if not rows:
        print_message(f"Nothing has been run here: there are no results below {visible(folder)}.")
    if rows or form != "table":
        print_page(runs_table(rows), form)


@click.command()
@click.argument("file", metavar="SCENARIO")
@set_option
@click.option(
    "--sensors", is_flag=True, help="Print sweep widths against each class of vessels instead of the summary."
)
@click.option(
    "--year",
    is_flag=True,
    help="Show ships and expected contacts in each month of the year in which the deployment begins.",
)
@click.option("--strict", is_flag=True, help="Exit with code 1 if a finding is senseless or doubtful.")
@format_option
def check(file: str, sets: Sequence[str], sensors: bool, year: bool, strict: bool, form: str) -> None:
    """Check a scenario, and print a summary of it with warnings.

    The warnings are about settings that have no effect or make no sense. An error in the file gives exit code 2.
    """
    from sim.scenario.files import find_scenario
    from sim.scenario.problems import refused

    if sensors and strict:
        raise refused("both", "--sensors or --strict, not both", key="--sensors, --strict")
    find_scenario(file)

    from sim.check.advice import findings
    from sim.check.bounds import Bounds
    from sim.check.describe import described, with_findings
    from sim.check.registry import NOTE
    from sim.check.tables_sensors import sensor_widths
    from sim.scenario.load import load_source, validate

    source = load_source(file, sets)
    scenario = validate(source)
    if sensors:
        print_page(sensor_widths(scenario), form)
        return
    bounds = Bounds(scenario)
    found = findings(scenario, bounds=bounds)
    print_page(with_findings(described(scenario, bounds, year=year), found, source.locate), form)
    if strict and any(finding.severity != NOTE for finding in found):
        raise SystemExit(FAILED)


@click.command()
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
