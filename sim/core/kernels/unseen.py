"""The expected number of pairs that lie alongside at one hour and that nobody has detected, place by place."""

import math
from typing import Any

import numpy as np

from sim.core.kernels.compiling import Array, inline, on_demand
from sim.core.kernels.coverage_field import circle, find_near, jumps_at, most_nodes, pieces_at

# Hours that no pair lies alongside: an exposure that comes all at once counts for every pair that had begun by then.
_ALWAYS_H = 1e6


@inline
def _mean_undetected(before: float, after: float) -> Any:
    """Return the mean of exp(-F) on a piece on which F falls in a straight line from ``before`` to ``after``.

    It is (e^-F1 - e^-F0) / (F0 - F1). For a small fall that cancels, and the trapezoidal rule takes its place.
    """
    if before - after < 1e-4:
        return 0.5 * (math.exp(-before) + math.exp(-after))
    return (math.exp(-after) - math.exp(-before)) / (before - after)


@inline
def _unseen_at(
    times: Array, bends: Array, n: int, steps: Array, order: Array, jumps: Array, kinds: Array, m: int,
    levels: Array, shares: Array, hour: float, ages: Array, upto: Array, breaks: Array, rates: Array, c: int,
) -> Any:  # fmt: skip
    """Return the integral over beginnings s of r(s) P(still alongside) exp(-F(s) - steps), summed over the classes.

    F(s) = A(hour) - A(s), where A is the exposure accumulated by all passes, which bends at ``times`` by ``bends``.
    """
    times[n] = steps[m] = math.inf
    levels[:] = 0.0
    here, g = hour - ages[ages.size - 1], ages.size - 1
    whole = passed = slope = total = 0.0
    for i in range(n):
        whole += bends[i] * (hour - times[i])
    i = k = b = 0
    left = shares.sum()
    while g > 0:
        while times[i] <= here:
            passed += bends[i] * (here - times[i])
            slope += bends[i]
            i += 1
        if steps[k] <= here:
            while steps[k] <= here:
                levels[kinds[order[k]]] += jumps[order[k]]
                k += 1
            left = 0.0
            for kind in range(shares.size):
                left += shares[kind] * math.exp(-max(0.0, levels[kind]))
        while b < rates.shape[1] - 1 and breaks[c, b + 1] <= here:
            b += 1
        younger = hour - ages[g - 1]
        stop = min(min(times[i], steps[k]), younger)
        if b < rates.shape[1] - 1:
            stop = min(stop, breaks[c, b + 1])
        gained = slope * (stop - here)
        begun = rates[c, b] * (stop - here) * (upto[g] - upto[g - 1]) / (ages[g] - ages[g - 1])
        before, after = max(0.0, whole - passed), max(0.0, whole - passed - gained)
        total += left * begun * _mean_undetected(before, after)
        passed += gained
        here = stop
        if stop >= younger:
            g -= 1
    return total


@on_demand
def unseen(
    cells: Array, tiles: Array, legs: Array, gradual: Array, sudden: Array, shares: Array,
    laws: Array, tables: Array, starts: Array, nodes: Array, hour: float, ages: Array, upto: Array,
    breaks: Array, rates: Array, out: Array,
) -> None:  # fmt: skip
    """Add to ``out`` (c,) the integral of the rate of beginning of the pairs that are alongside and undetected.

    ``legs`` (n, 7) end by ``hour``. ``ages`` (g,) are hours since a pair's beginning, from 0 in ascending order without
    two alike, and ``upto`` (g,) the integral from 0 to each of the chance that a pair still lies alongside; older pairs
    have parted. ``breaks`` (c, b + 1) and ``rates`` (c, b): the rate at which pairs begin, from before the first of
    those pairs on. The other arguments are those of `coverage`.
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
            m = jumps_at(
                legs, laws, tables, sudden, near_sudden, count_sudden, x, y, _ALWAYS_H, steps, order, jumps, kinds
            )
            out[c] += _unseen_at(
                times, bends, n, steps, order, jumps, kinds, m, levels, shares, hour, ages, upto, breaks, rates, c
            )
