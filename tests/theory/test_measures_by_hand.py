"""Measures against tables worked out by hand, and against a twin in plain Python that shares no line with the code."""

import csv
import io
import math
from statistics import NormalDist, fmean, stdev

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sim.study.estimates import all_measures, difference, estimate, measures_csv, poisson_upper_limit, wilson
from sim.study.measures import MEASURES
from tests.strategies import HORIZON_H, study_totals

# The 97.5 % points of Student's t with 1 to 5 degrees of freedom, and the 90 % points (tables of any textbook).
T_95 = {1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 5: 2.57058}
T_80 = {1: 3.07768, 2: 1.88562, 3: 1.63774, 4: 1.53321, 5: 1.47588}


def columns_of(**totals):
    return {name: np.array(values, float) for name, values in totals.items()}


# Four replications. 24 transfers, 12 detected; 1, 2, 3 and 6 of them in 10, 20, 30 and 40 flight hours.
TABLE = columns_of(
    transfers=[4, 5, 5, 10],
    detected=[1, 2, 3, 6],
    documented=[0, 1, 1, 2],
    flight_hours=[10, 20, 30, 40],
    first_documented_h=[math.nan, 300, 100, 200],
    tips_released=[1, 1, 2, 2],
    tip_age_h=[-2, 1, -1, -1],
)


# ---------------------------------------------------------------------------------------------- a table by hand
@pytest.mark.parametrize(("level", "quantile"), [(0.95, T_95[3]), (0.8, T_80[3])])
def test_a_mean_has_the_interval_of_the_sample_variance(level, quantile):
    """Mean 3; squares 4 + 1 + 0 + 9 = 14, so the sample variance is 14 / 3 and that of the mean 14 / 12."""
    measure = estimate("detected", TABLE, HORIZON_H, level)
    half = quantile * math.sqrt(14.0 / 12.0)
    assert measure.value == 3.0
    assert measure.high == pytest.approx(3.0 + half, rel=1e-5)
    assert measure.low == pytest.approx(max(0.0, 3.0 - half), rel=1e-5)
    assert (measure.level, measure.replications, measure.unit) == (level, 4, "per deployment")


def test_a_rate_is_a_mean_in_years():
    measure = estimate("documented_per_year", TABLE, HORIZON_H)
    years = HORIZON_H / (365.25 * 24.0)
    assert measure.value == pytest.approx(1.0 / years)
    half = T_95[3] * math.sqrt(2.0 / 12.0)  # squares 1 + 0 + 0 + 1
    assert measure.high == pytest.approx((1.0 + half) / years, rel=1e-5)


def test_a_ratio_has_the_interval_of_its_residuals():
    """4 in 100 hours; residuals x - 0.04 n: -0.4, 0.2, -0.2, 0.4; their squares 0.4; mean hours 25."""
    measure = estimate("documented_per_100_flight_hours", TABLE, HORIZON_H)
    half = T_95[3] * 100.0 * math.sqrt(0.4 / 12.0) / 25.0
    assert measure.value == pytest.approx(4.0)
    assert (measure.low, measure.high) == pytest.approx((4.0 - half, 4.0 + half), rel=1e-5)


def test_a_proportion_has_wilsons_interval_on_its_effective_size():
    """12 of 24; residuals x - n / 2: -1, -0.5, 0.5, 1; squares 2.5; mean size 6; effective size 0.25 / variance."""
    measure = estimate("p_detected", TABLE, HORIZON_H)
    size = 0.25 / (2.5 / 12.0 / 36.0)
    assert size == pytest.approx(43.2)
    low, high = by_wilson(0.5, size, T_95[3])
    assert measure.value == 0.5
    assert (measure.low, measure.high) == pytest.approx((low, high), rel=1e-5)


def test_the_share_of_deployments_counts_each_once():
    """3 of 4 deployments; squares 3 x 1/16 + 9/16 = 3/4; variance 1/16; effective size 3/16 x 16 = 3: R - 1."""
    measure = estimate("p_any_documented", TABLE, HORIZON_H)
    assert measure.value == 0.75
    assert (measure.low, measure.high) == pytest.approx(by_wilson(0.75, 3.0, T_95[3]), rel=1e-5)


def test_the_first_documented_counts_a_deployment_without_any_as_its_whole_length():
    """720, 300, 100, 200: mean 330; squares 152,100 + 900 + 52,900 + 16,900 = 222,800."""
    measure = estimate("first_documented_h", TABLE, HORIZON_H)
    half = T_95[3] * math.sqrt(222_800.0 / 12.0)
    assert (measure.value, measure.low) == (330.0, 0.0)
    assert measure.high == 720.0  # 330 + 433 is more than a deployment has
    assert half == pytest.approx(433.6, abs=0.1)
    longer = estimate("first_documented_h", TABLE, 1000.0)  # now 1000, 300, 100, 200: mean 400, squares 500,000
    assert longer.high == pytest.approx(min(1000.0, 400.0 + T_95[3] * math.sqrt(500_000.0 / 12.0)), rel=1e-5)


