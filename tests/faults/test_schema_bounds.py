"""The JSON Schema and the loader agree on the bounds of every form of a random quantity, number and list."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim.scenario.json_schema import json_schema, key_rows
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from sim.scenario.schema import Scenario

from .conftest import VARIANT

NATIONS = "[nations.canada]\n[nations.japan]\n"
PACT = NATIONS + '[agreements.pact]\nnations = ["canada", "japan"]\n'
SOURCE = NATIONS + '[observers.agent]\nkind = "human"\nnation = "japan"\nprobability = 0.2\nposition_error_nmi = 9.0\n'
TAKEOFF = "[patrols.daily]\nfirst_takeoff_h = "
SPEED, HOURS = "[background.merchant]\nspeed_kn = ", "[transfers.fuel]\nduration_h = "
DELAY, LEAD, RELEASE = PACT + "delay_h = ", SOURCE + "delay_h = 1.0\nlead_h = ", PACT + "delay_h = 1.0\nrelease = "

GOOD = [
    *(SPEED + value for value in ("0.1", "60", "{ low = 0.1, high = 60.0 }", "{ mean = 12 }", "{ high = 9.5 }")),
    *(SPEED + value for value in ("{ median = 10.0, sigma = 3.0 }", "{ mean = 12.0, min = 0.1, max = 60.0 }")),
    *(HOURS + value for value in ("0.01", "1000.0", "{ low = 0.01, high = 1000.0 }", "{ median = 5.0, sigma = 0.1 }")),
    *(DELAY + value for value in ("0", "10000.0", "{ low = 0.0, high = 1.0 }", "{ mean = 1e-3 }")),
    *(LEAD + value for value in ("0.0", "{ low = 1.0, high = 48.0 }", "{ median = 6.0, sigma = 1.0, max = 24.0 }")),
    *(RELEASE + value for value in ("0.0", "1", "0.5", "{ human = 0.5 }", "{ human = 1.0, satellite = 0 }")),
    *(TAKEOFF + value for value in ("0", "10000.0", '"00:00"', '"23:59"')),
]
BAD = [
    # a number
    *(SPEED + value for value in ("0.0", "0.09", "60.1", "-3.0", "true", '"9"')),
    *(HOURS + value for value in ("0.0", "1000.5")),
    *(DELAY + value for value in ("-0.1", "10001.0", '"2 h"')),
    *(LEAD + value for value in ("-1.0", "10001")),
    # { low, high }
    *(
        SPEED + value
        for value in ("{ low = 0.0, high = 9.0 }", "{ low = 9.0, high = 61.0 }", '{ low = "1", high = 2 }')
    ),
    *(DELAY + value for value in ("{ low = -1.0, high = 9.0 }", "{ low = 1.0, high = 10001.0 }")),
    # { mean }
    *(SPEED + value for value in ("{ mean = 0.0 }", "{ mean = 0.05 }", "{ mean = 75.0 }", "{ mean = -1.0 }")),
    *(DELAY + value for value in ("{ mean = 0.0 }", "{ mean = -2.0 }", "{ mean = 20000.0 }")),
    # { median, sigma }
    *(SPEED + value for value in ("{ median = 61.0, sigma = 0.5 }", "{ median = 9.0, sigma = 0.0 }")),
    *(HOURS + value for value in ("{ median = 5.0, sigma = 3.1 }", "{ median = 0.0, sigma = 0.5 }")),
    # min and max
    *(SPEED + value for value in ("{ mean = 9.0, min = 0.0 }", "{ mean = 9.0, max = 99.0 }", "{ max = 70.0 }")),
    # keys of two forms, and unknown keys
    *(
        SPEED + value
        for value in ("{ low = 1, mean = 3.0 }", "{ mean = 3.0, sigma = 0.5 }", "{ high = 9, median = 3 }")
    ),
    *(SPEED + value for value in ("{ mode = 3.0 }", "{ low = 1.0, hihg = 3.0 }", "[9.0]")),
    # hours since the start, or a local time
    *(TAKEOFF + value for value in ("-0.5", "10001", "true", '"24:00"', '"6:00"', '"18:60"', '"18:00:00"')),
    # the chance of release, one number or a table
    *(RELEASE + value for value in ("1.5", "-0.1", "true", "{ human = 1.5 }", "{ human = -1 }", "{ humans = 0.5 }")),
]


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json_schema())


def written(text: str) -> dict[str, Any]:
    """A variant of the base in the working folder; its tables."""
    whole = f'extends = "base.toml"\n{text}\n'
    Path(VARIANT).write_text(whole, encoding="utf-8")
    return tomllib.loads(whole)


@pytest.mark.parametrize("text", GOOD)
def test_what_the_loader_takes_an_editor_takes(validator: jsonschema.Draft202012Validator, text: str) -> None:
    assert [error.message for error in validator.iter_errors(written(text))] == []
    assert load_scenario(VARIANT).title == "Base of the tests of bad input"


@pytest.mark.parametrize("text", BAD)
def test_what_the_loader_refuses_an_editor_refuses(validator: jsonschema.Draft202012Validator, text: str) -> None:
    assert not validator.is_valid(written(text))
    with pytest.raises(InputError) as raised:
        load_scenario(VARIANT)
    keys = {problem.key.partition("[")[0] for problem in raised.value.problems}
    last = text.splitlines()[-1].partition(" = ")[0]
    assert all(f".{last}" in key for key in keys)
    assert all(problem.line == text.count("\n") + 2 for problem in raised.value.problems)


def numbers(part: Any) -> Iterator[dict[str, Any]]:
    """Every part of a JSON Schema that describes a number."""
    if isinstance(part, dict):
        if part.get("type") in ("number", "integer"):
            yield part
        for inner in part.values():
            yield from numbers(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from numbers(inner)


def test_the_bounds_of_a_random_quantity_stand_in_each_of_its_numbers() -> None:
    found = list(numbers(json_schema()["$defs"]["RandomCourses"]["properties"]["speed_kn"]))
    assert len(found) == 8  # the number itself; low, high, mean, median, sigma, min and max
    assert [number["maximum"] for number in found].count(60.0) == 7
    assert [number.get("minimum") for number in found].count(0.1) == 7


@pytest.mark.parametrize(
    ("path", "bounds"),
    [
        ("background.NAME.speed_kn", "at least 0.1 and at most 60"),
        ("transfers.NAME.duration_h", "at least 0.01 and at most 1000"),
        ("observers.NAME.delay_h", "at least 0 and at most 10000"),
        ("agreements.NAME.delay_h", "at least 0 and at most 10000"),
        ("agreements.NAME.release", "at least 0 and at most 1"),
        ("routes.NAME.spacing_nmi", "above 0 and at most 2000"),
        ("patrols.NAME.sorties", "at least 0 and at most 100000"),
    ],
)
def test_the_reference_shows_the_bounds_of_a_key(path: str, bounds: str) -> None:
    rows = [row for row in key_rows(Scenario) if row.path == path]
    assert len(rows) >= 1
    assert {row.bounds for row in rows} == {bounds}


def test_every_random_quantity_of_the_reference_has_bounds() -> None:
    rows = [row for row in key_rows(Scenario) if row.type == "random quantity"]
    assert len(rows) >= 5
    assert [row.path for row in rows if not row.bounds] == []
