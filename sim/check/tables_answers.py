"""Tables of what ships do when they notice an aircraft, and of how those who plan transfers learn."""

from sim.scenario.schema import Scenario
from sim.scenario.tables import Table, titled_table, words


def reactions_table(scenario: Scenario) -> Table:
    """Within which range the ships of each source notice an aircraft, with which chance, and what they do then."""
    columns = ("source", "notice within, nmi", "in the dark, nmi", "chance, %", "after, h", "cast off, %", "lie low, %")
    table = titled_table("ships that notice an aircraft", *columns)
    for name, source in scenario.transfers.items():
        spec = source.reaction
        if spec is not None:
            shares = (100.0 * spec.cast_off_share, 100.0 * spec.lie_low_share)
            delay, chance = spec.delay_h.text, 100.0 * spec.notice_chance
            table.add_row(name, spec.notice_nmi, spec.dark_nmi, chance, delay, *shares)
    return table


def learning_table(scenario: Scenario) -> Table:
    """Which share of the transfers of each source avoids what is remembered, among which cells, and how strongly."""
    columns = ("source", "learn, %", "areas", "cells of place", "parts of the day", "rationality", "memory, days",
               "word spreads in, days")  # fmt: skip
    table = titled_table("smugglers that learn", *columns)
    for name, source in scenario.transfers.items():
        spec = source.learning
        if spec is not None:
            areas = ", ".join(spec.areas or [source.area])
            cells = words("one for each area") if spec.grid_nmi is None else words(f"squares of {spec.grid_nmi:g} nmi")
            numbers = (spec.hours, spec.rationality, spec.memory_days, spec.spread_days)
            table.add_row(name, 100.0 * spec.weight, areas, cells, *numbers)
    return table
