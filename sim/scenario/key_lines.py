"""The line of each key of a TOML file, which the TOML parser of Python does not give."""

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # a string may end in one or two quotes of its own
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|\n|[\[\]{}=,]|[^\s\[\]{}=,#\"']+",
    re.DOTALL,
)


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    line, last = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", last, match.start())
        last = match.start()
        if not match[0].startswith("#"):
            yield match[0], line
    yield "\n", line


def _key(parts: list[str]) -> Path:
    """The path of a key as written: bare, quoted, dotted."""
    path: list[str] = []
    for part in parts:
        if part[0] in "\"'":
            path.append(str(tomllib.loads(f"v = {part}")["v"]))
        else:
            path += [piece for piece in part.split(".") if piece]
    return tuple(path)


class _Reader:
    """A reader of the tokens of a valid TOML text, which writes down the line of every key and list item."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.position = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}  # how many items each array of tables has so far

    def value(self, path: Path) -> None:
        opening = self.tokens[self.position][0]
        if opening == "[":
            self.items(path)
        elif opening == "{":
            self.position += 1
            while self.tokens[self.position][0] != "}":
                if self.tokens[self.position][0] in (",", "\n"):
                    self.position += 1
                else:
                    self.pair(path)
            self.position += 1
        else:
            while self.tokens[self.position][0] not in (",", "]", "}", "\n"):
                self.position += 1

    def items(self, path: Path) -> None:
        self.position += 1
        index = 0
        while self.tokens[self.position][0] != "]":
            if self.tokens[self.position][0] in (",", "\n"):
                self.position += 1
                continue
            self.lines[(*path, index)] = self.tokens[self.position][1]
            self.value((*path, index))
            index += 1
        self.position += 1

    def words(self, end: str) -> list[str]:
        found = []
        while self.tokens[self.position][0] != end:
            found.append(self.tokens[self.position][0])
            self.position += 1
        return found

    def note(self, prefix: Path, key: Path, line: int) -> Path:
        """Write down a key and the tables that it implies; the answer is its whole path, array items numbered."""
        path = prefix
        for part in key:
            path = (*path, part)
            self.lines.setdefault(path, line)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def pair(self, prefix: Path) -> None:
        line = self.tokens[self.position][1]
        key = _key(self.words("="))
        self.position += 1
        path = self.note(prefix, key, line)
        self.lines[path] = line
        self.value(path)

    def header(self) -> Path:
        """Read a [table] or an item of an [[array of tables]]; the answer is the path of the keys that follow."""
        line = self.tokens[self.position][1]
        is_array = self.tokens[self.position + 1][0] == "["
        self.position += 2 if is_array else 1
        key = _key(self.words("]"))
        self.position += 2 if is_array else 1
        if not is_array:
            table = self.note((), key, line)
        else:
            array = (*self.note((), key[:-1], line), key[-1])
            self.lines.setdefault(array, line)
            self.counts[array] = self.counts.get(array, 0) + 1
            table = (*array, self.counts[array] - 1)
        self.lines[table] = line
        return table


def locate_keys(text: str) -> dict[Path, int]:
    """The line, from 1, of every key and list item of a valid TOML text, by its path."""
    reader = _Reader(text)
    table: Path = ()
    while reader.position < len(reader.tokens):
        opening = reader.tokens[reader.position][0]
        if opening == "\n":
            reader.position += 1
        elif opening == "[":
            table = reader.header()
        else:
            reader.pair(table)
    return reader.lines
