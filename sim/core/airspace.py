"""No-go zones, where aircraft may not fly, and the shortest paths round them.

Zones are polygons of the plane, in nmi. Paths keep a margin from them. They bend only at the convex corners of
`closed_with_margin`, the zones grown by the margin, since a shortest path among polygons bends nowhere else
(Lozano-Pérez & Wesley, 1979). The shortest distances between all corners are computed once, by Dijkstra's method on the
visibility graph, whose edges join the corners between which no wall stands. A path between two places is then found
from the corners that are visible from either place: the least sum of three distances.
"""

import sys
from collections.abc import Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike

from sim.core.arrays import Flags, Floats, Ints
from sim.core.geo import Plane
from sim.core.turns import length_nmi

MARGIN_NMI = 0.5  # the distance that paths keep from a zone: an assumption
OUTLINE_NMI = 0.05  # outlines are simplified by a tenth of the margin: fewer corners, and paths still 0.45 nmi clear
SLACK_NMI = 1e-6  # 2 mm: walls stand so far inside the margin that rounding makes no path along its edge cross them
_MITRE = 2.0  # margins: a sharp corner reaches no farther out than this; below 60 degrees it is cut
_FLAT = 1e-12  # a corner whose turn has a smaller sine than this is taken for straight
_AT_ONCE = 2_000_000  # the most pairs of path and wall that are examined together, so that memory stays small


class NoPathError(Exception):
    """No path leads between two places: one of them lies in a no-go zone, or zones enclose it.

    It is not a `ValueError`, so that code which catches it cannot hide another fault.
    """


