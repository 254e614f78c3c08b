"""What the sections of a report are made of: headings, tables, parts that open, pictures."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from matplotlib.figure import Figure

from plots.style import picture_bytes
from sim.scenario.problems import InputError
from sim.scenario.tables import Column, Line, Page, Table
from sim.study.markup import Markup, RowMarkup, element, joined, table_markup

_LARGEST_SVG = 150_000  # bytes: a map with thousands of shapes is smaller, and drawn faster, as a PNG
_DPI = 150


class Section(NamedTuple):
    """A section of a report."""

    name: str
    """Its `id`."""
    title: str
    body: Markup


def paragraphs(texts: Sequence[str], **attributes: str) -> Markup:
    """A paragraph for each text."""
    return joined(element("p", text, **attributes) for text in texts)


def opened(title: str, *content: str) -> Markup:
    """A part of a page that opens when its title is pressed."""
    return element("details", element("summary", title), *content)


def scrolled(label: str, content: Markup) -> Markup:
    """What may be wider than the page: it scrolls by itself, also with keys."""
    return element("div", content, class_="wide", tabindex="0", role="region", aria_label=label)


def table_of(table: Table, caption: str = "") -> Markup:
    """A table as the command line prints it."""
    names = table.factors or 1
    numbers = [place for place in range(names, len(table.columns)) if _is_right(table, place)]
    rows = [RowMarkup([cell.text for cell in row.cells], row.group, row.style == "dim") for row in table.rows]
    caption = caption or table.title
    headings = [column.heading or column.name for column in table.columns]
    return scrolled(caption or table.name, table_markup(headings, rows, caption, numbers, names))


def _is_right(table: Table, place: int) -> bool:
    """Whether the cells of a column stand at the right: numbers do."""
    column: Column = table.columns[place]
    cells = [cell for cell in table.column(place) if cell.value is not None]
    return column.right or (bool(cells) and all(cell.is_number for cell in cells))


def lines_of(lines: Sequence[Line]) -> Markup:
    """Lines beside tables, a paragraph each."""
    return paragraphs([line.text for line in lines])


def notes_of(page: Page) -> Markup:
    """The notes below tables, as a list; empty where there are none."""
    return element("ul", *(element("li", note) for note in page.notes), class_="notes") if page.notes else Markup()


def main_and_others(main: Table, whole: Table, caption: str = "") -> Markup:
    """A table of the rows that answer the question, and one that opens of all others."""
    shown = {row.cells[0].text for row in main.rows}
    others = replace(whole, rows=[row for row in whole.rows if row.cells[0].text not in shown])
    title = f"All other measures ({len(others.rows)})"
    rest = [opened(title, table_of(others, f"{caption}: all other measures"))] if others.rows else []
    return joined([table_of(main, caption), *rest])


# ------------------------------------------------------------------------------------------------- pictures
class Picture(NamedTuple):
    """A picture of a report."""

    title: str
    draw: Callable[[], tuple[Figure, str]]
    """Draws it, and says in numbers what it shows."""


def picture_of(picture: Picture) -> Markup:
    """A picture with its heading; in its place the reason, where it cannot be drawn of these results."""
    heading = element("h3", picture.title)
    try:
        figure, told = picture.draw()
    except InputError as error:
        reason = f"This picture cannot be drawn. Given: {error.problems[0].given}. Needed: {error.problems[0].allowed}."
        return joined([heading, element("p", reason)])
    kind, content = "svg+xml", picture_bytes(figure, "svg", _DPI)
    if len(content) > _LARGEST_SVG:
        kind, content = "png", picture_bytes(figure, "png", _DPI)
    width, height = (f"{96.0 * inches:.0f}" for inches in figure.get_size_inches())
    source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    image = element("img", src=source, alt=told, width=width, height=height)
    plate = scrolled(f"Picture: {picture.title}", image)
    return joined([heading, element("figure", plate, element("figcaption", told, aria_hidden="true"))])
