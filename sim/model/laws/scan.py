"""The scan law: independent looks at intervals, as of a radar, each with a chance that falls with range."""

from collections.abc import Callable
from functools import lru_cache
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sim.core import codes
from sim.core.arrays import Floats
from sim.core.fields import Nmi, refuse
from sim.core.quadrature import gauss_legendre, graded, running_integral
from sim.core.units import SECONDS_PER_HOUR
from sim.model.laws.base import GRID_SCALE, PANELS, Law

_TABLE_ERROR = 3e-7  # of a whole pass; the largest table keeps every allowed law within the 1e-6 that is promised
_MOST_HALF_RANGES = 300.0  # so far out the table keeps its error, for every allowed roll-off and probability
_FAINT = 1e-6  # of a head-on pass: the error of a fainter pass is taken relative to this
_NEVER = 1e-12  # a look with a smaller chance than this is taken to detect nothing


class Scan(Law):
    """Independent looks at intervals, each with chance probability / (1 + (range / range_half)^roll_off).

    Beyond the maximum range nothing is detected.
    """

    code: ClassVar[int] = codes.SCAN

    kind: Literal["scan"]
    probability: float = Field(strict=True, gt=0.0, le=0.999)
    """The chance that one look at range 0 detects the target, above 0 and at most 0.999."""
    range_half_nmi: Nmi
    """The range, in nautical miles, at which a look has half the chance that it has at range 0."""
    roll_off: float = Field(strict=True, ge=2.0, le=20.0)
    """How steeply the chance of a look falls about that range: the exponent of the formula above."""
    max_range_nmi: Nmi
    """The range, in nautical miles, beyond which nothing is detected: at most 300 times `range_half_nmi`."""
    look_interval_s: float = Field(strict=True, gt=0.0, le=36000.0)
    """The time, in seconds, between independent looks. Scans of one vessel that follow within seconds are not
    independent."""

    @model_validator(mode="after")
    def _fits_a_table(self) -> Self:
        if self.max_range_nmi > _MOST_HALF_RANGES * self.range_half_nmi:
            allowed = f"a max_range_nmi of at most {_MOST_HALF_RANGES:g} times range_half_nmi"
            raise refuse("range", allowed, "max_range_nmi", "range_half_nmi")
        return self

    @property
    def reach_nmi(self) -> float:
        """The maximum range, nmi."""
        return self.max_range_nmi

    @property
    def kernel_reach_nmi(self) -> float:
        """The reach of its table, nmi."""
        return self.table_reach_nmi

    @property
    def scale_nmi(self) -> float:
        """The range at which a look has half its chance, nmi."""
        return self.range_half_nmi

    @property
    def seconds_between_looks(self) -> float:
        """The interval between looks, seconds."""
        return self.look_interval_s

    def rate(self, r: Floats) -> Floats:
        """Return the rate -ln(1 - p(r)) / look interval, per hour, in the shape of r, nmi, without the cut."""
        u = (r / self.range_half_nmi) ** self.roll_off
        return np.log1p(self.probability / (1.0 - self.probability + u)) * (SECONDS_PER_HOUR / self.look_interval_s)

    def _slope(self, r: Floats) -> Floats:
        """The derivative of the rate by r, divided by r: finite at 0, since the roll-off is at least 2."""
        ratio = r / self.range_half_nmi
        u = ratio**self.roll_off
        du = self.roll_off * ratio ** (self.roll_off - 2.0) / self.range_half_nmi**2
        p, scale = self.probability, SECONDS_PER_HOUR / self.look_interval_s
        return (1.0 / (1.0 + u) - 1.0 / (1.0 - p + u)) * du * scale

    @property
    def table_reach_nmi(self) -> float:
        """The reach of the table, nmi: the maximum range, or where a look detects nothing even in a million hours."""
        return min(
            self.max_range_nmi, self.range_half_nmi * float((self.probability / _NEVER) ** (1.0 / self.roll_off))
        )

    def parameters(self, scale: float = 1.0) -> tuple[float, float]:
        """Return the scale c of the table's grid and ln(1 + R / c), or 0 and R where the grid is even.

        R is the reach of the table. See `sim.core.kernels.exposures` for the grid.
        """
        grid, reach = _scan_table(self)[0], self.table_reach_nmi
        return grid, float(np.log1p(reach / grid)) if grid else reach

    def table(self, least_size: int = 0) -> Floats:
        """Return the table of `table_of`, as fine as its error demands, and at least `least_size` a side."""
        grid, table = _scan_table(self)
        return table if table.shape[0] >= least_size else self.table_of(least_size - 1, grid)

    def table_of(self, size: int, scale: float) -> Floats:
        """Return H, dH/ds, dH/dx and d2H/dxds, (size + 1, size + 1, 4), on a square of side table_reach_nmi.

        H(x, s) is the integral over u from 0 to s of the rate at range hypot(x, u). With rate'(r) / r = g(r) it follows
        that dH/dx = x times the integral of g(hypot(x, u)), and d2H/dxds = x g(hypot(x, s)).
        """
        grid = graded(self.table_reach_nmi, scale, size)
        table = np.empty((size + 1, size + 1, 4))
        for i, x in enumerate(grid):  # a row at a time keeps the memory small
            r = np.hypot(x, grid)
            table[i, :, 0] = running_integral(_aside(self.rate, x), grid)
            table[i, :, 1] = self.rate(r)
            table[i, :, 2] = x * running_integral(_aside(self._slope, x), grid)
            table[i, :, 3] = x * self._slope(r)
        return table

    def table_error(self, table: Floats, scale: float) -> float:
        """Return the worst error of a table at the middles of cells' sides and at their centres.

        The error is relative to the integral over the whole half chord at that distance, or to a millionth of that of a
        head-on pass where the former is less. Bicubic interpolation errs most near those points.
        """
        size = table.shape[0] - 1
        grid = graded(self.table_reach_nmi, scale, size)
        half = np.sort(np.concatenate([grid, (grid[1:] + grid[:-1]) / 2.0]))
        worst, head_on = 0.0, table[0, -1, 0]
        for i in np.unique(np.linspace(0, size - 1, 128).astype(int)):
            step, x = grid[i + 1] - grid[i], (grid[i] + grid[i + 1]) / 2.0
            exact = running_integral(_aside(self.rate, x), half)
            # The cubic through both rows, then through both columns, at their middles.
            value = (table[i, :, 0] + table[i + 1, :, 0]) / 2.0 + step / 8.0 * (table[i, :, 2] - table[i + 1, :, 2])
            slope = (table[i, :, 1] + table[i + 1, :, 1]) / 2.0 + step / 8.0 * (table[i, :, 3] - table[i + 1, :, 3])
            between = (value[1:] + value[:-1]) / 2.0 + np.diff(grid) / 8.0 * (slope[:-1] - slope[1:])
            inside = grid <= np.sqrt(max(self.table_reach_nmi**2 - x * x, 0.0))
            if inside.sum() > 1:
                off = np.maximum(np.abs(value - exact[::2])[1:], np.abs(between - exact[1::2]))[inside[1:]]
                worst = max(worst, float(off.max() / max(exact[::2][inside][-1], _FAINT * head_on)))
        return worst

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """Return F, in the shape of x: twice the integral of the rate over the half chord, divided by the speed."""
        return self._exposure(x, self.max_range_nmi, speed_kn)

    def exposure_in_force(self, x: Floats, reach_nmi: float, scale: float, speed_kn: float) -> Floats:
        """Return F with another cut; stretched by a scale f, the chord is longer and its pass takes f times as long."""
        return self._exposure(x, reach_nmi, speed_kn / scale)

    def _exposure(self, x: Floats, reach: float, speed_kn: float) -> Floats:
        x = np.asarray(x, float)
        return np.asarray(_integral_over_chords(self, x.tobytes(), x.shape, reach) / speed_kn, float)


