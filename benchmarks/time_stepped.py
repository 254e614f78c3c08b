"""The rival: the detection half of the benchmark as a good NumPy user would step it through time.

It is flattered. It decides nothing: the aircraft fly the legs that seasweep flew, it plans, diverts, identifies and
logs nothing, and the vessels' tracks are handed to it. What is left is to ask, step after step while an aircraft is
airborne, which vessels are in range and which of them are seen.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sim.aircraft import Sortie
from sim.detection import Scan
from sim.engine import World

Floats = NDArray[np.float64]
SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class Ships:
    """All straight segments of one world, by beginning: columns of length n; hours, nmi, knots."""

    begin: Floats
    end: Floats
    x: Floats
    y: Floats
    vx: Floats
    vy: Floats
    owner: NDArray[np.int64]
    """Whose segment it is; the transfers come first."""
    vessels: int

    @classmethod
    def of(cls, world: World) -> Self:
        """Everything that a radar may meet in a world: what can change a flight, and all the rest."""
        fleets = [world.targets, *([world.others] if world.others is not None else [])]
        rows = np.vstack([fleet.rows for fleet in fleets])
        first = np.cumsum([0, *(fleet.vessels.size for fleet in fleets)])
        owner = np.concatenate([fleet.owner + base for fleet, base in zip(fleets, first, strict=False)])
        return cls(*np.ascontiguousarray(rows.T), owner, int(first[-1]))

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        """Some of the segments."""
        columns = (self.begin, self.end, self.x, self.y, self.vx, self.vy, self.owner)
        return type(self)(*(column[chosen] for column in columns), self.vessels)


def watch(ships: Ships, sortie: Sortie, law: Scan, step_s: float, rng: np.random.Generator) -> Floats:
    """When each vessel was detected in one sortie, hours, infinite for never; range is taken amid each step."""
    ships = ships.where((ships.begin < sortie.landing_h) & (ships.end > sortie.takeoff_h))
    detected = np.full(ships.vessels, np.inf)
    flown = np.vstack([sortie.flown[:, [0, 2, 3]], sortie.flown[-1:, [1, 4, 5]]])
    edges = np.append(np.arange(sortie.takeoff_h, sortie.landing_h, step_s / SECONDS_PER_HOUR), sortie.landing_h)
    middle, lengths = 0.5 * (edges[1:] + edges[:-1]), np.diff(edges)
    aircraft = np.column_stack([np.interp(middle, flown[:, 0], flown[:, axis]) for axis in (1, 2)])
    for t, dt, (x, y) in zip(middle.tolist(), lengths.tolist(), aircraft.tolist(), strict=True):
        age = t - ships.begin
        range2 = (ships.x + ships.vx * age - x) ** 2 + (ships.y + ships.vy * age - y) ** 2
        near = np.flatnonzero((range2 < law.max_range_nmi**2) & (age >= 0.0) & (t < ships.end))
        near = near[np.isinf(detected[ships.owner[near]])]
        chance = -np.expm1(-law.rate(np.sqrt(range2[near])) * dt)
        detected[ships.owner[near[rng.random(near.size) < chance]]] = t
    return detected
