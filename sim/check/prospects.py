"""What patrols can do at best: bounds of reach, time and sight that no luck, no contact and no wind exceeds.

`advice` judges scenarios by them, so each errs to one side: a patrol may do less than its prospects, never more.
Winds only help here: every way is flown with the strongest there ever is from behind.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import shapely

from sim.check.reporting import Reporting
from sim.core.airspace import Airspace
from sim.core.arrays import Floats
from sim.core.fields import Quantity
from sim.core.units import DAYS_PER_MONTH
from sim.deployment.contacts import HULL_GAP_M
from sim.deployment.patrols import Light, RoutePlan, plan_light, plan_route, slots_within
from sim.model.aircraft import Aircraft, Identification, Priority
from sim.model.patrols import Patrol
from sim.model.sensors.base import Conditions, Sensor
from sim.model.ships import Background, TransferSource
from sim.model.vessels import Vessel
from sim.scenario.endurance import FlightLimit, flight_limit, fuel_h, time_limit_h
from sim.scenario.groups import Assignment, assignment_of, group_of
from sim.scenario.problems import Path
from sim.scenario.routes import airspace
from sim.scenario.schema import Scenario

Target = tuple[tuple[Vessel, ...], bool]

_SLACK_NMI = 1e-6  # of rounding


@dataclass(frozen=True)
class Leg:
    """A route as one patrol comes to it; distances in nmi."""

    at: int
    """Which of the patrol's routes it is."""
    plan: RoutePlan
    line: Any
    """Its passes as one geometry of the plane."""
    there_and_back_nmi: float
    """From base to the end where a pass begins, round zones, and home from there."""
    near_nmi: float
    """From base to the nearest point of it, as the crow flies."""
    home_nmi: float
    """From the point of it that is nearest to one of its bases."""


