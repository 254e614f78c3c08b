"""The coverage map of a run: the probability of detection over the sea, with tracks and transfers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from plots.basemap import HALO, Bounds, draw_basemap, view
from plots.style import BLACK, INK, MUTED, ORANGE, SEQUENTIAL, SKY, VERMILION, add_legend, save, styled, wrapped
from sim.core.arrays import Floats
from sim.core.text import counted
from sim.scenario.arguments import of_type
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.coverage import CELLS, Field, make_field, places_of_interest
from sim.study.progress import Progress, no_progress
from sim.study.store import Results

_ALLOWED = "the results of a run, as run and Results.load give them"  # what pictures are made of

# The marks of transfers by their status: shape and colour differ, and the highest rung is the most conspicuous.
STATUS_MARKS = {
    "missed": {"marker": "x", "color": "white", "s": 26.0, "linewidths": 1.3},
    "detected": {"marker": "o", "color": SKY, "s": 30.0, "edgecolors": BLACK, "linewidths": 0.6},
    "classified": {"marker": "s", "color": ORANGE, "s": 32.0, "edgecolors": BLACK, "linewidths": 0.6},
    "documented": {"marker": "*", "color": VERMILION, "s": 110.0, "edgecolors": BLACK, "linewidths": 0.6},
}


def default_bounds(scenario: Scenario) -> Bounds:
    """The bounds of a map that shows the areas of transfers, the routes and the bases."""
    return view(places_of_interest(scenario))


def draw_coverage(axes: Axes, results: Results, field: Field, bounds: Bounds, replication: int = 0) -> Axes:
    """Draw the map on axes: the field, land, outlines, and the tracks and transfers of one replication."""
    scenario = results.scenario
    x, y = field.grid.x, field.grid.y
    dx, dy = x[1] - x[0], y[1] - y[0]
    mesh = axes.imshow(
        field.probability,
        extent=(x[0] - dx / 2, x[-1] + dx / 2, y[0] - dy / 2, y[-1] + dy / 2),
        origin="lower", cmap=SEQUENTIAL, vmin=0.0, vmax=_top(field.probability), interpolation="bilinear", zorder=1.0,
    )  # fmt: skip
    mesh.set_gid("coverage-field")
    draw_basemap(axes, scenario, bounds, dict.fromkeys(source.area for source in scenario.transfers.values()))
    _draw_tracks(axes, results, replication)
    _draw_transfers(axes, results, replication)
    draw_tips(axes, results, replication)
    for name, base in scenario.bases.items():
        bx, by = (float(v) for v in scenario.plane.to_xy(*base.position))
        axes.scatter([bx], [by], marker="^", s=60, color=INK, edgecolors="white", linewidths=0.8, zorder=7.5)
        label = axes.annotate(
            name, (bx, by), (6, 4), textcoords="offset points", fontsize=8.5, weight="bold", zorder=7.5
        )
        label.set_path_effects([HALO])
    bar = axes.figure.colorbar(mesh, ax=axes, shrink=0.7, pad=0.02, aspect=28)
    one_of = f" of {field.source}" if len(scenario.transfers) > 1 else ""
    bar.set_label(f"P(detected), a transfer{one_of} of {field.duration_h:g} h begun {_hours_text(field)}")
    bar.outline.set_edgecolor("none")
    return axes


def _top(values: Floats) -> float:
    """A round number for the top of the colour scale."""
    return float(max(0.1, np.ceil(values.max() * 10.0 - 1e-9) / 10.0))


def _hours_text(field: Field) -> str:
    """The hours at which the transfer of a field begins, in words."""
    return "at any hour" if field.uniform else "at the scenario's hours"


def _draw_tracks(axes: Axes, results: Results, replication: int) -> None:
    """Draw the legs that were flown in a replication."""
    plane = results.scenario.plane
    tracks = results.tables["tracks"].filter(pc.field("replication") == replication)
    start = np.column_stack(plane.to_xy(tracks.column("lon0").to_numpy(), tracks.column("lat0").to_numpy()))
    end = np.column_stack(plane.to_xy(tracks.column("lon1").to_numpy(), tracks.column("lat1").to_numpy()))
    lines = LineCollection(list(np.stack([start, end], axis=1)), colors="white", linewidths=0.5, alpha=0.45, zorder=4.0)
    lines.set_gid("tracks")
    axes.add_collection(lines, autolim=False)


def _draw_transfers(axes: Axes, results: Results, replication: int) -> None:
    """Mark the transfers of a replication by their status."""
    transfers = results.tables["transfers"].filter(pc.field("replication") == replication)
    x, y = results.scenario.plane.to_xy(transfers.column("lon").to_numpy(), transfers.column("lat").to_numpy())
    status = np.array(transfers.column("status").to_pylist(), dtype=str)
    for order, (name, marks_style) in enumerate(STATUS_MARKS.items()):
        mine = status == name
        style: dict[str, Any] = dict(marks_style)
        marks = axes.scatter(x[mine], y[mine], zorder=5.0 + 0.1 * order, label=f"{name} ({int(mine.sum())})", **style)
        if style["color"] == "white":  # a dark edge makes it visible on a bright field
            marks.set_path_effects([withStroke(linewidth=2.6, foreground=INK, alpha=0.7)])


def draw_tips(axes: Axes, results: Results, replication: int) -> None:
    """Mark the places, as first reported, of the tips that crews flew to; none where no crew follows tips."""
    if "tips" not in results.tables:
        return
    rows = results.tables["tips"].filter((pc.field("replication") == replication) & ~pc.field("followed_h").is_null())
    places = {(row["cell"], row["tip"]): (row["lon"], row["lat"]) for row in reversed(rows.to_pylist())}
    lon, lat = np.array(list(places.values())).reshape(-1, 2).T
    x, y = results.scenario.plane.to_xy(lon, lat)
    marks = axes.scatter(
        x, y, marker="D", s=44, facecolors="none", edgecolors="white", linewidths=1.4, zorder=4.9,
        label=f"tips flown to ({len(places)})",
    )  # fmt: skip
    marks.set_gid("tips")
    marks.set_path_effects([withStroke(linewidth=3.0, foreground=INK, alpha=0.7)])


def figure_coverage(results: Results, field: Field, bounds: Bounds, replication: int = 0) -> Figure:
    """Draw the coverage map as a figure of its own, with title and legend; InputError for what is no run."""
    of_type("plots", "results", results, Results, _ALLOWED)
    width = 8.2
    tall = (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    figure = Figure(figsize=(width, float(np.clip(width * 0.74 * tall + 1.5, 5.0, 11.0))), layout="constrained")
    axes = figure.add_subplot()
    draw_coverage(axes, results, field, bounds, replication)
    title = wrapped(f"{results.scenario.title}: where a transfer would be detected", 76)
    figure.suptitle(title, x=0.02, ha="left", weight="bold")
    axes.set_title(_subtitle(results, field), loc="left", fontsize=8.5, weight="normal", color=MUTED)
    handles, labels = axes.get_legend_handles_labels()
    zones = labels.count("no-go zone")  # these are drawn first, but stand last in the legend
    handles = [*handles[zones:], Line2D([], [], color="#9aa5ad", linewidth=1.0), *handles[:zones]]
    labels = [*labels[zones:], "tracks", *labels[:zones]]
    add_legend(
        figure, handles, labels, loc="outside lower center", ncols=6, fontsize=8.5, columnspacing=1.6,
        title=f"transfers and tracks of replication {replication}", title_fontsize=8.5,
    )  # fmt: skip
    return figure


def _subtitle(results: Results, field: Field) -> str:
    """The times of the deployment, and the share of transfers that were detected in the run."""
    scenario = results.scenario
    begin, end = scenario.start, scenario.start + timedelta(hours=scenario.duration_h)
    local = begin.astimezone(scenario.local)
    share = results.measure("p_detected")
    found = "" if share.value is None else f"; of all transfers {100 * share.value:.0f} % were detected"
    if share.low is not None and share.high is not None:
        found += f" ({100 * share.low:.0f} to {100 * share.high:.0f} %)"
    return (
        f"{begin:%d %b %Y %H:%M} UTC ({local:%H:%M %Z}) to {end:%d %b %Y}\n"
        f"field: mean of {counted(field.replications, 'replication')}{found}"
    )


def save_coverage(
    results: Results,
    path: str | Path,
    *,
    duration_h: float | None = None,
    uniform: bool = False,
    source: str | None = None,
    cells: int = CELLS,
    replication: int = 0,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Field:
    """Compute the coverage field of a run, draw the map and write it to a file; return the field.

    Raises InputError for what is no run, or has no such replication.
    """
    of_type("plots", "results", results, Results, _ALLOWED)
    recorded = set(results.tables["tracks"].column("replication").to_pylist())
    if replication not in recorded and recorded:
        allowed = f"a replication with recorded tracks: {min(recorded)} to {max(recorded)}"
        raise refused(replication, allowed, key="--replication")
    bounds = default_bounds(results.scenario)
    field = make_field(
        results,
        bounds,
        duration_h=duration_h,
        uniform=uniform,
        source=source,
        cells=cells,
        jobs=jobs,
        progress=progress,
    )
    with styled():
        save(figure_coverage(results, field, bounds, replication), path)
    return field
