"""Belief: the expected number of pairs that lie alongside at an hour and that no aircraft has found, place by place.

Transfers begin as a Poisson process in space and time, and each is found or not independently of the others. So the
pairs that lie alongside at hour t and have not been detected are a Poisson process too, thinned by the flights as
flown. The expected number of them in a cell c is the sum over sources and classes of pairs of the integral over
beginnings s <= t of

    rate(c, s) P(duration > t - s) exp(-F(c, s, t))

with F the exposure of a pair at c that began at s, by all legs flown up to t, as in `sim.model.laws`. Where nobody flew
it is the rate times the mean duration. What was found says nothing of the others. `sim.core.kernels.unseen` integrates
it without a step size, as the coverage field; a tip adds a pair whose place is known, see `sim.study.maps.belief_tips`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from sim.core import chance
from sim.core.arrays import Floats
from sim.core.quadrature import running_integral
from sim.deployment.patrols import PatrolPlan
from sim.deployment.sorties import legs_before
from sim.deployment.transfers import TransferPlan, plan_transfers
from sim.model.beginnings import begin_rates
from sim.model.cells import CellState
from sim.model.sun import Sun
from sim.model.weather import Weather, plan_weather, realise_weather
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.maps.belief_tips import Flights, KnownTip, cells_at, classes_of_pairs, known_tips
from sim.study.maps.coverage import CELLS, Grid, planned_patrols, sorties_of, tiles_of, wanted_replications
from sim.study.maps.sea_points import SeaPoints
from sim.study.maps.searches import Flown, FlownSortie, searches_of
from sim.study.store import Results

_AGES = 240  # steps of the age of a pair between which its chance to last is taken for a straight line, and as many
# steps of probability: with fewer than 60 the belief changes by more than a thousandth
_ASIDE = 3  # points along each side of a cell: the belief there is their mean
_REACH = 3.0  # standard errors of a tip's place that the map shows
_NOTHING_FLOWN = Flown(np.zeros((0, 7)), np.zeros((0, 3), np.int64), np.zeros((0, 4), np.int64), np.ones(1))
_LEAST_TIP = 1e-4  # a cell where the pair of a tip is with a smaller chance stays empty where no transfer begins


def ages_of(source: TransferPlan, hour: float, weather: Weather) -> tuple[Floats, Floats]:
    """Ages of pairs at an hour, (g,), and the integral from 0 to each of the chance that they still lie alongside.

    A pair that would have begun in a sea too rough for its source never did.
    """
    lasting, rough = source.spec.duration_h, source.spec.max_sea_state
    longest_h = lasting.bounds()[1]
    even = np.arange(_AGES + 1) / _AGES
    changes = hour - weather.begin[np.isfinite(weather.begin)] if rough is not None else np.zeros(0)
    ages = np.concatenate([longest_h * even, lasting.quantile(even[:-1]), changes])
    ages = np.unique(np.clip(ages, 0.0, longest_h))
    ages = ages[np.append(True, np.diff(ages) > 1e-9)]
    gained = np.diff(running_integral(lasting.survival, ages))
    if rough is not None:  # the sea state is NaN where none is stated; the comparison is then false
        middle = hour - (ages[1:] + ages[:-1]) / 2.0
        gained[weather.sea_state[weather.rows_at(middle)] > rough] = 0.0
    return ages, np.concatenate([[0.0], np.cumsum(gained)])


def unseen_pairs(
    scenario: Scenario,
    patrols: Sequence[PatrolPlan],
    replication: tuple[int, Sequence[FlownSortie]],
    source: TransferPlan,
    seed: int,
    hour: float,
    places: Floats,
    weather: Weather,
) -> Floats:
    """The expected number of undetected pairs of a source alongside at an hour, if all its transfers were at a place.

    It is computed for each of the `places` (n, 2), nmi, and is therefore to be multiplied by the share of transfers
    there. `replication` is the number of one, and its sorties; what they flew after the hour does not count.
    """
    from sim.core import kernels

    if not len(places):
        return np.zeros(0)
    number, sorties = replication
    flown = [FlownSortie(sortie.patrol, legs_before(sortie.legs, hour)) for sortie in sorties]
    searches = searches_of(scenario, patrols, [(number, [one for one in flown if len(one.legs)])], source, seed)
    ages, upto = ages_of(source, hour, weather)
    lon, lat = scenario.plane.to_lonlat(places[:, 0], places[:, 1])
    sun, share = Sun(scenario.start), source.spec.night_share
    breaks, rates = begin_rates(sun, share, hour - ages[-1] - 1.0, hour, lon, lat, source.profile)
    tiles = tiles_of(places)
    order, bounds = np.concatenate(tiles), np.cumsum([0, *map(len, tiles)])
    points, breaks, rates = (np.ascontiguousarray(part[order]) for part in (places, breaks, rates))
    out = np.zeros(len(places))
    for one in searches.replications[0] or [_NOTHING_FLOWN]:
        kernels.unseen(
            points, bounds, one.legs, one.gradual, one.sudden, one.shares, searches.laws, searches.tables,
            searches.starts, searches.nodes, hour, ages, upto, breaks, rates, out,
        )  # fmt: skip
    found = np.empty(len(places))
    found[order] = source.per_hour * out
    return found


@dataclass(frozen=True)
class Belief:
    """What the flights of one replication up to an hour leave to be found, over a grid."""

    grid: Grid
    expected: Floats
    """The expected number of unfound pairs alongside in each cell, (ny, nx)."""
    chance: Floats
    """The chance that there is at least one, (ny, nx)."""
    sea_nmi2: Floats
    """The sea in each cell where transfers begin, or about which a tip is, nmi2, (ny, nx)."""
    unflown: float
    """The expected number of pairs alongside, found or not, where no tip is known."""
    tips: list[KnownTip]
    """The tips that count."""
    hour: float
    replication: int
    nation: str
    """Whose flights and tips count; empty for all."""

    @property
    def total(self) -> float:
        """The expected number of unfound pairs alongside, everywhere on the grid."""
        return float(self.expected.sum())


def make_belief(
    results: Results,
    at: float,
    *,
    replication: int | None = None,
    nation: str | None = None,
    cells: int = CELLS,
) -> Belief:
    """Compute the belief at an hour of a replication of a run whose tracks were recorded.

    `at` is in hours since the scenario's start. `replication` is the first of which tracks were recorded unless it is
    given. With `nation` only what its patrols have flown and its cell was told counts, and what others found is
    unknown. `cells` is the largest number of cells.
    Raises InputError where no tracks were recorded, for an hour outside the deployment, and for an unknown nation.
    """
    scenario, seed = results.scenario, int(results.info["seed"])
    number = wanted_replications(results, replication)[0]
    hour = float(at)
    if not 0.0 <= hour <= scenario.duration_h:
        raise refused(at, f"an hour of the deployment: 0 to {scenario.duration_h:g}", key="--at")
    mine = _patrols_of(scenario, nation)
    sorties = [sortie for sortie in sorties_of(results, number) if sortie.patrol in mine]
    patrols = planned_patrols(scenario)
    sources = [plan_transfers(scenario, name) for name in sorted(scenario.transfers)]
    weather = realise_weather(plan_weather(scenario), chance.replication_key(seed, number))
    states = cells_at(scenario, seed, number, hour)
    states = {name: state for name, state in states.items() if nation in (None, name)}
    grid = Grid.over(_bounds(sources, states, hour), cells)
    expected, flat, sea = (np.zeros(len(grid.cells)) for _ in range(3))
    for source in sources:
        points = SeaPoints.of(source, grid, _ASIDE)
        for found, flown in ((expected, sorties), (flat, [])):
            values = unseen_pairs(scenario, patrols, (number, flown), source, seed, hour, points.places, weather)
            found += np.bincount(points.cells, values * points.shares, minlength=len(found))
        sea = np.maximum(sea, points.sea_nmi2)
    flown = [FlownSortie(one.patrol, legs_before(one.legs, hour)) for one in sorties]
    flights = Flights({plan.name: plan for plan in patrols}, flown, weather, classes_of_pairs(sources))
    tips = known_tips(states, grid, hour, flights, _found_by(results, number, hour, mine))
    shape = (len(grid.y), len(grid.x))
    expected, sea = expected.reshape(shape), sea.reshape(shape)
    none = np.exp(-expected)
    for tip in tips:
        expected, none = expected + tip.by_cell, none * (1.0 - tip.by_cell)
        sea[tip.by_cell > _LEAST_TIP] = grid.side**2
    return Belief(grid, expected, 1.0 - none, sea, float(flat.sum()), tips, hour, number, nation or "")


def _patrols_of(scenario: Scenario, nation: str | None) -> set[str]:
    """The names of the patrols of a nation, or of all."""
    names = sorted(scenario.nations)
    if nation is not None and nation not in names:
        allowed = f"a name from [nations]: {', '.join(names)}" if names else "no nation: the scenario has none"
        raise refused(nation, allowed, key="--nation", hint=nearest(nation, names))
    return {name for name, patrol in scenario.patrols.items() if nation in (None, patrol.nation)}


def _found_by(results: Results, replication: int, hour: float, patrols: set[str]) -> Floats:
    """Hour and place of the transfers that some patrols detected up to an hour, (n, 3), nmi."""
    table = results.tables["transfers"]
    rows = table.filter((pc.field("replication") == replication) & (pc.field("detected_h") <= hour)).to_pylist()
    rows = [row for row in rows if row["patrol"] in patrols]
    x, y = results.scenario.plane.to_xy([row["lon"] for row in rows], [row["lat"] for row in rows])
    return np.column_stack([[row["detected_h"] for row in rows], x, y]).reshape(-1, 3)


def _bounds(
    sources: Sequence[TransferPlan], states: Mapping[str, CellState], hour: float
) -> tuple[float, float, float, float]:
    """The box about the seas of all sources and the places of tips, (west, south, east, north), nmi."""
    boxes = [source.sea.bounds for source in sources if not source.sea.is_empty]
    for state in states.values():
        for tip in state.tips:
            if not tip.resolved and state.chance_at(tip, hour) > 0.0:
                reach = _REACH * state.error_at(tip, hour)
                boxes.append((tip.x - reach, tip.y - reach, tip.x + reach, tip.y + reach))
    if not boxes:
        raise refused("no source of transfers and no tip", "a run of a scenario with transfers", key="RUN")
    west, south, east, north = np.array(boxes).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())
