"""The way to a contact and the time beside it: one task of a crew each, see `sim.core.kernels.crew`."""

import math
from typing import Any

from sim.core.codes import (
    AIM,
    AIMED,
    ALONE,
    APPROACH,
    ASK_CLASSIFIED,
    ASK_DOCUMENTED,
    ASK_LAWFUL,
    ASK_STAY,
    ASK_WAY,
    BESIDE,
    CATCH_UP,
    CHOOSE,
    DIVERT,
    EVENT_IDENTIFIED,
    EVENT_LOST,
    EVENT_NOT_CLASSIFIED,
    FAILED,
    GO_ON,
    IDENTIFY,
    IN_SMALL_STEPS,
    LEG_HOURS,
    LEG_PASS,
    LEG_PHASE,
    LEG_SPEED,
    LEG_X,
    LEG_Y,
    ROUNDING_H,
    STAY,
    SUCCEEDED,
    THERE,
    TO_CORNER,
    UNTRIED,
)
from sim.core.kernels.choices import can_stay, way_to
from sim.core.kernels.compiling import Array, inline
from sim.core.kernels.contacts import place_flown, report


@inline
def _set_leg_aside(flight: Any, aside: Array, x: float, y: float, speed: float, hours: float, phase: int) -> None:
    """Let a leg aside from the route be flown next."""
    aside[0, LEG_X], aside[0, LEG_Y], aside[0, LEG_SPEED], aside[0, LEG_HOURS] = x, y, speed, hours
    aside[0, LEG_PHASE], aside[0, LEG_PASS] = phase, 0.0
    flight.continues, flight.hours_left = False, 0.0


@inline
def aim(flight: Any, rules: Any, homing: Any, sea: Any, output: Any, aside: Array) -> Any:
    """Head for where the aircraft would meet the vessel on its present course, or give the vessel up.

    It aims anew whenever the vessel turns, the conditions change, or a corner of a way round zones is reached.
    """
    if rules.open_sea:
        _set_way(flight, way_to(flight, rules, sea, homing, flight.target))
    elif not flight.asked:
        flight.asked = True
        return ASK_WAY
    flight.asked = False
    gone = flight.end_h <= flight.hour or not math.isfinite(flight.meet_h) or flight.aborted
    if gone or not can_stay(
        flight, rules, homing, flight.meet_h, flight.meet_x, flight.meet_y, flight.vx, flight.vy, ROUNDING_H
    ):
        return _lose(flight, output[2])
    if flight.has_via:
        _set_leg_aside(flight, aside, flight.via_x, flight.via_y, rules.transit_speed_kn, 0.0, DIVERT)
        flight.task, flight.aim_again_h = TO_CORNER, -math.inf  # the corner is not beside the contact
        return GO_ON
    flight.classify_h = _time_at_range(flight, rules.classify_nmi)
    flight.beside_h = _time_at_range(flight, rules.document_nmi)
    flight.lawful_h = math.inf
    if flight.lawful_nmi > 0.0 and flight.told_lawful == UNTRIED:
        flight.lawful_h = _time_at_range(flight, flight.lawful_nmi)
    until = min(min(flight.beside_h, flight.turn_h), min(flight.next_change_h, flight.hold_h))
    until = min(until, flight.lawful_h)
    flight.aim_again_h, flight.task = until, AIMED
    hours = flight.meet_h - flight.hour
    if until > flight.hour and hours > 0.0:
        share = (until - flight.hour) / hours
        x, y = flight.x + share * (flight.meet_x - flight.x), flight.y + share * (flight.meet_y - flight.y)
        if math.isfinite(flight.hold_h):
            x = flight.x + flight.ground_x * (until - flight.hour)
            y = flight.y + flight.ground_y * (until - flight.hour)
        _set_leg_aside(flight, aside, x, y, 0.0, until - flight.hour, DIVERT)
        flight.task = APPROACH
    return GO_ON


@inline
def _set_way(flight: Any, way: Any) -> None:
    """Take the numbers of ``meet`` into the state."""
    flight.meet_h, flight.meet_x, flight.meet_y, flight.turn_h, flight.end_h = way[0], way[1], way[2], way[3], way[4]
    flight.range_nmi, flight.vx, flight.vy = way[5], way[6], way[7]
    flight.ground_x, flight.ground_y, flight.hold_h = way[8], way[9], way[10]


