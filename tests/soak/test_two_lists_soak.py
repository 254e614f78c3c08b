"""Calibration of the posterior of two lists, by synthetic and by simulated deployments; its page has the figures."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim import load_scenario, run
from sim.study.infer.lists import columns_of_lists
from sim.study.infer.posterior import JEFFREYS, interval_of
from sim.study.infer.two_lists import Lists, chapman, joint_chance, list_posterior
from tests.theory.list_trials import trial

pytestmark = pytest.mark.soak

PAGE = (Path(__file__).resolve().parents[2] / "docs/methods/two-lists.md").read_text(encoding="utf-8")
TRIALS, SEED = 2000, 7
OTHERS, OTHER_SEED = 3000, 21
TOLD = 200  # replications that tell the chances; as many others are what is inferred


def written(title):
    """The figures of a row of the page."""
    row = re.search(rf"^\| {title} \| (.*) \|$", PAGE, re.MULTILINE)
    assert row
    return [float(cell.removesuffix(" %")) for cell in row.group(1).split(" | ")]


@pytest.fixture(scope="module")
def trials():
    rng = np.random.default_rng(SEED)
    return [trial(rng) for _ in range(TRIALS)]


@pytest.fixture(scope="module")
def others():
    rng = np.random.default_rng(OTHER_SEED)
    return [trial(rng, not_matched=False) for _ in range(OTHERS)]


def figures(trials, name):
    """The p-value of a test of uniform ranks, and how often intervals of 50, 90 and 95 % hold the true number."""
    ranks = np.array([getattr(one, name) for one in trials])
    held = [100.0 * np.mean(np.abs(ranks - 0.5) < 0.5 * level) for level in (0.5, 0.9, 0.95)]
    return float(stats.kstest(ranks, "uniform").pvalue), *map(float, held)


@pytest.mark.parametrize(("name", "title"), [("matched", "matched"), ("not_matched", "not matched")])
def test_ranks_are_uniform_and_intervals_hold_the_truth_as_often_as_they_say(trials, name, title):
    found = figures(trials, name)
    assert found[0] > 0.001
    assert 94.0 < found[3] < 96.0
    assert written(title) == pytest.approx(found, abs=0.06)


def test_other_deployments_say_the_same(others):
    found = figures(others, "matched")
    assert found[0] > 0.01
    assert 94.0 < found[3] < 96.0
    assert written("matched, 3,000 others") == pytest.approx(found, abs=0.06)


@pytest.mark.parametrize("observer", ["japan_desk", "japan_satellite"])
def test_intervals_hold_the_transfers_of_simulated_deployments_that_told_nothing(observer):
    passes = {"observers.japan_satellite.revisit_h": 4.0, "observers.japan_satellite.swath_nmi": 200.0}
    results = run(load_scenario("neon-partners", passes), 2 * TOLD, keep=0)
    columns = np.array(columns_of_lists(results, observer))
    joint = joint_chance(*columns[:, :TOLD])
    held = []
    for number, one, two, both in columns[:, TOLD:].T.astype(int).tolist():
        lists = Lists(one, two, both)
        ends = [
            interval_of(list_posterior(given, joint, JEFFREYS).quantile, 0.95)
            for given in (lists, lists._replace(both=None))
        ]
        held.append([low <= number <= high for low, high in (*ends, chapman(lists, 0.95)[2:])])
    shares = 100.0 * np.mean(held, axis=0)
    assert written(f"`{observer}`") == pytest.approx(shares, abs=0.6)
    assert np.all(shares[:2] > 90.0)
    assert shares[2] < 80.0
