"""Longer statistics: the textbook's closed form over many seeds."""

import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from scipy.stats import kstest

from sim import run
from sim.study.published.base import Effort
from sim.study.published.registry import failed, reproduce
from sim.study.verify.checks import CHECKS, TIMES, check
from tools.reproduced import PAGE, page

pytestmark = pytest.mark.soak


def test_the_textbook_is_unbiased_over_many_seeds():
    """z of P = 0.375 over 100 seeds is standard normal."""
    z = []
    for seed in range(100):
        columns = run("textbook", 60, seed=seed, keep=0).columns
        residual = columns["detected"] - 0.375 * columns["transfers"]
        z.append(residual.mean() / (residual.std(ddof=1) / np.sqrt(60)))
    assert kstest(z, "norm").pvalue > 1e-3
    assert abs(np.mean(z)) < 3.7 / np.sqrt(100)


SHARPEST = ("parallel sweeps, 10, finite sum", "parallel sweeps, 4, finite sum", "coin flips, inverse_cube")


def test_a_planted_error_of_one_per_cent_fails_nearly_always():
    """Over 200 seeds at the usual effort; the sharpest rows first, for one that fails is enough."""
    names = [*SHARPEST, *(name for name in (*CHECKS, *TIMES) if name not in SHARPEST)]
    failed = sum(any(not check(name, seed=seed, planted=0.01).passed for name in names) for seed in range(200))
    assert failed >= 198


def failing(seed: int) -> list[str]:
    """The rows that fail at the usual effort."""
    return [name for name in (*CHECKS, *TIMES) if not check(name, seed=seed).passed]


def test_verify_fails_by_chance_no_more_often_than_it_says():
    """Over 200 seeds: more than 8 failures have a chance of 1 in 5,000 at the stated 1 in 100."""
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("forkserver")) as pool:
        failed = list(pool.map(failing, range(200), chunksize=5))
    print([some for some in failed if some])
    assert sum(bool(some) for some in failed) <= 8


def test_the_page_of_published_results_is_what_the_command_computes():
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tools.reproduced`"


def not_reproduced(seed: int) -> list[str]:
    """The published rows that fail at the usual effort."""
    return failed(reproduce((), Effort(40, seed)))


def test_published_results_are_reproduced_from_every_seed():
    """Over 20 seeds: more than one failure has a chance of 1 in 600; 47 rows may fail by chance."""
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("forkserver")) as pool:
        found = list(pool.map(not_reproduced, range(20)))
    print([some for some in found if some])
    assert sum(map(len, found)) <= 1


def test_the_memory_of_a_run_does_not_grow_with_its_replications(tmp_path):
    peaks = []
    for count in (400, 4000):
        code = f"from sim import run; run('textbook', {count}, keep=0, out='{tmp_path}/{count}');"
        code += "print(open('/proc/self/status').read())"
        said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8").stdout
        peaks.append(int(said.split("VmHWM:")[1].split()[0]) / 1024.0)
    assert peaks[1] < peaks[0] + 40.0  # MiB; the rows of 3,600 replications would be more than a hundred


def test_a_replication_among_ten_thousand_vessels_stays_under_a_gibibyte():
    sets = "{'background.merchant.present': 10000.0, 'outputs.contacts': True}"
    code = f"from sim import *; simulate(load_scenario('neon-spring', {sets})); print(open('/proc/self/status').read())"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, encoding="utf-8").stdout
    assert int(said.split("VmHWM:")[1].split()[0]) / 1024.0 < 1024.0
