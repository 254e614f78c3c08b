"""Whole flights past many vessels: what must not matter does not, what must add adds."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import load_scenario, simulate
from sim.core import chance, kernels
from sim.core.chance import replication_key
from sim.core.motion import fleet_without_traits
from sim.deployment.counting import count_along
from sim.model.laws.base import kernel_laws
from sim.study.verify.checks import CUBE, CURVE, LIKELY, RADAR, Search, Trial
from tests.helpers import INVERSE_CUBE, LATERAL, LAWS, law_of, legs_along

TRIED = (CUBE, RADAR, CURVE, LIKELY)
TRIAL = Trial(np.random.default_rng(1), replication_key(1, 0), 1, 0.0)
seeds = st.integers(0, 2**31)


def world(seed, vessels=12, legs=5):
    """A flight at random, and vessels of one segment each about it, some of them short-lived."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(-60, 60, (legs + 1, 2))
    hours = float(np.hypot(*np.diff(points, axis=0).T).sum() / 200.0)
    begin = rng.uniform(-1.0, hours, vessels)
    rows = np.column_stack(
        [
            begin,
            begin + rng.uniform(0.1, 3.0, vessels),
            rng.uniform(-70, 70, (vessels, 2)),
            rng.normal(0, 12, (vessels, 2)),
        ]
    )
    return points, rows


def scores(law, points, rows, begin=0.0):
    search = Search(TRIAL, law, rows)
    search.fly(points, begin=begin)
    return search.scores


