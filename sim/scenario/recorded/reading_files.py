"""Any file of messages: which reader it needs, by its content more than by its name."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sim.scenario.recorded.csv_messages import read_csv
from sim.scenario.recorded.messages import Messages
from sim.scenario.recorded.nmea_messages import is_nmea, read_nmea
from sim.scenario.recorded.opening import DAMAGED, FAULTS, members, opened, plain_name
from sim.scenario.recorded.parquet_messages import read_parquet

_PARQUET = b"PAR1"
_HEAD = 8_192
_NAMES = re.compile(r"ais(?:dk)?[-_](\d{4})[-_]?(\d{2})(?:[-_]?(\d{2}))?(?!\d)")
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
Period = tuple[int, int]
"""Seconds since 1970 at which a period begins and ends."""


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(len(_PARQUET)) == _PARQUET


def read_messages(path: Path) -> Iterator[tuple[Messages, Period]]:
    """The messages of a file, batch by batch, each with the period that its file's name tells.

    Raises ValueError, which says what is wrong, where the file holds no messages in a form that is known, and OSError
    where the system cannot read it.
    """
    try:
        for member in members(path):
            period = period_of(plain_name(path, member))
            for batch in _read_member(path, member):
                yield batch, period
    except FAULTS:
        raise ValueError(DAMAGED) from None


def _read_member(path: Path, member: str) -> Iterator[Messages]:
    if not member and is_parquet(path):
        yield from read_parquet(path)
        return
    with opened(path, member) as file:
        is_sentences = any(is_nmea(line) for line in file.read(_HEAD).split(b"\n"))
    with opened(path, member) as file:
        yield from read_nmea(file) if is_sentences else read_csv(file)


def period_of(name: str) -> Period:
    """The day or the month that the name of a file of an archive tells, such as ais_2023_04_10.csv.

    For another name it is the time from 1990 to 2100: other clocks are wrong in any case.
    """
    found = _NAMES.search(name)
    begin, end = _FIRST, _LAST
    if found is not None:
        year, month, day = (int(part or 0) for part in found.groups())
        try:
            begin = datetime(year, month, day or 1, tzinfo=UTC)
            end = begin + timedelta(days=1 if day else monthrange(year, month)[1])
        except ValueError:  # no date
            begin, end = _FIRST, _LAST
    return int(begin.timestamp()), int(end.timestamp())
