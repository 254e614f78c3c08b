"""The included scenario `neon-crew`, stepped through time as a good user of SimPy and NumPy would write it.

A SimPy process flies the aircraft. In each step it moves, and NumPy moves all ships at once and adds to the exposure
of those in range of a sensor. A step ends sooner where a leg, an approach or a stay does. What a step brings is noticed
at its end.

The rival has the plan, the world and the luck of seasweep: routes, detection laws, scores and almanac come from the
plan; ships, weather and bases from the world; thresholds, faults and looks at transfers from the same random numbers.
The rules are written anew, from the text of `docs/methods`, and no compiled function flies, meets or chooses. It knows
what `neon-crew` has: one patrol, ships that keep their courses, no zones, no tips.
"""

import math
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import simpy

from benchmarks.crew_rival_world import Air, Ships, Watch
from sim.core import chance, codes
from sim.core.codes import DIVERT, HOLD, IDENTIFY, REJOIN, RETURN, SEARCH, TRANSIT, Purpose
from sim.core.units import SECONDS_PER_HOUR
from sim.deployment.bases import realise_openings
from sim.deployment.patrols import LATEST_LANDING_H, RECONSIDER_SHARE, wind_speed
from sim.deployment.world import Plan, World
from sim.model.aircraft import Rung

LONGEST_H = 24.0  # no flight lasts so long
CLOSE_H = 1e-3  # a landing that was planned may seem so much too late when it is examined again
Flying = Generator[simpy.Event, Any, None]


class Leg(NamedTuple):
    """A leg to a place, its phase, and the number of its pass."""

    x: float
    y: float
    phase: int
    number: float


@dataclass
class Tally:
    """What the sorties of a replication did before the end of the deployment."""

    sorties: int = 0
    detected: int = 0
    diverted: int = 0
    classified: int = 0
    documented: int = 0
    hours_at_contacts: float = 0.0


class Patrol:
    """The patrol of a replication: its schedule, and what its crews remember from sortie to sortie."""

    def __init__(self, plan: Plan, world: World, step_h: float) -> None:
        """Nobody has flown yet."""
        (self.plan,), self.step_h = plan.patrols, step_h
        identification = self.plan.aircraft.identification
        if identification is None or identification.priority is None:
            raise TypeError("the rival knows a crew that ranks contacts")
        self.rules, self.cost_per_h = identification, identification.priority.cost_per_h
        self.env, self.key, self.end = simpy.Environment(), world.key, plan.scenario.duration_h
        self.weather, self.ships, self.air = world.weather, Ships.of(world), Air(world.weather)
        self.watch, self.tally = Watch(self.plan, world.weather), Tally()
        self.openings = {
            name: realise_openings(base.closed, world.key, name, self.end + LATEST_LANDING_H)
            for name, base in plan.scenario.bases.items()
            if base.closed is not None
        }
        self.identified_h = np.full(self.ships.vessels.size, -np.inf)
        self.rest: list[Leg] = []  # of the pass that the last sortie broke off

    def luck(self, purpose: Purpose, slot: int, *more: np.uint64) -> float:
        """A random number of one flight."""
        return chance.uniform(self.key, purpose, chance.identity("flight", self.plan.name), np.uint64(slot), *more)

    def is_open(self, base: int, hour: float) -> bool:
        """Whether the aircraft may land at a base at an hour."""
        name = self.plan.base_names[base]
        return name not in self.openings or self.openings[name].is_open(hour)

    def can_take_off(self, hour: float) -> bool:
        """Whether base and weather allow a take-off."""
        minima, row = self.plan.aircraft.minima, self.weather.row_at(hour)
        if minima is not None and self.weather.visibility_nmi[row] < minima.visibility_nmi:
            return False
        return self.is_open(0, hour) and (minima is None or wind_speed(self.weather, row) <= minima.wind_kn)

    def fly(self) -> Flying:
        """The process of the aircraft: sortie after sortie."""
        aircraft, ready = self.plan.aircraft, -math.inf
        for slot, due in enumerate(self.plan.schedule.hours(self.key)):
            takeoff, latest = max(due, ready), due + self.plan.spec.max_delay_h
            while takeoff <= latest and not self.can_take_off(takeoff):
                takeoff += self.step_h
            if takeoff > latest or self.luck(Purpose.SERVICE, slot) >= aircraft.serviceability:
                continue
            if takeoff >= self.end:
                return
            yield self.env.timeout(takeoff - self.env.now)
            sortie = Sortie(self, slot)
            yield from sortie.fly()
            self.tally.sorties += 1
            ferry_h = math.dist(self.plan.bases[sortie.base], self.plan.bases[0]) / aircraft.transit_speed_kn
            ready = self.env.now + aircraft.turn_round_h + ferry_h

    def legs(self) -> list[Leg]:
        """The legs of the next sortie: what is left of a pass, and the passes after it."""
        rest, (route,), (chains,) = self.rest, self.plan.routes, self.plan.chains
        chain = chains[route.nearest_pass(rest[-1] if rest else self.plan.base)][
            :, [codes.LEG_X, codes.LEG_Y, codes.LEG_PHASE, codes.LEG_PASS]
        ]
        legs = [Leg(x, y, int(phase), number + bool(rest)) for x, y, phase, number in chain.tolist()]
        return [*rest, legs[0]._replace(phase=rest[-1].phase), *legs[1:]] if rest else legs


