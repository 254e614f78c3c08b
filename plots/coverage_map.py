"""The coverage map of a run: the probability of detection over the sea, with tracks and transfers."""

from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.compute as pc
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from plots.basemap import Bounds, view
from plots.field_map import draw_field_map, map_page
from plots.run_page import DASHES, recorded_replication, run_results
from plots.style import add_legend, close_gap, save, styled
from sim.core.arrays import Floats
from sim.core.palette import BLACK, INK, ORANGE, PURPLE, STATUS_COLOURS
from sim.core.text import counted
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.maps.coverage import CELLS, Field, make_field, places_of_interest
from sim.study.progress import Progress, no_progress
from sim.study.store import Results

_TRACKS_OF = "tracks of "  # begins the mark of the artist of a patrol's tracks
_TRACK_IN_LEGEND = "#9aa5ad"  # for white, on white paper
_TRACK_COLOURS = ("white", ORANGE, PURPLE, BLACK)  # that can be seen on every colour of the field


class Tracks(NamedTuple):
    """Which of the legs of a replication are drawn."""

    legs: str = "search"
    """"search" for the search legs alone, "all", or "none"."""
    patrol: str | None = None
    """Of this patrol alone."""
    sortie: int | None = None
    """Of the sorties of this number alone."""

    def wanted(self, replication: int, patrol: str) -> Any:
        """Return which rows of the table of tracks are those of a replication and a patrol that are drawn."""
        rows = (pc.field("replication") == replication) & (pc.field("patrol") == patrol)
        if self.legs == "search":
            rows &= pc.field("phase") == "search"
        if self.sortie is not None:
            rows &= pc.field("sortie") == self.sortie
        return rows & pc.scalar(self.legs != "none" and self.patrol in (None, patrol))


SEARCH_TRACKS = Tracks()

_SHAPES: dict[str, dict[str, Any]] = {
    "missed": {"marker": "x", "s": 26.0, "linewidths": 1.3},
    "detected": {"marker": "o", "s": 30.0, "edgecolors": BLACK, "linewidths": 0.6},
    "classified": {"marker": "s", "s": 32.0, "edgecolors": BLACK, "linewidths": 0.6},
    "documented": {"marker": "*", "s": 110.0, "edgecolors": BLACK, "linewidths": 0.6},
}
STATUS_MARKS = {name: {"color": STATUS_COLOURS[name], **shape} for name, shape in _SHAPES.items()}
"""The marks of transfers by their status: shape and colour differ, and the highest rung is the largest."""


def default_bounds(scenario: Scenario) -> Bounds:
    """The bounds of a map that shows the areas of transfers, the routes and the bases."""
    return view(places_of_interest(scenario))


def draw_coverage(
    axes: Axes, results: Results, field: Field, bounds: Bounds, replication: int = 0, tracks: Tracks = SEARCH_TRACKS
) -> Axes:
    """Draw the map on axes: the field, land, outlines, and the tracks and transfers of one replication."""
    scenario = results.scenario
    one_of = f" of {field.source}" if len(scenario.transfers) > 1 else ""
    label = f"P(detected), a transfer{one_of} of {field.duration_h:g} h begun {_hours_text(field)}"
    draw_field_map(
        axes, scenario, bounds, field.grid, field.probability, label, top=_top(field.probability), gid="coverage-field"
    )
    draw_tracks(axes, results, replication, tracks)
    _draw_transfers(axes, results, replication)
    draw_tips(axes, results, replication)
    return axes


def _top(values: Floats) -> float:
    """A round number for the top of the colour scale."""
    return float(max(0.1, np.ceil(values.max() * 10.0 - 1e-9) / 10.0))


def _hours_text(field: Field) -> str:
    """The hours at which the transfer of a field begins, in words."""
    return "at any hour" if field.uniform else "at the scenario's hours"


