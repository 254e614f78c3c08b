"""A patrol made ready: its routes on the plane, its sensors, bases, light and slots; the same in every replication."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from sim.core import chance
from sim.core.airspace import Airspace
from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import HOLD, IDENTIFY, LEG_PASS, LEG_PHASE, LEG_SPEED, PHASES, SEARCH, TRANSIT, Purpose
from sim.core.geo import Plane
from sim.core.turns import length_nmi
from sim.deployment.ais_load import sensors_under_load
from sim.deployment.contacts import ContactScoring, classes_of, plan_scoring
from sim.deployment.legs import legs_to
from sim.deployment.lookalikes import Lookalikes, plan_lookalikes
from sim.deployment.sensor_performance import SensorPerformance
from sim.model.aircraft import Aircraft
from sim.model.patrols import Intercepts, Patrol, Standby
from sim.model.schedules import Schedule, daily_windows_h, drawn
from sim.model.sensors.base import NOTHING_STATED, Conditions
from sim.model.sun import Sun
from sim.model.takeoffs import takeoff_time
from sim.model.vessels import Vessel
from sim.model.weather import Weather, plan_weather
from sim.scenario.groups import Assignment, assignment_of, left_to_others, schedule_of
from sim.scenario.routes import airspace, lay_route
from sim.scenario.schema import Scenario

LATEST_LANDING_H = 100.0  # so long after the deployment's end everybody has landed
_TAILWIND = 1.5  # times the way of still air is planned: enough for a tailwind of half the search speed
# A waiting contact is considered again when it comes within this share of the longest detour. Ships are slow, so that
# the meeting, too, lies within the detour then.
RECONSIDER_SHARE = 0.95


@dataclass(frozen=True)
class RoutePlan:
    """A route on the plane: one pass, as it may be entered at each of its ends."""

    name: str
    passes: list[Floats]
    """Waypoints (n, 2) of the pass, once for each end."""
    resumes: bool
    """Whether the next sortie goes on where an unfinished pass was left."""
    repeats: bool
    """Whether the crew begins another pass when it has finished one."""

    @cached_property
    def begins(self) -> list[tuple[float, float]]:
        """The first point of the pass for each end, nmi."""
        return [(float(points[0, 0]), float(points[0, 1])) for points in self.passes]

    def nearest_pass(self, place: Sequence[float] | Floats) -> int:
        """Return the number of the pass whose first point is nearest to a place; of equals the first."""
        x, y = place[0], place[1]
        far = [math.hypot(begin_x - x, begin_y - y) for begin_x, begin_y in self.begins]
        return far.index(min(far))

    def chain(self, first: int, least_nmi: float) -> Floats:
        """Return waypoints (n, 3) of pass after pass, each entered at the nearest end: x, y, number of the pass.

        It begins with pass `first`, and has as many passes as are needed to be `least_nmi` long; one only where the
        route is not repeated.
        """
        points = [np.column_stack([self.passes[first], np.zeros(len(self.passes[first]))])]
        flown = length_nmi(self.passes[first])
        while self.repeats and flown < least_nmi:
            follow = self.passes[self.nearest_pass(points[-1][-1])]
            flown += length_nmi(follow) + math.dist(points[-1][-1, :2], follow[0])
            points.append(np.column_stack([follow, np.full(len(follow), float(len(points)))]))
        return np.vstack(points)


def plan_route(
    scenario: Scenario, name: str, aircraft: str | None = None, assignment: Assignment | None = None
) -> RoutePlan:
    """Return a route as a type of aircraft flies it.

    Without `aircraft` it is the type that flies the route in the scenario, or the first of all. With an assignment to a
    strip of a divided area only that strip is searched.
    """
    route = scenario.routes[name]
    passes = lay_route(scenario, name, aircraft, excluded=left_to_others(scenario, name, assignment)).passes
    return RoutePlan(name, passes, route.unfinished == "resume", route.finished == "repeat")


def wind_speed(weather: Weather, at: int) -> float:
    """Return the speed of the wind, kn, rounded to what was stated: its components have lost the last digits."""
    return round(math.hypot(float(weather.wind_x[at]), float(weather.wind_y[at])), 9)


@dataclass(frozen=True)
class Light:
    """When there is light at one place, and the sun for all others."""

    sun: Sun
    changes: list[float]
    """Hours at which light begins or ends, by turns."""
    light_at_first: bool
    """Whether there is light at hour 0."""
    least_deg: float
    """The elevation above which the sun gives light."""

    def at(self, hour: float) -> bool:
        """Return whether there is light at an hour."""
        return self.light_at_first != bool(bisect_right(self.changes, hour) % 2)


def patrols_following_tips(scenario: Scenario) -> dict[str, Patrol]:
    """Return the patrols that follow tips, by name.

    They have `tips` and an aircraft with `identification`, and somebody observes. For all others no tip could have an
    effect. A patrol with `tips` always has a nation.
    """
    return {
        name: patrol
        for name, patrol in scenario.patrols.items()
        if scenario.observers
        and patrol.tips is not None
        and scenario.aircraft[patrol.aircraft].identification is not None
    }


def identification_record_of(name: str, patrol: Patrol) -> str:
    """Return the name of the record of identified vessels that a patrol keeps: with its whole nation, or by itself."""
    return f"nation {patrol.nation}" if patrol.nation else f"patrol {name}"


class InterceptPlan(NamedTuple):
    """One kind of interceptors."""

    per_h: float
    """How many come in an hour of flight."""
    time_h: float
    """How long the aircraft holds for one."""
    area: Any
    """The area on the plane where they come; None for everywhere."""
    identity: np.uint64


@dataclass(frozen=True)
class PatrolPlan:
    """What one patrol needs in every replication."""

    name: str
    spec: Patrol
    aircraft: Aircraft
    base_names: list[str]
    bases: Floats
    """Its own, then the alternates (b, 2)."""
    routes: list[RoutePlan]
    chains: list[list[Floats]]
    """For each route and each end where it may be entered: legs (n, 6) for as long as the fuel can last."""
    sensors: list[str]
    sensor_ids: list[np.uint64]
    sensor_performance: SensorPerformance
    light: Light
    scoring: ContactScoring
    lookalikes: Lookalikes
    reconsider_nmi: float
    """A waiting contact is considered again when it comes within this range."""
    airspace: Airspace
    home_trees: tuple[Ints, Floats]
    """From each corner of the airspace the next corner on the way to each base, and how far the base is, (b, c)."""
    burn_by_phase: list[float]
    """Fuel flow of each phase as a share of that in transit."""
    intercepts: list[InterceptPlan]
    schedule: Schedule
    """Its slots; which hour a lot gives each of them, the key of a replication decides."""
    route_weights: list[float] | None
    """The weight of each route where a lot decides which one a sortie flies; None where they are flown by turns."""
    tasked_by_belief: bool
    """Whether the belief of its nation decides which route a sortie flies."""
    route_luck: np.uint64
    """The identity from which, with the number of a slot, the lot of a route is drawn."""
    standby_windows_h: list[tuple[float, float]]
    """When a crew is at readiness, if one stands by: from hour to hour, in order."""
    follows_tips: bool
    """Whether its crews act on the tips of their nation's cell."""
    shared_progress: str
    """Patrols with the same name here share their `RouteProgress`: one goes on where the other left its route."""
    duration_h: float
    plane: Plane

    @cached_property
    def base(self) -> tuple[float, float]:
        """The place of its own base, nmi."""
        return float(self.bases[0, 0]), float(self.bases[0, 1])

    @cached_property
    def slots(self) -> int:
        """The number of slots in its schedule. The sorties of a crew that stands by are counted on from it."""
        return self.schedule.count

    def drawn_routes(self, key: Entities) -> list[int] | None:
        """Return the route that a lot gives each slot in the replication of a key (2,); None: flown by turns."""
        if self.route_weights is None:
            return None
        luck = chance.uniforms(key, Purpose.ROUTE_LOT, chance.identities(self.route_luck, self.slots))
        routes: list[int] = drawn(luck[:, 0], self.route_weights).tolist()
        return routes

    @property
    def standby(self) -> Standby | None:
        """How a crew stands by for tips; None where none does, or where it could not follow one."""
        return self.spec.standby if self.follows_tips else None

    @property
    def identification_record(self) -> str:
        """The name of the record of identified vessels that its crews keep."""
        return identification_record_of(self.name, self.spec)

    @cached_property
    def undisturbed(self) -> bool:
        """Whether neither light nor weather, fatigue, faults nor intercepts change a flight."""
        depends = self.sensor_performance.depends_on_conditions or self.waits_for_light
        return not (depends or self.intercepts or self.aircraft.aborts_per_100_h)

    @cached_property
    def waits_for_light(self) -> bool:
        """Whether crews leave contacts alone in the dark, and consider them again when it grows light."""
        identification = self.aircraft.identification
        return identification is not None and not identification.in_dark and identification.document.needs_light

    def has_light_for_contact(self, document_h: float) -> bool:
        """Return whether crews go to a contact whose imagery they would take at an hour, by the almanac."""
        return not self.waits_for_light or self.light.at(document_h)

    @cached_property
    def flies_when_ready(self) -> bool:
        """Whether a sortie waits for nothing but its aircraft."""
        aircraft = self.aircraft
        return self.spec.crews is None and aircraft.max_flight_h_a_day is None and aircraft.minima is None

    @cached_property
    def _way_home_arrays(self) -> dict[tuple[int, ...], tuple[Floats, Floats]]:
        """The answers of `way_home_arrays` so far."""
        return {}

    def way_home_arrays(self, usable_bases: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Return some of the bases (b, 2), and the corners on the ways to them (c, 2 + 2 b), as the kernel takes them.

        See `sim.core.kernels.fuel.soonest_base`. Each answer is computed once.
        """
        if usable_bases not in self._way_home_arrays:
            (onward, far), bases = self.home_trees, list(usable_bases)
            corners = np.vstack([self.airspace.corners.T, far[bases], onward[bases]]).T
            self._way_home_arrays[usable_bases] = self.bases[bases], np.ascontiguousarray(corners)
        return self._way_home_arrays[usable_bases]

    @cached_property
    def sensor_ids_of_slots(self) -> Entities:
        """The identity of each sensor in each slot, (slots, sensors), from which its thresholds are drawn."""
        from sim.core import kernels

        return np.array([kernels.entities(sensor, 0, self.slots) for sensor in self.sensor_ids], np.uint64).T.copy()

    def sensor_ids_of(self, sortie: int) -> Entities:
        """Return the identity of each sensor in a sortie, (sensors,), by its number: its slot, or from `slots` on.

        Those of a crew that stands by do not depend on how many slots the schedule has.
        """
        if sortie < self.slots:
            ids: Entities = self.sensor_ids_of_slots[sortie]
            return ids
        standby = chance.identity("standby", self.name)
        return np.array([chance.join(standby, sensor, np.uint64(sortie - self.slots)) for sensor in self.sensor_ids])

    def luck_of(self, kind: str, sortie: int) -> tuple[np.uint64, np.uint64]:
        """Return the identity and the number from which a kind of luck of a sortie is drawn, such as "flight".

        As with sensors, that of a crew that stands by does not depend on how many slots the schedule has.
        """
        if sortie < self.slots:
            return chance.identity(kind, self.name), np.uint64(sortie)
        return chance.identity("standby", kind, self.name), np.uint64(sortie - self.slots)

    def law_set_at(self, hour: float, takeoff_h: float, weather: Weather) -> int:
        """Return the number of the law set in force at an hour of a flight."""
        performance = self.sensor_performance
        if not performance.depends_on_conditions:
            return performance.law_set(NOTHING_STATED)
        at, light = weather.row_at(hour), self.light.at(hour)
        tired = any(hour >= takeoff_h + after_h for after_h in performance.fatigue_after_h)
        found = weather.memo.get((performance, at, light, tired))
        if found is None:
            sea, visibility = float(weather.sea_state[at]), float(weather.visibility_nmi[at])
            found = performance.law_set(Conditions(sea, visibility, wind_speed(weather, at), light, tired))
            weather.memo[performance, at, light, tired] = found
        return found


def round_zones(airspace: Airspace, place: Sequence[float] | Floats, legs: Floats) -> Floats:
    """Return legs (n, 6) from a place on, led round no-go zones; each part keeps its leg's speed, phase and number.

    Raises NoPathError where zones enclose a leg's end.
    """
    from sim.core import kernels

    if not len(airspace.walls):
        return legs
    legs, before = np.ascontiguousarray(legs), np.array(place[:2], float)
    parts, done = [], 0
    for number in kernels.blocked(*before, legs, airspace.walls).tolist():
        start, leg = (legs[number - 1, :2] if number else before), legs[number]
        around = airspace.path(start, leg[:2])[1:]
        parts += [legs[done:number], np.column_stack([around, np.tile(leg[2:], (len(around), 1))])]
        done = number + 1
    return np.vstack([*parts, legs[done:]]) if parts else legs


def _legs_of(points: Floats, aircraft: Aircraft, airspace: Airspace) -> Floats:
    """Legs (n, 6) of a search along waypoints (n, 3) with pass numbers; the first is the way in, at transit speed."""
    legs = legs_to(points[:, :2], aircraft.search_speed_kn, SEARCH)
    legs[0, [LEG_SPEED, LEG_PHASE]] = aircraft.transit_speed_kn, TRANSIT
    legs[:, LEG_PASS] = points[:, 2]
    return round_zones(airspace, points[0], legs)


def plan_light(scenario: Scenario, routes: Sequence[RoutePlan]) -> Light:
    """Return the light at the middle of a patrol's routes, for its sensors: elsewhere it comes some minutes off."""
    middle = np.vstack([route.passes[0] for route in routes]).mean(axis=0)
    lon, lat = (float(degrees) for degrees in scenario.plane.to_lonlat(*middle))
    least, end_h = scenario.environment.light_begins_deg, scenario.duration_h + LATEST_LANDING_H
    return _light_at(scenario.start, lon, lat, end_h, least)


@lru_cache(maxsize=64)
def _light_at(start: datetime, lon: float, lat: float, end_h: float, least_deg: float) -> Light:
    """Return the light at a place until an hour; patrols that fly the same routes share it."""
    sun = Sun(start)
    changes, light_at_first = sun.crossings(lon, lat, 0.0, end_h, least_deg)
    return Light(sun, changes.tolist(), light_at_first, least_deg)


def _classes(scenario: Scenario) -> list[tuple[list[Vessel], bool]]:
    """The hulls of each class of targets, and whether AIS is sent."""
    found = classes_of(scenario.background, scenario.transfers)
    return [([scenario.vessels[hull] for hull in one.hulls], one.has_ais) for one in found]


def plan_patrol(scenario: Scenario, name: str) -> PatrolPlan:
    """Make one patrol ready."""
    spec = scenario.patrols[name]
    aircraft = scenario.aircraft[spec.aircraft]
    assignment = assignment_of(scenario, name)
    names = [spec.base, *spec.alternates]
    bases = np.array([scenario.plane.to_xy(*scenario.bases[base].position) for base in names])
    air = airspace(scenario)
    routes = [plan_route(scenario, route, spec.aircraft, assignment) for route in assignment.routes]
    longest_nmi = aircraft.endurance_h * aircraft.search_speed_kn / min(1.0, aircraft.burn.search)
    longest_nmi *= _TAILWIND if plan_weather(scenario).is_windy else 1.0
    sensors = sensors_under_load(scenario, aircraft, [route.passes[0] for route in routes])
    identification = aircraft.identification
    home_trees = [air.tree_home(base) for base in bases]
    burn_by_phase = [1.0] * len(PHASES)
    burn_by_phase[SEARCH] = aircraft.burn.search
    burn_by_phase[IDENTIFY] = burn_by_phase[HOLD] = aircraft.burn.identification  # both circle low
    return PatrolPlan(
        name=name,
        spec=spec,
        aircraft=aircraft,
        base_names=names,
        bases=bases,
        routes=routes,
        chains=[
            [_legs_of(route.chain(k, longest_nmi), aircraft, air) for k in range(len(route.passes))] for route in routes
        ],
        sensors=aircraft.sensors,
        sensor_ids=[chance.identity("eye", name, sensor) for sensor in aircraft.sensors],
        sensor_performance=SensorPerformance(sensors, aircraft.altitude_ft, _classes(scenario)),
        light=plan_light(scenario, routes),
        scoring=plan_scoring(scenario, aircraft, sensors),
        lookalikes=plan_lookalikes(scenario, aircraft),
        reconsider_nmi=RECONSIDER_SHARE * identification.max_detour_nmi if identification else 0.0,
        airspace=air,
        home_trees=(np.array([onward for onward, _ in home_trees]), np.array([far for _, far in home_trees])),
        burn_by_phase=burn_by_phase,
        intercepts=[_plan_intercepts(scenario, name, spec) for name, spec in sorted(scenario.intercepts.items())],
        schedule=schedule_of(scenario, name, assignment),
        route_weights=assignment.route_weights,
        tasked_by_belief=assignment.by_belief,
        route_luck=chance.identity("schedule", assignment.leader),
        standby_windows_h=standby_windows_h(scenario, spec),
        follows_tips=name in patrols_following_tips(scenario),
        shared_progress=assignment.shared_progress,
        duration_h=scenario.duration_h,
        plane=scenario.plane,
    )


def standby_windows_h(scenario: Scenario, spec: Patrol) -> list[tuple[float, float]]:
    """Return when a crew of a patrol is at readiness, from hour to hour, in order; none where it never is."""
    if spec.standby is None:
        return []
    if spec.standby.from_ is None or spec.standby.to is None:
        return [(0.0, math.inf)]
    begin, end = (takeoff_time(value).hours for value in (spec.standby.from_, spec.standby.to))
    return daily_windows_h(scenario.clock, scenario.duration_h, begin, end)


def _plan_intercepts(scenario: Scenario, name: str, spec: Intercepts) -> InterceptPlan:
    area = None if spec.area is None else scenario.plane.project(scenario.areas[spec.area].shape)
    return InterceptPlan(spec.per_100_h / 100.0, spec.time_h, area, chance.identity("intercepts", name))


def law_rows(plan: PatrolPlan, hours: Floats, takeoff_h: float, weather: Weather) -> Ints:
    """Return, for hours (n,) of a flight, the first row of the law set in force among all that the plan has met."""
    performance, first = plan.sensor_performance, float(hours[0])
    rows_in_set = len(performance.classes) * len(plan.sensors)
    if not performance.depends_on_conditions:
        return np.full(hours.size, rows_in_set * plan.law_set_at(first, takeoff_h, weather))
    changes = [*(takeoff_h + after_h for after_h in performance.fatigue_after_h), *plan.light.changes]
    edges = np.sort(np.concatenate([changes, weather.begin[1:]]))
    stretch = np.searchsorted(edges, hours, side="right")  # between two edges all hours have the same law set
    found, where = np.unique(stretch, return_index=True)
    numbers = np.array([plan.law_set_at(hour, takeoff_h, weather) for hour in hours[where].tolist()], np.int64)
    return rows_in_set * numbers[np.searchsorted(found, stretch)]
