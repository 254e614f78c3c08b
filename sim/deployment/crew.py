"""A crew at work: one sortie as a SimPy process, from one decision to the next."""

import math
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import shapely
import simpy

from sim.core.arrays import Floats
from sim.core.codes import BINGO, CHANGE, DETECTED, DONE
from sim.deployment.flight import Flight
from sim.deployment.patrols import HOLD, REJOIN, RETURN, SEARCH, TRANSIT
from sim.deployment.pursuit import Process, investigate, wait
from sim.deployment.sorties import TipFlight
from sim.deployment.tips import best_tip, legs_to, search_about
from sim.model.cells import Tip

Outcome = tuple[bool, int]

_AT_BASE_H = 1e-9  # so near is there: the hours left may be too few to move the clock


@dataclass
class Cursor:
    """Where a patrol stands in its routes from one sortie to the next: the legs left of each pass broken off."""

    rest: dict[int, Floats] = field(default_factory=dict)
    flying: dict[int, Flight] = field(default_factory=dict)
    """Who is on each route now: of those that relieve one another, the last to take off."""


# ---------------------------------------------------------------------------------------------------- routes
def _plan_legs(flight: Flight, number: int, cursor: Cursor) -> Floats:
    """From where the aircraft is to a route and along it, what was left of it first."""
    route, chains, aircraft = flight.plan.routes[number], flight.plan.chains[number], flight.plan.aircraft
    rest = cursor.rest.pop(number, None)
    if number in cursor.flying and route.resumes:
        rest = _handed_over(cursor.flying[number], flight)
    cursor.flying[number] = flight
    if rest is None:
        return chains[route.nearest(flight.place)]
    if flight.plan.cursor != flight.plan.name:  # another type may have left it
        rest[:, 2] = np.where(rest[:, 3] == SEARCH, aircraft.search_speed_kn, aircraft.transit_speed_kn)
    if not route.repeats:
        return rest
    follow = chains[route.nearest(rest[-1, :2])]
    legs = np.concatenate([rest, follow])
    legs[len(rest), 2:4] = rest[-1, 2:4]  # entered from the route, not from base
    legs[len(rest) :, 4] += 1.0
    return legs


def _handed_over(other: Flight, flight: Flight) -> Floats | None:
    """What is left of a route flown by another, from where that one is as it is relieved.

    That is when this one can be there, in still air, or when the other must go home, whichever is first.
    """
    left = other.legs[other.leg :] if other.route_legs is None else other.route_legs
    (x, y), when, spent = other.place, other.now, other.spent

    def is_over(hour: float, x: float, y: float, spent: float) -> bool:
        landing = hour + other.hours_home(hour, x, y)
        late = not other.landing_limits.allow(landing, spent)
        return late or flight.now + math.dist(flight.place, (x, y)) / flight.speed <= hour

    for row, (to_x, to_y, speed, phase, _) in enumerate(left.tolist()):
        hours = math.hypot(to_x - x, to_y - y) / speed if speed > 0.0 else -speed
        extra, low, high = (other.plan.burn[int(phase)] - 1.0) * hours, 0.0, 1.0
        if is_over(when + hours, to_x, to_y, spent + extra):
            for _ in range(40):
                share = (low + high) / 2.0
                there = (x + share * (to_x - x), y + share * (to_y - y))
                over = is_over(when + share * hours, *there, spent + share * extra)
                low, high = (low, share) if over else (share, high)
            return _rest_from(left[row:], (x + low * (to_x - x), y + low * (to_y - y)), flight.speed)
        x, y, when, spent = to_x, to_y, when + hours, spent + extra
    return None


def _rest_of_pass(flight: Flight) -> Floats:
    """What is left of the pass now flown, to be entered where it is left."""
    return _rest_from(flight.legs[flight.leg :], flight.place, flight.plan.aircraft.transit_speed_kn)


def _rest_from(left: Floats, place: tuple[float, float], speed_kn: float) -> Floats:
    """What is left of the pass of the first of some legs, to be entered at a place."""
    last = np.searchsorted(left[:, 4], left[0, 4], side="right")
    way_in = (*place, speed_kn, TRANSIT, left[0, 4])
    if left[0, 3] == SEARCH:
        legs = np.empty((last + 1, 5))
        legs[0], legs[1:] = way_in, left[:last]
    else:
        legs = left[:last].copy()
        legs[0, 2:4] = way_in[2:4]
    legs[:, 4] = 0.0  # the passes that follow count from it
    return legs


