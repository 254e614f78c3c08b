"""What a published result is: its publication, its figures, and rows that compare them with what seasweep computes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.study.verify.theory_searches import Trial

LIMIT = 4.0
"""The distance, in standard errors, beyond which a row differs: 1 of 15,800 rows does so by chance."""


class Effort(NamedTuple):
    """How much is simulated, and from which seed."""

    replications: int
    seed: int

    def trial(self, name: str) -> Trial:
        """The random numbers of one row; they do not depend on other rows."""
        return Trial.of(f"published: {name}", self.replications, self.seed)


@dataclass(frozen=True)
class ReproducedRow:
    """One published figure, or an interval of figures, beside what seasweep computes."""

    check: str
    low: float
    """The published figure, or the lower end of what is published; NaN where nothing is."""
    high: float
    """The published figure, or the upper end of what is published; NaN where nothing is."""
    computed: float
    error: float | None = None
    """The standard error of what is computed; None where nothing is drawn at random."""
    allowed: float | None = None
    """The largest difference that counts as reproduced; None where the standard error decides."""
    expected_side: Literal["inside", "below", "above"] = "inside"
    """Where the text says that it lies: inside what is published, or on which side of it."""
    is_judged: bool = True
    """Whether it passes or fails; False for a figure that is shown beside another and was not published."""
    digits: int = 4

    @property
    def difference(self) -> float:
        """What is computed less what is published; 0 inside an interval, NaN where nothing is published."""
        if np.isnan(self.low):
            return np.nan
        return self.computed - min(max(self.computed, self.low), self.high)

    @property
    def z(self) -> float | None:
        """The difference in standard errors; None where nothing is drawn at random."""
        return None if not self.error else self.difference / self.error

    @property
    def criterion(self) -> str:
        """By which rule the row passes."""
        if not self.is_judged:
            return ""
        if self.expected_side != "inside":
            return f"{self.expected_side}, |z| over {LIMIT:g}"
        return f"|z| to {LIMIT:g}" if self.allowed is None else f"within {self.allowed:g}" if self.allowed else "equal"

    @property
    def passed(self) -> bool | None:
        """Whether the published figure is reproduced; None where that is not judged."""
        if not self.is_judged:
            return None
        least = LIMIT * (self.error or 0.0)
        if self.expected_side == "inside":
            return bool(abs(self.difference) <= (least if self.allowed is None else self.allowed))
        return bool(self.difference < -least if self.expected_side == "below" else self.difference > least)


@dataclass(frozen=True)
class Publication:
    """One publication, and its figures as seasweep computes them."""

    name: str
    """The name by which the command line takes it."""
    title: str
    citation: str
    published: str
    """What is published, in sentences."""
    method: str
    """How seasweep computes the same, in sentences."""
    not_available: str
    """What could not be read or had to be assumed, in sentences."""
    rows: Callable[[Effort], list[ReproducedRow]]
    is_exact: bool = False
    """Whether nothing is drawn at random, so that every seed gives the same rows."""


def figure(check: str, published: float, computed: float, allowed: float, digits: int = 4) -> ReproducedRow:
    """A row of a figure that is computed without chance."""
    return ReproducedRow(check, published, published, computed, allowed=allowed, digits=digits)


def mean_of(check: str, published: float, scores: Floats, digits: int = 4) -> ReproducedRow:
    """A row of the mean of independent scores, (n,), with its standard error."""
    error = float(scores.std(ddof=1) / np.sqrt(scores.size))
    return ReproducedRow(check, published, published, float(scores.mean()), error, digits=digits)


def shown(check: str, computed: float, digits: int = 4) -> ReproducedRow:
    """A row of a figure that was not published, to be read beside others."""
    return ReproducedRow(check, np.nan, np.nan, computed, is_judged=False, digits=digits)
