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
* ``laws`` (rows, 6): kind code, maximum range, two parameters of the kind, the factor by which conditions stretch
  every length of the law, the number of its table (see ``sim.model.laws``). The row of sensor k for a vessel of class c
  is c * sensors + k.
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
_always_inline: Callable[[Any], Any] = numba.njit(error_model="numpy", inline="always")


def _entry(signature: str) -> Callable[[Any], Any]:
    """Compile now, for one signature, or load from the cache: a worker never compiles."""
    decorate: Callable[[Any], Any] = numba.njit(signature, cache=True, error_model="numpy", nogil=True)
    return decorate


@_inline
def _size(x: float, y: float) -> float:
    """Length of a vector: miles and knots never overflow, and this costs a third of `hypot`."""
    return math.sqrt(x * x + y * y)


# Compiled, and kept on disk, when it is first called: what few scenarios need, lest all wait for it.
_on_demand: Callable[[Any], Any] = numba.njit(cache=True, error_model="numpy", nogil=True)


# Types in signatures: contiguous arrays, by number of axes.
F1, F2, F3, F4 = "float64[::1]", "float64[:,::1]", "float64[:,:,::1]", "float64[:,:,:,::1]"
I1, U1, U2, B1 = "int64[::1]", "uint64[::1]", "uint64[:,::1]", "boolean[::1]"

# ---------------------------------------------------------------------------------------------------- chance
# Philox 4x32-10: Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 3.3.
_MASK = np.uint64(0xFFFFFFFF)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_2W0, _4W0, _6W0, _8W0 = (np.uint64(n * 0x9E3779B9 & 0xFFFFFFFF) for n in (2, 4, 6, 8))
_2W1, _4W1, _6W1, _8W1 = (np.uint64(n * 0xBB67AE85 & 0xFFFFFFFF) for n in (2, 4, 6, 8))
_SHIFT, _UP5, _DOWN6 = np.uint64(32), np.uint64(5), np.uint64(6)
_TWO53, _TWO32 = 2.0**-53, 2.0**-32
# SplitMix64's finaliser (Steele, Lea & Flood, OOPSLA 2014), here to join two identities into one.
_MIX1, _MIX2, _GOLDEN = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)
_R30, _R27, _R31 = np.uint64(30), np.uint64(27), np.uint64(31)

# What a number is for: part of its counter, so two uses never share one. `chance.Purpose` holds the same codes.
FOR_THRESHOLD, FOR_PLACE, FOR_COURSE, FOR_GAP = 1, 3, 4, 6


@_inline
def _two_rounds(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    p0, p1 = _M0 * c0, _M1 * c2
    c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _MASK, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _MASK
    k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    p0, p1 = _M0 * c0, _M1 * c2
    return (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _MASK, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _MASK


@_always_inline
def _philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    # Written out and put in place: only then does the compiler do eight counters at once, at an eighth of the cost.
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, (k0 + _2W0) & _MASK, (k1 + _2W1) & _MASK)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, (k0 + _4W0) & _MASK, (k1 + _4W1) & _MASK)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, (k0 + _6W0) & _MASK, (k1 + _6W1) & _MASK)
    return _two_rounds(c0, c1, c2, c3, (k0 + _8W0) & _MASK, (k1 + _8W1) & _MASK)


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
    return _fine_share(r0, r1), _fine_share(r2, r3)


@_inline
def _words(key: Array, purpose: int, entities: Array, counter: int, out: Array) -> None:
    """Four 32-bit numbers for each entity, into ``out`` (4, n or more)."""
    k0, k1 = key[0] & _MASK, key[0] >> _SHIFT
    for i in range(entities.size):
        e = entities[i] ^ key[1]
        r0, r1, r2, r3 = _philox(e & _MASK, e >> _SHIFT, np.uint64(purpose), np.uint64(counter), k0, k1)
        out[0, i], out[1, i], out[2, i], out[3, i] = r0, r1, r2, r3


@_inline
def _share(word: Any) -> float:
    """A uniform in the open interval (0, 1) from 32 bits: a place in a sea of 1,000 nmi to 2e-7 nmi."""
    return (float(np.int64(word)) + 0.5) * _TWO32


@_inline
def _fine_share(high: Any, low: Any) -> float:
    """A uniform in the open interval (0, 1) from 53 of 64 bits; half a step keeps it off 0."""
    return (float(np.int64((high >> _UP5) * np.uint64(67108864) + (low >> _DOWN6))) + 0.5) * _TWO53


@_entry("uint64(uint64, uint64)")
def mix(a: int, b: int) -> int:
    """One 64-bit identity from two, in order."""
    joined: int = _mix(a, b)
    return joined


@_entry(f"{U1}({U1}, uint64)")
def mix_each(entities: Array, b: int) -> Array:
    """``mix`` of each entity with another."""
    out = np.empty(entities.size, np.uint64)
    for i in range(entities.size):
        out[i] = _mix(entities[i], b)
    return out


@_on_demand
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


@_entry(f"void({U1}, uint64, {U1}, uint64, {F2})")
def fill_uniforms(key: Array, purpose: int, entities: Array, counter: int, out: Array) -> None:
    """Two uniforms in (0, 1) for each entity, into ``out`` (n, 2)."""
    for i in range(entities.size):
        out[i, 0], out[i, 1] = _pair(key, purpose, entities[i], counter)


@_entry(f"{U1}(uint64, int64, int64)")
def entities(source: int, first: int, count: int) -> Array:
    """Identities of the ordinals ``first`` to ``first + count - 1`` of a source."""
    out = np.empty(count, np.uint64)
    for i in range(count):
        out[i] = _mix(source, np.uint64(first + i))
    return out


_BATCH = 512  # entities whose numbers are drawn at once: their arrays stay in the nearest cache


@_entry(f"Tuple(({F1}, {U1}, {F2}))({U1}, uint64, int64, int64, float64, float64, int64)")
def arrivals(key: Array, source: int, direction: int, first: int, begin: float, span: float, most: int) -> Any:
    """A marked Poisson process of rate 1 up to ``span``: times (n,), identities (n,), two uniform marks each (n, 2).

    The gaps are unit exponentials keyed by ordinal: ``direction`` 1 counts 0, 1, 2, ... and -1 counts -1, -2, ...,
    the two halves of a stationary process. At most so many at once, from the ``first`` on, which comes after the
    one at ``begin``.
    """
    times, vessels, marks = np.empty(most), np.empty(most, np.uint64), np.empty((most, 2))
    names, words = np.empty(_BATCH, np.uint64), np.empty((4, _BATCH), np.uint64)
    n = 0
    t = begin
    while True:
        for i in range(_BATCH):
            names[i] = _mix(source, np.uint64(first + n + i if direction > 0 else -1 - first - n - i))
        _words(key, FOR_GAP, names, 0, words)
        for i in range(_BATCH):
            t -= math.log(_fine_share(words[0, i], words[1, i]))
            if t >= span or n == most:
                return times[:n], vessels[:n], marks[:n]
            times[n], vessels[n] = t, names[i]
            marks[n, 0], marks[n, 1] = _share(words[2, i]), _share(words[3, i])
            n += 1


