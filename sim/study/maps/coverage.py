"""The coverage field: the probability that a transfer which lies at a place for some hours is detected.

At each place it is the mean over replications of the integral over the transfer's beginning s of

    g(s) [1 - exp(-sum over sensors and sorties of F(place, s, s + tau))]

with tau the time that the ships lie alongside (the median of `duration_h`, unless another is asked for), g the density
of s over the deployment (`sim.model.beginnings`, or flat), and F the exposure from the legs as flown, as in
`sim.model.laws`.

The quadrature: as s grows, a pass adds its exposure when s + tau reaches it and takes it away when s leaves it. So the
exposure within [s, s + tau] is a piecewise-smooth function of s. `sim.core.kernels.coverage` replaces it by one that is
linear between breakpoints. There g is constant and the exponent linear, a + b s, so the integral of exp(-(a + b s)) has
a closed form, and no step size is needed. The error of a field is below 0.002; tests compare it with brute force.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from sim.core.arrays import Floats, Ints
from sim.deployment.patrols import PatrolPlan, plan_patrol
from sim.deployment.sorties import legs_before
from sim.deployment.transfers import TransferPlan, plan_transfers
from sim.model.beginnings import NoBeginningError, begin_density
from sim.model.sun import Sun
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.maps.searches import FlownSortie, Searches, searches_of
from sim.study.progress import Progress, no_progress
from sim.study.store import Results

CELLS = 4000  # largest number of cells of a field, unless another is asked for
REPLICATIONS = 20  # largest number of replications that a field is the mean of
_TILE = 16  # points of a tile, a square whose legs in range are found at once; 8 to 64 were tried
_PARTS = 16  # of the tiles of a field; each has tiles from everywhere, so all take about the same time


@dataclass(frozen=True)
class Grid:
    """Square cells on the plane: the centres of columns (nx,) and of rows (ny,), nmi."""

    x: Floats
    y: Floats

    @classmethod
    def over(cls, bounds: tuple[float, float, float, float], most_cells: int) -> "Grid":
        """Make a grid over bounds (west, south, east, north; nmi), with `most_cells` cells at most."""
        west, south, east, north = bounds
        side = np.sqrt((east - west) * (north - south) / most_cells)
        while np.ceil((east - west) / side) * np.ceil((north - south) / side) > most_cells:
            side *= 1.005
        nx, ny = int(np.ceil((east - west) / side)), int(np.ceil((north - south) / side))
        x = (west + east) / 2.0 + side * (np.arange(nx) - (nx - 1) / 2.0)
        y = (south + north) / 2.0 + side * (np.arange(ny) - (ny - 1) / 2.0)
        return cls(x, y)

    @property
    def side(self) -> float:
        """The side of a cell, nmi."""
        return float(self.x[1] - self.x[0] if len(self.x) > 1 else self.y[1] - self.y[0])

    @property
    def cells(self) -> Floats:
        """The centres of all cells, (nx * ny, 2), row by row, nmi."""
        x, y = np.meshgrid(self.x, self.y)
        return np.column_stack([x.ravel(), y.ravel()])


def _begin_density(
    sun: Sun, duration_h: float, source: TransferPlan | None, lon: Floats, lat: Floats
) -> tuple[Floats, Floats]:
    """The density of the hour at which transfers of a source begin: breaks (c, b + 1) in hours, values (c, b) per hour.

    Without a source it is flat. Raises InputError where no transfer of the source can begin in the deployment.
    """
    share = None if source is None else source.spec.night_share
    try:
        return begin_density(sun, share, duration_h, lon, lat, None if source is None else source.profile)
    except NoBeginningError:
        allowed = "a deployment in which such transfers can begin, or --uniform"
        given = "calendar" if share is None else f"night_share = {share:g}"
        raise refused(given, allowed, key="RUN") from None


def coverage_field(
    scenario: Scenario,
    patrols: Sequence[PatrolPlan],
    replications: Sequence[tuple[int, Sequence[FlownSortie]]],
    points: Floats,
    tau_h: float,
    source: TransferPlan | None,
    seed: int,
    uniform: bool = False,
) -> Floats:
    """The probability of detection at points (c, 2) of the plane in nmi, (c,): see the formula above.

    `replications` holds the number and the sorties of each; its weather is realised again from the seed and the number.
    `source` gives the class of the ships and, unless `uniform`, the density of the beginning; None stands for ships of
    unknown size and a flat density.
    """
    searches = searches_of(scenario, patrols, replications, source, seed)
    tiles = tiles_of(points)
    order = np.concatenate(tiles)
    found = np.empty(len(points))
    found[order] = _field(scenario, searches, points[order], _bounds_of(tiles), tau_h, None if uniform else source)
    return found


def _field(
    scenario: Scenario,
    searches: Searches,
    cells: Floats,
    tiles: Ints,
    tau_h: float,
    source: TransferPlan | None,
    done: Callable[[], None] = lambda: None,
) -> Floats:
    """The probability of detection at cells (c, 2), tile by tile; `done` is called after each replication."""
    from sim.core import kernels

    lon, lat = scenario.plane.to_lonlat(cells[:, 0], cells[:, 1])
    breaks, weights = _begin_density(Sun(scenario.start), scenario.duration_h, source, lon, lat)
    total = np.zeros(len(cells))
    for replication in searches.replications:
        for one in replication:
            kernels.coverage(
                cells, tiles, one.legs, one.gradual, one.sudden, one.shares,
                searches.laws, searches.tables, searches.starts, searches.nodes, tau_h, breaks, weights, total,
            )  # fmt: skip
        done()
    return total / max(1, len(searches.replications))


def tiles_of(points: Floats) -> list[Ints]:
    """The numbers of the points (c, 2) in each tile, row by row."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(1e-6, float(np.sqrt(np.prod(high - low) * _TILE / len(points))))
    column, row = np.floor((points - low) / side).T
    order = np.lexsort((column, row))
    change = np.flatnonzero((np.diff(row[order]) != 0.0) | (np.diff(column[order]) != 0.0))
    return np.split(order, change + 1)


