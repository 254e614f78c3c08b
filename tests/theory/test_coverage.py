"""The coverage field against brute force, and against closed forms."""

from itertools import pairwise

import numpy as np
import pytest

from sim import load_scenario
from sim.deployment.engine import simulate
from sim.deployment.patrols import plan_patrol
from sim.deployment.transfers import plan_transfers
from sim.deployment.world import prepare
from sim.model.beginnings import begin_density
from sim.model.sun import Sun
from sim.scenario.problems import InputError
from sim.study.maps.coverage import FlownSortie, coverage_field
from tests.helpers import INVERSE_CUBE

DEFINITE = {"kind": "definite_range", "range_nmi": 30.0, "probability": 0.6}
LATERAL = {
    "kind": "lateral_range",
    "distance_nmi": [0.0, 10.0, 40.0, 60.0],
    "detection_probability": [0.9, 0.8, 0.3, 0.0],
}
SHORT = {"duration_days": 4, "background.merchant.present": 150.0}


def brute_force(scenario, source, replications, point, tau):
    """The definition itself, on a time grid of half a minute."""
    law = scenario.sensors["radar"].law
    lon, lat = scenario.plane.to_lonlat(*point[:, None])
    share = source.spec.night_share if source else None
    breaks, weights = begin_density(Sun(scenario.start), share, scenario.duration_h, lon, lat)
    step = 1.0 / 120.0
    starts = np.arange(step / 2, scenario.duration_h, step)
    density = weights[0][np.searchsorted(breaks[0], starts, side="right") - 1]
    total = 0.0
    for sorties in replications:
        exposure = np.zeros(starts.size)
        for sortie in sorties:
            legs = sortie.legs
            grid = np.append(np.arange(legs[0, 0], legs[-1, 1], step / 4), legs[-1, 1])
            row = np.clip(np.searchsorted(legs[:, 0], grid, side="right") - 1, 0, len(legs) - 1)
            share = np.clip((grid - legs[row, 0]) / (legs[row, 1] - legs[row, 0]), 0, 1)
            place = legs[row, 2:4] + share[:, None] * (legs[row, 4:6] - legs[row, 2:4])
            r = np.hypot(*(place - point).T)
            if law.kind == "definite_range":
                near = np.concatenate([[0.0], np.cumsum(r < law.range_nmi)])
                edges = np.append(grid, grid[-1] + step / 4)
                seen = np.interp(starts + tau, edges, near) - np.interp(starts, edges, near)
                exposure += np.where(seen > 0.5, law.jump, 0.0)
                continue
            if law.kind == "lateral_range":
                least = 1 + np.flatnonzero((r[1:-1] < r[:-2]) & (r[1:-1] <= r[2:]))
                jumps = -np.log1p(-np.interp(r[least], law.distance_nmi, law.detection_probability))
                for when, jump in zip(grid[least], jumps, strict=True):
                    exposure += np.where((starts < when) & (when < starts + tau), jump, 0.0)
                continue
            inside = r < law.reach_nmi
            rate = np.where(inside, law.rate(r) if law.kind == "scan" else law.strength / np.maximum(r, 1e-6) ** 3, 0.0)
            summed = np.concatenate([[0.0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(grid))])
            exposure += np.interp(starts + tau, grid, summed) - np.interp(starts, grid, summed)
        total += float(np.sum(density * -np.expm1(-exposure)) * step)
    return total / len(replications)


@pytest.mark.parametrize(
    "law", [None, INVERSE_CUBE, DEFINITE, LATERAL], ids=["scan", "inverse_cube", "definite_range", "lateral_range"]
)
@pytest.mark.parametrize("second", [False, True], ids=["one aircraft", "two at once"])
def test_the_field_is_within_two_thousandths_of_its_definition(law, second):
    sets = dict(SHORT)
    if law:
        sets["sensors.radar.law"] = law
    if second:
        sets["patrols.second"] = {
            "aircraft": "cp140",
            "base": "kadena",
            "routes": ["search"],
            "first_takeoff_h": 18.0,
            "every_h": 30.0,
        }
    scenario = load_scenario("neon-spring", sets)
    plan = prepare(scenario)
    replications = [[FlownSortie(s.patrol, s.flown[:, :6]) for s in simulate(plan, 2, r).sorties] for r in range(2)]
    rng = np.random.default_rng(4)
    points = np.column_stack([rng.uniform(-480, -210, 8), rng.uniform(-440, -60, 8)])
    for tau, source in ((5.0, plan.transfers[0]), (1.5, None)):
        field = coverage_field(scenario, plan.patrols, list(enumerate(replications)), points, tau, source, 1)
        exact = [brute_force(scenario, source, replications, point, tau) for point in points]
        assert np.max(np.abs(field - exact)) < 0.002
        assert max(exact) > 0.05


