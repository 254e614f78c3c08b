"""Summary of a scenario for `seasweep check`: its title, all its tables in order, and the lines of findings."""

from collections.abc import Callable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sim.check.advice import Finding
from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, SEVERITIES
from sim.check.tables_aircraft import aircraft_table, intercepts_table, investigation_table
from sim.check.tables_areas import areas_table, bases_table, zones_table
from sim.check.tables_environment import daylight_table, weather_table
from sim.check.tables_partners import partner_tables
from sim.check.tables_patrols import groups_table, passes_table, patrols_table, routes_table, takeoffs_table
from sim.check.tables_sensors import sensors_table
from sim.check.tables_vessels import background_table, transfers_table, vessels_table
from sim.model.places import per_cent_text
from sim.scenario.problems import Path
from sim.scenario.schema import Scenario
from sim.scenario.wording import period_text


def described(scenario: Scenario, bounds: Bounds | None = None) -> Iterator[RenderableType]:
    """The title, the period, the theatre and the tables of a scenario, one renderable each.

    `bounds` are its bounds if they are known.
    """
    yield Text(scenario.title, style="bold")
    if scenario.summary:
        yield Text(scenario.summary)
    box = scenario.theatre
    yield Text(f"{period_text(scenario)}\ntheatre {box.west:g} to {box.east:g} E, {box.south:g} to {box.north:g} N")
    distances, areas = (per_cent_text(*error) for error in (scenario.plane.distance_error, scenario.plane.area_error))
    yield Text(f"errors of its plane: distances {distances}, areas {areas}\n")
    if scenario.coastline_warning:
        yield Text(f"warning: {scenario.coastline_warning}\n", style="yellow")
    for table in scenario_tables(scenario, bounds):
        yield table
        yield Text("")
    yield Text("the scenario is valid", style="green")


def scenario_tables(scenario: Scenario, bounds: Bounds | None = None) -> Iterator[Table]:
    """The tables of a scenario, in the order in which they are printed; those without a row are left out.

    `bounds` are its bounds if they are known.
    """
    bounds = bounds or Bounds(scenario)
    tables = [
        areas_table(scenario),
        zones_table(scenario),
        weather_table(scenario),
        daylight_table(scenario),
        transfers_table(bounds),
        background_table(scenario),
        vessels_table(scenario),
        sensors_table(scenario),
        aircraft_table(scenario),
        investigation_table(scenario),
        intercepts_table(scenario),
        bases_table(scenario),
        routes_table(scenario),
        passes_table(scenario),
        patrols_table(bounds),
        takeoffs_table(bounds),
        groups_table(bounds),
        *partner_tables(bounds.reports),
    ]
    for table in tables:
        if table.row_count:
            yield _narrowed(table)


def _narrowed(table: Table) -> Table:
    """The same table for a narrow page: names and other single words stay whole, and nothing is cut off."""
    for column in table.columns:
        head, cells = str(column.header), [str(cell) for cell in column.cells]
        single_words = all(" " not in cell for cell in cells)
        column.no_wrap = single_words and (" " not in head or len(head) <= max(map(len, cells), default=0))
        column.overflow = "fold"
    return table


def found_lines(found: Sequence[Finding], where: Callable[[Path], tuple[str, int | None]]) -> Iterator[Text]:
    """One line for each finding, with its place first, and a line that counts them.

    `where` returns the file and the line number of a key.
    """
    styles = {SENSELESS: "red", DOUBTFUL: "yellow", NOTE: "dim"}
    for finding in found:
        file, line = where(finding.path)
        place = file if line is None else f"{file}:{line}"
        yield Text(f"{place}: {finding.severity}: {finding}", style=styles[finding.severity])
    counts = [(sum(finding.severity == severity for finding in found), severity) for severity in SEVERITIES]
    plurals = {NOTE: "notes"}
    text = ", ".join(f"{n} {severity if n == 1 else plurals.get(severity, severity)}" for n, severity in counts if n)
    yield Text(f"findings: {text or 'none'}", style="green" if not found else "")
