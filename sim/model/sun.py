"""The sun: when it rises, sets or crosses any other elevation at a place.

Low-precision solar coordinates of the Astronomical Almanac (page C5; about 0.01 degrees from 1950 to 2050), the form
that NOAA's solar calculator uses too. A test compares them with astral.
"""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_HOUR

SUNSET_DEG = -0.833
"""Elevation of the sun's centre at sunrise and sunset, degrees: 34' of refraction and 16' of semi-diameter below 0."""
CIVIL_DEG = -6.0
"""Elevation of the sun's centre at the ends of civil twilight, degrees, by definition (Astronomical Almanac)."""
_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)  # J2000.0


def _declination_and_equation_of_time(days: Floats) -> tuple[Floats, Floats]:
    """Declination, radians, and equation of time, hours, at days since J2000.0."""
    mean_longitude = np.radians((280.460 + 0.9856474 * days) % 360.0)
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360.0)
    longitude = mean_longitude + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    obliquity = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    behind = (mean_longitude - ascension + np.pi) % (2.0 * np.pi) - np.pi
    return np.arcsin(np.sin(obliquity) * np.sin(longitude)), behind * 12.0 / np.pi


class Sun:
    """The sun over a scenario: times are hours since its start, places are in degrees; arguments broadcast."""

    def __init__(self, start: datetime) -> None:
        """Count hours from `start`, an aware datetime."""
        seconds = (start - _EPOCH).total_seconds()
        self._days = seconds / SECONDS_PER_DAY
        self._utc_h = seconds / SECONDS_PER_HOUR % HOURS_PER_DAY + 12.0  # UTC hour of day at the start

    def noon(self, cycle: ArrayLike, lon: ArrayLike) -> Floats:
        """Return the hours of solar noon: cycle 0 is the last noon at or before hour 0 (to the equation of time)."""
        lon = np.asarray(lon, float)
        mean_noon = 12.0 - lon / 15.0 - self._utc_h
        first = mean_noon - HOURS_PER_DAY * np.ceil(mean_noon / HOURS_PER_DAY)
        mean = first + 24.0 * np.asarray(cycle, float)
        return np.asarray(mean - _declination_and_equation_of_time(self._days + mean / HOURS_PER_DAY)[1], float)

    def night(self, cycle: ArrayLike, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Return the hours of sunset and sunrise of the night after solar noon `cycle`.

        Each starts 6 hours from noon and is improved twice with the declination of the hour found. Where the sun does
        not set, sunset and sunrise meet at midnight; where it does not rise, the night lasts from noon to noon.
        """
        lat = np.radians(np.asarray(lat, float))
        noon, next_noon = self.noon(cycle, lon), self.noon(np.asarray(cycle, float) + 1.0, lon)

        def half_day(when: Floats) -> Floats:
            declination = _declination_and_equation_of_time(self._days + when / HOURS_PER_DAY)[0]
            cosine = (np.sin(np.radians(SUNSET_DEG)) - np.sin(lat) * np.sin(declination)) / (
                np.cos(lat) * np.cos(declination)
            )
            return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)) * 12.0 / np.pi, float)

        sunset, sunrise = noon + 6.0, next_noon - 6.0
        for _ in range(2):
            sunset, sunrise = noon + half_day(sunset), next_noon - half_day(sunrise)
        return sunset, sunrise

    def elevation(self, hour: ArrayLike, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Return the elevation of the sun's centre, degrees, without refraction."""
        hour = np.asarray(hour, float)
        declination, equation = _declination_and_equation_of_time(self._days + hour / HOURS_PER_DAY)
        angle = np.radians(15.0 * (self._utc_h + hour + equation - 12.0) + np.asarray(lon, float))
        lat = np.radians(np.asarray(lat, float))
        sine = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(angle)
        return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))), float)

    def crossings(
        self, lon: float, lat: float, begin_h: float, end_h: float, elevation_deg: float
    ) -> tuple[Floats, bool]:
        """Return when the sun's centre crosses an elevation between two hours, and whether it is above it at first.

        The hours (n,) rise, each after `begin_h` and before `end_h`; at each the sun comes to be above the elevation if
        it was below, and below if it was above. Where it stays above or below all day there are none.
        """
        half_days = np.arange(np.floor(begin_h / 12.0) - 3.0, np.ceil(end_h / 12.0) + 4.0) / 2.0
        turns = self.noon(half_days, lon)  # it climbs from one lower transit to the noon after, and so on
        turns = np.concatenate([[begin_h], turns[(turns > begin_h) & (turns < end_h)], [end_h]])
        above = self.elevation(turns, lon, lat) > elevation_deg
        crossed = np.flatnonzero(above[1:] != above[:-1])
        low, high, before = turns[crossed], turns[crossed + 1], above[crossed]
        for _ in range(44):  # twelve hours, halved down to nanoseconds
            middle = (low + high) / 2.0
            same = (self.elevation(middle, lon, lat) > elevation_deg) == before
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        return high[high < end_h], bool(above[0])
