"""Observers against theory: thinned and displaced Poisson processes, strips, daylight, what still lasts; refusals."""

from datetime import UTC, datetime
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from pydantic import TypeAdapter, ValidationError
from pyproj import Geod
from scipy.integrate import quad
from scipy.stats import kstest, lognorm

from sim.core import chance
from sim.core.chance import replication_key
from sim.core.fields import Name, Part, Quantity
from sim.core.geo import plane_of
from sim.model.observers.base import Observer
from sim.model.observers.satellite import SUN_SYNCHRONOUS_DEG
from sim.model.sightings import STALE_H, margin_h, patrol_report, plan_observers, realise_reports
from sim.model.sun import Sun
from sim.model.theory import chance_of_arrival_in_time, chance_still_lasting
from sim.scenario.explain import explain_validation
from tests.helpers import scores_from, standard_errors

LIMIT = 4.0
START = datetime(2023, 4, 10, tzinfo=UTC)
PLANE = plane_of((118.0, 22.0, 146.0, 46.0))
SHAPES = {
    "west": shapely.box(123.3, 27.0, 127.0, 32.0),
    "middle": shapely.box(130.75, 26.0, 133.25, 29.0),  # astride the theatre's middle: grid north is true there
    "kyushu": shapely.box(128.0, 30.0, 133.0, 34.0),  # mostly sea, with much land in it
    "tall": shapely.box(123.3, 22.5, 124.5, 33.0),
    "corner": shapely.box(140.0, 38.5, 145.5, 42.5),
}
GEOD = Geod(ellps="WGS84")
_OBSERVER = TypeAdapter(Observer)
COMMON = {"nation": "japan", "probability": 1.0, "position_error_nmi": 0.0, "delay_h": 0.0}
RADAR = {"kind": "satellite", "sensor": "radar", "revisit_h": 1.0, "swath_nmi": 60.0}


def observer(kind, **keys):
    return _OBSERVER.validate_python(COMMON | {"kind": kind} | keys)


def satellite(**keys):
    return observer(**(RADAR | keys))


def ready(duration_h=720.0, areas=("west",), **observers):
    return plan_observers(
        SimpleNamespace(
            observers=observers,
            plane=PLANE,
            areas={name: SimpleNamespace(shape=shape) for name, shape in SHAPES.items()},
            transfers={name: SimpleNamespace(area=name) for name in areas},
            start=START,
            duration_h=duration_h,
        )
    )


def vessels_of(count, source="pair"):
    return chance.identities(chance.identity(source), count)


def reported(plans, begin, end, place, replication=0, dark=False, vessels=None):
    """Reports of transfers at one place (2,) or at places (m, 2), degrees."""
    begin, end = np.broadcast_arrays(np.asarray(begin, float), np.asarray(end, float))
    x, y = PLANE.to_xy(*np.broadcast_to(place, (begin.size, 2)).T)
    vessels = vessels_of(begin.size) if vessels is None else vessels
    dark = np.broadcast_to(np.asarray(dark), begin.shape)
    return realise_reports(plans, replication_key(11, replication), begin, end, x, y, vessels, dark)


def columns(reports, keep):
    return {name: column[keep].tolist() for name, column in reports._asdict().items()}


# -------------------------------------------------------------------------------------------- counts, delays, places
@pytest.mark.parametrize("kind", ["human", "ais_desk", "coastal_radar"])
def test_reports_are_a_thinned_and_displaced_poisson_process_stationary_from_the_first_hour(kind):
    rate, share, hours, count = 0.15, 0.35, 120.0, 500
    more = {"human": {"lead_h": {"mean": 5.0}}, "coastal_radar": {"position": [125.0, 29.0], "range_nmi": 80.0}}
    delay = {"low": 2.0, "high": 60.0}
    plans = ready(hours, one=observer(kind, probability=share, delay_h=delay, **more.get(kind, {})))
    rng, margin = np.random.default_rng(2), margin_h(plans)
    made = []
    for replication in range(count):
        begin = rng.uniform(-margin - 12.0, hours + margin, rng.poisson(rate * (hours + 2.0 * margin + 12.0)))
        reports = reported(plans, begin, begin + 12.0, (125.0, 29.0), replication)
        made.append(np.histogram(reports.made_h, [0.0, 30.0, 90.0, hours])[0])
    expected = rate * share * np.array([30.0, 60.0, 30.0])
    for counts, mean in zip(np.array(made).T, expected, strict=True):
        assert standard_errors(counts.mean(), mean, np.sqrt(mean / count)) < LIMIT
        assert standard_errors(counts.var(ddof=1), mean, np.sqrt((mean + 2.0 * mean**2) / count)) < LIMIT
    # A Poisson process has independent counts in intervals that do not overlap.
    assert abs(np.corrcoef(np.array(made).T)[0, 2]) < LIMIT / np.sqrt(count)


