"""The crew at work: a patrol's sorties as a SimPy process, from one decision to the next."""

import math
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import shapely
import simpy
from numpy.typing import NDArray

from sim import chance
from sim.aircraft import BINGO, CHANGE, DETECTED, Flight, Inbox, Memory, Sortie
from sim.chance import Purpose
from sim.contacts import (
    CLASSIFIED_DARKNESS,
    CLASSIFIED_LEFT,
    DARKNESS,
    DOCUMENTED,
    LEFT,
    NOT_CLASSIFIED,
    NOT_DOCUMENTED,
)
from sim.patrols import DIVERT, HOLD, IDENTIFY, REJOIN, RETURN, SEARCH, TRANSIT, PatrolPlan, wind_speed
from sim.schema import HOURS_PER_DAY, Identification
from sim.tracks import Way

Floats = NDArray[np.float64]
Process = Generator[simpy.Event, None, None]

_FUEL_SLACK_H = 1e-9  # rounding of a plan that just fits
_AT_BASE_H = 1e-9  # so near is there: the hours left may be too few to move the clock


@dataclass
class Cursor:
    """Where a patrol stands in its routes from one sortie to the next: the legs left of each pass broken off."""

    rest: dict[int, Floats] = field(default_factory=dict)
    flying: dict[int, Flight] = field(default_factory=dict)
    """Who is on each route now: of those that relieve one another, the last to take off."""


def _wait(env: simpy.Environment, until: float) -> simpy.Event:
    """The moment at which the process goes on."""
    return env.timeout(max(0.0, until - env.now))


# ---------------------------------------------------------------------------------------------------- contacts
def _choose(flight: Flight, manner: Identification, left: tuple[float, float]) -> int | None:
    """The contact to investigate next, or None: the one worth most, less its hours; of equals the one reached soonest.

    `left` is where the route was left; fuel must last to reach the contact, stay, and go home.
    """
    if not flight.pending:
        return None
    targets, rules = list(flight.pending), manner.priority
    ways = flight.ways_to(targets)
    score = flight.plan.manners.score
    scores = np.array([score[shows] for shows in flight.pending.values()] if rules else [0.0] * len(targets))
    cost = rules.cost_per_h if rules else 0.0
    worth = flight.kernels.weigh(
        ways, scores, flight.now, *left, manner.max_detour_nmi, manner.time_h, cost, flight.speed
    ).tolist()
    for k in [k for k, value in enumerate(worth) if value != value]:
        flight.forget(targets[k])  # it is gone
    meet = ways[:, 0].tolist()
    for k in sorted((k for k, value in enumerate(worth) if value >= 0.0), key=lambda k: (-worth[k], meet[k])):
        target = targets[k]
        if flight.remembers(target):
            flight.forget(target)
        else:
            way = Way(*ways[k].tolist())
            if flight.lands_in_time(way, manner.time_h) and (manner.in_dark or _in_light(flight, manner, way)):
                return target
    return None


def _in_light(flight: Flight, manner: Identification, way: Way) -> bool:
    """Whether there will be light for a document at the end of the time beside a contact, by the almanac."""
    return not manner.document.needs_light or flight.plan.light.at(way.meet_h + manner.time_h)


def _pursue(env: simpy.Environment, flight: Flight, manner: Identification, target: int) -> Process:
    """Fly to a contact and stay beside it, aiming anew whenever it turns; classify and document on the way."""
    flight.report("diverted", target)
    flight.came_to(target, LEFT)
    classified: bool | None = None  # not tried yet
    while True:
        way = flight.way_to(target)
        gone = way.end_h <= flight.now or not math.isfinite(way.meet_h) or "abort" in flight.due
        if gone or not flight.lands_in_time(way, manner.time_h, _FUEL_SLACK_H):
            flight.report("lost", target)
            return
        if way.via is not None:
            _fly_to(flight, way.via)
            yield _wait(env, flight.now)
            continue
        near, beside = (_time_at_range(flight, way, rung.range_nmi) for rung in (manner.classify, manner.document))
        until = min(beside, way.turn_h, flight.until, way.hold_h)
        _approach(flight, way, until)
        if classified is None and near <= until and near < way.end_h:
            classified = _classified(flight, manner, target, near)
        yield _wait(env, flight.now)
        if until == beside:
            break
    hours = min(manner.time_h, way.end_h - flight.now)
    if not flight.is_clear(way, hours):
        flight.report("lost", target)
        return
    _stay(flight, way, hours)
    yield _wait(env, flight.now)
    if "abort" in flight.due:
        flight.report("lost", target)
        return
    parted = flight.now >= way.end_h
    if classified and _documented(flight, manner, target, parted):
        flight.report("documented", target)
    else:
        flight.report("lost" if parted else "identified", target)
    if not parted:
        flight.known[target] = flight.now


