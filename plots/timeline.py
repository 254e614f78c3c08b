"""The timeline of one replication: light, weather, sorties, tips and transfers, hour by hour on one axis of days."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.coverage_map import STATUS_MARKS
from plots.run_page import (
    draw_days,
    legs_of_sorties,
    patrol_styles,
    recorded_replication,
    rows_of_replication,
    run_results,
)
from plots.style import add_legend, save, set_heading, styled
from sim.core import chance
from sim.core.palette import BLUE, GREEN, INK, MUTED, ORANGE
from sim.core.text import counted
from sim.model.sun import Sun
from sim.model.weather import Weather, plan_weather, realise_weather
from sim.scenario.schema import Scenario
from sim.study.maps.coverage import places_of_interest
from sim.study.stint_rows import spans_of
from sim.study.store import Results

_NIGHT: dict[str, Any] = {"color": INK, "alpha": 0.10, "linewidth": 0.0, "zorder": 0.5}
_AT_WORK, _ON_THE_WAY = 0.62, 0.22  # heights of bars
_WAYS = ("transit", "return")
_MARK_ROOM_H = 8.0  # transfers in one row are at least so far apart


def draw_nights(axes: Axes, scenario: Scenario) -> None:
    """Shade the hours without light, by the sun over the middle of the map."""
    west, south, east, north = _box(scenario)
    lon, lat = scenario.plane.to_lonlat((west + east) / 2.0, (south + north) / 2.0)
    least, end_h = scenario.environment.light_begins_deg, scenario.duration_h
    changes, light = Sun(scenario.start).crossings(float(lon), float(lat), 0.0, end_h, least)
    edges = [0.0, *changes.tolist(), end_h]
    for number in range(int(light), len(edges) - 1, 2):
        axes.axvspan(edges[number], edges[number + 1], **_NIGHT)


def _box(scenario: Scenario) -> tuple[float, float, float, float]:
    """The bounds of the areas, routes and bases on the plane, nmi."""
    corners = np.array([shape.bounds for shape in places_of_interest(scenario)] or [scenario.plane.land.bounds])
    (west, south), (east, north) = corners[:, :2].min(axis=0), corners[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def weather_of(results: Results, replication: int) -> Weather:
    """Return the weather of a replication, realised again from the seed of the run."""
    return realise_weather(plan_weather(results.scenario), chance.replication_key(results.info["seed"], replication))


def draw_weather(axes: Axes, results: Results, weather: Weather) -> list[Any]:
    """Draw sea state, wind and visibility as far as the scenario states them; return the lines."""
    end_h = results.scenario.duration_h
    begin = np.clip(weather.begin, 0.0, end_h)
    hours = np.append(begin, end_h)
    series = [
        ("sea state", weather.sea_state, BLUE, "solid"),
        ("wind, kn", np.hypot(weather.wind_x, weather.wind_y), GREEN, (0, (5, 1.5))),
        ("visibility, nmi", weather.visibility_nmi, ORANGE, (0, (1.5, 1))),
    ]
    lines = []
    for label, values, colour, dashes in series:
        stated = np.isfinite(values) & (values > 0.0)
        if stated.any():
            lines += axes.step(
                hours, np.append(values, values[-1]), where="post", color=colour, linewidth=1.3, linestyle=dashes,
                label=label,
            )  # fmt: skip
    if lines:
        axes.set_ylim(bottom=0.0)
    else:
        axes.set_yticks([])
        axes.text(0.5, 0.5, "the scenario states no weather", transform=axes.transAxes, ha="center", va="center")
    axes.set_ylabel("weather")
    return lines


def draw_sorties(axes: Axes, results: Results, replication: int) -> None:
    """Draw a bar for each sortie, a row for each patrol: thick while it is at work, thin on the way out and home."""
    styles = patrol_styles(results.scenario)
    places = {name: number for number, name in enumerate(styles)}
    for legs in legs_of_sorties(results, replication).values():
        patrol, work = legs[0]["patrol"], [leg for leg in legs if leg["phase"] not in _WAYS]
        for part, height in ((legs, _ON_THE_WAY), (work, _AT_WORK)):
            if part:
                begin, end = part[0]["begin_h"], part[-1]["end_h"]
                low = places[patrol] - height / 2.0
                axes.broken_barh([(begin, end - begin)], (low, height), facecolors=styles[patrol][0], linewidth=0.0)
    axes.set_ylim(len(places) - 0.4, -0.6)
    axes.set_yticks(range(len(places)), list(places))
    axes.tick_params(axis="y", length=0)


def rows_without_overlap(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Return a row for each span of hours, sorted by their beginning, so that spans in one row do not overlap."""
    free: list[float] = []
    rows = []
    for begin, end in spans:
        row = next((number for number, hour in enumerate(free) if hour <= begin), len(free))
        free[row : row + 1] = [max(end, begin + _MARK_ROOM_H)]
        rows.append(row)
    return rows


def _transfers(results: Results, replication: int) -> list[dict[str, Any]]:
    """The transfers of a replication by the hour at which they begin."""
    rows = rows_of_replication(results, "transfers", replication).to_pylist()
    return sorted(rows, key=lambda row: float(row["begin_h"]))


