"""The cell of a nation: reports that concern one event become one tip, and a tip has a place, an age and a chance.

A cell knows what has reached it and nothing else; what a crew does about a tip is the crew's business.
"""

import math
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field

from sim.core.fields import Nmi, Part, Probability

# Of a bivariate normal error of standard deviation s in each axis half lies within 1.1774 s: the probable error E.
PROBABLE_ERROR = math.sqrt(2.0 * math.log(2.0))
_LEAST_ERROR_NMI = 0.01  # a place is never known better


class Cell(Part):
    """How a nation's cell reads reports."""

    lasts_h: Annotated[float, Field(strict=True, ge=0.1, le=1000.0)] = 6.0
    """The time, in hours, for which the cell reckons that ships lie alongside: an assumption. A tip that is older is
    not flown."""
    spread_kn: Annotated[float, Field(strict=True, ge=0.0, le=30.0)] = 1.0
    """The speed, in knots, at which the standard error of a reported place grows with its age in each axis: an
    assumption."""
    fused_within: Annotated[float, Field(strict=True, ge=0.0, le=10.0)] = 3.0
    """The number of standard errors by which the places of two reports may differ if they are to be taken for reports
    of one event; their hours must differ by less than `lasts_h`. With 0 every report is a tip by itself."""


class Nation(Part):
    """A nation that holds reports, and its cell that reads them."""

    title: Annotated[str, Field(max_length=60)] = ""
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
    cell reckons it. A tip with a lower chance is not flown."""
    search: TipSearch = TipSearch()
    """The search about the place of a tip."""


class ReceivedReport(NamedTuple):
    """One report as it stands in a cell."""

    report: int
    """Its number among all reports of the replication."""
    target: int
    """The transfer that it is about, -1 for none: what the analyst learns later, never the cell."""
    seen_h: float
    x: float
    y: float
    error_nmi: float
    credibility: float
    identity: int = 0
    """What it is about, to the one who reports: the same when that is said again, or taken back."""


@dataclass
class Tip:
    """What a cell makes of the reports of one event."""

    number: int
    first_h: float
    """Hour at which the cell first received a report of the event."""
    reports: dict[int, ReceivedReport] = field(default_factory=dict)
    x: float = 0.0
    y: float = 0.0
    error_nmi: float = 0.0
    """Standard deviation in each axis at `seen_h`."""
    seen_h: float = -math.inf
    """The latest hour to which a report refers."""
    truth: float = 0.0
    """The chance that not all of its reports are false, as the cell reckons."""
    done: bool = False
    """Somebody has documented it: it is no longer worth a look."""
    taken: bool = False
    """A crew is on its way to it, or searches about it."""
    closed_h: float = -math.inf
    """A crew has looked: nothing seen up to then is flown for."""

    @property
    def targets(self) -> set[int]:
        """The transfers that its reports are about; empty for a false tip."""
        return {one.target for one in self.reports.values() if one.target >= 0}

    @property
    def earliest_h(self) -> float:
        """The first hour to which a report refers."""
        return min(one.seen_h for one in self.reports.values())

    @property
    def is_open(self) -> bool:
        """Whether nobody looks, has looked since it was last seen, or has documented it."""
        return self.seen_h > self.closed_h and not self.done and not self.taken


class CellState:
    """What one cell knows in one replication."""

    def __init__(self, spec: Cell) -> None:
        """Nothing yet."""
        self.spec = spec
        self.tips: list[Tip] = []
        self.changes = 0
        """How often it has learnt something."""
        self.settled: list[tuple[float, float, float]] = []
        """Places and hours at which its crews have documented something."""

    def error_at(self, tip: Tip, hour: float) -> float:
        """Standard deviation of a tip's place in each axis at an hour, nmi."""
        return math.hypot(tip.error_nmi, self.spec.spread_kn * max(0.0, hour - tip.seen_h))

    def chance_at(self, tip: Tip, hour: float) -> float:
        """The chance that a tip is true and the ships are still there at an hour, as the cell reckons.

        Lying alongside always takes `lasts_h`, and they were seen at a random moment of it, so that 1 - age / lasts_h
        are still there (`chance_still_lasting`); before the hour to which a report refers they are not there yet.
        """
        seen = [one.seen_h for one in tip.reports.values() if one.seen_h <= hour]  # what is foretold has yet to come
        return tip.truth * max(0.0, 1.0 - (hour - max(seen)) / self.spec.lasts_h) if seen else 0.0

    def covers(self, tip: Tip, x: float, y: float, hour: float) -> bool:
        """Whether a place at an hour may well be a tip's: within two standard errors, where 86 in 100 lie."""
        return math.hypot(x - tip.x, y - tip.y) <= max(1.0, 2.0 * self.error_at(tip, hour))

    def tipped(self, x: float, y: float, hour: float) -> bool:
        """Whether a place at an hour may well be that of some tip that is not over yet."""
        return any(
            not tip.done and self.chance_at(tip, hour) > 0.0 and self.covers(tip, x, y, hour) for tip in self.tips
        )

    def settle(self, x: float, y: float, hour: float) -> None:
        """Something was documented at a place: tips that may be of it, those to come too, are done with."""
        self.settled.append((x, y, hour))
        for tip in self.tips:
            tip.done |= self._is_of(tip, x, y, hour)

    def _is_of(self, tip: Tip, x: float, y: float, hour: float) -> bool:
        """Whether a tip may be of what was documented at a place."""
        return abs(hour - tip.seen_h) < self.spec.lasts_h and self.covers(tip, x, y, hour)

    def receive(self, hour: float, received: ReceivedReport) -> Tip:
        """Take in a report, or a better copy of one; the tip that it belongs to now."""
        self.changes += 1
        known = next((tip for tip in self.tips if received.report in tip.reports), None)
        tip = known or self._same_event(received) or self._new_tip(hour)
        tip.reports[received.report] = received
        self._fuse(tip)
        tip.done |= any(self._is_of(tip, *one) for one in self.settled)
        return tip

    def forget(self, identity: int) -> None:
        """A report is taken back; a tip of which nothing is left is done with."""
        for tip in self.tips:
            left = {number: one for number, one in tip.reports.items() if one.identity != identity}
            if left and len(left) < len(tip.reports):
                tip.reports = left
                self._fuse(tip)
            elif not left:
                tip.done = True

    def _new_tip(self, hour: float) -> Tip:
        self.tips.append(Tip(len(self.tips), hour))
        return self.tips[-1]

    def _same_event(self, received: ReceivedReport) -> Tip | None:
        """The tip that a report belongs to: the nearest in standard errors, if near enough."""
        best, found = self.spec.fused_within, None
        for tip in self.tips if best > 0.0 else []:
            apart_h = abs(received.seen_h - tip.seen_h)
            long_h = max(received.seen_h, tip.seen_h) - min(received.seen_h, tip.earliest_h)
            if long_h < self.spec.lasts_h and not tip.done:
                spread = math.hypot(tip.error_nmi, received.error_nmi, self.spec.spread_kn * apart_h, _LEAST_ERROR_NMI)
                errors = math.hypot(received.x - tip.x, received.y - tip.y) / spread
                if errors < best or (found is None and errors == best):
                    best, found = errors, tip
        return found

    def _fuse(self, tip: Tip) -> None:
        """Places weighted by their precision, each as old as it is when the latest was seen."""
        reports = list(tip.reports.values())
        tip.seen_h = max(one.seen_h for one in reports)
        errors = [
            math.hypot(one.error_nmi, self.spec.spread_kn * (tip.seen_h - one.seen_h), _LEAST_ERROR_NMI)
            for one in reports
        ]
        weights = np.array([error**-2.0 for error in errors])
        tip.x = float(weights @ [one.x for one in reports] / weights.sum())
        tip.y = float(weights @ [one.y for one in reports] / weights.sum())
        tip.error_nmi = float(weights.sum() ** -0.5)
        tip.truth = 1.0 - math.prod(1.0 - one.credibility for one in reports)
