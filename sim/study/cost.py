"""What simulations would cost, from their scenarios alone, so that the user of a long one is warned before it begins.

The constants were fitted to included scenarios, and to variants of them with more ships, transfers, sorties and days,
on a machine on which the reference workload of `make bench` takes 9 ms. There, the estimate was between a quarter of
the time of a replication and four and a half times that time. Other machines are faster or slower.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sim.core.text import counted
from sim.core.units import HOURS_PER_DAY, HOURS_PER_MONTH
from sim.deployment.ais_load import hears_under_load
from sim.deployment.patrols import patrols_following_tips
from sim.deployment.traffic.base import TrafficPlan, plan_traffic
from sim.model.patrols import Patrol
from sim.model.schedules import mean_takeoffs_a_day
from sim.scenario.problems import ARGUMENTS, InputError, Problem
from sim.scenario.schema import Scenario

WARN_S, WARN_BYTES = 600.0, 2.0 * 2**30
"""If the estimate of a run is beyond one of these, a warning says what the run will cost."""
MOST_S, MOST_BYTES = 24.0 * 3600.0, 12.0 * 2**30
"""If the estimate of a run is beyond one of these, the run does not begin unless it was allowed to be long."""

_START_BYTES = 300e6  # for a process that has loaded everything
_BATCH = 5  # replications whose rows a process holds at the same time
_SHIP_S = 2e-7  # to draw a ship
_SEGMENT_S, _SEGMENT_BYTES = 1e-7, 150.0  # to lay a straight segment of a ship, and to hold it
_MET_S, _MET_BYTES = 30e-6, 600.0  # for each vessel that an aircraft in the air may meet, and for its events
_PASSED_S = 2e-6  # for each segment of a ship that a crew might look at, met or not
_TRANSFER_S, _TRANSFER_BYTES = 10e-6, 400.0  # for a transfer
_ROW_BYTES = 700.0  # for a transfer as a row of a table, with its events
_SORTIE_S, _SORTIE_BYTES = 200e-6, 60_000.0  # for a sortie that is flown with one sensor
_SENSOR_S, _TIPS_S = 300e-6, 900e-6  # to be added for each further sensor, and if the crew follows tips
_DUE_S, _DUE_BYTES = 6e-6, 2_000.0  # for a sortie that is due, whether it is flown or not
_GLIMPSE_S, _GLIMPSE_BYTES = 5e-6, 200.0  # for each time that an observer may see a transfer
_CHANGE_S = 3e-6  # for a change of the weather


class Cost(NamedTuple):
    """What something costs: seconds of computing on one core, and bytes of memory."""

    seconds: float
    bytes: float


@dataclass(frozen=True)
class Estimate:
    """What a run or a sweep would cost."""

    seconds: float
    """The seconds of computing, on one core."""
    bytes: float
    """The bytes of memory of all processes together."""
    largest: str
    """The key to which the largest part is due."""

    @property
    def needs_warning(self) -> bool:
        """Whether it is so much that the user is warned before the work begins."""
        return self.seconds > WARN_S or self.bytes > WARN_BYTES

    @property
    def is_too_much(self) -> bool:
        """Whether it is so much that the work begins only if it was allowed to be long."""
        return self.seconds > MOST_S or self.bytes > MOST_BYTES

    def __str__(self) -> str:
        """The cost in words."""
        return f"about {_time_text(self.seconds)} of computing and about {_bytes_text(self.bytes)} of memory"


def _time_text(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, length in (("years", 31_557_600.0), ("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2.0 * length:
            return f"{seconds / length:,.2g} {unit}" if seconds < 100.0 * length else f"{seconds / length:,.0f} {unit}"
    return counted(max(1, round(seconds)), "second")


def _bytes_text(count: float) -> str:
    """Bytes in the unit that suits them."""
    for unit, size in (("TiB", 2.0**40), ("GiB", 2.0**30)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 2**20:,.0f} MiB"


def cost_by_key(scenario: Scenario, together: int = _BATCH) -> dict[str, Cost]:
    """What one replication of a scenario costs, by the key of the part to which it is due.

    The memory is that of a process which holds the rows of `together` replications at the same time.
    """
    hours, transfers = scenario.duration_h, expected_transfers(scenario)
    follow_tips = patrols_following_tips(scenario)
    costs = {
        f"patrols.{name}.{_key_of_slots(patrol)}": _cost_of_patrol(scenario, patrol, name in follow_tips)
        for name, patrol in scenario.patrols.items()
    }
    aloft = sum(flown_hours(scenario, patrol) for patrol in scenario.patrols.values()) / hours
    rates = {name: one.greatest_per_month(scenario.clock, hours) for name, one in scenario.transfers.items()}
    for name in scenario.transfers:
        count = transfers * rates[name] / max(1e-300, sum(rates.values()))
        met = count * min(1.0, aloft)
        costs[f"transfers.{name}.per_month"] = Cost(
            count * (_TRANSFER_S + aloft * _MET_S), count * (_TRANSFER_BYTES + together * _ROW_BYTES) + met * _MET_BYTES
        )
    for name, ships in scenario.background.items():
        costs[f"background.{name}.{ships.number_key}"] = _cost_of_traffic(scenario, plan_traffic(scenario, name), aloft)
    for name, observer in scenario.observers.items():
        looks = transfers * (1.0 + _longest_stay_h(scenario) / getattr(observer, "revisit_h", math.inf))
        looks += observer.false_reports_per_month * hours / HOURS_PER_MONTH
        costs[f"observers.{name}"] = Cost(looks * _GLIMPSE_S, looks * _GLIMPSE_BYTES)
    for name, process in scenario.environment.processes.items():
        changes = hours * len(process) / sum(state.dwell_h for state in process.values())
        costs[f"environment.processes.{name}"] = Cost(changes * _CHANGE_S, changes * 200.0)
    return costs


def expected_transfers(scenario: Scenario) -> float:
    """The mean number of transfers that a replication draws: those that begin in the deployment or may last into it."""
    return sum(
        source.greatest_per_month(scenario.clock, scenario.duration_h)
        * (scenario.duration_h + source.duration_h.bounds()[1])
        / HOURS_PER_MONTH
        for source in scenario.transfers.values()
    )


def _longest_stay_h(scenario: Scenario) -> float:
    """How long a transfer may last, in hours: the greatest duration of any source, but not more than 100 hours."""
    return max((min(100.0, source.duration_h.bounds()[1]) for source in scenario.transfers.values()), default=0.0)


def _slots(patrol: Patrol, hours: float) -> float:
    """The number of scheduled take-offs of a patrol in some hours, and of those for tips the most that may be."""
    a_day = mean_takeoffs_a_day(patrol.takeoff, patrol.days, patrol.every_h)
    slots = max(0.0, hours - (patrol.first_takeoff_h or 0.0)) * a_day / HOURS_PER_DAY
    slots = slots if patrol.sorties is None else min(slots, float(patrol.sorties))
    if patrol.standby is None:
        return slots
    most = patrol.standby.sorties_a_month or math.inf
    return slots + min(most * (hours / HOURS_PER_MONTH + 1.0), hours)


def _key_of_slots(patrol: Patrol) -> str:
    """The key that decides how often a patrol takes off."""
    return "every_h" if patrol.every_h is not None else "takeoff" if patrol.takeoff is not None else "standby"


def flown_hours(scenario: Scenario, patrol: Patrol) -> float:
    """The most hours that a patrol can fly in a deployment; its aircraft needs `turn_round_h` between two flights."""
    hours, flight_h = scenario.duration_h, _flight_h(scenario, patrol)
    cycle_h = flight_h + scenario.aircraft[patrol.aircraft].turn_round_h
    return min(_slots(patrol, hours), hours / cycle_h + 1.0) * flight_h


def _flight_h(scenario: Scenario, patrol: Patrol) -> float:
    """The hours of a flight until only the reserve of fuel is left, at the speed of transit."""
    aircraft = scenario.aircraft[patrol.aircraft]
    return max(0.1, aircraft.endurance_h - aircraft.reserve_h)


def _cost_of_patrol(scenario: Scenario, patrol: Patrol, follows_tips: bool) -> Cost:
    """What the sorties of a patrol cost; sorties that cannot be flown are events as well."""
    due = _slots(patrol, scenario.duration_h)
    flown = flown_hours(scenario, patrol) / _flight_h(scenario, patrol)
    more_sensors = len(scenario.aircraft[patrol.aircraft].sensors) - 1
    sortie_s = _SORTIE_S + more_sensors * _SENSOR_S + follows_tips * _TIPS_S
    return Cost(due * _DUE_S + flown * sortie_s, due * _DUE_BYTES + flown * _SORTIE_BYTES)


def _cost_of_traffic(scenario: Scenario, plan: TrafficPlan, aloft: float) -> Cost:
    """What the ships of a source cost: to draw them, to lay their segments, and to meet those that crews look at."""
    ships, legs = plan.mean_ships, plan.segments_per_ship
    looked_at = ships * (1.0 if hears_under_load(scenario) else 1.0 - plan.spec.plain_share)
    laid = (ships if scenario.outputs.contacts else looked_at) * legs
    met = looked_at * min(1.0, aloft)
    seconds = ships * _SHIP_S + laid * _SEGMENT_S + looked_at * (aloft * _MET_S + legs * _PASSED_S)
    return Cost(seconds, laid * _SEGMENT_BYTES + met * _MET_BYTES)


def estimate_cost(scenarios: Sequence[Scenario], replications: int, jobs: int) -> Estimate:
    """What replications of some scenarios would cost in some processes; about 20 of many scenarios stand for all."""
    step = max(1, len(scenarios) // 20)
    costs = [cost_by_key(scenario, min(replications, _BATCH)) for scenario in scenarios[::step]]
    seconds = [sum(cost.seconds for cost in keys.values()) for keys in costs]
    memory = [sum(cost.bytes for cost in keys.values()) for keys in costs]
    weights = {key: cost.seconds / MOST_S + cost.bytes / MOST_BYTES for keys in costs for key, cost in keys.items()}
    key = max(weights, key=lambda key: weights[key], default="")
    total = sum(seconds) / len(seconds) * len(scenarios) * replications
    processes = min(jobs, max(1, len(scenarios) * replications // _BATCH))
    return Estimate(total, processes * (_START_BYTES + max(memory)), key)


def check_cost(
    scenarios: Sequence[Scenario], replications: int, jobs: int, allow_long: bool, warn: Callable[[str], None]
) -> None:
    """Warn of a long run or one of much memory; raises `InputError` for one beyond the limits that was not allowed."""
    cost = estimate_cost(scenarios, replications, jobs)
    if cost.is_too_much and not allow_long:
        most = f"at most {_time_text(MOST_S)} of computing and {_bytes_text(MOST_BYTES)} of memory"
        hint = f"the largest part is due to {cost.largest}; --allow-long runs it nevertheless"
        raise InputError([Problem(ARGUMENTS, None, "", f"work of {cost}", most, hint)])
    if cost.needs_warning:
        warn(f"this will take {cost}; the largest part is due to {cost.largest}")
