"""Hints at the word or the key that was probably meant: one of similar spelling, or one in another unit."""

import difflib
import re
from collections.abc import Sequence

_LONGEST_WORD = 100  # no key or name is longer, so a longer word is no misspelling of one


def nearest(word: str, words: Sequence[str]) -> str:
    """A hint at the word that was probably meant; empty where none is near."""
    found = nearest_word(word, words)
    return f"did you mean {found}?" if found else ""


def nearest_other(word: str, words: Sequence[str]) -> str:
    """As `nearest`, but empty for a word that is one of them: it is meant as it is, and something else is wrong."""
    return "" if word in words else nearest(word, words)


def nearest_word(word: str, words: Sequence[str]) -> str:
    """The word that was probably meant: one of similar spelling, or the only one that contains it; empty for none."""
    if len(word) > _LONGEST_WORD:
        return ""
    by_lower_case = {candidate.lower(): candidate for candidate in words}
    similar = difflib.get_close_matches(word.lower(), by_lower_case, n=1, cutoff=0.6)
    longer = [candidate for candidate in by_lower_case if len(word) > 3 and word.lower() in candidate]
    if similar:
        return by_lower_case[similar[0]]
    return by_lower_case[longer[0]] if len(longer) == 1 else ""


_LENGTHS = "nmi|nm|km|m|mi|miles|metres|meters|ft|feet|fl"
_SPEEDS = "kn|kt|kts|knots|kmh|km_h|kph|mph|ms|m_s|mps"
_TIMES = "h|hr|hrs|hour|hours|min|mins|minutes|s|sec|secs|seconds|d|day|days"
_OTHERS = "deg|degs|degrees|rad|m2|sqm|dbsm|mhz|ghz|hz|t|tons|tonnes|pct|percent"
_SUFFIX = re.compile(f"^(?P<stem>.+?)_({_LENGTHS}|{_SPEEDS}|{_TIMES}|{_OTHERS})$")
UNITS = {  # by the end of a key's name, the longest first
    "per_100_h": "per 100 hours",
    "per_month": "per 30 days",
    "h_a_day": "hours in any 24 hours",
    "per_h": "per hour",
    "days": "days",
    "nmi": "nautical miles",
    "mhz": "megahertz",
    "deg": "degrees",
    "kn": "knots",
    "ft": "feet",
    "m2": "square metres",
    "h": "hours",
    "s": "seconds",
    "m": "metres",
    "t": "tonnes",
}


def unit_of(key: str) -> str:
    """The unit at the end of a key's name, in words; empty where the name has none."""
    return next((words for end, words in UNITS.items() if f"_{key}".endswith(f"_{end}")), "")


def _in_its_unit(key: str) -> str:
    """The unit of a key in the words of a hint."""
    unit = "from 0 to 1" if key.endswith("_share") else unit_of(key)
    if unit.startswith("per "):
        return f"a rate {unit}"
    return unit if unit in ("", "from 0 to 1") else f"in {unit}"


def nearest_key(key: str, keys: Sequence[str]) -> tuple[str, str]:
    """The key that was probably meant, in another unit or of similar spelling, and a hint at it; or "" twice."""
    match = _SUFFIX.match(key[:_LONGEST_WORD].lower())
    stem = match["stem"] if match else key.lower()
    for name in keys:
        if name.rpartition("_")[0] == stem and _in_its_unit(name) and name != key:
            return name, f"did you mean {name}, {_in_its_unit(name)}?"
    name = nearest_word(key, keys)
    return name, f"did you mean {name}?" if name else ""
