"""The public rules by which tracks on AIS tell of a transfer: encounters and loitering.

The rules and the defaults of their keys are those of Global Fishing Watch. A track is the positions as they were
received. Between two of them the vessel is taken to move straight at constant speed, unless they are too far apart in
time: then nothing is known of the vessel between the two.
"""

from typing import Annotated, Any, NamedTuple

import numpy as np
import shapely
from pydantic import Field

from sim.core.arrays import Flags, Floats
from sim.core.fields import Hours, Part
from sim.core.units import METRES_PER_NMI

_SHORT_H = 1e-9  # how much a time may be too short by rounding; it is worth some microseconds


class Track(NamedTuple):
    """The positions of a vessel as they were received, in order of time, (n,) each: hours, and places, nmi."""

    hour: Floats
    x: Floats
    y: Floats


class AisRules(Part):
    """What counts as an encounter or as loitering, in tracks of AIS as they were received."""

    encounter_within_km: Annotated[float, Field(strict=True, gt=0.0, le=100.0)] = 0.5
    """An encounter: the greatest distance between two vessels, in kilometres."""
    encounter_h: Hours = 2.0
    """An encounter: the least time, in hours, for which they stay so near."""
    encounter_off_km: Annotated[float, Field(strict=True, ge=0.0, le=10000.0)] = 10.0
    """An encounter: the least distance from the shore, in kilometres. The rule as published is about the distance from
    ports and anchorages near the coast; the distance from any shore stands for it, which is an assumption."""
    loitering_kn: Annotated[float, Field(strict=True, gt=0.0, le=60.0)] = 2.0
    """Loitering: the speed, in knots, below which one vessel stays."""
    loitering_h: Hours = 1.0
    """Loitering: the time, in hours, for longer than which it stays so slow."""
    loitering_off_nmi: Annotated[float, Field(strict=True, ge=0.0, le=5000.0)] = 20.0
    """Loitering: the least distance from the shore, in nautical miles."""
    longest_gap_h: Annotated[float, Field(strict=True, gt=0.0, le=1000.0)] = 12.0
    """The least time, in hours, between two positions that makes a gap in the track: the track is not believed to be
    straight there. The default is the length from which gaps are published; that the track is straight in shorter
    times is an assumption."""

    def encounter(self, one: Track, two: Track, land: Any) -> bool:
        """Whether two tracks show an encounter; `land` is a geometry of the plane."""
        hours = np.unique(np.concatenate([one.hour, two.hour]))
        if one.hour.size < 2 or two.hour.size < 2:
            return False
        known = self._known(one, hours) & self._known(two, hours)
        (ax, ay), (bx, by) = _places(one, hours), _places(two, hours)
        begin, end = _near(hours, ax - bx, ay - by, self.encounter_within_km * 1000.0 / METRES_PER_NMI)
        near = known & (begin < end)
        for first, last in _joined(begin[near], end[near]):
            if last - first >= self.encounter_h - _SHORT_H:
                x, y = _places(one, np.array([(first + last) / 2.0]))
                if _off_shore(land, x, y, self.encounter_off_km * 1000.0 / METRES_PER_NMI).all():
                    return True
        return False

    def loiters(self, track: Track, land: Any) -> bool:
        """Whether a track shows loitering."""
        if track.hour.size < 2:
            return False
        hours = np.diff(track.hour)
        slow = np.hypot(np.diff(track.x), np.diff(track.y)) < self.loitering_kn * hours
        off = _off_shore(land, track.x, track.y, self.loitering_off_nmi)
        slow &= (hours < self.longest_gap_h) & off[1:] & off[:-1]
        spells = _joined(track.hour[:-1][slow], track.hour[1:][slow])
        return any(last - first > self.loitering_h + _SHORT_H for first, last in spells)

    def _known(self, track: Track, hours: Floats) -> Flags:
        """Whether a track is believed between each two of some hours, (n - 1,)."""
        after = np.searchsorted(track.hour, (hours[1:] + hours[:-1]) / 2.0)
        inside = (after > 0) & (after < track.hour.size)
        gap = np.diff(np.concatenate([[-np.inf], track.hour, [np.inf]]))
        known: Flags = inside & (gap[after] < self.longest_gap_h)
        return known


def _places(track: Track, hours: Floats) -> tuple[Floats, Floats]:
    """Where a vessel is taken to be at some hours, nmi, (n,) each."""
    return np.interp(hours, track.hour, track.x), np.interp(hours, track.hour, track.y)


def _near(hours: Floats, dx: Floats, dy: Floats, within: float) -> tuple[Floats, Floats]:
    """From when to when two vessels are within a distance, nmi, in each piece between two hours; none: end <= begin.

    (n - 1,) each. `dx`, `dy` (n,) are the differences of their places, which change linearly in each piece.
    """
    long = np.diff(hours)
    vx, vy = np.diff(dx) / long, np.diff(dy) / long
    speed2, along = vx**2 + vy**2, dx[:-1] * vx + dy[:-1] * vy
    apart2 = dx[:-1] ** 2 + dy[:-1] ** 2 - within**2
    moves = speed2 > 0.0
    safe = np.where(moves, speed2, 1.0)
    root = along**2 - speed2 * apart2
    half = np.sqrt(np.maximum(root, 0.0)) / safe
    begin = np.where(moves, np.clip(-along / safe - half, 0.0, long), 0.0)
    end = np.where(moves, np.clip(-along / safe + half, 0.0, long), np.where(apart2 <= 0.0, long, 0.0))
    end = np.where(moves & (root < 0.0), begin, end)
    return hours[:-1] + begin, hours[:-1] + end


def _joined(begin: Floats, end: Floats) -> list[tuple[float, float]]:
    """Spells of time, sorted; spells that touch become one."""
    spells: list[tuple[float, float]] = []
    for first, last in zip(begin.tolist(), end.tolist(), strict=True):
        if spells and first <= spells[-1][1] + _SHORT_H:
            spells[-1] = (spells[-1][0], last)
        else:
            spells.append((first, last))
    return spells


def _off_shore(land: Any, x: Floats, y: Floats, distance: float) -> Flags:
    """Whether places are at least a distance, nmi, away from land, (n,)."""
    off: Flags = ~shapely.dwithin(land, shapely.points(x, y), distance)
    return off
