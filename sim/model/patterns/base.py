"""What every search pattern must answer, and how a pattern is laid over the plane for one type of aircraft.

The same pass is given once for each of its ends or corners from which it may begin, as waypoints (n, 2) in nautical
miles. The crew enters by the nearest one.
"""

import math
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import numpy as np
import shapely
from pydantic import Field

from sim.core.arrays import Floats
from sim.core.fields import refuse
from sim.core.geo import Plane
from sim.core.kinds import Kind
from sim.core.legs import MOST_LEGS
from sim.core.limits import LEAST_LEG_NMI, LEAST_PASS_NMI
from sim.core.turns import ClosedSea, PathRound, SearchLegs, UnflyableError, length_nmi, waypoints_of
from sim.model.places import Line

MOST_PASS_H = 60.0  # no aircraft stays longer
_EXTENTS = ("line", "waypoints", "radius_nmi", "area", "spacing_nmi", "pattern")  # the first given sets a route's size

Legs = Annotated[int, Field(strict=True, ge=1, le=MOST_LEGS)]
PassHours = Annotated[float, Field(strict=True, gt=0.0, le=MOST_PASS_H)]


class Performance(NamedTuple):
    """How an aircraft flies a pattern."""

    speed_kn: float
    turn_radius_nmi: float = 0.0
    """With 0 it turns on the spot."""


class LaidPattern(NamedTuple):
    """A pattern laid over the plane."""

    passes: list[Floats]
    """The same pass from each place at which it may begin: waypoints (n, 2), nmi."""
    legs: int
    """The number of search tracks of one pass; a track that a zone cuts counts once."""
    spacing_nmi: float | None
    """The track spacing S, where the pattern has one."""
    tracks: list[SearchLegs]
    """The straight tracks (2, 2) of each pass, in the order flown, before any zone cuts them."""


class PatternSetting(NamedTuple):
    """What a pattern is laid over, and how the aircraft flies it."""

    plane: Plane
    sea: Any
    """The sea of the route's area outside no-go zones, on the plane; None for a route that has no area."""
    whole_sea: Any
    """The sea of the route's area, no-go zones included; None for a route that has no area."""
    join: Callable[..., Floats]
    """Gives the waypoints (n, 2), nmi, of tracks flown one after the other, round no-go zones. The argument `radius`
    sets the radius of turns, nmi."""
    performance: Performance

    def on_plane(self, places: Line) -> Floats:
        """Places in degrees as points of the plane, (n, 2), nmi."""
        return places_on_plane(self.plane, places)

    def grid_course(self, heading_deg: float, place: Floats) -> float:
        """The grid course, degrees, of a true heading at a place (2,) of the plane."""
        return grid_course(self.plane, heading_deg, place)

    def datum(self, given: tuple[float, float] | None) -> Floats:
        """The datum of a pattern on the plane, (2,): a place in degrees, or None for the middle of the area.

        Where the middle of the area is not sea, the datum is the nearest sea of the area.
        """
        if given is not None:
            return np.asarray(self.on_plane([given])[0], float)
        nearest = shapely.shortest_line(self.sea, self.sea.centroid)
        return np.asarray(nearest.coords[0], float)

    def lay_passes(self, passes: list[SearchLegs], spacing_nmi: float | None = None) -> LaidPattern:
        """The pattern of the tracks of one pass, given from each place at which it may begin."""
        return LaidPattern([self.join(tracks) for tracks in passes], len(passes[0]), spacing_nmi, passes)

    def longest_within(self, make: Callable[[int], LaidPattern], hours: float) -> LaidPattern:
        """The pattern with as many legs as one pass of some hours allows, wherever it begins; found by bisection.

        `make` gives the pattern with a number of legs. Raises `UnflyableError` where one leg takes longer.
        """
        speed_kn = self.performance.speed_kn

        def fits(legs: int) -> bool:
            return max(map(length_nmi, make(legs).passes)) <= hours * speed_kn

        if not fits(1):
            least = max(map(length_nmi, make(1).passes)) / speed_kn
            allowed = f"at least {math.ceil(100.0 * least) / 100.0:g}, the time of one leg at {speed_kn:g} kn"
            raise UnflyableError("time_h", hours, allowed)
        few, many = 1, 2
        while many <= MOST_LEGS and fits(many):
            few, many = many, 2 * many
        many = min(many, MOST_LEGS + 1)
        while many - few > 1:
            middle = (few + many) // 2
            few, many = (middle, many) if fits(middle) else (few, middle)
        return make(few)


