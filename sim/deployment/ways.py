"""Ways of an aircraft in flight to places, and round no-go zones to contacts."""

import math
from collections.abc import Sequence
from itertools import pairwise

from sim.core.airspace import NoPathError
from sim.core.arrays import Floats
from sim.core.motion import Rendezvous
from sim.deployment.flight import Flight

_MOST_AIMS = 20  # the way round a zone to a moving ship is aimed anew at most so often
_AIMED_NMI = 1e-6  # the aim is good enough when the place of the meeting moves by less


def hours_to(flight: Flight, x: float, y: float) -> float:
    """Return the hours from where the aircraft is to a place, at transit speed; NoPathError where zones close it."""
    points = (
        [flight.state.place, (x, y)]
        if flight.conditions.no_zones
        else flight.plan.airspace.path(flight.state.place, (x, y)).tolist()
    )
    hours, winds = 0.0, flight.inbox.winds
    for (x0, y0), (x1, y1) in pairwise(points):
        hours += flight.kernels.track(
            flight.state.hour + hours, x1 - x0, y1 - y0, flight.plan.aircraft.transit_speed_kn, winds
        )[0]
    return hours


def ways_to(flight: Flight, targets: Sequence[int]) -> Floats:
    """Return the ways round zones to targets as they move now, at transit speed: rows (k, 11) for `Rendezvous`."""
    ways = _straight_ways(flight, targets)
    for row in ways:
        way = _way_round(flight, Rendezvous(*row.tolist()))
        row[:3] = way.meet_h, way.x, way.y
    return ways


def _straight_ways(flight: Flight, targets: Sequence[int]) -> Floats:
    inbox, state, speed_kn = flight.inbox, flight.state, flight.plan.aircraft.transit_speed_kn
    return inbox.targets.rendezvous(targets, state.hour, *state.place, speed_kn, inbox.winds)


def way_to(flight: Flight, target: int) -> Rendezvous:
    """Return the way round zones to a target as it moves now, at transit speed."""
    return _way_round(flight, Rendezvous(*_straight_ways(flight, [target])[0].tolist()))


def _way_round(flight: Flight, way: Rendezvous) -> Rendezvous:
    """Lead a way round zones; it meets the vessel never (at infinity) where no way leads there.

    A way round takes longer, and meanwhile the vessel moves on, so the place of the meeting is aimed at anew until it
    stays. Ships are much slower than aircraft, so each aim moves it by a small share of the one before.
    """
    airspace, speed_kn, winds = flight.plan.airspace, flight.plan.aircraft.transit_speed_kn, flight.inbox.winds
    hours_straight = way.meet_h - flight.state.hour
    if not math.isfinite(hours_straight):
        return way
    x0, y0 = way.x - way.vx * hours_straight, way.y - way.vy * hours_straight  # where the vessel is now
    for _ in range(_MOST_AIMS):
        try:
            points = airspace.path(flight.state.place, (way.x, way.y)).tolist()
        except NoPathError:  # the vessel is, or will be, where nobody may fly
            return way._replace(meet_h=math.inf)
        hours, courses = 0.0, list[tuple[float, float, float]]()
        for (ax, ay), (bx, by) in pairwise(points):
            leg_h, vx, vy, hold = flight.kernels.track(flight.state.hour + hours, bx - ax, by - ay, speed_kn, winds)
            courses.append((vx, vy, flight.state.hour + hours + hold))
            hours += leg_h
        x, y = x0 + way.vx * hours, y0 + way.vy * hours
        moved_nmi = math.hypot(x - way.x, y - way.y)
        via = (points[1][0], points[1][1]) if len(points) > 2 else None
        vx, vy, hold = courses[0]
        way = way._replace(
            meet_h=flight.state.hour + hours, x=x, y=y, via=via, ground_x=vx, ground_y=vy, hold_h=hold
        )  # fmt: skip
        if moved_nmi < _AIMED_NMI:
            break
    return way


def is_clear_beside(flight: Flight, vx: float, vy: float, hours: float) -> bool:
    """Return whether the aircraft may move with a vessel at a velocity, knots, for some hours and enter no zone."""
    x, y = flight.state.place
    return flight.plan.airspace.is_clear((x, y), (x + vx * hours, y + vy * hours))
