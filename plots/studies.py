"""A study's answer: a measure against what varied, with its intervals."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.style import CYCLE, QUIET, SEQUENTIAL, save, styled
from sim.core.arrays import Floats
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.study.measures import BY_NAME, Measure
from sim.study.runs import StudyResults

MARKERS = "osD^vPX*"
_OCTAVE = float(np.log(2.0))
_WIDE = 20.0  # levels that span more than so many times the least stand on a logarithmic axis
_MOST_CELLS_WITH_TEXT = 80


def chosen(results: StudyResults, measure: str | None) -> str:
    """The measure to draw: the study's first unless another is asked for; InputError where there is none such."""
    name = measure or results.study.measures[0]
    known = [row.measure for row in results.measures[0]]
    if name not in known:
        raise refused(name, f"a measure: {', '.join(known)}", key="--measure", hint=nearest(name, known))
    return name


def _values(rows: Sequence[Measure]) -> Floats:
    """Value, low, high of measures, (n, 3), NaN where there is none, shares in per cent."""
    scale = 100.0 if rows[0].unit.startswith("of ") else 1.0
    cells = [[row.value, row.low, row.high] for row in rows]
    return scale * np.array([[np.nan if cell is None else cell for cell in row] for row in cells])


def _label(name: str) -> str:
    unit = BY_NAME[name].unit
    if BY_NAME[name].kind == "rate":
        return f"{BY_NAME[name].top}, {unit}"
    return f"{name}, % {unit}" if unit.startswith("of ") else f"{name}, {unit}"


def _levels(results: StudyResults, factor: str) -> list[Any]:
    """A factor's levels in the order of the study."""
    return list(dict.fromkeys(levels[factor] for levels in results.levels[: results.baseline]))


def _said(level: Any) -> str:
    return f"{level:g}" if isinstance(level, float) else str(level)


def _group_label(factors: Sequence[str], group: Sequence[Any]) -> str:
    """The levels of one line; of several factors with their names, the name of one alone stands over the legend."""
    if len(factors) == 1:
        return _said(group[0])
    return ", ".join(f"{factor} {_said(level)}" for factor, level in zip(factors, group, strict=True))


