"""Patrols: the keys of bases, of patrols with their schedules, of groups that divide a route, and of interceptions."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from sim.core.fields import Hours, Part, Probability, refuse
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
from sim.model.takeoffs import (
    Takeoff,
    Weekday,
    Weight,
    WindowBegin,
    WindowEnd,
    check_weights,
    check_window,
    window_schema,
)

BELIEF = "belief"
"""The value of `tasking` by which the belief chooses the route of each sortie."""


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


class Standby(Part):
    """A crew at readiness: it takes off for a tip of its nation's cell, follows it, and goes home.

    At take-off it flies to the best tip, as a sortie does that begins at a tip, then to the next that is worth it.
    """

    from_: WindowBegin | None = Field(None, alias="from")
    """The local time from which the crew is at readiness, every day. By default all day."""
    to: WindowEnd | None = None
    """The local time until which it is. If it is not later than `from`, it is on the next day. By default all day."""
    ready_h: Hours
    """The time from the moment at which the crew hears of a tip to its take-off, in hours."""
    least_chance: Probability
    """The least chance, 0 to 1, that a tip is true and that the ships are still there when the aircraft arrives, as the
    cell estimates it. For a tip with a lower chance nobody takes off."""
    sorties_a_month: Annotated[int, Field(strict=True, ge=1, le=10000)] | None = None
    """The most take-offs for tips in any 30 days. If it is left out, there is no such limit."""

    @model_validator(mode="after")
    def _window(self) -> Self:
        if (self.from_ is None) != (self.to is None):
            raise refuse("window", "both from and to, or neither for all day", "from", "to")
        check_window(self.from_, self.to)
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema, in which `from` and `to` are times of the clock."""
        found = super().__get_pydantic_json_schema__(schema, handler)
        window_schema(handler.resolve_ref_schema(found)["properties"])
        return found


