"""What everything computes with: quadrature, random quantities, Poisson bounds, motion, polygons, turns, the sun."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import poisson

from sim.core import chance, geo, quadrature, turns
from sim.core.fields import Quantity
from sim.model.sun import SUNSET_DEG, Sun
from sim.model.weather_processes import WeatherState, time_shares
from sim.model.weather_series import first_wrong_time
from tests.helpers import moving_targets, still_targets


# -------------------------------------------------------------------------------------------------------- quadrature
@pytest.mark.parametrize("degree", range(0, 16, 3))
def test_running_integrals_of_polynomials_up_to_degree_15_are_exact(degree):
    edges = np.array([-1.0, 0.3, 0.9, 2.5])
    found = quadrature.running_integral(lambda x: (degree + 1) * x**degree, edges)
    assert found == pytest.approx(edges ** (degree + 1) - edges[0] ** (degree + 1), rel=1e-12, abs=1e-12)


@given(st.floats(0.1, 1000.0), st.one_of(st.just(0.0), st.floats(1e-3, 1000.0)), st.integers(1, 200))
@settings(max_examples=60, deadline=None)
def test_a_graded_grid_rises_from_0_to_its_end_in_steps_that_grow_in_proportion(reach, scale, count):
    grid = quadrature.graded(reach, scale, count)
    steps = np.diff(grid)
    assert grid.shape == (count + 1,)
    assert (grid[0], grid[-1]) == (0.0, pytest.approx(reach))
    assert np.all(steps > 0.0)
    ratio = steps / (grid[:-1] + scale) if scale else steps
    assert ratio == pytest.approx(np.full(count, ratio[0]), rel=1e-6)


def test_gauss_legendre_weights_add_up_to_the_length_of_the_interval():
    for count in (1, 8, 20):
        node, weight = quadrature.gauss_legendre(count)
        assert weight.sum() == pytest.approx(2.0)
        assert node == pytest.approx(-node[::-1], abs=1e-15)
    assert quadrature.gauss_legendre(2)[0] == pytest.approx([-(3.0**-0.5), 3.0**-0.5])


# ------------------------------------------------------------------------------------------------- random quantities
TRUNCATED = [
    {"low": 2.0, "high": 8.0},
    {"low": 2.0, "high": 8.0, "min": 3.0, "max": 5.0},
    {"mean": 4.0, "max": 6.0},
    {"mean": 4.0, "min": 1.0},
    {"median": 5.0, "sigma": 0.6, "min": 2.0, "max": 30.0},
]


@pytest.mark.parametrize("table", TRUNCATED)
def test_quantiles_rise_between_the_ends_and_keep_their_shape(table):
    quantity = Quantity.model_validate(table)
    u = np.linspace(1e-6, 1.0 - 1e-6, 60).reshape(3, 4, 5)
    values = quantity.quantile(u)
    assert values.shape == u.shape
    assert np.all(np.diff(values.ravel()) > 0.0)
    low, high = quantity.bounds()
    assert table.get("min", table.get("low", 0.0)) <= low <= values.min()
    assert values.max() <= high <= table.get("max", table.get("high", np.inf))


def test_the_quantile_of_an_exponential_cut_at_its_end_is_that_of_a_capped_life():
    """P(T < t) = (1 - e^(-t / 4)) / (1 - e^(-6 / 4)) below the cut at 6."""
    quantity = Quantity.model_validate({"mean": 4.0, "max": 6.0})
    times = np.array([0.5, 2.0, 5.9])
    chances = -np.expm1(-times / 4.0) / -np.expm1(-1.5)
    assert quantity.quantile(chances) == pytest.approx(times)


def test_a_fixed_quantity_has_one_value_whatever_is_drawn():
    quantity = Quantity.model_validate(7)
    assert quantity.quantile([0.01, 0.99]).tolist() == [7.0, 7.0]
    assert quantity.bounds() == (7.0, 7.0)


# ------------------------------------------------------------------------------------------------------------ chance
@pytest.mark.parametrize("mean", [0.0, 0.01, 1.0, 30.0, 700.0, 1e5])
def test_the_bound_of_a_poisson_number_is_exceeded_less_than_once_in_1e30(mean):
    assert poisson.sf(chance.poisson_bound(mean), mean) < 1e-30


def test_an_identity_joined_from_parts_depends_on_their_order_and_number():
    a, b, c = (chance.identity(name) for name in "abc")
    joined = {chance.join(a), chance.join(a, b), chance.join(b, a), chance.join(a, b, c), chance.join(a, c, b)}
    assert len(joined) == 5
    assert chance.join_each(np.array([a, b]), c).tolist() == [chance.join(a, c), chance.join(b, c)]


# ------------------------------------------------------------------------------------------------------------ motion
def test_a_vessel_is_where_its_track_is_and_nowhere_outside_its_life():
    track = np.array([[1.0, 2.0, 0.0, 0.0, 10.0, 0.0], [2.0, 4.0, 10.0, 0.0, 0.0, -5.0]])
    other = np.array([[0.0, 9.0, 50.0, 60.0, 0.0, 0.0]])
    motion = moving_targets(np.vstack([track[1:], other, track[:1]]), np.array([0, 1, 0]))
    assert [motion.exists_at(0, hour) for hour in (0.99, 1.0, 3.99, 4.0)] == [False, True, True, False]
    assert motion.place_at(0, 1.5) == pytest.approx((5.0, 0.0))
    assert motion.place_at(0, 2.0) == pytest.approx((10.0, 0.0))
    assert motion.place_at(0, 3.0) == pytest.approx((10.0, -5.0))
    assert motion.place_at(1, 8.0) == (50.0, 60.0)
    with pytest.raises(ValueError, match="does not exist"):
        motion.place_at(0, 4.0)


def test_segments_are_sorted_by_their_beginning_and_know_how_far_the_earlier_ones_reach():
    rows = np.array([[5.0, 6.0], [0.0, 9.0], [2.0, 3.0]])
    motion = moving_targets(np.column_stack([rows, np.zeros((3, 4))]), np.arange(3))
    assert motion.rows[:, 0].tolist() == [0.0, 2.0, 5.0]
    assert motion.owner.tolist() == [1, 2, 0]
    assert motion.reach.tolist() == [9.0, 9.0, 9.0]
    assert still_targets(np.zeros((4, 2))).vessels.size == 4


# ---------------------------------------------------------------------------------------------------------- polygons
def test_edges_of_a_polygon_close_and_have_the_inside_on_their_left():
    ring = shapely.box(0.0, 0.0, 10.0, 10.0).difference(shapely.box(4.0, 4.0, 6.0, 6.0))
    edges = geo.polygon_edges(shapely.MultiPolygon([ring]))
    assert edges.shape == (4, 8)
    assert edges[2:].sum(axis=1) == pytest.approx([0.0, 0.0])
    x, y, dx, dy = edges
    twice_area = np.sum(x * (y + dy) - (x + dx) * y)
    assert twice_area / 2.0 == pytest.approx(96.0)
    left = np.column_stack([x + dx / 2.0, y + dy / 2.0]) + 0.01 * np.column_stack([-dy, dx]) / np.hypot(dx, dy)[:, None]
    assert shapely.contains_xy(ring, left).all()


def test_a_simpler_outline_drops_islands_smaller_than_the_tolerance_squared():
    sea = shapely.box(0.0, 0.0, 100.0, 100.0)
    sea = sea.difference(shapely.box(10.0, 10.0, 10.5, 10.5)).difference(shapely.box(40.0, 40.0, 50.0, 50.0))
    assert geo.outline_of(sea, 1.0).area == pytest.approx(9900.0)
    assert geo.outline_of(sea, 0.1).area == pytest.approx(9899.75)


# ------------------------------------------------------------------------------------------------------------- turns
@given(st.floats(-np.pi, np.pi), st.floats(-3.1, 3.1).filter(lambda turn: abs(turn) > 1e-3), st.floats(0.2, 5.0))
@settings(max_examples=60, deadline=None)
def test_the_points_of_an_arc_lie_on_its_circle_and_are_at_most_a_chord_apart(heading, turn, radius):
    start = np.array([3.0, -2.0])
    points = np.vstack([start, turns.arc(start, heading, turn, radius)])
    right = np.array([np.cos(heading), -np.sin(heading)])
    centre = start + np.copysign(radius, turn) * right
    assert np.hypot(*(points - centre).T) == pytest.approx(np.full(len(points), radius))
    chords = np.hypot(*np.diff(points, axis=0).T)
    assert chords.max() <= 2.0 * radius * np.sin(np.radians(turns.CHORD_DEG) / 2.0) + 1e-9
    assert turns.length_nmi(points) <= abs(turn) * radius


# --------------------------------------------------------------------------------------------------- sun and weather
@pytest.mark.parametrize(("month", "length_h"), [(6, 0.0), (12, 24.0)])
def test_a_night_beyond_the_polar_circle_lasts_none_of_the_day_or_all_of_it(month, length_h):
    from datetime import UTC, datetime

    sun = Sun(datetime(2023, month, 21, tzinfo=UTC))
    sunset, sunrise = sun.night(np.arange(3), 20.0, 80.0)
    assert sunrise - sunset == pytest.approx(np.full(3, length_h), abs=0.02)
    above = sun.elevation((sunset + sunrise) / 2.0, 20.0, 80.0) > SUNSET_DEG
    assert above.tolist() == [month == 6] * 3


@given(st.lists(st.floats(0.1, 100.0), min_size=2, max_size=6), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_shares_of_time_balance_the_flows_into_and_out_of_each_state(dwell, seed):
    """Of a continuous-time Markov chain at rest: share_i / dwell_i = sum over j of share_j / dwell_j P_ji."""
    rng, names = np.random.default_rng(seed), [f"s{number}" for number in range(len(dwell))]
    chances = rng.uniform(0.05, 1.0, (len(dwell), len(dwell))) * (1.0 - np.eye(len(dwell)))
    chances /= chances.sum(axis=1, keepdims=True)
    states = {
        name: WeatherState(dwell_h=hours, sea_state=1, next={b: p for b, p in zip(names, row, strict=True) if p > 0.0})
        for name, hours, row in zip(names, dwell, chances.tolist(), strict=True)
    }
    shares = np.array([time_shares(states)[name] for name in names])
    flow = shares / np.array(dwell)
    assert shares.sum() == pytest.approx(1.0)
    assert flow @ chances == pytest.approx(flow, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    ("times", "row"), [([0.0], None), ([-5.0, 0.0, 3.0], None), ([0.1], 0), ([0.0, 1.0, 1.0], 2), ([0.0, -1.0], 1)]
)
def test_the_first_time_of_a_series_that_is_not_allowed_is_named(times, row):
    found = first_wrong_time(times)
    assert (found and found[0]) == row


def test_the_mean_of_a_lateral_range_curve_is_the_integral_that_quadrature_gives():
    from sim.model.laws.base import sweep_width_of

    width = sweep_width_of(lambda x: np.exp(-(x**2) / 8.0), 20.0, 2.0)
    assert width == pytest.approx(2.0 * quad(lambda x: np.exp(-(x**2) / 8.0), 0.0, 20.0)[0], rel=1e-9)
