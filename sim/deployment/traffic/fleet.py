"""Boats of a fleet in one replication: at work in their area, and on passage between it and their port.

Boats come to work as a Poisson process and stay for independent times, so that the number at work is Poisson with the
same mean at every hour (see `stays`). Where a boat works follows from `kernels.work`. Each stay begins and ends at
places uniform in the area; the passages before it and after it lead there from the port and back.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import ALONGSIDE, DARK, STATIONARY_KN, Purpose
from sim.core.geo import polygon_edges
from sim.core.motion import Fleet, labels_of
from sim.core.profiles import Profile
from sim.core.stretches import Stretches
from sim.core.units import HOURS_PER_DAY
from sim.deployment.contacts import background_traits, class_numbers, classes_of
from sim.deployment.traffic.base import SegmentBuffers, SourceShape, TrafficPlan
from sim.deployment.traffic.stays import Stays, draw_stays, parts_in_season
from sim.model.background import fleet as keys
from sim.model.clear_sea import Harbour, harbour_of
from sim.model.local_times import Clock
from sim.model.vessels import Hulls
from sim.scenario.schema import Scenario

_TRIPS = 10**9  # the number of a trip in its stay, times this, is added to the number of the boat
_SQUARE_NMI = 5.0  # the side of the squares in which the density of boats on passage is counted


@dataclass(frozen=True)
class FleetPlan(TrafficPlan):
    """What the boats of a fleet need in every replication."""

    kind: ClassVar[str] = "fleet"
    name: str
    spec: keys.Fleet
    sea: Any
    """The sea in which they work, a shape on the plane, clear of land."""
    edges: Floats
    """(4, m): x and y of the beginning of each edge of its outline and its vector, nmi, with the sea on the left."""
    harbour: Harbour | None
    duration_h: float
    kinds: tuple[int, int]
    """Numbers of the classes of its boats with AIS and without."""
    clock: Clock

    @classmethod
    def of(cls, scenario: Scenario, name: str) -> Self:
        """Prepare the sea in which the boats work, and the port."""
        spec = scenario.background[name]
        if not isinstance(spec, keys.Fleet):
            raise TypeError(f"{name} is no fleet")
        sea = spec.sea(scenario.plane, {name: area.shape for name, area in scenario.areas.items()})
        harbour = None if spec.port is None else harbour_of(scenario.plane, spec.port, sea)
        kinds = class_numbers(classes_of(scenario.background, scenario.transfers), spec.hulls, *spec.hull_gaps_m)
        return cls(name, spec, sea, polygon_edges(sea), harbour, scenario.duration_h, kinds, scenario.clock)

    @cached_property
    def source(self) -> np.uint64:
        """Identity of the source, from which the identities of its boats are made."""
        return chance.identity("background", self.name)

    @cached_property
    def trip(self) -> Stretches | None:
        """The time for which a boat works; None if it stays to the end."""
        return None if self.spec.trip_h is None else Stretches(self.spec.trip_h)

    @cached_property
    def passage_h(self) -> float:
        """The mean time of a passage between the area and the port; 0 without a port."""
        return 0.0 if self.harbour is None else self.harbour.mean_nmi / self.spec.passage_kn

    @cached_property
    def profile(self) -> Profile:
        """The mean number of boats at work, from before hour 0 until after the end."""
        return self.spec.profile(self.clock, -self._margin_h, self.duration_h + self._margin_h)

    def on_passage(self, begin_h: float, end_h: float) -> float:
        """The mean number of boats on passage, out and home, between two hours.

        As many put out in an hour as trips end, and more where the number at work rises; as many come home, and more
        where it falls. That boats are under way some hours before or after is left out.
        """
        if self.trip is None or self.harbour is None:
            return 0.0
        a_trip = 2.0 * self.profile.mean(begin_h, end_h) / self.trip.mean
        if end_h > begin_h:
            part = self.profile.within(begin_h, end_h)
            changes = np.abs(part.last - part.first).sum() + np.abs(part.first[1:] - part.last[:-1]).sum()
            a_trip += float(changes) / (end_h - begin_h)
        return a_trip * self.passage_h

    @property
    def mean_ships(self) -> float:
        """The boats at work at the beginning, and the boats that come later."""
        coming = 0.0 if self.trip is None else (self.duration_h + 2.0 * self._margin_h) / self.trip.mean
        return self.profile.greatest * (1.0 + coming)

    @property
    def segments_per_ship(self) -> float:
        """A segment begins with each new course and with each change between trawling and drifting."""
        spec, hours = self.spec, self.duration_h
        speed = float(np.mean(spec.speed_kn.quantile(np.linspace(0.005, 0.995, 100))))
        outline = float(np.hypot(*self.edges[2:]).sum())
        trawling = spec.trawling_share
        edge_kn = trawling * speed + (1.0 - trawling) * spec.drift_kn
        per_h = trawling * speed / spec.mean_leg_nmi + edge_kn * outline / (np.pi * float(self.sea.area))
        if spec.trawl_h is not None and spec.drift_h is not None:
            per_h += 2.0 / (Stretches(spec.trawl_h).mean + Stretches(spec.drift_h).mean)
        if self.trip is not None:
            hours = hours / (1.0 + hours / self.trip.mean)
        return 1.0 + per_h * hours + (0.0 if self.harbour is None else 4.0)

    @cached_property
    def _margin_h(self) -> float:
        """The hours before hour 0 and after the end for which boats are drawn: the longest passage and more."""
        if self.harbour is None:
            return 0.0
        longest = max(float(np.hypot(*np.diff(way, axis=0).T).sum()) for way in self.harbour.probe_ways)
        return 1.5 * longest / self.spec.passage_kn + 1.0

    # ------------------------------------------------------------------------------------------- who is present where
    def present_by_class(self, begin_h: float, end_h: float, shape: Any = None) -> dict[Hulls, float]:
        """Boats at work count by the part of their sea in the shape, and boats on passage by the part of their ways."""
        if shape is None:
            return {self.spec.hulls: self.profile.mean(begin_h, end_h) + self.on_passage(begin_h, end_h)}
        part = float(shapely.intersection(self.sea, shape).area) / float(self.sea.area)
        there = self.profile.mean(begin_h, end_h) * part
        if self.harbour is not None:
            within = shapely.length(shapely.intersection(self._ways, shape)).sum()
            there += self.on_passage(begin_h, end_h) * float(within / shapely.length(self._ways).sum())
        return {self.spec.hulls: there}

    def density(self, x: Floats, y: Floats, begin_h: float, end_h: float) -> dict[Hulls, Floats]:
        """Boats at work are everywhere in their sea alike; boats on passage are counted in squares of 5 nmi."""
        inside = shapely.contains_xy(self.sea, x, y)
        found = np.where(inside, self.profile.mean(begin_h, end_h) / float(self.sea.area), 0.0)
        if self.harbour is not None:
            squares, shares = self._passage_squares
            number = _square_numbers(x, y)
            at = np.minimum(np.searchsorted(squares, number), squares.size - 1)
            share = np.where(squares[at] == number, shares[at], 0.0)
            found = found + self.on_passage(begin_h, end_h) * share / _SQUARE_NMI**2
        return {self.spec.hulls: found}

    @cached_property
    def _ways(self) -> Any:
        """The ways from some places of the area to the port, as lines, (n,)."""
        ways = [] if self.harbour is None else self.harbour.probe_ways
        return np.array([shapely.LineString(way) for way in ways])

    @cached_property
    def _passage_squares(self) -> tuple[Ints, Floats]:
        """The squares through which ways to the port lead, and the share of their length in each, (n,) each."""
        lines = shapely.segmentize(self._ways, 1.0)
        places = shapely.get_coordinates(lines)
        squares, counts = np.unique(_square_numbers(*places.T), return_counts=True)
        return squares, counts / counts.sum()

    def shapes(self, begin_h: float, end_h: float) -> list[SourceShape]:
        """The sea in which the boats work, and the way from its middle to the port."""
        found = [SourceShape(self.spec.area, self.sea)]
        if self.harbour is not None and self.trip is not None:
            middle = np.hypot(*(self.harbour.probes - self.harbour.probes.mean(axis=0)).T).argmin()
            a_day = self.on_passage(begin_h, end_h) / self.passage_h * HOURS_PER_DAY
            found.append(SourceShape(f"{self.name}, passage", self._ways[middle], a_day))
        return found

    # ------------------------------------------------------------------------------------------- one replication
    def realise(self, key: Entities, all_ships: bool, buffers: SegmentBuffers) -> tuple[Fleet, Fleet | None]:
        """The boats with any trait, and all other boats."""
        margin = self._margin_h
        profile = self.profile
        stays = draw_stays(key, self.source, profile.greatest, self.trip, -margin, self.duration_h + margin)
        if not profile.is_constant:
            stays = _in_season(key, stays, profile)
        traits = self._traits(key, stays)
        has_traits = traits != 0
        suspects = self._fleet(key, stays.select(has_traits), traits[has_traits], buffers, True)
        if not all_ships:
            return suspects, None
        return suspects, self._fleet(key, stays.select(~has_traits), traits[~has_traits], buffers, False)

    def _traits(self, key: Entities, stays: Stays) -> Ints:
        """The traits of each boat, (n,). A boat that is slow by turns may lie still whenever somebody looks at it."""
        spec = self.spec
        drifts = spec.drift_h is not None and spec.drift_kn < STATIONARY_KN
        lies_still = drifts | (spec.speed_kn.quantile(stays.speed) < STATIONARY_KN)
        pair = ALONGSIDE if spec.pair else 0
        return pair | background_traits(spec, key, stays.vessels, stays.luck, lies_still)

    def _fleet(self, key: Entities, stays: Stays, traits: Ints, buffers: SegmentBuffers, suspicious: bool) -> Fleet:
        """The boats of some stays, and their segments in reused arrays."""
        rows, owner = self._work(key, stays, buffers, suspicious)
        if self.harbour is not None and stays.vessels.size:
            rows, owner = self._with_passages(rows, owner, stays.vessels.size)
            there = (rows[:, 1] > 0.0) & (rows[:, 0] < self.duration_h)
            rows, owner = rows[there], owner[there]
            kept = np.zeros(stays.vessels.size, bool)
            kept[owner] = True
            owner, stays, traits = (np.cumsum(kept) - 1)[owner], stays.select(kept), traits[kept]
        labels = labels_of(self.name, stays.ordinal) if suspicious else np.zeros(stays.vessels.size, "U1")
        with_ais, dark = self.kinds
        return Fleet(rows, owner, stays.vessels, labels, np.where(traits & DARK, dark, with_ais), traits)

    def _work(self, key: Entities, stays: Stays, buffers: SegmentBuffers, suspicious: bool) -> tuple[Floats, Ints]:
        """The segments of boats at work, (n, 6), and their owners, (n,)."""
        from sim.core import kernels

        spec, count = self.spec, stays.vessels.size
        finish = np.minimum(stays.end, self.duration_h + self._margin_h)
        until, trawls = self._first_stretches(key, stays)
        size = int(1.1 * self.segments_per_ship * count) + 1024
        while True:
            rows, owner = buffers.reserve(self.name, suspicious, size, 0)
            size = kernels.work(
                key, stays.vessels, stays.begin, finish, spec.speed_kn.quantile(stays.speed), until, trawls, self.edges,
                spec.mean_leg_nmi, spec.drift_kn, self._quantiles, Stretches.step, rows, owner, 0, 0,
            )  # fmt: skip
            if size <= len(owner):  # else the arrays were too short, and the kernel says how long they must be
                return rows[:size], owner[:size]

    @cached_property
    def _quantiles(self) -> Floats:
        """The quantiles of the hours of a stretch of drifting and of one of trawling, (2, k)."""
        laws = (self.spec.drift_h, self.spec.trawl_h)
        return np.array([Stretches(law).quantiles if law is not None else np.full(2, np.inf) for law in laws])

    def _first_stretches(self, key: Entities, stays: Stays) -> tuple[Floats, Ints]:
        """Until when the first stretch of each boat lasts, and whether it is trawled, (n,) each.

        Each boat is as if it had trawled and drifted by turns for ever: trawling by its share of the time, and for what
        is left of a stretch under way.
        """
        spec, count = self.spec, stays.vessels.size
        if spec.trawl_h is None or spec.drift_h is None:
            return np.full(count, np.inf), np.ones(count, np.int64)
        first, second = (chance.uniforms(key, Purpose.WORK, stays.vessels, counter) for counter in (0, 1))
        trawls = first[:, 0] < spec.trawling_share
        length = np.where(
            trawls, Stretches(spec.trawl_h).under_way(first[:, 1]), Stretches(spec.drift_h).under_way(first[:, 1])
        )
        return stays.begin + length * second[:, 0], trawls.astype(np.int64)

    def _with_passages(self, rows: Floats, owner: Ints, count: int) -> tuple[Floats, Ints]:
        """Segments of `count` boats at work and on passage from the port and home, by boat and time."""
        each = np.arange(owner.size)
        first, last = np.zeros(count, np.int64), np.zeros(count, np.int64)
        last[owner], first[owner[::-1]] = each, each[::-1]  # the segments of a boat are in order of time
        ends = rows[last, 2:4] + rows[last, 4:6] * (rows[last, 1] - rows[last, 0])[:, None]
        out, out_owner = self._passages(rows[first, 2:4], rows[first, 0], True)
        home, home_owner = self._passages(ends, rows[last, 1], False)
        return np.concatenate([out, rows, home]), np.concatenate([out_owner, owner, home_owner])

    def _passages(self, places: Floats, hours: Floats, outward: bool) -> tuple[Floats, Ints]:
        """The segments (k, 6) of passages between places (n, 2) and the port, and their numbers (k,).

        An outward passage ends at its place at its hour (n,); a passage home begins at its place at its hour.
        """
        if self.harbour is None:
            return np.zeros((0, 6)), np.zeros(0, np.int64)
        points, counts = self.harbour.ways(places)
        number = np.repeat(np.arange(counts.size), counts)
        leg = np.append(number[1:] == number[:-1], False)  # whether a leg leads from a point to the next one
        step = np.where(leg[:, None], np.roll(points, -1, axis=0) - points, 0.0)
        length = np.hypot(*step.T)
        along = np.cumsum(length) - length  # the distance from the first point of all ways; no leg joins two ways
        along -= np.repeat(along[np.cumsum(counts) - counts], counts)
        good = leg & (length > 0.0)
        begin, hours_taken = along[good] / self.spec.passage_kn, length[good] / self.spec.passage_kn
        velocity, at = step[good] / hours_taken[:, None], hours[number[good]]
        if outward:
            rows = np.column_stack([at - begin - hours_taken, at - begin, points[good] + step[good], -velocity])
            return rows[::-1], number[good][::-1]
        return np.column_stack([at + begin, at + begin + hours_taken, points[good], velocity]), number[good]


def _in_season(key: Entities, stays: Stays, profile: Profile) -> Stays:
    """The stays that the calendar allows: each part of a stay is the trip of another boat, out and home."""
    parts = parts_in_season(key, stays, profile)
    found = stays.select(parts.stay)
    vessels = found.vessels.copy()
    for number in range(1, int(parts.number.max(initial=0)) + 1):
        later = parts.number == number
        vessels[later] = chance.join_each(vessels[later], np.uint64(number))
    # A name must be that of one boat, so on trips after the first the name has the number of the trip as well.
    further = parts.number * np.where(found.ordinal < 0, -_TRIPS, _TRIPS)
    return found._replace(ordinal=found.ordinal + further, vessels=vessels, begin=parts.begin, end=parts.end)


def _square_numbers(x: Floats, y: Floats) -> Ints:
    """The numbers of the squares in which places lie, in the shape of their coordinates."""
    column, row = (np.floor(np.asarray(c) / _SQUARE_NMI).astype(np.int64) for c in (x, y))
    return np.asarray(column * 1_000_000 + row)
