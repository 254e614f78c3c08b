"""A synthetic day of AIS messages, in the columns of two archives and as sentences: an example, and input for tests.

`python -m tools.make_recorded_sample` writes the included sample into `scenarios/recorded`. Nothing in it was recorded:
ships, places and numbers are made up, and the MMSI begin with 299, which no state has.
"""

import csv
import gzip
import io
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.study.recordings import import_recording

DAY = datetime(2023, 4, 10, tzinfo=UTC)
BOX = (123.5, 28.0, 128.5, 32.5)
_FIRST_MMSI = 299_000_000
MARINE_CADASTRE = (
    "MMSI", "BaseDateTime", "LAT", "LON", "SOG", "COG", "Heading", "VesselName", "IMO", "CallSign", "VesselType",
    "Status", "Length", "Width", "Draft", "Cargo", "TransceiverClass",
)  # fmt: skip
DANISH = (
    "# Timestamp", "Type of mobile", "MMSI", "Latitude", "Longitude", "Navigational status", "ROT", "SOG", "COG",
    "Heading", "IMO", "Callsign", "Name", "Ship type", "Cargo type", "Width", "Length",
    "Type of position fixing device", "Draught", "Destination", "ETA", "Data source type", "A", "B", "C", "D",
)  # fmt: skip
_WORDS = {30: "Fishing", 70: "Cargo", 80: "Tanker"}


class Message(NamedTuple):
    """One message that tells a place."""

    mmsi: int
    moment: datetime
    lon: float
    lat: float
    sog: float
    cog: float
    ship_type: int
    length: int


def messages(ships: int, hours: float, every_s: float, seed: int = 1, start: datetime = DAY) -> Iterator[Message]:
    """The messages of some ships by time: straight stretches of some hours, and now and then an hour of silence."""
    lots = np.random.default_rng(seed)
    west, south, east, north = BOX
    kinds, lengths = lots.choice([30, 70, 80], ships), lots.integers(20, 230, ships)
    lon, lat = lots.uniform(west, east, ships), lots.uniform(south, north, ships)
    speed, course = lots.uniform(0.0, 15.0, ships), lots.uniform(0.0, 360.0, ships)
    silent_until = np.zeros(ships)
    offset = lots.uniform(0.0, every_s, ships)
    for step in range(int(hours * 3600.0 / every_s)):
        turns = lots.uniform(size=ships) < every_s / 3600.0 / 4.0
        course = np.where(turns, lots.uniform(0.0, 360.0, ships), course)
        speed = np.where(turns, lots.uniform(0.0, 15.0, ships), speed)
        starts = lots.uniform(size=ships) < every_s / 3600.0 / 24.0
        silent_until = np.where(starts, step * every_s + lots.uniform(5400.0, 10800.0, ships), silent_until)
        for one in range(ships):
            seconds = step * every_s + offset[one]
            if seconds >= silent_until[one]:
                moment = start + timedelta(seconds=int(seconds))
                yield Message(
                    _FIRST_MMSI + one, moment, round(float(lon[one]), 5), round(float(lat[one]), 5),
                    round(float(speed[one]), 1), round(float(course[one]), 1), int(kinds[one]), int(lengths[one]),
                )  # fmt: skip
        miles = speed * every_s / 3600.0
        lat = lat + miles / 60.0 * np.cos(np.radians(course))
        lon = lon + miles / 60.0 * np.sin(np.radians(course)) / np.cos(np.radians(lat))
        outside = (lon < west) | (lon > east) | (lat < south) | (lat > north)
        course = np.where(
            outside, np.degrees(np.arctan2(0.5 * (west + east) - lon, 0.5 * (south + north) - lat)), course
        )


def marine_cadastre(found: Iterable[Message]) -> str:
    """Messages as a file of MarineCadastre."""
    rows = (
        (m.mmsi, f"{m.moment:%Y-%m-%dT%H:%M:%S}", m.lat, m.lon, m.sog, m.cog, 511, f"SYNTHETIC {m.mmsi}", "", "",
         m.ship_type, 0, m.length, "", "", "", "A")
        for m in found
    )  # fmt: skip
    return _csv(MARINE_CADASTRE, rows)


def danish(found: Iterable[Message], decimal_comma: bool = False) -> str:
    """Messages as a file of the Danish Maritime Authority."""

    def number(value: float) -> str:
        return f"{value}".replace(".", ",") if decimal_comma else f"{value}"

    rows = (
        (f"{m.moment:%d/%m/%Y %H:%M:%S}", "Class A", m.mmsi, number(m.lat), number(m.lon), "Under way using engine", "",
         number(m.sog), number(m.cog), "", "Unknown", "", f"SYNTHETIC {m.mmsi}", _WORDS[m.ship_type], "", "", m.length,
         "GPS", "", "", "", "AIS", "", "", "", "")
        for m in found
    )  # fmt: skip
    return _csv(DANISH, rows)


def _csv(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def main() -> int:
    """Write the included sample."""
    folder = Path(__file__).resolve().parent.parent / "scenarios" / "recorded"
    folder.mkdir(exist_ok=True)
    found = list(messages(40, 24.0, 600.0))
    for name, text in (("ais_2023_04_10.csv.gz", marine_cadastre(found)), ("aisdk-2023-04-10.csv.gz", danish(found))):
        (folder / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        sys.stdout.write(f"{folder / name}: {len(found):,} messages\n")
    import_recording([folder / "ais_2023_04_10.csv.gz"], folder / "ships.parquet")
    return 0


if __name__ == "__main__":
    sys.exit(main())
