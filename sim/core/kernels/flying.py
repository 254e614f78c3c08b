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
    FULL,
    HOME_BURN,
    HOME_WIND_X,
    HOME_WIND_Y,
    MET,
    RANGE_FELL,
    SCRATCH,
    SEEN,
    STATE_CONTINUES,
    STATE_EXTRA_FUEL,
    STATE_FOUND,
    STATE_H,
    STATE_LEG,
    STATE_ROWS,
    STATE_X,
    STATE_Y,
    THRESHOLD,
    WAITING,
)
from sim.core.kernels.compiling import F1, F2, F3, F4, I1, U1, Array, entry, inline, norm
from sim.core.kernels.exposures import add_exposure, chord_in_range
from sim.core.kernels.fuel import bingo_time
from sim.core.kernels.random_numbers import FOR_THRESHOLD, first_above, join_identities, uniform_pair
from sim.core.kernels.winds import ground_speed

# Arrays that go together are handed over as tuples:
# the way home: (numbers, bases, winds, corners, walls), see `soonest_base`;
_HOMING = f"Tuple(({F1}, {F2}, {F2}, {F2}, {F2}))"
# targets: (segments, numbers of their vessels, running maximum of their ends, identities, classes);
_TARGETS = f"Tuple(({F2}, {I1}, {F1}, {U1}, {I1}))"
# sensing: (key, identities of the sensors, laws, tables, farthest reach against each class);
_SENSING = f"Tuple(({U1}, {U1}, {F2}, {F4}, {F1}))"
# memory: (numbers, drafted, marks), see `fly`.
_MEMORY = f"Tuple(({F3}, {I1}, boolean[:,::1]))"


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
    found: Array,
    hits: int,
) -> Any:
    """Search one straight stretch [t, end): return the first event (when, vessel, sensor) and the number of detections.

    An event is a detection, or, with sensor -1, the moment at which a contact left waiting comes within its range
    ``notice[m, 1]``; without an event, when is infinite.

    With ``commit`` the exposures are stored, and each detection is written to ``found`` from row ``hits`` on. Without
    it nothing changes but the two SCRATCH rows, which carry a vessel's exposure over its turns within the stretch, and
    ``drafted`` (m + 1,): its last element counts the calls, and where the element of a vessel equals that count, its
    SCRATCH rows hold a draft of this call. So no draft need be cleared between calls.

    A vessel is skipped if it lies farther than the farthest reach plus the distance that the two can close meanwhile.
    """
    segments, owner, reach, vessels, kinds = targets
    key, sensors, laws, tables, farthest = sensing
    numbers, drafted, marks = memory
    best, who, which = math.inf, -1, -1
    drafted[-1] += 1
    count = 0
    for i in range(first_above(reach, t), segments.shape[0]):
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
            chord = chord_in_range(notice, m, dx, dy, rx, ry, ta, tb)
            if ta < chord[0] < chord[1] and chord[0] < best:
                best, who, which = chord[0], m, -1
            continue
        near = farthest[kinds[m]] + norm(rx, ry) * (tb - ta)
        if dx * dx + dy * dy > near * near:
            continue
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
    return best, who, which, count


@entry(f"int64({F2}, {F1}, boolean, float64, {_HOMING}, {_TARGETS}, {_SENSING}, {_MEMORY}, {F2}, {F2}, {F2})")
def fly(
    legs: Array,
    state: Array,
    stop: bool,
    until: float,
    homing: Any,
    targets: Any,
    sensing: Any,
    memory: Any,
    notice: Array,
    flown: Array,
    found: Array,
) -> int:
    """Fly the legs and search until the next decision; return why: DONE, DETECTED, BINGO, FULL or CHANGE.

    The decision is the end of the legs, bingo fuel, the hour ``until`` at which conditions change, a full ``flown``,
    or, with ``stop``, a contact: a new one, or one left waiting that comes within its range ``notice[m, 1]``. The
    codes, the positions in ``state`` and in the limits, and the rows of the memory are in `sim.core.codes`.

    ``legs`` (n, 5): the legs to fly; of a leg timed by hours and broken off, the hours that remain are written back.
    ``state`` (8,): updated in place. A leg that a detection broke off is continued in the same row of ``flown``.
    ``homing``: the way home, see ``soonest_base``; with both limits infinite, fuel is not watched.
    ``targets``: segments (n, 6), owners (n,), running maximum of their ends (n,), identities (m,) and classes (m,).
    ``sensing``: key, identities of the sensors, laws and tables, and the farthest range of any law for each class.
    ``memory``: numbers (5, sensors, m), ``drafted`` (m + 1,), see ``_search_stretch``, and marks (3, m).
    ``flown`` (rows, 7): written from the row that the state names. ``found`` (m, 3): when, vessel, sensor.
    """
    t, x, y, spent = state[STATE_H], state[STATE_X], state[STATE_Y], state[STATE_EXTRA_FUEL]
    leg, rows, hits = int(state[STATE_LEG]), int(state[STATE_ROWS]), int(state[STATE_FOUND])
    goes_on = state[STATE_CONTINUES] > 0.0  # the last row is of the leg now flown
    limits, marks = homing[0], memory[2]
    wind_x, wind_y = limits[HOME_WIND_X], limits[HOME_WIND_Y]
    code, who, which = DONE, -1, -1
    while leg < legs.shape[0]:
        dx, dy = legs[leg, 0] - x, legs[leg, 1] - y
        length, speed = norm(dx, dy), legs[leg, 2]
        hours = length / ground_speed(dx, dy, length, speed, wind_x, wind_y) if speed > 0.0 else -speed
        if hours <= 0.0 or (speed > 0.0 and length == 0.0):
            leg += 1
            goes_on = False
            continue
        if t >= until:
            code = CHANGE
            break
        if rows == flown.shape[0] and not goes_on:
            code = FULL
            break
        vx, vy = (legs[leg, 0] - x) / hours, (legs[leg, 1] - y) / hours
        arrive = t + hours
        extra = limits[HOME_BURN + int(legs[leg, 3])] - 1.0
        turn = bingo_time(t, x, y, vx, vy, min(arrive, until), extra, spent, homing)
        end = min(min(arrive, turn), until)
        for commit in range(0 if stop else 1, 2):  # first find what stops the flight, then fly and search that far
            when, first, sensor, count = _search_stretch(
                t, end, x, y, vx, vy, targets, sensing, memory, notice, commit == 1, found, hits
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
            nx = legs[leg, 0] if whole else x + vx * (end - t)
            ny = legs[leg, 1] if whole else y + vy * (end - t)
            if not goes_on:
                flown[rows, 0], flown[rows, 2], flown[rows, 3], flown[rows, 6] = t, x, y, legs[leg, 3]
                rows += 1
            flown[rows - 1, 1], flown[rows - 1, 4], flown[rows - 1, 5] = end, nx, ny
            spent += extra * (end - t)
            if speed < 0.0 and not whole:
                legs[leg, 2] = end - arrive  # the hours that are left
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
    state[STATE_H], state[STATE_X], state[STATE_Y], state[STATE_EXTRA_FUEL] = t, x, y, spent
    state[STATE_LEG], state[STATE_ROWS], state[STATE_FOUND] = leg, rows, hits
    state[STATE_CONTINUES] = goes_on and code != BINGO and code != CHANGE
    return code
