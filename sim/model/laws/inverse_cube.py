"""The inverse cube law of visual search (B. O. Koopman, Search and Screening, OEG Report 56, 1946)."""

from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sim.core import codes
from sim.core.arrays import Floats
from sim.core.fields import Knots, Nmi, refuse
from sim.model.laws.base import Law, width_of

_MOST_WIDTH = 1.98  # maximum ranges: the sweep width cannot reach 2 of them, where every pass in range would detect


class InverseCube(Law):
    """The rate of detection is proportional to 1 / range^3, within a maximum range (Koopman 1946, OEG Report 56)."""

    code: ClassVar[int] = codes.INVERSE_CUBE

    kind: Literal["inverse_cube"]
    sweep_width_nmi_at_reference: Nmi = Field(alias="sweep_width_nmi")
    """The sweep width, in nautical miles, at the reference speed, with the cut at the maximum range taken into
    account."""
    reference_speed_kn: Knots
    """The relative speed, in knots, at which the sweep width holds. At other speeds it follows from the law."""
    max_range_nmi: Nmi
    """The range, in nautical miles, beyond which nothing is detected."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.sweep_width_nmi_at_reference > _MOST_WIDTH * self.max_range_nmi:
            allowed = "a sweep_width_nmi of at most 1.98 times max_range_nmi"
            raise refuse("range", allowed, "sweep_width_nmi", "max_range_nmi")
        return self

    @property
    def reach_nmi(self) -> float:
        """The maximum range."""
        return self.max_range_nmi

    @property
    def scale_nmi(self) -> float:
        """Half the sweep width."""
        return self.sweep_width_nmi_at_reference / 2.0

    @cached_property
    def strength(self) -> float:
        """K in rate = k / r^3, nmi^3 per hour, calibrated so that W after the cut is as stated."""
        from scipy.optimize import brentq

        uncut = self._strength_uncut(self.sweep_width_nmi_at_reference)

        def excess(log_k: float) -> float:
            return self._width(np.exp(log_k), self.reference_speed_kn) - self.sweep_width_nmi_at_reference

        return float(np.exp(brentq(excess, np.log(uncut) - 1.0, np.log(uncut) + 20.0, xtol=1e-14, rtol=1e-14)))

    def _strength_uncut(self, width: float) -> float:
        """K without the cut, from K = 2 k / v and W = 2 sqrt(pi K)."""
        return width**2 / (4.0 * np.pi) * self.reference_speed_kn / 2.0

    @property
    def uncut_sweep_width_nmi(self) -> float:
        """What W at the reference speed would be without the cut: 2 sqrt(pi K)."""
        return float(2.0 * np.sqrt(np.pi * 2.0 * self.strength / self.reference_speed_kn))

    @property
    def remark(self) -> str:
        """The sweep width without the cut."""
        return f"{self.uncut_sweep_width_nmi:.1f} without the cut at {self.reference_speed_kn:g} kn"

    def rate(self, r: Floats) -> Floats:
        """K / r^3 per hour, at ranges within the cut."""
        return self.strength / r**3

    def parameters(self, scale: float = 1.0) -> tuple[float, float]:
        """The strength, which grows by the square of the scale: so the sweep width grows by the scale."""
        return self.strength * (scale * scale), 0.0

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """2 k sqrt(R^2 - x^2) / (v x^2 R); K / x^2 with K = 2 k / v where x is far below the cut R."""
        return self._exposure(x, self.strength, self.max_range_nmi, speed_kn)

    def exposure_in_force(self, x: Floats, reach_nmi: float, scale: float, speed_kn: float) -> Floats:
        """The same with another cut; in the law's own lengths the scale drops out, since k grows by its square."""
        return self._exposure(x, self.strength, reach_nmi, speed_kn)

    def _exposure(self, x: Floats, strength: float, reach: float, speed_kn: float) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray(2.0 * strength * np.sqrt((reach - x) * (reach + x)) / (speed_kn * x * x * reach))

    def _width(self, strength: float, speed_kn: float) -> float:
        reach = self.max_range_nmi
        return width_of(lambda x: -np.expm1(-self._exposure(x, strength, reach, speed_kn)), reach, self.scale_nmi)
