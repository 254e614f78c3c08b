"""Numbers that change with time along straight lines and by steps: their means, their integrals, and who is present.

A level u, uniform from 0 to 1, makes a number that changes out of ships: of ships that come as often as the greatest
value says, one with level u is present while the value is above u times the greatest. The number present is then
Poisson and its mean is the value, at every moment and not only on average. It is thinning (Lewis & Shedler, Naval
Research Logistics Quarterly 26, 1979) with one mark for the whole life of a ship.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from sim.core.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class Profile:
    """A number from 0 up as a function of time: linear on each of its pieces, with a step between pieces or none.

    `breaks` (n + 1,): hours in ascending order, at which pieces begin and end. `first` and `last` (n,): the value at
    the beginning and at the end of each piece. Before the first break and after the last one the value is that of the
    nearest end.
    """

    breaks: Floats
    first: Floats
    last: Floats

    @classmethod
    def constant(cls, value: float, begin_h: float, end_h: float) -> Self:
        """The same value all the time."""
        return cls(np.array([begin_h, end_h]), np.array([value]), np.array([value]))

    def times(self, other: "Profile") -> "Profile":
        """The product with a profile that has steps only, with the breaks of both profiles."""
        begin, end = self.breaks[0], self.breaks[-1]
        inner = other.breaks[(other.breaks > begin) & (other.breaks < end)]
        breaks = np.union1d(self.breaks, inner)
        middle = 0.5 * (breaks[1:] + breaks[:-1])
        piece, factor = self._piece(middle), other.at(middle)
        ends = (self._on(piece, breaks[:-1]) * factor, self._on(piece, breaks[1:]) * factor)
        return Profile(breaks, *ends)

    def within(self, begin_h: float, end_h: float) -> "Profile":
        """The same values with the breaks that lie between two hours, and with these two hours as breaks."""
        inner = self.breaks[(self.breaks > begin_h) & (self.breaks < end_h)]
        breaks = np.concatenate([[begin_h], inner, [end_h]])
        piece = self._piece(0.5 * (breaks[1:] + breaks[:-1]))
        return Profile(breaks, self._on(piece, breaks[:-1]), self._on(piece, breaks[1:]))

    def _piece(self, hours: Floats) -> Ints:
        """The numbers of the pieces in which hours lie; outside of all pieces, the number of the nearest one."""
        at = np.searchsorted(self.breaks, hours, side="right") - 1
        return np.asarray(np.clip(at, 0, self.first.size - 1), np.int64)

    def _on(self, piece: Ints, hours: Floats) -> Floats:
        """The values at hours of pieces, on the straight line of each."""
        length = np.diff(self.breaks)[piece]
        part = np.clip((hours - self.breaks[piece]) / length, 0.0, 1.0)
        return np.asarray(self.first[piece] + (self.last[piece] - self.first[piece]) * part, float)

    def at(self, hours: Floats) -> Floats:
        """The values at hours of any shape; at a step the value after it."""
        hours = np.asarray(hours, float)
        return self._on(self._piece(hours), hours)

    @cached_property
    def greatest(self) -> float:
        """The greatest value between the first break and the last."""
        return float(max(self.first.max(), self.last.max()))

    @cached_property
    def is_constant(self) -> bool:
        """Whether it has the same value all the time."""
        return bool(min(self.first.min(), self.last.min()) == self.greatest)

    @cached_property
    def _sums(self) -> Floats:
        """The integral up to each break, (n + 1,)."""
        return np.concatenate([[0.0], np.cumsum(0.5 * (self.first + self.last) * np.diff(self.breaks))])

    def integral(self, hours: Floats) -> Floats:
        """The integral from the first break to hours of any shape; negative before it."""
        hours = np.asarray(hours, float)
        piece = self._piece(hours)
        inside = np.clip(hours, self.breaks[0], self.breaks[-1])
        partial = 0.5 * (self.first[piece] + self._on(piece, inside)) * (inside - self.breaks[piece])
        outside = np.minimum(hours - self.breaks[0], 0.0) * self.first[0]
        outside += np.maximum(hours - self.breaks[-1], 0.0) * self.last[-1]
        return np.asarray(self._sums[piece] + partial + outside, float)

    def mean(self, begin_h: float, end_h: float) -> float:
        """The mean value between two hours; the value at the first one where they are the same."""
        if not end_h > begin_h:
            return float(self.at(np.array(begin_h)))
        begin, end = self.integral(np.array([begin_h, end_h]))
        return float(end - begin) / (end_h - begin_h)

    def inverse(self, amounts: Floats) -> Floats:
        """The hours at which the integral reaches amounts (n,) from 0 to its whole; beyond, the first or last break.

        Points of a Poisson process of rate 1 thus become points of a process whose rate is the value.
        """
        amounts = np.clip(np.asarray(amounts, float), 0.0, self._sums[-1])
        piece = np.clip(np.searchsorted(self._sums, amounts, side="right") - 1, 0, self.first.size - 1)
        length, low = np.diff(self.breaks)[piece], self.first[piece]
        slope, left = (self.last[piece] - low) / length, amounts - self._sums[piece]
        # The root of low t + slope t^2 / 2 = left, in the form that does not cancel where the slope is small or 0.
        root = low + np.sqrt(np.maximum(low * low + 2.0 * slope * left, 0.0))
        steps = np.where(left > 0.0, 2.0 * left / np.where(root > 0.0, root, 1.0), 0.0)
        return np.asarray(self.breaks[piece] + np.minimum(steps, length), float)

    def present(self, begin: Floats, end: Floats, levels: Floats) -> tuple[Ints, Floats, Floats]:
        """The parts of stretches of time (n,) in which the value is above a level, times the greatest value.

        Args:
            begin: The hours at which the stretches begin, (n,).
            end: The hours at which they end, (n,).
            levels: The level of each stretch, 0 to 1, (n,); ships have one level for all of their stretches.

        Returns:
            The number of the stretch of each part, and when each part begins and ends, (m,) each; in the order of the
            stretches and of time. Parts of a stretch that touch are one.
        """
        first, last = self._piece(begin), self._piece(end)
        count = np.where(end > begin, last - first + 1, 0)
        which = np.repeat(np.arange(begin.size), count)
        piece = np.arange(which.size) - np.repeat(np.cumsum(count) - count, count) + first[which]
        limit = levels[which] * self.greatest
        starts, stops = self._above(piece, limit)
        starts, stops = np.maximum(starts, begin[which]), np.minimum(stops, end[which])
        kept = stops > starts
        which, starts, stops = which[kept], starts[kept], stops[kept]
        joins = (which[1:] == which[:-1]) & (starts[1:] == stops[:-1])
        opens = np.concatenate([[True], ~joins])[: which.size]
        closes = np.concatenate([~joins, [True]])[: which.size]
        return which[opens], starts[opens], stops[closes]

    def _above(self, piece: Ints, limit: Floats) -> tuple[Floats, Floats]:
        """When the value is above limits within pieces, (n,) each; the first and last piece go on without end."""
        begin, end = self.breaks[piece], self.breaks[piece + 1]
        low, high = self.first[piece], self.last[piece]
        slope = np.where(high == low, 1.0, high - low)
        crossing = begin + np.clip((limit - low) / slope, 0.0, 1.0) * (end - begin)
        starts = np.where(low > limit, begin, np.where(high > limit, crossing, np.inf))
        stops = np.where(high > limit, end, np.where(low > limit, crossing, -np.inf))
        starts = np.where((piece == 0) & (low > limit), -np.inf, starts)
        return starts, np.where((piece == self.first.size - 1) & (high > limit), np.inf, stops)


def steps(begins: Sequence[float], values: Sequence[float], begin_h: float, end_h: float, change_h: float) -> Profile:
    """A profile between two hours from the hours at which values begin, in ascending order, the first at or before it.

    Each value is reached along a straight line `change_h` hours long that begins with it, or at once where that is 0.
    """
    knots: list[float] = []
    low: list[float] = []
    high: list[float] = []
    before = values[0]
    for at, value in zip(begins, values, strict=True):
        if value == before and knots:
            continue
        if change_h > 0.0 and value != before:
            knots += [at, at + change_h]
            low += [before, value]
            high += [value, value]
        else:
            knots.append(at)
            low.append(value)
            high.append(value)
        before = value
    whole = Profile(np.array([*knots, max(end_h, knots[-1]) + 1.0]), np.array(low), np.array(high))
    return whole.within(begin_h, end_h)
