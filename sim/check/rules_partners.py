"""Rules of check about nations, observers and agreements: reports that nobody makes or receives."""

from collections.abc import Iterator

from sim.check.prospects import Prospects, longest
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.model.agreements import Agreement
from sim.model.observers.base import Blindness, ObserverPlan


@rule(DOUBTFUL)
def observer_sees_nothing(prospects: Prospects) -> Iterator[Found]:
    """An observer watches no sea, watches none where transfers take place, or has no chance to see one.

    It reports nothing true.
    """
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


@rule(DOUBTFUL)
def reports_reach_nobody(prospects: Prospects) -> Iterator[Found]:
    """The reports of an observer reach no nation whose crews act on tips: no agreement passes them on."""
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


@rule(DOUBTFUL)
def agreement_joins_nothing(prospects: Prospects) -> Iterator[Found]:
    """No report ever passes over an agreement in force.

    It releases nothing, begins too late, or has no reports to pass.
    """
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
        reporting.network.fastest_path(one.nation, one.kind, one.classification, member)
        for one in carried
        for member in terms.nations
    ]
    return None if any(way is not None for way in ways) else ("nations", "no report comes to a member", "[observers]")


def _released(terms: Agreement) -> list[str]:
    return [kind for kind, chance in terms.release.chances.items() if chance > 0.0]


@rule(DOUBTFUL)
def observer_at_odds(prospects: Prospects) -> Iterator[Found]:
    """An observer reports what a patrol of another nation finds: the finds go to a nation that did not make them."""
    for name, one in prospects.scenario.observers.items():
        if one.crew is not None:
            patrol = one.crew[0]
            whose = prospects.scenario.patrols[patrol].nation
            if whose != one.nation:
                said = f"{patrol} is a patrol of {whose or 'no nation'}, and {one.nation} reports what it finds"
                yield Found(("observers", name, "nation"), said, f"patrols.{patrol}.nation")


@rule(DOUBTFUL)
def cell_unheeded(prospects: Prospects) -> Iterator[Found]:
    """A `cell` is given for a nation whose crews do not act on tips: it has no effect."""
    for name, nation in prospects.scenario.nations.items():
        if "cell" in nation.model_fields_set and name not in prospects.reporting.cells:
            yield Found(
                ("nations", name, "cell"), f"no crew of {name} heeds tips: it changes nothing", "tips of a patrol"
            )


@rule(DOUBTFUL)
def nobody_heeds(prospects: Prospects) -> Iterator[Found]:
    """There are observers, but no patrol has `tips`: reports have no effect."""
    if prospects.scenario.observers and not prospects.reporting.heeding:
        yield Found(("observers",), "no patrol heeds tips: reports change nothing", "tips of a patrol")


@rule(NOTE)
def stale_as_it_comes(prospects: Prospects) -> Iterator[Found]:
    """The reports of an observer are typically older on arrival than a tip may be: few of them are flown to."""
    for cell in prospects.reporting.cells:
        lasts = prospects.scenario.nations[cell].cell.lasts_h
        for one in prospects.reporting.ways_to(cell):
            if one.way is not None and one.age_h >= lasts:
                said = f"its reports typically reach {cell} {one.age_h:.3g} h old, by {' > '.join(one.way.path)}"
                delays = ", ".join(
                    [f"observers.{one.observer.name}", *(f"agreements.{link.name}" for link in one.way.via)]
                )
                hint = f"delay_h of {delays}; or nations.{cell}.cell.lasts_h"
                yield Found(("observers", one.observer.name), f"{said}: a tip lasts {lasts:g} h", hint)
