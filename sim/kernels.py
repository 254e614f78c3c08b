"""Compiled inner loops on plain arrays and numbers: chance, traffic, exposure, the flight to the next decision.

Everything compiled lives in this one file, which imports nothing of ours, so that one digest of its source keys the
cache on disk. It is imported inside functions, since Numba takes half a second. No fast-math and no parallel
kernels: the same lock file, platform and CPU type give the same bits.

Plane coordinates are nautical miles, times are hours since the scenario's start, speeds are knots.

Array layouts, shared by the whole core:

* ``tracks`` (n, 6): a row a straight segment, ``t0, t1, x0, y0, vx, vy``, sorted by ``t0``;
  ``track_vessel`` (n,): the vessel of each row; ``track_reach`` (n,): the running maximum of ``t1``.
* ``legs`` (n, 5): a row a leg to fly, ``x, y`` of its end, speed in knots (negative: minus its hours), phase code,
  and a number of the caller's.
* ``flown`` (n, 7): a row a leg as flown, ``t0, t1, x0, y0, x1, y1``, phase code.
* ``laws`` (sensors, 4): kind code, maximum range, then two parameters of the kind (see ``sim.detection``).
"""

import hashlib
import math
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding
import numba
import numpy as np
import platformdirs

Array = np.ndarray[Any, Any]


def _cache_folder() -> str:
    """A folder for compiled code that changes with this source, the versions and the CPU; temporary if need be."""
    parts = [Path(__file__).read_bytes(), numba.__version__, np.__version__, platform.python_version()]
    parts += [llvmlite.binding.get_host_cpu_features().flatten(), platform.machine()]
    digest = hashlib.blake2b(b"|".join(p if isinstance(p, bytes) else p.encode() for p in parts), digest_size=8)
    for root in (os.environ.get("SEASWEEP_CACHE"), platformdirs.user_cache_dir("seasweep")):
        if not root:
            continue
        folder = Path(root) / f"kernels-{digest.hexdigest()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return str(folder)
        except OSError:
            continue
    return tempfile.mkdtemp(prefix="seasweep-kernels-")


numba.config.CACHE_DIR = _cache_folder()  # type: ignore[attr-defined]  # it is made when numba loads

_inline: Callable[[Any], Any] = numba.njit(error_model="numpy")


def _entry(signature: str) -> Callable[[Any], Any]:
    """Compile now, for one signature, or load from the cache: a worker never compiles."""
    decorate: Callable[[Any], Any] = numba.njit(signature, cache=True, error_model="numpy", nogil=True)
    return decorate


# ---------------------------------------------------------------------------------------------------- chance
# Philox 4x32-10: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 3.3.
_MASK = np.uint64(0xFFFFFFFF)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_SHIFT, _UP5, _DOWN6 = np.uint64(32), np.uint64(5), np.uint64(6)
_TWO53 = 1.0 / 9007199254740992.0
# SplitMix64's finaliser (Steele, Lea & Flood, OOPSLA 2014), here to join two identities into one.
_MIX1, _MIX2, _GOLDEN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)
_R30, _R27, _R31 = np.uint64(30), np.uint64(27), np.uint64(31)

# What a number is for: part of its counter, so two uses never share one. `sim.chance.Purpose` holds the same codes.
FOR_THRESHOLD, FOR_SUSPICION, FOR_PLACE, FOR_COURSE, FOR_LEG, FOR_GAP = 1, 2, 3, 4, 5, 6


@_inline
def _philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _MASK, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _MASK
        k0 = (k0 + _W0) & _MASK
        k1 = (k1 + _W1) & _MASK
    return c0, c1, c2, c3


@_inline
def _mix(a: Any, b: Any) -> Any:
    """One 64-bit identity from two."""
    z = (a ^ (b * _GOLDEN)) + _GOLDEN
    z = (z ^ (z >> _R30)) * _MIX1
    z = (z ^ (z >> _R27)) * _MIX2
    return z ^ (z >> _R31)


@_inline
def _pair(key: Array, purpose: int, entity: int, counter: int) -> Any:
    """Two uniforms in the open interval (0, 1)."""
    e = entity ^ key[1]
    r0, r1, r2, r3 = _philox(
        e & _MASK, e >> _SHIFT, np.uint64(purpose), np.uint64(counter), key[0] & _MASK, key[0] >> _SHIFT
    )
    # 26 + 27 bits give a multiple of 2^-53; half a step keeps it off 0.
    u = (float((r0 >> _UP5) * np.uint64(67108864) + (r1 >> _DOWN6)) + 0.5) * _TWO53
    v = (float((r2 >> _UP5) * np.uint64(67108864) + (r3 >> _DOWN6)) + 0.5) * _TWO53
    return u, v


