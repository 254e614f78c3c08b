"""Slips in `reaction` and `learning`: one line each, with file, line, key, what was given and what is allowed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.scenario.problems import Problem

from .conftest import VARIANT, Answer

OnlyProblem = Callable[..., Problem]

REACTION = "[transfers.fuel.reaction]\nnotice_nmi = 8.0\n"
LEARNING = "[transfers.fuel.learning]\nweight = 1.0\n"
LANE = "[areas.lane]\npolygon = [[120.0, 24.0], [140.0, 40.0], [140.0, 40.001]]\n"

# What follows the first key of a table, the line of the problem, its key, what is given, what is allowed, a hint.
SLIPS = [
    (REACTION + "cast_off_share = 0.6\nlie_low_share = 0.5", 4, "reaction.cast_off_share", "0.6", "at most 1", "0.5"),
    ("[transfers.fuel.reaction]\nnotice_nmi = -8.0", 3, "reaction.notice_nmi", "-8.0", "above 0 and at most 2000", ""),
    (REACTION + "night_notice_nmi = -1.0", 4, "reaction.night_notice_nmi", "-1.0", "at least 0 and at most 2000", ""),
    (REACTION + "notice_chance = 80", 4, "reaction.notice_chance", "80", "at least 0 and at most 1", "0.8"),
    (REACTION + "again_share = 1.01", 4, "reaction.again_share", "1.01", "at least 0 and at most 1", ""),
    (REACTION + "cast_of_share = 0.5", 4, "reaction.cast_of_share", "an unknown", "lie_low_share", "cast_off_share?"),
    (REACTION + "notice_km = 3.0", 4, "reaction.notice_km", "an unknown key", "notice_nmi", "in nautical miles"),
    (REACTION + "wait_hours = 3.0", 4, "reaction.wait_hours", "an unknown key", "wait_h", "wait_h, in hours"),
    (REACTION + "delay_h = 2000.0", 4, "reaction.delay_h", "2000.0", "0 to 1000 hours", ""),
    (REACTION + "wait_h = -1.0", 4, "reaction.wait_h", "-1.0", "0 to 1000 hours", ""),
    (REACTION + "wait_h = { low = 2.0, high = 1.0 }", 4, "reaction.wait_h.low", "2.0", "less than high", "1.0"),
    ("[transfers.fuel.reaction]\nwait_h = 2.0", 2, "reaction.notice_nmi", "nothing", "above 0", "required"),
    ("[transfers.fuel.reactions]\nnotice_nmi = 8.0", 2, "reactions", "an unknown key", "learning", "mean reaction?"),
    (LEARNING + "hours = 5", 4, "learning.hours", "5", "equal parts of the day: 1, 2, 3, 4, 6, 8, 12 or 24", ""),
    (LEARNING + "hours = 4.0", 4, "learning.hours", "4.0", "a whole number at least 1 and at most 24", ""),
    ("[transfers.fuel.learning]\nweight = 1.5", 3, "learning.weight", "1.5", "at least 0 and at most 1", ""),
    ("[transfers.fuel.learning]\nhours = 4", 2, "learning.weight", "nothing", "at least 0 and at most 1", "required"),
    (LEARNING + 'areas = ["east_see"]', 4, "learning.areas[0]", '"east_see"', "east_sea, strait", "mean east_sea?"),
    (LEARNING + "areas = []", 4, "learning.areas", "[]", "at least 1 and at most 50 items", ""),
    (LEARNING + 'areas = "strait"', 4, "learning.areas", '"strait"', "a list", '["strait"]'),
    (LEARNING + 'areas = ["strait", "strait"]', 4, "learning.areas[1]", '"strait"', "each area once", ""),
    (LANE + LEARNING + 'areas = ["lane"]', 6, "learning.areas[0]", "of the box about it", "1/2,000", "widen"),
    (LEARNING + "grid_nmi = 0.1", 4, "learning.grid_nmi", "0.1, which gives 26,212,368 cells", "at most 100,000", ""),
    (LEARNING + "rationality = -1.0", 4, "learning.rationality", "-1.0", "at least 0 and at most 1000", ""),
    (LEARNING + "rational = 1.0", 4, "learning.rational", "an unknown key", "rationality", "did you mean rationality?"),
    (LEARNING + "memory_days = 0.0", 4, "learning.memory_days", "0.0", "above 0 and at most 10000", ""),
    (LEARNING + "memory_h = 48.0", 4, "learning.memory_h", "an unknown key", "memory_days", "memory_days, in days"),
    (LEARNING + "spread_days = -1.0", 4, "learning.spread_days", "-1.0", "at least 0 and at most 10000", ""),
    (LEARNING + "noticed_risk = 1e9", 4, "learning.noticed_risk", "1000000000.0", "at least 0 and at most 1000", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "given", "allowed", "hint"), SLIPS)
def test_a_slip_is_one_problem_with_its_place_and_what_is_allowed(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, allowed: str, hint: str
) -> None:
    problem = only_problem(text)
    assert (problem.file, problem.line, problem.key) == (VARIANT, line, f"transfers.fuel.{key}")
    assert given in problem.given
    assert allowed in problem.allowed
    assert hint in f"{problem.allowed} {problem.hint}"


@pytest.mark.parametrize("command", ["check", "run"])
def test_the_command_line_answers_with_one_line_and_exit_code_2(seasweep: Callable[..., Answer], command: str) -> None:
    Path(VARIANT).write_text(f'extends = "base.toml"\n{LEARNING}hours = 5\n', encoding="utf-8")
    answer = seasweep(command, VARIANT)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.strip() == (
        f"error: {VARIANT}:4: transfers.fuel.learning.hours: given 5; "
        "allowed: a number of equal parts of the day: 1, 2, 3, 4, 6, 8, 12 or 24"
    )


def test_a_key_that_is_set_on_the_command_line_is_named_so(only_problem: OnlyProblem) -> None:
    problem = only_problem(REACTION, ["transfers.fuel.reaction.notice_chance=2"])
    assert (problem.file, problem.given) == ("command line", "2")
    assert "at most 1" in problem.allowed
