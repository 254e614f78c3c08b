"""What receivers of AIS heard of the vessels of transfers: on their way, alongside, and away again.

The track of a vessel begins `approach_h` before its transfer and ends `approach_h` after the transfer, since vessels
exist no longer than that. Where a pair lies low and comes alongside again, the time between its stints counts
as alongside at the first place, which is an assumption.
"""

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import SPOOFING
from sim.deployment.observed import ObservedSources
from sim.deployment.transfers import TransferPlan, TransferTable, passages
from sim.model.ais_rules import AisRules, Track
from sim.model.observers.ais_receiver import AisReceiver
from sim.model.observers.base import ObserverPlan
from sim.scenario.schema import Scenario


def listens(scenario: Scenario) -> bool:
    """Whether any observer of a scenario receives AIS."""
    return any(isinstance(spec, AisReceiver) for spec in scenario.observers.values())


class _Segments(NamedTuple):
    """The motion of hulls: segments (n, 6) sorted by hull and time, and the hull of each, (n,)."""

    rows: Floats
    hull: Ints

    def at(self, hull: Ints, hour: Floats) -> tuple[Floats, Floats, Flags]:
        """Where hulls are at hours, nmi, and whether they exist then, (m,) each."""
        begin = self.rows[:, 0]
        order = np.lexsort((np.concatenate([np.zeros(begin.size), np.ones(hour.size)]),
                            np.concatenate([begin, hour]), np.concatenate([self.hull, hull])))  # fmt: skip
        seen = np.maximum.accumulate(np.where(order < begin.size, order, -1))
        latest = np.empty(order.size, np.int64)
        latest[order] = seen
        found = latest[begin.size :]
        rows = self.rows[found]
        exists: Flags = (found >= 0) & (self.hull[found] == hull) & (hour < rows[:, 1])
        gone = hour - rows[:, 0]
        return rows[:, 2] + rows[:, 4] * gone, rows[:, 3] + rows[:, 5] * gone, exists


class AisHeard:
    """What the receivers among the observers heard of the transfers of one replication."""

    def __init__(
        self, plans: list[TransferPlan], sources: ObservedSources, table: TransferTable, key: Entities,
        observers: list[ObserverPlan],
    ) -> None:  # fmt: skip
        """Take the transfers as they took place, and all observers."""
        self.plans, self.table, self.key = plans, table, key
        self.receivers = [plan for plan in observers if isinstance(plan.spec, AisReceiver)]
        sends = sources.sends(table, key)
        self.sends: Flags = np.logical_or.reduce(sends, axis=1)
        """Whether any vessel of each transfer sends AIS, (n,)."""
        honest = sends & ((table.traits & SPOOFING) == 0)[:, None]
        self.transfer, number = np.nonzero(honest)
        identities = [chance.join_each(table.vessels, np.uint64(hull + 1)) for hull in range(sends.shape[1])]
        self.hulls = np.column_stack(identities)[self.transfer, number] if sends.size else np.zeros(0, np.uint64)
        """The identities of the hulls that send, and claim to be where they are, (m,)."""

    @cached_property
    def _segments(self) -> _Segments:
        """The motion of the hulls that send."""
        on_way = passages(self.plans, self.table, self.key)
        order = np.argsort(self.hulls)
        place = np.searchsorted(self.hulls[order], on_way.vessels)
        place = np.where(place < self.hulls.size, place, 0)
        hull_of = np.where(self.hulls[order][place] == on_way.vessels, order[place], -1)[on_way.owner]
        alongside = self.table.fleet()
        order = np.argsort(alongside.owner, kind="stable")
        starts = np.searchsorted(alongside.owner[order], np.arange(self.table.begin.size + 1))
        count = np.diff(starts)[self.transfer]  # each hull has the segments alongside
        hull = np.repeat(np.arange(self.transfer.size), count)
        number = np.arange(hull.size) - np.repeat(np.cumsum(count) - count, count)
        side_by_side = alongside.rows[order][starts[:-1][self.transfer][hull] + number]
        joined = np.vstack([on_way.rows[hull_of >= 0], side_by_side])
        hull = np.concatenate([hull_of[hull_of >= 0], hull])
        order = np.lexsort((joined[:, 0], hull))
        return _Segments(joined[order], hull[order])

    @cached_property
    def receptions(self) -> dict[str, tuple[Ints, Floats, Floats, Floats]]:
        """By receiver, the messages that the receiver heard: hull, hour, and place on the plane, nmi, (k,) each."""
        if not self.hulls.size:
            none = np.zeros(0)
            return {plan.name: (np.zeros(0, np.int64), none, none, none) for plan in self.receivers}
        approach = np.array([plan.spec.approach_h for plan in self.plans])[self.table.source][self.transfer]
        begin, end = self.table.begin[self.transfer] - approach, self.table.end[self.transfer] + approach
        found = {}
        for plan in self.receivers:
            spec: Any = plan.spec
            hull, _, hour = spec.heard(plan, self.key, self.hulls, begin, end)
            x, y, exists = self._segments.at(hull, hour)
            kept = exists & spec.hears_at(plan, x, y)
            found[plan.name] = (hull[kept], hour[kept], x[kept], y[kept])
        return found

    def heard_by(self) -> Mapping[str, Flags]:
        """By receiver, whether the receiver heard a vessel of each transfer while the pair lay alongside, (n,)."""
        found = {}
        for name, (hull, hour, _, _) in self.receptions.items():
            transfer = self.transfer[hull]
            alongside = (hour >= self.table.begin[transfer]) & (hour < self.table.end[transfer])
            flags: Flags = np.zeros(self.table.begin.size, bool)
            flags[transfer[alongside]] = True
            found[name] = flags
        return found

    @cached_property
    def tracks(self) -> list[Track]:
        """The track of each hull that sends, as all receivers together heard it."""
        columns = [np.concatenate(column) for column in zip(*self.receptions.values(), strict=True)]
        if not columns:
            return [Track(*np.zeros((3, 0))) for _ in self.hulls]
        hull, hour, x, y = columns
        order = np.lexsort((hour, hull))
        hull, hour, x, y = hull[order], hour[order], x[order], y[order]
        first = np.append(True, (np.diff(hull) > 0) | (np.diff(hour) > 0.0)) if hull.size else np.zeros(0, bool)
        hull, hour, x, y = hull[first], hour[first], x[first], y[first]
        ends = np.searchsorted(hull, np.arange(self.hulls.size + 1))
        pieces = [slice(*piece) for piece in pairwise(ends.tolist())]
        return [Track(hour[piece], x[piece], y[piece]) for piece in pieces]

    def seen_by_rules(self, rules: AisRules, land: Any) -> list[str | None]:
        """The rule by which each transfer is seen, (n,): `encounter`, or else `loitering`; None where neither does."""
        shapely.prepare(land)
        hulls_of: dict[int, list[int]] = {}
        for hull, transfer in enumerate(self.transfer.tolist()):
            hulls_of.setdefault(transfer, []).append(hull)
        found: list[str | None] = [None] * self.table.begin.size
        for transfer, hulls in hulls_of.items():
            tracks = [self.tracks[hull] for hull in hulls]
            pairs = [(one, two) for k, one in enumerate(tracks) for two in tracks[k + 1 :]]
            if any(rules.encounter(one, two, land) for one, two in pairs):
                found[transfer] = "encounter"
            elif any(rules.loiters(track, land) for track in tracks):
                found[transfer] = "loitering"
        return found
