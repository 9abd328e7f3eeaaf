"""Writes what users said and what tools gave, as a chat's messages.

Every result stands in a ``tool`` message right behind the calls, and only then may a user speak. A
``tool`` message holds nothing but text, so that the images of results stand in the user's message
that follows them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from extproc.dialects.translation.chat.naming import call_id
from extproc.dialects.translation.chat.writing_parts import (
    Writing,
    text_of_document,
    written_part,
)
from extproc.dialects.translation.form import Document, Image, Part, Text, ToolResult, Turn

__all__ = ["user_messages"]

_SHOWN_BELOW: Final = "The result is in the next message of the user."
_ERROR: Final = "Error"


def _text_of(part: Part) -> str | None:
    if isinstance(part, Text):
        return part.text
    return text_of_document(part) if isinstance(part, Document) else None


def _shown(result: ToolResult) -> list[dict[str, Any]]:
    """What a result has beside text, as parts of a user's message."""
    media = [part for part in result.parts if _text_of(part) is None]
    return [written for written in map(written_part, media) if written is not None]


def _result(result: ToolResult, *, shown: bool, writing: Writing) -> dict[str, Any]:
    texts = [text for text in map(_text_of, result.parts) if text is not None]
    if shown and not texts:
        texts = [_SHOWN_BELOW]
    if result.is_error:
        texts = [f"{_ERROR}: {texts[0]}", *texts[1:]] if texts else [_ERROR]
    return {
        "role": "tool",
        "tool_call_id": call_id(result.call_id, writing.target.provider),
        "content": writing.held([{"type": "text", "text": text} for text in texts]),
    }


def _said(turn: Turn, writing: Writing) -> list[dict[str, Any]]:
    content = f"{turn.path}.content"
    said = []
    for index, part in enumerate(turn.parts):
        if isinstance(part, Text | Image | Document):
            writing.note_cache(part, content, index)
            written = written_part(part)
            if written is not None:
                said.append(written)
    return said


def user_messages(turns: Sequence[Turn], writing: Writing) -> Iterator[dict[str, Any]]:
    """The messages for neighbouring turns of users': first all results, then what was said."""
    media: list[tuple[str, list[dict[str, Any]]]] = []
    for turn in turns:
        content = f"{turn.path}.content"
        for index, part in enumerate(turn.parts):
            if isinstance(part, ToolResult):
                writing.note_cache(part, content, index)
                shown = _shown(part)
                if shown:
                    media.append((part.call_id, shown))
                yield _result(part, shown=bool(shown), writing=writing)
    waiting: list[dict[str, Any]] = []
    for given, shown in media:
        if len(media) > 1:
            waiting.append({"type": "text", "text": f"Result of the call {given}:"})
        waiting.extend(shown)
    for turn in turns:
        said = _said(turn, writing)
        if said or not turn.parts:
            yield {"role": "user", "content": writing.held(waiting + said)}
            waiting = []
    if waiting:
        yield {"role": "user", "content": writing.held(waiting)}
