"""The environment: weather as theory says, in standard errors; the sun against astral; series as they are written."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import astral.sun
import numpy as np
import pytest
from astral import Observer

from sim import load_scenario
from sim.core import chance
from sim.core.chance import replication_key
from sim.model.environment import Environment
from sim.model.sun import SUNSET_DEG, Sun
from sim.model.weather import Weather, plan_weather, realise_weather
from sim.model.weather_processes import realise_process, time_shares
from sim.model.weather_quantities import wind_on_plane
from sim.scenario.digest import digest, flat_toml, world_digest
from sim.scenario.problems import InputError
from sim.scenario.series import HEIGHTS_M, sea_state_of
from tests.helpers import scores_from, standard_errors

LIMIT = 3.7
SEA = {
    "calm": {"dwell_h": 30.0, "sea_state": 2, "next": {"rough": 0.8, "storm": 0.2}},
    "rough": {"dwell_h": 10.0, "sea_state": 5, "next": {"calm": 0.6, "storm": 0.4}},
    "storm": {"dwell_h": 5.0, "sea_state": 7, "next": {"rough": 1.0}},
}
AIR = {
    "west": {"dwell_h": 8.0, "visibility_nmi": 15.0, "wind_kn": 20.0, "wind_from_deg": 270.0},
    "haze": {"dwell_h": 4.0, "visibility_nmi": 3.0, "wind_kn": 5.0, "wind_from_deg": 135.0},
}


def plan_of(processes, **more):
    return plan_weather(load_scenario("textbook", {"environment": {"processes": processes, **more}}))


def shares_of(states):
    return time_shares(Environment.model_validate({"processes": {"sea": states}}).processes["sea"])


def states_at(process, hour, replications):
    """The state at an hour in each replication."""
    paths = [realise_process(process, replication_key(11, r), hour + 1.0) for r in range(replications)]
    return np.array([states[np.searchsorted(begin, hour, side="right") - 1] for begin, states in paths])


# -------------------------------------------------------------------------------------------------------- processes
def test_shares_of_time_by_hand():
    """Two states in turn: in proportion to their dwell. Three: nu = nu P solved by hand."""
    assert shares_of(AIR) == pytest.approx({"haze": 4 / 12, "west": 8 / 12}, abs=1e-12)
    visits = {"calm": 0.6, "rough": 1.0, "storm": 0.52}  # calm = 0.6 rough, storm = 0.2 calm + 0.4 rough
    time = {name: visits[name] * SEA[name]["dwell_h"] for name in SEA}
    expected = {name: value / sum(time.values()) for name, value in time.items()}
    assert shares_of(SEA) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("hour", [0.0, 7.0, 700.0])
def test_a_process_is_stationary_from_hour_0_on(hour):
    process = plan_of({"sea": SEA}).processes[0]
    states = states_at(process, hour, 1500)
    assert len(shares_of(SEA)) > 1
    for number, share in enumerate(shares_of(SEA).values()):
        assert standard_errors(np.mean(states == number), share, np.sqrt(share * (1 - share) / states.size)) < LIMIT


def test_time_is_spent_as_the_stationary_law_says():
    plan = plan_of({"sea": SEA})
    rows = []
    for replication in range(300):
        weather = realise_weather(plan, replication_key(2, replication))
        ends = np.clip(np.append(weather.begin[1:], np.inf), 0.0, 720.0)
        length = ends - np.clip(weather.begin, 0.0, 720.0)
        rows.append([length[weather.sea_state == code].sum() / 720.0 for code in (2.0, 5.0, 7.0)])
    assert len(shares_of(SEA)) > 1
    for column, share in zip(np.array(rows).T, shares_of(SEA).values(), strict=True):
        assert scores_from(column, share) < LIMIT


@pytest.fixture(scope="module")
def stretches():
    """States and lengths of the stretches 0 to 29 of 400 replications: a fixed number, so that none is cut short."""
    process = plan_of({"sea": SEA}).processes[0]
    states, lengths = [], []
    for replication in range(400):
        begin, path = realise_process(process, replication_key(5, replication), 3000.0)
        states.append(path[:30])
        lengths.append(np.diff(np.maximum(begin[:31], 0.0)))
    return np.array(states), np.array(lengths)


def test_dwell_is_exponential_with_the_mean_given_what_is_left_at_hour_0_too(stretches):
    from scipy.stats import kstest

    states, lengths = stretches
    for number, dwell in enumerate(state["dwell_h"] for state in SEA.values()):
        for part in (np.s_[:, 0], np.s_[:, 1:]):
            found = lengths[part][states[part] == number]
            assert found.size > 20
            assert standard_errors(found.mean(), dwell, dwell / np.sqrt(found.size)) < LIMIT
            assert kstest(found, "expon", args=(0.0, dwell)).pvalue > 1e-3


def test_dwell_does_not_depend_on_what_was_before_or_on_the_state_that_follows(stretches):
    states, lengths = stretches
    scaled = lengths / np.array([state["dwell_h"] for state in SEA.values()])[states]
    pairs = (scaled[:, :-1].ravel(), scaled[:, 1:].ravel())
    assert abs(np.corrcoef(*pairs)[0, 1]) < LIMIT / np.sqrt(pairs[0].size)
    calm = scaled[:, :-1][states[:, :-1] == 0]
    follows = states[:, 1:][states[:, :-1] == 0]
    assert abs(np.corrcoef(calm, follows == 1)[0, 1]) < LIMIT / np.sqrt(calm.size)


def test_what_follows_has_the_shares_given(stretches):
    states, _ = stretches
    names = list(SEA)
    assert len(names) > 1
    for number, name in enumerate(names):
        after = states[:, 1:][states[:, :-1] == number]
        for other, share in SEA[name]["next"].items():
            error = max(np.sqrt(share * (1 - share) / after.size), 1e-12)
            assert standard_errors(np.mean(after == names.index(other)), share, error) < LIMIT
        assert not np.any(after == number)


def test_two_processes_are_independent():
    plan = plan_of({"sea": SEA, "air": AIR})
    hours = np.array([0.0, 300.0, 650.0])
    rough, haze = [], []
    for replication in range(800):
        weather = realise_weather(plan, replication_key(8, replication))
        now = weather.rows_at(hours)
        rough.append(weather.sea_state[now] > 3)
        haze.append(weather.visibility_nmi[now] < 5)
    assert len(rough) > 10
    for a, b in zip(np.array(rough, float).T, np.array(haze, float).T, strict=True):
        assert abs(np.corrcoef(a, b)[0, 1]) < LIMIT / np.sqrt(a.size)


def test_replications_and_processes_of_the_same_table_differ():
    twin = {name: {k: v for k, v in state.items() if k != "sea_state"} for name, state in SEA.items()}
    twin = {name: {**state, "visibility_nmi": float(SEA[name]["sea_state"])} for name, state in twin.items()}
    plan = plan_of({"sea": SEA, "air": twin})
    agree = [
        np.mean(w.sea_state == w.visibility_nmi) for w in (realise_weather(plan, replication_key(1, r)) for r in (0, 1))
    ]
    assert all(share < 0.9 for share in agree)
    one, two = (realise_weather(plan, replication_key(1, r)) for r in (0, 1))
    assert one.begin.size != two.begin.size or np.any(one.begin[1:] != two.begin[1:])


# ------------------------------------------------------------------------------------- the same for the same seed
def test_a_process_is_the_same_whatever_else_there_is():
    key = replication_key(3, 1)
    alone = realise_weather(plan_of({"sea": SEA}), key)
    hours = np.linspace(0.0, 719.9, 5000)
    reordered = {name: SEA[name] for name in reversed(SEA)}
    elsewhere = {"environment": {"processes": {"sea": SEA}}}
    others = [
        plan_of({"air": AIR, "sea": reordered}, light_begins_deg=-12.0),
        plan_weather(load_scenario("neon-spring", elsewhere)),
        plan_weather(load_scenario("neon-barrier", {**elsewhere, "duration_days": 90})),
    ]
    for plan in others:
        weather = realise_weather(plan, key)
        assert np.array_equal(alone.sea_state[alone.rows_at(hours)], weather.sea_state[weather.rows_at(hours)])
    calmer = {**SEA, "calm": {**SEA["calm"], "sea_state": 1}}
    assert np.array_equal(realise_weather(plan_of({"sea": calmer}), key).begin, alone.begin)


def test_weather_is_the_same_in_another_process():
    code = (
        "import sys, tests.theory.test_environment as t\n"
        "w = t.realise_weather(t.plan_of({'sea': t.SEA, 'air': t.AIR}), t.replication_key(4, 9))\n"
        "sys.stdout.write(w.begin.tobytes().hex() + w.sea_state.tobytes().hex() + w.wind_x.tobytes().hex())"
    )
    mine = realise_weather(plan_of({"air": AIR, "sea": SEA}), replication_key(4, 9))
    theirs = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout
    assert theirs == "".join(array.tobytes().hex() for array in (mine.begin, mine.sea_state, mine.wind_x))


def test_weather_is_what_its_parts_say_at_every_hour():
    plan = plan_of({"sea": SEA, "air": AIR})
    key = replication_key(6, 2)
    weather = realise_weather(plan, key)
    parts = {process.source: (process, *realise_process(process, key, plan.end_h)) for process in plan.processes}
    for name, quantity, column in (("sea", "sea_state", 0), ("air", "visibility_nmi", 1), ("air", "wind_x", 2)):
        process, begin, states = parts[chance.identity("environment", name)]
        for hour in [*np.linspace(-5.0, plan.end_h, 400), *begin[1:], *np.nextafter(begin[1:], -np.inf)]:
            state = states[np.flatnonzero(begin <= hour)[-1]]
            assert getattr(weather, quantity)[weather.row_at(hour)] == process.values[state, column]
    assert weather.begin[0] == -np.inf
    assert np.all(np.diff(weather.begin) > 0.0)
    assert weather.begin[-1] > 720.0 + 100.0


# ------------------------------------------------------------------------------------------- constants and stretches
@pytest.mark.parametrize(
    ("said", "sea", "visibility"), [({}, np.nan, np.nan), ({"sea_state": 3, "visibility_nmi": 8.0}, 3.0, 8.0)]
)
def test_a_constant_environment_is_one_stretch_and_draws_nothing(monkeypatch, said, sea, visibility):
    plan = plan_weather(load_scenario("textbook", {"environment": said}))
    monkeypatch.setattr(chance, "uniforms", None)
    weather = realise_weather(plan, replication_key(1, 0))
    assert weather is realise_weather(plan, replication_key(1, 1))
    assert weather.begin.tolist() == [-np.inf]
    assert np.array_equal([weather.sea_state[0], weather.visibility_nmi[0]], [sea, visibility], equal_nan=True)
    assert (weather.wind_x[0], weather.wind_y[0]) == (0.0, 0.0)
    assert weather.changes_between(-1e9, 1e9).size == 0
    assert weather.row_at(-1e9) == weather.row_at(1e9) == 0


def test_stretches_are_half_open_and_changes_lie_strictly_between():
    still = np.zeros(3)
    weather = Weather(np.array([-np.inf, 10.0, 20.0]), still, still, still, still)
    assert [weather.row_at(hour) for hour in (-1.0, 9.999, 10.0, 19.999, 20.0, 1e6)] == [0, 0, 1, 1, 2, 2]
    assert weather.rows_at([[0.0, 10.0], [20.0, 30.0]]).tolist() == [[0, 1], [2, 2]]
    assert weather.changes_between(0.0, 30.0).tolist() == [10.0, 20.0]
    assert weather.changes_between(10.0, 20.0).tolist() == []
    assert weather.changes_between(9.0, 20.5).tolist() == [10.0, 20.0]
    assert weather.changes_between(-np.inf, 15.0).tolist() == [10.0]


@pytest.mark.parametrize(
    ("from_deg", "east", "north"), [(0.0, 0, -1), (90.0, -1, 0), (270.0, 1, 0), (225.0, 0.7071, 0.7071)]
)
def test_wind_blows_from_where_it_is_said_to_come_true_in_the_middle_of_the_theatre(from_deg, east, north):
    """Carried along the plane from the middle for an hour, air goes where the geodesic of the true course goes."""
    from pyproj import Geod

    plane = load_scenario("neon-spring").plane
    x, y = wind_on_plane(30.0, from_deg, plane)
    lon, lat = (118.0 + 146.0) / 2, (22.0 + 46.0) / 2
    x0, y0 = plane.to_xy(lon, lat)
    there = plane.to_lonlat(x0 + x, y0 + y)
    azimuth, _, metres = Geod(ellps="WGS84").inv(lon, lat, *map(float, there))
    assert (np.sin(np.radians(azimuth)), np.cos(np.radians(azimuth))) == pytest.approx((east, north), abs=5e-3)
    assert metres / 1852.0 == pytest.approx(30.0, rel=0.014)


# ----------------------------------------------------------------------------------------------------------- series
CSV = """# as observed
time_h,sea_state,visibility_nmi,wind_kn,wind_from_deg
-6,1,5,10,0
-1.5,2,10,20,180
12,2,10,20,180

