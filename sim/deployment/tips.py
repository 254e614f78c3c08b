"""Which tip a crew follows, and how it searches the sea about the place of the tip."""

import math

import numpy as np

from sim.core.airspace import NoPathError
from sim.core.arrays import Floats
from sim.core.codes import LEG_PHASE, LEG_SPEED, SEARCH, TRANSIT
from sim.core.legs import expanding_square, sector
from sim.core.turns import ClosedSea, UnflyableError, length_nmi, waypoints_of
from sim.deployment.flight import Flight
from sim.deployment.legs import legs_to
from sim.deployment.ways import hours_to
from sim.model.aircraft import Identification
from sim.model.cells import PROBABLE_ERROR, CellState, Tip, TipRules, TipSearch
from sim.scenario.routes import performance_of

_SECTORS = 3  # a sector search turns by 120 degrees at each corner, as the IAMSAR manual has it
_MOST_NEEDED = 1e9  # rings that are counted at most: a spacing near 0 would need more than any number can say
MOST_RINGS = 50
"""The most rings of an expanding square, so that a mistyped spacing does not cost hours of computing; `check` warns."""
_LEAST_H = 1e-9  # the least duration by which a chance is divided, for an aircraft that is at the tip already


def best_tip(flight: Flight, least_chance: float = 0.0) -> tuple[Tip, float] | None:
    """The tip with the highest promise, and the hour at which the aircraft could be there; None: none is worth it.

    `least_chance`: the least chance that a tip must have, where it is above that of the patrol's `tips`.

    The promise of a tip is the chance that the pair is still there when the aircraft arrives, divided by the hours
    that the tip takes. Those are the hours of the way there and of the search, which grow with the distance and with
    the error of the place.
    """
    cell, identification, highest, best = flight.cell, flight.plan.aircraft.identification, 0.0, None
    if cell is None or identification is None:
        return None
    for tip in cell.live:
        if not tip.is_available or flight.state.hour - tip.seen_h >= cell.spec.lasts_h:
            continue
        arrival = _arrival_and_promise(flight, cell, identification, tip, least_chance)
        if arrival is None:
            continue
        arrival_h, promise = arrival
        document_h = arrival_h + identification.time_h
        has_light = flight.plan.has_light_for_contact(document_h)
        if promise > highest and has_light and flight.can_land_from(document_h, tip.x, tip.y):
            highest, best = promise, (tip, arrival_h)
    return best


def _arrival_and_promise(
    flight: Flight, cell: CellState, identification: Identification, tip: Tip, least_chance: float
) -> tuple[float, float] | None:
    """The hour at which the aircraft could be at a tip, and its promise: the chance per hour that it takes.

    None where the tip is not worth a flight: its chance is too low, no way leads there, or zones close all of the
    search.
    """
    try:
        arrival_h = flight.state.hour + hours_to(flight, tip.x, tip.y)
    except NoPathError:
        return None
    chance = cell.chance_at(tip, arrival_h)
    if chance <= 0.0 or chance < max(least_chance, (flight.plan.spec.tips or TipRules()).least_chance):
        return None
    try:
        length = length_nmi(search_about(flight, tip, arrival_h))
    except NoPathError:
        return None
    hours = arrival_h - flight.state.hour + length / flight.plan.aircraft.search_speed_kn + identification.time_h
    return arrival_h, chance / max(hours, _LEAST_H)


def rings_about(search: TipSearch, error_nmi: float) -> int:
    """The number of rings m of an expanding square about a place with a standard error in each axis, nmi.

    The square has to reach `factor` probable errors. One of 4 m + 1 legs at the spacing S covers (m + 1/2) S to each
    side of the place.
    """
    return max(0, math.ceil(min(_MOST_NEEDED, search.factor * PROBABLE_ERROR * error_nmi / search.spacing_nmi) - 0.5))


def search_about(flight: Flight, tip: Tip, arrival_h: float) -> Floats:
    """Waypoints (n, 2), nmi, of the search about a tip's place, with the error that the place will have at an hour.

    Where the error is so small that no search is needed, the place itself is the only waypoint. Raises NoPathError if
    zones close all of the search, or where no way leads from one part of it to the next.
    """
    search, datum = (flight.plan.spec.tips or TipRules()).search, np.array([tip.x, tip.y])
    error = tip.error_nmi if flight.cell is None else flight.cell.error_at(tip, arrival_h)
    rings = min(MOST_RINGS, rings_about(search, error))
    if rings == 0:
        return datum[None]
    course = math.degrees(math.atan2(tip.x - flight.state.place[0], tip.y - flight.state.place[1]))
    if search.pattern == "sector":
        tracks = sector(datum, search.factor * PROBABLE_ERROR * error, _SECTORS, course, 1)
    else:
        tracks = expanding_square(datum, search.spacing_nmi, 4 * rings + 1, course)
    turn = performance_of(flight.plan.aircraft).turn_radius_nmi
    air = flight.plan.airspace
    try:
        return waypoints_of(
            tracks, turn, None if flight.conditions.no_zones else ClosedSea(air.closed_with_margin, air.path)
        )
    except UnflyableError as unflyable:  # the zones close all of the search
        raise NoPathError(str(unflyable)) from None


def search_legs(flight: Flight, waypoints: Floats) -> Floats:
    """Legs (n, 6) of a search along waypoints (n, 2): at transit speed to the first, then at search speed."""
    aircraft = flight.plan.aircraft
    legs = legs_to(waypoints, aircraft.search_speed_kn, SEARCH)
    legs[0, [LEG_SPEED, LEG_PHASE]] = aircraft.transit_speed_kn, TRANSIT
    return legs
