"""What reports a scenario may expect: how many an observer makes, by which way they come to a cell, how old they are.

Means and medians that tables and rules are made of; nothing is simulated.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY
from sim.deployment.patrols import heeding_patrols
from sim.model.beginnings import begin_hours
from sim.model.environment import Environment
from sim.model.observers.base import Observer, ObserverPlan
from sim.model.patrols import Patrol
from sim.model.report_paths import Network, ReportPath, plan_network
from sim.model.ships import TransferSource
from sim.model.sightings import plan_observers
from sim.model.sun import Sun
from sim.model.weather_processes import time_shares
from sim.scenario.schema import Scenario

_STARTS, _LENGTHS = 240, 32  # of a mean over transfers: hours of beginning, durations


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
        return plan_observers(self.scenario)

    @cached_property
    def network(self) -> Network:
        """The agreements over which something may pass."""
        return plan_network(self.scenario.agreements, self.scenario.start, self.scenario.duration_h)

    def ways_to(self, cell: str, share: float = 0.5) -> list[Tipped]:
        """How the reports of each observer come to a cell, each delay being the one below which a share lies."""
        return [
            Tipped(
                one,
                cell,
                self.network.fastest_path(one.spec.nation, one.spec.kind, one.spec.classification, cell, share),
            )
            for one in self.observers
            if not self._knows_anyway(one, cell)
        ]

    def _knows_anyway(self, one: ObserverPlan, cell: str) -> bool:
        """Whether it is a crew of the cell's own nation: they know what they have seen."""
        return one.spec.crew is not None and one.spec.nation == cell

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
        if plan.spec.crew is not None:
            return None
        return sum(self._reports_of(plan, spec) for spec in self.scenario.transfers.values() if spec.per_month > 0.0)

    def watches(self, plan: ObserverPlan, spec: TransferSource) -> float:
        """The share of the sea of some transfers that an observer watches."""
        sea = self.scenario.plane.sea(self.scenario.areas[spec.area].shape)
        return float(shapely.intersection(plan.sea, sea).area / sea.area)

    def _reports_of(self, plan: ObserverPlan, spec: TransferSource) -> float:
        share = self.watches(plan, spec) * calm_share(self.scenario.environment, spec)
        if share == 0.0:
            return 0.0
        return spec.per_month * share * plan.spec.seen_per_transfer(plan, _Expected(spec, self.scenario.duration_h))


@dataclass(frozen=True)
class _Expected:
    """What is known beforehand of the transfers of one source."""

    source: TransferSource
    duration_h: float

    @property
    def dark_share(self) -> float:
        """Chance that neither vessel has its AIS on."""
        return self.source.dark_share

    def share_longer(self, hours: float) -> float:
        """Share of the transfers that last longer than some hours."""
        lengths = self.source.duration_h.quantile((np.arange(1000) + 0.5) / 1000)
        return float(np.mean(lengths > hours))

    def times(self, sun: Sun, lon: float, lat: float) -> tuple[Floats, Floats]:
        """Hours of beginning and end, spread evenly over their distribution, (n,)."""
        days = max(1.0, np.floor(self.duration_h / HOURS_PER_DAY))
        base = (np.arange(_STARTS) + 0.5) / _STARTS * days * HOURS_PER_DAY
        begin = begin_hours(sun, self.source.night_share, base, np.full(_STARTS, lon), np.full(_STARTS, lat))
        length = self.source.duration_h.quantile((np.arange(_LENGTHS) + 0.5) / _LENGTHS)
        return np.repeat(begin, _LENGTHS), (begin[:, None] + length).ravel()


def _age_when_made(observer: Observer, share: float) -> float:
    """How old a report is as it is made, its delay (and, of a source's lead, the rest) so that a share is less."""
    hours = float(observer.delay_h.quantile(np.array([share]))[0])
    if observer.lead_time_h is not None:
        hours -= float(observer.lead_time_h.quantile(np.array([1.0 - share]))[0])
    return hours


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
