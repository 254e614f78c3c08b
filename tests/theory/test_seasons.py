"""Numbers that follow a calendar and the hour of the day, measured in standard errors against what the file says."""

import numpy as np
import pytest
import shapely
from scipy.stats import chi2

from sim import load_scenario
from sim.core.chance import replication_key
from sim.core.units import HOURS_PER_MONTH
from sim.deployment.tasking_sea import SPELL_H, plan_tasking_sea
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from sim.deployment.transfers import realise_transfers
from sim.deployment.world import prepare
from sim.model.beginnings import NoBeginningError, begin_density, begin_rates
from sim.model.weather import realise_weather
from sim.study.maps.belief import unseen_pairs
from tests.helpers import standard_errors

LIMIT = 4.0
_REPLICATIONS = 150
_SHIPS = {
    "start": "2023-04-29T15:00:00Z",  # midnight of 30 April in Tokyo
    "duration_days": 5.0,
    "background.merchant.present": 120.0,
    "background.merchant.calendar": [{"from": "05-01", "to": "09-16", "present": 40.0}],
    "background.merchant.hours": [{"from": "20:00", "to": "04:00", "factor": 1.5}],
    "background.merchant.change_days": 2.0,
    "background.merchant.mean_leg_nmi": 25.0,
}
_EXPECTED = {0.0: 180.0, 12.0: 120.0, 23.9: 180.0, 36.0: 100.0, 60.0: 60.0, 71.0: 62.5, 80.0: 40.0, 119.0: 60.0}


@pytest.fixture(scope="module")
def fleets():
    """The ships of some replications with a calendar, and their source."""
    scenario = load_scenario("neon-spring", _SHIPS)
    plan = plan_traffic(scenario, "merchant")
    found = []
    for number in range(_REPLICATIONS):
        both = plan.realise(replication_key(11, number), True, SegmentBuffers())
        found.append([fleet._replace(rows=fleet.rows.copy(), owner=fleet.owner.copy()) for fleet in both])
    return plan, found


def _at(fleet, hour):
    """The places and velocities of the ships at an hour, (k, 2) each, and their numbers."""
    now = (fleet.rows[:, 0] <= hour) & (hour < fleet.rows[:, 1])
    rows = fleet.rows[now]
    return rows[:, 2:4] + rows[:, 4:6] * (hour - rows[:, :1]), rows[:, 4:6], fleet.owner[now]


@pytest.mark.parametrize("hour", sorted(_EXPECTED))
def test_the_mean_number_present_is_that_of_the_file(fleets, hour):
    """On the days before the change, in the ramp of two days and after it, by day and by night."""
    plan, found = fleets
    numbers = [sum(len(_at(fleet, hour)[0]) for fleet in both) for both in found]
    expected = _EXPECTED[hour]
    assert float(plan.profile.at(np.array(hour))) == pytest.approx(expected)
    assert standard_errors(np.mean(numbers), expected, np.sqrt(expected / _REPLICATIONS)) < LIMIT
    assert np.var(numbers) / expected == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / _REPLICATIONS))


@pytest.mark.parametrize("hour", [12.0, 60.0, 119.0])
def test_those_present_are_uniform_and_isotropic(fleets, hour):
    """In four quarters of the sea by their area, and in four quarters of the compass."""
    plan, found = fleets
    parts = [_at(fleet, hour)[:2] for both in found for fleet in both]
    places, velocities = (np.concatenate(column) for column in zip(*parts, strict=True))
    middle = plan.sea.centroid
    east, north = places[:, 0] > middle.x, places[:, 1] > middle.y
    counts = np.bincount(2 * east + north, minlength=4)
    west_, south_, east_, north_ = plan.sea.bounds
    boxes = [
        shapely.box(low, bottom, high, top)
        for low, high in ((west_, middle.x), (middle.x, east_))
        for bottom, top in ((south_, middle.y), (middle.y, north_))
    ]
    shares = np.array([shapely.intersection(plan.sea, box).area for box in boxes]) / plan.sea.area
    assert ((counts - shares * len(places)) ** 2 / (shares * len(places))).sum() < chi2.isf(1e-4, 3)
    quarters = np.bincount(2 * (velocities[:, 0] > 0.0) + (velocities[:, 1] > 0.0), minlength=4)
    even = len(places) / 4.0
    assert ((quarters - even) ** 2 / even).sum() < chi2.isf(1e-4, 3)


