"""The polygons of a GeoJSON file, or what is wrong with the file in words."""

import json
import math
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import shapely

from sim.core.rings import fault_of
from sim.scenario.problems import toml_text

_WITHOUT_AREA = ("Point", "MultiPoint", "LineString", "MultiLineString")
_INSIDE = {"FeatureCollection": "features", "Feature": "geometry", "GeometryCollection": "geometries"}
_TYPES = (*_INSIDE, "Polygon", "MultiPolygon", *_WITHOUT_AREA)
_WGS_84 = ("4326", "4979", "CRS84", "CRS84H", "WGS84")  # codes of longitude and latitude in WGS 84, with heights or not
_OTHER_FORMATS = {b"PK\x03\x04": "a ZIP archive", b"<": "XML, such as KML", b"\x00\x00\x27\x0a": "a shapefile"}
_NOT_GEOJSON = "the file is not GeoJSON"


def geojson_shape(content: bytes) -> Any:
    """Return the polygons of a GeoJSON geometry, feature or collection as one shape, in degrees.

    The content is that of the file: UTF-8 with or without a byte order mark, or UTF-16. What has no area is left out.
    Raises ValueError, which says what is wrong, if the content is not GeoJSON, is not in degrees of WGS 84, or has no
    polygon.
    """
    polygons = [
        _polygon(rings, where)
        for where, geometry in _geometries(_document(content), "the file", 0)
        for rings in _rings_of_polygons(geometry, where)
    ]
    if not polygons:
        raise ValueError("the file holds no Polygon or MultiPolygon")
    return shapely.union_all(polygons)


def _document(content: bytes) -> Any:
    """The JSON of a file; whole numbers are read as the others are."""
    try:
        return json.loads(content, parse_int=float)
    except json.JSONDecodeError as error:
        kind = next((name for start, name in _OTHER_FORMATS.items() if content.startswith(start)), "")
        reason = f"it is {kind}" if kind else f"line {error.lineno} is not valid JSON: {error.msg.lower()}"
        raise ValueError(f"{_NOT_GEOJSON}; {reason}") from None
    except UnicodeDecodeError:
        kind = next((name for start, name in _OTHER_FORMATS.items() if content.startswith(start)), "not text in UTF-8")
        raise ValueError(f"{_NOT_GEOJSON}; it is {kind}") from None
    except RecursionError:
        raise ValueError(f"{_NOT_GEOJSON}; its brackets are nested too deeply") from None


def _geometries(part: Any, where: str, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The geometries in a part of the document that have an area, each with the words for its place in the file."""
    if not isinstance(part, dict) or depth > 50:
        raise ValueError(f"{_NOT_GEOJSON}; {where} is {'nested too deeply' if depth else 'not an object in braces'}")
    _refuse_other_systems(part.get("crs"))
    kind = part.get("type", next((kind for kind, inside in _INSIDE.items() if inside in part), None))
    if kind not in _TYPES:
        given = f"the type {toml_text(kind)}, which GeoJSON does not have" if isinstance(kind, str) else "no type"
        raise ValueError(f"{_NOT_GEOJSON}; {where} has {given}")
    if kind in ("Polygon", "MultiPolygon"):
        yield where, part
    elif kind == "Feature" and part.get("geometry") is not None:
        yield from _geometries(part["geometry"], where, depth + 1)
    elif kind in ("FeatureCollection", "GeometryCollection"):
        yield from _geometries_of_list(part.get(_INSIDE[kind]), _INSIDE[kind], where, depth)


def _geometries_of_list(parts: Any, name: str, where: str, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The geometries in a list of features or of geometries."""
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise ValueError(f"{_NOT_GEOJSON}; {name} of {where} is not a list of objects in braces")
    for number, part in enumerate(parts, 1):
        yield from _geometries(part, f"feature {number}" if name == "features" else where, depth + 1)


def _refuse_other_systems(crs: Any) -> None:
    """Refuse coordinates that are not longitude and latitude in WGS 84, as the old member `crs` of GeoJSON says."""
    if crs is None:
        return
    named = crs.get("properties") if isinstance(crs, dict) else None
    name = (named.get("name") or named.get("code")) if isinstance(named, dict) else None
    text = f"{name:.0f}" if isinstance(name, float) else name if isinstance(name, str) else ""
    code = re.split(r"[:/#]", text.replace(" ", ""))[-1].upper()
    if code not in _WGS_84:
        raise ValueError(
            f"its coordinates are in {_system_title(text, code)}, as its member crs says; "
            "export it in longitude and latitude of WGS 84, which is EPSG:4326"
        )


def _system_title(text: str, code: str) -> str:
    """A reference system in words: its code and its title where it is one of EPSG's, else the text that names it."""
    import pyproj

    if re.fullmatch(r"\d{4,6}", code, re.ASCII):
        try:
            return f"EPSG:{code}, {pyproj.CRS.from_epsg(int(code)).name}"
        except pyproj.exceptions.CRSError:  # EPSG has no system of this code
            return f"EPSG:{code}"
    return f"the system {toml_text(text)}" if text else "a system without a name"


def _rings_of_polygons(geometry: dict[str, Any], where: str) -> Iterator[list[list[tuple[float, float]]]]:
    """The rings of each polygon of a geometry; polygons without any are left out."""
    coordinates: Any = geometry.get("coordinates")
    polygons: Any = coordinates if geometry.get("type") == "MultiPolygon" else [coordinates]
    lists = isinstance(polygons, list) and all(isinstance(rings, list) for rings in polygons)
    if not lists or not all(isinstance(ring, list) for rings in polygons for ring in rings):
        raise ValueError(f"the coordinates of {where} are not a list of rings")
    for rings in polygons:
        if any(rings):
            yield [[_corner(position, where) for position in ring] for ring in rings]


def _corner(position: Any, where: str) -> tuple[float, float]:
    """The longitude and latitude of a position; a height is ignored."""
    numbers = position[:2] if isinstance(position, list) else []
    if len(numbers) < 2 or not all(isinstance(number, float) and math.isfinite(number) for number in numbers):
        is_flat = not isinstance(position, list | dict) or not any(isinstance(one, list | dict) for one in position)
        given = f"the corner {toml_text(position)}" if is_flat else "a corner that holds lists"
        raise ValueError(f"{where} has {given}, which is not [longitude, latitude]")
    lon, lat = numbers
    if max(abs(lon), abs(lat)) > 360.0:
        raise ValueError(f"{where} has the corner [{lon:g}, {lat:g}], which is not in degrees; it may be in metres")
    if abs(lat) > 90.0:
        swapped = "; longitude and latitude look swapped: longitude comes first" if abs(lon) <= 90.0 else ""
        raise ValueError(f"{where} has the corner [{lon:g}, {lat:g}], but no latitude is beyond 90 degrees{swapped}")
    return lon, lat


def _polygon(rings: list[list[tuple[float, float]]], where: str) -> Any:
    """The polygon of some rings; raises ValueError where they make no valid one, or cross the date line."""
    for ring in rings:
        if len(set(ring)) < 3:
            raise ValueError(f"{where} has a ring without three different corners")
        jump = next((pair for pair in pairwise([*ring, ring[0]]) if abs(pair[0][0] - pair[1][0]) > 180.0), None)
        if jump:
            (west, _), (east, _) = jump
            raise ValueError(f"{where} crosses the date line, from {west:g} to {east:g} degrees; no theatre crosses it")
    polygon = shapely.Polygon(rings[0], rings[1:])
    fault = fault_of(polygon)
    if fault:
        raise ValueError(f"{where} needs {fault}")
    return polygon
