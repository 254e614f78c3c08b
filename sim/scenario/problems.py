"""What is wrong with an input file, said once and in full: file, line, key, what was given, what is allowed."""

import difflib
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.core.fields import FORMS_SAID
from sim.model.patterns import IAMSAR

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One thing wrong in an input."""

    file: str
    """Whose text it is: a path, a scenario that ships, or `command line`."""
    line: int | None
    key: str
    given: str
    allowed: str
    hint: str = ""

    def __str__(self) -> str:
        """One line, the place first, as compilers write it."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        said = f"{place}: {self.key}" if self.key else place
        given = f": given {self.given}" if self.given else ""
        return f"{said}{given}; allowed: {self.allowed}{f' ({self.hint})' if self.hint else ''}"


class InputError(Exception):
    """Bad input: everything found wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems, in the order of the file."""
        self.problems = sorted(set(problems), key=lambda p: (p.file, p.line or 0, p.key, p.allowed))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def refused(given: object, allowed: str, *, file: str = "command line", key: str = "", hint: str = "") -> InputError:
    """One problem with something that has no line."""
    return InputError([Problem(file, None, key, said(given), allowed, hint)])


def key_text(path: Path) -> str:
    """A path as one writes it: areas.box.polygon[2][0]."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def said(value: object, most: int = 60) -> str:
    """A value as TOML would have it, cut to a readable length."""
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, datetime):
        text = value.isoformat()
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(said(v, most) for v in value) + "]"
    elif isinstance(value, dict):
        text = "{ " + ", ".join(f"{k} = {said(v, 20)}" for k, v in list(value.items())[:4]) + " }"
    else:
        text = str(value)
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 3] + "..."


def nearest(word: str, words: Sequence[str]) -> str:
    """A hint at the word that was probably meant, or nothing."""
    found = _nearest(word, words)
    return f"did you mean {found}?" if found else ""


def _nearest(word: str, words: Sequence[str]) -> str:
    """The word that was probably meant: one spelt much the same, or the only one of which it is a part; or nothing."""
    small = {one.lower(): one for one in words}
    found = difflib.get_close_matches(word.lower(), small, n=1, cutoff=0.6)
    parts = [one for one in small if len(word) > 3 and word.lower() in one]
    return small[found[0]] if found else small[parts[0]] if len(parts) == 1 else ""


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
    """The unit that the end of a key's name says, in words; empty where it says none."""
    return next((words for end, words in UNITS.items() if f"_{key}".endswith(f"_{end}")), "")


def _in_its_unit(key: str) -> str:
    """How a hint names the unit of a key."""
    unit = "from 0 to 1" if key.endswith("_share") else unit_of(key)
    if unit.startswith("per "):
        return f"a rate {unit}"
    return unit if unit in ("", "from 0 to 1") else f"in {unit}"


def meant(key: str, known: Sequence[str]) -> tuple[str, str]:
    """The known key that was probably meant, its suffix being another unit's or misspelt, and a hint at it; or ""."""
    match = _SUFFIX.match(key.lower())
    stem = match["stem"] if match else key.lower()
    for name in known:
        if name.rpartition("_")[0] == stem and _in_its_unit(name) and name != key:
            return name, f"did you mean {name}, {_in_its_unit(name)}?"
    name = _nearest(key, known)
    return name, f"did you mean {name}?" if name else ""


def plain_path(loc: Sequence[str | int], data: Any) -> Path:
    """A pydantic location without what is not in the data: the tags of unions, and the mark of a bad key."""
    path: list[str | int] = []
    here, tagged = data, False
    for position, part in enumerate(loc):
        if part == "[key]":
            continue
        if isinstance(here, dict) and not tagged and _is_tag(part, here):  # comes first, even where a key is called so
            tagged = True
        elif isinstance(here, dict) and (part in here or position == len(loc) - 1):
            path.append(part)
            here, tagged = here.get(str(part)), False
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            path.append(part)
            here, tagged = here[part], False
    return tuple(path)


def _is_tag(part: str | int, table: dict[str, Any]) -> bool:
    return part in (table.get("kind"), table.get("pattern"))


def _subschema(schema: dict[str, Any], path: Path, data: Any) -> dict[str, Any]:
    """The part of a JSON Schema that speaks of a path, the union member chosen by the data."""
    here = schema
    for part in path:
        here = _resolve(here, schema, data)
        if "properties" in here and part in here["properties"]:
            here = here["properties"][part]
        elif isinstance(here.get("additionalProperties"), dict):
            here = here["additionalProperties"]
        elif "patternProperties" in here:
            here = next(iter(here["patternProperties"].values()))
        elif "prefixItems" in here and isinstance(part, int) and part < len(here["prefixItems"]):
            here = here["prefixItems"][part]
        elif "items" in here and isinstance(part, int):
            here = here["items"]
        else:
            return {}
        data = _inner(data, part)
    return _resolve(here, schema, data)


