"""OpenAI's chat completions, spoken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from extproc.demo.provider.answer import Answer
from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.openai_errors import error, error_object
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


def whole(answer: Answer) -> bytes:
    """A ``chat.completion``."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text,
        "refusal": None,
        "annotations": [],
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return orjson.dumps(_envelope(answer, "chat.completion", [choice]) | {"usage": _usage(answer)})


def opening(answer: Answer) -> Iterator[bytes]:
    """The chunk that gives the role."""
    yield _chunk(answer, {"role": "assistant", "content": "", "refusal": None})


def delta(answer: Answer, index: int) -> bytes:
    """A chunk with a piece of the text."""
    return _chunk(answer, {"content": answer.deltas[index]})


def closing(answer: Answer) -> Iterator[bytes]:
    """The chunk that gives the reason to finish, and the usage, if it was asked for."""
    yield _chunk(answer, {}, finish_reason="stop")
    if answer.streamed_usage:
        yield event(_envelope(answer, "chat.completion.chunk", []) | {"usage": _usage(answer)})


def terminator(_: Answer) -> bytes:
    """``[DONE]``."""
    return b"data: [DONE]\n\n"


def failure(_: Answer, __: int | None) -> Iterator[bytes]:
    """An error object in the place of a chunk."""
    yield event(error_object(Complaint(OVERLOADED, status=503)))


def _chunk(answer: Answer, change: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": change, "logprobs": None, "finish_reason": finish_reason}
    chunk = _envelope(answer, "chat.completion.chunk", [choice])
    if answer.streamed_usage:
        chunk["usage"] = None
    return event(chunk)


def _envelope(answer: Answer, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{answer.key}",
        "object": kind,
        "created": answer.created,
        "model": answer.model,
        "service_tier": "default",
        "system_fingerprint": None,
        "choices": choices,
    }


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "prompt_tokens": answer.input_tokens,
        "completion_tokens": answer.output_tokens,
        "total_tokens": answer.input_tokens + answer.output_tokens,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
