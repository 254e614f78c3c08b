"""The world of one replication before anybody flies: its weather, ships and transfers; and the plan behind all worlds.

A plan is a scenario made ready for simulation: all that is the same in every replication, computed once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities
from sim.core.motion import Fleet, Motion, labels_of
from sim.deployment.answers import answer_sources
from sim.deployment.learning import LearningPlan, plan_learning
from sim.deployment.passes import RouteShare, plan_shares
from sim.deployment.patrols import PatrolPlan, plan_patrol
from sim.deployment.reports import DisseminationPlan, plan_dissemination
from sim.deployment.tasking import TaskingPlan, plan_tasking
from sim.deployment.traffic.base import SegmentBuffers, TrafficPlan, plan_traffic
from sim.deployment.transfers import TransferPlan, TransferTable, passages, plan_transfers, realise_transfers
from sim.model.weather import Weather, WeatherPlan, plan_weather, realise_weather
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Plan:
    """A scenario made ready: all that is the same in every replication."""

    scenario: Scenario
    traffic: list[TrafficPlan]
    transfers: list[TransferPlan]
    patrols: list[PatrolPlan]
    weather: WeatherPlan
    dissemination: DisseminationPlan | None
    """None where no patrol follows tips and nobody but crews observes."""
    learning: list[LearningPlan | None]
    """What the smugglers of each source choose among; None where they learn nothing."""
    tasking: TaskingPlan | None
    """What those know who task patrols by belief; None where no patrol is."""

    @property
    def answers(self) -> bool:
        """Whether vessels answer to anything that a patrol does."""
        return bool(answer_sources(self.scenario))

    @cached_property
    def ships_may_look_dark(self) -> bool:
        """Whether a crew may investigate ships without any trait, because it hears no AIS of them."""
        return any(patrol.scoring.may_mistake_ships for patrol in self.patrols)

    @cached_property
    def route_shares(self) -> dict[tuple[str, str], RouteShare]:
        """What each patrol can fly of each of its routes, by the names of both."""
        return {(patrol.name, route): share for patrol in self.patrols for route, share in plan_shares(patrol).items()}


@dataclass(frozen=True)
class World:
    """What one replication holds before anybody flies; it does not depend on any route, sensor or schedule."""

    key: Entities
    """Key of the replication, (2,)."""
    transfers: TransferTable
    """The transfers that lie alongside at some time of the deployment."""
    targets: Motion
    """The vessels that can change a flight: the transfers in the order of their table, then the ships that a crew might
    investigate."""
    others: list[Fleet] | None
    """All other vessels, where an output asks for them."""
    weather: Weather


def prepare(scenario: Scenario) -> Plan:
    """Make a scenario ready for simulation: the seas, routes, detection laws and agreements."""
    transfers = [plan_transfers(scenario, name) for name in sorted(scenario.transfers)]
    patrols = [plan_patrol(scenario, name) for name in sorted(scenario.patrols)]
    return Plan(
        scenario,
        [plan_traffic(scenario, name) for name in sorted(scenario.background)],
        transfers,
        patrols,
        plan_weather(scenario),
        plan_dissemination(scenario),
        [plan_learning(scenario, source) for source in transfers],
        plan_tasking(scenario, patrols, transfers),
    )


def realise(plan: Plan, seed: int, replication: int, buffers: SegmentBuffers | None = None) -> World:
    """The weather, ships and transfers of one replication.

    Of the scenario's patrols it matters only whether their crews hear all AIS: ships without any trait are targets
    where one may look dark. So plans that differ only in patrols mostly have the same world, see `world_digest`.
    `buffers` are arrays for segments that are used again: the world that was made with them before no longer holds.
    """
    key = chance.replication_key(seed, replication)
    all_ships = plan.scenario.outputs.contacts
    weather = realise_weather(plan.weather, key)
    all_transfers = realise_transfers(plan.transfers, key, weather, with_passages=all_ships)
    transfers = all_transfers.alongside_within(plan.scenario.duration_h)
    suspects: list[Fleet] = []
    numbers = [0]  # the numbers of the fleets: a source has one number, however many fleets its ships are
    others: list[Fleet] = []
    may_look_dark = plan.ships_may_look_dark
    for number, source in enumerate(plan.traffic, start=1):
        suspicious, rest = source.realise(key, all_ships or may_look_dark, buffers or SegmentBuffers())
        suspects.append(suspicious)
        numbers.append(number)
        if rest is not None and may_look_dark:
            names = labels_of(f"{source.name}-plain", np.arange(rest.vessels.size))
            suspects.append(rest._replace(labels=np.where(rest.labels == "", names, rest.labels)))
            numbers.append(number)
        elif rest is not None:
            others.append(rest)
    if all_ships:
        others.append(passages(plan.transfers, all_transfers, key))
    targets = Motion.of_fleets([transfers.fleet(), *suspects], numbers)
    return World(key, transfers, targets, others if all_ships else None, weather)
