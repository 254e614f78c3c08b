"""Messages in CSV files, batch by batch."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from sim.scenario.problems import shortened
from sim.scenario.recorded.cells import is_text, numbers, seconds
from sim.scenario.recorded.column_sets import Columns, recognised, type_code
from sim.scenario.recorded.messages import ABOUT, NO_TIME, Messages

_LONGEST_HEADER = 65_536
_BLOCK = 8 << 20  # bytes that are read at a time
_SEPARATORS = ",;\t|"
_NULLS = ["", "NULL", "null", "NaN", "nan", "N/A", "None", "Unknown", "Undefined"]


def header_of(line: bytes) -> tuple[list[str], str]:
    """The names of the columns in the first line of a file, and what separates them.

    Raises ValueError where the first line holds no such names.
    """
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("it is UTF-16 text; save it as CSV in UTF-8")
    if not line.strip():
        raise ValueError("it is empty")
    if b"\0" in line or len(line) >= _LONGEST_HEADER:
        raise ValueError("it is no text: neither CSV, Parquet, nor sentences of NMEA")
    text = line.decode("utf-8-sig", errors="replace").strip()
    separator = max(_SEPARATORS, key=text.count)
    names = [name.strip() for name in next(csv.reader([text], delimiter=separator))]
    return names, separator


def read_csv(file: IO[bytes]) -> Iterator[Messages]:
    """The messages of a CSV file, batch by batch.

    Raises ValueError where its header is that of no archive, or where its rows cannot be read at all.
    """
    header, separator = header_of(file.readline(_LONGEST_HEADER))
    columns = recognised(header)
    numbered = [f"{place}" for place in range(len(header))]  # names may be there twice
    places = {meaning: numbered[header.index(name)] for meaning, name in columns.names.items()}
    wrong = Counter[str]()

    def skip(_row: Any) -> str:
        wrong["no_row"] += 1
        return "skip"

    try:
        reader = pcsv.open_csv(
            file,
            pcsv.ReadOptions(column_names=numbered, block_size=_BLOCK, use_threads=False),
            pcsv.ParseOptions(delimiter=separator, invalid_row_handler=skip),
            pcsv.ConvertOptions(
                check_utf8=False,
                include_columns=list(places.values()),
                column_types={place: pa.binary() if what == "name" else pa.string() for what, place in places.items()},
                null_values=_NULLS,
                strings_can_be_null=True,
            ),
        )
        for batch in reader:
            table = pa.table({what: batch.column(place) for what, place in places.items()})
            yield messages_of(table, columns, Counter(wrong))
            wrong.clear()
    except pa.ArrowInvalid as error:
        if "Empty CSV" not in str(error):
            raise ValueError(f"its rows cannot be read as CSV ({shortened(str(error).splitlines()[0])})") from None
    if wrong:
        yield messages_of(pa.table({what: pa.array([], pa.string()) for what in places}), columns, wrong)


def messages_of(table: Any, columns: Columns, dropped: Counter[str]) -> Messages:
    """The messages of a table, whose columns are named by what they hold: see `column_sets`."""
    mmsi, lon, lat = (numbers(table.column(name)) for name in ("mmsi", "lon", "lat"))
    time_s = seconds(table.column("time"), columns.is_day_first)
    whole = pc.if_else(pc.and_(pc.greater_equal(mmsi, 0.0), pc.less(mmsi, 1e12)), mmsi, None)
    number = np.asarray(pc.fill_null(pc.cast(whole, pa.int64(), safe=False), -1).to_numpy(), np.int64)
    return Messages(
        number,
        np.asarray(pc.fill_null(time_s, NO_TIME).to_numpy(), np.int64),
        _floats(lon),
        _floats(lat),
        _about(table, number),
        dropped,
    )


def _floats(column: Any) -> Any:
    return np.asarray(pc.fill_null(column, np.nan).to_numpy(), float)


def _about(table: Any, mmsi: Any) -> Any:
    """What a table tells of each ship: the greatest of each number and the last name in the alphabet, in any order."""
    readers = {"length_m": (numbers, pa.float64()), "ship_type": (_types, pa.int64()), "name": (_bytes, pa.binary())}
    found: dict[str, Any] = {"mmsi": pa.array(mmsi)}
    for name, (read, kind) in readers.items():
        found[name] = read(table.column(name)) if name in table.column_names else pa.nulls(len(mmsi), kind)
    grouped = pa.table(found).group_by("mmsi", use_threads=False)
    greatest = grouped.aggregate([(name, "max") for name in ABOUT[1:]])
    return greatest.rename_columns([name.removesuffix("_max") for name in greatest.column_names]).select(ABOUT)


def _types(column: Any) -> Any:
    """Kinds of ships as codes of ITU-R M.1371."""
    if not is_text(column.type):
        return pc.cast(numbers(column), pa.int64(), safe=False)
    distinct = pc.unique(column)
    codes = [None if word is None else type_code(_decoded(word)) for word in _bytes(distinct).to_pylist()]
    return pc.take(pa.array(codes, pa.int64()), pc.index_in(column, distinct))


def _bytes(column: Any) -> Any:
    """Texts as bytes, which may be no UTF-8; nothing where the column has no texts."""
    kind = column.type
    is_bytes = is_text(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    return pc.cast(column, pa.binary()) if is_bytes else pa.nulls(len(column), pa.binary())


def _decoded(word: bytes) -> str:
    return word.decode("utf-8", errors="replace")
