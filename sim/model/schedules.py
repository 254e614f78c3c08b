"""Slots: the take-offs of a patrol in a deployment, given or drawn by lot, and what bounds them.

A schedule is the same in every replication. Its lots are drawn from the key of a replication, each from a random number
of its own that depends on the patrol and the slot alone: two scenarios that share both share the luck.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import Purpose
from sim.core.units import HOURS_PER_DAY
from sim.model.local_times import Clock
from sim.model.takeoffs import WEEKDAYS, Takeoff, TakeoffTime

_DAYS_OF_WEEK = len(WEEKDAYS)
_QUANTILES = (np.arange(40) + 0.5) / 40  # of a window, for the share of take-offs that are close together
_MOST_PAIRS = 14  # of successive slots, for that share: two weeks of days, after which the pattern comes back


@dataclass(frozen=True)
class Schedule:
    """The n slots of a patrol, each with k options, from the earliest to the latest take-off of each."""

    low_h: Floats
    """The earliest take-off of each option of each slot, hours since the start, (n, k); NaN where there is none."""
    high_h: Floats
    """The latest take-off of each, (n, k): the same as the earliest, unless it is drawn from a window."""
    chances: Floats
    """The chance of each option, (k,)."""
    duration_h: float
    """The end of the deployment: a take-off is in the deployment if it is at hour 0 or later, and before this one."""
    luck: np.uint64
    """The identity from which, with the number of a slot, its lot is drawn."""
    once: bool = False
    """Whether one lot is drawn for the whole deployment."""
    every_h: float | None = None
    """The time from one take-off to the next, where it is always the same number of hours."""

    # ------------------------------------------------------------------------------------------------ realised
    @property
    def count(self) -> int:
        """The number of slots."""
        return len(self.low_h)

    @cached_property
    def is_by_lot(self) -> bool:
        """Whether take-offs differ from replication to replication."""
        return bool(len(self.chances) > 1 or np.any(self.high_h > self.low_h))

    @cached_property
    def _given_h(self) -> list[float]:
        """The hour of each slot where no lot is drawn."""
        hours: list[float] = self.low_h[:, 0].tolist()
        return hours

    def hours(self, key: Entities) -> list[float]:
        """The hour of the scheduled take-off of each slot in the replication of a key (2,), NaN where there is none.

        Where a lot is drawn, an hour may lie before the deployment or after its end: then nobody takes off in it.
        """
        if not self.is_by_lot:
            return self._given_h
        luck = chance.uniforms(key, Purpose.TAKEOFF_LOT, chance.identities(self.luck, self.count))
        if self.once:
            luck = np.broadcast_to(luck[:1], luck.shape)
        rows, option = np.arange(self.count), drawn(luck[:, 0], self.chances)
        low, high = self.low_h[rows, option], self.high_h[rows, option]
        hours: list[float] = (low + luck[:, 1] * (high - low)).tolist()
        return hours

    # ------------------------------------------------------------------------------------------------ bounds
    @cached_property
    def windows_h(self) -> Floats:
        """From the earliest to the latest take-off of each option that is possible in the deployment, (m, 2)."""
        windows = np.stack([self.low_h, self.high_h], axis=-1)[:, self.chances > 0.0].reshape(-1, 2)
        inside = (windows[:, 1] >= 0.0) & (windows[:, 0] < self.duration_h)
        found: Floats = windows[inside]
        return found

    @cached_property
    def first_h(self) -> float | None:
        """The earliest hour of the deployment at which the patrol may take off; None if it never does."""
        return max(0.0, float(self.windows_h[:, 0].min())) if len(self.windows_h) else None

    @cached_property
    def possible(self) -> int:
        """The most take-offs in the deployment."""
        return int(self._chance_in_deployment.astype(bool).sum())

    @cached_property
    def expected(self) -> float:
        """The mean number of take-offs in the deployment."""
        return float(self._chance_in_deployment.sum())

    @cached_property
    def _chance_in_deployment(self) -> Floats:
        """The chance that the take-off of each slot is in the deployment, (n,)."""
        low, high = self.low_h, self.high_h
        length = np.where(high > low, high - low, 1.0)
        inside = np.clip(np.minimum(high, self.duration_h) - np.maximum(low, 0.0), 0.0, None) / length
        at_once = (low >= 0.0) & (low < self.duration_h)
        chance_of_slot: Floats = np.nansum(np.where(high > low, inside, at_once) * self.chances, axis=1)
        return chance_of_slot

    @cached_property
    def mean_gap_h(self) -> float:
        """The mean time from one scheduled take-off to the next; infinite for fewer than two."""
        if self.every_h is not None:
            return self.every_h
        middle = self._means_h
        return float(middle[-1] - middle[0]) / (middle.size - 1) if middle.size > 1 else np.inf

    @cached_property
    def _means_h(self) -> Floats:
        """The mean hour of the take-off of each slot, (n,)."""
        means: Floats = np.nansum((self.low_h + self.high_h) / 2.0 * self.chances, axis=1)
        return means

    def share_closer_than(self, hours: float) -> float:
        """The share of scheduled take-offs that follow the one before them by less than some hours."""
        if self.every_h is not None:
            return float(self.every_h < hours) if self.count > 1 else 0.0
        pairs = min(self.count - 1, _MOST_PAIRS)
        if pairs < 1 or self.once:
            return float(np.mean(np.diff(self._means_h[: pairs + 1]) < hours)) if pairs > 0 else 0.0
        shares = [self._chance_of_gap_below(slot, hours) for slot in range(pairs)]
        return float(np.mean(shares))

    def _chance_of_gap_below(self, slot: int, hours: float) -> float:
        """The chance that the take-off of the next slot follows that of a slot by less than some hours."""
        (first, first_chance), (then, then_chance) = (self._spread(row) for row in (slot, slot + 1))
        return float(((then[None, :] - first[:, None] < hours) * first_chance[:, None] * then_chance[None, :]).sum())

    def _spread(self, slot: int) -> tuple[Floats, Floats]:
        """Hours of take-off of a slot, spread evenly over its windows, and the chance of each, (m,) each."""
        low, high = self.low_h[slot], self.high_h[slot]
        there = ~np.isnan(low)
        steps = _QUANTILES if np.any(high > low) else np.zeros(1)
        hours = low[there, None] + (high - low)[there, None] * steps
        return hours.ravel(), np.repeat(self.chances[there] / len(steps), len(steps))


def drawn(luck: Floats, chances: Floats | Sequence[float]) -> Ints:
    """The option that each random number in (0, 1), of any shape, draws by the chances of the options (k,)."""
    edges = np.cumsum(chances)
    options: Ints = np.searchsorted(edges / edges[-1], luck, side="right")
    return options


def regular(first_h: float, every_h: float, duration_h: float, most: int | None, luck: np.uint64) -> Schedule:
    """Take-offs at the same distance in hours, at most so many."""
    count = int(np.ceil((duration_h - first_h) / every_h - 1e-12))
    slots = np.arange(max(0, count if most is None else min(count, most)), dtype=float)
    hours = (first_h + slots * every_h)[:, None]
    return Schedule(hours, hours, np.ones(1), duration_h, luck, every_h=every_h)


def never(duration_h: float, luck: np.uint64) -> Schedule:
    """No scheduled take-off: a patrol that only stands by."""
    return Schedule(np.zeros((0, 1)), np.zeros((0, 1)), np.ones(1), duration_h, luck)


def by_clock(
    takeoff: Takeoff,
    days: Sequence[str] | None,
    clock: Clock,
    duration_h: float,
    most: int | None,
    luck: np.uint64,
    later_h: float = 0.0,
) -> Schedule:
    """Take-offs by the clock, at most so many, each `later_h` hours later than the clock says.

    The first slot is the first whose take-off is possible at hour 0 or later, and the last the last before the end.
    """
    first = clock.date_at(0.0) - timedelta(days=1)  # a window may go on beyond midnight
    last = clock.date_at(duration_h) + timedelta(days=1)
    slots = list(
        _weekly(takeoff, clock, first, last) if takeoff.is_weekly else _daily(takeoff, days, clock, first, last)
    )
    options = len(takeoff.chances)
    hours = np.array(slots, float).reshape(len(slots), options, 2)
    low, high = hours[..., 0], hours[..., 1]
    chances = np.array(takeoff.chances)
    can_be = chances > 0.0
    begun = np.where(high > low, high > 0.0, high >= 0.0)
    inside = (begun & (low < duration_h))[:, can_be].any(axis=1)
    low, high = low[inside][:most] + later_h, high[inside][:most] + later_h
    return Schedule(low, high, chances, duration_h, luck, once=takeoff.draw == "deployment")


def _daily(
    takeoff: Takeoff, days: Sequence[str] | None, clock: Clock, first: date, last: date
) -> Iterator[list[tuple[float, float]]]:
    """The options of each slot, slot after slot, on every day or on some days of the week."""
    wanted = set(range(_DAYS_OF_WEEK)) if days is None else {WEEKDAYS.index(day) for day in days}
    slots = takeoff.slots()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day.weekday() in wanted:
            for options in slots:
                hours = [_option(clock, day, *option) for option in options]
                if not all(np.isnan(low) for low, _ in hours):
                    yield hours


def _weekly(takeoff: Takeoff, clock: Clock, first: date, last: date) -> Iterator[list[tuple[float, float]]]:
    """The options of each slot, slot after slot, in every week."""
    monday = first - timedelta(days=first.weekday())
    for number in range((last - monday).days // _DAYS_OF_WEEK + 1):
        week = monday + timedelta(days=_DAYS_OF_WEEK * number)
        for options in takeoff.slots():
            hours = [_option(clock, week + timedelta(days=low.weekday or 0), low, high) for low, high in options]
            if not all(np.isnan(low) for low, _ in hours):
                yield hours


def _option(clock: Clock, day: date, low: TakeoffTime, high: TakeoffTime) -> tuple[float, float]:
    """The earliest and the latest hour of an option on a day; NaN where the time zone leaves the day out."""
    begin = clock.hour_on(day, low.hours)
    if begin is None:
        return np.nan, np.nan
    end = begin if high.hours == low.hours else clock.hour_on(day, high.hours)
    return begin, begin + (high.hours - low.hours) if end is None else max(begin, end)


def daily_windows_h(clock: Clock, duration_h: float, begin: float, end: float) -> list[tuple[float, float]]:
    """From hour to hour since the start, each day's time between two hours on the clock, as far as the deployment goes.

    If the second is not later than the first, it is on the next day.
    """
    last = end + (HOURS_PER_DAY if end <= begin else 0.0)
    first_day = clock.date_at(0.0) - timedelta(days=1)
    days = (first_day + timedelta(days=number) for number in range(int(duration_h / HOURS_PER_DAY) + 4))
    windows = (_option(clock, day, TakeoffTime(None, begin), TakeoffTime(None, last)) for day in days)
    return [(low, high) for low, high in windows if high > 0.0 and low < duration_h]


def mean_takeoffs_a_day(takeoff: Takeoff | None, days: Sequence[str] | None, every_h: float | None) -> float:
    """The mean number of scheduled take-offs in 24 hours."""
    if takeoff is None:
        return 0.0 if every_h is None else HOURS_PER_DAY / every_h
    a_period = len(takeoff.slots())
    if takeoff.is_weekly:
        return a_period / _DAYS_OF_WEEK
    return a_period * (1.0 if days is None else len(set(days)) / _DAYS_OF_WEEK)
