"""The geometry of each search pattern: straight legs (2, 2) in nmi on the plane, in the order flown.

Courses are grid courses in degrees. How an aircraft flies from one leg to the next is in `sim.core.turns`.
"""

import math
from typing import Any

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.limits import LEAST_LEG_NMI
from sim.core.turns import SearchLegs, UnflyableError, arc, course, length_nmi, waypoints_of

MOST_LEGS = 1000
DIAGONAL = 2.0 - math.sqrt(2.0)  # of S: the farthest that a spot inside an expanding square lies from its legs
_SLACK = 1.01  # of half a spacing: an area's edge that leaves a track by less than 8 degrees asks for no longer track
_SLIVER = 1e-6  # of a spacing squared: less sea than this is not looked for
_STUB = 0.01  # of a spacing: the least of a leg that has something to see only off its end


def legs_along(points: Floats) -> SearchLegs:
    """Return the legs between waypoints (n, 2)."""
    return [points[k : k + 2] for k in range(len(points) - 1)]


def turned_round(tracks: SearchLegs) -> SearchLegs:
    """Return search legs flown in the opposite direction, the last one first."""
    return [track[::-1] for track in reversed(tracks)]


def unit(course_deg: float) -> Floats:
    """Return the unit vector (2,) of a grid course, degrees."""
    angle = np.radians(course_deg)
    return np.array([np.sin(angle), np.cos(angle)])


def longest_side_course(area: Any) -> float:
    """Return the grid course, degrees, along the longer side of the smallest rectangle about an area."""
    corners = np.asarray(shapely.minimum_rotated_rectangle(area).exterior.coords)
    sides = np.diff(corners, axis=0)[:2]
    along = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return float(np.degrees(np.arctan2(along[0], along[1])) % 180.0)


def extent_abeam(area: Any, course_deg: float) -> tuple[float, float]:
    """Return the least and the greatest coordinate of an area across a course, to the right of it, nmi."""
    across = shapely.get_coordinates(area) @ unit(course_deg + 90.0)
    return float(across.min()), float(across.max())


def _sweep_lines(area: Any, spacing: float, course_deg: float) -> list[SearchLegs]:
    """The tracks along a course, `spacing` apart, the outer ones half a spacing inside: for each a list of pieces.

    A track is cut to the area. Where that would leave some sea of its strip farther away than half a spacing, it
    reaches over all the sea in its strip instead.
    """
    ahead, abeam = unit(course_deg), unit(course_deg + 90.0)
    points = shapely.get_coordinates(area)
    low, high = extent_abeam(area, course_deg)
    near, far = float((points @ ahead).min()) - 1.0, float((points @ ahead).max()) + 1.0
    count = max(1, int(np.ceil((high - low) / spacing - 1e-9)))
    offsets = (low + high) / 2.0 + spacing * (np.arange(count) - (count - 1) / 2.0)
    lines = shapely.linestrings([[abeam * offset + ahead * near, abeam * offset + ahead * far] for offset in offsets])
    cuts = shapely.intersection(area, lines)
    if not np.any(shapely.length(cuts) > 0.0):
        return []
    strips = shapely.intersection(area, shapely.buffer(lines, spacing / 2.0, cap_style="flat"))
    missed = shapely.area(shapely.difference(strips, shapely.buffer(cuts, _SLACK * spacing / 2.0, quad_segs=16)))
    found = []
    for offset, cut, strip, lost in zip(offsets, cuts, strips, missed, strict=True):
        pieces = [np.asarray(part.coords) for part in shapely.get_parts(cut) if part.length > 0.0]
        if lost > _SLIVER * spacing**2:
            along = shapely.get_coordinates(strip) @ ahead
            pieces = [np.array([abeam * offset + ahead * along.min(), abeam * offset + ahead * along.max()])]
        if pieces:
            found.append(sorted(pieces, key=lambda piece: float(piece[0] @ ahead)))
    return found


def sweep_tracks(area: Any, spacing: float, course_deg: float) -> tuple[list[SearchLegs], int]:
    """Return the tracks of PS and CS, flown from each of four corners, and how many tracks there are.

    The tracks lie a spacing apart, nmi, and are flown back and forth. If the parts of an area are so small that no
    track meets any, each part is crossed once, along its middle.
    """
    lines = _sweep_lines(area, spacing, course_deg)
    if not lines:
        lines = [line for part in shapely.get_parts(area) for line in _sweep_lines(part, spacing, course_deg)]
    passes = []
    for downward in (False, True):
        for backward in (False, True):
            tracks: SearchLegs = []
            for number, pieces in enumerate(reversed(lines) if downward else lines):
                tracks += turned_round(pieces) if backward != (number % 2 == 1) else pieces
            passes.append(tracks)
    return passes, len(lines)


def parallel_sweep(area: Any, spacing: float, course_deg: float | None = None) -> list[Floats]:
    """Return the passes of a parallel sweep, waypoints (n, 2), by an aircraft that turns on the spot.

    Without a course the tracks run along the longer side of the area.
    """
    course_deg = longest_side_course(area) if course_deg is None else course_deg
    return [waypoints_of(tracks, 0.0, None) for tracks in sweep_tracks(area, spacing, course_deg)[0]]


