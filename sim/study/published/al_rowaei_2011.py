"""What a time step misses: Al Rowaei, Buss and Lieberman (2011)."""

import numpy as np

from sim.core.arrays import Flags, Floats
from sim.model.laws.definite_range import DefiniteRange
from sim.study.published.base import Effort, Publication, ReproducedRow, mean_of
from sim.study.verify.theory_searches import Search, Trial

_METRES_PER_NMI = 1852.0
_SIDE_M, _RANGE_M, _SPEED_MS, _TARGETS = 2000.0, 14.0, 7.0, 20  # all four are published
_SPACING_M = 2.0 * _RANGE_M  # strips that touch: an assumption, since the article's spacing could not be read
_STEPS_M = (7.0, 14.0, 28.0, 56.0)
_REPLICATIONS = 200  # of the article, at the usual effort of 40 here
_SEARCHES_EACH = 5


def _corners() -> Floats:
    """The ends of parallel tracks over the square, up and down in turn, m, (n, 2)."""
    lanes = np.arange(_SPACING_M / 2.0, _SIDE_M + _SPACING_M / 2.0, _SPACING_M)
    ends = [(0.0, _SIDE_M) if k % 2 == 0 else (_SIDE_M, 0.0) for k in range(lanes.size)]
    return np.column_stack([np.repeat(lanes, 2), np.ravel(ends)])


def _targets(trial: Trial) -> Floats:
    """The places of the targets of all searches, m, (searches, 20, 2)."""
    return trial.rng.uniform(0.0, _SIDE_M, (trial.replications * _SEARCHES_EACH, _TARGETS, 2))


def _found_by_flight(trial: Trial, places: Floats) -> Floats:
    """How many of the 20 targets of each search the compiled flight detects, (searches,)."""
    at = places.reshape(-1, 2) / _METRES_PER_NMI
    always = np.full(len(at), 1e6)
    law = DefiniteRange(kind="definite_range", range_nmi=_RANGE_M / _METRES_PER_NMI)
    search = Search(trial, law, np.column_stack([-always, always, at, np.zeros((len(at), 2))]), coins=True)
    search.fly(_corners() / _METRES_PER_NMI, speed=_SPEED_MS * 3600.0 / _METRES_PER_NMI)
    return np.asarray(search.flips.reshape(places.shape[:2]).sum(axis=1))


def stepped(places: Floats, step_m: float, offset_m: float) -> Flags:
    """Which targets, (n, 2) in metres, a searcher comes within range of at the ends of its time steps, (n,).

    It goes along the same tracks as the flight, the ways between them included; the first step ends after `offset_m`.
    """
    from scipy.spatial import cKDTree

    corners = _corners()
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    at = np.arange(offset_m, along[-1], step_m)
    x, y = (np.interp(at, along, corners[:, axis]) for axis in (0, 1))
    away, _ = cKDTree(np.column_stack([x, y])).query(places)
    return np.asarray(away < _RANGE_M)


def share_found(step_m: float) -> float:
    """Return the share of a strip that lies within range R of points a step d apart on its middle line.

    At a lateral distance x that is min(1, 2 sqrt(R^2 - x^2) / d), averaged over x from 0 to R.
    """
    if step_m >= 2.0 * _RANGE_M:
        return float(np.pi * _RANGE_M / (2.0 * step_m))
    edge = np.sqrt(_RANGE_M**2 - (step_m / 2.0) ** 2)  # where the circles of two steps meet
    half = step_m / 2.0
    beyond = _RANGE_M**2 * np.arcsin(half / _RANGE_M) - edge * half  # twice the area of half a circle's cap
    return float((edge + beyond / step_m) / _RANGE_M)


def _rows(effort: Effort) -> list[ReproducedRow]:
    trial = effort.trial("all found")
    places = _targets(trial)
    found = _found_by_flight(trial, places)
    rows = [ReproducedRow("seasweep, targets found of 20", 20.0, 20.0, float(found.mean()), allowed=0.0, digits=2)]
    for step in _STEPS_M:
        check = f"steps of {step:g} m, targets found of 20"
        trial = effort.trial(check)
        counts = [stepped(one, step, trial.rng.uniform(0.0, step)).sum() for one in _targets(trial)]
        rows.append(mean_of(check, 20.0 * share_found(step), np.array(counts, float), digits=2))
    return rows


PUBLICATION = Publication(
    name="al_rowaei_2011",
    title="What a time step misses",
    citation="A. A. Al Rowaei, A. H. Buss and S. Lieberman, The effects of time advance mechanism on simple agent "
    "behaviors in combat simulations, Proceedings of the 2011 Winter Simulation Conference; the figures of the search "
    "are in the first author's slides for the MOVES Summit (July 2011).",
    published="One searcher moves at 7 m/s along parallel tracks over a square of 2,000 m, in which 20 targets lie "
    "still at random places. It detects what comes within 14 m. The article finds that a program with time steps "
    "passes over targets between its steps, the more the longer they are, and that a program of events does not.",
    method="The compiled flight flies tracks 28 m apart, so that its strips touch: it must find all 20 in each of the "
    "searches. Beside it goes a searcher that looks only at the ends of steps of 7, 14, 28 and 56 m, that is each 1, "
    "2, 4 and 8 s. What it should find follows from geometry (`share_found`), and the row is the distance from that, "
    "so that the rows measure what a step costs and hold the stepping program to account as well.",
    not_available="Only the beginning of the article and the slides could be read, not its counts by time step and "
    "its track spacing. So the rows show the effect that it describes at its figures, and not its numbers.",
    rows=_rows,
)
