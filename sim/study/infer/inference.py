"""From what was reported to what happened: the answer to `seasweep infer`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY
from sim.deployment.answers import answer_sources
from sim.scenario.arguments import confidence_level, job_count, of_type, whole_number
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.cuts import Part, named
from sim.study.estimates import LEVEL
from sim.study.infer.answers import Unanswered, unanswered
from sim.study.infer.chances import Chance, chance_of
from sim.study.infer.halving import Bound, bound_of
from sim.study.infer.lawful import Calibrated, LawfulShips, calibration_of
from sim.study.infer.parts import Parts, Sum, counts_by, luck_correlation
from sim.study.infer.points import FactorLevels, Points
from sim.study.infer.posterior import JEFFREYS, Posterior, Prior, interval_of
from sim.study.infer.spread import Cause, causes_of
from sim.study.infer.unknowns import (
    POINTS,
    REPLICATIONS,
    Unknown,
    design_of,
    levels_of,
    simulate_points,
)
from sim.study.store import Results, numeric_columns
from sim.study.study_results import StudyResults

MOST_DOCUMENTED = 1_000_000
"""The most reports of a question."""
_FAR = 2.0  # times as many sorties as the run's deployments have, from which on a note says so


@dataclass(frozen=True)
class Asked:
    """What is asked: the reports, and what is believed beforehand."""

    documented: int
    """How many transfers were documented in the reported period."""
    prior: Prior = JEFFREYS
    """What is believed beforehand of the expected number of transfers in the reported period."""
    sorties: float | None = None
    """From how many sorties the reports come; None for one deployment as the scenario has it."""
    level: float = LEVEL
    by: Mapping[Part, int] = field(default_factory=dict)
    """How many of them were documented in each part of one key; empty where nothing is known of it."""


@dataclass(frozen=True)
class ReportedPeriod:
    """What a deployment of the run flies in the mean, and the period from which the reports come."""

    sorties: float
    flight_hours: float
    days: float
    """The length of a deployment."""
    asked: float | None
    """From how many sorties the reports come; None for those of one deployment."""

    @property
    def times(self) -> float:
        """How many deployments the reported period is long."""
        return 1.0 if self.asked is None else self.asked / self.sorties

    @property
    def period_days(self) -> float:
        """The length of the reported period: as long as the patrols take to fly the sorties."""
        return self.days * self.times

    @property
    def period_hours(self) -> float:
        """The flight hours of the reported period."""
        return self.flight_hours * self.times

    @property
    def is_far(self) -> bool:
        """Whether the reports come from far more or far fewer sorties than a deployment has."""
        return not 1.0 / _FAR <= self.times <= _FAR


@dataclass(frozen=True)
class Inference:
    """The answer: what is believed of the number of transfers after the reports."""

    name: str
    scenario: Scenario | None
    """The scenario of the run; None for a study, whose points have different ones."""
    title: str
    seed: int
    replications: int
    """The number of replications, of each point where there are several."""
    asked: Asked
    posterior: Posterior
    flown: ReportedPeriod | None
    """What the deployments of a run fly; None for a study."""
    parts: Parts | None = None
    """The answer by part, where it is known how many were documented in each."""
    points: Points | None = None
    """The points at which the scenario may be true, of a study or of unknown figures; None where there is one."""
    as_it_is: Posterior | None = None
    """Besides unknown figures or lawful ships, the posterior by the scenario as it is."""
    failures: Sequence[Mapping[str, Any]] = ()
    """The replications of points that failed."""
    unanswered: Unanswered | None = None
    """What is inferred as if vessels did not answer to patrols; None where they do not, or where it is not asked."""
    answers: bool = False
    """Whether vessels answer to patrols."""
    calibrated: Calibrated | None = None
    """What lawful ships say of the chance; None where it is that of the scenario."""

    @property
    def chance(self) -> Chance:
        """The chance that a transfer is documented."""
        return self.posterior.chance

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the number of transfers that took place, whole numbers; the upper one may be infinite."""
        return interval_of(self.posterior.quantile, self.asked.level)

    @property
    def expected_interval(self) -> tuple[float, float]:
        """The interval of the expected number of transfers in the reported period."""
        return interval_of(self.posterior.expected_quantile, self.asked.level)

    @cached_property
    def bound(self) -> Bound | None:
        """The upper bound and what would halve it, where nothing was documented."""
        return bound_of(self.posterior, self.asked.level) if self.asked.documented == 0 else None

    @cached_property
    def causes(self) -> list[Cause]:
        """What widens the interval, and how much."""
        if self.calibrated is not None:
            return self.calibrated.causes
        return causes_of(self.posterior) if self.points is None else self.points.causes

    @property
    def sentence(self) -> str:
        """The answer in one sentence: of the sum of the parts where there are any."""
        whole = self.posterior if self.parts is None or self.parts.overlap else self.parts.sum
        if self.calibrated is not None and self.calibrated.calibration.asked.seen == 0:
            return _sentence_of_none_seen(self.asked.documented, self.posterior, self.asked.level)
        return sentence_of(self.asked.documented, whole, self.asked.level)


