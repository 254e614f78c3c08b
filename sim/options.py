"""Options that several commands share, and numbers as options take them."""

from typing import Any

import click


class FiniteRange(click.FloatRange):
    """A number in a range; NaN is in none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or a usage error."""
        number = super().convert(value, param, ctx)
        if number != number:
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def _one_per_core() -> int:
    from sim.study.executors import default_jobs

    return default_jobs()


set_option = click.option(
    "--set", "sets", multiple=True, metavar="KEY=VALUE", help="Override a scenario key; may be given several times."
)
seed_option = click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of all random numbers."
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1), default=_one_per_core, help="Number of parallel jobs. Default: one per core."
)
level_option = click.option(
    "--level", type=FiniteRange(0.5, 0.9999), default=0.95, show_default=True, help="Confidence level of the intervals."
)
force_option = click.option("--force", is_flag=True, help="Replace the results of an earlier call in that folder.")
measure_option = click.option(
    "--measure", metavar="NAME", help="Measure to draw. Default: the first measure that the study names."
)


def _precision(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, float] | None:
    """The measure and the half width that MEASURE=HALF_WIDTH gives."""
    if value is None:
        return None
    from sim.scenario.nearest import nearest
    from sim.scenario.problems import refused
    from sim.study.measures import BY_NAME

    name, _equals, width = value.partition("=")
    try:
        wanted = float(width)
    except ValueError:
        wanted = 0.0
    if name not in BY_NAME:
        raise refused(name, ", ".join(BY_NAME), key="--precision", hint=nearest(name, list(BY_NAME)))
    if not 0.0 < wanted < float("inf"):
        raise refused(width, "MEASURE=HALF_WIDTH with a number above 0", key="--precision")
    return name, wanted


precision_option = click.option(
    "--precision",
    callback=_precision,
    metavar="MEASURE=HALF_WIDTH",
    help="Add replications until half the width of the measure's interval is at most HALF_WIDTH.",
)
