"""Search theory, by the simulation's own coin flips and by integrated exposure; distances in standard errors."""

import numpy as np
import pytest

from sim import kernels
from sim.detection import kernel_laws
from tests.helpers import (
    DEFINITE,
    INVERSE_CUBE,
    LAWS,
    SCAN,
    count_detected,
    exposure_of,
    law_of,
    legs_along,
    moving_targets,
    scores_from,
    standard_errors,
    still_targets,
)

FAR = 4000.0  # half the length of a track that passes for endless
LIMIT = 3.7  # standard errors: one test in 5,000 would fail by chance, were the seeds not fixed


@pytest.mark.parametrize("spec", LAWS, ids=lambda s: s["kind"])
def test_random_search_follows_the_exponential(spec):
    """A Poisson number of independent random chords: P = 1 - exp(-C), C = n W / B exactly (Koopman 1946)."""
    law = law_of(spec)
    rng = np.random.default_rng(3)
    breadth, coverage = 4.0 * law.reach_nmi, 0.9
    chords = coverage * breadth / law.sweep_width_nmi(200.0)
    laws, tables = kernel_laws([law])
    scores = np.empty(6000)
    for i in range(scores.size):
        offsets = rng.uniform(-breadth / 2, breadth / 2, rng.poisson(chords))
        each = [kernels.exposure(laws, tables, -FAR, x, 200.0, 0.0, 0.0, 40.0, np.inf)[0] for x in offsets]
        scores[i] = -np.expm1(-sum(each))
    assert scores_from(scores, -np.expm1(-coverage)) < LIMIT


def parallel_tracks(count, spacing):
    """Endless parallel tracks a spacing apart, each a flight of its own along y."""
    offsets = spacing * (np.arange(count) - (count - 1) / 2.0)
    return [legs_along(np.array([[x, -FAR], [x, FAR]]), 200.0) for x in offsets]


@pytest.mark.parametrize("count", [1, 2, 4, 10])
def test_parallel_sweeps_of_the_inverse_cube_give_the_finite_sum(count):
    """P(x) = 1 - exp(-sum K / (x - x_i)^2), averaged over the box that the sweeps share (Koopman 1946)."""
    law = law_of(INVERSE_CUBE | {"max_range_nmi": 2000.0})
    spacing = 18.0
    rng = np.random.default_rng(count)
    x = rng.uniform(-count * spacing / 2, count * spacing / 2, 4000)
    tracks = parallel_tracks(count, spacing)
    scores = np.array([-np.expm1(-sum(exposure_of(law, track, at, 0.0) for track in tracks)) for at in x])
    grid = (np.arange(200_000) + 0.5) / 200_000 * count * spacing - count * spacing / 2
    k = 20.0**2 / (4.0 * np.pi)
    total = sum(k / (grid - track[0, 2]) ** 2 for track in tracks)
    assert scores_from(scores, float(np.mean(-np.expm1(-total)))) < LIMIT


def test_many_parallel_sweeps_approach_erf():
    """Endless many: P = erf(sqrt(pi) / 2 * W / S) (Koopman 1946); the middle lane of 41 stands for them."""
    from scipy.special import erf

    law = law_of(INVERSE_CUBE | {"max_range_nmi": 2000.0})
    spacing = 25.0
    x = np.random.default_rng(8).uniform(-spacing / 2, spacing / 2, 3000)
    tracks = parallel_tracks(41, spacing)
    scores = np.array([-np.expm1(-sum(exposure_of(law, track, at, 0.0) for track in tracks)) for at in x[:1500]])
    assert scores_from(scores, float(erf(np.sqrt(np.pi) / 2.0 * 20.0 / spacing))) < LIMIT


@pytest.mark.parametrize(("spacing", "expected"), [(40.0, 0.4), (16.0, 1.0), (10.0, 1.0)])
def test_definite_range_parallel_sweeps_give_w_over_s(spacing, expected):
    """P = min(1, W / S) for a certain sensor, by coin flips over a whole flight with its turns."""
    law = law_of(DEFINITE | {"probability": 1.0})
    corners = [
        [x, y] for i, x in enumerate(np.arange(6) * spacing) for y in ((-300, 300) if i % 2 == 0 else (300, -300))
    ]
    rng = np.random.default_rng(4)
    points = np.column_stack([rng.uniform(0.5 * spacing, 4.5 * spacing, 20_000), rng.uniform(-200, 200, 20_000)])
    found = count_detected(law, legs_along(np.array(corners), 200.0), still_targets(points), 1)
    share = found / 20_000
    if expected == 1.0:
        assert found == 20_000
    else:
        assert standard_errors(share, expected, np.sqrt(expected * (1 - expected) / 20_000)) < LIMIT


