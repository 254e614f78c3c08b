"""Names of areas on a map with lanes, put where they hide as little as can be of lanes and of other names."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

from plots.basemap import HALO, Bounds
from sim.core.palette import INK

_LETTER, _LINE = 0.0125, 0.022  # width of a letter and height of a line, as shares of the width of a map
_ON_NAMES = 4.0  # how much worse it is to hide a name, or to stand in another area, than to hide as much of a lane
_BESIDE = 1.0  # how bad it is to stand beside the area
_FAR = 0.05  # this share of the distance from the middle of an area counts as so much hidden lane


def name_areas(axes: Axes, areas: Mapping[str, Any], lanes: Sequence[Any], bounds: Bounds) -> None:
    """Write the names of areas, whose parts on the map are given, in them or beside them.

    `lanes` are lines. Where there is space, a name hides no name that the axes have already, and it stands in no other
    area.
    """
    width = bounds[2] - bounds[0]
    line, frame = _LINE * width, shapely.box(*bounds)
    taken = [_box(text.get_text(), *_place_of(text), width) for text in axes.texts if text.get_text()]
    hidden_lanes = shapely.union_all(lanes)
    for name, shape in areas.items():
        places = _places(name, shape, width)
        boxes = [_box(name, x, y, width) for x, y in places]
        away = [np.hypot(x - places[0][0], y - places[0][1]) for x, y in places]
        on_names = [sum(box.intersection(other).area for other in taken) for box in boxes]
        outside = [box.difference(frame).area for box in boxes]
        on_lanes = [shapely.intersection(box, hidden_lanes).length for box in boxes]
        others = shapely.union_all([other for key, other in areas.items() if key != name])
        in_others = [box.intersection(others).difference(shape).area for box in boxes]
        beside = [box.difference(shape).area for box in boxes]
        bad = np.array(on_names) + np.array(outside) + np.array(in_others)
        costs = (_ON_NAMES * bad + _BESIDE * np.array(beside)) / line + np.array(on_lanes) + _FAR * np.array(away)
        best = int(np.argmin(costs))
        taken.append(boxes[best])
        text = axes.text(
            *places[best], name, fontsize=8.0, style="italic", color=INK, ha="center", va="center", zorder=6.3,
            clip_on=True,
        )  # fmt: skip
        text.set_path_effects([HALO])


def _place_of(text: Text) -> tuple[float, float]:
    """The place on the plane that a text names or stands at."""
    x, y = text.xy if isinstance(text, Annotation) else text.get_position()
    return float(x), float(y)


def _places(name: str, shape: Any, width: float) -> list[tuple[float, float]]:
    """Places for the middle of a name: first in the middle of the area, then elsewhere in it and at its edges."""
    west, south, east, north = shape.bounds
    half, line = 0.5 * _LETTER * len(name) * width, _LINE * width
    middle = shape.representative_point()
    rows = [middle.y, *np.linspace(south + line, north - line, 5), north + line, south - line]
    columns = [middle.x, *np.linspace(west + half, east - half, 3), west - half - line, east + half + line]
    return [(float(x), float(y)) for y in rows for x in columns]


def _box(name: str, x: float, y: float, width: float) -> Any:
    """The space that a name takes about its middle."""
    half, line = 0.5 * _LETTER * len(name) * width, 0.5 * _LINE * width
    return shapely.box(x - half, y - line, x + half, y + line)
