"""Messages as sentences of NMEA 0183 (AIVDM), each with the time at which it was received, through pyais.

The time stands in a tag block (`c:1681084800`, seconds or milliseconds since 1970), or before or behind the sentence,
as such a number or as a date and time in ISO 8601. A message does not tell its date, so sentences without a time are
left out.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import IO, Any

import numpy as np
import pyarrow as pa

from sim.scenario.recorded.messages import ABOUT, NO_TIME, Messages

_SENTENCE = re.compile(rb"![A-Z]{2}VD[MO],[^\s\\]*?\*[0-9A-Fa-f]{2}")
_TAG_TIME = re.compile(rb"\bc:(\d{9,13})\b")
_NUMBER = re.compile(rb"(?<![\d.])(\d{10}|\d{13})(?:\.\d+)?(?![\d])")
_ISO = re.compile(rb"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?")
_PLACES, _ABOUT = (1, 2, 3, 18, 19, 27), (5, 19, 24)  # kinds of messages of ITU-R M.1371-5
_BATCH = 65_536  # messages at a time
_MOST_WAITING = 1_000  # messages of several sentences whose other sentences have not come
_EXTRA = "reading sentences of NMEA needs an extra: pip install seasweep[ais]"


def is_nmea(line: bytes) -> bool:
    """Whether a line has a sentence of AIS."""
    return _SENTENCE.search(line) is not None


def read_nmea(file: IO[bytes]) -> Iterator[Messages]:
    """The messages of a file of sentences, batch by batch; ValueError where pyais is not installed."""
    if find_spec("pyais") is None:
        raise ValueError(_EXTRA)
    reader = _Reader()
    for line in file:
        if line.strip():
            reader.take(line)
        if len(reader.places) >= _BATCH:
            yield reader.batch()
    reader.dropped["no_row"] += sum(map(len, reader.waiting.values()))
    yield reader.batch()


class _Reader:
    """Collects messages until a batch is full, and sentences until their message is complete."""

    def __init__(self) -> None:
        self.places: list[tuple[int, int, float, float]] = []
        self.about: list[tuple[int, float | None, int | None, bytes | None]] = []
        self.dropped = Counter[str]()
        self.waiting: dict[tuple[bytes, bytes], list[bytes]] = {}

    def take(self, line: bytes) -> None:
        """Take up one line."""
        found = _SENTENCE.search(line)
        if found is None:
            self.dropped["no_row"] += not line.startswith((b"#", b"$", b"\\g:"))
            return
        sentence, time_s = found[0], _time_of(line, found.span())
        sentences = self._complete(sentence)
        if sentences:
            self._decode(sentences, time_s)

    def _complete(self, sentence: bytes) -> list[bytes]:
        """The sentences of the message that a sentence completes; none while it is not complete."""
        cells = sentence.split(b",")
        if len(cells) < 7 or cells[1] == b"1":
            return [sentence]
        key = cells[3], cells[4]
        if cells[2] == b"1" or key not in self.waiting:
            self.dropped["no_row"] += len(self.waiting.pop(key, ()))
            self.waiting[key] = []
        own = self.waiting[key]
        own.append(sentence)
        if str(len(own)).encode() == cells[1]:
            return self.waiting.pop(key)
        if len(self.waiting) > _MOST_WAITING:
            self.dropped["no_row"] += len(self.waiting.pop(next(iter(self.waiting))))
        return []

    def _decode(self, sentences: list[bytes], time_s: int) -> None:
        import pyais
        from pyais.exceptions import AISBaseException

        try:
            message: Any = pyais.decode(*sentences, error_if_checksum_invalid=True)
            kind, mmsi = int(message.msg_type), int(message.mmsi)
        except (AISBaseException, ValueError, IndexError, TypeError, AttributeError, KeyError):
            self.dropped["no_row"] += 1
            return
        if kind in _PLACES:
            self.places.append((mmsi, time_s, float(message.lon), float(message.lat)))
        if kind in _ABOUT:
            self.about.append(_about_of(message, mmsi))

    def batch(self) -> Messages:
        """The messages that were collected since the last batch."""
        places = np.array(self.places, dtype=[("m", "i8"), ("t", "i8"), ("x", "f8"), ("y", "f8")])
        kinds = (pa.int64(), pa.float64(), pa.int64(), pa.binary())
        columns = list(zip(*self.about, strict=True)) or [()] * len(kinds)
        about = pa.table([pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], list(ABOUT))
        dropped, self.places, self.about, self.dropped = self.dropped, [], [], Counter()
        return Messages(places["m"].copy(), places["t"].copy(), places["x"].copy(), places["y"].copy(), about, dropped)


def _about_of(message: Any, mmsi: int) -> tuple[int, float | None, int | None, bytes | None]:
    """What a message tells of its ship."""
    length = (getattr(message, "to_bow", None) or 0) + (getattr(message, "to_stern", None) or 0)
    name = str(getattr(message, "shipname", None) or "").strip()
    kind = getattr(message, "ship_type", None)
    return mmsi, float(length) or None, None if kind is None else int(kind), name.encode() or None


def _time_of(line: bytes, sentence: tuple[int, int]) -> int:
    """Seconds since 1970 at which a line says that it was received; `NO_TIME` where it does not say so."""
    before, behind = line[: sentence[0]], line[sentence[1] :]
    tag = _TAG_TIME.search(before)
    if tag is not None:
        return _seconds(int(tag[1]))
    for text in (before, behind):
        written = _ISO.search(text)
        if written is not None:
            return _iso_seconds(written[0].decode("ascii"))
        number = _NUMBER.search(text)
        if number is not None:
            return _seconds(int(number[1]))
    return NO_TIME


def _seconds(number: int) -> int:
    """Seconds since 1970 of a number that counts seconds or milliseconds."""
    return number // 1000 if number > 10**11 else number


def _iso_seconds(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return NO_TIME
