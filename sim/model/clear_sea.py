"""The sea in which boats work, a distance off all land, and their shortest ways round land to a port."""

from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core.airspace import Airspace
from sim.core.arrays import Floats, Ints
from sim.core.geo import Plane, any_land

CLEAR_NMI = 2.0
"""The distance that boats keep from land: an assumption. Straits that are narrower than twice this are closed."""
OUTLINE_NMI = 0.9
"""The tolerance of simplified outlines. The land between an outline and a simpler one lies within twice the tolerance
of the first, and 0.9 is less than half of the clearance, so that no simpler outline cuts into land."""
PORT_NMI = 30.0
"""How far from the clear sea a port may lie: an assumption. Its boats begin their passage where that sea begins. Among
the islands of south-west Korea some ports lie 17 nmi from it."""
_EDGE_NMI = 0.5  # the tolerance with which the edges of areas are simplified
_LEAST_NMI2 = 0.01  # smaller pieces of clear sea are left out
_MARGIN_NMI = 0.01  # ways bend so far off the edge of the clear sea
_ROOMS_NMI = (60.0, 240.0, 4000.0)  # ways are looked for so far about the area and the port; the last is everywhere
_PROBES = 256  # places in the sea by which the length of ways is known


@lru_cache(maxsize=4)
def shore_of(plane: Plane) -> Any:
    """All land of a theatre grown by the clearance, with a simpler outline; a geometry of the plane."""
    return shapely.simplify(shapely.buffer(plane.land, CLEAR_NMI), OUTLINE_NMI)


@lru_cache(maxsize=4)
def _closed_shore(plane: Plane) -> Any:
    """The shore of a theatre with all water that it encloses."""
    parts = [part for part in shapely.get_parts(shore_of(plane)) if part.geom_type == "Polygon"]
    return shapely.union_all([shapely.Polygon(part.exterior) for part in parts])


def clear_sea(plane: Plane, area: Any, reachable: bool = False) -> Any:
    """The part of an area in degrees that is clear of land, a geometry of the plane; it may be empty.

    Where it must be `reachable`, water that land and narrow straits enclose is left out.
    """
    whole = shapely.make_valid(shapely.simplify(plane.project(area), _EDGE_NMI))
    near = shapely.buffer(area, 3.0 * CLEAR_NMI / 60.0)
    if reachable or any_land(near):
        whole = shapely.difference(whole, _closed_shore(plane) if reachable else shore_of(plane))
    parts = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon"]
    return shapely.MultiPolygon([part for part in parts if part.area > _LEAST_NMI2])


