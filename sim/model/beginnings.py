"""When transfers begin: the density of the hour of beginning, and how hours with that density are drawn.

Transfers begin as a Poisson process. Without a night share its rate is the same at every hour. With a night share each
solar day, from one solar noon to the next at the place of the transfer, has the same expected number of transfers. That
share of them begins between sunset and sunrise, the others in the rest of the day, and the rate is constant within
the night and within the daylight. The density is therefore constant between neighbouring noons, sunsets and sunrises,
and its cumulative distribution, which is linear between them, has an inverse in closed form.

A calendar and factors for hours of the day scale that rate: each point of a process at the greatest rate is kept with
the chance that is the rate at its hour divided by the greatest rate, see `sim.deployment.transfers`.
"""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.core.profiles import Profile
from sim.core.units import HOURS_PER_DAY
from sim.model.sun import Sun


class NoBeginningError(Exception):
    """No transfer can begin in a period at a place, which has no hour of the night, of the day or of the calendar."""


class _SolarDay(NamedTuple):
    """Hours at which solar days, from noon to noon, begin, have their sunset and their sunrise, and end."""

    noon: Floats
    sunset: Floats
    sunrise: Floats
    next_noon: Floats


def _solar_day(sun: Sun, cycle: Floats, lon: Floats, lat: Floats) -> _SolarDay:
    """The solar days of some numbers at places in degrees; day 0 begins with the last noon at or before hour 0."""
    return _SolarDay(sun.noon(cycle, lon), *sun.night(cycle, lon, lat), sun.noon(cycle + 1.0, lon))


def begin_hours(sun: Sun, night_share: float | None, base_h: Floats, lon: Floats, lat: Floats) -> Floats:
    """Hours of beginning (n,) for points of a Poisson process of constant rate: the inverse of the distribution.

    Args:
        sun: The sun; hours count from its start.
        night_share: The share of the transfers that begin by night, 0 to 1. None: every hour is equally likely, and
            the points themselves are returned.
        base_h: Points of the process of constant rate, hours (n,). With a night share they count in days of 24 hours
            from the last solar noon at or before hour 0. Of each such day the first part, of length `night_share`, is
            stretched over the night, and the rest over the afternoon and the next morning.
        lon: Longitudes of the transfers, degrees (n,).
        lat: Their latitudes, degrees (n,).
    """
    if night_share is None:
        return base_h
    cycle = np.floor(base_h / HOURS_PER_DAY)
    part = base_h / HOURS_PER_DAY - cycle
    noon, sunset, sunrise, next_noon = _solar_day(sun, cycle, lon, lat)
    dark = part < night_share
    by_night = sunset + (sunrise - sunset) * part / max(night_share, 1e-12)
    daylight = (part - night_share) / max(1.0 - night_share, 1e-12) * (sunset - noon + next_noon - sunrise)
    by_day = np.where(daylight < sunset - noon, noon + daylight, sunrise + daylight - (sunset - noon))
    return np.where(dark, by_night, by_day)


def begin_density(
    sun: Sun, night_share: float | None, duration_h: float, lon: Floats, lat: Floats, profile: Profile | None = None
) -> tuple[Floats, Floats]:
    """The density of the hour of beginning at places, for a transfer that begins in [0, duration).

    It is piecewise constant: breaks in hours (c, b + 1), in ascending order from 0 to `duration_h`, and between them
    values per hour (c, b), whose integral is 1 at each place. Some pieces at the ends may have length 0.

    Args:
        sun: The sun; hours count from its start.
        night_share: The share of the transfers that begin by night, 0 to 1. None: the density is 1 / `duration_h`.
        duration_h: The end of the period, hours.
        lon: Longitudes of the places, degrees (c,).
        lat: Their latitudes, degrees (c,).
        profile: What the calendar and the hours multiply the rate by, with steps only; None for nothing.

    Raises:
        NoBeginningError: No transfer can begin in the period at one of the places.
    """
    if night_share is None and profile is None:
        return np.tile([0.0, duration_h], (lon.size, 1)), np.full((lon.size, 1), 1.0 / duration_h)
    breaks, rate = begin_rates(sun, night_share, 0.0, duration_h, lon, lat, profile)
    integral = np.sum(rate * np.diff(breaks, axis=1), axis=1, keepdims=True)
    if np.any(integral <= 0.0):
        which = "its calendar" if night_share is None else f"night_share = {night_share:g}"
        raise NoBeginningError(f"no transfer with {which} begins within {duration_h:g} hours")
    return breaks, rate / integral


def begin_rates(
    sun: Sun,
    night_share: float | None,
    begin_h: float,
    end_h: float,
    lon: Floats,
    lat: Floats,
    profile: Profile | None = None,
) -> tuple[Floats, Floats]:
    """The rate at which transfers begin at places, as a multiple of the rate of the process.

    It is piecewise constant: breaks in hours (c, b + 1), in ascending order from `begin_h` to `end_h`, and between them
    values (c, b). Some pieces at the ends may have length 0. The other arguments are those of `begin_density`.
    """
    if profile is not None:
        breaks, rates = begin_rates(sun, night_share, begin_h, end_h, lon, lat)
        return _scaled(breaks, rates, profile.within(begin_h, end_h))
    if night_share is None:
        return np.tile([begin_h, end_h], (lon.size, 1)), np.ones((lon.size, 1))
    cycle = np.arange(np.floor(begin_h / HOURS_PER_DAY), np.ceil(end_h / HOURS_PER_DAY) + 2.0)
    noon, sunset, sunrise, next_noon = _solar_day(sun, cycle[None, :], lon[:, None], lat[:, None])
    night = sunrise - sunset
    by_night = night_share * HOURS_PER_DAY / night
    by_day = (1.0 - night_share) * HOURS_PER_DAY / (next_noon - noon - night)
    breaks = np.stack([noon, sunset, sunrise], axis=2).reshape(lon.size, -1)
    breaks = np.clip(np.concatenate([breaks, next_noon[:, -1:]], axis=1), begin_h, end_h)
    return breaks, np.stack([by_day, by_night, by_day], axis=2).reshape(lon.size, -1)


def _scaled(breaks: Floats, rates: Floats, profile: Profile) -> tuple[Floats, Floats]:
    """Rates (c, b) between breaks (c, b + 1), times a profile with steps at the same and at other hours."""
    more = np.broadcast_to(profile.breaks[1:-1], (len(breaks), profile.breaks.size - 2))
    both = np.concatenate([breaks, more], axis=1)
    order = np.argsort(both, axis=1, kind="stable")
    both = np.take_along_axis(both, order, axis=1)
    piece = np.cumsum(order < breaks.shape[1], axis=1)[:, :-1] - 1
    middle = 0.5 * (both[:, 1:] + both[:, :-1])
    return both, np.take_along_axis(rates, piece, axis=1) * profile.at(middle)
