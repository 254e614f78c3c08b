"""What changes with the day of the year and the hour of the day: the keys `calendar`, `hours` and `change_days`.

Days and hours are those of the scenario's time zone, with its summer time. A calendar holds in every year, so a
scenario may begin on any date and last for years. 29 February is a day of leap years only: in other years what ends on
it ends after 28 February, and what begins on it begins on 1 March.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, ClassVar, TypeVar

import numpy as np
from pydantic import AfterValidator, Field

from sim.core.arrays import Flags
from sim.core.fields import Part, refuse
from sim.core.profiles import Profile, steps
from sim.core.units import HOURS_PER_DAY
from sim.model.local_times import LOCAL_TIME, Clock

_LEAP, _COMMON = 2024, 2023  # any leap year and any other: the days of the year are counted as in the first
_DAYS = 366
_MONTHS = 12
_MINUTES = 1440
_MINUTES_PER_HOUR = 60
_MARGIN_DAYS = 3  # a local date and a moment of the scenario are never so far apart


def _real_day(value: str) -> str:
    """Refuse a day that no year has."""
    found = re.fullmatch(r"([0-9]{2})-([0-9]{2})", value)
    month, day = map(int, found.groups()) if found else (0, 0)
    if not (1 <= month <= _MONTHS and 1 <= day <= monthrange(_LEAP, month)[1]):
        raise refuse("day", 'a day that exists, as month and day, such as "05-01" for 1 May')
    return value


def _local_time(value: str) -> str:
    """Refuse what is no local time."""
    if not re.fullmatch(LOCAL_TIME[1:-1], value):
        raise refuse("time of day", 'a local time from "00:00" to "23:59", such as "18:00"')
    return value


DayOfYear = Annotated[str, AfterValidator(_real_day)]
TimeOfDay = Annotated[str, AfterValidator(_local_time)]


class Season(Part):
    """A part of the year, by its first and its last day."""

    from_: DayOfYear = Field(alias="from")
    """The first day, as month and day of the scenario's time zone, such as "05-01"."""
    to: DayOfYear
    """The last day, which is included. A day earlier in the year than the first one is one of the next year."""

    @property
    def days(self) -> Flags:
        """Whether each day of a leap year is in it, (366,)."""
        return _ring(_DAYS, _number(self.from_), _number(self.to) + 1)

    def in_year(self, year: int) -> tuple[date, date]:
        """The first day and the day after the last one, for the season that begins in a year."""
        begin, end = _date(year, self.from_), _date(year, self.to)
        if self.to < self.from_:
            end = _date(year + 1, self.to)
        is_whole = end.strftime("%m-%d") == self.to  # else it is 1 March, the day after 28 February
        return begin, end + timedelta(days=1) if is_whole else end

    @property
    def text(self) -> str:
        """The two days."""
        return f"{self.from_} to {self.to}"


class _Entry(Season):
    """A value in a part of the year."""

    value_key: ClassVar[str]
    """The key that holds the value."""

    @property
    def value(self) -> float:
        """The value in these days."""
        return float(getattr(self, self.value_key))


class PresentEntry(_Entry):
    """The number of ships in a part of the year."""

    value_key: ClassVar[str] = "present"
    present: float = Field(strict=True, ge=0.0, le=200000.0)
    """The mean number present at any time of these days."""


class RateEntry(_Entry):
    """The rate of transfers in a part of the year."""

    value_key: ClassVar[str] = "per_month"
    per_month: float = Field(strict=True, ge=0.0, le=100000.0)
    """The mean number of transfers per 30 days in these days."""


class FactorEntry(_Entry):
    """A factor in a part of the year."""

    value_key: ClassVar[str] = "factor"
    factor: float = Field(strict=True, ge=0.0, le=1000.0)
    """What the number is multiplied by in these days."""


