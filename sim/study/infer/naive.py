"""The estimate of one who does not know something: that ships answer to patrols, above all.

At each point of a study the transfers that are documented are divided by the chance at the point at which one factor
has the level in which the estimator believes, and all others are the same. Where ships answer the estimate is too low;
where they learn it falls as more is flown, although as many transfers are planned. That was found for poaching in the
Antarctic (Ball 2004; Agnew and Kirkwood 2005).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.core.arrays import Floats
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.study.infer.inference import refuse_counts
from sim.study.intervals import product_sum, student_quantile
from sim.study.store import numeric_columns
from sim.study.study_results import StudyResults
from sim.study.tables import level_text


@dataclass(frozen=True)
class Estimate:
    """What one who does not know estimates at a point of a study."""

    levels: dict[str, Any]
    transfers: float
    """The mean number of transfers that took place in a deployment."""
    documented: float
    """The mean number that was documented."""
    believed: float
    """The chance to be documented in which the estimator believes."""
    value: float
    """The estimate of the number of transfers: documented divided by that chance; NaN where the chance is 0."""
    ratio: float
    """The estimate as a share of the transfers that took place."""
    low: float
    """The lower end of the interval of this share, paired by replication; NaN where nothing was documented."""
    high: float


@dataclass(frozen=True)
class Naive:
    """The estimates at all points of a study."""

    results: StudyResults
    factor: str
    level: str
    """The level in which the estimator believes."""
    confidence: float
    estimates: Sequence[Estimate]


def naive(results: StudyResults, text: str, level: float) -> Naive:
    """What one estimates who believes FACTOR=LEVEL; InputError where the study has no such factor or level."""
    names = list(results.levels[0])
    factor = max((name for name in names if text.startswith(f"{name}=")), key=len, default=text.partition("=")[0])
    believed = text[len(factor) + 1 :]
    if factor not in names:
        raise refused(text, f"FACTOR=LEVEL with a factor out of {', '.join(names)}", key="--naive",
                      hint=nearest(factor, names))  # fmt: skip
    numbers = [number for number in range(len(results.levels)) if number != results.baseline]
    known = list(dict.fromkeys(level_text(results.levels[number][factor]) for number in numbers))
    if believed not in known:
        raise refused(text, f"{factor}= one of {', '.join(known)}", key="--naive", hint=nearest(believed, known))
    columns = numeric_columns(results.table)
    found = []
    for number in numbers:
        levels = results.levels[number]
        other = next(
            one for one in numbers
            if level_text(results.levels[one][factor]) == believed
            and all(results.levels[one][name] == levels[name] for name in names if name != factor)
        )  # fmt: skip
        found.append(_estimate(levels, level, *_paired(columns, number, other)))
    return Naive(results, factor, believed, level, found)


def _paired(columns: dict[str, Floats], point: int, other: int) -> list[Floats]:
    """The transfers and the documented ones of a point, then those of another, by the replications that both have."""
    ours, theirs = (np.flatnonzero(columns["point"] == one) for one in (point, other))
    numbers = columns["replication"]
    _, rows, others = np.intersect1d(numbers[ours], numbers[theirs], return_indices=True)
    found: list[Floats] = []
    for one, chosen in ((point, ours[rows]), (other, theirs[others])):
        counts = columns["transfers"][chosen], columns["documented"][chosen]
        refuse_counts(*counts, f"point {one}")
        found += counts
    return found


def _estimate(
    levels: dict[str, Any], level: float, transfers: Floats, documented: Floats, theirs: Floats, seen: Floats
) -> Estimate:
    """The estimate at a point by its replications, (R,) each.

    `theirs` are the transfers at the point in which the estimator believes, `seen` those that were documented there.
    The interval is Student's, of the logarithm of a product of ratios, by its influences (delta method).
    """
    chance, nan = float(seen.sum() / theirs.sum()), float("nan")
    means = float(transfers.mean()), float(documented.mean())
    value = means[1] / chance if chance > 0.0 else nan
    ratio = value / means[0]
    if not value > 0.0:
        return Estimate(levels, *means, chance, value, ratio, nan, nan)
    influence = (
        documented / documented.mean() - seen / seen.mean() + theirs / theirs.mean() - transfers / transfers.mean()
    )
    error = float(np.sqrt(product_sum(influence, influence) / (theirs.size * (theirs.size - 1))))
    factor = float(np.exp(student_quantile(level, theirs.size - 1.0) * error))
    return Estimate(levels, *means, chance, value, ratio, ratio / factor, ratio * factor)
