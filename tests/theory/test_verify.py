"""Theory itself, and that a planted error in the simulation fails against it."""

import json

import numpy as np
import pytest

from sim.cli.main import main
from sim.core import chance
from sim.model import theory
from sim.study.verify import checks as verify
from sim.study.verify.checks import CHECKS, CUBE, NARROW, TIMES, UNCUT, check, limit
from sim.study.verify.tip_searches import tip_of_two_areas


def test_every_row_passes_and_machines_can_read_it(capsys):
    assert main(["verify", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["passed"]
    assert said["level"] == 0.01
    assert said["limit"] == pytest.approx(limit())
    assert [row["check"] for row in said["rows"]] == [*CHECKS, *TIMES]
    assert len(said["rows"]) >= 15
    assert {"statistic", "expected", "estimate", "error", "z", "passed"} < set(said["rows"][0])


def test_a_failing_row_is_reported_and_gives_exit_code_1(monkeypatch, capsys):
    name = "parallel sweeps, 10, finite sum"
    monkeypatch.setattr(verify, "verify", lambda *_: [check("sweep width, scan, nmi"), check(name, planted=0.01)])
    assert main(["verify"]) == 1
    printed = capsys.readouterr()
    assert "FAIL" in printed.out
    assert name in printed.err
    assert "1 of 2" in printed.err


@pytest.mark.parametrize("name", ["coin flips, inverse_cube", "parallel sweeps, 4, finite sum"])
@pytest.mark.parametrize("planted", [-0.01, 0.01])
def test_an_error_of_one_per_cent_is_seen(name, planted):
    # Expected at 5.9 and 9.4 standard errors; below 2 has a chance of 1 in 20,000, were the seed not fixed.
    assert np.sign(planted) * check(name, planted=planted).z > 2.0


def test_more_replications_are_sharper():
    usual, sharp = (check("ships on random courses", replications) for replications in (20, 320))
    assert usual.error / sharp.error == pytest.approx(4.0, rel=0.1)


def test_coins_are_at_least_six_hundred_thousand():
    assert check("coin flips, inverse_cube", 10).error < 0.5 / np.sqrt(600_000)


def test_the_level_is_that_of_all_rows_together():
    from scipy.stats import norm

    alone = 2.0 * norm.sf(limit())
    assert 1.0 - (1.0 - alone) ** (len(CHECKS) + len(TIMES)) == pytest.approx(0.01)


def test_closed_forms_at_their_limits():
    assert theory.mean_relative_speed(0.0, 200.0) == pytest.approx(200.0)
    assert theory.mean_relative_speed(200.0, 200.0) == pytest.approx(4.0 / np.pi * 200.0)
    assert theory.parallel_sweeps(UNCUT, 60, 40.0, 200.0) == pytest.approx(theory.endless_sweeps(20.0, 40.0), abs=2e-3)
    # 401 tracks and the cut at 200: the middle gap by brute force.
    law = NARROW.model_copy(update={"max_range_nmi": 200.0})
    x = (np.arange(2000) + 0.5) / 2000 - 0.5
    away = np.abs(x[:, None] - np.arange(-200, 201))
    sums = np.where(away < 200.0, law.lateral_exposure(np.minimum(away, 200.0), 200.0), 0.0).sum(axis=1)
    corrected = theory.endless_sweeps(law.uncut_sweep_width_nmi, 1.0, 200.0)
    assert corrected == pytest.approx(-np.expm1(-sums).mean(), abs=1e-6)
    assert theory.mean_over_courses(lambda w: w, 60.0, 200.0) == pytest.approx(theory.mean_relative_speed(60.0, 200.0))
    assert theory.jump_back(1e-6) == pytest.approx(1.0, abs=1e-6)
    assert theory.back_and_forth(1e-6) == pytest.approx(1.0, abs=1e-5)
    assert theory.back_and_forth(1.0) < theory.jump_back(1.0)
    assert (theory.fixed_life(3.0, 2.0), theory.fixed_life(1.0, 2.0)) == (1.0, 0.5)
    # A barrier that does not overlap itself sweeps W sqrt(1 + (v / u)^2) of L, less at the turns; and never more.
    assert theory.barrier(1.0, 100.0, 150.0, 200.0) == pytest.approx(2 / 100 * np.hypot(1, 200 / 150), rel=0.03)
    assert theory.barrier(10.0, 100.0, 10.0, 200.0) == 1.0
    # A leg many times its reach long sweeps W l, and a little at its ends.
    assert theory.leg_area(CUBE, 6000.0, 200.0) / (20.0 * 6000.0) == pytest.approx(1.0, abs=3e-3)
    assert theory.leg_area(CUBE, 30.0, 200.0) > 20.0 * 30.0


@pytest.mark.parametrize("right", [0.5, 0.7, 1.0])
def test_a_tip_about_one_of_two_areas_gains_what_the_closed_form_says(right):
    """Also where it says nothing; a sortie of any tip beside one of none, at the same hour."""
    trial = verify.Trial(np.random.default_rng(3), chance.replication_key(3, 0), 40, 0.0)
    expected, gains = tip_of_two_areas(trial, right)
    assert expected == pytest.approx(0.7 * np.exp(-1.5 / 5.0) * 5.0 / 7.0 * (right - 0.5))
    assert abs(gains.mean() - expected) < 4.0 * gains.std() / np.sqrt(gains.size)


@pytest.mark.parametrize("chances", [(1.1, 0.5, 0.8), (0.5, -0.1, 0.8), (0.5, 0.5, 0.4), (0.5, np.nan, 0.8)])
def test_a_tip_needs_chances(chances):
    with pytest.raises(ValueError, match="chances are numbers from 0 to 1"):
        theory.gain_of_a_tip(*chances)
