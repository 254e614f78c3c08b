"""Time zones: that of a place, and the one that was probably meant where a scenario names none."""

import math
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from sim.core.units import METRES_PER_NMI
from sim.scenario.nearest import nearest

_FARTHEST_NMI = 300.0
"""The farthest place whose clocks are taken, about an hour of flight: an assumption. Beyond are other countries."""

_MORE_PLACES = {
    "Asia/Seoul": [(124.7, 38.0), (126.4, 34.8), (126.5, 33.5), (128.6, 38.2), (129.0, 35.2), (130.9, 37.5)],
    "Asia/Shanghai": [(109.5, 18.2), (118.1, 24.5), (119.3, 26.1), (120.4, 36.1), (121.6, 38.9), (122.1, 37.5)],
    "Asia/Tokyo": [
        *[(123.0, 24.5), (124.2, 24.3), (125.3, 24.8), (127.7, 26.2), (129.5, 28.4), (142.2, 27.1), (154.0, 24.3)],
        *[(128.8, 32.7), (129.3, 34.3), (130.4, 33.6), (130.6, 31.6), (133.1, 35.5), (133.3, 36.2), (133.5, 33.6)],
        *[(139.0, 37.9), (140.7, 40.8), (141.3, 43.1), (141.7, 45.4), (144.4, 43.0)],
    ],
}
"""Places on the coasts of large countries of East Asia beside the principal ones, longitude and latitude in degrees.

Of Korea Baengnyeong, Mokpo, Jeju, Sokcho, Busan and Ulleungdo. Of China Sanya, Xiamen, Fuzhou, Qingdao, Dalian and
Weihai. Of Japan Yonaguni, Ishigaki, Miyako, Naha, Amami, Chichijima and Minamitorishima; Goto, Tsushima, Fukuoka,
Kagoshima, Matsue, Oki and Kochi; Niigata, Aomori, Sapporo, Wakkanai and Kushiro. With them the nearest place is one of
the nearest country, although the principal place of another may be nearer.
"""

_BY_ABBREVIATION = {
    "AEST": "Australia/Sydney",
    "BNT": "Asia/Brunei",
    "CHST": "Pacific/Guam",
    "CST": "Asia/Shanghai or Asia/Taipei",
    "HKT": "Asia/Hong_Kong",
    "ICT": "Asia/Bangkok or Asia/Ho_Chi_Minh",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "KST": "Asia/Seoul",
    "MYT": "Asia/Kuala_Lumpur",
    "PHST": "Asia/Manila",
    "PHT": "Asia/Manila",
    "PKT": "Asia/Karachi",
    "PST": "Asia/Manila or America/Los_Angeles",
    "SGT": "Asia/Singapore",
    "VLAT": "Asia/Vladivostok",
    "WIB": "Asia/Jakarta",
    "WIT": "Asia/Jayapura",
    "WITA": "Asia/Makassar",
    "Z": "UTC",
}
"""The zones of usual abbreviations in and about East Asia; elsewhere some of these letters mean another zone."""

_OFFSET = re.compile(r"(?:UTC|GMT)? ?([+-])(\d{1,2})(?::?00)?$", re.IGNORECASE)


def zone_of_place(lon: float, lat: float) -> str:
    """The name of the time zone of a place, in degrees: that of the nearest place of the tz database.

    Where that is far away, or its clocks differ by more than an hour from whole hours by the longitude, it is the zone
    of these whole hours.
    """
    import pyproj

    places = list(_places())
    count = len(places)
    metres = pyproj.Geod(ellps="WGS84").inv(
        [lon] * count, [lat] * count, [place[0] for place in places], [place[1] for place in places]
    )[2]
    nearest_m, (_, _, zone) = min(zip(metres, places, strict=True))
    hours = round(lon / 15.0)
    if nearest_m <= _FARTHEST_NMI * METRES_PER_NMI and abs(_standard_offset_h(zone) - hours) <= 1.0:
        return zone
    return _zone_of_hours(hours)


def meaning_of_zone(zone: str) -> str:
    """What the name of a zone of whole hours means, whose sign is the other way round; empty for any other zone."""
    match = re.match(r"Etc/GMT([+-]\d+)$", zone)
    return "" if match is None else f"This is UTC{-int(match[1]):+d}: the sign in names of this kind is turned round"


def hint_at_zone(given: str) -> str:
    """A hint at the time zone that was probably meant by an abbreviation, an offset or a misspelt name, or ""."""
    offset = _OFFSET.match(given.strip())
    if given.strip().upper() in _BY_ABBREVIATION:
        return f"did you mean {_BY_ABBREVIATION[given.strip().upper()]}?"
    if offset:
        zone = _zone_of_hours(int(offset[1] + offset[2]))
        return f"did you mean {zone}? {meaning_of_zone(zone)}".rstrip() if zone in available_timezones() else ""
    return nearest(given, sorted(zone for zone in available_timezones() if "/" in zone))


def _zone_of_hours(hours: int) -> str:
    """The zone of whole hours east of Greenwich; by convention the sign in its name is that of the way to Greenwich."""
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


@cache
def _principal_places() -> list[tuple[float, float, str]]:
    """The principal place of each time zone of each country, from `zone.tab` of the tz database (public domain)."""
    text = files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [(*_position(row[1]), row[2]) for row in rows]


def _places() -> Iterator[tuple[float, float, str]]:
    """Longitude, latitude, in degrees, and time zone of every place that is known."""
    yield from _principal_places()
    for zone, places in _MORE_PLACES.items():
        yield from ((lon, lat, zone) for lon, lat in places)


def _position(text: str) -> tuple[float, float]:
    """Longitude and latitude, in degrees, of a text such as +3733+12658: degrees, minutes and perhaps seconds."""
    lat, lon = re.findall(r"[+-]\d+", text)
    return _degrees(lon, 3), _degrees(lat, 2)


def _degrees(text: str, digits: int) -> float:
    """Degrees of a sign, so many digits of degrees, two of minutes, and perhaps two of seconds."""
    minutes = text[1 + digits :].ljust(4, "0")
    size = int(text[1 : 1 + digits]) + int(minutes[:2]) / 60.0 + int(minutes[2:]) / 3600.0
    return math.copysign(size, -1.0 if text[0] == "-" else 1.0)


def _standard_offset_h(zone: str) -> float:
    """The hours from UTC to the clocks of a zone without daylight saving."""
    offsets = [ZoneInfo(zone).utcoffset(datetime(2026, month, 1)) or timedelta() for month in (1, 7)]
    return min(offsets) / timedelta(hours=1)
