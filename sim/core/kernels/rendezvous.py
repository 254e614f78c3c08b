"""Rendezvous with moving ships: when and where an aircraft can meet them, and what each meeting is worth."""

import math
from typing import Any

import numpy as np

from sim.core.kernels.compiling import F1, F2, I1, Array, entry, norm
from sim.core.kernels.winds import steer_to


@entry(f"{F2}({F2}, {I1}, {I1}, {I1}, float64, float64, float64, float64, {F2})")
def rendezvous_with(
    segments: Array, order: Array, starts: Array, who: Array, t: float, x: float, y: float, speed: float, winds: Array
) -> Any:
    """Return when and where an aircraft at x, y can meet vessels that keep their courses of hour t, (k, 11).

    The rows of vessel m are ``order[starts[m]:starts[m + 1]]`` of ``segments`` (n, 6). Columns: hour and x, y of the
    meeting, end of the vessel's present segment, end of its last segment, its range now, its velocity vx, vy, the
    aircraft's velocity over the ground, and until when that holds. The hour of the meeting is infinite if the vessel
    does not exist at t or outruns the aircraft. In a steady wind the hour is the positive root of
    |d + u hours| = speed * hours, with u the velocity of the vessel through the air.
    """
    out = np.empty((who.size, 11))
    for k in range(who.size):
        first, last = starts[who[k]], starts[who[k] + 1]
        out[k, 0], out[k, 1], out[k, 2], out[k, 3] = math.inf, x, y, t
        out[k, 4], out[k, 5], out[k, 10] = segments[order[last - 1], 1], math.inf, math.inf
        for j in range(6, 10):
            out[k, j] = 0.0
        for i in order[first:last]:
            if not segments[i, 0] <= t < segments[i, 1]:
                continue
            vx, vy = segments[i, 4], segments[i, 5]
            px = segments[i, 2] + vx * (t - segments[i, 0])
            py = segments[i, 3] + vy * (t - segments[i, 0])
            dx, dy = px - x, py - y
            apart = norm(dx, dy)
            out[k, 3], out[k, 5], out[k, 6], out[k, 7] = segments[i, 1], apart, vx, vy
            if winds.shape[0] == 1:
                ax, ay = vx - winds[0, 1], vy - winds[0, 2]  # how the vessel moves through the air
                a = speed * speed - ax * ax - ay * ay
                b = dx * ax + dy * ay
                wait = (b + math.sqrt(b * b + a * apart * apart)) / a if a > 0.0 else math.inf
            else:
                wait, out[k, 8], out[k, 9], hold = steer_to(t, dx, dy, vx, vy, speed, winds)
                out[k, 10] = t + hold
            if wait < math.inf:
                out[k, 0], out[k, 1], out[k, 2] = t + wait, px + vx * wait, py + vy * wait
    return out


@entry(f"{F1}({F2}, {F1}, float64, float64, float64, float64, float64, float64, float64)")
def rendezvous_worth(
    meetings: Array,
    scores: Array,
    t: float,
    x: float,
    y: float,
    farthest: float,
    stay: float,
    cost: float,
    speed: float,
) -> Array:
    """Return what each meeting (k, 11) is worth, (k,): the score of the contact less the cost of the hours it takes.

    The hours are those to the meeting, the ``stay`` there, and those back to x, y. The worth is minus infinity if the
    meeting lies farther than ``farthest`` from x, y or costs more than its score, and NaN if the vessel has gone.
    """
    out = np.empty(scores.size)
    for k in range(scores.size):
        back = norm(meetings[k, 1] - x, meetings[k, 2] - y)
        out[k] = scores[k] - cost * (meetings[k, 0] - t + stay + back / speed) if cost > 0.0 else scores[k]
        if not (back <= farthest and out[k] >= 0.0 and meetings[k, 0] < math.inf):
            out[k] = -math.inf
        if meetings[k, 4] <= t:
            out[k] = math.nan
    return out
