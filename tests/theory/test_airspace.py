"""No-go zones: the shortest way round them, against other ways of finding it."""

import sys
from itertools import pairwise, permutations

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

import sim.core.kernels  # noqa: F401  a simulation has them
from sim.core.airspace import MARGIN_NMI, OUTLINE_NMI, Airspace, NoPathError, airspace_of, enters
from sim.core.geo import plane_of

FINE = 1e-6  # nmi: what ways round and sums of them may differ by
SQUARE = shapely.box(0.0, 0.0, 10.0, 10.0)
HOOK = shapely.Polygon([(0, 0), (40, 0), (40, 30), (10, 30), (10, 20), (30, 20), (30, 10), (0, 10)])


def length_of(way) -> float:
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


def is_free(shape, a, b) -> bool:
    """Whether a straight way does not enter a shape, by shapely: nothing of it lies inside, but for rounding."""
    return shapely.LineString([a, b]).intersection(shape.buffer(-1e-5)).is_empty


@st.composite
def stars(draw):
    """A polygon about a centre, mostly concave."""
    x, y = draw(st.floats(0.0, 100.0)), draw(st.floats(0.0, 100.0))
    radii = draw(st.lists(st.floats(3.0, 30.0), min_size=3, max_size=9))
    angle = 2.0 * np.pi * np.arange(len(radii)) / len(radii) + draw(st.floats(0.0, 6.0))
    return shapely.Polygon(np.column_stack([x + radii * np.cos(angle), y + radii * np.sin(angle)]))


points = st.tuples(st.floats(-50.0, 150.0), st.floats(-50.0, 150.0))
zone_sets = st.lists(stars(), min_size=1, max_size=4)


def outside(space: Airspace, *ends) -> bool:
    return not any(shapely.covers(space.closed_with_margin, shapely.Point(end)) for end in ends)


# ---------------------------------------------------------------------------------------------- other ways to find it
@settings(max_examples=60, deadline=None)
@given(stars(), points, points)
def test_round_one_convex_zone_the_way_is_a_rubber_band(star, a, b):
    space = Airspace([star.convex_hull])
    assume(outside(space, a, b))
    if is_free(space.closed_with_margin, a, b):
        assert len(space.path(a, b)) == 2
        return
    hull = shapely.get_coordinates(shapely.MultiPoint([a, b, *space.corners]).convex_hull.exterior)[:-1]
    first, last = (int(np.argmin(np.hypot(*(hull - end).T))) for end in (a, b))
    assert (hull[[first, last]] == [a, b]).all()  # both are corners of the hull, or the way would be free
    turned = np.roll(hull, -first, axis=0)
    at = (last - first) % len(hull)
    sides = (length_of(turned[: at + 1]), length_of(np.vstack([turned[at:], turned[:1]])))
    assert space.length(a, b) == pytest.approx(min(sides), abs=FINE)


@pytest.mark.parametrize(
    "zones",
    [
        [shapely.Polygon([(0, 0), (20, 2), (8, 15)]), shapely.Polygon([(25, -5), (30, 14), (22, 20)])],
        [shapely.Polygon([(0, 0), (30, 0), (30, 4), (4, 4), (4, 25), (0, 25)])],
        [SQUARE],
    ],
)
def test_no_order_of_corners_makes_a_shorter_way(zones):
    space = Airspace(zones)
    rng = np.random.default_rng(3)
    for _ in range(6):
        a, b = rng.uniform(-12.0, 42.0, (2, 2))
        if not outside(space, a, b):
            continue
        nodes = [a, b, *space.corners]
        free = {
            (i, j): is_free(space.closed_with_margin, nodes[i], nodes[j]) for i, j in permutations(range(len(nodes)), 2)
        }
        best = np.inf
        for count in range(len(space.corners) + 1 if len(space.corners) < 7 else 5):
            for order in permutations(range(2, len(nodes)), count):
                chain = (0, *order, 1)
                if all(free[pair] for pair in pairwise(chain)):
                    best = min(best, length_of(np.array([nodes[i] for i in chain])))
        assert space.length(a, b) == pytest.approx(best, abs=FINE)


