"""Search patterns: published geometry, cover without gaps, turns, time, ways round what is closed."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sim.core.geo import Plane
from sim.core.legs import (
    DIAGONAL,
    expanding_square,
    expanding_square_over,
    longest_side_course,
    racetrack,
    sector,
    sweep_tracks,
    track_line_beside,
)
from sim.core.turns import CHORD_DEG, UnflyableError, course, dubins, fly_by, length_nmi, turn_radius_nmi, waypoints_of
from sim.model.patterns.base import Performance, Route, lay_pattern

PLANE = Plane(118.0, 22.0, 146.0, 46.0)
BOX = [[123.3, 27.0], [127.0, 27.0], [127.0, 32.0], [123.3, 32.0]]
SPOT = Performance(210.0)
ORIGIN = np.zeros(2)


def _passes(*asked):
    return lay_pattern(*asked).passes


def route_of(pattern: str, **keys):
    from pydantic import TypeAdapter

    return TypeAdapter(Route).validate_python({"pattern": pattern, **keys})


def shapes_of(*rings):
    return {"box": shapely.Polygon(BOX), **{f"area{k}": ring for k, ring in enumerate(rings)}}


# ------------------------------------------------------------------------------------------- tracks of a sweep
@pytest.mark.parametrize("spacing", [40.0, 70.0, 500.0])
@pytest.mark.parametrize("heading", [None, 0.0, 90.0])
def test_a_parallel_sweep_has_equal_spacing_about_the_middle_and_turns_at_the_edge(spacing, heading):
    """Figured anew from the area: as many tracks as its breadth asks for, flown up and down by turns, edge to edge."""
    keys = {} if heading is None else {"heading_deg": heading}
    route = route_of("parallel_sweep", area="box", spacing_nmi=spacing, **keys)
    sea = PLANE.sea(shapely.Polygon(BOX))
    lon, lat = PLANE.to_lonlat(sea.centroid.x, sea.centroid.y)
    along = longest_side_course(sea) if heading is None else PLANE.grid_course(heading, float(lon), float(lat))
    ahead, abeam = (np.array([np.sin(a), np.cos(a)]) for a in (np.radians(along), np.radians(along + 90.0)))
    edges = shapely.get_coordinates(sea) @ abeam
    count = int(np.ceil((edges.max() - edges.min()) / spacing - 1e-9))
    passes = _passes(route, PLANE, shapes_of(), SPOT)
    assert len(passes) == 4
    for one in passes:
        tracks = one.reshape(count, -1, 2)
        offsets = tracks @ abeam
        assert np.ptp(offsets, axis=1) == pytest.approx(0.0, abs=1e-9)  # each along the course
        assert np.abs(np.diff(offsets[:, 0])) == pytest.approx(spacing)
        assert offsets[:, 0].mean() == pytest.approx((edges.min() + edges.max()) / 2.0)
        ways = np.sign((tracks[:, -1] - tracks[:, 0]) @ ahead)
        assert np.all(ways[1:] == -ways[:-1])
        ends = shapely.points(tracks[:, [0, -1]].reshape(-1, 2))
        assert shapely.distance(ends, sea.boundary).max() < 1e-9
    corners = {(np.sign(one[0] @ abeam - edges.mean()), tuple(np.round(one[0], 6))) for one in passes}
    assert len(corners) == (4 if count > 1 else 2)  # a pass may be entered at each of its corners


def test_a_barrier_and_a_track_line_are_what_they_were_bit_by_bit():
    places = [[123.6, 29.5], [125.0, 30.1], [126.7, 29.5]]
    line = np.column_stack(PLANE.to_xy(*np.array(places).T))
    one, other = _passes(route_of("barrier", line=places), PLANE, {}, SPOT)
    assert np.array_equal(one, np.vstack([line, line[-2::-1]]))
    assert np.array_equal(other, np.vstack([line[::-1], line[1:]]))
    for pattern in ("track_line", "waypoints"):
        (only,) = _passes(route_of(pattern, waypoints=places), PLANE, {}, SPOT)
        assert np.array_equal(only, line)


# ------------------------------------------------------------------------------------------- published geometry
def turns_of(tracks):
    """Changes of course from track to track, degrees, right above 0."""
    courses = np.degrees([course(track) for track in tracks])
    return (np.diff(courses) + 180.0) % 360.0 - 180.0


def test_an_expanding_square_has_legs_of_s_s_2s_2s_3s_3s_and_turns_right():
    tracks = expanding_square(ORIGIN, 4.0, 7, 30.0)
    assert [length_nmi(track) for track in tracks] == pytest.approx([4, 4, 8, 8, 12, 12, 16])
    assert turns_of(tracks) == pytest.approx([90.0] * 6)
    assert np.degrees(course(tracks[0])) == pytest.approx(30.0)


def test_a_sector_search_has_nine_legs_of_one_length_and_turns_of_120_degrees():
    tracks = sector(ORIGIN, 20.0, 3, 10.0, 1)
    assert [length_nmi(track) for track in tracks] == pytest.approx([20.0] * 9)
    assert turns_of(tracks) == pytest.approx([120, 120, 0, 120, 120, 0, 120, 120], abs=1e-9)
    assert np.array_equal(tracks[-1][1], ORIGIN)


@pytest.mark.parametrize("sectors", [3, 5, 7])
def test_each_radius_is_flown_once_and_a_second_run_halves_the_angles(sectors):
    tracks = sector(ORIGIN, 10.0, sectors, 0.0, 2)
    rims = [track[1] for track in tracks if np.hypot(*track[1]) > 1.0] + [
        track[0] for track in tracks if np.hypot(*track[1]) < 1.0
    ]
    angles = sorted({round(math.degrees(math.atan2(x, y)) % 360.0, 6) % 360.0 for x, y in rims})
    assert angles == pytest.approx(np.arange(4 * sectors) * 90.0 / sectors)
    assert sum(map(length_nmi, tracks)) == pytest.approx(
        2 * sectors * (2 * 10.0 + 20.0 * math.sin(math.radians(90.0 / sectors)))
    )


@pytest.mark.parametrize(("pattern", "tracks", "length"), [("parallel_sweep", 5, 200.0), ("creeping_line", 10, 100.0)])
def test_sweeps_run_along_or_across_half_a_spacing_from_the_sides(pattern, tracks, length):
    box = shapely.box(0.0, 0.0, 200.0, 100.0)
    along = longest_side_course(box) + (90.0 if pattern == "creeping_line" else 0.0)
    ways, count = sweep_tracks(box, 20.0, along)
    assert count == tracks
    assert {len(way) for way in ways} == {tracks}
    assert all(length_nmi(track) == pytest.approx(length) for way in ways for track in way)
    across = sorted(
        {round(float(track[0] @ [np.cos(np.radians(along)), -np.sin(np.radians(along))]), 6) for track in ways[0]}
    )
    assert np.diff(across) == pytest.approx([20.0] * (tracks - 1))
    assert shapely.LineString(ways[0][0]).distance(box.exterior) == pytest.approx(0.0)
    assert min(shapely.Point(t.mean(axis=0)).distance(box.exterior) for t in ways[0]) == pytest.approx(10.0)


def test_a_track_line_search_returns_on_the_other_side_or_goes_on():
    line = np.array([[0.0, 0.0], [0.0, 50.0], [40.0, 90.0]])
    for way in track_line_beside(line, 10.0, returns=True):
        assert len(way) == 4
        assert math.dist(way[0][0], way[-1][1]) == pytest.approx(10.0)
        path = shapely.LineString(line)
        assert all(path.distance(shapely.Point(t.mean(axis=0))) == pytest.approx(5.0, abs=1e-9) for t in way)
    starts = []
    for way in track_line_beside(line, 10.0, returns=False):
        assert len(way) == 6
        starts.append(tuple(way[0][0]))
        apart = [shapely.LineString(line).distance(shapely.Point(t.mean(axis=0))) for t in way]
        assert apart == pytest.approx([0, 0, 10, 10, 10, 10], abs=1e-9)
        there = line[-1] if starts[-1] == (0.0, 0.0) else line[0]
        assert math.dist(way[-1][1], there) == pytest.approx(10.0)  # it ends where the line does
        beside = [shapely.LineString(line).offset_curve(side) for side in (10.0, -10.0)]
        back, out = (min(beside, key=lambda b: b.distance(shapely.Point(t.mean(axis=0)))) for t in (way[2], way[5]))
        assert back is not out
    assert sorted(set(starts)) == [(0.0, 0.0), (40.0, 90.0)]


def test_a_racetrack_is_two_straights_and_a_circle_and_ends_where_it_began():
    line = np.array([[0.0, 0.0], [30.0, 40.0]])
    passes = racetrack(line, 12.0)
    assert len({tuple(np.round(one[0], 6)) for one in passes}) == 4
    for one in passes:
        assert np.array_equal(one[0], one[-1])
        legs = np.hypot(*np.diff(one, axis=0).T)
        assert sorted(legs)[-2:] == pytest.approx([50.0, 50.0])
        assert legs.sum() == pytest.approx(100.0 + 18 * 12.0 * math.sin(math.radians(10.0)))
        assert abs(shapely.Polygon(one).area - (600.0 + math.pi * 36.0)) < 0.03 * math.pi * 36.0


# ------------------------------------------------------------------------------------------- no gaps
@st.composite
def seas(draw):
    """Concave areas of several parts, with islands, some 100 to 400 nmi across."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, 9))
        ring = rng.uniform(20.0, 120.0, (9, 1)) * np.column_stack([np.cos(angles), np.sin(angles)])
        parts.append(shapely.Polygon(ring + rng.uniform(-120.0, 120.0, 2)).buffer(0.0))
    islands = [shapely.Point(rng.uniform(-120.0, 120.0, 2)).buffer(rng.uniform(2.0, 40.0)) for _ in range(3)]
    sea = shapely.difference(shapely.union_all(parts), shapely.union_all(islands[: draw(st.integers(0, 3))]))
    assume(sea.area > 500.0)
    return sea