@_entry("uint64(uint64, uint64)")
def mix(a: int, b: int) -> int:
    """One 64-bit identity from two, in order."""
    joined: int = _mix(a, b)
    return joined


@_entry("uint32[:](uint32[:], uint32[:])")
def philox(counter: Array, key: Array) -> Array:
    """Philox 4x32-10 of a counter (4,) under a key (2,): (4,). For the published test vectors."""
    r = _philox(
        np.uint64(counter[0]),
        np.uint64(counter[1]),
        np.uint64(counter[2]),
        np.uint64(counter[3]),
        np.uint64(key[0]),
        np.uint64(key[1]),
    )
    out = np.empty(4, np.uint32)
    for i in range(4):
        out[i] = r[i]
    return out


@_entry("void(uint64[:], uint64, uint64[:], uint64, float64[:,:])")
def fill_uniforms(key: Array, purpose: int, entities: Array, counter: int, out: Array) -> None:
    """Two uniforms in (0, 1) for each entity, into ``out`` (n, 2)."""
    for i in range(entities.size):
        out[i, 0], out[i, 1] = _pair(key, purpose, entities[i], counter)


@_entry("uint64[:](uint64, int64, int64)")
def entities(source: int, first: int, count: int) -> Array:
    """Identities of the ordinals ``first`` to ``first + count - 1`` of a source."""
    out = np.empty(count, np.uint64)
    for i in range(count):
        out[i] = _mix(source, np.uint64(first + i))
    return out


@_entry("float64[:](uint64[:], uint64, int64, float64)")
def poisson_times(key: Array, source: int, direction: int, span: float) -> Array:
    """Times in (0, span) of a Poisson process of rate 1, by unit-exponential gaps keyed by ordinal.

    ``direction`` 1 counts ordinals 0, 1, 2, ... and -1 counts -1, -2, ...: the two halves of a stationary process.
    """
    out = np.empty(int(span + 8.0 * math.sqrt(span) + 16.0), np.float64)
    n = 0
    t = 0.0
    while True:
        ordinal = n if direction > 0 else -1 - n
        t -= math.log(_pair(key, FOR_GAP, _mix(source, np.uint64(ordinal)), 0)[0])
        if t >= span:
            return out[:n]
        if n == out.size:
            grown = np.empty(2 * n, np.float64)
            for i in range(n):
                grown[i] = out[i]
            out = grown
        out[n] = t
        n += 1


# ---------------------------------------------------------------------------------------------------- traffic
@_inline
def _inside(x: float, y: float, edges: Array) -> bool:
    odd = False
    for i in range(edges.shape[0]):
        ax, ay, bx, by = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


@_inline
def _first(rising: Array, t: float) -> Any:
    """The first place of a rising array whose value is above t."""
    low, high = 0, rising.size
    while low < high:
        middle = (low + high) // 2
        if rising[middle] > t:
            high = middle
        else:
            low = middle + 1
    return low


@_inline
def _grown(rows: Array, owner: Array) -> Any:
    """Twice the room for segments."""
    more = np.empty((2 * rows.shape[0], 6), np.float64)
    whose = np.empty(2 * rows.shape[0], np.int64)
    for i in range(rows.shape[0]):
        whose[i] = owner[i]
        for j in range(6):
            more[i, j] = rows[i, j]
    return more, whose


@_inline
def _exit_distance(x: float, y: float, cx: float, cy: float, edges: Array, own: int) -> Any:
    """Distance along the unit course (cx, cy) to the boundary, leaving out the edge one stands on, and that edge."""
    best = math.inf
    hit = -1
    for i in range(edges.shape[0]):
        if i == own:
            continue
        ax, ay = edges[i, 0] - x, edges[i, 1] - y
        ex, ey = edges[i, 2] - edges[i, 0], edges[i, 3] - edges[i, 1]
        turn = cx * ey - cy * ex
        if turn == 0.0:
            continue
        along = (ax * ey - ay * ex) / turn
        share = (ax * cy - ay * cx) / turn
        if 0.0 <= share <= 1.0 and 0.0 <= along < best:
            best = along
            hit = i
    return best, hit


