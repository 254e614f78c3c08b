"""Signals that end a command: Ctrl-C, a request to terminate, and a terminal that is closed."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from sim.cli.printing import print_message

_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
_TIDYING_S = 3.0  # after a signal, others are ignored for so long: they would leave files and processes behind
_AGAIN_S = 4.0  # a signal that has not ended the command within this time is raised again
_SOON_S = 0.05  # a signal that Python says it has dropped is raised again after this time


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
    """Raise `_Interrupted` where a signal asks the command to end; what is ignored, as by `nohup`, stays ignored.

    Python drops an exception that comes while an object is destroyed or a library calls back, and some libraries catch
    all exceptions. So it is raised again: soon where Python says that it has dropped it, else after a while.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    tidying_since = -_TIDYING_S

    def interrupt(number: int, _frame: Any) -> None:
        nonlocal tidying_since
        if time.monotonic() - tidying_since >= _TIDYING_S:
            tidying_since = time.monotonic()
            _call_after(_AGAIN_S, lambda: interrupt(number, None))
            raise _Interrupted(number)

    def dropped(what: "sys.UnraisableHookArgs") -> None:
        nonlocal tidying_since
        if not isinstance(what.exc_value, _Interrupted):
            hook(what)
            return
        number, tidying_since = what.exc_value.number, -_TIDYING_S
        _call_after(_SOON_S, lambda: interrupt(number, None))

    hook, sys.unraisablehook = sys.unraisablehook, dropped
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    replaced = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in replaced:
        signal.signal(number, interrupt)
    try:
        with _alarm_kept():
            yield
    finally:
        sys.unraisablehook = hook
        for number, handler in replaced.items():
            signal.signal(number, handler)


def _call_after(seconds: float, action: Callable[[], None]) -> None:
    """Carry out an action in the main thread after some time, in place of an earlier one."""
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, lambda _number, _frame: action())
        signal.setitimer(signal.ITIMER_REAL, seconds)


@contextmanager
def _alarm_kept() -> Iterator[None]:
    """Call off what is still to be carried out in the end, and leave the alarm as it was."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.getsignal(signal.SIGALRM)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
