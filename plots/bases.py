"""The bases on a map: a mark each, and names that do not cover one another."""

from collections.abc import Iterable, Sequence

from matplotlib.axes import Axes

from plots.basemap import HALO, Bounds
from sim.core.palette import INK
from sim.scenario.schema import Scenario

_SIZE, _LETTER, _MARK = 8.5, 5.9, 5.0  # points: the size of a name, the width of a letter, half the width of a mark
_SIDES = ((6.0, 4.0), (-7.0, 4.0), (6.0, -4.0), (-7.0, -4.0))  # points from a base to its name

_Box = tuple[float, float, float, float]
"""West, south, east and north edge, points."""


def draw_bases(axes: Axes, scenario: Scenario, bounds: Bounds) -> None:
    """Mark the bases within bounds, and name each beside its mark, where there is space.

    Names are put where they fit for the size that the axes have now.
    """
    west, south, east, north = bounds
    per_point = max((east - west) / axes.bbox.width, (north - south) / axes.bbox.height) * axes.figure.dpi / 72.0
    found = {}
    for name, base in scenario.bases.items():
        x, y = (float(value) for value in scenario.plane.to_xy(*base.position))
        if west <= x <= east and south <= y <= north:
            found[name] = ((x - west) / per_point, (y - south) / per_point)
            axes.scatter([x], [y], marker="^", s=60, color=INK, edgecolors="white", linewidths=0.8, zorder=7.5)
    taken = [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in found.values()]
    width = (east - west) / per_point
    for name, (x, y) in found.items():
        sides = sorted(_SIDES, key=lambda side: side[0] > 0.0) if x > 0.86 * width else _SIDES
        boxes = [_box(name, x, y, side) for side in sides]
        at = min(range(len(sides)), key=lambda number: (_covered(boxes[number], taken, width), number))
        taken.append(boxes[at])
        to_x, to_y = sides[at]
        label = axes.annotate(
            name, (west + x * per_point, south + y * per_point), (to_x, to_y), textcoords="offset points",
            fontsize=_SIZE, weight="bold", ha="left" if to_x > 0.0 else "right", va="baseline" if to_y > 0.0 else "top",
            zorder=7.6,
        )  # fmt: skip
        label.set_path_effects([HALO])


def _box(name: str, x: float, y: float, side: tuple[float, float]) -> _Box:
    """Where the name of a base would stand."""
    length = _LETTER * len(name)
    left = x + side[0] if side[0] > 0.0 else x + side[0] - length
    low = y + side[1] if side[1] > 0.0 else y + side[1] - _SIZE
    return left, low, left + length, low + _SIZE


def _covered(box: _Box, taken: Iterable[Sequence[float]], width: float) -> float:
    """How much of a box, square points, is on others, or beside the map."""
    outside = max(0.0, -box[0]) + max(0.0, box[2] - width)
    shared = [
        max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
        * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
        for other in taken
    ]
    return sum(shared) + outside * _SIZE
