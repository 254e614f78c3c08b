"""Tips and a crew: which one is worth flying, and how the sea about it is searched."""

import math

import numpy as np

from sim.core.arrays import Floats
from sim.core.legs import expanding_square, sector
from sim.core.turns import Gate, flown, length_nmi
from sim.deployment.flight import Flight
from sim.deployment.patrols import SEARCH, TRANSIT
from sim.model.cells import PROBABLE_ERROR, Tip, TipRules
from sim.scenario.routes import performance_of

_SECTORS = 3  # of a sector search: 120 degrees at each turn, the IAMSAR manual's
_MOST_RINGS = 50
_LEAST_H = 1e-9  # it is there already


def best_tip(flight: Flight) -> tuple[Tip, float] | None:
    """The tip that promises most for its hours, and when the aircraft could be there; None where none is worth it.

    What it promises is the chance that ships are still there as it arrives; its hours are those of going there and of
    the search, which grow with the distance and with the error of the place.
    """
    cell, identification, best, found = flight.cell, flight.plan.aircraft.identification, 0.0, None
    rules = flight.plan.spec.tips or TipRules()
    if cell is None or identification is None:
        return None
    for tip in cell.tips:
        if not tip.is_open or flight.now - tip.seen_h >= cell.spec.lasts_h:
            continue
        try:
            there = flight.now + flight.hours_to(tip.x, tip.y)
            chance = cell.chance_at(tip, there)
            if chance <= 0.0 or chance < rules.least_chance:
                continue
            length = length_nmi(search_about(flight, tip, there))
        except ValueError:  # where nobody may fly
            continue
        hours = there - flight.now + length / flight.plan.aircraft.search_speed_kn + identification.time_h
        promise = chance / max(hours, _LEAST_H)
        lit = (
            identification.in_dark
            or not identification.document.needs_light
            or flight.plan.light.at(there + identification.time_h)
        )
        if promise > best and lit and flight.is_home_in_time(there + identification.time_h, tip.x, tip.y):
            best, found = promise, (tip, there)
    return found


def search_about(flight: Flight, tip: Tip, there_h: float) -> Floats:
    """Waypoints (n, 2) of the search about a tip's place; one, the place itself, where the error asks for no search.

    Its radius is so many probable errors of the place as it will be; an expanding square of 4 m + 1 legs a spacing S
    apart covers (m + 1/2) S to each side.
    """
    search, datum = (flight.plan.spec.tips or TipRules()).search, np.array([tip.x, tip.y])
    error = tip.error_nmi if flight.cell is None else flight.cell.error_at(tip, there_h)
    radius = search.factor * PROBABLE_ERROR * error
    rings = min(_MOST_RINGS, math.ceil(radius / search.spacing_nmi - 0.5))
    if rings <= 0:
        return datum[None]
    course = math.degrees(math.atan2(tip.x - flight.place[0], tip.y - flight.place[1]))
    if search.pattern == "sector":
        tracks = sector(datum, radius, _SECTORS, course, 1)
    else:
        tracks = expanding_square(datum, search.spacing_nmi, 4 * rings + 1, course)
    turn = performance_of(flight.plan.aircraft).turn_radius_nmi
    air = flight.plan.airspace
    return flown(tracks, turn, None if flight.open else Gate(air.kept_clear, air.way))


def legs_to(flight: Flight, points: Floats) -> Floats:
    """Legs (n, 5) to the first of some waypoints and along the others."""
    aircraft = flight.plan.aircraft
    legs = np.zeros((len(points), 5))
    legs[:, :2] = points
    legs[:, 2], legs[:, 3] = aircraft.search_speed_kn, SEARCH
    legs[0, 2:4] = aircraft.transit_speed_kn, TRANSIT
    return legs
