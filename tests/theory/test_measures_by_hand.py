"""Measures against tables worked out by hand, and against a twin in plain Python that shares no line with the code.

The twin has Student's t and the chi-squared distribution from `scipy.stats`. Garwood's limits of a Poisson mean are
halves of quantiles of chi-squared, with twice the count, and twice the count and two, degrees of freedom.
"""

import csv
import io
import math
from statistics import NormalDist, fmean

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.study.estimates import all_measures, difference, estimate, measures_csv
from sim.study.intervals import clopper_pearson, poisson_upper_limit, wilson
from sim.study.measures import MEASURES
from tests.strategies import HORIZON_H, study_totals

# The 97.5 % points of Student's t with 1 to 5 degrees of freedom, and the 90 % points (tables of any textbook).
T_95 = {1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 5: 2.57058}
T_80 = {1: 3.07768, 2: 1.88562, 3: 1.63774, 4: 1.53321, 5: 1.47588}
Z = {0.95: 1.959964, 0.8: 1.281552}
T_9 = 2.26216  # the 97.5 % point with 9 degrees of freedom
SORTIE_H = 8.0


def columns_of(**totals):
    return {name: np.array(values, float) for name, values in totals.items()}


# Four replications. 24 transfers, 12 detected; 1, 2, 3 and 6 of them in 10, 20, 30 and 40 flight hours.
TABLE = columns_of(
    transfers=[4, 5, 5, 10],
    detected=[1, 2, 3, 6],
    documented=[0, 1, 1, 2],
    flight_hours=[10, 20, 30, 40],
    sorties=[1.25, 2.5, 3.75, 5],
    first_documented_h=[math.nan, 300, 100, 200],
    tips_released=[1, 1, 2, 2],
    tip_age_h=[-2, 1, -1, -1],
)


# ---------------------------------------------------------------------------------------------- a table by hand
def garwood(total, size, level=0.95):
    """The limits of a total of events of one size."""
    from scipy.stats import chi2

    tail, events = (1.0 - level) / 2.0, total / size
    return size * chi2.ppf(tail, 2.0 * events) / 2.0, size * chi2.ppf(1.0 - tail, 2.0 * events + 2.0) / 2.0


@pytest.mark.parametrize(("level", "quantile"), [(0.95, T_95[3]), (0.8, T_80[3])])
def test_a_mean_of_counts_has_the_interval_of_events_as_large_as_the_sample_variance_says(level, quantile):
    """12 in 4, squares 4 + 1 + 0 + 9 = 14: the total has the variance 4 x 14 / 3, and an event the size 56 / 36."""
    measure = estimate("detected", TABLE, HORIZON_H, level)
    low, high = garwood(12.0, 56.0 / 36.0 * (quantile / Z[level]) ** 2, level)
    assert measure.value == 3.0
    assert (measure.low, measure.high) == pytest.approx((low / 4.0, high / 4.0), rel=1e-5)
    assert (measure.level, measure.replications, measure.unit) == (level, 4, "per deployment")


def test_poisson_counts_of_many_replications_have_garwoods_limits():
    """Ten in 1,000: Garwood's table has 4.7954 to 18.3904. With 999 degrees of freedom t is 1.9623."""
    columns = columns_of(transfers=[1] * 10 + [0] * 990)
    measure = estimate("transfers", columns, HORIZON_H)
    size = (1000.0 / 999.0) * (10.0 - 0.1) / 10.0 * (1.9623 / Z[0.95]) ** 2
    assert (measure.low * 1000, measure.high * 1000) == pytest.approx((4.7954, 18.3904), abs=0.06)
    assert (measure.low * 1000, measure.high * 1000) == pytest.approx(garwood(10.0, size), rel=1e-4)