def _classified(flight: Flight, manner: Identification, target: int, when: float) -> bool:
    """Try to recognise two vessels alongside."""
    good = target < flight.inbox.pairs
    if good and not flight.allows(manner.classify, when, *flight.place_at(when)):
        flight.came_to(target, DARKNESS, when)
        good = False
    elif good:
        good = _succeeds(flight, target, Purpose.CLASSIFY, manner.classify.probability)
        flight.came_to(target, CLASSIFIED_LEFT if good else NOT_CLASSIFIED, when)
    flight.report("classified" if good else "not_classified", target, "", when)
    return good


def _documented(flight: Flight, manner: Identification, target: int, parted: bool) -> bool:
    """Try to take imagery of a transfer that was classified, at the end of the time beside it."""
    if parted:
        return False
    if not flight.allows(manner.document, flight.now, *flight.place):
        flight.came_to(target, CLASSIFIED_DARKNESS)
        return False
    good = _succeeds(flight, target, Purpose.DOCUMENT, manner.document.probability)
    flight.came_to(target, DOCUMENTED if good else NOT_DOCUMENTED)
    return good


def _time_at_range(flight: Flight, way: Way, range_nmi: float) -> float:
    """When a pursuit comes within a range; both head for one point, so the range falls evenly to 0 at the meeting.

    In winds that change, before they do, it is the first root of |d - c t| = range.
    """
    if way.hold_h < way.meet_h:
        wait = way.meet_h - flight.now
        dx, dy = way.x - way.vx * wait - flight.place[0], way.y - way.vy * wait - flight.place[1]
        cx, cy = way.ground_x - way.vx, way.ground_y - way.vy
        inside = dx * dx + dy * dy - range_nmi * range_nmi
        along, speed2 = dx * cx + dy * cy, cx * cx + cy * cy
        root = along * along - speed2 * inside
        if inside <= 0.0:
            return flight.now
        return flight.now + inside / (along + math.sqrt(root)) if root >= 0.0 and along > 0.0 else math.inf
    share = min(1.0, range_nmi / way.range_nmi) if way.range_nmi > 0.0 else 1.0
    return way.meet_h - (way.meet_h - flight.now) * share


def _fly_to(flight: Flight, place: tuple[float, float]) -> None:
    """Fly to a corner on the way, or as far as conditions hold."""
    flight.set_legs(np.array([[*place, flight.plan.aircraft.transit_speed_kn, DIVERT, 0.0]]))
    flight.fly(stop=False, watch_fuel=False, heed=True)


def _approach(flight: Flight, way: Way, until: float) -> None:
    """Fly along a way up to a moment."""
    hours = way.meet_h - flight.now
    if until <= flight.now or hours <= 0.0:
        return
    (x, y), share = flight.place, (until - flight.now) / hours
    to = (x + share * (way.x - x), y + share * (way.y - y))
    if math.isfinite(way.hold_h):
        to = (x + way.ground_x * (until - flight.now), y + way.ground_y * (until - flight.now))
    flight.set_legs(np.array([[*to, -(until - flight.now), DIVERT, 0.0]]))
    flight.fly(stop=False, watch_fuel=False)


def _stay(flight: Flight, way: Way, hours: float) -> None:
    """Circle beside a contact, moving with it."""
    x, y = flight.place
    flight.set_legs(np.array([[x + way.vx * hours, y + way.vy * hours, -hours, IDENTIFY, 0.0]]))
    while flight.fly(stop=False, watch_fuel=False, heed=True) == CHANGE and "abort" not in flight.due:
        pass


def _succeeds(flight: Flight, target: int, purpose: Purpose, probability: float) -> bool:
    """A step of the ladder: the same luck for the same vessel, patrol and slot, whatever the route."""
    vessel = flight.inbox.targets.vessels[target]
    luck = chance.uniform(
        flight.inbox.key, purpose, vessel, chance.identity("step", flight.plan.name), np.uint64(flight.slot)
    )
    return luck < probability


