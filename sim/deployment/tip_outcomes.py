"""What came of reports in one replication: whether each reached each cell, and the flights for the tips made of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from sim.deployment.reports import Arrival, Dissemination
from sim.deployment.sorties import TipFlight


class ReportOutcome(NamedTuple):
    """One report and one cell: whether the report reached it, and what the crews of the cell made of it."""

    report: int
    """Number of the report in the replication."""
    nation: str
    """The nation of the cell."""
    arrival: Arrival | None
    """The first arrival of a copy; None: none arrived."""
    followed: TipFlight | None
    """The first flight for its tip after it arrived; None: there was none."""
    fruitful: bool
    """Whether such a flight documented the transfer that the report is about."""


def report_outcomes(dissemination: Dissemination, flights: Sequence[TipFlight]) -> list[ReportOutcome]:
    """The outcome of every report of the deployment at every cell, in the order of reports, then of cells.

    A report that arrived at a cell before hour 0, or was made then and never arrived, has no outcome there, and one
    that vessels made void has none anywhere.
    """
    first: dict[tuple[int, str], Arrival] = {}
    for arrival in dissemination.arrivals:
        first.setdefault((arrival.report, arrival.nation), arrival)
    by_tip: dict[tuple[str, int], list[TipFlight]] = {}
    for flight in flights:
        by_tip.setdefault((flight.nation, flight.tip), []).append(flight)
    outcomes = []
    for number, nation in product(range(len(dissemination.reports)), dissemination.cells):
        found, report = first.get((number, nation)), dissemination.reports[number]
        if (found.arrived_h if found else report.made_h) < 0.0 or number in dissemination.void:
            continue
        followed: list[TipFlight] = []
        if found is not None:
            candidates = by_tip.get((nation, found.tip.number), [])
            followed = [flight for flight in candidates if found.arrived_h <= flight.begin_h < dissemination.end_h]
        fruitful = any(report.target in dissemination.rows[flight.documented] for flight in followed)
        outcomes.append(ReportOutcome(number, nation, found, followed[0] if followed else None, fruitful))
    return outcomes


STAGES = ("made", "arrived", "in_time", "followed", "fruitful")
"""How far a report may come at a cell, each stage beyond the one before it; see `TipRecord.stage`."""


@dataclass(frozen=True)
class TipRecord:
    """Reports and tips of one replication, from which the totals of tips are computed."""

    dissemination: Dissemination
    flights: list[TipFlight]
    documented: Mapping[int, tuple[float, str]]
    """By target, for each counted transfer that was documented: the hour at which it first was, and the nation of that
    crew, "" if the crew follows no tips."""

    @cached_property
    def outcomes(self) -> list[ReportOutcome]:
        """The outcome of every report at every cell."""
        return report_outcomes(self.dissemination, self.flights)

    @cached_property
    def sent(self) -> list[ReportOutcome]:
        """The outcomes of the reports that another nation than the cell's made within the deployment."""
        observers, reports = self.dissemination.plan.observers, self.dissemination.reports
        return [
            outcome
            for outcome in self.outcomes
            if observers[reports[outcome.report].observer].spec.nation != outcome.nation
            and not reports[outcome.report].made_h < 0.0
        ]

    @cached_property
    def funnel(self) -> list[tuple[ReportOutcome, int]]:
        """The outcomes of all reports of the deployment that could become tips, each with how far it came.

        A crew's report to its own nation is no tip: its nation knows what it has found.
        """
        observers, reports = self.dissemination.plan.observers, self.dissemination.reports
        found = []
        for outcome in self.outcomes:
            report = reports[outcome.report]
            spec = observers[report.observer].spec
            is_by_own_crew = spec.crew is not None and spec.nation == outcome.nation
            if not report.made_h < 0.0 and not is_by_own_crew:
                found.append((outcome, self.stage(outcome)))
        return found

    def stage(self, outcome: ReportOutcome) -> int:
        """How far a report came at a cell, as a place in `STAGES`.

        It was made; it arrived at the cell; it did so before the pair parted that it is about; a crew flew to its tip
        afterwards; such a flight documented the pair. A false report is about no pair.
        """
        target = self.dissemination.reports[outcome.report].target
        if outcome.arrival is None:
            return STAGES.index("made")
        if target < 0 or not outcome.arrival.arrived_h < self.dissemination.transfers.end[target]:
            return STAGES.index("arrived")
        if outcome.followed is None:
            return STAGES.index("in_time")
        return STAGES.index("fruitful" if outcome.fruitful else "followed")

    def came_to(self, stage: str, observer: str | None = None, nation: str | None = None, own: bool = False) -> int:
        """How many reports, counted once for each cell, came as far as a stage.

        Only those of an observer, of a nation's observers, or with `own` of the cell's own nation, if one is given.
        """
        observers, reports = self.dissemination.plan.observers, self.dissemination.reports
        count = 0
        for outcome, reached in self.funnel:
            of = observers[reports[outcome.report].observer]
            named = observer in (None, of.name) and nation in (None, of.spec.nation)
            count += reached >= STAGES.index(stage) and named and (not own or of.spec.nation == outcome.nation)
        return count

    @cached_property
    def flown(self) -> list[TipFlight]:
        """The flights for tips that began within the deployment."""
        return [flight for flight in self.flights if flight.begin_h < self.dissemination.end_h]

    def hours(self, flight: TipFlight) -> float:
        """How many hours of the deployment a flight for a tip took."""
        return min(flight.end_h, self.dissemination.end_h) - flight.begin_h

    def is_stale(self, flight: TipFlight) -> bool:
        """Whether all pairs that a true tip was about had parted before the aircraft could be there."""
        ends = self.dissemination.transfers.end
        return bool(flight.about) and all(ends[target] <= flight.arrival_h for target in flight.about)

    def is_fruitful(self, flight: TipFlight) -> bool:
        """Whether a flight documented a transfer that its tip was about."""
        return bool(flight.about & set(self.dissemination.rows[flight.documented].tolist()))
