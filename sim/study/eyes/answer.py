"""Which eyes saw the transfers of a run: the aircraft, each observer, several of them, or none.

An eye is the aircraft of all patrols together, or an observer that is no crew, or all observers of one kind, or the
public rules for AIS. The aircraft have seen a transfer that they detected; an observer has seen a transfer of
which it made a true report before the end; the rules have seen a transfer that they find in the AIS that observers
heard. Each transfer has one combination of eyes that saw it, so the combinations add up to all transfers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from sim.core.arrays import Flags, Floats, Ints
from sim.model.sightings import eyes_of
from sim.scenario.problems import refused
from sim.study.estimates import Measure, estimate_of
from sim.study.eyes.dependence import Dependence, dependence
from sim.study.measures import Definition
from sim.study.seen_by import observers_in
from sim.study.store import Results

MOST_COMBINATIONS = 12  # that people are shown each by itself; the others are added up
AIRCRAFT = "aircraft"
"""The name of the eye that is the aircraft of all patrols."""
AIS_RULES = "AIS rules"
"""The name of the eye that is the public rules for AIS, where `outputs.ais_rules` asks for them."""
By = Literal["observer", "kind"]


@dataclass(frozen=True)
class Combination:
    """Some eyes, and the transfers that they saw."""

    eyes: tuple[int, ...]
    """The places of the eyes among all eyes; none where nobody saw."""
    number: int
    """How many transfers of the run there are."""
    mean: Measure
    """How many there are in a deployment."""
    share: Measure
    """Their share of all transfers."""


@dataclass(frozen=True)
class Pair:
    """Two eyes, and how dependent they are."""

    eyes: tuple[int, int]
    dependence: Dependence


@dataclass(frozen=True)
class Eyes:
    """The funnel of all eyes of a run."""

    results: Results
    by: By
    level: float
    names: tuple[str, ...]
    """The eyes: the aircraft, then the observers, or their kinds, in the order of their names; last the rules for AIS,
    where the run has them."""
    combinations: list[Combination]
    """Each combination of eyes that saw a transfer together and alone, the commonest first; nobody comes last."""
    alone: list[Combination]
    """What each eye saw, whoever else saw it."""
    seen_any: Combination
    """What any eye saw."""
    pairs: list[Pair]
    others: Combination | None
    """What all combinations beyond `shown` saw, without nobody; None where all are shown. It has no eyes."""

    @property
    def shown(self) -> list[Combination]:
        """The combinations that people are shown each by itself, without nobody."""
        return self.combinations[: min(MOST_COMBINATIONS, len(self.combinations) - 1)]

    @property
    def number_of_others(self) -> int:
        """How many combinations people are not shown by themselves."""
        return len(self.combinations) - 1 - len(self.shown)

    @property
    def nobody(self) -> Combination:
        """The transfers that nobody saw."""
        return self.combinations[-1]

    def text(self, eyes: Sequence[int]) -> str:
        """Some eyes in words."""
        return " + ".join(self.names[eye] for eye in eyes) or "none"


def eyes_of_run(results: Results, by: By = "observer", level: float | None = None) -> Eyes:
    """Count, in the results of a run, which eyes saw its transfers.

    Raises InputError for a run without transfers, and for one that does not say what its observers reported.
    """
    if not results.columns["transfers"].any():
        raise refused(results.name, "a run in which a transfer began", key="RUN")
    level = level or results.info.get("level", 0.95)
    names, groups = _names(results, by)
    seen, rows = _seen(results, groups), _replications(results)
    if results.scenario.outputs.ais_rules is not None:
        found = [[rule is not None] for rule in results.tables["transfers"].column("seen_on_ais").to_pylist()]
        names, seen = (*names, AIS_RULES), np.hstack([seen, np.array(found, bool)])
    counter = _Counter(results, rows, level)
    every = tuple(range(len(names)))
    alone = [counter.combination((eye,), seen[:, eye]) for eye in every]
    pairs = [
        Pair(pair, counter.dependence(seen[:, pair[0]], seen[:, pair[1]])) for pair in combinations(every, 2)
    ]  # fmt: skip
    seen_any = counter.combination(every, np.any(seen, axis=1))
    together = counter.together(seen)
    return Eyes(results, by, level, names, together, alone, seen_any, pairs, counter.others(seen, together))


def _names(results: Results, by: By) -> tuple[tuple[str, ...], dict[str, int]]:
    """The names of the eyes, and by observer the place of the eye to which it belongs."""
    observers = results.scenario.observers
    of = {name: name if by == "observer" else observers[name].title for name in eyes_of(results.scenario)}
    names = sorted(set(of.values()))
    shown = [f"observer {name}" if name == AIRCRAFT else name for name in names]
    return (AIRCRAFT, *shown), {name: 1 + names.index(eye) for name, eye in of.items()}


def _seen(results: Results, groups: dict[str, int]) -> Flags:
    """Whether each eye saw each transfer, (n, eyes)."""
    table = results.tables["transfers"]
    if groups and "seen_by" not in table.column_names:
        hint = "an earlier version wrote it: run the scenario again with --force"
        raise refused(results.name, "a run that says what its observers reported", key="RUN", hint=hint)
    seen: Flags = np.zeros((table.num_rows, 1 + len(set(groups.values()))), bool)
    seen[:, 0] = [status != "missed" for status in table.column("status").to_pylist()]
    for row, text in enumerate(table.column("seen_by").to_pylist() if groups else ()):
        for name in observers_in(text):
            seen[row, groups[name]] = True
    return seen


def _replications(results: Results) -> Ints:
    """The place of the replication of each transfer among those of the run, (n,)."""
    numbers = np.asarray(results.tables["transfers"].column("replication").to_pylist(), float)
    rows: Ints = np.searchsorted(results.columns["replication"], numbers)
    return rows


class _Counter:
    """Counts transfers by replication, and makes estimates of the counts."""

    def __init__(self, results: Results, rows: Ints, level: float) -> None:
        self.results, self.rows, self.level = results, rows, level
        self.transfers: Floats = results.columns["transfers"]

    def counts(self, flags: Flags) -> Floats:
        """How many of the transfers that are flagged each replication has, (R,)."""
        return np.bincount(self.rows[flags], minlength=self.transfers.size).astype(float)

    def combination(self, eyes: tuple[int, ...], flags: Flags) -> Combination:
        """The transfers that are flagged, as those that some eyes saw."""
        columns = {"transfers": self.transfers, "seen": self.counts(flags)}
        mean = Definition("seen", "count", "seen")
        share = Definition("p_seen", "proportion", "seen", "transfers", "of transfers")
        hours = self.results.scenario.duration_h
        estimates: list[Any] = [estimate_of(row, columns, hours, self.level) for row in (mean, share)]
        return Combination(eyes, int(flags.sum()), *estimates)

    def together(self, seen: Flags) -> list[Combination]:
        """Each combination of eyes that saw a transfer, the commonest first, then nobody."""
        kinds, place = np.unique(seen, axis=0, return_inverse=True)
        eyes = [tuple(np.flatnonzero(kind).tolist()) for kind in kinds]
        found = [self.combination(one, place.reshape(-1) == number) for number, one in enumerate(eyes)]
        if () not in eyes:
            found.append(self.combination((), np.zeros(len(seen), bool)))
        return sorted(found, key=lambda one: (not one.eyes, -one.number, one.eyes))

    def others(self, seen: Flags, together: Sequence[Combination]) -> Combination | None:
        """What the combinations saw that people are not shown by themselves; None where there are none."""
        rest = together[MOST_COMBINATIONS:-1]
        flags = np.zeros(len(seen), bool)
        for combination in rest:
            flags |= np.all(seen == np.isin(np.arange(seen.shape[1]), combination.eyes), axis=1)
        return self.combination((), flags) if rest else None

    def dependence(self, first: Flags, second: Flags) -> Dependence:
        """How dependent two eyes are."""
        one, two, both = (self.counts(flags) for flags in (first, second, first & second))
        return dependence(self.transfers, one, two, both, self.level)
