"""A quantity over the sea as colours on a map, with land, areas and bases: what all such maps share."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.basemap import Bounds, draw_basemap
from plots.bases import draw_bases
from plots.style import SEQUENTIAL, set_heading
from sim.core.arrays import Floats
from sim.scenario.schema import Scenario
from sim.study.maps.coverage import Grid

PAGE_WIDTH = 8.2  # inches
_ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def round_top(greatest: float) -> float:
    """Return a round number that is at least a value, for the top of a scale that begins at 0; 1 where it is 0."""
    if not greatest > 0.0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(greatest))
    return float(next(digit * power for digit in _ROUND if digit * power >= greatest * (1.0 - 1e-9)))


def draw_field(
    axes: Axes,
    grid: Grid,
    values: Floats,
    *,
    top: float,
    low: float = 0.0,
    colours: str = SEQUENTIAL,
    smooth: bool = True,
) -> Any:
    """Draw values (ny, nx) over a grid as colours from `low` to `top`; NaN has no colour. Return the image."""
    half = grid.side / 2.0
    return axes.imshow(
        values, extent=(grid.x[0] - half, grid.x[-1] + half, grid.y[0] - half, grid.y[-1] + half), origin="lower",
        cmap=colours, vmin=low, vmax=top, interpolation="bilinear" if smooth else "nearest", zorder=1.0,
    )  # fmt: skip


def add_colour_bar(axes: Axes, image: Any, label: str) -> None:
    """Add a bar of colours beside a map; it ends in a point where some values lie beyond its top."""
    beyond = float(np.nanmax(image.get_array().filled(np.nan), initial=0.0)) > image.get_clim()[1]
    extend = "max" if beyond else "neither"
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02, aspect=28, extend=extend, panchor=False)
    bar.set_label(label)
    bar.outline.set_edgecolor("none")


def map_page(bounds: Bounds, title: str, subtitle: str) -> tuple[Figure, Axes]:
    """Return a figure for one map of some bounds, with its heading, and the axes to draw on."""
    tall = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    height = float(np.clip(PAGE_WIDTH * 0.74 * tall + 1.5, 5.0, 11.0))
    figure = Figure(figsize=(PAGE_WIDTH, height), layout="constrained")
    axes = figure.add_subplot(anchor="N")  # below the heading, whose height the layout then knows
    set_heading(axes, title, subtitle, 66)
    return figure, axes


def outlines_of_transfers(scenario: Scenario) -> Iterable[str]:
    """Return the names of the areas where transfers take place, each once."""
    return dict.fromkeys(source.area for source in scenario.transfers.values())


def shapes_of_transfers(scenario: Scenario) -> list[Any]:
    """Return the areas where transfers take place as shapes on the plane, each once."""
    return [scenario.plane.project(scenario.areas[name].shape) for name in outlines_of_transfers(scenario)]


def draw_field_map(
    axes: Axes,
    scenario: Scenario,
    bounds: Bounds,
    grid: Grid,
    values: Floats,
    label: str,
    *,
    gid: str = "field",
    **options: Any,
) -> Axes:
    """Draw a field over the sea with land, areas, bases and a bar of colours; options are those of `draw_field`."""
    image = draw_field(axes, grid, values, **options)
    image.set_gid(gid)
    draw_basemap(axes, scenario, bounds, outlines_of_transfers(scenario))
    draw_bases(axes, scenario, bounds)
    add_colour_bar(axes, image, label)
    return axes
