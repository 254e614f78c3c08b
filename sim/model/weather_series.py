"""Weather that was measured or forecast: a series of rows in a scenario, or the name of a file that holds them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from sim.core.fields import Part, refuse
from sim.core.text import counted
from sim.model.places import Number, Position
from sim.model.weather_quantities import (
    QUANTITIES,
    SeaState,
    Visibility,
    WindFrom,
    WindSpeed,
    quantities_stated,
    refuse_half_a_wind,
)

MOST_ROWS = 100_000  # of a series: eleven years by the hour
_COLUMN = Field(max_length=MOST_ROWS, fail_fast=True)  # of a long column the first wrong value is enough
MOST_FILES = 10  # of a series: one for each variable, and a few more


def first_wrong_time(time_h: Sequence[float]) -> tuple[int, str] | None:
    """Return the number of the first row whose time is not allowed, and what is allowed; None where all times are.

    The first time must be at or before hour 0, and each later time above the one before it.
    """
    if time_h[0] > 0.0:
        return 0, "a first time at or before hour 0, the scenario's start"
    falls = next((row for row, (before, time) in enumerate(pairwise(time_h), 1) if time <= before), None)
    return None if falls is None else (falls, "rising times")


class Variables(Part):
    """Names of a NetCDF file's variables, by what they are and their unit; left out: those of ERA5."""

    sea_state: str | None = None
    """The variable of the sea state by WMO code 3700."""
    wave_height_m: str | None = None
    """The variable of the significant wave height in metres, from which the sea state follows. ERA5 calls it swh."""
    visibility_nmi: str | None = None
    """The variable of the visibility in nautical miles."""
    visibility_m: str | None = None
    """The variable of the visibility in metres. Some forecasts call it vis."""
    wind_kn: str | None = None
    """The variable of the speed of the wind in knots."""
    wind_from_deg: str | None = None
    """The variable of the direction from which the wind blows, in degrees true."""
    wind_east_m_s: str | None = None
    """The variable of the eastward component of the wind at 10 m height, in m/s. ERA5 calls it u10."""
    wind_north_m_s: str | None = None
    """The variable of the northward component of the wind at 10 m height, in m/s. ERA5 calls it v10."""

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        given = set(self.model_dump(exclude_none=True))
        wind = given & {"wind_kn", "wind_from_deg", "wind_east_m_s", "wind_north_m_s"}
        alternatives = (["wave_height_m", "sea_state"], ["visibility_m", "visibility_nmi"])
        twice = [pair for pair in alternatives if given >= set(pair)]
        if not given or twice:
            allowed = "at most one name for sea state and one for visibility, and at least one name"
            raise refuse("variables", allowed, *(twice[0] if twice else ()))
        if wind and wind not in ({"wind_kn", "wind_from_deg"}, {"wind_east_m_s", "wind_north_m_s"}):
            allowed = "wind_kn with wind_from_deg, or wind_east_m_s with wind_north_m_s"
            raise refuse("variables", allowed, *sorted(wind))
        return self


def _names(value: Any) -> Any:
    """The name of a file, or a list of names, as a list."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise refuse("file", "text in quotes, or a list of such texts")
    if len(names) > MOST_FILES or len(set(names)) < len(names):
        raise refuse("file", f"at most {MOST_FILES} names of files, each once")
    return names


_NAMES_SCHEMA = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_FILES}]
}


class SeriesFile(Part):
    """Files of measured or reanalysed weather; they are read when the scenario is loaded."""

    file: Annotated[list[str], BeforeValidator(_names), WithJsonSchema(_NAMES_SCHEMA)]
    """The name of a .csv file, or of a NetCDF file (.nc, .nc4 or .netcdf), inside the folder of the scenario file; or a
    list of such names, for example of a file of waves and a file of winds, each of which has other quantities.
    A NetCDF file needs the optional packages `seasweep[weather]`."""
    at: Position | None = None
    """The place, [lon, lat] in degrees, whose nearest grid point in each NetCDF file is taken. It may lie outside the
    grid by half a cell at most."""
    variables: Variables | None = None
    """The names of variables in a NetCDF file. If it is left out, swh, vis, u10 and v10 are read, as far as the file
    has them."""


class Series(Part):
    """Weather from one time to the next: each row holds until the next begins, the last from then on."""

    forms = (frozenset({"time_h"}), frozenset({"file"}))
    time_h: Annotated[list[Number], Field(min_length=1), _COLUMN]
    """The time at which each row begins, in hours since the start of the scenario. The times rise, and the first is at
    or before 0."""
    sea_state: Annotated[list[SeaState], _COLUMN] | None = None
    """The sea state by WMO code 3700, one value for each row."""
    visibility_nmi: Annotated[list[Visibility], _COLUMN] | None = None
    """The visibility in nautical miles, one value for each row."""
    wind_kn: Annotated[list[WindSpeed], _COLUMN] | None = None
    """The speed of the wind in knots, one value for each row."""
    wind_from_deg: Annotated[list[WindFrom], _COLUMN] | None = None
    """The direction from which the wind blows, in degrees true, one value for each row."""

    @model_validator(mode="after")
    def _has_whole_rows(self) -> Self:
        columns = {name: column for name in QUANTITIES if (column := getattr(self, name)) is not None}
        short = [name for name, column in columns.items() if len(column) != len(self.time_h)]
        if short or not columns:
            rows = len(self.time_h)
            allowed = f"at least one of {', '.join(QUANTITIES)}, each as long as time_h, {counted(rows, 'value')}"
            raise refuse("series", allowed, *short[:1])
        refuse_half_a_wind(self)
        wrong = first_wrong_time(self.time_h)
        if wrong is not None:
            row, allowed = wrong
            raise refuse("series", allowed, f"time_h.{row}")
        return self

    @property
    def stated(self) -> tuple[str, ...]:
        """Which of sea_state, visibility_nmi and wind are stated."""
        return quantities_stated(self)
