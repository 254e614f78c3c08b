"""Write the tables of rules in docs/reference/check.md anew, from the docstrings of the rules and from their advice.

Run it as `python -m tools.rule_tables`.
"""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from sim import load_scenario
from sim.check.advice import rule_rows
from sim.check.bounds import Bounds
from sim.check.registry import RULES, SEVERITIES

PAGE = Path(__file__).resolve().parents[1] / "docs/reference/check.md"


def advice() -> dict[str, str]:
    """What each rule advises on the first example of its test."""
    from tests.behaviour import (  # these modules import this file
        test_advice,
        test_answers_advice,
        test_fleet_advice,
        test_lane_advice,
        test_sharing_advice,
    )

    examples = [("nobody_investigates", partial(load_scenario, "textbook"))]
    for tested in (test_advice, test_answers_advice, test_fleet_advice, test_lane_advice):
        examples += [(rule, partial(load_scenario, "neon-spring", sets)) for rule, sets, _ in tested.FIRES]
    examples += [(rule, partial(test_sharing_advice.shared, sets)) for rule, sets, _ in test_sharing_advice.FIRES]
    found: dict[str, str] = {}
    for rule, load in examples:
        if rule not in found:
            found[rule] = next(RULES[rule].find(Bounds(load()))).advice
    return found


def rule_table(severity: str, advised: Mapping[str, str]) -> str:
    """The rules of one severity as a Markdown table."""
    head = "| rule | what it says, and why that matters | what it advises, for instance |\n| --- | --- | --- |\n"
    rows = [f"| `{name}` | {sentence} | {advised[name]} |\n" for name, sentence in rule_rows(severity)]
    return "".join([head, *rows])


def renewed(page: str) -> str:
    """The page with the table below the heading of each severity written anew."""
    advised = advice()
    for severity in SEVERITIES:
        heading = "Notes" if severity == "note" else severity.capitalize()
        before, _, after = re.split(rf"(?<=\n## {heading}\n\n)((?:\|.*\n)+)", page)
        page = f"{before}{rule_table(severity, advised)}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
