"""Rules of check about routes, and about whether patrols can reach them and the transfers."""

from collections.abc import Iterator

import shapely

from sim.check.prospects import (
    Leg,
    Prospect,
    Prospects,
    comes_in_range,
    route_key,
    sea_of,
    share_in_range,
    share_outside,
)
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.core.legs import legs_along
from sim.core.turns import length_nmi
from sim.scenario.groups import left_to_others
from sim.scenario.routes import lay_route

_SHORT_H = 0.5  # on station, for a flight of hours: an assumption of what nobody means


@rule(SENSELESS)
def route_out_of_reach(prospects: Prospects) -> Iterator[Found]:
    """A route is too far from base for the fuel or the hours that a flight may last.

    The patrol gets no time on station.
    """
    for one in prospects.patrols:
        for leg in one.legs:
            if leg not in one.reached:
                far = f"{leg.there_and_back_nmi:.0f} nmi there and back"
                said = f"{leg.plan.name} is out of reach: {far}, good for {2.0 * one.radius_nmi:.0f}"
                yield Found(route_key(one, leg.at), said, f"{one.limit.keys_to_change} of {one.spec.aircraft}, or base")


@rule(SENSELESS)
def area_out_of_reach(prospects: Prospects) -> Iterator[Found]:
    """Transfers are so far from every base that no patrol can bring a sensor within range and come home.

    None is detected.
    """
    hints = dict.fromkeys(one.limit.keys_to_change for one in prospects.patrols)
    for name, spec in prospects.scenario.transfers.items():
        if not comes_in_range(prospects, name):
            said = f"no patrol can bring a sensor within range of {spec.area} and come home"
            yield Found(("transfers", name, "area"), said, ", ".join(["bases", *hints]))


@rule(SENSELESS)
def area_never_in_range(prospects: Prospects) -> Iterator[Found]:
    """No route, and no diversion from a route, comes within sensor range of some transfers.

    None of them is detected.
    """
    for name, spec in prospects.scenario.transfers.items():
        if prospects.patrols and comes_in_range(prospects, name) and share_in_range(prospects, name) == 0.0:
            said = f"no way of a patrol comes within sensor range of {spec.area}, diversions included"
            yield Found(("transfers", name, "area"), said, "the routes of [patrols]")


@rule(DOUBTFUL)
def short_time_on_station(prospects: Prospects) -> Iterator[Found]:
    """A sortie has less than half an hour on a route (a threshold chosen here).

    Nearly all of its hours go into the way.
    """
    for one in prospects.patrols:
        for leg in one.reached:
            there = one.station(leg)
            if there.hours < _SHORT_H:
                said = f"{leg.plan.name}: at most {60.0 * there.hours:.0f} minutes on station, for all the way there"
                yield Found(route_key(one, leg.at), said, f"{there.keys_to_change} of {one.spec.aircraft}, or base")


@rule(DOUBTFUL)
def route_partly_out_of_reach(prospects: Prospects) -> Iterator[Found]:
    """A part of a route is too far from base for the fuel or the hours that a flight may last: it is never flown."""
    for one in prospects.patrols:
        for leg in one.reached:
            share = _share_beyond(one, leg)
            if share > 0.0:
                much = f"the farthest {max(1.0, 100.0 * share):.0f} % of {leg.plan.name} is never flown"
                said = f"{much}: beyond what {one.limit.cause} allows"
                yield Found(route_key(one, leg.at), said, f"{one.limit.keys_to_change} of {one.spec.aircraft}, or base")


def _share_beyond(one: Prospect, leg: Leg) -> float:
    """The share of a route from which it is too far home; with more bases than one, which is too far to come to."""
    radius = one.radius_nmi * (1.0 if len(one.bases) == 1 else 2.0)
    circle = shapely.buffer(shapely.Point(one.bases[0]), radius, quad_segs=256)
    return share_outside(legs_along(leg.plan.passes[0]), circle)


