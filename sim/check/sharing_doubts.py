"""Rules of what is doubtful in nations, observers, agreements and tips: reports that nobody makes, hears or acts on.

Each rule answers what it finds; its docstring says what it warns of. `sim.check.advice` names them all.
"""

import math
from collections.abc import Iterator

from sim.check.prospects import Found, Prospects, Rule, longest, of_crew, priorities
from sim.deployment.tips import MOST_RINGS, rings_about
from sim.model.agreements import Agreement
from sim.model.observers.base import Blindness, ObserverPlan


def observer_sees_nothing(prospects: Prospects) -> Iterator[Found]:
    """An observer that can see no transfer: no sea, none where there are any, or no chance."""
    for plan in prospects.reporting.observers:
        if (blind := _blind(prospects, plan)) is not None:
            key, said, hint = blind
            only = " but what is false" if plan.spec.false_reports_per_month > 0.0 else ""
            yield Found(("observers", plan.name, key), f"{said}: it reports nothing{only}", hint)


def _blind(prospects: Prospects, plan: ObserverPlan) -> Blindness | None:
    """Why an observer never sees a transfer: key, what is so, what to look at; None where it may."""
    spec, sources = plan.spec, prospects.scenario.transfers.values()
    if spec.crew is not None:
        return spec.blindness(None)
    if (blind := spec.blindness_at_sea(plan)) is not None:
        return blind
    watched = [one for one in sources if prospects.reporting.watches(plan, one) > 0.0]
    if sources and not watched:
        key = "area" if "area" in spec.model_fields_set and getattr(spec, "area", None) else "position"
        return Blindness(key, "no transfer takes place where it looks", "areas of [transfers]")
    return spec.blindness(max((longest(one.duration_h) for one in watched), default=None))


def reports_reach_nobody(prospects: Prospects) -> Iterator[Found]:
    """An observer whose reports, unlike others', come to no cell whose crews heed tips: no open path, a ceiling."""
    reporting = prospects.reporting
    ways = [one for cell in reporting.cells for one in reporting.ways_to(cell)]
    heard = {one.observer.name for one in ways if one.way is not None}
    for plan in reporting.observers if heard else []:  # that none is heard, tips_never_come says
        if plan.name not in heard and any(one.observer is plan for one in ways):
            cells = " or ".join(reporting.cells)
            said = f"no agreement in force brings its reports ({plan.spec.classification}) to {cells}"
            yield Found(
                ("observers", plan.name), said, "state, release, ceiling or third_party_release of [agreements]"
            )


def tips_never_come(prospects: Prospects) -> Iterator[Found]:
    """Tips of a nation to which no report ever comes: nobody observes, or no path is open."""
    reporting = prospects.reporting
    for name, one in prospects.scenario.patrols.items():
        if one.tips is None or (name not in reporting.heeding and prospects.scenario.observers):
            continue
        if not prospects.scenario.observers:
            yield Found(("patrols", name, "tips"), "nobody observes: it changes nothing", "[observers]")
        elif not any(way.way is not None for way in reporting.ways_to(one.nation or "")):
            said = f"no observer's reports ever come to {one.nation}: it changes nothing"
            yield Found(("patrols", name, "tips"), said, "nation of [observers], or [agreements]")


def tips_without_crew(prospects: Prospects) -> Iterator[Found]:
    """Tips for a crew that investigates nothing: it does nothing about them."""
    for name, one in prospects.scenario.patrols.items():
        if one.tips is not None and prospects.scenario.aircraft[one.aircraft].identification is None:
            said = f"the crew of {one.aircraft} investigates nothing: it does nothing about a tip"
            yield Found(("patrols", name, "tips"), said, f"identification of {one.aircraft}")


def nobody_heeds(prospects: Prospects) -> Iterator[Found]:
    """Observers whose reports no crew would act on."""
    if prospects.scenario.observers and not prospects.reporting.heeding:
        yield Found(("observers",), "no patrol heeds tips: reports change nothing", "tips of a patrol")


def agreement_joins_nothing(prospects: Prospects) -> Iterator[Found]:
    """An agreement in force over which nothing ever passes."""
    for name, terms in prospects.scenario.agreements.items():
        if terms.state == "in_force" and (why := _idle(prospects, name, terms)) is not None:
            key, said, hint = why
            yield Found(("agreements", name, key), f"{said}: nothing passes", hint)


