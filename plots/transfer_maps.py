"""Maps of what became of transfers, by cell: why they were missed, and how two runs differ."""

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from plots.basemap import HALO, Bounds, draw_basemap, view
from plots.bases import draw_bases
from plots.field_map import draw_field, map_page, outlines_of_transfers, round_top, shapes_of_transfers
from plots.run_page import run_results
from plots.style import close_gap, save, styled, wrapped
from sim.core.arrays import Flags, Floats
from sim.core.palette import INK, MUTED
from sim.core.text import counted
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.estimates import LEVEL
from sim.study.maps.coverage import Grid
from sim.study.maps.transfer_cells import SHARES, count_by_cell, difference_by_cell, reasons_in_order
from sim.study.measures import REASON_WORDS
from sim.study.store import Results

CELLS = 30  # largest number of cells: a cell needs many transfers before its share says something
_LETTERS_PER_IN = 8  # of a title
_SUBTITLE = 100  # letters of a line of it
_MOST_WRITTEN = 100  # cells whose values are written in them
_FEW = 10  # transfers: a cell with fewer is hatched


def _sea_of_transfers(results: Results, cells: int) -> tuple[Bounds, Grid]:
    """The bounds of a map of the areas of transfers, and cells over them; InputError where there are none."""
    shapes = shapes_of_transfers(results.scenario)
    if not shapes:
        raise refused(results.name, "a run of a scenario with transfers", key="RUN")
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return view(shapes, margin_nmi=25.0), Grid.over((west, south, east, north), cells)


def hatch_cells(axes: Axes, grid: Grid, marked: Flags, hatch: str) -> None:
    """Hatch the cells that are marked, (ny, nx)."""
    for row, column in np.argwhere(marked).tolist():
        corner = (grid.x[column] - grid.side / 2.0, grid.y[row] - grid.side / 2.0)
        patch = Rectangle(
            corner, grid.side, grid.side, facecolor="none", edgecolor=INK, hatch=hatch, linewidth=0.0, alpha=0.45,
            zorder=1.5,
        )  # fmt: skip
        patch.set_gid("hatched")
        axes.add_patch(patch)


def _write_values(axes: Axes, grid: Grid, values: Floats) -> None:
    """Write the value of each cell with its sign, which the colours of a grey print do not show."""
    for row, column in np.argwhere(np.isfinite(values)).tolist():
        text = axes.text(
            grid.x[column], grid.y[row], f"{round(values[row, column]):+d}", ha="center", va="center", fontsize=8.5,
            zorder=4.0,
        )  # fmt: skip
        text.set_path_effects([HALO])
        text.set_gid("value")


