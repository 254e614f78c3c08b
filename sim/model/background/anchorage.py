"""Ships at anchor in an area."""

from typing import Literal

from sim.core.fields import Duration
from sim.model.background.lying_still import LyingStill
from sim.model.background.seasonal import Seasonal
from sim.model.places import AreaName, VesselName


class Anchorage(LyingStill, Seasonal):
    """Ships at anchor in an area: they lie still for a time, and others come in their place."""

    kind: Literal["anchorage"]
    area: AreaName
    """The area in which they lie. Their places are uniform over the part of it that is sea."""
    stay_h: Duration
    """The time for which a ship lies at anchor, in hours, 0.01 to 1000."""
    vessel: VesselName | None = None
    """The class of these ships, one of [vessels]. If it is left out, their size is unknown."""

    @property
    def hulls(self) -> tuple[str, ...]:
        """The name of the class, or nothing if the size is unknown."""
        return () if self.vessel is None else (self.vessel,)

    @property
    def course_text(self) -> str:
        """How long they lie at anchor."""
        return f"hours at anchor: {self.stay_h.text}"
