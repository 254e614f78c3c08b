"""Where the detection of real searches lies, and where every pattern of the library lies: U.S. Coast Guard (1980)."""

from typing import Any, Literal

import numpy as np
import shapely
from pydantic import TypeAdapter

from sim.core.arrays import Floats
from sim.core.geo import Plane, plane_of
from sim.core.units import FEET_PER_METRE
from sim.model import theory
from sim.model.laws.inverse_cube import InverseCube
from sim.model.patterns.base import LaidPattern, Performance, Route, lay_pattern
from sim.model.sensors.visual import uscg_sweep_width_nmi
from sim.study.published.base import Effort, Publication, ReproducedRow
from sim.study.verify.theory_searches import Search, Trial

_SPEED_KN = 180.0  # at which the sweep widths of the Coast Guard are taken to hold
_LENGTH_M, _VISIBILITY_NMI, _FAR_NMI = 120.0 / FEET_PER_METRE, 10.0, 100.0
_WIDTH_NMI = uscg_sweep_width_nmi(_LENGTH_M, _VISIBILITY_NMI)
_HALF_NMI = 6.0 * _WIDTH_NMI  # of the square that is searched: a whole number of spacings for each coverage
_MIDDLE = (132.0, 28.0)  # degrees: open sea, where the plane is true
_COVERAGES = (0.75, 1.0, 1.5)
_TARGETS = 500  # in a replication
_STRAY = 0.5  # standard deviation of the displacement of a track, as a share of the spacing: chosen
Side = Literal["inside", "below", "above"]
_CUTS_NMI = {"no cut": _FAR_NMI, "cut at 10 nmi": _VISIBILITY_NMI}
# Where each pattern lies at the three coverages; the text of the publication says why.
_INSIDE: tuple[Side, Side, Side] = ("inside", "inside", "inside")
_ABOVE: tuple[Side, Side, Side] = ("above", "above", "above")
_BELOW: tuple[Side, Side, Side] = ("below", "below", "below")
_SIDES: dict[str, dict[str, tuple[Side, Side, Side]]] = {
    "no cut": {
        "parallel sweep": _INSIDE,
        "creeping line": _INSIDE,
        "expanding square": _INSIDE,
        "expanding square, middle": _BELOW,
        "sector": ("inside", "inside", "below"),
        "track line, out and back": _INSIDE,
        "barrier": _BELOW,
        "racetrack": _INSIDE,
        "waypoints": _INSIDE,
    },
    "cut at 10 nmi": {
        "parallel sweep": _ABOVE,
        "creeping line": _ABOVE,
        "expanding square": _ABOVE,
        "expanding square, middle": _BELOW,
        "sector": ("inside", "inside", "below"),
        "track line, out and back": _ABOVE,
        "barrier": ("below", "below", "inside"),
        "racetrack": _ABOVE,
        "waypoints": _ABOVE,
    },
}


def law_cut_at(cut_nmi: float) -> InverseCube:
    """The law of eyes for a ship of 120 ft, cut at a range."""
    return InverseCube(
        kind="inverse_cube", sweep_width_nmi=_WIDTH_NMI, reference_speed_kn=_SPEED_KN, max_range_nmi=cut_nmi
    )


def _line(plane: Plane, half: float) -> list[list[float]]:
    """The ends, in degrees, of a line from west to east through the middle, from -half to half, nmi."""
    x, y = (float(value) for value in plane.to_xy(*_MIDDLE))
    return [[float(value) for value in plane.to_lonlat(x + end, y)] for end in (-half, half)]


