"""Where tables are printed, and the progress bar of a long command."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.scenario.console import PlainConsole

_PIPED_WIDTH = 132  # columns of a table that goes to a file or to another program


def out_console() -> "PlainConsole":
    """The console that prints tables on standard output."""
    from sim.scenario.console import PlainConsole

    return PlainConsole(width=None if sys.stdout.isatty() else _PIPED_WIDTH)


def _no_progress(_done: int, _total: int) -> None:
    """Show no progress."""


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _no_progress
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from sim.scenario.console import PlainConsole

    description = TextColumn("{task.description}", markup=False)
    columns = (description, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=PlainConsole(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
