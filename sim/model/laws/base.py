"""What every detection law answers, and a law as it holds under the conditions of a moment."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.core.kinds import Kind
from sim.core.quadrature import graded, running_integral

PANELS = 64  # of 8 Gauss-Legendre nodes each, for a sweep width
GRID_SCALE = 0.5  # half ranges: the steps of a graded grid grow from there; tried from 0.25 to 10
NO_TABLE = np.zeros((2, 2, 4))


def width_of(lateral: Callable[[Floats], Floats], reach: float, scale: float) -> float:
    """Sweep width: twice the integral of a lateral range curve over (0, reach).

    With x = reach sin(angle) the integrand stays smooth at the end, where the curve falls as a square root.
    """
    angle = graded(np.pi / 2.0, np.pi / 2.0 * min(1.0, GRID_SCALE * scale / reach), PANELS)
    found = running_integral(lambda a: lateral(reach * np.sin(a)) * np.cos(a), angle)
    return float(2.0 * reach * found[-1])


class Law(Kind):
    """How the chance of detection depends on range and time."""

    kind: str
    """Which kind of law this is."""

    code: ClassVar[int]
    """The compiled half that it uses: the codes are in `sim.core.codes`."""

    @property
    @abstractmethod
    def reach_nmi(self) -> float:
        """The range beyond which nothing is detected."""

    @property
    def scale_nmi(self) -> float:
        """The distance over which the lateral range curve falls: sets the grid of a quadrature, not its result."""
        return self.reach_nmi

    @property
    def kernel_reach_nmi(self) -> float:
        """The range beyond which the compiled half need not look: less than the reach where the chance is nil."""
        return self.reach_nmi

    @property
    def can_detect(self) -> bool:
        """Whether there is any chance of detection at any range."""
        return True

    @property
    def seconds_between_looks(self) -> float:
        """Time between independent looks; 0: it looks all the time."""
        return 0.0

    @property
    def remark(self) -> str:
        """What `seasweep check` adds to its sweep width; empty: nothing."""
        return ""

    @abstractmethod
    def parameters(self, scale: float = 1.0) -> tuple[float, float]:
        """The two numbers that the compiled half takes, where conditions stretch every length of the law by a scale."""

    def table(self, least_size: int = 0) -> Floats:
        """The table that the compiled half takes, (m, m, 4), m at least `least_size` if its grid follows from m."""
        return NO_TABLE

    @abstractmethod
    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """F of one long straight pass at closest distance x, nmi, at a relative speed; of the shape of x."""

    def exposure_in_force(self, x: Floats, reach_nmi: float, scale: float, speed_kn: float) -> Floats:
        """F of one long straight pass where conditions stretch the law by a scale and cut it at a reach.

        `x` and `reach_nmi` are lengths over the scale, that is, in the law's own lengths.
        """
        return self.lateral_exposure(x, speed_kn)

    def width_in_force(self, scale: float, reach_nmi: float, speed_kn: float) -> float | None:
        """The sweep width where conditions stretch and cut the law, where there is a closed form; None: by quadrature.

        `reach_nmi` is a true length.
        """
        return None

    def lateral_range(self, x: Floats, speed_kn: float) -> Floats:
        """The lateral range curve: the probability of detection on one long straight pass at x nmi, (n,)."""
        return InForce(self).lateral_range(x, speed_kn)

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """W, the integral of the lateral range curve (Koopman 1946)."""
        return InForce(self).sweep_width_nmi(speed_kn)


class InForce(NamedTuple):
    """A law as it holds under the conditions of a moment: its lengths scaled, and cut where nothing is seen beyond.

    With scale f, a look at range r does what a look at r / f did; look interval and chances stay as they were. So the
    lateral range curve at x is the law's at x / f, cut at cut / f. That holds for `inverse_cube` too, whose sweep
    width at the reference speed is a length: its strength k becomes k f^2, and the cut does not calibrate it anew. In
    a `scan` the pass through the longer chord takes f times as long: F_f(x, v) is f / v times the integral of the rate
    over the law's chord.
    """

    law: Law
    """The law at scale 1."""
    scale: float = 1.0
    """Every length of the law is taken times this; above 0."""
    cut_nmi: float = np.inf
    """Nothing is detected beyond; above 0."""

    @property
    def reach_nmi(self) -> float:
        """The range beyond which nothing is detected."""
        return min(self.law.reach_nmi * self.scale, self.cut_nmi)

    def lateral_range(self, x: Floats, speed_kn: float) -> Floats:
        """The lateral range curve: the probability of detection on one long straight pass at x nmi, (n,)."""
        x = np.abs(np.asarray(x, dtype=np.float64))
        inside = x < self.reach_nmi
        near, reach = np.where(inside, x, 0.0) / self.scale, self.reach_nmi / self.scale
        exposure = self.law.exposure_in_force(near, reach, self.scale, speed_kn)
        return np.where(inside, -np.expm1(-exposure), 0.0)

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """W, the integral of the lateral range curve; exact for `definite_range` and `lateral_range`."""
        exact = self.law.width_in_force(self.scale, self.reach_nmi, speed_kn)
        if exact is not None:
            return exact
        return width_of(lambda x: self.lateral_range(x, speed_kn), self.reach_nmi, self.law.scale_nmi * self.scale)


def kernel_tables(laws: Sequence[Law]) -> Floats:
    """Tables (n, m, m, 4) of several laws, brought to one size by zero padding.

    The grid of a table may follow from its own size, so tables of different sizes are made again at the largest.
    """
    size = max((law.table().shape[0] for law in laws), default=2)
    padded = np.zeros((len(laws), size, size, 4))
    for whole, law in zip(padded, laws, strict=True):
        table = law.table(size)
        whole[: table.shape[0], : table.shape[1]] = table
    return padded


def kernel_row(law: Law, table: int, scale: float = 1.0, cut_nmi: float = np.inf) -> list[float]:
    """A law as the kernels take it, (6,): every length of it stretched by a scale, then cut at a range.

    The columns are code, reach, the two parameters, the scale, and the number of the law's table.
    """
    reach = law.kernel_reach_nmi * scale
    return [float(law.code), min(reach, cut_nmi), *law.parameters(scale), scale, float(table)]


def blind_row(code: int, table: int) -> list[float]:
    """The row of a law of some kind that sees nothing now."""
    return [float(code), 0.0, 0.0, 0.0, 1.0, float(table)]


def kernel_laws(laws: Sequence[Law]) -> tuple[Floats, Floats]:
    """Rows (n, 6) and tables (n, m, m, 4) of several laws as they are."""
    return np.array([kernel_row(law, number) for number, law in enumerate(laws)]), kernel_tables(laws)