def test_no_ship_is_in_two_places_and_each_one_is_somewhere(fleets):
    """Every ship of a fleet has a segment, and its segments do not overlap."""
    _, found = fleets
    assert found
    for both in found[:10]:
        for fleet in both:
            assert np.array_equal(np.unique(fleet.owner), np.arange(fleet.vessels.size))
            same = fleet.owner[1:] == fleet.owner[:-1]
            assert np.all(fleet.rows[1:, 0][same] >= fleet.rows[:-1, 1][same] - 1e-9)


# ---------------------------------------------------------------------------------------------------- transfers
_RATES = {
    "start": "2023-04-28T15:00:00Z",  # midnight of 29 April in Tokyo
    "duration_days": 4.0,
    "transfers.events.per_month": 900.0,
    "transfers.events.calendar": [{"from": "05-01", "to": "09-16", "per_month": 300.0}],
    "transfers.events.night_share": None,
    "transfers.events.max_sea_state": None,
}
_HOURS = [{"from": "20:00", "to": "04:00", "factor": 2.0}, {"from": "12:00", "to": "13:00", "factor": 0.0}]


def _begins(sets, replications):
    """The hours of beginning and of end of all transfers of some replications, and the plan of their source."""
    world = prepare(load_scenario("textbook", sets))
    tables = [
        realise_transfers(world.transfers, key, realise_weather(world.weather, key))
        for key in (replication_key(5, number) for number in range(replications))
    ]
    begin, end = (np.concatenate([getattr(table, name) for table in tables]) for name in ("begin", "end"))
    return begin, end, world.transfers[0]


@pytest.mark.parametrize("sets", [{}, {"transfers.events.hours": _HOURS}, {"transfers.events.night_share": 0.7}])
def test_transfers_begin_at_the_hours_of_the_profile(sets):
    """Pearson's chi-square over the density that coverage integrates, and the number of all in standard errors."""
    begin, _, plan = _begins({**_RATES, **sets}, 60)
    begin = begin[(begin >= 0.0) & (begin < 96.0)]
    centre = plan.sea.centroid
    lon, lat = (np.atleast_1d(degrees) for degrees in plan.plane.to_lonlat(centre.x, centre.y))
    breaks, rates = begin_rates(plan.sun, plan.spec.night_share, 0.0, 96.0, lon, lat, plan.profile)
    upto = np.concatenate([[0.0], np.cumsum(rates[0] * np.diff(breaks[0]))]) * plan.per_hour * 60
    assert standard_errors(begin.size, upto[-1], np.sqrt(upto[-1])) < LIMIT
    expected = np.diff(np.interp(np.arange(97.0), breaks[0], upto))
    counts = np.histogram(begin, np.arange(97.0))[0]
    some = expected > 5.0
    assert some.sum() > 80
    assert counts[expected < 1e-9].sum() == 0
    assert ((counts - expected)[some] ** 2 / expected[some]).sum() < chi2.isf(1e-4, int(some.sum()))


def test_transfers_under_way_at_hour_0_are_those_that_the_calendar_began():
    """The rate changed a day before: pairs alongside are as many as the rate before it and after it has left."""
    sets = {**_RATES, "start": "2023-05-01T15:00:00Z", "transfers.events.duration_h": {"low": 20.0, "high": 40.0}}
    begin, end, _ = _begins(sets, 400)
    present = np.sum((begin <= 0.0) & (end > 0.0))
    # A pair that began a hours ago is still there with the chance 1 up to 20 hours, then (40 - a) / 20.
    since, before = 20.0 + (20.0**2 - 16.0**2) / 40.0, 16.0**2 / 40.0
    expected = 400 * (300.0 * since + 900.0 * before) / HOURS_PER_MONTH
    assert standard_errors(present, expected, np.sqrt(expected)) < LIMIT


# ---------------------------------------------------------------------------------------------------- weather
_FOG = {
    "start": "2023-07-29T15:00:00Z",  # midnight of 30 July in Tokyo: two days of the season are left
    "duration_days": 5.0,
    "environment": {
        "visibility_nmi": 15.0,
        "processes": {
            "fog": {"fog": {"dwell_h": 9.0, "visibility_nmi": 0.4}, "clear": {"dwell_h": 13.0, "visibility_nmi": 8.0}}
        },
        "seasons": {"fog": [{"from": "04-01", "to": "07-31"}]},
    },
}


