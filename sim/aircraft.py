"""The crew at work: a patrol's sorties as a SimPy process.

SimPy works at mission level. Between two decisions (a detection, the end of the route, bingo fuel) the compiled
kernel flies leg after leg; the process then waits for that moment and decides. What the aircraft may meet is handed
to it as an inbox of targets; it reads nothing else of the world.
"""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import chance
from sim.chance import Purpose
from sim.detection import kernel_laws
from sim.routes import lay_route
from sim.schema import Aircraft, Identification, Patrol, Scenario
from sim.tracks import Tracks, Way

Floats = NDArray[np.float64]
Process = Generator[simpy.Event, None, None]

DONE, DETECTED, BINGO, FULL = range(4)  # the kernel's codes
PHASES = ("transit", "search", "divert", "identify", "rejoin", "return")
TRANSIT, SEARCH, DIVERT, IDENTIFY, REJOIN, RETURN = range(6)
_LEG, _GOES_ON = 3, 6  # places in the kernel's state: t, x, y, leg, rows, hits, goes on
_FIRST_ROWS = 256
_NOTICE = 0.95  # of the detour: near enough for the meeting, too, to lie within it, ships being slow
_FUEL_SLACK_H = 1e-9  # rounding of a plan that just fits


@dataclass(frozen=True)
class RoutePlan:
    """A route on the plane: one pass, as it may be entered at each of its ends."""

    name: str
    passes: list[Floats]
    resumes: bool
    repeats: bool

    def nearest(self, place: Sequence[float] | Floats) -> int:
        """The pass whose first point is nearest to a place; the first of equals."""
        far = [math.hypot(one[0, 0] - place[0], one[0, 1] - place[1]) for one in self.passes]
        return far.index(min(far))

    def chain(self, first: int, length_nmi: float) -> Floats:
        """Pass after pass, beginning with pass `first`, each entered at the nearest end: (n, 3) x, y, number.

        As many as a length asks for; one where the route is not repeated.
        """
        points = [np.column_stack([self.passes[first], np.zeros(len(self.passes[first]))])]
        flown = _length(self.passes[first])
        while self.repeats and flown < length_nmi:
            follow = self.passes[self.nearest(points[-1][-1])]
            flown += _length(follow) + math.dist(points[-1][-1, :2], follow[0])
            points.append(np.column_stack([follow, np.full(len(follow), float(len(points)))]))
        return np.vstack(points)


def _length(points: Floats) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


@dataclass(frozen=True)
class PatrolPlan:
    """What one patrol needs in every replication."""

    name: str
    spec: Patrol
    aircraft: Aircraft
    base: tuple[float, float]
    routes: list[RoutePlan]
    chains: list[list[Floats]]
    """A route's legs for as long as the fuel can last, one chain a way in."""
    sensors: list[str]
    eyes: list[np.uint64]
    laws: Floats
    tables: Floats
    notice: Floats
    """As a law's row: within this range a contact left waiting is thought of again."""
    no_limit: Floats
    """Base and speed, for flying without watching the fuel."""
    duration_h: float

    @property
    def slots(self) -> int:
        """Scheduled take-offs within the deployment."""
        count = int(np.ceil((self.duration_h - self.spec.first_takeoff_h) / self.spec.every_h - 1e-12))
        return max(0, count if self.spec.sorties is None else min(count, self.spec.sorties))

    def eyes_of_slots(self) -> NDArray[np.uint64]:
        """The identity of each sensor in each slot, (slots, sensors): its thresholds are its own."""
        from sim import kernels

        return np.array([kernels.entities(eye, 0, self.slots) for eye in self.eyes], np.uint64).T.copy()


def plan_route(scenario: Scenario, name: str, aircraft: str | None = None) -> RoutePlan:
    """The waypoints of a route as a type of aircraft flies it: unless said the first that does, or that there is."""
    route, passes = scenario.routes[name], lay_route(scenario, name, aircraft).passes
    return RoutePlan(name, passes, route.unfinished == "resume", route.finished == "repeat")


