"""A surface-search radar: its range grows with radar cross-section, ends at the horizon, and shrinks in a high sea."""

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from sim.core.fields import refuse
from sim.core.units import METRES_PER_NMI
from sim.model.laws.base import Law, LawInForce
from sim.model.sensors.base import RADIO_HORIZON, Conditions, Sensor
from sim.model.vessels import Vessel


def _never_rising(factors: list[float]) -> list[float]:
    """Refuse factors that give more range in a higher sea."""
    if np.any(np.diff(factors) > 0.0):
        raise refuse("points", "range factors for sea states 0 to 9, none greater than the one before")
    return factors


_Factor = Annotated[float, Field(strict=True, ge=0.0, le=2.0)]
_SeaStates = Annotated[list[_Factor], Field(min_length=10, max_length=10), AfterValidator(_never_rising)]


class Radar(Sensor):
    """A surface-search radar. It sees large vessels farther, nothing beyond the horizon, and less in a high sea."""

    horizon: ClassVar[float] = RADIO_HORIZON
    size_key: ClassVar[str] = "reference_rcs_m2"

    kind: Literal["radar"]
    law: Law
    """The detection law, how the chance of detection depends on range and time, for a vessel of the reference
    cross-section."""
    reference_rcs_m2: Annotated[float, Field(strict=True, gt=0.0, le=1e9)] | None = None
    """The radar cross-section, in square metres, for which the law holds. The range goes with the fourth root of the
    cross-section. If it is left out, the size of a vessel does not matter."""
    frequency_mhz: Annotated[float, Field(strict=True, ge=100.0, le=40000.0)] = 9400.0
    """The frequency, in megahertz, at which cross-sections are worked out from displacements. The default is in the
    X band, which is an assumption."""
    sea_state_factor: _SeaStates | None = None
    """The range as a fraction of the law's in each of the sea states 0, 1, ... 9, with straight lines in between. If
    it is left out, the sea state has no effect."""
    resolution_m: Annotated[float, Field(strict=True, gt=0.0, le=10000.0)] | None = None
    """The resolution in range, in metres. If neither this nor `beam_deg` is given, two hulls alongside are never told
    apart."""
    beam_deg: Annotated[float, Field(strict=True, gt=0.0, le=30.0)] | None = None
    """The width of the beam in bearing, in degrees, as resolved: for an imaging radar less than the antenna's."""

    @property
    def depends_on(self) -> frozenset[str]:
        """The sea state, if there are factors for it."""
        return frozenset(self.weather_keys)

    @property
    def weather_keys(self) -> dict[str, str]:
        """The factors for sea states, which need a stated sea state."""
        return {} if self.sea_state_factor is None else {"sea_state": "sea_state_factor"}

    def resolved_within_nmi(self, gap_m: float) -> float:
        """Return the range, nmi, within which two hulls with a gap between them, metres, give two echoes; 0 for never.

        They do if the gap exceeds the resolution cell both along the beam (`resolution_m`) and across it (range times
        beam width), since the direction of the gap is not modelled. If neither key is given, two hulls alongside are
        never told apart.
        """
        if (self.resolution_m is None and self.beam_deg is None) or gap_m <= (self.resolution_m or 0.0):
            return 0.0
        beam = float(np.radians(self.beam_deg or 0.0))
        return gap_m / METRES_PER_NMI / beam if beam > 0.0 else math.inf

    def in_force_without_horizon(self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions) -> LawInForce:
        """Return the law scaled by the fourth root of the summed cross-section (radar equation) and by the sea."""
        scale = 1.0
        if hulls and self.reference_rcs_m2 is not None:
            together = sum(hull.cross_section_m2(self.frequency_mhz) for hull in hulls)
            scale = float((together / self.reference_rcs_m2) ** 0.25)
        if self.sea_state_factor is not None and not np.isnan(conditions.sea_state):
            scale *= float(np.interp(conditions.sea_state, np.arange(10.0), self.sea_state_factor))
        return LawInForce(self.law, scale)
