"""The coverage field: the probability that a transfer at a place is detected by the sorties as flown."""

import math
from typing import Any

import numpy as np

from sim.core.codes import LATERAL_RANGE
from sim.core.kernels.compiling import Array, inline, norm, on_demand
from sim.core.kernels.coverage_pieces import CERTAIN, pass_pieces
from sim.core.kernels.exposures import closest_approach

# Columns of legs, as the field takes them: hours, place and unit vector of the course at the beginning, and speed.
_T0, _T1, _X, _Y, _UX, _UY, _W = range(7)


@inline
def advance(times: Array, bends: Array, tau: float, stop: float, walk: Any) -> Any:
    """Return the integral of exp(-F(s)) from where the walk is to ``stop``, and the walk there.

    F(s) = A(s + tau) - A(s), where A is the exposure accumulated by all passes, which bends at ``times`` by ``bends``;
    the last of ``times`` is infinite. The walk: the bends passed by s + tau and by s, s, F(s), its slope, exp(-F(s)).
    Between two bends F = F0 + c s, and the integral of exp(-F) is (e^-F0 - e^-F1) / c. For small c that difference
    cancels, so the trapezoidal rule, whose error is of the order of c^2, takes its place.
    """
    i, j, here, level, slope, before = walk
    total = 0.0
    while here < stop:
        ahead, behind = times[i] - tau, times[j]
        t = min(min(ahead, behind), stop)
        length = t - here
        change = slope * length
        level = max(0.0, level + change)
        after = math.exp(-level)
        if abs(change) < 1e-4:
            total += 0.5 * length * (before + after)
        else:
            total += (before - after) / slope
        here, before = t, after
        if ahead <= t:
            slope += bends[i]
            i += 1
        elif behind <= t:
            slope -= bends[j]
            j += 1
    return total, (i, j, here, level, slope, before)


@inline
def _mean_detection(
    times: Array, bends: Array, n: int, steps: Array, order: Array, jumps: Array, kinds: Array, m: int,
    levels: Array, shares: Array, tau: float, breaks: Array, weights: Array, c: int,
) -> Any:  # fmt: skip
    """Return the integral over s of g(s) [1 - exp(-F(s) - steps)], in the mean over the classes of pairs.

    F is as in ``advance``, with n bends. At ``steps`` (m,), in order of time, the exposure of a class changes: the
    class is in ``kinds`` and the change in ``jumps``, in the rows that ``order`` gives. g is the density ``weights[c]``
    of the beginning between ``breaks[c]``. Exact for such F and g. The steps of the classes differ, but not F, so the
    mean of exp(-steps) is a common factor.
    """
    times[n] = steps[m] = math.inf
    levels[:] = 0.0
    every = left = shares.sum()
    first = min(times[0], steps[0], breaks[c, 0] + tau) - tau
    walk = (0, 0, first, 0.0, 0.0, 1.0)
    total = 0.0
    k = 0
    for b in range(-1, weights.shape[1]):
        density = weights[c, b] if b >= 0 else 0.0
        while True:
            begin, stop = walk[2], min(steps[k], breaks[c, b + 1])
            survived, walk = advance(times, bends, tau, stop, walk)
            total += density * (every * (stop - begin) - left * survived)
            if k == m or steps[k] > breaks[c, b + 1]:
                break
            levels[kinds[order[k]]] += jumps[order[k]]
            k += 1
            left = 0.0
            for kind in range(shares.size):
                left += shares[kind] * math.exp(-max(0.0, levels[kind]))
    return max(0.0, total)


@inline
def _add_interval(
    steps: Array, jumps: Array, kinds: Array, used: int, low: float, high: float, jump: float, kind: int
) -> Any:
    """Write an exposure that counts for beginnings between low and high; return the number of steps used."""
    if jump == 0.0 or high == -math.inf:
        return used
    steps[used], steps[used + 1] = low, high
    jumps[used], jumps[used + 1] = min(jump, CERTAIN), -min(jump, CERTAIN)
    kinds[used] = kinds[used + 1] = kind
    return used + 2


