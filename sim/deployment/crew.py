"""A crew at work: one sortie as a SimPy process, from one decision to the next."""

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
import simpy

from sim.core.arrays import Floats
from sim.core.codes import BINGO, CHANGE, DETECTED, DONE
from sim.deployment.flight import Flight
from sim.deployment.patrols import HOLD, REJOIN, RETURN, SEARCH, TRANSIT
from sim.deployment.pursuit import Process, investigate, wait
from sim.deployment.sorties import TipFlight
from sim.deployment.tips import best_tip, search_about, search_legs
from sim.model.cells import Tip


class Outcome(NamedTuple):
    """How a part of a sortie ended."""

    is_over: bool
    """Whether something has ended the sortie: the crew goes home."""
    code: int
    """The kernel's code, see `sim.core.codes.DONE`."""


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
        return chains[route.nearest_pass(flight.place)]
    # An aircraft of another type, with other speeds, may have left it.
    if flight.plan.shared_progress != flight.plan.name:
        rest[:, 2] = np.where(rest[:, 3] == SEARCH, aircraft.search_speed_kn, aircraft.transit_speed_kn)
    if not route.repeats:
        return rest
    # The rest of the pass is followed by whole passes. A chain begins with the way in from base, in transit; here the
    # aircraft comes from the end of the pass before it and goes on as it searched there.
    next_passes = chains[route.nearest_pass(rest[-1, :2])]
    legs = np.concatenate([rest, next_passes])
    legs[len(rest), 2:4] = rest[-1, 2:4]
    legs[len(rest) :, 4] += 1.0
    return legs


def _rest_at_hand_over(other: Flight, flight: Flight) -> Floats | None:
    """What is left of a route flown by another aircraft, from the place where this one relieves it.

    The other is relieved when this one can be there, in still air, or when it must go home, whichever is first. The
    other's margin of fuel and clock only falls as it flies on, and the time that this one has in hand only grows while
    its transit is faster than the other's search. So the hand-over falls on the first leg at whose end one of the two
    holds, and halving that leg finds the place. It is a plan: a contact may yet divert the other. None where the other
    ends its route before.
    """
    left = other.legs[other.leg :] if other.interrupted_route is None else other.interrupted_route
    (x, y), now, extra_burn_h = other.place, other.now, other.extra_burn_h

    def must_hand_over(hour: float, x: float, y: float, extra_burn_h: float) -> bool:
        landing_h = hour + other.hours_home(hour, x, y)
        goes_home = not other.landing_limits.allow(landing_h, extra_burn_h)
        return goes_home or flight.now + math.dist(flight.place, (x, y)) / flight.transit_speed_kn <= hour

    for row, (to_x, to_y, speed, phase, _) in enumerate(left.tolist()):
        hours = math.hypot(to_x - x, to_y - y) / speed if speed > 0.0 else -speed
        extra_of_leg_h = (other.plan.burn_by_phase[int(phase)] - 1.0) * hours
        if must_hand_over(now + hours, to_x, to_y, extra_burn_h + extra_of_leg_h):
            low, high = 0.0, 1.0
            for _ in range(_HALVINGS):
                share = (low + high) / 2.0
                there = (x + share * (to_x - x), y + share * (to_y - y))
                is_late = must_hand_over(now + share * hours, *there, extra_burn_h + share * extra_of_leg_h)
                low, high = (low, share) if is_late else (share, high)
            there = (x + low * (to_x - x), y + low * (to_y - y))
            return _rest_from(left[row:], there, flight.transit_speed_kn)
        x, y, now, extra_burn_h = to_x, to_y, now + hours, extra_burn_h + extra_of_leg_h
    return None


def _rest_of_pass(flight: Flight) -> Floats:
    """What is left of the pass now flown, to be entered where the aircraft leaves it."""
    return _rest_from(flight.legs[flight.leg :], flight.place, flight.transit_speed_kn)


def _rest_from(left: Floats, place: tuple[float, float], transit_speed_kn: float) -> Floats:
    """Of some legs those of the first one's pass, entered at a place.

    If the pass was broken off within a search leg, a way in to that place is put before the leg. If it was broken off
    before its first search leg, or on the way between two, that leg itself becomes the way in.
    """
    last = np.searchsorted(left[:, 4], left[0, 4], side="right")
    way_in = (*place, transit_speed_kn, TRANSIT, left[0, 4])
    if left[0, 3] == SEARCH:
        legs = np.empty((last + 1, 5))
        legs[0], legs[1:] = way_in, left[:last]
    else:
        legs = left[:last].copy()
        legs[0, 2:4] = way_in[2:4]
    legs[:, 4] = 0.0  # the passes that follow are counted from this one
    return legs


