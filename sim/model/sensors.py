"""Sensors: what sees, how well, and what the vessel, the hour and the weather make of it.

A sensor has a detection law; `in_force` says how it holds for some hulls under the conditions of a moment: all its
lengths times a scale, and cut at the horizon or where the air is no longer clear. A key that is left out changes
nothing, so a sensor of which only the law is known sees by that law.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import AfterValidator, Field

from sim.core.fields import Knots, Part, refuse
from sim.core.geo import METRES_PER_NMI
from sim.model.laws import DefiniteRange, InForce, InverseCube, Law

RADIO_HORIZON = 1.23  # nmi per square root of feet, 4/3 of the Earth's radius for the bending of radio waves
OPTICAL_HORIZON = 1.17  # the same for light: Bowditch, American Practical Navigator, distance of the visible horizon
FEET_PER_METRE = 1.0 / 0.3048

# An assumption, of small tankers and coasters: block coefficient, length to breadth, breadth to draught; sea water.
_BLOCK, _SLENDER, _BEAMY, _SEA_WATER_T_M3 = 0.78, 6.2, 2.4, 1.025

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
FATIGUE = 0.9  # of the sweep width, the same source
_SMALL_FT, _FRESH_KN, _STRONG_KN = 30.0, 15.0, 25.0  # its weather correction: boats below, winds above
CLEAR_NMI = 20.0  # visibility where none is stated: an assumption
_FARTHEST_NMI = 100.0  # no eye sees farther: the horizon from 7,000 ft
UNKNOWN_LENGTH_M = 300.0 / FEET_PER_METRE  # of a vessel of no stated class, for the table alone: an assumption


class Conditions(NamedTuple):
    """What the sensors of one aircraft meet at a moment."""

    sea_state: float
    """0 to 9; NaN: not stated."""
    visibility_nmi: float
    """NaN: not stated."""
    wind_kn: float
    """NaN: not stated, taken for little."""
    light: bool
    """Whether it is day."""
    tired: bool
    """Whether the crew has been out for longer than its eyes stay fresh."""


CALM = Conditions(np.nan, np.nan, 0.0, True, False)
FAIR = Conditions(2.0, 20.0, 10.0, True, False)  # what `check --sensors` calls fair: an assumption
FOUL = Conditions(6.0, 3.0, 30.0, True, False)  # and foul


class Vessel(Part):
    """A class of vessels, by its size."""

    length_m: Annotated[float, Field(strict=True, ge=2.0, le=500.0)]
    """Length over all, metres."""
    height_ft: Annotated[float, Field(strict=True, gt=0.0, le=500.0)]
    """Height above the water of what a radar or an eye first sees, feet: an assumption for most vessels."""
    displacement_t: Annotated[float, Field(strict=True, gt=0.0, le=1e6)] | None = None
    """Full-load displacement, tonnes; left out: 1.025 Cb L B T, Cb = 0.78, L / B = 6.2, B / T = 2.4 (an assumption)."""
    rcs_m2: Annotated[float, Field(strict=True, gt=0.0, le=1e9)] | None = None
    """Radar cross-section, square metres, at every frequency; left out: by displacement (Skolnik)."""

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


def _falling(factors: list[float]) -> list[float]:
    """Never more range in a higher sea."""
    if np.any(np.diff(factors) > 0.0):
        raise refuse("points", "range factors for sea states 0 to 9, none more than the one before")
    return factors


_Factor = Annotated[float, Field(strict=True, ge=0.0, le=2.0)]
_SeaStates = Annotated[list[_Factor], Field(min_length=10, max_length=10), AfterValidator(_falling)]


class Radar(Part):
    """A surface-search radar: farther for large vessels, not beyond the horizon, less in a high sea."""

    kind: Literal["radar"]
    law: Law
    """How the chance of detection depends on range and time, for a vessel of the reference cross-section."""
    reference_rcs_m2: Annotated[float, Field(strict=True, gt=0.0, le=1e9)] | None = None
    """Cross-section for which the law holds; range goes with the fourth root. Left out: size does not matter."""
    frequency_mhz: Annotated[float, Field(strict=True, ge=100.0, le=40000.0)] = 9400.0
    """Frequency, for cross-sections by displacement; X band: an assumption."""
    sea_state_factor: _SeaStates | None = None
    """Range as a share of the law's in sea states 0, 1, ... 9; straight between. Left out: no effect."""
    resolution_m: Annotated[float, Field(strict=True, gt=0.0, le=10000.0)] | None = None
    """Resolution in range, metres."""
    beam_deg: Annotated[float, Field(strict=True, gt=0.0, le=30.0)] | None = None
    """Beam width in bearing, degrees (as resolved: less than the antenna's, for an imaging radar)."""

    def resolves(self, range_nmi: float, gap_m: float) -> bool:
        """Whether two hulls a gap apart are two echoes: it exceeds the cell, the larger of resolution and beam.

        Across the beam the cell is range times beam width. Which way the gap lies is not modelled: it must exceed both.
        With neither key stated two hulls alongside are never taken apart.
        """
        if self.resolution_m is None and self.beam_deg is None:
            return False
        across = range_nmi * METRES_PER_NMI * float(np.radians(self.beam_deg or 0.0))
        return gap_m > max(self.resolution_m or 0.0, across)


