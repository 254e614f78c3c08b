"""A crew at work: the flight along a route, and the investigations for which the crew leaves it.

A flight is a state machine. Its task says what the crew is doing (`sim.core.codes.ON_LEGS` and its neighbours), and each
function here does one task and names the next. ``fly_crew`` goes from task to task until the caller must act: conditions
change, others must act first, a question can only be answered outside, or a decision is needed. When it is called again
it goes on with the task at which it stopped. `docs/methods/crew.md` has the algorithm in words.

The groups of arrays ``sea``, ``contacts`` and ``judging`` are described in `sim.core.kernels.contacts`; ``homing``,
``sensing`` and ``memory`` in `sim.core.kernels.flying`. ``tracks`` are the legs of the route (n, 6), and one leg (1, 6)
that is flown aside from it. ``output`` are the legs as flown (rows, 7), the detections (m, 3), the events (e, 6), and
the ways to the contacts that wait (m, 11), which the caller fills in where no-go zones must be flown round.
"""

import math
from typing import Any

import numba

from sim.core.codes import (
    AIM,
    AIMED,
    ALONE,
    APPROACH,
    ASK_CLASSIFIED,
    ASK_DOCUMENTED,
    ASK_STAY,
    ASK_WAY,
    ASK_WAY_BACK,
    ASK_WAYS,
    BACK,
    BEGIN,
    BESIDE,
    CATCH_UP,
    CHANGE,
    CHOOSE,
    CORNER_CHANGED,
    DETECTED,
    DIVERT,
    DONE,
    EVENT_DIVERTED,
    EVENT_IDENTIFIED,
    EVENT_LOST,
    EVENT_NOT_CLASSIFIED,
    EXPOSURE,
    FAILED,
    FULL,
    GO_BACK,
    GO_ON,
    HOME_BY_CLOCK,
    HOME_BY_FUEL,
    IDENTIFY,
    IN_SMALL_STEPS,
    LEAVE,
    LEFT,
    LEG_HOURS,
    LEG_PASS,
    LEG_PHASE,
    LEG_SPEED,
    LEG_X,
    LEG_Y,
    MARKS,
    ON_LEGS,
    REJOIN,
    ROUNDING_H,
    SCRATCH,
    SETTLE,
    STAY,
    STAY_CHANGED,
    SUCCEEDED,
    THERE,
    TO_CORNER,
    UNTRIED,
    WAITING,
    WAY_END_H,
    WAY_H,
    WAY_VX,
    WAY_VY,
    WAY_X,
    WAY_Y,
    WORTH,
    WORTHWHILE,
)
from sim.core.kernels.compiling import Array, entry, inline, norm, record_of
from sim.core.kernels.contacts import keep_waiting, note_progress, place_flown, report, take_in
from sim.core.kernels.flying import fly_legs
from sim.core.kernels.fuel import soonest_base
from sim.core.kernels.random_numbers import first_above
from sim.core.kernels.rendezvous import meet, worth
from sim.core.records import FLIGHT, RULES

_ROOM = 8  # events that one task writes down at most, apart from detections


# ---------------------------------------------------------------------------------------------------- along the legs
@inline
def _fly_on_legs(
    flight: Any, tracks: Any, homing: Any, sea: Any, sensing: Any, memory: Any, contacts: Any, output: Any
) -> int:
    """Fly the legs of the route to the next decision; a contact begins an investigation."""
    code, leg = fly_legs(
        flight, tracks[0], flight.leg, flight.stops_at_contacts, flight.watches_fuel,
        homing, sea[0], sensing, memory, contacts[4], output[0], output[1],
    )  # fmt: skip
    flight.leg = leg
    if code == FULL:
        return FULL
    flight.why, flight.task = code, SETTLE
    return CATCH_UP if flight.may_be_undone and flight.hour > flight.caught_up_h else GO_ON


