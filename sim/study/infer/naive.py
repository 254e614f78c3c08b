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
    factor, _, believed = text.partition("=")
    names = list(results.levels[0])
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
        found.append(_estimate(levels, _counts(columns, number), _counts(columns, other), level))
    return Naive(results, factor, believed, level, found)


def _counts(columns: dict[str, Floats], point: int) -> tuple[Floats, Floats, Floats]:
    """The numbers of the replications of a point, their transfers, and those that were documented."""
    rows = columns["point"] == point
    found = columns["replication"][rows], columns["transfers"][rows], columns["documented"][rows]
    refuse_counts(found[1], found[2], f"point {point}")
    return found


def _estimate(levels: dict[str, Any], ours: Any, believed: Any, level: float) -> Estimate:
    """The estimate at a point; both points share their replications.

    The interval is Student's, of the logarithm of a product of ratios, by its influences (delta method).
    """
    _, rows, others = np.intersect1d(ours[0], believed[0], return_indices=True)
    transfers, documented = ours[1][rows], ours[2][rows]
    n, d = believed[1][others], believed[2][others]
    chance, nan = float(d.sum() / n.sum()), float("nan")
    means = float(transfers.mean()), float(documented.mean())
    value = means[1] / chance if chance > 0.0 else nan
    ratio = value / means[0]
    if not value > 0.0:
        return Estimate(levels, *means, chance, value, ratio, nan, nan)
    influence = documented / documented.mean() - d / d.mean() + n / n.mean() - transfers / transfers.mean()
    error = float(np.sqrt(product_sum(influence, influence) / (rows.size * (rows.size - 1))))
    factor = float(np.exp(student_quantile(level, rows.size - 1.0) * error))
    return Estimate(levels, *means, chance, value, ratio, ratio / factor, ratio * factor)
