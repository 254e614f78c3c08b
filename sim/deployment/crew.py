"""A crew at work: one sortie as a SimPy process, from one decision to the next."""

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
import simpy

from sim.core.arrays import Floats
from sim.core.codes import (
    ALONE,
    ASK_DOCUMENTED,
    BACK,
    BEGIN,
    BINGO,
    CATCH_UP,
    CHANGE,
    DONE,
    LEG_PASS,
    LEG_PHASE,
    LEG_SPEED,
    LEG_X,
    LEG_Y,
    REJOIN,
    RETURN,
    SEARCH,
    SETTLE,
    TRANSIT,
)
from sim.deployment.changes import Change
from sim.deployment.flight import Flight
from sim.deployment.foresight import fly_on
from sim.deployment.investigations import ANSWERS
from sim.deployment.legs import hold, hours_of, leg
from sim.deployment.sorties import TipFlight
from sim.deployment.tips import best_tip, search_about, search_legs
from sim.deployment.waiting import Process, wait
from sim.model.cells import Tip


class Outcome(NamedTuple):
    """How a part of a sortie ended."""

    is_over: bool
    """Whether something has ended the sortie: the crew goes home."""
    code: int
    """Why the compiled flight returned, see `sim.core.codes.DONE`."""


_AT_BASE_H = 1e-9  # a base so near has been reached: the hours left may be too few to move the clock
_HALVINGS = 40  # of a leg, to find where it is handed over: a leg of 1000 nmi is cut to within 1e-9 nmi


@dataclass
class RouteProgress:
    """How far the routes of a patrol, or of patrols that relieve one another, have been flown."""

    unfinished: dict[int, Floats] = field(default_factory=dict)
    """For each route whose pass was broken off: the legs that are left of the pass."""
    last_on_route: dict[int, Flight] = field(default_factory=dict)
    """The flight that is on each route now: of those that relieve one another, the last to take off."""


# ---------------------------------------------------------------------------------------------------- routes
def _plan_legs(flight: Flight, number: int, progress: RouteProgress) -> Floats:
    """The legs from where the aircraft is to a route and along it; what was left of its last pass comes first."""
    route, chains, aircraft = flight.plan.routes[number], flight.plan.chains[number], flight.plan.aircraft
    rest = progress.unfinished.pop(number, None)
    if number in progress.last_on_route and route.resumes:
        rest = _rest_at_hand_over(progress.last_on_route[number], flight)
    progress.last_on_route[number] = flight
    if rest is None:
        return chains[route.nearest_pass(flight.state.place)]
    # An aircraft of another type, with other speeds, may have left it.
    if flight.plan.shared_progress != flight.plan.name:
        is_search = rest[:, LEG_PHASE] == SEARCH
        rest[:, LEG_SPEED] = np.where(is_search, aircraft.search_speed_kn, aircraft.transit_speed_kn)
    if not route.repeats:
        return rest
    # The rest of the pass is followed by whole passes. A chain begins with the way in from base, in transit; here the
    # aircraft comes from the end of the pass before it and goes on as it searched there.
    next_passes = chains[route.nearest_pass(rest[-1, LEG_X : LEG_Y + 1].tolist())]
    legs = np.concatenate([rest, next_passes])
    legs[len(rest), LEG_SPEED:LEG_PASS] = rest[-1, LEG_SPEED:LEG_PASS]  # speed, hours, phase
    legs[len(rest) :, LEG_PASS] += 1.0
    return legs


