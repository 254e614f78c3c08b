"""The theatre as a map: land, graticule, scale bar and outlines of areas, on the plane of the simulation."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from plots.place_names import draw_place_names
from plots.style import COAST, GRATICULE, LAND
from sim.core.geo import Plane
from sim.core.palette import INK, MUTED, VERMILION
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario

Bounds = tuple[float, float, float, float]
"""West, south, east and north edge on the plane, nmi."""

HALO = withStroke(linewidth=2.5, foreground="white", alpha=0.85)
_LETTER = 0.013  # width of a letter of a name, as a share of that of a map
_ROUND = (1.0, 2.0, 5.0)
_NO_GO_ZONE: dict[str, Any] = {
    "facecolor": "none", "edgecolor": VERMILION, "hatch": "////", "linewidth": 0.9, "alpha": 0.8, "zorder": 3.2,
}  # fmt: skip


def view(shapes: Iterable[Any], margin_nmi: float = 75.0) -> Bounds:
    """Bounds around shapes on the plane, with a margin, and neither too wide nor too tall for a page.

    Raises InputError where there are no shapes.
    """
    shown = [shape for shape in shapes if not shape.is_empty]
    if not shown:
        raise refused("no place to show", "a scenario with a patrol, or with an area of transfers", key="RUN")
    bounds = shapely.total_bounds(shown)
    west, south, east, north = (float(v) for v in bounds + np.array([-1, -1, 1, 1]) * margin_nmi)
    lack = 0.75 * (north - south) - (east - west)
    if lack > 0.0:
        west, east = west - lack / 2.0, east + lack / 2.0
    lack = 0.6 * (east - west) - (north - south)
    if lack > 0.0:
        south, north = south - lack / 2.0, north + lack / 2.0
    return west, south, east, north


def draw_basemap(
    axes: Axes, scenario: Scenario, bounds: Bounds, outlines: Iterable[str] = (), *, small: bool = False
) -> Axes:
    """Draw land, graticule, zones and scale bar within bounds, and the outlines of the areas that are named.

    A small map, one of several on a page, has no names, degrees or scale bar.
    """
    west, south, east, north = bounds
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.set_aspect("equal")
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(MUTED)
    plane = scenario.plane
    frame = shapely.box(*bounds)
    land = shapely.intersection(plane.land, shapely.buffer(frame, 5.0))
    axes.add_patch(PathPatch(path_of(land), facecolor=LAND, edgecolor=COAST, linewidth=0.5, zorder=2.0))
    _graticule(axes, plane, bounds)
    for name in outlines:
        shape = plane.project(scenario.areas[name].shape)
        outline = PathPatch(
            path_of(shape), facecolor="none", edgecolor=INK, linewidth=1.0, linestyle=(0, (5, 3)), zorder=3.0
        )
        outline.set_path_effects([withStroke(linewidth=2.2, foreground="white", alpha=0.55)])  # seen on dark sea too
        axes.add_patch(outline)
        if not small:
            _label_area(axes, name, shape, bounds)
    for number, zone in enumerate(scenario.zones.values()):
        label = "_" if number else "no-go zone"  # Matplotlib leaves labels with "_" out of the legend
        axes.add_patch(PathPatch(path_of(plane.project(zone.shape)), label=label, **_NO_GO_ZONE))
    if small:
        axes.set_xticks([])
        axes.set_yticks([])
        return axes
    bases = [(float(x), float(y)) for x, y in (plane.to_xy(*base.position) for base in scenario.bases.values())]
    draw_place_names(axes, plane, bounds, bases)
    x, y = _scale_bar(axes, bounds, bases)
    _north_arrow(axes, plane, bounds[3] - bounds[1], x, y)
    return axes


def path_of(shape: Any) -> Path:
    """Convert a polygon or multipolygon to one Matplotlib path."""
    vertices, codes = [np.zeros((0, 2))], [np.zeros(0, np.uint8)]
    for part in shapely.get_parts(shape):
        if part.geom_type != "Polygon" or part.is_empty:  # no land within the bounds
            continue
        for ring in (part.exterior, *part.interiors):
            points = np.asarray(ring.coords)
            code = np.full(len(points), Path.LINETO, np.uint8)
            code[0], code[-1] = Path.MOVETO, Path.CLOSEPOLY
            vertices.append(points)
            codes.append(code)
    return Path(np.vstack(vertices), np.concatenate(codes))


def _label_area(axes: Axes, name: str, shape: Any, bounds: Bounds) -> None:
    """Write the name of an area above its upper edge, or below it where there is no space above.

    An area of which little is within the bounds has its name above the middle of that part; the name does not leave
    the bounds.
    """
    shown = shapely.intersection(shape, shapely.box(*bounds))
    if shown.is_empty:
        return
    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    has_space = shape.bounds[3] + 0.04 * height < bounds[3]
    half = min(0.5, _LETTER * len(name) / 2.0) * width
    x = float(np.clip(shown.centroid.x, bounds[0] + half, bounds[2] - half))
    y = min(shape.bounds[3], bounds[3]) + (0.008 if has_space else -0.012) * height
    text = axes.text(
        x, y, name, fontsize=9, style="italic", ha="center", va="bottom" if has_space else "top",
        zorder=6.0, clip_on=True,
    )  # fmt: skip
    text.set_path_effects([HALO])


def round_step(span: float, most: int) -> float:
    """A round step between lines, degrees, so that a span has `most` lines at most."""
    steps = [0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0]
    return next((step for step in steps if span / step <= most), 30.0)


def _graticule(axes: Axes, plane: Plane, bounds: Bounds) -> None:
    """Draw meridians and parallels, with labels at the lower and the left edge."""
    west, south, east, north = bounds
    x, y = np.meshgrid(np.linspace(west, east, 25), np.linspace(south, north, 25))
    lon, lat = plane.to_lonlat(x, y)
    step = round_step(max(float(np.ptp(lon)), float(np.ptp(lat))), 9)
    meridians = np.arange(np.floor(lon.min() / step), np.ceil(lon.max() / step) + 1) * step
    parallels = np.arange(np.floor(lat.min() / step), np.ceil(lat.max() / step) + 1) * step
    along_lat = np.linspace(lat.min() - step, lat.max() + step, 120)
    along_lon = np.linspace(lon.min() - step, lon.max() + step, 120)
    lines = [np.column_stack(plane.to_xy(np.full(120, meridian), along_lat)) for meridian in meridians]
    lines += [np.column_stack(plane.to_xy(along_lon, np.full(120, parallel))) for parallel in parallels]
    axes.add_collection(LineCollection(lines, colors=GRATICULE, linewidths=0.4, alpha=0.6, zorder=2.5), autolim=False)
    feet = [float(np.interp(south, line[:, 1], line[:, 0])) for line in lines[: len(meridians)]]
    sides = [float(np.interp(west, line[:, 0], line[:, 1])) for line in lines[len(meridians) :]]
    inside = [(x, degrees_label(lon, "E", "W")) for x, lon in zip(feet, meridians, strict=True) if west < x < east]
    beside = [(y, degrees_label(lat, "N", "S")) for y, lat in zip(sides, parallels, strict=True) if south < y < north]
    axes.set_xticks([place for place, _ in inside], [text for _, text in inside])
    axes.set_yticks([place for place, _ in beside], [text for _, text in beside])
    axes.tick_params(length=2.5, labelsize=8)


def degrees_label(value: float, positive: str, negative: str) -> str:
    """The label of a meridian or a parallel, such as 125°E."""
    value = (value + 180.0) % 360.0 - 180.0 if positive == "E" else value
    return f"{abs(value):g}°{positive if value >= 0 else negative}"


def _north_arrow(axes: Axes, plane: Plane, height: float, x: float, y: float) -> None:
    """Draw an arrow to true north at a place: north of the plane differs from it by some degrees."""
    lon, lat = (float(v) for v in plane.to_lonlat(x, y))
    to_x, to_y = (float(v) for v in plane.to_xy(lon, lat + 0.05))
    share = 0.028 * height / float(np.hypot(to_x - x, to_y - y))
    tip = (x + share * (to_x - x), y + share * (to_y - y))
    line = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.1, "shrinkA": 0.0, "shrinkB": 0.0}
    arrow = axes.annotate("", tip, (x, y), zorder=7.2, arrowprops=line)
    arrow.set_gid("north")
    axes.annotate("N", (x, y), (4.0, 0.0), textcoords="offset points", ha="left", va="bottom", fontsize=7.5, zorder=7.2)


def _scale_bar(axes: Axes, bounds: Bounds, avoid: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Draw a bar of a round number of nautical miles, in the corner that is farthest from the places to avoid.

    Return the place beside it for the arrow to north.
    """
    west, south, east, north = bounds
    width, height = east - west, north - south
    wanted = 0.22 * width
    power = 10.0 ** np.floor(np.log10(wanted))
    length = max(digit * power for digit in _ROUND if digit * power <= wanted)
    left, right = west + 0.05 * width, east - 0.11 * width - length
    low, high = south + 0.045 * height, north - 0.075 * height
    corners = [(right, low), (left, low), (right, high), (left, high)]

    def distance(corner: tuple[float, float]) -> float:
        """From a bar in a corner to the nearest place to avoid."""
        gaps = [np.hypot(corner[0] + length / 2.0 - px, corner[1] - py) for px, py in avoid]
        return float(min([0.35 * width, *gaps]))

    x, y = max(corners, key=distance)
    plate = Rectangle(
        (x - 0.025 * width, y - 0.022 * height), length + 0.11 * width, 0.065 * height,
        facecolor="white", alpha=0.85, edgecolor="none", zorder=6.5,
    )  # fmt: skip
    axes.add_patch(plate)
    half = length / 2.0
    for first, colour in ((x, INK), (x + half, "white")):
        axes.plot([first, first + half], [y, y], color=INK, linewidth=4.5, solid_capstyle="butt", zorder=7.0)
        axes.plot([first, first + half], [y, y], color=colour, linewidth=3.0, solid_capstyle="butt", zorder=7.1)
    axes.text(x + half, y + 0.009 * height, f"{length:g} nmi", ha="center", va="bottom", fontsize=8, zorder=7.1)
    return x + length + 0.04 * width, y - 0.008 * height