def plan_patrol(scenario: Scenario, name: str) -> PatrolPlan:
    """The route, the sensors and the base of one patrol."""
    spec = scenario.patrols[name]
    aircraft = scenario.aircraft[spec.aircraft]
    x, y = scenario.plane.to_xy(*scenario.bases[spec.base].position)
    laws, tables = kernel_laws([scenario.sensors[sensor].law for sensor in aircraft.sensors])
    routes = [plan_route(scenario, route, spec.aircraft) for route in spec.routes]
    longest = aircraft.endurance_h * aircraft.search_speed_kn
    manner = aircraft.identification
    return PatrolPlan(
        name,
        spec,
        aircraft,
        (float(x), float(y)),
        routes,
        [[_legs_of(one.chain(k, longest), aircraft) for k in range(len(one.passes))] for one in routes],
        aircraft.sensors,
        [chance.identity("eye", name, sensor) for sensor in aircraft.sensors],
        laws,
        tables,
        np.array([[0.0, _NOTICE * manner.max_detour_nmi if manner else 0.0]]),
        np.array([float(x), float(y), aircraft.transit_speed_kn, np.inf]),
        scenario.duration_h,
    )


def _legs_of(points: Floats, aircraft: Aircraft) -> Floats:
    """Waypoints (n, 3) with pass numbers as legs of a search; the first is the way in, at transit speed."""
    speed = np.full(len(points), aircraft.search_speed_kn)
    phase = np.full(len(points), float(SEARCH))
    speed[0], phase[0] = aircraft.transit_speed_kn, TRANSIT
    return np.column_stack([points[:, :2], speed, phase, points[:, 2]])


@dataclass
class Inbox:
    """What the engine hands to the aircraft: the targets that can change a flight, and where to report.

    The first `pairs` vessels of `targets` are transfers. `report` takes time, event, patrol, sortie, vessel, x, y and
    a detail.
    """

    key: NDArray[np.uint64]
    targets: Tracks
    pairs: int
    report: Callable[..., None]


@dataclass
class Sortie:
    """One flight as flown."""

    patrol: str
    number: int
    takeoff_h: float
    landing_h: float
    flown: Floats
    """Legs (n, 7): t0, t1, x0, y0, x1, y1, phase."""
    investigations: list[tuple[float, int]]
    """When each began, and of which target."""
    found: Floats
    """When each of the targets that it detected was."""


def until(flown: Floats, end: float) -> Floats:
    """Legs as flown (n, 6 or more) up to an hour: what happens after the deployment's end is not observed."""
    flown = flown[flown[:, 0] < end].copy()
    late = flown[:, 1] > end
    share = ((end - flown[late, 0]) / (flown[late, 1] - flown[late, 0]))[:, None]
    flown[late, 4:6] = flown[late, 2:4] + share * (flown[late, 4:6] - flown[late, 2:4])
    flown[late, 1] = end
    return flown


@dataclass
class _Cursor:
    """Where a patrol stands in its routes from one sortie to the next: the legs left of each pass broken off."""

    turn: int = 0
    rest: dict[int, Floats] = field(default_factory=dict)


class Memory:
    """What the kernel keeps of the targets during a sortie; one patrol's sorties use the same arrays in turn."""

    def __init__(self, plan: PatrolPlan, targets: int) -> None:
        """Room for so many targets."""
        sensors = len(plan.eyes)
        self.eyes = plan.eyes_of_slots()
        self.blank = np.zeros((3, sensors, targets))
        self.blank[0], self.blank[2] = -1.0, -np.inf
        self.numbers = self.blank.copy()
        self.needed, self.had, self.fell = self.numbers
        self.draft, self.look = np.zeros((2, sensors, targets)), np.zeros(targets + 1, np.int64)
        self.marks = np.zeros((2, targets), bool)
        self.seen, self.waiting = self.marks
        self.found = np.empty((targets, 3))
        self.flown = np.empty((_FIRST_ROWS, 7))

    def clear(self) -> None:
        """Forget everything."""
        self.numbers[:] = self.blank
        self.marks[:] = False


