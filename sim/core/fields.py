"""The types of values in a scenario: strict tables, numbers with plausible bounds, and random quantities.

The bounds are those of plausibility, not of physics: they catch a wrong unit or a misplaced decimal point.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import combinations, product
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_serializer,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim.core.arrays import Floats
from sim.core.limits import MOST_NAMES_SHOWN
from sim.core.meanings import meanings_of
from sim.core.text import first_hidden, visible


class Part(BaseModel):
    """A table of a scenario: immutable, with no unknown keys, and with finite numbers only."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        defer_build=True,  # until the first scenario is read: kinds may be defined until then, see `sim.core.kinds`
    )

    forms: ClassVar[tuple[frozenset[str], ...]] = ()
    """Sets of keys of which a table gives one only. A child that gives another set replaces its parent's table."""

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema, with the meaning of each key."""
        found = handler(schema)
        keys = handler.resolve_ref_schema(found).get("properties", {})
        for name, meaning in meanings_of(cls, Part).items():
            field = cls.model_fields.get(name)
            key = field.alias or name if field is not None else ""
            if meaning and key in keys:
                keys[key] |= {"description": meaning}
        return found


def refuse(kind: str, allowed: str, *keys: str, hint: str = "") -> PydanticCustomError:
    """An error that says what is allowed, with a hint at what was probably meant where there is one.

    A rule across keys names them, dotted, as seen from the table that it holds for. Of those that are given the one
    written last offends (by a child, or by `--set`), the first named where all were written at once.
    """
    return PydanticCustomError("refused", "{allowed}", {"allowed": allowed, "kind": kind, "keys": keys, "hint": hint})


def listed(names: Sequence[str]) -> str:
    """Names as one text. Of many names only the first ones are shown, followed by the number of the others."""
    more = len(names) - MOST_NAMES_SHOWN
    return ", ".join(names[:MOST_NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _no_flag(value: Any) -> Any:
    """Refuse true and false where a number is expected: Python takes True for 1."""
    if isinstance(value, bool):
        raise refuse("format", "1")
    return value


def _no_hidden_characters(text: str, allowed: str, besides: str = "") -> str:
    """Refuse a text that has a hidden character; the characters of `besides` are allowed."""
    at = first_hidden(text.translate(dict.fromkeys(map(ord, besides), " ")))
    if at is not None:
        raise refuse("text", f"{allowed} without control characters; character {at + 1} is {visible(text[at])}")
    return text


def _one_line(text: str) -> str:
    return _no_hidden_characters(text, "a text on one line,")


def _lines(text: str) -> str:
    return _no_hidden_characters(text, "a text", besides="\n\t")


FormatOne = Annotated[Literal[1], BeforeValidator(_no_flag)]
Probability = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
Nmi = Annotated[float, Field(strict=True, gt=0.0, le=2000.0)]
Knots = Annotated[float, Field(strict=True, ge=0.001, le=700.0)]  # at much lower speeds, times overflow
Hours = Annotated[float, Field(strict=True, ge=0.0, le=10000.0)]
Feet = Annotated[float, Field(strict=True, gt=0.0, le=60000.0)]
Degrees = Annotated[float, Field(strict=True, ge=0.0, lt=360.0)]
Longitude = Annotated[float, Field(strict=True, ge=-180.0, le=180.0)]
Latitude = Annotated[float, Field(strict=True, ge=-90.0, le=90.0)]
NAME_PATTERN = r"^[A-Za-z][A-Za-z0-9_-]*$"
Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=60)]
OneLine = AfterValidator(_one_line)
Lines = AfterValidator(_lines)
Title = Annotated[str, Field(max_length=200), OneLine]
Label = Annotated[str, Field(min_length=1, max_length=60), OneLine]

BOUNDED_KEYS = ("value", "low", "high", "mean", "median", "min", "max")
ALLOWED_FORMS = "a number, { low, high }, { mean } or { median, sigma }, optionally with min and max"


class Quantity(Part):
    """A random quantity: a constant, or uniform, exponential or log-normal, optionally truncated to [min, max]."""

    forms = tuple(map(frozenset, ({"value"}, {"low", "high"}, {"mean"}, {"median", "sigma"})))
    value: float | None = Field(None, strict=True)
    """The value, the same every time."""
    low: float | None = Field(None, strict=True)
    """Uniform distribution: the least value."""
    high: float | None = Field(None, strict=True)
    """Uniform distribution: the greatest value."""
    mean: float | None = Field(None, strict=True)
    """Exponential distribution: the mean."""
    median: float | None = Field(None, strict=True)
    """Log-normal distribution: the median."""
    sigma: float | None = Field(None, strict=True, gt=0.0, le=3.0)
    """Log-normal distribution: the standard deviation of the natural logarithm."""
    min: float | None = Field(None, strict=True)
    """Least value: the distribution is truncated here."""
    max: float | None = Field(None, strict=True)
    """Greatest value: the distribution is truncated here."""

    @model_validator(mode="before")
    @classmethod
    def _number(cls, given: Any) -> Any:
        return {"value": given} if isinstance(given, int | float) and not isinstance(given, bool) else given

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name) is not None}
        if given - {"min", "max"} not in self.forms:
            raise refuse("form", ALLOWED_FORMS)
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise refuse("range", "a low that is less than high", "low", "high")
        if self.min is not None and self.max is not None and self.min >= self.max:
            raise refuse("range", "a min that is less than max", "min", "max")
        if given & {"mean", "median"} and (self.mean or self.median or 0.0) <= 0.0:
            raise refuse("range", "a mean or median above 0", "mean", "median")
        if not self._cdf(self.min, 0.0) < self._cdf(self.max, 1.0) and self.value is None:
            raise refuse("range", "a min and max between which the distribution has some probability", "min", "max")
        return self

    @model_serializer
    def _as_written(self) -> Any:
        if self.value is not None:
            return self.value
        return {name: getattr(self, name) for name in type(self).model_fields if getattr(self, name) is not None}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
        """Describe the quantity in the JSON Schema: a number, or a table of one of the forms."""
        table = handler.resolve_ref_schema(handler(schema))["properties"]
        properties = {
            name: {**table[name]["anyOf"][0], "description": meaning}
            for name, meaning in meanings_of(cls, Part).items()
            if name in table and name != "value"
        }
        for name in ("mean", "median"):
            properties[name]["exclusiveMinimum"] = 0.0
        forms = [sorted(form) for form in cls.forms if "value" not in form]
        pairs = [pair for form, other in combinations(forms, 2) for pair in product(form, other)]
        return {
            "description": cls.__doc__,
            "anyOf": [
                {"type": "number"},
                {
                    "type": "object",
                    "properties": properties,
                    "additionalProperties": False,
                    "not": {"anyOf": [{"required": list(pair)} for pair in pairs]},
                },
            ],
        }

    def quantile(self, u: Floats) -> Floats:
        """Return the inverse distribution function, after truncation, at probabilities u of any shape."""
        u = np.asarray(u, float)
        if self.value is not None:
            return np.full(u.shape, self.value)
        first, last = self._cdf(self.min, 0.0), self._cdf(self.max, 1.0)
        return self._raw_quantile(first + u * (last - first))

    def _raw_quantile(self, u: Floats) -> Floats:
        if self.low is not None and self.high is not None:
            return self.low + u * (self.high - self.low)
        if self.mean is not None:
            return -self.mean * np.log1p(-u)
        from scipy.special import ndtri

        return np.asarray((self.median or 1.0) * np.exp((self.sigma or 1.0) * ndtri(u)), float)

    def _cdf(self, x: float | None, otherwise: float) -> float:
        if x is None or self.value is not None:
            return otherwise
        return float(self._cdf_of(np.array(x, float)))

    def _cdf_of(self, x: Floats) -> Floats:
        """Return the distribution function before truncation, at numbers x of any shape."""
        if self.low is not None and self.high is not None:
            return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)
        above = np.maximum(x, 0.0)
        if self.mean is not None:
            return np.asarray(-np.expm1(-above / self.mean), float)
        from scipy.special import ndtr

        with np.errstate(divide="ignore"):  # the logarithm of 0 is -inf, below which there is nothing
            return np.asarray(ndtr(np.log(above / (self.median or 1.0)) / (self.sigma or 1.0)), float)

    def survival(self, x: Floats) -> Floats:
        """Return the chance that a value is above each of some numbers x of any shape, after truncation."""
        x = np.asarray(x, float)
        if self.value is not None:
            return (x < self.value).astype(float)
        first, last = self._cdf(self.min, 0.0), self._cdf(self.max, 1.0)
        below = (self._cdf_of(x) - first) / (last - first)
        return np.asarray(1.0 - np.clip(below, 0.0, 1.0), float)

    @property
    def text(self) -> str:
        """The distribution and its bounds in a few words."""
        if self.value is not None:
            return f"{self.value:g}"
        if self.mean is not None:
            text = f"exponential, mean {self.mean:g}"
        elif self.median is not None:
            text = f"log-normal, median {self.median:g}, sigma {self.sigma:g}"
        else:
            text = f"uniform {self.low:g} to {self.high:g}"
        if self.min is None and self.max is None:
            return text
        least, most = ("-" if end is None else f"{end:g}" for end in (self.min, self.max))
        return f"{text}, cut to {least} to {most}"

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value, leaving out a probability of 1e-9 at either end."""
        ends = self.quantile(np.array([1e-9, 1.0 - 1e-9]))
        return float(ends[0]), float(ends[1])


