"""A route before it is flown: one pass as its crew enters it, with its length, its time and the coverage it gives."""

import math
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from plots.basemap import HALO, draw_basemap, view
from plots.numbers import number_legs
from plots.style import BLUE, GREEN, INK, ORANGE, QUIET, VERMILION, save, styled
from sim.core.arrays import Floats
from sim.core.turns import length_nmi
from sim.model import theory
from sim.model.patterns import IAMSAR, Laid
from sim.scenario.endurance import FUEL, Usable, fuel_h, usable
from sim.scenario.groups import assignment_of, flown_by, left_to_others
from sim.scenario.problems import nearest, refused
from sim.scenario.routes import airspace, lay_route
from sim.scenario.schema import Aircraft, Scenario


@dataclass(frozen=True)
class Plan:
    """One pass of a route as a patrol begins it from base."""

    scenario: Scenario
    route: str
    patrol: str
    laid: Laid
    entry: int
    """Which pass: the one whose first point is nearest to base."""
    elsewhere: Any
    """What of the plane is left to other patrols of a group; None for nothing."""

    @property
    def flown(self) -> bool:
        """Whether the patrol does fly it, or only would."""
        return self.patrol in flown_by(self.scenario, self.route)

    @property
    def said(self) -> str:
        """Which route, and whose."""
        if self.flown:
            return f"route {self.route}, patrol {self.patrol}"
        by = ", ".join(flown_by(self.scenario, self.route))
        return f"route {self.route}, flown by {by or 'no patrol'}, as {self.patrol} would fly it"

    @property
    def aircraft(self) -> Aircraft:
        """Who flies it."""
        return self.scenario.aircraft[self.scenario.patrols[self.patrol].aircraft]

    @property
    def base(self) -> Floats:
        """Where from, nmi on the plane."""
        place = self.scenario.bases[self.scenario.patrols[self.patrol].base].position
        return np.array([float(v) for v in self.scenario.plane.to_xy(*place)])

    @property
    def points(self) -> Floats:
        """Its waypoints (n, 2)."""
        return self.laid.passes[self.entry]

    @property
    def hours(self) -> float:
        """Of the whole pass, at search speed."""
        return length_nmi(self.points) / self.aircraft.search_speed_kn

    def way(self, place: Floats) -> Floats:
        """From base to a place, round what is closed (n, 2)."""
        return airspace(self.scenario).way(self.base, place)

    def hours_home(self, place: Floats) -> float:
        """From base to a place, or back."""
        return length_nmi(self.way(place)) / self.aircraft.transit_speed_kn

    def turning_home(self) -> tuple[float, Floats]:
        """How long it can stay on the pass, and where it must leave it: the end of its hours, or the pass's."""
        out, burn = self.hours_home(self.points[0]), self.aircraft.burn.search
        line, time = shapely.LineString(self.points), np.linspace(0.0, self.hours, 2001)
        spots = shapely.get_coordinates(shapely.line_interpolate_point(line, time / self.hours, normalized=True))
        home = airspace(self.scenario).length_home(spots, self.base) / self.aircraft.transit_speed_kn
        most = np.array([usable(self.aircraft, out + one, burn).hours for one in home])
        late = np.flatnonzero(time > most)
        last = len(time) - 1 if not len(late) else max(0, late[0] - 1)
        return float(time[last]), spots[last]

    def usable(self, leave: Floats) -> Usable:
        """Hours it may stay if it leaves the pass at a place, and the key of the aircraft that ends them."""
        ways = self.hours_home(self.points[0]) + self.hours_home(leave)
        return usable(self.aircraft, ways, self.aircraft.burn.search)

    @property
    def areas(self) -> list[str]:
        """The names of the areas that are searched: the route's own, or where the transfers are."""
        name = getattr(self.scenario.routes[self.route], "area", None)
        return [name] if name else list(dict.fromkeys(one.area for one in self.scenario.transfers.values()))

    def outlines(self) -> list[Any]:
        """Those areas on the plane."""
        return [self.scenario.plane.project(self.scenario.areas[one].shape) for one in self.areas]

    def area(self) -> tuple[str, Any]:
        """The sea that is searched, and what it is called."""
        sea = shapely.union_all([self.scenario.plane.sea(self.scenario.areas[one].shape) for one in self.areas])
        said = " and ".join(self.areas).replace("_", " ")
        if self.elsewhere is None:
            return said, sea
        return f"{said}, its share", shapely.difference(sea, self.elsewhere)


