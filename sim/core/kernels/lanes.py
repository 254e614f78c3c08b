"""Voyages of background ships along a lane."""

from typing import Any

import numpy as np

from sim.core.kernels.compiling import Array, inline, norm, on_demand


@inline
def _across(lateral: float, ways: Array, at: int) -> Any:
    """The vector from a point of a lane to the track of a ship with a lateral place."""
    side = 0 if lateral > 0.0 else 1
    return lateral * ways[side, at, 0], lateral * ways[side, at, 1]


@on_demand
def lane_lengths(lateral: Array, points: Array, ways: Array) -> Array:
    """The lengths of the tracks along a lane of ships with some lateral places (n,), nmi, (n,).

    ``points`` (m, 2) and ``ways`` (2, m, 2): see `sim.core.corridors.Corridor`.
    """
    out = np.empty(lateral.size)
    for i in range(lateral.size):
        total = 0.0
        ax, ay = _across(lateral[i], ways, 0)
        for k in range(1, points.shape[0]):
            bx, by = _across(lateral[i], ways, k)
            total += norm(points[k, 0] - points[k - 1, 0] + bx - ax, points[k, 1] - points[k - 1, 1] + by - ay)
            ax, ay = bx, by
        out[i] = total
    return out


@on_demand
def lane_voyages(
    lateral: Array, entry: Array, speed: Array, is_forward: Array, points: Array, ways: Array, duration: float,
    rows: Array, owner: Array, used: int, before: int,
) -> int:  # fmt: skip
    """Write the segments of ships that sail along a lane; return the number of rows used then.

    ``entry`` (n,) is the hour at which each begins the lane, at its beginning or, where ``is_forward`` is 0, at its
    end; only what it sails from hour 0 on, and before ``duration``, is written. Segments go to ``rows`` (room, 6) after
    the ``used`` ones, those of a ship in order of time, and the numbers of their ships, from ``before`` on, to
    ``owner``. The result may exceed the room: then enlarge and call again.
    """
    n, last = used, points.shape[0] - 1
    for i in range(lateral.size):
        at, step = (0, 1) if is_forward[i] != 0 else (last, -1)
        t, pace = entry[i], 1.0 / speed[i]
        dx, dy = _across(lateral[i], ways, at)
        x, y = points[at, 0] + dx, points[at, 1] + dy
        for _ in range(last):
            at += step
            dx, dy = _across(lateral[i], ways, at)
            ex, ey = points[at, 0] + dx, points[at, 1] + dy
            length = norm(ex - x, ey - y)
            end = t + length * pace
            if end > 0.0 and end > t:
                vx, vy = (ex - x) / length * speed[i], (ey - y) / length * speed[i]
                begin = max(t, 0.0)
                if n < rows.shape[0]:
                    rows[n, 0], rows[n, 1] = begin, end
                    rows[n, 2], rows[n, 3] = x + vx * (begin - t), y + vy * (begin - t)
                    rows[n, 4], rows[n, 5] = vx, vy
                    owner[n] = before + i
                n += 1
            x, y, t = ex, ey, end
            if t >= duration:
                break
    return n
