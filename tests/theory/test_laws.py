"""Each law against its definition, an independent integrator, and itself in pieces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core import kernels
from sim.model.laws.base import kernel_laws
from tests.helpers import DEFINITE, INVERSE_CUBE, LAWS, SCAN, exposure_of, law_of, legs_along

CONTINUOUS = (INVERSE_CUBE, SCAN)


def rate_at(law, r):
    """The law's rate at ranges r, per hour, written again from its definition."""
    inside = r < law.max_range_nmi
    if law.kind == "scan":
        p = law.probability / (1.0 + (r / law.range_half_nmi) ** law.roll_off)
        return np.where(inside, -np.log(1.0 - p) * 3600.0 / law.look_interval_s, 0.0)
    return np.where(inside, law.strength / r**3, 0.0)


def small_steps(law, dx, dy, vx, vy, ta, tb, steps=400_000):
    """Exposure by the midpoint rule, in steps so small that they do not matter."""
    t = ta + (np.arange(steps) + 0.5) * (tb - ta) / steps
    r = np.hypot(dx + vx * (t - ta), dy + vy * (t - ta))
    return float(np.sum(rate_at(law, r)) * (tb - ta) / steps)


def composite_gauss(function, edges):
    """An integral over panels by 20 nodes each, far finer than what it judges."""
    node, weight = np.polynomial.legendre.leggauss(20)
    half = np.diff(edges) / 2.0
    s = edges[:-1, None] + half[:, None] * (node + 1.0)
    return float(np.sum(half[:, None] * weight * function(s)))


LAST = [None, None]


def rows_and_tables(law):
    """A law as the compiled functions take it; the last one is kept, since tables are large."""
    if LAST[0] is not law:
        LAST[:] = law, kernel_laws([law])
    return LAST[1]


def exposure(law, *motion, needed=np.inf):
    return kernels.exposure(*rows_and_tables(law), *motion, needed)


@pytest.mark.parametrize("spec", CONTINUOUS, ids=lambda s: s["kind"])
def test_exposure_agrees_with_small_steps_over_random_motions(spec):
    law = law_of(spec)
    rng = np.random.default_rng(11)
    worst = 0.0
    for _ in range(40):
        motion = (*rng.uniform(-45, 45, 2), *rng.uniform(-250, 250, 2), 0.0, rng.uniform(0.02, 0.5))
        closest = abs(motion[0] * motion[3] - motion[1] * motion[2]) / np.hypot(motion[2], motion[3])
        if closest < 1.0:  # where the steps themselves would be too coarse
            continue
        exact, rough = exposure(law, *motion)[0], small_steps(law, *motion)
        worst = max(worst, abs(exact - rough) / max(rough, 1e-3))
    assert worst < 5e-5  # the cut at the maximum range costs the integrator half a step


@pytest.mark.parametrize("roll_off", [2.0, 2.5, 5.0, 8.0, 20.0])
@pytest.mark.parametrize("probability", [0.05, 0.9, 0.999])
def test_scan_integral_is_within_a_millionth(roll_off, probability):
    law = law_of(SCAN | {"roll_off": roll_off, "probability": probability})
    rng = np.random.default_rng(5)
    for _ in range(12):
        x = rng.uniform(0.0, 39.0)
        half = np.sqrt(40.0**2 - x * x)
        s1, s2 = np.sort(rng.uniform(-half, half, 2))
        if s2 - s1 < 0.05 * half:
            continue
        exact = composite_gauss(lambda s, x=x: rate_at(law, np.hypot(x, s)), np.linspace(s1, s2, 65))
        ours = exposure(law, s1, x, 100.0, 0.0, 0.0, (s2 - s1) / 100.0)[0] * 100.0
        assert abs(ours - exact) < 1e-6 * exact


