"""Files of measured weather, CSV or NetCDF, read and joined into the columns of `environment.series`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import numpy as np
from pydantic import ValidationError

from sim.core.arrays import Floats
from sim.core.units import KNOTS_PER_M_S, METRES_PER_NMI
from sim.model.weather_quantities import QUANTITIES
from sim.model.weather_series import Series, SeriesFile
from sim.scenario.explain import explain_validation
from sim.scenario.problems import InputError, Path, toml_text
from sim.scenario.series_csv import hint_at_cell, read_csv
from sim.scenario.series_hours import check_hours, hour_text
from sim.scenario.series_netcdf import LEAST_VISIBILITY_M, NETCDF, WIND, read_netcdf

Columns = dict[str, list[Any]]

HEIGHTS_M = (0.0, 0.1, 0.5, 1.25, 2.5, 4.0, 6.0, 9.0, 14.0)  # upper bounds of sea states 0 to 8: WMO code table 3700


class Timeline(NamedTuple):
    """The weather of one file, from the last row at or before hour 0 on."""

    name: str
    """The name of the file in messages."""
    time_h: Floats
    """(n,) hours since the scenario's start, rising."""
    values: Mapping[str, Floats]
    """(n,) values from each hour to the next, by key: a quantity, or one of `environment.series.variables`."""


def read_timeline(path: FilePath, name: str, spec: SeriesFile, start: datetime) -> Timeline:
    """Return the weather of one file of `spec`; `name` is the name of the file in messages.

    Raises `InputError` for a problem in the file, with its line, and `OSError` or `ValueError` where the file cannot be
    read at all.
    """
    if path.suffix.lower() in NETCDF:
        time_h, values = read_netcdf(path, name, spec, start)
        check_hours(time_h, name, [None] * len(time_h), start)
    elif path.suffix.lower() != ".csv":
        raise ValueError("its name ends neither in .csv nor in .nc, .nc4 or .netcdf")
    elif _is_for_netcdf(spec) and not any(file.lower().endswith(NETCDF) for file in spec.file):
        raise ValueError("the keys at and variables are for NetCDF files only")
    else:
        columns, lines = read_csv(path, name, start)
        _check(columns, name, lines, start)
        time_h = np.array(columns.pop("time_h"))
        values = {key: np.array(column) for key, column in columns.items()}
        check_hours(time_h, name, lines[1:], start)
    first = max(0, int(np.searchsorted(time_h, 0.0, side="right")) - 1)
    return Timeline(name, time_h[first:], {key: column[first:] for key, column in values.items()})


def _is_for_netcdf(spec: SeriesFile) -> bool:
    """Whether some key is given that only NetCDF files need."""
    return spec.at is not None or spec.variables is not None


def _check(columns: Columns, name: str, lines: list[int], start: datetime) -> None:
    """Raise the first problem of columns that make no valid series, at its row's line; lines[0] is the header's."""
    try:
        Series.model_validate(columns)
    except ValidationError as error:

        def locate(path: Path) -> tuple[str, int | None]:
            row = path[1] if len(path) > 1 else -1
            return name, lines[int(row) + 1]

        problem = explain_validation(error, Series, columns, locate)[0]
        is_across = error.errors()[0]["type"] == "refused"  # a rule across columns
        if is_across and problem.key.startswith("time_h"):
            problem = replace(problem, key="time", given=hour_text(float(problem.given), start))
        elif is_across:
            problem = replace(problem, key="", given=f"the columns {', '.join(columns)}")
        else:  # the line names the row
            key = problem.key.partition("[")[0]
            problem = replace(problem, key=key, hint=problem.hint or hint_at_cell(problem.given))
        raise InputError([problem]) from None


def joined(timelines: Sequence[Timeline], spec: SeriesFile) -> Columns:
    """Return the columns of a series from those of one or more files, each row of which holds until its next.

    Raises `ValueError` where two files have the same quantity, or where none has a variable that `spec` names.
    """
    _refuse_twice(timelines)
    time_h = np.unique(np.concatenate([timeline.time_h for timeline in timelines]))
    time_h = time_h[time_h >= max(timeline.time_h[0] for timeline in timelines)]
    values = {
        key: column[np.searchsorted(timeline.time_h, time_h, side="right") - 1]
        for timeline in timelines
        for key, column in timeline.values.items()
    }
    named = {} if spec.variables is None else spec.variables.model_dump(exclude_none=True)
    for key, variable in named.items():
        if key not in values:
            raise ValueError(f"none of its files has a variable {toml_text(variable)}")
    for key, other in WIND.items():
        if key in values and other not in values:
            raise ValueError(f"one of its files has {key}, and none has {other}")
    return {"time_h": time_h.tolist(), **series_columns(values)}


def _refuse_twice(timelines: Sequence[Timeline]) -> None:
    """Refuse files of which two have the same quantity; the two components of a wind may be in two files."""
    homes: dict[str, tuple[str, str]] = {}
    for timeline in timelines:
        for key in timeline.values:
            quantity = "sea" if key == "wave_height_m" else key.split("_")[0]
            earlier, home = homes.setdefault(quantity, (key, timeline.name))
            if home != timeline.name and WIND.get(key) != earlier:
                raise ValueError(
                    f"{home} has {earlier} and {timeline.name} has {key}; give each quantity in one file only"
                )


def series_columns(values: Mapping[str, Floats]) -> Columns:
    """Return the columns of a series from values (n,) of quantities or of keys of `environment.series.variables`."""
    columns = {key: values[key] for key in QUANTITIES if key in values}
    if "wave_height_m" in values:
        columns["sea_state"] = sea_state_of(values["wave_height_m"])
    if "visibility_m" in values:
        columns["visibility_nmi"] = np.round(np.maximum(values["visibility_m"], LEAST_VISIBILITY_M) / METRES_PER_NMI, 3)
    if "wind_east_m_s" in values:
        east, north = values["wind_east_m_s"], values["wind_north_m_s"]
        columns["wind_kn"] = np.round(np.hypot(east, north) * KNOTS_PER_M_S, 3)
        columns["wind_from_deg"] = np.round(np.degrees(np.arctan2(-east, -north)) % 360.0, 3)
    listed: Columns = {key: column.tolist() for key, column in columns.items()}
    if "sea_state" in listed:
        listed["sea_state"] = list(map(int, listed["sea_state"]))
    return listed


def sea_state_of(wave_height_m: Floats) -> Floats:
    """Return the sea state (n,) of significant wave height (n,), metres, by WMO code table 3700.

    A height on the boundary of two codes gets the lower one.
    """
    return np.searchsorted(HEIGHTS_M, wave_height_m, side="left").astype(float)
