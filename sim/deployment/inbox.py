"""What the engine hands to an aircraft, what the aircraft keeps in mind, and what a sortie leaves behind."""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from sim.core import codes
from sim.core.arrays import Entities, Flags, Floats
from sim.core.motion import Motion
from sim.deployment.patrols import PatrolPlan
from sim.model.cells import CellState
from sim.model.environment import Weather

_FIRST_ROWS = 256


@dataclass(frozen=True)
class Spells:
    """When a base is open: hours at which that changes, by turns."""

    changes: list[float]
    open_at_first: bool

    def open(self, hour: float) -> bool:
        """Whether it is open at an hour."""
        return self.open_at_first != bool(bisect_right(self.changes, hour) % 2)

    def opens_after(self, hour: float) -> float:
        """The first hour from this one on at which it is open."""
        if self.open(hour):
            return hour
        later = bisect_right(self.changes, hour)
        return self.changes[later] if later < len(self.changes) else math.inf


@dataclass
class Inbox:
    """What the engine hands to the aircraft: the targets that can change a flight, the weather, where to report.

    The first `pairs` vessels of `targets` are transfers. `report` takes time, event, patrol, sortie, vessel, x, y and
    a detail.
    """

    key: Entities
    targets: Motion
    pairs: int
    report: Callable[..., None]
    weather: Weather
    winds: Floats
    """(n, 3): hour from which each holds, components; one row of zeros where the air is still."""
    spells: dict[str, Spells]
    """Of bases that are closed at times."""
    end_h: float
    met: Flags
    """Which targets came within range of a sensor that could see them before the deployment's end."""
    identified: dict[str, dict[int, float]] = field(default_factory=dict)
    """By nation, or patrol without one: when each vessel was last identified."""
    cells: dict[str, CellState] = field(default_factory=dict)
    """What tips there are, by nation."""
    news: Callable[[str | None], Any] = lambda _: None
    """The event of a nation's next report; the aircraft waits for it."""

    @cached_property
    def still(self) -> bool:
        """Whether the air is still throughout."""
        return len(self.winds) == 1 and not self.winds[0, 1:].any()


class TipFlown(NamedTuple):
    """How a sortie followed a tip: from when, when it could be there, until when, and which transfers it documented.

    `about`: the transfers that the tip's reports were about as it left for it, rows of the sharing's table.
    """

    nation: str
    tip: int
    begin_h: float
    there_h: float
    end_h: float
    documented: list[int]
    about: frozenset[int]


@dataclass
class Sortie:
    """One flight as flown."""

    patrol: str
    number: int
    takeoff_h: float
    landing_h: float
    flown: Floats
    """Legs (n, 7): t0, t1, x0, y0, x1, y1, phase."""
    investigations: list[tuple[float, int, str]]
    """When each began, of which target, and what led to it."""
    found: Floats
    """When each of the targets that it detected was."""
    never_looked_at: int
    """Contacts worth a look that nobody looked at, detected before the deployment's end."""
    came: dict[int, int]
    """How far each transfer came that it did something for, see `sim.deployment.contacts`."""
    tips: list[TipFlown] = field(default_factory=list)


def until(flown: Floats, end: float) -> Floats:
    """Legs as flown (n, 6 or more) up to an hour: what happens after the deployment's end is not observed."""
    flown = flown[flown[:, 0] < end].copy()
    late = flown[:, 1] > end
    share = ((end - flown[late, 0]) / (flown[late, 1] - flown[late, 0]))[:, None]
    flown[late, 4:6] = flown[late, 2:4] + share * (flown[late, 4:6] - flown[late, 2:4])
    flown[late, 1] = end
    return flown


class Memory:
    """What the kernel keeps of the targets during a sortie; one patrol's sorties use the same arrays in turn."""

    def __init__(self, plan: PatrolPlan, met: Flags) -> None:
        """Room for as many targets as there are marks of those that were in range."""
        self.eyes = plan.eyes_of_slots()
        self.blank = np.zeros((codes.MEMORY_ROWS, len(plan.eyes), met.size))
        self.blank[codes.THRESHOLD], self.blank[codes.RANGE_FELL] = -1.0, -np.inf
        self.numbers, self.look = self.blank.copy(), np.zeros(met.size + 1, np.int64)
        self.marks, self.met = np.zeros((codes.MARKS, met.size), bool), met
        self.waiting, self.kept = self.marks[codes.WAITING], (self.numbers, self.look, self.marks)
        self.found = np.empty((met.size, 3))
        self.flown = np.empty((_FIRST_ROWS, 7))
        self.observed, self.at_end = True, self.marks[codes.MET]
        self.range, self.notice = plan.notice_nmi, np.zeros((met.size, 2))
        self.calm: tuple[Any, Any] | None = None
        """The ways home, once known, of flights that nothing disturbs: only the limits in them are a flight's own."""

    def note(self) -> None:
        """Keep which targets came within range, up to the deployment's end."""
        self.met |= self.marks[codes.MET] if self.observed else self.at_end

    def stop_observing(self) -> None:
        """Whatever comes within range from now on is not observed."""
        self.at_end, self.observed = self.marks[codes.MET].copy(), False

    def clear(self) -> None:
        """Forget everything."""
        self.observed = True
        self.notice[:, 1] = self.range
        self.numbers[: codes.SCRATCH] = self.blank[: codes.SCRATCH]
        self.marks[:] = False
