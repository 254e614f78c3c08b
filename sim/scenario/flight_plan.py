"""The flight plan of a route: one pass as its crew enters it, with its length, its time and its coverage factors."""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.fields import listed
from sim.core.text import counted
from sim.core.turns import length_nmi
from sim.model import theory
from sim.model.aircraft import Aircraft
from sim.model.patterns.base import LaidPattern
from sim.scenario.endurance import FUEL, FlightLimit, flight_limit, fuel_h
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
    pattern: LaidPattern
    entry: int
    """The number of the pass: that whose first point is nearest to the base."""
    excluded: Any
    """The part of the plane that is left to other patrols of a group; None where nothing is."""

    @property
    def is_flown(self) -> bool:
        """Whether the patrol flies the route in the scenario."""
        return self.patrol in patrols_on_route(self.scenario, self.route)

    @property
    def title(self) -> str:
        """The route, and the patrol that flies it or would fly it."""
        if self.is_flown:
            return f"route {self.route}, patrol {self.patrol}"
        by = ", ".join(patrols_on_route(self.scenario, self.route))
        return f"route {self.route}, flown by {by or 'no patrol'}, as {self.patrol} would fly it"

    @property
    def aircraft(self) -> Aircraft:
        """The type of aircraft that flies it."""
        return self.scenario.aircraft[self.scenario.patrols[self.patrol].aircraft]

    @property
    def base(self) -> Floats:
        """The place of the base on the plane, (2,), nmi."""
        place = self.scenario.bases[self.scenario.patrols[self.patrol].base].position
        return np.array([float(axis) for axis in self.scenario.plane.to_xy(*place)])

    @property
    def points(self) -> Floats:
        """The waypoints of the pass on the plane, (n, 2), nmi."""
        return self.pattern.passes[self.entry]

    @property
    def hours(self) -> float:
        """The hours of the whole pass at search speed."""
        return length_nmi(self.points) / self.aircraft.search_speed_kn

    def path_from_base(self, place: Floats) -> Floats:
        """The waypoints (n, 2), nmi, from the base to a place (2,), round no-go zones."""
        return airspace(self.scenario).path(self.base, place)

    def transit_h(self, place: Floats) -> float:
        """The hours of transit from the base to a place (2,), or back."""
        return length_nmi(self.path_from_base(place)) / self.aircraft.transit_speed_kn

    def end_of_search(self) -> tuple[float, Floats]:
        """The hours that it can stay on the pass, and the place (2,) at which it leaves the pass.

        It leaves where it must turn home, or at the end of the pass. The hours are exact to 1/2000 of the pass.
        """
        out, burn = self.transit_h(self.points[0]), self.aircraft.burn.search
        line, time = shapely.LineString(self.points), np.linspace(0.0, self.hours, 2001)
        spots = shapely.get_coordinates(shapely.line_interpolate_point(line, time / self.hours, normalized=True))
        home = airspace(self.scenario).lengths_home(spots, self.base) / self.aircraft.transit_speed_kn
        most = np.array([flight_limit(self.aircraft, out + back, burn).hours for back in home])
        late = np.flatnonzero(time > most)
        last = len(time) - 1 if not len(late) else max(0, late[0] - 1)
        return float(time[last]), spots[last]

    def search_limit(self, leave: Floats) -> FlightLimit:
        """The hours that it may search if it leaves the pass at a place (2,), and the key that limits them."""
        transit = self.transit_h(self.points[0]) + self.transit_h(leave)
        return flight_limit(self.aircraft, transit, self.aircraft.burn.search)

    @property
    def areas(self) -> list[str]:
        """The names of the areas that are searched: the route's own, or where the transfers are."""
        name = getattr(self.scenario.routes[self.route], "area", None)
        return [name] if name else list(dict.fromkeys(source.area for source in self.scenario.transfers.values()))

    def outlines(self) -> list[Any]:
        """The outlines of those areas, geometries of the plane."""
        return [self.scenario.plane.project(self.scenario.areas[name].shape) for name in self.areas]

    def searched_sea(self) -> tuple[str, Any]:
        """The name of the sea that is searched, and its geometry on the plane."""
        sea = shapely.union_all([self.scenario.plane.sea(self.scenario.areas[name].shape) for name in self.areas])
        title = " and ".join(self.areas).replace("_", " ")
        if self.excluded is None:
            return title, sea
        return f"{title}, its share", shapely.difference(sea, self.excluded)