# ---------------------------------------------------------------------------------------------------- traffic
@_inline
def _inside(x: float, y: float, edges: Array) -> bool:
    odd = False
    for i in range(edges.shape[1]):
        ax, ay, ex, ey = edges[0, i], edges[1, i], edges[2, i], edges[3, i]
        if (ay > y) != (ay + ey > y) and x < ex * (y - ay) / ey + ax:
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
def _ways_out(x: Array, y: Array, cx: Array, cy: Array, own: Array, edges: Array, out: Array) -> None:
    """Distance of each vessel along its unit course (cx, cy) to where it leaves the sea; infinite if it never does.

    The sea lies to the left of an edge, so a course leaves through one that it crosses to the right. The edge ``own``
    on which a vessel stands is left out. No branches: many vessels are done at once.
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


@_inline
def _circle(u: float) -> Any:
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


@_inline
def _draw_courses(
    key: Array, vessels: Array, turns: int, mean_leg: float, words: Array, cx: Array, cy: Array, leg: Array
) -> None:
    """The course of each vessel after a number of turns, and the length steered on it."""
    _words(key, FOR_COURSE, vessels, turns, words)
    for i in range(vessels.size):
        cx[i], cy[i] = _circle(_share(words[0, i]))
    leg[: vessels.size] = math.inf
    if mean_leg < math.inf:
        for i in range(vessels.size):
            leg[i] = -mean_leg * math.log(_share(words[1, i]))


@_inline
def _place(key: Array, vessel: int, edges: Array) -> Any:
    """A place uniform in the sea: rejection from the box about it."""
    west, south, east, north = edges[0, 0], edges[1, 0], edges[0, 0], edges[1, 0]
    for i in range(edges.shape[1]):
        west, east = min(west, edges[0, i]), max(east, edges[0, i])
        south, north = min(south, edges[1, i]), max(north, edges[1, i])
    tries = 0
    while True:
        a, b = _pair(key, FOR_PLACE, vessel, tries)
        x, y = west + a * (east - west), south + b * (north - south)
        if _inside(x, y, edges):
            return x, y
        tries += 1


@_inline
def _entry_point(share: float, sine: float, edges: Array, perimeter: Array) -> Any:
    """Where a vessel comes in, at a share of the outline, its course at an angle of this sine to the inward normal."""
    along = share * perimeter[-1]
    own = min(_first(perimeter, along), edges.shape[1] - 1)
    ex, ey = edges[2, own], edges[3, own]
    size = _size(ex, ey)
    part = 1.0 - (perimeter[own] - along) / size
    cosine = math.sqrt(1.0 - sine * sine)
    cx, cy = (ex * sine - ey * cosine) / size, (ey * sine + ex * cosine) / size
    return edges[0, own] + part * ex, edges[1, own] + part * ey, cx, cy, own


@_entry(f"int64({U1}, {U1}, {F1}, {F1}, {F2}, {F1}, float64, float64, {F2}, {I1}, int64, int64)")
def voyages(
    key: Array,
    vessels: Array,
    begin: Array,
    speed: Array,
    edges: Array,
    perimeter: Array,
    mean_leg: float,
    duration: float,
    rows: Array,
    owner: Array,
    used: int,
    before: int,
) -> int:
    """Tracks of vessels that cross a sea area on random courses; uniform and isotropic at every moment.

    A vessel with ``begin`` 0 lies anywhere in the area with any course; one that begins later enters through the
    boundary, at a point uniform along it, with sin(angle to the inward normal) uniform. Each steers straight for an
    exponential length of mean ``mean_leg`` (infinite: never turns), then takes a new course, until it meets the
    boundary or the time is over. That is the equilibrium of isotropic transport, for any shape of area.

    ``edges`` (4, m), where each begins and its vector x, y, have the sea on their left; ``perimeter`` (m,) is the
    running sum of their lengths. Segments are written to ``rows`` (room, 6) and whose they are to ``owner`` after
    the ``used`` ones of ``before`` vessels, each vessel's by time; returns how many there are then, which may be more
    than there is room for.
    """
    n = used
    words, names = np.empty((4, _BATCH), np.uint64), np.empty(_BATCH, np.uint64)
    who, own = np.empty(_BATCH, np.int64), np.empty(_BATCH, np.int64)
    x, y, cx, cy = np.empty(_BATCH), np.empty(_BATCH), np.empty(_BATCH), np.empty(_BATCH)
    t, leg, out = np.empty(_BATCH), np.empty(_BATCH), np.empty(_BATCH)
    knots, pace = np.empty(_BATCH), np.empty(_BATCH)
    for first in range(0, vessels.size, _BATCH):
        count, turns = min(_BATCH, vessels.size - first), 0
        for i in range(count):
            who[i], names[i], t[i], own[i] = first + i, vessels[first + i], begin[first + i], -1
            knots[i], pace[i] = speed[first + i], 1.0 / speed[first + i]
        while count > 0:  # all vessels of the batch a leg at a time; those that go on move up
            _draw_courses(key, names[:count], turns, mean_leg, words, cx, cy, leg)
            for i in range(count if turns == 0 else 0):
                if t[i] == 0.0:
                    x[i], y[i] = _place(key, names[i], edges)
                else:
                    x[i], y[i], cx[i], cy[i], own[i] = _entry_point(
                        _share(words[2, i]), 2.0 * _share(words[3, i]) - 1.0, edges, perimeter
                    )
            _ways_out(x[:count], y[:count], cx[:count], cy[:count], own[:count], edges, out[:count])
            going = 0
            for i in range(count):
                length = min(leg[i], out[i])
                if length == math.inf:  # on a corner, looking out
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
                going += 1 if (leg[i] < out[i]) & (end < duration) else 0  # no branch: it would be guessed wrong
            count, turns = going, turns + 1
    return n


# ---------------------------------------------------------------------------------------------------- exposure
DEFINITE_RANGE, INVERSE_CUBE, SCAN, LATERAL_RANGE = 0, 1, 2, 3
_STILL = 1e-9  # relative speed, kn, below which two things are taken to keep their distance
_ABEAM = 1e-9  # nmi: a stretch that ends so near its closest point ends there
_TOUCH = 1e-6  # nmi: a closest distance below this counts as this, or the inverse cube would be infinite


@_inline
def _cell(laws: Array, q: int, n: int, x: float) -> Any:
    """Where a distance lies on a table's grid: the node below, the share of the step above it, the step.

    Node i of n lies at c (exp(l i / n) - 1) with l = ln(1 + R / c): steps grow in proportion to x + c. With a scale c
    of 0 the grid is even, and l is R itself.
    """
    if laws[q, 2] == 0.0:
        at = x * (n / laws[q, 3])
        i = min(int(at), n - 1)
        return i, at - i, laws[q, 3] / n
    step = laws[q, 3] / n
    i = min(int(math.log1p(x / laws[q, 2]) / step), n - 1)
    near = laws[q, 2] * math.expm1(step * i)
    width = (near + laws[q, 2]) * math.expm1(step)
    return i, (x - near) / width, width


@_inline
def _table(laws: Array, tables: Array, q: int, x: float, s: float) -> Any:
    """Integral of a tabulated rate over (0, s) at closest distance x, by bicubic Hermite interpolation."""
    n, which = tables.shape[1] - 1, int(laws[q, 5])
    i, p, step_x = _cell(laws, q, n, x)
    j, o, step_s = _cell(laws, q, n, s)
    p2, o2 = p * p, o * o
    a1 = p2 * (3.0 - 2.0 * p)
    a0 = 1.0 - a1
    b0 = p * (1.0 - p) * (1.0 - p) * step_x
    b1 = p2 * (p - 1.0) * step_x
    c1 = o2 * (3.0 - 2.0 * o)
    c0 = 1.0 - c1
    d0 = o * (1.0 - o) * (1.0 - o) * step_s
    d1 = o2 * (o - 1.0) * step_s
    total = 0.0
    for k in range(2):
        value = a0 if k == 0 else a1
        slope = b0 if k == 0 else b1
        near, far = tables[which, i + k, j], tables[which, i + k, j + 1]
        total += value * (c0 * near[0] + c1 * far[0] + d0 * near[1] + d1 * far[1])
        total += slope * (c0 * near[2] + c1 * far[2] + d0 * near[3] + d1 * far[3])
    return total


@_inline
def _along(laws: Array, tables: Array, q: int, x: float, s1: float, s2: float) -> Any:
    """Integral of a law's rate, per hour, over the distance s1 to s2 of a straight relative track, x nmi aside.

    Inverse cube, rate k / r^3: Koopman (1946), OEG 56, chapter 2; written in the form that does not cancel when both
    ends lie on the same side of the closest point.
    """
    if laws[q, 0] == SCAN:
        size = 1.0 / laws[q, 4]
        high = _table(laws, tables, q, x * size, abs(s2) * size)
        low = _table(laws, tables, q, x * size, abs(s1) * size)
        return laws[q, 4] * ((high if s2 > 0.0 else -high) - (low if s1 > 0.0 else -low))
    x = max(x, _TOUCH)
    r1, r2 = _size(x, s1), _size(x, s2)
    same_side = s1 * s2 > 0.0
    top = (s2 - s1) * (s2 + s1) if same_side else s2 * r1 - s1 * r2
    low = s2 * r1 + s1 * r2 if same_side else x * x
    return laws[q, 2] * top / (r1 * r2 * low)


@_inline
def _rate(laws: Array, tables: Array, q: int, r: float) -> Any:
    """Rate of a continuous law at range r, per hour; the maximum range is the caller's to heed."""
    if laws[q, 0] == SCAN:
        j, o, step = _cell(laws, q, tables.shape[1] - 1, min(r, laws[q, 1]) / laws[q, 4])
        which = int(laws[q, 5])
        near, far = tables[which, 0, j], tables[which, 0, j + 1]
        # The derivative of the Hermite cubic of the integral, so that integral and rate agree to the last bit.
        return (
            6.0 * o * (1.0 - o) * (far[0] - near[0]) / step
            + (1.0 - o) * (1.0 - 3.0 * o) * near[1]
            + o * (3.0 * o - 2.0) * far[1]
        )
    r = max(r, _TOUCH)
    return laws[q, 2] / (r * r * r)


