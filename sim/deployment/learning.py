"""Smugglers that learn: which cells of place and hour they remember as dangerous, and where they meet instead.

What is the same in every replication is a `LearningPlan`: the cells, and the chance of each on each day without
patrols. A `Memory` holds what is remembered in one replication.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely
import simpy

from sim.core import chance
from sim.core.arrays import Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.units import HOURS_PER_DAY
from sim.deployment.events import Event
from sim.deployment.inbox import Inbox
from sim.deployment.stints import Stint, Stints
from sim.deployment.transfers import TransferPlan
from sim.deployment.waiting import Process
from sim.model.beginnings import begin_density
from sim.model.learning import Learning
from sim.model.places import least_scale, uniform_places
from sim.scenario.schema import Scenario

_IMAGINED = 1.0
"""So many transfers without danger are imagined in each cell, so that one sign does not make a cell certain to be
dangerous: an assumption."""
_LEAST_CELL = 1e-3  # of the area of a whole square, or of the sea: smaller pieces are no cells


class Choice(NamedTuple):
    """What becomes of a transfer."""

    stint: Stint | None
    """When and where it takes place; None if it is given up."""
    cell: int
    """The number of its cell."""
    is_elsewhere: bool
    """Whether it is in another cell than without patrols."""


@dataclass(frozen=True)
class LearningPlan:
    """The cells among which the smugglers of a source choose."""

    spec: Learning
    source: TransferPlan
    seas: list[Any]
    """The cells of place: pieces of sea on the plane."""
    own: Ints
    """The numbers of the cells of place in the area of the source."""
    midnight_h: float
    """The hour of the first local midnight at or after the start, by the clock of the start."""
    zone_h: float
    """The local hour of the day at the start."""

    @property
    def period_h(self) -> float:
        """The hours of each part of the day."""
        return HOURS_PER_DAY / self.spec.hours

    @property
    def days(self) -> list[float]:
        """The hours at which the whole local days of the deployment begin."""
        last = math.floor((self.source.duration_h - self.midnight_h) / HOURS_PER_DAY + 1e-9)
        return [self.midnight_h + HOURS_PER_DAY * day for day in range(max(0, last))]

    @cached_property
    def shares_of_place(self) -> Floats:
        """The chance of each cell of place without patrols, (p,)."""
        areas: Floats = np.array([sea.area for sea in self.seas])
        return np.asarray(areas / areas.sum(), float)

    @cached_property
    def shares(self) -> Floats:
        """The chance of each cell on each day without patrols, (days, p * hours): place by place, hour after hour."""
        centre = shapely.centroid(shapely.union_all([self.seas[cell] for cell in self.own]))
        lon, lat = (np.atleast_1d(degrees) for degrees in self.source.plane.to_lonlat(centre.x, centre.y))
        source = self.source
        breaks, rate = begin_density(source.sun, source.spec.night_share, source.duration_h, lon, lat, source.profile)
        upto = np.concatenate([[0.0], np.cumsum(rate[0] * np.diff(breaks[0]))])
        edges = np.array(self.days)[:, None] + self.period_h * np.arange(self.spec.hours + 1)
        hours = np.diff(np.interp(edges, breaks[0], upto), axis=1)
        hours /= np.maximum(hours.sum(axis=1, keepdims=True), 1e-300)
        return np.asarray((self.shares_of_place[:, None] * hours[:, None, :]).reshape(len(hours), -1), float)

    @cached_property
    def least_scales(self) -> list[float]:
        """At most the least area scale over each cell of place."""
        return [least_scale(self.source.plane, sea) for sea in self.seas]

    def place_of(self, x: float, y: float) -> int:
        """Return the cell of place that holds a place, or is nearest to it."""
        if len(self.seas) == 1:
            return 0
        return int(np.argmin(shapely.distance(np.array(self.seas, object), shapely.Point(x, y))))

    def hour_of(self, hour: float) -> int:
        """Return the part of the local day in which an hour lies."""
        return int(((hour + self.zone_h) % HOURS_PER_DAY) // self.period_h)


def plan_learning(scenario: Scenario, source: TransferPlan) -> LearningPlan | None:
    """Prepare what the smugglers of a source choose among; None if they learn nothing."""
    spec = source.spec.learning
    if spec is None or spec.weight == 0.0:
        return None
    seas, own = list[Any](), list[int]()
    for name in spec.areas or [source.spec.area]:
        sea = source.sea if name == source.spec.area else scenario.plane.sea(scenario.areas[name].shape)
        cells = _cells_of(sea, spec.grid_nmi)
        own += range(len(seas), len(seas) + len(cells)) if name == source.spec.area else []
        seas += cells
    local = scenario.start.astimezone(scenario.local)
    zone_h = local.hour + local.minute / 60.0 + local.second / 3600.0
    return LearningPlan(spec, source, seas, np.array(own, np.int64), -zone_h % HOURS_PER_DAY, zone_h)


def _cells_of(sea: Any, side: float | None) -> list[Any]:
    """A sea divided into squares of a side, nmi; the sea itself without one."""
    if side is None:
        return [sea]
    west, south, east, north = sea.bounds
    columns, rows = (max(1, math.ceil((high - low) / side)) for low, high in ((west, east), (south, north)))
    squares = [
        shapely.box(west + side * i, south + side * j, west + side * (i + 1), south + side * (j + 1))
        for j in range(rows)
        for i in range(columns)
    ]
    pieces = [shapely.intersection(sea, square) for square in squares]
    return [piece for piece in pieces if piece.area > _LEAST_CELL * min(side * side, sea.area)]


class Memory:
    """What the smugglers of a source remember in one replication."""

    def __init__(self, plan: LearningPlan, key: Any) -> None:
        """Begin with nothing."""
        self.plan, self.key = plan, key

    def risk_at(self, hour: float, ends: Floats, cells: Ints, danger: Floats) -> Floats:
        """Return the risk that is remembered of each cell at an hour, (c,): signs of danger for each transfer there.

        Of n transfers: the hours at which they ended, their cells, and the weights of their signs of danger, (n,) each.
        """
        spec, count = self.plan.spec, self.plan.shares.shape[1]
        known = ends + HOURS_PER_DAY * spec.spread_days <= hour
        faded = np.exp((ends[known] - hour) / (HOURS_PER_DAY * spec.memory_days))
        transfers = np.bincount(cells[known], faded, count)
        return np.asarray(np.bincount(cells[known], faded * danger[known], count) / (_IMAGINED + transfers), float)

    # ------------------------------------------------------------------------------------------------ choosing
    def choose(self, day: int, vessels: np.uint64, stint: Stint, risk: Floats) -> Choice:
        """Choose where and when a transfer takes place that would begin on a whole day of the deployment.

        `vessels` is the identity of the pair, `stint` what it would do if nobody learnt, and `risk` (c,) what is
        remembered when the day begins.
        """
        spec = self.plan.spec
        if self._luck(Purpose.LEARNS, vessels) >= spec.weight:
            return Choice(stint, self.cell_of(stint), is_elsewhere=False)
        before = self._without_patrols(vessels, stint)
        at, shares = self.cell_of(before), self.plan.shares[day]
        stays = self._luck(Purpose.LEARNS, vessels, 1)
        if self._luck(Purpose.LEARNS, vessels, 2) < spec.deterrable_share:
            given_up = stays >= math.exp(-spec.rationality * risk[at])
            return Choice(None if given_up else before, at, is_elsewhere=False)
        if not shares.any():
            return Choice(before, at, is_elsewhere=False)
        wanted = shares * np.exp(-spec.rationality * (risk - risk[shares > 0.0].min()).clip(0.0))
        wanted /= wanted.sum()
        more: Floats = np.maximum(
            0.0, wanted - shares
        )  # whoever moves goes where more are wanted, so as few as possible
        if stays * shares[at] < wanted[at] or not more.any():
            return Choice(before, at, is_elsewhere=False)
        cell = _drawn(more, self._luck(Purpose.LEARNS, vessels, 3))
        return Choice(self._moved(day, vessels, before, at, cell), cell, is_elsewhere=True)

    def _luck(self, purpose: Purpose, vessels: np.uint64, counter: int = 0) -> float:
        return chance.uniform(self.key, purpose, vessels, np.uint64(counter))

    def cell_of(self, stint: Stint) -> int:
        """Return the number of the cell of a stint."""
        return self.plan.place_of(stint.x, stint.y) * self.plan.spec.hours + self.plan.hour_of(stint.begin)

    def _without_patrols(self, vessels: np.uint64, stint: Stint) -> Stint:
        """Where those who may choose among several areas meet if nothing is remembered; the hour is that of all."""
        plan = self.plan
        if len(plan.own) == len(plan.seas):
            return stint
        own_share = float(plan.shares_of_place[plan.own].sum())
        luck = self._luck(Purpose.LEARNS, vessels, 4)
        if luck < own_share:
            return stint
        others = np.setdiff1d(np.arange(len(plan.seas)), plan.own)
        cell = int(others[_drawn(plan.shares_of_place[others], (luck - own_share) / (1.0 - own_share))])
        x, y = self._place_in(cell, vessels)
        return stint._replace(x=x, y=y)

    def _moved(self, day: int, vessels: np.uint64, before: Stint, at: int, cell: int) -> Stint:
        """The same transfer in another cell: what the cell does not change stays as it was."""
        plan, hours = self.plan, self.plan.spec.hours
        x, y = (before.x, before.y) if at // hours == cell // hours else self._place_in(cell // hours, vessels)
        if at % hours == cell % hours:
            return before._replace(x=x, y=y)
        into = self._luck(Purpose.LEARNS, vessels, 5)
        begin = plan.days[day] + plan.period_h * (cell % hours + into)
        return Stint(begin, begin + before.end - before.begin, x, y)

    def _place_in(self, cell: int, vessels: np.uint64) -> tuple[float, float]:
        """A place uniform over the true area of a cell of place."""
        plane, sea = self.plan.source.plane, self.plan.seas[cell]
        who = np.array([chance.join(vessels, np.uint64(cell))], np.uint64)
        x, y = uniform_places(sea, plane, self.plan.least_scales[cell], self.key, Purpose.CHOSEN_PLACE, who)[0].tolist()
        return x, y


def _drawn(weights: Floats, luck: float) -> int:
    """The number that a random number in (0, 1) draws, with chances in proportion to weights (n,)."""
    upto = np.cumsum(weights)
    return min(int(np.searchsorted(upto, luck * upto[-1], side="right")), weights.size - 1)


class Learners:
    """The smugglers of a replication that learn: what they see, and what they plan each day."""

    def __init__(
        self, env: simpy.Environment, plans: Sequence[LearningPlan | None], stints: Stints, inbox: Inbox
    ) -> None:
        """Begin with nothing learnt; `plans` has one element for each source."""
        self.env, self.stints, self.inbox = env, stints, inbox
        self.memories = {index: Memory(plan, inbox.key) for index, plan in enumerate(plans) if plan is not None}
        table = stints.table
        self.cells: Ints = np.full(table.begin.size, -1)
        """The number of the cell of each transfer among those of its source, -1 where nobody learns."""
        self.displaced: Flags = np.zeros(table.begin.size, bool)
        self.danger: Floats = np.zeros(table.begin.size)
        """The weights of the signs of danger that each transfer has met, added up."""
        for index, memory in self.memories.items():
            for pair in np.flatnonzero(table.source == index).tolist():
                self.cells[pair] = memory.cell_of(stints.stints_of(pair)[0])

    def see_notice(self, pair: int) -> None:
        """Remember that a pair noticed an aircraft."""
        memory = self.memories.get(int(self.stints.table.source[pair]))
        if memory is not None:
            self.danger[pair] += memory.plan.spec.noticed_risk

    def see_documented(self, events: Sequence[Event]) -> None:
        """Remember that crews documented transfers."""
        for event in events:
            if event.event == "documented" and event.vessel < self.cells.size:
                memory = self.memories.get(int(self.stints.table.source[event.vessel]))
                if memory is not None:
                    self.danger[event.vessel] += memory.plan.spec.documented_risk

    def plan_days(self) -> Process:
        """Plan the transfers of each whole local day as it begins, when everybody has got as far."""
        for day, hour in enumerate(next(iter(self.memories.values())).plan.days):
            yield self.env.timeout(hour - self.env.now)
            self.inbox.change_sea([])
            while self.env.peek() <= self.env.now:  # let flights that have run ahead come to this hour
                yield self.env.timeout(0.0)
            planned: dict[int, Stint | None] = {}
            for index, memory in self.memories.items():
                planned |= self._planned(index, memory, day, hour)
            self.stints.plan(planned)

    def _planned(self, index: int, memory: Memory, day: int, hour: float) -> dict[int, Stint | None]:
        """What is planned anew of the transfers of a source that would begin on a day."""
        stints, table = self.stints, self.stints.table
        over = (table.source == index) & stints.took_place & (table.begin >= 0.0) & (stints.end <= hour)
        risk = memory.risk_at(hour, stints.end[over], self.cells[over], self.danger[over])
        planned: dict[int, Stint | None] = {}
        begins: Flags = (table.source == index) & (table.begin >= hour) & (table.begin < hour + HOURS_PER_DAY)
        for pair in np.flatnonzero(begins).tolist():
            before = stints.stints_of(pair)[0]
            choice = memory.choose(day, table.vessels[pair], before, risk)
            if self._is_calm_enough(memory, choice.stint):
                self.cells[pair], self.displaced[pair] = choice.cell, choice.is_elsewhere
                if choice.stint != before:
                    planned[pair] = choice.stint
        return planned

    def _is_calm_enough(self, memory: Memory, stint: Stint | None) -> bool:
        """Whether the sea lets a transfer begin as planned."""
        most, weather = memory.plan.source.spec.max_sea_state, self.inbox.weather
        return stint is None or most is None or not weather.sea_state[weather.row_at(stint.begin)] > most
