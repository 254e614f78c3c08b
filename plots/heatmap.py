"""The heat map: a measure over the two factors of a study, with its intervals."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.study_page import axis_label, chosen_measure, factor_title, levels_of_factor, scaled_values, study_page
from plots.style import SEQUENTIAL, save, styled, wrapped
from sim.core.arrays import Floats
from sim.core.text import counted
from sim.scenario.problems import refused
from sim.study.runs import StudyResults
from sim.study.tables import level_text

_MOST_CELLS_WITH_TEXT = 80


def _grid(results: StudyResults, name: str) -> tuple[list[str], list[list[Any]], Floats]:
    """The two factors, their levels, and the value and interval at each pair of levels, (rows, columns, 3)."""
    factors = list(results.levels[0])
    if len(factors) != 2:
        raise refused(
            counted(len(factors), "factor"),
            "a study of two factors; `seasweep plot response` takes any number of factors",
            key="STUDY",
        )
    levels = [levels_of_factor(results, factor) for factor in factors]
    values = np.full((len(levels[0]), len(levels[1]), 3), np.nan)
    for row, three in list(zip(results.levels, scaled_values(results.estimates(name)), strict=True))[
        : results.baseline
    ]:
        values[levels[0].index(row[factors[0]]), levels[1].index(row[factors[1]])] = three
    return factors, levels, values


def draw_heatmap(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """Draw a measure over the two factors of a study; each cell has its value and its interval as text."""
    name = chosen_measure(results, measure)
    factors, levels, values = _grid(results, name)
    image = axes.imshow(values[:, :, 0], cmap=SEQUENTIAL, origin="lower", aspect="auto")
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
        middle = (np.nanmin(values[:, :, 0]) + np.nanmax(values[:, :, 0])) / 2.0
        digits = int(np.clip(2 - np.floor(np.log10(max(np.nanmax(np.abs(values)), 1e-9))), 0, 4))
        for i, j in np.ndindex(values.shape[:2]):
            mid, low, high = values[i, j]
            text = "–" if np.isnan(mid) else f"{mid:.{digits}f}"
            text += "" if np.isnan(low) else f"\n{low:.{digits}f} to {high:.{digits}f}"
            axes.text(j, i, text, ha="center", va="center", fontsize=9, color="white" if mid < middle else "black")
    bar = axes.figure.colorbar(image, ax=axes, pad=0.02)
    bar.set_label(wrapped(axis_label(name), 52))
    bar.outline.set_edgecolor("none")
    return axes


def figure_heatmap(results: StudyResults, measure: str | None = None) -> Figure:
    """Draw the heat map as a figure of its own."""
    figure, axes = study_page(results, 4.8)
    draw_heatmap(axes, results, measure)
    return figure


def save_heatmap(results: StudyResults, path: str | Path, measure: str | None = None) -> None:
    """Draw the heat map and write it to a file."""
    with styled():
        save(figure_heatmap(results, measure), path)
