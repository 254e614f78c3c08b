"""The barrier: the pattern of a route that is flown there and back along a line."""

from typing import Literal

from sim.core.legs import barrier, legs_along
from sim.model.patterns.base import LaidPattern, PatternSetting, Route
from sim.model.places import Line


class Barrier(Route):
    """There and back along a line, entered at the nearer end."""

    pattern: Literal["barrier"]
    line: Line
    """The points of the line, [[lon, lat], [lon, lat], ...] in degrees."""

    def lay(self, setting: PatternSetting) -> LaidPattern:
        """The line from either end, out and back."""
        return setting.lay_passes([legs_along(points) for points in barrier(setting.on_plane(self.line))])
