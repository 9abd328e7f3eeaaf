"""Reads a provider's whole answer.

Shape: ``Response`` of the ``openai`` SDK. Items that the form has no place for (a provider's own
tools at work) are nothing of the answer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from extproc.dialects.translation.common.failures import BAD_GATEWAY, no_answer, told_failure
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
from extproc.dialects.translation.responses.reading_items import PARAGRAPH
from extproc.dialects.translation.responses.usage import read_usage

__all__ = ["read_answer", "read_item", "read_stop", "response_failure"]

_STATUSES = {"rate_limit_exceeded": 429, "invalid_prompt": 400}
"""HTTP's, for what a response of status 200 tells."""

_FINISHED = frozenset({"completed", "incomplete"})


def read_answer(body: bytes) -> Answer | Failure:
    """The answer in a body, or the failure that it tells; what is no answer is one, too."""
    try:
        response = orjson.loads(body)
    except orjson.JSONDecodeError:
        response = None
    if not isinstance(response, dict):
        return no_answer(body)
    output = response.get("output")
    status = response.get("status", "completed")
    if response.get("error") or not isinstance(status, str) or status not in _FINISHED:
        return response_failure(response)
    if not isinstance(output, list):
        return no_answer(body)
    parts = tuple(part for item in output for _, part in read_item(item))
    created = response.get("created_at")
    return Answer(
        id=_text(response.get("id")),
        parts=parts,
        stop=read_stop(
            response,
            calls=any(isinstance(part, ToolCall) for part in parts),
        ),
        usage=read_usage(response.get("usage")),
        created=int(created) if isinstance(created, int | float) else None,
        service_tier=_text(response.get("service_tier")) or None,
    )


def response_failure(response: Mapping[str, Any]) -> Failure:
    """The failure of a response that did not finish."""
    failure = told_failure(response, BAD_GATEWAY)
    if failure is None:
        status = _text(response.get("status")) or "unknown"
        return Failure(f"The provider's response is {status[:40]}.", BAD_GATEWAY)
    status_code = _STATUSES.get(failure.code or "", BAD_GATEWAY)
    return Failure(failure.message, status_code, failure.kind, failure.code, failure.param)


def read_item(item: object) -> Iterator[tuple[int, AnswerPart]]:
    """The parts of one item of ``output``, each with its index in the item's content."""
    if not isinstance(item, dict):
        return
    kind = item.get("type")
    if kind == "message":
        content = item.get("content")
        for index, part in enumerate(content if isinstance(content, list) else ()):
            if not isinstance(part, dict):
                continue
            if part.get("type") == "output_text":
                yield index, Text(_text(part.get("text")))
            elif part.get("type") == "refusal":
                yield index, Refusal(_text(part.get("refusal")))
    elif kind == "function_call":
        call_id = _text(item.get("call_id")) or _text(item.get("id"))
        yield 0, ToolCall(call_id, _text(item.get("name")), _text(item.get("arguments")))
    elif kind == "reasoning":
        text = PARAGRAPH.join(_text(part.get("text")) for part in _listed(item.get("summary")))
        text = text or "".join(_text(part.get("text")) for part in _listed(item.get("content")))
        encrypted = _text(item.get("encrypted_content")) or None
        if text or encrypted:
            yield 0, Reasoning(text, encrypted=encrypted, id=_text(item.get("id")) or None)


def read_stop(response: Mapping[str, Any], *, calls: bool) -> Stop:
    """Why a response ended.

    Args:
        response: a finished one.
        calls: whether it calls tools.
    """
    if response.get("status") == "incomplete":
        details = response.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        return Stop.REFUSED if reason == "content_filter" else Stop.LENGTH
    return Stop.TOOLS if calls else Stop.END


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _listed(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))
