"""Tables of nations, observers and agreements, and of how reports reach a nation."""

from collections.abc import Iterator

from sim.check.expected_reports import ExpectedReports, QuickestDelivery
from sim.check.quantities import median
from sim.model.agreements import Agreement
from sim.model.observers.base import ObserverPlan
from sim.model.release_chances import Release
from sim.scenario.schema import Scenario
from sim.scenario.tables import Table, number, titled_table, words

_ALL = 0.999  # of the sea with transfers, up to the corners of a disc


def partner_tables(reports: ExpectedReports) -> Iterator[Table]:
    """Nations, observers, agreements, and the quickest deliveries of reports."""
    yield _nations(reports)
    yield _observers(reports)
    yield _observer_reports(reports)
    yield _agreements(reports.scenario)
    yield _agreement_terms(reports.scenario)
    yield _paths(reports)
    yield _arrivals(reports)


def _nations(reports: ExpectedReports) -> Table:
    columns = ("nation", "title", "patrols that follow tips", "tip lasts, h", "position error grows by, kn")
    table = titled_table("nations", *columns, "places of joined reports differ by at most, standard errors")
    for name, nation in reports.scenario.nations.items():
        patrols = [title for title, patrol in reports.tip_patrols.items() if patrol.nation == name]
        cell = nation.cell
        numbers: tuple[object, ...] = (None, None, None)
        if patrols:
            numbers = (cell.lasts_h, cell.spread_kn, cell.fused_within)
        table.add_row(name, nation.title or name, ", ".join(patrols) or "none", *numbers)
    return table


def _observers(reports: ExpectedReports) -> Table:
    table = titled_table("observers", "observer", "nation", "kind", "detects")
    plans = {plan.name: plan for plan in reports.observers}
    for name, observer in reports.scenario.observers.items():
        table.add_row(name, observer.nation, observer.title, _detects_text(reports, plans[name]))
    return table


def _detects_text(reports: ExpectedReports, plan: ObserverPlan) -> str:
    """What an observer detects, and in how much sea if not in all of the sea with transfers."""
    if plan.spec.crew is not None:
        return plan.spec.summary(plan)
    if plan.sea.is_empty:
        return "nothing: no sea lies within its range"
    sources = reports.scenario.transfers.values()
    whole = all(reports.watched_share(plan, source) > _ALL for source in sources)
    where = "" if whole else f", in {plan.sea.area:,.0f} sq nmi of sea"
    return f"{plan.spec.summary(plan)}{where}"


def _observer_reports(reports: ExpectedReports) -> Table:
    columns = ("observer", "true reports in 30 days, mean", "false reports in 30 days, mean", "median delay, h")
    table = titled_table("reports of the observers", *columns, "position error, nmi", "classification")
    plans = {plan.name: plan for plan in reports.observers}
    for name, observer in reports.scenario.observers.items():
        mean = reports.true_per_month(plans[name])
        counts: tuple[object, ...] = (words("depends on its flights"), None)
        if mean is not None:
            counts = (number(mean, ".1f"), observer.false_reports_per_month)
        rest = (number(median(observer.delay_h), ".3g"), observer.position_error_nmi)
        table.add_row(name, *counts, *rest, observer.classification.replace("_", " "))
    return table


def _agreements(scenario: Scenario) -> Table:
    table = titled_table("agreements", "agreement", "members", "state at the start", "median delay, h")
    for name, terms in scenario.agreements.items():
        table.add_row(
            name, ", ".join(terms.nations), _state_text(scenario, terms), number(median(terms.delay_h), ".3g")
        )
    return table


def _agreement_terms(scenario: Scenario) -> Table:
    columns = ("agreement", "chance of release, %", "highest classification", "position error added, nmi")
    table = titled_table("terms of the agreements", *columns, "third nations may receive it")
    for name, terms in scenario.agreements.items():
        ceiling, third = terms.ceiling.replace("_", " "), terms.third_party_release
        table.add_row(name, _release_cell(terms.release), ceiling, terms.sanitising_error_nmi, third)
    return table


def _state_text(scenario: Scenario, terms: Agreement) -> str:
    """The state of an agreement when the deployment begins."""
    since = terms.in_force_from
    if terms.state != "in_force":
        return terms.state
    if since is None or since > scenario.start:
        return "in force" if since is None else f"in force from {since:%d %b %Y %H:%M} UTC"
    return f"in force since {since:%d %b %Y}"


def _release_cell(release: Release) -> object:
    chances = release.chances
    if len(set(chances.values())) == 1:
        return 100.0 * next(iter(chances.values()))
    return ", ".join(f"{kind} {100.0 * chance:g}" for kind, chance in chances.items() if chance > 0.0)


def _deliveries(reports: ExpectedReports) -> Iterator[QuickestDelivery]:
    """The quickest delivery of each observer's reports to each nation whose patrols follow tips."""
    for nation in reports.tip_nations:
        yield from reports.deliveries_to(nation)


def _paths(reports: ExpectedReports) -> Table:
    table = titled_table("quickest paths of reports", "observer", "to", "nations on the path", "agreements on the path")
    for delivery in _deliveries(reports):
        path = delivery.path
        if path is None:
            table.add_row(delivery.observer.name, delivery.nation, "no report ever arrives", None)
        else:
            agreements = ", ".join(link.name for link in path.via) or "none: its own nation"
            table.add_row(delivery.observer.name, delivery.nation, " > ".join(path.path), agreements)
    return table


def _arrivals(reports: ExpectedReports) -> Table:
    columns = ("observer", "to", "released on all of the path, %", "median delay on the path, h")
    more = ("median age on arrival, h", "chance that the ships are still there, %")
    table = titled_table("arrival of reports by the quickest path", *columns, *more)
    for delivery in _deliveries(reports):
        if (path := delivery.path) is None:
            continue
        cell, age_h = reports.scenario.nations[delivery.nation].cell, delivery.age_h
        still = words("not yet begun") if age_h < 0.0 else number(100.0 * cell.chance_still_there(age_h), ".0f")
        released = number(100.0 * path.chance(delivery.observer.spec.kind), ".0f")
        table.add_row(
            delivery.observer.name, delivery.nation, released, number(path.hours, ".1f"), number(age_h, ".1f"), still
        )
    return table
