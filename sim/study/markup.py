"""Markup of pages and notebooks: elements whose texts are escaped, so that no text can become markup.

`element` is the only way from a text to markup. What it returns is a `Markup`, which it takes as it is where it stands
in another element; every other text is escaped.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from sim.core.text import visible, visible_lines


class Markup(str):
    """A text that is markup already: `element` made it, or it is a file of ours."""

    __slots__ = ()


_LONG_KEY, _KEY = 16, re.compile(r"[A-Za-z][\w.-]*", re.ASCII)  # letters of a key that fits a narrow column
_EMPTY = ("br", "img", "input")  # elements that have no content and no end


def element(name: str, *content: str, **attributes: str | bool) -> Markup:
    """An element with texts and elements in it; hidden characters of texts stand as escapes.

    An attribute is left out where it is False and has no value where it is True. `class_` and `for_` stand for names
    that Python has taken, and an underscore within a name for a hyphen.
    """
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(visible(value))}"')
        for key, value in attributes.items()
        if value is not False
    )
    return Markup(f"<{name}{given}>" if name in _EMPTY else f"<{name}{given}>{joined(content)}</{name}>")


def joined(content: Iterable[str]) -> Markup:
    """Texts and elements one after the other."""
    return Markup("".join(one if isinstance(one, Markup) else escape(visible(one)) for one in content))


def text_of_lines(text: str) -> Markup:
    """A text that has several lines, for an element that shows them."""
    return Markup(escape(visible_lines(text)))


def key_that_breaks(text: str) -> str:
    """A long name such as a dotted key as markup that a narrow table may break after a point; other texts as given."""
    if len(text) <= _LONG_KEY or "." not in text or not _KEY.fullmatch(text):
        return text
    first, *others = text.split(".")
    return joined([first, *(Markup(f".<wbr>{part}") for part in others)])


@dataclass(frozen=True)
class RowMarkup:
    """A row of a table."""

    cells: Sequence[str]
    group: str = ""
    """The heading above the row and its neighbours of the same group; none if it is empty."""
    is_quiet: bool = False
    """Whether the row says little, and is shown so."""


def table_markup(
    headings: Sequence[str],
    rows: Iterable[RowMarkup],
    caption: str = "",
    numbers: Sequence[int] = (),
    names: int = 1,
) -> Markup:
    """A table with a caption; its first `names` columns head the rows, and columns of `numbers` stand at the right."""
    right = set(numbers)
    head = [
        element("th", title, scope="col", class_="number" if place in right else False) if title else element("td")
        for place, title in enumerate(headings)
    ]
    body, group = [], ""
    for row in rows:
        if row.group and row.group != group:
            title = element("th", row.group, scope="colgroup", colspan=str(len(headings)))
            body.append(element("tr", title, class_="group"))
        group = row.group
        cells = [
            element("th", key_that_breaks(cell), scope="row")
            if place < names
            else element("td", key_that_breaks(cell), class_="number" if place in right else False)
            for place, cell in enumerate(row.cells)
        ]
        body.append(element("tr", *cells, class_="quiet" if row.is_quiet else False))
    above = [element("caption", caption)] if caption else []
    return element("table", *above, element("thead", element("tr", *head)), element("tbody", *body))
