"""The tables that commands print: what stands in their cells, in cases that users have."""

import re

import numpy as np
import pytest

from sim import compare, load_scenario, run, sweep
from sim.cli.layout import page_text
from sim.scenario.tables import Page
from sim.study.estimates import Measure, estimate
from sim.study.tables import (
    comparison_tables,
    interval_text,
    level_text,
    number_text,
    run_table,
    study_table,
    value_text,
)
from tests.helpers import CHANCES, study_of

STUDY = study_of(CHANCES, 4, ("p_detected", "sorties"), baseline={"label": "as it is"})


def printed(page: Page, width: int = 200) -> list[str]:
    return page_text(page, width).splitlines()


def row_of(lines: list[str], name: str) -> list[str]:
    """The cells of the row that begins with a name."""
    (line,) = [line for line in lines if line.split(" ")[0] == name]
    return re.split(r" {2,}", line)


def measure_of(value: float | None, unit: str = "per deployment", low: float | None = None, high: float | None = None):
    return Measure("m", value, low, high, 0.95, 10, unit)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "h", "-"),
        (0.5, "of transfers", "50.0 %"),
        (0.12345, "of transfers", "12.3 %"),
        (1.0, "of deployments", "100.0 %"),
        (3.14159, "per deployment", "3.14"),
        (123.456, "h", "123.5"),
        (1234.56, "h", "1235"),
        (-0.0, "h", "0.00"),
        (-0.001, "h", "0.00"),
        (0.0, "of transfers", "0.0 %"),
    ],
)
def test_a_value_is_rounded_for_reading(value: float | None, unit: str, text: str):
    assert value_text(measure_of(value, unit)) == text


def test_a_difference_has_its_sign_and_a_nought_has_none():
    gap = measure_of(0.05, "of transfers", -0.01, 0.11)
    assert value_text(gap, signed=True) == "+5.0 pp"
    assert interval_text(gap, signed=True) == "-1.0 to +11.0 pp"
    assert number_text(gap, 0.0, signed=True) == "0.0 pp"
    assert interval_text(measure_of(1.0), signed=True) == "-"
    assert value_text(measure_of(-0.0042), signed=True) == "-0.004"  # a difference that is not 0 is not shown as 0
    assert value_text(measure_of(-1.1e-16), signed=True) == "0.00"  # an error of rounding is none
    assert value_text(measure_of(-0.0042)) == "0.00"


def test_a_level_of_a_factor_has_no_trailing_zeros():
    assert [level_text(level) for level in (30.0, 0.25, "daily", None)] == ["30", "0.25", "daily", "None"]


@pytest.fixture(scope="module")
def single():
    return run("textbook", 1, keep=0)


@pytest.fixture(scope="module")
def several():
    return run("textbook", 5, keep=0, seed=3)


def test_the_table_of_a_run_says_what_was_simulated_and_how_often(several):
    title, times, count, *rest = printed(run_table(several))
    assert title.startswith("Textbook")
    assert "JST" in times
    assert count == "5 replications, seed 3"
    assert re.split(r" {2,}", rest[1].strip()) == ["measure", "value", "95 % interval", "unit", "meaning"]


def test_a_row_of_a_run_has_value_interval_unit_and_meaning(several):
    measure = several.measure("p_detected")
    name, value, interval, unit, meaning = row_of(printed(run_table(several)), "p_detected")
    assert (name, unit, meaning) == ("p_detected", "of transfers", "probability that a transfer is detected")
    assert value == f"{100 * measure.value:.1f} %"
    assert interval == f"{100 * measure.low:.1f} to {100 * measure.high:.1f} %"


def test_one_replication_has_values_without_intervals_and_the_table_says_why(single):
    lines = printed(run_table(single))
    assert row_of(lines, "sorties")[2] == "-"
    assert lines[-1] == "no interval: one replication has no spread"
    assert {measure.low for measure in single.measures()} == {None}
    values = [measure.value for measure in single.measures()]
    assert values == pytest.approx(
        [estimate(m.measure, single.columns, single.scenario.duration_h).value for m in single.measures()]
    )


def test_measures_that_are_asked_for_by_name_only_are_not_in_the_table(several):
    names = {line.split(" ")[0] for line in printed(run_table(several))}
    assert {"documented", "p_any_documented", "false_investigations"} <= names
    assert not names & {"documented_per_year", "false_dark", "false_near_tip"}
    assert several.measure("documented_per_year").unit == "a year"


def test_the_level_of_a_run_stands_over_its_intervals_and_makes_them_wider():
    wide = run("textbook", 5, keep=0, seed=3, level=0.99)
    narrow = run("textbook", 5, keep=0, seed=3, level=0.5)
    assert any("99 % interval" in line for line in printed(run_table(wide)))
    for name in ("p_detected", "detected", "first_documented_h", "transfers"):
        assert wide.measure(name).value == narrow.measure(name).value
        assert wide.measure(name).low <= narrow.measure(name).low
        assert wide.measure(name).high >= narrow.measure(name).high
    assert wide.measure("p_detected").half_width > narrow.measure("p_detected").half_width


