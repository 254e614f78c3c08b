"""Search patterns: the waypoints of one pass, on the plane, and the ends it may be entered by.

The same pass is given as it may begin at each of its ends or corners, arrays (n, 2) in nmi; the crew enters by the
nearest. Names are IAMSAR's where it has one (IAMSAR Manual, volume II, chapter 5). The geometry is in `sim.core.legs`.
"""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple, Self

import numpy as np
import shapely
from pydantic import AfterValidator, ConfigDict, Field, model_validator

from sim.core.arrays import Floats
from sim.core.fields import Degrees, Nmi, Part, refuse
from sim.core.geo import Plane
from sim.core.legs import (
    MOST_LEGS,
    barrier,
    expanding_square,
    longest_side_course,
    racetrack,
    sector,
    segments,
    square_over,
    sweep_tracks,
    track_line_beside,
    width_of,
)
from sim.core.turns import Around, Gate, Tracks, UnflyableError, flown, length_nmi
from sim.model.places import AreaName, Line, Position

MOST_PASS_H = 60.0  # no aircraft stays longer

Legs = Annotated[int, Field(strict=True, ge=1, le=MOST_LEGS)]
PassHours = Annotated[float, Field(strict=True, gt=0.0, le=MOST_PASS_H)]
Flag = Annotated[bool, Field(strict=True)]

IAMSAR = {"parallel_sweep": "PS", "creeping_line": "CS", "expanding_square": "SS", "sector": "VS", "track_line": "TS"}


class _Route(Part):
    """What every route has."""

    unfinished: Literal["resume", "restart"] = "resume"
    """Where the next sortie takes up a pass that was not finished."""
    finished: Literal["repeat", "return"] = "repeat"
    """What the crew does with time left after a pass."""


def _only_one(part: Part, *keys: str, or_none: bool = False) -> None:
    """Refuse a table that gives more than one of several keys, or none."""
    given = [key for key in keys if getattr(part, key) is not None]
    if len(given) > 1 or not (given or or_none):
        some = "at most" if or_none else "exactly"
        allowed = f"{some} one of {', '.join(keys)}, not {' and '.join(given) or 'none of them'}"
        raise refuse("form", allowed, *reversed(given))


class _Sweep(_Route):
    """Parallel tracks over an area, back and forth, entered at the nearest corner."""

    area: AreaName
    """What is searched."""
    spacing_nmi: Nmi | None = None
    """Track spacing S."""
    legs: Legs | None = None
    """Instead of the spacing: how many tracks, evenly over the area."""
    time_h: PassHours | None = None
    """Instead of the spacing: as many tracks as one pass, turns included, can have in this time at search speed."""
    heading_deg: Degrees | None = None
    """True heading of the tracks at the area's middle."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        _only_one(self, "spacing_nmi", "legs", "time_h")
        return self


class ParallelSweep(_Sweep):
    """PS: parallel tracks over an area; without a heading along its longer side."""

    model_config = ConfigDict(json_schema_extra={"x-also-called": IAMSAR["parallel_sweep"]})
    pattern: Literal["parallel_sweep"]


class CreepingLine(_Sweep):
    """CS: parallel tracks over an area that creep along it; without a heading across its longer side."""

    model_config = ConfigDict(json_schema_extra={"x-also-called": IAMSAR["creeping_line"]})
    pattern: Literal["creeping_line"]


class ExpandingSquare(_Route):
    """SS: from a datum outwards, turning right by 90 degrees; legs of S, S, 2S, 2S, 3S, 3S, ..."""

    model_config = ConfigDict(json_schema_extra={"x-also-called": IAMSAR["expanding_square"]})
    pattern: Literal["expanding_square"]
    datum: Position | None = None
    """[lon, lat] of its middle, where it begins."""
    area: AreaName | None = None
    """Instead of the datum: about the area's middle (the nearest sea), each leg no longer than the area needs."""
    spacing_nmi: Nmi
    """Track spacing S."""
    legs: Legs | None = None
    """How many."""
    time_h: PassHours | None = None
    """Instead of their number: as many as one pass, turns included, can have in this time at search speed."""
    heading_deg: Degrees = 0.0
    """True heading of the first leg. IAMSAR: into the wind; north is an assumption."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        _only_one(self, "datum", "area")
        _only_one(self, "legs", "time_h", or_none=self.area is not None)
        return self


class Sector(_Route):
    """VS: out from a datum, along a chord, back across the datum and so on; three legs a sector."""

    model_config = ConfigDict(json_schema_extra={"x-also-called": IAMSAR["sector"]})
    pattern: Literal["sector"]
    datum: Position | None = None
    """[lon, lat] of its middle, where it begins and ends."""
    area: AreaName | None = None
    """Instead of the datum: about the area's middle (the nearest sea)."""
    radius_nmi: Nmi
    """Length of a leg from the datum."""
    sectors: Annotated[int, Field(strict=True, ge=3, le=45)] = 3
    """An odd number: else one radius is flown twice and one never. IAMSAR: 3, so nine legs and turns of 120 degrees."""
    heading_deg: Degrees = 0.0
    """True heading of the first leg. IAMSAR: along the drift; north is an assumption."""
    runs: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    """How often, each turned to the right by half the angle between two radii (for three sectors 30 degrees)."""

    @model_validator(mode="after")
    def _one_datum(self) -> Self:
        _only_one(self, "datum", "area")
        if self.sectors % 2 == 0:
            raise refuse("range", "an odd number of sectors", "sectors")
        return self


