"""Types of aircraft: speeds, fuel, crew hours, weather minima, and how a crew investigates contacts."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.core.fields import Feet, Hours, Knots, Nmi, Part, Probability, refuse
from sim.model.places import AreaName, BackgroundName, SensorName


class Rung(Part):
    """One step of an investigation, classification or documentation, which is tried once."""

    range_nmi: Nmi
    """The range at which the step is tried, in nautical miles."""
    probability: Probability
    """The chance that the step succeeds."""
    needs_light: bool = Field(False, strict=True)
    """Whether the step needs light: it then fails between the end of evening twilight and the beginning of morning
    twilight. By default it does not."""
    min_visibility_nmi: Annotated[float, Field(strict=True, ge=0.0, le=100.0)] = 0.0
    """The least visibility in which the step can succeed, in nautical miles. By default it succeeds in any."""


Weight = Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]


class Priority(Part):
    """Which contacts a crew investigates: the weights of everything that is known of a contact add up to its score.

    The contact with the highest score, less the cost of the hours that it takes, comes first. A contact whose score is
    not above 0 is not investigated.
    """

    dark: Weight = 0.0
    """The weight of a contact without AIS, which a crew knows that carries an AIS receiver."""
    suspect: Weight = 0.0
    """The weight of a contact whose AIS claims do not fit what a sensor sees."""
    stationary: Weight = 0.0
    """The weight of a contact that moves at less than 2 knots."""
    alongside: Weight = 0.0
    """The weight of two hulls side by side, which a radar tells apart that resolves them at the range of detection."""
    listed: Weight = 0.0
    """The weight of a contact on a watch list, which is known of a vessel that transmits its identity."""
    suspicious: Weight = 0.0
    """The weight of a contact that looks suspicious to any crew."""
    watched: Weight = 0.0
    """The weight of a contact in one of the `watch_areas` that has some score for another reason."""
    near_tip: Weight = 0.0
    """The weight of a contact near the place of a tip that has some score for another reason."""
    watch_areas: Annotated[list[AreaName], Field(max_length=100)] = []
    """The areas in which the weight `watched` counts. By default there are none."""
    cost_per_h: Weight = 0.0
    """The cost of an hour of the detour, in score: of flying there, staying, and flying back to the route."""


class Identification(Part):
    """How a crew investigates a contact."""

    max_detour_nmi: Nmi
    """The longest detour, in nautical miles: a contact farther than this from the point where the aircraft left its leg
    is not investigated."""
    time_h: Hours
    """The time spent beside a contact, in hours."""
    classify: Rung
    """Classification: recognising that two vessels lie alongside. It is tried when the aircraft comes within range."""
    document: Rung
    """Documentation: taking imagery good enough for a report. It is tried at the end of the time beside the contact, if
    the vessels still lie alongside."""
    lookalikes: Annotated[dict[BackgroundName, Rung], Field(max_length=100)] = {}
    """By source of [background] whose vessels lie or sail side by side: at which range, and with which chance, the crew
    tells on its way that such a contact is no transfer. The crew then breaks off. If a source is left out, or the crew
    does not tell, the crew stays for `time_h`, and knows then."""
    priority: Priority | None = None
    """Which contacts are investigated, and in which order. If it is left out, the crew investigates the suspicious
    ones, first the one that it reaches soonest."""
    remember_h: Hours = 0.0
    """The time, in hours, for which a vessel that was identified is not investigated again by later sorties of the same
    nation, or of the same patrol if it has no nation. By default later sorties know nothing of it."""
    in_dark: bool = Field(True, strict=True)
    """Whether the crew also flies to a contact that it would reach when there is no light for a documentation that
    needs it. By default it does."""

    @model_validator(mode="after")
    def _documents_within_range_of_classification(self) -> Self:
        if self.document.range_nmi > self.classify.range_nmi:
            allowed = "a document.range_nmi of at most classify.range_nmi"
            raise refuse("range", allowed, "document.range_nmi", "classify.range_nmi")
        for name, rung in self.lookalikes.items():
            if rung.range_nmi < self.document.range_nmi:
                allowed = "a range_nmi of at least document.range_nmi, at which the crew is beside the contact"
                raise refuse("range", allowed, f"lookalikes.{name}.range_nmi", "document.range_nmi")
        return self


class Burn(Part):
    """The fuel that an hour of each phase takes, as a multiple of what an hour of transit takes."""

    search: Annotated[float, Field(strict=True, gt=0.0, le=3.0)] = 1.0
    """The fuel of an hour on the route, in hours of transit. By default 1."""
    identification: Annotated[float, Field(strict=True, gt=0.0, le=5.0)] = 1.0
    """The fuel of an hour at low altitude beside a contact, or beside an interceptor, in hours of transit. By default
    1."""


class Minima(Part):
    """The weather minima for take-off."""

    visibility_nmi: Annotated[float, Field(strict=True, ge=0.0, le=20.0)] = 0.0
    """The least visibility for take-off, in nautical miles. By default any will do."""
    wind_kn: Annotated[float, Field(strict=True, gt=0.0, le=200.0)] = 200.0
    """The strongest wind for take-off, in knots. By default 200, which never occurs."""


class Aircraft(Part):
    """A type of aircraft."""

    type: str | None = None
    """A type of the included library (`seasweep show aircraft`). Its values hold for all keys that are not given
    beside it."""
    transit_speed_kn: Knots
    """The speed to the route, to a contact and home, in knots."""
    search_speed_kn: Knots
    """The speed along the route, in knots; at most the transit speed."""
    bank_deg: Annotated[float, Field(strict=True, ge=5.0, le=60.0)] | None = None
    """The bank angle in the turns of a search pattern, in degrees; the radius of a turn is v^2 / (g tan bank). If it is
    left out, the aircraft turns on the spot."""
    altitude_ft: Feet
    """The altitude of the search, in feet."""
    endurance_h: Annotated[float, Field(strict=True, gt=0.0, le=60.0)]
    """The fuel at take-off, in hours of transit."""
    reserve_h: Annotated[float, Field(strict=True, ge=0.0, le=20.0)]
    """The fuel that must be left at landing, in hours of transit."""
    turn_round_h: Annotated[float, Field(strict=True, ge=0.0, le=240.0)]
    """The time from a landing until the aircraft is ready to take off again, in hours."""
    sensors: Annotated[list[SensorName], Field(min_length=1, max_length=20)]
    """The sensors that it carries, of [sensors]. Each of them works in every phase of a flight."""
    identification: Identification | None = None
    """How its crew investigates contacts. If it is left out, the aircraft never leaves its route for a contact."""
    burn: Burn = Burn()
    """The fuel that each phase of a flight takes. By default each takes as much as transit."""
    max_flight_h: Annotated[float, Field(strict=True, gt=0.0, le=60.0)] | None = None
    """The longest flight of a crew, in hours. If it is left out, only fuel limits a flight."""
    max_flight_h_a_day: Annotated[float, Field(strict=True, gt=0.0, le=24.0)] | None = None
    """The most hours that one airframe flies in any 24 hours. If it is left out, there is no such limit."""
    serviceability: Probability = 1.0
    """The chance that the aircraft is serviceable when a take-off is due. By default it always is."""
    aborts_per_100_h: Annotated[float, Field(strict=True, ge=0.0, le=100.0)] = 0.0
    """The rate of faults that end a sortie, per 100 flight hours. By default there are none."""
    minima: Minima | None = None
    """The weather minima for take-off. Below them the aircraft waits as long as its patrol may be delayed. If they are
    left out, it takes off in any weather."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.reserve_h >= self.endurance_h:
            raise refuse("range", "a reserve_h below endurance_h", "reserve_h", "endurance_h")
        if self.search_speed_kn > self.transit_speed_kn:
            allowed = "a search_speed_kn of at most transit_speed_kn"
            raise refuse("range", allowed, "search_speed_kn", "transit_speed_kn")
        for place, sensor in enumerate(self.sensors):
            if sensor in self.sensors[:place]:
                raise refuse("range", "each sensor once", f"sensors.{place}")
        if self.burn.search * self.transit_speed_kn < self.search_speed_kn - 1e-9:
            allowed = "a burn.search of at least search_speed_kn / transit_speed_kn: no less fuel a mile than transit"
            raise refuse("range", allowed, "burn.search", "search_speed_kn", "transit_speed_kn")
        if self.type is not None:  # loading a file puts the library's values in its place
            raise refuse(
                "type", "no type: only a scenario file has it, and loading the file replaces it by values", "type"
            )
        return self
