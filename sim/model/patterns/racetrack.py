"""The racetrack: the pattern of a route with two parallel straights joined by half circles."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator

from sim.core.arrays import Floats
from sim.core.fields import Nmi, refuse
from sim.core.legs import legs_along, racetrack
from sim.core.turns import SearchLegs, UnflyableError
from sim.model.patterns.base import LaidPattern, PatternSetting, Route
from sim.model.places import Line


def _two_points(line: Line) -> Line:
    """Refuse a line of more than two points."""
    if len(line) > 2:
        raise refuse("line", f"a line of two points, [[lon, lat], [lon, lat]], not of {len(line)}")
    return line


class Racetrack(Route):
    """Two parallel straights joined by half circles, round and round, entered at the nearest end of a straight."""

    pattern: Literal["racetrack"]
    line: Annotated[Line, AfterValidator(_two_points)]
    """The axis, [[lon, lat], [lon, lat]] in degrees. It is as long as the straights, which lie half the width to
    either side of it."""
    width_nmi: Nmi
    """The distance between the straights, in nautical miles: the diameter of the half circles."""

    def lay(self, setting: PatternSetting) -> LaidPattern:
        """Once round, from each end of a straight."""
        speed_kn, least = setting.performance.speed_kn, 2.0 * setting.performance.turn_radius_nmi
        if self.width_nmi < least:
            rounded = math.ceil(100.0 * least) / 100.0
            allowed = f"at least {rounded:g}, twice the radius of a turn at {speed_kn:g} kn"
            raise UnflyableError("width_nmi", self.width_nmi, allowed)
        passes = racetrack(setting.on_plane(self.line), self.width_nmi)
        waypoints = [setting.join(legs_along(points), radius=0.0) for points in passes]
        return LaidPattern(waypoints, 2, None, [_straights(points) for points in passes])


def _straights(points: Floats) -> SearchLegs:
    """The two straights of a racetrack's pass: its first leg, and the one halfway round."""
    half = len(points) // 2
    return [points[:2], points[half : half + 2]]
