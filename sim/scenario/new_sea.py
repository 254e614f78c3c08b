"""A whole new scenario about a place: its required tables with values that work, and optional parts as comments.

Above each key stands the first sentence of its meaning, from the schema, so that the file says what the reference says.
"""

import math
import re
import textwrap
from collections.abc import Iterator

from sim.core.geo import is_open_sea
from sim.core.kinds import default_kinds
from sim.core.text import visible
from sim.scenario.json_schema import KeyRow, key_rows
from sim.scenario.schema import NAMED_TABLES, Scenario
from sim.scenario.time_zones import meaning_of_zone, zone_of_place

Place = tuple[float, float]
"""Longitude and latitude, in degrees."""

DEFAULT_MIDDLE = (125.0, 30.0)  # in the East China Sea
MOST_EAST, MOST_NORTH = 175.0, 58.0
"""The farthest middle of a sea, either way, whose theatre stays off the date line and the polar regions, in degrees."""

_HALF_AREA_DEG = 1.0  # of latitude: half the height of the area
_HALF_THEATRE_DEG = 6.0  # of latitude: room for the ways of ships and aircraft
_BASE_DEG = 2.5  # of latitude, from the middle to a base of which nothing is known
_WIDTH = 100
_MOST_TITLE = 200  # characters

_HEAD = """\
# {title}: a whole scenario. Every value is an example to be replaced by your own.
#
# Above each key stands what it means; https://toml.io explains the form of the file. Positions are [longitude,
# latitude] in degrees. Parts that may be left out are comments at the end: remove "# " before their lines to use them.
"""

_REQUIRED = """\
format = 1
{title_line}
start = 2026-04-01T00:00:00Z
duration_days = 30.0
{time_zone_line}

[theatre]
west = {west}
south = {south}
east = {east}
north = {north}

# ---- where transfers happen; land inside the polygon does not count
[areas.sea]
polygon = [{corners}]

[transfers.fuel]
area = "sea"
per_month = 20.0
duration_h = {{ median = 5.0, sigma = 0.5 }}
night_share = 0.6

# ---- who searches, and with what
[sensors.radar]
kind = "radar"

[sensors.radar.law]
kind = "scan"
probability = 0.9
range_half_nmi = 60.0
roll_off = 8.0
max_range_nmi = 90.0
look_interval_s = 300.0

[aircraft.plane]
type = "p3c"
sensors = ["radar"]

{base_line}
[bases.home]
position = [{base}]

[routes.search]
pattern = "parallel_sweep"
area = "sea"
spacing_nmi = 30.0

[patrols.daily]
aircraft = "plane"
base = "home"
routes = ["search"]
nation = "own"
first_takeoff_h = "06:00"
every_h = 24.0
max_delay_h = 6.0
"""

_OPTIONAL = {
    "Ships that are no transfer: they cost the crew time.": """\
[background.merchant]
area = "sea"
present = 200
speed_kn = {{ low = 8.0, high = 14.0 }}
suspicious_share = 0.02
""",
    "Classes of vessels by size, and a camera whose performance depends on size, haze and light.": """\
[vessels.tanker]
length_m = 180.0
height_ft = 100.0

[sensors.camera]
kind = "eo_ir"

[sensors.camera.law]
kind = "definite_range"
range_nmi = 10.0
probability = 0.9
""",
    "Weather, the same at every hour; a file of measured weather can take its place.": """\
[environment]
sea_state = 3
visibility_nmi = 10.0
wind_kn = 15.0
wind_from_deg = 330.0
""",
    "A second route; write it among the routes of a patrol, or let a study choose between them.": """\
[routes.square]
pattern = "expanding_square"
area = "sea"
spacing_nmi = 20.0
""",
    "A second patrol, and a group in which the two divide the route.": """\
[patrols.second]
aircraft = "plane"
base = "home"
routes = ["search"]
nation = "own"
first_takeoff_h = "18:00"
every_h = 24.0

[groups.both]
patrols = ["daily", "second"]
divide = "area"
""",
    "Airspace that flights avoid.": """\
[zones.closed]
polygon = [{zone}]
""",
    "Fighters that come to look and cost time.": """\
[intercepts.fighters]
per_100_h = 5.0
time_h = 0.5
""",
    "Somebody else who sees transfers, and an agreement over which reports reach the patrol as tips.": """\
[nations.own]
title = "Own nation"

[nations.partner]
title = "Partner"

[observers.eye]
kind = "satellite"
nation = "partner"
sensor = "radar"
revisit_h = 12.0
first_pass_h = "05:30"
swath_nmi = 100.0
probability = 0.7
position_error_nmi = 1.0
delay_h = 1.0

[agreements.with_partner]
nations = ["own", "partner"]
delay_h = 1.0

[patrols.daily.tips]
divert = true
""",
    "More results, which take longer.": """\
[outputs]
contacts = true
""",
}


