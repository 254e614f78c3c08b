"""Ships that pass through an area on random courses: as many, on average, everywhere in it."""

from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sim.core.arrays import Floats
from sim.core.fields import VesselSpeed
from sim.core.limits import LEAST_TURN_NMI
from sim.core.profiles import Profile
from sim.model.background.base import Background
from sim.model.calendar import ChangeDays, HourFactors, PresentCalendar, profile_of, refuse_long_changes
from sim.model.local_times import Clock
from sim.model.places import AreaName, VesselName

_QUANTILES: Floats = np.linspace(0.0025, 0.9975, 200)  # of the speeds, to tell the share of those that are slower


class RandomCourses(Background):
    """Ships that pass through an area on random courses: as many, on average, at any time and everywhere in it."""

    kind: Literal["random_courses"] = "random_courses"
    area: AreaName
    """The area that they pass through. They enter and leave it through its boundary."""
    present: float = Field(strict=True, ge=0.0, le=200000.0)
    """The mean number of ships present at any time, outside of the entries of `calendar`."""
    calendar: PresentCalendar | None = None
    """The number in parts of the year: a list of `{ from, to, present }` with days such as "05-01", both included, in
    the scenario's time zone. If it is left out, the number is the same all year."""
    hours: HourFactors | None = None
    """Factors on the number in hours of each day: a list of `{ from, to, factor }` with local times such as "20:00". If
    it is left out, the number is the same at all hours."""
    change_days: ChangeDays | None = None
    """The days over which the number changes, along a straight line, from each change of `calendar` on. If it is
    left out, the number changes at once."""
    speed_kn: VesselSpeed
    """The speed of the ships present, in knots, 0.1 to 60."""
    mean_leg_nmi: Annotated[float, Field(strict=True, ge=LEAST_TURN_NMI, le=2000.0)] | None = None
    """The mean distance between changes of course, in nautical miles (exponential). If it is left out, the ships go
    straight across the area."""
    vessel: VesselName | None = None
    """The class of all of these ships, one of [vessels]. If it is left out, their size is unknown, and the detection
    law of every sensor holds for them without a change."""

    @model_validator(mode="after")
    def _changes_in_time(self) -> Self:
        refuse_long_changes(self.calendar, self.change_days or 0.0)
        return self

    def profile(self, clock: Clock, begin_h: float, end_h: float) -> Profile:
        """The mean number present, between two hours of a scenario."""
        return profile_of(clock, begin_h, end_h, self.present, self.calendar, self.hours, self.change_days or 0.0)

    @property
    def hulls(self) -> tuple[str, ...]:
        """The name of the class, or nothing if the size is unknown."""
        return () if self.vessel is None else (self.vessel,)

    @property
    def hull_sets(self) -> tuple[tuple[str, ...], ...]:
        """All ships are of one class."""
        return (self.hulls,)

    @property
    def area_names(self) -> tuple[str, ...]:
        """The area that they pass through."""
        return (self.area,)

    @property
    def place_text(self) -> str:
        """The name of the area."""
        return self.area

    @property
    def speed_text(self) -> str:
        """The distribution of the speed."""
        return self.speed_kn.text

    @property
    def course_text(self) -> str:
        """Straight across, or how often they turn."""
        if self.mean_leg_nmi is None:
            return "straight across the area"
        return f"a new one every {self.mean_leg_nmi:g} nmi on average"

    def share_slower_than(self, speed_kn: float) -> float:
        """The share of the quantiles of their speed that are below it."""
        return float(np.mean(self.speed_kn.quantile(_QUANTILES) < speed_kn))
