"""The way home and bingo fuel: which base is reached soonest, and the last moment to leave for it."""

import math
from typing import Any

from sim.core.codes import HOME_BY_CLOCK, HOME_BY_FUEL, HOME_SPEED
from sim.core.kernels.compiling import inline, norm, on_demand
from sim.core.kernels.winds import hours_through_air, straight_track
from sim.core.kernels.zones import enters_zone, is_blocked

_THERE = 1e-9  # nmi: a corner nearer than this has been reached, and the next corner is flown to


@inline
def soonest_base(t: float, x: float, y: float, homing: Any) -> Any:
    """Return the hours from a place to the base that is reached soonest, its number, and the first point on the way.

    ``homing`` is a tuple of five arrays: limits (5 + phases,), see HOME_SPEED and its neighbours in `sim.core.codes`;
    usable bases (b, 2); winds (n, 3), see ``hours_through_air``; corners (c, 2 + 2 b) of the zones to be flown round:
    x, y, then for each base the distance that remains from the corner, then for each base the next corner on the way,
    -1 where that is the base; and walls (m, 4) of the zones.

    The tree of shortest ways is made in advance by `sim.core.airspace`, so that only the first corner is sought here:
    the visible one with the least sum of the distance to it and the distance from it.
    """
    limits, bases, winds, corners, walls = homing
    count, open_sea = bases.shape[0], walls.shape[0] == 0
    best, which, px, py = math.inf, 0, x, y
    for b in range(count):
        at = -1  # the corner flown to; none: straight to base
        if not open_sea and is_blocked(x, y, bases[b, 0], bases[b, 1], walls):
            near, at = math.inf, 0
            for c in range(corners.shape[0]):
                apart = norm(corners[c, 0] - x, corners[c, 1] - y)
                there = apart + corners[c, 2 + b]
                if apart > _THERE and there < near and not enters_zone(x, y, corners[c, 0], corners[c, 1], walls):
                    near, at = there, c
        hours, ox, oy, first = 0.0, x, y, at
        while True:
            nx, ny = (corners[at, 0], corners[at, 1]) if at >= 0 else (bases[b, 0], bases[b, 1])
            if open_sea:
                hours += hours_through_air(t, nx - ox, ny - oy, 0.0, 0.0, limits[HOME_SPEED], winds)
            else:
                hours += straight_track(t + hours, nx - ox, ny - oy, limits[HOME_SPEED], winds)[0]
            if at < 0:
                break
            ox, oy, at = nx, ny, int(corners[at, 2 + count + b])
        if hours < best:
            best, which = hours, b
            px, py = (corners[first, 0], corners[first, 1]) if first >= 0 else (bases[b, 0], bases[b, 1])
    return best, which, px, py


@on_demand
def way_home(t: float, x: float, y: float, homing: Any) -> Any:
    """Return the way to the base that is reached soonest, see ``soonest_base``."""
    return soonest_base(t, x, y, homing)


@inline
def _overdue(t: float, x: float, y: float, more: float, spent: float, homing: Any) -> bool:
    """Return whether it is too late at t to fly home from x, y.

    ``more`` + ``spent``: hours of transit's fuel burnt beyond one an hour, on this leg so far and on earlier ones.
    """
    limits, hours = homing[0], soonest_base(t, x, y, homing)[0]
    late: bool = t + more + hours > limits[HOME_BY_FUEL] - spent or t + hours > limits[HOME_BY_CLOCK]
    return late


@inline
def bingo_time(
    t: float, x: float, y: float, vx: float, vy: float, end: float, extra: float, spent: float, homing: Any
) -> Any:
    """Return the last moment on a leg from which base is reached in time; infinite if it lies after the end of the leg.

    The leg burns ``extra`` hours of transit's fuel an hour beyond what transit does; ``spent`` is the sum of that over
    earlier legs. The margin, time left less time needed, can only fall along a leg while the wind holds: an hour of
    flight takes an hour of the margin and can bring base nearer by no more than that. So bisection finds its zero.
    """
    low, high, when = t, end, end
    for step in range(61):  # the end is tried first; a single call of _overdue keeps the compiled code small
        gone = when - t
        late = _overdue(when, x + vx * gone, y + vy * gone, extra * gone, spent, homing)
        if step == 0 and not late:
            return math.inf
        if late:
            high = when
        else:
            low = when
        when = 0.5 * (low + high)
    return low
