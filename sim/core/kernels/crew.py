"""A crew at work: the flight along a route, and the investigations for which the crew leaves it.

A flight is a state machine. Its task says what the crew is doing (`sim.core.codes.ON_LEGS` and its neighbours), and
each function here does one task and names the next. ``fly_crew`` goes from task to task until the caller must act:
conditions change, others must act first, a question can only be answered outside, or a decision is needed. When it is
called again it goes on with the task at which it stopped. `docs/methods/crew.md` has the algorithm in words.

The groups of arrays ``sea``, ``contacts`` and ``judging`` are described in `sim.core.kernels.contacts`; ``homing``,
``sensing`` and ``memory`` in `sim.core.kernels.flying`. ``tracks`` are the legs of the route (n, 6), and one leg, of
the same columns, that is flown aside from it. ``output`` are the legs as flown (rows, 7), the detections (m, 3), the
events (e, 6), and the ways to the contacts that wait (m, 12), which the caller fills in where no-go zones must be flown
round.
"""

from typing import Any

import numba

from sim.core.codes import (
    AIM,
    AIMED,
    ALONE,
    APPROACH,
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
    DONE,
    EVENT_DIVERTED,
    EXPOSURE,
    FULL,
    GO_BACK,
    GO_ON,
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
    SCRATCH,
    SETTLE,
    STAY,
    STAY_CHANGED,
    THERE,
    TO_CORNER,
    UNTRIED,
)
from sim.core.kernels.choices import best_contact
from sim.core.kernels.compiling import Array, entry, inline, record_of
from sim.core.kernels.contacts import note_progress, report, take_in
from sim.core.kernels.flying import fly_legs
from sim.core.kernels.pursuits import aim, arrive, begin_stay, classify, leave
from sim.core.records import FLIGHT, RULES

_ROOM = 8  # events that one task writes down at most, apart from detections, of which there is one a target


# ---------------------------------------------------------------------------------------------------- along the legs
@inline
def _fly(flight: Any, tracks: Any, homing: Any, sea: Any, sensing: Any, memory: Any, contacts: Any, output: Any) -> Any:
    """Fly the legs of the route, or the leg aside, as the task wants it; return the code that says why it ended.

    Contacts and fuel end only the legs of the route. One call of ``fly_legs`` for both halves the time to compile it.
    """
    on_route = flight.task == ON_LEGS
    legs = tracks[0] if on_route else tracks[1]
    code, leg = fly_legs(
        flight, legs, flight.leg if on_route else 0, on_route and flight.stops_at_contacts,
        on_route and flight.watches_fuel, homing, sea[0], sensing, memory, contacts[4], output[0], output[1],
    )  # fmt: skip
    if on_route:
        flight.leg, flight.why = leg, code
    return code


@inline
def _end_legs(flight: Any) -> int:
    """After the legs of the route have been flown: let others catch up who may call the flight back."""
    if flight.why == FULL:
        return FULL
    flight.task = SETTLE
    return CATCH_UP if flight.may_be_undone and flight.hour > flight.caught_up_h else GO_ON


@inline
def _is_under_way(flight: Any) -> bool:
    """Return whether the flight along the legs is not settled yet: until it is, no detection is taken in."""
    under_way: bool = flight.task == SETTLE or (flight.task == ON_LEGS and flight.why == FULL)
    return under_way


@inline
def _settle(flight: Any) -> Any:
    """Accept how the flight along the legs ended: nobody can call it back any more; then a contact is investigated."""
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
    for row in range(MARKS):
        for m in range(marks.shape[1]):
            saved_marks[row, m] = marks[row, m]
    for row in range(SCRATCH - EXPOSURE):
        for k in range(numbers.shape[1]):
            for m in range(numbers.shape[2]):
                exposures[row, k, m] = numbers[EXPOSURE + row, k, m]
    for column in range(last_row.size):
        last_row[column] = flown[max(0, flight.rows - 1), column]


@inline
def _end_aside(flight: Any, code: int) -> Any:
    """After the leg aside: go on with the task that follows at its end, or that a change on the way has made."""
    task = flight.task
    if code == CHANGE and task != APPROACH:
        flight.task = CORNER_CHANGED if task == TO_CORNER else STAY_CHANGED
    if code != DONE:
        return code
    flight.task = THERE if task == TO_CORNER else (AIMED if task == APPROACH else LEAVE)
    return CHANGE if flight.hour >= flight.next_change_h else GO_ON


