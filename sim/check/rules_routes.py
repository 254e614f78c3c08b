"""Rules of check about routes, and about whether patrols can reach them and the transfers."""

import math
from collections.abc import Iterator

import numpy as np
import shapely

from sim.check.bounds import ANY_LIGHT, Bounds, share_outside
from sim.check.patrol_bounds import PatrolBounds, RouteBounds
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.legs import legs_along
from sim.core.turns import length_nmi
from sim.scenario.groups import left_to_others
from sim.scenario.routes import lay_route

_LEAST_ON_STATION_H = 0.5  # Nobody intends less time than this on station in a flight of hours: an assumption.
_QUAD_SEGS = 256  # edges of a quarter of the polygon that stands for a circle


def _more_hours(patrol: PatrolBounds, keys: str) -> str:
    """The advice to give a patrol more hours or a nearer base."""
    return f"Change {keys} of aircraft.{patrol.spec.aircraft}, or choose a base of {patrol.name} that is nearer."


@rule(SENSELESS)
def route_out_of_reach(bounds: Bounds) -> Iterator[Found]:
    """A route is too far from the base for the fuel or the hours that a flight may last.

    The patrol gets no time on station.
    """
    for patrol in bounds.patrols:
        for route in patrol.routes:
            if route not in patrol.reachable_routes:
                problem = (
                    f"The route {route.plan.name} is out of reach of {patrol.name}: the way there and back is "
                    f"{route.round_trip_nmi:.0f} nmi, and the aircraft can fly "
                    f"{2.0 * patrol.radius_of_action_nmi:.0f} nmi."
                )
                yield Found(patrol.route_key(route), problem, _more_hours(patrol, patrol.flight_limit.keys_to_change))


@rule(SENSELESS)
def area_out_of_reach(bounds: Bounds) -> Iterator[Found]:
    """Transfers are so far from every base that no patrol can bring a sensor within range and come home.

    None is detected.
    """
    keys = dict.fromkeys(
        f"{patrol.flight_limit.keys_to_change} of aircraft.{patrol.spec.aircraft}" for patrol in bounds.patrols
    )
    for name, source in bounds.scenario.transfers.items():
        if not bounds.is_within_reach(name):
            farthest = max(2.0 * patrol.radius_of_action_nmi for patrol in bounds.patrols)
            problem = (
                f"No patrol can bring a sensor within range of the area {source.area} and come home: the longest "
                f"flight is {farthest:.0f} nmi."
            )
            yield Found(("transfers", name, "area"), problem, f"Choose nearer bases, or change {', '.join(keys)}.")


@rule(SENSELESS)
def area_never_in_range(bounds: Bounds) -> Iterator[Found]:
    """No route, and no diversion from a route, comes within sensor range of some transfers.

    None of them is detected.
    """
    for name, source in bounds.scenario.transfers.items():
        if bounds.patrols and bounds.is_within_reach(name) and bounds.share_in_range(name) == 0.0:
            problem = (
                f"No flight comes within sensor range of the area {source.area}, not even with the longest diversion "
                "from a route, so none of these transfers is detected."
            )
            advice = f"Move a route of [patrols] nearer to the area {source.area}, or change area."
            yield Found(("transfers", name, "area"), problem, advice)


@rule(DOUBTFUL)
def short_time_on_station(bounds: Bounds) -> Iterator[Found]:
    """A sortie has less than half an hour on a route (a threshold chosen here).

    Nearly all of its hours are spent on the way.
    """
    for patrol in bounds.patrols:
        for route in patrol.reachable_routes:
            limit = patrol.time_on_station(route)
            if limit.hours < _LEAST_ON_STATION_H:
                problem = (
                    f"A sortie of {patrol.name} has at most {60.0 * limit.hours:.0f} min on the route "
                    f"{route.plan.name}; the rest of its flight is the way there and home."
                )
                yield Found(patrol.route_key(route), problem, _more_hours(patrol, limit.keys_to_change))


@rule(DOUBTFUL)
def route_partly_out_of_reach(bounds: Bounds) -> Iterator[Found]:
    """A part of a route is too far from the base for the fuel or the hours of a flight, so it is never flown."""
    for patrol in bounds.patrols:
        for route in patrol.reachable_routes:
            share = _share_beyond_reach(patrol, route)
            if share > 0.0:
                limit = patrol.flight_limit
                reason = "the fuel" if limit.cause == "fuel" else limit.key
                part = "less than 1" if share < 0.01 else f"{100.0 * share:.0f}"
                problem = (
                    f"{patrol.name} never flies the farthest {part} % of the route "
                    f"{route.plan.name}: it lies farther out than the {patrol.radius_of_action_nmi:.0f} nmi that "
                    f"{reason} allows."
                )
                yield Found(patrol.route_key(route), problem, _more_hours(patrol, limit.keys_to_change))


def _share_beyond_reach(patrol: PatrolBounds, route: RouteBounds) -> float:
    """The share of a route from which the way home is too long; with several bases, to which the way out is."""
    radius = patrol.radius_of_action_nmi * (1.0 if len(patrol.bases) == 1 else 2.0)
    way = route.plan.passes[0]
    if np.hypot(*(way[:, :2] - patrol.bases[0]).T).max() <= radius * math.cos(math.pi / (4 * _QUAD_SEGS)):
        return 0.0  # every corner lies in the circle within the polygon that stands for the circle
    circle = shapely.buffer(shapely.Point(patrol.bases[0]), radius, quad_segs=_QUAD_SEGS)
    return share_outside(legs_along(way), circle)


