"""The program with a random-number key for each part of a replication, for `tools.variance_reduction`.

Parts of a replication, such as its weather or the luck of the steps of the ladder, can be drawn again by themselves,
turned to 1 - u, or given. What a replication tells about variance is kept as a row of numbers.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
from scipy.stats import poisson

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats
from sim.core.codes import DARK, LISTED, Purpose
from sim.core.motion import Motion
from sim.core.units import HOURS_PER_DAY
from sim.deployment import engine, investigations, transfers
from sim.deployment.log import Log
from sim.deployment.patrols import PatrolPlan
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.transfers import TransferPlan, realise_transfers
from sim.deployment.world import Plan, World
from sim.model.sightings import STALE_H, margin_h
from sim.model.weather import Weather, realise_weather

SEED = 1
LUCK = {
    "steps": (Purpose.CLASSIFY, Purpose.DOCUMENT),
    "faults": (Purpose.SERVICE, Purpose.ABORT, Purpose.INTERCEPT, Purpose.CLOSURE),
    "reports": (
        Purpose.WATCH, Purpose.REPORT, Purpose.REPORT_PLACE, Purpose.PASS, Purpose.FALSE_REPORT, Purpose.RELEASE
    ),
}  # fmt: skip
"""The parts of luck that Python draws, and what their numbers are for; the thresholds of detection are the other."""
WORLD = ("weather", "transfers", "ships")
PARTS = (*WORLD, "thresholds", *LUCK)
COLUMNS = (
    "transfers",
    "documented",
    "classify",
    "document",
    "serviceable",
    "night",
    "hours",
    "north",
    "foul_h",
    "in_time",
)
"""What is kept of a replication; the scores of the flight as planned follow."""


# ---------------------------------------------------------------------------------------------------- the laboratory
class Laboratory:
    """The program with a key for each part of a replication, turned luck, and a record of each step of the ladder."""

    def __init__(self) -> None:
        """Draw every number by the key of its part, while it is `installed`."""
        self.keys: dict[Purpose, Entities] = {}
        self.turned: frozenset[Purpose] = frozenset()
        self.points: Floats | None = None  # of the transfers of one replication: begin, x, y, length; first the number
        self.transfers_key: Entities = chance.replication_key(SEED, 0)
        self.steps: list[tuple[int, Purpose, int, float]] = []  # target, purpose, slot, success less its probability
        self.buffers = SegmentBuffers()
        self._uniform, self._uniforms = chance.uniform, chance.uniforms
        self._succeeds, self._process = investigations._step_succeeds, transfers._base_process

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Put the functions of the laboratory in the place of the program's."""
        with ExitStack() as stack:
            for module, name, function in (
                (chance, "uniform", self.uniform),
                (chance, "uniforms", self.uniforms),
                (investigations, "_step_succeeds", self.succeeds),
                (transfers, "_base_process", self.process),
                (engine, "observed_transfers", self.observed),
            ):
                stack.enter_context(patch.object(module, name, function))
            yield

    def uniform(self, key: Entities, purpose: Purpose, *parts: np.uint64) -> float:
        """One number, by the key of its part."""
        drawn = self._uniform(self.keys.get(purpose, key), purpose, *parts)
        return 1.0 - drawn if purpose in self.turned else drawn

    def uniforms(self, key: Entities, purpose: Purpose, entities: Entities, counter: int = 0) -> Floats:
        """Two numbers for each entity, by the key of their part; those of stratified transfers are given."""
        drawn = self._uniforms(self.keys.get(purpose, key), purpose, entities, counter)
        if self.points is not None and counter == 0 and purpose in (Purpose.PLACE, Purpose.DURATION):
            rows = {int(name): row for row, name in enumerate(self.names)}
            known = np.array([rows.get(int(entity), -1) for entity in entities])
            columns = [2, 3] if purpose == Purpose.PLACE else [4, 4]
            drawn[known >= 0] = self.points[known[known >= 0]][:, columns]
        return 1.0 - drawn if purpose in self.turned else drawn

    def process(self, plan: TransferPlan, key: Entities, slack_h: float) -> Any:
        """The hours of the transfers; those of stratified ones are uniform, given their number."""
        if self.points is None:
            return self._process(plan, key, slack_h)
        begin, end = stratified_window(plan)
        count = int(poisson.ppf(self.points[0, 0], plan.per_hour * (end - begin)))
        self.names = chance.identities(plan.source, count)
        return np.arange(count), self.names, begin + (end - begin) * self.points[:count, 1]

    def succeeds(self, flight: Any, target: int, purpose: Purpose, probability: float) -> bool:
        """Whether a step of the ladder succeeds, which is written down."""
        success = self._succeeds(flight, target, purpose, probability)
        if flight.state.hour < flight.inbox.end_h:
            self.steps.append((target, purpose, flight.slot, success - probability))
        return success

    def observed(self, plan: Plan, world: World) -> Any:
        """The transfers that observers may report, by the key of transfers."""
        margin = 0.0 if plan.dissemination is None else margin_h(plan.dissemination.observers)
        return realise_transfers(plan.transfers, self.transfers_key, world.weather, margin_h=margin)

    def sea(self, plan: Plan, keys: Mapping[str, Entities]) -> tuple[Weather, Any]:
        """The weather and the transfers of one replication, each by its own key."""
        self.keys, self.transfers_key = {}, keys["transfers"]
        weather = realise_weather(plan.weather, keys["weather"])
        table = realise_transfers(plan.transfers, keys["transfers"], weather)
        return weather, table.alongside_within(plan.scenario.duration_h)

    def fly(self, plan: Plan, keys: Mapping[str, Entities]) -> Log:
        """One replication, each part of it by its own key."""
        weather, table = self.sea(plan, keys)
        ships = [source.realise(keys["ships"], False, self.buffers)[0] for source in plan.traffic]
        world = World(keys["thresholds"], table, Motion.of_fleets([table.fleet(), *ships]), None, weather)
        self.keys = {purpose: keys[part] for part, purposes in LUCK.items() for purpose in purposes}
        self.steps = []
        return engine.fly(plan, world, 0)


