"""JSON Schema in the part of the language that Anthropic knows (case 23)."""

from __future__ import annotations

from typing import Any

import pytest

from extproc.dialects.translation.messages.schemas import adapted_schema, input_schema

_CLOSED = {"type": "object", "properties": {}, "additionalProperties": False}


@pytest.mark.parametrize(
    ("schema", "adapted", "moved"),
    [
        ({"type": "object"}, _CLOSED, ()),
        ({"type": "object", "additionalProperties": False}, _CLOSED, ()),
        ({"type": "object", "additionalProperties": True}, _CLOSED, ("additionalProperties",)),
        (
            {"type": ["object", "null"], "properties": {"a": {"$ref": "#/$defs/A"}}},
            {
                "type": ["object", "null"],
                "properties": {"a": {"$ref": "#/$defs/A"}},
                "additionalProperties": False,
            },
            (),
        ),
        (
            {"$ref": "#/$defs/A", "description": "d", "$defs": {"A": {"type": "object"}}},
            {"$ref": "#/$defs/A", "$defs": {"A": _CLOSED}},
            ("description",),
        ),
        ({"oneOf": [{"type": "null"}]}, {"anyOf": [{"type": "null"}]}, ()),
        (
            {"anyOf": [{"type": "null"}], "oneOf": [{}]},
            {"anyOf": [{"type": "null"}], "description": "{oneOf: [{}]}"},
            ("oneOf",),
        ),
        ({"type": "array", "minItems": 1}, {"type": "array", "minItems": 1}, ()),
        ({"type": "string", "format": "uuid"}, {"type": "string", "format": "uuid"}, ()),
        (
            {"type": "string", "format": "color", "pattern": "^a", "$comment": "c"},
            {"type": "string", "description": "{format: color, pattern: ^a}"},
            ("format", "pattern"),
        ),
        ({"enum": ["b", "a"], "const": 1, "title": "t"},) * 2 + ((),),
        (
            {"type": "array", "items": True},
            {"type": "array", "description": "{items: true}"},
            ("items",),
        ),
    ],
)
def test_case_023_schemas(
    schema: dict[str, Any], adapted: dict[str, Any], moved: tuple[str, ...]
) -> None:
    assert adapted_schema(schema) == (adapted, moved)


def test_case_023_the_walk_is_bounded() -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(900):
        schema = {"type": "object", "properties": {"a": schema}}
    adapted, _ = adapted_schema(schema)
    assert adapted["properties"]["a"]["additionalProperties"] is False


def test_the_clients_schema_is_not_changed() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}
    adapted_schema(schema)
    assert schema == {"type": "object", "properties": {"a": {"type": "integer", "minimum": 1}}}


@pytest.mark.parametrize(
    ("parameters", "schema"),
    [
        (None, {"type": "object", "properties": {}}),
        ({}, {"type": "object", "properties": {}}),
        ({"properties": {"a": {}}}, {"type": "object", "properties": {"a": {}}}),
        ({"type": None, "required": []}, {"type": "object", "required": []}),
        ({"type": "object", "x": 1}, {"type": "object", "x": 1}),
    ],
)
def test_case_012_parameters(parameters: dict[str, Any] | None, schema: dict[str, Any]) -> None:
    assert input_schema(parameters) == (schema, ())


def test_a_choice_at_the_top_of_parameters_is_described() -> None:
    schema, moved = input_schema(
        {"type": "object", "description": "d", "anyOf": [{"required": []}]}
    )
    assert schema == {"type": "object", "description": 'd\n\n{anyOf: [{"required":[]}]}'}
    assert moved == ("anyOf",)
