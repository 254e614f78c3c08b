"""Rules of check about tips: reports on which a crew cannot act, or never acts."""

import math
from collections.abc import Iterator

from sim.check.bounds import Bounds, identification_key
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.deployment.tips import MOST_RINGS, rings_about


@rule(DOUBTFUL)
def tips_never_come(bounds: Bounds) -> Iterator[Found]:
    """A patrol follows tips, but there is no observer, or no report ever reaches its nation: `tips` has no effect."""
    reports = bounds.reports
    for name, patrol in bounds.scenario.patrols.items():
        if patrol.tips is None or (name not in reports.tip_patrols and bounds.scenario.observers):
            continue
        if not bounds.scenario.observers:
            problem = f"The scenario has no observer, so {name} never receives a tip."
            yield Found(("patrols", name, "tips"), problem, "Add a table of [observers], or remove tips.")
        elif not any(delivery.path is not None for delivery in reports.deliveries_to(patrol.nation or "")):
            problem = f"No observer's report ever reaches {patrol.nation}, so {name} never receives a tip."
            advice = f"Add an agreement of {patrol.nation} to [agreements], or change nation of [observers]."
            yield Found(("patrols", name, "tips"), problem, advice)


@rule(DOUBTFUL)
def tips_without_crew(bounds: Bounds) -> Iterator[Found]:
    """A patrol has `tips`, but its crew investigates no contacts, so `tips` has no effect."""
    for name, patrol in bounds.scenario.patrols.items():
        if patrol.tips is not None and bounds.scenario.aircraft[patrol.aircraft].identification is None:
            problem = f"The crew of {patrol.aircraft} investigates no contacts, so {name} follows no tip."
            advice = f"Add the table aircraft.{patrol.aircraft}.identification, or remove tips."
            yield Found(("patrols", name, "tips"), problem, advice)


@rule(DOUBTFUL)
def tips_never_flown(bounds: Bounds) -> Iterator[Found]:
    """Tips are always too old or too little believed for `least_chance`, so the patrol flies to none of them."""
    reports = bounds.reports
    for name, patrol in reports.tip_patrols.items():
        nation = patrol.nation or ""
        deliveries = [delivery for delivery in reports.deliveries_to(nation) if delivery.path is not None]
        if not deliveries or patrol.tips is None:
            continue
        cell = bounds.scenario.nations[nation].cell
        credibility = max(delivery.observer.spec.credibility for delivery in deliveries)
        # Many reports of one event, joined to one tip, make it as good as certain.
        truth = 1.0 if cell.fused_within > 0.0 and credibility > 0.0 else credibility
        age_h = max(0.0, reports.minimum_age_h(nation))
        best, least = truth * cell.chance_still_there(age_h), patrol.tips.least_chance
        if best == 0.0 or best < least or least == 1.0:
            problem = (
                f"A tip of {nation} is at least {age_h:.3g} h old and lasts {cell.lasts_h:g} h, and its credibility is "
                f"{truth:g} at most, so its chance is at most {math.ceil(best * 1000.0) / 1000.0:g}. {name} flies "
                f"to no tip with a chance below {least:g}."
            )
            if best == 0.0:
                problem = (
                    f"A tip of {nation} has a chance of 0 when it arrives, at least {age_h:.3g} h old: it lasts "
                    f"{cell.lasts_h:g} h, and the highest credibility is {credibility:g}. So {name} flies to no tip."
                )
            advice = f"Lower least_chance or the delays, or raise credibility or nations.{nation}.cell.lasts_h."
            yield Found(("patrols", name, "tips", "least_chance"), problem, advice)


@rule(DOUBTFUL)
def tip_search_cut(bounds: Bounds) -> Iterator[Found]:
    """An expanding square about tips has so small a spacing that a typical report requires more rings than are flown.

    Only the inner rings are searched.
    """
    reports = bounds.reports
    for name, patrol in reports.tip_patrols.items():
        if patrol.tips is None or patrol.tips.search.pattern != "expanding_square":
            continue
        cell = bounds.scenario.nations[patrol.nation or ""].cell
        for delivery in reports.deliveries_to(patrol.nation or ""):
            if delivery.path is None or delivery.age_h >= cell.lasts_h:
                continue
            observer = delivery.observer
            sanitised = [link.terms.sanitising_error_nmi for link in delivery.path.via]
            drift = cell.spread_kn * max(0.0, delivery.age_h)
            error_nmi = math.hypot(observer.spec.position_error_nmi, *sanitised, drift)
            rings = rings_about(patrol.tips.search, error_nmi)
            if rings > MOST_RINGS:
                problem = (
                    f"A typical report of {observer.name} has a position error of {error_nmi:.3g} nmi, for which a "
                    f"spacing of {patrol.tips.search.spacing_nmi:g} nmi needs {rings} rings; only {MOST_RINGS} "
                    "are flown."
                )
                advice = f"Raise spacing_nmi, or lower position_error_nmi of observers.{observer.name}."
                yield Found(("patrols", name, "tips", "search", "spacing_nmi"), problem, advice)


@rule(DOUBTFUL)
def tips_without_effect(bounds: Bounds) -> Iterator[Found]:
    """A patrol has `tips` with neither `next_sortie` nor `divert`, and its priority has no weight `near_tip`.

    Tips have no effect, unless a crew stands by for them.
    """
    for name, patrol in bounds.reports.tip_patrols.items():
        tips = patrol.tips if patrol.standby is None else None
        if tips is not None and not (tips.next_sortie or tips.divert or _near_tip(bounds, patrol.aircraft)):
            problem = (
                f"next_sortie and divert are false and the weight near_tip is 0, so tips change nothing for {name}."
            )
            advice = f"Set next_sortie or divert to true, or raise near_tip in the priority of {patrol.aircraft}."
            yield Found(("patrols", name, "tips"), problem, advice)


def _near_tip(bounds: Bounds, aircraft: str) -> float:
    """The weight that the crew of an aircraft gives a contact near a tip."""
    identification = bounds.scenario.aircraft[aircraft].identification
    if identification is None or identification.priority is None:
        return 0.0
    return identification.priority.near_tip


@rule(DOUBTFUL)
def near_tip_without_tips(bounds: Bounds) -> Iterator[Found]:
    """A crew gives a weight to contacts near a tip, but none of its patrols follows tips: the weight has no effect."""
    following = {patrol.aircraft for patrol in bounds.reports.tip_patrols.values()}
    for name, _, priority in bounds.prioritising_aircraft():
        if priority.near_tip > 0.0 and name not in following:
            problem = f"No patrol of {name} follows tips, so the weight of {priority.near_tip:g} has no effect."
            advice = "Give a patrol the table tips and add [observers], or remove near_tip."
            yield Found(identification_key(name, "priority", "near_tip"), problem, advice)


@rule(NOTE)
def tip_without_weight(bounds: Bounds) -> Iterator[Found]:
    """A crew follows tips, but its priority gives `near_tip` no weight: a contact near a tip counts as any other."""
    for name, _, priority in bounds.prioritising_aircraft():
        if priority.near_tip == 0.0 and any(patrol.follows_tips for patrol in bounds.patrols_of(name)):
            problem = (
                f"The weight near_tip is 0, so the crew of {name} scores a contact near a tip as any other and leaves "
                "it alone if it has no other score."
            )
            yield Found(identification_key(name, "priority"), problem, "Set near_tip above 0.")
