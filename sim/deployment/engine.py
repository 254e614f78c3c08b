"""One replication: realise the world, fly, return the log."""

import numpy as np
import simpy

from sim.core.arrays import Entities, Floats, Ints
from sim.core.motion import Fleet
from sim.deployment.bases import realise_openings
from sim.deployment.crew import RouteProgress
from sim.deployment.inbox import Inbox
from sim.deployment.log import Log
from sim.deployment.patrols import LATEST_LANDING_H, PatrolPlan, law_rows
from sim.deployment.reports import disseminate
from sim.deployment.schedule import patrol
from sim.deployment.sorties import legs_before
from sim.deployment.transfers import realise_transfers
from sim.deployment.world import Plan, World, prepare, realise
from sim.model.sightings import margin_h
from sim.model.weather import Weather
from sim.scenario.schema import Scenario

_BUCKETS_PER_H = 8.0
# At one moment: pairs part, then pairs meet, then crews act.
_RANK = {"parted": 0, "alongside": 1}


def fly(plan: Plan, world: World, replication: int) -> Log:
    """All patrols over one world."""
    log = Log(plan, world, replication)
    log.report_transfers()
    env = simpy.Environment()
    openings = {
        name: realise_openings(base.closed, world.key, name, log.end + LATEST_LANDING_H)
        for name, base in plan.scenario.bases.items()
        if base.closed is not None
    }
    pairs, winds = world.transfers.begin.size, _winds(world.weather)
    inbox = Inbox(world.key, world.targets, pairs, log.report, world.weather, winds, openings, log.end, log.met)
    if plan.dissemination is not None:
        margin = margin_h(plan.dissemination.observers)
        wide = realise_transfers(plan.transfers, world.key, world.weather, margin_h=margin)
        log.dissemination = disseminate(env, plan.dissemination, inbox, wide)
    progress = {one.shared_progress: RouteProgress() for one in plan.patrols}
    for one in plan.patrols:
        env.process(patrol(env, one, inbox, log.sorties, progress[one.shared_progress]))
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


def _contacts(one: PatrolPlan, log: Log, others: list[Fleet]) -> int:
    """How many vessels a patrol's sorties detected: those that could change them, and the rest in one pass."""
    end = log.end
    sorties = [sortie for sortie in log.sorties if sortie.patrol == one.name]
    if not sorties:
        return 0
    eyes = one.sensor_ids_of_slots()[[s.number for s in sorties]]
    flown = [legs_before(s.flown, end) if s.landing_h > end else s.flown for s in sorties]
    on_the_way = sum(int((sortie.detected_h < end).sum()) for sortie in sorties)
    weather = log.world.weather
    pairs = zip(sorties, flown, strict=True)
    sets = (
        [law_rows(one, legs[:, 0], s.takeoff_h, weather) for s, legs in pairs]
        if one.sensor_performance.depends_on_conditions
        else None
    )
    laws = np.vstack(one.sensor_performance.law_sets)
    return on_the_way + count_along(flown, others, log.world.key, eyes, laws, one.sensor_performance.tables, sets)


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