@inline
def _settle(flight: Any) -> int:
    """Accept how the flight along the legs ended, as nobody can call it back any more; a contact begins an investigation."""
    flight.task = BEGIN if flight.why == DETECTED else ON_LEGS
    if flight.why != DETECTED:
        return flight.why
    return CHANGE if flight.hour >= flight.next_change_h else GO_ON


@inline
def _save(flights: Array, memory: Any, flown: Array, saved: Any) -> None:
    """Keep all that a flight along the legs changes, so that it can be called back."""
    numbers, marks, flight = memory[0], memory[2], record_of(flights)
    _, exposures, saved_marks, last_row = saved
    saved[0][0] = flights[0]
    for m in range(marks.shape[1]):
        for row in range(MARKS):
            saved_marks[row, m] = marks[row, m]
    for row in range(SCRATCH - EXPOSURE):
        for k in range(numbers.shape[1]):
            for m in range(numbers.shape[2]):
                exposures[row, k, m] = numbers[EXPOSURE + row, k, m]
    for column in range(last_row.size):
        last_row[column] = flown[max(0, flight.rows - 1), column]


@inline
def _fly_aside(
    flight: Any, tracks: Any, homing: Any, sea: Any, sensing: Any, memory: Any, contacts: Any, output: Any, then: int
) -> int:
    """Fly the leg aside to its end, and go on with a task there; contacts and fuel do not end it."""
    code, _ = fly_legs(
        flight, tracks[1], 0, False, False, homing, sea[0], sensing, memory, contacts[4], output[0], output[1]
    )
    if code != DONE:
        return code
    flight.task = then
    return CHANGE if flight.hour >= flight.next_change_h else GO_ON


@inline
def _set_leg_aside(flight: Any, aside: Array, x: float, y: float, speed: float, hours: float, phase: int) -> None:
    """Let a leg aside from the route be flown next."""
    aside[0, LEG_X], aside[0, LEG_Y], aside[0, LEG_SPEED], aside[0, LEG_HOURS] = x, y, speed, hours
    aside[0, LEG_PHASE], aside[0, LEG_PASS] = phase, 0.0
    flight.continues, flight.hours_left = False, 0.0


# ---------------------------------------------------------------------------------------------------- home in time
@inline
def _can_stay(
    flight: Any, rules: Any, homing: Any, meet_h: float, x: float, y: float, vx: float, vy: float, rounding_h: float
) -> bool:
    """Return whether it lands in time if it meets a vessel, stays beside it as that moves on, and goes home.

    The rule is `sim.deployment.landing.LandingLimits.allow`.
    """
    limits, stay_h = homing[0], rules.time_h
    leave_h = meet_h + stay_h
    landing_h = leave_h + soonest_base(leave_h, x + vx * stay_h, y + vy * stay_h, homing)[0]
    extra = rules.burn_beside * stay_h + flight.extra_burn_h
    by_fuel: bool = landing_h + extra <= limits[HOME_BY_FUEL] + rounding_h
    return by_fuel and landing_h <= limits[HOME_BY_CLOCK] + rounding_h


# ---------------------------------------------------------------------------------------------------- the choice
@inline
def _begin(flight: Any, legs: Array) -> int:
    """Begin an investigation: note where the route is left, and with which leg it goes on from there.

    If the aircraft is still on its way back from an earlier diversion, the route was left where that way ends.
    """
    leg = flight.leg
    while leg < legs.shape[0] and legs[leg, LEG_PHASE] == REJOIN:
        leg += 1
    flight.left_x, flight.left_y, flight.route_leg = flight.x, flight.y, leg
    if leg > flight.leg:
        flight.left_x, flight.left_y = legs[leg - 1, LEG_X], legs[leg - 1, LEG_Y]
    flight.has_gone = False
    flight.task = CHOOSE
    return GO_ON


@inline
def _way_to(flight: Any, rules: Any, sea: Any, homing: Any, target: int) -> Any:
    """Return the straight way to a vessel, see ``meet``."""
    return meet(sea[1], sea[2], sea[3], target, flight.hour, flight.x, flight.y, rules.transit_speed_kn, homing[2])


