"""Fleets, ships at anchor and lawful transfers that cannot be: each is refused at its key, with what is allowed."""

from collections.abc import Callable

import pytest

from sim.scenario.problems import Problem

from .conftest import VARIANT, Answer

OnlyProblem = Callable[..., Problem]
Seasweep = Callable[..., Answer]
AREA = "[areas.ground]\npolygon = %s\n"
SEA, HILLS = "[[123.0, 27.0], [126.0, 27.0], [126.0, 29.0]]", "[[127.2, 36.0], [127.8, 36.0], [127.8, 36.6]]"
COVE = "[[129.30, 35.95], [129.42, 35.95], [129.42, 36.02], [129.30, 36.02]]"  # the harbour of Pohang
STRIP = "[[123.0, 27.0], [126.0, 29.0], [126.0, 29.0004], [123.0, 27.0004]]"
BOATS = '[background.boats]\nkind = "fleet"\narea = "ground"\npresent = 20.0\nspeed_kn = 3.5\n'
ROAD = '[background.road]\nkind = "anchorage"\narea = "ground"\npresent = 20.0\nstay_h = 30.0\n'
PAIRS = '[background.pairs]\nkind = "bunkering"\narea = "ground"\nduration_h = 6.0\n'


@pytest.mark.parametrize(
    ("text", "line", "key", "given", "allowed"),
    [
        (BOATS + "drift_h = 3.0\n", 9, "background.boats.drift_h", "3.0", "trawl_h and drift_h together"),
        (BOATS + "port = [124.0, 26.5]\n", 9, "background.boats.port", "[124.0, 26.5]", "with trip_days"),
        (BOATS + "trip_days = 0.0\n", 9, "background.boats.trip_days", "0.0", "0.05 to 200 days"),
        (BOATS + "mean_leg_nmi = 0.01\n", 9, "background.boats.mean_leg_nmi", "0.01", "at least 0.1"),
        (BOATS + "drift_kn = 9.0\n", 9, "background.boats.drift_kn", "9.0", "at most 5"),
        (BOATS + "pair = 2\n", 9, "background.boats.pair", "2", "true or false"),
        (
            BOATS + "trip_days = 3.0\nport = [999.0, 26.5]\n",
            10,
            "background.boats.port",
            "999.0",
            "a point in the theatre",
        ),
        (BOATS + "stay_h = 3.0\n", 9, "background.boats.stay_h", "an unknown key, stay_h", "trip_days"),
        (ROAD + "vessel = 3.0\n", 9, "background.road.vessel", "3.0", ""),
        (PAIRS, 4, "background.pairs", "", "exactly one of present and per_month"),
        (PAIRS + "present = 2.0\nper_month = 9.0\n", 8, "background.pairs.present", "2.0", "exactly one"),
    ],
)
def test_a_key_that_cannot_be_is_refused_on_its_line(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, allowed: str
) -> None:
    problem = only_problem(AREA % SEA + text)
    assert (problem.file, problem.line, problem.key) == (VARIANT, line, key)
    assert given in problem.given
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("area", "text", "key", "given", "allowed"),
    [
        (COVE, BOATS, "background.boats.area", "no sea 2 nmi off all land", "an area with such sea"),
        (STRIP, ROAD, "background.road.area", "of the box about it", "at least 1/2,000"),
        (STRIP, PAIRS + "present = 1.0\n", "background.pairs.area", "of the box about it", "at least 1/2,000"),
        (SEA, BOATS + "trip_days = 3.0\nport = [127.8, 36.3]\n", "background.boats.port", "nmi from sea that is",
         "a port within 30 nmi"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_is_refused_with_what_the_map_says(
    only_problem: OnlyProblem, area: str, text: str, key: str, given: str, allowed: str
) -> None:
    problem = only_problem("theatre = { north = 40.0 }\n" + AREA % area + text)
    assert problem.key == key
    assert given in problem.given
    assert allowed in problem.allowed


def test_the_error_of_a_port_is_one_line_and_no_traceback(seasweep: Seasweep) -> None:
    from pathlib import Path

    text = 'extends = "base.toml"\ntheatre = { north = 40.0 }\n' + AREA % SEA + BOATS
    Path(VARIANT).write_text(text + "trip_days = 3.0\nport = [127.8, 36.3]\n", encoding="utf-8")
    answer = seasweep("check", VARIANT)
    assert answer.code == 2
    assert answer.err.count("\n") == 1
    assert "background.boats.port" in answer.err
