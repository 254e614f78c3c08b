"""What knowing is worth, by hand and by integrals; no luck is taken for worth; intervals hold the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sim.core.quadrature import gauss_legendre
from sim.study.decide.decisions import (
    Outcomes,
    best_plans,
    gain_at,
    greatest_regret_of,
    mean_at,
    mean_of,
    means_given,
    most_regretted,
    perfect_information,
    regrets,
    sum_of_effects,
    worst_case,
    worst_of,
    worth_of_knowing,
)
from tools.decision_coverage import CROSSING, EVEN, GRID, LEVEL, made_up


def exact(values, weights=EVEN, levels=GRID, replications=12):
    """Outcomes that are the same in every replication."""
    amounts = np.repeat(np.asarray(values, float)[:, :, None], replications, axis=2)
    return Outcomes(amounts, np.ones_like(amounts), np.asarray(weights, float), np.asarray(levels))


# ---------------------------------------------------------------------------------------------------- by hand
@pytest.mark.parametrize(("rise", "at"), [(1.0, 0.5), (3.0, 0.25), (0.7, 0.9)])
def test_where_two_lines_cross_the_worth_is_the_integral(rise, at):
    """Plan A gives 0 and plan B rise (x - at), x uniform in (0, 1): B pays from `at` on.

    E max is rise (1 - at)^2 / 2, and max E is rise (1/2 - at) if that is above 0.
    """
    node, weight = gauss_legendre(16)
    x = np.concatenate([0.5 * at * (node + 1.0), at + 0.5 * (1.0 - at) * (node + 1.0)])
    weights = np.concatenate([0.5 * at * weight, 0.5 * (1.0 - at) * weight])
    levels = np.arange(len(x))[:, None]
    values = np.stack([np.zeros_like(x), rise * (x - at)])
    by_hand = rise * (1.0 - at) ** 2 / 2.0 - max(0.0, rise * (0.5 - at))
    assert perfect_information(values, weights, levels) == pytest.approx(by_hand, rel=1e-12)
    assert worth_of_knowing(exact(values, weights, levels), None, LEVEL).value == pytest.approx(by_hand, rel=1e-12)
    assert worth_of_knowing(exact(values, weights, levels), 0, LEVEL).value == pytest.approx(by_hand, rel=1e-12)


def test_finer_levels_come_to_the_integral():
    """x against 1 - x: E max = 3/4, max E = 1/2. The middles of an odd number n of levels miss it by 1 / (4 n^2)."""
    for count in (3, 9, 81):
        x = (np.arange(count) + 0.5) / count
        found = perfect_information(np.stack([x, 1.0 - x]), np.full(count, 1.0 / count), np.arange(count)[:, None])
        assert found == pytest.approx(0.25 - 0.25 / count**2, rel=1e-9)


def test_a_small_table_by_hand():
    """Three plans in three states, of which the third is impossible."""
    values = [[10.0, 0.0, -99.0], [6.0, 5.0, 0.0], [4.0, 4.0, 99.0]]
    table = exact(values, [0.5, 0.5, 0.0], [[0], [1], [2]])
    assert [mean_of(table, plan, LEVEL).value for plan in range(3)] == [5.0, 5.5, 4.0]
    assert mean_of(table, 0, LEVEL, less=1).value == -0.5
    assert [worst_of(table, plan, LEVEL).value for plan in range(3)] == [0.0, 5.0, 4.0]
    assert [greatest_regret_of(table, plan, LEVEL).value for plan in range(3)] == [5.0, 4.0, 6.0]
    assert [most_regretted(table, plan) for plan in range(3)] == [(1, 1), (0, 0), (0, 0)]
    assert [worst_case(table, plan) for plan in range(3)] == [1, 1, 0]
    everything = worth_of_knowing(table, None, LEVEL)
    assert (everything.value, everything.low, everything.high) == (2.0, 2.0, 2.0)  # (10 + 5) / 2 - 5.5
    assert [gain_at(table, 0, at, LEVEL).value for at in range(2)] == [4.0, 0.0]
    assert mean_at(table, 0, 0, 1, LEVEL).value == 0.0


def test_knowing_one_of_two_unknowns_by_hand():
    """Two unknowns that matter only together: either alone is worth nothing, both are worth a half."""
    levels = [[0, 0], [0, 1], [1, 0], [1, 1]]
    table = exact([[1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]], [0.25] * 4, levels)
    assert [worth_of_knowing(table, known, LEVEL).value for known in (0, 1)] == [0.0, 0.0]
    assert worth_of_knowing(table, None, LEVEL).value == 0.5


def test_a_ratio_is_the_sum_of_numerators_over_that_of_denominators():
    rng = np.random.default_rng(5)
    exposures = rng.integers(1, 9, (2, 1, 40)).astype(float)
    amounts = np.stack([0.5 * exposures[0], 0.25 * exposures[1]])
    table = Outcomes(amounts, exposures, np.ones(1), np.zeros((1, 0), int))
    assert table.values.ravel() == pytest.approx([0.5, 0.25])
    first = mean_of(table, 0, LEVEL)
    assert (first.value, first.high - first.low) == (pytest.approx(0.5), pytest.approx(0.0, abs=1e-9))
    assert worth_of_knowing(table, None, LEVEL).value == 0.0


# ---------------------------------------------------------------------------------------------------- what must hold
numbers = st.floats(-100.0, 100.0, allow_subnormal=False)
tables = arrays(float, (3, len(GRID)), elements=numbers)
chances = arrays(float, len(GRID), elements=st.floats(0.01, 1.0))


@given(tables, st.integers(0, 1))
def test_one_unknown_is_worth_at_most_as_much_as_all_and_never_less_than_nothing(values, known):
    some, everything = perfect_information(values, EVEN, GRID, (known,)), perfect_information(values, EVEN, GRID)
    slack = 1e-9 * (1.0 + np.abs(values).max())
    assert -slack <= some <= everything + slack
    assert perfect_information(values, EVEN, GRID, ()) == pytest.approx(0.0, abs=slack)
    assert perfect_information(values, EVEN, GRID, (0, 1)) == pytest.approx(everything, abs=slack)
    most = regrets(values).max(axis=1).min()
    assert everything <= most + slack  # knowing saves at most what the robust plan may have to regret


@settings(max_examples=25)
@given(tables, st.integers(0, 1))
def test_without_noise_the_estimates_are_exact(values, known):
    table, slack = exact(values), 1e-6 * (1.0 + np.abs(values).max())
    everything = worth_of_knowing(table, None, LEVEL).value
    assert everything == pytest.approx(perfect_information(values, EVEN, GRID), abs=slack)
    assert worth_of_knowing(table, known, LEVEL).value == pytest.approx(
        perfect_information(values, EVEN, GRID, (known,)), abs=slack
    )
    at = [gain_at(table, known, level, LEVEL).value for level in range(GRID[:, known].max() + 1)]
    assert np.mean(at) == pytest.approx(worth_of_knowing(table, known, LEVEL).value, abs=slack)


@settings(max_examples=25)
@given(tables, st.floats(0.1, 10.0), numbers)
def test_units_and_what_all_plans_share_do_not_matter(values, scale, shift):
    slack = 1e-9 * (1.0 + np.abs(values).max() * scale + abs(shift))
    other = scale * values + shift
    assert perfect_information(other, EVEN, GRID) == pytest.approx(
        scale * perfect_information(values, EVEN, GRID), abs=slack
    )
    assert regrets(other) == pytest.approx(scale * regrets(values), abs=slack)


@given(tables, chances)
def test_means_given_all_unknowns_are_the_values_and_given_none_the_mean(values, weights):
    weights = weights / weights.sum()
    assert means_given(values, weights, GRID, (0, 1)) == pytest.approx(values)
    assert means_given(values, weights, GRID, ()) == pytest.approx(
        np.repeat((values @ weights)[:, None], len(GRID), axis=1), abs=1e-9
    )


@given(arrays(float, (2, 4), elements=numbers), arrays(float, (2, 3), elements=numbers))
def test_a_sum_of_effects_is_its_own_sum_of_effects(one, two):
    values = one[:, GRID[:, 0]] + two[:, GRID[:, 1]]
    assert sum_of_effects(values, EVEN, GRID) == pytest.approx(values, abs=1e-9)


def test_of_equal_plans_the_first_is_chosen():
    assert best_plans(np.array([[1.0, 2.0], [1.0 + 1e-15, 3.0]])).tolist() == [0, 1]


# ---------------------------------------------------------------------------------------------------- with luck
def estimates(values, replications, count, known, seed):
    rng = np.random.default_rng(seed)
    tables_of_luck = [made_up(values, replications, rng) for _ in range(count)]
    return [[worth_of_knowing(table, one, LEVEL) for one in known] for table in tables_of_luck], tables_of_luck


def z_of(found, truth):
    """How many standard errors the mean of estimates is from the truth."""
    return (np.mean(found) - truth) / (np.std(found, ddof=1) / np.sqrt(len(found)))


def test_luck_is_worth_nothing():
    """Three plans that are alike: the greatest of their means is worth something by luck, and the estimate is not."""
    found, lucky = estimates(np.full((3, len(GRID)), 4.0), 40, 60, (None, 0, 1), seed=1)
    for place in range(3):
        assert abs(z_of([one[place].value for one in found], 0.0)) < 4.0
        assert np.mean([one[place].low <= 0.0 <= one[place].high for one in found]) >= 0.9
    plain = [perfect_information(table.values, EVEN, GRID) for table in lucky]
    assert z_of(plain, 0.0) > 20.0  # what is measured here is no small thing


def test_an_unknown_that_changes_no_choice_is_worth_nothing_and_the_other_what_it_is_worth():
    truth = perfect_information(CROSSING, EVEN, GRID, (0,))
    assert truth > 0.15
    found, _ = estimates(CROSSING, 200, 40, (None, 0, 1), seed=2)
    for place, expected in enumerate((truth, truth, 0.0)):
        values = [one[place].value for one in found]
        assert abs(np.mean(values) - expected) < 0.1 * truth  # what is learned from so many replications only
        assert np.mean([one[place].low - 1e-12 <= expected <= one[place].high for one in found]) >= 0.85
