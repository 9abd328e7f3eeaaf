"""A whole answer in Anthropic's dialect, read (``anthropic.types.Message``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from extproc.dialects.translation.common.failures import no_answer, told_failure
from extproc.dialects.translation.common.json_text import object_text
from extproc.dialects.translation.form import (
    Answer,
    AnswerPart,
    Failure,
    Reasoning,
    Refusal,
    Stop,
    Text,
    ToolCall,
)
from extproc.dialects.translation.messages.stops import read_stop, refusal_text
from extproc.dialects.translation.messages.usage import Counts

__all__ = ["read_answer", "word"]

_Block = Mapping[str, Any]


def word(holder: _Block, name: str) -> str:
    """A string of a provider's, "" where there is none."""
    value = holder.get(name)
    return value if isinstance(value, str) else ""


_READERS: Mapping[str, Callable[[_Block], AnswerPart]] = {
    "text": lambda block: Text(word(block, "text")),
    "thinking": lambda block: Reasoning(
        word(block, "thinking"), signature=word(block, "signature") or None
    ),
    "redacted_thinking": lambda block: Reasoning(redacted=word(block, "data")),
    "tool_use": lambda block: ToolCall(
        word(block, "id"), word(block, "name"), object_text(block.get("input"))
    ),
}
"""Other blocks are of tools that the provider runs itself: what the model says of them is text."""


def read_answer(body: bytes) -> Answer | Failure:
    """The answer in a provider's body, or the failure that it tells or is.

    Args:
        body: of status 200.
    """
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        return no_answer(body)
    if not isinstance(message, dict):
        return no_answer(body)
    failure = told_failure(message, None)
    if failure is not None:
        return failure
    content = message.get("content")
    if not isinstance(content, list):
        return no_answer(body)
    parts: list[AnswerPart] = []
    for block in content:
        kind = block.get("type") if isinstance(block, dict) else None
        read = _READERS.get(kind) if isinstance(kind, str) else None
        if read is not None:
            parts.append(read(block))
    stop = read_stop(message.get("stop_reason"))
    if stop is Stop.REFUSED:
        parts.append(Refusal(refusal_text(message.get("stop_details"))))
    return Answer(
        id=word(message, "id"),
        parts=tuple(parts),
        stop=stop,
        usage=Counts().read(message.get("usage")),
        sequence=word(message, "stop_sequence") or None,
    )
