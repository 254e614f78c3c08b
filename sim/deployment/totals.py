"""The totals of a replication, one row each: the meaning of a total, its unit, when it exists, and its computation.

Totals add up over replications. They are the columns of `replications.parquet`, and measures are made of them; both
take names, types and units from the rows of `TOTALS`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from sim.core.arrays import Flags, Floats
from sim.deployment.ais_heard import AisHeard, listens
from sim.deployment.ais_load import hears_under_load
from sim.deployment.answers import Answers, answer_sources
from sim.deployment.contacts import FEATURES
from sim.deployment.ladder import REASONS, RUNGS
from sim.deployment.lookalikes import LookalikeRecord, has_lookalikes
from sim.deployment.patrols import patrols_following_tips
from sim.deployment.sorties import Sortie, hours_at_work
from sim.deployment.tip_outcomes import STAGES, ReportOutcome, TipRecord
from sim.deployment.transfers import TransferTable
from sim.model.sightings import eyes_of
from sim.scenario.schema import Scenario

Amount = TypeVar("Amount", float, Floats)
"""A number, or an array of numbers."""


@dataclass(frozen=True)
class Record:
    """What the totals of one replication are computed from."""

    end_h: float
    transfers: TransferTable
    climbed: Mapping[str, Any]
    """By rung of the ladder: the hour at which each transfer reached it, NaN for never, (n,)."""
    reasons: Sequence[str | None]
    """Why each transfer was not documented; None for a documented transfer."""
    sorties: Sequence[Sortie]
    cancelled: int
    contacts: int | None
    """How many vessels were detected; None where the scenario does not count them."""
    tips: TipRecord | None
    """None where no patrol follows tips."""
    answers: Answers | None
    """None where no vessel answers to patrols."""
    has_standby: bool = False
    """Whether a crew stands by for tips."""
    reported_by: Mapping[str, Flags] = field(default_factory=dict)
    """By observer, crews left out: whether it reported each transfer, (n,); none where nobody but crews observes."""
    ais: AisHeard | None = None
    """What observers that receive AIS heard; None where no observer receives AIS."""
    unheard_investigations: int | None = None
    """How many investigations `dark` led to although the vessel sends AIS; None where all that is sent is heard."""
    on_ais: Sequence[str | None] | None = None
    """By which public rule each transfer is seen on AIS, (n,); None where nobody asks for it."""
    lookalikes: LookalikeRecord | None = None
    """What crews made of hulls side by side; None where no background source has any."""

    @cached_property
    def seen_on_ais(self) -> Flags:
        """Whether each transfer is seen on AIS by a public rule, (n,)."""
        return np.array([rule is not None for rule in self.on_ais or ()], bool)

    @cached_property
    def heard_on_ais(self) -> Flags:
        """Whether an observer heard AIS of each transfer while its vessels lay alongside, (n,)."""
        flags: Flags = np.zeros(self.transfers.begin.size, bool)
        return flags if self.ais is None else np.logical_or.reduce([flags, *self.ais.heard_by().values()])

    @cached_property
    def reported(self) -> Flags:
        """Whether any observer but crews reported each transfer, (n,)."""
        flags: Flags = np.zeros(self.transfers.begin.size, bool)
        return flags if not self.reported_by else np.logical_or.reduce(list(self.reported_by.values()))

    @cached_property
    def investigated(self) -> list[tuple[int, str]]:
        """Each investigation that began within the deployment: its target, and the feature that led to it."""
        return [
            (target, feature)
            for sortie in self.sorties
            for begin_h, target, feature in sortie.investigations
            if begin_h < self.end_h
        ]

    @cached_property
    def false_features(self) -> list[str]:
        """The features that led to investigations of vessels other than transfers."""
        return [feature for target, feature in self.investigated if target >= self.transfers.begin.size]

    @cached_property
    def counted_reasons(self) -> list[str | None]:
        """The reasons of the counted transfers."""
        counted = self.transfers.counted.tolist()
        return [reason for reason, is_counted in zip(self.reasons, counted, strict=True) if is_counted]

    @cached_property
    def station_hours(self) -> tuple[float, float]:
        """Hours on station, and of them the hours that contacts took."""
        return hours_at_work(self.sorties, self.end_h)


class Total(NamedTuple):
    """One total: a column of `replications.parquet`."""

    name: str
    kind: Literal["count", "hours", "passes", "estimate"]
    """A number of events, of hours or of passes, or an estimate of a number of events, which need not be whole."""
    meaning: str
    """What it counts or adds up, as a phrase."""
    compute: Callable[[Any], float]
    """Its value, from a `Record`; where `exists` is "tips" from its `TipRecord`, where it is "lookalikes" from its
    `LookalikeRecord`, where it is "asked" from a `Log`."""
    exists: Literal[
        "always",
        "tips",
        "standby",
        "answers",
        "observers",
        "lookalikes",
        "contacts",
        "asked",
        "receivers",
        "ais_rules",
        "load",
    ] = "always"
    """When replications have it: always; "tips": where a patrol follows tips; "standby": where a crew stands by for
    them; "answers": where vessels answer to patrols; "observers": where others than crews observe; "lookalikes": where
    background ships lie or sail side by side; "contacts": where the scenario's `outputs.contacts` asks for it; "asked":
    where a measure that is made of it is asked for; "receivers": where an observer receives AIS; "ais_rules": where
    `outputs.ais_rules` asks for it; "load": where the receiver of an aircraft hears under load."""
    parts: tuple[str, ...] = ()
    """The keys by which it can be cut into parts; see `sim.study.cuts`."""

    @property
    def type(self) -> Literal["integer", "number"]:
        """The type of its column: a count is an integer."""
        return "integer" if self.kind == "count" else "number"

    @property
    def unit(self) -> str:
        """Its unit; none for what is counted."""
        return "h" if self.kind == "hours" else ""

    def is_in(self, scenario: Scenario) -> bool:
        """Whether the replications of a scenario have it."""
        if self.exists == "tips":
            return bool(patrols_following_tips(scenario))
        if self.exists == "standby":
            return any(patrol.standby is not None for patrol in patrols_following_tips(scenario).values())
        if self.exists == "answers":
            return bool(answer_sources(scenario))
        if self.exists == "lookalikes":
            return has_lookalikes(scenario)
        if self.exists == "observers":
            return bool(eyes_of(scenario))
        if self.exists == "receivers":
            return listens(scenario)
        if self.exists == "load":
            return hears_under_load(scenario)
        if self.exists == "ais_rules":
            return scenario.outputs.ais_rules is not None
        return self.exists == "always" or (self.exists == "contacts" and scenario.outputs.contacts)


def _sum(values: Iterable[float]) -> float:
    """The sum of values in their order.

    Newer versions of Python correct `sum` for rounding; without that correction all versions give the same bits.
    """
    total = 0.0
    for value in values:
        total += value
    return total


def _reached(rung: str, record: Record) -> int:
    """How many counted transfers reached a rung of the ladder."""
    times = record.climbed[rung]
    return int(((times == times) & record.transfers.counted).sum())


def _false_by(feature: str, record: Record) -> int:
    return record.false_features.count(feature)


def _stopped_by(reason: str, record: Record) -> int:
    return record.counted_reasons.count(reason)


def _answered(name: str, record: Record) -> float:
    """The sum of a column of the answers over the counted transfers."""
    return 0.0 if record.answers is None else _sum(getattr(record.answers, name)[record.transfers.counted].tolist())


def _how_many(name: str, record: Record) -> int:
    """For how many counted transfers a column of the answers is not 0."""
    return 0 if record.answers is None else int((getattr(record.answers, name)[record.transfers.counted] > 0).sum())


def _seen(rung: str, record: Record, *, either: bool = False) -> int:
    """How many counted transfers reached a rung of the ladder and were reported; `either`: one of the two is enough."""
    times = record.climbed[rung]
    combine = np.logical_or if either else np.logical_and
    return int((combine(times == times, record.reported) & record.transfers.counted).sum())


def _on_ais(rung: str, record: Record) -> int:
    """How many counted transfers reached a rung of the ladder and are seen on AIS."""
    times = record.climbed[rung]
    return int(((times == times) & record.seen_on_ais & record.transfers.counted).sum())


def chapman_estimate(first: Amount, second: Amount, both: Amount) -> Amount:
    """Chapman's estimate of a number of which two lists hold some (Chapman 1951); it takes them for independent.

    The arguments are numbers, or arrays of one shape, and so is the estimate.
    """
    return (first + 1.0) * (second + 1.0) / (both + 1.0) - 1.0


def _chapman(totals: Mapping[str, float]) -> float:
    """The estimate by all observers together; NaN where there are none."""
    if "reported" not in totals:
        return math.nan
    return chapman_estimate(totals["documented"], totals["reported"], totals["documented_reported"])


def _in_time(tips: TipRecord) -> int:
    """How many reports reached a cell before the pair parted that they are about."""
    reports, ends = tips.dissemination.reports, tips.dissemination.transfers.end
    arrived = [
        (reports[outcome.report].target, outcome.arrival.arrived_h)
        for outcome in tips.sent
        if outcome.arrival is not None
    ]
    return sum(target >= 0 and bool(arrived_h < ends[target]) for target, arrived_h in arrived)


def _age_h(tips: TipRecord, outcomes: Iterable[ReportOutcome]) -> float:
    """The sum of the ages of reports at their arrival at a cell."""
    reports = tips.dissemination.reports
    return _sum(
        outcome.arrival.arrived_h - reports[outcome.report].seen_h
        for outcome in outcomes
        if outcome.arrival is not None
    )


def _documented_tipped(tips: TipRecord) -> int:
    """How many transfers were documented by a crew whose cell had received a report of them before."""
    first_arrival_h: dict[tuple[int, str], float] = {}
    for outcome in tips.outcomes:
        if outcome.arrival is not None:
            pair = (tips.dissemination.reports[outcome.report].target, outcome.nation)
            first_arrival_h[pair] = min(outcome.arrival.arrived_h, first_arrival_h.get(pair, math.inf))
    rows = tips.dissemination.rows
    return sum(
        first_arrival_h.get((int(rows[target]), nation), math.inf) < hour
        for target, (hour, nation) in tips.documented.items()
    )


def _came_to(stage: str, tips: TipRecord, own: bool = False) -> int:
    """How many reports came as far as a stage."""
    return tips.came_to(stage, own=own)


_STAGE_MEANINGS = {
    "made": "reports, counted for each cell they are for",
    "arrived": "reports that reached the cell",
    "in_time": "reports that reached the cell before the ships parted",
    "followed": "reports in time to whose tip a crew then flew",
    "fruitful": "reports in time whose ships that crew documented",
}
_RUNG_MEANINGS = {
    "detected": "transfers detected while the ships lay alongside",
    "classified": "transfers recognised as two vessels alongside",
    "documented": "transfers with imagery good enough for a report",
}

_OF_TRANSFERS = ("area", "source", "hour", "week")
_OF_RUNGS = (*_OF_TRANSFERS, "patrol", "route")
_OF_EYES = (*_OF_TRANSFERS, "observer", "nation")
_OF_SCHEDULES = ("patrol", "hour", "week")
_OF_SORTIES = ("patrol", "route", "hour", "week")
_OF_LEGS = (*_OF_SORTIES, "phase")
_OF_REPORTS = ("observer", "nation")
_OF_SHIPS = ("background",)
_OF_VISITS = (*_OF_SORTIES, "background")

TOTALS: tuple[Total, ...] = (
    Total("transfers", "count", "transfers that began in the deployment", lambda r: int(r.transfers.counted.sum()),
          parts=_OF_TRANSFERS),
    *(Total(rung, "count", _RUNG_MEANINGS[rung], partial(_reached, rung), parts=_OF_RUNGS) for rung in RUNGS),
    Total("sorties", "count", "sorties flown", lambda r: len(r.sorties), parts=_OF_SORTIES),
    Total("cancelled_sorties", "count", "scheduled sorties that were not flown", lambda r: r.cancelled,
          parts=_OF_SCHEDULES),
    Total("standby_sorties", "count", "sorties of crews that stood by and took off for a tip",
          lambda r: sum(s.from_standby for s in r.sorties), "standby", _OF_SCHEDULES),
    Total("flight_hours", "hours", "hours from take-off to landing",
          lambda r: sum(min(s.landing_h, r.end_h) - s.takeoff_h for s in r.sorties), parts=_OF_LEGS),
    Total("on_station_hours", "hours", "hours on the route and at contacts", lambda r: r.station_hours[0],
          parts=_OF_LEGS),
    Total("investigations", "count", "contacts that a crew flew to", lambda r: len(r.investigated), parts=_OF_SORTIES),
    Total("false_investigations", "count", "investigations of contacts that were no transfer",
          lambda r: len(r.false_features), parts=_OF_VISITS),
    Total("identification_hours", "hours", "hours on station spent on contacts", lambda r: r.station_hours[1],
          parts=_OF_LEGS),
    *(Total(f"false_{feature.name}", "count", f"false investigations {feature.text}",
            partial(_false_by, feature.name), parts=_OF_VISITS) for feature in FEATURES),
    Total("unheard_investigations", "count", "investigations of vessels whose AIS was sent and not heard",
          lambda r: r.unheard_investigations or 0, "load"),
    Total("never_looked_at", "count", "contacts worth an investigation, left by a sortie",
          lambda r: sum(s.never_looked_at for s in r.sorties), parts=_OF_SORTIES),
    *(Total(reason.name, "count", f"transfers not documented: {reason.text}", partial(_stopped_by, reason.name),
            parts=_OF_TRANSFERS) for reason in REASONS),
    Total("noticed", "count", "transfers whose vessels noticed an aircraft", partial(_how_many, "noticed"), "answers",
          _OF_TRANSFERS),
    Total("parted_early", "count", "transfers that parted early because of an aircraft",
          partial(_how_many, "parted_early"), "answers", _OF_TRANSFERS),
    Total("resumed", "count", "transfers that parted early and were resumed", partial(_how_many, "resumed"), "answers",
          _OF_TRANSFERS),
    Total("alongside_hours", "hours", "hours that the ships lay alongside", partial(_answered, "alongside_h"),
          "answers"),
    Total("displaced", "count", "transfers moved to another place or hour to avoid patrols",
          partial(_how_many, "displaced"), "answers", _OF_TRANSFERS),
    Total("delayed", "count", "transfers that ended later than without patrols", partial(_how_many, "delayed"),
          "answers", _OF_TRANSFERS),
    Total("deterred", "count", "transfers given up to avoid patrols",
          lambda r: 0 if r.answers is None else int(r.answers.deterred.sum()), "answers"),
    Total("reported", "count", "transfers that an observer reported before the end",
          lambda r: int((r.reported & r.transfers.counted).sum()), "observers", _OF_EYES),
    Total("seen_any", "count", "transfers that a patrol or an observer saw",
          partial(_seen, "detected", either=True), "observers", _OF_EYES),
    Total("documented_reported", "count", "transfers documented, and reported by an observer",
          partial(_seen, "documented"), "observers", _OF_EYES),
    Total("ais_sent", "count", "transfers of which a vessel sent AIS",
          lambda r: 0 if r.ais is None else int((r.ais.sends & r.transfers.counted).sum()), "receivers", _OF_TRANSFERS),
    Total("ais_heard", "count", "transfers of which an observer heard AIS while the ships lay alongside",
          lambda r: int((r.heard_on_ais & r.transfers.counted).sum()), "receivers", _OF_TRANSFERS),
    Total("seen_on_ais", "count", "transfers that a public rule finds in the AIS that observers heard",
          lambda r: int((r.seen_on_ais & r.transfers.counted).sum()), "ais_rules", _OF_TRANSFERS),
    Total("encounters_on_ais", "count", "transfers that a public rule finds on AIS as an encounter of two vessels",
          lambda r: int((np.array(r.on_ais, object) == "encounter")[r.transfers.counted].sum()), "ais_rules",
          _OF_TRANSFERS),
    Total("detected_on_ais", "count", "transfers that a public rule finds on AIS and a patrol detected",
          partial(_on_ais, "detected"), "ais_rules", _OF_TRANSFERS),
    Total("documented_on_ais", "count", "transfers that a public rule finds on AIS and a patrol documented",
          partial(_on_ais, "documented"), "ais_rules", _OF_TRANSFERS),
    *(Total(f"reports_{stage}", "count", _STAGE_MEANINGS[stage], partial(_came_to, stage), "tips", _OF_REPORTS)
      for stage in STAGES),
    *(Total(f"own_reports_{stage}", "count", f"of its own nation: {_STAGE_MEANINGS[stage]}",
            partial(_came_to, stage, own=True), "tips") for stage in STAGES),
    Total("report_age_h", "hours", "ages of reports as they reached a cell, added up",
          lambda t: _age_h(t, (outcome for outcome, _ in t.funnel)), "tips"),
    Total("tips_sent", "count", "reports that partners made", lambda t: len(t.sent), "tips"),
    Total("tips_released", "count", "partners' reports that reached a cell",
          lambda t: sum(outcome.arrival is not None for outcome in t.sent), "tips"),
    Total("tips_in_time", "count", "partners' reports that came before the ships parted", _in_time, "tips"),
    Total("tips_followed", "count", "flights to tips", lambda t: len(t.flown), "tips"),
    Total("tips_fruitful", "count", "flights to tips that documented their transfer",
          lambda t: sum(map(t.is_fruitful, t.flown)), "tips"),
    Total("documented_tipped", "count", "transfers documented after their cell had a report",
          _documented_tipped, "tips"),
    Total("tip_age_h", "hours", "ages of partners' reports as they reached a cell, added up",
          lambda t: _age_h(t, t.sent), "tips"),
    Total("tip_hours", "hours", "hours flying to tips and searching there",
          lambda t: _sum(map(t.hours, t.flown)), "tips"),
    Total("false_tip_hours", "hours", "hours spent on tips about nothing true",
          lambda t: _sum(t.hours(flight) for flight in t.flown if not flight.about), "tips"),
    Total("stale_tip_hours", "hours", "hours spent on tips about ships that had parted",
          lambda t: _sum(t.hours(flight) for flight in t.flown if t.is_stale(flight)), "tips"),
    Total("two_hull_contacts", "count", "contacts that showed two hulls side by side, anew in each sortie",
          lambda k: len(k.contacts), "lookalikes", _OF_SORTIES),
    Total("two_hull_transfers", "count", "contacts that showed two hulls side by side and were transfers",
          lambda k: len(k.transfers_among_them), "lookalikes", _OF_SORTIES),
    Total("lookalike_investigations", "count", "investigations of hulls side by side that were no transfer",
          lambda k: len(k.visits), "lookalikes", _OF_VISITS),
    Total("lookalikes_told", "count", "investigations of hulls side by side that a crew broke off as lawful",
          lambda k: len(k.told), "lookalikes", _OF_VISITS),
    Total("lookalike_hours", "hours", "hours that investigations of lookalikes took, ways there and back included",
          lambda k: _sum(visit.hours for visit in k.visits), "lookalikes", _OF_VISITS),
    Total("contacts", "count", "vessels detected, counted anew in each sortie", lambda r: r.contacts, "contacts"),
    Total("passes_flown", "passes", "passes of routes flown; a part of one counts by its length",
          lambda log: _sum(map(log.passes_flown, log.sorties)), "asked", _OF_SORTIES),
    Total("passes_planned", "passes", "passes that these sorties had time for if nothing had diverted them",
          lambda log: _sum(map(log.passes_planned, log.sorties)), "asked", _OF_SORTIES),
    Total("chapman", "estimate", "estimate of the transfers from what patrols documented and observers reported",
          lambda log: _chapman(log.totals()), "asked", ("observer", "nation")),
    Total("ships_present", "count", "background ships in the searched sea, counted anew in each sortie",
          lambda log: sum(ships.present for ships in log.ships.values()), "asked", _OF_SHIPS),
    Total("ships_seen", "count", "of these, the ones that the sortie detected",
          lambda log: sum(ships.seen for ships in log.ships.values()), "asked", _OF_SHIPS),
)  # fmt: skip


def totals_of(record: Record) -> dict[str, float]:
    """The totals of one replication that exist there, by name."""
    totals: dict[str, float] = {}
    for total in TOTALS:
        if total.exists == "tips":
            if record.tips is not None:
                totals[total.name] = total.compute(record.tips)
        elif total.exists == "lookalikes":
            if record.lookalikes is not None:
                totals[total.name] = total.compute(record.lookalikes)
        elif total.exists == "answers":
            if record.answers is not None:
                totals[total.name] = total.compute(record)
        elif (
            total.exists == "always"
            or (total.exists == "observers" and record.reported_by)
            or (total.exists == "contacts" and record.contacts is not None)
            or (total.exists == "standby" and record.has_standby)
            or (total.exists == "receivers" and record.ais is not None)
            or (total.exists == "load" and record.unheard_investigations is not None)
            or (total.exists == "ais_rules" and record.on_ais is not None)
        ):
            totals[total.name] = total.compute(record)
    return totals