def uncovered(sea, points, within):
    """Square nmi of a sea farther than so much from a way."""
    return shapely.difference(sea, shapely.buffer(shapely.LineString(points), within, quad_segs=64)).area


@given(seas(), st.floats(8.0, 90.0), st.floats(0.0, 180.0), st.sampled_from([0.0, 3.0]))
@settings(max_examples=60, deadline=None)
def test_a_sweep_leaves_no_sea_farther_than_half_a_spacing(sea, spacing, course_deg, radius):
    ways, _ = sweep_tracks(sea, spacing, course_deg)
    for way in (ways[0], ways[3]):
        assert uncovered(sea, waypoints_of(way, radius, None), 1.011 * spacing / 2.0) < 1e-5 * spacing**2 * len(way)


@given(seas(), st.floats(8.0, 90.0), st.floats(0.0, 180.0))
@settings(max_examples=40, deadline=None)
def test_an_expanding_square_covers_its_area_but_for_its_own_diagonals(sea, spacing, course_deg):
    datum = np.asarray(shapely.shortest_line(sea, sea.centroid).coords[0])
    tracks = expanding_square_over(sea, datum, spacing, course_deg)
    legs = shapely.multilinestrings(expanding_square(datum, spacing, 150, course_deg))
    assert uncovered(sea, waypoints_of(tracks, 0.0, None), 1.012 * DIAGONAL * spacing) < 1e-4 * spacing**2 * len(tracks)
    spots = np.vstack(
        [(track[0] + share * (track[1] - track[0]))[None] for track in tracks for share in (0.0, 0.5, 1.0)]
    )
    assert shapely.distance(shapely.points(spots), legs).max() < 1e-6  # each is part of a leg of the square