@pytest.mark.parametrize(
    ("half", "roll_off", "probability"),
    [
        (5.0, 8.0, 0.9),
        (1.0, 8.0, 0.9),
        (1.0, 20.0, 0.9),
        (5.0, 20.0, 0.9),
        (2.0, 2.0, 0.999),
        (60.0, 8.0, 0.9),
        (0.4, 20.0, 0.999),
    ],
)
def test_a_narrow_scan_law_with_a_far_cut_keeps_its_error(half, roll_off, probability):
    """Half passes at random distances, within a millionth of composite quadrature; the faintest of a head-on pass."""
    changes = {"range_half_nmi": half, "roll_off": roll_off, "probability": probability, "max_range_nmi": 90.0}
    law = law_of(SCAN | changes)
    rng = np.random.default_rng(7)
    for x in np.concatenate([rng.uniform(0.0, min(3.0 * half, 89.0), 15), rng.uniform(0.0, 89.0, 5)]):
        end = np.sqrt(90.0**2 - x * x)
        fine = np.unique(np.concatenate([np.linspace(0.0, min(end, 8.0 * half), 400), np.geomspace(1e-3, end, 200)]))
        exact = composite_gauss(lambda s, x=x: rate_at(law, np.hypot(x, s)), fine[fine <= end])
        ours = exposure(law, 0.0, x, 100.0, 0.0, 0.0, end / 100.0)[0] * 100.0
        assert abs(ours - exact) < 1e-6 * max(exact, 1e-6 * float(law.rate(np.zeros(1))[0]) * half)


def test_inverse_cube_has_no_cancellation_near_the_track():
    law = law_of(INVERSE_CUBE)
    for x in (1e-5, 1e-4, 1e-3):
        ours = exposure(law, 5.0, x, 200.0, 0.0, 0.0, 0.1)[0]
        exact = law.strength / 200.0 * (1 / 5.0**2 - 1 / 25.0**2) / 2.0  # x -> 0: the integral of 1 / s^3
        assert ours == pytest.approx(exact, rel=1e-6)


def test_a_target_that_keeps_its_distance_is_exposed_at_a_constant_rate():
    for spec in CONTINUOUS:
        law = law_of(spec)
        assert exposure(law, 6.0, 8.0, 0.0, 0.0, 1.0, 3.0)[0] == pytest.approx(
            2.0 * float(rate_at(law, 10.0)), rel=1e-6
        )


NARROW = (SCAN | {"range_half_nmi": 0.5}, INVERSE_CUBE | {"sweep_width_nmi": 0.4})


@pytest.mark.parametrize("spec", [*LAWS, *NARROW], ids=lambda s: s["kind"])
def test_sweep_width_is_the_integral_of_simulated_passes(spec):
    law = law_of(spec)

    def lateral(x):
        passes = [exposure(law, -300.0, float(at), 200.0, 0.0, 0.0, 3.0)[0] for at in x.ravel()]
        return -np.expm1(-np.array(passes).reshape(x.shape))

    edges = np.concatenate([[0.0], np.geomspace(1e-3, law.reach_nmi, 200)])
    assert law.sweep_width_nmi(200.0) == pytest.approx(2.0 * composite_gauss(lateral, edges), rel=3e-6)


def test_definite_range_has_the_sweep_width_two_r_p():
    assert law_of(DEFINITE).sweep_width_nmi(123.0) == pytest.approx(2 * 8.0 * 0.7)


def test_a_sweep_width_calibrated_after_the_cut_is_what_was_asked_for():
    law = law_of(INVERSE_CUBE | {"sweep_width_nmi": 40.0, "reference_speed_kn": 210.0})
    assert law.sweep_width_nmi(210.0) == pytest.approx(40.0, rel=1e-9)


def test_a_cut_at_60_nmi_takes_6_nmi_of_a_sweep_width_of_40():
    """The law that has W = 40 without the cut has some 34 with it."""
    narrow, wide = (law_of(INVERSE_CUBE | {"sweep_width_nmi": width}) for width in (33.5, 34.5))
    assert narrow.uncut_sweep_width_nmi < 40.0 < wide.uncut_sweep_width_nmi
    assert "without the cut at 200 kn" in law_of(INVERSE_CUBE | {"sweep_width_nmi": 34.0}).remark


@given(
    st.sampled_from(CONTINUOUS),
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.floats(-30, 30),
    st.floats(-30, 30),
    st.lists(st.floats(0.01, 0.99), min_size=1, max_size=6, unique=True),
)
@settings(max_examples=150, deadline=None)
def test_splitting_a_leg_changes_nothing(spec, x, y, vx, vy, cuts):
    law = law_of(spec)
    line = np.array([[-60.0, 0.0], [60.0, 5.0]])
    shares = np.unique(np.round([0.0, *cuts, 1.0], 6))[:, None]
    pieces = legs_along(line[0] + shares * (line[1] - line[0]), 200.0)
    whole = exposure_of(law, legs_along(line, 200.0), x, y, vx, vy)
    assert exposure_of(law, pieces, x, y, vx, vy) == pytest.approx(whole, rel=1e-9, abs=1e-9)


