"""The table [environment] of a scenario: where sea state, visibility and wind come from, and when it is light.

Each quantity comes from one place: a constant here, a random process (`weather_processes`) or a series
(`weather_series`). What holds at which hour of a replication is in `weather`; the sun has its own file, `sun`.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from sim.core.fields import Name, refuse
from sim.model.sun import CIVIL_DEG
from sim.model.weather_processes import Process
from sim.model.weather_quantities import QUANTITIES, StatedWeather
from sim.model.weather_series import Series


class Environment(StatedWeather):
    """Sea state, visibility and wind, each from one place: a constant, a process or the series; and what light is."""

    forms = (frozenset(QUANTITIES), frozenset({"processes"}), frozenset({"series"}))
    processes: Annotated[dict[Name, Process], Field(max_length=20)] = {}
    """Weather that changes at random: processes that stay in each of their states for an exponential time and then
    jump to another. They are independent of one another."""
    series: Series | None = None
    """Weather that was measured: the name of a file, or the rows written out."""
    light_begins_deg: Annotated[float, Field(strict=True, ge=-18.0, le=10.0)] = CIVIL_DEG
    """The elevation of the centre of the sun, in degrees, above which there is daylight. The default of -6 counts civil
    twilight as daylight, which is an assumption."""

    @property
    def strongest_wind_kn(self) -> float:
        """The strongest wind that is stated anywhere, knots; 0 where none is."""
        states: list[StatedWeather] = [
            self,
            *(state for states in self.processes.values() for state in states.values()),
        ]
        measured = self.series.wind_kn if self.series is not None else None
        return max(0.0, *(state.wind_kn or 0.0 for state in states), *(measured or ()))

    @model_validator(mode="after")
    def _sets_each_quantity_once(self) -> Self:
        setters = {"": self.stated}
        setters |= {f"processes.{name}": states[min(states)].stated for name, states in self.processes.items()}
        setters |= {} if self.series is None else {"series": self.series.stated}
        for quantity in ("sea_state", "visibility_nmi", "wind"):
            places = [place for place, stated in setters.items() if quantity in stated]
            if len(places) > 1:
                named = " and ".join(place or "[environment]" for place in places)
                own = "wind_kn" if quantity == "wind" else quantity
                raise refuse("environment", f"{quantity} set in one place, not in {named}", *(p or own for p in places))
        return self