def grid_lengths(space: Airspace, start, step: float, low: float, high: float):
    """Lengths of ways on a grid, 32 moves a node, from a node to all: at most 1.3 % longer than free ones."""
    axis = np.arange(low, high + step / 2.0, step)
    x, y = (part.ravel() for part in np.meshgrid(axis, axis))
    moves = [(i, j) for i in range(-3, 4) for j in range(-3, 4) if np.gcd(i, j) == 1]
    prepared = space.closed_with_margin.buffer(-1e-5)
    shapely.prepare(prepared)
    rows, columns, lengths = [], [], []
    number = np.arange(x.size).reshape(len(axis), -1)
    for i, j in moves:
        one = number[max(0, -j) : len(axis) - max(0, j), max(0, -i) : len(axis) - max(0, i)].ravel()
        other = one + j * len(axis) + i
        ends = np.stack([np.column_stack([x[n], y[n]]) for n in (one, other)], axis=1)
        free = ~shapely.intersects(prepared, shapely.linestrings(ends))
        rows.append(one[free])
        columns.append(other[free])
        lengths.append(np.full(int(free.sum()), step * np.hypot(i, j)))
    graph = coo_array((np.concatenate(lengths), (np.concatenate(rows), np.concatenate(columns)))).tocsr()
    first = int(np.argmin(np.hypot(x - start[0], y - start[1])))
    return np.column_stack([x, y]), dijkstra(graph, indices=first)


def test_out_of_a_hook_the_way_is_as_long_as_on_a_fine_grid():
    space = Airspace([HOOK, shapely.box(-15, 12, -8, 45)])
    start = (20.0, 15.0)  # in the hook
    nodes, lengths = grid_lengths(space, start, 1.0, -30.0, 60.0)
    rng = np.random.default_rng(1)
    compared = 0
    for number in rng.choice(np.flatnonzero(np.isfinite(lengths)), 60, replace=False):
        if outside(space, nodes[number]):
            exact = space.length(start, nodes[number])
            assert exact <= lengths[number] + FINE
            assert lengths[number] <= 1.014 * exact + 4.0  # corners between the nodes
            compared += 1
    assert compared > 40


# ---------------------------------------------------------------------------------------------- what any way must be
@settings(max_examples=80, deadline=None)
@given(zone_sets, points, points)
def test_a_way_enters_no_zone_and_keeps_the_margin(zones, a, b):
    space = Airspace(zones)
    assume(outside(space, a, b))
    way = space.path(a, b)
    assert (way[[0, -1]] == [a, b]).all()
    assert shapely.LineString(way).distance(shapely.union_all(zones)) >= MARGIN_NMI - OUTLINE_NMI - 0.01
    assert all(space.is_clear(one, other) for one, other in pairwise(way))
    assert length_of(way) >= np.hypot(*np.subtract(b, a)) - FINE


@settings(max_examples=60, deadline=None)
@given(zone_sets, points, points, points)
def test_lengths_are_symmetric_and_no_way_by_a_third_point_is_shorter(zones, a, b, c):
    space = Airspace(zones)
    assume(outside(space, a, b, c))
    direct = space.length(a, b)
    assert space.length(b, a) == pytest.approx(direct, abs=FINE)
    assert direct <= space.length(a, c) + space.length(c, b) + FINE


@settings(max_examples=60, deadline=None)
@given(zone_sets, points, st.lists(points, min_size=1, max_size=6))
def test_the_tree_home_gives_the_length_of_the_way(zones, base, places):
    space = Airspace(zones)
    assume(outside(space, base, *places))
    expected = [space.length(place, base) for place in places]
    np.testing.assert_allclose(space.lengths_home(places, base), expected, rtol=0.0, atol=FINE)


@settings(max_examples=30, deadline=None)
@given(zone_sets, points)
def test_the_tree_leads_from_corner_to_corner_to_the_base(zones, base):
    space = Airspace(zones)
    assume(outside(space, base))
    onward, far = space.tree_home(base)
    assert onward.shape == far.shape == (len(space.corners),)
    assert (onward.dtype, far.dtype) == (np.int64, np.float64)
    following = np.where((onward == -1)[:, None], base, space.corners[onward])
    rest = np.where(onward == -1, 0.0, far[onward])
    np.testing.assert_allclose(far, np.hypot(*(following - space.corners).T) + rest, rtol=0.0, atol=FINE)
    assert not enters(space.corners, following, space.walls).any()


@settings(max_examples=60, deadline=None)
@given(zone_sets, points, points)
def test_a_straight_way_is_clear_where_shapely_finds_nothing_of_it_in_the_margin(zones, a, b):
    space = Airspace(zones)
    assume(outside(space, a, b))
    line = shapely.LineString([a, b])
    inside = line.intersection(space.closed_with_margin.buffer(-1e-5)).length
    if inside > 0.0 or not line.intersects(space.closed_with_margin):
        assert space.is_clear(a, b) == (inside == 0.0)
    assert space.is_clear(a, b) == space.is_clear(b, a)


