"""Tables as data: columns, cells that have a value and a text, rows in groups, and pages that commands print.

`sim.cli.layout` lays a page out for people, `sim.cli.formats` writes it for programs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.core.text import visible

FORMATS = ("table", "csv", "json", "markdown")
"""The formats in which commands print tables; `table` is the one for people on a terminal."""


class Cell(NamedTuple):
    """One cell: what programs read, and what people read."""

    value: Any
    """A number that is not rounded, a text, True or False, or None where there is nothing."""
    text: str
    """The same on one line, rounded."""

    @property
    def is_number(self) -> bool:
        """Whether its value is a number."""
        return isinstance(self.value, int | float) and not isinstance(self.value, bool)


def number(value: float, form: str = "g", unit: str = "") -> Cell:
    """A cell of a number, whose text is in this format of Python, with the unit behind it."""
    return Cell(value, f"{value:{form}}{unit}")


def mean_count(value: float) -> Cell:
    """A cell of a mean number of things, whose text has three digits, or all of those before the decimal point."""
    return Cell(value, mean_count_text(value))


def mean_count_text(value: float) -> str:
    """A mean number of things with three digits, or all of those before the decimal point."""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def words(text: str) -> Cell:
    """A cell with words in place of a number; programs find nothing there."""
    return Cell(None, text)


def text_cell(value: object) -> Cell:
    """A cell of any value: numbers without trailing zeros, yes or no, and - for None."""
    if isinstance(value, Cell):
        return value
    if value is None:
        return Cell(None, "-")
    if isinstance(value, bool):
        return Cell(value, "yes" if value else "no")
    if isinstance(value, int | float):
        return number(value)
    return Cell(str(value), visible(value))


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    heading: str
    """Its heading for people, with the unit of its numbers."""
    key: str = ""
    """Its name for programs; made of the heading where none is given."""
    short: str = ""
    """A shorter heading for narrow pages; empty if there is none."""
    wraps: bool = True
    """Whether a cell may take several lines, broken between words."""
    omit_order: int = 0
    """On a narrow page the column with the smallest number is left out first; one with 0 is never left out."""
    beside: bool = False
    """Whether a block of a narrow page shows the cell behind that of the column before, without a heading."""
    right: bool = False
    """Whether cells stand at the right. Those of a column of numbers that is not the first do anyway."""

    @property
    def name(self) -> str:
        """Its name for programs: words in small letters, joined by underscores."""
        words = self.heading.lower().replace("%", " per cent ")
        return self.key or re.sub(r"\W+", "_", words).strip("_")


class Row(NamedTuple):
    """One row of a table."""

    cells: tuple[Cell, ...]
    group: str = ""
    """The heading above the row and its neighbours of the same group; none if it is empty."""
    style: str = ""
    """How a terminal shows it: a style of rich."""


@dataclass
class Table:
    """A table: its name for programs, its title for people, its columns and its rows."""

    name: str
    columns: tuple[Column, ...]
    title: str = ""
    rows: list[Row] = field(default_factory=list)
    factors: int = 0
    """How many of the first columns say together which row it is; 0 where the first cell alone does."""

    def add_row(self, *values: object, group: str = "", style: str = "") -> None:
        """Add a row of cells, or of values that become cells; cells that are missing at its end are empty."""
        cells = [text_cell(value) for value in values]
        missing = len(self.columns) - len(cells)
        if missing < 0:
            raise ValueError(f"the table {self.name} has {len(self.columns)} columns, but a row has {len(cells)} cells")
        self.rows.append(Row((*cells, *[Cell(None, "")] * missing), group, style))

    def column(self, place: int) -> list[Cell]:
        """The cells of the column at a place."""
        return [row.cells[place] for row in self.rows]


def titled_table(title: str, *headings: str | Column, name: str = "") -> Table:
    """An empty table with a title and headings, or columns; the first holds names, which are never broken.

    `name` is its name for programs; made of the title where none is given.
    """
    columns = [
        heading if isinstance(heading, Column) else Column(heading, wraps=place > 0)
        for place, heading in enumerate(headings)
    ]
    return Table(name or Column(title).name, tuple(columns), title)


def data_table(name: str, *columns: str) -> Table:
    """An empty table for programs, with the names of its columns."""
    return Table(name, tuple(Column(column, column) for column in columns))


class Line(NamedTuple):
    """A line of text beside tables."""

    text: str
    style: str = ""
    wraps: bool = True
    """Whether it goes on in another line where the page is narrow. Otherwise the terminal wraps it."""


@dataclass
class Page:
    """What a command prints: tables, with lines above and below them."""

    tables: Sequence[Table]
    head: Sequence[Line] = ()
    notes: Sequence[str] = ()
    """What a reader of the tables must know, a line each."""
    hints: Sequence[str] = ()
    """How people see more, a line each, below the notes."""
    foot: Sequence[Line] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    """What programs want to know besides the tables, by name."""
    data: Sequence[Table] | None = None
    """The tables for programs, where they are others than those for people."""

    @property
    def machine_tables(self) -> Sequence[Table]:
        """The tables for programs."""
        return self.tables if self.data is None else self.data
