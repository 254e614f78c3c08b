"""Rules of check about crews: how they choose, classify and document contacts."""

from collections.abc import Iterator
from typing import Any

from sim.check.prospects import Prospects, investigators, of_crew, priorities, receives_ais, resolves
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, Found, rule
from sim.deployment.contacts import (
    ALONGSIDE,
    DARK,
    LISTED,
    NEAR_TIP,
    SPOOFING,
    STATIONARY,
    SUSPICIOUS,
    WATCHED,
    plan_scoring,
)
from sim.deployment.patrols import identification_record_of


@rule(SENSELESS)
def never_worth_a_look(prospects: Prospects) -> Iterator[Found]:
    """By the priorities of a crew no transfer has a score, or none is worth the hours it costs.

    None is investigated.
    """
    scenario = prospects.scenario
    for name, one, rules in priorities(prospects):
        scoring, stay = plan_scoring(scenario, one), one.identification.time_h if one.identification else 0.0
        there = (ALONGSIDE if resolves(prospects, one) else 0) | (WATCHED if rules.watch_areas else 0)
        there |= NEAR_TIP if any(patrol.heeds for patrol in prospects.flown(name)) else 0
        shows = [
            scoring.features_anywhere(traits) | there
            for spec in scenario.transfers.values()
            for traits in _traits(spec)
        ]
        best = max((scoring.score[known] for known in shows), default=1.0)
        if best == 0.0 or best - rules.cost_per_h * stay < 0.0:
            said = f"the most that a crew gives a transfer is {best:g}, its hours cost {rules.cost_per_h * stay:g}"
            yield Found(of_crew(name, "priority"), f"{said}: none is ever worth a look", "the weights")


def _traits(spec: Any) -> list[int]:
    """The most that a pair can have of what may be known, with AIS and without."""
    least = STATIONARY | SUSPICIOUS | (SPOOFING if spec.spoofing_share else 0) | (LISTED if spec.listed_share else 0)
    return [least] * (spec.dark_share < 1.0) + [least | DARK] * (spec.dark_share > 0.0)


@rule(SENSELESS)
def step_without_chance(prospects: Prospects) -> Iterator[Found]:
    """A crew classifies or documents with probability 0: no transfer is documented."""
    for name, one in investigators(prospects):
        for step in ("classify", "document"):
            if getattr(one.identification, step).probability == 0.0:
                yield Found(of_crew(name, step, "probability"), "it never succeeds", "above 0")


@rule(DOUBTFUL)
def weight_unknowable(prospects: Prospects) -> Iterator[Found]:
    """A weight is given to something that the crew cannot observe, as AIS claims without an AIS receiver.

    It has no effect.
    """
    for name, one, rules in priorities(prospects):
        no_ais = ("a crew without an AIS receiver cannot know it", receives_ais(prospects, one), f"sensors of {name}")
        radar = f"resolution_m and beam_deg of a radar among sensors of {name}"
        reasons = {
            **dict.fromkeys(("dark", "suspect", "listed"), no_ais),
            "alongside": ("no radar aboard resolves two hulls alongside", resolves(prospects, one), radar),
            "watched": ("there are no watch_areas", bool(rules.watch_areas), "priority.watch_areas"),
        }
        for key, (why, known, change) in reasons.items():
            if getattr(rules, key) > 0.0 and not known:
                yield Found(of_crew(name, "priority", key), f"{why}: it changes nothing", change)
        if rules.watch_areas and rules.watched == 0.0:
            yield Found(of_crew(name, "priority", "watch_areas"), "they weigh nothing", "priority.watched")


@rule(DOUBTFUL)
def weight_without_bearer(prospects: Prospects) -> Iterator[Found]:
    """A weight is given to a property that no vessel of the scenario has: it has no effect."""
    shares = {"dark": "dark_share", "suspect": "spoofing_share", "listed": "listed_share"}
    for name, one, rules in priorities(prospects):
        for key, share in shares.items():
            borne = any(getattr(source, share) > 0.0 for source in prospects.sources)
            if getattr(rules, key) > 0.0 and receives_ais(prospects, one) and not borne:
                yield Found(of_crew(name, "priority", key), f"no vessel has a {share} above 0", share)


@rule(NOTE)
def nobody_investigates(prospects: Prospects) -> Iterator[Found]:
    """No crew investigates contacts: transfers are detected, but none is classified or documented."""
    if prospects.patrols and not any(True for _ in investigators(prospects)):
        name = prospects.patrols[0].spec.aircraft
        said = "no crew investigates contacts: transfers are detected, none is classified or documented"
        yield Found(("aircraft", name, "identification"), said, "identification, or a type")


@rule(NOTE)
def nothing_to_remember(prospects: Prospects) -> Iterator[Found]:
    """A crew remembers vessels for later sorties, but there is one sortie only: `remember_h` has no effect."""
    for name, one in investigators(prospects):
        memories = {identification_record_of(patrol.name, patrol.spec) for patrol in prospects.flown(name)}
        crews = [one for one in prospects.patrols if identification_record_of(one.name, one.spec) in memories]
        if one.identification and one.identification.remember_h > 0.0 and sum(p.takeoffs.size for p in crews) < 2:
            yield Found(of_crew(name, "remember_h"), "there is one sortie only", "it holds between sorties")
