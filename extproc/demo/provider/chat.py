"""OpenAI's chat completions, spoken. Models that are not OpenAI's show their reasoning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from extproc.demo.provider.answer import Answer, Call, PartKind, Piece, Stop
from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.openai_errors import commanded, error, error_object
from extproc.demo.provider.strict.models import is_openai
from extproc.demo.provider.voice import OVERLOADED, event

__all__ = ["REQUEST_ID_HEADER", "Stream", "commanded", "error", "whole"]

REQUEST_ID_HEADER = "x-request-id"

_FINISH_REASONS: Mapping[Stop, str] = {
    Stop.END: "stop",
    Stop.SEQUENCE: "stop",
    Stop.REFUSAL: "stop",
    Stop.CALLS: "tool_calls",
    Stop.LENGTH: "length",
    Stop.CONTEXT: "length",
    Stop.FILTER: "content_filter",
}
_MEMBERS: Mapping[PartKind, str] = {
    PartKind.TEXT: "content",
    PartKind.REFUSAL: "refusal",
    PartKind.REASONING: "reasoning_content",
}
_CALL_PREFIX = "call_"


def whole(answer: Answer) -> bytes:
    """A ``chat.completion``."""
    answer = _shown(answer)
    message: dict[str, Any] = {
        "role": "assistant",
        "content": answer.text(PartKind.TEXT),
        "refusal": answer.text(PartKind.REFUSAL),
        "annotations": [],
    }
    if (reasoning := answer.text(PartKind.REASONING)) is not None:
        message["reasoning_content"] = reasoning
    if calls := answer.calls(_CALL_PREFIX):
        message["tool_calls"] = [_call(call) for call in calls]
    reason = _FINISH_REASONS[answer.stop]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": reason}
    return orjson.dumps(_envelope(answer, "chat.completion", [choice]) | {"usage": _usage(answer)})


class Stream:
    """A stream of ``chat.completion.chunk``."""

    def __init__(self, answer: Answer) -> None:
        self._answer = _shown(answer)
        options = answer.request.get("stream_options")
        self._with_usage = isinstance(options, dict) and options.get("include_usage") is True
        self._members = [_MEMBERS.get(part.kind) for part in self._answer.parts]
        self._calls: dict[int, int] = {}

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return self._answer.size

    def pieces(self) -> Iterator[Piece]:
        """The pieces, in order."""
        return self._answer.pieces(interleave=self._answer.interleaved)

    def opening(self) -> Iterator[bytes]:
        """The chunk that gives the role."""
        yield self._chunk({"role": "assistant", "content": "", "refusal": None})

    def piece(self, piece: Piece) -> bytes:
        """A chunk with a piece; the first of a call comes behind one that names the function."""
        index, text = piece
        if (member := self._members[index]) is not None:
            return self._chunk({member: text})
        head = b""
        if index not in self._calls:
            self._calls[index] = len(self._calls)
            call = replace(self._answer.call(index, _CALL_PREFIX), arguments="")
            head = self._chunk({"tool_calls": [{"index": self._calls[index], **_call(call)}]})
        more = {"index": self._calls[index], "function": {"arguments": text}}
        return head + self._chunk({"tool_calls": [more]})

    def closing(self) -> Iterator[bytes]:
        """The chunk that gives the reason to finish, and the usage, if it was asked for."""
        yield self._chunk({}, _FINISH_REASONS[self._answer.stop])
        if self._with_usage:
            envelope = _envelope(self._answer, "chat.completion.chunk", [])
            yield event(envelope | {"usage": _usage(self._answer)})

    def terminator(self) -> bytes:
        """``[DONE]``."""
        return b"data: [DONE]\n\n"

    def failure(self) -> Iterator[bytes]:
        """An error object in the place of a chunk."""
        yield event(error_object(Complaint(OVERLOADED, status=503)))

    def _chunk(self, change: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": change, "logprobs": None, "finish_reason": finish_reason}
        chunk = _envelope(self._answer, "chat.completion.chunk", [choice])
        if self._with_usage:
            chunk["usage"] = None
        return event(chunk)


def _shown(answer: Answer) -> Answer:
    """OpenAI's models keep their reasoning to themselves in this dialect."""
    if not is_openai(answer.model):
        return answer
    parts = tuple(part for part in answer.parts if part.kind is not PartKind.REASONING)
    return answer if len(parts) == len(answer.parts) else replace(answer, parts=parts)


def _call(call: Call) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


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
    usage = answer.usage
    details = {"cached_tokens": usage.cached, "audio_tokens": 0}
    if usage.written:
        details["cache_write_tokens"] = usage.written
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": details,
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