@given(st.sampled_from(TRIED), seeds, st.lists(st.floats(0.05, 0.95), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_breaking_legs_in_pieces_changes_nothing(law, seed, cuts):
    points, rows = world(seed)
    shares = np.unique(np.round([0.0, *cuts], 6))
    pieces = [a + share * (b - a) for a, b in pairwise(points) for share in shares]
    assert scores(law, np.array([*pieces, points[-1]]), rows) == pytest.approx(scores(law, points, rows), abs=1e-9)


@given(st.sampled_from(TRIED), seeds, st.floats(0, 6.28), st.floats(-500, 500), st.floats(-300, 300))
@settings(max_examples=100, deadline=None)
def test_turning_or_moving_the_plane_or_the_clock_changes_nothing(law, seed, angle, shift, later):
    points, rows = world(seed)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = rows.copy()
    moved[:, :2] += later
    moved[:, 2:4] = rows[:, 2:4] @ turn + shift
    moved[:, 4:6] = rows[:, 4:6] @ turn
    there = scores(law, points @ turn + shift, moved, later)
    assert there == pytest.approx(scores(law, points, rows), abs=1e-9)


@given(st.sampled_from(TRIED), seeds)
@settings(max_examples=60, deadline=None)
def test_the_order_of_vessels_changes_nothing(law, seed):
    points, rows = world(seed)
    order = np.random.default_rng(seed).permutation(len(rows))
    laws, tables = kernel_laws([law])
    vessels = chance.identities(chance.identity("v"), len(rows))
    counts = []
    for chosen in (np.arange(len(rows)), order):
        fleet = fleet_without_traits(rows[chosen], np.arange(len(rows)), vessels[chosen], np.zeros(len(rows), "U1"))
        eyes = np.array([[chance.identity("eye")]], np.uint64)
        counts.append(count_along([legs_along(points, 200.0)], [fleet], TRIAL.key, eyes, laws, tables))
    assert counts[0] == counts[1]
    # Search numbers its targets by their beginning, whatever order they come in.
    assert np.sort(scores(law, points, rows)) == pytest.approx(np.sort(scores(law, points, rows[order])), abs=1e-12)


@given(st.sampled_from(TRIED), seeds, st.floats(1.0, 1.5))
@settings(max_examples=60, deadline=None)
def test_more_effort_or_a_wider_law_never_lowers_detection(law, seed, more):
    points, rows = world(seed)
    before = scores(law, points, rows)
    assert np.all(scores(law, np.vstack([points, points[:2]]), rows) >= before - 1e-12)
    if law is not CURVE:  # a pass at a joint of two legs moves when the curve is stretched
        wider = Search(Trial(TRIAL.rng, TRIAL.key, 1, 0.02), law, rows)
        wider.fly(points)
        if law is not RADAR:  # stretched at the same looks a pass, it looks less often
            assert np.all(wider.scores >= before - 1e-9)


@pytest.mark.parametrize("law", [*LAWS, "two sensors"], ids=lambda law: law if isinstance(law, str) else law["kind"])
def test_those_that_can_change_a_flight_and_the_rest_are_detected_alike(law):
    """Contacts are the same whoever counts them: the flight as it goes, or the one pass after it."""
    sets = {"duration_days": 6, "outputs.contacts": True, "background.merchant.mean_leg_nmi": 60.0}
    sets |= {"aircraft.cp140.identification.max_detour_nmi": 1e-3}  # nobody is worth a detour
    if law == "two sensors":
        sets |= {"sensors.eyes": {"kind": "visual", "law": LATERAL | {"distance_nmi": [0.0, 4.0, 8.0, 12.0]}}}
        sets |= {"sensors.eyes.law.detection_probability": [0.9, 0.8, 0.3, 0.0], "sensors.radar.law": INVERSE_CUBE}
        sets |= {"aircraft.cp140.sensors": ["radar", "eyes"]}
    else:
        sets |= {"sensors.radar.law": {k: list(v) if isinstance(v, tuple) else v for k, v in law.items()}}
    counts = []
    for share in (0.0, 0.5, 1.0):
        log = simulate(load_scenario("neon-spring", {**sets, "background.merchant.suspicious_share": share}), 3, 0)
        counts.append(log.contacts)
    assert counts[0] == counts[1] == counts[2] > 100


@given(st.sampled_from(TRIED), seeds, st.integers(2, 20))
@settings(max_examples=100, deadline=None)
def test_a_crew_stops_for_a_vessel_whose_track_is_in_pieces_when_it_would_for_a_whole_one(law, seed, pieces):
    """What was gained before a turn within the leg counts towards the look that stops the flight."""
    rng = np.random.default_rng(seed)
    place, motion = rng.uniform(-12, 12, 2), rng.normal(0, 10, 2)
    cuts = np.linspace(0.0, 1.0, pieces + 1)
    places = place + np.outer(cuts[:-1] - 0.5, motion)
    cut = np.column_stack([cuts[:-1], cuts[1:], places, np.tile(motion, (pieces, 1))])
    whole = np.array([[0.0, 1.0, *(place - 0.5 * motion), *motion]])
    stops = []
    for rows in (whole, cut):
        search = Search(TRIAL, law, rows, coins=True, owner=np.zeros(len(rows), np.int64))
        stops.append(search.fly(np.array([[0.0, -100.0], [0.0, 100.0]]), stop=True))
    assert stops[0] == pytest.approx(stops[1], abs=1e-7)


def seen_along(points, place=(0.0, 0.0), life=(-10.0, 10.0)):
    """Probability of detection of one vessel by the lateral range law along a path."""
    search = Search(TRIAL, CURVE, np.array([[*life, *place, 0.0, 0.0]]))
    search.fly(np.array(points, float))
    return float(search.scores[0])


def test_a_lateral_range_law_acts_at_each_closest_approach():
    straight = [[-100.0, 5.0], [100.0, 5.0]]
    assert seen_along(straight) == pytest.approx(0.8)
    assert seen_along([*straight, [100.0, 12.5], [-100.0, 12.5]]) == pytest.approx(1.0 - 0.2 * (1.0 - 0.55))
    assert seen_along([[0.0, 60.0], [0.0, 12.5], [40.0, 60.0]]) == pytest.approx(0.55)  # it comes, and turns away
    assert seen_along([[0.0, 60.0], [0.0, 12.5], [0.0, 10.0], [40.0, 60.0]]) == pytest.approx(0.8 - 5 * 0.5 / 15)
    assert seen_along(straight, life=(-1.0, 0.49)) == 0.0  # gone before the aircraft is abeam, at 0.5 h
    assert seen_along(straight, life=(0.51, 9.0)) == 0.0  # there only after
    assert seen_along([[-100.0, 31.0], [100.0, 31.0]]) == 0.0


def test_a_lateral_range_detection_happens_when_abeam():
    laws, tables = kernel_laws([law_of(LATERAL)])
    exposure, when = kernels.exposure(laws, tables, -50.0, 5.0, 200.0, 0.0, 1.0, 1.6, 0.5)
    assert (exposure, when) == (pytest.approx(-np.log(0.2)), pytest.approx(1.25))
    assert kernels.exposure(laws, tables, -50.0, 5.0, 200.0, 0.0, 1.0, 1.2, 0.5) == (0.0, np.inf)
