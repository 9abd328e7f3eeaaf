"""Writes what an assistant said and called, as a chat's messages.

Neighbouring turns of the assistant's become one message where a tool is called: what another
dialect tells in several items stands together in chat, for results must follow at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from extproc.dialects.translation.chat.conventions import BETWEEN_THOUGHTS
from extproc.dialects.translation.chat.naming import call_id
from extproc.dialects.translation.chat.writing_parts import Writing, held_content
from extproc.dialects.translation.common.json_text import NO_ARGUMENTS
from extproc.dialects.translation.form import (
    Document,
    Image,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    Turn,
)

__all__ = ["assistant_messages"]

_GEMINI: Final = "gemini"
_UNSIGNED: Final = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""Gemini 3 answers 400 to a call of earlier turns that lacks its own signature, which one that came
through another dialect does. Source: https://ai.google.dev/gemini-api/docs/thought-signatures."""


@dataclass(slots=True)
class _Message:
    """An assistant's message in the making."""

    content: list[dict[str, Any]] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)

    def add(self, more: _Message) -> None:
        self.content.extend(more.content)
        self.calls.extend(more.calls)
        self.thoughts.extend(more.thoughts)

    def written(self, writing: Writing) -> dict[str, Any] | None:
        """As a chat's message; None for one that neither says nor calls anything."""
        if not self.content and not self.calls:
            return None
        message: dict[str, Any] = {"role": "assistant", "content": None}
        if self.content:
            # Joined without a gap: these are pieces of one answer, cut by its provider.
            message["content"] = held_content(self.content, lists=writing.openai, between="")
        if self.thoughts:
            message["reasoning_content"] = BETWEEN_THOUGHTS.join(self.thoughts)
        if self.calls:
            message["tool_calls"] = self.calls
        return message


def _call(call: ToolCall, writing: Writing) -> dict[str, Any]:
    name, arguments = writing.names.fit(call.name), call.arguments or NO_ARGUMENTS
    written: dict[str, Any] = {
        "id": call_id(call.id, writing.target.provider),
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }
    if writing.target.provider == _GEMINI:
        written["extra_content"] = _UNSIGNED
    return written


def _read_turn(turn: Turn, writing: Writing) -> _Message:
    message, content = _Message(), f"{turn.path}.content"
    for index, part in enumerate(turn.parts):
        if isinstance(part, Text):
            writing.note_cache(part, content, index)
            message.content.append({"type": "text", "text": part.text})
        elif isinstance(part, ToolCall):
            writing.note_cache(part, content, index)
            message.calls.append(_call(part, writing))
        elif isinstance(part, Reasoning):
            if writing.target.traits.reasoning_back and part.text:
                message.thoughts.append(part.text)
            else:
                reason = "the model does not take back what was thought before"
                at = f"{content}[{index}]"
                writing.losses.add("dropped:reasoning", at, reason)
        elif isinstance(part, Refusal):
            refusal = {"type": "refusal", "refusal": part.text}
            said = {"type": "text", "text": part.text}
            message.content.append(refusal if writing.openai else said)
        elif isinstance(part, Image | Document):
            reason = "in chat only users show images and documents"
            at = f"{content}[{index}]"
            writing.losses.add("dropped:assistant_media", at, reason)
    return message


def assistant_messages(turns: Sequence[Turn], writing: Writing) -> Iterator[dict[str, Any]]:
    """The messages for neighbouring turns of the assistant's; turns that say nothing are none."""
    message = _Message()
    for turn in turns:
        more = _read_turn(turn, writing)
        if message.content and more.content and not message.calls:
            yield from _if_any(message.written(writing))
            message = more
        else:
            message.add(more)
    yield from _if_any(message.written(writing))


def _if_any(message: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if message is not None:
        yield message