@inline
def _time_at_range(flight: Any, range_nmi: float) -> Any:
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
    hour: float = flight.hour
    hours = flight.meet_h - hour
    if flight.hold_h < flight.meet_h:
        dx = flight.meet_x - flight.vx * hours - flight.x
        dy = flight.meet_y - flight.vy * hours - flight.y
        cx, cy = flight.ground_x - flight.vx, flight.ground_y - flight.vy
        outside = dx * dx + dy * dy - range_nmi * range_nmi
        along, speed2 = dx * cx + dy * cy, cx * cx + cy * cy
        discriminant = along * along - speed2 * outside
        if outside <= 0.0:
            return hour
        if discriminant < 0.0 or along <= 0.0:
            return math.inf
        return hour + outside / (along + math.sqrt(discriminant))
    share = min(1.0, range_nmi / flight.range_nmi) if flight.range_nmi > 0.0 else 1.0
    when: float = flight.meet_h - hours * share
    return when


@inline
def _lose(flight: Any, events: Array) -> int:
    """Give a contact up, and turn to the next."""
    report(flight, events, flight.hour, EVENT_LOST, flight.target, flight.x, flight.y, 0.0)
    flight.task = CHOOSE
    return GO_ON


@inline
def classify(flight: Any, rules: Any, output: Any) -> int:
    """At the end of an aimed way: try to classify the contact if its range was reached, then stay or aim anew.

    A vessel by itself is never recognised as two; whether a transfer is, the caller decides.
    """
    when = flight.classify_h
    flight.task = THERE
    if flight.classified == UNTRIED and when <= flight.aim_again_h and when < flight.end_h:
        if flight.target < rules.pairs:
            return ASK_CLASSIFIED
        x, y = place_flown(flight, output[0], when)
        report(flight, output[2], when, EVENT_NOT_CLASSIFIED, flight.target, x, y, 0.0)
        flight.classified = FAILED
    return GO_ON


@inline
def arrive(flight: Any, rules: Any, contacts: Any) -> Any:
    """Stay beside the contact if the aircraft is there; aim anew if it is not.

    At a range on the way the crew may tell that hulls side by side are no transfer, which the caller decides; then it
    breaks off. Where tips count, others catch up first, since what the crew detects from here on is judged by what its
    cell knows.
    """
    in_small_steps = flight.in_step == IN_SMALL_STEPS or (flight.in_step != ALONE and rules.weighs_tips)
    if in_small_steps and flight.hour > flight.caught_up_h:
        return CATCH_UP
    if flight.told_lawful == UNTRIED and flight.lawful_h <= flight.aim_again_h and flight.hour < flight.end_h:
        return _ask_whether_lawful(flight)
    if flight.told_lawful == SUCCEEDED:
        contacts[3][flight.target] = flight.hour
        flight.task = CHOOSE
        return GO_ON
    flight.task = BESIDE if flight.aim_again_h == flight.beside_h else AIM
    return GO_ON


@inline
def _ask_whether_lawful(flight: Any) -> int:
    """Ask whether the crew tells that the contact is no transfer; others catch up first, as it may end the visit."""
    if flight.in_step != ALONE and flight.hour > flight.caught_up_h:
        return CATCH_UP
    return ASK_LAWFUL


@inline
def begin_stay(flight: Any, rules: Any, events: Array, aside: Array) -> Any:
    """Circle beside a contact and move with it, unless that leads into a no-go zone."""
    if not rules.open_sea and not flight.asked:
        flight.asked = True
        return ASK_STAY
    flight.asked = False
    if not rules.open_sea and not flight.is_clear:
        return _lose(flight, events)
    hours = min(rules.time_h, flight.end_h - flight.hour)
    _set_leg_aside(flight, aside, flight.x + flight.vx * hours, flight.y + flight.vy * hours, 0.0, hours, IDENTIFY)
    flight.task = STAY
    return GO_ON


@inline
def leave(flight: Any, contacts: Any, events: Array) -> Any:
    """End the time beside a contact. Whether a transfer that was classified is documented, the caller decides."""
    if flight.in_step != ALONE and flight.hour > flight.caught_up_h:
        return CATCH_UP
    has_parted = flight.hour >= flight.end_h
    flight.task = CHOOSE
    if flight.aborted or has_parted:
        return _lose(flight, events)
    contacts[3][flight.target] = flight.hour
    if flight.classified == SUCCEEDED:
        return ASK_DOCUMENTED
    report(flight, events, flight.hour, EVENT_IDENTIFIED, flight.target, flight.x, flight.y, 0.0)
    return GO_ON