@inline
def sort_pairs(times: Array, values: Array, n: int) -> None:
    """Sort n events by time, in place (Shell 1959, with Ciura's gaps).

    The events of one aircraft are in order already, so an insertion sort costs little; those of several interleave.
    """
    for gap in (132, 23, 4, 1):
        for i in range(gap, n):
            if times[i - gap] <= times[i]:
                continue
            t, value = times[i], values[i]
            j = i
            while j >= gap and times[j - gap] > t:
                times[j], values[j] = times[j - gap], values[j - gap]
                j -= gap
            times[j], values[j] = t, value


@inline
def circle(cells: Array, a: int, b: int) -> Any:
    """Return centre and radius of a circle round the cells in rows a to b."""
    x1 = x2 = cells[a, 0]
    y1 = y2 = cells[a, 1]
    for c in range(a + 1, b):
        x1, x2 = min(x1, cells[c, 0]), max(x2, cells[c, 0])
        y1, y2 = min(y1, cells[c, 1]), max(y2, cells[c, 1])
    return 0.5 * (x1 + x2), 0.5 * (y1 + y2), 0.5 * norm(x2 - x1, y2 - y1)


@inline
def _chord(legs: Array, j: int, reach: float, x: float, y: float) -> Any:
    """Return when a leg is within a range of a place, as ``chord_in_range`` does; t1 >= t2 if never."""
    t0, t1, w = legs[j, _T0], legs[j, _T1], legs[j, _W]
    dx, dy = x - legs[j, _X], y - legs[j, _Y]
    if w == 0.0:
        r = norm(dx, dy)
        return t0, (t1 if r < reach else t0), r, 0.0, 0.0, 0.0
    s = -(dx * legs[j, _UX] + dy * legs[j, _UY])
    aside = abs(dx * legs[j, _UY] - dy * legs[j, _UX])
    if aside >= reach:
        return t0, t0, aside, s, s, w
    half = math.sqrt((reach - aside) * (reach + aside))
    s1, s2 = s, s + w * (t1 - t0)
    if s1 >= half or s2 <= -half:
        return t0, t0, aside, s, s, w
    if s1 < -half:  # the leg begins out of range: t0 is when it comes within range
        t0, s1 = t0 + (-half - s) / w, -half
    if s2 > half:
        t1, s2 = legs[j, _T0] + (half - s) / w, half
    return t0, t1, aside, s1, s2, w


@inline
def find_near(legs: Array, laws: Array, all_uses: Array, x: float, y: float, radius: float, near: Array) -> Any:
    """Write the numbers of the uses of a law on a leg that reach into a circle; return how many there are."""
    found = 0
    for k in range(all_uses.shape[0]):
        j, q = all_uses[k, 0], all_uses[k, 1]
        dx, dy = x - legs[j, _X], y - legs[j, _Y]
        along = dx * legs[j, _UX] + dy * legs[j, _UY]
        ahead = along - min(max(along, 0.0), legs[j, _W] * (legs[j, _T1] - legs[j, _T0]))
        aside = dx * legs[j, _UY] - dy * legs[j, _UX] if legs[j, _W] > 0.0 else norm(dx, dy)
        reach = laws[q, 1] + radius
        if ahead * ahead + aside * aside < reach * reach:
            near[found] = k
            found += 1
    return found


@inline
def _jumps_at(
    legs: Array, laws: Array, tables: Array, uses: Array, near: Array, count: int, x: float, y: float, tau: float,
    steps: Array, jumps: Array, kinds: Array,
) -> Any:  # fmt: skip
    """Write the exposures at a place that come all at once, and for which beginnings they count; return the number."""
    m, search, kind = 0, -1, 0
    low = high = fell = -math.inf
    jump = 0.0
    for i in range(count):
        use = near[i]
        j, q = uses[use, 0], uses[use, 1]
        if uses[use, 2] != search or uses[use, 3] != kind:
            m = _add_interval(steps, jumps, kinds, m, low, high, jump, kind)
            search, kind, jump = uses[use, 2], uses[use, 3], 0.0
            low = high = fell = -math.inf
        chord = _chord(legs, j, laws[q, 1], x, y)
        if chord[0] >= chord[1]:
            continue
        if laws[q, 0] == LATERAL_RANGE:
            gained, when, fell = closest_approach(laws, tables, q, chord, legs[j, _T0], legs[j, _T1], fell)
            m = _add_interval(steps, jumps, kinds, m, when - tau, when, gained, kind)
        elif chord[0] - tau <= high:
            high = max(high, chord[1])
        else:
            m = _add_interval(steps, jumps, kinds, m, low, high, jump, kind)
            low, high, jump = chord[0] - tau, chord[1], laws[q, 2]
    return _add_interval(steps, jumps, kinds, m, low, high, jump, kind)


