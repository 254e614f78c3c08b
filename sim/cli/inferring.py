"""The command `infer`: how many transfers took place, given how many were documented."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.pages import print_page
from sim.cli.printing import print_warning
from sim.cli.reporting import refuse_other_folder
from sim.options import FiniteRange, format_option, level_option

if TYPE_CHECKING:
    from sim.study.infer.posterior import Prior

_OPTIONS: Sequence[Callable[[Any], Any]] = (
    click.option(
        "--documented",
        type=click.IntRange(0, 1_000_000),
        metavar="K",
        help="How many transfers were documented in the reported period: a whole number from 0 on.",
    ),
    click.option(
        "--by",
        multiple=True,
        metavar="KEY=PART:K,...",
        help="How many of them belong to each area, hour, source or week, such as area=north:2,south:1 or "
        "hour=18-24:2. Parts that are not named have none. --documented may then be left out.",
    ),
    click.option(
        "--prior",
        metavar="SHAPE:RATE",
        default="0.5:0",
        show_default=True,
        help="The gamma distribution that is believed of the expected number of transfers beforehand. The default is "
        "that of Jeffreys.",
    ),
    click.option(
        "--sorties",
        type=FiniteRange(0.0, 1e6, min_open=True),
        metavar="S",
        help="From how many sorties the reports come: it gives the days that they take, and rates. Default: those of "
        "one deployment of the scenario.",
    ),
    level_option,
    format_option,
    click.option("--json", "as_json", is_flag=True, help="Print the tables as JSON, as --format json does."),
)


def _with(options: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """A decorator that adds options to a command, in their order."""

    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command()
@click.argument("given", metavar="RUN")
@_with(_OPTIONS)
def infer(given: str, form: str, as_json: bool, **options: Any) -> None:
    """Tell how many transfers took place, given how many were documented.

    RUN is the folder of a run. Its scenario is taken to be true: it gives the chance that a transfer is documented. The
    number that took place has an interval: it is as wide as so few reports, the luck of one deployment and the error of
    the simulation make it. For example: seasweep infer runs/neon-spring --documented 3
    """
    refuse_other_folder(given)
    prior = _prior(options["prior"])
    from sim.study.infer.inference import asked_of, inference_of
    from sim.study.infer.pages import infer_page
    from sim.study.store import Results

    results = Results.load(Path(given), print_warning)
    asked = asked_of(
        results.scenario, options["documented"], options["by"], prior, options["sorties"], options["level"]
    )
    answer = inference_of(results, asked)
    print_page(infer_page(answer), "json" if as_json else form)


def _prior(text: str) -> "Prior":
    """The prior that SHAPE:RATE says."""
    from sim.study.infer.inference import prior_of

    try:
        return prior_of([float(part) for part in text.split(":")])
    except ValueError:
        return prior_of(text)
