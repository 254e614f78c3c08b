"""When a base is open: spells of weather below its minima, as chance has them in one replication."""

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
    """When a base is open: the hours at which that changes, by turns."""

    changes: list[float]
    open_at_first: bool

    def is_open(self, hour: float) -> bool:
        """Whether it is open at an hour."""
        return self.open_at_first != bool(bisect_right(self.changes, hour) % 2)

    def opens_after(self, hour: float) -> float:
        """The first hour from this one on at which it is open; infinite if it never opens again."""
        if self.is_open(hour):
            return hour
        later = bisect_right(self.changes, hour)
        return self.changes[later] if later < len(self.changes) else math.inf


def realise_openings(closed: Closed, key: Entities, name: str, end_h: float) -> Openings:
    """When a base is open in one replication, up to an hour: exponential spells by turns, stationary at hour 0."""
    source, means = chance.identity("closed", name), (closed.mean_open_h, closed.mean_closed_h)
    first = chance.uniform(key, Purpose.CLOSURE, source, np.uint64(0)) * sum(means) < means[0]
    when, changes, is_open = 0.0, list[float](), first
    while when < end_h:
        luck = chance.uniform(key, Purpose.CLOSURE, source, np.uint64(len(changes) + 1))
        when -= np.log(luck) * means[0 if is_open else 1]
        changes.append(float(when))
        is_open = not is_open
    return Openings(changes, first)
