"""Sorties of a crew that stands by, for tips that come as a Poisson process, against a renewal process."""

import math

import numpy as np
import pytest

from sim import load_scenario
from sim.core.units import HOURS_PER_MONTH
from sim.deployment.engine import simulate
from sim.deployment.world import prepare

LASTS_H, LONGEST_AGE_H = 6.0, 2.5  # of a tip: when its chance is 0, and when it is the least that the crew accepts
WARM_UP_H, REPLICATIONS = 10.0 * 24.0, 10
SPOT = {"polygon": [[125.0, 29.5], [125.02, 29.5], [125.02, 29.52], [125.0, 29.52]]}  # about a mile across
QUIET = {
    "duration_days": 130.0,
    "transfers.fuel.per_month": 0.0,
    "background.merchant.present": 0.0,
    "areas.spot": SPOT,
    "nations.canada.cell": {"lasts_h": LASTS_H, "fused_within": 0.0, "spread_kn": 0.0},
    "patrols.aurora.nation": "canada",
    "patrols.aurora.tips": {},
    "patrols.aurora.sorties": 0,
}
DESK = {"kind": "ais_desk", "nation": "canada", "area": "spot", "probability": 0.0, "delay_h": 0.0}


@pytest.mark.parametrize(
    ("per_month", "turn_round_h", "ready_h", "sorties_a_month"),
    [(60.0, 20.0, 1.0, None), (25.0, 6.0, 0.5, None), (60.0, 20.0, 0.0, 31)],
)
def test_the_rate_of_sorties_is_that_of_a_renewal_process(
    per_month: float, turn_round_h: float, ready_h: float, sorties_a_month: int | None
) -> None:
    """Tips come at a rate l, and the crew accepts one that waits for its take-off for at most W hours.

    From a take-off the aircraft is busy for B hours: flight and turn-round. If the first tip that it could still accept
    comes E hours after the moment W before it is ready, it takes off max(0, E - (W - r)) hours after it is ready, where
    r is the time to get ready, and E is exponential. So the mean time from take-off to take-off is
    B + exp(-l (W - r)) / l. A limit of one sortie for each 23 hours, which is less than B, never binds.
    """
    standby = {"ready_h": ready_h, "least_chance": 1.0 - LONGEST_AGE_H / LASTS_H, "sorties_a_month": sorties_a_month}
    sets = {
        **QUIET,
        "observers.desk": {**DESK, "false_per_month": per_month, "position_error_nmi": 0.01},
        "aircraft.cp140.turn_round_h": turn_round_h,
        "patrols.aurora.standby": standby,
    }
    plan = prepare(load_scenario("neon-spring", sets))
    counts, flights, ways = [], [], []
    for replication in range(REPLICATIONS):
        log = simulate(plan, 7, replication)
        takeoffs = np.array([sortie.takeoff_h for sortie in log.sorties])
        counts.append(np.sum(takeoffs >= WARM_UP_H))
        flights += [sortie.landing_h - sortie.takeoff_h for sortie in log.sorties]
        ways += [sortie.tip_flights[0].arrival_h - sortie.takeoff_h for sortie in log.sorties]
    assert np.std(flights) < 0.01
    assert np.std(ways) < 0.005
    per_h = per_month / HOURS_PER_MONTH
    longest_wait_h = LONGEST_AGE_H - float(np.mean(ways))
    busy_h = float(np.mean(flights)) + turn_round_h
    assert ready_h < longest_wait_h < turn_round_h
    mean_h = busy_h + math.exp(-per_h * (longest_wait_h - ready_h)) / per_h
    expected = (plan.scenario.duration_h - WARM_UP_H) / mean_h
    error = np.std(counts, ddof=1) / math.sqrt(REPLICATIONS)
    assert error < 0.04 * expected
    assert abs(np.mean(counts) - expected) < 4.0 * error
