"""The errors of pydantic as problems that name file, line, key, what was given, what is allowed, and a hint."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from sim.core.limits import MOST_PROBLEMS_EXPLAINED
from sim.scenario.expected import NAME_TEXT, POSITION_TEXT, TYPE_TEXTS, expected_text
from sim.scenario.nearest import nearest, nearest_key, nearest_word
from sim.scenario.problems import Path, Problem, key_text, shortened, toml_text
from sim.scenario.subschema import allowed_keys, kinds_of, plain_path, subschema, tables_of, value_at
from sim.scenario.time_zones import hint_at_zone

_VALUE_IN_QUOTES = re.compile(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$|true$|false$|\d{4}-\d\d-\d\d([T ]\d\d:\d\d|$)")

_HOUR_AND_MINUTE = re.compile(r"(\d{1,2})[:.h]?([0-5]\d)(:[0-5]\d)?$")

WITHOUT_QUOTES = "write the value without quotes"


@dataclass(frozen=True)
class Hints:
    """The hints of one kind of file, beside those that follow from its model."""

    keys_elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Keys that belong to another kind of file, and the hint for each."""
    above_tables: Sequence[str] = ()
    """Keys that belong above the first table of the file, although the model does not have them."""
    in_files: Mapping[str, str] = field(default_factory=dict)
    """Keys whose value may stand in a file of its own, and the key that names this file."""


@cache
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def explain_validation(
    error: ValidationError,
    model: type[BaseModel],
    data: dict[str, Any],
    locate: Callable[[Path], tuple[str, int | None]],
    is_newer: Callable[[Path, Path], bool] = lambda _path, _other: False,
    hints: Hints = Hints(),
) -> list[Problem]:
    """The errors of pydantic as problems.

    `locate` gives the file and line of a path; `is_newer` says whether one path was written after another. A required
    key that is there under another name is reported once, at the line of that name.
    """
    schema = _schema_of(model)
    items, renamed = list[tuple[Any, Path]](), set[Path]()
    errors = error.errors(include_url=False)
    for item in errors[:MOST_PROBLEMS_EXPLAINED]:
        path = plain_path(item["loc"], data)
        if item["type"].startswith("union_tag"):
            path = (*path, item["ctx"]["discriminator"].replace("'", ""))
        elif item["type"] == "refused":
            path = _newest_key(path, item["ctx"]["keys"], data, is_newer)
        elif item["type"] == "extra_forbidden":  # the last part is a key, even where a value of `kind` is the same word
            path = (*plain_path(item["loc"][:-1], data), item["loc"][-1])
            renamed.add((*path[:-1], nearest_key(str(path[-1]), allowed_keys(schema, path, data))[0]))
        items.append((item, path))
    found = [
        Problem(*locate(path), key_text(path), *_explain(item, path, schema, data, hints))
        for item, path in items
        if not (item["type"] == "missing" and path in renamed)
    ]
    return [*found[:-1], replace(found[-1], more=len(errors) - len(items))]


def _newest_key(table: Path, keys: Sequence[str], data: Any, is_newer: Callable[[Path, Path], bool]) -> Path:
    """The key to report among keys that do not go together: of those given the newest, or the table if none is."""
    newest = table
    for path in _below(table, keys):
        if value_at(data, path) is not None and (newest == table or is_newer(path, newest)):
            newest = path
    return newest


def _below(table: Path, keys: Sequence[str]) -> list[Path]:
    """The paths of dotted keys of a table."""
    return [(*table, *(int(part) if part.isdigit() else part for part in key.split("."))) for key in keys]


def _explain(item: Any, path: Path, schema: dict[str, Any], data: Any, hints: Hints) -> tuple[str, str, str]:
    """What was given, what is allowed, and a hint, of one error of pydantic."""
    kind, context, given = item["type"], item.get("ctx", {}), item["input"]
    if kind == "refused":
        place = plain_path(item["loc"], data)
        if context["kind"] == "time" and isinstance(given, str) and _VALUE_IN_QUOTES.match(given):
            return toml_text(given), context["allowed"], WITHOUT_QUOTES
        if context["kind"] == "hour":
            return toml_text(given), context["allowed"], _hint_at_hour(given)
        hint = context["hint"] or _hint_at_name(str(given), context)
        hint = hint or (_hint_at_moment(given) if isinstance(given, datetime) else "")
        hint = hint or _other_values(place, path, context["keys"], data)
        return toml_text(given if path == place else value_at(data, path)), context["allowed"], hint
    if kind == "missing" and isinstance(value_at(data, path), list):  # a point with too few numbers
        return toml_text(value_at(data, path)), POSITION_TEXT, ""
    if kind == "missing":
        return "nothing", expected_text(subschema(schema, path, data)) + "; this key is required", ""
    if kind == "extra_forbidden":
        keys, name = allowed_keys(schema, path, data), str(path[-1])
        other_file = hints.keys_elsewhere.get(name, "") if len(path) == 1 else ""
        hint = other_file or nearest_key(name, keys)[1] or _where_it_belongs(schema, name, path, hints)
        return f"an unknown key, {shortened(name)}", ", ".join(keys), hint
    if kind == "union_tag_not_found":
        near = nearest_word(str(path[-1]), list(given)) if isinstance(given, dict) else ""
        hint = f"{near} may be a misspelling of {path[-1]}" if near else ""
        return "nothing", f"{', '.join(kinds_of(schema, path, data))}; this key is required", hint
    if kind == "union_tag_invalid":
        words = context["expected_tags"].replace("'", "").split(", ")
        word = _kind_by_other_name(str(context["tag"]), words, schema)
        return toml_text(context["tag"]), ", ".join(words), nearest(word, words)
    if kind == "literal_error":
        words = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        hint = WITHOUT_QUOTES if given in words else nearest(str(given), words)
        return toml_text(given), " or ".join(words), hint
    if item["loc"][-1:] == ("[key]",):
        return toml_text(given), NAME_TEXT, ""
    wanted = subschema(schema, path, data)
    allowed = ("anyOf" not in wanted and TYPE_TEXTS.get(kind)) or expected_text(wanted, item)
    return toml_text(given), allowed, _hint_at_type(given, kind, wanted, path, schema, hints)