class TrackLine(_Route):
    """TS: along a line, once in the order given; or with a spacing several times beside it, from either end."""

    model_config = ConfigDict(json_schema_extra={"x-also-called": IAMSAR["track_line"]})
    pattern: Literal["track_line"]
    waypoints: Line
    """[[lon, lat], [lon, lat], ...]."""
    spacing_nmi: Nmi | None = None
    """Track spacing S; left out: along the line once."""
    returns: Flag = True
    """TSR, out at half a spacing on one side and back on the other; or TSN, along it, back and out again beside it."""


class Barrier(_Route):
    """There and back along a line, entered at the nearer end."""

    pattern: Literal["barrier"]
    line: Line
    """[[lon, lat], [lon, lat], ...]."""


def _two_points(line: Line) -> Line:
    """Refuse a line that bends."""
    if len(line) > 2:
        raise refuse("line", f"two points, [[lon, lat], [lon, lat]], not {len(line)}")
    return line


class Racetrack(_Route):
    """Two parallel straights joined by half circles, round and round, entered at the nearest end of a straight."""

    pattern: Literal["racetrack"]
    line: Annotated[Line, AfterValidator(_two_points)]
    """[[lon, lat], [lon, lat]]: the axis, as long as the straights, which lie half the width to either side."""
    width_nmi: Nmi
    """From straight to straight: the diameter of the half circles."""


class Waypoints(_Route):
    """Explicit waypoints, in order."""

    pattern: Literal["waypoints"]
    waypoints: Line
    """[[lon, lat], [lon, lat], ...]."""


Route = Annotated[
    ParallelSweep | CreepingLine | ExpandingSquare | Sector | TrackLine | Barrier | Racetrack | Waypoints,
    Field(discriminator="pattern"),
]
# Of each group a route gives one; a child that gives another means it instead of its parent's.
RIVALS: dict[str, list[set[str]]] = {
    "parallel_sweep": [{"spacing_nmi", "legs", "time_h"}],
    "creeping_line": [{"spacing_nmi", "legs", "time_h"}],
    "expanding_square": [{"datum", "area"}, {"legs", "time_h"}],
    "sector": [{"datum", "area"}],
}


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
    tracks: list[Tracks]
    """The straight tracks of each pass, (2, 2), in the order flown, whatever cuts them."""


def lay(
    route: Any,
    plane: Plane,
    shapes: Mapping[str, Any],
    performance: Performance,
    around: Around | None = None,
    closed: Any = None,
) -> Laid:
    """Lay a route over the plane, for an aircraft that flies in some manner.

    `shapes` has the areas, polygons in degrees, by name. No track enters `closed`, a geometry of the plane, and where
    the way from one to the next would, the aircraft goes `around(a, b)`, waypoints (n, 2) with both ends, turning on
    the spot; without `around` it goes straight. Raises `UnflyableError`.
    """
    closed = None if closed is None or closed.is_empty else closed
    region = _region(route, plane, shapes, closed)
    fly = partial(flown, radius=performance.turn_radius_nmi, gate=None if closed is None else Gate(closed, around))
    match route:
        case ParallelSweep() | CreepingLine():
            along = course_along(route, plane, _region(route, plane, shapes, None))  # whatever of it is closed
            return _lay_sweep(route, along, region, fly, performance)
        case ExpandingSquare():
            return _lay_square(route, plane, region, fly, performance)
        case Sector():
            datum = _datum(route, plane, region)
            tracks = sector(datum, route.radius_nmi, route.sectors, _grid(plane, route.heading_deg, datum), route.runs)
            return Laid([fly(tracks)], len(tracks), None, [tracks])
        case TrackLine() if route.spacing_nmi is not None:
            ways = track_line_beside(_line(plane, route.waypoints), route.spacing_nmi, route.returns)
            return Laid([fly(way) for way in ways], len(ways[0]), route.spacing_nmi, ways)
        case Racetrack():
            return _lay_racetrack(route, plane, partial(fly, radius=0.0), performance)
        case Barrier():
            ways = [segments(points) for points in barrier(_line(plane, route.line))]
        case _:
            ways = [segments(_line(plane, route.waypoints))]
    return Laid([fly(way) for way in ways], len(ways[0]), None, ways)


