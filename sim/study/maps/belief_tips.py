"""Tips in the belief: the chance, place by place, that the pair of a tip is alongside and has not been found there.

A tip is about one pair at most. It is true with the chance that the cell estimates from the credibility of its
reports; the pair lies about the reported place with a normal error, which grows with the age of the tip; and it is
still alongside with the chance of `sim.model.cells.Cell.chance_still_there`. Flights since it was seen have searched
the place, and have not found the pair. So the chance that it is in a part of the sea with probability m of the place is

    truth m S(t) exp(-F(t)) / (1 - truth D)

where S(a) is the chance that it is still there, F the exposure there since the pair was seen, and D the chance that
the flights would have found it if the tip is true, before it parted or by now. That is Bayes' rule; where nobody has
flown it is the cell's own chance. With two places and S = truth = 1 it is w1 (1 - p) / (1 - w1 p).
"""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from sim.core.arrays import Floats, Ints
from sim.deployment.engine import Look, fly
from sim.deployment.exposure_spells import cut_at, exposure_in_spells
from sim.deployment.patrols import PatrolPlan, law_rows
from sim.deployment.transfers import TransferPlan
from sim.deployment.world import prepare, realise
from sim.model.cells import Cell, CellState, Tip
from sim.model.weather import Weather
from sim.scenario.schema import Outputs, Scenario
from sim.study.maps.coverage import Grid
from sim.study.maps.searches import FlownSortie

_SPELLS = 24  # of the time since a pair was seen, between which its chance to have parted is even
_NEAR = 3.0  # standard errors of the place, within which 98.9 % of pairs are
_LEAST = 1e-9  # a part of the sea where the pair is with a smaller chance is left out
_FINEST = 8  # into so many parts, at most, a side of a cell is cut where a place is known better than the cell is wide


@dataclass(frozen=True)
class KnownTip:
    """A tip that a cell has at an hour, and what it is worth then."""

    nation: str
    number: int
    """The number of the tip in its cell."""
    x: float
    y: float
    error_nmi: float
    """Standard deviation of the place in each axis at the hour."""
    told: float
    """The chance that it is true and the pair is there, as the cell estimates it without asking who flew."""
    chance: float
    """The chance that it is true and the pair is there, after the flights that found nothing there."""
    by_cell: Floats = field(repr=False, compare=False)
    """The part of that chance in each cell of the map, (ny, nx)."""


def cells_at(scenario: Scenario, seed: int, replication: int, hour: float) -> dict[str, CellState]:
    """What the cell of each nation knows at an hour of a replication, by nation; none where no crew follows tips.

    The replication is simulated again, as it was.
    """
    plan = prepare(scenario.model_copy(update={"outputs": Outputs()}))
    found: dict[str, CellState] = {}
    if plan.dissemination is None:
        return found

    def see(cells: Mapping[str, CellState]) -> None:
        found.update(copy.deepcopy(dict(cells)))

    fly(plan, realise(plan, seed, replication), replication, look=Look(hour, see))
    return found


class Flights(NamedTuple):
    """What was flown up to an hour, and by which laws it is judged."""

    patrols: Mapping[str, PatrolPlan]
    sorties: Sequence[FlownSortie]
    weather: Weather
    kinds: Sequence[tuple[int, float]]
    """The classes of pairs, each with its share."""

    def undetected(self, places: Floats, edges: Floats) -> Floats:
        """The chance that a pair at each place (p, 2) since the first edge is undetected at each edge, (p, edges)."""
        left = np.zeros((len(places), len(edges)))
        exposures = [np.zeros((len(places), len(edges) - 1)) for _ in self.kinds]
        for sortie in self.sorties:
            plan, legs = self.patrols[sortie.patrol], cut_at(sortie.legs, edges)
            if not len(legs):
                continue
            rows = law_rows(plan, legs[:, 0], float(sortie.legs[0, 0]), self.weather)
            for exposure, (kind, _) in zip(exposures, self.kinds, strict=True):
                classes = np.full(len(places), kind)
                exposure += exposure_in_spells(plan, legs, rows, edges, places, classes)
        for exposure, (_, share) in zip(exposures, self.kinds, strict=True):
            left += share * np.exp(-np.concatenate([np.zeros((len(places), 1)), np.cumsum(exposure, axis=1)], axis=1))
        return left


def classes_of_pairs(sources: Sequence[TransferPlan]) -> list[tuple[int, float]]:
    """The classes of the pairs of all sources, each with its share of the transfers."""
    total = sum(source.mean_per_month for source in sources)
    shares: dict[int, float] = {}
    for source in sources:
        dark = source.spec.dark_share
        for kind, share in zip(source.kinds, (1.0 - dark, dark), strict=True):
            shares[kind] = shares.get(kind, 0.0) + share * source.mean_per_month / max(total, 1e-300)
    return [(kind, share) for kind, share in sorted(shares.items()) if share > 0.0] or [(0, 1.0)]


