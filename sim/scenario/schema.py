"""The schema of a scenario: one key a line, its unit in its name, its plausible bounds, what it means.

This is documentation and validation at once; `sim.scenario.load` loads files into it. Laws, routes, sensors and the
environment have their part of the schema in their own modules.
"""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self, get_origin
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, model_validator

from sim.core.fields import (
    Duration,
    Feet,
    FormatOne,
    Hours,
    Knots,
    Name,
    Nmi,
    Part,
    Probability,
    Quantity,
    VesselSpeed,
    refuse,
)
from sim.core.geo import LAND_BOX, Plane, plane_of
from sim.core.units import HOURS_PER_DAY
from sim.model.agreements import Agreement
from sim.model.cells import Nation, TipRules
from sim.model.environment import Environment
from sim.model.observers.base import Observer
from sim.model.patterns.base import Route
from sim.model.places import (
    AircraftName,
    Area,
    AreaName,
    BaseName,
    OwnNation,
    PatrolName,
    Position,
    RouteName,
    SensorName,
    Theatre,
    VesselName,
    Zone,
    beside_nation,
)
from sim.model.sensors.base import Sensor
from sim.model.vessels import Vessel


class Background(Part):
    """Ships that pass through an area on random courses: as many, on average, at any time and everywhere in it."""

    area: AreaName
    """Where; they come and go through its boundary."""
    present: float = Field(strict=True, ge=0.0, le=200000.0)
    """Mean number present at any time."""
    speed_kn: VesselSpeed
    """Speeds of the ships present."""
    suspicious_share: Probability = 0.0
    """Share of them that look odd to any crew, whatever the reason."""
    dark_share: Probability = 0.0
    """Share of them without AIS."""
    spoofing_share: Probability = 0.0
    """Share of them whose AIS claims do not fit what a sensor sees."""
    listed_share: Probability = 0.0
    """Share of them that stand on a watch list."""
    mean_leg_nmi: Nmi | None = None
    """Mean distance between changes of course (exponential); left out: straight across."""
    vessel: VesselName | None = None
    """The class that all of them belong to; left out: of unknown size, for which every sensor's law holds as it is."""

    @property
    def hulls(self) -> tuple[str, ...]:
        """The class's name; none where the size is unknown."""
        return () if self.vessel is None else (self.vessel,)


class Rung(Part):
    """One step of the ladder, tried once an investigation."""

    range_nmi: Nmi
    """Range at which it is tried."""
    probability: Probability
    """Chance that it succeeds."""
    needs_light: bool = Field(False, strict=True)
    """Cannot succeed after the end of evening twilight and before the beginning of morning twilight."""
    min_visibility_nmi: Annotated[float, Field(strict=True, ge=0.0, le=100.0)] = 0.0
    """Cannot succeed in less visibility."""


Weight = Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]


class Priority(Part):
    """What makes a contact worth a look: the weights of all that is known of it add up to its score.

    The contact with the most score, less the cost of the hours that it takes, goes first; one with no score is left.
    """

    dark: Weight = 0.0
    """Without AIS: known to a crew that carries an AIS receiver."""
    suspect: Weight = 0.0
    """AIS claims that do not fit what a sensor sees."""
    stationary: Weight = 0.0
    """Under 2 knots."""
    alongside: Weight = 0.0
    """Two hulls told apart, side by side: by a radar that resolves them at the range of detection."""
    listed: Weight = 0.0
    """On a watch list: known of a vessel that says who it is."""
    suspicious: Weight = 0.0
    """Odd to any crew."""
    watched: Weight = 0.0
    """In one of the `watch_areas`, and worth something for another reason."""
    near_tip: Weight = 0.0
    """Where a tip says that something is, and odd in any way."""
    watch_areas: list[AreaName] = []
    """Where a contact is worth more."""
    cost_per_h: Weight = 0.0
    """Score that an hour must be worth: of going there, staying, and coming back to the route."""


