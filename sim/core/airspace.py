"""Where aircraft may not fly: no-go zones, and the shortest way round them.

Zones are polygons of the plane, in nmi. Ways keep a margin: they bend only at the convex corners of `kept_clear`, the
zones grown by the margin, since a shortest way among polygons bends nowhere else (Lozano-Pérez & Wesley, 1979). The
graph of corners that see each other is searched by Dijkstra's method once; any way is then two looks and a minimum.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike

from sim.core.arrays import Flags, Floats, Ints
from sim.core.geo import Plane
from sim.core.turns import length_nmi

MARGIN_NMI = 0.5  # how far ways stay clear of a zone: an assumption
OUTLINE_NMI = 0.05  # zones are drawn this finely, a tenth of the margin: fewer corners, a way still 0.45 nmi clear
SLACK_NMI = 1e-6  # 2 mm: walls stand so far inside the margin, so that a way along its edge crosses none by rounding
_MITRE = 2.0  # margins: a sharp corner reaches no farther out than this; below 60 degrees it is cut
_FLAT = 1e-12  # a corner that turns less, as a sine, is none
_AT_ONCE = 2_000_000  # ways times walls looked at together, so that memory stays small


class NoWayError(Exception):
    """No way leads between two places: one of them lies in a no-go zone, or zones enclose it.

    It is no `ValueError`, so that nobody who expects it hides another fault by catching it.
    """


class Airspace:
    """No-go zones united, and ways round them. Whatever a ring of zones encloses cannot be reached: it is closed too.

    A way may begin within the margin, as beside a vessel that drifts along a zone: it may leave it, not come back.
    """

    def __init__(self, zones: Sequence[Any] = (), margin_nmi: float = MARGIN_NMI) -> None:
        """Unite the zones, shapely polygons of the plane, nmi; none leaves all open."""
        outline = shapely.simplify(shapely.union_all(list(zones)), OUTLINE_NMI)
        self.closed = _filled(outline)
        """The zones, no margin."""
        grown = shapely.buffer(self.closed, margin_nmi, join_style="mitre", mitre_limit=_MITRE)
        self.kept_clear = _filled(grown)
        """The zones with the margin about them."""
        self._inner = shapely.buffer(self.kept_clear, -SLACK_NMI, join_style="mitre", mitre_limit=_MITRE)
        self.walls = np.vstack([_edges(self._inner), _edges(self.closed)])
        """Edges (m, 4) x0, y0, x1, y1, of the margin and of the zones, the closed side on the left of each: a way
        must not cross one from right to left."""
        self.corners, self._sides = _convex_corners(self.kept_clear)
        shapely.prepare([self.closed, self._inner])

    def are_clear(self, starts: ArrayLike, ends: ArrayLike) -> Flags:
        """Whether each straight way, from (n, 2) to (n, 2), stays out of the zones and their margin.

        Along the margin's edge is clear, and so is a way that begins or ends within the margin and is outside it
        farther on.
        """
        a, b = np.broadcast_arrays(np.atleast_2d(np.asarray(starts, float)), np.atleast_2d(np.asarray(ends, float)))
        clear = ~(enters(a, b, self.walls) & enters(b, a, self.walls))
        for points in (a, b):
            clear &= ~shapely.intersects_xy(self.closed, points[:, 0], points[:, 1])
        return np.asarray(clear, bool)

    def is_clear(self, a: ArrayLike, b: ArrayLike) -> bool:
        """Whether the straight way between two points stays out of the zones and their margin."""
        return bool(self.are_clear(a, b)[0])

    def way(self, a: ArrayLike, b: ArrayLike) -> Floats:
        """The shortest way round: waypoints (n, 2), both ends included. NoWayError where none leads there."""
        from sim.core import kernels

        ends = np.array([a, b], float)
        inside = shapely.dwithin(self.closed, shapely.points(ends), SLACK_NMI)
        if inside.any():
            raise NoWayError(f"({', '.join(f'{c:g}' for c in ends[inside][0])}) lies in a no-go zone")
        if not kernels.blocked(*ends[0], ends[1:], self.walls).size:
            return ends
        far, before = self._between
        total = self._seen_from(ends[0])[:, None] + far + self._seen_from(ends[1])
        first, at = divmod(int(np.argmin(total)), len(far))
        if not np.isfinite(total[first, at]):
            raise NoWayError("no way leads out of a gap between zones that is narrower than their margins")
        bends = [at]
        while bends[-1] != first:
            bends.append(int(before[first, bends[-1]]))
        found: Floats = np.vstack([ends[0], self.corners[bends[::-1]], ends[1]])
        return np.asarray(found[np.append(True, np.diff(found, axis=0).any(axis=1))])  # an end may be a corner

    def length(self, a: ArrayLike, b: ArrayLike) -> float:
        """The length of the shortest way, nmi."""
        return length_nmi(self.way(a, b))

    def home(self, base: ArrayLike) -> tuple[Ints, Floats]:
        """The tree of shortest ways to a base: for each corner the next on its way, -1 for the base, and how far.

        `onward` (k,) and `far` (k,), nmi. From any point, the way home goes by the corner in sight with the least
        distance + far, unless the base is in sight: `length_home`. Without zones, empty.
        """
        if not len(self.corners):
            return np.zeros(0, np.int64), np.zeros(0)
        between, before = self._between
        total = between + self._seen_from(np.asarray(base, float))
        last = np.argmin(total, axis=1)
        each = np.arange(len(last))
        onward = np.where(last == each, -1, before[last, each])
        return onward.astype(np.int64), total[each, last]

    def length_home(self, points: ArrayLike, base: ArrayLike) -> Floats:
        """Lengths (n,) of the shortest ways from points (n, 2) to a base, by its tree, nmi.

        From a point that sees neither the base nor a corner, deep in a zone, straight to whatever leads home soonest.
        """
        points, base = np.atleast_2d(np.asarray(points, float)), np.asarray(base, float)
        _, far = self.home(base)
        straight = np.hypot(*(points - base).T)
        found = np.where(enters(points, base, self.walls) & enters(base, points, self.walls), np.inf, straight)
        for number in np.flatnonzero(~np.isfinite(found)):
            leap = np.hypot(*(self.corners - points[number]).T) + far
            seen = ~enters(points[number], self.corners, self.walls)
            found[number] = leap[seen].min() if seen.any() else leap.min()
        return np.asarray(found, float)

    def _seen_from(self, point: Floats) -> Floats:
        """Distances (k,) to the corners in sight of a point; infinite to those that are not."""
        from sim.core import kernels

        found: Floats = kernels.seen_from(*point, self.corners, self.walls)
        return found

    @cached_property
    def _between(self) -> tuple[Floats, Ints]:
        """Shortest distances (k, k) between corners, and on the way from i to j the corner before j, (k, k)."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        count = len(self.corners)
        i, j = np.triu_indices(count, 1)
        touching = self._touches(i, j) | self._touches(j, i)
        i, j = i[touching], j[touching]
        lines = shapely.linestrings(np.stack([self.corners[i], self.corners[j]], axis=1))
        seen = ~shapely.intersects(self._inner, lines)  # as `enters`, from outside; faster for many walls
        i, j = i[seen], j[seen]
        length = np.hypot(*(self.corners[j] - self.corners[i]).T)
        graph = coo_array((length, (i, j)), shape=(count, count)).tocsr()
        far, before = dijkstra(graph, directed=False, return_predecessors=True)
        return np.asarray(far, float), np.asarray(before, np.int64)

    def _touches(self, i: Ints, j: Ints) -> Flags:
        """Whether the line of corners i and j touches the margin at i, no more: it may be part of a shortest way on."""
        ahead = self.corners[j] - self.corners[i]
        turns = [_cross(ahead, self._sides[i, one]) for one in (0, 1)]
        slack = 1e-9 * np.hypot(*ahead.T)
        return np.asarray((turns[0] > -slack) & (turns[1] > -slack) | (turns[0] < slack) & (turns[1] < slack))


