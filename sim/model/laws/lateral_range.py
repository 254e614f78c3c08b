"""A lateral range curve as measured: a chance at each closest approach of a long straight pass."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from sim.core import codes
from sim.core.arrays import Floats
from sim.core.fields import Probability, refuse
from sim.model.laws.base import Law

_POINTS = Field(min_length=2, max_length=200)


def as_table(distance_nmi: list[float], chance: list[float]) -> Floats:
    """Return a lateral range curve as the compiled functions take it, (n, n, 4).

    The first row of the table holds the points of the curve: distances, nmi, which rise from 0, and chances. Between
    two points the chance is a straight line. A law outside this package can use it: with the code of `LateralRange`,
    the last distance as its reach, this as its `table`, and the number of points and 0 as its `parameters`.
    """
    table = np.zeros((len(distance_nmi), len(distance_nmi), 4))
    table[0, :, 0], table[0, :, 1] = distance_nmi, chance
    return table


class LateralRange(Law):
    """A lateral range curve as measured: a chance of detection by the distance at which a target is passed."""

    code: ClassVar[int] = codes.LATERAL_RANGE

    kind: Literal["lateral_range"]
    distance_nmi: Annotated[list[Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]], _POINTS]
    """Lateral distances, in nautical miles, rising from 0. Between two of them the chance is a straight line; beyond
    the last it is 0."""
    detection_probability: Annotated[list[Probability], _POINTS]
    """The chance, 0 to 1, that one long straight pass at each of these distances detects the target."""

    @field_validator("distance_nmi")
    @classmethod
    def _rises_from_0(cls, distances: list[float]) -> list[float]:
        if distances[0] != 0.0 or np.any(np.diff(distances) <= 0.0):
            raise refuse("points", "distances from 0.0 up, each greater than the one before")
        return distances

    @field_validator("detection_probability")
    @classmethod
    def _has_one_for_each_distance(cls, chances: list[float], info: ValidationInfo) -> list[float]:
        distances = info.data.get("distance_nmi", chances)
        if len(distances) != len(chances):
            raise refuse("points", f"one chance for each distance_nmi: {len(distances)}, not {len(chances)}")
        return chances

    @property
    def reach_nmi(self) -> float:
        """The last distance, nmi."""
        return self.distance_nmi[-1]

    @property
    def can_detect(self) -> bool:
        """Whether any of its chances is above 0."""
        return any(self.detection_probability)

    def parameters(self, scale: float = 1.0) -> tuple[float, float]:
        """Return the number of points, which is the same at any scale, and 0."""
        return float(len(self.distance_nmi)), 0.0

    def table(self, least_size: int = 0) -> Floats:
        """Return the points of the curve, see `as_table`."""
        return as_table(self.distance_nmi, self.detection_probability)

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """Return F = -ln(1 - p(x)) at closest distances x, nmi, in the shape of x; at any speed."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log1p(-np.interp(x, self.distance_nmi, self.detection_probability)))

    def width_in_force(self, scale: float, reach_nmi: float, speed_kn: float) -> float:
        """Return W, nmi: twice the integral of the scaled curve up to the reach, exact for its straight pieces."""
        points = np.array(self.distance_nmi) * scale
        ends = np.append(points[points < reach_nmi], reach_nmi)
        return float(2.0 * np.trapezoid(np.interp(ends, points, self.detection_probability), ends))
