"""The map of background ships: what it draws of classes, lanes, areas and seasons, and that a grey print shows it."""

import numpy as np
import pytest
import shapely
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from plots import figure_traffic
from plots.style import styled
from plots.traffic_map import draw_traffic, scale_of
from sim import load_scenario
from sim.deployment.traffic.base import SourceShape
from sim.deployment.traffic.random_courses import RandomCoursesPlan
from sim.study.maps.traffic import make_traffic

CELLS = 400


def drawn(scenario="neon-crew", **options) -> Figure:
    with styled():
        return figure_traffic(scenario, cells=CELLS, **options)


def field_on(axes):
    (image,) = (image for image in axes.images if image.get_gid() == "traffic-field")
    return image


def titles(figure):
    return [text for axes in figure.axes if (text := axes.get_title(loc="left"))]


def test_a_small_map_stands_for_each_class_and_for_the_ships_with_ais_on():
    head, *small = titles(drawn())
    assert head.endswith("background ships")
    assert small == ["merchant: 300", "boat: 100", "AIS on: 387 of 400"]  # 0.99 * 300 + 0.9 * 100


def test_a_sea_of_one_class_in_which_all_send_ais_has_one_map():
    assert len(titles(drawn("neon-spring"))) == 1


def test_one_class_alone_is_asked_for():
    figure = drawn(vessel="boat")
    assert titles(figure)[1:] == ["AIS on: 90 of 100"]
    assert "ships of the class boat" in titles(figure)[0]


def test_a_sea_that_is_the_same_everywhere_has_one_colour_also_at_its_edges():
    values = field_on(drawn("neon-spring").axes[0]).get_array().compressed()
    assert values.size > 50
    assert np.ptp(values) < 1e-9 * values.mean()


def test_each_step_of_the_scale_is_darker_than_the_one_below_it():
    image = field_on(drawn().axes[0])
    steps = image.norm.boundaries
    grey = [np.dot(to_rgb(image.cmap(n)), (0.299, 0.587, 0.114)) for n in range(len(steps) - 1)]  # ITU-R BT.601
    assert len(grey) == len(steps) - 1 > 1
    assert np.all(np.diff(grey) < -0.08)


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(3.0, 3.0, [2, 5]), (0.3, 40.0, [0.2, 0.5, 1, 2, 5, 10, 20, 50]), (5.0, 5.0, [2, 5]), (1e-9, 4.0, None)],
)
def test_a_scale_has_round_steps_that_hold_all_values_of_which_there_are_not_too_many(least, most, expected):
    scale = scale_of([np.array([[least, np.nan], [most, 0.0]])])
    if expected is not None:
        assert scale == pytest.approx(expected)
    assert scale[-1] >= most
    assert len(scale) <= 9


def test_a_sea_without_ships_has_a_scale():
    assert scale_of([np.zeros((2, 2))]).tolist() == [0.0, 1.0]
    scenario = load_scenario("neon-spring", {"background.merchant.present": 0.0})
    subtitle = next(text for text in drawn(scenario).axes[0].texts if text.get_gid() == "subtitle")
    assert "0 ships present on average" in subtitle.get_text()


@pytest.fixture
def with_lanes(monkeypatch):
    """Ships on random courses that a map draws as two lanes besides."""
    outline = RandomCoursesPlan.shapes

    def shapes(self, begin_h, end_h):
        west, south, east, north = self.area.bounds
        lines = [shapely.LineString([(west, south + up), (east, north + up)]) for up in (0.0, 20.0)]
        return [
            *outline(self, begin_h, end_h),
            SourceShape("northbound", lines[0], 90.0),
            SourceShape("southbound", lines[1], 30.0),
        ]

    monkeypatch.setattr(RandomCoursesPlan, "shapes", shapes)