def _idle(prospects: Prospects, name: str, terms: Agreement) -> tuple[str, str, str] | None:
    """Why nothing passes over an agreement in force: key, what is so, what to look at; None where something may."""
    reporting = prospects.reporting
    links = {link.name: link for link in reporting.network.links}
    specs = [plan.spec for plan in reporting.observers]
    if not _released(terms):
        return "release", "none is released", "above 0"
    if name not in links:
        return "in_force_from", "it comes into force after the deployment", "the deployment's start"
    if not specs:
        return "nations", "nobody observes", "[observers]"
    carried = [one for one in specs if links[name].carries(one.kind, one.classification)]
    if not any(links[name].carries(one.kind, "unclassified") for one in specs):
        return "release", f"no observer is a {' or '.join(_released(terms))}", "kind of [observers]"
    if not carried:
        return "ceiling", f"what it would release is classified higher than {terms.ceiling}", "classification"
    ways = [
        reporting.network.quickest(one.nation, one.kind, one.classification, member)
        for one in carried
        for member in terms.nations
    ]
    return None if any(way is not None for way in ways) else ("nations", "no report comes to a member", "[observers]")


def _released(terms: Agreement) -> list[str]:
    return [kind for kind, chance in terms.release.chances.items() if chance > 0.0]


def tips_never_flown(prospects: Prospects) -> Iterator[Found]:
    """Tips so late, or believed so little, that none is ever worth a flight by `least_chance`."""
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


def tip_search_cut(prospects: Prospects) -> Iterator[Found]:
    """A search about tips whose spacing is so small that not all of the error of a typical report is searched."""
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


def tips_move_nobody(prospects: Prospects) -> Iterator[Found]:
    """Tips that neither a sortie begins at nor a crew leaves its route for, and that make no contact worth more."""
    for name, one in prospects.reporting.heeding.items():
        if one.tips is not None and not (one.tips.next_sortie or one.tips.divert or _near_tip(prospects, one.aircraft)):
            said = "neither next_sortie nor divert: it changes nothing"
            yield Found(("patrols", name, "tips"), said, "one of them, or near_tip of a priority")


def _near_tip(prospects: Prospects, aircraft: str) -> float:
    identification = prospects.scenario.aircraft[aircraft].identification
    return (
        identification.priority.near_tip if identification is not None and identification.priority is not None else 0.0
    )


def near_tip_without_tips(prospects: Prospects) -> Iterator[Found]:
    """A weight on what is near a tip, for crews that have none."""
    heeding = {one.aircraft for one in prospects.reporting.heeding.values()}
    for name, _, rules in priorities(prospects):
        if rules.near_tip > 0.0 and name not in heeding:
            said = f"no patrol of {name} has tips: it changes nothing"
            yield Found(of_crew(name, "priority", "near_tip"), said, "tips of a patrol, and [observers]")


def observer_at_odds(prospects: Prospects) -> Iterator[Found]:
    """An observer of a patrol that belongs to another nation than the observer."""
    for name, one in prospects.scenario.observers.items():
        if one.crew is not None:
            patrol = one.crew[0]
            whose = prospects.scenario.patrols[patrol].nation
            if whose != one.nation:
                said = f"{patrol} is a patrol of {whose or 'no nation'}, and {one.nation} reports what it finds"
                yield Found(("observers", name, "nation"), said, f"patrols.{patrol}.nation")


def cell_unheeded(prospects: Prospects) -> Iterator[Found]:
    """A cell whose tips no crew heeds."""
    for name, nation in prospects.scenario.nations.items():
        if "cell" in nation.model_fields_set and name not in prospects.reporting.cells:
            yield Found(
                ("nations", name, "cell"), f"no crew of {name} heeds tips: it changes nothing", "tips of a patrol"
            )


RULES: tuple[Rule, ...] = (
    observer_sees_nothing, reports_reach_nobody, tips_never_come, tips_without_crew, nobody_heeds,
    agreement_joins_nothing, tips_never_flown, tip_search_cut, tips_move_nobody, near_tip_without_tips,
    observer_at_odds, cell_unheeded,
)  # fmt: skip
