"""Texts for printed tables: dates and times, periods, and shortened keys."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sim.core.text import counted
from sim.model.local_times import is_local_time
from sim.scenario.nearest import UNITS, unit_of
from sim.scenario.schema import NAMED_TABLES, Scenario


def date_time_text(scenario: Scenario, hour: float) -> str:
    """An hour since the scenario's start as a date and time, in UTC and in local time."""
    utc: datetime = scenario.start + timedelta(hours=hour)
    local = utc.astimezone(scenario.local)
    shift = "" if local.date() == utc.date() else f" {local:%d %b}"
    return f"{utc:%d %b %Y %H:%M} UTC ({local:%H:%M} {local.tzname()}{shift})"


def key_in_words(key: str, values: Sequence[object] = ()) -> str:
    """A dotted key as words with its unit, such as `spacing of search, nautical miles`, for the axis of a picture.

    Where its values are texts, the unit is left out; where they are local times, it says so.
    """
    section, *inner = key.split(".")
    name = inner.pop(0) if section in NAMED_TABLES and len(inner) > 1 else ""
    *tables, last = inner or [section]
    unit = unit_of(last)
    ending = next((end for end, words in UNITS.items() if words == unit), "")
    stem = "rate" if last == ending else last.removesuffix(f"_{ending}")
    text = " ".join([*tables, stem]).replace("_", " ").replace("takeoff", "take-off") + (f" of {name}" if name else "")
    if values and all(is_local_time(value) for value in values):
        return f"{text}, local time"
    return f"{text}, {unit}" if unit and not any(isinstance(value, str) for value in values) else text


def period_text(scenario: Scenario) -> str:
    """The first and the last hour of the deployment, in UTC and in local time, and its days."""
    end = scenario.duration_h
    return (
        f"{date_time_text(scenario, 0.0)} to {date_time_text(scenario, end)}, {counted(scenario.duration_days, 'day')}"
    )


def shortened_keys(keys: Sequence[str]) -> list[str]:
    """The ends of dotted keys: of each as few of its last parts as tell it from all others."""
    parts = [key.split(".") for key in keys]

    def end_of(key: Sequence[str], count: int) -> str:
        return ".".join(key[-count:])

    def shortest_unique_end(position: int) -> str:
        key, counts = parts[position], range(1, len(parts[position]) + 1)
        others = [other for number, other in enumerate(parts) if number != position]
        unique = (count for count in counts if all(end_of(other, count) != end_of(key, count) for other in others))
        return end_of(key, next(unique, len(key)))

    return [shortest_unique_end(position) for position in range(len(parts))]