def _resolve(here: dict[str, Any], schema: dict[str, Any], data: Any) -> dict[str, Any]:
    while True:
        if "$ref" in here:
            here = schema["$defs"][here["$ref"].rsplit("/", 1)[1]]
        elif "discriminator" in here and isinstance(data, dict):
            tag = data.get(here["discriminator"]["propertyName"])
            ref = here["discriminator"]["mapping"].get(tag)
            if ref is None:
                return {}
            here = {"$ref": ref}
        elif [option.get("type") for option in here.get("anyOf", [])] == ["number", "object"] and not isinstance(
            data, dict
        ):
            return here  # a random quantity in none of its forms
        elif "anyOf" in here:
            options = [o for o in here["anyOf"] if o.get("type") != "null"]
            tables = [o for o in options if o.get("type") == "object"]
            here = tables[0] if tables and isinstance(data, dict) else options[0]
        else:
            return here


def bounds_text(schema: dict[str, Any]) -> str:
    """A number's plausible range in words; empty where it has no bounds."""
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    return " and ".join(f"{text} {_plain_number(schema[key])}" for key, text in words.items() if key in schema)


def _plain_number(value: float) -> str:
    """A bound; a whole number has no exponent, for a file could not hold it so."""
    return str(value) if isinstance(value, int) else f"{value:g}"


def _number_text(schema: dict[str, Any]) -> str:
    """A number with its plausible range in words."""
    return f"{'a whole number' if schema.get('type') == 'integer' else 'a number'} {bounds_text(schema)}".strip()


def not_toml(error: tomllib.TOMLDecodeError, name: str, text: str) -> Problem:
    """What is wrong with a text that is not TOML, and what was probably meant."""
    message, _, place = str(error).partition(" (at ")
    at = re.match(r"line (\d+), column (\d+)", place)
    line, column = (int(at[1]), f", column {at[2]}") if at else (text.count("\n") + 1, "")
    given = f"what is not TOML ({message[0].lower()}{message[1:]}{column})"
    hint = next((hint for start, hint in _SLIPS.items() if message.startswith(start)), "")
    return Problem(name, line, "", given, "a TOML document", hint)


_SLIPS = {
    "Invalid value": "text goes in quotes; true and false in small letters",
    "Expected '=' after a key": "key = value, a line each",
    "Invalid initial character": "a table in braces stands on one line",
    "Unclosed": "a bracket or brace was not closed",
    "Expected newline": "one key a line, nothing behind its value; a point before decimals",
}


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = _inner(data, part)
    return data


def _inner(data: Any, part: str | int) -> Any:
    """What lies one step down a path, or None."""
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def from_validation(
    error: ValidationError,
    model: type[BaseModel],
    data: dict[str, Any],
    where: Callable[[Path], tuple[str, int | None]],
    newer: Callable[[Path, Path], bool] = lambda _one, _other: False,
) -> list[Problem]:
    """Pydantic's findings as problems.

    `where` answers file and line of a path, `newer` whether one path was written after another. A required key that is
    there under another name is asked for once, where that name stands.
    """
    schema = _schema_of(model)
    found, renamed = list[tuple[Any, Path]](), set[Path]()
    for item in error.errors(include_url=False):
        path = plain_path(item["loc"], data)
        if item["type"].startswith("union_tag"):
            path = (*path, item["ctx"]["discriminator"].replace("'", ""))
        elif item["type"] == "refused":
            path = _offending(path, item["ctx"]["keys"], data, newer)
        elif item["type"] == "extra_forbidden":
            renamed.add((*path[:-1], meant(str(path[-1]), _known(schema, path, data))[0]))
        found.append((item, path))
    return [
        Problem(*where(path), key_text(path), *_explain(item, path, schema, data))
        for item, path in found
        if not (item["type"] == "missing" and path in renamed)
    ]


def _offending(path: Path, keys: Sequence[str], data: Any, newer: Callable[[Path, Path], bool]) -> Path:
    """Of the keys that do not go together those are looked at that are given: the newest, the table where none is."""
    worst = path
    for one in _below(path, keys):
        if _at(data, one) is not None and (worst == path or newer(one, worst)):
            worst = one
    return worst


