"""Where tables are printed."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.console import PlainConsole

_PIPED_WIDTH = 132  # columns of a table that goes to a file or to another program


def out_console() -> "PlainConsole":
    """The console that prints tables on standard output."""
    from sim.scenario.console import PlainConsole

    return PlainConsole(width=None if sys.stdout.isatty() else _PIPED_WIDTH)