def draw_transfers(axes: Axes, results: Results, replication: int) -> list[Any]:
    """Draw a bar for each transfer, and its mark by how far it came; return the marks for the legend."""
    transfers = _transfers(results, replication)
    spans = [(row["begin_h"], row["end_h"]) for row in transfers]
    rows = rows_without_overlap(spans)
    events = rows_of_replication(results, "events", replication).to_pylist()
    for stints, row in zip(spans_of(transfers, events), rows, strict=True):
        for stint in stints:
            axes.plot(stint, [row, row], color=MUTED, linewidth=2.0, solid_capstyle="butt", zorder=3.0)
    handles = []
    for status, style in STATUS_MARKS.items():
        mine = [number for number, row in enumerate(transfers) if row["status"] == status]
        hours = [_hour_of_mark(transfers[number]) for number in mine]
        shown: dict[str, Any] = {**style, "color": INK} if status == "missed" else {**style}
        marks = axes.scatter(hours, [rows[number] for number in mine], zorder=4.0, **shown)
        marks.set_label(f"{status} ({len(mine)})")
        handles.append(marks)
    axes.set_ylim(max(rows, default=0) + 0.7, -0.7)
    axes.set_yticks([0], ["transfers"])
    axes.tick_params(axis="y", length=0)
    return handles


def _hour_of_mark(row: dict[str, Any]) -> float:
    """The hour at which a transfer came to its highest rung; of one that was missed, the middle."""
    rung = row.get(f"{row['status']}_h")
    return float(rung if rung is not None else (row["begin_h"] + row["end_h"]) / 2.0)


def cells_with_tips(results: Results, replication: int) -> list[str]:
    """Return the nations whose cells received a report in a replication, by name."""
    if "tips" not in results.tables:
        return []
    return sorted(set(rows_of_replication(results, "tips", replication).column("cell").to_pylist()) - {None})


def draw_tips(axes: Axes, results: Results, replication: int) -> list[Any]:
    """Mark when tips came to the cell of each nation, hollow, and when a crew followed them, full."""
    tips = rows_of_replication(results, "tips", replication).to_pylist()
    cells, handles = cells_with_tips(results, replication), list[Any]()
    for place, cell in enumerate(cells):
        mine = [row for row in tips if row["cell"] == cell]
        came = [row["arrived_h"] for row in mine if row["arrived_h"] is not None]
        followed = sorted({row["followed_h"] for row in mine if row["followed_h"] is not None})
        hollow: dict[str, Any] = {"s": 16, "facecolors": "none", "edgecolors": MUTED, "linewidths": 0.8}
        full: dict[str, Any] = {"s": 24, "color": ORANGE, "edgecolors": INK, "linewidths": 0.6}
        handles = [
            axes.scatter(came, [place] * len(came), marker="D", label="report received", **hollow),
            axes.scatter(followed, [place] * len(followed), marker="D", label="tip followed", **full),
        ]
    axes.set_ylim(len(cells) - 0.4, -0.6)
    axes.set_yticks(range(len(cells)), [f"tips, {cell}" for cell in cells])
    axes.tick_params(axis="y", length=0)
    return handles


def figure_timeline(results: Results, replication: int | None = None) -> Figure:
    """Draw the timeline of one replication as a figure of its own; the first recorded one unless another is given.

    Raises InputError for what is no run, and where the tracks of the replication were not recorded.
    """
    results = run_results(results)
    replication = recorded_replication(results, replication)
    scenario = results.scenario
    cells = cells_with_tips(results, replication)
    spans = [(row["begin_h"], row["end_h"]) for row in _transfers(results, replication)]
    rows = 1 + max(rows_without_overlap(spans), default=0)
    heights = [
        1.0,
        0.35 + 0.3 * len(scenario.patrols),
        *([0.25 + 0.25 * len(cells)] if cells else []),
        0.35 + 0.28 * rows,
    ]
    figure = Figure(figsize=(10.0, 1.7 + sum(heights)), layout="constrained")
    panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    handles = draw_weather(panels[0], results, weather_of(results, replication))
    draw_sorties(panels[1], results, replication)
    handles += draw_transfers(panels[-1], results, replication)
    if cells:
        handles += draw_tips(panels[2], results, replication)
    for axes in panels:
        draw_nights(axes, scenario)
        draw_days(axes, scenario)
    for axes in panels[:-1]:
        axes.set_xlabel("")
        axes.tick_params(axis="x", length=0)
    add_legend(
        figure, handles, [str(handle.get_label()) for handle in handles], loc="outside lower center",
        ncols=min(5, len(handles)), fontsize=8.5, columnspacing=1.4,
    )  # fmt: skip
    subtitle = (
        f"replication {replication} of {counted(len(results.columns['transfers']), 'replication')}; grey: dark; "
        f"sorties: thick at work, thin on the way\nclock: UTC, local time is {_local(scenario)}"
    )
    set_heading(panels[0], f"{scenario.title}: one deployment", subtitle, 92)
    return figure


def _local(scenario: Scenario) -> str:
    """How far local time is ahead of UTC at the beginning, in words."""
    local = scenario.start.astimezone(scenario.local)
    offset = local.utcoffset()
    hours = 0.0 if offset is None else offset.total_seconds() / 3600.0
    return f"{local:%Z}, {'+' if hours >= 0.0 else '-'}{math.fabs(hours):g} h"


def save_timeline(results: Results, path: str | Path, replication: int | None = None) -> None:
    """Draw the timeline of one replication and write it to a file."""
    with styled():
        save(figure_timeline(results, replication), path)
