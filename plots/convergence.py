"""The convergence of a measure: its value and interval as more and more replications of a run are counted."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.run_page import run_results
from plots.study_page import axis_label
from plots.style import save, set_heading, styled, wrapped
from sim.core.palette import BLUE, INK, MUTED
from sim.core.text import counted
from sim.scenario.problems import refused
from sim.study.estimates import LEVEL, Measure, estimate
from sim.study.measures import definition_of, tidied_name
from sim.study.store import Results

_MEASURE = "p_documented"
_FIRST, _POINTS = 5, 40  # the least number of replications that is drawn, and how many numbers are


def counted_so_far(results: Results, name: str) -> list[Measure]:
    """Return a measure of the first replications of a run, for numbers of them that rise to all; see `Results.measure`.

    Raises InputError where the name is no measure, where the run does not have it, or has too few replications.
    """
    definition, columns = results.columns_of(tidied_name(name))
    total = len(results.columns["transfers"])
    if total < 2 * _FIRST:
        raise refused(results.name, f"a run of at least {2 * _FIRST} replications, not {total}", key="RUN")
    numbers = np.unique(np.geomspace(_FIRST, total, _POINTS).round().astype(int)).tolist()
    level, duration_h = results.info.get("level", LEVEL), results.scenario.duration_h
    return [
        estimate(definition.name, {key: column[:number] for key, column in columns.items()}, duration_h, level)
        for number in numbers
    ]


def draw_convergence(axes: Axes, results: Results, measure: str = _MEASURE) -> Axes:
    """Draw value and interval against the number of replications; the last value is carried through as a line.

    Raises InputError as `counted_so_far` does, and where the run gives the measure no value.
    """
    rows = counted_so_far(results, measure)
    scale = 100.0 if definition_of(rows[-1].measure, results.scenario).is_share else 1.0
    if rows[-1].value is None:
        raise refused(rows[-1].measure, "a measure that has a value in this run", key="--measure")
    numbers = [row.replications for row in rows]
    value, low, high = (
        np.array([np.nan if end is None else scale * end for end in column])
        for column in zip(*((row.value, row.low, row.high) for row in rows), strict=True)
    )
    interval = "" if np.isnan(low[-1]) else f"  ({low[-1]:.1f} to {high[-1]:.1f})"
    axes.fill_between(numbers, low, high, color=BLUE, alpha=0.18, linewidth=0.0, label="interval")
    axes.plot(numbers, value, color=BLUE, linewidth=1.5, label="value")
    axes.axhline(value[-1], color=MUTED, linewidth=0.9, linestyle=(0, (5, 3)))
    axes.plot(numbers[-1:], value[-1:], "o", color=BLUE, markersize=5.0)
    axes.annotate(
        f"{value[-1]:.1f}{interval}", (numbers[-1], value[-1]), (6, 0),
        textcoords="offset points", va="center", fontsize=9, color=INK, annotation_clip=False,
    )  # fmt: skip
    axes.set_xscale("log")
    ticks = [number for number in (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000) if number < numbers[-1]]
    axes.set_xticks([*ticks, numbers[-1]], [f"{number:,}" for number in (*ticks, numbers[-1])])
    axes.minorticks_off()
    axes.set_xlim(numbers[0], numbers[-1])
    if not (low < 0.0).any():
        axes.set_ylim(bottom=0.0)
    axes.set_xlabel("replications counted")
    axes.set_ylabel(wrapped(axis_label(rows[-1].measure), 44))
    axes.grid(axis="y", color=MUTED, alpha=0.2, linewidth=0.6)
    return axes


def figure_convergence(results: Results, measure: str = _MEASURE) -> Figure:
    """Draw the convergence as a figure of its own; InputError for what is no run."""
    results = run_results(results)
    figure = Figure(figsize=(7.6, 4.2), layout="constrained")
    axes = figure.add_subplot()
    draw_convergence(axes, results, measure)
    total = len(results.columns["transfers"])
    level = 100.0 * results.info.get("level", LEVEL)
    subtitle = (
        f"Band: {level:g} % interval. It narrows with the square root of the replications: four times as many "
        f"halve it.\n{counted(total, 'replication')}, seed {results.info['seed']}"
    )
    set_heading(axes, f"{results.scenario.title}: how sure it is", subtitle, 68)
    return figure


def save_convergence(results: Results, path: str | Path, measure: str | None = None) -> None:
    """Draw the convergence of a measure, the share of documented transfers unless another is given, into a file."""
    with styled():
        save(figure_convergence(results, measure or _MEASURE), path)
