"""Closed-form search theory: what a simulation must give where the answer is known.

Sources: B. O. Koopman, "Search and Screening", OEG Report 56 (1946); A. R. Washburn, "Search and Detection". Lengths
are in nautical miles, times in hours, speeds in knots. P is a probability of detection, W a sweep width.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Literal

import numpy as np
import shapely
from numpy.typing import ArrayLike

from sim.core.arrays import Floats
from sim.core.fields import Quantity
from sim.core.quadrature import gauss_legendre
from sim.model.laws.base import Law
from sim.model.laws.inverse_cube import InverseCube

_NODES, _PANELS = 16, 64
_MOST_EXPOSURE = 700.0  # exp(-700) is 1e-304, so more changes nothing, and infinite exposures cannot be subtracted
_QUARTER_CORNERS = 2048  # of a quarter circle drawn as a polygon: its area is too small by 1e-7 of it


def _mean(values: Callable[[Floats], Floats], low: float, high: float) -> float:
    """The mean of a function over an interval, by panels of Gauss-Legendre nodes."""
    node, weight = gauss_legendre(_NODES)
    edges = np.linspace(low, high, _PANELS + 1)
    half = np.diff(edges)[:, None] / 2.0
    inside = values((edges[:-1, None] + half * (node + 1.0)).ravel()).reshape(_PANELS, _NODES)
    return float((inside @ weight / 2.0).mean())


def random_search(coverage: float) -> float:
    """Return P = 1 - exp(-C) of random search: a Poisson number of independent random tracks (Koopman 1946).

    C = W v t / A is the coverage factor: sweep width times length of track, divided by the area.
    """
    return float(-np.expm1(-coverage))


def parallel_sweeps(law: Law, count: int, spacing: float, speed: float) -> float:
    """Return P over the strips of `count` long parallel tracks a spacing S apart, nmi, flown at a speed, knots.

    P is 1 - exp(-sum F(x - x_i)), averaged over x: the finite sum that tends to `endless_sweeps` (Koopman 1946, chapter
    7). Between a track and the middle of the gap to its right the integrand has no kink, and the left of the track
    mirrors the right, so each track is integrated over half a spacing. Seen from a place x aside of its own track the
    other tracks lie at S k + x, so the exposure by the track k places away is computed once and used for all tracks.
    """
    far = min(count - 1, int(law.reach_nmi / spacing) + 1)
    own = np.arange(count)
    first, last = np.maximum(own - count + 1, -far) + far, np.minimum(own, far) + far

    def detected(x: Floats) -> Floats:
        summed = np.zeros((2 * far + 2, x.size))
        for row, offset in enumerate(spacing * np.arange(-far, far + 1)):  # a row at a time keeps the memory small
            away = np.abs(offset + x)
            inside = away < law.reach_nmi
            exposure = np.where(inside, law.lateral_exposure(np.where(inside, away, 0.0), speed), 0.0)
            summed[row + 1] = summed[row] + np.minimum(exposure, _MOST_EXPOSURE)
        return np.asarray(-np.expm1(summed[first] - summed[last + 1]).mean(axis=0), float)

    return _mean(detected, 0.0, spacing / 2.0)


def endless_sweeps(width: float, spacing: float, reach: float = np.inf) -> float:
    """Return P = erf(sqrt(pi) / 2 W / S) of infinitely many parallel sweeps of the inverse cube law (Koopman 1946).

    W is the width without a cut. A far cut at `reach` R takes away the ends of each pass, and the tracks beyond R. To
    first order that is an exposure of W^2 / (4 S R) everywhere.
    """
    from scipy.special import erfc

    missed = erfc(np.sqrt(np.pi) / 2.0 * width / spacing) * np.exp(width**2 / (4.0 * spacing * reach))
    return float(1.0 - missed)


def stadium(reach: float, length: float) -> float:
    """Return the area within a definite range R of a straight leg, nmi2: 2 R l + pi R^2, more than W l by its ends."""
    return 2.0 * reach * length + np.pi * reach**2


def leg_area(law: InverseCube, length: float, speed: float) -> float:
    """Return the integral over the plane of P(detection from one straight leg), nmi2: W l, and more by its ends.

    It is computed by Gauss-Legendre panels in the distances across and along the leg, from the rate k / r^3 within the
    maximum range.
    """
    node, weight = gauss_legendre(_NODES)
    reach, k = law.max_range_nmi, law.strength
    # The panels are fine near the leg, where the chance falls from 1.
    across = np.concatenate([[0.0], np.geomspace(reach * 1e-6, reach, _PANELS)])
    half = np.diff(across) / 2.0
    x = (across[:-1, None] + half[:, None] * (node + 1.0)).ravel()
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
    """Return the mean speed of an aircraft at v relative to ships at u on random courses: (2 / pi)(u + v) E(m).

    E is the complete elliptic integral of the second kind, of the parameter m = 4 u v / (u + v)^2.
    """
    from scipy.special import ellipe

    return float(2.0 / np.pi * (u + v) * ellipe(4.0 * u * v / (u + v) ** 2))


def mean_over_courses(of_speed: Callable[[float], float], u: float, v: float) -> float:
    """Return the mean, over random courses of a ship at u, of a function of its speed relative to an aircraft at v."""
    angles = 2.0 * np.pi * (np.arange(720) + 0.5) / 720  # the mean over even steps of a smooth periodic function
    relative = np.sqrt(u * u + v * v - 2.0 * u * v * np.cos(angles))
    return float(np.mean([of_speed(w) for w in relative.tolist()]))


def dynamic_area(reach: float, u: float, v: float, hours: float) -> float:
    """Return the mean area from which ships come within a range R of an aircraft, nmi2: 2 R E[w] t + pi R^2.

    The ships move at u on random courses, the aircraft flies straight at v for t hours; w is their relative speed.
    """
    return 2.0 * reach * mean_relative_speed(u, v) * hours + np.pi * reach**2


def barrier(reach: float, length: float, u: float, v: float) -> float:
    """Return P of a patrol back and forth along a line against ships that cross it at right angles.

    The ships move at u and cross anywhere at any time, the aircraft at v. Seen from the ships it flies a zigzag; P is
    the share of the strip of one cycle that lies within a definite range of it, with turns and overlaps (Washburn).
    """
    half = length / v
    legs = np.arange(-int(np.ceil(reach / (u * half))) - 2, int(np.ceil(reach / (u * half))) + 5)
    path = shapely.LineString(np.column_stack([np.where(legs % 2 == 0, 0.0, length), u * half * legs]))
    swept = shapely.buffer(path, reach, quad_segs=_QUARTER_CORNERS)
    return float(swept.intersection(shapely.box(0.0, 0.0, length, 2.0 * half * u)).area / (length * 2.0 * half * u))


def jump_back(depth: float) -> float:
    """Return P of detecting events of exponential life on a line that is searched always from the same end.

    P = (1 - e^-D) / D with the depth D = L / (v E[life]). The flight back to the first end takes no time.
    """
    return float(-np.expm1(-depth) / depth)


def back_and_forth(depth: float) -> float:
    """Return the same as `jump_back` for a patrol that turns at each end: P = (1 / D)(1 - (1 - e^-2D) / (2D))."""
    return float((1.0 + np.expm1(-2.0 * depth) / (2.0 * depth)) / depth)


def fixed_life(life: float, revisit: float) -> float:
    """Return P of detecting events of one fixed life at a place that is seen every T hours: min(1, life / T)."""
    return min(1.0, life / revisit)


def seen_by_lot(in_sight: float, life: float, cycle: float) -> float:
    """Return P that a place is in sight at some time of an event there, of a life tau, at whatever hour it begins.

    The place is in sight for L of every T hours, from an hour that is drawn by lot, uniform in T. That hour must fall
    into the L + tau hours before the event ends, so P = min(1, (L + tau) / T). From a fixed hour, an event that begins
    just after the place went out of sight is never seen where L + tau is less than T.
    """
    return min(1.0, (in_sight + life) / cycle)


def heard_by_satellite(ships: float, report_s: float, in_view_s: float, overlap: float = 0.7) -> float:
    """Return P that a satellite hears the AIS of a ship at least once while N ships are in view: 1 - (1 - q)^(T / dT).

    Each ship reports every dT seconds on two channels of 37.5 slots a second, and is in view for T seconds. A message
    is heard if no other disturbs it, q = exp(-N (1 + s) / (75 dT)); s, the overlap, allows for messages that reach the
    satellite late and so fall on two slots (G. Hoye, FFI report 2006/02495). This form and s = 0.7 are derived from
    the design points of that report: see `sim/study/published/hoye_2006.py`.
    """
    return float(heard_in_view(ships, report_s, in_view_s, overlap))


def heard_in_view(ships: ArrayLike, report_s: float, in_view_s: float, overlap: float = 0.7) -> Floats:
    """The same as `heard_by_satellite` for any numbers of ships, in their shape."""
    undisturbed = np.exp(-np.asarray(ships, float) * (1.0 + overlap) / (75.0 * report_s))
    return np.asarray(1.0 - (1.0 - undisturbed) ** (in_view_s / report_s), float)


SeenAt = Literal["beginning", "any time"]
"""When an event was seen: as it began, or by a look at a time that does not depend on the event."""


def chance_still_lasting(lifetime: Quantity, age: float, seen_at: SeenAt = "any time") -> float:
    """Return P that an event of a random lifetime T still lasts `age` a hours after it was seen.

    If it was seen at its beginning, P = P(T > a). A look at any time meets long events more often, and what is left of
    them has P = E[(T - a)+] / E[T] (Cox, Renewal Theory (1962), chapter 5, forward recurrence time): 1 - a / T for a
    fixed life, e^(-a / m) for an exponential one, either way. For a log-normal one of median exp(mu) and standard
    deviation s it is N(s - k) - a / E[T] N(-k) with k = ln(a / median) / s, N the normal distribution function.

    Raises ValueError for a uniform or a truncated lifetime.
    """
    if lifetime.min is not None or lifetime.max is not None or lifetime.low is not None:
        raise ValueError("a closed form needs a fixed, an exponential or a log-normal lifetime that is not truncated")
    if lifetime.value is not None:
        left = max(0.0, 1.0 - age / lifetime.value)
        return left if seen_at == "any time" else float(left > 0.0)
    if lifetime.mean is not None:
        return float(np.exp(-age / lifetime.mean))
    from scipy.special import ndtr

    median, sigma = lifetime.median or 1.0, lifetime.sigma or 1.0
    k = np.log(age / median) / sigma if age > 0.0 else -np.inf
    if seen_at == "beginning":
        return float(ndtr(-k))
    return float(ndtr(sigma - k) - age / (median * np.exp(sigma**2 / 2.0)) * ndtr(-k))


def chance_of_arrival_in_time(
    lifetime: Quantity, mean_delay: float, transit: float, seen_at: SeenAt = "any time"
) -> float:
    """Return P that an event lasts until a responder arrives: an exponential delay and a transit after it was seen.

    It is the mean of `chance_still_lasting` over the delay D of mean d, with a transit of s hours. For an exponential
    life of mean m it is e^(-s / m) m / (m + d). For a fixed life L, with r = L - s left for the delay, it is
    P(D < r) = 1 - e^(-r / d) if the event was seen at its beginning, and E[(r - D)+] / L if it was seen at any time.

    Raises ValueError for a lifetime that is neither fixed nor exponential, and for a truncated one.
    """
    if mean_delay == 0.0:
        return chance_still_lasting(lifetime, transit, seen_at)
    if lifetime.mean is not None and lifetime.min is None and lifetime.max is None:
        return float(np.exp(-transit / lifetime.mean)) * lifetime.mean / (lifetime.mean + mean_delay)
    if lifetime.value is None:
        raise ValueError("a closed form needs a fixed or an exponential lifetime that is not truncated")
    left = max(0.0, lifetime.value - transit)
    in_hand = float(-np.expm1(-left / mean_delay))
    return in_hand if seen_at == "beginning" else (left - mean_delay * in_hand) / lifetime.value


def gain_of_a_tip(probability: float, in_time: float, right: float) -> float:
    """Return what a tip adds to the chance that one sortie detects an event in one of two areas: p F (a - 1 / 2).

    The event is in either area with an even chance. One sortie goes to one area, arrives while the event lasts with
    chance F (`chance_of_arrival_in_time`), and detects it there with chance p. Without a tip it goes to either area,
    and detects with p F / 2. With a tip that names the right area with chance a it goes where the tip says, and
    detects with p F a. A tip with a below 1 / 2 would be read the other way round, so a is at least 1 / 2.

    Raises ValueError for a chance below 0 or above 1, and for `right` below 1 / 2.
    """
    if not (0.0 <= probability <= 1.0 and 0.0 <= in_time <= 1.0 and 0.5 <= right <= 1.0):
        raise ValueError("chances are numbers from 0 to 1, and that of a right tip at least 1/2")
    return probability * in_time * (right - 0.5)


def after_search(prior: ArrayLike, detection: ArrayLike) -> Floats:
    """The chance that a target is where a search has not detected it: w (1 - p) / (1 - w p), in the shape of both.

    Bayes' rule for one target, which was there with chance w = `prior`; the search would have detected it there with
    chance p = `detection` (Koopman 1946; Stone 1975, "Theory of Optimal Search"). Where w = p = 1 it is 0.
    """
    w, p = np.asarray(prior, float), np.asarray(detection, float)
    left = 1.0 - w * p
    return np.where(left > 0.0, w * (1.0 - p) / np.where(left > 0.0, left, 1.0), 0.0)
