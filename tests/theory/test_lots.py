"""Take-offs by lot against closed forms: the textbook's place that is in sight for L of every T hours."""

from typing import Any

import numpy as np
import pytest

from sim import load_scenario
from sim.core.units import HOURS_PER_DAY
from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.model import theory
from sim.study.verify.checks import check

IN_SIGHT, LIFE, CHANCE = 8.0, 4.0, 0.75  # L, tau and p of the included scenario `textbook`
REPLICATIONS, BINS = 120, 8
CLOCK = "patrols.daily.takeoff"
MOST_Z = 4.0  # of at most 10 numbers in a test: one of them is beyond by chance once in 1,500 times


def residuals(sets: dict[str, Any], expected: Any) -> np.ndarray:
    """How many standard errors detections lie from expectation, by the hour of the day at which transfers begin, (8,).

    `expected`: the chance of detection, from hours of the day in UTC. Transfers of a replication share its lots, so the
    replication is the unit. Those that begin on the first day or the last are left out: flights before the deployment
    and after it are not simulated.
    """
    plan = prepare(load_scenario("textbook", {"time_zone": "UTC", "transfers.events.per_month": 200.0, **sets}))
    off = np.zeros((REPLICATIONS, BINS))
    for replication in range(REPLICATIONS):
        log = simulate(plan, 5, replication)
        begin = log.world.transfers.begin
        kept = (begin >= HOURS_PER_DAY) & (begin < log.end - HOURS_PER_DAY)
        seen = ~np.isnan(log.climbed["detected"])
        hour = begin[kept] % HOURS_PER_DAY
        bins = (hour * BINS / HOURS_PER_DAY).astype(int)
        off[replication] = np.bincount(bins, seen[kept] - expected(hour), BINS)
    return np.asarray(off.mean(axis=0) / (off.std(axis=0, ddof=1) / np.sqrt(REPLICATIONS)))


def covered(begin: np.ndarray, low: float, high: float) -> np.ndarray:
    """The chance that a take-off, uniform between two hours, lets a transfer be in sight; by its hour of beginning."""
    first, last = begin - IN_SIGHT, begin + LIFE
    return np.clip(np.minimum(last, high) - np.maximum(first, low), 0.0, None) / (high - low)


def test_by_a_fixed_hour_some_hours_of_beginning_are_never_detected_and_others_always() -> None:
    """The take-off is at 12:00: what begins from 08:00 to 20:00 is in sight, with the chance p, and nothing else."""
    plan = prepare(load_scenario("textbook"))
    seen, missed = 0, 0
    for replication in range(20):
        log = simulate(plan, 5, replication)
        hour = log.world.transfers.begin % HOURS_PER_DAY
        detected = ~np.isnan(log.climbed["detected"])
        inside = (hour > 8.0) & (hour < 20.0)
        assert not detected[~inside].any()
        seen, missed = seen + detected[inside].sum(), missed + inside.sum()
    assert abs(seen - CHANCE * missed) < MOST_Z * np.sqrt(missed * CHANCE * (1.0 - CHANCE))
    assert CHANCE * theory.seen_by_lot(IN_SIGHT, LIFE, HOURS_PER_DAY) == 0.375


def test_an_hour_drawn_for_the_deployment_guarantees_the_same_chance_at_every_hour_of_beginning() -> None:
    """P = p (L + tau) / T = 0.375, whenever a transfer begins."""
    lot = {"from": "00:00", "to": "24:00", "draw": "deployment"}
    guaranteed = CHANCE * theory.seen_by_lot(IN_SIGHT, LIFE, HOURS_PER_DAY)
    z = residuals({CLOCK: lot}, lambda hour: np.full(hour.size, guaranteed))
    assert np.abs(z).max() < MOST_Z


def test_hours_drawn_day_by_day_leave_less_about_midnight_where_two_lots_share_what_is_needed() -> None:
    """From 00:00 to 14:00 no two flights overlap; what two days draw may both be in sight of a transfer."""
    lot = {"from": "00:00", "to": "14:00"}

    def expected(hour: np.ndarray) -> np.ndarray:
        days = [HOURS_PER_DAY * day for day in (-1, 0, 1)]
        missed = [1.0 - CHANCE * covered(hour, day, day + 14.0) for day in days]
        return 1.0 - np.prod(missed, axis=0)

    assert np.abs(residuals({CLOCK: lot}, expected)).max() < MOST_Z


def test_two_hours_with_weights_give_each_hour_of_beginning_its_weighted_chance() -> None:
    """From 02:00 with weight 1 and from 12:00 with weight 3: P = p w of what one of them sees."""
    lot = {"choose": ["02:00", "12:00"], "weights": [1.0, 3.0]}

    def expected(hour: np.ndarray) -> np.ndarray:
        both = [(2.0, 0.25), (12.0, 0.75)]
        day = [HOURS_PER_DAY * day for day in (-1, 0, 1)]
        seen = [sum(weight * ((hour - IN_SIGHT < at + d) & (at + d < hour + LIFE)) for at, weight in both) for d in day]
        return 1.0 - np.prod([1.0 - CHANCE * np.asarray(one, float) for one in seen], axis=0)

    assert np.abs(residuals({CLOCK: lot}, expected)).max() < MOST_Z


@pytest.mark.parametrize("life", [0.0, 4.0, 20.0])
def test_what_a_lot_guarantees_grows_with_the_life_of_the_event_up_to_certainty(life: float) -> None:
    assert theory.seen_by_lot(IN_SIGHT, life, HOURS_PER_DAY) == min(1.0, (IN_SIGHT + life) / HOURS_PER_DAY)


def test_verify_has_a_row_for_it() -> None:
    """The row of `seasweep verify` estimates the guarantee to within a standard error of 0.003."""
    row = check("take-off by lot, one hour of beginning")
    assert row.expected == pytest.approx(0.35)
    assert row.error < 0.003
    assert row.passed
