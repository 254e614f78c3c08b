"""Files of measured weather, CSV or NetCDF, read into the columns of `environment.series`."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from pydantic import ValidationError

from sim.core.arrays import Floats
from sim.core.limits import MOST_SERIES_BYTES
from sim.core.units import KNOTS_PER_M_S, METRES_PER_NMI, SECONDS_PER_HOUR
from sim.model.weather_quantities import QUANTITIES
from sim.model.weather_series import Series, SeriesFile
from sim.scenario.explain import explain_validation
from sim.scenario.nearest import nearest_key
from sim.scenario.problems import InputError, Path, Problem, toml_text
from sim.scenario.reading import read_text
from sim.scenario.wording import counted

Columns = dict[str, list[Any]]

TIMES = ("time_h", "time")
NETCDF = (".nc", ".nc4", ".netcdf")
ERA5 = {"wave_height_m": "swh", "visibility_m": "vis", "wind_east_m_s": "u10", "wind_north_m_s": "v10"}
ERA5_DEG = 0.25  # spacing of ERA5's grid; a file of one point says none
HEIGHTS_M = (0.0, 0.1, 0.5, 1.25, 2.5, 4.0, 6.0, 9.0, 14.0)  # upper bounds of sea states 0 to 8: WMO code table 3700
LEAST_VISIBILITY_M = 50.0  # a lower visibility is reported as 0: WMO code table 4377
_UNITS = {"_m": ("m", "metre", "meter", "metres", "meters"), "_m_s": ("m s**-1", "m s-1", "m s^-1", "m/s")}


def read_series(path: FilePath, name: str, spec: SeriesFile, start: datetime) -> Columns:
    """The rows of a file from the last row at or before hour 0 on; `name` is the name of the file in messages.

    Raises `InputError` for a problem in the file, with its line, and `OSError` or `ValueError` where the file cannot be
    read at all.
    """
    if path.suffix.lower() in NETCDF:
        columns, lines = _read_netcdf(path, spec, start), [0]
    elif path.suffix.lower() != ".csv":
        raise ValueError("its name ends neither in .csv nor in .nc, .nc4 or .netcdf")
    elif spec.at is not None or spec.variables is not None:
        raise ValueError("the keys at and variables are for NetCDF files only")
    else:
        columns, lines = _read_csv(path, name, start)
    _check(columns, name, lines)
    first = max(0, int(np.searchsorted(columns["time_h"], 0.0, side="right")) - 1)
    return {key: column[first:] for key, column in columns.items()}


def _check(columns: Columns, name: str, lines: list[int]) -> None:
    """Refuse columns that are no valid series: the first problem, at the line of its row; lines[0] is the header's."""
    try:
        Series.model_validate(columns)
    except ValidationError as error:

        def locate(path: Path) -> tuple[str, int | None]:
            row = path[1] if len(path) > 1 else -1
            return name, lines[int(row) + 1] if len(lines) > 1 else lines[0] or None

        problem = explain_validation(error, Series, columns, locate)[0]
        is_across = error.errors()[0]["type"] == "refused"  # a rule across columns
        if is_across and problem.key.startswith("time_h"):
            problem = replace(problem, key="time", given=f"hour {float(problem.given):g}")
        elif is_across:
            problem = replace(problem, key="", given=f"the columns {', '.join(columns)}")
        elif problem.line is not None:  # the line names the row
            problem = replace(problem, key=problem.key.partition("[")[0])
        raise InputError([problem]) from None


