"""What is said in chat completions, in requests and in streams.

The events are those published at https://platform.openai.com/docs/api-reference/chat-streaming.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.core.conversation import Turn
from extproc.dialects.chat import CHAT
from extproc.dialects.dialect import Sign
from extproc.dialects.signs import read_signs
from extproc.errors import ClientError

NOTHING_YET, CONTENT, ERROR = Sign.NOTHING_YET, Sign.CONTENT, Sign.ERROR


@pytest.mark.parametrize(
    "item",
    [
        {"role": "system", "content": "You are"},
        {"role": "developer", "content": "You are"},
        {"role": "tool", "tool_call_id": "c", "content": "42"},
        {"role": "function", "name": "f", "content": "42"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]},
        {"role": "assistant", "refusal": "no"},
        {"role": "user", "content": " \n"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]},
        {"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]},
        {"role": "user", "content": 7},
        {"role": ["user"], "content": "hi"},
        {"content": "nobody says this"},
        {"role": "user", "content": ["text", 7, None]},
        {"role": "user", "content": [{"type": "text", "text": 7}, {"type": "text"}]},
    ],
)
def test_what_nobody_says_in_words(item: dict[str, Any]) -> None:
    hello = {"role": "user", "content": "hello"}
    assert CHAT.conversation({"messages": [item, hello]}) == (Turn("user", "hello"),)


def test_messages_are_no_string() -> None:
    with pytest.raises(ClientError, match="must be an array"):
        CHAT.conversation({"messages": "hi"})


def chunk(delta: Any, finish_reason: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {
        "id": "chatcmpl-123",
        "object": "chat.completion.chunk",
        "created": 1694268190,
        "model": "gpt-4o-mini",
        "system_fingerprint": "fp_44709d6fcb",
        "choices": [choice],
    } | more


TOOL_CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f"}}
NO_CHOICES = {"choices": [], "prompt_filter_results": [{"prompt_index": 0}]}


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        (chunk({"role": "assistant", "content": ""}), NOTHING_YET),
        (chunk({"role": "assistant", "content": "", "refusal": None}), NOTHING_YET),
        (chunk({"role": "assistant", "content": None}), NOTHING_YET),
        (chunk({}), NOTHING_YET),
        (chunk(None), NOTHING_YET),
        (chunk({}) | NO_CHOICES, NOTHING_YET),
        (chunk({}) | {"choices": None}, NOTHING_YET),
        (chunk({"role": "assistant"}, error=None), NOTHING_YET),
        (chunk({"content": "Hello"}), CONTENT),
        (chunk({"content": " "}), CONTENT),
        (chunk({"role": "assistant", "content": "Hi"}), CONTENT),
        (chunk({"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]}), CONTENT),
        (chunk({"refusal": "I cannot"}), CONTENT),
        (chunk({"reasoning_content": "Hm"}), CONTENT),
        (chunk({}, "stop"), CONTENT),
        (chunk({"content": ""}, "length"), CONTENT),
        ({"error": {"message": "Overloaded", "type": "server_error", "code": None}}, ERROR),
        ({"error": "Overloaded"}, ERROR),
        (chunk({"content": ""}, "error", error={"code": 502, "message": "down"}), ERROR),
    ],
)
def test_the_first_events_of_a_stream(event: dict[str, Any], sign: Sign) -> None:
    assert CHAT.sign(event) is sign
    assert read_signs(json.dumps(event).encode()).sign is sign


def test_any_choice_may_bring_content() -> None:
    event = chunk({"role": "assistant"})
    event["choices"].append({"index": 1, "delta": {"content": "Hi"}, "finish_reason": None})
    assert CHAT.sign(event) is CONTENT


@pytest.mark.parametrize(
    ("choices", "sign"),
    [
        (5, NOTHING_YET),
        ([None], NOTHING_YET),
        ({"a": 1}, NOTHING_YET),
        ([{"delta": "x"}], NOTHING_YET),
        ([{"delta": ["x"]}, {"delta": {"content": "Hi"}}], CONTENT),
    ],
)
def test_choices_of_no_known_shape_have_a_sign(choices: Any, sign: Sign) -> None:
    assert CHAT.sign({"choices": choices}) is sign
