"""The environment: sea state, visibility and wind over a deployment.

One weather holds for the whole theatre at a time: an assumption. It is constant between changes, so whatever depends on
it can be cut at the changes exactly. It comes from constants, from Markov processes that dwell in each of their states
for an exponential time, or from a series that was measured. The sun, which is part of it, has a module of its own.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import AfterValidator, Field, field_validator, model_validator

from sim.core import chance
from sim.core.arrays import Entities, Floats, Indices
from sim.core.codes import Purpose
from sim.core.fields import Name, Part, Probability, refuse
from sim.core.geo import Plane
from sim.model.places import Number, Position
from sim.model.sun import CIVIL_DEG
from sim.model.sun import Sun as Sun  # the sun is part of the environment

AFTER_H = 240.0  # weather is drawn so far beyond the deployment's end, for flights that land later; the last holds on
MOST_ROWS = 100_000  # of a series: eleven years by the hour
QUANTITIES = ("sea_state", "visibility_nmi", "wind_kn", "wind_from_deg")

SeaState = Annotated[int, Field(strict=True, ge=0, le=9)]
Visibility = Annotated[float, Field(strict=True, gt=0.0, le=100.0)]
WindSpeed = Annotated[float, Field(strict=True, ge=0.0, le=200.0)]
WindFrom = Annotated[float, Field(strict=True, ge=0.0, le=360.0)]


def _whole_wind(one: "Stated | Series") -> None:
    """Refuse half a wind."""
    if (one.wind_kn is None) != (one.wind_from_deg is None):
        raise refuse("wind", "wind_kn and wind_from_deg together, or neither", "wind_kn", "wind_from_deg")


class Stated(Part):
    """Sea state, visibility and wind at one time, as far as they are stated."""

    sea_state: SeaState | None = None
    """The sea state by WMO code 3700, from 0 (glassy) to 9 (phenomenal). If it is left out, nothing depends on it."""
    visibility_nmi: Visibility | None = None
    """The meteorological visibility, in nautical miles. If it is left out, nothing depends on it."""
    wind_kn: WindSpeed | None = None
    """The speed of the wind, in knots, the same at sea and at every altitude, which is an assumption. If it is left
    out, it is calm."""
    wind_from_deg: WindFrom | None = None
    """The direction from which the wind blows, in degrees true, in the middle of the theatre. It is given together with
    `wind_kn`."""

    @model_validator(mode="after")
    def _half_no_wind(self) -> Self:
        _whole_wind(self)
        return self

    @property
    def stated(self) -> tuple[str, ...]:
        """The quantities that are stated; wind is one."""
        return _stated(self)


class WeatherState(Stated):
    """One state of a process: how long it lasts, what holds meanwhile, what follows."""

    dwell_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """The mean time in the state, in hours. Each stay is drawn from an exponential distribution."""
    next: dict[Name, Probability] | None = None
    """The chance of each state that may follow, by name; they sum to 1. If it is left out, all other states are equally
    likely."""

    @field_validator("next")
    @classmethod
    def _shares(cls, value: dict[str, float] | None) -> dict[str, float] | None:
        if value is not None and abs(sum(value.values()) - 1.0) > 1e-6:
            raise refuse("shares", f"shares that sum to 1, not {sum(value.values()):g}")
        return value


def _chained(states: dict[str, WeatherState]) -> dict[str, WeatherState]:
    """Refuse states that do not make one process."""
    if len(states) < 2:
        raise refuse("process", "at least two states; what never changes is a constant of [environment]")
    for name, state in states.items():
        others = [other for other in states if other != name]
        for other in (other for other in state.next or () if other not in others):
            allowed = f"in {name}.next, the other states of this process: {', '.join(others)}"
            raise refuse("process", allowed, f"{name}.next.{other}")
    (first, one), *rest = states.items()
    odd = next((name for name, state in rest if state.stated != one.stated), None if one.stated else first)
    if odd is not None:
        allowed = "states that all set the same of sea_state, visibility_nmi and wind, at least one"
        raise refuse("process", allowed, odd)
    reached = np.linalg.matrix_power(np.eye(len(states)) + _jumps(states), len(states)) > 0.0
    if not reached.all():
        start, end = (sorted(states)[at] for at in np.argwhere(~reached)[0])
        allowed = f"states each of which can be reached from every other: nothing leads from {start} to {end}"
        raise refuse("process", allowed, f"{start}.next", start)
    return states


Process = Annotated[dict[Name, WeatherState], AfterValidator(_chained)]


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
    def _each_once(self) -> Self:
        given = set(self.model_dump(exclude_none=True))
        wind = given & {"wind_kn", "wind_from_deg", "wind_east_m_s", "wind_north_m_s"}
        twice = [
            pair for pair in (["wave_height_m", "sea_state"], ["visibility_m", "visibility_nmi"]) if given >= set(pair)
        ]
        if not given or twice:
            allowed = "one name for sea state, one for visibility, or both, or wind"
            raise refuse("variables", allowed, *(twice[0] if twice else ()))
        if wind and wind not in ({"wind_kn", "wind_from_deg"}, {"wind_east_m_s", "wind_north_m_s"}):
            allowed = "wind_kn with wind_from_deg, or wind_east_m_s with wind_north_m_s"
            raise refuse("variables", allowed, *sorted(wind))
        return self


class SeriesFile(Part):
    """A file of measured or reanalysed weather; it is read when the scenario is loaded."""

    file: str
    """The name of a .csv file, or of a .nc file, inside the folder of the scenario file. A .nc file needs the optional
    packages `seasweep[weather]`."""
    at: Position | None = None
    """The place, [lon, lat] in degrees, whose nearest grid point in a NetCDF file is taken."""
    variables: Variables | None = None
    """The names of variables in a NetCDF file. If it is left out, swh, vis, u10 and v10 are read, as far as the file
    has them."""


class Series(Part):
    """Weather from one time to the next: each row holds until the next begins, the last from then on."""

    forms = (frozenset({"time_h"}), frozenset({"file"}))
    time_h: Annotated[list[Number], Field(min_length=1, max_length=MOST_ROWS)]
    """The time at which each row begins, in hours since the start of the scenario. The times rise, and the first is at
    or before 0."""
    sea_state: list[SeaState] | None = None
    """The sea state by WMO code 3700, one value for each row."""
    visibility_nmi: list[Visibility] | None = None
    """The visibility in nautical miles, one value for each row."""
    wind_kn: list[WindSpeed] | None = None
    """The speed of the wind in knots, one value for each row."""
    wind_from_deg: list[WindFrom] | None = None
    """The direction from which the wind blows, in degrees true, one value for each row."""

    @model_validator(mode="after")
    def _rows(self) -> Self:
        columns = {name: column for name in QUANTITIES if (column := getattr(self, name)) is not None}
        short = [name for name, column in columns.items() if len(column) != len(self.time_h)]
        if short or not columns:
            allowed = f"at least one of {', '.join(QUANTITIES)}, each as long as time_h, {len(self.time_h)}"
            raise refuse("series", allowed, *short[:1])
        _whole_wind(self)
        wrong = wrong_time(self.time_h)
        if wrong is not None:
            raise refuse("series", wrong[1], f"time_h.{wrong[0]}")
        return self

    @property
    def stated(self) -> tuple[str, ...]:
        """The quantities that are stated; wind is one."""
        return _stated(self)


def _stated(one: Stated | Series) -> tuple[str, ...]:
    values = {"sea_state": one.sea_state, "visibility_nmi": one.visibility_nmi, "wind": one.wind_kn}
    return tuple(name for name, value in values.items() if value is not None)


def wrong_time(time_h: Sequence[float]) -> tuple[int, str] | None:
    """The first row whose time is not allowed, and what is; None where all are."""
    if time_h[0] > 0.0:
        return 0, "a first time at or before hour 0, the scenario's start"
    falls = next((row for row, (one, two) in enumerate(pairwise(time_h), 1) if two <= one), None)
    return None if falls is None else (falls, "rising times")


class Environment(Stated):
    """Sea state, visibility and wind, each from one place: a constant, a process or the series; and what light is."""

    forms = (frozenset(QUANTITIES), frozenset({"processes"}), frozenset({"series"}))
    processes: dict[Name, Process] = {}
    """Weather that changes at random: processes that stay in each of their states for an exponential time and then
    jump to another. They are independent of one another."""
    series: Series | None = None
    """Weather that was measured: the name of a file, or the rows written out."""
    light_begins_deg: Annotated[float, Field(strict=True, ge=-18.0, le=10.0)] = CIVIL_DEG
    """The elevation of the centre of the sun, in degrees, above which there is daylight. The default of -6 counts civil
    twilight as daylight, which is an assumption."""

    @property
    def strongest_wind_kn(self) -> float:
        """The strongest wind that is ever stated."""
        states: list[Stated] = [self, *(state for one in self.processes.values() for state in one.values())]
        measured = self.series.wind_kn if self.series is not None else None
        return max(0.0, *(state.wind_kn or 0.0 for state in states), *(measured or ()))

    @model_validator(mode="after")
    def _once(self) -> Self:
        setters = {"": self.stated}
        setters |= {f"processes.{name}": one[min(one)].stated for name, one in self.processes.items()}
        setters |= {} if self.series is None else {"series": self.series.stated}
        for quantity in ("sea_state", "visibility_nmi", "wind"):
            places = [place for place, stated in setters.items() if quantity in stated]
            if len(places) > 1:
                allowed = (
                    f"{quantity} set in one place, not in {' and '.join(one or '[environment]' for one in places)}"
                )
                own = "wind_kn" if quantity == "wind" else quantity
                raise refuse("environment", allowed, *(one or own for one in places))
        return self


def _jumps(states: Mapping[str, WeatherState]) -> Floats:
    """Chances (k, k) of each state after each, in the order of their names."""
    names = sorted(states)
    alike = 1.0 / max(1, len(names) - 1)
    rows = []
    for name in names:
        shares = states[name].next or {other: alike for other in names if other != name}
        rows.append([shares.get(other, 0.0) for other in names])
    jumps = np.array(rows, float)
    return np.asarray(jumps / jumps.sum(axis=1, keepdims=True), float)


def time_shares(states: Mapping[str, WeatherState]) -> dict[str, float]:
    """Share of time that a process spends in each state, by name: in proportion to nu_i dwell_i, nu = nu P.

    The stationary law of a semi-Markov process (Ross, Stochastic Processes, 2nd ed., proposition 4.8.1).
    """
    names, jumps = sorted(states), _jumps(states)
    k = len(names)
    conditions = np.vstack([jumps.T - np.eye(k), np.ones(k)])
    visits = np.linalg.lstsq(conditions, np.append(np.zeros(k), 1.0), rcond=None)[0]
    time = np.maximum(visits, 0.0) * [states[name].dwell_h for name in names]
    return dict(zip(names, (time / time.sum()).tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Weather:
    """What holds when: constant over stretches [begin, next begin); all arrays (n,), read only.

    The first begins at -inf, the last holds on. NaN where sea state or visibility is not stated.
    """

    begin: Floats
    """Hours."""
    sea_state: Floats
    """WMO code 3700."""
    visibility_nmi: Floats
    wind_x: Floats
    """Knots, on the plane, towards where the wind blows; 0 where no wind is stated."""
    wind_y: Floats

    @cached_property
    def _begins(self) -> list[float]:
        return list(map(float, self.begin))

    def at(self, hour: float) -> int:
        """The stretch that holds at an hour."""
        return bisect_right(self._begins, hour) - 1

    def at_each(self, hours: ArrayLike) -> Indices:
        """The stretch that holds at each hour; the shape is kept."""
        return np.searchsorted(self.begin, np.asarray(hours, float), side="right") - 1

    def changes_between(self, t0: float, t1: float) -> Floats:
        """Hours of the changes after t0 and before t1, rising."""
        return self.begin[bisect_right(self._begins, t0) : max(0, bisect_left(self._begins, t1))]


@dataclass(frozen=True, eq=False)
class Chain:
    """A process made ready: k states in the order of their names."""

    source: np.uint64
    values: Floats
    """(k, 4): sea state, visibility, wind x and y; NaN where it does not set one."""
    dwell: Floats
    """Mean hours in each, (k,)."""
    first: list[float]
    """Cumulative shares of time, (k,)."""
    after: list[list[float]]
    """Cumulative chances of what follows each, (k, k)."""


@dataclass(frozen=True, eq=False)
class EnvironmentPlan:
    """An environment made ready for replications."""

    chains: tuple[Chain, ...]
    given: Weather
    """The constants and the series, alike in every replication."""
    end_h: float
    """Hour to which weather is drawn."""

    @property
    def is_windy(self) -> bool:
        """Whether there is ever any wind."""
        given = bool(self.given.wind_x.any() or self.given.wind_y.any())
        return given or any(bool(np.nan_to_num(chain.values[:, 2:]).any()) for chain in self.chains)


class Surroundings(Protocol):
    """What of a scenario decides its weather."""

    @property
    def environment(self) -> Environment:
        """What the file says."""

    @property
    def duration_h(self) -> float:
        """Hours of the deployment."""

    @property
    def plane(self) -> Plane:
        """The theatre's plane."""