# ------------------------------------------------------------------------------------------- places
def _line(plane: Plane, places: Line) -> Floats:
    lonlat = np.array(places)
    return np.column_stack(plane.to_xy(lonlat[:, 0], lonlat[:, 1]))


def _region(route: Any, plane: Plane, shapes: Mapping[str, Any], closed: Any) -> Any:
    """The open sea of a route's area, on the plane; None for a route that has none."""
    name = getattr(route, "area", None)
    if name is None:
        return None
    sea = plane.sea(shapes[name])
    if closed is None or not shapely.intersects(sea, closed):
        return sea
    region = shapely.difference(sea, closed)
    if region.is_empty:
        raise UnflyableError("area", name, "an area that the zones do not close")
    return region


def _grid(plane: Plane, heading_deg: float, place: Floats) -> float:
    """The grid course of a true heading at a place on the plane."""
    lon, lat = plane.to_lonlat(place[0], place[1])
    return plane.grid_course(heading_deg, float(lon), float(lat))


def _datum(route: ExpandingSquare | Sector, plane: Plane, region: Any) -> Floats:
    """Where a pattern begins: as given, or the place in its area's sea that is nearest to its middle."""
    if route.datum is not None:
        return np.asarray(_line(plane, [route.datum])[0], float)
    near = shapely.shortest_line(region, region.centroid)
    return np.asarray(near.coords[0], float)


def _most(make: Callable[[int], Laid], hours: float, performance: Performance) -> Laid:
    """The pattern of as many legs as take at most some hours, however it is entered; by bisection."""

    def fits(legs: int) -> bool:
        return max(map(length_nmi, make(legs).passes)) <= hours * performance.speed_kn

    if not fits(1):
        least = max(map(length_nmi, make(1).passes)) / performance.speed_kn
        said = f"at least {math.ceil(100.0 * least) / 100.0:g}, what one leg takes at {performance.speed_kn:g} kn"
        raise UnflyableError("time_h", hours, said)
    few, many = 1, 2
    while many <= MOST_LEGS and fits(many):
        few, many = many, 2 * many
    many = min(many, MOST_LEGS + 1)
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (middle, many) if fits(middle) else (few, middle)
    return make(few)


# ------------------------------------------------------------------------------------------- the patterns
def course_along(route: _Sweep, plane: Plane, region: Any) -> float:
    """The grid course of a sweep's tracks over a region of the plane."""
    if route.heading_deg is not None:
        return _grid(plane, route.heading_deg, np.array([region.centroid.x, region.centroid.y]))
    return longest_side_course(region) + (90.0 if isinstance(route, CreepingLine) else 0.0)


def _lay_sweep(
    route: _Sweep, along: float, region: Any, fly: Callable[[Tracks], Floats], performance: Performance
) -> Laid:
    def spaced(spacing: float) -> Laid:
        ways, count = sweep_tracks(region, spacing, along)
        return Laid([fly(way) for way in ways], count, spacing, ways)

    low, high = width_of(region, along)
    if route.spacing_nmi is not None:
        least = (high - low) / MOST_LEGS
        if route.spacing_nmi < least:
            allowed = f"at least {math.ceil(1000.0 * least) / 1000.0:g}: {MOST_LEGS:,} legs at most"
            raise UnflyableError("spacing_nmi", route.spacing_nmi, allowed)
        return spaced(route.spacing_nmi)
    if route.legs is not None:
        return spaced((high - low) / route.legs)
    return _most(lambda count: spaced((high - low) / count), route.time_h or 0.0, performance)


def _lay_square(
    route: ExpandingSquare, plane: Plane, region: Any, fly: Callable[[Tracks], Floats], performance: Performance
) -> Laid:
    datum = _datum(route, plane, region)
    along = _grid(plane, route.heading_deg, datum)
    spacing = route.spacing_nmi
    whole = None if region is None else square_over(region, datum, spacing, along)

    def of(legs: int) -> Laid:
        tracks = expanding_square(datum, spacing, legs, along) if whole is None else whole[:legs]
        return Laid([fly(tracks)], len(tracks), spacing, [tracks])

    if route.time_h is not None:
        return _most(of, route.time_h, performance)
    return of(route.legs or MOST_LEGS)


def _lay_racetrack(route: Racetrack, plane: Plane, fly: Callable[[Tracks], Floats], performance: Performance) -> Laid:
    least = 2.0 * performance.turn_radius_nmi
    if route.width_nmi < least:
        said = (
            f"at least {math.ceil(100.0 * least) / 100.0:g}, twice the radius of a turn at {performance.speed_kn:g} kn"
        )
        raise UnflyableError("width_nmi", route.width_nmi, said)
    passes = racetrack(_line(plane, route.line), route.width_nmi)
    return Laid([fly(segments(one)) for one in passes], 2, None, [_straights(one) for one in passes])


def _straights(points: Floats) -> Tracks:
    """The two straights of a racetrack's pass: its first leg, and the one halfway round."""
    half = len(points) // 2
    return [points[:2], points[half : half + 2]]
