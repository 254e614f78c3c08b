"""A measure against the factors of a study, with its intervals."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.study_page import axis_label, chosen_measure, draw_lines, scaled_values, study_page
from plots.style import QUIET, save, styled
from sim.study.runs import StudyResults


def draw_response(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """A measure against the study's first factor; a line for every combination of the others, with intervals.

    A baseline is a line across, and a band for its interval.
    """
    name = chosen_measure(results, measure)
    values = scaled_values(results.estimates(name))
    if results.baseline is not None and results.study.baseline is not None:
        mid, low, high = values[results.baseline]
        axes.axhspan(low, high, color=QUIET, alpha=0.12, linewidth=0.0)
        axes.axhline(mid, color=QUIET, linewidth=1.2, linestyle=(0, (5, 3)), label=results.study.baseline.label)
    draw_lines(axes, results, values)
    axes.set_ylabel(axis_label(name))
    axes.set_ylim(bottom=0.0)
    return axes


def figure_response(results: StudyResults, measure: str | None = None) -> Figure:
    """The response as a page of its own."""
    figure, axes = study_page(results, 4.4)
    draw_response(axes, results, measure)
    return figure


def save_response(results: StudyResults, path: Path, measure: str | None = None) -> None:
    """Draw and write the response."""
    with styled():
        save(figure_response(results, measure), path)
