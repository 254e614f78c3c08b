"""The coverage field: the probability that a transfer at a place is detected by the sorties as flown."""

import math
from typing import Any

import numpy as np

from sim.core.codes import DEFINITE_RANGE, LATERAL_RANGE
from sim.core.kernels.compiling import Array, inline, norm, on_demand
from sim.core.kernels.exposures import chord_in_range, closest_approach, detection_rate, path_integral

# The exposure of a pass, as a function of time, is approximated by straight pieces. A piece is halved until the hours
# of a transfer's beginning at which its bend could change detection are fewer than this; a test holds the error of the
# field that this makes below 0.002.
_BEND_H = 0.02
_MOST_PIECES = 64
# A larger exposure is certainty (exp(-50) is 2e-22). It is cut to this, since infinities cannot be subtracted.
_CERTAIN = 50.0


@inline
def _add_bend(times: Array, bends: Array, used: int, t: float, change: float) -> Any:
    """Write a change of slope at an hour, added to the last if that has the same hour; return the number used."""
    if used > 0 and times[used - 1] == t:
        bends[used - 1] += change
        return used
    times[used], bends[used] = t, change
    return used + 1


@inline
def _pass_pieces(laws: Array, tables: Array, q: int, chord: Any, times: Array, bends: Array, used: int) -> Any:
    """Write a pass as a piecewise-linear exposure: hours, and the change of slope at each; return the number used.

    The pass is cut into pieces from its beginning. Each piece is halved until the error of taking it for straight, as
    hours of a transfer's beginning at which detection is misjudged, is below _BEND_H. The error is weighted by the
    chance that neither the exposure before the piece nor that after it detects, since it matters only then.
    """
    t1, t2, x, s1, s2, w = chord
    if w == 0.0:
        slope = min(detection_rate(laws, tables, q, x), _CERTAIN / (t2 - t1))
        used = _add_bend(times, bends, used, t1, slope)
        return _add_bend(times, bends, used, t2, -slope)
    whole = path_integral(laws, tables, q, x, s1, s2) / w
    if whole < 1e-6:
        return used
    scale = min(1.0, _CERTAIN / whole) / w
    whole = scale * w * whole
    slope, low, done = 0.0, s1, 0.0
    step = (s2 - s1) / 2.0
    least = (s2 - s1) / _MOST_PIECES
    while low < s2:
        high = low + step if low + 1.5 * step < s2 else s2
        if low < 0.0 < high:  # a piece symmetric about the closest point has no error at its middle, however it bends
            high = 0.0
        gained = scale * path_integral(laws, tables, q, x, low, high)
        while high - low > least:
            middle = 0.5 * (low + high)
            half = scale * path_integral(laws, tables, q, x, low, middle)
            # The cost of the bend in hours, weighted by the chance that nothing on either side of the piece detects.
            bend = abs(half - 0.5 * gained) * (high - low) / w
            if bend * (math.exp(-done) + math.exp(done + gained - whole)) < _BEND_H:
                break
            high, gained = middle, half
        rise = gained * w / (high - low)
        used = _add_bend(times, bends, used, t1 + (low - s1) / w, rise - slope)
        step = max(2.0 * (high - low), least)
        slope, low, done = rise, high, done + gained
    return _add_bend(times, bends, used, t2, -slope)


@inline
def _mean_detection(
    times: Array, bends: Array, n: int, steps: Array, jumps: Array, m: int, tau: float, breaks: Array, weights: Array
) -> Any:
    """Return the integral over s of g(s) [1 - exp(-F(s))], F piecewise linear with steps, g piecewise constant.

    F(s) = A(s + tau) - A(s) + steps is the exposure of a transfer that begins at s: A, the exposure accumulated by all
    passes, bends at ``times`` (n,) by ``bends`` (n,); ``jumps`` (m,) happen at ``steps`` (m,). g is the density
    ``weights`` (b,) of the beginning between ``breaks`` (b + 1,).

    Exact for such F and g: the events of A, of A moved by tau, of the steps and of g are walked through in order of
    time; between two of them F is linear, F0 + c s, and the integral of 1 - exp(-F) is length - (e^-F0 - e^-F1) / c.
    For small c that difference cancels, so the trapezoidal rule, whose error is of the order of c^2, takes its place.
    """
    i = j = k = 0
    b = 0
    level = slope = 0.0
    total = 0.0
    last = breaks.size - 1
    here = -math.inf
    before = 1.0
    entered = False
    while b < last:
        ahead = times[i] - tau if i < n else math.inf
        behind = times[j] if j < n else math.inf
        step = steps[k] if k < m else math.inf
        t = min(min(ahead, behind), step)
        edge = breaks[b + 1] if entered else breaks[0]
        t = min(t, edge)
        if here > -math.inf:
            length = t - here
            level_now = max(0.0, level + slope * length)
            if entered and length > 0.0:
                after = math.exp(-level_now)
                change = slope * length
                if abs(change) < 1e-4:
                    total += weights[b] * length * (1.0 - 0.5 * (before + after))
                else:
                    total += weights[b] * (length - (before - after) / slope)
                before = after
            elif length > 0.0:
                before = math.exp(-level_now)
            level = level_now
        here = t
        if t == step:
            level += jumps[k]
            k += 1
            before = math.exp(-max(0.0, level))
        elif t == ahead:
            slope += bends[i]
            i += 1
        elif t == behind:
            slope -= bends[j]
            j += 1
        elif entered:
            b += 1
        else:
            entered = True
    return total


