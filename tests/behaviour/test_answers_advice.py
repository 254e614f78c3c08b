"""Rules about ships that notice aircraft and smugglers that learn: each fires on a small change, and not without it."""

from typing import Any

import pytest

from sim import load_scenario
from tests.helpers import rules_and_keys

REACTION, LEARNING = "transfers.fuel.reaction", "transfers.fuel.learning"
NOTICES = {f"{REACTION}.notice_nmi": 8.0}
LEARNS = {f"{LEARNING}.weight": 1.0}

# The rule, what is changed of neon-spring, and the key that it names.
FIRES: list[tuple[str, dict[str, Any], str]] = [
    ("notices_to_no_end", NOTICES, REACTION),
    ("notices_to_no_end", {**NOTICES, **LEARNS, f"{LEARNING}.noticed_risk": 0.0}, REACTION),
    ("nothing_to_learn_from", {**LEARNS, f"{LEARNING}.documented_risk": 0.0}, LEARNING),
    (
        "nothing_to_learn_from",
        {**LEARNS, **NOTICES, f"{REACTION}.notice_chance": 0.0, f"{LEARNING}.documented_risk": 0.0},
        LEARNING,
    ),
    ("nothing_to_choose", {**LEARNS, f"{LEARNING}.hours": 1}, f"{LEARNING}.hours"),
    ("word_comes_too_late", {**LEARNS, f"{LEARNING}.spread_days": 28.5}, f"{LEARNING}.spread_days"),
]

SILENT: list[tuple[str, dict[str, Any]]] = [
    ("notices_to_no_end", {**NOTICES, f"{REACTION}.lie_low_share": 0.1}),
    ("notices_to_no_end", {**NOTICES, **LEARNS}),
    ("nothing_to_learn_from", LEARNS),
    ("nothing_to_learn_from", {**LEARNS, **NOTICES, f"{LEARNING}.documented_risk": 0.0}),
    ("nothing_to_learn_from", {f"{LEARNING}.weight": 0.0, f"{LEARNING}.documented_risk": 0.0}),
    ("nothing_to_choose", {**LEARNS, f"{LEARNING}.hours": 1, f"{LEARNING}.grid_nmi": 60.0}),
    ("nothing_to_choose", {**LEARNS, f"{LEARNING}.hours": 1, f"{LEARNING}.deterrable_share": 0.5}),
    ("word_comes_too_late", {**LEARNS, f"{LEARNING}.spread_days": 27.0}),
]


def found(sets: dict[str, Any]) -> set[tuple[str, str]]:
    return rules_and_keys(load_scenario("neon-spring", sets))


@pytest.mark.parametrize(("rule", "sets", "key"), FIRES)
def test_a_rule_fires_on_a_small_change(rule: str, sets: dict[str, Any], key: str) -> None:
    assert (rule, key) in found(sets)


@pytest.mark.parametrize(("rule", "sets"), SILENT)
def test_a_rule_is_silent_where_it_only_nearly_holds(rule: str, sets: dict[str, Any]) -> None:
    assert rule not in {name for name, _ in found(sets)}
