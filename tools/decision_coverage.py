"""How often the intervals of `seasweep decide` hold the truth, over made-up studies.

`python -m tools.decision_coverage` prints the table of `docs/methods/decisions.md`, in about ten minutes.
`make soak` compares them.
"""

import sys

import numpy as np

from sim.core.arrays import Floats
from sim.study.decide.decisions import (
    Outcomes,
    greatest_regret_of,
    mean_of,
    perfect_information,
    regrets,
    worst_of,
    worth_of_knowing,
)

LEVEL = 0.95
STUDIES = 200  # of each case: their share has a standard error of 1.5 percentage points at 95 %
GRID = np.array([(one, two) for one in range(4) for two in range(3)])  # the states of two unknowns
EVEN = np.full(len(GRID), 1.0 / len(GRID))
_X = np.array([0.2, 0.4, 0.6, 0.8])[GRID[:, 0]]
CROSSING = np.stack([3.0 + 2.0 * _X + GRID[:, 1], 5.5 - 2.0 * _X + GRID[:, 1], 2.5 + 2.0 * _X + GRID[:, 1]])
"""Three plans, the first two of which cross over the first unknown; the second unknown raises all alike."""
KINDS = {
    "cross": CROSSING,
    "are alike": np.full_like(CROSSING, 4.0),
    "are near": CROSSING[[0, 0, 0]] + np.array([[0.1], [0.0], [-0.1]]),
}
"""The means of three plans in the states, by how they lie to each other."""
QUANTITIES = ("mean", "worst case", "regret", "worth of all", "of the first", "of the second")


def made_up(values: Floats, replications: int, rng: np.random.Generator) -> Outcomes:
    """Poisson numbers with these means, (plans, states), with luck that all points of a replication share."""
    luck = np.exp(0.3 * rng.standard_normal(replications) - 0.045)
    amounts = rng.poisson(values[:, :, None] * luck).astype(float)
    return Outcomes(amounts, np.ones_like(amounts), EVEN, GRID)


def coverage(kind: str, replications: int, studies: int = STUDIES) -> Floats:
    """The share of studies whose intervals hold the truth, one for each of the quantities."""
    values, rng, held = KINDS[kind], np.random.default_rng(replications), []
    truths = [
        values.mean(axis=1)[0], values.min(axis=1)[0], regrets(values).max(axis=1)[0],
        *(perfect_information(values, EVEN, GRID, known) for known in (None, (0,), (1,))),
    ]  # fmt: skip
    for _ in range(studies):
        table = made_up(values, replications, rng)
        found = [one(table, 0, LEVEL) for one in (mean_of, worst_of, greatest_regret_of)]
        found += [worth_of_knowing(table, known, LEVEL) for known in (None, 0, 1)]
        slack = 1e-9  # an interval may have no width at a truth of 0
        held.append([one.low - slack <= truth <= one.high + slack for one, truth in zip(found, truths, strict=True)])
    return np.asarray(np.mean(held, axis=0), float)


def row(kind: str, replications: int) -> str:
    """A row of the table."""
    shares = " | ".join(f"{100.0 * share:.1f} %" for share in coverage(kind, replications))
    return f"| {kind} | {replications} | {shares} |"


if __name__ == "__main__":
    for name in KINDS:
        for number in (40, 200):
            sys.stdout.write(f"{row(name, number)}\n")
            sys.stdout.flush()
