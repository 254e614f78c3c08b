"""Rules of check about nations, observers and agreements: reports that nobody makes or receives."""

from collections.abc import Iterator

from sim.check.bounds import Bounds
from sim.check.quantities import maximum
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.model.agreements import Agreement
from sim.model.observers.base import Blindness, ObserverPlan


@rule(DOUBTFUL)
def observer_sees_nothing(bounds: Bounds) -> Iterator[Found]:
    """An observer watches no sea, watches no sea with transfers, or has no chance to see a transfer.

    It makes no true report.
    """
    for plan in bounds.reports.observers:
        if (blindness := _blindness(bounds, plan)) is not None:
            key, reason, remedy = blindness
            only = "nothing but false reports" if plan.spec.false_reports_per_month > 0.0 else "nothing"
            yield Found(
                ("observers", plan.name, key), f"{reason}, so the observer {plan.name} reports {only}.", f"{remedy}."
            )


def _blindness(bounds: Bounds, plan: ObserverPlan) -> Blindness | None:
    """Why an observer never sees a transfer; None if it may."""
    spec, sources = plan.spec, bounds.scenario.transfers.values()
    if spec.crew is not None:
        return spec.blindness(None)
    if (blindness := spec.blindness_at_sea(plan)) is not None:
        return blindness
    watched = [source for source in sources if bounds.reports.watched_share(plan, source) > 0.0]
    if sources and not watched:
        key = "area" if "area" in spec.model_fields_set and getattr(spec, "area", None) else "position"
        areas = ", ".join(sorted({source.area for source in sources}))
        return Blindness(
            key, "No transfer takes place where it looks", f"Change {key} to watch a part of the sea of {areas}"
        )
    return spec.blindness(max((maximum(source.duration_h) for source in watched), default=None))


@rule(DOUBTFUL)
def reports_reach_nobody(bounds: Bounds) -> Iterator[Found]:
    """The reports of an observer reach no nation whose crews follow tips, because no agreement passes them on."""
    reports = bounds.reports
    deliveries = [delivery for nation in reports.tip_nations for delivery in reports.deliveries_to(nation)]
    received = {delivery.observer.name for delivery in deliveries if delivery.path is not None}
    for plan in reports.observers if received else []:  # If none is received, the rule tips_never_come says so.
        nations = " or ".join(nation for nation in reports.tip_nations if nation != plan.spec.nation)
        if nations and plan.name not in received and any(delivery.observer is plan for delivery in deliveries):
            problem = (
                f"No agreement in force brings its reports ({plan.spec.classification}) from {plan.spec.nation} to "
                f"{nations}."
            )
            keys = "state, in_force_from, release, ceiling or third_party_release in [agreements]"
            advice = f"Change {keys}." if bounds.scenario.agreements else "Add a table of [agreements]."
            yield Found(("observers", plan.name), problem, advice)


@rule(DOUBTFUL)
def agreement_passes_nothing(bounds: Bounds) -> Iterator[Found]:
    """No report ever passes over an agreement in force.

    It releases nothing, comes into force too late, or has no reports to pass.
    """
    for name, terms in bounds.scenario.agreements.items():
        if terms.state == "in_force" and (found := _obstacle(bounds, name, terms)) is not None:
            key, reason, remedy = found
            yield Found(
                ("agreements", name, key), f"{reason}, so no report passes over the agreement {name}.", f"{remedy}."
            )


