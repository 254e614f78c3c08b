"""Fleets, ships at anchor and lawful transfers against theory: numbers, places, stays, speeds. In standard errors."""

from typing import Any

import numpy as np
import pytest
import shapely
from scipy import stats

from sim import load_scenario
from sim.core.chance import replication_key
from sim.core.fields import Quantity
from sim.core.stretches import Stretches
from sim.deployment.traffic.base import SegmentBuffers, TrafficPlan, plan_traffic
from tests.helpers import scores_from, standard_errors

LIMIT = 3.7
HOURS = (0.0, 50.0, 143.9)
NOTCHED = [[122.0, 27.0], [126.0, 27.0], [126.0, 31.0], [124.5, 31.0], [124.5, 28.5], [123.5, 28.5], [123.5, 31.0],
           [122.0, 31.0]]  # fmt: skip
OFF_KOREA = [[124.0, 33.5], [129.5, 33.5], [129.5, 35.5], [124.0, 35.5]]  # with Jeju in it and a coast about it
BOATS = {"kind": "fleet", "area": "ground", "present": 400.0, "speed_kn": {"low": 3.0, "high": 6.0}}
STRETCHES = {"trawl_h": {"mean": 5.0}, "drift_h": {"low": 1.0, "high": 5.0}, "drift_kn": 0.5}
TRIPS = {"trip_days": {"median": 2.0, "sigma": 0.6}, "passage_kn": 9.0}


def plan_of(spec: dict[str, Any], area: Any = NOTCHED, **sets: Any) -> TrafficPlan:
    """A source of background ships in an area, for six days."""
    sets = {"duration_days": 6, "areas.ground": {"polygon": area}, "background": {"boats": spec}, **sets}
    return plan_traffic(load_scenario({"extends": "neon-spring", **nested(sets)}), "boats")


def nested(sets: dict[str, Any]) -> dict[str, Any]:
    """Tables from keys with dots."""
    tables: dict[str, Any] = {}
    for key, value in sets.items():
        *path, last = key.split(".")
        table = tables
        for part in path:
            table = table.setdefault(part, {})
        table[last] = value
    return tables


def rows_of(plan: TrafficPlan, replication: int) -> Any:
    """The segments of all vessels of a replication."""
    fleets = plan.realise(replication_key(11, replication), True, SegmentBuffers())
    return np.vstack([fleet.rows for fleet in fleets if fleet is not None])


def at(rows: Any, hour: float) -> tuple[Any, Any]:
    """Places and speeds of those present at an hour."""
    now = rows[(rows[:, 0] <= hour) & (hour < rows[:, 1])]
    return now[:, 2:4] + now[:, 4:6] * (hour - now[:, :1]), np.hypot(*now[:, 4:6].T)


def cells_of(sea: Any, side: int) -> tuple[Any, Any]:
    """The cells of a grid over a sea, and the share of the sea in each; cells with little sea are left out."""
    west, south, east, north = sea.bounds
    x, y = np.linspace(west, east, side + 1), np.linspace(south, north, side + 1)
    cells = np.array([shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(side) for j in range(side)])
    shares = shapely.area(shapely.intersection(cells, sea)) / sea.area
    return cells[shares > 0.2 / side**2], shares[shares > 0.2 / side**2]


# ------------------------------------------------------------------------------------------------ boats at work
@pytest.mark.parametrize(
    "spec", [{}, STRETCHES, TRIPS, {**STRETCHES, **TRIPS}], ids=["trawl", "drift", "trips", "both"]
)
@pytest.mark.parametrize("area", [NOTCHED, OFF_KOREA], ids=["notched", "coast"])
def test_boats_at_work_are_uniform_in_the_area_at_every_hour(spec, area):
    """Chi-squared over cells: boats turn at the edges, round a notch and an island, and do not gather anywhere."""
    plan = plan_of({**BOATS, **spec, "mean_leg_nmi": 15.0}, area)
    cells, shares = cells_of(plan.sea, 6)
    shapely.prepare(cells)
    for hour in (HOURS[0], HOURS[-1]):
        places = np.vstack([at(rows_of(plan, replication), hour)[0] for replication in range(12)])
        assert shapely.contains_xy(shapely.buffer(plan.sea, 1e-6), *places.T).all()
        counts = np.array([shapely.contains_xy(cell, *places.T).sum() for cell in cells])
        expected = np.append(shares, max(1e-9, 1.0 - shares.sum())) * len(places)
        observed = np.append(counts, len(places) - counts.sum())
        kept = expected > 5.0
        chi2 = float((((observed - expected) ** 2 / expected)[kept]).sum())
        assert stats.chi2.sf(chi2, int(kept.sum()) - 1) > 1e-4


