"""Transfers by place: what became of those in each cell of a grid, and how two runs differ there.

The share in a cell is a ratio over replications like any measure of transfers, so its interval is the one of
`sim.study.estimates`; a difference of two runs of the same seed is paired by replication.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.core.arrays import Floats, Ints
from sim.scenario.problems import refused
from sim.study.estimates import LEVEL, Measure, difference
from sim.study.maps.coverage import Grid
from sim.study.store import Results

SHARES = ("p_detected", "p_classified", "p_documented")
"""The measures that a map can show by cell."""


@dataclass(frozen=True)
class Counts:
    """The transfers of a run by replication and cell, (R, cells) each."""

    transfers: Floats
    by_status: Mapping[str, Floats]
    """Those that came at least so far: `detected`, `classified` and `documented`."""
    by_reason: Mapping[str, Floats]
    """Those that were not documented, by what prevented it."""


def cells_of(results: Results, grid: Grid) -> Ints:
    """Return the number of the cell of each row of `transfers`, -1 for those outside the grid, (n,)."""
    table, plane = results.tables["transfers"], results.scenario.plane
    x, y = plane.to_xy(table.column("lon").to_numpy(), table.column("lat").to_numpy())
    column = np.floor((np.asarray(x) - grid.x[0]) / grid.side + 0.5).astype(int)
    row = np.floor((np.asarray(y) - grid.y[0]) / grid.side + 0.5).astype(int)
    inside = (column >= 0) & (column < len(grid.x)) & (row >= 0) & (row < len(grid.y))
    return np.where(inside, row * len(grid.x) + column, -1)


def count_by_cell(results: Results, grid: Grid) -> Counts:
    """Return the transfers of a run by replication and cell."""
    table = results.tables["transfers"]
    cells, count = cells_of(results, grid), len(grid.x) * len(grid.y)
    numbers = results.columns["replication"]
    place = np.searchsorted(numbers, table.column("replication").to_numpy())

    def counted(mask: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Floats:
        keys = (place * count + cells)[mask & (cells >= 0)]
        return np.bincount(keys, minlength=numbers.size * count).reshape(numbers.size, count).astype(float)

    every = np.ones(table.num_rows, bool)
    reasons = np.array(table.column("reason").to_pylist(), dtype=object)
    reached = {
        name: counted(~np.isnan(table.column(f"{name}_h").to_numpy(zero_copy_only=False).astype(float)))
        for name in ("detected", "classified", "documented")
    }
    found = [reason for reason in dict.fromkeys(reasons.tolist()) if reason is not None]
    return Counts(counted(every), reached, {reason: counted(reasons == reason) for reason in found})


def difference_by_cell(ours: Results, theirs: Results, grid: Grid, measure: str) -> list[Measure | None]:
    """Return how much larger a share of transfers is in a run than in another, for each cell; None without transfers.

    `measure` is one of `SHARES`. Raises InputError where the runs do not have the same replications of the same seed.
    """
    same = np.array_equal(ours.columns["replication"], theirs.columns["replication"])
    if not same or ours.info["seed"] != theirs.info["seed"]:
        raise refused(theirs.name, "a run of the same replications and the same seed", key="RUN")
    level = ours.info.get("level", LEVEL)
    rung = measure.removeprefix("p_")
    hours = (ours.scenario.duration_h, theirs.scenario.duration_h)
    one, other = count_by_cell(ours, grid), count_by_cell(theirs, grid)
    found: list[Measure | None] = []
    for cell in range(one.transfers.shape[1]):
        columns = [
            {"transfers": counts.transfers[:, cell], rung: counts.by_status[rung][:, cell]} for counts in (one, other)
        ]
        has_some = all(column["transfers"].any() for column in columns)
        found.append(difference(measure, columns[0], columns[1], hours, level) if has_some else None)
    return found


def reasons_in_order(counts: Counts, names: Sequence[str]) -> list[str]:
    """Return those of some reasons that prevented anything, in the order of `names`."""
    return [name for name in names if name in counts.by_reason and counts.by_reason[name].any()]
