"""Longer statistics: the textbook's closed form over many seeds."""

import numpy as np
import pytest
from scipy.stats import kstest

from sim import run

pytestmark = pytest.mark.soak


def test_the_textbook_is_unbiased_over_many_seeds():
    """z of P = 0.375 over 100 seeds is standard normal."""
    z = []
    for seed in range(100):
        columns = run("textbook", 60, seed=seed, keep=0).columns
        residual = columns["detected"] - 0.375 * columns["transfers"]
        z.append(residual.mean() / (residual.std(ddof=1) / np.sqrt(60)))
    assert kstest(z, "norm").pvalue > 1e-3
    assert abs(np.mean(z)) < 3.7 / np.sqrt(100)
