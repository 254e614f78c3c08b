"""Calibration on lawful ships: how often the patrols saw ships that are known to have been there.

Of P pairs of a lawful ship and a sortie, known for example from AIS that was read later or from licences, the patrols
saw S. The model has the same share from its background ships. Seeing is taken to be a hazard that the model gets wrong
by one factor c, so that

    c = ln(1 - s_observed) / ln(1 - s_simulated),    p' = 1 - (1 - p)^c

for the chance p that a transfer is documented. Estimates of unlawful fishing from patrols are calibrated in this way on
ships that are known to be there (Agnew and Kirkwood, CCAMLR Science 12, 2005).

Each share has a beta distribution with the prior Beta(1/2, 1/2) of Jeffreys. Pairs of one deployment share its weather
and luck, so that they tell less than as many independent ones: their number is divided by the design effect 1 + (n - 1)
r, where r is the correlation within deployments that the replications show (Kish, Survey Sampling, 1965, section 5.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sim.core.arrays import Floats
from sim.scenario.nearest import nearest, nearest_other
from sim.scenario.problems import refused
from sim.study.cuts import Part, named
from sim.study.infer.chances import Chance
from sim.study.infer.posterior import Posterior
from sim.study.infer.spread import Cause, counting, moments_of_mixture
from sim.study.store import Results

OPTION = "--lawful"
_FORM = "seen=S,present=P, with background=NAME for the ships of one source, such as seen=140,present=200"
_MOST = 1_000_000_000
_SAMPLES, _NODES = 2001, 25  # quantiles of each share, and nodes of the factor
_NAMES = ("seen", "present", "background")


@dataclass(frozen=True)
class LawfulShips:
    """What is known of lawful ships: pairs of a ship and a sortie."""

    seen: int
    present: int
    background: str = ""
    """The source of background ships that are like them; empty for all."""


@dataclass(frozen=True)
class Counted:
    """Pairs of a ship and a sortie that were seen, of those that were there; numbers that tell as much as they do."""

    seen: float
    present: float

    @property
    def share(self) -> float:
        """The share that was seen."""
        return self.seen / self.present

    def quantile(self, q: Floats) -> Floats:
        """Quantiles of what is believed of the share."""
        from scipy.special import betaincinv

        return np.asarray(betaincinv(self.seen + 0.5, self.present - self.seen + 0.5, q), float)

    def interval(self, level: float) -> tuple[float, float]:
        """The interval of the share, with equal tails."""
        low, high = self.quantile(np.array([0.5 - level / 2.0, 0.5 + level / 2.0]))
        return float(low), float(high)

    def less(self, design_effect: float) -> "Counted":
        """As many independent pairs as tell as much."""
        return Counted(self.seen / design_effect, self.present / design_effect)


@dataclass(frozen=True)
class Calibration:
    """How the model sees lawful ships, how they were seen, and the factor between the two."""

    asked: LawfulShips
    simulated: Counted
    """The pairs of the replications, as the number of independent pairs that tell as much."""
    observed: Counted
    """The known pairs, as the number of independent pairs that tell as much."""
    correlation: float
    """The correlation of pairs in one deployment."""

    @cached_property
    def _samples(self) -> Floats:
        """Values of the factor that are equally probable, rising, (n,)."""
        q = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
        shuffled = np.argsort((np.arange(_SAMPLES) * _GOLDEN) % 1.0, kind="stable")  # each pairs with another, evenly
        hazards = [-np.log1p(-one.quantile(q)) for one in (self.observed, self.simulated)]
        return np.sort(hazards[0] / np.maximum(hazards[1][shuffled], 1e-300))

    @property
    def factor(self) -> float:
        """The median of the factor of the hazard."""
        return float(np.median(self._samples))

    def interval(self, level: float) -> tuple[float, float]:
        """The interval of the factor, with equal tails."""
        low, high = np.quantile(self._samples, [0.5 - level / 2.0, 0.5 + level / 2.0])
        return float(low), float(high)

    @cached_property
    def nodes(self) -> tuple[Floats, Floats]:
        """Values of the factor and their weights, (n,) each: a rule of Gauss and Hermite, bent to the distribution."""
        from scipy.special import ndtr

        z, weight = np.polynomial.hermite_e.hermegauss(_NODES)
        kept = weight > 1e-9 * weight.max()
        at = np.clip(ndtr(z[kept]), 0.5 / _SAMPLES, 1.0 - 0.5 / _SAMPLES)
        factors = np.interp(at, (np.arange(_SAMPLES) + 0.5) / _SAMPLES, self._samples)
        return factors, weight[kept] / weight[kept].sum()


_GOLDEN = (5.0**0.5 - 1.0) / 2.0  # its multiples fill the interval from 0 to 1 most evenly


def lawful_ships_of(text: str) -> LawfulShips:
    """What seen=S,present=P[,background=NAME] says; InputError where it says something else."""
    found: dict[str, str] = {}
    for piece in text.split(","):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if name not in _NAMES or not equals or not value or name in found:
            raise refused(text, _FORM, key=OPTION, hint=nearest_other(name, _NAMES))
        found[name] = value
    numbers = [_whole(text, found.get(name, "")) for name in ("seen", "present")]
    seen, present = numbers
    if seen > present:
        allowed = f"at most as many ships seen as were present, which are {present:,}"
        raise refused(text, allowed, key=OPTION, hint="a pair of a ship and a sortie counts once")
    if present == 0:
        raise refused(text, "at least one pair of a ship and a sortie that was present", key=OPTION)
    return LawfulShips(seen, present, found.get("background", ""))


def _whole(text: str, given: str) -> int:
    """A whole number of pairs."""
    if not given.isascii() or not given.isdigit() or int(given) > _MOST:
        raise refused(text, f"{_FORM}, whole numbers from 0 to {_MOST:,}", key=OPTION)
    return int(given)


def calibration_of(results: Results, asked: LawfulShips) -> Calibration:
    """The calibration of a run; InputError where it did not count such ships, or cannot be calibrated by them."""
    sources = list(results.scenario.background)
    if not sources:
        allowed = "a run whose scenario has background ships, [background.NAME], in the sea that is searched"
        raise refused(results.name, allowed, key="RUN")
    if asked.background and asked.background not in sources:
        allowed = f"background= one of: {', '.join(sources)}"
        raise refused(asked.background, allowed, key=OPTION, hint=nearest(asked.background, sources))
    names = [asked.background] if asked.background else sources
    present, seen = (_column(results, total, names) for total in ("ships_present", "ships_seen"))
    total, hits = float(present.sum()), float(seen.sum())
    if not 0.0 < hits < total:
        allowed = f"a run in which sorties see some of the ships and miss some: they saw {hits:,.0f} of {total:,.0f}"
        raise refused(results.name, allowed, key="RUN")
    return calibration(present, seen, asked)


def _column(results: Results, total: str, names: Sequence[str]) -> Floats:
    """A total of some sources of ships in each replication, (R,)."""
    if len(names) == len(results.scenario.background) and total in results.columns:
        return results.columns[total]
    parts = [named(total, Part("background", name)) for name in names]
    lacking = [part for part in parts if part not in results.columns]
    if lacking:
        allowed = f"a run of which the totals tell {lacking[0]}"
        raise refused(results.name, allowed, key="RUN", hint="simulate it again with --by background")
    return np.asarray(np.sum([results.columns[part] for part in parts], axis=0), float)


def calibration(present: Floats, seen: Floats, asked: LawfulShips) -> Calibration:
    """The calibration by pairs that were present and seen in each replication, (R,) each."""
    simulated = Counted(float(seen.sum()), float(present.sum()))
    correlation = within_deployments(present, seen)
    each = float(np.sum(present**2) / present.sum())
    return Calibration(
        asked,
        simulated.less(1.0 + (each - 1.0) * correlation),
        Counted(float(asked.seen), float(asked.present)).less(1.0 + (asked.present - 1.0) * correlation),
        correlation,
    )


def within_deployments(present: Floats, seen: Floats) -> float:
    """The correlation of pairs in one deployment, at least 0, by those in each replication, (R,) each.

    The variance of the share by replications, over that of as many independent pairs, is 1 + (n - 1) r with n the mean
    number of pairs that a pair finds in its deployment, itself included.
    """
    share, count = float(seen.sum() / present.sum()), present.size
    if count < 2 or not 0.0 < share < 1.0:
        return 0.0
    residuals = seen - share * present
    variance = float(np.sum(residuals**2)) * count / (count - 1.0)
    effect = variance / (share * (1.0 - share) * float(present.sum()))
    each = float(np.sum(present**2) / present.sum())
    return min(1.0, max(0.0, (effect - 1.0) / (each - 1.0))) if each > 1.0 else 0.0


# ---------------------------------------------------------------------------------------------------- the chance
@dataclass(frozen=True)
class _Raised(Chance):
    """A chance p of which every hazard is multiplied: 1 - (1 - p)^c."""

    base: Chance | None = None

    @cached_property
    def parts(self) -> Floats:
        """The weight of each beta distribution at each node: those of the chance that was raised."""
        return np.asarray(self.weight[None, :] if self.base is None else self.base.parts)


def raised(chance: Chance, factor: float) -> Chance:
    """A chance whose hazard is multiplied by a factor."""
    p = np.maximum(-np.expm1(factor * np.log1p(-np.minimum(chance.p, 1.0 - 1e-16))), 1e-300)
    return _Raised(p, chance.weight, chance.betas, chance.documented, chance.misfit, chance.starts, chance)


@dataclass(frozen=True)
class Calibrated:
    """What is believed after the reports, where the chance is calibrated on lawful ships."""

    calibration: Calibration
    posteriors: Sequence[Posterior]
    """The posteriors at each node of the factor."""
    before: Floats
    """The weight of each node before the reports, (n,)."""

    @classmethod
    def of(cls, plain: Posterior, calibration: Calibration) -> "Calibrated":
        """The posterior by the scenario as it is, calibrated."""
        factors, before = calibration.nodes
        found = [replace(plain, chance=raised(plain.chance, float(factor))) for factor in factors]
        return cls(calibration, found, before)

    @cached_property
    def posterior(self) -> Posterior:
        """The posterior where the factor is one of the nodes, and nobody knows which."""
        chances = [one.chance for one in self.posteriors]
        starts = np.cumsum([0, *(one.p.size for one in chances)])
        weighted = [weight * one.weight for weight, one in zip(self.before, chances, strict=True)]
        first = chances[0]
        whole = Chance(
            np.concatenate([one.p for one in chances]), np.concatenate(weighted), first.betas, first.documented,
            first.misfit, tuple(int(start) for start in starts[:-1]),
        )  # fmt: skip
        return replace(self.posteriors[0], chance=whole)

    @cached_property
    def causes(self) -> list[Cause]:
        """What widens the interval; none where nothing bounds the number."""
        if not all(one.is_bounded for one in self.posteriors):
            return []
        from scipy.special import softmax

        logs = np.array([one.log_evidence for one in self.posteriors])
        moments = moments_of_mixture(self.posteriors, np.asarray(softmax(np.log(self.before) + logs)))
        found = [Cause("counting", counting(self.posteriors[0]))]
        if self.posteriors[0].chance.betas is not None:
            found += [Cause("luck", moments.luck), Cause("simulation", moments.simulation)]
        return [*found, Cause("calibration", moments.between)]
