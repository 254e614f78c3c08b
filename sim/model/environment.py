"""The table [environment] of a scenario: where sea state, visibility and wind come from, and when it is light.

Each quantity comes from one place: a constant here, a random process (`weather_processes`) or a series
(`weather_series`). A process that holds in some seasons only takes the place of that one in these. What holds at which
hour of a replication is in `weather`; the sun has its own file, `sun`.
"""

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from sim.core.fields import Name, refuse
from sim.model.calendar import Season, Seasons
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
    seasons: dict[Name, Seasons] | None = None
    """In which parts of the year a process holds, by its name: a list of `{ from, to }` with days such as "04-01", both
    included, in the scenario's time zone. In its seasons a process takes the place of what else sets the same
    quantities; at other times it sets nothing. If it is left out, all processes hold all year."""
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

    @property
    def seasonal(self) -> dict[str, list[Season]]:
        """The seasons of the processes that do not hold all year, by the name of the process."""
        return self.seasons or {}

    @model_validator(mode="after")
    def _seasons_of_processes(self) -> Self:
        names = sorted(self.seasonal)
        for number, name in enumerate(names):
            if name not in self.processes:
                known = ", ".join(sorted(self.processes)) or "none is defined"
                raise refuse("environment", f"a name from [environment.processes]: {known}", f"seasons.{name}")
            for other in names[:number]:
                days = [np.any([season.days for season in self.seasonal[one]], axis=0) for one in (name, other)]
                if self._stated_by(name) & self._stated_by(other) and np.any(days[0] & days[1]):
                    allowed = f"seasons that have no day in common, as {other} and {name} set the same quantity"
                    raise refuse("environment", allowed, f"seasons.{name}", f"seasons.{other}")
        return self

    def _stated_by(self, process: str) -> set[str]:
        states = self.processes[process]
        return set(states[min(states)].stated)

    @model_validator(mode="after")
    def _sets_each_quantity_once(self) -> Self:
        setters = {"": self.stated}
        all_year = {name: states for name, states in self.processes.items() if name not in self.seasonal}
        setters |= {f"processes.{name}": states[min(states)].stated for name, states in all_year.items()}
        setters |= {} if self.series is None else {"series": self.series.stated}
        for quantity in ("sea_state", "visibility_nmi", "wind"):
            places = [place for place, stated in setters.items() if quantity in stated]
            if len(places) > 1:
                named = " and ".join(place or "[environment]" for place in places)
                own = "wind_kn" if quantity == "wind" else quantity
                raise refuse("environment", f"{quantity} set in one place, not in {named}", *(p or own for p in places))
        return self
