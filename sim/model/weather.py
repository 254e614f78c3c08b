"""The weather of one replication: which sea state, visibility and wind hold at which hour.

One weather holds for the whole theatre at a time: an assumption. It is constant between changes, so whatever depends on
it can be cut at the changes exactly.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from sim.core.arrays import Entities, Floats, Indices
from sim.core.geo import Plane
from sim.model.calendar import season_spells
from sim.model.environment import Environment
from sim.model.local_times import Clock
from sim.model.weather_processes import PreparedProcess, conditions_of, prepare_process, realise_process
from sim.model.weather_quantities import conditions_on_plane

MARGIN_H = 240.0  # weather is drawn so far beyond the deployment's end, for flights that land later; the last holds on


@dataclass(frozen=True, eq=False)
class Weather:
    """The weather over time, constant over stretches [begin, next begin); all arrays (n,) and read only.

    The first stretch begins at -inf, and the last has no end. Sea state and visibility are NaN where they are not
    stated.
    """

    begin: Floats
    """The hour at which each stretch begins."""
    sea_state: Floats
    """Sea state by WMO code 3700."""
    visibility_nmi: Floats
    """Meteorological visibility, nmi."""
    wind_x: Floats
    """Wind along x of the plane, knots, towards where it blows; 0 where no wind is stated."""
    wind_y: Floats
    """Wind along y of the plane, in the same way."""

    @cached_property
    def memo(self) -> dict[Hashable, int]:
        """What has been worked out for some of its stretches; points of a study share it, so a key names who asked."""
        return {}

    @cached_property
    def _begins(self) -> list[float]:
        return list(map(float, self.begin))

    def row_at(self, hour: float) -> int:
        """Return the number of the stretch that holds at an hour."""
        return bisect_right(self._begins, hour) - 1

    def rows_at(self, hours: ArrayLike) -> Indices:
        """Return the number of the stretch that holds at each hour, in the shape of hours."""
        return np.searchsorted(self.begin, np.asarray(hours, float), side="right") - 1

    def changes_between(self, t0: float, t1: float) -> Floats:
        """Return the hours of the changes after t0 and before t1, rising."""
        return self.begin[bisect_right(self._begins, t0) : max(0, bisect_left(self._begins, t1))]


@dataclass(frozen=True, eq=False)
class WeatherPlan:
    """The environment of a scenario as arrays, from which the weather of each replication is drawn."""

    processes: tuple[PreparedProcess, ...]
    """The random processes, in the order of their names; those that hold in some seasons only come after the others."""
    fixed: Weather
    """The weather of the constants and the series, which is the same in every replication."""
    end_h: float
    """The hour up to which the processes are drawn."""

    @property
    def is_windy(self) -> bool:
        """Whether there is ever any wind."""
        fixed = bool(self.fixed.wind_x.any() or self.fixed.wind_y.any())
        return fixed or any(bool(np.nan_to_num(process.values[:, 2:]).any()) for process in self.processes)


class HasEnvironment(Protocol):
    """What of a scenario decides its weather."""

    @property
    def environment(self) -> Environment:
        """The table [environment]."""

    @property
    def duration_h(self) -> float:
        """The length of the deployment, hours."""

    @property
    def clock(self) -> Clock:
        """The start and the time zone, by which seasons are understood."""

    @property
    def plane(self) -> Plane:
        """The plane of the theatre."""


def plan_weather(scenario: HasEnvironment) -> WeatherPlan:
    """Return the environment of a scenario as arrays; see `realise_weather`."""
    environment, plane = scenario.environment, scenario.plane
    timelines = [(np.array([-np.inf]), conditions_on_plane(environment, plane))]
    if environment.series is not None:
        begin = np.array(environment.series.time_h, float)
        from_start = slice(max(0, int(np.searchsorted(begin, 0.0, side="right")) - 1), None)
        begin, values = begin[from_start], conditions_on_plane(environment.series, plane)[from_start]
        begin[0] = -np.inf
        timelines.append((begin, values))
    end_h = scenario.duration_h + MARGIN_H
    names = sorted(environment.processes, key=lambda name: (name in environment.seasonal, name))
    processes = tuple(
        prepare_process(name, environment.processes[name], plane, _spells_of(scenario, name, end_h)) for name in names
    )
    return WeatherPlan(processes, _overlaid(timelines), end_h)


def _spells_of(scenario: HasEnvironment, process: str, end_h: float) -> Floats | None:
    """When a process holds up to an hour, (n, 2); None for all the time. What holds at hour 0 also held before it."""
    seasons = scenario.environment.seasonal.get(process)
    if seasons is None:
        return None
    spells = np.array(season_spells(seasons, scenario.clock, 0.0, end_h)).reshape(-1, 2)
    spells[:, 0] = np.where(spells[:, 0] <= 0.0, -np.inf, spells[:, 0])
    return spells


def realise_weather(plan: WeatherPlan, key: Entities) -> Weather:
    """Return the weather of one replication by its key (2,), stationary at hour 0.

    Without random processes it is the same object for every key, and nothing is drawn.
    """
    if not plan.processes:
        return plan.fixed
    fixed = plan.fixed
    timelines = [(fixed.begin, np.column_stack([fixed.sea_state, fixed.visibility_nmi, fixed.wind_x, fixed.wind_y]))]
    for process in plan.processes:
        begin, states = realise_process(process, key, plan.end_h)
        timelines.append(conditions_of(process, begin, states))
    return _overlaid(timelines)


def _overlaid(timelines: Sequence[tuple[Floats, Floats]]) -> Weather:
    """Timelines (hours (n,), conditions (n, 4)) as one weather; a later one replaces an earlier one where it is no NaN.

    Stretches that follow each other with the same conditions are joined.
    """
    begin = np.unique(np.concatenate([begin for begin, _ in timelines]))
    whole = np.full((begin.size, 4), np.nan)
    for begins, values in timelines:
        now = values[np.searchsorted(begins, begin, side="right") - 1]
        whole = np.where(np.isnan(now), whole, now)
    whole[:, 2:] = np.nan_to_num(whole[:, 2:])
    comparable = np.nan_to_num(whole, nan=-1.0)  # NaN differs from itself; no condition but wind, here a number, is -1
    changed = np.append(True, np.any(comparable[1:] != comparable[:-1], axis=1))
    columns = [begin[changed], *whole[changed].T.copy()]
    for column in columns:
        column.setflags(write=False)
    return Weather(*columns)
