"""The number of vessels that the sorties of an aircraft detect, for traffic that cannot change the flight."""

import math

import numpy as np

from sim.core.codes import DEFINITE_RANGE, INVERSE_CUBE, LATERAL_RANGE
from sim.core.kernels.compiling import F2, F4, I1, U1, U2, Array, entry, inline, norm
from sim.core.kernels.exposures import LEAST_RANGE_NMI, STILL_KN, chord_in_range, closest_approach, stretch_exposure
from sim.core.kernels.random_numbers import BATCH, FOR_THRESHOLD, join_identities, uniform_pair

BLOCK = 16  # the number of legs that are compared with a segment at once


@inline
def _legs_within_reach(rows: Array, i: int, legs: Array, first: int, reach2: float, near: Array) -> None:
    """Mark the legs of a block that a segment comes within reach of while both last, 1 or 0 in ``near`` (BLOCK,).

    The square of range is convex in time: it is least at either end, or, if it falls at the first end and rises at the
    last, between them, where it is d^2 - (d . w)^2 / w^2. No branch and no division, so that the compiler does several
    legs at once.
    """
    begins, ends = legs[0, first : first + BLOCK], legs[1, first : first + BLOCK]
    ux, uy = legs[2, first : first + BLOCK], legs[3, first : first + BLOCK]
    ox, oy = legs[4, first : first + BLOCK], legs[5, first : first + BLOCK]
    t0, t1, vx, vy = rows[i, 0], rows[i, 1], rows[i, 4], rows[i, 5]
    x0, y0 = rows[i, 2] - vx * t0, rows[i, 3] - vy * t0
    for j in range(BLOCK):
        begin, end = max(begins[j], t0), min(ends[j], t1)
        hours = end - begin
        rx, ry = vx - ux[j], vy - uy[j]
        dx, dy = x0 - ox[j] + rx * begin, y0 - oy[j] + ry * begin
        ex, ey = dx + rx * hours, dy + ry * hours
        speed2, falls, rises = rx * rx + ry * ry, dx * rx + dy * ry, ex * rx + ey * ry
        range2 = dx * dx + dy * dy
        between = (falls < 0.0) & (rises > 0.0) & (range2 * speed2 - falls * falls < reach2 * speed2)
        at_ends = (range2 < reach2) | (ex * ex + ey * ey < reach2)
        near[j] = 1 if (hours > 0.0) & (between | at_ends) else 0


@inline
def _relative_motions(rows: Array, legs: Array, pairs: Array, n: int, motion: Array) -> None:
    """Relative motion of the first n pairs (segment, leg) into ``motion`` (5, n): dx, dy, vx, vy, hours together."""
    for c in range(n):
        i, j = pairs[0, c], pairs[1, c]
        ta, tb = max(legs[0, j], rows[i, 0]), min(legs[1, j], rows[i, 1])
        motion[0, c] = rows[i, 2] + rows[i, 4] * (ta - rows[i, 0]) - legs[4, j] - legs[2, j] * ta
        motion[1, c] = rows[i, 3] + rows[i, 5] * (ta - rows[i, 0]) - legs[5, j] - legs[3, j] * ta
        motion[2, c], motion[3, c], motion[4, c] = rows[i, 4] - legs[2, j], rows[i, 5] - legs[3, j], tb - ta


@inline
def _inverse_cubes(reaches: Array, strengths: Array, motion: Array, n: int, gained: Array) -> None:
    """Write ``stretch_exposure`` of n motions by an inverse cube law each; no branches, so many are done at once."""
    for c in range(n):
        reach, strength = reaches[c], strengths[c]
        dx, dy, vx, vy, hours = motion[0, c], motion[1, c], motion[2, c], motion[3, c], motion[4, c]
        w = norm(vx, vy)
        pace = 1.0 / max(w, 1e-300)
        x, s = abs(dx * vy - dy * vx) * pace, (dx * vx + dy * vy) * pace
        half = math.sqrt(max(0.0, (reach - x) * (reach + x)))
        s1, s2 = max(s, -half), min(s + w * hours, half)
        near = max(x, LEAST_RANGE_NMI)
        r1, r2 = norm(near, s1), norm(near, s2)
        top = (s2 - s1) * (s2 + s1) if s1 * s2 > 0.0 else s2 * r1 - s1 * r2
        low = s2 * r1 + s1 * r2 if s1 * s2 > 0.0 else near * near
        passing = strength * top * pace / (r1 * r2 * low) if s1 < s2 else 0.0
        r = max(norm(dx, dy), LEAST_RANGE_NMI)
        beside = strength * hours / (r * r * r) if r < reach else 0.0
        gained[c] = beside if w < STILL_KN else passing


