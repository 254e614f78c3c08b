"""The line of each key of a TOML file, which the TOML parser of Python does not give."""

import re
import tomllib
from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?(?:"{3,5}|\Z)'  # a string may end in one or two quotes of its own
    r"|'''.*?(?:'{3,5}|\Z)"
    r'|"(?:\\.|[^"\\\n])*(?:"|\Z|(?=\n))'  # one that does not end takes its whole line: no text is then read twice
    r"|'[^'\n]*(?:'|\Z|(?=\n))"
    r"|\[[^\[\]{}=#\"']*\]"  # a list of plain values, or the header of a table without quotes
    r"|\#[^\n]*|\n\s*|[\[\]{}=,]|[^\s\[\]{}=,#\"']+",
    re.DOTALL,
)


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of a TOML text without comments, and the line of each; the text need not be valid."""
    line, last = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", last, match.start())
        last = match.start()
        token = match[0]
        if token[0] == "\n":
            yield "\n", line
        elif token[0] != "#":
            yield token, line
    yield "\n", line


class Written:
    """A key as it was written: its line, all that lies below it, and the file, which is also the file of all below."""

    __slots__ = ("below", "file", "line")

    def __init__(self, line: int | None = None, file: str | None = None) -> None:
        """Begin without anything below."""
        self.line, self.file = line, file
        self.below: dict[str | int, Written | int] | list[int] | None = None

    def child(self, part: str | int) -> "Written | int | None":
        """What was written under a key or at an index: a line alone where nothing lies below it; None for nothing."""
        below = self.below
        if isinstance(below, dict):
            return below.get(part)
        return below[part] if below is not None and isinstance(part, int) and part < len(below) else None

    def children(self) -> Iterator[tuple[str | int, "Written | int"]]:
        """All that lies directly below, in the order of the file."""
        yield from enumerate(self.below) if isinstance(self.below, list) else (self.below or {}).items()

    def copy(self) -> "Written":
        """A copy that shares nothing that can change."""
        twin = Written(self.line, self.file)
        if isinstance(self.below, list):
            twin.below = self.below.copy()
        elif self.below is not None:
            twin.below = {key: at.copy() if isinstance(at, Written) else at for key, at in self.below.items()}
        return twin

    def make_child(self, part: str | int) -> "Written":
        """What was written under a key, made where there is nothing yet."""
        if not isinstance(self.below, dict):
            self.below = dict(self.children())
        found = self.below.get(part)
        if not isinstance(found, Written):
            found = self.below[part] = Written(found)
        return found


class KeyLines(Mapping[Path, int]):
    """The line, from 1, of every key and list item, by its path."""

    def __init__(self, top: Written) -> None:
        """Take what was written at the top of a file, with all that lies below."""
        self.top = top

    def __getitem__(self, path: Path) -> int:
        """The line of a path; raises `KeyError` where nothing was written there."""
        here: Written | int | None = self.top
        for part in path:
            here = here.child(part) if isinstance(here, Written) else None
        line = here.line if isinstance(here, Written) else here
        if line is None:
            raise KeyError(path)
        return line

    def __iter__(self) -> Iterator[Path]:
        """All paths, in the order of the file."""
        waiting: list[tuple[Path, Written | int]] = [((), self.top)]
        while waiting:
            path, here = waiting.pop()
            if path:
                yield path
            if isinstance(here, Written):
                waiting += [((*path, part), child) for part, child in reversed(list(here.children()))]

    def __len__(self) -> int:
        """How many keys and list items there are."""
        return sum(1 for _ in self)


def _key(parts: list[str]) -> Path:
    """The path of a key as written: bare, quoted, dotted."""
    path: list[str] = []
    for part in parts:
        if part[0] in "\"'":
            path.append(str(tomllib.loads(f"v = {part}")["v"]))
        else:
            path += [piece for piece in part.split(".") if piece]
    return tuple(path)


def _item_lines(text: str, line: int) -> list[int]:
    """The line of each item of a list of plain values, which begins on a line."""
    items = text[1:-1].split(",")
    if not items[-1].strip():
        items.pop()
    if "\n" not in text:
        return [line] * len(items)
    lines = []
    for item in items:
        blank = len(item) - len(item.lstrip())
        lines.append(line + item.count("\n", 0, blank))
        line += item.count("\n")
    return lines


class _Reader:
    """A reader of the tokens of a valid TOML text, which writes down the line of every key and list item."""

    def __init__(self, text: str) -> None:
        self.tokens = list(tokens(text))
        self.position = 0
        self.top = Written()
        self.arrays: set[int] = set()  # the identities of the arrays of tables

    def value(self, parent: Written, part: str | int, line: int) -> None:
        """Read a value, which belongs under a key or at an index of its parent."""
        opening = self.tokens[self.position][0]
        if opening[0] in "[{":
            found = parent.make_child(part)
            found.line = line
            if opening == "[":
                self.items(found)
            elif opening == "{":
                self.pairs(found)
            else:
                self.position += 1
                found.below = _item_lines(opening, self.tokens[self.position - 1][1])
            return
        if not isinstance(parent.below, dict):
            parent.below = {}
        parent.below[part] = line
        while self.tokens[self.position][0] not in (",", "]", "}", "\n"):
            self.position += 1

    def pairs(self, table: Written) -> None:
        """Read the keys and values of a table in braces."""
        self.position += 1
        while self.tokens[self.position][0] != "}":
            if self.tokens[self.position][0] in (",", "\n"):
                self.position += 1
            else:
                self.pair(table)
        self.position += 1

    def items(self, array: Written) -> None:
        """Read the items of a list."""
        self.position += 1
        index = 0
        while self.tokens[self.position][0] != "]":
            opening, line = self.tokens[self.position]
            if opening in (",", "\n"):
                self.position += 1
                continue
            self.value(array, index, line)
            index += 1
        self.position += 1

    def words(self, end: str) -> list[str]:
        """Read the tokens up to an end."""
        found = []
        while self.tokens[self.position][0] != end:
            found.append(self.tokens[self.position][0])
            self.position += 1
        return found

    def note(self, table: Written, key: Path, line: int) -> Written:
        """Write down a key and the tables that it implies; in an array of tables, below its last table."""
        for part in key:
            table = table.make_child(part)
            table.line = line if table.line is None else table.line
            if id(table) in self.arrays:
                table = self.last_of(table)
        return table

    def last_of(self, array: Written) -> Written:
        """The last table of an array of tables."""
        return array.make_child(len(array.below or ()) - 1)

    def pair(self, table: Written) -> None:
        """Read a key and its value."""
        line = self.tokens[self.position][1]
        *above, last = _key(self.words("="))
        self.position += 1
        self.value(self.note(table, tuple(above), line), last, line)

    def header(self) -> Written:
        """Read a [table] or an item of an [[array of tables]]; the answer is the table of the keys that follow."""
        (opening, line), (following, _) = self.tokens[self.position : self.position + 2]
        self.position += 1
        if opening != "[":  # [a.b]
            return self.table(_key(opening[1:-1].split()), line)
        is_array = following[0] == "["
        if following[0] == "[" and following != "[":  # [[a.b]]
            self.position += 2
            key = _key(following[1:-1].split())
        else:
            self.position += is_array
            key = _key(self.words("]"))
            self.position += 1 + is_array
        return self.item_of_array(key, line) if is_array else self.table(key, line)

    def table(self, key: Path, line: int) -> Written:
        """Note the header of a table."""
        table = self.note(self.top, key, line)
        table.line = line
        return table

    def item_of_array(self, key: Path, line: int) -> Written:
        """Note one more item of an array of tables."""
        array = self.note(self.top, key[:-1], line).make_child(key[-1])
        array.line = line if array.line is None else array.line
        self.arrays.add(id(array))
        item = array.make_child(len(array.below or ()))
        item.line = line
        return item


def locate_keys(text: str) -> KeyLines:
    """The line, from 1, of every key and list item of a valid TOML text, by its path."""
    reader = _Reader(text)
    table = reader.top
    while reader.position < len(reader.tokens):
        opening = reader.tokens[reader.position][0]
        if opening == "\n":
            reader.position += 1
        elif opening[0] == "[":
            table = reader.header()
        else:
            reader.pair(table)
    return KeyLines(reader.top)
