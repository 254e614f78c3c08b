"""Slips in lanes: one line each, with file, line, key, what was given and what is allowed."""

import tomllib
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from sim.scenario.files import lane_library
from sim.scenario.json_schema import json_schema
from sim.scenario.load import load_scenario
from sim.scenario.problems import Problem

from .conftest import VARIANT, Answer

OnlyProblem = Callable[..., Problem]
Seasweep = Callable[..., Answer]

LANE = '[background.lane]\nkind = "lane"\n'
REST = "spread_nmi = 2.0\nper_day = 20.0\nspeed_kn = 12.0\n"
OPEN = "line = [[124.0, 28.0], [126.0, 30.0]]\n"
WHOLE = LANE + OPEN + REST
FLOWS = LANE + OPEN + "spread_nmi = 2.0\n"

# A file, the line of the problem, its key, what is given, what is allowed, a hint.
SLIPS = [
    (LANE + "line = [[124.0, 28.0], [131.0, 33.0]]\n" + REST, 4, "line[1]", "[131, 33], which is on land", "at sea",
     "a place off the nearest coast is [130"),
    (LANE + "line = [[129.0, 34.0], [129.0, 32.0]]\n" + REST, 4, "line[0]",
     "[129, 34], from which the line to [129, 32] crosses land at [129, 32.8", "a line at sea", "put a point between"),
    (LANE + "line = [[124.0, 30.0], [126.0, 30.0], [124.0, 30.1]]\n" + REST, 4, "line[1]", "turns by 177 degrees",
     "turns by at most 120 degrees", "make two lanes of it"),
    (LANE + "line = [[124.0, 30.0]]\n" + REST, 4, "line", "[[124.0, 30.0]]", "at least 2", ""),
    (LANE + "line = [[124.0, 30.0], [124.0, 30.0]]\n" + REST, 4, "line", "", "no two consecutive points", ""),
    (LANE + "line = [[124.0, 30.0], [110.0, 30.0]]\n" + REST, 4, "line[1]", "[110.0, 30.0]", "in the theatre", ""),
    (LANE + "line = [[30.0, 124.0], [125.0, 30.0]]\n" + REST, 4, "line[0]", "[30.0, 124.0]", "look swapped", ""),
    (LANE + REST, 2, "line", "nothing", "a list; this key is required", ""),
    (LANE + 'lane = "koreastrait"\n', 4, "lane", '"koreastrait"', "taiwan_shanghai", "did you mean korea_strait?"),
    (LANE + "lane = 5\n", 4, "lane", "5", "taiwan_shanghai", ""),
    (LANE + 'lane = "tsushima_tsugaru"\n' + OPEN, 4, "lane", '"tsushima_tsugaru"', "a lane or a line, not both", ""),
    (WHOLE.replace("spread_nmi = 2.0", "spread_nmi = 0.0"), 5, "spread_nmi", "0.0", "at least 0.01 and at most 50", ""),
    (WHOLE + "separation_nmi = -1.0", 8, "separation_nmi", "-1.0", "at least 0 and at most 50", ""),
    (WHOLE.replace("per_day = 20.0", "per_day = -1.0"), 6, "per_day", "-1.0", "at least 0 and at most 20000", ""),
    (WHOLE.replace("per_day = 20.0\n", ""), 6, "speed_kn", "12.0", "per_day and speed_kn, or flows", ""),
    (FLOWS, 2, "", "", "per_day and speed_kn, or flows", ""),
    (WHOLE + "flows = [ { per_day = 3.0, speed_kn = 9.0 } ]", 8, "flows", "", "not flows and per_day, speed_kn", ""),
    (FLOWS + "flows = []", 6, "flows", "[]", "at least 1", ""),
    (FLOWS + "flows = [ { per_day = 3.0 } ]", 6, "flows[0].speed_kn", "nothing", "this key is required", ""),
    (FLOWS + 'flows = [ { per_day = 3.0, speed_kn = 9.0, direction = "north" } ]', 6, "flows[0].direction", '"north"',
     "forward or backward or both", "both?"),
    (FLOWS + 'flows = [ { per_day = 3.0, speed_kn = 9.0, vessel = "tanker" } ]', 6, "flows[0].vessel", '"tanker"',
     "none is defined", ""),
    (WHOLE.replace("speed_kn = 12.0", "speed_kn = { mean = 9.0 }"), 7, "speed_kn", "", "at least 0.1 knots", ""),
    (FLOWS + "flows = [ { per_day = 3.0, speed_kn = { mean = 9.0 } } ]", 6, "flows[0].speed_kn", "", "min = 2.0", ""),
    (WHOLE + 'arrivals = "regular"', 8, "arrivals", '"regular"', "poisson or scheduled", ""),
    (WHOLE + "jitter_h = 1.0", 8, "jitter_h", "1.0", 'jitter_h only with arrivals = "scheduled"', ""),
    (WHOLE + 'calendar = [ { from = "05-01", to = "02-30", factor = 2.0 } ]', 8, "calendar[0].to", '"02-30"',
     "a day that exists", ""),
    (WHOLE + 'hours = [ { from = "20:00", to = "04:00", factor = -1.0 } ]', 8, "hours[0].factor", "-1.0", "at least 0",
     ""),
    (WHOLE + "change_days = 3.0", 8, "change_days", "3.0", "change_days only beside calendar", ""),
    (WHOLE + "present = 20", 8, "present", "an unknown key", "per_day", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "given", "allowed", "hint"), SLIPS)
