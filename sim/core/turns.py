"""From one search leg to the next on the plane: turns of a given radius, and ways round closed sea.

An arc is flown as chords of at most 20 degrees, their ends on the arc: an assumption, which makes a turn up to 0.5 %
shorter than its arc. Courses are grid courses in radians, clockwise from north; lengths are in nmi.
"""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.units import METRES_PER_NMI, SECONDS_PER_HOUR

SearchLegs = list[Floats]
"""The straight legs of a search pattern, each (2, 2) from its start to its end, in the order flown."""
Around = Callable[[Floats, Floats], Floats]

CHORD_DEG = 20.0  # an assumption: the most that one straight leg stands for in a turn
GRAVITY_M_S2 = 9.80665  # standard gravity, 3rd General Conference on Weights and Measures, 1901
_STRAIGHT = 1e-9  # radians: less than this is no turn, nor short of a full circle
_SAME = 1e-7  # radii: circles whose centres are nearer are one
_TOUCH_NMI = 1e-6  # two millimetres: along the edge of what is closed is not inside it
_WORDS = ("LSL", "RSR", "LSR", "RSL", "RLR", "LRL")


def turn_radius_nmi(speed_kn: float, bank_deg: float) -> float:
    """Radius of a level turn, nmi: v^2 / (g tan bank), of a coordinated level turn without wind."""
    speed = speed_kn * METRES_PER_NMI / SECONDS_PER_HOUR
    return speed**2 / (GRAVITY_M_S2 * math.tan(math.radians(bank_deg))) / METRES_PER_NMI


def course(track: Floats) -> float:
    """The course of a straight track (2, 2), radians."""
    return math.atan2(track[1, 0] - track[0, 0], track[1, 1] - track[0, 1])


def fly_by(before: Floats, after: Floats, radius: float) -> Floats | None:
    """The arc (n, 2) that leaves one track and joins the next, both (2, 2), before their common corner.

    It is tangent to both; None where it would take more than half of either, or where the turn is a full reversal.
    """
    first, second = course(before), course(after)
    turn = _signed(second - first)
    if abs(turn) < _STRAIGHT:
        return after[:1]
    reach = radius * abs(math.tan(turn / 2.0))
    if reach > min(math.dist(*before), math.dist(*after)) / 2.0:
        return None
    start = after[0] - reach * _unit(first)
    return np.vstack([start, arc(start, first, turn, radius)])


def dubins(start: Floats, first: float, end: Floats, second: float, radius: float) -> Floats:
    """The shortest way (n, 2) from a place and course to another, with turns of one radius.

    L. E. Dubins, American Journal of Mathematics 79 (1957): it is one of six words of arcs to the left and right and
    straights. Both ends are included.
    """
    away = (end - start) / radius
    distance, bearing = math.hypot(*away), math.atan2(away[0], away[1])
    words = _words(distance, bearing - first, bearing - second)  # angles there grow to the left
    word, parts = min(words, key=lambda one: sum(one[1]))
    points, place, heading = [start[None, :]], start, first
    for letter, amount in zip(word, parts, strict=True):
        if letter == "S":
            path = (place + amount * radius * _unit(heading))[None, :]
        else:
            turn = amount if letter == "R" else -amount
            path = arc(place, heading, turn, radius)
            heading += turn
        if amount > _STRAIGHT:
            points.append(path)
            place = path[-1]
    whole = np.vstack(points)
    if len(whole) == 1:
        return np.vstack([whole, end])
    whole[-1] = end  # to the last bit
    return whole


def _words(d: float, a: float, b: float) -> Iterator[tuple[str, tuple[float, float, float]]]:
    """The words that reach (d, 0, b) from (0, 0, a), radius 1, with the lengths of their three parts.

    Angles grow to the left. The circle of a turn to a side s (1 left, -1 right) has its centre s to the left; a word's
    straight, or its middle arc, follows from the line that joins the centres of its first and last circle.
    """
    for word in _WORDS:
        first, last = (1.0 if letter == "L" else -1.0 for letter in (word[0], word[2]))
        along = d + first * math.sin(a) - last * math.sin(b)
        across = last * math.cos(b) - first * math.cos(a)
        apart = math.hypot(along, across)
        towards = a if apart < _SAME else math.atan2(across, along)
        if word[1] != "S":
            if apart <= 4.0:  # three circles that touch; the middle arc is the longer of two
                middle = 2.0 * (math.pi - math.asin(apart / 4.0))
                turn = _positive(first * (towards - a) + middle / 2.0)
                yield word, (turn, middle, _positive(first * (b - a) - turn + middle))
            continue
        between = 0.0 if first == last else 2.0  # a tangent that changes sides leans towards the other circle
        if apart >= between - _SAME:
            straight = math.sqrt(max(0.0, apart**2 - between**2))
            heading = towards + first * math.atan2(between, straight) if between else towards
            yield word, (_positive(first * (heading - a)), straight, _positive(last * (b - heading)))