@rule(DOUBTFUL)
def route_never_finished(bounds: Bounds) -> Iterator[Found]:
    """All time on station together is shorter than one pass of the route, so its end is never searched."""
    for patrol in bounds.patrols:
        for route in patrol.reachable_routes:
            alone = patrol.assignment.shared_progress == patrol.name
            resumes = route.plan.resumes
            sorties = patrol.sorties_on(route) if resumes else min(1, patrol.sorties_on(route))
            speed = patrol.aircraft.search_speed_kn + patrol.tailwind_kn
            shortest = min(length_nmi(way) for way in route.plan.passes)
            hours = sorties * patrol.time_on_station(route).hours
            if alone and sorties > 0 and hours * speed < shortest:
                having = "all its sorties together have" if resumes else "each sortie begins it anew and has"
                problem = (
                    f"One pass of the route {route.plan.name} takes {patrol.name} {shortest / speed:.1f} h, and "
                    f"{having} {hours:.1f} h on station, so the end of the route is never searched."
                )
                remedy = f"Schedule more sorties or widen routes.{route.plan.name}.spacing_nmi"
                if not resumes:
                    remedy = f'Set routes.{route.plan.name}.unfinished = "resume" or widen its spacing_nmi'
                yield Found(patrol.route_key(route), problem, f"{remedy}.")


@rule(DOUBTFUL)
def spacing_too_wide(bounds: Bounds) -> Iterator[Found]:
    """The tracks of a route are farther apart than twice the longest sensor range.

    The strips between them are never searched.
    """
    scenario = bounds.scenario
    targets = [target for name in scenario.transfers for target in bounds.targets(name)]
    for name, route in scenario.routes.items():
        for aircraft, spacing in _widest_spacings(bounds, name) if targets else ():
            reach = bounds.detection_range_nmi(scenario.aircraft[aircraft], targets, ANY_LIGHT)
            if spacing > 2.0 * reach > 0.0:
                given = next(key for key in ("spacing_nmi", "legs", "time_h") if getattr(route, key, None) is not None)
                problem = (
                    f"The tracks are {spacing:.4g} nmi apart, and {aircraft} detects a transfer at {reach:.4g} nmi at "
                    "most, so the strips between the tracks are never searched."
                )
                change = "Lower spacing_nmi" if given == "spacing_nmi" else f"Raise {given}"
                advice = f"{change} so that the tracks are at most {2.0 * reach:.4g} nmi apart."
                yield Found(("routes", name, given), problem, advice)


def _widest_spacings(bounds: Bounds, route: str) -> Iterator[tuple[str, float]]:
    """Each type of aircraft that flies a route, and the widest track spacing of the shares that it flies, nmi."""
    widest, seen = dict[str, float](), set[tuple[str, int, int]]()
    for patrol in bounds.patrols:
        aircraft, assignment = patrol.spec.aircraft, patrol.assignment
        share = (aircraft, assignment.part, assignment.parts)
        if share not in seen and any(flown.plan.name == route for flown in patrol.routes):
            seen.add(share)
            elsewhere = left_to_others(bounds.scenario, route, assignment)
            spacing = lay_route(bounds.scenario, route, aircraft, excluded=elsewhere).spacing_nmi or 0.0
            widest[aircraft] = max(spacing, widest.get(aircraft, 0.0))
    yield from widest.items()


@rule(DOUBTFUL)
def datum_outside_areas(bounds: Bounds) -> Iterator[Found]:
    """A pattern is laid about a datum on land, or outside every area with transfers or background.

    It searches where there is nothing. The first number of a position is the longitude.
    """
    scenario = bounds.scenario
    advice = "Correct datum ([longitude, latitude]), or give area instead of it."
    for name, route in scenario.routes.items():
        datum = getattr(route, "datum", None)
        if datum is None:
            continue
        place = shapely.Point(*scenario.plane.to_xy(*datum))
        areas = {area for source in bounds.vessel_sources for area in source.area_names}
        distances = {area: float(shapely.distance(place, bounds.sea_of(area))) for area in sorted(areas)}
        nearest = min(distances, key=lambda area: distances[area], default="")
        where = f"The datum, longitude {datum[0]:g} and latitude {datum[1]:g},"
        if shapely.intersects(scenario.plane.land, place):
            yield Found(("routes", name, "datum"), f"{where} lies on land.", advice)
        elif distances and distances[nearest] > 1.0:
            problem = (
                f"{where} lies {distances[nearest]:.0f} nmi outside the area {nearest}, the nearest area with "
                "transfers or background."
            )
            yield Found(("routes", name, "datum"), problem, advice)


@rule(NOTE)
def area_partly_in_range(bounds: Bounds) -> Iterator[Found]:
    """A part of the sea with transfers never comes within sensor range, which limits the share that is detected."""
    for name, source in bounds.scenario.transfers.items():
        share = bounds.share_in_range(name)
        if 0.0 < share < 0.95:
            problem = (
                f"{100.0 * (1.0 - share):.0f} % of the sea of the area {source.area} never comes within sensor range, "
                "not even with the longest diversion from a route."
            )
            yield Found(
                ("transfers", name, "area"), problem, f"Extend the routes of [patrols] over the area {source.area}."
            )
