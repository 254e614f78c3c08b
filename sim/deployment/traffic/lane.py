"""Background traffic: the ships that follow a lane in one replication.

Ships enter at both ends of the lane, each with its speed and its lateral place, and keep both until they leave at the
other end. If the rate at which they enter is f, there are f L E[1/v] of them on a lane whose tracks have the length L:
f E[1/v] on each mile of a track. Slow ships stay longer, so where the speed of those that enter has the density g(v),
the speed of those present has the density g(v) / v, divided by E[1/v]. Ships that are on the lane at hour 0 have that
speed, and each is anywhere on its track alike: so the traffic is stationary from the beginning.

Scheduled ships enter at equal intervals. Those on the lane at hour 0 have entered before hour 0, as the schedule says.

Where the flow changes with time, it does so for the ships that enter. At the distance s from the end at which they
enter, f E[F(t - s / v) / v] of them are on each mile of a track at the hour t, with the factor F of the hour at which
they entered. Ships on the lane at hour 0 are drawn for the greatest factor, and thinned by the factor of that hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import DARK, STATIONARY_KN, Purpose
from sim.core.corridors import SIDES, Corridor, corridor_of, lateral_shares
from sim.core.motion import Fleet, labels_of
from sim.core.profiles import Profile
from sim.core.units import HOURS_PER_DAY
from sim.deployment.contacts import background_traits, class_numbers, classes_of
from sim.deployment.traffic.base import SegmentBuffers, SourceShape, TrafficPlan
from sim.deployment.traffic.batches import Batch, interpolated
from sim.model.background.lane import Lane, Stream, slowness_h
from sim.model.vessels import Hulls
from sim.scenario.schema import Scenario

_BATCH = 16_384  # ships are drawn so many at a time, so that their numbers stay in the processor's cache
_STEPS = 4096  # the quantiles of the speed of those present are tabulated at so many equal steps of probability
_NEAR_NMI = 1.0  # places farther from a corridor than this are not on the lane
_TRACKS = 64  # lateral places at which means over all tracks are computed, in equal steps of probability
_QUANTILES: Floats = (np.arange(_TRACKS) + 0.5) / _TRACKS
_MOST_HOURS = 20_000.0  # hours before hour 0 for which a factor is looked up; hardly any ship entered earlier
_SPEEDS: Floats = (np.arange(256) + 0.5) / 256  # quantiles of a speed, to tell when ships that are far along entered
_PARTS = 64  # parts of a track, for each of which the time of entering is told


class _Traffic(NamedTuple):
    """One direction of one flow, made ready."""

    stream: Stream
    source: np.uint64
    """The identity from which the identities of its ships are made."""
    kinds: tuple[int, int]
    """Numbers of the classes of its ships with AIS and without."""
    present: float
    """The mean number of its ships on the lane."""
    lateral_shares: Floats
    """At equal steps of the lateral quantile, the share of the ships present whose quantile is below, from 0 to 1."""
    present_speed_kn: Floats
    """Quantiles of the speed of the ships present, at equal steps of probability from 0 to 1."""
    longest_h: float
    """The longest time that a ship may take from one end to the other."""


@dataclass(frozen=True)
class LanePlan(TrafficPlan):
    """What the ships of a lane need in every replication."""

    kind: ClassVar[str] = "lane"
    name: str
    spec: Lane
    line: Floats
    """(m, 2): the points of the middle of the lane, nmi."""
    corridor: Corridor
    """The sea in which its ships are."""
    duration_h: float
    kinds: dict[Hulls, tuple[int, int]]
    """Numbers of the classes of its ships with AIS and without, by class."""
    profile: Profile | None
    """The factor on the flows of ships that enter, from the earliest that are on the lane at hour 0; None if always 1.
    """

    @classmethod
    def of(cls, scenario: Scenario, name: str) -> Self:
        """Lay the corridor of the lane."""
        spec = scenario.background[name]
        if not isinstance(spec, Lane):
            raise TypeError(f"{name} is no lane")
        line = np.column_stack(scenario.plane.to_xy(*np.array(spec.line).T))
        classes = classes_of(scenario.background, scenario.transfers)
        kinds = {hulls: class_numbers(classes, hulls) for hulls in spec.hull_sets}
        corridor = corridor_of(line, spec.half_width_nmi, scenario.plane.coast)
        longest = float(corridor.lengths(np.linspace(-1.0, 1.0, _TRACKS) * corridor.half_width).max())
        slowest = min(flow.speed_kn.bounds()[0] for flow in spec.all_flows)
        earliest = -min(longest / slowest + spec.jitter_h, _MOST_HOURS)
        profile = spec.profile(scenario.clock, earliest, scenario.duration_h + spec.jitter_h)
        return cls(name, spec, line, corridor, scenario.duration_h, kinds, profile)

    @cached_property
    def parts(self) -> "dict[bool, _Parts]":
        """Parts of the tracks of ships at equal steps of the lateral quantile, by whether they go forward."""
        tracks = {way: self.corridor.tracks(self.spec.lateral_nmi(_QUANTILES, way)) for way in (True, False)}
        return {True: _Parts.of(tracks[True]), False: _Parts.of(tracks[False][:, ::-1])}

    @cached_property
    def traffic(self) -> tuple[_Traffic, ...]:
        """Its flows in each direction that has ships, made ready."""
        lengths = {way: self.corridor.lengths(self.spec.lateral_nmi(_QUANTILES, way)) for way in (True, False)}
        found = []
        for stream in self.spec.streams:
            length, speed = lengths[stream.is_forward], stream.flow.speed_kn
            if stream.per_h > 0.0:
                source = chance.identity("background", self.name, stream.name)
                shares = np.concatenate([[0.0], np.cumsum(length)]) / length.sum()
                present = stream.per_h * float(length.mean()) * slowness_h(speed)
                longest = float(length.max()) / speed.bounds()[0]
                kinds = self.kinds[stream.flow.hulls]
                found.append(_Traffic(stream, source, kinds, present, shares, _present_speed(stream), longest))
        return tuple(found)

    @property
    def greatest(self) -> float:
        """The greatest factor on the flows."""
        return 1.0 if self.profile is None else self.profile.greatest

    @property
    def mean_ships(self) -> float:
        """The ships present at hour 0 and those that enter; with a schedule also ships that have left before hour 0."""
        before = [
            one.stream.per_h * one.longest_h if self.spec.arrivals == "scheduled" else one.present
            for one in self.traffic
        ]
        mean = 1.0 if self.profile is None else self.profile.mean(0.0, self.duration_h)
        return self.greatest * sum(before) + mean * self.duration_h * sum(one.stream.per_h for one in self.traffic)

    @property
    def segments_per_ship(self) -> float:
        """A segment between two points of the lane."""
        return float(len(self.corridor.points) - 1)

    def on_each_mile(self, traffic: _Traffic, gone: Floats, begin_h: float, end_h: float) -> Floats:
        """The mean number of ships on a mile of a track between two hours, at distances (n,) from where they enter."""
        speed = traffic.stream.flow.speed_kn
        if self.profile is None:
            return np.full(np.shape(gone), traffic.stream.per_h * slowness_h(speed))
        knots = speed.quantile(_SPEEDS)
        steps = np.linspace(0.0, max(float(np.max(gone, initial=0.0)), 1.0), 3 * _PARTS + 1)
        begin, end = begin_h - steps[:, None] / knots, end_h - steps[:, None] / knots
        if end_h > begin_h:
            factor = (self.profile.integral(end) - self.profile.integral(begin)) / (end_h - begin_h)
        else:
            factor = self.profile.at(begin)
        return np.asarray(np.interp(gone, steps, traffic.stream.per_h * (factor / knots).mean(axis=1)), float)

    def present_by_class(self, begin_h: float, end_h: float, shape: Any = None) -> dict[Hulls, float]:
        """The mean over the time of the ships on each part of each track; in a shape, only parts inside it count."""
        found: dict[Hulls, float] = dict.fromkeys(self.spec.hull_sets, 0.0)
        lengths = {way: one.length if shape is None else one.within(shape) for way, one in self.parts.items()}
        for one in self.traffic:
            length, parts = lengths[one.stream.is_forward], self.parts[one.stream.is_forward]
            there = np.flatnonzero(length)
            number = self.on_each_mile(one, parts.gone[there], begin_h, end_h) * length[there]
            found[one.stream.flow.hulls] += float(number.sum()) / _TRACKS
        return found

    def density(self, x: Floats, y: Floats, begin_h: float, end_h: float) -> dict[Hulls, Floats]:
        """The density is high where tracks lie close to each other: f E[1/v] ships are on each mile of a track.

        A place on the line between equal shares of the two ends of a piece has the lateral place d. With r(u, d) the
        place at the share u of that line, a ship is found at it with the density f g(d) |r_u| / (v |r_u x r_d|).
        """
        found: dict[Hulls, Floats] = {hulls: np.zeros(np.shape(x)) for hulls in self.spec.hull_sets}
        corridor = self.corridor
        near = np.flatnonzero(shapely.contains_xy(shapely.buffer(corridor.shape, _NEAR_NMI), x, y))
        places = np.column_stack([x, y])[near]
        for side, quads, ways in zip(SIDES, corridor.quads, corridor.ways, strict=True):
            hulls = shapely.convex_hull(shapely.multipoints(quads))
            which, piece = shapely.STRtree(hulls).query(shapely.points(places), "intersects")
            share, outward = lateral_shares(quads[piece], places[which])
            lateral = np.nan_to_num(side * outward * corridor.half_width)
            along = np.diff(corridor.points, axis=0)[piece] + lateral[:, None] * np.diff(ways, axis=0)[piece]
            across = (1.0 - share)[:, None] * ways[piece] + share[:, None] * ways[piece + 1]
            area = np.abs(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0])
            on_track = np.nan_to_num(np.hypot(along[:, 0], along[:, 1]) / area, posinf=0.0)
            gone = self._gone(lateral, piece, np.nan_to_num(share))
            for one in self.traffic:
                curve = self.spec.lateral_density(lateral, one.stream.is_forward) * on_track
                number = self.on_each_mile(one, gone[one.stream.is_forward], begin_h, end_h) * curve
                np.add.at(found[one.stream.flow.hulls], near[which], number)
        return found

    def _gone(self, lateral: Floats, piece: Ints, share: Floats) -> dict[bool, Floats]:
        """How far ships with lateral places (n,) have gone at a share of a piece, nmi, by whether they go forward."""
        if self.profile is None or not lateral.size:
            return dict.fromkeys((True, False), np.zeros(lateral.size))
        steps = np.linalg.norm(np.diff(self.corridor.tracks(lateral), axis=1), axis=2)
        upto = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
        row = np.arange(lateral.size)
        forward = upto[row, piece] + share * steps[row, piece]
        return {True: forward, False: upto[:, -1] - forward}

    def shapes(self, begin_h: float, end_h: float) -> list[SourceShape]:
        """The middle of the lane with the ships that pass in a day, and its corridor."""
        factor = 1.0 if self.profile is None else self.profile.mean(begin_h, end_h)
        a_day = HOURS_PER_DAY * factor * sum(one.stream.per_h for one in self.traffic)
        line = SourceShape(self.name, shapely.linestrings(self.line), a_day)
        return [line, SourceShape(self.name, self.corridor.shape)]

    def realise(self, key: Entities, all_ships: bool, buffers: SegmentBuffers) -> tuple[Fleet, Fleet | None]:
        """The ships on the lane at hour 0, and those that enter later, batch by batch."""
        suspects, others = _FleetBuilder(self, key, buffers, True), _FleetBuilder(self, key, buffers, False)
        draw = _scheduled if self.spec.arrivals == "scheduled" else _poisson
        for one in self.traffic:
            for ships in draw(self, key, one):
                lies_still = ships.speed_kn < STATIONARY_KN
                traits = background_traits(self.spec, key, ships.vessels, ships.luck, lies_still)
                has_traits = traits != 0
                suspects.add(one, ships.select(has_traits), traits[has_traits])
                if all_ships:
                    others.add(one, ships.select(~has_traits), traits[~has_traits])
        return suspects.fleet(), others.fleet() if all_ships else None


class _Parts(NamedTuple):
    """Short parts of the tracks of one direction, (n,) each."""

    lines: Any
    """The parts as shapes on the plane."""
    length: Floats
    """How long each part is, nmi."""
    gone: Floats
    """How far the middle of each part is from where ships enter, nmi."""

    @classmethod
    def of(cls, tracks: Floats) -> "_Parts":
        """The parts of tracks (n, m, 2): each piece of a track is divided anew where a share of the whole is over."""
        steps = np.linalg.norm(np.diff(tracks, axis=1), axis=2)
        upto = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
        ends = np.sort(np.concatenate([upto, upto[:, -1:] * np.linspace(0.0, 1.0, _PARTS + 1)[1:-1]], axis=1), axis=1)
        places = [
            np.column_stack([np.interp(own, far, track[:, axis]) for axis in (0, 1)])
            for own, far, track in zip(ends, upto, tracks, strict=True)
        ]
        lines = shapely.linestrings(np.stack([[place[:-1], place[1:]] for place in places]).transpose(0, 2, 1, 3))
        return cls(lines.ravel(), np.diff(ends, axis=1).ravel(), ((ends[:, 1:] + ends[:, :-1]) / 2.0).ravel())

    def within(self, shape: Any) -> Floats:
        """The length of each part that is in a shape, (n,), nmi; only parts that cross its outline are cut."""
        shapely.prepare(shape)
        met = shapely.intersects(shape, self.lines)
        inside = np.where(met, self.length, 0.0)
        crosses = np.flatnonzero(met & ~shapely.covers(shape, self.lines))
        inside[crosses] = shapely.length(shapely.intersection(self.lines[crosses], shape))
        return inside


def _present_speed(stream: Stream) -> Floats:
    """Quantiles of the density g(v) / (v E[1/v]) at equal steps of probability, knots."""
    edge = stream.flow.speed_kn.quantile(np.clip(np.arange(_STEPS + 1) / _STEPS, 1e-9, 1.0 - 1e-9))
    weight = 2.0 / (edge[1:] + edge[:-1])
    shares = np.concatenate([[0.0], np.cumsum(weight)]) / weight.sum()
    return np.interp(np.arange(_STEPS + 1) / _STEPS, shares, edge)


class _FleetBuilder:
    """Collects the ships of one fleet batch by batch, and their segments in reused arrays."""

    def __init__(self, plan: LanePlan, key: Entities, buffers: SegmentBuffers, suspicious: bool) -> None:
        self.plan, self.key, self.buffers, self.suspicious = plan, key, buffers, suspicious
        self.used, self.count, self.ways = 0, 0, plan.corridor.ways
        self.vessels, self.labels = [np.zeros(0, np.uint64)], [np.zeros(0, "U1")]
        self.traits, self.kinds = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]

    def add(self, traffic: _Traffic, ships: Batch, traits: Ints) -> None:
        """Compute the segments of some ships of one direction of a flow, and add them."""
        from sim.core import kernels

        if not ships.ordinal.size:
            return
        plan, points = self.plan, self.plan.corridor.points
        entry, lateral = self._entries(traffic, ships)
        if plan.profile is not None and np.isnan(ships.entry_h).any():
            kept = ~np.isnan(ships.entry_h) | self._had_entered(ships, entry)
            ships, traits, entry, lateral = ships.select(kept), traits[kept], entry[kept], lateral[kept]
        way = np.full(entry.size, int(traffic.stream.is_forward))
        size = self.used + (len(points) - 1) * entry.size
        if self.used == 0 and not self.suspicious:  # make the arrays long enough for all batches at once
            size = max(size, int(1.05 * plan.segments_per_ship * plan.mean_ships) + 64)
        rows, owner = self.buffers.reserve(plan.name, self.suspicious, size, self.used)
        self.used = kernels.lane_voyages(
            lateral, entry, ships.speed_kn, way, points, self.ways, plan.duration_h, rows, owner, self.used, self.count
        )
        self.count += entry.size
        self.vessels.append(ships.vessels)
        self.traits.append(traits)
        self.kinds.append(np.where(traits & DARK, traffic.kinds[1], traffic.kinds[0]))
        if self.suspicious:
            self.labels.append(labels_of(f"{plan.name}-{traffic.stream.name}", ships.ordinal))

    def _entries(self, traffic: _Traffic, ships: Batch) -> tuple[Floats, Floats]:
        """The hours at which some ships entered or will, and their lateral places in nmi, (n,) each."""
        from sim.core import kernels

        spec, way = self.plan.spec, traffic.stream.is_forward
        luck = chance.uniforms(self.key, Purpose.LANE_PLACE, ships.vessels)
        before = np.isnan(ships.entry_h)
        quantile = luck[:, 0].copy()
        steps = np.linspace(0.0, 1.0, len(traffic.lateral_shares))
        quantile[before] = np.interp(quantile[before], traffic.lateral_shares, steps)
        lateral = spec.lateral_nmi(quantile, way)
        entry = ships.entry_h.copy()
        if before.any():
            length = kernels.lane_lengths(lateral[before], self.plan.corridor.points, self.ways)
            entry[before] = -luck[before, 1] * length / ships.speed_kn[before]
        return entry, lateral

    def _had_entered(self, ships: Batch, entry: Floats) -> Flags:
        """Which ships are there although the flow was less than the greatest at the hour at which they entered."""
        profile = self.plan.profile
        if profile is None:
            return np.ones(entry.size, bool)
        level = chance.uniforms(self.key, Purpose.LANE_PLACE, ships.vessels, 2)[:, 0]
        return np.asarray(level * profile.greatest < profile.at(entry), bool)

    def fleet(self) -> Fleet:
        """All ships that were added; only those that a crew would investigate have names."""
        rows, owner = self.buffers.reserve(self.plan.name, self.suspicious, self.used, self.used)
        labels = np.concatenate(self.labels) if self.suspicious else np.zeros(self.count, "U1")
        vessels, kinds, traits = np.concatenate(self.vessels), np.concatenate(self.kinds), np.concatenate(self.traits)
        return Fleet(rows[: self.used], owner[: self.used], vessels, labels, kinds, traits)


def _poisson(plan: LanePlan, key: Entities, traffic: _Traffic) -> Iterator[Batch]:
    """Ships that enter at random: first those present at hour 0, then those that enter, by hour.

    Both are Poisson processes of rate 1, counted up to the mean number of ships: the first has the ships present at
    hour 0, and the points of the second become hours of entering when they are divided by the rate of arrivals.
    """
    from sim.core import kernels

    speed, rate, profile = traffic.stream.flow.speed_kn, traffic.stream.per_h, plan.profile
    mean, span = traffic.present * plan.greatest, rate * plan.duration_h
    at_start = 0.0 if profile is None else float(profile.integral(np.array(0.0)))
    if profile is not None:
        span = rate * (float(profile.integral(np.array(plan.duration_h))) - at_start)
    first, last = 0, 0.0
    while True:
        times, vessels, marks = kernels.arrivals(key, traffic.source, -1, first, last, mean, _BATCH)
        knots = interpolated(traffic.present_speed_kn, marks[:, 1])
        yield Batch(-1 - first - np.arange(times.size), np.full(times.size, np.nan), vessels, marks[:, 0], knots)
        if times.size < _BATCH:
            break
        first, last = first + times.size, times[-1]
    first, last = 0, 0.0
    while True:
        times, vessels, marks = kernels.arrivals(key, traffic.source, 1, first, last, span, _BATCH)
        entry = times / rate if profile is None else profile.inverse(at_start + times / rate)
        yield Batch(first + np.arange(times.size), entry, vessels, marks[:, 0], speed.quantile(marks[:, 1]))
        if times.size < _BATCH:
            break
        first, last = first + times.size, times[-1]


def _scheduled(plan: LanePlan, key: Entities, traffic: _Traffic) -> Iterator[Batch]:
    """Ships that enter at equal intervals from a random moment on, as far as they are on the lane from hour 0 on."""
    from sim.core import kernels

    step, jitter = 1.0 / traffic.stream.per_h, plan.spec.jitter_h
    phase = chance.uniform(key, Purpose.LANE_PHASE, traffic.source)
    amounts = np.array([-(traffic.longest_h + jitter), plan.duration_h + jitter])
    at_start = 0.0
    if plan.profile is not None:
        at_start = float(plan.profile.integral(np.array(0.0)))
        amounts = plan.profile.integral(amounts) - at_start
    first, last = int(np.floor(amounts[0] / step)) - 1, int(np.ceil(amounts[1] / step)) + 1
    for begin in range(first, last, _BATCH):
        ordinal = np.arange(begin, min(begin + _BATCH, last))
        vessels = kernels.entities(traffic.source, begin, ordinal.size)
        entry = np.asarray((ordinal + phase) * step, float)
        if plan.profile is not None:
            entry = plan.profile.inverse(at_start + entry)
        if jitter > 0.0:
            entry += jitter * (2.0 * chance.uniforms(key, Purpose.LANE_JITTER, vessels)[:, 0] - 1.0)
        luck = chance.uniforms(key, Purpose.LANE_PLACE, vessels, 1)
        speed = traffic.stream.flow.speed_kn.quantile(luck[:, 1])
        place = plan.spec.lateral_nmi(
            chance.uniforms(key, Purpose.LANE_PLACE, vessels)[:, 0], traffic.stream.is_forward
        )
        leaves = entry + _lengths(plan, place) / speed
        there = (leaves > 0.0) & (entry < plan.duration_h)
        yield Batch(ordinal, entry, vessels, luck[:, 0], speed).select(there)


def _lengths(plan: LanePlan, lateral: Floats) -> Floats:
    """The lengths of the tracks of ships with some lateral places (n,), nmi, (n,)."""
    from sim.core import kernels

    lengths: Floats = kernels.lane_lengths(lateral, plan.corridor.points, plan.corridor.ways)
    return lengths
