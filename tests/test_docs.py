"""The documentation: what is made from the code is up to date, what is named exists, what is shown runs."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from plots.kinds import plot_kinds
from sim import load_scenario, run
from sim.check.advice import findings
from sim.check.pedigree import PEDIGREES, figures_of
from sim.cli.main import cli, main
from sim.scenario.json_schema import key_rows
from sim.scenario.schema import Scenario
from sim.study.columns import column_rows
from sim.study.design import Study
from sim.study.measures import measure_rows
from tests.helpers import arguments_of, shows_something
from tools.draw_architecture import PICTURE, picture, without_shortcuts
from tools.make_reference import FOLDER, PAGES
from tools.pedigree import all_figures
from tools.pedigree import files as pedigree_files

ROOT = Path(__file__).resolve().parent.parent
GUIDES = sorted(page.name for page in (ROOT / "docs/guides").glob("*.md"))
DOCS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_is_what_the_code_makes(name):
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), (
        "run `make docs`, or `python -m tools.make_reference`"
    )


def test_every_figure_that_ships_says_where_it_comes_from():
    figures = all_figures()
    assert not [f"{figure.file}: {figure.key}" for figure in figures if not figure.pedigree]
    assert {figure.pedigree for figure in figures} == set(PEDIGREES.values())
    for path in pedigree_files():
        text = path.read_text(encoding="utf-8")
        found = [figure.key for figure in figures if figure.file == path.stem]
        assert found == keys_with_a_number(tomllib.loads(text), re.findall(r"^\[([\w.]+)\]", text, re.MULTILINE))


def test_the_comment_nearest_to_a_figure_says_where_it_comes_from_and_its_weakest_mark_counts():
    text = """\
# Made up; all figures [chosen].
a = 1
b = 2      # [source]: seen, [derived] from more
c = "x 1"  # no figure
[one]      # all [source]
d = { e = 1.0, f = "g" }
h = [1, 2] # [source]; how much is an assumption
# ---- a part, all [derived]
[two]      # a word on [source]
i = 3
           # that goes on: [assumption]
