"""Reading of text files up to a limit, and of TOML texts up to the limits of `sim.core.limits`."""

import ast
import re
import tomllib
from pathlib import Path as FilePath
from typing import Any

from sim.core.limits import MOST_DIGITS, MOST_KEYS, MOST_KEYS_OF_A_TABLE, MOST_NESTING, MOST_TOML_VALUES
from sim.scenario.key_lines import KeyLines, locate_keys, tokens
from sim.scenario.problems import InputError, Path, Problem, key_text

_TOO_LARGE = 10**MOST_DIGITS
_LONG_NUMBER = ("a very long number", f"whole numbers of at most {MOST_DIGITS:,} digits")


def read_bytes(path: FilePath, most_bytes: int) -> bytes:
    """The content of a file; raises `OSError` where it cannot be read, and `ValueError` where it has too many bytes."""
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise ValueError(f"it has more than {most_bytes:,} bytes")
    return content


def read_text(path: FilePath, most_bytes: int) -> str:
    """The text of a UTF-8 file, with or without a mark of byte order, and with any ends of lines.

    Raises `OSError` where it cannot be read, and `ValueError` where it has more bytes than allowed or is not UTF-8.
    """
    try:
        text = read_bytes(path, most_bytes).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def loads_within_limits(text: str, name: str) -> dict[str, Any]:
    """The tables of a TOML text; `name` is the name of its file in messages.

    Raises `tomllib.TOMLDecodeError` where the text is not valid TOML, and `InputError` where it is beyond a limit.
    """
    values = text.count(",") + text.count("=")
    if values > MOST_TOML_VALUES:
        allowed = f"a file of at most {MOST_TOML_VALUES:,} values; polygons and weather may stand in files of their own"
        raise InputError([Problem(name, None, "", f"about {values:,} values", allowed)])
    beyond = _first_beyond(text)
    if beyond is not None:
        raise InputError([Problem(name, beyond[0], "", *beyond[1:])])
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python reads no whole number of more than 4,300 digits
        long = re.search(rf"[0-9_]{{{MOST_DIGITS},}}", text)
        line = None if long is None else text.count("\n", 0, long.start()) + 1
        raise InputError([Problem(name, line, "", *_LONG_NUMBER)]) from None
    found = _first_too_large(tables)
    if found is not None:
        path, given, allowed = found
        raise InputError([Problem(name, locate_keys(text).get(path), key_text(path), given, allowed)])
    return tables


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """The tables of a TOML text, of a file of a name; raises `InputError` where it is not valid or beyond a limit."""
    try:
        return loads_within_limits(text, name)
    except tomllib.TOMLDecodeError as error:
        raise InputError([_problem_of_toml(error, name, text)]) from None


def located_toml(text: str, name: str) -> tuple[dict[str, Any], KeyLines]:
    """The tables of a TOML text, and the line of every key; raises `InputError` as `parse_toml` does."""
    return parse_toml(text, name), locate_keys(text)


def _first_beyond(text: str) -> tuple[int, str, str] | None:
    """The first line at which a text is beyond a limit, what was given, and what is allowed; None where there is none.

    The parser fails where brackets are nested too deep, its time grows with the square of the parts of a key, and it
    takes seconds for many keys. So these are counted first.
    """
    depth = parts = keys = 0
    before = "\n"
    for token, line in tokens(text):
        first = token[0]
        keys += token == "=" or (first == "[" and before == "\n" and depth == 0)
        if token in "[{":
            depth, parts = depth + 1, 0
        elif token in "]}":
            depth, parts = depth - 1, 0
        elif token in ",=\n":
            parts = 0
        elif first not in "\"'" and token.count(".") + parts > MOST_NESTING:
            parts += max(piece.count(".") for piece in token.split(","))
        elif first not in "\"'[":
            parts += token.count(".")
        if max(depth, parts) > MOST_NESTING:
            return line, "more levels", f"tables, lists and keys of at most {MOST_NESTING} levels"
        if keys > MOST_KEYS:
            return line, f"more than {MOST_KEYS:,} keys", f"a file of at most {MOST_KEYS:,} keys and headers of tables"
        before = token
    return None


