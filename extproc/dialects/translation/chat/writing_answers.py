"""Writes a whole answer for a client of chat completions.

Shape: https://platform.openai.com/docs/api-reference/chat/object (``ChatCompletion`` of the
``openai`` SDK), and ``reasoning_content``, which it does not have, but which clients of compatible
providers read thoughts from.
"""

from __future__ import annotations

from typing import Any, Final

from extproc.dialects.translation.chat.conventions import BETWEEN_THOUGHTS
from extproc.dialects.translation.chat.stops import FINISH_REASONS, REFUSED
from extproc.dialects.translation.chat.usage import written_usage
from extproc.dialects.translation.common.identifiers import made_up_call_id
from extproc.dialects.translation.common.json_text import NO_ARGUMENTS, json_bytes
from extproc.dialects.translation.form import (
    Answer,
    Reasoning,
    Refusal,
    Request,
    Stop,
    Text,
    ToolCall,
)
from extproc.dialects.translation.translator import Echo

__all__ = ["OLD_CALL", "answer_id", "wants_old_calls", "write_answer"]

OLD_CALL: Final = "function_call"
_TIERS: Final = frozenset({"auto", "default", "flex", "scale", "priority", "fast"})
"""What ``service_tier`` may be; another provider's word is left out."""


def wants_old_calls(request: Request) -> bool:
    """Whether the client offered ``functions``, and is to be answered in those terms."""
    return request.paths.get("tools") == "functions"


def answer_id(given: str, echo: Echo) -> str:
    """The provider's id, or one of the request's where it has none."""
    return given or f"chatcmpl-{echo.request_id}"


def _call(call: ToolCall, echo: Echo) -> dict[str, Any]:
    return {
        "name": echo.tool_names.get(call.name, call.name),
        "arguments": call.arguments or NO_ARGUMENTS,
    }


def _joined(texts: list[str]) -> str | None:
    return "".join(texts) if texts else None


def _message(answer: Answer, echo: Echo) -> dict[str, Any]:
    texts = [part.text for part in answer.parts if isinstance(part, Text)]
    refusals = [part.text for part in answer.parts if isinstance(part, Refusal)]
    thoughts = [part.text for part in answer.parts if isinstance(part, Reasoning) and part.text]
    calls = [part for part in answer.parts if isinstance(part, ToolCall)]
    if answer.stop is Stop.REFUSED and not refusals:
        refusals = [REFUSED]
    content = _joined(texts)
    if content is None and not calls and not refusals:
        content = ""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": content,
        "refusal": _joined(refusals),
    }
    if thoughts:
        message["reasoning_content"] = BETWEEN_THOUGHTS.join(thoughts)
    if not calls:
        return message
    if wants_old_calls(echo.request):
        message[OLD_CALL] = _call(calls[0], echo)
    else:
        message["tool_calls"] = [
            {
                "id": call.id or made_up_call_id(echo, position),
                "type": "function",
                "function": _call(call, echo),
            }
            for position, call in enumerate(calls)
        ]
    return message


def _finish_reason(answer: Answer, echo: Echo) -> str:
    if answer.stop is Stop.TOOLS and wants_old_calls(echo.request):
        return OLD_CALL
    return FINISH_REASONS[answer.stop]


def write_answer(answer: Answer, echo: Echo) -> bytes:
    """An answer's body, see ``Translator.write_answer``."""
    body: dict[str, Any] = {
        "id": answer_id(answer.id, echo),
        "object": "chat.completion",
        "created": echo.created if answer.created is None else answer.created,
        "model": echo.model,
        "choices": [
            {
                "index": 0,
                "message": _message(answer, echo),
                "logprobs": None,
                "finish_reason": _finish_reason(answer, echo),
            }
        ],
    }
    usage = written_usage(answer.usage)
    if usage is not None:
        body["usage"] = usage
    if answer.service_tier in _TIERS:
        body["service_tier"] = answer.service_tier
    return json_bytes(body)
