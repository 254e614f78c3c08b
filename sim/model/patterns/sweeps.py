"""Sweeps: the patterns of parallel tracks over an area, parallel sweep (IAMSAR: PS) and creeping line (IAMSAR: CS)."""

import math
from typing import Any, ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator

from sim.core.fields import Degrees, Nmi
from sim.core.geo import Plane
from sim.core.legs import MOST_LEGS, extent_abeam, longest_side_course, sweep_tracks
from sim.core.turns import UnflyableError
from sim.model.patterns.base import LaidPattern, Legs, PassHours, PatternSetting, Route, grid_course
from sim.model.places import AreaName


class Sweep(Route):
    """Parallel tracks over an area, back and forth, entered at the nearest corner."""

    exclusive_keys: ClassVar[tuple[tuple[str, ...], ...]] = (("spacing_nmi", "legs", "time_h"),)
    is_divisible: ClassVar[bool] = True
    angle_to_longer_side_deg: ClassVar[float] = 0.0
    """The angle from the area's longer side to the tracks, where no heading is given."""

    area: AreaName
    """The area that is searched."""
    spacing_nmi: Nmi | None = None
    """The track spacing S, in nautical miles. Exactly one of `spacing_nmi`, `legs` and `time_h` is given."""
    legs: Legs | None = None
    """The number of tracks, spread evenly over the area, instead of the spacing."""
    time_h: PassHours | None = None
    """The time, in hours, that one pass may take at search speed, turns included, instead of the spacing: the pattern
    has as many tracks as fit."""
    heading_deg: Degrees | None = None
    """The true heading of the tracks, in degrees, in the middle of the area. If it is left out, a parallel sweep runs
    along the longer side of the area and a creeping line across it."""

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        self.require_one(*self.exclusive_keys[0])
        return self

    @property
    def searched_area(self) -> str:
        """The name of the area that is searched."""
        return self.area

    def strip_course(self, plane: Plane, sea: Any) -> float:
        """The grid course, degrees, of its tracks over a sea of the plane."""
        if self.heading_deg is not None:
            return grid_course(plane, self.heading_deg, np.array([sea.centroid.x, sea.centroid.y]))
        return longest_side_course(sea) + self.angle_to_longer_side_deg

    def lay(self, setting: PatternSetting) -> LaidPattern:
        """Tracks over the sea of its area outside no-go zones, along a course that the zones do not change."""
        sea, course = setting.sea, self.strip_course(setting.plane, setting.whole_sea)

        def with_spacing(spacing: float) -> LaidPattern:
            passes, count = sweep_tracks(sea, spacing, course)
            return LaidPattern([setting.join(tracks) for tracks in passes], count, spacing, passes)

        low, high = extent_abeam(sea, course)
        if self.spacing_nmi is not None:
            least = (high - low) / MOST_LEGS
            if self.spacing_nmi < least:
                rounded = math.ceil(1000.0 * least) / 1000.0
                allowed = f"at least {rounded:g}, because a pass has at most {MOST_LEGS:,} legs"
                raise UnflyableError("spacing_nmi", self.spacing_nmi, allowed)
            return with_spacing(self.spacing_nmi)
        if self.legs is not None:
            return with_spacing((high - low) / self.legs)
        return setting.longest_within(lambda legs: with_spacing((high - low) / legs), self.time_h or 0.0)


class ParallelSweep(Sweep):
    """PS: parallel tracks over an area; if no heading is given, along its longer side."""

    other_name: ClassVar[str] = "PS"

    pattern: Literal["parallel_sweep"]


class CreepingLine(Sweep):
    """CS: parallel tracks over an area that creep along it; if no heading is given, across its longer side."""

    other_name: ClassVar[str] = "CS"
    angle_to_longer_side_deg: ClassVar[float] = 90.0

    pattern: Literal["creeping_line"]