def make_plan(scenario: Scenario, route: str | None = None, patrol: str | None = None) -> Plan:
    """What a patrol flies, or would fly: its first route and the first patrol unless said; InputError for no such."""
    for given, section in ((route, "routes"), (patrol, "patrols")):
        known = list(getattr(scenario, section))
        if given is not None and given not in known:
            allowed = f"a name from [{section}]: {', '.join(known)}"
            raise refused(given, allowed, key=f"--{section[:-1]}", hint=nearest(given, known))
    flying = [] if route is None else flown_by(scenario, route)
    patrol = patrol or next(iter([*flying, *scenario.patrols]), None)
    if patrol is None:
        raise refused("no patrol", "a scenario with a patrol", key="SCENARIO")
    spec = scenario.patrols[patrol]
    assignment = assignment_of(scenario, patrol)
    route = route or assignment.routes[0]
    elsewhere = left_to_others(scenario, route, assignment) if route in assignment.routes else None
    laid = lay_route(scenario, route, spec.aircraft, elsewhere=elsewhere)
    base = [float(v) for v in scenario.plane.to_xy(*scenario.bases[spec.base].position)]
    far = [math.dist(one[0], base) for one in laid.passes]
    return Plan(scenario, route, patrol, laid, far.index(min(far)), elsewhere)


def figure_route(plan: Plan) -> Figure:
    """The route over its sea, and in words."""
    shapes = [shapely.LineString(plan.points), shapely.Point(plan.base)]
    shapes += plan.outlines()
    bounds = view(shapes, margin_nmi=40.0)
    words = [line for text in described(plan) for line in textwrap.wrap(text, 126, subsequent_indent="    ")]
    width, tall = 8.2, (bounds[3] - bounds[1]) / (bounds[2] - bounds[0])
    height = float(np.clip(width * 0.93 * tall, 4.5, 10.0))
    figure = Figure(figsize=(width, height + 1.3 + 0.17 * len(words)), layout="constrained")
    axes = figure.add_subplot()
    figure.suptitle(
        textwrap.fill(f"{plan.scenario.title}: {plan.said}", 76), x=0.02, ha="left",
        weight="bold",
    )  # fmt: skip
    figure.supxlabel("\n".join(words), x=0.02, ha="left", fontsize=8.5)
    draw_basemap(axes, plan.scenario, bounds, plan.areas)
    draw_route(axes, plan)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=7, fontsize=8.5, handlelength=1.8, borderpad=0.2)
    return figure


def draw_route(axes: Axes, plan: Plan) -> Axes:
    """The pass with its legs numbered, the way out and home, the base; on axes that have their page about them."""
    points, base = plan.points, plan.base
    stay, leave = plan.turning_home()
    out, home = plan.way(points[0]), plan.way(leave)[::-1]
    ways = [(out, (0, (6, 3)), "way out"), (home, (0, (1, 2)), "way home")]
    if np.array_equal(out, home[::-1]):  # one line over the other would be neither
        ways = [(out, (0, (6, 3)), "way out and home")]
    for line, style, text in ways:
        axes.plot(*line.T, color=QUIET, linewidth=1.2, linestyle=style, zorder=4.0, label=text, gid=text)
    axes.plot(*points.T, color=BLUE, linewidth=1.4, zorder=4.5, label="pass", gid="pass", solid_joinstyle="round")
    marks = [("start", points[0], "o", GREEN, 100.0), ("end", points[-1], "s", VERMILION, 30.0)]
    if stay < plan.hours - 1e-9:
        last = "fuel" if plan.usable(leave).key == FUEL else "time"
        marks.append((f"{last} to go home", leave, "D", ORANGE, 34.0))
    for text, (x, y), marker, colour, size in marks:
        axes.scatter([x], [y], marker=marker, s=size, color=colour, edgecolors="white", zorder=5.6, label=text)
    axes.scatter([base[0]], [base[1]], marker="^", s=60, color=INK, edgecolors="white", linewidths=0.8, zorder=5.7)
    name, place = plan.scenario.patrols[plan.patrol].base, (float(base[0]), float(base[1]))
    label = axes.annotate(name, place, (6, 4), textcoords="offset points", fontsize=8.5, weight="bold", zorder=6.0)
    label.set_path_effects([HALO])
    edges = [shapely.get_coordinates(one) for one in plan.outlines()]
    zones = [plan.scenario.plane.project(zone.shape) for zone in plan.scenario.zones.values()]
    return number_legs(axes, points, plan.laid.tracks[plan.entry], zones, [out, home, *edges])


