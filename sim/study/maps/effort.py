"""Search effort by place: the hours flown over each cell, the coverage factor, and how often a place is looked at.

Of legs that were flown with a sweep width W, the coverage factor of a cell is C = W L / A (IAMSAR manual, volume II):
the area that was swept in it, divided by its own. The strip of width W along each leg is shared out among the cells
that it covers, so that the sum of C times the cell's area is the area swept, however small the cells are.

A place is looked at while an aircraft is within a range of it, half the sweep width unless another is given: an
assumption, since detection is no matter of yes or no. A revisit gap is the time from the end of one look to the
beginning of the next. The deployment's beginning and end count as looks, so the first and the last gap are cut there.
The response time of a place is the mean time from a random hour to the next look; seen backwards, it is also the mean
age of the last look. With gaps g it is the sum of g^2 / 2, divided by the deployment's length.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.model.sensors.base import NOTHING_STATED
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.maps.coverage import Grid
from sim.study.maps.searches import FlownSortie
from sim.study.progress import Progress, no_progress

Flown = Sequence[tuple[int, Sequence[FlownSortie]]]
"""The number of each replication, and its sorties."""

_JOINED_H = 1e-6  # looks that are so near to each other in time are one: a turn from leg to leg ends none
PERCENTILE = 90.0  # of the gaps, that a map shows


@dataclass(frozen=True)
class Effort:
    """The search effort over a grid, the mean of a deployment, (ny, nx) each."""

    grid: Grid
    hours: Floats
    """The hours that aircraft flew over each cell."""
    coverage_factor: Floats
    """C of each cell."""
    replications: int
    """The number of replications that it is the mean of."""


class Revisit(NamedTuple):
    """How often places are looked at, over a grid, (ny, nx) each; hours."""

    looks: Floats
    """The mean number of looks in a deployment."""
    mean_gap_h: Floats
    longest_gap_h: Floats
    """The longest gap of a deployment, the mean over replications."""
    percentile_gap_h: Floats
    """The gap that 90 % of the gaps do not exceed."""
    response_h: Floats
    """The mean time from a random hour to the next look, or from the last look to a random hour."""


def sweep_widths_nmi(scenario: Scenario, sensor: str | None = None) -> dict[str, float]:
    """Return the sweep width of each patrol at its search speed, nmi, under nominal conditions.

    It is that of the sensor which is named, and otherwise the largest among those sensors of the aircraft that detect
    ships which send no AIS; 0 where the aircraft has none. Raises InputError where no sensor of that name has a
    detection law.
    """
    with_law = [name for name, spec in scenario.sensors.items() if getattr(spec, "law", None) is not None]
    if sensor is not None and sensor not in with_law:
        allowed = f"a sensor with a detection law: {', '.join(with_law)}"
        raise refused(sensor, allowed, key="--sensor", hint=nearest(sensor, with_law))
    hulls, widths = list(scenario.vessels.values())[:1], dict[str, float]()
    for name, patrol in scenario.patrols.items():
        aircraft, widest = scenario.aircraft[patrol.aircraft], 0.0
        for carried in aircraft.sensors:
            spec = scenario.sensors[carried]
            found = spec.in_force(hulls, sensor == carried, aircraft.altitude_ft, NOTHING_STATED)
            if found is not None and carried in with_law and sensor in (None, carried):
                widest = max(widest, float(found.law.sweep_width_nmi(aircraft.search_speed_kn)))
        widths[name] = widest
    return widths


# ---------------------------------------------------------------------------------------------------- effort
def _over_cells(grid: Grid, leg: Floats) -> tuple[Ints, Floats]:
    """The cells that a leg (6,) crosses, as numbers of the flattened grid, and the hours over each."""
    t0, t1, x0, y0, x1, y1 = leg.tolist()
    side = grid.side
    shares = [np.array([0.0, 1.0])]
    for low, high, edges in ((x0, x1, grid.x - side / 2.0), (y0, y1, grid.y - side / 2.0)):
        if low != high:
            crossed = (np.append(edges, edges[-1] + side) - low) / (high - low)
            shares.append(crossed[(crossed > 0.0) & (crossed < 1.0)])
    share = np.sort(np.concatenate(shares))
    middle = (share[1:] + share[:-1]) / 2.0
    column = np.floor((x0 + middle * (x1 - x0) - grid.x[0]) / side + 0.5).astype(int)
    row = np.floor((y0 + middle * (y1 - y0) - grid.y[0]) / side + 0.5).astype(int)
    inside = (column >= 0) & (column < len(grid.x)) & (row >= 0) & (row < len(grid.y))
    return (row * len(grid.x) + column)[inside], (np.diff(share) * (t1 - t0))[inside]


def _swept(grid: Grid, leg: Floats, width_nmi: float) -> tuple[tuple[slice, slice], Floats]:
    """The block of cells about a leg (6,), and the share of each that a strip of some width along it covers.

    Each cell counts as a square that lies along the leg.
    """
    _, _, x0, y0, x1, y1 = leg.tolist()
    side, length = grid.side, float(np.hypot(x1 - x0, y1 - y0))
    reach = width_nmi / 2.0 + side
    columns = slice(*np.searchsorted(grid.x, [min(x0, x1) - reach, max(x0, x1) + reach]).tolist())
    rows = slice(*np.searchsorted(grid.y, [min(y0, y1) - reach, max(y0, y1) + reach]).tolist())
    if length == 0.0:
        return (rows, columns), np.zeros((rows.stop - rows.start, columns.stop - columns.start))
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    dx, dy = grid.x[columns][None, :] - x0, grid.y[rows][:, None] - y0
    along, across = dx * ux + dy * uy, np.abs(dx * uy - dy * ux)
    overlap = np.minimum(along + side / 2.0, length) - np.maximum(along - side / 2.0, 0.0)
    beside = np.minimum(across + side / 2.0, width_nmi / 2.0) - np.maximum(across - side / 2.0, -width_nmi / 2.0)
    return (rows, columns), np.clip(overlap, 0.0, None) * np.clip(beside, 0.0, None) / side**2


def hours_by_cell(grid: Grid, flown: Sequence[Sequence[FlownSortie]]) -> Floats:
    """Return the hours that aircraft flew over each cell, the mean of some replications, (ny, nx)."""
    hours = np.zeros(len(grid.x) * len(grid.y))
    for sorties in flown:
        for sortie in sorties:
            for leg in sortie.legs:
                cells, spent = _over_cells(grid, leg)
                np.add.at(hours, cells, spent)
    return np.asarray(hours.reshape(len(grid.y), len(grid.x)) / max(1, len(flown)), float)


def effort(grid: Grid, flown: Flown, widths_nmi: Mapping[str, float], progress: Progress = no_progress) -> Effort:
    """Return the search effort of some replications over a grid; `widths_nmi` holds the sweep width of each patrol."""
    swept = np.zeros((len(grid.y), len(grid.x)))
    for done, (_, sorties) in enumerate(flown):
        for sortie in sorties:
            width_nmi = widths_nmi[sortie.patrol]
            for leg in sortie.legs:
                block, share = _swept(grid, leg, width_nmi)
                swept[block] += share
        progress(done + 1, len(flown))
    count = max(1, len(flown))
    hours = hours_by_cell(grid, [sorties for _, sorties in flown])
    return Effort(grid, hours, swept / count, len(flown))


# ---------------------------------------------------------------------------------------------------- revisit
def _looks_along(grid: Grid, leg: Floats, range_nmi: float) -> tuple[Ints, Floats, Floats]:
    """The cells whose middle comes within a range of a leg (6,), and when that begins and ends at each, hours."""
    t0, t1, x0, y0, x1, y1 = leg.tolist()
    columns = slice(*np.searchsorted(grid.x, [min(x0, x1) - range_nmi, max(x0, x1) + range_nmi]).tolist())
    rows = slice(*np.searchsorted(grid.y, [min(y0, y1) - range_nmi, max(y0, y1) + range_nmi]).tolist())
    dx, dy = grid.x[columns][None, :] - x0, grid.y[rows][:, None] - y0
    length = float(np.hypot(x1 - x0, y1 - y0))
    ux, uy = ((x1 - x0) / length, (y1 - y0) / length) if length else (1.0, 0.0)
    along, across = dx * ux + dy * uy, dx * uy - dy * ux
    half = np.sqrt(np.clip(range_nmi**2 - across**2, 0.0, None))
    begin, end = np.clip(along - half, 0.0, length), np.clip(along + half, 0.0, length)
    seen = (np.abs(across) < range_nmi) & (along - half <= length) & (along + half >= 0.0)
    hours_per_nmi = (t1 - t0) / length if length else 0.0
    first = t0 + begin[seen] * hours_per_nmi
    last = t0 + end[seen] * hours_per_nmi if length else np.full(first.shape, t1)
    numbers = np.arange(len(grid.y) * len(grid.x)).reshape(len(grid.y), len(grid.x))[rows, columns][seen]
    return numbers, first, last


def _gaps(cells: Ints, begin: Floats, end: Floats, count: int, end_h: float) -> tuple[Ints, Floats, Ints]:
    """The gaps between looks: the cell of each (g,), its hours (g,), and the number of looks of each cell (count,).

    The looks (n,) are of any cells, in any order, and may overlap. Between k gaps lie k - 1 looks, and one more at an
    end of the deployment where no gap touches it.
    """
    every = np.arange(count)
    cells = np.concatenate([every, cells, every])  # the beginning and the end of the deployment count as looks
    begin = np.concatenate([np.zeros(count), begin, np.full(count, end_h)])
    end = np.concatenate([np.zeros(count), end, np.full(count, end_h)])
    order = np.lexsort((begin, cells))
    cells, begin, end = cells[order], begin[order], end[order]
    shifted = end + cells * (2.0 * end_h)  # so that the running maximum never crosses from cell to cell
    latest = np.maximum.accumulate(shifted) - cells * (2.0 * end_h)
    gap = begin[1:] - latest[:-1]
    is_gap = (cells[1:] == cells[:-1]) & (gap > _JOINED_H)
    of, first, last = cells[1:][is_gap], latest[:-1][is_gap], begin[1:][is_gap]
    at_ends = (first <= _JOINED_H).astype(int) + (last >= end_h - _JOINED_H)
    return of, gap[is_gap], np.bincount(of, minlength=count) + 1 - np.bincount(of, at_ends, count).astype(int)


def _looks_of(
    grid: Grid, sorties: Sequence[FlownSortie], ranges_nmi: Mapping[str, float]
) -> Iterator[tuple[Ints, Floats, Floats]]:
    """The looks along each leg of a replication."""
    for sortie in sorties:
        for leg in sortie.legs:
            yield _looks_along(grid, leg, ranges_nmi[sortie.patrol])


def revisit(
    grid: Grid, flown: Flown, ranges_nmi: Mapping[str, float], end_h: float, progress: Progress = no_progress
) -> Revisit:
    """Return how often the middle of each cell is looked at; `ranges_nmi` holds the range of a look of each patrol."""
    count = len(grid.x) * len(grid.y)
    cells, gaps = [np.zeros(0, int)], [np.zeros(0)]
    longest, looks = np.zeros(count), np.zeros(count)
    for done, (_, sorties) in enumerate(flown):
        found = [*_looks_of(grid, sorties, ranges_nmi), (np.zeros(0, int), np.zeros(0), np.zeros(0))]
        here, begin, end = (np.concatenate(column) for column in zip(*found, strict=True))
        of, gap, seen = _gaps(here, begin, end, count, end_h)
        longest_here = np.zeros(count)
        np.maximum.at(longest_here, of, gap)
        longest, looks = longest + longest_here, looks + seen
        cells.append(of)
        gaps.append(gap)
        progress(done + 1, len(flown))
    of, gap, runs = np.concatenate(cells), np.concatenate(gaps), max(1, len(flown))
    number = np.maximum(1, np.bincount(of, minlength=count))
    shape = (len(grid.y), len(grid.x))
    fields = (
        looks / runs,
        np.bincount(of, gap, count) / number,
        longest / runs,
        _percentile_by_cell(of, gap, count),
        np.bincount(of, gap**2, count) / (2.0 * end_h * runs),
    )
    return Revisit(*(values.reshape(shape) for values in fields))


def _percentile_by_cell(cells: Ints, values: Floats, count: int) -> Floats:
    """The least value of each cell that at least 90 % of its values do not exceed, (count,); 0 where it has none."""
    order = np.lexsort((values, cells))
    number = np.bincount(cells, minlength=count)
    first = np.cumsum(number) - number
    rank = np.ceil(number * PERCENTILE / 100.0).astype(int) - 1
    found = np.zeros(count)
    found[number > 0] = values[order][(first + rank)[number > 0]]
    return found
