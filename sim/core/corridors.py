"""The corridor of a lane: a strip of sea along a line, in which each ship keeps its lateral place.

The lateral place of a ship is its distance from the line, positive to port of the line's direction. At a bend the ships
turn on the line that halves it, so a track keeps its distance from the line on both sides of the bend, and neighbouring
tracks stay as far apart as they are: they neither tear nor pile up. Where land or a bend leaves less room on one side,
all places on that side are drawn nearer to the line in proportion.

A piece of the corridor between two points of the line has one quadrilateral on each side of the line. Every track in it
is a straight line between the same shares of its two ends, so a track stays at sea if the quadrilateral does.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Flags, Floats, Ints

SIDES = (1.0, -1.0)  # to port and to starboard of the direction of the line
GREATEST_BEND_DEG = 120.0
"""The greatest change of course at a point of a line. Beyond it, the outer edge of the corridor would be far away from
the point: an assumption of what a lane is."""
_STEP_NMI = 5.0  # land narrows a corridor in pieces of this length, or of the half width where that is less
_SLOPE = 0.2  # a corridor widens or narrows in a mile by at most this: tracks turn by 11 degrees, and are 2 % longer
_BEND_SHARE = 0.5  # the share of a stretch, or of a piece of it, that the inner edge may lose to bends at its ends
_CLEAR = 0.999  # the share of the way from the line to the nearest land that a corridor takes up
_LOSS = 0.05  # share of the half width that a corridor may lose where points are left out for tracks of fewer pieces


class Coast(NamedTuple):
    """Land, in the form in which corridors ask for it."""

    land: Any
    """All land, a prepared shape on the plane."""
    edges: Any
    """The edges of its outline, lines (n,)."""
    tree: Any
    """A tree that finds the edges near a shape."""

    @classmethod
    def of(cls, land: Any) -> "Coast":
        """The edges of some land, a shape on the plane."""
        shapely.prepare(land)
        rings = [shapely.get_coordinates(ring) for part in shapely.get_parts(land) for ring in shapely.get_rings(part)]
        ends = [np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings]
        edges = shapely.linestrings(np.concatenate([np.zeros((0, 2, 2)), *ends]))
        return cls(land, edges, shapely.STRtree(edges))


class Ashore(NamedTuple):
    """Where a line meets land."""

    point: int
    """The point of the line that is on land, or the one after which the line comes to land."""
    x: float
    y: float
    """The place on land, nmi."""
    is_point: bool
    """Whether the point itself is on land."""
    sea: tuple[float, float] | None
    """The nearest place off the coast, nmi, for a point on land."""


def ashore(points: Floats, coast: Coast, clearance_nmi: float = 0.5) -> list[Ashore]:
    """Where a line (n, 2) meets land: its points on land, and the stretches that cross land between two other points.

    `clearance_nmi` is how far off the coast the place lies that is suggested for a point on land.
    """
    on_land: Flags = shapely.intersects_xy(coast.land, points[:, 0], points[:, 1])
    found = [
        Ashore(number, x, y, True, _off_the_coast(points[number], coast, clearance_nmi))
        for number, (x, y) in enumerate(points.tolist())
        if on_land[number]
    ]
    stretches = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    for number in np.unique(coast.tree.query(stretches, "intersects")[0]).tolist():
        if not (on_land[number] or on_land[number + 1]):
            crossing = shapely.intersection(stretches[number], coast.land)
            place = shapely.get_coordinates(shapely.line_interpolate_point(_longest(crossing), 0.5, normalized=True))
            found.append(Ashore(number, float(place[0, 0]), float(place[0, 1]), False, None))
    return sorted(found)


def _longest(crossing: Any) -> Any:
    """The longest line of a crossing."""
    parts = shapely.get_parts(crossing)
    return parts[int(np.argmax(shapely.length(parts)))]


def _off_the_coast(point: Floats, coast: Coast, clearance_nmi: float) -> tuple[float, float] | None:
    """The nearest place at sea that is so far off the nearest edge of the coast; None where there is no land."""
    nearest = coast.tree.nearest(shapely.Point(point))
    if nearest is None:
        return None
    shore = shapely.get_coordinates(shapely.shortest_line(shapely.Point(point), coast.edges[nearest]))[1]
    way = shore - point
    length = float(np.hypot(*way))
    place = shore + way / length * clearance_nmi if length > 0.0 else shore
    return float(place[0]), float(place[1])


def bends_deg(points: Floats) -> Floats:
    """The change of course at each point of a line (n, 2) between its ends, degrees, (n - 2,): positive to port."""
    along = np.diff(points, axis=0)
    first, second = along[:-1], along[1:]
    across = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return np.asarray(np.degrees(np.arctan2(across, (first * second).sum(axis=1))), float)


@dataclass(frozen=True)
class Corridor:
    """A strip of sea along a line of n points."""

    points: Floats
    """(n, 2): the points of the line at which tracks may change course, nmi."""
    half_width: float
    """The distance from the line of the outermost places where nothing narrows the corridor, nmi."""
    room: Floats
    """(2, n): the distance of the outermost places to port and to starboard at each point, nmi."""
    mitre: Floats
    """(n, 2): the vector from each point to the place at a distance of 1 nmi from the line, to port."""

    @property
    def ways(self) -> Floats:
        """(2, n, 2): from each point to the track of a ship, in each mile of its lateral place, by side."""
        return np.ascontiguousarray(self.mitre * (self.room / self.half_width)[:, :, None])

    def tracks(self, lateral: Floats) -> Floats:
        """The tracks of ships with some lateral places (m,), nmi: their places at each point, (m, n, 2)."""
        port, starboard = self.ways
        place = np.asarray(lateral, float)[:, None, None]
        return np.asarray(self.points + place * np.where(place > 0.0, port, starboard), float)

    def lengths(self, lateral: Floats) -> Floats:
        """The lengths of the tracks of some lateral places (m,), nmi, (m,)."""
        return np.asarray(np.linalg.norm(np.diff(self.tracks(lateral), axis=1), axis=2).sum(axis=1), float)

    @property
    def quads(self) -> Floats:
        """The two quadrilaterals of each piece, (2, n - 1, 4, 2): to port and to starboard of the line."""
        outer = [self.points + side * way * self.half_width for side, way in zip(SIDES, self.ways, strict=True)]
        return np.stack([_quads(self.points, edge) for edge in outer])

    @property
    def shape(self) -> Any:
        """The corridor as a shape on the plane."""
        whole = shapely.convex_hull(shapely.multipoints(self.quads.reshape(-1, 4, 2)))
        return shapely.union_all(whole[shapely.area(whole) > 0.0])


def _quads(points: Floats, outer: Floats) -> Floats:
    """The quadrilaterals between the points of a line and an edge beside it, each (n, 2): (n - 1, 4, 2)."""
    return np.stack([points[:-1], points[1:], outer[1:], outer[:-1]], axis=1)


def lateral_shares(quads: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Where places (n, 2) lie in quadrilaterals (n, 4, 2) of a corridor: along them, and from the line outward.

    Both are shares, from 0 to 1 inside, (n,) each, and not a number where a place lies in no line between equal shares
    of the two ends. With the ends p + h e and q + h f, a place r lies on such a line if (r - p - h e) x (q - p + h (f -
    e)) = 0, which is a quadratic equation for h.
    """
    p, along = quads[:, 0], quads[:, 1] - quads[:, 0]
    first, second = quads[:, 3] - p, quads[:, 2] - quads[:, 1]
    change, away = second - first, places - p
    a = -_cross(first, change)
    b = _cross(away, change) - _cross(first, along)
    c = _cross(away, along)
    with np.errstate(invalid="ignore", divide="ignore"):
        q = -0.5 * (b + np.copysign(np.sqrt(b * b - 4.0 * a * c), b))
        roots = np.stack([c / q, q / a])
        best, share = np.full((2, len(places)), np.nan)
        for h in roots:
            way = along + h[:, None] * change
            u = ((away - h[:, None] * first) * way).sum(axis=1) / (way * way).sum(axis=1)
            good = (h >= -_NEAR) & (h <= 1.0 + _NEAR) & (u >= -_NEAR) & (u <= 1.0 + _NEAR) & ~(best <= h)
            best, share = np.where(good, h, best), np.where(good, u, share)
    return share, best


