"""Routes laid over the plane for the aircraft that fly them; a route that an aircraft cannot fly is bad input."""

from collections.abc import Callable
from typing import Any

import shapely

from sim.core.airspace import Airspace, airspace_of
from sim.core.limits import MOST_FLOWN_ROUTES, MOST_LEGS_TOGETHER
from sim.core.turns import UnflyableError, turn_radius_nmi
from sim.model.aircraft import Aircraft
from sim.model.patterns.base import LaidPattern, Performance, lay_pattern
from sim.scenario.problems import InputError, Path, Problem, key_text, toml_text
from sim.scenario.schema import Scenario

Locate = Callable[[Path], tuple[str, int | None]]


def performance_of(aircraft: Aircraft | None) -> Performance:
    """The performance of an aircraft in a pattern: its search speed, and the radius of its turns."""
    if aircraft is None:
        return Performance(0.0)
    speed, bank = aircraft.search_speed_kn, aircraft.bank_deg
    return Performance(speed, 0.0 if bank is None else turn_radius_nmi(speed, bank))


def aircraft_on_route(scenario: Scenario, name: str) -> list[str]:
    """The types of aircraft that fly a route, in the order of the patrols."""
    return list(_aircraft_by_route(scenario).get(name, ()))


def _no_place(_path: Path) -> tuple[str, int | None]:
    return "scenario", None


def airspace(scenario: Scenario) -> Airspace:
    """The airspace of the theatre with the no-go zones that aircraft fly round."""
    return airspace_of(scenario.plane, tuple(zone.shape for zone in scenario.zones.values()))


def lay_route(
    scenario: Scenario, name: str, aircraft: str | None = None, locate: Locate = _no_place, excluded: Any = None
) -> LaidPattern:
    """A route as a type of aircraft flies it; without a type, the first that flies it, or the first of the scenario.

    `excluded` is a part of the plane that is left to other patrols; `locate` gives the file and line of a key. Raises
    `InputError` where the aircraft cannot fly the route.
    """
    if aircraft is None:
        aircraft = next(iter([*aircraft_on_route(scenario, name), *scenario.aircraft]), None)
    performance = performance_of(scenario.aircraft[aircraft] if aircraft is not None else None)
    shapes = {title: area.shape for title, area in scenario.areas.items()}
    air = airspace(scenario)
    around, closed = (air.path, air.closed_with_margin) if scenario.zones else (None, None)
    if excluded is not None:
        closed = excluded if closed is None else shapely.union(closed, excluded)
    try:
        return lay_pattern(scenario.routes[name], scenario.plane, shapes, performance, around, closed)
    except UnflyableError as error:
        path: Path = ("routes", name, error.key)
        by = f" ({aircraft})" if aircraft else ""
        raise InputError(
            [Problem(*locate(path), key_text(path), toml_text(error.given), f"{error.allowed}{by}")]
        ) from None


def problems_of_routes(scenario: Scenario, locate: Locate) -> list[Problem]:
    """The problems of routes that their aircraft cannot fly, and of winds that are too strong for an aircraft."""
    problems, wind = list[Problem](), scenario.environment.strongest_wind_kn
    flown = sum(len(patrol.routes) for patrol in scenario.patrols.values())
    if flown > MOST_FLOWN_ROUTES:
        path: Path = ("patrols",)
        allowed = f"patrols that fly at most {MOST_FLOWN_ROUTES:,} routes together"
        return [Problem(*locate(path), "patrols", f"patrols that fly {flown:,} routes", allowed)]
    for flying in dict.fromkeys(patrol.aircraft for patrol in scenario.patrols.values()):
        speed = scenario.aircraft[flying].search_speed_kn
        path = ("aircraft", flying, "search_speed_kn")
        if speed <= wind:  # it could not hold a course across the wind, nor make way against it
            allowed = f"a speed above the strongest wind of the environment, {wind:g} kn"
            problems.append(Problem(*locate(path), key_text(path), toml_text(speed), allowed))
    legs, types = 0, _aircraft_by_route(scenario)
    for name, aircraft in ((route, aircraft) for route in scenario.routes for aircraft in types.get(route, ())):
        try:
            legs += lay_route(scenario, name, aircraft, locate).legs
        except InputError as error:
            problems += error.problems
        if legs > MOST_LEGS_TOGETHER:
            path, allowed = ("routes", name), f"routes of at most {MOST_LEGS_TOGETHER:,} legs together"
            return [
                *problems,
                Problem(*locate(path), key_text(path), f"{legs:,} legs together with the routes before it", allowed),
            ]
    return problems


def _aircraft_by_route(scenario: Scenario) -> dict[str, dict[str, None]]:
    """The types of aircraft that fly each route, in the order of the patrols."""
    types: dict[str, dict[str, None]] = {}
    for patrol in scenario.patrols.values():
        for name in patrol.routes:
            types.setdefault(name, {})[patrol.aircraft] = None
    return types


def problems_of_groups(scenario: Scenario, locate: Locate) -> list[Problem]:
    """The problems of groups that name a patrol twice, of patrols in two groups, and of wrong alternates."""
    problems, group_of = [], dict[str, str]()

    def refuse(path: Path, given: object, allowed: str) -> None:
        problems.append(Problem(*locate(path), key_text(path), toml_text(given), allowed))

    for title, group in scenario.groups.items():
        if len(set(group.patrols)) < len(group.patrols):
            refuse(("groups", title, "patrols"), group.patrols, "a list that names each patrol once")
        for at, name in enumerate(group.patrols):
            other = group_of.setdefault(name, title)
            if other != title:
                refuse(
                    ("groups", title, "patrols", at),
                    name,
                    f"a patrol of no other group; it is already in groups.{other}",
                )
    for name, patrol in scenario.patrols.items():
        bases = [patrol.base, *patrol.alternates]
        if len(set(bases)) < len(bases):
            refuse(
                ("patrols", name, "alternates"),
                patrol.alternates,
                f"a list of bases other than {patrol.base}, each once",
            )
    return problems
