"""Registry of the rules of check: how a rule is registered, and what it yields.

A rule is a function, decorated with `rule`, that takes `Bounds` and yields a `Found` for each problem it finds. Its
docstring says what it warns of and why that matters; docs/reference/check.md prints it.
"""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from sim.check.bounds import Bounds
from sim.scenario.problems import Path

SENSELESS, DOUBTFUL, NOTE = SEVERITIES = ("senseless", "doubtful", "note")


class Found(NamedTuple):
    """A problem that a rule has found at one key of a scenario."""

    path: Path
    """The path of the key that the finding is about."""
    problem: str
    """Whole sentences that state the problem with its numbers and units, and say why it matters."""
    advice: str
    """A whole sentence that names the keys to change."""


Finder = Callable[[Bounds], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """A rule of check."""

    name: str
    """The name of its function, printed behind each finding."""
    severity: str
    """One of `SEVERITIES`."""
    find: Finder

    @property
    def is_built_in(self) -> bool:
        """Whether it is a rule of this folder, not one added from outside."""
        return self.find.__module__.startswith("sim.check.rules_")

    @property
    def sentence(self) -> str:
        """What it warns of and why that matters: its docstring in one line."""
        return " ".join((inspect.getdoc(self.find) or "").split())


RULES: dict[str, Rule] = {}
"""All registered rules by name, in the order in which they were registered."""


def register(find: Finder, severity: str) -> None:
    """Add a rule; raises ValueError if the severity is unknown or the name is taken."""
    name = find.__name__
    if severity not in SEVERITIES:
        raise ValueError(f"rule {name}: the severity {severity} is none of {', '.join(SEVERITIES)}")
    if name in RULES:
        raise ValueError(f"rule {name}: another rule has this name")
    RULES[name] = Rule(name, severity, find)


def rule(severity: str) -> Callable[[Finder], Finder]:
    """Register the decorated function as a rule of this severity."""

    def decorate(find: Finder) -> Finder:
        register(find, severity)
        return find

    return decorate
