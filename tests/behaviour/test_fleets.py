"""Fleets, ships at anchor and lawful transfers: who they are, where they sail, and what must not change them."""

import numpy as np
import pytest
import shapely

from sim import load_scenario
from sim.core.chance import replication_key
from sim.core.codes import ALONGSIDE, DARK, LISTED, STATIONARY, STATIONARY_KN, SUSPICIOUS
from sim.deployment.engine import fly
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from sim.deployment.world import prepare, realise
from sim.scenario.problems import InputError
from tests.helpers import events, rules_and_keys, standard_errors

KEY = replication_key(3, 0)
LIMIT = 3.7
SHARES = {"suspicious_share": 0.3, "dark_share": 0.2, "listed_share": 0.1}
COAST = [[121.0, 31.0], [126.8, 31.0], [126.8, 35.5], [121.0, 35.5]]
FLEET = {"kind": "fleet", "area": "ground", "present": 40.0, "speed_kn": {"low": 3.0, "high": 5.0}}
PORT = {"trip_days": {"mean": 2.0, "max": 5.0}, "port": [122.3, 30.0]}
STRETCHES = {"trawl_h": {"mean": 4.0}, "drift_h": 3.0}
PAIRS = {"kind": "bunkering", "area": "ground", "present": 20.0, "duration_h": {"median": 6.0, "sigma": 0.5}}
ROAD = {"kind": "anchorage", "area": "ground", "present": 20.0, "stay_h": {"mean": 30.0}}
KINDS = {
    "boats": FLEET,
    "boats that drift": {**FLEET, **STRETCHES},
    "boats with a port": {**FLEET, **PORT},
    "pair trawlers": {**FLEET, **PORT, **STRETCHES, "pair": True, "dark_share": 0.2},
    "bunkering": PAIRS,
    "anchorage": ROAD,
}


def scenario_with(spec, area=COAST, **sets):
    tables = {"extends": "neon-spring", "duration_days": 4, "areas": {"ground": {"polygon": area}}}
    return load_scenario({**tables, "background": {"others": spec}}, sets)


def plan_of(spec, area=COAST, **sets):
    scenario = scenario_with(spec, area, **sets)
    return scenario, plan_traffic(scenario, "others")


def ships(plan, key=KEY, all_ships=True):
    return plan.realise(key, all_ships, SegmentBuffers())


def ends_of(rows):
    return rows[:, 2:4] + rows[:, 4:6] * (rows[:, 1] - rows[:, 0])[:, None]


# ------------------------------------------------------------------------------------------------ what changes nothing
@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_the_same_vessels_sail_whatever_the_patrols_do(spec):
    """Another route, another sensor and another schedule: bit for bit the same segments."""
    plain = realise(prepare(scenario_with({**spec, **SHARES})), 1, 2)
    sets = {"routes.search.spacing_nmi": 60.0, "sensors.radar.resolution_m": 30.0, "patrols.aurora.every_h": 36.0}
    other = realise(prepare(scenario_with({**spec, **SHARES}, **sets)), 1, 2)
    assert len(plain.targets.rows) > 20
    assert np.array_equal(plain.targets.rows, other.targets.rows)
    assert np.array_equal(plain.targets.vessels, other.targets.vessels)


@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_those_with_a_trait_are_the_same_whether_or_not_the_others_are_asked_for(spec):
    _, plan = plan_of({**spec, **SHARES})
    suspects, others = ships(plan)
    alone, nobody = ships(plan, all_ships=False)
    assert nobody is None
    for column, other in zip(suspects, alone, strict=True):
        assert np.array_equal(column, other)
    assert np.all(suspects.traits != 0)
    assert not np.any(others.traits)
    assert not set(suspects.vessels.tolist()) & set(others.vessels.tolist())


def test_reused_buffers_give_the_boats_of_new_ones():
    few, many = (plan_of({**FLEET, "present": present})[1] for present in (5.0, 500.0))
    buffers = SegmentBuffers()
    few.realise(KEY, True, buffers)
    _, reused = many.realise(KEY, True, buffers)
    _, new = ships(many)
    assert np.array_equal(reused.rows, new.rows)


