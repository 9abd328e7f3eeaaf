"""Anthropic's messages, spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from extproc.demo.provider.answer import Answer
from extproc.demo.provider.complaint import Complaint
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

REQUEST_ID_HEADER = "request-id"

_ERROR_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def whole(answer: Answer) -> bytes:
    """A ``message``."""
    return orjson.dumps(
        _message(answer, [{"type": "text", "text": answer.text}], "end_turn", answer.output_tokens)
    )


def opening(answer: Answer) -> Iterator[bytes]:
    """``message_start``, ``content_block_start`` and a ``ping``."""
    yield _typed("message_start", message=_message(answer, [], None, min(1, answer.output_tokens)))
    yield _typed("content_block_start", index=0, content_block={"type": "text", "text": ""})
    yield _typed("ping")


def delta(answer: Answer, index: int) -> bytes:
    """A ``content_block_delta``."""
    piece = {"type": "text_delta", "text": answer.deltas[index]}
    return _typed("content_block_delta", index=0, delta=piece)


def closing(answer: Answer) -> Iterator[bytes]:
    """``content_block_stop``, and ``message_delta`` with the usage."""
    yield _typed("content_block_stop", index=0)
    yield _typed(
        "message_delta",
        delta={"stop_reason": "end_turn", "stop_sequence": None},
        usage={"output_tokens": answer.output_tokens},
    )


def terminator(_: Answer) -> bytes:
    """``message_stop``."""
    return _typed("message_stop")


def failure(_: Answer, __: int | None) -> Iterator[bytes]:
    """An ``error`` event of the type that Anthropic sends when it is overloaded."""
    yield _typed("error", error={"type": "overloaded_error", "message": OVERLOADED})


def error(complaint: Complaint) -> bytes:
    """The body of an error response."""
    fallback = "api_error" if complaint.status >= 500 else "invalid_request_error"
    kind = complaint.type or _ERROR_TYPES.get(complaint.status, fallback)
    return orjson.dumps({"type": "error", "error": {"type": kind, "message": complaint.message}})


def _typed(kind: str, **fields: Any) -> bytes:
    return event({"type": kind, **fields}, kind)


def _message(
    answer: Answer, content: list[dict[str, Any]], stop_reason: str | None, output_tokens: int
) -> dict[str, Any]:
    return {
        "id": f"msg_{answer.key}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer.input_tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": output_tokens,
            "service_tier": "standard",
        },
    }