def test_the_diagonals_of_an_expanding_square_lie_2_minus_root_2_spacings_away():
    legs = shapely.multilinestrings(expanding_square(ORIGIN, 10.0, 40, 0.0))
    grid = np.stack(np.meshgrid(np.linspace(-40, 40, 401), np.linspace(-40, 40, 401)), -1).reshape(-1, 2)
    far = shapely.distance(shapely.points(grid), legs).max()
    assert far == pytest.approx(10.0 * DIAGONAL, abs=0.15)
    assert far <= 10.0 * DIAGONAL + 1e-9


def test_only_what_an_edge_of_the_area_leaves_out_makes_a_track_longer():
    """A triangle: tracks reach the far corner of their strips; a box: they end at its edges."""
    triangle = shapely.Polygon([(0.0, 0.0), (100.0, 0.0), (0.0, 100.0)])
    ways, _ = sweep_tracks(triangle, 20.0, 0.0)
    assert sorted(length_nmi(track) for track in ways[0]) == pytest.approx([20.0, 40.0, 60.0, 80.0, 100.0])
    ways, _ = sweep_tracks(shapely.box(0.0, 0.0, 100.0, 60.0), 20.0, 0.0)
    assert {round(length_nmi(track), 9) for track in ways[0]} == {60.0}