def _investigate(env: simpy.Environment, flight: Flight, manner: Identification) -> Process:
    """Leave the leg for the contacts worth it, one after the other, and come back to where it was left."""
    rest = flight.legs[flight.leg :]
    back = next((row for row, phase in enumerate(rest[:, 3]) if phase != REJOIN), len(rest))  # legs back to the route
    left = (float(rest[back - 1, 0]), float(rest[back - 1, 1])) if back else flight.place
    rejoin = np.array([[*left, flight.speed, REJOIN, rest[0, 4]]])
    flight.route_legs, went = np.vstack([rejoin, rest[back:]]), False
    while "abort" not in flight.due and (target := _choose(flight, manner, left)) is not None:
        shows = flight.forget(target)
        flight.investigations.append((flight.now, target, flight.plan.manners.leading[shows]))
        went = True
        yield from _pursue(env, flight, manner, target)
    if went:
        flight.set_legs(flight.route_legs)
    flight.route_legs = None


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
        late = landing + spent > other.latest_landing or landing > other.latest_clock
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
    flight.route_legs = rest
    while (code := flight.fly(stop=False, watch_fuel=True, heed=True)) == CHANGE and "abort" not in flight.due:
        pass
    yield _wait(env, flight.now)
    flight.set_legs(rest)
    flight.route_legs = None
    if "abort" in flight.due:
        return
    if code != BINGO and flight.plan.aircraft.identification is not None and flight.pending:
        yield from _investigate(env, flight, flight.plan.aircraft.identification)


def _attend(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, bool]:
    """Deal with what has come up; whether the sortie is over."""
    while flight.due:
        what = flight.due.pop(0)
        if what == "abort":
            flight.report("aborted")
            return True
        manner = flight.plan.aircraft.identification
        if what == "light" and flight.pending and manner is not None and flight.leg < len(flight.legs):
            yield from _investigate(env, flight, manner)
        if what.startswith("intercept"):
            yield from _hold(env, flight, int(what.split()[1]))
    return False


def _fly_route(env: simpy.Environment, flight: Flight, number: int, cursor: Cursor) -> Process:
    """Out, along the route, and whatever comes of it, until it is time to go home."""
    flight.set_legs(_plan_legs(flight, number, cursor))
    manner = flight.plan.aircraft.identification
    while True:
        code = flight.fly(stop=manner is not None, watch_fuel=True, heed=True)
        yield _wait(env, flight.now)
        if code == DETECTED and manner is not None:
            yield from _investigate(env, flight, manner)
        over = bool(flight.due) and (yield from _attend(env, flight))
        if not over and code in (DETECTED, CHANGE):
            continue
        if code == BINGO:
            flight.report("bingo")
        if cursor.flying.get(number) is flight:  # nobody has relieved it
            del cursor.flying[number]
            if (over or code == BINGO) and flight.plan.routes[number].resumes and flight.leg < len(flight.legs):
                cursor.rest[number] = _rest_of_pass(flight)
        return


def _go_home(env: simpy.Environment, flight: Flight) -> Generator[simpy.Event, None, int]:
    """Fly to the base that is reached soonest of those it may land at; its number."""
    speed = flight.plan.aircraft.transit_speed_kn
    if flight.plain and not flight.inbox.spells:
        flight.set_legs(np.array([[*flight.plan.bases[flight.usable[0]], speed, RETURN, 0.0]]))
        flight.fly(stop=False, watch_fuel=False)
        yield _wait(env, flight.now)
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
        yield _wait(env, flight.now)


def _sortie(env: simpy.Environment, flight: Flight, number: int, cursor: Cursor) -> Generator[simpy.Event, None, int]:
    """One flight, from take-off to landing, along a route; the number of the base where it lands."""
    flight.report("takeoff", detail=flight.plan.routes[number].name)
    yield from _fly_route(env, flight, number, cursor)
    base = yield from _go_home(env, flight)
    names, spells = flight.plan.base_names, flight.inbox.spells
    closed = names[base] in spells and not spells[names[base]].open(flight.now)
    where = names[base] if base or closed else ""
    flight.report("landed", detail=f"{where}, below minima" if closed else where)
    return base


# ---------------------------------------------------------------------------------------------------- schedule
@dataclass
class Readiness:
    """When a patrol's aircraft and crews can fly again."""

    aircraft_h: float
    crews_h: list[float]
    flights: list[tuple[float, float]]
    """Take-off and landing of each flight so far."""

    def flown_before(self, when: float) -> float:
        """Hours in the air in the 24 hours before."""
        begin = when - HOURS_PER_DAY
        return sum(max(0.0, landing - max(takeoff, begin)) for takeoff, landing in self.flights)

    def rested_h(self, most_h: float) -> float:
        """From when the airframe has flown at most so many hours in the 24 before."""
        flown = 0.0
        for takeoff, landing in reversed(self.flights):
            if flown + landing - takeoff > most_h:
                return landing - (most_h - flown) + HOURS_PER_DAY
            flown += landing - takeoff
        return -math.inf


