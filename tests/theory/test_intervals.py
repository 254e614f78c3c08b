"""Intervals hold what they promise, over many made-up studies whose truth is known."""

import numpy as np
import pytest

from sim.study.estimates import all_measures, difference, estimate, wilson
from sim.study.measures import MEASURES

STUDIES = 1500


def coverage_of(intervals, truth):
    return np.mean([low <= truth <= high for low, high in intervals])


def made_up(rng, replications, rate=20.0, p=0.3, luck=0.0):
    """Totals of a study: Poisson transfers, each detected with a chance that a whole replication shares."""
    n = rng.poisson(rate, replications)
    own = np.clip(p + luck * rng.standard_normal(replications), 0.0, 1.0)
    return {"transfers": n.astype(float), "detected": rng.binomial(n, own).astype(float)}


@pytest.mark.parametrize("luck", [0.0, 0.15])
def test_proportion_and_mean_cover_the_truth_though_a_flight_shares_its_luck(luck):
    rng = np.random.default_rng(1)
    shares, means = [], []
    for _ in range(STUDIES):
        columns = made_up(rng, 30, luck=luck)
        share, mean = (estimate(name, columns, 720.0) for name in ("p_detected", "detected"))
        shares.append((share.low, share.high))
        means.append((mean.low, mean.high))
    error = np.sqrt(0.95 * 0.05 / STUDIES)
    # Clipping and the weights move the truth by less than a tenth of an interval; they may cost a little coverage.
    assert abs(coverage_of(shares, 0.3) - 0.95) < 4 * error
    assert abs(coverage_of(means, 6.0) - 0.95) < 4 * error


def test_pooling_vessels_would_not_cover_the_truth():
    rng = np.random.default_rng(2)
    pooled = []
    for _ in range(STUDIES):
        columns = made_up(rng, 30, luck=0.15)
        n = columns["transfers"].sum()
        pooled.append(wilson(columns["detected"].sum() / n, n, 1.96))
    assert coverage_of(pooled, 0.3) < 0.85


def test_paired_differences_cover_the_truth_and_are_narrower_than_unpaired_ones():
    rng = np.random.default_rng(3)
    intervals, widths, unpaired = [], [], []
    for _ in range(STUDIES):
        n = rng.poisson(20.0, 30)
        first = rng.binomial(n, 0.3)
        more = first + rng.binomial(n - first, 0.1)
        a = {"transfers": n.astype(float), "detected": more.astype(float)}
        b = {"transfers": n.astype(float), "detected": first.astype(float)}
        gap = difference("p_detected", a, b, (720.0, 720.0))
        intervals.append((gap.low, gap.high))
        widths.append(gap.high - gap.low)
        one, two = (estimate("p_detected", c, 720.0) for c in (a, b))
        unpaired.append(np.hypot(one.half_width, two.half_width) * 2)
    assert abs(coverage_of(intervals, 0.07) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / STUDIES)
    assert np.mean(widths) < 0.7 * np.mean(unpaired)


def test_nothing_observed_still_has_an_upper_end():
    zeros = {"transfers": np.full(20, 10.0), "detected": np.zeros(20), "documented": np.zeros(20)}
    zeros |= {"flight_hours": np.full(20, 100.0), "first_documented_h": np.full(20, np.nan)}
    assert estimate("detected", zeros, 720.0).high == pytest.approx(-np.log(0.025) / 20)  # exact Poisson
    assert 0.0 < estimate("p_detected", zeros, 720.0).high < 0.03
    assert 0.0 < estimate("documented_per_100_flight_hours", zeros, 720.0).high < 0.4
    first = estimate("first_documented_h", zeros, 720.0)
    assert first.low < first.value == first.high == 720.0
    ones = zeros | {"detected": np.full(20, 10.0)}
    assert 0.97 < estimate("p_detected", ones, 720.0).low < 1.0


def test_what_cannot_be_said_is_left_empty_and_says_why():
    one = {"transfers": np.array([3.0]), "detected": np.array([1.0])}
    assert (estimate("detected", one, 720.0).low, estimate("detected", one, 720.0).value) == (None, 1.0)
    none = {"transfers": np.zeros(5), "detected": np.zeros(5)}
    measure = estimate("p_detected", none, 720.0)
    assert measure.value is None
    assert "transfers" in measure.why


def test_the_first_documented_is_a_restricted_mean():
    columns = {"transfers": np.ones(4), "first_documented_h": np.array([100.0, np.nan, 300.0, np.nan])}
    assert estimate("first_documented_h", columns, 720.0).value == pytest.approx((100 + 720 + 300 + 720) / 4)


def test_every_measure_of_a_run_has_an_interval(neon_results):
    rows = neon_results.measures()
    absent = {name for name in MEASURES if name == "contacts" or ("tip" in name and name != "false_near_tip")}
    assert {row.measure for row in rows} == set(MEASURES) - absent
    for row in rows:
        assert row.low is not None
        assert row.low <= row.value <= row.high, row


def test_a_higher_level_gives_a_wider_interval(neon_results):
    narrow, wide = (all_measures(neon_results.columns, 720.0, level) for level in (0.8, 0.99))
    assert all(a.high - a.low <= b.high - b.low for a, b in zip(narrow, wide, strict=True))
