"""The main job as a user does it: demo, run, precision, the shipped library."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim import compare, load_scenario, run
from sim.cli.main import main
from sim.scenario.files import shipped_names
from sim.study.design import load_study
from sim.study.store import Results
from tests.helpers import shows_something

ROOT = Path(__file__).resolve().parents[2]
VARIANTS = ("neon-barrier", "neon-haze", "neon-night")


def test_the_demo_prints_a_table_and_draws_a_map(scratch, capsys):
    run("textbook", 1, out=scratch / "runs/demo")  # an earlier demo: it is replaced
    assert main(["demo", "--replications", "2", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert "p_documented" in out
    assert "JST" in out
    assert out.rstrip().endswith("map: runs/demo/coverage.png")
    assert shows_something(scratch / "runs/demo/coverage.png")
    assert Results.load(scratch / "runs/demo").name == "neon-spring"


@pytest.fixture(scope="module")
def parent():
    """20 replications of the scenario that the variants extend."""
    return run("neon-spring", 20, keep=0)


@pytest.mark.parametrize("name", VARIANTS)
def test_each_variant_differs_from_neon_spring_by_an_interval_that_excludes_zero(parent, name):
    answer = compare([parent, run(name, 20, keep=0)])  # each variant is 7 standard errors away in one of the measures
    clear = [d.measure for d in answer.differences[0] if not d.low <= 0.0 <= d.high]
    assert {"p_detected", "p_documented", "investigations", "on_station_hours"} & set(clear)
    same = answer.differences[0][0]
    assert same.measure == "transfers"
    assert (same.value, same.low) == (0.0, -same.high)  # the same transfers


def test_a_variant_says_only_what_it_varies():
    base = load_scenario("neon-spring").model_dump()
    for name in VARIANTS:
        other = load_scenario(name).model_dump()
        differing = {key for key in base if base[key] != other[key]} - {"title", "summary"}
        assert len(differing) == 1, name


def test_every_shipped_study_loads_and_every_figure_is_marked():
    for name in shipped_names("studies"):
        assert load_study(name).points
    text = (ROOT / "scenarios" / "neon-spring.toml").read_text(encoding="utf-8")
    assert min(text.count(mark) for mark in ("source]", "assumption", "derived")) >= 3


def test_precision_goes_on_until_the_measure_is_known_that_well(scratch):
    assert main(["run", "textbook", "--precision", "p_detected=0.012", "--jobs", "1"]) == 0
    results = Results.load("runs/textbook")
    done = len(results.columns["transfers"])
    assert results.measure("p_detected").half_width <= 0.012
    assert done > 40
    assert done % 20 == 0


def test_a_precision_begins_at_the_replications_ends_at_the_most_and_says_at_once_if_it_is_out_of_reach(
    scratch, capsys
):
    command = ["run", "textbook", "--precision", "p_detected=0.0001", "--replications", "55", "--most", "73"]
    assert main([*command, "--jobs", "1"]) == 0
    assert re.search(
        r"by estimate, p_detected needs about [\d,]+000 replications for the half-width 0\.0001; "
        r"the run goes on to the 73 that --most allows\n(.|\n)*"
        r"p_detected has an interval with the half-width 0\.0\d+ after 73 replications, not 0\.0001",
        capsys.readouterr().err,
    )
    looks = []
    wide = run("textbook", 55, precision=("p_detected", 0.5), most=100, looked=looks.append)
    assert [(look.replications, look.is_enough) for look in looks] == [(60, True)]
    assert len(wide.columns["replication"]) == 60
    run("textbook", 40, precision=("transfers", 5e-324), most=40, looked=looks.append)
    assert looks[-1].expected > 10**12  # the square of such a ratio is no floating-point number


def test_measures_csv_holds_every_measure_with_its_interval(neon, neon_results):
    rows = list(csv.DictReader((neon / "measures.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["measure"] for row in rows] == [m.measure for m in neon_results.measures()]
    for row, measure in zip(rows, neon_results.measures(), strict=True):
        assert (float(row["value"]), float(row["low"]), float(row["high"])) == (
            measure.value,
            measure.low,
            measure.high,
        )


def test_tables_agree_with_one_another(neon_results):
    totals = neon_results.columns
    transfers = neon_results.tables["transfers"].to_pylist()
    assert len(totals["replication"]) == 6
    for replication in totals["replication"]:
        mine = [row for row in transfers if row["replication"] == replication]
        index = int(np.flatnonzero(totals["replication"] == replication)[0])
        assert len(mine) == totals["transfers"][index]
        for rung, counted in (("detected", 3), ("classified", 2), ("documented", 1)):
            names = ("documented", "classified", "detected")[:counted]
            assert sum(row["status"] in names for row in mine) == totals[rung][index]
        firsts = [row["documented_h"] for row in mine if row["documented_h"] is not None]
        assert (
            np.isnan(totals["first_documented_h"][index])
            if not firsts
            else min(firsts) == totals["first_documented_h"][index]
        )


def test_three_lines_of_a_notebook_show_a_table():
    results = run("textbook", 3)
    assert '<th scope="row">p_detected</th>' in results._repr_html_()


def test_help_and_version_start_fast_and_load_nothing_heavy(tmp_path):
    seasweep = shutil.which("seasweep", path=str(Path(sys.executable).parent))
    assert seasweep
    for option in ("--help", "--version"):
        done = subprocess.run([seasweep, option], capture_output=True, encoding="utf-8", cwd=tmp_path, check=True)
        assert "seasweep" in done.stdout.lower()


def test_kernels_work_where_the_cache_cannot_be_written(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    code = "from sim.core.kernels.cache import cache_folder; print(cache_folder())"
    env = {
        **os.environ,
        "SEASWEEP_CACHE": str(blocked / "x"),
        "XDG_CACHE_HOME": str(blocked / "y"),
        "TMPDIR": str(tmp_path),
        "NUMBA_DISABLE_JIT": "1",
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=env, check=True)
    assert done.stdout.startswith(f"{tmp_path}/seasweep-{os.geteuid()}/kernels-")
