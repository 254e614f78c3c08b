"""The transfers of a sea that answers: when and where each pair lies alongside, as its vessels change their minds.

A stint is one time alongside. A transfer begins as one stint. A pair that parts early ends it, and may begin another
one later. Everything that changes is told to the aircraft in the air through their inbox.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import simpy

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.motion import Motion
from sim.deployment.inbox import Inbox
from sim.deployment.transfers import TransferTable


class Stint(NamedTuple):
    """One time alongside: from when to when, hours, and where, nmi."""

    begin: float
    end: float
    x: float
    y: float


class Stints:
    """The stints of all transfers of a replication: those that are over, and the one that is on or comes next.

    Arrays have one place for each of the n transfers, in the order of their table.
    """

    def __init__(self, env: simpy.Environment, table: TransferTable, inbox: Inbox) -> None:
        """Begin with one stint for each transfer, as nobody would change it."""
        self.env, self.table, self.inbox = env, table, inbox
        self.begin, self.end = table.begin.copy(), table.end.copy()
        self.x, self.y = table.x.copy(), table.y.copy()
        self.vessels: Entities = table.vessels.copy()
        """Identity of each pair in its present stint, from which its luck with aircraft follows."""
        self.numbers: Ints = np.zeros(table.begin.size, np.int64)
        """Number of the present stint of each pair, from 0."""
        self.over: list[list[Stint]] = [[] for _ in range(table.begin.size)]
        """The stints of each transfer before the present one."""
        self.listeners: list[Callable[[int, Stint | None], None]] = []
        """Told of each change: the pair, and the stint in which it will lie alongside, None for none."""
        self.took_place: Flags = np.ones(table.begin.size, bool)
        """Whether each transfer takes place."""

    def stints_of(self, pair: int) -> list[Stint]:
        """Return all stints of a transfer, in order; none if it does not take place."""
        now = Stint(*(float(column[pair]) for column in (self.begin, self.end, self.x, self.y)))
        return [*self.over[pair], now] if self.took_place[pair] else []

    # ------------------------------------------------------------------------------------------------ changes
    def part(self, pair: int) -> float:
        """Let a pair part now; return the hours that were left of its stint."""
        left_h = float(self.end[pair]) - self.env.now
        self.end[pair] = self.env.now
        self._tell({pair: None}, was_alongside=True)
        return left_h

    def come_again(self, pair: int, stint: Stint) -> None:
        """Let a pair that has parted lie alongside again. It is a new opportunity for every sensor and crew."""
        self.over[pair].append(self.stints_of(pair)[-1])
        self.numbers[pair] += 1
        self.vessels[pair] = chance.join(self.table.vessels[pair], np.uint64(self.numbers[pair]))
        self._place(pair, stint)
        self._tell({pair: stint}, was_alongside=True)

    def plan(self, planned: Mapping[int, Stint | None]) -> None:
        """Let transfers that have not begun take place at other hours or places; None for one that is given up."""
        for pair, stint in planned.items():
            if stint is None:
                self.took_place[pair] = False
                self.end[pair] = self.begin[pair]
            else:
                self._place(pair, stint)
        if planned:
            self._tell(planned, was_alongside=False)

    def _place(self, pair: int, stint: Stint) -> None:
        self.begin[pair], self.end[pair], self.x[pair], self.y[pair] = stint

    def _tell(self, changed: Mapping[int, Stint | None], *, was_alongside: bool) -> None:
        """Change the targets of the aircraft, call back those in the air, and tell those who listen."""
        self.inbox.targets = self._changed_motion(list(changed))
        self.inbox.change_sea(list(changed) if was_alongside else [])
        for pair, stint in changed.items():
            for listener in self.listeners:
                listener(pair, stint)

    def _changed_motion(self, pairs: list[int]) -> Motion:
        """The motion of all targets, in which that of some pairs is changed."""
        before = self.inbox.targets
        others = ~np.isin(before.owner, pairs)
        # Pairs that answer lie still.
        own = [[*stint, 0.0, 0.0, pair] for pair in pairs for stint in self.stints_of(pair)]
        changed: Floats = np.array(own).reshape(-1, 7)
        rows = np.concatenate([before.rows[others], changed[:, :6]])
        owner = np.concatenate([before.owner[others], changed[:, 6].astype(np.int64)])
        order = np.argsort(rows[:, 0], kind="stable")
        vessels = before.vessels.copy()
        vessels[pairs] = self.vessels[pairs]
        rows = np.ascontiguousarray(rows[order])
        return replace(
            before, rows=rows, owner=owner[order], vessels=vessels, reach=np.maximum.accumulate(rows[:, 1])
        )  # fmt: skip

    # ------------------------------------------------------------------------------------------------ what happened
    def happened(self) -> TransferTable:
        """Return the transfers as they took place: from their first beginning to their last end, at their first place.

        Those that did not take place do not count.
        """
        begin, x, y = self.begin.copy(), self.x.copy(), self.y.copy()
        for pair, stints in enumerate(map(self.stints_of, range(begin.size))):
            if stints:
                begin[pair], x[pair], y[pair] = stints[0].begin, stints[0].x, stints[0].y
        counted = self.took_place & (begin >= 0.0) & (begin < self.inbox.end_h)
        return replace(self.table, begin=begin, end=self.end.copy(), x=x, y=y, counted=counted)
