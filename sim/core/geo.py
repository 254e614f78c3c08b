"""The map projection of the theatre (its plane), land, polygons, and true and grid courses.

The plane is a Lambert conformal conic fitted to the theatre, in nautical miles. Every other module works in it; only
this one knows longitudes, latitudes and the angle between true and grid north.
"""

import gzip
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike

from sim.core.arrays import Floats
from sim.core.corridors import Coast
from sim.core.units import METRES_PER_NMI

LAND_BOX = (100.0, 5.0, 165.0, 60.0)  # west, south, east, north: what `land` holds
INSET = 1.0 / 6.5  # of the height; Deetz & Adams (1945) say a sixth, which errs more at the edges of a tall box
DENSIFY_DEG = (
    0.25  # edges are straight in longitude and latitude; the plane bends them, so they are cut into such pieces
)

OPEN_SEA_NMI = 10.0
"""How far from all land of `land` a place lies in open sea: an assumption.

A millimetre on a map of 1:10m is 5 nmi, and the airfields of East Asia on land won from the sea lie at most 2 nmi off
the drawn coast. What lies farther out is at sea, or on a small island or reef that the coastlines lack, as Pratas is.
"""


class Plane:
    """The plane of one theatre, a lon/lat box in degrees.

    Distances are within 1.5 % of the geodesic for the default theatre (118-146E, 22-46N), half of them within 0.7 %; a
    test measures it. `distance_error` and `area_error` measure it for any theatre.
    """

    def __init__(self, west: float, south: float, east: float, north: float) -> None:
        """Fit the projection: standard parallels so far inside the box that its middle and its edges err alike."""
        self.box = (west, south, east, north)
        self._areas: dict[bytes, tuple[Any, Any]] = {}
        height = north - south
        low, high = south + INSET * height, north - INSET * height
        middle = f"+lon_0={(west + east) / 2.0} +datum=WGS84 +to_meter={METRES_PER_NMI}"
        if abs(low + high) < 1.0:  # a cone that opens at the equator is a cylinder
            definition = f"+proj=merc +lat_ts={max(abs(low), abs(high))} {middle}"
        else:
            definition = f"+proj=lcc +lat_1={low} +lat_2={high} +lat_0={(south + north) / 2.0} {middle}"
        self.projection = pyproj.Proj(definition)

    def to_xy(self, lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
        """Return plane coordinates, nmi, of longitudes and latitudes in degrees; shapes are kept."""
        x, y = self.projection(np.asarray(lon, float), np.asarray(lat, float))
        return np.asarray(x, float), np.asarray(y, float)

    def to_lonlat(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return longitudes and latitudes, degrees, of plane coordinates in nmi; shapes are kept."""
        lon, lat = self.projection(np.asarray(x, float), np.asarray(y, float), inverse=True)
        return np.asarray(lon, float), np.asarray(lat, float)

    def convergence(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Return the grid course of true north at places, degrees clockwise from grid north; shapes are kept."""
        factors = self.projection.get_factors(np.asarray(lon, float), np.asarray(lat, float))
        return -np.asarray(factors.meridian_convergence, float)

    def grid_course(self, course_deg: float, lon: float, lat: float) -> float:
        """Return the course on the plane, degrees, of a true course at a place."""
        return float((course_deg + self.convergence(lon, lat)) % 360.0)

    def true_course(self, grid_deg: float, lon: float, lat: float) -> float:
        """Return the true course, degrees, of a course on the plane at a place."""
        return float((grid_deg - self.convergence(lon, lat)) % 360.0)

    @cached_property
    def distance_error(self) -> tuple[float, float]:
        """The least and the greatest error of a distance in the theatre, as shares of the true one, along geodesics.

        Measured between all pairs of a grid of 9 by 9 places, and for short distances at 65 latitudes, on which alone
        their scale depends.
        """
        west, south, east, north = self.box
        lon, lat = (axis.ravel() for axis in np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9)))
        a, b = np.triu_indices(lon.size, 1)
        true = pyproj.Geod(ellps="WGS84").inv(lon[a], lat[a], lon[b], lat[b])[2] / METRES_PER_NMI
        x, y = self.to_xy(lon, lat)
        far = true > 0.0
        long = np.hypot(x[a] - x[b], y[a] - y[b])[far] / true[far]
        scales = np.concatenate([long, np.asarray(self._factors.meridional_scale, float)])
        return float(scales.min() - 1.0), float(scales.max() - 1.0)

    @property
    def area_error(self) -> tuple[float, float]:
        """The least and the greatest error of a small area in the theatre, as shares of the true one."""
        scale = np.asarray(self._factors.areal_scale, float)
        return float(scale.min() - 1.0), float(scale.max() - 1.0)

    @cached_property
    def _factors(self) -> Any:
        """The scales of lengths and areas in the projection, at 65 latitudes of the theatre."""
        west, south, _, north = self.box
        return self.projection.get_factors(np.full(65, west), np.linspace(south, north, 65))

    def area_scale(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return plane area over true area at points of the plane, nmi; shapes are kept."""
        radius = np.hypot(np.asarray(x, float), np.asarray(y, float) - self._apex)
        return np.asarray(np.interp(radius, *self._scale_table), float)

    @cached_property
    def _apex(self) -> float:
        """The y of the point about which the cone unrolls, nmi; far away for a cylinder."""
        pole = 89.999999 if self.box[1] + self.box[3] > 0.0 else -89.999999
        return float(self.projection(0.0, pole)[1]) if "lcc" in self.projection.srs else 1e9

    @cached_property
    def _scale_table(self) -> tuple[Floats, Floats]:
        """Radius about the apex against area scale: the scale depends on latitude alone."""
        west, south, _, north = self.box
        lat = np.linspace(max(south - 5.0, -85.0), min(north + 5.0, 85.0), 2001)
        lon = np.full_like(lat, west)
        x, y = self.to_xy(lon, lat)
        scale = np.asarray(self.projection.get_factors(lon, lat).areal_scale, float)
        radius = np.hypot(x, y - self._apex)
        order = np.argsort(radius)
        return radius[order], scale[order]

    def project(self, shape: Any) -> Any:
        """Return a shapely geometry in degrees as a geometry of the plane, its edges cut finely first."""
        fine = shapely.segmentize(shape, DENSIFY_DEG)
        return shapely.transform(fine, lambda points: np.column_stack(self.to_xy(points[:, 0], points[:, 1])))

    @cached_property
    def land(self) -> Any:
        """The land in and around the theatre, a geometry of the plane."""
        west, south, east, north = self.box
        return shapely.make_valid(self.project(land_within(west - 3.0, south - 3.0, east + 3.0, north + 3.0)))

    @cached_property
    def coast(self) -> Coast:
        """The same land with the edges of its outline, for corridors along it."""
        return Coast.of(self.land)

    def sea(self, area: Any) -> Any:
        """Return the sea part of an area in degrees, as a geometry of the plane."""
        return self._whole_and_sea(area)[1]

    def land_share(self, area: Any) -> float:
        """Return the share of an area in degrees that is land, 0 to 1."""
        whole, sea = self._whole_and_sea(area)
        return 1.0 - float(sea.area / whole.area)

    def _whole_and_sea(self, area: Any) -> tuple[Any, Any]:
        """An area in degrees and its sea part, as geometries of the plane; computed once."""
        if area.wkb not in self._areas:
            whole = self.project(area)
            self._areas[area.wkb] = whole, shapely.difference(whole, self.land) if any_land(area) else whole
        return self._areas[area.wkb]


@lru_cache(maxsize=8)
def plane_of(box: tuple[float, float, float, float]) -> Plane:
    """Return the plane of a theatre, made once; the box is west, south, east, north in degrees."""
    return Plane(*box)


@lru_cache(maxsize=1)
def land() -> Any:
    """Natural Earth 1:10m land (public domain), clipped to 100-165E, 5-60N, degrees. Made by `tools/make_land.py`."""
    packed = files("sim.core").joinpath("data/land.geojson.gz").read_bytes()
    return shapely.from_geojson(gzip.decompress(packed))


@lru_cache(maxsize=4)
def land_within(west: float, south: float, east: float, north: float) -> Any:
    """Return the land inside a box, in degrees."""
    return shapely.make_valid(shapely.clip_by_rect(land(), west, south, east, north))


def any_land(area: Any) -> bool:
    """Return whether some land lies in an area in degrees."""
    shapely.prepare(area)
    return bool(shapely.intersects(area, land()))


def is_open_sea(lon: float, lat: float) -> bool:
    """Return whether a place, in degrees, is farther than `OPEN_SEA_NMI` from all land.

    It is False beyond `LAND_BOX`, and so near to its edge that land beyond may be nearer: nothing is known there.
    """
    scale = np.array([60.0 * np.cos(np.radians(lat)), 60.0])  # nautical miles in a degree
    wide, high = OPEN_SEA_NMI / scale
    west, south, east, north = lon - wide, lat - high, lon + wide, lat + high
    if west < LAND_BOX[0] or south < LAND_BOX[1] or east > LAND_BOX[2] or north > LAND_BOX[3]:
        return False
    near = shapely.transform(land_within(west, south, east, north), lambda points: (points - [lon, lat]) * scale)
    return bool(near.is_empty or shapely.distance(near, shapely.Point(0.0, 0.0)) > OPEN_SEA_NMI)


def outline_of(shape: Any, tolerance_nmi: float) -> Any:
    """Return an area with a simpler boundary, and without islands smaller than the square of the tolerance, nmi."""
    simple = shapely.get_parts(shapely.simplify(shape, tolerance_nmi))
    return shapely.MultiPolygon([_without_islets(part, tolerance_nmi**2) for part in simple])


def _without_islets(sea: Any, least_nmi2: float) -> Any:
    """A polygon without its holes smaller than an area, nmi2."""
    rings = shapely.get_rings(sea)
    islands = [ring for ring in rings[1:] if shapely.area(shapely.polygons(ring)) >= least_nmi2]
    return shapely.Polygon(rings[0], islands)


def polygon_edges(shape: Any) -> Floats:
    """Return the boundary of an area as edges (4, n): x, y of the start and the vector; the inside is on their left."""
    parts = shapely.get_parts(shapely.orient_polygons(shape, exterior_cw=False))
    rings = [shapely.get_coordinates(ring) for part in parts for ring in shapely.get_rings(part)]
    return np.ascontiguousarray(np.vstack([np.hstack([ring[:-1], np.diff(ring, axis=0)]) for ring in rings]).T)
