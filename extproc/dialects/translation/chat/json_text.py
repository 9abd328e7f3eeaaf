"""JSON for clients, whatever a provider's text holds."""

from __future__ import annotations

from typing import Any

import orjson

__all__ = ["json_bytes", "json_string"]


def _whole(text: str) -> str:
    """Text without halves of surrogate pairs, which UTF-8 cannot tell."""
    return text.encode("utf-8", "replace").decode()


def json_string(text: str) -> bytes:
    """A JSON string; halves of surrogate pairs become question marks."""
    try:
        return orjson.dumps(text)
    except orjson.JSONEncodeError:
        return orjson.dumps(_whole(text))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return _whole(value)
    if isinstance(value, dict):
        return {name: _mended(member) for name, member in value.items()}
    return [_mended(item) for item in value] if isinstance(value, list) else value


def json_bytes(document: dict[str, Any]) -> bytes:
    """The JSON of a document of ours, in which texts may be a provider's: see ``json_string``."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        return orjson.dumps(_mended(document))
