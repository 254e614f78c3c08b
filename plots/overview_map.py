"""The map of a whole scenario before it is flown: all routes, areas, bases, zones and swaths."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from plots.basemap import Bounds, draw_basemap, view
from plots.bases import draw_bases
from plots.style import close_gap, save, set_heading, styled, wrapped
from sim.core.palette import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILION
from sim.core.text import counted
from sim.core.turns import length_nmi
from sim.model.sightings import plan_observers
from sim.scenario.flight_plan import FlightPlan, make_flight_plan
from sim.scenario.groups import assignment_of, patrols_on_route
from sim.scenario.load import Given, load_scenario
from sim.scenario.problems import InputError
from sim.scenario.schema import Scenario

_ROUTES = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, INK)  # colours of routes; those of swaths differ
_DASHES: tuple[Any, ...] = (
    "solid",
    (0, (7, 2)),
    (0, (3, 1.5)),
    (0, (7, 2, 1.5, 2)),
)  # so that a grey print shows them too
_SWATHS = (SKY, ORANGE, PURPLE, GREEN)
_MOST_NAMED = 18  # routes in the legend and below the map; the page has no space for more
_PAGE = 118  # letters of a line below the map


@dataclass
class DrawnRoute:
    """One pass of a route, and the patrols that fly it in the same way."""

    plan: FlightPlan
    patrols: list[str] = field(default_factory=list)
    """The patrols that fly it; none where it is a spare."""

    @property
    def title(self) -> str:
        """The route, and who flies it."""
        names = self.patrols[:3]
        more = f" and {len(self.patrols) - 3} more" if len(self.patrols) > 3 else ""
        return f"{self.plan.route}, {' and '.join(names)}{more}" if names else f"{self.plan.route}, flown by no patrol"

    @property
    def text(self) -> str:
        """The route in a line: who flies it from where, its pattern, legs, length and hours."""
        spec, pattern = self.plan.scenario.routes[self.plan.route], self.plan.pattern
        base = self.plan.scenario.patrols[self.plan.patrol].base
        come = f" from {base}" if self.patrols else ""
        length = length_nmi(self.plan.points)
        return (
            f"{self.title}{come}: {spec.pattern.replace('_', ' ')}, {counted(pattern.legs, 'leg')}, one pass "
            f"{length:,.0f} nmi in {self.plan.hours:.1f} h"
        )


def drawn_routes(scenario: Scenario) -> list[DrawnRoute]:
    """The passes of all routes: first those that patrols fly, each different one once, then the spares.

    A spare that the first patrol cannot fly is left out.
    """
    found = list[DrawnRoute]()
    for patrol in scenario.patrols:
        for route in assignment_of(scenario, patrol).routes:
            plan = make_flight_plan(scenario, route, patrol)
            same = [
                one
                for one in found
                if one.plan.route == route and np.array_equal(one.plan.points, plan.points)
                and np.array_equal(one.plan.base, plan.base)
            ]  # fmt: skip
            found += [] if same else [DrawnRoute(plan)]
            (same[0] if same else found[-1]).patrols.append(patrol)
    for route in scenario.routes if scenario.patrols else ():
        if not patrols_on_route(scenario, route):
            try:
                found.append(DrawnRoute(make_flight_plan(scenario, route)))
            except InputError:
                continue
    return found


def figure_overview(scenario: Given) -> Figure:
    """Draw a scenario on a map, with its routes in words below: a loaded one, a file, a name, or its tables."""
    scenario = load_scenario(scenario)
    routes = drawn_routes(scenario)
    bounds = overview_bounds(scenario, routes)
    words = [wrapped(route.text, _PAGE) for route in routes[:_MOST_NAMED]]
    if len(routes) > _MOST_NAMED:
        words.append(f"and {len(routes) - _MOST_NAMED} more")
    words += [*_words_of_spares(scenario, routes), "To draw one route with its legs numbered: --route NAME"]
    width, tall = 8.2, (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    height = float(np.clip(width * 0.93 * tall, 4.5, 10.5))
    lines = sum(text.count("\n") + 1 for text in words)
    legend_rows = -(-(min(len(routes), _MOST_NAMED) + len(scenario.observers) + 3) // 3)
    figure = Figure(figsize=(width, height + 1.0 + 0.17 * lines + 0.2 * legend_rows), layout="constrained")
    axes = figure.add_subplot(anchor="N")  # below the heading, whose height the layout then knows
    figure.supxlabel("\n".join(words), x=0.02, ha="left", fontsize=8.5)
    draw_basemap(axes, scenario, bounds, scenario.areas)
    handles = draw_overview(axes, scenario, routes, bounds)
    axes.legend(
        handles, [handle.get_label() for handle in handles], loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3,
        fontsize=8.5, handlelength=2.2, borderpad=0.2,
    )  # fmt: skip
    set_heading(axes, f"{scenario.title}: all routes", "", 72)
    close_gap(figure, axes)
    return figure


def overview_bounds(scenario: Scenario, routes: Sequence[DrawnRoute]) -> Bounds:
    """The part of the plane that holds the routes, the bases that are used, and the areas."""
    plane = scenario.plane
    used = {base for patrol in scenario.patrols.values() for base in (patrol.base, *patrol.alternates)}
    shapes = [shapely.LineString(route.plan.points) for route in routes]
    shapes += [plane.project(area.shape) for area in scenario.areas.values()]
    shapes += [shapely.Point(*map(float, plane.to_xy(*scenario.bases[base].position))) for base in sorted(used)]
    return view(shapes, margin_nmi=40.0)


def _words_of_spares(scenario: Scenario, routes: Sequence[DrawnRoute]) -> list[str]:
    """A line that names the routes which are not drawn; none where all are."""
    left_out = [name for name in scenario.routes if name not in {route.plan.route for route in routes}]
    return [wrapped(f"not drawn, as no patrol could fly it: {', '.join(left_out)}", _PAGE)] if left_out else []


def draw_overview(axes: Axes, scenario: Scenario, routes: Sequence[DrawnRoute], bounds: Bounds) -> list[Any]:
    """Draw swaths, routes with the ways to them, and bases; return what the legend shows, each with its label."""
    handles = [*_draw_swaths(axes, scenario, bounds), *_draw_routes(axes, routes)]
    handles += [patch for patch in axes.patches if patch.get_label() == "no-go zone"]
    draw_bases(axes, scenario, bounds)
    return handles


def _draw_routes(axes: Axes, routes: Sequence[DrawnRoute]) -> Iterator[Any]:
    """Draw each pass, its first point, and the ways from and to base; yield the lines for the legend."""
    ways = None
    for number, route in enumerate(routes):
        colour = _ROUTES[number % len(_ROUTES)] if route.patrols else MUTED
        dashes = _DASHES[(number + number // 12) % len(_DASHES)] if route.patrols else (0, (1, 1.5))
        points = route.plan.points
        for end in (points[0], points[-1]) if route.patrols else ():
            (ways,) = axes.plot(
                *route.plan.path_from_base(end).T, color=MUTED, linewidth=0.9, linestyle=(0, (6, 3)), zorder=4.0,
                label="ways out and home",
            )  # fmt: skip
        (line,) = axes.plot(
            *points.T, color=colour, linewidth=1.4 if route.patrols else 1.0, linestyle=dashes, zorder=4.5,
            solid_joinstyle="round", label=route.title, gid=route.title,
        )  # fmt: skip
        first = points[:1]
        axes.scatter(
            first[:, 0], first[:, 1], marker="o", s=26, color=colour, edgecolors="white", linewidths=0.8, zorder=5.6
        )
        if number < _MOST_NAMED:
            yield line
    if ways is not None:
        yield ways


def _draw_swaths(axes: Axes, scenario: Scenario, bounds: Bounds) -> Iterator[Any]:
    """Draw what satellites and coastal radars can see at one moment; yield the shapes for the legend."""
    frame, number = shapely.box(*bounds), 0
    for plan in plan_observers(scenario):
        seen = plan.spec.footprint(plan)
        shown = shapely.intersection(seen, frame)
        if shown.is_empty:
            continue
        colour = _SWATHS[number % len(_SWATHS)]
        number += 1
        parts = [part for part in shapely.get_parts(shown) if part.geom_type == "Polygon"]
        for at, part in enumerate(parts):
            patch = Polygon(
                np.asarray(part.exterior.coords), facecolor=(colour, 0.13), edgecolor=colour, linewidth=0.8,
                zorder=2.8, label=f"{plan.name}, {plan.spec.title}" + (", a pass" if seen.area > 1e6 else ""),
            )  # fmt: skip
            axes.add_patch(patch)
            if not at:
                yield patch


def save_overview(scenario: Given, path: str | Path) -> None:
    """Draw a scenario on a map and write it to a file."""
    with styled():
        save(figure_overview(scenario), path)
