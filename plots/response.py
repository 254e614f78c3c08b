"""The response plot: a measure against the factors of a study, with its intervals."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.study_page import axis_label, chosen_measure, draw_lines, scaled_values, study_page
from plots.style import save, styled, wrapped
from sim.core.palette import MUTED
from sim.study.runs import StudyResults


def draw_response(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """Draw a measure against the first factor of a study, a line for each combination of the others, with intervals.

    A baseline is drawn as a line across the axes, and its interval as a band.
    """
    name = chosen_measure(results, measure)
    values = scaled_values(results.estimates(name))
    baseline = None
    if results.baseline is not None and results.study.baseline is not None:
        label = results.study.baseline.label
        mid, low, high = values[results.baseline]
        axes.axhspan(low, high, color=MUTED, alpha=0.12, linewidth=0.0)
        baseline = axes.axhline(mid, color=MUTED, linewidth=1.2, linestyle=(0, (5, 3)), label=label)
    draw_lines(axes, results, values, baseline)
    axes.set_ylabel(wrapped(axis_label(name), 44))
    axes.set_ylim(bottom=0.0)
    return axes


def figure_response(results: StudyResults, measure: str | None = None) -> Figure:
    """Draw the response as a figure of its own."""
    figure, axes = study_page(results, 4.4)
    draw_response(axes, results, measure)
    return figure


def save_response(results: StudyResults, path: str | Path, measure: str | None = None) -> None:
    """Draw the response and write it to a file."""
    with styled():
        save(figure_response(results, measure), path)