def draw_tracks(axes: Axes, results: Results, replication: int, tracks: Tracks = SEARCH_TRACKS) -> None:
    """Draw the legs that were flown in a replication, as far as they are asked for; patrols differ by their lines."""
    plane, patrols = results.scenario.plane, list(results.scenario.patrols)
    for patrol in patrols:
        rows = results.tables["tracks"].filter(tracks.wanted(replication, patrol))
        if not rows.num_rows:
            continue
        start = np.column_stack(plane.to_xy(rows.column("lon0").to_numpy(), rows.column("lat0").to_numpy()))
        end = np.column_stack(plane.to_xy(rows.column("lon1").to_numpy(), rows.column("lat1").to_numpy()))
        legs = list(np.stack([start, end], axis=1))
        colour, dashes = _track_style(results.scenario, patrol)
        label = "tracks" if len(patrols) == 1 else f"tracks, {patrol}"
        if tracks.legs == "search":
            label = label.replace("tracks", "search legs")
        lines = LineCollection(
            legs, colors=colour, linewidths=0.7, linestyles=[dashes], alpha=0.7, zorder=4.0, label=label
        )
        lines.set_path_effects([withStroke(linewidth=1.4, foreground=INK, alpha=0.25)])
        lines.set_gid(_TRACKS_OF + patrol)
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
        if name == "missed":  # a dark edge makes it visible on a bright field
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


def figure_coverage(
    results: Results, field: Field, bounds: Bounds, replication: int = 0, tracks: Tracks = SEARCH_TRACKS
) -> Figure:
    """Draw the coverage map as a figure of its own, with title and legend; InputError for what is no run."""
    results = run_results(results)
    title = f"{results.scenario.title}: where a transfer would be detected"
    figure, axes = map_page(bounds, title, _subtitle(results, field))
    draw_coverage(axes, results, field, bounds, replication, tracks)
    handles, labels = axes.get_legend_handles_labels()
    zones = labels.count("no-go zone")  # these are drawn first, but stand last in the legend
    shown = [_in_legend(handle, results.scenario) for handle in [*handles[zones:], *handles[:zones]]]
    add_legend(
        figure, shown, [*labels[zones:], *labels[:zones]], loc="outside lower center",
        ncols=min(len(labels), 4 if len(labels) > 5 else 6), fontsize=8.5, columnspacing=1.6,
        title=f"transfers and tracks of replication {replication}", title_fontsize=8.5,
    )  # fmt: skip
    close_gap(figure, axes)
    return figure


def _in_legend(handle: Any, scenario: Scenario) -> Any:
    """What stands for an artist in a legend on white paper: white tracks become grey."""
    if not isinstance(handle, LineCollection):
        return handle
    colour, dashes = _track_style(scenario, str(handle.get_gid()).removeprefix(_TRACKS_OF))
    return Line2D([], [], color=_TRACK_IN_LEGEND if colour == "white" else colour, linestyle=dashes)


def _track_style(scenario: Scenario, patrol: str) -> tuple[str, Any]:
    """The colour and the dashes of the tracks of a patrol."""
    number = list(scenario.patrols).index(patrol)
    return _TRACK_COLOURS[number % len(_TRACK_COLOURS)], DASHES[number % len(DASHES)]


def _subtitle(results: Results, field: Field) -> str:
    """The times of the deployment, and the share of transfers that were detected in the run."""
    scenario = results.scenario
    begin, end = scenario.start, scenario.start + timedelta(hours=scenario.duration_h)
    local = begin.astimezone(scenario.local)
    share = results.measure("p_detected")
    found = "" if share.value is None else f"; of all transfers {100 * share.value:.0f} % were detected"
    if share.low is not None and share.high is not None:
        found += f" ({100 * share.low:.0f} to {100 * share.high:.0f} %)"
    recorded = min(len(results.columns["replication"]), int(results.info["kept"]))
    first = "" if field.replications == recorded else f"the first {field.replications} of "
    return (
        f"{begin:%d %b %Y %H:%M} UTC ({local:%H:%M %Z}) to {end:%d %b %Y}\n"
        f"field: mean of {first}{counted(recorded, 'replication')}{found}"
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
    tracks: str = "search",
    patrol: str | None = None,
    sortie: int | None = None,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Field:
    """Compute the coverage field of a run, draw the map and write it to a file; return the field.

    `tracks` are "search" for the search legs, "all" or "none", of one patrol or sortie where these are given. Raises
    InputError for what is no run, or has no such replication or patrol.
    """
    results = run_results(results)
    if patrol is not None and patrol not in results.scenario.patrols:
        names = list(results.scenario.patrols)
        raise refused(patrol, f"a patrol: {', '.join(names)}", key="--patrol", hint=nearest(patrol, names))
    replication = recorded_replication(results, replication)
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
        save(figure_coverage(results, field, bounds, replication, Tracks(tracks, patrol, sortie)), path)
    return field
