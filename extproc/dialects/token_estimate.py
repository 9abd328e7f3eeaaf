"""How many input tokens a messages request has, about: for models whose provider does not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import orjson

__all__ = ["BYTES_PER_TOKEN", "estimated_tokens"]

BYTES_PER_TOKEN: Final = 4
"""In UTF-8: English text and code have about this many bytes to a token, and other languages a
third as many characters, of three bytes each."""

_COUNTED: Final = ("system", "messages", "tools")
_PER_MESSAGE: Final = 4
"""What marks where a message begins and ends."""

_MEDIA: Final[Mapping[str, int]] = MappingProxyType({"image": 1600, "document": 3000})
"""Tokens, whatever its size: the most that an image takes, and about what a page or two of a
document does (https://platform.claude.com/docs/en/build-with-claude/vision and .../pdf-support)."""


def estimated_tokens(document: Mapping[str, Any]) -> int:
    """An estimate that errs by a tenth or two on text.

    Args:
        document: the parsed body of a messages request.
    """
    said = [document[name] for name in _COUNTED if name in document]
    messages = document.get("messages")
    count = len(messages) if isinstance(messages, list) else 0
    size = sum(len(text.encode(errors="replace")) for value in said for text in _texts(value))
    media = sum(tokens for value in said for tokens in _media(value))
    return max(1, -(-size // BYTES_PER_TOKEN) + media + count * _PER_MESSAGE)


def _is_media(value: Mapping[str, Any]) -> bool:
    """A document may be plain text, which counts as such."""
    source = value.get("source")
    return value.get("type") in _MEDIA and not (
        isinstance(source, dict) and source.get("type") in ("text", "content")
    )


def _texts(value: object) -> Iterator[str]:
    """All that is text; tools are told to a model as the JSON that they are."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict) and not _is_media(value):
        if "input_schema" in value or value.get("type") == "tool_use":
            yield orjson.dumps(value).decode()
        else:
            for name, item in value.items():
                if name not in ("type", "role", "cache_control"):
                    yield from _texts(item)


def _media(value: object) -> Iterator[int]:
    if isinstance(value, list):
        for item in value:
            yield from _media(item)
    elif isinstance(value, dict):
        if _is_media(value):
            yield _MEDIA[value["type"]]
        else:
            for item in value.values():
                yield from _media(item)
