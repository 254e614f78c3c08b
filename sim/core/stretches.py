"""Random lengths of time as renewal theory needs them: their mean, the stretches under way, and what is left of each.

A source whose ships come at a constant rate and stay for independent times is stationary (the queue M/G/infinity): the
number present is Poisson with the mean rate x E[L] at every hour, the stay of a ship that is found present has the
density l f(l) / E[L], and the rest of it is uniform over the stay (Feller, An Introduction to Probability Theory and
Its Applications, vol. 2, 2nd ed., 1971, section XI.4).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.core.arrays import Floats
from sim.core.fields import Quantity
from sim.core.quadrature import running_integral

_STEPS = 4096  # of the lengths beyond a node, 0.5 % then lie before the next node
_LONGEST = 20.0  # unit exponential numbers are larger in one case of 5e8: lengths beyond that are left out
_NODES: Floats = np.linspace(0.0, _LONGEST, _STEPS + 1)


@dataclass(frozen=True)
class Stretches:
    """The law of random lengths of time, in hours."""

    law: Quantity

    step = _LONGEST / _STEPS
    """The step of `quantiles`."""

    @cached_property
    def quantiles(self) -> Floats:
        """The lengths (k,) whose probability to be exceeded is exp(-w), at equal steps of w from 0."""
        return self._quantile(_NODES)

    @cached_property
    def mean(self) -> float:
        """The mean length."""
        return float(self._weights[-1])

    def lengths(self, u: Floats) -> Floats:
        """The lengths at probabilities u of any shape."""
        return self.law.quantile(u)

    def under_way(self, u: Floats) -> Floats:
        """The lengths, at probabilities u, of stretches under way at one moment: long ones more often than short."""
        return np.asarray(np.interp(u, self._weights / self._weights[-1], self.quantiles), float)

    @cached_property
    def _weights(self) -> Floats:
        """The integral of the lengths over their probability up to each of the quantiles, (k,)."""
        integral = running_integral(lambda w: self._quantile(w) * np.exp(-w), _NODES)
        return integral / float(-np.expm1(-_LONGEST))

    def _quantile(self, w: Floats) -> Floats:
        return self.law.quantile(np.clip(-np.expm1(-w), 1e-12, 1.0 - 1e-12))
