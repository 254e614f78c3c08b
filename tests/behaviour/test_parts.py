"""The small parts: chance, the plane, the sun, patterns, random quantities."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core import chance, kernels
from sim.core.codes import Purpose
from sim.core.fields import Quantity
from sim.core.geo import Plane, land, plane_of
from sim.core.legs import barrier, longest_side_course, parallel_sweep
from sim.model.sun import Sun

DEFAULT = (118.0, 22.0, 146.0, 46.0)


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_its_published_vectors(counter, key, expected):
    """Random123's known-answer file, philox 4x32-10."""
    assert kernels.philox(np.array(counter, np.uint32), np.array(key, np.uint32)).tolist() == expected


def test_uniforms_are_uniform_independent_and_never_0_or_1():
    from scipy.stats import kstest

    key = chance.replication_key(1, 0)
    u = chance.uniforms(key, Purpose.PLACE, kernels.entities(chance.identity("x"), 0, 20_000))
    assert 0.0 < u.min() < u.max() < 1.0
    assert kstest(u.ravel(), "uniform").pvalue > 1e-3
    other = chance.uniforms(key, Purpose.COURSE, kernels.entities(chance.identity("x"), 0, 20_000))
    for a, b in ((u[:, 0], u[:, 1]), (u[:, 0], other[:, 0]), (u[:-1, 0], u[1:, 0])):
        assert abs(np.corrcoef(a, b)[0, 1]) < 3.7 / np.sqrt(20_000)


def test_identities_are_stable_and_distinct():
    assert int(chance.identity("transfers", "fuel")) == int.from_bytes(
        blake2b(b"transfers\x1ffuel", digest_size=8).digest(), "little"
    )
    assert chance.identity("a", "bc") != chance.identity("ab", "c")
    many = kernels.entities(chance.identity("x"), -5000, 10_000)
    assert np.unique(many).size == many.size


@pytest.mark.parametrize(("box", "most"), [(DEFAULT, 0.015), ((100.0, -60.0, 180.0, 65.0), 0.72)])
def test_distances_and_areas_on_the_plane_are_within_the_stated_error_of_geodesics(box, most):
    """Places anywhere, and places and squares a tenth of a degree apart, are compared by pyproj."""
    from pyproj import Geod

    plane, earth, rng = Plane(*box), Geod(ellps="WGS84"), np.random.default_rng(1)
    (lon, lat), (lon2, lat2) = rng.uniform([[box[0]], [box[1]]], [[box[2] - 0.1], [box[3] - 0.1]], (2, 2, 4000))
    near = rng.uniform(0.0, 0.1, (2, 4000))
    a, b = np.tile([lon, lat], 2), np.hstack([[lon2, lat2], np.array([lon, lat]) + near])
    geodesic = earth.inv(a[0], a[1], b[0], b[1])[2] / 1852.0
    error = np.hypot(*np.subtract(plane.to_xy(*a), plane.to_xy(*b))) / geodesic - 1.0
    least, greatest = plane.distance_error
    assert least - 1e-4 < error.min() < 0.9 * least
    assert 0.75 * greatest < error.max() < min(greatest + 1e-4, most)
    squares = shapely.box(lon[:50], lat[:50], lon[:50] + 0.1, lat[:50] + 0.1)
    true = np.array([abs(earth.geometry_area_perimeter(square)[0]) for square in squares]) / 1852.0**2
    area_error = np.array([plane.project(square).area for square in squares]) / true - 1.0
    least, greatest = plane.area_error
    assert least - 1e-3 < area_error.min() < 0.7 * least
    assert 0.5 * greatest < area_error.max() < greatest + 1e-3
    if box == DEFAULT:
        assert np.median(np.abs(error[:4000])) < 0.007


