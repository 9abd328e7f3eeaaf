"""Whether OpenAI would take a JSON Schema as strict.

Anthropic holds its models to every output format. OpenAI does so only where it is told ``strict``,
and answers 400 where a schema is not of the kind that it can hold them to: every object closed,
every property required.

Source: https://platform.openai.com/docs/guides/structured-outputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["is_strict"]

_KNOWN: Final = frozenset(
    {
        "$defs",
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "definitions",
        "description",
        "enum",
        "items",
        "properties",
        "required",
        "title",
        "type",
    }
)
_DEEPEST: Final = 5
"""OpenAI takes this many levels of nesting."""


def _inner(schema: Mapping[str, Any]) -> Iterator[object]:
    for name in ("properties", "$defs", "definitions"):
        named = schema.get(name)
        if isinstance(named, dict):
            yield from named.values()
    if isinstance(schema.get("anyOf"), list):
        yield from schema["anyOf"]
    if "items" in schema:
        yield schema["items"]


def _closed(schema: Mapping[str, Any]) -> bool:
    if schema.get("type") != "object" and "properties" not in schema:
        return True
    properties, required = schema.get("properties"), schema.get("required")
    if schema.get("additionalProperties") is not False:
        return False
    if not isinstance(properties, dict) or not isinstance(required, list):
        return False
    return all(isinstance(name, str) for name in required) and set(required) == set(properties)


def _holds(schema: object, levels: int) -> bool:
    if not isinstance(schema, dict) or levels == 0:
        return False
    if not schema.keys() <= _KNOWN or not _closed(schema):
        return False
    return all(_holds(inner, levels - 1) for inner in _inner(schema))


def is_strict(schema: Mapping[str, Any]) -> bool:
    """Whether a schema is of the kind that can be told strict; in doubt it is not."""
    return schema.get("type") == "object" and _holds(schema, _DEEPEST)
