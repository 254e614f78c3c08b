"""A new sea: the file passes `check` at once, also with its optional parts, and what it must hold is what is listed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from sim import load_scenario
from sim.check.advice import findings
from sim.cli.main import main
from sim.scenario.json_schema import key_rows
from sim.scenario.new_sea import new_sea
from sim.scenario.problems import InputError
from sim.scenario.schema import Scenario
from tools.make_reference import required_keys


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--at", "123.5,36", "--base", "126.49,33.51"],  # the Yellow Sea from Jeju
        ["--at", "128.5,39.2"],  # off Wonsan: a part of the area is land
        ["--at", "-175,-58"],
        ["--at", "175,0"],
    ],
)
def test_a_new_sea_passes_check_at_once(scratch: Path, options: list[str]) -> None:
    assert main(["new", "mine.toml", "--sea", *options]) == 0
    scenario = load_scenario("mine.toml")
    assert [finding for finding in findings(scenario) if finding.severity != "note"] == []
    assert scenario.title == "mine"
    if "--base" in options:
        assert scenario.bases["home"].position == (126.49, 33.51)
        assert scenario.time_zone == "Asia/Seoul"


@pytest.mark.parametrize(
    ("middle", "base", "line"),
    [
        ((128.5, 39.2), (128.6, 38.2), 'time_zone = "Asia/Seoul"'),  # off Wonsan, from the coast of Korea
        ((128.5, 39.2), (139.0, 37.9), 'time_zone = "Asia/Tokyo"'),  # the same sea from Niigata
        ((123.5, 37.0), (124.6, 37.9), 'time_zone = "Asia/Seoul"'),  # from Baengnyeong, which is nearer to Pyongyang
        ((123.5, 37.0), (122.3, 37.3), 'time_zone = "Asia/Shanghai"'),  # from Shandong, which is nearer to Seoul
        ((125.0, 30.0), None, 'time_zone = "Asia/Tokyo"'),  # nearest to Naha
        ((56.0, 26.0), None, 'time_zone = "Asia/Dubai"'),
        ((-75.0, -34.0), None, 'time_zone = "America/Santiago"'),  # south and west
        ((75.0, -20.0), None, 'time_zone = "Etc/GMT-5"  # This is UTC+5: the sign in'),  # far from every land
        ((0.0, -30.0), None, 'time_zone = "UTC"'),
    ],
)
def test_its_clocks_are_those_of_the_base(
    middle: tuple[float, float], base: tuple[float, float] | None, line: str
) -> None:
    assert f"\n{line}" in new_sea("mine", middle, base)


@pytest.mark.parametrize(
    ("options", "said", "written"),
    [
        (["--at", "129.2,34.3"], "give the place of your base with --base", "an example in open sea"),
        (["--at", "129.2,34.3", "--base", "129.2,31.8"], "unless the base is a ship", "a place in open sea"),
        (["--at", "129.2,34.3", "--base", "129.33,34.28"], "", "where sorties start and end\n"),  # on Tsushima
    ],
)
def test_a_base_in_open_sea_is_said_to_be(
    scratch: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str, written: str
) -> None:
    assert main(["new", "mine.toml", "--sea", *options]) == 0
    err = capsys.readouterr().err
    assert said in err
    assert ("open sea" in err) == bool(said)
    assert written in Path("mine.toml").read_text(encoding="utf-8")


def test_a_new_sea_runs(scratch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "mine.toml", "--sea"]) == 0
    assert main(["run", "mine.toml", "--replications", "2", "--jobs", "1"]) == 0
    assert "p_documented" in capsys.readouterr().out


def test_its_optional_parts_work_where_their_marks_are_removed(scratch: Path) -> None:
    assert main(["new", "mine.toml", "--sea"]) == 0
    text = Path("mine.toml").read_text(encoding="utf-8")
    required = text.index("\n# ----", text.index("max_delay_h ="))
    Path("all.toml").write_text(text[:required] + re.sub(r"(?m)^# (?!----)", "", text[required:]), encoding="utf-8")
    scenario = load_scenario("all.toml")
    assert [finding for finding in findings(scenario) if finding.severity != "note"] == []
    tables = set(Scenario.model_fields) - {"summary"}
    assert {name for name in tables if not getattr(scenario, name)} == set()
    assert len(scenario.patrols) == 2


def test_a_title_may_be_any_name_of_a_file(scratch: Path) -> None:
    name = 'a "sea" of {mine} \\ $x$'
    assert main(["new", f"{name}.toml", "--sea"]) == 0
    assert load_scenario(f"{name}.toml").title == name


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--sea", "--at", "36,123.5"], "longitude comes first"),
        (["--sea", "--at", "Jeju"], "LON,LAT in degrees, such as 123.5,36"),
        (["--sea", "--at", "nan,36"], "LON,LAT in degrees"),
        (["--sea", "--at", "104,36"], "an area with some sea"),  # within China, and within the included coastlines
        (["--sea", "--at", "127.5,36.5"], '--at: given "127.5,36.5"'),  # a strip of the Yellow Sea, and Korea
        (["--sea", "--at", "127.5,36.5", "--base", "126.5,33.5"], "88.6 % of the area sea is land"),
        (["--sea", "--at", "128,36", "--base", "128,-30"], "a base from which an aircraft can search it"),
        (["--sea", "--from", "textbook"], "--sea or --from, not both"),
        (["--at", "123.5,36"], "only together with --sea"),
    ],
)
def test_a_place_that_would_not_do_is_refused_and_nothing_is_written(
    scratch: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["new", "mine.toml", *options]) == 2
    assert said in capsys.readouterr().err
    assert not Path("mine.toml").exists()


def test_every_key_that_is_listed_as_required_is_required(scratch: Path) -> None:
    assert main(["new", "mine.toml", "--sea"]) == 0
    whole = load_scenario("mine.toml").model_dump(mode="python", exclude_none=True)  # without the aircraft's type
    Path("whole.toml").write_text(tomli_w.dumps(whole), encoding="utf-8")
    load_scenario("whole.toml")
    rows = [row for own in required_keys(key_rows(Scenario)).values() for row in own]
    tried = 0
    for row in rows:
        tables = tomllib.loads(Path("whole.toml").read_text(encoding="utf-8"))
        here, path = _table(tables, row.table)
        if row.kinds and not any(f'{key} = "{value}"' in row.kinds for key, value in here.items()):
            continue  # of a kind that this file has not
        del here[row.key]
        Path("less.toml").write_text(tomli_w.dumps(tables), encoding="utf-8")
        with pytest.raises(InputError, match=re.escape(".".join([*path, row.key]))):
            load_scenario("less.toml")
        tried += 1
    assert tried > 25


def _table(tables: dict[str, Any], name: str) -> tuple[dict[str, Any], list[str]]:
    """A table by its name in the reference, in which NAME stands for the first that there is; and its path."""
    here, path = tables, list[str]()
    for part in filter(None, name.split(".")):
        path.append(next(iter(here)) if part == "NAME" else part)
        here = here[path[-1]]
    return here, path


def test_nothing_else_is_required(scratch: Path) -> None:
    """The required keys of a new sea alone, with the spacing of its route and a take-off, are a scenario."""
    assert main(["new", "mine.toml", "--sea"]) == 0
    whole = load_scenario("mine.toml").model_dump(mode="python", exclude_none=True)
    listed = required_keys(key_rows(Scenario))
    least: dict[str, Any] = {}
    for name, rows in listed.items():
        source, path = _table(whole, name)
        into = least
        for part in path:
            into = into.setdefault(part, {})
        into.update({row.key: source[row.key] for row in rows if row.key in source and row.key not in into})
    least["routes"]["search"]["spacing_nmi"] = 30.0
    least["patrols"]["daily"]["takeoff"] = "06:00"
    Path("least.toml").write_text(tomli_w.dumps(least), encoding="utf-8")
    assert load_scenario("least.toml").routes["search"].pattern == "parallel_sweep"
