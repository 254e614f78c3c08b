"""Simulated searches for what a tip is worth in the smallest world: two areas, one event, one sortie."""

from collections.abc import Callable
from functools import partial

import numpy as np

from sim.core.arrays import Floats
from sim.core.fields import Quantity
from sim.model import theory
from sim.study.verify.theory_searches import LIKELY, SPEED, Outcome, Search, Trial

_EVENTS = 5_000  # in a replication
_LIFE_H, _DELAY_H, _FLIGHT_H = 5.0, 2.0, 1.5  # means of life and delay; the flight to either area
_LOOK_H = 1e-3  # for which the place is in sight: an event that lasts as the aircraft arrives is looked at


def _detected(trial: Trial, begin: Floats, end: Floats, is_there: Floats) -> Floats:
    """The probability that one sortie, which takes off at hour 0, detects each event, (n,).

    Each event lasts from one hour to another, at the place to which the sortie flies or at the other.
    """
    place = SPEED * _FLIGHT_H + LIKELY.range_nmi  # it comes in sight at the end of the flight
    x = np.where(is_there > 0.0, place, -place)
    search = Search(trial, LIKELY, np.column_stack([begin, end, x, np.zeros((x.size, 3))]))
    search.fly(np.array([[0.0, 0.0], [SPEED * (_FLIGHT_H + _LOOK_H), 0.0]]))
    return search.scores


def tip_of_two_areas(trial: Trial, right: float) -> Outcome:
    """The detections of a sortie that follows a tip, less those of one that goes to either area at the same hour."""
    count = _EVENTS * trial.replications
    life, delay = trial.rng.exponential(_LIFE_H, count), trial.rng.exponential(_DELAY_H, count)
    with_tip, without = (
        _detected(trial, -delay, life - delay, (trial.rng.uniform(size=count) < chance).astype(float))
        for chance in (right, 0.5)
    )
    in_time = theory.chance_of_arrival_in_time(Quantity(mean=_LIFE_H), _DELAY_H, _FLIGHT_H)
    return theory.gain_of_a_tip(LIKELY.probability, in_time, right), with_tip - without


_RIGHT = 0.8
TIP_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "tip about one of two areas, gain": partial(tip_of_two_areas, right=_RIGHT)
}
"""By name: the check of `seasweep verify` of tips."""
