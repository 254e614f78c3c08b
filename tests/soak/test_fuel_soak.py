"""Ten thousand sorties of random fleets: none lands on its reserve, none enters a zone, every one lands."""

import numpy as np
import pytest
import shapely

from sim.deployment.engine import simulate
from sim.deployment.world import prepare
from sim.scenario.routes import airspace
from tests.theory.test_fuel import ROUNDING_H, overdraft, random_fleet

pytestmark = pytest.mark.soak

SORTIES = 10_000


def test_in_ten_thousand_sorties_fuel_never_ends_before_landing():
    flown, seed, worst = 0, 0, -np.inf
    while flown < SORTIES:
        plan = prepare(random_fleet(seed))
        closed = airspace(plan.scenario).closed
        for replication in range(2):
            for sortie in simulate(plan, seed, replication).sorties:
                worst = max(worst, overdraft(plan, sortie))
                lines = shapely.linestrings(sortie.flown[:, 2:6].reshape(-1, 2, 2))
                assert not shapely.intersects(lines, closed).any(), (seed, replication, sortie.number)
                flown += 1
        seed += 1
    assert worst <= ROUNDING_H
