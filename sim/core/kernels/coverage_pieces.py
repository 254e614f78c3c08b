"""The exposure of a pass as a function of time, drawn as straight pieces between bends.

Where a pass bends follows from the law, the closest distance and the speed alone. So the bends are chosen once for each
law and speed, in narrow bands of the closest distance, and each pass looks its bends up. They are fractions of half the
chord, that is of the distance from the closest point to the maximum range.

* ``starts`` (tables, bands + 1): the first row of ``nodes`` of each band, and the row behind the last band.
* ``nodes`` (n, 4): of each band its bends from the closest point outwards, and between two bends the point in the
  middle: the fraction of half the chord, and for a scan law the integral of the rate from the closest point to there,
  divided by half the chord, at the lower edge, in the middle and at the upper edge of the band.
"""

import math
from typing import Any

import numpy as np

from sim.core.codes import SCAN
from sim.core.kernels.compiling import Array, inline, on_demand
from sim.core.kernels.exposures import detection_rate, path_integral

# A piece is halved until the hours of a transfer's beginning at which it could change detection are fewer than this; a
# test holds the error of the field that this makes below 0.002.
_MISJUDGED_H = 0.05
# Where a leg begins or ends within a piece, an error of the exposure there lasts while the transfer does. These are the
# hours that count for it. An assumption: 0 to 10 were tried.
_CUT_H = 8.0
# No piece is shorter than this share of half the chord.
_SHORTEST = 1.0 / 256.0
_MOST_NODES = 2 * 256 + 1
# A larger exposure is certainty (exp(-50) is 2e-22). It is cut to this, since infinities cannot be subtracted.
CERTAIN = 50.0
# A pass with a smaller exposure is left out.
_LEAST = 1e-6


@inline
def _band_edge(laws: Array, q: int, bands: int, i: int) -> Any:
    """Return the lower edge of band i of the closest distance: near the sensor, where bends move, bands are narrow."""
    return laws[q, 1] * min(1.0 - 1e-9, (i / bands) ** 2)  # at the maximum range itself the chord has no length


@inline
def _band_of(laws: Array, q: int, bands: int, x: float) -> Any:
    """Return the band of a closest distance, and the weights of its lower edge, middle and upper edge in a parabola."""
    part = x / laws[q, 1]
    band = min(int(bands * math.sqrt(part)), bands - 1)
    share = (part * bands * bands - band * band) / (2.0 * band + 1.0)
    return band, (1.0 - share) * (1.0 - 2.0 * share), 4.0 * share * (1.0 - share), share * (2.0 * share - 1.0)


@inline
def half_chord(laws: Array, q: int, x: float) -> Any:
    """Return the distance from the closest point, x nmi aside, to the maximum range."""
    return math.sqrt((laws[q, 1] - x) * (laws[q, 1] + x))


@inline
def _misjudged(
    laws: Array, tables: Array, q: int, x: float, pace: float, low: float, high: float, gained: float
) -> Any:
    """Return the exposure of the nearer half of a piece, and the hours that taking the piece for straight would cost.

    ``gained`` is the exposure of the whole piece, from ``low`` to ``high`` nmi along the path. Its bend counts while it
    is passed; what a parabola through its ends and its middle is off at its quarters counts for _CUT_H.
    """
    nearer = path_integral(laws, tables, q, x, low, 0.5 * (low + high)) / pace
    quarter = path_integral(laws, tables, q, x, low, 0.75 * low + 0.25 * high) / pace
    farther = path_integral(laws, tables, q, x, low, 0.25 * low + 0.75 * high) / pace
    bend = abs(nearer - 0.5 * gained)
    off = max(abs(quarter - 0.75 * nearer + 0.125 * gained), abs(farther - 0.75 * nearer - 0.375 * gained))
    return nearer, bend * (high - low) / pace + off * _CUT_H


