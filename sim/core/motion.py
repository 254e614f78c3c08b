"""Piecewise-linear motion of many vessels, as arrays."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from sim.core.arrays import Entities, Floats, Ints, Labels


class Fleet(NamedTuple):
    """Vessels of one source before they are joined with others.

    Segments (n, 6), whose they are (n,); identities, names, classes (what a sensor's law depends on) and traits (what
    a crew may know of them, see `sim.deployment.contacts`), (m,).
    """

    rows: Floats
    owner: Ints
    vessels: Entities
    labels: Labels
    kinds: Ints
    traits: Ints


def plain_fleet(rows: Floats, owner: Ints, vessels: Entities, labels: Labels) -> Fleet:
    """Vessels all of one class, with no traits."""
    none = np.zeros(vessels.size, np.int64)
    return Fleet(rows, owner, vessels, labels, none, none)


def labels_of(source: str, ordinals: Ints) -> Labels:
    """The names of a source's vessels (m,): `fuel-3` from 0 on; `fuel-before-2` counts back before its beginning."""
    before = ordinals < 0
    numbers = np.where(before, -1 - ordinals, ordinals).astype(str)
    return np.char.add(np.where(before, f"{source}-before-", f"{source}-"), numbers)


def no_fleet() -> Fleet:
    """No vessel at all."""
    return plain_fleet(np.zeros((0, 6)), np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.str_))


class Rendezvous(NamedTuple):
    """The straight way to a vessel: when and where one meets it, how long it keeps its course, how far it is now."""

    meet_h: float
    x: float
    y: float
    turn_h: float
    end_h: float
    range_nmi: float
    vx: float
    vy: float
    ground_x: float = 0.0
    """Velocity over the ground at first, in winds that change."""
    ground_y: float = 0.0
    hold_h: float = math.inf
    """Until when that holds; infinite where the wind does not change."""
    via: tuple[float, float] | None = None
    """The first corner of a way that leads round something."""


@dataclass(frozen=True)
class Motion:
    """Straight segments of vessels, sorted by their beginning.

    `rows` (n, 6): t0, t1, x0, y0, vx, vy, in hours, nmi and knots; a segment exists in [t0, t1). `owner` (n,): whose it
    is. `vessels` (m,): identities; `labels`, `kinds`, `traits` (m,): see `Fleet`. `reach` (n,): the running maximum of
    t1, by which a search in time skips what is over.
    """

    rows: Floats
    owner: Ints
    vessels: Entities
    labels: Labels
    kinds: Ints
    traits: Ints
    reach: Floats

    @classmethod
    def of(cls, fleet: Fleet) -> Self:
        """Sort segments by their beginning."""
        order = np.argsort(fleet.rows[:, 0], kind="stable")
        rows = np.ascontiguousarray(fleet.rows[order])
        reach = np.maximum.accumulate(rows[:, 1])
        return cls(rows, fleet.owner[order], fleet.vessels, fleet.labels, fleet.kinds, fleet.traits, reach)

    @classmethod
    def together(cls, fleets: Sequence[Fleet]) -> Self:
        """Several fleets as one; the vessels keep their order."""
        fleets = [no_fleet(), *fleets]
        first = np.cumsum([0, *(fleet.vessels.size for fleet in fleets[:-1])])
        owner = np.concatenate([fleet.owner + offset for fleet, offset in zip(fleets, first, strict=True)])
        rows = np.vstack([fleet.rows for fleet in fleets])
        columns = (np.concatenate([fleet[column] for fleet in fleets]) for column in range(2, len(Fleet._fields)))
        return cls.of(Fleet(rows, owner, *columns))

    @cached_property
    def _by_vessel(self) -> tuple[Ints, Ints]:
        """The rows vessel by vessel, and where each vessel's begin."""
        order = np.argsort(self.owner, kind="stable")
        return order, np.searchsorted(self.owner[order], np.arange(self.vessels.size + 1))

    def ways_to(self, vessels: Sequence[int], t: float, x: float, y: float, speed: float, winds: Floats) -> Floats:
        """The straight ways at an airspeed, kn, from (x, y) to vessels as they move at t, in winds (n, 3) to come.

        A row a vessel, each to be read as `Rendezvous(*row)`.
        """
        from sim.core import kernels

        who = np.array(vessels, np.int64)
        ways: Floats = kernels.rendezvous_with(self.rows, *self._by_vessel, who, t, x, y, speed, winds)
        return ways

    def exists(self, vessel: int, when: float) -> bool:
        """Whether a vessel is anywhere at a moment."""
        order, starts = self._by_vessel
        rows = self.rows[order[starts[vessel] : starts[vessel + 1]]]
        return bool(np.any((rows[:, 0] <= when) & (when < rows[:, 1])))

    def place_at(self, vessel: int, when: float) -> tuple[float, float]:
        """Where a vessel is at a moment at which it exists."""
        order, starts = self._by_vessel
        for row in self.rows[order[starts[vessel] : starts[vessel + 1]]].tolist():
            if row[0] <= when < row[1]:
                return row[2] + row[4] * (when - row[0]), row[3] + row[5] * (when - row[0])
        raise ValueError("the vessel does not exist then")
