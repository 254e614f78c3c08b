"""The report: its contents are those of the tables, no text in it becomes markup, and anybody can read it."""

import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from plots import save_report
from plots.report.assumptions import marks_of
from plots.report.sources import source_of_study
from plots.report_page import report_html
from sim import load_scenario, run, sweep
from sim.check.describe import described
from sim.scenario.problems import InputError
from sim.study.comparison import compare
from sim.study.markup import element, key_that_breaks
from sim.study.store import Results
from sim.study.study_results import StudyResults
from sim.study.tables import comparison_tables, run_table, study_table
from tests.helpers import call_seasweep, study_of

HOSTILE = "</title><script>alert(1)</script><!-- \"quotes\" & 'more' <img src=x onerror=alert(2)>"


class Outline(HTMLParser):
    """The elements of a page in order, each with its attributes, and all texts that a reader sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][-1] += data

    def all(self, *tags: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, attributes) for tag, attributes in self.found if tag in tags]


@pytest.fixture(scope="module")
def page(neon_results: Results) -> str:
    return report_html(neon_results)


@pytest.fixture(scope="module")
def pair() -> list[Results]:
    return [run("textbook", 2, name="same", sets={"duration_days": days}) for days in (3.0, 4.0)]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    text = study_of({"transfers.events.per_month": [30.0, 60.0], "duration_days": [2.0, 3.0]})
    (folder / "few.toml").write_text(text, encoding="utf-8")
    sweep(folder / "few.toml", out=folder / "few")
    return folder / "few"


@pytest.fixture(scope="module")
def pair_page(pair: list[Results]) -> str:
    return report_html(pair)


@pytest.fixture(scope="module")
def study_page(study: Path) -> str:
    return report_html(StudyResults.load(study))


def cells_of(table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_report_of_a_run_has_all_rows_of_its_table(page, neon_results):
    rows = Outline(page).rows
    expected = cells_of(run_table(neon_results).tables[0])
    assert [rows.count(cells) for cells in expected] == [1] * len(expected)


def test_the_report_of_two_runs_has_their_differences_and_what_differs(pair, pair_page):
    rows = Outline(pair_page).rows
    expected = [cells[3:] for cells in cells_of(comparison_tables(compare(pair), 2, 1).tables[0])]
    shown = [row[3:] for row in rows]
    assert [cells for cells in expected if cells not in shown] == []
    assert ["duration_days", "3.0", "4.0"] in rows


def test_the_report_of_a_study_has_a_row_for_each_point(study, study_page):
    results = StudyResults.load(study)
    rows = Outline(study_page).rows
    assert [cells for cells in cells_of(study_table(results).tables[0]) if cells not in rows] == []
    assert study_page.count("<img ") == 2


def test_the_report_of_a_study_describes_its_scenario_while_the_files_are_the_same(study, tmp_path):
    folder = shutil.copytree(study.parent, tmp_path / "copy") / "few"
    scenario = source_of_study(StudyResults.load(folder)).scenario
    assert scenario == load_scenario("textbook")
    text = report_html(StudyResults.load(folder))
    for line in described(scenario).head:
        assert element("p", line.text) in text
    assert "no pedigree can be read" not in text
    file = folder.parent / "few.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("60.0", "61.0"), encoding="utf-8")
    assert "has changed" in source_of_study(StudyResults.load(folder)).why_not
    file.unlink()
    text = report_html(StudyResults.load(folder))
    assert text.count("The file of the study is not where it was, or cannot be read, so") == 3
    assert "names no file" in source_of_study(replace(StudyResults.load(folder), info={})).why_not


@pytest.mark.parametrize("kind", ["run", "pair", "study"])
def test_the_page_has_one_title_headings_in_order_landmarks_and_tables_with_scope(kind, page, pair_page, study_page):
    outline = Outline({"run": page, "pair": pair_page, "study": study_page}[kind])
    levels = [int(tag[1]) for tag, _ in outline.all("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert [tag for tag, _ in outline.all("header", "nav", "main", "footer")] == ["header", "nav", "main", "footer"]
    assert outline.all("html")[0][1]["lang"] == "en"
    assert all(attributes.get("scope") for _, attributes in outline.all("th"))
    assert all(len(attributes["alt"] or "") > 40 for _, attributes in outline.all("img"))
    names = [attributes["id"] for _, attributes in outline.found if "id" in attributes]
    assert len(names) == len(set(names))
    links = [attributes["href"] or "" for _, attributes in outline.all("a")]
    assert {link.removeprefix("#") for link in links} <= set(names)


def test_the_page_loads_nothing_and_has_no_code_but_its_own(page):
    attributes = [pair for _, pairs in Outline(page).found for pair in pairs.items()]
    assert not [key for key, _ in attributes if key.startswith("on") or key == "style"]
    loaded = [value or "" for key, value in attributes if key in ("src", "href", "data", "action")]
    assert len(loaded) > 10
    assert not [value for value in loaded if not value.startswith(("#", "data:"))]


def test_equal_runs_give_equal_pages_of_a_size_that_can_be_sent(page, pair):
    again = run("textbook", 2, name="same", sets={"duration_days": 3.0})
    assert report_html(pair[0]) == report_html(again)
    assert 200_000 < len(page.encode()) < 2_000_000


def assert_only_texts(page: str) -> Outline:
    """No hostile text of a page is markup."""
    outline = Outline(page)
    assert "<script>alert" not in page
    assert len(outline.all("script")) == 1
    assert all((attributes["src"] or "").startswith("data:") for _, attributes in outline.all("img"))
    return outline


def test_hostile_texts_are_texts(pair, study):
    scenario = pair[0].scenario.model_copy(update={"title": HOSTILE, "summary": HOSTILE})
    failures = [{"replication": 1, "error": HOSTILE}]
    info = {**pair[0].info, "scenario": HOSTILE, "command": HOSTILE, "failures": failures}
    bad = replace(pair[0], scenario=scenario, info=info)
    assert ["command", HOSTILE] in assert_only_texts(report_html(bad)).rows
    assert_only_texts(report_html([bad, pair[1]]))
    results = StudyResults.load(study)
    titled = results.study.model_copy(update={"title": HOSTILE, "scenario": HOSTILE})
    assert_only_texts(report_html(replace(results, name=HOSTILE, study=titled, info={"code": HOSTILE})))


def test_hostile_names_are_texts_too(pair):
    """No scenario may have such names, but a damaged record or table might."""
    given = pair[0].scenario
    source, patrol = given.transfers["events"], given.patrols["daily"]
    scenario = given.model_copy(
        update={
            "areas": {HOSTILE: given.areas[source.area]},
            "transfers": {HOSTILE: source.model_copy(update={"area": HOSTILE})},
            "bases": {HOSTILE: given.bases[patrol.base]},
            "routes": {HOSTILE: given.routes["line"]},
            "patrols": {HOSTILE: patrol.model_copy(update={"base": HOSTILE, "routes": [HOSTILE]})},
        }
    )
    tables = {name: pair[0].tables[name] for name in pair[0].tables}
    for name, column in (("tracks", "patrol"), ("events", "patrol"), ("transfers", "patrol"), ("transfers", "source")):
        texts = [None if text is None else HOSTILE for text in tables[name].column(column).to_pylist()]
        place = tables[name].column_names.index(column)
        tables[name] = tables[name].set_column(place, column, pa.array(texts, pa.string()))
    page = report_html(replace(pair[0], scenario=scenario, tables=tables))
    rows = [cell for row in assert_only_texts(page).rows for cell in row]
    assert sum(HOSTILE in cell for cell in rows) > 5
    assert "This picture cannot be drawn" not in page


def test_an_element_escapes_texts_and_attributes_and_keeps_elements():
    inner = element("b", HOSTILE, title='"><x', hidden=True, open=False)
    assert inner.startswith('<b title="&quot;&gt;&lt;x" hidden>&lt;/title&gt;')
    assert element("p", inner, "<") == f"<p>{inner}&lt;</p>"
    assert element("p", "a\x1b\n") == r"<p>a\x1b\n</p>"


def test_figures_have_the_marks_of_their_file_and_none_where_the_value_is_another(pair, tmp_path):
    run("neon-spring", 1, sets=["duration_days=1.0", "patrols.aurora.every_h=12.0"], out=tmp_path / "run", keep=0)
    rows = {cells[0]: cells[1:] for cells in Outline(marks_of(Results.load(tmp_path / "run"))).rows[1:]}
    assert rows["aircraft.cp140.transit_speed_kn"] == ["350.0", "published", "cruise"]
    assert rows["patrols.aurora.every_h"][:2] == ["12.0", "not given"]
    assert "names no file" in marks_of(replace(pair[0], info={**pair[0].info, "source": {}}))


def test_the_command_writes_the_page_and_prints_its_path(study, scratch):
    answer = call_seasweep("report", study, "-o", "page.html")
    assert (answer.code, answer.out.strip(), answer.err) == (0, "page.html", "")
    assert call_seasweep("report", study).code == 0
    assert (study / "report.html").read_bytes() == Path("page.html").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("STUDY", "-o", "page.pdf"), "a file that ends in .html"),
        (("STUDY", "STUDY"), "a folder that `seasweep run` wrote"),
        (("STUDY", "STUDY", "STUDY"), "the folder of a run or a study, or of two runs"),
        ((".",), "a folder that `seasweep run` or `seasweep sweep` wrote"),
        (("nowhere",), "a folder that `seasweep run` or `seasweep sweep` wrote"),
    ],
)
def test_what_cannot_be_reported_is_refused_with_one_error(study, scratch, arguments, said):
    answer = call_seasweep("report", *(study if word == "STUDY" else word for word in arguments))
    assert answer.code == 2
    assert said in " ".join(answer.err.split())
    assert answer.err.count("error:") == 1
    assert not list(scratch.iterdir())


def test_other_results_and_runs_that_do_not_pair_are_refused(pair, tmp_path):
    for given in ("nothing", [], [pair[0]] * 3, [pair[0], "run"]):
        with pytest.raises(InputError, match="the results of a run"):
            save_report(given, tmp_path / "page.html")
    with pytest.raises(InputError, match="the seed and replications"):
        save_report([pair[0], run("textbook", 2, seed=2, sets={"duration_days": 3.0})], tmp_path / "page.html")
    assert not list(tmp_path.iterdir())


def test_a_run_without_tracks_says_what_is_missing():
    text = report_html(run("textbook", 2, keep=0, sets={"duration_days": 2.0}))
    assert "it cannot be replayed" in text
    assert re.search(r"This picture cannot be drawn\. .*recorded the tracks", text)


def test_a_long_key_of_a_table_may_break_after_its_points_and_no_other_text_is_changed():
    key = "aircraft.cp140.identification.time_h"
    assert key_that_breaks(key) == "aircraft.<wbr>cp140.<wbr>identification.<wbr>time_h"
    for text in (
        "patrols.aurora",
        "documented_per_100_flight_hours",
        "<b>.aaaaaaaaaaaaaaaaa",
        "a sentence. And another.",
    ):
        assert key_that_breaks(text) is text
