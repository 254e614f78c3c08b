"""Pictures of a run: what they draw is what the tables hold."""

import tomllib
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow.compute as pc
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from plots.convergence import counted_so_far, draw_convergence, figure_convergence
from plots.coverage_map import save_coverage
from plots.effort_map import figure_effort, figure_revisit
from plots.funnel import draw_funnel, figure_funnel, funnel_rows
from plots.run_page import legs_of_sorties, patrol_styles
from plots.sortie_chart import PHASE_STYLES, chosen_sortie, figure_sortie, fuel_left_h
from plots.style import styled
from plots.timeline import figure_timeline, rows_without_overlap
from plots.transfer_maps import figure_difference, figure_missed
from sim import load_scenario, run
from sim.scenario.files import find_scenario
from sim.scenario.problems import InputError
from sim.study.maps.coverage import Grid
from sim.study.maps.transfer_cells import cells_of, count_by_cell, difference_by_cell
from tests.helpers import call_seasweep, shows_something


def test_the_bars_of_a_funnel_are_the_measures(neon_results):
    rows = {row.label: row for row in funnel_rows(neon_results)}
    for label in ("detected", "classified", "documented"):
        measure = neon_results.measure(f"p_{label}")
        assert (rows[label].begin, rows[label].end) == (0.0, pytest.approx(100.0 * measure.value))
        assert rows[label].low == pytest.approx(100.0 * measure.low)
    lost = sum(row.end - row.begin for row in rows.values() if not row.is_stage)
    assert lost == pytest.approx(100.0 * (1.0 - neon_results.measure("p_documented").value))
    assert rows["somebody there"].end == pytest.approx(100.0 * (1.0 - neon_results.measure("no_one_there").value))


def test_each_reason_begins_where_the_one_before_ends(neon_results):
    lost = [row for row in funnel_rows(neon_results) if not row.is_stage]
    assert [row.begin for row in lost[:-1]] == pytest.approx([row.end for row in lost[1:]])
    axes = draw_funnel(Figure().add_subplot(), neon_results)
    assert len(axes.patches) == len(funnel_rows(neon_results))


def test_a_timeline_has_every_sortie_and_every_transfer_of_its_replication(neon_results):
    figure = figure_timeline(neon_results, 2)
    sorties = [
        axes for axes in figure.axes if axes.get_yticklabels() and axes.get_yticklabels()[0].get_text() == "aurora"
    ]
    (bars,) = {len(axes.collections) for axes in sorties}
    flown = legs_of_sorties(neon_results, 2)
    assert bars == 2 * len(flown) > 20  # a thin bar for the whole flight, a thick one for its work
    rows = [row for row in neon_results.tables["transfers"].to_pylist() if row["replication"] == 2]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    for status in ("missed", "detected", "classified", "documented"):
        assert f"{status} ({sum(row['status'] == status for row in rows)})" in labels
    assert len(figure.axes[-1].lines) == len(rows)


def test_spans_in_one_row_do_not_overlap():
    rng = np.random.default_rng(5)
    begin = np.sort(rng.uniform(0.0, 200.0, 60))
    spans = list(zip(begin.tolist(), (begin + rng.uniform(0.1, 30.0, 60)).tolist(), strict=True))
    rows = rows_without_overlap(spans)
    assert 1 < len(set(rows)) < 20
    for row in set(rows):
        mine = [span for span, at in zip(spans, rows, strict=True) if at == row]
        assert all(one[1] <= other[0] for one, other in pairwise(mine))


