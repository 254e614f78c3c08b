"""Background traffic: ships that cross an area on random courses.

The mean number present holds at every moment and everywhere in the area: ships enter through its boundary at the rate
N P E[v] / (pi A) with the cosine law and keep or change course at random, which is the equilibrium of isotropic
transport (mean chord pi A / P by Cauchy's formula; unchanged by turns: Blanco & Fournier, Europhys. Lett. 61, 2003).
A ship that enters is a fast one more often: its speed has the density v f(v) / E[v].
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.core import chance
from sim.core.arrays import Entities, Flags, Floats, Ints
from sim.core.codes import Purpose
from sim.core.fields import Quantity
from sim.core.geo import outline_of, polygon_edges
from sim.core.motion import Fleet, labels_of
from sim.deployment.contacts import DARK, LISTED, SPOOFING, STATIONARY, STATIONARY_KN, SUSPICIOUS, class_numbers
from sim.model.ships import Background
from sim.scenario.schema import Scenario

OUTLINE_NMI = (
    1.0  # outlines are simplified this much for traffic, islets vanish: an assumption, far below a sweep width
)
_LOT = 16_384  # ships at a time
_SPEED_CELLS = 4096  # the entering speed's quantiles are held at so many equal shares of ships


@dataclass(frozen=True)
class TrafficPlan:
    """What one background source needs in every replication."""

    name: str
    source: np.uint64
    spec: Background
    edges: Floats
    perimeter: Floats
    area_nmi2: float
    duration_h: float
    entering: Floats
    mean_speed_kn: float
    kinds: tuple[int, int]
    """Classes of its ships with AIS and without."""

    @property
    def arrivals_per_h(self) -> float:
        """Ships that enter an hour: N P E[v] / (pi A)."""
        return float(self.spec.present * self.perimeter[-1] * self.mean_speed_kn / (np.pi * self.area_nmi2))


def plan_traffic(scenario: Scenario, name: str) -> TrafficPlan:
    """The outline and speeds of one background source."""
    spec = scenario.background[name]
    sea = outline_of(scenario.plane.sea(scenario.areas[spec.area].shape), OUTLINE_NMI)
    edges = polygon_edges(sea)
    entering, mean = _entering_speed(spec.speed_kn)
    source = chance.identity("background", name)
    outline, kinds = np.cumsum(np.hypot(*edges[2:])), class_numbers(scenario, spec.hulls)
    area, hours = float(sea.area), scenario.duration_h
    return TrafficPlan(name, source, spec, edges, outline, area, hours, entering, mean, kinds)


def _entering_speed(speed: Quantity) -> tuple[Floats, float]:
    """Quantiles of v f(v) / E[v] at equal shares, and E[v]."""
    edge = speed.quantile(np.clip(np.arange(_SPEED_CELLS + 1) / _SPEED_CELLS, 1e-9, 1.0 - 1e-9))
    middle = 0.5 * (edge[1:] + edge[:-1])
    shares = np.concatenate([[0.0], np.cumsum(middle)]) / middle.sum()
    return np.interp(np.arange(_SPEED_CELLS + 1) / _SPEED_CELLS, shares, edge), float(middle.mean())


def _at_share(quantiles: Floats, u: Floats) -> Floats:
    """Between quantiles at equal shares: what `np.interp` gives, at a tenth of its cost."""
    at = u * (quantiles.size - 1)
    low = at.astype(np.int64)
    below = quantiles[low]
    return np.asarray(below + (at - low) * (quantiles[low + 1] - below), float)


class Room:
    """Memory for segments, used again by the next replication: new pages each time would cost a tenth of all."""

    def __init__(self) -> None:
        """None yet."""
        self.held: dict[tuple[str, bool], tuple[Floats, Ints]] = {}

    def of(self, name: str, suspicious: bool, size: int, used: int) -> tuple[Floats, Ints]:
        """Rows and owners for so many segments, perhaps more; the `used` first ones keep what they hold."""
        held = self.held.get((name, suspicious))
        if held is None or len(held[1]) < size:
            more = np.empty((size, 6)), np.empty(size, np.int64)
            for new, old in zip(more, held or more, strict=True):
                new[:used] = old[:used]
            held = self.held[name, suspicious] = more
        return held


class _Ships:
    """A fleet in the making."""

    def __init__(self, plan: TrafficPlan, key: Entities, room: Room, suspicious: bool) -> None:
        self.plan, self.key, self.room, self.suspicious = plan, key, room, suspicious
        self.used, self.count = 0, 0
        self.vessels, self.ordinals = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)]
        self.traits = [np.zeros(0, np.int64)]

    def add(self, lot: "Lot", traits: Ints, mine: Flags) -> None:
        """Let some ships of a lot sail."""
        from sim.core import kernels

        if not mine.any():
            return
        ordinal, begin, vessels, speed = lot[0][mine], lot[1][mine], lot[2][mine], lot[4][mine]
        plan, mean_leg = self.plan, self.plan.spec.mean_leg_nmi or np.inf
        # The mean path is pi A / P, with turns or without (Blanco & Fournier): so many legs are expected, and more.
        legs = 1.0 + np.pi * plan.area_nmi2 / plan.perimeter[-1] / mean_leg
        size = self.used + int(1.2 * legs * vessels.size) + 64
        if self.used == 0 and not self.suspicious:  # room for all at once
            size = int(1.05 * legs * (plan.spec.present + plan.arrivals_per_h * plan.duration_h)) + size
        while True:
            rows, owner = self.room.of(plan.name, self.suspicious, size, self.used)
            size = kernels.voyages(
                self.key, vessels, begin, speed, plan.edges, plan.perimeter, mean_leg, plan.duration_h, rows, owner,
                self.used, self.count,
            )  # fmt: skip
            if size <= len(owner):
                break
        self.used, self.count = size, self.count + vessels.size
        self.vessels.append(vessels)
        self.ordinals.append(ordinal)
        self.traits.append(traits[mine])

    def fleet(self) -> Fleet:
        """All that sailed; only those that the crew would investigate have names."""
        vessels, ordinal = np.concatenate(self.vessels), np.concatenate(self.ordinals)
        labels = labels_of(self.plan.name, ordinal) if self.suspicious else np.zeros(self.count, "U1")
        rows, owner = self.room.of(self.plan.name, self.suspicious, self.used, self.used)
        traits, (seen, dark) = np.concatenate(self.traits), self.plan.kinds
        kinds = np.where(traits & DARK, dark, seen)
        return Fleet(rows[: self.used], owner[: self.used], vessels, labels, kinds, traits)


Lot = tuple[Ints, Floats, Entities, Floats, Floats]


def _lots(plan: TrafficPlan, key: Entities) -> Iterator[Lot]:
    """Ships some at a time, so that their numbers stay near: ordinal, hour of entry, identity, luck, speed."""
    from sim.core import kernels

    spec, rate = plan.spec, plan.arrivals_per_h
    first, last = 0, 0.0
    while True:
        times, vessels, marks = kernels.arrivals(key, plan.source, -1, first, last, spec.present, _LOT)
        speed = spec.speed_kn.quantile(marks[:, 1])
        yield -1 - first - np.arange(times.size), np.zeros(times.size), vessels, marks[:, 0], speed
        if times.size < _LOT:
            break
        first, last = first + times.size, times[-1]
    first, last = 0, 0.0
    while rate > 0.0:
        times, vessels, marks = kernels.arrivals(key, plan.source, 1, first, last, rate * plan.duration_h, _LOT)
        speed = _at_share(plan.entering, marks[:, 1])
        yield first + np.arange(times.size), times / rate, vessels, marks[:, 0], speed
        if times.size < _LOT:
            break
        first, last = first + times.size, times[-1]


def _traits(plan: TrafficPlan, key: Entities, lot: Lot) -> Ints:
    """What may be known of each ship of a lot; numbers are drawn only for shares that are asked for."""
    _, _, vessels, luck, speed = lot
    spec = plan.spec
    traits = np.where(luck < spec.suspicious_share, SUSPICIOUS, 0) | np.where(speed < STATIONARY_KN, STATIONARY, 0)
    if spec.dark_share or spec.spoofing_share or spec.listed_share:
        one, two = (chance.uniforms(key, Purpose.TRAITS, vessels, counter) for counter in (0, 1))
        traits |= np.where(one[:, 0] < spec.dark_share, DARK, 0)
        traits |= np.where(one[:, 1] < spec.spoofing_share, SPOOFING, 0)
        traits |= np.where(two[:, 0] < spec.listed_share, LISTED, 0)
    return np.asarray(traits, np.int64)


def realise_traffic(plan: TrafficPlan, key: Entities, everyone: bool, room: Room) -> tuple[Fleet, Fleet | None]:
    """One replication's ships: those a crew might investigate, and the rest if `everyone` is asked for.

    Their segments lie in `room`: who uses it again has done with the ships before.
    """
    suspects, others = _Ships(plan, key, room, True), _Ships(plan, key, room, False)
    for lot in _lots(plan, key):
        traits = _traits(plan, key, lot)
        odd = traits != 0
        suspects.add(lot, traits, odd)
        if everyone:
            others.add(lot, traits, ~odd)
    return suspects.fleet(), others.fleet() if everyone else None
