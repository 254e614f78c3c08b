"""The schema of a scenario: the keys above the first table, and its sections, whose keys are in `sim.model`.

The docstrings of the keys are their documentation; `sim.scenario.load` loads files into this schema.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, get_origin
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from sim.core.fields import FormatOne, Lines, Name, Part, Title, listed, refuse
from sim.core.geo import LAND_BOX, Plane, plane_of
from sim.core.limits import FIRST_YEAR, LAST_YEAR, MOST_PATROLS
from sim.core.text import counted, visible
from sim.core.units import HOURS_PER_DAY
from sim.model.agreements import Agreement
from sim.model.aircraft import Aircraft
from sim.model.ais_rules import AisRules
from sim.model.background.base import Background
from sim.model.cells import Nation
from sim.model.environment import Environment
from sim.model.local_times import Clock
from sim.model.observers.base import Observer
from sim.model.patrols import Base, Group, Intercepts, Patrol
from sim.model.patterns.base import Route
from sim.model.places import Area, Theatre, Zone
from sim.model.sensors.base import Sensor
from sim.model.transfers import TransferSource
from sim.model.vessels import Vessel


class Outputs(Part):
    """Additional outputs, which cost computing time."""

    contacts: bool = Field(False, strict=True)
    """Whether to count every vessel that each sortie detects: background traffic, pairs alongside, and the vessels of
    transfers on their way. By default they are not counted."""
    ais_rules: AisRules | None = None
    """The public rules by which transfers may be seen in the AIS that observers receive; `{}` takes the published ones.
    If it is left out, they are not applied."""


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise refuse("time", "a date and time with an offset, such as 2023-04-10T00:00:00Z")
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise refuse("range", f"a date and time in a year from {FIRST_YEAR} to {LAST_YEAR}")
    return value.astimezone(UTC)


@cache
def _time_zones() -> frozenset[str]:
    """The names of all time zones; they are read from hundreds of files, so once."""
    return frozenset(available_timezones())


def _time_zone(value: str) -> str:
    if value not in _time_zones():
        raise refuse("zone", "the name of a time zone, such as Asia/Tokyo")
    return value


class Scenario(Part):
    """Everything that a simulation needs, nothing that it computes."""

    format: FormatOne
    """The version of the file format, which is 1."""
    title: Title
    """The title in tables and on maps, one line of any language. Control characters are refused."""
    summary: Annotated[str, Field(max_length=2000), Lines] = ""
    """What the scenario is about, on one line or several. By default empty."""
    start: Annotated[datetime, Field(strict=True), AfterValidator(_utc)]
    """The date and time, with an offset from UTC, at which the deployment begins. It is hour 0 of the scenario."""
    duration_days: Annotated[float, Field(strict=True, gt=0.0, le=3660.0)]
    """The duration of the deployment, in days."""
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Asia/Tokyo"
    """The time zone of local times in tables and on maps. By default Asia/Tokyo."""
    theatre: Theatre
    """The part of the world in which everything happens: a box in longitude and latitude."""
    areas: Annotated[dict[Name, Area], Field(min_length=1)]
    """Areas of sea by name; at least one."""
    vessels: dict[Name, Vessel] = {}
    """Classes of vessels by name, for sensors that depend on the size of a vessel. By default there are none."""
    zones: dict[Name, Zone] = {}
    """No-go zones by name: routes and detours go round them. By default there are none."""
    background: dict[Name, Background] = {}
    """Background traffic by name: ships that are no transfer. By default there is none."""
    sensors: dict[Name, Sensor]
    """Types of sensors by name."""
    aircraft: dict[Name, Aircraft]
    """Types of aircraft by name."""
    bases: dict[Name, Base]
    """Bases by name: where sorties start and end."""
    routes: dict[Name, Route]
    """Routes by name: a search pattern each."""
    patrols: Annotated[dict[Name, Patrol], Field(max_length=MOST_PATROLS)]
    """Patrols by name, at most 200. Each has an aircraft and a schedule."""
    transfers: dict[Name, TransferSource]
    """Sources of ship-to-ship transfers by name."""
    environment: Environment = Environment()
    """Weather and daylight. By default no sensor depends on the weather, and there is no wind."""
    groups: dict[Name, Group] = {}
    """Groups of patrols by name that divide one route among them. By default there are none."""
    intercepts: dict[Name, Intercepts] = {}
    """Interceptions of patrol aircraft by fighters, by name. By default there are none."""
    nations: dict[Name, Nation] = {}
    """Nations by name that hold and share reports. By default there are none."""
    observers: dict[Name, Observer] = {}
    """Observers other than the crews of patrols, by name, and what they report. By default there are none."""
    agreements: dict[Name, Agreement] = {}
    """Agreements by name, over which reports pass between nations. By default there are none."""
    outputs: Outputs = Outputs()
    """Additional outputs, which cost computing time. By default there are none."""

    def __repr__(self) -> str:
        """What the scenario is about, in a few lines; `model_dump()` has all its keys."""
        parts = (("patrols", self.patrols), ("routes", self.routes), ("transfers", self.transfers))
        names = [f"{kind}: {listed(sorted(map(visible, found)))}" for kind, found in parts if found]
        days = counted(self.duration_days, "day")
        return "\n".join([f"Scenario: {visible(self.title)}", f"{self.start:%d %b %Y %H:%M} UTC, {days}", *names])

    def __str__(self) -> str:
        """What `repr` gives."""
        return repr(self)

    @property
    def duration_h(self) -> float:
        """The duration of the deployment, in hours."""
        return self.duration_days * HOURS_PER_DAY

    @property
    def local(self) -> ZoneInfo:
        """The time zone of local times."""
        return ZoneInfo(self.time_zone)

    @property
    def clock(self) -> Clock:
        """The start and the time zone, by which local times are understood."""
        return Clock(self.start, self.local)

    @property
    def coastline_warning(self) -> str:
        """A warning where the theatre reaches beyond the included coastlines; empty where it does not."""
        west, south, east, north = self.theatre.box
        if west >= LAND_BOX[0] and south >= LAND_BOX[1] and east <= LAND_BOX[2] and north <= LAND_BOX[3]:
            return ""
        box = f"{LAND_BOX[0]:g} to {LAND_BOX[2]:g} E, {LAND_BOX[1]:g} to {LAND_BOX[3]:g} N"
        return f"The included coastlines cover only {box}; elsewhere all is taken for sea, and maps show no land"

    @property
    def plane(self) -> Plane:
        """The plane onto which the theatre is projected."""
        return plane_of(self.theatre.box)


def clock_of(start: Any, time_zone: Any) -> Clock | None:
    """The clock of a start and a time zone as a file gives them; None where either of them is refused."""
    if not isinstance(start, datetime) or not isinstance(time_zone, str):
        return None
    try:
        return Clock(_utc(start), ZoneInfo(time_zone))
    except (ValueError, OSError, KeyError):  # the names of folders, of nothing, and of what is outside the zones
        return None


NAMED_TABLES = tuple(name for name, key in Scenario.model_fields.items() if get_origin(key.annotation) is dict)
WITH_POLYGON = ("areas", "zones")  # sections whose polygon may stand in a GeoJSON file