def _hold(env: simpy.Environment, flight: Flight, number: int) -> Process:
    """Hold for an interceptor, if it comes where it may and finds the aircraft at its search."""
    _, hours, area, _ = flight.plan.intercepts[number]
    rest = flight.legs[flight.leg :].copy()
    if not len(rest) or rest[0, 3] != SEARCH or (area is not None and not shapely.contains_xy(area, *flight.place)):
        return
    flight.report("intercepted")
    flight.set_legs(np.array([[*flight.place, -hours, HOLD, rest[0, 4]]]))
    outer = flight.route_legs
    flight.route_legs = rest if outer is None else outer
    while (code := flight.fly(stop=False, watch_fuel=True, heed=True)) == CHANGE and "abort" not in flight.due:
        pass
    yield wait(env, flight.now)
    flight.set_legs(rest)
    flight.route_legs = outer
    if "abort" in flight.due:
        return
    if code != BINGO and flight.plan.aircraft.identification is not None and flight.pending:
        yield from investigate(env, flight, flight.plan.aircraft.identification)


def _attend(env: simpy.Environment, flight: Flight, seeking: bool) -> Generator[simpy.Event, None, bool]:
    """Deal with what has come up; whether the sortie is over."""
    while flight.due:
        what = flight.due.pop(0)
        if what == "abort":
            flight.report("aborted")
            return True
        identification, rules = flight.plan.aircraft.identification, flight.plan.spec.tips
        if what in ("tip", "light") and rules is not None and rules.divert and not seeking:
            over, _ = yield from _seek(env, flight)
            if over:
                return True
        if what in ("tip", "light") and flight.pending and identification is not None and flight.leg < len(flight.legs):
            yield from investigate(env, flight, identification)
        if what.startswith("intercept"):
            yield from _hold(env, flight, int(what.split()[1]))
    return False


def _fly_on(env: simpy.Environment, flight: Flight, stop: bool) -> Generator[simpy.Event, None, int]:
    """Fly to the next decision or to the moment at which a tip comes in, whichever is first; a kernel's code."""
    before, cell = flight.hits, flight.cell
    if cell is None:
        code = flight.fly(stop, watch_fuel=True, heed=True)
        yield wait(env, flight.now)
        return code
    moment = flight.moment()
    code = flight.fly_unseeing(stop, watch_fuel=True, heed=True)
    while env.now < flight.now:
        yield env.timeout(flight.now - env.now) | flight.inbox.news(flight.plan.spec.nation)
        if env.now < flight.now:  # it came before: what has been flown beyond was not
            flight.return_to(moment, env.now)
            code = flight.fly_unseeing(stop, watch_fuel=True, heed=True)
    flight.take_in(before)
    return code


def _follow(env: simpy.Environment, flight: Flight, tip: Tip | None = None) -> Generator[simpy.Event, None, Outcome]:
    """Fly the legs, and whatever comes of it, until they end, a tip's ships are documented, or it is time to go home.

    Whether something has ended the sortie, and the kernel's code.
    """
    identification, found = flight.plan.aircraft.identification, len(flight.documented)
    while True:
        code = yield from _fly_on(env, flight, stop=identification is not None)
        if code == DETECTED and identification is not None:
            yield from investigate(env, flight, identification)
        if flight.cell is not None and flight.cell.changes != flight.told:
            flight.told = flight.cell.changes
            flight.look_again()
            flight.due += [] if "tip" in flight.due else ["tip"]
        over = bool(flight.due) and (yield from _attend(env, flight, tip is not None))
        if tip is not None and _is_over(flight, tip, found):
            return over, DONE
        if over or code not in (DETECTED, CHANGE):
            return over, code


def _is_over(flight: Flight, tip: Tip, found: int) -> bool:
    """Whether somebody has documented a tip, or this crew ships at its place, after the first so many."""
    return tip.done or any(flight.covers(tip, x, y) for _, _, x, y in flight.documented[found:])


