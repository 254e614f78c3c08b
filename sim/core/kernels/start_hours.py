"""The chance that a transfer at a place is detected, by the hour at which it begins."""

import math
from typing import Any

import numpy as np

from sim.core.kernels.compiling import Array, inline, on_demand
from sim.core.kernels.coverage_field import advance, circle, find_near, jumps_at, most_nodes, pieces_at


@inline
def _add_means(
    times: Array, bends: Array, n: int, steps: Array, order: Array, jumps: Array, kinds: Array, m: int,
    levels: Array, shares: Array, tau: float, edges: Array, factor: float, out: Any,
) -> None:  # fmt: skip
    """Add to ``out`` (b,) a factor times the mean of 1 - exp(-F(s) - steps) over beginnings s between two edges.

    As ``_mean_detection`` of `coverage_field`, with a mean for each pair of neighbours of ``edges`` (b + 1,).
    """
    times[n] = steps[m] = math.inf
    levels[:] = 0.0
    every = left = shares.sum()
    first = min(times[0], steps[0], edges[0] + tau) - tau
    walk = (0, 0, first, 0.0, 0.0, 1.0)
    k = 0
    for b in range(-1, edges.size - 1):
        total = 0.0
        while True:
            begin, stop = walk[2], min(steps[k], edges[b + 1])
            survived, walk = advance(times, bends, tau, stop, walk)
            total += every * (stop - begin) - left * survived
            if k == m or steps[k] > edges[b + 1]:
                break
            levels[kinds[order[k]]] += jumps[order[k]]
            k += 1
            left = 0.0
            for kind in range(shares.size):
                left += shares[kind] * math.exp(-max(0.0, levels[kind]))
        if b >= 0:
            out[b] += factor * max(0.0, total) / (edges[b + 1] - edges[b])


@on_demand
def start_hours(
    cells: Array, tiles: Array, legs: Array, gradual: Array, sudden: Array, shares: Array,
    laws: Array, tables: Array, starts: Array, nodes: Array, taus: Array, weights: Array, edges: Array,
    out: Array,
) -> None:  # fmt: skip
    """Add to ``out`` (c, b) the chance that a transfer at each cell is detected in one replication, by its beginning.

    It begins with equal probability at every hour between two neighbours of ``edges`` (b + 1,), hours in ascending
    order, and lasts one of ``taus`` (t,), hours, with the probabilities ``weights``. The other arguments are those of
    `coverage`.
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
            for t in range(taus.size):
                tau = taus[t]
                m = jumps_at(
                    legs, laws, tables, sudden, near_sudden, count_sudden, x, y, tau, steps, order, jumps, kinds
                )
                _add_means(
                    times, bends, n, steps, order, jumps, kinds, m, levels, shares, tau, edges, weights[t], out[c]
                )