def _bounds_of(tiles: Sequence[Ints]) -> Ints:
    """The first number of each tile among the points of all, and the number of these."""
    return np.cumsum([0, *map(len, tiles)])


def median_duration_h(plan: TransferPlan) -> float:
    """The median time that the ships of a source lie alongside, hours."""
    return float(plan.spec.duration_h.quantile(np.array([0.5]))[0])


def refuse_under_way(plan: TransferPlan | None) -> None:
    """Refuse a source whose vessels make way: the chance at a place is that of a pair that lies there all the time."""
    if plan is not None and plan.spec.makes_way:
        allowed = "a source whose vessels lie still alongside, since the chance is that of a place"
        raise refused(f"{plan.name}, whose vessels make way", allowed, key="--source", hint="leave making_way_kn out")


def main_source(plans: Sequence[TransferPlan], name: str | None = None) -> TransferPlan | None:
    """The source of that name, or without a name the one with most transfers; None where there is none."""
    if name is not None:
        return next((plan for plan in plans if plan.name == name), None)
    return max(plans, key=lambda plan: plan.mean_per_month, default=None)


# ---------------------------------------------------------------------------------------------------- of a run
def planned_patrols(scenario: Scenario) -> list[PatrolPlan]:
    """The plans of all patrols of a scenario, in the order of their names."""
    return [plan_patrol(scenario, name) for name in sorted(scenario.patrols)]


@dataclass(frozen=True)
class Field:
    """The probability of detection over a grid, and the transfer that it is about."""

    grid: Grid
    probability: Floats
    """The probability in each cell, (ny, nx)."""
    duration_h: float
    """The hours that the ships lie alongside."""
    uniform: bool
    """Whether it begins at every hour with equal probability."""
    replications: int
    """The number of replications that the field is the mean of."""
    source: str
    """The name of its source in [transfers]; empty where the scenario has none."""


def recorded_replications(results: Results) -> list[int]:
    """The numbers of the replications whose events and tracks were recorded."""
    return [int(number) for number in results.columns["replication"] if number < results.info["kept"]]


def wanted_replications(results: Results, asked: int | None = None) -> list[int]:
    """The numbers of the replications whose tracks were recorded, or only the one that is asked for.

    Raises InputError where the run recorded none, or not that one.
    """
    recorded = recorded_replications(results)
    if not recorded:
        raise refused(results.name, "a run that recorded the tracks of a replication (--keep)", key="RUN")
    if asked is None:
        return recorded
    if asked not in recorded:
        allowed = f"a replication with recorded tracks: {recorded[0]} to {recorded[-1]}"
        raise refused(asked, allowed, key="--replication")
    return [asked]


def flown_sorties(results: Results, most: int) -> list[tuple[int, list[FlownSortie]]]:
    """The first replications whose tracks were recorded, `most` at most: the number of each, and its sorties.

    Raises InputError where the run recorded none.
    """
    return _sorties_in(results, results.tables["tracks"], wanted_replications(results)[:most])


def sorties_of(results: Results, replication: int) -> list[FlownSortie]:
    """The sorties of one replication whose tracks were recorded, in the order of the table."""
    tracks = results.tables["tracks"]
    return _sorties_in(results, tracks.filter(pc.field("replication") == replication), [replication])[0][1]