@_entry(
    "Tuple((float64[:,:], int64[:]))"
    "(uint64[:], uint64[:], float64[:], float64[:], boolean[:], float64[:,:], float64[:], float64, float64)"
)
def voyages(
    key: Array,
    vessels: Array,
    begin: Array,
    speed: Array,
    wanted: Array,
    edges: Array,
    perimeter: Array,
    mean_leg: float,
    duration: float,
) -> Any:
    """Tracks of vessels that cross a sea area on random courses; uniform and isotropic at every moment.

    A vessel with ``begin`` 0 lies anywhere in the area with any course; one that begins later enters through the
    boundary, at a point uniform along it, with sin(angle to the inward normal) uniform. Each steers straight for an
    exponential length of mean ``mean_leg`` (infinite: never turns), then takes a new course, until it meets the
    boundary or the time is over. That is the equilibrium of isotropic transport, for any shape of area.

    ``edges`` (m, 4) have the sea on their left; ``perimeter`` (m,) is the running sum of their lengths.
    """
    rows = np.empty((max(64, 2 * vessels.size), 6), np.float64)
    owner = np.empty(rows.shape[0], np.int64)
    n = 0
    west, south, east, north = edges[0, 0], edges[0, 1], edges[0, 0], edges[0, 1]
    for i in range(edges.shape[0]):
        west, east = min(west, edges[i, 0]), max(east, edges[i, 0])
        south, north = min(south, edges[i, 1]), max(north, edges[i, 1])
    for i in range(vessels.size):
        if not wanted[i]:
            continue
        t = begin[i]
        own = -1
        u = _pair(key, FOR_COURSE, vessels[i], 0)[0]
        if t == 0.0:
            tries = 0
            while True:
                a, b = _pair(key, FOR_PLACE, vessels[i], tries)
                x, y = west + a * (east - west), south + b * (north - south)
                if _inside(x, y, edges):
                    break
                tries += 1
            angle = 2.0 * math.pi * u
            cx, cy = math.cos(angle), math.sin(angle)
        else:
            along = _pair(key, FOR_PLACE, vessels[i], 0)[0] * perimeter[-1]
            own = min(_first(perimeter, along), edges.shape[0] - 1)
            ex, ey = edges[own, 2] - edges[own, 0], edges[own, 3] - edges[own, 1]
            size = math.hypot(ex, ey)
            share = 1.0 - (perimeter[own] - along) / size
            x, y = edges[own, 0] + share * ex, edges[own, 1] + share * ey
            sine = 2.0 * u - 1.0
            cosine = math.sqrt(1.0 - sine * sine)
            cx, cy = (ex * sine - ey * cosine) / size, (ey * sine + ex * cosine) / size
        turns = 0
        while t < duration:
            room, edge = _exit_distance(x, y, cx, cy, edges, own)
            if edge < 0:
                break
            leg = math.inf
            if mean_leg < math.inf:
                leg = -mean_leg * math.log(_pair(key, FOR_LEG, vessels[i], turns)[0])
            length = min(room, leg)
            if n == rows.shape[0]:
                rows, owner = _grown(rows, owner)
            rows[n, 0], rows[n, 1] = t, t + length / speed[i]
            rows[n, 2], rows[n, 3] = x, y
            rows[n, 4], rows[n, 5] = cx * speed[i], cy * speed[i]
            owner[n] = i
            n += 1
            t += length / speed[i]
            if leg >= room:
                break
            x += cx * length
            y += cy * length
            own = -1
            turns += 1
            angle = 2.0 * math.pi * _pair(key, FOR_COURSE, vessels[i], turns)[0]
            cx, cy = math.cos(angle), math.sin(angle)
    return rows[:n], owner[:n]


# ---------------------------------------------------------------------------------------------------- exposure
DEFINITE_RANGE, INVERSE_CUBE, SCAN = 0, 1, 2
_STILL = 1e-9  # relative speed, kn, below which two things are taken to keep their distance
_TOUCH = 1e-6  # nmi: a closest distance below this counts as this, or the inverse cube would be infinite


@_inline
def _cell(law: Array, n: int, x: float) -> Any:
    """Where a distance lies on a table's grid: the node below, the share of the step above it, the step.

    Node i of n lies at c i / (k - i) with k = n (R + c) / R: even up to the scale c, wider and wider beyond. With a
    scale of 0 the grid is even throughout.
    """
    if law[2] == 0.0:
        at = x * (n / law[1])
        i = min(int(at), n - 1)
        return i, at - i, law[1] / n
    k = n * law[3]
    at = k * x / (x + law[2])
    i = min(int(at), n - 1)
    return i, (at - i) * (k - i - 1) / (k - at), law[2] * k / ((k - i) * (k - i - 1))


@_inline
def _table(law: Array, table: Array, x: float, s: float) -> Any:
    """Integral of a tabulated rate over (0, s) at closest distance x, by bicubic Hermite interpolation."""
    n = table.shape[0] - 1
    i, p, step_x = _cell(law, n, x)
    j, q, step_s = _cell(law, n, s)
    p2, q2 = p * p, q * q
    a1 = p2 * (3.0 - 2.0 * p)
    a0 = 1.0 - a1
    b0 = p * (1.0 - p) * (1.0 - p) * step_x
    b1 = p2 * (p - 1.0) * step_x
    c1 = q2 * (3.0 - 2.0 * q)
    c0 = 1.0 - c1
    d0 = q * (1.0 - q) * (1.0 - q) * step_s
    d1 = q2 * (q - 1.0) * step_s
    total = 0.0
    for k in range(2):
        value = a0 if k == 0 else a1
        slope = b0 if k == 0 else b1
        near, far = table[i + k, j], table[i + k, j + 1]
        total += value * (c0 * near[0] + c1 * far[0] + d0 * near[1] + d1 * far[1])
        total += slope * (c0 * near[2] + c1 * far[2] + d0 * near[3] + d1 * far[3])
    return total