# ------------------------------------------------------------------------------------------------------------- CSV
def _read_csv(path: FilePath, name: str, start: datetime) -> tuple[Columns, list[int]]:
    """The columns of a CSV file, and the lines of its header and of each row."""
    rows = _csv_rows(read_text(path, MOST_SERIES_BYTES))
    line, header = next(rows, (1, []))
    _check_header(header, name, line)
    columns: Columns = {"time_h": [], **{key: [] for key in header if key not in TIMES}}
    lines = [line]
    for number, cells in rows:
        if len(cells) != len(header):
            allowed = f"{counted(len(header), 'cell')}, one for each column"
            hint = _other_separator(cells[0] if len(cells) == 1 else "")
            raise InputError([Problem(name, number, "", counted(len(cells), "cell"), allowed, hint)])
        for column, cell in zip(header, cells, strict=True):
            key = "time_h" if column == "time" else column
            columns[key].append(_hour(cell, start, name, number) if column == "time" else _number(cell, column))
        lines.append(number)
    return columns, lines


def _csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of a text, without blank lines and lines that begin with #."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            yield number, [cell.strip() for cell in next(csv.reader([line]))]


def _check_header(header: list[str], name: str, line: int) -> None:
    """Refuse a first row with unknown columns, a column twice, or not one column of times."""
    columns = [*TIMES, *QUANTITIES]
    for column in header:
        if column not in columns:
            hint = _other_separator(column) or nearest_key(column, columns)[1]
            raise InputError([Problem(name, line, "", f"an unknown column, {column}", ", ".join(columns), hint)])
    allowed = "" if len(set(header)) == len(header) else "a header that names each column once"
    if len(set(TIMES) & set(header)) != 1:
        allowed = "one column of times, time_h (hours since the scenario's start) or time (ISO 8601 with an offset)"
    if allowed:
        given = f"the columns {', '.join(header)}" if header else "an empty file"
        raise InputError([Problem(name, line, "", given, allowed)])


def _other_separator(cell: str) -> str:
    """A hint where a cell holds a mark that other files have between columns; empty for none."""
    names = {";": "semicolons", "\t": "tabs", "|": "bars"}
    found = next((name for mark, name in names.items() if mark in cell), "")
    return f"separate columns by commas, not by {found}, and write a point before decimals" if found else ""


def _hour(text: str, start: datetime, name: str, line: int) -> float:
    """Hours since the scenario's start of a date and time in ISO 8601."""
    try:
        return (datetime.fromisoformat(text) - start).total_seconds() / SECONDS_PER_HOUR
    except (ValueError, TypeError):  # not a date and time, or one without an offset
        allowed = "a date and time with an offset, such as 2023-04-10T00:00:00Z"
        raise InputError([Problem(name, line, "time", toml_text(text), allowed)]) from None