@inline
def _has_light(rules: Any, light: Array, hour: float) -> bool:
    """Return whether crews go to a contact whose imagery they would take at an hour, by the almanac."""
    if not rules.waits_for_light:
        return True
    changed: bool = first_above(light, hour) % 2 == 1
    return rules.light_at_first != changed


@inline
def _weigh_contacts(
    flight: Any, rules: Any, homing: Any, sea: Any, contacts: Any, judging: Any, marks: Array, ways: Array
) -> None:
    """Write into the last column of ``ways`` what each contact that waits is worth now; drop those that have gone."""
    features, waiting, kept = contacts[0], contacts[1], 0
    for k in range(flight.waiting):
        target = waiting[k]
        if rules.open_sea:
            way = _way_to(flight, rules, sea, homing, target)
            for column in range(WORTH):
                ways[k, column] = way[column]
        if ways[k, WAY_END_H] <= flight.hour:
            marks[WAITING, target] = False
            continue
        back = norm(ways[k, WAY_X] - flight.left_x, ways[k, WAY_Y] - flight.left_y)
        score = judging[1][features[target]] if rules.has_priority else 0.0
        waiting[kept] = target
        for column in range(WORTH):
            ways[kept, column] = ways[k, column]
        ways[kept, WORTH] = worth(
            score, flight.hour, ways[k, WAY_H], back, rules.max_detour_nmi, rules.time_h, rules.cost_per_h,
            rules.transit_speed_kn,
        )  # fmt: skip
        kept += 1
    flight.waiting = kept


@inline
def _best_worth(count: int, ways: Array) -> int:
    """Return the row of the contact that is worth most, of equals the one met soonest; -1 if none is worth anything."""
    best = -1
    for k in range(count):
        value = ways[k, WORTH]
        if value >= 0.0 and (
            best < 0
            or value > ways[best, WORTH]
            or (value == ways[best, WORTH] and ways[k, WAY_H] < ways[best, WAY_H])
        ):
            best = k
    return best


@inline
def _best_contact(
    flight: Any, rules: Any, homing: Any, sea: Any, contacts: Any, judging: Any, marks: Array, light: Array, ways: Array
) -> int:
    """Return the contact to investigate next, -1 for none: the one worth most, less its hours; of equals the nearest.

    Fuel and clock must allow to reach the contact, to stay, and to go home. Contacts that were identified lately are
    taken out of those that wait as they are met.
    """
    waiting, identified = contacts[1], contacts[3]
    _weigh_contacts(flight, rules, homing, sea, contacts, judging, marks, ways)
    found = -1
    row = _best_worth(flight.waiting, ways)
    while row >= 0 and found < 0:
        target = waiting[row]
        if flight.hour - identified[target] < rules.remember_h:
            marks[WORTHWHILE, target] = False  # it is left alone for a reason, and does not count as overlooked
            marks[WAITING, target] = False
        elif _has_light(rules, light, ways[row, WAY_H] + rules.time_h) and _can_stay(
            flight, rules, homing, ways[row, WAY_H], ways[row, WAY_X], ways[row, WAY_Y], ways[row, WAY_VX],
            ways[row, WAY_VY], 0.0,
        ):  # fmt: skip
            found = target
            marks[WAITING, target] = False
        ways[row, WORTH] = -math.inf
        row = _best_worth(flight.waiting, ways)
    keep_waiting(flight, waiting, marks)
    return found


@inline
def _choose(
    flight: Any, rules: Any, tracks: Any, homing: Any, sea: Any, contacts: Any, judging: Any, marks: Array, light: Array,
    output: Any,
) -> int:  # fmt: skip
    """Turn to the contact that is worth most, or back to the route.

    After the first contact, news from the cell comes before the others: they wait, and the crew first decides whether
    to follow a tip.
    """
    if flight.in_step != ALONE and flight.hour > flight.caught_up_h:
        return CATCH_UP
    target = -1
    if flight.waiting > 0 and not flight.aborted and not (flight.has_gone and flight.has_news):
        if not rules.open_sea and not flight.asked:
            flight.asked = True
            return ASK_WAYS
        flight.asked = False
        target = _best_contact(flight, rules, homing, sea, contacts, judging, marks, light, output[3])
    if target < 0:
        flight.task = GO_BACK
        return GO_ON
    report(flight, output[2], flight.hour, EVENT_DIVERTED, target, flight.x, flight.y, contacts[0][target])
    note_progress(rules, contacts, target, LEFT, flight.hour)
    flight.target, flight.classified, flight.has_gone = target, UNTRIED, True
    flight.task = AIM
    return GO_ON


