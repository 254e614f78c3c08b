"""The schema of a scenario: its sections, each of which is described where its part of the model is.

This is documentation and validation at once; `sim.scenario.load` loads files into it.
"""

from datetime import UTC, datetime
from typing import Annotated, get_origin
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from sim.core.fields import FormatOne, Name, Part, refuse
from sim.core.geo import LAND_BOX, Plane, plane_of
from sim.core.units import HOURS_PER_DAY
from sim.model.agreements import Agreement
from sim.model.aircraft import Aircraft
from sim.model.cells import Nation
from sim.model.environment import Environment
from sim.model.observers.base import Observer
from sim.model.patrols import Base, Group, Intercepts, Patrol
from sim.model.patterns.base import Route
from sim.model.places import Area, Theatre, Zone
from sim.model.sensors.base import Sensor
from sim.model.ships import Background, TransferSource
from sim.model.vessels import Vessel


class Outputs(Part):
    """Additional outputs, which cost computing time."""

    contacts: bool = Field(False, strict=True)
    """Whether to count every vessel that each sortie detects: background traffic, pairs alongside, and the vessels of
    transfers on their way. By default they are not counted."""


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
    """The version of the file format, which is 1."""
    title: Annotated[str, Field(max_length=200)]
    """The title in tables and on maps, one line."""
    summary: Annotated[str, Field(max_length=2000)] = ""
    """What the scenario is about. By default empty."""
    start: Annotated[datetime, Field(strict=True), AfterValidator(_utc)]
    """The moment at which the deployment begins, hour 0, as a date and time with an offset from UTC."""
    duration_days: Annotated[float, Field(strict=True, gt=0.0, le=3660.0)]
    """The duration of the deployment, in days."""
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Tokyo"
    """The time zone of local times in tables and on maps. By default Asia/Tokyo."""
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
