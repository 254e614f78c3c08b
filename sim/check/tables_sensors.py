"""Tables of sensors: their laws, and their sweep widths against each class of vessels."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sim.model.sensors.base import FAIR, FOUL, Conditions
from sim.model.vessels import Vessel
from sim.scenario.schema import Scenario
from sim.scenario.wording import titled_table


def sensors_table(scenario: Scenario) -> Table:
    """The law and the sweep width of each sensor, at the search speed of each aircraft that carries it."""
    columns = ("sensor", "detection law", "longest range, nmi", "search speed, kn", "sweep width W, nmi", "remark")
    table = titled_table("sensors", *columns)
    for name, sensor in scenario.sensors.items():
        law = sensor.nominal_law
        carriers = [aircraft for aircraft in scenario.aircraft.values() if name in aircraft.sensors]
        for speed in sorted({aircraft.search_speed_kn for aircraft in carriers}):
            numbers = (f"{law.reach_nmi:g}", f"{speed:g}", f"{law.sweep_width_nmi(speed):.1f}")
            table.add_row(name, law.kind, *numbers, law.remark)
        if not carriers:
            table.add_row(name, law.kind, f"{law.reach_nmi:g}", "-", "-", "no aircraft carries it")
    return table


def sensor_widths(scenario: Scenario) -> Iterator[RenderableType]:
    """The sweep width of each sensor against each class of vessels and each pair, in fair and in foul weather."""
    head = "sweep width W in nmi, at the search speed of the aircraft"
    yield Text(f"{head}\nfair weather: {_conditions_text(FAIR)}\nfoul weather: {_conditions_text(FOUL)}\n")
    columns = ("fair weather, day", "fair weather, night", "foul weather, day", "foul weather, night")
    table = titled_table("", "sensor", "aircraft", "vessel", *columns)
    for column in table.columns[3:]:
        column.justify = "right"
    states = [weather._replace(light=light) for weather in (FAIR, FOUL) for light in (True, False)]
    for name, sensor in scenario.sensors.items():
        carriers = [(title, aircraft) for title, aircraft in scenario.aircraft.items() if name in aircraft.sensors]
        if not carriers:
            table.add_row(name, "no aircraft carries it")
        for title, aircraft in carriers:
            for target, hulls in _targets(scenario).items():
                laws = [sensor.in_force(hulls, True, aircraft.altitude_ft, state) for state in states]
                widths = [f"{law.sweep_width_nmi(aircraft.search_speed_kn):.1f}" if law else "-" for law in laws]
                table.add_row(name, f"{title}, {aircraft.search_speed_kn:g} kn", target, *widths)
    yield table
    note = "-: the sensor detects nothing. An AIS receiver detects only vessels that transmit. The crew is rested."
    yield Text(f"\n{note}", style="dim")


def _conditions_text(state: Conditions) -> str:
    return f"sea state {state.sea_state:g}, visibility {state.visibility_nmi:g} nmi, wind {state.wind_kn:g} kn"


def _targets(scenario: Scenario) -> dict[str, Sequence[Vessel]]:
    """What may be detected: each class of vessels, each pair of the transfers, and vessels of unknown size."""
    targets: dict[str, Sequence[Vessel]] = {name: (vessel,) for name, vessel in scenario.vessels.items()}
    for source in scenario.transfers.values():
        if source.hulls:
            targets[" + ".join(source.hulls)] = tuple(scenario.vessels[name] for name in source.hulls)
    return targets | {"of unknown size": ()}