class Ais(Part):
    """An AIS receiver: those who transmit, and what they claim to be."""

    kind: Literal["ais"]
    law: Law = DefiniteRange(kind="definite_range", range_nmi=200.0)
    """How the chance of receiving depends on range and time; 200 nmi, then the horizon: an assumption."""


class EoIr(Part):
    """A camera of visible and infrared light: farther for long vessels, as far as the air is clear."""

    kind: Literal["eo_ir"]
    law: Law
    """How the chance of detection depends on range and time, by day, for a vessel of the reference length."""
    reference_length_m: Annotated[float, Field(strict=True, ge=2.0, le=500.0)] | None = None
    """Length for which the law holds; range goes in proportion (Johnson). Left out: size does not matter."""
    night_factor: Annotated[float, Field(strict=True, ge=0.0, le=2.0)] = 1.0
    """Range by night as a share of that by day; 0: sees nothing by night."""
    night_visibility_factor: Annotated[float, Field(strict=True, gt=0.0, le=10.0)] = 1.0
    """By night it sees as far as this times the visibility; by day as far as the visibility."""


class Visual(Part):
    """Eyes. They see by daylight."""

    kind: Literal["visual"]
    own_law: Law | None = Field(None, alias="law")
    """How the chance of detection depends on range and time; left out: the U.S. Coast Guard's sweep widths."""
    reference_speed_kn: Knots = 180.0
    """Speed at which the Coast Guard's sweep widths hold: an assumption."""
    fatigue_after_h: Annotated[float, Field(strict=True, gt=0.0, le=60.0)] | None = None
    """Hours of flight after which sweep width is 0.9 of what it was; left out: never tired."""

    @property
    def law(self) -> Law:
        """Its own law, or the Coast Guard's for a vessel of unknown size in calm, clear weather."""
        return self.own_law or _by_table(self, UNKNOWN_LENGTH_M, CALM)

    def correction(self, length_m: float, conditions: Conditions) -> float:
        """Corrected over uncorrected sweep width: weather (wind and length) and fatigue, the Coast Guard's factors."""
        small = length_m * FEET_PER_METRE < _SMALL_FT
        fresh, strong = conditions.wind_kn > _FRESH_KN, conditions.wind_kn > _STRONG_KN  # False where not stated
        weather = 1.0 if not fresh else 0.9 if not small else 0.25 if strong else 0.5
        return weather * (FATIGUE if conditions.tired and self.fatigue_after_h is not None else 1.0)


Sensor = Annotated[Radar | Ais | EoIr | Visual, Field(discriminator="kind")]


def horizon_nmi(altitude_ft: float, height_ft: float, constant: float = RADIO_HORIZON) -> float:
    """Line of sight over a smooth Earth from one height to another: c (sqrt H + sqrt h)."""
    return constant * float(np.sqrt(altitude_ft) + np.sqrt(height_ft))


def uscg_sweep_width_nmi(length_m: float, visibility_nmi: float) -> float:
    """The Coast Guard's uncorrected visual sweep width: bilinear in length and visibility.

    Beyond the table's ends it is that of the end, save below 1 nmi of visibility, where it goes in proportion to
    visibility (an assumption; nobody sees farther than the air is clear).
    """
    at = max(visibility_nmi, USCG_VISIBILITY_NMI[0])
    by_length = [np.interp(at, USCG_VISIBILITY_NMI, row) for row in USCG_SWEEP_WIDTH_NMI]
    width = float(np.interp(length_m * FEET_PER_METRE, USCG_LENGTH_FT, by_length))
    return width * min(1.0, visibility_nmi / float(USCG_VISIBILITY_NMI[0]))


