"""What was flown in some replications, as the compiled coverage field takes it.

A use is a law in force on a leg, for one sensor. Laws whose exposure accumulates are gradual; the others are sudden.
Pairs of ships of different classes are often seen alike but for sudden laws, as where some send AIS and others do not.
Then their gradual uses are kept, and computed with, once.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.core import chance
from sim.core.arrays import Floats, Ints
from sim.core.codes import INVERSE_CUBE, SCAN
from sim.deployment.patrols import PatrolPlan, law_rows
from sim.deployment.transfers import TransferPlan
from sim.model.laws.base import kernel_tables
from sim.model.weather import Weather, plan_weather, realise_weather
from sim.scenario.schema import Scenario

# Speeds are in classes with this ratio, and the bends of a pass are chosen for that in the middle of its class.
_SPEED_RATIO = 1.25
# Slower aircraft are taken for one of this speed: they cross so little of a chord that it has few bends in any case.
_SLOWEST_KN = 10.0
# Of the closest distance, for each law and speed; see `sim.core.kernels.coverage_pieces`.
_BANDS = 128


@dataclass(frozen=True)
class FlownSortie:
    """The legs of one sortie on the plane, (n, 6): begin and end in hours, then x and y of both ends in nmi."""

    patrol: str
    legs: Floats


@dataclass(frozen=True)
class Flown:
    """What was flown in one replication, for classes of pairs that the same gradual laws see."""

    legs: Floats
    """The legs of all sorties, (n, 7): hours of both ends, x and y of the begin, unit vector of the course, speed."""
    gradual: Ints
    """Leg, law and pieces of each gradual use, (p, 3), in order of time."""
    sudden: Ints
    """Leg, law, search and class of each sudden use, (o, 4), search by search: a sensor in a sortie, for a class."""
    shares: Floats
    """The share of each class among all pairs."""


@dataclass(frozen=True)
class Searches:
    """What was flown in all replications, ready for the kernel."""

    replications: list[list[Flown]]
    """Of each replication; a list is empty where nobody flew."""
    laws: Floats
    """The different laws of all patrols under all conditions that they met, (q, 6)."""
    tables: Floats
    """The tables of these laws."""
    starts: Ints
    """Of the pieces for each law and speed the first node of each band, see `sim.core.kernels.coverage_pieces`."""
    nodes: Floats
    """The nodes of all bands."""


def searches_of(
    scenario: Scenario,
    patrols: Sequence[PatrolPlan],
    replications: Sequence[tuple[int, Sequence[FlownSortie]]],
    source: TransferPlan | None,
    seed: int,
) -> Searches:
    """Realise the weather of each replication again, and find the laws in force on each of its legs."""
    environment, plans = plan_weather(scenario), {patrol.name: patrol for patrol in patrols}
    flown: list[list[_Sortie]] = []
    for number, sorties in replications:
        ordered = sorted(sorties, key=lambda sortie: float(sortie.legs[0, 0])) if plans else []
        weather = realise_weather(environment, chance.replication_key(seed, number)) if ordered else None
        flown.append([] if weather is None else [_sortie(plans[one.patrol], one, weather) for one in ordered])
    # Only now are the laws complete, since a patrol makes those of conditions that it meets for the first time.
    every_law, first_row, tables = _stacked(patrols if any(flown) else [])
    laws, same = np.unique(every_law, axis=0, return_inverse=True)
    found = []
    for sorties_here in flown:
        by_class = []
        for kind, share in _pair_classes(source):
            uses = _uses(kind, sorties_here, first_row)
            uses[:, 1] = same.ravel()[uses[:, 1]]
            by_class.append((share, uses[laws[uses[:, 1], 1] > 0.0]))
        found.append(_together(by_class, sorties_here, laws) if sorties_here else [])
    starts, nodes = _lay_pieces([one for together in found for one in together], laws, tables)
    return Searches(found, laws, tables, starts, nodes)


@dataclass(frozen=True)
class _Sortie:
    """A sortie, and for each leg the first row of the laws in force among those of its patrol."""

    patrol: PatrolPlan
    legs: Floats
    rows: Ints


def _sortie(patrol: PatrolPlan, sortie: FlownSortie, weather: Weather) -> _Sortie:
    return _Sortie(patrol, sortie.legs, law_rows(patrol, sortie.legs[:, 0], float(sortie.legs[0, 0]), weather))


def _pair_classes(source: TransferPlan | None) -> list[tuple[int, float]]:
    """The classes of the pairs of a source, each with its share: those that send AIS, and the dark ones."""
    if source is None:
        return [(0, 1.0)]
    dark = source.spec.dark_share
    return [(kind, share) for kind, share in zip(source.kinds, (1.0 - dark, dark), strict=True) if share > 0.0]


def _stacked(patrols: Sequence[PatrolPlan]) -> tuple[Floats, dict[str, int], Floats]:
    """The laws of all patrols under all conditions that they met, the first row of each patrol, and their tables."""
    # The tables of all laws share one grid.
    tables = kernel_tables([sensor.nominal_law for patrol in patrols for sensor in patrol.sensor_performance.sensors])
    parts, first_row = [np.zeros((0, 6))], {}
    before = row = 0
    for patrol in patrols:
        laws = np.vstack([np.zeros((0, 6)), *patrol.sensor_performance.law_sets])
        laws[:, 5] += before
        first_row[patrol.name] = row
        parts.append(laws)
        before += len(patrol.sensors)
        row += len(laws)
    return np.vstack(parts), first_row, tables


def _uses(kind: int, sorties: Sequence[_Sortie], first_row: Mapping[str, int]) -> Ints:
    """Leg, row of the law and number of the search of all uses for one class of pairs, (n, 3)."""
    found = []
    leg = search = 0
    for sortie in sorties:
        count, legs = len(sortie.patrol.sensors), len(sortie.legs)
        rows = sortie.rows + kind * count + first_row[sortie.patrol.name]
        for sensor in range(count):
            number = np.full(legs, search + sensor)
            found.append(np.column_stack([np.arange(leg, leg + legs), rows + sensor, number]))
        leg, search = leg + legs, search + count
    return np.vstack(found) if found else np.zeros((0, 3), np.int64)


def _together(by_class: Sequence[tuple[float, Ints]], sorties: Sequence[_Sortie], laws: Floats) -> list[Flown]:
    """What was flown, for the classes of pairs with the same gradual uses together."""
    legs = _with_course(np.vstack([sortie.legs for sortie in sorties]))
    speed = np.rint(np.log(np.maximum(legs[:, 6], _SLOWEST_KN)) / math.log(_SPEED_RATIO)).astype(np.int64)
    groups: dict[bytes, list[tuple[float, Ints]]] = {}
    gradual = {}
    for share, uses in by_class:
        accumulates = np.isin(laws[uses[:, 1], 0], (INVERSE_CUBE, SCAN))
        mine = uses[accumulates]
        mine = mine[np.argsort(legs[mine[:, 0], 0], kind="stable")]
        mine[:, 2] = speed[mine[:, 0]]
        gradual[mine.tobytes()] = mine
        groups.setdefault(mine.tobytes(), []).append((share, uses[~accumulates]))
    found = []
    for key, group in groups.items():
        kinds = np.repeat(np.arange(len(group)), [len(uses) for _, uses in group])
        sudden = np.column_stack([np.vstack([uses for _, uses in group]), kinds])
        found.append(Flown(legs, gradual[key], sudden, np.array([share for share, _ in group])))
    return found


def _with_course(legs: Floats) -> Floats:
    """Legs (n, 6) as the kernel takes them, (n, 7); one so slow that the law takes it to keep its place has speed 0."""
    from sim.core.kernels.exposures import STILL_KN

    way = legs[:, 4:6] - legs[:, 2:4]
    length = np.sqrt(np.sum(way**2, axis=1))
    speed = length / (legs[:, 1] - legs[:, 0])
    speed[speed < STILL_KN] = 0.0
    course = way / np.where(speed > 0.0, length, 1.0)[:, None] * (speed > 0.0)[:, None]
    return np.ascontiguousarray(np.column_stack([legs[:, :4], course, speed]))


def _lay_pieces(flown: Sequence[Flown], laws: Floats, tables: Floats) -> tuple[Ints, Floats]:
    """Choose the bends for each law and class of speeds, and number these in the gradual uses."""
    from sim.core import kernels

    used = np.vstack([np.zeros((0, 2), np.int64), *(one.gradual[:, 1:] for one in flown)])
    different, number = np.unique(used, axis=0, return_inverse=True)
    ends = np.cumsum([len(one.gradual) for one in flown])
    for one, numbers in zip(flown, np.split(number.ravel(), ends), strict=False):
        one.gradual[:, 2] = numbers
    starts, nodes = kernels.lay_pieces(laws, tables, different[:, 0], _SPEED_RATIO ** different[:, 1], _BANDS)
    return starts, nodes