def _rest_at_hand_over(other: Flight, flight: Flight) -> Floats | None:
    """What is left of a route flown by another aircraft, from the place where this one relieves it.

    The other is relieved when this one can be there, in still air, or when it must go home, whichever is first. The
    other's margin of fuel and clock only falls as it flies on, and the time that this one has in hand only grows while
    its transit is faster than the other's search. So the hand-over falls on the first leg at whose end one of the two
    holds, and halving that leg finds the place. It is a plan: a contact may yet divert the other. None where the other
    ends its route before.
    """
    left, state, conditions = other.route_left(), other.state, other.conditions
    (x, y), now, extra_burn_h = state.place, state.hour, state.extra_burn_h
    takeoff_h, start, transit_speed_kn = flight.state.hour, flight.state.place, flight.plan.aircraft.transit_speed_kn

    def must_hand_over(hour: float, x: float, y: float, extra_burn_h: float) -> bool:
        landing_h = hour + conditions.hours_home(hour, x, y)
        goes_home = not conditions.landing_limits.allow(landing_h, extra_burn_h)
        return goes_home or takeoff_h + math.dist(start, (x, y)) / transit_speed_kn <= hour

    for row, to in enumerate(left.tolist()):
        to_x, to_y = to[LEG_X], to[LEG_Y]
        hours = hours_of(to, math.hypot(to_x - x, to_y - y))
        extra_of_leg_h = (other.plan.burn_by_phase[int(to[LEG_PHASE])] - 1.0) * hours
        if must_hand_over(now + hours, to_x, to_y, extra_burn_h + extra_of_leg_h):
            low, high = 0.0, 1.0
            for _ in range(_HALVINGS):
                share = (low + high) / 2.0
                there = (x + share * (to_x - x), y + share * (to_y - y))
                is_late = must_hand_over(now + share * hours, *there, extra_burn_h + share * extra_of_leg_h)
                low, high = (low, share) if is_late else (share, high)
            there = (x + low * (to_x - x), y + low * (to_y - y))
            return _rest_from(left[row:], there, transit_speed_kn)
        x, y, now, extra_burn_h = to_x, to_y, now + hours, extra_burn_h + extra_of_leg_h
    return None


def _rest_of_pass(flight: Flight) -> Floats:
    """What is left of the pass now flown, to be entered where the aircraft leaves it."""
    state = flight.state
    return _rest_from(state.legs[state.leg :], state.place, flight.plan.aircraft.transit_speed_kn)


def _rest_from(left: Floats, place: tuple[float, float], transit_speed_kn: float) -> Floats:
    """Of some legs those of the first one's pass, entered at a place.

    If the pass was broken off within a search leg, a way in to that place is put before the leg. If it was broken off
    before its first search leg, or on the way between two, that leg itself becomes the way in.
    """
    last = left[:, LEG_PASS].searchsorted(left[0, LEG_PASS], side="right")
    if left[0, LEG_PHASE] == SEARCH:
        legs = np.concatenate([leg(*place, speed_kn=transit_speed_kn, phase=TRANSIT), left[:last]])
    else:
        legs = left[:last].copy()
        legs[0, LEG_SPEED], legs[0, LEG_PHASE] = transit_speed_kn, TRANSIT
    legs[:, LEG_PASS] = 0.0  # the passes that follow are counted from this one
    return legs


# ---------------------------------------------------------------------------------------------------- decisions
def _catch_up(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, bool]:
    """Wait until everybody else has got as far as the flight; whether news of the cell has called it back instead.

    A flight that is alone waits for nobody: nothing that others do concerns it, nor what it does them.
    """
    state = flight.state
    if flight.crew.in_step == ALONE:
        return False
    if flight.unsettled is not None:  # it has waited while it could be undone
        flight.caught_up_h = state.hour
        return False
    while env.now < state.hour:
        if state.task != SETTLE:
            yield wait(env, state.hour)
            continue
        yield env.timeout(state.hour - env.now) | flight.inbox.news(flight.plan.spec.nation)
        if env.now < state.hour:
            flight.call_back(Change(env.now, "tip"))
            return True
    flight.caught_up_h = env.now
    return False


def _fly_to_decision(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, int]:
    """Fly to the next decision, and wait until everybody else has got as far; return why the flight stopped.

    A flight runs ahead of the simulation. Where others act on what it does, or it on what they do, it stops for them to
    catch up: where it has searched, before each choice of a contact, and before a contact is left. While it searches,
    news of its cell calls it back: it is put back to where it set out, and flown anew, this time as far as the hour of
    the news. Only when nobody can call it back are its detections taken in.
    """
    while True:
        # Where no vessel answers, `fly_on` is `fly`, which is called here: a generator costs as much as some flights.
        code = flight.fly() if flight.unsettled is None else (yield from fly_on(env, flight))
        question = ANSWERS.get(code)
        if question is None or (code == ASK_DOCUMENTED and flight.crew.in_step != ALONE):
            is_called_back = yield from _catch_up(env, flight)
            if is_called_back:
                continue
        if question is not None:
            question(flight)
        elif code != CATCH_UP:
            return code


def _investigate(env: simpy.Environment, flight: Flight) -> Process:
    """Leave the route for the contacts that are worth it, one after the other, and come back to where it was left."""
    before, flight.state.returns = flight.state.returns, True
    flight.state.task = BEGIN
    yield from _fly_to_decision(env, flight)
    flight.state.returns = before