def test_a_count_that_nearly_all_replications_share_has_events_below_it():
    """30 sorties, but 29 in one of ten: one event below in ten, and none above, where 3.689 as large are possible."""
    measure = estimate("sorties", columns_of(transfers=[1] * 10, sorties=[30] * 9 + [29]), HORIZON_H)
    size = (T_9 / Z[0.95]) ** 2  # the sample variance of the ten, 0.1, times ten, over one
    low, high = garwood(1.0, size)
    unseen = -math.log(0.025) * size
    assert measure.value == pytest.approx(29.9)
    assert measure.low == pytest.approx(29.9 - (high - 1.0) / 10.0, rel=1e-6)
    assert measure.high == pytest.approx(29.9 + math.hypot(unseen, 1.0 - low) / 10.0, rel=1e-6)


def test_what_no_replication_shows_is_a_count_of_one_or_the_hours_of_a_sortie():
    same = columns_of(transfers=[7] * 10, sorties=[30] * 10, flight_hours=[240] * 10)
    bound = -math.log(0.025) / 10.0
    for name, value, size in (("sorties", 30.0, 1.0), ("flight_hours", 240.0, SORTIE_H), ("transfers", 7.0, 1.0)):
        measure = estimate(name, same, HORIZON_H)
        assert (measure.low, measure.high) == pytest.approx((value - bound * size, value + bound * size))
        gap = difference(name, same, same, (HORIZON_H, HORIZON_H))
        assert (gap.value, gap.low, gap.high) == pytest.approx((0.0, -bound * size, bound * size))
    hours = estimate("tip_hours", same | columns_of(tip_hours=[0] * 10), HORIZON_H)
    assert (hours.low, hours.high) == pytest.approx((0.0, bound * SORTIE_H))


@pytest.mark.parametrize("spread", [1e-2, 1e-4, 1e-6])
def test_hours_that_hardly_differ_have_a_narrow_interval_and_not_none(spread):
    """Far from 0, events of hours have Student's interval; the sample variance of 1, 2, 3, 4 is 5 / 3."""
    hours = columns_of(
        transfers=[1] * 4, sorties=[30] * 4, flight_hours=[240.0 + spread * step for step in (1, 2, 3, 4)]
    )
    measure = estimate("flight_hours", hours, HORIZON_H)
    half = T_95[3] * spread * math.sqrt(5.0 / 3.0 / 4.0)
    assert measure.half_width == pytest.approx(half, rel=1e-3)


def test_a_ratio_that_all_replications_share_but_for_rounding_has_the_bound_of_what_was_not_seen():
    station = [100.0, 130.0, 70.0, 90.0]
    same = columns_of(transfers=[1] * 4, sorties=[10] * 4, flight_hours=[80] * 4, on_station_hours=station)
    same |= columns_of(identification_hours=[one * (0.3 + 1e-15 * place) for place, one in enumerate(station)])
    measure = estimate("identification_share", same, HORIZON_H)
    bound = -SORTIE_H * math.log(0.025) / sum(station)
    assert (measure.value, measure.low, measure.high) == pytest.approx((0.3, 0.3 - bound, 0.3 + bound))


def test_a_rate_is_a_mean_in_years():
    measure = estimate("documented_per_year", TABLE, HORIZON_H)
    mean = estimate("documented", TABLE, HORIZON_H)
    years = HORIZON_H / (365.25 * 24.0)
    assert measure.value == pytest.approx(1.0 / years)
    assert (measure.low, measure.high) == pytest.approx((mean.low / years, mean.high / years), rel=1e-9)


def test_a_ratio_has_events_as_large_as_its_residuals_say():
    """4 in 100 hours; residuals x - 0.04 n: -0.4, 0.2, -0.2, 0.4; their squares 0.4; the size 4 x 0.4 / 3 / 4."""
    measure = estimate("documented_per_100_flight_hours", TABLE, HORIZON_H)
    assert measure.value == pytest.approx(4.0)
    size = 0.4 / 3.0 * (T_95[3] / Z[0.95]) ** 2
    assert (measure.low, measure.high) == pytest.approx(garwood(4.0, size), rel=1e-5)


