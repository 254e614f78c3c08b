"""The gain plot: how much each point of a study adds to the baseline, with intervals of the paired differences."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.slices import Slice, slice_of
from plots.study_page import axis_label, chosen_measure, draw_lines, draw_panels, scaled_values, study_results
from plots.style import save, styled, wrapped
from sim.core.palette import MUTED
from sim.scenario.problems import refused
from sim.study.study_results import StudyResults


def draw_gain(axes: Axes, results: StudyResults, measure: str | None = None, part: Slice | None = None) -> list[Any]:
    """Draw how much each point adds to the baseline; marks are filled where the interval excludes 0.

    `part` is the part of the study that is drawn, all of it unless it is given. Return what a legend shows.
    """
    part = part or slice_of(results)
    name, baseline = chosen_measure(results, measure), results.study.baseline
    if baseline is None:
        raise refused(results.name, "a study with a baseline, [baseline] in its file", key="STUDY")
    values = scaled_values(results.gains(name))
    zero = axes.axhline(0.0, color=MUTED, linewidth=1.2, linestyle=(0, (5, 3)), label=baseline.label)
    clear = (values[:, 1] > 0.0) | (values[:, 2] < 0.0)
    lines = draw_lines(axes, results, values, part.points, part.factors, clear=clear)
    axes.set_ylabel(f"{wrapped(axis_label(name, 'percentage points'), 52)}:\nmore than {baseline.label}")
    return [zero, *lines]


def figure_gain(
    results: StudyResults,
    measure: str | None = None,
    *,
    at: Sequence[str] = (),
    x: str | None = None,
    facet: str | None = None,
) -> Figure:
    """Draw the gains as a figure of their own; see `plots.slices.slice_of` for `at`, `x` and `facet`."""
    part = slice_of(study_results(results), at, x, facet)
    figure, panels = draw_panels(results, part, 4.8, lambda axes, shown: draw_gain(axes, results, measure, shown))
    panels[-1].annotate(
        "hollow: the interval contains 0", (1.0, 1.0), (0.0, -2.0), xycoords="axes fraction",
        textcoords="offset points", ha="right", va="top", fontsize=8.5, color=MUTED,
    )  # fmt: skip
    return figure


def save_gain(results: StudyResults, path: str | Path, measure: str | None = None, **options: Any) -> None:
    """Draw the gains and write them to a file; options are those of `figure_gain`."""
    with styled():
        save(figure_gain(results, measure, **options), path)
