"""Background traffic: the ships that cross an area on random courses in one replication.

The mean number of ships present is the same at every hour and everywhere in the area. To keep it so, ships enter
through the boundary at the rate N P E[v] / (pi A), with N the mean number present, P the perimeter, A the area and v
the speed. Each enters at a point uniform along the boundary, at an angle from the inward normal that has the cosine
law, and keeps or changes its course at random. This is the equilibrium of isotropic transport: the mean length of a
path through the area is pi A / P (Cauchy's formula), whether or not ships turn (Blanco & Fournier, Europhys. Lett. 61,
2003). Fast ships enter more often than slow ones: where the speed of those present has the density f(v), the speed of
those that enter has the density v f(v) / E[v].
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
import shapely

from sim.core import chance
from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import DARK, STATIONARY_KN
from sim.core.fields import Quantity
from sim.core.geo import outline_of, polygon_edges
from sim.core.motion import Fleet, labels_of
from sim.core.profiles import Profile
from sim.deployment.contacts import background_traits, class_numbers, classes_of
from sim.deployment.traffic.base import SegmentBuffers, SourceShape, TrafficPlan
from sim.deployment.traffic.batches import Batch, interpolated
from sim.deployment.traffic.presence import while_present
from sim.model.background.random_courses import RandomCourses
from sim.model.vessels import Hulls
from sim.scenario.schema import Scenario

OUTLINE_NMI = 1.0
"""The tolerance with which the outline of the sea is simplified for traffic, so that islets vanish: an assumption, far
below the sweep width of a sensor."""
_BATCH = 16_384  # ships are drawn so many at a time, so that their numbers stay in the processor's cache
_SPEED_STEPS = 4096  # the quantiles of the entering speed are tabulated at so many equal steps of probability


@dataclass(frozen=True)
class RandomCoursesPlan(TrafficPlan):
    """What ships on random courses need in every replication."""

    kind: ClassVar[str] = "random_courses"
    name: str
    spec: RandomCourses
    sea: Any
    """The sea of their area, a shape on the plane whose outline is simplified."""
    area: Any
    """The outline of their area, a shape on the plane, land included."""
    edges: Floats
    """(4, m): x and y of the beginning of each edge of the outline and its vector, nmi, with the sea on the left."""
    perimeter: Floats
    """(m,): the length of the outline up to the end of each edge, nmi."""
    duration_h: float
    entering_speed_kn: Floats
    """Quantiles of the speed of ships that enter, at equal steps of probability from 0 to 1."""
    mean_speed_kn: float
    """Mean speed of the ships present."""
    profile: Profile
    """The mean number present through the deployment."""
    kinds: tuple[int, int]
    """Numbers of the classes of its ships with AIS and without."""

    @classmethod
    def of(cls, scenario: Scenario, name: str) -> Self:
        """Prepare the outline of the sea and the speeds of the ships."""
        spec = scenario.background[name]
        if not isinstance(spec, RandomCourses):
            raise TypeError(f"{name} is no source of ships on random courses")
        shape = scenario.areas[spec.area].shape
        sea = outline_of(scenario.plane.sea(shape), OUTLINE_NMI)
        edges = polygon_edges(sea)
        entering, mean = _entering_speed(spec.speed_kn)
        kinds = class_numbers(classes_of(scenario.background, scenario.transfers), spec.hulls)
        outline = np.cumsum(np.hypot(*edges[2:]))
        area = scenario.plane.project(shape)
        profile = spec.profile(scenario.clock, 0.0, scenario.duration_h)
        return cls(name, spec, sea, area, edges, outline, scenario.duration_h, entering, mean, profile, kinds)

    @cached_property
    def source(self) -> np.uint64:
        """Identity of the source, from which the identities of its ships are made."""
        return chance.identity("background", self.name)

    @cached_property
    def area_nmi2(self) -> float:
        """The area of the sea."""
        return float(self.sea.area)

    @property
    def arrivals_per_h(self) -> float:
        """The mean number of ships that enter in an hour, N P E[v] / (pi A), where the greatest number is present."""
        return float(self.profile.greatest * self.perimeter[-1] * self.mean_speed_kn / (np.pi * self.area_nmi2))

    @property
    def mean_ships(self) -> float:
        """The ships present at hour 0, and those that enter."""
        return self.profile.greatest + self.arrivals_per_h * self.duration_h

    @property
    def segments_per_ship(self) -> float:
        """The mean path is pi A / P, with turns or without."""
        return float(1.0 + np.pi * self.area_nmi2 / self.perimeter[-1] / (self.spec.mean_leg_nmi or np.inf))

    def present_by_class(self, begin_h: float, end_h: float, shape: Any = None) -> dict[Hulls, float]:
        """The mean over the time; a shape has its share of the ships by the part of their sea that is in it."""
        part = 1.0 if shape is None else float(shapely.intersection(self.sea, shape).area) / self.area_nmi2
        return {self.spec.hulls: self.profile.mean(begin_h, end_h) * part}

    def density(self, x: Floats, y: Floats, begin_h: float, end_h: float) -> dict[Hulls, Floats]:
        """The density is the same everywhere in the sea of the ships."""
        inside = shapely.contains_xy(self.sea, x, y)
        mean = self.profile.mean(begin_h, end_h) / self.area_nmi2
        return {self.spec.hulls: np.where(inside, mean, 0.0)}

    def shapes(self, begin_h: float, end_h: float) -> list[SourceShape]:
        """The outline of their area."""
        return [SourceShape(self.spec.area, self.area)]

    def realise(self, key: Entities, all_ships: bool, buffers: SegmentBuffers) -> tuple[Fleet, Fleet | None]:
        """The ships present at hour 0, and those that enter later, batch by batch."""
        suspects, others = _FleetBuilder(self, key, buffers, True), _FleetBuilder(self, key, buffers, False)
        for ships in _batches(self, key):
            lies_still = ships.speed_kn < STATIONARY_KN
            traits = background_traits(self.spec, key, ships.vessels, ships.luck, lies_still)
            has_traits = traits != 0
            suspects.add(ships.select(has_traits), traits[has_traits])
            if all_ships:
                others.add(ships.select(~has_traits), traits[~has_traits])
        fleets = suspects.fleet(), others.fleet() if all_ships else None
        if self.profile.is_constant:
            return fleets
        first, second = fleets
        return while_present(first, self.profile, key), second and while_present(second, self.profile, key)


def _entering_speed(speed: Quantity) -> tuple[Floats, float]:
    """Quantiles of the density v f(v) / E[v] at equal steps of probability, and E[v], knots."""
    edge = speed.quantile(np.clip(np.arange(_SPEED_STEPS + 1) / _SPEED_STEPS, 1e-9, 1.0 - 1e-9))
    middle = 0.5 * (edge[1:] + edge[:-1])
    shares = np.concatenate([[0.0], np.cumsum(middle)]) / middle.sum()
    return np.interp(np.arange(_SPEED_STEPS + 1) / _SPEED_STEPS, shares, edge), float(middle.mean())


class _FleetBuilder:
    """Collects the ships of one fleet batch by batch, and their segments in reused arrays."""

    def __init__(self, plan: RandomCoursesPlan, key: Entities, buffers: SegmentBuffers, suspicious: bool) -> None:
        self.plan, self.key, self.buffers, self.suspicious = plan, key, buffers, suspicious
        self.used, self.count = 0, 0
        self.vessels, self.ordinals = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        self.traits = [np.zeros(0, np.int64)]

    def add(self, ships: Batch, traits: Ints) -> None:
        """Compute the segments of some ships and add them."""
        from sim.core import kernels

        if not ships.ordinal.size:
            return
        plan, mean_leg = self.plan, self.plan.spec.mean_leg_nmi or np.inf
        legs = plan.segments_per_ship
        size = self.used + int(1.2 * legs * ships.vessels.size) + 64
        if self.used == 0 and not self.suspicious:  # make the arrays long enough for all batches at once
            size = int(1.05 * legs * plan.mean_ships) + size
        while True:
            rows, owner = self.buffers.reserve(plan.name, self.suspicious, size, self.used)
            size = kernels.voyages(
                self.key, ships.vessels, ships.entry_h, ships.speed_kn, plan.edges, plan.perimeter, mean_leg,
                plan.duration_h, rows, owner, self.used, self.count,
            )  # fmt: skip
            if size <= len(owner):  # else the arrays were too short, and the kernel says how long they must be
                break
        self.used, self.count = size, self.count + ships.vessels.size
        self.vessels.append(ships.vessels)
        self.ordinals.append(ships.ordinal)
        self.traits.append(traits)

    def fleet(self) -> Fleet:
        """All ships that were added; only those that a crew would investigate have names."""
        vessels, ordinal = np.concatenate(self.vessels), np.concatenate(self.ordinals)
        labels = labels_of(self.plan.name, ordinal) if self.suspicious else np.zeros(self.count, "U1")
        rows, owner = self.buffers.reserve(self.plan.name, self.suspicious, self.used, self.used)
        traits, (with_ais, dark) = np.concatenate(self.traits), self.plan.kinds
        kinds = np.where(traits & DARK, dark, with_ais)
        return Fleet(rows[: self.used], owner[: self.used], vessels, labels, kinds, traits)


def _batches(plan: RandomCoursesPlan, key: Entities) -> Iterator[Batch]:
    """All ships of a source in one replication: first those present at hour 0, then those that enter, by hour.

    Both are Poisson processes of rate 1, counted up to the mean number of ships: the first has the points present at
    hour 0, and the points of the second become hours of entering when they are divided by the rate of arrivals.
    """
    from sim.core import kernels

    spec, rate = plan.spec, plan.arrivals_per_h
    first, last = 0, 0.0
    while True:
        times, vessels, marks = kernels.arrivals(key, plan.source, -1, first, last, plan.profile.greatest, _BATCH)
        speed = spec.speed_kn.quantile(marks[:, 1])
        yield Batch(-1 - first - np.arange(times.size), np.zeros(times.size), vessels, marks[:, 0], speed)
        if times.size < _BATCH:
            break
        first, last = first + times.size, times[-1]
    first, last = 0, 0.0
    while rate > 0.0:
        times, vessels, marks = kernels.arrivals(key, plan.source, 1, first, last, rate * plan.duration_h, _BATCH)
        speed = interpolated(plan.entering_speed_kn, marks[:, 1])
        yield Batch(first + np.arange(times.size), times / rate, vessels, marks[:, 0], speed)
        if times.size < _BATCH:
            break
        first, last = first + times.size, times[-1]
