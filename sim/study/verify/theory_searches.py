"""Simulated searches for checks against theory: their random numbers, targets, detection laws and flights."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from sim.core import chance, codes
from sim.core.arrays import Entities, Floats, Ints
from sim.core.codes import PHASES, TRANSIT
from sim.core.motion import Motion, fleet_without_traits
from sim.core.records import FLIGHT, new_record
from sim.deployment.legs import legs_to
from sim.model.laws.base import Law, kernel_laws
from sim.model.laws.definite_range import DefiniteRange
from sim.model.laws.inverse_cube import InverseCube
from sim.model.laws.lateral_range import LateralRange
from sim.model.laws.scan import Scan

SPEED = 200.0
UNLIMITED_FUEL = (  # the arguments of the kernel for a flight that never has to turn home
    np.array([1.0, np.inf, np.inf, 0.0, 0.0, *[1.0] * len(PHASES)]), np.zeros((1, 2)),
    np.array([[-np.inf, 0.0, 0.0]]), np.zeros((0, 4)), np.zeros((0, 4)),
)  # fmt: skip

CUBE = InverseCube(kind="inverse_cube", sweep_width_nmi=20.0, reference_speed_kn=SPEED, max_range_nmi=60.0)
UNCUT = InverseCube(kind="inverse_cube", sweep_width_nmi=20.0, reference_speed_kn=SPEED, max_range_nmi=2000.0)
NARROW = InverseCube(kind="inverse_cube", sweep_width_nmi=1.0, reference_speed_kn=SPEED, max_range_nmi=400.0)
CERTAIN = DefiniteRange(kind="definite_range", range_nmi=10.0)
LIKELY = DefiniteRange(kind="definite_range", range_nmi=10.0, probability=0.7)
POINT = DefiniteRange(kind="definite_range", range_nmi=1e-6)
RADAR = Scan(kind="scan", probability=0.6, range_half_nmi=15.0, roll_off=5.0, max_range_nmi=40.0, look_interval_s=240.0)
CURVE = LateralRange(
    kind="lateral_range", distance_nmi=[0.0, 5.0, 20.0, 30.0], detection_probability=[0.9, 0.8, 0.3, 0.0]
)


Outcome = tuple[float, Floats]
"""The result by theory, and independent scores whose mean should be the same."""


@dataclass(frozen=True)
class Trial:
    """The random numbers and the effort of one search."""

    rng: np.random.Generator
    key: Entities
    replications: int
    planted: float
    """A relative error in sweep width that tests put into the simulation, to see that the search reveals it; else 0."""

    @classmethod
    def of(cls, name: str, replications: int, seed: int, planted: float = 0.0) -> Self:
        """The trial of a name; its random numbers do not depend on other trials."""
        own = int(chance.identity("verify", name))
        rng, key = np.random.default_rng([seed, own]), chance.replication_key(seed, own % 2**32)
        return cls(rng, key, replications, planted)


class Search:
    """Targets, the detection law of one sensor, and the flights that search for them."""

    def __init__(self, trial: Trial, law: Law, rows: Floats, coins: bool = False, owner: Ints | None = None) -> None:
        """Set up targets from segments (n, 6), one for each target unless `owner` (n,) gives their targets.

        With `coins` a target is detected at random, when its exposure reaches its threshold; without never, so that its
        exposure adds up over the whole flight.
        """
        owner = np.arange(len(rows)) if owner is None else owner
        count = int(owner.max()) + 1
        vessels = chance.identities(chance.identity("verify"), count)
        self.targets = Motion.of(fleet_without_traits(rows, owner, vessels, np.zeros(count, "U1")))
        self.laws, self.tables = kernel_laws([_wider(law, trial.planted)])
        self.key, self.sensor_ids = trial.key, np.array([chance.identity("eye")], np.uint64)
        self.opportunities, self.draft_calls = np.zeros((codes.MEMORY_ROWS, 1, count)), np.zeros(count + 1, np.int64)
        self.opportunities[codes.THRESHOLD], self.opportunities[codes.RANGE_FELL] = -1.0 if coins else np.inf, -np.inf
        self.flags, self.detections = np.zeros((codes.MARKS, count), bool), np.empty((count, 3))
        self.detection_count = 0

    def fly(self, points: Floats, speed: float = SPEED, begin: float = 0.0, stop: bool = False) -> float:
        """Fly along waypoints (n, 2) from hour `begin`, with `stop` until the first detection; return the last hour."""
        from sim.core import kernels

        legs, targets = legs_to(points[1:], speed, TRANSIT), self.targets
        flight = new_record(
            FLIGHT, hour=begin, x=points[0, 0], y=points[0, 1], found=self.detection_count, stops_at_contacts=stop,
            next_change_h=np.inf,
        )  # fmt: skip
        kernels.fly(
            flight, legs, UNLIMITED_FUEL,
            (targets.rows, targets.owner, targets.reach, targets.vessels, targets.kinds),
            (self.key, self.sensor_ids, self.laws, self.tables, self.laws[:, 1].copy()),
            (self.opportunities, self.draft_calls, self.flags, np.zeros(len(targets.rows), np.int64)),
            np.zeros((self.draft_calls.size - 1, 2)), np.empty((len(legs) + 1, codes.FLOWN_COLUMNS)), self.detections,
        )  # fmt: skip
        self.detection_count = int(flight["found"][0])
        return float(flight["hour"][0])

    @property
    def scores(self) -> Floats:
        """The probability of detection of each target, 1 - exp(-F), (n,)."""
        had = self.opportunities[codes.EXPOSURE, 0]
        exposure = np.where(had < 0.0, -1.0 - had, had)
        return np.asarray(-np.expm1(-exposure), float)

    @property
    def flips(self) -> Floats:
        """1 for each target that was detected at random, 0 for each that was not, (n,)."""
        return np.asarray(self.flags[codes.SEEN], float)


def _wider(law: Law, share: float) -> Law:
    """A law whose sweep width is larger by this share, for tests of what a search reveals."""
    if share == 0.0:
        return law
    more = 1.0 + share
    keys = law.model_dump(by_alias=True)
    longer = {
        "definite_range": ("range_nmi",),
        "inverse_cube": ("sweep_width_nmi",),
        "scan": ("range_half_nmi", "max_range_nmi", "look_interval_s"),  # every length, at the same looks a pass
        "lateral_range": ("distance_nmi",),
    }
    for key in longer[law.kind]:
        keys[key] = [x * more for x in keys[key]] if isinstance(keys[key], list) else keys[key] * more
    widened: Law = type(law).model_validate(keys)
    return widened
