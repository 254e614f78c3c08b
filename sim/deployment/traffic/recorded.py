"""Background traffic: ships as AIS recorded them, moved in time and place.

A stretch of the recording is moved to the beginning of the deployment and repeated to its end; a ship of one repetition
is another ship than that of the next. Where days are drawn, the stretches are single days, and a replication draws one
for each day of its deployment.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import DARK, STATIONARY, STATIONARY_KN, SUSPICIOUS, Purpose
from sim.core.motion import Fleet
from sim.core.units import HOURS_PER_DAY, SECONDS_PER_HOUR
from sim.deployment.contacts import class_numbers, classes_of, draw_traits
from sim.deployment.traffic.base import SegmentBuffers, TrafficPlan
from sim.model.background.recorded import Recorded
from sim.model.recorded_tracks import RecordedTracks
from sim.model.vessels import Hulls
from sim.scenario.schema import Scenario

_SAMPLE_NMI = 2.0  # numbers in a shape and densities are found at points of the tracks so far apart
_CELL_NMI = 10.0  # the side of the squares in which densities are counted


class Stretch(NamedTuple):
    """A stretch of a recording with m ships."""

    rows: Floats
    """(s, 6) segments, with hours from the beginning of the stretch."""
    owner: Ints
    """(s,) the row of the ship of each segment."""
    ship: Ints
    """(m,) the number of each ship in its recording."""
    hulls: Ints
    """(m,) the number of the class of each ship among those of the source."""
    is_slow: Flags
    """(m,) whether a ship lies still, which is slower than 2 knots, for half of the time for which it is there."""


class _Points(NamedTuple):
    """Points of the tracks of a stretch, and the hours that ships spend near each."""

    begin_h: Floats
    end_h: Floats
    x: Floats
    y: Floats
    hulls: Ints


@dataclass(frozen=True)
class RecordedPlan(TrafficPlan):
    """What the ships of a recording need in every replication."""

    kind: ClassVar[str] = "recorded"
    name: str
    spec: Recorded
    duration_h: float
    stretches: list[Stretch]
    """One stretch, or one for each day that may be drawn."""
    stretch_h: float
    """The length of each stretch, hours; infinite where nothing is repeated."""
    first_h: float
    """The hour of the deployment at which the first repetition begins, at most 0."""
    hull_sets: list[Hulls]
    """The classes of the source."""
    kinds: Ints
    """(classes, 2): the numbers of each class of the source with AIS and without."""

    @classmethod
    def of(cls, scenario: Scenario, name: str) -> Self:
        """Lay the tracks on the plane and divide them into stretches."""
        spec = scenario.background[name]
        if not isinstance(spec, Recorded):
            raise TypeError(f"{name} is no recorded source")
        first_h = 0.0
        if spec.day is not None:  # the first repetition begins at the midnight before the start
            first_h = -(scenario.start.timestamp() % (HOURS_PER_DAY * SECONDS_PER_HOUR)) / SECONDS_PER_HOUR
        hull_sets = list(spec.hull_sets)
        whole = _stretch(scenario, spec, spec.recording, spec.first_s(scenario.start), hull_sets)
        stretches, stretch_h = [whole], np.inf if spec.day is None else HOURS_PER_DAY * spec.days
        if spec.draw_days:
            stretches = [_cut(whole, day * HOURS_PER_DAY, HOURS_PER_DAY) for day in range(spec.days)]
            stretch_h = HOURS_PER_DAY
        classes = classes_of(scenario.background, scenario.transfers)
        kinds = np.array([class_numbers(classes, hulls) for hulls in hull_sets], np.int64)
        return cls(name, spec, scenario.duration_h, stretches, float(stretch_h), first_h, hull_sets, kinds)

    @cached_property
    def source(self) -> np.uint64:
        """Identity of the source, from which the identities of its ships are made."""
        return chance.identity("background", self.name)

    @cached_property
    def begins_h(self) -> Floats:
        """The hours at which the repetitions begin, (r,)."""
        if np.isinf(self.stretch_h):
            return np.array([self.first_h])
        return np.arange(self.first_h, self.duration_h, self.stretch_h)

    # ------------------------------------------------------------------------------------------------ replications
    def realise(self, key: Entities, all_ships: bool, buffers: SegmentBuffers) -> tuple[Fleet, Fleet | None]:
        """The ships of each repetition, those with traits and the others."""
        rows, owner, vessels, numbers, hulls, traits = self._ships(self._drawn(key))
        traits = traits | draw_traits(self.spec, key, vessels)
        if self.spec.suspicious_share:
            luck = chance.uniforms(key, Purpose.RECORDED_LOOK, vessels)[:, 0]
            traits = traits | np.where(luck < self.spec.suspicious_share, SUSPICIOUS, 0)
        kinds = self.kinds[hulls, np.where(traits & DARK, 1, 0)]
        has_traits = traits != 0

        def fleet(chosen: Flags) -> Fleet:
            renumbered, of_chosen = np.cumsum(chosen) - 1, chosen[owner]
            labels = np.char.add(f"{self.name}-", numbers[chosen].astype(str))
            return Fleet(rows[of_chosen], renumbered[owner[of_chosen]], vessels[chosen], labels, kinds[chosen],
                         traits[chosen])  # fmt: skip

        return fleet(has_traits), fleet(~has_traits) if all_ships else None

    def _drawn(self, key: Entities) -> tuple[int, ...]:
        """The number of the stretch of each repetition."""
        count = self.begins_h.size
        if len(self.stretches) == 1:
            return (0,) * count
        luck = chance.uniforms(key, Purpose.RECORDED_DAY, chance.identities(self.source, count))[:, 0]
        return tuple((luck * len(self.stretches)).astype(int).tolist())

    def _ships(self, drawn: tuple[int, ...]) -> tuple[Floats, Ints, Entities, Ints, Ints, Ints]:
        """Segments within the deployment, the ship of each, and each ship's identity, number, class and traits."""
        if len(self.stretches) == 1:
            return self._all_ships
        return self._joined(drawn)

    @cached_property
    def _all_ships(self) -> tuple[Floats, Ints, Entities, Ints, Ints, Ints]:
        return self._joined((0,) * self.begins_h.size)

    def _joined(self, drawn: tuple[int, ...]) -> tuple[Floats, Ints, Entities, Ints, Ints, Ints]:
        parts: list[tuple[Any, ...]] = []
        count = 0
        for repetition, (begin_h, number) in enumerate(zip(self.begins_h.tolist(), drawn, strict=True)):
            cut = _cut(self.stretches[number], -begin_h, self.duration_h)
            identities = chance.join_each(cut.ship.astype(np.uint64), chance.join(self.source, np.uint64(repetition)))
            # A label must be the name of one ship: from the second repetition on it has the number of the repetition.
            own = cut.ship if repetition == 0 else cut.ship + np.int64(repetition) * 10**11
            traits = np.where(cut.is_slow, STATIONARY, 0)
            parts.append((cut.rows, cut.owner + count, identities, own, cut.hulls, traits))
            count += cut.ship.size
        rows, owner, vessels, numbers, hulls, traits = (np.concatenate(column) for column in zip(*parts, strict=True))
        return rows, owner, vessels, numbers, hulls, traits

    # ------------------------------------------------------------------------------------------------ expectations
    @cached_property
    def _points(self) -> list[_Points]:
        return [_points_of(stretch) for stretch in self.stretches]

    def _hours_near(self, begin_h: float, end_h: float) -> list[Floats]:
        """The mean hours between two hours that a replication has a ship at each point, by stretch, (points,) each."""
        found = []
        for points in self._points:
            hours = np.zeros(points.x.size)
            for first in self.begins_h.tolist():
                if first < end_h and first + self.stretch_h > begin_h:
                    low, high = max(begin_h, 0.0) - first, min(end_h, self.duration_h) - first
                    hours += np.clip(np.minimum(points.end_h, high) - np.maximum(points.begin_h, low), 0.0, None)
            found.append(hours / len(self.stretches))
        return found

    def present_by_class(self, begin_h: float, end_h: float, shape: Any = None) -> dict[Hulls, float]:
        """The ship hours in a time, divided by its hours; in a shape, points of the tracks inside it count."""
        sums = np.zeros(len(self.hull_sets))
        for points, hours in zip(self._points, self._hours_near(begin_h, end_h), strict=True):
            inside = 1.0 if shape is None else shapely.contains_xy(shape, points.x, points.y)
            sums += np.bincount(points.hulls, hours * inside, len(self.hull_sets))
        span = max(end_h - begin_h, 1e-9)
        return {hulls: float(total / span) for hulls, total in zip(self.hull_sets, sums, strict=True)}

    def density(self, x: Floats, y: Floats, begin_h: float, end_h: float) -> dict[Hulls, Floats]:
        """The ship hours in the square of 10 nmi about each place, divided by the hours and the square."""
        wanted = _cells(np.asarray(x, float), np.asarray(y, float))
        span = max(end_h - begin_h, 1e-9) * _CELL_NMI**2
        found = {hulls: np.zeros(wanted.size) for hulls in self.hull_sets}
        for points, hours in zip(self._points, self._hours_near(begin_h, end_h), strict=True):
            own = _cells(points.x, points.y)
            for number, hulls in enumerate(self.hull_sets):
                cells, at = np.unique(own[points.hulls == number], return_inverse=True)
                if cells.size:
                    sums = np.bincount(at, hours[points.hulls == number])
                    place = np.minimum(np.searchsorted(cells, wanted), cells.size - 1)
                    found[hulls] += np.where(cells[place] == wanted, sums[place] / span, 0.0)
        return found

    @property
    def mean_ships(self) -> float:
        """The mean over the stretches, for each repetition."""
        return float(np.mean([stretch.ship.size for stretch in self.stretches]) * self.begins_h.size)

    @property
    def segments_per_ship(self) -> float:
        """The mean over all stretches."""
        ships = sum(stretch.ship.size for stretch in self.stretches)
        return sum(len(stretch.rows) for stretch in self.stretches) / max(ships, 1)


