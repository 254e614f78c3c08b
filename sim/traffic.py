"""Background traffic: ships that cross an area on random courses.

The mean number present holds at every moment and everywhere in the area: ships enter through its boundary at the rate
N P E[v] / (pi A) with the cosine law and keep or change course at random, which is the equilibrium of isotropic
transport (mean chord pi A / P by Cauchy's formula; unchanged by turns: Blanco & Fournier, Europhys. Lett. 61, 2003).
A ship that enters is a fast one more often: its speed has the density v f(v) / E[v].
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import chance
from sim.fields import Quantity
from sim.geo import outline_of, polygon_edges
from sim.schema import Background, Scenario
from sim.tracks import Fleet

Floats = NDArray[np.float64]

OUTLINE_NMI = (
    1.0  # outlines are simplified this much for traffic, islets vanish: an assumption, far below a sweep width
)
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
    return TrafficPlan(
        name, source, spec, edges, np.cumsum(np.hypot(*edges[2:])), float(sea.area), scenario.duration_h, entering, mean
    )


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


def realise_traffic(plan: TrafficPlan, key: NDArray[np.uint64], everyone: bool) -> tuple[Fleet, Fleet | None]:
    """One replication's ships: those the crew would investigate, and the rest if `everyone` is asked for."""
    from sim import kernels

    spec = plan.spec
    rate = plan.arrivals_per_h
    _, here, marks_here = kernels.arrivals(key, plan.source, -1, spec.present)
    times, later, marks_later = kernels.arrivals(key, plan.source, 1, rate * plan.duration_h)
    ordinal = np.arange(-here.size, later.size)
    begin = np.concatenate([np.zeros(here.size), times / max(rate, 1e-300)])
    vessels = np.concatenate([here[::-1], later])
    luck, u = np.concatenate([marks_here[::-1], marks_later]).T
    suspicious = luck < spec.suspicious_share

    def fleet(wanted: NDArray[np.bool_], labelled: bool) -> Fleet:
        chosen = np.flatnonzero(wanted)
        labels = np.char.add(f"{plan.name}-", ordinal[chosen].astype(str)) if labelled else np.zeros(chosen.size, "U1")
        first = np.searchsorted(chosen, here.size)
        share = u[chosen]
        speed = np.concatenate([spec.speed_kn.quantile(share[:first]), _at_share(plan.entering, share[first:])])
        return Fleet(*_sail(plan, key, vessels[chosen], begin[chosen], speed), vessels[chosen], labels)

    return fleet(suspicious, True), fleet(~suspicious, False) if everyone else None


def _sail(
    plan: TrafficPlan, key: NDArray[np.uint64], vessels: NDArray[np.uint64], begin: Floats, speed: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Segments of ships and whose they are, vessel after vessel."""
    from sim import kernels

    mean_leg = plan.spec.mean_leg_nmi or np.inf
    # The mean path is pi A / P, with turns or without (Blanco & Fournier): so many legs are expected, and some more.
    legs = 1.0 + np.pi * plan.area_nmi2 / plan.perimeter[-1] / mean_leg
    room = int(1.2 * legs * vessels.size) + 64
    while True:
        rows, owner = np.empty((room, 6)), np.empty(room, np.int64)
        count = kernels.voyages(
            key, vessels, begin, speed, plan.edges, plan.perimeter, mean_leg, plan.duration_h, rows, owner
        )
        if count <= room:
            return rows[:count], owner[:count]
        room = count
