"""The simulation of one replication: realise the world, fly all patrols over it, and return the log."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import simpy

from sim.core.arrays import Floats
from sim.core.codes import ALONE, IN_SMALL_STEPS, IN_STEP
from sim.core.motion import Fleet
from sim.deployment.answers import let_answer
from sim.deployment.bases import realise_openings
from sim.deployment.counting import count_along, law_sets_along
from sim.deployment.crew import RouteProgress
from sim.deployment.events import Event
from sim.deployment.inbox import Inbox
from sim.deployment.ladder import RUNGS
from sim.deployment.log import TRANSFER_EVENTS, Log
from sim.deployment.patrols import LATEST_LANDING_H, PatrolPlan
from sim.deployment.reports import disseminate, observe
from sim.deployment.schedule import patrol
from sim.deployment.sorties import legs_before
from sim.deployment.tasking import open_desks
from sim.deployment.transfers import TransferTable, passages, realise_transfers
from sim.deployment.waiting import Process
from sim.deployment.world import Plan, World, prepare, realise
from sim.model.cells import CellState
from sim.model.sightings import Sightings, margin_h
from sim.model.weather import Weather
from sim.scenario.arguments import replication_number, seed_number
from sim.scenario.load import Given, Sets, load_scenario
from sim.scenario.problems import refused

# The order of events at the same hour: pairs part, then pairs come alongside, then crews act.
_RANK = {event: rank for rank, event in enumerate(TRANSFER_EVENTS)}


class Look(NamedTuple):
    """A look at what the cells know in the middle of a replication."""

    hour: float
    see: Callable[[Mapping[str, CellState]], None]
    """Takes the state of the cell of each nation, by nation."""


def observed_transfers(plan: Plan, world: World) -> TransferTable:
    """The transfers that observers may report in the deployment.

    Where a patrol follows tips, those shortly before and after it are included.
    """
    dissemination = plan.dissemination
    margin = margin_h(dissemination.observers) if dissemination is not None and dissemination.cells else 0.0
    return realise_transfers(plan.transfers, world.key, world.weather, margin_h=margin)


def fly(
    plan: Plan, world: World, replication: int, sightings: Sightings | None = None, look: Look | None = None
) -> Log:
    """Fly all patrols of a plan over the world of one replication; its number only enters the log.

    `sightings` are the reports of all observers but crews, whose targets are rows of `observed_transfers`: reports that
    were recorded, for example. If they are left out, they are what the observers of the scenario see. `look` is given
    what the cells of all nations know at an hour; it changes nothing.
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
    desks = open_desks(plan.tasking, inbox)
    for patrol_plan in plan.patrols:
        in_step, desk = _in_step(plan, patrol_plan), desks.get(patrol_plan.name)
        env.process(patrol(env, patrol_plan, inbox, log.sorties, progress[patrol_plan.shared_progress], in_step, desk))
    if look is not None:
        env.process(_look(env, look, inbox))
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


def _look(env: simpy.Environment, look: Look, inbox: Inbox) -> Process:
    yield env.timeout(look.hour)
    look.see(inbox.cells)


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
    sets = law_sets_along(plan, flown, [sortie.takeoff_h for sortie in sorties], log.world.weather)
    laws = np.vstack(plan.sensor_performance.law_sets)
    return in_flight + count_along(flown, others, log.world.key, identities, laws, plan.sensor_performance.tables, sets)


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
