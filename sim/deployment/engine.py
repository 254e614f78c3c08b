"""The simulation of one replication: realise the world, fly all patrols over it, and return the log."""

from dataclasses import replace
from itertools import pairwise
from operator import itemgetter

import numpy as np
import simpy

from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import ALONE, IN_SMALL_STEPS, IN_STEP
from sim.core.motion import Fleet
from sim.deployment.answers import let_answer
from sim.deployment.bases import realise_openings
from sim.deployment.crew import RouteProgress
from sim.deployment.events import Event
from sim.deployment.inbox import Inbox
from sim.deployment.ladder import RUNGS
from sim.deployment.log import TRANSFER_EVENTS, Log
from sim.deployment.patrols import LATEST_LANDING_H, PatrolPlan, law_rows
from sim.deployment.reports import disseminate, observe
from sim.deployment.schedule import patrol
from sim.deployment.sorties import legs_before
from sim.deployment.transfers import TransferTable, passages, realise_transfers
from sim.deployment.world import Plan, World, prepare, realise
from sim.model.sightings import Sightings, margin_h
from sim.model.weather import Weather
from sim.scenario.arguments import replication_number, seed_number
from sim.scenario.load import Given, Sets, load_scenario
from sim.scenario.problems import refused

_BUCKETS_PER_H = 8.0
# The order of events at the same hour: pairs part, then pairs come alongside, then crews act.
_RANK = {event: rank for rank, event in enumerate(TRANSFER_EVENTS)}


def observed_transfers(plan: Plan, world: World) -> TransferTable:
    """The transfers that observers may report in the deployment.

    Where a patrol follows tips, those shortly before and after it are included.
    """
    dissemination = plan.dissemination
    margin = margin_h(dissemination.observers) if dissemination is not None and dissemination.cells else 0.0
    return realise_transfers(plan.transfers, world.key, world.weather, margin_h=margin)


def fly(plan: Plan, world: World, replication: int, sightings: Sightings | None = None) -> Log:
    """Fly all patrols of a plan over the world of one replication; its number only enters the log.

    `sightings` are the reports of all observers but crews, whose targets are rows of `observed_transfers`: reports that
    were recorded, for example. If they are left out, they are what the observers of the scenario see.
    """
    log = Log(plan, world, replication)
    env = simpy.Environment()
    openings = {
        name: realise_openings(base.closed, world.key, name, log.end + LATEST_LANDING_H)
        for name, base in plan.scenario.bases.items()
        if base.closed is not None
    }
    pairs, winds = world.transfers.begin.size, _winds(world.weather)
    inbox = Inbox(
        world.key, world.targets, pairs, log.report_all, world.weather, winds, openings, log.end, log.came_in_range
    )
    inbox.next_event_h = env.peek
    if plan.answers:
        log.answers = let_answer(env, plan.transfers, plan.learning, inbox, world.transfers)
    if plan.dissemination is not None:
        transfers = observed_transfers(plan, world)
        if sightings is None:
            sightings = observe(plan.dissemination, world.key, transfers)
        log.dissemination = disseminate(env, plan.dissemination, inbox, transfers, sightings)
        if log.answers is not None:
            log.answers.stints.listeners.append(log.dissemination.see_again)
    progress = {patrol_plan.shared_progress: RouteProgress() for patrol_plan in plan.patrols}
    for patrol_plan in plan.patrols:
        in_step = _in_step(plan, patrol_plan)
        env.process(patrol(env, patrol_plan, inbox, log.sorties, progress[patrol_plan.shared_progress], in_step))
    env.run()
    log.report_transfers()
    if log.dissemination is not None and log.answers is not None:
        log.dissemination.note_transfers(log.transfers)
    put_in_order(log.events)
    log.sorties.sort(key=lambda sortie: (sortie.takeoff_h, sortie.patrol))
    if world.others is not None:
        others = _others(plan, log, world.others)
        log.contacts = sum(_contacts(patrol_plan, log, others) for patrol_plan in plan.patrols)
    return log


def _others(plan: Plan, log: Log, others: list[Fleet]) -> list[Fleet]:
    """The vessels that change no flight; where ships answer to patrols, on their ways as they came about."""
    if log.answers is None:
        return others
    world, happened = log.world, log.transfers
    table = realise_transfers(plan.transfers, world.key, world.weather, with_passages=True)
    columns = {name: getattr(table, name).copy() for name in ("begin", "end", "x", "y")}
    rows = table.is_alongside_within(log.end)
    for name, column in columns.items():
        column[rows] = getattr(happened, name)
    takes_place = np.ones(rows.size, bool)
    takes_place[rows] = log.answers.stints.took_place
    return [*others[:-1], passages(plan.transfers, replace(table, **columns).select(takes_place), world.key)]


def _in_step(plan: Plan, patrol_plan: PatrolPlan) -> int:
    """How far the flights of a patrol may run ahead of the others: see `sim.core.codes.ALONE`.

    A flight whose place or findings matter to others, or theirs to it, stops for them to catch up.
    """
    others = [other for other in plan.patrols if other is not patrol_plan]
    if any(other.shared_progress == patrol_plan.shared_progress for other in others):
        return IN_SMALL_STEPS  # the next aircraft relieves this one wherever it is
    dissemination = plan.dissemination
    if dissemination is not None:
        rungs = [rung for _, rung in dissemination.crews.get(patrol_plan.name, ())]
        if RUNGS[0] in rungs:
            return IN_SMALL_STEPS  # each detection is news for others
        if rungs or dissemination.nations[patrol_plan.name] in dissemination.cells:
            return IN_STEP
    shares_record = any(other.identification_record == patrol_plan.identification_record for other in others)
    return IN_STEP if shares_record else ALONE


