"""What holds for every detection law that a file can give: its curve, its width, its limits, its compiled half."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sim.core import kernels
from sim.model.laws.base import LawInForce, kernel_row, kernel_tables
from tests.helpers import DEFINITE, INVERSE_CUBE, LATERAL, SCAN, law_of
from tests.strategies import inverse_cubes, laws

speeds = st.floats(60.0, 500.0)
factors = st.sampled_from([0.5, 1.0, 1.7])
each = settings(max_examples=20, deadline=None)
CURVE = {"kind": "lateral_range", "distance_nmi": (0.0, 5.0, 10.0), "detection_probability": (0.5, 0.5, 0.5)}


def spec_of(table):
    """A table of a law whose lists are tuples, as `law_of` takes it."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


@given(laws, speeds, st.lists(st.floats(-1.0, 1.0), min_size=1, max_size=8))
@each
@example(SCAN, 200.0, [-0.5, 0.0, 0.9])
@example(DEFINITE, 200.0, [-0.99])
def test_a_curve_is_a_probability_and_the_same_to_either_side(table, speed, offsets):
    law = law_of(spec_of(table))
    x = 1.2 * law.reach_nmi * np.array(offsets)
    found = law.lateral_range(x, speed)
    assert found.shape == x.shape
    assert np.all((found >= 0.0) & (found <= 1.0))
    assert np.array_equal(found, law.lateral_range(-x, speed))
    assert np.all(found[np.abs(x) >= law.reach_nmi] == 0.0)


@given(laws, speeds)
@each
@example(SCAN, 200.0)
def test_a_width_is_twice_the_area_below_the_curve_and_above_0_where_anything_is_detected(table, speed):
    law = law_of(spec_of(table))
    width = law.sweep_width_nmi(speed)
    x = np.linspace(0.0, law.reach_nmi, 1001)
    middles = (x[1:] + x[:-1]) / 2.0
    area = 2.0 * law.lateral_range(middles, speed).sum() * (x[1] - x[0])
    assert 0.0 <= width <= 2.0 * law.reach_nmi * (1.0 + 1e-9)
    assert width == pytest.approx(area, abs=8e-3 * law.reach_nmi)
    assert law.can_detect == (width > 0.0)


@given(laws, speeds)
@each
@example(SCAN, 200.0)
def test_a_faster_pass_never_sees_more(table, speed):
    law = law_of(spec_of(table))
    x = np.linspace(0.0, law.reach_nmi, 50, endpoint=False)
    assert np.all(law.lateral_range(x, 2.0 * speed) <= law.lateral_range(x, speed) + 1e-12)
    assert law.sweep_width_nmi(2.0 * speed) <= law.sweep_width_nmi(speed) + 1e-9


@given(laws, speeds, factors, st.floats(0.1, 1.5))
@each
@example(SCAN, 200.0, 1.7, 0.4)
@example(INVERSE_CUBE, 200.0, 1.7, 0.6)
def test_conditions_stretch_a_curve_and_cut_it(table, speed, scale, cut):
    law = law_of(spec_of(table))
    whole, short = LawInForce(law, scale), LawInForce(law, scale, cut * law.reach_nmi * scale)
    assert whole.reach_nmi == pytest.approx(law.reach_nmi * scale)
    assert short.reach_nmi == pytest.approx(min(1.0, cut) * law.reach_nmi * scale)
    x = np.linspace(0.0, 1.1, 23) * whole.reach_nmi
    assert np.all(short.lateral_range(x[x >= short.reach_nmi], speed) == 0.0)
    assert np.all(short.lateral_range(x, speed) <= whole.lateral_range(x, speed) + 1e-12)
    assert short.sweep_width_nmi(speed) <= whole.sweep_width_nmi(speed) + 1e-9
    # A pass at the stretched distance lasts as much longer as looks need: slower by the scale for a law of looks.
    same_speed = speed / scale if law.kind == "scan" else speed
    inside = x < 0.999 * whole.reach_nmi
    assert whole.lateral_range(x[inside], speed) == pytest.approx(law.lateral_range(x[inside] / scale, same_speed))


