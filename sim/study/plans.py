"""The pure plans of a patrol, and the mix of them that leaves a smuggler no gap.

A pure plan takes off at one local time and flies one route. Each is simulated, and gives a row of the matrix
of chances by cell; `sim.study.games` finds the mixes. A mix is flown by drawing the take-off of each day by lot, and
its route.

The matrix is linear in the mix, as if a transfer met the sorties of one plan only. In truth the lots of two days are
independent: a transfer at midnight may be seen by both sorties or by none, and a sortie may have to wait for that of
the day before. So what the linear programme promises is a little too good, and the mix is simulated as it is flown.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.core.arrays import Floats
from sim.core.limits import MOST_PLANS
from sim.core.units import HOURS_PER_DAY
from sim.model.local_times import LOCAL_TIME
from sim.model.patrols import Patrol
from sim.model.takeoffs import WEEKDAYS, takeoff_time
from sim.scenario.load import load_scenario
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.cuts import HOURS_PER_WEEK
from sim.study.games import (
    Mix,
    best_against_logit,
    best_mean,
    evenest,
    front,
    logit_chance,
    solve_zero_sum,
    worth,
)

_WEEKLY = rf"^({'|'.join(WEEKDAYS)}) {LOCAL_TIME[1:]}"
_LEAST_SHARE = 1e-3  # of a plan in a mix that is flown; a smaller one would hardly ever be drawn
_ALIKE = 0.002  # guarantees and means closer than this count as alike, and the more even mix is taken
_ROUNDS = 50  # of improving take-offs and routes by turns


class Plan(NamedTuple):
    """A pure plan: one take-off a day, or a week, and a route."""

    takeoff: str
    """A local time, such as 06:00, or for one take-off a week Tue 06:00."""
    route: str


@dataclass(frozen=True)
class Offer:
    """The pure plans of one patrol: all take-offs with all routes, route by route."""

    patrol: str
    takeoffs: list[str]
    routes: list[str]

    @property
    def plans(self) -> list[Plan]:
        """The plans, in the order of the rows of matrices."""
        return [Plan(takeoff, route) for route in self.routes for takeoff in self.takeoffs]


def offer_of(
    scenario: Scenario, patrol: str | None = None, takeoffs: Sequence[str] = (), routes: Sequence[str] = ()
) -> Offer:
    """The plans that a patrol may draw from: by default every hour of the day, with each of its routes.

    A patrol with one take-off a week may draw from every sixth hour of the week.

    Raises InputError where the patrol, a take-off or a route is not known, or where the patrol flies neither once a day
    nor once a week.
    """
    names = sorted(scenario.patrols)
    if patrol is None and len(names) > 1:
        allowed = f"the patrol whose plans are drawn, as --patrol NAME: {', '.join(names)}"
        raise refused(f"{len(names)} patrols", allowed, key="--randomise")
    name = names[0] if patrol is None else patrol
    if name not in names:
        raise refused(name, f"a name from [patrols]: {', '.join(names)}", key="--patrol", hint=nearest(name, names))
    if any(name in group.patrols for group in scenario.groups.values()):
        raise refused(name, "a patrol that is in no group, since a group divides its route", key="--patrol")
    spec = scenario.patrols[name]
    hours = _hours_between(spec)
    if hours is None:
        allowed = 'a patrol that takes off once a day or once a week, such as by every_h = 24.0 or takeoff = "06:00"'
        raise refused(name, allowed, key="--randomise" if patrol is None else "--patrol")
    chosen = list(dict.fromkeys(takeoffs)) or [f"{hour:02d}:00" for hour in range(24)]
    if hours > HOURS_PER_DAY and not takeoffs:
        chosen = [f"{day} {hour:02d}:00" for day in WEEKDAYS for hour in range(0, 24, 6)]
    pattern, words = (_WEEKLY, '"Tue 18:00"') if hours > HOURS_PER_DAY else (LOCAL_TIME, '"18:00"')
    for takeoff in chosen:
        if not re.match(pattern, takeoff):
            raise refused(takeoff, f"local times such as {words}, as the patrol takes off now", key="--takeoffs")
    known = list(scenario.routes)
    flown = list(dict.fromkeys(routes)) or list(dict.fromkeys(spec.routes))
    for route in flown:
        if route not in known:
            allowed = f"names from [routes]: {', '.join(known)}"
            raise refused(route, allowed, key="--routes", hint=nearest(route, known))
    if len(chosen) * len(flown) > MOST_PLANS:
        allowed = f"at most {MOST_PLANS} plans: fewer --takeoffs or --routes"
        raise refused(f"{len(chosen)} take-offs with {len(flown)} routes", allowed, key="--randomise")
    return Offer(name, sorted(chosen, key=_hour_of), flown)


def _hours_between(patrol: Patrol) -> float | None:
    """The hours of a day for a patrol with one take-off on its days, of a week for one with one a week; else None."""
    takeoff = patrol.takeoff
    if takeoff is None:
        return patrol.every_h if patrol.every_h in (HOURS_PER_DAY, HOURS_PER_WEEK) else None
    if len(takeoff.slots()) != 1:
        return None
    return HOURS_PER_WEEK if takeoff.is_weekly else HOURS_PER_DAY


def flown_purely(scenario: Scenario, patrol: str, plan: Plan) -> Scenario:
    """The scenario in which a patrol takes off at one time and flies one route; raises InputError."""
    keys: Mapping[str, Any] = {"takeoff": plan.takeoff, "routes": [plan.route]}
    return load_scenario(scenario, {f"patrols.{patrol}.{key}": value for key, value in keys.items()})


@dataclass(frozen=True)
class Lots:
    """A mix as it is flown: the take-off and the route of each day are drawn apart from one another."""

    offer: Offer
    takeoffs: Floats
    """The probability of each take-off of the offer."""
    routes: Floats
    """The probability of each route."""

    @property
    def shares(self) -> Floats:
        """The probability of each plan of the offer."""
        return np.outer(self.routes, self.takeoffs).ravel()

    @property
    def keys(self) -> dict[str, Any]:
        """The keys of the patrol that fly it: those of the lots, without what has no weight."""
        used = [k for k, share in enumerate(self.takeoffs) if share > 0.0]
        ways = [k for k, share in enumerate(self.routes) if share > 0.0]
        choose = [self.offer.takeoffs[k] for k in used]
        weights = [round(float(self.takeoffs[k]), 3) for k in used]
        takeoff: Any = {"choose": choose, "weights": weights, "draw": "slot"}  # whatever the scenario had before
        keys: dict[str, Any] = {"routes": [self.offer.routes[k] for k in ways]}
        if len(ways) > 1:
            keys["route_weights"] = [round(float(self.routes[k]), 3) for k in ways]
        return keys | {"takeoff": choose[0] if len(choose) == 1 else takeoff}


def _tidied(shares: Floats) -> Floats:
    """Probabilities without those that would hardly ever be drawn."""
    kept = np.where(shares < _LEAST_SHARE, 0.0, shares)
    return np.asarray(kept / kept.sum(), np.float64)


def lots_of(
    offer: Offer, matrix: Floats, mix: Mix, value: Callable[[Floats], float], best: Callable[[Floats], Mix]
) -> Lots:
    """The best lots of take-offs and of routes, drawn apart, that are found from a mix of plans.

    With one route they are the mix itself. Otherwise take-offs are improved with the lots of routes as they are, then
    routes, and so on: each step cannot make it worse, and where it ends is a local optimum.

    Args:
        offer: The plans.
        matrix: The chance of each plan in each cell, (plans, cells).
        mix: The best mix of plans that may be drawn together.
        value: The worth of a mix (plans,), such as its guarantee.
        best: The best mix of a matrix, such as `sim.study.games.solve_zero_sum`.
    """
    cube = matrix.reshape(len(offer.routes), len(offer.takeoffs), -1)
    shares = mix.shares.reshape(len(offer.routes), len(offer.takeoffs))
    starts = [shares.sum(axis=1), np.full(len(offer.routes), 1.0 / len(offer.routes)), *np.eye(len(offer.routes))]
    found = []
    for routes in starts if len(offer.routes) > 1 else [np.ones(1)]:
        lots, before = Lots(offer, shares.sum(axis=0), routes), -np.inf
        for _ in range(_ROUNDS):
            takeoffs = _tidied(best(np.tensordot(lots.routes, cube, 1)).shares)
            routes = _tidied(best(np.tensordot(takeoffs, cube.transpose(1, 0, 2), 1)).shares)
            lots, now = Lots(offer, takeoffs, routes), value(np.outer(routes, takeoffs).ravel())
            if now <= before + 1e-9:
                break
            before = now
        found.append(lots)
    return max(found, key=lambda lots: value(lots.shares))


@dataclass(frozen=True)
class Mixes:
    """The mixes of an offer."""

    offer: Offer
    matrix: Floats
    """The chance of each plan in each cell, (plans, cells)."""
    usual: Floats
    """The probability of each cell for a blind smuggler, (cells,)."""
    safest: Mix
    """That with the best guarantee, if take-off and route may be drawn together."""
    greatest: Mix
    """That with the best mean."""
    front: list[Mix]
    """All between them of which none is better in both."""
    rationality: float | None
    logit: Mix | None
    """The best that was found against a logit smuggler; None where none is asked for."""
    lots: Lots
    """The lots that are flown: against a logit smuggler if one is asked for, else for the guarantee."""

    def worth(self, shares: Floats) -> Mix:
        """What a mix of plans is worth by the matrix."""
        return worth(self.matrix, shares, self.usual)


def mixes_of(offer: Offer, matrix: Floats, usual: Floats, rationality: float | None = None) -> Mixes:
    """Find the mixes of the plans of an offer from their chances by cell, (plans, cells)."""
    safest, greatest = solve_zero_sum(matrix, usual), best_mean(matrix, usual)
    logit = None if rationality is None else best_against_logit(matrix, rationality, usual)
    lots = best_lots(offer, matrix, usual, rationality)
    return Mixes(offer, matrix, usual, safest, greatest, front(matrix, usual), rationality, logit, lots)


def best_lots(offer: Offer, matrix: Floats, usual: Floats, rationality: float | None = None) -> Lots:
    """The best lots that are found against a perfect smuggler, or against a logit one of a given rationality.

    Against a perfect one, lots that are nearly as good and more even are preferred: an estimated chance is not worth
    the trouble of a lot with many small differences.
    """
    if rationality is not None:
        return lots_of(
            offer, matrix, best_against_logit(matrix, rationality, usual),
            lambda shares: logit_chance(matrix, shares, rationality, usual),
            lambda part: best_against_logit(part, rationality, usual),
        )  # fmt: skip
    lots = lots_of(
        offer, matrix, solve_zero_sum(matrix, usual), lambda shares: float((shares @ matrix).min()),
        lambda part: solve_zero_sum(part, usual),
    )  # fmt: skip
    cube = matrix.reshape(len(offer.routes), len(offer.takeoffs), -1)
    by_takeoff = np.tensordot(lots.routes, cube, 1)
    best = worth(by_takeoff, lots.takeoffs, usual)
    even = evenest(by_takeoff, best.guarantee - _ALIKE, best.mean - _ALIKE, usual)
    return Lots(offer, _tidied(even.shares), lots.routes)


def turn_round_share(lots: Lots, busy_h: float) -> float:
    """The probability that a day's take-off comes before the aircraft and its crew are ready after the day before.

    `busy_h` is the time from a take-off until the next can follow: the sortie, and the turn-round or the rest after it.
    """
    hours = np.array([_hour_of(text) for text in lots.offer.takeoffs])
    period_h = HOURS_PER_WEEK if " " in lots.offer.takeoffs[0] else HOURS_PER_DAY
    gap = period_h + hours[None, :] - hours[:, None]
    return float(lots.takeoffs @ (gap < busy_h - 1e-9) @ lots.takeoffs)


def _hour_of(takeoff: str) -> float:
    """The hours of a take-off since midnight, or since the beginning of Monday."""
    time = takeoff_time(takeoff)
    return HOURS_PER_DAY * (time.weekday or 0) + time.hours


def busy_h(scenario: Scenario, patrol: str) -> float:
    """The time from a take-off until the next can follow, for a sortie that uses all of its fuel but the reserve."""
    spec = scenario.patrols[patrol]
    aircraft = scenario.aircraft[spec.aircraft]
    flight_h = min(aircraft.endurance_h - aircraft.reserve_h, aircraft.max_flight_h or np.inf)
    rest_h = spec.crew_rest_h if spec.crews == 1 else 0.0
    return float(flight_h + max(aircraft.turn_round_h, rest_h))