def known_tips(
    cells: Mapping[str, CellState],
    grid: Grid,
    hour: float,
    flights: Flights,
    found: Floats,
) -> list[KnownTip]:
    """The tips that cells have at an hour, those left out of which the pair has been found.

    `found` (n, 3): hour and place of each pair that was detected by then. A tip near one of them, at about its hour, is
    taken for a report of that pair. A report that two cells have counts once.
    """
    tips, counted = [], set[int]()
    for nation, state in sorted(cells.items()):
        for tip in state.tips:
            if tip.resolved or set(tip.reports) <= counted or not state.chance_at(tip, hour) > 0.0:
                continue
            seen_h = _seen_h(tip, hour)
            if any(_may_be_of(state, tip, *pair) for pair in found.tolist()):
                continue
            counted |= set(tip.reports)
            tips.append(_known(nation, state, tip, seen_h, grid, hour, flights))
    return tips


def _may_be_of(state: CellState, tip: Tip, hour: float, x: float, y: float) -> bool:
    """Whether a pair that was detected at an hour and a place may be that of a tip; as a cell judges documents."""
    if abs(hour - tip.seen_h) >= state.spec.lasts_h:
        return False
    return math.hypot(x - tip.x, y - tip.y) <= max(1.0, _NEAR * state.error_at(tip, hour))


def _seen_h(tip: Tip, hour: float) -> float:
    """The last hour to which a report of a tip refers, up to an hour: later ones foretell the future."""
    return max(report.seen_h for report in tip.reports.values() if report.seen_h <= hour)


def _known(
    nation: str, state: CellState, tip: Tip, seen_h: float, grid: Grid, hour: float, flights: Flights
) -> KnownTip:
    error = state.error_at(tip, hour)
    cells, places, shares = place_shares(grid, tip.x, tip.y, error)
    chances = chances_in_parts(
        state.spec, tip.truth, hour - seen_h, shares, lambda edges: flights.undetected(places, seen_h + edges)
    )
    by_cell: Floats = np.zeros((len(grid.y), len(grid.x)))
    np.add.at(by_cell, np.unravel_index(cells, by_cell.shape), chances)
    told = state.chance_at(tip, hour)
    return KnownTip(nation, tip.number, tip.x, tip.y, error, told, float(chances.sum()), by_cell)


def chances_in_parts(
    cell: Cell, truth: float, age_h: float, shares: Floats, undetected: Callable[[Floats], Floats]
) -> Floats:
    """The chance that the pair of a tip is alongside and unfound in each part of the sea, (p,): see the formula above.

    `shares` (p,) is the probability of the place in each part. `undetected` gives the chance (p, edges) that a pair
    that is there has not been found so many hours after it was seen.
    """
    edges = np.linspace(0.0, max(age_h, 1e-9), _SPELLS + 1)
    there = np.array([cell.chance_still_there(float(edge)) for edge in edges])
    left = undetected(edges)
    parted_unfound = ((left[:, 1:] + left[:, :-1]) / 2.0) @ -np.diff(there)
    alongside = there[-1] * left[:, -1]
    unfound = float(shares @ (parted_unfound + alongside)) + (1.0 - float(shares.sum()))
    nothing_found = 1.0 - truth * (1.0 - unfound)
    return np.asarray(truth * shares * alongside / max(nothing_found, 1e-300), float)


def place_shares(grid: Grid, x: float, y: float, error_nmi: float) -> tuple[Ints, Floats, Floats]:
    """The probability of a place with a normal error in parts of the cells of a grid.

    The number of the cell of each part, (p,), its middle, (p, 2), and the probability there, (p,).
    """
    parts = int(np.clip(np.ceil(2.0 * grid.side / max(error_nmi, 1e-9)), 1, _FINEST))
    by_axis = []
    for centres, middle in ((grid.x, x), (grid.y, y)):
        width = grid.side / parts
        first = centres[0] - grid.side / 2.0
        edges = first + width * np.arange(len(centres) * parts + 1)
        mass = np.diff(ndtr((edges - middle) / max(error_nmi, 1e-9)))
        by_axis.append((edges[:-1] + width / 2.0, mass))
    (xs, mass_x), (ys, mass_y) = by_axis
    mass = mass_y[:, None] * mass_x[None, :]
    row, column = np.nonzero(mass > _LEAST)
    cells = (row // parts) * len(grid.x) + column // parts
    return cells, np.column_stack([xs[column], ys[row]]), mass[row, column]
