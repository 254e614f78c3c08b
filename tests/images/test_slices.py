"""Pictures of studies of many factors: levels that are fixed, the factor along the axis, and facets."""

import pytest

from plots.gain import figure_gain
from plots.heatmap import figure_heatmap
from plots.response import figure_response
from plots.slices import MOST_SERIES, facets, slice_of
from sim import sweep
from sim.scenario.problems import InputError
from tests.helpers import call_seasweep, shows_something

STUDY = """
format = 1
scenario = "textbook"
replications = 4
measures = ["p_detected"]

[baseline]
label = "blind"
set = { "sensors.eye.law.probability" = 0.01 }

[[vary]]
name = "range = R"
key = "sensors.eye.law.range_nmi"
values = [10.0, 20.0, 40.0]

[[vary]]
name = "pace"
key = "aircraft.searcher.search_speed_kn"
values = [120.0, 160.0, 200.0]

[[vary]]
name = "take-off"
settings = [
    { label = "early", set = { "patrols.daily.first_takeoff_h" = 0.0 } },
    { label = "noon", set = { "patrols.daily.first_takeoff_h" = 6.0 } },
    { label = "late", set = { "patrols.daily.first_takeoff_h" = 12.0 } },
]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    sweep(folder / "study.toml", out=folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def study(folder):
    from sim.study.study_results import StudyResults

    return StudyResults.load(folder)


def test_a_level_that_is_fixed_leaves_the_points_that_have_it(study):
    part = slice_of(study, ["take-off=noon", "range = R=20"])
    assert [study.levels[point] for point in part.points] == [
        {"range = R": 20.0, "pace": pace, "take-off": "noon"} for pace in (120.0, 160.0, 200.0)
    ]
    assert (part.factors, part.facet, part.told) == (["pace"], None, "take-off = noon, range = R = 20")


def test_more_series_than_can_be_told_apart_become_facets(study):
    part = slice_of(study)
    assert MOST_SERIES < 3 * 3
    assert (part.factors, part.facet) == (["range = R", "pace"], "take-off")
    shown = facets(study, part)
    assert [title for title, _ in shown] == ["take-off: early", "take-off: noon", "take-off: late"]
    assert sorted(point for _, points in shown for point in points) == list(range(27))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"at": ["take-of=noon"]}, "did you mean take-off"),
        ({"at": ["take-off=moon"]}, "did you mean noon"),
        ({"at": ["pace"]}, "FACTOR=LEVEL"),
        ({"at": ["take-off=noon"], "x": "take-off"}, "a factor that is not fixed: range = R, pace"),
        ({"x": "pace", "facet": "pace"}, "other than the one along the axis"),
        ({"at": ["take-off=noon", "pace=160", "range = R=10"]}, "one factor is left"),
    ],
)
def test_what_is_no_part_of_the_study_is_refused(study, options, words):
    with pytest.raises(InputError, match=words):
        figure_response(study, **options)


def test_each_panel_shows_its_own_points_and_all_share_the_scale(study):
    figure = figure_response(study, x="pace", facet="range = R")
    assert len(figure.axes) == 3
    values = [row.value for row in study.estimates("p_detected")]
    for axes, level in zip(figure.axes, (10.0, 20.0, 40.0), strict=True):
        expected = sorted(100 * values[n] for n in range(27) if study.levels[n]["range = R"] == level)
        drawn = sorted(y for container in axes.containers for y in container[0].get_ydata())
        assert drawn == pytest.approx(expected)
        assert axes.get_ylim() == figure.axes[0].get_ylim()
        assert axes.get_xlabel() == "pace"
    highest = max(row.high for row in study.estimates("p_detected"))
    assert figure.axes[0].get_ylim()[1] > 100 * highest


def test_gains_and_heat_maps_take_slices_too(study):
    assert len(figure_gain(study, at=["pace=120"]).axes[0].containers) == 3
    with pytest.raises(InputError, match="--at FACTOR=LEVEL for the others"):
        figure_heatmap(study)
    axes = figure_heatmap(study, at=["pace=120"]).axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("take-off", "range = R")
    axes = figure_heatmap(study, at=["pace=120"], x="range = R").axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("range = R", "take-off")


def test_the_command_line_takes_them(folder, tmp_path):
    given = ["--at", "pace=160", "--facet", "take-off", "-o", tmp_path / "a.png"]
    answer = call_seasweep("plot", "response", folder, *given)
    assert answer.code == 0
    assert shows_something(tmp_path / "a.png")
