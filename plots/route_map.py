"""The map of a planned route: one pass as the crew enters it, with its length, time and coverage factor."""

import textwrap
from pathlib import Path

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.basemap import HALO, draw_basemap, view
from plots.leg_numbers import number_legs
from plots.style import close_gap, save, set_heading, styled
from sim.core.palette import BLUE, GREEN, INK, MUTED, ORANGE, VERMILION
from sim.scenario.endurance import FUEL
from sim.scenario.flight_plan import FlightPlan, flight_plan_text, make_flight_plan
from sim.scenario.load import Given, load_scenario


def figure_route(plan: FlightPlan | Given) -> Figure:
    """Draw a planned route on a map, with its numbers in words below; of a scenario, the first route that is flown."""
    plan = plan if isinstance(plan, FlightPlan) else make_flight_plan(load_scenario(plan))
    shapes = [shapely.LineString(plan.points), shapely.Point(plan.base)]
    shapes += plan.outlines()
    bounds = view(shapes, margin_nmi=40.0)
    words = [line for text in flight_plan_text(plan) for line in textwrap.wrap(text, 126, subsequent_indent="    ")]
    width, tall = 8.2, (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    height = float(np.clip(width * 0.93 * tall, 4.5, 10.0))
    figure = Figure(figsize=(width, height + 1.3 + 0.17 * len(words)), layout="constrained")
    axes = figure.add_subplot(anchor="N")  # below the heading, whose height the layout then knows
    figure.supxlabel("\n".join(words), x=0.02, ha="left", fontsize=8.5)
    draw_basemap(axes, plan.scenario, bounds, plan.areas)
    draw_route(axes, plan)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=7, fontsize=8.5, handlelength=1.8, borderpad=0.2)
    set_heading(axes, f"{plan.scenario.title}: {plan.title}", "", 72)
    close_gap(figure, axes)
    return figure


def draw_route(axes: Axes, plan: FlightPlan) -> Axes:
    """Draw the pass with its legs numbered, the ways from and to base, and the base, on axes of a finished figure."""
    points, base = plan.points, plan.base
    stay, leave = plan.end_of_search()
    out, home = plan.path_from_base(points[0]), plan.path_from_base(leave)[::-1]
    ways = [(out, (0, (6, 3)), "way out"), (home, (0, (1, 2)), "way home")]
    if np.array_equal(out, home[::-1]):  # two lines in the same place could not be told apart
        ways = [(out, (0, (6, 3)), "way out and home")]
    for line, style, text in ways:
        axes.plot(*line.T, color=MUTED, linewidth=1.2, linestyle=style, zorder=4.0, label=text, gid=text)
    axes.plot(*points.T, color=BLUE, linewidth=1.4, zorder=4.5, label="pass", gid="pass", solid_joinstyle="round")
    marks = [("start", points[0], "o", GREEN, 100.0), ("end", points[-1], "s", VERMILION, 30.0)]
    if stay < plan.hours - 1e-9:
        last = "fuel" if plan.search_limit(leave).key == FUEL else "time"
        marks.append((f"{last} to go home", leave, "D", ORANGE, 34.0))
    for text, (x, y), marker, colour, size in marks:
        axes.scatter([x], [y], marker=marker, s=size, color=colour, edgecolors="white", zorder=5.6, label=text)
    axes.scatter([base[0]], [base[1]], marker="^", s=60, color=INK, edgecolors="white", linewidths=0.8, zorder=5.7)
    name, place = plan.scenario.patrols[plan.patrol].base, (float(base[0]), float(base[1]))
    label = axes.annotate(name, place, (6, 4), textcoords="offset points", fontsize=8.5, weight="bold", zorder=6.0)
    label.set_path_effects([HALO])
    edges = [shapely.get_coordinates(outline) for outline in plan.outlines()]
    zones = [plan.scenario.plane.project(zone.shape) for zone in plan.scenario.zones.values()]
    return number_legs(axes, points, plan.pattern.tracks[plan.entry], zones, [out, home, *edges])


def save_route(scenario: Given, path: str | Path, route: str | None = None, patrol: str | None = None) -> FlightPlan:
    """Draw a planned route and write it to a file; return the plan."""
    plan = make_flight_plan(load_scenario(scenario), route, patrol)
    with styled():
        save(figure_route(plan), path)
    return plan
