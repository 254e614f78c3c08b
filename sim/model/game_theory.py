"""Closed forms of games between a patrol and a smuggler who knows the plan: what `sim.study.exploit.games` must give.

Lengths are in nautical miles, times in hours, speeds in knots. `docs/methods/games.md` has the derivations.
"""

from typing import NamedTuple

import numpy as np


def place_by_daily_lot(sight_h: float, duration_h: float, every_h: float, probability: float = 1.0) -> float:
    """Return what a take-off hour guarantees at one place if it is drawn anew for each period of T hours.

    The place is in sight for L hours of each period, and a transfer lasts tau hours. An hour drawn once and kept
    guarantees `sim.model.theory.seen_by_lot`, (L + tau) / T, to one who does not know it.
    A transfer astride of two periods may be seen in both or in neither. The worst for the patrol is one for
    which half of the take-off hours that would see it lie in either period: 1 - (1 - p (L + tau) / (2 T))^2. That is
    p (L + tau) / T less the square of its half. L + tau must be at most T.
    """
    return 1.0 - (1.0 - probability * (sight_h + duration_h) / (2.0 * every_h)) ** 2


def line_by_lot(a: float, length: float) -> float:
    """Return what the best mix of patrols of a line guarantees: a / (Len + a), for a up to Len.

    The patrol flies at speed v and sees what it flies over; a transfer lasts tau hours, and a = v tau. The continuous
    form of the line in Papadaki, Alpern, Lidbetter and Morton, Operations Research 64 (2016).
    """
    return a / (length + a)


def line_by_shuttle(a: float, length: float) -> float:
    """Return what a shuttle from end to end of a line, begun at a random hour, guarantees: a / (2 Len), at its ends."""
    return a / (2.0 * length)


class TwoAreas(NamedTuple):
    """The game of two areas."""

    share: float
    """The probability with which the patrol flies in the first area."""
    gain: float
    """The smuggler's expected gain from one transfer."""
    reply: float
    """The probability with which the smuggler goes to the first area."""


def two_areas(chances: tuple[float, float], values: tuple[float, float], rationality: float | None = None) -> TwoAreas:
    """Return the best mix of a patrol that flies in one of two areas, and what the smuggler who knows it gains.

    A transfer in area i has the value r_i, and is detected with the chance p_i if the patrol is there, else not. The
    smuggler gains u_i = r_i (1 - p_i x_i), where x_i is the probability that the patrol is in area i. Without
    `rationality` he is perfect; with one he chooses area i with a weight of exp(rationality * u_i).

    With B = r_1 p_1 + r_2 p_2 and x = x_1, u_1 - u_2 = r_1 - r_2 + r_2 p_2 - B x. The best patrol has that difference
    equal to z / rationality, where z solves a_2 (1 + e^-z) - a_1 (1 + e^z) = z with a_i = r_i p_i / B; for a perfect
    smuggler it is 0. Where that x is not between 0 and 1, the nearer of the two is best.
    """
    (p_1, p_2), (r_1, r_2) = chances, values
    both = r_1 * p_1 + r_2 * p_2
    if not both > 0.0:
        raise ValueError("one of the areas must have a chance and a value above 0")
    apart = 0.0 if not rationality else _root(r_1 * p_1 / both, r_2 * p_2 / both) / rationality
    if rationality == 0.0:  # half of the transfers are in each area: the patrol flies where it prevents more
        apart = -np.inf if r_1 * p_1 > r_2 * p_2 else np.inf
    share = float(np.clip((r_1 - r_2 + r_2 * p_2 - apart) / both, 0.0, 1.0))
    gains = r_1 * (1.0 - p_1 * share), r_2 * (1.0 - p_2 * (1.0 - share))
    if rationality is not None:
        reply = float(1.0 / (1.0 + np.exp(-rationality * (gains[0] - gains[1]))))
        return TwoAreas(share, reply * gains[0] + (1.0 - reply) * gains[1], reply)
    reply = r_2 * p_2 / both if 0.0 < share < 1.0 else float(gains[0] > gains[1])
    return TwoAreas(share, max(gains), reply)


def _root(a_1: float, a_2: float) -> float:
    """Return the z at which a_2 (1 + e^-z) - a_1 (1 + e^z) = z: the left side falls with z, so there is one."""
    low, high = -50.0, 50.0
    for _ in range(200):
        z = 0.5 * (low + high)
        if a_2 * (1.0 + np.exp(-z)) - a_1 * (1.0 + np.exp(z)) > z:
            low = z
        else:
            high = z
    return 0.5 * (low + high)