def enters(starts: Floats, ends: Floats, walls: Floats) -> Flags:
    """Whether each straight way from (n, 2) to (n, 2) crosses a wall of (m, 4) from its right to its left, (n,).

    A wall is crossed where the way's ends lie right (or upon) and left of it, and its ends not on one side of the way.
    """
    starts, ends = np.broadcast_arrays(np.atleast_2d(starts), np.atleast_2d(ends))
    crossed = np.zeros(len(starts), bool)
    lot = max(1, _AT_ONCE // max(1, len(walls)))
    along = walls[:, 2:] - walls[:, :2]
    for first in range(0, len(starts), lot):
        a, b = starts[first : first + lot, None], ends[first : first + lot, None]
        entering = (_cross(along, a - walls[:, :2]) <= 0.0) & (_cross(along, b - walls[:, :2]) > 0.0)
        one, other = _cross(b - a, walls[:, :2] - a), _cross(b - a, walls[:, 2:] - a)
        crossed[first : first + lot] = (entering & (one * other <= 0.0)).any(axis=1)
    return crossed


@lru_cache(maxsize=8)
def airspace_of(plane: Plane, zones: tuple[Any, ...]) -> Airspace:
    """The airspace of zones in degrees, their edges straight in longitude and latitude; made once."""
    return Airspace([shapely.make_valid(plane.project(zone)) for zone in zones])


def _cross(u: Floats, v: Floats) -> Floats:
    """Cross products of vectors (..., 2): above 0 where v points to the left of u."""
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
