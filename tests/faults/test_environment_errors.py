"""Bad weather: every refusal of `[environment]` and of what it reads names file, line, key and what is allowed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.problems import Problem

from .conftest import Answer

OnlyProblem = Callable[..., Problem]
Problems = Callable[..., list[Problem]]
Seasweep = Callable[..., Answer]

ENV = "[environment]\n"
SERIES = "[environment.series]\n"
FAIR_FOUL = """
[environment.processes.weather.fair]
dwell_h = 60.0
sea_state = 2
[environment.processes.weather.foul]
dwell_h = 12.0
sea_state = 6
"""


@pytest.mark.parametrize(
    ("text", "key", "given", "allowed"),
    [
        ("sea_state = 10", "sea_state", "10", "a whole number at least 0 and at most 9"),
        ("sea_state = 2.5", "sea_state", "2.5", "a whole number"),
        ("sea_state = true", "sea_state", "true", "a whole number"),
        ('sea_state = "3"', "sea_state", '"3"', "a whole number"),
        ("visibility_nmi = 0.0", "visibility_nmi", "0.0", "a number above 0 and at most 100"),
        ("visibility_nmi = nan", "visibility_nmi", "nan", "a number above 0 and at most 100"),
        ("wind_from_deg = 10.0\nwind_kn = 201.0", "wind_kn", "201.0", "at least 0 and at most 200"),
        ("wind_kn = 10.0\nwind_from_deg = 361.0", "wind_from_deg", "361.0", "at least 0 and at most 360"),
        ("light_begins_deg = -19.0", "light_begins_deg", "-19.0", "at least -18 and at most 10"),
        ("processes = 4", "processes", "4", "a table"),
        ("processes = { weather = 4 }", "processes.weather", "4", "a table"),
        ("processes = { weather = { fair = 4 } }", "processes.weather.fair", "4", "a table"),
        ("series = 4", "series", "4", "a table"),
    ],
)
def test_values_have_their_bounds(only_problem: OnlyProblem, text: str, key: str, given: str, allowed: str) -> None:
    problem = only_problem(ENV + text)
    assert (problem.line, problem.key) == (text.count("\n") + 3, f"environment.{key}")
    assert problem.given == given
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("text", "key", "hint"),
    [
        (ENV + "visibility_km = 9.0", "environment.visibility_km", "visibility_nmi, in nautical miles"),
        (ENV + "wind_mps = 9.0", "environment.wind_mps", "wind_kn"),
        (ENV + "seastate = 3", "environment.seastate", "sea_state"),
        (SERIES + 'fil = "weather.csv"', "environment.series.fil", "file"),
    ],
)
def test_unknown_keys_are_answered_by_the_nearest(problems: Problems, text: str, key: str, hint: str) -> None:
    found = {problem.key: problem for problem in problems(f'extends = "base.toml"\n{text}')}
    assert found[key].given == f"an unknown key, {key.rpartition('.')[2]}"
    assert hint in found[key].hint


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        (ENV + "wind_kn = 20.0", "environment.wind_kn", "wind_kn and wind_from_deg together"),
        (ENV + "wind_from_deg = 20.0", "environment.wind_from_deg", "wind_kn and wind_from_deg together"),
        (
            FAIR_FOUL.replace("sea_state = 6", "sea_state = 6\nwind_kn = 20.0"),
            "environment.processes.weather.foul.wind_kn",
            "wind_kn and wind_from_deg together",
        ),
        (
            FAIR_FOUL.replace("sea_state = 6", "visibility_nmi = 6.0"),
            "environment.processes.weather.foul",
            "states that all set the same quantities",
        ),
        (
            FAIR_FOUL.replace("sea_state = 6", "").replace("sea_state = 2", ""),
            "environment.processes.weather.fair",
            "at least one",
        ),
        (FAIR_FOUL.partition("[environment.processes.weather.foul]")[0], "environment.processes.weather", "two states"),
        (
            FAIR_FOUL + "next = { fare = 1.0 }",
            "environment.processes.weather.foul.next.fare",
            "in foul.next, only the other states",
        ),
        (
            FAIR_FOUL + "next = { foul = 1.0 }",
            "environment.processes.weather.foul.next.foul",
            "the other states of this process: fair",
        ),
        (FAIR_FOUL + "next = { fair = 0.7 }", "environment.processes.weather.foul.next", "sum to 1, not 0.7"),
        (FAIR_FOUL + "next = { fair = 1.7 }", "environment.processes.weather.foul.next.fair", "at most 1"),
        (FAIR_FOUL + "next = {}", "environment.processes.weather.foul.next", "sum to 1, not 0"),
        (FAIR_FOUL.replace("12.0", "0.0"), "environment.processes.weather.foul.dwell_h", "at least 0.1"),
        (FAIR_FOUL.replace("dwell_h = 12.0", ""), "environment.processes.weather.foul.dwell_h", "required"),
        (
            FAIR_FOUL + "next = { gale = 1.0 }\n[environment.processes.weather.gale]\ndwell_h = 1.0\nsea_state = 8\n"
            "next = { foul = 1.0 }",
            "environment.processes.weather.foul.next",
            "states each of which can be reached from every other: nothing leads from foul to fair",
        ),
    ],
)
def test_states_must_make_one_process(only_problem: OnlyProblem, text: str, key: str, allowed: str) -> None:
    problem = only_problem(text)
    assert problem.key == key
    assert problem.line is not None
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("text", "key", "places"),
    [
        (
            ENV + "sea_state = 3" + FAIR_FOUL,
            ".sea_state",
            "sea_state set in one place, not in [environment] and processes.weather",
        ),
        (
            FAIR_FOUL + FAIR_FOUL.replace(".weather.", ".waves."),
            ".processes.weather",
            "sea_state set in one place, not in processes.weather and processes.waves",
        ),
        (
            "[environment.series]\ntime_h = [0.0]\nsea_state = [3]\n" + FAIR_FOUL,
            ".processes.weather",
            "sea_state set in one place, not in processes.weather and series",
        ),
        (
            ENV
            + "wind_kn = 1.0\nwind_from_deg = 1.0\nseries = { time_h = [0.0], wind_kn = [2.0], wind_from_deg = [0.0] }",
            ".wind_kn",
            "wind set in one place, not in [environment] and series",
        ),
    ],
)
def test_a_quantity_is_set_in_one_place(only_problem: OnlyProblem, text: str, key: str, places: str) -> None:
    problem = only_problem(text)
    assert problem.key == f"environment{key}"
    assert problem.allowed == places


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("time_h = [0.0, 1.0]\nsea_state = [1]", ".sea_state", "each as long as time_h, 2"),
        ("time_h = [0.0, 1.0]", "", "at least one of sea_state, visibility_nmi, wind_kn, wind_from_deg"),
        ("time_h = [0.0, 1.0]\nwind_kn = [1.0, 2.0]", ".wind_kn", "wind_kn and wind_from_deg together"),
        ("time_h = [1.0, 2.0]\nsea_state = [1, 2]", ".time_h[0]", "at or before hour 0, the scenario's start"),
        ("time_h = [0.0, 2.0, 2.0]\nsea_state = [1, 2, 3]", ".time_h[2]", "rising times"),
        ("time_h = []\nsea_state = []", ".time_h", "at least 1"),
        ("time_h = [0.0, nan]\nsea_state = [1, 2]", ".time_h[1]", "a finite number"),
        ("time_h = [0.0, 1.0]\nsea_state = [1, 12]", ".sea_state[1]", "at most 9"),
        ('time_h = [0.0]\nfile = "weather.csv"\nsea_state = [1]', ".file", "sea_state, time_h"),
    ],
)
def test_a_series_written_out_is_checked(only_problem: OnlyProblem, text: str, key: str, allowed: str) -> None:
    problem = only_problem(SERIES + text)
    assert problem.key == f"environment.series{key}"
    assert allowed in problem.allowed


# ------------------------------------------------------------------------------------------------------ its file
@pytest.mark.parametrize(
    ("series", "key", "allowed"),
    [
        ('file = "gone.csv"', "file", "inside this file's folder (No such file or directory)"),
        ('file = "../outside.csv"', "file", "(that path lies outside the folder)"),
        ('file = "../not-there.csv"', "file", "(that path lies outside the folder)"),
        ('file = "folder.csv"', "file", "(Is a directory)"),
        ('file = "latin.csv"', "file", "(it is not UTF-8 text)"),
        ('file = "weather.txt"', "file", "(its name ends neither in .csv nor in .nc, .nc4 or .netcdf)"),
        ('file = "weather.csv"\nat = [125.0, 30.0]', "file", "(the keys at and variables are for NetCDF files only)"),
        (
            'file = "weather.csv"\nvariables = { visibility_m = "v" }',
            "file",
            "(the keys at and variables are for NetCDF files only)",
        ),
        ("file = 4", "file", "text in quotes"),
        ("at = [125.0, 30.0]", "file", "text in quotes; this key is required"),
        ('file = "era5.nc"\nat = [12.0, 30.0]', "at", "a point in the theatre"),
        ('file = "era5.nc"\nat = [125.0]', "at", "a list of two numbers, [lon, lat]"),
        ('file = "era5.nc"\nvariables = {}', "variables", "at most one name for sea state"),
        (
            'file = "era5.nc"\nvariables = { sea_state = "s", wave_height_m = "swh" }',
            "variables.wave_height_m",
            "at most one name for sea state",
        ),
        (
            'file = "era5.nc"\nvariables = { wind_east_m_s = "u10" }',
            "variables.wind_east_m_s",
            "wind_east_m_s with wind_north_m_s",
        ),
        ('file = "era5.nc"\nvariables = { wind_kn = "w" }', "variables.wind_kn", "wind_kn with wind_from_deg"),
    ],
)
def test_a_file_that_will_not_do_is_refused(only_problem: OnlyProblem, series: str, key: str, allowed: str) -> None:
    Path("folder.csv").mkdir()
    Path("latin.csv").write_bytes(b"time_h,sea_state\n0,\xe9\n")
    Path("weather.txt").write_text("time_h,sea_state\n0,1\n", encoding="utf-8")
    Path("weather.csv").write_text("time_h,sea_state\n0,1\n", encoding="utf-8")
    Path("../outside.csv").write_text("time_h,sea_state\n0,1\n", encoding="utf-8")
    problem = only_problem(SERIES + series)
    assert (problem.file, problem.key) == ("variant.toml", f"environment.series.{key}")
    assert problem.line is not None
    assert problem.line >= 2
    assert allowed in problem.allowed


def test_a_netcdf_file_without_the_extra_says_what_to_install(
    only_problem: OnlyProblem, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "h5netcdf", None)
    Path("era5.nc").write_bytes(b"")
    problem = only_problem(SERIES + '\nfile = "era5.nc"')
    assert (problem.line, problem.key) == (4, "environment.series.file")
    assert "pip install seasweep[weather]" in problem.allowed


def test_what_is_no_netcdf_is_refused(only_problem: OnlyProblem) -> None:
    pytest.importorskip("h5netcdf")
    for content in (b"", b"time_h,sea_state\n0,1\n", b"\x89HDF\r\n\x1a\n spoilt"):
        Path("era5.nc").write_bytes(content)
        problem = only_problem(SERIES + 'file = "era5.nc"')
        assert "it cannot be read as NetCDF" in problem.allowed


@pytest.mark.parametrize(
    ("text", "line", "key", "given", "allowed"),
    [
        ("", 1, "", "an empty file", "one column of times, time_h"),
        ("\n# note\ntime_h,sea_state,visibility_km", 3, "", "visibility_km", "time_h, time, sea_state"),
        ("sea_state\n1", 1, "", "the columns sea_state", "one column of times"),
        ("time_h,time,sea_state\n0,2023-04-10T00:00:00Z,1", 1, "", "the columns time_h, time", "one column of times"),
        ("time_h,sea_state,sea_state\n0,1,1", 1, "", "sea_state, sea_state", "names each column once"),
        ("time_h\n0", 1, "", "the columns time_h", "at least one of sea_state"),
        ("time_h,wind_kn\n0,1", 1, "", "the columns time_h, wind_kn", "wind_kn and wind_from_deg together"),
        ("time_h,sea_state", 1, "time_h", "[]", "at least 1"),
        ("time_h,sea_state\n0,1\n\n1,2,3", 4, "", "3 cells", "2 cells, one for each column"),
        ("time_h,sea_state\n0,1\n1", 3, "", "1 cell", "2 cells, one for each column"),
        (
            "time_h,sea_state\n0,1\n# gap\n1,high",
            4,
            "sea_state",
            '"high"',
            "a whole number at least 0 and at most 9",
        ),
        ("time_h,sea_state\n0,1\n1,", 3, "sea_state", '""', "a whole number"),
        ("time_h,sea_state\n0,1\n1,2.5", 3, "sea_state", "2.5", "a whole number"),
        ("time_h,sea_state\n0,12\n1,13", 2, "sea_state", "12", "at most 9"),
        ("time_h,visibility_nmi\n0,5\n1,nan", 3, "visibility_nmi", "nan", "a number above 0"),
        ("time_h,visibility_nmi\n0,5\nnoon,5", 3, "time_h", '"noon"', "a number"),
        ("time_h,sea_state\n0,1\n5,2\n5,3", 4, "time", "hour 5", "rising times"),
        ("time_h,sea_state\n1,1\n5,2", 2, "time", "hour 1", "at or before hour 0, the scenario's start"),
        ("time,sea_state\n2023-04-10T00:00:00,1", 2, "time", '"2023-04-10T00:00:00"', "with an offset"),
        ("time,sea_state\nyesterday,1", 2, "time", '"yesterday"', "a date and time with an offset"),
        ("time,sea_state\n2023-04-10T09:00:01+09:00,1", 2, "time", "hour 0.0002", "at or before hour 0"),
    ],
)
def test_what_is_wrong_in_a_csv_file_is_said_with_its_line(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, allowed: str
) -> None:
    Path("weather.csv").write_text(text, encoding="utf-8")
    problem = only_problem(SERIES + 'file = "weather.csv"')
    assert (problem.file, problem.line, problem.key) == ("weather.csv", line, key)
    assert given in problem.given
    assert allowed in problem.allowed


def test_a_file_named_on_the_command_line_lies_beside_it(only_problem: OnlyProblem) -> None:
    problem = only_problem("", ["environment.series.file=gone.csv"])
    assert (problem.file, problem.key) == ("command line", "environment.series.file")


def test_a_start_that_is_none_is_said_once(only_problem: OnlyProblem) -> None:
    Path("weather.csv").write_text("time,sea_state\n2023-04-10T00:00:00Z,1\n", encoding="utf-8")
    assert only_problem('start = "soon"\n' + SERIES + 'file = "weather.csv"').key == "start"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ENV + "wind_kn = 5.0",
            "error: mine.toml:3: environment.wind_kn: given 5.0; allowed: wind_kn and wind_from_deg",
        ),
        (
            SERIES + 'file = "weather.csv"',
            "error: weather.csv:3: sea_state: given 11; allowed: a whole number at least 0",
        ),
    ],
)
def test_check_says_it_in_one_line(seasweep: Seasweep, text: str, said: str) -> None:
    Path("weather.csv").write_text("time_h,sea_state\n0,1\n1,11\n2,12\n", encoding="utf-8")
    Path("mine.toml").write_text(f'extends = "base.toml"\n{text}\n', encoding="utf-8")
    answer = seasweep("check", "mine.toml")
    assert answer.code == 2
    assert answer.err.startswith(said)
    assert answer.err.count("\n") == 1


def test_check_prints_what_holds_for_how_long_and_when_it_is_light(seasweep: Seasweep) -> None:
    Path("mine.toml").write_text(
        f'extends = "base.toml"\n[environment]\nvisibility_nmi = 9.0\n{FAIR_FOUL}', encoding="utf-8"
    )
    out = seasweep("check", "mine.toml").out
    assert "visibility 9 nmi" in out
    assert [line.split() for line in out.splitlines() if "weather: f" in line] == [
        ["weather:", "fair", "60", "83.3", "sea", "state", "2"],
        ["weather:", "foul", "12", "16.7", "sea", "state", "6"],
    ]
    assert re.search(r"daylight in .*\n.*light \(sun above", out)
    assert len(re.findall(r"^1[02] Apr 2023 .*from 0\d:\d\d to \d\d:\d\d", out, re.MULTILINE)) == 2


@pytest.mark.parametrize(
    ("environment", "valid"),
    [
        ({"series": {"file": "weather.csv"}}, True),
        ({"series": {"file": ["waves.nc", "wind.csv"]}}, True),
        ({"series": {"file": []}}, False),
        ({"series": {"file": 4}}, False),
        ({"series": {"file": "e.nc", "at": [125.0, 30.0], "variables": {"wave_height_m": "swh"}}}, True),
        ({"series": {"time_h": [0.0], "sea_state": [3]}, "light_begins_deg": -12.0}, True),
        ({"series": {"file": "e.nc", "variables": {"swh": "swh"}}}, False),
        ({"series": {"file": "weather.csv", "att": [125.0, 30.0]}}, False),
        ({"sea_state": 10}, False),
        ({"processes": {"sea": {"calm": {"dwell_h": 4.0, "sea_state": 1}}}}, True),
        ({"processes": {"sea": {"calm": {"dwell_days": 4.0, "sea_state": 1}}}}, False),
    ],
)
def test_the_json_schema_knows_the_environment(environment: dict[str, object], valid: bool) -> None:
    import jsonschema

    from sim.scenario.json_schema import json_schema

    validator = jsonschema.Draft202012Validator(json_schema())
    assert validator.is_valid({"extends": "neon-spring", "environment": environment}) is valid