# ---------------------------------------------------------------------------------------------- cases with an answer
def test_numpy_and_the_compiled_functions_give_the_same_ways_to_the_last_bit(monkeypatch):
    """A scenario is checked with the one and simulated with the other."""
    rng = np.random.default_rng(5)
    space = Airspace([shapely.Point(*rng.uniform(0.0, 200.0, 2)).buffer(25.0, quad_segs=3) for _ in range(7)])
    places = [place for place in rng.uniform(-20.0, 220.0, (60, 2)) if outside(space, place)]
    pairs = list(pairwise(places))
    assert "sim.core.kernels" in sys.modules
    compiled = [space.path(*pair).tobytes() for pair in pairs]
    trees = [space.tree_home(place)[1].tobytes() for place in places]
    monkeypatch.delitem(sys.modules, "sim.core.kernels")
    assert [space.path(*pair).tobytes() for pair in pairs] == compiled
    assert [space.tree_home(place)[1].tobytes() for place in places] == trees
    assert len({len(way) for way in compiled}) > 2  # some are straight, others go round several zones


def test_without_zones_all_is_open_and_every_array_is_empty():
    space = Airspace()
    onward, far = space.tree_home((0.0, 0.0))
    assert [one.shape for one in (space.corners, space.walls, onward, far)] == [(0, 2), (0, 4), (0,), (0,)]
    assert space.closed.is_empty
    assert space.closed_with_margin.is_empty
    assert space.are_clear([[0.0, 0.0], [5.0, 5.0]], [[9.0, 9.0], [1.0, 1.0]]).all()
    assert space.path((0.0, 0.0), (3.0, 4.0)).tolist() == [[0.0, 0.0], [3.0, 4.0]]
    assert space.lengths_home([[3.0, 4.0]], (0.0, 0.0)).tolist() == [5.0]


def test_round_a_square_by_its_nearer_side_half_a_mile_clear():
    space = Airspace([SQUARE])
    assert space.path((-10.0, 3.0), (20.0, 3.0)).tolist() == [[-10.0, 3.0], [-0.5, -0.5], [10.5, -0.5], [20.0, 3.0]]
    assert space.length((-10.0, 3.0), (20.0, 3.0)) == pytest.approx(2.0 * np.hypot(9.5, 3.5) + 11.0)


def test_zones_that_touch_leave_no_way_between_them():
    apart = [SQUARE, shapely.box(10.0, 0.0, 20.0, 10.0)]
    assert len(Airspace(apart).corners) == 4
    assert Airspace(apart).length((10.0, -5.0), (10.0, 15.0)) == pytest.approx(2.0 * np.hypot(10.5, 4.5) + 11.0)


@pytest.mark.parametrize(("gap", "through"), [(0.9, False), (1.1, True)])
def test_a_gap_is_a_way_if_it_is_wider_than_both_margins(gap, through):
    space = Airspace([SQUARE, shapely.box(10.0 + gap, 0.0, 20.0, 10.0)])
    middle = 10.0 + gap / 2.0
    assert space.is_clear((middle, -5.0), (middle, 15.0)) == through
    if not through:
        with pytest.raises(NoPathError, match="gap between zones"):
            space.path((middle, 5.0), (40.0, 5.0))


def test_what_a_ring_encloses_is_closed():
    ring = shapely.box(0, 0, 20, 20).difference(shapely.box(5, 5, 15, 15))
    halves = [
        shapely.box(0, 0, 20, 5),
        shapely.box(0, 15, 20, 20),
        shapely.box(0, 4, 5, 16),
        shapely.box(15, 4, 20, 16),
    ]
    for zones in ([ring], halves):
        space = Airspace(zones)
        assert space.closed.equals(shapely.box(0, 0, 20, 20))
        with pytest.raises(NoPathError, match=r"\(10, 10\) lies in a no-go zone"):
            space.path((10.0, 10.0), (40.0, 10.0))


@pytest.mark.parametrize("inside", [(5.0, 5.0), (0.0, 5.0), (0.0, 0.0), (-1e-9, 5.0)])
def test_no_way_begins_or_ends_in_a_zone_or_on_its_edge(inside):
    space = Airspace([SQUARE])
    for ends in ((inside, (20.0, 20.0)), ((20.0, 20.0), inside)):
        with pytest.raises(NoPathError, match="lies in a no-go zone"):
            space.path(*ends)


