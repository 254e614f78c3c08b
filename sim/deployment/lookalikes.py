"""Lookalikes: hulls side by side that are no transfer, and from how far away a crew tells so.

A crew that flies to such a contact tries once to tell that the contact is lawful: where the crew comes within the range
for that kind of contact. A crew that succeeds breaks off. Any other crew goes on, stays its time beside the contact,
and then knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.core.codes import ALONGSIDE, DIVERT, FLOWN_BEGIN, FLOWN_PHASE, REJOIN
from sim.core.motion import Motion
from sim.deployment.sorties import Sortie, legs_before
from sim.model.aircraft import Aircraft, Rung
from sim.scenario.schema import Scenario

TOLD_FROM_AFAR = "from afar"
"""The detail of the event `identified` where a crew told on its way that the contact is a lookalike."""


def has_lookalikes(scenario: Scenario) -> bool:
    """Whether a source of background has hulls side by side."""
    return any(gap_m > 0.0 for source in scenario.background.values() for gap_m in source.hull_gaps_m)


@dataclass(frozen=True)
class Lookalikes:
    """From how far away the crew of an aircraft tells that contacts are no transfer."""

    rungs: Mapping[int, Rung]
    """The range and the chance by number of the fleet of vessels (`Motion.fleets`): background sources count from 1."""

    def ranges_nmi(self, targets: Motion) -> Floats:
        """The range at which the crew may tell of each target that it is no transfer, (m,); 0 where the crew cannot."""
        ranges = np.zeros(targets.vessels.size)
        for fleet, rung in self.rungs.items():
            ranges[(targets.fleets == fleet) & ((targets.traits & ALONGSIDE) > 0)] = rung.range_nmi
        return ranges

    def rung_of(self, targets: Motion, target: int) -> Rung:
        """How the crew tells that a target is no transfer."""
        return self.rungs[int(targets.fleets[target])]


def plan_lookalikes(scenario: Scenario, aircraft: Aircraft) -> Lookalikes:
    """Prepare from how far away the crew of a type of aircraft tells lookalikes."""
    given = aircraft.identification.lookalikes if aircraft.identification else {}
    numbers = {name: number for number, name in enumerate(sorted(scenario.background), start=1)}
    return Lookalikes({numbers[name]: rung for name, rung in given.items()})


# ---------------------------------------------------------------------------------------------------- what they cost
class Visit(NamedTuple):
    """One investigation."""

    sortie: Sortie
    begin_h: float
    target: int
    hours: float
    """The hours of the investigation before the end of the deployment, with the ways there and back to the route."""


def visits_of(sorties: Iterable[Sortie], end_h: float) -> list[Visit]:
    """All investigations that began before an end. The way back to the route belongs to the last one before it."""
    found = []
    for sortie in sorties:
        begun = [(begin_h, target) for begin_h, target, _ in sortie.investigations if begin_h < end_h]
        if not begun:
            continue
        flown = legs_before(sortie.flown, end_h)
        flown = flown[(flown[:, FLOWN_PHASE] >= DIVERT) & (flown[:, FLOWN_PHASE] <= REJOIN)]
        number = np.searchsorted([begin_h for begin_h, _ in begun], flown[:, FLOWN_BEGIN], side="right") - 1
        lasted = flown[:, FLOWN_BEGIN + 1] - flown[:, FLOWN_BEGIN]
        hours = np.bincount(number[number >= 0], lasted[number >= 0], len(begun)).tolist()
        found += [Visit(sortie, *one, spent) for one, spent in zip(begun, hours, strict=True)]
    return found


@dataclass(frozen=True)
class LookalikeRecord:
    """What crews made of hulls side by side in one replication, from which the totals are computed."""

    targets: Motion
    transfers: int
    """The number of transfers, which come first among the targets."""
    sorties: Sequence[Sortie]
    end_h: float

    def is_lookalike(self, target: int) -> bool:
        """Whether a target is two or more hulls side by side and no transfer."""
        return target >= self.transfers and bool(self.targets.traits[target] & ALONGSIDE)

    @cached_property
    def contacts(self) -> list[tuple[Sortie, float, int]]:
        """The contacts that showed two or more hulls side by side, each sortie anew: sortie, hour and target."""
        return self._before_end((sortie, *one) for sortie in self.sorties for one in sortie.two_hulls)

    @cached_property
    def transfers_among_them(self) -> list[tuple[Sortie, float, int]]:
        """The contacts that showed two or more hulls side by side and are transfers."""
        return [one for one in self.contacts if one[2] < self.transfers]

    @cached_property
    def visits(self) -> list[Visit]:
        """The investigations of lookalikes."""
        return [visit for visit in visits_of(self.sorties, self.end_h) if self.is_lookalike(visit.target)]

    @cached_property
    def told(self) -> list[tuple[Sortie, float, int]]:
        """The contacts of which crews told on their way that they are lookalikes: sortie, hour and target."""
        return self._before_end((sortie, *one) for sortie in self.sorties for one in sortie.told)

    def _before_end(self, found: Iterable[tuple[Sortie, float, int]]) -> list[tuple[Sortie, float, int]]:
        return [one for one in found if one[1] < self.end_h]

    def rows(self, total: str) -> list[tuple[Sortie, float, int, float]]:
        """What a total adds up: the sortie, the hour, the target and the amount of each case."""
        if total in ("lookalike_investigations", "lookalike_hours"):
            in_hours = total == "lookalike_hours"
            return [(one.sortie, one.begin_h, one.target, one.hours if in_hours else 1.0) for one in self.visits]
        found = {
            "two_hull_contacts": self.contacts,
            "two_hull_transfers": self.transfers_among_them,
            "lookalikes_told": self.told,
        }[total]
        return [(*one, 1.0) for one in found]