@dataclass(frozen=True)
class Prospect:
    """One patrol at its best."""

    name: str
    owner: str
    """The patrol whose routes it flies: its group's first, or itself."""
    spec: Patrol
    aircraft: Aircraft
    assignment: Assignment
    bases: Floats
    """On the plane, its own first, (b, 2)."""
    legs: list[Leg]
    light: Light
    duration_h: float
    wind_kn: float
    closes: bool
    """Whether its base is closed at times."""
    heeds: bool
    """Whether tips may lead it anywhere in reach."""

    @property
    def identification(self) -> Identification | None:
        """How its crew investigates."""
        return self.aircraft.identification

    @cached_property
    def limit(self) -> FlightLimit:
        """The hours of a flight in transit, and the key that ends them."""
        return flight_limit(self.aircraft)

    @cached_property
    def radius_nmi(self) -> float:
        """Half of the longest way there and back."""
        return self.limit.hours * self.speed_kn / 2.0

    @property
    def speed_kn(self) -> float:
        """Over the ground in transit, at most."""
        return self.aircraft.transit_speed_kn + self.wind_kn

    @cached_property
    def longest_h(self) -> float:
        """The longest flight: all fuel burnt at the lowest rate."""
        burn = self.aircraft.burn
        return min(time_limit_h(self.aircraft), fuel_h(self.aircraft) / min(1.0, burn.search, burn.identification))

    @cached_property
    def shortest_h(self) -> float:
        """The shortest flight that no fault ends; 0 where it may come home when its route is done, or is cut short."""
        burn = self.aircraft.burn
        if self.aircraft.max_flight_h_a_day is not None or not all(leg.plan.repeats for leg in self.legs):
            return 0.0
        return min(time_limit_h(self.aircraft), fuel_h(self.aircraft) / max(1.0, burn.search, burn.identification))

    @property
    def waits(self) -> bool:
        """Whether a take-off may be late."""
        held = (self.spec.crews, self.aircraft.max_flight_h_a_day, self.aircraft.minima)
        busy = self.longest_h + self.aircraft.turn_round_h
        return any(one is not None for one in held) or self.closes or len(self.bases) > 1 or busy > self.spec.every_h

    @property
    def takeoff_key(self) -> Path:
        """The key that gives its first take-off: its own, or that of the first of its group."""
        own = self.assignment.first_takeoff_h == self.spec.first_takeoff_h
        return ("patrols", self.name if own else self.owner, "first_takeoff_h")

    @cached_property
    def takeoffs(self) -> Floats:
        """Scheduled take-offs within the deployment, hours."""
        every, first = self.spec.every_h, self.assignment.first_takeoff_h
        count = slots_within(self.spec, first, self.duration_h)
        return np.asarray(first + every * np.arange(count), float)

    @cached_property
    def reached(self) -> list[Leg]:
        """The routes that it comes to, its hours lasting there and home."""
        return [leg for leg in self.legs if leg.there_and_back_nmi <= 2.0 * self.radius_nmi + _SLACK_NMI]

    def station(self, leg: Leg) -> FlightLimit:
        """The longest time on a route, one sortie, and the key that ends it."""
        burn = self.aircraft.burn
        return flight_limit(
            self.aircraft, (leg.near_nmi + leg.home_nmi) / self.speed_kn, min(burn.search, burn.identification)
        )

    def sorties_on(self, leg: Leg) -> int:
        """How many of its sorties are for a route."""
        count = len(self.assignment.routes)
        return (self.takeoffs.size - leg.at + count - 1) // count

    @cached_property
    def flights(self) -> Floats:
        """From the first possible moment of each flight to the last, hours (n, 2)."""
        late = self.spec.max_delay_h if self.waits else 0.0
        return np.column_stack([self.takeoffs, self.takeoffs + late + self.longest_h])

    @cached_property
    def stations(self) -> Floats:
        """The same of the time on its routes, within the deployment, (n, 2)."""
        if self.heeds:
            return self.flights
        if not self.reached:
            return np.zeros((0, 2))
        out = min(leg.near_nmi for leg in self.reached) / self.speed_kn
        back = min(leg.home_nmi for leg in self.reached) / self.speed_kn
        begin, end = self.flights[:, 0] + out, np.minimum(self.flights[:, 1] - back, self.duration_h)
        return np.column_stack([begin, end])[begin < end]

    def lights(self, margin_h: float = 0.0) -> set[bool]:
        """Light, dark or both: what it may meet on station, or so long before and after."""
        if not len(self.stations):
            return set()
        begin, end = self.stations[:, 0] - margin_h, self.stations[:, 1] + margin_h
        before = np.searchsorted(self.light.changes, begin, side="right")
        changes = np.searchsorted(self.light.changes, end, side="left") > before
        lit = (before % 2 == 1) != self.light.light_at_first
        return {light for light in (True, False) if bool(((lit == light) | changes).any())}

    @cached_property
    def room(self) -> Any:
        """Where its transits, routes and ways home lie, round no zone: a convex shape of the plane."""
        return shapely.union_all([shapely.MultiPoint(self.bases), *(leg.line for leg in self.legs)]).convex_hull