@pytest.mark.parametrize(
    ("delay", "cdf"),
    [
        ({"mean": 7.0}, lambda t: -np.expm1(-t / 7.0)),
        ({"low": 2.0, "high": 9.0}, lambda t: np.clip((t - 2.0) / 7.0, 0.0, 1.0)),
        ({"median": 6.0, "sigma": 0.8}, lognorm(0.8, scale=6.0).cdf),
    ],
)
def test_the_delay_has_its_distribution_whoever_reports(delay, cdf):
    begin = np.linspace(0.0, 700.0, 3000)
    plans = ready(
        2e4,
        desk=observer("ais_desk", delay_h=delay, after_h=1.5),
        eye=satellite(delay_h=delay, swath_nmi=2000.0, revisit_h=9.0),
        source=observer("human", delay_h=delay),
    )
    reports = reported(plans, begin, begin + 9.0, (125.0, 29.0))
    for number in range(3):
        mine = reports.observer == number
        assert mine.sum() > 2000
        assert kstest((reports.made_h - reports.seen_h)[mine], cdf).pvalue > 1e-4
    assert np.allclose(reports.seen_h[reports.observer == 0], begin[reports.target[reports.observer == 0]] + 1.5)
    assert np.allclose(reports.seen_h[reports.observer == 2], begin[reports.target[reports.observer == 2]])


def test_a_human_source_knows_before_the_beginning():
    begin = np.linspace(0.0, 900.0, 20_000)
    plans = ready(2e4, source=observer("human", delay_h={"mean": 7.0}, lead_h={"low": 0.0, "high": 30.0}))
    reports = reported(plans, begin, begin + 1.0, (125.0, 29.0))
    after = reports.made_h - reports.seen_h
    assert np.array_equal(np.sort(reports.seen_h), begin)
    assert scores_from(after, 7.0 - 15.0) < LIMIT
    variance = 7.0**2 + 30.0**2 / 12.0  # of a sum of independent terms
    assert scores_from((after + 8.0) ** 2, variance) < LIMIT


def test_places_err_normally_and_alike_in_each_axis():
    count = 20_000
    plans = ready(2e4, source=observer("human", position_error_nmi=12.0, delay_h={"mean": 5.0}))
    reports = reported(plans, np.zeros(count), np.ones(count), (125.0, 29.0))
    x, y = PLANE.to_xy(125.0, 29.0)
    dx, dy = reports.x - x, reports.y - y
    for error in (dx, dy, (dx + dy) / np.sqrt(2.0)):
        assert kstest(error / 12.0, "norm").pvalue > 1e-4
        assert scores_from(error**2, 144.0) < LIMIT
    for other in (dy, reports.made_h):
        assert abs(np.corrcoef(dx, other)[0, 1]) < LIMIT / np.sqrt(count)
    assert set(reports.error_nmi) == {12.0}


def test_an_ais_desk_sees_those_that_transmit_and_those_that_went_dark_with_a_chance_each():
    count = 20_000
    plans = ready(desk=observer("ais_desk", probability=0.8, dark_probability=0.15, after_h=2.0))
    dark = np.arange(count) % 2 == 0
    reports = reported(plans, np.zeros(count), np.full(count, 2.1), (125.0, 29.0), dark=dark)
    for is_dark, share in ((True, 0.15), (False, 0.8)):
        seen = int((dark[reports.target] == is_dark).sum())
        assert standard_errors(seen, share * count / 2, np.sqrt(share * (1.0 - share) * count / 2)) < LIMIT
    assert reported(plans, np.zeros(count), np.full(count, 2.0), (125.0, 29.0), dark=dark).target.size == 0


