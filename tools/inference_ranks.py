"""Calibrate the posteriors of `seasweep infer` by simulation: `python -m tools.inference_ranks`.

In each case many deployments are made up whose truth is drawn from the priors, as Talts and others describe it
(Validating Bayesian Inference Algorithms with Simulation-Based Calibration, 2018), and go through the functions that
the command uses. The rank of the truth in its posterior is then uniform between 0 and 1, and an interval of 95 % holds
the truth in 95 % of them. The command writes the figures into the table of `docs/methods/inference.md`. It takes some
minutes; a number of deployments may be given.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim import load_scenario, run, simulate
from sim.core.arrays import Floats
from sim.study.infer.chances import chance_of
from sim.study.infer.parts import Sum
from sim.study.infer.points import FactorLevels, Points
from sim.study.infer.posterior import Posterior, Prior
from tools.interval_coverage import with_table

PAGE = Path(__file__).resolve().parents[1] / "docs/methods/inference.md"
DEPLOYMENTS = 1_200
LEVEL = 0.95
BINS = 20  # of ranks, for the test of chi-squared
_REPLICATIONS, _PRESENT = 20, 20.0  # of a made-up run, and the mean of its transfers in a deployment
_PRIOR = Prior(3.0, 0.15)
_SEA_PRIOR = Prior(4.0, 0.5)
_POINTS = 3


class Rank(NamedTuple):
    """Where the truth lies in a posterior."""

    quantity: str
    rank: float
    """The probability of less than the truth; of whole numbers a random one up to that of at most the truth."""
    low: float
    """1 where the interval lies above the truth, 0 elsewhere."""
    high: float
    """1 where the interval lies below the truth, 0 elsewhere."""


def _chances(rng: np.random.Generator) -> tuple[float, float]:
    """The shapes of the chances of deployments, drawn from their priors."""
    mean, variation = rng.beta(0.5, 0.5), rng.uniform(0.0, 0.75)
    mean = min(max(mean, 1e-9), 1.0 - 1e-9)
    alpha = 1.0 / max(variation, 1e-4) ** 2
    return alpha, alpha * (1.0 - mean) / mean


def _counts(rng: np.random.Generator, shapes: tuple[float, float], count: int) -> tuple[Floats, Floats]:
    """The transfers of deployments and those documented, (count,) each."""
    while True:
        transfers = rng.poisson(_PRESENT, count)
        documented = rng.binomial(transfers, rng.beta(*shapes, count))
        if transfers.sum():
            return transfers.astype(float), documented.astype(float)


def _deployment(rng: np.random.Generator, shapes: tuple[float, float], prior: Prior) -> tuple[float, int, int]:
    """A deployment: its expected number of transfers, how many took place, and how many were documented."""
    expected = rng.gamma(prior.shape, 1.0 / prior.rate)
    number = int(rng.poisson(expected))
    return expected, number, int(rng.binomial(number, rng.beta(*shapes)))


def _of_number(rng: np.random.Generator, name: str, whole: Posterior | Sum, number: int) -> Rank:
    """The rank of the number that took place."""
    below, upto = whole.below(number - 1.0), whole.below(float(number))
    tail = (1.0 - LEVEL) / 2.0
    low, high = whole.quantile(tail), whole.quantile(1.0 - tail)
    return Rank(name, below + float(rng.uniform()) * (upto - below), float(number < low), float(number > high))


def _of_expected(posterior: Posterior, expected: float) -> Rank:
    """The rank of the expected number."""
    rank, tail = posterior.expected_below(expected), (1.0 - LEVEL) / 2.0
    return Rank("expected number", rank, float(rank < tail), float(rank > 1.0 - tail))


def one_deployment(rng: np.random.Generator) -> Iterator[Rank]:
    """A run, and the reports of one deployment."""
    shapes = _chances(rng)
    counts = _counts(rng, shapes, _REPLICATIONS)
    expected, number, documented = _deployment(rng, shapes, _PRIOR)
    posterior = Posterior(documented, chance_of(*counts), _PRIOR)
    yield _of_expected(posterior, expected)
    yield _of_number(rng, "took place", posterior, number)


def two_parts(rng: np.random.Generator) -> Iterator[Rank]:
    """Reports from two parts, each with chances and an expected number of its own."""
    split, posteriors, numbers = _PRIOR.split(2), [], []
    for _ in range(2):
        shapes = _chances(rng)
        counts = _counts(rng, shapes, _REPLICATIONS)
        _, number, documented = _deployment(rng, shapes, split)
        posteriors.append(Posterior(documented, chance_of(*counts), split))
        numbers.append(number)
    yield _of_number(rng, "took place in a part", posteriors[0], numbers[0])
    yield _of_number(rng, "sum of the parts", Sum(posteriors, LEVEL), sum(numbers))


def unknown_figure(rng: np.random.Generator) -> Iterator[Rank]:
    """A figure that has one of some values, each with chances of its own: the points of a study."""
    shapes = [_chances(rng) for _ in range(_POINTS)]
    counts = [_counts(rng, one, _REPLICATIONS) for one in shapes]
    true = int(rng.integers(_POINTS))
    expected, number, documented = _deployment(rng, shapes[true], _PRIOR)
    points = Points.of([FactorLevels("figure", range(_POINTS))], counts, documented, _PRIOR, sampled=False)
    posterior = Posterior(documented, points.chance, _PRIOR)
    yield _of_expected(posterior, expected)
    yield _of_number(rng, "took place", posterior, number)
    below = float(points.weight[:true].sum())
    rank, tail = below + float(rng.uniform()) * float(points.weight[true]), (1.0 - LEVEL) / 2.0
    yield Rank("the figure", rank, float(rank < tail), float(rank > 1.0 - tail))


@dataclass
class Sea:
    """A small sea of a scenario, whose replications are simulated."""

    prior: Prior = _SEA_PRIOR
    pool: int = 2000
    replications: int = 40

    def __post_init__(self) -> None:
        """Simulate the replications from which runs are drawn."""
        sets = {"duration_days": 10.0, "background.merchant.present": 50.0}
        self.scenario = load_scenario("neon-spring", sets)
        columns = run(self.scenario, self.pool, seed=7, keep=0).columns
        self.counts = columns["transfers"], columns["documented"]
        self.number = 0

    def __call__(self, rng: np.random.Generator) -> Iterator[Rank]:
        """A run of some replications, and one more deployment whose transfers have another rate."""
        chosen = rng.choice(self.pool, self.replications, replace=False)
        chance = chance_of(*(column[chosen] for column in self.counts))
        expected = rng.gamma(self.prior.shape, 1.0 / self.prior.rate)
        scenario = load_scenario(self.scenario, {"transfers.fuel.per_month": 3.0 * expected})
        self.number += 1
        log = simulate(scenario, 8, self.number)
        counted = log.transfers.counted
        documented = {event.vessel for event in log.events if event.event == "documented"}
        number, hits = int(counted.sum()), sum(bool(counted[one]) for one in documented if one < counted.size)
        posterior = Posterior(hits, chance, self.prior)
        yield _of_expected(posterior, expected)
        yield _of_number(rng, "took place", posterior, number)


CASES: dict[str, Callable[[], Callable[[np.random.Generator], Iterator[Rank]]]] = {
    "one deployment": lambda: one_deployment,
    "reports by part": lambda: two_parts,
    "an unknown figure": lambda: unknown_figure,
    "simulated deployments": Sea,
}


class Figures(NamedTuple):
    """What is measured of one quantity of a case."""

    case: str
    quantity: str
    deployments: int
    uniform: float
    """The probability of ranks at least as uneven, by the test of chi-squared, if they are uniform."""
    covered: float
    below: float
    """The share of intervals that lie wholly below the truth."""
    above: float
    central: float
    """The share of ranks within the level: the coverage of an interval that could end between whole numbers."""


def figures(case: str, deployments: int = DEPLOYMENTS, seed: int = 1) -> list[Figures]:
    """The figures of each quantity of a case."""
    from scipy.stats import chisquare

    rng, make = np.random.default_rng(seed), CASES[case]()
    found: dict[str, list[Rank]] = {}
    for _ in range(deployments):
        for rank in make(rng):
            found.setdefault(rank.quantity, []).append(rank)
    rows = []
    for quantity, ranks in found.items():
        values = np.array([rank.rank for rank in ranks])
        counts = np.bincount(np.minimum(BINS - 1, (BINS * values).astype(int)), minlength=BINS)
        above, below = float(np.mean([one.low for one in ranks])), float(np.mean([one.high for one in ranks]))
        p = float(chisquare(counts).pvalue)
        central = float(np.mean(np.abs(values - 0.5) <= 0.5 * LEVEL))
        rows.append(Figures(case, quantity, len(ranks), p, 1.0 - above - below, below, above, central))
    return rows


def table_of(rows: list[Figures]) -> str:
    """The table of the page."""
    lines = ["| made up | posterior of | deployments | ranks uniform, p | held by the 95 % interval | below | above | "
             "ranks within 95 % |",
             "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for row in rows:
        shares = " | ".join(f"{100.0 * share:.1f} %" for share in row[4:])
        lines.append(f"| {row.case} | {row.quantity} | {row.deployments:,} | {row.uniform:.2f} | {shares} |")
    return "\n".join(lines)


def main(deployments: int = DEPLOYMENTS) -> None:
    """Measure everything, and write the page."""
    rows = [row for case in CASES for row in figures(case, deployments)]
    table = table_of(rows)
    print(table)
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), "ranks", table), encoding="utf-8")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
