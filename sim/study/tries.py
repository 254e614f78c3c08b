"""Tries of a smuggler: by replication, day, start hour and place, how many there are and how many are detected.

A cell is a start hour of the local day, or a start hour and a place. A try is one transfer. For detection a try is a
hypothetical transfer, one for each day and cell: it begins with equal probability at every moment of the cell's hours,
lies with equal probability anywhere in the cell's place, and is detected with the chance of the coverage field, by the
legs as flown. That chance is exact, so a try counts as a fraction. For documentation, tries are the transfers of the
simulation itself, each documented or not.
"""

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats, Ints
from sim.core.quadrature import gauss_legendre
from sim.core.units import HOURS_PER_DAY
from sim.deployment.ladder import STATUSES
from sim.deployment.transfers import TransferPlan, plan_transfers
from sim.model.beginnings import begin_density
from sim.model.local_times import Clock
from sim.model.sun import Sun
from sim.model.takeoffs import WEEKDAYS
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.coverage import Grid, flown_sorties, main_source, planned_patrols, tiles_of
from sim.study.progress import Progress, no_progress
from sim.study.searches import searches_of
from sim.study.store import Results

HOURS = 24
"""Start hours of a day, unless another number is asked for."""
CELLS = 48
"""Largest number of places, unless another is asked for."""
_ASIDE = 3  # points along each side of a place: the chance at the place is their mean
_DURATIONS = 12  # that stand for the distribution of a source, see `durations_of`
_MINUTES_A_DAY = 1440
_DUST = 1e-9  # a chance below this is an error of rounding
MEASURES = ("p_detected", "p_documented")


@dataclass(frozen=True)
class Places:
    """The places of a source: square cells of the plane that hold some of its sea."""

    grid: Grid
    cells: Ints
    """The number of each place among the cells of the grid, (p,)."""
    points: Floats
    """Points of the sea, (n, 2), nmi."""
    place: Ints
    """The place in which each point lies, (n,)."""
    lonlat: Floats
    """The middle of the points of each place, degrees, (p, 2)."""

    @cached_property
    def weights(self) -> Floats:
        """The share of the sea in each place, (p,)."""
        counts = np.bincount(self.place, minlength=len(self.cells))
        return np.asarray(counts / counts.sum(), np.float64)

    @classmethod
    def of(cls, plan: TransferPlan, most: int) -> "Places":
        """Divide the sea of a source into `most` places at most."""
        grid = Grid.over(plan.sea.bounds, most)
        inside = grid.side * ((np.arange(_ASIDE) + 0.5) / _ASIDE - 0.5)
        x, y = np.meshgrid(inside, inside)
        points = (grid.cells[:, None, :] + np.column_stack([x.ravel(), y.ravel()])[None, :, :]).reshape(-1, 2)
        owner = np.repeat(np.arange(len(grid.cells)), _ASIDE**2)
        wet = shapely.contains_xy(plan.sea, points)
        if not wet.any():  # a sea so thin that no point lies in it
            points = np.array([plan.sea.representative_point().coords[0]])
            nearest_cell = int(np.argmin(np.hypot(*(grid.cells - points[0]).T)))
            owner, wet = np.array([nearest_cell]), np.ones(1, bool)
        points, owner = np.ascontiguousarray(points[wet]), owner[wet]
        cells, place = np.unique(owner, return_inverse=True)
        middle = np.column_stack([np.bincount(place, points[:, axis]) / np.bincount(place) for axis in (0, 1)])
        lonlat = np.column_stack(plan.plane.to_lonlat(middle[:, 0], middle[:, 1]))
        return cls(grid, cells, points, place, lonlat)