# ------------------------------------------------------------------------------------------------ how they sail
@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_each_vessel_goes_on_from_where_its_last_segment_ended(spec):
    scenario, plan = plan_of({**spec, "suspicious_share": 0.5})
    fleets = [fleet for fleet in ships(plan) if fleet.vessels.size]
    assert len(fleets) >= 1
    for fleet in fleets:
        assert np.array_equal(np.unique(fleet.owner), np.arange(fleet.vessels.size))
        order = np.lexsort((fleet.rows[:, 0], fleet.owner))
        rows, owner = fleet.rows[order], fleet.owner[order]
        same = owner[1:] == owner[:-1]
        assert rows[1:, 0][same] == pytest.approx(rows[:-1, 1][same], abs=1e-9)
        assert rows[1:, 2:4][same] == pytest.approx(ends_of(rows)[:-1][same], abs=1e-6)
        assert np.all(rows[:, 1] >= rows[:, 0])
        assert not shapely.intersects(scenario.plane.land, shapely.points(rows[:, 2:4])).any()


def assert_not_ashore(plane, plan, key):
    """No segment of any vessel touches land; returns the number of segments."""
    rows = np.vstack([fleet.rows for fleet in ships(plan, key) if fleet is not None])
    tracks = shapely.linestrings(np.stack([rows[:, 2:4], ends_of(rows)], axis=1))
    land = plane.land
    shapely.prepare(land)
    assert not shapely.intersects(land, tracks).any()
    return len(rows)


def random_area(rng):
    """A polygon of 3 to 12 corners about a random place of the theatre: a star, which never crosses itself."""
    angles = np.sort(rng.uniform(0.0, 2.0 * np.pi, rng.integers(3, 13)))
    radius = rng.uniform(0.2, 1.0, angles.size) * rng.uniform(0.2, 2.5)
    middle = rng.uniform([121.0, 25.0], [143.0, 43.0])
    return np.round(middle + np.column_stack([radius * np.cos(angles), radius * np.sin(angles)]), 4).tolist()


PORTS = [[122.3, 30.0], [126.39, 34.78], [129.05, 35.1], [129.4, 36.0], [135.2, 34.6], [139.8, 35.3], [141.5, 40.5]]


def no_vessel_ashore(areas, with_port, seed):
    """Boats of random areas, some of them with a port anywhere in the theatre; how many areas had a sea for them."""
    rng, laid = np.random.default_rng(seed), 0
    for number in range(areas):
        area, spec = random_area(rng), {**FLEET, **STRETCHES, "present": 10.0, "mean_leg_nmi": 20.0}
        if number % with_port == 0:
            spec |= {**PORT, "port": PORTS[rng.integers(len(PORTS))]}
        try:
            scenario, plan = plan_of(spec, area, duration_days=2)
        except InputError:  # an area on land, or too thin
            continue
        laid += assert_not_ashore(scenario.plane, plan, replication_key(seed, number)) > 0
    return laid


def test_no_vessel_of_random_areas_comes_ashore():
    assert no_vessel_ashore(40, 20, 1) > 20


@pytest.mark.soak
def test_no_vessel_of_a_thousand_random_areas_comes_ashore():
    assert no_vessel_ashore(1400, 10, 2) > 1000


def test_a_way_home_leads_round_land():
    """From the Yellow Sea to Pohang: far longer than the straight line, which crosses Korea."""
    scenario, plan = plan_of({**FLEET, **PORT, "port": [129.4, 36.0]}, [[124.0, 36.0], [125.0, 36.0], [124.5, 37.0]])
    straight = np.hypot(*(plan.harbour.probes - plan.harbour.place).T).mean()
    assert plan.harbour.mean_nmi > 1.5 * straight
    ways = [shapely.LineString(way) for way in plan.harbour.probe_ways]
    assert not shapely.intersects(scenario.plane.land, ways).any()


