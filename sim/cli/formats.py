"""Pages for programs and documents: CSV, JSON and Markdown.

CSV and JSON have the values of the cells, with all digits; Markdown has the texts that people read.
"""

import json
import math
import re
from typing import Any

from sim.core.text import csv_table, visible
from sim.scenario.tables import Cell, Page, Table

_MARKDOWN = re.compile(
    r"[\\`*<>\[\]|~$&]|(?<!\w)_|_(?!\w)|:(?=\w+:)|^(?:[#+-]+(?=\s)|[=-]+$)", re.MULTILINE
)  # what would not be shown as it is


def formatted(page: Page, form: str) -> str:
    """The text of a page in a format other than `table`, without a line end at its end."""
    return {"csv": csv_text, "json": json_text, "markdown": markdown_text}[form](page)


def csv_text(page: Page) -> str:
    """The tables of a page as one table of CSV.

    Several tables have all their columns side by side, and the first column, `table`, has the name of the table.
    """
    tables = page.machine_tables
    several = len(tables) != 1
    names = list(dict.fromkeys(column.name for table in tables for column in table.columns))
    lines: list[list[object]] = [[*(["table"] if several else []), *names]]
    for table in tables:
        for row in _records(table):
            cells = [_csv_value(row[name]) if name in row else None for name in names]
            lines.append([*([table.name] if several else []), *cells])
    return csv_table(lines).removesuffix("\n")


def _records(table: Table) -> list[dict[str, Cell]]:
    """The cells of each row by the names of the columns."""
    names = [column.name for column in table.columns]
    return [dict(zip(names, row.cells, strict=True)) for row in table.rows]


def _csv_value(cell: Cell) -> Any:
    value = _plain(cell.value)
    return str(value).lower() if isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    """A value as JSON can have it: there is no infinity and no NaN there."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def json_text(page: Page) -> str:
    """A page as one object of JSON: its facts, each table as a list of objects, and its notes."""
    document: dict[str, Any] = {name: _plain(value) for name, value in page.facts.items()}
    for table in page.machine_tables:
        rows = [{name: _plain(cell.value) for name, cell in row.items()} for row in _records(table)]
        document.setdefault(table.name, []).extend(rows)
    document["notes"] = list(page.notes)
    return json.dumps(document, indent=2, allow_nan=False)


def markdown_text(page: Page) -> str:
    """A page in Markdown as GitHub reads it: paragraphs, and tables with all their columns."""
    parts = [_escaped(line.text).replace("\n", "  \n") for line in page.head]
    for table in page.tables:
        parts += [f"**{_escaped(table.title)}**"] if table.title else []
        parts += _markdown_tables(table)
    parts += [_escaped(note) for note in page.notes]
    parts += [_escaped(line.text) for line in page.foot]
    return "\n\n".join(part for part in parts if part)


def _markdown_tables(table: Table) -> list[str]:
    """A table in Markdown, and one more below its heading for each group of rows."""
    heads = [_escaped(column.heading) for column in table.columns]
    right = [all(cell.is_number for cell in table.column(place)) for place in range(len(heads))]
    rules = ["---:" if column.right or number else "---" for column, number in zip(table.columns, right, strict=True)]
    parts: list[str] = []
    group, lines = "", [heads, rules]
    for row in table.rows:
        if row.group != group:
            parts += [_markdown_rows(lines)] if len(lines) > 2 else []
            parts.append(f"**{_escaped(row.group)}**")
            group, lines = row.group, [heads, rules]
        lines.append([_escaped(cell.text) for cell in row.cells])
    return [*parts, _markdown_rows(lines)]


def _markdown_rows(lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _escaped(text: str) -> str:
    """A text in which no character has a meaning for Markdown."""
    return _MARKDOWN.sub(lambda found: f"\\{found.group(0)}", "\n".join(map(visible, text.split("\n"))))
