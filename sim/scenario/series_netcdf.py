"""NetCDF files of weather: their variables at the grid point nearest to a place, in the units of the keys."""

import subprocess
import sys
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.core.units import METRES_PER_NMI
from sim.model.weather_quantities import QUANTITIES
from sim.model.weather_series import SeriesFile
from sim.scenario.grid import nearest_point
from sim.scenario.problems import InputError, Problem, shortened, toml_text
from sim.scenario.series_hours import hour_text
from sim.scenario.unit_names import unit_factor

NETCDF = (".nc", ".nc4", ".netcdf")
ERA5 = {"wave_height_m": "swh", "visibility_m": "vis", "wind_east_m_s": "u10", "wind_north_m_s": "v10"}
WIND = {"wind_east_m_s": "wind_north_m_s", "wind_north_m_s": "wind_east_m_s"}
LEAST_VISIBILITY_M = 50.0  # a lower visibility is reported as 0: WMO code table 4377
_CALENDARS = ("standard", "gregorian", "proleptic_gregorian")
_AXES = {
    "longitude": ("longitude", "lon", ("degrees_east", "degree_east", "degrees_e", "degree_e")),
    "latitude": ("latitude", "lat", ("degrees_north", "degree_north", "degrees_n", "degree_n")),
}


_UNREADABLE = "it cannot be read as NetCDF"
_OPEN_S = 20  # seconds, far more than it takes on a busy machine
_OPEN = f"""import signal, sys
if hasattr(signal, "alarm"):
    signal.alarm({_OPEN_S})  # it ends in time even if the process that started it has ended
import h5netcdf
h5netcdf.File(sys.argv[1], phony_dims="access").close()
"""


class _Range(NamedTuple):
    """The values of a key that are possible at sea; other values stand for missing ones, or are in another unit."""

    low: float
    high: float
    words: str


_RANGES = {
    "sea_state": _Range(0.0, 9.0, "a sea state by WMO code 3700, a whole number from 0 to 9"),
    "wave_height_m": _Range(0.0, 40.0, "a significant wave height from 0 to 40 m"),
    "visibility_nmi": _Range(0.0, 100.0, "a visibility from 0 to 100 nmi"),
    "visibility_m": _Range(0.0, 185_200.0, "a visibility from 0 to 185,200 m"),
    "wind_kn": _Range(0.0, 200.0, "a speed of the wind from 0 to 200 kn"),
    "wind_from_deg": _Range(-360.0, 360.0, "a direction from -360 to 360 degrees"),
    "wind_east_m_s": _Range(-102.0, 102.0, "a component of the wind from -102 to 102 m/s"),
    "wind_north_m_s": _Range(-102.0, 102.0, "a component of the wind from -102 to 102 m/s"),
}
_PACKING = 0.01  # files that pack numbers into few bits may write -0.001 for 0


def read_netcdf(path: FilePath, name: str, spec: SeriesFile, start: datetime) -> tuple[Floats, dict[str, Floats]]:
    """Return hours since the start (n,), and the values (n,) of each key of `environment.series.variables`.

    `name` is the name of the file in messages. Of several files, each gives the variables that it has. Raises
    `InputError` for impossible values, and `OSError` or `ValueError` where the file cannot be read.
    """
    with _opened(path) as dataset:
        names = _variables(dataset, spec)
        time = _time_axis(dataset, list(names.values()))
        hours = _hours_since(dataset[time], start)
        weather = _at_place(dataset, spec.at)
        raw = {key: _along_time(weather[variable], key, time, name, hours, start) for key, variable in names.items()}
    return hours, {key: _tidied(key, values) for key, values in raw.items()}


def _opened(path: FilePath) -> Any:
    """The data set of a file, its times as they are written."""
    try:
        import h5netcdf  # noqa: F401  xarray reads with it
        import xarray
    except ImportError:
        raise ValueError("reading NetCDF needs an extra: pip install seasweep[weather]") from None
    with path.open("rb") as file:  # a missing file raises OSError here, and is not reported as unreadable
        is_hdf = file.read(4) == b"\x89HDF"
    state = path.stat()
    if is_hdf and not _can_be_opened(str(path), state.st_mtime_ns, state.st_size):
        raise ValueError(_UNREADABLE)
    try:
        return xarray.open_dataset(path, decode_times=False)
    except (OSError, ValueError, RuntimeError, KeyError, AttributeError, TypeError, IndexError):
        raise ValueError(_UNREADABLE) from None  # spoilt bytes make the libraries fail in any way


