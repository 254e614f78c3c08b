"""The JSON Schema of a scenario file, for editors; and every key of a file as a row, for the reference."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel

from sim.model.weather_series import SeriesFile
from sim.scenario.expected import bounds_text, is_local_hour
from sim.scenario.files import lane_library, library
from sim.scenario.nearest import unit_of
from sim.scenario.problems import toml_text
from sim.scenario.schema import Scenario

_EXTENDS = (
    "The scenario that this file changes: the name of an included scenario, or the path of a .toml file inside this "
    "file's folder. If it is left out, the file holds a whole scenario."
)
_POLYGON_FILE = "The path of a GeoJSON file inside this file's folder, instead of the polygon."


@cache
def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for editors; a file that extends another needs no key."""
    whole = Scenario.model_json_schema()
    whole["properties"]["extends"] = {"type": "string", "description": _EXTENDS}
    for part in ("Area", "Zone"):
        shape = whole["$defs"][part]
        shape["properties"]["file"] = {"type": "string", "description": _POLYGON_FILE}
        shape.pop("required", None)
    for part, name, found in (("Aircraft", "type", library()), ("Lane", "lane", lane_library())):
        keys = whole["$defs"][part]["properties"]
        keys[name] = {"type": "string", "enum": list(found), "description": keys[name]["description"]}
    file = SeriesFile.model_json_schema()
    whole["$defs"] |= file.pop("$defs")
    whole["$defs"]["Series"]["properties"] |= file["properties"]
    whole["$defs"]["Series"].pop("required", None)
    required = whole.pop("required")
    for definition in whole["$defs"].values():
        if "required" in definition:
            definition["x-required"] = definition.pop("required")
    for part in (*whole["$defs"].values(), whole):
        for key in part.get("properties", {}).values():  # as no key is required, a table may fit several kinds
            inner = (key.get("additionalProperties", {}), *key.get("patternProperties", {}).values())
            for place in (key, *inner, *key.get("anyOf", [])):
                if isinstance(place, dict) and "oneOf" in place:
                    place["anyOf"] = place.pop("oneOf")
    whole["if"] = {"not": {"required": ["extends"]}}
    whole["then"] = {"required": required}
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    whole["title"] = "seasweep scenario"
    return whole


class KeyRow(NamedTuple):
    """One key of a file, as the reference lists it."""

    table: str
    """The table that holds it, dotted: `aircraft.NAME`, `vary[]` for a list of tables; empty above the first table."""
    kinds: tuple[str, ...]
    """The kinds of that table that have the key, such as `pattern = "sector"`; empty where all have it."""
    key: str
    """Its name; NAME where the file's author chooses it."""
    type: str
    """The type of its value, in words: `number`, `text`, `table`, `list of text`."""
    unit: str
    """The unit of a number, in words; empty where it has none."""
    is_required: bool
    """Whether the table must have it."""
    default: str
    """The value that holds where it is left out, as TOML; empty where it is required or has no default."""
    bounds: str
    """The values that it may have, in words; empty where it may have any value of its type."""
    description: str
    """Its meaning, in whole sentences."""

    @property
    def path(self) -> str:
        """The key with its table, as `--set` and error messages write it: `aircraft.NAME.endurance_h`."""
        return f"{self.table}.{self.key}".lstrip(".")

    @property
    def header(self) -> str:
        """The line of a file that begins its table: `[aircraft.NAME]`, `[[vary]]`; empty above the first table."""
        name = self.table.replace("[]", "")
        return f"[[{name}]]" if self.table.endswith("[]") else f"[{name}]" if name else ""


def key_rows(model: type[BaseModel]) -> list[KeyRow]:
    """Every key that a file may have, by table, in the order of the model.

    For `Scenario`, for the model of a study, and for `Quantity`: the forms of a random quantity.
    """
    schema = json_schema() if model is Scenario else model.model_json_schema()
    whole = next((form for form in schema.get("anyOf", []) if "properties" in form), schema)
    rows: dict[tuple[str, str, tuple[str, ...]], KeyRow] = {}
    for row in _rows_of_table(whole, (), schema):
        rows.setdefault((row.table, row.key, row.kinds), row)
    return list(rows.values())


def _rows_of_table(part: dict[str, Any], path: tuple[str, ...], schema: dict[str, Any]) -> Iterator[KeyRow]:
    """The rows of a table's keys and of the tables below it; a table of several kinds has each key once."""
    kinds = _kinds_of(part, schema)
    tag = part.get("discriminator", {}).get("propertyName", "")
    rows: dict[KeyRow, list[str]] = {}
    for name, table in kinds.items():
        for key, inner in table.get("properties", {}).items():
            row = _row(table, path, key, _dereferenced(inner, schema), name if key == tag else "")
            rows.setdefault(row, []).append(f'{tag} = "{name}"')
    for row, found in rows.items():
        yield row if len(found) == len(kinds) else row._replace(kinds=tuple(found))
    for table in kinds.values():
        for key, inner in table.get("properties", {}).items():
            yield from _rows_below(_dereferenced(inner, schema), (*path, key), schema)


