"""JSON for clients and providers, whatever text of the other side's it holds."""

from __future__ import annotations

from typing import Any

import orjson

from extproc.core.encodable import encodable

__all__ = ["NO_ARGUMENTS", "json_bytes", "json_string", "object_text"]

NO_ARGUMENTS = "{}"
"""The JSON text of a call's arguments where there are none: "" is no JSON."""

_DEEPEST = 254
"""orjson writes no more levels."""


def json_string(text: str) -> bytes:
    """A JSON string; halves of surrogate pairs become question marks."""
    try:
        return orjson.dumps(text)
    except TypeError:
        return orjson.dumps(encodable(text))


def _mended(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if not depth:
        raise TypeError("nested too deeply")
    if isinstance(value, dict):
        return {encodable(name): _mended(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mended(item, depth - 1) for item in value]
    return value


def json_bytes(value: Any) -> bytes:
    """The JSON of values whose strings may hold halves of surrogate pairs: see ``json_string``.

    Raises:
        TypeError: it is nested more than 254 levels deep.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_mended(value, _DEEPEST))


def object_text(value: object) -> str:
    """The JSON text of an object that a provider told, "{}" where it is none or cannot be written:
    an answer's call has arguments, whatever became of them."""
    if not isinstance(value, dict):
        return NO_ARGUMENTS
    try:
        return orjson.dumps(value).decode()
    except TypeError:
        return NO_ARGUMENTS