@_inline
def _along(law: Array, table: Array, x: float, s1: float, s2: float) -> Any:
    """Integral of a law's rate, per hour, over the distance s1 to s2 of a straight relative track, x nmi aside.

    Inverse cube, rate k / r^3: Koopman (1946), OEG 56, chapter 2; written in the form that does not cancel when both
    ends lie on the same side of the closest point.
    """
    if law[0] == SCAN:
        high = _table(law, table, x, abs(s2))
        low = _table(law, table, x, abs(s1))
        return (high if s2 > 0.0 else -high) - (low if s1 > 0.0 else -low)
    x = max(x, _TOUCH)
    r1, r2 = math.hypot(x, s1), math.hypot(x, s2)
    if s1 * s2 > 0.0:
        return law[2] * (s2 - s1) * (s2 + s1) / (r1 * r2 * (s2 * r1 + s1 * r2))
    return law[2] * (s2 / r2 - s1 / r1) / (x * x)


@_inline
def _rate(law: Array, table: Array, r: float) -> Any:
    """Rate of a continuous law at range r, per hour; the maximum range is the caller's to heed."""
    if law[0] == SCAN:
        j, q, step = _cell(law, table.shape[0] - 1, min(r, law[1]))
        near, far = table[0, j], table[0, j + 1]
        # The derivative of the Hermite cubic of the integral, so that integral and rate agree to the last bit.
        return (
            6.0 * q * (1.0 - q) * (far[0] - near[0]) / step
            + (1.0 - q) * (1.0 - 3.0 * q) * near[1]
            + q * (3.0 * q - 2.0) * far[1]
        )
    r = max(r, _TOUCH)
    return law[2] / (r * r * r)


@_inline
def _chord(law: Array, dx: float, dy: float, vx: float, vy: float, ta: float, tb: float) -> Any:
    """When a straight relative motion is within the maximum range: (t1, t2, x, s1, s2, w); t1 >= t2 if never.

    dx, dy: the relative position at ta; x: closest distance; s: distance along the track from the closest point;
    w: relative speed, 0 where the two keep their distance, which then is x.
    """
    w = math.hypot(vx, vy)
    if w < _STILL:
        r = math.hypot(dx, dy)
        return ta, (tb if r < law[1] else ta), r, 0.0, 0.0, 0.0
    s = (dx * vx + dy * vy) / w
    x = abs(dx * vy - dy * vx) / w
    if x >= law[1]:
        return ta, ta, x, s, s, w
    half = math.sqrt((law[1] - x) * (law[1] + x))
    t1, t2, s1, s2 = ta, tb, s, s + w * (tb - ta)
    if s1 < -half:
        t1, s1 = ta + (-half - s) / w, -half
    if s2 > half:
        t2, s2 = ta + (half - s) / w, half
    return t1, t2, x, s1, s2, w


@_inline
def _meet(
    law: Array,
    table: Array,
    dx: float,
    dy: float,
    vx: float,
    vy: float,
    ta: float,
    tb: float,
    had: float,
    needed: float,
) -> Any:
    """Exposure after [ta, tb) of one opportunity, and when it reached what is needed (infinite if it did not).

    A definite range law adds once a sortie: a negative ``had`` of it, -1 - exposure, marks one that has acted.
    """
    t1, t2, x, s1, s2, w = _chord(law, dx, dy, vx, vy, ta, tb)
    if t1 >= t2 or t1 >= tb:
        return had, math.inf
    if law[0] == DEFINITE_RANGE:
        if had < 0.0:
            return had, math.inf
        return -1.0 - law[2], (t1 if law[2] >= needed else math.inf)
    if w == 0.0:
        rate = _rate(law, table, x)
        gained = rate * (t2 - t1)
        if had + gained < needed:
            return had + gained, math.inf
        t = t1 + max(0.0, needed - had) / rate
        return needed, (t if t < tb else math.inf)
    gained = _along(law, table, x, s1, s2) / w
    if had + gained < needed:
        return had + gained, math.inf
    # Newton, kept inside a bracket: the exposure grows with t and its derivative is the rate.
    target = (needed - had) * w
    low, high = s1, s2
    s = s1 + (s2 - s1) * min(1.0, max(0.0, target / max(gained * w, 1e-300)))
    for _ in range(60):
        excess = _along(law, table, x, s1, s) - target
        if excess > 0.0:
            high = s
        else:
            low = s
        slope = _rate(law, table, math.hypot(x, s))
        move = s - excess / slope if slope > 0.0 else math.inf
        if not low < move < high:
            move = 0.5 * (low + high)
        if abs(move - s) <= 1e-13 * (1.0 + abs(s)):
            s = move
            break
        s = move
    t = t1 + (s - s1) / w
    return needed, (t if t < tb else math.inf)