def test_an_age_can_be_below_zero():
    """-3 hours in 6 tips; residuals x + n / 2: -1.5, 1.5, 0, 0; squares 4.5; mean 1.5 tips."""
    measure = estimate("tip_age_h", TABLE, HORIZON_H)
    half = T_95[3] * math.sqrt(4.5 / 12.0) / 1.5
    assert (measure.value, measure.low, measure.high) == pytest.approx((-0.5, -0.5 - half, -0.5 + half), rel=1e-5)


OTHER = columns_of(
    transfers=[4, 5, 5, 10],
    detected=[0, 2, 1, 5],
    documented=[0, 0, 1, 1],
    flight_hours=[10, 20, 30, 40],
    first_documented_h=[math.nan, math.nan, 200, 200],
)


def test_a_paired_difference_of_means_has_the_sample_variance_of_the_differences():
    """Differences 1, 0, 2, 1: mean 1, squares 0 + 1 + 1 + 0 = 2."""
    gap = difference("detected", TABLE, OTHER, (HORIZON_H, HORIZON_H))
    half = T_95[3] * math.sqrt(2.0 / 12.0)
    assert (gap.value, gap.low, gap.high) == pytest.approx((1.0, 1.0 - half, 1.0 + half), rel=1e-5)
    narrow = difference("detected", TABLE, OTHER, (HORIZON_H, HORIZON_H), 0.8)
    assert narrow.half_width == pytest.approx(T_80[3] * math.sqrt(2.0 / 12.0), rel=1e-5)
    assert narrow.level == 0.8


def test_a_paired_difference_of_proportions_has_the_variance_of_its_influences():
    """12 and 8 of 24: residuals (-1, -0.5, 0.5, 1) less (-4/3, 1/3, -2/3, 5/3), over the mean size of 6."""
    gap = difference("p_detected", TABLE, OTHER, (HORIZON_H, HORIZON_H))
    apart = [1 / 3, -5 / 6, 7 / 6, -2 / 3]
    half = T_95[3] * math.sqrt(sum(one**2 for one in apart) / 12.0) / 6.0
    assert (gap.value, gap.low, gap.high) == pytest.approx((1 / 6, 1 / 6 - half, 1 / 6 + half), rel=1e-5)


def test_a_paired_difference_of_ratios_and_of_the_first():
    ratio = difference("documented_per_100_flight_hours", TABLE, OTHER, (HORIZON_H, HORIZON_H))
    apart = [-0.4 + 0.2, 0.2 + 0.4, -0.2 - 0.4, 0.4 - 0.2]  # residuals of 0.02 an hour: -0.2, -0.4, 0.4, 0.2
    half = T_95[3] * 100.0 * math.sqrt(sum(one**2 for one in apart) / 12.0) / 25.0
    assert (ratio.value, ratio.half_width) == pytest.approx((2.0, half), rel=1e-5)
    first = difference("first_documented_h", TABLE, OTHER, (HORIZON_H, HORIZON_H))
    apart = [0.0, -420.0, -100.0, 0.0]  # mean -130
    spread = sum((one + 130.0) ** 2 for one in apart)
    assert (first.value, first.half_width) == pytest.approx((-130.0, T_95[3] * math.sqrt(spread / 12.0)), rel=1e-5)


def test_the_two_of_a_difference_may_be_of_unequal_length():
    gap = difference("documented_per_year", TABLE, TABLE, (HORIZON_H, 2.0 * HORIZON_H))
    rate = 1.0 / (HORIZON_H / (365.25 * 24.0))
    assert gap.value == pytest.approx(rate / 2.0)


def test_the_level_decides_the_bound_of_what_was_never_observed():
    assert math.exp(-poisson_upper_limit(0.95)) == pytest.approx(0.025)
    assert math.exp(-poisson_upper_limit(0.8)) == pytest.approx(0.1)
    nothing = columns_of(
        transfers=[3] * 8, documented=[0] * 8, flight_hours=[50] * 8, first_documented_h=[math.nan] * 8
    )
    for level in (0.8, 0.95):
        bound = -math.log((1.0 - level) / 2.0)
        count, ratio, rate = (
            estimate(name, nothing, HORIZON_H, level)
            for name in ("documented", "documented_per_100_flight_hours", "documented_per_year")
        )
        assert (count.low, count.high) == pytest.approx((0.0, bound / 8))
        assert (ratio.low, ratio.high) == pytest.approx((0.0, 100.0 * bound / 400.0))
        assert rate.high == pytest.approx(bound / 8 * 365.25 * 24.0 / HORIZON_H)
        share = estimate("p_documented", nothing, HORIZON_H, level)
        z = NormalDist().inv_cdf(0.5 + level / 2.0)
        assert (share.low, share.high) == pytest.approx((0.0, z * z / (24.0 + z * z)))  # of 24 transfers
        seldom = estimate("p_any_documented", nothing, HORIZON_H, level)
        assert (seldom.low, seldom.high) == pytest.approx((0.0, z * z / (8.0 + z * z)))
        never = estimate("first_documented_h", nothing, HORIZON_H, level)
        assert (never.value, never.high) == (HORIZON_H, HORIZON_H)
        assert never.low == pytest.approx(HORIZON_H * (1.0 - z * z / (8.0 + z * z)))  # of 8 deployments


