"""Classes of vessels: their length, height, displacement and radar cross-section."""

from typing import Annotated

import numpy as np
from pydantic import Field

from sim.core.fields import Part

_BLOCK_COEFFICIENT, _LENGTH_TO_BREADTH, _BREADTH_TO_DRAUGHT = 0.78, 6.2, 2.4  # an assumption: tankers and coasters
_SEA_WATER_T_M3 = 1.025

Hulls = tuple[str, ...]
"""A class of targets: the names of the classes of its hulls, or nothing if their size is unknown."""


class Vessel(Part):
    """A class of vessels, described by its size."""

    length_m: Annotated[float, Field(strict=True, ge=2.0, le=500.0)]
    """The length over all, in metres."""
    height_ft: Annotated[float, Field(strict=True, gt=0.0, le=500.0)]
    """The height above the water, in feet, of the part that a radar or an eye first sees over the horizon.
    For most vessels this is an assumption."""
    displacement_t: Annotated[float, Field(strict=True, gt=0.0, le=1e6)] | None = None
    """The full-load displacement, in tonnes. If it is left out, it is taken as 1.025 Cb L B T with block coefficient
    Cb = 0.78, length to breadth L / B = 6.2 and breadth to draught B / T = 2.4, which is an assumption."""
    rcs_m2: Annotated[float, Field(strict=True, gt=0.0, le=1e9)] | None = None
    """The radar cross-section, in square metres, the same at every frequency. If it is left out, it follows from the
    displacement and the frequency of the radar (Skolnik 1980)."""

    @property
    def full_load_t(self) -> float:
        """The full-load displacement, tonnes: the stated one, or by the block coefficient from the length."""
        if self.displacement_t is not None:
            return self.displacement_t
        breadth = self.length_m / _LENGTH_TO_BREADTH
        return _SEA_WATER_T_M3 * _BLOCK_COEFFICIENT * self.length_m * breadth * breadth / _BREADTH_TO_DRAUGHT

    def cross_section_m2(self, frequency_mhz: float) -> float:
        """Return the radar cross-section, m2: the stated one, or 52 sqrt(f) D^(3/2), f in MHz and D in kilotons.

        The formula is of M. I. Skolnik, Introduction to Radar Systems, 2nd ed. (1980), section 2.7: the median over the
        aspects of bow and quarters at low grazing angle, found on naval ships of 2,000 to 17,000 t at L, S and X band.
        For smaller and larger vessels it is an extrapolation. Displacement is taken in metric kilotonnes.
        """
        if self.rcs_m2 is not None:
            return self.rcs_m2
        return float(52.0 * np.sqrt(frequency_mhz) * (self.full_load_t / 1000.0) ** 1.5)


def class_text(hulls: Hulls) -> str:
    """What a class of targets is called: the names of its hulls."""
    return " + ".join(hulls) if hulls else "of unknown size"
