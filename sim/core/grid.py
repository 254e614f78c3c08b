"""A grid of square cells on the plane."""

from dataclasses import dataclass

import numpy as np

from sim.core.arrays import Floats


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
