"""What set-ups carry: one chat request of a given size or what many people ask, one constant
answer, whole or streamed, in the provider's dialect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

__all__ = [
    "ANSWERS",
    "DELTAS",
    "FAILING_PREFIX",
    "LEAST_BODY_BYTES",
    "MODEL_NAME",
    "PASSING_PREFIX",
    "PATH",
    "STAMP",
    "STREAMED_PREFIX",
    "Reply",
    "chat_events",
    "messages_events",
    "mixed_bodies",
    "request_body",
]

MODEL_NAME = "bench/general"

PATH = "/v1/chat/completions"

STREAMED_PREFIX = "/streamed"
"""Before a provider's path: it answers with a stream."""

FAILING_PREFIX = "/failing"
"""Before a provider's path: it answers 503."""

PASSING_PREFIX = "/passing"
"""Before a path: what is posted there passes, as a filter says it, with nothing in its answer."""

DELTAS = 64
"""Events of a stream that carry a piece of the answer's text."""

STAMP: Final = re.compile(rb"@(\d+)@")
"""A piece of text that tells when it was sent, in microseconds of the machine's monotonic clock."""

_CONVERSATIONS = Path(__file__).parent.parent / "tests" / "intent" / "handwritten_cases.yaml"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the upstream answers."""

    content_type: str
    body: bytes
    status: int = 200


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
_OVERLOADED = {"error": {"message": "Try again later.", "type": "server_error", "code": None}}


def _chunk(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _COMPLETION | {"object": "chat.completion.chunk", "choices": [choice], "usage": None}


def chat_events(pieces: Iterable[str] = _PIECES) -> Iterable[bytes]:
    """The events of a stream of chat completions with these pieces of text."""
    yield orjson.dumps(_chunk({"role": "assistant", "content": ""}))
    for piece in pieces:
        yield orjson.dumps(_chunk({"content": piece}))
    yield orjson.dumps(_chunk({}, "stop"))
    yield orjson.dumps(_chunk({}) | {"choices": [], "usage": _COMPLETION["usage"]})
    yield b"[DONE]"


def messages_events(pieces: Iterable[str] = _PIECES) -> Iterable[bytes]:
    """The events of a stream of messages with these pieces of text."""
    empty = _MESSAGE | {"content": [], "stop_reason": None}
    block = {"type": "content_block_start", "index": 0}
    delta = {"type": "content_block_delta", "index": 0}
    yield orjson.dumps({"type": "message_start", "message": empty})
    yield orjson.dumps(block | {"content_block": {"type": "text", "text": ""}})
    for piece in pieces:
        yield orjson.dumps(delta | {"delta": {"type": "text_delta", "text": piece}})
    yield orjson.dumps({"type": "content_block_stop", "index": 0})
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    yield orjson.dumps({"type": "message_delta", "delta": stop, "usage": {"output_tokens": 64}})
    yield orjson.dumps({"type": "message_stop"})


def _stream(events: Iterable[bytes]) -> Reply:
    return Reply("text/event-stream", b"".join(b"data: %s\n\n" % event for event in events))


ANSWERS: Mapping[str, Reply] = {
    PASSING_PREFIX: Reply("application/json", b""),
    FAILING_PREFIX: Reply("application/json", orjson.dumps(_OVERLOADED), 503),
    f"{STREAMED_PREFIX}/v1/messages": _stream(messages_events()),
    f"{STREAMED_PREFIX}{PATH}": _stream(chat_events()),
    "/v1/messages": Reply("application/json", orjson.dumps(_MESSAGE)),
    "": Reply("application/json", orjson.dumps(_COMPLETION)),
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
        {"model": MODEL_NAME, "messages": conversation, "temperature": 0.2, **stream}
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


def mixed_bodies() -> Sequence[bytes]:
    """Chat requests with what many people ask: the conversations of the hand-written cases."""
    return [
        orjson.dumps({"model": MODEL_NAME, "messages": _turns(said)})
        for group in yaml.safe_load(_CONVERSATIONS.read_text(encoding="utf-8"))
        for said, _ in group["cases"]
    ]


def _turns(said: str | Sequence[str]) -> list[dict[str, str]]:
    texts = [said] if isinstance(said, str) else said
    roles = ("user", "assistant")
    return [{"role": roles[nth % 2], "content": text} for nth, text in enumerate(texts)]
