"""Lanes: flow and density on every cross-section, speeds, the lateral law and gaps. Distances in standard errors."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from scipy.stats import kstest, truncnorm

from sim import load_scenario
from sim.core.chance import replication_key
from sim.deployment.traffic.base import SegmentBuffers, plan_traffic
from tests.helpers import scores_from, standard_errors

LIMIT = 3.7
BENT = [[124.0, 28.0], [125.0, 29.5], [126.8, 29.0], [126.5, 31.0]]
PER_DAY, LOW, HIGH = 240.0, 6.0, 18.0
LATERAL = truncnorm(-2.5, 2.5, scale=4.0)  # about the middle of each direction, 3 nmi to starboard
SLOWNESS = np.log(HIGH / LOW) / (HIGH - LOW)  # the mean of 1 / v, v uniform
HOURS = (0.0, 29.0, 71.0)
KEYS = {
    "kind": "lane", "line": BENT, "spread_nmi": 4.0, "separation_nmi": 6.0, "per_day": PER_DAY,
    "speed_kn": {"low": LOW, "high": HIGH}, "suspicious_share": 1.0,
}  # fmt: skip
NARROW = {"kind": "lane", "lane": "shanghai_osumi", "per_day": PER_DAY, "suspicious_share": 1.0}


def lane(**keys):
    tables = {"extends": "neon-spring", "duration_days": 3, "background": {"lane": {**KEYS, **keys}}}
    return plan_traffic(load_scenario(tables), "lane")


def of_library(**keys):
    tables = {"extends": "neon-spring", "duration_days": 3, "background": {"lane": {**NARROW, **keys}}}
    return plan_traffic(load_scenario(tables), "lane")


def fleets(plan, replications, first=0):
    return [plan.realise(replication_key(11, first + r), False, SegmentBuffers())[0] for r in range(replications)]


def present_at(fleet, hour):
    """Places and velocities of the ships that exist at an hour."""
    rows = fleet.rows
    now = rows[(rows[:, 0] <= hour) & (hour < rows[:, 1])]
    return now[:, 2:4] + now[:, 4:6] * (hour - now[:, :1]), now[:, 4:6]


def crossings(fleet, begin, end, line):
    """The hours at which ships cross a line (2, 2), between two hours; and whether each goes to its left."""
    rows = fleet.rows
    a, way = line[0], line[1] - line[0]
    speed = rows[:, 4] * way[1] - rows[:, 5] * way[0]
    away = (a[0] - rows[:, 2]) * way[1] - (a[1] - rows[:, 3]) * way[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        hour = rows[:, 0] + away / speed
        place = rows[:, 2:4] + rows[:, 4:6] * (hour - rows[:, 0])[:, None]
        share = (place - a) @ way / (way @ way)
    crosses = (rows[:, 0] <= hour) & (hour < rows[:, 1]) & (share >= 0.0) & (share <= 1.0)
    crosses &= (begin <= hour) & (hour < end)
    return hour[crosses], speed[crosses] < 0.0


@pytest.fixture(scope="module")
def bent():
    plan = lane()
    return plan, fleets(plan, 60)


def test_as_many_are_present_at_every_hour_as_flow_times_length_over_speed(bent):
    plan, ships = bent
    length = shapely.length(shapely.linestrings(plan.line))
    expected = PER_DAY / 24.0 * length * SLOWNESS
    assert plan.mean_present(0.0, 72.0) == pytest.approx(expected, rel=1e-3)
    for hour in HOURS:
        counts = np.array([len(present_at(fleet, hour)[0]) for fleet in ships])
        assert standard_errors(counts.mean(), expected, np.sqrt(expected / len(counts))) < LIMIT
        spread = np.sqrt((expected + 2.0 * expected**2) / len(counts))
        assert standard_errors(counts.var(ddof=1), expected, spread) < LIMIT


def test_the_speeds_of_those_present_are_those_of_the_flow_in_proportion_to_the_time_that_they_stay(bent):
    _, ships = bent
    for hour in HOURS:
        means = np.array([np.hypot(*present_at(fleet, hour)[1].T).mean() for fleet in ships])
        assert scores_from(means, 1.0 / SLOWNESS) < LIMIT
    entering = []
    for fleet in ships:
        first = fleet.rows[np.unique(fleet.owner, return_index=True)[1]]
        entering.append(np.hypot(*first[first[:, 0] > 0.0, 4:6].T).mean())
    assert scores_from(np.array(entering), (LOW + HIGH) / 2.0) < LIMIT


def boxes_of(line, stretch):
    """Boxes along a stretch of a line, between the lines that halve its bends.

    Of each the ends along the stretch and across it, miles.
    """
    along = np.diff(line, axis=0)
    length = np.hypot(*along.T)
    unit = along / length[:, None]
    normal = np.column_stack([-unit[:, 1], unit[:, 0]])
    found = []
    ends = np.linspace(-15.0, length[stretch] + 15.0, 40)
    across = np.array([-12.9, -7.0, -3.0, 0.0, 3.0, 7.0, 12.9])
    for low, high in pairwise(ends):
        for a, b in pairwise(across):
            corners = np.array([[low, a], [high, a], [high, b], [low, b]])
            places = line[stretch] + corners @ np.stack([unit[stretch], normal[stretch]])
            inside = [True] * 4
            for bend, before, after in ((stretch, stretch - 1, stretch), (stretch + 1, stretch, stretch + 1)):
                halving = unit[before] + unit[after] if before >= 0 and after < len(unit) else unit[stretch]
                ahead = (places - line[bend]) @ halving
                inside = inside & (ahead > 0.0 if after == stretch else ahead < 0.0)
            if np.all(inside):
                found.append((low, high, a, b))
    return np.array(found), unit[stretch], normal[stretch]


@pytest.mark.parametrize("stretch", [0, 1, 2])
@pytest.mark.parametrize("hour", HOURS)
def test_the_density_is_flow_over_speed_in_boxes_along_each_stretch_up_to_its_bends(bent, stretch, hour):
    """In a box s miles long, between the lateral places a and b, there are f s E[1/v] (F(b) - F(a)) ships."""
    plan, ships = bent
    boxes, unit, normal = boxes_of(plan.line, stretch)
    assert len(boxes) > 100
    place = np.vstack([present_at(fleet, hour)[0] for fleet in ships]) - plan.line[stretch]
    x, y = (place @ unit)[:, None], (place @ normal)[:, None]
    counts = ((boxes[:, 0] <= x) & (x < boxes[:, 1]) & (boxes[:, 2] <= y) & (y < boxes[:, 3])).sum(axis=0)
    lateral = sum(LATERAL.cdf(boxes[:, 3] - middle) - LATERAL.cdf(boxes[:, 2] - middle) for middle in (-3.0, 3.0))
    expected = len(ships) * PER_DAY / 48.0 * SLOWNESS * (boxes[:, 1] - boxes[:, 0]) * lateral
    squares = (counts - expected) ** 2 / expected
    assert standard_errors(squares.sum(), len(boxes), np.sqrt((2.0 + 1.0 / expected).sum())) < LIMIT
    assert standard_errors(counts.sum(), expected.sum(), np.sqrt(expected.sum())) < LIMIT
    middles = (boxes[:, 0::2] + boxes[:, 1::2]) / 2.0
    stated = plan.density(*(plan.line[stretch] + middles @ np.stack([unit, normal])).T, hour, hour + 1.0)[()]
    curve = sum(LATERAL.pdf(middles[:, 1] - middle) for middle in (-3.0, 3.0))
    assert stated == pytest.approx(PER_DAY / 48.0 * SLOWNESS * curve, rel=1e-3)


def cross_sections(plan, shares):
    """Lines across the corridor from edge to edge, at some shares of the way between every two points of it."""
    corridor = plan.corridor
    port, starboard = corridor.ways * (corridor.half_width + 1e-6)
    ends = np.stack([corridor.points + port, corridor.points - starboard], axis=1)
    return [ends[:-1] + share * np.diff(ends, axis=0) for share in shares]


@pytest.mark.parametrize("plan", [lane(), of_library()], ids=["open sea", "between islands"])
def test_the_flow_crosses_every_cross_section_in_each_direction(plan):
    ships, hours = fleets(plan, 10), (5.0, 65.0)
    expected = len(ships) * PER_DAY / 48.0 * (hours[1] - hours[0])
    scores = []
    for line in np.vstack(cross_sections(plan, (0.001, 0.999))):
        leftward = np.concatenate([crossings(fleet, *hours, line)[1] for fleet in ships])
        scores += [standard_errors(np.sum(leftward == way), expected, np.sqrt(expected)) for way in (True, False)]
    assert len(scores) >= 12
    assert max(scores) < LIMIT


def test_where_a_lane_is_narrow_the_counts_agree_with_the_stated_density_and_number():
    plan = of_library()
    assert plan.corridor.room.min() < 0.5 * plan.corridor.half_width
    place = np.vstack([present_at(fleet, 40.0)[0] for fleet in fleets(plan, 60)])
    side = 4.0
    west, south, east, north = plan.corridor.shape.bounds
    x, y = np.meshgrid(np.arange(west, east, side), np.arange(south, north, side))
    fine = (np.arange(8) + 0.5) / 8 * side
    inner = np.stack(np.meshgrid(fine, fine)).reshape(2, -1)
    places = np.column_stack([x.ravel(), y.ravel()])[:, :, None] + inner
    density = plan.density(places[:, 0].ravel(), places[:, 1].ravel(), 0.0, 1.0)[()].reshape(-1, 64).mean(axis=1)
    expected = 60.0 * density * side * side
    assert expected.sum() == pytest.approx(60.0 * plan.mean_present(0.0, 1.0), rel=2e-3)
    edges = (np.append(x[0], x[0, -1] + side), np.append(y[:, 0], y[-1, 0] + side))
    counts = np.histogram2d(*place.T, bins=edges)[0].T.ravel()
    full = expected > 5.0
    squares = (counts[full] - expected[full]) ** 2 / expected[full]
    assert full.sum() > 100
    assert standard_errors(squares.sum(), full.sum(), np.sqrt((2.0 + 1.0 / expected[full]).sum())) < LIMIT
    half = shapely.box(west, south, (west + east) / 2.0, north)
    there = np.sum(place[:, 0] < (west + east) / 2.0)
    mean = 60.0 * plan.mean_present(0.0, 1.0, half)
    assert standard_errors(there, mean, np.sqrt(mean)) < LIMIT


def test_lateral_places_follow_the_law_and_each_direction_keeps_to_starboard(bent):
    plan, ships = bent
    start, end = plan.line[:2]
    unit = (end - start) / np.hypot(*(end - start))
    for way, middle in ((1.0, -3.0), (-1.0, 3.0)):
        lateral = []
        for fleet in ships:
            place, velocity = present_at(fleet, 29.0)
            away = place - start
            on = (away @ unit > 20.0) & (away @ unit < 60.0) & (velocity @ unit * way > 0.9 * np.hypot(*velocity.T))
            lateral += (away[on] @ [-unit[1], unit[0]] - middle).tolist()
        assert len(lateral) > 1000
        assert kstest(lateral, LATERAL.cdf).pvalue > 2e-4


def test_the_gaps_of_poisson_arrivals_are_exponential_and_those_of_a_schedule_are_equal():
    keys = {"direction": "forward", "line": [[124.0, 28.0], [125.0, 29.5]], "speed_kn": 12.0}
    for arrivals, jitter in (("poisson", 0.0), ("scheduled", 0.0), ("scheduled", 0.03)):
        plan = lane(arrivals=arrivals, jitter_h=jitter, **keys)
        line, gaps, phases = cross_sections(plan, (1e-9,))[0][0], [], []
        for fleet in fleets(plan, 20):
            entered = np.sort(crossings(fleet, 1e-6, 72.0, line)[0])
            gaps += np.diff(entered).tolist()
            phases.append(entered[0] % 0.1 / 0.1)
        assert np.mean(gaps) == pytest.approx(24.0 / PER_DAY, rel=0.05)
        if arrivals == "poisson":
            assert kstest(np.array(gaps) * 10.0, "expon").pvalue > 2e-4
        elif jitter == 0.0:
            assert gaps == pytest.approx([0.1] * len(gaps), abs=1e-9)
            assert kstest(phases, "uniform").pvalue > 2e-4
        else:
            errors = np.array(gaps) - 0.1
            assert np.abs(errors).max() <= 2.0 * jitter + 1e-9
            assert errors.std() == pytest.approx(jitter * np.sqrt(2.0 / 3.0), rel=0.05)


def test_a_schedule_has_as_many_ships_present_as_the_same_flow_at_random_and_a_steadier_number():
    plan = lane(arrivals="scheduled")
    expected = plan.mean_present(0.0, 1.0)
    ships = fleets(plan, 60)
    for hour in HOURS:
        counts = np.array([len(present_at(fleet, hour)[0]) for fleet in ships])
        assert scores_from(counts, expected) < LIMIT
        assert counts.var(ddof=1) < 0.6 * expected


# ------------------------------------------------------------------------------------------------- flows that change
BUSY = [{"from": "20:00", "to": "02:00", "factor": 4.0}, {"from": "02:00", "to": "08:00", "factor": 0.0}]


def factor_at(hours):
    """The factor of `BUSY` at hours of the deployment, which begins at 09:00 in Japan."""
    local = (np.asarray(hours) + 9.0) % 24.0
    return np.where((local >= 20.0) | (local < 2.0), 4.0, np.where(local < 8.0, 0.0, 1.0))


def mean_on_a_mile(gone, hour):
    """f E[F(t - s / v) / v] of one direction, by a fine sum over speeds, at distances (n,) from where ships enter."""
    speed = LOW + (HIGH - LOW) * (np.arange(1000) + 0.5) / 1000
    return PER_DAY / 48.0 * (factor_at(hour - gone[:, None] / speed) / speed).mean(axis=1)


@pytest.mark.parametrize("arrivals", ["poisson", "scheduled"])
def test_a_flow_that_changes_by_the_hour_is_at_each_place_what_has_come_there(arrivals):
    plan = lane(hours=BUSY, arrivals=arrivals)
    ships = fleets(plan, 60)
    length = shapely.length(shapely.linestrings(plan.line))
    middles = (np.arange(400) + 0.5) / 400 * length
    for hour in (0.0, 5.0, 17.0, 60.0):
        expected = 2.0 * mean_on_a_mile(middles, hour).mean() * length
        counts = np.array([len(present_at(fleet, hour)[0]) for fleet in ships])
        assert scores_from(counts, expected) < LIMIT
        assert plan.mean_present(hour, hour) == pytest.approx(expected, rel=0.01)
    start, end = plan.line[
        :2
    ]  # ships of both directions in a box on the first stretch: near one end, far from the other
    unit = (end - start) / np.hypot(*(end - start))
    for hour in (3.0, 15.0, 27.0, 40.0):
        gone = 40.0 + 20.0 * (np.arange(50) + 0.5) / 50
        expected = 20.0 * (mean_on_a_mile(gone, hour).mean() + mean_on_a_mile(length - gone, hour).mean())
        inside = [(present_at(fleet, hour)[0] - start) @ unit for fleet in ships]
        counts = np.array([np.sum((along >= 40.0) & (along < 60.0)) for along in inside])
        assert scores_from(counts, expected) < LIMIT
        corners = start + np.outer([40.0, 60.0, 60.0, 40.0], unit) + np.outer([-14, -14, 14, 14], [-unit[1], unit[0]])
        box = shapely.polygons(corners)
        assert plan.mean_present(hour, hour, box) == pytest.approx(expected, rel=0.03)
        x, y = (start + 50.0 * unit + 3.0 * np.array([-unit[1], unit[0]])).reshape(2, 1)
        peak = mean_on_a_mile(np.array([50.0, length - 50.0]), hour) * [LATERAL.pdf(6.0), LATERAL.pdf(0.0)]
        assert plan.density(x, y, hour, hour)[()] == pytest.approx(peak.sum(), rel=0.03)


@pytest.mark.parametrize("arrivals", ["poisson", "scheduled"])
def test_ships_enter_at_the_hours_at_which_the_flow_is_what_the_file_says(arrivals):
    season = [{"from": "04-12", "to": "04-30", "factor": 0.5}]  # from hour 39 on
    plan = lane(hours=BUSY, arrivals=arrivals, calendar=season, direction="forward")
    line, ships = cross_sections(plan, (1e-9,))[0][0], fleets(plan, 40)
    entered = np.concatenate([crossings(fleet, 0.0, 72.0, line)[0] for fleet in ships])
    hours = np.arange(72) + 0.5
    expected = len(ships) * PER_DAY / 24.0 * factor_at(hours) * np.where(hours > 39.0, 0.5, 1.0)
    counts, some = np.histogram(entered, bins=np.arange(73))[0], expected > 0.0
    assert some.sum() == 54
    assert not counts[~some].any()
    scores = (counts - expected)[some] / np.sqrt(expected[some])
    assert np.abs(scores).max() < LIMIT
    if arrivals == "poisson":
        assert standard_errors((scores**2).sum(), some.sum(), np.sqrt(2.0 * some.sum())) < LIMIT