# ------------------------------------------------------------------------------------------- turns
poses = st.tuples(*[st.floats(-6.0, 6.0)] * 4, *[st.floats(-4.0, 4.0)] * 2)


def bends(points):
    """Changes of course along a way, degrees, always above 0."""
    steps = np.diff(points, axis=0)
    steps = steps[np.hypot(*steps.T) > 1e-7]
    courses = np.degrees(np.arctan2(steps[:, 0], steps[:, 1]))
    return np.abs((np.diff(courses) + 180.0) % 360.0 - 180.0)


def test_a_turn_has_the_radius_of_its_speed_and_bank():
    # 210 kn is 108.03 m/s; at 45 degrees of bank v^2 / g = 1190.1 m = 0.6426 nmi.
    assert turn_radius_nmi(210.0, 45.0) == pytest.approx(0.6426, rel=1e-3)
    assert turn_radius_nmi(420.0, 45.0) == pytest.approx(4.0 * turn_radius_nmi(210.0, 45.0))
    assert turn_radius_nmi(210.0, 30.0) == pytest.approx(math.sqrt(3.0) * turn_radius_nmi(210.0, 45.0))


@given(poses, st.floats(0.2, 3.0))
@settings(max_examples=300, deadline=None)
def test_a_turn_begins_and_ends_on_its_tracks_and_never_turns_tighter(pose, radius):
    start, end, (first, second) = np.array(pose[:2]), np.array(pose[2:4]), pose[4:]
    way = dubins(start, first, end, second, radius)
    assert np.array_equal(way[0], start)
    assert np.array_equal(way[-1], end)
    ahead = np.array([[np.sin(c), np.cos(c)] for c in (first, second)])
    assert np.all(bends(np.vstack([start - ahead[0], way, end + ahead[1]])) <= CHORD_DEG + 1e-4)
    assert length_nmi(way) >= math.dist(start, end) - 1e-9
    assert length_nmi(way) <= math.dist(start, end) + 4.0 * math.pi * radius + 1e-9


@given(poses, st.floats(0.2, 3.0))
@settings(max_examples=100, deadline=None)
def test_the_way_back_and_the_mirrored_way_are_as_long(pose, radius):
    start, end, (first, second) = np.array(pose[:2]), np.array(pose[2:4]), pose[4:]
    there = dubins(start, first, end, second, radius)
    back = dubins(end, second + math.pi, start, first + math.pi, radius)
    mirrored = dubins(start * [-1, 1], -first, end * [-1, 1], -second, radius)
    assert length_nmi(back) == pytest.approx(length_nmi(there), rel=0.01, abs=1e-6)
    assert length_nmi(mirrored) == pytest.approx(length_nmi(there), rel=0.01, abs=1e-6)


def test_the_shortest_turn_is_no_longer_than_any_of_two_arcs_and_a_straight():
    """Against brute force: turn left or right by any angle, straight on, turn by what is left, if that ends there."""
    rng = np.random.default_rng(1)
    angles = np.linspace(0.0, 2.0 * np.pi, 721)
    for _ in range(50):
        end, second = rng.uniform(-5.0, 5.0, 2), rng.uniform(-np.pi, np.pi)
        best = np.inf
        for one in (1.0, -1.0):
            for other in (1.0, -1.0):
                out = one * np.column_stack([1.0 - np.cos(angles), one * np.sin(one * angles) * one])
                heading = one * angles
                rest = (other * (second - heading)) % (2.0 * np.pi)
                last = other * np.column_stack([np.cos(heading) - np.cos(second), np.sin(second) - np.sin(heading)])
                ahead = np.column_stack([np.sin(heading), np.cos(heading)])
                gap = end - out - last
                run = (gap * ahead).sum(axis=1)
                miss = np.abs(gap[:, 0] * ahead[:, 1] - gap[:, 1] * ahead[:, 0])
                good = (miss < 0.02) & (run >= 0.0)
                best = min(best, (angles + run + rest)[good].min(initial=np.inf))
        assert length_nmi(dubins(ORIGIN, 0.0, end, second, 1.0)) <= best + 0.05


