"""What is legal but senseless in a scenario: what the rules find, by severity.

A rule says only what is certain from the scenario itself, by the bounds of `prospects`; it never simulates. To add one
is to write a function in `senseless`, `doubts`, `sharing_doubts` or `notes` and name it there;
`docs/reference/check.md` has a row for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sim.check import doubts, notes, senseless, sharing_doubts
from sim.check.prospects import Prospects, Rule
from sim.scenario.problems import Path, key_text
from sim.scenario.schema import Scenario

SENSELESS, DOUBTFUL, NOTE = SEVERITIES = ("senseless", "doubtful", "note")
RULES: dict[str, tuple[Rule, ...]] = {
    SENSELESS: senseless.RULES,
    DOUBTFUL: (*doubts.RULES, *sharing_doubts.RULES),
    NOTE: notes.RULES,
}


@dataclass(frozen=True)
class Finding:
    """Something that a scenario probably does not mean."""

    severity: str
    """One of `SEVERITIES`."""
    rule: str
    """The rule's name."""
    path: Path
    """The key it is about."""
    said: str
    """What is so."""
    hint: str
    """What to look at."""

    @property
    def key(self) -> str:
        """The key as one writes it."""
        return key_text(self.path)

    def __str__(self) -> str:
        """One line, without file and line."""
        return f"{self.key}: {self.said} ({self.hint}) [{self.rule}]"


def findings(scenario: Scenario, severities: Sequence[str] = SEVERITIES) -> list[Finding]:
    """All that the rules of some severities find, the most severe first, in the order of the rules."""
    prospects = Prospects(scenario)
    return [
        Finding(severity, rule.__name__, *found)
        for severity in SEVERITIES
        if severity in severities
        for rule in RULES[severity]
        for found in rule(prospects)
    ]
