"""Text is data: what files, names and arguments hold is shown as it is, and nothing in it is obeyed."""

import csv
import html
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import rich.text
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.table import Table

import plots.fonts
from plots.fonts import MissingGlyphWarning
from plots.gain import figure_gain
from plots.heatmap import figure_heatmap
from plots.response import figure_response
from plots.style import save, styled
from sim.cli.plain_console import PlainConsole
from sim.cli.printing import print_line, print_message, print_warning
from sim.core.text import csv_cell, is_hidden, visible, visible_lines
from sim.scenario.digest import flat_toml
from sim.scenario.json_schema import key_rows
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError, Problem
from sim.scenario.schema import Scenario
from sim.study.design import Study, load_study
from sim.study.estimates import Measure, measures_csv
from sim.study.store import Results
from sim.study.study_results import StudyResults
from sim.study.tables import level_text
from tests.helpers import Answer
from tests.strategies import HIDDEN_TEXTS, HOSTILE_TEXTS, shown_texts

Seasweep = Callable[..., Answer]
Problems = Callable[..., list[Problem]]

TITLE = "".join(text for text in HOSTILE_TEXTS if len(text) < 16)[:200]  # of all that a title could be taken for
NAME = "a\x1b[31m\n\x9b[b]\u202e$x$"  # a name of a file
NAME_SHOWN = r"a\x1b[31m\n\x9b[b]\u202e$x$"
ONE = ("--replications", "1", "--jobs", "1")


def nothing_hidden(text: str) -> bool:
    """Whether a terminal that is given a text only shows it."""
    return not [character for character in text if is_hidden(character) and character not in "\n\t"]


