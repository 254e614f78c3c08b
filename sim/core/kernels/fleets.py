"""Boats of a fleet at work in a sea area, and their ways to a port."""

import math
from typing import Any

import numpy as np

from sim.core.kernels.compiling import Array, inline, norm, on_demand
from sim.core.kernels.random_courses import cosine_and_sine, uniform_place
from sim.core.kernels.random_numbers import BATCH, FOR_COURSE, random_words, uniform_from_32_bits
from sim.core.kernels.zones import enters_zone, is_blocked


@inline
def _edges_ahead(x: Array, y: Array, cx: Array, cy: Array, own: Array, edges: Array, out: Array, hit: Array) -> None:
    """Write the distance of each boat along its unit course to the edge of the sea, and the number of that edge.

    See ``_distances_out`` of `random_courses`; the distance is infinite where no edge lies ahead.
    """
    out[:] = math.inf
    for e in range(edges.shape[1]):
        ox, oy, ex, ey = edges[0, e], edges[1, e], edges[2, e], edges[3, e]
        for i in range(out.size):
            ax, ay = ox - x[i], oy - y[i]
            turn, along, share = cx[i] * ey - cy[i] * ex, ax * ey - ay * ex, ax * cy[i] - ay * cx[i]
            there = along / turn
            nearer = (turn > 0.0) & (along >= 0.0) & (share >= 0.0) & (share <= turn) & (own[i] != e) & (there < out[i])
            out[i] = there if nearer else out[i]
            hit[i] = e if nearer else hit[i]


@inline
def _turn_in(u: float, own: int, edges: Array) -> Any:
    """A unit course into the sea from an edge, by the cosine law: the sine of its angle to the normal is uniform."""
    ex, ey = edges[2, own], edges[3, own]
    size, sine = norm(ex, ey), 2.0 * u - 1.0
    cosine = math.sqrt(1.0 - sine * sine)
    return (ex * sine - ey * cosine) / size, (ey * sine + ex * cosine) / size


@inline
def _take_courses(
    count: int, words: Array, own: Array, mode: Array, mean_leg: float, edges: Array, cx: Array, cy: Array, leg: Array
) -> None:
    """Write the unit course of each of the first boats, and the length that it steers on it, infinite if it drifts.

    A boat at an edge, whose number is in ``own``, turns back into the sea; all others take any course.
    """
    for i in range(count):
        leg[i] = -mean_leg * math.log(uniform_from_32_bits(words[1, i])) if mode[i] else math.inf
        u = uniform_from_32_bits(words[0, i])
        if own[i] < 0:
            cx[i], cy[i] = cosine_and_sine(u)
        else:
            cx[i], cy[i] = _turn_in(u, own[i], edges)


@inline
def _stretch_h(lengths: Array, step: float, u: float) -> float:
    """The hours of a stretch: a quantile of a table at equal steps of a unit exponential number."""
    at = min(-math.log(u) / step, lengths.size - 1.000001)
    low = int(at)
    hours: float = lengths[low] + (at - low) * (lengths[low + 1] - lengths[low])
    return hours


