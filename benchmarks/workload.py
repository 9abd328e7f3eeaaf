"""What every set-up carries: one chat request of a given size, one constant answer."""

from __future__ import annotations

import orjson

__all__ = ["COMPLETION", "LEAST_BODY_BYTES", "PATH", "request_body"]

PATH = "/v1/chat/completions"

COMPLETION = orjson.dumps(
    {
        "id": "chatcmpl-benchmark",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "benchmark",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "Sorted lists are easy to merge. " * 8},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 480, "completion_tokens": 64, "total_tokens": 544},
    }
)

_QUESTION = "Write a Python function that merges and sorts these lists, with unit tests:\n"
_MATERIAL = "def merge(left: list[int], right: list[int]) -> list[int]: ...  # to be written\n"


def _body(material: str) -> bytes:
    conversation = [
        {"role": "system", "content": "You are a careful assistant. Answer briefly."},
        {"role": "user", "content": "I have a few lists of measurements."},
        {"role": "assistant", "content": "Good. Tell me what to do with them."},
        {"role": "user", "content": _QUESTION + material},
    ]
    return orjson.dumps({"model": "bench/general", "messages": conversation, "temperature": 0.2})


LEAST_BODY_BYTES = len(_body(""))


def request_body(size: int) -> bytes:
    """A chat request of exactly ``size`` bytes, whose last turn asks for code.

    Args:
        size: at least ``LEAST_BODY_BYTES``.
    """
    room = size - LEAST_BODY_BYTES
    return _body((_MATERIAL * (room // len(_MATERIAL) + 1))[:room])
