"""What tables are made of: moments, random quantities, the frame."""

from datetime import datetime, timedelta

from rich.table import Table

from sim.core.fields import Quantity
from sim.scenario.schema import Scenario


def moment(scenario: Scenario, hour: float) -> str:
    """An hour of the scenario as a date and time, in UTC and local."""
    utc: datetime = scenario.start + timedelta(hours=hour)
    local = utc.astimezone(scenario.local)
    shift = "" if local.date() == utc.date() else f" {local:%d %b}"
    return f"{utc:%d %b %Y %H:%M} UTC ({local:%H:%M} {local.tzname()}{shift})"


def quantity(value: Quantity) -> str:
    """A random quantity in a few words."""
    if value.value is not None:
        return f"{value.value:g}"
    if value.mean is not None:
        text = f"exponential, mean {value.mean:g}"
    elif value.median is not None:
        text = f"log-normal, median {value.median:g}, sigma {value.sigma:g}"
    else:
        text = f"uniform {value.low:g} to {value.high:g}"
    if value.min is None and value.max is None:
        return text
    least, most = ("-" if end is None else f"{end:g}" for end in (value.min, value.max))
    return f"{text}, cut to {least} to {most}"


def plain_table(title: str, *columns: str) -> Table:
    """A table without lines, its title above it."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column)
    return table
