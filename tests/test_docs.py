"""The documentation: what is made from the code is up to date, what is named exists, what is shown runs."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sim.cli import main
from sim.scenario.json_schema import key_rows
from sim.scenario.schema import Scenario
from sim.study.design import Study
from sim.study.measures import DEFINITIONS
from tools.make_reference import FOLDER, PAGES

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_is_what_the_code_makes(name):
    assert (FOLDER / name).read_text() == PAGES[name](), "run `make docs`, or `python -m tools.make_reference`"


def test_code_paths_named_in_the_documentation_exist():
    named = {
        (page.name, path)
        for page in DOCS
        for path in re.findall(r"`((?:sim|plots|tests|tools|benchmarks)/[\w./]*\w)`", page.read_text())
    }
    assert len(named) > 20
    assert not [one for one in sorted(named) if not (ROOT / one[1]).exists()]


def test_every_key_and_measure_is_explained():
    rows = [row for model in (Scenario, Study) for row in key_rows(model)]
    assert len(rows) > 200
    assert not [row.path for row in rows if len(row.description.split()) < 2]
    assert all(one.text for one in DEFINITIONS)


def test_every_table_of_a_scenario_is_in_the_glossary():
    words = " ".join(re.findall(r"^\| (.*?) \|", (ROOT / "docs/glossary.md").read_text(), re.MULTILINE))
    tables = {row.key for row in key_rows(Scenario) if not row.table and row.type.startswith("table")} - {"outputs"}
    assert len(tables) > 15
    assert not [name for name in sorted(tables) if f"`{name}`" not in words]


def test_every_ending_of_a_unit_is_in_the_glossary():
    page = (ROOT / "docs/glossary.md").read_text().partition("## Units")[2]
    endings = {f"_{row.key.rsplit('_', 1)[1]}" for row in key_rows(Scenario) if row.unit and "_" in row.key}
    allowed = {*re.findall(r"`(_\w+)`", page), "_month", "_day"}  # per_month, hours_a_day
    assert len(endings) > 5
    assert not endings - allowed


def test_the_citation_and_the_project_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = dict(re.findall(r"^([\w-]+): (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE))
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["title"] == project["name"]


def test_the_python_of_the_guide_runs(scratch):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/guides/python.md").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(block, {})  # noqa: S102  the page's own code


def test_the_commands_of_the_first_hour_run(scratch):
    page = (ROOT / "docs/start/first-hour.md").read_text()
    files = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    for name, text in zip(("mine", "smallest", "spacing"), files, strict=True):
        Path(f"{name}.toml").write_text(text)
    commands = re.findall(r"^seasweep (.*)$", page, re.MULTILINE)
    assert len(commands) == 8
    assert [main(shlex.split(command)) for command in commands] == [0] * len(commands)


def test_the_shell_is_given_completion(tmp_path):
    variables = {**os.environ, "COMP_WORDS": "seasweep pl", "COMP_CWORD": "1", "_SEASWEEP_COMPLETE": "bash_complete"}
    code = "import sys; from sim.cli import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["plain,plot"]


def test_the_examples_of_extending_run_from_outside(tmp_path):
    page = (ROOT / "docs/extending.md").read_text()
    (tmp_path / "mykinds.py").write_text("\n\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)))
    (tmp_path / "mine.toml").write_text(re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0])
    job = "import mykinds; from sim import *; print(simulate(load_scenario('mine.toml'), 1, 0).totals()['detected'])"
    variables = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, "-c", job], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
