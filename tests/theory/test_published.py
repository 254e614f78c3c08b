"""Published results: the command, the page, what a row accepts, and the computations against others of their own."""

import json
from itertools import pairwise
from math import erf, pi, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize

from sim.cli.main import main
from sim.deployment.totals import chapman_estimate
from sim.model import theory
from sim.study.published import al_rowaei_2011, kroodsma_2022, park_2020, uscg_1980
from sim.study.published.base import LIMIT, Effort, ReproducedRow, figure
from sim.study.published.registry import publications
from tools.reproduced import EFFORT, PAGE, section

QUICK = ("hoye_2006", "radar_horizon", "szechtman_2008", "al_rowaei_2011", "park_2020")  # a second each, or less
FEW = Effort(10, 3)


# ---------------------------------------------------------------------------------------------- the command
def test_machines_can_read_every_row(capsys):
    chosen = ["--publication", "kroodsma_2022", "--publication", "park_2020", "--replications", "10"]
    assert main(["verify", *chosen, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["passed"]
    assert (said["limit"], said["replications"], said["seed"]) == (LIMIT, 10, 1)
    assert {row["publication"] for row in said["rows"]} == {"kroodsma_2022", "park_2020"}
    assert {"check", "expected_low", "expected_high", "computed", "error", "difference", "z", "passed"} < set(
        said["rows"][0]
    )
    assert {row["passed"] for row in said["rows"]} == {True, None}
    assert {(row["expected_low"], row["difference"]) for row in said["rows"] if row["z"] is None} > {(None, None)}


def test_a_figure_that_is_not_reproduced_is_reported_and_gives_exit_code_1(monkeypatch, capsys):
    monkeypatch.setattr(park_2020, "RATIO_2018", 0.95)
    assert main(["verify", "--publication", "park_2020", "--replications", "10"]) == 1
    printed = capsys.readouterr()
    assert printed.out.count("FAIL") >= 2  # from the published sums, and from simulated counts
    assert "park_2020: 2018, satellites / coast guard" in printed.err


def test_a_publication_that_cannot_be_asked_for_is_refused(capsys):
    assert main(["verify", "--publication", "nobody_1900"]) == 2
    assert 'given "nobody_1900"; allowed: one of al_rowaei_2011, ' in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------- the page
def test_the_page_has_a_section_for_every_publication():
    text, found = PAGE.read_text(encoding="utf-8"), publications()
    assert len(found) > 8
    for name, publication in found.items():
        assert f"## {publication.title}\n" in text
        assert f"`seasweep verify --publication {name}`:\n" in text
        assert all(
            len(part.split()) > 3 for part in (publication.published, publication.method, publication.not_available)
        )


@pytest.mark.parametrize("name", [name for name in QUICK if name != "al_rowaei_2011"])
def test_a_section_of_the_page_is_what_the_command_computes(name):
    publication = publications()[name]
    assert section(publication, publication.rows(EFFORT)) in PAGE.read_text(encoding="utf-8"), (
        "run `python -m tools.reproduced`"
    )


def test_a_publication_that_draws_nothing_has_the_same_rows_from_every_seed():
    exact = [publication for publication in publications().values() if publication.is_exact]
    assert len(exact) > 1
    for publication in exact:
        assert publication.rows(Effort(10, 1)) == publication.rows(Effort(20, 2))


# ---------------------------------------------------------------------------------------------- what a row accepts
def test_a_row_with_an_error_passes_by_the_error_and_one_without_by_a_difference():
    assert ReproducedRow("", 1.0, 1.0, 1.39, 0.1).passed
    assert not ReproducedRow("", 1.0, 1.0, 1.41, 0.1).passed
    assert figure("", 1.0, 1.09, 0.1).passed
    assert not figure("", 1.0, 0.89, 0.1).passed
    assert not ReproducedRow("", 1.0, 1.0, 1.2, 0.1, allowed=0.1).passed


@pytest.mark.parametrize(
    ("computed", "inside", "below", "above"),
    [(0.4, False, True, False), (0.58, True, False, False), (0.7, True, False, False), (1.2, False, False, True)],
)
def test_a_row_of_an_interval_passes_on_the_side_that_the_text_says(computed, inside, below, above):
    rows = [ReproducedRow("", 0.6, 0.8, computed, 0.01, expected_side=side) for side in ("inside", "below", "above")]
    assert [row.passed for row in rows] == [inside, below, above]


# ---------------------------------------------------------------------------------------------- computations
def test_a_step_finds_the_share_that_an_integral_gives():
    for step in (3.5, 7.0, 14.0, 27.9, 28.0, 56.0, 100.0):
        integral, _ = quad(
            lambda x, d=step: min(1.0, 2.0 * sqrt(14.0**2 - x * x) / d), 0.0, 14.0, points=[13.0], limit=200
        )
        assert al_rowaei_2011.share_found(step) == pytest.approx(integral / 14.0, abs=1e-6)


def test_the_flight_finds_all_targets_and_the_longer_the_step_the_fewer_it_finds():
    found, *stepped = al_rowaei_2011.PUBLICATION.rows(FEW)
    assert found.computed == 20.0
    assert all(row.passed for row in stepped)
    assert all(a.computed - b.computed > 2.0 * b.error for a, b in pairwise(stepped))


def test_the_two_paths_of_a_patrol_are_told_apart():
    """The rows would not pass with the formula of the other path."""
    rows = publications()["szechtman_2008"].rows(FEW)
    jumps, shuttles = rows[:5], rows[5:]
    assert all(row.passed for row in rows)
    assert all(jump.computed - shuttle.high > LIMIT * jump.error for jump, shuttle in zip(jumps, shuttles, strict=True))


def test_the_number_of_dark_ships_is_the_most_likely_one():
    """Against a general minimiser of scipy, and without noise against the truth."""
    lengths = kroodsma_2022.lengths_m()
    detected = kroodsma_2022.share_detected(lengths)
    seen = kroodsma_2022.measured_shares() * detected
    counts = kroodsma_2022.counts_of(kroodsma_2022.UNMATCHED["near French Polynesia"])

    def surprise(ships):
        means = np.maximum(seen @ ships, 1e-300)
        return float((means - counts * np.log(means)).sum()), seen.sum(axis=0) - (counts / means) @ seen

    found = kroodsma_2022.dark_ships(counts, detected)
    other = minimize(
        surprise, np.full(lengths.size, 0.2), jac=True, bounds=[(0.0, None)] * lengths.size, method="L-BFGS-B"
    )
    assert surprise(found)[0] == pytest.approx(other.fun, abs=0.01)
    assert found.sum() == pytest.approx(other.x.sum(), rel=0.03)
    truth = np.where((lengths > 30.0) & (lengths < 60.0), 25.0, 0.0)
    assert kroodsma_2022.dark_ships(seen @ truth, detected).sum() == pytest.approx(truth.sum(), rel=0.02)


def test_measured_lengths_add_up_and_lie_about_the_true_ones():
    shares = kroodsma_2022.measured_shares()
    assert shares.sum(axis=0)[:10] == pytest.approx(1.0, abs=1e-3)
    middles = np.arange(2.5, 400.0, 5.0)
    median = middles[np.searchsorted(np.cumsum(shares[:, 4]), 0.5)]
    assert median == pytest.approx(np.exp(0.674 + 0.895 * np.log(42.5)), abs=5.0)


def test_a_fleet_from_those_that_both_saw_by_hand():
    assert chapman_estimate(np.array([10.0]), np.array([5.0]), np.array([2.0])) == pytest.approx(21.0)


def test_ais_is_heard_in_an_empty_sea_and_drowned_in_a_crowded_one():
    assert theory.heard_by_satellite(0.0, 6.0, 600.0) == pytest.approx(1.0)
    assert theory.heard_by_satellite(1e5, 6.0, 600.0) == pytest.approx(0.0, abs=1e-9)
    # One look, no overlap: the chance that a Poisson number of others with a mean of 1 in two channels is 0.
    assert theory.heard_by_satellite(75.0 * 6.0, 6.0, 6.0, overlap=0.0) == pytest.approx(np.exp(-1.0))


def test_a_pattern_is_scored_as_an_integral_along_its_tracks_scores_it():
    """The exposure of single targets, summed over small pieces of a parallel sweep."""
    plane = uscg_1980.plane_of((118.0, 22.0, 146.0, 46.0))
    keys, half = uscg_1980.plans(plane, 0.75)["parallel sweep"]
    laid, sea = uscg_1980.laid_over_sea(plane, keys, half)
    law, waypoints = uscg_1980.law_cut_at(100.0), laid.passes[0]
    scores = uscg_1980.scores_of_pass(FEW.trial("targets"), law, waypoints, sea, 50)
    rng = FEW.trial("targets").rng
    west, south, east, north = sea.bounds
    targets = np.column_stack([rng.uniform(west, east, 50), rng.uniform(south, north, 50)])
    share = (np.arange(8_000) + 0.5) / 8_000
    exposure = np.zeros(50)
    for a, b in pairwise(waypoints):
        away = np.hypot(*(a + share[:, None] * (b - a))[:, :, None].transpose(1, 0, 2) - targets.T[:, None, :])
        rate = np.where(away < 100.0, law.strength / away**3, 0.0)
        exposure += rate.mean(axis=0) * np.hypot(*(b - a)) / 180.0
    assert scores == pytest.approx(-np.expm1(-exposure), abs=2e-3)


def test_every_pattern_of_the_library_is_held_to_the_envelope():
    plane = uscg_1980.plane_of((118.0, 22.0, 146.0, 46.0))
    flown = {keys["pattern"] for keys, _ in uscg_1980.plans(plane, 1.0).values()}
    assert flown == set(uscg_1980.Route.kinds())


def test_the_envelope_is_that_of_the_two_curves():
    row = uscg_1980.in_envelope("", 1.25, np.array([0.7, 0.8]), "inside")
    assert (row.low, row.high) == pytest.approx((1.0 - np.exp(-1.25), erf(sqrt(pi) / 2.0 * 1.25)))
