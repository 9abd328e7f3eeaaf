"""JSON for clients, of whatever text a provider sent."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

__all__ = ["dumps", "object_text"]


def dumps(value: object) -> bytes:
    """JSON, also of text with half a surrogate pair, which becomes a question mark."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(_whole(value))


def _whole(value: object) -> object:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {name: _whole(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_whole(item) for item in value]
    return value


def object_text(arguments: str) -> str:
    """The JSON text of a call's arguments, "{}" where they are no object: cut off, or none."""
    try:
        value = orjson.loads(arguments) if arguments else None
    except orjson.JSONDecodeError:
        return "{}"
    return arguments if isinstance(value, dict) else "{}"
