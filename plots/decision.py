"""The picture of a decision: plans whose lines cross, what is regretted at each level, and what knowing is worth."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from plots.study_page import MARKERS, axis_label, scaled_values
from plots.style import CYCLE, save, set_heading, styled, wrapped
from sim.core.arrays import Floats
from sim.core.palette import INK, MUTED
from sim.core.text import counted, visible
from sim.scenario.arguments import of_type
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.study.decide.answer import Decision, Unknown, is_measurable
from sim.study.decide.decisions import regrets
from sim.study.decide.tables import plan_text
from sim.study.measures import is_share
from sim.study.tables import level_text

_WIDTH = 7.4  # inches
_ROW_IN = 0.34  # the height of a row of cells, inches


def _shown(decision: Decision, unknown: str | None) -> Unknown:
    """The unknown that is drawn: the one most worth knowing unless another is given."""
    of_type("plots", "decision", decision, Decision, "what sim.study.decide.answer.decide returns")
    names = [one.factor for one in decision.unknowns]
    if not names:
        raise refused(
            decision.results.name, "a study with an unknown: without one there is nothing to draw", key="STUDY"
        )
    if unknown is None:
        return decision.unknowns[0]
    if unknown not in names:
        raise refused(
            unknown, f"an unknown of the study: {', '.join(names)}", key="unknown", hint=nearest(unknown, names)
        )
    return decision.unknowns[names.index(unknown)]


def _unit(decision: Decision) -> str:
    """The unit of gains and regrets."""
    unit = decision.everything.unit
    return "percentage points" if is_share(unit) else unit


def draw_choices(axes: Axes, decision: Decision, unknown: str | None = None) -> Axes:
    """Draw the mean of each plan at each level of an unknown, with intervals, over the mean over the others."""
    one = _shown(decision, unknown)
    count = len(decision.plans)
    for number, of_plan in enumerate(one.means):
        mid, low, high = scaled_values(of_plan).T
        x = np.arange(len(mid)) + 0.05 * (number - (count - 1) / 2.0)
        axes.errorbar(
            x, mid, yerr=np.vstack([mid - low, high - mid]), color=CYCLE[number % len(CYCLE)],
            marker=MARKERS[number % len(MARKERS)], markersize=5.5, linewidth=1.4, elinewidth=1.0, capsize=3.0,
            linestyle=("-", (0, (5, 1.5)), (0, (1, 1.2)))[number % 3], label=plan_text(decision, number),
        )  # fmt: skip
    axes.set_ylabel(wrapped(axis_label(decision.measure), 40))
    axes.grid(axis="y", color=MUTED, alpha=0.2, linewidth=0.6)
    _level_axis(axes, one)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.15 * (high - low))  # for the legend
    return axes


def _level_axis(axes: Axes, unknown: Unknown) -> None:
    """The axis of the levels of an unknown, each with its probability where they differ."""
    even = max(unknown.weights) - min(unknown.weights) < 1e-12
    pairs = zip(unknown.levels, unknown.weights, strict=True)
    texts = [wrapped(level_text(level), 16) + ("" if even else f"\n{100.0 * weight:.0f} %") for level, weight in pairs]
    axes.set_xticks(range(len(texts)), texts)
    axes.set_xlim(-0.5, len(texts) - 0.5)


def regrets_at(decision: Decision, unknown: Unknown) -> Floats:
    """How much less each plan gives than the best at each level of an unknown, in the unit of pictures."""
    means = np.array([scaled_values(of_plan)[:, 0] for of_plan in unknown.means])
    return regrets(-means if decision.least else means)


def draw_regrets(axes: Axes, decision: Decision, unknown: str | None = None) -> Axes:
    """Draw the regret of each plan at each level of an unknown as numbers; a frame marks the best plan."""
    one = _shown(decision, unknown)
    values = regrets_at(decision, one)
    top = float(values.max()) or 1.0
    axes.imshow(values, cmap="Greys", vmin=0.0, vmax=2.4 * top, aspect="auto")  # light enough for black numbers
    digits = int(np.clip(2 - np.floor(np.log10(top)), 0, 4)) if not is_share(decision.everything.unit) else 1
    for row, column in np.ndindex(values.shape):
        is_best = one.choices[column] == row
        text = "best" if is_best else f"{values[row, column]:.{digits}f}"
        weight = "bold" if is_best else "normal"
        axes.text(column, row, text, ha="center", va="center", fontsize=9.0, color=INK, weight=weight)
        if is_best:
            axes.add_patch(
                Rectangle((column - 0.47, row - 0.43), 0.94, 0.86, facecolor="none", edgecolor=INK, linewidth=1.8)
            )
    axes.set_yticks(range(len(values)), [wrapped(plan_text(decision, row), 18) for row in range(len(values))])
    _level_axis(axes, one)
    axes.set_xlabel(visible(one.factor))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def draw_worths(axes: Axes, decision: Decision) -> Axes:
    """Draw what knowing each unknown is worth, and all of them, with intervals; hollow where they contain 0."""
    rows = [(visible(one.factor), one.worth) for one in decision.unknowns]
    rows += [("all of them", decision.everything)] if len(rows) > 1 else []
    values = scaled_values([worth for _, worth in rows])
    for place, ((_, worth), (mid, low, high)) in enumerate(zip(rows, values, strict=True)):
        axes.errorbar(
            [mid], [place], xerr=[[mid - low], [high - mid]], color=INK, marker="o", markersize=6.0, capsize=3.0,
            markerfacecolor=INK if is_measurable(worth) else "white", linewidth=1.2,
        )  # fmt: skip
    axes.axvline(0.0, color=MUTED, linewidth=1.0, linestyle=(0, (5, 3)))
    axes.set_yticks(range(len(rows)), [wrapped(name, 22) for name, _ in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel(f"{decision.measure}, {_unit(decision)}")
    return axes


def figure_decision(decision: Decision, unknown: str | None = None) -> Figure:
    """Draw a decision as a figure of its own, by the unknown most worth knowing unless another is given."""
    one = _shown(decision, unknown)
    cells, rows = len(decision.plans) * _ROW_IN, (len(decision.unknowns) + 1) * _ROW_IN
    figure = Figure(figsize=(_WIDTH, 4.6 + cells + rows), layout="constrained")
    upper, middle, lower = figure.subplots(3, 1, height_ratios=(2.8, cells, rows))
    study = decision.results.study
    told = f"{counted(decision.replications, 'replication')} a point, {100.0 * decision.level:g} % intervals"
    better = "less is better" if decision.least else "more is better"
    title = visible(study.title or decision.results.name)
    set_heading(upper, title, f"by {visible(one.factor)}, over all other unknowns; {better}; {told}", 66)
    draw_choices(upper, decision, one.factor)
    upper.legend(loc="upper left", ncols=min(4, len(decision.plans)), fontsize=8.5)
    regretted = f"What is regretted: {decision.measure}, {_unit(decision)}"
    set_heading(middle, regretted, "frame: the best plan at that level", 66)
    draw_regrets(middle, decision, one.factor)
    set_heading(lower, "What knowing is worth", "hollow: the interval contains 0", 66)
    draw_worths(lower, decision)
    return figure


def save_decision(decision: Decision, path: str | Path, unknown: str | None = None) -> None:
    """Draw a decision and write the picture to a file; arguments are those of `figure_decision`."""
    with styled():
        figure: Any = figure_decision(decision, unknown)
        save(figure, path)