@pytest.mark.usefixtures("with_lanes")
def test_a_lane_is_the_wider_the_more_ships_go_along_it_and_has_its_number_in_the_list():
    figure = drawn("neon-spring")
    lanes = {one.get_gid(): one for one in figure.axes[0].collections if str(one.get_gid()).startswith("lane ")}
    assert list(lanes) == ["lane merchant, northbound", "lane merchant, southbound"]
    widths = [float(lane.get_linewidth()[0]) for lane in lanes.values()]
    assert widths[0] > 1.5 * widths[1]
    numbers = [text for text in figure.axes[0].texts if text.get_gid() == "lane-number"]
    assert [text.get_text() for text in numbers] == ["1", "2"]
    boxes = [text.get_window_extent() for text in numbers]
    assert not boxes[0].overlaps(boxes[1])
    (legend,) = figure.legends
    assert "1 merchant, northbound: 90 a day" in " ".join(legend.get_title().get_text().split())
    assert "lane: 30 ships a day" in [text.get_text() for text in legend.get_texts()]


def test_an_area_of_other_ships_is_outlined_and_named_besides_the_areas_of_transfers():
    box = {"polygon": [[128.5, 29.0], [130.0, 29.0], [130.0, 31.0], [128.5, 31.0]]}
    scenario = load_scenario("neon-spring", {"areas.bank": box, "background.merchant.area": "bank"})
    axes = drawn(scenario).axes[0]
    assert [patch.get_gid() for patch in axes.patches if patch.get_gid()] == ["area of ships bank"]
    assert {"bank", "east_china_sea"} <= {text.get_text() for text in axes.texts}


def test_names_of_areas_stand_in_their_area_or_beside_it_and_hide_no_other_name():
    axes = drawn("neon-sea").axes[0]
    scenario = load_scenario("neon-sea")
    names = {text.get_text(): text for text in axes.texts if text.get_text()}
    shapes = {
        name: scenario.plane.project(scenario.areas[name].shape) for name in ("fishing_grounds", "zhoushan_roads")
    }
    where = {name: shapely.Point(names[name].get_position()) for name in shapes}
    assert shapes["fishing_grounds"].contains(where["fishing_grounds"])
    assert not shapes["fishing_grounds"].contains(where["zhoushan_roads"])  # which is too small for its own name
    assert shapes["zhoushan_roads"].distance(where["zhoushan_roads"]) < 60.0
    for name in shapes:
        box = names[name].get_window_extent()
        assert [
            other for other, text in names.items() if other != name and box.overlaps(text.get_window_extent())
        ] == []


def test_no_lane_hides_the_name_of_a_port():
    axes = drawn("neon-sea").axes[0]
    lanes = [one.get_zorder() for one in axes.collections if str(one.get_gid()).startswith("lane ")]
    ports = [text.get_zorder() for text in axes.texts if text.get_gid() == "place name"]
    assert len(ports) > 3
    assert min(ports) > max(lanes)


def test_a_map_of_ones_own_axes():
    scenario = load_scenario("neon-spring")
    field = make_traffic(scenario, (-200.0, -200.0, 200.0, 200.0), cells=CELLS)
    axes = Figure().add_subplot()
    image = draw_traffic(axes, scenario, field, (-200.0, -200.0, 200.0, 200.0), small=True)
    assert image.axes is axes
    assert not axes.texts


def test_classes_whose_numbers_change_have_a_chart_of_the_year_that_marks_the_time_of_the_map():
    (chart,) = (axes for axes in drawn("neon-sea", day="07-15").axes if axes.get_ylabel().startswith("present in "))
    lines = {line.get_label(): line.get_ydata() for line in chart.lines}
    assert list(lines) == ["boat", "trawler + trawler"]
    moratorium = slice(120, 258)  # 1 May to 15 September, counted from 0
    for values in lines.values():
        assert len(values) == 365
        assert np.ptp(values[moratorium]) == pytest.approx(0.0)
        assert values[0] == pytest.approx(10.0 * values[150])
    (shown,) = chart.patches
    assert shown.get_width() == 1.0