def test_a_coastal_radar_sees_what_stays_long_enough_within_its_range_and_area():
    rng = np.random.default_rng(4)
    place = np.column_stack([rng.uniform(122.0, 128.0, 3000), rng.uniform(26.0, 33.0, 3000)])
    length = rng.uniform(0.0, 3.0, 3000)
    plans = ready(shore=observer("coastal_radar", position=[126.5, 29.0], range_nmi=70.0, after_h=1.25))
    reports = reported(plans, np.zeros(3000), length, place)
    x, y = PLANE.to_xy(*place.T)
    far = np.hypot(x - PLANE.to_xy(126.5, 29.0)[0], y - PLANE.to_xy(126.5, 29.0)[1])
    expected = (far < 70.0) & (length > 1.25) & (place[:, 0] < 127.0)
    assert 50 < expected.sum() < 400
    assert sorted(reports.target) == np.flatnonzero(expected).tolist()


# ----------------------------------------------------------------------------------------------------- false reports
@pytest.mark.parametrize("kind", ["satellite", "coastal_radar", "ais_desk", "human"])
def test_false_reports_come_at_their_rate_from_before_hour_0_on(kind):
    more = {"satellite": RADAR, "coastal_radar": {"position": [125.0, 29.0], "range_nmi": 80.0}}.get(kind, {})
    delay = {"mean": 30.0}
    plans = ready(360.0, one=observer(**({"kind": kind, "false_per_month": 20.0, "delay_h": delay} | more)))
    counts, made, after = [], [], []
    for replication in range(300):
        reports = reported(plans, [], [], (125.0, 29.0), replication)
        counts.append(np.histogram(reports.made_h, [-STALE_H, 0.0, 360.0])[0])
        assert counts[-1].sum() == reports.made_h.size
        assert (reports.target == -1).all()
        made.append(reports.made_h)
        after.append(reports.made_h - reports.seen_h)
    for column, mean in zip(np.array(counts).T, (20.0 / 3.0, 10.0), strict=True):
        assert standard_errors(column.mean(), mean, np.sqrt(mean / 300)) < LIMIT
        assert standard_errors(column.var(ddof=1), mean, np.sqrt((mean + 2.0 * mean**2) / 300)) < LIMIT
    assert kstest((np.concatenate(made) + STALE_H) / (360.0 + STALE_H), "uniform").pvalue > 1e-4
    assert kstest(np.concatenate(after) / 30.0, "expon").pvalue > 1e-4


def true_area(shape):
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(shape, 0.01))[0])


def test_false_reports_lie_uniformly_over_the_true_area_of_the_sea():
    plans = ready(7200.0, areas=("tall",), one=observer("human", false_per_month=40_000.0))
    reports = reported(plans, [], [], (125.0, 29.0))
    _, lat = PLANE.to_lonlat(reports.x, reports.y)
    for parallel in (25.0, 27.75, 30.0):
        share = true_area(shapely.box(123.3, 22.5, 124.5, parallel)) / true_area(SHAPES["tall"])
        assert standard_errors((lat < parallel).mean(), share, np.sqrt(share * (1.0 - share) / lat.size)) < LIMIT


def test_false_reports_lie_at_sea_and_within_a_radars_range():
    plans = ready(
        7200.0,
        areas=("kyushu", "west"),
        desk=observer("ais_desk", false_per_month=600.0),
        shore=observer("coastal_radar", position=[129.5, 31.5], range_nmi=60.0, false_per_month=600.0),
        void=observer("coastal_radar", position=[140.0, 41.0], range_nmi=60.0, false_per_month=600.0),
    )
    reports = reported(plans, [], [], (125.0, 29.0))
    places = shapely.points(reports.x, reports.y)
    assert not shapely.contains(PLANE.land, places).any()
    desk, shore = reports.observer == 0, reports.observer == 1
    assert desk.sum() + shore.sum() == places.size  # none from the radar without a sea
    seas = [PLANE.sea(SHAPES[name]) for name in ("west", "kyushu")]
    share = seas[0].area / (seas[0].area + seas[1].area)  # in the plane: its scale differs by a percent between them
    west = shapely.contains(seas[0], places[desk]).mean()
    assert (
        standard_errors(west, share, np.sqrt(share * (1.0 - share) / desk.sum()) + 0.01 * share * (1 - share)) < LIMIT
    )
    station = shapely.Point(*map(float, PLANE.to_xy(129.5, 31.5)))
    far = shapely.distance(places[shore], station)
    assert far.max() < 60.0
    near = seas[1].intersection(station.buffer(30.0)).area / seas[1].intersection(station.buffer(60.0)).area
    assert standard_errors((far < 30.0).mean(), near, np.sqrt(near * (1.0 - near) / shore.sum())) < LIMIT