def test_courses_are_true_at_the_place_meant():
    from pyproj import Geod

    plane = plane_of(DEFAULT)
    for lon, lat, course in ((119.0, 24.0, 30.0), (145.0, 45.0, 200.0), (132.0, 34.0, 355.0)):
        lon2, lat2, _ = Geod(ellps="WGS84").fwd(lon, lat, course, 1852.0)
        (x0, x1), (y0, y1) = plane.to_xy([lon, lon2], [lat, lat2])
        grid = np.degrees(np.arctan2(x1 - x0, y1 - y0)) % 360.0
        assert plane.grid_course(course, lon, lat) == pytest.approx(grid, abs=0.05)
        assert plane.true_course(plane.grid_course(course, lon, lat), lon, lat) == pytest.approx(course)


def test_the_plane_goes_there_and_back_and_serves_the_equator_too():
    for box in (DEFAULT, (100.0, -10.0, 120.0, 10.0), (150.0, -45.0, 170.0, -30.0)):
        plane = Plane(*box)
        lon, lat = np.meshgrid(np.linspace(box[0], box[2], 9), np.linspace(box[1], box[3], 9))
        back = plane.to_lonlat(*plane.to_xy(lon, lat))
        assert np.allclose(back[0], lon, atol=1e-9)
        assert np.allclose(back[1], lat, atol=1e-9)


@pytest.mark.parametrize("box", [DEFAULT, (150.0, -45.0, 175.0, -20.0)])
def test_the_area_scale_is_the_projections_own(box):
    plane = Plane(*box)
    lon, lat = np.random.default_rng(2).uniform([[box[0]], [box[1]]], [[box[2]], [box[3]]], (2, 200))
    scale = plane.projection.get_factors(lon, lat).areal_scale
    assert plane.area_scale(*plane.to_xy(lon, lat)) == pytest.approx(scale, rel=1e-5)


def test_land_holds_the_islands_that_matter():
    islands = {
        "Okinawa": (127.77, 26.36),
        "Tsushima": (129.3, 34.3),
        "Danjo": (128.36, 31.99),
        "Takeshima": (131.866, 37.242),
    }
    for name, place in islands.items():
        assert land().distance(shapely.Point(place)) < 0.02, name
    assert not shapely.contains_xy(land(), 125.0, 29.5)


def test_the_sea_part_leaves_out_land():
    plane = plane_of(DEFAULT)
    box = shapely.box(127.0, 26.0, 129.0, 27.5)
    sea = plane.sea(box)
    assert 0.9 * plane.project(box).area < sea.area < plane.project(box).area
    assert not shapely.contains_xy(sea, *plane.to_xy(127.77, 26.36))


@pytest.mark.parametrize(("lon", "lat"), [(125.0, 29.0), (140.0, 45.0), (-170.0, -60.0), (10.0, 10.0), (179.0, 22.0)])
def test_sunset_and_sunrise_agree_with_astral_within_a_minute(lon, lat):
    from astral import Observer
    from astral.sun import sunrise, sunset

    start = datetime(2023, 4, 10, tzinfo=UTC)
    sets, rises = Sun(start).night(np.arange(0, 360, 40), lon, lat)
    place = Observer(lat, lon)
    assert len(sets) > 0 < len(rises)
    for hour, function in [(h, sunset) for h in sets] + [(h, sunrise) for h in rises]:
        day = start + timedelta(hours=float(hour))
        others = [function(place, (day + timedelta(days=d)).date()) for d in (-1, 0, 1)]
        assert min(abs((other - day).total_seconds()) for other in others) < 60


def test_the_cycle_zero_begins_within_a_day_before_the_start():
    suns = [Sun(datetime(2023, 10, 31, hour, tzinfo=UTC)) for hour in range(0, 24, 5)]
    noons = np.array([sun.noon(0, np.linspace(-180, 180, 73)) for sun in suns])
    assert noons.shape == (5, 73)
    assert np.all((noons <= 0.5) & (noons > -24.5))