@pytest.mark.parametrize("spec", [{}, TRIPS], ids=["always", "trips"])
def test_the_number_at_work_is_poisson_with_the_mean_of_the_file(spec):
    plan = plan_of({**BOATS, "present": 60.0, **spec})
    counts = np.array([[at(rows, hour)[1].size for hour in HOURS] for rows in (rows_of(plan, r) for r in range(150))])
    assert counts.shape == (150, len(HOURS))
    for column in counts.T:
        assert standard_errors(column.mean(), 60.0, np.sqrt(60.0 / 150)) < LIMIT
        error = np.sqrt((60.0 + 2 * 60.0**2) / 150)
        assert standard_errors(column.var(ddof=1), 60.0, error) < LIMIT


def test_boats_trawl_and_drift_for_their_shares_of_the_time_at_every_hour():
    plan = plan_of({**BOATS, **STRETCHES, **TRIPS})
    shares = np.empty((30, len(HOURS)))
    for replication in range(30):
        rows = rows_of(plan, replication)
        shares[replication] = [np.mean(at(rows, hour)[1] > 1.0) for hour in HOURS]
    for column in shares.T:
        assert scores_from(column, 5.0 / (5.0 + 3.0)) < LIMIT
    assert plan.spec.share_slower_than(2.0) == pytest.approx(3.0 / 8.0, abs=1e-5)


def test_stretches_last_as_long_as_the_file_says():
    """Those of drifting that begin in the first two days, in six days none of them is cut off by the end."""
    plan = plan_of({**BOATS, **STRETCHES, "drift_kn": 0.0})
    fleet, _ = plan.realise(replication_key(2, 0), False, SegmentBuffers())
    still = np.hypot(*fleet.rows[:, 4:6].T) == 0.0
    begins, ends = fleet.rows[still, 0], fleet.rows[still, 1]
    drifts = (ends - begins)[(begins > 0.0) & (begins < 48.0)]
    assert drifts.size > 2000
    assert stats.kstest(drifts, stats.uniform(1.0, 4.0).cdf).pvalue > 1e-4


def test_legs_are_exponential_and_speeds_are_those_of_the_file():
    plan = plan_of({**BOATS, "mean_leg_nmi": 2.0})
    _, speeds = at(rows_of(plan, 0), 30.0)
    assert standard_errors(speeds.mean(), 4.5, 3.0 / np.sqrt(12.0 * speeds.size)) < LIMIT
    rows = rows_of(plan, 0)
    lengths = (rows[:, 1] - rows[:, 0]) * np.hypot(*rows[:, 4:6].T)
    inner = lengths[(rows[:, 0] > 0.0) & (rows[:, 0] < 100.0)]
    edges = float(np.hypot(*plan.edges[2:]).sum()) / (np.pi * plan.sea.area)  # turns at the edge in a mile
    assert standard_errors(inner.mean(), 1.0 / (0.5 + edges), inner.std() / np.sqrt(inner.size)) < LIMIT


def test_boats_on_passage_are_as_many_as_trips_and_the_way_ask_for_and_at_their_speed():
    plan = plan_of({**BOATS, "present": 100.0, **TRIPS, "port": [126.39, 34.78]}, OFF_KOREA)
    counts = np.empty((40, len(HOURS)))
    for replication in range(40):
        rows = rows_of(plan, replication)
        for number, hour in enumerate(HOURS):
            speeds = at(rows, hour)[1]
            counts[replication, number] = np.sum(speeds > 6.0)
            assert np.all((speeds <= 6.0) | (np.abs(speeds - 9.0) < 1e-6))
    mean = 100.0 / (48.0 * np.exp(0.18)) * 2.0 * plan.passage_h
    assert plan.on_passage(0.0, 144.0) == pytest.approx(mean, rel=1e-4)
    for column in counts.T:  # the length of the way is known by 256 places: within 3 %
        assert abs(column.mean() - mean) < LIMIT * np.sqrt(mean / 40) + 0.03 * mean


def test_what_a_plan_says_of_a_part_of_the_sea_is_what_is_there():
    plan = plan_of({**BOATS, **TRIPS, "port": [126.39, 34.78]}, OFF_KOREA)
    west, south, east, north = plan.sea.bounds
    halves = shapely.box(west, south, (west + east) / 2, north), shapely.box(west, (south + north) / 2, east, north)
    places = [at(rows_of(plan, replication), 70.0)[0] for replication in range(15)]
    for shape in halves:
        counts = np.array([shapely.contains_xy(shape, *place.T).sum() for place in places], float)
        expected = plan.mean_present(0.0, 144.0, shape)
        assert abs(counts.mean() - expected) < LIMIT * np.sqrt(expected / 15) + 0.01 * expected
    x, y = (
        axis.ravel()
        for axis in np.meshgrid(np.arange(west - 80.0, east + 80.0, 2.5), np.arange(south - 80.0, north + 80.0, 2.5))
    )
    (density,) = plan.density(x, y, 0.0, 144.0).values()
    assert density.sum() * 2.5**2 == pytest.approx(plan.mean_present(0.0, 144.0), rel=0.01)


