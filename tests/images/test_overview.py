"""The map of a whole scenario shows everything that flies and everything that watches, and no words overlap."""

from pathlib import Path

import numpy as np
import pytest
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg

from plots.overview_map import drawn_routes, figure_overview
from plots.style import styled
from sim import load_scenario
from sim.cli.main import main
from sim.scenario.flight_plan import make_flight_plan
from sim.scenario.new_sea import new_sea

SPARES = """extends = "neon-two"
[routes.fence]
pattern = "barrier"
line = [[123.6, 29.5], [126.7, 29.5]]
[zones.box]
polygon = [[124.0, 30.0], [124.5, 30.0], [124.5, 30.5]]
[nations.japan]
[nations.usa]
[observers.eye]
kind = "satellite"
sensor = "radar"
nation = "usa"
probability = 0.5
position_error_nmi = 1.0
delay_h = 1.0
swath_nmi = 100.0
revisit_h = 12.0
[observers.mast]
kind = "coastal_radar"
nation = "japan"
position = [127.0, 28.0]
range_nmi = 60.0
probability = 0.5
position_error_nmi = 1.0
delay_h = 1.0
"""


def drawn(scenario):
    with styled():
        figure = figure_overview(scenario)
        FigureCanvasAgg(figure).draw()
    return figure


def legend_of(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


@pytest.fixture(scope="module")
def spares(tmp_path_factory):
    path = tmp_path_factory.mktemp("spares") / "spares.toml"
    path.write_text(SPARES, encoding="utf-8")
    return load_scenario(path, dict.fromkeys(("patrols.aurora.nation", "patrols.poseidon.nation"), "japan"))


def test_each_share_of_a_route_is_drawn_once_and_then_the_spares(spares):
    routes = drawn_routes(spares)
    assert [(one.plan.route, one.patrols) for one in routes] == [
        ("search", ["aurora"]), ("search", ["poseidon"]), ("fence", []),
    ]  # fmt: skip
    together = drawn_routes(load_scenario("neon-two", ["groups.shared.divide=time", "patrols.poseidon.aircraft=cp140"]))
    assert [one.patrols for one in together] == [["aurora", "poseidon"]]


def test_the_map_has_all_routes_ways_bases_areas_zones_and_swaths(spares):
    figure = drawn(spares)
    assert legend_of(figure) == [
        "eye, radar satellite, a pass", "mast, coastal radar", "search, aurora", "search, poseidon",
        "fence, flown by no patrol", "ways out and home", "no-go zone",
    ]  # fmt: skip
    axes = figure.axes[0]
    lines = {line.get_gid(): line.get_xydata() for line in axes.lines if line.get_gid()}
    for patrol in ("aurora", "poseidon"):
        assert np.array_equal(lines[f"search, {patrol}"], make_flight_plan(spares, "search", patrol).points)
    words = [text.get_text() for text in axes.texts]
    assert {"kadena", "east_china_sea"} <= set(words)
    below = figure._supxlabel.get_text()
    assert "search, aurora from kadena: parallel sweep, 3 legs" in below
    assert "fence, flown by no patrol: barrier" in below


def test_a_swath_has_its_width_and_its_heading(spares):
    figure = drawn(spares)
    (strip,) = [patch for patch in figure.axes[0].patches if str(patch.get_label()).startswith("eye")]
    shape, sea = shapely.Polygon(strip.get_xy()), spares.plane.project(spares.areas["east_china_sea"].shape)
    assert shape.contains(sea.centroid)
    across = shapely.intersection(shape, shapely.LineString([(-3000, sea.centroid.y), (3000, sea.centroid.y)])).length
    assert across == pytest.approx(100.0 / np.cos(np.radians(13.0)), rel=0.03)  # at 347 degrees


@pytest.mark.parametrize("name", ["neon-two", "neon-patterns", "agreements-2026", "textbook", "open sea", "long"])
def test_no_words_overlap_or_leave_the_page(name, tmp_path):
    if name == "open sea":  # without any land
        path = tmp_path / "open.toml"
        path.write_text(new_sea("open sea", (-150.0, -40.0)), encoding="utf-8")
        scenario = load_scenario(path)
    elif name == "long":  # a title of several lines
        scenario = load_scenario("neon-two", {"title": "Operation NEON " * 12})
    else:
        scenario = load_scenario(name)
    figure = drawn(scenario)
    renderer = figure.canvas.get_renderer()
    parts = [figure.axes[0]._left_title, figure._supxlabel, figure.axes[0].get_legend(), figure.axes[0]]
    boxes = [part.get_window_extent(renderer) for part in parts]
    width, height = figure.canvas.get_width_height()
    shapes = [shapely.box(*box.extents) for box in boxes]
    assert all(shapely.box(-1, -1, width + 1, height + 1).contains(shape) for shape in shapes)
    assert not any(one.intersection(two).area > 1.0 for i, one in enumerate(shapes) for two in shapes[:i])


def test_the_command_draws_all_routes_or_the_one_that_is_named(scratch: Path):
    assert main(["plot", "route", "neon-patterns", "-o", "all.svg"]) == 0
    assert main(["plot", "route", "neon-patterns", "--route", "fence", "-o", "one.svg"]) == 0
    everything, one = (Path(name).read_text(encoding="utf-8") for name in ("all.svg", "one.svg"))
    assert ">racetrack, aurora<" in everything
    assert "all routes" in everything
    assert "racetrack" not in one
    assert "flown by" in one or "patrol aurora" in one
