"""Tables of areas, no-go zones and bases."""

from sim.scenario.schema import Scenario
from sim.scenario.tables import Table, number, titled_table, words


def areas_table(scenario: Scenario) -> Table:
    """The sea of each area, and the share of it that is land."""
    table = titled_table("areas", "area", "sea, sq nmi", "land, % of the area")
    for name, area in scenario.areas.items():
        land = 100.0 * scenario.plane.land_share(area.shape)
        table.add_row(name, number(scenario.plane.sea(area.shape).area, ",.0f"), number(land, ".1f"))
    return table


def zones_table(scenario: Scenario) -> Table:
    """The size of each no-go zone."""
    table = titled_table("no-go zones", "zone", "size, sq nmi")
    for name, zone in scenario.zones.items():
        table.add_row(name, number(scenario.plane.project(zone.shape).area, ",.0f"))
    return table


def bases_table(scenario: Scenario) -> Table:
    """Where each base lies, and how often it is open."""
    columns = ("base", "longitude, deg", "latitude, deg", "open, % of the time", "mean time open, h")
    table = titled_table("bases", *columns, "mean time closed, h")
    for name, base in scenario.bases.items():
        spells: tuple[object, ...] = (100.0, words("always"), None)
        if (closed := base.closed) is not None:
            share = closed.mean_open_h / (closed.mean_open_h + closed.mean_closed_h)
            spells = (number(100.0 * share, ".3g"), closed.mean_open_h, closed.mean_closed_h)
        table.add_row(name, base.position[0], base.position[1], *spells)
    return table
