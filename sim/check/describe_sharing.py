"""Who sees, who tells whom, and how a report comes to a cell: tables for `seasweep check`."""

from collections.abc import Iterator

from rich.table import Table

from sim.check.prospects import middle
from sim.check.reporting import Reporting, Tipped
from sim.model.agreements import Agreement
from sim.model.observers.base import ObserverPlan
from sim.model.release_chances import Release
from sim.scenario.schema import Scenario
from sim.scenario.wording import titled_table

_ALL = 0.999  # of the sea with transfers, up to the corners of a disc


def sharing(scenario: Scenario) -> Iterator[Table]:
    """Nations and their cells, observers, agreements, and the ways of reports."""
    prospects = Reporting(scenario)
    yield _nations(prospects)
    yield _observers(prospects)
    yield _agreements(scenario)
    yield _ways(prospects)


def _nations(prospects: Reporting) -> Table:
    scenario = prospects.scenario
    table = titled_table(
        "nations", "name", "title", "patrols that heed tips", "cell: a transfer lasts, h", "errors grow, kn"
    )
    table.add_column("fused within, standard errors")
    for name, nation in scenario.nations.items():
        cell, crews = nation.cell, [one for one, spec in prospects.heeding.items() if spec.nation == name]
        reckons = (f"{cell.lasts_h:g}", f"{cell.spread_kn:g}", f"{cell.fused_within:g}") if crews else ("-", "-", "-")
        table.add_row(name, nation.title or name, ", ".join(crews) or "none", *reckons)
    return table


def _observers(prospects: Reporting) -> Table:
    columns = ("name", "kind", "whose", "sees", "error, nmi", "delay, h", "class", "reports a month")
    table = titled_table("observers, delays by their median", *columns)
    plans = {plan.name: plan for plan in prospects.observers}
    for name, spec in prospects.scenario.observers.items():
        many = prospects.true_per_month(plans[name])
        reports = "as it flies"
        if many is not None:
            reports = f"{many:.1f} true, {spec.false_reports_per_month:g} false"
        told = (f"{spec.position_error_nmi:g}", f"{middle(spec.delay_h):.3g}", spec.classification.replace("_", " "))
        table.add_row(name, spec.title, spec.nation, _sees(prospects, plans[name]), *told, reports)
    return table


def _sees(prospects: Reporting, plan: ObserverPlan) -> str:
    """What an observer sees, in a few words."""
    if plan.spec.crew is not None:
        return plan.spec.summary(plan)
    if plan.sea.is_empty:
        return "no sea"
    said = plan.spec.summary(plan)
    whole = all(prospects.watches(plan, one) > _ALL for one in prospects.scenario.transfers.values())
    return said if whole else f"{said}, {plan.sea.area:,.0f} sq nmi"


def _agreements(scenario: Scenario) -> Table:
    columns = ("name", "members", "at the start", "delay, h", "released", "blurs by, nmi", "ceiling", "passed on")
    table = titled_table("agreements, delays by their median", *columns)
    for name, one in scenario.agreements.items():
        passes = (
            f"{one.sanitising_error_nmi:g}",
            one.ceiling.replace("_", " "),
            "yes" if one.third_party_release else "no",
        )
        table.add_row(
            name,
            ", ".join(one.nations),
            _state(scenario, one),
            f"{middle(one.delay_h):.3g}",
            _released(one.release),
            *passes,
        )
    return table


def _state(scenario: Scenario, one: Agreement) -> str:
    """How an agreement stands when the deployment begins."""
    since = one.in_force_from
    if one.state != "in_force":
        return one.state
    if since is None or since > scenario.start:
        return "in force" if since is None else f"from {since:%d %b %Y %H:%M} UTC"
    return f"in force since {since:%d %b %Y}"


def _released(release: Release) -> str:
    chances = release.chances
    if len(set(chances.values())) == 1:
        return f"{100.0 * next(iter(chances.values())):g} %"
    return ", ".join(f"{kind} {100.0 * chance:g} %" for kind, chance in chances.items() if chance > 0.0)


def _ways(prospects: Reporting) -> Table:
    """The quickest way of each observer's reports to each cell whose crews heed tips."""
    columns = (
        "observer",
        "to",
        "quickest path",
        "over",
        "released",
        "under way, h",
        "age as it comes, h",
        "still there",
    )
    table = titled_table("reports on their way, delays by their median", *columns)
    for cell in prospects.cells:
        for one in prospects.ways_to(cell):
            table.add_row(one.observer.name, cell, *_way(prospects, one))
    return table


def _way(prospects: Reporting, one: Tipped) -> tuple[str, ...]:
    if one.way is None:
        return "none: no report ever comes", "", "", "", "", ""
    lasts, way = prospects.scenario.nations[one.cell].cell.lasts_h, one.way
    over = ", ".join(link.name for link in way.via) or "its own"
    there = "foretold" if one.age_h < 0.0 else f"{100.0 * max(0.0, 1.0 - one.age_h / lasts):.0f} %"
    released = f"{100.0 * way.chance(one.observer.spec.kind):.0f} %"
    return " > ".join(way.path), over, released, f"{way.hours:.1f}", f"{one.age_h:.1f}", there
