"""What tables are made of: moments, periods, random quantities, short names of keys, the frame."""

from collections.abc import Sequence
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


def period(scenario: Scenario) -> str:
    """The deployment's time, in UTC and local."""
    end = scenario.duration_h
    return f"{moment(scenario, 0.0)} to {moment(scenario, end)}, {scenario.duration_days:g} days"


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


def shortened(keys: Sequence[str]) -> list[str]:
    """Dotted keys by their last part alone, or by as many of their last parts as tell each key from all others."""
    parts = [key.split(".") for key in keys]

    def ends(one: Sequence[str], count: int) -> str:
        return ".".join(one[-count:])

    def alone(at: int) -> str:
        counts = range(1, len(parts[at]) + 1)
        others = [one for number, one in enumerate(parts) if number != at]
        found = (n for n in counts if all(ends(one, n) != ends(parts[at], n) for one in others))
        return ends(parts[at], next(found, len(parts[at])))

    return [alone(at) for at in range(len(parts))]