def _obstacle(bounds: Bounds, name: str, terms: Agreement) -> tuple[str, str, str] | None:
    """Why nothing passes over an agreement in force: key, reason and remedy; None if something may pass."""
    reports = bounds.reports
    links = {link.name: link for link in reports.network.links}
    specs = [plan.spec for plan in reports.observers]
    if not _released_kinds(terms):
        return "release", "The chance of release is 0 for every kind of observer", "Set release above 0"
    if name not in links:
        reason = f"The agreement comes into force on {terms.in_force_from:%d %b %Y}, after the deployment"
        return "in_force_from", reason, "Set in_force_from before the end of the deployment"
    if not specs:
        return "nations", "The scenario has no observer", "Add a table of [observers]"
    carried = [spec for spec in specs if links[name].carries(spec.kind, spec.classification)]
    if not any(links[name].carries(spec.kind, "unclassified") for spec in specs):
        kinds = " or ".join(_released_kinds(terms))
        return "release", f"No observer is of the kind {kinds}", "Add the kinds of [observers] to release"
    if not carried:
        reason = f"All reports that it would release are classified higher than {terms.ceiling}"
        return "ceiling", reason, "Raise ceiling, or lower classification of [observers]"
    if any(
        reports.network.could_reach(spec.nation, spec.kind, spec.classification, member)
        for spec in carried
        for member in terms.nations
    ):
        return None
    members = ", ".join(terms.nations)
    return "nations", f"No observer's report reaches any of its members ({members})", "Add an observer of a member"


def _released_kinds(terms: Agreement) -> list[str]:
    return [kind for kind, chance in terms.release.chances.items() if chance > 0.0]


@rule(DOUBTFUL)
def observer_of_another_nation(bounds: Bounds) -> Iterator[Found]:
    """An observer of one nation reports what a patrol of another nation finds: the wrong nation has the reports."""
    for name, observer in bounds.scenario.observers.items():
        if observer.crew is not None:
            patrol = observer.crew[0]
            flag = bounds.scenario.patrols[patrol].nation
            if flag != observer.nation:
                owner = f"the nation {flag}" if flag else "no nation"
                problem = f"The patrol {patrol} belongs to {owner}, but {observer.nation} reports what it finds."
                advice = f"Give observers.{name}.nation and patrols.{patrol}.nation the same value."
                yield Found(("observers", name, "nation"), problem, advice)


@rule(DOUBTFUL)
def cell_without_tips(bounds: Bounds) -> Iterator[Found]:
    """A `cell` is given for a nation whose crews do not follow tips, so it has no effect."""
    for name, nation in bounds.scenario.nations.items():
        if "cell" in nation.model_fields_set and name not in bounds.reports.tip_nations:
            problem = f"No patrol of {name} follows tips, so its cell has no effect."
            yield Found(("nations", name, "cell"), problem, f"Give a patrol of {name} the table tips, or remove cell.")


@rule(DOUBTFUL)
def no_patrol_follows_tips(bounds: Bounds) -> Iterator[Found]:
    """There are observers, but no patrol follows tips, so their reports have no effect."""
    count = len(bounds.scenario.observers)
    if count and not bounds.reports.tip_patrols:
        problem = f"No patrol follows tips, so the reports of the {count} observers change no flight."
        if count == 1:
            problem = "No patrol follows tips, so the reports of the observer change no flight."
        yield Found(("observers",), problem, "Give a patrol whose crew investigates contacts the table tips.")


@rule(NOTE)
def reports_arrive_too_old(bounds: Bounds) -> Iterator[Found]:
    """The reports of an observer are typically older on arrival than a tip may be, so few of them lead to a flight."""
    for nation in bounds.reports.tip_nations:
        lasts_h = bounds.scenario.nations[nation].cell.lasts_h
        for delivery in bounds.reports.deliveries_to(nation):
            if delivery.path is not None and delivery.age_h >= lasts_h:
                name = delivery.observer.name
                problem = (
                    f"Its reports are typically {delivery.age_h:.3g} h old when they reach {nation} "
                    f"(by {' > '.join(delivery.path.path)}), and a tip lasts {lasts_h:g} h."
                )
                delays = " or ".join(
                    [f"observers.{name}.delay_h", *(f"agreements.{link.name}.delay_h" for link in delivery.path.via)]
                )
                advice = f"Lower {delays}, or raise nations.{nation}.cell.lasts_h."
                yield Found(("observers", name), problem, advice)