def wind_on_plane(wind_kn: ArrayLike, wind_from_deg: ArrayLike, plane: Plane) -> tuple[Floats, Floats]:
    """Wind towards x and y of the plane, knots, by true directions in the theatre's middle; shapes are kept."""
    west, south, east, north = plane.box
    turn = plane.grid_course(0.0, (west + east) / 2.0, (south + north) / 2.0)
    course, speed = np.radians(np.asarray(wind_from_deg, float) + turn), np.asarray(wind_kn, float)
    return -speed * np.sin(course), -speed * np.cos(course)


def _columns(one: Stated | Series, plane: Plane) -> Floats:
    """Conditions, (n, 4): sea state, visibility, wind x and y; NaN where one is not stated."""
    stated: list[Any] = [getattr(one, name) for name in QUANTITIES]
    sea, visibility, speed, origin = np.broadcast_arrays(*[np.atleast_1d(np.array(column, float)) for column in stated])
    return np.column_stack([sea, visibility, *wind_on_plane(speed, origin, plane)])


def _laid_over(timelines: Sequence[tuple[Floats, Floats]]) -> Weather:
    """Timelines (begins, values), later ones over earlier ones where they are not NaN, as one weather."""
    begin = np.unique(np.concatenate([begin for begin, _ in timelines]))
    whole = np.full((begin.size, 4), np.nan)
    for begins, values in timelines:
        mine = values[np.searchsorted(begins, begin, side="right") - 1]
        whole = np.where(np.isnan(mine), whole, mine)
    whole[:, 2:] = np.nan_to_num(whole[:, 2:])
    coded = np.nan_to_num(whole, nan=-1.0)
    changed = np.append(True, np.any(coded[1:] != coded[:-1], axis=1))
    columns = [begin[changed], *whole[changed].T.copy()]
    for column in columns:
        column.setflags(write=False)
    return Weather(*columns)