def test_a_comparison_marks_the_differences_whose_interval_excludes_0():
    scenarios = [("daily", 24.0), ("seldom", 72.0)]
    runs = [run(load_scenario("textbook", {"patrols.daily.every_h": h}), 5, keep=0, name=n) for n, h in scenarios]
    answer = compare(runs)
    lines = printed(comparison_tables(answer, 5, 1))
    assert lines[0] == "paired differences: 5 replications, seed 1"
    sorties, transfers = row_of(lines, "sorties"), row_of(lines, "transfers")
    bound = f"{-np.log(0.025) / 5:.2f}"  # of a count that no replication shows
    assert sorties[1:] == ["30.00", "10.00", "-20.00", "-20.74 to -19.26", "**", "per deployment"]
    assert transfers[3:] == ["0.00", f"-{bound} to +{bound}", "per deployment"]  # the same transfers in both, no mark
    assert answer.names == ["daily", "seldom"]
    shown = sum(line.startswith(tuple(measure.measure for measure in answer.values[0])) for line in lines)
    assert lines[-5:] == [
        "* the 95 % interval of the difference excludes 0; without any true difference, about 1 in 20 rows has a * "
        "by chance",
        f"** the interval excludes 0 even when all {shown} rows are judged together: at most 1 in 20 such tables has "
        "a ** by chance",
        "where a difference is 0, its interval shows how large a difference so many replications can miss",
        "pp: percentage points",
        "with fewer than 20 replications, intervals may be too narrow if the replications differ much",
    ]


def test_a_comparison_without_a_mark_says_so(several):
    lines = printed(comparison_tables(compare([several, several], 0.99), 4, 3))
    assert any("no row has a *: the 99 % interval of each difference contains 0" in line for line in lines)


def test_rows_that_stand_alone_only_have_one_star_and_no_row_has_two_without_it():
    runs = [run(load_scenario("textbook", {"patrols.daily.every_h": h}), 20, keep=0, name=str(h)) for h in (24.0, 30.0)]
    answer = compare(runs)
    lines = printed(comparison_tables(answer, 20, 1))
    alone = {gap.measure for gap in answer.differences[0] if gap.excludes_zero}
    assert answer.together[0] <= alone
    for name in alone - {"documented_per_year"}:
        mark = row_of(lines, name)[5]
        assert mark == ("**" if name in answer.together[0] else "*")
    assert not any("fewer than" in line for line in lines)


def test_a_comparison_of_one_replication_each_has_no_interval_and_says_why():
    runs = [run(load_scenario("textbook", {"patrols.daily.every_h": h}), 1, keep=0, name=str(h)) for h in (24.0, 48.0)]
    lines = printed(comparison_tables(compare(runs), 1, 1))
    assert row_of(lines, "sorties")[3:5] == ["-15.00", "-"]
    assert lines[-1] == "no interval: one replication has no spread"


def test_a_comparison_turned_round_has_the_opposite_differences():
    runs = [run(load_scenario("textbook", {"patrols.daily.every_h": h}), 4, keep=0, name=str(h)) for h in (24.0, 48.0)]
    there, back = compare(runs).differences[0], compare(runs[::-1]).differences[0]
    assert [gap.value for gap in there] == pytest.approx([-gap.value for gap in back])
    assert [gap.low for gap in there] == pytest.approx([-gap.high for gap in back])


def test_a_table_says_that_replications_are_few_where_there_are_less_than_20(several):
    note = "with fewer than 20 replications, intervals may be too narrow if the replications differ much"
    assert printed(run_table(several))[-1] == note
    enough = run("textbook", 20, keep=0, seed=3)
    assert note not in printed(run_table(enough))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    (folder / "spread.toml").write_text(STUDY, encoding="utf-8")
    return sweep(folder / "spread.toml", out=folder / "out")


def test_the_table_of_a_study_has_a_row_for_each_point_and_the_baseline_last(study):
    head, _, _, *rows, _, gain, unit, note = printed(study_table(study))
    assert head == "spread: 3 points, 4 replications each"
    assert gain == "more than as it is: the difference in p_detected, replication by replication"
    assert (unit, note[:30]) == ("pp: percentage points", "with fewer than 20 replication")
    assert [re.split(r" {2,}", row.strip())[0] for row in rows] == ["0.25", "0.75", "as it is"]
    values = [f"{100 * measure.value:.1f} %" for measure in study.estimates("p_detected")]
    assert [re.split(r" {2,}", row.strip())[1] for row in rows] == values


def test_the_gain_of_a_point_is_its_paired_difference_from_the_baseline(study):
    gains = study.gains("p_detected")
    values = [measure.value for measure in study.estimates("p_detected")]
    assert [gain.value for gain in gains] == pytest.approx([values[0] - values[2], values[1] - values[2]])
    assert study.baseline == 2
    assert "more than as it is" in printed(study_table(study))[2]


def test_the_keys_of_factors_are_shortened_where_the_table_is_narrow(study):
    wide, narrow, block = (printed(study_table(study), width) for width in (200, 100, 60))
    assert any(line.startswith("sensors.eye.law.probability  p_detected") for line in wide)
    assert any(re.match("probability +p_detected", line) for line in narrow)
    assert block[2] == "sensors.eye.law.probability 0.25"  # of a block the whole key, as it is typed


def test_counts_of_0_have_an_exact_limit_that_more_replications_make_narrower():
    zeros = {n: {"transfers": np.full(n, 5.0), "documented": np.zeros(n)} for n in (2, 20, 200)}
    highs = [estimate("documented", columns, 720.0).high for columns in zeros.values()]
    assert highs == pytest.approx([-np.log(0.025) / n for n in zeros])
    shares = [estimate("p_documented", columns, 720.0) for columns in zeros.values()]
    assert [share.low for share in shares] == [0.0, 0.0, 0.0]
    assert 0.0 < shares[2].high < shares[1].high < shares[0].high < 0.3
