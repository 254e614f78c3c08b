"""The command `eyes`: which eyes saw the transfers of a run."""

from typing import TYPE_CHECKING, Any, cast

import click

from sim.cli.pages import print_page
from sim.cli.printing import print_warning
from sim.options import format_option, level_option_as_in

if TYPE_CHECKING:
    from sim.study.eyes.answer import By

_BY = ("observer", "kind")


@click.command()
@click.argument("results", metavar="RUN")
@click.option(
    "--by",
    type=click.Choice(_BY),
    default=_BY[0],
    show_default=True,
    help="Take each observer for an eye of its own, or all observers of one kind together.",
)
@level_option_as_in("run")
@format_option
def eyes(results: str, by: str, level: float | None, form: str) -> None:
    """Count which eyes saw the transfers: patrols, observers, several of them or none.

    Patrols have seen what their sensors detected, an observer what it reported before the end of the deployment; what
    crews report is what their aircraft saw. The first table has each combination of eyes and adds up to all transfers,
    the second each eye by itself, the third how dependent pairs of eyes are. For example: seasweep eyes
    runs/neon-partners --by kind
    """
    from sim.study.eyes.answer import eyes_of_run
    from sim.study.eyes.tables import eyes_page
    from sim.study.store import Results

    loaded: Any = Results.load(results, print_warning)
    print_page(eyes_page(eyes_of_run(loaded, cast("By", by), level)), form)
