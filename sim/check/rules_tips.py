"""Rules of check about tips: reports on which a crew cannot act, or never acts."""

import math
from collections.abc import Iterator

from sim.check.prospects import Prospects, of_crew, priorities
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.deployment.tips import MOST_RINGS, rings_about


@rule(DOUBTFUL)
def tips_never_come(prospects: Prospects) -> Iterator[Found]:
    """A patrol acts on tips, but no report ever reaches its nation, or there is no observer: `tips` has no effect."""
    reporting = prospects.reporting
    for name, one in prospects.scenario.patrols.items():
        if one.tips is None or (name not in reporting.heeding and prospects.scenario.observers):
            continue
        if not prospects.scenario.observers:
            yield Found(("patrols", name, "tips"), "nobody observes: it changes nothing", "[observers]")
        elif not any(way.way is not None for way in reporting.ways_to(one.nation or "")):
            said = f"no observer's reports ever come to {one.nation}: it changes nothing"
            yield Found(("patrols", name, "tips"), said, "nation of [observers], or [agreements]")


@rule(DOUBTFUL)
def tips_without_crew(prospects: Prospects) -> Iterator[Found]:
    """A patrol has `tips`, but its crew investigates no contacts: `tips` has no effect."""
    for name, one in prospects.scenario.patrols.items():
        if one.tips is not None and prospects.scenario.aircraft[one.aircraft].identification is None:
            said = f"the crew of {one.aircraft} investigates nothing: it does nothing about a tip"
            yield Found(("patrols", name, "tips"), said, f"identification of {one.aircraft}")


@rule(DOUBTFUL)
def tips_never_flown(prospects: Prospects) -> Iterator[Found]:
    """Tips are always too old, or believed too little, for `least_chance`: the patrol flies to none of them."""
    reporting = prospects.reporting
    for name, one in reporting.heeding.items():
        ways = [way for way in reporting.ways_to(one.nation or "") if way.way is not None]
        if not ways or one.tips is None:
            continue
        cell = prospects.scenario.nations[one.nation or ""].cell
        believed = max(way.observer.spec.credibility for way in ways)
        truth = 1.0 if cell.fused_within > 0.0 and believed > 0.0 else believed  # many reports of one event add up
        age = max(0.0, reporting.least_age_h(one.nation or ""))
        best = truth * max(0.0, 1.0 - age / cell.lasts_h)
        if best == 0.0 or best < one.tips.least_chance or one.tips.least_chance == 1.0:
            said = f"a tip is given a chance below {max(best, 0.01):.2g}, whatever comes: none is flown"
            hint = f"credibility, delays, or nations.{one.nation}.cell.lasts_h"
            yield Found(("patrols", name, "tips", "least_chance"), said, hint)


@rule(DOUBTFUL)
def tip_search_cut(prospects: Prospects) -> Iterator[Found]:
    """An expanding square about tips has so small a spacing that a typical report requires more rings than are flown.

    Only the inner rings are searched.
    """
    reporting = prospects.reporting
    for name, one in reporting.heeding.items():
        if one.tips is None or one.tips.search.pattern != "expanding_square":
            continue
        cell = prospects.scenario.nations[one.nation or ""].cell
        for way in reporting.ways_to(one.nation or ""):
            if way.way is None or way.age_h >= cell.lasts_h:
                continue
            sanitised = [link.terms.sanitising_error_nmi for link in way.way.via]
            drift = cell.spread_kn * max(0.0, way.age_h)
            rings = rings_about(one.tips.search, math.hypot(way.observer.spec.position_error_nmi, *sanitised, drift))
            if rings > MOST_RINGS:
                said = f"a report of {way.observer.name} asks for {rings} rings, and {MOST_RINGS} are flown at most"
                hint = f"a wider spacing, or position_error_nmi of observers.{way.observer.name}"
                yield Found(("patrols", name, "tips", "search", "spacing_nmi"), said, hint)


@rule(DOUBTFUL)
def tips_move_nobody(prospects: Prospects) -> Iterator[Found]:
    """A patrol has `tips` with neither `next_sortie` nor `divert`, and no weight near a tip: they have no effect."""
    for name, one in prospects.reporting.heeding.items():
        if one.tips is not None and not (one.tips.next_sortie or one.tips.divert or _near_tip(prospects, one.aircraft)):
            said = "neither next_sortie nor divert: it changes nothing"
            yield Found(("patrols", name, "tips"), said, "one of them, or near_tip of a priority")


def _near_tip(prospects: Prospects, aircraft: str) -> float:
    identification = prospects.scenario.aircraft[aircraft].identification
    return (
        identification.priority.near_tip if identification is not None and identification.priority is not None else 0.0
    )


@rule(DOUBTFUL)
def near_tip_without_tips(prospects: Prospects) -> Iterator[Found]:
    """A crew gives weight to contacts near a tip, but no patrol of it has tips: the weight has no effect."""
    heeding = {one.aircraft for one in prospects.reporting.heeding.values()}
    for name, _, rules in priorities(prospects):
        if rules.near_tip > 0.0 and name not in heeding:
            said = f"no patrol of {name} has tips: it changes nothing"
            yield Found(of_crew(name, "priority", "near_tip"), said, "tips of a patrol, and [observers]")


@rule(NOTE)
def tip_weighs_nothing(prospects: Prospects) -> Iterator[Found]:
    """A crew acts on tips, but its priorities give `near_tip` no weight: a contact near a tip counts as any other."""
    for name, _, rules in priorities(prospects):
        if rules.near_tip == 0.0 and any(one.heeds for one in prospects.flown(name)):
            said = "a contact near a tip counts as any other: one with no score is left"
            yield Found(of_crew(name, "priority"), said, "near_tip")
