"""Points that stand for the sea of a source of transfers, each with its share of the transfers."""

from typing import NamedTuple

import numpy as np
import shapely

from sim.core.arrays import Floats, Ints
from sim.deployment.transfers import TransferPlan
from sim.study.maps.coverage import Grid


class SeaPoints(NamedTuple):
    """Points of the sea of a source, each in the middle of a part of a cell of a grid."""

    places: Floats
    """(n, 2), nmi."""
    cells: Ints
    """The number of the cell of the grid in which each point lies, (n,)."""
    shares: Floats
    """The share of the source's transfers that begin in the part for which each point stands, (n,); the sum is 1."""
    sea_nmi2: Floats
    """The sea of the source in each cell of the grid, nmi2, (cells,)."""

    @classmethod
    def of(cls, plan: TransferPlan, grid: Grid, aside: int) -> "SeaPoints":
        """Make points of the cells that hold some of the sea of a source: `aside` squared in each.

        Transfers are uniform over the true area of the sea. A cell has the share of its sea, cut at the shore exactly,
        and its points that are wet have equal parts of that.
        """
        if plan.sea.is_empty:
            return cls(np.zeros((0, 2)), np.zeros(0, np.int64), np.zeros(0), np.zeros(len(grid.cells)))
        numbers, areas = _wet_cells(plan, grid)
        inside = grid.side * ((np.arange(aside) + 0.5) / aside - 0.5)
        x, y = np.meshgrid(inside, inside)
        around = np.column_stack([x.ravel(), y.ravel()])
        places = (grid.cells[numbers][:, None, :] + around[None, :, :]).reshape(-1, 2)
        owner = np.repeat(np.arange(len(numbers)), aside**2)
        wet = shapely.contains_xy(plan.sea, places)
        dry = np.setdiff1d(np.arange(len(numbers)), owner[wet])  # cells with so little sea that no point lies in it
        slivers = [_square(grid, numbers[cell]).intersection(plan.sea).representative_point() for cell in dry]
        extra = np.array([[point.x, point.y] for point in slivers]).reshape(-1, 2)
        places, owner = np.vstack([places[wet], extra]), np.concatenate([owner[wet], dry])
        shares = (areas / np.bincount(owner, minlength=len(numbers)))[owner]
        shares = shares / plan.plane.area_scale(places[:, 0], places[:, 1])
        sea = np.zeros(len(grid.cells))
        sea[numbers] = areas
        return cls(np.ascontiguousarray(places), numbers[owner], shares / shares.sum(), sea)


def _square(grid: Grid, cell: int) -> shapely.Polygon:
    x, y = grid.cells[cell]
    half = grid.side / 2.0
    return shapely.box(x - half, y - half, x + half, y + half)


def _wet_cells(plan: TransferPlan, grid: Grid) -> tuple[Ints, Floats]:
    """The numbers of the cells that hold some of the sea of a source, and how much, nmi2, (n,) each."""
    x, y = grid.cells.T
    half = grid.side / 2.0
    squares = shapely.box(x - half, y - half, x + half, y + half)
    areas = np.where(shapely.contains(plan.sea, squares), grid.side**2, 0.0)
    partly = np.flatnonzero((areas == 0.0) & shapely.intersects(plan.sea, squares))
    areas[partly] = shapely.area(shapely.intersection(plan.sea, squares[partly]))
    numbers = np.flatnonzero(areas > 0.0)
    return numbers, areas[numbers]