def stratified_window(plan: TransferPlan) -> tuple[float, float]:
    """The hours between which stratified transfers begin: all that observers or crews may come to know of."""
    margin_h = STALE_H + 48.0
    return -plan.spec.duration_h.bounds()[1] - margin_h, plan.duration_h + margin_h


def keys_of(number: int, again: Sequence[str] = ()) -> dict[str, Entities]:
    """The key of each part of a replication; some parts are drawn again."""
    return {part: chance.replication_key(SEED + (part in again), number) for part in PARTS}


# ---------------------------------------------------------------------------------------------------- one replication
class Planned(NamedTuple):
    """The flights of a patrol as planned, in still air and with nothing on the way, every six minutes in light."""

    hours: Floats
    """(slots, m)"""
    light: Flags
    """(slots, m)"""
    after_h: Floats
    """Hours after take-off, (m,)."""
    places: Floats
    """(m, 2), nmi"""


def planned_flight(patrol: PatrolPlan) -> Planned:
    """The flights of a patrol as planned, until fuel makes the crew turn home."""
    chain = patrol.chains[0][patrol.routes[0].nearest_pass(patrol.base)]
    points = np.vstack([patrol.base, chain[:, :2]])
    ends_h = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T) / chain[:, 2])])
    after_h = np.arange(0.05, patrol.aircraft.endurance_h / patrol.aircraft.burn.search, 0.1)
    places = np.column_stack([np.interp(after_h, ends_h, points[:, axis]) for axis in (0, 1)])
    home_h = np.hypot(*(places - patrol.base).T) / patrol.aircraft.transit_speed_kn
    burnt_h = np.where(after_h < ends_h[1], after_h, ends_h[1] + (after_h - ends_h[1]) * patrol.aircraft.burn.search)
    out = burnt_h + home_h < patrol.aircraft.endurance_h - patrol.aircraft.reserve_h
    hours = patrol.schedule.low_h[:, :1] + after_h[out][None, :]
    light = np.array([[patrol.light.at(hour) for hour in row] for row in hours.tolist()])
    return Planned(hours, light, after_h[out], places[out])


