"""What is said in Anthropic's messages, in requests, streams and errors.

The events are those published at https://docs.anthropic.com/en/docs/build-with-claude/streaming.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from extproc.core.conversation import Turn
from extproc.dialects.dialect import Sign
from extproc.dialects.messages import MESSAGES
from extproc.dialects.signs import read_signs
from extproc.errors import ClientError

NOTHING_YET, CONTENT, ERROR = Sign.NOTHING_YET, Sign.CONTENT, Sign.ERROR


@pytest.mark.parametrize(
    "item",
    [
        {"role": "user", "content": [{"type": "tool_result", "content": "42"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "input": {}}]},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "…"}]},
    ],
)
def test_what_nobody_says_in_words(item: dict[str, Any]) -> None:
    hello = {"role": "user", "content": "hello"}
    assert MESSAGES.conversation({"messages": [item, hello]}) == (Turn("user", "hello"),)


def test_the_system_prompt_is_no_turn() -> None:
    document = {"system": "You are", "messages": [{"role": "user", "content": "hi"}]}
    assert MESSAGES.conversation(document) == (Turn("user", "hi"),)


def test_messages_are_no_string() -> None:
    with pytest.raises(ClientError, match="must be an array"):
        MESSAGES.conversation({"messages": "hi"})


def block_delta(**delta: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": delta}


def block_start(**block: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": 0, "content_block": block}


MESSAGE: dict[str, Any] = {
    "id": "msg_1nZdL29xx5MUA1yADyHTEsnR8uuvGzszyY",
    "type": "message",
    "role": "assistant",
    "content": [],
    "model": "claude-opus-4-20250514",
    "stop_reason": None,
    "stop_sequence": None,
    "usage": {"input_tokens": 25, "output_tokens": 1},
}


@pytest.mark.parametrize(
    ("event", "sign"),
    [
        ({"type": "message_start", "message": MESSAGE}, NOTHING_YET),
        ({"type": "ping"}, NOTHING_YET),
        (block_start(type="text", text=""), NOTHING_YET),
        (block_start(type="thinking", thinking=""), CONTENT),
        (block_start(type="tool_use", id="toolu_1", name="get_weather", input={}), CONTENT),
        (block_delta(type="text_delta", text="Hello"), CONTENT),
        (block_delta(type="thinking_delta", thinking="Let me solve this"), CONTENT),
        (block_delta(type="input_json_delta", partial_json='{"'), CONTENT),
        ({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, CONTENT),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, ERROR),
    ],
)
def test_the_first_events_of_a_stream(event: dict[str, Any], sign: Sign) -> None:
    assert MESSAGES.sign(event) is sign
    assert read_signs(json.dumps(event).encode()).sign is sign


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (415, "invalid_request_error"),
        (429, "rate_limit_error"),
        (499, "invalid_request_error"),
        (500, "api_error"),
        (503, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_the_kind_of_an_error(status: int, kind: str) -> None:
    assert MESSAGES.errors.type_of(status) == kind


def test_the_body_of_an_error() -> None:
    error = ClientError(404, 'No "m"', code="model_not_found", param="model")
    assert json.loads(MESSAGES.errors.body(error)) == {
        "type": "error",
        "error": {"type": "not_found_error", "message": 'No "m"'},
    }


def test_the_error_of_envoy() -> None:
    assert MESSAGES.errors.local_reply("api_error", "%LOCAL_REPLY_BODY%") == {
        "type": "error",
        "error": {"type": "api_error", "message": "%LOCAL_REPLY_BODY%"},
    }
