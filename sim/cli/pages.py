"""Printing a page of tables, in the form that the user asked for."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.tables import Page

_PIPED_WIDTH = 132  # columns of a table that goes to a file or to another program


def print_page(page: "Page", form: str) -> None:
    """Print a page on standard output, in one of the formats of tables."""
    from sim.cli.printing import print_line

    if form == "table":
        _print_for_people(page)
        return
    from sim.cli.formats import formatted

    print_line(formatted(page, form))


def _print_for_people(page: "Page") -> None:
    """Print a page for people, as wide as the terminal."""
    from rich.text import Text

    from sim.cli.layout import page_lines
    from sim.cli.plain_console import PlainConsole

    console = PlainConsole(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    for line in page_lines(page, console.width):
        console.print(Text.assemble(*line), soft_wrap=True)
