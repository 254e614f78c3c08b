"""The coastal radar: an observer ashore with a range, whose watch notices two echoes that stay together."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import shapely

from sim.core.fields import Hours, Nmi
from sim.core.geo import Plane
from sim.model.observers.base import Blindness, DelayedObserver, ObserverPlan
from sim.model.places import Position

_CORNERS_PER_QUARTER = 256  # the area of the disc is then too small by 6e-6 of it


class CoastalRadar(DelayedObserver):
    """A radar ashore, and the watch that notices two echoes which stay together."""

    kind: Literal["coastal_radar"]
    position: Position
    """The place of the radar, [lon, lat] in degrees."""
    range_nmi: Nmi
    """The range, in nautical miles, to which the radar sees within its area."""
    after_h: Hours = 0.5
    """The time, in hours, that a pair must have lain alongside. It is seen after that time, if it still lies alongside.
    That, and the default of half an hour, are assumptions."""

    @property
    def least_alongside_h(self) -> float:
        """The key `after_h`, in hours."""
        return self.after_h

    def watched_sea(self, plane: Plane, shapes: Mapping[str, Any], default_areas: Sequence[str]) -> Any:
        """The sea of its area that lies within range."""
        sea = super().watched_sea(plane, shapes, default_areas)
        disc = shapely.Point(*map(float, plane.to_xy(*self.position))).buffer(
            self.range_nmi, quad_segs=_CORNERS_PER_QUARTER
        )
        return shapely.intersection(sea, disc)

    def footprint(self, plan: ObserverPlan) -> Any:
        """The sea of its area that lies within range."""
        return plan.sea

    def summary(self, plan: ObserverPlan) -> str:
        """The probability, the time alongside and the range."""
        return f"{super().summary(plan)} that last longer than {self.after_h:g} h, within {self.range_nmi:g} nmi"

    def blindness_at_sea(self, plan: ObserverPlan) -> Blindness | None:
        """The reason where no sea of its area lies within its range."""
        if not plan.sea.is_empty:
            return None
        reason = f"No sea of its area lies within {self.range_nmi:g} nmi of its position"
        return Blindness("range_nmi", reason, "Raise range_nmi, or correct position ([longitude, latitude])")
