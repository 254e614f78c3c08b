"""When transfers begin: the hours that are drawn have the density that coverage integrates, and it integrates to 1."""

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from sim import load_scenario
from sim.core.chance import replication_key
from sim.deployment.transfers import realise_transfers
from sim.deployment.world import prepare
from sim.model.beginnings import NoBeginningError, begin_density, begin_hours
from sim.model.sun import Sun
from sim.model.weather import plan_weather, realise_weather
from tests.helpers import standard_errors

SHARES = [None, 0.0, 0.25, 0.6, 1.0]
DURATION_H = 100.0  # it ends within a night
PLACES = np.array([124.0, 140.0, 125.0]), np.array([28.0, 40.0, -30.0])
LIMIT = 3.7
SUN = Sun(load_scenario("neon-spring").start)
STILL = realise_weather(plan_weather(load_scenario("textbook")), replication_key(0, 0))


def places(count, lon=125.0, lat=30.0):
    return np.full(count, lon), np.full(count, lat)


def distribution(hours, breaks, values):
    """The integral of a piecewise constant density up to some hours."""
    return np.interp(hours, breaks, np.concatenate([[0.0], np.cumsum(values * np.diff(breaks))]))


@pytest.mark.parametrize("share", SHARES)
def test_the_density_integrates_to_1_from_hour_0_to_the_end(share):
    for duration_h in (5.0, DURATION_H, 720.0):
        if (share, duration_h) == (1.0, 5.0):
            continue  # the first five hours have no night
        breaks, values = begin_density(SUN, share, duration_h, *PLACES)
        assert np.sum(values * np.diff(breaks, axis=1), axis=1) == pytest.approx(np.ones(3), abs=1e-12)
        assert np.all(values >= 0.0)
        assert np.all(np.diff(breaks, axis=1) >= 0.0)
        assert np.all((breaks[:, 0] == 0.0) & (breaks[:, -1] == duration_h))


@pytest.mark.parametrize("share", [0.0, 0.25, 0.6, 1.0])
def test_over_whole_solar_days_the_night_has_its_share(share):
    """Between the first noon and the last of 30 days, so that neither end cuts a night or a day in two."""
    breaks, values = begin_density(SUN, share, 720.0, *PLACES)
    mass = (values * np.diff(breaks, axis=1))[:, 3:-9]
    assert mass.shape[1] % 3 == 0
    assert mass[:, 1::3].sum(axis=1) / mass.sum(axis=1) == pytest.approx(np.full(3, share), abs=1e-12)
    by_day = mass.reshape(3, -1, 3).sum(axis=2)
    assert by_day == pytest.approx(np.broadcast_to(by_day[:, :1], by_day.shape))  # each day has the same number


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize(("lon", "lat"), [(124.0, 28.0), (140.0, 44.0)])
def test_hours_drawn_by_the_inverse_have_the_density(share, lon, lat):
    """Pearson's chi-square over 40 classes of equal probability, in standard errors; and Kolmogorov's D."""
    base = np.random.default_rng(7).uniform(-48.0, DURATION_H + 48.0, 20_000)
    hours = begin_hours(SUN, share, base, *places(base.size, lon, lat))
    hours = hours[(hours >= 0.0) & (hours < DURATION_H)]
    breaks, values = begin_density(SUN, share, DURATION_H, np.array([lon]), np.array([lat]))
    level = distribution(hours, breaks[0], values[0])
    observed = np.histogram(level, 40, (0.0, 1.0))[0]
    statistic = float(np.sum((observed - hours.size / 40) ** 2) / (hours.size / 40))
    assert standard_errors(statistic, chi2(39).mean(), chi2(39).std()) < LIMIT
    assert kstest(level, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("share", [None, 0.6])
def test_transfers_of_the_simulation_begin_with_the_density(share):
    """Each at its own place: the distribution function at the hour of beginning is uniform."""
    sets = {"background.merchant.present": 0.0, "transfers.fuel.per_month": 1500.0, "duration_days": 10.5}
    if share is not None:
        sets["transfers.fuel.night_share"] = share
    plan = prepare(load_scenario("neon-spring" if share else "textbook", sets if share else {}))
    level = []
    for replication in range(4):
        table = realise_transfers(plan.transfers, replication_key(5, replication), STILL)
        table = table.alongside_within(plan.scenario.duration_h)
        x, y, begin = table.x[table.counted], table.y[table.counted], table.begin[table.counted]
        breaks, values = begin_density(
            plan.transfers[0].sun, plan.transfers[0].spec.night_share, plan.scenario.duration_h,
            *plan.scenario.plane.to_lonlat(x, y),
        )  # fmt: skip
        level += [distribution(begin[k], breaks[k], values[k]) for k in range(begin.size)]
    assert len(level) > 50
    assert kstest(level, "uniform").pvalue > 1e-3


def test_later_points_of_the_constant_process_are_later_days():
    """The inverse keeps days apart: points a day apart begin a solar day apart, at the same part of night or day."""
    base = np.linspace(0.0, 23.9, 60)
    for share in (0.25, 1.0):
        first, second = (begin_hours(SUN, share, base + day, *places(60)) for day in (0.0, 24.0))
        assert second - first == pytest.approx(np.full(60, 24.0), abs=0.05)


def test_without_a_night_share_the_points_themselves_are_the_hours():
    base = np.array([-3.0, 0.0, 17.5, 300.0])
    assert np.array_equal(begin_hours(SUN, None, base, *places(4)), base)


def test_a_period_without_a_night_has_no_density_for_transfers_by_night():
    """Six hours from 9 in the morning, local time: no night; for transfers by day there is a density."""
    with pytest.raises(NoBeginningError, match="night_share = 1 begins within 6 hours"):
        begin_density(SUN, 1.0, 6.0, *places(1))
    breaks, values = begin_density(SUN, 0.0, 6.0, *places(1))
    assert values[np.diff(breaks) > 0.0] == pytest.approx(1.0 / 6.0, rel=0.01)  # two days, of nearly the same length


def test_within_the_night_and_within_the_day_the_hour_is_uniform():
    sun = Sun(load_scenario("neon-spring").start)
    base = np.random.default_rng(1).uniform(0, 24.0 * 20, 4000)
    lon, lat = np.full(4000, 125.0), np.full(4000, 30.0)
    begin = begin_hours(sun, 0.5, base, lon, lat)
    cycle = np.floor(base / 24.0)
    sunset, sunrise = sun.night(cycle, lon, lat)
    dark = base / 24.0 - cycle < 0.5
    assert np.all((begin[dark] >= sunset[dark]) & (begin[dark] < sunrise[dark]))
    assert kstest(((begin - sunset) / (sunrise - sunset))[dark], "uniform").pvalue > 1e-3
    day = np.where(begin < sunset, begin - sun.noon(cycle, lon), begin - sunrise + sunset - sun.noon(cycle, lon))
    length = sunset - sun.noon(cycle, lon) + sun.noon(cycle + 1, lon) - sunrise
    assert kstest((day / length)[~dark], "uniform").pvalue > 1e-3
