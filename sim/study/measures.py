"""Measures: numbers computed from replications, always with their interval.

The replication is the independent unit: vessels under one flight share its luck. With R replications:

* a mean is the average over replications with a t interval; a count never observed gets the exact Poisson bound
  (Garwood, Biometrika 28, 1936);
* a ratio is sum over sum, its variance from the residuals x_i - r n_i (delta method; Cochran, Sampling Techniques,
  3rd ed., eq. 6.13) with a t interval;
* a proportion is a ratio with a Wilson interval on the effective sample size p (1 - p) / variance (Korn & Graubard,
  Survey Methodology 24, 1998), so that 0 and 1 keep a width.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_YEAR
from sim.deployment.contacts import FEATURES
from sim.deployment.ladder import REASONS

Columns = Mapping[str, Floats]

LEVEL = 0.95


@dataclass(frozen=True)
class Definition:
    """What a measure is: its kind, the totals it is made of, its unit."""

    name: str
    kind: Literal["count", "rate", "hours", "proportion", "ratio", "any", "first"]
    top: str
    bottom: str = ""
    unit: str = "per deployment"
    scale: float = 1.0
    text: str = ""
    quiet: bool = False
    """Left out of tables where it is 0 throughout."""
    aside: bool = False
    """Left out of tables unless it is asked for by name."""
    signed: bool = False
    """Whether it can be below 0."""

    def belongs_in_a_table(self, *values: float | None) -> bool:
        """Whether a table with these values of the measure shows it."""
        return not self.aside and not (self.quiet and all(value == 0.0 for value in values))


DEFINITIONS = (
    Definition("transfers", "count", "transfers", text="transfers that began"),
    Definition("detected", "count", "detected", text="a contact while alongside"),
    Definition("classified", "count", "classified", text="recognised as two vessels alongside"),
    Definition("documented", "count", "documented", text="imagery good enough for a report"),
    Definition("documented_per_year", "rate", "documented", unit="a year", text="at that rate", aside=True),
    Definition("p_detected", "proportion", "detected", "transfers", "of transfers", text="detected"),
    Definition("p_classified", "proportion", "classified", "transfers", "of transfers", text="classified"),
    Definition("p_documented", "proportion", "documented", "transfers", "of transfers", text="documented"),
    Definition("p_any_documented", "any", "documented", "", "of deployments", text="at least one documented"),
    Definition("first_documented_h", "first", "first_documented_h", "", "h", text="until the first, or the end"),
    Definition("sorties", "count", "sorties", text="flown"),
    Definition("cancelled_sorties", "count", "cancelled_sorties", text="not flown when due"),
    Definition("flight_hours", "hours", "flight_hours", unit="h per deployment", text="take-off to landing"),
    Definition(
        "on_station_hours", "hours", "on_station_hours", unit="h per deployment", text="on the route and at contacts"
    ),
    Definition(
        "documented_per_100_flight_hours", "ratio", "documented", "flight_hours", "per 100 h", 100.0, "documented"
    ),
    Definition("investigations", "count", "investigations", text="contacts flown to"),
    Definition("false_investigations", "count", "false_investigations", text="of them no transfer"),
    *(
        Definition(f"false_{one.name}", "count", f"false_{one.name}", text=f"of them {one.text}", quiet=True)
        for one in FEATURES
    ),
    Definition(
        "identification_share",
        "ratio",
        "identification_hours",
        "on_station_hours",
        "of time on station",
        text="taken by contacts",
    ),
    Definition("never_looked_at", "count", "never_looked_at", text="contacts worth it, each sortie anew"),
    *(Definition(one.name, "proportion", one.name, "transfers", "of transfers", text=one.text) for one in REASONS),
    Definition("tips_sent", "count", "tips_sent", text="reports that partners made"),
    Definition("tips_released", "count", "tips_released", text="of them reached a cell"),
    Definition("tips_in_time", "count", "tips_in_time", text="before the ships parted"),
    Definition("tip_age_h", "ratio", "tip_age_h", "tips_released", "h", text="from seeing to the cell", signed=True),
    Definition("tips_followed", "count", "tips_followed", text="flown to"),
    Definition("tips_fruitful", "count", "tips_fruitful", text="led to imagery of what they were about"),
    Definition("documented_tipped", "count", "documented_tipped", text="documented, and a report had come before"),
    Definition("tip_hours", "hours", "tip_hours", unit="h per deployment", text="going to tips and searching there"),
    Definition("false_tip_hours", "hours", "false_tip_hours", unit="h per deployment", text="of them for nothing true"),
    Definition(
        "stale_tip_hours", "hours", "stale_tip_hours", unit="h per deployment", text="for ships that had parted"
    ),
    Definition("contacts", "count", "contacts", text="vessels detected, each sortie anew"),
)
BY_NAME = {definition.name: definition for definition in DEFINITIONS}


@dataclass(frozen=True)
class Measure:
    """One number with its interval; `low` and `high` are None where there is nothing to make one of."""

    measure: str
    value: float | None
    low: float | None
    high: float | None
    level: float
    replications: int
    unit: str
    why: str = ""
    """Why there is no value or no interval."""

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2.0


def _t(level: float, freedom: int) -> float:
    """The two-sided quantile of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2.0))


