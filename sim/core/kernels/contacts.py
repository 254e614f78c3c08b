"""What a crew knows of contacts: what shows of each, and which are worth an investigation.

Arrays that go together are tuples, here and in `sim.core.kernels.crew`:

* ``sea``: how the m vessels move: the targets of ``fly_legs``, which may leave out segments outside the hours of the
  flight; all segments (n, 6); their numbers vessel by vessel (n,), and where each vessel's begin there (m + 1,).
* ``contacts``: features (m,) that show of each contact, as bits; the contacts that wait (m,), in the order in which
  they came to wait; how far each transfer came on the ladder (m,), and the hour at which each vessel was last
  identified (m,); and notice (m, 2), whose second column is the range within which a contact that waits stops the
  flight again.
* ``judging``: the features of each vessel that show anywhere, with ``ALONGSIDE`` where that shows within a range (m,);
  the score of each set of features (256,); the range within which each sensor tells the hulls of each class apart
  (classes, sensors); the edges of the watch areas (e, 5): number of the area, start and vector; the range at which the
  crew may tell that hulls side by side are no transfer (m,), 0 where it cannot; and the tips of the cell (k, 6), a row
  for each report of a tip that may still be true: place of the tip, its standard error, the hour of that error, the
  hour of the report, and the chance that the tip is true.
"""

import math
from typing import Any

from sim.core.codes import (
    ALONGSIDE,
    EVENT_CODE,
    EVENT_DETAIL,
    EVENT_DETECTED,
    EVENT_H,
    EVENT_TARGET,
    EVENT_X,
    EVENT_Y,
    FLOWN_BEGIN,
    FLOWN_END,
    FLOWN_X0,
    FLOWN_X1,
    FLOWN_Y0,
    FLOWN_Y1,
    NEAR_TIP,
    NOT_CHOSEN,
    SEEN,
    SET_ASIDE,
    STATIONARY,
    STATIONARY_KN,
    WAITING,
    WATCHED,
    WORTHWHILE,
)
from sim.core.kernels.compiling import Array, inline, norm, on_demand, record_of
from sim.core.kernels.zones import crosses_ray


@inline
def place_of(sea: Any, vessel: int, hour: float) -> Any:
    """Return whether a vessel exists at an hour, and its place then."""
    segments, order, starts = sea[1], sea[2], sea[3]
    for place in range(starts[vessel], starts[vessel + 1]):
        i = order[place]
        if segments[i, 0] <= hour < segments[i, 1]:
            gone = hour - segments[i, 0]
            return True, segments[i, 2] + segments[i, 4] * gone, segments[i, 3] + segments[i, 5] * gone
    return False, math.nan, math.nan


@inline
def _makes_way(sea: Any, vessel: int, hour: float) -> bool:
    """Return whether a vessel exists at an hour and is too fast then to be stationary."""
    segments, order, starts = sea[1], sea[2], sea[3]
    for place in range(starts[vessel], starts[vessel + 1]):
        i = order[place]
        if segments[i, 0] <= hour < segments[i, 1]:
            makes_way: bool = norm(segments[i, 4], segments[i, 5]) >= STATIONARY_KN
            return makes_way
    return False


@inline
def place_flown(flight: Any, flown: Array, hour: float) -> Any:
    """Return where the aircraft was at an hour of its flight."""
    low, high = 0, flight.rows
    while low < high:
        middle = (low + high) // 2
        if flown[middle, FLOWN_BEGIN] > hour:
            high = middle
        else:
            low = middle + 1
    if low == 0:
        return flight.x, flight.y
    row = low - 1
    begin, x, y = flown[row, FLOWN_BEGIN], flown[row, FLOWN_X0], flown[row, FLOWN_Y0]
    share = min(1.0, (hour - begin) / (flown[row, FLOWN_END] - begin))
    return x + share * (flown[row, FLOWN_X1] - x), y + share * (flown[row, FLOWN_Y1] - y)


@inline
def report(flight: Any, events: Array, hour: float, code: int, target: int, x: float, y: float, detail: float) -> None:
    """Write down an event; its caller has seen to it that there is room."""
    row = flight.events
    events[row, EVENT_H], events[row, EVENT_CODE], events[row, EVENT_TARGET] = hour, code, target
    events[row, EVENT_X], events[row, EVENT_Y], events[row, EVENT_DETAIL] = x, y, detail
    flight.events = row + 1


@inline
def note_progress(rules: Any, contacts: Any, target: int, code: int, hour: float) -> None:
    """Note how far a target came on the ladder, if it is a transfer and the deployment has not ended."""
    progress = contacts[2]
    if target < rules.pairs and hour < rules.end_h:
        progress[target] = max(progress[target], code)


@inline
def _is_near_tip(rules: Any, tips: Array, x: float, y: float, hour: float) -> bool:
    """Return whether a place at an hour may be that of a tip with a chance then: see `CellState.is_near_tip`."""
    for k in range(tips.shape[0]):
        age_h = hour - tips[k, 4]
        if age_h >= 0.0 and tips[k, 5] * max(0.0, 1.0 - age_h / rules.lasts_h) > 0.0:
            error = norm(tips[k, 2], rules.spread_kn * max(0.0, hour - tips[k, 3]))
            if norm(x - tips[k, 0], y - tips[k, 1]) <= max(1.0, 2.0 * error):
                return True
    return False


