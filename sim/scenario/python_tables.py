"""Tables and keys that a program gives, made of what a TOML file can hold."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from sim.core.limits import MOST_NESTING, MOST_SETS
from sim.scenario.problems import Path, key_text, refused

TABLES = "tables"
"""What errors call the tables of a scenario that a program gives, in place of the name of a file."""
SETS = "sets"
"""What errors call keys that a program sets."""


def as_in_toml(value: Any, file: str, path: Path = ()) -> Any:
    """A copy of a value without tuples, arrays, numbers of NumPy, paths and parts of scenarios.

    A date that is written as a text becomes a date where its key wants one, as it would in a file. All else is left
    to the checks of its key. Raises InputError where a key of a table is no text, or where tables and lists lie too
    deep inside each other.
    """
    if len(path) > MOST_NESTING:
        raise refused(
            "more levels", f"tables and lists of at most {MOST_NESTING} levels", file=file, key=key_text(path)
        )
    if isinstance(value, BaseModel):  # a part of another scenario
        value = value.model_dump(exclude_none=True, by_alias=True)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise refused(key, "a key that is a text", file=file, key=key_text(path))
        return {key: as_in_toml(item, file, (*path, key)) for key, item in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [as_in_toml(item, file, (*path, number)) for number, item in enumerate(value)]
    if isinstance(value, str) and path and str(path[-1]).rpartition(".")[2] in _keys_of_dates():
        return _date_or_text(value)
    return str(value) if isinstance(value, FilePath) else value


@cache
def _keys_of_dates() -> frozenset[str]:
    """The names of the keys of a scenario that are dates or times with a date."""
    from sim.scenario.schema import Scenario

    schema = Scenario.model_json_schema()
    tables = [schema, *schema["$defs"].values()]
    keys = [(name, part) for table in tables for name, part in table.get("properties", {}).items()]
    return frozenset(name for name, part in keys if "date-time" in str(part))


def _date_or_text(text: str) -> date | str:
    """The date, or the date and time, that a text is in the form of ISO 8601; the text itself where it is neither."""
    for kind in (date, datetime):
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    return text


def keys_and_values(sets: Mapping[str, Any]) -> Iterable[tuple[tuple[str, ...], Any]]:
    """The path and the value of each key that a program sets; InputError where a key is none or a value is too deep."""
    if len(sets) > MOST_SETS:
        raise refused(len(sets), f"at most {MOST_SETS:,} keys", file=SETS)
    for key, value in sets.items():
        if not isinstance(key, str) or not all(part.strip() for part in key.split(".")):
            raise refused(key, "a dotted key, such as routes.search.spacing_nmi", file=SETS)
        yield tuple(part.strip() for part in key.split(".")), as_in_toml(value, SETS, (key,))