def test_a_proportion_has_wilsons_interval_on_its_effective_size():
    """12 of 24; residuals x - n / 2: -1, -0.5, 0.5, 1; squares 2.5; mean size 6; effective size 0.25 / variance."""
    measure = estimate("p_detected", TABLE, HORIZON_H)
    size = 0.25 / (2.5 / 12.0 / 36.0)
    assert size == pytest.approx(43.2)
    low, high = by_wilson(0.5, size, T_95[3])
    assert measure.value == 0.5
    assert (measure.low, measure.high) == pytest.approx((low, high), rel=1e-5)


def test_the_share_of_deployments_has_the_exact_binomial_interval():
    """3 of 4: tables of Clopper and Pearson's limits have 0.1941 to 0.9937."""
    measure = estimate("p_any_documented", TABLE, HORIZON_H)
    assert measure.value == 0.75
    assert (measure.low, measure.high) == pytest.approx((0.1941, 0.9937), abs=1e-4)


def test_the_first_documented_counts_a_deployment_without_any_as_its_whole_length():
    """720, 300, 100, 200: mean 330, median 250; 50 and 470 above it, 150 and 50 below, of 4."""
    measure = estimate("first_documented_h", TABLE, HORIZON_H)
    assert (measure.value, measure.low, measure.high) == (330.0, 0.0, 720.0)
    low, high = joined([470, 50, -150, -50], 4, 0.95, HORIZON_H, uneven=True)
    assert 330.0 + low < 0.0  # both ends go beyond what is possible
    assert 330.0 + high > HORIZON_H
    longer = estimate("first_documented_h", TABLE | columns_of(first_documented_h=[400, 300, 350, 380]), 1000.0, 0.8)
    low, high = joined([35, -65, -15, 15], 4, 0.8, 1000.0, uneven=True)  # mean 357.5, median 365
    assert (longer.low, longer.high) == pytest.approx((357.5 + low, 357.5 + high), rel=1e-5)


def test_an_age_can_be_below_zero():
    """-3 hours in 6 tips, a mean of -0.5; -2, 1, -0.5 and -0.5 for each tip, so a median of -0.5."""
    measure = estimate("tip_age_h", TABLE, HORIZON_H)
    exposures = [1, 1, 2, 2]
    freedom = 36.0 / 10.0 - 1.0  # as many tips in 3.6 replications of equal numbers
    low, high = joined([-1.5, 1.5, 0.0, 0.0], exposures, 0.95, SORTIE_H, uneven=True, freedom=freedom)
    assert (measure.value, measure.low, measure.high) == pytest.approx((-0.5, -0.5 + low, -0.5 + high), rel=1e-5)


def test_of_a_ratio_that_one_replication_alone_shows_there_is_no_interval():
    once = columns_of(transfers=[1, 1, 1], tips_released=[0, 3, 0], tip_age_h=[0, 6, 0])
    measure = estimate("tip_age_h", once, HORIZON_H)
    assert (measure.value, measure.low, measure.why) == (2.0, None, "only one replication has tips_released")
    gap = difference("tip_age_h", once, once, (HORIZON_H, HORIZON_H))
    assert (gap.value, gap.low, gap.why) == (0.0, None, "only one replication has tips_released")


OTHER = columns_of(
    transfers=[4, 5, 5, 10],
    detected=[0, 2, 1, 5],
    documented=[0, 0, 1, 1],
    flight_hours=[10, 20, 30, 40],
    sorties=[1.25, 2.5, 3.75, 5],
    first_documented_h=[math.nan, math.nan, 200, 200],
)


