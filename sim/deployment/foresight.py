"""Flying where vessels answer to aircraft: a flight runs ahead, and is put back to the moment at which the sea changes.

A flight is flown to its next decision as if nothing changed. If a pair that it meets on the way would part before
that, it is put back to where it set out, and flown anew as far as that moment. Then it waits until everybody else has
got as far. If the sea changes first, because of another aircraft, it is put back as well. Only what nobody can undo any
more is reported, and only then do vessels answer to it. So each flight is flown as if it had known of each change in
advance.
"""

import math
from collections.abc import Generator
from typing import Any, NamedTuple

import simpy

from sim.core.arrays import Floats
from sim.core.codes import (
    AIM,
    AIMED,
    APPROACH,
    BESIDE,
    CHANGE,
    LEAVE,
    ON_LEGS,
    SETTLE,
    STAY,
    STAY_CHANGED,
    THERE,
    TO_CORNER,
)
from sim.deployment.changes import Change, latest_end_h
from sim.deployment.flight import Flight, Unsettled
from sim.deployment.flight_state import Kept
from sim.deployment.inbox import Encounter, Watch

_AT_CONTACT = (AIM, TO_CORNER, APPROACH, AIMED, THERE, BESIDE, STAY, STAY_CHANGED, LEAVE)


class _Before(NamedTuple):
    """A flight as it set out."""

    state: Kept
    conditions: tuple[Any, ...]
    pending: list[Change]
    sea: tuple[Any, ...]
    searched_until_h: float
    last_identified_h: Floats


def fly_on(env: simpy.Environment, flight: Flight, decides: bool = True) -> Generator[simpy.Event, None, int]:
    """Fly on as `Flight.fly` does; where vessels answer to aircraft, wait there until nobody can undo the flight."""
    watch, unsettled = flight.inbox.watch, flight.unsettled
    if watch is None or unsettled is None:
        return flight.fly(decides)
    take_in_sea(flight)
    before, met = _keep(flight), None
    while True:
        code = flight.fly(decides)
        identified = flight.crew.last_identified_h.copy()
        if met is None:
            flown, since_h = flight.state.flown[before.state.first_row : flight.state.rows], before.state.hour
            met = watch.encounters(unsettled.visitor, flown, since_h, unsettled.met)
        own = _own_change(flight, met)
        coming = own or (yield from _wait(env, flight))
        if coming is None:
            _settle(flight, watch, met)
            stopped_for_sea = take_in_sea(flight) and code == CHANGE
            must_decide = decides and flight.pending and flight.state.task == ON_LEGS
            if not stopped_for_sea or must_decide:
                return code
            before, met = _keep(flight), None
            continue
        _put_back(flight, before)
        _forget_identified(flight, before, identified)
        flight.caught_up_h = flight.caught_up_h if own else coming.hour
        if coming.hour <= flight.state.hour and flight.state.task != ON_LEGS:  # it had not set out yet
            take_in_sea(flight)
            before, met = _keep(flight), None
        else:
            _stop_at(flight, coming)
            met = [encounter for encounter in met if encounter.hour <= coming.hour]  # the flight up to then is the same


def _own_change(flight: Flight, met: list[Encounter]) -> Change | None:
    """The first change at sea before the flight ends that it causes itself; None if it causes none."""
    parts_h = min((encounter.parts_h for encounter in met), default=math.inf)
    return Change(parts_h, "sea") if parts_h < flight.state.hour else None


# ---------------------------------------------------------------------------------------------------- undoing
def _keep(flight: Flight) -> _Before:
    """Keep a flight as it sets out."""
    _unsettled(flight).set_out(flight)
    return _Before(
        flight.state.keep(), flight.conditions.keep(), list(flight.pending), flight.sea, flight.searched_until_h,
        flight.crew.last_identified_h.copy(),
    )  # fmt: skip


def _put_back(flight: Flight, before: _Before) -> None:
    """Put a flight back to where it set out."""
    flight.state.put_back(before.state)
    flight.conditions.put_back(before.conditions)
    flight.pending[:] = before.pending
    flight.sea, flight.searched_until_h = before.sea, before.searched_until_h
    flight.expect_next_change()
    _unsettled(flight).rows.clear()


def _forget_identified(flight: Flight, before: _Before, after: Floats) -> None:
    """Forget which vessels the crew has identified since it set out, apart from those that another has identified."""
    now = flight.crew.last_identified_h
    own = (after != before.last_identified_h) & (now == after)
    now[own] = before.last_identified_h[own]


def _stop_at(flight: Flight, coming: Change) -> None:
    """Let a flight stop at a change."""
    flight.conditions.expect(coming)
    flight.expect_next_change()
    if coming.what == "sea":
        _unsettled(flight).stop_h = coming.hour


def _unsettled(flight: Flight) -> Unsettled:
    if flight.unsettled is None:
        raise AssertionError("where no vessel answers to aircraft, nothing is undone")
    return flight.unsettled


def _wait(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, Change | None]:
    """Wait until everybody else has got as far; return what calls the flight back before, None for nothing.

    While a flight searches, news of its cell calls it back too. Where nobody acts before, there is nothing to wait for.
    """
    inbox, state, unsettled = flight.inbox, flight.state, _unsettled(flight)
    if inbox.next_event_h() > state.hour:
        return None
    heeds_tips = flight.cell is not None and state.task == SETTLE
    while env.now < state.hour:
        news = [inbox.sea_news] + ([inbox.news(flight.plan.spec.nation)] if heeds_tips else [])
        yield env.any_of([env.timeout(state.hour - env.now), *news])
        if inbox.sea_revision > unsettled.sea_revision and env.now < state.hour:
            return Change(env.now, "sea")
        if env.now < state.hour:
            return Change(env.now, "tip")
    return None


# ---------------------------------------------------------------------------------------------------- settling
def _settle(flight: Flight, watch: Watch, met: list[Encounter]) -> None:
    """Accept what has been flown: report it, and let the pairs that it met answer."""
    unsettled = _unsettled(flight)
    flight.caught_up_h = max(flight.caught_up_h, flight.state.hour)
    rows, unsettled.rows = unsettled.rows, []
    flight.take_in_rows(rows)
    unsettled.met.update(encounter.vessels for encounter in met)
    watch.take_in(unsettled.visitor, met)


def take_in_sea(flight: Flight) -> bool:
    """Take in what has changed at sea by now; whether the flight was to stop for that alone."""
    unsettled, inbox, state = _unsettled(flight), flight.inbox, flight.state
    if inbox.sea_revision > unsettled.sea_revision:
        parted = inbox.parted[unsettled.parted :]
        unsettled.sea_revision, unsettled.parted = inbox.sea_revision, len(inbox.parted)
        flight.crew.look_at_sea()
        flight.search_between(state.hour, latest_end_h(flight.plan, flight.takeoff_h))
        flight.expect_next_change()
        for target in set(parted):
            _lose(flight, target)
            state.forget(target)
    stops = unsettled.stop_h <= state.hour
    unsettled.stop_h = math.inf
    return stops


def _lose(flight: Flight, target: int) -> None:
    """Let a crew that is on its way to a pair, or beside it, see that the pair has parted."""
    state = flight.state
    if state.target != target or state.task not in _AT_CONTACT or state.end_h <= state.hour:
        return
    state.end_h = state.turn_h = state.hour
    if state.task == APPROACH:  # it is there as far as it will come
        state.aim_again_h, state.task = state.hour, AIMED
    elif state.task in (STAY, STAY_CHANGED):
        state.task = LEAVE
    elif state.task == TO_CORNER:
        state.task = AIM
