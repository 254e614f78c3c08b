"""Patrols made ready: routes on the plane, what sensors see in each condition, schedules, who divides what with whom.

All that is the same in every replication.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sim.core import chance
from sim.core.airspace import Airspace
from sim.core.arrays import Entities, Floats, Ints
from sim.core.geo import Plane
from sim.core.turns import length_nmi
from sim.deployment.contacts import ContactScoring, classes_of, plan_scoring
from sim.model.aircraft import Aircraft
from sim.model.laws.base import blind_row, kernel_row, kernel_tables
from sim.model.patrols import Intercepts, Patrol
from sim.model.sensors.base import NOTHING_STATED, Conditions, Sensor
from sim.model.sun import Sun
from sim.model.vessels import Vessel
from sim.model.weather import Weather, plan_weather
from sim.scenario.groups import Assignment, assignment_of, left_to_others
from sim.scenario.routes import airspace, lay_route
from sim.scenario.schema import Scenario

PHASES = ("transit", "search", "divert", "identify", "rejoin", "return", "hold")
TRANSIT, SEARCH, DIVERT, IDENTIFY, REJOIN, RETURN, HOLD = range(7)
LATEST_H = 100.0  # after the deployment's end everybody has landed
_WINDY = 1.5  # more way than still air allows is planned, for a wind of up to half the search speed from behind
NOTICE = 0.95  # of the detour: near enough for the meeting, too, to lie within it, ships being slow


@dataclass(frozen=True)
class RoutePlan:
    """A route on the plane: one pass, as it may be entered at each of its ends."""

    name: str
    passes: list[Floats]
    resumes: bool
    repeats: bool

    def nearest(self, place: Sequence[float] | Floats) -> int:
        """The pass whose first point is nearest to a place; the first of equals."""
        far = [math.hypot(one[0, 0] - place[0], one[0, 1] - place[1]) for one in self.passes]
        return far.index(min(far))

    def chain(self, first: int, least_nmi: float) -> Floats:
        """Pass after pass, beginning with pass `first`, each entered at the nearest end: (n, 3) x, y, number.

        As many as a length asks for; one where the route is not repeated.
        """
        points = [np.column_stack([self.passes[first], np.zeros(len(self.passes[first]))])]
        flown = length_nmi(self.passes[first])
        while self.repeats and flown < least_nmi:
            follow = self.passes[self.nearest(points[-1][-1])]
            flown += length_nmi(follow) + math.dist(points[-1][-1, :2], follow[0])
            points.append(np.column_stack([follow, np.full(len(follow), float(len(points)))]))
        return np.vstack(points)


def plan_route(
    scenario: Scenario, name: str, aircraft: str | None = None, assignment: Assignment | None = None
) -> RoutePlan:
    """The waypoints of a route as a type of aircraft flies it: unless said the first that does, or that there is.

    With an assignment to a strip of a divided area only that strip of it is searched.
    """
    route = scenario.routes[name]
    passes = lay_route(scenario, name, aircraft, excluded=left_to_others(scenario, name, assignment)).passes
    return RoutePlan(name, passes, route.unfinished == "resume", route.finished == "repeat")


class Sight:
    """What an aircraft's sensors see of each class of vessels under each condition: laws as the kernels take them."""

    def __init__(self, scenario: Scenario, aircraft: Aircraft) -> None:
        """Conditions are worked out as they are met."""
        self.altitude_ft = aircraft.altitude_ft
        self.sensors: list[Sensor] = [scenario.sensors[name] for name in aircraft.sensors]
        self.classes = [([scenario.vessels[hull] for hull in hulls], has) for hulls, has in classes_of(scenario)]
        self.tables = kernel_tables([sensor.nominal_law for sensor in self.sensors])
        self.sets: list[Floats] = []
        """For each condition met, the laws in force (classes * sensors, 6)."""
        self.farthest: list[Floats] = []
        self.numbers: dict[Conditions, int] = {}
        heeded = frozenset[str]().union(*(sensor.depends_on for sensor in self.sensors))
        self.heeds_sea, self.heeds_haze = "sea_state" in heeded, "visibility_nmi" in heeded
        self.heeds_wind, self.heeds_light = "wind_kn" in heeded, "light" in heeded
        hours = {sensor.tires_after_h for sensor in self.sensors}
        self.tires_after_h = sorted(one for one in hours if one is not None)
        self.heeds_weather = self.heeds_sea or self.heeds_haze or self.heeds_wind
        self.heeds = self.heeds_weather or self.heeds_light or bool(self.tires_after_h)

    def number(self, conditions: Conditions) -> int:
        """The number of the laws in force under some conditions, of which only those count that matter here."""
        if not self.heeds and self.sets:
            return 0
        heeded = Conditions(
            conditions.sea_state if self.heeds_sea else NOTHING_STATED.sea_state,
            conditions.visibility_nmi if self.heeds_haze else NOTHING_STATED.visibility_nmi,
            conditions.wind_kn if self.heeds_wind else NOTHING_STATED.wind_kn,
            conditions.light if self.heeds_light else NOTHING_STATED.light,
            conditions.tired if self.tires_after_h else NOTHING_STATED.tired,
        )
        nan = NOTHING_STATED.sea_state  # one object, by which what is not stated is found again
        sea, haze, wind = (nan if value != value else value for value in heeded[:3])
        heeded = heeded._replace(sea_state=sea, visibility_nmi=haze, wind_kn=wind)
        if heeded not in self.numbers:
            self.numbers[heeded] = len(self.sets)
            rows = [self._row(k, hulls, has, heeded) for hulls, has in self.classes for k in range(len(self.sensors))]
            laws = np.array(rows)
            self.sets.append(laws)
            self.farthest.append(laws[:, 1].reshape(len(self.classes), -1).max(axis=1))
        return self.numbers[heeded]

    def _row(self, k: int, hulls: list[Vessel], transmits: bool, conditions: Conditions) -> list[float]:
        sensor = self.sensors[k]
        found = sensor.in_force(hulls, transmits, self.altitude_ft, conditions)
        if found is None:
            return blind_row(sensor.nominal_law.code, k)
        return kernel_row(found.law, k, found.scale, found.cut_nmi)


