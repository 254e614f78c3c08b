"""Deep, huge and extreme inputs are refused by a limit that the error names, before any work is done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.core.limits import MOST_PROBLEMS_SHOWN
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError, Problem
from sim.study.design import load_study

from ..helpers import call_seasweep

PARENT = 'extends = "textbook"\n'
STUDY = 'format = 1\nscenario = "textbook"\n'
BARRIER = 'pattern = "barrier"\nline = [[126.5, 26.9], [127.0, 26.9]]\n'
PATROL = 'aircraft = "searcher"\nbase = "field"\nroutes = ["line"]\nfirst_takeoff_h = 12.0\nevery_h = 24.0\n'
LINES = '"line",'
LANE = "[areas.box]\npolygon = [[124.5, 24.5], [124.5001, 24.5], [130.5, 29.5], [130.4999, 29.5]]\n"


@pytest.fixture
def refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Problem]:
    """The one problem of a text that is loaded as a scenario or as a study."""
    monkeypatch.chdir(tmp_path)

    def load(text: str | bytes, loader: Callable[[str], Any] = load_scenario) -> Problem:
        Path("s.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(InputError) as raised:
            loader("s.toml")
        (problem,) = raised.value.problems
        return problem

    return load


def tables(section: str, count: int, keys: str) -> str:
    return "\n".join(f"[{section}.n{number}]\n{keys}" for number in range(count))


DEEP = [
    "a = " + "[" * 50_000 + "]" * 50_000,
    "a = " + "{ a = " * 2_000 + "1" + " }" * 2_000,
    ".".join(["a"] * 50_000) + " = 1",
    ".".join(['"a"'] * 5_000) + " = 1",
    "[" + ".".join(["a"] * 50_000) + "]\nb = 1",
    "[[" + " . ".join(["a"] * 5_000) + "]]\nb = 1",
    "[areas.box]\npolygon = " + "[" * 30 + "1.0, 2.0" + "]" * 30,
]


@pytest.mark.parametrize("text", DEEP, ids=range(len(DEEP)))
def test_deep_nesting_is_refused_at_its_line(refusal: Callable[..., Problem], text: str) -> None:
    problem = refusal(PARENT + "\n" + text)
    assert problem.line == 3 + text.startswith("[areas")
    assert problem.allowed == "tables, lists and keys of at most 16 levels"


@pytest.mark.parametrize("digits", ["9" * 1_001, "9" * 5_000, "0x" + "f" * 5_000, "-" + "9" * 90_000])
def test_a_very_long_number_is_refused_at_its_line(refusal: Callable[..., Problem], digits: str) -> None:
    problem = refusal(PARENT + "duration_days = " + digits)
    assert (problem.line, problem.allowed) == (2, "whole numbers of at most 1,000 digits")


@pytest.mark.parametrize("value", ["9" * 5_000, "[" * 5_000 + "]" * 5_000, "0x" + "f" * 5_000])
def test_the_command_line_has_the_same_limits(value: str) -> None:
    answer = call_seasweep("check", "textbook", "--set", f"duration_days={value}")
    assert (answer.code, len(answer.err.splitlines())) == (2, 1)
    assert answer.err.startswith("error: command line: --set: given ")


def test_a_key_of_too_many_parts_is_refused_on_the_command_line_and_in_a_study(refusal: Callable[..., Problem]) -> None:
    key = ".".join(["a"] * 10_000)
    assert call_seasweep("check", "textbook", "--set", f"{key}=1").code == 2
    problem = refusal(f'{STUDY}[[vary]]\nkey = "{key}"\nvalues = [1]', load_study)
    assert problem.allowed == "a key of at most 16 parts"


def test_too_many_keys_set_by_one_command_are_refused() -> None:
    answer = call_seasweep("check", "textbook", *["--set", "duration_days=1"] * 1_001)
    assert (answer.code, answer.err.partition(";")[0]) == (2, "error: command line: --set: given 1001")
    assert "at most 1,000 keys" in answer.err


def test_zones_of_too_many_corners_are_refused_before_a_margin_is_drawn_about_them(
    refusal: Callable[..., Problem],
) -> None:
    teeth = ", ".join(f"[{124.5 + 0.001 * n:.3f}, {24.5 + n % 2}]" for n in range(3_200))
    problem = refusal(f"{PARENT}[zones.saw]\npolygon = [{teeth}, [127.7, 24.2], [124.5, 24.2]]")
    assert problem.key == "zones"
    assert problem.given.startswith("outlines with 3,2")
    assert "at most 3,000 corners" in problem.allowed


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "s.toml").open("wb") as file:
        file.truncate(10**12)
    answer = call_seasweep("check", tmp_path / "s.toml")
    assert answer.code == 2
    assert "it has more than 8,000,000 bytes" in answer.err


@pytest.mark.parametrize(
    ("key", "name", "bytes_"), [("areas.box", "a.geojson", "8,000,000"), ("environment.series", "w.csv", "16,000,000")]
)
def test_a_huge_file_that_a_scenario_names_is_not_read(
    refusal: Callable[..., Problem], key: str, name: str, bytes_: str
) -> None:
    with Path(name).open("wb") as file:
        file.truncate(10**12)
    problem = refusal(f'{PARENT}[{key}]\nfile = "{name}"\n')
    assert (problem.line, problem.key) == (3, f"{key}.file")
    assert f"it has more than {bytes_} bytes" in problem.allowed


MANY = [
    (tables("routes", 1_001, BARRIER), "routes", "a table of at most 1,000 keys"),
    (tables("patrols", 201, PATROL), "patrols", "a table of at most 200 keys"),
    ("\n".join(f"k{number} = 1" for number in range(1_001)), "", "a table of at most 1,000 keys"),
    ("a = [" + "1," * 600_001 + "]", "", "a file of at most 600,000 values"),
    (
        tables("routes", 60, "\n".join(f"k{key} = 1" for key in range(900))),
        "",
        "a file of at most 50,000 keys and headers",
    ),
    (f"[patrols.daily]\nroutes = [{LINES * 101}]", "patrols.daily.routes", "a list of at least 1 and at most 100"),
    (
        tables("patrols", 11, PATROL.replace('["line"]', f"[{LINES * 91}]")),
        "patrols",
        "patrols that fly at most 1,000 routes together",
    ),
    (
        tables("nations", 101, "")
        + tables(
            "agreements",
            10,
            "delay_h = 1.0\nnations = [" + ",".join(f'"n{number}"' for number in range(101)) + "]",
        ),
        "agreements",
        "agreements with at most 1,000 members together",
    ),
    (f"[areas.box]\npolygon = [{'[1,1],' * 10_001}]", "areas.box.polygon", "at most 10,000 corners"),
]


@pytest.mark.parametrize(("text", "key", "allowed"), MANY, ids=range(len(MANY)))
def test_too_many_parts_are_refused(refusal: Callable[..., Problem], text: str, key: str, allowed: str) -> None:
    problem = refusal(PARENT + text)
    assert problem.key == key
    assert allowed in problem.allowed


def test_many_problems_are_counted_and_not_all_printed(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(PARENT + "[routes.line]\nline = [" + '"x",' * 990 + "]", encoding="utf-8")
    answer = call_seasweep("check", file)
    lines = answer.err.splitlines()
    assert (answer.code, lines[0], lines[-1]) == (2, "error: 990 problems", "and 970 more")
    assert len(lines) == MOST_PROBLEMS_SHOWN + 2
    assert lines[1].endswith('line[0]: given "x"; allowed: a list of two numbers, [lon, lat]')


def test_a_few_problems_are_all_printed(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(PARENT + "[routes.line]\nline = [" + '"x",' * MOST_PROBLEMS_SHOWN + "]", encoding="utf-8")
    lines = call_seasweep("check", file).err.splitlines()
    assert len(lines) == MOST_PROBLEMS_SHOWN + 1
    assert "more" not in lines[-1]


def test_long_names_and_texts_are_cut_in_errors(tmp_path: Path) -> None:
    long, file = "x" * 200_000, tmp_path / "s.toml"
    for text in (
        f"{long} = 1",
        f'title = "{long}"',
        f'[routes.{long}]\npattern = "{long}"',
        f'[areas.{long}]\nfile = "{long}"',
    ):
        file.write_text(PARENT + text, encoding="utf-8")
        answer = call_seasweep("check", file)
        assert (answer.code, len(answer.err) < 3_000) == (2, True), text[:30]


def test_a_long_chain_of_ancestors_is_refused(refusal: Callable[..., Problem]) -> None:
    for number in range(30):
        Path(f"s{number}.toml").write_text(f'extends = "s{number + 1}.toml"\n', encoding="utf-8")
    problem = refusal('extends = "s0.toml"\n')
    assert (problem.key, problem.line) == ("extends", 1)
    assert problem.allowed == "at most 20 scenarios, each of which extends the next"


SETTINGS = [
    ("start = 9999-12-20T00:00:00Z", "start", "a date and time in a year from 1900 to 2200"),
    ("start = 0001-01-01T00:00:00+09:00", "start", "a date and time in a year from 1900 to 2200"),
    (LANE, "transfers.events.area", "an area whose sea is at least 1/2,000 of the box about it"),
    ("[routes.line]\nline = [[126.5, 26.9], [126.50001, 26.9]]", "routes.line.line", "a pass of at least 0.1 nmi"),
    (
        '[routes.line]\npattern = "sector"\ndatum = [126.5, 26.9]\nradius_nmi = 1e-9',
        "routes.line.radius_nmi",
        "0.1 nmi",
    ),
    (
        '[background.ships]\narea = "box"\npresent = 1.0\nspeed_kn = 10.0\nmean_leg_nmi = 1e-9',
        "background.ships.mean_leg_nmi",
        "a number at least 0.1 and at most 2000",
    ),
]


@pytest.mark.parametrize(("text", "key", "allowed"), SETTINGS, ids=range(len(SETTINGS)))
def test_what_could_not_be_simulated_is_refused(
    refusal: Callable[..., Problem], text: str, key: str, allowed: str
) -> None:
    problem = refusal(PARENT + text)
    assert problem.key == key
    assert allowed in problem.allowed


def test_a_design_of_too_many_points_is_refused_before_any_point_is_made(refusal: Callable[..., Problem]) -> None:
    values = ", ".join(map(str, range(1, 501)))
    factors = "".join(f'[[vary]]\nkey = "patrols.daily.{key}"\nvalues = [{values}]\n' for key in ("every_h", "crews"))
    problem = refusal(STUDY + factors, load_study)
    assert (problem.key, problem.line) == ("vary", 3)
    assert problem.allowed == "factors that make at most 20,000 points together, not 250,000"


def test_the_points_of_a_design_are_not_looked_at_after_very_many_problems(tmp_path: Path) -> None:
    values = ", ".join(f'"wrong {number}"' for number in range(2_000))
    (tmp_path / "s.toml").write_text(f'{STUDY}[[vary]]\nkey = "duration_days"\nvalues = [{values}]', encoding="utf-8")
    answer = call_seasweep("sweep", tmp_path / "s.toml")
    assert (answer.code, answer.err.splitlines()[0]) == (2, "error: 501 problems")


@pytest.mark.parametrize("option", ["--only", "--replications", "--jobs"])
def test_an_option_beyond_any_sense_is_bad_input(option: str, tmp_path: Path) -> None:
    for value in (2**63, 2**64, 10**400):
        answer = call_seasweep("run", "textbook", option, str(value), "--out", tmp_path / "o")
        assert answer.code == 2
        assert option in answer.err
    assert not (tmp_path / "o").exists()


def test_a_search_about_a_tip_with_a_spacing_near_0_is_answered_for() -> None:
    answer = call_seasweep("check", "neon-allies", "--set", "patrols.aurora.tips.search.spacing_nmi=5e-324")
    assert (answer.code, "[tip_search_cut]" in answer.out) == (0, True)