def make_flight_plan(scenario: Scenario, route: str | None = None, patrol: str | None = None) -> FlightPlan:
    """The flight plan of a route by a patrol, whether the patrol flies the route or not.

    Without a name, the first patrol that flies the route, or the first patrol, and its first route. Raises `InputError`
    for a name that the scenario does not have, and for a route that the aircraft cannot fly.
    """
    for given, section in ((route, "routes"), (patrol, "patrols")):
        names = list(getattr(scenario, section))
        if given is not None and given not in names:
            one = section[:-1]
            allowed = f"a name from [{section}]: {listed(names)}" if names else f"a scenario that has a {one}"
            raise refused(given, allowed, key=f"--{one}", hint=nearest(given, names))
    flying = [] if route is None else patrols_on_route(scenario, route)
    patrol = patrol or next(iter([*flying, *scenario.patrols]), None)
    if patrol is None:
        raise refused("no patrol", "a scenario with a patrol, [patrols.NAME]", key="SCENARIO")
    spec = scenario.patrols[patrol]
    assignment = assignment_of(scenario, patrol)
    route = route or assignment.routes[0]
    excluded = left_to_others(scenario, route, assignment) if route in assignment.routes else None
    pattern = lay_route(scenario, route, spec.aircraft, excluded=excluded)
    base = [float(axis) for axis in scenario.plane.to_xy(*scenario.bases[spec.base].position)]
    distances = [math.dist(waypoints[0], base) for waypoints in pattern.passes]
    return FlightPlan(scenario, route, patrol, pattern, distances.index(min(distances)), excluded)


def flight_plan_text(plan: FlightPlan) -> list[str]:
    """The flight plan in a few lines: legs, spacing, length, time, fuel, and the coverage factor of each sensor."""
    spec, aircraft, pattern = plan.scenario.routes[plan.route], plan.aircraft, plan.pattern
    code = f" ({spec.other_name})" if spec.other_name else ""
    spacing = "" if pattern.spacing_nmi is None else f", spacing S = {pattern.spacing_nmi:.4g} nmi"
    length, out = length_nmi(plan.points), length_nmi(plan.path_from_base(plan.points[0]))
    lines = [
        f"{spec.pattern.replace('_', ' ')}{code}: {counted(pattern.legs, 'leg')}{spacing}; "
        f"one pass {length:,.0f} nmi, {plan.hours:.1f} h at {aircraft.search_speed_kn:g} kn"
    ]
    stay, leave = plan.end_of_search()
    limit, home = plan.search_limit(leave), length_nmi(plan.path_from_base(leave))
    transit = f"{out:,.0f} nmi out and {home:,.0f} nmi home at {aircraft.transit_speed_kn:g} kn"
    transit += " in still air" if plan.scenario.environment.strongest_wind_kn else ""
    spare = plan.search_limit(plan.points[-1]).hours - plan.hours
    after = f"{spare:.1f} h of search left after the pass"
    if stay < plan.hours - 1e-9:
        after = "not enough for the whole pass" if stay > 0.0 else "not enough to fly there and home"
    cause = f"fuel for {fuel_h(aircraft):g} h"
    if limit.key != FUEL:
        cause = f"{limit.key} = {getattr(aircraft, limit.key):g}"
    lines.append(f"{cause}: {transit}, {stay:.1f} h on the pass, {after}")
    return lines + coverage_text(plan)


class SensorCoverage(NamedTuple):
    """The coverage of one pass of a route by one sensor, from search theory."""

    sensor: str
    sweep_width_nmi: float
    """The sweep width W at search speed."""
    coverage_factor: float
    """C = W L / A, with L the length of the pass within the sea that is searched, and A the area of that sea."""
    p_random: float
    """The probability of detecting a still target on tracks that lie at random: 1 - exp(-C) (Koopman 1946)."""
    p_parallel: float | None
    """The same for long parallel tracks at the spacing of the pattern; None where the pattern is not a sweep."""


def sensor_coverages(plan: FlightPlan) -> list[SensorCoverage]:
    """The coverage factor of each sensor that has a detection law; none where no sea is searched."""
    _, sea = plan.searched_sea()
    if sea.is_empty:
        return []
    inside = shapely.intersection(shapely.LineString(plan.points), sea).length
    spacing, speed = plan.pattern.spacing_nmi, plan.aircraft.search_speed_kn
    sweeps = plan.scenario.routes[plan.route].pattern in ("parallel_sweep", "creeping_line")
    found = []
    for sensor in plan.aircraft.sensors:
        law = getattr(plan.scenario.sensors[sensor], "law", None)
        if law is None:
            continue
        width = law.sweep_width_nmi(speed)
        factor = width * inside / sea.area
        parallel = (
            theory.parallel_sweeps(law, plan.pattern.legs, spacing, speed) if sweeps and spacing is not None else None
        )
        found.append(SensorCoverage(sensor, width, factor, theory.random_search(factor), parallel))
    return found


def coverage_text(plan: FlightPlan) -> list[str]:
    """The sea that is searched and the coverage factor of each sensor, a line each."""
    name, sea = plan.searched_sea()
    if sea.is_empty:
        return []
    inside = shapely.intersection(shapely.LineString(plan.points), sea).length
    lines = [f"A = {sea.area:,.0f} sq nmi of sea in {name}; L = {inside:,.0f} nmi of the pass in it"]
    for coverage in sensor_coverages(plan):
        probability = f"it detects a still target with P = {coverage.p_random:.2f} on tracks at random"
        if coverage.p_parallel is not None:
            probability += f", and with P = {coverage.p_parallel:.2f} on long parallel tracks"
        factor = f"W = {coverage.sweep_width_nmi:.1f} nmi, C = W L / A = {coverage.coverage_factor:.2f}"
        lines.append(f"{coverage.sensor}: {factor}; {probability}")
    return lines
