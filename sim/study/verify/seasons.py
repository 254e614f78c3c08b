"""Verification of calendars: ships present and transfers begun while their numbers change, against what a file says.

Both are made of the included scenario `textbook`, whose deployment begins two days before a change. The number of ships
falls from 60 to 20 along a straight line of two days, and is half as large again by night; it is counted in the middle
of that change. Transfers are counted that begin by night after a step from 600 to 200 a month.
"""

from collections.abc import Callable

import numpy as np

from sim.core import chance
from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_MONTH
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from sim.deployment.transfers import realise_transfers
from sim.deployment.world import prepare
from sim.model.weather import realise_weather
from sim.scenario.load import load_scenario
from sim.study.verify.theory_searches import Outcome, Trial

_CHANGE = {"from": "05-01", "to": "09-16"}
_BY_NIGHT = [{"from": "20:00", "to": "04:00", "factor": 1.5}]
_DAYS: dict[str, object] = {"start": "2023-04-28T15:00:00Z", "duration_days": 5.0}  # midnight in Tokyo
_AT_H = 71.0  # 23:00 of 1 May, after 23 of the 48 hours of the change
_NIGHT_H = (68.0, 76.0)


def ships_present(replications: int, seed: int) -> Outcome:
    """Ships present at an hour of the night in the middle of a change: 1.5 (60 - 40 23 / 48)."""
    source = {
        "area": next(iter(load_scenario("textbook").areas)), "speed_kn": 9.0, "present": 60.0, "change_days": 2.0,
        "calendar": [{**_CHANGE, "present": 20.0}], "hours": _BY_NIGHT,
    }  # fmt: skip
    plan = plan_traffic(load_scenario("textbook", {**_DAYS, "background.boats": source}), "boats")
    counts: Floats = np.zeros(replications)
    for number in range(replications):
        for fleet in plan.realise(chance.replication_key(seed, number), True, SegmentBuffers()):
            rows = np.zeros((0, 6)) if fleet is None else fleet.rows
            counts[number] += np.sum((rows[:, 0] <= _AT_H) & (rows[:, 1] > _AT_H))
    return 1.5 * (60.0 - 40.0 * 23.0 / 48.0), counts


def transfers_begun(replications: int, seed: int) -> Outcome:
    """Transfers that begin from 20:00 to 04:00 after a step of the calendar: 1.5 times 200 a month, for 8 hours."""
    rates = {
        "transfers.events.per_month": 600.0, "transfers.events.calendar": [{**_CHANGE, "per_month": 200.0}],
        "transfers.events.hours": _BY_NIGHT,
    }  # fmt: skip
    world = prepare(load_scenario("textbook", {**_DAYS, **rates}))
    counts: Floats = np.zeros(replications)
    for number in range(replications):
        key = chance.replication_key(seed, number)
        begin = realise_transfers(world.transfers, key, realise_weather(world.weather, key)).begin
        counts[number] = np.sum((begin >= _NIGHT_H[0]) & (begin < _NIGHT_H[1]))
    return 1.5 * 200.0 * (_NIGHT_H[1] - _NIGHT_H[0]) / HOURS_PER_MONTH, counts


_MORE = 25
"""How many deployments stand for one replication: each gives one count only."""

SEASON_CHECKS: dict[str, Callable[[Trial], Outcome]] = {
    "calendar, ships present while it changes": lambda t: ships_present(
        _MORE * t.replications, int(t.rng.integers(2**31))
    ),
    "calendar, transfers that begin by night": lambda t: transfers_begun(
        _MORE * t.replications, int(t.rng.integers(2**31))
    ),
}
"""By name: the checks of `seasweep verify` of calendars."""
