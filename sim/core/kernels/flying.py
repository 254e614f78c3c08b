"""The flight to the next decision: legs are flown and searched until something must be decided.

`tests/flight_twin.py` repeats it in plain Python, and a test holds the two together on random flights.
"""

import math
from typing import Any

from sim.core.codes import (
    BINGO,
    CHANGE,
    DETECTED,
    DONE,
    EXPOSURE,
    FLOWN_BEGIN,
    FLOWN_END,
    FLOWN_PHASE,
    FLOWN_X0,
    FLOWN_X1,
    FLOWN_Y0,
    FLOWN_Y1,
    FULL,
    HOME_BURN,
    HOME_WIND_X,
    HOME_WIND_Y,
    LEG_HOURS,
    LEG_PHASE,
    LEG_SPEED,
    LEG_X,
    LEG_Y,
    MET,
    RANGE_FELL,
    SCRATCH,
    SEEN,
    THRESHOLD,
    WAITING,
)
from sim.core.kernels.compiling import Array, inline, norm, on_demand, record_of
from sim.core.kernels.exposures import add_exposure, chord_in_range
from sim.core.kernels.fuel import bingo_time
from sim.core.kernels.random_numbers import FOR_THRESHOLD, first_above, join_identities, uniform_pair
from sim.core.kernels.winds import ground_speed


@inline
def _expose(
    m: int, dx: float, dy: float, rx: float, ry: float, ta: float, tb: float,
    targets: Any, sensing: Any, memory: Any, commit: bool,
) -> Any:  # fmt: skip
    """Expose a vessel to each sensor along [ta, tb); return when it is first detected, infinite if never, and by which.

    dx, dy: its place seen from the aircraft at ta; rx, ry: its velocity seen from there.
    """
    vessels, kinds = targets[3], targets[4]
    key, sensors, laws, tables = sensing[0], sensing[1], sensing[2], sensing[3]
    numbers, drafted, marks = memory[0], memory[1], memory[2]
    early, sensor, first = math.inf, -1, kinds[m] * sensors.size
    for k in range(sensors.size):
        if numbers[THRESHOLD, k, m] < 0.0:
            numbers[THRESHOLD, k, m] = -math.log(
                uniform_pair(key, FOR_THRESHOLD, join_identities(vessels[m], sensors[k]), 0)[0]
            )
        before, falling = numbers[EXPOSURE, k, m], numbers[RANGE_FELL, k, m]
        if drafted[m] == drafted[-1]:  # the vessel turned within this stretch
            before, falling = numbers[SCRATCH, k, m], numbers[SCRATCH + 1, k, m]
        enough = numbers[THRESHOLD, k, m]
        total, when, falling = add_exposure(laws, tables, first + k, dx, dy, rx, ry, ta, tb, before, enough, falling)
        numbers[SCRATCH, k, m], numbers[SCRATCH + 1, k, m] = total, falling
        if commit:
            numbers[EXPOSURE, k, m], numbers[RANGE_FELL, k, m] = total, falling
            marks[MET, m] = marks[MET, m] or total != 0.0 or falling > -math.inf
        if when < early:
            early, sensor = when, k
    drafted[m] = drafted[-1]
    return early, sensor


