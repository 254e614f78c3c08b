"""Piecewise-linear motion of many vessels, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Fleet(NamedTuple):
    """Vessels of one source before they are joined with others: segments, whose they are, identities, numbers."""

    rows: Floats
    owner: NDArray[np.int64]
    vessels: NDArray[np.uint64]
    labels: NDArray[np.str_]


def no_fleet() -> Fleet:
    """No vessel at all."""
    return Fleet(np.zeros((0, 6)), np.zeros(0, np.int64), np.zeros(0, np.uint64), np.zeros(0, np.str_))


class Way(NamedTuple):
    """The straight way to a vessel: when and where one meets it, how long it keeps its course, how far it is now."""

    meet_h: float
    x: float
    y: float
    turn_h: float
    end_h: float
    range_nmi: float
    vx: float
    vy: float


@dataclass(frozen=True)
class Tracks:
    """Straight segments of vessels, sorted by their beginning.

    `rows` (n, 6): t0, t1, x0, y0, vx, vy, in hours, nmi and knots; a segment exists in [t0, t1). `owner` (n,): whose it
    is. `vessels` (m,): identities; `labels` (m,): names. `reach` (n,): the running maximum of t1, by which a search in
    time skips what is over.
    """

    rows: Floats
    owner: NDArray[np.int64]
    vessels: NDArray[np.uint64]
    labels: NDArray[np.str_]
    reach: Floats

    @classmethod
    def of(cls, rows: Floats, owner: NDArray[np.int64], vessels: NDArray[np.uint64], labels: NDArray[np.str_]) -> Self:
        """Sort segments by their beginning."""
        order = np.argsort(rows[:, 0], kind="stable")
        rows = np.ascontiguousarray(rows[order])
        return cls(rows, owner[order], vessels, labels, np.maximum.accumulate(rows[:, 1]))

    @classmethod
    def together(cls, fleets: Sequence[Fleet]) -> Self:
        """Several fleets as one; the vessels keep their order."""
        fleets = [no_fleet(), *fleets]
        first = np.cumsum([0, *(fleet.vessels.size for fleet in fleets[:-1])])
        owner = np.concatenate([fleet.owner + offset for fleet, offset in zip(fleets, first, strict=True)])
        return cls.of(
            np.vstack([fleet.rows for fleet in fleets]),
            owner,
            np.concatenate([fleet.vessels for fleet in fleets]),
            np.concatenate([fleet.labels for fleet in fleets]),
        )

    @cached_property
    def _by_vessel(self) -> tuple[NDArray[np.int64], list[int]]:
        """The rows vessel by vessel, and where each vessel's begin."""
        order = np.argsort(self.owner, kind="stable")
        starts = np.searchsorted(self.owner[order], np.arange(self.vessels.size + 1))
        return order, starts.tolist()

    def way_to(self, vessel: int, t: float, x: float, y: float, speed: float) -> Way:
        """The straight way at `speed`, kn, from (x, y) to a vessel as it moves at t."""
        from sim import kernels

        order, starts = self._by_vessel
        return Way(*kernels.intercept(self.rows, order, starts[vessel], starts[vessel + 1], t, x, y, speed))