@lru_cache(maxsize=4096)
def _inverse_cube(sweep_width_nmi: float, reference_speed_kn: float, max_range_nmi: float) -> InverseCube:
    """One object for the same numbers, for its calibration takes a millisecond."""
    return InverseCube(
        kind="inverse_cube",
        sweep_width_nmi=sweep_width_nmi,
        reference_speed_kn=reference_speed_kn,
        max_range_nmi=max_range_nmi,
    )


def _by_table(sensor: Visual, length_m: float, conditions: Conditions) -> InverseCube:
    """The inverse cube law of the corrected sweep width, cut at the visibility, which must be above 0."""
    visibility = CLEAR_NMI if np.isnan(conditions.visibility_nmi) else conditions.visibility_nmi
    width = uscg_sweep_width_nmi(length_m, visibility) * sensor.correction(length_m, conditions)
    return _inverse_cube(width, sensor.reference_speed_kn, min(visibility, _FARTHEST_NMI))


def _radar(sensor: Radar, hulls: Sequence[Vessel], sea_state: float) -> tuple[Law, float, float]:
    """Law, scale and cut by the fourth root of the summed cross-section and the sea."""
    scale = 1.0
    if hulls and sensor.reference_rcs_m2 is not None:
        together = sum(hull.cross_section_m2(sensor.frequency_mhz) for hull in hulls)
        scale = float((together / sensor.reference_rcs_m2) ** 0.25)
    if sensor.sea_state_factor is not None and not np.isnan(sea_state):
        scale *= float(np.interp(sea_state, np.arange(10.0), sensor.sea_state_factor))
    return sensor.law, scale, np.inf


def _eo_ir(sensor: EoIr, hulls: Sequence[Vessel], conditions: Conditions) -> tuple[Law, float, float]:
    """Law, scale and cut by the longer hull, the hour and the visibility."""
    scale, clear = 1.0, conditions.visibility_nmi
    if hulls and sensor.reference_length_m is not None:
        scale = max(hull.length_m for hull in hulls) / sensor.reference_length_m
    if not conditions.light:
        scale, clear = scale * sensor.night_factor, clear * sensor.night_visibility_factor
    return sensor.law, scale, np.inf if np.isnan(clear) else clear


def _visual(sensor: Visual, hulls: Sequence[Vessel], conditions: Conditions) -> tuple[Law, float, float] | None:
    """Law, scale and cut by the longer hull and the weather; None by night and in air that is not clear at all."""
    if not conditions.light or conditions.visibility_nmi <= 0.0:
        return None
    length = max((hull.length_m for hull in hulls), default=UNKNOWN_LENGTH_M)
    clear = np.inf if np.isnan(conditions.visibility_nmi) else conditions.visibility_nmi
    if sensor.own_law is not None:
        return sensor.own_law, sensor.correction(length, conditions), clear
    return _by_table(sensor, length, conditions), 1.0, clear


def in_force(
    sensor: Sensor, hulls: Sequence[Vessel], transmits: bool, altitude_ft: float, conditions: Conditions
) -> InForce | None:
    """The law of a sensor for one target under the conditions of a moment; None: it sees nothing.

    Args:
        sensor: What looks.
        hulls: One vessel or two alongside, of which cross-sections add, the longer counts, and the higher; none: the
            size is unknown, and neither scales the law nor gives a horizon.
        transmits: Whether AIS is on, on one of them at least.
        altitude_ft: Where the sensor is.
        conditions: Weather, light and the crew's eyes. `CALM`: nothing stated, by day.
    """
    found = _without_horizon(sensor, hulls, transmits, conditions)
    if found is None:
        return None
    law, scale, cut = found
    if hulls:
        constant = RADIO_HORIZON if isinstance(sensor, Radar | Ais) else OPTICAL_HORIZON
        cut = min(cut, horizon_nmi(altitude_ft, max(hull.height_ft for hull in hulls), constant))
    return InForce(law, scale, cut) if scale > 0.0 and cut > 0.0 else None


def _without_horizon(
    sensor: Sensor, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions
) -> tuple[Law, float, float] | None:
    """Law, scale and cut but for the horizon; None: it sees nothing."""
    if isinstance(sensor, Radar):
        return _radar(sensor, hulls, conditions.sea_state)
    if isinstance(sensor, EoIr):
        return _eo_ir(sensor, hulls, conditions)
    if isinstance(sensor, Ais):
        return (sensor.law, 1.0, np.inf) if transmits else None
    return _visual(sensor, hulls, conditions)