class Route(Kind):
    """A search pattern that is bound to an area, a place or a line."""

    tag: ClassVar[str] = "pattern"
    exclusive_keys: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys of which a route gives one. A variant that gives another key of a group replaces its parent's."""

    is_divisible: ClassVar[bool] = False
    """Whether its area can be cut into strips for several patrols, along its `strip_course`."""

    pattern: str
    """Which search pattern this is."""
    unfinished: Literal["resume", "restart"] = "resume"
    """Where the next sortie begins if a pass was not finished: with "resume" where the pass was left, with "restart" at
    the beginning of a pass. By default it resumes."""
    finished: Literal["repeat", "return"] = "repeat"
    """What the crew does with the time that is left after a pass: with "repeat" it flies the pass again, with "return"
    it returns to base. By default it repeats the pass."""

    @property
    def searched_area(self) -> str | None:
        """The name of the area that it is laid over; None for a route without an area."""
        return None

    def strip_course(self, plane: Plane, sea: Any) -> float:
        """The grid course, degrees, along which the sea of its area is cut into strips.

        Raises `NotImplementedError` for a pattern that is not divisible.
        """
        raise NotImplementedError(f"a route of pattern {self.pattern} cannot be divided")

    @abstractmethod
    def lay(self, setting: PatternSetting) -> LaidPattern:
        """The pattern over the plane; raises `UnflyableError` where this aircraft cannot fly it."""

    def require_one(self, *keys: str, or_none: bool = False) -> None:
        """Refuse a table that gives more than one of several keys, or none of them."""
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) > 1 or not (given or or_none):
            count = "at most" if or_none else "exactly"
            found = " and ".join(given) or "none of them"
            raise refuse("form", f"{count} one of {', '.join(keys)}; this table has {found}", *reversed(given))


def lay_pattern(
    route: Route,
    plane: Plane,
    shapes: Mapping[str, Any],
    performance: Performance,
    around: PathRound | None = None,
    closed: Any = None,
) -> LaidPattern:
    """A route laid over the plane, for an aircraft of some performance.

    `shapes` has the areas, polygons in degrees, by name. No track enters `closed`, a geometry of the plane. Where the
    straight way from one track to the next would enter it, the aircraft follows `around(a, b)`, waypoints (n, 2) with
    both ends, and turns on the spot there; without `around` it goes straight. Raises `UnflyableError` where the
    aircraft cannot fly the pattern.
    """
    closed = None if closed is None or closed.is_empty else closed
    whole_sea = None if route.searched_area is None else plane.sea(shapes[route.searched_area])
    sea = _sea_outside(route, whole_sea, closed)
    join = partial(
        waypoints_of, radius=performance.turn_radius_nmi, closed=None if closed is None else ClosedSea(closed, around)
    )
    laid = route.lay(PatternSetting(plane, sea, whole_sea, join, performance))
    _refuse_short(route, laid)
    return laid


def _refuse_short(route: Route, laid: LaidPattern) -> None:
    """Refuse a pass that is so short that a flight would repeat it very many times."""
    for waypoints in laid.passes:
        length, least = length_nmi(waypoints), max(LEAST_PASS_NMI, LEAST_LEG_NMI * len(waypoints))
        if length < least:
            key = next(key for key in _EXTENTS if getattr(route, key, None) is not None)
            allowed = f"a pass of at least {least:g} nmi with its {len(waypoints):,} points; this one has {length:.2g}"
            raise UnflyableError(key, getattr(route, key), allowed)


def _sea_outside(route: Route, sea: Any, closed: Any) -> Any:
    """The part of a route's sea that is outside a closed geometry; None for a route without an area."""
    if sea is None or closed is None or not shapely.intersects(sea, closed):
        return sea
    outside = shapely.difference(sea, closed)
    if outside.is_empty:
        raise UnflyableError("area", route.searched_area, "an area with some sea outside the no-go zones")
    return outside


def places_on_plane(plane: Plane, places: Line) -> Floats:
    """Places in degrees as points of the plane, (n, 2), nmi."""
    lonlat = np.array(places)
    return np.column_stack(plane.to_xy(lonlat[:, 0], lonlat[:, 1]))


def grid_course(plane: Plane, heading_deg: float, place: Floats) -> float:
    """The grid course of a true heading at a place (2,) of the plane, in degrees."""
    lon, lat = plane.to_lonlat(place[0], place[1])
    return plane.grid_course(heading_deg, float(lon), float(lat))
