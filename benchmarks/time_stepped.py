"""The rivals: the detection half of the benchmark as a good NumPy user would step it through time.

They are flattered. They decide nothing: the aircraft fly the legs that seasweep flew, nothing is planned, diverted,
identified or logged, and the tracks of the vessels are handed to them. What is left is to ask, step after step while
an aircraft is airborne, which vessels are in range and which of those are seen. `step_by_step` is the plain loop;
`many_at_once` does many steps with one call, the best that was found.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sim.aircraft import Sortie
from sim.detection import Scan
from sim.engine import Log, World

Floats = NDArray[np.float64]
_SECONDS_PER_HOUR = 3600.0
_BLOCK = 64  # steps at once: 16 to 128 cost about the same


@dataclass(frozen=True)
class Ships:
    """Straight segments of one world's vessels.

    `rows` (6, n): begin, end, x, y, vx, vy, in hours, nmi, knots; `owner` (n,): whose, transfers first.
    """

    rows: Floats
    owner: NDArray[np.int64]
    vessels: int

    @classmethod
    def of(cls, world: World) -> Self:
        """All that a sensor may meet: what can change a flight, then the rest."""
        fleets = [fleet for fleet in (world.targets, world.others) if fleet is not None]
        first = np.cumsum([0, *(fleet.vessels.size for fleet in fleets)])
        owner = np.concatenate([fleet.owner + base for fleet, base in zip(fleets, first, strict=False)])
        return cls(np.ascontiguousarray(np.vstack([fleet.rows for fleet in fleets]).T), owner, int(first[-1]))

    def between(self, begin: float, end: float, wanted: NDArray[np.bool_]) -> Self:
        """The segments of wanted vessels that exist at some time in [begin, end]."""
        chosen = np.flatnonzero((self.rows[0] <= end) & (self.rows[1] > begin) & wanted[self.owner])
        return type(self)(self.rows[:, chosen], self.owner[chosen], self.vessels)


def _steps(sortie: Sortie, step_s: float) -> tuple[Floats, Floats, Floats, Floats]:
    """The middle of each step, its length (hours), and where the aircraft then is (nmi)."""
    edges = np.append(np.arange(sortie.takeoff_h, sortie.landing_h, step_s / _SECONDS_PER_HOUR), sortie.landing_h)
    middle = 0.5 * (edges[1:] + edges[:-1])
    flown = np.vstack([sortie.flown[:, [0, 2, 3]], sortie.flown[-1:, [1, 4, 5]]])
    return middle, np.diff(edges), np.interp(middle, *flown.T[[0, 1]]), np.interp(middle, *flown.T[[0, 2]])


def step_by_step(ships: Ships, sortie: Sortie, law: Scan, step_s: float, rng: np.random.Generator) -> Floats:
    """When a sortie detected each vessel, hours, infinite for never: one step after the other."""
    detected = np.full(ships.vessels, np.inf)
    ships = ships.between(sortie.takeoff_h, sortie.landing_h, np.isinf(detected))
    begin, end, x0, y0, vx, vy = ships.rows
    for t, dt, x, y in np.array(_steps(sortie, step_s)).T.tolist():
        age = t - begin
        range2 = (x0 + vx * age - x) ** 2 + (y0 + vy * age - y) ** 2
        near = np.flatnonzero((range2 < law.max_range_nmi**2) & (age >= 0.0) & (t < end))
        near = near[np.isinf(detected[ships.owner[near]])]
        chance = -np.expm1(-law.rate(np.sqrt(range2[near])) * dt)
        detected[ships.owner[near[rng.random(near.size) < chance]]] = t
    return detected


def many_at_once(ships: Ships, sortie: Sortie, law: Scan, step_s: float, rng: np.random.Generator) -> Floats:
    """The same, many steps by many ships at once; those seen are left out of the next block."""
    detected = np.full(ships.vessels, np.inf)
    ships = ships.between(sortie.takeoff_h, sortie.landing_h, np.isinf(detected))
    steps = np.array(_steps(sortie, step_s))
    for first in range(0, steps.shape[1], _BLOCK):
        t, dt, x, y = steps[:, first : first + _BLOCK, None]
        here = ships.between(t[0, 0], t[-1, 0], np.isinf(detected))
        begin, end, x0, y0, vx, vy = here.rows
        age = t - begin
        range2 = (x0 + vx * age - x) ** 2 + (y0 + vy * age - y) ** 2
        step, ship = np.nonzero((range2 < law.max_range_nmi**2) & (age >= 0.0) & (t < end))
        chance = -np.expm1(-law.rate(np.sqrt(range2[step, ship])) * dt[step, 0])
        hit = rng.random(step.size) < chance
        np.minimum.at(detected, here.owner[ship[hit]], t[step[hit], 0])
    return detected


Rival = Callable[[Ships, Sortie, Scan, float, np.random.Generator], Floats]


def count(log: Log, law: Scan, rival: Rival, step_s: float, seed: int) -> tuple[int, int]:
    """Contacts (vessels a sortie, summed) and counted transfers that were detected, along the legs of a log."""
    ships, table = Ships.of(log.world), log.world.transfers
    rng = np.random.default_rng([seed, log.replication])
    contacts, first = 0, np.full(ships.vessels, np.inf)
    for sortie in log.sorties:
        detected = rival(ships, sortie, law, step_s, rng)
        contacts += int(np.isfinite(detected).sum())
        first = np.minimum(first, detected)
    before_end = first[: table.begin.size] < log.plan.scenario.duration_h
    return contacts, int((before_end & table.counted).sum())