class Flight:
    """One sortie while it is flown."""

    def __init__(self, plan: PatrolPlan, inbox: Inbox, memory: Memory, slot: int, takeoff: float) -> None:
        """Take off: nothing is seen yet."""
        from sim import kernels

        self.plan, self.inbox, self.memory, self.slot = plan, inbox, memory, slot
        self.kernel = kernels.fly
        memory.clear()
        self.state = np.array([takeoff, *plan.base, 0.0, 0.0, 0.0, 0.0])
        self.now, self.place = takeoff, plan.base  # the flight's own time, hours, and where it is, nmi
        self.leg, self.rows, self.hits = 0, 0, 0
        self.legs = np.zeros((0, 5))
        self.eyes = memory.eyes[slot]
        self.latest_landing = takeoff + plan.aircraft.endurance_h - plan.aircraft.reserve_h
        self.home = np.array([*plan.base, plan.aircraft.transit_speed_kn, self.latest_landing])
        targets = inbox.targets
        self.searched = (
            targets.rows, targets.owner, targets.reach, inbox.key, targets.vessels, self.eyes, plan.laws, plan.tables,
            memory.needed, memory.had, memory.fell, memory.draft, memory.look, memory.seen, memory.waiting, plan.notice,
        )  # fmt: skip
        self.pending: list[int] = []
        self.investigations: list[tuple[float, int]] = []

    def report(self, event: str, target: int = -1, detail: str = "", when: float | None = None) -> None:
        """Write down what happened here and now, or at an earlier moment of the flight."""
        x, y = self.place if when is None else self.place_at(when)
        self.inbox.report(self.now if when is None else when, event, self.plan.name, self.slot, target, x, y, detail)

    def place_at(self, when: float) -> tuple[float, float]:
        """Where it was at a moment of the flight, nmi."""
        rows = self.memory.flown[: self.rows]
        after = np.searchsorted(rows[:, 0], when, side="right")
        if after == 0:
            return self.place
        t0, t1, x0, y0, x1, y1, _ = rows[after - 1].tolist()
        share = min(1.0, (when - t0) / (t1 - t0))
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    def set_legs(self, legs: Floats) -> None:
        """Fly these legs next."""
        self.legs = legs
        self.state[_LEG] = self.state[_GOES_ON] = 0.0

    def fly(self, stop: bool, watch_fuel: bool) -> int:
        """Fly the legs to the next decision and take in what was detected on the way; a kernel's code."""
        before = self.hits
        memory, home = self.memory, self.home if watch_fuel else self.plan.no_limit
        while True:
            code: int = self.kernel(self.legs, self.state, home, stop, *self.searched, memory.flown, memory.found)
            if code != FULL:
                break
            memory.flown = np.vstack([memory.flown, np.empty_like(memory.flown)])
        self.now, x, y, leg, rows, hits, _ = self.state.tolist()
        self.place, self.leg, self.rows, self.hits = (x, y), int(leg), int(rows), int(hits)
        if self.hits > before:
            for when, target, sensor in memory.found[before : self.hits].tolist():
                self.pending.append(int(target))
                memory.waiting[int(target)] = True
                self.report("detected", int(target), self.plan.sensors[int(sensor)], when)
        return code

    def forget(self, target: int) -> None:
        """Let a contact be: it is investigated, or gone."""
        self.pending.remove(target)
        self.memory.waiting[target] = False

    def hours_home(self, x: float, y: float) -> float:
        """From a place to base."""
        base = self.plan.base
        return math.hypot(x - base[0], y - base[1]) / self.plan.aircraft.transit_speed_kn

    def landing_after(self, way: Way, stay_h: float) -> float:
        """When it lands if it goes a way, stays beside the vessel, moving with it, and flies home."""
        return way.meet_h + stay_h + self.hours_home(way.x + way.vx * stay_h, way.y + way.vy * stay_h)

    def way_to(self, target: int) -> Way:
        """The straight way to a target as it moves now, at transit speed."""
        return self.inbox.targets.way_to(target, self.now, *self.place, self.plan.aircraft.transit_speed_kn)


