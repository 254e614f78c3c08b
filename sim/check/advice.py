"""Findings of all rules on a scenario, the most severe first: the advice that `seasweep check` prints.

A rule says only what is certain from the scenario itself, by its `Bounds`; it never simulates. All files `rules_*.py`
of this folder are imported here, so a new rule takes effect without being named anywhere.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass

import sim.check
from sim.check.bounds import Bounds
from sim.check.registry import RULES, SEVERITIES, Rule
from sim.scenario.problems import Path, key_text
from sim.scenario.schema import Scenario

for _name in sorted(module.name for module in pkgutil.iter_modules(sim.check.__path__)):
    if _name.startswith("rules_"):
        importlib.import_module(f"sim.check.{_name}")


@dataclass(frozen=True)
class Finding:
    """A setting that is allowed, but probably a mistake."""

    severity: str
    """One of `registry.SEVERITIES`."""
    rule: str
    """The name of the rule."""
    path: Path
    """The path of the key that it is about."""
    problem: str
    """Whole sentences that state the problem and say why it matters."""
    advice: str
    """A whole sentence that names the keys to change."""

    @property
    def key(self) -> str:
        """The key as a user writes it."""
        return key_text(self.path)

    def __str__(self) -> str:
        """The finding as one line, without file, line number and severity."""
        return f"{self.key}: {self.problem} {self.advice} [{self.rule}]"


def rules(severities: Sequence[str] = SEVERITIES) -> list[Rule]:
    """Rules of some severities, the most severe first; within a severity by file, and rules from outside last."""
    built_in = sorted((rule for rule in RULES.values() if rule.is_built_in), key=lambda rule: rule.find.__module__)
    ordered = [*built_in, *(rule for rule in RULES.values() if not rule.is_built_in)]
    chosen = [severity for severity in SEVERITIES if severity in severities]
    return [rule for severity in chosen for rule in ordered if rule.severity == severity]


def findings(scenario: Scenario, severities: Sequence[str] = SEVERITIES, bounds: Bounds | None = None) -> list[Finding]:
    """Findings of some severities on a scenario, in the order of `rules`; `bounds` are its bounds if they are known."""
    bounds = bounds or Bounds(scenario)
    return [Finding(rule.severity, rule.name, *found) for rule in rules(severities) for found in rule.find(bounds)]


def rule_rows(severity: str) -> list[tuple[str, str]]:
    """Name and sentence of each rule of one severity, as docs/reference/check.md prints them."""
    return [(rule.name, rule.sentence) for rule in rules((severity,))]
