"""Tables of the weather that a scenario states, and of daylight."""

from datetime import datetime, time, timedelta

from sim.core.text import counted
from sim.core.units import HOURS_PER_DAY, SECONDS_PER_HOUR
from sim.model.sun import SUNSET_DEG, Sun
from sim.model.weather_processes import time_shares
from sim.model.weather_quantities import StatedWeather
from sim.model.weather_series import Series
from sim.scenario.schema import Scenario
from sim.scenario.tables import Cell, Column, Table, number, titled_table

_BEFORE_END_H = 1e-6  # before the end of the deployment: the last day on which it runs


def weather_table(scenario: Scenario) -> Table:
    """Constant weather, a series, and the states of random processes with their share of time."""
    table = titled_table("weather", "weather", "mean duration, h", "share of time, %", "conditions")
    environment = scenario.environment
    if environment.stated:
        table.add_row("constant", None, 100.0, _conditions_text(environment))
    if environment.series is not None:
        table.add_row("series", None, None, _series_text(environment.series))
    for name, states in environment.processes.items():
        shares, seasons = time_shares(states), environment.seasonal.get(name, [])
        when = ", ".join(season.text for season in seasons)
        for title, state in states.items():
            numbers = (state.dwell_h, number(100.0 * shares[title], ".1f"))
            conditions = _conditions_text(state) + (f", from {when}" if when else "")
            table.add_row(f"{name}: {title}", *numbers, conditions)
    return table


def _conditions_text(weather: StatedWeather) -> str:
    """The quantities that are stated, with their units."""
    parts = [] if weather.sea_state is None else [f"sea state {weather.sea_state}"]
    parts += [] if weather.visibility_nmi is None else [f"visibility {weather.visibility_nmi:g} nmi"]
    if weather.wind_kn is not None:
        wind = f"wind {weather.wind_kn:g} kn from {weather.wind_from_deg:03.0f} deg" if weather.wind_kn else "no wind"
        parts.append(wind)
    return ", ".join(parts)


def _series_text(series: Series) -> str:
    """The number of rows of a series, its hours, and the range of each quantity."""
    parts = [f"{counted(len(series.time_h), 'row')}, hour {series.time_h[0]:g} to {series.time_h[-1]:g}"]
    names = (("sea state", "sea_state", ""), ("visibility", "visibility_nmi", " nmi"), ("wind", "wind_kn", " kn"))
    for name, key, unit in names:
        column = getattr(series, key)
        parts += [] if column is None else [f"{name} {min(column):g} to {max(column):g}{unit}"]
    return ", ".join(parts)


def daylight_table(scenario: Scenario) -> Table:
    """Light and sun on the first and the last day of the deployment, in local time, in the middle of the first area."""
    light_deg = scenario.environment.light_begins_deg
    columns = ("date", Column(f"light (sun above {light_deg:g} deg)", "light"), "sun above the horizon")
    title = f"daylight in {next(iter(scenario.areas))}, local time"
    table = titled_table(title, *columns, name="daylight")
    last = max(0.0, scenario.duration_h - _BEFORE_END_H)
    ends = (scenario.start + timedelta(hours=hour) for hour in (0.0, last))
    for day in sorted({end.astimezone(scenario.local).date() for end in ends}):
        midnight = datetime.combine(day, time(), scenario.local)
        spans = (_span_text(scenario, midnight, degrees) for degrees in (light_deg, SUNSET_DEG))
        table.add_row(Cell(day.isoformat(), f"{day:%d %b %Y} ({midnight.tzname()})"), *spans)
    return table


def _span_text(scenario: Scenario, midnight: datetime, degrees: float) -> str:
    """From when to when the sun stands above some degrees on the day after a local midnight."""
    middle = next(iter(scenario.areas.values())).shape.centroid
    begin = (midnight - scenario.start).total_seconds() / SECONDS_PER_HOUR
    hours, above = Sun(scenario.start).crossings(middle.x, middle.y, begin, begin + HOURS_PER_DAY, degrees)
    if not len(hours):
        return "all day" if above else "never"
    instants = [scenario.start + timedelta(minutes=round(60.0 * hour)) for hour in hours]
    words = [("to", "from")[(number + above) % 2 == 0] for number in range(len(instants))]
    texts = [f"{instant.astimezone(scenario.local):%H:%M}" for instant in instants]
    return " ".join(f"{word} {text}" for word, text in zip(words, texts, strict=True))