@_entry(
    "Tuple((float64, float64))"
    "(float64[:], float64[:,:,:], float64, float64, float64, float64, float64, float64, float64)"
)
def exposure(
    law: Array, table: Array, dx: float, dy: float, vx: float, vy: float, ta: float, tb: float, needed: float
) -> Any:
    """Exposure of a fresh opportunity along one straight relative motion, and when it reaches ``needed``."""
    had, when = _meet(law, table, dx, dy, vx, vy, ta, tb, 0.0, needed)
    return (-1.0 - had if had < 0.0 else had), when


# ---------------------------------------------------------------------------------------------------- flight
DONE, DETECTED, BINGO, FULL = 0, 1, 2, 3


@_inline
def _bingo(t: float, x: float, y: float, vx: float, vy: float, end: float, home: Array) -> Any:
    """The last moment on a leg from which base is reached in time, by ``home[3]`` at ``home[2]`` knots; or infinite."""
    late = end + math.hypot(x + vx * (end - t) - home[0], y + vy * (end - t) - home[1]) / home[2]
    if late <= home[3]:
        return math.inf
    low, high = t, end
    for _ in range(60):
        middle = 0.5 * (low + high)
        gone = middle - t
        if middle + math.hypot(x + vx * gone - home[0], y + vy * gone - home[1]) / home[2] <= home[3]:
            low = middle
        else:
            high = middle
    return low


@_inline
def _search(
    t: float,
    end: float,
    x: float,
    y: float,
    vx: float,
    vy: float,
    tracks: Array,
    owner: Array,
    reach: Array,
    key: Array,
    vessels: Array,
    eyes: Array,
    laws: Array,
    tables: Array,
    needed: Array,
    had: Array,
    seen: Array,
    waiting: Array,
    notice: Array,
    commit: bool,
    found: Array,
) -> Any:
    """Search one straight stretch [t, end): the first event (when, vessel, sensor), or infinite.

    An event is a detection, or, with sensor -1, that a contact left waiting comes within the range ``notice[1]``.
    With ``commit`` the exposures are kept and each detection is written to ``found``; without, nothing is changed.
    """
    best, who, which = math.inf, -1, -1
    farthest = 0.0
    for k in range(laws.shape[0]):
        farthest = max(farthest, laws[k, 1])
    count = 0
    for i in range(_first(reach, t), tracks.shape[0]):
        if tracks[i, 0] >= end:
            break
        m = owner[i]
        ta, tb = max(t, tracks[i, 0]), min(end, tracks[i, 1])
        if ta >= tb or (seen[m] and (commit or not waiting[m])):
            continue
        dx = tracks[i, 2] + tracks[i, 4] * (ta - tracks[i, 0]) - x - vx * (ta - t)
        dy = tracks[i, 3] + tracks[i, 5] * (ta - tracks[i, 0]) - y - vy * (ta - t)
        rx, ry = tracks[i, 4] - vx, tracks[i, 5] - vy
        if seen[m]:
            chord = _chord(notice, dx, dy, rx, ry, ta, tb)
            if ta < chord[0] < chord[1] and chord[0] < best:
                best, who, which = chord[0], m, -1
            continue
        near = farthest + math.hypot(rx, ry) * (tb - ta)
        if dx * dx + dy * dy > near * near:
            continue
        early, eye = math.inf, -1
        for k in range(laws.shape[0]):
            if needed[k, m] < 0.0:
                needed[k, m] = -math.log(_pair(key, FOR_THRESHOLD, _mix(vessels[m], eyes[k]), 0)[0])
            total, when = _meet(laws[k], tables[k], dx, dy, rx, ry, ta, tb, had[k, m], needed[k, m])
            if commit:
                had[k, m] = total
            if when < early:
                early, eye = when, k
        if early < math.inf and commit:
            seen[m] = True
            found[count, 0], found[count, 1], found[count, 2] = early, m, eye
            count += 1
        if early < best:
            best, who, which = early, m, eye
    return best, who, which, count