@lru_cache(maxsize=64)
def _can_be_opened(path: str, _changed: int, _size: int) -> bool:
    """Whether a process of its own can open a file in time: spoilt bytes can make the library HDF5 wait for ever."""
    command = [sys.executable, "-P", "-c", _OPEN, path]
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=_OPEN_S)  # noqa: S603  our own code
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return False
    return True


def _variables(dataset: Any, spec: SeriesFile) -> dict[str, str]:
    """The variables to read from a data set: by key of the series, the name in the data set."""
    is_only = len(spec.file) == 1
    if spec.variables is None:
        names = {key: name for key, name in ERA5.items() if name in dataset.data_vars}
        if is_only:  # half a wind is of no use
            names = {key: name for key, name in names.items() if WIND.get(key, key) in names}
        absent = f"variable of ERA5, {', '.join(ERA5.values())}"
    else:
        wanted = spec.variables.model_dump(exclude_none=True)
        names = {key: name for key, name in wanted.items() if name in dataset.data_vars}
        missing = [name for name in wanted.values() if name not in dataset.data_vars]
        absent = f"variable {toml_text(missing[0])}" if missing else ""
        names = {} if missing and is_only else names
    if not names:
        present = shortened(", ".join(map(str, dataset.data_vars)), 300) or "none"
        raise ValueError(f"it has no {absent}; its variables are {present}")
    return names


# ------------------------------------------------------------------------------------------------------------ times
def _time_axis(dataset: Any, names: list[str]) -> str:
    """The name of the axis of times: one of the usual names, or the axis in a unit of time since a date."""
    axes = [str(axis) for axis in dataset[names[0]].dims if axis in dataset.coords]
    axes.sort(key=lambda axis: axis not in ("time", "valid_time"))
    for axis in axes:
        if " since " in str(dataset[axis].attrs.get("units", "")) and dataset[axis].dtype.kind in "iuf":
            return axis
    raise ValueError("it has no axis of times, such as time or valid_time, in a unit like hours since 2023-04-10")


def _hours_since(axis: Any, start: datetime) -> Floats:
    """The times of an axis as hours since the scenario's start, (n,)."""
    import xarray

    calendar, unit = str(axis.attrs.get("calendar", "standard")).lower(), str(axis.attrs["units"])
    if calendar not in _CALENDARS:
        raise ValueError(
            f"its times are in the calendar {toml_text(calendar)}, whose dates are not those of the scenario; "
            f"the calendar must be {' or '.join(_CALENDARS)}"
        )
    try:
        decoded = xarray.decode_cf(axis.rename("times").to_dataset())[axis.name].to_numpy()
    except (
        ValueError,
        OverflowError,
        ImportError,
        TypeError,
        KeyError,
    ):  # no such unit, or dates beyond those that exist
        raise ValueError(
            f"its axis of times cannot be read; its unit is {toml_text(unit)}, "
            "but has to be days, hours, minutes or seconds since a date"
        ) from None
    if not decoded.size:
        raise ValueError("its axis of times is empty")
    if decoded.dtype.kind != "M" or np.isnat(decoded).any():
        raise ValueError(f"its axis of times holds values that are not times; its unit is {toml_text(unit)}")
    origin = np.datetime64(start.astimezone(UTC).replace(tzinfo=None), "us")
    whole = (decoded.astype("datetime64[ms]") + np.timedelta64(500, "ms")).astype(
        "datetime64[s]"
    )  # of days in decimals
    return np.asarray((whole - origin) / np.timedelta64(1, "h"), float)


# ------------------------------------------------------------------------------------------------------------ place
def _at_place(dataset: Any, at: tuple[float, float] | None) -> Any:
    """The data set at the grid point nearest to a place in degrees; the whole data set where it has no grid."""
    axes = {axis: _axis(dataset, axis) for axis in _AXES}
    grid = {axis: name for axis, name in axes.items() if name is not None and dataset[name].ndim == 1}
    wide = [name for name in axes.values() if name is not None and dataset[name].ndim > 1]
    if wide:
        dims = shortened(" and ".join(map(str, dataset[wide[0]].dims)))
        raise ValueError(
            f"its grid is curvilinear: {shortened(wide[0])} depends on {dims}; "
            "interpolate it first to a grid whose axes are longitude and latitude"
        )
    if at is None and any(dataset[name].size > 1 for name in grid.values()):
        raise ValueError("it holds a grid, so the key at = [lon, lat] is required")
    chosen: dict[Any, int] = {}
    for axis, name in axes.items():
        if name is not None:
            points = np.atleast_1d(np.asarray(dataset[name].to_numpy(), float))
            number = nearest_point(points, at[axis == "latitude"], axis) if at is not None else 0
            chosen |= {dataset[name].dims[0]: number} if axis in grid else {}
    return dataset.isel(chosen)


