"""Places and names in a scenario: the theatre, areas and no-go zones, and references to parts that must exist.

Validation needs a context, the theatre's box and the names that exist, so that places and references are checked in
the same pass as everything else. The last part draws random places at sea.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Self

import numpy as np
import shapely
from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from sim.core import chance
from sim.core.arrays import Entities, Floats
from sim.core.codes import Purpose
from sim.core.fields import NAME_PATTERN, Latitude, Longitude, Part, listed, refuse
from sim.core.geo import Plane, plane_of
from sim.core.limits import MOST_CORNERS
from sim.core.rings import fault_of, normal_polygon

_MOST_TRIES = 100_000  # enough unless sea is less than about a hundred-thousandth of the box about an area


def in_theatre(points: list[tuple[float, float]], info: ValidationInfo) -> None:
    """Refuse points outside the theatre, and say so where longitude and latitude look swapped."""
    box = (info.context or {}).get("theatre")
    if box is None:
        return
    west, south, east, north = box
    for lon, lat in points:
        if not (west <= lon <= east and south <= lat <= north):
            swapped = west <= lat <= east and south <= lon <= north
            turned = next((other for other in (lon - 360.0, lon + 360.0) if west <= other <= east), None)
            hint = "; longitude and latitude look swapped: longitude comes first" if swapped else ""
            hint = hint if turned is None else f"; write the longitude {lon:g} as {turned:g}"
            where = f"a point in the theatre, {west:g} to {east:g} east and {south:g} to {north:g} north"
            raise refuse("place", f"{where}, not [{lon:g}, {lat:g}]{hint}")


def _position(value: tuple[float, float], info: ValidationInfo) -> tuple[float, float]:
    in_theatre([value], info)
    return value


def _reference(section: str) -> AfterValidator:
    """A name that must stand in a section of the scenario."""

    def check(value: str, info: ValidationInfo) -> str:
        names: dict[str, list[str]] = (info.context or {}).get("names", {})
        if names and value not in names.get(section, []):
            defined = listed(sorted(names.get(section, []))) or "none is defined"
            raise refuse(f"reference:{section}", f"a name from [{section}]: {defined}")
        return value

    return AfterValidator(check)


def _patrol_nation(value: str, info: ValidationInfo) -> str:
    """The nation of a patrol: any name, or one of [nations] where a scenario has that table."""
    names: dict[str, list[str]] = (info.context or {}).get("names", {})
    if names.get("nations") and value not in names["nations"]:
        raise refuse("reference:nations", f"a name from [nations]: {listed(sorted(names['nations']))}")
    return value


def needs_nation(value: Any, info: ValidationInfo) -> Any:
    """Refuse a key that needs the cell of a nation in a table whose `nation` is none of [nations]."""
    names: dict[str, list[str]] = (info.context or {}).get("names", {})
    if value is None:
        return value
    nation = info.data.get("nation", "")
    if nation is None:
        allowed = "tips only for a patrol with a nation, one of [nations], because the cell of a nation makes the tips"
        raise refuse("nation", allowed)
    if names and not names.get("nations"):
        allowed = "tips only where [nations] has the nation of the patrol, because the cell of a nation makes the tips"
        hint = f"add the table [nations.{nation}]" if re.match(NAME_PATTERN, nation) else ""
        raise refuse("nation", allowed, hint=hint or "add a table to [nations], and name it as nation of the patrol")
    return value


Number = Annotated[float, Field(strict=True)]
Position = Annotated[tuple[Number, Number], AfterValidator(_position)]


def _no_repeated_points(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    if any(point == following for point, following in pairwise(points)):
        raise refuse("line", "a line in which no two consecutive points are the same")
    return points


Line = Annotated[list[Position], Field(min_length=2, max_length=1000), AfterValidator(_no_repeated_points)]
AreaName = Annotated[str, _reference("areas")]
SensorName = Annotated[str, _reference("sensors")]
AircraftName = Annotated[str, _reference("aircraft")]
BaseName = Annotated[str, _reference("bases")]
RouteName = Annotated[str, _reference("routes")]
PatrolName = Annotated[str, _reference("patrols")]
VesselName = Annotated[str, _reference("vessels")]
BackgroundName = Annotated[str, _reference("background")]
NationName = Annotated[str, _reference("nations")]
PatrolNation = Annotated[str, Field(max_length=60), AfterValidator(_patrol_nation)]


MOST_DISTANCE_ERROR = 0.03
"""The greatest error of a distance on the plane of a theatre, as a share: beyond it, no distance would mean much."""
KEYS_OF_SIZE = ("north", "south", "east", "west")


def per_cent_text(low: float, high: float) -> str:
    """The least and the greatest of some errors, given as shares, in per cent."""
    return f"{100.0 * low:+.1f} to {100.0 * high:+.1f} %"


class Theatre(Part):
    """The box in longitude and latitude in which everything happens, and which sets the map projection."""

    west: Longitude
    """The longitude of the western edge, in degrees east."""
    south: Latitude
    """The latitude of the southern edge, in degrees north, from -65 to 65."""
    east: Longitude
    """The longitude of the eastern edge, in degrees east; at most 90 degrees from the western edge."""
    north: Latitude
    """The latitude of the northern edge, in degrees north, from -65 to 65. No distance on the plane of the theatre may
    be wrong by more than 3 %, so this edge is at most about 34 degrees from the southern edge."""

    @model_validator(mode="after")
    def _box(self) -> Self:
        for low, high in (("west", "east"), ("south", "north")):
            if getattr(self, low) >= getattr(self, high):
                raise refuse("range", f"a {low} that is less than {high}", low, high)
        if self.east - self.west > 90.0:
            raise refuse("range", "a theatre of at most 90 degrees of longitude", "west", "east")
        if self.south < -65.0 or self.north > 65.0:
            raise refuse("range", "a latitude from -65 to 65", "south" if self.south < -65.0 else "north")
        least, most = plane_of(self.box).distance_error
        if max(-least, most) > MOST_DISTANCE_ERROR:
            limit = f"distances on the plane within {100.0 * MOST_DISTANCE_ERROR:g} % of the true ones"
            text = f"a theatre with {limit}, not {per_cent_text(least, most)}; {self._smaller()}"
            raise refuse("range", text, *KEYS_OF_SIZE)
        return self

    def _smaller(self) -> str:
        """In words, a theatre of less height with the same middle whose plane is good enough; there is always one."""
        middle, half = (self.south + self.north) / 2.0, (self.north - self.south) / 2.0
        for share in np.arange(0.95, 0.0, -0.05):
            south, north = round(middle - share * half, 1), round(middle + share * half, 1)
            least, most = Plane(self.west, south, self.east, north).distance_error
            if max(-least, most) <= MOST_DISTANCE_ERROR:
                break
        return f"{north - south:.3g} degrees of latitude would do, such as south = {south}, north = {north}"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        return self.west, self.south, self.east, self.north


def _rings(value: Any) -> Iterator[Any]:
    """The polygons (lists of rings) of nested coordinates: a ring, a GeoJSON Polygon or a MultiPolygon."""
    depth, inner = 0, value
    while isinstance(inner, list | tuple) and inner:
        depth, inner = depth + 1, inner[0]
    polygons = value if depth == 4 else [value] if depth == 3 else [[value]]
    nested = all(isinstance(rings, list | tuple) and rings for rings in polygons)
    if (
        depth not in (2, 3, 4)
        or not nested
        or not all(isinstance(r, list | tuple) for rings in polygons for r in rings)
    ):
        raise refuse("polygon", "a list of [lon, lat] points, or the coordinates of a GeoJSON Polygon or MultiPolygon")
    yield from polygons


class Area(Part):
    """A named polygon of sea. Its edges are straight in longitude and latitude, and land inside it does not count."""

    forms = (frozenset({"polygon"}), frozenset({"file"}))
    polygon: list[Any]
    """The corners, [[lon, lat], ...] in degrees, or the coordinates of a GeoJSON Polygon or MultiPolygon. The first
    corner, the direction, and corners on straight edges do not matter. Exactly one of `polygon` and `file` is given."""

    @field_validator("polygon")
    @classmethod
    def _valid(cls, value: list[Any], info: ValidationInfo) -> list[Any]:
        shape = _shape(value)
        in_theatre([(float(x), float(y)) for x, y in shapely.get_coordinates(shape)], info)
        fault = fault_of(shape)
        if fault:
            raise refuse("polygon", fault)
        if shape.area < 1e-6:
            raise refuse("polygon", "a polygon of at least a millionth of a square degree")
        return value

    @cached_property
    def shape(self) -> Any:
        """The polygon in degrees, in the form that does not depend on how its corners were written."""
        return normal_polygon(_shape(self.polygon))


class Zone(Area):
    """A no-go zone: a polygon that routes and diversions go round. It holds over land too."""


# The hint where a polygon has too many corners.
SIMPLIFY = "a map tool such as QGIS can simplify it: 0.001 degrees of latitude are 0.06 nmi"


def _shape(value: list[Any]) -> Any:
    """Nested coordinates as one shapely geometry."""
    polygons, corners = [], 0
    for rings in _rings(value):
        corners += sum(map(len, rings))
        if corners > MOST_CORNERS:
            allowed = f"a polygon of at most {MOST_CORNERS:,} corners"
            raise refuse("polygon", allowed, hint=SIMPLIFY)
        for ring in rings:
            points = [tuple(p) for p in ring if isinstance(p, list | tuple) and len(p) == 2]
            if len(points) != len(ring) or not all(
                isinstance(c, int | float) and not isinstance(c, bool) and abs(c) <= 360.0 for p in points for c in p
            ):
                raise refuse("polygon", "points of two numbers, [lon, lat], each from -360 to 360")
            if len(set(points)) < 3:
                raise refuse("polygon", "at least three different points in each ring")
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


# ---------------------------------------------------------------------------------------------------- places at sea
def least_scale(plane: Plane, sea: Any) -> float:
    """A lower bound of the area scale of the plane over a sea, a geometry of the plane.

    The scale depends on latitude alone and is least at the parallel of the middle, so it is bounded by its values along
    the western and eastern ends and the middle of the sea.
    """
    if sea.is_empty:
        return 1.0
    west, south, east, north = sea.bounds
    grid, corners = np.linspace(south, north, 200), shapely.get_coordinates(sea)
    columns = [plane.area_scale(np.full(200, x), grid).min() for x in (west, (west + east) / 2, east)]
    return float(min(*columns, plane.area_scale(corners[:, 0], corners[:, 1]).min())) * 0.9999


def uniform_places(sea: Any, plane: Plane, least: float, key: Entities, purpose: Purpose, entities: Entities) -> Floats:
    """Random places, (n, 2), nmi, uniform over the true area of a sea of the plane: rejection from the box about it.

    `least` is a lower bound of the area scale over the sea, `key` the key of the replication, (2,), and `entities` the
    identities, (n,), by which the places are drawn. Raises `RuntimeError` where almost all of the box is no sea.
    """
    west, south, east, north = sea.bounds
    places = np.empty((entities.size, 2))
    left = np.arange(entities.size)
    for tries in range(_MOST_TRIES):
        if left.size == 0:
            return places
        spot = chance.uniforms(key, purpose, entities[left], 2 * tries)
        luck = chance.uniforms(key, purpose, entities[left], 2 * tries + 1)[:, 0]
        x, y = west + spot[:, 0] * (east - west), south + spot[:, 1] * (north - south)
        good = shapely.contains_xy(sea, x, y) & (luck * plane.area_scale(x, y) < least)
        places[left[good], 0], places[left[good], 1] = x[good], y[good]
        left = left[~good]
    raise RuntimeError(f"no sea was found in {_MOST_TRIES:,} tries in the box about an area")
