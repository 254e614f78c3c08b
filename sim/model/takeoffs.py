"""The key `takeoff` of a patrol: take-offs by the clock, on every day or on days of the week, or drawn by lot.

A time of take-off is a local time such as "18:00", a weekday with one such as "Tue 18:00", or a number of hours on the
clock: 18.5 is "18:30". `sim.model.schedules` makes slots of them.
"""

import re
from collections.abc import Sequence
from datetime import time
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BeforeValidator, Field, model_serializer, model_validator

from sim.core.fields import Part, refuse
from sim.core.meanings import meanings_of
from sim.core.text import counted
from sim.core.units import HOURS_PER_DAY

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""The days of the week, as Python counts them, from Monday."""
Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_TIME = rf"^({_CLOCK})$"
_TIME_OR_MIDNIGHT = rf"^({_CLOCK}|24:00)$"
_TIME_WITH_DAY = rf"^(({'|'.join(WEEKDAYS)}) )?({_CLOCK})$"
_LOOSE = re.compile(r"(?:([a-z]{3})[a-z]*\.?,? *)?(\d{1,2})[:.h]?([0-5]\d)$", re.IGNORECASE)
_NUMBER = "a number of hours on the clock from 0 to below 24, such as 18.5"
_MOST_TIMES = 100
MOST_WEIGHT = 1e6
"""The greatest weight of a lot, a bound of plausibility."""


class TakeoffTime(NamedTuple):
    """One time of take-off."""

    weekday: int | None
    """The day of the week, Monday 0; None for every day."""
    hours: float
    """The hours on the clock, from 0 to below 24; at the end of a window 24 is the midnight that follows."""

    @property
    def text(self) -> str:
        """The time as a file has it, to the nearest minute."""
        minutes = round(self.hours * 60.0)
        clock = f"{minutes // 60:02}:{minutes % 60:02}"
        return clock if self.weekday is None else f"{WEEKDAYS[self.weekday]} {clock}"


def takeoff_time(value: float | str) -> TakeoffTime:
    """A time of take-off as a file has it."""
    if not isinstance(value, str):
        return TakeoffTime(None, float(value))
    day, _, clock = value.rpartition(" ")
    return TakeoffTime(WEEKDAYS.index(day) if day else None, int(clock[:2]) + int(clock[3:]) / 60.0)


def names_days(value: Any) -> bool:
    """Whether a value of the key `takeoff`, as a file gives it, names days of the week."""
    times = value.get("choose") if isinstance(value, dict) else value
    return any(isinstance(one, str) and " " in one for one in (times if isinstance(times, list) else [times]))


def _hint(value: Any) -> str:
    """A hint at how a time of take-off is written; empty where none is evident."""
    if isinstance(value, time):
        return f'did you mean "{value:%H:%M}"?'
    written = _LOOSE.match(value.strip()) if isinstance(value, str) else None
    if written is None or int(written[2]) > 23:
        return ""
    day = (written[1] or "").capitalize()
    if day and day not in WEEKDAYS:
        return f"the days of the week are {', '.join(WEEKDAYS)}"
    return f'did you mean "{day}{" " if day else ""}{int(written[2]):02}:{written[3]}"?'


def _checked(value: Any, pattern: str, words: str, most: float = HOURS_PER_DAY) -> Any:
    """A time of take-off as it is; refuses all else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and (0.0 <= value < most):
        return float(value)
    if not isinstance(value, str) or not re.match(pattern, value):
        raise refuse("takeoff", words, hint=_hint(value))
    return value


def _time(value: Any) -> Any:
    words = (
        f'a local time from "00:00" to "23:59", such as "18:00" or, on one day of the week, "Tue 18:00"; or {_NUMBER}'
    )
    return _checked(value, _TIME_WITH_DAY, words)


def _from(value: Any) -> Any:
    return _checked(value, _TIME, f'a local time from "00:00" to "23:59", such as "18:00"; or {_NUMBER}')


def _to(value: Any) -> Any:
    words = 'a local time from "00:00" to "24:00", such as "18:00"; or a number of hours on the clock from 0 to 24'
    return _checked(value, _TIME_OR_MIDNIGHT, words, HOURS_PER_DAY + 1e-9)


def _clock_schema(pattern: str, most: dict[str, float]) -> dict[str, Any]:
    """The JSON Schema of a time of the clock."""
    forms = [{"type": "number", "minimum": 0.0, **most}, {"type": "string", "pattern": pattern}]
    return {"anyOf": forms, "x-value": "local time"}


_BELOW_24, _UP_TO_24 = {"exclusiveMaximum": HOURS_PER_DAY}, {"maximum": HOURS_PER_DAY}
_TIME_SCHEMA = _clock_schema(_TIME_WITH_DAY, _BELOW_24)
Time = Annotated[float | str, BeforeValidator(_time), Field(json_schema_extra=dict(_TIME_SCHEMA))]
WindowBegin = Annotated[float | str, BeforeValidator(_from)]
"""The beginning of a daily window, on the clock."""
WindowEnd = Annotated[float | str, BeforeValidator(_to)]
"""The end of a daily window, on the clock; midnight is "24:00" or, where the window ends on the next day, "00:00"."""
Weight = Annotated[float, Field(strict=True, ge=0.0, le=MOST_WEIGHT)]


def window_schema(table: dict[str, Any]) -> None:
    """Put the JSON Schema of `from` and `to` of a daily window into that of the properties of a table."""
    for key, pattern, most in (("from", _TIME, _BELOW_24), ("to", _TIME_OR_MIDNIGHT, _UP_TO_24)):
        table[key] = {**_clock_schema(pattern, most), "description": table[key].get("description", "")}


