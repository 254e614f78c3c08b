"""The response plot: a measure against the factors of a study, with its intervals."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.slices import Slice, slice_of
from plots.study_page import axis_label, chosen_measure, draw_lines, draw_panels, scaled_values, study_results
from plots.style import save, styled, wrapped
from sim.core.palette import MUTED
from sim.study.study_results import StudyResults


def draw_response(
    axes: Axes, results: StudyResults, measure: str | None = None, part: Slice | None = None
) -> list[Any]:
    """Draw a measure against a factor of a study, a line for each combination of the others, with intervals.

    A baseline is drawn as a line across the axes, and its interval as a band. `part` is the part of the study that is
    drawn, all of it unless it is given. Return what a legend shows.
    """
    part = part or slice_of(results)
    name = chosen_measure(results, measure)
    values, handles = scaled_values(results.estimates(name)), list[Any]()
    if results.baseline is not None and results.study.baseline is not None:
        label = results.study.baseline.label
        mid, low, high = values[results.baseline]
        axes.axhspan(low, high, color=MUTED, alpha=0.12, linewidth=0.0)
        handles.append(axes.axhline(mid, color=MUTED, linewidth=1.2, linestyle=(0, (5, 3)), label=label))
    handles += draw_lines(axes, results, values, part.points, part.factors)
    axes.set_ylabel(wrapped(axis_label(name), 44))
    axes.set_ylim(bottom=0.0)
    return handles


def figure_response(
    results: StudyResults,
    measure: str | None = None,
    *,
    at: Sequence[str] = (),
    x: str | None = None,
    facet: str | None = None,
) -> Figure:
    """Draw the response as a figure of its own; see `plots.slices.slice_of` for `at`, `x` and `facet`."""
    part = slice_of(study_results(results), at, x, facet)
    figure, panels = draw_panels(results, part, 4.4, lambda axes, shown: draw_response(axes, results, measure, shown))
    panels[0].autoscale(axis="y")  # over all panels, which share the axis
    panels[0].set_ylim(bottom=0.0)
    return figure


def save_response(results: StudyResults, path: str | Path, measure: str | None = None, **options: Any) -> None:
    """Draw the response and write it to a file; options are those of `figure_response`."""
    with styled():
        save(figure_response(results, measure, **options), path)
