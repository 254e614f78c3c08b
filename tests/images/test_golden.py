"""A map looks as it did, apart from its texts, whose letters depend on versions of Matplotlib and of its fonts.

Other tests say what a picture draws; this one sees what nobody thought of, such as parts that cover each other. Where
the map shall look otherwise, view the new picture, which the failure names, and put it in the place of the old one.
"""

from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from plots.coverage_map import default_bounds, draw_coverage
from plots.style import styled
from sim import run
from sim.study.maps.coverage import make_field

GOLDEN = Path(__file__).parent / "golden" / "coverage.png"
MOST = 1.5  # the root of the mean squared difference that is allowed, of 255


@pytest.fixture(scope="module")
def figure() -> Figure:
    """A small coverage map without texts."""
    results = run("textbook", 2, seed=1, jobs=1, sets={"duration_days": 6.0})
    bounds = default_bounds(results.scenario)
    with styled():
        figure = Figure(figsize=(5.0, 4.0), dpi=80)
        draw_coverage(figure.add_subplot(), results, make_field(results, bounds, cells=400), bounds)
    for text in figure.findobj(Text):
        text.set_alpha(0.0)
        text.set_path_effects([])
    return figure


def difference(figure: Figure, path: Path) -> float:
    """How much a figure differs from the picture that is kept; the figure is written to a path."""
    with styled():
        figure.savefig(path)
    found = compare_images(str(GOLDEN), str(path), 0.0, in_decorator=True)
    return float(found["rms"]) if found else 0.0


def test_a_map_looks_as_it_did(figure, tmp_path):
    assert difference(figure, tmp_path / "coverage.png") <= MOST


@pytest.mark.parametrize("lost", ["land", "outline", "tracks", "base", "bar"])
def test_each_part_that_a_map_loses_is_seen(figure, lost, tmp_path):
    axes, bar = figure.axes
    parts = {
        "land": [axes.patches[0]],
        "outline": [axes.patches[1]],
        "tracks": [one for one in axes.collections if str(one.get_gid()).startswith("tracks")],
        "base": [one for one in axes.collections if one.get_zorder() == 7.5],
        "bar": [bar],
    }[lost]
    assert parts
    for part in parts:
        part.set_visible(False)
    try:
        assert difference(figure, tmp_path / "coverage.png") > MOST
    finally:
        for part in parts:
            part.set_visible(True)
