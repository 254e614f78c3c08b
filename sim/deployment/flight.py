"""One aircraft in the air: what it carries and knows, and the compiled flight to its next decision.

SimPy works at mission level. Between two decisions (a detection, the end of the route, bingo fuel) the compiled
kernel flies leg after leg; where the weather, the light or the bases change it is stopped, told, and goes on. What the
aircraft may meet is handed to it as an inbox of targets; it reads nothing else of the world.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from sim.core import chance
from sim.core.airspace import NoWayError
from sim.core.arrays import Floats
from sim.core.codes import CHANGE, FULL, HOME_BY_CLOCK, HOME_BY_FUEL, STATE_CONTINUES, STATE_LEG, Purpose
from sim.core.motion import Rendezvous
from sim.deployment.contacts import NEAR_TIP
from sim.deployment.detection import DetectionState
from sim.deployment.inbox import Inbox
from sim.deployment.ladder import NO_ONE_THERE, NOT_CHOSEN
from sim.deployment.landing import ROUNDING_H, LandingLimits
from sim.deployment.patrols import NOTICE, PatrolPlan, round_zones
from sim.deployment.sorties import Sortie, TipFlight
from sim.model.aircraft import Rung
from sim.model.cells import Tip

Homing = tuple[Any, ...]  # what `kernels.fly` takes as the way home

FIRST: tuple[int, ...] = (0,)  # its own base
_MOST_AIMS = 20  # a way round a zone to a moving ship is found by so many guesses at most
_AIMED_NMI = 1e-6  # or when the meeting moves by less


class Flight:
    """One sortie while it is flown."""

    def __init__(
        self, plan: PatrolPlan, inbox: Inbox, memory: DetectionState, slot: int, takeoff: float, longest_h: float
    ) -> None:
        """Take off: nothing is seen yet. `longest_h`: what crew and airframe may fly."""
        from sim.core import kernels

        self.plan, self.inbox, self.memory, self.slot = plan, inbox, memory, slot
        self.kernels = kernels
        memory.clear()
        self.state = np.array([takeoff, *plan.base, 0.0, 0.0, 0.0, 0.0, 0.0])
        self.takeoff, self.now, self.place = takeoff, takeoff, plan.base  # the flight's own time, hours; nmi
        self.leg, self.rows, self.hits = 0, 0, 0
        self.legs = np.zeros((0, 5))
        self.eyes = memory.eyes[slot]
        aircraft = plan.aircraft
        self.speed = aircraft.transit_speed_kn
        self.landing_limits = LandingLimits.of_flight(aircraft, takeoff, longest_h)
        self.spent, self.more_beside = 0.0, aircraft.burn.identification - 1.0
        self.open = not len(plan.airspace.walls)
        self.known = inbox.identified.setdefault(plan.memory, {})
        self.plain_air = inbox.still
        targets = inbox.targets
        self.targets = (targets.rows, targets.owner, targets.reach, targets.vessels, targets.kinds)
        self.pending: dict[int, int] = {}
        """Contacts left waiting, and what shows of each."""
        self.investigations: list[tuple[float, int, str]] = []
        self.worth: set[int] = set()
        """Contacts worth a look, detected before the deployment's end."""
        self.progress: dict[int, int] = {}
        self.due: list[str] = []
        self.route_legs: Floats | None = None
        """What is left of the route while it is left for a contact, an interceptor or a tip."""
        self.cell = inbox.cells.get(plan.spec.nation or "") if plan.heeds_tips else None
        self.told = self.cell.changes if self.cell is not None else 0
        """How much its cell knew when it last asked."""
        self.seeking = False
        """Whether it follows a tip."""
        self.idle: dict[int, int] = {}
        """Contacts not worth a look, and what shows of each: a tip may change that."""
        self.documented: list[tuple[int, float, float, float]] = []
        """Transfers, when, and where the aircraft was then."""
        self.tips: list[TipFlight] = []
        self.wind = (0.0, 0.0)
        self.usable, self.base, self.plain = FIRST, plan.base, True
        self.changes = self._plan_changes()
        self._adapt()

    # ------------------------------------------------------------------------------------------------ conditions
    def _plan_changes(self) -> list[tuple[float, str]]:
        """What will change during the flight, the last first."""
        plan, inbox, begin = self.plan, self.inbox, self.takeoff
        burn = plan.aircraft.burn
        end = begin + plan.aircraft.endurance_h / min(1.0, burn.search, burn.identification) + 1.0
        if plan.undisturbed and len(inbox.winds) == 1 and not inbox.openings:
            return [(inbox.end_h, "end")] if begin < inbox.end_h < end else []
        changes = [(begin + after, "tired") for after in plan.sight.tires_after_h]
        if plan.sight.heeds_weather or len(inbox.winds) > 1:
            changes += [(float(when), "weather") for when in inbox.weather.changes_between(begin, end)]
        if plan.sight.heeds_light or plan.waits_for_light:
            changes += [(float(when), "light") for when in plan.light.changes]
        for name in plan.base_names:
            if name in inbox.openings:
                changes += [(when, "base") for when in inbox.openings[name].changes]
        changes += [(inbox.end_h, "end"), *self._events(end)]
        return sorted(((when, what) for when, what in changes if begin < when < end), reverse=True)

    def _events(self, end: float) -> list[tuple[float, str]]:
        """Faults and intercepts to come, as chance has them."""
        plan, found = self.plan, list[tuple[float, str]]()
        rate = plan.aircraft.aborts_per_100_h / 100.0
        if rate > 0.0:
            found.append((self.takeoff - math.log(self.luck(Purpose.ABORT, 0)) / rate, "abort"))
        for number, (rate, _, _, source) in enumerate(plan.intercepts):
            when, count = self.takeoff, 0
            while rate > 0.0 and when < end:
                when -= math.log(self.luck(Purpose.INTERCEPT, source, count)) / rate
                found.append((when, f"intercept {number}"))
                count += 1
        return found

    def luck(self, purpose: Purpose, *numbers: int | np.uint64) -> float:
        """A number in (0, 1) of this patrol and slot."""
        parts = [np.uint64(number) for number in (self.slot, *numbers)]
        return chance.uniform(self.inbox.key, purpose, chance.identity("flight", self.plan.name), *parts)

    def _adapt(self) -> None:
        """Take in the conditions of now: laws, wind, bases, and when they change next."""
        plan, inbox, memory, sight = self.plan, self.inbox, self.memory, self.plan.sight
        self.until = self.changes[-1][0] if self.changes else math.inf
        number = plan.sight_at(self.now, self.takeoff, inbox.weather) if sight.heeds or not sight.sets else 0
        self.sight = (inbox.key, self.eyes, sight.sets[number], sight.tables, sight.farthest[number])
        if memory.calm is not None:
            self.homing, self.unwatched = memory.calm
            self.homing[0][[HOME_BY_FUEL, HOME_BY_CLOCK]] = self.landing_limits
            return
        if not inbox.still:
            at = int(np.searchsorted(inbox.winds[:, 0], self.now, side="right")) - 1
            self.wind = (float(inbox.winds[max(0, at), 1]), float(inbox.winds[max(0, at), 2]))
        self.homing, self.unwatched = self._homing(self._usable())
        if (
            plan.undisturbed
            and self.plain
            and self.usable == FIRST
            and not inbox.openings
            and len(plan.base_names) == 1
        ):
            memory.calm = self.homing, self.unwatched

    def reconsider(self) -> None:
        """Look again which bases it can reach: what was in reach when one closed may not be after a stay."""
        if self.inbox.openings:
            self._adapt()

    def _usable(self) -> tuple[int, ...]:
        """The bases it may land at: its own while that is open, else those that are; any, if all are closed."""
        names, openings = self.plan.base_names, self.inbox.openings
        if not openings and (self.plan.spec.lands == "home" or len(names) == 1):
            return FIRST
        is_open = tuple(i for i, name in enumerate(names) if name not in openings or openings[name].is_open(self.now))
        if self.plan.spec.lands == "home" and 0 in is_open:
            return FIRST
        return is_open or tuple(range(len(names)))

    def _homing(self, usable: tuple[int, ...]) -> tuple[Homing, Homing]:
        """The way home as the kernel has it, watching the fuel and not; where no usable base can be reached, any."""
        plan, winds = self.plan, self.inbox.winds
        speed = plan.aircraft.transit_speed_kn
        limits = np.array([speed, *self.landing_limits, *self.wind, *plan.burn])
        endless = limits.copy()
        endless[[HOME_BY_FUEL, HOME_BY_CLOCK]] = np.inf
        bases, corners = plan.way_home(usable)
        if len(plan.base_names) > 1 and self._late_for((limits, bases, winds, corners, plan.airspace.walls)):
            usable = tuple(range(len(plan.base_names)))
            bases, corners = plan.way_home(usable)
        self.usable, self.base = usable, tuple(bases[0].tolist())
        self.plain = len(usable) == 1 and self.plain_air and not len(plan.airspace.walls)
        walls = plan.airspace.walls
        return (limits, bases, winds, corners, walls), (endless, bases, winds, corners, walls)

    def _late_for(self, homing: Homing) -> bool:
        hours = self.kernels.way_home(self.now, *self.place, homing)[0]
        return not self.landing_limits.allow(self.now + hours, self.spent, ROUNDING_H)

    def _pass_changes(self) -> None:
        """Take in all that changes now; a tip changes no conditions."""
        adapts = False
        while self.changes and self.changes[-1][0] <= self.now:
            _, what = self.changes.pop()
            adapts |= what != "tip"
            if what == "end":
                self.memory.stop_observing()
            elif what not in ("weather", "light", "tired") or (what == "light" and self.plan.waits_for_light):
                self.due.append(what)
        if adapts:
            self._adapt()
        else:
            self.until = self.changes[-1][0] if self.changes else math.inf

    # ------------------------------------------------------------------------------------------------ reports
    def report(self, event: str, target: int = -1, detail: str = "", when: float | None = None) -> None:
        """Write down what happened here and now, or at an earlier moment of the flight."""
        x, y = self.place if when is None else self.place_at(when)
        self.inbox.report(self.now if when is None else when, event, self.plan.name, self.slot, target, x, y, detail)

    def note_progress(self, target: int, code: int, when: float | None = None) -> None:
        """Note how far a transfer came, if it is one and that is observed."""
        if target < self.inbox.pairs and (self.now if when is None else when) < self.inbox.end_h:
            self.progress[target] = max(code, self.progress.get(target, NO_ONE_THERE))

    def place_at(self, when: float) -> tuple[float, float]:
        """Where it was at a moment of the flight, nmi."""
        rows = self.memory.flown[: self.rows]
        after = rows[:, 0].searchsorted(when, side="right")
        if after == 0:
            return self.place
        t0, t1, x0, y0, x1, y1, _ = rows[after - 1].tolist()
        share = min(1.0, (when - t0) / (t1 - t0))
        return x0 + share * (x1 - x0), y0 + share * (y1 - y0)

    # ------------------------------------------------------------------------------------------------ flying
    def set_legs(self, legs: Floats) -> None:
        """Fly these legs next, round what is closed; one that takes a given time is flown as it is."""
        timed = self.open or legs[0, 2] < 0.0
        self.legs, self.leg = legs if timed else round_zones(self.plan.airspace, self.place, legs), 0
        self.state[STATE_LEG] = self.state[STATE_CONTINUES] = 0.0

    def fly(self, stop: bool, watch_fuel: bool, heed: bool = False) -> int:
        """Fly the legs to the next decision and take in what was detected on the way; a kernel's code.

        What changes on the way is taken in; with `heed`, something that is due ends the call.
        """
        before = self.hits
        code = self.fly_unseeing(stop, watch_fuel, heed)
        self.take_in(before)
        return code

    def fly_unseeing(self, stop: bool, watch_fuel: bool, heed: bool) -> int:
        """Fly the legs to the next decision and leave it to `take_in` what was detected: it can still be undone."""
        memory = self.memory
        while True:
            code: int = self.kernels.fly(
                self.legs, self.state, stop, self.until, self.homing if watch_fuel else self.unwatched, self.targets,
                self.sight, memory.kept, memory.notice, memory.flown, memory.found,
            )  # fmt: skip
            self.now, x, y, leg, rows, hits, _, self.spent = self.state.tolist()
            self.place, self.leg, self.rows, self.hits = (x, y), int(leg), int(rows), int(hits)
            if code == FULL:
                memory.flown = np.vstack([memory.flown, np.empty_like(memory.flown)])
            elif code == CHANGE:
                self._pass_changes()
                if heed and self.due:
                    break
            else:
                break
        if self.now >= self.until:
            self._pass_changes()
        return code

    def moment(self) -> tuple[Any, ...]:
        """All that `fly_unseeing` changes, to be given to `return_to`."""
        memory = self.memory
        last = memory.flown[max(0, self.rows - 1)].copy()
        arrays = [one.copy() for one in (self.state, self.legs, memory.numbers, memory.look, memory.marks)]
        conditions = (self.sight, self.wind, self.homing, self.unwatched, self.usable, self.base, self.plain)
        return arrays, last, list(self.changes), list(self.due), (memory.observed, memory.at_end), conditions

    def return_to(self, moment: tuple[Any, ...], until: float) -> None:
        """Be again where it was, and know of something that comes up at an hour."""
        memory, (arrays, last, changes, due, seen, conditions) = self.memory, moment
        self.state[:], self.legs = arrays[0], arrays[1].copy()
        memory.numbers[:], memory.look[:], memory.marks[:] = arrays[2:]
        self.now, x, y, leg, rows, hits, _, self.spent = self.state.tolist()
        self.place, self.leg, self.rows, self.hits = (x, y), int(leg), int(rows), int(hits)
        memory.flown[max(0, self.rows - 1)] = last
        self.due, (memory.observed, memory.at_end) = list(due), seen
        self.sight, self.wind, self.homing, self.unwatched, self.usable, self.base, self.plain = conditions
        self.changes = sorted([*changes, (until, "tip")], reverse=True)
        self.until = self.changes[-1][0]

    def take_in(self, before: int) -> None:
        """Report what was detected after the first so many, and keep what is worth a look."""
        if self.hits == before:
            return
        targets, scoring, pairs = self.inbox.targets, self.plan.scoring, self.inbox.pairs
        for when, number, sensor in self.memory.found[before : self.hits].tolist():
            target, place = int(number), self.place_at(when)
            name, slot = self.plan.name, self.slot
            self.inbox.report(when, "detected", name, slot, target, *place, self.plan.sensors[int(sensor)])
            self.note_progress(target, NOT_CHOSEN, when)
            shows = scoring.known(int(targets.traits[target]))
            if scoring.heeds_place(target < pairs):
                there = targets.place_at(target, when)
                shows |= scoring.known_there(target < pairs, int(sensor), math.dist(place, there), *there)
            if self.cell is not None and scoring.weighs_tips and self._near_tip(target, when):
                shows |= NEAR_TIP
            self._keep(target, shows, when)

    def _keep(self, target: int, shows: int, when: float) -> None:
        """Keep a contact for a look, if what shows of it is worth one."""
        score = self.plan.scoring.score[shows]
        if score > 0.0:
            self.pending[target] = shows
            self.memory.waiting[target] = True
            self.memory.notice[target, 1] = self._worth_within(score)
            if when < self.inbox.end_h:
                self.worth.add(target)
        elif self.cell is not None:
            self.idle[target] = shows

    def _near_tip(self, target: int, when: float) -> bool:
        """Whether a vessel is where a tip of its cell may be, as far as the cell knows now."""
        x, y = self.inbox.targets.place_at(target, when)
        return self.cell is not None and self.cell.tipped(x, y, when)

    @property
    def has_news(self) -> bool:
        """Whether its cell has learnt something that the crew could act on."""
        return self.cell is not None and self.cell.changes != self.told and not self.seeking

    def covers(self, tip: Tip, x: float, y: float) -> bool:
        """Whether a place may well be a tip's, as far as its cell knows now."""
        return self.cell is not None and self.cell.covers(tip, x, y, self.now)

    def look_again(self) -> None:
        """A tip has come, or is followed: contacts near it are worth more than they were."""
        if not self.plan.scoring.weighs_tips:
            return
        for target, shows in [*self.pending.items(), *self.idle.items()]:
            if not self.inbox.targets.exists(target, self.now):
                self.idle.pop(target, None)
            elif not shows & NEAR_TIP and self._near_tip(target, self.now):
                self.idle.pop(target, None)
                self._keep(target, shows | NEAR_TIP, self.now)

    def _worth_within(self, score: float) -> float:
        """How near a contact of some score must come to be thought of again: so that its hours are worth it."""
        identification, near = self.plan.aircraft.identification, self.plan.notice_nmi
        if identification is None or identification.priority is None or identification.priority.cost_per_h == 0.0:
            return near
        return max(
            0.0,
            min(near, NOTICE * (score / identification.priority.cost_per_h - identification.time_h) * self.speed / 2.0),
        )

    def remembers(self, target: int) -> bool:
        """Whether a vessel is let be, for it was identified of late: nobody says then that it was left alone."""
        identification = self.plan.aircraft.identification
        if identification is None or self.now - self.known.get(target, -math.inf) >= identification.remember_h:
            return False
        self.worth.discard(target)
        return True

    def forget(self, target: int) -> int:
        """Let a contact be: it is investigated, or gone; what showed of it."""
        self.memory.waiting[target] = False
        return self.pending.pop(target)

    def hours_home(self, when: float, x: float, y: float) -> float:
        """From a place to base, from an hour on."""
        if self.plain:
            base = self.base
            return math.hypot(x - base[0], y - base[1]) / self.speed
        return float(self.kernels.way_home(when, x, y, self.unwatched)[0])

    def hours_to(self, x: float, y: float) -> float:
        """From where it is to a place, at transit speed, round what is closed."""
        points = [self.place, (x, y)] if self.open else self.plan.airspace.way(self.place, (x, y)).tolist()
        hours, winds = 0.0, self.inbox.winds
        for (x0, y0), (x1, y1) in pairwise(points):
            hours += self.kernels.track(self.now + hours, x1 - x0, y1 - y0, self.speed, winds)[0]
        return hours

    def is_home_in_time(self, hour: float, x: float, y: float) -> bool:
        """Whether from a place at an hour it can still go home, if it burns as in transit until then."""
        landing = hour + self.hours_home(hour, x, y)
        return self.landing_limits.allow(landing, self.spent)

    def lands_in_time(self, way: Rendezvous, stay_h: float, rounding_h: float = 0.0) -> bool:
        """Whether it may go a way, stay beside the vessel, moving with it, and fly home."""
        leave = way.meet_h + stay_h
        landing = leave + self.hours_home(leave, way.x + way.vx * stay_h, way.y + way.vy * stay_h)
        return self.landing_limits.allow(landing, self.more_beside * stay_h + self.spent, rounding_h)

    def ways_to(self, targets: Sequence[int]) -> Floats:
        """The ways to targets as they move now, at transit speed, round what is closed; a row each."""
        ways = self.inbox.targets.ways_to(targets, self.now, *self.place, self.speed, self.inbox.winds)
        if not self.open:
            for row in ways:
                way = self._way_round(Rendezvous(*row.tolist()))
                row[:3] = way.meet_h, way.x, way.y
        return ways

    def way_to(self, target: int) -> Rendezvous:
        """The way to a target as it moves now."""
        ways = self.inbox.targets.ways_to([target], self.now, *self.place, self.speed, self.inbox.winds)
        way = Rendezvous(*ways[0].tolist())
        return way if self.open else self._way_round(way)

    def _way_round(self, way: Rendezvous) -> Rendezvous:
        """A way that leads round zones: the meeting moves on as that takes longer; never where no way leads there."""
        air, speed, winds = self.plan.airspace, self.plan.aircraft.transit_speed_kn, self.inbox.winds
        wait = way.meet_h - self.now
        if not math.isfinite(wait):
            return way
        x0, y0 = way.x - way.vx * wait, way.y - way.vy * wait
        for _ in range(_MOST_AIMS):
            try:
                points = air.way(self.place, (way.x, way.y))
            except NoWayError:  # the vessel is, or will be, where nobody may fly
                return way._replace(meet_h=math.inf)
            hours, here, courses = 0.0, points[0], list[tuple[float, float, float]]()
            for point in points[1:]:
                took, vx, vy, hold = self.kernels.track(self.now + hours, *(point - here), speed, winds)
                courses.append((vx, vy, self.now + hours + hold))
                hours, here = hours + took, point
            x, y = x0 + way.vx * hours, y0 + way.vy * hours
            moved = math.hypot(x - way.x, y - way.y)
            via = (float(points[1, 0]), float(points[1, 1])) if len(points) > 2 else None
            vx, vy, hold = courses[0]
            way = way._replace(
                meet_h=self.now + hours, x=x, y=y, via=via, ground_x=vx, ground_y=vy, hold_h=hold
            )  # fmt: skip
            if moved < _AIMED_NMI:
                break
        return way

    def is_clear(self, way: Rendezvous, hours: float) -> bool:
        """Whether it may stay beside a vessel for so long."""
        x, y = self.place
        return self.open or self.plan.airspace.is_clear((x, y), (x + way.vx * hours, y + way.vy * hours))

    def allows(self, rung: Rung, when: float, x: float, y: float) -> bool:
        """Whether light and visibility let a rung of the ladder be climbed."""
        weather, light = self.inbox.weather, self.plan.light
        if weather.visibility_nmi[weather.row_at(when)] < rung.min_visibility_nmi:  # not stated: no hindrance
            return False
        if not rung.needs_light:
            return True
        lon, lat = self.plan.plane.to_lonlat(x, y)
        return bool(light.sun.elevation(when, lon, lat) > light.least_deg)

    def sortie(self) -> Sortie:
        """The flight as it was, once it has landed."""
        memory, found = self.memory, self.memory.found[: self.hits]
        memory.note()
        visited = {target for when, target, _ in self.investigations if when < self.inbox.end_h}
        visited |= {target for target in self.pending if self.remembers(target)}
        return Sortie(
            self.plan.name, self.slot, self.takeoff, self.now, memory.flown[: self.rows].copy(), self.investigations,
            found[:, 0].copy(), len(self.worth - visited), self.progress, self.tips,
        )  # fmt: skip
