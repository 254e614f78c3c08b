"""The rows of the reference: every key that a file may have is listed, with its type, unit, default and meaning."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from sim.core.fields import Quantity
from sim.scenario.files import find_shipped, shipped_names
from sim.scenario.json_schema import KeyRow, key_rows
from sim.scenario.schema import Scenario
from sim.study.design import Study

MODELS = (Scenario, Study, Quantity)


def row_of(path: str, kind: str = "") -> KeyRow:
    (found,) = [row for row in key_rows(Scenario) if row.path == path and (not kind or kind in row.kinds)]
    return found


def written_keys(table: dict[str, Any], path: str = "") -> Iterator[str]:
    """The keys of a file by their paths; items of a list have the list's path and []."""
    for key, value in table.items():
        here = f"{path}.{key}".lstrip(".")
        yield here
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from written_keys(inner, f"{here}[]" if isinstance(value, list) else here)


def matches(written: str, listed: str) -> bool:
    """Whether a written path is a listed one, in which NAME stands for any name."""
    pairs = (written.split("."), listed.split("."))
    lists = [[part.endswith("[]") for part in parts] for parts in pairs]
    return lists[0] == lists[1] and all(b in ("NAME", "NAME[]", a) for a, b in zip(*pairs, strict=True))


@pytest.mark.parametrize("name", shipped_names())
def test_every_key_of_a_scenario_that_ships_is_listed(name: str) -> None:
    written = set(written_keys(tomllib.loads(find_shipped(name, "", "NAME").read_text(encoding="utf-8"))))
    rows = key_rows(Scenario)
    listed = {row.path for row in rows}
    listed |= {f"{row.path}.NAME" for row in rows if row.type == "tables by name"}  # the name of each such table
    listed |= {f"{row.path}.{form.key}" for row in rows if row.type == "random quantity" for form in key_rows(Quantity)}
    listed.add("environment.processes.NAME.NAME")
    assert written
    assert [key for key in written if not any(matches(key, other) for other in listed)] == []


@pytest.mark.parametrize("name", shipped_names("studies"))
def test_every_key_of_a_study_that_ships_is_listed(name: str) -> None:
    written = set(written_keys(tomllib.loads(find_shipped(name, "studies", "NAME").read_text(encoding="utf-8"))))
    listed = {row.path for row in key_rows(Study)}
    assert written
    assert [key for key in written if key not in listed and ".set." not in key] == []


@pytest.mark.parametrize("model", MODELS)
def test_every_row_says_what_its_key_means_and_takes(model: type) -> None:
    rows = key_rows(model)
    assert len(rows) >= len(model.model_fields) - 1
    assert [row.path for row in rows if not row.description.endswith((".", ")"))] == []
    assert [row.path for row in rows if not row.type] == []
    assert [row.path for row in rows if row.is_required and row.default] == []
    assert len({(row.path, row.kinds) for row in rows}) == len(rows)


def test_a_row_holds_unit_bounds_and_default() -> None:
    row = row_of("aircraft.NAME.serviceability")
    assert (row.table, row.header, row.key) == ("aircraft.NAME", "[aircraft.NAME]", "serviceability")
    assert (row.type, row.unit, row.default, row.is_required) == ("number", "", "1.0", False)
    assert row.bounds == "at least 0 and at most 1"
    assert row_of("aircraft.NAME.transit_speed_kn").unit == "knots"
    assert row_of("transfers.NAME.per_month").unit == "per 30 days"
    assert row_of("transfers.NAME.duration_h").type == "random quantity"
    assert row_of("patrols.NAME.lands").bounds == '"home" or "nearest"'
    assert row_of("theatre").is_required


def test_a_key_of_some_kinds_only_says_which() -> None:
    assert row_of("routes.NAME.sectors").kinds == ('pattern = "sector"',)
    assert row_of("routes.NAME.unfinished").kinds == ()
    assert row_of("routes.NAME.pattern", 'pattern = "barrier"').bounds == '"barrier"'


def test_a_list_of_tables_has_the_header_of_one() -> None:
    rows = {row.path: row for row in key_rows(Study)}
    assert rows["vary[].key"].header == "[[vary]]"
    assert rows["vary[].settings[].label"].header == "[[vary.settings]]"
    assert rows["seed"].header == ""
