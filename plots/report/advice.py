"""The findings of check in a report."""

from collections.abc import Sequence

from plots.report.pieces import Section, paragraphs, table_of
from plots.report.sources import StudySource
from sim.check.advice import findings
from sim.scenario.schema import Scenario
from sim.scenario.tables import Table, titled_table
from sim.study.markup import Markup, element, joined
from sim.study.store import Results

_NAME, _TITLE = "findings", "Findings of check"


def found_in(scenario: Scenario) -> Markup:
    """The findings on a scenario, as a table."""
    found = findings(scenario)
    if not found:
        return paragraphs(["`seasweep check` has no finding about this scenario."])
    table: Table = titled_table("", "severity", "key", "problem", "advice")
    for finding in found:
        table.add_row(finding.severity, finding.key, finding.problem, finding.advice)
    return table_of(table, "Findings, the most severe first")


def of_runs(runs: Sequence[Results]) -> Section:
    """The findings on the scenario of each run."""
    parts = [found_in(runs[0].scenario)]
    if len(runs) > 1:
        parts = [joined([element("h3", run.name), found_in(run.scenario)]) for run in runs]
    return Section(_NAME, _TITLE, joined(parts))


def of_study(source: StudySource) -> Section:
    """The findings on the scenario that a study varies."""
    if source.scenario is None:
        return Section(_NAME, _TITLE, paragraphs([f"{source.why_not}, so nothing can be found."]))
    told = paragraphs(["These are the findings on the scenario before any factor is set."])
    return Section(_NAME, _TITLE, joined([told, found_in(source.scenario)]))
