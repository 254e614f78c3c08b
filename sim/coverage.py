"""Coverage: the probability that a transfer lying at a spot for so many hours is detected.

For each cell it is the mean over replications of the integral over the start s of

    g(s) [1 - exp(-sum over sensors and sorties of F(cell, s, s + tau))]

with tau the transfer's duration (the median of `duration_h`, unless another is asked for) and g the density of the
transfer's beginning over the deployment (the scenario's own, or flat). F comes from the legs as flown, as in
`sim.detection`; `sim.kernels.coverage` draws each pass as a piecewise-linear exposure and integrates over s in closed
form. The error is below 0.002; a test compares with brute force.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.aircraft import PatrolPlan
from sim.detection import kernel_laws
from sim.problems import refused
from sim.schema import HOURS_PER_DAY, Scenario
from sim.transfers import TransferPlan

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class FlownSortie:
    """One sortie's legs on the plane: (n, 6) t0, t1, x0, y0, x1, y1."""

    patrol: str
    legs: Floats


@dataclass(frozen=True)
class Grid:
    """Square cells on the plane: the middles of columns (nx,) and rows (ny,), nmi."""

    x: Floats
    y: Floats

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], most_cells: int) -> "Grid":
        """Cells over west, south, east, north on the plane, as many as `most_cells` allows."""
        west, south, east, north = bounds
        side = np.sqrt((east - west) * (north - south) / most_cells)
        while np.ceil((east - west) / side) * np.ceil((north - south) / side) > most_cells:
            side *= 1.005
        nx, ny = int(np.ceil((east - west) / side)), int(np.ceil((north - south) / side))
        x = (west + east) / 2.0 + side * (np.arange(nx) - (nx - 1) / 2.0)
        y = (south + north) / 2.0 + side * (np.arange(ny) - (ny - 1) / 2.0)
        return cls(x, y)

    @property
    def cells(self) -> Floats:
        """The middles of all cells, (nx * ny, 2), row by row."""
        x, y = np.meshgrid(self.x, self.y)
        return np.column_stack([x.ravel(), y.ravel()])


def start_density(plan: TransferPlan | None, duration_h: float, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Breaks (c, b + 1) and values (c, b) of the density of a transfer's beginning at places, 0 outside [0, duration).

    Without a plan, or without a night share, it is flat.
    """
    share = None if plan is None else plan.spec.night_share
    if plan is None or share is None:
        breaks = np.broadcast_to(np.array([0.0, duration_h]), (lon.size, 2))
        return np.ascontiguousarray(breaks), np.full((lon.size, 1), 1.0 / duration_h)
    cycles = np.arange(int(np.ceil(duration_h / HOURS_PER_DAY)) + 2)
    noon = plan.sun.noon(np.append(cycles, cycles[-1] + 1)[None, :], lon[:, None])
    sunset, sunrise = plan.sun.night(cycles[None, :], lon[:, None], lat[:, None])
    night = sunrise - sunset
    day = noon[:, 1:] - noon[:, :-1] - night
    edges = np.stack([noon[:, :-1], sunset, sunrise], axis=2).reshape(lon.size, -1)
    by_day = (1.0 - share) * HOURS_PER_DAY / day
    values = np.stack([by_day, share * HOURS_PER_DAY / night, by_day], axis=2).reshape(lon.size, -1)
    edges = np.clip(np.concatenate([edges, noon[:, -1:]], axis=1), 0.0, duration_h)
    whole = np.sum(values * np.diff(edges, axis=1), axis=1, keepdims=True)
    if np.any(whole <= 0.0):
        raise refused(
            f"night_share = {share:g}", "a deployment in which such transfers can begin, or --uniform", key="RUN"
        )
    return edges, values / whole


def coverage_field(
    scenario: Scenario,
    patrols: Sequence[PatrolPlan],
    replications: Sequence[Sequence[FlownSortie]],
    points: Floats,
    tau_h: float,
    source: TransferPlan | None,
) -> Floats:
    """The probability of detection at points (c, 2) of the plane, (c,): see the module.

    `replications` holds the sorties of each; `source` gives the density of the beginning, None a flat one.
    """
    from sim import kernels

    lon, lat = scenario.plane.to_lonlat(points[:, 0], points[:, 1])
    breaks, weights = start_density(source, scenario.duration_h, lon, lat)
    carried = [scenario.sensors[sensor].law for one in patrols for sensor in one.sensors]
    if not carried:
        return np.zeros(len(points))
    laws, tables = kernel_laws(carried)  # all together: one grid for all tables
    first = dict(zip((one.name for one in patrols), np.cumsum([0, *(len(one.laws) for one in patrols)]), strict=False))
    count = {one.name: len(one.laws) for one in patrols}
    out = np.zeros(len(points))
    for sorties in replications:
        if not sorties:
            continue
        legs = np.ascontiguousarray(np.vstack([sortie.legs for sortie in sorties]))
        bounds = np.cumsum([0, *(len(sortie.legs) for sortie in sorties)])
        begin = np.array([first[sortie.patrol] for sortie in sorties], np.int64)
        end = begin + np.array([count[sortie.patrol] for sortie in sorties], np.int64)
        kernels.coverage(points, legs, bounds, begin, end, laws, tables, tau_h, breaks, weights, out)
    return out / max(1, len(replications))


def median_duration_h(plan: TransferPlan) -> float:
    """The typical duration of a source's transfers."""
    return float(plan.spec.duration_h.quantile(np.array([0.5]))[0])


def main_source(plans: Sequence[TransferPlan], name: str | None = None) -> TransferPlan | None:
    """The source of that name, or the one with most transfers; None where there is none."""
    if name is not None:
        return next((plan for plan in plans if plan.name == name), None)
    return max(plans, key=lambda plan: plan.spec.per_month, default=None)