def test_fog_has_its_share_of_time_in_its_season_and_none_outside():
    """At moments of the season, its first ones included, and from the day after its last one on."""
    plan = prepare(load_scenario("textbook", _FOG)).weather
    hours = np.array([-30.0, 0.0, 20.0, 47.99, 48.0, 100.0])
    seen = []
    for number in range(2000):
        weather = realise_weather(plan, replication_key(2, number))
        seen.append(weather.visibility_nmi[weather.rows_at(hours)])
    shares = np.mean(np.array(seen) == 0.4, axis=0)
    fog = 9.0 / 22.0
    away = standard_errors(shares[1:4], fog, np.sqrt(fog * (1.0 - fog) / 2000))
    assert np.all(away < LIMIT)
    assert set(np.array(seen)[:, :4].ravel()) == {0.4, 8.0}
    assert set(np.array(seen)[:, 4:].ravel()) == {15.0}


def test_a_season_that_begins_in_the_deployment_begins_with_its_shares():
    """The first hour of the season is as any other, because the process went on before it."""
    plan = prepare(load_scenario("textbook", {**_FOG, "start": "2023-03-30T15:00:00Z"})).weather
    hours = np.array([23.9, 24.0, 25.0])
    weathers = [realise_weather(plan, replication_key(3, number)) for number in range(2000)]
    seen = np.array([weather.visibility_nmi[weather.rows_at(hours)] for weather in weathers])
    fog = 9.0 / 22.0
    away = standard_errors(np.mean(seen[:, 1:] == 0.4, axis=0), fog, np.sqrt(fog * (1.0 - fog) / 2000))
    assert np.all(seen[:, 0] == 15.0)
    assert np.all(away < LIMIT)


# ---------------------------------------------------------------------------------------------------- who reads rates
def test_the_belief_expects_the_pairs_that_lie_alongside():
    """Before any flight it is the number of pairs alongside, in standard errors, on both sides of the change."""
    sets = {**_RATES, "transfers.events.hours": _HOURS}
    begin, end, source = _begins(sets, 200)
    world = prepare(load_scenario("textbook", sets))
    place = np.array([[*source.sea.centroid.coords[0]]])
    weather = realise_weather(world.weather, replication_key(5, 0))
    hours = np.array([10.0, 30.0, 47.0, 50.0, 70.0])
    expected = [
        200 * float(unseen_pairs(world.scenario, world.patrols, (0, []), source, 5, hour, place, weather)[0])
        for hour in hours
    ]
    counts = np.array([np.sum((begin <= hour) & (end > hour)) for hour in hours])
    assert np.all(standard_errors(counts, expected, np.sqrt(expected)) < LIMIT)


def test_who_tasks_by_belief_expects_what_begins():
    """The numbers that begin in each spell add up to the rate of the calendar, before the change and after it."""
    _, _, source = _begins(_RATES, 1)
    sea = plan_tasking_sea([source], 96.0)
    begun = sea.beginning.sum(axis=0)
    edges = sea.first * SPELL_H + SPELL_H * np.arange(begun.size + 1)
    before, after = (edges[1:] <= 48.0) & (edges[:-1] >= 0.0), (edges[:-1] >= 48.0) & (edges[1:] <= 96.0)
    assert begun[before].sum() == pytest.approx(900.0 * 48.0 / HOURS_PER_MONTH)
    assert begun[after].sum() == pytest.approx(300.0 * 48.0 / HOURS_PER_MONTH)


def test_a_source_that_begins_on_no_day_of_the_deployment_has_no_start_density():
    """A coverage map of it is refused with an error, and check says that nothing begins."""
    sets = {**_RATES, "transfers.events.per_month": 0.0, "start": "2023-10-01T00:00:00Z"}
    begin, _, source = _begins(sets, 5)
    assert begin.size == 0
    with pytest.raises(NoBeginningError, match="its calendar"):
        begin_density(source.sun, None, 96.0, np.array([125.0]), np.array([30.0]), source.profile)
