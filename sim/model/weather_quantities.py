"""Sea state, visibility and wind as a scenario states them: their bounds, and their values on the plane."""

from typing import Annotated, Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, model_validator

from sim.core.arrays import Floats
from sim.core.fields import Part, refuse
from sim.core.geo import Plane

QUANTITIES = ("sea_state", "visibility_nmi", "wind_kn", "wind_from_deg")
"""The keys that state weather, in a table of a scenario and as columns of a file."""

SeaState = Annotated[int, Field(strict=True, ge=0, le=9)]
Visibility = Annotated[float, Field(strict=True, gt=0.0, le=100.0)]
WindSpeed = Annotated[float, Field(strict=True, ge=0.0, le=200.0)]
WindFrom = Annotated[float, Field(strict=True, ge=0.0, le=360.0)]


class WeatherTable(Protocol):
    """A table that may state each quantity: by one value, by a list with one value for each row, or not (None)."""

    @property
    def sea_state(self) -> Any:
        """Sea state by WMO code 3700."""

    @property
    def visibility_nmi(self) -> Any:
        """Visibility, nmi."""

    @property
    def wind_kn(self) -> Any:
        """Speed of the wind, knots."""

    @property
    def wind_from_deg(self) -> Any:
        """Direction from which the wind blows, degrees true."""


def refuse_half_a_wind(table: WeatherTable) -> None:
    """Refuse a speed of the wind without its direction, and a direction without its speed."""
    if (table.wind_kn is None) != (table.wind_from_deg is None):
        raise refuse("wind", "wind_kn and wind_from_deg together, or neither", "wind_kn", "wind_from_deg")


def quantities_stated(table: WeatherTable) -> tuple[str, ...]:
    """Return which of sea_state, visibility_nmi and wind a table states; speed and direction together are the wind."""
    values = {"sea_state": table.sea_state, "visibility_nmi": table.visibility_nmi, "wind": table.wind_kn}
    return tuple(name for name, value in values.items() if value is not None)


class StatedWeather(Part):
    """Sea state, visibility and wind at one time, as far as they are stated."""

    sea_state: SeaState | None = None
    """The sea state by WMO code 3700, from 0 (glassy) to 9 (phenomenal). If the key is left out, the sea state
    has no effect on anything."""
    visibility_nmi: Visibility | None = None
    """The meteorological visibility, in nautical miles. If the key is left out, the visibility has no effect on
    anything."""
    wind_kn: WindSpeed | None = None
    """The speed of the wind, in knots, the same at sea and at every altitude, which is an assumption. If the key
    is left out, there is no wind."""
    wind_from_deg: WindFrom | None = None
    """The direction from which the wind blows, in degrees true, in the middle of the theatre. It is given together with
    `wind_kn`."""

    @model_validator(mode="after")
    def _states_a_whole_wind(self) -> Self:
        refuse_half_a_wind(self)
        return self

    @property
    def stated(self) -> tuple[str, ...]:
        """Which of sea_state, visibility_nmi and wind are stated."""
        return quantities_stated(self)


def wind_on_plane(wind_kn: ArrayLike, wind_from_deg: ArrayLike, plane: Plane) -> tuple[Floats, Floats]:
    """Return the components of the wind along x and y of the plane, knots, towards where it blows.

    The directions are true, in degrees, in the middle of the theatre. The shapes of the arguments are kept.
    """
    west, south, east, north = plane.box
    turn = plane.grid_course(0.0, (west + east) / 2.0, (south + north) / 2.0)
    course, speed = np.radians(np.asarray(wind_from_deg, float) + turn), np.asarray(wind_kn, float)
    return -speed * np.sin(course), -speed * np.cos(course)


def conditions_on_plane(table: WeatherTable, plane: Plane) -> Floats:
    """Return the conditions that a table states, (n, 4): sea state, visibility in nmi, wind along x and y in knots.

    There is one row for each row of a series, otherwise a single row. What is not stated is NaN.
    """
    stated: list[Any] = [getattr(table, name) for name in QUANTITIES]
    sea, visibility, speed, origin = np.broadcast_arrays(*[np.atleast_1d(np.array(column, float)) for column in stated])
    return np.column_stack([sea, visibility, *wind_on_plane(speed, origin, plane)])
