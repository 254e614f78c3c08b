"""The calendar: days of the year and hours of the day of a time zone, and the numbers that follow them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sim.core.profiles import Profile
from sim.model.calendar import HourFactors, PresentCalendar, profile_of, season_spells, shortest_days
from sim.model.local_times import Clock


def _entries(*rows):
    table = [{"from": begin, "to": end, "present": value} for begin, end, value in rows]
    return TypeAdapter(PresentCalendar).validate_python(table)


def _factors(*rows):
    table = [{"from": begin, "to": end, "factor": value} for begin, end, value in rows]
    return TypeAdapter(HourFactors).validate_python(table)


def _clock(start, zone="Asia/Tokyo"):
    return Clock(start.astimezone(UTC), ZoneInfo(zone))


def _shown(clock, hour):
    return (clock.start + timedelta(hours=float(hour))).astimezone(clock.zone)


@given(
    year=st.integers(1970, 2090),
    hours=st.lists(st.floats(0.0, 3660 * 24.0), min_size=1, max_size=20),
    zone=st.sampled_from(["Asia/Tokyo", "America/Halifax", "Pacific/Apia", "Asia/Beirut"]),
)
@settings(deadline=None, max_examples=40)
def test_a_calendar_gives_what_the_local_date_says(year, hours, zone):
    """For ten years from any year on, wrapped over New Year and with 29 February, as the date shown says."""
    clock = _clock(datetime(year, 7, 3, 13, 20, tzinfo=UTC), zone)
    calendar = _entries(("05-01", "09-16", 20.0), ("12-15", "02-29", 7.0), ("03-01", "03-01", 0.0))
    profile = profile_of(clock, 0.0, 3660 * 24.0, 100.0, calendar)
    wanted = []
    for hour in hours:
        day = _shown(clock, hour).strftime("%m-%d")
        summer, winter = "05-01" <= day <= "09-16", day >= "12-15" or day <= "02-29"
        wanted.append(20.0 if summer else 7.0 if winter else 0.0 if day == "03-01" else 100.0)
    assert profile.at(np.array(hours)).tolist() == wanted


@given(hours=st.lists(st.floats(0.0, 400 * 24.0), min_size=1, max_size=30))
@settings(deadline=None, max_examples=40)
def test_hours_of_the_day_follow_the_clocks_of_summer(hours):
    """Factors hold by the clock of the time zone, on days with summer time and without."""
    clock = _clock(datetime(2025, 1, 5, 2, 30, tzinfo=UTC), "Europe/Berlin")
    factors = _factors(("20:00", "04:30", 3.0), ("12:00", "13:00", 0.0))
    profile = profile_of(clock, 0.0, 400 * 24.0, 2.0, hours=factors)
    wanted = []
    for hour in hours:
        shown = _shown(clock, hour).strftime("%H:%M")
        evening = shown >= "20:00" or shown < "04:30"
        wanted.append(6.0 if evening else 0.0 if "12:00" <= shown < "13:00" else 2.0)
    assert profile.at(np.array(hours)).tolist() == wanted


def test_a_number_changes_along_a_straight_line():
    """With change_days the number goes from the one to the other in these days, from the moment of the change on."""
    clock = _clock(datetime(2025, 9, 10, 0, 0, tzinfo=ZoneInfo("Asia/Tokyo")))
    profile = profile_of(clock, 0.0, 30 * 24.0, 100.0, _entries(("05-01", "09-16", 20.0)), change_days=4.0)
    hours = np.array([0.0, 7.0, 8.0, 9.0, 11.0, 12.0]) * 24.0
    assert profile.at(hours).tolist() == pytest.approx([20.0, 20.0, 40.0, 60.0, 100.0, 100.0])
    assert profile.mean(7 * 24.0, 11 * 24.0) == pytest.approx(60.0)
    inside = profile_of(clock, 8.0 * 24.0, 30 * 24.0, 100.0, _entries(("05-01", "09-16", 20.0)), change_days=4.0)
    assert float(inside.at(np.array(9.0 * 24.0))) == pytest.approx(60.0)


def _random_profile(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 9))
    values = rng.choice([0.0, 0.5, 1.0, 4.0, 7.5], size=(2, count))
    return Profile(np.cumsum(rng.uniform(0.5, 5.0, count + 1)), *values)


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_the_integral_of_a_profile_and_its_inverse(seed):
    """The integral is that of a fine sum, and the inverse gives the hour back where the value is not 0."""
    profile = _random_profile(seed)
    begin, end = profile.breaks[0], profile.breaks[-1]
    fine = np.linspace(begin, end, 20_001)
    middle = 0.5 * (fine[1:] + fine[:-1])
    sums = np.cumsum(profile.at(middle)) * (fine[1] - fine[0])
    assert np.allclose(profile.integral(fine[1:]), sums, atol=7.5 * (fine[1] - fine[0]) * 20)
    hours = np.random.default_rng(seed).uniform(begin, end, 50)
    hours = hours[profile.at(hours) > 1e-3]
    assert np.allclose(profile.inverse(profile.integral(hours)), hours, atol=1e-6)


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_a_ship_is_present_while_the_value_is_above_its_level(seed):
    """Whole stretches are cut at the right moments: at any hour a part lasts exactly if the value is high enough."""
    profile, rng = _random_profile(seed), np.random.default_rng(seed + 1)
    begin = rng.uniform(profile.breaks[0], profile.breaks[-1], 40)
    end, levels = begin + rng.exponential(4.0, 40), rng.uniform(size=40)
    which, starts, stops = profile.present(begin, end, levels)
    assert np.all(stops > starts)
    assert np.all((which[1:] > which[:-1]) | (starts[1:] > stops[:-1]))
    for hour in rng.uniform(profile.breaks[0], profile.breaks[-1] + 3.0, 60):
        wanted = (begin <= hour) & (hour < end) & (profile.at(np.full(40, hour)) > levels * profile.greatest)
        found = np.zeros(40, bool)
        found[which[(starts <= hour) & (hour < stops)]] = True
        assert np.array_equal(found, wanted)


def test_the_spells_of_a_season():
    """The seasons that reach into a period, each with its own beginning and end."""
    clock = _clock(datetime(2025, 12, 30, 0, 0, tzinfo=ZoneInfo("Asia/Tokyo")))
    assert season_spells(_entries(("12-15", "01-02", 1.0)), clock, 0.0, 24.0) == [(-15 * 24.0, 4 * 24.0)]
    assert season_spells(_entries(("05-01", "09-16", 1.0)), clock, 0.0, 24.0) == []


@pytest.mark.parametrize(
    ("rows", "days"),
    [((("05-01", "09-16", 1.0),), 139), ((("02-28", "03-01", 1.0),), 2), ((("01-01", "12-31", 1.0),), 365)],
)
def test_the_shortest_time_between_changes(rows, days):
    """It is that of any year."""
    assert shortest_days(_entries(*rows)) == days


@pytest.mark.parametrize(
    "rows",
    [
        [("02-30", "03-01", 1.0)],
        [("5-1", "09-01", 1.0)],
        [("13-01", "12-01", 1.0)],
        [("05-01", "09-16", 1.0), ("09-16", "10-01", 1.0)],
        [("12-01", "01-10", 1.0), ("01-05", "01-20", 1.0)],
        [("02-29", "02-29", 1.0), ("02-01", "03-05", 1.0)],
        [],
    ],
)
def test_what_is_no_calendar_is_refused(rows):
    """Days that do not exist, entries that overlap, and a list without entries."""
    with pytest.raises(ValidationError):
        _entries(*rows)


@pytest.mark.parametrize(
    "rows",
    [
        [("20:00", "20:00", 1.0)],
        [("24:00", "03:00", 1.0)],
        [("8:00", "09:00", 1.0)],
        [("20:00", "04:00", 1.0), ("03:59", "05:00", 1.0)],
        [],
    ],
)
def test_what_are_no_hours_is_refused(rows):
    """Times that do not exist, entries that overlap or are empty, and a list without entries."""
    with pytest.raises(ValidationError):
        _factors(*rows)
