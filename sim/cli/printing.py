"""What the command line prints besides tables: lines of text, in which hidden characters are escapes, and commands."""

import shlex
from pathlib import Path
from typing import Any

import click

from sim.core.text import visible, visible_lines

_NO_ARGUMENTS = getattr(click.exceptions, "NoArgsIsHelpError", ())  # Click has it from 8.2 on


def print_line(text: object) -> None:
    """Print a text on standard output, on as many lines as it has."""
    click.echo(visible_lines(str(text)))


def print_message(text: object) -> None:
    """Print a message on standard error, on as many lines as it has."""
    click.echo(visible_lines(str(text)), err=True)


def print_warning(message: object) -> None:
    """Print a warning on standard error, on one line."""
    print_message(f"warning: {visible(message)}")


def show_warning(
    message: Warning | str, category: Any, filename: str, lineno: int, file: Any = None, line: str | None = None
) -> None:
    """Print a warning of Python on one line, without the place in the code; it can replace `warnings.showwarning`."""
    del category, filename, lineno, file, line
    print_warning(message)


def print_usage_error(error: click.ClickException) -> None:
    """Print an error in the options and arguments of a command line, as Click words it."""
    if isinstance(error, _NO_ARGUMENTS):
        print_message(error.format_message())  # the whole help
        return
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        print_message(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n")
    print_message(f"Error: {visible(error.format_message())}")


def command_text(*words: str | Path) -> str:
    """Return a command on one line, quoted for a shell, so that the shell never takes a name for a command."""
    return visible(shlex.join(map(str, words)))