def scores_of_plan(planned: Planned, table: Any, weather: Weather) -> Floats:
    """What the flight as planned tells of each counted transfer, (n, k): when, how near and for how long it is met."""
    rows = np.flatnonzero(table.counted)
    far = np.hypot(
        *(planned.places[None, :, :] - np.column_stack([table.x, table.y])[rows][:, None, :]).transpose(2, 0, 1)
    )
    begin, end = table.begin[rows][:, None, None], table.end[rows][:, None, None]
    calm = ~(weather.sea_state[weather.rows_at(planned.hours)] > 4.0)
    meets = (planned.hours >= begin) & (planned.hours + 0.3 <= end) & (far < 80.0)[:, None, :] & planned.light
    is_met, in_calm = meets.any((1, 2)), (meets & calm).any((1, 2))
    first_h = np.where(meets, planned.hours, np.inf).min((1, 2))
    after_h = np.where(meets.any(1), planned.after_h, np.inf).min(1)
    nearest = np.where(meets.any(1), far, np.inf).min(1)
    left_h = np.where(is_met, table.end[rows] - np.where(is_met, first_h, 0.0), -1.0)
    dark, listed = ((table.traits[rows] & bit > 0) & is_met for bit in (DARK, LISTED))
    bins = [after_h[:, None] < np.arange(1.0, 11.0), left_h[:, None] > [0.5, 1.0, 1.5, 2.0, 3.0]]
    bins += [nearest[:, None] < [20.0, 40.0, 60.0], np.column_stack([is_met, in_calm, dark, listed])]
    return np.column_stack(bins).astype(float)


class Flown(NamedTuple):
    """What is kept of some replications."""

    columns: Floats
    """(R, len(COLUMNS))"""
    scores: list[Floats]
    """Of each replication the scores of its counted transfers (n, k), and whether each was documented."""
    ms: float
    """CPU milliseconds of one replication, without what is worked out here beside it."""
    score_ms: float
    """CPU milliseconds of the weather, the transfers and the scores of a replication that is not flown."""


def row_of(log: Log, lab: Laboratory) -> list[float]:
    """What is kept of a replication: see `COLUMNS`. The luck of steps has the mean 0."""
    table, counted = log.world.transfers, log.world.transfers.counted
    luck, seen = {Purpose.CLASSIFY: 0.0, Purpose.DOCUMENT: 0.0}, set[Any]()
    done = set[int]()
    for target, purpose, slot, surprise in lab.steps:
        fresh = (target, purpose, slot) not in seen and target not in done
        seen.add((target, purpose, slot))
        if target < counted.size and counted[target] and fresh:
            luck[purpose] += surprise
            if purpose == Purpose.DOCUMENT and surprise > 0.0:
                done.add(target)
    details = [event.detail for event in log.events if event.event == "cancelled"]
    night = np.sin(2.0 * np.pi * (table.begin[counted] - log.plan.patrols[0].schedule.low_h[0, 0]) / HOURS_PER_DAY)
    begin = np.clip(np.append(log.world.weather.begin, np.inf), 0.0, log.end)
    foul_h = np.diff(begin)[log.world.weather.sea_state > 4.0].sum()
    documented = float((~np.isnan(log.climbed["documented"]) & counted).sum())
    return [
        float(counted.sum()), documented, *luck.values(), float(details.count("unserviceable")), float(night.sum()),
        float((table.end - table.begin)[counted].sum()), float(table.y[counted].sum()), float(foul_h),
        0.0 if log.tips is None else float(log.tips.came_to("in_time")),
    ]  # fmt: skip


def flown(lab: Laboratory, plan: Plan, count: int, again: Sequence[str] = (), planned: Planned | None = None) -> Flown:
    """Fly some replications; the parts in `again` are drawn again. With `planned`, keep the scores of transfers too."""
    rows, scores, spent, spent_on_scores = [], [], 0.0, 0.0
    for number in range(count):
        keys, begin = keys_of(number, again), time.process_time()
        log = lab.fly(plan, keys)
        spent += time.process_time() - begin
        rows.append(row_of(log, lab))
        if planned is not None:
            begin = time.process_time()
            weather, table = lab.sea(plan, keys)
            score = scores_of_plan(planned, table, weather)
            spent_on_scores += time.process_time() - begin
            scores.append(np.column_stack([score, ~np.isnan(log.climbed["documented"][table.counted])]))
    return Flown(np.array(rows), scores, 1e3 * spent / count, 1e3 * spent_on_scores / count)
