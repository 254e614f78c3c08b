"""The chance that an agreement releases a report, by the kind of observer that made it: the key `release`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from sim.core.fields import refuse
from sim.model.observers.base import Observer


@dataclass(frozen=True)
class Release:
    """The chance that a report is released, by the kind of observer that made it.

    A file gives one number, which holds for every kind, or a table. A kind that the table does not name is never
    released.
    """

    chances: Mapping[str, float]
    """The chance, 0 to 1, by kind of observer."""

    def chance(self, kind: str) -> float:
        """The chance, 0 to 1, that a report of one kind of observer is released."""
        return self.chances.get(kind, 0.0)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validation of a number, or of a table with a key for each kind of observer."""
        chance = core_schema.float_schema(strict=True, ge=0.0, le=1.0)
        keys = {kind: core_schema.typed_dict_field(chance, required=False) for kind in Observer.kinds()}
        table = core_schema.typed_dict_schema(keys, extra_behavior="forbid")
        as_table = core_schema.no_info_before_validator_function(_as_table, table)
        as_written = core_schema.plain_serializer_function_ser_schema(_shortest_form)
        return core_schema.no_info_after_validator_function(cls._from_table, as_table, serialization=as_written)

    @classmethod
    def _from_table(cls, table: Mapping[str, float]) -> Self:
        return cls({kind: table.get(kind, 0.0) for kind in Observer.kinds()})

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema of a number or a table."""
        number = {"type": "number", "minimum": 0.0, "maximum": 1.0}
        meaning = "The chance, 0 to 1, that a report of an observer of kind {} is released. If it is left out, none is."
        keys = {kind: number | {"description": meaning.format(kind)} for kind in Observer.kinds()}
        table = {"type": "object", "properties": keys, "additionalProperties": False}
        return {"description": cls.__doc__, "anyOf": [number, table]}


def _as_table(given: Any) -> Any:
    """A number as a table of all kinds of observers."""
    if isinstance(given, dict):
        return given
    if isinstance(given, Release):
        return dict(given.chances)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0.0 <= given <= 1.0:
        kinds = ", ".join(Observer.kinds())
        allowed = f"a number at least 0 and at most 1, or a table of such numbers by kind of observer: {kinds}"
        raise refuse("form", allowed)
    return dict.fromkeys(Observer.kinds(), float(given))


def _shortest_form(release: Release) -> Any:
    """One number where all kinds have the same chance; otherwise a table without the kinds that are never released."""
    chances = {kind: release.chance(kind) for kind in Observer.kinds()}
    if len(set(chances.values())) == 1:
        return next(iter(chances.values()))
    return {kind: chance for kind, chance in chances.items() if chance > 0.0}