@given(st.sampled_from(LAWS), st.floats(-30, 30), st.floats(-30, 30), st.floats(0, 2 * np.pi), st.floats(-500, 500))
@settings(max_examples=100, deadline=None)
def test_turning_or_moving_the_plane_changes_nothing(spec, x, y, angle, shift):
    law = law_of(spec)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    place, motion = np.array([x, y]), np.array([180.0, 40.0])
    before = exposure(law, *place, *motion, 0.0, 0.4)
    after = exposure(law, *(turn @ place), *(turn @ motion), shift, shift + 0.4)
    assert after[0] == pytest.approx(before[0], rel=1e-9, abs=1e-9)


@given(st.sampled_from(CONTINUOUS), st.floats(-40, 40), st.floats(-40, 40), st.floats(0.001, 0.999))
@settings(max_examples=150, deadline=None)
def test_the_moment_of_detection_is_when_the_exposure_reaches_the_threshold(spec, x, y, share):
    law = law_of(spec)
    motion = (x, y, -170.0, 60.0, 0.0, 0.6)
    whole = exposure(law, *motion)[0]
    if whole < 1e-6:
        return
    needed = share * min(whole, 40.0)  # a threshold above 40 is drawn once in 1e17
    when = exposure(law, *motion, needed=needed)[1]
    assert 0.0 <= when < 0.6
    earlier, later = (exposure(law, *motion[:5], max(when + off, 1e-300))[0] for off in (-1e-9, 1e-9))
    assert earlier * (1.0 - 1e-9) <= needed <= later * (1.0 + 1e-9)  # right to four microseconds


@given(st.sampled_from(LAWS), st.floats(-40, 40), st.sampled_from([0.1, 0.5, 0.9]), st.sampled_from([1.01, 1.1]))
@settings(max_examples=80, deadline=None)
def test_more_probability_range_or_time_never_lowers_detection(spec, x, low, more):
    def found(changed, hours=0.4):
        return exposure(law_of(changed), x, -30.0, 0.0, 200.0, 0.0, hours)[0]

    slack = 1e-9
    assert found(spec, 0.4 * more) >= found(spec) - slack
    if "probability" in spec:
        assert found(spec | {"probability": min(0.95, low * more)}) >= found(spec | {"probability": low}) - slack
    if "detection_probability" in spec:
        better = tuple(min(0.99, p * more) for p in spec["detection_probability"])
        assert found(spec | {"detection_probability": better}) >= found(spec) - slack
    name = {"definite_range": "range_nmi", "inverse_cube": "sweep_width_nmi", "scan": "range_half_nmi"}
    wider = {key: spec[key] * more for key in (name.get(spec["kind"]),) if key}
    if "distance_nmi" in spec:
        wider = {"distance_nmi": tuple(x * more for x in spec["distance_nmi"])}
    assert found(spec | wider) >= found(spec) - slack


@pytest.mark.parametrize(("half", "roll_off", "reach"), [(1.0, 2.0, 300.0), (3.0, 3.1, 750.0), (1.0, 20.0, 300.0)])
@pytest.mark.parametrize("share", [0.003, 0.3, 0.88, 0.965])
def test_the_scan_table_holds_from_the_first_row_to_the_last(half, roll_off, reach, share):
    """Against adaptive quadrature, of a law that falls slowly or steeply and is cut far out."""
    from scipy.integrate import quad

    law = law_of(SCAN | {"probability": 0.9, "range_half_nmi": half, "roll_off": roll_off, "max_range_nmi": reach})
    x = share * law.table_reach_nmi
    chord = float(np.sqrt(law.table_reach_nmi**2 - x**2))
    exact = quad(lambda s: float(law.rate(np.hypot(x, s))), 0.0, chord, epsrel=1e-12, limit=500)[0]
    head_on = quad(lambda s: float(law.rate(np.float64(s))), 0.0, reach, epsrel=1e-12, limit=500, points=[half])[0]
    laws, tables = kernel_laws([law])
    found = 100.0 * kernels.exposure(laws, tables, 0.0, x, 100.0, 0.0, 0.0, chord / 100.0, np.inf)[0]
    assert abs(found - exact) < 1e-6 * max(exact, 1e-6 * head_on)
