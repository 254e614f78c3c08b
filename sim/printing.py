"""What the command line prints besides its answers: messages, warnings, progress, and what went wrong."""

import os
import sys
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from sim.streams import output_fault
from sim.world_faults import world_fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

DONE, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
_PIPED_WIDTH = 132  # columns of a table that goes to a file or to another program


def out_console() -> "Console":
    """The console that prints tables on standard output."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, highlight=False)


def print_message(text: str) -> None:
    """Print a message on standard error."""
    click.echo(text, err=True)


def warn(message: str) -> None:
    """Print a warning on standard error."""
    print_message(f"warning: {message}")


def _no_progress(_done: int, _total: int) -> None:
    """Show no progress."""


@contextmanager
def progress_bar(label: str) -> "Iterator[Callable[[int, int], None]]":
    """Show a progress bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield _no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def report_error(error: Exception) -> int:
    """Print what is wrong and return the exit code. Nothing is loaded for that, since there may be no memory for it."""
    problems = sys.modules.get("sim.scenario.problems")
    if problems is not None and isinstance(error, problems.InputError):
        count = len(error.problems)
        print_message(f"error: {error}" if count == 1 else f"error: {count} problems\n{error}")
        return BAD_INPUT
    fault = world_fault(error)
    if os.environ.get("SEASWEEP_DEBUG"):
        raise error
    if fault is not None:
        print_message(f"error: {fault}")
        return FAILED
    print_message(
        f"error: seasweep failed: {type(error).__name__}: {error}\n"
        "This is a fault of seasweep: please report it with the traceback that SEASWEEP_DEBUG=1 prints."
    )
    return FAILED


def report_cache() -> None:
    """Warn of compiled code that could not be kept, or not be used, where a command had to do with any."""
    if "sim.core.kernels.cache" in sys.modules:
        from sim.core.kernels.cache import notices

        for notice in notices():
            warn(notice)


def report_output() -> int:
    """Report that standard output could not be written to; the exit code, 0 where it could."""
    fault = output_fault()
    if fault is None:
        return DONE
    print_message(f"error: standard output could not be written to: {world_fault(fault) or fault}")
    return FAILED
