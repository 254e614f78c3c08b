"""Bounds of what one patrol can do, each on the safe side: how far it reaches, how long it flies, and in which light.

A patrol of a simulation stays within them. Winds only help here: every way is flown with the strongest wind of the
scenario from behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.deployment.patrols import Light, RoutePlan
from sim.model.aircraft import Aircraft, Identification
from sim.model.patrols import Patrol
from sim.model.schedules import Schedule
from sim.scenario.endurance import FlightLimit, flight_limit, fuel_h, time_limit_h
from sim.scenario.groups import Assignment
from sim.scenario.problems import Path

_ROUNDING_NMI = 1e-6


@dataclass(frozen=True)
class RouteBounds:
    """The least distances between the bases of one patrol and one of its routes, in nautical miles."""

    index: int
    """The position of the route in the patrol's list of routes."""
    plan: RoutePlan
    track: Any
    """The passes of the route, as one geometry of the plane."""
    round_trip_nmi: float
    """The distance from the base, round no-go zones, to the point where a pass begins, and from there to a base."""
    outbound_nmi: float
    """The straight distance from the base to the nearest point of the route."""
    homeward_nmi: float
    """The straight distance from the route to the nearest of the patrol's bases."""


@dataclass(frozen=True)
class PatrolBounds:
    """Bounds of what one patrol can do, each on the safe side."""

    name: str
    route_owner: str
    """The patrol whose routes it flies: the first patrol of its group, or itself."""
    spec: Patrol
    aircraft: Aircraft
    assignment: Assignment
    schedule: Schedule
    bases: Floats
    """Positions on the plane, its own base first, (b, 2)."""
    routes: list[RouteBounds]
    light: Light
    duration_h: float
    tailwind_kn: float
    """The strongest wind of the scenario."""
    base_closes: bool
    """Whether its own base is closed at times."""
    follows_tips: bool
    """Whether tips may lead it to any place within its reach."""

    @property
    def identification(self) -> Identification | None:
        """How its crew investigates contacts; None if it does not."""
        return self.aircraft.identification

    @cached_property
    def flight_limit(self) -> FlightLimit:
        """The hours of a flight in transit, and the key that limits them."""
        return flight_limit(self.aircraft)

    @property
    def ground_speed_kn(self) -> float:
        """The highest speed over the ground in transit."""
        return self.aircraft.transit_speed_kn + self.tailwind_kn

    @cached_property
    def radius_of_action_nmi(self) -> float:
        """Half of the longest distance that it can fly in transit."""
        return self.flight_limit.hours * self.ground_speed_kn / 2.0

    @cached_property
    def longest_flight_h(self) -> float:
        """The longest flight: all fuel is burnt at the lowest rate."""
        burn = self.aircraft.burn
        return min(time_limit_h(self.aircraft), fuel_h(self.aircraft) / min(1.0, burn.search, burn.identification))

    @cached_property
    def shortest_flight_h(self) -> float:
        """The shortest flight that no fault ends; 0 if it may end early because a route ends or hours are used up."""
        burn = self.aircraft.burn
        if self.aircraft.max_flight_h_a_day is not None or not all(route.plan.repeats for route in self.routes):
            return 0.0
        return min(time_limit_h(self.aircraft), fuel_h(self.aircraft) / max(1.0, burn.search, burn.identification))

    @property
    def can_be_delayed(self) -> bool:
        """Whether a take-off may be later than scheduled."""
        limits = (self.spec.crews, self.aircraft.max_flight_h_a_day, self.aircraft.minima)
        limited = any(limit is not None for limit in limits)
        busy_h = self.longest_flight_h + self.aircraft.turn_round_h
        overlaps = self.stands_by or self.schedule.share_closer_than(busy_h) > 0.0
        return limited or self.base_closes or len(self.bases) > 1 or overlaps

    @property
    def stands_by(self) -> bool:
        """Whether its crew takes off for tips, too."""
        return self.spec.standby is not None and self.follows_tips

    @property
    def takeoff_key(self) -> Path:
        """The key that sets its first take-off: its own, or that of the first patrol of its group."""
        if self.spec.takeoff is not None:
            return ("patrols", self.assignment.timed_by, "takeoff")
        own = self.assignment.first_takeoff_h == self.spec.first_takeoff_h
        return ("patrols", self.name if own else self.route_owner, "first_takeoff_h")

    @property
    def distance_key(self) -> Path:
        """The key that sets how far apart its take-offs are."""
        if self.spec.every_h is not None:
            return ("patrols", self.name, "every_h")
        return self.takeoff_key

    def route_key(self, route: RouteBounds) -> Path:
        """The key that names one of its routes; in a group the first patrol has it."""
        return ("patrols", self.route_owner, "routes", route.index)

    @cached_property
    def reachable_routes(self) -> list[RouteBounds]:
        """The routes that it can reach and still come home from."""
        most = 2.0 * self.radius_of_action_nmi + _ROUNDING_NMI
        return [route for route in self.routes if route.round_trip_nmi <= most]

    def time_on_station(self, route: RouteBounds) -> FlightLimit:
        """The longest time of one sortie on a route, and the key that limits it."""
        burn = self.aircraft.burn
        away_h = (route.outbound_nmi + route.homeward_nmi) / self.ground_speed_kn
        return flight_limit(self.aircraft, away_h, min(burn.search, burn.identification))

    def sorties_on(self, route: RouteBounds) -> int:
        """The most scheduled sorties that are for a route."""
        count, weights = len(self.assignment.routes), self.assignment.route_weights
        if self.assignment.by_belief:
            return self.schedule.possible
        if weights is not None:
            return self.schedule.possible if weights[route.index] > 0.0 else 0
        return (self.schedule.possible - route.index + count - 1) // count

    @cached_property
    def flight_windows_h(self) -> Floats:
        """From the earliest take-off to the latest landing of each sortie that is possible, in hours, (n, 2).

        Where a lot decides between several hours, there is a row for each. A crew that stands by may fly at any time.
        """
        if self.stands_by:
            return np.array([[0.0, self.duration_h + self.longest_flight_h]])
        late = self.spec.max_delay_h if self.can_be_delayed else 0.0
        first, last = self.schedule.windows_h.T
        return np.column_stack([first, last + late + self.longest_flight_h])

    @cached_property
    def station_windows_h(self) -> Floats:
        """The part of each flight window in which the patrol may be on a route, within the deployment, (n, 2)."""
        if self.follows_tips:
            return self.flight_windows_h
        if not self.reachable_routes:
            return np.zeros((0, 2))
        out_h = min(route.outbound_nmi for route in self.reachable_routes) / self.ground_speed_kn
        home_h = min(route.homeward_nmi for route in self.reachable_routes) / self.ground_speed_kn
        begin = self.flight_windows_h[:, 0] + out_h
        end = np.minimum(self.flight_windows_h[:, 1] - home_h, self.duration_h)
        return np.column_stack([begin, end])[begin < end]

    def light_on_station(self, margin_h: float = 0.0) -> set[bool]:
        """Whether there is light (True) or darkness (False) while it is on station; both are possible.

        Each window is extended by `margin_h` before and after. The set is empty if the patrol is never on station.
        """
        if not len(self.station_windows_h):
            return set()
        begin, end = self.station_windows_h[:, 0] - margin_h, self.station_windows_h[:, 1] + margin_h
        before = np.searchsorted(self.light.changes, begin, side="right")
        changes = np.searchsorted(self.light.changes, end, side="left") > before
        lit = (before % 2 == 1) != self.light.light_at_first
        return {light for light in (True, False) if bool(((lit == light) | changes).any())}

    @cached_property
    def flown_region(self) -> Any:
        """A convex shape of the plane that holds its transits and its routes; no-go zones are left out of account."""
        tracks = [route.track for route in self.routes]
        return shapely.convex_hull(shapely.geometrycollections([shapely.MultiPoint(self.bases), *tracks]))


def takeoff_keys(patrols: Sequence[PatrolBounds]) -> str:
    """The names of the keys that set the take-offs of some patrols, for advice."""
    return " or ".join(dict.fromkeys(str(patrol.takeoff_key[-1]) for patrol in patrols))
