"""The intelligence cell of a nation: it fuses the reports of one event into a tip with a place, an age and a chance.

A cell knows the reports that have reached it and nothing else. What a crew does about a tip is decided in
`sim.deployment.tips`.
"""

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from sim.core.arrays import Floats
from sim.core.fields import Nmi, OneLine, Part, Probability

PROBABLE_ERROR = math.sqrt(2.0 * math.log(2.0))
"""The probable error of a place whose standard deviation is 1 in each axis: half of the errors (bivariate normal) are
smaller."""
_LEAST_ERROR_NMI = 0.01  # the least standard error of any place


class Cell(Part):
    """How a nation's cell reads reports."""

    lasts_h: Annotated[float, Field(strict=True, ge=0.1, le=1000.0)] = 6.0
    """The time, in hours, for which the cell assumes that ships lie alongside. A tip that is older is
    not flown."""
    spread_kn: Annotated[float, Field(strict=True, ge=0.0, le=30.0)] = 1.0
    """The speed, in knots, at which the standard error of a reported place grows with its age in each axis: an
    assumption."""
    fused_within: Annotated[float, Field(strict=True, ge=0.0, le=10.0)] = 3.0
    """The number of standard errors by which the places of two reports may differ if they are to be taken for reports
    of one event; their hours must differ by less than `lasts_h`. With 0 every report is a tip by itself."""

    def chance_still_there(self, age_h: float) -> float:
        """The chance that ships are still alongside `age_h` (>= 0) hours after they were seen, by its estimate.

        The cell assumes that a pair lies alongside for exactly `lasts_h`, and that it was seen at a moment uniform in
        that time: 1 - age / `lasts_h`, and 0 for older sightings (`sim.model.theory.chance_still_lasting`).
        """
        return max(0.0, 1.0 - age_h / self.lasts_h)


class Nation(Part):
    """A nation that holds reports, and its cell that reads them."""

    title: Annotated[str, Field(max_length=60), OneLine] = ""
    """The name of the nation in tables and on maps. If it is left out, its key is used."""
    cell: Cell = Cell()
    """How the intelligence cell of the nation reads the reports that reach it."""


class TipSearch(Part):
    """The search about a tip's place, by the IAMSAR rules for a datum."""

    pattern: Literal["expanding_square", "sector"] = "expanding_square"
    """The search pattern that is flown about the place of the tip."""
    spacing_nmi: Nmi = 10.0
    """The track spacing of an expanding square, in nautical miles. For a sector search: the error of the place below
    which no search is flown."""
    factor: Annotated[float, Field(strict=True, ge=0.0, le=10.0)] = 1.1
    """The radius of the search, in probable errors of the place. IAMSAR uses 1.1 for a first search."""


class TipRules(Part):
    """What a patrol does about the tips of its nation's cell."""

    next_sortie: bool = Field(True, strict=True)
    """Whether a sortie begins at the best tip that is known at take-off."""
    divert: bool = Field(True, strict=True)
    """Whether a crew in the air leaves its route for a tip."""
    least_chance: Probability = 0.1
    """The least chance, 0 to 1, that a tip is true and that the ships are still there when the aircraft arrives, as the
    cell estimates it. A tip with a lower chance is not flown."""
    search: TipSearch = TipSearch()
    """The search about the place of a tip."""


class ReceivedReport(NamedTuple):
    """One report as a cell has received it."""

    report: int
    """Number of the report in the replication."""
    target: int
    """The transfer that it is about, -1 for none: the analysis uses it, the cell does not know it."""
    seen_h: float
    """The hour to which the place refers."""
    x: float
    y: float
    error_nmi: float
    """Standard deviation of the place in each axis."""
    credibility: float
    """The chance that the report is true, as the cell estimates it."""
    identity: int = 0
    """What the report is about, to the observer who made it: the same in all its reports of one vessel, and when it
    withdraws them."""


@dataclass
class Tip:
    """What a cell makes of the reports of one event."""

    number: int
    first_h: float
    """The hour at which the cell first received a report of the event."""
    reports: dict[int, ReceivedReport] = field(default_factory=dict)
    """The reports by their number."""
    x: float = 0.0
    y: float = 0.0
    error_nmi: float = 0.0
    """Standard deviation of the place in each axis at `seen_h`."""
    seen_h: float = -math.inf
    """The latest hour to which a report refers."""
    truth: float = 0.0
    """The chance that not all of its reports are false, as the cell estimates it."""
    resolved: bool = False
    """Whether nothing is left to search for: a crew has documented the transfer, or all reports were withdrawn."""
    assigned: bool = False
    """Whether a crew is on its way to it, or searches about it."""
    searched_h: float = -math.inf
    """The hour up to which a search has covered the tip: it is flown again only if it was seen after that."""

    @property
    def targets(self) -> set[int]:
        """The transfers that its reports are about; empty for a false tip."""
        return {report.target for report in self.reports.values() if report.target >= 0}

    @property
    def earliest_h(self) -> float:
        """The first hour to which a report refers."""
        return min(report.seen_h for report in self.reports.values())

    @property
    def is_available(self) -> bool:
        """Whether a crew may follow it: it was seen since the last search, and is neither resolved nor assigned."""
        return self.seen_h > self.searched_h and not self.resolved and not self.assigned


