"""Decisions under unknowns: what each plan is worth, what is regretted, and what knowing an unknown is worth.

Outcomes say, for each plan and each state of the unknowns, what a measure adds up to in each replication. The expected
value of perfect information is EVPI = E max - max E: the mean over the states of the best plan of each, less the best
mean of one plan. The partial one, EVPPI, is the same with one unknown known, and the mean taken over the others (Raiffa
and Schlaifer, Applied Statistical Decision Theory, 1961, chapter 4; Felli and Hazen, Medical Decision Making 18, 1998).
The regret of a plan is what it gives less than the best plan of the state (Savage, JASA 46, 1951).

The greatest of many estimates is biased high: it is partly the one whose luck was best. So no choice is judged by the
replications that made it: three quarters of them choose and the fourth judges, by turns. Choices among many states are
noisy, too. Whoever knows all unknowns may therefore choose by fewer of them, by one or two, or by the sum of their
effects, whatever does best when two of the quarters that choose are judged by the third.

Intervals are those of a bootstrap: replications are drawn again within each quarter, and all choices are made again
(Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 6). Their coverage is in
`docs/methods/decisions.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.study.exploit.replies import Share
from sim.study.intervals import student_quantile

LEAST_REPLICATIONS = 8  # so that a quarter of them has a spread
_QUARTERS = 4
_ALL = tuple(range(_QUARTERS))
_RESAMPLES = 400  # enough that an interval's width has an error of 1 / sqrt(2 * 400), 4 %
_MOST_DRAWN = 1_000_000  # values of plans and states in all resamples; where there are more, there are fewer resamples
_FEWEST_RESAMPLES = 100
_SEED = 1958  # of the resamples, the same for all outcomes: an answer depends on its outcomes only
_ROUNDING = 1e-12  # as a share of the largest value: what is nearer is equal


@dataclass(frozen=True)
class Outcomes:
    """What each plan gives in each state of the unknowns, by replication. More is better."""

    amounts: Floats
    """What each replication adds to the numerator, (plans, states, R)."""
    exposures: Floats
    """What it adds to the denominator, (plans, states, R); ones for a mean."""
    weights: Floats
    """The probability of each state, (states,); they add up to 1."""
    levels: Ints
    """The level of each unknown in each state, (states, unknowns)."""

    @property
    def replications(self) -> int:
        """How many replications there are."""
        return int(self.amounts.shape[2])

    @cached_property
    def values(self) -> Floats:
        """The measure by all replications, sums over sums, (plans, states)."""
        return np.asarray(self.amounts.sum(axis=2) / self.exposures.sum(axis=2), float)

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        """The sums of amounts and exposures over each quarter, (quarters, draws, plans, states) each.

        The first draw has each replication once, the others are resamples.
        """
        rng = np.random.default_rng(_SEED)
        plans, states = self.amounts.shape[:2]
        draws = int(np.clip(_MOST_DRAWN / (plans * states), _FEWEST_RESAMPLES, _RESAMPLES))
        sums: tuple[list[Floats], list[Floats]] = ([], [])
        for first in range(_QUARTERS):
            rows = np.arange(first, self.replications, _QUARTERS)
            often = rng.multinomial(len(rows), np.full(len(rows), 1.0 / len(rows)), size=draws)
            often = np.vstack([np.ones((1, len(rows)), int), often]).astype(float)
            for found, terms in zip(sums, (self.amounts, self.exposures), strict=True):
                found.append(np.moveaxis(terms[:, :, rows] @ often.T, 2, 0))
        return np.stack(sums[0]), np.stack(sums[1])

    @cached_property
    def _drawn(self) -> dict[tuple[int, ...], Floats]:
        """What `drawn` has found so far."""
        return {}

    def drawn(self, *quarters: int) -> Floats:
        """The measure by some quarters of the replications, (draws, plans, states); that of all where it has none."""
        if quarters not in self._drawn:
            amounts, exposures = (one[list(quarters)].sum(axis=0) for one in self._sums)
            none = exposures <= 0.0
            self._drawn[quarters] = np.where(none, self.values, amounts / np.where(none, 1.0, exposures))
        return self._drawn[quarters]

    @cached_property
    def smoothed(self) -> dict[tuple[int, ...], Floats]:
        """What `_smooth` has found so far, by quarters."""
        return {}

    def share(self, drawn: Floats, level: float) -> Share:
        """The first of some numbers, (draws,), with the interval that the others tell."""
        quarter = self.replications // _QUARTERS  # resamples of n vary less by (n - 1) / n
        error = float(np.std(drawn[1:], ddof=1)) * float(np.sqrt(quarter / (quarter - 1.0)))
        away = student_quantile(level, self.replications - _QUARTERS) * error
        value = float(drawn[0])
        return Share(value, value - away, value + away)


# ---------------------------------------------------------------------------------------------------- choices
def means_given(values: Floats, weights: Floats, levels: Ints, known: Sequence[int]) -> Floats:
    """The mean of values where some unknowns are known and the others are not.

    `values` are (..., states), `weights` (states,) and `levels` (states, unknowns); `known` are columns of `levels`.
    The answer has the shape of `values`: states that look alike to one who knows so much have one value.
    """
    _, group = np.unique(levels[:, list(known)], axis=0, return_inverse=True)
    group = group.reshape(-1)
    member = (group[:, None] == np.arange(group.max() + 1)).astype(float)
    share = member * weights[:, None]
    total = share.sum(axis=0)
    return np.asarray((values @ (share / np.where(total > 0.0, total, 1.0)))[..., group], float)


def sum_of_effects(values: Floats, weights: Floats, levels: Ints) -> Floats:
    """Values (..., states) as the sum of a mean and the effect of each unknown, without what they do together."""
    mean = means_given(values, weights, levels, ())
    return mean + sum(means_given(values, weights, levels, (one,)) - mean for one in range(levels.shape[1]))


def best_plans(values: Floats) -> Ints:
    """The plan with the greatest value in each state, (..., states), of values (..., plans, states).

    Of equal ones it is the first.
    """
    slack = _ROUNDING * np.abs(values).max(initial=0.0)
    return np.asarray(np.argmax(values >= values.max(axis=-2, keepdims=True) - slack, axis=-2), np.int64)


def regrets(values: Floats) -> Floats:
    """How much less each plan gives than the best plan of the state, (..., plans, states), as the values are."""
    return np.asarray(values.max(axis=-2, keepdims=True) - values, float)


def perfect_information(values: Floats, weights: Floats, levels: Ints, known: Sequence[int] | None = None) -> float:
    """What knowing some unknowns is worth, or all of them, if values (plans, states) are exact: E max - max E."""
    given = values if known is None else means_given(values, weights, levels, known)
    return float(weights @ given.max(axis=0) - (values @ weights).max())


Rule = tuple[int, ...] | None
"""By which unknowns a plan is chosen; None stands for the sum of the effects of all of them."""


def _rules(unknowns: int) -> list[Rule]:
    """The rules of one who knows all unknowns, those of fewer first."""
    few: list[Rule] = [known for size in range(min(2, unknowns) + 1) for known in combinations(range(unknowns), size)]
    whole = tuple(range(unknowns))
    return [*few, *([None] if unknowns > 1 else []), *([whole] if unknowns > 2 else [])]


def _chosen(table: Outcomes, values: Floats, rule: Rule) -> Ints:
    """The plan that a rule chooses in each state by values (draws, plans, states), (draws, states)."""
    if rule is None:
        return best_plans(sum_of_effects(values, table.weights, table.levels))
    return best_plans(means_given(values, table.weights, table.levels, rule))


def _of_plans(values: Floats, choice: Ints) -> Floats:
    """The values (draws, plans, states) of the plans that are chosen (draws, states), (draws, states)."""
    return np.take_along_axis(values, choice[:, None, :], axis=1)[:, 0]


def _informed(table: Outcomes, quarters: Sequence[int]) -> Ints:
    """The plan in each state that one chooses who knows all unknowns and some quarters, (draws, states).

    He chooses by the rule that does best when one quarter judges what the others choose, by turns.
    """
    rules = _rules(table.levels.shape[1])
    turns = [(table.drawn(*(other for other in quarters if other != one)), table.drawn(one)) for one in quarters]
    worths = np.array(
        [sum(_of_plans(judge, _chosen(table, by, rule)) @ table.weights for by, judge in turns) for rule in rules]
    )
    best = np.argmax(worths >= worths.max(axis=0) - _ROUNDING * np.abs(worths).max(), axis=0)
    values = table.drawn(*quarters)
    found = np.empty((values.shape[0], values.shape[2]), np.intp)
    for number in np.unique(best):
        draws = best == number
        found[draws] = _chosen(table, values[draws], rules[number])
    return found


# ---------------------------------------------------------------------------------------------------- estimates
class _Turn(NamedTuple):
    """Three quarters of the replications that choose, and the fourth that judges."""

    chooses: tuple[int, ...]
    judge: Floats
    """The values by the fourth, (draws, plans, states)."""
    share: float
    """The share of the replications that are in the fourth."""


def _turns(table: Outcomes) -> list[_Turn]:
    return [
        _Turn(
            tuple(other for other in _ALL if other != one),
            table.drawn(one),
            len(range(one, table.replications, _QUARTERS)) / table.replications,
        )
        for one in _ALL
    ]


def mean_of(table: Outcomes, plan: int, level: float, less: int | None = None) -> Share:
    """The mean of a plan over the states, or how much it is more than that of another plan, `less`."""
    values = table.drawn(*_ALL)
    of_plan = values[:, plan] if less is None else values[:, plan] - values[:, less]
    return table.share(of_plan @ table.weights, level)


def mean_at(table: Outcomes, plan: int, known: int, at: int, level: float) -> Share:
    """The mean of a plan over the states in which an unknown has a level."""
    return table.share(table.drawn(*_ALL)[:, plan] @ _there(table, known, at), level)


def _there(table: Outcomes, known: int, at: int) -> Floats:
    """The probability of each state if an unknown has a level, (states,)."""
    there = np.where(table.levels[:, known] == at, table.weights, 0.0)
    return there / max(float(there.sum()), 1e-300)


def worth_of_knowing(table: Outcomes, known: int | None, level: float) -> Share:
    """What knowing one unknown is worth, EVPPI, or with None what knowing all of them is worth, EVPI.

    It is the mean of the plan that is chosen with that knowledge, less that of the plan that is chosen without.
    """
    return table.share(_gains(table, known) @ table.weights, level)


def gain_at(table: Outcomes, known: int, at: int, level: float) -> Share:
    """What is gained by knowing that an unknown has a level; the mean of this over its levels is EVPPI."""
    return table.share(_gains(table, known) @ _there(table, known, at), level)


def _gains(table: Outcomes, known: int | None) -> Floats:
    """What the plan chosen with some knowledge gives more than that chosen without, (draws, states)."""
    total = np.zeros(())
    for turn in _turns(table):
        by = table.drawn(*turn.chooses)
        choice = _informed(table, turn.chooses) if known is None else _chosen(table, by, (known,))
        gain = _of_plans(turn.judge, choice) - _of_plans(turn.judge, _chosen(table, by, ()))
        total = total + turn.share * gain
    return total


def worst_of(table: Outcomes, plan: int, level: float) -> Share:
    """The least value of a plan in any state that is possible."""
    total = np.zeros(())
    for turn in _turns(table):
        state = _worst_state(table, _smooth(table, turn.chooses), plan)
        total = total + turn.share * turn.judge[np.arange(len(state)), plan, state]
    return table.share(total, level)


def greatest_regret_of(table: Outcomes, plan: int, level: float) -> Share:
    """How much a plan gives less than the best plan of the state, in the possible state where that is most."""
    total = np.zeros(())
    for turn in _turns(table):
        state, better = _most_regretted(table, _smooth(table, turn.chooses), plan)
        draws = np.arange(len(state))
        total = total + turn.share * (turn.judge[draws, better, state] - turn.judge[draws, plan, state])
    return table.share(total, level)


def worst_case(table: Outcomes, plan: int) -> int:
    """The state in which a plan has the least value, by all replications."""
    return int(_worst_state(table, _smooth(table, _ALL)[:1], plan)[0])


def most_regretted(table: Outcomes, plan: int) -> tuple[int, int]:
    """The state in which a plan is most regretted, and the best plan there, by all replications."""
    state, better = _most_regretted(table, _smooth(table, _ALL)[:1], plan)
    return int(state[0]), int(better[0])


def _worst_state(table: Outcomes, values: Floats, plan: int) -> Ints:
    """The possible state of the least value of a plan by values (draws, plans, states), (draws,)."""
    return np.asarray(np.argmin(np.where(table.weights > 0.0, values[:, plan], np.inf), axis=1), np.int64)


def _most_regretted(table: Outcomes, values: Floats, plan: int) -> tuple[Ints, Ints]:
    """The possible state of the greatest regret of a plan, and the best plan there, (draws,) each."""
    state = np.argmax(np.where(table.weights > 0.0, regrets(values)[:, plan], -np.inf), axis=1)
    return state, best_plans(values)[np.arange(len(state)), state]


def _smooth(table: Outcomes, quarters: tuple[int, ...]) -> Floats:
    """The values by some quarters, (draws, plans, states), or the sum of effects where that foretells others better.

    It is found once for all draws, by the first of them.
    """
    values = table.drawn(*quarters)
    if table.levels.shape[1] < 2:
        return values
    if quarters not in table.smoothed:
        turns = [(table.drawn(*(two for two in quarters if two != one))[0], table.drawn(one)[0]) for one in quarters]
        rough = sum(float(np.sum(table.weights * (by - judge) ** 2)) for by, judge in turns)
        even = sum(
            float(np.sum(table.weights * (sum_of_effects(by, table.weights, table.levels) - judge) ** 2))
            for by, judge in turns
        )
        is_even = even < rough
        table.smoothed[quarters] = sum_of_effects(values, table.weights, table.levels) if is_even else values
    return table.smoothed[quarters]
