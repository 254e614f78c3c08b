"""What holds of every schedule by the clock, in any time zone, over any change of its clocks."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core import chance
from sim.model.local_times import Clock
from sim.model.schedules import Schedule, by_clock
from sim.model.takeoffs import WEEKDAYS, Takeoff, takeoff_time

ZONES = ("Asia/Tokyo", "Europe/London", "America/Halifax", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
IN_WEEK = st.tuples(st.sampled_from(WEEKDAYS), MINUTES).map(" ".join)
TIMES = st.one_of(*(st.lists(time, min_size=1, max_size=4, unique=True) for time in (MINUTES, IN_WEEK)))
WINDOWS = st.tuples(MINUTES, MINUTES).filter(lambda ends: ends[0] != ends[1])
TAKEOFFS = st.one_of(
    TIMES,
    TIMES.map(lambda times: {"choose": times, "weights": [1.0 + number for number in range(len(times))]}),
    TIMES.map(lambda times: {"choose": times, "draw": "deployment"}),
    WINDOWS.map(lambda ends: {"from": ends[0], "to": ends[1]}),
)
STARTS = st.integers(0, 2 * 365 * 24).map(lambda hour: datetime(2025, 1, 1, 0, 30, tzinfo=UTC) + timedelta(hours=hour))
LUCK = chance.identity("schedule", "aurora")


def shown_times(clock: Clock, hours: np.ndarray) -> list[tuple[int, float]]:
    """Weekday and hours on the clock at some hours."""
    moments = [clock.shown_at(hour) for hour in hours.tolist()]
    return [(moment.weekday(), round(moment.hour + moment.minute / 60.0, 9)) for moment in moments]


def schedule_of(takeoff: Any, zone: str, start: datetime, days: float) -> tuple[Clock, Schedule]:
    """The clock, and the schedule by it."""
    clock = Clock(start, ZoneInfo(zone))
    return clock, by_clock(Takeoff.model_validate(takeoff), None, clock, 24.0 * days, None, LUCK)


@given(TAKEOFFS, st.sampled_from(ZONES), STARTS, st.sampled_from([0.7, 8.0, 40.0]))
@settings(max_examples=150, deadline=None)
def test_each_slot_takes_off_when_the_clock_shows_one_of_its_times(
    takeoff: Any, zone: str, start: datetime, days: float
) -> None:
    clock, schedule = schedule_of(takeoff, zone, start, days)
    key = chance.replication_key(1, 2)
    hours = np.array(schedule.hours(key))
    spec = Takeoff.model_validate(takeoff)
    inside = (schedule.low_h <= hours[:, None]) & (hours[:, None] <= schedule.high_h)
    assert inside.any(axis=1).all()
    assert np.all(np.diff(schedule.low_h[:, 0]) > 0.0)
    assert schedule.hours(key) == hours.tolist()
    if spec.from_ is None:
        wanted = {takeoff_time(value) for value in spec.times or spec.choose or []}
        shown = shown_times(clock, hours)
        off = [one for one in shown if not any(day in (None, one[0]) and round(at, 9) == one[1] for day, at in wanted)]
        assert len(off) <= len(wanted)  # in 40 days clocks go forward once, over each time at most once
    counted = int(((hours >= 0.0) & (hours < 24.0 * days)).sum())
    assert counted <= schedule.possible <= schedule.count
    assert counted == schedule.count or schedule.is_by_lot
    assert schedule.expected <= schedule.possible + 1e-9


@given(TAKEOFFS, st.sampled_from(ZONES), STARTS)
@settings(max_examples=60, deadline=None)
def test_a_longer_deployment_adds_slots_and_changes_none(takeoff: Any, zone: str, start: datetime) -> None:
    _, short = schedule_of(takeoff, zone, start, 9.0)
    _, longer = schedule_of(takeoff, zone, start, 30.0)
    key = chance.replication_key(3, 1)
    assert longer.hours(key)[: short.count] == short.hours(key)
    assert longer.expected > short.expected
    assert abs(longer.expected - short.expected - 21.0 * short.expected / 9.0) < 8.0