# ---------------------------------------------------------------------------------------------------- decisions
def _hold(env: simpy.Environment, flight: Flight, number: int) -> Process:
    """Hold for an interceptor, if the aircraft is searching and is where interceptors of this kind come."""
    kind = flight.plan.intercepts[number]
    rest = flight.legs[flight.leg :].copy()
    is_within = kind.area is None or shapely.contains_xy(kind.area, *flight.place)
    if not len(rest) or rest[0, 3] != SEARCH or not is_within:
        return
    flight.report("intercepted")
    flight.set_legs(np.array([[*flight.place, -kind.time_h, HOLD, rest[0, 4]]]))
    outer = flight.interrupted_route
    flight.interrupted_route = rest if outer is None else outer
    while (
        code := flight.fly(stop_at_contacts=False, watch_fuel=True, stop_for_decisions=True)
    ) == CHANGE and "abort" not in flight.pending_decisions:
        pass
    yield wait(env, flight.now)
    flight.set_legs(rest)
    flight.interrupted_route = outer
    if "abort" in flight.pending_decisions:
        return
    if code != BINGO and flight.plan.aircraft.identification is not None and flight.contacts.waiting:
        yield from investigate(env, flight, flight.plan.aircraft.identification)


def _decide(env: simpy.Environment, flight: Flight, is_following_tip: bool) -> Generator[simpy.Event, None, bool]:
    """Decide about everything that has happened, in order; whether the sortie is over.

    `is_following_tip`: whether the crew is following a tip; it then follows no other.
    """
    while flight.pending_decisions:
        what = flight.pending_decisions.pop(0)
        if what == "abort":
            flight.report("aborted")
            return True
        identification, rules = flight.plan.aircraft.identification, flight.plan.spec.tips
        if what in ("tip", "light") and rules is not None and rules.divert and not is_following_tip:
            is_over, _ = yield from _follow_tips(env, flight)
            if is_over:
                return True
        is_on_route = flight.leg < len(flight.legs)
        if what in ("tip", "light") and flight.contacts.waiting and identification is not None and is_on_route:
            yield from investigate(env, flight, identification)
        if what.startswith("intercept"):
            yield from _hold(env, flight, int(what.split()[1]))
    return False


def _fly_to_decision(
    env: simpy.Environment, flight: Flight, stop_at_contacts: bool
) -> Generator[simpy.Event, None, int]:
    """Fly to the next decision, or to the hour at which news comes, whichever is first; return the kernel's code.

    The kernel flies to the next decision at once, in no time of the simulation, while the nation's other crews and its
    partners have not got so far: their reports up to that hour are not known yet. So the process waits until the
    simulation has caught up. If news comes meanwhile, the flight goes back to its last decision and is flown anew,
    this time as far as the hour of the news. Only then are its detections reported.
    """
    before, cell = flight.detection_count, flight.cell
    if cell is None:
        code = flight.fly(stop_at_contacts, watch_fuel=True, stop_for_decisions=True)
        yield wait(env, flight.now)
        return code
    checkpoint = flight.checkpoint()
    code = flight.fly_without_reporting(stop_at_contacts, watch_fuel=True, stop_for_decisions=True)
    while env.now < flight.now:
        yield env.timeout(flight.now - env.now) | flight.inbox.news(flight.plan.spec.nation)
        if env.now < flight.now:  # the news came first
            flight.restore_checkpoint(checkpoint, env.now)
            code = flight.fly_without_reporting(stop_at_contacts, watch_fuel=True, stop_for_decisions=True)
    flight.report_detections(before)
    return code


def _fly_legs(env: simpy.Environment, flight: Flight, tip: Tip | None = None) -> Generator[simpy.Event, None, Outcome]:
    """Fly the legs, and whatever comes of it, until they end or it is time to go home.

    With a tip, also until somebody has documented what the tip is about.
    """
    identification, found = flight.plan.aircraft.identification, len(flight.documented)
    while True:
        code = yield from _fly_to_decision(env, flight, stop_at_contacts=identification is not None)
        if code == DETECTED and identification is not None:
            yield from investigate(env, flight, identification)
        if flight.cell is not None and flight.cell.changes != flight.cell_revision:
            flight.cell_revision = flight.cell.changes
            flight.contacts.judge_again(flight.now)
            flight.pending_decisions += [] if "tip" in flight.pending_decisions else ["tip"]
        is_over = bool(flight.pending_decisions) and (yield from _decide(env, flight, tip is not None))
        if tip is not None and _is_settled(flight, tip, found):
            return Outcome(is_over, DONE)
        if is_over or code not in (DETECTED, CHANGE):
            return Outcome(is_over, code)


