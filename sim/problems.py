"""What is wrong with an input file, said once and in full: file, line, key, what was given, what is allowed."""

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.fields import FORMS_SAID

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
    found = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return f"did you mean {found[0]}?" if found else ""


_SUFFIX = re.compile(
    r"^(?P<stem>.+?)_(nmi|kn|h|s|ft|deg|km|m|kmh|kph|mph|ms|mi|nm|min|mins|minutes|hours|hrs|hr|sec|seconds|days|knots|feet)$"
)
_UNITS = {"nmi": "nautical miles", "kn": "knots", "h": "hours", "s": "seconds", "ft": "feet", "deg": "degrees true"}


def unit_hint(key: str, known: Sequence[str]) -> str:
    """Answer a known key with another unit's suffix by the right key and its unit."""
    match = _SUFFIX.match(key)
    stem = match["stem"] if match else key
    for name in known:
        base, _, unit = name.rpartition("_")
        if base == stem and unit in _UNITS and name != key:
            return f"did you mean {name}, in {_UNITS[unit]}?"
    return ""


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


def _bounds(schema: dict[str, Any]) -> str:
    """A number's plausible range in words."""
    kind = "a whole number" if schema.get("type") == "integer" else "a number"
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, below = schema.get("maximum"), schema.get("exclusiveMaximum")
    words = [f"at least {low:g}" if low is not None else "", f"above {above:g}" if above is not None else ""]
    words += [f"at most {high:g}" if high is not None else "", f"below {below:g}" if below is not None else ""]
    return f"{kind} {' and '.join(word for word in words if word)}".strip()


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
) -> list[Problem]:
    """Pydantic's findings as problems; `where` answers file and line of a path."""
    schema = _schema_of(model)
    problems = []
    for item in error.errors(include_url=False):
        path = plain_path(item["loc"], data)
        if item["type"].startswith("union_tag"):
            path = (*path, item["ctx"]["discriminator"].replace("'", ""))
        file, line = where(path)
        given, allowed, hint = _explain(item, path, schema, data)
        problems.append(Problem(file, line, key_text(path), given, allowed, hint))
    return problems


def _explain(item: Any, path: Path, schema: dict[str, Any], data: Any) -> tuple[str, str, str]:
    """What was given, what is allowed, and a hint."""
    kind, context, given = item["type"], item.get("ctx", {}), item["input"]
    if kind == "refused":
        return said(given), context["allowed"], _hint_at_name(str(given), context)
    if kind == "missing" and isinstance(_at(data, path), list):  # a point with too few numbers
        return said(_at(data, path)), _PLACE, ""
    if kind == "missing":
        return "nothing", _wanted(_subschema(schema, path, data)) + "; this key is required", ""
    if kind == "extra_forbidden":
        known = sorted(_subschema(schema, path[:-1], data).get("properties", {}))
        name = str(path[-1])
        return f"an unknown key, {name}", ", ".join(known), unit_hint(name, known) or nearest(name, known)
    if kind == "union_tag_not_found":
        return "nothing", f"{', '.join(_tags(schema, path, data))}; this key is required", ""
    if kind == "union_tag_invalid":
        words = context["expected_tags"].replace("'", "").split(", ")
        return said(context["tag"]), ", ".join(words), nearest(str(context["tag"]), words)
    if kind == "literal_error":
        words = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return said(given), " or ".join(words), nearest(str(given), words)
    if item["loc"][-1] == "[key]":
        return said(given), _NAME, ""
    wanted = _subschema(schema, path, data)
    return said(given), ("anyOf" not in wanted and _PLAIN.get(kind)) or _wanted(wanted, item), ""


_NAME = "a name of letters, digits, _ and -, a letter first"
_MOMENT = "a date and time with an offset, such as 2023-04-10T00:00:00Z"
_PLACE = "a list of two numbers, [lon, lat]"
_PLAIN = {
    "tuple_type": _PLACE,
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "list_type": "a list",
    "int_from_float": "a whole number",
}


def _hint_at_name(given: str, context: dict[str, str]) -> str:
    """The nearest of the names that a refusal lists, or of the time zones."""
    if context["kind"] == "zone":
        from zoneinfo import available_timezones

        return nearest(given, sorted(available_timezones()))
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
        bounds = _bounds(schema)
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
        return f"a list of at least {low}" + (f" and at most {high}" if high else "")
    if kind is None and ("discriminator" in schema or not schema):
        return "a table"
    words = {"string": "text in quotes", "boolean": "true or false", "array": "a list", "object": "a table"}
    return words.get(str(kind), item["msg"].lower() if item is not None else "a value")
