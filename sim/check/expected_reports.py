"""Expected reports of observers: how many they make, over which agreements they reach a nation, and how old they are.

These are means and medians for tables and rules; nothing is simulated.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats
from sim.core.units import HOURS_PER_DAY
from sim.deployment.ais_load import SendersInView
from sim.deployment.patrols import patrols_following_tips
from sim.model.beginnings import NoBeginningError, begin_density, begin_hours
from sim.model.calendar import season_spells
from sim.model.environment import Environment
from sim.model.local_times import Clock
from sim.model.observers.base import Observer, ObserverPlan
from sim.model.patrols import Patrol
from sim.model.report_paths import Network, ReportPath, plan_network
from sim.model.sightings import plan_observers
from sim.model.sun import Sun
from sim.model.transfers import HULL_GAP_M, TransferSource
from sim.model.weather_processes import time_shares
from sim.scenario.schema import Scenario

_BEGIN_TIMES, _DURATIONS = 240, 32  # points of the grid over which a mean over transfers is taken


class QuickestDelivery(NamedTuple):
    """How the reports of one observer reach a nation soonest."""

    observer: ObserverPlan
    nation: str
    path: ReportPath | None
    """The path with the least sum of delays, each at the quantile asked for; None if no report ever arrives."""

    @property
    def age_h(self) -> float:
        """The typical age of a report on arrival; negative for a transfer that is foretold."""
        hours = 0.0 if self.path is None else self.path.hours
        return hours + _age_when_made_h(self.observer.spec, 0.5)


@dataclass(frozen=True)
class ExpectedReports:
    """The reports that the observers of a scenario are expected to make, and the nations that receive them."""

    scenario: Scenario

    @cached_property
    def tip_patrols(self) -> dict[str, Patrol]:
        """The patrols that follow tips, by name."""
        return patrols_following_tips(self.scenario)

    @cached_property
    def tip_nations(self) -> list[str]:
        """The nations of the patrols that follow tips, in order."""
        return sorted({patrol.nation or "" for patrol in self.tip_patrols.values()})

    @cached_property
    def observers(self) -> list[ObserverPlan]:
        """The observers, by name."""
        return plan_observers(self.scenario, SendersInView(self.scenario))

    @cached_property
    def network(self) -> Network:
        """The agreements over which reports may pass in the deployment."""
        return plan_network(self.scenario.agreements, self.scenario.start, self.scenario.duration_h)

    def deliveries_to(self, nation: str, quantile: float = 0.5) -> list[QuickestDelivery]:
        """The quickest delivery of each observer's reports to a nation, with each delay at a quantile.

        A crew of that nation is left out, for the nation knows at once what its own crews see.
        """
        deliveries = []
        for plan in self.observers:
            spec = plan.spec
            if spec.crew is None or spec.nation != nation:
                path = self.network.fastest_path(spec.nation, spec.kind, spec.classification, nation, quantile)
                deliveries.append(QuickestDelivery(plan, nation, path))
        return deliveries

    def minimum_age_h(self, nation: str) -> float:
        """The least age that a report can have on arrival in a nation; infinite if none arrives."""
        ages = [
            delivery.path.hours + _age_when_made_h(delivery.observer.spec, 0.0)
            for delivery in self.deliveries_to(nation, 0.0)
            if delivery.path is not None
        ]
        return min(ages, default=np.inf)

    # ------------------------------------------------------------------------------------------------ how many
    def true_per_month(self, plan: ObserverPlan) -> float | None:
        """The mean number of true reports that an observer makes in 30 days; None for a crew: it depends on flights."""
        if plan.spec.crew is not None:
            return None
        sources = self.scenario.transfers.values()
        return sum(self._true_of_source(plan, source) for source in sources if source.ever_begins)

    def watched_share(self, plan: ObserverPlan, source: TransferSource) -> float:
        """The share of the sea of a source of transfers that an observer watches."""
        sea = self.scenario.plane.sea(self.scenario.areas[source.area].shape)
        return float(shapely.intersection(plan.sea, sea).area / sea.area)

    def _true_of_source(self, plan: ObserverPlan, source: TransferSource) -> float:
        share = self.watched_share(plan, source) * share_of_time_allowed(self.scenario, source)
        if share == 0.0:
            return 0.0
        clock, duration_h = self.scenario.clock, self.scenario.duration_h
        per_month = source.mean_per_month(clock, duration_h)
        if per_month == 0.0:
            return 0.0
        lengths = [self.scenario.vessels[hull].length_m for hull in source.hulls] or [np.nan, np.nan]
        expected = _ExpectedTransfers(source, duration_h, clock, np.array(lengths))
        return per_month * share * plan.spec.seen_per_transfer(plan, expected)


@dataclass(frozen=True)
class _ExpectedTransfers:
    """The distribution of the transfers of one source, as an observer needs it for its mean number of reports."""

    source: TransferSource
    duration_h: float
    clock: Clock
    """The clock of the scenario, by which a calendar is understood."""
    hulls_m: Floats
    """The lengths of its hulls, metres, (hulls,); NaN where a length is not known."""
    gap_m: float = HULL_GAP_M
    """The distance between two hulls."""

    @property
    def dark_share(self) -> float:
        """The chance that neither vessel transmits AIS."""
        return self.source.dark_share

    @property
    def partner_dark_share(self) -> float:
        """The chance that only one vessel transmits AIS if any does."""
        return self.source.partner_dark_share

    @property
    def spoofing_share(self) -> float:
        """The chance that its AIS claims are false."""
        return self.source.spoofing_share

    def share_longer(self, hours: float) -> float:
        """The share of the transfers that last longer than some hours."""
        durations = self.source.duration_h.quantile((np.arange(1000) + 0.5) / 1000)
        return float(np.mean(durations > hours))

    def times(self, sun: Sun, lon: float, lat: float) -> tuple[Floats, Floats]:
        """Hours of beginning and of end, spread evenly over their distribution at a place in degrees, (n,) each."""
        days = max(1.0, np.floor(self.duration_h / HOURS_PER_DAY))
        even = (np.arange(_BEGIN_TIMES) + 0.5) / _BEGIN_TIMES
        if self.source.varies:
            begin = self._begin_hours(sun, even, lon, lat)
        else:
            places = np.full(_BEGIN_TIMES, lon), np.full(_BEGIN_TIMES, lat)
            begin = begin_hours(sun, self.source.night_share, even * days * HOURS_PER_DAY, *places)
        durations = self.source.duration_h.quantile((np.arange(_DURATIONS) + 0.5) / _DURATIONS)
        return np.repeat(begin, _DURATIONS), (begin[:, None] + durations).ravel()

    def _begin_hours(self, sun: Sun, even: Floats, lon: float, lat: float) -> Floats:
        """The hours of beginning at some shares (n,) of their distribution, by calendar and hours of the day."""
        profile, place = self.source.rate(self.clock, 0.0, self.duration_h), (np.array([lon]), np.array([lat]))
        try:
            breaks, density = begin_density(sun, self.source.night_share, self.duration_h, *place, profile)
        except NoBeginningError:
            return even * self.duration_h
        upto = np.concatenate([[0.0], np.cumsum(density[0] * np.diff(breaks[0]))])
        return np.asarray(np.interp(even, upto, breaks[0]), float)


def _age_when_made_h(observer: Observer, quantile: float) -> float:
    """A quantile of a report's age when it is made, for a foretold transfer less the rest of the lead."""
    hours = float(observer.delay_h.quantile(np.array([quantile]))[0])
    if observer.lead_time_h is not None:
        hours -= float(observer.lead_time_h.quantile(np.array([1.0 - quantile]))[0])
    return hours