@inline
def _is_watched(x: float, y: float, watched: Array) -> bool:
    """Return whether a place lies in a watch area: a ray from it crosses the outline of one an odd number of times."""
    odd = False
    for i in range(watched.shape[0]):
        if i > 0 and watched[i, 0] != watched[i - 1, 0]:
            if odd:
                return True
            odd = False
        if crosses_ray(x, y, watched[i, 1], watched[i, 2], watched[i, 3], watched[i, 4]):
            odd = not odd
    return odd


@inline
def _reconsider_range(rules: Any, score: float) -> Any:
    """Return the range within which a waiting contact of some score is considered again.

    With a price for each hour a contact is worth score / cost_per_h hours at most. Less the time beside it, that is the
    time for the way there and back, so half of it at transit speed is the farthest that can pay.
    """
    farthest: float = rules.reconsider_nmi
    if rules.cost_per_h == 0.0:
        return farthest
    hours = score / rules.cost_per_h
    return max(0.0, min(farthest, rules.reconsider_share * (hours - rules.time_h) * rules.transit_speed_kn / 2.0))


@inline
def _judge(
    flight: Any, rules: Any, contacts: Any, judging: Any, marks: Array, target: int, shows: int, hour: float
) -> None:
    """Let a contact wait for an investigation if what shows of it is worth one."""
    features, waiting, _, _, notice = contacts
    features[target] = shows
    score = judging[1][shows]
    if score > 0.0:
        if not marks[WAITING, target]:
            waiting[flight.waiting] = target
            flight.waiting += 1
        marks[WAITING, target] = True
        notice[target, 1] = _reconsider_range(rules, score)
        if hour < rules.end_h:
            marks[WORTHWHILE, target] = True
    elif rules.follows_tips:
        marks[SET_ASIDE, target] = True


@inline
def take_in(
    flight: Any,
    rules: Any,
    sea: Any,
    contacts: Any,
    judging: Any,
    marks: Array,
    flown: Array,
    found: Array,
    events: Any,
) -> None:
    """Report the detections that the crew has not taken in yet, and judge these contacts."""
    anywhere, _, resolved, watched, _, tips = judging
    kinds = sea[0][4]
    while flight.taken_in < flight.found:
        row = flight.taken_in
        hour, target, sensor = found[row, 0], int(found[row, 1]), int(found[row, 2])
        x, y = place_flown(flight, flown, hour)
        report(flight, events, hour, EVENT_DETECTED, target, x, y, sensor)
        note_progress(rules, contacts, target, NOT_CHOSEN, hour)
        shows, resolved_nmi = anywhere[target] & ~ALONGSIDE, 0.0
        if shows & STATIONARY and _makes_way(sea, target, hour):  # a boat that drifts by turns
            shows &= ~STATIONARY
        if anywhere[target] & ALONGSIDE:
            resolved_nmi = resolved[kinds[target], sensor]
        if resolved_nmi > 0.0 or watched.shape[0] > 0 or rules.weighs_tips:
            _, there_x, there_y = place_of(sea, target, hour)
            if norm(x - there_x, y - there_y) < resolved_nmi:
                shows |= ALONGSIDE
            if _is_watched(there_x, there_y, watched):
                shows |= WATCHED
            if rules.weighs_tips and _is_near_tip(rules, tips, there_x, there_y, hour):
                shows |= NEAR_TIP
        _judge(flight, rules, contacts, judging, marks, target, shows, hour)
        flight.taken_in = row + 1


@inline
def keep_waiting(flight: Any, waiting: Array, marks: Array) -> None:
    """Take the contacts that no longer wait out of the list of those that do; the others keep their order."""
    kept = 0
    for k in range(flight.waiting):
        if marks[WAITING, waiting[k]]:
            waiting[kept] = waiting[k]
            kept += 1
    flight.waiting = kept


@on_demand  # only crews that weigh tips call it
def judge_again(flights: Array, rules_of_crew: Array, sea: Any, contacts: Any, judging: Any, marks: Array) -> None:
    """Judge all contacts again after a tip has come or is followed: those near it are worth more than before."""
    flight, rules, features, tips = record_of(flights), record_of(rules_of_crew), contacts[0], judging[5]
    for target in range(marks.shape[1]):
        if not (marks[SEEN, target] and (marks[WAITING, target] or marks[SET_ASIDE, target])):
            continue
        exists, x, y = place_of(sea, target, flight.hour)
        if not exists:
            marks[SET_ASIDE, target] = False
        elif not features[target] & NEAR_TIP and _is_near_tip(rules, tips, x, y, flight.hour):
            marks[SET_ASIDE, target] = False
            _judge(flight, rules, contacts, judging, marks, target, features[target] | NEAR_TIP, flight.hour)
