"""Simulated searches of a patrol whose plan is drawn by lot, for smugglers who know the lots but not what is drawn.

The guarantee of a mix is its chance where the smuggler does best. So the targets of each search are the best replies:
where the chance is less elsewhere, or more there, than theory says, the search fails.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from sim.core.arrays import Floats
from sim.model import game_theory
from sim.study.verify.theory_searches import LIKELY, POINT, SPEED, Outcome, Search, Trial

_TARGETS = 2_000  # transfers in a replication, each with a plan of its own
_LENGTH = 100.0  # of the line, nmi
_SIGHT_H, _DURATION_H, _EVERY_H = 2.0 * LIKELY.range_nmi / SPEED, 0.4, 2.0


def _lying_from(begin: Floats, duration_h: float, x: Floats) -> Floats:
    """Segments of targets that lie at places along the line for so long from an hour, (n, 6)."""
    still = np.zeros((x.size, 2))
    return np.column_stack([begin, begin + duration_h, x, np.zeros(x.size), still, still[:, :1]])[:, :6]


def place_by_daily_lot(trial: Trial) -> Outcome:
    """A place in sight for L of every T hours, from an hour drawn anew for each period, and the best reply to it.

    That is a transfer as much of which is in one period as in the next: both flights may see it, so that the chance is
    less than the sum of theirs.
    """
    count = _TARGETS * trial.replications
    begin = _EVERY_H - (_DURATION_H - _SIGHT_H) / 2.0  # of each transfer, where the second period begins at hour T
    missed = np.ones(count)
    for period in (0.0, _EVERY_H):
        comes_h = period + trial.rng.uniform(0.0, _EVERY_H, count)  # when the place comes in sight
        search = Search(trial, LIKELY, _lying_from(begin - comes_h, _DURATION_H, np.zeros(count)))
        half = SPEED * 0.75
        search.fly(np.array([[-half, 0.0], [half, 0.0]]), begin=_SIGHT_H / 2.0 - 0.75)  # in sight from hour 0 to L
        missed *= 1.0 - search.scores
    return game_theory.place_by_daily_lot(_SIGHT_H, _DURATION_H, _EVERY_H, LIKELY.probability), 1.0 - missed


def _shuttle(trial: Trial, ends: tuple[float, float], x: Floats, duration_h: float) -> Floats:
    """Whether a shuttle between two ends, begun at a random hour, passes transfers at places of the line, (n,)."""
    once = abs(ends[1] - ends[0]) / SPEED
    begin = trial.rng.uniform(0.0, 2.0 * once, x.size)
    search = Search(trial, POINT, _lying_from(begin, duration_h, x), coins=True)
    passes = int(np.ceil((2.0 * once + duration_h) / once)) + 1
    corners = np.array([[ends[number % 2], 0.0] for number in range(passes + 1)])
    search.fly(corners)
    return search.flips


def line_by_shuttle(trial: Trial, ratio: float) -> Outcome:
    """A shuttle over the whole line, and transfers at its ends, where it comes by least often: a / (2 Len)."""
    a = ratio * _LENGTH
    x = trial.rng.choice([0.0, _LENGTH], _TARGETS * trial.replications)
    return game_theory.line_by_shuttle(a, _LENGTH), _shuttle(trial, (0.0, _LENGTH), x, a / SPEED)


def line_by_lot(trial: Trial, ratio: float) -> Outcome:
    """The best mix for a line, and transfers at its ends and, where a / Len is below 1, in its middle: a / (Len + a).

    With probability Len / (Len + a) the patrol flies the whole line back and forth, otherwise between one of its ends,
    each as likely, and a place a / 2 from it, so that it is back within tau.
    """
    a, count = ratio * _LENGTH, _TARGETS * trial.replications
    places = [0.0, _LENGTH, *([_LENGTH / 2.0] if ratio < 1.0 else [])]
    x = trial.rng.choice(places, count)
    plan = trial.rng.choice(3, count, p=np.array([2.0 * _LENGTH, a, a]) / (2.0 * (_LENGTH + a)))
    passed = np.zeros(count)
    for number, ends in enumerate([(0.0, _LENGTH), (0.0, a / 2.0), (_LENGTH - a / 2.0, _LENGTH)]):
        mine = plan == number
        passed[mine] = _shuttle(trial, ends, x[mine], a / SPEED)
    return game_theory.line_by_lot(a, _LENGTH), passed


_RATIOS = (0.1, 0.25, 0.5, 1.0)
GAME_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "take-off by lot, astride of two days": place_by_daily_lot,
    **{f"line, a / Len = {ratio:g}, by lot": partial(line_by_lot, ratio=ratio) for ratio in _RATIOS},
    **{f"line, a / Len = {ratio:g}, shuttle": partial(line_by_shuttle, ratio=ratio) for ratio in _RATIOS},
}
