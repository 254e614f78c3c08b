"""Signals that end a command: Ctrl-C, a request to terminate, and a terminal that is closed."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from sim.cli.printing import print_message

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_TIDYING_S = 3.0  # after a signal, others are ignored for so long: they would leave files and processes behind


class _Interrupted(KeyboardInterrupt):
    """A signal has ended the command."""

    def __init__(self, number: int) -> None:
        """Keep the number of the signal."""
        self.number = number
        super().__init__(number)


def exit_code_of(command: Callable[[], int]) -> int:
    """Carry out a command and return its exit code.

    Where a signal ends it, a message says so, and the exit code is 128 plus the number of the signal, as in shells.
    """
    try:
        with _signals_raised():
            return command()
    except (KeyboardInterrupt, click.exceptions.Abort) as stop:
        number = stop.number if isinstance(stop, _Interrupted) else signal.SIGINT
        print_message("interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}")
        return 128 + number


@contextmanager
def _signals_raised() -> Iterator[None]:
    """Raise `_Interrupted` where a signal asks the command to end; what is ignored, as by `nohup`, stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    tidying_since = -_TIDYING_S

    def interrupt(number: int, _frame: Any) -> None:
        nonlocal tidying_since
        if time.monotonic() - tidying_since >= _TIDYING_S:
            tidying_since = time.monotonic()
            raise _Interrupted(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    replaced = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in replaced:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in replaced.items():
            signal.signal(number, handler)
