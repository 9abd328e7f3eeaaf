"""The language as a JSON Schema, for editors: what the sections may hold, ignored keys included."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from extproc.config.fields import UNUSED_ROOT_KEYS
from extproc.config.sections.table import SECTIONS

__all__ = ["json_schema"]


def json_schema() -> dict[str, Any]:
    """A schema of draft 2020-12 that every valid configuration fits."""
    properties = {key: schema for section in SECTIONS for key, schema in section.schema.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Dragoman configuration",
        "type": "object",
        "properties": properties | _ignored(UNUSED_ROOT_KEYS),
        "additionalProperties": False,
        "$defs": _definitions(),
    }


def _definitions() -> dict[str, Any]:
    entries = dict.fromkeys(entry for section in SECTIONS for entry in section.entries.values())
    _, schema = models_json_schema(
        [(entry, "validation") for entry in entries], ref_template="#/$defs/{model}"
    )
    definitions: dict[str, Any] = schema["$defs"]
    for entry in entries:
        properties = definitions[entry.__name__].setdefault("properties", {})
        properties.update(_ignored(entry.unused))
    return definitions


def _ignored(keys: Mapping[str, str]) -> dict[str, Any]:
    return {key: {"description": warning} for key, warning in keys.items()}