@dataclass(frozen=True)
class Days:
    """The days, or the weeks, that count: whole local ones, each divided into start hours."""

    first_h: float
    """Hours from the scenario's start to the midnight at which the first of them begins."""
    count: int
    hours: int
    """Into how many start hours each is divided."""
    period_h: float = HOURS_PER_DAY
    """The hours of one: those of a day, or of a week where the smuggler chooses the day of the week, too."""

    @property
    def width_h(self) -> float:
        """How many hours a start hour is wide."""
        return self.period_h / self.hours

    @property
    def is_week(self) -> bool:
        """Whether the start hours are those of the week."""
        return self.period_h > HOURS_PER_DAY

    @property
    def edges(self) -> Floats:
        """The begin of each start hour of each day, and the end of the last, hours since the scenario's start."""
        return np.asarray(self.first_h + self.width_h * np.arange(self.count * self.hours + 1), np.float64)

    @property
    def midnights(self) -> Floats:
        """The begin of each day, hours since the scenario's start."""
        return np.asarray(self.first_h + self.period_h * np.arange(self.count), np.float64)

    def text(self, hour: int) -> str:
        """A start hour as the local times between which it lies, such as 09:00-10:00, of the week Tue 09:00-10:00."""
        first, last = (round(60.0 * self.width_h * end) for end in (hour, hour + 1))
        day = first // _MINUTES_A_DAY
        texts = [
            f"{minute // 60:02d}:{minute % 60:02d}" for minute in (one - day * _MINUTES_A_DAY for one in (first, last))
        ]
        return f"{WEEKDAYS[day]} {'-'.join(texts)}" if self.is_week else "-".join(texts)

    def begin_text(self, hour: int) -> str:
        """The local time at which a start hour begins."""
        return self.text(hour).partition("-")[0]


def days_of(scenario: Scenario, hours: int = HOURS, week: bool = False, longest_h: float = 0.0) -> Days:
    """The whole local days of a deployment, without its first and last 24 hours, in which schedules begin and end.

    At its end as many hours are left out as the longest transfer lasts, if those are more.
    Where that leaves none, all whole local days count. Days begin when clocks show midnight by the setting of the first
    midnight. With `week` they are weeks from Monday on, and `hours` is still the number of start hours of a day. Raises
    InputError where a deployment has no whole local day or week.
    """
    first_h = Clock(scenario.start, scenario.local).first_hour(0, 0)
    period_h, days = HOURS_PER_DAY, 1
    if week:
        midnight = (scenario.start + timedelta(hours=first_h)).astimezone(scenario.local)
        first_h += HOURS_PER_DAY * (-midnight.weekday() % len(WEEKDAYS))
        days = len(WEEKDAYS)
        period_h = HOURS_PER_DAY * days
    for margin_h, end_margin_h in ((HOURS_PER_DAY, max(HOURS_PER_DAY, longest_h)), (0.0, 0.0)):
        begin_h = first_h + period_h * math.ceil((margin_h - first_h) / period_h - 1e-9)
        count = math.floor((scenario.duration_h - end_margin_h - begin_h) / period_h + 1e-9)
        if count > 0:
            return Days(begin_h, count, hours * days, period_h)
    allowed = f"a deployment that holds a whole local {'week, from Monday on' if week else 'day'}"
    raise refused(f"duration_days = {scenario.duration_days:g}", allowed, key="SCENARIO")


class Durations(NamedTuple):
    """How long transfers last."""

    hours: Floats
    """Hours (t,), in ascending order."""
    weights: Floats
    """The probability of each, (t,)."""


@dataclass(frozen=True)
class Tries:
    """The tries of a smuggler, and what is known of the cells."""

    hits: Floats
    """How many tries are detected, or documented: replications, days, start hours, places."""
    tries: Floats
    """How many there are, in the same shape."""
    usual: Floats
    """The probability of each start hour and place for a blind smuggler, (hours, places): as the scenario says."""
    days: Days
    places: Places
    source: str
    durations: Durations
    measure: str

    @property
    def replications(self) -> int:
        """The number of replications."""
        return len(self.hits)

    def number(self, made: Floats) -> float:
        """How many tries those made in each replication, (R,), stand for: one a day where they are hypothetical."""
        return float(made.sum()) if self.measure == MEASURES[1] else float(self.replications * self.days.count)

    def without_place(self) -> "Tries":
        """The same for one who cannot choose the place: it is as the scenario says."""
        hits, tries, usual = (part.sum(axis=-1, keepdims=True) for part in (self.hits, self.tries, self.usual))
        return Tries(hits, tries, usual, self.days, self.places, self.source, self.durations, self.measure)

    def chances(self) -> Floats:
        """The chance in each cell, the mean of replications and days, (hours, places); NaN where nobody tried."""
        tries = self.tries.sum(axis=(0, 1))
        return np.where(tries > 0.0, self.hits.sum(axis=(0, 1)) / np.where(tries > 0.0, tries, 1.0), np.nan)


