"""Barriers and ships that move: Washburn, Search and Detection."""

import numpy as np

from sim.study.published.base import Effort, Publication, ReproducedRow
from sim.study.published.koopman_1946 import rows_of_verify
from sim.study.verify.theory_searches import CERTAIN, SPEED

_LENGTH_NMI, _CROSSING_KN = 100.0, 80.0  # those of the barrier of `seasweep verify`


def _rows(effort: Effort) -> list[ReproducedRow]:
    rows = rows_of_verify(effort, ("ships on random courses", "moving ships, inverse_cube, nmi"))
    (crossed,) = rows_of_verify(effort, ("barrier patrol, area swept",))
    width = 2.0 * CERTAIN.range_nmi
    bound = min(1.0, width / _LENGTH_NMI * float(np.hypot(1.0, SPEED / _CROSSING_KN)))
    below = ReproducedRow("barrier patrol, at most", 0.0, bound, crossed.computed, crossed.error)
    return [*rows, crossed, below]


PUBLICATION = Publication(
    name="washburn_2002",
    title="Barriers and ships that move",
    citation="A. R. Washburn, Search and Detection (INFORMS, 4th edition 2002).",
    published="A patrol at v goes back and forth along a line of length L and detects what comes within W / 2. Ships "
    "cross the line at right angles at u. It detects at most min(1, (W / L) sqrt(1 + (v / u)^2)) of them: seen from "
    "the ships it flies a zigzag, and the share is what the zigzag sweeps. Ships on random courses come to a straight "
    "leg of t hours from an area of 2 R E[w] t + pi R^2 on average, w being their relative speed.",
    method="The rows are those of `seasweep verify`. The truth for the barrier is the area swept in the frame of the "
    "ships, turns and overlaps included, which shapely computes; the bound counts overlaps twice.",
    not_available="The book could not be read. The forms are as others quote them.",
    rows=_rows,
)
