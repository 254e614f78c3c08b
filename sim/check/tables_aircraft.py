"""Tables of aircraft, of how their crews investigate contacts, and of interceptions."""

from sim.scenario.endurance import flight_limit
from sim.scenario.schema import Scenario
from sim.scenario.tables import Table, titled_table, words


def aircraft_table(scenario: Scenario) -> Table:
    """Speeds, the longest flight and what limits it, and sensors of each type of aircraft."""
    columns = ("aircraft", "transit speed, kn", "search speed, kn", "longest flight, h", "limited by", "sensors")
    table = titled_table("aircraft", *columns)
    for name, aircraft in scenario.aircraft.items():
        limit = flight_limit(aircraft)
        speeds = (aircraft.transit_speed_kn, aircraft.search_speed_kn)
        table.add_row(name, *speeds, limit.hours, limit.cause, ", ".join(aircraft.sensors))
    return table


def investigation_table(scenario: Scenario) -> Table:
    """How far a crew flies to a contact, how long it stays, and from how near it classifies and documents it."""
    columns = ("aircraft", "longest detour to a contact, nmi", "time beside a contact, h", "classifies within, nmi")
    table = titled_table("investigation of contacts", *columns, "documents within, nmi")
    for name, aircraft in scenario.aircraft.items():
        found = aircraft.identification
        if found is None:
            table.add_row(name, words("investigates no contacts"), None, None, None)
        else:
            ranges = (found.classify.range_nmi, found.document.range_nmi)
            table.add_row(name, found.max_detour_nmi, found.time_h, *ranges)
    return table


def intercepts_table(scenario: Scenario) -> Table:
    """Where interceptions happen, how often, and how long each lasts."""
    columns = ("interception", "area", "mean number in 100 h of flight there", "duration of each, h")
    table = titled_table("interceptions", *columns)
    for name, intercepts in scenario.intercepts.items():
        area = intercepts.area or "all of the route"
        table.add_row(name, area, intercepts.per_100_h, intercepts.time_h)
    return table
