"""A scenario made ready, and the world of one replication before anybody flies."""

from dataclasses import dataclass

from sim.core import chance
from sim.core.arrays import Entities
from sim.core.motion import Fleet, Motion
from sim.deployment.patrols import PatrolPlan, plan_patrol
from sim.deployment.reports import DisseminationPlan, plan_dissemination
from sim.deployment.traffic import Room, TrafficPlan, plan_traffic, realise_traffic
from sim.deployment.transfers import TransferPlan, TransferTable, passages, plan_transfers, realise_transfers
from sim.model.weather import Weather, WeatherPlan, plan_weather, realise_weather
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class Plan:
    """A scenario made ready: what is the same in every replication."""

    scenario: Scenario
    traffic: list[TrafficPlan]
    transfers: list[TransferPlan]
    patrols: list[PatrolPlan]
    environment: WeatherPlan
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


def prepare(scenario: Scenario) -> Plan:
    """Make a scenario ready: outlines, routes, laws."""
    return Plan(
        scenario,
        [plan_traffic(scenario, name) for name in sorted(scenario.background)],
        [plan_transfers(scenario, name) for name in sorted(scenario.transfers)],
        [plan_patrol(scenario, name) for name in sorted(scenario.patrols)],
        plan_weather(scenario),
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