@_inline
def _chord(laws: Array, q: int, dx: float, dy: float, vx: float, vy: float, ta: float, tb: float) -> Any:
    """When a straight relative motion is within the maximum range: (t1, t2, x, s1, s2, w); t1 >= t2 if never.

    dx, dy: the relative position at ta; x: closest distance; s: distance along the track from the closest point;
    w: relative speed, 0 where the two keep their distance, which then is x.
    """
    w = _size(vx, vy)
    if w < _STILL:
        r = _size(dx, dy)
        return ta, (tb if r < laws[q, 1] else ta), r, 0.0, 0.0, 0.0
    pace = 1.0 / w
    s = (dx * vx + dy * vy) * pace
    x = abs(dx * vy - dy * vx) * pace
    if x >= laws[q, 1]:
        return ta, ta, x, s, s, w
    half = math.sqrt((laws[q, 1] - x) * (laws[q, 1] + x))
    t1, t2, s1, s2 = ta, tb, s, s + w * (tb - ta)
    if s1 < -half:
        t1, s1 = ta + (-half - s) * pace, -half
    if s2 > half:
        t2, s2 = ta + (half - s) * pace, half
    return t1, t2, x, s1, s2, w


@_inline
def _passed(laws: Array, tables: Array, q: int, x: float) -> Any:
    """Exposure of one pass at a lateral distance: -ln(1 - p), p between the points of the law's table."""
    low, high, which = 0, int(laws[q, 2]) - 1, int(laws[q, 5])
    x = x / laws[q, 4]
    while high - low > 1:
        middle = (low + high) // 2
        if tables[which, 0, middle, 0] <= x:
            low = middle
        else:
            high = middle
    near, far = tables[which, 0, low, 0], tables[which, 0, high, 0]
    share = max(0.0, x - near) / (far - near)
    p = tables[which, 0, low, 1] + share * (tables[which, 0, high, 1] - tables[which, 0, low, 1])
    return -math.log(1.0 - p) if p < 1.0 else math.inf


@_inline
def _minimum(laws: Array, tables: Array, q: int, chord: Any, ta: float, tb: float, fell: float) -> Any:
    """A local minimum of range on one stretch: its exposure, its moment, and until when range has been falling.

    ``fell`` is the end of the stretch before, if range fell then: where it rises from there on, the joint of the two
    was the minimum. A minimum at the very end of a stretch is left to the next one. Where the two keep their distance
    range goes on falling, so to speak, until it rises.
    """
    t1, t2, x, s1, s2, w = chord
    if t1 >= t2 or t1 >= tb:
        return 0.0, ta, -math.inf
    if w == 0.0:
        return 0.0, ta, (tb if fell == ta else -math.inf)
    if s2 <= _ABEAM:
        return 0.0, ta, tb
    if s1 < 0.0:
        return _passed(laws, tables, q, x), t1 - s1 / w, -math.inf
    if fell == ta:
        return _passed(laws, tables, q, _size(x, s1)), ta, -math.inf
    return 0.0, ta, -math.inf


