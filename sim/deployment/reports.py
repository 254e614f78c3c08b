"""How reports travel: what observers and crews report, how agreements carry it, and when the cells receive it.

Where no crew follows tips, reports travel to no cell, and what observers report is only recorded.

A cell learns of a report at the hour at which a copy of it arrives, and crews in the air that wait for news of their
cell are woken then.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import simpy

from sim.core import chance
from sim.core.arrays import Entities, Flags, Ints
from sim.core.codes import Purpose
from sim.deployment.ais_load import SendersInView
from sim.deployment.events import Event
from sim.deployment.inbox import Inbox
from sim.deployment.observed import ObservedSources
from sim.deployment.patrols import patrols_following_tips
from sim.deployment.stints import Stint
from sim.deployment.transfers import TransferTable
from sim.deployment.waiting import Process
from sim.model.cells import Cell, CellState, ReceivedReport, Tip
from sim.model.observers.base import ObserverPlan
from sim.model.report_deliveries import Delivery, ReportBatch, deliver
from sim.model.report_paths import Network, plan_network
from sim.model.sightings import (
    Report,
    Sightings,
    eyes_of,
    patrol_report,
    plan_observers,
    reports_at_sea,
    reports_of_transfers,
)
from sim.scenario.schema import Scenario

_WITHDRAWN_BY = "not_classified"
"""The event by which a crew withdraws its report of a vessel that is no transfer."""
_BLUR_COUNTER = 9  # the draw of a report's place from which the error added by sanitising is made


@dataclass(frozen=True)
class DisseminationPlan:
    """Who reports, over which agreements reports travel, and whose crews follow tips: the same in all replications."""

    observers: list[ObserverPlan]
    network: Network
    cells: dict[str, Cell]
    """The cells of the nations that have a patrol which follows tips; none where no patrol does."""
    crews: dict[str, list[tuple[ObserverPlan, str]]]
    """By patrol: the observers that report what its crews find, and the rung of the ladder from which they report;
    none where there are no cells, since only cells make use of what crews report."""
    nations: dict[str, str]
    """The nation of each patrol, "" for none."""
    tip_nations: dict[str, str]
    """The nation of each patrol that follows tips."""
    sources: ObservedSources
    """What observers can know of the vessels of transfers."""


class Arrival(NamedTuple):
    """The arrival of a copy of a report at a cell."""

    report: int
    """Number of the report in the replication."""
    nation: str
    arrived_h: float
    error_nmi: float
    """Standard deviation of the place in each axis, sanitising included."""
    path: tuple[str, ...]
    """The nations that held the report, its origin first."""
    tip: Tip
    """The tip to which the report belongs at this cell."""


def plan_dissemination(scenario: Scenario) -> DisseminationPlan | None:
    """Prepare observers, agreements and cells; None where no patrol would ever follow a tip and only crews observe."""
    tip_nations = {name: patrol.nation or "" for name, patrol in patrols_following_tips(scenario).items()}
    if not tip_nations and not eyes_of(scenario):
        return None
    cells = {nation: scenario.nations[nation].cell for nation in sorted(set(tip_nations.values()))}
    plans = plan_observers(scenario, SendersInView(scenario))
    network = plan_network(scenario.agreements, scenario.start, scenario.duration_h)
    crews: dict[str, list[tuple[ObserverPlan, str]]] = {}
    for plan in plans:
        if plan.spec.crew is not None and cells:
            patrol, rung = plan.spec.crew
            crews.setdefault(patrol, []).append((plan, rung))
    nations = {name: patrol.nation or "" for name, patrol in scenario.patrols.items()}
    return DisseminationPlan(plans, network, cells, crews, nations, tip_nations, ObservedSources.of(scenario))


@dataclass
class Dissemination:
    """The reports of one replication, their arrivals, and what the cells make of them."""

    env: simpy.Environment
    plan: DisseminationPlan
    key: Entities
    """Key of the replication, (2,)."""
    inbox: Inbox
    """Its targets are the vessels that can change a flight; the transfers of the deployment come first."""
    transfers: TransferTable
    """The transfers, with those that end shortly before the deployment or begin shortly after it."""
    rows: Ints
    """Row in `transfers` of each transfer among the targets."""
    end_h: float
    reports: list[Report] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    reported: set[tuple[int, int]] = field(default_factory=set)
    """What crews have reported: number of the observer, and target."""

    void: set[int] = field(default_factory=set)
    """The numbers of the reports that are not made, because the vessels have changed their minds."""

    def __post_init__(self) -> None:
        """Begin with cells that have received nothing."""
        self.cells = {nation: CellState(spec) for nation, spec in self.plan.cells.items()}
        self.news = {nation: self.env.event() for nation in self.plan.cells}
        """By nation: the event of the next news of its cell."""

    def send_sightings(self, sightings: Sightings) -> None:
        """Send the reports of all observers but crews; their targets are rows of `transfers`."""
        rows = zip(*(column.tolist() for column in sightings), strict=True)
        self._send([Report(*row) for row in rows])

    def see_again(self, pair: int, stint: Stint | None) -> None:
        """Let observers see a pair in another stint than they would have, or not at all.

        What has been seen or foretold by now stays. What would have been foretold before now is reported at once.
        """
        now, row = self.env.now, int(self.rows[pair])
        for number, report in enumerate(self.reports):
            if report.target == row and min(report.seen_h, report.made_h) > now:
                self.void.add(number)
        if stint is None:
            return
        only = np.arange(self.transfers.begin.size) == row
        begin, end, x, y = (np.array([number]) for number in stint)
        transfer = self.plan.sources.at_sea(self.transfers.select(only), self.key)
        vessels = self.inbox.targets.vessels[[pair]]  # a pair that comes again has another identity, and so other luck
        transfer = transfer._replace(begin=begin, end=end, x=x, y=y, vessels=vessels)
        found = reports_of_transfers(self.plan.observers, self.key, transfer)
        reports = [Report(*values) for values in zip(*(column.tolist() for column in found), strict=True)]
        self._send([report._replace(target=row, made_h=max(now, report.made_h)) for report in reports])

    def note_transfers(self, happened: TransferTable) -> None:
        """Note how the transfers of the deployment took place, which differs where vessels answer to aircraft."""
        columns = {name: getattr(self.transfers, name).copy() for name in ("begin", "end", "x", "y")}
        for name, column in columns.items():
            column[self.rows] = getattr(happened, name)
        self.transfers = replace(self.transfers, **columns)

    def reported_by(self) -> dict[str, Flags]:
        """By observer, sorted, crews left out: whether it reported each transfer among the targets, (n,)."""
        found = {plan.name: np.zeros(self.rows.size, bool) for plan in self.plan.observers if plan.spec.crew is None}
        pairs = {row: pair for pair, row in enumerate(self.rows.tolist())}
        for number, report in enumerate(self.reports):
            seen = found.get(self.plan.observers[report.observer].name)
            is_made = number not in self.void and report.made_h < self.end_h
            if seen is not None and is_made and report.target in pairs:
                seen[pairs[report.target]] = True
        return found

    def report_find(self, patrol: str, event: str, target: int, hour: float) -> None:
        """Let the observers of a patrol report what its crew has detected, classified or documented at an hour.

        An observer reports a vessel once, from its rung of the ladder on, and again when it is documented. It withdraws
        its report when the crew has investigated the vessel and not recognised a transfer.
        """
        for observer, rung in self.plan.crews.get(patrol, ()):
            reported_before = (observer.number, target) in self.reported
            withdraws = event == _WITHDRAWN_BY and reported_before
            if not (event == "documented" or (event == rung and not reported_before) or withdraws):
                continue
            self.reported.add((observer.number, target))
            transfer = int(self.rows[target]) if target < self.rows.size else -1
            x, y = self.inbox.targets.place_at(target, hour)
            report = patrol_report(observer, self.key, self.inbox.targets.vessels[target], transfer, hour, x, y)
            if report is None or report.made_h >= self.end_h:
                continue
            if withdraws:
                self._withdraw(report)
            else:
                self._send([report], documented=event == "documented")

    def _send(self, reports: list[Report], documented: bool = False) -> None:
        """Send reports to all cells that they can reach; `documented`: a crew has documented what they are about."""
        first = len(self.reports)
        self.reports += reports
        for copy in self._copies(reports):
            self._schedule_arrival(first + copy.report, copy, documented)

    def _copies(self, reports: list[Report]) -> list[Delivery]:
        """The copies of some reports that reach cells before the end of the deployment."""
        observers = [self.plan.observers[report.observer].spec for report in reports]
        batch = ReportBatch(
            np.array([report.identity for report in reports], np.uint64),
            [spec.nation for spec in observers],
            [spec.kind for spec in observers],
            [spec.classification for spec in observers],
            np.array([report.made_h for report in reports]),
            np.array([report.error_nmi for report in reports]),
        )
        copies = deliver(self.plan.network, self.key, batch, list(self.cells))
        return [copy for copy in copies if copy.arrived_h < self.end_h]

    def _withdraw(self, report: Report) -> None:
        """Withdraw a report at every cell that it has reached, over the same agreements with the same delays."""
        for copy in self._copies([report]):
            self.env.process(self._withdraw_at_cell(copy, report.identity))

    def _withdraw_at_cell(self, copy: Delivery, identity: np.uint64) -> Process:
        yield self.env.timeout(max(0.0, copy.arrived_h - self.env.now))
        self.cells[copy.nation].withdraw(int(identity))

    def _schedule_arrival(self, number: int, copy: Delivery, documented: bool) -> None:
        observer = self.plan.observers[self.reports[number].observer]
        by_own_crew = len(copy.path) == 1 and observer.spec.crew is not None
        if by_own_crew and not documented:
            return  # the crews of a nation know what they have found: it is no tip for them
        if copy.arrived_h <= self.env.now:
            self._arrive(number, copy, documented)
        else:
            self.env.process(self._arrive_later(number, copy, documented))

    def _arrive_later(self, number: int, copy: Delivery, documented: bool) -> Process:
        yield self.env.timeout(copy.arrived_h - self.env.now)
        self._arrive(number, copy, documented)

    def _arrive(self, number: int, copy: Delivery, documented: bool) -> None:
        if number in self.void:
            return
        report, cell = self.reports[number], self.cells[copy.nation]
        credibility = self.plan.observers[report.observer].spec.credibility
        place = (*self._sanitised_place(report, copy.error_nmi), copy.error_nmi)
        received = ReceivedReport(number, report.target, report.seen_h, *place, credibility, int(report.identity))
        tip = cell.receive(copy.arrived_h, received)
        self.arrivals.append(Arrival(number, copy.nation, copy.arrived_h, copy.error_nmi, copy.path, tip))
        if documented:
            tip.resolved = True
            cell.resolve(report.x, report.y, report.seen_h)
        if report.seen_h > self.env.now:  # foretold: crews consider the tip again when it begins
            self.env.process(self._wake_at(copy.nation, report.seen_h))
        self._wake_crews(copy.nation)

    def _sanitised_place(self, report: Report, error_nmi: float) -> tuple[float, float]:
        """The place of a report in a copy with a standard error in each axis, nmi, that sanitising may have increased.

        The added error is normal with the variance that is missing (Box & Muller 1958). Its two uniform numbers are the
        same for every copy, so a copy that has lost less precision is nearer to the place as first reported.
        """
        added = math.sqrt(max(0.0, error_nmi**2 - report.error_nmi**2))
        if added <= 0.0:
            return report.x, report.y
        identity = np.array([report.identity], np.uint64)
        u, v = chance.uniforms(self.key, Purpose.REPORT_PLACE, identity, _BLUR_COUNTER)[0]
        distance = added * math.sqrt(-2.0 * math.log(u))
        return report.x + distance * math.cos(2.0 * math.pi * v), report.y + distance * math.sin(2.0 * math.pi * v)

    def _wake_crews(self, nation: str) -> None:
        """Wake the crews that wait for news of a cell, and let them wait for the next."""
        self.news[nation].succeed()
        self.news[nation] = self.env.event()

    def _wake_at(self, nation: str, hour: float) -> Process:
        yield self.env.timeout(hour - self.env.now)
        self.cells[nation].changes += 1
        self._wake_crews(nation)


def observe(plan: DisseminationPlan, key: Entities, transfers: TransferTable) -> Sightings:
    """The reports of all observers but crews in one replication: what they see does not depend on who flies.

    `transfers`: those of the deployment, and those within the margin of `sim.model.sightings.margin_h`. The targets of
    the reports are its rows. `key` is the key of the replication, (2,).
    """
    return reports_at_sea(plan.observers, key, plan.sources.at_sea(transfers, key))


def disseminate(
    env: simpy.Environment, plan: DisseminationPlan, inbox: Inbox, transfers: TransferTable, sightings: Sightings
) -> Dissemination:
    """Start the dissemination of one replication, and connect the crews to it through their inbox.

    What a crew writes down is still written down; finds are reported as well, and what a crew documents is resolved at
    the cell of its own nation at once. Without cells nothing is connected. `transfers` and `sightings` are as in
    `observe`.
    """
    rows = np.flatnonzero(transfers.is_alongside_within(inbox.end_h))
    dissemination = Dissemination(env, plan, inbox.key, inbox, transfers, rows, inbox.end_h)
    if plan.cells:
        _connect(dissemination, inbox)
    dissemination.send_sightings(sightings)
    return dissemination


def _connect(dissemination: Dissemination, inbox: Inbox) -> None:
    """Let crews report through their inbox, and learn there what their cells know."""
    plan = dissemination.plan
    write_down = inbox.report_all
    finds = {
        patrol: {"documented", _WITHDRAWN_BY, *(rung for _, rung in observers)}
        for patrol, observers in plan.crews.items()
    }

    def report_all(events: Sequence[Event]) -> None:
        write_down(events)
        for event in events:
            if event.event == "documented" and (
                own_cell := dissemination.cells.get(plan.nations.get(event.patrol, ""))
            ):
                own_cell.resolve(event.x, event.y, event.time_h)
            if event.event in finds.get(event.patrol, ()):
                dissemination.report_find(event.patrol, event.event, event.vessel, event.time_h)

    inbox.report_all, inbox.cells = report_all, dissemination.cells
    inbox.news = lambda nation: dissemination.news[nation or ""]