_NEAR = 1e-7  # a share of a quadrilateral: a place on its edge lies in it, in spite of rounding


def _cross(a: Floats, b: Floats) -> Floats:
    """The cross products of vectors (n, 2), (n,)."""
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], float)


def corridor_of(line: Floats, half_width: float, coast: Coast) -> Corridor:
    """The corridor along a line (n, 2) at sea, narrowed where bends or land leave no room for its half width.

    No track in it touches land. No bend of the line may exceed `GREATEST_BEND_DEG`.
    """
    plan = _Planning.of(line, half_width)
    room = plan.smooth(plan.room_at_bends(half_width))
    room = plan.smooth(np.minimum(room, plan.room_at_land(room, coast)))
    kept = plan.needed(room, _LOSS * half_width)
    return Corridor(plan.points[kept], half_width, np.ascontiguousarray(room[:, kept]), plan.mitre[kept])


class _Planning(NamedTuple):
    """A line with more points, n of them, at each of which a corridor may have a width of its own."""

    points: Floats
    """(n, 2)."""
    mitre: Floats
    """(n, 2): see `Corridor`."""
    is_given: Flags
    """(n,): whether each point is one of the given line."""

    @classmethod
    def of(cls, line: Floats, half_width: float) -> "_Planning":
        """Points along each stretch, but none where the bends at its ends reach."""
        along = np.diff(line, axis=0)
        length = np.hypot(along[:, 0], along[:, 1])
        unit = along / length[:, None]
        normal = np.column_stack([-unit[:, 1], unit[:, 0]])
        before, after = np.vstack([normal[:1], normal]), np.vstack([normal, normal[-1:]])
        corner = (before + after) / (1.0 + (before * after).sum(axis=1))[:, None]
        points, mitre, is_given = [], [], []
        step = min(_STEP_NMI, max(half_width, 0.5))
        for i in range(len(length)):
            low, high = (half_width * abs(float(corner[at] @ unit[i])) / _BEND_SHARE for at in (i, i + 1))
            inner = np.zeros(0)
            if low + high < length[i]:
                inner = np.linspace(low, length[i] - high, 1 + int(np.ceil((length[i] - low - high) / step)))
                inner = inner[(inner > 0.1 * step) & (inner < length[i] - 0.1 * step)]
                inner = inner[np.diff(inner, prepend=-step) > 0.1 * step]
            points += [line[i : i + 1], line[i] + inner[:, None] * unit[i]]
            mitre += [corner[i : i + 1], np.tile(normal[i], (inner.size, 1))]
            is_given += [True, *[False] * inner.size]
        return cls(np.vstack([*points, line[-1:]]), np.vstack([*mitre, corner[-1:]]), np.array([*is_given, True]))

    @property
    def units(self) -> tuple[Floats, Floats]:
        """The lengths of the pieces between the points, (n - 1,), and their directions, (n - 1, 2)."""
        along = np.diff(self.points, axis=0)
        length = np.hypot(along[:, 0], along[:, 1])
        return length, along / length[:, None]

    def room_at_bends(self, half_width: float) -> Floats:
        """The room, (2, n), so that no inner edge loses more than a share of its stretch to the bends at its ends."""
        room = np.full((2, len(self.points)), half_width)
        given = np.flatnonzero(self.is_given)
        for first, last in pairwise(given.tolist()):
            way = self.points[last] - self.points[first]
            length = float(np.hypot(*way))
            lost = float((self.mitre[first] - self.mitre[last]) @ way) / length
            for side, own in zip(SIDES, room, strict=True):
                if side * lost > 0.0:
                    own[first : last + 1] = np.minimum(own[first : last + 1], _BEND_SHARE * length / (side * lost))
        return room

    def room_at_land(self, room: Floats, coast: Coast) -> Floats:
        """The room, (2, n), that land leaves where the corridor would have some room."""
        left = room.copy()
        for side, own, free in zip(SIDES, room, left, strict=True):
            quads = _quads(self.points, self.points + side * self.mitre * own[:, None])
            shares = _nearest_land(quads, coast)
            for shift in (0, 1):  # a piece narrows both of its ends
                ends = slice(shift, len(shares) + shift)
                free[ends] = np.minimum(free[ends], own[ends] * shares)
        return left

    def smooth(self, room: Floats) -> Floats:
        """The widest room, (2, n), of at most this, that changes by no more than `_SLOPE` in a mile."""
        steps = _SLOPE * self.units[0]
        smooth = room.copy()
        for i in range(len(steps)):
            smooth[:, i + 1] = np.minimum(smooth[:, i + 1], smooth[:, i] + steps[i])
        for i in range(len(steps) - 1, -1, -1):
            smooth[:, i] = np.minimum(smooth[:, i], smooth[:, i + 1] + steps[i])
        return smooth

    def needed(self, room: Floats, loss: float) -> Ints:
        """The numbers of the points without which the corridor would leave its room, or lose more than `loss` of it."""
        kept, given = [0], np.flatnonzero(self.is_given)
        while kept[-1] < len(self.points) - 1:
            first = kept[-1]
            end = int(given[np.searchsorted(given, first, side="right")])
            last = end if self._spans(room, first, end, loss) else first + 1
            while last < end and self._spans(room, first, last + 1, loss):
                last += 1
            kept.append(last)
        return np.array(kept)

    def _spans(self, room: Floats, first: int, last: int, loss: float) -> bool:
        """Whether a straight edge between two points, on each side, keeps to the room at the points between."""
        unit = self.points[last] - self.points[first]
        unit = unit / np.hypot(*unit)
        for side, own in zip(SIDES, room, strict=True):
            corner = self.points[first : last + 1] + side * self.mitre[first : last + 1] * own[first : last + 1, None]
            at, width = corner @ unit, own[first : last + 1]
            straight = width[0] + (width[-1] - width[0]) * (at - at[0]) / (at[-1] - at[0])
            if (straight > width + 1e-9).any() or (straight < width - loss).any():
                return False
        return True


def _nearest_land(quads: Floats, coast: Coast) -> Floats:
    """The share of each quadrilateral (n, 4, 2), outward from the line, that is free of land, (n,): 1 if all is."""
    share = np.ones(len(quads))
    shapes = shapely.polygons(quads)
    number, edge = coast.tree.query(shapes, "intersects")
    places, which = shapely.get_coordinates(shapely.intersection(shapes[number], coast.edges[edge]), return_index=True)
    number = number[which]
    outward = lateral_shares(quads[number], places)[1]
    outward = np.where(np.isnan(outward), 0.0, outward)
    np.minimum.at(share, number, _CLEAR * np.clip(outward, 0.0, 1.0))
    return share