# -------------------------------------------------------------------------------------------------------- satellites
@pytest.mark.parametrize(("heading", "swath"), [(0.0, 40.0), (0.0, 300.0), (90.0, 90.0), (270.0, 20.0)])
def test_every_place_of_the_area_lies_under_a_pass_with_the_same_chance(heading, swath):
    passes = 6000
    plans = ready(passes, areas=("middle",), eye=satellite(heading_deg=heading, swath_nmi=swath, first_pass_h=0.0))
    west, south, east, north = PLANE.project(SHAPES["middle"]).bounds
    width = east - west if heading == 0.0 else north - south
    share = swath / (width + swath)
    assert plans[0].spec.share_under_swath(plans[0]) == pytest.approx(share, rel=1e-6)
    place = np.array([[x, y] for x in (130.76, 131.3, 132.0, 133.24) for y in (26.01, 27.0, 28.99)])
    reports = reported(plans, np.zeros(12), np.full(12, passes), place)
    counts = np.bincount(reports.target, minlength=12)
    for count in counts:
        assert standard_errors(count, share * passes, np.sqrt(share * (1.0 - share) * passes)) < LIMIT
    # Two places so far apart across the track lie under one strip with the chance of a strip that much narrower.
    x, y = PLANE.to_xy(*place.T)
    apart = np.ptp((x if heading == 0.0 else y)[[4, 7]])
    both = max(0.0, swath - apart) / (width + swath)
    seen = [set(reports.seen_h[reports.target == target]) for target in (4, 7)]
    together = len(seen[0] & seen[1])
    assert standard_errors(together, both * passes, np.sqrt(both * (1.0 - both) * passes) + 1e-9) < LIMIT


def test_the_track_follows_its_true_course_where_grid_north_is_not_true():
    plans = ready(4000.0, areas=("corner",), eye=satellite(heading_deg=40.0, swath_nmi=10.0))
    middle = (142.75, 40.5)
    along, aside = (GEOD.fwd(*middle, course, 60.0 * 1852.0)[:2] for course in (40.0, 50.0))
    assert abs(PLANE.convergence(*middle)) > 5.0
    reports = reported(plans, np.zeros(3), np.full(3, 4000.0), np.array([middle, along, aside]))
    seen = [set(reports.seen_h[reports.target == target]) for target in range(3)]
    assert len(seen[0] & seen[1]) > 0.9 * len(seen[0]) > 50
    assert not seen[0] & seen[2]  # ten degrees aside are 10.4 nmi


def test_a_pass_sees_what_lies_alongside_then_and_sees_it_again_at_the_next():
    rng = np.random.default_rng(5)
    begin = rng.uniform(-30.0, 690.0, 4000)
    end = begin + rng.uniform(0.5, 30.0, 4000)
    plans = ready(eye=satellite(revisit_h=7.0, probability=0.6, swath_nmi=500.0, first_pass_h=3.0))
    reports = reported(plans, begin, end, (125.0, 29.0))
    target = reports.target
    assert np.all((begin[target] <= reports.seen_h) & (reports.seen_h < end[target]))
    number = (reports.seen_h - 3.0) / 7.0
    assert np.allclose(number, np.round(number))
    assert number.min() < -0.5  # passes go on before hour 0
    assert np.unique(reports.identity).size == target.size
    # Given that a pass sees any, each one alongside is seen with its probability, whatever other passes did.
    for crossing in np.unique(np.round(number))[5:-5:20]:
        hour = 3.0 + 7.0 * crossing
        there = int(((begin <= hour) & (hour < end)).sum())
        seen = int((np.abs(reports.seen_h - hour) < 1e-6).sum())
        assert standard_errors(seen, 0.6 * there, np.sqrt(0.24 * there)) < LIMIT


