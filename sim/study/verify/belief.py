"""Verification of the belief: what it expects to be unfound, and what whole deployments leave unfound.

It is made of the included scenario `textbook`. In it an aircraft is in range of the whole area from 12 to 20 h of each
day and detects a pair there with chance p in each flight; transfers begin at any hour and last for tau = 4 h.
"""

from collections.abc import Callable

import numpy as np

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY
from sim.deployment.engine import simulate
from sim.deployment.log import Log
from sim.deployment.world import prepare
from sim.scenario.load import load_scenario
from sim.study.maps.belief import unseen_pairs
from sim.study.maps.searches import FlownSortie
from sim.study.verify.theory_searches import Outcome, Trial

_BUSY = {"duration_days": 12.0, "transfers.events.per_month": 3000.0}
_AT_H = 22.0  # two hours after the flight: half of the pairs alongside then had begun before it ended


def unfound_pairs(replications: int, seed: int) -> Outcome:
    """Pairs alongside and undetected two hours after a flight of each day: rate (2 h (1 - p) + 2 h).

    The expected number is that of the belief, by the legs as flown on the last day; a test holds it to that formula.
    """
    plan = prepare(load_scenario("textbook", _BUSY))
    days: Floats = np.arange(1.0, int(plan.scenario.duration_days))
    logs = [simulate(plan, seed, replication) for replication in range(replications)]
    sorties = [FlownSortie(sortie.patrol, sortie.flown[:, :6]) for sortie in logs[0].sorties]
    source, hour = plan.transfers[0], _AT_H + HOURS_PER_DAY * float(days[-1])
    place = np.array([[*plan.transfers[0].sea.centroid.coords[0]]])
    expected = unseen_pairs(plan.scenario, plan.patrols, (0, sorties), source, seed, hour, place, logs[0].world.weather)
    return float(expected[0]), np.concatenate([_left(log, _AT_H + HOURS_PER_DAY * days) for log in logs])


def _left(log: Log, hours: Floats) -> Floats:
    """How many pairs lie alongside at some hours that nobody has detected by then, (n,)."""
    pairs = log.transfers
    found_h = np.full(pairs.begin.size, np.inf)
    for event in log.events:
        if event.event == "detected":
            found_h[event.vessel] = min(found_h[event.vessel], event.time_h)
    at = hours[:, None]
    return np.asarray(((pairs.begin <= at) & (pairs.end > at) & (found_h > at)).sum(axis=1), float)


BELIEF_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "belief, pairs that flights leave unfound": lambda t: unfound_pairs(
        max(4, t.replications // 4), int(t.rng.integers(2**31))
    ),
}
"""By name: the checks of `seasweep verify` of the belief."""
