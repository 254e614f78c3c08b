"""The rivals: the reference workload stepped through time, as good users of their tools would write it.

All get the same ships, the same route and the same luck: the threshold of each vessel in each sortie. All fly the same
rules, `pilot`: along the ladder, off to a transfer that was detected, beside it for a while, back, home in time. What
differs is how a vessel is asked, step after step while the aircraft is airborne, whether it has been detected:

* `simpy_60`: a SimPy process a vessel, asleep while nobody flies;
* `numpy_step`: all vessels present at once, a step at a time;
* `compiled_step`: the same as a compiled loop over the vessels present, the strongest that was found.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import simpy

from sim.core import chance, kernels
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.units import SECONDS_PER_HOUR
from sim.deployment.patrols import PatrolPlan
from sim.deployment.world import Plan, World
from sim.model.laws.inverse_cube import InverseCube

ROUTE, DIVERT, IDENTIFY, REJOIN, RETURN, LANDED = range(6)
X, Y, MODE, LEG, LEFT_X, LEFT_Y, TARGET, UNTIL, LATEST = range(9)  # places in the aircraft's state
_LONG_ENOUGH_NMI = 80_000.0  # of route for thirty sorties

compiled: Callable[[Any], Any] = numba.njit(error_model="numpy")


@compiled
def _choose(state: Floats, t: float, pending: Any, transfers: Floats, rules: Floats) -> int:
    """The detected transfer that is reached soonest, within the detour and the fuel; -1 if none."""
    best, choice = math.inf, -1
    for i in range(pending.size):
        if not pending[i]:
            continue
        if transfers[i, 1] <= t:
            pending[i] = False
            continue
        x, y = transfers[i, 2], transfers[i, 3]
        away = math.hypot(x - state[X], y - state[Y])
        home = math.hypot(x - rules[0], y - rules[1])
        late = t + (away + home) / rules[2] + rules[5]
        if away < best and math.hypot(x - state[LEFT_X], y - state[LEFT_Y]) <= rules[4] and late <= state[LATEST]:
            best, choice = away, i
    return choice


@compiled
def _decide(state: Floats, t: float, pending: Any, transfers: Floats, rules: Floats) -> None:
    """What to do next, at a step's beginning or where something ends."""
    if state[MODE] == ROUTE or state[MODE] == REJOIN:
        if t + math.hypot(state[X] - rules[0], state[Y] - rules[1]) / rules[2] >= state[LATEST]:
            state[MODE] = RETURN
            return
        if state[MODE] == ROUTE:
            state[LEFT_X], state[LEFT_Y] = state[X], state[Y]
        target = _choose(state, t, pending, transfers, rules)
        if target >= 0:
            pending[target] = False
            state[MODE], state[TARGET] = DIVERT, target


@compiled
def pilot(state: Floats, t: float, hours: float, pending: Any, transfers: Floats, legs: Floats, rules: Floats) -> None:
    """Fly for a step. ``rules``: base x, y, transit and search speed, longest detour, stay, distance to stay at."""
    left = hours
    while left > 0.0 and state[MODE] != LANDED:
        now = t + hours - left
        _decide(state, now, pending, transfers, rules)
        mode = int(state[MODE])
        if mode == IDENTIFY:
            spent = min(left, state[UNTIL] - now)
            left -= spent
            if state[UNTIL] <= now + spent:
                target = _choose(state, now + spent, pending, transfers, rules)
                state[MODE] = DIVERT if target >= 0 else REJOIN
                if target >= 0:
                    pending[target] = False
                    state[TARGET] = target
            continue
        short, speed = 0.0, rules[2]
        if mode == ROUTE:
            leg = int(state[LEG])
            x, y, speed = legs[leg, 0], legs[leg, 1], legs[leg, 2]
        elif mode == DIVERT:
            x, y, short = transfers[int(state[TARGET]), 2], transfers[int(state[TARGET]), 3], rules[6]
        elif mode == REJOIN:
            x, y = state[LEFT_X], state[LEFT_Y]
        else:
            x, y = rules[0], rules[1]
        away = math.hypot(x - state[X], y - state[Y])
        need = max(0.0, away - short) / speed
        share = min(1.0, left / need) * (away - short) / away if need > 0.0 else 0.0
        state[X] += share * (x - state[X])
        state[Y] += share * (y - state[Y])
        if need > left:
            return
        left -= need
        if mode == ROUTE:
            state[LEG] += 1
        elif mode == DIVERT:
            ends = transfers[int(state[TARGET]), 1]
            state[MODE], state[UNTIL] = IDENTIFY, now + need + min(rules[5], max(0.0, ends - now - need))
        else:
            state[MODE] = ROUTE if mode == REJOIN else LANDED


