"""A receiver of AIS: it detects the vessels that transmit, and knows what they claim to be."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.core.fields import refuse
from sim.model.laws.base import Law, LawInForce
from sim.model.laws.definite_range import DefiniteRange
from sim.model.sensors.base import RADIO_HORIZON, SHIP_ANTENNA_FT, Conditions, Sensor, horizon_nmi
from sim.model.theory import heard_in_view
from sim.model.vessels import Vessel


class Ais(Sensor):
    """An AIS receiver. It hears the vessels that transmit, and tells the crew what they claim to be."""

    horizon: ClassVar[float] = RADIO_HORIZON
    receives_ais: ClassVar[bool] = True

    kind: Literal["ais"]
    law: Law = DefiniteRange(kind="definite_range", range_nmi=200.0)
    """The detection law, how the chance of receiving a vessel depends on range and time. If it is left out, every
    vessel that transmits is received within 200 nautical miles and the horizon, which is an assumption."""

    report_s: Annotated[float, Field(strict=True, ge=1.0, le=3600.0)] | None = None
    """The mean time, in seconds, between the messages of a vessel. If it is given, the receiver hears a vessel with a
    chance that falls with the number of vessels that send in its view, once for each sortie and vessel, and a vessel
    that sends and is not heard looks dark to the crew. The law must be a `definite_range`. If it is left out, all
    vessels are heard."""
    listens_s: Annotated[float, Field(strict=True, ge=1.0, le=36000.0)] = 600.0
    """The time, in seconds, for which the crew listens before it takes a vessel for dark. It counts with `report_s`.
    The default of 10 minutes is an assumption."""
    others_in_view: Annotated[float, Field(strict=True, ge=0.0, le=1e6)] = 0.0
    """The mean number of vessels that send AIS in its view, beside the ships of [background]. It counts with
    `report_s`. By default there are none."""

    @model_validator(mode="after")
    def _law_of_a_receiver_under_load(self) -> Self:
        """Only a definite range can be met by a chance for each sortie and vessel."""
        if self.report_s is not None and not isinstance(self.law, DefiniteRange):
            raise refuse("kind", "a law of the kind definite_range, where report_s is given", "law.kind", "report_s")
        return self

    @property
    def hears_partly(self) -> bool:
        """Whether `report_s` is given."""
        return self.report_s is not None

    def view_nmi(self, altitude_ft: float) -> float:
        """The radius of its view from a height, feet: the range of its law, and the line of sight to a vessel."""
        return min(self.law.reach_nmi, horizon_nmi(altitude_ft, SHIP_ANTENNA_FT))

    def under_load(self, ships: float) -> "Ais":
        """The receiver as it hears where so many background ships send AIS in its view."""
        if self.report_s is None or not isinstance(self.law, DefiniteRange):
            return self
        heard = heard_in_view(ships + self.others_in_view, self.report_s, self.listens_s, 0.0)
        probability = min(1.0, self.law.probability * float(heard))
        return self.model_copy(update={"law": self.law.model_copy(update={"probability": probability})})

    @property
    def chance_heard(self) -> float:
        """The chance that it hears a vessel that sends, in one sortie; 1 where `report_s` is left out."""
        if self.report_s is None or not isinstance(self.law, DefiniteRange):
            return 1.0
        return self.law.probability

    def in_force(
        self, hulls: Sequence[Vessel], transmits: bool, altitude_ft: float, conditions: Conditions
    ) -> LawInForce | None:
        """Return the law in force, cut at the horizon; under load also of a vessel of unknown size.

        The height of such a vessel's antenna is that by which the load in view is counted, `SHIP_ANTENNA_FT`.
        """
        found = super().in_force(hulls, transmits, altitude_ft, conditions)
        if found is None or hulls or not self.hears_partly:
            return found
        return found._replace(cut_nmi=min(found.cut_nmi, horizon_nmi(altitude_ft, SHIP_ANTENNA_FT, self.horizon)))

    def in_force_without_horizon(
        self, hulls: Sequence[Vessel], transmits: bool, conditions: Conditions
    ) -> LawInForce | None:
        """Return the law without a change for vessels that transmit, and None for all others."""
        return LawInForce(self.law) if transmits else None
