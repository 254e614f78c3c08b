"""Bad calendars: every refusal names file, line, key, what was given and what is allowed."""

from collections.abc import Callable

import pytest

from sim.scenario.problems import Problem

OnlyProblem = Callable[..., Problem]

SHIPS = '[background.boats]\narea = "east_sea"\npresent = 20.0\nspeed_kn = 8.0\n'
MAY = 'calendar = [ { from = "05-01", to = "05-31", present = 5.0 } ]\n'


def _calendar(entries: str) -> str:
    return f"calendar = [ {entries} ]\n"


@pytest.mark.parametrize(
    ("text", "key", "given", "allowed"),
    [
        (
            _calendar('{ from = "02-30", to = "03-01", present = 5.0 }'),
            "calendar[0].from",
            '"02-30"',
            "a day that exists",
        ),
        (_calendar('{ from = "5-1", to = "05-31", present = 5.0 }'), "calendar[0].from", '"5-1"', 'such as "05-01"'),
        (_calendar('{ from = "05-01", present = 5.0 }'), "calendar[0].to", "nothing", "this key is required"),
        (_calendar('{ from = "05-01", to = "05-31" }'), "calendar[0].present", "nothing", "this key is required"),
        (_calendar('{ from = "05-01", to = "05-31", present = -1.0 }'), "calendar[0].present", "-1.0", "at least 0"),
        ("calendar = []\n", "calendar", "[]", "at least 1"),
        (
            _calendar(
                '{ from = "12-01", to = "01-31", present = 5.0 }, { from = "01-31", to = "03-01", present = 5.0 }'
            ),
            "calendar[1].from",
            '"01-31"',
            "no day in common: 01-31 to 03-01 overlaps 12-01 to 01-31",
        ),
        ('hours = [ { from = "24:00", to = "04:00", factor = 2.0 } ]\n', "hours[0].from", '"24:00"', "a local time"),
        ('hours = [ { from = "04:00", to = "04:00", factor = 2.0 } ]\n', "hours[0].to", '"04:00"', "another time"),
        ("change_days = 3.0\n", "change_days", "3.0", "only beside calendar"),
        (MAY + "change_days = 40.0\n", "change_days", "40.0", "at most 31 days"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(
    only_problem: OnlyProblem, text: str, key: str, given: str, allowed: str
) -> None:
    problem = only_problem(SHIPS + text)
    assert problem.key == f"background.boats.{key}"
    assert problem.given == given
    assert allowed in problem.allowed
