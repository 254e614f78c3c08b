"""What sources share whose number follows the year and the hour of the day: the keys, and the number through time."""

from typing import Self

from pydantic import Field, model_validator

from sim.core.profiles import Profile
from sim.model.background.in_area import InArea
from sim.model.calendar import ChangeDays, HourFactors, PresentCalendar, profile_of, refuse_long_changes
from sim.model.local_times import Clock


class Seasonal(InArea):
    """A source whose mean number present follows the year and the hour of the day."""

    present: float = Field(strict=True, ge=0.0, le=200000.0)
    """The mean number present at any time, outside of the entries of `calendar`. What moves as a pair counts once."""
    calendar: PresentCalendar | None = None
    """The number in parts of the year: a list of `{ from, to, present }` with days such as "05-01", both included, in
    the scenario's time zone. If it is left out, the number is the same all year."""
    hours: HourFactors | None = None
    """Factors on the number in hours of each day: a list of `{ from, to, factor }` with local times such as "20:00". If
    it is left out, the number is the same at all hours."""
    change_days: ChangeDays = 0.0
    """The days over which the number changes, along a straight line, from each change of `calendar` on. By default it
    changes at once."""

    @model_validator(mode="after")
    def _changes_in_time(self) -> Self:
        refuse_long_changes(self.calendar, self.change_days)
        return self

    def profile(self, clock: Clock, begin_h: float, end_h: float) -> Profile:
        """The mean number present, between two hours of a scenario."""
        return profile_of(clock, begin_h, end_h, self.present, self.calendar, self.hours, self.change_days)
