"""Tables on pages of every width, and in the formats for programs and documents."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from sim import compare, run
from sim.cli.formats import formatted
from sim.cli.layout import page_text
from sim.cli.main import main
from sim.core.text import counted
from sim.scenario.shipped import shipped_tables
from sim.scenario.tables import Column, Line, Page, Table, number
from sim.study.measures import MEASURES
from sim.study.store import Results
from sim.study.tables import comparison_tables, run_table
from tests.helpers import CHANCES, study_of


@pytest.fixture(scope="module")
def crew() -> Results:
    return run("neon-partners", 2, keep=0)


@pytest.fixture(scope="module")
def pages(crew: Results) -> dict[str, Page]:
    other = run("neon-spring", 2, keep=0)
    return {
        "run": run_table(crew),
        "short run": run_table(crew, everything=False),
        "compare": comparison_tables(compare([crew, other]), 2, 1),
        "scenarios": shipped_tables(),
    }


@pytest.mark.parametrize("width", [200, 132, 80, 60, 45])
@pytest.mark.parametrize("name", ["run", "short run", "compare", "scenarios"])
def test_no_page_cuts_or_breaks_a_name_a_number_or_an_interval(pages: dict[str, Page], name: str, width: int) -> None:
    page = pages[name]
    text = page_text(page, width)
    lines = text.splitlines()
    assert max(map(cell_len, lines)) <= width
    assert "…" not in text
    assert not any(line.endswith(" ") for line in lines)
    words = set(text.split())
    rows = [row for table in page.tables for row in table.rows]
    assert {row.cells[0].text for row in rows} <= words
    for interval in re.findall(r"[-+.\d]+ to [-+.\d]+(?: pp| %)?", "\n".join(row.cells[2].text for row in rows)):
        assert interval in text
    assert not re.search(r"^ *(%|pp)( |$)", text, re.MULTILINE)


def test_on_a_narrow_page_the_meaning_is_left_out_first_then_the_unit_and_a_note_says_so(crew: Results) -> None:
    wide, page, narrow = (page_text(run_table(crew), width) for width in (200, 80, 60))
    assert "probability that a transfer is documented" in wide
    assert "left out" not in wide
    assert page.endswith("at a width of 80 characters these columns are left out: meaning\n")
    assert "of transfers" in page
    assert "at a width of 60 characters these columns are left out:\nunit, meaning\n" in narrow
    assert "of transfers" not in narrow


def test_tables_that_lack_the_same_columns_have_one_note() -> None:
    columns = (
        Column("what", wraps=False),
        *(Column("unneeded", wraps=False, right=True, omit_order=order) for order in (1, 2)),
    )
    tables = [Table(name, columns) for name in ("one", "two")]
    for table in tables:
        table.add_row("so long a text that no more finds room", 1.0, 2.0)
    text = page_text(Page(tables), 45)
    assert text.count("left out") == 1
    assert "these columns of 2 tables are left out" in " ".join(text.split())
    assert text.endswith("unneeded (2 times)\n")


def test_a_table_begins_with_what_answers_the_question_and_the_rest_has_headings(crew: Results) -> None:
    short, long = (page_text(run_table(crew, everything), 132) for everything in (False, True))
    first = re.findall(r"^(\w+) {2}", short, re.MULTILINE)[1:]
    assert first[:5] == ["transfers", "documented", "p_detected", "p_classified", "p_documented"]
    assert first[5] == "no_one_there"
    assert "sorties" not in first
    left_out = len(re.findall(r"^\w+ {2}", long, re.MULTILINE)) - len(first) - 1
    assert f"--all shows {left_out} more measures" in short
    headings = re.findall(r"\n\n(\D+)\n", long.split("measure ")[1])
    more = ["more about the transfers", "what observers see", "flying", "contacts", "sharing"]
    assert headings[:6] == ["why not documented", *more]


def test_what_stands_on_the_page_of_a_run_does_not_change_its_file(crew: Results) -> None:
    texts = {formatted(run_table(crew, everything), "csv") for everything in (False, True)}
    (text,) = texts
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["measure"] for row in rows] == [m.measure for m in crew.measures()]
    assert [float(row["value"]) for row in rows if row["value"]] == [
        m.value for m in crew.measures() if m.value is not None
    ]
    assert {row["unit"] for row in rows} == {MEASURES[row["measure"]].unit for row in rows}


NAMES = ["\u6f01\u8239", "=1+2", "a|b *c* <d>", "\x1b[31m", "x" * 70]


@pytest.fixture
def hostile() -> Page:
    """Names as a hostile or a Japanese user writes them."""
    table = Table("ships", (Column("ship", wraps=False), Column("what"), Column("length, m"), Column("seen")))
    for name in NAMES:
        table.add_row(name, "\u6771\u30b7\u30ca\u6d77" * 8, number(1.23456, ".1f"), True)
    return Page([table], [Line("title")], ["note"])


@pytest.mark.parametrize("width", [300, 130])
def test_wide_characters_keep_columns_in_line(hostile: Page, width: int) -> None:
    lines = page_text(hostile, width).splitlines()
    places = {cell_len(line[: line.index("1.2")]) for line in lines if "1.2" in line}
    assert len(places) == 1
    assert sum("1.2" in line for line in lines) == len(NAMES)


def test_a_name_that_is_longer_than_the_page_is_whole_and_a_hidden_character_is_an_escape(hostile: Page) -> None:
    lines = page_text(hostile, 40).splitlines()
    assert "x" * 70 in lines
    assert "\\x1b[31m" in lines
    assert [line for line in lines if cell_len(line) > 40] == ["x" * 70]


def test_csv_has_whole_numbers_and_no_formula(hostile: Page) -> None:
    rows = list(csv.DictReader(io.StringIO(formatted(hostile, "csv"))))
    assert [row["ship"] for row in rows] == [NAMES[0], "'=1+2", *NAMES[2:]]
    assert {(row["length_m"], row["seen"]) for row in rows} == {("1.23456", "true")}


def test_json_has_the_values_as_they_are(hostile: Page) -> None:
    said = json.loads(formatted(hostile, "json"))
    assert [row["ship"] for row in said["ships"]] == NAMES
    assert said["ships"][0]["length_m"] == 1.23456
    assert said["ships"][0]["seen"] is True
    assert said["notes"] == ["note"]


def test_markdown_shows_text_as_it_is(hostile: Page) -> None:
    lines = formatted(hostile, "markdown").splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 2 + len(NAMES)
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    assert r"| a\|b \*c\* \<d\> |" in rows[4]
    assert rows[1] == "| --- | --- | ---: | --- |"


def test_a_number_that_is_none_is_null(capsys: Any) -> None:
    table = Table("t", (Column("a"), Column("b")))
    table.add_row(float("nan"), float("inf"))
    page = Page([table])
    assert json.loads(formatted(page, "json"))["t"] == [{"a": None, "b": None}]
    assert formatted(page, "csv") == "a,b\n,"


COMMANDS = {
    "run": ["run", "textbook", "--replications", "2", "--out", "a"],
    "compare": ["compare", "textbook", "textbook", "--replications", "2"],
    "sweep": ["sweep", "study.toml", "--out", "b"],
    "scenarios": ["scenarios"],
    "check": ["check", "neon-spring"],
    "sensors": ["check", "neon-spring", "--sensors"],
}
STUDY = study_of(CHANCES, measures=("p_detected", "sorties"), baseline={"label": "as it is"})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_prints_its_tables_for_programs_and_nothing_else(
    command: str, scratch: Path, capsys: Any
) -> None:
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    simulates = command in ("run", "sweep", "compare")
    more = [*(["--jobs", "1"] if simulates else []), *(["--force"] if command in ("run", "sweep") else [])]
    answers = {}
    for form in ("json", "csv", "markdown"):
        assert main([*COMMANDS[command], *more, "--format", form]) == 0
        answers[form] = capsys.readouterr().out
    said = json.loads(answers["json"])
    rows = list(csv.DictReader(io.StringIO(answers["csv"])))
    tables = {name: value for name, value in said.items() if isinstance(value, list) and name != "notes"}
    assert len(rows) == sum(map(len, tables.values())) > 0
    assert all(None not in row and None not in row.values() for row in rows)  # as many cells as the header has
    assert answers["markdown"].count("\n| ---") + answers["markdown"].startswith("| ---") >= 1


def test_a_sweep_says_the_gain_of_each_point_for_programs(scratch: Path, capsys: Any) -> None:
    Path("study.toml").write_text(STUDY, encoding="utf-8")
    assert main(["sweep", "study.toml", "--jobs", "1", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["measures"]
    by_point = {(row["point"], row["measure"]): row for row in rows}
    assert len(rows) == 6
    low, base = by_point[0, "p_detected"], by_point[2, "p_detected"]
    assert low["sensors.eye.law.probability"] == 0.25
    assert base["sensors.eye.law.probability"] is None
    assert low["difference"] == pytest.approx(low["value"] - base["value"])
    assert low["difference_low"] < low["difference"] < low["difference_high"]
    assert base["difference"] is None


def test_heads_of_a_comparison_are_the_names_that_were_typed(scratch: Path, capsys: Any) -> None:
    for folder in ("north", "south"):
        Path(folder).mkdir()
        Path(folder, "sea.toml").write_text('extends = "textbook"\ntitle = "The sea"\n', encoding="utf-8")
    more = ["--replications", "2", "--jobs", "1"]
    assert main(["compare", "textbook", "north/sea.toml", *more]) == 0
    assert re.search(r"^measure +textbook +sea +difference", capsys.readouterr().out, re.MULTILINE)
    assert main(["compare", "north/sea.toml", "south/sea.toml", *more]) == 0
    assert re.search(r"^measure +north/sea.toml +south/sea.toml +difference", capsys.readouterr().out, re.MULTILINE)


def test_one_thing_is_not_several() -> None:
    assert [counted(count, "day") for count in (1, 1.0, 2, 0.5, 0, 20_000)] == [
        "1 day", "1 day", "2 days", "0.5 days", "0 days", "20,000 days"
    ]  # fmt: skip


def test_a_block_of_a_study_says_its_factors_and_a_line_never_ends_within_an_interval() -> None:
    columns = [Column("spacing_nmi"), Column("takeoff_h"), Column("p_documented", wraps=False), Column("remark")]
    table = Table("points", tuple(columns), factors=2)
    table.add_row(30.0, 6.0, "x" * 38, "10.0 % (9.0 to 11.5 %) " * 4)
    lines = page_text(Page([table]), 40).splitlines()
    assert lines[0] == "spacing_nmi 30, takeoff_h 6"
    assert " ".join(lines).count("(9.0 to 11.5 %)") == 4
    assert all(line.count("(") == line.count(")") for line in lines)
