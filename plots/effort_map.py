"""Maps of the search effort of a run: hours and coverage factor, and how often places are looked at."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
from matplotlib.figure import Figure

from plots.coverage_map import default_bounds
from plots.field_map import draw_field_map, map_page, round_top, shapes_of_transfers
from plots.run_page import run_results
from plots.style import close_gap, save, styled
from sim.core.arrays import Floats
from sim.core.text import counted
from sim.scenario.problems import refused
from sim.study.maps.coverage import CELLS, REPLICATIONS, Grid, flown_sorties
from sim.study.maps.effort import PERCENTILE, Effort, Revisit, effort, revisit, sweep_widths_nmi
from sim.study.progress import Progress, no_progress
from sim.study.store import Results


class Shown(NamedTuple):
    """A quantity that a map can show."""

    field: str
    """The attribute of `Effort` or `Revisit` that holds it."""
    title: str
    label: str
    """The title of the bar of colours, with the unit."""


EFFORT = {
    "factor": Shown("coverage_factor", "where the sea was searched", "coverage factor C = W L / A, a deployment"),
    "hours": Shown("hours", "where the hours were flown", "hours over a cell, a deployment"),
}
"""What a map of effort can show, by the name of its option."""
REVISIT = {
    "response": Shown("response_h", "how long until somebody looks", "mean time to the next look, h"),
    "mean": Shown("mean_gap_h", "how long between two looks", "mean revisit gap, h"),
    "percentile": Shown(
        "percentile_gap_h", "how long between two looks", f"revisit gap that {PERCENTILE:.0f} % do not exceed, h"
    ),
    "longest": Shown("longest_gap_h", "how long nobody looks", "longest revisit gap of a deployment, h"),
    "looks": Shown("looks", "how often somebody looks", "looks, a deployment"),
}
"""What a map of revisits can show, by the name of its option."""


def _widths(results: Results, sensor: str | None) -> dict[str, float]:
    """The sweep width of each patrol; InputError where none has any."""
    widths = sweep_widths_nmi(results.scenario, sensor)
    if not any(widths.values()):
        raise refused(results.name, "a run of aircraft with a sensor that has a detection law", key="RUN")
    return widths


def _told(widths: dict[str, float], half: bool = False) -> str:
    """The sweep widths in words, one where all are the same; with `half`, the range of a look."""
    each = {name: f"{width / 2.0 if half else width:.0f} nmi" for name, width in widths.items() if width}
    same = len(set(each.values())) == 1
    return next(iter(each.values())) if same else ", ".join(f"{text} ({name})" for name, text in each.items())


def _greatest_in_areas(results: Results, grid: Grid, values: Floats) -> float:
    """The greatest value within the areas of transfers, or of all where there are none; 0 where no value is there.

    Near a base and at the edge of what is searched, values are so extreme that they would hide all differences.
    """
    areas = shapely.union_all(shapes_of_transfers(results.scenario))
    inside = shapely.contains_xy(areas, *grid.cells.T).reshape(values.shape)
    shown = values[inside & np.isfinite(values)] if inside.any() else values[np.isfinite(values)]
    return float(shown.max(initial=0.0))


def figure_effort(
    results: Results,
    show: str = "factor",
    *,
    sensor: str | None = None,
    cells: int = CELLS,
    progress: Progress = no_progress,
) -> Figure:
    """Draw the search effort of a run as a map; `show` is a name of `EFFORT`.

    Raises InputError for what is no run, or recorded no tracks, and where no aircraft has such a sensor.
    """
    results = run_results(results)
    bounds, shown = default_bounds(results.scenario), EFFORT[show]
    widths, flown = _widths(results, sensor), flown_sorties(results, REPLICATIONS)
    grid = Grid.over(bounds, cells)
    found: Effort = effort(grid, flown, widths, progress)
    values: Floats = getattr(found, shown.field)
    subtitle = (
        f"mean of {counted(found.replications, 'replication')}; cells of {grid.side:.1f} nmi; all legs as flown\n"
        f"sweep width W = {_told(widths)}, at search speed under nominal conditions"
    )
    figure, axes = map_page(bounds, f"{results.scenario.title}: {shown.title}", subtitle)
    top = round_top(_greatest_in_areas(results, grid, values))
    draw_field_map(axes, results.scenario, bounds, grid, values, shown.label, top=top)
    close_gap(figure, axes)
    return figure


def figure_revisit(
    results: Results,
    show: str = "response",
    *,
    range_nmi: float | None = None,
    cells: int = CELLS,
    progress: Progress = no_progress,
) -> Figure:
    """Draw how often places are looked at in a run as a map; `show` is a name of `REVISIT`.

    `range_nmi` is the range of a look, half the sweep width unless it is given. Raises InputError for what is no run,
    or recorded no tracks, and where no aircraft has a sensor with a sweep width.
    """
    results = run_results(results)
    scenario, shown = results.scenario, REVISIT[show]
    bounds, flown = default_bounds(scenario), flown_sorties(results, REPLICATIONS)
    widths = dict.fromkeys(scenario.patrols, 2.0 * range_nmi) if range_nmi else _widths(results, None)
    grid = Grid.over(bounds, cells)
    ranges = {name: width / 2.0 for name, width in widths.items()}
    found: Revisit = revisit(grid, flown, ranges, scenario.duration_h, progress)
    values: Floats = getattr(found, shown.field)
    never = found.looks == 0.0
    subtitle = (
        f"{counted(len(flown), 'replication')}; a look: an aircraft within {_told(widths, half=True)}; "
        "white: never looked at\ngaps are cut at the beginning and the end of the deployment"
    )
    figure, axes = map_page(bounds, f"{scenario.title}: {shown.title}", subtitle)
    seen = np.where(never, np.nan, values)
    top = round_top(_greatest_in_areas(results, grid, seen))
    colours = "viridis" if show == "looks" else "viridis_r"  # bright is good: few hours, or many looks
    draw_field_map(axes, scenario, bounds, grid, seen, shown.label, top=top, colours=colours, smooth=False)
    close_gap(figure, axes)
    return figure


def save_effort(results: Results, path: str | Path, show: str = "factor", **options: Any) -> None:
    """Draw the search effort and write it to a file; options are those of `figure_effort`."""
    with styled():
        save(figure_effort(results, show, **options), path)


def save_revisit(results: Results, path: str | Path, show: str = "response", **options: Any) -> None:
    """Draw how often places are looked at and write it to a file; options are those of `figure_revisit`."""
    with styled():
        save(figure_revisit(results, show, **options), path)
