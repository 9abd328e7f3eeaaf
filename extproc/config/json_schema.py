"""The language as a JSON Schema, for editors: what the sections may hold, ignored keys included."""

from __future__ import annotations

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from extproc.config.fields import (
    VERSIONS,
    AliasEntry,
    Extension,
    LegacyListenerEntry,
    ListenerEntry,
    Overrides,
    PromptCaching,
    ProviderEntry,
    RouteEntry,
    Routing,
    Section,
    SessionCache,
    Tracing,
)
from extproc.config.sections.sources import SOURCES
from extproc.config.unused import UNUSED_ROOT_KEYS, unused_keys

__all__ = ["SECTIONS", "json_schema"]

SECTIONS: Final[tuple[type[Section], ...]] = (
    ListenerEntry,
    LegacyListenerEntry,
    ProviderEntry,
    AliasEntry,
    RouteEntry,
    *SOURCES,
    Overrides,
    Extension,
    Routing,
    SessionCache,
    PromptCaching,
    Tracing,
)


def json_schema() -> dict[str, Any]:
    """A schema of draft 2020-12 that every valid configuration fits."""
    definitions = _definitions()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Dragoman configuration",
        "type": "object",
        "properties": {
            "version": {"enum": list(VERSIONS)},
            "listeners": {"anyOf": [_list(_ref(ListenerEntry), _other(definitions)), _legacy()]},
            "model_providers": _list(_ref(ProviderEntry)),
            "llm_providers": _list(_ref(ProviderEntry)) | {"deprecated": True},
            "model_aliases": {"type": "object", "additionalProperties": _ref(AliasEntry)},
            "routing_preferences": _list(_ref(RouteEntry)),
            "model_metrics_sources": _list(*map(_ref, SOURCES)),
            "overrides": _ref(Overrides),
            "dragoman": _ref(Extension),
            "routing": _ref(Routing),
            "prompt_caching": _ref(PromptCaching),
            "tracing": _ref(Tracing),
            **_ignored(UNUSED_ROOT_KEYS),
        },
        "additionalProperties": False,
        "$defs": definitions,
    }


def _definitions() -> dict[str, Any]:
    _, schema = models_json_schema(
        [(section, "validation") for section in SECTIONS], ref_template="#/$defs/{model}"
    )
    definitions: dict[str, Any] = schema["$defs"]
    for section in SECTIONS:
        properties = definitions[section.__name__].setdefault("properties", {})
        properties.update(_ignored(unused_keys(section)))
    definitions[ProviderEntry.__name__]["properties"]["routing_preferences"]["deprecated"] = True
    return definitions


def _ref(section: type[Section]) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{section.__name__}"}


def _list(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items[0] if len(items) == 1 else {"anyOf": list(items)}}


def _ignored(keys: Any) -> dict[str, Any]:
    return {key: {"description": warning} for key, warning in keys.items()}


def _other(definitions: dict[str, Any]) -> dict[str, Any]:
    """A listener that is not served: it has the keys of one that is."""
    keys = definitions[ListenerEntry.__name__]["properties"]
    return {
        "type": "object",
        "description": "ignored: only listeners of type model are served",
        "properties": {key: {} for key in keys} | {"type": {"enum": ["agent", "prompt"]}},
        "required": ["type"],
        "additionalProperties": False,
    }


def _legacy() -> dict[str, Any]:
    listener = _ref(LegacyListenerEntry)
    return {
        "type": "object",
        "deprecated": True,
        "properties": {"egress_traffic": listener, "ingress_traffic": listener},
        "additionalProperties": False,
    }