@inline
def _go_back(flight: Any, rules: Any, legs: Array) -> int:
    """End an investigation: go back to where the route was left, by a leg in the row before the one that follows."""
    if flight.has_gone:
        flight.has_gone = False
        if not rules.open_sea:
            return ASK_WAY_BACK
        row = flight.route_leg - 1
        number = legs[flight.leg, LEG_PASS] if flight.leg < legs.shape[0] else 0.0
        legs[row, LEG_X], legs[row, LEG_Y], legs[row, LEG_PHASE] = flight.left_x, flight.left_y, REJOIN
        legs[row, LEG_SPEED], legs[row, LEG_HOURS], legs[row, LEG_PASS] = rules.transit_speed_kn, 0.0, number
        flight.leg, flight.continues, flight.hours_left = row, False, 0.0
    flight.task = ON_LEGS
    return BACK if flight.returns or flight.has_news or flight.decisions > 0 else GO_ON


# ---------------------------------------------------------------------------------------------------- the way there
@inline
def _aim(flight: Any, rules: Any, homing: Any, sea: Any, output: Any, aside: Array) -> int:
    """Head for where the aircraft would meet the vessel on its present course, or give the vessel up.

    It aims anew whenever the vessel turns, the conditions change, or a corner of a way round zones is reached.
    """
    if rules.open_sea:
        _set_way(flight, _way_to(flight, rules, sea, homing, flight.target))
    elif not flight.asked:
        flight.asked = True
        return ASK_WAY
    flight.asked = False
    gone = flight.end_h <= flight.hour or not math.isfinite(flight.meet_h) or flight.aborted
    if gone or not _can_stay(
        flight, rules, homing, flight.meet_h, flight.meet_x, flight.meet_y, flight.vx, flight.vy, ROUNDING_H
    ):
        return _lose(flight, output[2])
    if flight.has_via:
        _set_leg_aside(flight, aside, flight.via_x, flight.via_y, rules.transit_speed_kn, 0.0, DIVERT)
        flight.task, flight.aim_again_h = TO_CORNER, -math.inf  # the corner is not beside the contact
        return GO_ON
    flight.classify_h = _time_at_range(flight, rules.classify_nmi)
    flight.beside_h = _time_at_range(flight, rules.document_nmi)
    until = min(min(flight.beside_h, flight.turn_h), min(flight.next_change_h, flight.hold_h))
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
def _time_at_range(flight: Any, range_nmi: float) -> float:
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


# ---------------------------------------------------------------------------------------------------- beside it
@inline
def _classify(flight: Any, rules: Any, output: Any) -> int:
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
def _arrive(flight: Any) -> int:
    """Stay beside the contact if the aircraft is there; aim anew if it is not."""
    if flight.in_step == IN_SMALL_STEPS and flight.hour > flight.caught_up_h:
        return CATCH_UP
    flight.task = BESIDE if flight.aim_again_h == flight.beside_h else AIM
    return GO_ON


@inline
def _begin_stay(flight: Any, rules: Any, events: Array, aside: Array) -> int:
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
def _leave(flight: Any, rules: Any, contacts: Any, events: Array) -> int:
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


# ---------------------------------------------------------------------------------------------------- task after task
_F1, _F2, _F4 = numba.float64[::1], numba.float64[:, ::1], numba.float64[:, :, :, ::1]
_I1, _U1, _FLAGS = numba.int64[::1], numba.uint64[::1], numba.boolean[:, ::1]


