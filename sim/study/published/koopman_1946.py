"""Random search, parallel sweeps and ships on random courses: Koopman (1946)."""

import numpy as np

from sim.model import theory
from sim.study.published.base import Effort, Publication, ReproducedRow, figure
from sim.study.verify import checks as verify

CHECKS = (
    "random search, chords, inverse_cube",
    "random search, chords, scan",
    "random search, chords, lateral_range",
    "random search, chords, definite_range",
    "parallel sweeps, 1, finite sum",
    "parallel sweeps, 2, finite sum",
    "parallel sweeps, 4, finite sum",
    "parallel sweeps, 10, finite sum",
    "parallel sweeps, 801, erf",
    "parallel sweeps, definite_range, W / S",
    "sweep width, inverse_cube, nmi",
)
_SPEEDS_KN = ((60.0, 200.0), (120.0, 200.0), (200.0, 200.0))  # chosen


def rows_of_verify(effort: Effort, names: tuple[str, ...]) -> list[ReproducedRow]:
    """Rows of `seasweep verify`, from the same replications and seed."""
    found = [verify.check(name, effort.replications, effort.seed) for name in names]
    return [ReproducedRow(one.check, one.expected, one.expected, one.estimate, one.error) for one in found]


def _rows(effort: Effort) -> list[ReproducedRow]:
    rows = rows_of_verify(effort, CHECKS)
    for u, v in _SPEEDS_KN:
        angles = 2.0 * np.pi * (np.arange(200_000) + 0.5) / 200_000
        mean = float(np.hypot(v - u * np.cos(angles), u * np.sin(angles)).mean())
        rows.append(figure(f"mean relative speed, {u:g} and {v:g} kn", theory.mean_relative_speed(u, v), mean, 1e-6, 3))
    return rows


PUBLICATION = Publication(
    name="koopman_1946",
    title="Random search and parallel sweeps",
    citation="B. O. Koopman, Search and Screening, OEG Report 56 (Center for Naval Analyses, 1946).",
    published="Random search: P = 1 - exp(-C), with C = W v t / A, whatever the law of detection. The inverse cube "
    "law has the lateral range curve 1 - exp(-K / x^2) and W = 2 sqrt(pi K). Infinitely many parallel sweeps at a "
    "spacing S detect erf(sqrt(pi) W / (2 S)) under it, and W / S under a law of definite range. A ship on a random "
    "course at speed u passes an aircraft at v at a mean relative speed of (2 / pi)(u + v) E(m), with m = 4 u v / (u "
    "+ v)^2 and E the complete elliptic integral of the second kind.",
    method="The first rows are those of `seasweep verify`: the compiled flight past targets, scored by their chance "
    "of detection. A box with few sweeps lacks what sweeps beyond it would add, so it is compared with the finite "
    "sum, which tends to the error function. The last rows are means over 200,000 courses, beside the closed form.",
    not_available="Koopman's own examples could not be read. The speeds, widths and areas of the rows are chosen.",
    rows=_rows,
)