class CellState:
    """What one cell knows in one replication: its tips, and the places at which its crews have documented something."""

    def __init__(self, spec: Cell) -> None:
        """Begin without reports."""
        self.spec = spec
        self.tips: list[Tip] = []
        self.changes = 0
        """How many times the cell has learnt something, by which a crew sees that there is news."""
        self.documented: list[tuple[float, float, float]] = []
        """x and y, nmi, and hour of all that the crews of the nation have documented."""
        self.live: list[Tip] = []
        """The tips, in order of their numbers, that may have a chance at the hour of the last report or later."""
        self._sightings: Floats | None = None
        """What `sightings` returned last; None after a change."""

    def error_at(self, tip: Tip, hour: float) -> float:
        """Standard deviation of the place of a tip in each axis at an hour, nmi: it grows with the age of the tip."""
        return math.hypot(tip.error_nmi, self.spec.spread_kn * max(0.0, hour - tip.seen_h))

    def chance_at(self, tip: Tip, hour: float) -> float:
        """The chance that a tip is true and the pair is there at an hour, as the cell estimates it.

        It is 0 before the first hour to which a report refers.
        """
        seen = [report.seen_h for report in tip.reports.values() if report.seen_h <= hour]  # others foretell the future
        return tip.truth * self.spec.chance_still_there(hour - max(seen)) if seen else 0.0

    def covers(self, tip: Tip, x: float, y: float, hour: float) -> bool:
        """Whether a place at an hour may be that of a tip: within two standard errors, where 86 % of places lie."""
        return math.hypot(x - tip.x, y - tip.y) <= max(1.0, 2.0 * self.error_at(tip, hour))

    def sightings(self) -> Floats:
        """Return what tells whether a place may be that of a tip, (k, 6), as compiled functions take it.

        There is a row for each report of each live tip that is not resolved: place of the tip and its standard error at
        the hour that follows, nmi, the hour to which the report refers, and the chance that the tip is true. A place
        may be that of a tip at an hour if the tip covers it then, and if one of its reports refers to an earlier hour
        by less than the cell's `lasts_h`.
        """
        if self._sightings is None:
            rows = [
                (tip.x, tip.y, tip.error_nmi, tip.seen_h, report.seen_h, tip.truth)
                for tip in self.live
                if not tip.resolved
                for report in tip.reports.values()
            ]
            self._sightings = np.array(rows).reshape(-1, 6)
        return self._sightings

    def resolve(self, x: float, y: float, hour: float) -> None:
        """Resolve the tips that may be about what a crew has documented at a place, those to come included."""
        self.documented.append((x, y, hour))
        self._sightings = None
        for tip in self.tips:
            tip.resolved |= self._may_be_about(tip, x, y, hour)

    def _may_be_about(self, tip: Tip, x: float, y: float, hour: float) -> bool:
        """Whether a tip may be about what was documented at a place and an hour."""
        return abs(hour - tip.seen_h) < self.spec.lasts_h and self.covers(tip, x, y, hour)

    def receive(self, hour: float, received: ReceivedReport) -> Tip:
        """Take in a report at an hour, or a more precise copy of one; return the tip to which it belongs now."""
        self.changes += 1
        earlier = next((tip for tip in self.tips if received.report in tip.reports), None)
        tip = earlier or self._same_event(received) or self._new_tip(hour)
        tip.reports[received.report] = received
        self._fuse(tip)
        tip.resolved |= any(self._may_be_about(tip, *place) for place in self.documented)
        live = {other.number: other for other in (*self.live, tip) if hour - other.seen_h < self.spec.lasts_h}
        self.live, self._sightings = [live[number] for number in sorted(live)], None
        return tip

    def withdraw(self, identity: int) -> None:
        """Take the reports of an identity out of all tips; a tip without other reports is resolved."""
        self._sightings = None
        for tip in self.tips:
            left = {number: report for number, report in tip.reports.items() if report.identity != identity}
            if left and len(left) < len(tip.reports):
                tip.reports = left
                self._fuse(tip)
            elif not left:
                tip.resolved = True

    def _new_tip(self, hour: float) -> Tip:
        self.tips.append(Tip(len(self.tips), hour))
        return self.tips[-1]

    def _same_event(self, received: ReceivedReport) -> Tip | None:
        """The tip to which a new report belongs: the nearest in standard errors, if it is near enough; else None.

        The reports of one tip must not span more hours than a transfer lasts, and a resolved tip takes in no report.
        """
        least, nearest = self.spec.fused_within, None
        for tip in self.tips if least > 0.0 else []:
            apart_h = abs(received.seen_h - tip.seen_h)
            if tip.resolved or apart_h >= self.spec.lasts_h:  # the span is no shorter
                continue
            span_h = max(received.seen_h, tip.seen_h) - min(received.seen_h, tip.earliest_h)
            if span_h < self.spec.lasts_h:
                spread = math.hypot(tip.error_nmi, received.error_nmi, self.spec.spread_kn * apart_h, _LEAST_ERROR_NMI)
                errors = math.hypot(received.x - tip.x, received.y - tip.y) / spread
                if errors < least or (nearest is None and errors == least):
                    least, nearest = errors, tip
        return nearest

    def _fuse(self, tip: Tip) -> None:
        """Compute place, error and chance of a tip from its reports.

        The place is the mean of the reported places, weighted by the inverse of their variances (the estimate with the
        least variance), and each variance is the one that the place has at the hour of the latest report.
        """
        reports = list(tip.reports.values())
        tip.seen_h = max(report.seen_h for report in reports)
        errors = [
            math.hypot(report.error_nmi, self.spec.spread_kn * (tip.seen_h - report.seen_h), _LEAST_ERROR_NMI)
            for report in reports
        ]
        weights = np.array([error**-2.0 for error in errors])
        tip.x = float(weights @ [report.x for report in reports] / weights.sum())
        tip.y = float(weights @ [report.y for report in reports] / weights.sum())
        tip.error_nmi = float(weights.sum() ** -0.5)
        tip.truth = 1.0 - math.prod(1.0 - report.credibility for report in reports)