def test_a_paired_difference_of_means_is_what_rose_and_what_fell():
    """Differences 1, 0, 2, 1: mean and median 1, one event above, one below, both of the size 1 x 4 / 3 x 0.75."""
    gap = difference("detected", TABLE, OTHER, (HORIZON_H, HORIZON_H))
    low, high = garwood(1.0, (T_95[3] / Z[0.95]) ** 2)
    down, up, together = (1.0 - low) / 4.0, (high - 1.0) / 4.0, 1.0 / 3.0
    half = math.sqrt(down**2 + up**2 + 2.0 * together * down * up)  # residuals (3, -1, -1, -1) / 4 and a shift of these
    assert (gap.value, gap.low, gap.high) == pytest.approx((1.0, 1.0 - half, 1.0 + half), rel=1e-5)
    narrow = difference("detected", TABLE, OTHER, (HORIZON_H, HORIZON_H), 0.8)
    assert narrow.half_width < half
    assert narrow.level == 0.8


def test_a_paired_difference_in_one_direction_has_the_bound_of_the_other():
    """3 documented more in one of ten replications: 3 above in events of 3, and none below, of which 3 each may be."""
    more, less = (columns_of(transfers=[9] * 10, documented=[5] * 9 + [last]) for last in (8, 5))
    gap = difference("documented", more, less, (HORIZON_H, HORIZON_H))
    size = 3.0 * (T_9 / Z[0.95]) ** 2
    low, high = garwood(3.0, size)
    unseen = -math.log(0.025) * size
    assert gap.value == pytest.approx(0.3)
    assert gap.low == pytest.approx(0.3 - math.hypot(3.0 - low, unseen) / 10.0, rel=1e-5)
    assert gap.high == pytest.approx(high / 10.0, rel=1e-5)


def test_paired_scenarios_without_a_difference_have_the_bound_of_what_was_not_seen():
    bound = -math.log(0.025)
    same = columns_of(transfers=[20] * 5, detected=[6] * 5, flight_hours=[200] * 5, first_documented_h=[90] * 5)
    same |= columns_of(documented=[2] * 5, sorties=[25] * 5)
    most = {
        "detected": bound / 5.0,
        "p_detected": bound / 100.0,
        "documented_per_100_flight_hours": 100.0 * bound / 1000.0,
        "documented_per_year": bound / 5.0 / (HORIZON_H / 8766.0),
        "p_any_documented": bound / 5.0,
        "first_documented_h": min(1.0, bound / 5.0) * HORIZON_H,
        "flight_hours": SORTIE_H * bound / 5.0,
    }
    for name, limit in most.items():
        gap = difference(name, same, same, (HORIZON_H, HORIZON_H))
        assert (gap.value, gap.low, gap.high) == pytest.approx((0.0, -limit, limit)), name


def test_a_paired_difference_of_ratios_holds_the_noise_of_what_is_divided_by():
    """Hours that differ a little leave the bound of the transfers that no replication shows."""
    hours = [100.0, 101.0, 99.0, 100.5, 100.0]
    ours = columns_of(transfers=[9] * 5, documented=[4] * 5, flight_hours=hours)
    theirs = ours | columns_of(
        flight_hours=[hour + step for hour, step in zip(hours, (0.1, -0.1, 0, 0, 0), strict=True)]
    )
    gap = difference("documented_per_100_flight_hours", ours, theirs, (HORIZON_H, HORIZON_H))
    assert gap.value == pytest.approx(0.0, abs=1e-12)
    assert gap.high > 100.0 * -math.log(0.025) / sum(hours)
    assert gap.high == pytest.approx(-gap.low, rel=1e-6)


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
        tail = (1.0 - level) / 2.0
        assert (share.low, share.high) == pytest.approx((0.0, z * z / (24.0 + z * z)))  # of 24 transfers
        seldom = estimate("p_any_documented", nothing, HORIZON_H, level)
        assert (seldom.low, seldom.high) == pytest.approx((0.0, 1.0 - tail ** (1.0 / 8.0)))
        never = estimate("first_documented_h", nothing, HORIZON_H, level)
        assert (never.value, never.high) == (HORIZON_H, HORIZON_H)
        assert never.low == pytest.approx(HORIZON_H * (1.0 - bound / 8.0))  # of 8 deployments


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


