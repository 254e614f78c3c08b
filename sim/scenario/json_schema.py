"""JSON Schema of a scenario file, for editors."""

from functools import cache
from typing import Any

from sim.model.environment import SeriesFile
from sim.scenario.load import library
from sim.scenario.schema import Scenario


@cache
def json_schema() -> dict[str, Any]:
    """JSON Schema of a scenario file, for editors: nothing is required of a file that extends another."""
    whole = Scenario.model_json_schema()
    whole["properties"]["extends"] = {"type": "string", "description": "A name that ships, or a .toml path beside."}
    for part in ("Area", "Zone"):
        shape = whole["$defs"][part]
        shape["properties"]["file"] = {"type": "string", "description": "A GeoJSON file inside this file's folder."}
        shape.pop("required", None)
    kind = whole["$defs"]["Aircraft"]["properties"]["type"]
    whole["$defs"]["Aircraft"]["properties"]["type"] = {
        "type": "string",
        "enum": list(library()),
        "description": kind["description"],
    }
    file = SeriesFile.model_json_schema()
    whole["$defs"] |= file.pop("$defs")
    whole["$defs"]["Series"]["properties"] |= file["properties"]
    whole["$defs"]["Series"].pop("required", None)
    required = whole.pop("required")
    for definition in whole["$defs"].values():
        if "required" in definition:
            definition["x-required"] = definition.pop("required")
    for part in (*whole["$defs"].values(), whole):
        for key in part.get("properties", {}).values():  # without what is required, a table may fit several kinds
            inner = (key.get("additionalProperties", {}), *key.get("patternProperties", {}).values())
            for place in (key, *inner, *key.get("anyOf", [])):
                if isinstance(place, dict) and "oneOf" in place:
                    place["anyOf"] = place.pop("oneOf")
    whole["if"] = {"not": {"required": ["extends"]}}
    whole["then"] = {"required": required}
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    whole["title"] = "seasweep scenario"
    return whole
