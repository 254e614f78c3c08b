"""The parts into which a measure can be cut, by area, source, patrol and so on: how they are written, and which exist.

A part is written behind the name of a measure or of a total, as in `p_documented[area=middle]`. `sim.deployment.totals`
says by which keys each total can be cut; `sim.study.part_totals` computes the totals of parts.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from sim.core.codes import PHASES
from sim.core.units import HOURS_PER_DAY
from sim.scenario.groups import patrols_on_route
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario

HOURS_PER_WEEK = 7.0 * HOURS_PER_DAY
_PERIOD_H = 6  # hours of the day in each part by hour, unless others are asked for
_NAME = re.compile(r"(?P<name>[^\[\]=]*)\[(?P<key>[^\[\]=]*)=(?P<value>[^\[\]=]*)\]")
_CLOCK = r"(\d{1,2})(?::([0-5]\d))?"
_PERIOD = re.compile(rf"{_CLOCK}(?:-{_CLOCK})?")


class Part(NamedTuple):
    """A part of the sea, of the time or of what flies: a key and one of its values."""

    key: str
    value: str

    def __str__(self) -> str:
        """The part as users write it, such as `area=middle`."""
        return f"{self.key}={self.value}"

    @property
    def phrase(self) -> str:
        """The part in words, such as "area middle"."""
        return f"local hours {self.value}" if self.key == "hour" else f"{self.key} {self.value}"


def _routes_flown(scenario: Scenario) -> list[str]:
    return [route for route in scenario.routes if patrols_on_route(scenario, route)]


def _periods(scenario: Scenario) -> list[str]:
    del scenario
    return [f"{begin}-{begin + _PERIOD_H}" for begin in range(0, round(HOURS_PER_DAY), _PERIOD_H)]


def _weeks(scenario: Scenario) -> list[str]:
    return [str(number) for number in range(1, math.ceil(scenario.duration_h / HOURS_PER_WEEK) + 1)]


KEYS: Mapping[str, Callable[[Scenario], list[str]]] = {
    "area": lambda scenario: list(scenario.areas),
    "source": lambda scenario: list(scenario.transfers),
    "patrol": lambda scenario: list(scenario.patrols),
    "route": _routes_flown,
    "phase": lambda _: list(PHASES),
    "hour": _periods,
    "week": _weeks,
    "background": lambda scenario: list(scenario.background),
    "observer": lambda scenario: list(scenario.observers),
    "nation": lambda scenario: list(dict.fromkeys(spec.nation for spec in scenario.observers.values())),
}
"""By key: the function that gives its values in a scenario, in their order. Of the hours of the day these are the usual
ones; any others can be asked for."""


def named(name: str, part: Part | None) -> str:
    """The name of a measure or of a total, cut to a part."""
    return name if part is None else f"{name}[{part}]"


def split(name: str) -> tuple[str, Part | None]:
    """The name of a measure or of a total without its part, and the part; None for the whole."""
    match = _NAME.fullmatch(name)
    return (name, None) if match is None else (match["name"], Part(match["key"], match["value"]))


def minutes_of_day(period: str) -> tuple[int, int] | None:
    """The minutes of the day at which a period such as `18-24`, `22:30-4` or `7` begins and ends; None for no period.

    It ends before it begins where it goes on after midnight.
    """
    match = _PERIOD.fullmatch(period)
    if match is None:
        return None
    numbers = [None if text is None else int(text) for text in match.groups()]
    begin = 60 * (numbers[0] or 0) + (numbers[1] or 0)
    end = begin + 60 if numbers[2] is None else 60 * numbers[2] + (numbers[3] or 0)
    whole = 60 * round(HOURS_PER_DAY)
    return (begin, end) if begin < whole and 0 < end <= whole and begin != end else None


def _clock(minutes: int) -> str:
    """A time of the day, without minutes at full hours."""
    return f"{minutes // 60}:{minutes % 60:02d}" if minutes % 60 else str(minutes // 60)


def tidied(part: Part) -> Part:
    """The part as tables write it: of `18:00-24:00`, for example, `18-24`."""
    minutes = minutes_of_day(part.value) if part.key == "hour" else None
    return part if minutes is None else Part(part.key, "-".join(map(_clock, minutes)))


class Fault(NamedTuple):
    """What is wrong with a part: what is allowed instead, and what was probably meant."""

    allowed: str
    hint: str


def fault_of(part: Part, keys: Sequence[str], of: str, scenario: Scenario | None = None) -> Fault | None:
    """What is wrong with a part of something (`of`) that can be cut by some keys; None where nothing is.

    Without a scenario only what holds for all scenarios is looked at.
    """
    if part.key not in keys:
        allowed = f"{of} by {', '.join(keys)}" if keys else f"{of} as a whole: nothing says which part it belongs to"
        return Fault(allowed, nearest(part.key, keys))
    if part.key == "hour":
        fine = minutes_of_day(part.value) is not None
        return None if fine else Fault("local hours of the day, such as hour=18-24, hour=22:30-4 or hour=7", "")
    if scenario is None:
        return None
    values = KEYS[part.key](scenario)
    if part.value in values:
        return None
    has = ", ".join(values) if values else "the scenario has none"
    return Fault(f"{part.key}= one of: {has}", nearest(part.value, values))


def parts_by(scenario: Scenario, text: str, option: str = "--by") -> list[Part]:
    """The parts that `--by` names: all of a key, such as `area`, or one, such as `hour=18-24`.

    Raises InputError, which names the option, where there is no such key, and where the scenario has no such part.
    """
    key, equals, value = text.partition("=")
    if key not in KEYS:
        raise refused(
            text,
            f"one of {', '.join(KEYS)}, or one part, such as hour=18-24",
            key=option,
            hint=nearest(key, list(KEYS)),
        )
    if not equals:
        parts = [Part(key, value) for value in KEYS[key](scenario)]
        if not parts:
            raise refused(text, f"a key of which the scenario has parts: it has no {key}", key=option)
        return parts
    part = tidied(Part(key, value))
    fault = fault_of(part, list(KEYS), "what is counted", scenario)
    if fault is not None:
        raise refused(text, fault.allowed, key=option, hint=fault.hint)
    return [part]
