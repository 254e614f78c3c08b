"""Waypoints: the pattern of a route whose points are flown in the order of the file."""

from typing import Literal

from sim.core.legs import legs_along
from sim.model.patterns.base import LaidPattern, PatternSetting, Route
from sim.model.places import Line


class Waypoints(Route):
    """Explicit waypoints, flown in order."""

    pattern: Literal["waypoints"]
    waypoints: Line
    """The waypoints, [[lon, lat], [lon, lat], ...] in degrees."""

    def lay(self, setting: PatternSetting) -> LaidPattern:
        """The legs from the first waypoint to the last."""
        return setting.lay_passes([legs_along(setting.on_plane(self.waypoints))])