@_entry(
    "int64(float64[:,:], float64[:], float64[:], boolean, float64[:,:], int64[:], float64[:], uint64[:], uint64[:],"
    " uint64[:], float64[:,:], float64[:,:,:,:], float64[:,:], float64[:,:], boolean[:], boolean[:], float64[:],"
    " float64[:,:], float64[:,:])"
)
def fly(
    legs: Array,
    state: Array,
    home: Array,
    stop: bool,
    tracks: Array,
    owner: Array,
    reach: Array,
    key: Array,
    vessels: Array,
    eyes: Array,
    laws: Array,
    tables: Array,
    needed: Array,
    had: Array,
    seen: Array,
    waiting: Array,
    notice: Array,
    flown: Array,
    found: Array,
) -> int:
    """Fly the legs, searching, to the next decision: bingo fuel, their end or, if ``stop``, a contact.

    The contact is a new one, or one left ``waiting`` (m,) that comes within the range ``notice[1]``.

    ``state``: t, x, y, leg, rows of ``flown`` used, rows of ``found`` used, whether the last row goes on (1) since
    the leg was broken off by a detection that changed nothing; updated in place. ``home``: x, y of the base, speed
    home, latest landing (infinite: do not watch the fuel). ``vessels`` (m,) and ``eyes`` (sensors,) are
    identities; ``needed``, ``had`` (sensors, m) thresholds, negative until asked for, and exposures; ``seen`` (m,)
    vessels that are contacts already. ``found`` (m, 3): when, vessel, sensor. Returns DONE, DETECTED, BINGO or FULL.
    """
    t, x, y = state[0], state[1], state[2]
    leg, rows, hits = int(state[3]), int(state[4]), int(state[5])
    goes_on = state[6] > 0.0 and rows > 0
    code = DONE
    while leg < legs.shape[0]:
        length = math.hypot(legs[leg, 0] - x, legs[leg, 1] - y)
        hours = length / legs[leg, 2] if legs[leg, 2] > 0.0 else -legs[leg, 2]
        if hours <= 0.0:
            leg += 1
            continue
        if rows == flown.shape[0]:
            code = FULL
            break
        vx, vy = (legs[leg, 0] - x) / hours, (legs[leg, 1] - y) / hours
        arrive = t + hours
        turn = _bingo(t, x, y, vx, vy, arrive, home)
        end = min(arrive, turn)
        if stop:
            when, who, which, _ = _search(
                t, end, x, y, vx, vy, tracks, owner, reach, key, vessels, eyes, laws, tables, needed, had, seen,
                waiting, notice, False, found,
            )  # fmt: skip
            if who >= 0:
                end = when
                code = DETECTED
        hits += _search(
            t, end, x, y, vx, vy, tracks, owner, reach, key, vessels, eyes, laws, tables, needed, had, seen, waiting,
            notice, True, found[hits:],
        )[3]  # fmt: skip
        if code == DETECTED and not seen[who]:
            seen[who] = True
            found[hits, 0], found[hits, 1], found[hits, 2] = end, who, which
            hits += 1
        if end > t:
            whole = end == arrive
            nx = legs[leg, 0] if whole else x + vx * (end - t)
            ny = legs[leg, 1] if whole else y + vy * (end - t)
            if not goes_on:
                flown[rows, 0], flown[rows, 2], flown[rows, 3], flown[rows, 6] = t, x, y, legs[leg, 3]
                rows += 1
            flown[rows - 1, 1], flown[rows - 1, 4], flown[rows - 1, 5] = end, nx, ny
            t, x, y = end, nx, ny
            goes_on = False
        if code == DETECTED:
            break
        if turn < arrive:
            code = BINGO
            break
        leg += 1
        goes_on = False
    state[6] = 0.0
    state[0], state[1], state[2] = t, x, y
    state[3], state[4], state[5] = leg, rows, hits
    return code


@_entry("UniTuple(float64, 8)(float64[:,:], int64[:], int64, int64, float64, float64, float64, float64)")
def intercept(tracks: Array, order: Array, first: int, last: int, t: float, x: float, y: float, speed: float) -> Any:
    """The straight way to a vessel as it moves at t.

    The vessel's rows are ``order[first:last]``. Returns the meeting time, x, y of the meeting, the end of the
    vessel's segment, the end of its last, its range now, and its vx, vy. The meeting time is infinite where the
    vessel does not exist at t or outruns the aircraft.
    """
    end = tracks[order[last - 1], 1]
    for i in order[first:last]:
        if tracks[i, 0] <= t < tracks[i, 1]:
            vx, vy = tracks[i, 4], tracks[i, 5]
            px = tracks[i, 2] + vx * (t - tracks[i, 0])
            py = tracks[i, 3] + vy * (t - tracks[i, 0])
            dx, dy = px - x, py - y
            apart = math.hypot(dx, dy)
            a = speed * speed - vx * vx - vy * vy
            if a <= 0.0:
                return math.inf, px, py, tracks[i, 1], end, apart, vx, vy
            b = dx * vx + dy * vy
            wait = (b + math.sqrt(b * b + a * apart * apart)) / a
            return t + wait, px + vx * wait, py + vy * wait, tracks[i, 1], end, apart, vx, vy
    return math.inf, x, y, t, end, math.inf, 0.0, 0.0


