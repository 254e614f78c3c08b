"""An AIS receiver: it hears the vessels that transmit, and what they claim to be."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from sim.model.laws.base import InForce, Law
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

    def seen(self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions) -> InForce | None:
        """The law as it is for those who transmit; nothing for all others."""
        return InForce(self.law) if transmits else None
