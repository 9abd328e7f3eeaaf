"""Anthropic's messages, spoken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson

from extproc.demo.provider import failures
from extproc.demo.provider.answer import Answer, Part, PartKind, Piece, Stop
from extproc.demo.provider.behaviour import Behaviour
from extproc.demo.provider.complaint import Complaint
from extproc.demo.provider.seal import sign
from extproc.demo.provider.strict.ask import Memory
from extproc.demo.provider.strict.models import claude_generation
from extproc.demo.provider.voice import OVERLOADED, event

__all__ = ["REQUEST_ID_HEADER", "Stream", "commanded", "error", "remember", "whole"]

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
_STOP_REASONS: Mapping[Stop, str] = {
    Stop.END: "end_turn",
    Stop.CALLS: "tool_use",
    Stop.LENGTH: "max_tokens",
    Stop.CONTEXT: "model_context_window_exceeded",
    Stop.FILTER: "refusal",
    Stop.REFUSAL: "refusal",
    Stop.SEQUENCE: "stop_sequence",
}
_CALL_PREFIX = "toolu_"
_OMITS_THINKING = (4, 7)


def whole(answer: Answer) -> bytes:
    """A ``message``."""
    shown = _shown(answer)
    content = [_block(shown, index) for index in range(len(shown.parts))]
    message = _message(shown, content) | _end(answer)
    message["usage"] |= _output_usage(answer)
    return orjson.dumps(message)


class Stream:
    """A stream of typed events, block after block."""

    def __init__(self, answer: Answer) -> None:
        self._end = _end(answer)
        self._answer = _shown(answer)
        self._block = 0

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return self._answer.size

    def pieces(self) -> Iterator[Piece]:
        """The pieces, in order."""
        return self._answer.pieces()

    def opening(self) -> Iterator[bytes]:
        """``message_start``, the first ``content_block_start`` and a ``ping``."""
        yield _typed("message_start", message=_message(self._answer, []))
        if self._answer.parts:
            yield self._start(0)
        yield _typed("ping")

    def piece(self, piece: Piece) -> bytes:
        """A ``content_block_delta``, behind what closes the block before and opens this one."""
        index, text = piece
        if index == self._block:
            return self._delta(index, text)
        return self._move_to(index) + self._delta(index, text)

    def closing(self) -> Iterator[bytes]:
        """The last ``content_block_stop``, and ``message_delta`` with the usage."""
        if self._answer.parts:
            yield self._move_to(len(self._answer.parts))
        yield _typed("message_delta", delta=self._end, usage=_output_usage(self._answer))

    def terminator(self) -> bytes:
        """``message_stop``."""
        return _typed("message_stop")

    def failure(self) -> Iterator[bytes]:
        """An ``error`` event of the type that Anthropic sends when it is overloaded."""
        yield _typed("error", error={"type": "overloaded_error", "message": OVERLOADED})

    def _move_to(self, index: int) -> bytes:
        """Close the open block and open the next, until one is reached, or the end."""
        said = b""
        while self._block < index:
            part = self._answer.parts[self._block]
            if part.kind is PartKind.REASONING:
                signature = {"type": "signature_delta", "signature": sign(part.text)}
                said += _typed("content_block_delta", index=self._block, delta=signature)
            said += _typed("content_block_stop", index=self._block)
            self._block += 1
            if self._block < len(self._answer.parts):
                said += self._start(self._block)
        return said

    def _start(self, index: int) -> bytes:
        match self._answer.parts[index].kind:
            case PartKind.REASONING:
                block: dict[str, Any] = {"type": "thinking", "thinking": "", "signature": ""}
            case PartKind.CALL:
                block = _block(self._answer, index) | {"input": {}}
            case _:
                block = {"type": "text", "text": ""}
        return _typed("content_block_start", index=index, content_block=block)

    def _delta(self, index: int, text: str) -> bytes:
        part = self._answer.parts[index]
        match part.kind:
            case PartKind.TEXT:
                delta = {"type": "text_delta", "text": text}
            case PartKind.REASONING:
                delta = {"type": "thinking_delta", "thinking": text}
            case _:
                # Of arguments that are empty, Anthropic streams nothing.
                json = "" if text == "{}" == part.text else text
                delta = {"type": "input_json_delta", "partial_json": json}
        return _typed("content_block_delta", index=index, delta=delta)


def commanded(behaviour: Behaviour) -> Complaint:
    """The error that a behaviour asks for."""
    return failures.commanded(behaviour, anthropic=True)


def error(complaint: Complaint) -> bytes:
    """The body of an error response."""
    fallback = "api_error" if complaint.status >= 500 else "invalid_request_error"
    kind = complaint.type or _ERROR_TYPES.get(complaint.status, fallback)
    told: dict[str, Any] = {"type": kind, "message": complaint.message}
    if complaint.details is not None:
        told["details"] = complaint.details
    return orjson.dumps({"type": "error", "error": told})


def remember(answer: Answer, memory: Memory) -> None:
    """Keep what a thread needs to go on from an answer, if the request asks for a thread."""
    if answer.request.get("thread") is None:
        return
    message = orjson.loads(whole(answer))
    calls = (block["id"] for block in message["content"] if block["type"] == "tool_use")
    memory.threads[message["id"]] = tuple(calls)


def _shown(answer: Answer) -> Answer:
    """A refusal explains itself in no block, and newer models show their thinking on demand."""
    kept = [part for part in answer.parts if part.kind is not PartKind.REFUSAL]
    generation = claude_generation(answer.model)
    thinking = answer.request.get("thinking")
    display = thinking.get("display") if isinstance(thinking, dict) else None
    omits = generation is not None and generation >= _OMITS_THINKING and display != "summarized"
    if omits or display == "omitted":
        kept = [_emptied(part) if part.kind is PartKind.REASONING else part for part in kept]
    parts = tuple(kept)
    return answer if parts == answer.parts else replace(answer, parts=parts)


def _emptied(part: Part) -> Part:
    return replace(part, pieces=())


def _block(answer: Answer, index: int) -> dict[str, Any]:
    part = answer.parts[index]
    match part.kind:
        case PartKind.CALL:
            call = answer.call(index, _CALL_PREFIX)
            return {
                "type": "tool_use",
                "id": call.id,
                "name": call.name,
                "input": _input(call.arguments),
            }
        case PartKind.REASONING:
            return {"type": "thinking", "thinking": part.text, "signature": sign(part.text)}
    return {"type": "text", "text": part.text}


def _input(arguments: str) -> Any:
    """The arguments as an object; those that were cut off are none."""
    try:
        found = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _end(answer: Answer) -> dict[str, Any]:
    end: dict[str, Any] = {"stop_reason": _STOP_REASONS[answer.stop], "stop_sequence": None}
    if answer.stop is Stop.SEQUENCE:
        asked = answer.request.get("stop_sequences")
        end["stop_sequence"] = asked[0] if isinstance(asked, list) and asked else "END"
    if (refusal := answer.text(PartKind.REFUSAL)) is not None:
        end["stop_details"] = {"type": "refusal", "category": None, "explanation": refusal}
    return end


def _output_usage(answer: Answer) -> dict[str, Any]:
    usage: dict[str, Any] = {"output_tokens": answer.usage.output}
    if answer.usage.reasoning:
        usage["output_tokens_details"] = {"thinking_tokens": answer.usage.reasoning}
    return usage


def _typed(kind: str, **fields: Any) -> bytes:
    return event({"type": kind, **fields}, kind)


def _message(answer: Answer, content: list[dict[str, Any]]) -> dict[str, Any]:
    usage = answer.usage
    return {
        "id": f"msg_{answer.key}",
        "type": "message",
        "role": "assistant",
        "model": answer.model,
        "content": content,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": max(0, usage.input - usage.cached - usage.written),
            "cache_creation_input_tokens": usage.written,
            "cache_read_input_tokens": usage.cached,
            "output_tokens": min(1, usage.output),
            "service_tier": "standard",
        },
    }
