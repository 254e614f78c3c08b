"""The answer to `seasweep infer --also`: what the list of an observer adds to what a patrol documented."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sim.core.arrays import Floats
from sim.model.sightings import eyes_of
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.eyes.dependence import Dependence, dependence
from sim.study.infer.inference import MOST_DOCUMENTED, Inference
from sim.study.infer.posterior import Posterior, interval_of
from sim.study.infer.two_lists import (
    Chapman,
    JointChance,
    Lists,
    Mixture,
    chapman,
    joint_chance,
    list_posterior,
    log_odds_ratio,
    unknown_posterior,
)
from sim.study.store import Results

MOST_UNMATCHED = 100
"""The longest list of which it need not be said how many are on both: each possible number takes its time."""
_FORM = "OBSERVER=N, or OBSERVER=N,both=M, such as usa_satellite=5,both=2"


class Also(NamedTuple):
    """What an observer reported in the same period."""

    observer: str
    reported: int
    """How many transfers it reported."""
    both: int | None
    """How many of them were documented, too; None where nobody matched the lists."""


def also_of(text: str, scenario: Scenario, documented: int) -> Also:
    """What `--also` says; InputError where it is no such text, or where no two lists can be like that."""
    name, counts = text.partition("=")[::2]
    number, comma, rest = counts.partition(",")
    both = rest.partition("=")[2] if rest.strip().startswith("both=") else None
    if not _is_number(number) or (comma and not _is_number(both)):
        raise refused(text, _FORM, key="--also")
    observers = eyes_of(scenario)
    if name not in observers:
        has = ", ".join(observers) if observers else "the scenario has none"
        raise refused(text, f"an observer of the scenario that is no crew: {has}", key="--also",
                      hint=nearest(name, observers))  # fmt: skip
    also = Also(name, int(number), int(both) if both is not None else None)
    shorter = min(documented, also.reported)
    if also.both is not None and also.both > shorter:
        raise refused(text, f"both= at most {shorter}: no more can be on both lists", key="--also")
    if also.both is None and shorter > MOST_UNMATCHED:
        raise refused(text, f"both=M as well, where both lists have more than {MOST_UNMATCHED} transfers", key="--also")
    return also


def _is_number(text: str | None) -> bool:
    text = (text or "").strip()
    return text.isascii() and text.isdigit() and int(text) <= MOST_DOCUMENTED


class Estimate(NamedTuple):
    """What is believed of the number of transfers by some of the reports."""

    name: str
    """For programs."""
    text: str
    """For people."""
    posterior: Posterior | Mixture


@dataclass(frozen=True)
class TwoLists:
    """The answer of two lists."""

    answer: Inference
    """The answer by the documented transfers alone."""
    also: Also
    joint: JointChance
    log_odds: tuple[float, float]
    dependence: Dependence
    """How dependent documenting and reporting are in the replications."""

    @property
    def lists(self) -> Lists:
        """The two lists."""
        return Lists(self.answer.asked.documented, self.also.reported, self.also.both)

    @cached_property
    def chapman(self) -> Chapman | None:
        """Chapman's estimate; None where nobody matched the lists."""
        return None if self.also.both is None else chapman(self.lists, self.answer.asked.level)

    @cached_property
    def estimates(self) -> list[Estimate]:
        """What is believed where the chances of the scenario are taken for true."""
        prior, lists, name = self.answer.asked.prior, self.lists, self.also.observer
        unmatched = lists._replace(both=None)
        found = [
            Estimate("documented", "documented alone", self.answer.posterior),
            Estimate("reported", f"{name} alone", Posterior(lists.reported, self.joint.reported, prior)),
        ]
        if min(lists.documented, lists.reported) <= MOST_UNMATCHED:
            found.append(Estimate("not_matched", "both, not matched", list_posterior(unmatched, self.joint, prior)))
        if lists.both is not None:
            found.append(Estimate("matched", "both, matched", list_posterior(lists, self.joint, prior)))
        return found

    @cached_property
    def unknown(self) -> list[Estimate]:
        """What is believed where the chances are not known, only how dependent the two lists are."""
        prior, lists = self.answer.asked.prior, self.lists
        found = []
        if min(lists.documented, lists.reported) <= MOST_UNMATCHED:
            mixture = unknown_posterior(lists._replace(both=None), self.log_odds, prior)
            found.append(Estimate("unknown_not_matched", "both, not matched", mixture))
        if lists.both is not None:
            matched = unknown_posterior(lists, self.log_odds, prior)
            found.append(Estimate("unknown_matched", "both, matched", matched))
        return found

    @property
    def best(self) -> Estimate:
        """What all reports together say where the scenario is taken for true."""
        return self.estimates[-1]

    @property
    def sentence(self) -> str:
        """The answer in one sentence."""
        lists, level = self.lists, self.answer.asked.level
        matched = "" if lists.both is None else f", {lists.both:,} of them both"
        what = f"{lists.documented:,} documented and {lists.reported:,} reported by {self.also.observer}{matched}"
        low, high = interval_of(self.best.posterior.quantile, level)
        if high == float("inf"):
            return f"{what}: nothing bounds the number of transfers from above."
        if lists.documented == lists.reported == 0:
            most = self.best.posterior.quantile(level)
            return f"{what}: at most {most:,.0f} transfers took place ({100 * level:g} %)."
        return f"{what}: between {low:,.0f} and {high:,.0f} transfers took place ({100 * level:g} %)."


def two_lists_of(results: Results, answer: Inference, also: Also) -> TwoLists:
    """The answer of two lists by the replications of a run."""
    columns = columns_of_lists(results, also.observer)
    found = dependence(*columns, level=answer.asked.level)
    return TwoLists(answer, also, joint_chance(*columns), log_odds_ratio(*columns), found)


def columns_of_lists(results: Results, observer: str) -> tuple[Floats, Floats, Floats, Floats]:
    """In each replication, (R,) each: the transfers, those documented, those reported, and those that were both.

    Raises InputError for a run that does not say what its observers reported.
    """
    part = f"[observer={observer}]"
    if "seen_by" not in results.tables["transfers"].column_names:
        hint = "an earlier version wrote it: run the scenario again with --force"
        raise refused(results.name, "a run that says what its observers reported", key="RUN", hint=hint)
    _, reported = results.columns_of(f"reported{part}")
    _, both = results.columns_of(f"documented_reported{part}")
    columns = results.columns
    return (
        columns["transfers"],
        columns["documented"],
        reported[f"reported{part}"],
        both[f"documented_reported{part}"],
    )