class Patrol(Part):
    """One aircraft with its base, its routes and its schedule: hours apart, or by the clock and by lot."""

    aircraft: AircraftName
    """The type of aircraft, one of [aircraft]."""
    base: BaseName
    """The base where it takes off and lands, one of [bases]."""
    routes: Annotated[list[RouteName], Field(min_length=1, max_length=100)]
    """The routes, of [routes], flown in turn, one on each sortie; with `route_weights` by lot, and with
    `tasking` as the belief says."""
    route_weights: list[Weight] | None = None
    """The weight of each of the `routes`: the route of each sortie is then drawn by lot, and the chance of a route is
    its weight divided by the sum of all. If it is left out, the routes are flown in turn."""
    tasking: Literal["in_turn", "belief"] = "in_turn"
    """How the route of a sortie is chosen without `route_weights`. With "belief" it is the one on which an hour of
    flight is expected to document most, given what the aircraft of the nation have searched and the tips of its cell;
    the patrol then knows the rates and the duration of transfers. By default "in_turn"."""
    first_takeoff_h: HourOfScenario | None = None
    """The first scheduled take-off, in hours since the scenario's start; or a local time of day, such as "18:00": the
    first such time at or after the start, in the scenario's `time_zone`. Required with `every_h`."""
    every_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)] | None = None
    """The time from one scheduled take-off to the next, in hours. Required unless the patrol has `takeoff`."""
    takeoff: Takeoff | None = None
    """Take-offs by the clock of the scenario's `time_zone`, instead of `first_takeoff_h` and `every_h`. A local time,
    "18:00", is flown every day; a list has several, ["06:00", "18:00"], or those of a week, ["Tue 18:00", "Fri 06:00"].
    A table draws the take-off by lot: { choose = ["06:00", "18:00"] } or { from = "00:00", to = "24:00" }."""
    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None
    """The days of the week on which `takeoff` holds, such as ["Mon", "Wed"]. By default every day."""
    max_delay_h: Hours = 0.0
    """The longest delay of a take-off, in hours, for whatever reason. A sortie that cannot take off by then is
    cancelled; later take-offs stay as scheduled. By default no take-off waits."""
    sorties: Annotated[int, Field(strict=True, ge=0, le=100000)] | None = None
    """The number of scheduled take-offs. If it is left out, they are scheduled until the scenario ends. A lot counts
    as one, whatever is drawn."""
    nation: PatrolNation | None = None
    """The nation of the patrol. The patrols of a nation know which vessels the others have identified. If the scenario
    has [nations], it must be one of them. If it is left out, the patrol shares with nobody."""
    tips: Annotated[TipRules | None, AfterValidator(needs_nation)] = None
    """How the crew responds to the tips of its nation's cell. If it is left out, the crew ignores tips."""
    standby: Standby | None = None
    """A crew at readiness that takes off for a tip, beside the schedule. If it is left out, no aircraft takes off
    because of a tip."""
    alternates: Annotated[list[BaseName], Field(max_length=20)] = []
    """Other bases to land at while its own is closed. By default there are none."""
    lands: Literal["home", "nearest"] = "home"
    """Where it lands: with "home" at its own base unless that is closed, with "nearest" at the nearest of its bases
    that is not closed. By default "home"."""
    crews: Annotated[int, Field(strict=True, ge=1, le=100)] | None = None
    """The number of crews that take turns. If it is left out, a rested crew is always available."""
    crew_rest_h: Hours = 0.0
    """The least time from a crew's landing to its next take-off, in hours. By default a crew needs no rest."""

    @model_validator(mode="after")
    def _one_schedule(self) -> Self:
        by_hours = self.first_takeoff_h is not None, self.every_h is not None
        if self.takeoff is not None and any(by_hours):
            allowed = "either takeoff alone, or first_takeoff_h with every_h"
            raise refuse("schedule", allowed, "takeoff", "first_takeoff_h", "every_h")
        if any(by_hours) != all(by_hours):
            raise refuse("schedule", "both first_takeoff_h and every_h", "first_takeoff_h", "every_h")
        if self.takeoff is None and not any(by_hours) and self.standby is None:
            allowed = (
                "a patrol with takeoff, or with first_takeoff_h and every_h; only with standby it may have neither"
            )
            raise refuse("schedule", allowed)
        if self.days is not None and (self.takeoff is None or self.takeoff.is_weekly):
            words = "days only beside a takeoff whose times have no day of the week"
            raise refuse("schedule", words, "days")
        if self.days is not None and len(set(self.days)) < len(self.days):
            raise refuse("schedule", "a list that names each day once", "days")
        check_weights(self.route_weights, "routes", len(self.routes), "route_weights")
        if self.tasking == BELIEF and self.route_weights is not None:
            words = 'either route_weights or tasking = "belief": a lot and belief cannot both choose the route'
            raise refuse("schedule", words, "tasking", "route_weights")
        if self.standby is not None and self.tips is None:
            raise refuse(
                "schedule", "standby only for a patrol with tips, which say how its crew follows one", "standby"
            )
        return self


class Group(Part):
    """Patrols that divide one route among them."""

    patrols: Annotated[list[PatrolName], Field(min_length=2, max_length=100)]
    """The patrols of the group, of [patrols]. Each flies the routes of the first one."""
    divide: Literal["area", "time", "hand_over"]
    """How they divide the route. "area" gives each patrol a strip of the area; "time" spreads their take-offs over
    `every_h`, or over the day where the first one takes off once a day by the clock; with "hand_over" each continues
    where the one before it left the route, and takes off to meet it there."""


class Intercepts(Part):
    """Interceptions by fighters: the aircraft holds its course beside them, and continues its search."""

    area: AreaName | None = None
    """The area of the interceptions. If it is left out, they happen everywhere on the route."""
    per_100_h: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]
    """The rate of interceptions, per 100 hours of flight in that area."""
    time_h: Hours
    """The time for which each interception delays the aircraft, in hours."""
