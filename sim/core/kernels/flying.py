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
def _search_stretch(
    t: float,
    end: float,
    x: float,
    y: float,
    vx: float,
    vy: float,
    targets: Any,
    sensing: Any,
    memory: Any,
    notice: Array,
    commit: bool,
    most: int,
    found: Array,
    hits: int,
) -> Any:
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
    segments, owner, reach, vessels, kinds = targets
    key, sensors, laws, tables, farthest = sensing
    numbers, drafted, marks, near = memory
    best, who, which = math.inf, -1, -1
    drafted[-1] += 1
    count, kept = 0, 0
    first_row = first_above(reach, t) if most < 0 else 0
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
        if marks[SEEN, m]:
            near[kept] = i
            kept += 1
            chord = chord_in_range(notice, m, dx, dy, rx, ry, ta, tb)
            if ta < chord[0] < chord[1] and chord[0] < best:
                best, who, which = chord[0], m, -1
            continue
        within = farthest[kinds[m]] + norm(rx, ry) * (tb - ta)
        if dx * dx + dy * dy > within * within:
            continue
        near[kept] = i
        kept += 1
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
            total, when, falling = add_exposure(
                laws, tables, first + k, dx, dy, rx, ry, ta, tb, before, enough, falling
            )
            numbers[SCRATCH, k, m], numbers[SCRATCH + 1, k, m] = total, falling
            if commit:
                numbers[EXPOSURE, k, m], numbers[RANGE_FELL, k, m] = total, falling
                marks[MET, m] = marks[MET, m] or total != 0.0 or falling > -math.inf
            if when < early:
                early, sensor = when, k
        drafted[m] = drafted[-1]
        if early < math.inf and commit:
            marks[SEEN, m] = True
            found[hits + count, 0], found[hits + count, 1], found[hits + count, 2] = early, m, sensor
            count += 1
        if early < best:
            best, who, which = early, m, sensor
    return best, who, which, count, kept


@inline
def fly_legs(
    flight: Any,
    legs: Array,
    leg: int,
    stop: bool,
    watch: bool,
    homing: Any,
    targets: Any,
    sensing: Any,
    memory: Any,
    notice: Array,
    flown: Array,
    found: Array,
) -> Any:
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
    t, x, y, spent, until = flight.hour, flight.x, flight.y, flight.extra_burn_h, flight.next_change_h
    rows, hits, goes_on = flight.rows, flight.found, flight.continues
    limits, marks = homing[0], memory[2]
    wind_x, wind_y = limits[HOME_WIND_X], limits[HOME_WIND_Y]
    code, who, which = DONE, -1, -1
    while leg < legs.shape[0]:
        dx, dy = legs[leg, LEG_X] - x, legs[leg, LEG_Y] - y
        length, speed, hours = norm(dx, dy), legs[leg, LEG_SPEED], legs[leg, LEG_HOURS]
        timed = hours > 0.0
        if timed and flight.hours_left > 0.0:
            hours = flight.hours_left
        if not timed and length > 0.0:
            hours = length / ground_speed(dx, dy, length, speed, wind_x, wind_y)
        if hours <= 0.0:
            leg += 1
            goes_on = False
            flight.hours_left = 0.0
            continue
        if t >= until:
            code = CHANGE
            break
        if rows == flown.shape[0] and not goes_on:
            code = FULL
            break
        vx, vy = (legs[leg, LEG_X] - x) / hours, (legs[leg, LEG_Y] - y) / hours
        arrive = t + hours
        extra = limits[HOME_BURN + int(legs[leg, LEG_PHASE])] - 1.0
        turn = bingo_time(t, x, y, vx, vy, min(arrive, until), extra, spent, homing) if watch else math.inf
        end = min(min(arrive, turn), until)
        most = -1
        for commit in range(0 if stop else 1, 2):  # first find what stops the flight, then fly and search that far
            when, first, sensor, count, most = _search_stretch(
                t, end, x, y, vx, vy, targets, sensing, memory, notice, commit == 1, most, found, hits
            )
            hits += count
            if commit == 0 and first >= 0:
                end, who, which, code = when, first, sensor, DETECTED
        if code == DETECTED and not marks[SEEN, who]:
            marks[SEEN, who] = True
            found[hits, 0], found[hits, 1], found[hits, 2] = end, who, which
            hits += 1
        if end > t:
            whole = end == arrive
            nx = legs[leg, LEG_X] if whole else x + vx * (end - t)
            ny = legs[leg, LEG_Y] if whole else y + vy * (end - t)
            if not goes_on:
                flown[rows, FLOWN_BEGIN], flown[rows, FLOWN_PHASE] = t, legs[leg, LEG_PHASE]
                flown[rows, FLOWN_X0], flown[rows, FLOWN_Y0] = x, y
                rows += 1
            flown[rows - 1, FLOWN_END], flown[rows - 1, FLOWN_X1], flown[rows - 1, FLOWN_Y1] = end, nx, ny
            spent += extra * (end - t)
            if timed and not whole:
                flight.hours_left = arrive - end
            t, x, y = end, nx, ny
            goes_on = True
        if code == DETECTED:
            break
        if turn < arrive and turn <= until:
            code = BINGO
            break
        if until < arrive:
            code = CHANGE
            break
        leg += 1
        goes_on = False
        flight.hours_left = 0.0
    flight.hour, flight.x, flight.y, flight.extra_burn_h = t, x, y, spent
    flight.rows, flight.found = rows, hits
    flight.continues = goes_on and code != BINGO and code != CHANGE
    return code, leg


@on_demand  # what checks the search itself calls it; a crew flies by ``fly_crew``
def fly(
    flights: Array,
    legs: Array,
    homing: Any,
    targets: Any,
    sensing: Any,
    memory: Any,
    notice: Array,
    flown: Array,
    found: Array,
) -> Any:
    """Fly legs and search to the next decision, see ``fly_legs``; return why it ends. ``flights`` (1,): the record."""
    flight = record_of(flights)
    code, leg = fly_legs(
        flight, legs, flight.leg, flight.stops_at_contacts, flight.watches_fuel,
        homing, targets, sensing, memory, notice, flown, found,
    )  # fmt: skip
    flight.leg = leg
    return code