# ---------------------------------------------------------------------------------------------------- missed
def figure_missed(results: Results, cells: int = CELLS) -> Figure:
    """Draw where transfers were documented, and where not, a map for each reason; InputError for what is no run.

    The colour of a cell is the share of its transfers that were documented, or that the reason stopped. All maps have
    one scale. Raises InputError also for a run without transfers, and for one in which all were documented.
    """
    results = run_results(results)
    scenario = results.scenario
    bounds, grid = _sea_of_transfers(results, cells)
    counts = count_by_cell(results, grid)
    reasons = reasons_in_order(counts, list(REASON_WORDS))
    if not reasons:
        raise refused(results.name, "a run in which a transfer was not documented", key="RUN")
    total = counts.transfers.sum(axis=0)
    shape = (len(grid.y), len(grid.x))
    found = {
        "documented": counts.by_status["documented"],
        **{REASON_WORDS[name]: counts.by_reason[name] for name in reasons},
    }
    shares = {
        name: np.where(total > 0, 100.0 * here.sum(axis=0) / np.maximum(total, 1), np.nan).reshape(shape)
        for name, here in found.items()
    }
    columns = min(4, len(shares))
    rows = -(-len(shares) // columns)
    tall = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    figure = Figure(figsize=(2.7 * columns + 1.0, rows * (2.5 * tall + 0.5) + 0.8), layout="constrained")
    panels = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    top = max(float(np.nanmax(values[_enough(total, shape)], initial=0.0)) for values in shares.values())
    for axes, (name, values) in zip(panels, shares.items(), strict=False):
        image = _draw_share(axes, scenario, bounds, grid, values, round_top(top))
        few = (total.reshape(shape) < _FEW) & (total.reshape(shape) > 0)
        hatch_cells(axes, grid, few, "....")
        axes.set_title(name, loc="left", fontsize=9.0, weight="bold")
    for axes in panels[len(shares) :]:
        axes.set_visible(False)
    bar = figure.colorbar(image, ax=panels.tolist(), shrink=0.6, pad=0.02, aspect=30)
    bar.set_label("share of the transfers in a cell, %")
    bar.outline.set_edgecolor("none")
    _page_heading(figure, results, f"cells of {grid.side:.0f} nmi; dotted: fewer than {_FEW} transfers")
    return figure


def _enough(total: Floats, shape: tuple[int, int]) -> Flags:
    """Which cells have as many transfers as a share needs; all where none has."""
    enough = (total >= _FEW).reshape(shape)
    return enough if enough.any() else np.ones(shape, bool)


def _draw_share(axes: Axes, scenario: Scenario, bounds: Bounds, grid: Grid, values: Floats, top: float) -> Any:
    """Draw one small map of shares; return its image."""
    image = draw_field(axes, grid, values, top=top, smooth=False)
    draw_basemap(axes, scenario, bounds, outlines_of_transfers(scenario), small=True)
    draw_bases(axes, scenario, bounds)
    return image


def _page_heading(figure: Figure, results: Results, subtitle: str) -> None:
    """Set the heading of a page of several maps."""
    total = len(results.columns["transfers"])
    title = wrapped(
        f"{results.scenario.title}: why transfers were not documented", int(_LETTERS_PER_IN * figure.get_figwidth())
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=11.0, weight="bold")
    figure.supxlabel(
        f"{counted(total, 'replication')}, seed {results.info['seed']}; {subtitle}", x=0.01, ha="left", fontsize=8.5,
        color=MUTED,
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- difference
def figure_difference(ours: Results, theirs: Results, measure: str = "p_documented", cells: int = CELLS) -> Figure:
    """Draw how much larger a share of transfers is in one run than in another, by cell; hatched: maybe no difference.

    `measure` is one of `sim.study.maps.transfer_cells.SHARES`. Raises InputError where the runs do not have the same
    replications of the same seed, for what is no run, and for a run of a scenario without transfers.
    """
    ours, theirs = run_results(ours), run_results(theirs)
    scenario = ours.scenario
    bounds, grid = _sea_of_transfers(ours, cells)
    rows = difference_by_cell(ours, theirs, grid, measure)
    shape = (len(grid.y), len(grid.x))
    values = np.array([np.nan if row is None or row.value is None else 100.0 * row.value for row in rows])
    unclear = np.array([row is not None and not row.excludes_zero for row in rows]).reshape(shape)
    values = values.reshape(shape)
    top = round_top(float(np.nanmax(np.abs(values), initial=0.0)))
    rung = measure.removeprefix("p_")
    total = len(ours.columns["transfers"])
    subtitle = (
        f"{wrapped(f'less {theirs.scenario.title}', _SUBTITLE)}\n"
        f"{counted(total, 'replication')}, seed {ours.info['seed']}, paired; hatched: "
        f"the {100.0 * ours.info.get('level', LEVEL):g} % interval contains 0; cells of {grid.side:.0f} nmi"
    )
    figure, axes = map_page(bounds, f"{scenario.title}: share of transfers {rung}", subtitle)
    image = draw_field(axes, grid, values, top=top, low=-top, colours="PuOr_r", smooth=False)
    image.set_gid("field")
    hatch_cells(axes, grid, unclear, "////")
    if values.size <= _MOST_WRITTEN:
        _write_values(axes, grid, values)
    draw_basemap(axes, scenario, bounds, outlines_of_transfers(scenario))
    draw_bases(axes, scenario, bounds)
    bar = figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02, aspect=28, panchor=False)
    bar.set_label(f"difference of the share {rung}, percentage points")
    bar.outline.set_edgecolor("none")
    close_gap(figure, axes)
    return figure


def save_missed(results: Results, path: str | Path, cells: int = CELLS) -> None:
    """Draw why transfers were not documented, and write it to a file."""
    with styled():
        save(figure_missed(results, cells), path)


def save_difference(
    ours: Results, theirs: Results, path: str | Path, measure: str = SHARES[-1], cells: int = CELLS
) -> None:
    """Draw how two runs differ, and write it to a file."""
    with styled():
        save(figure_difference(ours, theirs, measure, cells), path)
