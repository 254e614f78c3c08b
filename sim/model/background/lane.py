"""Ships that follow a lane: a line across the sea, along which they pass in both directions."""

from functools import cached_property
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

import numpy as np
import pyproj
from pydantic import Field, model_validator

from sim.core.arrays import Floats
from sim.core.fields import Part, Quantity, VesselSpeed, listed, refuse
from sim.core.profiles import Profile
from sim.core.units import HOURS_PER_DAY, METRES_PER_NMI
from sim.model.background.base import Background
from sim.model.calendar import ChangeDays, FactorCalendar, HourFactors, profile_of, refuse_long_changes
from sim.model.local_times import Clock
from sim.model.places import Line, VesselName

SPREADS = 2.5
"""The lateral places of ships end so many spreads from the middle of their direction. A normal distribution has 1.2 %
beyond that."""
LEAST_SPEED_KN = 0.1
"""The least speed of a ship on a lane. A slower one would be there for months."""
_MOST_A_DAY = 20_000.0  # ships of one flow: a bound of plausibility, more than one in five seconds
_STEPS = 4096  # quantiles of a speed by which its means are computed
_QUANTILES: Floats = (np.arange(_STEPS) + 0.5) / _STEPS

Direction = Literal["forward", "backward", "both"]
PerDay = Annotated[float, Field(strict=True, ge=0.0, le=_MOST_A_DAY)]


def slowness_h(speed: Quantity) -> float:
    """The mean of 1 / v over the ships that pass a cross-section, hours in a nautical mile."""
    return float(np.mean(1.0 / speed.quantile(_QUANTILES)))


def _least_speed(speed: Quantity, *keys: str) -> None:
    """Refuse a speed that may be almost 0: its mean number of ships present would be without bound."""
    if speed.bounds()[0] < LEAST_SPEED_KN:
        allowed = f"a distribution of at least {LEAST_SPEED_KN:g} knots on a lane, such as one with min = 2.0"
        raise refuse("range", allowed, *keys)


class Flow(Part):
    """Ships of one class that pass along a lane in one direction, or in both."""

    per_day: PerDay
    """The mean number of ships that pass a cross-section of the lane in 24 hours, in both directions together if it has
    both."""
    speed_kn: VesselSpeed
    """The speed of the ships that pass a cross-section, in knots, 0.1 to 60. Slow ships stay longer, so there are more
    of them among the ships present."""
    direction: Direction = "both"
    """Where they go: "forward", from the first point of the line to the last, "backward", or "both", half of them each
    way. By default both."""
    vessel: VesselName | None = None
    """The class of these ships, one of [vessels]. If it is left out, their size is unknown, and the detection law of
    every sensor holds for them without a change."""

    @model_validator(mode="after")
    def _not_too_slow(self) -> Self:
        _least_speed(self.speed_kn, "speed_kn")
        return self

    @property
    def hulls(self) -> tuple[str, ...]:
        """The name of the class, or nothing if the size is unknown."""
        return () if self.vessel is None else (self.vessel,)

    @property
    def streams(self) -> tuple[tuple[bool, float], ...]:
        """The directions of the flow: whether it is forward, and the number of ships in 24 hours."""
        if self.direction == "both":
            return (True, self.per_day / 2.0), (False, self.per_day / 2.0)
        return ((self.direction == "forward", self.per_day),)


class Stream(NamedTuple):
    """The ships of one flow in one direction."""

    name: str
    """The name that tells it from the others of its lane."""
    flow: Flow
    is_forward: bool
    per_h: float
    """The mean number of ships that enter in an hour."""


