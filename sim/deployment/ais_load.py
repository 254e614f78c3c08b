"""How many vessels send AIS in the view of a receiver: the load under which it hears.

The mean number of background ships in the view is taken day by day, so that a calendar counts and an hour of the day
does not: an assumption. Ships of a source send with the chance that they are not dark. Vessels of transfers are few,
and are left out.
"""

from functools import cached_property
from typing import Any

import numpy as np

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY
from sim.deployment.traffic.base import TrafficPlan, plan_traffic
from sim.scenario.schema import Scenario


class SendersInView:
    """The mean number of ships of a scenario that send AIS in a view, at some hours."""

    def __init__(self, scenario: Scenario) -> None:
        """Take the background of a scenario; it is made ready when it is asked for."""
        self.scenario = scenario
        self._by_day: dict[tuple[bytes, int], float] = {}

    @cached_property
    def plans(self) -> list[TrafficPlan]:
        """The sources of background ships, made ready."""
        return [plan_traffic(self.scenario, name) for name in sorted(self.scenario.background)]

    def __call__(self, view: Any, hours: Floats) -> Floats:
        """The mean number in a view, a shape on the plane (None: all of it), at hours of any shape."""
        hours = np.asarray(hours, float)
        last = max(0.0, np.ceil(self.scenario.duration_h / HOURS_PER_DAY) - 1.0)
        days, place = np.unique(np.clip(np.floor(hours / HOURS_PER_DAY), 0.0, last), return_inverse=True)
        counts = np.array([self._on_day(view, int(day)) for day in days], float)
        return counts[place].reshape(hours.shape)

    def _on_day(self, view: Any, day: int) -> float:
        """The mean number on a day of the deployment."""
        known = (b"" if view is None else view.wkb, day)
        if known not in self._by_day:
            begin = day * HOURS_PER_DAY
            end = min(begin + HOURS_PER_DAY, self.scenario.duration_h)
            self._by_day[known] = sum(
                (1.0 - plan.spec.dark_share) * plan.mean_present(begin, end, view) for plan in self.plans
            )
        return self._by_day[known]