@_entry(
    "int64(float64[:,:], float64[:,:], int64[:], float64[:], uint64[:], uint64[:], uint64[:], float64[:,:],"
    " float64[:,:,:,:], int64)"
)
def count_contacts(
    flown: Array,
    tracks: Array,
    owner: Array,
    reach: Array,
    key: Array,
    vessels: Array,
    eyes: Array,
    laws: Array,
    tables: Array,
    total: int,
) -> int:
    """How many vessels a sortie detects, legs as flown: the one pass for traffic that cannot change the flight."""
    begin, finish = flown[0, 0], flown[-1, 1]
    had = np.zeros((laws.shape[0], total), np.float64)
    seen = np.zeros(total, np.bool_)
    farthest = 0.0
    for k in range(laws.shape[0]):
        farthest = max(farthest, laws[k, 1])
    count = 0
    first = _first(reach, begin)
    for i in range(first, tracks.shape[0]):
        if tracks[i, 0] >= finish:
            break
        m = owner[i]
        if tracks[i, 1] <= begin or seen[m]:
            continue
        for j in range(flown.shape[0]):
            t = max(flown[j, 0], tracks[i, 0])
            end = min(flown[j, 1], tracks[i, 1])
            if t >= end:
                if flown[j, 0] >= tracks[i, 1]:
                    break
                continue
            span = flown[j, 1] - flown[j, 0]
            ux, uy = (flown[j, 4] - flown[j, 2]) / span, (flown[j, 5] - flown[j, 3]) / span
            rx, ry = tracks[i, 4] - ux, tracks[i, 5] - uy
            dx = tracks[i, 2] + tracks[i, 4] * (t - tracks[i, 0]) - flown[j, 2] - ux * (t - flown[j, 0])
            dy = tracks[i, 3] + tracks[i, 5] * (t - tracks[i, 0]) - flown[j, 3] - uy * (t - flown[j, 0])
            # Closest approach within the stretch, squared: two thirds of all pairs end here.
            speed2 = rx * rx + ry * ry
            ahead = 0.0
            if speed2 > 0.0:
                ahead = min(end - t, max(0.0, -(dx * rx + dy * ry) / speed2))
            nx, ny = dx + rx * ahead, dy + ry * ahead
            if nx * nx + ny * ny >= farthest * farthest:
                continue
            for k in range(laws.shape[0]):
                needed = -math.log(_pair(key, FOR_THRESHOLD, _mix(vessels[m], eyes[k]), 0)[0])
                had[k, m], when = _meet(laws[k], tables[k], dx, dy, rx, ry, t, end, had[k, m], needed)
                if when < math.inf:
                    seen[m] = True
            if seen[m]:
                count += 1
                break
    return count


# ---------------------------------------------------------------------------------------------------- coverage
# A pass is drawn by straight pieces of exposure, cut where their bending would cost this many hours of a transfer's
# beginning; a test holds the error of the field that this makes below 0.002.
_BEND_H = 0.02
_MOST_PIECES = 64
_CERTAIN = 50.0  # an exposure beyond this is certainty, and is cut to it lest infinities meet


@_inline
def _bend(times: Array, bends: Array, used: int, t: float, change: float) -> Any:
    """Note a change of slope; one at the last moment noted joins it."""
    if used > 0 and times[used - 1] == t:
        bends[used - 1] += change
        return used
    times[used], bends[used] = t, change
    return used + 1


@_inline
def _pass_pieces(law: Array, table: Array, chord: Any, times: Array, bends: Array, used: int) -> Any:
    """Write one pass as a piecewise-linear exposure: moments and the change of slope at each."""
    t1, t2, x, s1, s2, w = chord
    if w == 0.0:
        slope = min(_rate(law, table, x), _CERTAIN / (t2 - t1))
        used = _bend(times, bends, used, t1, slope)
        return _bend(times, bends, used, t2, -slope)
    whole = _along(law, table, x, s1, s2) / w
    if whole < 1e-6:
        return used
    scale = min(1.0, _CERTAIN / whole) / w
    whole = scale * w * whole
    slope, low, done = 0.0, s1, 0.0
    step = (s2 - s1) / 2.0
    least = (s2 - s1) / _MOST_PIECES
    while low < s2:
        high = low + step if low + 1.5 * step < s2 else s2
        if low < 0.0 < high:  # a piece about the closest point would look straight at its middle
            high = 0.0
        gained = scale * _along(law, table, x, low, high)
        while high - low > least:
            middle = 0.5 * (low + high)
            half = scale * _along(law, table, x, low, middle)
            # What bending costs: hours, weighed by the chance that nothing on either side of them detects.
            bend = abs(half - 0.5 * gained) * (high - low) / w
            if bend * (math.exp(-done) + math.exp(done + gained - whole)) < _BEND_H:
                break
            high, gained = middle, half
        rise = gained * w / (high - low)
        used = _bend(times, bends, used, t1 + (low - s1) / w, rise - slope)
        step = max(2.0 * (high - low), least)
        slope, low, done = rise, high, done + gained
    return _bend(times, bends, used, t2, -slope)


