"""How far some work is: the function that is told so, a count that never goes back, and work in several steps."""

from collections.abc import Callable
from dataclasses import dataclass

Progress = Callable[[int, int], None]
"""A function that is called with the number of replications done so far, and the number to do."""


def no_progress(done: int, total: int) -> None:
    """Show no progress."""


@dataclass
class Done:
    """The replications that are done, of which `progress` is told; it is never told of fewer than before."""

    progress: Progress
    total: int
    """How many there will be, by estimate."""
    count: int = 0
    shown: int = 0

    def add(self, more: int) -> None:
        """Count replications whose results are there."""
        self.count += more
        self.under_way(0)

    def under_way(self, more: int) -> None:
        """Show, besides those that are counted, some whose results are not there yet."""
        self.shown = max(self.shown, self.count + more)
        self.progress(min(self.shown, self.total), self.total)


class Steps:
    """The progress of several pieces of work, one after the other, as that of one."""

    def __init__(self, progress: Progress, total: int) -> None:
        """Begin with nothing done of a total of all pieces."""
        self._progress, self._total, self._before = progress, total, 0

    def begin(self, count: int) -> Progress:
        """The progress of the next piece, of which `count` is to be done."""
        before = self._before
        self._before += count
        return lambda done, _: self._progress(min(before + done, self._total), self._total)
