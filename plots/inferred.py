"""What is believed of the number of transfers after the reports: of all, and of parts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.style import save, set_heading, styled
from sim.core.arrays import Floats
from sim.core.palette import BLUE, INK, MUTED, ORANGE, VERMILION
from sim.study.infer.inference import Inference
from sim.study.infer.parts import Sum
from sim.study.infer.posterior import Posterior, Prior

_WIDTH, _HEIGHT, _PART_HEIGHT = 8.2, 4.4, 1.5  # inches
_SHOWN = 0.99  # of the posterior is within the axis
_BARS = 90  # the most bars; of more numbers several share one
Whole = Posterior | Sum


def figure_inferred(answer: Inference) -> Figure:
    """Draw the distribution of the number that took place, and below it those of the parts where there are any."""
    parts = list(answer.parts.posteriors.items()) if answer.parts is not None else []
    height = _HEIGHT + _PART_HEIGHT * len(parts)
    figure = Figure(figsize=(_WIDTH, height), layout="constrained")
    rows = figure.subplots(1 + len(parts), 1, squeeze=False, height_ratios=[_HEIGHT, *[_PART_HEIGHT] * len(parts)])
    axes = rows[:, 0]
    whole: Whole = answer.posterior if answer.parts is None or answer.parts.overlap else answer.parts.sum
    set_heading(axes[0], f"{answer.title}: transfers that took place", answer.sentence, 84)
    _draw_whole(axes[0], answer, whole)
    top = axes[0].get_xlim()[1]
    for axis, (part, posterior) in zip(axes[1:], parts, strict=True):
        _draw(axis, posterior, answer.asked.level, top)
        axis.set_xlim(-0.5, top)
        told = f"{part.phrase}: {posterior.documented} documented"
        axis.annotate(told, (1.0, 0.92), xycoords="axes fraction", ha="right", va="top", fontsize=8.5)
    axes[-1].set_xlabel("transfers that took place in the reported period")
    return figure


def _draw_whole(axes: Axes, answer: Inference, whole: Whole) -> None:
    """Draw the distribution of all transfers, with the prior, what was documented, and what is inferred otherwise."""
    level = answer.asked.level
    top = _top(whole, answer.asked.documented)
    axes.set_xlim(-0.5, top)
    axes.set_ylabel("probability, %")
    if not whole.is_bounded:
        axes.set_yticks([])
        axes.set_ylabel("")
        axes.axvspan(answer.asked.documented, top, color=MUTED, alpha=0.2, linewidth=0.0)
        axes.annotate("nothing bounds the number from above", (0.5, 0.5), xycoords="axes fraction", ha="center")
        return
    peak = _draw(axes, whole, level, top, label="after the reports")
    _draw_prior(axes, answer.asked.prior, top, peak, whole.quantile(0.5))
    others: Sequence[tuple[str, Posterior | None, Any]] = (
        ("scenario as it is", answer.as_it_is, (ORANGE, (0, (5, 2)))),
        (
            "if no ship answered",
            answer.unanswered.without if answer.unanswered is not None else None,
            (VERMILION, (0, (2, 1.5))),
        ),
    )
    for label, other, (colour, dashes) in others:
        if other is not None and other.is_bounded:
            edges, heights = _bars(other, top)
            axes.stairs(heights, edges, baseline=None, color=colour, linestyle=dashes, linewidth=1.6, label=label)
    axes.plot([answer.asked.documented], [0.0], "^", color=INK, markersize=9, clip_on=False, zorder=6.0,
              label=f"{answer.asked.documented:,} documented")  # fmt: skip
    axes.set_ylim(0.0, 1.18 * peak)
    axes.legend(loc="upper right", fontsize=8.5, frameon=True, framealpha=0.9, edgecolor="none")


def _top(whole: Whole, documented: int) -> float:
    """The end of the axis of numbers."""
    if not whole.is_bounded:
        return max(10.0, 4.0 * documented)
    return max(4.0, whole.quantile(_SHOWN) + 1.0)


def _bars(whole: Whole, top: float) -> tuple[Floats, Floats]:
    """The edges of bars of whole numbers up to an end, and the probability of each number in them, per cent."""
    step = float(np.ceil(top / _BARS))
    edges = np.arange(0.0, top + step, step) - 0.5
    below = np.array([whole.below(edge) for edge in edges])
    return edges, 100.0 * np.diff(below) / step


def _shown_interval(whole: Whole, level: float) -> tuple[float, float, str]:
    """The ends of the numbers that are filled, and what they are: one-sided where nothing was documented."""
    if isinstance(whole, Posterior) and whole.documented == 0:
        most = whole.quantile(level)
        return 0.0, most, f"at most {most:,.0f}"
    tail = (1.0 - level) / 2.0
    low, high = whole.quantile(tail), whole.quantile(1.0 - tail)
    return low, high, f"{low:,.0f} to {high:,.0f}"


def _draw(axes: Axes, whole: Whole, level: float, top: float, label: str = "") -> float:
    """Draw a distribution as steps, with the numbers of its interval filled; it returns the greatest probability."""
    if not whole.is_bounded:
        axes.annotate("no bound", (0.5, 0.4), xycoords="axes fraction", ha="center", color=MUTED)
        return 1.0
    edges, heights = _bars(whole, top)
    low, high, told = _shown_interval(whole, level)
    within = (edges[1:] > low) & (edges[:-1] < high + 0.25)
    axes.stairs(np.where(within, heights, 0.0), edges, fill=True, color=BLUE, alpha=0.35, linewidth=0.0,
                label=f"{100 * level:g} %: {told}")  # fmt: skip
    axes.stairs(heights, edges, baseline=None, color=BLUE, linewidth=1.8, label=label or None)
    middle = whole.quantile(0.5)
    axes.axvline(middle, color=INK, linewidth=1.2, label=f"median, {middle:,.0f}")
    peak = float(heights.max())
    axes.set_ylim(0.0, 1.1 * peak)
    axes.set_xlim(-0.5, top)
    if not label:
        axes.annotate(f"{told}, median {middle:,.0f}", (1.0, 0.66), xycoords="axes fraction",
                      ha="right", va="top", fontsize=8.5, color=MUTED)  # fmt: skip
    return peak


def _draw_prior(axes: Axes, prior: Prior, top: float, peak: float, middle: float) -> None:
    """Draw what was believed beforehand; of an improper prior only its shape can be drawn."""
    from scipy.stats import nbinom

    numbers = np.arange(0.0, top + 1.0)
    if prior.is_proper:
        values, label = 100.0 * nbinom(prior.shape, prior.rate / (1.0 + prior.rate)).pmf(numbers), "prior"
    else:
        density = (np.maximum(numbers, 0.5) / max(middle, 1.0)) ** (prior.shape - 1.0)
        values, label = 0.3 * peak * density, "prior, improper: its shape"
    axes.plot(numbers, values, color=MUTED, linewidth=1.4, linestyle=(0, (4, 2, 1, 2)), label=label)


def save_inferred(answer: Inference, path: str | Path) -> None:
    """Draw the picture of `seasweep infer` and write it to a file."""
    with styled():
        save(figure_inferred(answer), path)
