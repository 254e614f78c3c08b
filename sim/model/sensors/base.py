"""What every sensor answers, and the conditions under which a sensor looks.

A sensor has a detection law. `Sensor.in_force` says how that law holds for some hulls under the conditions of a
moment: all its lengths times a scale, and cut at the horizon or where the air is no longer clear. A key that is left
out changes nothing, so a sensor for which only the law is known detects by that law.
"""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from sim.core.kinds import Kind
from sim.model.laws.base import InForce, Law
from sim.model.vessels import Vessel

RADIO_HORIZON = 1.23  # nmi per square root of feet, 4/3 of the Earth's radius for the bending of radio waves
OPTICAL_HORIZON = 1.17  # the same for light: Bowditch, American Practical Navigator, distance of the visible horizon


class Conditions(NamedTuple):
    """What the sensors of one aircraft meet at a moment."""

    sea_state: float
    """WMO code 3700, 0 to 9; NaN: not stated."""
    visibility_nmi: float
    """Meteorological visibility; NaN: not stated."""
    wind_kn: float
    """Speed of the wind; NaN: not stated, and taken for little."""
    light: bool
    """Whether there is daylight."""
    tired: bool
    """Whether the crew has been in the air for longer than its eyes stay fresh."""


CALM = Conditions(np.nan, np.nan, 0.0, True, False)  # nothing is stated, by day
FAIR = Conditions(2.0, 20.0, 10.0, True, False)  # what `check --sensors` calls fair: an assumption
FOUL = Conditions(6.0, 3.0, 30.0, True, False)  # what it calls foul: an assumption


class Sensor(Kind):
    """What detects vessels. A kind of sensor overrides the answers below that are not its own.

    Only `kind` is needed: a sensor that overrides nothing has a key `law`, sees every vessel by it, by day and by
    night and in every weather, as far as the optical horizon.
    """

    kind: str
    """Which kind of sensor this is."""
    law: Law | None = None
    """The detection law: how the chance of detection depends on range and time."""

    horizon: ClassVar[float] = OPTICAL_HORIZON
    """Distance of the horizon, nmi per square root of feet."""
    receives_ais: ClassVar[bool] = False
    """Whether it tells a crew which vessels transmit AIS, and what they claim to be."""
    size_key: ClassVar[str] = ""
    """The key that makes its range depend on a vessel's size; empty where it never does."""

    @property
    def nominal_law(self) -> Law:
        """The law for a vessel of the reference size in calm and clear weather by day."""
        if self.law is None:
            raise NotImplementedError(f"a sensor of kind {self.kind} without a law must define its nominal_law")
        return self.law

    @property
    def heeds(self) -> frozenset[str]:
        """The conditions that change what it sees: names of fields of `Conditions`."""
        return frozenset()

    @property
    def weather_keys(self) -> dict[str, str]:
        """Keys given for this sensor that have an effect only if the scenario states a quantity, by quantity."""
        return {}

    @property
    def tires_after_h(self) -> float | None:
        """Hours of flight after which whoever looks is tired; None: never."""
        return None

    def resolves(self, range_nmi: float, gap_m: float) -> bool:
        """Whether it tells two hulls apart that lie a gap from each other, metres, at a range."""
        return False

    def seen(self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions) -> InForce | None:
        """The law in force for a target under some conditions, the horizon left aside; None: it sees nothing.

        The arguments are those of `in_force`.
        """
        return InForce(self.nominal_law)

    def in_force(
        self, hulls: Sequence[Vessel], transmits: bool, altitude_ft: float, conditions: Conditions
    ) -> InForce | None:
        """The law in force for one target under the conditions of a moment; None: the sensor sees nothing.

        Args:
            hulls: One vessel, or two alongside: their cross-sections add, the longer one counts for length and the
                higher one for the horizon. Empty: the size is unknown, so it neither scales the law nor gives a
                horizon.
            transmits: Whether AIS is on, on at least one of them.
            altitude_ft: Where the sensor is.
            conditions: Weather, light and the crew's eyes. `CALM`: nothing is stated, by day.
        """
        found = self.seen(hulls, transmits, conditions)
        if found is None:
            return None
        law, scale, cut = found
        if hulls:
            cut = min(cut, horizon_nmi(altitude_ft, max(hull.height_ft for hull in hulls), self.horizon))
        return InForce(law, scale, cut) if scale > 0.0 and cut > 0.0 else None


def horizon_nmi(altitude_ft: float, height_ft: float, constant: float = RADIO_HORIZON) -> float:
    """Line of sight over a smooth Earth between two heights H and h in feet: c (sqrt H + sqrt h), nmi."""
    return constant * float(np.sqrt(altitude_ft) + np.sqrt(height_ft))