def _sorties_in(results: Results, tracks: pa.Table, replications: Sequence[int]) -> list[tuple[int, list[FlownSortie]]]:
    """The sorties of some replications in a table of tracks."""
    plane = results.scenario.plane
    numbers = {name: tracks.column(name).to_numpy() for name in ("replication", "sortie", "begin_h", "end_h")}
    ends = [plane.to_xy(tracks.column(f"lon{k}").to_numpy(), tracks.column(f"lat{k}").to_numpy()) for k in (0, 1)]
    legs = np.column_stack([numbers["begin_h"], numbers["end_h"], *ends[0], *ends[1]])
    patrols = np.array(tracks.column("patrol").to_pylist(), dtype=object)
    found = []
    for replication in replications:
        rows = np.flatnonzero(numbers["replication"] == replication)
        legs_here, patrols_here, sorties_here = legs[rows], patrols[rows], numbers["sortie"][rows]
        keys = dict.fromkeys(zip(patrols_here, sorties_here, strict=True))
        sorties = [
            FlownSortie(
                patrol,
                legs_before(
                    legs_here[(patrols_here == patrol) & (sorties_here == sortie)], results.scenario.duration_h
                ),
            )
            for patrol, sortie in keys
        ]
        found.append((replication, [sortie for sortie in sorties if len(sortie.legs)]))
    return found


class _Work:
    """The parts of the work that are done, counted by several threads, which end soon where the work is broken off."""

    def __init__(self, progress: Progress, total: int) -> None:
        """Begin with no part done."""
        self._progress, self._total, self._done = progress, total, 0
        self._lock, self._ended = Lock(), Event()
        self._error: BaseException | None = None

    def count(self) -> None:
        """Count one more part."""
        with self._lock:
            if self._ended.is_set():
                raise self._error or CancelledError
            self._done += 1
            try:
                self._progress(self._done, self._total)
            except BaseException as error:
                self._error = error  # of all threads, whichever of them is asked first
                self._ended.set()
                raise

    def __enter__(self) -> None:
        """Begin the work."""

    def __exit__(self, *_: object) -> None:
        """End it: threads that are still at work, since an error or a signal has come, end after their part."""
        self._ended.set()


def make_field(
    results: Results,
    bounds: tuple[float, float, float, float],
    *,
    duration_h: float | None = None,
    uniform: bool = False,
    source: str | None = None,
    cells: int = CELLS,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Field:
    """Compute the coverage field of a run over bounds on the plane (west, south, east, north; nmi).

    `duration_h` is the time that the ships lie alongside, by default the median of their source; with `uniform` a
    transfer begins at every hour with equal probability; `source` is a name from [transfers], by default that of the
    source with the most transfers; `cells` is the largest number of cells, `jobs` the number of threads. `progress` is
    called with the number of parts of the work that are done, and of all parts. Raises
    InputError where no tracks were recorded, or where the source or the duration is not known.
    """
    scenario = results.scenario
    names = sorted(scenario.transfers)
    if source is not None and source not in names:
        raise refused(
            source, f"a name from [transfers]: {', '.join(names)}", key="--source", hint=nearest(source, names)
        )
    flown = flown_sorties(results, REPLICATIONS)
    plan: TransferPlan | None = main_source([plan_transfers(scenario, name) for name in names], source)
    if plan is None and duration_h is None:
        allowed = "a run of a scenario with transfers, or the hours of one with --duration-h"
        raise refused(results.name, allowed, key="RUN")
    refuse_under_way(plan)
    tau = duration_h if duration_h is not None or plan is None else median_duration_h(plan)
    grid = Grid.over(bounds, cells)
    patrols = planned_patrols(scenario)

    searches = searches_of(scenario, patrols, flown, plan, int(results.info["seed"]))
    places = grid.cells
    tiles = tiles_of(places)
    parts = min(len(tiles), max(_PARTS, jobs))
    found = np.empty(len(places))
    work = _Work(progress, parts * len(flown))

    def compute(mine: Sequence[Ints]) -> None:
        order, begins = np.concatenate(mine), None if uniform else plan
        found[order] = _field(
            scenario, searches, places[order], _bounds_of(mine), float(tau or 0.0), begins, work.count
        )

    with ThreadPoolExecutor(jobs) as pool, work:  # the compiled kernel releases the interpreter lock
        for _ in pool.map(compute, [tiles[number::parts] for number in range(parts)]):
            pass
    flat = uniform or plan is None or (plan.spec.night_share is None and plan.profile is None)
    shape = (len(grid.y), len(grid.x))
    return Field(grid, found.reshape(shape), float(tau or 0.0), flat, len(flown), plan.name if plan else "")


def places_of_interest(scenario: Scenario) -> list[Any]:
    """The shapes that a map should show: areas of transfers, bases and one pass of each route, on the plane."""
    plane, patrols = scenario.plane, planned_patrols(scenario)
    shapes: list[Any] = [plane.project(scenario.areas[source.area].shape) for source in scenario.transfers.values()]
    shapes += [shapely.Point(base) for patrol in patrols for base in patrol.bases]
    shapes += [shapely.LineString(route.passes[0]) for patrol in patrols for route in patrol.routes]
    return shapes
