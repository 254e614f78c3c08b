"""The exposure of places to a flight, in spells of time."""

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.deployment.patrols import PatrolPlan


def cut_at(legs: Floats, edges: Floats) -> Floats:
    """Legs (n, 6) of hours, x and y of both ends, from the first edge to the last, cut where they cross an edge."""
    legs = legs[(legs[:, 0] < edges[-1]) & (legs[:, 1] > edges[0]) & (legs[:, 1] > legs[:, 0])]
    begin, end = np.maximum(legs[:, 0], edges[0]), np.minimum(legs[:, 1], edges[-1])
    first = np.searchsorted(edges, begin, side="right")
    parts = np.searchsorted(edges, end, side="left") - first + 1
    leg = np.repeat(np.arange(len(legs)), parts)
    part = np.arange(len(leg)) - np.repeat(np.cumsum(parts) - parts, parts)
    # The last edge stands for one beyond the end, which a part that ends its leg never reaches.
    low = np.where(part == 0, begin[leg], edges[np.minimum(first[leg] + part - 1, len(edges) - 1)])
    high = np.where(part == parts[leg] - 1, end[leg], edges[np.minimum(first[leg] + part, len(edges) - 1)])
    whole = legs[leg]
    length = whole[:, 1] - whole[:, 0]
    way = whole[:, 4:6] - whole[:, 2:4]
    at = [whole[:, 2:4] + ((hour - whole[:, 0]) / length)[:, None] * way for hour in (low, high)]
    return np.column_stack([low, high, *at])


def exposure_in_spells(
    plan: PatrolPlan, legs: Floats, rows: Ints | None, edges: Floats, places: Floats, kinds: Ints, turns: bool = False
) -> Floats:
    """The exposure of targets at places (p, 2), nmi, to a flight, in each spell between two edges, (p, spells).

    `legs` (n, 6) as `cut_at` returns them; `rows` (n,) is the first row of the laws in force on each, among all that
    the patrol has met; `kinds` (p,) is the class of each target. A definite range law acts once in the flight, as for a
    target that is there all the time; with `turns` once in each spell, as for one of which nothing is known.
    """
    from sim.core import kernels

    out = np.zeros((len(places), len(edges) - 1))
    if not len(legs) or not len(places):
        return out
    performance = plan.sensor_performance
    spells = np.searchsorted(edges, legs[:, 0], side="right") - 1
    kernels.spell_exposures(
        np.ascontiguousarray(places), np.ascontiguousarray(kinds, np.int64), np.ascontiguousarray(legs), spells,
        spells if turns else np.zeros(len(legs), np.int64),
        np.zeros(len(legs), np.int64) if rows is None else np.ascontiguousarray(rows, np.int64),
        len(plan.sensors), np.vstack(performance.law_sets), performance.tables, out,
    )  # fmt: skip
    return out
