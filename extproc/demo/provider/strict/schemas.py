"""Which JSON Schemas the providers take for answers and arguments that must match them.

Anthropic: structured outputs, "JSON Schema limitations". OpenAI: structured outputs, "Supported
schemas".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["anthropic_fault", "openai_fault"]

_UNSUPPORTED_BY_ANTHROPIC = frozenset(
    {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "patternProperties",
        "oneOf",
        "not",
        "if",
    }
)
_UNSUPPORTED_BY_OPENAI = frozenset({"allOf", "not", "if", "oneOf", "patternProperties"})
_MAPS_OF_SCHEMAS = ("properties", "$defs", "definitions")
_LISTS_OF_SCHEMAS = ("anyOf", "allOf", "oneOf", "prefixItems")


def anthropic_fault(schema: Any) -> str | None:
    """What Anthropic holds against a schema of structured outputs or of a strict tool."""
    for _, part in _parts(schema):
        kind = part.get("type")
        is_object = kind == "object" or (isinstance(kind, list) and "object" in kind)
        if is_object and part.get("additionalProperties") is not False:
            return "For 'object' type, 'additionalProperties' must be explicitly set to false"
        for keyword in part:
            if keyword in _UNSUPPORTED_BY_ANTHROPIC:
                return f"For '{kind}' type, property '{keyword}' is not supported"
        if part.get("minItems", 0) not in (0, 1):
            return "For 'array' type, 'minItems' values other than 0 or 1 are not supported"
    return None


def openai_fault(schema: Any) -> str | None:
    """What OpenAI holds against a schema that is to be followed strictly."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return "schema must be a JSON Schema of 'type: \"object\"'"
    for context, part in _parts(schema):
        properties = part.get("properties")
        if part.get("type") == "object" and part.get("additionalProperties") is not False:
            return (
                f"In context={context}, 'additionalProperties' is required to be supplied and to "
                "be false."
            )
        if isinstance(properties, dict):
            required = part.get("required")
            named = required if isinstance(required, list) else []
            for name in properties:
                if name not in named:
                    return (
                        f"In context={context}, 'required' is required to be supplied and to be an "
                        f"array including every key in properties. Missing '{name}'."
                    )
        for keyword in part:
            if keyword in _UNSUPPORTED_BY_OPENAI:
                return f"In context={context}, '{keyword}' is not permitted."
    return None


def _parts(schema: Any) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """All schemas in a schema, with the way to each."""
    left: list[tuple[tuple[str, ...], Any]] = [((), schema)]
    while left:
        path, part = left.pop()
        if not isinstance(part, dict):
            continue
        yield path, part
        for name in _MAPS_OF_SCHEMAS:
            if isinstance(of_name := part.get(name), dict):
                left += [((*path, name, key), below) for key, below in of_name.items()]
        for name in _LISTS_OF_SCHEMAS:
            if isinstance(of_name := part.get(name), list):
                left += [((*path, name, str(at)), below) for at, below in enumerate(of_name)]
        left.append(((*path, "items"), part.get("items")))
