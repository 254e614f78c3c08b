"""The axes of a grid in longitude and latitude: which of their points is nearest to a place, and where they end."""

from itertools import pairwise

import numpy as np

from sim.core.arrays import Floats

LONE_CELL_DEG = 0.5
"""The width of the cell about the only point of an axis, which states none. It is that of ERA5's grid of waves."""
_WIDEST_CELL_DEG = 10.0  # no model of the weather is coarser
_HOLE_CELLS = 2.5  # neighbours that lie farther apart have a hole between them, for example of a grid cut at Greenwich
_ROUNDING = 1e-3  # of a cell: files store places with few digits


def nearest_point(points: Floats, place: float, name: str) -> int:
    """Return the number of the point of an axis (n,), degrees, that is nearest to a place.

    Longitudes, named `longitude`, go round: 190 is -170. Points may be in any order. Raises ValueError where the place
    lies outside the grid by more than half a cell, or where the points are no degrees.
    """
    around = name == "longitude"
    if not points.size or not np.isfinite(points).all() or np.abs(points).max() > (720.0 if around else 90.0):
        raise ValueError(f"its axis of {name} is not in degrees")
    away = np.abs(points - place)
    if around:
        away = np.abs((points - place + 180.0) % 360.0 - 180.0)
    cell, stretches = _stretches(np.unique(points % 360.0 if around else points), around)
    if away.min() > (0.5 + _ROUNDING) * cell and not any(
        first <= place + turn <= last
        for first, last in stretches
        for turn in ((0.0, 360.0, -360.0) if around else (0,))
    ):
        texts = [f"{_shown(first, points):g} to {_shown(last, points):g}" for first, last in stretches]
        raise ValueError(f"the place of the key at lies outside its grid, {' and '.join(texts)} degrees of {name}")
    return int(away.argmin())


def _stretches(points: Floats, around: bool) -> tuple[float, list[tuple[float, float]]]:
    """The usual width of a cell, and the first and last point of each stretch of rising points without a hole."""
    gaps = np.diff(points)
    if around and points.size > 1:  # begin after the widest gap, so that the stretch over 360 is one
        rounds = np.append(gaps, points[0] + 360.0 - points[-1])
        widest = int(rounds.argmax())
        points = np.concatenate([points[widest + 1 :], points[: widest + 1] + 360.0])
        gaps = np.diff(points)
        if rounds[widest] <= _HOLE_CELLS * np.median(gaps):  # it goes all the way round
            points = np.append(points, points[0] + 360.0)
    if not gaps.size:
        return LONE_CELL_DEG, [(float(points[0]), float(points[0]))]
    cell = min(float(np.sort(gaps)[(gaps.size - 1) // 2]), _WIDEST_CELL_DEG)
    widest_gap = min(_HOLE_CELLS * cell, _WIDEST_CELL_DEG)
    holes = [number + 1 for number, (low, high) in enumerate(pairwise(points)) if high - low > widest_gap]
    return cell, [(float(part[0]), float(part[-1])) for part in np.split(points, holes)]


def _shown(longitude: float, points: Floats) -> float:
    """A longitude or latitude of an axis as the file writes it."""
    turns = [longitude + turn for turn in (0.0, -360.0, -720.0)]
    return next((turn for turn in turns if np.abs(points - turn).min() < 1e-6), longitude)