def _hold(env: simpy.Environment, flight: Flight, number: int) -> Process:
    """Hold for an interceptor, if the aircraft is searching and is where interceptors of this kind come."""
    kind, state, rest = flight.plan.intercepts[number], flight.state, flight.state.rest()
    is_within = kind.area is None or shapely.contains_xy(kind.area, *state.place)
    if not len(rest) or rest[0, LEG_PHASE] != SEARCH or not is_within:
        return
    flight.report("intercepted")
    flight.left_routes.append(rest)
    flight.set_legs(hold(*state.place, hours=kind.time_h, number=float(rest[0, LEG_PASS])))
    state.stops_at_contacts, state.watches_fuel, state.may_be_undone = False, True, False
    while (code := (yield from fly_on(env, flight))) == CHANGE and not flight.is_aborted:
        pass
    yield wait(env, state.hour)
    flight.caught_up_h = env.now
    flight.set_legs(flight.left_routes.pop())
    if not flight.is_aborted and code != BINGO and flight.plan.aircraft.identification is not None:
        yield from _investigate(env, flight)


def _decide(env: simpy.Environment, flight: Flight, is_following_tip: bool) -> Generator[simpy.Event, None, bool]:
    """Decide about everything that has happened, in order; whether the sortie is over.

    `is_following_tip`: whether the crew is following a tip; it then follows no other.
    """
    identification, rules = flight.plan.aircraft.identification, flight.plan.spec.tips
    while flight.pending:
        change = flight.next_decision()
        if change.what == "abort":
            flight.report("aborted")
            return True
        if change.what in ("tip", "light") and rules is not None and rules.divert and not is_following_tip:
            is_over, _ = yield from _follow_tips(env, flight)
            if is_over:
                return True
        if change.what in ("tip", "light") and identification is not None and flight.is_on_route:
            yield from _investigate(env, flight)
        if change.what == "intercept":
            yield from _hold(env, flight, change.number)
    return False


def _fly_legs(env: simpy.Environment, flight: Flight, tip: Tip | None = None) -> Generator[simpy.Event, None, Outcome]:
    """Fly the legs, and whatever comes of it, until they end or it is time to go home.

    With a tip, also until somebody has documented what the tip is about.
    """
    found = len(flight.documented)
    while True:
        flight.state.stops_at_contacts = flight.plan.aircraft.identification is not None
        flight.state.watches_fuel, flight.state.may_be_undone = True, flight.cell is not None
        flight.state.returns = tip is not None
        code = yield from _fly_to_decision(env, flight)
        flight.ask_cell()
        is_over = bool(flight.pending) and (yield from _decide(env, flight, tip is not None))
        if tip is not None and _is_settled(flight, tip, found):
            return Outcome(is_over, DONE)
        if is_over or code not in (BACK, CHANGE):
            return Outcome(is_over, code)


# ---------------------------------------------------------------------------------------------------- tips
def _is_settled(flight: Flight, tip: Tip, before: int) -> bool:
    """Whether a tip is done with, or this crew's documents from index `before` on are of ships at its place."""
    return tip.resolved or any(flight.is_at_tip(tip, x, y) for _, _, x, y in flight.documented[before:])


def _follow_tips(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, Outcome]:
    """Leave the route for tips, the best first, and come back to where the route was left."""
    state, speed_kn = flight.state, flight.plan.aircraft.transit_speed_kn
    rest, is_over, code = state.rest(), False, DONE
    if len(rest) and rest[0, LEG_PHASE] not in (TRANSIT, REJOIN):
        number = float(rest[0, LEG_PASS])
        rest = np.vstack([leg(*state.place, speed_kn=speed_kn, phase=REJOIN, number=number), rest])
    flight.left_routes.append(rest)
    has_gone = False
    while not is_over and code != BINGO and (best := best_tip(flight)) is not None:
        (tip, arrival_h), begin_h, before = best, state.hour, len(flight.documented)
        about = frozenset(tip.targets)
        tip.assigned = flight.is_following_tip = has_gone = True
        flight.report("tip_followed", detail=f"tip {tip.number}")
        flight.judge_again()
        flight.set_legs(search_legs(flight, search_about(flight, tip, arrival_h)))
        is_over, code = yield from _fly_legs(env, flight, tip)
        tip.assigned = flight.is_following_tip = False
        gave_up = is_over or code == BINGO
        if not gave_up or state.hour >= arrival_h:  # a crew that turned back on the way leaves the tip to others
            tip.searched_h = max(state.hour, tip.seen_h)
        documented = [target for target, hour, _, _ in flight.documented[before:] if hour < flight.inbox.end_h]
        nation = flight.plan.spec.nation or ""
        flight.tip_flights.append(TipFlight(nation, tip.number, begin_h, arrival_h, state.hour, documented, about))
    flight.left_routes.pop()
    if has_gone and len(rest):
        flight.set_legs(rest)
    return Outcome(is_over, code)


