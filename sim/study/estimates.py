"""Estimates of measures: values computed from replications, always with their confidence interval.

The replication is the independent unit: vessels under one flight share its luck. With R replications:

* A mean is the average over replications, with a t interval. A count that was never observed has the exact Poisson
  limit (Garwood, Biometrika 28, 1936).
* A ratio is the sum of numerators over the sum of denominators. Its variance comes from the residuals x_i - r n_i by
  the delta method (Cochran, Sampling Techniques, 3rd ed., 1977, eq. 6.13), and it has a t interval.
* A proportion is a ratio with a Wilson interval on the effective sample size p (1 - p) / variance (Korn & Graubard,
  Survey Methodology 24, 1998), so that 0 and 1 keep an interval with a width.

`sim.study.measures` says which totals a measure is made of.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from sim.core.arrays import Floats
from sim.core.text import csv_cell
from sim.core.units import HOURS_PER_YEAR
from sim.study.columns import MEASURE_COLUMNS
from sim.study.measures import MEASURES, Definition

Columns = Mapping[str, Floats]
"""Totals by name, each with one number for each replication."""

LEVEL = 0.95  # of intervals, unless another confidence level is asked for
_ONE_REPLICATION = "one replication has no spread"


@dataclass(frozen=True)
class Measure:
    """One estimate with its interval; `low` and `high` are None where no interval can be computed."""

    measure: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    replications: int
    unit: str
    why: str = ""
    """The reason for a missing value or interval."""

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval; None where there is no interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2.0


def _t(level: float, freedom: int) -> float:
    """The two-sided quantile of Student's t distribution for a confidence level and degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0))


def _z(level: float) -> float:
    """The two-sided quantile of the standard normal distribution for a confidence level."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2.0))


def poisson_upper_limit(level: float) -> float:
    """Exact upper limit of a Poisson mean when the count is 0, for a two-sided level (Garwood, Biometrika 28, 1936).

    The limit m solves exp(-m) = (1 - level) / 2: a larger mean would give a count of 0 with less than that probability.
    """
    return float(-np.log((1.0 - level) / 2.0))


def wilson(p: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's score interval of a proportion p of n trials: z standard errors to each side (Wilson, JASA 22, 1927)."""
    middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n)
    half = z / (1.0 + z * z / n) * np.sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n))
    # At p = 0 and p = 1 one end is exactly p; rounding must not move it.
    return (0.0 if p == 0.0 else float(max(0.0, middle - half))), (1.0 if p == 1.0 else float(min(1.0, middle + half)))


def value_and_influence(definition: Definition, columns: Columns, horizon_h: float) -> tuple[float, Floats]:
    """The value of a measure, and the influence of each replication on it, (R,).

    The error of the value is the mean of the influences, to first order (delta method). So its variance is the sample
    variance of the influences divided by R, and the error of a difference of two paired values has the influences'
    difference. The influence of x_i on a mean is x_i - mean(x); that of (x_i, n_i) on the ratio r of sums is
    (x_i - r n_i) / mean(n). The value is NaN where the denominators add up to 0.
    """
    if definition.kind == "first":
        times = np.where(np.isnan(columns[definition.numerator]), horizon_h, columns[definition.numerator])
        return float(times.mean()), times - times.mean()
    x = columns[definition.numerator].astype(float)
    if definition.kind == "any":
        x = (x > 0.0).astype(float)
    if definition.kind not in ("ratio", "proportion"):
        x = x * (HOURS_PER_YEAR / horizon_h) if definition.kind == "rate" else x
        return float(x.mean()), x - x.mean()
    n = columns[definition.denominator].astype(float)
    if n.sum() == 0.0:
        return float("nan"), np.zeros(x.size)
    ratio = x.sum() / n.sum()
    return definition.scale * float(ratio), definition.scale * (x - ratio * n) / n.mean()