def wind_speed(weather: Weather, at: int) -> float:
    """Speed of the wind, kn, as stated: its components lose the last digits."""
    return round(math.hypot(float(weather.wind_x[at]), float(weather.wind_y[at])), 9)


@dataclass(frozen=True)
class Light:
    """When there is light at one place, and the sun for all others."""

    sun: Sun
    changes: list[float]
    """Hours at which light begins or ends, by turns."""
    at_first: bool
    least_deg: float

    def at(self, hour: float) -> bool:
        """Whether there is light at an hour."""
        return self.at_first != bool(bisect_right(self.changes, hour) % 2)


def heeding_patrols(scenario: Scenario) -> dict[str, Patrol]:
    """The patrols that heed tips, by name: those with `tips`, whose aircraft has `identification`, if anybody observes.

    Of all others nothing would ever come of a tip. A patrol with `tips` always has a nation.
    """
    return {
        name: patrol
        for name, patrol in scenario.patrols.items()
        if scenario.observers
        and patrol.tips is not None
        and scenario.aircraft[patrol.aircraft].identification is not None
    }


def memory_of(name: str, patrol: Patrol) -> str:
    """Who shares a memory of identified vessels: all patrols of a nation, or a patrol without a nation by itself."""
    return f"nation {patrol.nation}" if patrol.nation else f"patrol {name}"


