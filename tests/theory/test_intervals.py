"""Intervals hold what they promise, over many made-up studies whose truth is known."""

import os
import subprocess
import sys

import numpy as np
import pytest

from sim.deployment.totals import TOTALS
from sim.study.estimates import all_measures, difference, estimate, together
from sim.study.intervals import wilson
from sim.study.measures import MEASURES
from tools.interval_coverage import (
    CASES,
    FAMILY,
    PAGE,
    family,
    figures,
    read_figures,
    tables_of,
    until_precise,
    with_table,
)
from tools.interval_coverage import (
    STUDIES as OF_THE_PAGE,
)

STUDIES = 1500
ABSENT = (
    "answers",
    "asked",
    "observers",
    "standby",
    "lookalikes",
    "receivers",
    "ais_rules",
    "load",
)  # totals of a plain scenario


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
    absent = {"contacts"}
    absent |= {name for name in MEASURES if ("tip" in name and name != "false_near_tip") or "report" in name}
    absent_totals = {total.name for total in TOTALS if total.exists in ABSENT}
    absent |= {name for name, row in MEASURES.items() if absent_totals.intersection(row.totals)}
    assert {row.measure for row in rows} == set(MEASURES) - absent
    for row in rows:
        assert row.low is not None
        assert row.low <= row.value <= row.high, row


def test_a_higher_level_gives_a_wider_interval(neon_results):
    narrow, wide = (all_measures(neon_results.columns, 720.0, level) for level in (0.8, 0.99))
    assert all(a.high - a.low <= b.high - b.low for a, b in zip(narrow, wide, strict=True))


# ---------------------------------------------------------------------------------------------------- every kind
SHORT = 400
ERROR = np.sqrt(0.95 * 0.05 / SHORT)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("chance", "replications"), [(0.02, 20), (0.1, 5), (0.5, 40)])
def test_every_kind_of_interval_holds_the_truth_as_often_as_it_says(name, chance, replications):
    """Too seldom is a fault; more often than it says is not, where few outcomes are possible."""
    row = figures(name, chance, replications, SHORT)
    assert row.covered > 0.94 - 3.5 * ERROR
    assert row.zero_width == 0.0
    assert max(row.below, row.above) < 0.05 + 3.5 * ERROR  # no kind errs to one side only


@pytest.mark.parametrize("name", ["share of transfers", "difference of shares, both ways", "mean of hours"])
def test_intervals_of_many_replications_are_not_too_wide(name):
    assert abs(figures(name, 0.5, 200, SHORT).covered - 0.95) < 3.5 * ERROR


def test_a_study_that_stops_where_it_is_precise_enough_holds_the_truth():
    row = until_precise("share of transfers", 0.5, 50, SHORT)
    assert row.covered > 0.94 - 3.5 * ERROR
    assert row.mean > 40.0  # most go on after the first look, so that the stop could have chosen


def test_rows_that_stand_together_are_seldom_there_by_chance_though_single_stars_are():
    row = family(0.5, 20, 100)
    assert row.any_star > 0.4
    assert row.any_together < 0.05 + 3.5 * np.sqrt(0.05 * 0.95 / 100)


def test_rows_that_stand_together_are_those_of_holms_procedure():
    """Judged at 1 - 0.05 / m: the clearest first, then the next with one row less."""
    rng = np.random.default_rng(5)
    shifts = np.linspace(0.0, 3.0, len(FAMILY))
    ours = {name: rng.poisson(9.0 + shift, 40).astype(float) for name, shift in zip(FAMILY, shifts, strict=True)}
    theirs = {name: rng.poisson(9.0, 40).astype(float) for name in FAMILY}
    found: set[str] = set()
    for _ in FAMILY:
        level = 1.0 - 0.05 / (len(FAMILY) - len(found))
        apart = {name: difference(name, ours, theirs, (720.0, 720.0), level) for name in FAMILY if name not in found}
        clear = [name for name, gap in apart.items() if not gap.low <= 0.0 <= gap.high]
        found |= set(clear[:1])
    assert together(FAMILY, ours, theirs, (720.0, 720.0)) == found
    assert 2 < len(found) < len(FAMILY)


# ---------------------------------------------------------------------------------------------------- the page
def test_the_page_has_the_tables_of_the_figures_beside_it():
    page = PAGE.read_text(encoding="utf-8")
    tables = tables_of(read_figures())
    assert len(tables) == 4
    for name, table in tables.items():
        assert table in page, name
        assert with_table(page, name, table) == page, name


def test_the_figures_of_the_page_keep_what_it_promises():
    rows = [row for row in read_figures() if row.case in CASES]
    assert {row.case for row in rows} == set(CASES)
    assert {row.zero_width for row in rows} == {0.0}
    assert {row.studies for row in rows} == {OF_THE_PAGE}
    assert min(row.covered for row in rows) > 0.94


def test_intervals_are_the_same_on_every_kind_of_processor():
    code = (
        "import numpy as np; from sim.study.intervals import product_sum;"
        "draw = np.random.default_rng(1).random; print([product_sum(draw(n), draw(n)).hex() for n in range(1, 60)])"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OPENBLAS_CORETYPE": kind},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for kind in ("Haswell", "Nehalem")
    ]
    assert printed[0] == printed[1]
    assert printed[0].count("0x") == 59