def estimate(name: str, columns: Columns, horizon_h: float, level: float = LEVEL) -> Measure:
    """One measure of the replications: `columns` are equally long totals, `horizon_h` the deployment's length."""
    definition = MEASURES[name]
    count = len(columns["transfers"])

    def result(value: float | None, low: float | None, high: float | None, why: str = "") -> Measure:
        return Measure(name, value, low, high, level, count, definition.unit, why)

    if count == 0:
        return result(None, None, None, "there is no replication")
    value, influence = value_and_influence(definition, columns, horizon_h)
    if np.isnan(value):
        return result(None, None, None, f"nothing to divide by: the replications have no {definition.denominator}")
    if count < 2:
        return result(value, None, None, _ONE_REPLICATION)
    error = float(np.sqrt(np.sum(influence**2) / (count * (count - 1))))
    if definition.kind in ("proportion", "any"):
        return result(value, *_share_interval(definition, columns, value, error, level))
    if definition.kind == "first" and value == horizon_h:
        # No replication has one. The share of replications that could have had one is at most Wilson's upper limit, and
        # each of these would shorten the mean by at most the whole deployment.
        return result(value, horizon_h * (1.0 - wilson(0.0, float(count), _z(level))[1]), horizon_h)
    if value == 0.0 and definition.kind in ("count", "rate", "ratio") and not definition.signed:
        return result(0.0, 0.0, _upper_limit_at_zero(definition, columns, horizon_h, level))
    half = _t(level, count - 1) * error
    longest = horizon_h if definition.kind == "first" else np.inf
    return result(value, value - half if definition.signed else max(value - half, 0.0), min(value + half, longest))


def _share_interval(
    definition: Definition, columns: Columns, value: float, error: float, level: float
) -> tuple[float, float]:
    """Wilson's interval of a share, on the effective sample size (Korn & Graubard, Survey Methodology 24, 1998).

    The effective sample size p (1 - p) / error^2 is that of a simple random sample with the same standard error. Where
    the replications show no spread it cannot be computed; the number of trials takes its place, and z that of t.
    """
    count = len(columns["transfers"])
    if 0.0 < value < 1.0 and error > 0.0:
        return wilson(value, value * (1.0 - value) / error**2, _t(level, count - 1))
    trials = float(columns[definition.denominator].sum()) if definition.kind == "proportion" else float(count)
    return wilson(value, trials, _z(level))


def _upper_limit_at_zero(definition: Definition, columns: Columns, horizon_h: float, level: float) -> float:
    """The exact upper limit of a count, a rate or a ratio whose numerators are all 0."""
    exposure = (
        float(columns[definition.denominator].sum()) if definition.kind == "ratio" else float(len(columns["transfers"]))
    )
    exposure *= horizon_h / HOURS_PER_YEAR if definition.kind == "rate" else 1.0
    return definition.scale * poisson_upper_limit(level) / exposure


def all_measures(columns: Columns, horizon_h: float, level: float = LEVEL) -> list[Measure]:
    """Every measure whose totals are among the columns, in the order of the registry."""
    computable = [definition for definition in MEASURES.values() if set(definition.totals) <= set(columns)]
    return [estimate(definition.name, columns, horizon_h, level) for definition in computable]


def difference(
    name: str, ours: Columns, theirs: Columns, horizons_h: tuple[float, float], level: float = LEVEL
) -> Measure:
    """`ours` minus `theirs`, paired by replication: both hold the same replications in the same order."""
    definition = MEASURES[name]
    count = len(ours["transfers"])
    our_value, our_influence = value_and_influence(definition, ours, horizons_h[0])
    their_value, their_influence = value_and_influence(definition, theirs, horizons_h[1])
    if np.isnan(our_value) or np.isnan(their_value):
        why = f"nothing to divide by: the replications have no {definition.denominator}"
        return Measure(name, None, None, None, level, count, definition.unit, why)
    gap = our_value - their_value
    if count < 2:
        return Measure(name, gap, None, None, level, count, definition.unit, _ONE_REPLICATION)
    influence = our_influence - their_influence  # paired: what both share cancels here
    half = _t(level, count - 1) * float(np.sqrt(np.sum(influence**2) / (count * (count - 1))))
    return Measure(name, gap, gap - half, gap + half, level, count, definition.unit)


def measures_csv(rows: Sequence[Measure], points: Sequence[Mapping[str, object]] | None = None) -> str:
    """The text of `measures.csv`, one row for each measure; numbers keep all their digits.

    `points` gives the point of a study and its factors for each row; they are the first columns.
    """
    names = [column.name for column in MEASURE_COLUMNS]
    point_names = list(points[0]) if points else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(csv_cell, [*point_names, *names]))
    for index, row in enumerate(rows):
        cells = asdict(row)
        point_cells = list(points[index].values()) if points else []
        writer.writerow(map(csv_cell, [*point_cells, *(cells[name] for name in names)]))
    return text.getvalue()
