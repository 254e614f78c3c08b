"""Detection laws: how the chance of detection depends on range and time.

Every law acts through an accumulated exposure F. An opportunity (sensor, sortie, target) has a threshold E ~ Exp(1)
and the target is detected at the first moment at which F reaches E, so P = 1 - exp(-F). The compiled half, exposure
along a straight relative motion and its inverse, is in `sim.core.kernels`; this half holds the parameters, the
constants that follow from them, the lateral range curve and the sweep width.
"""

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator

from sim.core.arrays import Floats
from sim.core.fields import Knots, Nmi, Part, Probability, refuse

_PANELS = 64  # of 8 Gauss-Legendre nodes each, for a sweep width
_SECONDS_PER_HOUR = 3600.0
_TABLE_ERROR = 3e-7  # of a whole pass; the largest table keeps every law that is allowed within the 1e-6 promised
_GRID_SCALE = 0.5  # half ranges: the steps of a graded grid grow from there; tried from 0.25 to 10
_MOST_HALF_RANGES = 300.0  # to which the table keeps its error for every roll-off and probability
_FAINT = 1e-6  # of a head-on pass: a fainter pass than this is held to this
_POINTS = Field(min_length=2, max_length=200)
_NEVER = 1e-12  # a look with less chance than this is taken to see nothing
NO_TABLE = np.zeros((2, 2, 4))


@lru_cache(maxsize=8)
def gauss_legendre(count: int) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss-Legendre quadrature on (-1, 1), computed once."""
    node, weight = np.polynomial.legendre.leggauss(count)
    return node, weight


def graded(reach: float, scale: float, count: int) -> Floats:
    """Distances 0 to reach, (count + 1,), in steps that grow in proportion to x + scale; even for a scale of 0."""
    share = np.arange(count + 1) / count
    return reach * share if scale == 0.0 else np.asarray(scale * np.expm1(np.log1p(reach / scale) * share), float)


def running_integral(values: Callable[[Floats], Floats], edges: Floats) -> Floats:
    """The integral of a function from the first edge to each: 8 Gauss-Legendre nodes a panel."""
    node, weight = gauss_legendre(8)
    half = np.diff(edges) / 2.0
    inside = values(edges[:-1, None] + half[:, None] * (node + 1.0))
    return np.concatenate([[0.0], np.cumsum((inside @ weight) * half)])


def _aside(of_range: Callable[[Floats], Floats], x: float) -> Callable[[Floats], Floats]:
    """A function of range as one of the distance along a track x aside."""
    return lambda s: of_range(np.hypot(x, s))


def width_of(lateral: Callable[[Floats], Floats], reach: float, scale: float) -> float:
    """Twice the integral of a lateral range curve over (0, reach), in x = reach sin(angle): its end is a root's."""
    angle = graded(np.pi / 2.0, np.pi / 2.0 * min(1.0, _GRID_SCALE * scale / reach), _PANELS)
    found = running_integral(lambda a: lateral(reach * np.sin(a)) * np.cos(a), angle)
    return float(2.0 * reach * found[-1])


