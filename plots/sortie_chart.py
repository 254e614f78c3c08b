"""One sortie as flown: its track on a map, and below it the phases, the distance from base and the fuel left."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.basemap import HALO, draw_basemap, view
from plots.coverage_map import STATUS_MARKS
from plots.run_page import legs_of_sorties, recorded_replication, rows_of_replication, run_results
from plots.style import add_legend, save, set_heading, styled
from sim.core.arrays import Floats
from sim.core.palette import BLACK, BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILION
from sim.core.text import counted
from sim.model.aircraft import Aircraft
from sim.scenario.problems import refused
from sim.study.store import Results

PHASE_STYLES: dict[str, tuple[str, str]] = {
    "transit": (MUTED, "transit"),
    "search": (BLUE, "search"),
    "divert": (ORANGE, "to a contact"),
    "identify": (VERMILION, "at a contact"),
    "rejoin": (SKY, "back to the route"),
    "hold": (PURPLE, "hold"),
    "return": (BLACK, "way home"),
}
"""Colour and words of each phase of a flight."""
_PHASE_LINES: dict[str, tuple[float, Any]] = {
    "transit": (1.1, (0, (6, 2))),
    "search": (2.0, "solid"),
    "divert": (1.3, (0, (3, 1))),
    "identify": (1.3, "solid"),
    "rejoin": (1.3, (0, (1, 1))),
    "hold": (1.3, (0, (4, 1, 1, 1))),
    "return": (1.1, "solid"),
}
"""Width and dashes of the track in each phase, which differ in a grey print too."""
_CONTACT_EVENTS: dict[str, dict[str, Any]] = {
    "identified": {"marker": "v", "s": 18.0, "color": "white", "edgecolors": INK, "linewidths": 0.7},
    "not_classified": {"marker": ".", "s": 16.0, "color": MUTED},
    "lost": {"marker": "x", "s": 18.0, "color": MUTED, "linewidths": 1.0},
    "classified": dict(STATUS_MARKS["classified"]),
    "documented": dict(STATUS_MARKS["documented"]),
}
_RUNGS = ("classified", "documented")


def chosen_sortie(
    legs: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]], patrol: str | None, sortie: int | None
) -> tuple[str, int]:
    """Return patrol and number of the sortie to draw: the first of those that fit what is given.

    Raises InputError where none fits.
    """
    fitting = [key for key in legs if patrol in (None, key[0]) and sortie in (None, key[1])]
    if fitting:
        return min(fitting, key=lambda key: legs[key][0]["begin_h"])
    patrols = sorted({name for name, _ in legs})
    if patrol is not None and patrol not in patrols:
        raise refused(
            patrol, f"a patrol that flew in this replication: {', '.join(patrols) or 'none did'}", key="--patrol"
        )
    numbers = sorted(number for name, number in legs if patrol in (None, name))
    allowed = "a sortie that was flown: " + ", ".join(map(str, dict.fromkeys(numbers)))
    raise refused(sortie, allowed, key="--sortie")


def fuel_left_h(aircraft: Aircraft, legs: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    """Return hours (n + 1,), and the fuel left at each of them, in hours of transit, (n + 1,)."""
    burn = {
        "search": aircraft.burn.search,
        "identify": aircraft.burn.identification,
        "hold": aircraft.burn.identification,
    }
    hours = np.array([legs[0]["begin_h"], *(leg["end_h"] for leg in legs)], float)
    used = np.diff(hours) * np.array([burn.get(leg["phase"], 1.0) for leg in legs])
    return hours, aircraft.endurance_h - np.concatenate([[0.0], np.cumsum(used)])


def _ends(results: Results, legs: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    """Where each leg begins and ends on the plane, (n, 2) each, nmi."""
    plane = results.scenario.plane
    begin = plane.to_xy(np.array([leg["lon0"] for leg in legs]), np.array([leg["lat0"] for leg in legs]))
    end = plane.to_xy(np.array([leg["lon1"] for leg in legs]), np.array([leg["lat1"] for leg in legs]))
    return np.column_stack(begin), np.column_stack(end)


def draw_track(axes: Axes, results: Results, legs: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Draw the legs in the colours of their phases; return a line for each phase that was flown."""
    begin, end = _ends(results, legs)
    phases = np.array([leg["phase"] for leg in legs])
    handles = []
    for phase, (colour, words) in PHASE_STYLES.items():
        mine = phases == phase
        if mine.any():
            gap = np.full(int(mine.sum()), np.nan)
            width, dashes = _PHASE_LINES[phase]
            x, y = (np.column_stack([begin[mine, k], end[mine, k], gap]).ravel() for k in (0, 1))
            handles += axes.plot(x, y, color=colour, linewidth=width, linestyle=dashes, zorder=4.5, label=words)
    return handles


def draw_contacts(axes: Axes, results: Results, replication: int, key: tuple[str, int]) -> list[Any]:
    """Mark what became of the contacts that the crew flew to; return the marks."""
    events = rows_of_replication(results, "events", replication)
    events = events.filter((pc.field("patrol") == key[0]) & (pc.field("sortie") == key[1]))
    handles = []
    for name, style in _CONTACT_EVENTS.items():
        rows = events.filter(pc.field("event") == name)
        if rows.num_rows:
            x, y = results.scenario.plane.to_xy(rows.column("lon").to_numpy(), rows.column("lat").to_numpy())
            words = f"{name.replace('_', ' ')} ({rows.num_rows})"
            handles.append(axes.scatter(x, y, zorder=5.5 if name in _RUNGS else 5.0, label=words, **style))
    return handles