def _z(level: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2.0))


def poisson_bound(level: float) -> float:
    """The upper end of the exact interval of a Poisson mean of which nothing was observed."""
    return float(-np.log((1.0 - level) / 2.0))


def wilson(p: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's interval of a proportion (Wilson, JASA 22, 1927)."""
    middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n)
    half = z / (1.0 + z * z / n) * np.sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n))
    # At p = 0 and p = 1 the end is exact; rounding must not move it.
    return (0.0 if p == 0.0 else float(max(0.0, middle - half))), (1.0 if p == 1.0 else float(min(1.0, middle + half)))


def linear(definition: Definition, columns: Columns, horizon_h: float) -> tuple[float, Floats]:
    """The value and each replication's influence on it: the value's error is their mean, to first order."""
    if definition.kind == "first":
        x = np.where(np.isnan(columns[definition.top]), horizon_h, columns[definition.top])
        return float(x.mean()), x - x.mean()
    x = columns[definition.top].astype(float)
    if definition.kind == "any":
        x = (x > 0.0).astype(float)
    if definition.kind not in ("ratio", "proportion"):
        x = x * (HOURS_PER_YEAR / horizon_h) if definition.kind == "rate" else x
        return float(x.mean()), x - x.mean()
    n = columns[definition.bottom].astype(float)
    if n.sum() == 0.0:
        return float("nan"), np.zeros(x.size)
    ratio = x.sum() / n.sum()
    return definition.scale * float(ratio), definition.scale * (x - ratio * n) / n.mean()


def estimate(name: str, columns: Columns, horizon_h: float, level: float = LEVEL) -> Measure:
    """One measure of the replications: `columns` are equally long totals, `horizon_h` the deployment's length."""
    definition = BY_NAME[name]
    count = len(columns["transfers"])

    def result(value: float | None, low: float | None, high: float | None, why: str = "") -> Measure:
        return Measure(name, value, low, high, level, count, definition.unit, why)

    if count == 0:
        return result(None, None, None, "no replication")
    value, influence = linear(definition, columns, horizon_h)
    if np.isnan(value):
        return result(None, None, None, f"nothing to divide by: no {definition.bottom}")
    if count < 2:
        return result(value, None, None, "one replication has no spread")
    error = float(np.sqrt(np.sum(influence**2) / (count * (count - 1))))
    if definition.kind in ("proportion", "any"):
        total = float(columns[definition.bottom].sum()) if definition.kind == "proportion" else float(count)
        inner = 0.0 < value < 1.0 and error > 0.0
        size = value * (1.0 - value) / error**2 if inner else total
        return result(value, *wilson(value, size, _t(level, count - 1) if inner else _z(level)))
    if definition.kind == "first" and value == horizon_h:  # never within the deployment: it could have been, sometimes
        return result(value, horizon_h * (1.0 - wilson(0.0, float(count), _z(level))[1]), horizon_h)
    if value == 0.0 and definition.kind in ("count", "rate", "ratio") and not definition.signed:
        base = float(columns[definition.bottom].sum()) if definition.kind == "ratio" else float(count)
        base *= horizon_h / HOURS_PER_YEAR if definition.kind == "rate" else 1.0
        return result(0.0, 0.0, definition.scale * poisson_bound(level) / base)
    half = _t(level, count - 1) * error
    top = horizon_h if definition.kind == "first" else np.inf
    return result(value, value - half if definition.signed else max(value - half, 0.0), min(value + half, top))


def all_measures(columns: Columns, horizon_h: float, level: float = LEVEL) -> list[Measure]:
    """Every measure whose totals are there."""
    there = [d for d in DEFINITIONS if d.top in columns and (not d.bottom or d.bottom in columns)]
    return [estimate(definition.name, columns, horizon_h, level) for definition in there]


def difference(
    name: str, ours: Columns, theirs: Columns, horizons_h: tuple[float, float], level: float = LEVEL
) -> Measure:
    """`ours` minus `theirs`, paired by replication: both hold the same replications in the same order."""
    definition = BY_NAME[name]
    count = len(ours["transfers"])
    a, of_a = linear(definition, ours, horizons_h[0])
    b, of_b = linear(definition, theirs, horizons_h[1])
    if np.isnan(a) or np.isnan(b):
        return Measure(name, None, None, None, level, count, definition.unit, "nothing to divide by")
    if count < 2:
        return Measure(name, a - b, None, None, level, count, definition.unit, "one replication has no spread")
    apart = of_a - of_b
    half = _t(level, count - 1) * float(np.sqrt(np.sum(apart**2) / (count * (count - 1))))
    return Measure(name, a - b, a - b - half, a - b + half, level, count, definition.unit)


def to_csv(rows: Sequence[Measure], points: Sequence[Mapping[str, object]] | None = None) -> str:
    """`measures.csv`: a row a measure, a study's point and factors first; numbers round-trip exactly."""
    names = ["measure", "value", "low", "high", "level", "replications", "unit"]
    lead = list(points[0]) if points else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*lead, *names])
    for index, row in enumerate(rows):
        cells = asdict(row)
        first = list(points[index].values()) if points else []
        writer.writerow([*first, *("" if cells[n] is None else cells[n] for n in names)])
    return text.getvalue()
