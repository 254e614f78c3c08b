"""How many transfers took place, given two lists of them: what a patrol documented, and what an observer reported.

K transfers were documented, N reported by the observer, and M are on both lists. With m the expected number of
transfers, the numbers in the cells of the table (documented and reported, only documented, only reported) are
independent Poisson numbers with means m pi_c. A gamma distribution with shape a and rate b is believed of m beforehand.
So with s = K + N - M transfers that are known and pi = the sum of the pi_c,

    m given pi_c and the lists is gamma with shape a + s and rate b + pi,
    and the weight of the chances is multiplied by the product of pi_c^x_c over (b + pi)^(a + s).

The chances of the cells are p q1, p (1 - q1) and (1 - p) q0: p that a transfer is documented, q1 and q0 that the
observer reports one that was, and one that was not. So nothing takes the two for independent: night, fog and the length
of a transfer make q1 and q0 differ. Each of the three has the distribution of `sim.study.infer.chances`, with the luck
of a deployment and the error of the simulation; that the luck of one tells nothing of that of the others is an
assumption. q1 drops out where M is known, and the rest is a finite mixture over the nodes of p and q0.

Where M is not known, because the lists are not shared, every M is possible: the posterior is the mixture over them all,
weighted by the probability of K, N and that M.

Nobody knows the chances of a real sea. `unknown_posterior` takes from the simulation only how dependent the two are,
the ratio of the odds of q1 to those of q0, and for p and q0 the priors Beta(1/2, 1/2) of Jeffreys. Then the probability
that more than x transfers took place falls as x^-(M + 1 - a): without a transfer that is on both lists hardly at all.
So the number is said to have no bound unless M is 1 or more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.deployment.totals import chapman_estimate
from sim.study.infer.chances import Chance, chance_of
from sim.study.infer.posterior import Posterior, Prior, least_number
from sim.study.intervals import jackknife_error, normal_quantile

_EACH = 3  # of the nodes of a chance one of so many is used: there are two chances, and the nodes lie dense
_NEGLIGIBLE = 1e-12  # a weight below it changes no figure that is printed
_NEXT_TO_NOTHING = 1e-10  # a chance of being seen by anybody, below which a weight would leave the number without bound
_AT_THE_END = 1e-8  # the weight there, as a share of the greatest, from which on nothing bounds the number
_FAR_LOGIT, _UNKNOWN = 30.0, 481  # the reach and the number of nodes of a chance that is not known
_ODDS = 3  # nodes of the odds ratio
_ARCSINE = 200  # nodes of a chance of which the replications tell nothing


class Lists(NamedTuple):
    """What two lists hold."""

    documented: int
    """How many transfers were documented."""
    reported: int
    """How many the observer reported."""
    both: int | None
    """How many of them are on both lists; None where nobody matched them."""

    @property
    def known(self) -> int | None:
        """How many different transfers the lists hold; None where nobody matched them."""
        return None if self.both is None else self.documented + self.reported - self.both

    @property
    def overlaps(self) -> range:
        """How many may be on both."""
        if self.both is not None:
            return range(self.both, self.both + 1)
        return range(min(self.documented, self.reported) + 1)


class Chapman(NamedTuple):
    """The number of transfers by Chapman's estimator, which takes the two lists for independent."""

    value: float
    variance: float
    low: float | None
    """None, as is `high`, where all transfers of one list are on the other, too: the variance is 0 then."""
    high: float | None


def chapman(lists: Lists, level: float) -> Chapman:
    """Chapman's estimator of two lists that are matched, its variance and its interval.

    The estimator and its variance: Chapman, University of California Publications in Statistics 1, 1951; Seber,
    Biometrika 57, 1970. The interval is that of a log-normal number of transfers that nobody saw (Chao, Biometrics 43,
    1987), so it never holds fewer than were seen; there is none where the variance is 0. ValueError
    where nobody matched the lists.
    """
    one, two, both, known = lists.documented, lists.reported, lists.both, lists.known
    if both is None or known is None:
        raise ValueError("Chapman's estimator needs the number on both lists")
    value = chapman_estimate(one, two, both)
    variance = (one + 1.0) * (two + 1.0) * (one - both) * (two - both) / ((both + 1.0) ** 2 * (both + 2.0))
    unseen = value - known
    if unseen <= 0.0:
        return Chapman(value, variance, None, None)
    spread = np.exp(normal_quantile(level) * np.sqrt(np.log1p(variance / unseen**2)))
    return Chapman(value, variance, float(known + unseen / spread), float(known + unseen * spread))


@dataclass(frozen=True)
class JointChance:
    """The chances of the cells in one deployment."""

    documented: Chance
    """The chance that a transfer is documented: p."""
    reported: Chance
    """The chance that the observer reports a transfer, whoever else saw it."""
    when_documented: Chance
    """The chance that the observer reports a transfer that was documented: q1."""
    otherwise: Chance
    """The chance that the observer reports a transfer that was not documented: q0."""