class Lane(Background):
    """Ships that follow a lane from one end to the other: as many, on average, at any time and along all of it."""

    number_key: ClassVar[str] = "per_day"
    kind: Literal["lane"]
    lane: str | None = None
    """A lane of the included library (`seasweep show lanes`). Its values hold for all keys that are not given beside
    it, and it ends where it leaves the theatre."""
    line: Line
    """The points of the middle of the lane, [[lon, lat], [lon, lat], ...] in degrees, straight between them on the
    plane. The line must lie at sea. Ships enter and leave at its two ends, which therefore lie best at ports, or at the
    edge of the theatre."""
    spread_nmi: Annotated[float, Field(strict=True, ge=0.01, le=50.0)]
    """The spread of the ships across the lane, in nautical miles: the standard deviation of a normal distribution about
    the middle of their direction, which is cut off at 2.5 times the spread. Where land or a bend leaves less room, the
    lane is narrower."""
    separation_nmi: Annotated[float, Field(strict=True, ge=0.0, le=50.0)] = 0.0
    """The distance between the middles of the two directions, in nautical miles; each keeps to starboard of the line.
    By default 0: the directions are mixed."""
    flows: Annotated[list[Flow], Field(min_length=1, max_length=50)] | None = None
    """The flows of the lane, a table each, with the keys `per_day`, `speed_kn`, `direction` and `vessel`. If it is left
    out, these keys of the lane itself are its only flow."""
    per_day: PerDay | None = None
    """Without flows, the mean number of ships that pass a cross-section of the lane in 24 hours, both directions
    together."""
    speed_kn: VesselSpeed | None = None
    """Without flows, the speed of the ships that pass a cross-section, in knots, 0.1 to 60. Slow ships stay longer, so
    there are more of them among the ships present."""
    direction: Direction | None = None
    """Without flows, where the ships go: "forward", from the first point of the line to the last, "backward", or
    "both", half of them each way. By default both."""
    vessel: VesselName | None = None
    """Without flows, the class of the ships, one of [vessels]. If it is left out, their size is unknown."""
    calendar: FactorCalendar | None = None
    """Factors on all flows in parts of the year: a list of `{ from, to, factor }` with days such as "05-01", both
    included, in the scenario's time zone. They hold for the ships that enter; farther along the lane the number changes
    when these have come there. If it is left out, the flows are the same all year."""
    hours: HourFactors | None = None
    """Factors on all flows in hours of each day: a list of `{ from, to, factor }` with local times such as "20:00", at
    which ships enter. If it is left out, the flows are the same at all hours."""
    change_days: ChangeDays = 0.0
    """The days over which the flows change, along a straight line, from each change of `calendar` on. By default they
    change at once."""
    arrivals: Literal["poisson", "scheduled"] = "poisson"
    """How ships enter the lane: "poisson", at random and independently of each other, or "scheduled", one after another
    at equal intervals, from a moment that is drawn for each flow, direction and replication. Where the flow changes
    with time, the intervals do. By default "poisson"."""
    jitter_h: Annotated[float, Field(strict=True, ge=0.0, le=1000.0)] = 0.0
    """With scheduled arrivals, how much earlier or later than scheduled a ship may enter, in hours; every moment
    between is as likely. By default 0: all ships are on time."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.lane is not None:  # loading a file puts the library's values in its place
            allowed = "no lane: only a scenario file has it, and loading the file replaces it by values"
            raise refuse("lane", allowed, "lane")
        own = [name for name in ("per_day", "speed_kn", "direction", "vessel") if getattr(self, name) is not None]
        if self.flows is not None and own:
            raise refuse(
                "form", f"either flows or the keys of a single flow, not flows and {listed(own)}", "flows", *own
            )
        if self.flows is None and (self.per_day is None or self.speed_kn is None):
            raise refuse("form", "per_day and speed_kn, or flows = [ { per_day = 20.0, speed_kn = 12.0 } ]", *own)
        if self.speed_kn is not None:
            _least_speed(self.speed_kn, "speed_kn")
        refuse_long_changes(self.calendar, self.change_days)
        if self.arrivals == "poisson" and self.jitter_h > 0.0:
            raise refuse("jitter", 'jitter_h only with arrivals = "scheduled"', "jitter_h", "arrivals")
        return self

    def profile(self, clock: Clock, begin_h: float, end_h: float) -> Profile | None:
        """The factor on the flows of ships that enter between two hours of a scenario; None if it is always 1."""
        if self.calendar is None and self.hours is None:
            return None
        return profile_of(clock, begin_h, end_h, 1.0, self.calendar, self.hours, self.change_days)

    @cached_property
    def all_flows(self) -> tuple[Flow, ...]:
        """The flows, also where the keys of the lane itself are the only one."""
        if self.flows is not None or self.per_day is None or self.speed_kn is None:
            return tuple(self.flows or ())
        direction = self.direction or "both"
        return (Flow(per_day=self.per_day, speed_kn=self.speed_kn, direction=direction, vessel=self.vessel),)

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        """Each direction of each flow."""
        found = []
        for number, flow in enumerate(self.all_flows, 1):
            start = f"{number}-" if self.flows is not None else ""
            for is_forward, per_day in flow.streams:
                name = start + ("forward" if is_forward else "backward")
                found.append(Stream(name, flow, is_forward, per_day / HOURS_PER_DAY))
        return tuple(found)

    @property
    def half_width_nmi(self) -> float:
        """The distance from the line of the outermost ships where nothing narrows the lane."""
        return self.separation_nmi / 2.0 + SPREADS * self.spread_nmi

    def lateral_nmi(self, u: Floats, is_forward: bool) -> Floats:
        """The lateral places of ships at quantiles (n,) of their direction, nmi to port of the line, (n,)."""
        from scipy.special import ndtr, ndtri

        middle = (-0.5 if is_forward else 0.5) * self.separation_nmi
        low = float(ndtr(-SPREADS))
        return np.asarray(middle + self.spread_nmi * ndtri(low + u * (1.0 - 2.0 * low)), float)

    def lateral_density(self, lateral: Floats, is_forward: bool) -> Floats:
        """The probability density of the lateral places of a direction, in a nautical mile, at places of any shape."""
        from scipy.special import ndtr

        middle = (-0.5 if is_forward else 0.5) * self.separation_nmi
        away = (np.asarray(lateral, float) - middle) / self.spread_nmi
        curve = np.exp(-0.5 * away * away) / (np.sqrt(2.0 * np.pi) * self.spread_nmi)
        return np.where(np.abs(away) <= SPREADS, curve / (1.0 - 2.0 * float(ndtr(-SPREADS))), 0.0)

    @property
    def hull_sets(self) -> tuple[tuple[str, ...], ...]:
        """The classes of its flows."""
        return tuple(dict.fromkeys(flow.hulls for flow in self.all_flows))

    @property
    def area_names(self) -> tuple[str, ...]:
        """A lane has no area."""
        return ()

    @cached_property
    def length_nmi(self) -> float:
        """The length of the line between its points, along the shortest ways on the Earth."""
        lon, lat = np.array(self.line).T
        return float(pyproj.Geod(ellps="WGS84").line_length(lon, lat)) / METRES_PER_NMI

    @property
    def place_text(self) -> str:
        """The length of the lane."""
        return f"a lane of {self.length_nmi:,.0f} nmi"

    @property
    def speed_text(self) -> str:
        """The distributions of the speed."""
        return "; ".join(dict.fromkeys(flow.speed_kn.text for flow in self.all_flows))

    @property
    def course_text(self) -> str:
        """How many ships pass, and where they go."""
        there, back = (
            sum(s.per_h for s in self.streams if s.is_forward == way) * HOURS_PER_DAY for way in (True, False)
        )
        return f"along it, {there:.4g} a day forward and {back:.4g} backward"

    def share_slower_than(self, speed_kn: float) -> float:
        """The share of the quantiles of their speed that are below it, each in proportion to the time on the lane."""
        slow = whole = 0.0
        for flow in self.all_flows:
            speed = flow.speed_kn.quantile(_QUANTILES)
            present = flow.per_day / speed
            slow, whole = slow + float(present[speed < speed_kn].sum()), whole + float(present.sum())
        return slow / whole if whole > 0.0 else 0.0