def toml_of(text: str) -> str:
    """A text as TOML has it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def words_of(printed: str) -> str:
    """What was printed, without the breaks of lines."""
    return re.sub(r"\s+", "", printed)


def texts_of(figure: Figure) -> list[str]:
    """All texts of a figure, without the breaks of lines."""
    return [words_of(text.get_text()) for text in figure.findobj(Text)]


# ----------------------------------------------------------------------------------------------------- the characters
@given(st.text())
def test_a_text_that_is_shown_holds_no_hidden_character_and_is_as_it_was_where_it_had_none(text: str) -> None:
    shown = visible(text)
    assert not any(map(is_hidden, shown))
    assert (shown == text) is not any(map(is_hidden, text))
    assert visible(shown) == shown
    assert nothing_hidden(visible_lines(text))


@pytest.mark.parametrize("text", HIDDEN_TEXTS)
def test_each_text_that_moves_hides_or_reorders_others_is_hidden(text: str) -> None:
    assert any(map(is_hidden, text))


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_no_text_in_a_language_or_a_markup_is_hidden(text: str) -> None:
    assert visible(text) == text


# ----------------------------------------------------------------------------------------------------- refused by name
def free_texts() -> Iterator[tuple[str, str]]:
    """The keys of a scenario and of a study that hold any text, by the tables above them and their name."""
    for model in (Scenario, Study):
        for row in key_rows(model):
            if row.type == "text" and row.key in ("title", "summary", "label", "name"):
                yield model.__name__, row.path


FIELDS = {
    ("Scenario", "title"): "title = {}",
    ("Scenario", "summary"): "summary = {}",
    ("Scenario", "nations.NAME.title"): "[nations.x]\ntitle = {}",
}
STUDY_FIELDS = {
    ("Study", "title"): 'title = {}\n[[vary]]\nkey = "duration_days"\nvalues = [1.0]',
    ("Study", "vary[].name"): '[[vary]]\nname = {}\nkeys = ["duration_days"]\nvalues = [1.0]',
    ("Study", "vary[].settings[].label"): (
        '[[vary]]\nname = "n"\nsettings = [{{ label = {}, set = {{ "duration_days" = 1.0 }} }}]'
    ),
    ("Study", "baseline.label"): '[[vary]]\nkey = "duration_days"\nvalues = [1.0]\n[baseline]\nlabel = {}',
}


def test_each_key_that_holds_any_text_is_tried_below() -> None:
    assert set(free_texts()) == FIELDS.keys() | STUDY_FIELDS.keys()


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", [text for text in HIDDEN_TEXTS if text != "\udcff"])
def test_a_hidden_character_in_a_text_of_a_scenario_is_refused_with_file_line_and_key(
    problems: Problems, field: tuple[str, str], text: str
) -> None:
    (problem,) = problems('extends = "base.toml"\n' + FIELDS[field].format(toml_of(f"Sea {text}")))
    assert (problem.file, problem.key) == ("variant.toml", field[1].replace("NAME", "x"))
    assert problem.line == 2 + FIELDS[field].count("\n")
    assert problem.allowed.endswith(f"without control characters; character 5 is {visible(text[0])}")
    assert nothing_hidden(str(problem))
    assert "\n" not in str(problem)


@pytest.mark.parametrize("field", STUDY_FIELDS)
@pytest.mark.parametrize("text", ["\x1b[31m", "\x9b", "\u202e", "\n"])
def test_a_hidden_character_in_a_text_of_a_study_is_refused(field: tuple[str, str], text: str) -> None:
    Path("study.toml").write_text(
        f'format = 1\nscenario = "textbook"\n{STUDY_FIELDS[field].format(toml_of(text))}\n', encoding="utf-8"
    )
    with pytest.raises(InputError) as raised:
        load_study("study.toml")
    (problem,) = raised.value.problems
    assert problem.key == re.sub(r"\[\]", "[0]", field[1])
    assert problem.line is not None
    assert "without control characters" in problem.allowed


def test_a_summary_may_have_several_lines_and_a_title_may_not(problems: Problems) -> None:
    assert load_scenario("base.toml", {"summary": "one\n\ttwo"}).summary == "one\n\ttwo"
    assert [problem.key for problem in problems('extends = "base.toml"\ntitle = "one\\ntwo"')] == ["title"]


def test_a_text_that_is_not_unicode_is_refused_where_only_a_command_line_can_hold_it(seasweep: Seasweep) -> None:
    for key in ("title=a\udcff", "k\udcff=1", "routes.a\udcff.b=1"):
        answer = seasweep("check", "textbook", "--set", key)
        assert (answer.code, nothing_hidden(answer.err)) == (2, True)
        assert "fault of seasweep" not in answer.err


# ----------------------------------------------------------------------------------------------------- tables
@given(shown_texts)
def test_a_cell_a_heading_and_a_title_of_a_table_show_their_text_as_it_is(text: str) -> None:
    console = PlainConsole(file=io.StringIO(), width=1000, force_terminal=False)
    table = Table(text, title=text, box=None)
    table.add_row(text)
    console.print(table)
    console.print(text)
    printed = console.file.getvalue()
    assert words_of(printed).count(words_of(text)) >= 4 or not text.split()


@given(st.text())
def test_no_table_lets_a_hidden_character_through(text: str) -> None:
    console = PlainConsole(file=io.StringIO(), width=1000, force_terminal=False)
    table = Table(text, title=text)
    table.add_row(text)
    console.print(table, text, rich.text.Text(text))
    assert nothing_hidden(console.file.getvalue())


@given(st.text())
def test_no_message_lets_a_hidden_character_through(text: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        print_line(text)
        print_message(text)
        print_warning(text)
    assert nothing_hidden(out.getvalue() + err.getvalue())
    assert err.getvalue().endswith(f"warning: {visible(text)}\n")


# ----------------------------------------------------------------------------------------------------- scenarios
def test_a_title_is_shown_as_it_is_by_check_and_run_and_kept_by_the_files_of_a_run(seasweep: Seasweep) -> None:
    Path("s.toml").write_text(
        f'extends = "textbook"\ntitle = {toml_of(TITLE)}\nsummary = {toml_of(TITLE)}\n', encoding="utf-8"
    )
    assert words_of(seasweep("check", "s.toml").out).count(words_of(TITLE)) == 2
    assert words_of(TITLE) in words_of(seasweep("run", "s.toml", *ONE, "--out", "o").out)
    assert tomllib.loads(Path("o/scenario.toml").read_text(encoding="utf-8"))["title"] == TITLE
    results = Results.load("o")
    assert results.scenario.title == TITLE
    assert html.escape(TITLE) in results._repr_html_()
    assert "<b>" not in results._repr_html_()
    for kind in ("coverage", "route"):
        subject = ["coverage", "o", "--cells", "100"] if kind == "coverage" else ["route", "s.toml"]
        assert seasweep("plot", *subject, "-o", f"{kind}.svg").code == 0
        drawn = html.unescape(
            "".join(re.findall(r"<text[^>]*>([^<]*)</text>", Path(f"{kind}.svg").read_text(encoding="utf-8")))
        )
        assert words_of(TITLE) in words_of(drawn)


@settings(max_examples=30)
@given(shown_texts)
def test_a_title_stays_the_same_from_a_scenario_to_its_file_and_back(text: str) -> None:
    scenario = load_scenario("textbook", {"title": text, "summary": text})
    assert tomllib.loads(flat_toml(scenario))["title"] == text == scenario.summary


def test_a_name_of_a_file_is_shown_with_escapes_on_one_line(seasweep: Seasweep) -> None:
    Path(f"{NAME}.toml").write_text('extends = "textbook"\nformat = 2\n', encoding="utf-8")
    Path(f"{NAME}-2.toml").write_text('extends = "textbook"\n', encoding="utf-8")
    answers = [
        seasweep("compare", f"{NAME}-2.toml", "textbook", "--replications", "2", "--jobs", "1"),
        seasweep("check", f"{NAME}.toml"),
        seasweep("check", NAME),
        seasweep("run", "textbook", *ONE, "--out", f"{NAME}-out"),
        seasweep("plot", "route", "textbook", "-o", f"{NAME}.svg"),
        seasweep("plot", "coverage", NAME),
        seasweep("report", f"{NAME}-out", "-o", f"{NAME}.html"),
        seasweep("report", NAME),
        seasweep("new", f"{NAME}-new.toml"),
        seasweep("show", NAME),
        seasweep("sweep", NAME),
        seasweep(NAME),
        seasweep("run", "textbook", "--replications", NAME),
        seasweep("run", "textbook", NAME),
        seasweep("run", "textbook", f"--{NAME}"),
        seasweep("run", "textbook", "--set", NAME),
    ]
    assert [answer.code for answer in answers] == [0, 2, 2, 0, 0, 2, 0, 2, 0, 2, 2, 2, 2, 2, 2, 2]
    for answer in answers:
        assert nothing_hidden(answer.out + answer.err)
        assert NAME_SHOWN in answer.out + answer.err


def test_a_folder_of_results_whose_name_is_not_unicode_is_refused_before_any_work(seasweep: Seasweep) -> None:
    for command in (("run", "textbook", *ONE), ("sweep", "neon-hour", "--jobs", "1"), ("demo", "--replications", "2")):
        answer = seasweep(*command, "--out", "a\udcff")
        assert (answer.code, answer.out) == (2, "")
        assert "UTF-8" in answer.err
        assert r"a\udcff" in answer.err


def test_a_name_is_no_command_where_a_message_says_how_to_go_on(seasweep: Seasweep) -> None:
    answer = seasweep("run", "textbook", *ONE, "--out", "a; echo $(id)")
    assert "seasweep plot coverage 'a; echo $(id)'\n" in answer.err


def test_show_prints_a_file_without_obeying_it(seasweep: Seasweep) -> None:
    Path("notes.txt").write_bytes(b"\xef\xbb\xbf# a\x1b[2Jb\x08\xc2\x9b31m\xe2\x80\xae [bold]\ttab\r\nend")
    assert seasweep("show", "notes.txt").out == "# a\\x1b[2Jb\\x08\\x9b31m\\u202e [bold]\ttab\nend\n"


# ----------------------------------------------------------------------------------------------------- studies
@pytest.fixture(scope="module")
def labels() -> list[str]:
    return [text[:60] for text in HOSTILE_TEXTS]


@pytest.fixture(scope="module")
def study(labels: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study whose labels are hostile, and whose name is the name of its file."""
    folder = tmp_path_factory.mktemp("study")
    settings = ", ".join(
        f'{{ label = {toml_of(label)}, set = {{ "transfers.events.per_month" = {30.0 + index} }} }}'
        for index, label in enumerate(labels)
    )
    (folder / f"{NAME}.toml").write_text(
        f"""
format = 1
scenario = "textbook"
replications = 2
measures = ["p_detected"]
baseline = {{ label = "_$base$ [red]" }}
[[vary]]
name = "=[square] $a$"
settings = [{{ label = "-[/local]", set = {{ "duration_days" = 1.0 }} }}]
[[vary]]
name = "_$b$ :smile:"
settings = [{settings}]
""",
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="module")
def swept(study: Path) -> Answer:
    from tests.helpers import call_seasweep

    answer = call_seasweep("sweep", study / f"{NAME}.toml", "--jobs", "1", "--out", study / "out")
    assert answer.code == 0, answer.err
    return answer


