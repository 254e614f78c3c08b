"""Formulas of confidence intervals, as `sim.study.estimates` uses them: the bounds, and what they assume.

Three things make the intervals of a simulation of rare events differ from textbook ones, and each has its answer here:

* What was never seen has a bound. A Poisson mean of which nothing was counted is at most `poisson_upper_limit`.
* What was seen a few times is skew. `overdispersed` takes a sum of events for a Poisson number of events of one typical
  size, which the replications themselves show.
* What can go both ways, as a difference can, is the rare increase less the rare decrease. `both_ways` gives each a
  bound of its own, and `combined` joins the bounds.

Coverage, measured over made-up studies with known truth, is in `docs/methods/intervals.md`.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats

Interval = tuple[float, float]
"""The lower and the upper bound."""

_FEWEST_EVENTS = 1e-12  # a shape of 0 has no gamma distribution
_FREEDOM_OF_NONE = 3  # degrees of freedom of the size of events before any event is seen
_ROUNDING = 1e-26  # the size of an event, as a share of the total, below which it is an error of rounding


def product_sum(a: Floats, b: Floats) -> float:
    """The sum of products of two arrays (n,), the same on every processor, as a product of vectors by BLAS is not."""
    return float(np.sum(a * b))


@lru_cache(maxsize=1024)
def student_quantile(level: float, freedom: float) -> float:
    """The two-sided quantile of Student's t distribution for a confidence level and degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0))


@lru_cache(maxsize=1024)
def normal_quantile(level: float) -> float:
    """The two-sided quantile of the standard normal distribution for a confidence level."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2.0))


def jackknife_error(left_out: Floats) -> float:
    """The standard error of a figure by its values where one of n replications is left out, (n,) (Tukey 1958)."""
    count = left_out.size
    return float(np.sqrt((count - 1) / count * np.sum((left_out - left_out.mean()) ** 2)))


def poisson_upper_limit(level: float) -> float:
    """Exact upper limit of a Poisson mean when the count is 0, for a two-sided level (Garwood, Biometrika 28, 1936).

    The limit m solves exp(-m) = (1 - level) / 2: a larger mean would give a count of 0 with less than that probability.
    """
    return float(-np.log((1.0 - level) / 2.0))


def wilson(p: float, n: float, z: float) -> Interval:
    """Wilson's score interval of a proportion p of n trials: z standard errors to each side (Wilson, JASA 22, 1927)."""
    middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n)
    half = z / (1.0 + z * z / n) * np.sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n))
    # At p = 0 and p = 1 one end is exactly p; rounding must not move it.
    return (0.0 if p == 0.0 else float(max(0.0, middle - half))), (1.0 if p == 1.0 else float(min(1.0, middle + half)))


def clopper_pearson(hits: int, trials: int, level: float) -> Interval:
    """Exact interval of a proportion of independent trials (Clopper and Pearson, Biometrika 26, 1934).

    It holds the true proportion at least as often as the level says, and more often where few outcomes are possible.
    """
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1.0 - tail)) if hits < trials else 1.0
    return low, high


class Event(NamedTuple):
    """What is known beforehand of the events that add up to an amount."""

    unseen: float
    """The size of an event that no replication shows, in the unit of the amount."""
    sizes_differ: bool
    """Whether the events differ in size, as hours do; each count is one."""

    def at_least(self, size: float) -> "Event":
        """Return the same, except that an event which no replication shows has at least this size."""
        return self._replace(unseen=max(self.unseen, size))


class Part(NamedTuple):
    """A sum of amounts of one sign over a sum of exposures, with its bounds."""

    value: float
    low: float
    high: float
    influence: Floats
    """The influence of each replication on the value, (R,): the error of the value is their mean, to first order."""
    event: float
    """The size of a typical event, 0 where no amount is above 0."""


def effective_number(exposures: Floats) -> float:
    """How many replications of equal exposure tell as much as these, (R,) (Kish, Survey Sampling, 1965, 11.7)."""
    return float(exposures.sum() ** 2 / product_sum(exposures, exposures))


