"""Numbers of legs stand where a reader can read them, whatever the pattern."""

import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Annotation

from plots.leg_numbers import legs_of
from plots.route_map import figure_route
from plots.style import styled
from sim import load_scenario
from sim.scenario.flight_plan import FlightPlan, make_flight_plan

PATTERNS = {  # legs that have a number
    "search": 5, "creeping": 8, "square": 15, "sector": 18, "track": 4, "fence": 2, "racetrack": 2, "round": 5,
}  # fmt: skip


def drawn(plan: FlightPlan):
    """A route's axes as they are written, and the numbers on it with the boxes that they fill, pixels."""
    with styled():
        figure = figure_route(plan)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    axes = figure.axes[0]
    texts = [text for text in axes.texts if text.get_text().isdigit()]
    boxes = [shapely.box(*text.get_window_extent(canvas.get_renderer()).extents) for text in texts]
    return axes, [int(text.get_text()) for text in texts], boxes


def arrows_of(axes):
    return [
        one
        for one in axes.texts
        if isinstance(one, Annotation) and one.arrow_patch is not None and one.get_gid() != "north"
    ]


def on_page(axes, shape):
    return shapely.transform(shape, axes.transData.transform)


@pytest.mark.parametrize("name", PATTERNS)
def test_no_number_touches_a_leg_another_number_a_zone_or_a_mark(name):
    scenario = load_scenario("neon-patterns")
    plan = make_flight_plan(scenario, name)
    axes, numbers, boxes = drawn(plan)
    assert numbers == list(range(1, PATTERNS[name] + 1))
    tree = shapely.STRtree(boxes)
    assert len(tree.query(boxes, predicate="intersects")[0]) == len(boxes)  # each itself
    zones = shapely.union_all([scenario.plane.project(zone.shape) for zone in scenario.zones.values()])
    others = [text for text in axes.texts if text.get_text() and not text.get_text().isdigit()]
    marks = [plan.points[0], plan.points[-1], plan.base]
    for shape in (
        on_page(axes, shapely.LineString(plan.points)),
        on_page(axes, zones),
        *(shapely.box(*text.get_window_extent().extents) for text in others),
        *(shapely.Point(axes.transData.transform(mark)).buffer(4.0) for mark in marks),
    ):
        assert not tree.query(shape, predicate="intersects").size
    frame = shapely.box(*axes.get_window_extent().extents)
    assert all(frame.contains(box) for box in boxes)


def test_arrows_lie_on_their_legs_and_point_along_them():
    plan = make_flight_plan(load_scenario("neon-patterns"), "sector")
    with styled():
        axes = figure_route(plan).axes[0]
    arrows = arrows_of(axes)
    legs = legs_of(plan.pattern.tracks[plan.entry])
    assert len(arrows) == len(legs)
    for arrow, leg in zip(arrows, legs, strict=True):
        line = shapely.LineString([leg[0][0], leg[-1][1]])
        assert line.distance(shapely.Point(arrow.xy)) < 1e-6
        ahead = leg[-1][1] - leg[0][0]
        assert -np.array(arrow.xyann) @ ahead == pytest.approx(7.0 * np.hypot(*ahead), rel=1e-4)
        others = [shapely.LineString(other[0]) for other in legs if other is not leg]
        assert all(other.distance(shapely.Point(arrow.xy)) > 1.0 for other in others)


def test_where_legs_are_crowded_the_first_and_the_last_have_numbers_and_arrows_point_both_ways(monkeypatch):
    monkeypatch.setattr("plots.route_map.flight_plan_text", lambda _: [])  # so many tracks' coverage takes seconds
    plan = make_flight_plan(load_scenario("neon-spring", ["routes.search.spacing_nmi=3.0"]))
    axes, numbers, _ = drawn(plan)
    legs = legs_of(plan.pattern.tracks[plan.entry])
    assert numbers == [1, len(legs)]
    up = [one.xyann[1] < 0 for one in arrows_of(axes)]
    assert 20 < len(up) <= 42
    assert 0.4 < np.mean(up) < 0.6


def test_a_leg_cut_by_a_zone_has_one_number_and_it_stands_outside(tmp_path):
    path = tmp_path / "cut.toml"
    zone = "[[123.0, 29.0], [126.2, 29.0], [126.2, 30.3], [123.0, 30.3]]"
    path.write_text(f'extends = "neon-spring"\n[zones.firing]\npolygon = {zone}\n', encoding="utf-8")
    scenario = load_scenario(path)
    plan = make_flight_plan(scenario, "search")
    legs = legs_of(plan.pattern.tracks[plan.entry])
    assert any(len(leg) == 2 for leg in legs)
    axes, numbers, boxes = drawn(plan)
    assert numbers == list(range(1, len(legs) + 1))
    zones = [on_page(axes, scenario.plane.project(zone.shape)) for zone in scenario.zones.values()]
    assert not any(zone.intersects(box) for zone in zones for box in boxes)