@_inline
def _meet(
    laws: Array,
    tables: Array,
    q: int,
    dx: float,
    dy: float,
    vx: float,
    vy: float,
    ta: float,
    tb: float,
    had: float,
    needed: float,
    fell: float,
) -> Any:
    """Exposure after [ta, tb) of one opportunity, when it reached what is needed (infinite if it did not), and fell.

    A definite range law adds once a sortie: a negative ``had`` of it, -1 - exposure, marks one that has acted. A
    lateral range law adds at each local minimum of range, see ``_minimum``.
    """
    chord = _chord(laws, q, dx, dy, vx, vy, ta, tb)
    t1, t2, x, s1, s2, w = chord
    if t1 >= t2 or t1 >= tb:
        return had, math.inf, -math.inf
    if laws[q, 0] == DEFINITE_RANGE:
        if had < 0.0:
            return had, math.inf, fell
        return -1.0 - laws[q, 2], (t1 if laws[q, 2] >= needed else math.inf), fell
    if laws[q, 0] == LATERAL_RANGE:
        gained, when, fell = _minimum(laws, tables, q, chord, ta, tb, fell)
        return had + gained, (when if had + gained >= needed and gained > 0.0 and when < tb else math.inf), fell
    if w == 0.0:
        rate = _rate(laws, tables, q, x)
        gained = rate * (t2 - t1)
        if had + gained < needed:
            return had + gained, math.inf, fell
        t = t1 + max(0.0, needed - had) / rate
        return needed, (t if t < tb else math.inf), fell
    gained = _along(laws, tables, q, x, s1, s2) / w
    if had + gained < needed:
        return had + gained, math.inf, fell
    # Newton, kept inside a bracket: the exposure grows with t and its derivative is the rate.
    target = (needed - had) * w
    low, high = s1, s2
    s = s1 + (s2 - s1) * min(1.0, max(0.0, target / max(gained * w, 1e-300)))
    for _ in range(60):
        excess = _along(laws, tables, q, x, s1, s) - target
        if excess > 0.0:
            high = s
        else:
            low = s
        slope = _rate(laws, tables, q, _size(x, s))
        move = s - excess / slope if slope > 0.0 else math.inf
        if not low < move < high:
            move = 0.5 * (low + high)
        if abs(move - s) <= 1e-13 * (1.0 + abs(s)):
            s = move
            break
        s = move
    t = t1 + (s - s1) / w
    return needed, (t if t < tb else math.inf), fell


@_on_demand  # tests ask for it
def exposure(
    laws: Array, tables: Array, dx: float, dy: float, vx: float, vy: float, ta: float, tb: float, needed: float
) -> Any:
    """Exposure of a fresh opportunity to the first law along one straight motion, and when it reaches ``needed``."""
    had, when, _ = _meet(laws, tables, 0, dx, dy, vx, vy, ta, tb, 0.0, needed, -math.inf)
    return (-1.0 - had if had < 0.0 else had), when


# ---------------------------------------------------------------------------------------------------- flight
DONE, DETECTED, BINGO, FULL, CHANGE = 0, 1, 2, 3, 4
_THERE = 1e-9  # nmi: a corner so near has been reached, and the next one is flown to

# Arrays that go together, handed over as tuples:
# the way home: (numbers, bases, winds, corners, walls), see `_home`;
_HOMING = f"Tuple(({F1}, {F2}, {F2}, {F2}, {F2}))"
# targets: (segments, whose they are, running maximum of their ends, identities, classes);
_TARGETS = f"Tuple(({F2}, {I1}, {F1}, {U1}, {I1}))"
# sight: (key, identities of the sensors, laws, tables, farthest reach against each class);
_SIGHT = f"Tuple(({U1}, {U1}, {F2}, {F4}, {F1}))"
# memory: (numbers, look, marks), see `fly`.
_MEMORY = f"Tuple(({F3}, {I1}, boolean[:,::1]))"


@_inline
def _enters(x0: float, y0: float, x1: float, y1: float, walls: Array) -> bool:
    """Whether a straight way crosses a wall (m, 4) from its right to its left: ``airspace.enters`` says how."""
    dx, dy = x1 - x0, y1 - y0
    for i in range(walls.shape[0]):
        ax, ay = walls[i, 0], walls[i, 1]
        ex, ey = walls[i, 2] - ax, walls[i, 3] - ay
        if ex * (y0 - ay) - ey * (x0 - ax) <= 0.0 and ex * (y1 - ay) - ey * (x1 - ax) > 0.0:
            one, other = dx * (ay - y0) - dy * (ax - x0), dx * (walls[i, 3] - y0) - dy * (walls[i, 2] - x0)
            if one * other <= 0.0:
                return True
    return False


@_inline
def _blocked(x0: float, y0: float, x1: float, y1: float, walls: Array) -> bool:
    """Whether a straight way crosses a closed zone or its margin; it may leave the margin that it begins in."""
    both: bool = _enters(x0, y0, x1, y1, walls) and _enters(x1, y1, x0, y0, walls)
    return both


@_on_demand
def blocked(x: float, y: float, legs: Array, walls: Array) -> Array:
    """The numbers of the legs, from a place on, that cross a closed zone or its margin: see ``_blocked``."""
    found, n = np.empty(legs.shape[0], np.int64), 0
    for i in range(legs.shape[0]):
        if _blocked(x, y, legs[i, 0], legs[i, 1], walls):
            found[n] = i
            n += 1
        x, y = legs[i, 0], legs[i, 1]
    return found[:n]


@_on_demand
def seen_from(x: float, y: float, corners: Array, walls: Array) -> Array:
    """Distances (k,) from a place to the corners in sight of it; infinite to those that are not."""
    found = np.full(corners.shape[0], math.inf)
    for c in range(corners.shape[0]):
        if not _enters(x, y, corners[c, 0], corners[c, 1], walls):
            found[c] = _size(corners[c, 0] - x, corners[c, 1] - y)
    return found


@_inline
def _air_hours(t: float, dx: float, dy: float, ux: float, uy: float, speed: float, winds: Array) -> float:
    """Hours to what is dx, dy away and moves at ux, uy, from t on: straight through the air, which the wind carries.

    ``winds`` (n, 3): hour from which each holds, and its components; all slower than the aircraft. In the air's own
    frame what is sought moves against the wind, so the straight way there is the shortest, and the first moment at
    which |d + (u - wind) hours| = speed * hours is found wind by wind. Infinite where it outruns the aircraft.
    """
    last = winds.shape[0] - 1
    if last == 0 and winds[0, 1] == ux and winds[0, 2] == uy:
        still: float = _size(dx, dy) / speed
        return still
    i = 0
    while i < last and winds[i + 1, 0] <= t:
        i += 1
    gone, begin = 0.0, t
    while True:
        wx, wy = winds[i, 1] - ux, winds[i, 2] - uy
        a = speed * speed - wx * wx - wy * wy
        b = dx * wx + dy * wy + speed * speed * gone
        left = dx * dx + dy * dy - speed * speed * gone * gone
        if a <= 0.0:
            return math.inf
        hours = left / (b + math.sqrt(b * b + a * left)) if left > 0.0 else 0.0
        if i == last or begin + hours <= winds[i + 1, 0]:
            return gone + hours
        span = winds[i + 1, 0] - begin
        dx, dy, gone, begin = dx - wx * span, dy - wy * span, gone + span, winds[i + 1, 0]
        i += 1


@_inline
def _ground_speed(dx: float, dy: float, length: float, speed: float, wx: float, wy: float) -> Any:
    """Speed over the ground along a course at an airspeed: the wind triangle."""
    if wx == 0.0 and wy == 0.0:
        return speed
    along, across = (wx * dx + wy * dy) / length, (wx * dy - wy * dx) / length
    return along + math.sqrt(speed * speed - across * across)