@inline
def _search_stretch(
    t: float, end: float, x: float, y: float, vx: float, vy: float, targets: Any, sensing: Any, memory: Any,
    notice: Array, commit: bool, most: int, found: Array, hits: int,
) -> Any:  # fmt: skip
    """Search one straight stretch [t, end).

    Returns the first event (when, vessel, sensor), the number of detections, and how many segments came near.

    An event is a detection, or, with sensor -1, the moment at which a contact left waiting comes within its range
    ``notice[m, 1]``; without an event, when is infinite.

    With ``commit`` the exposures are stored, and each detection is written to ``found`` from row ``hits`` on. Without
    it nothing changes but the two SCRATCH rows, which carry a vessel's exposure over its turns within the stretch, and
    ``drafted`` (m + 1,): its last element counts the calls, and where the element of a vessel equals that count, its
    SCRATCH rows hold a draft of this call. So no draft need be cleared between calls.

    A vessel is skipped if it lies farther than the farthest reach plus the distance that the two can close meanwhile.
    The numbers of all other segments are written to ``near`` (n,). If ``most`` is 0 or more, only the first so many of
    these are searched, as an earlier call for the same stretch, or a longer one, has left them.
    """
    segments, owner, farthest, marks, near = targets[0], targets[1], sensing[4], memory[2], memory[3]
    best, who, which, count, kept = math.inf, -1, -1, 0, 0
    memory[1][-1] += 1
    first_row = first_above(targets[2], t) if most < 0 else 0
    for step in range(first_row, segments.shape[0] if most < 0 else most):
        i = step if most < 0 else near[step]
        if segments[i, 0] >= end:
            break
        m = owner[i]
        ta, tb = max(t, segments[i, 0]), min(end, segments[i, 1])
        if ta >= tb or (marks[SEEN, m] and (commit or not marks[WAITING, m])):
            continue
        dx = segments[i, 2] + segments[i, 4] * (ta - segments[i, 0]) - x - vx * (ta - t)
        dy = segments[i, 3] + segments[i, 5] * (ta - segments[i, 0]) - y - vy * (ta - t)
        rx, ry = segments[i, 4] - vx, segments[i, 5] - vy
        within = farthest[targets[4][m]] + norm(rx, ry) * (tb - ta)
        if not marks[SEEN, m] and dx * dx + dy * dy > within * within:
            continue
        near[kept] = i
        kept += 1
        if marks[SEEN, m]:
            chord = chord_in_range(notice, m, dx, dy, rx, ry, ta, tb)
            early, sensor = chord[0] if ta < chord[0] < chord[1] else math.inf, -1
        else:
            early, sensor = _expose(m, dx, dy, rx, ry, ta, tb, targets, sensing, memory, commit)
        if early < math.inf and commit:
            marks[SEEN, m] = True
            found[hits + count, 0], found[hits + count, 1], found[hits + count, 2] = early, m, sensor
            count += 1
        if early < best:
            best, who, which = early, m, sensor
    return best, who, which, count, kept


@inline
def _search(
    flight: Any, end: float, vx: float, vy: float, stop: bool, targets: Any, sensing: Any, memory: Any, notice: Array,
    found: Array,
) -> Any:  # fmt: skip
    """Search from here to an hour on; return the hour up to which it was searched, and DETECTED or DONE.

    With ``stop`` it ends where a contact stops the flight: first that moment is found, then all is searched up to it.
    """
    marks, code, who, which, most = memory[2], DONE, -1, -1, -1
    for commit in range(0 if stop else 1, 2):
        when, first, sensor, count, most = _search_stretch(
            flight.hour, end, flight.x, flight.y, vx, vy, targets, sensing, memory, notice, commit == 1, most, found,
            flight.found,
        )  # fmt: skip
        flight.found += count
        if commit == 0 and first >= 0:
            end, who, which, code = when, first, sensor, DETECTED
    if code == DETECTED and not marks[SEEN, who]:
        marks[SEEN, who] = True
        found[flight.found, 0], found[flight.found, 1], found[flight.found, 2] = end, who, which
        flight.found += 1
    return end, code


@inline
def _hours_to_go(flight: Any, legs: Array, leg: int, limits: Array) -> Any:
    """Return the hours of a leg from here to its end; 0 or less where it is flown already."""
    hours: float = legs[leg, LEG_HOURS]
    if hours > 0.0:
        return flight.hours_left if flight.hours_left > 0.0 else hours
    dx, dy = legs[leg, LEG_X] - flight.x, legs[leg, LEG_Y] - flight.y
    length = norm(dx, dy)
    if length <= 0.0:
        return 0.0
    return length / ground_speed(dx, dy, length, legs[leg, LEG_SPEED], limits[HOME_WIND_X], limits[HOME_WIND_Y])


@inline
def _move(flight: Any, legs: Array, leg: int, end: float, arrive: float, vx: float, vy: float, flown: Array) -> None:
    """Fly along a leg to an hour after that of the flight, and write it down."""
    whole = end == arrive
    x = legs[leg, LEG_X] if whole else flight.x + vx * (end - flight.hour)
    y = legs[leg, LEG_Y] if whole else flight.y + vy * (end - flight.hour)
    if not flight.continues:
        row = flight.rows
        flown[row, FLOWN_BEGIN], flown[row, FLOWN_PHASE] = flight.hour, legs[leg, LEG_PHASE]
        flown[row, FLOWN_X0], flown[row, FLOWN_Y0] = flight.x, flight.y
        flight.rows = row + 1
    row = flight.rows - 1
    flown[row, FLOWN_END], flown[row, FLOWN_X1], flown[row, FLOWN_Y1] = end, x, y
    if legs[leg, LEG_HOURS] > 0.0 and not whole:
        flight.hours_left = arrive - end
    flight.hour, flight.x, flight.y, flight.continues = end, x, y, True


