"""What happened in one replication: its events, its sorties, how far each transfer climbed the ladder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Flags, Ints
from sim.deployment.ladder import DOCUMENTED, NO_ONE_THERE, NOT_DETECTED, RUNGS, reasons_of
from sim.deployment.reports import Dissemination
from sim.deployment.sorties import Sortie
from sim.deployment.totals import Record, TipRecord, totals_of
from sim.deployment.world import Plan, World


class Event(NamedTuple):
    """Something that happened."""

    time_h: float
    event: str
    patrol: str
    sortie: int
    vessel: int
    """Number among the targets, -1 for none."""
    x: float
    y: float
    detail: str


@dataclass
class Log:
    """What happened in one replication."""

    plan: Plan
    world: World
    replication: int
    events: list[Event] = field(default_factory=list)
    sorties: list[Sortie] = field(default_factory=list)
    contacts: int | None = None
    dissemination: Dissemination | None = None

    @cached_property
    def met(self) -> Flags:
        """Which targets came within range of a sensor before the deployment's end, (m,)."""
        return np.zeros(self.world.targets.vessels.size, bool)

    def __post_init__(self) -> None:
        """Remember when the deployment ends."""
        self.end = self.plan.scenario.duration_h

    def report(
        self, time_h: float, event: str, patrol: str, sortie: int, vessel: int, x: float, y: float, detail: str
    ) -> None:
        """Write down an event; what happens after the end is not observed."""
        if time_h < self.end:
            self.events.append(Event(time_h, event, patrol, sortie, vessel, x, y, detail))

    def report_transfers(self) -> None:
        """Write down when the pairs come to lie alongside and part: nothing that a crew does changes that."""
        table = self.world.transfers
        columns = (table.begin.tolist(), table.end.tolist(), table.x.tolist(), table.y.tolist())
        for target, (begin, end, x, y) in enumerate(zip(*columns, strict=True)):
            if begin >= 0.0:
                self.report(begin, "alongside", "", -1, target, x, y, "")
            self.report(end, "parted", "", -1, target, x, y, "")

    @cached_property
    def climbed(self) -> dict[str, Any]:
        """How far each transfer climbed the ladder: columns of length n, by the earliest event of each kind."""
        count = self.world.transfers.begin.size
        times = {rung: np.full(count, np.nan) for rung in RUNGS}
        first: dict[str, list[Any]] = {"sensor": [None] * count, "patrol": [None] * count, "sortie": [None] * count}
        for event in self.events:
            if event.event not in times or not 0 <= event.vessel < count:
                continue
            column = times[event.event]
            if np.isnan(column[event.vessel]):
                column[event.vessel] = event.time_h
                if event.event == "detected":
                    first["sensor"][event.vessel] = event.detail
                    first["patrol"][event.vessel] = event.patrol
                    first["sortie"][event.vessel] = event.sortie
        return {**times, **first}

    @cached_property
    def progress(self) -> Ints:
        """How far each transfer came in its best sortie: a code of `sim.deployment.ladder`, (n,)."""
        best = np.where(self.met[: self.world.transfers.begin.size], NOT_DETECTED, NO_ONE_THERE)
        for sortie in self.sorties:
            for target, code in sortie.progress.items():
                best[target] = max(best[target], code)
        best[~np.isnan(self.climbed["documented"])] = DOCUMENTED
        return best

    @cached_property
    def reasons(self) -> list[str | None]:
        """The name of the reason why each transfer was not documented, None for a documented transfer."""
        return reasons_of(self.progress)

    def totals(self) -> dict[str, float]:
        """The additive totals of the deployment, a column each of `replications.parquet`."""
        tips = None
        if self.dissemination is not None:
            flights = [flight for sortie in self.sorties for flight in sortie.tip_flights]
            documented = self._documented(self.dissemination.plan.heeding)
            tips = TipRecord(self.dissemination, flights, documented)
        cancelled = sum(event.event == "cancelled" for event in self.events)
        record = Record(
            self.end, self.world.transfers, self.climbed, self.reasons, self.sorties, cancelled, self.contacts, tips
        )
        return totals_of(record)

    def _documented(self, heeding: Mapping[str, str]) -> dict[int, tuple[float, str]]:
        """When each counted transfer was first documented, and the nation of that crew, "" if it heeds no tips.

        `heeding`: the nation of each patrol that heeds tips.
        """
        counted, first = self.world.transfers.counted, dict[int, tuple[float, str]]()
        for event in self.events:
            if event.event == "documented" and counted[event.vessel]:
                first.setdefault(event.vessel, (event.time_h, heeding.get(event.patrol, "")))
        return first

    def first_documented_h(self) -> float | None:
        """When the first counted transfer was documented, or None."""
        times = self.climbed["documented"][self.world.transfers.counted]
        return float(np.nanmin(times)) if np.any(~np.isnan(times)) else None