# ---------------------------------------------------------------------------------------------------- tips
def _is_settled(flight: Flight, tip: Tip, before: int) -> bool:
    """Whether a tip is done with, or this crew's documents from index `before` on are of ships at its place."""
    return tip.resolved or any(flight.is_at_tip(tip, x, y) for _, _, x, y in flight.documented[before:])


def _follow_tips(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, Outcome]:
    """Leave the route for tips, the best first, and come back to where the route was left."""
    rest, left, is_over, code = flight.legs[flight.leg :].copy(), flight.place, False, DONE
    if len(rest) and rest[0, 3] not in (TRANSIT, REJOIN):
        rest = np.vstack([[*left, flight.transit_speed_kn, REJOIN, rest[0, 4]], rest])
    has_gone = False
    while not is_over and code != BINGO and (best := best_tip(flight)) is not None:
        (tip, arrival_h), begin_h, before = best, flight.now, len(flight.documented)
        about = frozenset(tip.targets)
        tip.assigned = flight.is_following_tip = has_gone = True
        flight.report("tip_followed", detail=f"tip {tip.number}")
        flight.contacts.judge_again(flight.now)
        flight.set_legs(search_legs(flight, search_about(flight, tip, arrival_h)))
        flight.interrupted_route = rest
        is_over, code = yield from _fly_legs(env, flight, tip)
        tip.assigned = flight.is_following_tip = False
        gave_up = is_over or code == BINGO
        if not gave_up or flight.now >= arrival_h:  # a crew that turned back on the way leaves the tip to others
            tip.searched_h = max(flight.now, tip.seen_h)
        documented = [target for target, hour, _, _ in flight.documented[before:] if hour < flight.inbox.end_h]
        nation = flight.plan.spec.nation or ""
        flight.tip_flights.append(TipFlight(nation, tip.number, begin_h, arrival_h, flight.now, documented, about))
    if has_gone and len(rest):
        flight.set_legs(rest)
    flight.interrupted_route = None
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
        is_broken_off = (is_over or code == BINGO) and flight.leg < len(flight.legs)
        if is_broken_off and flight.plan.routes[number].resumes:
            progress.unfinished[number] = _rest_of_pass(flight)


def _go_home(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, int]:
    """Fly to the base that is reached soonest of those where the aircraft may land; return its number."""
    if flight.straight_home and not flight.inbox.openings:
        base = flight.usable_bases[0]
        flight.set_legs(np.array([[*flight.plan.bases[base], flight.transit_speed_kn, RETURN, 0.0]]))
        flight.fly(stop_at_contacts=False, watch_fuel=False)
        yield wait(env, flight.now)
        return base
    flight.reconsider_bases()
    while True:
        flight.pending_decisions.clear()
        hours, number, x, y = flight.kernels.way_home(flight.now, *flight.place, flight.homing_unlimited)
        if hours <= _AT_BASE_H:
            return flight.usable_bases[int(number)]
        flight.set_legs(_leg_home(flight, x, y))
        flight.fly(stop_at_contacts=False, watch_fuel=False, stop_for_decisions=True)
        yield wait(env, flight.now)


def _leg_home(flight: Flight, x: float, y: float) -> Floats:
    """The next leg (1, 5) of the way home, whose next point is given.

    Through winds that change, over the open sea, the aircraft holds one heading all the way, which is quickest. The
    wind bends that way over the ground, so the leg leads as far as the present wind holds.
    """
    speed_kn = flight.transit_speed_kn
    if flight.inbox.still_air or not flight.no_zones:
        return np.array([[x, y, speed_kn, RETURN, 0.0]])
    dx, dy = x - flight.place[0], y - flight.place[1]
    hours, vx, vy, hold_h = flight.kernels.steer(flight.now, dx, dy, speed_kn, flight.inbox.winds)
    there = (x, y) if hold_h >= hours else (flight.place[0] + vx * hold_h, flight.place[1] + vy * hold_h)
    return np.array([[*there, -hold_h, RETURN, 0.0]])


def sortie(
    env: simpy.Environment, flight: Flight, number: int, progress: RouteProgress
) -> Generator[simpy.Event, None, int]:
    """Fly one sortie along a route, from take-off to landing; return the number of the base where it lands."""
    flight.report("takeoff", detail=flight.plan.routes[number].name)
    yield from _fly_route(env, flight, number, progress)
    base = yield from _go_home(env, flight)
    names, openings = flight.plan.base_names, flight.inbox.openings
    is_closed = names[base] in openings and not openings[names[base]].is_open(flight.now)
    where = names[base] if base or is_closed else ""
    flight.report("landed", detail=f"{where}, below minima" if is_closed else where)
    return base
