"""Reports on their way: what observers and crews see is reported, carried by agreements, and heard by cells.

Cells learn at the moment at which a report arrives; whoever waits for their news is woken.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import numpy as np
import simpy

from sim.core import chance
from sim.core.arrays import Entities, Ints
from sim.core.codes import Purpose
from sim.core.motion import Motion
from sim.deployment.contacts import DARK
from sim.deployment.inbox import Inbox
from sim.deployment.patrols import heeding_patrols
from sim.deployment.pursuit import Process
from sim.deployment.sorties import TipFlight
from sim.deployment.transfers import TransferTable
from sim.model.cells import Cell, CellState, ReceivedReport, Tip
from sim.model.observers.base import ObserverPlan
from sim.model.report_deliveries import Delivery, ReportBatch, deliver
from sim.model.report_paths import Network, plan_network
from sim.model.sightings import patrol_report, plan_observers, realise_reports
from sim.scenario.schema import Scenario

_NOTHING = "not_classified"
_RUNGS = ("detected", "classified", "documented", _NOTHING)


@dataclass(frozen=True)
class DisseminationPlan:
    """Who sees, who tells whom, and whose crews act on it."""

    observers: list[ObserverPlan]
    network: Network
    cells: dict[str, Cell]
    """Of the nations that have a patrol which heeds tips."""
    crews: dict[str, list[tuple[ObserverPlan, str]]]
    """Those who report what a patrol finds, by patrol, and from which rung of the ladder on."""
    nations: dict[str, str]
    """The nation of each patrol, "" for none."""
    heeding: dict[str, str]
    """The nation of each patrol that heeds tips."""


class Made(NamedTuple):
    """A report as it was made."""

    observer: int
    identity: np.uint64
    target: int
    """The transfer that it is about, a row of the table; -1 for none."""
    seen_h: float
    made_h: float
    x: float
    y: float
    error_nmi: float


class Arrival(NamedTuple):
    """A copy of a report at a cell."""

    report: int
    nation: str
    arrived_h: float
    error_nmi: float
    path: tuple[str, ...]
    tip: Tip


def plan_dissemination(scenario: Scenario) -> DisseminationPlan | None:
    """Make observers and agreements ready; None where nobody would ever act on a tip."""
    heeding = {name: patrol.nation or "" for name, patrol in heeding_patrols(scenario).items()}
    if not heeding:
        return None
    cells = {nation: scenario.nations[nation].cell for nation in sorted(set(heeding.values()))}
    plans = plan_observers(scenario)
    network = plan_network(scenario.agreements, scenario.start, scenario.duration_h)
    crews: dict[str, list[tuple[ObserverPlan, str]]] = {}
    for plan in plans:
        if plan.spec.crew is not None:
            patrol, rung = plan.spec.crew
            crews.setdefault(patrol, []).append((plan, rung))
    nations = {name: patrol.nation or "" for name, patrol in scenario.patrols.items()}
    return DisseminationPlan(plans, network, cells, crews, nations, heeding)


@dataclass
class Dissemination:
    """The reports of one replication."""

    env: simpy.Environment
    plan: DisseminationPlan
    key: Entities
    targets: Motion
    table: TransferTable
    """The transfers, those shortly before and after the deployment too."""
    rows: Ints
    """Row of that table of each transfer among the targets, which come first there."""
    end_h: float
    made: list[Made] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)
    said: set[tuple[int, int]] = field(default_factory=set)
    """What crews have reported: observer and target."""

    def __post_init__(self) -> None:
        """Cells that know nothing yet."""
        self.cells = {nation: CellState(spec) for nation, spec in self.plan.cells.items()}
        self.news = {nation: self.env.event() for nation in self.plan.cells}

    def watch(self) -> None:
        """Let all report that watch by themselves: what they see does not depend on anybody else."""
        table = self.table
        found = realise_reports(
            self.plan.observers, self.key, table.begin, table.end, table.x, table.y, table.vessels,
            (table.traits & DARK) > 0,
        )  # fmt: skip
        rows = zip(*(column.tolist() for column in found), strict=True)
        self._send([Made(*row) for row in rows])

    def saw(self, patrol: str, rung: str, target: int, hour: float) -> None:
        """A crew has detected, classified or documented a vessel: those report it who report such things.

        What it has looked at and not recognised it takes back.
        """
        for observer, wanted in self.plan.crews.get(patrol, ()):
            known = (observer.number, target) in self.said
            news = rung == "documented" or (rung == wanted and not known) or (rung == _NOTHING and known)
            if not news:
                continue
            self.said.add((observer.number, target))
            x, y = self.targets.place_at(target, hour)
            report = patrol_report(observer, self.key, self.targets.vessels[target], hour, x, y)
            if report is not None and report.made_h < self.end_h:
                about = int(self.rows[target]) if target < self.rows.size else -1
                one = Made(observer.number, report.identity, about, *report[2:])
                if rung == _NOTHING:
                    self._take_back(one)
                else:
                    self._send([one], closes=rung == "documented")

    def _send(self, reports: list[Made], closes: bool = False) -> None:
        """Give reports to all cells that they can reach."""
        first = len(self.made)
        self.made += reports
        for copy in self._copies(reports):
            self._arrive_later(first + copy.report, copy, closes)

    def _copies(self, reports: list[Made]) -> list[Delivery]:
        """What of some reports reaches the cells before the end."""
        who = [self.plan.observers[one.observer].spec for one in reports]
        batch = ReportBatch(
            np.array([one.identity for one in reports], np.uint64),
            [spec.nation for spec in who],
            [spec.kind for spec in who],
            [spec.classification for spec in who],
            np.array([one.made_h for one in reports]),
            np.array([one.error_nmi for one in reports]),
        )
        found = deliver(self.plan.network, self.key, batch, list(self.cells))
        return [copy for copy in found if copy.arrived_h < self.end_h]

    def _take_back(self, report: Made) -> None:
        """A crew has looked at what it reported, and it was nothing: whoever had the report is told so."""
        for copy in self._copies([report]):
            self.env.process(self._forget(copy, report.identity))

    def _forget(self, copy: Delivery, identity: np.uint64) -> Process:
        yield self.env.timeout(max(0.0, copy.arrived_h - self.env.now))
        self.cells[copy.nation].forget(int(identity))

    def _arrive_later(self, number: int, copy: Delivery, closes: bool) -> None:
        own = len(copy.path) == 1 and self.plan.observers[self.made[number].observer].spec.crew is not None
        if own and not closes:
            return  # its own crews know what they have seen
        if copy.arrived_h <= self.env.now:
            self._arrive(number, copy, closes)
        else:
            self.env.process(self._travel(number, copy, closes))

    def _travel(self, number: int, copy: Delivery, closes: bool) -> Process:
        yield self.env.timeout(copy.arrived_h - self.env.now)
        self._arrive(number, copy, closes)

    def _arrive(self, number: int, copy: Delivery, closes: bool) -> None:
        made, cell = self.made[number], self.cells[copy.nation]
        spec = self.plan.observers[made.observer].spec
        blur = math.sqrt(max(0.0, copy.error_nmi**2 - made.error_nmi**2))
        x, y = made.x, made.y
        if blur > 0.0:  # the same luck for every copy: one that lost less lies nearer
            one, other = chance.uniforms(self.key, Purpose.REPORT_PLACE, np.array([made.identity], np.uint64), 9)[0]
            away = blur * math.sqrt(-2.0 * math.log(one))
            x, y = x + away * math.cos(2.0 * math.pi * other), y + away * math.sin(2.0 * math.pi * other)
        place, luck = (x, y, copy.error_nmi), int(made.identity)
        received = ReceivedReport(number, made.target, made.seen_h, *place, spec.credibility, luck)
        tip = cell.receive(copy.arrived_h, received)
        self.arrivals.append(Arrival(number, copy.nation, copy.arrived_h, copy.error_nmi, copy.path, tip))
        if closes:
            tip.done = True
            cell.settle(made.x, made.y, made.seen_h)
        if made.seen_h > self.env.now:  # told beforehand: crews think of it again when it begins
            self.env.process(self._remind(copy.nation, made.seen_h))
        self._tell(copy.nation)

    def _tell(self, nation: str) -> None:
        self.news[nation].succeed()
        self.news[nation] = self.env.event()

    def _remind(self, nation: str, hour: float) -> Process:
        yield self.env.timeout(hour - self.env.now)
        self.cells[nation].changes += 1
        self._tell(nation)


def disseminate(env: simpy.Environment, plan: DisseminationPlan, inbox: Inbox, table: TransferTable) -> Dissemination:
    """Let observers watch and reports travel; crews report and are told through their inbox.

    `table`: the transfers, with those that `margin_h` asks for.
    """
    rows = np.flatnonzero(table.are_during(inbox.end_h))
    dissemination, report = Dissemination(env, plan, inbox.key, inbox.targets, table, rows, inbox.end_h), inbox.report

    def heard_by_others(
        time_h: float, event: str, patrol: str, sortie: int, vessel: int, x: float, y: float, detail: str
    ) -> None:
        report(time_h, event, patrol, sortie, vessel, x, y, detail)
        own = dissemination.cells.get(plan.nations.get(patrol, ""))
        if event == "documented" and own is not None:
            own.settle(x, y, time_h)
        if event in _RUNGS and patrol in plan.crews:
            dissemination.saw(patrol, event, vessel, time_h)

    inbox.report, inbox.cells = heard_by_others, dissemination.cells
    inbox.news = lambda nation: dissemination.news[nation or ""]
    dissemination.watch()
    return dissemination


# ---------------------------------------------------------------------------------------------------- what came of it
class Row(NamedTuple):
    """One report and one cell: whether it reached it, and what the cell's crews made of it."""

    report: int
    nation: str
    arrival: Arrival | None
    followed: TipFlight | None
    fruitful: bool


def rows_of_tips(dissemination: Dissemination, flown: Sequence[TipFlight]) -> list[Row]:
    """Every report of the deployment, for every cell; its first copy, and the first flight for its tip after it came.

    One that arrived before hour 0, or was made then and never did, is no row.
    """
    first: dict[tuple[int, str], Arrival] = {}
    for one in dissemination.arrivals:
        first.setdefault((one.report, one.nation), one)
    flights: dict[tuple[str, int], list[TipFlight]] = {}
    for flight in flown:
        flights.setdefault((flight.nation, flight.tip), []).append(flight)
    rows = []
    for number, nation in product(range(len(dissemination.made)), dissemination.cells):
        arrival = first.get((number, nation))
        if (arrival.arrived_h if arrival else dissemination.made[number].made_h) < 0.0:
            continue
        on_it = flights.get((nation, arrival.tip.number), []) if arrival else []
        followed = [one for one in on_it if arrival and arrival.arrived_h <= one.begin_h < dissemination.end_h]
        target = dissemination.made[number].target
        fruitful = any(target in dissemination.rows[one.documented] for one in followed)
        rows.append(Row(number, nation, arrival, followed[0] if followed else None, fruitful))
    return rows
