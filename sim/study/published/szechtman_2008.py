"""Short-lived events on a line that is patrolled: Szechtman, Kress, Lin and Cfir (2008)."""

from sim.model import theory
from sim.study.published.base import Effort, Publication, ReproducedRow, mean_of
from sim.study.verify import checks as verify

_DEPTHS = (0.25, 0.5, 1.0, 2.0, 4.0)
_PATHS = {
    "jump_back": ("jump-back", theory.jump_back),
    "back_and_forth": ("back and forth", theory.back_and_forth),
}


def _rows(effort: Effort) -> list[ReproducedRow]:
    rows = []
    for path, (name, formula) in _PATHS.items():
        for depth in _DEPTHS:
            check = f"{name}, D = {depth:g}"
            _, flips = verify.events(effort.trial(check), path, depth)
            rows.append(mean_of(check, formula(depth), flips))
    return rows


PUBLICATION = Publication(
    name="szechtman_2008",
    title="Short-lived events on a patrolled line",
    citation="R. Szechtman, M. Kress, K. Lin and D. Cfir, Models of sensor operations for border surveillance, Naval "
    "Research Logistics 55 (2008) 27-41, doi 10.1002/nav.20263; D. Cfir, master's thesis, Naval Postgraduate School "
    "(2005), ADA443427.",
    published="Events occur at random times and places along a line of length L, and each lasts for an exponential "
    "time of mean 1 / theta. A sensor moves along the line at speed v. If it jumps back to the first end at no cost, "
    "it detects the share (1 - e^-D) / D of the events, with D = theta L / v. If it goes back and forth, it detects "
    "(1 / D)(1 - (1 - e^-2D) / (2D)).",
    method="The compiled flight flies the line again and again, with a sensor of definite range 0.000001 nmi and "
    "chance 1, past targets that exist for an exponential time. The jump back is a new flight that begins at the "
    "first end at the moment at which the one before it ends, so it takes no time. A row is the share of targets "
    "detected.",
    not_available="The article could not be read, only its abstract and that of the thesis. The formulas were derived "
    "from the model of the abstract. The article also has places of arrival that are not uniform, and the time from "
    "arrival to detection; neither is compared.",
    rows=_rows,
)
