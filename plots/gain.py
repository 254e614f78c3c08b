"""How much each point of a study adds to its baseline, with the intervals of the paired differences."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.study_page import axis_label, chosen_measure, draw_lines, scaled_values, study_page
from plots.style import QUIET, save, styled
from sim.scenario.problems import refused
from sim.study.runs import StudyResults


def draw_gain(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """What each point gives more than the baseline; filled where the interval of the paired difference excludes 0."""
    name, baseline = chosen_measure(results, measure), results.study.baseline
    if baseline is None:
        raise refused(results.name, "a study with a baseline, [baseline] in its file", key="STUDY")
    values = scaled_values(results.gains(name))
    axes.axhline(0.0, color=QUIET, linewidth=1.2, linestyle=(0, (5, 3)), label=baseline.label)
    draw_lines(axes, results, values, clear=(values[:, 1] > 0.0) | (values[:, 2] < 0.0))
    axes.set_ylabel(f"{axis_label(name)}:\nmore than {baseline.label}")
    return axes


def figure_gain(results: StudyResults, measure: str | None = None) -> Figure:
    """The gains as a page of its own."""
    figure, axes = study_page(results, 4.8)
    draw_gain(axes, results, measure)
    axes.annotate(
        "hollow: the interval has 0 in it", (1.0, 1.0), (0.0, -2.0), xycoords="axes fraction",
        textcoords="offset points", ha="right", va="top", fontsize=8.5, color=QUIET,
    )  # fmt: skip
    return figure


def save_gain(results: StudyResults, path: Path, measure: str | None = None) -> None:
    """Draw and write the gains."""
    with styled():
        save(figure_gain(results, measure), path)