@pytest.fixture
def results(study: Path, swept: Answer) -> StudyResults:
    return StudyResults.load(study / "out")


def test_the_table_of_a_study_has_factors_and_labels_as_they_are(swept: Answer, labels: list[str]) -> None:
    printed = words_of(swept.out)
    assert nothing_hidden(swept.out)
    for text in [*labels, "=[square] $a$", "-[/local]", "_$b$ :smile:", "more than _$base$ [red]", NAME_SHOWN]:
        assert words_of(text) in printed, text


@pytest.mark.parametrize("figure_of", [figure_gain, figure_response])
def test_lines_of_a_study_have_their_labels_as_they_are(
    results: StudyResults, labels: list[str], figure_of: Callable[..., Figure], tmp_path: Path
) -> None:
    with styled():
        figure = figure_of(results)
        save(figure, tmp_path / "lines.svg")
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["_$base$ [red]", *labels]
    assert legend.get_title().get_text() == "_$b$ :smile:"
    assert {words_of("=[square] $a$"), words_of("-[/local]"), words_of(NAME_SHOWN)} < set(texts_of(figure))
    assert not [text for text in figure.findobj(Text) if text.get_parse_math()]
    drawn = html.unescape((tmp_path / "lines.svg").read_text(encoding="utf-8"))
    assert all(label in drawn for label in labels)


