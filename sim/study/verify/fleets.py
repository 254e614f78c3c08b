"""Verification of fleets and of ships at anchor: how many are where, against the number that the file says."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import shapely

from sim.core.chance import replication_key
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from sim.scenario.load import load_scenario
from sim.study.verify.theory_searches import Outcome, Trial

_AREA = "east_china_sea"
_BOATS: Mapping[str, Any] = {
    "kind": "fleet",
    "area": _AREA,
    "present": 400.0,
    "speed_kn": {"low": 3.0, "high": 6.0},
    "trawl_h": {"mean": 5.0},
    "drift_h": {"low": 1.0, "high": 5.0},
    "trip_days": {"median": 2.0, "sigma": 0.6},
}
_ANCHORED: Mapping[str, Any] = {
    "kind": "anchorage",
    "area": _AREA,
    "present": 400.0,
    "stay_h": {"median": 20.0, "sigma": 1.0},
}
_AT_H = 143.0  # an hour of the sixth day, when most boats and ships of hour 0 have gone


def present_in_part(spec: Mapping[str, Any], replications: int, seed: int) -> Outcome:
    """Vessels in the south-western part of their area at a late hour: the mean number times the share of the sea."""
    scenario = load_scenario("neon-spring", {"duration_days": 6.0, "background.others": dict(spec)})
    plan = plan_traffic(scenario, "others")
    sea = plan.shapes(0.0, scenario.duration_h)[0].shape
    west, south, east, north = sea.bounds
    part = shapely.box(west, south, west + 0.4 * (east - west), south + 0.6 * (north - south))
    scores = np.empty(replications)
    for replication in range(replications):
        fleets = plan.realise(replication_key(seed, replication), True, SegmentBuffers())
        rows = np.vstack([fleet.rows for fleet in fleets if fleet is not None])
        now = rows[(rows[:, 0] <= _AT_H) & (rows[:, 1] > _AT_H)]
        places = now[:, 2:4] + now[:, 4:6] * (_AT_H - now[:, :1])
        scores[replication] = shapely.contains_xy(part, *places.T).sum()
    return spec["present"] * float(shapely.intersection(sea, part).area / sea.area), scores


FLEET_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "fleet, boats in a part of its area": lambda t: present_in_part(
        _BOATS, 2 * t.replications, int(t.rng.integers(2**31))
    ),
    "anchorage, ships in a part of its area": lambda t: present_in_part(
        _ANCHORED, 2 * t.replications, int(t.rng.integers(2**31))
    ),
}
"""By name: the checks of `seasweep verify` of fleets and of ships at anchor."""
