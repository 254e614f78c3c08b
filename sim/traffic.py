"""Background traffic: ships that cross an area on random courses.

The mean number present holds at every moment and everywhere in the area: ships enter through its boundary at the rate
N P E[v] / (pi A) with the cosine law and keep or change course at random, which is the equilibrium of isotropic
transport (mean chord pi A / P by Cauchy's formula; unchanged by turns: Blanco & Fournier, Europhys. Lett. 61, 2003).
A ship that enters is a fast one more often: its speed has the density v f(v) / E[v].
"""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from sim import chance
from sim.chance import Purpose
from sim.fields import Quantity
from sim.geo import polygon_edges
from sim.schema import Background, Scenario
from sim.tracks import Fleet

Floats = NDArray[np.float64]

OUTLINE_NMI = 1.0  # outlines are simplified this much for traffic: an assumption, far below a sweep width
_SPEED_CELLS = 4096  # the entering speed's distribution is inverted on so many equal shares of ships


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
    entering: tuple[Floats, Floats]
    mean_speed_kn: float

    @property
    def arrivals_per_h(self) -> float:
        """Ships that enter an hour: N P E[v] / (pi A)."""
        return float(self.spec.present * self.perimeter[-1] * self.mean_speed_kn / (np.pi * self.area_nmi2))


def plan_traffic(scenario: Scenario, name: str) -> TrafficPlan:
    """The outline and speeds of one background source."""
    spec = scenario.background[name]
    sea = scenario.plane.sea(scenario.areas[spec.area].shape)
    edges = polygon_edges(sea, OUTLINE_NMI)
    lengths = np.hypot(edges[:, 2] - edges[:, 0], edges[:, 3] - edges[:, 1])
    outline = float(shapely.simplify(sea, OUTLINE_NMI).area)
    entering, mean = _entering_speed(spec.speed_kn)
    source = chance.identity("background", name)
    return TrafficPlan(name, source, spec, edges, np.cumsum(lengths), outline, scenario.duration_h, entering, mean)


def _entering_speed(speed: Quantity) -> tuple[tuple[Floats, Floats], float]:
    """The inverse distribution of v f(v) / E[v] as (shares, speeds), and E[v]."""
    edge = speed.quantile(np.clip(np.arange(_SPEED_CELLS + 1) / _SPEED_CELLS, 1e-9, 1.0 - 1e-9))
    middle = 0.5 * (edge[1:] + edge[:-1])
    shares = np.concatenate([[0.0], np.cumsum(middle)]) / middle.sum()
    return (shares, edge), float(middle.mean())


def realise_traffic(plan: TrafficPlan, key: NDArray[np.uint64], everyone: bool) -> tuple[Fleet, Fleet | None]:
    """One replication's ships: those the crew would investigate, and the rest if `everyone` is asked for."""
    from sim import kernels

    spec = plan.spec
    rate = plan.arrivals_per_h
    present = kernels.poisson_times(key, plan.source, -1, spec.present).size
    later = kernels.poisson_times(key, plan.source, 1, rate * plan.duration_h) / rate if rate > 0.0 else np.zeros(0)
    vessels = kernels.entities(plan.source, -present, present + later.size)
    ordinal = np.arange(-present, later.size)
    begin = np.concatenate([np.zeros(present), later])
    suspicious = chance.uniforms(key, Purpose.SUSPICION, vessels)[:, 0] < spec.suspicious_share
    if not everyone:
        vessels, begin, ordinal = vessels[suspicious], begin[suspicious], ordinal[suspicious]
        suspicious = np.ones(vessels.size, bool)
    u = chance.uniforms(key, Purpose.SPEED, vessels)[:, 0]
    speed = np.where(begin == 0.0, spec.speed_kn.quantile(u), np.interp(u, *plan.entering))
    mean_leg = spec.mean_leg_nmi or np.inf

    labels = np.char.add(f"{plan.name}-", ordinal.astype(str)) if not everyone else np.zeros(vessels.size, "U1")

    def fleet(wanted: NDArray[np.bool_]) -> Fleet:
        rows, owner = kernels.voyages(
            key, vessels, begin, speed, wanted, plan.edges, plan.perimeter, mean_leg, plan.duration_h
        )
        return Fleet(rows, owner, vessels, labels)

    return fleet(suspicious), fleet(~suspicious) if everyone else None
