"""Tables of ships by class and month, and of the hours that contacts take of a sortie in each month, by estimate."""

from collections.abc import Sequence

from sim.check.bounds import Bounds
from sim.check.expected_contacts import ExpectedContacts, Season, expected_contacts
from sim.deployment.traffic.base import plan_traffic
from sim.deployment.traffic.periods import class_text, months_of, whole_year
from sim.scenario.tables import Column, Table, number, titled_table

_SAME = 1e-6  # a share by which numbers present may differ and still count as the same
_ALIKE = "every month"


def seasons_of(bounds: Bounds, year: bool = False) -> list[Season]:
    """The months of the deployment, or of the year in which it begins; one season where all months are alike."""
    scenario = whole_year(bounds.scenario) if year else bounds.scenario
    traffic = {name: plan_traffic(scenario, name) for name in scenario.background} if year else bounds.traffic
    found = [Season(*month, traffic) for month in months_of(scenario)]
    if all(_alike(season, found[0]) for season in found[1:]):
        return [Season(_ALIKE, 0.0, scenario.duration_h, traffic)]
    return found


def _alike(one: Season, other: Season) -> bool:
    """Whether as many ships of each class of each source are present in two seasons."""
    for plan in one.traffic.values():
        here, there = (plan.present_by_class(season.begin_h, season.end_h) for season in (one, other))
        pairs = [(here.get(hulls, 0.0), there.get(hulls, 0.0)) for hulls in here.keys() | there.keys()]
        if any(abs(first - second) > _SAME * max(1.0, first) for first, second in pairs):
            return False
    return True


def ships_by_month_table(bounds: Bounds, seasons: Sequence[Season]) -> Table:
    """How many ships of each class are present at a time in each month, and how many of them have AIS on.

    It has no rows where all ships are of one class and all months are alike: then other tables say it.
    """
    columns = ("month", "class", "mean number present", "mean number with AIS on", "of which sources")
    table = titled_table("ships by class and month", *columns)
    table.factors = 2
    for season in seasons:
        for name, by_source in _by_class(season).items():
            present = sum(by_source.values())
            on = sum(
                count * (1.0 - bounds.scenario.background[source].dark_share) for source, count in by_source.items()
            )
            sources = ", ".join(f"{source} {count:,.4g}" for source, count in by_source.items())
            table.add_row(season.label, name, number(present, ",.4g"), number(on, ",.4g"), sources)
    if len(table.rows) < 2:
        table.rows.clear()
    return table


def _by_class(season: Season) -> dict[str, dict[str, float]]:
    """The mean number present of each class by source; the class with the most ships first."""
    found = dict[str, dict[str, float]]()
    for name, plan in season.traffic.items():
        for hulls, count in plan.present_by_class(season.begin_h, season.end_h).items():
            of_class = found.setdefault(class_text(hulls), {})
            of_class[name] = of_class.get(name, 0.0) + count
    return dict(sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0])))


def contacts_by_month_table(bounds: Bounds, seasons: Sequence[Season]) -> Table:
    """How many contacts the crew of each patrol is expected to visit on a sortie in each month, and the hours of that.

    Patrols that differ in nothing that it depends on share a row. Routes with very many corners are left out.
    """
    columns = (
        "month", "route", Column("patrols", omit_order=1), "mean number visited", "time that they take, h",
        "time on station, h", "part of a pass flown, %",
    )  # fmt: skip
    table = titled_table("contacts expected on a sortie", *columns)
    table.factors = 2
    for season in seasons:
        found = dict[tuple[str, ExpectedContacts], list[str]]()
        for patrol in bounds.patrols:
            for route in patrol.reachable_routes:
                expected = expected_contacts(bounds, patrol, route, season)
                if expected is not None:
                    found.setdefault((route.plan.name, expected), []).append(patrol.name)
        for (route_name, expected), patrols in found.items():
            numbers = (number(expected.investigations, ".3g"), number(expected.hours, ".1f"))
            flown = number(100.0 * expected.flown, ".0f")
            table.add_row(
                season.label, route_name, ", ".join(patrols), *numbers, number(expected.station_h, ".1f"), flown
            )
    return table
