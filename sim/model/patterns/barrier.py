"""The barrier: there and back along a line."""

from typing import Literal

from sim.core.legs import barrier, legs_along
from sim.model.patterns.base import Ground, Laid, Route
from sim.model.places import Line


class Barrier(Route):
    """There and back along a line, entered at the nearer end."""

    pattern: Literal["barrier"]
    line: Line
    """The points of the line, [[lon, lat], [lon, lat], ...] in degrees."""

    def laid(self, ground: Ground) -> Laid:
        """From either end, out and back."""
        return ground.laid([legs_along(points) for points in barrier(ground.line(self.line))])