# ---------------------------------------------------------------------------------------------------- the sortie
def _fly_route(env: simpy.Environment, flight: Flight, number: int, progress: RouteProgress) -> Process:
    """Fly to a route and along it until it is time to go home; if there is a tip at take-off, fly to that first."""
    rules = flight.plan.spec.tips
    if flight.cell is not None and rules is not None and rules.next_sortie:
        is_over, code = yield from _follow_tips(env, flight)
        if code == BINGO:
            flight.report("bingo")
        if is_over or code == BINGO:
            return
    flight.set_legs(_plan_legs(flight, number, progress))
    is_over, code = yield from _fly_legs(env, flight)
    if code == BINGO:
        flight.report("bingo")
    if progress.last_on_route.get(number) is flight:  # nobody has relieved it
        del progress.last_on_route[number]
        is_broken_off = (is_over or code == BINGO) and flight.is_on_route
        if is_broken_off and flight.plan.routes[number].resumes:
            progress.unfinished[number] = _rest_of_pass(flight)


def _go_home(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, int]:
    """Fly to the base that is reached soonest of those where the aircraft may land; return its number."""
    state, conditions, speed_kn = flight.state, flight.conditions, flight.plan.aircraft.transit_speed_kn
    state.stops_at_contacts = state.watches_fuel = state.may_be_undone = False
    if conditions.straight_home and not flight.inbox.openings:
        base = conditions.usable_bases[0]
        flight.set_legs(leg(*flight.plan.bases[base], speed_kn=speed_kn, phase=RETURN))
        if flight.unsettled is None:
            flight.fly(decides=False)
        else:
            yield from fly_on(env, flight, decides=False)
        yield wait(env, state.hour)
        return base
    if flight.inbox.openings:
        flight.reconsider_conditions()
    while True:
        flight.forget_decisions()
        hours, number, x, y = flight.kernels.way_home(state.hour, *state.place, conditions.homing)
        if hours <= _AT_BASE_H:
            return conditions.usable_bases[int(number)]
        flight.set_legs(_leg_home(flight, x, y))
        yield from fly_on(env, flight)
        yield wait(env, state.hour)


def _leg_home(flight: Flight, x: float, y: float) -> Floats:
    """The next leg (1, 6) of the way home, whose next point is given.

    Through winds that change, over the open sea, the aircraft holds one heading all the way, which is quickest. The
    wind bends that way over the ground, so the leg leads as far as the present wind holds.
    """
    speed_kn, hour, place = flight.plan.aircraft.transit_speed_kn, flight.state.hour, flight.state.place
    if flight.inbox.still_air or not flight.conditions.no_zones:
        return leg(x, y, speed_kn=speed_kn, phase=RETURN)
    dx, dy = x - place[0], y - place[1]
    hours, vx, vy, hold_h = flight.kernels.steer(hour, dx, dy, speed_kn, flight.inbox.winds)
    there = (x, y) if hold_h >= hours else (place[0] + vx * hold_h, place[1] + vy * hold_h)
    return hold(*there, hours=hold_h, phase=RETURN)


def sortie(
    env: simpy.Environment, flight: Flight, number: int, progress: RouteProgress
) -> Generator[simpy.Event, None, int]:
    """Fly one sortie along a route, from take-off to landing; return the number of the base where it lands."""
    flight.report("takeoff", detail=flight.plan.routes[number].name)
    yield from _fly_route(env, flight, number, progress)
    return (yield from _land(env, flight))


def tip_sortie(env: simpy.Environment, flight: Flight, tip: Tip) -> Generator[simpy.Event, None, int]:
    """Fly to tips, the best first, and home without a route; return the number of the base where it lands.

    `tip` is the one for which the crew takes off.
    """
    flight.report("takeoff", detail=f"tip {tip.number}")
    _, code = yield from _follow_tips(env, flight)
    if code == BINGO:
        flight.report("bingo")
    return (yield from _land(env, flight))


def _land(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, int]:
    """Fly home and land; return the number of the base."""
    base = yield from _go_home(env, flight)
    names, openings = flight.plan.base_names, flight.inbox.openings
    is_closed = names[base] in openings and not openings[names[base]].is_open(flight.state.hour)
    where = names[base] if base or is_closed else ""
    flight.report("landed", detail=f"{where}, below minima" if is_closed else where)
    return base
