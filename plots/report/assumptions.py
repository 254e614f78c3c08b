"""Where each figure of a scenario comes from, in a report: the marks in the comments of its files, as far as known."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plots.report.pieces import Section, opened, paragraphs, table_of
from plots.report.scenario import leaves, value_words
from plots.report.sources import StudySource, figures_of_run
from sim.check.pedigree import PEDIGREES, Figure
from sim.core.text import counted
from sim.scenario.digest import flat_tables
from sim.scenario.schema import Scenario
from sim.scenario.tables import titled_table
from sim.study.markup import Markup, element, joined
from sim.study.store import Results

_NAME, _TITLE = "assumptions", "Assumptions"
_NONE = "not given"


def of_runs(runs: Sequence[Results]) -> Section:
    """The figures of the scenario of each run."""
    parts = [marks_of(runs[0])]
    if len(runs) > 1:
        parts = [joined([element("h3", run.name), marks_of(run)]) for run in runs]
    return Section(_NAME, _TITLE, joined(parts))


def of_study(source: StudySource) -> Section:
    """The figures of the scenario that a study varies."""
    if source.scenario is None:
        return Section(_NAME, _TITLE, paragraphs([f"{source.why_not}, so no pedigree can be read."]))
    told = paragraphs(["These are the figures of the scenario before any factor is set."])
    return Section(_NAME, _TITLE, joined([told, _table(source.scenario, source.figures)]))


def marks_of(results: Results) -> Markup:
    """How many figures of a run have which pedigree, and a table of them, which opens."""
    figures, why = figures_of_run(results)
    return _table(results.scenario, figures, f"{why}, so no pedigree can be read." if why else "")


def _table(scenario: Scenario, figures: Mapping[str, Figure], why: str = "") -> Markup:
    """How many figures of a scenario have which pedigree, and a table of them; `why` says why all lack one."""
    table = titled_table("Each figure, with its pedigree", "key", "value", "pedigree", "what the file says")
    for row in _rows(flat_tables(scenario), figures):
        table.add_row(*row)
    counts = Counter(row.cells[2].text for row in table.rows)
    words = [
        f"{counts[pedigree]} {pedigree}" for pedigree in (*reversed(PEDIGREES.values()), _NONE) if counts[pedigree]
    ]
    told = f"The scenario has {counted(len(table.rows), 'figure')}: {', '.join(words)}."
    meaning = "A figure without a pedigree is a default of seasweep, or was set without a comment that says more."
    return joined([paragraphs([told, why or meaning]), opened("All figures", table_of(table))])


def _rows(tables: Mapping[str, Any], figures: Mapping[str, Figure]) -> Iterator[tuple[str, str, str, str]]:
    """Each key whose value has a number: key, value, pedigree and remark; those of a file first."""
    told: list[str] = []
    for key, figure in figures.items():
        value = _value_at(tables, key)
        if value is not None and _agrees(_parsed(figure.value), value):
            told.append(key)
            yield key, figure.value, figure.pedigree or _NONE, figure.remark
    for key, value in leaves(tables):
        if key != "format" and _has_number(value) and not any(f"{key}.".startswith(f"{one}.") for one in told):
            yield key, value_words(value), _NONE, ""


def _value_at(tables: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key; None where there is none."""
    here: Any = tables
    for part in key.split("."):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here


def _parsed(text: str) -> Any:
    """A value of TOML; None where it goes on in another line."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return None


def _agrees(written: Any, value: Any) -> bool:
    """Whether a value of a scenario is what a file says; it may have more keys, which are defaults."""
    if isinstance(written, Mapping):
        return isinstance(value, Mapping) and all(_agrees(one, value.get(key)) for key, one in written.items())
    if isinstance(written, list):
        is_list = isinstance(value, list | tuple) and len(value) == len(written)
        return is_list and all(map(_agrees, written, value))
    return bool(written == value)


def _has_number(value: Any) -> bool:
    """Whether a value is a number, or holds one."""
    if isinstance(value, Mapping):
        return any(map(_has_number, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_number, value))
    return isinstance(value, int | float) and not isinstance(value, bool)