def test_the_first_pass_is_at_random_in_a_revisit_or_where_it_is_put():
    plans = ready(200.0, eye=satellite(revisit_h=50.0, swath_nmi=2000.0))
    fixed = ready(200.0, eye=satellite(revisit_h=50.0, swath_nmi=2000.0, first_pass_h=17.0))
    first = []
    for replication in range(400):
        first += (reported(plans, [0.0], [200.0], (125.0, 29.0), replication).seen_h[:1] % 50.0 / 50.0).tolist()
        assert set(reported(fixed, [0.0], [200.0], (125.0, 29.0), replication).seen_h) <= {17.0, 67.0, 117.0, 167.0}
    assert len(first) > 380
    assert kstest(first, "uniform").pvalue > 1e-4


def test_an_optical_satellite_sees_by_day_and_through_no_cloud_radar_always():
    days, place = 400, (125.0, 29.0)
    keys = {"revisit_h": 1.0, "first_pass_h": 0.3, "swath_nmi": 2000.0}
    begin, end = np.zeros(2), np.full(2, 24.0 * days)

    def hours(**more):
        reports = reported(ready(24.0 * days, eye=satellite(**keys, **more)), begin, end, place)
        first, second = (np.sort(reports.seen_h[reports.target == target]) for target in (0, 1))
        assert np.array_equal(first, second)  # cloud and strip are of the pass, not of the pair
        return first

    radar, clear, hazy = hours(cloud_share=0.4), hours(sensor="optical"), hours(sensor="optical", cloud_share=0.4)
    sunset, sunrise = Sun(START).night(np.arange(-1, days + 1), 125.0, 29.0)
    night = np.searchsorted(sunset, radar) > np.searchsorted(sunrise, radar)
    turns = np.concatenate([sunset, sunrise])
    doubtful = np.abs(radar[:, None] - turns).min(axis=1) < 0.003  # iterated sunsets are right to seconds
    assert np.array_equal(clear[~np.isin(clear, radar[doubtful])], radar[~night & ~doubtful])
    assert doubtful.sum() < 20
    assert 0.4 < night.mean() < 0.6
    assert set(hazy) < set(clear)
    assert standard_errors(hazy.size, 0.6 * clear.size, np.sqrt(0.24 * clear.size)) < LIMIT


def test_the_course_of_a_sun_synchronous_orbit_over_ground():
    """From its inclination and height: Sentinel-1, 98.18 degrees, 693 km; at 30 N, to the nearest degree."""
    radius, rotation, gravity = 6371.0, 7.2921e-5, 398600.4
    latitude, inclination = np.radians(30.0), np.radians(98.18)
    ground_speed = np.sqrt(gravity / (radius + 693.0)) * radius / (radius + 693.0)
    azimuth = np.arcsin(np.cos(inclination) / np.cos(latitude))
    east = ground_speed * np.sin(azimuth) - rotation * radius * np.cos(latitude)
    course = np.degrees(np.arctan2(east, ground_speed * np.cos(azimuth))) % 360.0
    assert abs(course - SUN_SYNCHRONOUS_DEG) <= 0.5


# ------------------------------------------------------------------------------------------------- what is still there
LIVES = {
    "fixed": Quantity(value=6.0),
    "exponential": Quantity(mean=6.0),
    "log-normal": Quantity(median=5.0, sigma=0.7),
}


def lives(quantity, count):
    return quantity.quantile(np.random.default_rng(8).random(count))


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
@pytest.mark.parametrize("seen", ["beginning", "any time"])
@pytest.mark.parametrize("age", [0.0, 0.5, 3.0, 5.9, 14.0])
def test_still_there_is_the_integral_of_the_survival_function(life, seen, age):
    law = {
        "fixed": lambda t: float(t < 6.0),
        "exponential": lambda t: float(np.exp(-t / 6.0)),
        "log-normal": lognorm(0.7, scale=5.0).sf,
    }[next(name for name, duration in LIVES.items() if duration == life)]
    if seen == "beginning":
        expected = float(law(age))
    else:
        whole, rest = (quad(law, a, 400.0, points=[6.0, 20.0], limit=400)[0] for a in (0.0, age))
        expected = rest / whole
    assert chance_still_lasting(life, age, seen) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(("life", "transit"), [("fixed", 1.5), ("exponential", 2.0), ("log-normal", 2.5)])
