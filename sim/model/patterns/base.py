"""What every search pattern answers, and how a pattern is laid over the plane.

The same pass is given as it may begin at each of its ends or corners, arrays (n, 2) in nmi; the crew enters by the
nearest.
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
from sim.core.turns import Around, ClosedSea, SearchLegs, UnflyableError, length_nmi, waypoints_of
from sim.model.places import Line

MOST_PASS_H = 60.0  # no aircraft stays longer

Legs = Annotated[int, Field(strict=True, ge=1, le=MOST_LEGS)]
PassHours = Annotated[float, Field(strict=True, gt=0.0, le=MOST_PASS_H)]


class Performance(NamedTuple):
    """How an aircraft flies a pattern."""

    speed_kn: float
    turn_radius_nmi: float = 0.0
    """0: it turns on the spot."""


class Laid(NamedTuple):
    """A pattern laid over the plane."""

    passes: list[Floats]
    """The same pass as it may begin at each of its ends: waypoints (n, 2), nmi."""
    legs: int
    """Search tracks of one pass, whatever cuts them."""
    spacing_nmi: float | None
    """S, where the pattern has one."""
    tracks: list[SearchLegs]
    """The straight tracks of each pass, (2, 2), in the order flown, whatever cuts them."""


class Ground(NamedTuple):
    """Where a pattern is laid, and by which aircraft."""

    plane: Plane
    region: Any
    """The open sea of the route's area, on the plane; None for a route that has no area."""
    whole: Any
    """The same with what is closed."""
    fly: Callable[..., Floats]
    """The waypoints of tracks flown one after the other, around what is closed; `radius` of its turns, nmi."""
    performance: Performance

    def line(self, places: Line) -> Floats:
        """Places in degrees as points of the plane, (n, 2)."""
        return line_on_plane(self.plane, places)

    def grid_course(self, heading_deg: float, place: Floats) -> float:
        """The grid course of a true heading at a place on the plane."""
        return grid_course(self.plane, heading_deg, place)

    def datum(self, given: tuple[float, float] | None) -> Floats:
        """Where a pattern begins: as given in degrees, or the place in its area's sea nearest to the area's middle."""
        if given is not None:
            return np.asarray(self.line([given])[0], float)
        near = shapely.shortest_line(self.region, self.region.centroid)
        return np.asarray(near.coords[0], float)

    def laid(self, passes: list[SearchLegs], spacing_nmi: float | None = None) -> Laid:
        """SearchLegs of the same pass as it may begin at each of its ends, flown."""
        return Laid([self.fly(tracks) for tracks in passes], len(passes[0]), spacing_nmi, passes)

    def most(self, make: Callable[[int], Laid], hours: float) -> Laid:
        """The pattern of as many legs as take at most some hours, however it is entered; by bisection.

        Raises `UnflyableError` where one leg takes longer.
        """
        speed_kn = self.performance.speed_kn

        def fits(legs: int) -> bool:
            return max(map(length_nmi, make(legs).passes)) <= hours * speed_kn

        if not fits(1):
            least = max(map(length_nmi, make(1).passes)) / speed_kn
            said = f"at least {math.ceil(100.0 * least) / 100.0:g}, what one leg takes at {speed_kn:g} kn"
            raise UnflyableError("time_h", hours, said)
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
    """Groups of keys of which a route gives one; a variant that gives another one of them replaces its parent's."""

    is_divisible: ClassVar[bool] = False
    """Whether its area can be cut into strips for several patrols, along its `strip_course`."""

    pattern: str
    """Which search pattern this is."""
    unfinished: Literal["resume", "restart"] = "resume"
    """Where the next sortie begins if a pass was not finished: it resumes where the pass was left, or restarts the
    pass."""
    finished: Literal["repeat", "return"] = "repeat"
    """What the crew does with the time that is left after a pass: it repeats the pass, or returns to base."""

    @property
    def searched_area(self) -> str | None:
        """The name of the area that it is laid over; None: it has none."""
        return None

    def strip_course(self, plane: Plane, sea: Any) -> float:
        """The grid course along which the sea of its area is cut into strips, where it is divisible."""
        raise NotImplementedError(f"a route of pattern {self.pattern} cannot be divided")

    @abstractmethod
    def laid(self, ground: Ground) -> Laid:
        """The pattern over the plane; raises `UnflyableError` where this aircraft cannot fly it."""

    def require_one(self, *keys: str, or_none: bool = False) -> None:
        """Refuse a table that gives more than one of several keys, or none."""
        given = [key for key in keys if getattr(self, key) is not None]
        if len(given) > 1 or not (given or or_none):
            some = "at most" if or_none else "exactly"
            allowed = f"{some} one of {', '.join(keys)}, not {' and '.join(given) or 'none of them'}"
            raise refuse("form", allowed, *reversed(given))


def lay(
    route: Route,
    plane: Plane,
    shapes: Mapping[str, Any],
    performance: Performance,
    around: Around | None = None,
    closed: Any = None,
) -> Laid:
    """Lay a route over the plane, for an aircraft of some performance.

    `shapes` has the areas, polygons in degrees, by name. No track enters `closed`, a geometry of the plane, and where
    the way from one to the next would, the aircraft goes `around(a, b)`, waypoints (n, 2) with both ends, turning on
    the spot; without `around` it goes straight. Raises `UnflyableError`.
    """
    closed = None if closed is None or closed.is_empty else closed
    whole = None if route.searched_area is None else plane.sea(shapes[route.searched_area])
    region = _open(route, whole, closed)
    fly = partial(
        waypoints_of, radius=performance.turn_radius_nmi, closed=None if closed is None else ClosedSea(closed, around)
    )
    return route.laid(Ground(plane, region, whole, fly, performance))


def _open(route: Route, sea: Any, closed: Any) -> Any:
    """The part of a route's sea that is open; None for a route without an area."""
    if sea is None or closed is None or not shapely.intersects(sea, closed):
        return sea
    region = shapely.difference(sea, closed)
    if region.is_empty:
        raise UnflyableError("area", route.searched_area, "an area that the zones do not close")
    return region


def line_on_plane(plane: Plane, places: Line) -> Floats:
    """Places in degrees as points of the plane, (n, 2)."""
    lonlat = np.array(places)
    return np.column_stack(plane.to_xy(lonlat[:, 0], lonlat[:, 1]))


def grid_course(plane: Plane, heading_deg: float, place: Floats) -> float:
    """The grid course of a true heading at a place on the plane."""
    lon, lat = plane.to_lonlat(place[0], place[1])
    return plane.grid_course(heading_deg, float(lon), float(lat))