def _stretch(
    scenario: Scenario, spec: Recorded, tracks: RecordedTracks, start_s: float, hull_sets: list[Hulls]
) -> Stretch:
    """All tracks on the plane, with hours from a moment."""
    begins, owner = tracks.segments
    x, y = scenario.plane.to_xy(tracks.lon + spec.move_deg[0], tracks.lat + spec.move_deg[1])
    hour = (tracks.time_s - start_s) / SECONDS_PER_HOUR
    ends = begins + 1
    hours = hour[ends] - hour[begins]
    velocity = [(place[ends] - place[begins]) / hours for place in (x, y)]
    rows = np.column_stack([hour[begins], hour[ends], x[begins], y[begins], *velocity])
    if spec.area is not None:
        middle = [0.5 * (place[begins] + place[ends]) for place in (x, y)]
        inside = shapely.contains_xy(scenario.plane.project(scenario.areas[spec.area].shape), *middle)
        rows, owner = rows[inside], owner[inside]
    lengths = [scenario.vessels[name].length_m for name in spec.vessels]
    unknown = hull_sets.index(() if spec.vessel is None else (spec.vessel,))
    hulls = np.full(tracks.ship.size, unknown, np.int64)
    if lengths:
        nearest = np.abs(tracks.length_dm[:, None] / 10.0 - np.array(lengths)).argmin(axis=1)
        classes = np.array([hull_sets.index((name,)) for name in spec.vessels])
        hulls = np.where(tracks.length_dm > 0, classes[nearest], unknown)
    return _only_present(rows, owner, tracks.ship, hulls)