# ------------------------------------------------------------------------------------------------ ships that lie still
@pytest.mark.parametrize("law", [{"mean": 30.0}, {"low": 5.0, "high": 60.0}, {"median": 20.0, "sigma": 1.0}, 24.0])
def test_ships_at_anchor_are_as_many_at_every_hour_and_stay_as_long_as_the_file_says(law):
    plan = plan_of({"kind": "anchorage", "area": "ground", "present": 80.0, "stay_h": law})
    counts, stays = np.empty((100, len(HOURS))), []
    for replication in range(100):
        rows = rows_of(plan, replication)
        counts[replication] = [at(rows, hour)[1].size for hour in HOURS]
        stays.append((rows[:, 1] - rows[:, 0])[rows[:, 0] > 0.0])
        assert not rows[:, 4:6].any()
    for column in counts.T:
        assert standard_errors(column.mean(), 80.0, np.sqrt(0.8)) < LIMIT
    lengths = np.concatenate(stays)
    mean = Stretches(Quantity.model_validate(law)).mean
    assert abs(lengths.mean() - mean) < LIMIT * max(1e-9, lengths.std() / np.sqrt(lengths.size))
    assert standard_errors(lengths.size, 100 * 80.0 * 144.0 / mean, np.sqrt(100 * 80.0 * 144.0 / mean)) < LIMIT


def test_the_rest_of_stays_under_way_at_hour_0_is_that_of_renewal_theory():
    """The mean of what is left is E[L^2] / (2 E[L]): for a log-normal law e^(sigma^2) E[L] / 2."""
    plan = plan_of({"kind": "anchorage", "area": "ground", "present": 400.0, "stay_h": {"median": 10.0, "sigma": 0.7}})
    rows = np.vstack([rows_of(plan, replication) for replication in range(20)])
    left = rows[rows[:, 0] == 0.0, 1]
    assert scores_from(left, np.exp(0.49) * 10.0 * np.exp(0.245) / 2.0) < LIMIT


@pytest.mark.parametrize("number", [{"present": 30.0}, {"per_month": 30.0 * 720.0 / 6.0}], ids=["present", "rate"])
def test_lawful_pairs_are_as_many_as_rate_and_duration_say(number):
    spec = {"kind": "bunkering", "area": "ground", "duration_h": {"low": 2.0, "high": 10.0}, **number}
    plan = plan_of(spec)
    assert plan.mean_present(0.0, 144.0) == pytest.approx(30.0)
    counts = np.array([[at(rows, hour)[1].size for hour in HOURS] for rows in (rows_of(plan, r) for r in range(80))])
    for column in counts.T:
        assert standard_errors(column.mean(), 30.0, np.sqrt(30.0 / 80)) < LIMIT
    cells, shares = cells_of(plan.sea, 4)
    places = np.vstack([rows_of(plan, replication)[:, 2:4] for replication in range(4)])
    counts = np.array([shapely.contains_xy(cell, *places.T).sum() for cell in cells])
    assert stats.chisquare(counts, shares / shares.sum() * counts.sum()).pvalue > 1e-4


# ------------------------------------------------------------------------------------------------ calendar and hours
SEASON = {
    "calendar": [{"from": "04-12", "to": "04-13", "present": 90.0}, {"from": "04-14", "to": "05-01", "present": 15.0}],
    "hours": [{"from": "20:00", "to": "04:00", "factor": 1.5}],
}
"""neon-spring begins on 10 April at 00:00 UTC, which is 09:00 of its time zone."""
MOMENTS = {
    5.0: 40.0,
    12.0: 60.0,
    38.9: 60.0,
    39.1: 135.0,
    50.0: 90.0,
    86.9: 135.0,
    87.1: 22.5,
    130.0: 15.0,
    143.5: 15.0,
}
"""Hours, and the number that the calendar and the hours give then; 12 April begins at hour 39."""
QUIET = {"present": 40.0, **SEASON}


