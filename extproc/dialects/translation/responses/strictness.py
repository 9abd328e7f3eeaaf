"""Whether OpenAI takes a JSON Schema as strict.

Rules: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas. Anthropic asks
less: a schema written for it may have optional properties.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["is_strict"]

_MOST_SCHEMAS = 5_000
"""Larger ones are taken for not strict: OpenAI allows as many properties in all."""

_REFUSED = frozenset(
    {"allOf", "oneOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else"}
)
_LISTS = ("anyOf", "prefixItems")
_MAPS = ("properties", "$defs", "definitions")


def is_strict(schema: Mapping[str, Any]) -> bool:
    """Whether every object in it is closed and demands all of its properties."""
    if schema.get("type") != "object":
        return False
    waiting: list[Any] = [schema]
    seen = 0
    while waiting:
        current = waiting.pop()
        seen += 1
        if seen > _MOST_SCHEMAS or not isinstance(current, dict) or not _closed(current):
            return False
        waiting.extend(_within(current))
    return True


def _closed(schema: Mapping[str, Any]) -> bool:
    if not _REFUSED.isdisjoint(schema):
        return False
    kind = schema.get("type")
    if kind != "object" and "properties" not in schema:
        return True
    properties = schema.get("properties", {})
    required = schema.get("required", [])
    return (
        schema.get("additionalProperties") is False
        and isinstance(properties, dict)
        and isinstance(required, list)
        and properties.keys() <= {name for name in required if isinstance(name, str)}
    )


def _within(schema: Mapping[str, Any]) -> Iterator[Any]:
    for name in _MAPS:
        schemas = schema.get(name)
        if isinstance(schemas, dict):
            yield from schemas.values()
    for name in _LISTS:
        listed = schema.get(name)
        if isinstance(listed, list):
            yield from listed
    if "items" in schema:
        yield schema["items"]
