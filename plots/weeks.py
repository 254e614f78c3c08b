"""The first week of a run beside its last: where and when transfers took place, and where patrols flew."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from plots.basemap import Bounds, draw_basemap, view
from plots.bases import draw_bases
from plots.coverage_map import STATUS_MARKS
from plots.field_map import draw_field, outlines_of_transfers, round_top
from plots.run_page import run_results
from plots.style import add_legend, save, set_heading, styled
from sim.core.arrays import Flags, Floats
from sim.core.palette import BLUE, INK, ORANGE
from sim.core.text import counted
from sim.core.units import HOURS_PER_DAY
from sim.scenario.problems import refused
from sim.study.cuts import HOURS_PER_WEEK
from sim.study.maps.coverage import REPLICATIONS, Grid, flown_sorties
from sim.study.maps.effort import hours_by_cell
from sim.study.maps.searches import FlownSortie
from sim.study.store import Results

_CELLS = 900
_MOST_MARKS = 150  # of transfers on a map: those of the first replications
_MARK = 0.35  # the size of a mark, as a part of that on a map of one replication
_PERIODS = 24  # of the day


class _Week(NamedTuple):
    """One week: its number from 1, and the hours at which it begins and ends."""

    number: int
    begin_h: float
    end_h: float

    @property
    def name(self) -> str:
        return f"week {self.number}"


def _weeks(results: Results) -> tuple[_Week, _Week]:
    """The first week and the last whole one; InputError where there are fewer than two."""
    whole = int(results.scenario.duration_h / HOURS_PER_WEEK + 1e-9)
    if whole < 2:
        raise refused(results.name, "a run of a deployment of two weeks or more", key="RUN")
    return _Week(1, 0.0, HOURS_PER_WEEK), _Week(whole, HOURS_PER_WEEK * (whole - 1), HOURS_PER_WEEK * whole)


def _within(sortie: FlownSortie, week: _Week) -> FlownSortie:
    """The legs of a sortie within a week."""
    t0, t1 = sortie.legs[:, 0], sortie.legs[:, 1]
    low, high = np.clip(t0, week.begin_h, week.end_h), np.clip(t1, week.begin_h, week.end_h)
    keep = low < high
    before, after = ((hour - t0)[keep, None] / (t1 - t0)[keep, None] for hour in (low, high))
    begin, way = sortie.legs[keep, 2:4], sortie.legs[keep, 4:6] - sortie.legs[keep, 2:4]
    return FlownSortie(
        sortie.patrol, np.column_stack([low[keep], high[keep], begin + before * way, begin + after * way])
    )  # fmt: skip


def figure_weeks(results: Results) -> Figure:
    """Draw the first week beside the last: maps of both, and below them the hours of the day.

    Raises InputError for what is no run, for a run without transfers or tracks, and for one of less than two weeks.
    """
    results = run_results(results)
    scenario, weeks = results.scenario, _weeks(results)
    table = results.tables["transfers"]
    if not table.num_rows:
        raise refused(results.name, "a run in which a transfer began", key="RUN")
    begin = table.column("begin_h").to_numpy()
    flown = [
        [[_within(sortie, week) for sortie in sorties] for _, sorties in flown_sorties(results, REPLICATIONS)]
        for week in weeks
    ]
    bounds = view(
        [scenario.plane.project(scenario.areas[name].shape) for name in outlines_of_transfers(scenario)], 60.0
    )
    figure = Figure(figsize=(8.2, 9.5), layout="constrained")
    parts: Any = figure.subfigures(2, 1, height_ratios=[1.78, 1.0])
    upper, lower = parts
    panels = dict(zip(("first", "last"), upper.subplots(1, 2), strict=True)) | {"hours": lower.subplots()}
    grid = Grid.over(bounds, _CELLS)
    hours = [hours_by_cell(grid, week) for week in flown]
    top = round_top(max(float(found.max(initial=0.0)) for found in hours))
    for axes, week, found in zip((panels["first"], panels["last"]), weeks, hours, strict=True):
        _draw_week(axes, results, week, bounds, grid, found, top)
    bar = upper.colorbar(panels["last"].images[0], ax=list(panels.values())[:2], shrink=0.7, pad=0.02, aspect=28)
    bar.set_label("hours flown over a cell in the week")
    bar.outline.set_edgecolor("none")
    handles = [panels["last"].scatter([], [], **style) for style in STATUS_MARKS.values()]
    handles[0].set_path_effects([withStroke(linewidth=2.6, foreground=INK, alpha=0.7)])
    add_legend(upper, handles, list(STATUS_MARKS), loc="outside lower center", ncols=4)
    for week, legs, colour in zip(weeks, flown, (BLUE, ORANGE), strict=True):
        within = (begin >= week.begin_h) & (begin < week.end_h)
        _draw_hours(panels["hours"], results, week, begin[within], legs, colour)
    _finish_hours(panels["hours"], results, len(flown[0]))
    return figure


def _draw_week(
    axes: Axes, results: Results, week: _Week, bounds: Bounds, grid: Grid, hours: Floats, top: float
) -> None:
    """Draw the map of a week: hours flown as colours, and the transfers that began in it as marks."""
    scenario, table = results.scenario, results.tables["transfers"]
    image = draw_field(axes, grid, hours, top=top, smooth=False)
    image.set_gid("field")
    draw_basemap(axes, scenario, bounds, outlines_of_transfers(scenario), small=True)
    draw_bases(axes, scenario, bounds)
    begin, status = table.column("begin_h").to_numpy(), np.array(table.column("status").to_pylist(), object)
    within: Flags = (begin >= week.begin_h) & (begin < week.end_h)
    x, y = scenario.plane.to_xy(table.column("lon").to_numpy(), table.column("lat").to_numpy())
    shown = np.flatnonzero(within)[:_MOST_MARKS]
    for name, style in STATUS_MARKS.items():
        of_status = shown[status[shown] == name]
        axes.scatter(x[of_status], y[of_status], **{**style, "s": _MARK * style["s"], "linewidths": 0.6, "zorder": 6.0})
    number = int(within.sum())
    share = 100.0 * float((status[within] == "documented").mean()) if number else float("nan")
    set_heading(
        axes, week.name, f"{counted(number, 'transfer')}, {share:.1f} % documented\n{len(shown)} are marked", 40
    )


def _draw_hours(
    axes: Axes, results: Results, week: _Week, begin: Floats, flown: list[list[FlownSortie]], colour: str
) -> None:
    """Draw at which hours of the local day transfers of a week began, and when aircraft were in the air."""
    scenario = results.scenario
    local = scenario.start.astimezone(scenario.local)
    zone_h = local.hour + local.minute / 60.0
    edges = np.arange(_PERIODS + 1) * HOURS_PER_DAY / _PERIODS
    counts, _ = np.histogram((begin + zone_h) % HOURS_PER_DAY, edges)
    share = 100.0 * counts / max(1, begin.size)
    axes.stairs(share, edges, color=colour, linewidth=1.8, label=f"transfers that begin, {week.name}")
    legs = np.vstack([np.zeros((0, 2)), *(sortie.legs[:, :2] for sorties in flown for sortie in sorties)])
    minutes = np.concatenate([np.zeros(0), *(np.arange(low, high, 1.0 / 60.0) for low, high in legs.tolist())])
    flying, _ = np.histogram((minutes + zone_h) % HOURS_PER_DAY, edges)
    axes.stairs(
        100.0 * flying / max(1, minutes.size), edges, color=colour, linewidth=1.2, linestyle=(0, (2, 2)),
        label=f"hours of flight, {week.name}",
    )  # fmt: skip


def _finish_hours(axes: Axes, results: Results, recorded: int) -> None:
    """Label the axes of the hours of the day; flights are those of so many recorded replications."""
    axes.set_xlim(0.0, HOURS_PER_DAY)
    axes.set_xticks(np.arange(0.0, 25.0, 3.0))
    axes.set_ylim(bottom=0.0)
    axes.set_xlabel(f"hour of the day, {results.scenario.time_zone}", color=INK)
    axes.set_ylabel("share in each hour, %")
    total = len(results.columns["transfers"])
    text = (
        f"{results.scenario.title}: {counted(total, 'replication')}, seed {results.info['seed']}; flights of the first "
        f"{recorded}"
    )
    set_heading(axes, "hours of the day", text, 100)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), frameon=False, fontsize=8.5, ncols=2)


def save_weeks(results: Results, path: str | Path, **options: Any) -> None:
    """Draw the first week beside the last, and write it to a file."""
    with styled():
        save(figure_weeks(results, **options), path)