def test_a_turn_of_twice_its_radius_is_a_half_circle():
    way = dubins(ORIGIN, 0.0, np.array([4.0, 0.0]), math.pi, 2.0)
    assert length_nmi(way) == pytest.approx(9 * 4.0 * math.sin(math.radians(10.0)))
    assert np.hypot(*(way - [2.0, 0.0]).T) == pytest.approx(np.full(len(way), 2.0))


@given(st.floats(-3.0, 3.0), st.floats(0.3, 4.0))
@settings(max_examples=60, deadline=None)
def test_a_corner_is_cut_by_an_arc_of_the_radius_or_not_at_all(turn, radius):
    before = np.array([[0.0, -10.0], [0.0, 0.0]])
    after = np.array([[0.0, 0.0], [12.0 * math.sin(turn), 12.0 * math.cos(turn)]])
    way = fly_by(before, after, radius)
    reach = radius * abs(math.tan(turn / 2.0))
    assert (way is None) == (reach > 5.0)
    if way is not None and abs(turn) > 1e-6:
        side = math.copysign(radius, turn)
        centre = np.array([side, -reach])
        assert np.hypot(*(way - centre).T) == pytest.approx(np.full(len(way), radius), rel=1e-6)
        assert way[0] == pytest.approx([0.0, -reach])
        assert math.hypot(*way[-1]) == pytest.approx(reach, abs=1e-6)


def test_turns_beside_tracks_leave_the_tracks_whole():
    ways, _ = sweep_tracks(shapely.box(0.0, 0.0, 200.0, 100.0), 20.0, 90.0)
    for radius in (3.0, 10.0, 18.0):
        path = shapely.LineString(waypoints_of(ways[0], radius, None)).buffer(1e-6)
        assert all(path.covers(shapely.LineString(track)) for track in ways[0])
    expected = 1000.0 + 4 * 9 * 20.0 * math.sin(math.radians(10.0))
    assert length_nmi(waypoints_of(ways[0], 10.0, None)) == pytest.approx(expected)


# ------------------------------------------------------------------------------------------- as many as time allows
@pytest.mark.parametrize("radius", [0.0, 2.5])
@pytest.mark.parametrize("hours", [1.7, 3.0, 6.5])
@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("parallel_sweep", {"area": "box"}),
        ("creeping_line", {"area": "box", "heading_deg": 30.0}),
        ("expanding_square", {"datum": [125.0, 29.0], "spacing_nmi": 15.0}),
        ("expanding_square", {"area": "box", "spacing_nmi": 25.0}),
    ],
)
def test_a_pass_takes_the_time_asked_for_and_one_more_leg_would_take_more(pattern, keys, hours, radius):
    performance = Performance(210.0, radius)
    laid = lay_pattern(route_of(pattern, time_h=hours, **keys), PLANE, shapes_of(), performance)
    assert max(map(length_nmi, laid.passes)) <= 210.0 * hours
    more = lay_pattern(route_of(pattern, legs=laid.legs + 1, **keys), PLANE, shapes_of(), performance)
    assert max(map(length_nmi, more.passes)) > 210.0 * hours
    same = lay_pattern(route_of(pattern, legs=laid.legs, **keys), PLANE, shapes_of(), performance)
    assert all(np.array_equal(one, other) for one, other in zip(laid.passes, same.passes, strict=True))


@pytest.mark.parametrize("legs", [1, 2, 7, 20])
def test_the_number_of_legs_is_the_number_of_tracks(legs):
    laid = lay_pattern(route_of("parallel_sweep", area="box", legs=legs, heading_deg=20.0), PLANE, shapes_of(), SPOT)
    assert laid.legs == legs
    assert (
        lay_pattern(
            route_of("parallel_sweep", area="box", spacing_nmi=laid.spacing_nmi, heading_deg=20.0),
            PLANE,
            shapes_of(),
            SPOT,
        ).legs
        == legs
    )


