"""Overrides of single keys of a scenario: `--set` on the command line, and the factors of a study."""

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sim.core.limits import MOST_NESTING, MOST_SETS
from sim.core.text import first_hidden
from sim.scenario.nearest import nearest
from sim.scenario.problems import COMMAND_LINE, InputError, refused
from sim.scenario.reading import loads_within_limits
from sim.scenario.schema import NAMED_TABLES, WITH_POLYGON
from sim.scenario.source import KIND_KEYS, Source, drop_schedule, forget, merge, with_kind


def parse_set(text: str) -> tuple[tuple[str, ...], Any]:
    """The path and the value of a KEY=VALUE of `--set`; a value that is not TOML is a string."""
    key, equals, value = text.partition("=")
    if not equals or not all(part.strip() for part in key.split(".")):
        raise refused(text, "KEY=VALUE, such as routes.search.spacing_nmi=25", key="--set")
    try:
        tables = loads_within_limits(f"v = {value}", COMMAND_LINE)
        parsed = tables["v"] if len(tables) == 1 else value
    except tomllib.TOMLDecodeError:
        parsed = value
    except InputError as error:
        raise InputError([replace(problem, line=None, key="--set") for problem in error.problems]) from None
    return tuple(part.strip() for part in key.split(".")), parsed


def parse_sets(texts: Iterable[str]) -> list[tuple[tuple[str, ...], Any]]:
    """The paths and the values of all KEY=VALUE of `--set`, in the order in which they are applied."""
    given = list(texts)
    if len(given) > MOST_SETS:
        allowed = f"at most {MOST_SETS:,} keys; write them to a scenario that extends this one"
        raise refused(len(given), allowed, key="--set")
    return kinds_before_keys(parse_set(text) for text in given)


def kinds_before_keys(sets: Iterable[tuple[tuple[str, ...], Any]]) -> list[tuple[tuple[str, ...], Any]]:
    """Keys and values to set, keys that change a kind or pattern before the keys that belong to it."""
    return sorted(sets, key=lambda pair: pair[0][-1] not in KIND_KEYS)


def apply_set(source: Source, path: tuple[str, ...], value: Any, file: str) -> None:
    """Set one key, and add the tables that it needs; raises `InputError` where it names a part that does not exist."""
    if len(path) > MOST_NESTING:
        raise refused(".".join(path), f"a key of at most {MOST_NESTING} parts", file=file, key="--set")
    if first_hidden(".".join(path)) is not None:
        raise refused(".".join(path), "a key without control characters", file=file, key="--set")
    here = source.data
    for end in range(1, len(path)):
        source.note_new(path[:end], (file, None))
    parts = here.get(path[0])
    if len(path) > 2 and isinstance(parts, dict) and path[0] in NAMED_TABLES and path[1] not in parts:
        allowed = f"a name from [{path[0]}]: {', '.join(parts)}"
        raise refused(path[1], allowed, file=file, key=".".join(path), hint=nearest(path[1], list(parts)))
    if path[0] == "patrols" and len(path) > 3 and isinstance(parts, dict) and isinstance(parts[path[1]], dict):
        drop_schedule(source, parts[path[1]], {path[2]: {}}, path[:2])
    for position, part in enumerate(path[:-1]):
        here = here.setdefault(part, {})
        if not isinstance(here, dict):
            table = ".".join(path[: position + 1])
            raise refused(".".join(path), f"a key that exists; {table} is not a table", file=file, key="--set")
    if path[0] in WITH_POLYGON and path[-1] in ("file", "polygon"):  # an area has only one of the two
        here.pop("polygon" if path[-1] == "file" else "file", None)
    if (
        path[-1] in KIND_KEYS and with_kind(here, path[:-1]).get(path[-1], value) != value
    ):  # as in a child, the keys of the other kind are dropped
        here.clear()
        forget(source, path[:-1])
        source.note(path[:-1], (file, None))
    layer: dict[str, Any] = {path[-1]: value}
    merge(source, here, layer, path[:-1], file, None)
    source.note(path, (file, None))