@on_demand
def work(
    key: Array, vessels: Array, begin: Array, finish: Array, speed: Array, until: Array, trawls: Array, edges: Array,
    mean_leg: float, drift_kn: float, stretches: Array, step: float, rows: Array, owner: Array, used: int, before: int,
) -> int:  # fmt: skip
    """Write the segments of boats at work in a sea area; return the number of rows used then.

    A boat begins at ``begin`` at a place uniform in the area and works until ``finish``. By turns it trawls at its
    ``speed``, on a new course after exponential lengths of mean ``mean_leg``, and drifts at ``drift_kn`` on one course,
    0 for lying still. The first stretch is trawled where ``trawls`` is not 0 and lasts until ``until``; the hours of
    later ones are the quantiles ``stretches`` (2, k) of drifting and of trawling, at equal steps ``step`` of a unit
    exponential number. At the edge of the area a boat turns back into it on a course whose angle to the normal has a
    uniform sine.

    Boats are uniform in place and course at every hour: that law is kept by straight motion, by new courses that are
    uniform, and at the edge, where as many boats arrive within an angle of the normal as are sent back, both in
    proportion to the cosine of the angle (Lambert's law; Comets, Popov, Schuetz & Vachkovskaia, Arch. Ration. Mech.
    Anal. 191, 2009). When a boat trawls and when it drifts does not depend on where it is.

    ``edges`` (4, m), ``rows``, ``owner``, ``used`` and ``before`` are those of ``voyages``.
    """
    n = used
    words, names = np.empty((4, BATCH), np.uint64), np.empty(BATCH, np.uint64)
    who, own, hit = np.empty(BATCH, np.int64), np.empty(BATCH, np.int64), np.empty(BATCH, np.int64)
    x, y, cx, cy = np.empty(BATCH), np.empty(BATCH), np.empty(BATCH), np.empty(BATCH)
    t, leg, out, knots = np.empty(BATCH), np.empty(BATCH), np.empty(BATCH), np.empty(BATCH)
    change, mode = np.empty(BATCH), np.empty(BATCH, np.int64)
    for first in range(0, vessels.size, BATCH):
        count, turns = min(BATCH, vessels.size - first), 0
        for i in range(count):
            k = first + i
            who[i], names[i], t[i], own[i] = k, vessels[k], begin[k], -1
            change[i], mode[i] = until[k], trawls[k]
            x[i], y[i] = uniform_place(key, vessels[k], edges)
        while count > 0:  # all boats of the batch do one segment; those that go on move up to the front
            random_words(key, FOR_COURSE, names[:count], turns, words)
            _take_courses(count, words, own, mode, mean_leg, edges, cx, cy, leg)
            for i in range(count):
                knots[i] = speed[who[i]] if mode[i] else drift_kn
            _edges_ahead(x[:count], y[:count], cx[:count], cy[:count], own[:count], edges, out[:count], hit[:count])
            going = 0
            for i in range(count):
                again, end, at_edge = True, t[i], -1
                if out[i] < math.inf or knots[i] == 0.0:  # else it stands on a corner and heads out: a new course
                    length = min(leg[i], out[i])
                    pause = length / knots[i] if knots[i] > 0.0 else math.inf
                    last = min(change[i], finish[who[i]])
                    turned = t[i] + pause < last
                    end = t[i] + pause if turned else last
                    length = length if turned else knots[i] * (end - t[i])
                    if n < rows.shape[0]:
                        rows[n, 0], rows[n, 1], rows[n, 2], rows[n, 3] = t[i], end, x[i], y[i]
                        rows[n, 4], rows[n, 5] = cx[i] * knots[i], cy[i] * knots[i]
                        owner[n] = before + who[i]
                    n += 1
                    x[i], y[i] = x[i] + cx[i] * length, y[i] + cy[i] * length
                    at_edge = hit[i] if turned and out[i] < leg[i] else -1
                    again = end < finish[who[i]]
                    if not turned and again:
                        mode[i] = 1 - mode[i]
                        change[i] = end + _stretch_h(stretches[mode[i]], step, uniform_from_32_bits(words[2, i]))
                x[going], y[going], t[going], own[going] = x[i], y[i], end, at_edge
                who[going], names[going], change[going], mode[going] = who[i], names[i], change[i], mode[i]
                going += 1 if again else 0
            count, turns = going, turns + 1
    return n


@on_demand
def first_corners(points: Array, to_x: float, to_y: float, corners: Array, far: Array, walls: Array) -> Array:
    """Return the first corner on the shortest way from each of n places to a port.

    From a place of ``points`` (n, 2) the way goes straight to the port (-1), or by the corner, of ``corners`` (k, 2),
    that is visible from the place and has the least sum of the distance to it and of the rest of the way, ``far`` (k,);
    -2 where neither is visible. Corners are tried in the order of that sum, so that few lines are tested against the
    ``walls`` (m, 4).
    """
    found = np.empty(points.shape[0], np.int64)
    total = np.empty(corners.shape[0])
    for i in range(points.shape[0]):
        x, y = points[i, 0], points[i, 1]
        if not is_blocked(x, y, to_x, to_y, walls):
            found[i] = -1
            continue
        for k in range(corners.shape[0]):
            total[k] = norm(corners[k, 0] - x, corners[k, 1] - y) + far[k]
        found[i] = -2
        for _ in range(corners.shape[0]):
            best = 0
            for k in range(1, corners.shape[0]):
                best = k if total[k] < total[best] else best
            if total[best] == math.inf:
                break
            if not enters_zone(x, y, corners[best, 0], corners[best, 1], walls):
                found[i] = best
                break
            total[best] = math.inf
    return found