@_inline
def _track(t: float, dx: float, dy: float, speed: float, winds: Array) -> Any:
    """The way straight over the ground to a place dx, dy away: hours, velocity now, and how long it holds.

    Where zones must be flown round a way must not be carried off its line: it is held, wind by wind.
    """
    length, last, i = _size(dx, dy), winds.shape[0] - 1, 0
    if length == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    while i < last and winds[i + 1, 0] <= t:
        i += 1
    pace = _ground_speed(dx, dy, length, speed, winds[i, 1], winds[i, 2])
    vx, vy, hold, gone, left = pace * dx / length, pace * dy / length, math.inf, 0.0, length
    while i < last and t + gone + left / pace > winds[i + 1, 0]:
        span = winds[i + 1, 0] - t - gone
        gone, left, i, hold = gone + span, left - pace * span, i + 1, min(hold, gone + span)
        pace = _ground_speed(dx, dy, length, speed, winds[i, 1], winds[i, 2])
    hours = gone + left / pace
    return hours, vx, vy, min(hours, hold)


@_inline
def _home(t: float, x: float, y: float, homing: Any) -> Any:
    """Hours from a place to the base that is reached soonest, its number, and the first point on the way.

    ``homing``: numbers (5 + phases,): speed home, latest landing by fuel, latest landing by the clock, the wind of now,
    fuel of each phase as a share of that in transit; usable bases (b, 2); winds as `_air_hours` has them; corners of
    what must be flown round (c, 2 + 2 b): x, y, for each base how far it is from there, and the next corner on the way,
    -1 for the base itself; walls (m, 4).
    """
    limits, bases, winds, corners, walls = homing
    count, open_sea = bases.shape[0], walls.shape[0] == 0
    best, which, px, py = math.inf, 0, x, y
    for b in range(count):
        at = -1  # the corner flown to; none: straight to base
        if not open_sea and _blocked(x, y, bases[b, 0], bases[b, 1], walls):
            near, at = math.inf, 0
            for c in range(corners.shape[0]):
                apart = _size(corners[c, 0] - x, corners[c, 1] - y)
                there = apart + corners[c, 2 + b]
                if apart > _THERE and there < near and not _enters(x, y, corners[c, 0], corners[c, 1], walls):
                    near, at = there, c
        hours, ox, oy, first = 0.0, x, y, at
        while True:
            nx, ny = (corners[at, 0], corners[at, 1]) if at >= 0 else (bases[b, 0], bases[b, 1])
            if open_sea:
                hours += _air_hours(t, nx - ox, ny - oy, 0.0, 0.0, limits[0], winds)
            else:
                hours += _track(t + hours, nx - ox, ny - oy, limits[0], winds)[0]
            if at < 0:
                break
            ox, oy, at = nx, ny, int(corners[at, 2 + count + b])
        if hours < best:
            best, which = hours, b
            px, py = (corners[first, 0], corners[first, 1]) if first >= 0 else (bases[b, 0], bases[b, 1])
    return best, which, px, py


@_inline
def _drift(t: float, hours: float, winds: Array) -> Any:
    """How far the wind carries the air from t on, and when it changes next, at the latest then."""
    x, y, end, first = 0.0, 0.0, t + hours, math.inf
    for i in range(winds.shape[0]):
        upto = winds[i + 1, 0] if i + 1 < winds.shape[0] else math.inf
        begin, until = max(t, winds[i, 0]) if i > 0 else t, min(end, upto)
        if until > begin:
            x, y = x + winds[i, 1] * (until - begin), y + winds[i, 2] * (until - begin)
            first = min(first, until)
    return x, y, first


@_inline
def _steer(t: float, dx: float, dy: float, ux: float, uy: float, speed: float, winds: Array) -> Any:
    """The way through the air to what is dx, dy away and moves at ux, uy.

    Hours, velocity over the ground now, and how long that holds.
    """
    hours = _air_hours(t, dx, dy, ux, uy, speed, winds)
    if hours <= 0.0 or hours == math.inf:
        return hours, 0.0, 0.0, 0.0
    x, y, until = _drift(t, hours, winds)
    i = 0
    while i + 1 < winds.shape[0] and winds[i + 1, 0] <= t:
        i += 1
    vx, vy = (dx - x) / hours + ux + winds[i, 1], (dy - y) / hours + uy + winds[i, 2]
    return hours, vx, vy, min(hours, until - t)


@_on_demand
def steer(t: float, dx: float, dy: float, speed: float, winds: Array) -> Any:
    """The way through the air to a place dx, dy away: see ``_steer``."""
    return _steer(t, dx, dy, 0.0, 0.0, speed, winds)


@_on_demand
def track(t: float, dx: float, dy: float, speed: float, winds: Array) -> Any:
    """See ``_track``."""
    return _track(t, dx, dy, speed, winds)


@_on_demand
def way_home(t: float, x: float, y: float, homing: Any) -> Any:
    """See ``_home``."""
    return _home(t, x, y, homing)


@_inline
def _overdue(t: float, x: float, y: float, more: float, spent: float, homing: Any) -> bool:
    """Whether it is too late to go home now, ``more`` + ``spent`` hours of fuel beyond those of the clock gone."""
    limits, hours = homing[0], _home(t, x, y, homing)[0]
    late: bool = t + more + hours > limits[1] - spent or t + hours > limits[2]
    return late


@_inline
def _bingo(
    t: float, x: float, y: float, vx: float, vy: float, end: float, extra: float, spent: float, homing: Any
) -> Any:
    """The last moment on a leg from which base is reached in time; infinite where that is after its end.

    The leg burns ``extra`` hours of fuel an hour more than transit does; ``spent`` is what earlier ones did.
    """
    if homing[0][1] == math.inf and homing[0][2] == math.inf:
        return math.inf
    low, high, when = t, end, end
    for step in range(61):  # its end is tried first; one place to ask from keeps the compiled code small
        gone = when - t
        late = _overdue(when, x + vx * gone, y + vy * gone, extra * gone, spent, homing)
        if step == 0 and not late:
            return math.inf
        if late:
            high = when
        else:
            low = when
        when = 0.5 * (low + high)
    return low