class Sortie:
    """One flight, from take-off to landing."""

    def __init__(self, patrol: Patrol, slot: int) -> None:
        """Stand at the base at the hour of take-off."""
        self.patrol, self.plan, self.slot, self.step_h = patrol, patrol.plan, slot, patrol.step_h
        self.env, self.air, self.rules = patrol.env, patrol.air, patrol.rules
        self.takeoff_h, aircraft = patrol.env.now, self.plan.aircraft
        self.speed, (self.x, self.y) = aircraft.transit_speed_kn, self.plan.base
        self.by_fuel_h = self.takeoff_h + aircraft.endurance_h - aircraft.reserve_h
        self.by_clock_h = self.takeoff_h + (aircraft.max_flight_h or math.inf)
        self.extra_h = 0.0  # fuel burnt beyond that of transit, in hours of transit
        self.open, self.usable, self.base = [0], [0], 0
        self.legs, self.left = deque(patrol.legs()), self.plan.base  # where the route was left
        self.has_news, self.light = False, self.plan.light.at(self.takeoff_h)
        self._expect_trouble()
        all_ships = patrol.ships
        lasting = (all_ships.rows[0] < self.takeoff_h + LONGEST_H) & (all_ships.end > self.takeoff_h)
        self.numbers = np.flatnonzero(lasting)
        self.ships, count = all_ships.select(self.numbers), self.numbers.size
        eyes = [chance.join_each(self.ships.vessels, eye) for eye in self.plan.sensor_ids_of_slots[slot]]
        self.needed = -np.log([chance.uniforms(patrol.key, Purpose.THRESHOLD, eye)[:, 0] for eye in eyes])
        self.had, self.score, self.notice = np.zeros(self.needed.shape), np.zeros(count), np.zeros(count)
        self.hidden, self.waiting, self.inside = np.ones(count, bool), np.zeros(count, bool), np.zeros(count, bool)

    def _expect_trouble(self) -> None:
        """Draw when a fault ends the sortie, and when interceptors come."""
        faults_per_h, self.fault_h = self.plan.aircraft.aborts_per_100_h / 100.0, math.inf
        if faults_per_h:
            luck = self.patrol.luck(Purpose.ABORT, self.slot, np.uint64(0))
            self.fault_h = self.takeoff_h - math.log(luck) / faults_per_h
        self.intercepts = [(math.inf, 0.0)]
        for kind in self.plan.intercepts:
            hour, count = self.takeoff_h, 0
            while hour < self.takeoff_h + LONGEST_H:
                luck = self.patrol.luck(Purpose.INTERCEPT, self.slot, kind.identity, np.uint64(count))
                hour, count = hour - math.log(luck) / kind.per_h, count + 1
                self.intercepts.append((hour, kind.time_h))
        self.intercepts.sort()

    # ------------------------------------------------------------------------------------------------ a step
    def _step(self, x: float, y: float, hours: float, phase: int) -> Flying:
        """Fly to a place for at most a step, and look around from the middle of the way."""
        begin = self.env.now
        self._look((self.x + x) / 2.0, (self.y + y) / 2.0, begin + hours / 2.0, hours)
        yield self.env.timeout(hours)
        self.x, self.y = x, y
        self.extra_h += (self.plan.burn_by_phase[phase] - 1.0) * hours
        if DIVERT <= phase <= REJOIN:
            self.patrol.tally.hours_at_contacts += max(0.0, min(hours, self.patrol.end - begin))
        light = self.plan.light.at(self.env.now)
        self.has_news, self.light = self.has_news or light != self.light, light
        self._note_bases()

    def _look(self, x: float, y: float, hour: float, hours: float) -> None:
        """Add to the exposure of the ships in range, and note which contacts are new or have come near."""
        ships, (eyes, farthest) = self.ships, self.patrol.watch.at(hour, self.takeoff_h)
        ships_x, ships_y, _, _ = ships.at(hour)
        ranges, here = np.hypot(ships_x - x, ships_y - y), ships.here(hour)
        near = np.flatnonzero(here & self.hidden & (ranges < farthest[ships.kinds]))
        if near.size:
            lacking = self.needed[:, near] - self.had[:, near]
            gained = hours * np.array([one.rate(ships.kinds[near], ranges[near]) for one in eyes])
            self.had[:, near] += gained
            for k in np.flatnonzero((gained >= lacking).any(axis=0)):
                soonest = int(np.argmax(gained[:, k] / lacking[:, k]))  # the sensor that reached its threshold first
                self._detect(int(near[k]), soonest, float(ranges[near[k]]))
        inside = here & (ranges < self.notice)
        self.has_news |= bool((inside & ~self.inside & self.waiting).any())
        self.inside = inside

    def _detect(self, ship: int, sensor: int, distance: float) -> None:
        """Judge a new contact by what shows of it."""
        anywhere, scores, resolved, _ = self.plan.scoring.tables
        features = int(anywhere[self.ships.traits[ship]])
        if not distance < resolved[self.ships.kinds[ship], sensor]:
            features &= ~codes.ALONGSIDE
        self.hidden[ship], self.has_news = False, True
        self._count("detected")
        score = float(scores[features])
        if score > 0.0:
            pays_nmi = (score / self.patrol.cost_per_h - self.rules.time_h) * self.speed / 2.0
            self.notice[ship] = RECONSIDER_SHARE * max(0.0, min(self.rules.max_detour_nmi, pays_nmi))
            self.score[ship], self.waiting[ship] = score, True

    def _count(self, what: str) -> None:
        if self.env.now < self.patrol.end:
            setattr(self.patrol.tally, what, getattr(self.patrol.tally, what) + 1)

    # ------------------------------------------------------------------------------------------------ home in time
    def _home(self, hour: float, x: float, y: float) -> tuple[float, int]:
        """The hours to the usable base that is reached soonest, and its number."""
        dx, dy = self.plan.bases[self.usable].T - np.array([[x], [y]])
        hours = self.air.hours_to(hour, dx, dy, self.speed)
        best = int(np.argmin(hours))
        return float(hours[best]), self.usable[best]

    def _lands_in_time(self, hour: float, x: float, y: float, extra_h: float = 0.0) -> bool:
        """Whether fuel and clock allow to leave a place for base at an hour."""
        landing_h = hour + self._home(hour, x, y)[0]
        return landing_h + self.extra_h + extra_h <= self.by_fuel_h and landing_h <= self.by_clock_h

    def _note_bases(self) -> None:
        """Home is the own base, others while that is closed, and any of them where no open one is in reach."""
        every = list(range(len(self.plan.bases)))
        is_open = [base for base in every if self.patrol.is_open(base, self.env.now)]
        if is_open != self.open:
            self.open, self.usable = is_open, [0] if 0 in is_open else is_open or every
            if not self._lands_in_time(self.env.now, self.x, self.y, -CLOSE_H):
                self.usable = every

    # ------------------------------------------------------------------------------------------------ the flight
    def _may_go_on(self) -> bool:
        """Whether nothing is broken, and base can still be reached in time after another step."""
        now = self.env.now
        return now < self.fault_h and self._lands_in_time(now + self.step_h, self.x, self.y)

    def fly(self) -> Flying:
        """Search until it is time to go home."""
        while self.legs and self._may_go_on():
            if self.intercepts[0][0] <= self.env.now:
                _, hours = self.intercepts.pop(0)
                if self.legs[0].phase == SEARCH:
                    yield from self._hold(hours)
            elif self.has_news:
                yield from self._investigate()
            else:
                yield from self._search()
        self._break_off()
        yield from self._go_home()

    def _search(self) -> Flying:
        """Fly a step of the legs; it ends where the phase changes."""
        x, y, left, phase = self.x, self.y, self.step_h, self.legs[0].phase
        speed = self.plan.aircraft.search_speed_kn if phase == SEARCH else self.speed
        while left > 0.0 and self.legs and self.legs[0].phase == phase:
            dx, dy = self.legs[0].x - x, self.legs[0].y - y
            length = math.hypot(dx, dy)
            need = length / self.air.speed_along(self.env.now, dx, dy, speed) if length > 0.0 else 0.0
            share = 1.0 if need <= left else left / need
            x, y, left = x + share * dx, y + share * dy, left - share * need
            if share == 1.0:
                self.legs.popleft()
        yield from self._step(x, y, self.step_h - left, phase)

    def _hold(self, hours: float) -> Flying:
        """Hold beside an interceptor, and look at the contacts after that."""
        end = self.env.now + hours
        while self.env.now < end and self._may_go_on():
            yield from self._step(self.x, self.y, min(self.step_h, end - self.env.now), HOLD)
        self.has_news = True

    def _break_off(self) -> None:
        """Keep the rest of the pass for the next sortie, which enters it here."""
        rest = [leg._replace(number=0.0) for leg in self.legs if leg.number == self.legs[0].number]
        if rest and rest[0].phase == SEARCH:
            rest.insert(0, Leg(self.x, self.y, TRANSIT, 0.0))
        elif rest:
            rest[0] = rest[0]._replace(phase=TRANSIT)
        self.patrol.rest = rest

    def _go_home(self) -> Flying:
        """Fly to base, step after step."""
        while True:
            hours, self.base = self._home(self.env.now, self.x, self.y)
            if hours < 1e-6:
                return
            dx, dy = self.plan.bases[self.base] - (self.x, self.y)
            vx, vy = self.air.steer(self.env.now, hours, dx, dy)
            step = min(self.step_h, hours)
            yield from self._step(self.x + vx * step, self.y + vy * step, step, RETURN)

    # ------------------------------------------------------------------------------------------------ investigations
    def _investigate(self) -> Flying:
        """Leave the route for the contacts that are worth it, one after the other."""
        on_way_back, has_gone, number = self.legs[0].phase == REJOIN, False, self.legs[0].number
        self.left = self.legs[0][:2] if on_way_back else (self.x, self.y)
        while self.env.now < self.fault_h and (ship := self._best_contact()) >= 0:
            self._count("diverted")
            has_gone = True
            yield from self._visit(ship)
        if has_gone:
            if on_way_back:
                self.legs.popleft()
            self.legs.appendleft(Leg(*self.left, REJOIN, number))
        self.has_news = False

    def _best_contact(self) -> int:
        """The contact that is worth most, less the price of its hours; -1 for none."""
        now, ships, rules = self.env.now, self.ships, self.rules
        self.waiting &= ships.end > now
        some = np.flatnonzero(self.waiting)
        x, y, vx, vy = ships.at(now, some)
        hours = self.air.hours_to(now, x - self.x, y - self.y, self.speed, vx, vy)
        x, y = x + vx * hours, y + vy * hours
        back = np.hypot(x - self.left[0], y - self.left[1])
        worth = self.score[some] - self.patrol.cost_per_h * (hours + rules.time_h + back / self.speed)
        worth[back > rules.max_detour_nmi] = -np.inf
        for k in np.argsort(-worth):
            ship = int(some[k])
            if worth[k] < 0.0:
                break
            if now - self.patrol.identified_h[self.numbers[ship]] < rules.remember_h:
                self.waiting[ship] = False
            elif self.plan.has_light_for_contact(now + hours[k] + rules.time_h) and self._can_stay(ship, hours[k]):
                self.waiting[ship] = False
                return ship
        return -1

    def _can_stay(self, ship: int, hours: float, spare_h: float = 0.0) -> bool:
        """Whether the fuel lasts to meet a ship after some hours, to stay beside it, and to go home."""
        now, stay_h = self.env.now, self.rules.time_h
        x, y, vx, vy = self.ships.at(now, ship)
        extra_h = (self.plan.burn_by_phase[IDENTIFY] - 1.0) * stay_h - spare_h
        gone = hours + stay_h
        return self._lands_in_time(now + gone, x + vx * gone, y + vy * gone, extra_h)

    def _visit(self, ship: int) -> Flying:
        """Fly to a contact, classify it on the way, stay beside it, and document it."""
        rules, end, was_tried, is_classified = self.rules, self.ships.end[ship], False, False
        while True:
            now, (x, y, vx, vy) = self.env.now, self.ships.at(self.env.now, ship)
            dx, dy = x - self.x, y - self.y
            away, hours = math.hypot(dx, dy), float(self.air.hours_to(now, dx, dy, self.speed, vx, vy))
            if now >= min(end, self.fault_h) or not self._can_stay(ship, hours, CLOSE_H):
                return
            if away <= rules.classify.range_nmi and not was_tried:
                was_tried, is_classified = True, self._climbs("classified", rules.classify, Purpose.CLASSIFY, ship)
            if away <= rules.document.range_nmi + 1e-6:
                break
            ground_x, ground_y = self.air.steer(now, hours, dx, dy, vx, vy)
            step = min(self.step_h, hours * (1.0 - rules.document.range_nmi / away))
            yield from self._step(self.x + ground_x * step, self.y + ground_y * step, step, DIVERT)
        leave = min(self.env.now + rules.time_h, end)
        while self.env.now < leave - 1e-9:
            if self.env.now >= self.fault_h:
                return
            step = min(self.step_h, leave - self.env.now)
            yield from self._step(self.x + vx * step, self.y + vy * step, step, IDENTIFY)
        if self.env.now < end:
            self.patrol.identified_h[self.numbers[ship]] = self.env.now
            if is_classified:
                self._climbs("documented", rules.document, Purpose.DOCUMENT, ship)

    def _climbs(self, what: str, rung: Rung, purpose: Purpose, ship: int) -> bool:
        """Whether a look at a transfer succeeds in the light and visibility of the hour; other ships are no pair."""
        now, weather, light = self.env.now, self.patrol.weather, self.plan.light
        if not self.ships.is_pair[ship] or weather.visibility_nmi[weather.row_at(now)] < rung.min_visibility_nmi:
            return False
        if rung.needs_light and light.sun.elevation(now, *self.plan.plane.to_lonlat(self.x, self.y)) <= light.least_deg:
            return False
        step, slot = chance.identity("step", self.plan.name), np.uint64(self.slot)
        succeeds = chance.uniform(self.patrol.key, purpose, self.ships.vessels[ship], step, slot) < rung.probability
        if succeeds:
            self._count(what)
        return succeeds


def crew_step(plan: Plan, world: World, step_s: float) -> Tally:
    """Fly all sorties of a replication in steps."""
    patrol = Patrol(plan, world, step_s / SECONDS_PER_HOUR)
    patrol.env.process(patrol.fly())
    patrol.env.run()
    return patrol.tally