def _axis(dataset: Any, axis: str) -> str | None:
    """The name of the coordinate with the longitudes or latitudes of a data set; None where it has none."""
    *usual, units = _AXES[axis]

    def is_it(name: str) -> bool:
        attributes = dataset[name].attrs
        unit = str(attributes.get("units", "")).lower()
        return name in usual or attributes.get("standard_name") == axis or unit in units

    found = [str(name) for name in dataset.variables if is_it(str(name)) and dataset[name].dtype.kind in "iuf"]
    without = [name for name in usual if name in dataset.dims and name not in dataset.variables]
    if without:
        raise ValueError(f"its axis {without[0]} has no values, so no place can be found on it")
    return min(found, key=lambda name: (name not in dataset.dims, name not in usual), default=None)


# ----------------------------------------------------------------------------------------------------------- values
def _along_time(variable: Any, key: str, time: str, file: str, hours: Floats, start: datetime) -> Floats:
    """The values of a variable at one point, (n,), in the unit of its key; those before hour 0 may be missing."""
    name, unit = toml_text(str(variable.name)), str(variable.attrs.get("units", ""))
    try:
        factor = unit_factor(unit, key)
    except ValueError as error:
        raise ValueError(f"its variable {name} is in {toml_text(unit)}, but {key} takes {error}") from None
    if variable.dtype.kind not in "iuf":
        raise ValueError(f"its variable {name} holds no numbers")
    values = _one_axis(variable, time) * factor
    used = slice(max(0, int(np.searchsorted(hours, 0.0, side="right")) - 1), None)
    lacking = ~np.isfinite(values[used])
    if lacking.all():
        raise ValueError(f"its variable {name} lacks values at the nearest grid point, which may be on land")
    if lacking.any():
        first = hour_text(float(hours[used][lacking][0]), start)
        raise ValueError(f"its variable {name} lacks {lacking.sum()} of {lacking.size} values, the first at {first}")
    _check_range(values[used], key, Problem(file, None, shortened(str(variable.name)), "", ""), hours[used], start)
    return values


def _one_axis(variable: Any, time: str) -> Floats:
    """The values of a variable along time, (n,): final and preliminary ones are joined, axes of one value left out."""
    joined = variable.astype(float)
    if "expver" in joined.dims:  # ERA5 of recent months: 1 is final, 5 preliminary, NaN where the other is
        numbers = list(range(joined.sizes["expver"]))
        if "expver" in joined.coords:
            versions = joined["expver"].to_numpy().astype(str)
            numbers = sorted(numbers, key=lambda number: versions[number])
        parts = [joined.isel(expver=number) for number in numbers]
        joined = parts[0]
        for part in parts[1:]:
            joined = joined.fillna(part)
    other = [str(axis) for axis in joined.dims if axis != time and joined.sizes[axis] > 1]
    name = toml_text(str(variable.name))
    if time not in joined.dims:
        raise ValueError(f"its variable {name} does not depend on {shortened(time)}, its axis of times")
    if other:
        sizes = " and ".join(f"{shortened(axis)} with {joined.sizes[axis]} values" for axis in other[:3])
        raise ValueError(
            f"its variable {name} has the axis {sizes} beside time and place; "
            f"select one value first, for example by xarray: dataset.isel({shortened(other[0])}=0)"
        )
    return np.asarray(joined.to_numpy(), float).reshape(-1)


def _check_range(values: Floats, key: str, place: Problem, hours: Floats, start: datetime) -> None:
    """Refuse impossible values, such as those that stand for missing ones although the file does not say so."""
    low, high, words = _RANGES[key]
    wrong = (values < low - _PACKING) | (values > high)
    if key == "sea_state":
        wrong |= values != np.round(values)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        given = f"{values[first]:g} at {hour_text(float(hours[first]), start)}, one of {wrong.sum()} such values"
        hint = "a value that stands for a missing one has to be declared as _FillValue"
        raise InputError([Problem(place.file, None, place.key, given, words, hint)])


def _tidied(key: str, values: Floats) -> Floats:
    """Values (n,) of a key within its range; those that become keys of the series unchanged have three decimals."""
    tidy = np.maximum(values, _RANGES[key].low)
    if key == "wind_from_deg":
        tidy = tidy % 360.0
    if key == "visibility_nmi":
        tidy = np.maximum(tidy, LEAST_VISIBILITY_M / METRES_PER_NMI)
    return np.asarray(np.round(tidy, 3) if key in QUANTITIES else tidy, float)