def test_too_short_a_time_says_how_long_one_leg_takes():
    with pytest.raises(
        UnflyableError, match=r"time_h: given 0.5; allowed: at least 1\.4\d, the time of one leg at 210 kn"
    ):
        lay_pattern(route_of("parallel_sweep", area="box", time_h=0.5), PLANE, shapes_of(), SPOT)
    with pytest.raises(UnflyableError, match=r"width_nmi: given 3\.0; allowed: at least 4, twice the radius"):
        lay_pattern(
            route_of("racetrack", line=[[124.0, 29.0], [125.0, 29.0]], width_nmi=3.0),
            PLANE,
            {},
            Performance(210.0, 2.0),
        )


def test_headings_are_true_at_the_datum():
    from pyproj import Geod

    for lon, lat in ((120.0, 25.0), (144.0, 42.0)):
        (points,) = _passes(
            route_of("expanding_square", datum=[lon, lat], spacing_nmi=5.0, legs=1, heading_deg=70.0), PLANE, {}, SPOT
        )
        ends = np.column_stack(PLANE.to_lonlat(points[:, 0], points[:, 1]))
        assert Geod(ellps="WGS84").inv(*ends[0], *ends[1])[0] == pytest.approx(70.0, abs=0.1)


# ------------------------------------------------------------------------------------------- round what is closed
def every_route():
    line = [[123.6, 29.5], [125.0, 30.1], [126.7, 29.5]]
    return [
        route_of("parallel_sweep", area="box", spacing_nmi=30.0),
        route_of("creeping_line", area="box", legs=5),
        route_of("expanding_square", area="box", spacing_nmi=30.0),
        route_of("expanding_square", datum=[125.0, 28.5], spacing_nmi=30.0, legs=9),
        route_of("sector", datum=[124.6, 29.2], radius_nmi=90.0),
        route_of("track_line", waypoints=line, spacing_nmi=20.0),
        route_of("track_line", waypoints=line, spacing_nmi=20.0, returns=False),
        route_of("barrier", line=line),
        route_of("racetrack", line=line[:2], width_nmi=20.0),
        route_of("waypoints", waypoints=line),
    ]


@pytest.mark.parametrize("radius", [0.0, 2.0])
@pytest.mark.parametrize("route", every_route(), ids=lambda route: route.pattern)
def test_no_pass_enters_what_is_closed(route, radius):
    x, y = PLANE.to_xy(124.5, 29.85)
    closed = shapely.box(float(x) - 12.0, float(y) - 25.0, float(x) + 12.0, float(y) + 25.0)
    corners = np.asarray(closed.exterior.coords)[:-1]

    def around(a, b):
        """By one corner or two that see one another: enough round a box."""
        ways = [
            np.vstack([a, *via, b])
            for k in range(4)
            for via in ([corners[k]], corners[[k, (k + 1) % 4]], corners[[(k + 1) % 4, k]])
        ]
        good = [way for way in ways if not shapely.intersects(closed.buffer(-1e-3), shapely.LineString(way))]
        return min(good, key=length_nmi)

    performance = Performance(210.0, radius)
    free = _passes(route, PLANE, shapes_of(), performance)
    gone_round = _passes(route, PLANE, shapes_of(), performance, around, closed)
    core = closed.buffer(-1e-3)
    assert any(shapely.intersects(core, shapely.LineString(one)) for one in free)
    assert not any(shapely.intersects(core, shapely.LineString(one)) for one in gone_round)
    far = _passes(route, PLANE, shapes_of(), performance, around, shapely.box(0.0, 0.0, 1.0, 1.0))
    assert all(np.array_equal(one, other) for one, other in zip(free, far, strict=True))


def test_a_route_that_is_wholly_closed_is_refused():
    closed = shapely.box(-2000.0, -2000.0, 2000.0, 2000.0)
    routes = every_route()
    assert len(routes) >= 10
    for route in routes:
        with pytest.raises(UnflyableError, match="zones"):
            _passes(route, PLANE, shapes_of(), SPOT, None, closed)
