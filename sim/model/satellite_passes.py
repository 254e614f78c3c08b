"""When a satellite passes over: every so many hours from the hour of its first pass on, and before it."""

from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import ValidationInfo, ValidatorFunctionWrapHandler

from sim.core import chance
from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import Purpose
from sim.core.fields import refuse
from sim.model.local_times import is_local_time

if TYPE_CHECKING:
    from sim.model.observers.base import ObserverPlan

PHASES = 16
"""Hours of the first pass over which an expected number is averaged where that hour is drawn at random."""


def first_pass_h(given: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> float | None:
    """The hour of the first pass; of a pass at a local time, that of the first one that follows from it."""
    value: float | None = handler(given)
    revisit_h = info.data.get("revisit_h")
    if value is None or revisit_h is None:
        return value
    if is_local_time(given):
        return float(value % revisit_h)
    if value > revisit_h:
        raise refuse("range", f"at most revisit_h, {revisit_h:g}")
    return value


def passes_during(
    revisit_h: float, first_h: float | None, plan: "ObserverPlan", key: Entities, begin: Floats, end: Floats
) -> tuple[Ints, Ints, Floats]:
    """The passes between hours `begin` and `end`, (m,) each: row, ordinal of the pass, and its hour, (n,) each.

    Passes before hour 0 have ordinals below 0. Where the hour of the first pass is None it is drawn for the observer.
    """
    phase = chance.uniform(key, Purpose.PASS, plan.identity) * revisit_h if first_h is None else first_h
    first = np.ceil((begin - phase) / revisit_h).astype(np.int64)
    stop = np.ceil((end - phase) / revisit_h).astype(np.int64)
    count = np.maximum(stop - first, 0)
    row = np.repeat(np.arange(count.size), count)
    number = np.arange(row.size) - np.repeat(np.cumsum(count) - count, count) + first[row]
    return row, number, phase + number * revisit_h
