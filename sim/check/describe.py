"""Summary of a scenario for `seasweep check`: its title, all its tables in order, and the lines of findings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sim.check.advice import Finding
from sim.check.bounds import Bounds
from sim.check.registry import DOUBTFUL, NOTE, SENSELESS, SEVERITIES
from sim.check.tables_aircraft import aircraft_table, intercepts_table, investigation_table
from sim.check.tables_answers import learning_table, reactions_table
from sim.check.tables_areas import areas_table, bases_table, zones_table
from sim.check.tables_environment import daylight_table, weather_table
from sim.check.tables_partners import partner_tables
from sim.check.tables_patrols import groups_table, passes_table, patrols_table, routes_table
from sim.check.tables_seasons import contacts_by_month_table, seasons_of, ships_by_month_table
from sim.check.tables_sensors import sensors_table
from sim.check.tables_takeoffs import takeoff_hours_table, takeoffs_table
from sim.check.tables_vessels import background_table, transfers_table, vessels_table
from sim.core.text import counted
from sim.model.places import per_cent_text
from sim.scenario.problems import Path
from sim.scenario.schema import Scenario
from sim.scenario.tables import Line, Page, Table, data_table
from sim.scenario.wording import period_text

Locate = Callable[[Path], tuple[str, int | None]]
"""A function that returns the file and the number of the line of a key."""


def described(scenario: Scenario, bounds: Bounds | None = None, *, year: bool = False) -> Page:
    """The title, the period, the theatre and the tables of a scenario.

    `bounds` are its bounds if they are known. With `year` the tables by month have all months of the year.
    """
    box = scenario.theatre
    distances, areas = (per_cent_text(*error) for error in (scenario.plane.distance_error, scenario.plane.area_error))
    head = [Line(scenario.title, "bold")]
    head += [Line(scenario.summary)] if scenario.summary else []
    head += [
        Line(period_text(scenario)),
        Line(f"theatre {box.west:g} to {box.east:g} E, {box.south:g} to {box.north:g} N"),
        Line(f"errors of the map projection: distances {distances}, areas {areas}"),
    ]
    facts = {
        "title": scenario.title,
        "summary": scenario.summary,
        "start": scenario.start.isoformat(),
        "duration_days": scenario.duration_days,
        "valid": True,
    }
    foot = [Line("the scenario is valid", "green")]
    return Page(list(scenario_tables(scenario, bounds, year=year)), head, foot=foot, facts=facts)


def with_findings(page: Page, found: Sequence[Finding], where: Locate) -> Page:
    """The page of a scenario with its findings: lines at its end for people, a table of them for programs."""
    table = findings_table(found, where)
    foot = [*page.foot, *found_lines(found, where)]
    return replace(page, foot=foot, data=[table, *page.machine_tables])


def findings_table(found: Sequence[Finding], where: Locate) -> Table:
    """The findings as a table for programs: severity, rule, file, line, key, problem and advice."""
    table = data_table("findings", "severity", "rule", "file", "line", "key", "problem", "advice")
    for finding in found:
        file, line = where(finding.path)
        table.add_row(finding.severity, finding.rule, file, line, finding.key, finding.problem, finding.advice)
    return table


def scenario_tables(scenario: Scenario, bounds: Bounds | None = None, *, year: bool = False) -> Iterator[Table]:
    """The tables of a scenario, in the order in which they are printed; those without a row are left out.

    `bounds` are its bounds if they are known. With `year` the tables by month have all months of the year.
    """
    bounds = bounds or Bounds(scenario)
    seasons = seasons_of(bounds, year)
    ships = ships_by_month_table(bounds, seasons)
    tables = [
        areas_table(scenario),
        zones_table(scenario),
        weather_table(scenario),
        daylight_table(scenario),
        transfers_table(bounds),
        reactions_table(scenario),
        learning_table(scenario),
        background_table(bounds),
        ships,
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
        takeoff_hours_table(bounds),
        groups_table(bounds),
        *([contacts_by_month_table(bounds, seasons)] if ships.rows else []),
        *partner_tables(bounds.reports),
    ]
    return (table for table in tables if table.rows)


def found_lines(found: Sequence[Finding], where: Locate) -> Iterator[Line]:
    """One line for each finding, with its place first, and a line that counts them.

    `where` returns the file and the line number of a key.
    """
    styles = {SENSELESS: "red", DOUBTFUL: "yellow", NOTE: "dim"}
    for finding in found:
        file, line = where(finding.path)
        place = file if line is None else f"{file}:{line}"
        yield Line(f"{place}: {finding.severity}: {finding}", styles[finding.severity], wraps=False)
    counts = [(sum(finding.severity == severity for finding in found), severity) for severity in SEVERITIES]
    text = ", ".join(counted(n, NOTE) if severity == NOTE else f"{n} {severity}" for n, severity in counts if n)
    yield Line(f"findings: {text or 'none'}", "" if found else "green")
