"""Which plan a commander should choose whose study has unknowns, and which unknown would change his choice.

A study varies plans, of which the commander chooses one, and unknowns, which nobody tells him. `decide` reads the
results of its sweep; nothing is simulated. `sim.study.decide.decisions` has the mathematics.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.core.text import counted
from sim.scenario.nearest import nearest, nearest_other
from sim.scenario.problems import InputError, refused
from sim.study.decide.decisions import (
    LEAST_REPLICATIONS,
    Outcomes,
    best_plans,
    gain_at,
    greatest_regret_of,
    mean_at,
    mean_of,
    means_given,
    most_regretted,
    worst_case,
    worst_of,
    worth_of_knowing,
)
from sim.study.estimates import LEVEL, Measure, amounts_of
from sim.study.exploit.replies import Share
from sim.study.measures import Definition, definition_of, tidied_name
from sim.study.study_results import StudyResults

Levels = Mapping[str, Any]
"""The level of each of some factors, by name."""


@dataclass(frozen=True)
class Plan:
    """One plan: the levels of the factors that the commander chooses, and what it is worth."""

    levels: Levels
    mean: Measure
    """Its mean over the unknowns."""
    behind: Measure
    """How much more its mean is than that of the plan with the best mean; 0 for that plan itself."""
    worst: Measure
    """Its value in the state of the unknowns that is worst for it."""
    worst_at: Levels
    """The state of the unknowns that is worst for it."""
    regret: Measure
    """Its greatest regret: how much better another plan would be, in the state where that is most."""
    regret_at: Levels
    """The state of the unknowns in which its regret is greatest."""


@dataclass(frozen=True)
class Unknown:
    """One unknown, and what knowing it is worth."""

    factor: str
    levels: list[Any]
    weights: list[float]
    """How probable each level is; they add up to 1."""
    worth: Measure
    """The expected value of partial perfect information, EVPPI."""
    share: float | None
    """The worth as a share of what knowing all unknowns is worth; None where the worth of all is not measurable."""
    choices: list[int]
    """The number of the plan that is best at each level."""
    gains: list[Measure]
    """What is gained at each level by knowing it."""
    means: list[list[Measure]]
    """The mean of each plan at each level: a list for each plan."""


@dataclass(frozen=True)
class Decision:
    """What follows from a study for one who decides."""

    results: StudyResults
    measure: str
    least: bool
    """Whether less of the measure is better."""
    level: float
    """The confidence level of the intervals."""
    replications: int
    """How many replications all points have."""
    plans: list[Plan]
    best: int
    """The number of the plan with the best mean."""
    safest: int
    """The number of the plan with the best worst case."""
    robust: int
    """The number of the plan with the least greatest regret."""
    unknowns: list[Unknown]
    """The unknowns, that first of which knowledge is worth most."""
    everything: Measure
    """What knowing all unknowns is worth: the expected value of perfect information, EVPI."""


def is_measurable(worth: Measure) -> bool:
    """Whether the interval of a worth lies above 0."""
    return worth.low is not None and worth.low > 0.0


# ---------------------------------------------------------------------------------------------------- what is asked
def factors_of(results: StudyResults, plans: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """The factors that are plans and those that are unknowns: as given, or else as the file of the study says.

    Raises InputError for what is no factor, where no factor is a plan, and where there is one plan only.
    """
    names = [factor.label for factor in results.study.vary]
    for name in plans:
        if name not in names:
            raise refused(name, f"a factor of the study: {', '.join(names)}", key="--plan", hint=nearest(name, names))
    chosen = [name for name in names if name in plans]
    chosen = chosen or [factor.label for factor in results.study.vary if factor.role == "plan"]
    if not chosen:
        hint = 'role = "plan" in a [[vary]] of the study says so for good'
        allowed = f"--plan FACTOR for each factor that the commander chooses, of {', '.join(names)}"
        raise refused(results.name, allowed, key="--plan", hint=hint)
    if math.prod(len(_levels(results, name)) for name in chosen) < 2:
        raise refused(", ".join(chosen), "plans of which there are two or more, to choose among", key="--plan")
    return chosen, [name for name in names if name not in chosen]


def weights_of(results: StudyResults, unknowns: Sequence[str], given: Sequence[str] = ()) -> dict[str, list[float]]:
    """How probable the levels of each unknown are: as given by FACTOR=w1,w2,..., or as the study says, else equally.

    The weights of an unknown add up to 1. Raises InputError for what is no unknown, and for weights that do not fit.
    """
    factors = {factor.label: factor for factor in results.study.vary}
    counts = {name: len(_levels(results, name)) for name in unknowns}
    found = {name: list(factors[name].weights or [1.0] * count) for name, count in counts.items()}
    weighed: set[str] = set()
    for text in given:
        name = max((name for name in unknowns if text.startswith(f"{name}=")), key=len, default="")
        if not name:
            allowed = f"FACTOR=w1,w2,... with an unknown of the study: {', '.join(unknowns) or 'it has none'}"
            raise refused(text, allowed, key="--weights", hint=nearest_other(text.partition("=")[0], list(unknowns)))
        if name in weighed:
            raise refused(text, "each unknown once", key="--weights")
        weighed.add(name)
        found[name] = _numbers(text, name, counts[name])
    return {name: [weight / sum(weights) for weight in weights] for name, weights in found.items()}


def _numbers(text: str, name: str, count: int) -> list[float]:
    """The weights after the name of an unknown and an equals sign."""
    allowed = f"{counted(count, 'number')} at least 0 after {name}=, one for each level, of which one is above 0"
    try:
        numbers = [float(part) for part in text[len(name) + 1 :].split(",")]
    except ValueError:
        raise refused(text, allowed, key="--weights") from None
    if len(numbers) != count or not all(0.0 <= one < math.inf for one in numbers) or not sum(numbers) > 0.0:
        raise refused(text, allowed, key="--weights")
    return numbers


def _levels(results: StudyResults, factor: str) -> list[Any]:
    """The levels of a factor in the order of the study."""
    return list(dict.fromkeys(levels[factor] for levels in results.levels[: results.baseline]))


# ---------------------------------------------------------------------------------------------------- the answer
def decide(
    results: StudyResults,
    *,
    plans: Sequence[str] = (),
    measure: str | None = None,
    weights: Sequence[str] = (),
    least: bool = False,
    level: float | None = None,
) -> Decision:
    """Which plan of a study is best where other factors are unknown, and what knowing them is worth.

    Args:
        results: The results of the sweep of the study.
        plans: The factors that are plans; if left out, the factors to which the study gives the role of a plan.
        measure: What is judged; the first measure of the study unless another is given.
        weights: How probable the levels of unknowns are, each as FACTOR=w1,w2,...; see `weights_of`.
        least: Whether less of the measure is better.
        level: The confidence level of intervals; the level of the sweep unless another is given.

    Raises:
        InputError: As `factors_of` and `weights_of` do; for what is no measure of the study; where a point lacks
            results; and with fewer than 8 replications.
    """
    name = tidied_name(measure or results.study.measures[0])
    definition = definition_of(name, key="--measure")
    level = level or results.estimates(name, "--measure")[0].level or LEVEL
    chosen, unknowns = factors_of(results, plans)
    priors = weights_of(results, unknowns, weights)
    grid = _Grid(results, chosen, unknowns, priors)
    table = grid.outcomes(definition, -1.0 if least else 1.0)
    say = _Measured(name, definition.unit, level, table.replications, -1.0 if least else 1.0)
    best = int(np.argmax(table.values @ table.weights))
    rows = [_plan(table, grid, say, number, best) for number in range(len(grid.plans))]
    everything = say.gain(worth_of_knowing(table, 0 if len(unknowns) == 1 else None, level))  # the only one is all
    found = [_unknown(table, grid, say, number, everything) for number in range(len(unknowns))]
    sign = say.sign
    return Decision(
        results, name, least, level, table.replications, rows, best,
        safest=_first_greatest([sign * (row.worst.value or 0.0) for row in rows], best),
        robust=_first_greatest([-(row.regret.value or 0.0) for row in rows], best),
        unknowns=sorted(found, key=lambda one: -(one.worth.value or 0.0)),
        everything=everything,
    )  # fmt: skip


def _first_greatest(values: Sequence[float], rather: int) -> int:
    """The place of the greatest value; of equal ones `rather`, if it is one of them."""
    most = max(values)
    return rather if values[rather] == most else values.index(most)


@dataclass(frozen=True)
class _Measured:
    """Makes measures of shares: as numbers of the measure, or as gains, which are above 0 where they are good."""

    name: str
    unit: str
    level: float
    replications: int
    sign: float

    def gain(self, share: Share) -> Measure:
        """What is good about something."""
        return Measure(self.name, share.value, share.low, share.high, self.level, self.replications, self.unit)

    def value(self, share: Share) -> Measure:
        """A value of the measure itself, where more may be worse."""
        low, high = sorted((self.sign * share.low, self.sign * share.high))
        return self.gain(Share(self.sign * share.value, low, high))


def _plan(table: Outcomes, grid: "_Grid", say: _Measured, number: int, best: int) -> Plan:
    level = say.level
    return Plan(
        grid.plans[number],
        say.value(mean_of(table, number, level)),
        say.value(mean_of(table, number, level, less=best)),
        say.value(worst_of(table, number, level)),
        grid.states[worst_case(table, number)],
        say.gain(greatest_regret_of(table, number, level)),
        grid.states[most_regretted(table, number)[0]],
    )


def _unknown(table: Outcomes, grid: "_Grid", say: _Measured, number: int, everything: Measure) -> Unknown:
    name = grid.unknowns[number]
    worth = say.gain(worth_of_knowing(table, number, say.level))
    share = None
    if is_measurable(everything) and everything.value is not None and worth.value is not None:
        share = min(1.0, max(0.0, worth.value / everything.value))
    levels = _levels(grid.results, name)
    means = means_given(table.values, table.weights, table.levels, (number,))
    first = [int(np.flatnonzero(table.levels[:, number] == at)[0]) for at in range(len(levels))]
    return Unknown(
        name, levels, grid.priors[name], worth, share,
        choices=[int(best_plans(means)[state]) for state in first],
        gains=[say.gain(gain_at(table, number, at, say.level)) for at in range(len(levels))],
        means=[
            [say.value(mean_at(table, plan, number, at, say.level)) for at in range(len(levels))]
            for plan in range(len(grid.plans))
        ],
    )  # fmt: skip


class _Grid:
    """The points of a study as a table of plans and states of the unknowns."""

    def __init__(
        self, results: StudyResults, plans: list[str], unknowns: list[str], priors: Mapping[str, list[float]]
    ) -> None:
        self.results, self.unknowns, self.priors = results, unknowns, priors
        self.plans, self.states = _crossed(results, plans), _crossed(results, unknowns)
        names = [*plans, *unknowns]
        numbers = {
            tuple(levels[name] for name in names): number
            for number, levels in enumerate(results.levels[: results.baseline])
        }
        self.points = np.zeros((len(self.plans), len(self.states)), int)
        for (row, plan), (column, state) in product(enumerate(self.plans), enumerate(self.states)):
            point = numbers.get((*plan.values(), *state.values()))
            if point is None:
                raise _lacks(results, {**plan, **state}, "no such point")
            self.points[row, column] = point

    def outcomes(self, definition: Definition, sign: float) -> Outcomes:
        """What each plan gives in each state, by replication; `sign` is -1 where less is better."""
        columns = [self.results.columns_of(point) for point in range(len(self.results.levels))]
        used = [columns[point]["replication"] for point in self.points.ravel()]
        common = reduce(np.intersect1d, used)
        if len(common) < LEAST_REPLICATIONS:
            fewest = int(self.points.ravel()[int(np.argmin([len(one) for one in used]))])
            have = counted(len(common), "replication")
            allowed = f"at least {LEAST_REPLICATIONS} replications that all points have; they have {have}"
            raise refused(_text(self.results.levels[fewest]), allowed, key="STUDY")
        amounts = np.empty((*self.points.shape, len(common)))
        exposures = np.ones_like(amounts)
        for place, point in np.ndenumerate(self.points):
            rows = np.isin(columns[point]["replication"], common)
            found = {name: column[rows] for name, column in columns[point].items()}
            amounts[place] = sign * amounts_of(definition, found, self.results.duration_h[point])
            if definition.denominator:
                exposures[place] = found[definition.denominator]
            if not exposures[place].sum() > 0.0:
                why = f"nothing to divide by: the replications have no {definition.denominator}"
                raise _lacks(self.results, self.results.levels[point], why)
        return Outcomes(amounts, exposures, self._weights(), self._levels_of_states())

    def _weights(self) -> Floats:
        return np.array([math.prod(chances) for chances in product(*(self.priors[name] for name in self.unknowns))])

    def _levels_of_states(self) -> Ints:
        places = [range(len(self.priors[name])) for name in self.unknowns]
        return np.array(list(product(*places)), int).reshape(len(self.states), len(self.unknowns))


def _crossed(results: StudyResults, names: Sequence[str]) -> list[dict[str, Any]]:
    """All combinations of the levels of some factors; one that is empty where there are none."""
    levels = [_levels(results, name) for name in names]
    return [dict(zip(names, one, strict=True)) for one in product(*levels)]


def _text(levels: Levels) -> str:
    """The levels of a point, in words."""
    return ", ".join(f"{name} = {level}" for name, level in levels.items())


def _lacks(results: StudyResults, levels: Levels, why: str) -> InputError:
    """The error where a point has nothing to decide by."""
    allowed = f"a study with a value for every plan at every level of the unknowns ({why})"
    return refused(_text(levels), allowed, key="STUDY", hint=f"sweep {results.name} again")
