"""The commands that read and write scenario files: scenarios, show, new, check and schema."""

from collections.abc import Sequence
from pathlib import Path

import click

from sim.cli.consoles import print_report
from sim.cli.exits import FAILED
from sim.cli.printing import command_text, print_line, print_message
from sim.core.text import visible
from sim.options import format_option, set_option


@click.command()
@format_option
def scenarios(form: str) -> None:
    """List the scenarios, studies and aircraft that are included."""
    from sim.study.tables import shipped_tables

    print_report(shipped_tables(), form)


@click.command()
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


@click.command()
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


@click.command()
@click.argument("file", metavar="SCENARIO")
@set_option
@click.option(
    "--sensors", is_flag=True, help="Print sweep widths against each class of vessels instead of the summary."
)
@click.option("--strict", is_flag=True, help="Exit with code 1 if a finding is senseless or doubtful.")
@format_option
def check(file: str, sets: Sequence[str], sensors: bool, strict: bool, form: str) -> None:
    """Check a scenario, and print a summary of it with warnings.

    The warnings are about settings that have no effect or make no sense. An error in the file gives exit code 2.
    """
    from sim.check.advice import findings
    from sim.check.bounds import Bounds
    from sim.check.describe import described, with_findings
    from sim.check.registry import NOTE
    from sim.check.tables_sensors import sensor_widths
    from sim.scenario.load import load_source, validate
    from sim.scenario.problems import refused

    if sensors and strict:
        raise refused("both", "--sensors or --strict, not both", key="--sensors, --strict")
    source = load_source(file, sets)
    scenario = validate(source)
    if sensors:
        print_report(sensor_widths(scenario), form)
        return
    bounds = Bounds(scenario)
    found = findings(scenario, bounds=bounds)
    print_report(with_findings(described(scenario, bounds), found, source.locate), form)
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
