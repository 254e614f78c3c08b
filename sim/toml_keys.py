"""Where each key of a TOML file stands, which no TOML parser tells."""

import re
import tomllib
from collections.abc import Iterator

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""' + r"|'''.*?'''" + r'|"(?:\\.|[^"\\\n])*"' + r"|'[^'\n]*'"
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


def locate_keys(text: str) -> dict[Path, int]:
    """The line, from 1, of every key and list item of a valid TOML text, by its path."""
    tokens = list(_tokens(text))
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}  # how many items each array of tables has so far
    at = 0

    def value(path: Path) -> None:
        nonlocal at
        opening = tokens[at][0]
        if opening == "[":
            items(path)
        elif opening == "{":
            at += 1
            while tokens[at][0] != "}":
                if tokens[at][0] in (",", "\n"):
                    at += 1
                else:
                    pair(path)
            at += 1
        else:
            while tokens[at][0] not in (",", "]", "}", "\n"):
                at += 1

    def items(path: Path) -> None:
        nonlocal at
        at += 1
        index = 0
        while tokens[at][0] != "]":
            if tokens[at][0] in (",", "\n"):
                at += 1
                continue
            lines[(*path, index)] = tokens[at][1]
            value((*path, index))
            index += 1
        at += 1

    def words(end: str) -> list[str]:
        nonlocal at
        found = []
        while tokens[at][0] != end:
            found.append(tokens[at][0])
            at += 1
        return found

    def note(prefix: Path, key: Path, line: int) -> Path:
        """Write down a key and the tables it implies; answer its whole path, array items counted."""
        path = prefix
        for part in key:
            path = (*path, part)
            lines.setdefault(path, line)
            if path in counts:
                path = (*path, counts[path] - 1)
        return path

    def pair(prefix: Path) -> None:
        nonlocal at
        line = tokens[at][1]
        key = _key(words("="))
        at += 1
        path = note(prefix, key, line)
        lines[path] = line
        value(path)

    table: Path = ()
    while at < len(tokens):
        token, line = tokens[at]
        if token == "\n":
            at += 1
        elif token == "[" and tokens[at + 1][0] == "[":
            at += 2
            key = _key(words("]"))
            at += 2
            parent = note((), key[:-1], line)
            array = (*parent, key[-1])
            lines.setdefault(array, line)
            counts[array] = counts.get(array, 0) + 1
            table = (*array, counts[array] - 1)
            lines[table] = line
        elif token == "[":
            at += 1
            table = note((), _key(words("]")), line)
            lines[table] = line
            at += 1
        else:
            pair(table)
    return lines