def source_of(scenario: Scenario, name: str | None = None) -> TransferPlan:
    """The source of a name, or without one that with most transfers; raises InputError where there is none."""
    names = sorted(scenario.transfers)
    if not names:
        raise refused("no source of transfers", "a scenario with a table of [transfers]", key="SCENARIO")
    if not scenario.patrols:
        raise refused("no patrol", "a scenario with a table of [patrols]", key="SCENARIO")
    if name is not None and name not in names:
        allowed = f"a name from [transfers]: {', '.join(names)}"
        raise refused(name, allowed, key="--source", hint=nearest(name, names))
    plan = main_source([plan_transfers(scenario, one) for one in names], name)
    if plan is None:
        raise AssertionError("there are names, and the one that is asked for is among them")
    return plan


def durations_of(plan: TransferPlan, duration_h: float | None = None) -> Durations:
    """The durations of the transfers of a source; one alone where all last equally long, or where it is given.

    A mean over the distribution is an integral over its quantiles, which is taken by the nodes and weights of Gauss and
    Legendre: they lie close at the ends, so that short and long transfers have their share.
    """
    if duration_h is not None:
        return Durations(np.array([duration_h]), np.ones(1))
    nodes, weights = gauss_legendre(_DURATIONS)
    hours = plan.spec.duration_h.quantile(0.5 + 0.5 * nodes)
    if hours[0] == hours[-1]:
        return Durations(hours[:1], np.ones(1))
    return Durations(hours, 0.5 * weights)


def usual_cells(scenario: Scenario, plan: TransferPlan, days: Days, places: Places) -> Floats:
    """The probability with which a transfer of a source begins in each start hour and place, (hours, places).

    It is that of the scenario among transfers that begin on the days that count.
    """
    share = plan.spec.night_share
    lon, lat = places.lonlat.T
    breaks, density = begin_density(Sun(scenario.start), share, scenario.duration_h, lon, lat)
    found = np.empty((days.hours, len(places.cells)))
    for place, (ends, values) in enumerate(zip(breaks, density, strict=True)):
        upto = np.concatenate([[0.0], np.cumsum(values * np.diff(ends))])
        each = np.diff(np.interp(days.edges, ends, upto)).reshape(days.count, days.hours)
        found[:, place] = each.sum(axis=0) * places.weights[place]
    if not found.sum() > 0.0:
        raise refused(f"night_share = {share}", "transfers that can begin on the days that count", key="SCENARIO")
    return np.asarray(found / found.sum(), np.float64)


