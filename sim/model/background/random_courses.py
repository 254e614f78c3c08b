"""Ships that pass through an area on random courses: as many, on average, everywhere in it."""

from typing import Annotated, Literal

from pydantic import Field

from sim.core.fields import VesselSpeed
from sim.core.limits import LEAST_TURN_NMI
from sim.model.background.base import share_below
from sim.model.background.seasonal import Seasonal
from sim.model.places import AreaName, VesselName


class RandomCourses(Seasonal):
    """Ships that pass through an area on random courses: as many, on average, at any time and everywhere in it."""

    kind: Literal["random_courses"] = "random_courses"
    area: AreaName
    """The area that they pass through. They enter and leave it through its boundary."""
    speed_kn: VesselSpeed
    """The speed of the ships present, in knots, 0.1 to 60."""
    mean_leg_nmi: Annotated[float, Field(strict=True, ge=LEAST_TURN_NMI, le=2000.0)] | None = None
    """The mean distance between changes of course, in nautical miles (exponential). If it is left out, the ships go
    straight across the area."""
    vessel: VesselName | None = None
    """The class of all of these ships, one of [vessels]. If it is left out, their size is unknown, and the detection
    law of every sensor holds for them without a change."""

    @property
    def hulls(self) -> tuple[str, ...]:
        """The name of the class, or nothing if the size is unknown."""
        return () if self.vessel is None else (self.vessel,)

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
        """The share of their speeds that are below it."""
        return share_below(self.speed_kn, speed_kn)
