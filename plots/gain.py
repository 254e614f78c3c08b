"""The gain plot: how much each point of a study adds to the baseline, with intervals of the paired differences."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.study_page import axis_label, chosen_measure, draw_lines, scaled_values, study_page
from plots.style import save, styled, wrapped
from sim.core.palette import MUTED
from sim.scenario.problems import refused
from sim.study.runs import StudyResults


def draw_gain(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """Draw how much each point adds to the baseline; marks are filled where the interval excludes 0."""
    name, baseline = chosen_measure(results, measure), results.study.baseline
    if baseline is None:
        raise refused(results.name, "a study with a baseline, [baseline] in its file", key="STUDY")
    values = scaled_values(results.gains(name))
    zero = axes.axhline(0.0, color=MUTED, linewidth=1.2, linestyle=(0, (5, 3)), label=baseline.label)
    draw_lines(axes, results, values, zero, clear=(values[:, 1] > 0.0) | (values[:, 2] < 0.0))
    axes.set_ylabel(f"{wrapped(axis_label(name, 'percentage points'), 52)}:\nmore than {baseline.label}")
    return axes


def figure_gain(results: StudyResults, measure: str | None = None) -> Figure:
    """Draw the gains as a figure of their own."""
    figure, axes = study_page(results, 4.8)
    draw_gain(axes, results, measure)
    axes.annotate(
        "hollow: the interval contains 0", (1.0, 1.0), (0.0, -2.0), xycoords="axes fraction",
        textcoords="offset points", ha="right", va="top", fontsize=8.5, color=MUTED,
    )  # fmt: skip
    return figure


def save_gain(results: StudyResults, path: str | Path, measure: str | None = None) -> None:
    """Draw the gains and write them to a file."""
    with styled():
        save(figure_gain(results, measure), path)
