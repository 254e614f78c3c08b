"""One form for each polygon, however its corners were written, so that the same sea always has the same ships.

The order in which corners are listed decides, for example, where along the outline ships come in. A map tool that
exports a polygon again may begin it at another corner, turn it round, or add corners that change nothing.
"""

from typing import Any

import numpy as np
import shapely

from sim.core.arrays import Floats

SAME_DEG = 1e-6
"""Corners are compared to a millionth of a degree, 0.1 m: map tools round to six or more decimals."""

_WANTED = {
    "Self-intersection": "a polygon that does not cross itself",
    "Ring Self-intersection": "a polygon that does not touch itself",
    "Hole lies outside shell": "a polygon without a hole that lies outside it",
    "Holes are nested": "a polygon without a hole inside a hole",
    "Interior is disconnected": "a polygon that its holes do not cut into parts",
    "Nested shells": "polygons of which none lies inside another",
}
"""What is allowed instead, by the first words with which GEOS says why a polygon is not valid."""


def normal_polygon(shape: Any) -> Any:
    """Return a Polygon or MultiPolygon in degrees in its normal form.

    A ring begins at its western-most corner, the southern-most one if there are several. Corners that repeat, or that
    lie on the straight line between others, are left out. The outer ring runs counter-clockwise and holes clockwise.
    Holes, and polygons, are in the order of their corners from west to east.
    """
    polygons = [_normal(part) for part in shapely.get_parts(shape)]
    polygons.sort(key=lambda part: _rank(shapely.get_coordinates(part)))
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def fault_of(shape: Any) -> str:
    """Return what a Polygon or MultiPolygon has to be and where it fails, in words; an empty text where it is valid."""
    reason, _, place = shapely.is_valid_reason(shape).partition("[")
    if reason == "Valid Geometry":
        return ""
    where = f"; the fault is at [{', '.join(place.rstrip(']').split())}]" if place else ""
    return f"{_WANTED.get(reason, f'a valid polygon ({reason.lower()})')}{where}"


def _normal(polygon: Any) -> Any:
    """The normal form of one polygon; where it is too thin to lose a corner, it keeps all of them."""
    plain = _in_order(polygon, SAME_DEG)
    return plain if plain.is_valid and not plain.is_empty else _in_order(polygon, 0.0)


def _in_order(polygon: Any, tolerance_deg: float) -> Any:
    """A polygon in its normal order, without the corners that lie within a tolerance of the line between others."""
    outer, *holes = (
        _ring_in_order(ring, number > 0, tolerance_deg) for number, ring in enumerate(shapely.get_rings(polygon))
    )
    return shapely.Polygon(outer, sorted(holes, key=_rank))


def _ring_in_order(ring: Any, clockwise: bool, tolerance_deg: float) -> Floats:
    """The corners of a ring, (n, 2), closed: from its western-most corner round in one sense."""
    points = shapely.get_coordinates(ring)[:-1]
    if shapely.is_ccw(ring) == clockwise:
        points = points[::-1]
    lon, lat = _compared(points).T
    begun = np.roll(points, -int(np.lexsort((lat, lon))[0]), axis=0)
    whole = np.vstack([begun, begun[:1]])
    plain = shapely.simplify(shapely.LineString(whole), tolerance_deg, preserve_topology=False)
    corners = shapely.get_coordinates(plain)
    return corners if len(corners) > 3 else whole


def _compared(corners: Floats) -> Floats:
    """Corners, (n, 2), as they are compared with others."""
    return np.round(corners / SAME_DEG)


def _rank(corners: Floats) -> list[list[float]]:
    """What rings are sorted by: their corners, as they are compared."""
    ranks: list[list[float]] = _compared(corners).tolist()
    return ranks
