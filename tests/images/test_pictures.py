"""Pictures, by their artists and data; a few by their files."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from plots.basemap import draw_basemap, view
from plots.coverage_map import Tracks, default_bounds, draw_tracks, figure_coverage, save_coverage
from plots.heatmap import figure_heatmap
from plots.response import figure_response
from plots.route_map import figure_route, save_route
from plots.style import styled
from sim import load_scenario, sweep
from sim.scenario.flight_plan import flight_plan_text, make_flight_plan
from sim.scenario.problems import InputError
from sim.scenario.wording import key_in_words
from sim.study.maps.coverage import make_field
from sim.study.study_results import StudyResults
from tests.behaviour.test_reproducible import STUDY


@pytest.fixture(scope="module")
def field(neon_results):
    return make_field(neon_results, default_bounds(neon_results.scenario), cells=600)


@pytest.fixture(scope="module")
def page(neon_results, field):
    with styled():
        figure = figure_coverage(neon_results, field, default_bounds(neon_results.scenario))
        FigureCanvasAgg(figure).draw()
    return figure


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> StudyResults:
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.toml").write_text(STUDY.replace("replications = 60", "replications = 10"), encoding="utf-8")
    return sweep(folder / "study.toml", out=folder / "out")


def test_the_field_is_a_probability_high_where_the_aircraft_flies(field):
    assert field.probability.size <= 600
    assert 0.0 <= field.probability.min() < 0.01
    assert 0.3 < field.probability.max() < 1.0
    assert (field.duration_h, field.uniform, field.replications) == (5.0, False, 6)


def test_the_map_has_land_field_outline_tracks_transfers_base_and_scale(page, neon_results):
    axes = page.axes[0]
    gids = {artist.get_gid() for artist in axes.get_children()}
    assert {"coverage-field", "tracks of aurora"} <= gids
    texts = {text.get_text() for text in axes.texts}
    assert {"kadena", "east_china_sea"} <= texts
    assert any(text.endswith("nmi") for text in texts)
    tracks = next(artist for artist in axes.collections if artist.get_gid() == "tracks of aurora")
    shown = neon_results.tables["tracks"].to_pylist()
    search = [row for row in shown if row["replication"] == 0 and row["phase"] == "search"]
    assert len(tracks.get_segments()) == len(search) > 0


@pytest.mark.parametrize(
    ("tracks", "phases"), [(Tracks("all"), None), (Tracks("all", sortie=2), None), (Tracks("none"), ())]
)
def test_all_tracks_one_sortie_or_none_can_be_drawn(neon_results, tracks, phases):
    axes = Figure().add_subplot()
    draw_tracks(axes, neon_results, 0, tracks)
    rows = [row for row in neon_results.tables["tracks"].to_pylist() if row["replication"] == 0]
    wanted = [row for row in rows if tracks.sortie in (None, row["sortie"])] if phases is None else []
    assert sum(len(lines.get_segments()) for lines in axes.collections) == len(wanted)


def test_every_transfer_is_marked_by_how_far_it_climbed(page, neon_results):
    labels = page.axes[0].get_legend_handles_labels()[1]
    rows = [row["status"] for row in neon_results.tables["transfers"].to_pylist() if row["replication"] == 0]
    marks = [f"{name} ({rows.count(name)})" for name in ("missed", "detected", "classified", "documented")]
    assert labels == ["search legs", *marks]


def test_title_and_colour_bar_say_what_is_shown_in_both_times(page):
    axes = page.axes[0]
    words = axes.get_title(loc="left") + page.axes[1].get_ylabel() + " ".join(text.get_text() for text in axes.texts)
    for said in ("Operation NEON", "UTC", "09:00 JST", "P(detected)", "5 h", "6 replications", "scenario's hours"):
        assert said in words


def test_nothing_is_cut_off_the_page(page):
    width, height = page.canvas.get_width_height()
    renderer = page.canvas.get_renderer()
    for text in [page.axes[0]._left_title, page.axes[1].yaxis.label, *page.legends[0].get_texts(), *_names(page)]:
        box = text.get_window_extent(renderer)
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height


def _names(page):
    """The texts on the map that stand in or above it: names, the scale, the subtitle."""
    return [text for text in page.axes[0].texts if text.get_text()]


def test_places_are_where_they_belong(neon_results):
    """Kadena is on land, the sighting of 31.2N 124.1E in the outlined area, both inside the view."""
    scenario = neon_results.scenario
    west, south, east, north = default_bounds(scenario)
    for lon, lat in ((127.77, 26.36), (124.1, 31.2)):
        x, y = scenario.plane.to_xy(lon, lat)
        assert west < x < east
        assert south < y < north


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_each_format_is_written_the_same_every_time(neon_results, tmp_path, ending):
    contents = []
    for name in ("a", "b"):
        save_coverage(neon_results, tmp_path / f"{name}.{ending}", cells=100)
        contents.append((tmp_path / f"{name}.{ending}").read_bytes())
    assert contents[0] == contents[1]
    assert len(contents[0]) > 20_000
    assert len(list(tmp_path.iterdir())) == 2


def test_threads_share_the_field_without_changing_it(neon_results):
    bounds = default_bounds(neon_results.scenario)
    one, two = (make_field(neon_results, bounds, cells=300, jobs=jobs) for jobs in (1, 2))
    assert np.array_equal(one.probability, two.probability)


def test_a_field_that_is_broken_off_ends_at_once(neon_results):
    """Threads that are at work when Ctrl-C comes do not go on to the end."""
    told = []

    def break_off(done, total):
        told.append((done, total))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_field(neon_results, default_bounds(neon_results.scenario), cells=300, jobs=2, progress=break_off)
    assert len(told) == 1 < told[0][1]


def test_another_duration_and_flat_hours_are_said_and_computed(neon_results):
    bounds = default_bounds(neon_results.scenario)
    short, long = (make_field(neon_results, bounds, cells=200, duration_h=h, uniform=True) for h in (1.0, 12.0))
    assert np.all(long.probability >= short.probability)
    assert long.uniform
    with pytest.raises(InputError, match="did you mean fuel"):
        make_field(neon_results, bounds, source="fule")


def test_a_basemap_can_be_drawn_on_ones_own_axes():
    scenario = load_scenario("textbook")
    shape = scenario.plane.project(scenario.areas["box"].shape)
    axes = Figure().add_subplot()
    assert draw_basemap(axes, scenario, view([shape]), ["box"]) is axes
    assert any("°E" in label.get_text() for label in axes.get_xticklabels())


def test_a_response_shows_every_point_with_its_interval(study):
    axes = figure_response(study).axes[0]
    assert len(axes.containers) == 2
    heights = sorted(y for line in axes.containers for y in line[0].get_ydata())
    assert heights == pytest.approx(sorted(100 * m.value for m in study.estimates("p_detected")))
    assert axes.get_ylabel() == "probability that a transfer is detected, %"
    assert "_" not in axes.get_xlabel()


@pytest.mark.parametrize(
    ("key", "values", "words"),
    [
        ("routes.search.spacing_nmi", [20.0], "spacing of search, nautical miles"),
        ("patrols.aurora.first_takeoff_h", [9.0], "first take-off of aurora, hours"),
        ("patrols.aurora.first_takeoff_h", ["06:00", "18:00"], "first take-off of aurora, local time"),
        ("aircraft.cp140.identification.time_h", [], "identification time of cp140, hours"),
        ("transfers.fuel.per_month", [], "rate of fuel, per 30 days"),
        ("transfers.fuel.night_share", [], "night share of fuel"),
        ("environment.sea_state", [3], "sea state"),
        ("duration_days", [3], "duration, days"),
    ],
)
def test_a_key_is_words_on_an_axis(key, values, words):
    assert key_in_words(key, values) == words


def test_a_heat_map_shows_every_cell_with_its_value(study):
    axes = figure_heatmap(study).axes[0]
    assert axes.images[0].get_array().shape == (2, 2)
    cells = [text for text in axes.texts if "\n" in text.get_text()]
    assert len(cells) == 4
    assert all(" to " in text.get_text() for text in cells)


def test_a_heat_map_frames_the_highest_cell_and_those_like_it(study):
    name = "p_detected"
    axes = figure_heatmap(study, name).axes[0]
    values = [row.value for row in study.estimates(name)]
    best = values.index(max(values))
    alike = [
        point for point, row in enumerate(study.differences(name, best)) if not row.excludes_zero and point != best
    ]
    framed = [patch.get_gid() for patch in axes.patches]
    assert sorted(framed) == ["highest"] + ["like the highest"] * len(alike)
    low, high = axes.images[0].get_clim()
    rows = study.estimates(name)
    assert (low, high) == pytest.approx((100 * min(row.low for row in rows), 100 * max(row.high for row in rows)))


def test_an_unknown_measure_is_refused_with_the_nearest_name(study):
    with pytest.raises(InputError, match="did you mean p_detected"):
        figure_response(study, "p_detect")


ROUTES = """
extends = "neon-spring"
[aircraft.cp140]
bank_deg = 25.0
[routes.fence]
pattern = "barrier"
line = [[123.6, 29.5], [126.7, 29.5]]
[routes.square]
pattern = "expanding_square"
datum = [125.0, 29.0]
spacing_nmi = 10.0
legs = 9
[patrols.aurora]
routes = ["search", "fence"]
"""


@pytest.fixture(scope="module")
def routes(tmp_path_factory):
    path = tmp_path_factory.mktemp("routes") / "routes.toml"
    path.write_text(ROUTES, encoding="utf-8")
    return load_scenario(path)


def lines_of(figure):
    return {line.get_gid(): line.get_xydata() for line in figure.axes[0].lines if line.get_gid()}


@pytest.mark.parametrize(("name", "legs"), [("search", 5), ("fence", 2), ("square", 9)])
def test_a_route_is_drawn_as_it_is_entered_from_base_with_its_legs_in_order(routes, name, legs):
    plan = make_flight_plan(routes, name)
    assert plan.patrol == "aurora"
    with styled():
        figure = figure_route(plan)
        lines = lines_of(figure)
    assert np.array_equal(lines["pass"], plan.points)
    ways = [name for name in lines if name.startswith("way")]
    there_and_back = np.array_equal(plan.points[0], plan.points[-1])
    assert ways == (["way out and home"] if there_and_back else ["way out", "way home"])
    assert np.array_equal(lines[ways[0]], [plan.base, plan.points[0]])
    assert there_and_back or np.array_equal(lines["way home"][1], plan.base)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in texts if text.isdigit()] == [str(k) for k in range(1, legs + 1)]
    assert "kadena" in texts
    starts = [one[0] for one in plan.pattern.passes]
    assert min(np.hypot(*(one - plan.base)) for one in starts) == np.hypot(*(plan.points[0] - plan.base))


def test_the_words_of_a_route_are_its_numbers(routes):
    from sim.model.theory import random_search

    plan = make_flight_plan(routes)
    first, fuel, area, radar = flight_plan_text(plan)
    length = np.hypot(*np.diff(plan.points, axis=0).T).sum()
    assert first.startswith("parallel sweep (PS): 5 legs, spacing S = 40 nmi; one pass ")
    assert f"{length:,.0f} nmi, {length / 210:.1f} h at 210 kn" in first
    assert "fuel for 9 h" in fuel
    sea = routes.plane.sea(routes.areas["east_china_sea"].shape)
    assert f"{sea.area:,.0f} sq nmi" in area
    width = routes.sensors["radar"].law.sweep_width_nmi(210.0)
    inside = sum(np.hypot(*(track[1] - track[0])) for track in plan.pattern.tracks[plan.entry])  # turns lie outside
    factor = float(radar.partition("A = ")[2].partition(";")[0])
    assert factor == pytest.approx(width * inside / sea.area, rel=0.01)
    assert f"P = {random_search(factor):.2f}" in radar


def test_fuel_ends_the_pass_where_base_is_just_reached(routes):
    plan = make_flight_plan(routes)
    stay, place = plan.end_of_search()
    hours = plan.transit_h(plan.points[0]) + stay + plan.transit_h(place)
    assert stay < plan.hours
    assert hours == pytest.approx(9.0, abs=0.02)
    short = make_flight_plan(routes, "fence")
    assert short.end_of_search()[0] == pytest.approx(short.hours)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_a_route_is_written_the_same_every_time(routes, tmp_path, ending):
    contents = []
    for name in ("a", "b"):
        save_route(routes, tmp_path / f"{name}.{ending}", "square")
        contents.append((tmp_path / f"{name}.{ending}").read_bytes())
    assert contents[0] == contents[1]
    assert len(contents[0]) > 10_000


def test_no_words_of_a_route_overlap_or_leave_the_page(routes):
    with styled():
        figure = figure_route(make_flight_plan(routes))
        FigureCanvasAgg(figure).draw()
    renderer = figure.canvas.get_renderer()
    parts = [figure.axes[0]._left_title, figure._supxlabel, figure.axes[0].get_legend()]
    boxes = [part.get_window_extent(renderer) for part in parts] + [figure.axes[0].get_window_extent(renderer)]
    width, height = figure.canvas.get_width_height()
    assert len(boxes) > 2
    for number, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height
        assert not any(box.overlaps(other) for other in boxes[number + 1 :])
