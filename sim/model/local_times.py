"""Hours since the start of a scenario that may be written as a local time of day, such as "18:00".

Validation needs a context with the scenario's `Clock`. A local time is the first moment at or after the start at which
clocks in the scenario's time zone show it, so that a key holds a number of hours in any case.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema

from sim.core.fields import Hours, refuse
from sim.core.units import SECONDS_PER_HOUR

LOCAL_TIME = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_HOUR_FORMS = 'a number of hours since the start, or a local time from "00:00" to "23:59", such as "18:00"'
_DAYS = 4  # in which a clock shows every time: a zone has left out a whole day, and a change leaves out an hour


@dataclass(frozen=True)
class Clock:
    """The start of a scenario and its time zone, by which local times are understood."""

    start: datetime
    zone: ZoneInfo

    def first_hour(self, hour: int, minute: int) -> float:
        """The hours from the start to the first moment at or after it at which clocks show a time."""
        return (self._first_moment(time(hour, minute)) - self.start).total_seconds() / SECONDS_PER_HOUR

    def date_at(self, hour: float) -> date:
        """The local date at an hour since the start."""
        return (self.start + timedelta(hours=hour)).astimezone(self.zone).date()

    def shown_at(self, hour: float) -> datetime:
        """What clocks show at an hour since the start."""
        return (self.start + timedelta(hours=hour)).astimezone(self.zone)

    def hour_on(self, day: date, hours: float) -> float | None:
        """The hours from the start to the moment of a day at which clocks show so many hours, to the microsecond.

        From 24 hours on it is a moment of the next day. Of two moments that clocks show alike it is the first. A time
        over which clocks go forward is taken as they were before, so they show it later. None for a day that the time
        zone leaves out.
        """
        shown = datetime.combine(day, time()) + timedelta(hours=hours)
        moment = shown.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).date() != shown.date():
            return None
        return (moment - self.start).total_seconds() / SECONDS_PER_HOUR

    def _first_moment(self, shown: time) -> datetime:
        """The first moment at or after the start at which clocks show a time.

        Where clocks go forward over it, it is shown on the next day; where they go back over it, twice.
        """
        today = self.start.astimezone(self.zone).date()
        moments = [moment for day in range(_DAYS) for moment in self._moments(today + timedelta(days=day), shown)]
        return min(moment for moment in moments if moment >= self.start)

    def _moments(self, day: date, shown: time) -> list[datetime]:
        """The moments of a day, none to two, at which clocks show a time."""
        found = []
        for fold in (0, 1):
            moment = datetime.combine(day, shown.replace(fold=fold), self.zone).astimezone(UTC)
            if moment.astimezone(self.zone).time() == shown:
                found.append(moment)
        return found


def is_local_time(value: Any) -> bool:
    """Whether a value of a file is a local time of day."""
    return isinstance(value, str) and re.match(LOCAL_TIME, value) is not None


def _as_hours(value: Any, info: ValidationInfo) -> Any:
    """A number as it is, and a local time as hours since the start; refuses all else.

    Without a clock, where the start or the time zone is refused itself, any hour will do.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not is_local_time(value):
        raise refuse("hour", _HOUR_FORMS)
    clock: Clock | None = (info.context or {}).get("clock")
    return 0.0 if clock is None else clock.first_hour(int(value[:2]), int(value[3:]))


class _OrLocalTime:
    """The JSON Schema of a number of hours that may also be a local time."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The validation of the number."""
        return handler(source)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The number with its bounds, or a text."""
        return {"anyOf": [dict(handler(schema)), {"type": "string", "pattern": LOCAL_TIME}]}


HourOfScenario = Annotated[Hours, BeforeValidator(_as_hours), _OrLocalTime()]
"""Hours since the start of the scenario, as a number or as a local time of day."""