def _group(*types: Any) -> Any:
    return numba.types.Tuple(types)


_SIGNATURE = numba.int64(
    numba.types.Array(numba.from_dtype(FLIGHT), 1, "C"),
    numba.types.Array(numba.from_dtype(RULES), 1, "C"),
    _group(_F2, _F2),  # tracks
    _group(_F1, _F2, _F2, _F2, _F2),  # homing
    _group(_group(_F2, _I1, _F1, _U1, _I1), _F2, _I1, _I1),  # sea
    _group(_U1, _U1, _F2, _F4, _F1),  # sensing
    _group(numba.float64[:, :, ::1], _I1, _FLAGS, _I1),  # memory
    _group(_I1, _I1, _I1, _F1, _F2),  # contacts
    _group(_I1, _F1, _F1, _F2, _F2),  # judging
    _F1,  # light
    _group(_F2, _F2, _F2, _F2),  # output
    _group(numba.types.Array(numba.from_dtype(FLIGHT), 1, "C"), numba.float64[:, :, ::1], _FLAGS, _F1),  # saved
)


@entry(_SIGNATURE)
def fly_crew(
    flights: Array,
    rules_of_crew: Array,
    tracks: Any,
    homing: Any,
    sea: Any,
    sensing: Any,
    memory: Any,
    contacts: Any,
    judging: Any,
    light: Array,
    output: Any,
    saved: Any,
) -> int:
    """Fly on until the caller must act; return why: a code of `sim.core.codes` from DONE to ASK_DOCUMENTED.

    ``flights`` (1,) and ``rules_of_crew`` (1,) are records of the layouts in `sim.core.records`; the first is updated.
    ``light`` (n,): the hours at which light begins or ends, by turns. ``saved``: room for what ``_save`` keeps, in the
    shapes of the originals. The caller reads the events after each call, and sets ``flight.events`` to 0. See the
    docstring of this file for the other arguments.
    """
    flight, rules = record_of(flights), record_of(rules_of_crew)
    marks, flown, found, events = memory[2], output[0], output[1], output[2]
    code = GO_ON
    while code == GO_ON:
        task = flight.task
        if flight.events + flight.found - flight.taken_in + _ROOM > events.shape[0]:
            return FULL
        if task != SETTLE:
            take_in(flight, rules, sea, contacts, judging, marks, flown, found, events)
        if task == ON_LEGS:
            if flight.may_be_undone:
                _save(flights, memory, flown, saved)
            code = _fly_on_legs(flight, tracks, homing, sea, sensing, memory, contacts, output)
        elif task == SETTLE:
            code = _settle(flight)
        elif task == BEGIN:
            code = _begin(flight, tracks[0])
        elif task == CHOOSE:
            code = _choose(flight, rules, tracks, homing, sea, contacts, judging, marks, light, output)
        elif task == AIM:
            code = _aim(flight, rules, homing, sea, output, tracks[1])
        elif task == TO_CORNER or task == APPROACH or task == STAY:
            then = THERE if task == TO_CORNER else (AIMED if task == APPROACH else LEAVE)
            code = _fly_aside(flight, tracks, homing, sea, sensing, memory, contacts, output, then)
            if code == CHANGE and flight.task == task and task != APPROACH:
                flight.task = CORNER_CHANGED if task == TO_CORNER else STAY_CHANGED
        elif task == CORNER_CHANGED:
            flight.task = AIM if flight.decisions > 0 else TO_CORNER
        elif task == STAY_CHANGED:
            flight.task = LEAVE if flight.aborted else STAY
        elif task == AIMED:
            code = _classify(flight, rules, output)
        elif task == THERE:
            code = _arrive(flight)
        elif task == BESIDE:
            code = _begin_stay(flight, rules, events, tracks[1])
        elif task == LEAVE:
            code = _leave(flight, rules, contacts, events)
        else:
            code = _go_back(flight, rules, tracks[0])
    if flight.task != SETTLE:
        take_in(flight, rules, sea, contacts, judging, marks, flown, found, events)
    return code
