"""A crew and its contacts: which to look at, how to get there, what comes of it."""

import math
from collections.abc import Generator

import numpy as np
import simpy

from sim.core import chance
from sim.core.codes import CHANGE, Purpose
from sim.core.motion import Rendezvous
from sim.deployment.flight import Flight
from sim.deployment.ladder import (
    CLASSIFIED_DARKNESS,
    CLASSIFIED_LEFT,
    DARKNESS,
    DOCUMENTED,
    LEFT,
    NOT_CLASSIFIED,
    NOT_DOCUMENTED,
)
from sim.deployment.landing import ROUNDING_H
from sim.deployment.patrols import DIVERT, IDENTIFY, REJOIN
from sim.model.aircraft import Identification

Process = Generator[simpy.Event, None, None]


def wait(env: simpy.Environment, until: float) -> simpy.Event:
    """The moment at which the process goes on."""
    return env.timeout(max(0.0, until - env.now))


def _choose(flight: Flight, identification: Identification, left: tuple[float, float]) -> int | None:
    """The contact to investigate next, or None: the one worth most, less its hours; of equals the one reached soonest.

    `left` is where the route was left; fuel must last to reach the contact, stay, and go home.
    """
    if not flight.pending:
        return None
    targets, rules = list(flight.pending), identification.priority
    ways = flight.ways_to(targets)
    score = flight.plan.scoring.score
    scores = np.array([score[shows] for shows in flight.pending.values()] if rules else [0.0] * len(targets))
    cost = rules.cost_per_h if rules else 0.0
    worth = flight.kernels.rendezvous_worth(
        ways, scores, flight.now, *left, identification.max_detour_nmi, identification.time_h, cost, flight.speed
    ).tolist()
    for k in [k for k, value in enumerate(worth) if value != value]:
        flight.forget(targets[k])  # it is gone
    meet = ways[:, 0].tolist()
    for k in sorted((k for k, value in enumerate(worth) if value >= 0.0), key=lambda k: (-worth[k], meet[k])):
        target = targets[k]
        if flight.remembers(target):
            flight.forget(target)
        else:
            way = Rendezvous(*ways[k].tolist())
            if flight.lands_in_time(way, identification.time_h) and (
                identification.in_dark or _in_light(flight, identification, way)
            ):
                return target
    return None


def _in_light(flight: Flight, identification: Identification, way: Rendezvous) -> bool:
    """Whether there will be light for a document at the end of the time beside a contact, by the almanac."""
    return not identification.document.needs_light or flight.plan.light.at(way.meet_h + identification.time_h)


def _pursue(env: simpy.Environment, flight: Flight, identification: Identification, target: int) -> Process:
    """Fly to a contact and stay beside it, aiming anew whenever it turns; classify and document on the way."""
    flight.report("diverted", target)
    flight.note_progress(target, LEFT)
    classified: bool | None = None  # not tried yet
    while True:
        way = flight.way_to(target)
        gone = way.end_h <= flight.now or not math.isfinite(way.meet_h) or "abort" in flight.due
        if gone or not flight.lands_in_time(way, identification.time_h, ROUNDING_H):
            flight.report("lost", target)
            return
        if way.via is not None:
            _fly_to(flight, way.via)
            yield wait(env, flight.now)
            continue
        near, beside = (
            _time_at_range(flight, way, rung.range_nmi) for rung in (identification.classify, identification.document)
        )
        until = min(beside, way.turn_h, flight.until, way.hold_h)
        _approach(flight, way, until)
        if classified is None and near <= until and near < way.end_h:
            classified = _classified(flight, identification, target, near)
        yield wait(env, flight.now)
        if until == beside:
            break
    hours = min(identification.time_h, way.end_h - flight.now)
    if not flight.is_clear(way, hours):
        flight.report("lost", target)
        return
    _stay(flight, way, hours)
    yield wait(env, flight.now)
    if "abort" in flight.due:
        flight.report("lost", target)
        return
    parted = flight.now >= way.end_h
    if classified and _documented(flight, identification, target, parted):
        flight.report("documented", target)
        flight.documented.append((target, flight.now, *flight.place))
    else:
        flight.report("lost" if parted else "identified", target)
    if not parted:
        flight.known[target] = flight.now


def _classified(flight: Flight, identification: Identification, target: int, when: float) -> bool:
    """Try to recognise two vessels alongside."""
    good = target < flight.inbox.pairs
    if good and not flight.allows(identification.classify, when, *flight.place_at(when)):
        flight.note_progress(target, DARKNESS, when)
        good = False
    elif good:
        good = _succeeds(flight, target, Purpose.CLASSIFY, identification.classify.probability)
        flight.note_progress(target, CLASSIFIED_LEFT if good else NOT_CLASSIFIED, when)
    flight.report("classified" if good else "not_classified", target, "", when)
    return good


