"""How many vessels send AIS in the view of a receiver: the load under which the receiver hears.

The mean number of background ships in the view is taken day by day, so that a calendar counts and an hour of the day
does not: an assumption. Ships of a source send with the chance that they are not dark, and each hull of a pair counts.
Vessels of transfers are few, and are left out.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY
from sim.deployment.traffic.base import TrafficPlan, plan_traffic
from sim.model.aircraft import Aircraft
from sim.model.sensors.ais import Ais
from sim.model.sensors.base import Sensor
from sim.scenario.schema import Scenario

_PLACES = 8  # places along each route, over which the load on the receiver of an aircraft is averaged


class SendersInView:
    """The mean number of ships of a scenario that send AIS in a view, at some hours."""

    def __init__(self, scenario: Scenario) -> None:
        """Take the background of a scenario; its sources are made ready when they are first asked for."""
        self.scenario = scenario
        self._by_day: dict[tuple[bytes, int], float] = {}

    @cached_property
    def plans(self) -> list[TrafficPlan]:
        """The sources of background ships, made ready."""
        return [plan_traffic(self.scenario, name) for name in sorted(self.scenario.background)]

    def __call__(self, view: Any, hours: Floats) -> Floats:
        """The mean number of ships that send in a view, a shape on the plane (None: all), at hours of any shape."""
        hours = np.asarray(hours, float)
        last = max(0.0, np.ceil(self.scenario.duration_h / HOURS_PER_DAY) - 1.0)
        days, place = np.unique(np.clip(np.floor(hours / HOURS_PER_DAY), 0.0, last), return_inverse=True)
        counts = np.array([self._on_day(view, int(day)) for day in days], float)
        return counts[place].reshape(hours.shape)

    def mean(self, view: Any) -> float:
        """The mean number of ships that send in a view, over the days of the deployment."""
        days = np.arange(max(1.0, np.ceil(self.scenario.duration_h / HOURS_PER_DAY)))
        return float(self(view, days * HOURS_PER_DAY).mean())

    def _on_day(self, view: Any, day: int) -> float:
        """The mean number of ships that send in a view on a day of the deployment."""
        known = (b"" if view is None else view.wkb, day)
        if known not in self._by_day:
            begin = day * HOURS_PER_DAY
            end = min(begin + HOURS_PER_DAY, self.scenario.duration_h)
            self._by_day[known] = sum(_senders(plan, begin, end, view) for plan in self.plans)
        return self._by_day[known]


def _senders(plan: TrafficPlan, begin_h: float, end_h: float, view: Any) -> float:
    """The mean number of hulls of a source that send in a view; of hulls side by side all send, or none."""
    spec = plan.spec
    hulls = {
        one: max(len(one), 2 if gap > 0.0 else 1) for one, gap in zip(spec.hull_sets, spec.hull_gaps_m, strict=True)
    }
    present = plan.present_by_class(begin_h, end_h, view)
    return (1.0 - spec.dark_share) * sum(hulls[one] * number for one, number in present.items())


def hears_under_load(scenario: Scenario) -> bool:
    """Whether an aircraft of a patrol has a receiver whose hearing depends on how many send."""
    carried = {name for patrol in scenario.patrols.values() for name in scenario.aircraft[patrol.aircraft].sensors}
    return any(scenario.sensors[name].hears_partly for name in carried)


def sensors_under_load(scenario: Scenario, aircraft: Aircraft, passes: Sequence[Floats]) -> list[Sensor]:
    """The sensors of an aircraft as they work along routes; each route has waypoints (n, 2), nmi.

    AIS receivers hear under the mean load over places along the routes, and over the days of the deployment; all other
    sensors are as the scenario says.
    """
    sensors = [scenario.sensors[name] for name in aircraft.sensors]
    if not any(sensor.hears_partly for sensor in sensors):
        return sensors
    senders, places = SendersInView(scenario), _along(passes)
    found: list[Sensor] = []
    for sensor in sensors:
        if isinstance(sensor, Ais) and sensor.hears_partly:
            views = [place.buffer(sensor.view_nmi(aircraft.altitude_ft)) for place in places]
            sensor = sensor.under_load(float(np.mean([senders.mean(view) for view in views])) if views else 0.0)
        found.append(sensor)
    return found


def _along(passes: Sequence[Floats]) -> list[Any]:
    """Places spread evenly along routes."""
    lines = [shapely.LineString(points) for points in passes if len(points) > 1]
    shares = (np.arange(_PLACES) + 0.5) / _PLACES
    return [line.interpolate(share, normalized=True) for line in lines for share in shares]