@_inline
def _mean_certainty(
    times: Array, bends: Array, n: int, steps: Array, jumps: Array, m: int, tau: float, breaks: Array, weights: Array
) -> Any:
    """The integral over s of g(s) [1 - exp(-F(s))], F piecewise linear with steps, g piecewise constant.

    F(s) = A(s + tau) - A(s) + steps, where A bends at ``times``. Exact for such F and g: between two events F is
    linear, and the integral of an exponential of a line has a closed form.
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


@_inline
def _sort_pairs(times: Array, values: Array, n: int) -> None:
    """Put events in order (Shell 1959, Ciura's gaps): one aircraft's already are; several aircraft's interleave."""
    for gap in (1750, 701, 301, 132, 57, 23, 10, 4, 1):
        for i in range(gap, n):
            t, value = times[i], values[i]
            j = i
            while j >= gap and times[j - gap] > t:
                times[j], values[j] = times[j - gap], values[j - gap]
                j -= gap
            times[j], values[j] = t, value


@_entry(
    "void(float64[:,:], float64[:,:], int64[:], int64[:], int64[:], float64[:,:], float64[:,:,:,:], float64,"
    " float64[:,:], float64[:,:], float64[:])"
)
def coverage(
    cells: Array,
    legs: Array,
    sorties: Array,
    first_law: Array,
    last_law: Array,
    laws: Array,
    tables: Array,
    tau: float,
    breaks: Array,
    weights: Array,
    out: Array,
) -> None:
    """Add to ``out`` the probability that a transfer of ``tau`` hours at each cell is detected, over one replication.

    ``cells`` (c, 2); ``legs`` (n, 6) t0, t1, x0, y0, x1, y1 of all sorties, of which sortie k owns rows
    ``sorties[k]`` to ``sorties[k + 1]`` and has the laws ``first_law[k]`` to ``last_law[k]``; ``breaks`` (c, b + 1)
    and ``weights`` (c, b) are the density of the beginning.
    """
    most = legs.shape[0] * laws.shape[0] * (2 * _MOST_PIECES + 4) + 2
    times, bends = np.empty(most), np.empty(most)
    steps, jumps = np.empty(2 * most), np.empty(2 * most)
    for c in range(cells.shape[0]):
        n = m = 0
        for k in range(sorties.size - 1):
            for q in range(first_law[k], last_law[k]):
                law, table = laws[q], tables[q]
                low = high = -math.inf
                for j in range(sorties[k], sorties[k + 1]):
                    span = legs[j, 1] - legs[j, 0]
                    dx, dy = cells[c, 0] - legs[j, 2], cells[c, 1] - legs[j, 3]
                    ux, uy = legs[j, 4] - legs[j, 2], legs[j, 5] - legs[j, 3]
                    reach = law[1] + math.hypot(ux, uy)
                    if dx * dx + dy * dy > reach * reach:
                        continue
                    chord = _chord(law, dx, dy, -ux / span, -uy / span, legs[j, 0], legs[j, 1])
                    if chord[0] >= chord[1]:
                        continue
                    if law[0] != DEFINITE_RANGE:
                        n = _pass_pieces(law, table, chord, times, bends, n)
                        continue
                    if chord[0] - tau <= high:
                        high = max(high, chord[1])
                        continue
                    if high > -math.inf:
                        steps[m], steps[m + 1], jumps[m], jumps[m + 1] = (
                            low,
                            high,
                            min(law[2], _CERTAIN),
                            -min(law[2], _CERTAIN),
                        )
                        m += 2
                    low, high = chord[0] - tau, chord[1]
                if high > -math.inf:
                    steps[m], steps[m + 1], jumps[m], jumps[m + 1] = (
                        low,
                        high,
                        min(law[2], _CERTAIN),
                        -min(law[2], _CERTAIN),
                    )
                    m += 2
        _sort_pairs(times, bends, n)
        _sort_pairs(steps, jumps, m)
        out[c] += _mean_certainty(times, bends, n, steps, jumps, m, tau, breaks[c], weights[c])