def test_a_sortie_lands_with_its_reserve_and_its_track_has_every_phase(neon_results):
    scenario = neon_results.scenario
    legs = legs_of_sorties(neon_results, 0)[("aurora", 0)]
    hours, fuel = fuel_left_h(scenario.aircraft["cp140"], legs)
    assert fuel[0] == scenario.aircraft["cp140"].endurance_h
    assert fuel[-1] == pytest.approx(scenario.aircraft["cp140"].reserve_h, abs=1e-6)
    assert hours[-1] - hours[0] == pytest.approx(9.0, abs=1e-6)
    figure = figure_sortie(neon_results, 0, "aurora", 0)
    drawn = {to_hex(line.get_color()).upper() for line in figure.axes[0].lines if line.get_label()[0] != "_"}
    assert {to_hex(PHASE_STYLES[leg["phase"]][0]).upper() for leg in legs} == drawn


def test_the_sortie_asked_for_is_drawn_or_refused_with_those_there_are(neon_results):
    flown = legs_of_sorties(neon_results, 0)
    assert chosen_sortie(flown, None, None) == ("aurora", 0)
    assert chosen_sortie(flown, "aurora", 3) == ("aurora", 3)
    with pytest.raises(InputError, match="a patrol that flew in this replication: aurora"):
        chosen_sortie(flown, "orora", None)
    with pytest.raises(InputError, match="a sortie that was flown: 0, 1, 2"):
        chosen_sortie(flown, None, 400)


def test_convergence_ends_at_the_value_of_the_run():
    results = run("textbook", 30)
    rows = counted_so_far(results, "p_detected")
    assert [row.replications for row in rows] == sorted({row.replications for row in rows})
    assert (rows[0].replications, rows[-1]) == (5, results.measure("p_detected"))
    axes = draw_convergence(Figure().add_subplot(), results, "p_detected")
    assert axes.lines[0].get_ydata()[-1] == pytest.approx(100.0 * rows[-1].value)
    with pytest.raises(InputError, match="did you mean p_detected"):
        counted_so_far(results, "p_detectd")


@pytest.mark.parametrize(
    ("draw", "options", "words"),
    [
        (figure_effort, {}, ("coverage factor", "sweep width W", "6 replications")),
        (figure_effort, {"show": "hours"}, ("hours over a cell",)),
        (figure_revisit, {}, ("mean time to the next look, h", "within")),
        (figure_revisit, {"show": "looks", "range_nmi": 30.0}, ("looks, a deployment", "within 30 nmi")),
    ],
)
def test_maps_of_effort_and_revisits_say_what_they_show(neon_results, draw, options, words):
    chart, bar = draw(neon_results, cells=200, **options).axes
    said = chart.get_title(loc="left") + bar.get_ylabel() + " ".join(text.get_text() for text in chart.texts)
    assert [word for word in words if word not in said] == []


def test_a_run_without_tracks_is_refused():
    results = run("textbook", 2, keep=0, sets={"duration_days": 2.0})
    for draw in (figure_timeline, figure_sortie, figure_effort, figure_revisit):
        with pytest.raises(InputError, match="recorded the tracks of a replication"):
            draw(results)


def test_a_run_without_transfers_is_refused_where_a_picture_needs_them_and_drawn_elsewhere():
    text = find_scenario("textbook").read_text(encoding="utf-8")
    tables = {**tomllib.loads(text), "duration_days": 2.0, "transfers": {}}
    results = run(tables, 10, jobs=1)
    for draw in (figure_funnel, figure_missed, lambda one: figure_difference(one, one)):
        with pytest.raises(InputError, match="transfer"):
            draw(results)
    with pytest.raises(InputError, match="a measure that has a value in this run"):
        figure_convergence(results)
    for draw in (figure_timeline, figure_sortie, figure_effort, figure_revisit):
        assert draw(results).axes


def test_a_recorded_replication_in_which_nobody_flew_is_drawn(neon_results, tmp_path):
    tracks = neon_results.tables["tracks"].filter(pc.field("replication") != 0)
    results = replace(neon_results, tables={**neon_results.tables, "tracks": tracks})
    save_coverage(results, tmp_path / "a.png", cells=100)
    assert shows_something(tmp_path / "a.png")
    assert figure_timeline(results, 0).axes
    with pytest.raises(InputError, match="a replication in which a sortie was flown"):
        figure_sortie(results, 0)


