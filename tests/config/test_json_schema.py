"""The schema for editors: what loads fits it, what is unknown does not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from extproc.cli.arguments import main
from extproc.config.json_schema import json_schema

HERE = Path(__file__).parent
FILES = [HERE.parents[1] / "config" / "quickstart.yaml", *sorted(HERE.glob("conformance/*.yaml"))]
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
}
UNDERSTOOD = {
    *("$schema", "$defs", "$ref", "title", "description", "deprecated", "default", "examples"),
    *("type", "enum", "const", "anyOf", "properties", "required", "additionalProperties"),
    *("items", "minItems", "maxItems", "minLength", "minimum", "maximum", "maxProperties"),
}
SCHEMA = json_schema()


def is_of(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, TYPES[name])


def misfits(value: Any, schema: dict[str, Any], path: str = "$") -> Iterator[str]:
    """A validator of just the keywords that the schema uses."""
    assert set(schema) <= UNDERSTOOD, set(schema) - UNDERSTOOD
    if "$ref" in schema:
        yield from misfits(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], path)
    if "anyOf" in schema and all(any(misfits(value, each, path)) for each in schema["anyOf"]):
        yield f"{path}: fits none"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_of(value, kind) for kind in kinds):
        yield f"{path}: is no {kinds}"
        return
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        yield f"{path}: is another value"
    if isinstance(value, dict):
        yield from misfits_of_mapping(value, schema, path)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield f"{path}: is too short"
        if len(value) > schema.get("maxItems", len(value)):
            yield f"{path}: is too long"
        for index, item in enumerate(value):
            yield from misfits(item, schema.get("items", {}), f"{path}[{index}]")
    if isinstance(value, str) and len(value) < schema.get("minLength", 0):
        yield f"{path}: is too short"
    if is_of(value, "number") and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        yield f"{path}: is out of bounds"


def misfits_of_mapping(value: dict[str, Any], schema: dict[str, Any], path: str) -> Iterator[str]:
    properties = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    if len(value) > schema.get("maxProperties", len(value)):
        yield f"{path}: has too many keys"
    for key in schema.get("required", []):
        if key not in value:
            yield f"{path}: has no {key}"
    for key, item in value.items():
        if key in properties:
            yield from misfits(item, properties[key], f"{path}.{key}")
        elif others is False:
            yield f"{path}: knows no {key}"
        elif isinstance(others, dict):
            yield from misfits(item, others, f"{path}.{key}")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_that_loads_fits(path: Path) -> None:
    assert list(misfits(yaml.safe_load(path.read_text(encoding="utf-8")), SCHEMA)) == []


@pytest.mark.parametrize(
    ("text", "misfit"),
    [
        ("routing_preference: []", "$: knows no routing_preference"),
        ("version: v0.5.0", "$.version: is another value"),
        ("model_providers: [{modle: x}]", "$.model_providers[0]: knows no modle"),
        ("model_providers: [{}]", "$.model_providers[0]: has no model"),
        ("routing_preferences: [{models: []}]", "$.routing_preferences[0].models: is too short"),
        ("overrides: {zzz: 1}", "$.overrides: knows no zzz"),
        ("tracing: {sampling_rate: 1}", "$.tracing: knows no sampling_rate"),
        ("tracing: {random_sampling: 101}", "$.tracing.random_sampling: fits none"),
        ("dragoman: {attempt_timeout: true}", "$.dragoman.attempt_timeout: is no"),
        ("listeners: [{type: modell}]", "$.listeners: fits none"),
        ("listeners: {egress: {}}", "$.listeners: fits none"),
        ("model_metrics_sources: [{type: price}]", "$.model_metrics_sources[0]: fits none"),
        (
            "model_metrics_sources: [{type: cost, provider: file}]",
            "$.model_metrics_sources[0]: fits none",
        ),
        (
            "model_metrics_sources: [{type: latency, provider: observed, percentile: 0}]",
            "$.model_metrics_sources[0]: fits none",
        ),
        (
            "model_providers: [{model: a/b, model_limits: {images: 1}}]",
            "$.model_providers[0].model_limits: fits none",
        ),
        ("model_aliases: {a: b}", "$.model_aliases.a: is no"),
    ],
)
def test_mistakes_do_not_fit(text: str, misfit: str) -> None:
    assert any(found.startswith(misfit) for found in misfits(yaml.safe_load(text), SCHEMA))


def test_sources_of_every_kind_fit() -> None:
    sources = [
        {"type": "cost", "provider": "custom", "url": "https://h"},
        {"type": "cost", "provider": "file", "path": "prices.yaml", "refresh_interval": 60},
        {"type": "latency", "provider": "observed", "percentile": 99.5, "window": "1h"},
    ]
    assert list(misfits({"model_metrics_sources": sources}, SCHEMA)) == []


def test_limits_of_a_model_fit() -> None:
    limits = {"context_window": 9000, "thinking": "effort", "efforts": ["low"], "images": False}
    provider = {"model": "openai/gpt-4o", "model_limits": limits}
    assert list(misfits({"model_providers": [provider]}, SCHEMA)) == []


def test_the_schema_is_json_and_refers_to_itself_only() -> None:
    text = json.dumps(SCHEMA, allow_nan=False)
    assert json.loads(text) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for reference in set(text.split('"$ref": "')[1:]):
        assert reference.partition('"')[0].removeprefix("#/$defs/") in SCHEMA["$defs"]


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA
