"""One replication: realise the world, fly, return the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import simpy

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.motion import Fleet, Motion
from sim.deployment.contacts import DOCUMENTED, FEATURES, NO_ONE_THERE, NOT_DETECTED, REASONS, reasons_of
from sim.deployment.crew import Cursor
from sim.deployment.inbox import Inbox, Sortie, Spells, until
from sim.deployment.patrols import DIVERT, LATEST_H, REJOIN, RETURN, SEARCH, PatrolPlan, law_sets, plan_patrol
from sim.deployment.reports import Dissemination, DisseminationPlan, disseminate, plan_dissemination, tip_totals
from sim.deployment.schedule import patrol
from sim.deployment.traffic import Room, TrafficPlan, plan_traffic, realise_traffic
from sim.deployment.transfers import TransferPlan, TransferTable, passages, plan_transfers, realise_transfers
from sim.model.environment import EnvironmentPlan, Weather, plan_environment, realise_weather
from sim.model.patrols import Closed
from sim.model.sightings import margin_h
from sim.scenario.schema import Scenario

TOTALS = (
    "transfers", "detected", "classified", "documented", "sorties", "cancelled_sorties", "flight_hours",
    "on_station_hours", "investigations", "false_investigations", "identification_hours",
    *(f"false_{feature}" for feature in FEATURES), "never_looked_at", *REASONS,
)  # fmt: skip
_BUCKETS_PER_H = 8.0
STATUSES = ("missed", "detected", "classified", "documented")
# At one moment: pairs part, then pairs meet, then crews act.
_RANK = {"parted": 0, "alongside": 1}


@dataclass(frozen=True)
class Plan:
    """A scenario made ready: what is the same in every replication."""

    scenario: Scenario
    traffic: list[TrafficPlan]
    transfers: list[TransferPlan]
    patrols: list[PatrolPlan]
    environment: EnvironmentPlan
    dissemination: DisseminationPlan | None


@dataclass(frozen=True)
class World:
    """What one replication holds before anybody flies: the same for every route, sensor and schedule."""

    key: Entities
    transfers: TransferTable
    targets: Motion
    """Vessels that can change a flight: the transfers, then those that look suspicious."""
    others: list[Fleet] | None
    """All other ships, where an output asks for them."""
    weather: Weather


class Event(NamedTuple):
    """Something that happened."""

    time_h: float
    event: str
    patrol: str
    sortie: int
    vessel: int
    """Number among the targets, -1 for none."""
    x: float
    y: float
    detail: str


@dataclass
class Log:
    """What happened in one replication."""

    plan: Plan
    world: World
    replication: int
    events: list[Event] = field(default_factory=list)
    sorties: list[Sortie] = field(default_factory=list)
    contacts: int | None = None
    dissemination: Dissemination | None = None

    @cached_property
    def met(self) -> Flags:
        """Which targets came within range of a sensor before the deployment's end, (m,)."""
        return np.zeros(self.world.targets.vessels.size, bool)

    def __post_init__(self) -> None:
        """Remember when the deployment ends."""
        self.end = self.plan.scenario.duration_h

    def report(
        self, time_h: float, event: str, patrol: str, sortie: int, vessel: int, x: float, y: float, detail: str
    ) -> None:
        """Write down an event; what happens after the end is not observed."""
        if time_h < self.end:
            self.events.append(Event(time_h, event, patrol, sortie, vessel, x, y, detail))

    def report_transfers(self) -> None:
        """Write down when the pairs come to lie alongside and part: nothing that a crew does changes that."""
        table = self.world.transfers
        columns = (table.begin.tolist(), table.end.tolist(), table.x.tolist(), table.y.tolist())
        for target, (begin, end, x, y) in enumerate(zip(*columns, strict=True)):
            if begin >= 0.0:
                self.report(begin, "alongside", "", -1, target, x, y, "")
            self.report(end, "parted", "", -1, target, x, y, "")

    @cached_property
    def climbed(self) -> dict[str, Any]:
        """How far each transfer climbed the ladder: columns of length n, by the earliest event of each kind."""
        count = self.world.transfers.begin.size
        times = {rung: np.full(count, np.nan) for rung in STATUSES[1:]}
        first: dict[str, list[Any]] = {"sensor": [None] * count, "patrol": [None] * count, "sortie": [None] * count}
        for event in self.events:
            if event.event not in times or not 0 <= event.vessel < count:
                continue
            column = times[event.event]
            if np.isnan(column[event.vessel]):
                column[event.vessel] = event.time_h
                if event.event == "detected":
                    first["sensor"][event.vessel] = event.detail
                    first["patrol"][event.vessel] = event.patrol
                    first["sortie"][event.vessel] = event.sortie
        return {**times, **first}

    @cached_property
    def came(self) -> Ints:
        """How far each transfer came in its best sortie, see `sim.deployment.contacts`, (n,)."""
        best = np.where(self.met[: self.world.transfers.begin.size], NOT_DETECTED, NO_ONE_THERE)
        for sortie in self.sorties:
            for target, code in sortie.came.items():
                best[target] = max(best[target], code)
        best[~np.isnan(self.climbed["documented"])] = DOCUMENTED
        return best

    @cached_property
    def reasons(self) -> list[str | None]:
        """Why each transfer was not documented, None for those that were."""
        return reasons_of(self.came)

    def totals(self) -> dict[str, float]:
        """The additive totals of the deployment, a column each of `replications.parquet`."""
        table = self.world.transfers
        climbed = self.climbed
        end = self.end
        looked_at = [(target, why) for s in self.sorties for when, target, why in s.investigations if when < end]
        false = [why for target, why in looked_at if target >= table.begin.size]
        reasons = [reason for reason, counts in zip(self.reasons, table.counted.tolist(), strict=True) if counts]
        totals: dict[str, float] = {"transfers": int(table.counted.sum())}
        for rung in STATUSES[1:]:
            totals[rung] = int((~np.isnan(climbed[rung]) & table.counted).sum())
        totals["sorties"] = len(self.sorties)
        totals["cancelled_sorties"] = sum(event.event == "cancelled" for event in self.events)
        totals["flight_hours"] = sum(min(s.landing_h, end) - s.takeoff_h for s in self.sorties)
        totals["on_station_hours"], totals["identification_hours"] = hours_at_work(self.sorties, end)
        totals["investigations"] = len(looked_at)
        totals["false_investigations"] = len(false)
        totals |= {f"false_{feature}": false.count(feature) for feature in FEATURES}
        totals["never_looked_at"] = sum(s.never_looked_at for s in self.sorties)
        totals |= {reason: reasons.count(reason) for reason in REASONS}
        if self.dissemination is not None:
            flown = [one for sortie in self.sorties for one in sortie.tips]
            documented = self._documented(self.dissemination.plan.heeding)
            totals |= tip_totals(self.dissemination, flown, documented)
        if self.contacts is not None:
            totals["contacts"] = self.contacts
        return totals

    def _documented(self, heeding: Mapping[str, str]) -> dict[int, tuple[float, str]]:
        """When each counted transfer was first documented, and the nation of that crew, "" if it heeds no tips.

        `heeding`: the nation of each patrol that heeds tips.
        """
        counted, first = self.world.transfers.counted, dict[int, tuple[float, str]]()
        for event in self.events:
            if event.event == "documented" and counted[event.vessel]:
                first.setdefault(event.vessel, (event.time_h, heeding.get(event.patrol, "")))
        return first

    def first_documented_h(self) -> float | None:
        """When the first counted transfer was documented, or None."""
        times = self.climbed["documented"][self.world.transfers.counted]
        return float(np.nanmin(times)) if np.any(~np.isnan(times)) else None


def hours_at_work(sorties: Sequence[Sortie], end: float) -> tuple[float, float]:
    """Hours on station and, of them, those that contacts take, the way there and back included, up to an end.

    On station is from reaching the route to leaving for base, and with any contact visited on the way out.
    """
    if not sorties:
        return 0.0, 0.0
    flown = np.vstack([s.flown for s in sorties])
    begins = np.cumsum([0, *(len(s.flown) for s in sorties[:-1])])
    whose = np.repeat(np.arange(len(sorties)), [len(s.flown) for s in sorties])
    phase, hours = flown[:, 6], np.minimum(flown[:, 1], end) - np.minimum(flown[:, 0], end)
    searched, left = np.cumsum(phase == SEARCH), np.cumsum(phase == RETURN)
    reached = searched > (searched - (phase == SEARCH))[begins][whose]
    gone = left > (left - (phase == RETURN))[begins][whose]
    contact = (phase >= DIVERT) & (phase <= REJOIN)
    return float(hours[(reached & ~gone) | contact].sum()), float(hours[contact].sum())


def prepare(scenario: Scenario) -> Plan:
    """Make a scenario ready: outlines, routes, laws."""
    return Plan(
        scenario,
        [plan_traffic(scenario, name) for name in sorted(scenario.background)],
        [plan_transfers(scenario, name) for name in sorted(scenario.transfers)],
        [plan_patrol(scenario, name) for name in sorted(scenario.patrols)],
        plan_environment(scenario),
        plan_dissemination(scenario),
    )


