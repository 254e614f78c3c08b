"""Groups of patrols: which part of a shared route each patrol flies and when, and shares that a patrol cannot fly."""

import math
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import numpy as np
import shapely

from sim.model.patrols import Group, Patrol
from sim.scenario.problems import InputError, Path, Problem, key_text, toml_text
from sim.scenario.routes import Locate, lay_route
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Assignment:
    """The routes and the take-offs of a patrol, after its group has divided them; a patrol without a group has all."""

    routes: list[str]
    first_takeoff_h: float
    """In hours since the scenario's start."""
    shared_progress: str
    """The patrol or the group whose progress along the route the patrol continues."""
    part: int = 0
    """The number of its strip of the area, from 0."""
    parts: int = 1
    """The number of strips into which the area is cut."""


def group_of(scenario: Scenario, name: str) -> tuple[str, Group] | None:
    """The name of the group that a patrol belongs to, and the group; None for a patrol without a group."""
    groups = sorted(scenario.groups.items())
    return next(((title, group) for title, group in groups if name in group.patrols), None)


def patrols_on_route(scenario: Scenario, route: str) -> list[str]:
    """The patrols that fly a route: those that name it, and those whose group flies the routes of one that names it."""
    flying = []
    for name in scenario.patrols:
        found = group_of(scenario, name)
        first = name if found is None else found[1].patrols[0]
        if route in scenario.patrols[first].routes:
            flying.append(name)
    return flying


def assignment_of(scenario: Scenario, name: str) -> Assignment:
    """The routes that a patrol flies, and when, by the group that it belongs to."""
    spec, found = scenario.patrols[name], group_of(scenario, name)
    if found is None:
        return Assignment(spec.routes, spec.first_takeoff_h, name)
    title, group = found
    first, number, count = scenario.patrols[group.patrols[0]], group.patrols.index(name), len(group.patrols)
    if group.divide == "area":
        return Assignment(first.routes, spec.first_takeoff_h, name, number, count)
    if group.divide == "time":
        return Assignment(first.routes, first.first_takeoff_h + number * first.every_h / count, name)
    return Assignment(first.routes, _relief_h(scenario, group, number), title)


def _relief_h(scenario: Scenario, group: Group, number: int) -> float:
    """The hour of the first take-off of a patrol that reaches the route as the patrol before it must leave."""
    first = scenario.patrols[group.patrols[0]]
    takeoff = first.first_takeoff_h
    for name, next_name in pairwise(group.patrols[: number + 1]):
        before, after = scenario.patrols[name], scenario.patrols[next_name]
        transit_before, transit_after = (_transit_h(scenario, patrol, first.routes[0]) for patrol in (before, after))
        aircraft = scenario.aircraft[before.aircraft]
        search_h = (aircraft.endurance_h - aircraft.reserve_h - 2.0 * transit_before) / aircraft.burn.search
        search_h = min(search_h, (aircraft.max_flight_h or math.inf) - 2.0 * transit_before)
        takeoff += transit_before + search_h - transit_after
    return max(0.0, takeoff)


def _transit_h(scenario: Scenario, patrol: Patrol, route: str) -> float:
    """The hours from a patrol's base to the nearest end of a route, straight."""
    aircraft = scenario.aircraft[patrol.aircraft]
    base = np.array([float(axis) for axis in scenario.plane.to_xy(*scenario.bases[patrol.base].position)])
    passes = lay_route(scenario, route, patrol.aircraft).passes
    return min(math.dist(base, waypoints[0]) for waypoints in passes) / aircraft.transit_speed_kn


def left_to_others(scenario: Scenario, name: str, assignment: Assignment | None) -> Any:
    """The part of the plane that a patrol of a group leaves to the others; None where the route is not divided."""
    route = scenario.routes[name]
    if assignment is None or assignment.parts == 1 or not route.is_divisible or route.searched_area is None:
        return None
    sea = scenario.plane.sea(scenario.areas[route.searched_area].shape)
    return _outside_strip(sea, float(np.radians(route.strip_course(scenario.plane, sea))), assignment)


def _outside_strip(sea: Any, course: float, assignment: Assignment) -> Any:
    """The plane without the patrol's strip; strips of equal area are cut along a course in radians."""
    abeam, ahead = np.array([np.cos(course), -np.sin(course)]), np.array([np.sin(course), np.cos(course)])
    points = shapely.get_coordinates(sea)
    low, high = float((points @ abeam).min()), float((points @ abeam).max())
    reach = 2.0 * float(np.hypot(*np.ptp(points, axis=0))) + 1.0
    middle = points.mean(axis=0) @ ahead

    def strip(first: float, last: float) -> Any:
        corners = [(first, -reach), (last, -reach), (last, reach), (first, reach)]
        return shapely.Polygon([side * abeam + (middle + along) * ahead for side, along in corners])

    def cut(part: int) -> float:
        """The coordinate abeam at which so many parts of the area lie to one side, by bisection."""
        if part in (0, assignment.parts):
            return low - 1.0 if part == 0 else high + 1.0
        near, far = low, high
        for _ in range(50):
            trial = (near + far) / 2.0
            is_less = sea.intersection(strip(low - 1.0, trial)).area < sea.area * part / assignment.parts
            near, far = (trial, far) if is_less else (near, trial)
        return near

    whole = shapely.buffer(shapely.envelope(sea), reach)
    return shapely.difference(whole, strip(cut(assignment.part), cut(assignment.part + 1)))


def problems_of_shares(scenario: Scenario, locate: Locate) -> list[Problem]:
    """The problems of shares that a patrol of a group cannot fly, by its aircraft or as zones close all of its strip.

    `locate` gives the file and line of a key.
    """
    problems = []
    for title, group in scenario.groups.items():
        is_cut = group.divide == "area"
        members = [(name, scenario.patrols[name]) for name in group.patrols]
        for (number, (name, patrol)), route in product(enumerate(members), members[0][1].routes):
            if group_of(scenario, name) != (title, group) or (not is_cut and route in patrol.routes):
                continue  # it is checked with its other group, or as its own route
            assignment = Assignment([route], 0.0, name, number, len(members) if is_cut else 1)
            try:
                lay_route(scenario, route, patrol.aircraft, excluded=left_to_others(scenario, route, assignment))
            except InputError as error:
                path: Path = ("groups", title, "patrols", number)
                allowed = f"a patrol that can fly {'its strip of ' if is_cut else ''}routes.{route}"
                why = f"{error.problems[0].key}: {error.problems[0].allowed}"
                problems.append(Problem(*locate(path), key_text(path), toml_text(name), allowed, why))
    return problems