def described(plan: Plan) -> list[str]:
    """The route in a few lines: legs, spacing, length, time, fuel, the coverage factor of each sensor."""
    spec, aircraft, laid = plan.scenario.routes[plan.route], plan.aircraft, plan.laid
    code = f" ({IAMSAR[spec.pattern]})" if spec.pattern in IAMSAR else ""
    spacing = "" if laid.spacing_nmi is None else f", spacing S = {laid.spacing_nmi:.4g} nmi"
    length, out = length_nmi(plan.points), length_nmi(plan.way(plan.points[0]))
    lines = [
        f"{spec.pattern.replace('_', ' ')}{code}: {laid.legs} legs{spacing}; "
        f"one pass {length:,.0f} nmi, {plan.hours:.1f} h at {aircraft.search_speed_kn:g} kn"
    ]
    stay, leave = plan.turning_home()
    most, home = plan.usable(leave), length_nmi(plan.way(leave))
    ways = f"{out:,.0f} nmi out and {home:,.0f} nmi home at {aircraft.transit_speed_kn:g} kn"
    ways += " in still air" if plan.scenario.environment.strongest_wind_kn else ""
    spare = plan.usable(plan.points[-1]).hours - plan.hours
    after = f"{spare:.1f} h of search left after the pass"
    if stay < plan.hours - 1e-9:
        after = "not enough for the whole pass" if stay > 0.0 else "not enough to come there and home"
    held = f"fuel for {fuel_h(aircraft):g} h" if most.key == FUEL else f"{most.key} = {getattr(aircraft, most.key):g}"
    lines.append(f"{held}: {ways}, {stay:.1f} h on the pass, {after}")
    return lines + covered(plan)


def covered(plan: Plan) -> list[str]:
    """C = W L / A of each sensor, L being what of the pass lies in the sea A, and what search theory makes of it."""
    name, sea = plan.area()
    if sea.is_empty:
        return []
    inside = shapely.intersection(shapely.LineString(plan.points), sea).length
    sweeps = plan.scenario.routes[plan.route].pattern in ("parallel_sweep", "creeping_line")
    lines = [f"A = {sea.area:,.0f} sq nmi of sea in {name}; L = {inside:,.0f} nmi of the pass in it"]
    for sensor in plan.aircraft.sensors:
        law, speed = getattr(plan.scenario.sensors[sensor], "law", None), plan.aircraft.search_speed_kn
        if law is None:
            continue
        width = law.sweep_width_nmi(speed)
        factor = width * inside / sea.area
        found = f"a still target: P = {theory.random_search(factor):.2f} if the tracks lay at random"
        if sweeps and plan.laid.spacing_nmi is not None:
            sure = theory.parallel_sweeps(law, plan.laid.legs, plan.laid.spacing_nmi, speed)
            found += f", {sure:.2f} by long parallel tracks"
        lines.append(f"{sensor}: W = {width:.1f} nmi, C = W L / A = {factor:.2f}; {found}")
    return lines


def save_route(scenario: Scenario, path: Path, route: str | None = None, patrol: str | None = None) -> Plan:
    """Draw a route and write the picture."""
    plan = make_plan(scenario, route, patrol)
    with styled():
        save(figure_route(plan), path)
    return plan
