"""The world before anybody flies: uniform, stationary, Poisson, with its nights. Distances in standard errors."""

import numpy as np
import pytest
import shapely

from sim import load_scenario
from sim.core.chance import replication_key
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from sim.deployment.transfers import realise_transfers
from sim.deployment.world import prepare, realise
from sim.model.sun import Sun
from sim.model.weather import plan_weather, realise_weather
from tests.helpers import scores_from, standard_errors

STILL = realise_weather(plan_weather(load_scenario("textbook")), replication_key(0, 0))

LIMIT = 3.7
CONCAVE = [[124.0, 27.0], [127.0, 27.0], [127.0, 30.0], [126.0, 30.0], [126.0, 28.0], [124.0, 28.0]]


def present_at(fleet, hour):
    """Places and velocities of the vessels that exist at an hour."""
    rows = fleet.rows
    now = rows[(rows[:, 0] <= hour) & (hour < rows[:, 1])]
    return now[:, 2:4] + now[:, 4:6] * (hour - now[:, :1]), now[:, 4:6]


@pytest.mark.parametrize("mean_leg", [None, 40.0])
@pytest.mark.parametrize("area", ["as it ships", "concave"])
def test_traffic_is_stationary_uniform_and_isotropic(mean_leg, area):
    sets = {"background.merchant.suspicious_share": 1.0, "duration_days": 3}
    if mean_leg:
        sets["background.merchant.mean_leg_nmi"] = mean_leg
    if area == "concave":
        sets["areas.east_china_sea.polygon"] = CONCAVE
    scenario = load_scenario("neon-spring", sets)
    plan = plan_traffic(scenario, "merchant")
    sea = shapely.simplify(scenario.plane.sea(scenario.areas["east_china_sea"].shape), 1.0)
    west, south, east, north = sea.bounds
    half = shapely.intersection(sea, shapely.box(west, south, (west + east) / 2, north)).area / sea.area
    counts, lefts, norths, speeds = [], [], [], []
    for replication in range(40):
        fleet, _ = plan.realise(replication_key(7, replication), False, SegmentBuffers())
        for hour in (0.0, 23.0, 71.0):
            place, velocity = present_at(fleet, hour)
            counts.append(len(place))
            lefts.append(np.mean(place[:, 0] < (west + east) / 2))
            norths.append(np.mean(velocity[:, 1] > 0))
            speeds.append(np.hypot(*velocity.T).mean())
            assert shapely.contains_xy(shapely.buffer(sea, 0.01), place[:, 0], place[:, 1]).all()
    by_hour = np.array(counts).reshape(40, 3)
    for column in by_hour.T:
        assert standard_errors(column.mean(), 500.0, np.sqrt(500.0 / 40)) < LIMIT
    lefts, norths, speeds = (np.array(v).reshape(40, 3).mean(axis=1) for v in (lefts, norths, speeds))
    assert scores_from(lefts, half) < LIMIT
    assert scores_from(norths, 0.5) < LIMIT
    assert scores_from(speeds, 11.0) < LIMIT  # uniform 8 to 14 among those present, not among those who enter


def transfers_of(sets, replications, name="neon-spring"):
    plan = prepare(load_scenario(name, {"background.merchant.present": 0.0, **sets}))
    return plan, [realise_transfers(plan.transfers, replication_key(3, r), STILL) for r in range(replications)]


def test_transfers_are_a_poisson_process_already_under_way_at_the_start():
    _, tables = transfers_of({}, 400)
    counts = np.array([table.counted.sum() for table in tables])
    assert standard_errors(counts.mean(), 22.0, np.sqrt(22.0 / 400)) < LIMIT
    assert standard_errors(counts.var(ddof=1), 22.0, np.sqrt((22.0 + 2 * 22.0**2) / 400)) < LIMIT
    mean_h = 5.0 * np.exp(0.5**2 / 2.0)
    for hour in (12.0, 12.0 + 24 * 15):  # one hour of the day, weeks apart: Little's law over a whole day
        hours = hour + np.arange(0, 24, 0.5)
        present = np.array([np.mean([((t.begin <= h) & (h < t.end)).sum() for h in hours]) for t in tables])
        assert scores_from(present, 22.0 / 720.0 * mean_h) < LIMIT