@lru_cache(maxsize=8)
def _integral_over_chords(law: Scan, x: bytes, shape: tuple[int, ...], reach: float) -> Floats:
    """The integral of the rate over the whole chord at closest distances x, the bytes of an array of this shape.

    It is kept, since sweep widths at many speeds take the integrals at the same distances.
    """
    away = np.frombuffer(x).reshape(shape)
    half = np.sqrt(np.maximum(reach**2 - away * away, 0.0))[..., None]
    share = graded(1.0, min(1.0, GRID_SCALE * law.range_half_nmi / reach), PANELS)
    node, weight = gauss_legendre(8)
    step = np.diff(share) / 2.0
    s = half * (share[:-1, None] + step[:, None] * (node + 1.0)).ravel()
    mean = law.rate(np.hypot(away[..., None], s)) @ (step[:, None] * weight).ravel()
    return np.asarray(2.0 * half[..., 0] * mean, float)


def _aside(of_range: Callable[[Floats], Floats], x: float) -> Callable[[Floats], Floats]:
    """A function of range as a function of the distance along a track whose closest distance is x."""
    return lambda s: of_range(np.hypot(x, s))


@lru_cache(maxsize=32)
def _scan_table(law: Scan) -> tuple[float, Floats]:
    """The scale of the grid and the smallest table that is fine enough: on an even grid if that suffices, else graded.

    It is cached beside the law, not in it, so that laws can still be compared by their keys.
    """
    wide = GRID_SCALE * law.range_half_nmi
    for scale, size in ((0.0, 128), (0.0, 256), (wide, 256), (wide, 512), (wide, 1024)):
        table = law.table_of(size, scale)
        if law.table_error(table, scale) < _TABLE_ERROR:
            break
    return scale, table
