"""Who is present when, where ships come at random and stay for random times: the queue M/G/infinity.

The number present is Poisson, with the mean that the file says at every hour from the first one on, and the stays are
independent of each other. See `sim.core.stretches`.
"""

from typing import Any, NamedTuple

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.profiles import Profile
from sim.core.stretches import Stretches


class Stays(NamedTuple):
    """The stays of a source in one replication, an element each, all (n,)."""

    ordinal: Ints
    """Number in the source: from 0 up for ships that come, from -1 down for ships present at the beginning."""
    vessels: Entities
    """Identities."""
    begin: Floats
    """The hour from which a ship is present; the hour of the beginning for those that are present then."""
    end: Floats
    luck: Floats
    """A uniform number from 0 to 1, by which a ship looks suspicious or not."""
    speed: Floats
    """Another uniform number from 0 to 1, for the speed of the ship."""

    def select(self, which: Flags | Ints) -> "Stays":
        """The stays that are flagged, or those of some numbers."""
        columns: list[Any] = [column[which] for column in self]
        return Stays(*columns)


class Parts(NamedTuple):
    """The parts of stays in which a ship is present by the calendar, an element each, all (m,)."""

    stay: Ints
    """The number of the stay."""
    number: Ints
    """The number of the part within its stay, from 0."""
    begin: Floats
    end: Floats


def parts_in_season(key: Entities, stays: Stays, profile: Profile) -> Parts:
    """The parts of stays, drawn for the greatest number present, in which the number allows their level."""
    levels = chance.uniforms(key, Purpose.STAY_LEVEL, stays.vessels)[:, 0]
    stay, begin, end = profile.present(stays.begin, stays.end, levels)
    first = np.searchsorted(stay, stay)
    return Parts(stay, np.arange(stay.size) - first, begin, end)


def draw_visits(key: Entities, source: np.uint64, rate: Profile, length: Stretches) -> Stays:
    """The stays of ships that come at a rate, in an hour, which changes with time; they stay for their whole time.

    The ships come between the first and the last hour of the profile.
    """
    from sim.core import kernels

    coming = float(rate.integral(rate.breaks[-1:])[0])
    times, vessels, marks = kernels.arrivals(key, source, 1, 0, 0.0, coming, chance.poisson_bound(coming))
    begin, stay = rate.inverse(times), length.lengths(chance.uniforms(key, Purpose.STAY, vessels)[:, 0])
    return Stays(np.arange(times.size), vessels, begin, begin + stay, marks[:, 0], marks[:, 1])


def draw_stays(
    key: Entities, source: np.uint64, present: float, length: Stretches | None, begin_h: float, end_h: float
) -> Stays:
    """The stays of which some part lies between two hours, in one replication.

    `key` is the key of the replication, (2,), `source` the identity of the source and `present` the mean number
    present. Without a `length` ships stay for the whole time.
    """
    from sim.core import kernels

    there, vessels, marks = kernels.arrivals(key, source, -1, 0, 0.0, present, chance.poisson_bound(present))
    here = np.full(there.size, begin_h)
    if length is None:
        return Stays(-1 - np.arange(there.size), vessels, here, np.full(there.size, end_h), marks[:, 0], marks[:, 1])
    rate = present / length.mean
    coming = rate * (end_h - begin_h)
    times, names, more = kernels.arrivals(key, source, 1, 0, 0.0, coming, chance.poisson_bound(coming))
    luck = chance.uniforms(key, Purpose.STAY, vessels)
    left = length.under_way(luck[:, 0]) * luck[:, 1]
    stay = length.lengths(chance.uniforms(key, Purpose.STAY, names)[:, 0])
    begin = np.concatenate([here, begin_h + times / max(rate, 1e-300)])
    return Stays(
        np.concatenate([-1 - np.arange(there.size), np.arange(times.size)]),
        np.concatenate([vessels, names]),
        begin,
        begin + np.concatenate([left, stay]),
        np.concatenate([marks[:, 0], more[:, 0]]),
        np.concatenate([marks[:, 1], more[:, 1]]),
    )