def test_transfers_lie_uniformly_over_the_true_area_of_the_sea():
    plan, tables = transfers_of({"transfers.fuel.per_month": 2000.0}, 6)
    lat = np.concatenate([plan.scenario.plane.to_lonlat(t.x, t.y)[1] for t in tables])
    lon = np.concatenate([plan.scenario.plane.to_lonlat(t.x, t.y)[0] for t in tables])
    from pyproj import Geod

    geod = Geod(ellps="WGS84")

    def area(low, high):
        ring = shapely.segmentize(shapely.box(123.3, low, 127.0, high), 0.01)
        return abs(geod.geometry_area_perimeter(ring)[0])

    for parallel in (28.0, 29.5, 31.0):
        expected = area(27.0, parallel) / area(27.0, 32.0)
        assert standard_errors((lat < parallel).mean(), expected, np.sqrt(expected * (1 - expected) / lat.size)) < LIMIT
    assert standard_errors((lon < 125.15).mean(), 0.5, 0.5 / np.sqrt(lon.size)) < LIMIT


@pytest.mark.parametrize("share", [0.0, 0.25, 0.6, 1.0])
def test_the_night_share_begins_between_sunset_and_sunrise(share):
    plan, tables = transfers_of({"transfers.fuel.per_month": 1000.0, "transfers.fuel.night_share": share}, 4)
    begin = np.concatenate([t.begin[t.counted] for t in tables])
    lon, lat = plan.scenario.plane.to_lonlat(
        np.concatenate([t.x[t.counted] for t in tables]), np.concatenate([t.y[t.counted] for t in tables])
    )
    dark = Sun(plan.scenario.start).elevation(begin, lon, lat) < -0.833
    slack = 0.001  # the sun's height and the iterated sunset differ by seconds
    assert abs(dark.mean() - share) < LIMIT * np.sqrt(max(share * (1 - share), 1e-9) / begin.size) + slack


def test_a_transfer_of_the_textbook_is_detected_as_often_as_its_formula_says():
    """P = p (L + tau) / T = 0.375; the replication is the unit."""
    from sim import run

    results = run("textbook", 120, seed=5, sets={"transfers.events.per_month": 300.0}, keep=0)
    found, all_ = results.columns["detected"], results.columns["transfers"]
    residual = found - 0.375 * all_
    assert all_.sum() > 35_000
    assert standard_errors(residual.mean(), 0.0, residual.std(ddof=1) / np.sqrt(120)) < LIMIT


def test_ships_do_not_change_when_the_route_the_sensor_or_the_schedule_does():
    plain = realise(prepare(load_scenario("neon-spring")), 1, 4)
    for name in ("neon-barrier", "neon-haze", "neon-night"):
        other = realise(prepare(load_scenario(name)), 1, 4)
        assert np.array_equal(plain.targets.rows, other.targets.rows)
        assert np.array_equal(plain.transfers.begin, other.transfers.begin)


def test_vessels_are_under_way_to_and_from_transfers_at_any_hour():
    """Two hulls for approach_h before and after each transfer: the mean number holds from hour 0 to the end."""
    sets = {"background.merchant.present": 0.0, "duration_days": 3, "transfers.fuel.per_month": 1500.0}
    sets |= {"transfers.fuel.approach_h": 10.0, "transfers.fuel.night_share": 0.5, "outputs.contacts": True}
    plan = prepare(load_scenario("neon-spring", sets))
    hours = np.array([0.5, 24.5, 47.9, 71.9])
    counts = np.empty((60, 4))
    for replication in range(60):
        (fleet,) = [f for f in realise(plan, 5, replication).others if f.vessels.size]
        counts[replication] = [((fleet.rows[:, 0] <= h) & (h < fleet.rows[:, 1])).sum() for h in hours]
    # The same hour of a day a day apart has the same mean: the first hour and the last are like those within.
    assert scores_from(counts[:, 0] - counts[:, 1], 0.0) < LIMIT
    assert scores_from(counts[:, 3] - counts[:, 2], 0.0) < LIMIT
    assert counts.min() > 0