@inline
def jumps_at(
    legs: Array, laws: Array, tables: Array, uses: Array, near: Array, count: int, x: float, y: float, tau: float,
    steps: Array, order: Array, jumps: Array, kinds: Array,
) -> Any:  # fmt: skip
    """Write the exposures at a place that come all at once, with ``steps`` in order of time; return the number.

    ``order`` has for each of ``steps`` its row in ``jumps`` and ``kinds``.
    """
    m = _jumps_at(legs, laws, tables, uses, near, count, x, y, tau, steps, jumps, kinds)
    for i in range(m):
        order[i] = i
    sort_pairs(steps, order, m)
    return m


@inline
def pieces_at(
    legs: Array, laws: Array, tables: Array, uses: Array, near: Array, count: int, x: float, y: float,
    starts: Array, nodes: Array, times: Array, bends: Array,
) -> Any:  # fmt: skip
    """Write the exposures at a place that accumulate, as hours in order and the change of slope at each.

    Return their number.
    """
    n = 0
    for i in range(count):
        use = uses[near[i]]
        chord = _chord(legs, use[0], laws[use[1], 1], x, y)
        if chord[0] < chord[1]:
            n = pass_pieces(laws, tables, use[1], starts[use[2]], nodes, chord, times, bends, n)
    sort_pairs(times, bends, n)
    return n


@inline
def most_nodes(starts: Array) -> int:
    """Return the largest number of nodes that a band has."""
    most = 0
    for k in range(starts.shape[0]):
        for band in range(starts.shape[1] - 1):
            most = max(most, starts[k, band + 1] - starts[k, band])
    return most


@on_demand
def coverage(
    cells: Array, tiles: Array, legs: Array, gradual: Array, sudden: Array, shares: Array,
    laws: Array, tables: Array, starts: Array, nodes: Array, tau: float, breaks: Array, weights: Array, out: Array,
) -> None:  # fmt: skip
    """Add to ``out`` (c,) the probability that a transfer of ``tau`` hours at each cell is detected in one replication.

    ``cells`` (c, 2), tile by tile: tile i has rows ``tiles[i]`` to ``tiles[i + 1]``. ``legs`` (n, 7): see above.
    ``gradual`` (p, 3): leg, law and pieces of each use of a law whose exposure accumulates, in order of time.
    ``sudden`` (o, 4): leg, law, search and class of each use of another law, search by search. ``shares``: of the
    classes of pairs. ``starts`` (k, bands + 1) and ``nodes``: see `coverage_pieces`. ``breaks`` (c, b + 1) and
    ``weights`` (c, b): the density of the hour at which a transfer begins.
    """
    most = 2 + gradual.shape[0] * most_nodes(starts)
    times, bends = np.empty(most), np.empty(most)
    most = 2 + 2 * sudden.shape[0]
    steps, jumps = np.empty(most), np.empty(most)
    kinds, order = np.empty(most, np.int64), np.empty(most, np.int64)
    near, near_sudden = np.empty(gradual.shape[0], np.int64), np.empty(sudden.shape[0], np.int64)
    levels = np.empty(shares.size)
    for tile in range(tiles.size - 1):
        x, y, radius = circle(cells, tiles[tile], tiles[tile + 1])
        count = find_near(legs, laws, gradual, x, y, radius, near)
        count_sudden = find_near(legs, laws, sudden, x, y, radius, near_sudden)
        for c in range(tiles[tile], tiles[tile + 1]):
            x, y = cells[c, 0], cells[c, 1]
            n = pieces_at(legs, laws, tables, gradual, near, count, x, y, starts, nodes, times, bends)
            m = jumps_at(legs, laws, tables, sudden, near_sudden, count_sudden, x, y, tau, steps, order, jumps, kinds)
            out[c] += _mean_detection(
                times, bends, n, steps, order, jumps, kinds, m, levels, shares, tau, breaks, weights, c
            )
