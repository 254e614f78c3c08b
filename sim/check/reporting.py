"""What reports a scenario may expect: how many an observer makes, by which way they come to a cell, how old they are.

Means and medians that tables and rules are made of; nothing is simulated.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.fields import Quantity
from sim.deployment.patrols import heeding_patrols
from sim.deployment.transfers import begin_times
from sim.model.agreements import Network, ReportPath, plan_network
from sim.model.environment import Environment, time_shares
from sim.model.observers import (
    AisDesk,
    CoastalRadar,
    HumanSource,
    ObserverPlan,
    PatrolObserver,
    Satellite,
    plan_observers,
)
from sim.model.sun import SUNSET_DEG, Sun
from sim.scenario.schema import HOURS_PER_DAY, Patrol, Scenario, TransferSource

_STARTS, _LENGTHS, _PHASES = 240, 32, 16  # of a mean over transfers: hours of beginning, durations, first passes


class Tipped(NamedTuple):
    """An observer's reports on their way to a cell."""

    observer: ObserverPlan
    cell: str
    way: ReportPath | None
    """The quickest, by medians; None: none ever comes."""

    @property
    def age_h(self) -> float:
        """How old a report typically is as it comes: below 0 for what is foretold."""
        hours = 0.0 if self.way is None else self.way.hours
        return hours + _age_when_made(self.observer.spec, 0.5)


@dataclass(frozen=True)
class Reporting:
    """Observers, agreements and cells of a scenario."""

    scenario: Scenario

    @cached_property
    def heeding(self) -> dict[str, Patrol]:
        """The patrols that heed tips, by name."""
        return heeding_patrols(self.scenario)

    @cached_property
    def cells(self) -> list[str]:
        """The nations of those patrols."""
        return sorted({one.nation or "" for one in self.heeding.values()})

    @cached_property
    def observers(self) -> list[ObserverPlan]:
        """Those who see, by name."""
        scenario = self.scenario
        shapes = {name: area.shape for name, area in scenario.areas.items()}
        default = sorted({pair.area for pair in scenario.transfers.values()})
        given = (scenario.observers, scenario.plane, shapes, default, scenario.start, scenario.duration_h)
        return plan_observers(*given)

    @cached_property
    def network(self) -> Network:
        """The agreements over which something may pass."""
        return plan_network(self.scenario.agreements, self.scenario.start, self.scenario.duration_h)

    def ways_to(self, cell: str, share: float = 0.5) -> list[Tipped]:
        """How the reports of each observer come to a cell, each delay being the one below which a share lies."""
        return [
            Tipped(
                one, cell, self.network.quickest(one.spec.nation, one.spec.kind, one.spec.classification, cell, share)
            )
            for one in self.observers
            if not self._knows_anyway(one, cell)
        ]

    def _knows_anyway(self, one: ObserverPlan, cell: str) -> bool:
        """Whether it is a crew of the cell's own nation: they know what they have seen."""
        return isinstance(one.spec, PatrolObserver) and one.spec.nation == cell

    def least_age_h(self, cell: str) -> float:
        """The least that a report to a cell can be old as it comes; infinite where none comes."""
        ways = [one for one in self.ways_to(cell, 0.0) if one.way is not None]
        return min(
            (one.way.hours + _age_when_made(one.observer.spec, 0.0) for one in ways if one.way is not None),
            default=np.inf,
        )

    # ------------------------------------------------------------------------------------------------ how many
    def true_per_month(self, plan: ObserverPlan) -> float | None:
        """How many true reports an observer makes in 30 days, on average; None for a patrol: as it flies."""
        if isinstance(plan.spec, PatrolObserver):
            return None
        return sum(self._reports_of(plan, spec) for spec in self.scenario.transfers.values() if spec.per_month > 0.0)

    def watches(self, plan: ObserverPlan, spec: TransferSource) -> float:
        """The share of the sea of some transfers that an observer watches."""
        sea = self.scenario.plane.sea(self.scenario.areas[spec.area].shape)
        return float(shapely.intersection(plan.sea, sea).area / sea.area)

    def _reports_of(self, plan: ObserverPlan, spec: TransferSource) -> float:
        observer = plan.spec
        share = self.watches(plan, spec) * calm_share(self.scenario.environment, spec)
        if share == 0.0:
            return 0.0
        if isinstance(observer, Satellite):
            seen = plan.share_under_swath * observer.probability * self._passes_over(plan, observer, spec)
        elif isinstance(observer, AisDesk):
            mixed = spec.dark_share * observer.dark_probability + (1.0 - spec.dark_share) * observer.probability
            seen = mixed * _share_longer(spec.duration_h, observer.after_h)
        elif isinstance(observer, CoastalRadar):
            seen = observer.probability * _share_longer(spec.duration_h, observer.after_h)
        else:
            seen = observer.probability
        return spec.per_month * share * seen

    def _passes_over(self, plan: ObserverPlan, observer: Satellite, spec: TransferSource) -> float:
        """Passes that can see, while one transfer lies alongside, on average; under the strip or not."""
        scenario, place = self.scenario, plan.sea.representative_point()
        lon, lat = (float(one) for one in scenario.plane.to_lonlat(place.x, place.y))
        begin, end = _times(plan.sun, spec, scenario.duration_h, lon, lat)
        first = observer.first_pass_h
        phases = [first] if first is not None else (np.arange(_PHASES) + 0.5) / _PHASES * observer.revisit_h
        counts = [_passes_between(plan.sun, observer, phase, begin, end, lon, lat) for phase in phases]
        clear = 1.0 - observer.cloud_share if observer.sensor == "optical" else 1.0
        return clear * float(np.mean(counts))


