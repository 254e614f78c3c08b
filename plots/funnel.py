"""The funnel: of all transfers, how many had somebody there, were detected, classified and documented, and why not."""

from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.run_page import run_results
from plots.style import save, set_heading, styled
from sim.core.palette import BLUE, INK, MUTED, SKY
from sim.core.text import counted
from sim.scenario.problems import refused
from sim.study.estimates import Measure
from sim.study.measures import REASON_WORDS
from sim.study.store import Results

_STAGE, _REASON = 0.62, 0.34  # heights of bars
_FROM_THE_TOP = (
    "no_one_there", "not_detected", "p_detected", "not_chosen", "left_too_soon", "no_light", "not_classified",
    "p_classified", "not_documented", "p_documented",
)  # fmt: skip


class Row(NamedTuple):
    """A row of the funnel: a stage that transfers reached, or a reason that stopped them."""

    label: str
    begin: float
    """Where its bar begins, per cent of all transfers."""
    end: float
    low: float | None
    """The interval of its length, per cent; None where there is none."""
    high: float | None
    is_stage: bool


def funnel_rows(results: Results) -> list[Row]:
    """Return the rows of the funnel from the top; the reasons between two stages add up to their difference.

    Transfers that were classified and then left too soon, or stayed in the dark, count among those two reasons, so the
    bar of the classified ones may be longer than what is left beside it. Raises InputError for a run without transfers.
    """
    if not results.columns["transfers"].any():
        raise refused(results.name, "a run in which a transfer began", key="RUN")
    rows = [Row("transfers", 0.0, 100.0, None, None, True)]
    left = 100.0
    for name in _FROM_THE_TOP:
        share = _in_per_cent(results.measure(name))
        if name in REASON_WORDS:
            rows.append(Row(REASON_WORDS[name], left - share[0], left, *share[1:], False))
            left -= share[0]
        else:
            rows.append(Row(name.removeprefix("p_"), 0.0, share[0], *share[1:], True))
        if name == "no_one_there":
            low, high = (None if end is None else 100.0 - end for end in share[1:])
            rows.append(Row("somebody there", 0.0, left, high, low, True))
    return rows


def _in_per_cent(share: Measure) -> tuple[float, float | None, float | None]:
    """A share and the ends of its interval, per cent."""
    low, high = (None if end is None else 100.0 * end for end in (share.low, share.high))
    return 100.0 * (share.value or 0.0), low, high


def _text(row: Row) -> str:
    """What is written beside a bar: its share, with the interval."""
    share = f"{row.end - row.begin:.0f} %"
    return share if row.low is None or row.high is None else f"{share}  ({row.low:.0f} to {row.high:.0f})"


def draw_funnel(axes: Axes, results: Results) -> Axes:
    """Draw a bar for each stage of the ladder, and between them the reasons that stopped transfers."""
    rows = funnel_rows(results)
    for place, row in enumerate(rows):
        height = _STAGE if row.is_stage else _REASON
        axes.barh(
            place, row.end - row.begin, left=row.begin, height=height, color=BLUE if row.is_stage else SKY,
            alpha=1.0 if row.is_stage else 0.55, hatch=None if row.is_stage else "////", edgecolor="white", zorder=3.0,
            linewidth=0.0,
        )  # fmt: skip
        beyond = row.end
        if row.is_stage and row.low is not None and row.high is not None:
            axes.plot([row.low, row.high], [place] * 2, color=INK, linewidth=1.3, zorder=3.5)
            beyond = max(row.end, row.high)
        axes.annotate(
            _text(row) if place else f"{results.measure('transfers').value or 0.0:.1f} a deployment",
            (beyond, place), (5, 0), textcoords="offset points",
            va="center", fontsize=9 if row.is_stage else 8, color=INK if row.is_stage else MUTED, zorder=4.0,
        )  # fmt: skip
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_color(INK if row.is_stage else MUTED)
        label.set_fontweight("bold" if row.is_stage else "normal")
        label.set_fontsize(9.0 if row.is_stage else 8.0)
    axes.invert_yaxis()
    axes.tick_params(axis="y", length=0)
    axes.set_xlim(0.0, 125.0)  # beyond the bars for what is written beside them
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("share of all transfers, %")
    axes.grid(axis="x", color=MUTED, alpha=0.2, linewidth=0.6)
    axes.spines["left"].set_visible(False)
    return axes


def figure_funnel(results: Results) -> Figure:
    """Draw the funnel as a figure of its own; InputError for what is no run, and for one without transfers."""
    results = run_results(results)
    figure = Figure(figsize=(8.2, 4.9), layout="constrained")
    axes = figure.add_subplot()
    draw_funnel(axes, results)
    level = 100.0 * results.measure("p_documented").level
    replications = counted(len(results.columns["transfers"]), "replication")
    subtitle = (
        "Full bars: transfers that came so far. Hatched bars: those that were lost on the way, by reason.\n"
        f"{replications}, seed {results.info['seed']}; dark lines and numbers in brackets: {level:g} % intervals"
    )
    set_heading(axes, f"{results.scenario.title}: how far transfers come", subtitle, 62)
    return figure


def save_funnel(results: Results, path: str | Path) -> None:
    """Draw the funnel and write it to a file."""
    with styled():
        save(figure_funnel(results), path)