def _seek(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, Outcome]:
    """Leave the route for tips, the best first, and come back to where it was left; as `_follow`."""
    rest, left, over, code = flight.legs[flight.leg :].copy(), flight.place, False, DONE
    if len(rest) and rest[0, 3] not in (TRANSIT, REJOIN):
        rest = np.vstack([[*left, flight.speed, REJOIN, rest[0, 4]], rest])
    went = False
    while not over and code != BINGO and (best := best_tip(flight)) is not None:
        (tip, there), begin, found = best, flight.now, len(flight.documented)
        about = frozenset(tip.targets)
        tip.taken = flight.seeking = went = True
        flight.report("tip_followed", detail=f"tip {tip.number}")
        flight.look_again()
        flight.set_legs(legs_to(flight, search_about(flight, tip, there)))
        flight.route_legs = rest
        over, code = yield from _follow(env, flight, tip)
        tip.taken = flight.seeking = False
        if not (over or code == BINGO) or flight.now >= there:  # else nobody has looked: others may
            tip.closed_h = max(flight.now, tip.seen_h)
        documented = [target for target, when, _, _ in flight.documented[found:] if when < flight.inbox.end_h]
        whose = flight.plan.spec.nation or ""
        flight.tips.append(TipFlight(whose, tip.number, begin, there, flight.now, documented, about))
    if went and len(rest):
        flight.set_legs(rest)
    flight.route_legs = None
    return over, code


def _fly_route(env: simpy.Environment, flight: Flight, number: int, cursor: Cursor) -> Process:
    """Out, along the route, and whatever comes of it, until it is time to go home; first to a tip, if there is one."""
    rules = flight.plan.spec.tips
    if flight.cell is not None and rules is not None and rules.next_sortie:
        over, code = yield from _seek(env, flight)
        if code == BINGO:
            flight.report("bingo")
        if over or code == BINGO:
            return
    flight.set_legs(_plan_legs(flight, number, cursor))
    over, code = yield from _follow(env, flight)
    if code == BINGO:
        flight.report("bingo")
    if cursor.flying.get(number) is flight:  # nobody has relieved it
        del cursor.flying[number]
        if (over or code == BINGO) and flight.plan.routes[number].resumes and flight.leg < len(flight.legs):
            cursor.rest[number] = _rest_of_pass(flight)


def _go_home(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, int]:
    """Fly to the base that is reached soonest of those it may land at; its number."""
    speed = flight.plan.aircraft.transit_speed_kn
    if flight.plain and not flight.inbox.openings:
        flight.set_legs(np.array([[*flight.plan.bases[flight.usable[0]], speed, RETURN, 0.0]]))
        flight.fly(stop=False, watch_fuel=False)
        yield wait(env, flight.now)
        return flight.usable[0]
    flight.reconsider()
    while True:
        flight.due.clear()
        hours, base, x, y = flight.kernels.way_home(flight.now, *flight.place, flight.unwatched)
        if hours <= _AT_BASE_H:
            return flight.usable[int(base)]
        if flight.plain_air or not flight.open:
            legs = np.array([[x, y, speed, RETURN, 0.0]])
        else:
            dx, dy = x - flight.place[0], y - flight.place[1]
            whole, vx, vy, hold = flight.kernels.steer(flight.now, dx, dy, speed, flight.inbox.winds)
            there = (x, y) if hold >= whole else (flight.place[0] + vx * hold, flight.place[1] + vy * hold)
            legs = np.array([[*there, -hold, RETURN, 0.0]])
        flight.set_legs(legs)
        flight.fly(stop=False, watch_fuel=False, heed=True)
        yield wait(env, flight.now)


def sortie(env: simpy.Environment, flight: Flight, number: int, cursor: Cursor) -> Generator[simpy.Event, None, int]:
    """One flight, from take-off to landing, along a route; the number of the base where it lands."""
    flight.report("takeoff", detail=flight.plan.routes[number].name)
    yield from _fly_route(env, flight, number, cursor)
    base = yield from _go_home(env, flight)
    names, openings = flight.plan.base_names, flight.inbox.openings
    closed = names[base] in openings and not openings[names[base]].is_open(flight.now)
    where = names[base] if base or closed else ""
    flight.report("landed", detail=f"{where}, below minima" if closed else where)
    return base
