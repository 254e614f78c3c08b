"""The values that a key allows, in the words of an error, from its JSON Schema."""

from typing import Any

from sim.core.fields import ALLOWED_FORMS

NAME_TEXT = "a name of letters, digits, _ and -, a letter first"
DATE_TIME_TEXT = "a date and time with an offset, such as 2023-04-10T00:00:00Z"
POSITION_TEXT = "a list of two numbers, [lon, lat]"
TYPE_TEXTS = {
    "tuple_type": POSITION_TEXT,
    "dict_type": "a table",
    "list_type": "a list",
    "int_from_float": "a whole number",
    "string_unicode": "text in UTF-8",
}


def bounds_text(schema: dict[str, Any]) -> str:
    """The bounds of a number in words; empty where it has none."""
    words = {
        "minimum": "at least",
        "exclusiveMinimum": "above",
        "maximum": "at most",
        "exclusiveMaximum": "below",
    }
    return " and ".join(f"{text} {_bound_text(schema[key])}" for key, text in words.items() if key in schema)


def _bound_text(value: float) -> str:
    """A bound as text; a whole number without an exponent, as TOML requires."""
    return str(value) if isinstance(value, int) else f"{value:g}"


def _number_text(schema: dict[str, Any]) -> str:
    """A number and its bounds in words."""
    return f"{'a whole number' if schema.get('type') == 'integer' else 'a number'} {bounds_text(schema)}".strip()


def is_local_hour(schema: dict[str, Any]) -> bool:
    """Whether a key takes a number of hours or a local time of day."""
    return [kind for form in schema.get("anyOf", []) if (kind := form.get("type")) != "null"] == ["number", "string"]


def expected_text(schema: dict[str, Any], item: Any = None) -> str:
    """The values that a key allows, by the JSON Schema of the key, in words.

    `item` is the error of pydantic, whose own message is used where the schema says nothing.
    """
    kind = schema.get("type")
    if is_local_hour(schema):
        return f'{_number_text(schema["anyOf"][0])}, or a local time, such as "18:00"'
    if any(form.get("type") == "string" for form in schema.get("anyOf", [])):
        return "text in quotes, or a list of such texts"
    if "anyOf" in schema:
        return "a finite number" if item is not None and item["type"] == "finite_number" else ALLOWED_FORMS
    if "const" in schema:
        return str(schema["const"])
    if kind in ("number", "integer"):
        bounds = _number_text(schema)
        return (
            "a finite number"
            if bounds == "a number" and item is not None and item["type"] == "finite_number"
            else bounds
        )
    if "enum" in schema:
        return " or ".join(str(value) for value in schema["enum"])
    if schema.get("format") == "date-time":
        return DATE_TIME_TEXT
    if schema.get("pattern"):
        return NAME_TEXT
    if kind == "array" and (schema.get("maxItems") == schema.get("minItems") == 2):
        return POSITION_TEXT
    if kind == "array" and item is not None and item["type"] in ("too_short", "too_long"):
        low, high = schema.get("minItems", 0), schema.get("maxItems")
        return (
            f"a list of {low} items"
            if low == high
            else f"a list of at least {low}"
            + (f" and at most {high} items" if high else " items" if low > 1 else " item")
        )
    if kind == "object" and item is not None and item["type"] == "too_long":
        return f"a table of at most {schema.get('maxProperties'):,} keys"
    if kind is None and ("discriminator" in schema or not schema):
        return "a table"
    if "properties" in schema:
        keys = schema.get("required") or list(schema["properties"])
        return f"a table {{ {', '.join(keys)} }}" if len(keys) < 6 else "a table"
    if item is not None and item["type"] == "string_too_long":
        return f"text of at most {schema.get('maxLength')} characters"
    words = {"string": "text in quotes", "boolean": "true or false", "array": "a list", "object": "a table"}
    return words.get(str(kind), item["msg"].lower() if item is not None else "a value")
