"""Rendezvous with moving ships: when and where an aircraft can meet them, and what each meeting is worth."""

import math
from typing import Any

import numpy as np

from sim.core.kernels.compiling import Array, inline, norm, on_demand
from sim.core.kernels.winds import steer_to


@inline
def meet(
    segments: Array, order: Array, starts: Array, who: int, t: float, x: float, y: float, speed: float, winds: Array
) -> Any:
    """Return when and where an aircraft at x, y can meet a vessel that keeps its course of hour t.

    The rows of vessel m are ``order[starts[m]:starts[m + 1]]`` of ``segments`` (n, 6). The answer has the fields of
    `sim.core.motion.Rendezvous` but the last: hour and x, y of the meeting, end of the vessel's present segment, end of
    its last segment, its range now, its velocity vx, vy, the aircraft's velocity over the ground, and until when that
    holds. The hour of the meeting is infinite if the vessel does not exist at t or outruns the aircraft. In a steady
    wind the hour is the positive root of |d + u hours| = speed * hours, with u the velocity of the vessel through the
    air.
    """
    meet_h, mx, my, turn_h, apart, vx, vy = math.inf, x, y, t, math.inf, 0.0, 0.0
    gx, gy, hold_h = 0.0, 0.0, math.inf
    first, last = starts[who], starts[who + 1]
    for place in range(first, last):
        i = order[place]
        if not segments[i, 0] <= t < segments[i, 1]:
            continue
        vx, vy, turn_h = segments[i, 4], segments[i, 5], segments[i, 1]
        px = segments[i, 2] + vx * (t - segments[i, 0])
        py = segments[i, 3] + vy * (t - segments[i, 0])
        dx, dy = px - x, py - y
        apart = norm(dx, dy)
        if winds.shape[0] == 1:
            ax, ay = vx - winds[0, 1], vy - winds[0, 2]  # how the vessel moves through the air
            a = speed * speed - ax * ax - ay * ay
            b = dx * ax + dy * ay
            wait = (b + math.sqrt(b * b + a * apart * apart)) / a if a > 0.0 else math.inf
        else:
            wait, gx, gy, hold = steer_to(t, dx, dy, vx, vy, speed, winds)
            hold_h = t + hold
        if wait < math.inf:
            meet_h, mx, my = t + wait, px + vx * wait, py + vy * wait
    return meet_h, mx, my, turn_h, segments[order[last - 1], 1], apart, vx, vy, gx, gy, hold_h


@on_demand
def rendezvous_with(
    segments: Array, order: Array, starts: Array, who: Array, t: float, x: float, y: float, speed: float, winds: Array
) -> Any:
    """Return the ways to vessels (k,), rows (k, 11) of the numbers of ``meet``."""
    out = np.empty((who.size, 11))
    for k in range(who.size):
        way = meet(segments, order, starts, who[k], t, x, y, speed, winds)
        for column in range(11):
            out[k, column] = way[column]
    return out


@inline
def worth(
    score: float, t: float, meet_h: float, back_nmi: float, farthest: float, stay: float, cost: float, speed: float
) -> float:
    """Return what a meeting is worth: the score of the contact less the cost of the hours it takes.

    The hours are those to the meeting, the ``stay`` there, and those back, ``back_nmi`` far. The worth is minus
    infinity if the meeting lies farther than ``farthest`` from where the route was left, or costs more than its score.
    """
    value = score - cost * (meet_h - t + stay + back_nmi / speed) if cost > 0.0 else score
    return value if back_nmi <= farthest and value >= 0.0 and meet_h < math.inf else -math.inf