@_inline
def _search(
    t: float,
    end: float,
    x: float,
    y: float,
    vx: float,
    vy: float,
    targets: Any,
    sight: Any,
    memory: Any,
    notice: Array,
    commit: bool,
    found: Array,
    hits: int,
) -> Any:
    """Search one straight stretch [t, end): the first event (when, vessel, sensor), or infinite.

    An event is a detection, or, with sensor -1, that a contact left waiting comes within its range ``notice[m, 1]``.
    With ``commit`` the exposures are kept and each detection is written to ``found`` from ``hits`` on; without,
    nothing is changed but ``draft`` (2, sensors, m), which carries a vessel's exposure over its turns within the
    stretch, and ``look`` (m + 1,), which says what of it is of this call: the last number counts the calls.
    """
    tracks, owner, reach, vessels, kinds = targets
    key, eyes, laws, tables, farthest = sight
    numbers, look, marks = memory
    needed, had, fell, draft = 0, 1, 2, 3  # rows of the numbers; of the scratch there are two
    seen, waiting, met = 0, 1, 2  # rows of the marks
    best, who, which = math.inf, -1, -1
    look[-1] += 1
    count = 0
    for i in range(_first(reach, t), tracks.shape[0]):
        if tracks[i, 0] >= end:
            break
        m = owner[i]
        ta, tb = max(t, tracks[i, 0]), min(end, tracks[i, 1])
        if ta >= tb or (marks[seen, m] and (commit or not marks[waiting, m])):
            continue
        dx = tracks[i, 2] + tracks[i, 4] * (ta - tracks[i, 0]) - x - vx * (ta - t)
        dy = tracks[i, 3] + tracks[i, 5] * (ta - tracks[i, 0]) - y - vy * (ta - t)
        rx, ry = tracks[i, 4] - vx, tracks[i, 5] - vy
        if marks[seen, m]:
            chord = _chord(notice, m, dx, dy, rx, ry, ta, tb)
            if ta < chord[0] < chord[1] and chord[0] < best:
                best, who, which = chord[0], m, -1
            continue
        near = farthest[kinds[m]] + _size(rx, ry) * (tb - ta)
        if dx * dx + dy * dy > near * near:
            continue
        early, eye, first = math.inf, -1, kinds[m] * eyes.size
        for k in range(eyes.size):
            if numbers[needed, k, m] < 0.0:
                numbers[needed, k, m] = -math.log(_pair(key, FOR_THRESHOLD, _mix(vessels[m], eyes[k]), 0)[0])
            before, falling = numbers[had, k, m], numbers[fell, k, m]
            if look[m] == look[-1]:  # it turned within this stretch
                before, falling = numbers[draft, k, m], numbers[draft + 1, k, m]
            enough = numbers[needed, k, m]
            total, when, falling = _meet(laws, tables, first + k, dx, dy, rx, ry, ta, tb, before, enough, falling)
            numbers[draft, k, m], numbers[draft + 1, k, m] = total, falling
            if commit:
                numbers[had, k, m], numbers[fell, k, m] = total, falling
                marks[met, m] = marks[met, m] or total != 0.0 or falling > -math.inf
            if when < early:
                early, eye = when, k
        look[m] = look[-1]
        if early < math.inf and commit:
            marks[seen, m] = True
            found[hits + count, 0], found[hits + count, 1], found[hits + count, 2] = early, m, eye
            count += 1
        if early < best:
            best, who, which = early, m, eye
    return best, who, which, count


@_entry(f"int64({F2}, {F1}, boolean, float64, {_HOMING}, {_TARGETS}, {_SIGHT}, {_MEMORY}, {F2}, {F2}, {F2})")
def fly(
    legs: Array,
    state: Array,
    stop: bool,
    until: float,
    homing: Any,
    targets: Any,
    sight: Any,
    memory: Any,
    notice: Array,
    flown: Array,
    found: Array,
) -> int:
    """Fly the legs, searching, to the next decision: bingo fuel, their end, an hour or, if ``stop``, a contact.

    The contact is a new one, or one left ``waiting`` that comes within its range ``notice[m, 1]``. ``until``: when the
    conditions change next, the wind, the laws or the way home.

    ``state``: t, x, y, leg, rows of ``flown`` used, rows of ``found`` used, whether the last row is of this leg (1),
    which a detection broke off, and goes on if the leg does, and hours of fuel spent beyond those of the clock; updated
    in place. ``homing``: see ``_home``; infinite limits: do not watch the fuel. ``targets``: segments (n, 6), their
    owners, the running maximum of their ends, identities and classes (m,). ``sight``: key, identities of the sensors,
    their laws and tables, their farthest reach against each class. ``memory``: numbers (5, sensors, m): thresholds,
    negative until asked for, exposures, until when range fell, and two of scratch, see ``_search``; ``look``; marks
    (3, m): vessels that are contacts already, those left waiting, those ever in range. ``found`` (m, 3): when, vessel,
    sensor. Returns DONE, DETECTED, BINGO, FULL or CHANGE.
    """
    t, x, y, spent = state[0], state[1], state[2], state[7]
    leg, rows, hits = int(state[3]), int(state[4]), int(state[5])
    goes_on = state[6] > 0.0  # the last row is of the leg now flown
    setting, marks = homing[0], memory[2]
    wind_x, wind_y = setting[3], setting[4]
    code, who, which = DONE, -1, -1
    while leg < legs.shape[0]:
        dx, dy = legs[leg, 0] - x, legs[leg, 1] - y
        length, speed = _size(dx, dy), legs[leg, 2]
        hours = length / _ground_speed(dx, dy, length, speed, wind_x, wind_y) if speed > 0.0 else -speed
        if hours <= 0.0 or (speed > 0.0 and length == 0.0):
            leg += 1
            goes_on = False
            continue
        if t >= until:
            code = CHANGE
            break
        if rows == flown.shape[0] and not goes_on:
            code = FULL
            break
        vx, vy = (legs[leg, 0] - x) / hours, (legs[leg, 1] - y) / hours
        arrive = t + hours
        extra = setting[5 + int(legs[leg, 3])] - 1.0
        turn = _bingo(t, x, y, vx, vy, min(arrive, until), extra, spent, homing)
        end = min(min(arrive, turn), until)
        for commit in range(0 if stop else 1, 2):  # first look for what stops the flight, then fly that far
            when, first, eye, count = _search(
                t, end, x, y, vx, vy, targets, sight, memory, notice, commit == 1, found, hits
            )
            hits += count
            if commit == 0 and first >= 0:
                end, who, which, code = when, first, eye, DETECTED
        if code == DETECTED and not marks[0, who]:
            marks[0, who] = True
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
            spent += extra * (end - t)
            if speed < 0.0 and not whole:
                legs[leg, 2] = end - arrive  # the hours that are left
            t, x, y = end, nx, ny
            goes_on = True
        if code == DETECTED:
            break
        if turn < arrive and turn <= until:
            code = BINGO
            break
        if until < arrive:
            code = CHANGE
            break
        leg += 1
        goes_on = False
    state[0], state[1], state[2], state[7] = t, x, y, spent
    state[3], state[4], state[5], state[6] = leg, rows, hits, goes_on and code != BINGO and code != CHANGE
    return code


