"""Pages of maps are filled, bases have names that can be read, and what colours say can be read without them."""

import shutil
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from plots import fonts
from plots.bases import draw_bases
from plots.coverage_map import default_bounds
from plots.field_map import add_colour_bar, draw_field, map_page
from plots.overview_map import draw_overview, drawn_routes, overview_bounds
from plots.sortie_chart import figure_sortie
from plots.style import close_gap, styled
from plots.timeline import draw_weather
from plots.transfer_maps import figure_difference
from sim import load_scenario, run
from sim.core import chance
from sim.model.weather import plan_weather, realise_weather
from sim.study.maps.coverage import Grid


@pytest.mark.parametrize("lines", [1, 3])
@pytest.mark.parametrize(("width", "height"), [(500.0, 300.0), (300.0, 400.0), (300.0, 1000.0)])
def test_a_map_stands_close_to_its_heading_on_a_page_without_a_gap(width, height, lines):
    bounds = (0.0, 0.0, width, height)
    grid = Grid.over(bounds, 100)
    with styled():
        figure, axes = map_page(bounds, " ".join(["a title of many words"] * (3 * lines - 2)), "below\nthe title")
        image = draw_field(axes, grid, np.zeros((len(grid.y), len(grid.x))), top=1.0)
        axes.set_xlim(0.0, width)
        axes.set_ylim(0.0, height)
        axes.set_aspect("equal")
        add_colour_bar(axes, image, "share")
        close_gap(figure, axes)
        FigureCanvasAgg(figure).draw()
    title, shown = axes._left_title.get_window_extent(), axes.get_window_extent()
    page = figure.bbox
    assert title.y1 < page.y1
    assert title.y0 > shown.y1
    assert page.y1 - title.y1 < 0.1 * figure.dpi
    assert axes.get_position().height == pytest.approx(axes.get_position(original=True).height, rel=0.03)


@pytest.mark.parametrize("size", [(8.2, 7.0), (2.7, 3.5)])
def test_the_names_of_bases_near_each_other_do_not_overlap(size):
    scenario = load_scenario("neon-allies")
    bounds = default_bounds(scenario)
    axes = Figure(figsize=size).add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    draw_bases(axes, scenario, bounds)
    FigureCanvasAgg(axes.figure).draw()
    boxes = {text.get_text(): text.get_window_extent() for text in axes.texts}
    assert boxes.keys() == scenario.bases.keys() >= {"kadena", "naha"}
    assert not boxes["kadena"].overlaps(boxes["naha"])
    assert all(axes.bbox.x0 <= box.x0 and box.x1 <= axes.bbox.x1 for box in boxes.values())


def test_the_cells_of_a_difference_have_their_values_with_signs(neon_results):
    other = run("neon-spring", 6, sets={"routes.search.spacing_nmi": 80.0})
    axes = figure_difference(other, neon_results, "p_detected").axes[0]
    values = np.asarray(axes.images[0].get_array().filled(np.nan))
    written = [text.get_text() for text in axes.texts if text.get_gid() == "value"]
    assert written == [f"{round(value):+d}" for value in values[np.isfinite(values)]]
    assert len({text[0] for text in written}) == 2


def test_lines_that_differ_by_their_colours_differ_by_their_dashes_too(neon_results):
    scenario = load_scenario("neon-crew")  # which states weather
    weather = realise_weather(plan_weather(scenario), chance.replication_key(1, 0))
    drawn = draw_weather(Figure().add_subplot(), replace(neon_results, scenario=scenario), weather)
    for lines, least in ((figure_sortie(neon_results).axes[0].lines, 5), (drawn, 3)):
        named = [line for line in lines if not str(line.get_label()).startswith("_")]
        styles = {(line.get_linewidth(), str(line._unscaled_dash_pattern)) for line in named}
        assert len(styles) == len(named) >= least


def test_the_first_routes_of_a_scenario_have_lines_of_different_dashes():
    scenario = load_scenario("neon-patterns")
    routes, axes = drawn_routes(scenario), Figure().add_subplot()
    draw_overview(axes, scenario, routes, overview_bounds(scenario, routes))
    dashes = [str(line._unscaled_dash_pattern) for line in axes.lines if line.get_gid()]
    assert len(dashes) == len(routes) > 4
    assert len(set(dashes[:4])) == 4


def test_with_a_font_for_other_characters_its_bold_one_is_known_for_titles(monkeypatch, tmp_path):
    shipped = Path(matplotlib.get_data_path(), "fonts/ttf")
    for given, name in (("DejaVuSans", "Plain-Regular"), ("DejaVuSans-Bold", "Plain-Bold")):
        shutil.copy(shipped / f"{given}.ttf", tmp_path / f"{name}.ttf")
    added = list[str]()
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: [str(tmp_path / "Plain-Regular.ttf")])
    monkeypatch.setattr(fonts.fontManager, "addfont", lambda path: added.append(Path(path).name))
    figure = Figure()
    figure.text(0.0, 0.0, "é")
    assert fonts.use_fonts_with(figure, {"é"}) == set()
    assert added == ["Plain-Regular.ttf", "Plain-Bold.ttf"]