def _below(table: Path, keys: Sequence[str]) -> list[Path]:
    """The paths of dotted keys of a table."""
    return [(*table, *(int(part) if part.isdigit() else part for part in key.split("."))) for key in keys]


def _known(schema: dict[str, Any], path: Path, data: Any) -> list[str]:
    """The keys that a table may have; the path ends in one that it may not."""
    return sorted(_subschema(schema, path[:-1], data).get("properties", {}))


def _explain(item: Any, path: Path, schema: dict[str, Any], data: Any) -> tuple[str, str, str]:
    """What was given, what is allowed, and a hint."""
    kind, context, given = item["type"], item.get("ctx", {}), item["input"]
    if kind == "refused":
        place = plain_path(item["loc"], data)
        if context["kind"] == "time" and isinstance(given, str) and _UNQUOTED.match(given):
            return said(given), context["allowed"], "without quotes"
        hint = _hint_at_name(str(given), context) or _others(place, path, context["keys"], data)
        return said(given if path == place else _at(data, path)), context["allowed"], hint
    if kind == "missing" and isinstance(_at(data, path), list):  # a point with too few numbers
        return said(_at(data, path)), _PLACE, ""
    if kind == "missing":
        return "nothing", _wanted(_subschema(schema, path, data)) + "; this key is required", ""
    if kind == "extra_forbidden":
        known, name = _known(schema, path, data), str(path[-1])
        hint = meant(name, known)[1]
        if "theatre" in known and name in _OF_STUDIES:
            hint = _OF_STUDIES[name]
        return f"an unknown key, {name}", ", ".join(known), hint or _home(schema, name, path)
    if kind == "union_tag_not_found":
        near = _nearest(str(path[-1]), list(given)) if isinstance(given, dict) else ""
        hint = f"is it meant by {near}?" if near else ""
        return "nothing", f"{', '.join(_tags(schema, path, data))}; this key is required", hint
    if kind == "union_tag_invalid":
        words = context["expected_tags"].replace("'", "").split(", ")
        tag = str(context["tag"])
        code = {code: name for name, code in IAMSAR.items() if name in words}.get(tag.upper()[:2], tag)
        return said(context["tag"]), ", ".join(words), nearest(code, words)
    if kind == "literal_error":
        words = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = "without quotes" if given in words else nearest(str(given), words)
        return said(given), " or ".join(words), hint
    if item["loc"][-1] == "[key]":
        return said(given), _NAME, ""
    wanted = _subschema(schema, path, data)
    allowed = ("anyOf" not in wanted and _PLAIN.get(kind)) or _wanted(wanted, item)
    return said(given), allowed, _hint_at_type(given, kind, wanted, path, schema)


_A_STUDY = "a key of a study, which is a file of its own, for seasweep sweep"
_OF_STUDIES = dict.fromkeys(("scenario", "vary", "measures"), _A_STUDY) | {
    name: f"--{name} of seasweep run; or a key of a study" for name in ("replications", "seed")
}
_NAME = "a name of letters, digits, _ and -, a letter first"
_MOMENT = "a date and time with an offset, such as 2023-04-10T00:00:00Z"
_PLACE = "a list of two numbers, [lon, lat]"
_PLAIN = {
    "tuple_type": _PLACE,
    "dict_type": "a table",
    "list_type": "a list",
    "int_from_float": "a whole number",
}


def _hint_at_type(given: Any, kind: str, wanted: dict[str, Any], path: Path, schema: dict[str, Any]) -> str:
    """What to write instead of a value that is only of the wrong type."""
    if isinstance(given, str) and path[-1] == "polygon":
        return f"did you mean file = {said(given)}?"
    if isinstance(given, str) and kind == "list_type" and wanted.get("items", {}).get("type") == "string":
        return f"did you mean [{said(given)}]?"
    if isinstance(given, str) and wanted.get("type") != "array" and _UNQUOTED.match(given):
        return "without quotes"
    if isinstance(given, list) and kind == "string_type" and len(given) == 1:
        return f"did you mean {said(given[0])}?"
    if isinstance(given, dict) and kind == "list_type" and "$ref" in wanted.get("items", {}):
        return f"did you mean [[{key_text(path)}]]?"
    if kind == "less_than_equal" and wanted.get("maximum") == 1.0 and 1.0 < given <= 100.0:
        return f"did you mean {given / 100.0:g}?"
    refs = wanted.get("discriminator", {}).get("mapping", {}).values()
    kinds = [wanted, *(schema["$defs"][ref.rsplit("/", 1)[1]] for ref in refs)]
    if len(path) == 2 and any(path[1] in one.get("properties", {}) for one in kinds):
        return f"did you mean [{path[0]}.NAME], and {path[1]} below it?"
    if isinstance(given, list) and kind == "dict_type":
        return f"did you mean [{key_text(path)}.NAME]?"
    return ""


