"""Reading a JSON Schema along the path of a key, the kind of each table chosen by the data."""

from collections.abc import Sequence
from typing import Any

from sim.scenario.problems import Path


def plain_path(loc: Sequence[str | int], data: Any) -> Path:
    """A pydantic location without the parts that no file has: the tags of unions, and the mark of a bad key."""
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


def subschema(schema: dict[str, Any], path: Path, data: Any) -> dict[str, Any]:
    """The part of a JSON Schema that speaks of a path, the union member chosen by the data."""
    here = schema
    for part in path:
        here = resolved(here, schema, data)
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
        data = value_below(data, part)
    return resolved(here, schema, data)


def resolved(here: dict[str, Any], schema: dict[str, Any], data: Any) -> dict[str, Any]:
    """A part of a JSON Schema without references and choices, which the data at its place decides."""
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


def value_at(data: Any, path: Path) -> Any:
    """The value at a path, or None."""
    for part in path:
        data = value_below(data, part)
    return data


def value_below(data: Any, part: str | int) -> Any:
    """The value one step down a path, or None."""
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def known_keys(schema: dict[str, Any], path: Path, data: Any) -> list[str]:
    """The keys that a table may have; the path ends in one that it may not."""
    return sorted(subschema(schema, path[:-1], data).get("properties", {}))


def tables_of(part: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The tables that a section of a file may hold, by their JSON Schemas; none where it is no section."""
    named = part.get("additionalProperties") or next(iter(part.get("patternProperties", {}).values()), part)
    if not isinstance(named, dict):
        return []
    refs = [named["$ref"]] if "$ref" in named else named.get("discriminator", {}).get("mapping", {}).values()
    return [schema["$defs"][ref.rsplit("/", 1)[1]] for ref in refs]


def kinds_of(schema: dict[str, Any], path: Path, data: Any) -> list[str]:
    """The kinds that a table may be of; the path ends in the key that says which."""
    here = subschema(schema, path[:-2], data)
    named: Any = next(iter(here.get("patternProperties", {}).values()), {})
    found = here.get("properties", {}).get(path[-2]) or here.get("additionalProperties") or named
    found = found.get("anyOf", [found])[0]  # a key that may be left out
    return list(found.get("discriminator", {}).get("mapping", {}))