def plan_environment(scenario: Surroundings) -> EnvironmentPlan:
    """Make the environment of a scenario ready."""
    said, plane = scenario.environment, scenario.plane
    timelines = [(np.array([-np.inf]), _columns(said, plane))]
    if said.series is not None:
        begin = np.array(said.series.time_h, float)
        from_start = slice(max(0, int(np.searchsorted(begin, 0.0, side="right")) - 1), None)
        begin, values = begin[from_start], _columns(said.series, plane)[from_start]
        begin[0] = -np.inf
        timelines.append((begin, values))
    chains = tuple(_chain(name, said.processes[name], plane) for name in sorted(said.processes))
    return EnvironmentPlan(chains, _laid_over(timelines), scenario.duration_h + AFTER_H)


def _chain(name: str, states: Mapping[str, WeatherState], plane: Plane) -> Chain:
    ordered = [states[one] for one in sorted(states)]
    shares = np.array(list(time_shares(states).values()))
    first, after = np.cumsum(shares), np.cumsum(_jumps(states), axis=1)
    return Chain(
        chance.identity("environment", name),
        np.vstack([_columns(state, plane) for state in ordered]),
        np.array([state.dwell_h for state in ordered]),
        (first / first[-1]).tolist(),
        (after / after[:, -1:]).tolist(),
    )