@_entry(f"{F2}({F2}, {I1}, {I1}, {I1}, float64, float64, float64, float64, {F2})")
def intercepts(
    tracks: Array, order: Array, starts: Array, who: Array, t: float, x: float, y: float, speed: float, winds: Array
) -> Any:
    """The straight ways to vessels as they move at t, (k, 11).

    The rows of vessel m are ``order[starts[m]:starts[m + 1]]``. Columns: the meeting time, x, y of the meeting, the end
    of the vessel's segment, the end of its last, its range now, its vx, vy, the aircraft's velocity over the ground and
    until when that holds. The meeting time is infinite where the vessel does not exist at t or outruns the aircraft.
    """
    out = np.empty((who.size, 11))
    for k in range(who.size):
        first, last = starts[who[k]], starts[who[k] + 1]
        out[k, 0], out[k, 1], out[k, 2], out[k, 3] = math.inf, x, y, t
        out[k, 4], out[k, 5], out[k, 10] = tracks[order[last - 1], 1], math.inf, math.inf
        for j in range(6, 10):
            out[k, j] = 0.0
        for i in order[first:last]:
            if not tracks[i, 0] <= t < tracks[i, 1]:
                continue
            vx, vy = tracks[i, 4], tracks[i, 5]
            px = tracks[i, 2] + vx * (t - tracks[i, 0])
            py = tracks[i, 3] + vy * (t - tracks[i, 0])
            dx, dy = px - x, py - y
            apart = _size(dx, dy)
            out[k, 3], out[k, 5], out[k, 6], out[k, 7] = tracks[i, 1], apart, vx, vy
            if winds.shape[0] == 1:
                ax, ay = vx - winds[0, 1], vy - winds[0, 2]  # how the vessel moves through the air
                a = speed * speed - ax * ax - ay * ay
                b = dx * ax + dy * ay
                wait = (b + math.sqrt(b * b + a * apart * apart)) / a if a > 0.0 else math.inf
            else:
                wait, out[k, 8], out[k, 9], hold = _steer(t, dx, dy, vx, vy, speed, winds)
                out[k, 10] = t + hold
            if wait < math.inf:
                out[k, 0], out[k, 1], out[k, 2] = t + wait, px + vx * wait, py + vy * wait
    return out


@_entry(f"{F1}({F2}, {F1}, float64, float64, float64, float64, float64, float64, float64)")
def weigh(
    ways: Array, scores: Array, t: float, x: float, y: float, farthest: float, stay: float, cost: float, speed: float
) -> Array:
    """What each of the ``intercepts`` is worth: its score less the cost of its hours, the way back to x, y included.

    Minus infinity where it leads farther from there than allowed or is worth less than nothing; NaN where the vessel is
    gone.
    """
    out = np.empty(scores.size)
    for k in range(scores.size):
        back = _size(ways[k, 1] - x, ways[k, 2] - y)
        out[k] = scores[k] - cost * (ways[k, 0] - t + stay + back / speed) if cost > 0.0 else scores[k]
        if not (back <= farthest and out[k] >= 0.0 and ways[k, 0] < math.inf):
            out[k] = -math.inf
        if ways[k, 4] <= t:
            out[k] = math.nan
    return out


@_inline
def _gain(laws: Array, tables: Array, q: int, dx: float, dy: float, vx: float, vy: float, hours: float) -> Any:
    """Exposure over a stretch of so many hours alone; of a definite range law the whole, if it is in range at all."""
    w = _size(vx, vy)
    if w < _STILL:
        r = _size(dx, dy)
        if r >= laws[q, 1]:
            return 0.0
        return laws[q, 2] if laws[q, 0] == DEFINITE_RANGE else _rate(laws, tables, q, r) * hours
    pace = 1.0 / w
    x = abs(dx * vy - dy * vx) * pace
    if x >= laws[q, 1]:
        return 0.0
    half = math.sqrt((laws[q, 1] - x) * (laws[q, 1] + x))
    s = (dx * vx + dy * vy) * pace
    s1, s2 = max(s, -half), min(s + w * hours, half)
    if s1 >= s2:
        return 0.0
    return laws[q, 2] if laws[q, 0] == DEFINITE_RANGE else _along(laws, tables, q, x, s1, s2) * pace


BLOCK = 16  # legs compared with a segment at once


