"""Legs to fly, by name: rows of arrays (n, 6) whose columns are those of `sim.core.codes.LEG_X`."""

from collections.abc import Sequence

import numpy as np

from sim.core.arrays import Floats
from sim.core.codes import HOLD, LEG_COLUMNS, LEG_HOURS, LEG_PHASE, LEG_SPEED, LEG_X, LEG_Y


def leg(x: float, y: float, *, speed_kn: float, phase: int, number: float = 0.0) -> Floats:
    """Return a leg (1, 6) to a place, nmi, at an airspeed. `number`: of the pass to which it belongs."""
    return np.array([[x, y, speed_kn, 0.0, phase, number]], float)


def hold(x: float, y: float, *, hours: float, phase: int = HOLD, number: float = 0.0) -> Floats:
    """Return a leg (1, 6) to a place, nmi, that takes so many hours, however far the place is."""
    return np.array([[x, y, 0.0, hours, phase, number]], float)


def legs_to(waypoints: Floats, speed_kn: float, phase: int) -> Floats:
    """Return legs (n, 6) to waypoints (n, 2), nmi, all at one airspeed."""
    legs = np.zeros((len(waypoints), LEG_COLUMNS))
    legs[:, [LEG_X, LEG_Y]] = waypoints
    legs[:, LEG_SPEED], legs[:, LEG_PHASE] = speed_kn, phase
    return legs


def hours_of(row: Sequence[float], length_nmi: float) -> float:
    """Return how long a leg takes in still air, given as the numbers of its row (6,), hours."""
    return row[LEG_HOURS] or length_nmi / row[LEG_SPEED]
