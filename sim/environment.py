"""The sun: when night falls at a place, and when it ends.

Low-precision solar coordinates of the Astronomical Almanac (page C5; about 0.01 degrees from 1950 to 2050), the form
that NOAA's solar calculator uses too. A test compares them with astral.
"""

from datetime import UTC, datetime

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SUNSET_DEG = -0.833  # elevation of the sun's centre at sunrise and sunset: 34' refraction, 16' semi-diameter
_EPOCH = datetime(2000, 1, 1, 12, tzinfo=UTC)  # J2000.0


def _sun(days: Floats) -> tuple[Floats, Floats]:
    """Declination, radians, and equation of time, hours, at days since J2000.0."""
    mean_longitude = np.radians((280.460 + 0.9856474 * days) % 360.0)
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360.0)
    longitude = mean_longitude + np.radians(1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    obliquity = np.radians(23.439 - 0.0000004 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    behind = (mean_longitude - ascension + np.pi) % (2.0 * np.pi) - np.pi
    return np.arcsin(np.sin(obliquity) * np.sin(longitude)), behind * 12.0 / np.pi


class Sun:
    """The sun over a scenario: times in hours since its start, places in degrees; arguments broadcast."""

    def __init__(self, start: datetime) -> None:
        """Count hours from `start`, an aware datetime."""
        self._days = (start - _EPOCH).total_seconds() / 86400.0
        self._utc_h = (start - _EPOCH).total_seconds() / 3600.0 % 24.0 + 12.0  # UTC hour of day at the start

    def noon(self, cycle: ArrayLike, lon: ArrayLike) -> Floats:
        """Solar noon, hours: cycle 0 is the last noon at or before hour 0 (within the equation of time)."""
        lon = np.asarray(lon, float)
        mean_noon = 12.0 - lon / 15.0 - self._utc_h
        first = mean_noon - 24.0 * np.ceil(mean_noon / 24.0)
        mean = first + 24.0 * np.asarray(cycle, float)
        return np.asarray(mean - _sun(self._days + mean / 24.0)[1], float)

    def night(self, cycle: ArrayLike, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Sunset and sunrise, hours, of the night after solar noon `cycle`."""
        lat = np.radians(np.asarray(lat, float))
        noon, next_noon = self.noon(cycle, lon), self.noon(np.asarray(cycle, float) + 1.0, lon)

        def half_day(when: Floats) -> Floats:
            declination = _sun(self._days + when / 24.0)[0]
            cosine = (np.sin(np.radians(SUNSET_DEG)) - np.sin(lat) * np.sin(declination)) / (
                np.cos(lat) * np.cos(declination)
            )
            return np.asarray(np.arccos(np.clip(cosine, -1.0, 1.0)) * 12.0 / np.pi, float)

        sunset, sunrise = noon + 6.0, next_noon - 6.0
        for _ in range(2):
            sunset, sunrise = noon + half_day(sunset), next_noon - half_day(sunrise)
        return sunset, sunrise

    def elevation(self, hour: ArrayLike, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Elevation of the sun's centre, degrees, without refraction."""
        hour = np.asarray(hour, float)
        declination, equation = _sun(self._days + hour / 24.0)
        angle = np.radians(15.0 * (self._utc_h + hour + equation - 12.0) + np.asarray(lon, float))
        lat = np.radians(np.asarray(lat, float))
        sine = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(angle)
        return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))), float)
