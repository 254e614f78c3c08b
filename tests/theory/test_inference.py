"""From what was reported to what happened: posteriors against closed forms, other calculations and made-up seas."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import digamma

from sim.study.infer.chances import chance_of, known
from sim.study.infer.halving import bound_of
from sim.study.infer.parts import Sum, luck_correlation
from sim.study.infer.points import FactorLevels, Points
from sim.study.infer.posterior import Posterior, Prior, interval_of
from sim.study.infer.spread import causes_of, counting, moments_of
from tools.inference_ranks import figures

P = 0.192
counts = st.integers(0, 40)
chances = st.floats(0.01, 0.99)
priors = st.builds(Prior, st.floats(0.1, 20.0), st.floats(0.0, 5.0))


def made_up(rng, replications=60, present=22.0, alpha=8.0, mean=0.2):
    """The transfers of each replication and those documented, with chances that a beta distribution draws."""
    p = rng.beta(alpha, alpha * (1.0 - mean) / mean, replications)
    transfers = rng.poisson(present, replications)
    return transfers.astype(float), rng.binomial(transfers, p).astype(float)


@pytest.mark.parametrize(("hits", "documented"), [(0.5, 0), (0.5, 10**6), (1.0, 10**6), (1e-8, 10**3)])
def test_reports_that_a_prior_did_not_foresee_leave_a_posterior(hits, documented):
    """The prior expects 1,000 transfers, and so many replications leave no doubt of the chance: the two collide."""
    transfers = np.full(400, 1e5)
    found = np.round(transfers * hits)
    found[0] = max(1.0, found[0])
    posterior = Posterior(documented, chance_of(transfers, found), Prior(1000.0, 1.0))
    assert posterior.weight.sum() == pytest.approx(1.0)
    low, middle, high = (posterior.expected_quantile(q) for q in (0.025, 0.5, 0.975))
    assert 0.0 < low < middle < high < np.inf
    assert documented <= posterior.quantile(0.025) <= posterior.quantile(0.975) < np.inf
    assert all(np.isfinite(cause.variance) for cause in causes_of(posterior))


def test_a_prior_of_next_to_nothing_has_quantiles_of_next_to_nothing():
    """Its quantiles underflow: with the shape 0.001 the median is 1e-301 of the mean."""
    posterior = Posterior(0, known(P), Prior(0.001, 1e-6))
    low, high = interval_of(posterior.expected_quantile, 0.95)
    assert 0.0 <= low < 1e-300 < high
    assert posterior.quantile(0.5) == 0.0


@pytest.mark.parametrize(
    ("documented", "mean", "low", "high"), [(0, 2.60, 0.00, 13.08), (1, 7.81, 0.56, 24.34), (3, 18.23, 4.40, 41.70)]
)
def test_with_a_known_chance_the_expected_number_has_the_figures_of_a_gamma_distribution(documented, mean, low, high):
    posterior = Posterior(documented, known(P), Prior())
    found = posterior.expected_mean, *interval_of(posterior.expected_quantile, 0.95)
    assert found == pytest.approx((mean, low, high), abs=0.005)


@settings(max_examples=40, deadline=None)
@given(counts, chances, priors, st.floats(0.01, 0.99))
def test_a_known_chance_gives_the_closed_forms(documented, p, prior, q):
    posterior = Posterior(documented, known(p), prior)
    gamma = stats.gamma(documented + prior.shape, scale=1.0 / (prior.rate + p))
    assert posterior.expected_quantile(q) == pytest.approx(gamma.ppf(q), rel=1e-9, abs=1e-250)
    unseen = stats.nbinom(documented + prior.shape, (prior.rate + p) / (prior.rate + 1.0))
    assert posterior.quantile(q) == pytest.approx(documented + unseen.ppf(q), abs=1.0)  # an edge may round either way
    numbers = documented + np.arange(60.0)
    assert posterior.probabilities(numbers) == pytest.approx(unseen.pmf(np.arange(60)), abs=1e-12)
    assert [posterior.below(number) for number in numbers] == pytest.approx(unseen.cdf(np.arange(60)), abs=1e-10)


@settings(max_examples=40, deadline=None)
@given(counts, chances, chances, priors)
def test_more_reports_or_a_smaller_chance_mean_more_transfers(documented, one, other, prior):
    low, high = sorted((one, other))
    for name in ("expected_quantile", "quantile"):
        for q in (0.025, 0.5, 0.975):
            fewer = getattr(Posterior(documented, known(high), prior), name)(q)
            assert getattr(Posterior(documented + 1, known(high), prior), name)(q) >= fewer
            assert getattr(Posterior(documented, known(low), prior), name)(q) >= fewer * (1.0 - 1e-9)


def by_importance(transfers, documented, k, prior, draws=200_000, seed=5):
    """Quantiles of m and of what took place by random numbers: another way from the same model, without any grid.

    mu, the overdispersion and the chance of a deployment are drawn from their priors, and weighted by likelihoods.
    """
    rng = np.random.default_rng(seed)
    total, hits = transfers.sum(), documented.sum()
    mean = rng.beta(0.5 + 0.4 * hits, 0.5 + 0.4 * (total - hits), draws)  # near the posterior, but wider
    spread = np.maximum(1e-6, rng.uniform(0.0, 0.75, draws) ** 2)  # as its prior has it; SciPy has digits from 1e-6 on
    log_weight = stats.beta.logpdf(mean, 0.5, 0.5) - stats.beta.logpdf(
        mean, 0.5 + 0.4 * hits, 0.5 + 0.4 * (total - hits)
    )
    alpha = 1.0 / spread
    beta = alpha * (1.0 - mean) / mean
    for n, d in zip(transfers, documented, strict=True):
        log_weight += stats.betabinom.logpmf(d, n, alpha, beta)
    p = rng.beta(alpha, beta)
    log_weight += k * np.log(p) - (prior.shape + k) * np.log(prior.rate + p)
    weight = np.exp(log_weight - log_weight.max())
    m = rng.gamma(prior.shape + k, 1.0 / (prior.rate + p))
    number = k + rng.poisson(m * (1.0 - p))
    return m, number, weight / weight.sum()


@pytest.mark.parametrize(("k", "prior"), [(3, Prior()), (0, Prior(2.0, 0.1))])
def test_an_estimated_chance_gives_what_weighted_random_numbers_give(k, prior):
    transfers, documented = made_up(np.random.default_rng(3), replications=20)
    posterior = Posterior(k, chance_of(transfers, documented), prior)
    m, number, weight = by_importance(transfers, documented, k, prior)
    for q in (0.025, 0.25, 0.5, 0.75, 0.975):
        at = posterior.quantile(q)
        for below, expected in ((m <= posterior.expected_quantile(q), q), (number <= at, posterior.below(at))):
            error = float(np.sqrt(np.sum((weight * (below - expected)) ** 2)))
            assert error < 0.003
            assert abs(float(weight[below].sum()) - expected) < 4.0 * error


def test_a_chance_that_is_estimated_gives_a_wider_interval_than_one_that_is_known():
    rng = np.random.default_rng(11)
    widths = {}
    for name, replications, alpha in (("few", 10, 8.0), ("many", 2000, 8.0), ("no luck", 2000, 1e6)):
        posterior = Posterior(3, chance_of(*made_up(rng, replications, alpha=alpha)), Prior())
        low, high = interval_of(posterior.expected_quantile, 0.95)
        widths[name] = np.log(high / low)
    low, high = interval_of(Posterior(3, known(0.2), Prior()).expected_quantile, 0.95)
    widths["known"] = np.log(high / low)
    assert widths["few"] > widths["many"] > widths["no luck"] > widths["known"]
    assert widths["no luck"] == pytest.approx(widths["known"], rel=0.01)


def test_what_widens_the_interval_adds_up_to_the_variance_of_the_logarithm():
    posterior = Posterior(3, chance_of(*made_up(np.random.default_rng(2), 30)), Prior())
    q = (np.arange(4000) + 0.5) / 4000
    logs = np.log([posterior.expected_quantile(one) for one in q[::10]])
    causes = {cause.name: cause.variance for cause in causes_of(posterior)}
    assert sum(causes.values()) == pytest.approx(np.var(logs), rel=0.02)
    assert causes["counting"] == pytest.approx(counting(posterior)) == pytest.approx(float(stats.loggamma.var(3.5)))
    assert causes["luck"] > causes["simulation"] > 0.0


def test_a_run_that_documented_nothing_bounds_nothing_unless_the_prior_does():
    transfers, nothing = np.full(40, 22.0), np.zeros(40)
    posterior = Posterior(3, chance_of(transfers, nothing), Prior())
    assert not posterior.is_bounded
    assert posterior.quantile(0.975) == posterior.expected_quantile(0.975) == np.inf
    believed = Posterior(3, chance_of(transfers, nothing), Prior(3.0, 0.1))
    assert believed.is_bounded
    assert 30.0 < believed.expected_quantile(0.975) < stats.gamma(6.0, scale=10.0).ppf(0.975) + 1e-9


@pytest.mark.parametrize(
    ("transfers", "documented"),
    [
        ([5, 5], [1, 0]),
        ([22] * 40, [0] * 39 + [1]),
        ([5, 5], [5, 5]),
        ([0, 7], [0, 2]),
        ([100000, 100000], [20000, 21000]),
    ],
)
def test_runs_at_the_edge_give_distributions(transfers, documented):
    chance = chance_of(np.array(transfers, float), np.array(documented, float))
    assert chance.weight.sum() == pytest.approx(1.0)
    assert chance.parts.sum() == pytest.approx(1.0)
    assert np.all(chance.weight >= 0.0)
    low, high = chance.interval(0.95)
    assert 0.0 < low < chance.mean < high <= 1.0
    posterior = Posterior(2, chance, Prior())
    low, high = interval_of(posterior.quantile, 0.95)
    assert 2.0 <= low <= high < np.inf
    assert posterior.below(high) >= 0.975 > posterior.below(high - 1.0)


def test_chances_that_differ_more_than_the_model_allows_are_found():
    half = chance_of(np.full(40, 22.0), np.array([0.0] * 20 + [8.0] * 20))
    assert half.misfit
    assert not chance_of(*made_up(np.random.default_rng(4), 200, alpha=2.0)).misfit


@settings(max_examples=30, deadline=None)
@given(st.floats(0.02, 0.9))
def test_twice_the_period_without_a_report_halves_the_bound_on_the_rate(p):
    bound = bound_of(Posterior(0, known(p), Prior()), 0.95)
    assert bound.longer == pytest.approx(2.0, rel=1e-5)
    assert bound.expected == pytest.approx(float(stats.gamma(0.5, scale=1.0 / p).ppf(0.95)))
    if bound.most > 0.0:
        thorough = Posterior(0, known(1.0 - (1.0 - p) ** bound.denser), Prior())
        assert thorough.quantile(0.95) <= bound.half
    with_rate = bound_of(Posterior(0, known(p), Prior(0.5, 0.3)), 0.95)
    assert with_rate.longer == pytest.approx(2.0 + 0.3 / p, rel=1e-5)  # (b + x p) / (b + p) = 2


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.floats(0.1, 0.95)), min_size=1, max_size=3), st.floats(0.0, 3.0))
def test_the_sum_of_parts_is_that_of_independent_numbers(parts, rate):
    posteriors = [Posterior(k, known(p), Prior(1.0, rate)) for k, p in parts]
    whole, numbers = Sum(posteriors, 0.95), np.arange(800.0)
    total = np.ones(1)
    for one in posteriors:
        total = np.convolve(total, one.probabilities(numbers))[:800]
    for q in (0.025, 0.5, 0.975):
        assert whole.quantile(q) == pytest.approx(np.searchsorted(np.cumsum(total), q), abs=1.0)
    assert whole.mean == pytest.approx(float(np.sum(total * numbers)), rel=1e-4)


def test_however_the_prior_is_divided_that_of_the_total_is_the_same():
    parts = [Posterior(0, known(P), Prior(2.0, 0.5).split(4))] * 4  # all with one chance: as if they were not divided
    whole = Posterior(0, known(P), Prior(2.0, 0.5))
    for q in (0.1, 0.5, 0.9, 0.99):
        assert Sum(parts, 0.95).quantile(q) == whole.quantile(q)
    assert Sum(parts, 0.95).mean == pytest.approx(whole.mean)


def test_parts_whose_luck_goes_together_are_found():
    rng = np.random.default_rng(8)
    p = rng.beta(3.0, 9.0, 400)
    transfers = rng.poisson(20.0, (2, 400)).astype(float)
    together = rng.binomial(transfers.astype(int), p).astype(float)
    assert luck_correlation(transfers, together) > 0.3
    apart = rng.binomial(transfers.astype(int), 0.25).astype(float)
    assert abs(luck_correlation(transfers, apart)) < 4.0 / 20.0


def test_of_points_the_posterior_is_a_mixture_weighted_by_the_probability_of_the_reports():
    counts = [made_up(np.random.default_rng(seed), 40, mean=mean) for seed, mean in ((1, 0.1), (2, 0.4))]
    factor = FactorLevels("chance", ["low", "high"])
    points = Points.of([factor], counts, 3, Prior(2.0, 0.1), sampled=False)
    whole = Posterior(3, points.chance, Prior(2.0, 0.1))
    alone = [Posterior(3, chance_of(*one), Prior(2.0, 0.1)) for one in counts]
    assert points.weight.sum() == pytest.approx(1.0)
    for number in (3.0, 10.0, 30.0):
        mixture = sum(weight * one.below(number) for weight, one in zip(points.weight, alone, strict=True))
        assert whole.below(number) == pytest.approx(float(mixture))
    # The evidence of a point by hand: the mean over p of the negative binomial probability of the reports.
    chances = [np.sum(one.chance.weight * stats.nbinom(2.0, 0.1 / (0.1 + one.chance.p)).pmf(3)) for one in alone]
    assert points.weight == pytest.approx(np.array(chances) / sum(chances))


def test_what_each_figure_adds_is_found_where_the_truth_is_known():
    """The logarithm of the chance is linear in one figure, has a step in another, and does not depend on a third."""
    rng = np.random.default_rng(17)
    x, step, idle = rng.uniform(size=96), np.arange(96) % 2, rng.uniform(size=96)
    mean = 0.12 * np.exp(1.2 * x + 0.5 * step)
    counts = [made_up(rng, 100, alpha=40.0, mean=one) for one in mean]
    factors = [
        FactorLevels("x", list(x), True),
        FactorLevels("step", list(step)),
        FactorLevels("idle", list(idle), True),
    ]
    points = Points.of(factors, counts, 3, Prior(), sampled=True)
    found = {cause.name: cause.variance for cause in points.causes}
    assert found["x"] == pytest.approx(1.44 * np.var(x), rel=0.12)
    assert found["step"] == pytest.approx(0.25 / 4.0, rel=0.2)
    assert found["idle"] < 0.004
    assert found["interactions"] < 0.006
    whole = Posterior(3, points.chance, Prior())
    edges = np.linspace(*(np.log(whole.expected_quantile(q)) for q in (1e-6, 1.0 - 1e-6)), 201)
    mass = np.diff([whole.expected_below(number) for number in np.exp(edges)])
    logs = (edges[1:] + edges[:-1]) / 2.0
    assert sum(found.values()) == pytest.approx(np.sum(mass * logs**2) - np.sum(mass * logs) ** 2, rel=0.03)


def test_the_truth_has_a_uniform_rank_in_its_posterior_and_intervals_hold_it():
    """A few of the deployments of `tools.inference_ranks`; the long tests make many, of every kind."""
    (expected, number) = figures("one deployment", 150, seed=3)
    assert (expected.quantity, number.quantity) == ("expected number", "took place")
    for row in (expected, number):
        assert row.uniform > 1e-4
        assert row.covered > 0.95 - 4.0 * (0.05 * 0.95 / 150) ** 0.5


def test_the_error_of_the_simulation_is_that_of_replications_drawn_again_and_the_luck_that_of_the_truth():
    """Bootstrap by replication, with the beta distribution of the moments of each draw; the prior weighs by p^-1/2."""
    rng = np.random.default_rng(21)
    transfers, documented = made_up(rng, 200, alpha=4.0)
    posterior = Posterior(3, chance_of(transfers, documented), Prior())
    again = rng.integers(200, size=(4000, 200))
    n, d = transfers[again], documented[again]
    mean = d.sum(axis=1) / n.sum(axis=1)
    squares = np.sum((d - mean[:, None] * n) ** 2, axis=1) / (mean * (1.0 - mean))
    share = (squares - n.sum(axis=1)) / np.sum(n * (n - 1.0), axis=1)  # of the variance that transfers have in common
    alpha, beta = mean * (1.0 / share - 1.0), (1.0 - mean) * (1.0 / share - 1.0)
    logs = digamma(alpha - 0.5) - digamma(alpha + beta - 0.5)
    assert moments_of(posterior).simulation == pytest.approx(np.var(logs), rel=0.3)
    p = rng.beta(4.0, 16.0, 100_000)
    weight = p**-0.5 / np.sum(p**-0.5)
    truth = np.sum(weight * np.log(p) ** 2) - np.sum(weight * np.log(p)) ** 2
    assert moments_of(posterior).luck == pytest.approx(truth, rel=0.35)
