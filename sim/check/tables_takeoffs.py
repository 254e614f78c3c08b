"""Tables of take-offs: when each patrol first takes off and how often, and in words at which local hours."""

from datetime import timedelta

import numpy as np

from sim.check.bounds import Bounds
from sim.check.patrol_bounds import PatrolBounds
from sim.core.text import counted
from sim.core.units import HOURS_PER_DAY
from sim.model.patrols import Standby
from sim.model.takeoffs import WEEKDAYS, Takeoff, takeoff_time
from sim.scenario.tables import Cell, Table, number, titled_table, words
from sim.scenario.wording import date_time_text

_MOST_TIMES = 6  # as many different local times are listed; of more only the number is told
_ROUNDING = 1e-9  # of a mean number


def takeoffs_table(bounds: Bounds) -> Table:
    """When each patrol first takes off, how often, and how many take-offs are scheduled: the mean where lots decide."""
    columns = ("patrol", "first take-off", "time between take-offs, h", "take-offs scheduled")
    table = titled_table("take-offs", *columns)
    for patrol in bounds.patrols:
        schedule, hour = patrol.schedule, _first_h(patrol)
        if hour is None:
            first = words("none")
        else:
            instant = bounds.scenario.start + timedelta(hours=hour)
            text = date_time_text(bounds.scenario, hour)
            first = Cell(instant.isoformat(), f"{text} at the earliest" if schedule.is_by_lot else text)
        between = patrol.spec.every_h if patrol.spec.every_h is not None else words("by the clock")
        is_mean = abs(schedule.expected - round(schedule.expected)) > _ROUNDING
        scheduled = number(schedule.expected, ".4g", " on average") if is_mean else round(schedule.expected)
        table.add_row(patrol.name, first, between, scheduled)
    return table


def _first_h(patrol: PatrolBounds) -> float | None:
    """The hour of the first take-off, also of one after the end; None where none is scheduled."""
    return patrol.schedule.first_h if patrol.schedule.first_h is not None else patrol.assignment.first_takeoff_h


def takeoff_hours_table(bounds: Bounds) -> Table:
    """The local hours of take-off that occur, in words, with their chances where lots decide; routes and standby."""
    standing_by = any(patrol.stands_by for patrol in bounds.patrols)
    columns = ["patrol", "take-offs by local time", "routes", *["standby"] * standing_by]
    table = titled_table("hours of take-off", *columns)
    for patrol in bounds.patrols:
        row = [patrol.name, takeoff_text(bounds, patrol), _routes_text(patrol)]
        if standing_by:
            row.append(_standby_text(patrol.spec.standby) if patrol.spec.standby and patrol.stands_by else "none")
        table.add_row(*row)
    return table


def takeoff_text(bounds: Bounds, patrol: PatrolBounds) -> str:
    """The local hours at which a patrol takes off, in words."""
    if patrol.spec.every_h is not None:
        return _regular_text(bounds, patrol, patrol.spec.every_h)
    spec = bounds.scenario.patrols[patrol.assignment.timed_by]
    if spec.takeoff is None:
        return "none scheduled"
    days = "" if spec.days is None else f" on {', '.join(sorted(spec.days, key=WEEKDAYS.index))}"
    text = _clock_text(spec.takeoff, days)
    later_h = patrol.assignment.later_h
    if not later_h:
        return text
    return f"{abs(later_h):.3g} h {'after' if later_h > 0.0 else 'before'} {patrol.assignment.timed_by}: {text}"


def _regular_text(bounds: Bounds, patrol: PatrolBounds, every_h: float) -> str:
    """The local hours of take-offs that are always as many hours apart."""
    hours = patrol.schedule.windows_h[:, 0].tolist()
    shown = [bounds.scenario.clock.shown_at(hour) for hour in hours]
    times = list(dict.fromkeys(f"{moment:%H:%M}" for moment in shown))
    if not times:
        return "none in the deployment"
    if len(times) > _MOST_TIMES:
        return f"{len(times):,} different times, from {min(times)} to {max(times)}"
    days = every_h / HOURS_PER_DAY
    if len(times) == 1 and float(days).is_integer():
        return f"{times[0]} every day" if days == 1.0 else f"{times[0]} every {counted(days, 'day')}"
    if every_h < HOURS_PER_DAY:
        return f"{', '.join(sorted(times))} every day" if len(hours) >= len(times) else ", ".join(times)
    return " and ".join(times) + (" by turns" if len(times) > 1 else "")


def _clock_text(takeoff: Takeoff, days: str) -> str:
    """Take-offs by the clock, in words; `days`: the days of the week on which they are."""
    often = "each week" if takeoff.is_weekly else f"each day{days}"
    if takeoff.times is not None:
        times = ", ".join(takeoff_time(value).text for value in takeoff.times)
        return f"{times} {'every week' if takeoff.is_weekly else days.strip() or 'every day'}"
    drawn = "drawn once for the deployment" if takeoff.draw == "deployment" else f"drawn {often}"
    if takeoff.choose is None:
        (((begin, end),),) = takeoff.slots()
        to = takeoff_time(takeoff.to or 0.0).text
        after = " the next day" if end.hours > HOURS_PER_DAY else ""
        return f"any time from {begin.text} to {to}{after}, all as likely; {drawn}"
    options = [
        f"{takeoff_time(value).text} ({100.0 * chance:.3g} %)"
        for value, chance in zip(takeoff.choose, takeoff.chances, strict=True)
    ]
    return f"{' or '.join(options)}; {drawn}"


def _routes_text(patrol: PatrolBounds) -> str:
    """The routes of a patrol, in words: by turns, by belief, or with their chances."""
    routes, weights = patrol.assignment.routes, patrol.assignment.route_weights
    if weights is None:
        how = "by belief" if patrol.assignment.by_belief else "in turn"
        return f"{', '.join(routes)} {how}" if len(routes) > 1 else routes[0]
    shares = np.array(weights) / sum(weights)
    return " or ".join(f"{route} ({100.0 * share:.3g} %)" for route, share in zip(routes, shares, strict=True))


def _standby_text(standby: Standby) -> str:
    """When a crew stands by, and for what it takes off, in words."""
    window = "all day"
    if standby.from_ is not None and standby.to is not None:
        window = f"{takeoff_time(standby.from_).text} to {takeoff_time(standby.to).text}"
    most = "" if standby.sorties_a_month is None else f", at most {standby.sorties_a_month} in 30 days"
    return f"{window}, {standby.ready_h:g} h after a tip with a chance of {standby.least_chance:g} or more{most}"