class Airspace:
    """No-go zones united, and paths round them. What a ring of zones encloses cannot be reached, so it is closed, too.

    A path may begin within the margin, as beside a vessel that drifts along a zone; it may then leave the margin, but
    not enter it again.
    """

    def __init__(self, zones: Sequence[Any] = (), margin_nmi: float = MARGIN_NMI, within: Any = None) -> None:
        """Unite the zones, shapely polygons of the plane, nmi; without zones nothing is closed.

        Where a convex shape `within` is given, paths bend only at corners inside it, so that a path between two places
        inside the shape stays inside.
        """
        self.closed = _filled(_united(zones))
        """The zones without the margin, a shapely geometry."""
        grown = shapely.buffer(self.closed, margin_nmi, join_style="mitre", mitre_limit=_MITRE)
        self.closed_with_margin = _filled(grown)
        """The zones with the margin about them, a shapely geometry."""
        self._inner = shapely.buffer(self.closed_with_margin, -SLACK_NMI, join_style="mitre", mitre_limit=_MITRE)
        self.walls = np.vstack([_edges(self._inner), _edges(self.closed)])
        """The edges (m, 4) of the margin and of the zones, x0, y0, x1, y1, the closed side on the left of each. A path
        must not cross one from right to left."""
        self.corners, self._sides = _convex_corners(self.closed_with_margin)
        if within is not None:
            inside = shapely.contains_xy(within, *self.corners.T)
            self.corners, self._sides = self.corners[inside], self._sides[inside]
        shapely.prepare([self.closed, self._inner])
        self._bounds = shapely.buffer(self.closed, 1.0).bounds  # nmi; not a number where there is no zone
        # Many paths begin where an aircraft is: what was found of the last beginning is kept for the next path.
        self._outside: list[float] = []
        self._start: tuple[float, float, Floats] | None = None

    def are_clear(self, starts: ArrayLike, ends: ArrayLike) -> Flags:
        """Return whether each straight path, from (n, 2) to (n, 2), stays out of the zones and their margin, (n,).

        A path along the edge of the margin is clear, and so is one that begins or ends within the margin and lies
        outside it from there on.
        """
        a, b = np.broadcast_arrays(np.atleast_2d(np.asarray(starts, float)), np.atleast_2d(np.asarray(ends, float)))
        clear = ~_are_blocked(a, b, self.walls)
        for points in (a, b):
            clear &= ~shapely.intersects_xy(self.closed, points[:, 0], points[:, 1])
        return np.asarray(clear, bool)

    def is_clear(self, a: ArrayLike, b: ArrayLike) -> bool:
        """Return whether the straight path between two points (2,) stays out of the zones and their margin."""
        return bool(self.are_clear(a, b)[0])

    def path(self, a: ArrayLike, b: ArrayLike) -> Floats:
        """Return the shortest path from a to b, points (2,): its waypoints (n, 2), both ends included.

        Raises NoPathError if a point lies in a zone, or if no path leads from one to the other.
        """
        ends = np.array([a, b], float)
        if not len(self.walls):
            return ends
        places = ends.tolist()
        for place in places:
            if place != self._outside and self._lies_in_zone(*place):
                raise NoPathError(f"({', '.join(f'{c:g}' for c in place)}) lies in a no-go zone")
        self._outside = places[0]
        if not self._is_blocked(*ends):
            return ends
        between, previous = self._between
        total = self._seen_from_start(ends[0])[:, None] + between + self._seen_from(ends[1])
        first, at = divmod(int(total.argmin()), len(between))
        if not np.isfinite(total[first, at]):
            raise NoPathError("no path leads out of a gap between zones that is narrower than their margins")
        bends = [at]
        while bends[-1] != first:
            bends.append(int(previous[first, bends[-1]]))
        found = [places[0], *self.corners[bends[::-1]].tolist(), places[1]]
        # An end may be a corner.
        return np.array([found[0], *(place for before, place in pairwise(found) if place != before)])

    def length(self, a: ArrayLike, b: ArrayLike) -> float:
        """Return the length of the shortest path, nmi; raises NoPathError as `path` does."""
        return length_nmi(self.path(a, b))

    def tree_home(self, base: ArrayLike) -> tuple[Ints, Floats]:
        """Return the tree of shortest paths from the k corners to a base (2,).

        For each corner it holds the number of the next corner on the path, -1 where that is the base, (k,), and the
        length of the path, nmi, (k,). From a place from which the base is not visible, the shortest path goes by the
        visible corner with the least sum of the distance to it and its own; see `lengths_home`. Without zones both
        arrays are empty.
        """
        if not len(self.corners):
            return np.zeros(0, np.int64), np.zeros(0)
        between, previous = self._between
        total = between + self._seen_from(np.asarray(base, float))
        last = np.argmin(total, axis=1)
        each = np.arange(len(last))
        onward = np.where(last == each, -1, previous[last, each])
        return onward.astype(np.int64), total[each, last]

    def lengths_home(self, points: ArrayLike, base: ArrayLike) -> Floats:
        """Return the lengths of the shortest paths from points (n, 2) to a base (2,), nmi, (n,), by `tree_home`.

        From a point deep in a zone, from which neither the base nor a corner is visible, the path goes straight to the
        corner that gives the shortest length.
        """
        points, base = np.atleast_2d(np.asarray(points, float)), np.asarray(base, float)
        _, far = self.tree_home(base)
        straight = np.hypot(*(points - base).T)
        found = np.where(_are_blocked(points, base, self.walls), np.inf, straight)
        for number in np.flatnonzero(~np.isfinite(found)):
            by_corner = self._seen_from(points[number]) + far
            if not np.isfinite(by_corner).any():
                by_corner = np.hypot(*(self.corners - points[number]).T) + far
            found[number] = by_corner.min()
        return np.asarray(found, float)

    def _lies_in_zone(self, x: float, y: float) -> bool:
        """Whether a place lies in a zone or on its edge; of most places their distance from all zones tells it."""
        west, south, east, north = self._bounds
        if not (west <= x <= east and south <= y <= north):
            return False
        return bool(shapely.dwithin(self.closed, shapely.Point(x, y), SLACK_NMI))

    def _seen_from_start(self, point: Floats) -> Floats:
        """What `_seen_from` says of the point at which a path begins."""
        x, y = point.tolist()
        kept = self._start
        if kept is None or kept[:2] != (x, y):
            kept = self._start = (x, y, self._seen_from(point))
        return kept[2]

    def _is_blocked(self, a: Floats, b: Floats) -> bool:
        """Whether a wall stands between two points (2,), whichever of them the path begins at."""
        compiled = _loaded_kernels()
        if compiled is not None:
            return bool(compiled.blocked(*a, b[None], self.walls).size)
        return bool(_are_blocked(a, b, self.walls)[0])

    def _seen_from(self, point: Floats) -> Floats:
        """Distances (k,) from a point to the corners; infinite to those that are not visible from it."""
        compiled = _loaded_kernels()
        if compiled is not None:
            return np.asarray(compiled.seen_from(*point, self.corners, self.walls), float)
        dx, dy = (self.corners - point).T
        return np.where(enters(point, self.corners, self.walls), np.inf, np.sqrt(dx * dx + dy * dy))

    @cached_property
    def _between(self) -> tuple[Floats, Ints]:
        """Shortest distances (k, k) between corners, and on the path from i to j the corner before j, (k, k)."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        count = len(self.corners)
        i, j = np.triu_indices(count, 1)
        touching = self._touches(i, j) | self._touches(j, i)
        i, j = i[touching], j[touching]
        lines = shapely.linestrings(np.stack([self.corners[i], self.corners[j]], axis=1))
        visible = ~shapely.intersects(self._inner, lines)  # the same as `enters` from outside; faster for many walls
        i, j = i[visible], j[visible]
        length = np.hypot(*(self.corners[j] - self.corners[i]).T)
        graph = coo_array((length, (i, j)), shape=(count, count)).tocsr()
        distances, previous = dijkstra(graph, directed=False, return_predecessors=True)
        return np.asarray(distances, float), np.asarray(previous, np.int64)

    def _touches(self, i: Ints, j: Ints) -> Flags:
        """Whether the line of corners i and j touches the margin at i without cutting into it there.

        A shortest path bends round a corner with both sides of the corner on one side of it, so only such lines can be
        part of a shortest path. That leaves few lines to be tested against the walls.
        """
        ahead = self.corners[j] - self.corners[i]
        turns = [_cross(ahead, self._sides[i, side]) for side in (0, 1)]
        slack = 1e-9 * np.hypot(*ahead.T)
        return np.asarray((turns[0] > -slack) & (turns[1] > -slack) | (turns[0] < slack) & (turns[1] < slack))


def enters(starts: Floats, ends: Floats, walls: Floats) -> Flags:
    """Return whether each straight path, from (n, 2) to (n, 2), crosses a wall of (m, 4) from right to left, (n,).

    A path crosses a wall if it begins to the right of the wall (or upon it) and ends to the left of it, and if the ends
    of the wall do not lie on the same side of the path.
    """
    starts, ends = np.broadcast_arrays(np.atleast_2d(starts), np.atleast_2d(ends))
    crossed = np.zeros(len(starts), bool)
    lot = max(1, _AT_ONCE // max(1, len(walls)))
    along = walls[:, 2:] - walls[:, :2]
    for first in range(0, len(starts), lot):
        a, b = starts[first : first + lot, None], ends[first : first + lot, None]
        entering = (_cross(along, a - walls[:, :2]) <= 0.0) & (_cross(along, b - walls[:, :2]) > 0.0)
        side0, side1 = _cross(b - a, walls[:, :2] - a), _cross(b - a, walls[:, 2:] - a)
        crossed[first : first + lot] = (entering & (side0 * side1 <= 0.0)).any(axis=1)
    return crossed


def _loaded_kernels() -> Any:
    """The compiled functions if the program has loaded them; None if not.

    A simulation has them, and finds its many paths quickly. To check or draw a scenario takes few paths, and NumPy
    computes the same numbers in less time than it takes to load Numba.
    """
    return sys.modules.get("sim.core.kernels")


def _are_blocked(starts: Floats, ends: Floats, walls: Floats) -> Flags:
    """Whether each straight path crosses a wall from right to left whichever end it is flown from, (n,)."""
    return np.asarray(enters(starts, ends, walls) & enters(ends, starts, walls))


@lru_cache(maxsize=8)
def airspace_of(plane: Plane, zones: tuple[Any, ...]) -> Airspace:
    """Return the airspace of zones, polygons in degrees with edges straight in longitude and latitude; made once."""
    return Airspace(_on_plane(plane, zones))


def outline_corners(plane: Plane, zones: tuple[Any, ...]) -> int:
    """Return how many corners the united outlines of zones, polygons in degrees, have before a margin is added."""
    return int(shapely.get_num_coordinates(_filled(_united(_on_plane(plane, zones)))))


@lru_cache(maxsize=8)
def _on_plane(plane: Plane, zones: tuple[Any, ...]) -> list[Any]:
    """Zones in degrees as geometries of the plane."""
    return [shapely.make_valid(plane.project(zone)) for zone in zones]


def _united(zones: Sequence[Any]) -> Any:
    """Zones of the plane as one geometry, its small bends smoothed."""
    return shapely.simplify(shapely.union_all(list(zones)), OUTLINE_NMI)


def _cross(u: Floats, v: Floats) -> Floats:
    """The cross product of vectors (..., 2); it is above 0 where v points to the left of u."""
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])


def _filled(shape: Any) -> Any:
    """Polygons without their holes."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return shapely.union_all([shapely.Polygon(part.exterior) for part in parts])


def _rings(shape: Any) -> list[Floats]:
    """The outlines (n, 2) of polygons without holes, counter-clockwise, no point twice."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    return [shapely.get_coordinates(shapely.orient_polygons(part))[:-1] for part in parts]


def _edges(shape: Any) -> Floats:
    """The outlines of polygons as edges (m, 4), the inside on their left."""
    return np.vstack([np.zeros((0, 4)), *(np.hstack([ring, np.roll(ring, -1, axis=0)]) for ring in _rings(shape))])


def _convex_corners(shape: Any) -> tuple[Floats, Floats]:
    """The convex corners (k, 2) of polygons, and unit vectors (k, 2, 2) to the points before and after each."""
    corners, sides = [np.zeros((0, 2))], [np.zeros((0, 2, 2))]
    for ring in _rings(shape):
        both = np.stack([np.roll(ring, 1, axis=0) - ring, np.roll(ring, -1, axis=0) - ring], axis=1)
        both /= np.hypot(both[..., 0], both[..., 1])[..., None]
        convex = _cross(both[:, 1], both[:, 0]) > _FLAT
        corners.append(ring[convex])
        sides.append(both[convex])
    return np.vstack(corners), np.vstack(sides)