class Harbour:
    """A port, and the shortest ways to it over the clear sea from an area."""

    def __init__(self, plane: Plane, port: tuple[float, float], sea: Any) -> None:
        """Find the place nearest to the port, in degrees, at which the clear sea begins; `sea` is that of the area."""
        self._closed, self._sea = _closed_shore(plane), sea
        given = shapely.Point(*map(float, plane.to_xy(*port)))
        near = shapely.intersection(self._closed, shapely.buffer(given, 3.0 * PORT_NMI))
        shore = shapely.boundary(shapely.buffer(near, 2.0 * _MARGIN_NMI))
        ashore = shapely.dwithin(near, given, 2.0 * _MARGIN_NMI)
        place = shapely.get_point(shapely.shortest_line(shore, given), 0) if ashore else given
        self.place: Floats = np.array([place.x, place.y])
        """Where passages begin and end, on the plane, (2,)."""
        self.off_nmi = float(shapely.distance(place, given))
        """How far this place lies from the port."""

    @cached_property
    def probes(self) -> Floats:
        """Places uniform in the sea of the area, (n, 2), on a lattice (the R2 sequence of Roberts, 2018)."""
        west, south, east, north = self._sea.bounds
        number = np.arange(1, 400 * _PROBES)
        x = west + (0.5 + 0.7548776662466927 * number) % 1.0 * (east - west)
        y = south + (0.5 + 0.5698402909980532 * number) % 1.0 * (north - south)
        inside = np.flatnonzero(shapely.contains_xy(self._sea, x, y))[:_PROBES]
        return np.column_stack([x[inside], y[inside]])

    @cached_property
    def probe_ways(self) -> list[Floats]:
        """The ways from the probes to the port, (k, 2) each."""
        points, counts = self.ways(self.probes)
        return np.split(points, np.cumsum(counts)[:-1])

    @cached_property
    def mean_nmi(self) -> float:
        """The mean length of the ways."""
        return float(np.mean([np.hypot(*np.diff(way, axis=0).T).sum() for way in self.probe_ways]))

    def ways(self, points: Floats) -> tuple[Floats, Ints]:
        """The shortest way from each of n places (n, 2) to the port, both ends included.

        Returns the waypoints of all ways, one after the other (k, 2), and the number of waypoints of each way, (n,).
        """
        from sim.core import kernels

        tree = self._tree
        points = np.ascontiguousarray(points)
        first = kernels.first_corners(points, *self.place, tree.space.corners, tree.far, tree.space.walls)
        counts = 1 + tree.counts[first]
        ends = np.cumsum(counts)
        way = np.repeat(np.arange(counts.size), counts)
        number = np.arange(way.size) - (ends - counts)[way]  # of a waypoint on its way, 0 for the place itself
        onward = tree.waypoints[np.maximum(tree.starts[first][way] + number - 1, 0)]
        return np.where((number == 0)[:, None], points[way], onward), counts

    @cached_property
    def _tree(self) -> "_Tree":
        """The ways from all corners to the port.

        The corners are those near the area and the port, or, where no way from some probe stays there, those farther
        about.
        """
        around = shapely.union(self._sea.envelope, shapely.Point(self.place))
        for room in _ROOMS_NMI:
            window = shapely.box(*shapely.buffer(around, room, join_style="mitre").bounds)
            near = shapely.get_parts(shapely.intersection(self._closed, window))
            zones = [part for part in near if part.geom_type == "Polygon"]
            tree = _Tree.of(Airspace(zones, _MARGIN_NMI, shapely.buffer(window, -1.0)), self.place)
            if tree.reaches(self.place, self.probes):
                break
        return tree


class _Tree(NamedTuple):
    """The shortest ways to a port from the k corners of what lies in the way.

    The ways with two more numbers, -1 and -2, come last: these ways go straight to the port.
    """

    space: Airspace
    far: Floats
    """The length of the way from each corner, nmi, (k,)."""
    waypoints: Floats
    """The waypoints of all ways from corners, one after the other, (m, 2)."""
    starts: Ints
    """Where the waypoints of each way begin, (k + 2,)."""
    counts: Ints
    """How many waypoints each way has, (k + 2,)."""

    @classmethod
    def of(cls, space: Airspace, place: Floats) -> "_Tree":
        """Find the ways from all corners to a place, (2,)."""
        onward, far = space.tree_home(place)
        tails = {-1: place[None]}
        for corner in np.argsort(far).tolist():  # those nearer to the port come first, so the rest is known
            if np.isfinite(far[corner]):
                tails[corner] = np.vstack([space.corners[corner], tails[int(onward[corner])]])
        ways = [tails.get(corner, place[None]) for corner in range(len(far))] + [place[None]] * 2
        counts = np.array([len(way) for way in ways])
        return cls(space, far, np.vstack(ways), np.cumsum(counts) - counts, counts)

    def reaches(self, place: Floats, points: Floats) -> bool:
        """Whether a way leads from every one of some points, (n, 2), to the port at a place."""
        from sim.core import kernels

        found = kernels.first_corners(points, *place, self.space.corners, self.far, self.space.walls)
        return bool(np.all(found != -2))


def harbour_of(plane: Plane, port: tuple[float, float], sea: Any) -> Harbour:
    """The port of a sea; made once, since all points of a study have the same ways."""
    return _harbour_of(plane, port, shapely.to_wkb(sea))


@lru_cache(maxsize=8)
def _harbour_of(plane: Plane, port: tuple[float, float], sea: bytes) -> Harbour:
    return Harbour(plane, port, shapely.from_wkb(sea))
