"""The belief map shows what is computed: colours of the numbers, none without sea, tips with their chances."""

import numpy as np
import pytest

from plots.belief_map import figure_belief, save_belief
from plots.coverage_map import default_bounds
from plots.style import styled
from sim import InputError, run
from sim.core.arrays import Floats
from sim.study.maps.belief import Belief, make_belief
from tests.helpers import shows_something

SHORT = {"duration_days": 4, "background.merchant.present": 10.0}
TOLD = 16.0  # an hour at which a desk of Japan has reported a pair lately


@pytest.fixture(scope="module")
def spring():
    return run("neon-spring", replications=2, sets=SHORT, jobs=1)


@pytest.fixture(scope="module")
def tipped():
    return run("agreements-2026", replications=1, jobs=1, sets={"duration_days": 4})


def parts(results, belief: Belief):
    """The figure's texts, the colours' numbers and their scale."""
    with styled():
        figure = figure_belief(results, belief, default_bounds(results.scenario))
    axes = figure.axes[0]
    image = next(one for one in axes.get_images() if one.get_gid() == "belief-field")
    texts = " ".join([axes.get_title("left"), *(text.get_text() for text in axes.texts)])
    return axes, texts, image


def test_the_colours_are_the_expected_numbers(spring):
    belief = make_belief(spring, 30.0, cells=400)
    axes, texts, image = parts(spring, belief)
    shown: Floats = image.get_array().filled(np.nan)
    wet = belief.sea_nmi2 > 0.0
    assert np.array_equal(np.isnan(shown), ~wet)
    assert np.nansum(shown * belief.sea_nmi2) / 1e4 == pytest.approx(belief.total)
    assert image.get_clim()[0] == 0.0
    assert image.cmap(0.0)[:3] == pytest.approx((1.0, 1.0, 1.0), abs=0.05)  # nothing is white
    assert f"{belief.total:.3g} unfound pairs" in texts
    assert f"{belief.unflown:.3g}" in texts
    assert "hour 30: 11 Apr 2023 06:00 UTC" in texts
    assert any(line.get_gid() == "legs" for line in axes.collections)


def test_before_anybody_has_flown_it_is_even(spring):
    belief = make_belief(spring, 12.0, cells=400)
    density = belief.expected[belief.sea_nmi2 > 0.0] / belief.sea_nmi2[belief.sea_nmi2 > 0.0]
    assert belief.total == pytest.approx(belief.unflown)
    assert density.max() < 1.05 * density.min()
    axes, _, _ = parts(spring, belief)
    assert not any(line.get_gid() == "legs" for line in axes.collections)


def test_the_chance_is_that_of_at_least_one(spring):
    belief = make_belief(spring, 30.0, cells=100)
    assert belief.chance == pytest.approx(1.0 - np.exp(-belief.expected))
    other = make_belief(spring, 30.0, cells=100, replication=1)
    assert (belief.replication, other.replication) == (0, 1)
    assert other.total == pytest.approx(belief.total, rel=0.2)


def test_tips_are_marked_with_their_chances(tipped):
    belief = make_belief(tipped, TOLD)
    assert len(belief.tips) == 1
    tip = belief.tips[0]
    assert 0.0 < tip.chance <= tip.told < 1.0
    assert tip.by_cell.sum() == pytest.approx(tip.chance, rel=1e-6)
    axes, texts, image = parts(tipped, belief)
    assert f"{tip.chance:.2g} of them by 1 tip" in texts
    assert f"{tip.chance:.2g}" in [text.get_text() for text in axes.texts]
    untold = belief.expected - tip.by_cell
    assert (
        image.get_clim()[1] < 3.0 * np.nanmax(untold / np.where(belief.sea_nmi2 > 0.0, belief.sea_nmi2, np.nan)) * 1e4
    )
    assert belief.chance.max() == pytest.approx(belief.expected.max(), rel=0.1)


def test_what_others_flew_is_left_out(tipped):
    ours, all_flown = make_belief(tipped, 47.0, nation="canada"), make_belief(tipped, 47.0)
    nobody = make_belief(tipped, 47.0, nation="japan")
    assert ours.total < 0.98 * ours.unflown
    assert ours.total == pytest.approx(all_flown.total)
    assert nobody.total == pytest.approx(nobody.unflown)
    assert not nobody.tips


def test_the_map_of_a_nation_without_patrols_has_no_legs(tipped, tmp_path):
    belief = save_belief(tipped, tmp_path / "map.png", at=47.0, nation="japan", cells=400)
    figure = figure_belief(tipped, belief, default_bounds(tipped.scenario))
    assert figure.legends[0].get_title().get_text() == "no search of japan in the last 24 h, replication 0"
    assert shows_something(tmp_path / "map.png", colours=8)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"at": 96.5}, "at: given 96.5; allowed: an hour of the deployment: 0 to 96"),
        ({"at": -1.0}, "at: given -1"),
        ({"at": 30.0, "replication": 2}, "a replication with recorded tracks: 0 to 1"),
        ({"at": 30.0, "nation": "japan"}, "no nation: the scenario has none"),
    ],
)
def test_what_cannot_be_drawn_is_refused(spring, tmp_path, options, said):
    with pytest.raises(InputError, match=said):
        save_belief(spring, tmp_path / "map.png", **options)


def test_a_run_without_tracks_is_refused(tmp_path):
    results = run("neon-spring", replications=2, sets=SHORT, jobs=1, keep=0)
    with pytest.raises(InputError, match="a run that recorded the tracks"):
        save_belief(results, tmp_path / "map.png", at=30.0)


@pytest.mark.parametrize("sets", [{}, {"transfers.fuel.per_month": 0.0}])
def test_a_map_is_written(tmp_path, sets):
    results = run("neon-spring", replications=2, sets={**SHORT, **sets}, jobs=1)
    belief = save_belief(results, tmp_path / "map.png", at=30.0, cells=400)
    assert shows_something(tmp_path / "map.png", colours=8)
    assert (belief.total > 0.0) == (not sets)
