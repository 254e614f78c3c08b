"""How much each thing that is not known widens the interval of the expected number.

The logarithm of the expected number m is that of a gamma variable less that of b + p, so its variance is a sum:
trigamma(a + k) for the count, and the variance of log(b + p), which falls into the luck of one deployment, the error of
the simulation, and what differs between the points of a study or of unknown figures, by the law of total variance.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.study.infer.posterior import Posterior


class Moments(NamedTuple):
    """The mean of log(b + p) after the reports, and its variances."""

    mean: float
    luck: float
    """The variance within a deployment of a known distribution: the mean over what the simulation leaves open."""
    simulation: float
    """The variance of the mean, by what so few replications leave open."""


def moments_of(posterior: Posterior) -> Moments:
    """The moments of log(b + p) for one posterior."""
    chance = posterior.chance
    logs = np.log(posterior.rates)
    before = np.maximum(chance.weight, 1e-300)
    joint = chance.parts * (posterior.weight / before)
    weight = joint.sum(axis=1)
    kept = weight > 0.0
    joint, weight = joint[kept], weight[kept]
    means = joint @ logs / weight
    mean = float(np.sum(weight * means) / weight.sum())
    apart = logs - means[:, None]
    luck = float(np.sum(joint * apart**2) / weight.sum())
    return Moments(mean, luck, float(np.sum(weight * (means - mean) ** 2) / weight.sum()))


class MixedMoments(NamedTuple):
    """The moments of log(b + p) after the reports in a mixture of posteriors."""

    means: Floats
    """The mean of log(b + p) of each posterior, (n,)."""
    luck: float
    simulation: float
    """As in `Moments`: the mean over the posteriors."""
    between: float
    """The variance of the means."""


def moments_of_mixture(posteriors: Sequence[Posterior], weight: Floats) -> MixedMoments:
    """The moments of log(b + p) for a mixture of posteriors, whose weights (n,) add up to 1."""
    means, luck, simulation = np.array([moments_of(one) for one in posteriors]).T
    between = float(np.sum(weight * (means - np.sum(weight * means)) ** 2))
    return MixedMoments(means, float(np.sum(weight * luck)), float(np.sum(weight * simulation)), between)


class Cause(NamedTuple):
    """One thing that widens the interval."""

    name: str
    """For programs: counting, luck, simulation, interactions, or an unknown figure."""
    variance: float
    """What it adds to the variance of the logarithm of the expected number."""


def counting(posterior: Posterior) -> float:
    """The variance of the logarithm of a gamma variable: what so few reports leave open."""
    from scipy.special import polygamma

    return float(polygamma(1, posterior.shape))


def causes_of(posterior: Posterior) -> list[Cause]:
    """What widens the interval of one posterior; none where nothing bounds it."""
    if not posterior.is_bounded:
        return []
    moments = moments_of(posterior)
    found = [Cause("counting", counting(posterior))]
    if posterior.chance.betas is not None:
        found += [Cause("luck", moments.luck), Cause("simulation", moments.simulation)]
    return found


def shares(causes: list[Cause]) -> Floats:
    """The share of each in the whole variance."""
    variances = np.array([cause.variance for cause in causes])
    return np.asarray(variances / variances.sum())