@inline
def _add_interval(steps: Array, jumps: Array, used: int, low: float, high: float, jump: float) -> Any:
    """Write an exposure that counts for beginnings between low and high; return the number of steps used."""
    if jump == 0.0 or high == -math.inf:
        return used
    steps[used], steps[used + 1] = low, high
    jumps[used], jumps[used + 1] = min(jump, _CERTAIN), -min(jump, _CERTAIN)
    return used + 2


@inline
def _sort_pairs(times: Array, values: Array, n: int) -> None:
    """Sort n events by time, in place (Shell 1959, with Ciura's gaps).

    The events of one aircraft are in order already, so an insertion sort costs little; those of several interleave.
    """
    for gap in (1750, 701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, n):
            t, value = times[i], values[i]
            j = i
            while j >= gap and times[j - gap] > t:
                times[j], values[j] = times[j - gap], values[j - gap]
                j -= gap
            times[j], values[j] = t, value


@on_demand
def coverage(
    cells: Array,
    legs: Array,
    sorties: Array,
    sets: Array,
    sensors: Array,
    laws: Array,
    tables: Array,
    tau: float,
    breaks: Array,
    weights: Array,
    out: Array,
) -> None:
    """Add to ``out`` (c,) the probability that a transfer of ``tau`` hours at each cell is detected in one replication.

    ``cells`` (c, 2). ``legs`` (n, 6): t0, t1, x0, y0, x1, y1 of all sorties; sortie k owns rows ``sorties[k]`` to
    ``sorties[k + 1]`` and carries ``sensors[k]`` sensors. ``sets`` (n,): first row of the laws in force on each leg.
    ``breaks`` (c, b + 1) and ``weights`` (c, b): the density of the hour at which a transfer begins.
    """
    most = legs.shape[0] * sensors.max() * (2 * _MOST_PIECES + 4) + 2
    times, bends = np.empty(most), np.empty(most)
    steps, jumps = np.empty(2 * most), np.empty(2 * most)
    for c in range(cells.shape[0]):
        n = m = 0
        for k in range(sorties.size - 1):
            for sensor in range(sensors[k]):
                low = high = fell = -math.inf
                jump, law = 0.0, -1.0
                for j in range(sorties[k], sorties[k + 1]):
                    q = sets[j] + sensor
                    law = laws[q, 0]
                    span = legs[j, 1] - legs[j, 0]
                    dx, dy = cells[c, 0] - legs[j, 2], cells[c, 1] - legs[j, 3]
                    ux, uy = legs[j, 4] - legs[j, 2], legs[j, 5] - legs[j, 3]
                    reach = laws[q, 1] + norm(ux, uy)
                    if dx * dx + dy * dy > reach * reach:
                        continue
                    chord = chord_in_range(laws, q, dx, dy, -ux / span, -uy / span, legs[j, 0], legs[j, 1])
                    if chord[0] >= chord[1]:
                        continue
                    if law == LATERAL_RANGE:
                        jump, when, fell = closest_approach(laws, tables, q, chord, legs[j, 0], legs[j, 1], fell)
                        m = _add_interval(steps, jumps, m, when - tau, when, jump)
                    elif law != DEFINITE_RANGE:
                        n = _pass_pieces(laws, tables, q, chord, times, bends, n)
                    elif chord[0] - tau <= high:
                        high = max(high, chord[1])
                    else:
                        m = _add_interval(steps, jumps, m, low, high, jump)
                        low, high, jump = chord[0] - tau, chord[1], laws[q, 2]
                if law == DEFINITE_RANGE:
                    m = _add_interval(steps, jumps, m, low, high, jump)
        _sort_pairs(times, bends, n)
        _sort_pairs(steps, jumps, m)
        out[c] += _mean_detection(times, bends, n, steps, jumps, m, tau, breaks[c], weights[c])
