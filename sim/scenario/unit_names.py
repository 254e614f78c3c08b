"""The units of weather as files spell them, and their factors. Each unit has many spellings: m/s, m s**-1, m.s-1."""

import math
import re

from sim.core.units import FEET_PER_METRE, METRES_PER_NMI, SECONDS_PER_HOUR

_M_S = {
    "m s-1": 1.0,
    "km h-1": 1000.0 / SECONDS_PER_HOUR,
    "kn": METRES_PER_NMI / SECONDS_PER_HOUR,
    "nmi h-1": METRES_PER_NMI / SECONDS_PER_HOUR,
    "ft s-1": 1.0 / FEET_PER_METRE,
}
_METRES = {"m": 1.0, "km": 1000.0, "nmi": METRES_PER_NMI, "ft": 1.0 / FEET_PER_METRE, "cm": 0.01}
_DEGREES = {"deg": 1.0, "rad": 180.0 / math.pi}
_FACTORS = {"_m_s": _M_S, "_kn": _M_S, "_m": _METRES, "_nmi": _METRES, "_deg": _DEGREES}
"""The units that a key takes, by its ending, each with its factor to the first of them."""
_OWN = {"_m_s": "m s-1", "_kn": "kn", "_m": "m", "_nmi": "nmi", "_deg": "deg"}
"""The unit of a key, by its ending."""
_WORDS = {
    "m": "metre metres meter meters",
    "km": "kilometre kilometres kilometer kilometers",
    "nmi": "nauticalmile nauticalmiles",
    "ft": "foot feet",
    "cm": "centimetre centimetres centimeter centimeters",
    "s": "sec second seconds",
    "h": "hr hour hours",
    "kn": "knot knots kt kts",
    "deg": "degree degrees °",
    "rad": "radian radians",
    "m s-1": "ms-1 mps",
    "km h-1": "kmh-1 kmh kph",
}
_SHORT = {word: short for short, words in _WORDS.items() for word in words.split()}


def unit_factor(unit: str, key: str) -> float:
    """Return by what a value in a unit is multiplied to be in the unit at the end of a key, such as `wind_kn`.

    A key without a unit takes any text that is none of the units here. Raises ValueError, with the units that are
    allowed, for another unit. An empty text stands for the unit of the key.
    """
    ending = max((ending for ending in _FACTORS if key.endswith(ending)), key=len, default="")
    plain = plain_unit(unit)
    if not ending:
        if any(plain in units for units in _FACTORS.values()):
            raise ValueError("no unit")
        return 1.0
    units = _FACTORS[ending]
    if not plain or (ending == "_deg" and re.match(r"deg[ _]", plain)):  # such as degrees true
        return 1.0
    if plain not in units:
        raise ValueError(f"{', '.join(list(units)[:-1])} or {list(units)[-1]}")
    return units[plain] / units[_OWN[ending]]


def plain_unit(unit: str) -> str:
    """Return a unit in the one spelling that is used here, such as `m s-1`; a text that is no unit is kept in part."""
    text = unit.strip().lower().replace("⁻", "-").replace("¹", "1")
    text = re.sub(r"(international[ _]+)?nautical[ _]+mile", "nauticalmile", text)
    text = re.sub(r"\*\*|\^|[()]", "", text)
    text = re.sub(r"\s*(?:/|\bper\b)\s*([a-z]+)", r" \1-1", text)
    parts = []
    for part in re.split(r"[\s.*·]+", text):
        name, power = re.fullmatch(r"(.*?)(-?\d*)", part, re.DOTALL).groups()  # type: ignore[union-attr]
        parts.append(_SHORT.get(part) or _SHORT.get(name, name.replace("degrees_", "deg ")) + power)
    return " ".join(filter(None, parts))
