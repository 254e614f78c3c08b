"""Where each figure of the included files comes from, as their comments say: `python -m tools.pedigree` counts them.

A comment marks a figure by [source], [derived], [assumption] or [chosen]. The comment of its line counts first. Where
it has no mark, the comment of its table, of its section (# ----) or of the head of the file counts, if it speaks of all
figures. Of several marks in one comment the weakest counts.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios"
PEDIGREES = {  # by mark, the weakest first
    "assumption": "assumed",
    "chosen": "chosen",
    "derived": "derived",
    "source": "published",
}
_MARK = re.compile(rf"\[({'|'.join(PEDIGREES)})\b")
_OF_ALL = re.compile(rf"\b(?:all|both)\b[^.]*?\[({'|'.join(PEDIGREES)})\b", re.IGNORECASE)
_TEXT = re.compile(r'"[^"]*"')
_BARE_MARK = re.compile(rf"^(?:all )?\[({'|'.join(PEDIGREES)})\](?:: |; |, )?")
_IS_ASSUMED = re.compile(r"\bis an assumption\b")


class Figure(NamedTuple):
    """A key of an included file whose value has a number."""

    file: str
    key: str
    value: str
    pedigree: str
    """One of the words of `PEDIGREES`; empty where no comment says."""
    remark: str
    """What the comment of its line says besides its mark; where it says no more, the comment of its table."""


def figures_of(name: str, text: str) -> Iterator[Figure]:
    """The figures of a TOML text that has each key and its value on one line."""
    table, head, section, of_table, beside_header = "", "", "", "", ""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        words, comment = _split(line)
        if not words:
            if comment.startswith("----"):
                section, of_table = comment, ""
            elif not table:
                head += f"{comment} "
            continue
        if words.startswith("["):
            table, of_table, beside_header = words.strip("[]"), comment, comment
            continue
        key, value = (part.strip() for part in words.split("=", 1))
        of_table += f" {comment}" if _OF_ALL.search(comment) else ""
        if key == "format" or not re.search(r"\d", _TEXT.sub("", value)):
            continue
        remark = " ".join([comment, *_continued(lines[number + 1 :])]).strip()
        mark = _weakest(remark) or next(
            (_mark_of_all(one) for one in (of_table, section, head) if _mark_of_all(one)), ""
        )
        words_beside = _BARE_MARK.sub("", remark).strip() or _BARE_MARK.sub("", beside_header).strip()
        yield Figure(name, f"{table}.{key}".lstrip("."), value, PEDIGREES.get(mark, ""), words_beside)


def _split(line: str) -> tuple[str, str]:
    """What a line says, and its comment."""
    masked = _TEXT.sub(lambda text: "_" * len(text[0]), line)
    at = masked.find("#")
    return (line.strip(), "") if at < 0 else (line[:at].strip(), line[at:].lstrip("# ").strip())


def _continued(lines: list[str]) -> Iterator[str]:
    """The comments of the next lines that go on with one beside a value: they are indented."""
    for line in lines:
        if not re.match(r"\s+#", line):
            return
        yield _split(line)[1]


def _weakest(comment: str) -> str:
    """The weakest mark of a comment; empty where it has none."""
    found = set(_MARK.findall(comment)) | ({"assumption"} if _IS_ASSUMED.search(comment) else set())
    return next((mark for mark in PEDIGREES if mark in found), "")


def _mark_of_all(comment: str) -> str:
    """The mark that a comment gives to all figures below it; empty where it gives none."""
    found = _OF_ALL.search(comment)
    return found[1] if found else ""


def files() -> list[Path]:
    """The included files with figures: the scenarios by name, then the types of aircraft."""
    return [*sorted(SCENARIOS.glob("*.toml")), *sorted((SCENARIOS / "library").glob("*.toml"))]


def all_figures() -> list[Figure]:
    """The figures of all included files."""
    return [figure for path in files() for figure in figures_of(path.stem, path.read_text(encoding="utf-8"))]


def counts() -> list[tuple[str, ...]]:
    """A row for each file, and one for all: its name, and how many of its figures are of each pedigree."""
    figures = all_figures()
    rows = []
    for name in [*dict.fromkeys(figure.file for figure in figures), "all"]:
        found = Counter(figure.pedigree for figure in figures if name in (figure.file, "all"))
        rows.append((name, *(str(found[word]) for word in reversed(PEDIGREES.values())), str(found.total())))
    return rows


if __name__ == "__main__":
    for row in counts():
        print("  ".join([f"{row[0]:16}", *(f"{cell:>9}" for cell in row[1:])]))
