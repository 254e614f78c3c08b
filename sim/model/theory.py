"""Closed-form search theory: what a simulation must give where the answer is known.

Sources: B. O. Koopman, "Search and Screening", OEG Report 56 (1946); A. R. Washburn, "Search and Detection". Lengths in
nautical miles, times in hours, speeds in knots.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.fields import Quantity
from sim.core.quadrature import gauss_legendre
from sim.model.laws.base import Law
from sim.model.laws.inverse_cube import InverseCube

_NODES, _PANELS = 16, 64
_SURE = 700.0  # exposure: exp(-700) is 1e-304, and more may be infinite
_QUARTER = 2048  # corners of a quarter circle: an area is short by 1e-7 of it


def _mean(values: Callable[[Floats], Floats], low: float, high: float) -> float:
    """The mean of a function over an interval, by panels of Gauss-Legendre nodes."""
    node, weight = gauss_legendre(_NODES)
    edges = np.linspace(low, high, _PANELS + 1)
    half = np.diff(edges)[:, None] / 2.0
    inside = values((edges[:-1, None] + half * (node + 1.0)).ravel()).reshape(_PANELS, _NODES)
    return float((inside @ weight / 2.0).mean())


def random_search(coverage: float) -> float:
    """P = 1 - exp(-C) for a Poisson number of independent random tracks; C = W v t / A (Koopman 1946)."""
    return float(-np.expm1(-coverage))


def parallel_sweeps(law: Law, count: int, spacing: float, speed: float) -> float:
    """P over the box that `count` long parallel tracks share: 1 - exp(-sum F(x - x_i)), averaged over x.

    The finite sum that tends to `many_sweeps` (Koopman 1946, chapter 7). To the right of each track, as far as half way
    to the next, the curve has no kink; the left is its mirror image. From there the tracks are at S k + x, k counted
    from one's own, so what each gives is computed once.
    """
    far = min(count - 1, int(law.reach_nmi / spacing) + 1)
    own = np.arange(count)
    first, last = np.maximum(own - count + 1, -far) + far, np.minimum(own, far) + far

    def found(x: Floats) -> Floats:
        upto = np.zeros((2 * far + 2, x.size))
        for row, offset in enumerate(spacing * np.arange(-far, far + 1)):  # a row at a time keeps the memory small
            away = np.abs(offset + x)
            inside = away < law.reach_nmi
            exposure = np.where(inside, law.lateral_exposure(np.where(inside, away, 0.0), speed), 0.0)
            upto[row + 1] = upto[row] + np.minimum(exposure, _SURE)
        return np.asarray(-np.expm1(upto[first] - upto[last + 1]).mean(axis=0), float)

    return _mean(found, 0.0, spacing / 2.0)


def many_sweeps(width: float, spacing: float, reach: float = np.inf) -> float:
    """P = erf(sqrt(pi) / 2 W / S): endlessly many parallel sweeps of the inverse cube law (Koopman 1946).

    W is the width without a cut. What a far cut at ``reach`` takes of each pass, and of the tracks beyond it, adds up
    to W^2 / (4 S R) of exposure, the same everywhere to first order.
    """
    from scipy.special import erfc

    missed = erfc(np.sqrt(np.pi) / 2.0 * width / spacing) * np.exp(width**2 / (4.0 * spacing * reach))
    return float(1.0 - missed)


def stadium(reach: float, length: float) -> float:
    """Area within a definite range of one straight leg: 2 R l + pi R^2, more than W l by its ends."""
    return 2.0 * reach * length + np.pi * reach**2


def leg_area(law: InverseCube, length: float, speed: float) -> float:
    """The integral over the plane of P(detection from one straight leg): the W l of random search, with its ends.

    By Gauss-Legendre panels in the distance aside and along; rate k / r^3 within the maximum range.
    """
    node, weight = gauss_legendre(_NODES)
    reach, k = law.max_range_nmi, law.strength
    # Fine near the leg, where the chance falls from 1.
    aside = np.concatenate([[0.0], np.geomspace(reach * 1e-6, reach, _PANELS)])
    half = np.diff(aside) / 2.0
    x = (aside[:-1, None] + half[:, None] * (node + 1.0)).ravel()
    total = 0.0
    for at, share in zip(x, (half[:, None] * weight).ravel(), strict=True):
        chord = np.sqrt((reach - at) * (reach + at))
        edges = np.unique([-chord, 0.0, chord, length - chord, length, length + chord, length / 2.0])
        edges = np.concatenate([np.linspace(a, b, 9)[:-1] for a, b in pairwise(edges)])
        edges = np.append(edges, length + chord)
        wide = np.diff(edges)[:, None] / 2.0
        along = edges[:-1, None] + wide * (node + 1.0)
        s1, s2 = np.maximum(-along, -chord), np.minimum(length - along, chord)
        seen = np.maximum(s2 / np.hypot(at, s2) - s1 / np.hypot(at, s1), 0.0) * (s2 > s1)
        total += share * float((-np.expm1(-k / speed / at**2 * seen) * wide * weight).sum())
    return 2.0 * total


def mean_relative_speed(u: float, v: float) -> float:
    """Mean speed of an aircraft at v relative to ships at u on random courses: (2 / pi)(u + v) E(m)."""
    from scipy.special import ellipe

    return float(2.0 / np.pi * (u + v) * ellipe(4.0 * u * v / (u + v) ** 2))


def over_courses(of_speed: Callable[[float], float], u: float, v: float) -> float:
    """The mean, over random courses of a ship at u, of a function of its speed relative to an aircraft at v."""
    angles = 2.0 * np.pi * (np.arange(720) + 0.5) / 720  # of a periodic function: exact to rounding
    relative = np.sqrt(u * u + v * v - 2.0 * u * v * np.cos(angles))
    return float(np.mean([of_speed(w) for w in relative.tolist()]))


def dynamic_area(reach: float, u: float, v: float, hours: float) -> float:
    """Mean area from which ships at u on random courses come within range of an aircraft at v: 2 R E[w] t + pi R^2."""
    return 2.0 * reach * mean_relative_speed(u, v) * hours + np.pi * reach**2


def barrier(reach: float, length: float, u: float, v: float) -> float:
    """P of a patrol back and forth over a line against ships that cross it at right angles anywhere, at any time.

    In the ships' frame the aircraft flies a zigzag; P is the part of one cycle's strip within a definite range of it:
    turns and overlap included (Washburn).
    """
    half = length / v
    legs = np.arange(-int(np.ceil(reach / (u * half))) - 2, int(np.ceil(reach / (u * half))) + 5)
    path = shapely.LineString(np.column_stack([np.where(legs % 2 == 0, 0.0, length), u * half * legs]))
    swept = shapely.buffer(path, reach, quad_segs=_QUARTER)
    return float(swept.intersection(shapely.box(0.0, 0.0, length, 2.0 * half * u)).area / (length * 2.0 * half * u))


def jump_back(depth: float) -> float:
    """P of catching events of exponential life along a line, searched from one end to the other and at once again.

    (1 - e^-D) / D, D = L / (v E[life]).
    """
    return float(-np.expm1(-depth) / depth)


def back_and_forth(depth: float) -> float:
    """The same for a patrol that turns at each end: (1 / D)(1 - (1 - e^-2D) / (2D))."""
    return float((1.0 + np.expm1(-2.0 * depth) / (2.0 * depth)) / depth)


def fixed_life(life: float, revisit: float) -> float:
    """P of catching events of one fixed life at a place seen once a revisit time: min(1, life / T)."""
    return min(1.0, life / revisit)


Seen = Literal["beginning", "moment"]


def still_there(lifetime: Quantity, age: float, seen: Seen = "moment") -> float:
    """P that an event seen at its beginning, or by a look at any moment, still lasts `age` hours after it was seen.

    From the beginning it is P(T > a). A look at a moment that knows nothing of events meets long ones more often, and
    what is left of those has P = E[(T - a)+] / E[T] (Cox, Renewal Theory (1962), chapter 5, forward recurrence time):
    1 - a / T for a fixed life, e^(-a / m) for an exponential one, either way. For a log-normal one,
    N(s - k) - a / E[T] N(-k) with k = ln(a / median) / s.
    """
    if lifetime.min is not None or lifetime.max is not None or lifetime.low is not None:
        raise ValueError("a closed form needs a fixed, an exponential or a log-normal lifetime, not cut")
    if lifetime.value is not None:
        left = max(0.0, 1.0 - age / lifetime.value)
        return left if seen == "moment" else float(left > 0.0)
    if lifetime.mean is not None:
        return float(np.exp(-age / lifetime.mean))
    from scipy.special import ndtr

    median, sigma = lifetime.median or 1.0, lifetime.sigma or 1.0
    k = np.log(age / median) / sigma if age > 0.0 else -np.inf
    if seen == "beginning":
        return float(ndtr(-k))
    return float(ndtr(sigma - k) - age / (median * np.exp(sigma**2 / 2.0)) * ndtr(-k))


def in_time(lifetime: Quantity, mean_delay: float, transit: float, seen: Seen = "moment") -> float:
    """P that an event lasts until a responder is there, an exponential delay and then a transit after it was seen.

    The mean of `still_there` over the delay D of mean d. Exponential life: e^(-s / m) m / (m + d). Fixed life L, with
    r = L - s left for the delay: P(D < r) = 1 - e^(-r / d) from the beginning, E[(r - D)+] / L at any moment.
    """
    if mean_delay == 0.0:
        return still_there(lifetime, transit, seen)
    if lifetime.mean is not None and lifetime.min is None and lifetime.max is None:
        return float(np.exp(-transit / lifetime.mean)) * lifetime.mean / (lifetime.mean + mean_delay)
    if lifetime.value is None:
        raise ValueError("a closed form needs a fixed or an exponential lifetime, not cut")
    left = max(0.0, lifetime.value - transit)
    in_hand = float(-np.expm1(-left / mean_delay))
    return in_hand if seen == "beginning" else (left - mean_delay * in_hand) / lifetime.value