@pytest.mark.parametrize(
    ("spec", "area"),
    [
        ({**BOATS, **QUIET}, NOTCHED),
        ({**BOATS, **QUIET, **TRIPS, **STRETCHES}, NOTCHED),
        ({**BOATS, **QUIET, **TRIPS, "port": [126.39, 34.78], "passage_kn": 30.0}, OFF_KOREA),
        ({"kind": "anchorage", "area": "ground", "stay_h": {"mean": 30.0}, **QUIET}, NOTCHED),
        ({"kind": "bunkering", "area": "ground", "duration_h": {"low": 3.0, "high": 9.0}, **QUIET}, NOTCHED),
    ],
    ids=["boats", "trips", "port", "anchorage", "bunkering"],
)
def test_the_number_present_is_that_of_the_calendar_at_every_moment(spec, area):
    plan = plan_of(spec, area)
    counts = np.empty((60, len(MOMENTS)))
    for replication in range(60):
        rows = rows_of(plan, replication)
        counts[replication] = [np.sum(at(rows, hour)[1] <= 6.0) for hour in MOMENTS]  # those on passage are faster
    for column, mean in zip(counts.T, MOMENTS.values(), strict=True):
        assert standard_errors(column.mean(), mean, np.sqrt(mean / 60)) < LIMIT
        assert standard_errors(column.var(ddof=1), mean, np.sqrt((mean + 2 * mean**2) / 60)) < LIMIT
    for hour, mean in MOMENTS.items():
        at_work = plan.profile.at(np.array(hour))
        assert float(at_work) == mean


def test_boats_put_out_before_the_season_and_come_home_after_it():
    plan = plan_of(
        {
            **BOATS,
            "present": 40.0,
            "calendar": SEASON["calendar"],
            **TRIPS,
            "port": [126.39, 34.78],
            "passage_kn": 20.0,
        },
        OFF_KOREA,
    )
    out, home, few = (np.zeros(20) for _ in range(3))
    for replication in range(20):
        rows = rows_of(plan, replication)
        out[replication] = np.sum(at(rows, 38.0)[1] > 6.0)
        home[replication] = np.sum(at(rows, 88.0)[1] > 6.0)
        few[replication] = np.sum(at(rows, 20.0)[1] > 6.0)
    assert out.mean() > 2.0 * few.mean()
    assert home.mean() > 2.0 * few.mean()
    within, hours = plan.on_passage(0.0, 144.0), np.arange(0.5, 144.0, 1.0)  # those of both changes are in this mean
    counts = np.empty(20)
    for replication in range(20):
        rows = rows_of(plan, replication)
        counts[replication] = np.mean([np.sum(at(rows, hour)[1] > 6.0) for hour in hours])
    assert abs(counts.mean() - within) < LIMIT * counts.std(ddof=1) / np.sqrt(20) + 0.05 * within


def test_lawful_pairs_that_come_by_day_stay_for_their_whole_time():
    hours = [{"from": "06:00", "to": "18:00", "factor": 2.0}, {"from": "18:00", "to": "06:00", "factor": 0.0}]
    spec = {"kind": "bunkering", "area": "ground", "duration_h": 5.0, "per_month": 7200.0, "hours": hours}
    plan = plan_of(spec)
    # 06:00 is hour 21: from 5 hours after it on until 18:00 as many are present as came in 5 hours, then they leave.
    moments = {20.9: 0.0, 23.0: 40.0, 26.5: 100.0, 32.9: 100.0, 35.0: 60.0, 38.1: 0.0, 0.5: 70.0, 143.9: 58.0}
    counts = np.array([[at(rows_of(plan, r), hour)[1].size for hour in moments] for r in range(30)])
    for column, mean in zip(counts.T, moments.values(), strict=True):
        assert abs(column.mean() - mean) <= LIMIT * np.sqrt(mean / 30)
    rows = rows_of(plan, 0)
    assert np.allclose(rows[:, 1] - rows[:, 0], 5.0)
    assert plan.mean_present(24.0, 48.0) == pytest.approx(50.0, rel=0.01)
    assert plan.mean_present(26.5, 32.5) == pytest.approx(100.0, rel=0.01)


# ------------------------------------------------------------------------------------------------ lengths of time
@pytest.mark.parametrize(
    ("law", "mean"),
    [
        (7.0, 7.0),
        ({"low": 2.0, "high": 9.0}, 5.5),
        ({"mean": 4.0}, 4.0),
        ({"median": 5.0, "sigma": 0.8}, 5.0 * np.exp(0.32)),
        ({"mean": 4.0, "max": 4.0}, 4.0 * (1.0 - 2.0 / np.e) / (1.0 - 1.0 / np.e)),
    ],
)
def test_the_mean_of_lengths_is_that_of_their_law(law, mean):
    stretches = Stretches(Quantity.model_validate(law))
    assert stretches.mean == pytest.approx(mean, rel=1e-5)
    u = (np.arange(200_000) + 0.5) / 200_000
    assert stretches.lengths(u).mean() == pytest.approx(mean, rel=1e-3)
    second = float(np.mean(stretches.lengths(u) ** 2))
    assert stretches.under_way(u).mean() == pytest.approx(second / mean, rel=5e-3)  # E[L^2] / E[L]
