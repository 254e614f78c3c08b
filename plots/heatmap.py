"""The heat map: a measure over the two factors of a study, with its intervals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from plots.slices import Slice, levels_of_factor, slice_of
from plots.study_page import axis_label, chosen_measure, factor_title, scaled_values, study_page, study_results
from plots.style import SEQUENTIAL, save, styled, wrapped
from sim.core.arrays import Flags, Floats, Ints
from sim.core.palette import MUTED, VERMILION
from sim.core.text import counted
from sim.scenario.problems import refused
from sim.study.study_results import StudyResults
from sim.study.tables import level_text

_MOST_CELLS_WITH_TEXT = 80


def _grid(results: StudyResults, name: str, part: Slice) -> tuple[list[str], list[list[Any]], Floats, Ints]:
    """The two factors, their levels, and at each pair of levels value and interval, and the number of the point.

    The last two are arrays (rows, columns, 3) and (rows, columns); the number is -1 where there is no point.
    """
    count = len(part.factors) + (part.facet is not None)
    if count != 2:
        raise refused(
            counted(count, "factor"),
            "a study of two factors, or of more with --at FACTOR=LEVEL for the others; `seasweep plot response` takes "
            "any number of factors",
            key="STUDY",
        )
    factors = part.factors[::-1]  # rows, and columns along the axis
    levels = [levels_of_factor(results, factor) for factor in factors]
    values = np.full((len(levels[0]), len(levels[1]), 3), np.nan)
    points = np.full(values.shape[:2], -1)
    estimates = scaled_values(results.estimates(name))
    for point in part.points:
        row = results.levels[point]
        cell = levels[0].index(row[factors[0]]), levels[1].index(row[factors[1]])
        values[cell], points[cell] = estimates[point], point
    return factors, levels, values, points


def cells_like_the_highest(results: StudyResults, name: str, values: Floats, points: Ints) -> tuple[Any, Flags]:
    """Return the cell with the highest value, and which of the others cannot be told from it, (rows, columns).

    They are those whose difference from it, paired by replication, has an interval that contains 0, or has none.
    """
    highest = np.unravel_index(int(np.nanargmax(values[:, :, 0])), points.shape)
    differences = results.differences(name, int(points[highest]))
    alike = np.array([[at >= 0 and not differences[at].excludes_zero for at in row] for row in points])
    alike[highest] = False
    return highest, alike


def _frame_cells(axes: Axes, highest: Any, alike: Flags) -> None:
    """Frame the highest cell, and with dashes those that cannot be told from it."""
    for row, column in np.argwhere(alike).tolist():
        _frame(axes, row, column, linewidth=1.6, linestyle=(0, (3, 2)))
    _frame(axes, int(highest[0]), int(highest[1]), linewidth=2.6, linestyle="solid")


def _frame(axes: Axes, row: int, column: int, **line: Any) -> None:
    """Draw a frame just inside a cell."""
    frame = Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, facecolor="none", edgecolor=VERMILION, **line)
    frame.set_path_effects([withStroke(linewidth=line["linewidth"] + 1.6, foreground="white")])  # seen in grey too
    frame.set_gid("like the highest" if line["linestyle"] != "solid" else "highest")
    axes.add_patch(frame)


def _colour_scale(values: Floats) -> tuple[float, float]:
    """Where the colours begin and end: they span all intervals, so that noise within them makes no pattern."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def draw_heatmap(axes: Axes, results: StudyResults, measure: str | None = None, part: Slice | None = None) -> Axes:
    """Draw a measure over the two factors of a study; each cell has its value and its interval as text.

    A frame marks the cell with the highest value, and dashed frames those that cannot be told from it.
    """
    name = chosen_measure(results, measure)
    factors, levels, values, points = _grid(results, name, part or slice_of(results, x=_second(results)))
    low, high = _colour_scale(values)
    image = axes.imshow(values[:, :, 0], cmap=SEQUENTIAL, origin="lower", aspect="auto", vmin=low, vmax=high)
    for axis, axis_levels in ((axes.xaxis, levels[1]), (axes.yaxis, levels[0])):
        width = 90 // len(axis_levels) if axis is axes.xaxis else 18
        axis.set_ticks(range(len(axis_levels)), [wrapped(level_text(level), max(6, width)) for level in axis_levels])
        axis.set_ticks(np.arange(len(axis_levels) + 1) - 0.5, minor=True)
    axes.set_xlabel(factor_title(results, factors[1]))
    axes.set_ylabel(factor_title(results, factors[0]))
    axes.tick_params(which="both", length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if values[:, :, 0].size <= _MOST_CELLS_WITH_TEXT:
        axes.grid(which="minor", color="white", linewidth=1.5)  # between cells that are alike
        middle = (low + high) / 2.0
        digits = int(np.clip(2 - np.floor(np.log10(max(np.nanmax(np.abs(values)), 1e-9))), 0, 4))
        for i, j in np.ndindex(values.shape[:2]):
            mid, least, most = values[i, j]
            text = "–" if np.isnan(mid) else f"{mid:.{digits}f}"
            text += "" if np.isnan(least) else f"\n{least:.{digits}f} to {most:.{digits}f}"
            axes.text(j, i, text, ha="center", va="center", fontsize=9, color="white" if mid < middle else "black")
    if not all(isinstance(level, float) for level in levels[0]):
        axes.invert_yaxis()  # names stand in the order of the file, the first on top
    _frame_cells(axes, *cells_like_the_highest(results, name, values, points))
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02)
    bar.set_label(wrapped(axis_label(name), 52))
    bar.outline.set_edgecolor("none")
    return axes


def _second(results: StudyResults, at: Sequence[str] = ()) -> str | None:
    """The second of the factors that are not fixed, which is along the axis unless another is asked for."""
    part = slice_of(results, at)
    free = sorted([*part.factors, *([part.facet] if part.facet else [])], key=list(results.levels[0]).index)
    return free[1] if len(free) > 1 else None


def figure_heatmap(
    results: StudyResults, measure: str | None = None, *, at: Sequence[str] = (), x: str | None = None
) -> Figure:
    """Draw the heat map as a figure of its own; see `plots.slices.slice_of` for `at` and `x`."""
    part = slice_of(study_results(results), at, x or _second(results, at))
    figure, (axes,) = study_page(results, 4.8, part.told)
    draw_heatmap(axes, results, measure, part)
    axes.annotate(
        "frame: the highest value; dashed frames: cells that cannot be told from it", (0.0, 0.0), (0.0, -44.0),
        xycoords="axes fraction", textcoords="offset points", ha="left", va="top", fontsize=8.5, color=MUTED,
        annotation_clip=False,
    )  # fmt: skip
    return figure


def save_heatmap(results: StudyResults, path: str | Path, measure: str | None = None, **options: Any) -> None:
    """Draw the heat map and write it to a file; options are those of `figure_heatmap`."""
    with styled():
        save(figure_heatmap(results, measure, **options), path)
