"""JSON Schema as Anthropic's structured outputs and strict tools take it.

They know a part of the language only. What they do not know moves into ``description``, where the
model can read it: https://platform.claude.com/docs/en/build-with-claude/structured-outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["adapted_schema", "input_schema"]

_DEEPEST = 64
"""Deeper schemas stay as they are: the provider judges them."""
_LONGEST_VALUE = 500

_KEPT = frozenset({"type", "title", "description", "enum", "const", "required"})
_SCHEMAS = frozenset({"anyOf", "allOf"})
_CHOICES = ("anyOf", "oneOf", "allOf")
_NAMED_SCHEMAS = frozenset({"properties", "$defs", "definitions"})
_NOTES = frozenset({"$schema", "$id", "$comment"})
"""These say nothing about values."""
_FORMATS = frozenset(
    {
        "date-time",
        "time",
        "date",
        "duration",
        "email",
        "hostname",
        "uri",
        "ipv4",
        "ipv6",
        "uuid",
    }
)


def _is_object(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind)


def _told(name: str, value: object) -> str:
    try:
        text = orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        text = "…"
    if isinstance(value, str):
        text = value
    return f"{name}: {text[:_LONGEST_VALUE]}"


def _describe(schema: dict[str, Any], keywords: Mapping[str, Any]) -> None:
    """Tell in a schema's description what its keywords do not."""
    told = "{" + ", ".join(_told(name, value) for name, value in keywords.items()) + "}"
    before = schema.get("description")
    schema["description"] = f"{before}\n\n{told}" if isinstance(before, str) else told


class _Adapting:
    """One walk over one schema; ``moved`` are the keywords that it could not keep."""

    def __init__(self) -> None:
        self.moved: dict[str, None] = {}

    def _value(self, value: object, depth: int) -> object:
        return self.walk(value, depth + 1) if isinstance(value, dict) else value

    def walk(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if depth > _DEEPEST:
            return dict(schema)
        kept: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        referring = isinstance(schema.get("$ref"), str)
        for name, value in schema.items():
            if name in _NAMED_SCHEMAS and isinstance(value, dict):
                kept[name] = {key: self._value(item, depth) for key, item in value.items()}
            elif name == "$ref" or (name in _KEPT and not referring):
                kept[name] = value
            elif referring:
                # Beside a reference nothing else is taken, not even a description.
                self._lose(name)
            elif name in _SCHEMAS and isinstance(value, list):
                kept[name] = [self._value(item, depth) for item in value]
            elif name == "oneOf" and isinstance(value, list) and "anyOf" not in schema:
                kept["anyOf"] = [self._value(item, depth) for item in value]
            elif name == "items" and isinstance(value, dict):
                kept[name] = self._value(value, depth)
            elif name == "additionalProperties":
                if value is not False and _is_object(schema):
                    self._lose(name)
            elif (name == "minItems" and value in (0, 1)) or (
                name == "format" and isinstance(value, str) and value in _FORMATS
            ):
                kept[name] = value
            elif name not in _NOTES:
                rest[name] = value
                self._lose(name)
        if not referring and _is_object(schema):
            kept.setdefault("properties", {})
            kept["additionalProperties"] = False
        if rest:
            _describe(kept, rest)
        return kept

    def _lose(self, name: str) -> None:
        self.moved.setdefault(name)


def adapted_schema(schema: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A schema that Anthropic takes, members in their order.

    Objects allow no other properties than theirs, ``oneOf`` is ``anyOf``, and keywords that are
    not supported stand in ``description``.

    Returns:
        The schema, and the keywords that no longer bind the answer.
    """
    adapting = _Adapting()
    adapted = adapting.walk(schema, 0)
    return adapted, tuple(adapting.moved)


def input_schema(parameters: Mapping[str, Any] | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A tool's parameters, where there must be some, of an object, and without a choice among
    schemas at the top (Anthropic refuses it there): that moves into ``description``.

    Returns:
        The schema, and the keywords that no longer bind the model.
    """
    if not parameters:
        return {"type": "object", "properties": {}}, ()
    moved = tuple(name for name in _CHOICES if name in parameters)
    if not moved and parameters.get("type") == "object":
        return dict(parameters), ()
    kept = {name: value for name, value in parameters.items() if name not in ("type", *moved)}
    if moved:
        _describe(kept, {name: parameters[name] for name in moved})
    return {"type": "object", **kept}, moved