def new_sea(title: str, middle: Place = DEFAULT_MIDDLE, base: Place | None = None) -> str:
    """The text of a whole scenario whose transfers happen about a place, in the form of TOML.

    `base` is the position of the base; without it the file has a place toward the equator, as an example. Local times
    are those of the base.
    """
    import tomli_w

    lon, lat = middle
    wide = 1.0 / math.cos(math.radians(lat))
    home = base or (lon, round(lat - math.copysign(_BASE_DEG, lat), 2))
    half_lon, half_lat = round(_HALF_AREA_DEG * wide, 1), _HALF_AREA_DEG
    around = {
        "west": max(-180, math.floor(min(lon - _HALF_THEATRE_DEG * wide, home[0] - 1.0))),
        "south": max(-65, math.floor(min(lat - _HALF_THEATRE_DEG, home[1] - 1.0))),
        "east": min(180, math.ceil(max(lon + _HALF_THEATRE_DEG * wide, home[0] + 1.0))),
        "north": min(65, math.ceil(max(lat + _HALF_THEATRE_DEG, home[1] + 1.0))),
    }
    values = {name: f"{edge:.1f}" for name, edge in around.items()} | {
        "title": visible(title),
        "title_line": tomli_w.dumps({"title": visible(title)[:_MOST_TITLE]}).strip(),
        "time_zone_line": _time_zone_line(zone_of_place(*home)),
        "base_line": _base_line(base is None, is_open_sea(*home)),
        "corners": _corners(lon, lat, half_lon, half_lat),
        "zone": _corners(lon + half_lon * 0.8, lat + half_lat * 0.8, half_lon * 0.1, half_lat * 0.1),
        "base": f"{home[0]:g}, {home[1]:g}",
    }
    lines = [_HEAD.format(**values), *_explained(_REQUIRED.format(**values)), ""]
    for sentence, part in _OPTIONAL.items():
        lines += [f"# ---- {sentence}", *(f"# {line}".rstrip() for line in _explained(part.format(**values))), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _corners(lon: float, lat: float, half_lon: float, half_lat: float) -> str:
    """The corners of a box about a place, as the items of a list."""
    signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return ", ".join(f"[{round(lon + x * half_lon, 2):g}, {round(lat + y * half_lat, 2):g}]" for x, y in signs)


def _time_zone_line(zone: str) -> str:
    """The line of the time zone, with what its name means where that is not evident."""
    meaning = meaning_of_zone(zone)
    return f'time_zone = "{zone}"' + (f"  # {meaning}" if meaning else "")


def _base_line(is_example: bool, in_open_sea: bool) -> str:
    """The comment above the base: whether its place is an example, and whether it lies in open sea."""
    if is_example:
        where = "an example in open sea" if in_open_sea else "an example"
        return f"# ---- where sorties start and end: {where}, to be replaced by the place of your base"
    return "# ---- where sorties start and end" + (": a place in open sea" if in_open_sea else "")


def _explained(text: str) -> Iterator[str]:
    """The lines of a file in the form of TOML, each key below the first sentence of its meaning."""
    rows = key_rows(Scenario)
    table, kind = tuple[str, ...](), ""
    for line in text.splitlines():
        header = re.match(r"\[([\w.]+)\]$", line)
        if header:
            table, kind = tuple(header[1].split(".")), ""
        key = re.match(r"(\w+) = (.*)$", line)
        if key:
            kind = line if key[1] in ("kind", "pattern") else kind
            sentence = _first_sentence(_row(rows, table, key[1], kind).description)
            yield from (f"# {part}" for part in textwrap.wrap(sentence, _WIDTH))
        yield line


def _row(rows: list[KeyRow], table: tuple[str, ...], key: str, kind: str) -> KeyRow:
    """The row of a key in a table; raises StopIteration where the schema has no such key.

    `kind` is the line that names the kind of the table; empty for a table that names none, which has the default kind.
    """
    named = tuple("NAME" if at == 1 and table[0] in NAMED_TABLES else part for at, part in enumerate(table))
    path = ".".join(named)
    kinds = {kind} if kind else {f'kind = "{name}"' for name in default_kinds()}
    found = (row for row in rows if row.table == path and row.key == key)
    return next(row for row in found if not row.kinds or kinds & set(row.kinds))


def _first_sentence(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=\.) (?=[A-Z`\"0-9])", text, maxsplit=1)[0]
