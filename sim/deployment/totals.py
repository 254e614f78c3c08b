"""The totals of a replication, one row each: what a total is, its unit, when it exists, and how it is computed.

Totals add up over replications. They are the columns of `replications.parquet` and what measures are made of; both
derive names, types and units from the rows of `TOTALS`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple

from sim.deployment.contacts import FEATURES
from sim.deployment.ladder import REASONS, RUNGS
from sim.deployment.patrols import heeding_patrols
from sim.deployment.reports import Dissemination, Row, rows_of_tips
from sim.deployment.sorties import Sortie, TipFlight, hours_at_work
from sim.deployment.transfers import TransferTable
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class TipRecord:
    """What tips came to in one replication."""

    dissemination: Dissemination
    flights: list[TipFlight]
    documented: Mapping[int, tuple[float, str]]
    """When each counted transfer was first documented, and the nation of that crew, "" if it heeds no tips."""

    @cached_property
    def rows(self) -> list[Row]:
        """Every report and cell."""
        return rows_of_tips(self.dissemination, self.flights)

    @cached_property
    def sent(self) -> list[Row]:
        """The rows of reports that another nation made within the deployment."""
        observers, made = self.dissemination.plan.observers, self.dissemination.made
        return [
            row
            for row in self.rows
            if observers[made[row.report].observer].spec.nation != row.nation and not made[row.report].made_h < 0.0
        ]

    @cached_property
    def flown(self) -> list[TipFlight]:
        """The flights for tips that began within the deployment."""
        return [one for one in self.flights if one.begin_h < self.dissemination.end_h]

    def hours(self, flight: TipFlight) -> float:
        """How long a flight for a tip took within the deployment."""
        return min(flight.end_h, self.dissemination.end_h) - flight.begin_h

    def is_stale(self, flight: TipFlight) -> bool:
        """Whether all ships that a true tip was about had parted before the aircraft could be there."""
        ends = self.dissemination.table.end
        return bool(flight.about) and all(ends[target] <= flight.arrival_h for target in flight.about)

    def is_fruitful(self, flight: TipFlight) -> bool:
        """Whether a flight documented a transfer that its tip was about."""
        return bool(flight.about & set(self.dissemination.rows[flight.documented].tolist()))


@dataclass(frozen=True)
class Record:
    """What the totals of one replication are computed from."""

    end_h: float
    transfers: TransferTable
    climbed: Mapping[str, Any]
    """When each transfer was first detected, classified and documented, NaN for never, (n,) each."""
    reasons: Sequence[str | None]
    """Why each transfer was not documented."""
    sorties: Sequence[Sortie]
    cancelled: int
    contacts: int | None
    """How many vessels were detected; None where the scenario does not count them."""
    tips: TipRecord | None
    """None where nobody heeds tips."""

    @cached_property
    def led_to(self) -> list[tuple[int, str]]:
        """The target of each investigation within the deployment, and the name of the feature that led to it."""
        return [(target, why) for s in self.sorties for when, target, why in s.investigations if when < self.end_h]

    @cached_property
    def false(self) -> list[str]:
        """The features that led to investigations of vessels other than transfers."""
        return [why for target, why in self.led_to if target >= self.transfers.begin.size]

    @cached_property
    def counted_reasons(self) -> list[str | None]:
        """The reasons of the counted transfers."""
        counted = self.transfers.counted.tolist()
        return [reason for reason, counts in zip(self.reasons, counted, strict=True) if counts]

    @cached_property
    def at_work(self) -> tuple[float, float]:
        """Hours on station, and of them the hours that contacts took."""
        return hours_at_work(self.sorties, self.end_h)


class Total(NamedTuple):
    """One total: a column of `replications.parquet`."""

    name: str
    kind: Literal["count", "hours"]
    meaning: str
    """What it counts or adds up, as a phrase."""
    compute: Callable[[Any], float]
    """From a `Record`, or where `exists` is "tips" from its `TipRecord`."""
    exists: Literal["always", "tips", "contacts"] = "always"
    """"tips": where somebody heeds tips; "contacts": where the scenario's `outputs.contacts` asks for it."""

    @property
    def unit(self) -> str:
        """Its unit; none for a count."""
        return "h" if self.kind == "hours" else ""

    def is_in(self, scenario: Scenario) -> bool:
        """Whether the replications of a scenario have it."""
        if self.exists == "tips":
            return bool(heeding_patrols(scenario))
        return self.exists == "always" or scenario.outputs.contacts


def _added(values: Iterable[float]) -> float:
    """A sum in order, without the correction of rounding that newer versions of Python make: the same bits in all."""
    total = 0.0
    for value in values:
        total += value
    return total


def _climbed(rung: str, record: Record) -> int:
    """Counted transfers that climbed to a rung of the ladder."""
    times = record.climbed[rung]
    return int(((times == times) & record.transfers.counted).sum())


def _false_by(feature: str, record: Record) -> int:
    return record.false.count(feature)


