"""No-go zones: which straight lines they block, and which of their corners are visible."""

import math

import numpy as np

from sim.core.kernels.compiling import Array, inline, norm, on_demand


@inline
def crosses_ray(x: float, y: float, ax: float, ay: float, ex: float, ey: float) -> bool:
    """Return whether a ray from a place to the east crosses an edge that begins at ax, ay and has the vector ex, ey."""
    crosses: bool = (ay > y) != (ay + ey > y) and x < ex * (y - ay) / ey + ax
    return crosses


@inline
def enters_zone(x0: float, y0: float, x1: float, y1: float, walls: Array) -> bool:
    """Return whether a straight path crosses a wall (m, 4) from right to left: see `sim.core.airspace.enters`."""
    dx, dy = x1 - x0, y1 - y0
    for i in range(walls.shape[0]):
        ax, ay = walls[i, 0], walls[i, 1]
        ex, ey = walls[i, 2] - ax, walls[i, 3] - ay
        if ex * (y0 - ay) - ey * (x0 - ax) <= 0.0 and ex * (y1 - ay) - ey * (x1 - ax) > 0.0:
            side0, side1 = dx * (ay - y0) - dy * (ax - x0), dx * (walls[i, 3] - y0) - dy * (walls[i, 2] - x0)
            if side0 * side1 <= 0.0:
                return True
    return False


@inline
def is_blocked(x0: float, y0: float, x1: float, y1: float, walls: Array) -> bool:
    """Return whether a straight path crosses a zone or its margin; it may leave a margin in which it begins.

    A path through a zone crosses a wall from right to left whichever end it is flown from. A path that only leaves the
    margin does so from one end alone, so it is not blocked.
    """
    both: bool = enters_zone(x0, y0, x1, y1, walls) and enters_zone(x1, y1, x0, y0, walls)
    return both


@on_demand
def blocked(x: float, y: float, legs: Array, walls: Array) -> Array:
    """Return the numbers of the legs (n, 2 or more), flown one after the other from x, y, that a zone blocks."""
    found, n = np.empty(legs.shape[0], np.int64), 0
    for i in range(legs.shape[0]):
        if is_blocked(x, y, legs[i, 0], legs[i, 1], walls):
            found[n] = i
            n += 1
        x, y = legs[i, 0], legs[i, 1]
    return found[:n]


@on_demand
def seen_from(x: float, y: float, corners: Array, walls: Array) -> Array:
    """Return distances (k,) from a place to corners (k, 2), nmi; infinite to those that a zone hides."""
    found = np.full(corners.shape[0], math.inf)
    for c in range(corners.shape[0]):
        if not enters_zone(x, y, corners[c, 0], corners[c, 1], walls):
            found[c] = norm(corners[c, 0] - x, corners[c, 1] - y)
    return found