class Prospects:
    """All that the rules ask of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        """Lay the routes; all else is worked out when first asked for."""
        self.scenario, self.reporting = scenario, Reporting(scenario)
        self.air: Airspace = airspace(scenario)
        self.wind_kn = max(self.stated("wind_kn"), default=0.0)
        self.patrols = [self._prospect(name) for name in scenario.patrols]

    # ------------------------------------------------------------------------------------------------ weather
    def stated(self, quantity: str) -> list[float]:
        """Every value that the environment ever gives a quantity; none where it is not stated."""
        said = self.scenario.environment
        states = [said, *(state for process in said.processes.values() for state in process.values())]
        values = [value for state in states if (value := getattr(state, quantity)) is not None]
        rows = None if said.series is None else getattr(said.series, quantity)
        if said.series is not None and rows is not None:
            begin = np.array(said.series.time_h)
            first = max(0, int(np.searchsorted(begin, 0.0, side="right")) - 1)
            values += rows[first : max(first + 1, int(np.searchsorted(begin, self.scenario.duration_h)))]
        return values

    def best(self, light: bool) -> Conditions:
        """Conditions in which every sensor sees as far as it ever does, by day or by night."""
        sea, haze = self.stated("sea_state"), self.stated("visibility_nmi")
        wind = min(self.stated("wind_kn"), default=0.0)
        return Conditions(min(sea, default=math.nan), max(haze, default=math.nan), wind, light, False)

    # ------------------------------------------------------------------------------------------------ sight
    def targets(self, name: str) -> list[Target]:
        """The pairs of one source of transfers: their hulls, and whether one of them may transmit."""
        return self._targets(self.scenario.transfers[name])

    def _targets(self, spec: Background | TransferSource) -> list[Target]:
        hulls = tuple(self.scenario.vessels[hull] for hull in spec.hulls)
        return [(hulls, has) for has in (True, False) if (spec.dark_share < 1.0 if has else spec.dark_share > 0.0)]

    @cached_property
    def sources(self) -> list[Background | TransferSource]:
        """Whatever brings vessels: transfers and background."""
        return [*self.scenario.transfers.values(), *self.scenario.background.values()]

    @cached_property
    def everything(self) -> list[Target]:
        """All that may be detected."""
        return [target for spec in self.sources for target in self._targets(spec)]

    def range_nmi(self, sensor: Sensor, altitude_ft: float, targets: Sequence[Target], lights: set[bool]) -> float:
        """The longest range at which a sensor ever sees one of some targets; 0: it sees nothing."""
        if not sensor.nominal_law.can_detect:
            return 0.0
        held = [
            sensor.in_force(hulls, has, altitude_ft, self.best(light))
            for (hulls, has), light in product(targets, lights)
        ]
        return max((one.reach_nmi for one in held if one is not None), default=0.0)

    def sight_nmi(self, aircraft: Aircraft, targets: Sequence[Target], lights: set[bool]) -> float:
        """The same of all that an aircraft carries."""
        sensors = [self.scenario.sensors[name] for name in aircraft.sensors]
        return max(self.range_nmi(sensor, aircraft.altitude_ft, targets, lights) for sensor in sensors)

    def seen_by(self, patrol: Prospect, name: str) -> Any:
        """Where a patrol may detect transfers of one source, diversions included: a shape of the plane."""
        reach = self.sight_nmi(patrol.aircraft, self.targets(name), {True, False})
        reach += patrol.identification.max_detour_nmi if patrol.identification else 0.0
        room = patrol.room
        if patrol.heeds:
            far = patrol.radius_nmi * (1.0 if len(patrol.bases) == 1 else 2.0)
            room = shapely.union(room, shapely.buffer(shapely.Point(patrol.bases[0]), far))
        if self.scenario.zones:  # ways round them bend at their corners
            room = shapely.union(room, self.air.closed_with_margin).convex_hull
        return shapely.buffer(room, reach)

    # ------------------------------------------------------------------------------------------------ patrols
    def flown(self, aircraft: str) -> list[Prospect]:
        """The patrols of one type of aircraft."""
        return [one for one in self.patrols if one.spec.aircraft == aircraft]

    def _prospect(self, name: str) -> Prospect:
        scenario, spec = self.scenario, self.scenario.patrols[name]
        aircraft = scenario.aircraft[spec.aircraft]
        group = group_of(scenario, name)
        owner = name if group is None else group[1].patrols[0]
        assignment = assignment_of(scenario, name)
        names = [spec.base, *spec.alternates]
        bases = np.array([scenario.plane.to_xy(*scenario.bases[one].position) for one in names])
        plans = [plan_route(scenario, route, spec.aircraft, assignment) for route in assignment.routes]
        legs = [self._leg(at, plan, bases) for at, plan in enumerate(plans)]
        light = plan_light(scenario, plans)
        closed = scenario.bases[spec.base].closed is not None
        heeds = name in self.reporting.heeding
        given = (legs, light, scenario.duration_h, self.wind_kn, closed, heeds)
        return Prospect(name, owner, spec, aircraft, assignment, bases, *given)

    def _leg(self, at: int, plan: RoutePlan, bases: Floats) -> Leg:
        line = shapely.MultiLineString([one[:, :2] for one in plan.passes])
        entry = plan.passes[plan.nearest_pass(bases[0])][0]
        near = shapely.distance(shapely.points(bases), line)
        out, back = self.air.length(bases[0], entry), min(self.air.length(entry, base) for base in bases)
        return Leg(at, plan, line, out + back, float(near[0]), float(near.min()))


def longest(quantity: Quantity) -> float:
    """The most that a random quantity can be; infinite where it has no end."""
    ends = (quantity.value, quantity.high, quantity.max)
    return min((end for end in ends if end is not None), default=math.inf)


def middle(quantity: Quantity) -> float:
    """Its median."""
    if quantity.median is not None and quantity.min is None and quantity.max is None:
        return quantity.median  # without loading what knows the normal distribution
    return float(quantity.quantile(np.array([0.5]))[0])


# ---------------------------------------------------------------------------------------------------- what rules ask
def route_key(patrol: Prospect, at: int) -> Path:
    """The key that names one of a patrol's routes: its group's first patrol has it."""
    return ("patrols", patrol.owner, "routes", at)


def of_crew(name: str, *keys: str) -> Path:
    """A key of how an aircraft's crew investigates."""
    return ("aircraft", name, "identification", *keys)