@inline
def _fly_leg(
    flight: Any, legs: Array, leg: int, hours: float, stop: bool, watch: bool, homing: Any, targets: Any, sensing: Any,
    memory: Any, notice: Array, flown: Array, found: Array,
) -> Any:  # fmt: skip
    """Fly one leg, which takes some hours from here, until something ends it; return why it ended, DONE at its end."""
    until, arrive = flight.next_change_h, flight.hour + hours
    vx, vy = (legs[leg, LEG_X] - flight.x) / hours, (legs[leg, LEG_Y] - flight.y) / hours
    extra = homing[0][HOME_BURN + int(legs[leg, LEG_PHASE])] - 1.0
    turn = math.inf
    if watch:
        turn = bingo_time(
            flight.hour, flight.x, flight.y, vx, vy, min(arrive, until), extra, flight.extra_burn_h, homing
        )
    end, code = _search(
        flight, min(min(arrive, turn), until), vx, vy, stop, targets, sensing, memory, notice, found
    )  # fmt: skip
    if end > flight.hour:
        flight.extra_burn_h += extra * (end - flight.hour)
        _move(flight, legs, leg, end, arrive, vx, vy, flown)
    if code == DETECTED:
        return DETECTED
    if turn < arrive and turn <= until:
        return BINGO
    return CHANGE if until < arrive else DONE


@inline
def fly_legs(
    flight: Any, legs: Array, leg: int, stop: bool, watch: bool, homing: Any, targets: Any, sensing: Any, memory: Any,
    notice: Array, flown: Array, found: Array,
) -> Any:  # fmt: skip
    """Fly legs from number ``leg`` on and search; return why it ends, from DONE to CHANGE, and the number of the leg.

    It ends with the last leg, with ``watch`` at bingo fuel, at the hour ``flight.next_change_h`` at which conditions
    change, where ``flown`` is full, or, with ``stop``, at a contact: a new one, or one left waiting that comes within
    its range ``notice[m, 1]``.

    ``flight``: a record of the layout `sim.core.records.FLIGHT`, updated in place. ``legs`` (n, 6): the columns are
    those of `sim.core.codes.LEG_X`. A leg that a detection broke off is continued in the same row of ``flown`` (n, 7).
    ``homing``: the way home, see ``soonest_base``.
    ``targets``: segments (n, 6), owners (n,), running maximum of their ends (n,), identities (m,) and classes (m,).
    ``sensing``: key, identities of the sensors, laws and tables, and the farthest range of any law for each class.
    ``memory``: numbers (5, sensors, m), ``drafted`` (m + 1,), marks (MARKS, m), and room for segments that come near
    (n,): see ``_search_stretch``.
    ``found`` (m, 3): when, vessel, sensor.
    """
    code = DONE
    while code == DONE and leg < legs.shape[0]:
        hours = _hours_to_go(flight, legs, leg, homing[0])
        if hours > 0.0 and flight.hour >= flight.next_change_h:
            code = CHANGE
        elif hours > 0.0 and flight.rows == flown.shape[0] and not flight.continues:
            code = FULL
        elif hours > 0.0:
            code = _fly_leg(
                flight, legs, leg, hours, stop, watch, homing, targets, sensing, memory, notice, flown, found
            )  # fmt: skip
        if code == DONE:
            leg += 1
            flight.continues, flight.hours_left = False, 0.0
    if code in (BINGO, CHANGE):
        flight.continues = False
    return code, leg


@on_demand  # what checks the search itself calls it; a crew flies by ``fly_crew``
def fly(
    flights: Array, legs: Array, homing: Any, targets: Any, sensing: Any, memory: Any, notice: Array, flown: Array,
    found: Array,
) -> Any:  # fmt: skip
    """Fly legs and search to the next decision, see ``fly_legs``; return why it ends. ``flights`` (1,): the record."""
    flight = record_of(flights)
    code, leg = fly_legs(
        flight, legs, flight.leg, flight.stops_at_contacts, flight.watches_fuel,
        homing, targets, sensing, memory, notice, flown, found,
    )  # fmt: skip
    flight.leg = leg
    return code
