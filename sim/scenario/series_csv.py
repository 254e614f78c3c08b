"""CSV files of measured weather: their columns, with the line of each row for errors."""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path as FilePath
from typing import Any

from sim.core.limits import MOST_SERIES_BYTES
from sim.core.text import counted
from sim.core.units import SECONDS_PER_HOUR
from sim.model.weather_quantities import QUANTITIES
from sim.scenario.nearest import nearest_key
from sim.scenario.problems import InputError, Problem, shortened, toml_text
from sim.scenario.reading import read_bytes

TIMES = ("time_h", "time")
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_DECIMAL_POINT = "write a point before decimals, and no mark between thousands"


def read_csv(path: FilePath, name: str, start: datetime) -> tuple[dict[str, list[Any]], list[int]]:
    """Return the columns of a CSV file, times as hours since the start, and the lines of its header and of each row.

    `name` is the name of the file in messages. Cells that hold no number are returned as text. Raises `InputError` for
    a problem in the file, with its line, and `OSError` or `ValueError` where it cannot be read at all.
    """
    rows = _csv_rows(_text(path), name)
    line, header = next(rows, (1, []))
    _check_header(header, name, line)
    columns: dict[str, list[Any]] = {"time_h": [], **{key: [] for key in header if key not in TIMES}}
    lines = [line]
    for number, cells in rows:
        if len(cells) != len(header):
            allowed = f"{counted(len(header), 'cell')}, one for each column"
            hint = _other_separator(cells[0]) if len(cells) == 1 else _DECIMAL_POINT if len(cells) > len(header) else ""
            raise InputError([Problem(name, number, "", counted(len(cells), "cell"), allowed, hint)])
        for column, cell in zip(header, cells, strict=True):
            key = "time_h" if column == "time" else column
            columns[key].append(_hour(cell, start, name, number) if column == "time" else _number(cell, column))
        lines.append(number)
    return columns, lines


def _text(path: FilePath) -> str:
    """The text of a file in UTF-8, or in UTF-16 with its mark, as some spreadsheets write it."""
    raw = read_bytes(path, MOST_SERIES_BYTES)
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells of a text, without blank lines and lines that begin with #."""
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if line.strip() and not line.startswith("#"):
            try:
                cells = next(csv.reader([line], strict=True))
            except csv.Error:
                given = "a quotation mark without another" if line.count('"') % 2 else "text that is no row of cells"
                allowed = "cells between commas, each with a quotation mark at both ends or with none"
                raise InputError([Problem(name, number, "", given, allowed)]) from None
            yield number, [cell.strip() for cell in cells]


def _check_header(header: list[str], name: str, line: int) -> None:
    """Refuse a first row with unknown columns, a column twice, or not one column of times."""
    columns = [*TIMES, *QUANTITIES]
    for column in header:
        if column not in columns:
            hint = _other_separator(column) or nearest_key(column, columns)[1]
            raise InputError(
                [Problem(name, line, "", f"an unknown column, {shortened(column)}", ", ".join(columns), hint)]
            )
    allowed = "" if len(set(header)) == len(header) else "a header that names each column once"
    if len(set(TIMES) & set(header)) != 1:
        allowed = "one column of times, time_h (hours since the scenario's start) or time (ISO 8601 with an offset)"
    if allowed:
        given = f"the columns {shortened(', '.join(header))}" if header else "an empty file"
        raise InputError([Problem(name, line, "", given, allowed)])


def _other_separator(cell: str) -> str:
    """A hint where a cell holds a mark that other files have between columns; empty for none."""
    found = next((name for mark, name in _OTHER_SEPARATORS.items() if mark in cell), "")
    return f"separate columns by commas, not by {found}, and write a point before decimals" if found else ""


def _hour(text: str, start: datetime, name: str, line: int) -> float:
    """Hours since the scenario's start of a date and time in ISO 8601."""
    try:
        return (datetime.fromisoformat(text) - start).total_seconds() / SECONDS_PER_HOUR
    except (ValueError, TypeError, OverflowError):  # not a date and time, one without an offset, or in the year 0
        allowed = "a date and time with an offset, such as 2023-04-10T00:00:00Z"
        raise InputError([Problem(name, line, "time", toml_text(text), allowed)]) from None


def _number(text: str, column: str) -> float | str:
    """The number in a cell, an integer for a code; the text itself where it is not a number."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if column == "sea_state" and number.is_integer() else number


def hint_at_cell(given: str) -> str:
    """A hint at what to write instead of a cell that holds no number; empty where none is evident."""
    return _DECIMAL_POINT if "," in given and any(character.isdigit() for character in given) else ""