24.25,4,3.5,0,360
"""
ISO = """time,sea_state,visibility_nmi,wind_kn,wind_from_deg
2023-04-09T22:30:00Z,2,10,20,180
2023-04-11T09:15:00+09:00,4,3.5,0,0
"""


def with_series(scratch, text, name="weather.csv"):
    (scratch / name).write_text(text, encoding="utf-8")
    (scratch / "mine.toml").write_text(
        f'extends = "textbook"\n[environment.series]\nfile = "{name}"\n', encoding="utf-8"
    )
    return load_scenario(scratch / "mine.toml")


@pytest.mark.parametrize("text", [CSV, ISO])
def test_a_series_holds_from_row_to_row_and_what_repeats_is_no_change(scratch, text):
    weather = realise_weather(plan_weather(with_series(scratch, text)), replication_key(1, 0))
    assert weather.begin.tolist() == [-np.inf, 24.25]
    assert weather.sea_state.tolist() == [2.0, 4.0]
    assert weather.visibility_nmi.tolist() == [10.0, 3.5]
    assert weather.wind_y == pytest.approx([20.0, 0.0], abs=1e-12)


def test_a_flat_scenario_with_a_series_stands_alone(scratch):
    scenario = with_series(scratch, CSV)
    assert scenario.environment.series.time_h == [-1.5, 12.0, 24.25]  # what was over before hour 0 is left out
    (scratch / "flat.toml").write_text(flat_toml(scenario), encoding="utf-8")
    (scratch / "weather.csv").unlink()
    again = load_scenario(scratch / "flat.toml")
    assert again == scenario
    assert digest(again) == digest(scenario)


def test_the_world_depends_on_the_environment(scratch):
    plain = load_scenario("textbook")
    assert world_digest(plain) == world_digest(load_scenario("textbook", {"patrols.daily.every_h": 12.0}))
    assert world_digest(plain) != world_digest(load_scenario("textbook", {"environment.sea_state": 3}))
    assert world_digest(with_series(scratch, CSV)) != world_digest(with_series(scratch, CSV.replace("24.25", "24.5")))


def test_a_series_beside_a_process_and_a_constant(scratch):
    (scratch / "sea.csv").write_text("time_h,sea_state\n0,1\n48,6\n", encoding="utf-8")
    text = """extends = "textbook"
