"""What the engine hands to an aircraft: it knows nothing else of the world."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sim.core.arrays import Entities, Flags, Floats
from sim.core.motion import Motion
from sim.deployment.bases import Openings
from sim.model.cells import CellState
from sim.model.weather import Weather


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
    openings: dict[str, Openings]
    """When each base is open that is closed at times."""
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
