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


FOG = """
[environment]
visibility_nmi = 15.0
[environment.processes.fog]
fog = { dwell_h = 9.0, visibility_nmi = 0.4 }
clear = { dwell_h = 13.0, visibility_nmi = 8.0 }
[environment.processes.haze]
haze = { dwell_h = 9.0, visibility_nmi = 4.0 }
clear = { dwell_h = 13.0, visibility_nmi = 8.0 }
[environment.seasons]
fog = [ { from = "04-01", to = "07-31" } ]
"""


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        (
            'mist = [ { from = "08-01", to = "08-31" } ]',
            "seasons.mist",
            "a name from [environment.processes]: fog, haze",
        ),
        ('haze = [ { from = "07-31", to = "08-31" } ]', "seasons", "no day in common, as fog and haze set the same"),
        ("haze = []", "seasons.haze", "at least 1"),
        ('haze = [ { from = "08-00", to = "08-31" } ]', "seasons.haze[0].from", "a day that exists"),
        ("", "visibility_nmi", "visibility_nmi set in one place, not in [environment] and processes.haze"),
    ],
)
def test_seasons_that_cannot_be_are_refused(only_problem: OnlyProblem, text: str, key: str, allowed: str) -> None:
    problem = only_problem(FOG + text + "\n")
    assert problem.key.startswith(f"environment.{key}")
    assert allowed in problem.allowed


def test_hours_do_not_stand_beside_a_night_share(only_problem: OnlyProblem) -> None:
    source = '[transfers.oil]\narea = "east_sea"\nper_month = 9.0\nduration_h = 5.0\nnight_share = 0.6\n'
    problem = only_problem(source + 'hours = [ { from = "20:00", to = "04:00", factor = 2.0 } ]\n')
    assert (problem.key, "not both" in problem.allowed) == ("transfers.oil.hours", True)
