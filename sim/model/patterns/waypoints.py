"""Explicit waypoints, flown in order."""

from typing import Literal

from sim.core.legs import legs_along
from sim.model.patterns.base import Ground, Laid, Route
from sim.model.places import Line


class Waypoints(Route):
    """Explicit waypoints, flown in order."""

    pattern: Literal["waypoints"]
    waypoints: Line
    """The waypoints, [[lon, lat], [lon, lat], ...] in degrees."""

    def laid(self, ground: Ground) -> Laid:
        """From the first to the last."""
        return ground.laid([legs_along(ground.line(self.waypoints))])