class Identification(Part):
    """How a crew investigates a contact."""

    max_detour_nmi: Nmi
    """Contacts farther than this from where the leg was left are not investigated."""
    time_h: Hours
    """Time spent beside a contact."""
    classify: Rung
    """Recognise two vessels alongside: tried as the aircraft comes within range."""
    document: Rung
    """Imagery good enough for a report: tried at the end of the time beside it, if it still lies alongside."""
    priority: Priority | None = None
    """Which contacts are worth a look, which first; left out: the suspicious ones, the one reached soonest first."""
    remember_h: Hours = 0.0
    """How long a vessel once identified is let be by the later sorties of its nation, or of its patrol without one."""
    in_dark: bool = Field(True, strict=True)
    """Whether the crew goes where it would come too late or too early for the light that a document needs."""

    @model_validator(mode="after")
    def _nearer(self) -> Self:
        if self.document.range_nmi > self.classify.range_nmi:
            allowed = "a document.range_nmi of at most classify.range_nmi"
            raise refuse("range", allowed, "document.range_nmi", "classify.range_nmi")
        return self


class Burn(Part):
    """Fuel that an hour of each phase takes, in hours of transit."""

    search: Annotated[float, Field(strict=True, gt=0.0, le=3.0)] = 1.0
    """Along the route."""
    identification: Annotated[float, Field(strict=True, gt=0.0, le=5.0)] = 1.0
    """Low, beside a contact or an interceptor."""


class Minima(Part):
    """Weather below which it does not take off."""

    visibility_nmi: Annotated[float, Field(strict=True, ge=0.0, le=20.0)] = 0.0
    """Least visibility."""
    wind_kn: Annotated[float, Field(strict=True, gt=0.0, le=200.0)] = 200.0
    """Most wind."""


class Aircraft(Part):
    """A type of aircraft."""

    type: str | None = None
    """A type of the library that ships, `seasweep show aircraft`: its values hold for all keys not given here."""
    transit_speed_kn: Knots
    """To the route, home, and to a contact."""
    search_speed_kn: Knots
    """Along the route."""
    bank_deg: Annotated[float, Field(strict=True, ge=5.0, le=60.0)] | None = None
    """Bank in a search pattern's turns, whose radius is v^2 / (g tan bank); left out: it turns on the spot."""
    altitude_ft: Feet
    """Search altitude."""
    endurance_h: Annotated[float, Field(strict=True, gt=0.0, le=60.0)]
    """Fuel, in hours of transit."""
    reserve_h: Annotated[float, Field(strict=True, ge=0.0, le=20.0)]
    """Fuel that must be left at landing, in hours of transit."""
    turn_round_h: Annotated[float, Field(strict=True, ge=0.0, le=240.0)]
    """From landing to being ready again."""
    sensors: Annotated[list[SensorName], Field(min_length=1)]
    """What it carries; each works in every phase of a flight."""
    identification: Identification | None = None
    """How its crew investigates contacts; left out: it never leaves its route."""
    burn: Burn = Burn()
    """Fuel by phase."""
    max_flight_h: Annotated[float, Field(strict=True, gt=0.0, le=60.0)] | None = None
    """Longest flight of a crew."""
    max_flight_h_a_day: Annotated[float, Field(strict=True, gt=0.0, le=24.0)] | None = None
    """Most hours of flight of an airframe in any 24 hours."""
    serviceability: Probability = 1.0
    """Chance that it is fit to fly when a take-off is due."""
    aborts_per_100_h: Annotated[float, Field(strict=True, ge=0.0, le=100.0)] = 0.0
    """Faults in flight that end the sortie."""
    minima: Minima | None = None
    """Weather below which it does not take off; it waits as long as its patrol may be delayed."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.reserve_h >= self.endurance_h:
            raise refuse("range", "a reserve_h below endurance_h", "reserve_h", "endurance_h")
        if self.search_speed_kn > self.transit_speed_kn:
            allowed = "a search_speed_kn of at most transit_speed_kn"
            raise refuse("range", allowed, "search_speed_kn", "transit_speed_kn")
        for at, sensor in enumerate(self.sensors):
            if sensor in self.sensors[:at]:
                raise refuse("range", "each sensor once", f"sensors.{at}")
        if self.burn.search * self.transit_speed_kn < self.search_speed_kn - 1e-9:
            allowed = "a burn.search of at least search_speed_kn / transit_speed_kn, or it would transit so"
            raise refuse("range", allowed, "burn.search", "search_speed_kn", "transit_speed_kn")
        if self.type is not None:  # loading a file puts the library's values in its place
            raise refuse("type", "a type in a scenario file only", "type")
        return self


class Closed(Part):
    """Spells of weather below minima at one base, as long as chance will have them (exponential)."""

    mean_open_h: Annotated[float, Field(strict=True, ge=0.1, le=100000.0)]
    """Mean time between spells."""
    mean_closed_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """Mean length of a spell."""


class Base(Part):
    """Where sorties start and end."""

    position: Position
    """[lon, lat], degrees."""
    closed: Closed | None = None
    """When nobody takes off or lands here; left out: it is always open."""


class Patrol(Part):
    """Who flies which routes, from which base, when: one aircraft."""

    aircraft: AircraftName
    """Its type."""
    base: BaseName
    """Where it starts and lands."""
    routes: Annotated[list[RouteName], Field(min_length=1)]
    """Flown in turn, one a sortie."""
    first_takeoff_h: Hours
    """Hours since the scenario's start."""
    every_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """From one scheduled take-off to the next."""
    max_delay_h: Hours = 0.0
    """A sortie that cannot take off by then, whatever it waits for, is lost; later slots do not shift."""
    sorties: Annotated[int, Field(strict=True, ge=0, le=100000)] | None = None
    """At most so many slots; left out: to the end of the scenario."""
    nation: OwnNation | None = None
    """Whose it is: the patrols of a nation know what the others have identified. Where there are [nations], one of
    them."""
    tips: Annotated[TipRules | None, AfterValidator(beside_nation)] = None
    """What it does about the tips of its nation's cell; left out: nothing."""
    alternates: list[BaseName] = []
    """Bases to land at while its own is closed."""
    lands: Literal["home", "nearest"] = "home"
    """Where it lands: at home unless that is closed, or at the nearest of its bases that is open."""
    crews: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    """Crews that take turns; left out: there is always one."""
    crew_rest_h: Hours = 0.0
    """From a crew's landing to its next take-off."""


