"""Background ships over the sea: how many are where, by class, and how many of them have their AIS on.

Nothing is simulated: each source says what its mean density is (`sim.deployment.traffic`). The density of a cell is the
mean of that at points spread evenly over it, so the sum of density times area over all cells is the number present, up
to the error of this quadrature.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely

from sim.core.arrays import Flags, Floats
from sim.deployment.ais_load import SendersInView, hears_under_load
from sim.deployment.patrols import plan_patrol
from sim.deployment.traffic.base import SourceShape, TrafficPlan, plan_traffic
from sim.deployment.traffic.periods import Period, day_of, days_of_year, months_of, whole_year
from sim.model.observers.ais_receiver import AisReceiver
from sim.model.sensors.ais import Ais
from sim.model.sightings import plan_observers
from sim.model.vessels import class_text
from sim.scenario.nearest import nearest
from sim.scenario.problems import refused
from sim.scenario.schema import Scenario
from sim.study.maps.coverage import Grid

CELLS = 20_000
"""Largest number of cells unless another is asked for: a lane is a few miles wide, so cells must be small."""
PER_NMI2 = 1000.0
"""Densities are numbers of ships in so many square nautical miles."""
_ASIDE = 3  # points along each side of a cell at which the density is taken
_HOURS = 24  # moments of the period at which the chance to be heard is taken
_SAME = 1e-6  # a share by which numbers present may differ and still count as the same


@dataclass(frozen=True)
class TrafficField:
    """The mean density of background ships over a grid in a period; each density is of 1,000 square nautical miles."""

    grid: Grid
    period: Period
    days: tuple[date, date]
    """The first day of the period and the one after its last, local time."""
    by_class: dict[str, Floats]
    """The density of each class, (ny, nx); the class with the most ships present first."""
    present: dict[str, float]
    """The mean number of ships of each class present at a time, wherever they are."""
    ais_on: Floats
    """The density of ships that have their AIS on, (ny, nx)."""
    heard: dict[str, tuple[Floats, float]]
    """For each receiver of AIS among the observers, and each crew that hears a part of what is sent: the density of the
    ships that it hears, on a pass, in ten minutes or on a sortie, (ny, nx), and the chance that it hears one in its
    view."""
    covered: Floats
    """The share of each cell in which there are ships, (ny, nx): less than 1 at a shore and at the edge of an area."""
    present_ais_on: float
    """The mean number of ships present at a time that have their AIS on."""
    shapes: list[tuple[str, SourceShape]]
    """What a map draws of each source, with the name of the source."""

    @property
    def density(self) -> Floats:
        """The density of all classes together, (ny, nx)."""
        shape = (len(self.grid.y), len(self.grid.x))
        return np.asarray(sum(self.by_class.values(), np.zeros(shape)), float)

    def where_ships_are(self, values: Floats) -> Floats:
        """A density, (ny, nx), of that part of each cell in which there are ships; NaN where there are none."""
        return np.where(values > 0.0, values / np.maximum(self.covered, 1.0 / _ASIDE**2), np.nan)

    @property
    def total(self) -> float:
        """The mean number of ships of all classes present at a time."""
        return sum(self.present.values())


def plans_of(scenario: Scenario) -> list[TrafficPlan]:
    """The sources of background traffic of a scenario, made ready; InputError where it has none."""
    if not scenario.background:
        raise refused(scenario.title, "a scenario with background ships (the tables [background.NAME])", key="SCENARIO")
    return [plan_traffic(scenario, name) for name in scenario.background]


def make_traffic(
    scenario: Scenario,
    bounds: tuple[float, float, float, float],
    *,
    day: str | None = None,
    vessel: str | None = None,
    cells: int = CELLS,
) -> TrafficField:
    """Compute the density of background ships over bounds on the plane (west, south, east, north; nmi).

    It is the mean of the deployment, or of a day, local time: a month and a day such as 05-01, or a date such as
    2026-05-01, also one outside the deployment. `vessel` names a class, `cells` is the largest number of cells.
    Raises InputError for a scenario without background ships, for a text that names no day, and for a class that
    no ship has.
    """
    shown, period = (scenario, Period("", 0.0, scenario.duration_h)) if day is None else day_of(scenario, day)
    plans = plans_of(shown)
    present = _present(plans, period, vessel)
    grid = Grid.over(bounds, cells)
    places, shape = _points_in_cells(grid), (len(grid.y), len(grid.x))
    by_class = {name: np.zeros(shape) for name in present}
    ais_on, present_ais_on = np.zeros(shape), 0.0
    there, sending = np.zeros(len(places[0]), bool), np.zeros(len(places[0]))
    for plan in plans:
        on = 1.0 - plan.spec.dark_share
        for hulls, density in plan.density(*places, period.begin_h, period.end_h).items():
            if (name := class_text(hulls)) in present:
                here = PER_NMI2 * density.reshape(*shape, -1).mean(axis=-1)
                by_class[name] += here
                ais_on += on * here
                there |= density > 0.0
                sending += on * PER_NMI2 * density
        for hulls, number in plan.present_by_class(period.begin_h, period.end_h).items():
            present_ais_on += on * number if class_text(hulls) in present else 0.0
    shapes = [
        (plan.name, one)
        for plan in plans
        if any(class_text(hulls) in present for hulls in plan.spec.hull_sets)
        for one in plan.shapes(period.begin_h, period.end_h)
    ]
    heard = {
        name: ((chance * sending * inside).reshape(*shape, -1).mean(axis=-1), chance)
        for name, inside, chance in (*_receivers(shown, period, places), *_crews(scenario, places))
    }
    days = shown.clock.date_at(period.begin_h), shown.clock.date_at(period.end_h)
    covered = there.reshape(*shape, -1).mean(axis=-1)
    return TrafficField(grid, period, days, by_class, present, ais_on, heard, covered, present_ais_on, shapes)


def _present(plans: Sequence[TrafficPlan], period: Period, vessel: str | None) -> dict[str, float]:
    """The mean number present of each class, or of one; the class with the most ships first."""
    found = dict[str, float]()
    for plan in plans:
        for hulls, number in plan.present_by_class(period.begin_h, period.end_h).items():
            found[class_text(hulls)] = found.get(class_text(hulls), 0.0) + number
    if vessel is not None and vessel not in found:
        names = sorted(found)
        allowed = f"a class of the background ships: {', '.join(names)}"
        raise refused(vessel, allowed, key="--vessel", hint=nearest(vessel, names))
    return {
        name: found[name] for name in sorted(found, key=lambda name: (-found[name], name)) if vessel in (None, name)
    }


def _receivers(scenario: Scenario, period: Period, places: tuple[Floats, Floats]) -> Iterator[tuple[str, Flags, float]]:
    """The receivers of AIS among the observers: name, which places are in view, and the chance to be heard there."""
    for plan in plan_observers(scenario, SendersInView(scenario)):
        if isinstance(plan.spec, AisReceiver):
            hours = np.linspace(period.begin_h, period.end_h, _HOURS + 1)[:-1]
            chance = float(plan.spec.chance_at(plan, hours + 0.5 * (hours[1] - hours[0])).mean())
            yield plan.name, plan.spec.hears_at(plan, *places), chance


def _crews(scenario: Scenario, places: tuple[Floats, Floats]) -> Iterator[tuple[str, Flags, float]]:
    """The same values of crews whose receiver hears a part of what is sent, along their routes in the deployment."""
    for patrol in scenario.patrols if hears_under_load(scenario) else ():
        plan = plan_patrol(scenario, patrol)
        for sensor in plan.scoring.sensors:
            if isinstance(sensor, Ais) and sensor.hears_partly:
                tracks = shapely.multilinestrings([route.passes[0] for route in plan.routes])
                view = shapely.buffer(tracks, sensor.view_nmi(plan.aircraft.altitude_ft))
                yield patrol, shapely.contains_xy(view, *places), sensor.chance_heard


def _points_in_cells(grid: Grid) -> tuple[Floats, Floats]:
    """Points spread evenly over each cell: x and y, (cells * points of a cell,) each, cell by cell."""
    inside = grid.side * ((np.arange(_ASIDE) + 0.5) / _ASIDE - 0.5)
    x, y = (part.ravel() for part in np.meshgrid(inside, inside))
    cells = grid.cells
    return (cells[:, :1] + x).ravel(), (cells[:, 1:] + y).ravel()


def present_by_day(scenario: Scenario, vessel: str | None = None) -> tuple[list[date], dict[str, Floats]] | None:
    """The mean number present on each day of the year in which the deployment begins, (days,) for each class.

    It has the classes whose numbers change from month to month. None where there is no such class.
    """
    year = whole_year(scenario)
    plans = plans_of(year)
    first, *later = (_present(plans, month, vessel) for month in months_of(year))
    changing = [
        name for name, n in first.items() if any(abs(month.get(name, 0.0) - n) > _SAME * max(1.0, n) for month in later)
    ]
    if not changing:
        return None
    days = list(days_of_year(year))
    found = [_present(plans, period, vessel) for _, period in days]
    return [day for day, _ in days], {name: np.array([one.get(name, 0.0) for one in found]) for name in changing}


def places_of_traffic(scenario: Scenario) -> list[Any]:
    """The shapes of all sources of background ships, as far as they lie in the theatre, on the plane."""
    theatre = scenario.plane.project(shapely.box(*scenario.theatre.box))
    shapes = [one.shape for plan in plans_of(scenario) for one in plan.shapes(0.0, scenario.duration_h)]
    return [shapely.intersection(shape, theatre) for shape in shapes]