def test_maps_of_missed_transfers_count_every_transfer_once(neon_results):
    scenario = neon_results.scenario
    grid = Grid.over((-1000.0, -1000.0, 1000.0, 1000.0), 50)
    counts = count_by_cell(neon_results, grid)
    rows = neon_results.tables["transfers"].to_pylist()
    assert counts.transfers.sum() == len(rows) > 50
    assert counts.by_status["detected"].sum() == sum(row["detected_h"] is not None for row in rows)
    assert sum(found.sum() for found in counts.by_reason.values()) == sum(row["reason"] is not None for row in rows)
    for number, row in enumerate(rows[:20]):
        x, y = scenario.plane.to_xy(row["lon"], row["lat"])
        cell = cells_of(neon_results, grid)[number]
        assert np.hypot(*(grid.cells[cell] - [x, y])) <= grid.side / np.sqrt(2.0)
    titles = [axes.get_title(loc="left") for axes in figure_missed(neon_results).axes]
    assert "no sensor came within range" in titles


def test_a_run_does_not_differ_from_itself_and_one_cell_has_the_difference_of_the_runs(neon_results):
    whole = Grid.over((-2000.0, -2000.0, 2000.0, 2000.0), 1)
    whole = Grid(whole.x, np.array([whole.y[0], whole.y[0] + 4000.0]))
    other = run("neon-spring", 6, sets={"routes.search.spacing_nmi": 80.0})
    (same, _) = difference_by_cell(neon_results, neon_results, whole, "p_detected")
    assert (same.value, same.excludes_zero) == (0.0, False)
    (found, _) = difference_by_cell(other, neon_results, whole, "p_detected")
    assert found.value == pytest.approx(other.measure("p_detected").value - neon_results.measure("p_detected").value)
    figure = figure_difference(other, neon_results, "p_detected")
    assert figure.axes[0].images[0].get_clim()[0] == -figure.axes[0].images[0].get_clim()[1]
    with pytest.raises(InputError, match="the same replications and the same seed"):
        figure_difference(run("neon-spring", 3), neon_results)


def test_no_two_patrols_have_lines_alike():
    scenario = load_scenario("neon-two")
    styles = patrol_styles(scenario)
    assert list(styles) == list(scenario.patrols)
    assert len({str(style) for style in styles.values()}) == len(styles)


@pytest.mark.parametrize(
    "kind", ["funnel", "timeline", "sortie", "convergence", "effort", "revisit", "missed", "difference"]
)
def test_each_picture_is_drawn_by_its_command(neon, kind, tmp_path):
    if kind == "convergence":
        run("textbook", 12, out=tmp_path / "run")
        neon = tmp_path / "run"
    cells = ["--cells", "200"] if kind in ("effort", "revisit") else []
    runs = [neon, neon] if kind == "difference" else [neon]
    answer = call_seasweep("plot", kind, *runs, "-o", tmp_path / "a.png", *cells)
    assert answer.code == 0
    assert shows_something(tmp_path / "a.png")


def test_a_long_title_is_broken_and_stays_on_the_page(neon_results):
    scenario = neon_results.scenario.model_copy(update={"title": "A title that goes on and on " * 6})
    results = replace(neon_results, scenario=scenario)
    with styled():
        figures = [figure_missed(results), figure_difference(results, results), figure_effort(results, cells=100)]
        for figure in figures:
            canvas = FigureCanvasAgg(figure)
            for _ in range(2):  # as often as a picture is laid out that is written to a file
                figure.draw_without_rendering()
            width, height = canvas.get_width_height()
            map_ = figure.axes[0]
            shown = [text for text in (map_.title, map_._left_title, *map_.texts, figure._suptitle) if text is not None]
            boxes = [text.get_window_extent() for text in shown if text.get_text()]
            assert max(box.x1 for box in boxes) <= width
            assert max(box.y1 for box in boxes) <= height
            assert map_.get_window_extent().width > 0.15 * width
