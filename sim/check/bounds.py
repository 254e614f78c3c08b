"""Upper bounds by which the rules judge a scenario: weather, detection ranges, and the patrols that may detect.

Each bound is on the safe side: a simulated patrol may do less, but never more. So what a rule finds is certain.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import shapely

from sim.check.expected_reports import ExpectedReports
from sim.check.patrol_bounds import PatrolBounds, RouteBounds
from sim.core.airspace import Airspace
from sim.core.arrays import Floats
from sim.core.units import DAYS_PER_MONTH
from sim.deployment.patrols import RoutePlan, plan_light, plan_route
from sim.deployment.traffic.base import TrafficPlan, plan_traffic
from sim.model.aircraft import Aircraft, Priority
from sim.model.background.base import Background
from sim.model.sensors.base import Conditions, Sensor
from sim.model.transfers import TransferSource
from sim.model.vessels import Vessel
from sim.scenario.groups import Assignment, assignment_of, group_of, schedule_of
from sim.scenario.problems import Path
from sim.scenario.routes import airspace
from sim.scenario.schema import Scenario

Target = tuple[tuple[Vessel, ...], bool]
"""The classes of the hulls (none: their size is unknown), and whether one of them transmits AIS."""
ANY_LIGHT = frozenset({True, False})


class Bounds:
    """The bounds of one scenario: what a rule is given."""

    def __init__(self, scenario: Scenario) -> None:
        """Lay the routes of all patrols; everything else is computed when a rule asks for it."""
        self.scenario, self.reports = scenario, ExpectedReports(scenario)
        self.airspace: Airspace = airspace(scenario)
        self.strongest_wind_in_deployment_kn = max(self.stated_values("wind_kn"), default=0.0)
        self._plans: dict[tuple[str, str, int, int], RoutePlan] = {}
        self.patrols = [self._patrol(name) for name in scenario.patrols]
        self._shares_in_range: dict[str, float] = {}

    # ------------------------------------------------------------------------------------------------ weather
    def stated_values(self, quantity: str) -> list[float]:
        """Every value that the environment gives a quantity in the deployment; none if it does not state it."""
        environment = self.scenario.environment
        states = [environment, *(state for process in environment.processes.values() for state in process.values())]
        values = [value for state in states if (value := getattr(state, quantity)) is not None]
        series = environment.series
        rows = None if series is None else getattr(series, quantity)
        if series is not None and rows is not None:
            begin = np.array(series.time_h)
            first = max(0, int(np.searchsorted(begin, 0.0, side="right")) - 1)
            values += rows[first : max(first + 1, int(np.searchsorted(begin, self.scenario.duration_h)))]
        return values

    def best_conditions(self, light: bool) -> Conditions:
        """The conditions in which every sensor has its longest range, by day or by night."""
        sea_states, visibilities = self.stated_values("sea_state"), self.stated_values("visibility_nmi")
        wind = min(self.stated_values("wind_kn"), default=0.0)
        return Conditions(min(sea_states, default=math.nan), max(visibilities, default=math.nan), wind, light, False)

    # ------------------------------------------------------------------------------------------------ targets
    @cached_property
    def traffic(self) -> dict[str, TrafficPlan]:
        """The sources of background traffic, made ready, by name."""
        return {name: plan_traffic(self.scenario, name) for name in self.scenario.background}

    @cached_property
    def vessel_sources(self) -> list[Background | TransferSource]:
        """All sources of vessels: transfers and background."""
        return [*self.scenario.transfers.values(), *self.scenario.background.values()]

    @cached_property
    def all_targets(self) -> list[Target]:
        """Everything that a sensor may detect."""
        return [target for source in self.vessel_sources for target in self._targets_of(source)]

    def targets(self, name: str) -> list[Target]:
        """The pairs of vessels of one source of transfers."""
        return self._targets_of(self.scenario.transfers[name])

    def background_targets(self, name: str) -> list[Target]:
        """The vessels of one source of background."""
        return self._targets_of(self.scenario.background[name])

    def _targets_of(self, source: Background | TransferSource) -> list[Target]:
        sets = [tuple(self.scenario.vessels[hull] for hull in hulls) for hulls in source.hull_sets]
        possible = {True: source.dark_share < 1.0, False: source.dark_share > 0.0}
        return [(hulls, transmits) for hulls in sets for transmits in (True, False) if possible[transmits]]

    def expected_transfers(self, name: str) -> float:
        """The mean number of transfers of one source that would begin in a deployment if no sea state prevented any."""
        scenario = self.scenario
        rate = scenario.transfers[name].mean_per_month(scenario.clock, scenario.duration_h)
        return rate * scenario.duration_days / DAYS_PER_MONTH

    def sea_of(self, area: str) -> Any:
        """The sea of an area, on the plane."""
        return self.scenario.plane.sea(self.scenario.areas[area].shape)

    # ------------------------------------------------------------------------------------------------ ranges
    def sensor_range_nmi(
        self, sensor: Sensor, altitude_ft: float, targets: Sequence[Target], lights: set[bool] | frozenset[bool]
    ) -> float:
        """The longest range at which a sensor can detect one of some targets; 0 if it can detect none.

        `lights` says whether it works by day (True), by night (False) or both.
        """
        if not sensor.nominal_law.can_detect:
            return 0.0
        laws = [
            sensor.in_force(hulls, transmits, altitude_ft, self.best_conditions(light))
            for (hulls, transmits), light in product(targets, lights)
        ]
        return max((law.reach_nmi for law in laws if law is not None), default=0.0)

    def detection_range_nmi(
        self, aircraft: Aircraft, targets: Sequence[Target], lights: set[bool] | frozenset[bool]
    ) -> float:
        """The longest range at which any sensor of an aircraft can detect one of some targets; 0 if none can."""
        sensors = [self.scenario.sensors[name] for name in aircraft.sensors]
        return max(self.sensor_range_nmi(sensor, aircraft.altitude_ft, targets, lights) for sensor in sensors)

    def detection_region(self, patrol: PatrolBounds, name: str) -> Any:
        """The part of the plane in which a patrol may detect transfers of one source, diversions included."""
        reach = self.detection_range_nmi(patrol.aircraft, self.targets(name), ANY_LIGHT)
        reach += patrol.identification.max_detour_nmi if patrol.identification else 0.0
        region = patrol.flown_region
        if patrol.follows_tips:
            radius = patrol.radius_of_action_nmi * (1.0 if len(patrol.bases) == 1 else 2.0)
            region = shapely.union(region, shapely.buffer(shapely.Point(patrol.bases[0]), radius))
        if self.scenario.zones:  # A way round a zone turns at its corners.
            region = shapely.union(region, self.airspace.closed_with_margin).convex_hull
        return shapely.buffer(region, reach)

    def is_within_reach(self, name: str) -> bool:
        """Whether a patrol has the hours to bring a sensor within range of one source of transfers, and come home.

        True if there is no patrol at all.
        """
        sea, targets = self.sea_of(self.scenario.transfers[name].area), self.targets(name)
        for patrol in self.patrols:
            reach = self.detection_range_nmi(patrol.aircraft, targets, ANY_LIGHT)
            to_range = np.maximum(shapely.distance(shapely.points(patrol.bases), sea) - reach, 0.0)
            if float(to_range[0] + to_range.min()) <= 2.0 * patrol.radius_of_action_nmi:
                return True
        return not self.patrols

    def share_in_range(self, name: str) -> float:
        """The share of the sea of one source of transfers in which some patrol may detect, diversions included."""
        if name not in self._shares_in_range:
            sea = self.sea_of(self.scenario.transfers[name].area)
            region = shapely.union_all([self.detection_region(patrol, name) for patrol in self.patrols])
            seen = sea if shapely.covers(region, sea.convex_hull) else shapely.intersection(sea, region)
            self._shares_in_range[name] = float(seen.area / sea.area)
        return self._shares_in_range[name]

    # ------------------------------------------------------------------------------------------------ aircraft
    def patrols_of(self, aircraft: str) -> list[PatrolBounds]:
        """The patrols that fly one type of aircraft."""
        return [patrol for patrol in self.patrols if patrol.spec.aircraft == aircraft]

    def investigating_aircraft(self) -> Iterator[tuple[str, Aircraft]]:
        """The types of aircraft, by name, that a patrol flies and whose crews investigate contacts."""
        for name, aircraft in self.scenario.aircraft.items():
            if aircraft.identification is not None and self.patrols_of(name):
                yield name, aircraft

    def prioritising_aircraft(self) -> Iterator[tuple[str, Aircraft, Priority]]:
        """The types of aircraft, by name, that a patrol flies and whose crews have a `priority` for contacts."""
        for name, aircraft in self.investigating_aircraft():
            if aircraft.identification is not None and aircraft.identification.priority is not None:
                yield name, aircraft, aircraft.identification.priority

    def carried_sensors(self) -> Iterator[tuple[str, Sensor]]:
        """The sensors, by name, that at least one type of aircraft carries."""
        for name, sensor in self.scenario.sensors.items():
            if any(name in aircraft.sensors for aircraft in self.scenario.aircraft.values()):
                yield name, sensor

    def _plan(self, route: str, aircraft: str, assignment: Assignment) -> RoutePlan:
        """A route, or a strip of one, as a type of aircraft flies it: laid once for all patrols that fly it."""
        key = (route, aircraft, assignment.part, assignment.parts)
        if key not in self._plans:
            self._plans[key] = plan_route(self.scenario, route, aircraft, assignment)
        return self._plans[key]

    def _patrol(self, name: str) -> PatrolBounds:
        scenario, spec = self.scenario, self.scenario.patrols[name]
        aircraft = scenario.aircraft[spec.aircraft]
        group = group_of(scenario, name)
        assignment = assignment_of(scenario, name)
        base_names = [spec.base, *spec.alternates]
        bases = np.array([scenario.plane.to_xy(*scenario.bases[base].position) for base in base_names])
        plans = [self._plan(route, spec.aircraft, assignment) for route in assignment.routes]
        return PatrolBounds(
            name=name,
            route_owner=name if group is None else group[1].patrols[0],
            spec=spec,
            aircraft=aircraft,
            assignment=assignment,
            schedule=schedule_of(scenario, name, assignment),
            bases=bases,
            routes=[self._route(index, plan, bases) for index, plan in enumerate(plans)],
            light=plan_light(scenario, plans),
            duration_h=scenario.duration_h,
            tailwind_kn=self.strongest_wind_in_deployment_kn,
            base_closes=scenario.bases[spec.base].closed is not None,
            follows_tips=name in self.reports.tip_patrols,
        )

    def _route(self, index: int, plan: RoutePlan, bases: Floats) -> RouteBounds:
        track = shapely.MultiLineString([way[:, :2] for way in plan.passes])
        entry = plan.passes[plan.nearest_pass(bases[0])][0]
        straight = shapely.distance(shapely.points(bases), track)
        out = self.airspace.length(bases[0], entry)
        back = min(self.airspace.length(entry, base) for base in bases)
        return RouteBounds(index, plan, track, out + back, float(straight[0]), float(straight.min()))


def identification_key(aircraft: str, *keys: str) -> Path:
    """The path of a key of how the crew of an aircraft investigates contacts."""
    return ("aircraft", aircraft, "identification", *keys)


def share_outside(tracks: Sequence[Any], shape: Any) -> float:
    """The share of straight tracks that lies outside a shape of the plane; less than 1 nmi counts as none."""
    lines = shapely.linestrings(np.array(tracks))
    whole, outside = shapely.length(lines).sum(), shapely.length(shapely.difference(lines, shape)).sum()
    return float(outside / whole) if outside > 1.0 else 0.0
