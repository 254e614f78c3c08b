"""What every source of background traffic must answer once it is made ready for replications.

Each source lays out its ships as straight segments, from the key of a replication and nothing else: where patrols
fly changes no ship. A crew may investigate ships with a trait; all others are laid out only where an output asks for
them.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from sim.core.arrays import Entities, Floats, Ints
from sim.core.motion import Fleet
from sim.model.background.base import Background
from sim.model.vessels import Hulls
from sim.scenario.schema import Scenario


class SourceShape(NamedTuple):
    """What a map draws of a source of background traffic."""

    label: str
    """What the shape is, for the legend of a map or the list beside the map."""
    shape: Any
    """A shape on the plane: a polygon, which is drawn as an outline, or a line along which ships go."""
    ships_a_day: float | None = None
    """The mean number of ships that go along a line in a day, in both directions; None for an outline."""


class SegmentBuffers:
    """Arrays for the segments of ships, which the next replication uses again.

    New arrays in each replication would cost a tenth of its time, because the system has to provide new pages.
    """

    def __init__(self) -> None:
        """Begin without arrays; they are made when they are asked for."""
        self._arrays: dict[tuple[str, bool], tuple[Floats, Ints]] = {}

    def reserve(self, name: str, suspicious: bool, size: int, used: int) -> tuple[Floats, Ints]:
        """Rows (s, 6) and owners (s,) for s >= `size` segments of one fleet of a source; the first `used` are kept."""
        arrays = self._arrays.get((name, suspicious))
        if arrays is None or len(arrays[1]) < size:
            larger = np.empty((size, 6)), np.empty(size, np.int64)
            for new, old in zip(larger, arrays or larger, strict=True):
                new[:used] = old[:used]
            arrays = self._arrays[name, suspicious] = larger
        return arrays


class TrafficPlan(ABC):
    """One source of background traffic, made ready: all that is the same in every replication."""

    kind: ClassVar[str]
    """The kind of source, as a table of [background] names it."""
    _plans: ClassVar[dict[str, type["TrafficPlan"]]] = {}

    name: str
    """The name of the table of the source."""
    spec: Background
    """Its keys."""
    duration_h: float
    """The length of the deployment, hours."""

    def __init_subclass__(cls) -> None:
        """Register the plan of a kind of source; a base class of several plans names no kind."""
        if "kind" in vars(cls):
            TrafficPlan._plans[cls.kind] = cls

    @classmethod
    def of_kind(cls, kind: str) -> type["TrafficPlan"]:
        """The plan of a kind of source."""
        return cls._plans[kind]

    @classmethod
    @abstractmethod
    def of(cls, scenario: Scenario, name: str) -> Self:
        """Make a source of a scenario ready."""

    @abstractmethod
    def realise(self, key: Entities, all_ships: bool, buffers: SegmentBuffers) -> tuple[Fleet, Fleet | None]:
        """The ships of the source in one replication, as two fleets; `key` is the key of the replication, (2,).

        The first fleet has the ships with any trait, which a crew might investigate. The second has all others; it is
        None unless `all_ships` asks for it. The segments of both may lie in `buffers`, so they hold until the next
        replication uses the same buffers.
        """

    @abstractmethod
    def present_by_class(self, begin_h: float, end_h: float, shape: Any = None) -> dict[Hulls, float]:
        """The mean number of targets present at a time between two hours, by class.

        Only targets in `shape`, a shape on the plane, count; all targets if `shape` is left out. A pair that moves as
        one target counts once.
        """

    def mean_present(self, begin_h: float, end_h: float, shape: Any = None) -> float:
        """The mean number of targets of all classes present at a time between two hours; in a shape, or anywhere."""
        return sum(self.present_by_class(begin_h, end_h, shape).values())

    @abstractmethod
    def density(self, x: Floats, y: Floats, begin_h: float, end_h: float) -> dict[Hulls, Floats]:
        """The mean number of targets in a square nautical mile about places on the plane (n,), by class, (n,) each.

        The number is the mean over the time between two hours.
        """

    def shapes(self, begin_h: float, end_h: float) -> list[SourceShape]:
        """What a map draws of the source: the lines of a lane, the area of a fleet; by default nothing.

        The flow along a line is its mean between two hours.
        """
        return []

    @property
    @abstractmethod
    def mean_ships(self) -> float:
        """The mean number of ships that a replication draws."""

    @property
    @abstractmethod
    def segments_per_ship(self) -> float:
        """About how many segments a ship has."""


def plan_traffic(scenario: Scenario, name: str) -> TrafficPlan:
    """Make one source of background traffic ready."""
    return TrafficPlan.of_kind(scenario.background[name].kind).of(scenario, name)
