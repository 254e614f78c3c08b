"""Verification of lanes: how many ships are on one, and how many a patrol meets that flies across it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.core import chance
from sim.core.arrays import Floats
from sim.deployment.traffic.base import SegmentBuffers
from sim.deployment.traffic.lane import LanePlan
from sim.scenario.load import load_scenario
from sim.study.verify.theory_searches import CERTAIN, SPEED, Outcome, Search, Trial

_PER_DAY = 480.0
_LINE = [[124.2, 27.0], [126.0, 28.8], [128.8, 29.4]]
_KEYS: dict[str, Any] = {
    "kind": "lane",
    "line": _LINE,
    "spread_nmi": 5.0,
    "separation_nmi": 6.0,
    "per_day": _PER_DAY,
    "suspicious_share": 1.0,
}
_SLOW, _FAST = 6.0, 18.0


def _plan(**keys: Any) -> LanePlan:
    """A lane in open sea, made ready."""
    return LanePlan.of(load_scenario("textbook", {"duration_days": 3.0, "background.lane": {**_KEYS, **keys}}), "lane")


def _ships(plan: LanePlan, trial: Trial) -> list[Any]:
    """The ships of the lane in each replication."""
    seeds = trial.rng.integers(2**32, size=trial.replications).tolist()
    return [plan.realise(chance.replication_key(seed, 0), False, SegmentBuffers())[0] for seed in seeds]


def present(trial: Trial, arrivals: str, hour: float) -> Outcome:
    """Ships present at an hour: flow times length times the mean of 1 / v, which is ln(b / a) / (b - a)."""
    plan = _plan(speed_kn={"low": _SLOW, "high": _FAST}, arrivals=arrivals)
    length = float(np.hypot(*np.diff(plan.line, axis=0).T).sum())
    slowness = np.log(_FAST / _SLOW) / (_FAST - _SLOW)
    there = [(fleet.rows[:, 0] <= hour) & (hour < fleet.rows[:, 1]) for fleet in _ships(plan, trial)]
    return _PER_DAY / 24.0 * length * slowness, np.array([float(now.sum()) for now in there])


def patrol_across(trial: Trial) -> Outcome:
    """Ships met on one flight straight across the lane, at right angles to it, by a sensor of range R.

    A ship meets the aircraft if it comes within R of it. As seen from a ship at speed v, the aircraft at speed u flies
    along a line that crosses its track at the sine u / sqrt(u^2 + v^2), so ships of 2 R sqrt(u^2 + v^2) / u miles of
    each track are met: f 2 R sqrt(1 / u^2 + 1 / v^2) of a flow f.
    """
    v = 15.0
    plan, reach = _plan(speed_kn=v), CERTAIN.range_nmi
    way = plan.line[1] - plan.line[0]
    across = np.array([-way[1], way[0]]) / np.hypot(*way) * (plan.corridor.half_width + 1.5 * reach)
    middle = plan.line[0] + 0.5 * way
    scores = []
    for fleet in _ships(plan, trial):
        met = 0.0
        for hour in (0.0, 12.0, 24.0, 36.0, 48.0, 60.0):
            search = Search(trial, CERTAIN, fleet.rows, owner=fleet.owner)
            search.fly(np.array([middle - across, middle + across]), begin=hour)
            met += float(search.scores.sum())
        scores.append(met / 6.0)
    found: Floats = np.array(scores)
    return float(_PER_DAY / 24.0 * 2.0 * reach * np.sqrt(1.0 / SPEED**2 + 1.0 / v**2)), found


LANE_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "ships on a lane at hour 0": lambda t: present(t, "poisson", 0.0),
    "ships on a lane after two days": lambda t: present(t, "poisson", 48.0),
    "ships on a lane, scheduled": lambda t: present(t, "scheduled", 0.0),
    "ships met across a lane": patrol_across,
}
"""By name: the checks of `seasweep verify` of lanes."""
