"""Patrols: the keys of bases, of patrols with their schedules, of groups that divide a route, and of interceptions."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sim.core.fields import Hours, Part
from sim.model.cells import TipRules
from sim.model.local_times import HourOfScenario
from sim.model.places import (
    AircraftName,
    AreaName,
    BaseName,
    PatrolName,
    PatrolNation,
    Position,
    RouteName,
    needs_nation,
)


class Closed(Part):
    """Spells of weather below the minima of one base, of exponential length."""

    mean_open_h: Annotated[float, Field(strict=True, ge=0.1, le=100000.0)]
    """The mean time from the end of a spell to the beginning of the next, in hours."""
    mean_closed_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """The mean length of a spell, in hours."""


class Base(Part):
    """Where sorties start and end."""

    position: Position
    """The position, [lon, lat] in degrees."""
    closed: Closed | None = None
    """Spells of bad weather in which no aircraft takes off or lands here. If it is left out, there are none."""


class Patrol(Part):
    """One aircraft with its base, its routes and its schedule."""

    aircraft: AircraftName
    """The type of aircraft, one of [aircraft]."""
    base: BaseName
    """The base where it takes off and lands, one of [bases]."""
    routes: Annotated[list[RouteName], Field(min_length=1, max_length=100)]
    """The routes, of [routes], flown in turn, one on each sortie."""
    first_takeoff_h: HourOfScenario
    """The first scheduled take-off, in hours since the scenario's start; or a local time of day, such as "18:00": the
    first such time at or after the start, in the scenario's `time_zone`."""
    every_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """The time from one scheduled take-off to the next, in hours."""
    max_delay_h: Hours = 0.0
    """The longest delay of a take-off, in hours, for whatever reason. A sortie that cannot take off by then is
    cancelled; later take-offs stay as scheduled. By default no take-off waits."""
    sorties: Annotated[int, Field(strict=True, ge=0, le=100000)] | None = None
    """The number of scheduled take-offs. If it is left out, they are scheduled until the scenario ends."""
    nation: PatrolNation | None = None
    """The nation of the patrol. The patrols of a nation know which vessels the others have identified. If the scenario
    has [nations], it must be one of them. If it is left out, the patrol shares with nobody."""
    tips: Annotated[TipRules | None, AfterValidator(needs_nation)] = None
    """How the crew responds to the tips of its nation's cell. If it is left out, the crew ignores tips."""
    alternates: Annotated[list[BaseName], Field(max_length=20)] = []
    """Other bases to land at while its own is closed. By default there are none."""
    lands: Literal["home", "nearest"] = "home"
    """Where it lands: with "home" at its own base unless that is closed, with "nearest" at the nearest of its bases
    that is not closed. By default "home"."""
    crews: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    """The number of crews that take turns. If it is left out, a rested crew is always available."""
    crew_rest_h: Hours = 0.0
    """The least time from a crew's landing to its next take-off, in hours. By default a crew needs no rest."""


class Group(Part):
    """Patrols that divide one route among them."""

    patrols: Annotated[list[PatrolName], Field(min_length=2, max_length=100)]
    """The patrols of the group, of [patrols]. Each flies the routes of the first one."""
    divide: Literal["area", "time", "hand_over"]
    """How they divide the route. "area" gives each patrol a strip of the area; "time" spreads their take-offs over
    `every_h`; with "hand_over" each continues where the one before it left the route, and takes off to meet it
    there."""


class Intercepts(Part):
    """Interceptions by fighters: the aircraft holds its course beside them, and continues its search."""

    area: AreaName | None = None
    """The area of the interceptions. If it is left out, they happen everywhere on the route."""
    per_100_h: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]
    """The rate of interceptions, per 100 hours of flight in that area."""
    time_h: Hours
    """The time for which each interception delays the aircraft, in hours."""