def slots_within(patrol: Patrol, first_takeoff_h: float, duration_h: float) -> int:
    """Scheduled take-offs of a patrol within a deployment."""
    count = int(np.ceil((duration_h - first_takeoff_h) / patrol.every_h - 1e-12))
    return max(0, count if patrol.sorties is None else min(count, patrol.sorties))


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
    """A route's legs for as long as the fuel can last, one chain a way in."""
    sensors: list[str]
    eyes: list[np.uint64]
    sight: Sight
    light: Light
    scoring: ContactScoring
    notice_nmi: float
    """Within this range a contact left waiting is thought of again."""
    airspace: Airspace
    homes: tuple[Ints, Floats]
    """From each corner of the airspace the next one on the way to each base, and how far that is, (b, c)."""
    burn: list[float]
    """Fuel of each phase as a share of that in transit."""
    intercepts: list[tuple[float, float, Any, np.uint64]]
    """Of each kind: how many an hour, for how long, the area on the plane, None for everywhere, and its identity."""
    first_takeoff_h: float
    heeds_tips: bool
    """Whether its crews act on the tips of their nation's cell."""
    cursor: str
    """Patrols with the same one go on where the other left its route."""
    duration_h: float
    plane: Plane

    @cached_property
    def base(self) -> tuple[float, float]:
        """Its own base, nmi."""
        return float(self.bases[0, 0]), float(self.bases[0, 1])

    @property
    def slots(self) -> int:
        """Scheduled take-offs within the deployment."""
        return slots_within(self.spec, self.first_takeoff_h, self.duration_h)

    @property
    def memory(self) -> str:
        """The name of the memory of identified vessels that its crews share."""
        return memory_of(self.name, self.spec)

    @cached_property
    def undisturbed(self) -> bool:
        """Whether neither light nor weather, fatigue, faults nor intercepts change a flight."""
        disturbed = self.sight.heeds or self.waits_for_light or self.intercepts or self.aircraft.aborts_per_100_h
        return not disturbed

    @cached_property
    def waits_for_light(self) -> bool:
        """Whether contacts are left for want of light, to be thought of again when it comes."""
        identification = self.aircraft.identification
        return identification is not None and not identification.in_dark and identification.document.needs_light

    @cached_property
    def flies_when_ready(self) -> bool:
        """Whether a sortie waits for its aircraft alone."""
        aircraft = self.aircraft
        return self.spec.crews is None and aircraft.max_flight_h_a_day is None and aircraft.minima is None

    @cached_property
    def ways_home(self) -> dict[tuple[int, ...], tuple[Floats, Floats]]:
        """What the kernel asks of the way to some of the bases, made when first wanted: see `way_home`."""
        return {}

    def way_home(self, usable: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Some of the bases (b, 2), and the corners on the ways to them (c, 2 + 2 b), as the kernel takes them."""
        if usable not in self.ways_home:
            (onward, far), bases = self.homes, list(usable)
            corners = np.vstack([self.airspace.corners.T, far[bases], onward[bases]]).T
            self.ways_home[usable] = self.bases[bases], np.ascontiguousarray(corners)
        return self.ways_home[usable]

    def eyes_of_slots(self) -> Entities:
        """The identity of each sensor in each slot, (slots, sensors): its thresholds are its own."""
        from sim.core import kernels

        return np.array([kernels.entities(eye, 0, self.slots) for eye in self.eyes], np.uint64).T.copy()

    def sight_at(self, hour: float, takeoff: float, weather: Weather) -> int:
        """The number of the laws in force at an hour of a flight."""
        if not self.sight.heeds:
            return self.sight.number(NOTHING_STATED)
        at = weather.row_at(hour)
        wind = wind_speed(weather, at)
        tired = any(hour >= takeoff + after for after in self.sight.tires_after_h)
        sea, haze = float(weather.sea_state[at]), float(weather.visibility_nmi[at])
        return self.sight.number(Conditions(sea, haze, wind, self.light.at(hour), tired))


def round_zones(airspace: Airspace, place: Sequence[float] | Floats, legs: Floats) -> Floats:
    """Legs (n, 5) from a place on, led round what is closed; each keeps its speed, phase and number."""
    from sim.core import kernels

    if not len(airspace.walls):
        return legs
    legs, before = np.ascontiguousarray(legs), np.array(place[:2], float)
    parts, done = [], 0
    for number in kernels.blocked(*before, legs, airspace.walls).tolist():
        start, leg = (legs[number - 1, :2] if number else before), legs[number]
        around = airspace.way(start, leg[:2])[1:]
        parts += [legs[done:number], np.column_stack([around, np.tile(leg[2:], (len(around), 1))])]
        done = number + 1
    return np.vstack([*parts, legs[done:]]) if parts else legs


def _legs_of(points: Floats, aircraft: Aircraft, airspace: Airspace) -> Floats:
    """Waypoints (n, 3) with pass numbers as legs of a search; the first is the way in, at transit speed."""
    speed = np.full(len(points), aircraft.search_speed_kn)
    phase = np.full(len(points), float(SEARCH))
    speed[0], phase[0] = aircraft.transit_speed_kn, TRANSIT
    return round_zones(airspace, points[0], np.column_stack([points[:, :2], speed, phase, points[:, 2]]))


def plan_light(scenario: Scenario, routes: Sequence[RoutePlan]) -> Light:
    """Light at the middle of a patrol's routes, for its sensors: there it is a few minutes early or late elsewhere."""
    middle = np.vstack([route.passes[0] for route in routes]).mean(axis=0)
    lon, lat = (float(one) for one in scenario.plane.to_lonlat(*middle))
    sun, least = Sun(scenario.start), scenario.environment.light_begins_deg
    changes, at_first = sun.crossings(lon, lat, 0.0, scenario.duration_h + LATEST_H, least)
    return Light(sun, changes.tolist(), at_first, least)


def plan_patrol(scenario: Scenario, name: str) -> PatrolPlan:
    """The route, the sensors, the bases and the schedule of one patrol."""
    spec = scenario.patrols[name]
    aircraft = scenario.aircraft[spec.aircraft]
    assignment = assignment_of(scenario, name)
    names = [spec.base, *spec.alternates]
    bases = np.array([scenario.plane.to_xy(*scenario.bases[one].position) for one in names])
    air = airspace(scenario)
    routes = [plan_route(scenario, route, spec.aircraft, assignment) for route in assignment.routes]
    longest = aircraft.endurance_h * aircraft.search_speed_kn / min(1.0, aircraft.burn.search)
    longest *= _WINDY if plan_weather(scenario).is_windy else 1.0
    identification = aircraft.identification
    homes = [air.home(base) for base in bases]
    low, burn = aircraft.burn.identification, [1.0] * len(PHASES)
    burn[SEARCH], burn[IDENTIFY], burn[HOLD] = aircraft.burn.search, low, low
    return PatrolPlan(
        name=name,
        spec=spec,
        aircraft=aircraft,
        base_names=names,
        bases=bases,
        routes=routes,
        chains=[[_legs_of(one.chain(k, longest), aircraft, air) for k in range(len(one.passes))] for one in routes],
        sensors=aircraft.sensors,
        eyes=[chance.identity("eye", name, sensor) for sensor in aircraft.sensors],
        sight=Sight(scenario, aircraft),
        light=plan_light(scenario, routes),
        scoring=plan_scoring(scenario, aircraft),
        notice_nmi=NOTICE * identification.max_detour_nmi if identification else 0.0,
        airspace=air,
        homes=(np.array([one for one, _ in homes]), np.array([far for _, far in homes])),
        burn=burn,
        intercepts=[_intercepts(scenario, *one) for one in sorted(scenario.intercepts.items())],
        first_takeoff_h=assignment.first_takeoff_h,
        heeds_tips=name in heeding_patrols(scenario),
        cursor=assignment.cursor,
        duration_h=scenario.duration_h,
        plane=scenario.plane,
    )


def _intercepts(scenario: Scenario, name: str, one: Intercepts) -> tuple[float, float, Any, np.uint64]:
    area = None if one.area is None else scenario.plane.project(scenario.areas[one.area].shape)
    return one.per_100_h / 100.0, one.time_h, area, chance.identity("intercepts", name)


def law_sets(plan: PatrolPlan, hours: Floats, takeoff: float, weather: Weather) -> Ints:
    """Where the laws in force at hours (n,) of a flight begin among all that the plan has met, stacked."""
    size, sight, first = len(plan.sight.classes) * len(plan.sensors), plan.sight, float(hours[0])
    if not sight.heeds:
        return np.full(hours.size, size * plan.sight_at(first, takeoff, weather))
    changes = [*(takeoff + after for after in sight.tires_after_h), *plan.light.changes]
    edges = np.sort(np.concatenate([changes, weather.begin[1:]]))
    stretch = np.searchsorted(edges, hours, side="right")
    found, which = np.unique(stretch, return_index=True)
    numbers = np.array([plan.sight_at(hour, takeoff, weather) for hour in hours[which].tolist()], np.int64)
    return size * numbers[np.searchsorted(found, stretch)]
