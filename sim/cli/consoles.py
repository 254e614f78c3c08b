"""Where tables are printed."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.tables import Report

_PIPED_WIDTH = 132  # columns of a table that goes to a file or to another program


def print_report(report: "Report", form: str) -> None:
    """Print a report on standard output, in one of the formats of tables."""
    from sim.cli.printing import print_line

    if form == "table":
        _print_page(report)
        return
    from sim.scenario.formats import formatted

    print_line(formatted(report, form))


def _print_page(report: "Report") -> None:
    """Print a report for people, as wide as the terminal."""
    from rich.text import Text

    from sim.scenario.console import PlainConsole
    from sim.scenario.layout import report_lines

    console = PlainConsole(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
    for line in report_lines(report, console.width):
        console.print(Text.assemble(*line), soft_wrap=True)