@inline
def _choose_bends(laws: Array, tables: Array, q: int, x: float, pace: float, nodes: Array, used: int) -> Any:
    """Write the fractions of a band from row ``used`` of the nodes, chosen at distance x; return the row behind them.

    Half a chord is cut into pieces from the closest point. Each piece is halved until the hours of a transfer's
    beginning at which it misjudges detection are fewer than _MISJUDGED_H. They are weighted by the chance that neither
    the exposure before the piece nor that after it detects, since the piece matters only then.
    """
    half = half_chord(laws, q, x)
    whole = path_integral(laws, tables, q, x, 0.0, half) / pace
    nodes[used, 0] = low = done = 0.0
    step = 1.0
    while low < 1.0:
        high = low + step if low + 1.5 * step < 1.0 else 1.0
        gained = path_integral(laws, tables, q, x, low * half, high * half) / pace
        while high - low > _SHORTEST:
            nearer, hours = _misjudged(laws, tables, q, x, pace, low * half, high * half, gained)
            if hours * (math.exp(-done) + math.exp(done + gained - whole)) < _MISJUDGED_H:
                break
            high, gained = 0.5 * (low + high), nearer
        nodes[used + 1, 0], nodes[used + 2, 0] = 0.5 * (low + high), high
        used += 2
        step = max(2.0 * (high - low), _SHORTEST)
        low, done = high, done + gained
    return used + 1


@on_demand
def lay_pieces(laws: Array, tables: Array, rows: Array, paces: Array, bands: int) -> Any:
    """Return ``starts`` and ``nodes`` for the laws in ``rows`` (k,) at the speeds in ``paces`` (k,), knots."""
    starts = np.empty((rows.size, bands + 1), np.int64)
    nodes = np.empty((rows.size * bands * _MOST_NODES, 4))  # most of which is never touched
    used = 0
    for k in range(rows.size):
        q = rows[k]
        starts[k, 0] = used
        for i in range(bands):
            low, high = _band_edge(laws, q, bands, i), _band_edge(laws, q, bands, i + 1)
            used = _choose_bends(laws, tables, q, 0.5 * (low + high), paces[k], nodes, used)
            for node in range(starts[k, i], used):
                for edge in range(3):
                    x = low + 0.5 * edge * (high - low)
                    half = half_chord(laws, q, x)
                    if laws[q, 0] == SCAN:
                        nodes[node, 1 + edge] = path_integral(laws, tables, q, x, 0.0, nodes[node, 0] * half) / half
            starts[k, i + 1] = used
    return starts, nodes[:used].copy()


@inline
def add_bend(times: Array, bends: Array, used: int, t: float, change: float) -> Any:
    """Write a change of slope at an hour, added to the last if that has the same hour; return the number used."""
    if used > 0 and times[used - 1] == t:
        bends[used - 1] += change
        return used
    times[used], bends[used] = t, change
    return used + 1


@inline
def _gained(nodes: Array, node: int, parabola: Any) -> Any:
    """Return the integral at a node, between the edges of its band."""
    return nodes[node, 1] * parabola[0] + nodes[node, 2] * parabola[1] + nodes[node, 3] * parabola[2]


@inline
def _piece_at(nodes: Array, first: int, last: int, u: float) -> int:
    """Return the piece that holds a signed fraction u, negative before the closest point, by the bend at its end.

    Bend j is in row ``first + 2 |j|``; it lies before the closest point if j is negative, and bend 0 at that point.
    """
    row = first + 2
    while row < last and nodes[row, 0] <= abs(u):
        row += 2
    outer = (row - first) // 2
    return outer if u >= 0.0 else 1 - outer


