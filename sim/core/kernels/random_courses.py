"""Voyages of background ships that cross a sea area on random courses."""

import math
from typing import Any

import numpy as np

from sim.core.kernels.compiling import F1, F2, I1, U1, Array, entry, inline, norm
from sim.core.kernels.random_numbers import (
    BATCH,
    FOR_COURSE,
    FOR_PLACE,
    first_above,
    random_words,
    uniform_from_32_bits,
    uniform_pair,
)
from sim.core.kernels.zones import crosses_ray


@inline
def is_inside(x: float, y: float, edges: Array) -> bool:
    """Return whether a point is in a polygon of edges (4, m): a ray crosses the outline an odd number of times."""
    odd = False
    for i in range(edges.shape[1]):
        if crosses_ray(x, y, edges[0, i], edges[1, i], edges[2, i], edges[3, i]):
            odd = not odd
    return odd


@inline
def _distances_out(x: Array, y: Array, cx: Array, cy: Array, own: Array, edges: Array, out: Array) -> None:
    """Write the distance of each vessel along its unit course (cx, cy) to where it leaves the sea; infinite if never.

    The sea lies to the left of an edge e, so a course c leaves through an edge that it crosses to the right: c x e > 0.
    With a the vector from the vessel to the start of the edge, the crossing lies a x e / (c x e) ahead, and at the
    share a x c / (c x e) of the edge, which must be between 0 and 1. The edge ``own`` on which a vessel stands is left
    out, since rounding could put the crossing at distance 0. There are no branches, so that the compiler does many
    vessels at once.
    """
    out[:] = math.inf
    for e in range(edges.shape[1]):
        ox, oy, ex, ey = edges[0, e], edges[1, e], edges[2, e], edges[3, e]
        for i in range(out.size):
            ax, ay = ox - x[i], oy - y[i]
            turn, along, share = cx[i] * ey - cy[i] * ex, ax * ey - ay * ex, ax * cy[i] - ay * cx[i]
            there = along / turn
            crossed = (turn > 0.0) & (along >= 0.0) & (share >= 0.0) & (share <= turn) & (own[i] != e)
            out[i] = there if crossed & (there < out[i]) else out[i]


@inline
def cosine_and_sine(u: float) -> Any:
    """Cosine and sine of 2 pi u by Taylor's series about the nearest quarter, to 1e-15; does many u at once."""
    quarter = math.floor(4.0 * u + 0.5)
    f = (u - 0.25 * quarter) * (2.0 * math.pi)
    g = f * f
    s = f * (1 + g * (-1 / 6 + g * (1 / 120 + g * (-1 / 5040 + g * (1 / 362880 + g * (-1 / 39916800 + g * (
        1 / 6227020800 - g / 1307674368000)))))))  # fmt: skip
    c = 1 + g * (-1 / 2 + g * (1 / 24 + g * (-1 / 720 + g * (1 / 40320 + g * (-1 / 3628800 + g * (1 / 479001600 + g * (
        -1 / 87178291200 + g / 20922789888000)))))))  # fmt: skip
    turned = int(quarter) & 1
    a, b = (s, c) if turned else (c, s)
    quarter = int(quarter) & 3
    return (a if quarter == 0 or quarter == 3 else -a), (b if quarter < 2 else -b)


@inline
def _draw_courses(
    key: Array, vessels: Array, turns: int, mean_leg: float, words: Array, cx: Array, cy: Array, leg: Array
) -> None:
    """Write the unit course of each vessel after a number of turns, and the length that it steers on that course."""
    random_words(key, FOR_COURSE, vessels, turns, words)
    for i in range(vessels.size):
        cx[i], cy[i] = cosine_and_sine(uniform_from_32_bits(words[0, i]))
    leg[: vessels.size] = math.inf
    if mean_leg < math.inf:
        for i in range(vessels.size):
            leg[i] = -mean_leg * math.log(uniform_from_32_bits(words[1, i]))


@inline
def uniform_place(key: Array, vessel: int, edges: Array) -> Any:
    """A place uniform in the sea: rejection from the box about it."""
    west, south, east, north = edges[0, 0], edges[1, 0], edges[0, 0], edges[1, 0]
    for i in range(edges.shape[1]):
        west, east = min(west, edges[0, i]), max(east, edges[0, i])
        south, north = min(south, edges[1, i]), max(north, edges[1, i])
    tries = 0
    while True:
        a, b = uniform_pair(key, FOR_PLACE, vessel, tries)
        x, y = west + a * (east - west), south + b * (north - south)
        if is_inside(x, y, edges):
            return x, y
        tries += 1


