"""What every sensor must answer, and the conditions under which a sensor looks.

A sensor has a detection law. `Sensor.in_force` says how that law holds for some hulls under given conditions: all its
lengths are multiplied by a scale, and it is cut at the horizon or at the visibility. A key that is left out changes
nothing, so a sensor for which only the law is given detects by that law.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from sim.core.kinds import Kind
from sim.model.laws.base import Law, LawInForce
from sim.model.vessels import Vessel

RADIO_HORIZON = 1.23  # nmi per square root of feet; 4/3 of the Earth's radius stands for the bending of radio waves
SHIP_ANTENNA_FT = 50.0
"""The height of a vessel's antenna above the water, by which the line of sight to it is computed: an assumption."""
OPTICAL_HORIZON = 1.17  # the same for light: Bowditch, American Practical Navigator, distance of the visible horizon


class Conditions(NamedTuple):
    """The weather, the light and the state of the crew under which the sensors of an aircraft look."""

    sea_state: float
    """Sea state by WMO code 3700, 0 to 9; NaN if it is not stated."""
    visibility_nmi: float
    """Meteorological visibility, nmi; NaN if it is not stated."""
    wind_kn: float
    """Speed of the wind, knots; NaN, if it is not stated, counts as little wind."""
    light: bool
    """Whether there is daylight."""
    tired: bool
    """Whether the crew has flown for longer than `fatigue_after_h`."""


NOTHING_STATED = Conditions(np.nan, np.nan, 0.0, True, False)  # no weather is stated, by day, with a fresh crew
FAIR = Conditions(2.0, 20.0, 10.0, True, False)  # what `check --sensors` prints as fair weather: an assumption
FOUL = Conditions(6.0, 3.0, 30.0, True, False)  # what it prints as foul weather: an assumption


class Sensor(Kind):
    """What detects vessels. A kind of sensor overrides the methods below that do not hold for it.

    Only `kind` is needed: a sensor that overrides nothing has a key `law` and detects every vessel by that law, by day
    and by night and in every weather, as far as the optical horizon.
    """

    kind: str
    """Which kind of sensor this is."""
    law: Law | None = None
    """The detection law: how the chance of detection depends on range and time."""

    horizon: ClassVar[float] = OPTICAL_HORIZON
    """The distance of the horizon, in nmi per square root of feet of height."""
    receives_ais: ClassVar[bool] = False
    """Whether it tells a crew which vessels transmit AIS, and what they claim to be."""
    size_key: ClassVar[str] = ""
    """The key that makes its range depend on the size of a vessel; empty where the range never does."""

    @property
    def hears_partly(self) -> bool:
        """Whether it hears some vessels that send AIS and others not, by how many send in its view."""
        return False

    @property
    def chance_heard(self) -> float:
        """The chance that it hears a vessel that sends AIS, in one sortie; 0 for what receives none."""
        return float(self.receives_ais)

    @property
    def nominal_law(self) -> Law:
        """The law for a vessel of the reference size by day, where no weather is stated.

        Raises NotImplementedError for a kind of sensor that has no law and does not override this.
        """
        if self.law is None:
            raise NotImplementedError(f"a sensor of kind {self.kind} without a law must define its nominal_law")
        return self.law

    @property
    def depends_on(self) -> frozenset[str]:
        """The conditions that change what it detects, by the names of the fields of `Conditions`."""
        return frozenset()

    @property
    def weather_keys(self) -> dict[str, str]:
        """The keys given for this sensor that have an effect only if the scenario states a quantity; by quantity."""
        return {}

    @property
    def tires_after_h(self) -> float | None:
        """The hours of flight after which the crew that uses it is tired; None if it never tires."""
        return None

    def resolved_within_nmi(self, gap_m: float) -> float:
        """Return the range, nmi, within which it tells apart two hulls with a gap between them, metres; 0 for never."""
        return 0.0

    def resolves(self, range_nmi: float, gap_m: float) -> bool:
        """Return whether it tells apart two hulls with a gap between them, metres, at a range, nmi."""
        return range_nmi < self.resolved_within_nmi(gap_m)

    def in_force_without_horizon(
        self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions
    ) -> LawInForce | None:
        """Return the law in force for a target, before the horizon cuts it; None if the sensor cannot detect it.

        The arguments are those of `in_force`.
        """
        return LawInForce(self.nominal_law)

    def in_force(
        self, hulls: Sequence[Vessel], transmits: bool, altitude_ft: float, conditions: Conditions
    ) -> LawInForce | None:
        """Return the law in force for a target under given conditions; None if the sensor cannot detect it.

        Args:
            hulls: One vessel, or vessels side by side: their cross-sections add, the longest counts for length and the
                highest for the horizon. If it is empty, the size is unknown: it does not scale the law, and there is no
                horizon.
            transmits: Whether at least one of the vessels transmits AIS.
            altitude_ft: The height of the sensor above the sea, in feet.
            conditions: Weather, light and fatigue. `NOTHING_STATED` stands for a day without stated weather.
        """
        found = self.in_force_without_horizon(hulls, transmits, conditions)
        if found is None:
            return None
        law, scale, cut = found
        if hulls:
            cut = min(cut, horizon_nmi(altitude_ft, max(hull.height_ft for hull in hulls), self.horizon))
        return LawInForce(law, scale, cut) if scale > 0.0 and cut > 0.0 else None


def horizon_nmi(altitude_ft: float, height_ft: float, constant: float = RADIO_HORIZON) -> float:
    """Return the line of sight, nmi, over a smooth Earth between two heights H and h, feet: c (sqrt H + sqrt h).

    The constant c is `RADIO_HORIZON` or `OPTICAL_HORIZON`.
    """
    return constant * float(np.sqrt(altitude_ft) + np.sqrt(height_ft))
