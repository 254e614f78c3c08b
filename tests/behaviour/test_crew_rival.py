"""The rival to which `make bench` compares a crew at work: it meets, it flies, and its crews do what seasweep's do."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.crew_rival import crew_step
from benchmarks.crew_rival_world import Air
from sim import load_scenario
from sim.core import kernels
from sim.deployment.engine import fly
from sim.deployment.sorties import hours_at_work
from sim.deployment.world import prepare, realise
from sim.model.weather import Weather

SPEED_KN = 350.0


@pytest.mark.parametrize("begin", [1.5, 2.9, 4.0])
def test_the_rival_steers_through_winds_that_change_as_seasweep_does(begin):
    hours, x, y = np.array([-np.inf, 3.0, 4.5]), np.array([20.0, -30.0, 0.0]), np.array([5.0, 25.0, -40.0])
    air = Air(Weather(hours, np.full(3, np.nan), np.full(3, np.nan), x, y))
    winds = np.column_stack([hours, x, y])
    for dx, dy in ((300.0, 400.0), (-10.0, 5.0), (60.0, -700.0)):
        expected, vx, vy, _ = kernels.steer(begin, dx, dy, SPEED_KN, winds)
        found = air.hours_to(begin, dx, dy, SPEED_KN)
        assert found == pytest.approx(expected, rel=1e-6)
        assert air.steer(begin, found, dx, dy) == pytest.approx((vx, vy), abs=1e-3)


def test_the_rival_flies_the_sorties_that_seasweep_flies_and_its_crews_do_much_the_same():
    plan = prepare(load_scenario("neon-crew", {"duration_days": 5}))
    world = realise(plan, 1, 1)
    log = fly(plan, world, 1)
    events = Counter(event.event for event in log.events)
    rival = crew_step(plan, world, 60.0)
    assert rival.sorties == len(log.sorties) > 2
    assert 0 <= rival.documented <= rival.classified <= rival.diverted < rival.detected
    assert rival.detected == pytest.approx(events["detected"], rel=0.1)
    assert rival.diverted == pytest.approx(events["diverted"], rel=0.2)
    assert rival.hours_at_contacts == pytest.approx(hours_at_work(log.sorties, log.end)[1], rel=0.2)
