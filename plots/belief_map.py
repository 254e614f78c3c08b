"""The belief map of a run: where pairs may lie alongside at an hour that no flight has found."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke

from plots.basemap import Bounds, path_of
from plots.coverage_map import default_bounds
from plots.field_map import draw_field_map, map_page, round_top, shapes_of_transfers
from plots.run_page import run_results
from plots.style import add_legend, close_gap, save, styled
from sim.core.arrays import Floats
from sim.core.palette import INK, VERMILION
from sim.core.text import counted
from sim.core.units import HOURS_PER_DAY
from sim.study.maps.belief import Belief, make_belief
from sim.study.maps.coverage import CELLS
from sim.study.store import Results

_SQUARE_NMI = 100.0  # side of the sea for which a number is given: that of a cell depends on how fine the map is
_COLOURS = "Blues"  # sequential, and white where there is nothing
_SHOWN_ERRORS = 3.0  # of a tip's place: the field is shown as far from there
_LATELY_H = HOURS_PER_DAY
"""The legs of so many hours before are drawn."""


def draw_belief(axes: Axes, results: Results, belief: Belief, bounds: Bounds) -> Axes:
    """Draw the map on axes: the belief, land, outlines, legs flown lately, and tips."""
    sea = np.where(belief.sea_nmi2 > 0.0, belief.sea_nmi2, np.nan)
    density: Floats = belief.expected / sea * _SQUARE_NMI**2
    label = f"expected number of unfound pairs alongside, in {_SQUARE_NMI:g} by {_SQUARE_NMI:g} nmi"
    draw_field_map(
        axes, results.scenario, bounds, belief.grid, density, label, top=round_top(_greatest(belief, sea)),
        colours=_COLOURS, smooth=False, gid="belief-field",
    )  # fmt: skip
    _clip(axes, results, belief)
    _draw_legs(axes, results, belief)
    _draw_tips(axes, belief)
    return axes


def _clip(axes: Axes, results: Results, belief: Belief) -> None:
    """Show the field within the areas of transfers and about tips alone: cells at an edge reach beyond it."""
    about = [shapely.Point(tip.x, tip.y).buffer(_SHOWN_ERRORS * tip.error_nmi) for tip in belief.tips]
    shown = shapely.union_all([*shapes_of_transfers(results.scenario), *about])
    for image in axes.get_images():
        image.set_clip_path(path_of(shown), transform=axes.transData)


def _greatest(belief: Belief, sea: Floats) -> float:
    """The greatest number in the square where no tip adds to it; if it is 0 everywhere, the greatest of all.

    A tip says that a pair is in a few cells, which would leave all others pale.
    """
    untold = belief.expected - sum(tip.by_cell for tip in belief.tips)
    for values in (untold, belief.expected):
        greatest = float(np.nanmax(values / sea, initial=0.0)) * _SQUARE_NMI**2
        if greatest > 1e-12:
            return greatest
    return 0.0


def _draw_legs(axes: Axes, results: Results, belief: Belief) -> None:
    """Draw the search legs that were flown in the last hours, the older the fainter."""
    scenario, hour = results.scenario, belief.hour
    field = pc.field
    rows = (field("replication") == belief.replication) & (field("phase") == "search")
    rows &= (field("begin_h") < hour) & (field("end_h") > hour - _LATELY_H)
    if belief.nation:
        mine = [name for name, patrol in scenario.patrols.items() if patrol.nation == belief.nation]
        rows &= field("patrol").isin(pa.array(mine, pa.string()))  # it may have no patrol
    table = results.tables["tracks"].filter(rows)
    if not table.num_rows:
        return
    column = {name: table.column(name).to_numpy() for name in ("begin_h", "end_h", "lon0", "lat0", "lon1", "lat1")}
    start = np.column_stack(scenario.plane.to_xy(column["lon0"], column["lat0"]))
    end = np.column_stack(scenario.plane.to_xy(column["lon1"], column["lat1"]))
    share = np.clip((hour - column["begin_h"]) / np.maximum(column["end_h"] - column["begin_h"], 1e-9), 0.0, 1.0)
    age = np.clip((hour - np.minimum(column["end_h"], hour)) / _LATELY_H, 0.0, 1.0)
    legs = list(np.stack([start, start + share[:, None] * (end - start)], axis=1))
    label = f"search legs of the last {_LATELY_H:g} h"
    lines = LineCollection(legs, colors=INK, linewidths=0.8, alpha=list(0.6 - 0.45 * age), zorder=4.0, label=label)
    lines.set_gid("legs")
    axes.add_collection(lines, autolim=False)


def _draw_tips(axes: Axes, belief: Belief) -> None:
    """Mark the places of tips, each in a circle of two standard errors, with the chance that it has."""
    if not belief.tips:
        return
    x, y = np.array([(tip.x, tip.y) for tip in belief.tips]).T
    label = f"tips, each with its chance and a circle that holds 86 % of places ({len(belief.tips)})"
    marks = axes.scatter(
        x, y, marker="D", s=34, facecolors="white", edgecolors=VERMILION, linewidths=1.3, zorder=5.0, label=label
    )
    marks.set_gid("tips")
    for tip in belief.tips:
        axes.add_patch(
            Circle((tip.x, tip.y), 2.0 * tip.error_nmi, fill=False, edgecolor=VERMILION, linewidth=0.8, zorder=4.9)
        )
        note = axes.annotate(
            f"{tip.chance:.2g}", (tip.x, tip.y), (6.0, 4.0), textcoords="offset points", fontsize=8.0, color=INK,
            zorder=5.1, annotation_clip=True,
        )  # fmt: skip
        note.set_path_effects([withStroke(linewidth=2.5, foreground="white")])


def figure_belief(results: Results, belief: Belief, bounds: Bounds) -> Figure:
    """Draw the belief map as a figure of its own, with title and legend; InputError for what is no run."""
    results = run_results(results)
    title = f"{results.scenario.title}: what is left to be found"
    figure, axes = map_page(bounds, title, _subtitle(results, belief))
    draw_belief(axes, results, belief, bounds)
    handles, labels = axes.get_legend_handles_labels()
    handles = [_in_legend(handle) for handle in handles]
    if labels:
        whose = f"flights and tips of {belief.nation}" if belief.nation else "flights"
    else:
        whose = f"no search of {belief.nation or 'any patrol'} in the last {_LATELY_H:g} h"
    add_legend(
        figure, handles, labels, loc="outside lower center", ncols=min(3, len(labels)), fontsize=8.5,
        columnspacing=1.6, title=f"{whose}, replication {belief.replication}", title_fontsize=8.5,
    )  # fmt: skip
    close_gap(figure, axes)
    return figure


def _in_legend(handle: Any) -> Any:
    """What stands for an artist in a legend: legs, which fade with their age, by a line of one strength."""
    return Line2D([], [], color=INK, linewidth=0.8, alpha=0.6) if isinstance(handle, LineCollection) else handle


def _subtitle(results: Results, belief: Belief) -> str:
    """The moment, the expected number of pairs, and what it would be if nobody had flown."""
    scenario = results.scenario
    moment = scenario.start + timedelta(hours=belief.hour)
    local = moment.astimezone(scenario.local)
    tips = sum(tip.chance for tip in belief.tips)
    by_tips = f", {tips:.2g} of them by {counted(len(belief.tips), 'tip')}" if belief.tips else ""
    return (
        f"hour {belief.hour:g}: {moment:%d %b %Y %H:%M} UTC ({local:%H:%M %Z})\n"
        f"{belief.total:#.3g} unfound pairs alongside are expected{by_tips}; without any flight or tip "
        f"{belief.unflown:#.3g}"
    )


def save_belief(
    results: Results,
    path: str | Path,
    *,
    at: float,
    replication: int | None = None,
    nation: str | None = None,
    cells: int = CELLS,
) -> Belief:
    """Compute the belief at an hour of a replication, draw the map and write it to a file; return the belief.

    `at`, `replication`, `nation`, `cells` and the errors are those of `sim.study.maps.belief.make_belief`; InputError
    for what is no run.
    """
    results = run_results(results)
    belief = make_belief(results, at, replication=replication, nation=nation, cells=cells)
    with styled():
        save(figure_belief(results, belief, default_bounds(results.scenario)), path)
    return belief