def _rows_below(part: dict[str, Any], path: tuple[str, ...], schema: dict[str, Any]) -> Iterator[KeyRow]:
    """The rows of the value of a key: a table, tables by name, or a list of tables."""
    named, items = _by_name(part), part.get("items")
    if named is not None:
        inner = _dereferenced(named, schema)
        if not _holds_tables(inner):
            yield _row({}, path, "NAME", {"description": part.get("description", ""), **inner}, "")
        yield from _rows_below(inner, (*path, "NAME"), schema)
    elif isinstance(items, dict) and "$ref" in items:
        yield from _rows_below(_dereferenced(items, schema), (*path[:-1], f"{path[-1]}[]"), schema)
    elif _kinds_of(part, schema):
        yield from _rows_of_table(part, path, schema)


def _dereferenced(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A part of a JSON Schema without references, and without the null of a key that may be left out."""
    while True:
        forms = [form for form in part.get("anyOf", []) if form.get("type") != "null"]
        if "$ref" in part:
            inner = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
        elif len(forms) == 1 and "discriminator" not in part:
            inner = forms[0]
        else:
            return part
        part = {**inner, **{key: value for key, value in part.items() if key not in ("$ref", "anyOf")}}


def _by_name(part: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of each value of a table whose keys the file's author chooses; None for other tables."""
    found = part.get("additionalProperties") or next(iter(part.get("patternProperties", {}).values()), None)
    return found if isinstance(found, dict) else None


def _kinds_of(part: dict[str, Any], schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The tables that a part may be, by kind; a table of one kind only is under an empty word."""
    references = part.get("discriminator", {}).get("mapping", {})
    if references:
        return {name: schema["$defs"][reference.rsplit("/", 1)[1]] for name, reference in references.items()}
    form = next((form for form in (part, *part.get("anyOf", [])) if "properties" in form), None)
    return {} if form is None or _is_quantity(part) else {"": form}


def _is_quantity(part: dict[str, Any]) -> bool:
    """Whether a part is a random quantity, whose forms the reference explains in one place."""
    return any("sigma" in form.get("properties", {}) for form in part.get("anyOf", []))


def _row(table: dict[str, Any], path: tuple[str, ...], key: str, part: dict[str, Any], kind: str) -> KeyRow:
    """The row of one key. `kind` is the kind of its table where this key names it; the row then describes that kind."""
    description = table.get("description", "") if kind else part.get("description", "")
    default = part.get("default")
    given = "" if default is None or default == {} or "properties" in part else toml_text(default, most=200)
    is_required = key in table.get("required", table.get("x-required", table.get("then", {}).get("required", [])))
    is_number = any(form.get("type") in ("number", "integer") for form in (part, *part.get("anyOf", [])))
    words = part.get("x-value", "")  # of a key with forms of its own
    type_, unit = words or _type_text(part), unit_of(key) if is_number else ""
    bounds = "" if words else _allowed_text(part)
    return KeyRow(".".join(path), (), key, type_, unit, is_required, given, bounds, " ".join(description.split()))


_TYPES = {"number": "number", "integer": "whole number", "string": "text", "boolean": "true or false"}


def _type_text(part: dict[str, Any]) -> str:
    """The type of a key's value, in words."""
    kind, forms = part.get("type"), part.get("anyOf", [])
    if _by_name(part) is not None:
        return "tables by name" if _holds_tables(_by_name(part) or {}) else "table"
    if _holds_tables(part) or kind == "object":
        return "table"
    if "format" in part:
        return "date and time"
    if forms and all("format" in form for form in forms):
        return "date, or date and time"
    if is_local_hour(part):
        return "number or local time"
    if any(form.get("type") == "string" for form in forms):
        return "text, or list of text"
    if forms:
        return "random quantity" if _is_quantity(part) else "number or table"
    if kind == "array":
        return "[lon, lat]" if part.get("maxItems") == 2 and "prefixItems" in part else _list_text(part)
    return _TYPES.get(str(kind), "any value")


def _holds_tables(part: dict[str, Any]) -> bool:
    return "$ref" in part or "discriminator" in part or "properties" in part or _by_name(part) is not None


def _list_text(part: dict[str, Any]) -> str:
    items = part.get("items") or {}
    if not items:
        return "list"
    inner = "tables" if "$ref" in items else _type_text(items)
    return f"list of {inner}{'s' if inner.endswith('number') else ''}"


def _allowed_text(part: dict[str, Any]) -> str:
    """The values that a key may have, in words; empty where it may have any value of its type."""
    if "const" in part:
        return toml_text(part["const"])
    if "enum" in part:
        return " or ".join(toml_text(value) for value in part["enum"])
    if part.get("type") in ("number", "integer"):
        return bounds_text(part)
    if part.get("type") == "string" and "maxLength" in part:
        return f"at most {part['maxLength']} characters"
    if part.get("type") == "array" and "prefixItems" not in part:
        counts = {"at least": part.get("minItems"), "at most": part.get("maxItems")}
        count = " and ".join(f"{words} {number}" for words, number in counts.items() if number is not None)
        count = str(part["minItems"]) if part.get("minItems", 0) == part.get("maxItems") else count
        items = part.get("items") or {}
        inner = "" if "$ref" in items else _allowed_text(items)
        return "; ".join(
            text
            for text in (
                f"{count} {'item' if count.endswith(' 1') else 'items'}" if count else "",
                f"each {inner}" if inner else "",
            )
            if text
        )
    return next((bounds_text(form) for form in part.get("anyOf", []) if form.get("type") == "number"), "")