@pytest.mark.parametrize("spec", LAWS, ids=lambda s: s["kind"])
def test_coin_flips_follow_the_lateral_range_curve(spec):
    """Detections at each of several distances from one track are binomial with the curve's probability."""
    law = law_of(spec)
    legs = legs_along(np.array([[0.0, -FAR], [0.0, FAR]]), 200.0)
    for share in (0.1, 0.3, 0.6, 0.9):
        x = share * law.reach_nmi
        p = float(law.lateral_range(np.array([x]), 200.0)[0])
        found = count_detected(law, legs, still_targets(np.column_stack([np.full(20_000, x), np.zeros(20_000)])), 2)
        assert standard_errors(found / 20_000, p, np.sqrt(max(p * (1 - p), 1e-6) / 20_000)) < LIMIT


def test_detection_times_are_those_of_the_exponential_threshold():
    """1 - exp(-F) at the moment of detection is uniform where detection is certain enough (Kolmogorov-Smirnov)."""
    from scipy.stats import kstest

    law = law_of(SCAN | {"probability": 0.9})
    laws, tables = kernel_laws([law])
    motion = (-60.0, 6.0, 200.0, 0.0, 0.0)
    thresholds = np.random.default_rng(6).exponential(size=4000)
    times = np.array([kernels.exposure(laws, tables, *motion, 0.6, e)[1] for e in thresholds])
    whole = kernels.exposure(laws, tables, *motion, 0.6, np.inf)[0]
    seen = times[np.isfinite(times)]
    upto = np.array([kernels.exposure(laws, tables, *motion, t, np.inf)[0] for t in seen])
    assert kstest(-np.expm1(-upto) / -np.expm1(-whole), "uniform").pvalue > 1e-3


def test_thinning_under_an_inverse_cube_majorant_agrees_with_the_scan_integral():
    """Candidate looks at a rate that is never below the law's, each kept with the ratio (Lewis & Shedler 1979)."""
    law = law_of(SCAN)
    rng = np.random.default_rng(9)
    top = float(law.rate(np.array([0.0]))[0])
    hits = 0
    flights = 20_000
    for _ in range(flights):
        times = rng.uniform(0.0, 0.5, rng.poisson(top * 0.5))
        r = np.hypot(-50.0 + 200.0 * times, 12.0)
        keep = rng.uniform(size=times.size) * top < np.where(r < law.max_range_nmi, law.rate(r), 0.0)
        hits += bool(keep.any())
    laws, tables = kernel_laws([law])
    p = -np.expm1(-kernels.exposure(laws, tables, -50.0, 12.0, 200.0, 0.0, 0.0, 0.5, np.inf)[0])
    assert standard_errors(hits / flights, p, np.sqrt(p * (1 - p) / flights)) < LIMIT


def test_targets_on_random_courses_are_met_at_the_mean_relative_speed():
    """Detections a unit of area and time = density W E[w]; E[w] = (2 / pi)(u + v) E(m), m = 4uv / (u + v)^2."""
    from scipy.special import ellipe

    law = law_of(DEFINITE | {"probability": 1.0, "range_nmi": 3.0})
    v, u, hours, box, count = 60.0, 40.0, 4.0, 520.0, 60_000
    rng = np.random.default_rng(12)
    course = rng.uniform(0, 2 * np.pi, count)
    place = rng.uniform(-box / 2, box / 2, (count, 2))
    velocity = u * np.column_stack([np.cos(course), np.sin(course)])
    targets = moving_targets(
        np.column_stack([np.zeros(count), np.full(count, hours), place, velocity]), np.arange(count)
    )
    legs = legs_along(np.array([[-v * hours / 2, 0.0], [v * hours / 2, 0.0]]), v)
    relative = 2 / np.pi * (u + v) * ellipe(4 * u * v / (u + v) ** 2)
    expected = count / box**2 * (2 * 3.0 * relative * hours + np.pi * 3.0**2)
    found = count_detected(law, legs, targets, 5)
    assert standard_errors(found, expected, np.sqrt(expected)) < LIMIT


def test_vessels_under_one_flight_are_not_independent_samples():
    """Pooling vessels understates the error: the variance between flights far exceeds the binomial one."""
    law = law_of(DEFINITE | {"probability": 1.0})
    rng = np.random.default_rng(13)
    shares = []
    for flight in range(60):
        offset = rng.uniform(-60, 60)  # one navigation error moves the whole flight
        points = np.column_stack([rng.uniform(-40, 40, 200), rng.uniform(-100, 100, 200)])
        legs = legs_along(np.array([[offset, -300.0], [offset, 300.0]]), 200.0)
        shares.append(count_detected(law, legs, still_targets(points), flight) / 200)
    p = float(np.mean(shares))
    assert np.var(shares, ddof=1) > 5.0 * p * (1 - p) / 200