@_inline
def _within(rows: Array, i: int, legs: Array, first: int, reach2: float, near: Array) -> None:
    """Which of a block of legs a segment comes within reach of, while both last: 1 or 0 each.

    Range^2 is convex: it is least at either end or, where it falls at the first and rises at the last, between them,
    where it is d^2 - (d . w)^2 / w^2. No branch and no division: several legs are done at once.
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


@_inline
def _motions(rows: Array, legs: Array, pairs: Array, n: int, motion: Array) -> None:
    """Relative motion of the first n pairs (segment, leg) into ``motion`` (5, n): dx, dy, vx, vy, hours together."""
    for c in range(n):
        i, j = pairs[0, c], pairs[1, c]
        ta, tb = max(legs[0, j], rows[i, 0]), min(legs[1, j], rows[i, 1])
        motion[0, c] = rows[i, 2] + rows[i, 4] * (ta - rows[i, 0]) - legs[4, j] - legs[2, j] * ta
        motion[1, c] = rows[i, 3] + rows[i, 5] * (ta - rows[i, 0]) - legs[5, j] - legs[3, j] * ta
        motion[2, c], motion[3, c], motion[4, c] = rows[i, 4] - legs[2, j], rows[i, 5] - legs[3, j], tb - ta


@_inline
def _inverse_cubes(reaches: Array, strengths: Array, motion: Array, n: int, gained: Array) -> None:
    """What ``_gain`` is of an inverse cube law each for n motions. No branches: many are done at once."""
    for c in range(n):
        reach, strength = reaches[c], strengths[c]
        dx, dy, vx, vy, hours = motion[0, c], motion[1, c], motion[2, c], motion[3, c], motion[4, c]
        w = _size(vx, vy)
        pace = 1.0 / max(w, 1e-300)
        x, s = abs(dx * vy - dy * vx) * pace, (dx * vx + dy * vy) * pace
        half = math.sqrt(max(0.0, (reach - x) * (reach + x)))
        s1, s2 = max(s, -half), min(s + w * hours, half)
        near = max(x, _TOUCH)
        r1, r2 = _size(near, s1), _size(near, s2)
        top = (s2 - s1) * (s2 + s1) if s1 * s2 > 0.0 else s2 * r1 - s1 * r2
        low = s2 * r1 + s1 * r2 if s1 * s2 > 0.0 else near * near
        passing = strength * top * pace / (r1 * r2 * low) if s1 < s2 else 0.0
        r = max(_size(dx, dy), _TOUCH)
        beside = strength * hours / (r * r * r) if r < reach else 0.0
        gained[c] = beside if w < _STILL else passing


@_inline
def _settle(
    pairs: Array,
    n: int,
    motion: Array,
    gained: Array,
    first: Array,
    force: Array,
    legs: Array,
    sorties: Array,
    sets: Array,
    rows: Array,
    owner: Array,
    key: Array,
    vessels: Array,
    kinds: Array,
    eyes: Array,
    laws: Array,
    tables: Array,
    now: Array,
    seen: Array,
    needed: Array,
    had: Array,
    fell: Array,
) -> int:
    """Add the exposures of n pairs to their vessels; returns how many vessels were detected for the first time."""
    count, sensors = 0, eyes.shape[1]
    _motions(rows, legs, pairs, n, motion)
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
                chord = _chord(laws, q, dx, dy, vx, vy, ta, tb)
                gain, _, fell[m, k] = _minimum(laws, tables, q, chord, ta, tb, fell[m, k])
            elif laws[k, 0] != INVERSE_CUBE:
                gain = _gain(laws, tables, q, dx, dy, vx, vy, hours)
            if gain == 0.0:
                continue
            if needed[m, k] < 0.0:
                needed[m, k] = -math.log(_pair(key, FOR_THRESHOLD, _mix(vessels[m], eyes[sortie, k]), 0)[0])
            had[m, k] = gain if laws[q, 0] == DEFINITE_RANGE else had[m, k] + gain
            seen[m] = seen[m] or had[m, k] >= needed[m, k]
        count += seen[m]
    return count


@_entry(f"int64({F2}, {I1}, {I1}, {I1}, {I1}, float64, {F2}, {I1}, {U1}, {U1}, {I1}, {U2}, {F2}, {F4})")
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
    eyes: Array,
    laws: Array,
    tables: Array,
) -> int:
    """How many vessels one aircraft's sorties detect: the one pass for traffic that cannot change the flight.

    ``legs`` (6, n and a block that never begins): t0, t1, vx, vy and where the line was at hour 0, by time;
    ``sorties`` (n,): whose they are; ``sets`` (n,): the first of the laws in force then; ``begins`` (sorties + 1,):
    the first leg of each; ``bucket``: for each 1 / ``per_hour`` hours the first leg that ends after its beginning.
    ``rows``, ``owner``: segments, each vessel's by time; ``kinds`` (m,): classes. ``eyes`` (sorties, sensors). A vessel
    counts once a sortie.
    """
    size, sensors = vessels.size, eyes.shape[1]
    farthest = 0.0
    for k in range(laws.shape[0]):
        farthest = max(farthest, laws[k, 1])
    room = _BATCH + legs.shape[1]  # one segment may meet every leg
    reach2 = farthest * farthest
    near, pairs, motion = np.empty(BLOCK, np.int64), np.empty((2, room), np.int64), np.empty((5, room))
    gained, first, force = np.empty((sensors, room)), np.empty(room, np.int64), np.empty((2, room))
    needed, had, fell = np.empty((size, sensors)), np.empty((size, sensors)), np.empty((size, sensors))
    now, seen = np.full(size, -1), np.zeros(size, np.bool_)
    count, n = 0, 0
    for i in range(rows.shape[0] + 1):
        if n >= _BATCH or i == rows.shape[0]:
            count += _settle(
                pairs, n, motion, gained, first, force, legs, sorties, sets, rows, owner, key, vessels, kinds, eyes,
                laws, tables, now, seen, needed, had, fell,
            )  # fmt: skip
            n = 0
        if i == rows.shape[0]:
            break
        t0, t1, m = rows[i, 0], rows[i, 1], owner[i]
        leg = bucket[min(bucket.size - 1, int(max(0.0, t0) * per_hour))]
        if seen[m]:
            leg = max(leg, begins[now[m] + 1])
        while legs[0, leg] < t1:
            _within(rows, i, legs, leg, reach2, near)
            for j in range(BLOCK):
                if near[j] == 1:
                    pairs[0, n], pairs[1, n] = i, leg + j
                    n += 1
            leg += BLOCK
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
def _pass_pieces(laws: Array, tables: Array, q: int, chord: Any, times: Array, bends: Array, used: int) -> Any:
    """Write one pass as a piecewise-linear exposure: moments and the change of slope at each."""
    t1, t2, x, s1, s2, w = chord
    if w == 0.0:
        slope = min(_rate(laws, tables, q, x), _CERTAIN / (t2 - t1))
        used = _bend(times, bends, used, t1, slope)
        return _bend(times, bends, used, t2, -slope)
    whole = _along(laws, tables, q, x, s1, s2) / w
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
        gained = scale * _along(laws, tables, q, x, low, high)
        while high - low > least:
            middle = 0.5 * (low + high)
            half = scale * _along(laws, tables, q, x, low, middle)
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
def _stay(steps: Array, jumps: Array, used: int, low: float, high: float, jump: float) -> Any:
    """Write an exposure that is there for beginnings between low and high."""
    if jump == 0.0 or high == -math.inf:
        return used
    steps[used], steps[used + 1] = low, high
    jumps[used], jumps[used + 1] = min(jump, _CERTAIN), -min(jump, _CERTAIN)
    return used + 2


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


@_on_demand
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
    """Add to ``out`` the probability that a transfer of ``tau`` hours at each cell is detected, over one replication.

    ``cells`` (c, 2); ``legs`` (n, 6) t0, t1, x0, y0, x1, y1 of all sorties, of which sortie k owns rows
    ``sorties[k]`` to ``sorties[k + 1]`` and carries ``sensors[k]``, of which ``sets`` (n,) is the first one's law in
    force on each row; ``breaks`` (c, b + 1) and ``weights`` (c, b) are the density of the beginning.
    """
    most = legs.shape[0] * sensors.max() * (2 * _MOST_PIECES + 4) + 2
    times, bends = np.empty(most), np.empty(most)
    steps, jumps = np.empty(2 * most), np.empty(2 * most)
    for c in range(cells.shape[0]):
        n = m = 0
        for k in range(sorties.size - 1):
            for one in range(sensors[k]):
                low = high = fell = -math.inf
                jump, law = 0.0, -1.0
                for j in range(sorties[k], sorties[k + 1]):
                    q = sets[j] + one
                    law = laws[q, 0]
                    span = legs[j, 1] - legs[j, 0]
                    dx, dy = cells[c, 0] - legs[j, 2], cells[c, 1] - legs[j, 3]
                    ux, uy = legs[j, 4] - legs[j, 2], legs[j, 5] - legs[j, 3]
                    reach = laws[q, 1] + _size(ux, uy)
                    if dx * dx + dy * dy > reach * reach:
                        continue
                    chord = _chord(laws, q, dx, dy, -ux / span, -uy / span, legs[j, 0], legs[j, 1])
                    if chord[0] >= chord[1]:
                        continue
                    if law == LATERAL_RANGE:
                        jump, when, fell = _minimum(laws, tables, q, chord, legs[j, 0], legs[j, 1], fell)
                        m = _stay(steps, jumps, m, when - tau, when, jump)
                    elif law != DEFINITE_RANGE:
                        n = _pass_pieces(laws, tables, q, chord, times, bends, n)
                    elif chord[0] - tau <= high:
                        high = max(high, chord[1])
                    else:
                        m = _stay(steps, jumps, m, low, high, jump)
                        low, high, jump = chord[0] - tau, chord[1], laws[q, 2]
                if law == DEFINITE_RANGE:
                    m = _stay(steps, jumps, m, low, high, jump)
        _sort_pairs(times, bends, n)
        _sort_pairs(steps, jumps, m)
        out[c] += _mean_certainty(times, bends, n, steps, jumps, m, tau, breaks[c], weights[c])
