"""Groups of patrols: which part of a shared route each patrol flies and when, and shares that a patrol cannot fly."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import shapely

from sim.core import chance
from sim.core.units import HOURS_PER_DAY
from sim.model import schedules
from sim.model.patrols import BELIEF, Group, Patrol
from sim.model.schedules import Schedule
from sim.scenario.problems import InputError, Path, Problem, key_text, toml_text
from sim.scenario.routes import Locate, lay_route
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Assignment:
    """The routes and the take-offs of a patrol, after its group has divided them; a patrol without a group has all."""

    routes: list[str]
    leader: str
    """The first patrol of its group, whose routes it flies and whose lots of routes it shares; else itself."""
    timed_by: str
    """The patrol whose take-offs it follows, at a distance in hours, and whose lots of them it shares; often itself."""
    shared_progress: str
    """The patrol or the group whose progress along the route the patrol continues."""
    route_weights: list[float] | None = None
    """The weight of each route where a lot decides; None where they are flown by turns."""
    by_belief: bool = False
    """Whether the belief decides which route is flown."""
    first_takeoff_h: float | None = None
    """In hours since the scenario's start; None where take-offs are by the clock, or where there are none."""
    later_h: float = 0.0
    """How many hours it takes off after the patrol that it follows, where take-offs are by the clock."""
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
    by_belief = spec.tasking == BELIEF
    alone = Assignment(spec.routes, name, name, name, spec.route_weights, by_belief, spec.first_takeoff_h)
    if found is None:
        return alone
    title, group = found
    leader, number, count = group.patrols[0], group.patrols.index(name), len(group.patrols)
    first = scenario.patrols[leader]
    member = replace(alone, routes=first.routes, leader=leader, route_weights=first.route_weights)
    member = replace(member, by_belief=first.tasking == BELIEF)
    if group.divide == "area":
        return replace(member, part=number, parts=count)
    member = replace(member, timed_by=leader, shared_progress=name if group.divide == "time" else title)
    if first.first_takeoff_h is None or first.every_h is None:
        later_h = HOURS_PER_DAY * number / count if group.divide == "time" else _relief_h(scenario, group, number, 0.0)
        return replace(member, first_takeoff_h=None, later_h=later_h)
    if group.divide == "time":
        return replace(member, first_takeoff_h=first.first_takeoff_h + number * first.every_h / count)
    relief_h = _relief_h(scenario, group, number, first.first_takeoff_h)
    return replace(member, first_takeoff_h=max(0.0, relief_h))


def schedule_of(scenario: Scenario, name: str, assignment: Assignment | None = None) -> Schedule:
    """The slots of a patrol, and how its lots are drawn; `assignment` is its assignment if that is known."""
    assignment = assignment or assignment_of(scenario, name)
    spec, timed_by = scenario.patrols[name], scenario.patrols[assignment.timed_by]
    luck, end_h = chance.identity("schedule", assignment.timed_by), scenario.duration_h
    if assignment.first_takeoff_h is not None and spec.every_h is not None:
        return schedules.regular(assignment.first_takeoff_h, spec.every_h, end_h, spec.sorties, luck)
    if timed_by.takeoff is None:
        return schedules.never(end_h, luck)
    later_h = assignment.later_h
    return schedules.by_clock(timed_by.takeoff, timed_by.days, scenario.clock, end_h, spec.sorties, luck, later_h)


def _relief_h(scenario: Scenario, group: Group, number: int, takeoff: float) -> float:
    """The take-off of a patrol that reaches the route as the patrol before it must leave; the first one's is given."""
    first = scenario.patrols[group.patrols[0]]
    for name, next_name in pairwise(group.patrols[: number + 1]):
        before, after = scenario.patrols[name], scenario.patrols[next_name]
        transit_before, transit_after = (_transit_h(scenario, patrol, first.routes[0]) for patrol in (before, after))
        aircraft = scenario.aircraft[before.aircraft]
        search_h = (aircraft.endurance_h - aircraft.reserve_h - 2.0 * transit_before) / aircraft.burn.search
        search_h = min(search_h, (aircraft.max_flight_h or math.inf) - 2.0 * transit_before)
        takeoff += transit_before + search_h - transit_after
    return takeoff


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


def problems_of_shared_schedules(scenario: Scenario, locate: Locate) -> list[Problem]:
    """The problems of groups that share take-offs among patrols whose schedules, or whose tasking, cannot be shared.

    `locate` gives the file and line of a key.
    """
    problems = []
    for title, group in scenario.groups.items():
        leader, path = group.patrols[0], ("groups", title, "divide")
        first, kinds = scenario.patrols[leader], {_kind_of_schedule(scenario.patrols[name]) for name in group.patrols}
        if group.divide == "hand_over" and first.tasking == BELIEF:
            key: Path = ("patrols", leader, "tasking")
            words = f'"in_turn", as groups.{title} hands one route over from patrol to patrol'
            problems.append(Problem(*locate(key), key_text(key), toml_text(first.tasking), words))
        if group.divide == "area":
            continue
        allowed = ""
        if group.divide == "time" and first.takeoff is not None and not _is_once_a_day(first):
            allowed = f'"area", "hand_over", or a {leader} that takes off once a day, every day, or every so many hours'
        if len(kinds) > 1 or not any(_kind_of_schedule(first)):
            allowed = f'"area", or patrols whose take-offs are all given as those of {leader}: by takeoff, or by hours'
        if allowed:
            problems.append(Problem(*locate(path), key_text(path), toml_text(group.divide), allowed))
    return problems


def _is_once_a_day(patrol: Patrol) -> bool:
    """Whether a patrol has one slot on each day, by the clock."""
    takeoff = patrol.takeoff
    return takeoff is not None and patrol.days is None and not takeoff.is_weekly and len(takeoff.slots()) == 1


def _kind_of_schedule(patrol: Patrol) -> tuple[bool, bool]:
    """Whether a patrol takes off every so many hours, and whether by the clock."""
    return patrol.every_h is not None, patrol.takeoff is not None


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
            assignment = Assignment([route], name, name, name, part=number, parts=len(members) if is_cut else 1)
            try:
                lay_route(scenario, route, patrol.aircraft, excluded=left_to_others(scenario, route, assignment))
            except InputError as error:
                path: Path = ("groups", title, "patrols", number)
                allowed = f"a patrol that can fly {'its strip of ' if is_cut else ''}routes.{route}"
                why = f"{error.problems[0].key}: {error.problems[0].allowed}"
                problems.append(Problem(*locate(path), key_text(path), toml_text(name), allowed, why))
    return problems