@pytest.mark.parametrize("delay", [0.0, 3.0])
@pytest.mark.parametrize("kind", ["satellite", "ais_desk"])
def test_a_responder_meets_the_transfer_as_often_as_theory_says(life, transit, delay, kind):
    """A satellite's pass is a look at any moment; a desk that notices at once sees the beginning."""
    count, hours = 20_000, 4000.0
    begin = np.random.default_rng(9).uniform(-60.0, hours - 100.0, count)
    end = begin + lives(LIVES[life], count)
    keys = {"delay_h": {"mean": delay} if delay else 0.0, "probability": 0.5}
    more = {**RADAR, "revisit_h": 9.0, "swath_nmi": 400.0} if kind == "satellite" else {"after_h": 0.0}
    reports = reported(ready(1e4, one=observer(**({"kind": kind} | more | keys))), begin, end, (125.0, 29.0))
    seen = "any time" if kind == "satellite" else "beginning"
    if life == "log-normal" and delay:
        density = lambda d: np.exp(-d / delay) / delay * chance_still_lasting(LIVES[life], transit + d, seen)  # noqa: E731
        expected = quad(density, 0.0, 150.0, limit=200)[0]
    else:
        expected = chance_of_arrival_in_time(LIVES[life], delay, transit, seen)
    assert 0.05 < expected <= 1.0
    lasts = end[reports.target] > reports.made_h + transit
    residual = np.bincount(reports.target, lasts - expected, minlength=count)  # a transfer may be reported twice
    if expected == 1.0:
        assert lasts.all()
    else:
        assert scores_from(residual, 0.0) < LIMIT


def test_what_has_no_closed_form_is_refused():
    for life in (Quantity(low=1.0, high=2.0), Quantity(mean=3.0, max=9.0)):
        with pytest.raises(ValueError, match="closed form"):
            chance_still_lasting(life, 1.0)
        with pytest.raises(ValueError, match="closed form"):
            chance_of_arrival_in_time(life, 2.0, 1.0)
    with pytest.raises(ValueError, match="closed form"):
        chance_of_arrival_in_time(LIVES["log-normal"], 2.0, 1.0)


# -------------------------------------------------------------------------------------------------------------- luck
KINDS = {
    "desk": ("ais_desk", {"false_per_month": 9.0}),
    "eye": ("satellite", RADAR | {"revisit_h": 5.0, "false_per_month": 9.0}),
    "shore": ("coastal_radar", {"position": [125.0, 29.0], "range_nmi": 90.0, "false_per_month": 9.0}),
    "source": ("human", {"lead_h": 3.0, "false_per_month": 9.0}),
}


def watchers(**changes):
    keys = {"probability": 0.5, "delay_h": {"mean": 9.0}, "position_error_nmi": 8.0}
    return {name: observer(**{"kind": kind, **keys, **more, **changes}) for name, (kind, more) in KINDS.items()}


