"""Synthetic deployments of two lists, drawn from the model itself, for tests of calibration."""

from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.study.infer.posterior import Prior
from sim.study.infer.two_lists import JointChance, Lists, Mixture, joint_chance, list_posterior

PRIOR = Prior(2.0, 0.1)  # proper, so that a number of transfers can be drawn from it
_REPLICATIONS, _PRESENT = 30, 20.0


class Trial(NamedTuple):
    """What a synthetic deployment held, and the rank of its number of transfers in each posterior, from 0 to 1."""

    number: int
    lists: Lists
    matched: float
    not_matched: float


def _chances(rng: np.random.Generator, count: int) -> Floats:
    """A chance in each of `count` deployments: its mean and spread are drawn from their priors."""
    mean = np.clip(rng.beta(0.5, 0.5), 1e-9, 1.0 - 1e-9)
    alpha = rng.uniform(1e-4, 0.75) ** -2.0  # the root of 1 / alpha is uniform, see `sim.study.infer.chances`
    return rng.beta(alpha, alpha * (1.0 - mean) / mean, count)


def trial(rng: np.random.Generator, *, not_matched: bool = True) -> Trial:
    """Draw a simulation of some replications, and one more deployment, and infer its number of transfers."""
    p, q1, q0 = (_chances(rng, _REPLICATIONS + 1) for _ in range(3))
    transfers = rng.poisson(_PRESENT, _REPLICATIONS)
    documented = rng.binomial(transfers, p[:-1])
    both = rng.binomial(documented, q1[:-1])
    reported = both + rng.binomial(transfers - documented, q0[:-1])
    joint = joint_chance(*(column.astype(float) for column in (transfers, documented, reported, both)))
    number = int(rng.poisson(rng.gamma(PRIOR.shape, 1.0 / PRIOR.rate)))
    first = int(rng.binomial(number, p[-1]))
    matched = int(rng.binomial(first, q1[-1]))
    lists = Lists(first, matched + int(rng.binomial(number - first, q0[-1])), matched)
    ranks = [_rank(lists, joint, number, rng)]
    ranks.append(_rank(lists._replace(both=None), joint, number, rng) if not_matched else np.nan)
    return Trial(number, lists, *ranks)


def _rank(lists: Lists, joint: JointChance, number: int, rng: np.random.Generator) -> float:
    """The rank of the true number in the posterior, made continuous by chance: uniform if the posterior is right."""
    posterior: Mixture = list_posterior(lists, joint, PRIOR)
    less, upto = posterior.below(number - 1), posterior.below(number)
    return less + float(rng.uniform()) * (upto - less)