@dataclass
class Task:
    """One world as arrays: what every rival is given."""

    rows: Floats
    """Segments (n, 6) of all vessels by their beginning, transfers first among equals."""
    owner: Ints
    vessels: Entities
    transfers: Floats
    """(m, 4): begin, end, x, y."""
    key: Entities
    eyes: Entities
    law: InverseCube
    patrol: PatrolPlan
    legs: Floats
    rules: Floats

    @classmethod
    def of(cls, plan: Plan, world: World) -> "Task":
        """From a plan and a world."""
        patrol = plan.patrols[0]
        fleets: list[Any] = [world.targets, *(world.others or [])]
        first = np.cumsum([0, *(fleet.vessels.size for fleet in fleets)])
        owner = np.concatenate([fleet.owner + base for fleet, base in zip(fleets, first, strict=False)])
        rows = np.vstack([fleet.rows for fleet in fleets])
        order = np.argsort(rows[:, 0], kind="stable")
        table, aircraft = world.transfers, patrol.aircraft
        identification, route = aircraft.identification, patrol.routes[0]
        law = plan.scenario.sensors[aircraft.sensors[0]].law
        if identification is None or not isinstance(law, InverseCube):
            raise TypeError("the rivals know the inverse cube law and a crew that identifies")
        chain = route.chain(route.nearest_pass(np.array(patrol.base)), _LONG_ENOUGH_NMI)
        speed = np.full(len(chain), aircraft.search_speed_kn)
        speed[0] = aircraft.transit_speed_kn
        rules = np.array([
            *patrol.base, aircraft.transit_speed_kn, aircraft.search_speed_kn,
            identification.max_detour_nmi, identification.time_h, identification.document.range_nmi,
        ])  # fmt: skip
        return cls(
            np.ascontiguousarray(rows[order]),
            owner[order],
            np.concatenate([fleet.vessels for fleet in fleets]),
            np.column_stack([table.begin, table.end, table.x, table.y]),
            world.key,
            patrol.sensor_ids_of_slots[:, 0],
            law,
            patrol,
            np.column_stack([chain[:, :2], speed]),
            rules,
        )

    def takeoff(self, slot: int, state: Floats) -> float:
        """Put the aircraft at its base at the slot's hour; where it left the route it first flies back to."""
        begin = self.patrol.schedule.hours(self.key)[slot]
        state[X], state[Y] = self.patrol.base
        state[MODE] = ROUTE if slot == 0 else REJOIN
        state[LATEST] = begin + self.patrol.aircraft.endurance_h - self.patrol.aircraft.reserve_h
        return begin

    def thresholds(self, slot: int, vessels: Ints) -> Floats:
        """Exposure at which each of some vessels is detected in a sortie: the luck that seasweep has."""
        eyes = kernels.mix_each(self.vessels[vessels], self.eyes[slot])
        return -np.log(chance.uniforms(self.key, Purpose.THRESHOLD, eyes)[:, 0])

    def during(self, begin: float, end: float) -> Ints:
        """The segments that exist at some time of an interval."""
        last = np.searchsorted(self.rows[:, 0], end)
        return np.flatnonzero(self.rows[:last, 1] > begin)


