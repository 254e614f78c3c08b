"""What the engine hands to an aircraft: targets, weather, bases, tips, and where to report.

An aircraft knows nothing else of the world.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from sim.core.arrays import Entities, Flags, Floats
from sim.core.motion import Motion
from sim.deployment.bases import Openings
from sim.deployment.events import Event
from sim.model.cells import CellState
from sim.model.weather import Weather


class Encounter(NamedTuple):
    """A pair and an aircraft that comes within the range in which the pair may notice it."""

    hour: float
    """When it comes within range, or the pair alongside within its range."""
    target: int
    vessels: int
    """Identity of the pair."""
    answer: str
    """What the pair does: "" if it notices nothing, else `goes on`, `casts off` or `lies low`."""
    parts_h: float
    """When it parts because of the aircraft; infinite if it does not."""


class Visitor(NamedTuple):
    """A sortie, as pairs alongside meet it: its patrol and number, and the identity and the number of its luck."""

    patrol: str
    sortie: int
    identity: np.uint64
    number: np.uint64


class Watch(Protocol):
    """The watch that pairs alongside keep for aircraft, as an aircraft meets it."""

    def encounters(self, visitor: Visitor, flown: Floats, since_h: float, met: set[int]) -> list[Encounter]:
        """Return the first encounter of a sortie with each pair on legs as flown (n, 7), from an hour on, by hour.

        `met`: the identities of the pairs that the sortie has met before.
        """

    def take_in(self, visitor: Visitor, encounters: Sequence[Encounter]) -> None:
        """Let pairs answer to encounters that have happened."""


@dataclass
class Inbox:
    """What the engine hands to the aircraft of one replication: all that can change a flight, and where to report."""

    key: Entities
    """The key of the replication, from which every random number follows."""
    targets: Motion
    """The vessels that can change a flight; the first `pairs` of them are transfers."""
    pairs: int
    report_all: Callable[[Sequence[Event]], None]
    """Takes what happened, in order."""
    weather: Weather
    winds: Floats
    """(n, 3): hour from which each wind holds, and its components; one row of zeros where the air is still."""
    openings: dict[str, Openings]
    """When each base is open that is closed at times, by name."""
    end_h: float
    """The end of the deployment: what happens later is not observed."""
    came_in_range: Flags
    """Which targets came within range of a sensor that could see them before the deployment's end, (m,)."""
    last_identified_h: dict[str, Floats] = field(default_factory=dict)
    """For each `PatrolPlan.identification_record`: when each vessel was last identified, (m,); -inf for never."""
    cells: dict[str, CellState] = field(default_factory=dict)
    """What the cell of each nation knows, by nation."""
    news: Callable[[str | None], Any] = lambda _: None
    """Returns the SimPy event of a nation's next report, for which its crews wait."""
    next_event_h: Callable[[], float] = lambda: -math.inf
    """Returns the hour of the next event of the simulation: before it nobody else does anything."""
    watch: Watch | None = None
    """The watch that pairs keep; None where no vessel answers to anything that an aircraft does."""
    parted: list[int] = field(default_factory=list)
    """The pairs, by number among the targets, that have parted early or come alongside again so far, in order."""
    sea_revision: int = 0
    """How often the sea has changed; `targets` holds the motion after the last change."""
    sea_news: Any = None
    """The SimPy event of the next change at sea, for which aircraft in the air wait."""

    def change_sea(self, parted: Sequence[int]) -> None:
        """Call back the aircraft in the air that have flown beyond now, because the sea changes."""
        self.parted += parted
        self.sea_revision += 1
        if self.sea_news is not None:
            self.sea_news.succeed()
            self.sea_news = self.sea_news.env.event()

    def last_identified_of(self, record: str) -> Floats:
        """Return when each vessel was last identified by those who keep a record, (m,); they all write into it."""
        return self.last_identified_h.setdefault(record, np.full(self.targets.vessels.size, -np.inf))

    @cached_property
    def still_air(self) -> bool:
        """Whether the air is still throughout."""
        return len(self.winds) == 1 and not self.winds[0, 1:].any()