def _choose(flight: Flight, manner: Identification, left: tuple[float, float]) -> int | None:
    """The contact to investigate next, the one reached soonest, or None.

    `left` is where the route was left; fuel must last to reach the contact, stay, and go home.
    """
    best, choice = np.inf, None
    for target in list(flight.pending):
        way = flight.way_to(target)
        if way.end_h <= flight.now:
            flight.forget(target)
            continue
        late = flight.landing_after(way, manner.time_h)
        detour = math.hypot(way.x - left[0], way.y - left[1])
        if way.meet_h < best and detour <= manner.max_detour_nmi and late <= flight.latest_landing:
            best, choice = way.meet_h, target
    return choice


def _wait(env: simpy.Environment, until: float) -> simpy.Event:
    """The moment at which the process goes on."""
    return env.timeout(max(0.0, until - env.now))


def _pursue(env: simpy.Environment, flight: Flight, manner: Identification, target: int) -> Process:
    """Fly to a contact and stay beside it, aiming anew whenever it turns; classify and document on the way."""
    flight.investigations.append((flight.now, target))
    flight.report("diverted", target)
    is_transfer = target < flight.inbox.pairs
    classified: bool | None = None  # not tried yet
    while True:
        way = flight.way_to(target)
        if way.end_h <= flight.now or flight.landing_after(way, manner.time_h) > flight.latest_landing + _FUEL_SLACK_H:
            flight.report("lost", target)
            return
        near, beside = (_time_at_range(flight, way, rung.range_nmi) for rung in (manner.classify, manner.document))
        until = min(beside, way.turn_h)
        _approach(flight, way, until)
        if classified is None and near <= until and near < way.end_h:
            classified = is_transfer and _succeeds(flight, target, Purpose.CLASSIFY, manner.classify.probability)
            flight.report("classified" if classified else "not_classified", target, "", near)
        yield _wait(env, flight.now)
        if until == beside:
            break
    _stay(flight, way, min(manner.time_h, way.end_h - flight.now))
    yield _wait(env, flight.now)
    parted = flight.now >= way.end_h
    if classified and not parted and _succeeds(flight, target, Purpose.DOCUMENT, manner.document.probability):
        flight.report("documented", target)
    else:
        flight.report("lost" if parted else "identified", target)


def _time_at_range(flight: Flight, way: Way, range_nmi: float) -> float:
    """When a pursuit comes within a range; both head for one point, so the range falls evenly to 0 at the meeting."""
    share = min(1.0, range_nmi / way.range_nmi) if way.range_nmi > 0.0 else 1.0
    return way.meet_h - (way.meet_h - flight.now) * share


def _approach(flight: Flight, way: Way, until: float) -> None:
    """Fly along a way up to a moment."""
    hours = way.meet_h - flight.now
    if until <= flight.now or hours <= 0.0:
        return
    (x, y), share = flight.place, (until - flight.now) / hours
    flight.set_legs(np.array([[x + share * (way.x - x), y + share * (way.y - y), -(until - flight.now), DIVERT, 0.0]]))
    flight.fly(stop=False, watch_fuel=False)


def _stay(flight: Flight, way: Way, hours: float) -> None:
    """Circle beside a contact, moving with it."""
    x, y = flight.place
    flight.set_legs(np.array([[x + way.vx * hours, y + way.vy * hours, -hours, IDENTIFY, 0.0]]))
    flight.fly(stop=False, watch_fuel=False)


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
    rejoining = rest[0, 3] == REJOIN
    left = (float(rest[0, 0]), float(rest[0, 1])) if rejoining else flight.place
    went = False
    while (target := _choose(flight, manner, left)) is not None:
        flight.forget(target)
        went = True
        yield from _pursue(env, flight, manner, target)
    if not went:
        return
    back = np.array([[*left, flight.plan.aircraft.transit_speed_kn, REJOIN, rest[0, 4]]])
    flight.set_legs(np.vstack([back, rest[1:] if rejoining else rest]))