def test_a_heat_map_has_its_labels_as_they_are(results: StudyResults, labels: list[str], tmp_path: Path) -> None:
    with styled():
        figure = figure_heatmap(results)
        save(figure, tmp_path / "map.svg")
    texts = set(texts_of(figure))
    assert {words_of(text) for text in [*labels, "=[square] $a$", "_$b$ :smile:", "-[/local]", NAME_SHOWN]} < texts


def test_measures_csv_of_a_study_holds_no_formula_and_gives_each_text_back(
    study: Path, swept: Answer, labels: list[str]
) -> None:
    header, *rows = csv.reader(io.StringIO((study / "out/measures.csv").read_text(encoding="utf-8")))
    assert header[:3] == ["point", "'=[square] $a$", "_$b$ :smile:"]
    found = [row[2] for row in rows if row[3] == "p_detected"]
    assert [cell.removeprefix("'") for cell in found] == [*labels, ""]
    assert not [cell for row in rows for cell in row[1:3] if cell.startswith(tuple("=+-@\t\r\n＝"))]


def test_a_level_that_is_a_table_shows_its_text_in_any_language(seasweep: Seasweep) -> None:
    Path("s.toml").write_text(
        'format = 1\nscenario = "textbook"\nreplications = 2\nmeasures = ["transfers"]\n'
        '[[vary]]\nname = "nation"\nkeys = ["nations.x"]\nvalues = [{ title = "동해 [red]" }]\n',
        encoding="utf-8",
    )
    assert '{"title": "동해 [red]"}' in seasweep("sweep", "s.toml", "--jobs", "1").out


@given(st.text())
def test_a_cell_of_csv_is_no_formula_and_gives_its_text_back(text: str) -> None:
    cell = str(csv_cell(text))
    assert cell.removeprefix("'") == text.removeprefix("'") if cell == text else cell == f"'{text}"
    assert not cell.startswith(tuple("=+-@\t\r\n＝＋－＠"))