def _departure(plan: PatrolPlan, inbox: Inbox, slot: int, ready: Readiness) -> tuple[float, str]:
    """When a slot's sortie takes off, and what it waited for last; infinite if it never can."""
    aircraft, name = plan.aircraft, plan.base_names[0]
    takeoff, why = plan.first_takeoff_h + slot * plan.spec.every_h, "not ready in time"
    if plan.flies_when_ready and not inbox.spells:
        return max(takeoff, ready.aircraft_h), why
    need = min(aircraft.endurance_h - aircraft.reserve_h, aircraft.max_flight_h or math.inf)
    day = aircraft.max_flight_h_a_day
    waits = [(ready.aircraft_h, "not ready in time"), (min(ready.crews_h, default=-math.inf), "crew not rested")]
    if day is not None:
        waits.append((ready.rested_h(day - min(day, need)), "airframe out of hours"))
    while math.isfinite(takeoff):
        before = takeoff
        for hour, reason in waits:
            takeoff, why = (hour, reason) if hour > takeoff else (takeoff, why)
        if name in inbox.spells and not inbox.spells[name].open(takeoff):
            takeoff, why = inbox.spells[name].opens_after(takeoff), "base closed"
        fit = _fit_weather(plan, inbox, takeoff)
        takeoff, why = (fit, "below minima") if fit > takeoff else (takeoff, why)
        if takeoff == before:
            break
    return takeoff, why


def _fit_weather(plan: PatrolPlan, inbox: Inbox, hour: float) -> float:
    """The first hour from this one on at which the weather lets it take off."""
    minima, weather = plan.aircraft.minima, inbox.weather
    if minima is None or not math.isfinite(hour):
        return hour
    for at in range(weather.at(hour), len(weather.begin)):
        wind = wind_speed(weather, at)
        if not weather.visibility_nmi[at] < minima.visibility_nmi and wind <= minima.wind_kn:
            return max(hour, float(weather.begin[at]))
    return math.inf


def _longest_flight(plan: PatrolPlan, ready: Readiness, takeoff: float) -> float:
    """What crew and airframe may fly, hours."""
    day = plan.aircraft.max_flight_h_a_day
    airframe = math.inf if day is None else day - ready.flown_before(takeoff)
    return min(airframe, plan.aircraft.max_flight_h or math.inf)


def patrol(env: simpy.Environment, plan: PatrolPlan, inbox: Inbox, sorties: list[Sortie], cursor: Cursor) -> Process:
    """All the sorties of one patrol; each is appended to `sorties` as it lands."""
    memory = Memory(plan, inbox.met)
    ready = Readiness(-math.inf, [-math.inf] * (plan.spec.crews or 0), [])
    turn = 0
    for slot in range(plan.slots):
        scheduled = plan.first_takeoff_h + slot * plan.spec.every_h
        takeoff, why = _departure(plan, inbox, slot, ready)
        if not _serviceable(plan, inbox, slot):
            takeoff, why = math.inf, "unserviceable"
        if takeoff > scheduled + plan.spec.max_delay_h:
            inbox.report(scheduled, "cancelled", plan.name, slot, -1, *plan.base, why)
            continue
        if takeoff >= plan.duration_h:
            return
        yield _wait(env, takeoff)
        flight = Flight(plan, inbox, memory, slot, takeoff, _longest_flight(plan, ready, takeoff))
        base = yield from _sortie(env, flight, turn % len(plan.routes), cursor)
        turn += 1
        sorties.append(flight.sortie())
        ferry = math.dist(plan.bases[base], plan.bases[0]) / plan.aircraft.transit_speed_kn if base else 0.0
        ready.aircraft_h = flight.now + plan.aircraft.turn_round_h + ferry
        late = takeoff - HOURS_PER_DAY
        ready.flights = [*(one for one in ready.flights if one[1] > late), (takeoff, flight.now)]
        if ready.crews_h:
            ready.crews_h[int(np.argmin(ready.crews_h))] = flight.now + plan.spec.crew_rest_h


def _serviceable(plan: PatrolPlan, inbox: Inbox, slot: int) -> bool:
    """Whether the aircraft is fit to fly when a slot is due: the same luck whatever else differs."""
    if plan.aircraft.serviceability == 1.0:
        return True
    luck = chance.uniform(inbox.key, Purpose.SERVICE, chance.identity("flight", plan.name), np.uint64(slot))
    return luck < plan.aircraft.serviceability