@dataclass
class Found:
    """What a rival found: contacts (vessels a sortie, summed), and which transfers were detected before the end."""

    contacts: int
    transfers: Flags


Rival = Callable[[Task, int, float], Found]


def numpy_step(task: Task, slots: int, step_s: float) -> Found:
    """All vessels at once, one step after the other."""
    hours, law, count = step_s / SECONDS_PER_HOUR, task.law, len(task.transfers)
    state, found, contacts = np.zeros(9), np.zeros(count, bool), 0
    for slot in range(slots):
        t = task.takeoff(slot, state)
        rows = task.during(t, state[LATEST] + 1.0)
        begin, end, x0, y0, vx, vy = np.ascontiguousarray(task.rows[rows].T)
        vessels, place = np.unique(task.owner[rows], return_inverse=True)
        needed, had = task.thresholds(slot, vessels), np.zeros(vessels.size)
        seen, pending = np.zeros(vessels.size, bool), np.zeros(count, bool)
        while state[MODE] != LANDED:
            x, y = state[X], state[Y]
            pilot(state, t, hours, pending, task.transfers, task.legs, task.rules)
            middle = t + hours / 2.0
            age = middle - begin
            dx = x0 + vx * age - (x + state[X]) / 2.0
            dy = y0 + vy * age - (y + state[Y]) / 2.0
            range2 = dx * dx + dy * dy
            near = np.flatnonzero((range2 < law.max_range_nmi**2) & (age >= 0.0) & (middle < end))
            who = place[near]
            had[who] += law.strength * hours / range2[near] ** 1.5
            for one in who[(had[who] >= needed[who]) & ~seen[who]]:
                seen[one] = True
                contacts += 1
                if vessels[one] < count:
                    pending[vessels[one]] = found[vessels[one]] = True
            t += hours
    return Found(contacts, found)


@compiled
def _compiled_sortie(
    t: float,
    hours: float,
    state: Floats,
    rows: Floats,
    place: Any,
    whose: Any,
    needed: Floats,
    law: Floats,
    transfers: Floats,
    legs: Floats,
    rules: Floats,
    found: Any,
) -> int:
    count, contacts, upto, active = transfers.shape[0], 0, 0, 0
    here = np.empty(rows.shape[0], np.int64)
    had, seen, pending = np.zeros(needed.size), np.zeros(needed.size, np.bool_), np.zeros(count, np.bool_)
    while state[MODE] != LANDED:
        x, y = state[X], state[Y]
        pilot(state, t, hours, pending, transfers, legs, rules)
        middle = t + hours / 2.0
        x, y = (x + state[X]) / 2.0, (y + state[Y]) / 2.0
        while upto < rows.shape[0] and rows[upto, 0] <= middle:
            here[active] = upto
            active += 1
            upto += 1
        k = 0
        while k < active:
            i = here[k]
            m = place[i]
            if rows[i, 1] <= middle or seen[m]:
                active -= 1
                here[k] = here[active]
                continue
            age = middle - rows[i, 0]
            dx, dy = rows[i, 2] + rows[i, 4] * age - x, rows[i, 3] + rows[i, 5] * age - y
            range2 = dx * dx + dy * dy
            if range2 < law[0] * law[0]:
                had[m] += law[1] * hours / (range2 * math.sqrt(range2))
                if had[m] >= needed[m]:
                    seen[m] = True
                    contacts += 1
                    if whose[m] < count:
                        pending[whose[m]] = True
                        found[whose[m]] = True
            k += 1
        t += hours
    return contacts


def compiled_step(task: Task, slots: int, step_s: float) -> Found:
    """A compiled loop over the vessels present; those that ended or were seen drop out."""
    state, found, contacts = np.zeros(9), np.zeros(len(task.transfers), bool), 0
    law = np.array([task.law.max_range_nmi, task.law.strength])
    for slot in range(slots):
        t = task.takeoff(slot, state)
        rows = task.during(t, state[LATEST] + 1.0)
        vessels, place = np.unique(task.owner[rows], return_inverse=True)
        needed = task.thresholds(slot, vessels)
        contacts += _compiled_sortie(
            t, step_s / SECONDS_PER_HOUR, state, task.rows[rows], place, vessels, needed, law, task.transfers,
            task.legs, task.rules, found,
        )  # fmt: skip
    return Found(contacts, found)


