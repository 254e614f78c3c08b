"""Files of weather as archives and spreadsheets write them: what is read, and what each refusal says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.model.weather_series import Series
from sim.scenario.load import load_scenario
from sim.scenario.problems import Problem

from .conftest import VARIANT, Answer

xarray = pytest.importorskip("xarray")
pytest.importorskip("h5netcdf")

OnlyProblem = Callable[..., Problem]
AT = (126.5, 26.75)
LON, LAT = np.arange(124.0, 128.1, 0.5), np.arange(28.0, 25.9, -0.25)
HOURS = np.arange(-6.0, 24.1, 6.0)  # the last row before hour 0 holds there
SERIES = "[environment.series]\n"


def one(variable: str, value: float, unit: str | None, count: int, axes: tuple[str, ...], sizes: list[int]) -> Any:
    """A variable that has one value everywhere, with its name."""
    shape = [count, *sizes]
    attributes = {} if unit is None else {"units": unit}
    return variable, (axes, np.full(shape, value, "f4"), attributes)


def weather(
    lon: Any = LON,
    lat: Any = LAT,
    hours: Any = HOURS,
    time: str = "valid_time",
    unit: str = "hours since 2023-04-10",
    calendar: str = "standard",
    **values: tuple[float, str | None],
) -> Any:
    """A data set as ERA5 has them, each variable with one value and a unit; waves of 2 m where nothing is given."""
    axes = (time, "latitude", "longitude")
    values = values or {"swh": (2.0, "m")}
    variables = dict(one(name, *value, len(hours), axes, [len(lat), len(lon)]) for name, value in values.items())
    times = (time, np.asarray(hours, float), {"units": unit, "calendar": calendar})
    return xarray.Dataset(variables, {time: times, "latitude": np.asarray(lat), "longitude": np.asarray(lon)})


def write(*datasets: Any, engine: str = "scipy") -> str:
    """Write data sets to a.nc, b.nc and so on; the answer is the key that names them.

    By scipy they are NetCDF 3, which is read faster than the NetCDF 4 of h5netcdf.
    """
    names = [f"{letter}.nc" for letter, _ in zip("abcd", datasets, strict=False)]
    for name, dataset in zip(names, datasets, strict=True):
        dataset.to_netcdf(name, engine=engine)
    return f"file = {names if len(names) > 1 else repr(names[0])}\n".replace("'", '"')


def series_of(keys: str, at: tuple[float, float] | None = AT) -> Series:
    """The series of a scenario that has these keys in its table."""
    place = f"at = {list(at)}\n" if at else ""
    Path(VARIANT).write_text(f'extends = "base.toml"\n{SERIES}{keys}{place}', encoding="utf-8")
    series = load_scenario(VARIANT).environment.series
    assert series is not None
    return series


@pytest.mark.parametrize("size", [0, 3, 200, 3000, -10])
def test_a_file_that_is_cut_short_is_no_netcdf_file(only_problem: OnlyProblem, capfd: Any, size: int) -> None:
    keys = write(weather(), engine="scipy" if size == 200 else "h5netcdf")
    Path("a.nc").write_bytes(Path("a.nc").read_bytes()[:size])
    problem = only_problem(f"{SERIES}{keys}at = {list(AT)}")
    assert "it cannot be read as NetCDF" in problem.allowed
    assert capfd.readouterr() == ("", "")


# ------------------------------------------------------------------------------------------------------------- places
DATE_LINE = np.r_[np.arange(120.0, 128.0, 0.5), np.arange(-180.0, -170.0, 0.5)]
GREENWICH = np.r_[np.arange(350.0, 360.0, 0.5), np.arange(0.0, 10.1, 0.5)]


@pytest.mark.parametrize(
    "lon", [LON, LON[::-1], LON - 360.0, np.arange(0.0, 360.0, 0.5), np.arange(-180.0, 180.0, 0.5)]
)
@pytest.mark.parametrize("lat", [LAT, LAT[::-1]])
def test_a_grid_may_run_either_way_and_count_longitudes_in_any_manner(lon: Any, lat: Any) -> None:
    dataset = weather(lon, lat)
    here = (np.abs(lat - 26.75) < 1e-6)[:, None] & (np.abs((lon - 126.5) % 360.0) < 1e-6)
    dataset["swh"] = dataset["swh"].where(here, 0.05).assign_attrs(units="m")
    assert set(series_of(write(dataset)).sea_state or []) == {4}


@pytest.mark.parametrize(
    ("lon", "at", "extent"),
    [
        (LON, (128.3, 26.75), "124 to 128 degrees of longitude"),
        (LON, (126.5, 25.8), "26 to 28 degrees of latitude"),
        (np.sort(DATE_LINE), (130.0, 26.75), "120 to 127.5 and -180 to -170.5 degrees of longitude"),
        (DATE_LINE, (130.0, 26.75), "120 to 127.5 and -180 to -170.5 degrees of longitude"),
        (np.arange(170.0, 190.1, 0.5), (126.5, 26.75), "170 to 190 degrees of longitude"),
        (GREENWICH, (126.5, 26.75), "350 to 10 degrees of longitude"),
        (np.sort(GREENWICH), (126.5, 26.75), "350 to 10 degrees of longitude"),
        (np.array([120.0, 140.0]), (128.0, 26.75), "120 to 120 and 140 to 140 degrees of longitude"),
        (np.array([126.0]), AT, "126 to 126 degrees of longitude"),
    ],
)
def test_a_place_outside_the_grid_is_refused_with_its_extent(
    only_problem: OnlyProblem, lon: Any, at: tuple[float, float], extent: str
) -> None:
    problem = only_problem(f"{SERIES}{write(weather(lon))}at = {list(at)}")
    assert (problem.file, problem.line, problem.key) == (VARIANT, 3, "environment.series.file")
    assert f"(the place of the key at lies outside its grid, {extent})" in problem.allowed


@pytest.mark.parametrize("at", [(128.2, 26.75), (123.8, 28.1), (126.5, 25.9)])
def test_a_place_less_than_half_a_cell_outside_the_grid_has_its_weather(at: tuple[float, float]) -> None:
    assert series_of(write(weather()), at).sea_state == [4] * 5


def test_a_file_of_one_place_needs_no_place_and_knows_axes_by_their_units() -> None:
    point = weather(LON[:1], LAT[:1])
    assert series_of(write(point), None).sea_state == [4] * 5
    assert series_of(write(point.isel(latitude=0, longitude=0)), (124.2, 28.0)).sea_state == [4] * 5
    named = weather().rename(longitude="x", latitude="y")
    named["x"].attrs["units"], named["y"].attrs["standard_name"] = "degrees_east", "latitude"
    assert series_of(write(named)).sea_state == [4] * 5


def curvilinear() -> Any:
    dataset = weather().rename(longitude="x", latitude="y").drop_vars(["x", "y"])
    lon, lat = np.meshgrid(LON, LAT)
    return dataset.assign_coords(longitude=(("y", "x"), lon), latitude=(("y", "x"), lat))


@pytest.mark.parametrize(
    ("dataset", "reason"),
    [
        (curvilinear(), "its grid is curvilinear: longitude depends on y and x; interpolate it first to a grid whose"),
        (weather().drop_vars("longitude"), "its axis longitude has no values"),
        (weather().rename(longitude="x", latitude="y"), "has the axis y with 9 values and x with 9 values beside time"),
        (weather(LON * 1e5), "its axis of longitude is not in degrees"),
        (weather(lat=LAT * 10.0), "its axis of latitude is not in degrees"),
        (weather(np.where(LON > 127, np.nan, LON)), "its axis of longitude is not in degrees"),
        (
            weather().expand_dims(number=3),
            "the axis number with 3 values beside time and place; select one value first",
        ),
        (
            weather().assign(vis=weather()["swh"].isel(valid_time=0) * 1e4),
            'its variable "vis" does not depend on valid_time, its axis of times',
        ),
        (weather().isel(valid_time=0), "it has no axis of times, such as time or valid_time"),
        (weather(hours=[]), "its axis of times is empty"),
    ],
)
def test_a_grid_that_does_not_say_where_is_refused(only_problem: OnlyProblem, dataset: Any, reason: str) -> None:
    problem = only_problem(f"{SERIES}{write(dataset)}at = {list(AT)}")
    assert problem.key == "environment.series.file"
    assert reason in problem.allowed


def test_axes_of_one_value_are_left_out() -> None:
    assert series_of(write(weather().expand_dims(number=1, level=1))).sea_state == [4] * 5


# -------------------------------------------------------------------------------------------------------------- times
@pytest.mark.parametrize("calendar", ["noleap", "365_day", "360_day", "julian", "all_leap"])
def test_a_calendar_with_other_dates_is_named(only_problem: OnlyProblem, calendar: str) -> None:
    problem = only_problem(f"{SERIES}{write(weather(calendar=calendar))}at = {list(AT)}")
    assert f'its times are in the calendar "{calendar}"' in problem.allowed
    assert "standard or gregorian or proleptic_gregorian" in problem.allowed


@pytest.mark.parametrize("calendar", ["Gregorian", "proleptic_gregorian"])
@pytest.mark.parametrize("time", ["time", "ocean_time"])
def test_the_calendar_of_the_scenario_and_any_axis_of_times_are_read(calendar: str, time: str) -> None:
    dataset = weather(hours=HOURS * 3600.0, unit="seconds since 2023-04-10T00:00:00", calendar=calendar, time=time)
    assert series_of(write(dataset)).time_h == [0.0, 6.0, 12.0, 18.0, 24.0]


@pytest.mark.parametrize(
    "unit", ["days since 1900-01-01", "minutes since 2023-04-09T00:00:00Z", "hours since 2000-01-01"]
)
def test_times_in_decimals_of_days_are_whole_hours(unit: str) -> None:
    first = xarray.date_range("2023-04-09T23:00", periods=9, freq="h")
    dataset = weather(hours=np.arange(9.0)).assign_coords(valid_time=first)
    dataset["valid_time"].encoding |= {"units": unit, "dtype": "f8"}
    assert series_of(write(dataset)).time_h == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]


def test_a_file_of_many_years_may_begin_long_ago_but_not_go_on_for_ever(only_problem: OnlyProblem) -> None:
    def hourly(first: float, last: float) -> str:
        return f"{SERIES}{write(weather(LON[:1], LAT[:1], np.arange(first, last)))}"

    Path(VARIANT).write_text(f'extends = "base.toml"\n{hourly(-150_000.0, 9.0)}', encoding="utf-8")
    series = load_scenario(VARIANT).environment.series
    assert series is not None
    assert series.time_h == list(range(9))
    problem = only_problem(hourly(-9.0, 100_001.0))
    assert (problem.file, problem.key, problem.given) == ("a.nc", "time", "100,001 times from the start on")


@pytest.mark.parametrize(
    ("hours", "given", "allowed"),
    [
        (HOURS + 48.0, "hour 42, 2023-04-11 18:00 UTC", "a first time at or before hour 0, the scenario's start"),
        (HOURS - 72.0, "hour -48, 2023-04-08 00:00 UTC", "a last time at most 24 hours before the scenario's start"),
        ([-6, 0, 12, 6], "hour 6, 2023-04-10 06:00 UTC", "rising times"),
        ([-6, 0, 0, 6], "hour 0, 2023-04-10 00:00 UTC", "rising times"),
    ],
)
def test_times_that_do_not_fit_the_scenario_are_said_with_their_dates(
    only_problem: OnlyProblem, hours: Any, given: str, allowed: str
) -> None:
    problem = only_problem(f"{SERIES}{write(weather(hours=hours))}at = {list(AT)}")
    assert (problem.file, problem.line, problem.key, problem.given) == ("a.nc", None, "time", given)
    assert allowed in problem.allowed


@pytest.mark.parametrize(
    ("hours", "unit", "reason"),
    [
        (HOURS, "fortnights since 2023-04-10", 'cannot be read; its unit is "fortnights since 2023-04-10"'),
        (HOURS, "hours since the flood", 'its unit is "hours since the flood"'),
        (np.where(HOURS == 6.0, np.nan, HOURS), "hours since 2023-04-10", "holds values that are not times"),
        (HOURS + 1e8, "hours since 2023-04-10", "its axis of times cannot be read"),
        (HOURS, "hours", "it has no axis of times"),
    ],
)
def test_an_axis_of_times_that_cannot_be_read_is_said(
    only_problem: OnlyProblem, hours: Any, unit: str, reason: str
) -> None:
    problem = only_problem(f"{SERIES}{write(weather(hours=hours, unit=unit))}at = {list(AT)}")
    assert problem.key == "environment.series.file"
    assert reason in problem.allowed


# ------------------------------------------------------------------------------------------------------------- values
@pytest.mark.parametrize("fill", [-999.0, -32767.0, -1.0, 9.96921e36, 1e20, 99.0])
def test_a_wave_height_that_cannot_be_is_refused(only_problem: OnlyProblem, fill: float) -> None:
    problem = only_problem(f"{SERIES}{write(weather(swh=(fill, 'm')))}at = {list(AT)}")
    assert (problem.file, problem.key) == ("a.nc", "swh")
    assert problem.given == f"{np.float32(fill):g} at hour 0, 2023-04-10 00:00 UTC, one of 5 such values"
    assert problem.allowed == "a significant wave height from 0 to 40 m"
    assert "_FillValue" in problem.hint


@pytest.mark.parametrize(
    ("values", "key", "allowed"),
    [
        ({"vis": (-999.0, "m")}, "vis", "a visibility from 0 to 185,200 m"),
        ({"vis": (300.0, "km")}, "vis", "a visibility from 0 to 185,200 m"),
        ({"u10": (1e20, "m/s"), "v10": (0.0, "m/s")}, "u10", "from -102 to 102 m/s"),
        ({"u10": (5.0, "m/s"), "v10": (-9999.0, "m/s")}, "v10", "from -102 to 102 m/s"),
    ],
)
def test_weather_that_does_not_exist_is_refused(
    only_problem: OnlyProblem, values: dict[str, Any], key: str, allowed: str
) -> None:
    problem = only_problem(f"{SERIES}{write(weather(**values))}at = {list(AT)}")
    assert (problem.file, problem.key) == ("a.nc", key)
    assert allowed in problem.allowed


def test_what_packing_makes_of_nothing_is_nothing() -> None:
    assert series_of(write(weather(swh=(-0.001, "m")))).sea_state == [0] * 5


def with_gaps(*rows: int) -> Any:
    dataset = weather()
    dataset["swh"].values[list(rows)] = np.nan
    return dataset


def test_how_many_hours_are_missing_is_said(only_problem: OnlyProblem) -> None:
    problem = only_problem(f"{SERIES}{write(with_gaps(2, 4))}at = {list(AT)}")
    assert 'its variable "swh" lacks 2 of 5 values, the first at hour 6, 2023-04-10 06:00 UTC' in problem.allowed


def test_hours_that_are_over_when_the_scenario_starts_may_be_missing() -> None:
    assert series_of(write(with_gaps(0))).sea_state == [4] * 5


@pytest.mark.parametrize("versions", [[1, 5], [5, 1], ["0001", "0005"]])
def test_final_and_preliminary_values_of_era5_are_joined(versions: list[Any]) -> None:
    """2 m where both or the final ones are known, 3 m where only the preliminary ones are."""
    final, preliminary = with_gaps(4, 5), with_gaps(0, 1)
    preliminary["swh"] += 1.0
    parts = [final, preliminary] if str(versions[0]) in ("1", "0001") else [preliminary, final]
    dataset = xarray.concat(parts, dim=xarray.Variable("expver", versions))
    dataset["swh"].attrs["units"] = "m"
    assert series_of(write(dataset)).sea_state == [4, 4, 4, 5, 5]


# -------------------------------------------------------------------------------------------------------------- units
@pytest.mark.parametrize(
    ("unit", "kn"),
    [
        *((unit, 10.0 * 3600.0 / 1852.0) for unit in ("m s**-1", "m.s-1", "m s-1", "m/s", "m s^-1", "ms-1", "M S-1")),
        *((unit, 10.0 * 3600.0 / 1852.0) for unit in ("metres per second", "m·s⁻¹", "meter/sec", None)),
        *((unit, 10.0) for unit in ("knots", "kt", "kn", "kts", "nautical miles per hour", "nmi/h")),
        *((unit, 10.0 / 1.852) for unit in ("km/h", "km h-1", "kilometers per hour", "km.hr**-1")),
        ("ft/s", 10.0 * 0.3048 * 3600.0 / 1852.0),
    ],
)
def test_units_of_speed_are_known_by_many_spellings(unit: str | None, kn: float) -> None:
    series = series_of(write(weather(u10=(0.0, unit), v10=(-10.0, unit))))
    assert series.wind_kn == pytest.approx([kn] * 5, abs=1e-3)
    assert series.wind_from_deg == [0.0] * 5


@pytest.mark.parametrize(
    ("key", "unit", "value", "quantity", "expected"),
    [
        ("visibility_m", "km", 18.52, "visibility_nmi", 10.0),
        ("visibility_nmi", "metres", 18520.0, "visibility_nmi", 10.0),
        ("visibility_m", "nautical_miles", 4.0, "visibility_nmi", 4.0),
        ("visibility_nmi", "", 0.0, "visibility_nmi", 0.027),
        ("wave_height_m", "feet", 10.0, "sea_state", 5),
        ("wave_height_m", "cm", 300.0, "sea_state", 5),
        ("sea_state", "1", 6.0, "sea_state", 6),
    ],
)
def test_units_are_those_that_the_file_states(
    key: str, unit: str, value: float, quantity: str, expected: float
) -> None:
    series = series_of(f'variables = {{ {key} = "v" }}\n{write(weather(v=(value, unit)))}')
    assert getattr(series, quantity) == [expected] * 5


def test_a_direction_may_be_in_radians_or_below_0() -> None:
    keys = 'variables = { wind_kn = "s", wind_from_deg = "d" }\n'
    radians = weather(s=(10.0, "kt"), d=(np.pi, "radians"))
    assert series_of(keys + write(radians)).wind_from_deg == pytest.approx([180.0] * 5, abs=1e-3)
    below = weather(s=(10.0, "kt"), d=(-90.0, "degrees true"))
    assert series_of(keys + write(below)).wind_from_deg == [270.0] * 5


@pytest.mark.parametrize(
    ("key", "unit", "takes"),
    [
        ("wave_height_m", "m/s", "m, km, nmi, ft or cm"),
        ("wave_height_m", "dm", "m, km, nmi, ft or cm"),
        ("visibility_m", "nm", "m, km, nmi, ft or cm"),
        ("sea_state", "m", "no unit"),
    ],
)
def test_another_unit_is_refused_with_those_that_are_known(
    only_problem: OnlyProblem, key: str, unit: str, takes: str
) -> None:
    problem = only_problem(f'{SERIES}variables = {{ {key} = "v" }}\n{write(weather(v=(1.0, unit)))}at = {list(AT)}')
    assert f'its variable "v" is in "{unit}", but {key} takes {takes})' in problem.allowed


def test_a_variable_that_holds_no_numbers_is_refused(only_problem: OnlyProblem) -> None:
    dataset = weather()
    dataset["swh"] = (dataset["swh"].dims, np.full(dataset["swh"].shape, "calm", object))
    problem = only_problem(f"{SERIES}{write(dataset, engine='h5netcdf')}at = {list(AT)}")
    assert 'its variable "swh" holds no numbers' in problem.allowed


# ------------------------------------------------------------------------------------------------------ several files
def test_waves_and_wind_may_be_in_two_files_with_times_of_their_own() -> None:
    wind = weather(u10=(5.0, "m/s"), v10=(0.0, "m/s"), hours=[-3.0, 3.0, 6.0])
    series = series_of(write(weather(), wind))
    assert series.time_h == [0.0, 3.0, 6.0, 12.0, 18.0, 24.0]
    assert series.sea_state == [4] * 6
    assert series.wind_from_deg == [270.0] * 6


def test_each_variable_may_be_in_a_file_of_its_own() -> None:
    named = 'variables = { wave_height_m = "h", wind_east_m_s = "u", wind_north_m_s = "v" }\n'
    parts = (weather(u=(0.0, "m/s")), weather(v=(5.0, "m/s")), weather(h=(3.0, "m")))
    series = series_of(named + write(*parts))
    assert (series.sea_state, series.wind_from_deg) == ([5] * 5, [180.0] * 5)
    again = [part.rename({old: new}) for part, old, new in zip(parts, "uvh", ("u10", "v10", "swh"), strict=True)]
    assert series_of(write(*again)) == series


def test_a_netcdf_file_may_stand_beside_a_csv_file() -> None:
    write(weather())
    Path("seen.csv").write_text("time_h,visibility_nmi\n0,5\n9,3\n", encoding="utf-8")
    series = series_of('file = ["a.nc", "seen.csv"]\n')
    assert series.time_h == [0.0, 6.0, 9.0, 12.0, 18.0, 24.0]
    assert series.visibility_nmi == [5.0, 5.0, 3.0, 3.0, 3.0, 3.0]
    assert series.sea_state == [4] * 6


@pytest.mark.parametrize(
    ("keys", "key", "allowed"),
    [
        ('file = ["a.nc", "b.nc"]', "file", "a.nc has wave_height_m and b.nc has wave_height_m; give each quantity in"),
        ('file = ["a.nc", "state.csv"]', "file", "a.nc has wave_height_m and state.csv has sea_state"),
        ('file = ["a.nc", "c.nc"]', "file", "one of its files has wind_east_m_s, and none has wind_north_m_s"),
        ('file = ["a.nc", "gone.nc"]', "file[1]", "No such file or directory"),
        ('file = ["a.nc", "d.nc"]', "file[1]", "it has no variable of ERA5"),
        ('file = ["a.nc", "a.nc"]', "file", "each once"),
        ('file = ["a.nc", 4]', "file", "text in quotes, or a list of such texts"),
        ("file = []", "file", "text in quotes, or a list of such texts"),
        (
            'file = ["a.nc", "c.nc"]\nvariables = { wave_height_m = "swh", visibility_m = "vis" }',
            "file[1]",
            'it has no variable "swh"; its variables are u10',
        ),
        (
            'file = ["a.nc", "b.nc"]\nvariables = { wave_height_m = "swh", visibility_m = "vis" }',
            "file",
            "give each quantity in one file only",
        ),
        (
            'file = ["a.nc", "state.csv"]\nvariables = { wave_height_m = "swh", visibility_m = "vis" }',
            "file",
            "give each quantity in one file only",
        ),
        (
            'file = ["a.nc", "seen.csv"]\nvariables = { wave_height_m = "swh", wind_kn = "f", wind_from_deg = "d" }',
            "file",
            'none of its files has a variable "f"',
        ),
    ],
)
def test_files_that_do_not_go_together_are_refused(
    only_problem: OnlyProblem, keys: str, key: str, allowed: str
) -> None:
    write(weather(), weather(), weather(u10=(1.0, "m/s")), weather(depth=(9.0, "m")))
    Path("state.csv").write_text("time_h,sea_state\n0,5\n", encoding="utf-8")
    Path("seen.csv").write_text("time_h,visibility_nmi\n0,5\n", encoding="utf-8")
    problem = only_problem(f"{SERIES}at = {list(AT)}\n{keys}")
    assert (problem.file, problem.line, problem.key) == (VARIANT, 4, f"environment.series.{key}")
    assert allowed in problem.allowed


# ---------------------------------------------------------------------------------------------------------------- CSV
@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbftime_h,sea_state\r\n0,4\r\n6,4\r\n",
        b"time_h,sea_state\r0,4\r6,4\r",
        b'"time_h","sea_state"\n"0","4"\n"6","4"\n',
        "time_h,sea_state\n0,4\n6,4\n".encode("utf-16"),
        b"# a\x0bb\ntime_h , sea_state\n 0 , 4.0\n\n6,4",
    ],
)
def test_csv_files_are_read_as_spreadsheets_write_them(content: bytes) -> None:
    Path("a.csv").write_bytes(content)
    series = series_of('file = "a.csv"\n', None)
    assert (series.time_h, series.sea_state) == ([0.0, 6.0], [4, 4])


@pytest.mark.parametrize(
    ("text", "line", "key", "given", "allowed", "hint"),
    [
        ('time_h,sea_state\n0,"4\n6,4', 2, "", "a quotation mark without another", "each with a quotation mark at", ""),
        ('time_h,sea_state\n0,4\n6,"4"4"', 3, "", "a quotation mark without another", "cells between commas", ""),
        ('time_h,sea_state\n0,"4"4', 2, "", "text that is no row of cells", "cells between commas", ""),
        (f"time_h,sea_state\n0,{'9' * 200_000}", 2, "", "text that is no row of cells", "cells between commas", ""),
        ("time_h;sea_state\n0;4", 1, "", "time_h;sea_state", "time_h, time", "by commas, not by semicolons"),
        ("time_h\tsea_state\n0\t4", 1, "", "time_h\tsea_state", "time_h, time", "by commas, not by tabs"),
        ("time_h sea_state\n0 4", 1, "", "time_h sea_state", "time_h, time", "by commas, not by spaces"),
        ("time_h,sea_state\n0;4", 2, "", "1 cell", "2 cells", "by commas, not by semicolons"),
        ("time_h,visibility_nmi\n0,4,5", 2, "", "3 cells", "2 cells", "write a point before decimals"),
        ('time_h,visibility_nmi\n0,"4,5"', 2, "visibility_nmi", '"4,5"', "a number", "write a point before decimals"),
        ("time_h,visibility_nmi\n0,-999", 2, "visibility_nmi", "-999.0", "above 0", ""),
        ("time_h,wind_kn,wind_from_deg\n0,9.97e36,0", 2, "wind_kn", "9.97e+36", "at most 200", ""),
        ("time_h,wind_kn,wind_from_deg\n0,1,-999", 2, "wind_from_deg", "-999.0", "at least 0", ""),
        ("time_h,sea_state\n0,4\n6,NaN", 3, "sea_state", "nan", "a whole number", ""),
        ("time_h,sea_state\n-inf,4\n6,4", 2, "time_h", "-inf", "a finite number", ""),
        ("time_h,sea_state\n0,4\n6,4\n3,4", 4, "time", "hour 3, 2023-04-10 03:00 UTC", "rising times", ""),
        ("time_h,sea_state\n-90,4\n-48,4", 3, "time", "hour -48, 2023-04-08 00:00 UTC", "at most 24 hours before", ""),
        (
            "time,sea_state\n0001-01-01T00:00:00+14:00,4",
            2,
            "time",
            "hour -1.77269e+07",
            "a last time at most 24 hours",
            "",
        ),
    ],
)
def test_what_is_wrong_in_a_csv_file_is_said_with_line_and_hint(
    only_problem: OnlyProblem, text: str, line: int, key: str, given: str, allowed: str, hint: str
) -> None:
    Path("a.csv").write_text(text, encoding="utf-8")
    problem = only_problem(f'{SERIES}file = "a.csv"')
    assert (problem.file, problem.line, problem.key) == ("a.csv", line, key)
    assert given in problem.given
    assert allowed in problem.allowed
    assert hint in problem.hint


def test_check_says_what_is_wrong_with_a_file_of_weather_in_one_line(seasweep: Callable[..., Answer]) -> None:
    keys = write(weather(swh=(-999.0, "m")), engine="h5netcdf")
    Path("mine.toml").write_text(f'extends = "base.toml"\n{SERIES}{keys}at = {list(AT)}\n', encoding="utf-8")
    answer = seasweep("check", "mine.toml")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(
        "error: a.nc: swh: given -999 at hour 0, 2023-04-10 00:00 UTC, one of 5 such values; all"
    )
    assert answer.err.count("\n") == 1