@inline
def _add_exposures(
    pairs: Array, n: int, motion: Array, gained: Array, first: Array, force: Array, legs: Array, sorties: Array,
    sets: Array, rows: Array, owner: Array, key: Array, vessels: Array, kinds: Array, sensor_names: Array, laws: Array,
    tables: Array, now: Array, seen: Array, needed: Array, had: Array, fell: Array,
) -> int:  # fmt: skip
    """Add the exposures of n pairs to their vessels; return how many vessels are detected for the first time."""
    count, sensors = 0, sensor_names.shape[1]
    _relative_motions(rows, legs, pairs, n, motion)
    for c in range(n):
        first[c] = sets[pairs[1, c]] + kinds[owner[pairs[0, c]]] * sensors
    for k in range(sensors):
        if laws[k, 0] == INVERSE_CUBE:
            for c in range(n):
                force[0, c], force[1, c] = laws[first[c] + k, 1], laws[first[c] + k, 2]
            _inverse_cubes(force[0], force[1], motion, n, gained[k])
    for c in range(n):
        i, j = pairs[0, c], pairs[1, c]
        m, sortie = owner[i], sorties[j]
        if now[m] != sortie:
            now[m], seen[m] = sortie, False
            for k in range(sensors):
                needed[m, k], had[m, k], fell[m, k] = -1.0, 0.0, -math.inf
        if seen[m]:
            continue
        dx, dy, vx, vy, hours = motion[0, c], motion[1, c], motion[2, c], motion[3, c], motion[4, c]
        for k in range(sensors):
            q, gain = first[c] + k, gained[k, c]
            if laws[q, 0] == LATERAL_RANGE:
                ta, tb = max(legs[0, j], rows[i, 0]), min(legs[1, j], rows[i, 1])
                chord = chord_in_range(laws, q, dx, dy, vx, vy, ta, tb)
                gain, _, fell[m, k] = closest_approach(laws, tables, q, chord, ta, tb, fell[m, k])
            elif laws[k, 0] != INVERSE_CUBE:
                gain = stretch_exposure(laws, tables, q, dx, dy, vx, vy, hours)
            if gain == 0.0:
                continue
            if needed[m, k] < 0.0:
                needed[m, k] = -math.log(
                    uniform_pair(key, FOR_THRESHOLD, join_identities(vessels[m], sensor_names[sortie, k]), 0)[0]
                )
            had[m, k] = gain if laws[q, 0] == DEFINITE_RANGE else had[m, k] + gain
            seen[m] = seen[m] or had[m, k] >= needed[m, k]
        count += seen[m]
    return count


@entry(f"int64({F2}, {I1}, {I1}, {I1}, {I1}, float64, {F2}, {I1}, {U1}, {U1}, {I1}, {U2}, {F2}, {F4})")
def count_contacts(
    legs: Array,
    sorties: Array,
    sets: Array,
    begins: Array,
    bucket: Array,
    per_hour: float,
    rows: Array,
    owner: Array,
    key: Array,
    vessels: Array,
    kinds: Array,
    sensor_names: Array,
    laws: Array,
    tables: Array,
) -> int:
    """Return how many vessels the sorties of one aircraft detect, each vessel at most once a sortie.

    All pairs of segment and leg are done in one pass, since this traffic cannot change the flight.

    ``legs`` (6, n + BLOCK): t0, t1, vx, vy and the place at hour 0 of the line flown, sorted by time; the last block
    never begins. ``sorties`` (n,): the sortie of each leg. ``sets`` (n,): first row of the laws in force on it.
    ``begins`` (sorties + 1,): first leg of each sortie. ``bucket``: for each 1 / ``per_hour`` hours the first leg that
    ends after the bucket begins. ``rows`` (s, 6), ``owner`` (s,): segments, those of a vessel in order of time.
    ``vessels`` (m,), ``kinds`` (m,): identities and classes. ``sensor_names`` (sorties, sensors): identities.
    """
    size, sensors = vessels.size, sensor_names.shape[1]
    farthest = 0.0
    for k in range(laws.shape[0]):
        farthest = max(farthest, laws[k, 1])
    most_pairs = BATCH + legs.shape[1]  # a segment may meet every leg
    reach2 = farthest * farthest
    near, pairs, motion = np.empty(BLOCK, np.int64), np.empty((2, most_pairs), np.int64), np.empty((5, most_pairs))
    gained, first, force = np.empty((sensors, most_pairs)), np.empty(most_pairs, np.int64), np.empty((2, most_pairs))
    needed, had, fell = np.empty((size, sensors)), np.empty((size, sensors)), np.empty((size, sensors))
    now, seen = np.full(size, -1), np.zeros(size, np.bool_)
    count, n = 0, 0
    for i in range(rows.shape[0] + 1):
        if n >= BATCH or i == rows.shape[0]:
            count += _add_exposures(
                pairs, n, motion, gained, first, force, legs, sorties, sets, rows, owner, key, vessels, kinds,
                sensor_names, laws, tables, now, seen, needed, had, fell,
            )  # fmt: skip
            n = 0
        if i == rows.shape[0]:
            break
        t0, t1, m = rows[i, 0], rows[i, 1], owner[i]
        leg = bucket[min(bucket.size - 1, int(max(0.0, t0) * per_hour))]
        if seen[m]:
            leg = max(leg, begins[now[m] + 1])
        while legs[0, leg] < t1:
            _legs_within_reach(rows, i, legs, leg, reach2, near)
            for j in range(BLOCK):
                if near[j] == 1:
                    pairs[0, n], pairs[1, n] = i, leg + j
                    n += 1
            leg += BLOCK
    return count
