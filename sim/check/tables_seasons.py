"""Tables of ships by class and month, and of the hours that contacts take of a sortie in each month, by estimate."""

from collections.abc import Sequence

from sim.check.bounds import Bounds
from sim.check.expected_contacts import ExpectedContacts, Season, expected_contacts
from sim.deployment.traffic.base import plan_traffic
from sim.deployment.traffic.periods import months_of, whole_year
from sim.model.vessels import class_text
from sim.scenario.tables import Column, Table, mean_count, mean_count_text, number, titled_table

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
        if not all(_same(*pair) for pair in pairs):
            return False
    return True


def ships_by_month_table(bounds: Bounds, seasons: Sequence[Season]) -> Table:
    """How many ships of each class are present at a time in each month, and how many of them have AIS on.

    A class that is as numerous in all months has one row for all months. The table has no rows where all ships are of
    one class and all months are alike: then other tables show their number.
    """
    columns = ("month", "class", "mean number present", "mean number with AIS on", "of which sources")
    table = titled_table("ships by class and month", *columns)
    table.factors = 2
    by_label = {season.label: _by_class(season) for season in seasons}
    months = list(by_label.values())
    for name in [name for name in months[0] if _is_constant(name, months)] if len(months) > 1 else []:
        _add_class(table, bounds, _ALIKE, name, months[0][name])
    for label, by_class in by_label.items():
        for name, by_source in by_class.items():
            if len(months) == 1 or not _is_constant(name, months):
                _add_class(table, bounds, label, name, by_source)
    if len(table.rows) < 2:
        table.rows.clear()
    return table


def _add_class(table: Table, bounds: Bounds, label: str, name: str, by_source: dict[str, float]) -> None:
    """Add the row of a class of ships at a time of the year, with their mean number by source."""
    background = bounds.scenario.background
    on = sum(count * (1.0 - background[source].dark_share) for source, count in by_source.items())
    sources = ", ".join(f"{source} {mean_count_text(count)}" for source, count in by_source.items() if count)
    table.add_row(label, name, mean_count(sum(by_source.values())), mean_count(on), sources)


def _is_constant(name: str, months: Sequence[dict[str, dict[str, float]]]) -> bool:
    """Whether a class has as many ships of each source in every month."""
    first = months[0].get(name, {})
    for month in months[1:]:
        other = month.get(name, {})
        pairs = [(first.get(source, 0.0), other.get(source, 0.0)) for source in first.keys() | other.keys()]
        if not all(_same(*pair) for pair in pairs):
            return False
    return True


def _same(one: float, other: float) -> bool:
    """Whether two numbers present count as the same."""
    return abs(one - other) <= _SAME * max(1.0, one)


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

    Patrols that do not differ in what decides these numbers share a row. Routes with very many corners are left out.
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