def sentence_of(documented: int, posterior: Posterior | Sum, level: float) -> str:
    """The answer of a posterior in one sentence."""
    if not posterior.is_bounded:
        least = f"at least {documented} transfers took place, and " if documented else ""
        return f"{documented or 'None'} documented: {least}nothing bounds their number from above."
    if documented == 0:
        return f"None documented: at most {posterior.quantile(level):,.0f} transfers took place ({100 * level:g} %)."
    low, high = interval_of(posterior.quantile, level)
    return f"{documented:,} documented: between {low:,.0f} and {high:,.0f} transfers took place ({100 * level:g} %)."


def _sentence_of_none_seen(documented: int, posterior: Posterior, level: float) -> str:
    """The answer where no lawful ship was seen: a patrol that saw none of them may have seen next to nothing."""
    low, bounds = posterior.quantile(0.5 - level / 2.0), "nothing but the prior bounds their number from above"
    if documented == 0:
        return f"None documented, and no lawful ship seen: {bounds}."
    sure = f"{100.0 * (0.5 + level / 2.0):g} %"
    return f"{documented:,} documented: at least {low:,.0f} transfers took place ({sure}), and {bounds}."


def infer(
    results: Results,
    documented: int | None = None,
    *,
    by: str | Sequence[str] = (),
    prior: Any = JEFFREYS,
    sorties: float | None = None,
    level: float = LEVEL,
    jobs: int = 1,
) -> Inference:
    """Infer how many transfers took place in a period in which some were documented.

    `results` are those of a run of at least two replications, whose scenario is taken to be true: it gives the chance
    that a transfer is documented. `documented` is the number of reports, a whole number from 0 on. `by` says how many
    of them belong to each area, hour, source or week, as in "area=north:2,south:1"; then `documented` may be left out.
    `prior` is the shape and the rate of the gamma distribution that is believed of the expected number beforehand;
    (0.5, 0) is that of Jeffreys. `sorties` is the number of sorties from which the reports come, where these are not
    those of one deployment. Where vessels answer to patrols, the run is simulated once more as if they did not, with so
    many `jobs`. Raises InputError where an argument is wrong, where the run has no transfers, and where no sorties are
    flown in it from which reports could come.
    """
    of_type("infer", "results", results, Results, "the results of a run, such as run(scenario)")
    if documented is not None:
        documented = whole_number("infer", "documented", documented, 0, MOST_DOCUMENTED)
    asked = asked_of(
        results.scenario, documented, [by] if isinstance(by, str) else by, prior_of(prior),
        _sorties_given(sorties), confidence_level("infer", level),
    )  # fmt: skip
    return beside_no_answers(inference_of(results, asked), results, jobs=job_count("infer", jobs))