# ---------------------------------------------------------------------------------------------------- investigations
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
def _choose(
    flight: Any, rules: Any, homing: Any, sea: Any, contacts: Any, judging: Any, marks: Array, light: Array, output: Any
) -> int:
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
        target = best_contact(flight, rules, homing, sea, contacts, judging, marks, light, output[3])
    if target < 0:
        flight.task = GO_BACK
        return GO_ON
    report(flight, output[2], flight.hour, EVENT_DIVERTED, target, flight.x, flight.y, contacts[0][target])
    note_progress(rules, contacts, target, LEFT, flight.hour)
    flight.target, flight.classified, flight.has_gone = target, UNTRIED, True
    flight.told_lawful, flight.lawful_nmi = UNTRIED, judging[4][target]
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


# ---------------------------------------------------------------------------------------------------- task after task
_F1, _F2, _F4 = numba.float64[::1], numba.float64[:, ::1], numba.float64[:, :, :, ::1]
_I1, _U1, _FLAGS = numba.int64[::1], numba.uint64[::1], numba.boolean[:, ::1]


def _group(*types: Any) -> Any:
    make: Any = numba.types.Tuple
    return make(types)


_SIGNATURE = numba.int64(
    numba.types.Array(numba.from_dtype(FLIGHT), 1, "C"),
    numba.types.Array(numba.from_dtype(RULES), 1, "C"),
    _group(_F2, _F2),  # tracks
    _group(_F1, _F2, _F2, _F2, _F2),  # homing
    _group(_group(_F2, _I1, _F1, _U1, _I1), _F2, _I1, _I1),  # sea
    _group(_U1, _U1, _F2, _F4, _F1),  # sensing
    _group(numba.float64[:, :, ::1], _I1, _FLAGS, _I1),  # memory
    _group(_I1, _I1, _I1, _F1, _F2),  # contacts
    _group(_I1, _F1, _F2, _F2, _F1, _F2),  # judging
    _F1,  # light
    _group(_F2, _F2, _F2, _F2),  # output
    _group(numba.types.Array(numba.from_dtype(FLIGHT), 1, "C"), numba.float64[:, :, ::1], _FLAGS, _F1),  # saved
)


@entry(_SIGNATURE)
def fly_crew(
    flights: Array, rules_of_crew: Array, tracks: Any, homing: Any, sea: Any, sensing: Any, memory: Any, contacts: Any,
    judging: Any, light: Array, output: Any, saved: Any,
) -> int:  # fmt: skip
    """Fly on until the caller must act; return why: a code of `sim.core.codes` from DONE to ASK_LAWFUL.

    ``flights`` (1,) and ``rules_of_crew`` (1,) are records of the layouts in `sim.core.records`; the first is updated.
    ``light`` (n,): the hours at which light begins or ends, by turns. ``saved``: room for what ``_save`` keeps, in the
    shapes of the originals. The caller reads the events after each call, and sets ``flight.events`` to 0. See the
    docstring of this file for the other arguments.
    """
    flight, rules = record_of(flights), record_of(rules_of_crew)
    marks, flown, found, events = memory[2], output[0], output[1], output[2]
    code = GO_ON
    while True:
        if not _is_under_way(flight):
            take_in(flight, rules, sea, contacts, judging, marks, flown, found, events)
        if code != GO_ON:
            return code
        if flight.events + found.shape[0] - flight.taken_in + _ROOM > events.shape[0]:
            return FULL  # there must be room for every detection that is still to come
        task = flight.task
        if task == ON_LEGS and flight.may_be_undone and not _is_under_way(flight):
            _save(flights, memory, flown, saved)
        if task in (ON_LEGS, TO_CORNER, APPROACH, STAY):
            code = _fly(flight, tracks, homing, sea, sensing, memory, contacts, output)
            code = _end_legs(flight) if task == ON_LEGS else _end_aside(flight, code)
        elif task == SETTLE:
            code = _settle(flight)
        elif task == BEGIN:
            code = _begin(flight, tracks[0])
        elif task == CHOOSE:
            code = _choose(flight, rules, homing, sea, contacts, judging, marks, light, output)
        elif task == AIM:
            code = aim(flight, rules, homing, sea, output, tracks[1])
        elif task == CORNER_CHANGED:
            flight.task = AIM if flight.decisions > 0 else TO_CORNER
        elif task == STAY_CHANGED:
            flight.task = LEAVE if flight.aborted else STAY
        elif task == AIMED:
            code = classify(flight, rules, output)
        elif task == THERE:
            code = arrive(flight, rules, contacts)
        elif task == BESIDE:
            code = begin_stay(flight, rules, events, tracks[1])
        elif task == LEAVE:
            code = leave(flight, contacts, events)
        else:
            code = _go_back(flight, rules, tracks[0])
