"""Rules of check about lanes: each fires on a small change, and not without it; and what check prints of a lane."""

from typing import Any

import pytest

from sim import load_scenario
from tests.helpers import call_seasweep, rules_and_keys

OPEN = {
    "kind": "lane", "line": [[124.0, 27.5], [126.0, 31.0]], "spread_nmi": 4.0, "per_day": 60.0, "speed_kn": 12.0,
}  # fmt: skip
TO_PORT = [[118.05, 22.2], [120.2, 22.6]]  # from the edge of the theatre to Kaohsiung
AT_CAPE = [[129.5, 30.0], [130.51, 30.225], [131.3, 29.8]]  # close by the south coast of Yakushima
THIN = {"kind": "lane", "line": OPEN["line"], "spread_nmi": 0.1, "flows": [{"per_day": 900.0, "speed_kn": 9.0}]}


def along(*line: list[float]) -> dict[str, Any]:
    """A lane along another line."""
    return {**OPEN, "line": [*line]}


def lanes(**found: Any) -> dict[str, Any]:
    return {f"background.{name}": keys for name, keys in found.items()}


# The rule, what is changed of neon-spring, and the key that it names.
FIRES: list[tuple[str, dict[str, Any], str]] = [
    ("crowded_lane", lanes(lane={**OPEN, "per_day": 20000.0}), "background.lane.per_day"),
    ("crowded_lane", lanes(lane=THIN), "background.lane.flows"),
    ("lane_ends_in_open_sea", lanes(lane=OPEN), "background.lane.line"),
    ("lane_ends_in_open_sea", lanes(a=OPEN, b=along([124.5, 27.5], [126.5, 31.0])), "background.b.line"),
    ("lane_hardly_has_room", lanes(lane=along(*AT_CAPE)), "background.lane.line"),
]

SILENT: list[tuple[str, dict[str, Any]]] = [
    ("crowded_lane", lanes(lane={**OPEN, "per_day": 2000.0})),
    ("lane_ends_in_open_sea", lanes(strait={"kind": "lane", "lane": "busan_hakata"})),
    ("lane_ends_in_open_sea", lanes(lane=along(*TO_PORT))),
    (
        "lane_ends_in_open_sea",  # each goes on where another ends
        lanes(a=along([118.01, 23.3], [124.0, 29.0]), b=along([124.1, 29.0], [126.4, 32.0], [126.5, 33.1])),
    ),
    ("lane_hardly_has_room", lanes(lane=OPEN)),
]


def found(sets: dict[str, Any]) -> set[tuple[str, str]]:
    return rules_and_keys(load_scenario("neon-spring", sets))


@pytest.mark.parametrize(("rule", "sets", "key"), FIRES)
def test_a_rule_fires_on_a_small_change(rule: str, sets: dict[str, Any], key: str) -> None:
    assert (rule, key) in found(sets)


@pytest.mark.parametrize(("rule", "sets"), SILENT)
def test_a_rule_is_silent_where_it_only_nearly_holds(rule: str, sets: dict[str, Any]) -> None:
    assert rule not in {name for name, _ in found(sets)}


def test_check_and_scenarios_print_lanes(tmp_path: Any) -> None:
    path = tmp_path / "lanes.toml"
    path.write_text(
        'extends = "neon-spring"\n[background.trunk]\nkind = "lane"\nlane = "korea_strait"\n', encoding="utf-8"
    )
    answer = call_seasweep("check", str(path))
    assert answer.code == 0
    assert "a lane of 166 nmi" in answer.out
    assert "along it, 60 a day forward and 60 backward" in answer.out
    listed = call_seasweep("scenarios")
    assert "korea_strait" in listed.out
    assert call_seasweep("show", "lanes").out.count("per_day =") > 11
