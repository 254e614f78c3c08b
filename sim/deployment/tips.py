"""Tips and a crew: which one is worth flying, and how the sea about it is searched."""

import math

import numpy as np

from sim.core.airspace import NoWayError
from sim.core.arrays import Floats
from sim.core.legs import expanding_square, sector
from sim.core.turns import ClosedSea, UnflyableError, length_nmi, waypoints_of
from sim.deployment.flight import Flight
from sim.deployment.patrols import SEARCH, TRANSIT
from sim.deployment.ways import hours_to
from sim.model.aircraft import Identification
from sim.model.cells import PROBABLE_ERROR, CellState, Tip, TipRules, TipSearch
from sim.scenario.routes import performance_of

_SECTORS = 3  # of a sector search: 120 degrees at each turn, the IAMSAR manual's
MOST_RINGS = 50  # of an expanding square, so that a slip in a spacing costs no hours of computing; `check` warns
_LEAST_H = 1e-9  # it is there already


def best_tip(flight: Flight) -> tuple[Tip, float] | None:
    """The tip that promises most for its hours, and when the aircraft could be there; None where none is worth it.

    The promise of a tip is the chance that ships are still there as the aircraft arrives. Its hours are those of the
    way there and of the search, which grow with the distance and with the error of the place.
    """
    cell, identification, best, found = flight.cell, flight.plan.aircraft.identification, 0.0, None
    if cell is None or identification is None:
        return None
    for tip in cell.tips:
        if not tip.is_open or flight.now - tip.seen_h >= cell.spec.lasts_h:
            continue
        weighed = _weigh(flight, cell, identification, tip)
        if weighed is None:
            continue
        there, promise = weighed
        document_h = there + identification.time_h
        lit = (
            identification.in_dark or not identification.document.needs_light or flight.plan.light.at(document_h)
        )  # fmt: skip
        if promise > best and lit and flight.can_land_from(document_h, tip.x, tip.y):
            best, found = promise, (tip, there)
    return found


def _weigh(flight: Flight, cell: CellState, identification: Identification, tip: Tip) -> tuple[float, float] | None:
    """When the aircraft could be at a tip, and the chance per hour that it promises; None where it is not worth it.

    A tip is not worth a flight either where no way leads there, or where zones close all of the search.
    """
    try:
        there = flight.now + hours_to(flight, tip.x, tip.y)
    except NoWayError:
        return None
    chance = cell.chance_at(tip, there)
    if chance <= 0.0 or chance < (flight.plan.spec.tips or TipRules()).least_chance:
        return None
    try:
        length = length_nmi(search_about(flight, tip, there))
    except NoWayError:
        return None
    hours = there - flight.now + length / flight.plan.aircraft.search_speed_kn + identification.time_h
    return there, chance / max(hours, _LEAST_H)


def rings_about(search: TipSearch, error_nmi: float) -> int:
    """How many rings an expanding square needs about a place known with a standard error, nmi in each axis.

    Its radius is `factor` probable errors. A square of 4 m + 1 legs a spacing S apart covers (m + 1/2) S to each side.
    """
    return max(0, math.ceil(search.factor * PROBABLE_ERROR * error_nmi / search.spacing_nmi - 0.5))


def search_about(flight: Flight, tip: Tip, there_h: float) -> Floats:
    """Waypoints (n, 2) of the search about a tip's place, with the error that the place will have at an hour.

    There is one waypoint, the place itself, where the error is so small that it asks for no search. Raises NoWayError
    where zones close all of the search, or no way leads from one part of it to the next.
    """
    search, datum = (flight.plan.spec.tips or TipRules()).search, np.array([tip.x, tip.y])
    error = tip.error_nmi if flight.cell is None else flight.cell.error_at(tip, there_h)
    rings = min(MOST_RINGS, rings_about(search, error))
    if rings == 0:
        return datum[None]
    course = math.degrees(math.atan2(tip.x - flight.place[0], tip.y - flight.place[1]))
    if search.pattern == "sector":
        tracks = sector(datum, search.factor * PROBABLE_ERROR * error, _SECTORS, course, 1)
    else:
        tracks = expanding_square(datum, search.spacing_nmi, 4 * rings + 1, course)
    turn = performance_of(flight.plan.aircraft).turn_radius_nmi
    air = flight.plan.airspace
    try:
        return waypoints_of(tracks, turn, None if flight.no_zones else ClosedSea(air.kept_clear, air.way))
    except UnflyableError as unflyable:  # the zones close all of the search
        raise NoWayError(str(unflyable)) from None


def legs_to(flight: Flight, points: Floats) -> Floats:
    """Legs (n, 5) to the first of some waypoints and along the others."""
    aircraft = flight.plan.aircraft
    legs = np.zeros((len(points), 5))
    legs[:, :2] = points
    legs[:, 2], legs[:, 3] = aircraft.search_speed_kn, SEARCH
    legs[0, 2:4] = aircraft.transit_speed_kn, TRANSIT
    return legs
