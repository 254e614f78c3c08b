"""The map below a replay as plain data: land, graticule, areas, zones and bases on the plane.

Places are in nautical miles. Land reaches as far as the page can be moved, which is wider than its first view.
"""

from typing import Any

import numpy as np
import shapely

from plots.basemap import Bounds, degrees_label, round_step
from sim.core.arrays import Floats
from sim.core.geo import Plane
from sim.scenario.schema import Scenario

_PARTS_OF_MILE = 10
"""Coasts and other outlines are rounded to a tenth of a nautical mile, which is less than the coastlines know."""
_COAST_NMI = 0.15  # a coastline may differ so much from the included one
_LATTICE = 17  # rows and columns of the places whose longitude and latitude the page knows


def wider(bounds: Bounds, share: float) -> Bounds:
    """Bounds that reach farther on each side, by a share of their width and height."""
    west, south, east, north = bounds
    dx, dy = share * (east - west), share * (north - south)
    return west - dx, south - dy, east + dx, north + dy


def map_data(scenario: Scenario, view: Bounds, whole: Bounds) -> dict[str, Any]:
    """The map: `view` is what the page shows at first, and `whole` where it can be moved to."""
    plane = scenario.plane
    frame = shapely.buffer(shapely.box(*whole), 5.0)
    land = shapely.simplify(shapely.intersection(plane.land, frame), _COAST_NMI)
    sources = {source.area for source in scenario.transfers.values()}
    return {
        "view": _rounded(view, 1),
        "whole": _rounded(whole, 1),
        "land": _rings(land),
        "lattice": _lattice(plane, whole),
        "graticule": _graticule(plane, view, whole),
        "areas": [
            {"name": name, "rings": _rings(plane.project(area.shape)), "transfers": name in sources}
            for name, area in scenario.areas.items()
        ],
        "zones": [{"name": name, "rings": _rings(plane.project(zone.shape))} for name, zone in scenario.zones.items()],
        "bases": [[name, *_rounded(plane.to_xy(*base.position), 2)] for name, base in scenario.bases.items()],
    }


def _rounded(values: Any, digits: int) -> list[float]:
    """Numbers as a list, rounded; a whole number has no decimals."""
    return [short(value, digits) for value in np.asarray(values, float).ravel().tolist()]


def short(value: float, digits: int) -> float:
    """A number rounded for a page: a whole one is an integer, so that JSON writes no decimals."""
    rounded = round(value, digits)
    return int(rounded) if rounded == int(rounded) else rounded


def _rings(shape: Any) -> list[list[int]]:
    """The rings of a polygon or of several: x, y of the first point, then the steps, in tenths of a mile, flat."""
    found = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            found += [_steps(np.asarray(ring.coords)) for ring in (part.exterior, *part.interiors)]
    return [ring for ring in found if len(ring) > 4]


def _steps(points: Floats) -> list[int]:
    """A line as its first point and the steps that follow, flat; a step of no length is left out."""
    whole = np.round(points * _PARTS_OF_MILE).astype(int)
    steps = np.vstack([whole[:1], np.diff(whole, axis=0)])
    kept = np.append(True, np.any(steps[1:] != 0, axis=1))
    return [int(value) for value in steps[kept].ravel()]


def _lattice(plane: Plane, whole: Bounds) -> dict[str, Any]:
    """The longitude and latitude of rows and columns of places, row by row from the south-west, degrees.

    Longitudes go on beyond 180, so that a page may interpolate between them.
    """
    west, south, east, north = whole
    x, y = np.meshgrid(np.linspace(west, east, _LATTICE), np.linspace(south, north, _LATTICE))
    lon, lat = plane.to_lonlat(x, y)
    lon = np.unwrap(np.unwrap(lon, period=360.0, axis=0), period=360.0, axis=1)
    return {"side": _LATTICE, "lon": _rounded(lon, 4), "lat": _rounded(lat, 4)}


def _graticule(plane: Plane, view: Bounds, whole: Bounds) -> list[list[Any]]:
    """Meridians and parallels: the label of each, whether it is a meridian, and its line as in `_rings`."""
    lattice_lon, lattice_lat = (np.array(_lattice(plane, whole)[name]) for name in ("lon", "lat"))
    seen = _lattice(plane, view)
    step = round_step(max(float(np.ptp(seen["lon"])), float(np.ptp(seen["lat"]))), 9)
    lines: list[list[Any]] = []
    along = (np.linspace(v.min() - step, v.max() + step, 40) for v in (lattice_lat, lattice_lon))
    along_lat, along_lon = along
    for lon in _multiples(lattice_lon, step):
        points = np.column_stack(plane.to_xy(np.full(40, lon), np.clip(along_lat, -89.0, 89.0)))
        lines.append([degrees_label(lon, "E", "W"), 1, _steps(points)])
    for lat in _multiples(lattice_lat, step):
        points = np.column_stack(plane.to_xy(along_lon, np.full(40, lat)))
        lines.append([degrees_label(lat, "N", "S"), 0, _steps(points)])
    return lines


def _multiples(values: Floats, step: float) -> list[float]:
    """The multiples of a step among some values, and one on each side."""
    return [float(v) for v in np.arange(np.floor(values.min() / step), np.ceil(values.max() / step) + 1) * step]
