"""Search patterns: the waypoints of one pass, on the plane, and the ends it may be entered by.

Each function returns the same pass as it may begin at each of its ends or corners, a list of arrays (n, 2) in nmi;
the crew enters by the nearest. Names are IAMSAR's where it has one (IAMSAR Manual, volume II, chapter 5).
"""

from typing import Annotated, Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pydantic import Field

from sim.fields import Degrees, Nmi, Part
from sim.places import AreaName, Line

Floats = NDArray[np.float64]


class _Route(Part):
    """What every route has."""

    unfinished: Literal["resume", "restart"] = "resume"
    """Where the next sortie takes up a pass that was not finished."""
    finished: Literal["repeat", "return"] = "repeat"
    """What the crew does with time left after a pass."""


class ParallelSweep(_Route):
    """PS: parallel tracks over an area, back and forth, entered at the nearest corner."""

    pattern: Literal["parallel_sweep"]
    area: AreaName
    """What is searched."""
    spacing_nmi: Nmi
    """Track spacing S."""
    heading_deg: Degrees | None = None
    """True heading of the tracks at the area's middle; left out: along its longer side."""


class Barrier(_Route):
    """There and back along a line, entered at the nearer end."""

    pattern: Literal["barrier"]
    line: Line
    """[[lon, lat], [lon, lat], ...]."""


class TrackLine(_Route):
    """TS: explicit waypoints, in order."""

    pattern: Literal["track_line"]
    waypoints: Line
    """[[lon, lat], [lon, lat], ...]."""


Route = Annotated[ParallelSweep | Barrier | TrackLine, Field(discriminator="pattern")]


def _unit(course_deg: float) -> Floats:
    """The unit vector of a grid course."""
    angle = np.radians(course_deg)
    return np.array([np.sin(angle), np.cos(angle)])


def longest_side_course(area: Any) -> float:
    """Grid course, degrees, along the longer side of the smallest rectangle about an area."""
    corners = np.asarray(shapely.minimum_rotated_rectangle(area).exterior.coords)
    sides = np.diff(corners, axis=0)[:2]
    along = sides[int(np.argmax(np.hypot(sides[:, 0], sides[:, 1])))]
    return float(np.degrees(np.arctan2(along[0], along[1])) % 180.0)


def _sweep_lines(area: Any, spacing: float, course_deg: float) -> list[list[Floats]]:
    """Tracks along a course, `spacing` apart, the first half a spacing inside: each a list of pieces (2, 2)."""
    ahead, abeam = _unit(course_deg), _unit(course_deg + 90.0)
    points = shapely.get_coordinates(area)
    low, high = float((points @ abeam).min()), float((points @ abeam).max())
    near, far = float((points @ ahead).min()) - 1.0, float((points @ ahead).max()) + 1.0
    count = max(1, int(np.ceil((high - low) / spacing - 1e-9)))
    offsets = (low + high) / 2.0 + spacing * (np.arange(count) - (count - 1) / 2.0)
    lines = []
    for offset in offsets:
        line = shapely.LineString([abeam * offset + ahead * near, abeam * offset + ahead * far])
        cut = shapely.intersection(area, line)
        pieces = [np.asarray(part.coords) for part in shapely.get_parts(cut) if part.length > 0.0]
        if pieces:
            lines.append(sorted(pieces, key=lambda piece: float(piece[0] @ ahead)))
    return lines


def parallel_sweep(area: Any, spacing: float, course_deg: float | None = None) -> list[Floats]:
    """PS: parallel tracks a spacing apart over an area, back and forth; from any of its four corners.

    Where an area has parts so small that no track meets any, each part is crossed once, along its middle.
    """
    course = longest_side_course(area) if course_deg is None else course_deg
    lines = _sweep_lines(area, spacing, course)
    if not lines:
        lines = [line for part in shapely.get_parts(area) for line in _sweep_lines(part, spacing, course)]
    passes = []
    for downward in (False, True):
        for backward in (False, True):
            points: list[Floats] = []
            for number, pieces in enumerate(reversed(lines) if downward else lines):
                line = np.vstack(pieces)
                points.append(line[::-1] if backward != (number % 2 == 1) else line)
            passes.append(np.vstack(points))
    return passes


def barrier(line: Floats) -> list[Floats]:
    """A barrier patrol: there and back along a line (n, 2); from either end."""
    return [np.vstack([line, line[-2::-1]]), np.vstack([line[::-1], line[1:]])]


def track_line(points: Floats) -> list[Floats]:
    """Explicit waypoints (n, 2), in the order given."""
    return [points]
