"""Calibration of the posterior of two lists on synthetic deployments; the page of methods has the figures."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.theory.list_trials import trial

pytestmark = pytest.mark.soak

PAGE = (Path(__file__).resolve().parents[2] / "docs/methods/two-lists.md").read_text(encoding="utf-8")
TRIALS, SEED = 2000, 7


@pytest.fixture(scope="module")
def trials():
    rng = np.random.default_rng(SEED)
    return [trial(rng) for _ in range(TRIALS)]


def figures(trials, name):
    """The p-value of a test of uniform ranks, and how often intervals of 50, 90 and 95 % hold the true number."""
    ranks = np.array([getattr(one, name) for one in trials])
    held = [100.0 * np.mean(np.abs(ranks - 0.5) < 0.5 * level) for level in (0.5, 0.9, 0.95)]
    return float(stats.kstest(ranks, "uniform").pvalue), *map(float, held)


@pytest.mark.parametrize(("name", "title"), [("matched", "matched"), ("not_matched", "not matched")])
def test_ranks_are_uniform_and_intervals_hold_the_truth_as_often_as_they_say(trials, name, title):
    found = figures(trials, name)
    assert found[0] > 0.01
    assert 94.0 < found[3] < 96.0
    row = re.search(rf"^\| {title} \| (.*) \|$", PAGE, re.MULTILINE)
    assert row
    written = [float(cell.removesuffix(" %")) for cell in row.group(1).split(" | ")]
    assert written == pytest.approx(found, abs=0.06)
