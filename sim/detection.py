"""Detection laws: how the chance of detection depends on range and time.

Every law acts through an accumulated exposure F. An opportunity (sensor, sortie, target) has a threshold E ~ Exp(1)
and the target is detected at the first moment at which F reaches E, so P = 1 - exp(-F). The compiled half, exposure
along a straight relative motion and its inverse, is in `sim.kernels`; this half holds the parameters, the constants
that follow from them, the lateral range curve and the sweep width.
"""

from functools import cached_property, lru_cache
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from sim.fields import Knots, Nmi, Part, Probability, refuse

Floats = NDArray[np.float64]

_NODES = 256  # Gauss-Legendre nodes for a sweep width
_SECONDS_PER_HOUR = 3600.0
_TABLE_SIZES = (128, 256, 512, 1024)
_TABLE_ERROR = 1e-7  # of the whole integral, ten times finer than the 1e-6 promised
NO_TABLE = np.zeros((2, 2, 4))


@lru_cache(maxsize=8)
def gauss_legendre(count: int) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss-Legendre quadrature on (-1, 1), computed once."""
    node, weight = np.polynomial.legendre.leggauss(count)
    return node, weight


class _Law(Part):
    """What every law has: a row for the kernel, a table if it needs one, a lateral range curve, a sweep width."""

    code: ClassVar[int]

    @property
    def reach_nmi(self) -> float:
        """The range beyond which nothing is detected."""
        raise AssertionError("every law says its own reach")

    def row(self) -> list[float]:
        """The law as the kernel takes it: code, reach, two parameters."""
        raise AssertionError("every law says its own row")

    def table(self) -> Floats:
        """The tabulated integral of the rate, for a law that needs one."""
        return NO_TABLE

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """F of one long straight pass at closest distance x, nmi, at a relative speed."""
        raise AssertionError("every law says its own lateral exposure")

    def lateral_range(self, x: Floats, speed_kn: float) -> Floats:
        """The lateral range curve: the probability of detection on one long straight pass."""
        x = np.abs(np.asarray(x, dtype=np.float64))
        inside = x < self.reach_nmi
        return np.where(inside, -np.expm1(-self.lateral_exposure(np.where(inside, x, 0.0), speed_kn)), 0.0)

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """W, the integral of the lateral range curve (Koopman 1946), by quadrature in x = reach sin(angle)."""
        node, weight = gauss_legendre(_NODES)
        angle = np.pi / 4.0 * (node + 1.0)
        lateral = self.lateral_range(self.reach_nmi * np.sin(angle), speed_kn)
        return float(2.0 * self.reach_nmi * np.pi / 4.0 * np.sum(weight * lateral * np.cos(angle)))


class DefiniteRange(_Law):
    """Detected with one probability at the first moment in the sortie in range."""

    code: ClassVar[int] = 0
    kind: Literal["definite_range"]
    range_nmi: Nmi
    """Within this range."""
    probability: Probability = 1.0
    """Chance of detection, once a sortie and target."""

    @property
    def reach_nmi(self) -> float:
        """The range itself."""
        return self.range_nmi

    @property
    def jump(self) -> float:
        """Exposure added once: -ln(1 - p), infinite for p = 1."""
        return float(-np.log1p(-self.probability)) if self.probability < 1.0 else np.inf

    def row(self) -> list[float]:
        """Code, range, jump."""
        return [self.code, self.range_nmi, self.jump, 0.0]

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """The same at every distance within range."""
        return np.full(x.shape, self.jump)

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """W = 2 R p."""
        return 2.0 * self.range_nmi * self.probability


class InverseCube(_Law):
    """Rate proportional to 1 / range^3 within a maximum range (Koopman 1946, OEG 56)."""

    code: ClassVar[int] = 1
    kind: Literal["inverse_cube"]
    sweep_width_nmi_at_reference: Nmi = Field(alias="sweep_width_nmi")
    """Sweep width at the reference speed, the cut at the maximum range included."""
    reference_speed_kn: Knots
    """Relative speed at which the sweep width holds."""
    max_range_nmi: Nmi
    """Nothing is detected beyond."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.sweep_width_nmi_at_reference > 1.98 * self.max_range_nmi:
            raise refuse("range", "a sweep_width_nmi of at most 1.98 times max_range_nmi")
        return self

    @property
    def reach_nmi(self) -> float:
        """The maximum range."""
        return self.max_range_nmi

    @cached_property
    def strength(self) -> float:
        """K in rate = k / r^3, nmi^3 per hour, calibrated so that W after the cut is as stated."""
        from scipy.optimize import brentq

        uncut = self._strength_uncut(self.sweep_width_nmi_at_reference)

        def excess(log_k: float) -> float:
            return self._width(np.exp(log_k), self.reference_speed_kn) - self.sweep_width_nmi_at_reference

        return float(np.exp(brentq(excess, np.log(uncut) - 1.0, np.log(uncut) + 20.0, xtol=1e-14, rtol=1e-14)))

    def _strength_uncut(self, width: float) -> float:
        """K = W^2 / 4 pi and K = 2 k / v, without the cut."""
        return width**2 / (4.0 * np.pi) * self.reference_speed_kn / 2.0

    @property
    def uncut_sweep_width_nmi(self) -> float:
        """What W at the reference speed would be without the cut: 2 sqrt(pi K)."""
        return float(2.0 * np.sqrt(np.pi * 2.0 * self.strength / self.reference_speed_kn))

    def row(self) -> list[float]:
        """Code, maximum range, strength."""
        return [self.code, self.max_range_nmi, self.strength, 0.0]

    def _exposure(self, x: Floats, strength: float, speed_kn: float) -> Floats:
        reach = self.max_range_nmi
        with np.errstate(divide="ignore"):
            return 2.0 * strength * np.sqrt((reach - x) * (reach + x)) / (speed_kn * x * x * reach)

    def _width(self, strength: float, speed_kn: float) -> float:
        node, weight = gauss_legendre(_NODES)
        angle = np.pi / 4.0 * (node + 1.0)
        x = self.max_range_nmi * np.sin(angle)
        lateral = -np.expm1(-self._exposure(x, strength, speed_kn))
        return float(2.0 * self.max_range_nmi * np.pi / 4.0 * np.sum(weight * lateral * np.cos(angle)))

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """2 k sqrt(R^2 - x^2) / (w x^2 R); K / x^2 with K = 2 k / w far inside the cut."""
        return self._exposure(x, self.strength, speed_kn)