def _first_too_large(tables: dict[str, Any]) -> tuple[Path, str, str] | None:
    """The first key that holds too many keys, or too long a number: its path, what was given, and what is allowed."""
    waiting = list[tuple[Path, Any]]([((), tables)])
    while waiting:
        path, here = waiting.pop()
        is_table = isinstance(here, dict)
        if is_table and len(here) > MOST_KEYS_OF_A_TABLE:
            return path, f"{len(here):,} keys", f"a table of at most {MOST_KEYS_OF_A_TABLE:,} keys"
        for part, value in here.items() if is_table else enumerate(here):
            if isinstance(value, dict | list):
                waiting.append(((*path, part), value))
            elif isinstance(value, int) and not -_TOO_LARGE < value < _TOO_LARGE:
                return (*path, part), *_LONG_NUMBER
    return None


def _problem_of_toml(error: tomllib.TOMLDecodeError, name: str, text: str) -> Problem:
    """The problem of a text that is not valid TOML, with a hint at the usual reason."""
    message, _, place = str(error).rpartition(" (at ")
    at = re.match(r"line (\d+), column (\d+)", place)
    line, column = (int(at[1]), f", column {at[2]}") if at else (text.rstrip().count("\n") + 1, "")
    begun = _open_before(text, line, int(at[2]) if at else None)
    if begun and message.startswith(("Unclosed", "Invalid value")):
        first, what = begun
        words, hint = f"a {what} that is not closed", f"close the {what} that begins on line {first}"
    else:
        words, hint = _words_of_toml(message)
    return Problem(name, line, "", f"text that is not valid TOML ({words}{column})", "a valid TOML document", hint)


def _open_before(text: str, line: int, column: int | None) -> tuple[int, str] | None:
    """The line at which a list or a table in braces begins that should have ended before an error, and which it is.

    The error is at a line and column, or without a column at the end of the text. None where the line of the error can
    belong to what is open: where it does not begin a table, or a key and its value, of its own.
    """
    whole = text.split("\n")[line - 1]
    at_end = column is None or not whole[column - 1 :].strip()
    if not at_end and not _NEXT_STATEMENT.match(whole):
        return None
    begun = list[tuple[int, str]]()
    for token, at in tokens(text):
        if at >= line + at_end:
            break
        if token in "[{":
            begun.append((at, "list" if token == "[" else "table in braces"))
        elif token in "]}" and begun:
            begun.pop()
    return begun[0] if begun else None


def _words_of_toml(message: str) -> tuple[str, str]:
    """What is wrong with a TOML text, by what the parser says, in words, and a hint at the usual reason."""
    if message.startswith("Unclosed"):
        return "a comma is missing", "write a comma between two items of a list, and between two keys in braces"
    named = _NAMES.search(message) if message.startswith("Cannot") else None
    key = key_text(ast.literal_eval(named[0])) if named else ""
    if message.startswith("Cannot declare"):
        return f"a second [{key}]", f"write [{key}] once; where it is a list, begin each of its items with [[{key}]]"
    for start, words, hint in _MESSAGES:
        if message.startswith(start):
            return words.format(key) or f"{message[0].lower()}{message[1:]}", hint
    return f"{message[0].lower()}{message[1:]}", ""


# A line that begins a table, or a key and its value: what was open before it has not been closed.
_NEXT_STATEMENT = re.compile(r"\s*(\[{1,2}\s*[A-Za-z_\"'][^,=\[\]]*\]{1,2}\s*(#.*)?$|[\w.\-\"']+\s*=)")
_NAMES = re.compile(r"\(['\"].*\)")
_QUOTES = "write quotes on both sides of a text, on one line"
_MESSAGES = (
    ("Invalid value", "", "write text in quotes, and true and false in small letters"),
    ("Expected '=' after a key", "", "write each key on a line of its own: key = value"),
    ("Invalid initial character", "", "write a table in braces on one line"),
    ("Unterminated string", "text without closing quotes", _QUOTES),
    ("Illegal character '\\n'", "text without closing quotes", _QUOTES),
    (
        "Cannot overwrite a value",
        "a key or table that is there already",
        "write each key and each table once; a key either holds a value or is a table",
    ),
    ("Duplicate inline table key", "", "write each key once"),
    ("Cannot mutate immutable namespace", "a key of {}, which is in braces", "write all its keys inside the braces"),
    ("Cannot redefine namespace", "more keys of {}, elsewhere", "write all its keys in one place"),
    (
        "Expected newline",
        "",
        "write one key on each line, nothing after its value, a point before decimals, and a local time in quotes",
    ),
)
"""How messages of the parser begin, each with clearer words for them, if there are any, and a hint."""