def put_in_order(events: list[Event]) -> None:
    """Sort events by hour; at one hour those of transfers come first, then those of patrol after patrol.

    The sort is stable, so the events of a sortie at one hour keep their order: a crew completes one contact before it
    turns to the next. Where no two events of others fall on one hour, sorting by the hour alone is enough, and faster.
    """
    events.sort(key=itemgetter(0))
    if any(a[0] == b[0] and (a[2:4] != b[2:4] or not a[2]) for a, b in pairwise(events)):
        events.sort(key=lambda event: (event.time_h, _RANK.get(event.event, len(_RANK)), event.patrol, event.sortie))


def _winds(weather: Weather) -> Floats:
    """The winds of a weather (n, 3), each different from the one before: hour from which it holds, components."""
    winds = np.column_stack([weather.begin, weather.wind_x, weather.wind_y])
    changes = np.append(True, np.any(winds[1:, 1:] != winds[:-1, 1:], axis=1))
    return np.ascontiguousarray(winds[changes])


def _contacts(plan: PatrolPlan, log: Log, others: list[Fleet]) -> int:
    """How many vessels the sorties of a patrol detected, each sortie anew.

    The targets were counted in flight, since a crew may act on them. All other vessels change no flight, so they are
    counted here, along the legs as flown.
    """
    end = log.end
    sorties = [sortie for sortie in log.sorties if sortie.patrol == plan.name]
    if not sorties:
        return 0
    identities = np.array([plan.sensor_ids_of(sortie.number) for sortie in sorties])
    flown = [legs_before(sortie.flown, end) if sortie.landing_h > end else sortie.flown for sortie in sorties]
    in_flight = sum(int((sortie.detected_h < end).sum()) for sortie in sorties)
    weather = log.world.weather
    pairs = zip(sorties, flown, strict=True)
    sets = None
    if plan.sensor_performance.depends_on_conditions:
        sets = [law_rows(plan, legs[:, 0], sortie.takeoff_h, weather) for sortie, legs in pairs]
    laws = np.vstack(plan.sensor_performance.law_sets)
    return in_flight + count_along(flown, others, log.world.key, identities, laws, plan.sensor_performance.tables, sets)


def count_along(
    flown: list[Floats],
    fleets: list[Fleet],
    key: Entities,
    sensors: Entities,
    laws: Floats,
    tables: Floats,
    sets: list[Ints] | None = None,
) -> int:
    """How many vessels one aircraft's sorties detect along legs as flown, each vessel once a sortie.

    Args:
        flown: For each sortie its legs, sorted by time, (n, 7) each: begin and end, hours, places, nmi, and phase.
        fleets: The vessels that can be detected.
        key: Key of the replication, (2,).
        sensors: Identity of each sensor in each sortie, (sorties, sensors), from which thresholds are drawn.
        laws: Detection laws as the kernels take them, one below the other, (l, 6).
        tables: The tables of laws that have one.
        sets: For each leg of each sortie (n,) the row of `laws` at which the laws in force begin. None: always row 0.
    """
    from sim.core import kernels

    sizes = [len(legs) for legs in flown]
    if sum(sizes) == 0:
        return 0
    begins = np.concatenate([[0], np.cumsum(sizes)])
    sortie_of_leg = np.repeat(np.arange(len(flown)), sizes)
    lines, bucket = lines_of(np.vstack(flown))
    count = 0
    for fleet in fleets:
        if fleet.vessels.size == 0:
            continue
        count += kernels.count_contacts(
            lines,
            sortie_of_leg,
            np.zeros(len(sortie_of_leg), np.int64) if sets is None else np.concatenate(sets),
            begins,
            bucket,
            _BUCKETS_PER_H,
            fleet.rows,
            fleet.owner,
            key,
            fleet.vessels,
            fleet.kinds,
            sensors,
            laws,
            tables,
        )
    return count


def lines_of(flown: Floats) -> tuple[Floats, Ints]:
    """Legs as flown (n, 7) in the form that the kernel reads, and an index of them by time.

    The legs are columns of an array (6, n + BLOCK): begin and end, hours, velocity, knots, and the place where the
    line of the leg was at hour 0, nmi. A block of legs that never begin follows them, so that the kernel may read
    beyond the last. The index has, for each eighth of an hour from hour 0, the first leg that ends after its
    beginning.
    """
    from sim.core import kernels

    t0, t1, x0, y0, x1, y1 = flown[:, :6].T
    vx, vy = (x1 - x0) / (t1 - t0), (y1 - y0) / (t1 - t0)
    never = np.zeros((6, kernels.BLOCK))
    never[0], never[1] = np.inf, -np.inf
    buckets = np.searchsorted(t1, np.arange(int(max(0.0, t1[-1]) * _BUCKETS_PER_H) + 1) / _BUCKETS_PER_H, side="right")
    return np.hstack([np.array([t0, t1, vx, vy, x0 - vx * t0, y0 - vy * t0]), never]), buckets


def simulate(scenario: Given | Plan, seed: int = 1, replication: int = 0, *, sets: Sets = ()) -> Log:
    """Simulate one replication of a scenario; the log depends only on scenario, seed and replication number.

    The scenario and `sets` are as in `load_scenario`. A program that simulates many replications is faster with a
    `Plan`, which `sim.deployment.world.prepare` makes of a scenario once. Raises InputError where the scenario has
    errors, and where seed or replication is no whole number at least 0.
    """
    seed, replication = seed_number("simulate", seed), replication_number("simulate", "replication", replication)
    if isinstance(scenario, Plan) and sets:
        raise refused("both", "a plan, or a scenario with sets", file="simulate", key="sets")
    plan = scenario if isinstance(scenario, Plan) else prepare(load_scenario(scenario, sets))
    return fly(plan, realise(plan, seed, replication), replication)