class _Law(Part):
    """What every law has: a row for the kernel, a table if it needs one, a lateral range curve, a sweep width."""

    code: ClassVar[int]

    @property
    def reach_nmi(self) -> float:
        """The range beyond which nothing is detected."""
        raise AssertionError("every law says its own reach")

    @property
    def scale_nmi(self) -> float:
        """The distance over which the lateral range curve falls."""
        return self.reach_nmi

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
        return width_of(lambda x: self.lateral_range(x, speed_kn), self.reach_nmi, self.scale_nmi)


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
            allowed = "a sweep_width_nmi of at most 1.98 times max_range_nmi"
            raise refuse("range", allowed, "sweep_width_nmi", "max_range_nmi")
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

    @property
    def scale_nmi(self) -> float:
        """Half the sweep width."""
        return self.sweep_width_nmi_at_reference / 2.0

    def _width(self, strength: float, speed_kn: float) -> float:
        return width_of(lambda x: -np.expm1(-self._exposure(x, strength, speed_kn)), self.reach_nmi, self.scale_nmi)

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

    @model_validator(mode="after")
    def _tabulated(self) -> Self:
        if self.max_range_nmi > _MOST_HALF_RANGES * self.range_half_nmi:
            allowed = f"a max_range_nmi of at most {_MOST_HALF_RANGES:g} times range_half_nmi"
            raise refuse("range", allowed, "max_range_nmi", "range_half_nmi")
        return self

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

    @property
    def scale_nmi(self) -> float:
        """The half range."""
        return self.range_half_nmi

    @property
    def table_reach_nmi(self) -> float:
        """How far the kernel looks: the maximum range, or where a look sees nothing even in a million hours."""
        return min(
            self.max_range_nmi, self.range_half_nmi * float((self.probability / _NEVER) ** (1.0 / self.roll_off))
        )

    def row(self) -> list[float]:
        """Code and reach, then the table's grid, see `sim.core.kernels._cell`: its scale c and ln(1 + R / c), or R."""
        scale, reach = _scan_table(self)[0], self.table_reach_nmi
        return [self.code, reach, scale, np.log1p(reach / scale) if scale else reach]

    def table(self) -> Floats:
        """H(x, s), the integral of the rate over (0, s) at closest distance x, with its slopes; as fine as needed."""
        return _scan_table(self)[1]

    def table_of(self, size: int, scale: float) -> Floats:
        """(size + 1, size + 1, 4): H, dH/ds, dH/dx, d2H/dxds on a square of side table_reach_nmi."""
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
        """The worst error at the middles of cells' sides and at their centres, relative to the whole half-chord's."""
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
        """Twice the integral of the rate over the half-chord, over the speed, panel by panel."""
        half = np.sqrt(np.maximum(self.max_range_nmi**2 - x * x, 0.0))[..., None]
        share = graded(1.0, min(1.0, _GRID_SCALE * self.range_half_nmi / self.max_range_nmi), _PANELS)
        node, weight = gauss_legendre(8)
        step = np.diff(share) / 2.0
        s = half * (share[:-1, None] + step[:, None] * (node + 1.0)).ravel()
        mean = self.rate(np.hypot(x[..., None], s)) @ (step[:, None] * weight).ravel()
        return np.asarray(2.0 * half[..., 0] * mean / speed_kn, float)


@lru_cache(maxsize=32)
def _scan_table(law: Scan) -> tuple[float, Floats]:
    """The smallest table that is fine enough, and the scale of its grid: even if that will do, else graded.

    Kept beside the law, not in it, so that laws stay comparable.
    """
    wide = _GRID_SCALE * law.range_half_nmi
    for scale, size in ((0.0, 128), (0.0, 256), (wide, 256), (wide, 512), (wide, 1024)):
        table = law.table_of(size, scale)
        if law.table_error(table, scale) < _TABLE_ERROR:
            break
    return scale, table


