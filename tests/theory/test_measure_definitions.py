"""What each measure is made of: the totals of its name, over what it says, whatever their order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.deployment.totals import TOTALS
from sim.study.estimates import all_measures, difference, estimate
from sim.study.measures import MEASURES
from tests.helpers import REASONS
from tests.strategies import HORIZON_H, levels, study_totals

# What the reference of measures says of those that are not a total by itself: over what, and times how much.
SHARES = {
    **{f"p_{rung}": (rung, "transfers", 1.0) for rung in ("detected", "classified", "documented")},
    "documented_per_100_flight_hours": ("documented", "flight_hours", 100.0),
    "identification_share": ("identification_hours", "on_station_hours", 1.0),
    "tip_age_h": ("tip_age_h", "tips_released", 1.0),
    "report_age_h": ("report_age_h", "reports_arrived", 1.0),
    "passes_share": ("passes_flown", "passes_planned", 1.0),
    "p_ship_seen": ("ships_seen", "ships_present", 1.0),
    **{f"p_{answer}": (answer, "transfers", 1.0) for answer in ("noticed", "parted_early", "resumed")},
    "alongside_hours": ("alongside_hours", "transfers", 1.0),
}
some = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def distinct():
    """Totals of four replications, each total with numbers of its own."""
    names = [total.name for total in TOTALS]
    found = {name: 1000.0 + number + 0.1 * np.arange(4) ** (1 + number % 3) for number, name in enumerate(names)}
    doubled = {name: 2.0 * found[name] for name in ("transfers", "ships_present")}
    return found | doubled  # no share is above 1


def test_a_measure_with_the_name_of_a_total_is_that_total_per_deployment(distinct):
    means = {name: estimate(name, distinct, HORIZON_H).value for name in distinct if name in MEASURES}
    plain = {name: mean for name, mean in means.items() if name not in SHARES and name not in REASONS}
    assert len(plain) > 20
    assert plain == {name: pytest.approx(distinct[name].mean()) for name in plain}


def test_a_share_is_the_sum_of_its_total_over_the_sum_of_the_other(distinct):
    found = {name: estimate(name, distinct, HORIZON_H).value for name in (*SHARES, *REASONS)}
    made_of = {**SHARES, **{reason: (reason, "transfers", 1.0) for reason in REASONS}}
    assert len(found) == 20
    for name, (top, bottom, scale) in made_of.items():
        assert found[name] == pytest.approx(scale * distinct[top].sum() / distinct[bottom].sum()), name


def test_every_total_that_is_not_a_mere_part_of_a_measure_has_one(distinct):
    assert set(distinct) - set(MEASURES) == {"identification_hours"}


def test_only_measures_whose_totals_are_all_there_are_computed():
    few = {"transfers": np.ones(3), "documented": np.ones(3)}
    names = [row.measure for row in all_measures(few, HORIZON_H)]
    assert names == ["transfers", "documented", "documented_per_year", "p_documented", "p_any_documented"]
    with_hours = all_measures({**few, "flight_hours": np.ones(3)}, HORIZON_H)
    assert "documented_per_100_flight_hours" in [row.measure for row in with_hours]


def test_an_age_of_nought_has_an_interval_to_both_sides():
    """Ages that cancel are no absence of events, which alone would have the interval of a count of 0."""
    columns = {"transfers": np.ones(4), "tip_age_h": np.array([2.0, -2.0, 3.0, -3.0]), "tips_released": np.ones(4)}
    age = estimate("tip_age_h", columns, HORIZON_H)
    assert age.value == 0.0
    assert age.low == pytest.approx(-age.high)
    assert age.high > 3.18245 * np.sqrt(26.0 / 12.0)  # Student's t with 3 degrees of freedom would be less wide


# ---------------------------------------------------------------------------------------------------- levels
@given(study_totals(), levels, levels)
@some
def test_an_interval_of_a_lower_level_lies_within_that_of_a_higher(columns, level, other):
    low, high = sorted((level, other))
    narrow, wide = (all_measures(columns, HORIZON_H, of_level) for of_level in (low, high))
    assert len(narrow) == len(wide) > 5
    for inner, outer in zip(narrow, wide, strict=True):
        assert inner.value == outer.value
        assert (inner.low is None) == (outer.low is None)
        if inner.low is not None:
            assert outer.low - 1e-12 <= inner.low <= inner.high <= outer.high + 1e-12, inner.measure


@given(study_totals(), levels)
@some
def test_an_interval_holds_the_value_and_stays_where_the_measure_can_be(columns, level):
    rows = [row for row in all_measures(columns, HORIZON_H, level) if row.low is not None]
    assert len(rows) > 3
    for row in rows:
        assert row.low <= row.value <= row.high
        assert row.low >= 0.0
        if MEASURES[row.measure].kind in ("proportion", "any"):
            assert row.high <= 1.0
            assert row.low < row.high  # at 0 and at 1 too
        if MEASURES[row.measure].kind == "first":
            assert row.high <= HORIZON_H


@given(study_totals(), st.randoms(use_true_random=False))
@some
def test_the_order_of_replications_does_not_matter(columns, chance):
    order = list(range(len(columns["transfers"])))
    chance.shuffle(order)
    other = {name: column[order] for name, column in columns.items()}
    rows = all_measures(columns, HORIZON_H)
    assert len(rows) > 5
    for row, shuffled in zip(rows, all_measures(other, HORIZON_H), strict=True):
        assert shuffled.value == pytest.approx(row.value, nan_ok=True)
        assert (shuffled.low, shuffled.high) == pytest.approx((row.low, row.high), abs=1e-9)


@given(study_totals(3, 8), st.integers(2, 4))
@some
def test_the_same_replications_several_times_over_leave_the_value_and_narrow_the_interval(columns, times):
    more = {name: np.tile(column, times) for name, column in columns.items()}
    for name in ("transfers", "flight_hours", "first_documented_h"):
        row, again = (estimate(name, totals, HORIZON_H) for totals in (columns, more))
        assert again.value == pytest.approx(row.value)
        assert again.half_width <= row.half_width + 1e-9
        assert again.replications == times * row.replications


@given(study_totals(), levels)
@some
def test_totals_that_do_not_differ_have_a_bound_to_both_sides_for_what_was_not_seen(columns, level):
    rows = [row.measure for row in all_measures(columns, HORIZON_H) if row.value is not None]
    gaps = [difference(name, columns, columns, (HORIZON_H, HORIZON_H), level) for name in rows]
    assert [gap.value for gap in gaps] == [0.0] * len(rows)
    assert len(rows) > 4
    for gap in gaps:
        assert gap.high > 0.0
        assert gap.low == -gap.high


@given(study_totals(4, 8), study_totals(4, 8), levels)
@some
def test_no_interval_has_no_width_and_each_holds_its_value(ours, theirs, level):
    count = min(len(ours["transfers"]), len(theirs["transfers"]))
    ours, theirs = ({name: column[:count] for name, column in one.items()} for one in (ours, theirs))
    rows = all_measures(ours, HORIZON_H, level)
    rows += [difference(row.measure, ours, theirs, (HORIZON_H, HORIZON_H), level) for row in rows]
    found = [row for row in rows if row.low is not None]
    assert len(found) > 8
    for row in found:
        assert row.low <= row.value <= row.high, row
        assert row.low < row.high, row