def overdispersed(amounts: Floats, exposures: Floats, level: float, event: Event, freedom: float | None = None) -> Part:
    """The mean of amounts that are never below 0, as that of an overdispersed Poisson number of events.

    `amounts` and `exposures` have one number for each replication, (R,). Their sums are T and N, and V is the variance
    of T by the residuals of the delta method (Cochran, Sampling Techniques, 3rd ed., 1977, eq. 6.13). T counts as T / D
    Poisson events of the size D = V / T, for such events have the variance that was seen (McCullagh and Nelder,
    Generalized Linear Models, 2nd ed., 1989, section 6.2). Their number has Garwood's interval (Biometrika 28, 1936).
    V comes from R replications; so D is multiplied by (t / z)^2, as Korn and Graubard do with an effective sample size
    (Survey Methodology 24, 1998). The bounds approach those of Student's t as the events become many.

    t has R - 1 degrees of freedom, or `freedom`. Where events differ in size, the few replications that have any tell
    what that size is: with k of them t has at most k + 3 degrees of freedom, a number that was chosen by the coverage.
    Where no amount is above 0, an event is taken to have the size `event.unseen`.
    """
    from scipy.special import gammaincinv

    count, total, exposure = amounts.size, float(amounts.sum()), float(exposures.sum())
    if total == 0.0:
        return Part(0.0, 0.0, event.unseen * poisson_upper_limit(level) / exposure, np.zeros(count), 0.0)
    value = total / exposure
    residuals = amounts - value * exposures
    influence = residuals * (count / exposure)
    freedom = count - 1.0 if freedom is None else freedom
    size = product_sum(residuals, residuals) * (freedom + 1.0) / freedom / total
    if size < total * _ROUNDING:  # there is no spread
        return Part(value, value, value, influence, 0.0)
    if event.sizes_differ:
        freedom = min(freedom, float(np.count_nonzero(amounts)) + _FREEDOM_OF_NONE)
    size *= (student_quantile(level, freedom) / normal_quantile(level)) ** 2
    events, tail = total / size, (1.0 - level) / 2.0
    low = float(gammaincinv(max(events, _FEWEST_EVENTS), tail)) * size / exposure
    high = float(gammaincinv(events + 1.0, 1.0 - tail)) * size / exposure
    return Part(value, min(low, value), max(high, value), influence, size)


def both_ways(
    amounts: Floats, exposures: Floats, level: float, event: Event, freedom: float | None = None
) -> tuple[Part, Part]:
    """The parts of signed amounts above and below 0, each with its bounds; the second has its sign turned.

    If events of one sign only were seen, those of the other are taken to be as large, and at least `event.unseen`.
    """
    above = overdispersed(np.maximum(amounts, 0.0), exposures, level, event, freedom)
    below = overdispersed(np.maximum(-amounts, 0.0), exposures, level, event.at_least(above.event), freedom)
    if above.value == 0.0:
        above = overdispersed(np.zeros_like(amounts), exposures, level, event.at_least(below.event), freedom)
    return above, below


def _correlation(a: Floats, b: Floats) -> float:
    """The correlation of two kinds of influences, (R,) each; 0 where one of them does not vary."""
    scale = float(np.sqrt(product_sum(a, a) * product_sum(b, b)))
    return product_sum(a, b) / scale if scale > 0.0 else 0.0


def combined(value: float, above: Part, below: Part, rest: Floats, level: float) -> Interval:
    """The interval of `value`, whose error is that of the part above, less that of the part below, and the rest.

    Each bound is as far from the value as the root of the sum of squares of the distances of the parts' bounds, with
    their correlations: the method of variance estimates recovery (Zou and Donner, Statistics in Medicine 27, 2008).
    `rest` are the influences, (R,), of all else; their mean has Student's t interval.
    """
    count = rest.size
    error = student_quantile(level, count - 1) * float(np.sqrt(product_sum(rest, rest) / (count * (count - 1))))
    parts = _correlation(above.influence, below.influence)
    with_above = _correlation(above.influence, rest) if error > 0.0 else 0.0
    with_below = _correlation(below.influence, rest) if error > 0.0 else 0.0

    def distance(a: float, b: float) -> float:
        square = a * a + b * b + error * error - 2.0 * parts * a * b
        return float(np.sqrt(max(0.0, square + 2.0 * error * (with_above * a - with_below * b))))

    low = distance(above.value - above.low, below.high - below.value)
    high = distance(above.high - above.value, below.value - below.low)
    return value - low, value + high