def arc(start: Floats, heading: float, turn: float, radius: float) -> Floats:
    """Points (n, 2) on an arc from a place and course, turning right by `turn`; its end, not its start."""
    count = max(1, math.ceil(math.degrees(abs(turn)) / CHORD_DEG - 1e-9))
    turned = heading + turn * np.arange(1, count + 1) / count
    side = math.copysign(radius, turn)
    sines, cosines = np.sin(turned) - math.sin(heading), np.cos(turned) - math.cos(heading)
    return start + side * np.column_stack([-cosines, sines])


def _unit(heading: float) -> Floats:
    return np.array([math.sin(heading), math.cos(heading)])


def _signed(angle: float) -> float:
    """An angle in [-pi, pi]."""
    return math.remainder(angle, 2.0 * math.pi)


def _positive(angle: float) -> float:
    """An angle in [0, 2 pi), 0 for what rounding left just short of a full circle."""
    turned = angle % (2.0 * math.pi)
    return 0.0 if turned > 2.0 * math.pi - _STRAIGHT else turned


def length_nmi(points: Floats) -> float:
    """Length of a way (n, 2)."""
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


class UnflyableError(Exception):
    """A route that this aircraft cannot fly: the key at fault, what was given, what is allowed.

    It is no `ValueError`, so that nobody who expects it hides another fault by catching it.
    """

    def __init__(self, key: str, given: object, allowed: str) -> None:
        """Keep the three parts of the message to users."""
        super().__init__(f"{key}: given {given}; allowed: {allowed}")
        self.key, self.given, self.allowed = key, given, allowed


class ClosedSea:
    """Sea that is closed to the aircraft: it cuts search legs short, and the ways between them lead round it."""

    def __init__(self, closed: Any, around: Around | None) -> None:
        """Take a geometry of the plane, nmi, and a function that returns the way round it from one place to another."""
        self.cut, self.core = shapely.buffer(closed, _TOUCH_NMI), shapely.buffer(closed, -_TOUCH_NMI)
        self.around = around
        shapely.prepare([self.cut, self.core])

    def open_parts(self, track: Floats) -> SearchLegs:
        """Return the open parts of a search leg, each (2, 2), in the order in which they are flown."""
        line = shapely.LineString(track)
        if not shapely.intersects(self.cut, line):
            return [track]
        parts = [np.asarray(part.coords) for part in shapely.get_parts(shapely.difference(line, self.cut))]
        left = [part[[0, -1]] for part in parts if length_nmi(part) > _TOUCH_NMI]
        return sorted(left, key=lambda part: math.dist(part[0], track[0]))

    def round(self, way: Floats, before: Floats, after: Floats) -> Floats:
        """Return the way from one leg to the next, or, where that crosses closed sea, a way round it."""
        if not shapely.intersects(self.core, shapely.LineString(np.vstack([before[1], way, after[0]]))):
            return way
        if self.around is None or np.array_equal(before[1], after[0]):
            return _straight(before, after)
        return self.around(before[1], after[0])


def waypoints_of(tracks: SearchLegs, radius: float, closed: ClosedSea | None) -> Floats:
    """Return the waypoints (n, 2) of search legs flown one after the other.

    A corner that two legs share is cut by an arc where an arc of that radius fits. Otherwise the aircraft flies to
    the end of a leg and turns the shortest way onto the next, see `dubins`. Raises UnflyableError if no leg has an
    open part.
    """
    if closed is not None:
        tracks = [part for track in tracks for part in closed.open_parts(track)]
        if not tracks:
            raise UnflyableError("pattern", "a route that the zones close", "a route that is open somewhere")
    points = [tracks[0][:1]]
    for before, after in pairwise(tracks):
        way = _turned(before, after, radius) if radius > 0.0 else _straight(before, after)
        points.append(way if closed is None else closed.round(way, before, after))
    return np.vstack([*points, tracks[-1][1:]])


def _straight(before: Floats, after: Floats) -> Floats:
    """From the end of a track straight to the next: one point where they share it."""
    return after[:1] if np.array_equal(before[1], after[0]) else np.vstack([before[1], after[0]])


def _turned(before: Floats, after: Floats, radius: float) -> Floats:
    """From a track to the next with a turn."""
    way = fly_by(before, after, radius) if np.array_equal(before[1], after[0]) else None
    return dubins(before[1], course(before), after[0], course(after), radius) if way is None else way
