"""Rules of check about the local hours at which patrols take off, given or drawn by lot, and about crews that wait."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np

from sim.check.bounds import Bounds
from sim.check.patrol_bounds import PatrolBounds
from sim.check.registry import DOUBTFUL, NOTE, Found, rule
from sim.core.units import HOURS_PER_DAY
from sim.model.takeoffs import WEEKDAYS

_FEW_TIMES = 4  # So few different times of the day take turns; with more, take-offs move round the clock: chosen here.


@rule(DOUBTFUL)
def takeoffs_alternate(bounds: Bounds) -> Iterator[Found]:
    """Take-offs are more than a day apart, but no whole days, so a few hours of the day take turns, as day and night.

    Two flights a week at one hour, for example, cannot be said by a number of hours.
    """
    for patrol in bounds.patrols:
        every_h = patrol.spec.every_h
        if every_h is None or patrol.schedule.count < 2 or not _takes_turns(patrol):
            continue
        times = _local_times(bounds, patrol, _FEW_TIMES)
        problem = (
            f"Take-offs of {patrol.name} are {every_h:g} h apart, which is no number of whole days, so they are at "
            f"{' and '.join(times)} in {bounds.scenario.time_zone} by turns."
        )
        moment = bounds.scenario.clock.shown_at(float(patrol.schedule.low_h[0, 0]))
        week = ", ".join(f'"{WEEKDAYS[day]} {moment:%H:%M}"' for day in _days_of_week(every_h, moment.weekday()))
        advice = (
            f"Set every_h to {_regular_h(patrol):g}, or, for one hour on days of the week, write takeoff = [{week}] "
            "instead of first_takeoff_h and every_h."
        )
        yield Found(("patrols", patrol.name, "every_h"), problem, advice)


def _takes_turns(patrol: PatrolBounds) -> bool:
    """Whether take-offs are more than a day apart, and at a few different times of the day by turns."""
    every_h = patrol.spec.every_h
    if every_h is None or every_h <= HOURS_PER_DAY or _is_regular(every_h):
        return False
    return _different_times(patrol) <= _FEW_TIMES


def _days_of_week(every_h: float, first: int) -> list[int]:
    """Days of the week, evenly spread from a first one on, as many as there are take-offs in a week."""
    count = max(1, round(len(WEEKDAYS) * HOURS_PER_DAY / every_h))
    return sorted({(first + number * len(WEEKDAYS) // count) % len(WEEKDAYS) for number in range(count)})


def _different_times(patrol: PatrolBounds) -> int:
    """The number of different times of the day, to the minute, at which a patrol takes off every so many hours."""
    return len(np.unique(np.round(patrol.schedule.low_h[:, 0] * 60.0) % (60.0 * HOURS_PER_DAY)))


def _local_times(bounds: Bounds, patrol: PatrolBounds, most: int) -> list[str]:
    """The local times of the first take-offs, each once."""
    hours: list[float] = patrol.schedule.low_h[:most, 0].tolist()
    return list(dict.fromkeys(f"{bounds.scenario.clock.shown_at(hour):%H:%M}" for hour in hours))


@rule(NOTE)
def takeoffs_drift(bounds: Bounds) -> Iterator[Found]:
    """Take-offs are neither whole days nor a whole part of a day apart, so they move round the clock.

    Light, and the hours at which transfers begin, then differ from flight to flight.
    """
    for patrol in bounds.patrols:
        every_h = patrol.spec.every_h
        if every_h is None or patrol.schedule.count < 3 or _is_regular(every_h) or _takes_turns(patrol):
            continue
        times = _different_times(patrol)
        first = ", ".join(_local_times(bounds, patrol, 3))
        problem = (
            f"Take-offs of {patrol.name} are {every_h:g} h apart, so they are at {times:,} different times of the "
            f"day in {bounds.scenario.time_zone}: {first}{' and so on' if times > 3 else ''}."
        )
        advice = (
            f"Set every_h to {_regular_h(patrol):g} for the same times every day, or draw the hour by lot with "
            'takeoff = { from = "00:00", to = "24:00" }, unless this is meant.'
        )
        yield Found(("patrols", patrol.name, "every_h"), problem, advice)


def _is_regular(every_h: float) -> bool:
    """Whether take-offs so many hours apart are at the same times of every day that has any."""
    return any(abs(ratio - round(ratio)) < 1e-6 for ratio in (every_h / HOURS_PER_DAY, HOURS_PER_DAY / every_h))


def _regular_h(patrol: PatrolBounds) -> float:
    """The nearest time between take-offs that is whole days, or a whole part of a day, and in which a sortie fits."""
    every_h = patrol.spec.every_h or HOURS_PER_DAY
    days, parts = math.floor(every_h / HOURS_PER_DAY), max(1, math.floor(HOURS_PER_DAY / every_h))
    choices = [HOURS_PER_DAY * (days + 1), HOURS_PER_DAY * max(1, days), HOURS_PER_DAY / (parts + 1)]
    choices.append(HOURS_PER_DAY / parts)
    busy_h = patrol.shortest_flight_h + patrol.aircraft.turn_round_h
    return min(
        (choice for choice in choices if choice >= busy_h),
        key=lambda hours: abs(hours - every_h),
        default=HOURS_PER_DAY,
    )


@rule(NOTE)
def clocks_change(bounds: Bounds) -> Iterator[Found]:
    """Daylight saving begins or ends in the deployment, and take-offs go on at the same distance in hours.

    From then on they are an hour earlier or later on the clock.
    """
    scenario = bounds.scenario
    for patrol in bounds.patrols:
        every_h, takeoffs_h = patrol.spec.every_h, patrol.schedule.low_h[:, 0]
        if every_h is None or not _is_regular(every_h):
            continue
        _, first_of_day = np.unique(takeoffs_h // HOURS_PER_DAY, return_index=True)
        moments = [scenario.start + timedelta(hours=float(hour)) for hour in takeoffs_h[first_of_day]]
        shifts = [moment.astimezone(scenario.local).utcoffset() for moment in moments]
        if any(shift != shifts[0] for shift in shifts):
            at = next(number for number, shift in enumerate(shifts) if shift != shifts[0])
            after = moments[at].astimezone(scenario.local)
            before = (moments[at] - timedelta(hours=max(every_h, HOURS_PER_DAY))).astimezone(scenario.local)
            problem = (
                f"The clocks of {scenario.time_zone} change in the deployment, so {patrol.name}, which took off at "
                f"{before:%H:%M}, takes off at {after:%H:%M} from {after:%d %b %Y} on."
            )
            advice = (
                f'Write takeoff = "{before:%H:%M}" instead of first_takeoff_h and every_h to keep to the clock, or set '
                "time_zone to one whose clocks do not change, if it matters."
            )
            yield Found(("time_zone",), problem, advice)
            return


@rule(NOTE)
def lot_decides_nothing(bounds: Bounds) -> Iterator[Found]:
    """A lot has only one option with a chance above 0, so it draws the same every time."""
    for name, patrol in bounds.scenario.patrols.items():
        takeoff = patrol.takeoff
        if takeoff is not None and takeoff.choose is not None and _is_settled(takeoff.chances):
            problem = "Only one time of choose has a chance above 0, so the lot draws it every time."
            yield Found(
                ("patrols", name, "takeoff"), problem, "Add times or weights to choose from, or write the time."
            )
        if patrol.route_weights is not None and _is_settled(patrol.route_weights):
            problem = "Only one of the routes has a weight above 0, so the lot draws it every time."
            advice = "Add a route or a weight, or remove route_weights."
            yield Found(("patrols", name, "route_weights"), problem, advice)


def _is_settled(weights: Sequence[float]) -> bool:
    """Whether one of some weights at most is above 0."""
    return sum(weight > 0.0 for weight in weights) < 2


@rule(DOUBTFUL)
def standby_never(bounds: Bounds) -> Iterator[Found]:
    """A crew stands by, but no tip can have the chance that it wants by the time it could take off."""
    reports = bounds.reports
    for name, patrol in reports.tip_patrols.items():
        standby, nation = patrol.standby, patrol.nation or ""
        deliveries = [delivery for delivery in reports.deliveries_to(nation) if delivery.path is not None]
        if standby is None or patrol.tips is None or not deliveries:
            continue
        cell = bounds.scenario.nations[nation].cell
        credibility = max(delivery.observer.spec.credibility for delivery in deliveries)
        truth = 1.0 if cell.fused_within > 0.0 and credibility > 0.0 else credibility
        age_h = max(0.0, reports.minimum_age_h(nation) + standby.ready_h)
        best, least = truth * cell.chance_still_there(age_h), max(standby.least_chance, patrol.tips.least_chance)
        if best < least or best == 0.0:
            problem = (
                f"When the crew of {name} can take off, a tip of {nation} is at least {age_h:.3g} h old and its chance "
                f"is {best:.3g} at most, but the crew follows only tips of {least:g} or more."
            )
            advice = f"Lower least_chance or ready_h, or raise nations.{nation}.cell.lasts_h."
            yield Found(("patrols", name, "standby", "least_chance"), problem, advice)