j = 4
"""
    found = {figure.key: figure.pedigree for figure in figures_of("file", text)}
    assert found == {
        "a": "chosen", "b": "derived", "one.d": "published", "one.h": "assumed", "two.i": "assumed", "two.j": "derived",
    }  # fmt: skip


def has_a_number(value: object) -> bool:
    """Whether a value of TOML is a number or a date, or holds one."""
    if isinstance(value, dict | list):
        return any(map(has_a_number, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, bool | str)


def keys_with_a_number(table: dict[str, Any], headed: list[str], above: str = "") -> list[str]:
    """The dotted keys of a file whose value has a number; a table in braces, which no line heads, is one value."""
    found = []
    for key, value in table.items():
        path = f"{above}{key}"
        if any(f"{head}.".startswith(f"{path}.") for head in headed):
            found += keys_with_a_number(value, headed, f"{path}.")
        elif has_a_number(value) and path != "format":
            found.append(path)
    return found


def test_code_paths_named_in_the_documentation_exist():
    named = {
        (page.name, path)
        for page in DOCS
        for path in re.findall(r"`((?:sim|plots|tests|tools|benchmarks)/[\w./]*\w)`", page.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert not [one for one in sorted(named) if not (ROOT / one[1]).exists()]


def test_every_key_and_measure_is_explained():
    rows = [row for model in (Scenario, Study) for row in key_rows(model)]
    assert len(rows) > 200
    assert not [row.path for row in rows if len(row.description.split()) < 2]
    assert all(len(row.meaning.split()) > 1 for row in [*measure_rows(), *column_rows()])


def test_every_command_and_every_plot_is_in_the_reference():
    page = (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^## `seasweep ([a-z ]+)`$", page, re.MULTILINE))
    assert {f"plot {kind}" for kind in plot_kinds()} < named
    assert {name.split()[0] for name in named} == set(cli.list_commands(click.Context(cli)))


def glossary() -> dict[str, str]:
    """The words of the glossary and their meanings."""
    text = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").partition("## Words\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.*?) \| (.*) \|$", text, re.MULTILINE)[2:]
    return dict(rows)


def synonyms() -> list[str]:
    """The words that the glossary says nobody uses."""
    text = (
        (ROOT / "docs/glossary.md")
        .read_text(encoding="utf-8")
        .partition("## Words that we do not use\n")[2]
        .partition("\n## ")[0]
    )
    cells = re.findall(r"^\| (.*?) \| .* \|$", text, re.MULTILINE)[2:]
    return [word for cell in cells for word in cell.split(", ")]


def names_in_the_reference() -> set[str]:
    """The keys, columns, measures and words for values that a page of the reference explains in at least two words."""
    names, column = set(), -1
    for line in "".join(
        page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs/reference").glob("*.md"))
    ).splitlines():
        row = line.strip("| ").split(" | ")
        if not line.startswith("| `"):  # perhaps the head of a table, which says where the meanings stand
            column = row.index("meaning") if "meaning" in row else -1 if "---" not in row else column
        elif len(row[column].split()) > 1:
            names |= set(re.findall(r"`\"?(\w+)\"?`", row[0]))
    return names


def test_every_table_of_a_scenario_is_in_the_glossary():
    words = " ".join(glossary())
    tables = {row.key for row in key_rows(Scenario) if not row.table and row.type.startswith("table")} - {"outputs"}
    assert len(tables) > 15
    assert not [name for name in sorted(tables) if f"`{name}`" not in words]


def test_every_key_and_column_is_a_word_of_the_glossary_or_explained_in_the_reference(neon_results):
    explained = names_in_the_reference() | {re.sub(r"[^\w]", "", word) for word in glossary()}
    keys = {row.key for model in (Scenario, Study) for row in key_rows(model)} - {"NAME"}
    columns = {name for table in neon_results.tables.values() for name in table.column_names}
    assert len(keys) > 150
    assert len(columns) > 50
    assert not sorted((keys | columns) - explained)


def test_a_word_in_code_in_the_glossary_is_a_key_a_column_a_measure_or_a_value():
    names = {name for word, meaning in glossary().items() for name in re.findall(r"`(\w+)`", word + meaning)}
    values = {
        value for model in (Scenario, Study) for row in key_rows(model) for value in re.findall(r"\w+", row.bounds)
    }
    keys = {row.key for model in (Scenario, Study) for row in key_rows(model)}
    assert len(names) > 30
    assert not sorted(names - names_in_the_reference() - values - keys)


def test_the_glossary_is_in_the_order_of_the_alphabet():
    words = [re.sub(r"[^a-z ]", "", word.lower()) for word in glossary()]
    assert len(words) > 80
    assert words == sorted(words)


@pytest.mark.parametrize("synonym", synonyms())
def test_nobody_uses_a_synonym_that_the_glossary_rules_out(synonym):
    pages = [page for page in DOCS if page.name != "glossary.md"]
    using = [
        page.name for page in pages if re.search(rf"\b{synonym}s?\b", page.read_text(encoding="utf-8"), re.IGNORECASE)
    ]
    assert not using, f"the glossary has another word for {synonym}"


def test_every_ending_of_a_unit_is_in_the_glossary():
    page = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").partition("## Units")[2]
    endings = {f"_{row.key.rsplit('_', 1)[1]}" for row in key_rows(Scenario) if row.unit and "_" in row.key}
    allowed = {*re.findall(r"`(_\w+)`", page), "_month", "_day"}  # per_month, hours_a_day
    assert len(endings) > 5
    assert not endings - allowed


def test_the_citation_and_the_project_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = dict(re.findall(r"^([\w-]+): (.+)$", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE))
    assert (citation["version"], citation["license"]) == (project["version"], project["license"])
    assert citation["title"] == project["name"]


def test_the_python_of_the_guide_runs(scratch):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs/guides/python.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    study = (ROOT / "scenarios/studies/neon-weather.toml").read_text(encoding="utf-8")
    assert "replications = 40\n" in study
    Path("fewer.toml").write_text(study.replace("replications = 40\n", "replications = 3\n"), encoding="utf-8")
    assert 'study = "neon-weather"' in blocks[2]
    for block in blocks:  # the study that ships takes seconds, so a copy with fewer replications stands for it
        exec(block.replace('"neon-weather"', '"fewer.toml"'), {})  # noqa: S102  the page's own code


def test_the_commands_of_the_first_hour_run(scratch):
    page = (ROOT / "docs/start/first-hour.md").read_text(encoding="utf-8")
    files = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    for name, text in zip(("closer", "smallest", "spacing"), files, strict=True):
        Path(f"{name}.toml").write_text(text.replace("replications = 20\n", "replications = 3\n"), encoding="utf-8")
    commands = re.findall(r"^seasweep (.*)$", page, re.MULTILINE)
    assert len(commands) == 9
    assert [main(arguments_of(command, few=True)) for command in commands] == [0] * len(commands)


def test_the_smallest_scenario_is_whole_and_runs(scratch):
    text = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/start/first-hour.md").read_text(encoding="utf-8"), re.DOTALL)[
        1
    ]
    assert "extends" not in text
    assert text.count("\n") <= 25
    Path("smallest.toml").write_text(text, encoding="utf-8")
    scenario = load_scenario("smallest.toml")
    assert [finding for finding in findings(scenario) if finding.severity != "note"] == []
    results = run(scenario, replications=2, jobs=1)
    assert results.measure("transfers").value > 0
    assert results.measure("p_documented").low is not None


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_asks_a_question_answers_it_in_two_sentences_and_leaves_mathematics_to_the_methods(name):
    page = (ROOT / "docs/guides" / name).read_text(encoding="utf-8")
    title, opening = page.split("\n\n")[:2]
    assert title.startswith("# ")
    assert title.endswith("?")
    assert len(re.findall(r"[.:](?=\s|$)", opening)) >= 2
    assert "sqrt" not in page
    assert not re.search(r"\n\n    \S", re.sub(r"```.*?```", "", page, flags=re.DOTALL)), "a formula"


def test_methods_decisions_and_reference_give_no_instructions():
    pages = [page for folder in ("methods", "decisions", "reference") for page in (ROOT / "docs" / folder).glob("*.md")]
    assert len(pages) > 20
    assert not [page.name for page in pages if re.search(r"```(sh|toml)\n", page.read_text(encoding="utf-8"))]


def test_the_commands_in_the_guides_exist_with_their_options():
    texts = [(ROOT / "docs/guides" / name).read_text(encoding="utf-8") for name in GUIDES]
    lines = [
        line
        for text in texts
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    commands = [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("seasweep ")]
    assert len(commands) > 15
    for words in commands:
        command = cli
        while isinstance(command, click.Group):
            name, *words = words
            command = command.get_command(click.Context(command), name)
        words = words[: words.index(">")] if ">" in words else words
        assert command.make_context(name, words) is not None  # a wrong option raises


def test_the_shell_is_given_completion(tmp_path):
    variables = {**os.environ, "COMP_WORDS": "seasweep pl", "COMP_CWORD": "1", "_SEASWEEP_COMPLETE": "bash_complete"}
    code = "import sys; from sim.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.split() == ["plain,plot"]


def test_the_examples_of_extending_run_from_outside(tmp_path):
    page = (ROOT / "docs/extending.md").read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(
        "\n\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL)), encoding="utf-8"
    )
    (tmp_path / "mine.toml").write_text(re.findall(r"```text\n(.*?)```", page, re.DOTALL)[0], encoding="utf-8")
    printed = {}
    for command in re.findall(r"^python (mine.py (\w+) .*)$", page, re.MULTILINE):
        words = [*shlex.split(command[0]), *(["--jobs", "1"] if command[1] == "run" else [])]
        variables = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, *words], cwd=tmp_path, env=variables, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == 0, done.stderr
        printed[command[1]] = done.stdout
    assert list(printed) == ["check", "run", "plot"]
    assert "radar   triangle" in printed["check"]  # the law
    assert "zigzag" in printed["check"]  # the pattern
    assert "lighthouse" in printed["check"]  # the observer
    assert "where a hydrophone hears no ship" in printed["check"]  # the sensor and the rule
    assert "[hydrophone_too_high]" in printed["check"]
    detected = re.search(r"^detected +([\d.]+) ", printed["run"], re.MULTILINE)
    assert detected
    assert float(detected.group(1)) > 0.0
    measure = r"^sorties_per_100_h +\d.*sorties in 100 hours of flight *$"
    assert re.search(measure, printed["run"], re.MULTILINE)
    assert shows_something(tmp_path / printed["plot"].strip(), colours=3)  # the plot


def test_the_picture_of_the_folders_is_what_the_imports_say():
    assert PICTURE.read_text(encoding="utf-8") == picture(), "run `make docs`, or `python -m tools.make_reference`"
    drawn = re.findall(r'class="name"[^>]*>([^<]+)<', PICTURE.read_text(encoding="utf-8"))
    assert {f"sim/{path.parent.name}" for path in (ROOT / "sim").glob("*/__init__.py")} < set(drawn)


@pytest.mark.parametrize("folder", ["tools", "tools/attack"])
def test_the_map_of_the_tools_names_its_files(folder):
    docstring = (ROOT / folder / "__init__.py").read_text(encoding="utf-8")
    files = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__", "__main__"}
    files |= {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
    assert set(re.findall(r"^\* `(\w+)`: ", docstring, re.MULTILINE)) == files


def test_an_arrow_that_follows_from_two_others_is_not_drawn():
    chain = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
    assert without_shortcuts(chain) == {("a", "b"), ("b", "c")}
    fork = {"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}
    assert without_shortcuts(fork) == {("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")}