def _plan_legs(flight: Flight, number: int, cursor: _Cursor) -> Floats:
    """From where the aircraft is to a route and along it, what was left of it first."""
    route, chains = flight.plan.routes[number], flight.plan.chains[number]
    rest = cursor.rest.pop(number, None)
    if rest is None:
        return chains[route.nearest(flight.place)]
    if not route.repeats:
        return rest
    follow = chains[route.nearest(rest[-1, :2])]
    legs = np.concatenate([rest, follow])
    legs[len(rest), 2:4] = rest[-1, 2:4]  # entered from the route, not from base
    legs[len(rest) :, 4] += 1.0
    return legs


def _rest_of_pass(flight: Flight) -> Floats:
    """What is left of the pass now flown, to be entered where it is left."""
    left = flight.legs[flight.leg :]
    last = np.searchsorted(left[:, 4], left[0, 4], side="right")
    way_in = (*flight.place, flight.plan.aircraft.transit_speed_kn, TRANSIT, left[0, 4])
    if left[0, 3] == SEARCH:
        legs = np.empty((last + 1, 5))
        legs[0], legs[1:] = way_in, left[:last]
    else:
        legs = left[:last].copy()
        legs[0, 2:4] = way_in[2:4]
    legs[:, 4] = 0.0  # the passes that follow count from it
    return legs


def _fly_route(env: simpy.Environment, flight: Flight, number: int, cursor: _Cursor) -> Process:
    """Out, along the route, and whatever comes of it, until it is time to go home."""
    flight.set_legs(_plan_legs(flight, number, cursor))
    manner = flight.plan.aircraft.identification
    while True:
        code = flight.fly(stop=manner is not None, watch_fuel=True)
        yield _wait(env, flight.now)
        if code == DETECTED and manner is not None:
            yield from _investigate(env, flight, manner)
            continue
        if code == BINGO:
            flight.report("bingo")
            if flight.plan.routes[number].resumes:
                cursor.rest[number] = _rest_of_pass(flight)
        return


def _sortie(env: simpy.Environment, flight: Flight, cursor: _Cursor) -> Process:
    """One flight, from take-off to landing, along the route whose turn it is."""
    number = cursor.turn % len(flight.plan.routes)
    cursor.turn += 1
    flight.report("takeoff", detail=flight.plan.routes[number].name)
    yield from _fly_route(env, flight, number, cursor)
    flight.set_legs(np.array([[*flight.plan.base, flight.plan.aircraft.transit_speed_kn, RETURN, 0.0]]))
    flight.fly(stop=False, watch_fuel=False)
    yield _wait(env, flight.now)
    flight.report("landed")


def patrol(env: simpy.Environment, plan: PatrolPlan, inbox: Inbox, sorties: list[Sortie]) -> Process:
    """All the sorties of one patrol; each is appended to `sorties` as it lands."""
    cursor = _Cursor()
    memory = Memory(plan, inbox.targets.vessels.size)
    ready = -np.inf
    for slot in range(plan.slots):
        scheduled = plan.spec.first_takeoff_h + slot * plan.spec.every_h
        takeoff = max(scheduled, ready)
        if takeoff > scheduled + plan.spec.max_delay_h:
            inbox.report(scheduled, "cancelled", plan.name, slot, -1, *plan.base, "not ready in time")
            continue
        if takeoff >= plan.duration_h:
            return
        yield _wait(env, takeoff)
        flight = Flight(plan, inbox, memory, slot, takeoff)
        yield from _sortie(env, flight, cursor)
        rows = memory.flown[: flight.rows].copy()
        found = memory.found[: flight.hits, 0].copy()
        sorties.append(Sortie(plan.name, slot, takeoff, flight.now, rows, flight.investigations, found))
        ready = flight.now + plan.aircraft.turn_round_h
