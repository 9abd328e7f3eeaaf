"""What the strict comparison must notice, for models and for typed dictionaries."""

from __future__ import annotations

from typing import Any

import pytest
from anthropic.types import Message
from anthropic.types.message_create_params import MessageCreateParamsNonStreaming

from tests.helpers.sdk_types import strictly

_BLOCK = {"type": "text", "text": "hi"}
_REQUEST = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": [_BLOCK]}]}
_ANSWER = {
    "id": "x",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "content": [_BLOCK],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


def test_what_is_declared_passes() -> None:
    strictly(MessageCreateParamsNonStreaming, _REQUEST)
    assert strictly(Message, _ANSWER) is _ANSWER


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        (MessageCreateParamsNonStreaming, {**_REQUEST, "temperature": 1}),
        (MessageCreateParamsNonStreaming, {**_REQUEST, "max_tokens": "5"}),
        (MessageCreateParamsNonStreaming, {"model": "m", "messages": []}),
        (MessageCreateParamsNonStreaming, {**_REQUEST, "system": [{**_BLOCK, "more": 1}]}),
        (Message, {**_ANSWER, "more": 1}),
        (Message, {**_ANSWER, "content": [{**_BLOCK, "more": 1}]}),
        (Message, {**_ANSWER, "content": [{"type": "thinking", "thinking": "no signature"}]}),
        (Message, {**_ANSWER, "usage": {"input_tokens": 1}}),
    ],
)
def test_what_is_not_declared_or_missing_fails(declared: Any, written: object) -> None:
    with pytest.raises(AssertionError):
        strictly(declared, written)
