"""A crew and its contacts: which contact it investigates, how it flies there, and what comes of it."""

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
from sim.deployment.ways import is_clear_beside, way_to, ways_to
from sim.model.aircraft import Identification, Rung

Process = Generator[simpy.Event, None, None]


def wait(env: simpy.Environment, until: float) -> simpy.Event:
    """Return an event at an hour, or now if that hour has passed; a process that yields it goes on then."""
    return env.timeout(max(0.0, until - env.now))


# ---------------------------------------------------------------------------------------------------- the choice
def _choose(flight: Flight, identification: Identification, left: tuple[float, float]) -> int | None:
    """The contact to investigate next, or None: the one worth most, less its hours; of equals the one reached soonest.

    `left` is where the route was left. Fuel and clock must allow to reach the contact, to stay, and to go home.
    """
    contacts = flight.contacts
    if not contacts.waiting:
        return None
    targets, priority = list(contacts.waiting), identification.priority
    ways = ways_to(flight, targets)
    score = flight.plan.scoring.score
    scores = np.array([score[shows] for shows in contacts.waiting.values()] if priority else [0.0] * len(targets))
    cost = priority.cost_per_h if priority else 0.0
    worth = flight.kernels.rendezvous_worth(
        ways, scores, flight.now, *left, identification.max_detour_nmi, identification.time_h, cost,
        flight.transit_speed_kn,
    )  # fmt: skip
    for k in np.isnan(worth).nonzero()[0].tolist():  # the vessel is gone
        contacts.remove(targets[k])
    values, meet_h = worth.tolist(), ways[:, 0].tolist()
    for k in sorted((k for k, value in enumerate(values) if value >= 0.0), key=lambda k: (-values[k], meet_h[k])):
        target = targets[k]
        if contacts.was_identified_lately(target, flight.now):
            contacts.worthwhile.discard(target)  # it is left alone for a reason, and does not count as overlooked
            contacts.remove(target)
        else:
            way = Rendezvous(*ways[k].tolist())
            document_h = way.meet_h + identification.time_h
            if flight.can_stay_beside(way, identification.time_h) and flight.plan.has_light_for_contact(document_h):
                return target
    return None


# ---------------------------------------------------------------------------------------------------- the way there
def _pursue(env: simpy.Environment, flight: Flight, identification: Identification, target: int) -> Process:
    """Fly to a contact and stay beside it; classify it on the way and document it at the end.

    The aircraft heads for where it would meet the vessel on its present course. It aims anew whenever the vessel
    turns, the conditions change, or a corner of a way round zones is reached.
    """
    flight.report("diverted", target)
    flight.contacts.note_progress(target, LEFT, flight.now)
    classified: bool | None = None  # not tried yet
    while True:
        way = way_to(flight, target)
        gone = way.end_h <= flight.now or not math.isfinite(way.meet_h) or "abort" in flight.pending_decisions
        if gone or not flight.can_stay_beside(way, identification.time_h, ROUNDING_H):
            flight.report("lost", target)
            return
        if way.via is not None:
            _fly_to_corner(flight, way.via)
            yield wait(env, flight.now)
            continue
        classify_h, beside_h = (
            _time_at_range(flight, way, rung.range_nmi) for rung in (identification.classify, identification.document)
        )
        until = min(beside_h, way.turn_h, flight.next_change_h, way.hold_h)
        _approach(flight, way, until)
        if classified is None and classify_h <= until and classify_h < way.end_h:
            classified = _classified(flight, identification, target, classify_h)
        yield wait(env, flight.now)
        if until == beside_h:
            break
    hours = min(identification.time_h, way.end_h - flight.now)
    if not is_clear_beside(flight, way, hours):
        flight.report("lost", target)
        return
    _stay(flight, way, hours)
    yield wait(env, flight.now)
    _leave_contact(flight, identification, target, way, bool(classified))