class Group(Part):
    """Patrols that divide one route among them."""

    patrols: Annotated[list[PatrolName], Field(min_length=2)]
    """Whose: each flies the first one's routes."""
    divide: Literal["area", "time", "hand_over"]
    """Strips of the area, as many as patrols; take-offs spread over `every_h`; or each goes on where the one before
    left, and takes off to meet it there."""


class Intercepts(Part):
    """Fighters that come to look: the aircraft holds its course for them, and searches on."""

    area: AreaName | None = None
    """Where; left out: everywhere on the route."""
    per_100_h: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]
    """Intercepts per 100 hours of flight there."""
    time_h: Hours
    """How long each holds it up."""


class TransferSource(Part):
    """Ship-to-ship transfers: two vessels meet, lie alongside, part."""

    area: AreaName
    """Where; uniform over its sea part."""
    per_month: Annotated[float, Field(strict=True, ge=0.0, le=100000.0)]
    """Rate of a Poisson process, per 30 days."""
    duration_h: Duration
    """Time alongside."""
    night_share: Probability | None = None
    """Chance that it begins between sunset and sunrise at that place; left out: at any hour alike."""
    approach_h: Hours = 3.0
    """How long each vessel is under way to the meeting, and away from it: an assumption."""
    speed_kn: VesselSpeed = Quantity(low=8.0, high=12.0)
    """Speed of the two vessels under way: commonly stated, not verified."""
    dark_share: Probability = 1.0
    """Chance that neither vessel has its AIS on: an assumption."""
    spoofing_share: Probability = 0.0
    """Chance that what they claim by AIS does not fit."""
    listed_share: Probability = 0.0
    """Chance that one of them stands on a watch list."""
    max_sea_state: Annotated[float, Field(strict=True, ge=0.0, le=9.0)] | None = None
    """One that would begin in a rougher sea does not take place; left out: the sea does not matter."""
    vessels: Annotated[list[VesselName], Field(min_length=1, max_length=2)] | None = None
    """The classes of the two hulls; one name: both are of it. Left out: of unknown size."""

    @property
    def hulls(self) -> tuple[str, ...]:
        """The classes of both hulls alongside; none where the size is unknown."""
        return () if self.vessels is None else (self.vessels[0], self.vessels[-1])