def test_along_the_edge_of_the_margin_is_clear_and_a_millimetre_inside_it_is_not():
    space = Airspace([SQUARE])
    assert space.is_clear((-0.5, -9.0), (-0.5, 19.0))
    assert space.is_clear((-0.5, 2.0), (-0.5, 8.0))
    assert space.is_clear((-2.0, 1.0), (1.0, -2.0))  # past the corner, touching it
    assert not space.is_clear((-0.49, -9.0), (-0.49, 19.0))
    assert space.path((-0.5, 8.0), (5.0, 10.5)).tolist() == [[-0.5, 8.0], [-0.5, 10.5], [5.0, 10.5]]
    assert space.path((-0.5, 10.5), (12.0, 5.0)).tolist() == [[-0.5, 10.5], [10.5, 10.5], [12.0, 5.0]]


def test_every_edge_of_the_margin_is_clear_whatever_its_slope():
    rng = np.random.default_rng(5)
    for _ in range(40):
        angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, 7))
        centre = rng.uniform(-1500.0, 1500.0, 2)
        space = Airspace(
            [shapely.MultiPoint(centre + 60.0 * np.column_stack([np.cos(angle), np.sin(angle)])).convex_hull]
        )
        ring = shapely.get_coordinates(space.closed_with_margin.exterior)
        assert space.are_clear(ring[:-1], ring[1:]).all()
        assert len(space.corners) == len(ring) - 1


def test_a_way_from_within_the_margin_leaves_it_and_does_not_cut_the_zone():
    space = Airspace([SQUARE])
    near = (-0.2, 5.0)
    assert space.is_clear(near, (-20.0, 5.0))
    assert space.is_clear((-20.0, 5.0), near)
    assert space.is_clear(near, (-0.2, 9.0))
    assert not space.is_clear(near, (20.0, 5.0))
    assert not space.is_clear(near, (10.2, 5.0))
    there = space.path(near, (20.0, 4.0))
    assert len(there) == 4
    assert space.path((20.0, 4.0), near).tolist() == there[::-1].tolist()
    assert space.lengths_home([near], (20.0, 4.0))[0] == pytest.approx(length_of(there))


def test_from_within_a_zone_the_tree_home_leads_out_by_the_soonest_corner_or_straight():
    space = Airspace([SQUARE])
    base = (20.0, 5.0)
    assert space.lengths_home([[9.0, 5.0]], base)[0] == pytest.approx(11.0)
    assert np.isfinite(space.lengths_home([[5.0, 5.0]], base)).all()


def test_many_ways_at_once_are_judged_as_one_by_one():
    space = Airspace([HOOK, shapely.box(-15, 12, -8, 45)])
    a, b = np.random.default_rng(2).uniform(-30.0, 60.0, (2, 200, 2))
    together = space.are_clear(a, b)
    assert 20 < together.sum() < 180
    assert together.tolist() == [space.is_clear(one, other) for one, other in zip(a, b, strict=True)]
    assert space.are_clear(a[0], b).tolist() == [space.is_clear(a[0], other) for other in b]


def test_a_spot_of_a_zone_cannot_be_crossed_by_chance():
    space = Airspace([shapely.Point(0.0, 0.0).buffer(0.01)])
    assert 0.5 < np.hypot(*space.corners.T).min() < np.hypot(*space.corners.T).max() < 1.1
    assert not space.is_clear((-100.0, 0.0), (100.0, 0.1))


# ---------------------------------------------------------------------------------------------- on the theatre's plane
def test_edges_straight_in_longitude_and_latitude_are_kept_clear_of_where_the_plane_bends_them():
    plane = plane_of((118.0, 22.0, 146.0, 46.0))
    zone = shapely.box(124.0, 27.0, 131.0, 33.0)
    space = airspace_of(plane, (zone,))
    assert len(space.corners) < 30
    ends = [np.array(plane.to_xy(*place)) for place in ((121.0, 29.0), (135.0, 30.5))]
    way = space.path(*ends)
    exact = plane.project(shapely.segmentize(zone, 0.01))
    assert MARGIN_NMI - OUTLINE_NMI - 0.02 <= shapely.LineString(way).distance(exact) <= MARGIN_NMI + OUTLINE_NMI
    assert airspace_of(plane, (zone,)) is space


def test_an_outline_of_thousands_of_points_is_done_in_a_second():
    angle = 2.0 * np.pi * np.arange(4000) / 4000
    radius = 60.0 + 10.0 * np.sin(25.0 * angle)
    space = Airspace([shapely.Polygon(np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]))])
    assert len(space.walls) < 1600
    way = space.path((-90.0, 0.0), (90.0, 0.0))
    hull = shapely.MultiPoint([*space.corners, (-90.0, 0.0), (90.0, 0.0)]).convex_hull
    assert length_of(way) == pytest.approx(hull.length / 2.0, rel=1e-3)
