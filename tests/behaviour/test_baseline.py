"""A study with a baseline: one more point, from which the others differ, replication by replication."""

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from plots.gain import figure_gain
from plots.heatmap import figure_heatmap
from plots.response import figure_response
from plots.style import styled
from sim import compare, run, sweep
from sim.cli.main import main
from sim.core.units import HOURS_PER_YEAR
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from sim.study.study_results import StudyResults
from tests.helpers import shows_something

REPLICATIONS = 6
TEXT = f"""
format = 1
scenario = "neon-spring"
replications = {REPLICATIONS}
measures = ["documented_per_year", "p_detected"]
[baseline]
label = "as it is"
set = {{ "duration_days" = 10 }}
[[vary]]
name = "speed, kn"
keys = ["aircraft.cp140.search_speed_kn", "aircraft.cp140.transit_speed_kn"]
values = [250.0, 300.0]
[[vary]]
name = "which"
settings = [
    {{ label = "few", set = {{ "duration_days" = 10, "background.merchant.present" = 100.0 }} }},
    {{ label = "many", set = {{ "duration_days" = 10, "background.merchant.present" = 400.0 }} }},
]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("baseline")
    (place / "study.toml").write_text(TEXT, encoding="utf-8")
    sweep(place / "study.toml", out=place / "out")
    return place / "out"


@pytest.fixture
def results(folder: Path) -> StudyResults:
    return StudyResults.load(folder)


def test_the_baseline_is_the_last_point_and_has_no_levels(folder: Path, results: StudyResults):
    assert results.baseline == 4
    assert [list(row.values()) for row in results.levels] == [
        [250.0, "few"], [250.0, "many"], [300.0, "few"], [300.0, "many"], [None, None],
    ]  # fmt: skip
    rows = pq.read_table(folder / "points.parquet").to_pylist()
    assert rows[-1] == {"point": 4, "speed, kn": None, "which": None}
    with (folder / "measures.csv").open(newline="", encoding="utf-8") as file:
        last = [row for row in csv.DictReader(file) if row["point"] == "4"]
    assert {row["which"] for row in last} == {""}


def test_a_gain_is_the_paired_difference_of_two_runs(results: StudyResults):
    sets = {"duration_days": 10, "background.merchant.present": 400.0}
    fast = {"aircraft.cp140.search_speed_kn": 300.0, "aircraft.cp140.transit_speed_kn": 300.0}
    theirs = run(load_scenario("neon-spring", {"duration_days": 10}), REPLICATIONS)
    ours = run(load_scenario("neon-spring", {**sets, **fast}), REPLICATIONS)
    for name in ("documented_per_year", "p_detected", "first_documented_h"):
        wanted = next(row for row in compare([theirs, ours]).differences[0] if row.measure == name)
        assert results.gains(name)[3] == wanted
        assert len(results.gains(name)) == 4


def test_a_rate_is_the_count_of_so_many_deployments_a_year(results: StudyResults):
    assert len(results.estimates("documented")) > 1
    for rate, count in zip(results.estimates("documented_per_year"), results.estimates("documented"), strict=True):
        share = HOURS_PER_YEAR / 240.0
        assert count.high is not None
        assert (rate.value, rate.low, rate.high) == pytest.approx([share * (v or 0.0) for v in count_of(count)])


def count_of(measure):
    return measure.value, measure.low, measure.high


def test_pictures_have_the_baseline_as_a_line_and_not_as_a_point(results: StudyResults):
    with styled():
        for make in (figure_gain, figure_response):
            figure = make(results)
            FigureCanvasAgg(figure).draw()
            axes = figure.axes[0]
            handles, labels = axes.get_legend_handles_labels()
            assert labels == ["as it is", "few", "many"]
            assert [tick.get_text() for tick in axes.get_xticklabels()] == ["250", "300"]
            assert len(np.atleast_1d(handles[0].get_ydata())) == 2
        assert figure_heatmap(results).axes[0].images[0].get_array().shape == (2, 2)


def test_a_gain_is_hollow_where_its_interval_has_0(results: StudyResults):
    gains = results.gains("documented_per_year")
    vague = [row.value for row in gains if row.low is not None and row.low <= 0.0 <= row.high]
    with styled():
        axes = figure_gain(results).axes[0]
    hollow = [y for line in axes.lines if line.get_markerfacecolor() == "white" for y in line.get_ydata()]
    assert sorted(hollow) == pytest.approx(sorted(vague))


def test_the_table_says_what_each_point_gives_more(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["sweep", str(folder.parent / "study.toml"), "--jobs", "1", "--out", str(folder)]) == 0
    output = capsys.readouterr()
    assert "more than" in output.out
    assert "as it is" in output.out
    assert f"seasweep plot gain {folder}" in output.err
    assert main(["plot", "gain", str(folder), "-o", str(folder.parent / "gain.png")]) == 0
    assert shows_something(folder.parent / "gain.png")


def test_a_study_without_a_baseline_has_no_gains(tmp_path: Path):
    text = TEXT[: TEXT.index("[baseline]")] + TEXT[TEXT.index("[[vary]]") :]
    (tmp_path / "plain.toml").write_text(text.replace(f"= {REPLICATIONS}\n", "= 2\n"), encoding="utf-8")
    plain = sweep(tmp_path / "plain.toml", out=tmp_path / "out")
    assert (plain.baseline, plain.gains("documented")) == (None, [])
    with styled(), pytest.raises(InputError, match="baseline"):
        figure_gain(plain)


def test_the_scenario_as_it_is_can_be_the_baseline(tmp_path: Path):
    text = TEXT.replace('set = { "duration_days" = 10 }\n', "").replace(f"= {REPLICATIONS}\n", "= 2\n", 1)
    (tmp_path / "plain.toml").write_text(text, encoding="utf-8")
    last = sweep(tmp_path / "plain.toml", out=tmp_path / "out")
    assert last.duration_h == [240.0] * 4 + [720.0]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('label = "as it is"\n', "", "baseline.label"),
        ('set = { "duration_days" = 10 }', 'set = { "duration_dys" = 10 }', "duration_dys"),
        ('name = "speed, kn"\n', "", "name, keys and values"),
        ("values = [250.0, 300.0]\n", "", "name, keys and values"),
        ('"aircraft.cp140.transit_speed_kn"]', '"aircraft.cp140.transit_kn"]', "transit_kn"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, named: str
):
    assert old in TEXT
    (tmp_path / "wrong.toml").write_text(TEXT.replace(old, new), encoding="utf-8")
    assert main(["sweep", str(tmp_path / "wrong.toml"), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert named in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()