def _number(text: str, column: str) -> float | str:
    """The number in a cell, an integer for a code; the text itself where it is not a number."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if column == "sea_state" and number.is_integer() else number


# ---------------------------------------------------------------------------------------------------------- NetCDF
def _read_netcdf(path: FilePath, spec: SeriesFile, start: datetime) -> Columns:
    """The columns of a NetCDF file at the grid point nearest to `at`."""
    try:
        import h5netcdf  # noqa: F401  xarray reads with it
        import xarray
    except ImportError:
        raise ValueError("reading NetCDF needs an extra: pip install seasweep[weather]") from None
    try:
        dataset = xarray.open_dataset(path)
    except (OSError, ValueError):
        raise ValueError("it cannot be read as NetCDF") from None
    with dataset:
        names = _variables(dataset, spec)
        time = _time_axis(dataset)
        point = _nearest_point(dataset, spec.at)
        raw = {key: _along_time(point[name], key, time) for key, name in names.items()}
        origin = np.datetime64(start.astimezone(UTC).replace(tzinfo=None), "ns")
        hours = (dataset[time].to_numpy() - origin) / np.timedelta64(1, "h")
    return {"time_h": hours.tolist(), **series_columns(raw)}


def _variables(dataset: Any, spec: SeriesFile) -> dict[str, str]:
    """The variables to read from a data set: by key of the series, the name in the data set."""
    if spec.variables is None:
        wind = {"u10", "v10"} <= set(dataset.data_vars)
        names = {
            key: name
            for key, name in ERA5.items()
            if name in dataset.data_vars and (wind or not key.startswith("wind"))
        }
    else:
        names = spec.variables.model_dump(exclude_none=True)
    missing = [name for name in names.values() if name not in dataset.data_vars]
    if missing or not names:
        present = ", ".join(map(str, dataset.data_vars)) or "none"
        absent = f"variable {missing[0]}" if missing else f"variable of ERA5, {', '.join(ERA5.values())}"
        raise ValueError(f"it has no {absent}; its variables are {present}")
    return names


def _time_axis(dataset: Any) -> str:
    """The name of the axis of times."""
    for name in ("time", "valid_time"):
        if name in dataset.dims and name in dataset.coords and dataset[name].dtype.kind == "M":
            return name
    raise ValueError("it has no axis of times named time or valid_time")


def _nearest_point(dataset: Any, at: tuple[float, float] | None) -> Any:
    """The data set at the grid point nearest to a place in degrees; the whole data set where it has no grid."""
    axes = next((pair for pair in (("longitude", "latitude"), ("lon", "lat")) if set(pair) <= set(dataset.dims)), None)
    if axes is None:
        return dataset
    if at is None:
        raise ValueError("it holds a grid, so the key at = [lon, lat] is required")
    chosen = {}
    for axis, place in zip(axes, at, strict=True):
        points = dataset[axis].to_numpy().astype(float)
        away = np.abs((points - place + 180.0) % 360.0 - 180.0)
        if away.min() > max(ERA5_DEG, float(np.abs(np.diff(points)).max(initial=0.0))):
            raise ValueError(
                f"the place at lies outside its grid, {points.min():g} to {points.max():g} degrees of {axis}"
            )
        chosen[axis] = int(away.argmin())
    return dataset.isel(chosen)


def _along_time(variable: Any, key: str, time: str) -> Floats:
    """The values of a variable at one point, (n,), in the unit of its key; raises `ValueError` for another unit."""
    unit = str(variable.attrs.get("units", ""))
    wanted = next((names for suffix, names in _UNITS.items() if key.endswith(suffix)), ())
    if unit and wanted and unit not in wanted:
        raise ValueError(f"its variable {variable.name} is in {unit}, but {key} needs {wanted[0]}")
    values = np.asarray(variable.to_numpy(), float)
    if time not in variable.dims or values.size != variable.sizes[time]:
        dimensions = ", ".join(map(str, variable.dims))
        raise ValueError(f"its variable {variable.name} has more dimensions than time and place: {dimensions}")
    if not np.isfinite(values).all():
        raise ValueError(f"its variable {variable.name} lacks values at the nearest grid point, which may be on land")
    return values.reshape(-1)


def series_columns(raw: Mapping[str, Floats]) -> Columns:
    """The columns of a series from variables (n,) by the keys of `environment.series.variables`."""
    columns = {key: np.round(raw[key], 3) for key in QUANTITIES if key in raw}
    if "wave_height_m" in raw:
        columns["sea_state"] = sea_state_of(raw["wave_height_m"])
    if "visibility_m" in raw:
        columns["visibility_nmi"] = np.round(np.maximum(raw["visibility_m"], LEAST_VISIBILITY_M) / METRES_PER_NMI, 3)
    if "wind_east_m_s" in raw:
        east, north = raw["wind_east_m_s"], raw["wind_north_m_s"]
        columns["wind_kn"] = np.round(np.hypot(east, north) * KNOTS_PER_M_S, 3)
        columns["wind_from_deg"] = np.round(np.degrees(np.arctan2(-east, -north)) % 360.0, 3)
    listed: Columns = {key: column.tolist() for key, column in columns.items()}
    if "sea_state" in listed:
        listed["sea_state"] = [int(code) if code == int(code) else code for code in listed["sea_state"]]
    return listed


def sea_state_of(wave_height_m: Floats) -> Floats:
    """Sea state (n,) of significant wave height (n,), metres, by WMO code table 3700.

    A height on the boundary of two codes gets the lower one.
    """
    return np.searchsorted(HEIGHTS_M, wave_height_m, side="left").astype(float)
