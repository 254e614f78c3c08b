"""What every detection law must answer, and a law as weather, light, size and horizon stretch and cut it."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.core.kinds import Kind
from sim.core.quadrature import graded, running_integral

PANELS = 64  # of 8 Gauss-Legendre nodes each, for a sweep width
GRID_SCALE = 0.5  # of a half range: where the steps of a graded grid begin to grow; 0.25 to 10 were tried
NO_TABLE = np.zeros((2, 2, 4))
"""The table of a law whose compiled half needs none."""


def sweep_width_of(lateral: Callable[[Floats], Floats], reach: float, scale: float) -> float:
    """Return the sweep width, nmi: twice the integral of a lateral range curve over (0, reach) (Koopman 1946).

    `lateral` maps distances (n,), nmi, to probabilities (n,). It falls over a distance of about `scale`, which sets the
    grid. Near the reach the chord in range, and with it the exposure, goes as the square root of reach - x, which has
    no derivative at the end; with x = reach sin(angle) the integrand is smooth there.
    """
    angle = graded(np.pi / 2.0, np.pi / 2.0 * min(1.0, GRID_SCALE * scale / reach), PANELS)
    found = running_integral(lambda a: lateral(reach * np.sin(a)) * np.cos(a), angle)
    return float(2.0 * reach * found[-1])


class Law(Kind):
    """How the chance of detection depends on range and time."""

    kind: str
    """Which kind of law this is."""

    code: ClassVar[int]
    """The code of the compiled half that it uses, see `sim.core.codes`."""

    @property
    @abstractmethod
    def reach_nmi(self) -> float:
        """The range beyond which nothing is detected, nmi."""

    @property
    def scale_nmi(self) -> float:
        """The distance over which the lateral range curve falls, nmi: it sets the grid of a quadrature only."""
        return self.reach_nmi

    @property
    def kernel_reach_nmi(self) -> float:
        """The range beyond which the compiled half computes nothing, nmi; below the reach where the chance is nil."""
        return self.reach_nmi

    @property
    def can_detect(self) -> bool:
        """Whether there is any chance of detection at any range."""
        return True

    @property
    def seconds_between_looks(self) -> float:
        """The time between independent looks, seconds; 0 for a law that looks all the time."""
        return 0.0

    @property
    def remark(self) -> str:
        """What `seasweep check` prints beside the sweep width of the law; by default nothing."""
        return ""

    @abstractmethod
    def parameters(self, scale: float = 1.0) -> tuple[float, float]:
        """Return the two numbers that the compiled half takes, where conditions stretch the law by a scale."""

    def table(self, least_size: int = 0) -> Floats:
        """Return the table that the compiled half takes, (m, m, 4); m >= `least_size` if its grid follows from m."""
        return NO_TABLE

    @abstractmethod
    def lateral_exposure(self, x: Floats, speed_kn: float) -> Floats:
        """Return the exposure F, in the shape of x, of a long straight pass at x nmi and a relative speed, knots."""

    def exposure_in_force(self, x: Floats, reach_nmi: float, scale: float, speed_kn: float) -> Floats:
        """Return the exposure F of a long straight pass where conditions stretch the law by a scale and cut it.

        `x`, of any shape, and `reach_nmi` are lengths divided by the scale, so they are lengths of the law itself.
        """
        return self.lateral_exposure(x, speed_kn)

    def width_in_force(self, scale: float, reach_nmi: float, speed_kn: float) -> float | None:
        """Return the sweep width, nmi, of a law that conditions stretch and cut, if there is a closed form, else None.

        `reach_nmi` is a true length: the scale is already in it. With None the width is found by quadrature.
        """
        return None

    def lateral_range(self, x: Floats, speed_kn: float) -> Floats:
        """Return the lateral range curve: P of detection on a long straight pass at x nmi, in the shape of x."""
        return LawInForce(self).lateral_range(x, speed_kn)

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """Return the sweep width W, nmi: the integral of the lateral range curve at a speed, knots (Koopman 1946)."""
        return LawInForce(self).sweep_width_nmi(speed_kn)


class LawInForce(NamedTuple):
    """A law under given conditions: its lengths are multiplied by a scale, and beyond a cut nothing is detected.

    With scale f, a look at range r does what a look at r / f does by the law itself; the interval between looks and the
    chances stay as they are. So the lateral range curve at x is that of the law at x / f, cut at cut / f. That holds
    for `inverse_cube` too: its sweep width at the reference speed is a length, so its strength k becomes k f^2, and the
    cut does not calibrate it anew. In a `scan` the pass through the longer chord takes f times as long: F_f(x, v) is
    f / v times the integral of the rate over the chord of the law itself.
    """

    law: Law
    """The law at scale 1."""
    scale: float = 1.0
    """The factor by which every length of the law is multiplied; above 0."""
    cut_nmi: float = np.inf
    """The range beyond which nothing is detected, nmi; above 0."""

    @property
    def reach_nmi(self) -> float:
        """The range beyond which nothing is detected, nmi: the scaled reach of the law, or the cut."""
        return min(self.law.reach_nmi * self.scale, self.cut_nmi)

    def lateral_range(self, x: Floats, speed_kn: float) -> Floats:
        """Return the lateral range curve: P of detection on a long straight pass at x nmi, in the shape of x."""
        x = np.abs(np.asarray(x, dtype=np.float64))
        inside = x < self.reach_nmi
        near, reach = np.where(inside, x, 0.0) / self.scale, self.reach_nmi / self.scale
        exposure = self.law.exposure_in_force(near, reach, self.scale, speed_kn)
        return np.where(inside, -np.expm1(-exposure), 0.0)

    def sweep_width_nmi(self, speed_kn: float) -> float:
        """Return the sweep width W, nmi, at a speed, knots; exact for `definite_range` and `lateral_range`."""
        exact = self.law.width_in_force(self.scale, self.reach_nmi, speed_kn)
        if exact is not None:
            return exact
        return sweep_width_of(
            lambda x: self.lateral_range(x, speed_kn), self.reach_nmi, self.law.scale_nmi * self.scale
        )


def kernel_tables(laws: Sequence[Law]) -> Floats:
    """Return the tables (n, m, m, 4) of several laws, all of the size of the largest.

    A law whose grid follows from the size of its table makes its table anew in that size; others are padded with zeros.
    """
    size = max((law.table().shape[0] for law in laws), default=2)
    padded = np.zeros((len(laws), size, size, 4))
    for whole, law in zip(padded, laws, strict=True):
        table = law.table(size)
        whole[: table.shape[0], : table.shape[1]] = table
    return padded


def kernel_row(law: Law, table: int, scale: float = 1.0, cut_nmi: float = np.inf) -> list[float]:
    """Return the row (6,) by which the compiled functions know a law: its lengths scaled, then cut at a range, nmi.

    The columns are code, reach, the two parameters, the scale, and the number of its table.
    """
    reach = law.kernel_reach_nmi * scale
    return [float(law.code), min(reach, cut_nmi), *law.parameters(scale), scale, float(table)]


def blind_row(code: int, table: int) -> list[float]:
    """Return the row (6,) of a law that detects nothing under the conditions, with the code of its kind."""
    return [float(code), 0.0, 0.0, 0.0, 1.0, float(table)]


def kernel_laws(laws: Sequence[Law]) -> tuple[Floats, Floats]:
    """Return rows (n, 6) and tables (n, m, m, 4) of several laws at scale 1 and without a cut."""
    return np.array([kernel_row(law, number) for number, law in enumerate(laws)]), kernel_tables(laws)
