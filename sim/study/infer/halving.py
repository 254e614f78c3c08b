"""What a period without a report is worth, and what more flight hours without one would add.

The upper bound has one side: the number stays below it with the probability of the level. Two ways halve it. In a
longer period at the same rate, more hours are flown in more days: the bound on the rate halves. In the same period,
more flights are added of which each documents a transfer independently of the rest, so that x times as many flights
have the chance 1 - (1 - p)^x: an assumption, which is too good where flights share their weather.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sim.study.infer.posterior import Posterior

_MOST = 1000.0  # times as many flights as were flown: beyond that no more are looked for


@dataclass(frozen=True)
class Bound:
    """The upper bound after a period without a report, and what would halve it."""

    most: float
    """At most so many transfers took place, with the probability of the level."""
    expected: float
    """The upper bound of the expected number."""
    longer: float | None
    """How many times as long a period at the same rate halves the bound on the rate; None where none does."""
    denser: float | None
    """How many times as many flights in the same period halve the bound on the number; None where none does."""

    @property
    def half(self) -> float:
        """Half of the bound on the number, a whole number."""
        return float(np.floor(self.most / 2.0))


def bound_of(posterior: Posterior, level: float) -> Bound:
    """The upper bound of a posterior, of which nothing was documented, and what halves it."""
    most, expected = posterior.quantile(level), posterior.expected_quantile(level)
    if not np.isfinite(most):
        return Bound(most, expected, None, None)
    longer = _least(lambda x: _rate_after(posterior, x, level) - 0.5 * expected)
    half = np.floor(most / 2.0)
    denser = None if most == 0.0 else _least(lambda x: level - _with_more_flights(posterior, x).below(half))
    return Bound(most, expected, longer, denser)


def _rate_after(posterior: Posterior, times: float, level: float) -> float:
    """The upper bound of the rate, for the period as it was, after a period so many times as long without a report."""
    chance, prior = posterior.chance, posterior.prior
    # The expected number of the longer period has the rate b / times; divided by `times` it is that of the period.
    longer = Posterior(posterior.documented, chance, replace(prior, rate=prior.rate / times))
    return longer.expected_quantile(level) / times


def _with_more_flights(posterior: Posterior, times: float) -> Posterior:
    """The posterior after so many times as many flights in the same period, of which none documented anything."""
    chance = posterior.chance
    p = -np.expm1(times * np.log1p(-np.minimum(chance.p, 1.0 - 1e-16)))
    return replace(posterior, chance=replace(chance, p=np.maximum(p, chance.p)))


def _least(excess: Callable[[float], float]) -> float | None:
    """The least number from 1 on from which a function that falls is at most 0; None where it is so nowhere."""
    low, high = 1.0, 2.0
    while excess(high) > 0.0:
        low, high = high, 2.0 * high
        if high > _MOST:
            return None
    while high - low > 1e-6 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0.0 else (low, middle)
    return high
