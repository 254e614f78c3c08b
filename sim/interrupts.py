"""Signals that end a command: Ctrl-C, a request to terminate, and a terminal that is closed."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from sim.printing import print_message

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_TIDYING_S = 3.0  # after a signal, during which others are ignored: they would leave files and processes behind


class _Interrupted(KeyboardInterrupt):
    """A signal has ended the command."""

    def __init__(self, number: int) -> None:
        """Keep the number of the signal."""
        self.number = number
        super().__init__(number)


def ended_by_signals(command: Callable[[], int]) -> int:
    """Carry out a command and return its exit code.

    Where a signal ends it, that is said, and the exit code is 128 plus the number of the signal, as shells have it.
    """
    try:
        with _interrupted():
            return command()
    except (KeyboardInterrupt, click.exceptions.Abort) as stop:
        number = stop.number if isinstance(stop, _Interrupted) else signal.SIGINT
        print_message("interrupted" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}")
        return 128 + number


@contextmanager
def _interrupted() -> Iterator[None]:
    """Interrupt where a signal asks the command to end; a signal that is ignored, as by `nohup`, stays so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    begun = -_TIDYING_S

    def interrupt(number: int, _frame: Any) -> None:
        nonlocal begun
        if time.monotonic() - begun >= _TIDYING_S:
            begun = time.monotonic()
            raise _Interrupted(number)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    heeded = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in heeded:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)
