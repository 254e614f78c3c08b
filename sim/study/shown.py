"""How results show themselves in Python: a few lines of text, and tables of HTML for notebooks.

Numbers are those that a program reads, with four digits: a share of 0.25 is shown as 0.25.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.core.text import counted, visible
from sim.scenario.schema import Scenario
from sim.study.design import Study
from sim.study.estimates import Measure
from sim.study.markup import RowMarkup, element, joined, table_markup
from sim.study.measures import definition_of

_MOST_SHOWN = 100  # characters of a line of text: a title may have more
_MOST_ROWS = 200  # of a table of HTML: a study may have thousands of points


# ---------------------------------------------------------------------------------------------------- runs
def run_text(heading: str, scenario: Scenario, measures: Sequence[Measure], tables: Sequence[str]) -> str:
    """The results of a run in five lines."""
    main = [_measure(row) for row in measures if row.measure in ("documented", "p_documented")]
    title = f"{scenario.title} ({counted(scenario.duration_days, 'day')})"
    return _lines([f"Results of {heading}", title, *main, f"tables: {', '.join(tables)}"])


def run_html(caption: str, measures: Sequence[Measure]) -> str:
    """The measures of a run as a table."""
    rows = [(row.measure, *_cells(row), row.unit, definition_of(row.measure).meaning) for row in measures]
    return _html(("measure", "value", "interval", "unit", "meaning"), rows, caption)


# ---------------------------------------------------------------------------------------------------- comparisons
def comparison_text(names: Sequence[str], differences: Sequence[Sequence[Measure]]) -> str:
    """A comparison in a line for the first run and two for each other."""
    lines = [f"Comparison with {names[0]}"]
    for name, gaps in zip(names[1:], differences, strict=True):
        clear = sum(gap.excludes_zero for gap in gaps)
        lines.append(f"{name}: the interval of the difference excludes 0 for {clear} of {len(gaps)} measures")
        lines += [f"  difference of {_measure(gap)}" for gap in gaps if gap.measure == "p_documented"]
    return _lines(lines)


def comparison_html(
    names: Sequence[str], values: Sequence[Sequence[Measure]], differences: Sequence[Sequence[Measure]]
) -> str:
    """The measures of all runs of a comparison, and their differences from the first, as a table."""
    head = ["measure", *names, *(title for name in names[1:] for title in (f"{name} - {names[0]}", "interval")), "unit"]
    rows = []
    for place, row in enumerate(values[0]):
        gaps = [cell for run in differences for cell in _cells(run[place])]
        rows.append([row.measure, *(_number(run[place].value) for run in values), *gaps, row.unit])
    return _html(head, rows, "Paired differences")


# ---------------------------------------------------------------------------------------------------- studies
def study_text(name: str, study: Study, levels: Sequence[Mapping[str, Any]], first: Sequence[Measure]) -> str:
    """The results of a study in five lines; `first` is its first measure at every point."""
    found = [row for row in first if row.value is not None]
    ends = [
        (word, pick(found, key=lambda row: row.value or 0.0)) for word, pick in (("least", min), ("most", max)) if found
    ]
    lines = [f"StudyResults of {_study_heading(name, study, levels)}", f"factors: {', '.join(map(str, levels[0]))}"]
    lines.append(f"measures: {', '.join(study.measures)}")
    return _lines([*lines, *(f"{word} {_measure(row)}" for word, row in ends)])


def study_html(
    name: str, study: Study, levels: Sequence[Mapping[str, Any]], chosen: Sequence[Sequence[Measure]]
) -> str:
    """The measures of a study as a table with a row for each point; `chosen` is each of them at every point."""
    head = [*map(str, levels[0]), *(title for measure in study.measures for title in (measure, "interval"))]
    rows = []
    for point, level in enumerate(levels):
        cells = [cell for rows_of_one in chosen for cell in _cells(rows_of_one[point])]
        rows.append([*("-" if value is None else str(value) for value in level.values()), *cells])
    return _html(head, rows, f"{study.title or name} ({_study_heading(name, study, levels)})", len(levels[0]))


def _study_heading(name: str, study: Study, levels: Sequence[Mapping[str, Any]]) -> str:
    """What was simulated, on one line."""
    points, each = counted(len(levels), "point"), counted(study.replications, "replication")
    return f"{name}: {points}, {each} each, seed {study.seed}"


# ---------------------------------------------------------------------------------------------------- pieces
def _number(value: float | None) -> str:
    """A number with four digits, - for None."""
    return "-" if value is None else f"{value:.4g}"


def _interval(measure: Measure) -> str:
    """The interval of a measure, - where it has none."""
    has_none = measure.low is None or measure.high is None
    return "-" if has_none else f"{_number(measure.low)} to {_number(measure.high)}"


def _cells(measure: Measure) -> tuple[str, str]:
    """The value and the interval of a measure as cells of a table."""
    return _number(measure.value), _interval(measure)


def _measure(measure: Measure) -> str:
    """A measure on one line: its name, value and unit, and its interval."""
    has_none = measure.low is None or measure.high is None
    interval = (
        f"no interval: {measure.why}" if has_none else f"{100.0 * measure.level:g} % interval {_interval(measure)}"
    )
    return f"{measure.measure}: {_number(measure.value)} {measure.unit}, {interval}"


def _lines(lines: Iterable[str]) -> str:
    """Lines of text, long ones cut, hidden characters as escapes."""
    plain = map(visible, lines)
    return "\n".join(line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 3]}..." for line in plain)


def _html(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str, names: int = 1) -> str:
    """A table of HTML with a caption; of very many rows only the first are shown."""
    more = len(rows) - _MOST_ROWS
    table = table_markup(head, (RowMarkup(row) for row in rows[:_MOST_ROWS]), caption, names=names)
    return joined([table, *([element("p", f"and {more:,} more rows")] if more > 0 else [])])
