"""Tips through the whole engine: fuel never ends before landing, and how often a transfer still lasts."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim import load_scenario
from sim.core.fields import Quantity
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.model import theory
from tests.theory.test_fuel import ROUNDING_H, overdraft, random_fleet


# ---------------------------------------------------------------------------------------------------- fuel
def random_tips(seed):
    """Rules, and a partner who sees much, true and false, anywhere in the area."""
    rng = np.random.default_rng([seed, 1])
    search = {
        "pattern": str(rng.choice(["expanding_square", "sector"])),
        "spacing_nmi": float(rng.uniform(2.0, 20.0)),
        "factor": float(rng.uniform(0.0, 3.0)),
    }
    satellite = {
        "kind": "satellite",
        "nation": "japan",
        "sensor": "radar",
        "revisit_h": 4.0,
        "swath_nmi": 500.0,
        "probability": 0.9,
        "position_error_nmi": float(rng.uniform(0.0, 20.0)),
        "delay_h": {"mean": 1.0},
    }
    standby = {"ready_h": float(rng.uniform(0.0, 2.0)), "least_chance": float(rng.uniform(0.0, 0.5))}
    return {
        **({"patrols.aurora.standby": standby} if seed % 2 else {}),
        "nations.canada": {"cell": {"lasts_h": 12.0}},
        "nations.japan": {},
        "patrols.aurora.nation": "canada",
        "patrols.aurora.tips": {"least_chance": 0.0, "search": search},
        "observers.satellite": {**satellite, "false_per_month": 300.0},
        "agreements.both": {"nations": ["canada", "japan"], "delay_h": {"mean": 0.5}},
    }


@given(st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
@example(3)
@example(4)
def test_fuel_never_ends_before_landing_whatever_tips_come(seed):
    plan = prepare(random_fleet(seed, **random_tips(seed)))
    for replication in range(2):
        log = simulate(plan, seed, replication)
        for sortie in log.sorties:
            assert overdraft(plan, sortie) <= ROUNDING_H
            assert np.array_equal(sortie.flown[1:, 0], sortie.flown[:-1, 1])
            assert np.array_equal(sortie.flown[1:, 2:4], sortie.flown[:-1, 4:6])
            for flight in sortie.tip_flights:
                assert sortie.takeoff_h <= flight.begin_h <= min(flight.arrival_h, flight.end_h)
                assert flight.end_h <= sortie.landing_h
        totals = log.totals()
        assert totals["tip_hours"] <= totals["flight_hours"] + 1e-9


def test_such_fleets_fly_for_tips():
    logs = [simulate(random_fleet(seed, **random_tips(seed)), seed) for seed in range(8)]
    assert sum(len(sortie.tip_flights) for log in logs for sortie in log.sorties) > 60


# ---------------------------------------------------------------------------------------------------- in time
SEES = {"nation": "japan", "probability": 1.0, "position_error_nmi": 0.0, "delay_h": 0.0}
# By a watch that notices each as it begins, and by passes so rare that hardly any transfer is met twice.
WATCHES = {
    "beginning": {**SEES, "kind": "ais_desk", "dark_probability": 1.0, "after_h": 0.0},
    "any time": {**SEES, "kind": "satellite", "sensor": "radar", "revisit_h": 40.0, "swath_nmi": 2000.0},
}


def standing_by(lifetime, delay, seen):
    """One aircraft, in the air for all but an hour of 60, back and forth a long way off; tips as they come."""
    sets = {
        "duration_days": 720,
        "transfers.events.per_month": 15.0 if seen == "beginning" else 40.0,
        "transfers.events.duration_h": lifetime,
        "sensors.eye.law": {"kind": "definite_range", "range_nmi": 3.0, "probability": 1.0},
        "aircraft.searcher.identification": {
            "max_detour_nmi": 10.0,
            "time_h": 0.0,
            "classify": {"range_nmi": 1.0, "probability": 1.0},
            "document": {"range_nmi": 0.001, "probability": 1.0},
        },
        "aircraft.searcher.endurance_h": 60.0,
        "aircraft.searcher.reserve_h": 0.0,
        "aircraft.searcher.turn_round_h": 1.0,
        "patrols.daily.every_h": 61.0,
        "routes.line.line": [[129.0, 25.5], [129.0, 27.5]],
        "nations.canada": {"cell": {"lasts_h": 40.0, "spread_kn": 0.0, "fused_within": 0.0}},
        "nations.japan": {},
        "patrols.daily.nation": "canada",
        "patrols.daily.tips": {"least_chance": 0.0, "search": {"factor": 0.0}},
        "observers.watch": WATCHES[seen],
        "agreements.both": {"nations": ["canada", "japan"], "delay_h": delay},
    }
    return load_scenario("textbook", sets)


@pytest.mark.parametrize("seen", ["beginning", "any time"])
@pytest.mark.parametrize("lifetime", [6.0, {"mean": 6.0}], ids=["fixed", "exponential"])
@pytest.mark.parametrize("mean_delay", [0.0, 2.0])
def test_a_transfer_still_lasts_as_often_as_theory_says(lifetime, mean_delay, seen):
    plan = prepare(standing_by(lifetime, {"mean": mean_delay} if mean_delay else 0.0, seen))
    quantity = Quantity.model_validate(lifetime)
    fruitful, expected, received, lasted, variance = 0, 0.0, 0, 0, 0.0
    for replication in range(2):
        log = simulate(plan, 1, replication)
        ends = log.dissemination.transfers.end
        first = {}
        for arrival in log.dissemination.arrivals:
            report = log.dissemination.reports[arrival.report]
            new = first.setdefault(report.target, arrival) is arrival  # of some seen by two passes the first
            if report.made_h >= 0.0 and new:
                received += 1
                lasted += arrival.arrived_h < ends[report.target]
        arrived = {arrival.tip.number: arrival for arrival in log.dissemination.arrivals}
        for sortie in log.sorties:
            for flight in sortie.tip_flights:
                arrival = arrived[flight.tip]
                target = log.dissemination.reports[arrival.report].target
                if abs(flight.begin_h - arrival.arrived_h) > 1e-6 or first[target] is not arrival:
                    continue  # the aircraft was busy, or on the ground
                chance = theory.chance_of_arrival_in_time(quantity, mean_delay, flight.arrival_h - flight.begin_h, seen)
                expected += chance
                variance += chance * (1.0 - chance)
                fruitful += target in log.dissemination.rows[flight.documented]
    assert received > 200
    chance = theory.chance_of_arrival_in_time(quantity, mean_delay, 0.0, seen)
    assert abs(lasted - received * chance) <= 4.0 * math.sqrt(received * chance * (1.0 - chance)) + 1e-9
    assert variance > 0.0 or seen == "beginning"
    assert abs(fruitful - expected) <= 4.0 * math.sqrt(variance) + 1e-9
    assert fruitful > 100
