"""Rules of check about fleets: each fires on a small change, and not without it."""

from typing import Any

import pytest

from sim import load_scenario
from tests.helpers import rules_and_keys

GROUND = {"polygon": [[123.5, 31.0], [126.0, 31.0], [126.0, 34.0], [123.5, 34.0]]}
INLAND_SEA = {"polygon": [[132.3, 33.9], [134.3, 33.9], [134.3, 34.6], [132.3, 34.6]]}  # among its islands
BOATS = {"kind": "fleet", "area": "ground", "present": 20.0, "speed_kn": 3.5}


def fleet(area: dict[str, Any] = GROUND, **keys: Any) -> dict[str, Any]:
    return {"areas.ground": area, "background.boats": {**BOATS, **keys}}


# The rule, what is changed of neon-spring, and the key that it names.
FIRES: list[tuple[str, dict[str, Any], str]] = [
    ("port_far_from_fleet", fleet(port=[139.8, 35.3], trip_days=2.0), "background.boats.port"),
    ("fleet_near_land", fleet(INLAND_SEA), "background.boats.area"),
]
SILENT: list[tuple[str, dict[str, Any]]] = [
    ("port_far_from_fleet", fleet(port=[122.3, 30.0], trip_days=2.0)),
    ("port_far_from_fleet", fleet(trip_days=2.0)),
    ("fleet_near_land", fleet()),
]


def found(sets: dict[str, Any]) -> set[tuple[str, str]]:
    return rules_and_keys(load_scenario("neon-spring", sets))


@pytest.mark.parametrize(("rule", "sets", "key"), FIRES)
def test_a_rule_fires_on_a_small_change(rule: str, sets: dict[str, Any], key: str) -> None:
    assert (rule, key) in found(sets)


@pytest.mark.parametrize(("rule", "sets"), SILENT)
def test_a_rule_is_silent_where_it_only_nearly_holds(rule: str, sets: dict[str, Any]) -> None:
    assert rule not in {name for name, _ in found(sets)}
