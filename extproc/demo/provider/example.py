"""A value that a JSON Schema allows: arguments and structured answers that look meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["example_of"]

_DEEPEST = 8


def example_of(schema: Any) -> Any:
    """One value for a schema, always the same. What it does not understand it fills with a word."""
    definitions: dict[str, Any] = {}
    if isinstance(schema, dict):
        for name in ("$defs", "definitions"):
            if isinstance(schema.get(name), dict):
                definitions |= {f"#/{name}/{key}": below for key, below in schema[name].items()}
    return _value(schema, definitions, "word", 0)


def _value(schema: Any, definitions: Mapping[str, Any], name: str, depth: int) -> Any:
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        schema = definitions.get(schema["$ref"])
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return name
    if "const" in schema:
        return schema["const"]
    for values in (schema.get("enum"), schema.get("examples")):
        if isinstance(values, list) and values:
            return values[0]
    for union in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(union), list) and schema[union]:
            return _value(schema[union][0], definitions, name, depth + 1)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if isinstance(kind, list):
        kind = next((one for one in kind if one != "null"), "null")
    match kind:
        case "object":
            properties = schema.get("properties")
            known = properties if isinstance(properties, dict) else {}
            return {key: _value(of, definitions, key, depth + 1) for key, of in known.items()}
        case "array":
            return [_value(schema.get("items"), definitions, name, depth + 1)]
        case "integer" | "number":
            least = schema.get("minimum", 1)
            return least if isinstance(least, int | float) else 1
        case "boolean":
            return True
        case "null":
            return None
    return name
