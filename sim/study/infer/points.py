"""Points at which the scenario may be true: those of a study, or of figures that are not known.

Each point is as likely as any other before the reports. The posterior is the mixture of those of the points, each
weighted by the probability of the reports there. The variance of the logarithm of the expected number then has a part
between the points, and that is divided among the figures: what each explains alone, by least squares, and what only
several explain together (Saltelli and others, Global Sensitivity Analysis, 2008, chapter 1). The error of the
simulation makes points differ, too. It is taken off, as if the points did not share their random numbers, by which they
differ less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sim.core.arrays import Floats
from sim.study.infer.chances import Chance, chance_of, mixed
from sim.study.infer.posterior import Posterior, Prior
from sim.study.infer.spread import Cause, counting, moments_of_mixture

_DEGREE = 3  # of the polynomials in a figure, fewer where there are few points
_POINTS_A_TERM = 3  # points that each term of the polynomials needs


@dataclass(frozen=True)
class FactorLevels:
    """The levels of one figure or factor at the points."""

    name: str
    values: Sequence[Any]
    """One for each point: all numbers, or of any kind."""
    is_range: bool = False
    """Whether they are numbers out of a range; otherwise each level is a class of its own."""
    text: str = ""
    """What is believed of it beforehand, in a few words, where it is not known."""
    is_plan: bool = False
    """Whether the study says that it is a plan, which the commander chooses."""

    def basis(self, degree: int) -> Floats:
        """Functions of the level that may explain what the points give, (points, terms), each with mean 0."""
        if self.is_range:
            x = np.array(self.values, float)
            x = (x - x.mean()) / max(float(np.ptp(x)) / 2.0, 1e-300)
            columns = [np.polynomial.Legendre.basis(power)(x) for power in range(1, degree + 1)]
        else:
            kinds = list(dict.fromkeys(map(str, self.values)))
            columns = [np.array([str(value) == kind for value in self.values], float) for kind in kinds[1:]]
        table = np.column_stack([np.zeros((len(self.values), 0)), *columns])
        return np.asarray(table - table.mean(axis=0))


@dataclass(frozen=True)
class Points:
    """What is believed after the reports at each of some points."""

    factors: Sequence[FactorLevels]
    posteriors: Sequence[Posterior]
    sampled: bool
    """Whether the points are a sample of all that may be true, not all combinations of some levels."""

    @classmethod
    def of(
        cls,
        factors: Sequence[FactorLevels],
        counts: Sequence[tuple[Floats, Floats]],
        documented: int,
        prior: Prior,
        sampled: bool,
    ) -> "Points":
        """The points by the transfers and the documented ones of their replications."""
        posteriors = [Posterior(documented, chance_of(*one), prior) for one in counts]
        return cls(factors, posteriors, sampled)

    @cached_property
    def chance(self) -> Chance:
        """The chance of a transfer to be documented where any point may be true."""
        return mixed([one.chance for one in self.posteriors])

    @cached_property
    def weight(self) -> Floats:
        """The probability of each point after the reports, (points,)."""
        from scipy.special import softmax

        return np.asarray(softmax(np.array([one.log_evidence for one in self.posteriors])))

    def belief(self, number: int) -> dict[str, float]:
        """The probability of each level of a factor after the reports; of a range its mean before and after, too."""
        factor = self.factors[number]
        if factor.is_range:
            values = np.array(factor.values, float)
            return {"before": float(values.mean()), "after": float(np.sum(self.weight * values))}
        found: dict[str, float] = {}
        for value, weight in zip(factor.values, self.weight, strict=True):
            found[str(value)] = found.get(str(value), 0.0) + float(weight)
        return found

    @cached_property
    def causes(self) -> list[Cause]:
        """What widens the interval, the figures among it; none where nothing bounds the number."""
        if not all(one.is_bounded for one in self.posteriors):
            return []
        means, luck, error, between = moments_of_mixture(self.posteriors, self.weight)
        noise = min(between, error)
        found = self._of_factors(means, between, noise)
        explained = sum(cause.variance for cause in found)
        together = max(0.0, between - noise - explained)
        rest = max(0.0, between - explained - together)
        return [
            Cause("counting", counting(self.posteriors[0])),
            Cause("luck", luck),
            Cause("simulation", error + rest),
            *found,
            *([Cause("interactions", together)] if len(found) > 1 or self.sampled else []),
        ]

    def _of_factors(self, means: Floats, between: float, noise: float) -> list[Cause]:
        """What each factor explains alone of the variance between the points."""
        count = len(means)
        degree = _DEGREE
        bases = [factor.basis(degree) for factor in self.factors]
        while degree > 1 and sum(basis.shape[1] for basis in bases) * _POINTS_A_TERM > count:
            degree -= 1
            bases = [factor.basis(degree) for factor in self.factors]
        terms = sum(basis.shape[1] for basis in bases)
        nothing = np.ones((count, 1))

        def unexplained(*chosen: Floats) -> float:
            return _unexplained(np.column_stack([nothing, *chosen]), means, np.sqrt(self.weight))

        whole = unexplained(*bases)
        # Of a sample of points what the others leave unexplained scatters what a factor seems to explain; of all
        # combinations the error of the simulation does.
        left = whole / max(1, count - terms - 1) if self.sampled else noise / max(1, count - 1)
        found = []
        for number, factor in enumerate(self.factors):
            others = [basis for other, basis in enumerate(bases) if other != number]
            # Where factors happen to go together at the points, each has half of what either explains.
            first, last = unexplained() - unexplained(bases[number]), unexplained(*others) - whole
            explained = 0.5 * (first + last) - bases[number].shape[1] * left
            found.append(Cause(factor.name, min(max(0.0, explained), between)))
        return found


def _unexplained(design: Floats, values: Floats, root: Floats) -> float:
    """The weighted mean square of what a design (n, terms) leaves unexplained of values (n,)."""
    fitted, *_ = np.linalg.lstsq(design * root[:, None], values * root, rcond=None)
    return float(np.sum((root * (values - design @ fitted)) ** 2))


def changed(points: Points) -> Mapping[str, tuple[float, float]]:
    """The factors of which the reports change what is believed, by their means before and after.

    A range counts as changed where its mean moves by a tenth of its length or more, and a class by a tenth.
    """
    found: dict[str, tuple[float, float]] = {}
    for number, factor in enumerate(points.factors):
        belief = points.belief(number)
        if factor.is_range:
            if abs(belief["after"] - belief["before"]) > 0.1 * float(np.ptp(np.array(factor.values, float))):
                found[factor.name] = belief["before"], belief["after"]
            continue
        before = {kind: sum(str(value) == kind for value in factor.values) / len(factor.values) for kind in belief}
        kind = max(belief, key=lambda one: abs(belief[one] - before[one]))
        if abs(belief[kind] - before[kind]) > 0.1:
            found[f"{factor.name} = {kind}"] = before[kind], belief[kind]
    return found
