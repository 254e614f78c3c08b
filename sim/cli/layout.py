"""Pages laid out for people.

A table that is wider than the page first gets narrower: headings take several lines, columns that may be left out are
left out, and texts take several lines. Where that is not enough, the first cell of each row stands above the others. A
table that is still too wide becomes blocks, one for each row, with a line for each cell. No name, number or interval is
ever cut or broken. Widths are those of a terminal, where a Chinese or Japanese character is as wide as two letters.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from sim.core.text import visible, visible_lines
from sim.scenario.tables import Cell, Column, Line, Page, Row, Table

Span = tuple[str, str]
"""A piece of text and its style."""
Spans = list[Span]
"""One line of a page, without spaces at its end."""

_GAP = 2  # columns of the page between two columns of a table
_COMFORT, _TIGHT = 24, 16  # least width of a column of longer texts, in the second and the third attempt
_WHOLE = 10**9  # a least width with which no text is broken
_INDENT = 2
_SPACES = re.compile(  # where a line may end: a number stays with its unit, an interval in one piece
    r" +(?!(?:%|pp)(?:\W|$))(?!(?<=\d )(?:nmi|kn|h|deg|ft|days?)\b)(?!to [-+]?\d)(?!(?<= to )[-+]?\d)"
)


def page_text(page: Page, width: int) -> str:
    """The text of a page that has some width, without styles."""
    return "".join("".join(text for text, _ in line) + "\n" for line in page_lines(page, width))


def page_lines(page: Page, width: int) -> Iterator[Spans]:
    """The lines of a page that has some width."""
    yield from _texts(page.head, width)
    left_out: dict[tuple[str, ...], list[str]] = {}
    begun = bool(page.head)
    for table in page.tables:
        if begun:
            yield []
        begun = True
        fitted = _TableOnPage(table, width)
        if fitted.left_out:
            left_out.setdefault(tuple(fitted.left_out), []).append(table.title or table.name)
        yield from fitted.lines()
    about = (_left_out_text(names, found, len(page.tables), width) for names, found in left_out.items())
    notes = [*page.notes, *page.hints, *about]
    if notes:
        yield []
    yield from _texts([Line(note, "dim") for note in notes], width)
    if page.foot:
        yield []
    yield from _texts(page.foot, width)


def _left_out_text(headings: Sequence[str], tables: Sequence[str], of: int, width: int) -> str:
    """The note of columns that some tables of a page lack, each heading once."""
    which = "" if of == 1 else f' of the table "{tables[0]}"' if len(tables) == 1 else f" of {len(tables)} tables"
    counts = Counter(headings)
    names = ", ".join(name if count == 1 else f"{name} ({count} times)" for name, count in counts.items())
    return f"at a width of {width} characters these columns{which} are left out: {names}"


def _texts(lines: Sequence[Line], width: int) -> Iterator[Spans]:
    """Lines beside tables, broken between words."""
    for line in lines:
        for text in visible_lines(line.text).split("\n"):
            for part in broken(text, width) if line.wraps else [text]:
                yield [(part, line.style)]


# ---------------------------------------------------------------------------------------------------- words
def _pieces(text: str) -> list[str]:
    """The words of a text that may stand on different lines; wide characters are words each, with a space before."""
    return [word for word in _SPACES.split(text) if word]


def _parts_of(word: str) -> list[str]:
    """A word in parts between which a line may end: after each wide character."""
    parts = [""]
    for character in word:
        wide = unicodedata.east_asian_width(character) in "WF"
        if wide and parts[-1] and not unicodedata.category(character).startswith(("P", "M")):
            parts.append("")
        parts[-1] += character
    return parts


def broken(text: str, width: int) -> list[str]:
    """A text in lines that are at most as wide as asked for; a longer word has a line of its own."""
    lines = [""]
    for word in _pieces(text):
        for place, part in enumerate(_parts_of(word)):
            space = " " if place == 0 and lines[-1] else ""
            if lines[-1] and cell_len(lines[-1] + space + part) > width:
                lines.append(part)
            else:
                lines[-1] += space + part
    return lines


def _longest_part(text: str) -> int:
    """The width of the longest part of a text that cannot be broken."""
    return max((cell_len(part) for word in _pieces(text) for part in _parts_of(word)), default=0)


# ---------------------------------------------------------------------------------------------------- tables
@dataclass(frozen=True)
class _Shape:
    """The columns that a page shows, by their places in the table, their headings and their widths."""

    places: list[int]
    headings: list[str]
    widths: list[int]
    above: bool
    """Whether the first cell of each row stands above the others."""

    @property
    def in_line(self) -> slice:
        """Those of the lists that stand beside each other."""
        return slice(1 if self.above else 0, None)


class _TableOnPage:
    """One table on a page: as a grid, or as blocks where no grid fits."""

    def __init__(self, table: Table, width: int) -> None:
        self.table, self.width = table, width
        self.shape = self._shape()

    @property
    def left_out(self) -> list[str]:
        """The headings of the columns that are not shown."""
        shown = set(range(len(self.table.columns))) if self.shape is None else set(self.shape.places)
        return [column.heading for place, column in enumerate(self.table.columns) if place not in shown]

    def lines(self) -> Iterator[Spans]:
        """The lines of the table, with its title."""
        if self.table.title:
            yield from ([(part, "bold")] for part in broken(visible(self.table.title), self.width))
        if self.shape is None:
            yield from self._blocks()
        else:
            yield from self._grid(self.shape)

    def _shape(self) -> _Shape | None:
        """The most complete grid that fits; None if none does."""
        columns = self.table.columns
        everything = list(range(len(columns)))
        optional = sorted(
            (place for place in everything if columns[place].omit_order), key=lambda p: columns[p].omit_order
        )
        kept = [[place for place in everything if place not in optional[:count]] for count in range(len(optional) + 1)]
        full = [visible(column.heading) for column in columns]
        short = [visible(column.short or column.heading) for column in columns]
        attempts = [(everything, full, _WHOLE, False), *((places, short, _WHOLE, False) for places in kept)]
        attempts += [(kept[-1], short, comfort, False) for comfort in (_COMFORT, _TIGHT)]
        attempts += [(places, short, _WHOLE, True) for places in kept]
        for places, headings, comfort, above in attempts:
            chosen = [headings[place] for place in places]
            widths = self._widths(places[above:], chosen[above:], comfort, self.width - _INDENT * above)
            if widths is not None:
                return _Shape(places, chosen, [self.width] * above + widths, above)
        return None

    def _widths(self, places: Sequence[int], headings: Sequence[str], comfort: int, width: int) -> list[int] | None:
        """The widths of columns that together fit a width; None if they do not."""
        natural, needed, least = [], [], []
        for place, heading in zip(places, headings, strict=True):
            texts = [cell.text for cell in self.table.column(place)]
            cells, word = max(map(cell_len, texts), default=0), _longest_part(heading)
            natural.append(max(cells, cell_len(heading)))
            needed.append(max(cells, word))
            if self.table.columns[place].wraps:
                longest = max(map(_longest_part, texts), default=0)
                cells = min(cells, max(longest, comfort))
            least.append(max(cells, word))
        space = width - _GAP * (len(places) - 1)
        widths = _narrowed(_narrowed(natural, needed, space), least, space)
        return widths if sum(widths) <= space else None

    def _grid(self, shape: _Shape) -> Iterator[Spans]:
        """The table as rows below headings."""
        heads = [broken(text, width) for text, width in zip(shape.headings, shape.widths, strict=True)]
        height = max(map(len, heads[shape.in_line]), default=0)
        aligned = [[""] * (height - len(head)) + head for head in heads]
        if any(shape.headings):
            yield from self._grid_lines(shape, aligned, "bold" if not self.table.title else "dim")
        for row, begins in _with_groups(self.table.rows):
            if begins:
                yield from self._group_lines(row)
            cells = [
                broken(row.cells[place].text, width) if self.table.columns[place].wraps else [row.cells[place].text]
                for place, width in zip(shape.places, shape.widths, strict=True)
            ]
            yield from self._grid_lines(shape, cells, row.style)

    def _grid_lines(self, shape: _Shape, cells: Sequence[Sequence[str]], style: str) -> Iterator[Spans]:
        """The lines of one row, whose cells are lists of lines."""
        if shape.above:
            yield from ([(text, "bold")] for text in cells[0] if text)
        places, widths, cells = shape.places[shape.in_line], shape.widths[shape.in_line], cells[shape.in_line]
        right = [place > 0 and _is_right(self.table.columns[place], self.table.column(place)) for place in places]
        for number in range(max(map(len, cells), default=0)):
            texts = [cell[number] if number < len(cell) else "" for cell in cells]
            padded = [
                " " * (width - cell_len(text)) + text if at_right else text + " " * (width - cell_len(text))
                for text, width, at_right in zip(texts, widths, right, strict=True)
            ]
            yield [(" " * (_INDENT * shape.above) + (" " * _GAP).join(padded).rstrip(), style)]

    def _group_lines(self, row: Row) -> Iterator[Spans]:
        """The heading of the group that begins with a row."""
        yield []
        yield from ([(part, "bold")] for part in broken(visible(row.group), self.width))

    def _blocks(self) -> Iterator[Spans]:
        """The table as blocks: the first cell of each row, and below it the others with their headings."""
        for number, (row, begins) in enumerate(_with_groups(self.table.rows)):
            if begins:
                yield from self._group_lines(row)
            if begins or number:
                yield []
            yield from ([(part, "bold")] for part in broken(self._name(row), self.width))
            for text in self._fields(row):
                first, *others = broken(text, self.width - 4)
                yield [(f"  {first}", row.style)]
                yield from ([(f"    {part}", row.style)] for part in others)

    def _name(self, row: Row) -> str:
        """What says which row it is: its first cell, or the cells of factors with their headings."""
        if not self.table.factors:
            return row.cells[0].text
        pairs = list(zip(self.table.columns, row.cells, strict=True))[: self.table.factors]
        texts = [
            cell.text if cell.value is None else f"{visible(column.heading)} {cell.text}"
            for column, cell in pairs
            if cell.text
        ]
        return ", ".join(texts)

    def _fields(self, row: Row) -> list[str]:
        """The other cells of a row, each as a text with its heading."""
        fields: list[str] = []
        first = max(1, self.table.factors)
        for column, cell in zip(self.table.columns[first:], row.cells[first:], strict=True):
            if not cell.text:
                continue
            if column.beside and fields:
                fields[-1] += f"{',' if column.heading else ''} {cell.text}"
            else:
                fields.append(f"{visible(column.heading)}: {cell.text}")
        return fields


def _narrowed(widths: Sequence[int], least: Sequence[int], space: int) -> list[int]:
    """Widths made narrower, the widest first, until they fit the space or are the least that is possible."""
    found = list(widths)
    while sum(found) > space:
        wide = [place for place in range(len(found)) if found[place] > least[place]]
        if not wide:
            break
        found[max(wide, key=lambda place: found[place])] -= 1
    return found


def _is_right(column: Column, cells: Sequence[Cell]) -> bool:
    """Whether the cells of a column stand at the right."""
    filled = [cell for cell in cells if cell.value is not None]
    return column.right or (bool(filled) and all(cell.is_number for cell in filled))


def _with_groups(rows: Sequence[Row]) -> Iterator[tuple[Row, bool]]:
    """Each row, and whether a group with a heading begins with it."""
    group = ""
    for row in rows:
        yield row, bool(row.group) and row.group != group
        group = row.group