def quantile_of(level, freedom):
    from scipy.stats import t

    return float(t.ppf(0.5 + level / 2.0, freedom))


def one_way(amounts, exposures, level, unseen, uneven, freedom):
    """Of amounts of one sign: their ratio, its limits, how much each replication moves it, the size of an event."""
    count, total, exposure = len(amounts), math.fsum(amounts), math.fsum(exposures)
    if total == 0.0:
        return 0.0, 0.0, -unseen * math.log((1.0 - level) / 2.0) / exposure, [0.0] * count, 0.0
    ratio = total / exposure
    moves = [(x - ratio * n) * count / exposure for x, n in zip(amounts, exposures, strict=True)]
    square = math.fsum((x - ratio * n) ** 2 for x, n in zip(amounts, exposures, strict=True))
    freedom = count - 1 if freedom is None else freedom
    size = square * (freedom + 1.0) / freedom / total
    if size < 1e-24 * total:
        return ratio, ratio, ratio, moves, 0.0
    if uneven:
        freedom = min(freedom, 3 + sum(x > 0.0 for x in amounts))
    size *= (quantile_of(level, freedom) / NormalDist().inv_cdf(0.5 + level / 2.0)) ** 2
    low, high = garwood(total, size, level)
    return ratio, low / exposure, high / exposure, moves, size


def related(a, b):
    scale = math.sqrt(math.fsum(x * x for x in a) * math.fsum(x * x for x in b))
    return math.fsum(x * y for x, y in zip(a, b, strict=True)) / scale if scale > 1e-30 else 0.0


def joined(amounts, exposures, level, unseen, uneven=False, freedom=None, rest=None, below=True, above=True):
    """How far the limits are from the value: what lies above 0 less what lies below it, and the rest."""
    count = len(amounts)
    exposures = [1.0] * count if isinstance(exposures, int) else exposures
    plus, minus = ([max(0.0, sign * x) for x in amounts] for sign in (1.0, -1.0))
    args = (uneven, freedom)
    size = max(one_way(part, exposures, level, 0.0, *args)[4] for part in (plus, minus))
    up, down = (one_way(part, exposures, level, max(unseen, size), *args) for part in (plus, minus))
    up = up if above else (0.0, 0.0, 0.0, up[3], 0.0)
    down = down if below else (0.0, 0.0, 0.0, down[3], 0.0)
    rest = rest(up[3], down[3]) if rest else [0.0] * count
    error = quantile_of(level, count - 1) * math.sqrt(math.fsum(x * x for x in rest) / count / (count - 1))

    def far(a, b):
        square = a * a + b * b + error**2 - 2.0 * related(up[3], down[3]) * a * b
        square += 2.0 * error * (related(up[3], rest) * a - related(down[3], rest) * b)
        return math.sqrt(max(0.0, square))

    return -far(up[0] - up[1], down[2] - down[0]), far(up[2] - up[0], down[0] - down[1])


def parts_of(definition, columns, horizon_h):
    """The value, its numerators and denominators, and the size of an event that was not seen."""
    top = columns[definition.numerator].tolist()
    bottom = columns[definition.denominator].tolist() if definition.denominator else [1.0] * len(top)
    size = definition.scale
    if definition.kind == "first":
        top, size = [horizon_h if math.isnan(one) else one for one in top], horizon_h
    elif definition.kind == "any":
        top = [1.0 if one > 0.0 else 0.0 for one in top]
    elif definition.kind == "rate":
        size = 8766.0 / horizon_h
        top = [one * size for one in top]
    else:
        top = [definition.scale * one for one in top]
    if definition.numerator in IN_HOURS:
        flown, sorties = math.fsum(columns["flight_hours"]), math.fsum(columns["sorties"])
        size *= flown / sorties if sorties else horizon_h
    return math.fsum(top) / math.fsum(bottom), top, bottom, size


