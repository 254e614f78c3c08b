"""What will change during a flight, and when: weather, light, fatigue, bases, faults, interceptors, the end.

All of it is known to the simulation at take-off, because nothing that the crew does changes it. The crew learns of a
change when it happens.
"""

import math
from bisect import bisect_left, bisect_right
from typing import NamedTuple

import numpy as np

from sim.core import chance
from sim.core.codes import Purpose
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import PatrolPlan


class Change(NamedTuple):
    """The hour of a change, and what changes.

    "weather", "light" and "fatigue" change the conditions of the flight, "sea" is a change of what vessels do, and
    "end" is the end of the deployment. The others need a decision of the crew: "base" is a base that opens or closes,
    "abort" a fault of the aircraft, "intercept" an interceptor, and "tip" news from the nation's cell.
    """

    hour: float
    what: str
    number: int = -1
    """Of an interceptor: the number of its kind among those of the patrol."""


NEEDS_NO_DECISION = ("weather", "light", "fatigue", "sea", "end")


def luck_of_flight(plan: PatrolPlan, inbox: Inbox, slot: int, purpose: Purpose, *counters: np.uint64) -> float:
    """Return a random number in (0, 1) of a patrol and slot: the same whatever else differs between two scenarios."""
    return chance.uniform(inbox.key, purpose, *plan.luck_of("flight", slot), *counters)


def latest_end_h(plan: PatrolPlan, takeoff_h: float) -> float:
    """Return an hour by which a flight has ended: a burn below that of transit stretches the fuel, and one is added."""
    burn = plan.aircraft.burn
    return takeoff_h + plan.aircraft.endurance_h / min(1.0, burn.search, burn.identification) + 1.0


def changes_during_flight(plan: PatrolPlan, inbox: Inbox, slot: int, takeoff_h: float) -> list[Change]:
    """Return all changes to come after take-off, the last one first, so that the next one is popped from the end."""
    end_h = latest_end_h(plan, takeoff_h)
    if plan.undisturbed and len(inbox.winds) == 1 and not inbox.openings:
        return [Change(inbox.end_h, "end")] if takeoff_h < inbox.end_h < end_h else []
    performance = plan.sensor_performance
    changes = [Change(takeoff_h + after_h, "fatigue") for after_h in performance.fatigue_after_h]
    if performance.depends_on_weather or len(inbox.winds) > 1:
        changes += [Change(float(hour), "weather") for hour in inbox.weather.changes_between(takeoff_h, end_h)]
    if performance.depends_on_light or plan.waits_for_light:
        changes += [Change(hour, "light") for hour in _between(plan.light.changes, takeoff_h, end_h)]
    for name in plan.base_names:
        if name in inbox.openings:
            changes += [Change(hour, "base") for hour in _between(inbox.openings[name].changes, takeoff_h, end_h)]
    changes += [Change(inbox.end_h, "end"), *_faults_and_intercepts(plan, inbox, slot, takeoff_h, end_h)]
    return sorted((change for change in changes if takeoff_h < change.hour < end_h), reverse=True)


def _between(hours: list[float], begin_h: float, end_h: float) -> list[float]:
    """Of hours that rise those after one and before another."""
    return hours[bisect_right(hours, begin_h) : bisect_left(hours, end_h)]


def _faults_and_intercepts(plan: PatrolPlan, inbox: Inbox, slot: int, takeoff_h: float, end_h: float) -> list[Change]:
    """The first fault of the flight, and the interceptors of each kind: Poisson processes, gap after gap."""
    found = list[Change]()
    faults_per_h = plan.aircraft.aborts_per_100_h / 100.0
    if faults_per_h > 0.0:
        luck = luck_of_flight(plan, inbox, slot, Purpose.ABORT, np.uint64(0))
        found.append(Change(takeoff_h - math.log(luck) / faults_per_h, "abort"))
    for number, kind in enumerate(plan.intercepts):
        hour, count = takeoff_h, 0
        while kind.per_h > 0.0 and hour < end_h:
            luck = luck_of_flight(plan, inbox, slot, Purpose.INTERCEPT, kind.identity, np.uint64(count))
            hour -= math.log(luck) / kind.per_h
            found.append(Change(hour, "intercept", number))
            count += 1
    return found
