"""Schedules that cannot be flown: one clear line each, with the file, the line and what is allowed."""

import tomllib
from pathlib import Path

import jsonschema
import pytest

from sim.scenario.json_schema import json_schema
from tests.faults.test_command_line import assert_refused

TIME = 'a local time from "00:00" to "23:59", such as "18:00" or, on one day of the week, "Tue 18:00"; or a number'
KEY = "mine.toml:3: patrols.daily.takeoff"

# The keys of a patrol of the variant, the first of them on line 3, and what the error says.
REFUSED: list[tuple[str, list[str]]] = [
    ('takeoff = "6:00"', [f'{KEY}: given "6:00"', TIME, 'did you mean "06:00"?']),
    ('takeoff = "25:00"', [f'{KEY}: given "25:00"', TIME]),
    ('takeoff = "tuesday 1800"', [KEY, 'did you mean "Tue 18:00"?']),
    ('takeoff = "Tu3 18:00"', [KEY, TIME]),
    ('takeoff = "Foo 18:00"', [KEY, "the days of the week are Mon, Tue, Wed, Thu, Fri, Sat, Sun"]),
    ("takeoff = 18:00:00", [KEY, 'did you mean "18:00"?']),
    ("takeoff = true", [f"{KEY}: given true", TIME]),
    ("takeoff = 24.0", [f"{KEY}: given 24.0", "from 0 to below 24"]),
    ("takeoff = -1.0", [f"{KEY}: given -1.0", "from 0 to below 24"]),
    ("takeoff = []", [f"{KEY}: given []", "a list of at least 1 and at most 100 items"]),
    ('takeoff = ["06:00", "x"]', ["mine.toml:3: patrols.daily.takeoff[1]", 'given "x"', TIME]),
    ('takeoff = ["06:00", "Tue 18:00"]', [KEY, "times that all have a day of the week", "or none of them"]),
    ('takeoff = ["06:00", 6.0]', [KEY, "times that differ from one another"]),
    ("takeoff = {}", [KEY, "either choose, or from and to"]),
    ("takeoff = { choose = [] }", [f"{KEY}.choose: given []", "at least 1"]),
    ('takeoff = { choos = ["06:00"] }', [f"{KEY}.choos", "did you mean choose?"]),
    ('takeoff = { times = ["06:00"] }', [f"{KEY}.times", "times without a lot are written as a list"]),
    ('takeoff = { choose = ["06:00", "6:00"] }', [f"{KEY}.choose[1]", 'did you mean "06:00"?']),
    ('takeoff = { choose = ["06:00", "06:00"] }', [f"{KEY}.choose", "times that differ"]),
    ('takeoff = { choose = ["06:00", "Tue 18:00"] }', [f"{KEY}.choose", "or none of them"]),
    (
        'takeoff = { choose = ["06:00", "18:00"], weights = [1] }',
        [f"{KEY}.weights: given [1]", "a list of 2 weights, one for each of choose"],
    ),
    (
        'takeoff = { choose = ["06:00", "18:00"], weights = [1, -1] }',
        [f"{KEY}.weights[1]: given -1", "a number at least 0"],
    ),
    (
        'takeoff = { choose = ["06:00", "18:00"], weights = [0, 0] }',
        [f"{KEY}.weights", "weights of which at least one is above 0"],
    ),
    (
        'takeoff = { from = "06:00", to = "07:00", weights = [1] }',
        [f"{KEY}.weights", "weights only beside choose"],
    ),
    (
        'takeoff = { from = "06:00", to = "06:00" }',
        [f"{KEY}.from", 'from and to that differ; the whole day is { from = "00:00", to = "24:00" }'],
    ),
    ('takeoff = { from = "06:00" }', [f"{KEY}.from", "both from and to"]),
    ('takeoff = { from = "06:00", to = "24:01" }', [f"{KEY}.to", 'from "00:00" to "24:00"']),
    ('takeoff = { from = "Mon 06:00", to = "08:00" }', [f"{KEY}.from", 'from "00:00" to "23:59"']),
    ('takeoff = { choose = ["06:00"], from = "06:00", to = "08:00" }', [KEY, "either choose, or from and to"]),
    ('takeoff = { from = "06:00", to = "08:00", draw = "week" }', [f"{KEY}.draw", "slot or deployment"]),
    ('takeoff = "06:00"\ndays = ["Mon", "Foo"]', ["mine.toml:4: patrols.daily.days[1]", "Mon or Tue or Wed"]),
    ('takeoff = "Tue 06:00"\ndays = ["Mon"]', ["mine.toml:4: patrols.daily.days", "have no day of the week"]),
    ('takeoff = "06:00"\ndays = ["Mon", "Mon"]', ["mine.toml:4: patrols.daily.days", "each day once"]),
    ('takeoff = "06:00"\ndays = []', ["mine.toml:4: patrols.daily.days", "at least 1"]),
    ('days = ["Mon"]', ["mine.toml:3: patrols.daily.days", "only beside a takeoff"]),
    (
        'takeoff = "06:00"\nevery_h = 24.0',
        [
            "mine.toml:3: patrols.daily.takeoff",
            "either takeoff alone, or first_takeoff_h with every_h",
            "every_h is 24",
        ],
    ),
    (
        "route_weights = [1, 2]",
        ["mine.toml:3: patrols.daily.route_weights", "a list of 1 weight, one for each of routes"],
    ),
    (
        'route_weights = [1]\ntasking = "belief"',
        ["mine.toml:4: patrols.daily.tasking", 'either route_weights or tasking = "belief"'],
    ),
    ('tasking = "lot"', ['mine.toml:3: patrols.daily.tasking: given "lot"', "in_turn or belief"]),
    ("route_weights = [0]", ["mine.toml:3: patrols.daily.route_weights", "at least one is above 0"]),
    ("route_weights = [-1]", ["mine.toml:3: patrols.daily.route_weights[0]", "at least 0"]),
    (
        "standby = { ready_h = 1.0, least_chance = 0.5 }",
        ["mine.toml:3: patrols.daily.standby", "standby only for a patrol with tips"],
    ),
    ("standby = { ready_h = 1.0 }", ["mine.toml:3: patrols.daily.standby.least_chance", "this key is required"]),
    (
        'standby = { ready_h = 1.0, least_chance = 0.5, from = "06:00" }',
        ["mine.toml:3: patrols.daily.standby.from", "both from and to, or neither for all day"],
    ),
    (
        'standby = { ready_h = 1.0, least_chance = 0.5, from = "06:00", to = "06:00" }',
        ["mine.toml:3: patrols.daily.standby.from", "from and to that differ"],
    ),
    (
        "standby = { ready_h = 1.0, least_chance = 0.5, sorties_a_month = 0 }",
        ["mine.toml:3: patrols.daily.standby.sorties_a_month: given 0", "at least 1"],
    ),
]