def test_the_shore_that_boats_keep_off_covers_all_land():
    from sim.model.clear_sea import clear_sea

    scenario = scenario_with(FLEET)
    for box in ((121.0, 31.0, 126.8, 35.5), (128.0, 32.0, 135.0, 36.0), (138.0, 34.0, 142.0, 41.0)):
        sea = clear_sea(scenario.plane, shapely.box(*box))
        assert shapely.distance(sea, scenario.plane.land) > 0.1
        assert shapely.distance(sea, scenario.plane.land) < 2.1


# ------------------------------------------------------------------------------------------------ what they look like
def test_traits_follow_their_shares_and_those_that_lie_still_are_stationary():
    _, plan = plan_of({**ROAD, **SHARES, "present": 2000.0})
    suspects, _ = ships(plan)
    assert np.all(suspects.traits & STATIONARY)
    assert not np.any(suspects.traits & ALONGSIDE)
    for bit, share in ((SUSPICIOUS, 0.3), (DARK, 0.2), (LISTED, 0.1)):
        found, count = np.mean((suspects.traits & bit) > 0), suspects.vessels.size
        assert standard_errors(found, share, np.sqrt(share * (1.0 - share) / count)) < LIMIT


@pytest.mark.parametrize("name", ["pair trawlers", "bunkering"])
def test_pairs_are_one_target_of_two_hulls(name):
    scenario, plan = plan_of({**KINDS[name], **({"vessels": ["boat"]} if name == "bunkering" else {"vessel": "boat"})},
                             **{"vessels.boat": {"length_m": 35.0, "height_ft": 30.0}})  # fmt: skip
    suspects, others = ships(plan)
    assert suspects.vessels.size > 10
    assert np.all(suspects.traits & ALONGSIDE)
    assert others.vessels.size == 0
    assert plan.spec.hull_sets == (("boat", "boat"),)
    assert plan.spec.hull_gaps_m == ((25.0,) if name == "bunkering" else (300.0,))
    assert scenario.background["others"].plain_share == 0.0


def test_a_crew_sees_a_boat_lie_still_only_while_it_drifts():
    """Boats are worth a flight for lying still alone; some are, and each was slow when it was detected."""
    rules = {"aircraft.cp140.identification.priority": {"stationary": 1.0}, "transfers.fuel.per_month": 0.0}
    area = [[123.3, 27.0], [127.0, 27.0], [127.0, 32.0], [123.3, 32.0]]
    scenario = scenario_with({**FLEET, **STRETCHES}, area, **rules)
    plan = prepare(scenario)
    world = realise(plan, 1, 0)
    log = fly(plan, world, 0)
    visited = {target for sortie in log.sorties for _, target, why in sortie.investigations if why == "stationary"}
    assert len(visited) > 5
    rows, order, starts = world.targets.rows, *world.targets.by_vessel

    def speed(vessel, hour):
        own = rows[order[starts[vessel] : starts[vessel + 1]]]
        now = own[(own[:, 0] <= hour) & (hour < own[:, 1])][0]
        return np.hypot(now[4], now[5])

    found = [(event.vessel, event.time_h) for event in events(log, "detected")]
    slow = {vessel for vessel, hour in found if speed(vessel, hour) < STATIONARY_KN}
    assert visited <= slow
    assert {vessel for vessel, _ in found} - slow  # others were detected while they trawled, and nobody went there


# ------------------------------------------------------------------------------------------------ advice
@pytest.mark.parametrize("spec", [FLEET, ROAD, PAIRS], ids=["fleet", "anchorage", "bunkering"])
def test_check_warns_of_a_crowded_sea(spec):
    small = [[124.0, 31.0], [124.2, 31.0], [124.2, 31.2], [124.0, 31.2]]
    assert ("crowded_sea", "background.others.present") in rules_and_keys(
        scenario_with({**spec, "present": 1e4}, small)
    )
    assert ("crowded_sea", "background.others.present") not in rules_and_keys(scenario_with(spec, small))
