"""Weather that changes at random: processes that dwell in named states, their shares of time, and their paths.

A process stays in each of its states for an exponential time and then jumps to another by given chances: a
continuous-time Markov chain. It is stationary from hour 0 on.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field, field_validator

from sim.core import chance
from sim.core.arrays import Entities, Floats, Indices
from sim.core.codes import Purpose
from sim.core.fields import Name, Probability, refuse
from sim.core.geo import Plane
from sim.core.limits import MOST_STATES
from sim.model.weather_quantities import StatedWeather, conditions_on_plane


class WeatherState(StatedWeather):
    """One state of a process: how long it lasts, what holds meanwhile, what follows."""

    dwell_h: Annotated[float, Field(strict=True, ge=0.1, le=10000.0)]
    """The mean time in the state, in hours. Each stay is drawn from an exponential distribution."""
    next: dict[Name, Probability] | None = None
    """The chance of each state that may follow, by name; they sum to 1. If it is left out, all other states are equally
    likely."""

    @field_validator("next")
    @classmethod
    def _sums_to_1(cls, chances: dict[str, float] | None) -> dict[str, float] | None:
        if chances is not None and abs(sum(chances.values()) - 1.0) > 1e-6:
            raise refuse("shares", f"chances that sum to 1, not {sum(chances.values()):g}")
        return chances


def _refuse_what_is_no_process(states: dict[str, WeatherState]) -> dict[str, WeatherState]:
    """Refuse states that do not make one process."""
    if len(states) > MOST_STATES:
        raise refuse("process", f"at most {MOST_STATES} states, not {len(states):,}")
    if len(states) < 2:
        raise refuse("process", "at least two states; weather that never changes is a constant of [environment]")
    for name, state in states.items():
        others = [other for other in states if other != name]
        for other in (other for other in state.next or () if other not in others):
            allowed = f"in {name}.next, only the other states of this process: {', '.join(others)}"
            raise refuse("process", allowed, f"{name}.next.{other}")
    (first, pattern), *rest = states.items()
    odd = next((name for name, state in rest if state.stated != pattern.stated), None if pattern.stated else first)
    if odd is not None:
        allowed = "states that all set the same quantities, at least one of sea_state, visibility_nmi and wind"
        raise refuse("process", allowed, odd)
    # The chance of going from i to j in at most k steps is above 0 exactly where (1 + P)^k is.
    reached = np.linalg.matrix_power(np.eye(len(states)) + jump_chances(states), len(states)) > 0.0
    if not reached.all():
        start, end = (sorted(states)[at] for at in np.argwhere(~reached)[0])
        allowed = f"states each of which can be reached from every other: nothing leads from {start} to {end}"
        raise refuse("process", allowed, f"{start}.next", start)
    return states


Process = Annotated[dict[Name, WeatherState], AfterValidator(_refuse_what_is_no_process)]


def jump_chances(states: Mapping[str, WeatherState]) -> Floats:
    """Return the chances (k, k) that each state follows each; rows and columns are in the order of the names."""
    names = sorted(states)
    alike = 1.0 / max(1, len(names) - 1)
    rows = []
    for name in names:
        shares = states[name].next or {other: alike for other in names if other != name}
        rows.append([shares.get(other, 0.0) for other in names])
    jumps = np.array(rows, float)
    return np.asarray(jumps / jumps.sum(axis=1, keepdims=True), float)


def time_shares(states: Mapping[str, WeatherState]) -> dict[str, float]:
    """Return the long-run share of time that a process spends in each state, by name.

    The share of state i is in proportion to nu_i dwell_i, where nu = nu P is the stationary law of the jumps: the
    stationary law of a semi-Markov process (Ross, Stochastic Processes, 2nd ed., proposition 4.8.1).
    """
    names, jumps = sorted(states), jump_chances(states)
    k = len(names)
    conditions = np.vstack([jumps.T - np.eye(k), np.ones(k)])
    visits = np.linalg.lstsq(conditions, np.append(np.zeros(k), 1.0), rcond=None)[0]
    time = np.maximum(visits, 0.0) * [states[name].dwell_h for name in names]
    return dict(zip(names, (time / time.sum()).tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class PreparedProcess:
    """A process as arrays, from which the path of each replication is drawn; k states in the order of their names."""

    source: np.uint64
    """The identity of the process, by which its random numbers are keyed."""
    values: Floats
    """The conditions of each state, (k, 4): sea state, visibility, wind along x and y; NaN where it sets none."""
    dwell: Floats
    """The mean hours in each state, (k,)."""
    first: list[float]
    """Cumulative shares of time, (k,): the law of the state at hour 0."""
    after: list[list[float]]
    """Cumulative chances of the states that follow each, (k, k)."""
    spells: Floats | None = None
    """When it holds, (n, 2): hours of beginning and end, in ascending order; None for all the time."""


def prepare_process(
    name: str, states: Mapping[str, WeatherState], plane: Plane, spells: Floats | None = None
) -> PreparedProcess:
    """Return a process of a scenario as arrays; its name alone keys its random numbers.

    `spells` (n, 2) says when it holds: hours of beginning and end, in ascending order. None stands for all the time.
    """
    ordered = [states[state] for state in sorted(states)]
    shares = np.array(list(time_shares(states).values()))
    first, after = np.cumsum(shares), np.cumsum(jump_chances(states), axis=1)
    return PreparedProcess(
        chance.identity("environment", name),
        np.vstack([conditions_on_plane(state, plane) for state in ordered]),
        np.array([state.dwell_h for state in ordered]),
        (first / first[-1]).tolist(),
        (after / after[:, -1:]).tolist(),
        spells,
    )


def realise_process(process: PreparedProcess, key: Entities, end_h: float) -> tuple[Floats, Indices]:
    """Return the path of a process up to an hour, by the key (2,) of a replication.

    The path is the hours (n,) at which its stretches begin, the first -inf, and the state (n,) of each. A stretch is
    numbered by its order, so its random numbers depend on nothing but the key and the name of the process. An
    exponential time has no memory: what is left at hour 0 of the stretch then under way is distributed as a whole
    stretch is, so the first stretch needs no law of its own.
    """
    count = 16 + int(1.5 * end_h / float(process.dwell.mean()))
    while True:
        stretches = chance.identities(process.source, count)
        choice = chance.uniforms(key, Purpose.WEATHER, stretches)[:, 0].tolist()
        states = [bisect_right(process.first, choice[0])]
        for u in choice[1:]:
            states.append(bisect_right(process.after[states[-1]], u))
        path = np.array(states, np.intp)
        dwell = -np.log(chance.uniforms(key, Purpose.DWELL, stretches)[:, 0]) * process.dwell[path]
        ends = np.cumsum(dwell)
        if ends[-1] > end_h:
            break
        count *= 2
    last = int(np.searchsorted(ends, end_h, side="right"))
    return np.concatenate([[-np.inf], ends[:last]]), path[: last + 1]


def conditions_of(process: PreparedProcess, begin: Floats, states: Indices) -> tuple[Floats, Floats]:
    """The hours (m,) at which the conditions of a path (n,) change, and the conditions (m, 4) from each on.

    The path goes on unseen outside of the seasons of the process, where its conditions are NaN. It is stationary, so in
    a season each state has its share of time from the first moment on.
    """
    if process.spells is None:
        return begin, process.values[states]
    edges = process.spells.ravel()
    both = np.unique(np.concatenate([begin, edges]))
    values = process.values[states[np.searchsorted(begin, both, side="right") - 1]]
    first, last = process.spells.T
    holds = np.searchsorted(first, both, side="right") > np.searchsorted(last, both, side="right")
    return both, np.where(holds[:, None], values, np.nan)