@inline
def _gained_to(nodes: Array, first: int, piece: int, parabola: Any, u: float) -> Any:
    """Return the integral from the closest point to a signed fraction u in a piece: a parabola through its nodes."""
    far = first + 2 * (piece if piece > 0 else 1 - piece)
    at_near, at_middle, at_far = (
        _gained(nodes, far - 2, parabola),
        _gained(nodes, far - 1, parabola),
        _gained(nodes, far, parabola),
    )
    v = (abs(u) - nodes[far - 2, 0]) / (nodes[far, 0] - nodes[far - 2, 0])
    gained = at_near + v * (at_far - at_near) + v * (1.0 - v) * (4.0 * at_middle - 2.0 * (at_near + at_far))
    return gained if u >= 0.0 else -gained


@inline
def _flat_pass(rate: float, t1: float, t2: float, times: Array, bends: Array, used: int) -> Any:
    """Write a pass with one rate from t1 to t2; return the number of bends used."""
    used = add_bend(times, bends, used, t1, rate)
    return add_bend(times, bends, used, t2, -rate)


@inline
def _bent_pass(
    laws: Array, tables: Array, q: int, nodes: Array, first: int, parabola: Any, chord: Any, half: float,
    begin: Any, end: Any, scale: float, times: Array, bends: Array, used: int,
) -> Any:  # fmt: skip
    """Write a pass that has several pieces; return the number of bends used.

    ``begin`` and ``end`` are those of the pass: its piece, its fraction, and the integral there, for a scan law.
    """
    t, t2, x, _, _, w = chord
    piece, low, had = begin
    slope = 0.0
    while low < end[1]:
        row = first + 2 * abs(piece)
        high = end[1] if piece == end[0] else (nodes[row, 0] if piece > 0 else -nodes[row, 0])
        if laws[q, 0] == SCAN:
            after = _gained(nodes, row, parabola)
            after = end[2] if piece == end[0] else (after if piece > 0 else -after)
            gained, had = after - had, after
        else:
            gained = path_integral(laws, tables, q, x, low * half, high * half) / half
        if high > low:
            rise = scale * gained / (high - low)
            used = add_bend(times, bends, used, t, rise - slope)
            t += (high - low) * (half / w)
            slope, low = rise, high
        piece += 1
    return add_bend(times, bends, used, t2, -slope)


@inline
def pass_pieces(
    laws: Array, tables: Array, q: int, starts: Array, nodes: Array, chord: Any,
    times: Array, bends: Array, used: int,
) -> Any:  # fmt: skip
    """Write a pass as a piecewise-linear exposure: hours, and the change of slope at each; return the number used.

    ``starts`` (bands + 1,) are those of the law and the speed. The exposure of each piece that is flown from end to end
    is exact but for the parabola across its band, and so is that of the whole pass but for a leg that begins or ends in
    range.
    """
    t1, t2, x, s1, s2, w = chord
    if w == 0.0:
        return _flat_pass(min(detection_rate(laws, tables, q, x), CERTAIN / (t2 - t1)), t1, t2, times, bends, used)
    half = half_chord(laws, q, x)
    band, at_low, at_middle, at_high = _band_of(laws, q, starts.size - 1, x)
    parabola = (at_low, at_middle, at_high)
    first, last = starts[band], starts[band + 1] - 1
    u1, u2 = s1 / half, s2 / half
    piece, final = _piece_at(nodes, first, last, u1), _piece_at(nodes, first, last, u2)
    before = after = 0.0
    if laws[q, 0] == SCAN:
        before, after = (
            _gained_to(nodes, first, piece, parabola, u1),
            _gained_to(nodes, first, final, parabola, u2),
        )
        whole = (after - before) * (half / w)
    else:
        whole = path_integral(laws, tables, q, x, s1, s2) / w
    if whole < _LEAST:
        return used
    if piece == final:
        return _flat_pass(min(whole, CERTAIN) / (t2 - t1), t1, t2, times, bends, used)
    begin, end = (piece, u1, before), (final, u2, after)
    scale = min(1.0, CERTAIN / whole)
    return _bent_pass(laws, tables, q, nodes, first, parabola, chord, half, begin, end, scale, times, bends, used)