@rule(DOUBTFUL)
def route_never_finished(prospects: Prospects) -> Iterator[Found]:
    """All time on station together is shorter than one pass of the route: its end is never searched."""
    for one in prospects.patrols:
        for leg in one.reached:
            alone = one.assignment.cursor == one.name
            sorties = one.sorties_on(leg) if leg.plan.resumes else min(1, one.sorties_on(leg))
            speed = one.aircraft.search_speed_kn + one.wind_kn
            shortest = min(length_nmi(way) for way in leg.plan.passes)
            hours = sorties * one.station(leg).hours
            if alone and sorties > 0 and hours * speed < shortest:
                many = "all its sorties" if leg.plan.resumes else "one sortie, each begins anew,"
                said = f"{leg.plan.name} takes {shortest / speed:.1f} h, {many} have {hours:.1f}"
                yield Found(route_key(one, leg.at), f"{said}: its end is never searched", "unfinished, or spacing_nmi")


@rule(DOUBTFUL)
def spacing_too_wide(prospects: Prospects) -> Iterator[Found]:
    """The tracks of a route are farther apart than twice the longest sensor range.

    Strips between them are never seen.
    """
    scenario = prospects.scenario
    targets = [target for name in scenario.transfers for target in prospects.targets(name)]
    for name, route in scenario.routes.items():
        for aircraft, spacing in _spacings(prospects, name) if targets else ():
            reach = prospects.sight_nmi(scenario.aircraft[aircraft], targets, {True, False})
            if spacing > 2.0 * reach > 0.0:
                given = next(key for key in ("spacing_nmi", "legs", "time_h") if getattr(route, key, None) is not None)
                said = f"tracks {spacing:.4g} nmi apart, and {aircraft} sees a transfer {reach:.4g} nmi off at most"
                yield Found(("routes", name, given), f"{said}: strips between them are never seen", "a closer spacing")


def _spacings(prospects: Prospects, route: str) -> Iterator[tuple[str, float]]:
    """Each type of aircraft that flies a route, and the widest spacing at which it does, its share laid by itself."""
    widest = dict[str, float]()
    for one in prospects.patrols:
        if any(leg.plan.name == route for leg in one.legs):
            aside = left_to_others(prospects.scenario, route, one.assignment)
            spacing = lay_route(prospects.scenario, route, one.spec.aircraft, excluded=aside).spacing_nmi or 0.0
            widest[one.spec.aircraft] = max(spacing, widest.get(one.spec.aircraft, 0.0))
    yield from widest.items()


@rule(DOUBTFUL)
def datum_astray(prospects: Prospects) -> Iterator[Found]:
    """A pattern is laid about a datum on land, or outside every area with transfers or ships.

    It searches where there is nothing (longitude is the first number).
    """
    scenario = prospects.scenario
    for name, route in scenario.routes.items():
        datum = getattr(route, "datum", None)
        if datum is None:
            continue
        place = shapely.Point(*scenario.plane.to_xy(*datum))
        far = {one.area: float(shapely.distance(place, sea_of(prospects, one.area))) for one in prospects.sources}
        nearest = min(far, key=lambda area: far[area], default="")
        if shapely.intersects(scenario.plane.land, place):
            yield Found(("routes", name, "datum"), "it lies on land", "[lon, lat], or area instead of it")
        elif far and far[nearest] > 1.0:
            said = f"it lies {far[nearest]:.0f} nmi outside {nearest}, the nearest area with transfers or ships"
            yield Found(("routes", name, "datum"), said, "[lon, lat], or area instead of it")


@rule(NOTE)
def area_partly_in_range(prospects: Prospects) -> Iterator[Found]:
    """A part of the sea with transfers never comes within sensor range: this limits the share that can be detected."""
    for name, spec in prospects.scenario.transfers.items():
        share = share_in_range(prospects, name)
        if 0.0 < share < 0.95:
            said = f"{100.0 * (1.0 - share):.0f} % of {spec.area} never comes within sensor range, diversions included"
            yield Found(("transfers", name, "area"), said, "the routes of [patrols]")
