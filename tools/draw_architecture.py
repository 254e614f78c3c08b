"""Draw the picture of the folders for docs/architecture.md from the imports in the code. `make docs` runs it.

A box is a folder of the program, and its text is the first sentence of the folder's docstring. An arrow is an import.
An arrow that follows from two others is left out. A test compares the picture with what this file makes.
"""

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs/pictures/architecture.svg"


class Place(NamedTuple):
    """Where a box stands: its row from the top, and its left and right edge in columns."""

    row: int
    left: int
    right: int


PLACES = {
    "sim/cli": Place(0, 0, 12),
    "plots": Place(1, 0, 6),
    "sim/study": Place(2, 0, 6),
    "sim/check": Place(2, 6, 12),
    "sim/deployment": Place(3, 0, 12),
    "sim/scenario": Place(4, 0, 12),
    "sim/model": Place(5, 0, 12),
    "sim/core": Place(6, 0, 12),
}
_COLUMN, _ROW, _BOX, _MARGIN = 62, 106, 78, 8  # pixels
_MOST_LINES = 3  # of a sentence that fit into a box
_STYLE = "rect{fill:#f3f6f8;stroke:#546e7a}text{font:13px sans-serif;fill:#263238}.name{font-weight:bold}"
_ARROW = "path{stroke:#546e7a;stroke-width:1.5;marker-end:url(#tip)}"
_SIZE = 'markerWidth="8" markerHeight="8" refX="7" refY="3" orient="auto"'
_TIP = f'<marker id="tip" {_SIZE}><polygon points="0,0 8,3 0,6"/></marker>'

Imports = Mapping[str, set[str]]


def home_of(parts: tuple[str, ...]) -> str:
    """The box to which a module belongs, by the parts of its name; empty for none."""
    names = (parts[0], "/".join(parts[:2]), f"{'/'.join(parts[:2])}.py")
    return next((name for name in names if name in PLACES), "")


def imports() -> Imports:
    """The boxes from which each box imports, at any depth in its files."""
    found: dict[str, set[str]] = {name: set() for name in PLACES}
    for path in sorted(path for top in ("sim", "plots") for path in (ROOT / top).rglob("*.py")):
        own = home_of(path.relative_to(ROOT).with_suffix("").parts)
        if own:
            found[own] |= {home_of(tuple(name.split("."))) for name in _modules_imported(path)} - {own, ""}
    return found


def _modules_imported(path: Path) -> Iterator[str]:
    """The full names that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def without_shortcuts(found: Imports) -> set[tuple[str, str]]:
    """The imports that do not follow from two others, as (importer, imported)."""

    def reached(name: str) -> set[str]:
        return found[name].union(*(reached(other) for other in found[name]))

    return {
        (name, other)
        for name, those in found.items()
        for other in those
        if not any(other in reached(between) for between in those - {other})
    }


def sentence_of(name: str) -> str:
    """The first sentence of the docstring of a folder or a file."""
    path = ROOT / name / "__init__.py" if (ROOT / name).is_dir() else ROOT / name
    text = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())
    return re.split(r"(?<=[.])\s", text)[0].replace("`", "")


def box(name: str, place: Place) -> str:
    """A box with its name and its sentence; ValueError where the sentence is too long for it."""
    x, y = _MARGIN + place.left * _COLUMN + 6, _MARGIN + place.row * _ROW
    width = (place.right - place.left) * _COLUMN - 12
    lines = textwrap.wrap(sentence_of(name), width // 7)
    if len(lines) > _MOST_LINES:
        raise ValueError(f"the first sentence of {name} does not fit into its box")
    texts = [f'<text class="name" x="{x + 10}" y="{y + 18}">{escape(name)}</text>']
    texts += [f'<text x="{x + 10}" y="{y + 36 + 16 * row}">{escape(line)}</text>' for row, line in enumerate(lines)]
    return f'<rect x="{x}" y="{y}" width="{width}" height="{_BOX}" rx="4"/>' + "".join(texts)


def arrow(importer: Place, imported: Place) -> str:
    """An arrow straight down, in the middle of the columns that both boxes have."""
    x = _MARGIN + (max(importer.left, imported.left) + min(importer.right, imported.right)) * _COLUMN // 2
    begin, end = _MARGIN + importer.row * _ROW + _BOX, _MARGIN + imported.row * _ROW - 2
    return f'<path d="M{x},{begin}V{end}"/>'


def picture() -> str:
    """The picture as SVG text."""
    arrows = [arrow(PLACES[one], PLACES[other]) for one, other in sorted(without_shortcuts(imports()))]
    boxes = [box(name, place) for name, place in PLACES.items()]
    size = (2 * _MARGIN + 12 * _COLUMN, 2 * _MARGIN + 6 * _ROW + _BOX)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" role="img">'
    title = "<title>The folders of seasweep and their imports</title>"
    ground = f'<rect width="{size[0]}" height="{size[1]}" style="fill:white;stroke:none"/>'
    return "\n".join(
        [head, title, f"<style>{_STYLE}{_ARROW}</style><defs>{_TIP}</defs>", ground, *arrows, *boxes, "</svg>\n"]
    )
