"""Visual search by the crew: by daylight only, by the sweep widths of the U.S. Coast Guard or by a law of its own."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim.core.fields import Knots
from sim.core.units import FEET_PER_METRE
from sim.model.laws.base import Law, LawInForce
from sim.model.laws.inverse_cube import InverseCube
from sim.model.sensors.base import NOTHING_STATED, Conditions, Sensor
from sim.model.vessels import Vessel

# Uncorrected visual sweep width, nmi, of a fixed-wing aircraft at 1,000 ft: U.S. Coast Guard Addendum to the National
# SAR Supplement (COMDTINST M16130.2). Vessels up to 15, 33, 78, 120, 225 and 300 ft and over; the smallest has no entry
# at 30 nmi and keeps its width at 20.
USCG_LENGTH_FT = np.array([15.0, 33.0, 78.0, 120.0, 225.0, 300.0])
USCG_VISIBILITY_NMI = np.array([1.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0])
USCG_SWEEP_WIDTH_NMI = np.array(
    [
        [0.4, 1.0, 1.3, 1.7, 1.8, 2.0, 2.0],
        [0.5, 2.2, 3.4, 5.4, 6.8, 7.8, 9.3],
        [0.6, 2.8, 5.1, 9.8, 13.6, 16.7, 21.7],
        [0.6, 2.9, 5.4, 11.1, 15.9, 20.1, 27.0],
        [0.6, 3.0, 5.7, 12.5, 18.9, 24.7, 34.9],
        [0.6, 3.0, 5.8, 13.2, 20.6, 27.9, 41.4],
    ]
)
FATIGUE = 0.9  # the factor of a tired crew on the sweep width, from the same source
_SMALL_FT, _FRESH_KN, _STRONG_KN = (
    30.0,
    15.0,
    25.0,
)  # the same source corrects for winds above, and more for boats below
UNSTATED_VISIBILITY_NMI = 20.0  # the visibility where none is stated, for the table alone: an assumption
_FARTHEST_NMI = 100.0  # nobody sees farther than this, the horizon from 7,000 ft: an assumption
UNKNOWN_LENGTH_M = 300.0 / FEET_PER_METRE  # the length of a vessel of no stated class, for the table: an assumption


class Visual(Sensor):
    """Eyes. They see by daylight only."""

    kind: Literal["visual"]
    law: Law | None = None
    """The detection law, how the chance of detection depends on range and time. If it is left out, the inverse cube
    law with the sweep widths of the U.S. Coast Guard holds, by length of the vessel and visibility."""
    reference_speed_kn: Knots = 180.0
    """The speed of the aircraft, in knots, at which the sweep widths of the Coast Guard hold: an assumption."""
    fatigue_after_h: Annotated[float, Field(strict=True, gt=0.0, le=60.0)] | None = None
    """The hours of flight after which the sweep width is 0.9 of what it was. If it is left out, the crew never
    tires."""

    @property
    def nominal_law(self) -> Law:
        """Its own law, or that of the Coast Guard for a vessel of unknown size where no weather is stated."""
        return self.law or self._by_table(UNKNOWN_LENGTH_M, NOTHING_STATED)

    @property
    def depends_on(self) -> frozenset[str]:
        """The visibility, the wind and the light; fatigue, if `fatigue_after_h` is given."""
        tires = {"tired"} if self.fatigue_after_h is not None else set()
        return frozenset({"visibility_nmi", "wind_kn", "light"} | tires)

    @property
    def tires_after_h(self) -> float | None:
        """The key `fatigue_after_h`."""
        return self.fatigue_after_h

    def correction(self, length_m: float, conditions: Conditions) -> float:
        """Return the factor of the Coast Guard on the sweep width, for wind, length of the vessel, m, and fatigue."""
        small = length_m * FEET_PER_METRE < _SMALL_FT
        fresh, strong = conditions.wind_kn > _FRESH_KN, conditions.wind_kn > _STRONG_KN  # False where not stated
        weather = 1.0 if not fresh else 0.9 if not small else 0.25 if strong else 0.5
        return weather * (FATIGUE if conditions.tired and self.fatigue_after_h is not None else 1.0)

    def in_force_without_horizon(
        self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions
    ) -> LawInForce | None:
        """Return the law by the longer hull and the weather; None by night, and where the visibility is 0."""
        if not conditions.light or conditions.visibility_nmi <= 0.0:
            return None
        length = max((hull.length_m for hull in hulls), default=UNKNOWN_LENGTH_M)
        visibility = np.inf if np.isnan(conditions.visibility_nmi) else conditions.visibility_nmi
        if self.law is not None:
            return LawInForce(self.law, self.correction(length, conditions), visibility)
        return LawInForce(self._by_table(length, conditions), 1.0, visibility)

    def _by_table(self, length_m: float, conditions: Conditions) -> InverseCube:
        """The inverse cube law of the corrected sweep width, cut at the visibility, which must be above 0."""
        visibility = UNSTATED_VISIBILITY_NMI if np.isnan(conditions.visibility_nmi) else conditions.visibility_nmi
        width = uscg_sweep_width_nmi(length_m, visibility) * self.correction(length_m, conditions)
        return _inverse_cube(width, self.reference_speed_kn, min(visibility, _FARTHEST_NMI))


def uscg_sweep_width_nmi(length_m: float, visibility_nmi: float) -> float:
    """Return the uncorrected visual sweep width of the U.S. Coast Guard, nmi, for a vessel's length and a visibility.

    The table is interpolated bilinearly. Beyond an end of the table the width is that of the end; but below 1 nmi it is
    in proportion to the visibility, which is an assumption: nobody sees farther than the visibility.
    """
    at = max(visibility_nmi, USCG_VISIBILITY_NMI[0])
    width_by_length = [np.interp(at, USCG_VISIBILITY_NMI, row) for row in USCG_SWEEP_WIDTH_NMI]
    width = float(np.interp(length_m * FEET_PER_METRE, USCG_LENGTH_FT, width_by_length))
    return width * min(1.0, visibility_nmi / float(USCG_VISIBILITY_NMI[0]))


@lru_cache(maxsize=4096)
def _inverse_cube(sweep_width_nmi: float, reference_speed_kn: float, max_range_nmi: float) -> InverseCube:
    """The law of these numbers, made once, since its calibration takes a millisecond."""
    return InverseCube(
        kind="inverse_cube",
        sweep_width_nmi=sweep_width_nmi,
        reference_speed_kn=reference_speed_kn,
        max_range_nmi=max_range_nmi,
    )
