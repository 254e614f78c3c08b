"""The scenario of a report in words, as `seasweep check` prints it, and what differs between two scenarios."""

from collections.abc import Iterator, Mapping
from typing import Any

from plots.report.pieces import Section, lines_of, opened, paragraphs, table_of
from plots.report.sources import StudySource
from sim.check.describe import described
from sim.core.text import counted, visible
from sim.scenario.digest import flat_tables
from sim.scenario.schema import Scenario
from sim.scenario.tables import Table, titled_table
from sim.study.markup import Markup, element, joined
from sim.study.store import Results
from sim.study.study_results import StudyResults
from sim.study.tables import level_text

_NAME, _TITLE = "scenario", "The scenario in words"
_LONGEST = 80  # characters of a value


def in_words(scenario: Scenario) -> Markup:
    """The head of a scenario, and its tables, which open."""
    page = described(scenario)
    tables = joined(table_of(table) for table in page.tables)
    return joined([lines_of(page.head), opened(f"{counted(len(page.tables), 'table')} of the scenario", tables)])


def of_run(results: Results) -> Section:
    """The scenario of a run."""
    return Section(_NAME, _TITLE, in_words(results.scenario))


def of_comparison(first: Results, second: Results) -> Section:
    """The scenarios of two runs, and the keys in which they differ."""
    one, other = (dict(leaves(flat_tables(run.scenario))) for run in (first, second))
    table = titled_table("What differs", "key", first.name, second.name)
    for key in dict.fromkeys([*one, *other]):
        if one.get(key) != other.get(key):
            table.add_row(key, value_words(one.get(key)), value_words(other.get(key)))
    differs = table_of(table) if table.rows else paragraphs(["The two scenarios are equal."])
    each = [joined([element("h3", run.name), in_words(run.scenario)]) for run in (first, second)]
    return Section(_NAME, "The scenarios in words", joined([differs, *each]))


def of_study(results: StudyResults, source: StudySource) -> Section:
    """What a study varies, and its scenario before any factor is set, where its file is still the same."""
    table = Table("factors", titled_table("", "factor", "levels").columns, "What is varied")
    for factor in results.levels[0]:
        levels = dict.fromkeys(level_text(row[factor]) for row in results.levels[: results.baseline])
        table.add_row(factor, ", ".join(levels))
    if source.scenario is not None:
        told = paragraphs([f"This is the scenario {results.study.scenario}, before any factor is set."])
        return Section(_NAME, _TITLE, joined([table_of(table), told, in_words(source.scenario)]))
    text = f"{source.why_not}, so the scenario {results.study.scenario} cannot be described here."
    how = f"To read a scenario in words, give: seasweep check {results.study.scenario}"
    return Section(_NAME, _TITLE, joined([table_of(table), paragraphs([text, how])]))


def leaves(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The keys of tables within tables, dotted, with their values."""
    for key, value in table.items():
        path = f"{above}.{key}" if above else str(key)
        if isinstance(value, Mapping):
            yield from leaves(value, path)
        else:
            yield path, value


def value_words(value: object) -> str:
    """A value on one line, shortened where it is long; - for None."""
    text = "-" if value is None else visible(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