def hypothetical_tries(
    results: Results,
    plan: TransferPlan,
    days: Days,
    places: Places,
    durations: Durations,
    *,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> Tries:
    """A try in each cell on each day of each replication, detected with its exact chance by the legs as flown.

    The results must have the tracks of all replications. `jobs` is the number of threads; `progress` is called with the
    number of replications that are done, and of all.
    """
    from sim.core import kernels

    scenario = results.scenario
    flown = flown_sorties(results, len(results.columns["replication"]))
    searches = searches_of(scenario, planned_patrols(scenario), flown, plan, int(results.info["seed"]))
    tiles = tiles_of(places.points)
    order, bounds = np.concatenate(tiles), np.cumsum([0, *map(len, tiles)])
    points, edges = np.ascontiguousarray(places.points[order]), days.edges
    in_place = np.zeros((len(places.cells), len(points)))
    in_place[places.place[order], np.arange(len(points))] = 1.0
    in_place /= in_place.sum(axis=1, keepdims=True)

    def chances(number: int) -> Floats:
        out = np.zeros((len(points), len(edges) - 1))
        for one in searches.replications[number]:
            kernels.start_hours(
                points, bounds, one.legs, one.gradual, one.sudden, one.shares, searches.laws, searches.tables,
                searches.starts, searches.nodes, durations.hours, durations.weights, edges, out,
            )  # fmt: skip
        out[out < _DUST] = 0.0
        return np.asarray((in_place @ out).reshape(-1, days.count, days.hours).transpose(1, 2, 0), float)

    count = len(searches.replications)
    hits = np.empty((count, days.count, days.hours, len(places.cells)))
    with ThreadPoolExecutor(jobs) as pool:  # the compiled kernel releases the interpreter lock
        for number, found in enumerate(pool.map(chances, range(count))):
            hits[number] = found * places.weights
            progress(number + 1, count)
    tries = np.broadcast_to(places.weights, hits.shape)
    usual = usual_cells(scenario, plan, days, places)
    return Tries(hits, tries, usual, days, places, plan.name, durations, MEASURES[0])


def simulated_tries(
    results: Results,
    plan: TransferPlan,
    days: Days,
    places: Places,
    durations: Durations,
    measure: str = MEASURES[1],
) -> Tries:
    """The transfers of a source in the simulation, by the cell in which they began.

    Those that came at least to the rung of the measure are hits.
    """
    table, plane = results.tables["transfers"], results.scenario.plane
    begin = table.column("begin_h").to_numpy()
    slot = np.floor((begin - days.first_h) / days.width_h).astype(int)
    mine = np.array([name == plan.name for name in table.column("source").to_pylist()], bool)
    keep = mine & (slot >= 0) & (slot < days.count * days.hours)
    x, y = plane.to_xy(table.column("lon").to_numpy()[keep], table.column("lat").to_numpy()[keep])
    middles = places.grid.cells[places.cells]
    place = np.array([int(np.argmin(np.hypot(*(middles - at).T))) for at in np.column_stack([x, y])], int)
    numbers = results.columns["replication"]
    row = np.searchsorted(numbers, table.column("replication").to_numpy()[keep])
    shape = (len(numbers), days.count * days.hours, len(places.cells))
    rungs = STATUSES[STATUSES.index(measure.removeprefix("p_")) :]
    reached = np.array([status in rungs for status in table.column("status").to_pylist()], bool)[keep]
    found = []
    for weights in (reached.astype(float), np.ones(int(keep.sum()))):
        counts = np.zeros(shape)
        np.add.at(counts, (row, slot[keep], place), weights)
        found.append(counts.reshape(len(numbers), days.count, days.hours, -1))
    usual = usual_cells(results.scenario, plan, days, places)
    return Tries(found[0], found[1], usual, days, places, plan.name, durations, MEASURES[1])


def takeoffs_of(results: Results) -> list[list[tuple[float, str, str]]]:
    """The take-offs of each replication with recorded events, in order of time: the hour, the patrol and the route."""
    events = results.tables["events"].to_pydict()
    columns = ("replication", "time_h", "event", "patrol", "detail")
    number = {int(replication): row for row, replication in enumerate(results.columns["replication"])}
    found: list[list[tuple[float, str, str]]] = [[] for _ in number]
    for replication, hour, event, patrol, route in zip(*(events[name] for name in columns), strict=True):
        if event == "takeoff":
            found[number[replication]].append((hour, patrol, route))
    return found


def signs_of(
    takeoffs: Sequence[Sequence[tuple[float, str, str]]], days: Days, depth: int, ahead: int = 0
) -> list[list[tuple[str, ...]]]:
    """What one who watches knows before each day of each replication: the take-offs of the `depth` days before.

    A sign is the start hour, counted from the beginning of the day, the patrol and the route of each take-off, in
    order. He is taken to see all of them. With `ahead` he also knows those of so many days from then on, or weeks.
    """
    found = []
    for of_replication in takeoffs:
        signs = []
        for midnight in days.midnights:
            first, last = midnight - HOURS_PER_DAY * depth, midnight + days.period_h * ahead
            seen = [one for one in of_replication if first <= one[0] < last]
            signs.append(
                tuple(f"{math.floor((hour - midnight) / days.width_h)} {who} {way}" for hour, who, way in seen)
            )
        found.append(signs)
    return found