def asked_of(
    scenario: Scenario | None,
    documented: int | None,
    by: Sequence[str],
    prior: Prior,
    sorties: float | None,
    level: float,
) -> Asked:
    """The question; `by` needs a scenario.

    InputError where the number of reports is not said, or said twice and not alike.
    """
    parts = counts_by(by, scenario) if by and scenario is not None else {}
    total = sum(parts.values()) if parts else documented
    if total is None:
        allowed = "a whole number from 0 on: how many transfers were documented"
        raise refused("nothing", allowed, key="--documented")
    if documented is not None and documented != total:
        allowed = f"the sum of the reports of --by, which is {total}, or only one of both"
        raise refused(documented, allowed, key="--documented")
    return Asked(total, prior, sorties, level, parts)


def prior_of(given: Any) -> Prior:
    """A prior that is given as one, or by its shape and its rate, such as "0.5:0" or (0.5, 0).

    Raises InputError where they make none.
    """
    if isinstance(given, Prior):
        given = (given.shape, given.rate)
    try:
        shape, rate = (float(part) for part in (given.split(":") if isinstance(given, str) else given))
    except (TypeError, ValueError):
        shape, rate = np.nan, np.nan
    if not (0.0 < shape < np.inf and 0.0 <= rate < np.inf):
        raise refused(given, "a shape above 0 and a rate of at least 0, such as 0.5:0 or 3:0.15", key="--prior")
    return Prior(shape, rate)


def _sorties_given(given: float | None) -> float | None:
    if given is not None and not 0.0 < given < np.inf:
        raise refused(given, "a number of sorties above 0", key="--sorties")
    return given


def inference_of(results: Results, asked: Asked) -> Inference:
    """The answer by the replications of a run."""
    columns = results.columns
    counts = columns["transfers"], columns["documented"]
    refuse_counts(*counts, results.name)
    posterior = Posterior(asked.documented, chance_of(*counts), asked.prior)
    flown = flown_in(columns, results.scenario, asked.sorties)
    count = len(columns["transfers"])
    seed, parts = int(results.info["seed"]), parts_of(results, asked) if asked.by else None
    title = results.scenario.title
    return Inference(
        results.name, results.scenario, title, seed, count, asked, posterior, flown, parts,
        answers=bool(answer_sources(results.scenario)),
    )  # fmt: skip


def beside_no_answers(answer: Inference, results: Results, **simulation: Any) -> Inference:
    """An answer with what is inferred as if vessels did not answer, where they do, which is simulated.

    `simulation` has the options of `sim.study.runs.run` that say how to simulate.
    """
    return replace(answer, unanswered=unanswered(results, answer.as_it_is or answer.posterior, **simulation))


def inference_of_lawful(results: Results, asked: Asked, lawful: LawfulShips) -> Inference:
    """The answer by the replications of a run, calibrated on lawful ships; InputError where it cannot be."""
    plain = inference_of(results, asked)
    calibrated = Calibrated.of(plain.posterior, calibration_of(results, lawful))
    return replace(plain, posterior=calibrated.posterior, as_it_is=plain.posterior, calibrated=calibrated)


def inference_of_study(results: StudyResults, asked: Asked) -> Inference:
    """The answer by a study: at each point, and where each of them is as likely as any other; not at its baseline."""
    columns, numbers = numeric_columns(results.table), list(range(len(results.levels)))
    if results.baseline is not None:
        numbers.remove(results.baseline)
    counts = []
    for number in numbers:
        rows = columns["point"] == number
        counts.append((columns["transfers"][rows], columns["documented"][rows]))
        refuse_counts(*counts[-1], f"point {number} of {results.name}")
    plans = {factor.label for factor in results.study.vary if factor.role == "plan"}
    factors = [
        FactorLevels(name, [results.levels[number][name] for number in numbers], is_plan=name in plans)
        for name in results.levels[0]
    ]
    points = Points.of(factors, counts, asked.documented, asked.prior, sampled=False)
    posterior, study = Posterior(asked.documented, points.chance, asked.prior), results.study
    title = study.title or results.name
    answers = "noticed" in columns and bool(np.nan_to_num(columns["noticed"]).any())
    return Inference(
        results.name, None, title, study.seed, study.replications, asked, posterior, None,
        points=points, answers=answers,
    )  # fmt: skip


