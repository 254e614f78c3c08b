"""The page, lines and labels that pictures of a study share."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.cells import cell_len

from plots.slices import Slice, facets, levels_of_factor
from plots.style import CYCLE, add_legend, set_heading, wrapped
from sim.core.arrays import Floats
from sim.core.palette import MUTED
from sim.core.text import counted, visible
from sim.scenario.arguments import of_type
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.wording import key_in_words
from sim.study.estimates import Measure
from sim.study.measures import definition_of, is_share, tidied_name
from sim.study.study_results import StudyResults
from sim.study.tables import level_text

MARKERS = "osD^vPX*"
_OCTAVE = float(np.log(2.0))
_LEGEND_WIDTH = 100  # letters
_LEGEND_ROWS, _LEGEND_ROW_IN = 6, 0.19  # rows for which a page has space, and the height of another, inches
_WIDE = 20.0  # ratio of the largest level to the smallest above which the axis is logarithmic


def chosen_measure(results: StudyResults, measure: str | None) -> str:
    """The measure to draw: the first of the study unless another is given; InputError for an unknown name."""
    name = tidied_name(measure or results.study.measures[0])
    names = [row.measure for row in results.measures[0]]
    if name not in names:
        raise refused(name, f"a measure: {', '.join(names)}", key="--measure", hint=nearest(name, names))
    return name


def scaled_values(rows: Sequence[Measure]) -> Floats:
    """The value, low and high end of measures, (n, 3), NaN where there is none, shares in per cent."""
    scale = 100.0 if is_share(rows[0].unit) else 1.0
    cells = [[row.value, row.low, row.high] for row in rows]
    return scale * np.array([[np.nan if cell is None else cell for cell in row] for row in cells])


def axis_label(name: str, share: str = "%") -> str:
    """The label of an axis: what a measure means, and its unit; `share` is the unit of those that are shares."""
    measure = definition_of(name)
    if measure.kind == "rate":
        return measure.meaning
    unit = measure.unit
    return f"{measure.meaning}, {share if unit.startswith('of ') else unit}"


def factor_title(results: StudyResults, label: str) -> str:
    """The title of a factor's axis: its name, or its key in words with the unit."""
    factor = next(factor for factor in results.study.vary if factor.label == label)
    return factor.name or key_in_words(label, factor.values or [])


def _group_label(factors: Sequence[str], group: Sequence[Any]) -> str:
    """The label of a line: its levels, with the names of the factors where there are several."""
    if len(factors) == 1:
        return level_text(group[0])
    return ", ".join(f"{factor} {level_text(level)}" for factor, level in zip(factors, group, strict=True))


def draw_lines(
    axes: Axes,
    results: StudyResults,
    values: Floats,
    points: Sequence[int],
    factors: Sequence[str],
    clear: Any = None,
) -> list[Any]:
    """Draw value, low and high end, (n, 3), of some points, and return the lines; marks are hollow where not `clear`.

    `factors` are those whose levels differ: the first is along the axis, and each combination of the others has a line.
    """
    first, *others = factors
    levels_of = results.levels
    levels = levels_of_factor(results, first)
    numeric = all(isinstance(level, float) for level in levels)
    places = {level: float(level) if numeric else float(index) for index, level in enumerate(levels)}
    titles = [factor_title(results, factor) for factor in others]
    groups: dict[tuple[Any, ...], list[int]] = {}
    handles = []
    for point in points:
        groups.setdefault(tuple(levels_of[point][factor] for factor in others), []).append(point)
    wide = numeric and min(levels) > 0.0 and max(levels) > _WIDE * min(levels)
    at = {level: np.log(place) if wide else place for level, place in places.items()}
    gap = min(np.diff(sorted(at.values())), default=1.0)
    gap = min(gap, _OCTAVE) if wide else gap
    for index, (group, mine) in enumerate(groups.items()):
        shift = 0.06 * gap * (index - (len(groups) - 1) / 2.0) / max(1.0, len(groups) / 4.0)
        x = np.array([at[levels_of[point][first]] for point in mine]) + shift
        x = np.exp(x) if wide else x
        mid, low, high = values[mine].T
        colour, marker = CYCLE[index % len(CYCLE)], MARKERS[index % len(MARKERS)]
        line = axes.errorbar(
            x, mid, yerr=np.abs(np.vstack([mid - low, high - mid])), color=colour, marker=marker, markersize=5.0,
            elinewidth=1.1, capsize=3.0, linewidth=1.3 if numeric else 0.8, linestyle="-" if numeric else ":",
            label=_group_label(titles, group),  # names have no order, so a dotted line connects them
        )  # fmt: skip
        handles.append(line)
        if clear is not None:
            vague = ~clear[mine]
            axes.plot(x[vague], mid[vague], marker, color=colour, markerfacecolor="white", markersize=5.0, zorder=5.0)
    if wide:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")  # that of a logarithmic axis writes powers as formulae
        axes.minorticks_off()
    _draw_factor_axis(axes, factor_title(results, first), levels, numeric)
    return handles


