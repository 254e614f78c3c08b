"""The inverse cube law of visual search (B. O. Koopman, Search and Screening, OEG Report 56, 1946)."""

from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sim.core import codes
from sim.core.arrays import Floats
from sim.core.fields import Knots, Nmi, refuse
from sim.model.laws.base import Law, sweep_width_of

_MOST_WIDTH = 1.98  # maximum ranges: with a sweep width of 2 of them every pass in range would be certain to detect
_LEAST_WIDTH_NMI = 1e-9  # two micrometres; the square of a width next to nothing is 0, and k has no logarithm


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
    def _has_a_possible_width(self) -> Self:
        if self.sweep_width_nmi_at_reference < _LEAST_WIDTH_NMI:
            raise refuse("range", f"a sweep_width_nmi of at least {_LEAST_WIDTH_NMI:g}", "sweep_width_nmi")
        if self.sweep_width_nmi_at_reference > _MOST_WIDTH * self.max_range_nmi:
            allowed = f"a sweep_width_nmi of at most {_MOST_WIDTH:g} times max_range_nmi"
            raise refuse("range", allowed, "sweep_width_nmi", "max_range_nmi")
        return self

    @property
    def reach_nmi(self) -> float:
        """The maximum range, nmi."""
        return self.max_range_nmi

    @property
    def scale_nmi(self) -> float:
        """Half the sweep width at the reference speed, nmi."""
        return self.sweep_width_nmi_at_reference / 2.0

    @cached_property
    def strength(self) -> float:
        """The factor k in rate = k / r^3, nmi^3 per hour, by which the sweep width after the cut is the stated one.

        Without the cut W = 2 sqrt(pi K) with K = 2 k / v (Koopman 1946). The cut takes some of every pass, so k lies
        above the value that follows from that; the equation for it is solved numerically in ln k.
        """
        from scipy.optimize import brentq

        uncut = self.sweep_width_nmi_at_reference**2 / (4.0 * np.pi) * self.reference_speed_kn / 2.0

        def excess(log_k: float) -> float:
            return self._width_at_reference(np.exp(log_k)) - self.sweep_width_nmi_at_reference

        return float(np.exp(brentq(excess, np.log(uncut) - 1.0, np.log(uncut) + 20.0, xtol=1e-14, rtol=1e-14)))

    @property
    def uncut_sweep_width_nmi(self) -> float:
        """The sweep width at the reference speed that the law would have without the cut, nmi: 2 sqrt(pi K)."""
        return float(2.0 * np.sqrt(np.pi * 2.0 * self.strength / self.reference_speed_kn))

    @property
    def remark(self) -> str:
        """The sweep width without the cut, in words."""
        return f"W is {self.uncut_sweep_width_nmi:.1f} nmi without the cut at {self.reference_speed_kn:g} kn"

    def rate(self, r: Floats) -> Floats:
        """Return the rate of detection k / r^3, per hour, in the shape of r, at ranges r within the maximum, nmi."""
        return self.strength / r**3

    def parameters(self, scale: float = 1.0) -> tuple[float, float]:
        """Return k f^2 and 0 for a scale f: the sweep width goes as the square root of k, so it grows by f."""
        return self.strength * (scale * scale), 0.0

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """Return F = 2 k sqrt(R^2 - x^2) / (v x^2 R), in the shape of x, at x nmi and a relative speed v, knots.

        Where x is far below the maximum range R, this is K / x^2 with K = 2 k / v (Koopman 1946).
        """
        return self._exposure(x, self.strength, self.max_range_nmi, speed_kn)

    def exposure_in_force(self, x: Floats, reach_nmi: float, scale: float, speed_kn: float) -> Floats:
        """Return F with another cut; in lengths of the law itself the scale drops out, since k grows by its square."""
        return self._exposure(x, self.strength, reach_nmi, speed_kn)

    def _exposure(self, x: Floats, strength: float, reach: float, speed_kn: float) -> Floats:
        with np.errstate(divide="ignore", over="ignore"):  # at x = 0, or so near that x^2 underflows, it is infinite
            return np.asarray(2.0 * strength * np.sqrt((reach - x) * (reach + x)) / (speed_kn * x * x * reach))

    def _width_at_reference(self, strength: float) -> float:
        """The sweep width that a strength gives at the reference speed, after the cut, nmi."""
        reach, speed = self.max_range_nmi, self.reference_speed_kn
        return sweep_width_of(lambda x: -np.expm1(-self._exposure(x, strength, reach, speed)), reach, self.scale_nmi)
