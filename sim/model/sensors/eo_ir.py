"""A camera for visible and infrared light: its range grows with the length of a vessel and ends at the visibility."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from sim.model.laws.base import Law, LawInForce
from sim.model.sensors.base import Conditions, Sensor
from sim.model.vessels import Vessel


class EoIr(Sensor):
    """A camera for visible and infrared light. It sees long vessels farther, and only as far as the air is clear."""

    size_key: ClassVar[str] = "reference_length_m"

    kind: Literal["eo_ir"]
    law: Law
    """The detection law, how the chance of detection depends on range and time, by day, for a vessel of the reference
    length."""
    reference_length_m: Annotated[float, Field(strict=True, ge=2.0, le=500.0)] | None = None
    """The length, in metres, for which the law holds. The range goes in proportion to the length of a vessel
    (Johnson). If it is left out, the size of a vessel does not matter."""
    night_factor: Annotated[float, Field(strict=True, ge=0.0, le=2.0)] = 1.0
    """The range by night as a fraction of the range by day. With 0 the camera sees nothing by night."""
    night_visibility_factor: Annotated[float, Field(strict=True, gt=0.0, le=10.0)] = 1.0
    """By night the camera sees as far as this number times the visibility; by day as far as the visibility."""

    @property
    def depends_on(self) -> frozenset[str]:
        """The visibility and the light."""
        return frozenset({"visibility_nmi", "light"})

    def in_force_without_horizon(self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions) -> LawInForce:
        """Return the law scaled by the length of the longer hull and by the factor for night, cut at the visibility."""
        scale, clear = 1.0, conditions.visibility_nmi
        if hulls and self.reference_length_m is not None:
            scale = max(hull.length_m for hull in hulls) / self.reference_length_m
        if not conditions.light:
            scale, clear = scale * self.night_factor, clear * self.night_visibility_factor
        return LawInForce(self.law, scale, np.inf if np.isnan(clear) else clear)