def _cut(stretch: Stretch, begin_h: float, length_h: float) -> Stretch:
    """The part of a stretch from an hour of it on, with hours from there."""
    rows = stretch.rows.copy()
    rows[:, :2] -= begin_h
    late = np.maximum(-rows[:, 0], 0.0)
    rows[:, 2:4] += late[:, None] * rows[:, 4:6]
    rows[:, 0], rows[:, 1] = np.maximum(rows[:, 0], 0.0), np.minimum(rows[:, 1], length_h)
    lasts = rows[:, 1] > rows[:, 0]
    return _only_present(rows[lasts], stretch.owner[lasts], stretch.ship, stretch.hulls)


def _only_present(rows: Floats, owner: Ints, ship: Ints, hulls: Ints) -> Stretch:
    """A stretch without the ships that have no segment."""
    present, own = np.unique(owner, return_inverse=True)
    hours = rows[:, 1] - rows[:, 0]
    slow = np.where(np.hypot(rows[:, 4], rows[:, 5]) < STATIONARY_KN, hours, 0.0)
    slow_h, all_h = (np.bincount(own, weights, present.size) for weights in (slow, hours))
    return Stretch(rows, own.astype(np.int64), ship[present], hulls[present], slow_h >= 0.5 * all_h)


def _points_of(stretch: Stretch) -> _Points:
    """Points of the tracks, each in the middle of a piece of at most `_SAMPLE_NMI`."""
    rows = stretch.rows
    hours = rows[:, 1] - rows[:, 0]
    pieces = np.maximum(np.ceil(hours * np.hypot(rows[:, 4], rows[:, 5]) / _SAMPLE_NMI), 1.0).astype(np.int64)
    row = np.repeat(np.arange(len(rows)), pieces)
    step = np.arange(row.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    length = (hours / pieces)[row]
    begin = rows[row, 0] + step * length
    middle = (step + 0.5) * length
    x, y = (rows[row, 2 + axis] + middle * rows[row, 4 + axis] for axis in (0, 1))
    return _Points(begin, begin + length, x, y, stretch.hulls[stretch.owner[row]])


def _cells(x: Floats, y: Floats) -> Ints:
    """The square of each place, as one number."""
    column, row = (np.floor(place / _CELL_NMI).astype(np.int64) for place in (x, y))
    return column * 1_000_003 + row
