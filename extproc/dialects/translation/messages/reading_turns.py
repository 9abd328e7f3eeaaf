"""Anthropic's messages and their blocks, read.

Shapes: ``anthropic.types.MessageParam`` and ``ContentBlockParam``,
https://docs.anthropic.com/en/api/messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from extproc.core.models import Dialect
from extproc.dialects.malformed import invalid
from extproc.dialects.translation.common.fields import (
    flag,
    json_text,
    object_at,
    objects_at,
    optional_text,
    text_at,
)
from extproc.dialects.translation.form import (
    Document,
    Image,
    Opaque,
    Part,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)
from extproc.dialects.translation.messages.signatures import signed
from extproc.dialects.translation.messages.strays import Strays

__all__ = ["cache_mark", "read_system", "read_turns"]

_Block: TypeAlias = Mapping[str, Any]
_Reader: TypeAlias = Callable[[_Block, str, Strays], Part]


def cache_mark(holder: _Block, path: str) -> Mapping[str, Any] | None:
    """The ``cache_control`` of a block or a tool."""
    mark = holder.get("cache_control")
    return None if mark is None else object_at(mark, f"{path}.cache_control")


def _opaque(block: _Block, path: str) -> Opaque:
    return Opaque(Dialect.MESSAGES, text_at(block, "type", path), path, block)


def _text(block: _Block, path: str, _: Strays) -> Text:
    return Text(text_at(block, "text", path), cache_mark(block, path))


def _plain(content: object) -> str | None:
    """The text of a document made of blocks, None where it holds more than texts."""
    if isinstance(content, str):
        return content
    texts: list[str] = []
    for block in content if isinstance(content, list) else [None]:
        if not isinstance(block, dict) or block.get("type") != "text":
            return None
        text = block.get("text")
        if not isinstance(text, str):
            return None
        texts.append(text)
    return "\n".join(texts)


def _source(block: _Block, path: str) -> Source | None:
    """Where an image or a document is, None where it is nowhere that the form knows."""
    path = f"{path}.source"
    source = object_at(block.get("source"), path)
    kind = source.get("type")
    if kind == "base64":
        return Source(
            data=text_at(source, "data", path), media_type=text_at(source, "media_type", path)
        )
    if kind == "url":
        return Source(url=text_at(source, "url", path))
    if kind == "file":
        return Source(file_id=text_at(source, "file_id", path))
    if kind == "text":
        return Source(text=text_at(source, "data", path))
    text = _plain(source.get("content")) if kind == "content" else None
    return None if text is None else Source(text=text)


def _image(block: _Block, path: str, _: Strays) -> Part:
    source = _source(block, path)
    if source is None or source.text is not None:
        return _opaque(block, path)
    return Image(source, cache=cache_mark(block, path))


def _document(block: _Block, path: str, _: Strays) -> Part:
    source = _source(block, path)
    if source is None:
        return _opaque(block, path)
    return Document(source, optional_text(block, "title", path), cache_mark(block, path))


def _thinking(block: _Block, path: str, _: Strays) -> Reasoning:
    signature = signed(optional_text(block, "signature", path))
    return Reasoning(text_at(block, "thinking", path), signature=signature)


def _redacted(block: _Block, path: str, _: Strays) -> Reasoning:
    return Reasoning(redacted=text_at(block, "data", path))


def _tool_use(block: _Block, path: str, _: Strays) -> ToolCall:
    given = object_at(block.get("input"), f"{path}.input")
    return ToolCall(
        text_at(block, "id", path),
        text_at(block, "name", path),
        json_text(given, f"{path}.input") if given else "",
        cache_mark(block, path),
    )


def _tool_result(block: _Block, path: str, strays: Strays) -> ToolResult:
    content = block.get("content")
    parts: tuple[Part, ...]
    if content is None:
        parts = ()
    elif isinstance(content, str):
        parts = (Text(content),)
    else:
        # Results do not hold results: the depth of this recursion is one.
        parts = _parts(content, f"{path}.content", _RESULT_READERS, strays)
    return ToolResult(
        text_at(block, "tool_use_id", path),
        parts,
        flag(block, "is_error", path) or False,
        cache_mark(block, path),
    )


_RESULT_READERS: dict[str, _Reader] = {"text": _text, "image": _image, "document": _document}
_READERS: dict[str, _Reader] = {
    **_RESULT_READERS,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
    "tool_use": _tool_use,
    "tool_result": _tool_result,
}

_EVERYWHERE = {"type", "cache_control"}
_KNOWN: dict[str, frozenset[str]] = {
    "text": frozenset({"text", *_EVERYWHERE}),
    "image": frozenset({"source", *_EVERYWHERE}),
    "document": frozenset({"source", "title", *_EVERYWHERE}),
    "thinking": frozenset({"thinking", "signature", *_EVERYWHERE}),
    "redacted_thinking": frozenset({"data", *_EVERYWHERE}),
    # Who called is told by the answer that the client repeats, and asks for nothing.
    "tool_use": frozenset({"id", "name", "input", "caller", *_EVERYWHERE}),
    "tool_result": frozenset({"tool_use_id", "content", "is_error", *_EVERYWHERE}),
}


def _parts(
    blocks: object, path: str, readers: Mapping[str, _Reader], strays: Strays
) -> tuple[Part, ...]:
    parts: list[Part] = []
    for place, block in objects_at(blocks, path):
        kind = block.get("type")
        read = readers.get(kind) if isinstance(kind, str) else None
        if kind is None or read is None:
            parts.append(_opaque(block, place))
        else:
            parts.append(read(block, place, strays))
            strays.keep(block, _KNOWN[kind], place)
    return tuple(parts)


def read_system(value: object, path: str, strays: Strays) -> tuple[Text, ...]:
    """What is said by the system: a string, or blocks of text.

    Raises:
        ClientError: it is neither (400).
    """
    if value is None:
        return ()
    if isinstance(value, str):
        return (Text(value),)
    texts = _parts(value, path, {"text": _text}, strays)
    for part in texts:
        if isinstance(part, Opaque):
            raise invalid(part.path, "must be a block of text")
    return tuple(part for part in texts if isinstance(part, Text))


_MESSAGE = frozenset({"role", "content"})


def _turn(message: _Block, path: str, strays: Strays) -> Turn:
    role = message.get("role")
    content = message.get("content")
    if len(message) != 2:
        strays.keep(message, _MESSAGE, path)
    if role == "system":
        return Turn("system", read_system(content, f"{path}.content", strays), path)
    if role != "user" and role != "assistant":
        raise invalid(f"{path}.role", "must be 'user', 'assistant' or 'system'")
    if isinstance(content, str):
        return Turn(role, (Text(content),), path)
    return Turn(role, _parts(content, f"{path}.content", _READERS, strays), path)


def read_turns(messages: object, strays: Strays) -> tuple[Turn, ...]:
    """The turns of a conversation.

    Args:
        messages: the body's member of that name.
        strays: takes what blocks have beside what the form has places for.

    Raises:
        ClientError: a message or a block is malformed (400).
    """
    return tuple(_turn(message, path, strays) for path, message in objects_at(messages, "messages"))
