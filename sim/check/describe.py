"""What was understood of a scenario, as tables for `seasweep check`."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from rich.table import Table
from rich.text import Text

from sim.check.advice import Finding
from sim.check.describe_sharing import sharing
from sim.check.prospects import Prospect, Prospects, sea_of
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, SEVERITIES
from sim.core.airspace import NoPathError
from sim.core.turns import length_nmi
from sim.core.units import DAYS_PER_MONTH, SECONDS_PER_HOUR
from sim.model.patterns.base import LaidPattern
from sim.model.sensors.base import FAIR, FOUL, Conditions
from sim.model.sensors.radar import Radar
from sim.model.sun import SUNSET_DEG, Sun
from sim.model.vessels import Vessel
from sim.model.weather_processes import time_shares
from sim.model.weather_quantities import StatedWeather
from sim.model.weather_series import Series
from sim.scenario.endurance import flight_limit
from sim.scenario.groups import left_to_others, patrols_on_route
from sim.scenario.problems import InputError, Path
from sim.scenario.routes import lay_route
from sim.scenario.schema import Scenario
from sim.scenario.wording import date_time_text, period_text, quantity_text, titled_table


def described(scenario: Scenario) -> Iterator[Any]:
    """The parts of a scenario, one renderable each."""
    yield Text(scenario.title, style="bold")
    if scenario.summary:
        yield Text(scenario.summary)
    box = scenario.theatre
    yield Text(f"{period_text(scenario)}\ntheatre {box.west:g} to {box.east:g} E, {box.south:g} to {box.north:g} N\n")
    if scenario.coastline_warning:
        yield Text(f"warning: {scenario.coastline_warning}\n", style="yellow")
    prospects = Prospects(scenario)
    makers = (_areas, _zones, _environment, _transfers, _background, _vessels, _sensors, _aircraft, _intercepts, _bases)
    tables = [
        *(make(scenario) for make in makers),
        _routes(prospects),
        _patrols(prospects),
        _groups(prospects),
        *sharing(scenario),
    ]
    for part in tables:
        if part.row_count:
            yield part
            yield Text("")
    yield Text("the scenario is valid", style="green")


def found_lines(found: Sequence[Finding], where: Callable[[Path], tuple[str, int | None]]) -> Iterator[Text]:
    """Findings, a line each, the place first, and a line that counts them; `where` answers file and line of a key."""
    styles = {SENSELESS: "red", DOUBTFUL: "yellow", NOTE: "dim"}
    for one in found:
        file, line = where(one.path)
        place = file if line is None else f"{file}:{line}"
        yield Text(f"{place}: {one.severity}: {one}", style=styles[one.severity])
    counts = [(sum(one.severity == severity for one in found), severity) for severity in SEVERITIES]
    said = ", ".join(f"{count} {severity}" for count, severity in counts if count)
    yield Text(f"findings: {said or 'none'}", style="green" if not found else "")


def _areas(scenario: Scenario) -> Table:
    table = titled_table("areas", "name", "sea, sq nmi", "land, %")
    for name, area in scenario.areas.items():
        whole, sea = scenario.plane.project(area.shape).area, scenario.plane.sea(area.shape).area
        table.add_row(name, f"{sea:,.0f}", f"{100.0 * (1.0 - sea / whole):.1f}")
    return table


def _zones(scenario: Scenario) -> Table:
    table = titled_table("no-go zones", "name", "sq nmi")
    for name, zone in scenario.zones.items():
        table.add_row(name, f"{scenario.plane.project(zone.shape).area:,.0f}")
    return table


def _environment(scenario: Scenario) -> Table:
    table = titled_table("environment", "name", "mean dwell, h", "share of time", "what holds")
    said = scenario.environment
    if said.stated:
        table.add_row("constant", "", "", _stated(said))
    if said.series is not None:
        table.add_row("series", "", "", _series(said.series))
    for name, states in said.processes.items():
        shares = time_shares(states)
        for state, one in states.items():
            table.add_row(f"{name}: {state}", f"{one.dwell_h:g}", f"{100.0 * shares[state]:.1f} %", _stated(one))
    last = max(0.0, scenario.duration_h - 1e-6)
    first_day, last_day = (scenario.start + timedelta(hours=hour) for hour in (0.0, last))
    area = next(iter(scenario.areas))
    for day in sorted({one.astimezone(scenario.local).date() for one in (first_day, last_day)}):
        midnight = datetime.combine(day, time(), scenario.local)
        table.add_row(f"sun in {area}, {day:%d %b}", "", "", _sun(scenario, midnight))
    return table


def _stated(one: StatedWeather) -> str:
    """What is stated, in a few words."""
    said = [] if one.sea_state is None else [f"sea state {one.sea_state}"]
    said += [] if one.visibility_nmi is None else [f"visibility {one.visibility_nmi:g} nmi"]
    if one.wind_kn is not None:
        said.append(f"wind {one.wind_kn:g} kn from {one.wind_from_deg:03.0f}" if one.wind_kn else "calm")
    return ", ".join(said)


def _series(series: Series) -> str:
    """Rows, time and range of a series."""
    first, last = series.time_h[0], series.time_h[-1]
    said = [f"{len(series.time_h)} rows, hour {first:g} to {last:g}"]
    names = (("sea state", "sea_state", ""), ("visibility", "visibility_nmi", " nmi"), ("wind", "wind_kn", " kn"))
    for name, key, unit in names:
        column = getattr(series, key)
        said += [] if column is None else [f"{name} {min(column):g} to {max(column):g}{unit}"]
    return ", ".join(said)


def _sun(scenario: Scenario, midnight: datetime) -> str:
    """Sunrise, sunset and light on one day, local, in the middle of the first area."""
    middle = next(iter(scenario.areas.values())).shape.centroid
    begin = (midnight - scenario.start).total_seconds() / SECONDS_PER_HOUR
    said = []
    for name, degrees in (("light", scenario.environment.light_begins_deg), ("sun up", SUNSET_DEG)):
        hours, above = Sun(scenario.start).crossings(middle.x, middle.y, begin, begin + 24.0, degrees)
        minutes = [scenario.start + timedelta(minutes=round(60.0 * hour)) for hour in hours]
        turns = [
            f"{('to', 'from')[(n + above) % 2 == 0]} {one.astimezone(scenario.local):%H:%M}"
            for n, one in enumerate(minutes)
        ]
        said.append(f"{name} {' '.join(turns) or ('never', 'all day')[above]}")
    return f"{', '.join(said)} ({midnight.tzname()})"


def _transfers(scenario: Scenario) -> Table:
    table = titled_table("transfers", "name", "area", "expected", "hours alongside", "begun by night")
    for name, spec in scenario.transfers.items():
        expected = spec.per_month * scenario.duration_days / DAYS_PER_MONTH
        night = "as it comes" if spec.night_share is None else f"{100.0 * spec.night_share:g} %"
        table.add_row(name, spec.area, f"{expected:.1f}", quantity_text(spec.duration_h), night)
    return table


def _background(scenario: Scenario) -> Table:
    table = titled_table("background", "name", "area", "present", "suspicious", "speed, kn", "course")
    for name, spec in scenario.background.items():
        course = "straight across" if spec.mean_leg_nmi is None else f"new one every {spec.mean_leg_nmi:g} nmi"
        suspicious = f"{spec.present * spec.suspicious_share:g}"
        table.add_row(name, spec.area, f"{spec.present:g}", suspicious, quantity_text(spec.speed_kn), course)
    return table


def _vessels(scenario: Scenario) -> Table:
    band = Radar.model_fields["frequency_mhz"].default
    table = titled_table(
        "vessels", "name", "length, m", "height, ft", "displacement, t", f"cross-section at {band:g} MHz, m2"
    )
    for name, one in scenario.vessels.items():
        size = (f"{one.length_m:g}", f"{one.height_ft:g}", f"{one.full_load_t:,.0f}")
        table.add_row(name, *size, f"{one.cross_section_m2(band):,.0f}")
    return table


def _speeds(scenario: Scenario, sensor: str) -> list[float]:
    """Search speeds at which a sensor is carried."""
    return sorted({one.search_speed_kn for one in scenario.aircraft.values() if sensor in one.sensors})


def _sensors(scenario: Scenario) -> Table:
    table = titled_table("sensors", "name", "law", "reach, nmi", "sweep width W, nmi, at search speed")
    for name, sensor in scenario.sensors.items():
        law = sensor.nominal_law
        widths = [f"{law.sweep_width_nmi(v):.1f} at {v:g} kn" for v in _speeds(scenario, name)] or ["nobody carries it"]
        widths += [law.remark] if law.remark else []
        table.add_row(name, law.kind, f"{law.reach_nmi:g}", ", ".join(widths))
    return table


def _aircraft(scenario: Scenario) -> Table:
    table = titled_table("aircraft", "name", "transit, kn", "search, kn", "longest flight, h", "sensors", "identifies")
    for name, one in scenario.aircraft.items():
        identification = one.identification
        identifies = (
            f"within {identification.max_detour_nmi:g} nmi, {identification.time_h:g} h each"
            if identification
            else "no"
        )
        limit = flight_limit(one)
        hours = f"{limit.hours:g}, {limit.cause}"
        speeds = (f"{one.transit_speed_kn:g}", f"{one.search_speed_kn:g}")
        table.add_row(name, *speeds, hours, ", ".join(one.sensors), identifies)
    return table


def _intercepts(scenario: Scenario) -> Table:
    table = titled_table("intercepts", "name", "area", "in 100 h there", "hours each")
    for name, one in scenario.intercepts.items():
        table.add_row(name, one.area or "all of the route", f"{one.per_100_h:g}", f"{one.time_h:g}")
    return table


def _bases(scenario: Scenario) -> Table:
    table = titled_table("bases", "name", "longitude, latitude", "open")
    for name, base in scenario.bases.items():
        spells = "always"
        if (closed := base.closed) is not None:
            share = closed.mean_open_h / (closed.mean_open_h + closed.mean_closed_h)
            means = f"{closed.mean_open_h:g} h open, {closed.mean_closed_h:g} h closed by turns on average"
            spells = f"{100.0 * share:.3g} % of the time: {means}"
        table.add_row(name, f"{base.position[0]:g}, {base.position[1]:g}", spells)
    return table


def _routes(prospects: Prospects) -> Table:
    """As the first aircraft that flies each flies it, undivided."""
    scenario = prospects.scenario
    columns = ("name", "pattern", "legs", "spacing, nmi", "one pass, nmi", "hours at search speed")
    table = titled_table("routes", *columns, "unfinished", "finished", "flown by")
    for name, route in scenario.routes.items():
        patrols = patrols_on_route(scenario, name)
        aircraft = scenario.patrols[patrols[0]].aircraft if patrols else None
        laid = _laid(scenario, name, aircraft)
        numbers = _measures(laid, scenario.aircraft[aircraft].search_speed_kn if aircraft else None)
        if aircraft and laid:
            numbers[-1] += f", {aircraft}"
        table.add_row(name, route.pattern, *numbers, route.unfinished, route.finished, ", ".join(patrols) or "nobody")
    return table


def _laid(scenario: Scenario, name: str, aircraft: str | None, excluded: Any = None) -> LaidPattern | None:
    """A route as a type of aircraft flies it; None where it cannot: loading refuses only what somebody is to fly."""
    try:
        return lay_route(scenario, name, aircraft, excluded=excluded)
    except (InputError, NoPathError):
        return None


def _measures(laid: LaidPattern | None, speed_kn: float | None) -> list[str]:
    """Legs, spacing and length of a pass, and its hours at a speed."""
    if laid is None:
        return ["-", "-", "-", "cannot be flown"]
    length = max(map(length_nmi, laid.passes))
    spacing = "-" if laid.spacing_nmi is None else f"{laid.spacing_nmi:.4g}"
    return [str(laid.legs), spacing, f"{length:,.0f}", "-" if speed_kn is None else f"{length / speed_kn:.1f}"]


def _patrols(prospects: Prospects) -> Table:
    columns = ("name", "aircraft", "base", "routes", "to the route, nmi", "first take-off", "every, h", "slots")
    table = titled_table("patrols", *columns)
    for column in table.columns:
        column.no_wrap = column.header != "routes"
    for one in prospects.patrols:
        base, spec = one.bases[0], one.spec
        ways = [prospects.air.length(base, leg.plan.passes[leg.plan.nearest_pass(base)][0]) for leg in one.legs]
        way = "-" if not ways else f"{min(ways):.0f}" if max(ways) - min(ways) < 1.0 else _range(ways)
        when = (
            date_time_text(prospects.scenario, one.assignment.first_takeoff_h),
            f"{spec.every_h:g}",
            str(one.takeoffs.size),
        )
        table.add_row(one.name, spec.aircraft, spec.base, ", ".join(one.assignment.routes), way, *when)
    return table


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.0f} to {max(values):.0f}"


def _groups(prospects: Prospects) -> Table:
    """What each patrol of a group flies of what they divide; a row for each of their routes."""
    scenario = prospects.scenario
    columns = ("name", "divides", "patrol", "base", "share", "legs", "spacing, nmi", "one pass, nmi")
    table = titled_table("groups", *columns, "hours at search speed")
    patrols = {one.name: one for one in prospects.patrols}
    for title, group in scenario.groups.items():
        for number, member in enumerate(group.patrols):
            one = patrols[member]
            for route in one.assignment.routes:
                aside = left_to_others(scenario, route, one.assignment)
                laid = _laid(scenario, route, one.spec.aircraft, aside)
                share = _share(prospects, one, patrols[group.patrols[max(0, number - 1)]], route, aside)
                numbers = _measures(laid, one.aircraft.search_speed_kn)
                table.add_row(title, group.divide, member, one.spec.base, share, *numbers)
    return table


def _share(prospects: Prospects, one: Prospect, before: Prospect, route: str, aside: Any) -> str:
    """What of a route a patrol of a group flies, or when, in a few words."""
    if aside is not None:
        area = getattr(prospects.scenario.routes[route], "area")  # noqa: B009  only a sweep has some left aside
        sea = sea_of(prospects, area)
        return f"{sea.difference(aside).area:,.0f} sq nmi of {route}"
    if one is before or one.assignment.parts > 1:
        return f"all of {route}"
    later = one.assignment.first_takeoff_h - before.assignment.first_takeoff_h
    return f"all of {route}, {abs(later):.3g} h {'before' if later < 0.0 else 'after'} {before.name}"


def sensor_widths(scenario: Scenario) -> Iterator[Any]:
    """The sweep width of each sensor against each class of vessels and each pair, in fair and foul conditions."""
    yield Text(f"sweep width W, nmi, at search speed\nfair: {_weather(FAIR)}\nfoul: {_weather(FOUL)}\n")
    columns = ("sensor", "aircraft", "vessel", "fair by day", "fair by night", "foul by day", "foul by night")
    table = titled_table("", *columns)
    for column in table.columns[3:]:
        column.justify = "right"
    states = [weather._replace(light=light) for weather in (FAIR, FOUL) for light in (True, False)]
    for name, sensor in scenario.sensors.items():
        carriers = [(one, craft) for one, craft in scenario.aircraft.items() if name in craft.sensors]
        if not carriers:
            table.add_row(name, "nobody carries it")
        for carrier, craft in carriers:
            for target, hulls in _targets(scenario).items():
                held = [sensor.in_force(hulls, True, craft.altitude_ft, state) for state in states]
                widths = [f"{one.sweep_width_nmi(craft.search_speed_kn):.1f}" if one else "-" for one in held]
                table.add_row(name, f"{carrier}, {craft.search_speed_kn:g} kn", target, *widths)
    yield table
    yield Text("\n-: sees nothing; an AIS receiver: those who transmit; eyes: not tired", style="dim")


def _weather(state: Conditions) -> str:
    return f"sea state {state.sea_state:g}, visibility {state.visibility_nmi:g} nmi, wind {state.wind_kn:g} kn"


def _targets(scenario: Scenario) -> dict[str, Sequence[Vessel]]:
    """What may be seen: each class of vessels, each pair of the transfers, and those of unknown size."""
    targets: dict[str, Sequence[Vessel]] = {name: (one,) for name, one in scenario.vessels.items()}
    for spec in scenario.transfers.values():
        names = spec.vessels or []
        if names:
            pair = (names[0], names[-1])
            targets[" + ".join(pair)] = tuple(scenario.vessels[name] for name in pair)
    return targets | {"of unknown size": ()}
