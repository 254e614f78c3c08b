"""Times of the year for which the numbers of background ships are told: months, whole years, and days.

A calendar says how many ships are present at a time of the year. What holds on a day outside the deployment is found
by a scenario with the same ships whose deployment begins elsewhere: how many there are follows from the date alone.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from sim.core.limits import FIRST_YEAR, LAST_YEAR
from sim.core.units import HOURS_PER_DAY
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario

_ALLOWED = "a month and a day such as 05-01, or a date such as 2026-05-01"
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")
_DECEMBER = 12
_SEARCHED_YEARS = 9  # every day of the calendar comes at least once in so many years: 1900 and 2100 are no leap years


class Period(NamedTuple):
    """A time in hours since the start of a scenario, and what it is called."""

    label: str
    begin_h: float
    end_h: float


def months_of(scenario: Scenario) -> list[Period]:
    """The months of the deployment in local time, each cut at its beginning and its end."""
    clock, found = scenario.clock, list[Period]()
    first = clock.date_at(0.0).replace(day=1)
    while True:
        following = _month_after(first)
        begin, end = (clock.hour_on(day, 0.0) for day in (first, following))
        begin = max(0.0, begin or 0.0)
        end = scenario.duration_h if end is None else min(end, scenario.duration_h)
        if end > begin:
            found.append(Period(f"{first:%b %Y}", begin, end))
        if end >= scenario.duration_h:
            return found
        first = following


def _month_after(first: date) -> date:
    """The first day of the next month."""
    if first.month == _DECEMBER:
        return date(first.year + 1, 1, 1)
    return first.replace(month=first.month + 1)


def whole_year(scenario: Scenario) -> Scenario:
    """The scenario as if its deployment were the year, local time, in which it begins."""
    first = scenario.clock.date_at(0.0).replace(month=1, day=1)
    return _moved(scenario, first, (first.replace(year=first.year + 1) - first).days)


def days_of_year(scenario: Scenario) -> Iterator[tuple[date, Period]]:
    """The days of the year in which a deployment begins, local time."""
    day = scenario.clock.date_at(0.0)
    year = day.year
    while day.year == year:
        period = _day_of(scenario, day)
        if period is not None:
            yield day, period
        day += timedelta(days=1)


def day_of(scenario: Scenario, text: str) -> tuple[Scenario, Period]:
    """A day, local time, as a user names it: a scenario whose deployment holds it, and its hours there.

    A text without a year means the first such day that does not end before the deployment begins. Raises InputError
    for a text that names no day.
    """
    day = _read_day(scenario, text)
    period = _day_of(scenario, day)
    if period is not None and period.begin_h >= 0.0 and period.end_h <= scenario.duration_h:
        return scenario, period
    moved = _moved(scenario, day, 2)
    period = _day_of(moved, day)
    if period is None:
        raise refused(text, f"a day that the time zone {scenario.time_zone} has", key="--day")
    return moved, period


def _read_day(scenario: Scenario, text: str) -> date:
    """The date that a text names; InputError where it names none."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise refused(text, _ALLOWED, key="--day")
    year, month, day = (None if part is None else int(part) for part in match.groups())
    first = scenario.clock.date_at(0.0)
    for tried in range(first.year, first.year + _SEARCHED_YEARS) if year is None else (year,):
        try:
            found = date(tried, month or 0, day or 0)
        except ValueError:
            continue
        if FIRST_YEAR <= found.year <= LAST_YEAR and (year is not None or found >= first):
            return found
    raise refused(text, _ALLOWED, key="--day")


def _day_of(scenario: Scenario, day: date) -> Period | None:
    """The hours of a day; None where the time zone leaves it out."""
    begin, end = scenario.clock.hour_on(day, 0.0), scenario.clock.hour_on(day, HOURS_PER_DAY)
    return None if begin is None or end is None else Period(f"{day.day} {day:%B %Y}", begin, end)


def _moved(scenario: Scenario, day: date, days: int) -> Scenario:
    """The scenario as if its deployment began with a day, local time, and had so many days."""
    begin = scenario.clock.hour_on(day, 0.0)
    start = scenario.start + timedelta(hours=0.0 if begin is None else begin)
    return scenario.model_copy(update={"start": start, "duration_days": float(days)})