def draw_panels(
    results: StudyResults, part: Slice, height: float, draw: Callable[[Axes, Slice], list[Any]]
) -> tuple[Figure, list[Axes]]:
    """Draw a part of a study, a panel for each of its facets, with one legend; return the figure and the panels.

    `draw` draws the part of one panel on axes, and returns what the legend shows.
    """
    shown = facets(results, part)
    figure, panels = study_page(results, height, part.told, len(shown))
    handles: list[Any] = []
    for axes, (title, points) in zip(panels, shown, strict=True):
        handles = draw(axes, part._replace(points=points))
        if title:
            axes.annotate(
                wrapped(title, 34), (0.0, 1.0), (2.0, -3.0), xycoords="axes fraction", textcoords="offset points",
                va="top", fontsize=8.5, weight="bold", color=MUTED,
            )  # fmt: skip
    for axes in panels[1:]:
        axes.set_ylabel("")
    if len(handles) > 1 or len(part.factors) > 1:
        others = [factor_title(results, factor) for factor in part.factors[1:]]
        draw_legend(panels[0], handles, others[0] if len(others) == 1 else None)
    return figure, panels


def draw_legend(axes: Axes, handles: Sequence[Any], title: str | None) -> None:
    """Draw the legend below the axes, in as many columns as have space."""
    labels = [str(handle.get_label()) for handle in handles]
    widths = [8 + cell_len(label) for label in labels]
    columns = len(labels) if sum(widths) <= _LEGEND_WIDTH else max(1, _LEGEND_WIDTH // max(widths))
    figure: Any = axes.figure
    rows = -(-len(labels) // columns)
    figure.set_figheight(figure.get_figheight() + max(0, rows - _LEGEND_ROWS) * _LEGEND_ROW_IN)
    add_legend(
        figure, handles, labels,
        loc="outside lower center", fontsize=8.5, title_fontsize=8.5, ncols=columns, title=title,
    )  # fmt: skip


def _draw_factor_axis(axes: Axes, title: str, levels: list[Any], numeric: bool) -> None:
    """Draw the axis of the first factor."""
    if numeric and len(levels) <= 12:
        axes.set_xticks([float(level) for level in levels], [level_text(level) for level in levels])
    if not numeric:
        width = max(8, 80 // len(levels))
        axes.set_xticks(range(len(levels)), [wrapped(level_text(level), width) for level in levels])
        axes.set_xlim(-0.5, len(levels) - 0.5)
    axes.set_xlabel(title)
    axes.grid(axis="y", color=MUTED, alpha=0.2, linewidth=0.6)


def study_results(results: Any) -> StudyResults:
    """Return the results of a study; InputError for what is none."""
    allowed = "the results of a study, as sweep and StudyResults.load give them"
    of_type("plots", "results", results, StudyResults, allowed)
    checked: StudyResults = results
    return checked


def study_page(results: StudyResults, height: float, part: str = "", count: int = 1) -> tuple[Figure, list[Axes]]:
    """A figure with the title and settings of a study, and axes to draw on side by side, as many as are asked for.

    `part` says in words which part of the study is drawn. InputError for what is no study.
    """
    results = study_results(results)
    width = 7.2 if count == 1 else min(16.0, 1.2 + 3.4 * count)
    figure = Figure(figsize=(width, height), layout="constrained")
    panels = np.atleast_1d(figure.subplots(1, count, sharey=True)).tolist()
    level = results.measures[0][0].level
    each = counted(results.study.replications, "replication")
    settings = f"{each} a point, seed {results.study.seed}, {100 * level:g} % intervals"
    title = visible(results.study.title or results.name)
    settings += f"; {visible(part)}" if part else ""
    set_heading(panels[0], title, f"{visible(results.study.scenario)}: {settings}", 64 if count == 1 else 110)
    return figure, panels