def test_a_table_of_measures_holds_numbers_to_the_last_bit_and_points_first():
    rows = [
        estimate("detected", TABLE, HORIZON_H),
        estimate("p_detected", columns_of(transfers=[0], detected=[0]), 1.0),
    ]
    points = [{"point": 0, "spacing": 20.0}, {"point": 1, "spacing": 40.0}]
    first, second = csv.DictReader(io.StringIO(measures_csv(rows, points)))
    assert (first["point"], first["spacing"], first["measure"]) == ("0", "20.0", "detected")
    assert (float(first["low"]), float(first["high"])) == (rows[0].low, rows[0].high)
    assert (second["value"], second["low"], second["replications"]) == ("", "", "1")


# ---------------------------------------------------------------------------------------------- a plain twin
def by_wilson(p, n, z):
    """Where |p - q| = z sqrt(q (1 - q) / n): the two roots of a quadratic in q."""
    a, b, c = 1.0 + z * z / n, -(2.0 * p + z * z / n), p * p
    root = math.sqrt(max(0.0, b * b - 4.0 * a * c))
    return max(0.0, (-b - root) / (2.0 * a)), min(1.0, (-b + root) / (2.0 * a))


def parts_of(definition, columns, horizon_h):
    """The value, and a number a replication of which the mean's error is the value's."""
    top = columns[definition.numerator].tolist()
    if definition.kind == "first":
        top = [horizon_h if math.isnan(one) else one for one in top]
    elif definition.kind == "any":
        top = [1.0 if one > 0.0 else 0.0 for one in top]
    elif definition.kind == "rate":
        top = [one * 365.25 * 24.0 / horizon_h for one in top]
    elif definition.kind in ("ratio", "proportion"):
        bottom = columns[definition.denominator].tolist()
        ratio = sum(top) / sum(bottom)
        scale = definition.scale
        return scale * ratio, [scale * (x - ratio * n) / fmean(bottom) for x, n in zip(top, bottom, strict=True)]
    return fmean(top), top


def quantile_of(level, freedom):
    from scipy.stats import t

    return float(t.ppf(0.5 + level / 2.0, freedom))


@given(study_totals(), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
def test_every_interval_is_that_of_the_plain_twin(columns, level):
    assume(columns["transfers"].sum() > 0.0)
    rows = all_measures(columns, HORIZON_H, level)
    assert len(rows) > 8
    for row in rows:
        definition, count = MEASURES[row.measure], len(columns["transfers"])
        value, parts = parts_of(definition, columns, HORIZON_H)
        assert row.value == pytest.approx(value)
        error = stdev(parts) / math.sqrt(count)
        half = quantile_of(level, count - 1) * error
        if definition.kind in ("proportion", "any"):
            if 1e-9 < value < 1.0 - 1e-9 and error > 1e-9:
                size = value * (1.0 - value) / error**2
                ends = by_wilson(value, size, quantile_of(level, count - 1))
                assert (row.low, row.high) == pytest.approx(ends, rel=1e-6, abs=1e-9)
        elif value > 0.0 and value != HORIZON_H:
            top = HORIZON_H if definition.kind == "first" else math.inf
            assert (row.low, row.high) == pytest.approx((max(0.0, value - half), min(top, value + half)), abs=1e-9)


@given(study_totals(5, 5), study_totals(5, 5), st.sampled_from([0.8, 0.95]))
def test_every_paired_interval_is_that_of_the_plain_twin(ours, theirs, level):
    assume(ours["transfers"].sum() > 0.0)
    assume(theirs["transfers"].sum() > 0.0)
    names = [row.measure for row in all_measures(ours, HORIZON_H)]
    assert len(names) > 8
    for name in names:
        (a, of_a), (b, of_b) = (parts_of(MEASURES[name], one, HORIZON_H) for one in (ours, theirs))
        gap = difference(name, ours, theirs, (HORIZON_H, HORIZON_H), level)
        half = quantile_of(level, 4) * stdev([x - y for x, y in zip(of_a, of_b, strict=True)]) / math.sqrt(5)
        assert (gap.value, gap.low, gap.high) == pytest.approx((a - b, a - b - half, a - b + half), abs=1e-9)
        back = difference(name, theirs, ours, (HORIZON_H, HORIZON_H), level)
        assert (back.value, back.low, back.high) == pytest.approx((-gap.value, -gap.high, -gap.low), abs=1e-12)


@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.1, 4.0))
def test_wilsons_interval_solves_its_equation(hits, more, z):
    n = hits + more
    low, high = wilson(hits / n, float(n), z)
    assert 0.0 <= low <= hits / n <= high <= 1.0
    assert (low, high) == pytest.approx(by_wilson(hits / n, n, z), abs=1e-9)
    turned = wilson(1.0 - hits / n, float(n), z)
    assert (1.0 - turned[1], 1.0 - turned[0]) == pytest.approx((low, high), abs=1e-12)
