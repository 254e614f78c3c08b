"""Tables of sensors: their laws, and their sweep widths against each class of vessels."""

from collections.abc import Sequence

from sim.model.sensors.base import FAIR, FOUL, Conditions
from sim.model.vessels import Vessel, class_text
from sim.scenario.schema import Scenario
from sim.scenario.tables import Column, Line, Page, Table, number, titled_table, words


def sensors_table(scenario: Scenario) -> Table:
    """The law and the sweep width of each sensor, at the search speed of each aircraft that carries it."""
    columns = ("sensor", "detection law", "longest range, nmi", "search speed, kn", "sweep width W, nmi", "remark")
    table = titled_table("sensors", *columns)
    for name, sensor in scenario.sensors.items():
        law = sensor.nominal_law
        carriers = [aircraft for aircraft in scenario.aircraft.values() if name in aircraft.sensors]
        for speed in sorted({aircraft.search_speed_kn for aircraft in carriers}):
            numbers = (law.reach_nmi, speed, number(law.sweep_width_nmi(speed), ".1f"))
            table.add_row(name, law.kind, *numbers, law.remark)
        if not carriers:
            table.add_row(name, law.kind, law.reach_nmi, None, None, "no aircraft carries it")
    return table


def sensor_widths(scenario: Scenario) -> Page:
    """The sweep width of each sensor against each class of vessels and each pair, in fair and in foul weather."""
    head = (
        "sweep width W in nmi, at the search speed of the aircraft",
        f"fair weather: {_conditions_text(FAIR)}",
        f"foul weather: {_conditions_text(FOUL)}",
    )
    keys = ("fair_day", "fair_night", "foul_day", "foul_night")
    headings = ("fair weather, day", "fair weather, night", "foul weather, day", "foul weather, night")
    names = (Column("sensor", wraps=False), Column("aircraft"), Column("search speed, kn"), Column("vessel"))
    widths = (
        Column(heading, f"sweep_width_nmi_{key}", right=True) for key, heading in zip(keys, headings, strict=True)
    )
    table = Table("sweep_widths", (*names, *widths))
    states = [weather._replace(light=light) for weather in (FAIR, FOUL) for light in (True, False)]
    for name, sensor in scenario.sensors.items():
        carriers = [(title, aircraft) for title, aircraft in scenario.aircraft.items() if name in aircraft.sensors]
        if not carriers:
            table.add_row(name, words("no aircraft carries it"))
        for title, aircraft in carriers:
            for target, hulls in _targets(scenario).items():
                laws = [sensor.in_force(hulls, True, aircraft.altitude_ft, state) for state in states]
                speed = aircraft.search_speed_kn
                cells = [number(law.sweep_width_nmi(speed), ".1f") if law else None for law in laws]
                table.add_row(name, title, speed, target, *cells)
    notes = [
        "-: the sensor detects nothing. An AIS receiver detects only vessels that transmit. The crew is rested.",
    ]
    facts = {"title": scenario.title, "fair_weather": _conditions_text(FAIR), "foul_weather": _conditions_text(FOUL)}
    return Page([table], [Line(text) for text in head], notes, facts=facts)


def _conditions_text(state: Conditions) -> str:
    return f"sea state {state.sea_state:g}, visibility {state.visibility_nmi:g} nmi, wind {state.wind_kn:g} kn"


def _targets(scenario: Scenario) -> dict[str, Sequence[Vessel]]:
    """What may be detected: each class of vessels, each pair of the transfers, and vessels of unknown size."""
    targets: dict[str, Sequence[Vessel]] = {name: (vessel,) for name, vessel in scenario.vessels.items()}
    for source in scenario.transfers.values():
        if source.hulls:
            targets[class_text(source.hulls)] = tuple(scenario.vessels[name] for name in source.hulls)
    return targets | {class_text(()): ()}
