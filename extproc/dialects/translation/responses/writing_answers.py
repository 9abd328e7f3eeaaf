"""Writes a whole answer for a client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from extproc.dialects.translation.common.identifiers import made_up_call_id
from extproc.dialects.translation.common.json_text import json_bytes
from extproc.dialects.translation.form import (
    Answer,
    AnswerPart,
    Reasoning,
    Refusal,
    Stop,
    Text,
    ToolCall,
)
from extproc.dialects.translation.responses import output_items
from extproc.dialects.translation.responses.callees import Callees
from extproc.dialects.translation.responses.custom_tools import unwrapped
from extproc.dialects.translation.responses.response_object import opening, outcome, response
from extproc.dialects.translation.responses.wire import item_id, response_id
from extproc.dialects.translation.translator import Echo

__all__ = ["write_answer"]


def write_answer(answer: Answer, echo: Echo) -> bytes:
    """The body of an answer, for a client of this dialect.

    Args:
        answer: as its provider's dialect read it.
        echo: what the answer repeats of its request.
    """
    own_id = response_id(answer.id, echo.request_id)
    created = echo.created if answer.created is None else answer.created
    refuses = any(isinstance(part, Refusal) for part in answer.parts)
    status, reason = outcome(Stop.END if refuses and answer.stop is Stop.REFUSED else answer.stop)
    own = opening(own_id, created, echo, answer.service_tier)
    output = _output(answer, own_id, status, echo)
    return json_bytes(response(own, status, output, reason=reason, usage=answer.usage))


def _output(answer: Answer, own_id: str, status: str, echo: Echo) -> list[dict[str, Any]]:
    """What is said without a break is one message; only the last item can be incomplete."""
    items: list[dict[str, Any]] = []
    callees = Callees(echo.request.tools, echo.tool_names)
    content: list[dict[str, Any]] | None = None
    for part in _joined(answer.parts):
        index = len(items)
        if isinstance(part, Text | Refusal):
            if content is None:
                content = []
                items.append(output_items.message(item_id("msg", own_id, index), content, ""))
            said = output_items.output_text if isinstance(part, Text) else output_items.refusal
            content.append(said(part.text))
            continue
        content = None
        if isinstance(part, ToolCall):
            callee = callees.find(part.name)
            call_id = part.id or made_up_call_id(echo, index)
            if callee.is_custom:
                own, text = item_id("ctc", own_id, index), unwrapped(part.arguments)
                items.append(output_items.custom_tool_call(own, call_id, callee, text))
            else:
                own = item_id("fc", own_id, index)
                items.append(output_items.function_call(own, call_id, callee, part.arguments, ""))
        elif isinstance(part, Reasoning) and (part.text or part.encrypted is not None):
            own = item_id("rs", own_id, index)
            items.append(output_items.reasoning(own, part.text, part.encrypted))
    for item in items:
        if "status" in item:
            item["status"] = "completed"
    if items and "status" in items[-1]:
        items[-1]["status"] = status
    return items


def _joined(parts: Iterable[AnswerPart]) -> Iterator[AnswerPart]:
    """The parts, with words that follow each other as one: clients read the last as the answer."""
    for is_text, run in groupby(parts, lambda part: isinstance(part, Text)):
        if is_text:
            yield Text("".join(part.text for part in run if isinstance(part, Text)))
        else:
            yield from run