class Scan(_Law):
    """Looks at intervals, each with p(r) = probability / (1 + (r / range_half)^roll_off), 0 beyond the maximum."""

    code: ClassVar[int] = 2
    kind: Literal["scan"]
    probability: float = Field(strict=True, gt=0.0, le=0.999)
    """Chance of detection of one look at range 0."""
    range_half_nmi: Nmi
    """Range at which a look is half as good."""
    roll_off: float = Field(strict=True, ge=2.0, le=20.0)
    """How steeply it falls about that range."""
    max_range_nmi: Nmi
    """Nothing is detected beyond."""
    look_interval_s: float = Field(strict=True, gt=0.0, le=36000.0)
    """Time between independent looks; scans of one vessel seconds apart are not."""

    @property
    def reach_nmi(self) -> float:
        """The maximum range."""
        return self.max_range_nmi

    def rate(self, r: Floats) -> Floats:
        """-ln(1 - p(r)) / look interval, per hour, without the cut."""
        u = (r / self.range_half_nmi) ** self.roll_off
        return np.log1p(self.probability / (1.0 - self.probability + u)) * (_SECONDS_PER_HOUR / self.look_interval_s)

    def _slope(self, r: Floats) -> Floats:
        """The derivative of the rate by r, divided by r."""
        ratio = r / self.range_half_nmi
        u = ratio**self.roll_off
        du = self.roll_off * ratio ** (self.roll_off - 2.0) / self.range_half_nmi**2
        p, scale = self.probability, _SECONDS_PER_HOUR / self.look_interval_s
        return (1.0 / (1.0 + u) - 1.0 / (1.0 - p + u)) * du * scale

    def row(self) -> list[float]:
        """Code and maximum range; the rest is the table."""
        return [self.code, self.max_range_nmi, 0.0, 0.0]

    def table(self) -> Floats:
        """H(x, s), the integral of the rate over (0, s) at closest distance x, with its slopes; as fine as needed."""
        return _scan_table(self)

    def table_of(self, size: int) -> Floats:
        """(size + 1, size + 1, 4): H, dH/ds, dH/dx, d2H/dxds on a square of side max_range."""
        grid = np.linspace(0.0, self.max_range_nmi, size + 1)
        node, weight = gauss_legendre(8)
        step = grid[1]
        s = (grid[:-1, None] + step / 2.0 * (node + 1.0)).ravel()
        table = np.zeros((size + 1, size + 1, 4))
        for i, x in enumerate(grid):  # a row at a time keeps the memory small
            r = np.hypot(x, s)
            for part, values in ((0, self.rate(r)), (2, x * self._slope(r))):
                table[i, 1:, part] = np.cumsum(values.reshape(size, -1) @ weight) * (step / 2.0)
            table[i, :, 1] = self.rate(np.hypot(x, grid))
            table[i, :, 3] = x * self._slope(np.hypot(x, grid))
        return table

    def table_error(self, table: Floats) -> float:
        """The worst error at cell centres, relative to the whole half-chord's integral."""
        size = table.shape[0] - 1
        step = self.max_range_nmi / size
        node, weight = gauss_legendre(8)
        worst = 0.0
        for i in range(0, size, max(1, size // 64)):
            x = (i + 0.5) * step
            edges = np.arange(size + 1) * step
            s = (edges[:-1, None] + step / 2.0 * (node + 1.0)).ravel()
            exact = np.concatenate(
                [[0.0], np.cumsum(self.rate(np.hypot(x, s)).reshape(size, -1) @ weight) * step / 2.0]
            )
            near = 0.5 * (table[i, :, 0] + table[i + 1, :, 0]) + step / 8.0 * (table[i, :, 2] - table[i + 1, :, 2])
            inside = edges <= np.sqrt(max(self.max_range_nmi**2 - x * x, 0.0))
            worst = max(
                worst, float(np.max(np.abs(near - exact)[inside]) / exact[inside][-1]) if inside.sum() > 1 else 0.0
            )
        return worst

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """Twice the integral of the rate over the half-chord, over the speed; Gauss-Legendre, 64 nodes."""
        node, weight = gauss_legendre(64)
        half = np.sqrt(np.maximum(self.max_range_nmi**2 - x * x, 0.0))
        s = half[..., None] * 0.5 * (node + 1.0)
        mean = np.sum(weight * self.rate(np.hypot(x[..., None], s)), axis=-1)
        return np.asarray(half * mean / speed_kn, float)


@lru_cache(maxsize=32)
def _scan_table(law: Scan) -> Floats:
    """The smallest table that is fine enough; kept beside the law, not in it, so that laws stay comparable."""
    for size in _TABLE_SIZES:
        table = law.table_of(size)
        if law.table_error(table) < _TABLE_ERROR:
            break
    return table


Law = Annotated[DefiniteRange | InverseCube | Scan, Field(discriminator="kind")]


def kernel_laws(laws: list[DefiniteRange | InverseCube | Scan]) -> tuple[Floats, Floats]:
    """Rows (n, 4) and tables (n, m, m, 4) of several laws, the tables brought to one size by zero padding.

    A table's grid follows from its own size, so tables of different sizes are made again at the largest.
    """
    size = max(law.table().shape[0] for law in laws)
    tables = [
        law.table_of(size - 1) if isinstance(law, Scan) and law.table().shape[0] < size else law.table() for law in laws
    ]
    padded = np.zeros((len(laws), size, size, 4))
    for whole, table in zip(padded, tables, strict=True):
        whole[: table.shape[0], : table.shape[1]] = table
    return np.array([law.row() for law in laws]), padded