def realise(plan: Plan, seed: int, replication: int, room: Room | None = None) -> World:
    """The ships and transfers of one replication; of the scenario's patrols nothing is asked.

    `room`: memory of an earlier world, which is gone then.
    """
    key = chance.replication_key(seed, replication)
    everyone = plan.scenario.outputs.contacts
    weather = realise_weather(plan.environment, key)
    wide = realise_transfers(plan.transfers, key, weather, under_way=everyone)
    table = wide.during(plan.scenario.duration_h)
    suspects: list[Fleet] = []
    others: list[Fleet] = []
    for source in plan.traffic:
        suspicious, rest = realise_traffic(source, key, everyone, room or Room())
        suspects.append(suspicious)
        others += [rest] if rest is not None else []
    if everyone:
        others.append(passages(plan.transfers, wide, key))
    targets = Motion.together([table.fleet(), *suspects])
    return World(key, table, targets, others if everyone else None, weather)


def fly(plan: Plan, world: World, replication: int) -> Log:
    """All patrols over one world."""
    log = Log(plan, world, replication)
    log.report_transfers()
    env = simpy.Environment()
    spells = {
        name: _spells(base.closed, world.key, name, log.end + LATEST_H)
        for name, base in plan.scenario.bases.items()
        if base.closed is not None
    }
    pairs, winds = world.transfers.begin.size, _winds(world.weather)
    inbox = Inbox(world.key, world.targets, pairs, log.report, world.weather, winds, spells, log.end, log.met)
    if plan.dissemination is not None:
        margin = margin_h(plan.dissemination.observers)
        wide = realise_transfers(plan.transfers, world.key, world.weather, margin_h=margin)
        log.dissemination = disseminate(env, plan.dissemination, inbox, wide)
    cursors = {one.cursor: Cursor() for one in plan.patrols}
    for one in plan.patrols:
        env.process(patrol(env, one, inbox, log.sorties, cursors[one.cursor]))
    env.run()
    # What a sortie does at one moment keeps its order: it is done with one contact before it turns to the next.
    log.events.sort(key=lambda e: (e.time_h, _RANK.get(e.event, 2), e.patrol, e.sortie))
    log.sorties.sort(key=lambda s: (s.takeoff_h, s.patrol))
    if world.others is not None:
        log.contacts = sum(_contacts(one, log, world.others) for one in plan.patrols)
    return log


def _winds(weather: Weather) -> Floats:
    """The winds of a weather (n, 3), each different from the one before: hour from which it holds, components."""
    winds = np.column_stack([weather.begin, weather.wind_x, weather.wind_y])
    new = np.append(True, np.any(winds[1:, 1:] != winds[:-1, 1:], axis=1))
    return np.ascontiguousarray(winds[new])


