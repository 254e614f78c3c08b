"""A receiver of AIS: it detects the vessels that transmit, and knows what they claim to be."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from sim.model.laws.base import Law, LawInForce
from sim.model.laws.definite_range import DefiniteRange
from sim.model.sensors.base import RADIO_HORIZON, Conditions, Sensor
from sim.model.vessels import Vessel


class Ais(Sensor):
    """An AIS receiver. It hears the vessels that transmit, and tells the crew what they claim to be."""

    horizon: ClassVar[float] = RADIO_HORIZON
    receives_ais: ClassVar[bool] = True

    kind: Literal["ais"]
    law: Law = DefiniteRange(kind="definite_range", range_nmi=200.0)
    """The detection law, how the chance of receiving a vessel depends on range and time. If it is left out, every
    vessel that transmits is received within 200 nautical miles and the horizon, which is an assumption."""

    def in_force_without_horizon(
        self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions
    ) -> LawInForce | None:
        """Return the law without a change for vessels that transmit, and None for all others."""
        return LawInForce(self.law) if transmits else None