[environment]
visibility_nmi = 7.0
series = { file = "sea.csv" }
[environment.processes.wind.west]
dwell_h = 5.0
wind_kn = 20.0
wind_from_deg = 270.0
[environment.processes.wind.east]
dwell_h = 5.0
wind_kn = 20.0
wind_from_deg = 90.0
"""
    (scratch / "mine.toml").write_text(text, encoding="utf-8")
    weather = realise_weather(plan_weather(load_scenario(scratch / "mine.toml")), replication_key(1, 0))
    assert np.all(weather.sea_state == np.where(weather.begin < 48.0, 1.0, 6.0))
    assert 48.0 in weather.begin
    assert np.all(weather.visibility_nmi == 7.0)
    assert set(np.round(weather.wind_x)) == {-20.0, 20.0}


TWO = "{ a = { dwell_h = 1.0, sea_state = 1 }, b = { dwell_h = 1.0, sea_state = 2 } }"


@pytest.mark.parametrize(
    ("parent", "child", "left"),
    [
        (
            "sea_state = 3",
            f"processes.sea = {TWO}",
            "processes",
        ),
        ("series = { time_h = [0.0], sea_state = [1] }", "sea_state = 5", "sea_state"),
        (f"processes.sea = {TWO}", 'series = { file = "sea.csv" }', "series"),
        (f"processes.sea = {TWO}", "visibility_nmi = 3.0", "visibility_nmi"),
        ("series = { time_h = [0.0], sea_state = [1] }", 'series = { file = "sea.csv" }', "series"),
        ("visibility_nmi = 3.0", "sea_state = 5", "sea_state visibility_nmi"),
    ],
)
def test_weather_of_another_kind_replaces_the_parents(scratch, parent, child, left):
    (scratch / "sea.csv").write_text("time_h,sea_state\n0,9\n", encoding="utf-8")
    (scratch / "parent.toml").write_text(f'extends = "textbook"\n[environment]\n{parent}\n', encoding="utf-8")
    (scratch / "child.toml").write_text(f'extends = "parent.toml"\n[environment]\n{child}\n', encoding="utf-8")
    said = load_scenario(scratch / "child.toml").environment
    assert set(said.model_dump(exclude_defaults=True)) == set(left.split())
    if left == "series":
        assert said.series.sea_state == [9]


def test_sea_state_by_wave_height_is_wmo_code_3700():
    """A bounding height goes to the lower code: 4 m is 5."""
    middle = np.array([0.05, 0.3, 1.0, 2.0, 3.0, 5.0, 7.5, 10.0, 20.0])
    assert sea_state_of(middle).tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert sea_state_of(np.array(HEIGHTS_M)).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8]


def write_netcdf(scratch, axes=("valid_time", "latitude", "longitude"), drop=(), elsewhere=99.0, **attributes):
    """ERA5-like hours around the start over a small grid; what lies elsewhere than at 126.5 east, 26.75 north is 99."""
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5netcdf")
    hours = np.array([-3, -1, 0, 6, 12])
    times = np.datetime64("2023-04-10T00:00:00", "ns") + hours * np.timedelta64(1, "h")
    lat, lon = np.arange(28.0, 25.0, -0.25), np.arange(125.0, 129.0, 0.5)
    here = (lat[:, None] == 26.75) & (lon == 126.5)
    values = {
        "swh": [1.0, 2.0, 2.5, 2.51, 14.5],
        "u10": [0, 5, 0, -5, 3],
        "v10": [0, 0, 5, -5, -4],
        "vis": [0, 1852] * 2 + [9260],
    }
    units = {"swh": "m", "u10": "m s**-1", "v10": "m s**-1", "vis": "m", **attributes}
    data = {
        name: (
            axes,
            np.where(here, np.array(column, np.float32)[:, None, None], np.float32(elsewhere)),
            {"units": units[name]},
        )
        for name, column in values.items()
        if name not in drop
    }
    xarray.Dataset(data, {axes[0]: times, axes[1]: lat, axes[2]: lon}).to_netcdf(scratch / "era5.nc", engine="h5netcdf")


@pytest.mark.parametrize("axes", [("valid_time", "latitude", "longitude"), ("time", "lat", "lon")])
def test_a_netcdf_file_is_read_at_the_nearest_grid_point_in_its_units(scratch, axes):
    write_netcdf(scratch, axes)
    (scratch / "mine.toml").write_text(
        'extends = "textbook"\n[environment]\nseries = { file = "era5.nc", at = [126.6, 26.8] }\n', encoding="utf-8"
    )
    series = load_scenario(scratch / "mine.toml").environment.series
    assert series.time_h == [0.0, 6.0, 12.0]
    assert series.sea_state == [4, 5, 9]
    assert series.visibility_nmi == [0.027, 1.0, 5.0]  # nought is less than 50 m
    knots = 1.0 / 0.514444
    assert series.wind_kn == pytest.approx([5 * knots, np.hypot(5, 5) * knots, 5 * knots], abs=1e-3)
    assert series.wind_from_deg == pytest.approx([180.0, 45.0, 323.130], abs=1e-3)


def test_a_netcdf_file_is_asked_for_the_variables_named_only(scratch):
    write_netcdf(scratch)
    (scratch / "mine.toml").write_text(
        'extends = "textbook"\n[environment.series]\nfile = "era5.nc"\nat = [126.5, 26.75]\n'
        'variables = { wave_height_m = "swh" }\n',
        encoding="utf-8",
    )
    scenario = load_scenario(scratch / "mine.toml")
    assert scenario.environment.stated == ()
    assert scenario.environment.series.stated == ("sea_state",)
    (scratch / "flat.toml").write_text(flat_toml(scenario), encoding="utf-8")
    (scratch / "era5.nc").unlink()
    assert load_scenario(scratch / "flat.toml") == scenario


@pytest.mark.parametrize(
    ("series", "reason", "made"),
    [
        ("", "it holds a grid, so the key at = [lon, lat] is required", {}),
        ("at = [130.0, 26.75]", "at lies outside its grid, 125 to 128.5 degrees of longitude", {}),
        (
            'at = [126.5, 26.75]\nvariables = { visibility_m = "visib" }',
            'it has no variable "visib"; its variables are swh, u10, v10, vis',
            {},
        ),
        (
            "at = [126.5, 26.75]",
            'its variable "vis" is in "miles", but visibility_m takes m, km, nmi',
            {"vis": "miles"},
        ),
        (
            "at = [127.0, 26.75]",
            'its variable "swh" lacks values at the nearest grid point, which may be on land',
            {"elsewhere": np.nan},
        ),
        ("at = [127.0, 26.75]", "from 0 to 40 m", {"elsewhere": 110.0, "drop": ("vis",)}),
        (
            "at = [126.5, 26.75]",
            "it has no variable of ERA5, swh, vis, u10, v10",
            {"drop": ("swh", "vis", "u10", "v10")},
        ),
    ],
)
def test_what_a_netcdf_file_cannot_give_is_said(scratch, series, reason, made):
    write_netcdf(scratch, **made)
    (scratch / "mine.toml").write_text(
        f'extends = "textbook"\n[environment.series]\nfile = "era5.nc"\n{series}\n', encoding="utf-8"
    )
    with pytest.raises(InputError) as raised:
        load_scenario(scratch / "mine.toml")
    (problem,) = raised.value.problems
    in_file = problem.file.endswith("era5.nc")  # a value out of bounds is the file's own
    assert (problem.line, problem.key) == ((None, "swh") if in_file else (3, "environment.series.file"))
    assert reason in problem.allowed


# ---------------------------------------------------------------------------------------------------------- the sun
DEPRESSIONS = {SUNSET_DEG: None, -6.0: 6.0, -12.0: 12.0, -18.0: 18.0}


@pytest.mark.parametrize(
    ("lon", "lat"), [(127.77, 26.36), (141.37, 40.70), (-0.1, 51.5), (150.0, -35.0), (25.0, 62.0), (179.9, 5.0)]
)
@pytest.mark.parametrize("day", [date(2023, 4, 10), date(2024, 12, 21), date(2025, 9, 23)])
def test_rise_set_and_twilights_agree_with_astral_to_a_minute(lon, lat, day):
    observer = Observer(lat, lon, 0.0)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    for elevation, depression in DEPRESSIONS.items():
        begin, end = 5.0, 5.0 + 72.0
        found, light = Sun(start).crossings(lon, lat, begin, end, elevation)
        expected = []
        for offset in range(-1, 5):
            for kind in ("dawn", "dusk") if depression else ("sunrise", "sunset"):
                ask = getattr(astral.sun, kind)
                more = {"depression": depression} if depression else {}
                when = ask(observer, day + timedelta(days=offset), tzinfo=UTC, **more)
                expected.append(((when - start).total_seconds() / 3600.0, kind in ("dawn", "sunrise")))
        expected = sorted({one for one in expected if begin < one[0] < end})
        assert len(found) == len(expected)
        assert np.abs(found - [hour for hour, _ in expected]).max() < 1.0 / 60.0
        assert [light ^ (n % 2 == 1) for n in range(len(found))] == [not up for _, up in expected]


@pytest.mark.parametrize("elevation", [SUNSET_DEG, -6.0, 3.0])
@pytest.mark.parametrize("lat", [-60.0, 0.0, 30.0, 64.9, 75.0])
def test_crossings_are_where_the_elevation_crosses_and_nowhere_else(lat, elevation):
    """Against a scan by the minute over 60 days around midsummer, polar day and night included."""
    sun = Sun(datetime(2023, 5, 1, tzinfo=UTC))
    begin, end = 3.3, 3.3 + 24.0 * 60
    found, light = sun.crossings(125.0, lat, begin, end, elevation)
    hours = np.linspace(begin, end, 60 * 24 * 60 + 1)
    above = sun.elevation(hours, 125.0, lat) > elevation
    assert above[0] == light
    assert np.array_equal(np.searchsorted(found, hours, side="right") % 2 == 1, above ^ light)
    assert np.abs(sun.elevation(found, 125.0, lat) - elevation).max(initial=0.0) < 1e-7


def test_crossings_agree_with_the_night_that_transfers_use():
    sun = Sun(datetime(2023, 4, 10, tzinfo=UTC))
    sunset, sunrise = sun.night(np.arange(1, 20), 125.0, 30.0)
    found, _ = sun.crossings(125.0, 30.0, 0.0, 24.0 * 30, SUNSET_DEG)
    for night in (sunset, sunrise):
        assert np.abs(found[:, None] - night).min(axis=0).max() < 10.0 / 3600.0


@pytest.mark.parametrize(("day", "lit"), [(date(2023, 6, 21), True), (date(2023, 12, 21), False)])
def test_polar_day_and_night_have_no_crossings(day, lit):
    sun = Sun(datetime(day.year, day.month, day.day, tzinfo=UTC))
    hours, light = sun.crossings(20.0, 80.0, 0.0, 240.0, SUNSET_DEG)
    assert hours.size == 0
    assert light is lit


def test_parts_of_a_time_have_the_crossings_of_the_whole():
    sun = Sun(datetime(2023, 4, 10, tzinfo=UTC))
    whole, light = sun.crossings(130.0, 35.0, 0.0, 100.0, -6.0)
    parts = []
    for begin, end in pairwise([0.0, 9.0, 9.5, 10.0, 33.3, 80.0, 100.0]):
        found, now = sun.crossings(130.0, 35.0, begin, end, -6.0)
        assert now == light ^ (len(parts) % 2 == 1)
        parts += found.tolist()
    assert parts == pytest.approx(whole.tolist(), abs=1e-9)
