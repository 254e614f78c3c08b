"""The findings of check in a report."""

from collections.abc import Sequence

from plots.report.pieces import Section, paragraphs, table_of
from sim.check.advice import findings
from sim.scenario.tables import Table, titled_table
from sim.study.markup import Markup, element, joined
from sim.study.store import Results


def found_in(results: Results) -> Markup:
    """The findings on the scenario of a run, as a table."""
    found = findings(results.scenario)
    if not found:
        return paragraphs(["Check finds nothing to say about this scenario."])
    table: Table = titled_table("", "severity", "key", "problem", "advice")
    for finding in found:
        table.add_row(finding.severity, finding.key, finding.problem, finding.advice)
    return table_of(table, "Findings, the most severe first")


def of_runs(runs: Sequence[Results]) -> Section:
    """The findings on the scenario of each run."""
    parts = [found_in(runs[0])]
    if len(runs) > 1:
        parts = [joined([element("h3", run.name), found_in(run)]) for run in runs]
    return Section("findings", "Findings of check", joined(parts))
