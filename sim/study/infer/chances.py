"""The chance that a transfer of one deployment is documented, as far as replications tell it.

The chance p differs from deployment to deployment, with weather and the luck of the flights, and its distribution is
known from R replications only. In replication i, d_i of n_i transfers were documented. The model is beta-binomial:

* p_i has a beta distribution with mean mu and shapes alpha and beta = alpha (1 - mu) / mu: the luck of a deployment.
* d_i given p_i is binomial. Transfers of one deployment that succeed together make p_i spread.
* mu has the prior Beta(1/2, 1/2) of Jeffreys. The overdispersion 1 / alpha is about the squared coefficient of
  variation of p, and its root is uniform between 0 and 0.75. That is an assumption. It leaves no density of p that is
  high near 0, so that a posterior with the prior of Jeffreys has a mean.

The posterior of mu and 1 / alpha is computed on a grid; so the chance in one more deployment is a mixture of beta
distributions (luck), weighted by what replications tell (error of the simulation).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats

_MEANS, _REACH = 61, 5.0  # points of the grid of mu, and its reach: both ends lie 74 standard errors away
_SPREADS = 33  # points of the grid of the overdispersion
_NODES = 601  # at which the density of the chance is known
_FURTHEST = 50.0  # logits from the centre to the last nodes, where a density that falls as the root of p is below 1e-10
_NEGLIGIBLE = 1e-8  # a weight below it changes no figure that is printed
_MOST_VARIATION = 0.75  # about the largest coefficient of variation of the chance [assumption]
_MISFIT = 3.0  # by which the log-likelihood rises with a spread that the model excludes
_WIDEST = 30.0  # the largest overdispersion that is looked at to find that
_LAST_LOGIT = 33.0  # nearer to 1 than that a chance has no digits left
_LARGE = 1000.0  # from which on Stirling's series has all digits


class Betas(NamedTuple):
    """A mixture of beta distributions."""

    alpha: Floats
    """The first shapes, (c,)."""
    beta: Floats
    """The second shapes, (c,)."""
    weight: Floats
    """Their weights, (c,), which add up to 1."""


@dataclass(frozen=True)
class Chance:
    """The distribution of the chance that a transfer of one deployment is documented, at nodes."""

    p: Floats
    """The nodes, (j,): chances above 0 and at most 1, rising."""
    weight: Floats
    """The weights of the nodes, (j,), which add up to 1."""
    betas: Betas | None = None
    """The mixture of which the nodes are; None where the chance is known."""
    documented: float = np.inf
    """How many transfers the replications documented together."""
    misfit: bool = False
    """Whether the chance differs more from deployment to deployment than the model allows."""
    starts: tuple[int, ...] = (0,)
    """Where the nodes of each point begin, of a mixture of points; nodes rise within a point only."""

    @property
    def mean(self) -> float:
        """The mean chance."""
        return float(np.sum(self.weight * self.p))

    def interval(self, level: float) -> tuple[float, float]:
        """The interval that holds the chance of one deployment with a probability, with equal tails."""
        if self.p.size == 1:
            return float(self.p[0]), float(self.p[0])
        logits = np.minimum(_LAST_LOGIT, np.log(self.p) - np.log1p(-np.minimum(self.p, 1.0 - 1e-16)))
        order = np.argsort(logits)
        logits, weight = logits[order], self.weight[order]
        below = np.cumsum(weight) - 0.5 * weight
        low, high = (1.0 / (1.0 + np.exp(-np.interp(q, below, logits))) for q in (_tail(level), 1.0 - _tail(level)))
        return float(low), float(high)

    @cached_property
    def parts(self) -> Floats:
        """The weight of each beta distribution at each node, (c, j); they add up to 1."""
        if self.betas is None:
            return self.weight[None, :]
        inner = self.p[self.p < 1.0]
        parts = np.zeros((self.betas.weight.size, self.p.size))
        parts[:, : inner.size] = _densities(self.betas, inner) * _steps(inner)
        parts[:, inner.size :] = np.maximum(0.0, self.betas.weight - parts.sum(axis=1))[:, None]
        return np.asarray(parts / parts.sum())


def _tail(level: float) -> float:
    return (1.0 - level) / 2.0


def known(p: float) -> Chance:
    """A chance that is known exactly, above 0 and at most 1; ValueError for another number."""
    if not 0.0 < p <= 1.0:
        raise ValueError(f"a chance is above 0 and at most 1, not {p}")
    return Chance(np.array([p]), np.ones(1))


def mixed(chances: Sequence[Chance]) -> Chance:
    """The chance where each of some points is as likely as any other to be the true one."""
    count = len(chances)
    betas = [one.betas for one in chances if one.betas is not None]
    starts = np.cumsum([0, *(one.p.size for one in chances)])
    return Chance(
        np.concatenate([one.p for one in chances]),
        np.concatenate([one.weight for one in chances]) / count,
        Betas(*(np.concatenate(parts) for parts in zip(*betas, strict=True))) if betas else None,
        min(one.documented for one in chances),
        any(one.misfit for one in chances),
        tuple(int(start) for start in starts[:-1]),
    )


def chance_of(transfers: Floats, documented: Floats) -> Chance:
    """The chance by the transfers of each replication and those that were documented, (R,) each.

    ValueError where no replication has a transfer, or one has more documented than transfers.
    """
    if not transfers.sum() > 0.0 or np.any(documented > transfers):
        raise ValueError("no more transfers are documented than there are, and there is at least one")
    some = transfers > 0.0
    counts = _Counts.of(transfers[some], documented[some])
    betas, misfit = _fitted(counts)
    return _at_nodes(betas, counts, misfit)


class _Counts(NamedTuple):
    """Replications by their transfers and those that were documented, each kind once."""

    transfers: Floats
    documented: Floats
    number: Floats
    """How many replications are of each kind."""

    @classmethod
    def of(cls, transfers: Floats, documented: Floats) -> "_Counts":
        kinds, number = np.unique(np.column_stack([transfers, documented]), axis=0, return_counts=True)
        return cls(kinds[:, 0], kinds[:, 1], number.astype(float))

    def tally(self, column: int) -> tuple[Floats, Floats]:
        """Each size of transfers (0), documented (1) or others (2), and how many replications have it."""
        values = (self.transfers, self.documented, self.transfers - self.documented)[column]
        sizes, inverse = np.unique(values, return_inverse=True)
        return sizes, np.bincount(inverse, self.number).astype(float)

    @property
    def hits(self) -> float:
        return float(np.sum(self.number * self.documented))

    @property
    def misses(self) -> float:
        return float(np.sum(self.number * self.transfers)) - self.hits

    @property
    def centre(self) -> float:
        """The logit of the pooled chance."""
        return float(np.log((self.hits + 0.5) / (self.misses + 0.5)))

    def error(self, overdispersion: Floats | float) -> Floats:
        """About the standard error of the logit of mu for values of the overdispersion."""
        binomial = 1.0 / (self.hits + 0.5) + 1.0 / (self.misses + 0.5)
        return np.asarray(np.sqrt(binomial + np.asarray(overdispersion) / self.number.sum()))


def _grid_of_means(counts: _Counts, spreads: Floats) -> tuple[Floats, Floats]:
    """Logits of mu for each overdispersion, (s, m), and the length of logits that each stands for."""
    x = np.linspace(-_REACH, _REACH, _MEANS)
    scale = counts.error(spreads)[:, None]
    return counts.centre + scale * np.sinh(x), scale * np.cosh(x) * (x[1] - x[0])


def _log_rising(x: Floats, by: Floats | float) -> Floats:
    """The logarithm of gamma(x + by) / gamma(x), without loss of digits where x is large."""
    from scipy.special import gammaln

    small = np.minimum(x, _LARGE)
    exact = gammaln(small + by) - gammaln(small)
    large = np.maximum(x, _LARGE)
    above = large + by
    series = (large - 0.5) * np.log1p(by / large) + by * np.log(above) - by + (1.0 / above - 1.0 / large) / 12.0
    return np.asarray(np.where(x < _LARGE, exact, series))


def _log_weights(counts: _Counts, spreads: Floats) -> tuple[Floats, Floats, Floats]:
    """The first and second shapes on the grid, (s, m) each, and the logarithms of likelihood times prior times cell.

    The prior of the overdispersion is not in it.
    """
    logits, lengths = _grid_of_means(counts, spreads)
    alpha = np.broadcast_to(1.0 / spreads[:, None], logits.shape)
    beta = alpha * np.exp(-logits)
    total = 0.5 * (-np.logaddexp(0.0, -logits) - np.logaddexp(0.0, logits)) + np.log(lengths)
    for column, shape, sign in ((0, alpha + beta, -1.0), (1, alpha[:, :1], 1.0), (2, beta, 1.0)):
        sizes, number = counts.tally(column)
        for size, times in zip(sizes, number, strict=True):
            total = total + sign * times * _log_rising(shape, size)
    return alpha, beta, total


def _log_sum(values: Floats) -> Floats:
    """The logarithms of the sums of exponentials along the last axis."""
    top = values.max(axis=-1)
    return np.asarray(top + np.log(np.sum(np.exp(values - top[..., None]), axis=-1)))


def _fitted(counts: _Counts) -> tuple[Betas, bool]:
    """The mixture of betas that the replications leave, and whether they contradict the model.

    The least overdispersion stands for all that are less: its luck is small beside the error of the simulation, and
    its beta distributions are just as wide as the grid of mu is fine.
    """
    least = min(0.25, float((2.0 * _REACH / (_MEANS - 1) * counts.error(0.0)) ** 2))
    spreads = np.geomspace(least, _WIDEST, _SPREADS)
    marginal = _log_sum(_log_weights(counts, spreads)[2])
    most = _MOST_VARIATION**2
    inside = spreads <= most
    misfit = bool(marginal[~inside].max() > marginal[inside].max() + _MISFIT)
    with_prior = marginal + 0.5 * np.log(spreads)
    held = np.flatnonzero(inside & (with_prior > with_prior[inside].max() + np.log(_NEGLIGIBLE)))
    low, high = spreads[max(0, held[0] - 1)], min(most, spreads[min(held[-1] + 1, spreads.size - 1)])
    spreads, widths = _cells_between(low, high, low == least)
    alpha, beta, total = _log_weights(counts, spreads)
    total = total + np.log(widths)[:, None]
    weight = np.exp(total - total.max())
    kept = weight > _NEGLIGIBLE
    return Betas(alpha[kept], beta[kept], weight[kept] / weight[kept].sum()), misfit


def _cells_between(low: float, high: float, from_0: bool) -> tuple[Floats, Floats]:
    """Values of the overdispersion between two, and how much of its prior each stands for.

    They are those of the rule of Gauss and Legendre in its logarithm. With `from_0` the lower one stands for all below
    it, too.
    """
    x, width = np.polynomial.legendre.leggauss(_SPREADS)
    half = 0.5 * np.log(high / low)
    values = low * np.exp(half * (1.0 + x))
    if not from_0:
        return values, 0.5 * np.sqrt(values) * half * width
    return np.append(low, values), np.append(np.sqrt(low), 0.5 * np.sqrt(values) * half * width)


def _at_nodes(betas: Betas, counts: _Counts, misfit: bool) -> Chance:
    """The chance at nodes that are dense where it is narrow and reach far."""
    scale = float(counts.error(float(np.min(1.0 / betas.alpha))))
    reach = float(np.arcsinh(_FURTHEST / scale))
    logits = counts.centre + scale * np.sinh(np.linspace(-reach, reach, _NODES))
    p = 1.0 / (1.0 + np.exp(-logits[logits < _LAST_LOGIT]))
    weight = np.sum(_densities(betas, p), axis=0) * _steps(p)
    rest = 1.0 - float(weight.sum())
    if weight[-1] > _NEGLIGIBLE and rest > 0.0:  # the chance may be next to 1
        p, weight = np.append(p, 1.0), np.append(weight, rest)
    return Chance(p, weight / weight.sum(), betas, counts.hits, misfit)


def _steps(p: Floats) -> Floats:
    """The length of logits that each node stands for."""
    return np.asarray(np.gradient(np.log(p) - np.log1p(-p)))


def _densities(betas: Betas, p: Floats) -> Floats:
    """The density of the logit of p by each beta distribution, times its weight, (c, j)."""
    from scipy.special import gammaln

    alpha, beta = betas.alpha[:, None], betas.beta[:, None]
    scale = gammaln(alpha) - _log_rising(beta, alpha)
    logs = alpha * np.log(p) + beta * np.log1p(-p) - scale
    return np.asarray(betas.weight[:, None] * np.exp(logs))
