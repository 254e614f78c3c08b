"""The part of a JSON Schema that describes a key; the data decides of which kind each table is."""

from collections.abc import Iterable, Sequence
from typing import Any

from sim.core.kinds import default_kinds
from sim.scenario.expected import is_local_hour
from sim.scenario.problems import Path


def plain_path(loc: Sequence[str | int], data: Any) -> Path:
    """The path of a pydantic location: without the tags of unions and the mark of a bad key, which no file has."""
    path: list[str | int] = []
    here, tagged = data, False
    for position, part in enumerate(loc):
        if part == "[key]":
            continue
        # The tag of a table comes first, even where a key has the same name. The whole file is a table without one.
        if position > 0 and isinstance(here, dict) and not tagged and _is_tag(part, here):
            tagged = True
        elif isinstance(here, dict) and (part in here or position == len(loc) - 1):
            path.append(part)
            here, tagged = here.get(str(part)), False
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            path.append(part)
            here, tagged = here[part], False
    return tuple(path)


def _is_tag(part: str | int, table: dict[str, Any]) -> bool:
    if "kind" not in table and part in default_kinds():
        return True
    return part in (table.get("kind"), table.get("pattern"))


def subschema(schema: dict[str, Any], path: Path, data: Any) -> dict[str, Any]:
    """The part of a JSON Schema that describes a path; the data chooses among the kinds of a table."""
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
    """A part of a JSON Schema without references and choices, as the data at its place decides them."""
    while True:
        if "$ref" in here:
            here = schema["$defs"][here["$ref"].rsplit("/", 1)[1]]
        elif "discriminator" in here and isinstance(data, dict):
            mapping, name = here["discriminator"]["mapping"], here["discriminator"]["propertyName"]
            ref = mapping.get(data.get(name) or _default_tag(schema, mapping.values(), name))
            if ref is None:
                return {}
            here = {"$ref": ref}
        elif is_local_hour(here):
            return here
        elif [option.get("type") for option in here.get("anyOf", [])] == ["number", "object"] and not isinstance(
            data, dict
        ):
            return here  # a random quantity in none of its forms
        elif "anyOf" in here:
            options = [option for option in here["anyOf"] if option.get("type") != "null"]
            tables = [option for option in options if option.get("type") == "object"]
            lists = [option for option in options if option.get("type") == "array"]
            here = tables[0] if tables and isinstance(data, dict) else options[0]
            here = lists[0] if lists and tables and isinstance(data, list) else here
        else:
            return here


def _default_tag(schema: dict[str, Any], refs: Iterable[str], name: str) -> str | None:
    """The tag that stands for itself where a table of one of some kinds has none; None where it must have one."""
    found = (schema["$defs"][ref.rsplit("/", 1)[1]]["properties"][name].get("default") for ref in refs)
    return next((tag for tag in found if tag is not None), None)


def value_at(data: Any, path: Path) -> Any:
    """The value at a path; None where there is none."""
    for part in path:
        data = value_below(data, part)
    return data


def value_below(data: Any, part: str | int) -> Any:
    """The value under one key or at one index; None where there is none."""
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def allowed_keys(schema: dict[str, Any], path: Path, data: Any) -> list[str]:
    """The keys that a table may have, sorted; the path ends in a key that it may not have."""
    return sorted(subschema(schema, path[:-1], data).get("properties", {}))


def tables_of(part: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The JSON Schemas of the tables that a section of a file may hold; none where a key is not a section."""
    named = part.get("additionalProperties") or next(iter(part.get("patternProperties", {}).values()), part)
    if not isinstance(named, dict):
        return []
    refs = [named["$ref"]] if "$ref" in named else named.get("discriminator", {}).get("mapping", {}).values()
    return [schema["$defs"][ref.rsplit("/", 1)[1]] for ref in refs]


def kinds_of(schema: dict[str, Any], path: Path, data: Any) -> list[str]:
    """The kinds that a table may be of; the path ends in the key that names the kind."""
    here = subschema(schema, path[:-2], data)
    named: Any = next(iter(here.get("patternProperties", {}).values()), {})
    found = here.get("properties", {}).get(path[-2]) or here.get("additionalProperties") or named
    found = found.get("anyOf", [found])[0]  # a key that may be left out
    return list(found.get("discriminator", {}).get("mapping", {}))
