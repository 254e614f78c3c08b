"""The columns of archives of AIS, recognised by their headers.

Names are compared without case, spaces and marks, so `# Timestamp` is `timestamp` and `BaseDateTime` is
`base_date_time`.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

_NAMES = {
    "time": ("basedatetime", "timestamp"),
    "mmsi": ("mmsi",),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "longitude"),
    "length_m": ("length",),
    "ship_type": ("vesseltype", "shiptype"),
    "name": ("vesselname", "name"),
}
"""The names of the columns that are read, by what they hold."""
REQUIRED = ("time", "mmsi", "lat", "lon")
_DANISH, _AMERICAN = "timestamp", "basedatetime"
_SETS = {
    "MarineCadastre": "MMSI, BaseDateTime, LAT, LON, SOG, COG, Heading, VesselName, IMO, CallSign, VesselType, Status, "
    "Length, Width, Draft, Cargo, TransceiverClass",
    "the Danish Maritime Authority": "# Timestamp, Type of mobile, MMSI, Latitude, Longitude, Navigational status, "
    "ROT, SOG, COG, Heading, IMO, Callsign, Name, Ship type, Cargo type, Width, Length, ...",
}
"""The column sets that are read, by their publishers."""

_TYPES = {
    "fishing": 30, "towing": 31, "towing long/wide": 32, "dredging": 33, "diving": 34, "military": 35, "sailing": 36,
    "pleasure": 37, "hsc": 40, "pilot": 50, "sar": 51, "tug": 52, "port tender": 53, "anti-pollution": 54,
    "law enforcement": 55, "medical": 58, "passenger": 60, "cargo": 70, "tanker": 80, "other": 90,
}  # fmt: skip
"""The words of the Danish Maritime Authority for the codes of ITU-R M.1371-5, table 53."""


class Columns(NamedTuple):
    """Which columns of a file hold what."""

    names: dict[str, str]
    """The name in the file of each column that is read, by what it holds."""
    is_day_first: bool
    """Whether times are written with the day first, as 31/12/2023 23:59:59."""


def recognised(header: Sequence[str]) -> Columns:
    """The columns of a header; raises ValueError, which says what is allowed, where no known archive has it."""
    plain = [re.sub(r"[^a-z]", "", name.lower()) for name in header]
    found = dict[str, str]()
    for meaning, names in _NAMES.items():
        places = [place for place, name in enumerate(plain) if name in names]
        if len(places) > 1:
            raise ValueError(f"it has two columns of the same meaning, {header[places[0]]} and {header[places[1]]}")
        if places:
            found[meaning] = header[places[0]]
    lacking = [name for name in REQUIRED if name not in found]
    if lacking:
        sets = "; ".join(f"those of {publisher}: {columns}" for publisher, columns in _SETS.items())
        words = {"time": "times (BaseDateTime or # Timestamp)", "mmsi": "MMSI", "lat": "latitude", "lon": "longitude"}
        absent = ", ".join(words[name] for name in lacking)
        raise ValueError(f"it has no column of {absent}; its header must have the columns of one archive, {sets}")
    return Columns(found, _DANISH in plain and _AMERICAN not in plain)


def type_code(word: str) -> int:
    """The code of a kind of ship that is written as a number or as a word; 0 where it is neither."""
    text = word.strip().lower()
    number = re.fullmatch(r"(\d{1,2})(\.0*)?", text)
    return int(number[1]) if number else _TYPES.get(text, 0)