def realise_weather(plan: EnvironmentPlan, key: Entities) -> Weather:
    """The weather of one replication, by its key (2,); stationary at hour 0. A constant one draws nothing."""
    if not plan.chains:
        return plan.given
    given = plan.given
    timelines = [(given.begin, np.column_stack([given.sea_state, given.visibility_nmi, given.wind_x, given.wind_y]))]
    for chain in plan.chains:
        begin, states = walk(chain, key, plan.end_h)
        timelines.append((begin, chain.values[states]))
    return _laid_over(timelines)


def walk(chain: Chain, key: Entities, end_h: float) -> tuple[Floats, Indices]:
    """Begins, hours (n,), the first -inf, and states (n,) of a process until an hour.

    A stretch is known by its ordinal, so the path depends on nothing but the key and the process's own name. What is
    left of an exponential time at hour 0 is as long as a whole one, so the first stretch needs no law of its own.
    """
    count = 16 + int(1.5 * end_h / float(chain.dwell.mean()))
    while True:
        stretches = chance.identities(chain.source, count)
        choice = chance.uniforms(key, Purpose.WEATHER, stretches)[:, 0].tolist()
        states = [bisect_right(chain.first, choice[0])]
        for u in choice[1:]:
            states.append(bisect_right(chain.after[states[-1]], u))
        path = np.array(states, np.intp)
        dwell = -np.log(chance.uniforms(key, Purpose.DWELL, stretches)[:, 0]) * chain.dwell[path]
        ends = np.cumsum(dwell)
        if ends[-1] > end_h:
            break
        count *= 2
    last = int(np.searchsorted(ends, end_h, side="right"))
    return np.concatenate([[-np.inf], ends[:last]]), path[: last + 1]
