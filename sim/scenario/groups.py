"""Who divides what with whom: a patrol's part of a route that a group shares, and what of it somebody cannot fly."""

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
    """A patrol's part of what a group divides; a patrol by itself has all."""

    routes: list[str]
    first_takeoff_h: float
    cursor: str
    part: int = 0
    parts: int = 1
    """Which of how many strips of the area."""


def group_of(scenario: Scenario, name: str) -> tuple[str, Group] | None:
    """The group that a patrol belongs to, and its name; None: it flies by itself."""
    return next((one for one in sorted(scenario.groups.items()) if name in one[1].patrols), None)


def patrols_on_route(scenario: Scenario, route: str) -> list[str]:
    """The patrols that fly a route: it is their own, or that of the first of their group."""
    found = {name: group_of(scenario, name) for name in scenario.patrols}
    firsts = {name: name if one is None else one[1].patrols[0] for name, one in found.items()}
    return [name for name, first in firsts.items() if route in scenario.patrols[first].routes]


def assignment_of(scenario: Scenario, name: str) -> Assignment:
    """What a patrol flies, and when, by the group it belongs to."""
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
    """When a patrol of a relay takes off: so that it reaches the route as the one before it must leave."""
    first = scenario.patrols[group.patrols[0]]
    takeoff = first.first_takeoff_h
    for one, other in pairwise(group.patrols[: number + 1]):
        here, there = (scenario.patrols[name] for name in (one, other))
        out, back = (_hours_out(scenario, patrol, first.routes[0]) for patrol in (here, there))
        aircraft = scenario.aircraft[here.aircraft]
        search_h = (aircraft.endurance_h - aircraft.reserve_h - 2.0 * out) / aircraft.burn.search
        takeoff += out + min(search_h, (aircraft.max_flight_h or math.inf) - 2.0 * out) - back
    return max(0.0, takeoff)


def _hours_out(scenario: Scenario, patrol: Patrol, route: str) -> float:
    """From a patrol's base to the nearest end of a route."""
    aircraft = scenario.aircraft[patrol.aircraft]
    base = np.array([float(one) for one in scenario.plane.to_xy(*scenario.bases[patrol.base].position)])
    passes = lay_route(scenario, route, patrol.aircraft).passes
    return min(math.dist(base, one[0]) for one in passes) / aircraft.transit_speed_kn


def left_to_others(scenario: Scenario, name: str, assignment: Assignment | None) -> Any:
    """The part of the plane that a share of a divided area leaves out of a route; None where nothing is divided."""
    route = scenario.routes[name]
    if assignment is None or assignment.parts == 1 or not route.is_divisible or route.searched_area is None:
        return None
    sea = scenario.plane.sea(scenario.areas[route.searched_area].shape)
    return _outside_strip(sea, float(np.radians(route.strip_course(scenario.plane, sea))), assignment)


def _outside_strip(sea: Any, course: float, assignment: Assignment) -> Any:
    """All but one of the strips of equal area into which an area is cut along its tracks."""
    abeam, ahead = np.array([np.cos(course), -np.sin(course)]), np.array([np.sin(course), np.cos(course)])
    points = shapely.get_coordinates(sea)
    low, high = float((points @ abeam).min()), float((points @ abeam).max())
    reach = 2.0 * float(np.hypot(*np.ptp(points, axis=0))) + 1.0
    middle = points.mean(axis=0) @ ahead

    def strip(first: float, last: float) -> Any:
        corners = [(first, -reach), (last, -reach), (last, reach), (first, reach)]
        return shapely.Polygon([side * abeam + (middle + along) * ahead for side, along in corners])

    def cut(part: int) -> float:
        """Where so many parts of the area lie to one side; beyond its edge for none and all."""
        if part in (0, assignment.parts):
            return low - 1.0 if part == 0 else high + 1.0
        near, far = low, high
        for _ in range(50):
            middle_of = (near + far) / 2.0
            less = sea.intersection(strip(low - 1.0, middle_of)).area < sea.area * part / assignment.parts
            near, far = (middle_of, far) if less else (near, middle_of)
        return near

    whole = shapely.buffer(shapely.envelope(sea), reach)
    return shapely.difference(whole, strip(cut(assignment.part), cut(assignment.part + 1)))


def problems_of_shares(scenario: Scenario, locate: Locate) -> list[Problem]:
    """The problems of groups' shares that a member cannot fly: by its aircraft, or as zones close all of its strip."""
    problems = []
    for title, group in scenario.groups.items():
        cut = group.divide == "area"
        members = [(name, scenario.patrols[name]) for name in group.patrols]
        for (number, (name, patrol)), route in product(enumerate(members), members[0][1].routes):
            if group_of(scenario, name) != (title, group) or (not cut and route in patrol.routes):
                continue  # in another group; or its own route as well, and looked at as such
            assignment = Assignment([route], 0.0, name, number, len(members) if cut else 1)
            try:
                lay_route(scenario, route, patrol.aircraft, elsewhere=left_to_others(scenario, route, assignment))
            except InputError as error:
                path: Path = ("groups", title, "patrols", number)
                allowed = f"a patrol that can fly {'its strip of ' if cut else ''}routes.{route}"
                why = f"{error.problems[0].key}: {error.problems[0].allowed}"
                problems.append(Problem(*locate(path), key_text(path), toml_text(name), allowed, why))
    return problems