def joint_chance(transfers: Floats, documented: Floats, reported: Floats, both: Floats) -> JointChance:
    """The chances of the cells by the totals of each replication, (R,) each.

    ValueError where no replication has a transfer, or where more are in a part than in the whole.
    """
    return JointChance(
        chance_of(transfers, documented),
        chance_of(transfers, reported),
        _chance_or_unknown(documented, both),
        _chance_or_unknown(transfers - documented, reported - both),
    )


def _chance_or_unknown(trials: Floats, hits: Floats) -> Chance:
    """The chance by trials and hits; where there was no trial the prior of Jeffreys, an arcsine distribution."""
    if trials.sum() > 0.0:
        return chance_of(trials, hits)
    quantiles = (np.arange(_ARCSINE) + 0.5) / _ARCSINE
    return Chance(np.sin(0.5 * np.pi * quantiles) ** 2, np.full(_ARCSINE, 1.0 / _ARCSINE))


@dataclass(frozen=True)
class ListPosterior(Posterior):
    """The posterior of the number of transfers, where `documented` is how many different ones the lists hold.

    Its chance is that somebody saw a transfer; the weights of its nodes hold the probability of the lists.
    """

    vanishing: tuple[bool, bool] = (True, True)
    """Whether the weight at a chance next to nothing vanishes, and whether it does divided by that chance."""

    def _vanishes(self, power: float) -> bool:
        return self.prior.is_proper or self.vanishing[0 if power == 0.0 else 1]


@dataclass(frozen=True)
class Mixture:
    """The posterior of the number of transfers where it is not known how many are on both lists."""

    parts: Sequence[Posterior]
    """For each number on both lists that is possible, the posterior with it."""
    weight: Floats
    """The probability of each, (n,); they add up to 1."""

    @property
    def is_bounded(self) -> bool:
        """Whether the replications and the prior together bound the number from above."""
        return all(part.is_bounded for part in self.parts)

    @cached_property
    def mean(self) -> float | None:
        """The mean of the number that took place; None where there is none."""
        means = [part.mean for part in self.parts]
        if any(mean is None for mean in means):
            return None
        return float(np.sum(self.weight * np.array(means, float)))

    def below(self, number: float) -> float:
        """The probability that at most so many transfers took place."""
        return float(np.sum(self.weight * np.array([part.below(number) for part in self.parts])))

    def quantile(self, q: float) -> float:
        """The least whole number of which at most so many took place with probability q or more; it may be infinite."""
        if not self.is_bounded:
            return float("inf")
        return least_number(self.below, q)


def list_posterior(lists: Lists, joint: JointChance, prior: Prior) -> Mixture:
    """The posterior after two lists; a mixture of one part where it is known how many are on both."""
    grid = _Grid.of_scenario(joint)
    return _mixture([_with_overlap(lists._replace(both=both), grid, prior) for both in lists.overlaps])


def unknown_posterior(lists: Lists, log_odds: tuple[float, float], prior: Prior) -> Mixture:
    """The posterior after two lists where the chances are not known, only how dependent they are.

    `log_odds`: the logarithm of the ratio of the odds of q1 to those of q0, and its standard error, as `log_odds_ratio`
    gives them.
    """
    grid, found = _Grid.of_nothing(*log_odds), []
    for both in lists.overlaps:
        part, log_evidence = _with_overlap(lists._replace(both=both), grid, prior)
        vanishing = both >= 1 and both + 1.0 > prior.shape, both > prior.shape
        found.append((ListPosterior(part.documented, part.chance, prior, vanishing), log_evidence))
    return _mixture(found)


def log_odds_ratio(transfers: Floats, documented: Floats, reported: Floats, both: Floats) -> tuple[float, float]:
    """The logarithm of the ratio of the odds of q1 to those of q0, and its standard error, by replications, (R,) each.

    One half is added to the number in each cell, so that none is 0 (Haldane, Annals of Human Genetics 20, 1956), and
    the error is that of the jackknife over replications.
    """
    cells = np.stack([both, documented - both, reported - both, transfers - documented - reported + both])
    sums = cells.sum(axis=1, keepdims=True)
    signs = np.array([1.0, -1.0, -1.0, 1.0])[:, None]
    value, left_out = (np.sum(signs * np.log(counts + 0.5), axis=0) for counts in (sums, sums - cells))
    return float(value[0]), jackknife_error(left_out)


def _mixture(found: Sequence[tuple[ListPosterior, float]]) -> Mixture:
    """A mixture of posteriors by the logarithms of their weights."""
    from scipy.special import softmax

    parts, logs = zip(*found, strict=True)
    weight = np.asarray(softmax(np.array(logs)))
    kept = np.flatnonzero(weight > _NEGLIGIBLE)
    return Mixture([parts[place] for place in kept], weight[kept] / weight[kept].sum())


