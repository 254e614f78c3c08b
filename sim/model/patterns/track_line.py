"""The track line search (IAMSAR: TS): the pattern of a route along a line, once or several times beside it."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from sim.core.fields import Nmi
from sim.core.legs import legs_along, track_line_beside
from sim.model.patterns.base import LaidPattern, PatternSetting, Route
from sim.model.places import Line


class TrackLine(Route):
    """TS: along a line, once in the order given; or, with a spacing, several times beside it, from either end."""

    other_name: ClassVar[str] = "TS"

    pattern: Literal["track_line"]
    waypoints: Line
    """The points of the line, [[lon, lat], [lon, lat], ...] in degrees."""
    spacing_nmi: Nmi | None = None
    """The track spacing S, in nautical miles. If it is left out, the line is flown once."""
    returns: Annotated[bool, Field(strict=True)] = True
    """With a spacing: true flies out at half a spacing on one side of the line and back on the other (IAMSAR: TSR);
    false flies along the line, back beside it and out again on the other side (IAMSAR: TSN). By default true. Without
    a spacing the key has no effect."""

    def lay(self, setting: PatternSetting) -> LaidPattern:
        """The tracks along the line, or beside it where a spacing is given."""
        line = setting.on_plane(self.waypoints)
        if self.spacing_nmi is None:
            return setting.lay_passes([legs_along(line)])
        return setting.lay_passes(track_line_beside(line, self.spacing_nmi, self.returns), self.spacing_nmi)