def draw_profile(panels: Sequence[Axes], results: Results, legs: Sequence[Mapping[str, Any]], patrol: str) -> None:
    """Draw the phases, the distance from base and the fuel left against the hours since take-off, on three axes."""
    scenario = results.scenario
    spec = scenario.patrols[patrol]
    aircraft, base = scenario.aircraft[spec.aircraft], scenario.bases[spec.base]
    takeoff_h = legs[0]["begin_h"]
    hours, fuel = fuel_left_h(aircraft, legs)
    begin, end = _ends(results, legs)
    far = np.hypot(*(np.vstack([begin[:1], end]) - scenario.plane.to_xy(*base.position)).T)
    strip, distance, tank = panels
    for leg in legs:
        colour = PHASE_STYLES[leg["phase"]][0]
        strip.axvspan(leg["begin_h"] - takeoff_h, leg["end_h"] - takeoff_h, color=colour, linewidth=0.0)
    strip.set_yticks([0.5], ["phase"])
    strip.tick_params(length=0, labelbottom=False)
    distance.tick_params(labelbottom=False)
    distance.plot(hours - takeoff_h, far, color=INK, linewidth=1.1)
    distance.set_ylabel(f"nmi from\n{spec.base}")
    tank.plot(hours - takeoff_h, fuel, color=GREEN, linewidth=1.4)
    tank.axhline(aircraft.reserve_h, color=VERMILION, linewidth=1.0, linestyle=(0, (5, 3)))
    tank.annotate("reserve", (0.0, aircraft.reserve_h), (3, 3), textcoords="offset points", fontsize=8, color=VERMILION)
    tank.set_ylabel("fuel left,\nh of transit")
    tank.set_xlabel("hours since take-off")
    for axes in (distance, tank):
        axes.set_ylim(bottom=0.0)
        axes.grid(axis="both", color=MUTED, alpha=0.18, linewidth=0.6)
    strip.set_xlim(0.0, hours[-1] - takeoff_h)


def figure_sortie(
    results: Results, replication: int | None = None, patrol: str | None = None, sortie: int | None = None
) -> Figure:
    """Draw one sortie as a figure of its own: the first recorded one of those that fit what is given.

    Raises InputError for what is no run, and where no recorded sortie fits.
    """
    results = run_results(results)
    replication = recorded_replication(results, replication)
    flown = legs_of_sorties(results, replication)
    if not flown and patrol is None and sortie is None:
        raise refused(replication, "a replication in which a sortie was flown", key="--replication")
    key = chosen_sortie(flown, patrol, sortie)
    legs, scenario = flown[key], results.scenario
    begin, end = _ends(results, legs)
    bounds = view([shapely.MultiPoint(np.vstack([begin, end]))], margin_nmi=25.0)
    width, tall = 8.2, (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    map_height = float(np.clip(width * 0.88 * tall, 3.6, 7.2))
    figure = Figure(figsize=(width, map_height + 4.0), layout="constrained")
    rows = figure.add_gridspec(4, 1, height_ratios=[map_height, 0.2, 1.0, 1.0])
    axes = figure.add_subplot(rows[0])
    strip = figure.add_subplot(rows[1])
    panels = [strip, *(figure.add_subplot(rows[row], sharex=strip) for row in (2, 3))]
    shown = {source.area for source in scenario.transfers.values()}
    draw_basemap(axes, scenario, bounds, [name for name in scenario.areas if name in shown])
    handles = [*draw_track(axes, results, legs), *draw_contacts(axes, results, replication, key)]
    x, y = begin[0]
    axes.scatter([x], [y], marker="^", s=60, color=INK, edgecolors="white", linewidths=0.8, zorder=5.7)
    name = axes.annotate(
        scenario.patrols[key[0]].base,
        (x, y),
        (6, 4),
        textcoords="offset points",
        fontsize=8.5,
        weight="bold",
        zorder=6.0,
    )
    name.set_path_effects([HALO])
    draw_profile(panels, results, legs, key[0])
    add_legend(
        figure, handles, [str(handle.get_label()) for handle in handles], loc="outside lower center", ncols=6,
        fontsize=8.5, columnspacing=1.4,
    )  # fmt: skip
    set_heading(axes, f"{scenario.title}: one sortie", _subtitle(results, replication, key, legs), 76)
    return figure


def _subtitle(results: Results, replication: int, key: tuple[str, int], legs: Sequence[Mapping[str, Any]]) -> str:
    """Whose sortie it is, when it flew, and for how long."""
    scenario = results.scenario
    takeoff = scenario.start + timedelta(hours=legs[0]["begin_h"])
    local = takeoff.astimezone(scenario.local)
    hours = legs[-1]["end_h"] - legs[0]["begin_h"]
    return (
        f"{key[0]}, sortie {key[1]} of replication {replication}: take-off {takeoff:%d %b %Y %H:%M} UTC "
        f"({local:%H:%M %Z}), {hours:.1f} h, {counted(len(legs), 'leg')}"
    )


def save_sortie(
    results: Results,
    path: str | Path,
    *,
    replication: int | None = None,
    patrol: str | None = None,
    sortie: int | None = None,
) -> None:
    """Draw one sortie and write it to a file."""
    with styled():
        save(figure_sortie(results, replication, patrol, sortie), path)