def investigators(prospects: Prospects) -> Iterator[tuple[str, Aircraft]]:
    """The types of aircraft that a patrol flies and whose crews investigate."""
    for name, one in prospects.scenario.aircraft.items():
        if one.identification is not None and prospects.flown(name):
            yield name, one


def priorities(prospects: Prospects) -> Iterator[tuple[str, Aircraft, Priority]]:
    """Those of them whose crews have rules of what to look at first."""
    for name, one in investigators(prospects):
        if one.identification is not None and one.identification.priority is not None:
            yield name, one, one.identification.priority


def receives_ais(prospects: Prospects, aircraft: Aircraft) -> bool:
    """Whether an aircraft carries a receiver of AIS."""
    return any(prospects.scenario.sensors[name].receives_ais for name in aircraft.sensors)


def carried(prospects: Prospects) -> Iterator[tuple[str, Sensor]]:
    """The sensors that at least one aircraft carries, by name."""
    for name, sensor in prospects.scenario.sensors.items():
        if any(name in one.sensors for one in prospects.scenario.aircraft.values()):
            yield name, sensor


def resolves(prospects: Prospects, aircraft: Aircraft) -> bool:
    """Whether a sensor tells two hulls alongside apart, at least from overhead."""
    return any(prospects.scenario.sensors[name].resolves(0.0, HULL_GAP_M) for name in aircraft.sensors)


def sea_of(prospects: Prospects, area: str) -> Any:
    """The sea of an area, on the plane."""
    return prospects.scenario.plane.sea(prospects.scenario.areas[area].shape)


def expected(scenario: Scenario, name: str) -> float:
    """How many transfers of one source begin in a deployment, on average."""
    return scenario.transfers[name].per_month * scenario.duration_days / DAYS_PER_MONTH


def _least_way(one: Prospect, sea: Any, reach_nmi: float) -> float:
    """How far it is to where an area comes in range, and home from there."""
    far = np.maximum(shapely.distance(shapely.points(one.bases), sea) - reach_nmi, 0.0)
    return float(far[0] + far.min())


def comes_in_range(prospects: Prospects, name: str) -> bool:
    """Whether some patrol can fly so far that a sensor comes within range of one source of transfers."""
    sea, targets = sea_of(prospects, prospects.scenario.transfers[name].area), prospects.targets(name)
    for one in prospects.patrols:
        reach = prospects.sight_nmi(one.aircraft, targets, {True, False})
        if _least_way(one, sea, reach) <= 2.0 * one.radius_nmi:
            return True
    return not prospects.patrols


def share_in_range(prospects: Prospects, name: str) -> float:
    """The share of a source's sea that may come within range of some patrol, diversions included."""
    sea = sea_of(prospects, prospects.scenario.transfers[name].area)
    seen = shapely.union_all([prospects.seen_by(one, name) for one in prospects.patrols])
    return float(shapely.intersection(sea, seen).area / sea.area)


def share_outside(tracks: Sequence[Any], shape: Any) -> float:
    """The share of straight tracks that lies outside a shape of the plane; less than 1 nmi counts as none."""
    lines = shapely.linestrings(np.array(tracks))
    whole, outside = shapely.length(lines).sum(), shapely.length(shapely.difference(lines, shape)).sum()
    return float(outside / whole) if outside > 1.0 else 0.0