_UNQUOTED = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$|true$|false$|\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)")


def _home(schema: dict[str, Any], name: str, path: Path) -> str:
    """Where an unknown key would be known: in another part, or above the first table."""
    sections = {section: _tables(part, schema) for section, part in schema["properties"].items()}
    if len(path) > 1 and (name == "extends" or not sections.get(name, [""])):
        return "a key of the file itself: it belongs above the first [table]"
    homes = [
        f"[{section}.NAME]" if "$ref" not in schema["properties"][section] else f"[{section}]"
        for section, tables in sections.items()
        if section != path[0] and any(name in table.get("properties", {}) for table in tables)
    ]
    return f"a key of {' and '.join(homes)}" if 0 < len(homes) < 4 else ""


def _tables(part: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The tables that a section of a file may hold, by their JSON Schemas; none where it is no section."""
    named = part.get("additionalProperties") or next(iter(part.get("patternProperties", {}).values()), part)
    if not isinstance(named, dict):
        return []
    refs = [named["$ref"]] if "$ref" in named else named.get("discriminator", {}).get("mapping", {}).values()
    return [schema["$defs"][ref.rsplit("/", 1)[1]] for ref in refs]


def _others(table: Path, path: Path, keys: Sequence[str], data: Any) -> str:
    """What stands at the other keys of a rule across keys, where it is short."""
    values = {key: _at(data, one) for key, one in zip(keys, _below(table, keys), strict=True) if one != path}
    return ", ".join(f"{key} is {said(value)}" for key, value in values.items() if isinstance(value, str | int | float))


def _hint_at_name(given: str, context: dict[str, str]) -> str:
    """The nearest of the names that a refusal lists, or of the time zones."""
    if context["kind"] == "zone":
        from zoneinfo import available_timezones

        return nearest(given, sorted(zone for zone in available_timezones() if "/" in zone))
    return nearest(given, context["allowed"].partition(": ")[2].split(", ")) if ":" in context["kind"] else ""


def _tags(schema: dict[str, Any], path: Path, data: Any) -> list[str]:
    """The kinds that a table may be of; the path ends in the key that says which."""
    here = _subschema(schema, path[:-2], data)
    named: Any = next(iter(here.get("patternProperties", {}).values()), {})
    found = here.get("properties", {}).get(path[-2]) or here.get("additionalProperties") or named
    found = found.get("anyOf", [found])[0]  # a key that may be left out
    return list(found.get("discriminator", {}).get("mapping", {}))


def _wanted(schema: dict[str, Any], item: Any = None) -> str:
    """What a key takes, from its JSON Schema; pydantic's own words where that says nothing."""
    kind = schema.get("type")
    if "anyOf" in schema:
        return "a finite number" if item is not None and item["type"] == "finite_number" else FORMS_SAID
    if "const" in schema:
        return str(schema["const"])
    if kind in ("number", "integer"):
        bounds = _number_text(schema)
        return (
            "a finite number"
            if bounds == "a number" and item is not None and item["type"] == "finite_number"
            else bounds
        )
    if "enum" in schema:
        return " or ".join(str(value) for value in schema["enum"])
    if schema.get("format") == "date-time":
        return _MOMENT
    if schema.get("pattern"):
        return _NAME
    if kind == "array" and (schema.get("maxItems") == schema.get("minItems") == 2):
        return _PLACE
    if kind == "array" and item is not None and item["type"] in ("too_short", "too_long"):
        low, high = schema.get("minItems", 0), schema.get("maxItems")
        return (
            f"a list of {low}"
            if low == high
            else f"a list of at least {low}" + (f" and at most {high}" if high else "")
        )
    if kind is None and ("discriminator" in schema or not schema):
        return "a table"
    if "properties" in schema:
        keys = schema.get("required") or list(schema["properties"])
        return f"a table {{ {', '.join(keys)} }}" if len(keys) < 6 else "a table"
    if item is not None and item["type"] == "string_too_long":
        return f"text of at most {schema.get('maxLength')} characters"
    words = {"string": "text in quotes", "boolean": "true or false", "array": "a list", "object": "a table"}
    return words.get(str(kind), item["msg"].lower() if item is not None else "a value")
