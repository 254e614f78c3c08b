"""The posterior of how many transfers took place, given how many were documented.

Transfers are Poisson with mean m in the reported period, and each is documented with chance p. Of m a gamma
distribution is believed beforehand. For a known p and k documented, m is gamma with shape a + k and rate b + p, and
the number that nobody documented is negative binomial (for example Gelman and others, Bayesian Data Analysis, 3rd ed.,
2013, section 2.6). For a p that is known by nodes with weights f, the weight of a node becomes f p^k / (b + p)^(a +
k), so that both are finite mixtures. Their distribution functions are computed exactly and quantiles are found as
roots: no random number is drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.core.arrays import Floats
from sim.study.infer.chances import Chance

_AT_THE_END = 1e-5  # the density at the first node, as a share of the greatest, from which on it does not vanish there
_LEAST = 1e-300  # an expected number below it is 0 but for its logarithm


@dataclass(frozen=True)
class Prior:
    """What is believed beforehand of the expected number of transfers: a gamma distribution."""

    shape: float = 0.5
    rate: float = 0.0
    """The rate, per transfer; with 0 the prior is improper: it is that of Jeffreys with a shape of 1/2."""

    @property
    def is_proper(self) -> bool:
        """Whether it is a distribution that adds up to 1."""
        return self.rate > 0.0

    def split(self, parts: int) -> "Prior":
        """The prior of each of some parts whose sum has this prior."""
        return Prior(self.shape / parts, self.rate)


JEFFREYS = Prior()


@dataclass(frozen=True)
class Posterior:
    """What is believed of the number of transfers in the reported period, after `documented` of them were."""

    documented: int
    chance: Chance
    prior: Prior

    @property
    def shape(self) -> float:
        """The shape of the gamma distribution of the expected number."""
        return self.prior.shape + self.documented

    @property
    def rates(self) -> Floats:
        """The rates of these gamma distributions, by node, (j,)."""
        return self.prior.rate + self.chance.p

    @cached_property
    def _log_factors(self) -> Floats:
        """The logarithm of what the reports multiply the weight of each node by, (j,)."""
        return np.asarray(self.documented * np.log(self.chance.p) - self.shape * np.log(self.rates))

    @cached_property
    def _log_weight(self) -> Floats:
        """The logarithms of the weights of the nodes after the reports, not scaled, (j,)."""
        with np.errstate(divide="ignore"):  # a node may have the weight 0
            return np.asarray(np.log(self.chance.weight) + self._log_factors)

    @cached_property
    def log_evidence(self) -> float:
        """The logarithm of the probability of the reports, but for a term that the chance does not change."""
        from scipy.special import logsumexp

        return float(logsumexp(self._log_weight))

    @cached_property
    def weight(self) -> Floats:
        """The weights of the nodes after the reports, (j,), which add up to 1."""
        from scipy.special import softmax

        return np.asarray(softmax(self._log_weight))

    @cached_property
    def is_bounded(self) -> bool:
        """Whether the replications and the prior together bound the number from above."""
        return self._vanishes(0.0)

    def _vanishes(self, power: float) -> bool:
        """Whether the mean of p to the power of -`power` exists, as far as the nodes show it."""
        betas, prior = self.chance.betas, self.prior
        if betas is None or (prior.is_proper and power == 0.0):
            return True
        if not prior.is_proper:
            # Near 0 a mixture is like p^(alpha - 1), and its mean chance like mu^(hits - 1/2).
            least = prior.shape + power
            if self.chance.documented + 0.5 <= least or np.any(betas.alpha <= least):
                return False
        terms = self.weight * self.rates**-power
        return bool(terms[list(self.chance.starts)].max() <= _AT_THE_END * terms.max())

    # ------------------------------------------------------------------------------------------------ expected number
    @cached_property
    def expected_mean(self) -> float | None:
        """The mean of the expected number; None where there is none, because the chance may be next to nothing."""
        return self.shape * float(np.sum(self.weight / self.rates)) if self._vanishes(1.0) else None

    def expected_below(self, number: float) -> float:
        """The probability that the expected number is at most a number."""
        from scipy.special import gammainc

        return float(np.sum(self.weight * gammainc(self.shape, self.rates * max(0.0, number))))

    def expected_quantile(self, q: float) -> float:
        """The number that the expected number stays below with probability q; infinite where nothing bounds it."""
        from scipy.optimize import brentq
        from scipy.special import gammaincinv

        if not self.is_bounded:
            return float("inf")
        each = gammaincinv(self.shape, q) / self.rates[self.weight > 0.0]
        low, high = float(each.min()), float(each.max())
        if not low < high:
            return low

        def excess(log: float) -> float:
            return self.expected_below(float(np.exp(log))) - q

        ends = float(np.log(max(low, _LEAST))), float(np.log(high))
        if excess(ends[0]) >= 0.0:  # as where most of what is believed is nearer to 0 than numbers of a machine
            return low
        if excess(ends[1]) <= 0.0:  # by rounding, where one node has nearly all of the weight
            return high
        return float(np.exp(brentq(excess, *ends, xtol=1e-12)))

    # ------------------------------------------------------------------------------------------------ took place
    @cached_property
    def mean(self) -> float | None:
        """The mean of the number that took place; None where there is none."""
        if not self._vanishes(1.0):
            return None
        return self.documented + self.shape * float(np.sum(self.weight * (1.0 - self.chance.p) / self.rates))

    def below(self, number: float) -> float:
        """The probability that at most so many transfers took place."""
        from scipy.special import betainc

        unseen = np.floor(number) - self.documented
        if unseen < 0.0:
            return 0.0
        # A negative binomial number is at most u with the probability I_q(shape, u + 1), q being what ends it.
        ends = self.rates / (self.prior.rate + 1.0)
        return float(np.sum(self.weight * betainc(self.shape, unseen + 1.0, np.minimum(1.0, ends))))

    def quantile(self, q: float) -> float:
        """The least whole number of which at most so many took place with probability q or more; it may be infinite."""
        if not self.is_bounded:
            return float("inf")
        return least_number(self.below, q, self.documented)

    def probabilities(self, numbers: Floats) -> Floats:
        """The probability that just so many took place, for whole numbers, (n,)."""
        from scipy.special import gammaln, xlog1py

        unseen = np.asarray(numbers, float) - self.documented
        ends = np.minimum(1.0, self.rates / (self.prior.rate + 1.0))
        some = np.maximum(unseen, 0.0)[:, None]
        logs = gammaln(some + self.shape) - gammaln(self.shape) - gammaln(some + 1.0)
        logs = logs + self.shape * np.log(ends) + xlog1py(some, -ends)
        return np.where(unseen >= 0.0, np.sum(self.weight * np.exp(logs), axis=1), 0.0)


def least_number(below: Callable[[float], float], q: float, least: int = 0) -> float:
    """The least whole number, `least` or more, that is not exceeded with probability q or more.

    `below` gives the probability that a number is not exceeded; it is 0 below `least`.
    """
    low, high = least - 1, least + 1
    while below(high) < q:
        low, high = high, 2 * high + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if below(middle) >= q else (middle, high)
    return float(high)


def interval_of(quantile: Callable[[float], float], level: float) -> tuple[float, float]:
    """The interval with equal tails of a distribution, of which the quantiles are given as a function."""
    tail = (1.0 - level) / 2.0
    return quantile(tail), quantile(1.0 - tail)