def share_of_time_allowed(scenario: Scenario, source: TransferSource) -> float:
    """The share of time in which the sea state lets transfers of a source begin; for a series, the share of rows."""
    most, environment = source.max_sea_state, scenario.environment
    if most is None:
        return 1.0
    allowed = _allowed_all_year(environment, most)
    for name, seasons in environment.seasonal.items():
        states = environment.processes[name]
        if any(state.sea_state is not None for state in states.values()):
            spells = season_spells(seasons, scenario.clock, 0.0, scenario.duration_h)
            hours = sum(min(end, scenario.duration_h) - max(begin, 0.0) for begin, end in spells)
            calm = sum(share for state, share in time_shares(states).items() if (states[state].sea_state or 0) <= most)
            allowed += hours / scenario.duration_h * (calm - _allowed_all_year(environment, most))
    return allowed


def _allowed_all_year(environment: Environment, most: float) -> float:
    """The share of time in which the sea state is at most so high by what sets it outside of all seasons."""
    if environment.sea_state is not None:
        return float(environment.sea_state <= most)
    for process, states in environment.processes.items():
        if process not in environment.seasonal and any(state.sea_state is not None for state in states.values()):
            shares = time_shares(states)
            return sum(share for name, share in shares.items() if (states[name].sea_state or 0) <= most)
    series = environment.series
    if series is not None and series.sea_state is not None:
        return float(np.mean(np.array(series.sea_state) <= most))
    return 1.0
