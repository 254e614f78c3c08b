"""Names of ports and islands on maps, so that a reader knows which coast it is.

The positions are those of the port or of the middle of the island, rounded to a tenth of a degree (6 nmi): enough for a
name on a map, and for nothing else.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from sim.core.arrays import Floats
from sim.core.geo import Plane
from sim.core.palette import MUTED

_ABOUT = 0.045  # of the size of a map: so near to a place that is named already no other is named
PLACE_NAME = "place name"
"""The mark of the text of a name of a place on a map."""


class PlaceName(NamedTuple):
    """A place, the most important of which come first in `PLACE_NAMES`."""

    name: str
    lon: float
    lat: float


PLACE_NAMES = (
    PlaceName("Shanghai", 121.5, 31.2),
    PlaceName("Busan", 129.0, 35.1),
    PlaceName("Nagasaki", 129.9, 32.7),
    PlaceName("Naha", 127.7, 26.2),
    PlaceName("Jeju", 126.5, 33.4),
    PlaceName("Nampo", 125.4, 38.7),
    PlaceName("Vladivostok", 131.9, 43.1),
    PlaceName("Tokyo", 139.8, 35.6),
    PlaceName("Qingdao", 120.3, 36.1),
    PlaceName("Keelung", 121.7, 25.1),
    PlaceName("Kagoshima", 130.6, 31.6),
    PlaceName("Incheon", 126.6, 37.5),
    PlaceName("Wonsan", 127.4, 39.2),
    PlaceName("Ningbo", 121.8, 29.9),
    PlaceName("Amami", 129.4, 28.3),
    PlaceName("Niigata", 139.1, 37.9),
    PlaceName("Sasebo", 129.7, 33.2),
    PlaceName("Fukuoka", 130.4, 33.6),
    PlaceName("Sakhalin", 142.8, 46.6),
    PlaceName("Tsushima", 129.3, 34.4),
    PlaceName("Dalian", 121.6, 38.9),
    PlaceName("Ulleungdo", 130.9, 37.5),
)


def draw_place_names(
    axes: Axes, plane: Plane, bounds: tuple[float, float, float, float], avoid: Sequence[tuple[float, float]]
) -> None:
    """Name the places within bounds, in small grey letters, but none near a place to avoid or one that is named."""
    west, south, east, north = bounds
    size = max(east - west, north - south)
    taken = [np.array(place) for place in avoid]
    for place in PLACE_NAMES:
        at: Floats = np.array([float(v) for v in plane.to_xy(place.lon, place.lat)])
        inside = west + 0.06 * size < at[0] < east - 0.06 * size and south + 0.02 * size < at[1] < north - 0.03 * size
        if not inside or any(_is_near(at, other, size) for other in taken):
            continue
        taken.append(at)
        text = axes.annotate(
            place.name, (float(at[0]), float(at[1])), (0.0, 0.0), textcoords="offset points", ha="center", va="center",
            fontsize=6.5, color=MUTED, zorder=3.6,
        )  # fmt: skip
        text.set_path_effects([withStroke(linewidth=1.6, foreground="white", alpha=0.8)])
        text.set_gid(PLACE_NAME)


def _is_near(one: Floats, other: Floats, size: float) -> bool:
    """Whether the names of two places would touch; a name is wide, but not high."""
    apart = np.abs(one - other)
    return bool(apart[0] < 2.2 * _ABOUT * size and apart[1] < _ABOUT * size)