@given(laws, st.floats(0.0, 0.95), factors, st.sampled_from([np.inf, 0.6]))
@settings(max_examples=15, deadline=None)
@example(SCAN, 0.3, 1.7, 0.6)
@example(SCAN, 0.7, 0.5, np.inf)
def test_the_compiled_half_of_a_law_in_force_sees_what_its_curve_says(table, share, scale, cut):
    """One long straight pass at 200 kn, flown by the compiled code that simulations use."""
    law = law_of(spec_of(table))
    cut_nmi = cut * law.reach_nmi * scale
    held = LawInForce(law, scale, cut_nmi)
    x = share * held.reach_nmi
    rows, tables = np.array([kernel_row(law, 0, scale, cut_nmi)]), kernel_tables([law])
    long = 3.0 * law.reach_nmi * scale
    exposure = kernels.exposure(rows, tables, -long, x, 200.0, 0.0, 0.0, 2.0 * long / 200.0, np.inf)[0]
    assert -np.expm1(-exposure) == pytest.approx(float(held.lateral_range(np.array(x), 200.0)), rel=2e-5, abs=1e-9)


@given(inverse_cubes())
@settings(max_examples=20, deadline=None)
def test_an_inverse_cube_law_has_the_width_of_its_table_at_its_reference_speed_after_the_cut(table):
    law = law_of(table)
    assert law.sweep_width_nmi(table["reference_speed_kn"]) == pytest.approx(table["sweep_width_nmi"], rel=1e-7)
    assert law.uncut_sweep_width_nmi > table["sweep_width_nmi"]


def test_a_far_cut_hardly_changes_an_inverse_cube_law():
    law = law_of(INVERSE_CUBE | {"sweep_width_nmi": 1.0, "max_range_nmi": 1000.0})
    assert law.uncut_sweep_width_nmi == pytest.approx(1.0, rel=1e-3)


# ---------------------------------------------------------------------------------------------------- limits
@pytest.mark.parametrize(
    ("table", "detects"),
    [
        (DEFINITE | {"probability": 0.0}, False),
        (DEFINITE | {"probability": 1e-9}, True),
        (LATERAL | {"detection_probability": (0.0, 0.0, 0.0, 0.0)}, False),
        (LATERAL | {"detection_probability": (0.0, 0.0, 0.2, 0.0)}, True),
        (INVERSE_CUBE, True),
        (SCAN, True),
    ],
)
def test_a_law_can_detect_where_any_chance_is_above_0(table, detects):
    assert law_of(table).can_detect is detects


@pytest.mark.parametrize(
    ("at_the_limit", "beyond"),
    [
        (INVERSE_CUBE | {"sweep_width_nmi": 1.98, "max_range_nmi": 1.0}, {"sweep_width_nmi": 1.981}),
        (SCAN | {"range_half_nmi": 0.5, "max_range_nmi": 150.0}, {"max_range_nmi": 150.1}),
        (SCAN | {"probability": 0.999}, {"probability": 0.9991}),
        (DEFINITE | {"probability": 1.0}, {"probability": 1.0001}),
        (CURVE, {"distance_nmi": (0.0, 5.0, 5.0)}),
        (CURVE, {"distance_nmi": (0.1, 5.0, 10.0)}),
        (CURVE, {"detection_probability": (0.5, 0.5)}),
    ],
)
def test_a_law_at_its_limit_is_accepted_and_one_beyond_refused(at_the_limit, beyond):
    assert law_of(at_the_limit).reach_nmi > 0.0
    with pytest.raises(ValidationError):
        law_of(at_the_limit | beyond)


def test_the_width_of_a_measured_curve_is_exact_where_it_is_cut_between_its_points():
    """1 to 10 nmi, falling to 0 at 20; cut at 15 the area to one side is 10 + 5 (1 + 1/2) / 2."""
    law = law_of(LATERAL | {"distance_nmi": (0.0, 10.0, 20.0), "detection_probability": (1.0, 1.0, 0.0)})
    assert law.sweep_width_nmi(200.0) == pytest.approx(30.0)
    assert LawInForce(law, 1.0, 15.0).sweep_width_nmi(200.0) == pytest.approx(2.0 * 13.75)
    assert LawInForce(law, 2.0).sweep_width_nmi(200.0) == pytest.approx(60.0)


def test_a_sure_law_of_definite_range_detects_whatever_comes_within_it():
    law = law_of(DEFINITE | {"probability": 1.0})
    assert law.lateral_range(np.array([0.0, 7.999, 8.0, 8.001]), 100.0).tolist() == [1.0, 1.0, 0.0, 0.0]
    assert law.sweep_width_nmi(100.0) == 16.0
