"""Integrals by panels of Gauss-Legendre nodes, and grids that are fine where a function changes fast."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from sim.core.arrays import Floats


@lru_cache(maxsize=8)
def gauss_legendre(count: int) -> tuple[Floats, Floats]:
    """Return nodes and weights of Gauss-Legendre quadrature on (-1, 1), each (count,); they are computed once."""
    node, weight = np.polynomial.legendre.leggauss(count)
    return node, weight


def graded(reach: float, scale: float, count: int) -> Floats:
    """Return distances x from 0 to reach, (count + 1,), in steps that grow in proportion to x + scale.

    Node i lies at scale (exp(i l / count) - 1) with l = ln(1 + reach / scale), so that there are as many nodes in each
    octave far beyond the scale, and even steps far below it. For a scale of 0 all steps are even.
    """
    share = np.arange(count + 1) / count
    return reach * share if scale == 0.0 else np.asarray(scale * np.expm1(np.log1p(reach / scale) * share), float)


def running_integral(values: Callable[[Floats], Floats], edges: Floats) -> Floats:
    """Return the integral of a function from the first edge to each edge, in the shape of edges.

    Between two edges 8 Gauss-Legendre nodes are used, exact for polynomials up to degree 15. The function maps an array
    of any shape to one of the same shape.
    """
    node, weight = gauss_legendre(8)
    half = np.diff(edges) / 2.0
    inside = values(edges[:-1, None] + half[:, None] * (node + 1.0))
    return np.concatenate([[0.0], np.cumsum((inside @ weight) * half)])