def plans(plane: Plane, coverage: float) -> dict[str, tuple[dict[str, Any], float]]:
    """By pattern: the keys of its route at about a coverage, and half the breadth of the sea that it is meant for, nmi.

    The sea of a pattern over an area is a square; that of a pattern along a line is a box about the line.
    """
    spacing, line = _WIDTH_NMI / coverage, _line(plane, _HALF_NMI)
    legs = round(2.0 * _HALF_NMI / spacing)
    sectors = {0.75: 5, 1.0: 9, 1.5: 25}[coverage]
    inner = {"area": "box", "spacing_nmi": spacing / 2.0, "legs": round(1.5 * legs)}
    return {
        "parallel sweep": ({"pattern": "parallel_sweep", "area": "box", "legs": legs}, _HALF_NMI),
        "creeping line": ({"pattern": "creeping_line", "area": "box", "legs": legs}, _HALF_NMI),
        "expanding square": ({"pattern": "expanding_square", "area": "box", "spacing_nmi": spacing}, _HALF_NMI),
        "expanding square, middle": ({"pattern": "expanding_square", **inner}, _HALF_NMI),
        "sector": ({"pattern": "sector", "area": "box", "radius_nmi": _HALF_NMI, "sectors": sectors}, _HALF_NMI),
        "track line, out and back": ({"pattern": "track_line", "waypoints": line, "spacing_nmi": spacing}, spacing),
        "barrier": ({"pattern": "barrier", "line": line}, spacing),
        "racetrack": ({"pattern": "racetrack", "line": line, "width_nmi": spacing}, spacing),
        "waypoints": ({"pattern": "waypoints", "waypoints": line}, spacing / 2.0),
    }


def laid_over_sea(plane: Plane, keys: dict[str, Any], half_nmi: float) -> tuple[LaidPattern, Any]:
    """A route laid over the plane, and the box of sea that it is meant for."""
    x, y = (float(value) for value in plane.to_xy(*_MIDDLE))
    square = shapely.box(x - _HALF_NMI, y - _HALF_NMI, x + _HALF_NMI, y + _HALF_NMI)
    ring = shapely.get_coordinates(square)
    degrees = shapely.Polygon(np.column_stack(plane.to_lonlat(ring[:, 0], ring[:, 1])))
    route = TypeAdapter(Route).validate_python(keys)
    laid = lay_pattern(route, plane, {"box": degrees}, Performance(_SPEED_KN))
    return laid, shapely.box(x - _HALF_NMI, y - half_nmi, x + _HALF_NMI, y + half_nmi)


def _coverage(law: InverseCube, waypoints: Floats, sea: Any) -> float:
    """The coverage factor C = W L / A, with L the length of the pass inside the sea, its edge included."""
    within = sea.buffer(1e-3 * _WIDTH_NMI)
    legs = shapely.linestrings(np.stack([waypoints[:-1], waypoints[1:]], axis=1))
    length = float(shapely.length(shapely.intersection(legs, within)).sum())
    return law.sweep_width_nmi(_SPEED_KN) * length / float(sea.area)


def scores_of_pass(trial: Trial, law: InverseCube, waypoints: Floats, sea: Any, count: int) -> Floats:
    """The chance of detection of targets that lie still anywhere in the sea, (count,), after one pass."""
    west, south, east, north = sea.bounds
    always, still = np.full(count, 1e6), np.zeros((count, 2))
    places = (trial.rng.uniform(west, east, count), trial.rng.uniform(south, north, count))
    search = Search(trial, law, np.column_stack([-always, always, *places, still]))
    search.fly(waypoints, _SPEED_KN)
    return search.scores


def _strayed(trial: Trial, law: InverseCube, laid: LaidPattern, sea: Any, stray_nmi: float) -> Floats:
    """The share detected in each of many passes whose tracks are displaced by chance to either side, (passes,).

    Each track is displaced by a normal distance of standard deviation `stray_nmi`. The unit is the pass: its targets
    share its displacements.
    """
    scores = np.empty(trial.replications)
    tracks = np.array(laid.tracks[0])
    ahead = tracks[:, 1] - tracks[:, 0]
    abeam = np.column_stack([ahead[:, 1], -ahead[:, 0]]) / np.hypot(*ahead.T)[:, None]
    for k in range(trial.replications):
        aside = stray_nmi * trial.rng.standard_normal(len(tracks))[:, None] * abeam
        waypoints = (tracks + aside[:, None, :]).reshape(-1, 2)
        scores[k] = scores_of_pass(trial, law, waypoints, sea, _TARGETS).mean()
    return scores


