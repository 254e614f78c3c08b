"""A pass after a pass: how the next one is entered, and what is left of one that was broken off."""

from itertools import pairwise

import numpy as np
import pytest
import simpy

from sim import load_scenario, simulate
from sim.core.codes import RETURN, SEARCH, TRANSIT
from sim.deployment.crew import RouteProgress
from sim.deployment.inbox import Inbox
from sim.deployment.schedule import patrol
from sim.deployment.world import prepare, realise

QUIET = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 0.0, "duration_days": 6}
# It ends far from its datum, where the next pass begins, and takes about one and a half sorties.
SQUARE = {"pattern": "expanding_square", "datum": [125.0, 29.5], "spacing_nmi": 15.0, "legs": 14}


def plan_of(**sets):
    return prepare(load_scenario("neon-spring", {**QUIET, **sets}))


def test_the_crew_searches_on_its_way_from_the_end_of_a_resumed_pass_to_the_next():
    """Only the way out from base is flown in transit: between passes the aircraft goes on as it searched."""
    plan = plan_of(**{"routes.search": SQUARE})
    between = 0
    for sortie in simulate(plan).sorties:
        flown = sortie.flown
        speeds = np.hypot(*(flown[:, 4:6] - flown[:, 2:4]).T) / (flown[:, 1] - flown[:, 0])
        phases = flown[:, 6].tolist()
        assert phases == [TRANSIT, *[SEARCH] * (len(phases) - 2), RETURN]
        assert speeds[1:-1] == pytest.approx(210.0)
        ends = [points[-1] for points in plan.patrols[0].routes[0].passes]
        between += any(np.allclose(row[2:4], end, atol=1e-6) for row in flown[1:-1] for end in ends)
    assert between >= 2  # sorties that finished a pass and began the next one


def test_a_pass_after_a_resumed_one_is_flown_whole():
    plan = plan_of(**{"routes.search": SQUARE})
    tracks = np.vstack([sortie.flown[sortie.flown[:, 6] == SEARCH] for sortie in simulate(plan).sorties])
    points = plan.patrols[0].routes[0].passes[0]
    starts = np.flatnonzero(np.hypot(*(tracks[:, 2:4] - points[0]).T) < 1e-6)
    assert len(starts) >= 3
    for begin, end in pairwise(starts):
        length = np.hypot(*(tracks[begin:end, 4:6] - tracks[begin:end, 2:4]).T).sum()
        way_back = np.hypot(*(points[-1] - points[0]))
        assert length == pytest.approx(np.hypot(*np.diff(points, axis=0).T).sum() + way_back, abs=1e-3)


def test_what_is_left_of_a_route_is_never_more_than_one_pass():
    """However many sorties were broken off: what is left does not grow with the passes before."""
    plan = prepare(load_scenario("neon-spring", {**QUIET, "duration_days": 40, "routes.search.spacing_nmi": 5.0}))
    world, env, progress, sorties = realise(plan, 1, 0), simpy.Environment(), RouteProgress(), []
    nobody, end_h = np.zeros(0, bool), plan.scenario.duration_h
    inbox = Inbox(world.key, world.targets, 0, lambda *_: None, world.weather, np.zeros((1, 3)), {}, end_h, nobody)
    env.process(patrol(env, plan.patrols[0], inbox, sorties, progress))
    sizes = []
    while env.peek() < np.inf:
        env.step()
        if len(sorties) > len(sizes):
            sizes.append(len(progress.unfinished[0]))
    assert len(sizes) == 40
    assert 2 < max(sizes) <= len(plan.patrols[0].routes[0].passes[0]) + 2
