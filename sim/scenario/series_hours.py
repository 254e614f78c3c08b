"""The hours of a file of weather, in words with their dates, and whether they fit the scenario."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from sim.core.arrays import Floats
from sim.model.weather_series import MOST_ROWS, first_wrong_time
from sim.scenario.problems import InputError, Problem

LONGEST_AGO_H = 24.0
"""How long before the scenario's start the last row of a file may begin, in hours. Older weather is of no use."""


def hour_text(hour: float, start: datetime) -> str:
    """Return an hour since the scenario's start with its date and time in UTC, where a calendar has it."""
    try:
        return f"hour {hour:.6g}, {start + timedelta(hours=hour):%Y-%m-%d %H:%M} UTC"
    except OverflowError:
        return f"hour {hour:.6g}"


def check_hours(time_h: Floats, name: str, lines: Sequence[int | None], start: datetime) -> None:
    """Refuse hours (n,) that do not rise, begin after the scenario's start, end long before it, or are too many.

    `name` is the name of their file in messages, and `lines` (n,) has the line of each, or None. The last hour may
    be `LONGEST_AGO_H` hours before the start at most. Raises `InputError`.
    """

    def refuse(row: int, allowed: str) -> InputError:
        return InputError([Problem(name, lines[row], "time", hour_text(float(time_h[row]), start), allowed)])

    wrong = first_wrong_time(time_h.tolist())
    if wrong is not None:
        raise refuse(*wrong)
    if time_h[-1] < -LONGEST_AGO_H:
        raise refuse(
            -1, f"a last time at most {LONGEST_AGO_H:g} hours before the scenario's start, {start:%Y-%m-%d %H:%M} UTC"
        )
    used = int(np.count_nonzero(time_h > 0.0)) + 1
    if used > MOST_ROWS:
        raise InputError([Problem(name, None, "time", f"{used:,} times from the start on", f"at most {MOST_ROWS:,}")])