def test_numbers_of_csv_stay_numbers() -> None:
    row = Measure("detected", -1.5, None, -1.0, 0.95, 2, "per deployment")
    text = measures_csv([row], [{"point": 0, "f": -2.5}, {}])
    assert text.splitlines()[1] == "0,-2.5,detected,-1.5,,-1.0,0.95,2,per deployment"
    assert [csv_cell(value) for value in (-1, -1.5, None, "-1")] == [-1, -1.5, "", "'-1"]


def test_a_study_of_many_levels_has_numbers_on_its_logarithmic_axis(tmp_path: Path) -> None:
    from sim import sweep

    values = [round(1.6**power, 3) for power in range(1, 15)]
    (tmp_path / "s.toml").write_text(
        'format = 1\nscenario = "textbook"\nreplications = 2\nmeasures = ["transfers"]\n'
        f'[[vary]]\nkey = "transfers.events.per_month"\nvalues = {values}\n',
        encoding="utf-8",
    )
    results = sweep(tmp_path / "s.toml", out=tmp_path / "out")
    with styled():
        figure = figure_response(results)
        figure.draw_without_rendering()
    ticks = [tick.get_text() for tick in figure.axes[0].get_xticklabels()]
    assert {"10", "100"} <= set(ticks)


def test_a_level_is_one_line_without_hidden_characters() -> None:
    assert [level_text(level) for level in ("a\n\x1b[31m", 1.50, None, "$x$")] == [r"a\n\x1b[31m", "1.5", "None", "$x$"]


# ----------------------------------------------------------------------------------------------------- glyphs
def test_a_hidden_character_on_a_picture_is_an_escape(tmp_path: Path) -> None:
    with styled():
        save(titled("a\x1b[31m\u202eb"), tmp_path / "map.svg")
    assert r"a\x1b[31m\u202eb" in (tmp_path / "map.svg").read_text(encoding="utf-8")


NOBODYS = "\U000f0000\U000f0001"  # characters of private use, which no font has


def titled(title: str) -> Figure:
    """A figure with a title."""
    figure = Figure(figsize=(4.0, 2.0))
    figure.suptitle(title)
    return figure


def test_characters_without_a_glyph_are_named_in_one_warning(tmp_path: Path) -> None:
    said = f"no font that is installed has {' '.join(NOBODYS)}, "
    with pytest.warns(MissingGlyphWarning, match=said) as all_, styled():
        save(titled(f"East {NOBODYS}"), tmp_path / "map.png")
    assert len(all_) == 1
    with styled():
        save(titled(f"East {NOBODYS}"), tmp_path / "map.svg")  # text stays text there
    assert NOBODYS in (tmp_path / "map.svg").read_text(encoding="utf-8")


@pytest.mark.filterwarnings("default::plots.fonts.MissingGlyphWarning")
def test_the_command_line_warns_of_them_in_one_plain_line(seasweep: Seasweep) -> None:
    answer = seasweep("plot", "route", "textbook", "--set", f"title={NOBODYS}", "-o", "map.png")
    assert (answer.code, answer.out) == (0, "map.png\n")
    assert re.fullmatch(r"warning: no font that is installed has .*\n", answer.err)


def test_a_font_that_is_installed_is_used_where_the_standard_font_lacks_a_character(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    font = tmp_path / "try-sans.ttf"
    make_font(font, NOBODYS)
    broken = tmp_path / "broken-sans.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(plots.fonts, "findSystemFonts", lambda: [str(font), str(broken)])
    with styled():
        figure = titled(f"East {NOBODYS}")
        save(figure, tmp_path / "map.png")
    assert "Try Sans" in figure.findobj(Text)[0].get_fontfamily()


def make_font(path: Path, characters: str) -> None:
    """Write a font that has a box for each character."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    pen.moveTo((100, 0))
    for corner in ((100, 700), (900, 700), (900, 0)):
        pen.lineTo(corner)
    pen.closePath()
    names = [".notdef", *(f"u{ord(character):X}" for character in characters)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(dict(zip(map(ord, characters), names[1:], strict=True)))
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Try Sans", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800)
    builder.setupPost()
    builder.save(path)