class LateralRange(_Law):
    """A lateral range curve as measured: a chance at each closest approach, by the distance at which it passes."""

    code: ClassVar[int] = 3
    kind: Literal["lateral_range"]
    distance_nmi: Annotated[list[Annotated[float, Field(strict=True, ge=0.0, le=1000.0)]], _POINTS]
    """Lateral distances, from 0 up; between them the chance is a straight line, beyond the last it is 0."""
    detection_probability: Annotated[list[Probability], _POINTS]
    """Chance of detection on one long straight pass at each of these distances."""

    @field_validator("distance_nmi")
    @classmethod
    def _rising(cls, distances: list[float]) -> list[float]:
        if distances[0] != 0.0 or np.any(np.diff(distances) <= 0.0):
            raise refuse("points", "distances from 0.0 up, each more than the one before")
        return distances

    @field_validator("detection_probability")
    @classmethod
    def _as_many(cls, chances: list[float], info: ValidationInfo) -> list[float]:
        distances = info.data.get("distance_nmi", chances)
        if len(distances) != len(chances):
            raise refuse("points", f"one for each distance_nmi: {len(distances)}, not {len(chances)}")
        return chances

    @property
    def reach_nmi(self) -> float:
        """The last distance."""
        return self.distance_nmi[-1]

    def row(self) -> list[float]:
        """Code, last distance, number of points."""
        return [self.code, self.reach_nmi, float(len(self.distance_nmi)), 0.0]

    def table(self) -> Floats:
        """The points in the first row: distance and chance."""
        count = len(self.distance_nmi)
        table = np.zeros((count, count, 4))
        table[0, :, 0], table[0, :, 1] = self.distance_nmi, self.detection_probability
        return table

    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """-ln(1 - p(x)), at any speed."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log1p(-np.interp(x, self.distance_nmi, self.detection_probability)))

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """W = 2 times the integral of the curve, exact for straight pieces."""
        return float(2.0 * np.trapezoid(self.detection_probability, self.distance_nmi))


Law = Annotated[DefiniteRange | InverseCube | Scan | LateralRange, Field(discriminator="kind")]


class InForce(NamedTuple):
    """A law as it holds under the conditions of a moment: its lengths scaled, and cut where nothing is seen beyond.

    With scale f a look at range r does what one at r / f did, look interval and chances as they were. So the lateral
    range curve at x is the law's at x / f, cut at cut / f: for `inverse_cube` too, whose sweep width at the reference
    speed is a length (its strength k becomes k f^2; the cut does not calibrate it anew). In a `scan` the pass through
    the longer chord takes f times as long: F_f(x, v) = f / v times the integral of the rate over the law's chord.
    """

    law: Law
    """The law at scale 1."""
    scale: float = 1.0
    """Every length of the law times this; above 0."""
    cut_nmi: float = np.inf
    """Nothing is detected beyond; above 0."""

    @property
    def reach_nmi(self) -> float:
        """The range beyond which nothing is detected."""
        return min(self.law.reach_nmi * self.scale, self.cut_nmi)

    def _exposure(self, x: Floats, speed_kn: float) -> Floats:
        """F of one long straight pass at closest distance x < reach, (n,)."""
        law, reach, near = self.law, self.reach_nmi / self.scale, x / self.scale
        if isinstance(law, InverseCube):
            with np.errstate(divide="ignore"):
                chord = np.sqrt((reach - near) * (reach + near))
                return np.asarray(2.0 * law.strength * chord / (speed_kn * near * near * reach))
        if isinstance(law, Scan):
            cut = law.model_copy(update={"max_range_nmi": reach})
            return cut.lateral_exposure(near, speed_kn / self.scale)
        return law.lateral_exposure(near, speed_kn)

    def lateral_range(self, x: Floats, speed_kn: float) -> Floats:
        """The lateral range curve: the probability of detection on one long straight pass at x nmi, (n,)."""
        x = np.abs(np.asarray(x, dtype=np.float64))
        inside = x < self.reach_nmi
        return np.where(inside, -np.expm1(-self._exposure(np.where(inside, x, 0.0), speed_kn)), 0.0)

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """W, the integral of the lateral range curve; exact for `definite_range` and `lateral_range`."""
        law, reach = self.law, self.reach_nmi
        if isinstance(law, DefiniteRange):
            return 2.0 * reach * law.probability
        if isinstance(law, LateralRange):
            points = np.array(law.distance_nmi) * self.scale
            ends = np.append(points[points < reach], reach)
            return float(2.0 * np.trapezoid(np.interp(ends, points, law.detection_probability), ends))
        return width_of(lambda x: self.lateral_range(x, speed_kn), reach, law.scale_nmi * self.scale)


AnyLaw = DefiniteRange | InverseCube | Scan | LateralRange


def kernel_tables(laws: Sequence[AnyLaw]) -> Floats:
    """Tables (n, m, m, 4) of several laws, brought to one size by zero padding.

    A table's grid follows from its own size, so tables of different sizes are made again at the largest.
    """
    size = max((law.table().shape[0] for law in laws), default=2)
    padded = np.zeros((len(laws), size, size, 4))
    for whole, law in zip(padded, laws, strict=True):
        table = law.table()
        if isinstance(law, Scan) and table.shape[0] < size:
            table = law.table_of(size - 1, law.row()[2])
        whole[: table.shape[0], : table.shape[1]] = table
    return padded


def kernel_row(law: AnyLaw, table: int, scale: float = 1.0, cut_nmi: float = np.inf) -> list[float]:
    """A law as the kernels take it, (6,): every length of it stretched by a factor, then cut at a range.

    Rates follow p(r / factor), at the same looks and chances; so the inverse cube's strength grows by its square.
    """
    code, reach, first, second = law.row()
    strength = scale * scale if isinstance(law, InverseCube) else 1.0
    return [code, min(reach * scale, cut_nmi), first * strength, second, scale, float(table)]


def blind_row(code: int, table: int) -> list[float]:
    """The row of a law of some kind that sees nothing now."""
    return [float(code), 0.0, 0.0, 0.0, 1.0, float(table)]


def kernel_laws(laws: Sequence[AnyLaw]) -> tuple[Floats, Floats]:
    """Rows (n, 6) and tables (n, m, m, 4) of several laws as they are."""
    return np.array([kernel_row(law, number) for number, law in enumerate(laws)]), kernel_tables(laws)
