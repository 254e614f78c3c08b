"""The exposure of places in spells of time, and what a flight is expected to find that meets them there."""

import math
from typing import Any

import numpy as np

from sim.core.codes import DEFINITE_RANGE
from sim.core.kernels.compiling import Array, inline, on_demand
from sim.core.kernels.coverage_pieces import CERTAIN
from sim.core.kernels.exposures import add_exposure, chord_in_range


@inline
def _is_out_of_reach(legs: Array, j: int, x: float, y: float, reach: float) -> Any:
    """Return whether a place lies outside the box about a leg that a sensor reaches."""
    return (
        x < min(legs[j, 2], legs[j, 4]) - reach
        or x > max(legs[j, 2], legs[j, 4]) + reach
        or y < min(legs[j, 3], legs[j, 5]) - reach
        or y > max(legs[j, 3], legs[j, 5]) + reach
    )


@on_demand
def spell_exposures(
    places: Array, kinds: Array, legs: Array, spells: Array, turns: Array, rows: Array, sensors: int,
    laws: Array, tables: Array, out: Array,
) -> None:  # fmt: skip
    """Add to ``out`` (p, spells) the exposure of a target that lies at each place, spell by spell.

    ``places`` (p, 2) and the class of the target at each, ``kinds`` (p,). ``legs`` (n, 6): hours of both ends, x and y
    of both; none reaches from one spell into another, and ``spells`` (n,) says in which it is. ``rows`` (n,): the first
    row of the laws in force on each. A definite range law acts once in each turn: ``turns`` (n,).
    """
    acted = np.full((places.shape[0], sensors), -1, np.int64)
    fell = np.full((places.shape[0], sensors), -math.inf)
    for j in range(legs.shape[0]):
        t0, t1 = legs[j, 0], legs[j, 1]
        if t1 <= t0:
            continue
        vx, vy = (legs[j, 4] - legs[j, 2]) / (t1 - t0), (legs[j, 5] - legs[j, 3]) / (t1 - t0)
        for p in range(places.shape[0]):
            dx, dy = legs[j, 2] - places[p, 0], legs[j, 3] - places[p, 1]
            for k in range(sensors):
                q = rows[j] + kinds[p] * sensors + k
                if _is_out_of_reach(legs, j, places[p, 0], places[p, 1], laws[q, 1]):
                    continue
                if laws[q, 0] == DEFINITE_RANGE:
                    chord = chord_in_range(laws, q, dx, dy, vx, vy, t0, t1)
                    if chord[0] < chord[1] and acted[p, k] != turns[j]:
                        acted[p, k] = turns[j]
                        out[p, spells[j]] += min(laws[q, 2], CERTAIN)
                    continue
                gained, _, fell[p, k] = add_exposure(laws, tables, q, dx, dy, vx, vy, t0, t1, 0.0, math.inf, fell[p, k])
                out[p, spells[j]] += min(gained, CERTAIN)


@on_demand
def expected_finds(
    begun: Array, beginning: Array, flown: Array, others: Array, lasting: Array, source: Array, worth: Array
) -> float:
    """Return what a flight is expected to find, each find multiplied by its worth.

    ``begun`` (p, b): the expected number of undetected pairs at each place, as if none had parted, by how many spells
    before take-off they began: the last column is the spell just before. ``beginning`` (p, n): of those that begin in
    each spell of the flight. ``flown`` (p, n): exposure by the flight in each of its spells; ``others`` (p, n): by
    other aircraft. ``lasting`` (sources, b + n): the chance that a pair can be found so many spells after its
    beginning. ``source`` (p,): the source of each place. ``worth`` (n,): what a find in each spell is worth.
    """
    spells, total = flown.shape[1], 0.0
    undetected = np.empty(spells + 1)
    for p in range(flown.shape[0]):
        undetected[0] = 1.0
        for j in range(spells):
            undetected[j + 1] = undetected[j] * math.exp(-flown[p, j] - others[p, j])
            if flown[p, j] <= 0.0 or worth[j] <= 0.0:
                continue
            there = 0.0
            for i in range(begun.shape[1]):
                there += begun[p, i] * lasting[source[p], begun.shape[1] - i + j]
            there *= undetected[j]
            for i in range(j + 1):
                if undetected[i] > 0.0:
                    there += beginning[p, i] * lasting[source[p], j - i] * undetected[j] / undetected[i]
            total += worth[j] * there * -math.expm1(-flown[p, j])
    return total
