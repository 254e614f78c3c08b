"""Where each figure of a scenario comes from, as the comments of its files say.

A comment marks a figure by [source], [derived], [assumption] or [chosen]. The comment of its line counts first. Where
it has no mark, the comment of its table, of its section (# ----) or of the head of the file counts, if it speaks of all
figures. Of several marks in one comment the weakest counts.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from sim.scenario.files import find_scenario, with_ancestors

_LIBRARY = Path(str(files("scenarios"))) / "library" / "aircraft.toml"

PEDIGREES = {  # by mark, the weakest first
    "assumption": "assumed",
    "chosen": "chosen",
    "derived": "derived",
    "source": "published",
}
_MARK = re.compile(rf"\[({'|'.join(PEDIGREES)})\b")
_OF_ALL = re.compile(rf"\b(?:all|both)\b[^.]*?\[({'|'.join(PEDIGREES)})\b", re.IGNORECASE)
_TABLE = re.compile(r"\[+[\w.\"-]+\]+$")  # a value may go on with a line that begins with a bracket, too
_TEXT = re.compile(r'"[^"]*"')
_BARE_MARK = re.compile(rf"^(?:all )?\[({'|'.join(PEDIGREES)})\](?:: |; |, )?")
_IS_ASSUMED = re.compile(r"\bis an assumption\b")


class Figure(NamedTuple):
    """A key of a file whose value has a number."""

    file: str
    key: str
    value: str
    pedigree: str
    """One of the words of `PEDIGREES`; empty where no comment says."""
    remark: str
    """What the comment of its line says besides its mark; where it says no more, the comment of its table."""


def figures_of(name: str, text: str) -> Iterator[Figure]:
    """The figures of a TOML text. A value on several lines has the comments of all of them."""
    table, head, section, of_table, beside_header = "", "", "", "", ""
    lines = _whole_values(text.splitlines())
    for number, line in enumerate(lines):
        words, comment = _split(line)
        if not words:
            if comment.startswith("----"):
                section, of_table = comment, ""
            elif not table:
                head += f"{comment} "
            continue
        if _TABLE.match(words):
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


def _whole_values(lines: list[str]) -> list[str]:
    """The lines of a TOML text, with each value in brackets on one line, and after it the comments of all its lines."""
    whole, depth = list[str](), 0
    for line in lines:
        words, comment = _split(line)
        if depth > 0:
            before, said = _split(whole[-1])
            whole[-1] = f"{before} {words} # {said} {comment}"
        else:
            whole.append(line)
        plain = _TEXT.sub("", words)
        is_header = depth == 0 and words.startswith("[")
        depth += 0 if is_header else sum(map(plain.count, "[{")) - sum(map(plain.count, "]}"))
    return whole


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


def figures_of_scenario(given: str) -> dict[str, Figure]:
    """The figures of a scenario's files by key: of those that write a key, the one that extends the others counts.

    Figures of a type of aircraft stand under the key of the aircraft that is of this type. Raises InputError for what
    is no scenario.
    """
    library = list(figures_of(_LIBRARY.stem, _LIBRARY.read_text(encoding="utf-8")))
    found: dict[str, Figure] = {}
    for file in with_ancestors(find_scenario(given)):
        for name, table in file.data.get("aircraft", {}).items():
            kind = table.get("type") if isinstance(table, dict) else None
            of_type = [figure for figure in library if kind and figure.key.startswith(f"{kind}.")]
            for figure in of_type:
                key = f"aircraft.{name}.{figure.key.partition('.')[2]}"
                found[key] = figure._replace(key=key)
        own = figures_of(file.path.stem, file.path.read_text(encoding="utf-8-sig"))
        found |= {figure.key: figure for figure in own}
    return found