def test_a_slip_is_one_error_at_its_key(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, allowed: str, hint: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line) == (VARIANT, line)
    assert problem.key == f"background.lane.{key}".rstrip(".")
    assert given in problem.given
    assert allowed in problem.allowed
    assert hint in problem.hint


def test_what_is_right_loads_and_the_schema_knows_it() -> None:
    for text in (WHOLE, LANE + 'lane = "taiwan_tsushima"\n', FLOWS + "flows = [ { per_day = 3.0, speed_kn = 9.0 } ]"):
        Path(VARIANT).write_text(f'extends = "base.toml"\n{text}', encoding="utf-8")
        assert load_scenario(VARIANT).background["lane"].kind == "lane"
        jsonschema.validate({"extends": "base.toml", **tomllib.loads(text)}, json_schema())
    wrong = tomllib.loads(LANE + 'lane = "taiwan_tokyo"\n')
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"extends": "base.toml", **wrong}, json_schema())


def test_a_lane_of_the_library_outside_the_theatre_names_those_inside(only_problem: OnlyProblem) -> None:
    box = "[theatre]\nwest = 118.0\nsouth = 23.0\neast = 131.0\nnorth = 33.0\n"
    problem = only_problem(box + LANE + 'lane = "vladivostok_tsugaru"\n')
    assert (problem.line, problem.key) == (9, "background.lane.lane")
    assert "a lane of which some lies in the theatre: taiwan_shanghai" in problem.allowed
    assert "tokyo_tsugaru" not in problem.allowed


def test_a_lane_that_is_set_names_the_command_line(only_problem: OnlyProblem) -> None:
    problem = only_problem(WHOLE, ["background.lane.line=[[131.0, 33.0], [132.0, 31.0]]"])
    assert (problem.file, problem.line, problem.key) == ("command line", None, "background.lane.line[0]")
    Path(VARIANT).write_text(f'extends = "base.toml"\n{WHOLE}', encoding="utf-8")
    other = load_scenario(VARIANT, ["background.lane.lane=korea_strait"]).background["lane"]
    assert [list(point) for point in other.line] == lane_library()["korea_strait"]["line"]
    assert other.per_day == 20.0


def test_a_refusal_comes_out_of_check_as_one_line_with_exit_code_2(seasweep: Seasweep) -> None:
    Path(VARIANT).write_text(f'extends = "base.toml"\n{SLIPS[0][0]}', encoding="utf-8")
    answer = seasweep("check", VARIANT)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error: {VARIANT}:4: background.lane.line[1]: given [131, 33], which is on land; ")
    assert answer.err.count("\n") == 1