def _leave_contact(
    flight: Flight, identification: Identification, target: int, way: Rendezvous, classified: bool
) -> None:
    """End the time beside a contact: it is documented if it was classified and nothing has intervened."""
    if "abort" in flight.pending_decisions:
        flight.report("lost", target)
        return
    parted = flight.now >= way.end_h
    if classified and _documented(flight, identification, target, parted):
        flight.report("documented", target)
        flight.documented.append((target, flight.now, *flight.place))
    else:
        flight.report("lost" if parted else "identified", target)
    if not parted:
        flight.contacts.last_identified_h[target] = flight.now


def _time_at_range(flight: Flight, way: Rendezvous, range_nmi: float) -> float:
    """When the aircraft on its way comes within a range of the vessel; infinite if not before the velocity changes.

    In winds that hold, aircraft and vessel head straight for one point, so the vector between them only shrinks: with
    r0 the range now and T the hours to the meeting, the range after t hours is r0 (1 - t / T), and it is R at
    t = T - T R / r0.

    In winds that change before the meeting, the velocity over the ground holds for a while only. Let d be the vessel's
    place seen from the aircraft and c the aircraft's velocity less the vessel's. The range is R where |d - c t| = R,
    which is c.c t^2 - 2 d.c t + (d.d - R^2) = 0. Its first root is (d.c - sqrt(D)) / c.c with
    D = (d.c)^2 - c.c (d.d - R^2). Multiplied above and below by d.c + sqrt(D), it becomes
    (d.d - R^2) / (d.c + sqrt(D)), a form in which nothing cancels. There is no such root where D < 0, as the aircraft
    passes farther away, or d.c <= 0, as it gets no nearer.
    """
    if way.hold_h < way.meet_h:
        hours = way.meet_h - flight.now
        dx, dy = way.x - way.vx * hours - flight.place[0], way.y - way.vy * hours - flight.place[1]
        cx, cy = way.ground_x - way.vx, way.ground_y - way.vy
        outside = dx * dx + dy * dy - range_nmi * range_nmi
        along, speed2 = dx * cx + dy * cy, cx * cx + cy * cy
        discriminant = along * along - speed2 * outside
        if outside <= 0.0:
            return flight.now
        if discriminant < 0.0 or along <= 0.0:
            return math.inf
        return flight.now + outside / (along + math.sqrt(discriminant))
    share = min(1.0, range_nmi / way.range_nmi) if way.range_nmi > 0.0 else 1.0
    return way.meet_h - (way.meet_h - flight.now) * share


def _fly_to_corner(flight: Flight, place: tuple[float, float]) -> None:
    """Fly to a corner on the way round a zone, or as far as no decision is needed."""
    flight.set_legs(np.array([[*place, flight.transit_speed_kn, DIVERT, 0.0]]))
    flight.fly(stop_at_contacts=False, watch_fuel=False, stop_for_decisions=True)


def _approach(flight: Flight, way: Rendezvous, until: float) -> None:
    """Fly along a way up to an hour."""
    hours = way.meet_h - flight.now
    if until <= flight.now or hours <= 0.0:
        return
    (x, y), share = flight.place, (until - flight.now) / hours
    to = (x + share * (way.x - x), y + share * (way.y - y))
    if math.isfinite(way.hold_h):
        to = (x + way.ground_x * (until - flight.now), y + way.ground_y * (until - flight.now))
    flight.set_legs(np.array([[*to, -(until - flight.now), DIVERT, 0.0]]))
    flight.fly(stop_at_contacts=False, watch_fuel=False)


def _stay(flight: Flight, way: Rendezvous, hours: float) -> None:
    """Circle beside a contact and move with it; only a fault ends that early, other decisions wait."""
    x, y = flight.place
    flight.set_legs(np.array([[x + way.vx * hours, y + way.vy * hours, -hours, IDENTIFY, 0.0]]))
    while (
        flight.fly(stop_at_contacts=False, watch_fuel=False, stop_for_decisions=True) == CHANGE
        and "abort" not in flight.pending_decisions
    ):
        pass


