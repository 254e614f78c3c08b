"""Estimates of measures: values computed from replications, always with their confidence interval.

The replication is the independent unit: vessels under one flight share its luck. With R replications:

* A mean is the average over replications, a ratio the sum of numerators over the sum of denominators. Their intervals
  are those of a number of events whose variance is larger or smaller than that of a Poisson number, as the replications
  show (`sim.study.intervals.overdispersed`). If at least half of the replications have the same value, the events of a
  mean are counted from that value, otherwise from 0.
* A share of transfers is a ratio with a Wilson interval on the effective sample size p (1 - p) / variance (Korn and
  Graubard, Survey Methodology 24, 1998), so that 0 and 1 keep an interval with a width. A share of deployments has the
  exact binomial interval of Clopper and Pearson.
* A difference is paired by replication. What rose and what fell are also such numbers of events, each with its own
  bounds.

`sim.study.measures` says which totals a measure is made of, `sim.study.intervals` has the formulas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np

from sim.core.arrays import Floats
from sim.core.text import csv_table
from sim.core.units import HOURS_PER_YEAR
from sim.study.columns import MEASURE_COLUMNS
from sim.study.intervals import (
    Event,
    Interval,
    Part,
    both_ways,
    clopper_pearson,
    combined,
    effective_number,
    normal_quantile,
    overdispersed,
    poisson_upper_limit,
    student_quantile,
    wilson,
)
from sim.study.measures import Definition, computable, definition_of

Columns = Mapping[str, Floats]
"""Totals by name, each with one number for each replication."""

LEVEL = 0.95  # of intervals, unless another confidence level is asked for
_ONE_REPLICATION = "one replication has no spread"
_ROUNDING = 1e-9  # as a share of the numbers: a smaller difference is an error of rounding


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

    @property
    def excludes_zero(self) -> bool:
        """Whether there is an interval, and 0 lies outside it."""
        return self.low is not None and self.high is not None and not self.low <= 0.0 <= self.high


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
    return replace(estimate_of(definition_of(name), columns, horizon_h, level), measure=name)


def estimate_of(definition: Definition, columns: Columns, horizon_h: float, level: float = LEVEL) -> Measure:
    """One measure by its definition, which need not be in the registry; the rest is as in `estimate`."""
    count = len(columns["transfers"])

    def result(value: float | None, low: float | None, high: float | None, why: str = "") -> Measure:
        return Measure(definition.name, value, low, high, level, count, definition.unit, why)

    if count == 0:
        return result(None, None, None, "there is no replication")
    value, influence = value_and_influence(definition, columns, horizon_h)
    if np.isnan(value):
        return result(None, None, None, f"nothing to divide by: the replications have no {definition.denominator}")
    why = _why_no_interval(definition, columns)
    if why:
        return result(value, None, None, why)
    if definition.kind == "any":
        hits = int(np.count_nonzero(columns[definition.numerator] > 0.0))
        return result(value, *clopper_pearson(hits, count, level))
    if definition.kind == "proportion":
        return result(value, *_share_interval(definition, columns, value, influence, level))
    if definition.kind == "ratio":
        low, high = _ratio_interval(definition, columns, horizon_h, value, level)
        return result(value, low, min(high, max(definition.most, value)))
    return result(value, *_mean_interval(definition, columns, horizon_h, value, level))


def _why_no_interval(definition: Definition, *runs: Columns) -> str:
    """Why no interval can be computed of the totals of one run or two; an empty text where one can."""
    if len(runs[0]["transfers"]) < 2:
        return _ONE_REPLICATION
    if definition.kind == "ratio" and any(np.count_nonzero(run[definition.denominator]) < 2 for run in runs):
        return f"only one replication has {definition.denominator}"
    return ""


def amounts_of(definition: Definition, columns: Columns, horizon_h: float) -> Floats:
    """What each replication adds to the numerator of a measure, in its unit, (R,)."""
    x = columns[definition.numerator].astype(float)
    if definition.kind == "first":
        return np.where(np.isnan(x), horizon_h, x)
    if definition.kind == "any":
        return (x > 0.0).astype(float)
    return x * (HOURS_PER_YEAR / horizon_h) if definition.kind == "rate" else x * definition.scale


def _event(definition: Definition, columns: Columns, horizon_h: float) -> Event:
    """What is assumed of the events that a measure counts, in its unit.

    An event changes a count by one. An event that changes hours, and that no replication shows, is assumed to last as
    long as a mean sortie, or as the deployment if no replication has a sortie. An event can change the time until the
    first documented transfer by the length of the deployment.
    """
    if definition.kind == "first":
        return Event(horizon_h, True)
    if definition.kind == "rate":
        return Event(HOURS_PER_YEAR / horizon_h, False)
    if definition.counts != "hours":
        return Event(definition.scale, definition.counts != "count")
    sorties = float(columns["sorties"].sum()) if "sorties" in columns and "flight_hours" in columns else 0.0
    return Event(definition.scale * (float(columns["flight_hours"].sum()) / sorties if sorties else horizon_h), True)


def _away(amounts: Floats, centre: float) -> Floats:
    """How far amounts are from a centre, (R,); 0 where they differ from it by rounding only."""
    apart = amounts - centre
    return np.where(np.abs(apart) <= _ROUNDING * np.abs(amounts).max(), 0.0, apart)


def _centre(definition: Definition, amounts: Floats) -> float:
    """The value from which the events of a mean are counted.

    It is the value that at least half of the replications have, else 0. For a time that is cut
    at the end of the deployment, and for a measure that can be below 0, it is the median: those are skew although they
    are not sums of rare events.
    """
    ordered = np.sort(amounts)
    middle, upper = float(ordered[(amounts.size - 1) // 2]), float(ordered[amounts.size // 2])
    if definition.kind == "first" or definition.signed:
        return 0.5 * (middle + upper)
    return middle if 2 * np.count_nonzero(_away(amounts, middle) == 0.0) >= amounts.size else 0.0


def _mean_interval(definition: Definition, columns: Columns, horizon_h: float, value: float, level: float) -> Interval:
    """The interval of a mean, from events above and below its centre; a side with no possible values adds nothing."""
    amounts = amounts_of(definition, columns, horizon_h)
    lowest = -np.inf if definition.signed else 0.0
    highest = horizon_h if definition.kind == "first" else np.inf
    centre = _centre(definition, amounts)
    event, exposures, rest = _event(definition, columns, horizon_h), np.ones_like(amounts), np.zeros_like(amounts)
    above, below = both_ways(_away(amounts, centre), exposures, level, event)
    never, rounding = Part(0.0, 0.0, 0.0, rest, 0.0), _ROUNDING * float(amounts.max())
    above, below = never if highest - centre <= rounding else above, never if centre - lowest <= rounding else below
    low, high = combined(value, above, below, rest, level)
    return max(low, lowest), min(high, highest)


def _ratio_interval(definition: Definition, columns: Columns, horizon_h: float, value: float, level: float) -> Interval:
    """The interval of a ratio, from its events, or from what lies above and below the median if it can be below 0."""
    amounts, exposures = amounts_of(definition, columns, horizon_h), columns[definition.denominator].astype(float)
    event = _event(definition, columns, horizon_h)
    if definition.signed:
        some = exposures > 0.0
        apart = _away(amounts - float(np.median(amounts[some] / exposures[some])) * exposures, 0.0)
        above, below = both_ways(apart, exposures, level, event, max(1.0, effective_number(exposures) - 1.0))
        return combined(value, above, below, np.zeros_like(amounts), level)
    part = overdispersed(amounts, exposures, level, event)
    if part.value > 0.0 and part.high - part.low <= _ROUNDING * part.value:  # the same ratio in every replication
        bound = event.unseen * poisson_upper_limit(level) / float(exposures.sum())
        return max(0.0, value - bound), value + bound
    return part.low, part.high


def _share_interval(
    definition: Definition, columns: Columns, value: float, influence: Floats, level: float
) -> Interval:
    """Wilson's interval of a share, on the effective sample size (Korn and Graubard, Survey Methodology 24, 1998).

    The effective sample size p (1 - p) / error^2 is that of a simple random sample with the same standard error. Where
    the replications show no spread it cannot be computed; the number of trials takes its place, and z that of t.
    """
    count = influence.size
    error = float(np.sqrt(np.sum(influence**2) / (count * (count - 1))))
    if 0.0 < value < 1.0 and error > 0.0:
        return wilson(value, value * (1.0 - value) / error**2, student_quantile(level, count - 1))
    return wilson(value, float(columns[definition.denominator].sum()), normal_quantile(level))


def all_measures(columns: Columns, horizon_h: float, level: float = LEVEL) -> list[Measure]:
    """Every measure whose totals are among the columns, in the order of the registry; those of parts come last."""
    return [estimate(definition.name, columns, horizon_h, level) for definition in computable(columns)]


def difference(
    name: str, ours: Columns, theirs: Columns, horizons_h: tuple[float, float], level: float = LEVEL
) -> Measure:
    """`ours` minus `theirs`, paired by replication: both hold the same replications in the same order."""
    definition = definition_of(name)
    count = len(ours["transfers"])
    our_value, our_influence = value_and_influence(definition, ours, horizons_h[0])
    their_value, their_influence = value_and_influence(definition, theirs, horizons_h[1])
    if np.isnan(our_value) or np.isnan(their_value):
        why = f"nothing to divide by: the replications have no {definition.denominator}"
        return Measure(name, None, None, None, level, count, definition.unit, why)
    gap = our_value - their_value
    why = _why_no_interval(definition, ours, theirs)
    if why:
        return Measure(name, gap, None, None, level, count, definition.unit, why)
    influence = our_influence - their_influence  # paired: what both share cancels here
    amounts = amounts_of(definition, ours, horizons_h[0]) - amounts_of(definition, theirs, horizons_h[1])
    exposures = np.ones(count)
    centre = float(np.median(amounts))
    if definition.denominator:
        exposures = 0.5 * (ours[definition.denominator] + theirs[definition.denominator])
        centre = 0.0
    event, other = (_event(definition, run, hours) for run, hours in zip((ours, theirs), horizons_h, strict=True))
    above, below = both_ways(_away(amounts, centre), exposures, level, event.at_least(other.unseen))
    low, high = combined(gap, above, below, influence - above.influence + below.influence, level)
    furthest = 1.0 if definition.kind in ("proportion", "any") else max(horizons_h)
    if definition.kind in ("proportion", "any", "first"):
        low, high = max(low, -furthest), min(high, furthest)
    return Measure(name, gap, low, high, level, count, definition.unit)


def together(
    names: Sequence[str], ours: Columns, theirs: Columns, horizons_h: tuple[float, float], level: float = LEVEL
) -> set[str]:
    """Return the measures whose difference excludes 0 even when all measures are judged together.

    The probability that all measures in the answer truly differ is at least `level`, however many are
    judged (Holm, Scandinavian Journal of Statistics 6, 1979). `ours` and `theirs` are as in `difference`.
    """
    found: set[str] = set()
    while len(found) < len(names):
        stricter = 1.0 - (1.0 - level) / (len(names) - len(found))
        left = [name for name in names if name not in found]
        more = {name for name in left if difference(name, ours, theirs, horizons_h, stricter).excludes_zero}
        if not more:
            break
        found |= more
    return found


def measures_csv(rows: Sequence[Measure], points: Sequence[Mapping[str, object]] | None = None) -> str:
    """The text of `measures.csv`, one row for each measure; numbers keep all their digits.

    `points` gives the point of a study and its factors for each row; they are the first columns.
    """
    names = [column.name for column in MEASURE_COLUMNS]
    point_names = list(points[0]) if points else []
    lines: list[list[object]] = [[*point_names, *names]]
    for index, row in enumerate(rows):
        cells = asdict(row)
        point_cells = list(points[index].values()) if points else []
        lines.append([*point_cells, *(cells[name] for name in names)])
    return csv_table(lines)


def measure_of(row: Mapping[str, str]) -> Measure:
    """The measure of a row of `measures.csv`, which a `csv.DictReader` has read."""
    value, low, high = (float(row[name]) if row[name] else None for name in ("value", "low", "high"))
    return Measure(row["measure"], value, low, high, float(row["level"]), int(row["replications"]), row["unit"])