IN_HOURS = ("flight_hours", "on_station_hours", "identification_hours", "tip_age_h", "tip_hours")
IN_HOURS += ("false_tip_hours", "stale_tip_hours")


def limits_of(definition, columns, level):
    """The limits of a measure other than a share, in plain Python."""
    value, top, bottom, size = parts_of(definition, columns, HORIZON_H)
    uneven = definition.numerator in IN_HOURS or definition.kind == "first"
    if definition.kind == "ratio" and not definition.signed:
        _, low, high, _, seen = one_way(top, bottom, level, size, uneven, None)
        bound = -size * math.log((1.0 - level) / 2.0) / math.fsum(bottom) if value > 0.0 and seen == 0.0 else 0.0
        return max(0.0, low - bound), high + bound
    freedom = None
    if definition.signed:
        each = sorted(x / n for x, n in zip(top, bottom, strict=True) if n > 0.0)
        freedom = max(1.0, math.fsum(bottom) ** 2 / math.fsum(n * n for n in bottom) - 1.0)
    else:
        each = sorted(top)
    centre = (each[(len(each) - 1) // 2] + each[len(each) // 2]) / 2.0
    if not definition.signed and definition.kind != "first":
        centre = each[(len(each) - 1) // 2]
        centre = centre if 2 * sum(abs(x - centre) <= 1e-9 * max(top) for x in top) >= len(top) else 0.0
    nothing = 1e-9 * max(abs(x) for x in top)
    apart = [x - centre * n for x, n in zip(top, bottom, strict=True)]
    apart = [0.0 if abs(one) <= nothing else one for one in apart]
    sides = {} if definition.signed else {"below": centre > nothing}
    if definition.kind == "first":
        sides["above"] = HORIZON_H - centre > nothing
    low, high = joined(apart, bottom, level, size, uneven, freedom, **sides)
    low, high = value + low, value + high
    low = low if definition.signed else max(0.0, low)
    return low, min(HORIZON_H, high) if definition.kind == "first" else high


@given(study_totals(), st.sampled_from([0.5, 0.8, 0.95, 0.99]))
@settings(max_examples=40, deadline=None)
def test_every_interval_is_that_of_the_plain_twin(columns, level):
    assume(columns["transfers"].sum() > 0.0)
    rows = all_measures(columns, HORIZON_H, level)
    assert len(rows) > 8
    for row in rows:
        definition, count = MEASURES[row.measure], len(columns["transfers"])
        value, top, bottom, _ = parts_of(definition, columns, HORIZON_H)
        assert row.value == pytest.approx(value)
        if row.low is None:
            assert row.why.startswith("only one replication has")
        elif definition.kind == "proportion":
            moves = [x - value * n for x, n in zip(top, bottom, strict=True)]
            error = math.sqrt(math.fsum(x * x for x in moves) * count / (count - 1)) / math.fsum(bottom)
            if 1e-9 < value < 1.0 - 1e-9 and error > 1e-9:
                ends = by_wilson(value, value * (1.0 - value) / error**2, quantile_of(level, count - 1))
                assert (row.low, row.high) == pytest.approx(ends, rel=1e-6, abs=1e-9)
        elif definition.kind == "any":
            assert (row.low, row.high) == pytest.approx(by_clopper_pearson(round(sum(top)), count, level), abs=1e-9)
        else:
            assert (row.low, row.high) == pytest.approx(limits_of(definition, columns, level), rel=1e-6, abs=1e-9)


@given(study_totals(5, 5), study_totals(5, 5), st.sampled_from([0.8, 0.95]))
@settings(max_examples=40, deadline=None)
def test_every_paired_interval_is_that_of_the_plain_twin(ours, theirs, level):
    assume(ours["transfers"].sum() > 0.0)
    assume(theirs["transfers"].sum() > 0.0)
    names = [row.measure for row in all_measures(ours, HORIZON_H)]
    assert len(names) > 8
    for name in names:
        definition = MEASURES[name]
        gap = difference(name, ours, theirs, (HORIZON_H, HORIZON_H), level)
        if gap.low is None:
            assert gap.why
            continue
        (a, x, n, size), (b, y, m, other) = (parts_of(definition, one, HORIZON_H) for one in (ours, theirs))
        low, high = paired_limits(definition, (a, x, n), (b, y, m), max(size, other), level)
        assert (gap.value, gap.low, gap.high) == pytest.approx((a - b, a - b + low, a - b + high), rel=1e-6, abs=1e-9)
        back = difference(name, theirs, ours, (HORIZON_H, HORIZON_H), level)
        assert (back.value, back.low, back.high) == pytest.approx((-gap.value, -gap.high, -gap.low), abs=1e-9)


def paired_limits(definition, first, second, size, level):
    """How far the limits of a difference are from it, in plain Python."""
    (a, x, n), (b, y, m) = first, second
    apart = [p - q for p, q in zip(x, y, strict=True)]
    nothing = 1e-9 * max(abs(one) for one in apart)
    moves = [(p - a * i) / fmean(n) - (q - b * j) / fmean(m) for p, i, q, j in zip(x, n, y, m, strict=True)]
    exposures = [(i + j) / 2.0 for i, j in zip(n, m, strict=True)]
    if not definition.denominator:
        middle = sorted(apart)[2]  # of five
        apart = [0.0 if abs(one - middle) <= nothing else one - middle for one in apart]
    uneven = definition.numerator in IN_HOURS or definition.kind == "first"

    def rest(up, down):
        return [move - p + q for move, p, q in zip(moves, up, down, strict=True)]

    low, high = joined(apart, exposures, level, size, uneven, rest=rest)
    most = {"proportion": 1.0, "any": 1.0, "first": HORIZON_H}.get(definition.kind, math.inf)
    return max(low, -most - (a - b)), min(high, most - (a - b))


def by_clopper_pearson(hits, trials, level):
    """Where a count as small, and one as large, has the probability of one tail: by halving."""
    tail = (1.0 - level) / 2.0

    def at_most(k, p):
        return math.fsum(math.comb(trials, i) * p**i * (1.0 - p) ** (trials - i) for i in range(k + 1))

    def root(function):
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2.0
            low, high = (middle, high) if function(middle) else (low, middle)
        return low

    low = 0.0 if hits == 0 else root(lambda p: 1.0 - at_most(hits - 1, p) < tail)
    high = 1.0 if hits == trials else root(lambda p: at_most(hits, p) > tail)
    return low, high


@given(st.integers(1, 30), st.data(), st.sampled_from([0.5, 0.8, 0.95]))
def test_the_exact_binomial_interval_has_equal_tails(trials, data, level):
    hits = data.draw(st.integers(0, trials))
    found = clopper_pearson(hits, trials, level)
    assert found == pytest.approx(by_clopper_pearson(hits, trials, level), abs=1e-9)
    turned = clopper_pearson(trials - hits, trials, level)
    assert (1.0 - turned[1], 1.0 - turned[0]) == pytest.approx(found, abs=1e-9)


@given(st.integers(0, 200), st.integers(1, 200), st.floats(0.1, 4.0))
def test_wilsons_interval_solves_its_equation(hits, more, z):
    n = hits + more
    low, high = wilson(hits / n, float(n), z)
    assert 0.0 <= low <= hits / n <= high <= 1.0
    assert (low, high) == pytest.approx(by_wilson(hits / n, n, z), abs=1e-9)
    turned = wilson(1.0 - hits / n, float(n), z)
    assert (1.0 - turned[1], 1.0 - turned[0]) == pytest.approx((low, high), abs=1e-12)
