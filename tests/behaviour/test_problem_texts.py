"""The words of problems: one line with its place, values as TOML has them, and hints at what was probably meant."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sim.scenario.nearest import nearest, nearest_key, nearest_other, unit_of
from sim.scenario.problems import InputError, Problem, key_text, toml_text
from sim.scenario.series import sea_state_of


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (Problem("a.toml", 3, "b.c", "5", "6"), "a.toml:3: b.c: given 5; allowed: 6"),
        (
            Problem("a.toml", 3, "b.c", "5", "6", "did you mean 6?"),
            "a.toml:3: b.c: given 5; allowed: 6 (did you mean 6?)",
        ),
        (Problem("command line", None, "--set", "5", "6"), "command line: --set: given 5; allowed: 6"),
        (Problem("arguments", None, "--allow-long", "5", "6"), "argument allow_long: given 5; allowed: 6"),
        (Problem("arguments", None, "", "5", "6"), "arguments: given 5; allowed: 6"),
        (Problem("a.csv", 2, "", "3 cells", "2 cells"), "a.csv:2: given 3 cells; allowed: 2 cells"),
        (Problem("a.toml", 1, "b", "", "6"), "a.toml:1: b; allowed: 6"),
        (Problem("a\x1b", 1, "b\n", "\u202e", "\x9b", "\r"), r"a\x1b:1: b\n: given \u202e; allowed: \x9b (\r)"),
    ],
)
def test_a_problem_is_one_line_with_its_place_first(problem: Problem, line: str) -> None:
    assert str(problem) == line


def test_problems_are_in_the_order_of_the_file_and_each_is_there_once() -> None:
    later, first, none = (Problem("a.toml", line, "k", "1", "2") for line in (9, 2, None))
    error = InputError([later, first, later, none])
    assert error.problems == [none, first, later]
    assert str(error).splitlines() == [str(none), str(first), str(later)]


def test_long_problems_are_shown_as_far_as_a_person_would_read() -> None:
    error = InputError([Problem("a.toml", line, "k", "1", "a measure: " + "x, " * 400) for line in range(1, 21)])
    *shown, more = str(error).splitlines()
    assert 4 < len(shown) < 20
    assert len(str(error)) < 15_000
    assert more == f"and {20 - len(shown)} more"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (2.5, "2.5"),
        ("a b", '"a b"'),
        (["a", 1, False], '["a", 1, false]'),
        ((124.0, 28.0), "[124.0, 28.0]"),
        ({"low": 1.0, "high": 2.0}, "{ low = 1.0, high = 2.0 }"),
        (datetime(2023, 4, 10, tzinfo=UTC), "2023-04-10T00:00:00+00:00"),
        ("two\nlines", r'"two\nlines"'),
        ("\x1b[2J\u202e", r'"\x1b[2J\u202e"'),
    ],
)
def test_a_value_is_shown_as_toml_has_it_on_one_line(value: Any, text: str) -> None:
    assert toml_text(value) == text


def test_a_long_value_is_cut() -> None:
    assert toml_text("x" * 100) == '"' + "x" * 56 + "..."
    assert len(toml_text([list(range(50))] * 3)) == 60
    assert toml_text("x" * 100, most=200) == '"' + "x" * 100 + '"'


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("title",), "title"),
        (("areas", "box", "polygon", 2, 0), "areas.box.polygon[2][0]"),
        (("vary", 0, "key"), "vary[0].key"),
    ],
)
def test_a_key_is_shown_as_users_write_it(path: tuple[str | int, ...], text: str) -> None:
    assert key_text(path) == text


# ---------------------------------------------------------------------------------------------------------- hints
KEYS = ["spacing_nmi", "search_speed_kn", "endurance_h", "altitude_ft", "suspicious_share", "per_month", "title"]


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("spacing_km", "did you mean spacing_nmi, in nautical miles?"),
        ("Spacing_Miles", "did you mean spacing_nmi, in nautical miles?"),
        ("spacing", "did you mean spacing_nmi, in nautical miles?"),
        ("search_speed_mph", "did you mean search_speed_kn, in knots?"),
        ("endurance_minutes", "did you mean endurance_h, in hours?"),
        ("altitude_m", "did you mean altitude_ft, in feet?"),
        ("suspicious_percent", "did you mean suspicious_share, from 0 to 1?"),
        ("per_day", "did you mean per_month, a rate per 30 days?"),
        ("tittle", "did you mean title?"),
        ("speed", "did you mean search_speed_kn?"),
        ("colour", ""),
    ],
)
def test_a_key_in_another_unit_or_misspelt_is_answered_by_the_right_one(key: str, hint: str) -> None:
    name, found = nearest_key(key, KEYS)
    assert found == hint
    assert bool(name) == bool(hint)


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("Kadina", "did you mean Kadena?"),
        ("kadena", "did you mean Kadena?"),
        ("naha airport", ""),
        ("atsu", "did you mean Atsugi?"),
        ("at", ""),
    ],
)
def test_the_nearest_word_is_found_whatever_its_capitals(word: str, hint: str) -> None:
    assert nearest(word, ["Kadena", "Naha", "Atsugi"]) == hint


def test_nobody_is_asked_whether_he_meant_what_he_wrote() -> None:
    assert nearest_other("Kadena", ["Kadena", "Kadena 2"]) == ""
    assert nearest_other("kadena", ["Kadena"]) == "did you mean Kadena?"


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("max_flight_h_a_day", "hours in any 24 hours"),
        ("per_100_h", "per 100 hours"),
        ("every_h", "hours"),
        ("rcs_m2", "square metres"),
        ("length_m", "metres"),
        ("h", "hours"),
        ("title", ""),
    ],
)
def test_the_unit_of_a_key_is_that_at_its_end(key: str, unit: str) -> None:
    assert unit_of(key) == unit


def test_a_wave_height_on_a_boundary_has_the_lower_code() -> None:
    import numpy as np

    heights = np.array([0.0, 0.1, 0.11, 0.5, 1.25, 2.5, 4.0, 6.0, 9.0, 14.0, 14.1, 30.0])
    assert sea_state_of(heights).tolist() == [0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 9]