# ---------------------------------------------------------------------------------------------------- the ladder
def _classified(flight: Flight, identification: Identification, target: int, hour: float) -> bool:
    """Try to recognise a contact as two vessels alongside, at an hour of the approach."""
    succeeds = target < flight.inbox.pairs
    if succeeds and not _conditions_allow(flight, identification.classify, hour, *flight.place_at(hour)):
        flight.contacts.note_progress(target, DARKNESS, hour)
        succeeds = False
    elif succeeds:
        succeeds = _step_succeeds(flight, target, Purpose.CLASSIFY, identification.classify.probability)
        flight.contacts.note_progress(target, CLASSIFIED_LEFT if succeeds else NOT_CLASSIFIED, hour)
    flight.report("classified" if succeeds else "not_classified", target, "", hour)
    return succeeds


def _documented(flight: Flight, identification: Identification, target: int, parted: bool) -> bool:
    """Try to take imagery of a transfer that was classified, at the end of the time beside it."""
    if parted:
        return False
    if not _conditions_allow(flight, identification.document, flight.now, *flight.place):
        flight.contacts.note_progress(target, CLASSIFIED_DARKNESS, flight.now)
        return False
    succeeds = _step_succeeds(flight, target, Purpose.DOCUMENT, identification.document.probability)
    flight.contacts.note_progress(target, DOCUMENTED if succeeds else NOT_DOCUMENTED, flight.now)
    return succeeds


def _conditions_allow(flight: Flight, rung: Rung, hour: float, x: float, y: float) -> bool:
    """Whether visibility and light let a rung of the ladder be climbed at an hour and a place."""
    weather, light = flight.inbox.weather, flight.plan.light
    if weather.visibility_nmi[weather.row_at(hour)] < rung.min_visibility_nmi:  # visibility that is not stated is NaN
        return False
    if not rung.needs_light:
        return True
    lon, lat = flight.plan.plane.to_lonlat(x, y)
    return bool(light.sun.elevation(hour, lon, lat) > light.least_deg)


def _step_succeeds(flight: Flight, target: int, purpose: Purpose, probability: float) -> bool:
    """Whether a step of the ladder succeeds: the same luck for a vessel, patrol and slot, whatever the route."""
    vessel = flight.inbox.targets.vessels[target]
    luck = chance.uniform(
        flight.inbox.key, purpose, vessel, chance.identity("step", flight.plan.name), np.uint64(flight.slot)
    )
    return luck < probability


# ---------------------------------------------------------------------------------------------------- all of them
def investigate(env: simpy.Environment, flight: Flight, identification: Identification) -> Process:
    """Leave the leg for the contacts that are worth it, one after the other, and come back to where it was left.

    After the first one, news from the cell comes before the other contacts: they wait, and the crew first decides
    whether to follow a tip.
    """
    rest = flight.legs[flight.leg :]
    # If the aircraft is still on its way back from an earlier diversion, the route was left where that way ends.
    back = next((row for row, phase in enumerate(rest[:, 3]) if phase != REJOIN), len(rest))
    left = (float(rest[back - 1, 0]), float(rest[back - 1, 1])) if back else flight.place
    rejoin = np.array([[*left, flight.transit_speed_kn, REJOIN, rest[0, 4]]])
    route, outer, has_gone = np.vstack([rejoin, rest[back:]]), flight.interrupted_route, False
    flight.interrupted_route = route if outer is None else outer
    while (
        "abort" not in flight.pending_decisions
        and not (has_gone and flight.has_news)
        and (target := _choose(flight, identification, left)) is not None
    ):
        shows = flight.contacts.remove(target)
        flight.investigations.append((flight.now, target, flight.plan.scoring.leading[shows]))
        has_gone = True
        yield from _pursue(env, flight, identification, target)
    if has_gone:
        flight.set_legs(route)
    flight.interrupted_route = outer
