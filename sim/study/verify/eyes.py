"""Verification of eyes: observers that are independent of the aircraft, and what all of them see together."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sim.core.arrays import Flags
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.scenario.load import load_scenario
from sim.study.verify.theory_searches import Outcome, Trial

_P_AIRCRAFT = 0.375  # of the included scenario `textbook`, whose file derives it
_P_OBSERVERS = {"first": 0.4, "second": 0.3}
INDEPENDENT: Mapping[str, Any] = {
    "nations.home": {},
    **{
        f"observers.{name}": {
            "kind": "human",
            "nation": "home",
            "probability": chance,
            "position_error_nmi": 1.0,
            "delay_h": 0.0,
            "lead_h": 0.0,
        }
        for name, chance in _P_OBSERVERS.items()
    },
}
"""What adds two observers to `textbook` who see by chance alone, independently of the aircraft and of one another."""


def seen_any(replications: int, seed: int) -> Outcome:
    """Whether any eye saw each transfer: 1 less the product of the chances that an eye does not see it."""
    plan = prepare(load_scenario("textbook", INDEPENDENT))
    scores: list[Flags] = []
    for replication in range(replications):
        log = simulate(plan, seed, replication)
        aircraft = ~np.isnan(log.climbed["detected"])
        seen = np.logical_or.reduce([aircraft, *log.reported_by.values()])
        scores.append(seen[log.transfers.counted])
    missed = np.prod([1.0 - chance for chance in (_P_AIRCRAFT, *_P_OBSERVERS.values())])
    return float(1.0 - missed), np.concatenate(scores).astype(float)


EYE_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "independent eyes, seen by any": lambda t: seen_any(t.replications, int(t.rng.integers(2**32))),
}
"""By name: the checks of `seasweep verify` of eyes."""
