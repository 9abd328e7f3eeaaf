"""Whether OpenAI takes a JSON Schema as strict.

Anthropic holds its models to every output format. OpenAI does so only where it is told ``strict``,
and answers 400 where a schema is not of the kind that it can hold them to: every object closed,
every property required. Rules:
https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["is_strict"]

_MOST_SCHEMAS = 5_000
_DEEPEST = 10
"""OpenAI allows so many properties in all, and so many levels of objects."""
_REFUSED = frozenset(
    {"allOf", "oneOf", "not", "dependentRequired", "dependentSchemas", "if", "then", "else"}
)
_LISTS = ("anyOf", "prefixItems")
_MAPS = ("properties", "$defs", "definitions")


def is_strict(schema: Mapping[str, Any]) -> bool:
    """Whether every object in it is closed and demands all of its properties; in doubt it is
    not."""
    if schema.get("type") != "object":
        return False
    waiting: list[tuple[Any, int]] = [(schema, 0)]
    seen = 0
    while waiting:
        current, level = waiting.pop()
        seen += 1
        if seen > _MOST_SCHEMAS or level >= _DEEPEST:
            return False
        if not isinstance(current, dict) or not _closed(current):
            return False
        inner = level + ("properties" in current)
        waiting.extend((schema, inner) for schema in _within(current))
    return True


def _closed(schema: Mapping[str, Any]) -> bool:
    if not _REFUSED.isdisjoint(schema):
        return False
    if schema.get("type") != "object" and "properties" not in schema:
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