def _pattern_row(effort: Effort, plane: Plane, cut: str, pattern: str, place: int) -> ReproducedRow:
    """Where one pattern lies at one coverage."""
    law, (keys, half) = law_cut_at(_CUTS_NMI[cut]), plans(plane, _COVERAGES[place])[pattern]
    laid, sea = laid_over_sea(plane, keys, half)
    covered = _coverage(law, laid.passes[0], sea)
    trial = effort.trial(f"uscg {pattern} {cut} {_COVERAGES[place]}")
    scores = scores_of_pass(trial, law, laid.passes[0], sea, _TARGETS * effort.replications)
    return in_envelope(f"{pattern}, {cut}, C = {covered:.2f}", covered, scores, _SIDES[cut][pattern][place])


def _strayed_row(effort: Effort, plane: Plane, coverage: float) -> ReproducedRow:
    """Where parallel sweeps lie whose tracks are not flown exactly."""
    keys, half = plans(plane, coverage)["parallel sweep"]
    law, (laid, sea) = law_cut_at(_VISIBILITY_NMI), laid_over_sea(plane, keys, half)
    covered = _coverage(law, laid.passes[0], sea)
    trial = effort.trial(f"uscg strayed {coverage}")
    scores = _strayed(trial, law, laid, sea, _STRAY * _WIDTH_NMI / coverage)
    return in_envelope(f"parallel sweep, cut, tracks astray, C = {covered:.2f}", covered, scores, "inside")


def in_envelope(check: str, covered: float, scores: Floats, side: Side) -> ReproducedRow:
    """A row of the mean of scores beside the two curves at a coverage factor."""
    ends = theory.random_search(covered), theory.endless_sweeps(1.0, 1.0 / covered)
    error = float(scores.std(ddof=1) / np.sqrt(scores.size))
    return ReproducedRow(check, *ends, float(scores.mean()), error, expected_side=side, digits=3)


def _rows(effort: Effort) -> list[ReproducedRow]:
    plane = plane_of((118.0, 22.0, 146.0, 46.0))
    exact = [
        _pattern_row(effort, plane, cut, pattern, place)
        for cut, patterns in _SIDES.items()
        for pattern in patterns
        for place in range(len(_COVERAGES))
    ]
    return [*exact, *(_strayed_row(effort, plane, coverage) for coverage in _COVERAGES)]


PUBLICATION = Publication(
    name="uscg_1980",
    title="Where the detection of real searches lies",
    citation="N. C. Edwards, T. J. Mazour, R. A. Bemont and S. R. Osmer, report USCG-D-41-80 (U.S. Coast Guard "
    "Research and Development Center, 1980).",
    published="In three trials at sea, cutters, boats, helicopters and aircraft flew or steamed 322 searches, with "
    "966 opportunities to detect boats of 16 feet and life rafts. The probability of detection was below the curve of "
    "the inverse cube law, which the manual then used, and above that of random search.",
    method="Each pattern of the library is laid over a square of sea, or along a line with a box about it, and the "
    "compiled flight flies one pass past targets that lie still anywhere there. The law is that of eyes for a ship of "
    "120 ft at a visibility of 10 nmi, W = 11.1 nmi: once cut at 100 nmi, which hardly matters, and once cut at the "
    "visibility, as seasweep uses it. C is W L / A, with L the length of the pass inside the sea. What is expected is "
    "the interval between 1 - exp(-C) and erf(sqrt(pi) C / 2), and the last columns say where the row is meant to "
    "lie. Without the cut, every pattern that spreads its effort evenly lies in the envelope. A barrier lies below: "
    "it flies the same line twice. So does an expanding square that covers the middle only, because most of the sea "
    "is never near a track, and a sector search with many sectors: its effort is at the datum, and the sea far from "
    "it is missed. Both patterns are for targets that are likely near the datum; here these lie anywhere. With the "
    "cut, whatever spreads its effort evenly lies above the envelope. The same sweep width is then made of higher "
    "chances close by and none far away, and tracks that are flown exactly waste little of it. In the last rows each "
    "track is displaced by a normal distance of half a spacing, and this alone brings the sweeps into the envelope. "
    "So eyes on tracks that are flown exactly detect more than real crews did, and `fatigue_after_h`, wind or a "
    "smaller sweep width should stand for what real crews lose.",
    not_available="The report could not be read, only its abstract. Its points by coverage are not in it, so that "
    "only the two curves are compared. Boats of 16 feet and rafts have other sweep widths; what matters here is the "
    "coverage.",
    rows=_rows,
)