def inference_of_unknowns(
    results: Results,
    asked: Asked,
    unknowns: Sequence[Unknown],
    count: int = POINTS,
    replications: int = REPLICATIONS,
    **simulation: Any,
) -> Inference:
    """The answer where figures of a run's scenario are not known, by `count` points of them, which are simulated.

    `simulation` is as in `simulate_points`. Raises InputError where a point is no scenario, or has no transfers.
    """
    plain = inference_of(results, asked)
    design = design_of(unknowns, count, plain.seed)
    simulated = simulate_points(results.scenario, design, replications, plain.seed, **simulation)
    counts = [(columns["transfers"], columns["documented"]) for columns in simulated.columns]
    for sets, (transfers, documented) in zip(design, counts, strict=True):
        refuse_counts(transfers, documented, ", ".join(f"{key}={value}" for key, value in sets.items()))
    points = Points.of(levels_of(unknowns, design), counts, asked.documented, asked.prior, sampled=True)
    return replace(
        plain, replications=replications, posterior=Posterior(asked.documented, points.chance, asked.prior),
        points=points, as_it_is=plain.posterior, failures=simulated.failures,
    )  # fmt: skip


def parts_of(results: Results, asked: Asked) -> Parts:
    """The answer by part; InputError where reports come from a part in which the run has no transfers.

    A part without reports and without transfers is left out.
    """
    posteriors, kept = dict[Part, Posterior](), list[tuple[Floats, Floats]]()
    for part, count in asked.by.items():
        _, columns = results.columns_of(named("p_documented", part))
        transfers, documented = columns[named("transfers", part)], columns[named("documented", part)]
        if not transfers.sum() > 0.0:
            if count:
                allowed = f"parts in which transfers of the run begin: it has none of {part.phrase}"
                raise refused(f"{part}:{count}", allowed, key="--by")
            continue
        kept.append((transfers, documented))
        posteriors[part] = Posterior(count, chance_of(transfers, documented), asked.prior)
    split = asked.prior.split(len(posteriors))
    posteriors = {part: replace(one, prior=split) for part, one in posteriors.items()}
    covered = sum(float(n.sum()) for n, _ in kept) / float(results.columns["transfers"].sum())
    return Parts(posteriors, luck_correlation(*zip(*kept, strict=True)), covered, asked.level)


def refuse_counts(transfers: Floats, documented: Floats, name: str) -> None:
    """Refuse replications, (R,) each, that cannot tell a chance; InputError, which names what they are of."""
    if transfers.size < 2:
        allowed = "2 replications or more: the luck of a deployment shows in their differences"
        raise refused(name, allowed, key="RUN", hint="run it again with --replications 400")
    if not transfers.sum() > 0.0:
        raise refused(name, "replications in which transfers begin: they have none", key="RUN")
    if np.any(documented > transfers):
        raise AssertionError("no replication documents more transfers than begin in it")


def flown_in(columns: Mapping[str, Floats], scenario: Scenario, sorties: float | None) -> ReportedPeriod:
    """What the deployments of some replications fly in the mean; InputError where reports come from none of it."""
    mean = float(columns["sorties"].mean())
    if sorties is not None and not mean > 0.0:
        allowed = "a run whose patrols fly sorties; without --sorties, the reports come from one deployment"
        raise refused(sorties, allowed, key="--sorties")
    return ReportedPeriod(mean, float(columns["flight_hours"].mean()), scenario.duration_h / HOURS_PER_DAY, sorties)
