"""Writing JSON, and names and ids that fit OpenAI's limits. Whatever is made up here is derived,
never random: the same input gives the same output."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import orjson

__all__ = ["call_id", "digest", "dumps", "item_id", "quoted", "response_id", "tool_name"]

LONGEST_NAME = 64
"""Of a tool and of a call, https://platform.openai.com/docs/api-reference/responses/create."""

_LONGEST_SUFFIX = 96
_HASH = 8
_NOT_IN_NAMES = re.compile(r"[^a-zA-Z0-9_-]")
_KIND_OF_ID = re.compile(r"^(?:resp_|msg_|chatcmpl-|chatcmpl_|gen-)")


def digest(text: str) -> str:
    """SHA-256 in hexadecimal; lone surrogates are no obstacle."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _shortened(text: str, longest: int) -> str:
    return f"{text[: longest - _HASH - 1]}_{digest(text)[:_HASH]}"


def tool_name(name: str) -> str:
    """A tool's name as OpenAI takes it: letters, digits, ``_`` and ``-``, at most 64."""
    cleaned = _NOT_IN_NAMES.sub("_", name)
    if cleaned == name and len(name) <= LONGEST_NAME:
        return name
    return f"{cleaned[: LONGEST_NAME - _HASH - 1]}_{digest(name)[:_HASH]}"


def call_id(given: str) -> str:
    """A call's id as OpenAI takes it: at most 64 characters."""
    return given if len(given) <= LONGEST_NAME else _shortened(given, LONGEST_NAME)


def response_id(provider_id: str, request_id: str) -> str:
    """The id of a response made of a provider's answer.

    Args:
        provider_id: the answer's; "" where the provider told none.
        request_id: stands in for it then.
    """
    own = _KIND_OF_ID.sub("", provider_id) or request_id
    return f"resp_{_NOT_IN_NAMES.sub('', own)[:_LONGEST_SUFFIX] or digest(own)[:32]}"


def item_id(kind: str, response: str, index: int) -> str:
    """The id of a response's item: ``kind`` is ``msg``, ``fc`` or ``rs``."""
    return f"{kind}_{response.removeprefix('resp_')}_{index}"


def quoted(text: str) -> bytes:
    """A JSON string; lone surrogates, which UTF-8 cannot hold, become question marks."""
    try:
        return orjson.dumps(text)
    except TypeError:
        return orjson.dumps(_encodable(text))


def dumps(value: Any) -> bytes:
    """JSON of values whose strings may hold lone surrogates.

    Raises:
        TypeError: it is nested more than 254 levels deep.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        return orjson.dumps(_scrubbed(value, 254))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _scrubbed(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _encodable(value)
    if not depth:
        raise TypeError("nested too deeply")
    if isinstance(value, dict):
        return {_encodable(key): _scrubbed(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed(item, depth - 1) for item in value]
    return value