def ladder(begin_h):
    """Rows 12 nmi apart, each of two legs; then a slow leg, as beside a ship, a wait, and the way home."""
    corners = [(0.0, -200.0, 350.0), (0.0, 90.0, 350.0)]
    for row in range(4):
        y = 90.0 + 12.0 * row
        corners += [(x, y, 210.0) for x in ((0.0, 47.0, 110.0) if row % 2 == 0 else (110.0, 31.0, 0.0))]
    corners += [(0.8, 127.5, 9.0), (60.0, 60.0, 350.0), (60.0, 60.0, 0.0), (0.0, -200.0, 350.0)]
    legs, t = [], begin_h
    for (x0, y0, _), (x1, y1, speed) in pairwise(corners):
        way = np.hypot(x1 - x0, y1 - y0)
        if way == 0.0 and speed > 0.0:
            continue
        hours = way / speed if speed > 0.0 else 0.3
        legs.append([t, t + hours, x0, y0, x1, y1])
        t += hours
    return FlownSortie("aurora", np.array(legs))


STEEP = {
    "kind": "scan",
    "probability": 0.9,
    "range_half_nmi": 40.0,
    "roll_off": 20.0,
    "max_range_nmi": 60.0,
    "look_interval_s": 300.0,
}
WEAK = {"kind": "inverse_cube", "sweep_width_nmi": 4.0, "reference_speed_kn": 210.0, "max_range_nmi": 60.0}


@pytest.mark.parametrize(
    "law", [None, STEEP, INVERSE_CUBE, WEAK], ids=["scan", "steep scan", "inverse cube", "weak inverse cube"]
)
def test_the_field_holds_its_error_beside_legs_and_at_edges(law):
    """Between parallel legs, close to them, where they begin and end, and just within the maximum range."""
    sets = {"duration_days": 2, "background.merchant.present": 0.0, **({"sensors.radar.law": law} if law else {})}
    scenario = load_scenario("neon-spring", sets)
    plan = prepare(scenario)
    sorties = [ladder(1.0), ladder(3.1), ladder(26.0)]
    reach = scenario.sensors["radar"].law.reach_nmi
    rng = np.random.default_rng(7)
    beside = [(x, 90.0 + 12.0 * row + off) for x in (5.0, 60.0) for row in (0, 3) for off in (0.7, 3.0, 6.0)]
    ends = [(110.0 + off, 102.0 - off) for off in (-4.0, 0.5, 4.0)] + [(1.5, 126.5), (-3.0, 2.0), (58.0, 62.0)]
    edges = [(110.0 + share * reach, 95.0) for share in (0.9, 0.99)] + [(50.0, 126.0 + 0.97 * reach)]
    behind = [(60.0 * share, -200.0 - share * reach) for share in (0.6, 0.7, 0.8)]  # of the base: legs begin in range
    around = rng.uniform((-60.0, -30.0), (170.0, 190.0), (20, 2))
    points = np.vstack([beside, ends, edges, behind, around])
    field = coverage_field(scenario, plan.patrols, [(0, sorties)], points, 4.0, None, 1)
    exact = [brute_force(scenario, None, [sorties], point, 4.0) for point in points]
    assert np.max(np.abs(field - exact)) < 0.002
    assert max(exact) > 0.1


def test_the_field_at_a_place_does_not_depend_on_the_others():
    """Legs in range are found for a tile of places at once, and pairs with AIS and without are computed together."""
    scenario = load_scenario("neon-crew", {"duration_days": 3, "background.merchant.present": 50.0})
    plan = prepare(scenario)
    sorties = [FlownSortie(s.patrol, s.flown[:, :6]) for s in simulate(plan, 2, 0).sorties]
    points = np.random.default_rng(4).uniform((-480, -440), (-210, -60), (40, 2))
    together = coverage_field(scenario, plan.patrols, [(0, sorties)], points, 5.0, plan.transfers[0], 1)
    for point, value in zip(points[:5], together, strict=False):
        alone = coverage_field(scenario, plan.patrols, [(0, sorties)], point[None], 5.0, plan.transfers[0], 1)
        assert alone[0] == pytest.approx(value, abs=1e-12)
    by_class = []
    for dark in (0.0, 1.0):
        other = load_scenario("neon-crew", {"duration_days": 3, "transfers.fuel.dark_share": dark})
        source = plan_transfers(other, "fuel")
        by_class.append(coverage_field(other, prepare(other).patrols, [(0, sorties)], points, 5.0, source, 1))
    dark = scenario.transfers["fuel"].dark_share
    assert together == pytest.approx((1.0 - dark) * by_class[0] + dark * by_class[1], abs=1e-9)
    assert np.max(by_class[0] - by_class[1]) > 0.01


