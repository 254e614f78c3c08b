"""A patrol as a SimPy process: the sorties of its schedule one after the other, and between them a crew that waits."""

import math

import simpy

from sim.core.codes import ALONE
from sim.deployment.crew import RouteProgress, sortie
from sim.deployment.events import Event
from sim.deployment.flight import Crew, Flight
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import PatrolPlan
from sim.deployment.readiness import Readiness, departure, is_serviceable, longest_flight_h
from sim.deployment.sorties import Sortie
from sim.deployment.standby import StandbyCrew
from sim.deployment.tasking import Desk
from sim.deployment.waiting import Process, wait


def patrol(
    env: simpy.Environment,
    plan: PatrolPlan,
    inbox: Inbox,
    sorties: list[Sortie],
    progress: RouteProgress,
    in_step: int = ALONE,
    desk: Desk | None = None,
) -> Process:
    """Fly all the sorties of one patrol; each is appended to `sorties` as it lands.

    `in_step`: how far a flight may run ahead of the simulation, see `sim.core.codes.ALONE`.
    `desk`: the one that tasks the patrol, or that counts with its flights; None where there is none.
    """
    crew = Crew(plan, inbox, in_step)
    ready = Readiness(-math.inf, [-math.inf] * (plan.spec.crews or 0), [])
    standby = None if plan.standby is None else StandbyCrew(env, plan.standby, crew, ready, sorties)
    flown, drawn_routes = 0, plan.drawn_routes(inbox.key)
    for slot, scheduled in enumerate(plan.schedule.hours(inbox.key)):
        if not 0.0 <= scheduled < plan.duration_h:  # what a lot gave it is outside the deployment
            continue
        if standby is not None:
            yield from standby.wait_until(scheduled)
        takeoff, why = departure(plan, inbox, scheduled, ready)
        if not is_serviceable(plan, inbox, slot):
            takeoff, why = math.inf, "unserviceable"
        if takeoff > scheduled + plan.spec.max_delay_h:
            inbox.report_all([Event(scheduled, "cancelled", plan.name, slot, -1, *plan.base, why)])
            continue
        if takeoff >= plan.duration_h:
            break
        yield wait(env, takeoff)
        route = flown % len(plan.routes) if drawn_routes is None else drawn_routes[slot]
        if desk is not None:
            route = desk.task(plan, takeoff, route, sorties)
        flight = Flight(crew, slot, takeoff, longest_flight_h(plan, ready, takeoff))
        base = yield from sortie(env, flight, route, progress)
        flown += 1
        sorties.append(flight.sortie())
        ready.land(plan, takeoff, flight.state.hour, base)
    if standby is not None:
        yield from standby.wait_until(plan.duration_h)