def test_more_observers_and_other_transfers_change_no_luck():
    rng = np.random.default_rng(3)
    begin = np.sort(rng.uniform(-20.0, 700.0, 200))
    place = np.column_stack([rng.uniform(123.4, 126.9, 200), rng.uniform(27.1, 31.9, 200)])
    vessels = vessels_of(200)
    every = reported(ready(**watchers()), begin, begin + 6.0, place, vessels=vessels)
    assert (np.diff(every.made_h) >= 0.0).all()
    for number, (name, spec) in enumerate(watchers().items()):
        alone = reported(ready(**{name: spec}), begin, begin + 6.0, place, vessels=vessels)
        assert columns(every, every.observer == number) == columns(alone, slice(None)) | {
            "observer": [number] * alone.observer.size
        }
    some = np.arange(0, 200, 3)
    fewer = reported(ready(**watchers()), begin[some], begin[some] + 6.0, place[some], vessels=vessels[some])
    false = every.target < 0
    expected = columns(every, false | np.isin(every.target, some))
    expected["target"] = [-1 if target < 0 else target // 3 for target in expected["target"]]
    assert expected == columns(fewer, slice(None))
    assert 0 < false.sum() < false.size


def test_a_better_observer_with_the_same_luck_misses_nothing_that_a_worse_one_saw():
    begin = np.linspace(-20.0, 700.0, 300)
    worse, better = (
        reported(ready(**watchers(probability=share, delay_h=delay)), begin, begin + 6.0, (125.0, 29.0))
        for share, delay in ((0.3, {"mean": 20.0}), (0.7, {"mean": 4.0}))
    )
    true = dict(zip(better.identity[better.target >= 0].tolist(), better.made_h[better.target >= 0], strict=True))
    for identity, made in zip(worse.identity[worse.target >= 0].tolist(), worse.made_h[worse.target >= 0], strict=True):
        assert true[identity] <= made
    assert len(true) > (worse.target >= 0).sum()


def test_replications_differ_and_nobody_reports_after_the_end():
    begin = np.linspace(-20.0, 99.0, 400)
    first, second = (reported(ready(100.0, **watchers()), begin, begin + 6.0, (125.0, 29.0), r) for r in (0, 1))
    assert not set(first.made_h) & set(second.made_h)
    assert max(first.made_h.max(), second.made_h.max()) < 100.0
    nothing = reported(ready(100.0), begin, begin + 6.0, (125.0, 29.0))
    assert all(column.size == 0 for column in nothing)
    assert reported(ready(100.0, areas=(), **watchers()), begin, begin + 6.0, (125.0, 29.0)).x.size == 0


def test_a_patrol_reports_a_share_of_its_finds_when_it_makes_them():
    patrol = observer("patrol", patrol="p", probability=0.4, delay_h={"mean": 3.0}, position_error_nmi=2.0)
    plans = ready(100.0, a=observer("human"), p=patrol)
    key = replication_key(1, 0)
    vessels = vessels_of(5000)
    given = [patrol_report(plans[1], key, vessel, -1, 10.0, 50.0, 60.0) for vessel in vessels]
    made = [report for report in given if report is not None]
    assert standard_errors(len(made), 2000.0, np.sqrt(0.24 * 5000)) < LIMIT
    assert {report.observer for report in made} == {1}
    assert kstest([(report.made_h - 10.0) / 3.0 for report in made], "expon").pvalue > 1e-4
    assert kstest([(report.x - 50.0) / 2.0 for report in made], "norm").pvalue > 1e-4
    assert kstest([(report.y - 60.0) / 2.0 for report in made], "norm").pvalue > 1e-4
    assert len({int(report.identity) for report in made}) == len(made)
    late = [patrol_report(plans[1], key, vessel, -1, 98.0, 50.0, 60.0) for vessel in vessels]
    for early, later in zip(given, late, strict=True):
        assert (later is not None) == (early is not None and early.made_h + 88.0 < 100.0)
    begin = np.linspace(0.0, 90.0, 50)
    assert 1 not in reported(plans, begin, begin + 6.0, (125.0, 29.0)).observer


# -------------------------------------------------------------------------------------------------------- the schema
class Scene(Part):
    """A scenario with nothing but observers."""

    observers: dict[Name, Observer]


def findings(**keys):
    """What is wrong with one satellite, as `seasweep check` would say it."""
    given = {k: v for k, v in (COMMON | RADAR | keys).items() if v is not None}
    context = {
        "theatre": (118.0, 22.0, 146.0, 46.0),
        "names": {"nations": ["japan"], "areas": ["west"], "patrols": ["p"]},
    }
    data = {"observers": {"one": given}}
    with pytest.raises(ValidationError) as raised:
        Scene.model_validate(data, context=context)
    return [str(problem) for problem in explain_validation(raised.value, Scene, data, lambda _: ("s.toml", 7))]


COAST = {"kind": "coastal_radar", "sensor": None, "revisit_h": None, "swath_nmi": None}
DESK, HUMAN, PATROL = (COAST | {"kind": kind} for kind in ("ais_desk", "human", "patrol"))


@pytest.mark.parametrize(
    ("keys", "key", "named"),
    [
        (
            {"kind": "drone"},
            "kind",
            'given "drone"; allowed: ais_desk, ais_satellite, ais_station, coastal_radar, human, patrol, satellite',
        ),
        (
            {"kind": None},
            "kind",
            "given nothing; allowed: ais_desk, ais_satellite, ais_station, coastal_radar, human, patrol, satellite",
        ),
        ({"nation": "japn"}, "nation", "a name from [nations]: japan (did you mean japan?)"),
        ({"nation": None}, "nation", "given nothing"),
        ({"area": "east"}, "area", "a name from [areas]: west"),
        ({"probability": 1.2}, "probability", "at least 0 and at most 1"),
        ({"probability": True}, "probability", "at least 0 and at most 1"),
        ({"position_error_nmi": 1001.0}, "position_error_nmi", "at least 0 and at most 1000"),
        ({"position_error_nmi": -1.0}, "position_error_nmi", "at least 0 and at most 1000"),
        ({"delay_h": -1.0}, "delay_h", "0 to 10000 hours"),
        ({"delay_h": 10001.0}, "delay_h", "0 to 10000 hours"),
        ({"delay_h": {"mean": 4.0, "low": 1.0}}, "delay_h", "{ mean }"),
        ({"delay_h": "soon"}, "delay_h", "a number, { low, high }"),
        ({"false_per_month": -1.0}, "false_per_month", "at least 0 and at most 100000"),
        ({"classification": "secrets"}, "classification", "did you mean secret?"),
        ({"credibility": 2.0}, "credibility", "at least 0 and at most 1"),
        ({"sensor": "sonar"}, "sensor", "radar or optical"),
        ({"sensor": None}, "sensor", "radar or optical; this key is required"),
        ({"revisit_h": 0.0}, "revisit_h", "at least 0.1 and at most 10000"),
        ({"swath_nmi": 0.0}, "swath_nmi", "above 0 and at most 2000"),
        ({"heading_deg": 360.0}, "heading_deg", "at least 0 and below 360"),
        ({"cloud_share": 1.5}, "cloud_share", "at least 0 and at most 1"),
        ({"first_pass_h": -1.0}, "first_pass_h", ""),
        ({"first_pass_h": 1.5}, "first_pass_h", "given 1.5; allowed: at most revisit_h, 1"),
        ({"first_pass_h": 1.5, "revisit_h": 0.0}, "revisit_h", "at least 0.1"),
        ({"swath_km": 5.0}, "swath_km", "did you mean swath_nmi"),
        (COAST | {"position": [29.0, 125.0], "range_nmi": 9.0}, "position", "longitude and latitude look swapped"),
        (COAST | {"position": [125.0], "range_nmi": 9.0}, "position", "a list of two numbers, [lon, lat]"),
        (COAST | {"position": [125.0, 29.0]}, "range_nmi", "this key is required"),
        (COAST | {"position": [125.0, 29.0], "range_nmi": 9.0, "after_h": -1.0}, "after_h", "at least 0"),
        (DESK | {"dark_probability": 1.5}, "dark_probability", "at least 0 and at most 1"),
        (DESK | {"swath_nmi": 5.0}, "swath_nmi", "an unknown key, swath_nmi"),
        (HUMAN | {"lead_h": -3.0}, "lead_h", "0 to 10000 hours"),
        (PATROL | {"patrol": "q"}, "patrol", "a name from [patrols]: p"),
        (PATROL | {"patrol": "p", "reports": "seen"}, "reports", "detected or classified or documented"),
        (PATROL | {"patrol": "p", "false_per_month": 1.0}, "false_per_month", "an unknown key"),
        (PATROL | {"patrol": "p", "area": "west"}, "area", "an unknown key"),
    ],
)
def test_a_wrong_key_of_an_observer_is_refused_in_one_line(keys, key, named):
    (line,) = findings(**keys)
    assert line.startswith(f"s.toml:7: observers.one.{key}: given ")
    assert named in line
    assert "\n" not in line


def test_what_is_left_out_has_its_default():
    eye, shore = satellite(), observer("coastal_radar", position=[125.0, 29.0], range_nmi=9.0)
    assert (eye.heading_deg, eye.cloud_share, eye.first_pass_h, eye.false_per_month) == (347.0, 0.0, None, 0.0)
    assert (eye.area, eye.classification, eye.credibility) == (None, "unclassified", 1.0)
    assert (shore.after_h, observer("ais_desk").after_h, observer("ais_desk").dark_probability) == (0.5, 1.0, 0.0)
    assert observer("human").lead_h.value == 0.0
    patrol = _OBSERVER.validate_python(
        {"kind": "patrol", "nation": "n", "position_error_nmi": 1.0, "delay_h": 2.0, "patrol": "p"}
    )
    assert (patrol.probability, patrol.reports) == (1.0, "classified")
