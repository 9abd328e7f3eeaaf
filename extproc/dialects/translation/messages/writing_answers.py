"""A whole answer in Anthropic's dialect, for a client (``anthropic.types.Message``)."""

from __future__ import annotations

from typing import Any

import orjson

from extproc.dialects.translation.common.identifiers import made_up_call_id, spelled
from extproc.dialects.translation.common.json_text import NO_ARGUMENTS, json_bytes
from extproc.dialects.translation.form import Answer, Reasoning, Refusal, ToolCall
from extproc.dialects.translation.messages.ids import message_id
from extproc.dialects.translation.messages.signatures import UNSIGNED
from extproc.dialects.translation.messages.stops import stop_details, stop_reason
from extproc.dialects.translation.messages.usage import written_usage
from extproc.dialects.translation.translator import Echo

__all__ = ["write_answer"]


def _reasoning(part: Reasoning) -> dict[str, Any] | None:
    """Other providers' reasoning has no signature, but a mark in its place."""
    if part.redacted is not None:
        return {"type": "redacted_thinking", "data": part.redacted}
    if part.text or part.signature:
        return {"type": "thinking", "thinking": part.text, "signature": part.signature or UNSIGNED}
    return None


def _input(arguments: str) -> str:
    """The JSON text of a call's input, "{}" where the arguments are no object: cut off, or none."""
    try:
        value = orjson.loads(arguments) if arguments else None
    except orjson.JSONDecodeError:
        return NO_ARGUMENTS
    return arguments if isinstance(value, dict) else NO_ARGUMENTS


def write_answer(answer: Answer, echo: Echo) -> bytes:
    """An answer's bytes for a client.

    Args:
        answer: of any dialect.
        echo: what it must repeat of its request.
    """
    content: list[dict[str, Any]] = []
    called = False
    refusal: str | None = None
    for part in answer.parts:
        if isinstance(part, Reasoning):
            block = _reasoning(part)
            if block is not None:
                content.append(block)
        elif isinstance(part, ToolCall):
            called = True
            content.append(
                {
                    "type": "tool_use",
                    "id": spelled(part.id or made_up_call_id(echo, len(content))),
                    "name": echo.tool_names.get(part.name, part.name),
                    "input": orjson.Fragment(_input(part.arguments)),
                }
            )
        elif part.text:
            content.append({"type": "text", "text": part.text})
        if isinstance(part, Refusal):
            refusal = part.text
    reason = stop_reason(answer.stop, called=called, refused=refusal is not None)
    message: dict[str, Any] = {
        "id": message_id(answer.id, echo),
        "type": "message",
        "role": "assistant",
        "model": echo.model,
        "content": content or [{"type": "text", "text": ""}],
        "stop_reason": reason,
        "stop_sequence": answer.sequence,
        "usage": written_usage(answer.usage),
    }
    if reason == "refusal":
        message["stop_details"] = stop_details(refusal)
    return json_bytes(message)
