"""Options of the command line that several commands share, and the types of their values."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from sim.core.limits import LAST_REPLICATION, LEVELS, MOST_FOR_PRECISION, MOST_JOBS, MOST_REPLICATIONS
from sim.scenario.tables import FORMATS


class FiniteRange(click.FloatRange):
    """The type of an option that takes a number in a range; NaN is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert the text of an option; a usage error where it is no number in the range."""
        number = super().convert(value, param, ctx)
        if number != number:
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def replications_option(least: int, meaning: str, default: int = 40) -> Callable[[Any], Any]:
    """The option for the number of replications, of which a command needs at least some."""
    limits = click.IntRange(least, MOST_REPLICATIONS)
    return click.option("--replications", type=limits, default=default, show_default=True, help=meaning)


def with_options(options: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """A decorator that adds options to a command, in their order."""

    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def _one_job_per_core() -> int:
    """The number of jobs unless another is asked for: the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)


def _as_text(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Read as UTF-8 what Python could not decode, because the locale has another encoding."""
    return tuple(
        os.fsencode(value).decode("utf-8", "surrogateescape") if _SURROGATE.search(value) else value for value in values
    )


_SURROGATE = re.compile("[\udc80-\udcff]")  # each stands for a byte that is not text in the encoding of the locale
set_option = click.option(
    "--set",
    "sets",
    multiple=True,
    callback=_as_text,
    metavar="KEY=VALUE",
    help="Override a scenario key. You can repeat this option.",
)
seed_option = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed from which all random numbers follow."
)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, MOST_JOBS),
    default=_one_job_per_core,
    help="Number of parallel jobs. Default: one for each core.",
)
only_option = click.option(
    "--only", type=click.IntRange(0, LAST_REPLICATION), help="Simulate only the replication with this number."
)
replication_option = click.option(
    "--replication",
    type=click.IntRange(0, LAST_REPLICATION),
    help="Draw the replication with this number. Default: the first of which tracks were recorded.",
)


def _cells(least: int, most: int, default: int, meaning: str) -> Callable[[Any], Any]:
    """The option for the largest number of cells of a map."""
    return click.option("--cells", type=click.IntRange(least, most), default=default, show_default=True, help=meaning)


cells_option = _cells(100, 200_000, 4000, "Largest number of grid cells of the map.")
many_cells_option = _cells(100, 200_000, 20_000, "Largest number of grid cells of the map.")
few_cells_option = _cells(
    4, 10_000, 30, "Largest number of cells. A cell needs many transfers before its share says something."
)
keep_option = click.option(
    "--keep",
    type=click.IntRange(0),
    default=40,
    show_default=True,
    help="Record events and tracks of the first replications, as many as this number says.",
)
level_option = click.option(
    "--level", type=FiniteRange(*LEVELS), default=0.95, show_default=True, help="Confidence level of the intervals."
)


def level_option_as_in(results: str) -> Callable[[Any], Any]:
    """The option for the confidence level of a command that reads results, which have a level of their own."""
    meaning = f"Confidence level of the intervals. Default: that of the {results}."
    return click.option("--level", type=FiniteRange(*LEVELS), help=meaning)


out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the results to this folder. Default: runs/ and the name of the file.",
)
allow_long_option = click.option(
    "--allow-long",
    is_flag=True,
    help="Begin even if the work is estimated to take more than 24 hours of computing or 12 GiB of memory.",
)
force_option = click.option("--force", is_flag=True, help="Replace earlier results in the same folder.")
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="Print tables for people, or as CSV, JSON or Markdown.",
)
all_option = click.option("--all", "everything", is_flag=True, help="Show all measures in the table.")
measure_option = click.option(
    "--measure", metavar="NAME", help="Draw this measure. Default: the first measure of the study."
)

at_option = click.option(
    "--at",
    multiple=True,
    metavar="FACTOR=LEVEL",
    help="Draw only the points at which a factor has this level. You can repeat this option.",
)
x_option = click.option("--x", metavar="FACTOR", help="Draw this factor along the horizontal axis.")
facet_option = click.option("--facet", metavar="FACTOR", help="Draw a panel for each level of this factor.")


def _precision(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, float] | None:
    """Convert MEASURE=HALF_WIDTH to the name of a measure and a half-width; InputError where it is neither."""
    if value is None:
        return None
    from sim.scenario.problems import refused
    from sim.study.measures import definition_of
    from sim.study.precision import refuse_wide

    name, _equals, width = value.rpartition("=") if "]=" in value else value.partition("=")
    try:
        wanted = float(width)
    except ValueError:
        wanted = 0.0
    definition = definition_of(name, key="--precision")
    if not 0.0 < wanted < float("inf"):
        raise refused(value, "MEASURE=HALF_WIDTH with a half-width above 0", key="--precision")
    refuse_wide(definition, wanted, "--precision")
    return definition.name, wanted


by_option = click.option(
    "--by",
    multiple=True,
    metavar="KEY",
    help="Add the measures of parts: by area, source, patrol, route, phase, hour (of the local day), week, background, "
    "observer or nation, or of one part, such as hour=18-24. You can repeat this option.",
)
precision_option = click.option(
    "--precision",
    callback=_precision,
    metavar="MEASURE=HALF_WIDTH",
    help="Add replications until the half-width of the measure's interval is at most HALF_WIDTH. Then --replications "
    "is the least number of replications.",
)
most_option = click.option(
    "--most",
    type=click.IntRange(1, MOST_REPLICATIONS),
    help=f"Largest number of replications with --precision. Default: {MOST_FOR_PRECISION:,}.",
)
