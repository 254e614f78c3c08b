"""The hours of a deployment that belong to some local hours of the day, or to one of its weeks."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from sim.core.arrays import Flags, Floats
from sim.core.units import HOURS_PER_DAY
from sim.scenario.schema import Scenario
from sim.study.cuts import HOURS_PER_WEEK, Part, minutes_of_day

_HOUR = timedelta(hours=1)
_SECOND_H = 1.0 / 3600.0
_DUST_H = 1e-9  # what is less is rounding: a flight that lands at 06:00 has no hours after 06:00


class Windows:
    """Spells of the deployment, each from its beginning up to, but without, its end."""

    def __init__(self, spells: list[tuple[float, float]]) -> None:
        """Take spells in order of time, hours since the scenario's start; those that meet are joined."""
        bounds: list[float] = []
        for begin, end in spells:
            if bounds and bounds[-1] == begin:
                bounds[-1] = end
            elif begin < end:
                bounds += [begin, end]
        self._bounds = np.array(bounds)
        self._before = np.concatenate([[0.0], np.cumsum(np.diff(self._bounds) * (np.arange(len(bounds) - 1) % 2 == 0))])

    def hold(self, hours: Floats) -> Flags:
        """Whether each hour (n,) lies in a spell."""
        inside: Flags = np.searchsorted(self._bounds, hours, side="right") % 2 == 1
        return inside

    def shares(self, begin: Floats, end: Floats) -> Floats:
        """How many of the hours from a beginning (n,) to an end (n,) lie in spells."""
        if not self._bounds.size:
            return np.zeros(len(begin))
        inside = np.interp(end, self._bounds, self._before) - np.interp(begin, self._bounds, self._before)
        return np.where(inside > _DUST_H, inside, 0.0)


def windows_of(scenario: Scenario, part: Part) -> Windows:
    """The spells of a scenario's deployment that belong to a part by `hour` or by `week`."""
    return _windows(scenario.start, scenario.time_zone, scenario.duration_h, part)


@lru_cache(maxsize=256)
def _windows(start: datetime, zone: str, duration_h: float, part: Part) -> Windows:
    """The spells of a part; processes keep those of some parts."""
    if part.key == "week":
        number = int(part.value)
        return Windows([(HOURS_PER_WEEK * (number - 1), min(HOURS_PER_WEEK * number, duration_h))])
    begin, end = minutes_of_day(part.value) or (0, 0)
    spells = [(begin / 60.0, end / 60.0)]
    if end < begin:
        spells = [(0.0, end / 60.0), (begin / 60.0, HOURS_PER_DAY)]
    found: list[tuple[float, float]] = []
    for first_h, last_h, ahead_h in _clock_changes(start, ZoneInfo(zone), duration_h):
        day_h = -ahead_h  # hours since the start at which a local day begins; the first day begins before `first_h`
        day_h += HOURS_PER_DAY * np.floor((first_h - day_h) / HOURS_PER_DAY)
        while day_h < last_h:
            found += [(max(first_h, day_h + a), min(last_h, day_h + b)) for a, b in spells]
            day_h += HOURS_PER_DAY
    return Windows([spell for spell in found if spell[0] < spell[1]])


def _clock_changes(start: datetime, zone: ZoneInfo, duration_h: float) -> list[tuple[float, float, float]]:
    """The spells of a deployment with one setting of the local clocks: begin, end, and the local time at hour 0.

    The local time at hour 0 is the hours since a local midnight, as that setting of the clocks would have shown it.
    """

    def ahead_h(hour: float) -> float:
        local = (start + timedelta(hours=hour)).astimezone(zone)
        return (local.utcoffset() or timedelta()) / _HOUR

    utc_h = (start - start.replace(hour=0, minute=0, second=0, microsecond=0)) / _HOUR
    changes, at, setting = [0.0], 0.0, ahead_h(0.0)
    settings = [setting]
    while at < duration_h:
        following = min(at + HOURS_PER_DAY, duration_h)
        if ahead_h(following) != setting:
            low, high = at, following
            while high - low > _SECOND_H / 2.0:
                middle = (low + high) / 2.0
                low, high = (middle, high) if ahead_h(middle) == setting else (low, middle)
            changes.append(round(high / _SECOND_H) * _SECOND_H)
            setting = ahead_h(following)
            settings.append(setting)
        at = following
    ends = [*changes[1:], duration_h]
    return [(begin, end, utc_h + ahead) for begin, end, ahead in zip(changes, ends, settings, strict=True)]
