"""Text that users write: hidden characters are refused or shown as escapes, and all others stay as they are.

A spreadsheet must not take a text for a formula either; `csv_cell` sees to that, and `csv_table` writes with it.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable

# Format characters (Unicode category Cf) that words need: the joiners of Persian, of Indic scripts and of emoji; marks
# of direction, which change the order of their neighbours only; Arabic, Syriac and Kaithi signs, which have a glyph.
_NEEDED = frozenset(
    "\u200c\u200d\u200e\u200f\u061c\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
    "\U000110bd\U000110cd"
)


def is_hidden(character: str) -> bool:
    """Whether a reader does not see a character: it moves, erases, reorders or hides others, or it is not valid text.

    These are control characters, separators of lines and paragraphs, halves of surrogate pairs, noncharacters, and
    format characters except those that words need (The Unicode Standard 16.0, sections 4.5, 23.2 and 23.7).
    """
    if character.isprintable():
        return False
    category = unicodedata.category(character)
    if category == "Cf":
        return character not in _NEEDED
    code = ord(character)
    return category in ("Cc", "Cs", "Zl", "Zp") or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def first_hidden(text: str) -> int | None:
    """The position of the first hidden character of a text, from 0; None where it has none."""
    if text.isprintable():
        return None
    return next((position for position, character in enumerate(text) if is_hidden(character)), None)


def visible(text: object) -> str:
    r"""A text on one line, with an escape such as \x1b, \n or \u202e for each hidden character."""
    words = str(text)
    if first_hidden(words) is None:
        return words
    return "".join(c.encode("unicode_escape").decode() if is_hidden(c) else c for c in words)


def visible_lines(text: str) -> str:
    """A text on several lines, which may have tabs, with an escape for each other hidden character."""
    return "\n".join("\t".join(visible(part) for part in line.split("\t")) for line in text.split("\n"))


def plural(count: float, noun: str) -> str:
    """A noun in the plural unless the number is 1."""
    return noun if count == 1 else f"{noun}s"


def counted(count: float, noun: str) -> str:
    """A number with its noun, in the plural unless the number is 1."""
    return f"{f'{count:,.0f}' if float(count).is_integer() else f'{count:g}'} {plural(count, noun)}"


# A spreadsheet takes a cell that begins with one of these for a formula (OWASP, "CSV Injection"), Excel in a Japanese
# locale also the wide forms.
_BEGIN_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def csv_cell(value: object) -> object:
    """Return a cell of a CSV file; a text that a spreadsheet would take for a formula gets an apostrophe before it.

    A text that begins with an apostrophe gets one as well, so a reader who removes one apostrophe at the beginning of a
    text always has the original text. Numbers do not change, and None becomes an empty cell.
    """
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith((*_BEGIN_FORMULA, "'")) else value


def csv_table(rows: Iterable[Iterable[object]]) -> str:
    """Rows of cells, the header first, as the text of a CSV file; each cell passes through `csv_cell`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(csv_cell, row) for row in rows)
    return text.getvalue()
