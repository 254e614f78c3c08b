"""The probability of detection that search manuals read off a curve: the Danish SAR manual."""

import numpy as np

from sim.model import theory
from sim.study.published.base import Effort, Publication, ReproducedRow, figure, mean_of
from sim.study.verify import checks as verify

_COVERAGES = (0.5, 1.0, 1.5)
_FACTOR, _POWER = 1.6, 1.4
_TOLERANCE = 0.02  # what a curve that is read off a page can show


def _rows(effort: Effort) -> list[ReproducedRow]:
    rows = []
    for coverage in _COVERAGES:
        published = float(-np.expm1(-_FACTOR * coverage**_POWER))
        curve = theory.endless_sweeps(1.0, 1.0 / coverage)
        rows.append(figure(f"inverse cube curve, C = {coverage:g}", published, curve, _TOLERANCE))
    for coverage in _COVERAGES:
        check = f"parallel sweeps flown, C = {coverage:g}"
        rows.append(mean_of(check, *verify.many_parallel(effort.trial(check), spacing=1.0 / coverage)))
    return rows


PUBLICATION = Publication(
    name="danish_sar",
    title="The curve of a search manual",
    citation="Danish SAR manual: the probability of detection by coverage factor.",
    published="POD = 1 - exp(-1.6 C^1.4), with C = W / S for parallel sweeps. It comes near the curve of the inverse "
    "cube law.",
    method="The first rows compare the published form with the curve of the inverse cube law, erf(sqrt(pi) C / 2). The "
    "published form is an approximation: a row passes if it is within 0.02. The last rows hold flights to the curve: "
    "the middle gap of many parallel sweeps, 1 / C sweep widths apart, with a cut so far away that it is a small "
    "correction.",
    not_available="The manual could not be read; its formula is as others quote it.",
    rows=_rows,
)