def _spells(closed: Closed, key: Entities, name: str, end: float) -> Spells:
    """When a base is open and closed by turns, exponential times, stationary at hour 0."""
    source, means = chance.identity("closed", name), (closed.mean_open_h, closed.mean_closed_h)
    first = chance.uniform(key, Purpose.CLOSURE, source, np.uint64(0)) * sum(means) < means[0]
    when, changes, is_open = 0.0, list[float](), first
    while when < end:
        luck = chance.uniform(key, Purpose.CLOSURE, source, np.uint64(len(changes) + 1))
        when -= np.log(luck) * means[0 if is_open else 1]
        changes.append(float(when))
        is_open = not is_open
    return Spells(changes, first)


def _contacts(one: PatrolPlan, log: Log, others: list[Fleet]) -> int:
    """How many vessels a patrol's sorties detected: those that could change them, and the rest in one pass."""
    end = log.end
    sorties = [sortie for sortie in log.sorties if sortie.patrol == one.name]
    if not sorties:
        return 0
    eyes = one.eyes_of_slots()[[s.number for s in sorties]]
    flown = [until(s.flown, end) if s.landing_h > end else s.flown for s in sorties]
    on_the_way = sum(int((sortie.found < end).sum()) for sortie in sorties)
    weather = log.world.weather
    pairs = zip(sorties, flown, strict=True)
    sets = [law_sets(one, legs[:, 0], s.takeoff_h, weather) for s, legs in pairs] if one.sight.heeds else None
    laws = np.vstack(one.sight.sets)
    return on_the_way + count_along(flown, others, log.world.key, eyes, laws, one.sight.tables, sets)


def count_along(
    flown: list[Floats],
    fleets: list[Fleet],
    key: Entities,
    eyes: Entities,
    laws: Floats,
    tables: Floats,
    sets: list[Ints] | None = None,
) -> int:
    """How many vessels one aircraft's sorties detect along legs as flown, each vessel once a sortie.

    `flown`: legs (n, 7) of each sortie, by time; `eyes` (sorties, sensors): identities; `sets`: of each sortie's legs
    (n,) the first of the laws in force, where that changes.
    """
    from sim.core import kernels

    sizes = [len(legs) for legs in flown]
    if sum(sizes) == 0:
        return 0
    begins = np.concatenate([[0], np.cumsum(sizes)])
    whose = np.repeat(np.arange(len(flown)), sizes)
    lines, bucket = lines_of(np.vstack(flown))
    count = 0
    for fleet in fleets:
        if fleet.vessels.size == 0:
            continue
        count += kernels.count_contacts(
            lines,
            whose,
            np.zeros(len(whose), np.int64) if sets is None else np.concatenate(sets),
            begins,
            bucket,
            _BUCKETS_PER_H,
            fleet.rows,
            fleet.owner,
            key,
            fleet.vessels,
            fleet.kinds,
            eyes,
            laws,
            tables,
        )
    return count


def lines_of(flown: Floats) -> tuple[Floats, Ints]:
    """Legs as flown as lines for the kernel: t0, t1, vx, vy, and where the line was at hour 0; and where in time.

    A block of lines that never begin follows them. The second, for each bucket of time from hour 0: the first leg that
    ends after the bucket's beginning.
    """
    from sim.core import kernels

    t0, t1, x0, y0, x1, y1 = flown[:, :6].T
    vx, vy = (x1 - x0) / (t1 - t0), (y1 - y0) / (t1 - t0)
    never = np.zeros((6, kernels.BLOCK))
    never[0], never[1] = np.inf, -np.inf
    buckets = np.searchsorted(t1, np.arange(int(max(0.0, t1[-1]) * _BUCKETS_PER_H) + 1) / _BUCKETS_PER_H, side="right")
    return np.hstack([np.array([t0, t1, vx, vy, x0 - vx * t0, y0 - vy * t0]), never]), buckets


def simulate(scenario: Scenario | Plan, seed: int = 1, replication: int = 0) -> Log:
    """Simulate one replication; the result depends on scenario, seed and replication number only."""
    plan = scenario if isinstance(scenario, Plan) else prepare(scenario)
    return fly(plan, realise(plan, seed, replication), replication)
