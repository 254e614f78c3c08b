"""The motion of many vessels as straight segments in arrays: where each is when, and how an aircraft meets it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple, Self

import numpy as np

from sim.core.arrays import Entities, Floats, Ints, Labels


class Fleet(NamedTuple):
    """The m vessels of one source, and the n segments of their motion, before they are joined with other sources.

    `rows` (n, 6): the segments, see `Motion`. `owner` (n,): the number of the vessel of each segment. `vessels` (m,):
    identities. `labels` (m,): names. `kinds` (m,): classes, on which the law of a sensor depends. `traits` (m,): what a
    crew may know of a vessel, see `sim.deployment.contacts`.
    """

    rows: Floats
    owner: Ints
    vessels: Entities
    labels: Labels
    kinds: Ints
    traits: Ints


def fleet_without_traits(rows: Floats, owner: Ints, vessels: Entities, labels: Labels) -> Fleet:
    """Return vessels that are all of one class and have no traits."""
    none = np.zeros(vessels.size, np.int64)
    return Fleet(rows, owner, vessels, labels, none, none)


def labels_of(source: str, ordinals: Ints) -> Labels:
    """Return the names of vessels of a source, (m,): `fuel-3` for the ordinal 3, `fuel-before-2` for -3."""
    before = ordinals < 0
    numbers = np.where(before, -1 - ordinals, ordinals).astype(str)
    return np.char.add(np.where(before, f"{source}-before-", f"{source}-"), numbers)


def empty_fleet() -> Fleet:
    """Return a fleet of no vessels."""
    return fleet_without_traits(np.zeros((0, 6)), np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.str_))


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
    """The straight segments of vessels, sorted by their beginning.

    `rows` (n, 6): t0, t1, x0, y0, vx, vy, in hours, nmi and knots; a segment exists in [t0, t1). `owner` (n,): the
    number of its vessel. `vessels`, `labels`, `kinds`, `traits` (m,): see `Fleet`. `reach` (n,): the running maximum of
    t1; since it rises, a search by bisection skips the segments that are all over by an hour. `fleets` (m,): the number
    of the fleet that each vessel is of, where several are joined.
    """

    rows: Floats
    owner: Ints
    vessels: Entities
    labels: Labels
    kinds: Ints
    traits: Ints
    reach: Floats
    fleets: Ints

    @classmethod
    def of(cls, fleet: Fleet, fleets: Ints | None = None) -> Self:
        """Return the motion of a fleet: its segments sorted by their beginning; `fleets` is 0 if it is left out."""
        fleets = np.zeros(fleet.vessels.size, np.int64) if fleets is None else fleets
        order = np.argsort(fleet.rows[:, 0], kind="stable")
        rows = np.ascontiguousarray(fleet.rows[order])
        reach = np.maximum.accumulate(rows[:, 1])
        return cls(rows, fleet.owner[order], fleet.vessels, fleet.labels, fleet.kinds, fleet.traits, reach, fleets)

    @classmethod
    def of_fleets(cls, fleets: Sequence[Fleet], numbers_of_fleets: Sequence[int] | None = None) -> Self:
        """Return the motion of several fleets together; the vessels keep their order.

        `numbers_of_fleets` are the numbers of the fleets, of which several may have one; if it is left out, they are
        counted from 0.
        """
        each = np.arange(len(fleets)) if numbers_of_fleets is None else np.array(numbers_of_fleets, np.int64)
        numbers = np.repeat(each, [fleet.vessels.size for fleet in fleets])
        fleets = [empty_fleet(), *fleets]
        first = np.cumsum([0, *(fleet.vessels.size for fleet in fleets[:-1])])
        owner = np.concatenate([fleet.owner + offset for fleet, offset in zip(fleets, first, strict=True)])
        rows = np.vstack([fleet.rows for fleet in fleets])
        columns = (np.concatenate([fleet[column] for fleet in fleets]) for column in range(2, len(Fleet._fields)))
        return cls.of(Fleet(rows, owner, *columns), numbers)

    @cached_property
    def by_vessel(self) -> tuple[Ints, Ints]:
        """The numbers of the rows vessel by vessel, (n,), and where each vessel's begin among them, (m + 1,)."""
        order = np.argsort(self.owner, kind="stable")
        return order, np.searchsorted(self.owner[order], np.arange(self.vessels.size + 1))

    def between(self, begin_h: float, end_h: float) -> tuple[Floats, Ints, Floats]:
        """Return the segments that last at some time between two hours: rows (k, 6), owner (k,) and reach (k,)."""
        last = int(np.searchsorted(self.rows[:, 0], end_h, side="right"))
        kept = np.flatnonzero(self.rows[:last, 1] > begin_h)
        rows = self.rows[kept]
        return rows, self.owner[kept], np.maximum.accumulate(rows[:, 1])

    @cached_property
    def _rendezvous_with(self) -> Callable[..., Floats]:
        """The compiled function with the rows; it is asked at each choice of a contact, so it is looked up once."""
        from sim.core import kernels

        return partial(kernels.rendezvous_with, self.rows, *self.by_vessel)

    def rendezvous(self, vessels: Sequence[int], t: float, x: float, y: float, speed: float, winds: Floats) -> Floats:
        """Return when and where an aircraft meets vessels, (k, 11): a row for each, to be read as `Rendezvous(*row)`.

        The aircraft flies straight from (x, y) at an airspeed, knots, to the vessels as they move at hour t, in winds
        (n, 3): the hour from which each holds, and its components in knots.
        """
        meetings: Floats = self._rendezvous_with(np.array(vessels, np.int64), t, x, y, speed, winds)
        return meetings

    def exists_at(self, vessel: int, when: float) -> bool:
        """Return whether a vessel exists at an hour."""
        order, starts = self.by_vessel
        rows = self.rows[order[starts[vessel] : starts[vessel + 1]]]
        return bool(np.any((rows[:, 0] <= when) & (when < rows[:, 1])))

    def place_at(self, vessel: int, when: float) -> tuple[float, float]:
        """Return where a vessel is at an hour, nmi; raises ValueError if it does not exist then."""
        order, starts = self.by_vessel
        for row in self.rows[order[starts[vessel] : starts[vessel + 1]]].tolist():
            if row[0] <= when < row[1]:
                return row[2] + row[4] * (when - row[0]), row[3] + row[5] * (when - row[0])
        raise ValueError(f"vessel {vessel} does not exist at hour {when:g}")
