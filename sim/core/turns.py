"""From one search leg to the next: turns of a given radius (Dubins paths), and paths round closed sea.

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
PathRound = Callable[[Floats, Floats], Floats]
"""A function that returns the path (n, 2) round closed sea from one place (2,) to another."""

CHORD_DEG = 20.0  # an assumption: the most that one straight leg stands for in a turn
GRAVITY_M_S2 = 9.80665  # standard gravity, 3rd General Conference on Weights and Measures, 1901
_STRAIGHT = 1e-9  # radians: a smaller turn is none, and a turn that falls short of a full circle by less is none, too
_SAME = 1e-7  # radii: two circles whose centres are nearer than this are taken for the same circle
_TOUCH_NMI = 1e-6  # two millimetres: a leg along the edge of closed sea does not lie inside it
_WORDS = ("LSL", "RSR", "LSR", "RSL", "RLR", "LRL")


def turn_radius_nmi(speed_kn: float, bank_deg: float) -> float:
    """Return the radius of a coordinated level turn without wind, nmi: v^2 / (g tan bank)."""
    speed = speed_kn * METRES_PER_NMI / SECONDS_PER_HOUR
    return speed**2 / (GRAVITY_M_S2 * math.tan(math.radians(bank_deg))) / METRES_PER_NMI


def course(track: Floats) -> float:
    """Return the course of a straight track (2, 2), radians."""
    return math.atan2(track[1, 0] - track[0, 0], track[1, 1] - track[0, 1])


def fly_by(before: Floats, after: Floats, radius: float) -> Floats | None:
    """Return the arc (n, 2) that leaves one track and joins the next, both (2, 2), before their common corner.

    It is tangent to both. The result is None if the arc would take more than half of either track, as every arc of a
    full reversal would.
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
    """Return the shortest path (n, 2) from a place and course to another place and course, with turns of one radius.

    Both ends are included. The path is one of six words of arcs to the left (L), arcs to the right (R) and straights
    (S): L. E. Dubins, American Journal of Mathematics 79 (1957). The lengths of the parts are computed in radii, in a
    frame whose first axis points from the start to the end.
    """
    away = (end - start) / radius
    distance, bearing = math.hypot(*away), math.atan2(away[0], away[1])
    words = _words(distance, bearing - first, bearing - second)  # angles there grow to the left
    word, parts = min(words, key=lambda candidate: sum(candidate[1]))
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
    whole[-1] = end  # without the rounding of the sums
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
            # Three circles that touch: the middle circle exists if the outer ones are at most 4 radii apart. Of the two
            # circles on either side the one with the longer arc is right: a middle arc below pi is never shortest.
            if apart <= 4.0:
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
    """Return points (n, 2) on an arc from a place and course that turns right by `turn`, without its start."""
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
    """Return the length of a path (n, 2), nmi."""
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
    """Sea that is closed to the aircraft: it cuts search legs short, and the paths between them lead round it."""

    def __init__(self, closed: Any, path_round: PathRound | None) -> None:
        """Take a geometry of the plane, nmi, and a function that returns paths round it; None for straight paths."""
        self.cut, self.core = shapely.buffer(closed, _TOUCH_NMI), shapely.buffer(closed, -_TOUCH_NMI)
        self.path_round = path_round
        shapely.prepare([self.cut, self.core])

    def parts_outside(self, track: Floats) -> SearchLegs:
        """Return the parts of a search leg outside the closed sea, each (2, 2), in the order flown."""
        line = shapely.LineString(track)
        if not shapely.intersects(self.cut, line):
            return [track]
        parts = [np.asarray(part.coords) for part in shapely.get_parts(shapely.difference(line, self.cut))]
        left = [part[[0, -1]] for part in parts if length_nmi(part) > _TOUCH_NMI]
        return sorted(left, key=lambda part: math.dist(part[0], track[0]))

    def path_between(self, path: Floats, before: Floats, after: Floats) -> Floats:
        """Return a path from one leg to the next, or, where it crosses closed sea, a path round that."""
        if not shapely.intersects(self.core, shapely.LineString(np.vstack([before[1], path, after[0]]))):
            return path
        if self.path_round is None or np.array_equal(before[1], after[0]):
            return _straight(before, after)
        return self.path_round(before[1], after[0])


def waypoints_of(tracks: SearchLegs, radius: float, closed: ClosedSea | None) -> Floats:
    """Return the waypoints (n, 2) of search legs flown one after the other.

    A corner that two legs share is cut by an arc where an arc of that radius fits. Otherwise the aircraft flies to
    the end of a leg and turns the shortest way onto the next, see `dubins`. Raises UnflyableError if no leg has an
    part outside.
    """
    if closed is not None:
        tracks = [part for track in tracks for part in closed.parts_outside(track)]
        if not tracks:
            raise UnflyableError("pattern", "a route that the zones close", "a route that is open somewhere")
    points = [tracks[0][:1]]
    for before, after in pairwise(tracks):
        way = _turned(before, after, radius) if radius > 0.0 else _straight(before, after)
        points.append(way if closed is None else closed.path_between(way, before, after))
    return np.vstack([*points, tracks[-1][1:]])


def _straight(before: Floats, after: Floats) -> Floats:
    """From the end of a track straight to the next: one point where they share it."""
    return after[:1] if np.array_equal(before[1], after[0]) else np.vstack([before[1], after[0]])


def _turned(before: Floats, after: Floats, radius: float) -> Floats:
    """From a track to the next with a turn."""
    way = fly_by(before, after, radius) if np.array_equal(before[1], after[0]) else None
    return dubins(before[1], course(before), after[0], course(after), radius) if way is None else way
