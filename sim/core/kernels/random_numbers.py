"""Random numbers by key: Philox 4x32-10, identities, and a marked Poisson process."""

import math
from typing import Any

import numpy as np

from sim.core.codes import Purpose
from sim.core.kernels.compiling import F1, F2, U1, Array, always_inline, entry, inline, on_demand

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

# The purposes of the numbers that compiled functions draw, as plain integers, which Numba takes for constants.
FOR_THRESHOLD, FOR_PLACE = int(Purpose.THRESHOLD), int(Purpose.PLACE)
FOR_COURSE, FOR_GAP = int(Purpose.COURSE), int(Purpose.GAP)

BATCH = 512  # entities whose numbers are drawn at once: their arrays stay in the nearest cache


@inline
def first_above(rising: Array, t: float) -> Any:
    """Return the first index of a rising array whose value is above t; its size if there is none."""
    low, high = 0, rising.size
    while low < high:
        middle = (low + high) // 2
        if rising[middle] > t:
            high = middle
        else:
            low = middle + 1
    return low


@inline
def _two_rounds(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    p0, p1 = _M0 * c0, _M1 * c2
    c0, c1, c2, c3 = (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _MASK, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _MASK
    k0, k1 = (k0 + _W0) & _MASK, (k1 + _W1) & _MASK
    p0, p1 = _M0 * c0, _M1 * c2
    return (p1 >> _SHIFT) ^ c1 ^ k0, p1 & _MASK, (p0 >> _SHIFT) ^ c3 ^ k1, p0 & _MASK


@always_inline
def _ten_rounds(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    # Written out and put in place: only then does the compiler do eight counters at once, at an eighth of the cost.
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, k0, k1)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, (k0 + _2W0) & _MASK, (k1 + _2W1) & _MASK)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, (k0 + _4W0) & _MASK, (k1 + _4W1) & _MASK)
    c0, c1, c2, c3 = _two_rounds(c0, c1, c2, c3, (k0 + _6W0) & _MASK, (k1 + _6W1) & _MASK)
    return _two_rounds(c0, c1, c2, c3, (k0 + _8W0) & _MASK, (k1 + _8W1) & _MASK)


@inline
def join_identities(a: Any, b: Any) -> Any:
    """One 64-bit identity from two."""
    z = (a ^ (b * _GOLDEN)) + _GOLDEN
    z = (z ^ (z >> _R30)) * _MIX1
    z = (z ^ (z >> _R27)) * _MIX2
    return z ^ (z >> _R31)


@inline
def uniform_pair(key: Array, purpose: int, entity: int, counter: int) -> Any:
    """Return two uniforms in the open interval (0, 1)."""
    e = entity ^ key[1]
    r0, r1, r2, r3 = _ten_rounds(
        e & _MASK, e >> _SHIFT, np.uint64(purpose), np.uint64(counter), key[0] & _MASK, key[0] >> _SHIFT
    )
    return uniform_from_53_bits(r0, r1), uniform_from_53_bits(r2, r3)


@inline
def random_words(key: Array, purpose: int, entities: Array, counter: int, out: Array) -> None:
    """Four 32-bit numbers for each entity, into ``out`` (4, n or more)."""
    k0, k1 = key[0] & _MASK, key[0] >> _SHIFT
    for i in range(entities.size):
        e = entities[i] ^ key[1]
        r0, r1, r2, r3 = _ten_rounds(e & _MASK, e >> _SHIFT, np.uint64(purpose), np.uint64(counter), k0, k1)
        out[0, i], out[1, i], out[2, i], out[3, i] = r0, r1, r2, r3


@inline
def uniform_from_32_bits(word: Any) -> float:
    """A uniform in the open interval (0, 1) from 32 bits: a place in a sea of 1,000 nmi to 2e-7 nmi."""
    return (float(np.int64(word)) + 0.5) * _TWO32


@inline
def uniform_from_53_bits(high: Any, low: Any) -> float:
    """A uniform in the open interval (0, 1) from 53 of 64 bits; half a step keeps it off 0."""
    return (float(np.int64((high >> _UP5) * np.uint64(67108864) + (low >> _DOWN6))) + 0.5) * _TWO53


@entry("uint64(uint64, uint64)")
def mix(a: int, b: int) -> int:
    """One 64-bit identity from two, in order."""
    joined: int = join_identities(a, b)
    return joined


@entry(f"{U1}({U1}, uint64)")
def mix_each(entities: Array, b: int) -> Array:
    """``mix`` of each entity with another."""
    out = np.empty(entities.size, np.uint64)
    for i in range(entities.size):
        out[i] = join_identities(entities[i], b)
    return out


@on_demand
def philox(counter: Array, key: Array) -> Array:
    """Philox 4x32-10 of a counter (4,) under a key (2,): (4,). For the published test vectors."""
    r = _ten_rounds(
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


@entry(f"void({U1}, uint64, {U1}, uint64, {F2})")
def fill_uniforms(key: Array, purpose: int, entities: Array, counter: int, out: Array) -> None:
    """Two uniforms in (0, 1) for each entity, into ``out`` (n, 2)."""
    for i in range(entities.size):
        out[i, 0], out[i, 1] = uniform_pair(key, purpose, entities[i], counter)


@entry(f"float64({U1}, uint64, {U1})")
def uniform_of(key: Array, purpose: int, parts: Array) -> float:
    """One uniform in (0, 1) for the identity that is joined from parts (n,), in order; see ``mix``."""
    whole = parts[0]
    for i in range(1, parts.size):
        whole = join_identities(whole, parts[i])
    uniform: float = uniform_pair(key, purpose, whole, 0)[0]
    return uniform


@entry(f"{U1}(uint64, int64, int64)")
def entities(source: int, first: int, count: int) -> Array:
    """Identities of the ordinals ``first`` to ``first + count - 1`` of a source."""
    out = np.empty(count, np.uint64)
    for i in range(count):
        out[i] = join_identities(source, np.uint64(np.int64(first + i)))
    return out


@entry(f"Tuple(({F1}, {U1}, {F2}))({U1}, uint64, int64, int64, float64, float64, int64)")
def arrivals(key: Array, source: int, direction: int, first: int, begin: float, span: float, most: int) -> Any:
    """Return a marked Poisson process of rate 1 up to ``span``: times (n,), identities (n,), two uniform marks (n, 2).

    The gaps are unit exponentials keyed by ordinal: ``direction`` 1 counts 0, 1, 2, ... and -1 counts -1, -2, ...,
    the two halves of a stationary process. At most ``most`` arrivals are made, from the ordinal ``first`` on, whose
    predecessor came at ``begin``.
    """
    times, vessels, marks = np.empty(most), np.empty(most, np.uint64), np.empty((most, 2))
    names, words = np.empty(BATCH, np.uint64), np.empty((4, BATCH), np.uint64)
    n = 0
    t = begin
    while True:
        for i in range(BATCH):
            ordinal = first + n + i if direction > 0 else -1 - first - n - i
            names[i] = join_identities(source, np.uint64(np.int64(ordinal)))
        random_words(key, FOR_GAP, names, 0, words)
        for i in range(BATCH):
            t -= math.log(uniform_from_53_bits(words[0, i], words[1, i]))
            if t >= span or n == most:
                return times[:n], vessels[:n], marks[:n]
            times[n], vessels[n] = t, names[i]
            marks[n, 0], marks[n, 1] = uniform_from_32_bits(words[2, i]), uniform_from_32_bits(words[3, i])
            n += 1
