"""When the aircraft and the crews of a patrol can fly: turn-round, rest, hours of the airframe, base and weather."""

import math
from dataclasses import dataclass

import numpy as np

from sim.core.codes import Purpose
from sim.core.units import HOURS_PER_DAY
from sim.deployment.changes import luck_of_flight
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import PatrolPlan, wind_speed
from sim.scenario.endurance import fuel_h


@dataclass
class Readiness:
    """When a patrol's aircraft and crews can fly again."""

    aircraft_ready_h: float
    """When the aircraft has been turned round, at its own base."""
    crews_rested_h: list[float]
    """When each crew has rested; empty where crews are not counted."""
    flights: list[tuple[float, float]]
    """Take-off and landing of each flight that may still count for the hours of the airframe."""

    def flown_before(self, hour: float) -> float:
        """Return the hours in the air in the 24 hours before an hour."""
        begin = hour - HOURS_PER_DAY
        return sum(max(0.0, landing - max(takeoff, begin)) for takeoff, landing in self.flights)

    def airframe_ready_h(self, most_h: float) -> float:
        """Return the hour from which the airframe has flown at most so many hours in the 24 before."""
        flown = 0.0
        for takeoff, landing in reversed(self.flights):
            if flown + landing - takeoff > most_h:
                return landing - (most_h - flown) + HOURS_PER_DAY
            flown += landing - takeoff
        return -math.inf

    def land(self, plan: PatrolPlan, takeoff_h: float, landing_h: float, base: int) -> None:
        """Take in a flight that has landed at one of the bases of the patrol, by its number."""
        ferry_h = math.dist(plan.bases[base], plan.bases[0]) / plan.aircraft.transit_speed_kn if base else 0.0
        self.aircraft_ready_h = landing_h + plan.aircraft.turn_round_h + ferry_h
        day_before = takeoff_h - HOURS_PER_DAY
        self.flights = [*(past for past in self.flights if past[1] > day_before), (takeoff_h, landing_h)]
        if self.crews_rested_h:
            self.crews_rested_h[int(np.argmin(self.crews_rested_h))] = landing_h + plan.spec.crew_rest_h


def departure(plan: PatrolPlan, inbox: Inbox, due_h: float, ready: Readiness) -> tuple[float, str]:
    """When a sortie that is due at an hour takes off, and what it waited for last; infinite if it never can.

    What it waits for is asked in turn until none of it delays the take-off any more: while the crew rests, the base may
    close.
    """
    aircraft, name = plan.aircraft, plan.base_names[0]
    takeoff, why = due_h, "not ready in time"
    if plan.flies_when_ready and not inbox.openings:
        return max(takeoff, ready.aircraft_ready_h), why
    need = min(fuel_h(aircraft), aircraft.max_flight_h or math.inf)
    day = aircraft.max_flight_h_a_day
    crew_rested_h = min(ready.crews_rested_h, default=-math.inf)
    waits = [(ready.aircraft_ready_h, "not ready in time"), (crew_rested_h, "crew not rested")]
    if day is not None:
        waits.append((ready.airframe_ready_h(day - min(day, need)), "airframe out of hours"))
    while math.isfinite(takeoff):
        before = takeoff
        for hour, reason in waits:
            takeoff, why = (hour, reason) if hour > takeoff else (takeoff, why)
        if name in inbox.openings and not inbox.openings[name].is_open(takeoff):
            takeoff, why = inbox.openings[name].opens_after(takeoff), "base closed"
        above_minima_h = _above_minima_h(plan, inbox, takeoff)
        takeoff, why = (above_minima_h, "below minima") if above_minima_h > takeoff else (takeoff, why)
        if takeoff == before:
            break
    return takeoff, why


def _above_minima_h(plan: PatrolPlan, inbox: Inbox, hour: float) -> float:
    """The first hour from this one on at which the weather lets the aircraft take off; infinite if there is none."""
    minima, weather = plan.aircraft.minima, inbox.weather
    if minima is None or not math.isfinite(hour):
        return hour
    for at in range(weather.row_at(hour), len(weather.begin)):
        wind_kn = wind_speed(weather, at)
        # Visibility that is not stated is NaN, and hinders nobody.
        if not weather.visibility_nmi[at] < minima.visibility_nmi and wind_kn <= minima.wind_kn:
            return max(hour, float(weather.begin[at]))
    return math.inf


def longest_flight_h(plan: PatrolPlan, ready: Readiness, takeoff_h: float) -> float:
    """How long crew and airframe may fly, hours."""
    day = plan.aircraft.max_flight_h_a_day
    airframe = math.inf if day is None else day - ready.flown_before(takeoff_h)
    return min(airframe, plan.aircraft.max_flight_h or math.inf)


def is_serviceable(plan: PatrolPlan, inbox: Inbox, sortie: int) -> bool:
    """Whether the aircraft is fit to fly when a sortie is due."""
    if plan.aircraft.serviceability == 1.0:
        return True
    return luck_of_flight(plan, inbox, sortie, Purpose.SERVICE) < plan.aircraft.serviceability