def test_one_search_for_two_classes_of_pairs_counts_for_each():
    """A radar with a definite range sees ships with AIS and without alike: the shares of the two change nothing."""
    fields = []
    for dark in (0.0, 0.4, 1.0):
        sets = {**SHORT, "sensors.radar.law": DEFINITE, "transfers.fuel.dark_share": dark}
        sets |= {"sensors.ais": {"kind": "ais", "law": DEFINITE | {"range_nmi": 0.01}}}
        sets |= {"aircraft.cp140.sensors": ["radar", "ais"]}
        scenario = load_scenario("neon-spring", sets)
        patrols, source = prepare(scenario).patrols, plan_transfers(scenario, "fuel")
        points = np.array([[40.0, 93.0]])
        fields.append(coverage_field(scenario, patrols, [(0, [ladder(26.0)])], points, 4.0, source, 1))
    assert fields[1] == pytest.approx(fields[0], abs=1e-9)
    assert fields[2] == pytest.approx(fields[0], abs=1e-9)
    assert fields[0].min() > 0.02


def test_the_field_of_the_textbook_is_flat_at_its_closed_form():
    scenario = load_scenario("textbook")
    plan = prepare(scenario)
    sorties = [FlownSortie(s.patrol, s.flown[:, :6]) for s in simulate(plan, 1, 0).sorties]
    x, y = scenario.plane.to_xy([126.45, 126.7, 127.05], [26.65, 27.1, 26.8])
    field = coverage_field(scenario, plan.patrols, [(0, sorties)], np.column_stack([x, y]), 4.0, None, 1)
    assert field == pytest.approx(0.375, abs=1e-9)


def test_the_field_averages_to_the_share_that_was_detected():
    """Over the area, at the true durations, the field's mean is P(detected): judged by the run's own interval."""
    scenario = load_scenario("neon-spring", {"transfers.fuel.duration_h": 5.0, "background.merchant.present": 0.0})
    plan = prepare(scenario)
    logs = [simulate(plan, 6, r) for r in range(60)]
    rng = np.random.default_rng(5)
    tables = [simulate(plan, 99, r).world.transfers for r in range(4)]
    points = np.vstack([np.column_stack([t.x, t.y]) for t in tables])
    points = points[rng.permutation(len(points))[:60]]
    replications = [[FlownSortie(s.patrol, s.flown[:, :6]) for s in log.sorties] for log in logs[:10]]
    field = coverage_field(scenario, plan.patrols, list(enumerate(replications)), points, 5.0, plan.transfers[0], 1)
    totals = [log.totals() for log in logs]
    found, all_ = (np.array([t[name] for t in totals], float) for name in ("detected", "transfers"))
    share = found.sum() / all_.sum()
    error = np.hypot((found - share * all_).std(ddof=1) / all_.mean() / np.sqrt(60), field.std(ddof=1) / np.sqrt(60))
    assert abs(field.mean() - share) < 3.7 * error


def test_aircraft_with_unequally_fine_tables_share_one_field():
    """A steep radar needs a finer table than a soft one; each patrol's part is what it is alone."""
    steep = {
        "kind": "radar",
        "law": {**load_scenario("neon-spring").sensors["radar"].law.model_dump(), "roll_off": 20.0},
    }
    other = load_scenario("neon-spring").aircraft["cp140"].model_dump(exclude_none=True) | {"sensors": ["steep"]}
    second = {"aircraft": "other", "base": "kadena", "routes": ["search"], "first_takeoff_h": 9.0, "every_h": 24.0}
    sets = {**SHORT, "sensors.steep": steep, "aircraft.other": other, "patrols.second": second}
    plan = prepare(load_scenario("neon-spring", sets))
    sorties = [FlownSortie(s.patrol, s.flown[:, :6]) for s in simulate(plan, 2, 0).sorties if s.patrol == "aurora"]
    points = np.random.default_rng(4).uniform((-480, -440), (-210, -60), (20, 2))
    both = coverage_field(plan.scenario, plan.patrols, [(0, sorties)], points, 5.0, None, 1)
    alone = coverage_field(plan.scenario, plan.patrols[:1], [(0, sorties)], points, 5.0, None, 1)
    assert plan.patrols[0].sensor_performance.tables.shape != plan.patrols[1].sensor_performance.tables.shape
    assert both == pytest.approx(alone, abs=1e-4)
    assert alone.max() > 0.1


def test_hours_in_which_no_transfer_can_begin_are_refused():
    scenario = load_scenario("neon-spring", {"transfers.fuel.night_share": 1.0, "duration_days": 0.25})
    with pytest.raises(InputError, match="--uniform"):
        coverage_field(scenario, [], [(0, [])], np.zeros((1, 2)), 5.0, plan_transfers(scenario, "fuel"), 1)


def test_nobody_flying_covers_nothing():
    scenario = load_scenario("neon-spring", {"patrols.aurora.sorties": 0})
    patrol = plan_patrol(scenario, "aurora")
    field = coverage_field(scenario, [patrol], [(0, [])], np.zeros((3, 2)), 5.0, None, 1)
    assert np.array_equal(field, np.zeros(3))
