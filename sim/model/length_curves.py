"""The chance that a satellite detects a ship, by the length of the ship."""

from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from sim.core.arrays import Floats
from sim.core.fields import Part, Probability


class _Figures(NamedTuple):
    top: float
    slope_per_m: float
    half_m: float


CURVES: dict[str, _Figures] = {"radarsat_2": _Figures(0.926, 0.144, 32.7)}
"""Curves by name. `radarsat_2`: fitted to the 511 ships of 20 m and more, known from AIS, under the wide swaths of
RADARSAT-2 in the public file of Kroodsma and others (Scientific Reports 12, 2022); see
`sim.study.published.kroodsma_2022`."""


class LengthCurve(Part):
    """The chance of detection by length L, in metres: top / (1 + exp(-slope_per_m (L - half_m)))."""

    curve: Literal["radarsat_2"] = "radarsat_2"
    """A published curve. The keys below take the place of its figures. The default, `radarsat_2`, was fitted to ships
    that were known from AIS: `top` 0.926, `slope_per_m` 0.144, `half_m` 32.7."""
    top: Probability | None = None
    """The chance, 0 to 1, for the longest ships."""
    slope_per_m: Annotated[float, Field(strict=True, gt=0.0, le=100.0)] | None = None
    """How steeply the chance rises with the length, per metre."""
    half_m: Annotated[float, Field(strict=True, ge=0.0, le=500.0)] | None = None
    """The length, in metres, at which the chance is half of `top`."""

    @property
    def figures(self) -> tuple[float, float, float]:
        """Top, slope per metre and half length, metres."""
        own = (self.top, self.slope_per_m, self.half_m)
        top, slope, half = (
            given if mine is None else mine for mine, given in zip(own, CURVES[self.curve], strict=True)
        )
        return top, slope, half

    def chance(self, length_m: Floats) -> Floats:
        """The chance of ships of some lengths, in metres, of any shape; NaN where the length is NaN."""
        top, slope, half = self.figures
        with np.errstate(over="ignore"):  # far below the half length the chance is 0
            return np.asarray(top / (1.0 + np.exp(-slope * (np.asarray(length_m, float) - half))), float)