@pytest.mark.parametrize(("keys", "said"), REFUSED)
def test_what_cannot_be_flown_is_refused_with_its_line(seasweep, keys, said):
    Path("mine.toml").write_text(f'extends = "textbook"\n[patrols.daily]\n{keys}\n', encoding="utf-8")
    assert_refused(seasweep("check", "mine.toml"), *said)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("every_h = 12", ["mine.toml:6: patrols.other.every_h", "both first_takeoff_h and every_h"]),
        ("first_takeoff_h = 12", ["mine.toml:6: patrols.other.first_takeoff_h", "both first_takeoff_h and every_h"]),
        ("crews = 1", ["mine.toml:2: patrols.other", "a patrol with takeoff, or with first_takeoff_h and every_h"]),
    ],
)
def test_a_patrol_without_a_whole_schedule_is_refused(seasweep, keys, said):
    patrol = f'[patrols.other]\naircraft = "searcher"\nbase = "field"\nroutes = ["line"]\n{keys}\n'
    Path("mine.toml").write_text(f'extends = "textbook"\n{patrol}', encoding="utf-8")
    assert_refused(seasweep("check", "mine.toml"), *said)


def test_an_editor_accepts_what_loads_and_refuses_most_of_what_does_not():
    """What compares keys with one another is beyond a JSON Schema."""
    validator = jsonschema.Draft202012Validator(json_schema())
    good = [
        'takeoff = "18:00"',
        "takeoff = 18.5",
        'takeoff = ["Tue 18:00", "Fri 06:00"]',
        'takeoff = ["06:00", 18]\ndays = ["Mon"]\nroute_weights = [1]',
        'takeoff = { choose = ["06:00", 18.0], weights = [1, 3], draw = "deployment" }',
        'takeoff = { from = "22:00", to = "24:00" }',
        'tasking = "belief"',
        'standby = { from = 18, to = "06:00", ready_h = 1.0, least_chance = 0.5, sorties_a_month = 4 }',
    ]
    bad = [
        'takeoff = "6:00"',
        'tasking = "lot"',
        "takeoff = 24.0",
        "takeoff = true",
        "takeoff = []",
        'takeoff = ["06:00", "x"]',
        'takeoff = { choos = ["06:00"] }',
        'takeoff = { choose = ["06:00"], weights = [-1] }',
        'takeoff = { from = "06:00", to = "24:01" }',
        'days = ["Foo"]',
        "standby = { ready_h = 1.0, sorties_a_month = 0 }",
    ]

    def is_valid(keys):
        return validator.is_valid(tomllib.loads(f'extends = "textbook"\n[patrols.daily]\n{keys}\n'))

    assert [keys for keys in good if not is_valid(keys)] == []
    assert [keys for keys in bad if is_valid(keys)] == []