def expanding_square(datum: Floats, spacing: float, legs: int, course_deg: float) -> SearchLegs:
    """Return the first legs of SS, of S, S, 2S, 2S, 3S, ..., each 90 degrees to the right of the leg before."""
    numbers = np.arange(legs)
    steps = [spacing * (k // 2 + 1) * unit(course_deg + 90.0 * k) for k in numbers]
    return legs_along(np.vstack([datum, datum + np.cumsum(steps, axis=0)]))


def expanding_square_over(area: Any, datum: Floats, spacing: float, course_deg: float) -> SearchLegs:
    """Return SS over an area: as many legs as it takes, each no longer than it must be.

    All the sea lies within half a spacing of some leg abeam of it, or, at the diagonals, within 2 - sqrt(2) spacings:
    that is the geometry of squares a spacing apart. Raises UnflyableError if it needs more than `MOST_LEGS` legs.
    """
    reach, least = DIAGONAL * spacing, _SLIVER * spacing**2
    away = (shapely.get_coordinates(area) - datum) @ np.column_stack([unit(course_deg), unit(course_deg + 90.0)])
    if np.abs(away).max() > MOST_LEGS / 4.0 * spacing:  # four legs to a square
        enough = math.ceil(400.0 * float(np.abs(away).max()) / MOST_LEGS) / 100.0
        raise UnflyableError("spacing_nmi", spacing, f"at least {enough:g}, for at most {MOST_LEGS} legs over the area")
    half = (1.0 + _SLIVER) * spacing / 2.0  # strips overlap, lest rounding leave slivers between them
    unswept, tracks, legs = area, [], []
    for leg in expanding_square(datum, spacing, MOST_LEGS + 8, course_deg):
        line = shapely.LineString(leg)
        legs.append(line)
        sea = shapely.intersection(area, shapely.buffer(line, reach, cap_style="square"))
        if not sea.is_empty:
            tracks.append(_trimmed(leg, shapely.get_coordinates(sea), _STUB * spacing))
            unswept = shapely.difference(unswept, shapely.buffer(line, half, cap_style="square"))
        if unswept.area < least and _lost(area, legs, _SLACK * reach) < least:
            break
    return tracks


def _lost(area: Any, legs: list[Any], within: float) -> float:
    """Square nmi of an area farther than so much from the legs of a square: not those two rings or more inside it."""
    inner = shapely.convex_hull(shapely.geometrycollections(legs[:-8]))
    outer = shapely.buffer(shapely.union_all(legs[-16:]), within)
    return float(shapely.difference(shapely.difference(area, inner), outer).area)


def _trimmed(leg: Floats, points: Floats, least: float) -> Floats:
    """The part of a leg that has some of the points (n, 2) abeam; its own ends where it has them off its ends."""
    whole = length_nmi(leg)
    ahead = (leg[1] - leg[0]) / whole
    along = (points - leg[0]) @ ahead
    low = min(max(0.0, float(along.min())), whole - least)
    high = max(min(whole, float(along.max())), low + least)
    return np.array(
        [leg[0] if low <= 0.0 else leg[0] + low * ahead, leg[1] if high >= whole else leg[0] + high * ahead]
    )


def sector(datum: Floats, radius: float, sectors: int, course_deg: float, runs: int) -> SearchLegs:
    """Return VS: out a radius, along a chord to the right, back through the datum; runs differ by half an angle."""
    angle = 180.0 / sectors
    points = [datum]
    for run in range(runs):
        for k in range(sectors):
            out = course_deg + run * angle / 2.0 + k * (180.0 + angle)
            points += [datum + radius * unit(out), datum + radius * unit(out + angle), datum]
    return legs_along(np.array(points))


def track_line_beside(line: Floats, spacing: float, returns: bool) -> list[SearchLegs]:
    """Return the passes of TSR or TSN beside a line (n, 2), from either end, on either side first.

    Raises UnflyableError if the line bends too sharply for a track beside it, or if the spacing is next to nothing.
    """
    if spacing < LEAST_LEG_NMI:
        raise UnflyableError("spacing_nmi", spacing, f"at least {LEAST_LEG_NMI:g}")
    passes = []
    for track in (line, line[::-1]):
        for side in (1.0, -1.0):
            if returns:
                out, back = (_beside(track, sign * side * spacing / 2.0) for sign in (1.0, -1.0))
                passes.append(legs_along(out) + turned_round(legs_along(back)))
            else:
                back, out = (_beside(track, sign * side * spacing) for sign in (1.0, -1.0))
                passes.append(legs_along(track) + turned_round(legs_along(back)) + legs_along(out))
    return passes


def _beside(line: Floats, offset: float) -> Floats:
    """A line (n, 2) moved to its left by a distance, to its right if that is below 0, with mitred corners."""
    moved = shapely.offset_curve(shapely.LineString(line), offset, join_style="mitre", mitre_limit=2.0)
    if moved.geom_type != "LineString" or moved.is_empty:
        raise UnflyableError(
            "spacing_nmi", 2.0 * abs(offset), "a smaller spacing: the line bends too sharply for tracks beside it"
        )
    return np.asarray(moved.coords)


def barrier(line: Floats) -> list[Floats]:
    """Return the passes of a barrier patrol: along a line (n, 2) and back, from either end."""
    return [np.vstack([line, line[-2::-1]]), np.vstack([line[::-1], line[1:]])]


def racetrack(line: Floats, width: float) -> list[Floats]:
    """Return the passes of a racetrack: round two straights beside an axis (2, 2), from each end of each straight."""
    passes = []
    for start, end in (line, line[::-1]):
        heading = course(np.array([start, end]))
        left = width / 2.0 * np.array([-math.cos(heading), math.sin(heading)])
        for side in (left, -left):
            turn = math.copysign(math.pi, 1.0 if side is left else -1.0)
            there = arc(end + side, heading, turn, width / 2.0)
            home = arc(start - side, heading + turn, turn, width / 2.0)
            there[-1], home[-1] = end - side, start + side
            passes.append(np.vstack([start + side, end + side, there, start - side, home]))
    return passes
