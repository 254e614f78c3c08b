"""Parts of a scenario that come in several kinds, told apart by one key: laws, sensors, routes, observers.

A family of kinds is one base class that states the questions which every kind answers; a kind is one subclass, in a
file of its own. Defining the subclass registers it, and everything that needs to know the kinds asks the family: the
schema of a scenario, its JSON Schema, the texts of errors. So there is no list of kinds anywhere.

A kind may also be defined outside this package. It must exist before the first scenario is read, since the schema is
built then, with the kinds that exist by then:

    from typing import Literal
    from sim.model.sensors.base import Sensor

    class Hydrophone(Sensor):
        kind: Literal["hydrophone"]

Worker processes need it too: put it in a module that they can import, and import that module in your script.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from sim.core.fields import Part


class Kind(Part):
    """The base of all families. A direct subclass is a family; a subclass with a literal tag is one of its kinds."""

    tag: ClassVar[str] = "kind"
    """The key of a table that names its kind."""
    other_name: ClassVar[str] = ""
    """Another name that users know a kind by, such as the IAMSAR code of a search pattern."""
    default_kind: ClassVar[str] = ""
    """The kind of a table that names none; of most families a table must name its kind."""
    _kinds: ClassVar[dict[str, Any]]
    _is_built: ClassVar[bool] = False

    @classmethod
    def kinds(cls) -> dict[str, Any]:
        """The classes of a family by their names in a file, in the order in which they were defined."""
        return cls._kinds

    @classmethod
    def _family(cls) -> "type[Kind]":
        return next(base for base in cls.__mro__ if issubclass(base, Kind) and Kind in base.__bases__)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Begin a family, or register a kind with its family; raises TypeError for a name that is taken or too late."""
        super().__pydantic_init_subclass__(**kwargs)
        if Kind in cls.__bases__:
            cls._kinds = {}
            return
        field = cls.model_fields.get(cls.tag)
        if field is None or get_origin(field.annotation) is not Literal:
            return  # a base class of several kinds, which is no kind itself
        family, (name,) = cls._family(), get_args(field.annotation)
        if family._is_built:
            raise TypeError(f"define the {family.__name__.lower()} {name!r} before the first scenario is read")
        if name in family._kinds:
            raise TypeError(f"there is a {family.__name__.lower()} called {name!r} already")
        family._kinds[name] = cls

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A key of the type of a family holds any of its kinds; the tag says which."""
        if Kind not in cls.__bases__:
            return handler(source)
        cls._is_built = True
        members: Any = Union[tuple(cls._kinds.values())]  # noqa: UP007  made of what is registered
        schema = handler.generate_schema(Annotated[members, Field(discriminator=cls.tag)])
        if not cls.default_kind:
            return schema
        return core_schema.no_info_before_validator_function(cls._with_kind, schema)

    @classmethod
    def _with_kind(cls, given: Any) -> Any:
        """A table as it is given, with the default kind of the family where it names none."""
        return {cls.tag: cls.default_kind, **given} if isinstance(given, dict) else given

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema, with the other name of a kind: the texts of errors recognise it."""
        found = super().__get_pydantic_json_schema__(schema, handler)
        if cls.other_name:
            handler.resolve_ref_schema(found)["x-also-called"] = cls.other_name
        return found


def default_kinds() -> set[str]:
    """The kinds of tables that name none, of all families."""
    return {family.default_kind for family in Kind.__subclasses__() if family.default_kind}


def import_all(package: str, folders: Iterable[str]) -> None:
    """Import every file of a package, in the order of their names, so that the kinds in them are registered."""
    for name in sorted(found.name for found in pkgutil.iter_modules(folders)):
        importlib.import_module(f"{package}.{name}")