def draw_response(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """A measure against the study's first factor; a line for every combination of the others, with intervals.

    A baseline is a line across, and a band for its interval.
    """
    name = chosen(results, measure)
    values = _values(results.estimates(name))
    if results.baseline is not None and results.study.baseline is not None:
        mid, low, high = values[results.baseline]
        axes.axhspan(low, high, color=QUIET, alpha=0.12, linewidth=0.0)
        axes.axhline(mid, color=QUIET, linewidth=1.2, linestyle=(0, (5, 3)), label=results.study.baseline.label)
    _lines(axes, results, values)
    axes.set_ylabel(_label(name))
    axes.set_ylim(bottom=0.0)
    return axes


def draw_gain(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """What each point gives more than the baseline; filled where the interval of the paired difference excludes 0."""
    name, baseline = chosen(results, measure), results.study.baseline
    if baseline is None:
        raise refused(results.name, "a study with a baseline, [baseline] in its file", key="STUDY")
    values = _values(results.gains(name))
    axes.axhline(0.0, color=QUIET, linewidth=1.2, linestyle=(0, (5, 3)), label=baseline.label)
    _lines(axes, results, values, clear=(values[:, 1] > 0.0) | (values[:, 2] < 0.0))
    axes.set_ylabel(f"{_label(name)}:\nmore than {baseline.label}")
    return axes


def _lines(axes: Axes, results: StudyResults, values: Floats, clear: Any = None) -> None:
    """Value, low and high (n, 3) of the points but the baseline; hollow where they are not clear."""
    levels_of = results.levels[: results.baseline]
    first, *others = list(levels_of[0])
    levels = list(dict.fromkeys(row[first] for row in levels_of))
    numeric = all(isinstance(level, float) for level in levels)
    places = {level: float(level) if numeric else float(index) for index, level in enumerate(levels)}
    groups: dict[tuple[Any, ...], list[int]] = {}
    for point, row in enumerate(levels_of):
        groups.setdefault(tuple(row[factor] for factor in others), []).append(point)
    wide = numeric and min(levels) > 0.0 and max(levels) > _WIDE * min(levels)
    at = {level: np.log(place) if wide else place for level, place in places.items()}
    gap = min(np.diff(sorted(at.values())), default=1.0)
    gap = min(gap, _OCTAVE) if wide else gap
    for index, (group, points) in enumerate(groups.items()):
        shift = 0.06 * gap * (index - (len(groups) - 1) / 2.0) / max(1.0, len(groups) / 4.0)
        x = np.array([at[levels_of[point][first]] for point in points]) + shift
        x = np.exp(x) if wide else x
        mid, low, high = values[points].T
        colour, marker = CYCLE[index % len(CYCLE)], MARKERS[index % len(MARKERS)]
        axes.errorbar(
            x, mid, yerr=np.abs(np.vstack([mid - low, high - mid])), color=colour, marker=marker, markersize=5.0,
            elinewidth=1.1, capsize=3.0, linewidth=1.3 if numeric else 0.8, linestyle="-" if numeric else ":",
            label=_group_label(others, group),  # between names there is no way, hence the dots
        )  # fmt: skip
        if clear is not None:
            vague = ~clear[points]
            axes.plot(x[vague], mid[vague], marker, color=colour, markerfacecolor="white", markersize=5.0, zorder=5.0)
    if wide:
        axes.set_xscale("log")
        axes.minorticks_off()
    _across(axes, first, levels, numeric)
    if others or results.baseline is not None:
        texts = axes.get_legend_handles_labels()[1]
        columns = max(1, 100 // (8 + max(len(str(text)) for text in texts)))
        if sum(8 + len(str(text)) for text in texts) <= 100:
            columns = len(texts)
        axes.figure.legend(
            loc="outside lower center", fontsize=8.5, title_fontsize=8.5, ncols=columns,
            title=others[0] if len(others) == 1 else None,
        )  # fmt: skip


def _across(axes: Axes, factor: str, levels: list[Any], numeric: bool) -> None:
    """The axis of the first factor."""
    if numeric and len(levels) <= 12:
        axes.set_xticks([float(level) for level in levels], [_said(level) for level in levels])
    if not numeric:
        width = max(8, 80 // len(levels))
        axes.set_xticks(range(len(levels)), [textwrap.fill(_said(level), width) for level in levels])
        axes.set_xlim(-0.5, len(levels) - 0.5)
    axes.set_xlabel(factor)
    axes.grid(axis="y", color=QUIET, alpha=0.2, linewidth=0.6)


def _grid(results: StudyResults, name: str) -> tuple[list[str], list[list[Any]], Floats]:
    """The two factors, their levels, and value, low, high over them, (rows, columns, 3)."""
    factors = list(results.levels[0])
    if len(factors) != 2:
        raise refused(
            f"a study of {len(factors)}", "a study of two factors; plot response takes any number", key="STUDY"
        )
    levels = [_levels(results, factor) for factor in factors]
    values = np.full((len(levels[0]), len(levels[1]), 3), np.nan)
    for row, three in list(zip(results.levels, _values(results.estimates(name)), strict=True))[: results.baseline]:
        values[levels[0].index(row[factors[0]]), levels[1].index(row[factors[1]])] = three
    return factors, levels, values


def draw_heatmap(axes: Axes, results: StudyResults, measure: str | None = None) -> Axes:
    """A measure over the study's two factors, each cell with its value and its interval."""
    name = chosen(results, measure)
    factors, levels, values = _grid(results, name)
    image = axes.imshow(values[:, :, 0], cmap=SEQUENTIAL, origin="lower", aspect="auto")
    for axis, said in ((axes.xaxis, levels[1]), (axes.yaxis, levels[0])):
        width = 90 // len(said) if axis is axes.xaxis else 18
        axis.set_ticks(range(len(said)), [textwrap.fill(_said(level), max(6, width)) for level in said])
        axis.set_ticks(np.arange(len(said) + 1) - 0.5, minor=True)
    axes.set_xlabel(factors[1])
    axes.set_ylabel(factors[0])
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
    bar.set_label(_label(name))
    bar.outline.set_edgecolor("none")
    return axes


def _page(results: StudyResults, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.2, height), layout="constrained")
    axes = figure.add_subplot()
    level = results.measures[0][0].level
    figure.suptitle(textwrap.fill(results.study.title or results.name, 68), x=0.02, ha="left", weight="bold")
    said = f"{results.study.replications} replications a point, seed {results.study.seed}, {100 * level:g} % intervals"
    axes.set_title(f"{results.study.scenario}: {said}", loc="left", fontsize=8.5, weight="normal", color=QUIET)
    return figure, axes


def figure_response(results: StudyResults, measure: str | None = None) -> Figure:
    """The response as a page of its own."""
    figure, axes = _page(results, 4.4)
    draw_response(axes, results, measure)
    return figure


def figure_gain(results: StudyResults, measure: str | None = None) -> Figure:
    """The gains as a page of its own."""
    figure, axes = _page(results, 4.8)
    draw_gain(axes, results, measure)
    axes.annotate(
        "hollow: the interval has 0 in it", (1.0, 1.0), (0.0, -2.0), xycoords="axes fraction",
        textcoords="offset points", ha="right", va="top", fontsize=8.5, color=QUIET,
    )  # fmt: skip
    return figure


def figure_heatmap(results: StudyResults, measure: str | None = None) -> Figure:
    """The heat map as a page of its own."""
    figure, axes = _page(results, 4.8)
    draw_heatmap(axes, results, measure)
    return figure


def save_response(results: StudyResults, path: Path, measure: str | None = None) -> None:
    """Draw and write the response."""
    with styled():
        save(figure_response(results, measure), path)


def save_gain(results: StudyResults, path: Path, measure: str | None = None) -> None:
    """Draw and write the gains."""
    with styled():
        save(figure_gain(results, measure), path)


def save_heatmap(results: StudyResults, path: Path, measure: str | None = None) -> None:
    """Draw and write the heat map."""
    with styled():
        save(figure_heatmap(results, measure), path)
