"""How dependent two observers of the same transfers are: the correlation of seeing, and what independence would give.

Two observers who see shares p1 and p2 of the transfers, and p12 both, are independent where p12 = p1 p2. Night, fog and
the length of a transfer blind both or favour both, so they seldom are. Two figures measure it:

* phi = (p12 - p1 p2) / sqrt(p1 (1 - p1) p2 (1 - p2)), the correlation of two things that happen or not (Pearson's
  correlation of two indicators; Yule, Journal of the Royal Statistical Society 75, 1912).
* the factor p1 p2 / p12, by which the total that is estimated from a match of the two lists, n1 n2 / m, errs.

The replication is the independent unit. Intervals are those of the jackknife, which leaves out one replication at a
time (Tukey, Annals of Mathematical Statistics 29, 1958), with Student's t, of atanh(phi) (Fisher 1921) and of the
logarithm of the factor, so that no bound lies where the figure cannot be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.study.intervals import jackknife_error, student_quantile


class Figure(NamedTuple):
    """A figure with its interval; None where it cannot be computed."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Dependence:
    """How dependent two observers are."""

    first: float | None
    """The share of the transfers that the first sees; None where there are no transfers."""
    second: float | None
    both: float | None
    phi: Figure
    factor: Figure
    """By what the total errs, as a factor, if independence is taken for granted."""


def dependence(transfers: Floats, first: Floats, second: Floats, both: Floats, level: float) -> Dependence:
    """Measure how dependent two observers are; each array has a number for each replication, (R,).

    Args:
        transfers: How many transfers there were.
        first: How many of them the first observer saw.
        second: How many the second saw.
        both: How many both saw.
        level: The confidence level of the intervals.
    """
    counts = np.stack([transfers, first, second, both]).astype(float)
    total = float(counts[0].sum())
    one, two, shared = (float(row.sum()) / total if total else None for row in counts[1:])
    phi = _jackknife(counts, _phi, (np.arctanh, np.tanh), level)
    factor = _jackknife(counts, _factor, (np.log, np.exp), level)
    return Dependence(one, two, shared, phi, factor)


def _phi(sums: Floats) -> Floats:
    """The correlation of seeing, from sums over replications, (4, ...)."""
    one, two, both = sums[1:] / sums[0]
    phi: Floats = (both - one * two) / np.sqrt(one * (1.0 - one) * two * (1.0 - two))
    return phi


def _factor(sums: Floats) -> Floats:
    """The factor p1 p2 / p12, from sums over replications, (4, ...)."""
    factor: Floats = sums[1] * sums[2] / (sums[0] * sums[3])
    return factor


_Scale = tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]


def _jackknife(counts: Floats, figure: Callable[[Floats], Floats], scale: _Scale, level: float) -> Figure:
    """A figure of sums over replications, with the interval of the jackknife on another scale.

    `scale`: the function that leads to that scale, and its inverse.
    """
    forth, back = scale
    size = counts.shape[1]
    sums = counts.sum(axis=1, keepdims=True)
    with np.errstate(all="ignore"):  # what cannot be divided has no figure
        value = float(figure(sums)[0])
        middle, left_out = float(forth(figure(sums))[0]), forth(figure(sums - counts))
    if not np.isfinite(value):
        return Figure(None, None, None)
    if size < 2 or not np.isfinite(middle) or not np.all(np.isfinite(left_out)):
        return Figure(value, None, None)
    half = student_quantile(level, size - 1) * jackknife_error(left_out)
    low, high = back(np.array([middle - half, middle + half])).tolist()
    return Figure(value, low, high)