@inline
def _entry_point(share: float, sine: float, edges: Array, perimeter: Array) -> Any:
    """Return the point, unit course and edge at which a vessel comes in.

    ``share``: share of the outline before the point. ``sine``: sine of the angle of its course to the inward normal.
    """
    along = share * perimeter[-1]
    own = min(first_above(perimeter, along), edges.shape[1] - 1)
    ex, ey = edges[2, own], edges[3, own]
    size = norm(ex, ey)
    part = 1.0 - (perimeter[own] - along) / size
    cosine = math.sqrt(1.0 - sine * sine)
    cx, cy = (ex * sine - ey * cosine) / size, (ey * sine + ex * cosine) / size
    return edges[0, own] + part * ex, edges[1, own] + part * ey, cx, cy, own


@entry(f"int64({U1}, {U1}, {F1}, {F1}, {F2}, {F1}, float64, float64, {F2}, {I1}, int64, int64)")
def voyages(
    key: Array, vessels: Array, begin: Array, speed: Array, edges: Array, perimeter: Array, mean_leg: float,
    duration: float, rows: Array, owner: Array, used: int, before: int,
) -> int:  # fmt: skip
    """Write the segments of vessels that cross a sea area on random courses; return the number of rows used then.

    A vessel with ``begin`` 0 lies anywhere in the area with any course; one that begins later enters through the
    boundary, at a point uniform along it, with sin(angle to the inward normal) uniform. Each steers straight for an
    exponential length of mean ``mean_leg`` (infinite: never turns), then takes a new course, until it meets the
    boundary or the time is over. That is the equilibrium of isotropic transport for any shape of area: if vessels are
    uniform in place and course within, those that come in through the boundary do so uniformly along it, and with a
    density in proportion to the cosine of the angle to the normal, so that its sine is uniform. So vessels are uniform
    in place and course at every hour.

    ``edges`` (4, m): x, y of where each begins and its vector, the sea on the left. ``perimeter`` (m,): running sum of
    their lengths. Segments go to ``rows`` (room, 6) after the ``used`` ones, those of a vessel in order of time, and
    the numbers of their vessels, from ``before`` on, to ``owner``. The result may exceed the room: then enlarge and
    call again.
    """
    n = used
    words, names = np.empty((4, BATCH), np.uint64), np.empty(BATCH, np.uint64)
    who, own = np.empty(BATCH, np.int64), np.empty(BATCH, np.int64)
    x, y, cx, cy = np.empty(BATCH), np.empty(BATCH), np.empty(BATCH), np.empty(BATCH)
    t, leg, out = np.empty(BATCH), np.empty(BATCH), np.empty(BATCH)
    knots, pace = np.empty(BATCH), np.empty(BATCH)
    for first in range(0, vessels.size, BATCH):
        count, turns = min(BATCH, vessels.size - first), 0
        for i in range(count):
            who[i], names[i], t[i], own[i] = first + i, vessels[first + i], begin[first + i], -1
            knots[i], pace[i] = speed[first + i], 1.0 / speed[first + i]
        while count > 0:  # all vessels of the batch fly a leg each; those that go on move up to the front
            _draw_courses(key, names[:count], turns, mean_leg, words, cx, cy, leg)
            for i in range(count if turns == 0 else 0):
                if t[i] == 0.0:
                    x[i], y[i] = uniform_place(key, names[i], edges)
                else:
                    x[i], y[i], cx[i], cy[i], own[i] = _entry_point(
                        uniform_from_32_bits(words[2, i]),
                        2.0 * uniform_from_32_bits(words[3, i]) - 1.0,
                        edges,
                        perimeter,
                    )
            _distances_out(x[:count], y[:count], cx[:count], cy[:count], own[:count], edges, out[:count])
            going = 0
            for i in range(count):
                length = min(leg[i], out[i])
                if length == math.inf:  # it stands on a corner and heads out of the sea
                    continue
                end = t[i] + length * pace[i]
                if n < rows.shape[0]:
                    rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = t[i], end, x[i], y[i]
                    rows[n, 4], rows[n, 5] = cx[i] * knots[i], cy[i] * knots[i]
                    owner[n] = before + who[i]
                n += 1
                x[going], y[going], t[going] = x[i] + cx[i] * length, y[i] + cy[i] * length, end
                who[going], names[going], own[going] = who[i], names[i], -1
                knots[going], pace[going] = knots[i], pace[i]
                # This compiles to no branch, which the processor would often predict wrong.
                going += 1 if (leg[i] < out[i]) & (end < duration) else 0
            count, turns = going, turns + 1
    return n
