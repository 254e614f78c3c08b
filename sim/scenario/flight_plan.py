"""A flight plan: one pass of a route as its crew enters it, with its length, its time and the coverage it gives."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.turns import length_nmi
from sim.model import theory
from sim.model.aircraft import Aircraft
from sim.model.patterns.base import LaidPattern
from sim.scenario.endurance import FUEL, Usable, fuel_h, usable
from sim.scenario.groups import assignment_of, left_to_others, patrols_on_route
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.routes import airspace, lay_route
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class FlightPlan:
    """One pass of a route as a patrol begins it from base."""

    scenario: Scenario
    route: str
    patrol: str
    laid: LaidPattern
    entry: int
    """Which pass: the one whose first point is nearest to base."""
    elsewhere: Any
    """What of the plane is left to other patrols of a group; None for nothing."""

    @property
    def flown(self) -> bool:
        """Whether the patrol does fly it, or only would."""
        return self.patrol in patrols_on_route(self.scenario, self.route)

    @property
    def name(self) -> str:
        """Which route, and which patrol flies it or would fly it."""
        if self.flown:
            return f"route {self.route}, patrol {self.patrol}"
        by = ", ".join(patrols_on_route(self.scenario, self.route))
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


def make_flight_plan(scenario: Scenario, route: str | None = None, patrol: str | None = None) -> FlightPlan:
    """What a patrol flies, or would fly: its first route and the first patrol unless said; InputError for no such."""
    for given, section in ((route, "routes"), (patrol, "patrols")):
        known = list(getattr(scenario, section))
        if given is not None and given not in known:
            allowed = f"a name from [{section}]: {', '.join(known)}"
            raise refused(given, allowed, key=f"--{section[:-1]}", hint=nearest(given, known))
    flying = [] if route is None else patrols_on_route(scenario, route)
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
    return FlightPlan(scenario, route, patrol, laid, far.index(min(far)), elsewhere)


def flight_plan_text(plan: FlightPlan) -> list[str]:
    """The route in a few lines: legs, spacing, length, time, fuel, the coverage factor of each sensor."""
    spec, aircraft, laid = plan.scenario.routes[plan.route], plan.aircraft, plan.laid
    code = f" ({spec.other_name})" if spec.other_name else ""
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
    return lines + coverage_text(plan)


class SensorCoverage(NamedTuple):
    """What one pass of a route gives one sensor, by search theory."""

    sensor: str
    sweep_width_nmi: float
    """W, at search speed."""
    coverage_factor: float
    """C = W L / A, with L the length of the pass within the sea that is searched, and A the area of that sea."""
    p_random: float
    """The probability of detecting a still target if the tracks lay at random: 1 - exp(-C) (Koopman)."""
    p_parallel: float | None
    """The same by long parallel tracks; None where the pattern is not a sweep."""


def sensor_coverages(plan: FlightPlan) -> list[SensorCoverage]:
    """The coverage factor of each sensor that has a detection law; none where no sea is searched."""
    _, sea = plan.area()
    if sea.is_empty:
        return []
    inside = shapely.intersection(shapely.LineString(plan.points), sea).length
    spacing, speed = plan.laid.spacing_nmi, plan.aircraft.search_speed_kn
    sweeps = plan.scenario.routes[plan.route].pattern in ("parallel_sweep", "creeping_line")
    found = []
    for sensor in plan.aircraft.sensors:
        law = getattr(plan.scenario.sensors[sensor], "law", None)
        if law is None:
            continue
        width = law.sweep_width_nmi(speed)
        factor = width * inside / sea.area
        parallel = (
            theory.parallel_sweeps(law, plan.laid.legs, spacing, speed) if sweeps and spacing is not None else None
        )
        found.append(SensorCoverage(sensor, width, factor, theory.random_search(factor), parallel))
    return found


def coverage_text(plan: FlightPlan) -> list[str]:
    """The sea that is searched and the coverage factor of each sensor, a line each."""
    name, sea = plan.area()
    if sea.is_empty:
        return []
    inside = shapely.intersection(shapely.LineString(plan.points), sea).length
    lines = [f"A = {sea.area:,.0f} sq nmi of sea in {name}; L = {inside:,.0f} nmi of the pass in it"]
    for one in sensor_coverages(plan):
        found = f"a still target: P = {one.p_random:.2f} if the tracks lay at random"
        if one.p_parallel is not None:
            found += f", {one.p_parallel:.2f} by long parallel tracks"
        widths = f"W = {one.sweep_width_nmi:.1f} nmi, C = W L / A = {one.coverage_factor:.2f}"
        lines.append(f"{one.sensor}: {widths}; {found}")
    return lines