@given(st.integers(0, 10_000), st.floats(5.0, 60.0))
@settings(max_examples=60, deadline=None)
def test_a_parallel_sweep_leaves_nothing_farther_than_half_a_spacing(seed, spacing):
    rng = np.random.default_rng(seed)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 9))
    radius = rng.uniform(40, 150, 9)
    area = shapely.Polygon(np.column_stack([radius * np.cos(angles), radius * np.sin(angles)])).buffer(0)
    if area.geom_type != "Polygon" or area.area < 500:
        return
    path = shapely.LineString(parallel_sweep(area, spacing)[0])
    west, south, east, north = area.bounds
    points = rng.uniform((west, south), (east, north), (300, 2))
    inside = points[shapely.contains_xy(area, points[:, 0], points[:, 1])]
    # Beyond the end of a track the boundary may run on for up to half a spacing's depth.
    course = np.radians(longest_side_course(area))
    abeam = inside @ np.array([np.cos(course), -np.sin(course)])
    offsets = np.unique(np.round(np.asarray(path.coords) @ np.array([np.cos(course), -np.sin(course)]), 6))
    assert np.all(np.min(np.abs(abeam[:, None] - offsets[None, :]), axis=1) <= spacing / 2 + 1e-6)


def test_a_parallel_sweep_may_be_entered_at_each_corner_and_all_are_equally_long():
    passes = parallel_sweep(shapely.box(0, 0, 200, 100), 20.0)
    starts = {tuple(np.round(one[0], 6)) for one in passes}
    assert len(starts) == 4
    lengths = [np.hypot(*np.diff(one, axis=0).T).sum() for one in passes]
    assert lengths == pytest.approx([5 * 200 + 4 * 20] * 4)


def test_an_area_of_parts_too_small_for_any_track_is_crossed_along_their_middles():
    parts = shapely.MultiPolygon([shapely.box(0, 0, 30, 10), shapely.box(0, 90, 30, 100)])
    one = parallel_sweep(parts, 200.0, 90.0)[0]
    assert sorted({round(float(y), 6) for y in one[:, 1]}) == [5.0, 95.0]


def test_a_heading_turns_the_sweep():
    across = parallel_sweep(shapely.box(0, 0, 200, 100), 20.0, 0.0)[0]
    assert len(across) == 20
    assert np.allclose(across[0, 0], across[1, 0])


def test_a_barrier_goes_there_and_back():
    line = np.array([[0.0, 0.0], [10.0, 0.0], [20.0, 5.0]])
    one, other = barrier(line)
    assert np.array_equal(one, [[0, 0], [10, 0], [20, 5], [10, 0], [0, 0]])
    assert np.array_equal(other[0], line[-1])
    assert np.array_equal(other[-1], line[-1])


@pytest.mark.parametrize(
    ("table", "mean", "spread"),
    [
        (4.0, 4.0, 0.0),
        ({"low": 2.0, "high": 6.0}, 4.0, 4.0 / np.sqrt(12)),
        ({"mean": 3.0}, 3.0, 3.0),
        ({"median": 5.0, "sigma": 0.5}, 5.0 * np.exp(0.125), None),
    ],
)
def test_random_quantities_have_their_means(table, mean, spread):
    u = (np.arange(200_000) + 0.5) / 200_000
    values = Quantity.model_validate(table).quantile(u)
    assert values.mean() == pytest.approx(mean, rel=1e-3)
    if spread is not None:
        assert values.std() == pytest.approx(spread, rel=1e-2, abs=1e-12)


def test_a_cut_is_by_the_inverse_distribution_function():
    quantity = Quantity.model_validate({"mean": 3.0, "min": 1.0, "max": 5.0})
    values = quantity.quantile(np.array([0.0, 0.5, 1.0]))
    below = -np.log1p(-(0.5 * (np.exp(-1 / 3) + np.exp(-5 / 3)) * -1 + 1))
    assert values == pytest.approx([1.0, 3.0 * below, 5.0])
