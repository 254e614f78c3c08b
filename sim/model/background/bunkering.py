"""Lawful transfers: pairs of vessels alongside that look like the transfers that are sought."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sim.core.fields import Duration, refuse
from sim.core.profiles import Profile
from sim.core.units import HOURS_PER_MONTH
from sim.model.background.lying_still import LyingStill
from sim.model.calendar import ChangeDays, HourFactors, PresentCalendar, profile_of, refuse_long_changes
from sim.model.local_times import Clock
from sim.model.places import AreaName, VesselName
from sim.model.transfers import HULL_GAP_M


class Bunkering(LyingStill):
    """Lawful transfers, such as bunkering: pairs of vessels alongside that look like a transfer and are none."""

    kind: Literal["bunkering"]
    area: AreaName
    """The area of the pairs. Their places are uniform over the part of it that is sea."""
    present: Annotated[float, Field(strict=True, ge=0.0, le=200000.0)] | None = None
    """The mean number of pairs alongside at any time. Exactly one of `present` and `per_month` is given."""
    per_month: Annotated[float, Field(strict=True, ge=0.0, le=1e6)] | None = None
    """The mean number of pairs that come alongside per 30 days. Exactly one of `present` and `per_month` is given."""
    calendar: PresentCalendar | None = None
    """The number present in parts of the year, in the place of `present`: a list of `{ from, to, present }` with days
    such as "05-01", both included, in the scenario's time zone. If it is left out, the number is the same all year."""
    hours: HourFactors | None = None
    """Factors in hours of each day: a list of `{ from, to, factor }` with local times such as "20:00". They are factors
    on `present`, so that pairs part where it falls; or on `per_month`, so that pairs begin in these hours and stay for
    their whole duration. If it is left out, all hours are alike."""
    change_days: ChangeDays = 0.0
    """The days over which the number changes, along a straight line, from each change of `calendar` on. By default it
    changes at once."""
    duration_h: Duration
    """The time for which two vessels lie alongside, in hours, 0.01 to 1000."""
    vessels: Annotated[list[VesselName], Field(min_length=1, max_length=2)] | None = None
    """The classes of the two vessels, of [vessels]; one name stands for both. If it is left out, their size is
    unknown."""

    @model_validator(mode="after")
    def _one_number(self) -> Self:
        if (self.present is None) == (self.per_month is None):
            raise refuse("together", "exactly one of present and per_month", "present", "per_month")
        if self.calendar is not None and self.present is None:
            raise refuse("together", "a calendar of present only with present, not with per_month", "calendar")
        refuse_long_changes(self.calendar, self.change_days)
        return self

    def profile(self, clock: Clock, begin_h: float, end_h: float) -> Profile:
        """The mean number of pairs present, or that come alongside in an hour, between two hours of a scenario."""
        number = (self.per_month or 0.0) / HOURS_PER_MONTH if self.present is None else self.present
        return profile_of(clock, begin_h, end_h, number, self.calendar, self.hours, self.change_days)

    @property
    def hulls(self) -> tuple[str, ...]:
        """The classes of the two hulls, or nothing if their size is unknown."""
        return () if self.vessels is None else (self.vessels[0], self.vessels[-1])

    @property
    def hull_gaps_m(self) -> tuple[float, ...]:
        """The distance between the hulls alongside, in metres: that of transfers."""
        return (HULL_GAP_M,)

    @property
    def course_text(self) -> str:
        """How long they lie alongside."""
        return f"hours alongside, in pairs: {self.duration_h.text}"
