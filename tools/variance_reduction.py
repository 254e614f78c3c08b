"""Measure what ways to reduce the variance would give: `python -m tools.variance_reduction`.

Two questions are asked: the documented share of `neon-crew`, and the gain of `agreements-2026` over `agreements-2022`.
For each way the command flies replications whose parts have random numbers of their own, and writes the tables of
`docs/decisions/variance-reduction.md`. It takes some ten minutes of CPU time; the number of a question, 0 or 1, may be
given.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc

from sim.core import chance
from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR
from sim.deployment.world import Plan, prepare
from sim.scenario.load import load_scenario
from tools.interval_coverage import with_table
from tools.variance_laboratory import (
    COLUMNS,
    LUCK,
    PARTS,
    SEED,
    WORLD,
    Flown,
    Laboratory,
    flown,
    keys_of,
    planned_flight,
    row_of,
    stratified_window,
)

PAGE = Path(__file__).resolve().parents[1] / "docs/decisions/variance-reduction.md"
IN_A_BATCH = 32  # replications whose starts and places are stratified together; a power of 2
RESAMPLES = 400
DAYS = 30.0  # of the deployments of all these scenarios


class Question(NamedTuple):
    """What a user wants to know, and how many replications are flown to find what would give it sooner."""

    name: str
    scenarios: tuple[str, ...]
    """One, or two of which the second is taken from the first."""
    replications: int
    pairs: int
    """The replications of each part of luck that is drawn again."""
    turned: int
    """The replications with turned luck."""
    batches: int
    """The batches of stratified replications."""
    lengths: int
    """The replications of each length of deployment."""


QUESTIONS = (
    Question("share", ("neon-crew",), 2000, 1000, 1000, 60, 300),
    Question("gain", ("agreements-2026", "agreements-2022"), 1000, 600, 300, 20, 120),
)


# ---------------------------------------------------------------------------------------------------- estimates
def influences(runs: Sequence[Floats], share: float | None = None) -> Floats:
    """The influence of each replication on the answer, (R,): of a share, or of a difference of numbers."""
    transfers, documented = runs[0][:, 0], runs[0][:, 1]
    if len(runs) == 2:
        return documented - runs[1][:, 1]
    share = float(documented.sum() / transfers.sum()) if share is None else share
    return (documented - share * transfers) / float(transfers.mean())


def left_over(y: Floats, controls: Floats) -> float:
    """The share of the variance of y (R,) that is left after a regression on controls (R, k), k being paid for."""
    x = np.column_stack([np.ones(y.size), controls])
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(rest @ rest / (y.size - x.shape[1]) / y.var(ddof=1))


class Factor(NamedTuple):
    """How much a way reduces variance times CPU time, with an interval, and what it is."""

    way: str
    value: float
    low: float
    high: float

    @property
    def row(self) -> str:
        """It as a row of a table."""
        return f"| {self.way} | {self.value:.2f} | {self.low:.2f} to {self.high:.2f} |"


def bootstrapped(way: str, columns: Sequence[Floats], factor: Callable[..., float]) -> Factor:
    """A factor of columns (R, ...), with its 95 % interval from rows that are drawn again with replacement."""
    rng, count = np.random.default_rng(SEED), len(columns[0])
    rows = [rng.integers(0, count, count) for _ in range(RESAMPLES)]
    low, high = np.percentile([factor(*(column[some] for column in columns)) for some in rows], [2.5, 97.5])
    return Factor(way, factor(*columns), float(low), float(high))


def correlation(a: Floats, b: Floats) -> float:
    """The correlation of two columns."""
    return float(np.corrcoef(a, b)[0, 1])


def share_apart(a: Floats, b: Floats) -> float:
    """The share of the variance that differs between two columns of the same variance."""
    return 1.0 - correlation(a, b)


def factor_of_pairs(a: Floats, b: Floats) -> float:
    """The factor of pairs of replications whose mean counts as one of two."""
    return 1.0 / (1.0 + correlation(a, b))


def factor_of_controls(y: Floats, controls: Floats) -> float:
    """The factor of control variates whose expectations are known."""
    return 1.0 / left_over(y, controls)


def factor_of_common_numbers(ours: Floats, theirs: Floats) -> float:
    """The factor of common random numbers against two runs with numbers of their own."""
    return float((ours.var() + theirs.var()) / (ours - theirs).var())


# ---------------------------------------------------------------------------------------------------- the ways
def scores_by_plan(scores: Sequence[Floats]) -> Floats:
    """Of each replication the sum over its transfers of the chance by the flight as planned, less its mean, (R,).

    The chance is a regression on the scores of the transfers of the other half of the replications.
    """
    owner = np.repeat(np.arange(len(scores)), [len(score) for score in scores])
    x, y = np.vstack(scores)[:, :-1], np.vstack(scores)[:, -1]
    x = np.column_stack([np.ones(len(y)), x])
    chances, first = np.empty(len(y)), owner < len(scores) // 2
    for half in (first, ~first):
        chances[half] = x[half] @ np.linalg.lstsq(x[~half], y[~half], rcond=None)[0]
    return np.bincount(owner, chances - chances.mean(), len(scores)).astype(float)


def picked(runs: Sequence[Flown], *names: str) -> Floats:
    """Some columns of all runs beside each other, (R, names x runs)."""
    return np.column_stack([run.columns[:, COLUMNS.index(name)] for run in runs for name in names])


def control_factors(runs: Sequence[Flown]) -> list[Factor]:
    """The factors of control variates; where their expectations are not known, as if these cost nothing."""
    y = influences([run.columns for run in runs])
    steps = picked(runs, "classify", "document")
    planned = np.column_stack([*(scores_by_plan(run.scores) for run in runs), runs[0].columns[:, 0]])
    both = np.column_stack([planned, steps])
    simple = picked(runs[:1], "transfers", "night", "hours", "north", "foul_h", "serviceable")
    ways = {
        "control variates: number, hours and places of transfers, weather, serviceable aircraft": simple,
        "control variate: the flight as planned": planned,
        "control variates: the luck of the steps of the ladder": steps,
        "control variates: the flight as planned and the steps": both,
    }
    if len(runs) == 2:
        ways["control variates: the steps, and the reports that came in time"] = np.hstack(
            [steps, picked(runs, "in_time")]
        )
    found = [bootstrapped(way, (y, controls), factor_of_controls) for way, controls in ways.items()]
    score = np.full(y.size, sum(run.score_ms for run in runs) / sum(run.ms for run in runs))
    found.insert(
        4, bootstrapped("the same two, with the CPU time for the expectation", (y, both, steps, score), paid_factor)
    )
    return found


def paid_factor(y: Floats, controls: Floats, known: Floats, prices: Floats) -> float:
    """The factor of controls of which only `known` have a known expectation.

    That of the others is the mean of m more worlds that are not flown, for each that is; each has its price as a
    share of a replication. With a share v of the variance left by all controls and u by the known ones, what is left is
    v + (u - v) / m, at 1 + m price times the CPU time. m is the best whole number.
    """
    v, u, price = left_over(y, controls), left_over(y, known), float(prices[0])
    return max(1.0 / ((v + (u - v) / m) * (1.0 + m * price)) for m in range(1, 50))


def antithetic_factors(
    lab: Laboratory, question: Question, plans: Sequence[Plan], plain: Sequence[Flown]
) -> list[Factor]:
    """The factors of pairs of replications with turned luck, in worlds of their own and in the same world."""
    found = []
    y = influences([run.columns[: question.turned] for run in plain])
    for way, again in (
        ("antithetic luck, each in a world of its own", (*WORLD, "thresholds")),
        ("antithetic luck, both in one world", ()),
    ):
        lab.turned = frozenset(purpose for purposes in LUCK.values() for purpose in purposes)
        other = influences([flown(lab, plan, question.turned, again).columns for plan in plans])
        lab.turned = frozenset()
        found.append(bootstrapped(way, (y, other), factor_of_pairs))
    return found


def stratified_factor(lab: Laboratory, question: Question, plans: Sequence[Plan], plain: Sequence[Flown]) -> Factor:
    """The factor of scrambled Sobol points for begin, place and length of each transfer, over a batch."""
    runs: list[list[list[float]]] = [[] for _ in plans]
    begin, end = stratified_window(plans[0].transfers[0])
    most = chance.poisson_bound(plans[0].transfers[0].per_hour * (end - begin))
    rng = np.random.default_rng(SEED)
    for batch in range(question.batches):
        points = np.stack([qmc.Sobol(4, seed=rng).random(IN_A_BATCH) for _ in range(most)], axis=1)
        numbers = (rng.permutation(IN_A_BATCH) + rng.random(IN_A_BATCH)) / IN_A_BATCH
        for row in range(IN_A_BATCH):
            lab.points = np.column_stack([np.full(most, numbers[row]), points[row]])
            for run, plan in zip(runs, plans, strict=True):
                run.append(row_of(lab.fly(plan, keys_of(batch * IN_A_BATCH + row)), lab))
    lab.points = None
    usual = influences([run.columns for run in plain])
    share = plain[0].columns[:, 1].sum() / plain[0].columns[:, 0].sum()
    y = influences([np.array(run) for run in runs], share).reshape(question.batches, IN_A_BATCH).mean(1)

    def factor(means: Floats) -> float:
        return float(usual.var(ddof=1) / IN_A_BATCH / means.var(ddof=1))

    return bootstrapped(f"scrambled Sobol starts, places and lengths, batches of {IN_A_BATCH}", (y,), factor)


def length_factors(lab: Laboratory, question: Question) -> list[Factor]:
    """The factors of longer deployments, the same days in all."""
    days = {times: DAYS * times for times in (1, 2, 4)}
    plans = {
        times: [prepare(load_scenario(name, {"duration_days": d})) for name in question.scenarios]
        for times, d in days.items()
    }
    rows: dict[int, list[list[list[float]]]] = {times: [[] for _ in question.scenarios] for times in days}
    spent: dict[int, list[float]] = {times: [] for times in days}
    for number in range(question.lengths):
        for times, some in plans.items():
            begin = time.process_time()
            for run, plan in zip(rows[times], some, strict=True):
                run.append(row_of(lab.fly(plan, keys_of(number)), lab))
            spent[times].append(time.process_time() - begin)
    # The number of a longer deployment is larger in proportion: a difference is divided by its length.
    y = {t: influences([np.array(run) for run in rows[t]]) / (1 if len(question.scenarios) == 1 else t) for t in days}
    price = {t: float(np.median(spent[t])) for t in days}

    def factor(short: Floats, long: Floats) -> float:
        return float((short[:, 0].var(ddof=1) * short[0, 1]) / (long[:, 0].var(ddof=1) * long[0, 1]))

    columns = {t: np.column_stack([y[t], np.full(y[t].size, price[t])]) for t in days}
    return [bootstrapped(f"deployments {t} times as long", (columns[1], columns[t]), factor) for t in (2, 4)]


def shares_of_variance(lab: Laboratory, question: Question, plans: Sequence[Plan], plain: Sequence[Flown]) -> list[str]:
    """Which part of the variance is due to the world, and which parts would vanish with some luck: rows of a table."""
    y, count = influences([run.columns[: question.pairs] for run in plain]), question.pairs
    luck = tuple(part for part in PARTS if part not in WORLD)
    asked = {
        "weather, transfers and ships together, without any luck": (luck, False),
        "luck of the steps of the ladder, with all that follows from it": (("steps",), True),
        "luck of detection, with all that follows from it": (("thresholds",), True),
    }
    if len(plans) == 2:
        asked["luck of the reports, with all that follows from it"] = (("reports",), True)
    lines = []
    for says, (again, is_total) in asked.items():
        other = influences([flown(lab, plan, count, again).columns for plan in plans])
        share = bootstrapped(says, (y, other), share_apart if is_total else correlation)
        lines.append(f"| {says} | {100 * share.value:.0f} % | {100 * share.low:.0f} to {100 * share.high:.0f} % |")
    return lines


# ---------------------------------------------------------------------------------------------------- the command
def tables_of(question: Question) -> dict[str, str]:
    """The tables of a question, by the names of their marks on the page."""
    lab = Laboratory()
    with lab.installed():
        plans = [prepare(load_scenario(name)) for name in question.scenarios]
        for plan in plans:
            lab.fly(plan, keys_of(0))  # the compiled functions are loaded
        plain = [flown(lab, plan, question.replications, (), planned_flight(plan.patrols[0])) for plan in plans]
        report(question, "plain", answer(plain))
        factors = control_factors(plain)
        if len(plans) == 2:
            ours, theirs = (run.columns[:, 1] for run in plain)
            way = "common random numbers, against two runs with different seeds"
            factors.append(bootstrapped(way, (ours, theirs), factor_of_common_numbers))
        report(question, "controls", "\n".join(factor.row for factor in factors))
        shares = shares_of_variance(lab, question, plans, plain)
        report(question, "shares", "\n".join(shares))
        factors += antithetic_factors(lab, question, plans, plain)
        report(question, "antithetic", "\n".join(factor.row for factor in factors[-2:]))
        factors += [stratified_factor(lab, question, plans, plain)]
        report(question, "stratified", factors[-1].row)
        factors += length_factors(lab, question)
        report(question, "lengths", "\n".join(factor.row for factor in factors[-2:]))
    head = "| way | factor | 95 % interval |\n| --- | --- | --- |\n"
    parts = "| part | share of the variance | 95 % interval |\n| --- | --- | --- |\n"
    return {
        f"plain {question.name}": answer(plain),
        f"factors {question.name}": head + "\n".join(factor.row for factor in factors),
        f"shares {question.name}": parts + "\n".join(shares),
    }


def answer(plain: Sequence[Flown]) -> str:
    """What the plain replications say, as a line."""
    y, ms = influences([run.columns for run in plain]), sum(run.ms for run in plain)
    scale = 100.0 if len(plain) == 1 else HOURS_PER_YEAR / (DAYS * HOURS_PER_DAY)
    values = [run.columns[:, 1].sum() / (run.columns[:, 0].sum() if len(plain) == 1 else y.size) for run in plain]
    value = scale * (values[0] - (values[1] if len(plain) == 2 else 0.0))
    half, wanted = scale * 1.96 * y.std(ddof=1) / np.sqrt(y.size), 1.0
    unit, needed = ("percentage points" if len(plain) == 1 else "a year"), y.size * (half / wanted) ** 2
    return (
        f"{value:.2f} ± {half:.2f} {unit} from {y.size:,} replications of {ms:.0f} CPU ms; "
        f"± 1 needs {needed:.0f} replications, {needed * ms / 1e3:.1f} CPU s"
    )


def report(question: Question, what: str, text: str) -> None:
    """Print what has been measured so far."""
    print(f"{question.name}, {what}:\n{text}\n", flush=True)


def main(*numbers: int) -> None:
    """Measure some questions, or both, and write the tables of the page."""
    for number in numbers or range(len(QUESTIONS)):
        for name, table in tables_of(QUESTIONS[number]).items():
            PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), name, table), encoding="utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
