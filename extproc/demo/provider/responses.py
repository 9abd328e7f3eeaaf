"""OpenAI's responses, spoken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from extproc.demo.provider.answer import Answer
from extproc.demo.provider.openai_errors import error
from extproc.demo.provider.voice import OVERLOADED, event

__all__ = [
    "REQUEST_ID_HEADER",
    "closing",
    "delta",
    "error",
    "failure",
    "opening",
    "terminator",
    "whole",
]

REQUEST_ID_HEADER = "x-request-id"

_OPENING_EVENTS = 4
_CLOSING_EVENTS = 3
_FIRST_PART = {"output_index": 0, "content_index": 0}


def whole(answer: Answer) -> bytes:
    """A completed ``response``."""
    return orjson.dumps(_completed(answer))


def opening(answer: Answer) -> Iterator[bytes]:
    """From ``response.created`` to the empty part that the text is going to fill."""
    yield _created(answer)
    yield _numbered(1, "response.in_progress", response=_response(answer, "in_progress"))
    yield _numbered(
        2, "response.output_item.added", output_index=0, item=_item(answer, "in_progress", [])
    )
    yield _numbered(
        3,
        "response.content_part.added",
        item_id=_item_id(answer),
        part=_part(""),
        **_FIRST_PART,
    )


def delta(answer: Answer, index: int) -> bytes:
    """A ``response.output_text.delta``."""
    return _numbered(
        _OPENING_EVENTS + index,
        "response.output_text.delta",
        item_id=_item_id(answer),
        delta=answer.deltas[index],
        logprobs=[],
        **_FIRST_PART,
    )


def closing(answer: Answer) -> Iterator[bytes]:
    """The text, the part and the item, each once more and complete."""
    number = _OPENING_EVENTS + len(answer.deltas)
    item_id, text = _item_id(answer), answer.text
    yield _numbered(
        number,
        "response.output_text.done",
        item_id=item_id,
        text=text,
        logprobs=[],
        **_FIRST_PART,
    )
    yield _numbered(
        number + 1,
        "response.content_part.done",
        item_id=item_id,
        part=_part(text),
        **_FIRST_PART,
    )
    yield _numbered(
        number + 2,
        "response.output_item.done",
        output_index=0,
        item=_item(answer, "completed", [_part(text)]),
    )


def terminator(answer: Answer) -> bytes:
    """``response.completed``, with the usage."""
    number = _OPENING_EVENTS + len(answer.deltas) + _CLOSING_EVENTS
    return _numbered(number, "response.completed", response=_completed(answer))


def failure(answer: Answer, spoken: int | None) -> Iterator[bytes]:
    """``error`` and ``response.failed``, after ``response.created`` if nothing was said yet."""
    if spoken is None:
        yield _created(answer)
    number = 1 if spoken is None else _OPENING_EVENTS + spoken
    reason = {"code": "server_error", "message": OVERLOADED}
    yield _numbered(number, "error", param=None, **reason)
    failed = _response(answer, "failed") | {"error": reason}
    yield _numbered(number + 1, "response.failed", response=failed)


def _created(answer: Answer) -> bytes:
    return _numbered(0, "response.created", response=_response(answer, "in_progress"))


def _numbered(number: int, kind: str, **fields: Any) -> bytes:
    return event({"type": kind, "sequence_number": number, **fields}, kind)


def _item_id(answer: Answer) -> str:
    return f"msg_{answer.key}"


def _part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": text}


def _item(answer: Answer, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": _item_id(answer),
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": content,
    }


def _completed(answer: Answer) -> dict[str, Any]:
    return _response(answer, "completed") | {
        "output": [_item(answer, "completed", [_part(answer.text)])],
        "usage": {
            "input_tokens": answer.input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": answer.input_tokens + answer.output_tokens,
        },
    }


def _response(answer: Answer, status: str) -> dict[str, Any]:
    return {
        "id": f"resp_{answer.key}",
        "object": "response",
        "created_at": answer.created,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "metadata": {},
        "model": answer.model,
        "output": [],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": True,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": None,
        "user": None,
    }