class HourFactor(Part):
    """A factor in some hours of each day."""

    from_: TimeOfDay = Field(alias="from")
    """The local time from which the factor holds, such as "20:00"."""
    to: TimeOfDay
    """The local time up to which it holds. A time earlier in the day is one of the next day."""
    factor: float = Field(strict=True, ge=0.0, le=1000.0)
    """What the number is multiplied by; outside of all entries the factor is 1."""

    @property
    def minutes(self) -> Flags:
        """Whether it holds in each minute of a day, (1440,)."""
        return _ring(_MINUTES, _minute(self.from_), _minute(self.to))


DatedEntry = PresentEntry | RateEntry | FactorEntry
AnySeason = TypeVar("AnySeason", bound=Season)


def _number(day: str) -> int:
    """The number of a day in a leap year, from 0."""
    return date(_LEAP, int(day[:2]), int(day[3:])).timetuple().tm_yday - 1


def _minute(time: str) -> int:
    return _MINUTES_PER_HOUR * int(time[:2]) + int(time[3:])


def _date(year: int, day: str) -> date:
    """A day of a year; 1 March for 29 February in a year without it."""
    try:
        return date(year, int(day[:2]), int(day[3:]))
    except ValueError:
        return date(year, 3, 1)


def _ring(size: int, first: int, end: int) -> Flags:
    """Which of some numbers in a ring lie from a first one up to an end, (size,)."""
    at = np.arange(size)
    return np.asarray((at >= first) & (at < end) if first < end else (at >= first) | (at < end), bool)


def _no_overlap(entries: list[AnySeason]) -> list[AnySeason]:
    """Refuse seasons that have a day in common."""
    for number, entry in enumerate(entries):
        for earlier in entries[:number]:
            if np.any(entry.days & earlier.days):
                allowed = f"entries that have no day in common: {entry.text} overlaps {earlier.text}"
                raise refuse("calendar", allowed, f"{number}.from")
    return entries


def _no_overlap_of_hours(entries: list[HourFactor]) -> list[HourFactor]:
    """Refuse hours that have a minute in common, and entries without any."""
    for number, entry in enumerate(entries):
        if entry.from_ == entry.to:
            raise refuse("hours", "an entry whose to is another time than its from", f"{number}.to")
        for earlier in entries[:number]:
            if np.any(entry.minutes & earlier.minutes):
                texts = [f"{one.from_} to {one.to}" for one in (entry, earlier)]
                allowed = f"entries that have no time in common: {texts[0]} overlaps {texts[1]}"
                raise refuse("hours", allowed, f"{number}.from")
    return entries


Seasons = Annotated[list[Season], Field(min_length=1, max_length=_DAYS), AfterValidator(_no_overlap)]
PresentCalendar = Annotated[list[PresentEntry], Field(min_length=1, max_length=_DAYS), AfterValidator(_no_overlap)]
RateCalendar = Annotated[list[RateEntry], Field(min_length=1, max_length=_DAYS), AfterValidator(_no_overlap)]
FactorCalendar = Annotated[list[FactorEntry], Field(min_length=1, max_length=_DAYS), AfterValidator(_no_overlap)]
HourFactors = Annotated[list[HourFactor], Field(min_length=1, max_length=_DAYS), AfterValidator(_no_overlap_of_hours)]
ChangeDays = Annotated[float, Field(strict=True, ge=0.0, le=366.0)]


def refuse_long_changes(calendar: Sequence[Season] | None, change_days: float) -> None:
    """Refuse `change_days` without a calendar, or longer than the shortest time between two of its changes."""
    if not change_days:
        return
    if calendar is None:
        raise refuse("calendar", "change_days only beside calendar, whose changes it spreads out", "change_days")
    shortest = shortest_days(calendar)
    if change_days > shortest:
        allowed = f"at most {shortest} days, the shortest time between two changes of calendar"
        raise refuse("calendar", allowed, "change_days")


