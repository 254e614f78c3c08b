"""Tables of transfers, background ships and classes of vessels."""

from sim.check.bounds import Bounds
from sim.model.sensors.radar import Radar
from sim.scenario.schema import Scenario
from sim.scenario.tables import Column, Table, mean_count, number, titled_table, words


def transfers_table(bounds: Bounds) -> Table:
    """How many transfers of each source begin in a deployment, for how long, and how many of them by night."""
    columns = ("source", "area", "mean number in the deployment", "time alongside, h", "begin by night, %")
    table = titled_table("transfers", *columns)
    for name, source in bounds.scenario.transfers.items():
        alongside = source.duration_h.text
        if source.making_way_kn is not None:
            alongside += f", making way at {source.making_way_kn.text} kn"
        if source.chain is not None:
            alongside += f"; chains of {source.mean_links:.2g} on average"
        by_hour = words("any hour alike" if source.hours is None else "as hours says")
        night = by_hour if source.night_share is None else 100.0 * source.night_share
        mean = number(bounds.expected_transfers(name), ".1f")
        table.add_row(name, source.area, mean, alongside, night)
    return table


def background_table(bounds: Bounds) -> Table:
    """How many background ships are present at a time, how many look suspicious, and how they move."""
    scenario = bounds.scenario
    none_suspicious = not any(source.suspicious_share for source in scenario.background.values())
    columns = (
        "source", "place", "mean number present", Column("of them suspicious", omit_order=1 if none_suspicious else 0),
        "speed, kn", "course",
    )  # fmt: skip
    table = titled_table("background ships", *columns)
    for name, source in scenario.background.items():
        present = bounds.traffic[name].mean_present(0.0, scenario.duration_h)
        numbers = (mean_count(present), mean_count(present * source.suspicious_share))
        table.add_row(name, source.place_text, *numbers, source.speed_text, source.course_text)
    return table


def vessels_table(scenario: Scenario) -> Table:
    """The size of each class of vessels, and its radar cross-section."""
    band = Radar.model_fields["frequency_mhz"].default
    columns = ("class", "length, m", "height, ft", "displacement, t", f"radar cross-section at {band:g} MHz, m2")
    table = titled_table("vessels", *columns)
    for name, vessel in scenario.vessels.items():
        size = (vessel.length_m, vessel.height_ft, number(vessel.full_load_t, ",.0f"))
        table.add_row(name, *size, number(vessel.cross_section_m2(band), ",.0f"))
    return table
