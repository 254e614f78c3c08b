"""Tables of routes, patrols, and groups that divide a route."""

from collections.abc import Sequence
from typing import Any

from sim.check.bounds import Bounds
from sim.check.patrol_bounds import PatrolBounds
from sim.core.airspace import NoPathError
from sim.core.turns import length_nmi
from sim.model.patterns.base import LaidPattern
from sim.scenario.groups import left_to_others, patrols_on_route
from sim.scenario.problems import InputError
from sim.scenario.routes import lay_route
from sim.scenario.schema import Scenario
from sim.scenario.tables import Table, number, titled_table, words

_UNFINISHED = {"resume": "the next sortie continues it", "restart": "the next sortie begins it anew"}
_FINISHED = {"repeat": "it is flown again", "return": "the aircraft goes home"}


def routes_table(scenario: Scenario) -> Table:
    """The geometry of each route, undivided, as the first type of aircraft that flies it would fly it."""
    columns = ("route", "pattern", "legs", "track spacing, nmi", "longest pass, nmi", "longest pass, h")
    table = titled_table("routes", *columns, "aircraft")
    for name, route in scenario.routes.items():
        patrols = patrols_on_route(scenario, name)
        aircraft = scenario.patrols[patrols[0]].aircraft if patrols else None
        speed = scenario.aircraft[aircraft].search_speed_kn if aircraft else None
        table.add_row(name, route.pattern, *_measures(_laid(scenario, name, aircraft), speed), aircraft or None)
    return table


def passes_table(scenario: Scenario) -> Table:
    """Who flies each route, and what follows an unfinished and a finished pass."""
    columns = ("route", "patrols", "after a pass that a sortie leaves unfinished", "after a finished pass")
    table = titled_table("passes of the routes", *columns)
    for name, route in scenario.routes.items():
        patrols = ", ".join(patrols_on_route(scenario, name)) or "none"
        table.add_row(name, patrols, _UNFINISHED[route.unfinished], _FINISHED[route.finished])
    return table


def _laid(scenario: Scenario, name: str, aircraft: str | None, excluded: Any = None) -> LaidPattern | None:
    """A route as a type of aircraft flies it; None if it cannot, for loading refuses only what a patrol is to fly."""
    try:
        return lay_route(scenario, name, aircraft, excluded=excluded)
    except (InputError, NoPathError):
        return None


def _measures(laid: LaidPattern | None, speed_kn: float | None) -> list[object]:
    """Legs, track spacing and length of a pass, and its hours at a speed."""
    if laid is None:
        return [None, None, None, words("cannot be flown")]
    length = max(map(length_nmi, laid.passes))
    spacing = None if laid.spacing_nmi is None else number(laid.spacing_nmi, ".4g")
    return [laid.legs, spacing, number(length, ",.0f"), None if speed_kn is None else number(length / speed_kn, ".1f")]


def patrols_table(bounds: Bounds) -> Table:
    """The aircraft, the base and the routes of each patrol, and how far it flies to them."""
    table = titled_table("patrols", "patrol", "aircraft", "base", "routes", "base to the route, nmi")
    for patrol in bounds.patrols:
        base, routes = patrol.bases[0], ", ".join(patrol.assignment.routes)
        plans = [route.plan for route in patrol.routes]
        ways = [bounds.airspace.length(base, plan.passes[plan.nearest_pass(base)][0]) for plan in plans]
        table.add_row(patrol.name, patrol.spec.aircraft, patrol.spec.base, routes, _range_cell(ways))
    return table


def _range_cell(values: Sequence[float]) -> object:
    if not values:
        return None
    low, high = min(values), max(values)
    return number(low, ".0f") if high - low < 1.0 else f"{low:.0f} to {high:.0f}"


def groups_table(bounds: Bounds) -> Table:
    """What each patrol of a group flies of the routes that they divide: a row for each route."""
    scenario = bounds.scenario
    columns = (
        "group",
        "divided by",
        "patrol",
        "share",
        "legs",
        "track spacing, nmi",
        "longest pass, nmi",
        "longest pass, h",
    )
    table = titled_table("groups", *columns)
    patrols = {patrol.name: patrol for patrol in bounds.patrols}
    for title, group in scenario.groups.items():
        for place, member in enumerate(group.patrols):
            patrol, previous = patrols[member], patrols[group.patrols[max(0, place - 1)]]
            for route in patrol.assignment.routes:
                excluded = left_to_others(scenario, route, patrol.assignment)
                laid = _laid(scenario, route, patrol.spec.aircraft, excluded)
                share = _share_text(bounds, patrol, previous, route, excluded)
                divide = group.divide.replace("_", " ")
                numbers = _measures(laid, patrol.aircraft.search_speed_kn)
                table.add_row(title, divide, member, share, *numbers)
    return table


def _share_text(bounds: Bounds, patrol: PatrolBounds, previous: PatrolBounds, route: str, excluded: Any) -> str:
    """The part of a route that a patrol of a group flies, or how long after the previous patrol it takes off."""
    area = bounds.scenario.routes[route].searched_area
    if excluded is not None and area is not None:
        return f"{bounds.sea_of(area).difference(excluded).area:,.0f} sq nmi of {route}"
    if patrol is previous or patrol.assignment.parts > 1:
        return f"all of {route}"
    later = _offset_h(patrol) - _offset_h(previous)
    return f"all of {route}, {abs(later):.3g} h {'before' if later < 0.0 else 'after'} {previous.name}"


def _offset_h(patrol: PatrolBounds) -> float:
    """The first take-off of a patrol, or, by the clock, how many hours it is later than that of its group's first."""
    first_h = patrol.assignment.first_takeoff_h
    return patrol.assignment.later_h if first_h is None else first_h