def shortest_days(calendar: Sequence[Season]) -> int:
    """The fewest days between two changes of a calendar in any year: the length of an entry, or of a gap."""
    starts = set()
    for year in (_COMMON, _LEAP, _LEAP + 1, _LEAP + 2):
        starts |= {day for season in calendar for day in season.in_year(year) if len(set(season.in_year(year))) > 1}
    ordered = sorted(starts)
    return min(((later - day).days for day, later in pairwise(ordered)), default=_DAYS)


def season_spells(seasons: Sequence[Season], clock: Clock, begin_h: float, end_h: float) -> list[tuple[float, float]]:
    """When some seasons hold between two hours, as hours of beginning and end in ascending order; touching ones apart.

    The ends are those of the seasons and may lie outside of the two hours.
    """
    return [(begin, end) for begin, end, _ in _dated(seasons, clock, begin_h, end_h)]


def _dated(seasons: Sequence[Season], clock: Clock, begin_h: float, end_h: float) -> list[tuple[float, float, int]]:
    """Hours of beginning and end, and the number of the season, of all that reach into a period; by beginning."""
    years = range(clock.date_at(begin_h).year - 2, clock.date_at(end_h).year + 2)
    found = []
    for number, season in enumerate(seasons):
        for year in years:
            first, after = (_midnight(clock, day) for day in season.in_year(year))
            if first < after and first < end_h and after > begin_h:
                found.append((first, after, number))
    return sorted(found)


def _midnight(clock: Clock, day: date) -> float:
    """The hour at which a day begins; of a day that the time zone leaves out, at which the next one does."""
    for later in range(_MARGIN_DAYS):
        found = clock.hour_on(day + timedelta(days=later), 0.0)
        if found is not None:
            return found
    raise ValueError(f"no day follows {day}")


def profile_of(
    clock: Clock,
    begin_h: float,
    end_h: float,
    otherwise: float,
    calendar: Sequence[DatedEntry] | None = None,
    hours: Sequence[HourFactor] | None = None,
    change_days: float = 0.0,
) -> Profile:
    """The number that a calendar and factors for hours give between two hours of a scenario.

    Args:
        clock: The start of the scenario and its time zone.
        begin_h: The first hour of the profile.
        end_h: Its last hour, later than the first.
        otherwise: The number outside of all entries of the calendar.
        calendar: The numbers in parts of the year, or None.
        hours: The factors in hours of the day, or None.
        change_days: Over how many days from the moment of a change on the number changes, along a straight line.
    """
    change_h = change_days * HOURS_PER_DAY
    found = Profile.constant(otherwise, begin_h, end_h)
    if calendar is not None:
        dated = _dated(calendar, clock, begin_h - change_h - HOURS_PER_DAY, end_h)
        earliest = min([begin_h - change_h - HOURS_PER_DAY, *(begin for begin, _, _ in dated[:1])])
        begins, values = [earliest], [otherwise]
        for begin, end, number in dated:
            if begin == begins[-1]:
                values[-1] = calendar[number].value
            else:
                begins.append(begin)
                values.append(calendar[number].value)
            begins.append(end)
            values.append(otherwise)
        found = steps(begins, values, begin_h, end_h, change_h)
    return found if hours is None else found.times(_of_hours(clock, hours, begin_h, end_h))


def _of_hours(clock: Clock, hours: Sequence[HourFactor], begin_h: float, end_h: float) -> Profile:
    """The factors for hours of the day between two hours of a scenario."""
    factors: dict[int, float] = {}
    for entry in hours:
        factors.setdefault(_minute(entry.to), 1.0)
    factors |= {_minute(entry.from_): entry.factor for entry in hours}
    day, last = clock.date_at(begin_h) - timedelta(days=_MARGIN_DAYS), clock.date_at(end_h) + timedelta(days=1)
    begins: list[float] = []
    values: list[float] = []
    while day <= last:
        for minute in sorted(factors):
            at = clock.hour_on(day, minute / _MINUTES_PER_HOUR)
            if at is not None and (not begins or at > begins[-1]):
                begins.append(at)
                values.append(factors[minute])
        day += timedelta(days=1)
    return steps(begins, values, begin_h, end_h, 0.0)