def _documented(flight: Flight, identification: Identification, target: int, parted: bool) -> bool:
    """Try to take imagery of a transfer that was classified, at the end of the time beside it."""
    if parted:
        return False
    if not flight.allows(identification.document, flight.now, *flight.place):
        flight.note_progress(target, CLASSIFIED_DARKNESS)
        return False
    good = _succeeds(flight, target, Purpose.DOCUMENT, identification.document.probability)
    flight.note_progress(target, DOCUMENTED if good else NOT_DOCUMENTED)
    return good


def _time_at_range(flight: Flight, way: Rendezvous, range_nmi: float) -> float:
    """When a pursuit comes within a range; both head for one point, so the range falls evenly to 0 at the meeting.

    In winds that change, before they do, it is the first root of |d - c t| = range.
    """
    if way.hold_h < way.meet_h:
        wait = way.meet_h - flight.now
        dx, dy = way.x - way.vx * wait - flight.place[0], way.y - way.vy * wait - flight.place[1]
        cx, cy = way.ground_x - way.vx, way.ground_y - way.vy
        inside = dx * dx + dy * dy - range_nmi * range_nmi
        along, speed2 = dx * cx + dy * cy, cx * cx + cy * cy
        root = along * along - speed2 * inside
        if inside <= 0.0:
            return flight.now
        return flight.now + inside / (along + math.sqrt(root)) if root >= 0.0 and along > 0.0 else math.inf
    share = min(1.0, range_nmi / way.range_nmi) if way.range_nmi > 0.0 else 1.0
    return way.meet_h - (way.meet_h - flight.now) * share


def _fly_to(flight: Flight, place: tuple[float, float]) -> None:
    """Fly to a corner on the way, or as far as conditions hold."""
    flight.set_legs(np.array([[*place, flight.plan.aircraft.transit_speed_kn, DIVERT, 0.0]]))
    flight.fly(stop=False, watch_fuel=False, heed=True)


def _approach(flight: Flight, way: Rendezvous, until: float) -> None:
    """Fly along a way up to a moment."""
    hours = way.meet_h - flight.now
    if until <= flight.now or hours <= 0.0:
        return
    (x, y), share = flight.place, (until - flight.now) / hours
    to = (x + share * (way.x - x), y + share * (way.y - y))
    if math.isfinite(way.hold_h):
        to = (x + way.ground_x * (until - flight.now), y + way.ground_y * (until - flight.now))
    flight.set_legs(np.array([[*to, -(until - flight.now), DIVERT, 0.0]]))
    flight.fly(stop=False, watch_fuel=False)


def _stay(flight: Flight, way: Rendezvous, hours: float) -> None:
    """Circle beside a contact, moving with it."""
    x, y = flight.place
    flight.set_legs(np.array([[x + way.vx * hours, y + way.vy * hours, -hours, IDENTIFY, 0.0]]))
    while flight.fly(stop=False, watch_fuel=False, heed=True) == CHANGE and "abort" not in flight.due:
        pass


def _succeeds(flight: Flight, target: int, purpose: Purpose, probability: float) -> bool:
    """A step of the ladder: the same luck for the same vessel, patrol and slot, whatever the route."""
    vessel = flight.inbox.targets.vessels[target]
    luck = chance.uniform(
        flight.inbox.key, purpose, vessel, chance.identity("step", flight.plan.name), np.uint64(flight.slot)
    )
    return luck < probability


def investigate(env: simpy.Environment, flight: Flight, identification: Identification) -> Process:
    """Leave the leg for the contacts worth it, one after the other, and come back to where it was left.

    The others wait if a tip comes in meanwhile.
    """
    rest = flight.legs[flight.leg :]
    back = next((row for row, phase in enumerate(rest[:, 3]) if phase != REJOIN), len(rest))  # legs back to the route
    left = (float(rest[back - 1, 0]), float(rest[back - 1, 1])) if back else flight.place
    rejoin = np.array([[*left, flight.speed, REJOIN, rest[0, 4]]])
    route, outer, went = np.vstack([rejoin, rest[back:]]), flight.route_legs, False
    flight.route_legs = route if outer is None else outer
    while (
        "abort" not in flight.due
        and not (went and flight.has_news)
        and (target := _choose(flight, identification, left)) is not None
    ):
        shows = flight.forget(target)
        flight.investigations.append((flight.now, target, flight.plan.scoring.leading[shows]))
        went = True
        yield from _pursue(env, flight, identification, target)
    if went:
        flight.set_legs(route)
    flight.route_legs = outer
