"""Arrows along the legs of a route, and numbers beside them that cover no track, zone, word or other number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

from plots.basemap import HALO
from sim.core.arrays import Floats
from sim.core.palette import BLUE, INK

Leg = list[Floats]  # the pieces (2, 2) of a leg, which islands or a zone may cut

_MOST = 40  # numbers; more would hide the tracks
_SIZE = 7.5  # font size of a number, points; all lengths below are in points too
_DIGIT, _TALL = 0.64 * _SIZE, 8.5  # width of a digit in the font of Matplotlib, and height of a number with some space
_GAPS = (3.5, 7.0, 12.0)  # between a leg and its number
_HEAD, _HALF = 7.0, 3.5  # length of an arrow, and half its width
_ALONG = (0.42, 0.5, 0.34, 0.58, 0.26, 0.66, 0.18, 0.74, 0.1, 0.82, 0.9)
# Places of an arrow as shares of a leg, the best first: not the middle, so that arrows of opposite legs stand apart.


class Spot(NamedTuple):
    """A possible place of an arrow and its number on the page, in points, and the shapes that they cover."""

    tip: Floats
    ahead: Floats
    middle: Floats
    arrow: Any
    text: Any


@dataclass
class Page:
    """Shapes on the page, in points. Numbers must avoid the route and what is taken, and should avoid thin lines."""

    route: Any
    frame: Any
    taken: list[Any]
    thin: Any

    def is_free(self, shape: Any) -> bool:
        """Whether a shape covers nothing that is taken."""
        return not any(shapely.intersects(shape, other) for other in self.taken)

    def is_clear(self, spot: Spot) -> bool:
        """Whether a number at a spot can be read."""
        inside = shapely.contains(self.frame, spot.text) and not shapely.intersects(spot.text, self.route)
        return bool(inside) and self.is_free(spot.text)

    def is_alone(self, spot: Spot, leg: Leg) -> bool:
        """Whether an arrow at a spot touches no leg but its own."""
        own = shapely.LineString([leg[0][0], leg[-1][1]]).buffer(0.5)
        return shapely.intersection(self.route, spot.arrow).within(own) and self.is_free(spot.arrow)

    def find(self, leg: Leg, digits: int, must: bool) -> tuple[Spot | None, bool]:
        """Find the best spot on a leg for an arrow, and whether there is space for its number; with `must` there is."""
        spots = [spot for gap in (_GAPS if must else _GAPS[:1]) for spot in self._spots(leg, digits, gap)]
        alone = [spot for spot in spots if self.is_alone(spot, leg)]
        for spot in alone:
            if self.is_clear(spot):
                return spot, True
        if must and spots:
            return next((spot for spot in spots if self.is_clear(spot)), spots[0]), True
        return next(iter(alone), None), False

    def _spots(self, leg: Leg, digits: int, gap: float) -> list[Spot]:
        """Possible spots on a leg, the best first: outside the pattern, off thin lines, near the best share."""
        west, south, east, north = self.route.bounds
        centre = np.array([west + east, south + north]) / 2.0
        half = np.array([digits * _DIGIT + 1.0, _TALL]) / 2.0
        found: list[tuple[float, Spot]] = []
        for share in _ALONG:
            tip, ahead = _along(leg, share)
            arrow = shapely.LineString([tip - _HEAD * ahead, tip]).buffer(_HALF)
            right = np.array([ahead[1], -ahead[0]])
            outward = (
                right if right @ (tip - centre) > -_TALL else -right
            )  # the right side where the centre of the pattern is near
            for side in (outward, -outward):
                middle = tip - _HEAD / 2.0 * ahead + (gap + float(half @ np.abs(side))) * side
                text = shapely.box(*(middle - half), *(middle + half))
                bad = abs(share - _ALONG[0]) + 0.5 * (side is not outward) + bool(shapely.intersects(text, self.thin))
                found.append((bad, Spot(tip, ahead, middle, arrow, text)))
        return [spot for _, spot in sorted(found, key=lambda rated: rated[0])]


def _along(leg: Leg, share: float) -> tuple[Floats, Floats]:
    """The place at a share of the length of a leg, on one of its pieces, and the direction there."""
    lengths = [math.dist(*piece) for piece in leg]
    rest, number = share * sum(lengths), 0
    while rest > lengths[number] and number < len(leg) - 1:
        rest, number = rest - lengths[number], number + 1
    ahead = (leg[number][1] - leg[number][0]) / lengths[number]
    return leg[number][0] + rest * ahead, ahead


def legs_of(tracks: Sequence[Floats]) -> list[Leg]:
    """Group tracks by leg: the pieces of a leg that islands or a zone cut belong together."""
    legs = [[tracks[0]]]
    for track in tracks[1:]:
        first, last = legs[-1][0], legs[-1][-1]
        along, ahead = last[1] - last[0], track[1] - first[0]
        straight = abs(along[0] * ahead[1] - along[1] * ahead[0]) < 1e-6 * float(along @ along) and along @ ahead > 0.0
        if straight and not np.array_equal(last[1], track[0]):
            legs[-1].append(track)
        else:
            legs.append([track])
    return legs


def number_legs(
    axes: Axes, route: Floats, tracks: Sequence[Floats], zones: Sequence[Any] = (), thin: Sequence[Floats] = ()
) -> Axes:
    """Draw an arrow along each leg of a pass, and numbers beside the first, the last and all that have space.

    Everything is on the plane: `route` (n, 2) is the whole pass, `tracks` are (2, 2) each, `zones` are shapes that must
    stay free, and `thin` are lines (m, 2) that numbers should not cross. Call it when all else has been drawn, because
    it uses the scale of the page and the places of words and marks as they are.
    """
    figure: Any = axes.figure
    figure.draw_without_rendering()  # without this, texts have no size and the map has no scale
    scale = 72.0 / figure.dpi

    def on_page(shape: Any) -> Any:
        """Convert a shape from the plane to points on the page."""
        return shapely.transform(shape, lambda xy: axes.transData.transform(xy) * scale)

    shown = [*axes.texts, *(patch for patch in axes.patches if isinstance(patch, Rectangle))]
    boxes = [shapely.box(*(np.array(artist.get_window_extent().extents) * scale)) for artist in shown]
    page = Page(
        on_page(shapely.LineString(route)),
        shapely.box(*(np.array(axes.get_window_extent().extents) * scale)),
        [*boxes, *(on_page(zone) for zone in zones), *_marks(axes, scale)],
        on_page(shapely.MultiLineString([line for line in thin if len(line) > 1])),
    )
    legs = [[shapely.get_coordinates(on_page(shapely.LineString(piece))) for piece in leg] for leg in legs_of(tracks)]
    ends = (1, len(legs))
    every = math.ceil(len(legs) / _MOST) | 1  # an odd step, so that legs of both directions are numbered
    spots: dict[int, tuple[Spot, bool]] = {}
    for number in dict.fromkeys([*ends, *range(1, len(legs) + 1, every)]):
        spot, numbered = page.find(legs[number - 1], len(str(number)), number in ends)
        if spot is not None:
            spots[number] = spot, numbered
            page.taken += [spot.arrow, spot.text] if numbered else [spot.arrow]
    for number, (spot, numbered) in sorted(spots.items()):
        _draw(axes, spot, str(number) if numbered else "", scale)
    return axes


def _marks(axes: Axes, scale: float) -> list[Any]:
    """The shapes that the marks on a map cover, in points."""
    found = []
    for marks in axes.collections:
        if not isinstance(marks, PathCollection):
            continue
        for size, place in zip(marks.get_sizes(), np.asarray(marks.get_offsets()), strict=True):
            found.append(shapely.Point(axes.transData.transform(place) * scale).buffer(math.sqrt(size) / 2.0 + 1.0))
    return found


def _draw(axes: Axes, spot: Spot, number: str, scale: float) -> None:
    """Draw an arrow and its number, both anchored at the tip of the arrow on the map."""
    x, y = axes.transData.inverted().transform(spot.tip / scale)
    axes.annotate(
        "", (x, y), tuple(-_HEAD * spot.ahead), textcoords="offset points", zorder=5.0,
        arrowprops={"arrowstyle": "-|>", "color": BLUE, "mutation_scale": 15, "lw": 0, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
    if number:
        text = axes.annotate(
            number, (x, y), tuple(spot.middle - spot.tip), textcoords="offset points", fontsize=_SIZE, ha="center",
            va="center", zorder=5.8, color=INK,
        )  # fmt: skip
        text.set_path_effects([HALO])