def _kind_by_other_name(word: str, kinds: Sequence[str], schema: dict[str, Any]) -> str:
    """The kind whose other name, such as an IAMSAR code, begins a word; the word itself where there is none."""
    for part in schema["$defs"].values():
        tags = [tag["const"] for tag in part.get("properties", {}).values() if tag.get("const") in kinds]
        other = part.get("x-also-called", "")
        if tags and other and word.upper().startswith(other):
            return str(tags[0])
    return word


def _hint_at_type(
    given: Any, kind: str, wanted: dict[str, Any], path: Path, schema: dict[str, Any], hints: Hints
) -> str:
    """A hint at what to write instead of a value of the wrong type; empty where none is evident."""
    if isinstance(given, str) and path[-1] in hints.in_files:
        return f"did you mean {hints.in_files[str(path[-1])]} = {toml_text(given)}?"
    if isinstance(given, str) and kind == "list_type" and wanted.get("items", {}).get("type") == "string":
        inside = given.strip().removeprefix("[").removesuffix("]").split(",")
        return f"did you mean {toml_text([item.strip() for item in inside])}?"
    if wanted.get("format") == "date-time" and (moment := _hint_at_moment(given)):
        return moment
    if isinstance(given, str) and wanted.get("type") != "array" and _VALUE_IN_QUOTES.match(given):
        return WITHOUT_QUOTES
    if isinstance(given, list) and kind == "string_type" and len(given) == 1:
        return f"did you mean {toml_text(given[0])}?"
    if isinstance(given, dict) and kind == "list_type" and "$ref" in wanted.get("items", {}):
        return f"did you mean [[{key_text(path)}]]?"
    if kind == "less_than_equal" and wanted.get("maximum") == 1.0 and 1.0 < given <= 100.0:
        return f"did you mean {given / 100.0:g}?"
    refs = wanted.get("discriminator", {}).get("mapping", {}).values()
    kinds = [wanted, *(schema["$defs"][ref.rsplit("/", 1)[1]] for ref in refs)]
    if len(path) == 2 and any(path[1] in kind_schema.get("properties", {}) for kind_schema in kinds):
        return f"did you mean [{path[0]}.NAME], and {path[1]} below it?"
    if isinstance(given, list) and kind == "dict_type":
        return f"did you mean [{key_text(path)}.NAME]?"
    return ""


def _where_it_belongs(schema: dict[str, Any], name: str, path: Path, hints: Hints) -> str:
    """A hint at the tables that have a key which is unknown here, or at the top of the file; empty for none."""
    sections = {section: tables_of(part, schema) for section, part in schema["properties"].items()}
    if len(path) > 1 and (name in hints.above_tables or not sections.get(name, [""])):
        return f"{name} belongs above the first [table] of the file"
    homes = [
        f"[{section}.NAME]" if "$ref" not in schema["properties"][section] else f"[{section}]"
        for section, tables in sections.items()
        if section != path[0] and any(name in table.get("properties", {}) for table in tables)
    ]
    return f"{name} is a key of {' and '.join(homes)}" if 0 < len(homes) < 4 else ""


def _other_values(table: Path, path: Path, keys: Sequence[str], data: Any) -> str:
    """The values of the other keys of a rule across keys, without lists and tables."""
    paths = zip(keys, _below(table, keys), strict=True)
    values = {key: value_at(data, other) for key, other in paths if other != path}
    return ", ".join(
        f"{key} is {toml_text(value)}" for key, value in values.items() if isinstance(value, str | int | float)
    )


def _hint_at_moment(given: Any) -> str:
    """A hint at how a date, or a date and time without an offset, is written with one; empty for anything else."""
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given.strip())
        except ValueError:
            return ""
    if isinstance(given, datetime):
        return "" if given.tzinfo is not None else f"did you mean {given.isoformat()}Z?"
    return f"did you mean {given.isoformat()}T00:00:00Z?" if isinstance(given, date) else ""


def _hint_at_hour(given: Any) -> str:
    """A hint at how a local time or a number of hours is written; empty where neither is evident."""
    if isinstance(given, time):
        return f'did you mean "{given:%H:%M}"?'
    if isinstance(given, date):
        return "a date has no place here; start is the date at which the deployment begins"
    if not isinstance(given, str):
        return ""
    written = _HOUR_AND_MINUTE.match(given.strip())
    if written and int(written[1]) < 24:
        return f'did you mean "{int(written[1]):02}:{written[2]}"?'
    if _VALUE_IN_QUOTES.match(given):
        return WITHOUT_QUOTES if "-" not in given[1:] else _hint_at_hour(date.min)
    return ""


def _hint_at_name(given: str, context: dict[str, str]) -> str:
    """A hint at the nearest of the names that an error lists, or of the time zones; empty where none is near."""
    if context["kind"] == "zone":
        return hint_at_zone(given)
    return nearest(given, context["allowed"].partition(": ")[2].split(", ")) if ":" in context["kind"] else ""