class _Grid(NamedTuple):
    """The chances of the cells at nodes."""

    p: Floats
    """The chance p that a transfer is documented, (j,)."""
    p_weight: Floats
    q0: Floats
    """The chance that the observer reports a transfer that was not documented, (k,)."""
    q0_weight: Floats
    q1: Floats
    """The chance that it reports one that was documented: (l,) where it is independent of q0, else (l, k)."""
    q1_weight: Floats
    """The weights of the nodes of q1, (l,)."""

    @classmethod
    def of_scenario(cls, joint: JointChance) -> "_Grid":
        """The nodes of chances that are taken from a simulation."""
        last = joint.when_documented
        return cls(*_nodes(joint.documented), *_nodes(joint.otherwise), last.p, last.weight)

    @classmethod
    def of_nothing(cls, log_odds: float, error: float) -> "_Grid":
        """The nodes of chances of which nothing is known but the odds ratio of q1 and q0."""
        logits = np.linspace(-_FAR_LOGIT, _FAR_LOGIT, _UNKNOWN)
        p = 1.0 / (1.0 + np.exp(-logits))
        weight = np.sqrt(p * (1.0 - p))  # the density of the logit of a chance whose prior is Beta(1/2, 1/2)
        weight /= weight.sum()
        x, x_weight = np.polynomial.hermite_e.hermegauss(_ODDS)
        q1 = 1.0 / (1.0 + np.exp(-(logits + log_odds + error * x[:, None])))
        return cls(p, weight, p, weight, q1, x_weight / x_weight.sum())

    def log_matched(self, both: int, only_first: int) -> Floats:
        """The logarithm of the probability that just so many of the documented are reported: (1,), or (k,)."""
        from scipy.special import xlog1py, xlogy

        logs = xlogy(both, self.q1) + xlog1py(only_first, -self.q1)
        chance = np.tensordot(self.q1_weight, np.exp(logs), axes=1)
        return np.asarray(np.log(np.maximum(np.atleast_1d(chance), 1e-300)))


def _with_overlap(lists: Lists, grid: _Grid, prior: Prior) -> tuple[ListPosterior, float]:
    """The posterior with a number that are on both lists, and the logarithm of the probability of the lists then."""
    from scipy.special import gammaln, xlog1py, xlogy

    both, known = lists.both or 0, lists.known or 0
    only_first, only_second = lists.documented - both, lists.reported - both
    p, q = grid.p, grid.q0
    seen = p[:, None] + (1.0 - p[:, None]) * q
    logs = np.log(grid.p_weight) + xlogy(lists.documented, p) + xlog1py(only_second, -p)
    of_q = np.log(grid.q0_weight) + xlogy(only_second, q) + grid.log_matched(both, only_first)
    logs = logs[:, None] + of_q
    after = logs - (prior.shape + known) * np.log(prior.rate + seen)  # by the reports as well
    top = float(after.max())
    weight = np.exp(after - top)
    vanishing = tuple(_vanishes(weight * seen**-power, seen) for power in (0.0, 1.0))
    kept = weight > _NEGLIGIBLE
    # `Posterior` multiplies the weights of its nodes by seen^known / (rate + seen)^(shape + known) itself.
    before = logs[kept] - known * np.log(seen[kept])
    nodes = np.exp(before - before.max())
    evidence = top + float(np.log(weight.sum())) + gammaln(prior.shape + known)
    evidence -= gammaln(both + 1.0) + gammaln(only_first + 1.0) + gammaln(only_second + 1.0)
    chance = Chance(seen[kept], nodes / nodes.sum())
    return ListPosterior(known, chance, prior, (vanishing[0], vanishing[1])), float(evidence)


def _vanishes(terms: Floats, seen: Floats) -> bool:
    """Whether terms are negligible where next to nothing is seen."""
    corner = seen < _NEXT_TO_NOTHING
    return not corner.any() or bool(terms[corner].max() <= _AT_THE_END * terms.max())


def _nodes(chance: Chance) -> tuple[Floats, Floats]:
    """Nodes of a chance and their weights, of which none is 0: fewer than it has, where it has many.

    The weights are those of the trapezoidal rule, so that of every third node is three times its weight.
    """
    p, weight = chance.p, chance.weight
    if chance.betas is not None:
        inner = np.arange(0, int(np.count_nonzero(p < 1.0)), _EACH)
        last = np.flatnonzero(p >= 1.0)
        p, weight = p[np.append(inner, last)], np.append(_EACH * weight[inner], weight[last])
    some = weight > 1e-300
    return p[some], weight[some] / weight[some].sum()