def simpy_step(task: Task, slots: int, step_s: float) -> Found:
    """A SimPy process a vessel and one for the aircraft; everybody looks up once a step."""
    env, hours = simpy.Environment(), step_s / SECONDS_PER_HOUR
    aircraft = _Aircraft(env, task, slots, hours)
    env.process(aircraft.fly())
    bounds = np.searchsorted(task.owner[np.argsort(task.owner, kind="stable")], np.arange(task.vessels.size + 1))
    by_vessel = task.rows[np.argsort(task.owner, kind="stable")]
    for vessel in range(task.vessels.size):
        track = by_vessel[bounds[vessel] : bounds[vessel + 1]].tolist()
        if track and track[0][0] < aircraft.over:
            env.process(aircraft.vessel(vessel, track))
    env.run(until=aircraft.over)
    return Found(aircraft.contacts, aircraft.found)


class _Aircraft:
    """The aircraft as an object that vessels look at."""

    def __init__(self, env: simpy.Environment, task: Task, slots: int, hours: float) -> None:
        self.env, self.task, self.slots, self.hours = env, task, slots, hours
        self.state, self.contacts = np.zeros(9), 0
        self.found = np.zeros(len(task.transfers), bool)
        self.pending = np.zeros(len(task.transfers), bool)
        self.takeoffs = [task.takeoff(slot, self.state) for slot in range(slots)]
        self.over = self.takeoffs[-1] + task.patrol.schedule.mean_gap_h
        self.x = self.y = 0.0
        self.airborne, self.slot, self.takeoff = False, -1, env.event()
        self.needed: Floats = np.zeros(0)

    def fly(self) -> Generator[simpy.Event, None, None]:
        for slot, begin in enumerate(self.takeoffs):
            yield self.env.timeout(max(0.0, begin - self.env.now))
            self.task.takeoff(slot, self.state)
            self.needed = self.task.thresholds(slot, np.arange(self.task.vessels.size)).tolist()
            self.pending[:] = False
            self.airborne, self.slot = True, slot
            self.takeoff.succeed()
            self.takeoff = self.env.event()
            while self.state[MODE] != LANDED:
                x, y = self.state[X], self.state[Y]
                pilot(
                    self.state,
                    self.env.now,
                    self.hours,
                    self.pending,
                    self.task.transfers,
                    self.task.legs,
                    self.task.rules,
                )
                self.x, self.y = float(x + self.state[X]) / 2.0, float(y + self.state[Y]) / 2.0
                yield self.env.timeout(self.hours)
            self.airborne = False

    def vessel(self, vessel: int, track: list[list[float]]) -> Generator[simpy.Event, None, None]:
        """Once a step while an aircraft is airborne: where am I, how far is it, has it seen me?"""
        env, hours, reach2 = self.env, self.hours, self.task.law.max_range_nmi**2
        gain, slot, had, seen = self.task.law.strength * hours, -1, 0.0, False
        for begin, end, x0, y0, vx, vy in track:
            if env.now < begin:
                yield env.timeout(begin - env.now)
            while env.now < end:
                if not self.airborne or (seen and slot == self.slot):
                    yield self.takeoff
                    continue
                if slot != self.slot:
                    slot, had, seen = self.slot, 0.0, False
                age = env.now + hours / 2.0 - begin
                dx, dy = x0 + vx * age - self.x, y0 + vy * age - self.y
                range2 = dx * dx + dy * dy
                if range2 < reach2:
                    had += gain / (range2 * math.sqrt(range2))
                    if had >= self.needed[vessel]:
                        seen = True
                        self.contacts += 1
                        if vessel < len(self.found):
                            self.found[vessel] = self.pending[vessel] = True
                yield env.timeout(hours)