@dataclass(frozen=True)
class Within:
    """The bounds of a random quantity: all of its numbers but `sigma` lie in [low, high].

    The loader refuses other numbers, and the JSON Schema of the key states the bounds, so that an editor does too.
    """

    low: float
    high: float
    unit: str
    """The unit in words, for errors."""

    def check(self, quantity: Quantity) -> Quantity:
        """The quantity itself; refuses one with a number outside the bounds."""
        for name in BOUNDED_KEYS:
            number = getattr(quantity, name)
            if number is not None and not self.low <= number <= self.high:
                raise refuse("range", f"a number from {self.low:g} to {self.high:g} {self.unit}", name)
        return quantity

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validation of a quantity, and of its bounds after that."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON Schema of a quantity, with the bounds of each number."""
        whole = deepcopy(handler.resolve_ref_schema(handler(schema)))
        number, table = whole["anyOf"]
        numbers = [number, *(table["properties"][name] for name in BOUNDED_KEYS if name != "value")]
        for bounded in numbers:
            bounded["maximum"] = self.high
            if "exclusiveMinimum" not in bounded or self.low > 0.0:
                bounded.pop("exclusiveMinimum", None)
                bounded["minimum"] = self.low
        return dict(whole)


VesselSpeed = Annotated[Quantity, Within(0.1, 60.0, "knots")]
PairSpeed = Annotated[Quantity, Within(0.0, 5.0, "knots")]
Duration = Annotated[Quantity, Within(0.01, 1000.0, "hours")]