def _age_when_made(observer: Any, share: float) -> float:
    """How old a report is as it is made, its delay (and, of a source's lead, the rest) so that a share is less."""
    hours = float(observer.delay_h.quantile(np.array([share]))[0])
    if isinstance(observer, HumanSource):
        hours -= float(observer.lead_h.quantile(np.array([1.0 - share]))[0])
    return hours


def _times(sun: Sun, spec: TransferSource, duration_h: float, lon: float, lat: float) -> tuple[Floats, Floats]:
    """Hours of beginning and end of transfers spread evenly over their distribution, (n,)."""
    days = max(1.0, np.floor(duration_h / HOURS_PER_DAY))
    base = (np.arange(_STARTS) + 0.5) / _STARTS * days * HOURS_PER_DAY
    begin = begin_times(sun, spec.night_share, base, np.full(_STARTS, lon), np.full(_STARTS, lat))
    length = spec.duration_h.quantile((np.arange(_LENGTHS) + 0.5) / _LENGTHS)
    return np.repeat(begin, _LENGTHS), (begin[:, None] + length).ravel()


def _passes_between(
    sun: Sun, observer: Satellite, phase: float, begin: Floats, end: Floats, lon: float, lat: float
) -> float:
    """Passes between begin and end, by day if it needs that, on average."""
    every = observer.revisit_h
    numbers = np.arange(np.floor((begin.min() - phase) / every), np.ceil((end.max() - phase) / every) + 1.0)
    hours = phase + numbers * every
    lit = np.ones(hours.size)
    if observer.sensor == "optical":
        lit = (sun.elevation(hours, np.full(hours.size, lon), np.full(hours.size, lat)) > SUNSET_DEG).astype(float)
    upto = np.concatenate([[0.0], np.cumsum(lit)])
    return float(np.mean(upto[np.searchsorted(hours, end)] - upto[np.searchsorted(hours, begin)]))


def _share_longer(duration_h: Quantity, hours: float) -> float:
    """The share of durations above some hours."""
    lengths = duration_h.quantile((np.arange(1000) + 0.5) / 1000)
    return float(np.mean(lengths > hours))


def calm_share(environment: Environment, spec: TransferSource) -> float:
    """The share of time in which the sea lets transfers begin; of a series the share of its rows."""
    most = spec.max_sea_state
    if most is None:
        return 1.0
    if environment.sea_state is not None:
        return float(environment.sea_state <= most)
    for states in environment.processes.values():
        if any(one.sea_state is not None for one in states.values()):
            shares = time_shares(states)
            return sum(share for name, share in shares.items() if (states[name].sea_state or 0) <= most)
    series = environment.series
    if series is not None and series.sea_state is not None:
        return float(np.mean(np.array(series.sea_state) <= most))
    return 1.0
