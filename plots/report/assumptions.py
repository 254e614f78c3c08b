"""Where each figure of a scenario comes from, in a report: the marks in the comments of its files, as far as known."""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plots.report.pieces import Section, opened, paragraphs, table_of
from plots.report.scenario import leaves, value_words
from sim.check.pedigree import PEDIGREES, Figure, figures_of_scenario
from sim.core.text import counted
from sim.scenario.digest import digest, flat_tables
from sim.scenario.load import load_scenario
from sim.scenario.problems import InputError
from sim.scenario.tables import titled_table
from sim.study.markup import Markup, element, joined
from sim.study.store import Results

_NO_MARK = "no mark"


def of_runs(runs: Sequence[Results]) -> Section:
    """The figures of the scenario of each run."""
    parts = [marks_of(runs[0])]
    if len(runs) > 1:
        parts = [joined([element("h3", run.name), marks_of(run)]) for run in runs]
    return Section("assumptions", "Assumptions", joined(parts))


def marks_of(results: Results) -> Markup:
    """How many figures have which mark, and a table of them, which opens."""
    figures, why = _figures(results)
    table = titled_table("Each figure, with its mark", "key", "value", "mark", "what the file says")
    for row in _rows(flat_tables(results.scenario), figures):
        table.add_row(*row)
    counts = Counter(row.cells[2].text for row in table.rows)
    words = [f"{counts[mark]} {mark}" for mark in (*reversed(PEDIGREES.values()), _NO_MARK) if counts[mark]]
    told = f"The scenario has {counted(len(table.rows), 'figure')}: {', '.join(words)}."
    meaning = "A figure without a mark is a default of seasweep, or was set without a comment that says more."
    return joined([paragraphs([told, why or meaning]), opened("All figures", table_of(table))])


def _figures(results: Results) -> tuple[dict[str, Figure], str]:
    """The figures of the files of the scenario, by key; or none, and a sentence that says why."""
    source = results.info.get("source") or {}
    given = source.get("name", "")
    if "file" in source and results.folder is not None:
        given = str(results.folder / source["file"])
    if not given:
        return {}, "The record of the run names no file of the scenario, so no mark can be read."
    try:
        is_same = digest(load_scenario(given, source.get("sets", []))) == results.info.get("digest")
        found = figures_of_scenario(given) if is_same else {}
    except (InputError, OSError):
        return {}, "The file of the scenario is not where it was, or cannot be read, so no mark can be read."
    return found, "" if is_same else "The file of the scenario has changed since the run, so no mark can be read."


def _rows(tables: Mapping[str, Any], figures: Mapping[str, Figure]) -> Iterator[tuple[str, str, str, str]]:
    """Each key whose value has a number: key, value, mark and remark; those of a file first."""
    told: list[str] = []
    for key, figure in figures.items():
        value = _value_at(tables, key)
        if value is not None and _agrees(_parsed(figure.value), value):
            told.append(key)
            yield key, figure.value, figure.pedigree or _NO_MARK, figure.remark
    for key, value in leaves(tables):
        if key != "format" and _has_number(value) and not any(f"{key}.".startswith(f"{one}.") for one in told):
            yield key, value_words(value), _NO_MARK, ""


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
