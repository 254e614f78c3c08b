"""What a single message shows to be wrong: its identity, its place and its time."""

from collections import Counter
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Flags, Floats, Ints
from sim.core.limits import LONGEST_RECORDED_GAP_H
from sim.scenario.recorded.messages import NO_TIME, Messages
from sim.scenario.recorded.reading_files import Period

Box = tuple[float, float, float, float]
"""West, south, east and north, degrees."""


_LEAST_STATION = 2_000_000  # a coast station, 00 and seven digits: the zeros in front are often left out


class Rules(NamedTuple):
    """How messages are cleaned and thinned."""

    longest_gap_h: float = LONGEST_RECORDED_GAP_H
    """The longest time without a message for which a ship is taken to have gone straight on, in hours."""
    most_kn: float = 60.0
    """The greatest speed that a ship can have, in knots; a place that needs more is a jump. An assumption."""
    within_nmi: float = 0.05
    """How far from a message the track may be at its time, in nautical miles."""
    box: Box | None = None
    """The part of the world that is wanted; all of it for None. A box may cross the line of the date."""
    period: Period | None = None
    """The period that is wanted, instead of the one that the name of the file tells."""


def is_a_ships(mmsi: Ints) -> Flags:
    """Whether each MMSI, (n,), of nine digits is that of a ship: by ITU-R M.585-9 its first digit is 2 to 7."""
    first = mmsi // 100_000_000
    return np.asarray((first >= 2) & (first <= 7))


def sift(messages: Messages, rules: Rules, period: Period) -> tuple[Flags, Counter[str]]:
    """Which messages, (n,), show nothing wrong by themselves, and how many others there are by reason."""
    begin, end = rules.period or period
    mmsi, time_s, lon, lat = messages[:4]
    checks = {
        "unreadable": (mmsi < 0) | (time_s == NO_TIME) | np.isnan(lon) | np.isnan(lat),
        "wrong_mmsi": (mmsi < _LEAST_STATION) | (mmsi >= 1_000_000_000),
        "no_ship": ~is_a_ships(mmsi),
        "wrong_place": (np.abs(lat) > 90.0) | (np.abs(lon) > 180.0) | ((lat == 0.0) & (lon == 0.0)),
        "outside": ~_within(lon, lat, rules.box),
        "wrong_clock": (time_s < begin) | (time_s >= end),
    }
    left, dropped = np.ones(mmsi.size, bool), Counter[str](messages.dropped)
    for reason, is_wrong in checks.items():
        dropped[reason] += int(np.count_nonzero(left & is_wrong))
        left &= ~is_wrong
    return left, dropped


def _within(lon: Floats, lat: Floats, box: Box | None) -> Flags:
    if box is None:
        return np.ones(lon.size, bool)
    west, south, east, north = box
    across = (lon >= west) & (lon <= east) if west <= east else (lon >= west) | (lon <= east)
    return np.asarray(across & (lat >= south) & (lat <= north))
