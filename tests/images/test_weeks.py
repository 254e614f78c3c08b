"""The first week beside the last: what the picture draws is what the tables hold, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection

from plots.weeks import figure_weeks
from sim import load_scenario, run, sweep
from sim.scenario.problems import InputError
from tests.helpers import call_seasweep, shows_something, study_of

WEEK_H = 168.0


@pytest.fixture(scope="module")
def results():
    """Three replications of 22 days, so that the fourth week is not whole."""
    sets = {"duration_days": 22.0, "transfers.fuel.per_month": 90.0}
    return run(load_scenario("neon-learning", sets), 3, jobs=1)


@pytest.fixture(scope="module")
def figure(results):
    return figure_weeks(results)


def panel(figure, title):
    """The panel of a title, and what stands below it."""
    (axes,) = (axes for axes in figure.findobj(Axes) if axes.get_title("left") == title)
    (subtitle,) = (text.get_text() for text in axes.texts if text.get_gid() == "subtitle")
    return axes, subtitle


def rows_of(results, week):
    """The transfers that began in a week."""
    rows = results.tables["transfers"].to_pylist()
    return [row for row in rows if WEEK_H * (week - 1) <= row["begin_h"] < WEEK_H * week]


@pytest.mark.parametrize("week", [1, 3])
def test_the_map_of_a_week_has_its_transfers_where_the_table_has_them(results, figure, week):
    axes, subtitle = panel(figure, f"week {week}")
    rows = rows_of(results, week)
    documented = sum(row["status"] == "documented" for row in rows)
    assert len(rows) > 20
    assert subtitle.splitlines() == [
        f"{len(rows)} transfers, {100.0 * documented / len(rows):.1f} % documented",
        f"{len(rows)} are marked",
    ]
    drawn = np.vstack([marks.get_offsets() for marks in axes.collections if isinstance(marks, PathCollection)])
    x, y = results.scenario.plane.to_xy(*(np.array([row[name] for row in rows]) for name in ("lon", "lat")))
    for place in zip(x, y, strict=True):
        assert np.hypot(*(drawn - place).T).min() < 1e-6


def test_the_last_week_is_the_last_whole_one(figure):
    with pytest.raises(ValueError, match="not enough values"):
        panel(figure, "week 4")


def test_the_colours_are_the_hours_flown_in_the_week(results, figure):
    tracks = results.tables["tracks"].to_pylist()
    for week in (1, 3):
        axes, _ = panel(figure, f"week {week}")
        (image,) = (image for image in axes.images if image.get_gid() == "field")
        begin, end = WEEK_H * (week - 1), WEEK_H * week
        flown = sum(max(0.0, min(end, leg["end_h"]) - max(begin, leg["begin_h"])) for leg in tracks) / 3.0
        assert flown > 20.0
        assert float(image.get_array().sum()) == pytest.approx(flown, rel=0.01)  # an alternate lies beyond the map


def test_the_shares_by_hour_are_those_of_the_table(results, figure):
    axes, subtitle = panel(figure, "hours of the day")
    assert "3 replications, seed 1; flights of the first 3" in subtitle
    lines = {patch.get_label(): patch.get_data() for patch in axes.patches}
    assert len(lines) == 4
    for week in (1, 3):
        rows = rows_of(results, week)
        shares = lines[f"transfers that begin, week {week}"].values
        hours = [int((row["begin_h"] + 9.0) % 24.0) for row in rows]  # 00:00 UTC is 09:00 in Japan
        assert shares == pytest.approx(100.0 * np.bincount(hours, minlength=24) / len(rows))
        flights = lines[f"hours of flight, week {week}"].values
        assert flights.sum() == pytest.approx(100.0)
        assert flights[:6].sum() == pytest.approx(0.0)  # the Aurora takes off at six


def test_of_many_transfers_some_are_marked():
    results = run(load_scenario("neon-spring", {"duration_days": 14.0, "transfers.fuel.per_month": 900.0}), 1, jobs=1)
    axes, subtitle = panel(figure_weeks(results), "week 2")
    assert subtitle.endswith("150 are marked")
    assert sum(len(marks.get_offsets()) for marks in axes.collections if isinstance(marks, PathCollection)) >= 150


@pytest.mark.parametrize(
    ("sets", "options", "words"),
    [
        ({"duration_days": 13.9}, {}, "two weeks or more"),
        ({"transfers.fuel.per_month": 0.0, "duration_days": 14.0}, {}, "a run in which a transfer began"),
        ({"duration_days": 14.0}, {"keep": 0}, "tracks"),
    ],
)
def test_a_run_without_what_the_picture_needs_is_refused(sets, options, words, tmp_path):
    results = run(load_scenario("neon-spring", sets), 1, jobs=1, **options)
    with pytest.raises(InputError, match=words):
        figure_weeks(results)


def test_the_folder_of_a_study_is_refused_and_that_of_a_run_is_drawn(scratch):
    Path("study.toml").write_text(study_of({"duration_days": [14.0]}, replications=2), encoding="utf-8")
    sweep("study.toml", out="runs/study", jobs=1)
    answer = call_seasweep("plot", "weeks", "runs/study")
    assert (answer.code, answer.out) == (2, "")
    assert "study" in answer.err
    with pytest.raises(InputError):
        figure_weeks(sweep("study.toml", jobs=1))
    run(load_scenario("textbook", {"duration_days": 14.0}), 1, out="runs/mine", jobs=1)
    answer = call_seasweep("plot", "weeks", "runs/mine", "-o", "weeks.png")
    assert (answer.code, answer.out.strip()) == (0, "weeks.png")
    assert shows_something(Path("weeks.png"))
