"""What set-ups carry: one chat request of a given size, one constant answer, whole or streamed, in
the provider's dialect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

__all__ = [
    "ANSWERS",
    "DELTAS",
    "LEAST_BODY_BYTES",
    "PATH",
    "STREAMED_PREFIX",
    "Reply",
    "request_body",
]

PATH = "/v1/chat/completions"

STREAMED_PREFIX = "/streamed"
"""Before a provider's path: it answers with a stream."""

DELTAS = 64
"""Events of a stream that carry a piece of the answer's text."""

Reply = tuple[str, bytes]
"""A content type and a body."""

_TEXT = "Sorted lists are easy to merge. " * 8
_SENTENCE = "Sorted lists are easy to merge, "
_PIECES = [_SENTENCE[number % 8 * 4 :][:4] for number in range(DELTAS)]

_COMPLETION = {
    "id": "chatcmpl-benchmark",
    "object": "chat.completion",
    "created": 1_760_000_000,
    "model": "benchmark",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": _TEXT},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 480, "completion_tokens": 64, "total_tokens": 544},
}
_MESSAGE = {
    "id": "msg_benchmark",
    "type": "message",
    "role": "assistant",
    "model": "benchmark",
    "content": [{"type": "text", "text": _TEXT}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 480, "output_tokens": 64},
}


def _chunk(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _COMPLETION | {"object": "chat.completion.chunk", "choices": [choice], "usage": None}


def _chat_stream() -> Iterable[bytes]:
    yield orjson.dumps(_chunk({"role": "assistant", "content": ""}))
    for piece in _PIECES:
        yield orjson.dumps(_chunk({"content": piece}))
    yield orjson.dumps(_chunk({}, "stop"))
    yield orjson.dumps(_chunk({}) | {"choices": [], "usage": _COMPLETION["usage"]})
    yield b"[DONE]"


def _messages_stream() -> Iterable[bytes]:
    empty = _MESSAGE | {"content": [], "stop_reason": None}
    block = {"type": "content_block_start", "index": 0}
    delta = {"type": "content_block_delta", "index": 0}
    yield orjson.dumps({"type": "message_start", "message": empty})
    yield orjson.dumps(block | {"content_block": {"type": "text", "text": ""}})
    for piece in _PIECES:
        yield orjson.dumps(delta | {"delta": {"type": "text_delta", "text": piece}})
    yield orjson.dumps({"type": "content_block_stop", "index": 0})
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    yield orjson.dumps({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 64}})
    yield orjson.dumps({"type": "message_stop"})


def _stream(events: Iterable[bytes]) -> Reply:
    return "text/event-stream", b"".join(b"data: %s\n\n" % event for event in events)


ANSWERS: Mapping[str, Reply] = {
    f"{STREAMED_PREFIX}/v1/messages": _stream(_messages_stream()),
    f"{STREAMED_PREFIX}{PATH}": _stream(_chat_stream()),
    "/v1/messages": ("application/json", orjson.dumps(_MESSAGE)),
    "": ("application/json", orjson.dumps(_COMPLETION)),
}
"""What the upstream answers, by the beginning of the path: the first that fits."""

_QUESTION = "Write a Python function that merges and sorts these lists, with unit tests:\n"
_MATERIAL = "def merge(left: list[int], right: list[int]) -> list[int]: ...  # to be written\n"


def _body(material: str, *, streamed: bool = False) -> bytes:
    conversation = [
        {"role": "system", "content": "You are a careful assistant. Answer briefly."},
        {"role": "user", "content": "I have a few lists of measurements."},
        {"role": "assistant", "content": "Good. Tell me what to do with them."},
        {"role": "user", "content": _QUESTION + material},
    ]
    stream = {"stream": True} if streamed else {}
    return orjson.dumps(
        {"model": "bench/general", "messages": conversation, "temperature": 0.2, **stream}
    )


LEAST_BODY_BYTES = len(_body("", streamed=True))


def request_body(size: int, *, streamed: bool = False) -> bytes:
    """A chat request of exactly ``size`` bytes, whose last turn asks for code.

    Args:
        size: at least ``LEAST_BODY_BYTES``.
        streamed: whether it asks for a stream.
    """
    room = size - len(_body("", streamed=streamed))
    return _body((_MATERIAL * (room // len(_MATERIAL) + 1))[:room], streamed=streamed)
