"""The log of one replication: its events, its sorties, and how far each transfer climbed the ladder."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from sim.core.arrays import Flags, Ints
from sim.core.codes import DARK, DOCUMENTED, NO_ONE_THERE, NOT_DETECTED
from sim.deployment.ais_heard import AisHeard, listens
from sim.deployment.ais_load import hears_under_load
from sim.deployment.answers import Answers
from sim.deployment.events import Event
from sim.deployment.ladder import RUNGS, reasons_of
from sim.deployment.lookalikes import LookalikeRecord, has_lookalikes
from sim.deployment.passes import RouteShare, passes_flown, passes_planned
from sim.deployment.reports import Dissemination
from sim.deployment.ships_seen import Ships, ships_met
from sim.deployment.sorties import Sortie
from sim.deployment.tip_outcomes import TipRecord
from sim.deployment.totals import Record, totals_of
from sim.deployment.transfers import TransferTable
from sim.deployment.world import Plan, World

TRANSFER_EVENTS = ("parted", "alongside")
"""The events that no crew takes part in, in the order in which they stand at one hour."""


@dataclass
class Log:
    """What happened in one replication; the engine fills it."""

    plan: Plan
    world: World
    replication: int
    events: list[Event] = field(default_factory=list)
    sorties: list[Sortie] = field(default_factory=list)
    contacts: int | None = None
    """How many vessels were detected, each sortie anew; None where the scenario does not count them."""
    dissemination: Dissemination | None = None
    """What observers report; None where no patrol follows tips and nobody but crews observes."""
    answers: Answers | None = None
    """What vessels answered to the patrols; None where none answers."""

    def __post_init__(self) -> None:
        """Take the end of the deployment from the scenario."""
        self.end = self.plan.scenario.duration_h

    @property
    def transfers(self) -> TransferTable:
        """The transfers as they took place."""
        return self.world.transfers if self.answers is None else self.answers.transfers

    @cached_property
    def came_in_range(self) -> Flags:
        """Whether each target came within range of a sensor before the end, (m,). The sorties fill it in."""
        return np.zeros(self.world.targets.vessels.size, bool)

    def report_all(self, events: Iterable[Event]) -> None:
        """Write down events; what happens after the end of the deployment is not observed."""
        self.events += [event for event in events if event[0] < self.end]

    def report_transfers(self) -> None:
        """Write down when the pairs came to lie alongside and parted."""
        table = self.world.transfers
        columns = (table.begin.tolist(), table.end.tolist(), table.x.tolist(), table.y.tolist())
        stints = [(target, *stint) for target, stint in enumerate(zip(*columns, strict=True))]
        velocities = list(zip(table.vx.tolist(), table.vy.tolist(), strict=True))
        if self.answers is not None:
            stints = [(target, *stint) for target, *_ in stints for stint in self.answers.stints_of(target)]
        parted, alongside = TRANSFER_EVENTS
        for target, begin, end, x, y in stints:
            came = [Event(begin, alongside, "", -1, target, x, y, "")] if begin >= 0.0 else []
            vx, vy = velocities[target]
            place = (x + vx * (end - begin), y + vy * (end - begin))
            self.report_all([*came, Event(end, parted, "", -1, target, *place, "")])

    @cached_property
    def climbed(self) -> dict[str, Any]:
        """How each of the n transfers climbed the ladder, as columns of length n by name.

        The column of each rung has the hour at which the transfer first reached it, NaN for never. The columns
        `sensor`, `patrol` and `sortie` say by which it was first detected, None for never.
        """
        count = self.transfers.begin.size
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
        best = np.where(self.came_in_range[: self.transfers.begin.size], NOT_DETECTED, NO_ONE_THERE)
        for sortie in self.sorties:
            for target, code in sortie.progress.items():
                best[target] = max(best[target], code)
        best[~np.isnan(self.climbed["documented"])] = DOCUMENTED
        return best

    @cached_property
    def reasons(self) -> list[str | None]:
        """The name of the reason why each transfer was not documented; None for a documented transfer."""
        return reasons_of(self.progress)

    def totals(self) -> dict[str, float]:
        """The totals of the deployment by name: the columns of `replications.parquet`."""
        cancelled = sum(event.event == "cancelled" for event in self.events)
        record = Record(
            self.end,
            self.transfers,
            self.climbed,
            self.reasons,
            self.sorties,
            cancelled,
            self.contacts,
            self.tips,
            self.answers,
            any(plan.standby is not None for plan in self.plan.patrols),
            self.reported_by,
            self.ais,
            self.unheard_investigations,
            self.on_ais,
            self.lookalikes,
        )
        return totals_of(record)

    @cached_property
    def reported_by(self) -> Mapping[str, Flags]:
        """By observer, crews left out: whether it reported each transfer before the end, (n,)."""
        return {} if self.dissemination is None else self.dissemination.reported_by()

    @cached_property
    def ais(self) -> AisHeard | None:
        """What observers that receive AIS heard of the transfers; None where no observer receives AIS."""
        dissemination, scenario = self.dissemination, self.plan.scenario
        if dissemination is None or not listens(scenario):
            return None
        plan = dissemination.plan
        return AisHeard(self.plan.transfers, plan.sources, self.transfers, self.world.key, plan.observers)

    @property
    def unheard_investigations(self) -> int | None:
        """How many investigations `dark` led to although the vessel sends AIS; None where all that is sent is heard."""
        if not hears_under_load(self.plan.scenario):
            return None
        traits = self.world.targets.traits
        return sum(
            feature == "dark" and not traits[target] & DARK
            for sortie in self.sorties
            for begin_h, target, feature in sortie.investigations
            if begin_h < self.end
        )

    @cached_property
    def on_ais(self) -> list[str | None] | None:
        """By which public rule each transfer is seen in the AIS that was heard, (n,); None where nobody asks for it."""
        rules = self.plan.scenario.outputs.ais_rules
        if rules is None:
            return None
        if self.ais is None:
            return [None] * self.transfers.begin.size
        return self.ais.seen_by_rules(rules, self.plan.scenario.plane.land)

    @cached_property
    def lookalikes(self) -> LookalikeRecord | None:
        """What crews made of hulls side by side; None where no background source has any."""
        if not has_lookalikes(self.plan.scenario):
            return None
        return LookalikeRecord(self.world.targets, self.world.transfers.begin.size, self.sorties, self.end)

    @cached_property
    def tips(self) -> TipRecord | None:
        """Reports and tips, from which the totals of tips are computed; None where no patrol follows tips."""
        if self.dissemination is None or not self.dissemination.cells:
            return None
        flights = [flight for sortie in self.sorties for flight in sortie.tip_flights]
        return TipRecord(self.dissemination, flights, self._first_documented(self.dissemination.plan.tip_nations))

    @cached_property
    def routes(self) -> dict[tuple[str, int], str]:
        """The route that each sortie was sent to, by its patrol and its number; those for a tip have none."""
        routes = self.plan.scenario.routes
        takeoffs = (event for event in self.events if event.event == "takeoff" and event.detail in routes)
        return {(event.patrol, event.sortie): event.detail for event in takeoffs}

    @cached_property
    def _route_shares(self) -> dict[tuple[str, int], RouteShare]:
        """What each sortie could fly of the route that it was sent to, by its patrol and its number."""
        return {sortie: self.plan.route_shares[sortie[0], route] for sortie, route in self.routes.items()}

    def passes_flown(self, sortie: Sortie) -> float:
        """The passes of its route that a sortie flew; a part of one counts by its length."""
        share = self._route_shares.get((sortie.patrol, sortie.number))
        return 0.0 if share is None else passes_flown(sortie, share, self.end)

    def passes_planned(self, sortie: Sortie) -> float:
        """The passes of its route that a sortie had time for if nothing had diverted it."""
        share = self._route_shares.get((sortie.patrol, sortie.number))
        return 0.0 if share is None else passes_planned(sortie, share, self.end)

    @cached_property
    def ships(self) -> dict[str, Ships]:
        """Of each source of background ships, those in the searched sea during sorties, and those detected."""
        return ships_met(self.plan, self.world, self.sorties, self.routes)

    def _first_documented(self, tip_nations: Mapping[str, str]) -> dict[int, tuple[float, str]]:
        """By target, of each counted transfer that was documented: the hour, and the nation of the crew that was first.

        `tip_nations`: the nation of each patrol that follows tips; the nation of any other crew is "".
        """
        counted, first = self.transfers.counted, dict[int, tuple[float, str]]()
        for event in self.events:
            if event.event == "documented" and counted[event.vessel]:
                first.setdefault(event.vessel, (event.time_h, tip_nations.get(event.patrol, "")))
        return first

    def first_documented_h(self) -> float | None:
        """The hour at which the first counted transfer was documented; None if none was."""
        times = self.climbed["documented"][self.transfers.counted]
        return float(np.nanmin(times)) if np.any(~np.isnan(times)) else None
