"""A patrol's schedule as a SimPy process: when its aircraft and crews can fly, and the sorties one after the other."""

import math
from dataclasses import dataclass

import numpy as np
import simpy

from sim.core import chance
from sim.core.codes import Purpose
from sim.core.units import HOURS_PER_DAY
from sim.deployment.crew import Cursor, sortie
from sim.deployment.detection import DetectionState
from sim.deployment.flight import Flight
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import PatrolPlan, wind_speed
from sim.deployment.pursuit import Process, wait
from sim.deployment.sorties import Sortie
from sim.scenario.endurance import fuel_h


@dataclass
class Readiness:
    """When a patrol's aircraft and crews can fly again."""

    aircraft_h: float
    crews_h: list[float]
    flights: list[tuple[float, float]]
    """Take-off and landing of each flight so far."""

    def flown_before(self, when: float) -> float:
        """Hours in the air in the 24 hours before."""
        begin = when - HOURS_PER_DAY
        return sum(max(0.0, landing - max(takeoff, begin)) for takeoff, landing in self.flights)

    def rested_h(self, most_h: float) -> float:
        """From when the airframe has flown at most so many hours in the 24 before."""
        flown = 0.0
        for takeoff, landing in reversed(self.flights):
            if flown + landing - takeoff > most_h:
                return landing - (most_h - flown) + HOURS_PER_DAY
            flown += landing - takeoff
        return -math.inf


def _departure(plan: PatrolPlan, inbox: Inbox, slot: int, ready: Readiness) -> tuple[float, str]:
    """When a slot's sortie takes off, and what it waited for last; infinite if it never can."""
    aircraft, name = plan.aircraft, plan.base_names[0]
    takeoff, why = plan.first_takeoff_h + slot * plan.spec.every_h, "not ready in time"
    if plan.flies_when_ready and not inbox.openings:
        return max(takeoff, ready.aircraft_h), why
    need = min(fuel_h(aircraft), aircraft.max_flight_h or math.inf)
    day = aircraft.max_flight_h_a_day
    waits = [(ready.aircraft_h, "not ready in time"), (min(ready.crews_h, default=-math.inf), "crew not rested")]
    if day is not None:
        waits.append((ready.rested_h(day - min(day, need)), "airframe out of hours"))
    while math.isfinite(takeoff):
        before = takeoff
        for hour, reason in waits:
            takeoff, why = (hour, reason) if hour > takeoff else (takeoff, why)
        if name in inbox.openings and not inbox.openings[name].is_open(takeoff):
            takeoff, why = inbox.openings[name].opens_after(takeoff), "base closed"
        fit = _fit_weather(plan, inbox, takeoff)
        takeoff, why = (fit, "below minima") if fit > takeoff else (takeoff, why)
        if takeoff == before:
            break
    return takeoff, why


def _fit_weather(plan: PatrolPlan, inbox: Inbox, hour: float) -> float:
    """The first hour from this one on at which the weather lets it take off."""
    minima, weather = plan.aircraft.minima, inbox.weather
    if minima is None or not math.isfinite(hour):
        return hour
    for at in range(weather.row_at(hour), len(weather.begin)):
        wind = wind_speed(weather, at)
        if not weather.visibility_nmi[at] < minima.visibility_nmi and wind <= minima.wind_kn:
            return max(hour, float(weather.begin[at]))
    return math.inf


def _longest_flight(plan: PatrolPlan, ready: Readiness, takeoff: float) -> float:
    """What crew and airframe may fly, hours."""
    day = plan.aircraft.max_flight_h_a_day
    airframe = math.inf if day is None else day - ready.flown_before(takeoff)
    return min(airframe, plan.aircraft.max_flight_h or math.inf)


def patrol(env: simpy.Environment, plan: PatrolPlan, inbox: Inbox, sorties: list[Sortie], cursor: Cursor) -> Process:
    """All the sorties of one patrol; each is appended to `sorties` as it lands."""
    memory = DetectionState(plan, inbox.met)
    ready = Readiness(-math.inf, [-math.inf] * (plan.spec.crews or 0), [])
    turn = 0
    for slot in range(plan.slots):
        scheduled = plan.first_takeoff_h + slot * plan.spec.every_h
        takeoff, why = _departure(plan, inbox, slot, ready)
        if not _serviceable(plan, inbox, slot):
            takeoff, why = math.inf, "unserviceable"
        if takeoff > scheduled + plan.spec.max_delay_h:
            inbox.report(scheduled, "cancelled", plan.name, slot, -1, *plan.base, why)
            continue
        if takeoff >= plan.duration_h:
            return
        yield wait(env, takeoff)
        flight = Flight(plan, inbox, memory, slot, takeoff, _longest_flight(plan, ready, takeoff))
        base = yield from sortie(env, flight, turn % len(plan.routes), cursor)
        turn += 1
        sorties.append(flight.sortie())
        ferry = math.dist(plan.bases[base], plan.bases[0]) / plan.aircraft.transit_speed_kn if base else 0.0
        ready.aircraft_h = flight.now + plan.aircraft.turn_round_h + ferry
        late = takeoff - HOURS_PER_DAY
        ready.flights = [*(one for one in ready.flights if one[1] > late), (takeoff, flight.now)]
        if ready.crews_h:
            ready.crews_h[int(np.argmin(ready.crews_h))] = flight.now + plan.spec.crew_rest_h


def _serviceable(plan: PatrolPlan, inbox: Inbox, slot: int) -> bool:
    """Whether the aircraft is fit to fly when a slot is due: the same luck whatever else differs."""
    if plan.aircraft.serviceability == 1.0:
        return True
    luck = chance.uniform(inbox.key, Purpose.SERVICE, chance.identity("flight", plan.name), np.uint64(slot))
    return luck < plan.aircraft.serviceability