class Outputs(Part):
    """What is counted beyond what the crew acts on, at a price in time."""

    contacts: bool = Field(False, strict=True)
    """Count every vessel that each sortie detects: background, pairs alongside, and their vessels under way."""


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise refuse("time", "a date and time with an offset, such as 2023-04-10T00:00:00Z")
    return value.astimezone(UTC)


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise refuse("zone", "a time zone's name such as Asia/Tokyo")
    return value


class Scenario(Part):
    """Everything that a simulation needs, nothing that it computes."""

    format: FormatOne
    """Version of the format."""
    title: Annotated[str, Field(max_length=200)]
    """One line for tables and maps."""
    summary: Annotated[str, Field(max_length=2000)] = ""
    """What it is about."""
    start: Annotated[datetime, Field(strict=True), AfterValidator(_utc)]
    """Hour 0."""
    duration_days: Annotated[float, Field(strict=True, gt=0.0, le=3660.0)]
    """How long the deployment lasts."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Tokyo"
    """Local time in tables and on maps."""
    theatre: Theatre
    """The part of the world in which everything happens: a box in longitude and latitude."""
    areas: Annotated[dict[Name, Area], Field(min_length=1)]
    """Areas of sea by name; at least one."""
    vessels: dict[Name, Vessel] = {}
    """Classes of vessels by name, where their size matters to a sensor."""
    zones: dict[Name, Zone] = {}
    """No-go zones by name: routes and detours go round them."""
    background: dict[Name, Background] = {}
    """Background traffic by name: ships that are no transfer."""
    sensors: dict[Name, Sensor]
    """Types of sensors by name."""
    aircraft: dict[Name, Aircraft]
    """Types of aircraft by name."""
    bases: dict[Name, Base]
    """Bases by name: where sorties start and end."""
    routes: dict[Name, Route]
    """Routes by name: a search pattern each."""
    patrols: dict[Name, Patrol]
    """Patrols by name: an aircraft and its schedule each."""
    transfers: dict[Name, TransferSource]
    """Sources of ship-to-ship transfers by name."""
    environment: Environment = Environment()
    """Weather and daylight. By default nothing is stated: no sensor depends on the weather, and there is no wind."""
    groups: dict[Name, Group] = {}
    """Groups of patrols by name that divide one route among them."""
    intercepts: dict[Name, Intercepts] = {}
    """Interceptions of patrol aircraft by fighters, by name."""
    nations: dict[Name, Nation] = {}
    """Nations by name that hold and share reports."""
    observers: dict[Name, Observer] = {}
    """Observers other than the crews of patrols, by name, and what they report."""
    agreements: dict[Name, Agreement] = {}
    """Agreements by name, over which reports pass between nations."""
    outputs: Outputs = Outputs()
    """Additional outputs, which cost computing time."""

    @property
    def duration_h(self) -> float:
        """Hours of the deployment."""
        return self.duration_days * HOURS_PER_DAY

    @property
    def local(self) -> ZoneInfo:
        """The zone of local time."""
        return ZoneInfo(self.time_zone)

    @property
    def land_unknown(self) -> str:
        """What to say where the theatre reaches beyond the coastlines that ship; nothing where it does not."""
        west, south, east, north = self.theatre.box
        if west >= LAND_BOX[0] and south >= LAND_BOX[1] and east <= LAND_BOX[2] and north <= LAND_BOX[3]:
            return ""
        box = f"{LAND_BOX[0]:g} to {LAND_BOX[2]:g} E, {LAND_BOX[1]:g} to {LAND_BOX[3]:g} N"
        return f"coastlines ship for {box} only: beyond, the theatre is taken for sea"

    @property
    def plane(self) -> Plane:
        """The theatre's plane."""
        return plane_of(self.theatre.box)


NAMED_TABLES = tuple(name for name, key in Scenario.model_fields.items() if get_origin(key.annotation) is dict)
WITH_POLYGON = ("areas", "zones")  # sections whose polygon may stand in a GeoJSON file of its own
