"""Two lists: Chapman's estimator against exact sums, the posterior against closed forms and against random numbers."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

from sim.study.eyes.dependence import dependence
from sim.study.infer.chances import known
from sim.study.infer.posterior import Posterior, Prior, interval_of
from sim.study.infer.two_lists import (
    JointChance,
    Lists,
    chapman,
    joint_chance,
    list_posterior,
    log_odds_ratio,
    unknown_posterior,
)
from tests.theory.list_trials import trial

JEFFREYS = Prior()
QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)


# ---------------------------------------------------------------------------------------------------- Chapman
def test_chapman_by_hand():
    found = chapman(Lists(3, 5, 1), 0.95)
    assert (found.value, found.variance) == (11.0, 16.0)  # 4 * 6 / 2 - 1, and 4 * 6 * 2 * 4 / (4 * 3)
    spread = np.exp(stats.norm.ppf(0.975) * np.sqrt(np.log(1.0 + 16.0 / 4.0**2)))  # 7 are known, 4 are not
    assert (found.low, found.high) == (pytest.approx(7.0 + 4.0 / spread), pytest.approx(7.0 + 4.0 * spread))
    assert chapman(Lists(4, 4, 4), 0.95) == (4.0, 0.0, None, None)  # no variance tells nothing of the error
    with pytest.raises(ValueError, match="both lists"):
        chapman(Lists(4, 4, None), 0.95)


@pytest.mark.parametrize(("total", "one", "two"), [(25, 12, 15), (10, 10, 4), (40, 22, 18)])
def test_chapman_and_its_variance_are_right_on_average_where_the_lists_are_independent(total, one, two):
    """Exactly so where the lists together are as long as there are transfers (Seber 1970): a sum over all overlaps."""
    overlaps = np.arange(max(0, one + two - total), min(one, two) + 1)
    weight = stats.hypergeom(total, one, two).pmf(overlaps)
    found = [chapman(Lists(one, two, int(both)), 0.95) for both in overlaps]
    values = np.array([row.value for row in found])
    assert np.sum(weight * values) == pytest.approx(total)
    spread = np.sum(weight * (values - total) ** 2)
    assert np.sum(weight * [row.variance for row in found]) == pytest.approx(spread, abs=1e-9)


def test_the_interval_of_chapman_holds_the_total_about_as_often_as_it_says():
    rng = np.random.default_rng(2)
    held = []
    for _ in range(4000):
        first, second = (rng.uniform(size=60) < 0.5 for _ in range(2))
        low, high = chapman(Lists(int(first.sum()), int(second.sum()), int((first & second).sum())), 0.95)[2:]
        held.append(low <= 60 <= high)
    assert 0.93 < np.mean(held) < 0.97


# ---------------------------------------------------------------------------------------------------- known chances
def joint_of(p, q1, q0):
    """Chances that are known exactly."""
    return JointChance(known(p), known(p * q1 + (1.0 - p) * q0), known(q1), known(q0))


@pytest.mark.parametrize("prior", [JEFFREYS, Prior(3.0, 0.2)])
@pytest.mark.parametrize("lists", [Lists(3, 5, 1), Lists(0, 0, 0), Lists(0, 4, 0), Lists(6, 6, 6)])
def test_with_known_chances_all_that_counts_is_how_many_were_seen_by_anybody(lists, prior):
    p, q1, q0 = 0.2, 0.5, 0.3
    found = list_posterior(lists, joint_of(p, q1, q0), prior)
    seen = Posterior(lists.known, known(p + (1.0 - p) * q0), prior)
    assert found.weight == pytest.approx([1.0])
    for number in range(0, 60, 7):
        assert found.below(number) == pytest.approx(seen.below(number), abs=1e-12)
    assert found.mean == pytest.approx(seen.mean)


def test_lists_that_nobody_matched_give_what_random_numbers_give_that_end_in_these_lists():
    p, q1, q0, prior, rng = 0.3, 0.6, 0.2, Prior(2.0, 0.15), np.random.default_rng(4)
    number = rng.poisson(rng.gamma(prior.shape, 1.0 / prior.rate, 3_000_000))
    first = rng.binomial(number, p)
    both = rng.binomial(first, q1)
    second = both + rng.binomial(number - first, q0)
    like = (first == 3) & (second == 4)
    found = list_posterior(Lists(3, 4, None), joint_of(p, q1, q0), prior)
    error = 0.5 / np.sqrt(like.sum())
    assert error < 0.005
    for q in QUANTILES:
        at = found.quantile(q)
        assert abs(np.mean(number[like] <= at) - found.below(at)) < 4.0 * error
    shares = np.bincount(both[like], minlength=4) / like.sum()
    by_overlap = dict(zip([3 + 4 - part.documented for part in found.parts], found.weight, strict=True))
    for overlap in range(4):
        assert abs(shares[overlap] - by_overlap[overlap]) < 4.0 * error


# ---------------------------------------------------------------------------------------------------- from replications
@pytest.fixture(scope="module")
def replications():
    """Made-up replications in which the two see the same transfers more often than by chance."""
    rng = np.random.default_rng(3)
    p, q1, q0 = rng.beta(6.0, 24.0, 25), rng.beta(12.0, 8.0, 25), rng.beta(5.0, 20.0, 25)
    transfers = rng.poisson(20.0, 25)
    documented = rng.binomial(transfers, p)
    both = rng.binomial(documented, q1)
    reported = both + rng.binomial(transfers - documented, q0)
    return tuple(column.astype(float) for column in (transfers, documented, reported, both))


def drawn(chance, rng, count):
    """Random chances from a mixture of beta distributions."""
    which = rng.choice(chance.betas.weight.size, count, p=chance.betas.weight / chance.betas.weight.sum())
    return rng.beta(chance.betas.alpha[which], chance.betas.beta[which])


@pytest.mark.parametrize("lists", [Lists(3, 5, 1), Lists(3, 5, None)])
def test_estimated_chances_give_what_weighted_random_numbers_give(replications, lists):
    """The product of Poisson probabilities of the cells, at random chances and expected numbers."""
    rng, prior, count = np.random.default_rng(6), Prior(1.5, 0.05), 400_000
    joint = joint_chance(*replications)
    p, q1, q0 = (drawn(one, rng, count) for one in (joint.documented, joint.when_documented, joint.otherwise))
    m = rng.gamma(3.0, 10.0, count)  # near the posterior; its density is divided away
    logs = stats.gamma(prior.shape, scale=1.0 / prior.rate).logpdf(m) - stats.gamma(3.0, scale=10.0).logpdf(m)
    weight = np.zeros(count)
    for both in lists.overlaps:
        cells = ((both, p * q1), (lists.documented - both, p * (1.0 - q1)), (lists.reported - both, (1.0 - p) * q0))
        weight += np.exp(logs + sum(stats.poisson.logpmf(seen, m * chance) for seen, chance in cells))
    weight /= weight.sum()
    unseen = rng.poisson(m * (1.0 - p) * (1.0 - q0))
    found = list_posterior(lists, joint, prior)
    if lists.both is not None:
        for q in QUANTILES:
            at = found.quantile(q)
            below = unseen + lists.known <= at
            error = np.sqrt(np.sum((weight * (below - found.below(at))) ** 2))
            assert error < 0.004
            assert abs(np.sum(weight[below]) - found.below(at)) < 4.0 * error
    mean = sum(
        share * np.sum(part.weight / part.rates) * part.shape
        for share, part in zip(found.weight, found.parts, strict=True)
    )
    error = np.sqrt(np.sum((weight * (m - mean)) ** 2))
    assert abs(np.sum(weight * m) - mean) < 4.0 * error


def test_the_chance_that_nobody_tried_is_that_of_the_prior():
    zeros = np.zeros(4)
    joint = joint_chance(np.full(4, 9.0), zeros, np.full(4, 3.0), zeros)
    assert joint.when_documented.mean == pytest.approx(0.5)
    assert np.sum(joint.when_documented.weight * joint.when_documented.p**2) == pytest.approx(3.0 / 8.0, abs=1e-3)
    assert list_posterior(Lists(0, 3, 0), joint, JEFFREYS).quantile(0.5) >= 3.0


def test_more_reports_narrow_the_interval_on_a_logarithmic_scale(replications):
    joint = joint_chance(*replications)
    alone = Posterior(6, joint.documented, JEFFREYS)
    both = list_posterior(Lists(6, 9, None), joint, JEFFREYS)
    matched = list_posterior(Lists(6, 9, 3), joint, JEFFREYS)
    widths = []
    for posterior in (alone, both, matched):
        low, high = interval_of(posterior.quantile, 0.95)
        widths.append(np.log(high / low))
    assert widths[0] > widths[1] > widths[2]


# ---------------------------------------------------------------------------------------------------- unknown chances
@pytest.mark.parametrize("prior", [JEFFREYS, Prior(2.0, 0.05)])
@pytest.mark.parametrize("lists", [Lists(3, 5, 2), Lists(12, 10, 6)])
def test_unknown_chances_of_independent_lists_have_a_closed_form(lists, prior):
    """With q1 = q0 the integrals over both chances are beta functions, for each number of transfers."""
    numbers = lists.known + np.arange(200_000.0)
    logs = gammaln(prior.shape + numbers) - gammaln(numbers - lists.known + 1.0) - numbers * np.log1p(prior.rate)
    for seen in (lists.documented, lists.reported):
        logs = logs + betaln(seen + 0.5, numbers - seen + 0.5)
    weight = np.exp(logs - logs.max())
    below = np.cumsum(weight) / weight.sum()
    found = unknown_posterior(lists, (0.0, 0.0), prior)
    for number in (lists.known, lists.known + 3, 2 * lists.known, 5 * lists.known):
        assert found.below(number) == pytest.approx(below[number - lists.known], abs=1e-4)


def test_without_a_transfer_on_both_lists_nothing_bounds_the_number_unless_the_prior_does():
    for lists in (Lists(5, 8, 0), Lists(5, 8, None), Lists(0, 0, 0)):
        assert unknown_posterior(lists, (0.5, 0.1), JEFFREYS).quantile(0.975) == np.inf
        assert unknown_posterior(lists, (0.5, 0.1), Prior(2.0, 0.1)).quantile(0.975) < 200.0
    assert unknown_posterior(Lists(5, 8, 1), (0.5, 0.1), JEFFREYS).quantile(0.975) < np.inf


def test_lists_that_depend_on_one_another_mean_more_transfers_than_independence_says():
    free, dependent, against = (unknown_posterior(Lists(9, 12, 5), (odds, 0.1), JEFFREYS) for odds in (0.0, 1.0, -1.0))
    assert dependent.quantile(0.5) > free.quantile(0.5) > against.quantile(0.5)


# ---------------------------------------------------------------------------------------------------- dependence
def test_dependence_by_hand():
    """Of 100 transfers one sees 40, the other 30 and both 20: 0.2 - 0.12 over the root of 0.24 times 0.21."""
    columns = [np.full(5, count) for count in (20.0, 8.0, 6.0, 4.0)]
    found = dependence(*columns, level=0.95)
    assert (found.first, found.second, found.both) == (0.4, 0.3, 0.2)
    assert found.phi.value == pytest.approx(0.08 / np.sqrt(0.24 * 0.21))
    assert found.factor.value == pytest.approx(0.6)
    assert found.phi.low == pytest.approx(found.phi.value)  # replications that are all alike
    odds, error = log_odds_ratio(*columns)
    assert odds == pytest.approx(np.log(20.5 * 50.5 / (20.5 * 10.5)))
    assert error == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("odds", [0.0, 1.2])
def test_the_intervals_of_dependence_hold_the_truth_about_as_often_as_they_say(odds):
    rng = np.random.default_rng(8)
    p, q0 = 0.3, 0.4
    q1 = 1.0 / (1.0 + np.exp(-(np.log(q0 / (1.0 - q0)) + odds)))
    q = p * q1 + (1.0 - p) * q0
    phi = (p * q1 - p * q) / np.sqrt(p * (1.0 - p) * q * (1.0 - q))
    held = {"phi": [], "factor": [], "odds": []}
    for _ in range(600):
        transfers = rng.poisson(15.0, 40)
        documented = rng.binomial(transfers, p)
        both = rng.binomial(documented, q1)
        columns = [transfers, documented, both + rng.binomial(transfers - documented, q0), both]
        columns = [column.astype(float) for column in columns]
        found = dependence(*columns, level=0.9)
        held["phi"].append(found.phi.low <= phi <= found.phi.high)
        held["factor"].append(found.factor.low <= q / q1 <= found.factor.high)
        value, error = log_odds_ratio(*columns)
        held["odds"].append(abs(value - odds) < 1.645 * error)
    error = np.sqrt(0.9 * 0.1 / 600)
    for name, rows in held.items():
        assert abs(np.mean(rows) - 0.9) < 3.5 * error, name


def test_what_cannot_be_measured_has_no_figure():
    nobody = dependence(np.full(3, 9.0), np.zeros(3), np.full(3, 2.0), np.zeros(3), 0.95)
    assert nobody.phi.value is None
    assert nobody.factor.value is None
    assert nobody.first == 0.0
    assert dependence(np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(3), 0.95).first is None
    one = dependence(np.full(1, 9.0), np.full(1, 4.0), np.full(1, 3.0), np.full(1, 2.0), 0.95)
    assert one.phi.value is not None
    assert one.phi.low is None


# ---------------------------------------------------------------------------------------------------- calibration
def test_the_posterior_is_calibrated_on_a_few_synthetic_deployments():
    """Ranks of the true number in the posterior are uniform; `tests/soak` has more of them."""
    rng = np.random.default_rng(1)
    trials = [trial(rng) for _ in range(60)]
    for name in ("matched", "not_matched"):
        ranks = np.array([getattr(one, name) for one in trials])
        assert stats.kstest(ranks, "uniform").pvalue > 0.001
        assert np.mean((ranks > 0.025) & (ranks < 0.975)) > 0.85
