"""A sortie as it is planned: along its route and home in still air, with nothing that diverts it."""

import math
from dataclasses import dataclass

import numpy as np

from sim.core.arrays import Floats
from sim.core.codes import LEG_PHASE, LEG_X, LEG_Y, SEARCH
from sim.deployment.legs import hours_of
from sim.deployment.patrols import PatrolPlan
from sim.scenario.endurance import fuel_h, time_limit_h

_HALVINGS = 30  # of a leg, to find where the crew turns home: a leg of 1000 nmi is cut to within 1e-6 nmi


@dataclass(frozen=True)
class PlannedFlight:
    """The flight along one route."""

    legs: Floats
    """The legs, ways out and home included, (n, 6): hours since take-off of both ends, then x and y of both, nmi."""
    hours: float
    """The hours from take-off to landing."""


def planned_flight(plan: PatrolPlan, number: int) -> PlannedFlight:
    """The flight along a route that is entered at its nearest end, until the crew must turn home or the route ends."""
    route, aircraft = plan.routes[number], plan.aircraft
    fuel, limit_h = fuel_h(aircraft), time_limit_h(aircraft)

    def lands_in_time(hour: float, burnt_h: float, x: float, y: float) -> bool:
        home_h = _hours_home(plan, x, y)
        return burnt_h + home_h <= fuel and hour + home_h <= limit_h

    legs: list[list[float]] = []
    (x, y), hour, burnt_h = plan.base, 0.0, 0.0
    for row in plan.chains[number][route.nearest_pass(plan.base)].tolist():
        to_x, to_y = row[LEG_X], row[LEG_Y]
        hours = hours_of(row, math.hypot(to_x - x, to_y - y))
        burn = plan.burn_by_phase[SEARCH] if row[LEG_PHASE] == SEARCH else 1.0
        share = 1.0
        if not lands_in_time(hour + hours, burnt_h + burn * hours, to_x, to_y):
            low, high = 0.0, 1.0
            for _ in range(_HALVINGS):
                share = (low + high) / 2.0
                there = x + share * (to_x - x), y + share * (to_y - y)
                ok = lands_in_time(hour + share * hours, burnt_h + burn * share * hours, *there)
                low, high = (share, high) if ok else (low, share)
            share = low
        end_x, end_y = x + share * (to_x - x), y + share * (to_y - y)
        if share * hours > 0.0:
            legs.append([hour, hour + share * hours, x, y, end_x, end_y])
        hour, burnt_h, x, y = hour + share * hours, burnt_h + burn * share * hours, end_x, end_y
        if share < 1.0:
            break
    for to_x, to_y in plan.airspace.path((x, y), plan.base)[1:].tolist():
        hours = math.hypot(to_x - x, to_y - y) / aircraft.transit_speed_kn
        if hours > 0.0:
            legs.append([hour, hour + hours, x, y, to_x, to_y])
        hour, x, y = hour + hours, to_x, to_y
    return PlannedFlight(np.array(legs).reshape(-1, 6), hour)


def _hours_home(plan: PatrolPlan, x: float, y: float) -> float:
    """The hours of the way home from a place, round zones."""
    home_nmi = plan.airspace.lengths_home(np.array([[x, y]]), plan.bases[0])
    return float(home_nmi[0]) / plan.aircraft.transit_speed_kn