def check_weights(weights: Sequence[float] | None, of: str, count: int, key: str) -> None:
    """Refuse weights that are not one for each of some things, or that are all zero; `key` is that of the weights."""
    if weights is not None and len(weights) != count:
        raise refuse("weights", f"a list of {counted(count, 'weight')}, one for each of {of}", key)
    if weights is not None and sum(weights) <= 0.0:
        raise refuse("weights", "weights of which at least one is above 0", key)


def check_window(begin: float | str | None, end: float | str | None) -> None:
    """Refuse a daily window that ends when it begins."""
    if begin is not None and end is not None and takeoff_time(begin).hours == takeoff_time(end).hours:
        allowed = 'from and to that differ; the whole day is { from = "00:00", to = "24:00" }'
        raise refuse("range", allowed, "from", "to")


class Takeoff(Part):
    """When a patrol takes off by the clock: at given times, or at a time that is drawn by lot for each slot."""

    forms: ClassVar[tuple[frozenset[str], ...]] = (frozenset({"choose"}), frozenset({"from", "to"}))

    times: Annotated[list[Time], Field(min_length=1, max_length=_MOST_TIMES)] | None = None
    choose: Annotated[list[Time], Field(min_length=1, max_length=_MOST_TIMES)] | None = None
    """The take-off is drawn by lot from these times: one for each day, or, if all of them have a day of the week, one
    for each week."""
    weights: list[Weight] | None = None
    """The weight of each time of `choose`; its chance is its weight divided by the sum of all. By default all are
    equal."""
    from_: WindowBegin | None = Field(None, alias="from")
    """The take-off is drawn by lot, uniform between this time of the day and `to`, one for each day."""
    to: WindowEnd | None = None
    """The end of the time from which the lot is drawn. If it is not later than `from`, it is on the next day."""
    draw: Literal["slot", "deployment"] | None = None
    """Whether the lot is drawn anew for each slot, or once for the whole deployment. By default "slot"."""

    @model_validator(mode="before")
    @classmethod
    def _times(cls, given: Any) -> Any:
        if isinstance(given, dict):
            if "times" in given:
                raise refuse("takeoff", "choose, or from and to; times without a lot are written as a list", "times")
            return given
        return {"times": given if isinstance(given, list) else [given]}

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.times is None and (self.choose is None) == (self.from_ is None and self.to is None):
            raise refuse("takeoff", "either choose, or from and to", "choose", "from", "to")
        if (self.from_ is None) != (self.to is None):
            raise refuse("takeoff", "both from and to", "from", "to")
        if self.weights is not None and self.choose is None:
            raise refuse("takeoff", "weights only beside choose", "weights")
        key = "" if self.choose is None else "choose"
        found = [takeoff_time(value) for value in self.times or self.choose or []]
        if len(set(found)) < len(found):
            raise refuse("takeoff", "times that differ from one another", *[key] * bool(key))
        if len({one.weekday is None for one in found}) > 1:
            words = 'times that all have a day of the week, such as "Tue 18:00", or none of them'
            raise refuse("takeoff", words, *[key] * bool(key))
        check_weights(self.weights, "choose", len(self.choose or []), "weights")
        check_window(self.from_, self.to)
        return self

    @model_serializer
    def _as_written(self) -> Any:
        if self.times is not None:
            return self.times[0] if len(self.times) == 1 else self.times
        keys = {"choose": self.choose, "weights": self.weights, "from": self.from_, "to": self.to, "draw": self.draw}
        return {key: value for key, value in keys.items() if value is not None}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        """Describe the key in the JSON Schema: a time, a list of times, or a table of a lot."""
        table = handler.resolve_ref_schema(handler(schema))["properties"]
        texts = meanings_of(cls, Part) | {"from": meanings_of(cls, Part)["from_"]}
        times = {"type": "array", "items": _TIME_SCHEMA, "minItems": 1, "maxItems": _MOST_TIMES}
        keys: dict[str, Any] = {name: {**table[name], "description": texts[name]} for name in table if name != "times"}
        keys["choose"]["x-value"] = "list of local times"
        window_schema(keys)
        whole = {"type": "object", "properties": keys, "additionalProperties": False}
        forms = [*_TIME_SCHEMA["anyOf"], times, whole]
        return {"description": cls.__doc__, "anyOf": forms, "x-value": "local time, list of local times, or table"}

    @property
    def is_by_lot(self) -> bool:
        """Whether a lot decides when the patrol takes off."""
        return self.times is None

    @property
    def is_weekly(self) -> bool:
        """Whether the times of take-off have a day of the week, so that they come back every week."""
        return any(takeoff_time(value).weekday is not None for value in self.times or self.choose or [])

    @property
    def chances(self) -> list[float]:
        """The chance of each option of one slot: of each time of `choose`, else 1."""
        if self.choose is None:
            return [1.0]
        weights = self.weights or [1.0] * len(self.choose)
        return [weight / sum(weights) for weight in weights]

    def slots(self) -> list[list[tuple[TakeoffTime, TakeoffTime]]]:
        """The slots of one day, or of one week: the options of each, from the earliest to the latest take-off."""
        if self.from_ is not None and self.to is not None:
            begin, end = takeoff_time(self.from_), takeoff_time(self.to)
            later = end.hours + (HOURS_PER_DAY if end.hours <= begin.hours else 0.0)
            return [[(begin, TakeoffTime(None, later))]]
        found = [takeoff_time(value) for value in self.times or self.choose or []]
        if self.choose is not None:
            return [[(one, one) for one in found]]
        return [[(one, one)] for one in sorted(found, key=lambda one: (one.weekday or 0, one.hours))]
