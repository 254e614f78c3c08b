"""Classes of vessels: their size, and what follows from it for a radar."""

from typing import Annotated

import numpy as np
from pydantic import Field

from sim.core.fields import Part

# An assumption, of small tankers and coasters: block coefficient, length to breadth, breadth to draught; sea water.
_BLOCK, _SLENDER, _BEAMY, _SEA_WATER_T_M3 = 0.78, 6.2, 2.4, 1.025


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
        """Full-load displacement, tonnes, as stated or by the block rule from length."""
        if self.displacement_t is not None:
            return self.displacement_t
        breadth = self.length_m / _SLENDER
        return _SEA_WATER_T_M3 * _BLOCK * self.length_m * breadth * breadth / _BEAMY

    def cross_section_m2(self, frequency_mhz: float) -> float:
        """Radar cross-section, m2: 52 sqrt(f) D^(3/2), f in MHz, D in kilotons.

        M. I. Skolnik, Introduction to Radar Systems, 2nd ed. (1980), section 2.7: the median over the bow's and the
        quarters' aspects at low grazing angle, found on naval ships of 2,000 to 17,000 t at L, S and X band; below and
        above that it is an extrapolation. Displacement is taken in metric kilotonnes.
        """
        if self.rcs_m2 is not None:
            return self.rcs_m2
        return float(52.0 * np.sqrt(frequency_mhz) * (self.full_load_t / 1000.0) ** 1.5)
