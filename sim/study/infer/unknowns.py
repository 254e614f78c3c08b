"""Figures of a scenario that are not known: their ranges, a design of points, and the simulation of the points.

The points are those of a scrambled Sobol sequence (Owen, Journal of Complexity 14, 1998), which fill the ranges evenly:
most so where their number is a power of 2. All points have the same replications, so that they meet the same
ships and luck as far as their figures let them (common random numbers).
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

from sim.core.arrays import Floats
from sim.scenario.digest import digest, world_digest
from sim.scenario.load import load_scenario
from sim.scenario.overrides import parse_set
from sim.scenario.problems import InputError, refused
from sim.scenario.schema import Scenario
from sim.study.cost import check_cost
from sim.study.executors import Batch, PointScenario, simulate_batches
from sim.study.infer.points import FactorLevels
from sim.study.parts import POINTS_TOGETHER
from sim.study.progress import Done, Progress, no_progress
from sim.study.records import Warn, log_warning
from sim.study.store import numeric_columns

POINTS, REPLICATIONS = 64, 40
"""The points of a design and the replications of each, unless others are asked for."""
_BATCH = 20  # replications of a batch


@dataclass(frozen=True)
class Unknown:
    """A figure that is not known: a key of the scenario and its range, or the values that it may have."""

    key: str
    low: float = 0.0
    high: float = 0.0
    choices: tuple[Any, ...] = ()
    """The values, each as likely as any other; empty for a range."""
    whole: bool = False
    """Whether the values of the range are whole numbers, as of a key that takes no others."""

    def at(self, share: float) -> Any:
        """The value below which a share of the range lies."""
        if self.choices:
            return self.choices[min(len(self.choices) - 1, int(share * len(self.choices)))]
        if self.whole:
            return int(min(self.high, np.floor(self.low + share * (self.high - self.low + 1.0))))
        return self.low + share * (self.high - self.low)

    @property
    def text(self) -> str:
        """What it may be, in a few words."""
        if self.choices:
            return " or ".join(map(str, self.choices))
        return f"{self.low:g} to {self.high:g}"


def unknown_of(text: str) -> Unknown:
    """The unknown figure that KEY=LOW:HIGH or KEY=A|B|C says; InputError where it says none."""
    key, equals, value = text.partition("=")
    allowed = "KEY=LOW:HIGH or KEY=A|B|C, such as transfers.fuel.night_share=0.3:0.9"
    if not equals or not key.strip():
        raise refused(text, allowed, key="--unknown")
    if "|" in value:
        choices = tuple(parse_set(f"{key}={item.strip()}")[1] for item in value.split("|"))
        if len(set(map(str, choices))) < len(choices):
            raise refused(text, "values of which no two are the same", key="--unknown")
        return Unknown(key.strip(), choices=choices)
    ends = [parse_set(f"{key}={item.strip()}")[1] for item in value.split(":")]
    if len(ends) != 2 or not all(isinstance(end, int | float) and not isinstance(end, bool) for end in ends):
        raise refused(text, allowed, key="--unknown")
    low, high = ends
    if not -np.inf < low < high < np.inf:
        raise refused(text, "a range whose second number is the higher one", key="--unknown")
    return Unknown(key.strip(), float(low), float(high), whole=all(isinstance(end, int) for end in ends))


def unknowns_of(texts: Sequence[str], scenario: Scenario) -> list[Unknown]:
    """The unknown figures; InputError where a key comes twice, or a scenario cannot have an end of its range."""
    found: list[Unknown] = []
    for text in texts:
        one = unknown_of(text)
        if any(one.key == other.key for other in found):
            raise refused(text, "each key once", key="--unknown")
        for value in one.choices or (one.at(0.0), one.at(1.0)):
            _set(scenario, {one.key: value})
        found.append(replace(one, whole=one.whole and not _may_lie_between(scenario, one)))
    return found


def _may_lie_between(scenario: Scenario, one: Unknown) -> bool:
    """Whether a figure may have values between whole numbers."""
    try:
        load_scenario(scenario, {one.key: one.low + 0.5})
    except InputError:
        return False
    return True


def _set(scenario: Scenario, sets: Mapping[str, Any]) -> Scenario:
    """The scenario with keys set; InputError, which names the option, where it cannot have them."""
    try:
        return load_scenario(scenario, sets)
    except InputError as error:
        first = error.problems[0]
        given = ", ".join(f"{key}={value}" for key, value in sets.items())
        raise refused(given, f"{first.key}: {first.allowed}", key="--unknown", hint=first.hint) from None


def design_of(unknowns: Sequence[Unknown], count: int, seed: int) -> list[dict[str, Any]]:
    """The values of the unknown figures at each of some points, by key."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(len(unknowns), seed=seed % 2**32)
    rows = sampler.random_base2(max(1, count - 1).bit_length())[:count]
    return [{one.key: one.at(float(share)) for one, share in zip(unknowns, row, strict=True)} for row in rows]


def levels_of(unknowns: Sequence[Unknown], design: Sequence[Mapping[str, Any]]) -> list[FactorLevels]:
    """The levels of the unknown figures at the points."""
    return [FactorLevels(one.key, [point[one.key] for point in design], not one.choices, one.text) for one in unknowns]


@dataclass(frozen=True)
class Simulated:
    """The replications of some points."""

    columns: list[dict[str, Floats]]
    """The totals of each point by name, (R,) each."""
    failures: list[dict[str, Any]]
    """The replications that failed, each with its point, its number and its error."""


def simulate_points(
    scenario: Scenario,
    design: Sequence[Mapping[str, Any]],
    replications: int,
    seed: int,
    *,
    jobs: int = 1,
    progress: Progress = no_progress,
    allow_long: bool = False,
    warn: Warn = log_warning,
) -> Simulated:
    """Simulate a scenario with the keys of each point, `replications` times each, with the same seed.

    Raises InputError where it cannot have the keys of a point, and where the work would take too long.
    """
    scenarios = [_set(scenario, sets) for sets in design]
    check_cost(scenarios, replications, jobs, allow_long, warn)
    points = [PointScenario(number, one, digest(one)) for number, one in enumerate(scenarios)]
    done = Done(progress, len(points) * replications)
    tables: list[list[pa.Table]] = [[] for _ in points]
    failures: list[dict[str, Any]] = []
    batches = list(_batches(points, replications, seed))
    with closing(simulate_batches(batches, jobs, warn, under_way=done.under_way)) as finished:
        for result in finished:
            tables[result.point].append(result.tables["replications"])
            failures += [{"point": result.point, "replication": n, "error": text} for n, text in result.failures]
            done.add(result.last - result.first)
    return Simulated([numeric_columns(pa.concat_tables(parts)) for parts in tables], failures)


def _batches(points: Sequence[PointScenario], replications: int, seed: int) -> list[Batch]:
    """Batches of points that have the same ships, which are realised once for all of them."""
    by_world = sorted(points, key=lambda point: world_digest(point.scenario))
    found = []
    for _, group in groupby(by_world, lambda point: world_digest(point.scenario)):
        alike = list(group)
        for start in range(0, len(alike), POINTS_TOGETHER):
            together = tuple(alike[start : start + POINTS_TOGETHER])
            firsts = range(0, replications, _BATCH)
            found += [Batch(together, seed, first, min(first + _BATCH, replications), 0) for first in firsts]
    return found
