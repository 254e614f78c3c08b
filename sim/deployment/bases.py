"""When a base is open: random spells of weather above and below its minima, drawn once in each replication."""

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities
from sim.core.codes import Purpose
from sim.model.patrols import Closed


@dataclass(frozen=True)
class Openings:
    """When a base is open: the hours at which it opens and closes by turns."""

    changes: list[float]
    open_at_first: bool

    def is_open(self, hour: float) -> bool:
        """Return whether it is open at an hour."""
        return self.open_at_first != bool(bisect_right(self.changes, hour) % 2)

    def opens_after(self, hour: float) -> float:
        """Return the first hour from this one on at which it is open; infinite if it does not open again."""
        if self.is_open(hour):
            return hour
        later = bisect_right(self.changes, hour)
        return self.changes[later] if later < len(self.changes) else math.inf


def realise_openings(closed: Closed, key: Entities, name: str, end_h: float) -> Openings:
    """Return when a base is open in one replication, up to an hour.

    Open and closed spells follow one another, each exponential with its mean. The process is stationary at hour 0: the
    base is open then with its share of the time, and what is left of an exponential spell is exponential again.
    """
    source, means = chance.identity("closed", name), (closed.mean_open_h, closed.mean_closed_h)
    first = chance.uniform(key, Purpose.CLOSURE, source, np.uint64(0)) * sum(means) < means[0]
    when, changes, is_open = 0.0, list[float](), first
    while when < end_h:
        luck = chance.uniform(key, Purpose.CLOSURE, source, np.uint64(len(changes) + 1))
        when -= np.log(luck) * means[0 if is_open else 1]
        changes.append(float(when))
        is_open = not is_open
    return Openings(changes, first)
