"""What check advises: the findings of all rules on a scenario, by severity.

A rule says only what is certain from the scenario itself, by the bounds of `prospects`; it never simulates. All files
`rules_*.py` of this folder are imported here, so a new rule is found without being named anywhere.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass

import sim.check
from sim.check.prospects import Prospects
from sim.check.registry import RULES, SEVERITIES, Rule
from sim.scenario.problems import Path, key_text
from sim.scenario.schema import Scenario

for _name in sorted(module.name for module in pkgutil.iter_modules(sim.check.__path__)):
    if _name.startswith("rules_"):
        importlib.import_module(f"sim.check.{_name}")


@dataclass(frozen=True)
class Finding:
    """A setting that is allowed, but probably not meant."""

    severity: str
    """One of `registry.SEVERITIES`."""
    rule: str
    """The rule's name."""
    path: Path
    """The key that it is about."""
    problem: str
    """What is so, and why it matters."""
    advice: str
    """Which keys to change."""

    @property
    def key(self) -> str:
        """The key as a user writes it."""
        return key_text(self.path)

    def __str__(self) -> str:
        """One line, without file and line."""
        return f"{self.key}: {self.problem} ({self.advice}) [{self.rule}]"


def rules(severities: Sequence[str] = SEVERITIES) -> list[Rule]:
    """Rules of some severities, the most severe first; equals by file and by place in it, added ones last."""
    chosen = [severity for severity in SEVERITIES if severity in severities]
    by_file = sorted(RULES.values(), key=lambda one: (not one.own, one.find.__module__ if one.own else ""))
    return [one for severity in chosen for one in by_file if one.severity == severity]


def findings(scenario: Scenario, severities: Sequence[str] = SEVERITIES) -> list[Finding]:
    """Findings of some severities on a scenario, in the order of `rules`."""
    prospects = Prospects(scenario)
    return [Finding(one.severity, one.name, *found) for one in rules(severities) for found in one.find(prospects)]


def rule_rows(severity: str) -> list[tuple[str, str]]:
    """Name and sentence of each rule of one severity, as docs/reference/check.md prints them."""
    return [(one.name, one.sentence) for one in rules((severity,))]
