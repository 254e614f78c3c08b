"""Which eyes saw transfers: bars for each combination of eyes above a matrix of dots, and bars for each eye.

The form is that of UpSet (Lex, Gehlenborg, Strobelt, Vuillemot and Pfister, IEEE Transactions on Visualization and
Computer Graphics 20, 2014): it stays readable where a diagram of overlapping circles does not.
"""

from pathlib import Path
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.run_page import run_results
from plots.style import save, set_heading, styled
from sim.core.palette import BLUE, INK, MUTED, SKY
from sim.core.text import counted
from sim.study.estimates import Measure
from sim.study.eyes.answer import By, Combination, Eyes, eyes_of_run
from sim.study.store import Results

_WIDTH = 0.62  # of bars
_EMPTY = "#d9dee2"
_FEWEST = 6  # columns for which there is room, so that few bars are not too wide


def _per_cent(share: Measure) -> tuple[float, float | None, float | None]:
    """A share and the ends of its interval, per cent."""
    low, high = (None if end is None else 100.0 * end for end in (share.low, share.high))
    return 100.0 * (share.value or 0.0), low, high


def _columns(eyes: Eyes) -> list[tuple[Combination, str]]:
    """The combinations that have a column, each with what is written below it in place of dots."""
    more = [] if eyes.others is None else [(eyes.others, f"{eyes.number_of_others} others")]
    return [*((one, "") for one in eyes.shown), *more, (eyes.nobody, "none")]


def draw_eyes(axes: Axes, eyes: Eyes) -> Axes:
    """Draw a bar for each combination of eyes: the share of all transfers that they saw and no others."""
    columns = _columns(eyes)
    for place, (combination, text) in enumerate(columns):
        value, low, high = _per_cent(combination.share)
        nobody = combination is eyes.nobody
        axes.bar(
            place, value, _WIDTH, color="white" if nobody else SKY if text else BLUE, zorder=3.0,
            edgecolor=INK if nobody else "white", hatch="////" if nobody else None, linewidth=0.8 if nobody else 0.0,
        )  # fmt: skip
        top = value
        if low is not None and high is not None:
            axes.plot([place, place], [low, high], color=INK, linewidth=1.3, zorder=3.5)
            top = max(value, high)
        shown = f"{value:.0f}" if value >= 9.95 else f"{value:.1f}"
        axes.annotate(
            shown, (place, top), (0, 3), textcoords="offset points", ha="center", va="bottom", fontsize=8, color=INK
        )
    axes.set_xlim(-0.7, max(_FEWEST, len(columns)) - 0.3)
    axes.set_ylim(bottom=0.0)
    axes.margins(y=0.12)
    axes.set_ylabel("share of all transfers, %")
    axes.grid(axis="y", color=MUTED, alpha=0.2, linewidth=0.6)
    axes.tick_params(axis="x", length=0, labelbottom=False)
    axes.set_xticks(range(len(columns)))
    return axes


def _draw_dots(axes: Axes, eyes: Eyes) -> None:
    """Draw the matrix below the bars: which eyes each column stands for."""
    columns = _columns(eyes)
    rows = range(len(eyes.names))
    for place, (combination, text) in enumerate(columns):
        if text:
            middle = (len(eyes.names) - 1) / 2.0
            axes.text(
                place,
                middle,
                text,
                rotation=90 if len(rows) > 3 else 0,
                ha="center",
                va="center",
                fontsize=8,
                color=INK,
            )
            continue
        axes.scatter([place] * len(rows), rows, s=34, color=_EMPTY, zorder=2.8, linewidths=0.0)
        axes.scatter([place] * len(combination.eyes), combination.eyes, s=46, color=INK, zorder=3.0, linewidths=0.0)
        if len(combination.eyes) > 1:
            ends = [min(combination.eyes), max(combination.eyes)]
            axes.plot([place, place], ends, color=INK, linewidth=1.6, zorder=2.5)
    for row in rows[::2]:
        axes.axhspan(row - 0.5, row + 0.5, color=MUTED, alpha=0.08, linewidth=0.0, zorder=0.0)
    axes.set_ylim(len(eyes.names) - 0.5, -0.5)
    axes.tick_params(axis="both", length=0, labelbottom=False, labelleft=False)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_alone(axes: Axes, eyes: Eyes) -> None:
    """Draw at the left of the matrix what each eye saw by itself, from right to left."""
    furthest = 0.0
    for row, combination in enumerate(eyes.alone):
        value, low, high = _per_cent(combination.share)
        axes.barh(row, value, _WIDTH, color=BLUE, edgecolor="white", linewidth=0.0, zorder=3.0)
        beyond = value
        if low is not None and high is not None:
            axes.plot([low, high], [row, row], color=INK, linewidth=1.3, zorder=3.5)
            beyond = max(value, high)
        furthest = max(furthest, beyond)
        axes.annotate(
            f"{value:.0f} %" if value >= 9.95 else f"{value:.1f} %", (beyond, row), (-4, 0), textcoords="offset points",
            ha="right", va="center", fontsize=8, color=INK,
        )  # fmt: skip
    axes.set_xlim(1.45 * furthest or 1.0, 0.0)
    axes.set_yticks(range(len(eyes.names)), eyes.names)
    axes.yaxis.tick_right()
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.set_xlabel("each eye sees, %")
    axes.grid(axis="x", color=MUTED, alpha=0.2, linewidth=0.6)
    for name in ("left", "right"):
        axes.spines[name].set_visible(False)


def figure_eyes(results: Results, by: str = "observer") -> Figure:
    """Draw which eyes saw the transfers of a run as a figure of its own, by "observer" or by "kind".

    Raises InputError for what is no run, for one without transfers, and for one that does not say what was reported.
    """
    eyes = eyes_of_run(run_results(results), cast("By", by))
    height = 3.1 + 0.28 * len(eyes.names)
    figure = Figure(figsize=(8.6, height + 0.7), layout="constrained")
    parts = figure.add_gridspec(2, 2, width_ratios=(1.0, 2.1), height_ratios=(3.0, 0.3 * len(eyes.names)))
    bars = figure.add_subplot(parts[0, 1])
    dots = figure.add_subplot(parts[1, 1], sharex=bars)
    alone = figure.add_subplot(parts[1, 0], sharey=dots)
    draw_eyes(bars, eyes)
    _draw_dots(dots, eyes)
    _draw_alone(alone, eyes)
    count = counted(len(results.columns["transfers"]), "replication")
    every = _per_cent(eyes.seen_any.share)[0]
    head = figure.add_subplot(parts[0, :], zorder=-1.0)
    head.set_axis_off()
    seen = f"Patrols see {_per_cent(eyes.alone[0].share)[0]:.0f} % of all transfers"
    text = f"{seen};\nthey and observers {every:.0f} %." if eyes.names[1:] else f"{seen}."
    head.text(0.0, 0.62, text, fontsize=9, color=INK, va="center", transform=head.transAxes)
    subtitle = (
        "Each column: the transfers that the eyes with dark dots saw, and no others.\n"
        f"{count}, seed {results.info['seed']}; dark lines: {100.0 * eyes.level:g} % intervals"
    )
    set_heading(head, f"{results.scenario.title}: who saw the transfers", subtitle, 72)
    return figure


def save_eyes(results: Results, path: str | Path, by: str = "observer") -> None:
    """Draw which eyes saw the transfers of a run and write it to a file; `by` is as in `figure_eyes`."""
    with styled():
        save(figure_eyes(results, by), path)
