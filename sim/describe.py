"""What was understood of a scenario, as tables for `seasweep check`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from rich.table import Table
from rich.text import Text

from sim.aircraft import plan_route
from sim.detection import InverseCube
from sim.fields import Quantity
from sim.routes import flyers, lay_route
from sim.schema import DAYS_PER_MONTH, Scenario
from sim.turns import length_nmi


def period(scenario: Scenario) -> str:
    """The deployment's time, in UTC and local."""
    end = scenario.duration_h
    return f"{moment(scenario, 0.0)} to {moment(scenario, end)}, {scenario.duration_days:g} days"


def moment(scenario: Scenario, hour: float) -> str:
    """An hour of the scenario as a date and time, in UTC and local."""
    utc: datetime = scenario.start + timedelta(hours=hour)
    local = utc.astimezone(scenario.local)
    shift = "" if local.date() == utc.date() else f" {local:%d %b}"
    return f"{utc:%d %b %Y %H:%M} UTC ({local:%H:%M} {local.tzname()}{shift})"


def quantity(value: Quantity) -> str:
    """A random quantity in a few words."""
    if value.value is not None:
        return f"{value.value:g}"
    if value.mean is not None:
        text = f"exponential, mean {value.mean:g}"
    elif value.median is not None:
        text = f"log-normal, median {value.median:g}, sigma {value.sigma:g}"
    else:
        text = f"uniform {value.low:g} to {value.high:g}"
    if value.min is None and value.max is None:
        return text
    least, most = ("-" if end is None else f"{end:g}" for end in (value.min, value.max))
    return f"{text}, cut to {least} to {most}"


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column)
    return table


def described(scenario: Scenario) -> Iterator[Any]:
    """The parts of a scenario, one renderable each."""
    yield Text(scenario.title, style="bold")
    if scenario.summary:
        yield Text(scenario.summary)
    box = scenario.theatre
    yield Text(f"{period(scenario)}\ntheatre {box.west:g} to {box.east:g} E, {box.south:g} to {box.north:g} N\n")
    if scenario.land_unknown:
        yield Text(f"warning: {scenario.land_unknown}\n", style="yellow")
    makers = (_areas, _transfers, _background, _sensors, _aircraft, _routes, _patrols)
    for part in (make(scenario) for make in makers):
        if part.row_count:
            yield part
            yield Text("")
    yield Text("the scenario is valid", style="green")


def _areas(scenario: Scenario) -> Table:
    table = _table("areas", "name", "sea, sq nmi", "land, %")
    for name, area in scenario.areas.items():
        whole, sea = scenario.plane.project(area.shape).area, scenario.plane.sea(area.shape).area
        table.add_row(name, f"{sea:,.0f}", f"{100.0 * (1.0 - sea / whole):.1f}")
    return table


def _transfers(scenario: Scenario) -> Table:
    table = _table("transfers", "name", "area", "expected", "hours alongside", "begun by night")
    for name, spec in scenario.transfers.items():
        expected = spec.per_month * scenario.duration_days / DAYS_PER_MONTH
        night = "as it comes" if spec.night_share is None else f"{100.0 * spec.night_share:g} %"
        table.add_row(name, spec.area, f"{expected:.1f}", quantity(spec.duration_h), night)
    return table


def _background(scenario: Scenario) -> Table:
    table = _table("background", "name", "area", "present", "suspicious", "speed, kn", "course")
    for name, spec in scenario.background.items():
        course = "straight across" if spec.mean_leg_nmi is None else f"new one every {spec.mean_leg_nmi:g} nmi"
        suspicious = f"{spec.present * spec.suspicious_share:g}"
        table.add_row(name, spec.area, f"{spec.present:g}", suspicious, quantity(spec.speed_kn), course)
    return table


def _speeds(scenario: Scenario, sensor: str) -> list[float]:
    """Search speeds at which a sensor is carried."""
    return sorted({one.search_speed_kn for one in scenario.aircraft.values() if sensor in one.sensors})


def _sensors(scenario: Scenario) -> Table:
    table = _table("sensors", "name", "law", "reach, nmi", "sweep width W, nmi, at search speed")
    for name, sensor in scenario.sensors.items():
        law = sensor.law
        widths = [f"{law.sweep_width_nmi(v):.1f} at {v:g} kn" for v in _speeds(scenario, name)] or ["nobody carries it"]
        if isinstance(law, InverseCube):
            widths.append(f"{law.uncut_sweep_width_nmi:.1f} without the cut at {law.reference_speed_kn:g} kn")
        table.add_row(name, law.kind, f"{law.reach_nmi:g}", ", ".join(widths))
    return table


def _aircraft(scenario: Scenario) -> Table:
    table = _table("aircraft", "name", "transit, kn", "search, kn", "usable hours", "sensors", "identifies")
    for name, one in scenario.aircraft.items():
        manner = one.identification
        identifies = f"within {manner.max_detour_nmi:g} nmi, {manner.time_h:g} h each" if manner else "no"
        hours = f"{one.endurance_h - one.reserve_h:g}"
        speeds = (f"{one.transit_speed_kn:g}", f"{one.search_speed_kn:g}")
        table.add_row(name, *speeds, hours, ", ".join(one.sensors), identifies)
    return table


def _routes(scenario: Scenario) -> Table:
    """As the first aircraft that flies each flies it."""
    columns = ("name", "pattern", "legs", "spacing, nmi", "one pass, nmi", "hours at search speed")
    table = _table("routes", *columns, "unfinished", "finished")
    for name, route in scenario.routes.items():
        laid = lay_route(scenario, name)
        length = max(map(length_nmi, laid.passes))
        hours = "nobody flies it"
        if by := flyers(scenario, name):
            hours = f"{length / scenario.aircraft[by[0]].search_speed_kn:.1f}, {by[0]}"
        spacing = "-" if laid.spacing_nmi is None else f"{laid.spacing_nmi:.4g}"
        numbers = (str(laid.legs), spacing, f"{length:,.0f}", hours)
        table.add_row(name, route.pattern, *numbers, route.unfinished, route.finished)
    return table


def _patrols(scenario: Scenario) -> Table:
    table = _table("patrols", "name", "aircraft", "base", "to the route, nmi", "first take-off", "every, h", "slots")
    for name, patrol in scenario.patrols.items():
        base = np.column_stack(scenario.plane.to_xy(*scenario.bases[patrol.base].position))
        starts = [one[0] for route in patrol.routes for one in plan_route(scenario, route).passes]
        near = min(float(np.hypot(*(start - base[0]))) for start in starts)
        slots = int(np.ceil(max(0.0, scenario.duration_h - patrol.first_takeoff_h) / patrol.every_h - 1e-12))
        slots = slots if patrol.sorties is None else min(slots, patrol.sorties)
        when = moment(scenario, patrol.first_takeoff_h)
        table.add_row(name, patrol.aircraft, patrol.base, f"{near:.0f}", when, f"{patrol.every_h:g}", str(slots))
    return table