def _stopped_by(reason: str, record: Record) -> int:
    return record.counted_reasons.count(reason)


def _in_time(tips: TipRecord) -> int:
    """Reports that reached a cell before the ships parted that they are about."""
    made, ends = tips.dissemination.made, tips.dissemination.table.end
    targets = [(made[row.report].target, row.arrival.arrived_h) for row in tips.sent if row.arrival is not None]
    return sum(target >= 0 and bool(arrived_h < ends[target]) for target, arrived_h in targets)


def _age_h(tips: TipRecord) -> float:
    """The age of reports as they reached a cell, added up."""
    made = tips.dissemination.made
    return _added(row.arrival.arrived_h - made[row.report].seen_h for row in tips.sent if row.arrival is not None)


def _documented_tipped(tips: TipRecord) -> int:
    """Transfers documented by a crew whose cell had a report of them before."""
    known: dict[tuple[int, str], float] = {}
    for row in tips.rows:
        if row.arrival is not None:
            key = (tips.dissemination.made[row.report].target, row.nation)
            known[key] = min(row.arrival.arrived_h, known.get(key, math.inf))
    rows = tips.dissemination.rows
    return sum(known.get((int(rows[k]), nation), math.inf) < hour for k, (hour, nation) in tips.documented.items())


_RUNG_MEANINGS = {
    "detected": "transfers that were detected while the ships lay alongside",
    "classified": "transfers that were recognised as two vessels alongside",
    "documented": "transfers with imagery good enough for a report",
}

TOTALS: tuple[Total, ...] = (
    Total("transfers", "count", "transfers that began in the deployment", lambda r: int(r.transfers.counted.sum())),
    *(Total(rung, "count", _RUNG_MEANINGS[rung], partial(_climbed, rung)) for rung in RUNGS),
    Total("sorties", "count", "sorties flown", lambda r: len(r.sorties)),
    Total("cancelled_sorties", "count", "sorties that were not flown when they were due", lambda r: r.cancelled),
    Total("flight_hours", "hours", "hours from take-off to landing",
          lambda r: sum(min(s.landing_h, r.end_h) - s.takeoff_h for s in r.sorties)),
    Total("on_station_hours", "hours", "hours on the route and at contacts", lambda r: r.at_work[0]),
    Total("investigations", "count", "contacts that a crew flew to", lambda r: len(r.led_to)),
    Total("false_investigations", "count", "contacts flown to that were no transfer", lambda r: len(r.false)),
    Total("identification_hours", "hours", "hours on station that contacts took", lambda r: r.at_work[1]),
    *(Total(f"false_{one.name}", "count", f"contacts flown to {one.text} that were no transfer",
            partial(_false_by, one.name)) for one in FEATURES),
    Total("never_looked_at", "count", "contacts worth a look that no crew flew to, each sortie anew",
          lambda r: sum(s.never_looked_at for s in r.sorties)),
    *(Total(one.name, "count", f"transfers not documented: {one.text}", partial(_stopped_by, one.name))
      for one in REASONS),
    Total("tips_sent", "count", "reports that partners made", lambda t: len(t.sent), "tips"),
    Total("tips_released", "count", "reports of partners that reached a cell",
          lambda t: sum(row.arrival is not None for row in t.sent), "tips"),
    Total("tips_in_time", "count", "reports of partners that reached a cell before the ships parted", _in_time, "tips"),
    Total("tips_followed", "count", "flights to tips", lambda t: len(t.flown), "tips"),
    Total("tips_fruitful", "count", "flights to tips that documented a transfer which the tip was about",
          lambda t: sum(map(t.is_fruitful, t.flown)), "tips"),
    Total("documented_tipped", "count", "transfers documented by a crew whose cell had a report of them before",
          _documented_tipped, "tips"),
    Total("tip_age_h", "hours", "ages of partners' reports as they reached a cell, added up", _age_h, "tips"),
    Total("tip_hours", "hours", "hours going to tips and searching there",
          lambda t: _added(map(t.hours, t.flown)), "tips"),
    Total("false_tip_hours", "hours", "hours spent on tips about nothing true",
          lambda t: _added(t.hours(one) for one in t.flown if not one.about), "tips"),
    Total("stale_tip_hours", "hours", "hours spent on tips about ships that had parted",
          lambda t: _added(t.hours(one) for one in t.flown if t.is_stale(one)), "tips"),
    Total("contacts", "count", "vessels detected, each sortie anew", lambda r: r.contacts, "contacts"),
)  # fmt: skip


def totals_of(record: Record) -> dict[str, float]:
    """The totals of one replication that exist there, by name."""
    totals: dict[str, float] = {}
    for total in TOTALS:
        if total.exists == "tips":
            if record.tips is not None:
                totals[total.name] = total.compute(record.tips)
        elif total.exists == "always" or record.contacts is not None:
            totals[total.name] = total.compute(record)
    return totals
